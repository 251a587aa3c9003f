package dialoguepages

import (
	"errors"
	"net/url"
	"strings"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

type dialogueFormPage struct {
	page.Base
	Form   page.Form
	Action string
	IsNew  bool
}

var dialogueFormTemplate = page.Must[dialogueFormPage]("dialogues/form.html")

// New shows the form for a new dialogue.
func (p *Pages) New(r *page.Request) error {
	lang := string(r.P.Lang())
	return p.showDialogueForm(r, nil, url.Values{
		"kind": {string(dialogues.Regional)}, "visibility": {string(dialogues.Public)}, "language": {lang}, "languages": {lang},
	}, "/dialogues")
}

// Create makes a dialogue.
func (p *Pages) Create(r *page.Request) error {
	receipt, err := p.Dialogues.CreateDialogue(r.Ctx(), r.Call(), dialogueForm(r))
	var invalid people.Invalid
	if errors.As(err, &invalid) && !r.WantsJSON() {
		return p.showDialogueForm(r, invalid, nil, "/dialogues")
	}
	if err != nil {
		return err
	}
	r.Flash("flash.dialogue_created")
	return r.Done(receipt, dialoguePath(record.ID(receipt.Room))+"/questions")
}

// Edit shows the form with what the dialogue says about itself.
func (p *Pages) Edit(r *page.Request) error {
	about, err := p.Dialogues.Overview(r.Ctx(), r.Seat)
	if err != nil {
		return err
	}
	d := r.Seat.Dialogue
	values := url.Values{
		"kind": {string(d.Kind)}, "title": {d.Title}, "objective": {d.Objective}, "background": {d.Background},
		"visibility": {string(d.Visibility)}, "language": {d.Language}, "languages": d.LanguageList(),
		"countries": about.Countries, "organisation": {about.Organiser},
	}
	for _, g := range about.Groups {
		if g.Code != "" {
			values.Add("groups", g.Code)
			continue
		}
		values.Set("group_name", g.Name)
		values["group_members"] = g.Members
	}
	return p.showDialogueForm(r, nil, values, dialoguePath(d.ID))
}

// Change rewrites what the dialogue says about itself.
func (p *Pages) Change(r *page.Request) error {
	path := dialoguePath(r.Seat.Dialogue.ID)
	receipt, err := p.Dialogues.ChangeDialogue(r.Ctx(), r.Call(), r.Seat.Dialogue.ID, dialogueForm(r))
	var invalid people.Invalid
	if errors.As(err, &invalid) && !r.WantsJSON() {
		return p.showDialogueForm(r, invalid, nil, path)
	}
	if err != nil {
		return err
	}
	r.Flash("flash.saved")
	return r.Done(receipt, path)
}

func dialogueForm(r *page.Request) dialogues.DialogueForm {
	return dialogues.DialogueForm{
		Kind: dialogues.Kind(r.FormValue("kind")), Title: r.FormValue("title"), Objective: r.FormValue("objective"),
		Background: r.FormValue("background"), Language: r.FormValue("language"), Languages: r.List("languages"),
		Visibility: dialogues.Visibility(r.FormValue("visibility")), Organisation: r.FormValue("organisation"),
		Countries: r.List("countries"), Groups: r.List("groups"), GroupName: r.FormValue("group_name"), GroupMembers: r.List("group_members"),
	}
}

func (p *Pages) showDialogueForm(r *page.Request, invalid people.Invalid, values url.Values, action string) error {
	title := r.P.T("nav.new_dialogue")
	if action != "/dialogues" {
		title = r.P.T("dialogue.edit")
	}
	data := dialogueFormPage{Base: r.Base(title, crumbs(r, title)...), Form: r.Form(values, invalid).Named(
		"title", "dialogue.title", "objective", "dialogue.objective", "kind", "dialogue.kind", "countries", "dialogue.countries", "visibility", "dialogue.visibility",
		"language", "dialogue.language", "languages", "dialogue.languages", "organisation", "dialogue.organiser", "background", "dialogue.background", "group_name", "dialogue.group_name",
	), Action: action, IsNew: action == "/dialogues"}
	return dialogueFormTemplate.Show(r, statusOf(invalid), data)
}

// KindOptions are the kinds of dialogue, explained.
func (d dialogueFormPage) KindOptions() []page.Option {
	return page.Options(d.Words, "dialogue.kind.", dialogues.Kinds())
}

// VisibilityOptions are the visibilities, explained.
func (d dialogueFormPage) VisibilityOptions() []page.Option {
	return page.Options(d.Words, "visibility.", dialogues.Visibilities())
}

// LanguageChoices are the languages one may contribute in.
func (d dialogueFormPage) LanguageList() []page.Option {
	return page.ByName(d.LanguageOptions(dialogues.Languages()))
}

// StandingGroups are the country groups that exist by themselves.
func (d dialogueFormPage) StandingGroups() []page.Option {
	var out []page.Option
	for _, g := range people.StandingGroups() {
		out = append(out, page.Option{Value: g.Code, Label: d.T("country_group." + strings.ToLower(g.Code))})
	}
	return out
}
