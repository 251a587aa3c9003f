package communitypages

import (
	"errors"
	"strings"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/server/page"
)

type foundPage struct {
	page.Base
	Form page.Form
}

var foundTemplate = page.Must[foundPage]("communities/found.html")

// New is the form that opens a community's record.
func (p *Pages) New(r *page.Request) error { return p.showFound(r, nil) }

func (p *Pages) showFound(r *page.Request, invalid people.Invalid) error {
	title := r.P.T("community.new")
	form := r.Form(nil, invalid).Named("name", "community.name", "identifies", "community.identifies", "languages", "community.languages")
	data := foundPage{r.Base(title, page.Crumb{Path: "/communities", Name: r.P.T("community.list")}, page.Crumb{Name: title}), form}
	data.Plain = title
	return foundTemplate.Show(r, form.Status(), data)
}

// Alone: nothing is known of the community yet.
func (f foundPage) Alone() bool { return false }

// Identities are how a community may describe itself.
func (f foundPage) Identities() []page.Option {
	return page.Options(f.Words, "consult.people.", consultations.Identities())
}

// Found opens a community's record.
func (p *Pages) Found(r *page.Request) error {
	if p.Consultations == nil {
		return consultations.ErrHidden
	}
	receipt, err := p.Consultations.Found(r.Ctx(), r.Consult(), communityForm(r))
	var invalid people.Invalid
	if errors.As(err, &invalid) && !r.WantsJSON() {
		return p.showFound(r, invalid)
	}
	if err != nil {
		return err
	}
	return r.Done(receipt, path(receipt.ID, ""))
}

// communityForm reads what a community is from a form.
func communityForm(r *page.Request) consultations.CommunityForm {
	return consultations.CommunityForm{
		Name: r.FormValue("name"), Identifies: consultations.Identity(r.FormValue("identifies")),
		Languages: tags(r.FormValue("languages")), OralOnly: r.FormValue("oral_only") == "1", NoContact: r.FormValue("no_contact") == "1",
	}
}

// tags reads language tags that stand with commas or blanks between them.
func tags(typed string) []string {
	return strings.FieldsFunc(typed, func(c rune) bool { return strings.ContainsRune(", ;\n\r\t", c) })
}
