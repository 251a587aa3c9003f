package consultationpages

import (
	"net/url"
	"slices"
	"strings"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

// releasePage is where the community lets somebody see something: what, to whom,
// for what, until when. Before it does, it looks through their eyes.
type releasePage struct {
	scene
	Sheet    sheet
	Releases []release
	Preview  *glance
	Now      []glance // what each audience sees today
}

// release is one that was given, in plain words.
type release struct {
	consultations.Release
	What, Whom, Ends string
	Live             bool
}

// glance is what an audience sees.
type glance struct {
	scene
	Whom    string
	Nothing bool
}

var releaseTemplate = page.Must[releasePage]("consultations/release.html")

// Release shows what is shown to whom, and, asked to, what an audience would see.
func (p *Pages) Release(r *page.Request) error { return p.showRelease(r, trouble{}) }

func (p *Pages) showRelease(r *page.Request, t trouble) error {
	s, err := p.scene(r, "release", "consultation.release", t)
	if err != nil {
		return err
	}
	values := url.Values{"to": {r.FormValue("to")}, "parts": r.List("parts"), "purpose": {r.FormValue("purpose")}, "until": {r.FormValue("until")}}
	data := releasePage{scene: s, Releases: s.releases(), Sheet: s.form("release", values,
		"parts", "consultation.release_what", "to", "consultation.release_to", "purpose", "consultation.purpose", "until", "consultation.release_until")}
	if to, parts := audienceOf(r), releasedParts(r); to != "" && len(parts) > 0 {
		one := s.glance(to, parts...)
		data.Preview = &one
	}
	for _, to := range consultations.Audiences() {
		data.Now = append(data.Now, s.glance(to))
	}
	return releaseTemplate.Show(r, s.Status(), data)
}

// glance looks through the eyes of an audience as if parts were released to it too.
func (s scene) glance(to consultations.Audience, parts ...consultations.Part) glance {
	c := *s.Seat.Community
	c.Releases = append(slices.Clone(c.Releases), consultations.Release{Consultation: s.talk.ID, Parts: parts, To: to})
	view, ok := c.Audience(to, s.talk, s.View.At).See(s.talk, s.Version)
	theirs := s
	theirs.View, theirs.us = view, false
	return glance{theirs, s.T("consult.audience." + string(to)), !ok}
}

func audienceOf(r *page.Request) consultations.Audience {
	return page.OneOf(r.FormValue("to"), consultations.Audiences())
}

func releasedParts(r *page.Request) []consultations.Part {
	var out []consultations.Part
	for _, value := range r.List("parts") {
		if part := page.OneOf(value, consultations.Parts()); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// releases are those of this consultation, the newest first.
func (s scene) releases() []release {
	var out []release
	for _, l := range slices.Backward(s.Seat.Community.Releases) {
		if l.Consultation != s.View.Consultation && l.Consultation != "" {
			continue
		}
		var what []string
		for _, part := range l.Parts {
			what = append(what, s.T("consult.part."+string(part)))
		}
		one := release{Release: l, What: strings.Join(what, " · "), Whom: s.T("consult.audience." + string(l.To)), Ends: s.T("consultation.until_revoked")}
		if !l.Until.IsZero() {
			one.Ends = s.T("consultation.ends", "time", s.When(l.Until))
		}
		one.Live = len(l.Parts) > 0 && l.Lets(l.Parts[0], s.View.At)
		out = append(out, one)
	}
	return out
}

// PartChoices are what can be released, field by field.
func (s releasePage) PartChoices() []page.Option {
	out := page.Options(s.Words, "consult.part.", consultations.Parts())
	for i := range out {
		out[i].Chosen = s.Sheet.Form.Has("parts", out[i].Value)
	}
	return out
}

// AudienceChoices are to whom it can be released.
func (s releasePage) AudienceChoices() []page.Option {
	out := page.Options(s.Words, "consult.audience.", consultations.Audiences())
	for i := range out {
		out[i].Chosen = s.Sheet.Form.Value("to") == out[i].Value
	}
	return out
}

// Give shows parts to an audience; or, asked to look first, only shows what that
// would be.
func (p *Pages) Give(r *page.Request) error {
	if r.FormValue("look") != "" {
		return p.showRelease(r, trouble{})
	}
	if err := r.Decides(); err != nil {
		return err
	}
	in := consultations.ReleaseForm{Parts: releasedParts(r), To: audienceOf(r), Purpose: r.FormValue("purpose"), Until: dayIn(r, "until")}
	receipt, err := p.Consultations.Release(r.Ctx(), r.Consult(), r.Sitting.Community.ID, r.ID("consultation"), in)
	return answer(r, receipt, err, "release", here(r, "/release"), p.showRelease)
}

// Revoke takes a release back.
func (p *Pages) Revoke(r *page.Request) error {
	var receipt record.Receipt
	err := consultations.ErrNotFound
	l, ok := releaseOf(r.Sitting.Community, r.ID("release"))
	if ok && (l.Consultation == r.ID("consultation") || l.Consultation == "") {
		receipt, err = p.Consultations.Revoke(r.Ctx(), r.Consult(), r.Sitting.Community.ID, l.ID)
	}
	return answer(r, receipt, err, "revoke-"+string(r.ID("release")), here(r, "/release"), p.showRelease)
}

func releaseOf(c *consultations.Community, id record.ID) (consultations.Release, bool) {
	if i := slices.IndexFunc(c.Releases, func(l consultations.Release) bool { return l.ID == id }); i >= 0 {
		return c.Releases[i], true
	}
	return consultations.Release{}, false
}
