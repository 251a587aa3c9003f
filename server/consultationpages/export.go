package consultationpages

import (
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/server/page"
)

// exportPage is where a copy leaves, and, to the community, the list of those that left.
type exportPage struct {
	scene
	Sheet  sheet
	Copies []copyLine
}

// copyLine is a copy that somebody has.
type copyLine struct {
	Recipient, Made, What string
	Noticed               int    // how often it came to say something else
	Mail                  string // how its recipient is told; "" by the link alone
}

var exportTemplate = page.Must[exportPage]("consultations/export.html")

// Export shows the form by which a copy is taken.
func (p *Pages) Export(r *page.Request) error { return p.showExport(r, trouble{}) }

func (p *Pages) showExport(r *page.Request, t trouble) error {
	s, err := p.scene(r, "export", "consultation.export", t)
	if err != nil {
		return err
	}
	data := exportPage{scene: s, Sheet: s.form("export", url.Values{}, "recipient", "consultation.recipient", "address", "consultation.recipient_address", "for", "consultation.copy_for")}
	if s.SeesAll() {
		data.Copies = s.copies()
	}
	return exportTemplate.Show(r, s.Status(), data)
}

func (s scene) copies() []copyLine {
	var out []copyLine
	for _, e := range slices.Backward(s.Seat.Community.Exports) {
		if e.Consultation != s.View.Consultation {
			continue
		}
		var what []string
		for _, part := range e.Parts {
			what = append(what, s.T("consult.part."+string(part)))
		}
		out = append(out, copyLine{e.Recipient.Body, s.When(e.At), strings.Join(what, " · "), len(e.Noticed), s.mailed(e)})
	}
	return out
}

// mailed says how far the recipient of a copy was told by mail.
func (s scene) mailed(e consultations.Export) string {
	switch {
	case e.Address.Body == "":
		return ""
	case e.Unreached:
		return s.T("consultation.mail_fails")
	case len(e.Noticed) > 0 && e.Told >= slices.Max(e.Noticed):
		return s.T("consultation.mail_told")
	}
	return s.T("consultation.mail_will")
}

// AudienceChoices are for whom a copy can be made.
func (s exportPage) AudienceChoices() []page.Option {
	out := page.Options(s.Words, "consult.audience.", consultations.Audiences())
	for i := range out {
		out[i].Chosen = s.Sheet.Form.Value("for") == out[i].Value
	}
	return out
}

// takenPage is a copy on paper. What it says is as of its moment; its link says
// how things stand when somebody asks.
type takenPage struct {
	scene
	Recipient string
	Link      string
	QR        template.HTML
	Digest    string
}

var takenTemplate = page.Must[takenPage]("consultations/taken.html")

// TakeCopy registers a copy with its recipient and hands it out: on a page to be
// printed, or as a file. It is handed out once; whoever needs another takes another.
func (p *Pages) TakeCopy(r *page.Request) error {
	in := consultations.ExportForm{Consultation: r.ID("consultation"), Version: versionOf(r), Recipient: r.FormValue("recipient"), Address: r.FormValue("address"), Language: string(r.P.Lang()), Status: p.Kit.BaseURL + "/c/"}
	in.For = page.OneOf(r.FormValue("for"), consultations.Audiences())
	taken, err := p.Consultations.Export(r.Ctx(), r.Consult(), r.Sitting.Community.ID, in)
	if t, ok := troubleOf(r, "export", err); ok {
		return p.showExport(r, t)
	}
	if err != nil {
		return err
	}
	if r.WantsJSON() || r.FormValue("as") == "file" {
		r.Attach("record-" + string(taken.ID) + ".json")
		return r.JSONBlob(http.StatusOK, taken.Bytes) // exactly what the digest in the record is of
	}
	return p.showTaken(r, in, taken)
}

func (p *Pages) showTaken(r *page.Request, in consultations.ExportForm, taken consultations.Taken) error {
	s, err := p.scene(r, "export", "consultation.copy", trouble{})
	if err != nil {
		return err
	}
	s.View, s.us = taken.View, false
	link := in.Status + taken.Token
	return takenTemplate.OK(r, takenPage{s, in.Recipient, link, page.QR(link), taken.SHA256})
}
