package consultationpages

import (
	"slices"
	"strings"

	"github.com/vcm-forum/forum/consultations"
)

// place is one state in the drawing of the machine, with the steps that lead out of it.
type place struct {
	Name  string
	Picto string
	Here  string // parts that stand there now
	Steps []arrow
}

// arrow is one step: what happens, who takes it, where it leads, what must hold.
type arrow struct{ Name, By, To, After string }

// machine draws the rows by which the pages and the actions decide. There is no
// drawing beside them that could say something else.
func (s scene) machine() []place {
	var out []place
	for _, state := range consultations.States() {
		one := place{Name: s.StateName(state), Picto: s.StatePicto(state)}
		for _, row := range consultations.Machine() {
			if slices.Contains(row.From, state) {
				one.Steps = append(one.Steps, s.arrow(row))
			}
		}
		if here := s.partsIn(state); len(here) > 0 {
			one.Here = s.T("consultation.machine.here", "parts", s.P.List(here))
		}
		if len(one.Steps) > 0 || one.Here != "" {
			out = append(out, one)
		}
	}
	return out
}

// i18n: consultation.state.* consultation.move.* consultation.side.* consultation.needs.*
func (s scene) arrow(row consultations.Step) arrow {
	var by, after []string
	for _, side := range row.By {
		by = append(by, s.T("consultation.side."+string(side)))
	}
	for _, g := range row.Guards {
		after = append(after, s.T("consultation.needs."+string(g)))
	}
	return arrow{
		Name: s.T("consultation.move." + string(row.Move)), By: strings.Join(by, " · "), To: s.StateName(row.To), After: s.P.List(after),
	}
}

func (s scene) partsIn(state consultations.State) (names []string) {
	for _, a := range s.View.Aspects {
		if a.State == state {
			names = append(names, s.PartName(a.ID))
		}
	}
	return names
}
