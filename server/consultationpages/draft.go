package consultationpages

import (
	"html/template"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

// transcribePage writes an answer down as it was taken.
type transcribePage struct {
	scene
	Sheet   sheet
	Rewrite record.ID // of the draft that is written anew; "" for a first one
	Answers []answerCard
	Waits   []waits
}

// waits says of answers what they wait for.
type waits struct{ Answers, Until string }

// answerCard is one of the answers to choose from. All have the same frame.
type answerCard struct {
	Code, Name, Hint string
	Picture          template.HTML
	Chosen           bool
	Waits            string // that it cannot be given yet
	Path             string // of the page on which it is given, where that is another
}

// card is the card of an answer.
func (s scene) card(t consultations.DecisionType, chosen bool) answerCard {
	key := "consult.decision." + string(t)
	return answerCard{Code: string(t), Name: s.T(key), Hint: s.T(key + ".hint"), Picture: s.Picto(string(t)), Chosen: chosen}
}

var transcribeTemplate = page.Must[transcribePage]("consultations/transcribe.html")

// Transcribe shows the form that an answer is written down in.
func (p *Pages) Transcribe(r *page.Request) error { return p.showTranscribe(r, trouble{}) }

func (p *Pages) showTranscribe(r *page.Request, t trouble) error {
	s, err := p.scene(r, "draft", "consultation.transcribe", t)
	if err != nil {
		return err
	}
	id, _ := record.ParseID(r.FormValue("draft"))
	values := url.Values{"language": {s.firstLanguage()}, "type": {r.QueryParam("type")}}
	if d := s.talk.Draft(id); d != nil && s.SeesAll() {
		values = draftValues(*d, s.zone)
	} else {
		id = ""
	}
	data := transcribePage{scene: s, Rewrite: id, Sheet: s.form("draft", values,
		"type", "consultation.answer", "aspects", "consultation.which_parts", "language", "consultation.language", "statement", "consultation.statement",
		"conditions", "consultation.conditions", "dissent", "consultation.dissent", "file", "consultation.file",
		"review_at", "consultation.review_at", "expires_at", "consultation.expires_at")}
	data.Sheet = data.Sheet.from("/drafts/new" + rewriting(id))
	data.Answers, data.Waits = data.Sheet.answers()
	return transcribeTemplate.Show(r, s.Status(), data)
}

// rewriting keeps in the address which draft is written anew.
func rewriting(id record.ID) string {
	if id == "" {
		return ""
	}
	return "?draft=" + string(id)
}

func draftValues(d consultations.Draft, zone *time.Location) url.Values {
	v := url.Values{
		"type": {string(d.Type)}, "language": {d.Language}, "statement": {d.Statement.Body},
		"conditions": {strings.Join(d.Conditions, "\n")}, "dissent": {strings.Join(d.Dissent, "\n")},
	}
	for _, a := range d.Aspects {
		v.Add("aspects", string(a))
	}
	if len(d.Evidence) > 0 {
		v.Set(evidenceField, string(d.Evidence[0]))
	}
	for field, t := range map[string]time.Time{"review_at": d.ReviewAt, "expires_at": d.ExpiresAt} {
		if !t.IsZero() {
			v.Set(field, t.In(zone).Format(inputDay))
		}
	}
	return v
}

// answers are the cards, those that say less than yes first, and what keeps some of
// them: said once and not on each, so that none is larger than the others. One that
// cannot be given yet stays where it is. Not to engage takes no draft: it is given at
// once, on its own page, and has the same card.
func (s sheet) answers() (cards []answerCard, keeps []waits) {
	for _, t := range consultations.DecisionTypes() {
		possible, blocked := s.possible(moveOf(t))
		card := s.card(t, s.Form.Value("type") == string(t))
		switch {
		case t == consultations.Declined && possible:
			card.Path = s.To("/stop?type=" + string(t))
		case !slices.Contains(consultations.Draftable(), t), t == consultations.Renew && !possible && blocked == nil:
			continue
		case !possible:
			card.Waits = s.T("consultation.answer_not_yet")
			keeps = s.keep(keeps, card.Name, blocked)
		}
		cards = append(cards, card)
	}
	return cards, keeps
}

// keep adds an answer to those that wait for the same.
func (s sheet) keep(in []waits, answer string, blocked *consultations.Blocked) []waits {
	until := s.T("consultation.answer_not_now")
	if blocked != nil {
		until = blockedWords(s.Words, blocked, s.zone)
	}
	for i := range in {
		if in[i].Until == until {
			in[i].Answers += " · " + answer
			return in
		}
	}
	return append(in, waits{answer, until})
}

// partsOf reads the parts that a form names.
func partsOf(r *page.Request) []record.ID {
	var out []record.ID
	for _, value := range r.List("aspects") {
		if id, ok := record.ParseID(value); ok {
			out = append(out, id)
		}
	}
	return out
}

// WriteDraft writes an answer down, or writes it anew. It decides nothing.
func (p *Pages) WriteDraft(r *page.Request) error {
	digest, _, err := p.file(r)
	in := consultations.DraftForm{
		ID: r.FormID("draft"), Version: versionOf(r), Aspects: partsOf(r), Type: consultations.DecisionType(r.FormValue("type")),
		Language: r.FormValue("language"), Statement: r.FormValue("statement"), Conditions: linesOf(r, "conditions"), Dissent: linesOf(r, "dissent"),
		ReviewAt: dayIn(r, "review_at"), ExpiresAt: dayIn(r, "expires_at"),
	}
	if digest != "" {
		in.Evidence = []consultations.Digest{digest}
	}
	var receipt record.Receipt
	if err == nil {
		receipt, err = p.Consultations.Transcribe(r.Ctx(), r.Consult(), r.Sitting.Community.ID, r.ID("consultation"), in)
	}
	return answer(r, receipt, err, "draft", here(r, "/drafts/"+string(receipt.ID)), p.showTranscribe)
}
