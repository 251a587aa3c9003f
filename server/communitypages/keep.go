package communitypages

import (
	"net/http"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/server/page"
)

// keepPage is where somebody chooses to keep pages on their phone, for days and
// places without a line. What it offers happens in the browser alone: the
// passphrase that locks the pages never comes here.
type keepPage struct{ ours }

var keepTemplate = page.Must[keepPage]("communities/keep.html")

// keepList is what the browser asks for: the pages to keep for this reader.
type keepList struct {
	Pages []string `json:"pages"`
}

// Keep shows the choice. Its twin for the script is the list of pages.
func (p *Pages) Keep(r *page.Request) error {
	base, err := p.open(r, "home", "room.keep")
	if err != nil {
		return err
	}
	if r.WantsJSON() {
		return r.JSON(http.StatusOK, keepList{keptOf(r.Sitting)})
	}
	return keepTemplate.OK(r, keepPage{base})
}

// keptOf are the pages that somebody needs without a line: the home, and of each
// consultation what it is, what was told, where it can be stopped, and each
// answer that waits for this reader's word. Each of them is read like any other
// page, and entered as read.
func keptOf(seat consultations.Seat) []string {
	out := []string{path(seat.Community.ID, "")}
	for _, v := range views(seat) {
		out = append(out, talkPath(v, ""))
		if !seat.Can(consultations.SeeAll, v.Consultation) {
			continue
		}
		out = append(out, talkPath(v, "/told"), talkPath(v, "/stop"))
		for _, d := range v.Drafts {
			if seat.Can(consultations.Confirm, v.Consultation) && !hasConfirmed(seat, v, d.ID) {
				out = append(out, talkPath(v, "/drafts/"+string(d.ID)))
			}
		}
	}
	return out
}

// linePage is what a phone shows under the addresses of communities while there
// is no line: it asks for the passphrase and shows what was kept.
type linePage struct{ page.Base }

var lineTemplate = page.Must[linePage]("communities/line.html")

// WithoutLine is nobody's page. Phones store it in clear, so it knows neither who
// asked for it nor anything of a community.
func (p *Pages) WithoutLine(r *page.Request) error {
	if p.Consultations == nil {
		return consultations.ErrHidden
	}
	r.Actor, r.Sitting = people.Actor{}, consultations.Seat{}
	base := r.Base(r.P.T("keep.line_title"))
	base.Bare, base.Plain = true, base.Title
	return lineTemplate.OK(r, linePage{base})
}

// Worker is the script that answers while there is no line. It has one address for
// ever, since that is what browsers know it by; they ask for it anew each time, and
// it may answer for what lies under /communities and for nothing else.
func (p *Pages) Worker(r *page.Request) error {
	file, found := r.Kit.Files.At(r.Kit.Files.Path("js/worker.js"))
	if p.Consultations == nil || !found {
		return consultations.ErrHidden
	}
	h := r.Response().Header()
	h.Set("Cache-Control", "no-cache")
	h.Set("Service-Worker-Allowed", "/communities")
	return r.Blob(http.StatusOK, file.Type, file.Body)
}
