package consultationpages

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

// draftPage reads an answer back: the words, the conditions and the other voices
// on one sheet, and below it the forms that confirm exactly these.
type draftPage struct {
	scene
	Draft    consultations.DraftView
	Code     string // the digest, shortened for reading out
	Heard    []heard
	Own      *sheet // of a holder
	Relay    *sheet // of who enters another's word
	Mandates []page.Option
	Needs    string // bodies of the community that must be among those who confirm
}

// heard is somebody who has confirmed.
type heard struct {
	Name, How, When string
	Stale           bool // made without knowing of something that protects
}

var draftTemplate = page.Must[draftPage]("consultations/draft.html")

// Draft reads an answer back.
func (p *Pages) Draft(r *page.Request) error { return p.showDraft(r, trouble{}) }

func (p *Pages) showDraft(r *page.Request, t trouble) error {
	if x := r.Sitting.Community.Consultation(r.ID("consultation")); x != nil {
		if d := x.Draft(r.ID("draft")); d != nil && d.Decided != "" {
			return r.Redirect(http.StatusSeeOther, here(r, "/decisions#d-"+string(d.Decided)))
		}
	}
	s, err := p.scene(r, "draft", "consultation.read_back", t)
	if err != nil {
		return err
	}
	for _, d := range s.View.Drafts {
		if d.ID == r.ID("draft") {
			return draftTemplate.Show(r, s.Status(), s.draftPage(d))
		}
	}
	return consultations.ErrNotFound
}

func (s scene) draftPage(d consultations.DraftView) draftPage {
	data := draftPage{scene: s, Draft: d, Code: string(d.Digest)[:8], Needs: s.bodiesNeeded()}
	data.Heard = s.heard(d)
	values := url.Values{"digest": {string(d.Digest)}}
	if s.Can(string(consultations.Confirm)) {
		own := s.form("confirm", values, "proof", "consultation.proof", "digest", "consultation.words")
		data.Own = &own
	}
	if s.Can(string(consultations.Relay)) {
		relay := s.form("relay", values, relayLabels()...).from("/drafts/" + string(d.ID))
		data.Relay, data.Mandates = &relay, s.mandates(consultations.Decide)
	}
	return data
}

func relayLabels() []string {
	return []string{
		"mandate", "consultation.holder", "via", "consultation.via", "form", "consultation.form", "file", "consultation.file", "witnesses", "consultation.witnesses",
		"asserted", "consultation.asserted", "proof", "consultation.proof", "digest", "consultation.words", "type", "consultation.stop_what",
	}
}

// Spoken are the recordings and papers of the answer.
func (p draftPage) Spoken() []shown { return p.Played(p.Draft.Evidence...) }

// Action is where a form about the draft is sent.
func (p draftPage) Action(rest string) string {
	return path(p.View.Community, p.View.Consultation, "/drafts/"+string(p.Draft.ID)+"/"+rest)
}

// heard lists who has confirmed these words.
func (s scene) heard(d consultations.DraftView) []heard {
	var out []heard
	draft := s.talk.Draft(d.ID)
	for _, c := range draft.Confirmed {
		m, _ := s.Seat.Community.Mandate(c.Mandate)
		how := s.T("consult.form." + string(c.Form))
		if c.Claim.Via != consultations.Self {
			how = s.T("consultation.entered_by_another", "how", how)
		}
		out = append(out, heard{Name: m.Name.Body, How: how, When: s.When(c.At), Stale: c.Stale || c.Digest != d.Digest})
	}
	return out
}

// bodiesNeeded are the bodies of the community that the protocol wants among
// those who confirm, as the community calls them.
func (s scene) bodiesNeeded() string {
	var names []string
	for _, b := range s.Seat.Community.ProtocolVersion(s.talk.Pinned(s.Version)).Rules.Groups {
		at := slices.IndexFunc(s.Seat.Community.Institutions, func(i consultations.Institution) bool { return i.Kind == b })
		if at < 0 {
			names = append(names, s.T("consult.institution."+string(b)))
		} else {
			names = append(names, s.Seat.Community.Institutions[at].Name.Body)
		}
	}
	return s.P.List(names)
}

