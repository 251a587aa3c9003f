package communitypages

import (
	"net/http"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/server/page"
)

// Exit leads away from a community's pages to one that says nothing of them, and
// asks the browser to forget those that it keeps to go back to (Clear-Site-Data,
// W3C; over HTTPS alone). The script of these pages takes them out of the way back.
func (p *Pages) Exit(r *page.Request) error {
	r.Response().Header().Set("Clear-Site-Data", `"cache"`)
	return r.Redirect(http.StatusSeeOther, "/")
}

type leavingPage struct {
	page.Base
	Does, DoesNot, Before []point
}

// point is one thing that somebody has to know about leaving, with its picture.
type point struct{ Picto, Key string }

var leavingTemplate = page.Must[leavingPage]("communities/leaving.html")

// Leaving says what the way out does and what it does not, before somebody trusts
// their safety to it. It is the same for everyone and says nothing of anyone.
//
// i18n: leaving.*
func (p *Pages) Leaving(r *page.Request) error {
	if p.Consultations == nil {
		return consultations.ErrHidden
	}
	data := leavingPage{
		Base:    r.Base(r.P.T("leaving.title")),
		Does:    []point{{"quick_exit", "does_away"}, {"void", "does_back"}, {"keep_on_phone", "does_hold"}},
		DoesNot: []point{{"account", "not_signed_out"}, {"protocol", "not_history"}, {"paper", "not_files"}, {"seen_by", "not_network"}, {"receipt", "not_reads"}},
		Before:  []point{{"who_may_see", "before_window"}, {"void", "before_delete"}, {"phone", "before_lock"}},
	}
	data.Plain = data.Title
	return leavingTemplate.OK(r, data)
}
