package consultationpages

import (
	"net/url"
	"slices"
	"strings"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

type toldPage struct {
	scene
	Topics   []topic
	Missing  int
	Sheet    sheet
	Tells    bool
	Receives *deed // "we have received it"
	AsksMore *deed
	AskSheet sheet
	Wanted   string // languages and media
}

// topic is one of the things that must be told, with what was told of it.
type topic struct {
	Code, Name, Ask string
	Missing         bool
	Open            bool // what was told of it is spread out
	Items           []item
}

// item is one telling, with the form by which the community takes it.
type item struct {
	consultations.DisclosureView
	Sheet *sheet // nil for who cannot take it, or once it was taken
}

var toldTemplate = page.Must[toldPage]("consultations/told.html")

// Told shows what was explained, topic by topic, and what was not.
func (p *Pages) Told(r *page.Request) error { return p.told(r, trouble{}) }

func (p *Pages) told(r *page.Request, t trouble) error {
	s, err := p.scene(r, "disclosure", "consultation.told", t)
	if err != nil {
		return err
	}
	data := toldPage{scene: s, Missing: len(s.View.Missing), Tells: s.takes(consultations.MoveDisclose, consultations.Tell), Wanted: s.wanted()}
	for _, code := range consultations.Topics() {
		data.Topics = append(data.Topics, s.topic(code))
	}
	data.Sheet = s.form("tell", url.Values{"medium": {string(consultations.Written)}, "language": {s.firstLanguage()}, "topic": {r.QueryParam("topic")}},
		"topic", "consultation.topic", "language", "consultation.language", "medium", "consultation.medium", "body", "consultation.body",
		"file", "consultation.file", "translator", "consultation.translator", "witness", "consultation.witness").from("/told#tell")
	data.AskSheet = s.form("move-"+string(consultations.MoveAskMore), url.Values{}, "reason", "consultation.ask_more")
	data.Receives, data.AsksMore = s.hearing(consultations.MoveReceive), s.hearing(consultations.MoveAskMore)
	return toldTemplate.Show(r, s.Status(), data)
}

func (s scene) topic(code consultations.Topic) topic {
	out := topic{
		Code: string(code), Name: s.T("consult.topic." + string(code)), Ask: s.T("consult.topic." + string(code) + ".ask"),
		Missing: slices.Contains(s.View.Missing, code),
	}
	hears := s.Can(string(consultations.Hear))
	for _, d := range s.View.Disclosures {
		if d.Topic != code {
			continue
		}
		one := item{DisclosureView: d}
		if hears && !d.Accepted {
			one.Sheet = s.form("take-"+string(d.ID), url.Values{}, "played_back", "consultation.played_back").to("/told/" + string(d.ID))
		}
		out.Open = out.Open || s.Tried("take-"+string(d.ID))
		out.Items = append(out.Items, one)
	}
	return out
}

// hearing is a step by which the community answers what it was told, nil where
// the reader cannot take it.
func (s scene) hearing(m consultations.Move) *deed {
	possible, blocked := s.possible(m)
	if !s.Can(string(consultations.Hear)) || (!possible && blocked == nil) {
		return nil
	}
	says := s.Blocked("move-" + string(m))
	if says == "" {
		says = blockedWords(s.Words, blocked, s.zone)
	}
	return &deed{Name: s.Say("deed." + string(m)), Move: m, Blocked: says}
}

// wanted says in which languages and by which media the community wants to be told.
func (s scene) wanted() string {
	c := s.Seat.Community
	rules := c.ProtocolVersion(s.talk.Pinned(s.Version)).Rules
	if s.talk.Pinned(s.Version) == 0 {
		rules = c.Protocol().Rules
	}
	languages := rules.Languages
	if len(languages) == 0 {
		languages = c.Languages
	}
	var names, media []string
	for _, tag := range languages {
		names = append(names, s.Language(tag))
	}
	for _, m := range rules.Media {
		media = append(media, s.T("consult.medium."+string(m)))
	}
	if len(media) == 0 {
		return s.Say("wanted", "languages", s.P.List(names))
	}
	return s.Say("wanted_by", "languages", s.P.List(names), "media", strings.Join(media, " · "))
}

// firstLanguage is the one that the form of telling begins with.
func (s scene) firstLanguage() string {
	if tags := s.Seat.Community.Languages; len(tags) > 0 {
		return tags[0]
	}
	return ""
}

// TopicOptions are the topics as choices, each with its plain question.
func (s scene) TopicOptions() []page.Option {
	var out []page.Option
	for _, code := range consultations.Topics() {
		out = append(out, page.Option{Value: string(code), Label: s.T("consult.topic." + string(code))})
	}
	return out
}

// TongueOptions are the community's languages as choices.
func (s scene) TongueOptions() []page.Option {
	c := s.Seat.Community
	tags := slices.Clone(c.Languages)
	for _, tag := range c.Protocol().Rules.Languages {
		if !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
	}
	return s.LanguageOptions(tags)
}

// MediumChoices are the media by which something can be told.
func (s sheet) MediumChoices() []page.Option {
	var media []consultations.Medium
	for _, m := range consultations.Media() {
		recorded := m == consultations.Audio || m == consultations.Video || m == consultations.Image
		if !recorded || s.TakesFiles() {
			media = append(media, m)
		}
	}
	return s.chosen("medium", page.Options(s.Words, "consult.medium.", media))
}

// Tell tells one topic.
func (p *Pages) Tell(r *page.Request) error {
	digest, empty, err := p.file(r)
	var receipt record.Receipt
	if err == nil {
		receipt, err = p.Consultations.Disclose(r.Ctx(), r.Consult(), r.Sitting.Community.ID, r.ID("consultation"), consultations.DisclosureForm{
			Version: versionOf(r),
			Topic:   consultations.Topic(r.FormValue("topic")), Language: r.FormValue("language"), Medium: consultations.Medium(r.FormValue("medium")),
			Body: r.FormValue("body"), Evidence: digest, Empty: empty, Translator: r.FormValue("translator"), Witness: r.FormValue("witness"),
		})
	}
	return answer(r, receipt, err, "tell", here(r, "/told"), p.told)
}

// Take is the community's word that it takes what it was told, and what it told
// back of it in its own words.
func (p *Pages) Take(r *page.Request) error {
	id := r.ID("telling")
	receipt, err := p.Consultations.AcceptDisclosure(r.Ctx(), r.Consult(), r.Sitting.Community.ID, r.ID("consultation"), id, r.FormValue("played_back"))
	return answer(r, receipt, err, "take-"+string(id), here(r, "/told"), p.told)
}
