package dialoguepages

import (
	"errors"
	"html/template"
	"net/url"
	"slices"
	"strings"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

type sayPage struct {
	page.Base
	Form     page.Form
	Dialogue dialogues.Dialogue
	Session  dialogues.Session // zero outside a session
	Tree     []dialogues.QuestionView
	Back     string
	Key      string // the same for as long as it is the same form
	Before   sentBefore
}

var sayTemplate = page.Must[sayPage]("dialogues/say.html")

// Say shows the form for a contribution on a page of its own, which works
// without JavaScript and does not reload itself under what is being typed.
func (p *Pages) Say(r *page.Request) error {
	if r.FormKey() == "" {
		return r.BeginForm()
	}
	before, err := p.sentBefore(r, r.FormKey())
	if err != nil {
		return err
	}
	return p.showSay(r, before, nil)
}

func (p *Pages) showSay(r *page.Request, before sentBefore, invalid people.Invalid) error {
	_, questions, err := p.scene(r)
	if err != nil {
		return err
	}
	question := r.QueryParam("question")
	if question == "" && r.Session.ItemID != "" {
		question = string(p.currentQuestion(r))
	}
	values := url.Values{ // no kind: what stands there beforehand would be recorded more often than it is meant
		"question": {question}, "language": {defaultLanguage(r)}, "attribution": {string(dialogues.Named)},
	}
	title := r.P.T("dialogue.say")
	data := sayPage{
		Base: r.Base(title, crumbs(r, title)...), Form: r.Form(values, invalid).Named("question", "say.question", "body", "say.body", "kind", "say.kind", "language", "say.language", "attribution", "say.attribution"), Dialogue: r.Seat.Dialogue,
		Session: r.Session, Tree: questions, Back: backTo(r), Key: before.keyOf(r), Before: before,
	}
	data.Again = page.FormAt(data.Back+"/say", data.Key)
	return sayTemplate.Show(r, before.status(invalid), data)
}

// currentQuestion is what the session's current agenda item asks.
func (p *Pages) currentQuestion(r *page.Request) record.ID {
	hall, err := p.Dialogues.Hall(r.Ctx(), r.Seat.Dialogue.ID, r.Session.ID)
	if err != nil || hall.Current == nil {
		return ""
	}
	return hall.Current.QuestionID
}

// defaultLanguage is what the reader most likely writes in: the language the
// page speaks to them.
func defaultLanguage(r *page.Request) string { return string(r.P.Lang()) }

func backTo(r *page.Request) string {
	if r.Session.ID != "" {
		return sessionPath(r.Session.ID)
	}
	return dialoguePath(r.Seat.Dialogue.ID)
}

// KindOptions are the kinds of contribution.
func (s sayPage) KindOptions() []page.Option {
	return page.Options(s.Words, "kind.", dialogues.ContributionKinds())
}

// AttributionOptions are named and group only, explained.
func (s sayPage) AttributionOptions() []page.Option {
	return page.Options(s.Words, "attribution.", dialogues.Attributions())
}

// WrittenIn are the languages of the dialogue first, then all others.
func (s sayPage) WrittenIn() []page.Option { return writtenIn(s.Words, s.Dialogue) }

func writtenIn(w page.Words, d dialogues.Dialogue) []page.Option {
	first := d.LanguageList()
	rest := slices.DeleteFunc(dialogues.Languages(), func(l string) bool { return l == dialogues.OtherLanguage || slices.Contains(first, l) })
	return slices.Concat(w.LanguageOptions(first), page.ByName(w.LanguageOptions(rest)), w.LanguageOptions([]string{dialogues.OtherLanguage}))
}

// QuestionOptions are the questions, numbered.
func (s sayPage) QuestionOptions() []page.Option {
	var out []page.Option
	for _, q := range s.Tree {
		out = append(out, page.Option{Value: string(q.ID), Label: q.Number + " " + q.Title})
	}
	return out
}

// Contribute takes a contribution to a dialogue or, under a session, during it.
func (p *Pages) Contribute(r *page.Request) error {
	form := dialogues.ContributionForm{
		Question: r.FormID("question"), Session: r.Session.ID, Kind: dialogues.ContributionKind(r.FormValue("kind")),
		Language: r.FormValue("language"), Attribution: dialogues.Attribution(r.FormValue("attribution")), Body: r.FormValue("body"),
	}
	call := r.Call()
	before, err := p.sentBefore(r, call.Key)
	if err != nil {
		return err
	}
	receipt, err := p.Dialogues.AddContribution(r.Ctx(), call, r.Seat.Dialogue.ID, form)
	if !r.WantsJSON() {
		var invalid people.Invalid
		switch {
		case errors.As(err, &invalid):
			return p.showSay(r, sentBefore{}, invalid)
		case errors.Is(err, dialogues.ErrNotFound):
			return p.showSay(r, sentBefore{}, people.Invalid{"question": {Key: "error.choose_one"}})
		case errors.Is(err, record.ErrKeyReused):
			return p.showSay(r, before.withOtherWords(), people.Invalid{})
		}
	}
	if err != nil {
		return err
	}
	if before.Path != "" {
		r.Flash("flash.said_before")
		return r.Done(receipt, before.Path)
	}
	r.Flash("flash.said")
	return r.Done(receipt, backTo(r)+"#c-"+string(receipt.ID))
}

type wholePage struct {
	page.Base
	Thread   template.HTML
	Whole    dialogues.Whole
	Dialogue dialogues.Dialogue
	MayReply bool
	ReplyKey string // the same for as long as it is the same form
	Before   sentBefore
	IsOwn    bool
	Reply    page.Form
	Edit     page.Form
	Versions []versionView
	Zones    string // whose times of day the page shows
	InRoom   string // the live session it was said in, to go back to
}

// versionView is one version of the words in the history.
type versionView struct {
	Number int64
	When   string
	Body   string
}

var wholeTemplate = page.Must[wholePage]("dialogues/contribution.html")

// Contribution shows one contribution with its replies and history, and what
// the reader can do with it.
func (p *Pages) Contribution(r *page.Request) error {
	if r.AsksForForm() && r.FormKey() == "" {
		return r.BeginForm()
	}
	before, err := p.sentBefore(r, r.FormKey())
	if err != nil {
		return err
	}
	return p.showContribution(r, "", before, nil)
}

func (p *Pages) showContribution(r *page.Request, form string, before sentBefore, invalid people.Invalid) error {
	whole, err := p.Dialogues.Contribution(r.Ctx(), r.Seat, r.ID("contribution"))
	if err != nil {
		return err
	}
	sc, _, err := p.scene(r)
	if err != nil {
		return err
	}
	sc.unfolded = true
	mine, err := p.Dialogues.Supported(r.Ctx(), r.Actor.ID(), []record.ID{whole.ID})
	if err != nil {
		return err
	}
	thread, err := p.thread(sc, whole.Said, mine[whole.ID], r.Actor.ID())
	if err != nil {
		return err
	}
	data := wholePage{
		Base: r.Base(sc.said(whole.Said, false, r.Actor.ID()).Headline(), crumbs(r, r.P.T("contribution.title"))...), Thread: thread, Whole: whole, Dialogue: r.Seat.Dialogue,
		MayReply: r.Seat.Can(dialogues.Contribute) && whole.ParentID == "" && whole.State == dialogues.Visible,
		ReplyKey: before.keyOf(r), Before: before, IsOwn: r.Seat.CanRevise(whole.Contribution),
		Reply: r.Form(url.Values{"language": {defaultLanguage(r)}, "attribution": {string(dialogues.Named)}}, only(form == "reply", invalid)),
		Edit:  r.Form(url.Values{"body": {whole.Body}}, only(form == "edit", invalid)).At("edit-"),
	}
	data.Zones = sc.zonesOf([]dialogues.Thread{{SessionID: whole.SessionID}})
	data.Again = page.FormAt("/contributions/"+string(whole.ID), data.ReplyKey)
	if whole.SessionID != "" {
		if session, err := p.Dialogues.Session(r.Ctx(), r.Seat.Dialogue.ID, whole.SessionID); err == nil && session.State == dialogues.Live {
			data.InRoom = sessionPath(session.ID)
		}
	}
	for _, v := range whole.Versions {
		data.Versions = append(data.Versions, versionView{v.Version, r.P.DateTime(v.CreatedAt, nil), v.Body})
	}
	return wholeTemplate.Show(r, before.status(invalid), data)
}

func only(this bool, invalid people.Invalid) people.Invalid {
	if this {
		return invalid
	}
	return nil
}

// WrittenIn are the languages a reply may be in.
func (w wholePage) WrittenIn() []page.Option { return writtenIn(w.Words, w.Dialogue) }

// AttributionOptions are named and group only.
func (w wholePage) AttributionOptions() []page.Option {
	return page.Options(w.Words, "attribution.", dialogues.Attributions())
}

// ReplyTo takes a reply.
func (p *Pages) ReplyTo(r *page.Request) error {
	call := r.Call()
	before, err := p.sentBefore(r, call.Key)
	if err != nil {
		return err
	}
	receipt, err := p.Dialogues.AddContribution(r.Ctx(), call, r.Seat.Dialogue.ID, dialogues.ContributionForm{
		Parent: r.ID("contribution"), Language: r.FormValue("language"), Attribution: dialogues.Attribution(r.FormValue("attribution")), Body: r.FormValue("body"),
	})
	switch {
	case errors.Is(err, record.ErrKeyReused) && !r.WantsJSON():
		return p.showContribution(r, "reply", before.withOtherWords(), people.Invalid{})
	case err == nil && before.Path != "":
		r.Flash("flash.said_before")
		return r.Done(receipt, before.Path)
	}
	return p.contributionDone(r, "reply", receipt, err)
}

// Revise gives the reader's own contribution new words.
func (p *Pages) Revise(r *page.Request) error {
	receipt, err := p.Dialogues.ReviseContribution(r.Ctx(), r.Call(), r.Seat.Dialogue.ID, r.ID("contribution"), r.Number("version"), r.FormValue("body"))
	return p.contributionDone(r, "edit", receipt, err)
}

// Withdraw takes the reader's own words back.
func (p *Pages) Withdraw(r *page.Request) error {
	receipt, err := p.Dialogues.WithdrawContribution(r.Ctx(), r.Call(), r.Seat.Dialogue.ID, r.ID("contribution"))
	return p.contributionDone(r, "edit", receipt, err)
}

func (p *Pages) contributionDone(r *page.Request, form string, receipt record.Receipt, err error) error {
	var invalid people.Invalid
	if errors.As(err, &invalid) && !r.WantsJSON() {
		return p.showContribution(r, form, sentBefore{}, invalid)
	}
	if err != nil {
		return err
	}
	r.Flash("flash.saved")
	return r.Done(receipt, page.LocalPath(r.FormValue("next"), "/contributions/"+r.Param("contribution")))
}

// Support says or takes back "I see this too".
func (p *Pages) Support(r *page.Request) error {
	receipt, err := p.Dialogues.Support(r.Ctx(), dialogues.Call{Actor: r.Actor}, r.Seat.Dialogue.ID, r.ID("contribution"), r.FormValue("give") != "0")
	if err != nil {
		return err
	}
	return r.Done(receipt, p.backToThread(r))
}

// Hide and Restore moderate.
func (p *Pages) Hide(r *page.Request) error { return p.moderate(r, true) }

// Restore shows a hidden contribution again.
func (p *Pages) Restore(r *page.Request) error { return p.moderate(r, false) }

func (p *Pages) moderate(r *page.Request, hide bool) error {
	receipt, err := p.Dialogues.Moderate(r.Ctx(), dialogues.Call{Actor: r.Actor}, r.Seat.Dialogue.ID, r.ID("contribution"), hide)
	if err != nil {
		return err
	}
	return r.Done(receipt, p.backToThread(r))
}

// backToThread is where a button inside a contribution returns to: the page it
// was pressed on, at the contribution.
func (p *Pages) backToThread(r *page.Request) string {
	next := page.LocalPath(r.FormValue("next"), "/contributions/"+r.Param("contribution"))
	return strings.SplitN(next, "#", 2)[0] + "#c-" + r.Param("contribution")
}