// mandates are the holders whose word another can enter: a decision is confirmed
// for those alone who have no account to say it by.
func (s scene) mandates(power consultations.Power) []page.Option {
	var out []page.Option
	for _, m := range s.Seat.Community.Mandates {
		if m.Valid(power, s.View.Consultation, s.View.At) && (power != consultations.Decide || m.Account == "") {
			out = append(out, page.Option{Value: string(m.ID), Label: m.Name.Body})
		}
	}
	return out
}

// Confirm binds a holder's word to the words that stood on the page. Whoever
// confirms shows again who they are: a phone that lies open is not enough.
func (p *Pages) Confirm(r *page.Request) error {
	in := consultations.ConfirmForm{Draft: r.ID("draft"), Digest: consultations.Digest(r.FormValue("digest")), Mandate: r.FormID("mandate")}
	by, at := r.Consult(), "confirm"
	err := p.fresh(r)
	if r.FormValue("relay") == "1" {
		at = "relay"
		by, err = p.relayed(r, &in, err)
	}
	var receipt record.Receipt
	if err == nil {
		receipt, err = p.Consultations.Confirm(r.Ctx(), by, r.Sitting.Community.ID, r.ID("consultation"), in)
	}
	return answer(r, receipt, err, at, here(r, "/drafts/"+string(in.Draft)), p.showDraft)
}

// relayed reads what somebody enters of another's word.
func (p *Pages) relayed(r *page.Request, in *consultations.ConfirmForm, err error) (consultations.Call, error) {
	by := r.Consult()
	by.Claim.Via, by.Claim.Asserted = viaOf(r), assertedOn(r)
	in.Form, in.Witnesses = consultations.Form(r.FormValue("form")), r.List("witnesses")
	if in.Mandate == "" && err == nil {
		err = people.Invalid{"mandate": {Key: "error.choose_one"}}
	}
	if err != nil {
		return by, err
	}
	in.Evidence, _, err = p.file(r)
	return by, err
}

// assertedOn is the day on which something was said, as its bearer says; zero
// for today.
func assertedOn(r *page.Request) time.Time { return dayIn(r, "asserted").UTC() }

// viaOf is how another's word came; by voice where the form does not say.
func viaOf(r *page.Request) consultations.Via {
	if via := page.OneOf(r.FormValue("via"), consultations.Vias()); via != "" {
		return via
	}
	return consultations.Voice
}

// fresh asks for the passphrase or a code once more; what is wrong with it is said
// beside the field. A no is taken of whoever shows it; anything else also has to wait
// where the account has a new proof.
func (p *Pages) fresh(r *page.Request) error {
	ask := r.Decides
	if x := r.Sitting.Community.Consultation(r.ID("consultation")); x != nil {
		if d := x.Draft(r.ID("draft")); d != nil && (d.Type == consultations.NotNow || stepOf(moveOf(d.Type)).Protects) {
			ask = r.Fresh
		}
	}
	err := ask()
	unproven, ok := errors.AsType[*page.Unproven](err)
	switch {
	case !ok, unproven.None, unproven.Status == http.StatusTooManyRequests:
		return err
	case unproven.Waits:
		return people.Invalid{"proof": unproven.Problem}
	}
	return people.Invalid{"proof": {Key: "consultation.proof_wrong"}}
}

// Drop sets a draft aside: it was not what was decided.
func (p *Pages) Drop(r *page.Request) error {
	receipt, err := p.Consultations.DropDraft(r.Ctx(), r.Consult(), r.Sitting.Community.ID, r.ID("consultation"), r.ID("draft"))
	return answer(r, receipt, err, "drop", here(r, ""), p.showDraft)
}
