package communitypages

import (
	"html/template"
	"net/url"
	"slices"
	"strings"

	"github.com/vcm-forum/forum/consultations"
	media "github.com/vcm-forum/forum/consultations/evidence"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/server/page"
)

// promptsPage is where the community puts its own voice beside the steps of the
// pages, for its people who read little. What is recorded for a step comes back from
// the page for files and is listened to before it is put there.
type promptsPage struct {
	ours
	Form   page.Form
	Groups []promptGroup
	Ready  *readyPrompt // a recording that waits to be put beside a step
}

// promptGroup is a part of the pages with its steps.
type promptGroup struct {
	ID, Title string
	Steps     []promptStep
}

// promptStep is one step, with what can be heard there already.
type promptStep struct {
	Code, Name string
	Picture    template.HTML
	Voices     []voice
	Record     string // where a recording is made; "" for who cannot
}

// voice is a recording in one of the languages.
type voice struct {
	Heard    []page.Heard
	Language string
	Tongue   string
}

// readyPrompt is a recording that was handed in for a step.
type readyPrompt struct {
	Step, Name, File string
	Heard            []page.Heard
}

var promptsTemplate = page.Must[promptsPage]("communities/prompts.html")

// Prompts shows the steps and what can be heard beside them.
func (p *Pages) Prompts(r *page.Request) error { return p.showPrompts(r, nil) }

func (p *Pages) showPrompts(r *page.Request, invalid people.Invalid) error {
	base, err := p.open(r, "prompts", "room.prompts")
	if err != nil {
		return err
	}
	speaks := p.Consultations.Files != nil && mayPrompt(r.Sitting)
	form := r.Form(url.Values{"language": r.Sitting.Community.Languages[:min(1, len(r.Sitting.Community.Languages))]}, invalid).Named("file", "prompt.file", "language", "prompt.language")
	data := promptsPage{ours: base, Form: form, Ready: base.readyPrompt(r)}
	for _, g := range []struct{ id, first string }{{"home", "home"}, {"answers", "answer_no"}, {"pages", "plan"}} {
		data.Groups = append(data.Groups, promptGroup{ID: g.id, Title: base.T("prompt.group." + g.id)}) // i18n: prompt.group.*
	}
	for _, step := range page.Steps() {
		group := &data.Groups[groupOf(step)]
		group.Steps = append(group.Steps, base.promptStep(step, speaks))
	}
	return promptsTemplate.Show(r, form.Status(), data)
}

// mayPrompt: the voice of the pages is the community's own. Who helps it lends none.
func mayPrompt(seat consultations.Seat) bool {
	return seat.Inside() && seat.Can(consultations.DefineSelf, "")
}

// groupOf is the part of the pages to which a step belongs.
func groupOf(step string) int {
	switch at := slices.Index(page.Steps(), step); {
	case strings.HasPrefix(step, "answer_"):
		return 1
	case at < slices.Index(page.Steps(), "plan"):
		return 0
	}
	return 2
}

func (o ours) promptStep(step string, speaks bool) promptStep {
	out := promptStep{Code: step, Name: o.T("prompt.step." + step), Picture: o.Picto(page.StepPicto(step))}
	for _, p := range o.Seat.Community.Prompts {
		if p.Step == step && p.Evidence != "" {
			out.Voices = append(out.Voices, voice{o.HeardFile(o.Seat, step, p.Evidence), p.Language, o.TongueName(p.Language)})
		}
	}
	if speaks {
		out.Record = o.Root() + "/files/new?" + page.Query("kind", "audio", "next", o.Root()+"/prompts?"+page.Query("step", step))
	}
	return out
}

// readyPrompt is the recording that the address or the form brings, nil for none.
func (o ours) readyPrompt(r *page.Request) *readyPrompt {
	step, file := page.OneOf(r.FormValue("step"), page.Steps()), handed(r)
	if step == "" || file == "" || !mayPrompt(o.Seat) {
		return nil
	}
	return &readyPrompt{step, o.T("prompt.step." + step), string(file), o.HeardFile(o.Seat, step, file)}
}

// Languages are those in which something can be recorded: the community's own, and
// that of the pages.
func (p promptsPage) Languages() []page.Option {
	tags := promptLanguages(p.Seat.Community, p.Lang())
	out := make([]page.Option, len(tags))
	for i, tag := range tags {
		out[i] = page.Option{Value: tag, Label: p.TongueName(tag)}
	}
	return out
}

func promptLanguages(c *consultations.Community, of string) []string {
	if slices.Contains(c.Languages, of) {
		return c.Languages
	}
	return append(slices.Clone(c.Languages), of)
}

// RecordPrompt puts a recording beside a step, in place of the one in the same
// language; without a recording it takes that one away.
func (p *Pages) RecordPrompt(r *page.Request) error {
	prompt, flash := consultations.Prompt{Step: page.OneOf(r.FormValue("step"), page.Steps()), Language: r.FormValue("language")}, "flash.prompt_taken"
	if !mayPrompt(r.Sitting) {
		return consultations.ErrRefused
	}
	if prompt.Step == "" {
		return consultations.ErrNotFound
	}
	if r.FormValue("remove") != "1" {
		var invalid people.Invalid
		if prompt.Evidence, invalid = recording(r); len(invalid) > 0 {
			return p.showPrompts(r, invalid)
		}
		flash = "flash.prompt_recorded"
	}
	receipt, err := p.Consultations.RecordPrompt(r.Ctx(), r.Consult(), r.Sitting.Community.ID, prompt)
	if err != nil {
		return err
	}
	r.Flash(flash)
	return r.Done(receipt, path(r.Sitting.Community.ID, "/prompts#step-"+prompt.Step))
}

// recording is the sound that a form brings, in a language that it names.
func recording(r *page.Request) (consultations.Digest, people.Invalid) {
	v := people.Invalid{}
	if !slices.Contains(promptLanguages(r.Sitting.Community, string(r.P.Lang())), r.FormValue("language")) {
		v.Add("language", "error.choose_one")
	}
	file := handed(r)
	taken, _ := r.Sitting.Community.File(file)
	if _, reads := r.Sitting.Reads(file); !reads || taken.Type.Kind() != media.Audio {
		v.Add("file", "prompt.error.sound")
	} else if taken.Silent {
		v.Add("file", "prompt.error.silent")
	}
	return file, v
}
