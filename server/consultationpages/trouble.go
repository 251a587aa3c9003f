package consultationpages

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

// trouble is why a step was not taken, and at which form of the page it was asked for.
type trouble struct {
	at      string
	invalid people.Invalid
	says    string // a sentence about the step as a whole
	status  int
}

// troubleOf reads from an error what is said beside a form. Anything else is not
// about what was asked for: it has an answer of its own.
func troubleOf(r *page.Request, at string, err error) (trouble, bool) {
	if err == nil || r.WantsJSON() {
		return trouble{}, false
	}
	if invalid, ok := errors.AsType[people.Invalid](err); ok {
		return trouble{at, invalid, "", http.StatusUnprocessableEntity}, true
	}
	b, blocked := errors.AsType[*consultations.Blocked](err)
	if (blocked || errors.Is(err, consultations.ErrWrongTime)) && !knows(r) {
		return trouble{at, people.Invalid{}, r.P.T("consultation.trouble.closed"), http.StatusConflict}, true // whatever it is that keeps the step
	}
	if blocked {
		return trouble{at, people.Invalid{}, blockedWords(r.Words(), b, zoneOf(r)), http.StatusConflict}, true
	}
	for _, f := range []struct {
		is     error
		key    string
		status int
	}{
		{consultations.ErrWrongTime, "consultation.trouble.time", http.StatusConflict},
		{record.ErrKeyReused, "error.key_reused", http.StatusConflict},
		{consultations.ErrRefused, "consultation.trouble.mandate", http.StatusForbidden},
	} {
		if errors.Is(err, f.is) {
			return trouble{at, people.Invalid{}, r.P.T(f.key), f.status}, true
		}
	}
	return trouble{}, false
}

// knows tells whether the reader may be told why a step has to wait: where it is none
// of a consultation yet, whoever sees all of the community.
func knows(r *page.Request) bool {
	if x := r.Sitting.Community.Consultation(r.ID("consultation")); x != nil {
		return r.Sitting.Informed(x)
	}
	return r.Sitting.Can(consultations.SeeAll, "")
}

// blockedWords say what has to happen before a step can be taken.
func blockedWords(w page.Words, b *consultations.Blocked, zone *time.Location) string {
	if b == nil {
		return ""
	}
	key := "consult.guard." + string(b.Guard)
	if b.Guard == consultations.GuardWindow && b.Until.IsZero() {
		key = "consultation.trouble.no_window"
	}
	return w.T(key, "n", b.N, "time", w.P.DateTime(b.Until, zone))
}

// answer ends a request that asked for a step: on to the next page, or the page
// it came from once more, with what is in the way and what was typed.
func answer(r *page.Request, receipt record.Receipt, err error, at, next string, again func(*page.Request, trouble) error) error {
	if t, ok := troubleOf(r, at, err); ok {
		return again(r, t)
	}
	if err != nil {
		return err
	}
	r.Flash("flash.consultation_recorded")
	return r.Done(receipt, next)
}

// Status is the page's: that of what was refused, or 200.
func (s scene) Status() int {
	if s.trouble.status != 0 {
		return s.trouble.status
	}
	return http.StatusOK
}

// Blocked is what stands in the way of the step of one form, "" for nothing.
func (s scene) Blocked(at string) string {
	if s.trouble.at != at {
		return ""
	}
	return s.trouble.says
}

// Tried tells whether one form of the page has just been sent and refused.
func (s scene) Tried(at string) bool { return s.trouble.at == at && s.trouble.status != 0 }

// Refusal is said at the top of a page that comes back, since without a script it
// is where the reader lands: what stands in the way, or how many fields do, and
// where the first of them is.
func (s scene) Refusal() *page.Fault {
	switch {
	case s.trouble.status == 0:
		return nil
	case s.trouble.says != "":
		return &page.Fault{Text: s.trouble.says}
	}
	first := slices.Sorted(maps.Keys(s.trouble.invalid))[0]
	return &page.Fault{Field: s.trouble.at + "-" + first, Text: s.T("error.fields", "n", len(s.trouble.invalid))}
}

// form is one form of the page, with its values, or what was typed into it.
func (s scene) form(at string, values url.Values, labels ...string) sheet {
	var form page.Form
	if s.Tried(at) {
		form = s.request.Form(nil, s.trouble.invalid)
	} else {
		if handed := s.request.QueryParam(evidenceField); handed != "" {
			values.Set(evidenceField, handed)
		}
		form = s.request.Form(values, nil)
	}
	return sheet{scene: s, Form: form.Named(labels...).At(at + "-"), At: at}
}

// sheet is one form of a page with all that its template needs.
type sheet struct {
	scene
	Form   page.Form
	At     string
	Action string // where it is sent, for one of several on a page
	back   string // the page of the form, to come back to with a file
}

// Blocked is what stands in the way of this form.
func (s sheet) Blocked() string { return s.scene.Blocked(s.At) }

// to says where the form is sent.
func (s sheet) to(rest string) *sheet {
	s.Action = path(s.View.Community, s.View.Consultation, rest)
	return &s
}
