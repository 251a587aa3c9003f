package page

import (
	"slices"
	"strings"

	"github.com/vcm-forum/forum/consultations"
)

// Heard is a step of the pages in a community's own voice: a recording that plays
// beside the words.
type Heard struct {
	Words
	Path  string
	Label string // what the button says to who cannot see it
	Name  string // of its language; "" where there is one only
}

// Steps are those of the pages beside which a community can put its voice: the
// questions that its home answers, the answers that it can give, its other pages.
func Steps() []string {
	return []string{
		"home", "proposed", "known", "time", "decided", "seen", "now", "withdraw",
		"answer_no", "answer_not_now_keep_talking", "answer_declined_to_engage", "answer_consent_with_conditions", "answer_consent",
		"plan", "disclosure", "sessions", "draft", "stop", "release", "mandates", "protocol", "about", "seats", "reads", "log", "keep",
	}
}

// StepPicto is the picture of a step.
func StepPicto(step string) string {
	if answer, ok := strings.CutPrefix(step, "answer_"); ok {
		return answer
	}
	return map[string]string{
		"home": "community", "proposed": "proposal", "known": "disclosing", "time": "deliberating", "decided": "decision", "seen": "seen_by",
		"now": "confirm", "withdraw": "withdraw", "plan": "plan", "disclosure": "ask", "sessions": "internal", "draft": "read_aloud", "stop": "withdraw",
		"release": "who_may_see", "mandates": "mandate", "protocol": "protocol", "about": "institution", "seats": "guest", "reads": "seen_by",
		"log": "receipt", "keep": "keep_on_phone",
	}[step]
}

// Heard are the recordings of a step that a reader may play: those in the language
// of the pages before those in others. The community's people hear them, nobody else.
func (w Words) Heard(seat consultations.Seat, step string) []Heard {
	var out []Heard
	if seat.Community == nil {
		return nil
	}
	for _, p := range seat.Community.Prompts {
		if p.Step != step || p.Evidence == "" {
			continue
		}
		for _, one := range w.HeardFile(seat, step, p.Evidence) {
			one.Name = w.TongueName(p.Language)
			if p.Language == w.Lang() {
				out = slices.Insert(out, 0, one)
			} else {
				out = append(out, one)
			}
		}
	}
	if len(out) == 1 {
		out[0].Name = ""
	}
	return out
}

// HeardFile is a recording as it plays; nothing for who may not read it.
func (w Words) HeardFile(seat consultations.Seat, step string, file consultations.Digest) []Heard {
	if _, reads := seat.Reads(file); !reads {
		return nil
	}
	return []Heard{{Words: w, Path: "/communities/" + string(seat.Community.ID) + "/files/" + string(file), Label: w.T("prompt.hear", "step", w.T("prompt.step."+step))}} // i18n: prompt.step.*
}

// TongueName is a language's name; one without a code is called what comes after x-.
func (w Words) TongueName(tag string) string {
	if name, private := strings.CutPrefix(tag, "x-"); private && name != "" {
		return strings.ToUpper(name[:1]) + name[1:]
	}
	return w.Language(tag)
}
