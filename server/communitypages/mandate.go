package communitypages

import (
	"net/http"
	"slices"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

// words are what a reader can say about a mandate now.
type words struct{ Vouch, Attest, Contest, Stands, Falls, Move, End bool }

// mandatePage is one mandate with all that can be said about it from the reader's seat.
type mandatePage struct {
	mandateCard
	Form    page.Form // the one that came back; empty otherwise
	Entered string    // who wrote it down, and when
	Stood   []string  // who stands behind it, and since when
	Contest string    // who contested it, and when
	Moving  string    // who said that its holder has another account, and when
	Said    []string  // what of several words has been said so far
	May     words
	Files   []string // addresses of its evidence, for whoever may read it
}

var mandateTemplate = page.Must[mandatePage]("communities/mandate.html")

// Mandate shows one mandate.
func (p *Pages) Mandate(r *page.Request) error {
	m, ok := r.Sitting.Community.Mandate(r.ID("mandate"))
	if !ok {
		return consultations.ErrNotFound
	}
	return p.showMandate(r, m, nil)
}

func (p *Pages) showMandate(r *page.Request, m consultations.Mandate, invalid people.Invalid) error {
	base, err := p.openNamed(r, "mandate", m.ID, m.Name.Body, r.P.T("community.read.mandate"))
	if err != nil {
		return err
	}
	ids := []record.ID{m.EnteredBy, m.ContestedBy, m.Moving.By, m.Moving.Account}
	for _, c := range m.Confirmed {
		ids = append(ids, c.By)
	}
	names, err := p.names(r, ids)
	if err != nil {
		return err
	}
	seat := r.Sitting
	base.under("/mandates", base.Say("room.mandates"))
	data := mandatePage{
		mandateCard: base.mandate(m), Form: r.Form(nil, invalid).Named("name", "community.vouch_name", "reason", "community.contest_reason", "email", "community.new_email", "stands", "community.rule_on"),
		Entered: base.T("community.entered_by", "name", names[m.EnteredBy], "time", base.Moment(m.EnteredAt)),
		Said:    base.said(m), Files: base.files(m.Resolution),
		May: words{
			mayVouch(seat, m), mayAttest(seat, m), mayContest(seat, m),
			mayRule(seat, m) && !spoken(seat, ruleOf(m, true)), mayRule(seat, m) && !spoken(seat, ruleOf(m, false)), mayMove(seat, m), mayEnd(seat, m),
		},
	}
	for _, c := range m.Confirmed {
		who := c.Name.Body
		if who == "" {
			who = names[c.By]
		}
		data.Stood = append(data.Stood, base.T("community.stands_behind", "name", who, "time", base.Moment(c.At)))
	}
	if !m.ContestedAt.IsZero() {
		data.Contest = base.T("community.contested_by", "name", names[m.ContestedBy], "time", base.Moment(m.ContestedAt))
	}
	if m.Moving.Account != "" {
		data.Moving = base.T("community.moving", "name", names[m.Moving.By], "account", names[m.Moving.Account], "time", base.Moment(m.Moving.At))
	}
	return mandateTemplate.Show(r, data.Form.Status(), data)
}

// Own tells whether the mandate is the reader's.
func (m mandatePage) Own() bool { return holds(m.Seat, m.Holder) }

// said tells how many holders have said so far what several must say.
func (o ours) said(m consultations.Mandate) []string {
	var out []string
	for key, motion := range map[string]string{"community.said_stands": ruleOf(m, true), "community.said_falls": ruleOf(m, false), "community.said_end": endOf(m)} {
		if n := len(o.Seat.Community.Spoken(motion)); n > 0 && live(m) {
			out = append(out, o.T(key, "n", n))
		}
	}
	slices.Sort(out)
	return out
}

// files are the addresses of evidence that the reader may read.
func (o ours) files(digests []consultations.Digest) []string {
	var out []string
	for _, d := range digests {
		if _, ok := o.Seat.Reads(d); ok {
			out = append(out, o.Root()+"/files/"+string(d))
		}
	}
	return out
}

// afterMandate answers a word on a mandate: back to it, or the form again with
// what is wrong in it.
func (p *Pages) afterMandate(r *page.Request, flash string, receipt record.Receipt, err error) error {
	if invalid, ok := invalidIn(r, err); ok {
		m, found := r.Sitting.Community.Mandate(r.ID("mandate"))
		if !found {
			return consultations.ErrNotFound
		}
		return p.showMandate(r, m, invalid)
	}
	if err != nil {
		return err
	}
	r.Flash(flash)
	return r.Done(receipt, path(r.Sitting.Community.ID, "/mandates/"+string(r.ID("mandate"))))
}

// Vouch stands behind a mandate, or writes down who does.
func (p *Pages) Vouch(r *page.Request) error {
	receipt, err := p.Consultations.Vouch(r.Ctx(), r.Consult(), r.Sitting.Community.ID, r.ID("mandate"), r.FormValue("name"))
	return p.afterMandate(r, "flash.community_vouched", receipt, err)
}

// Attest attests a founding mandate, as a witness from outside.
func (p *Pages) Attest(r *page.Request) error {
	receipt, err := p.Consultations.Attest(r.Ctx(), r.Consult(), r.Sitting.Community.ID, r.ID("mandate"))
	return p.afterMandate(r, "flash.community_attested", receipt, err)
}

// Contest disputes a mandate.
func (p *Pages) Contest(r *page.Request) error {
	receipt, err := p.Consultations.Contest(r.Ctx(), r.Consult(), r.Sitting.Community.ID, r.ID("mandate"), r.FormValue("reason"))
	return p.afterMandate(r, "flash.community_contested", receipt, err)
}

// RuleOn says whether a contested mandate stands.
func (p *Pages) RuleOn(r *page.Request) error {
	word := r.FormValue("stands")
	if word != "yes" && word != "no" {
		return p.afterMandate(r, "", record.Receipt{}, people.Invalid{"stands": {Key: "error.choose_one"}})
	}
	if err := r.Decides(); err != nil {
		return err
	}
	receipt, err := p.Consultations.RuleOnMandate(r.Ctx(), r.Consult(), r.Sitting.Community.ID, r.ID("mandate"), word == "yes")
	ruled := func(c *consultations.Community) bool {
		m, _ := c.Mandate(r.ID("mandate"))
		return m.Standing != consultations.Disputed
	}
	return p.afterMandate(r, p.heard(r, "flash.community_ruled", ruled), receipt, err)
}

// End ends a mandate at once. Whoever ends their own may see nothing more here:
// they are led to the list of what they still see.
func (p *Pages) End(r *page.Request) error {
	m, _ := r.Sitting.Community.Mandate(r.ID("mandate"))
	ask := r.Decides
	if m.Account == r.Actor.ID() {
		ask = r.Fresh // to give back one's own needs nobody's patience
	}
	if err := ask(); err != nil {
		return err
	}
	receipt, err := p.Consultations.EndMandate(r.Ctx(), r.Consult(), r.Sitting.Community.ID, r.ID("mandate"))
	if err != nil || m.Account != r.Actor.ID() {
		ended := func(c *consultations.Community) bool {
			m, _ := c.Mandate(r.ID("mandate"))
			return !m.EndedAt.IsZero()
		}
		return p.afterMandate(r, p.heard(r, "flash.community_ended", ended), receipt, err)
	}
	r.Flash("flash.community_ended")
	if r.WantsJSON() {
		return r.JSON(http.StatusOK, receipt)
	}
	return r.Redirect(http.StatusSeeOther, "/communities")
}

// MoveAccount gives a holder another account, by the word of two others.
func (p *Pages) MoveAccount(r *page.Request) error {
	account, err := p.accountOf(r, "email")
	if err != nil {
		return p.afterMandate(r, "", record.Receipt{}, err)
	}
	if err := r.Decides(); err != nil {
		return err
	}
	receipt, err := p.Consultations.MoveAccount(r.Ctx(), r.Consult(), r.Sitting.Community.ID, r.ID("mandate"), account)
	return p.afterMandate(r, "flash.community_moved", receipt, onField(err, "account", "email"))
}
