package consultationpages

import (
	"strconv"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/server/page"
)

// chosen marks the choices of a field that were made before.
func (s sheet) chosen(field string, options []page.Option) []page.Option {
	for i := range options {
		options[i].Chosen = s.Form.Has(field, options[i].Value)
	}
	return options
}

// PartChoices are the parts of the proposal.
func (s sheet) PartChoices() []page.Option {
	var out []page.Option
	for _, a := range s.View.Aspects {
		out = append(out, page.Option{Value: string(a.ID), Label: s.PartName(a.ID)})
	}
	return s.chosen("aspects", out)
}

// FormChoices are the ways to give one's word that the protocol takes, other than
// by an account of one's own.
func (s sheet) FormChoices() []page.Option {
	rules := s.Seat.Community.ProtocolVersion(s.talk.Pinned(s.Version)).Rules
	var forms []consultations.Form
	for _, f := range consultations.Forms() {
		if f != consultations.ByAccount && rules.Accepts(f) {
			forms = append(forms, f)
		}
	}
	return s.chosen("form", page.Options(s.Words, "consult.form.", forms))
}

// Vias are the ways by which another's word comes.
func (s sheet) Vias() []page.Option {
	return s.chosen("via", page.Options(s.Words, "consult.via.", consultations.Vias()))
}

// Witnesses are the two fields for those who were there.
func (s sheet) Witnesses() []page.Field {
	var out []page.Field
	for n := range 2 {
		f := page.Field{Words: s.Words, ID: s.At + "-witness-" + strconv.Itoa(n+1), Label: s.T("consultation.nth_witness", "number", n+1)}
		if typed := s.Form.Values["witnesses"]; n < len(typed) {
			f.Value = typed[n]
		}
		out = append(out, f)
	}
	return out
}
