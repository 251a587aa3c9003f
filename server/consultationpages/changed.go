package consultationpages

import (
	"slices"
	"strings"
)

// piece is a stretch of lines that stayed, were added or were taken away.
type piece struct {
	Text           string
	Added, Removed bool
}

// changed compares a version with the one before, line by line. Nobody has to
// look for what was slipped in.
func (s scene) changed() []piece {
	if s.Version < 2 || s.View.Proposal == nil {
		return nil
	}
	before, ok := s.Seat.See(s.talk, s.Version-1)
	if !ok || before.Proposal == nil {
		return nil
	}
	lines := func(title, summary, answers string, parts []string) []string {
		return strings.Split(strings.Join(append([]string{title, summary, answers}, parts...), "\n"), "\n")
	}
	var old, now []string
	for _, a := range before.Aspects {
		old = append(old, a.Title)
	}
	for _, a := range s.View.Aspects {
		now = append(now, a.Title)
	}
	a, b := before.Proposal, s.View.Proposal
	return compare(lines(a.Title, a.Summary, a.Answers, old), lines(b.Title, b.Summary, b.Answers, now))
}

// mostCompared bounds the table of a comparison: beyond it everything counts as new.
const mostCompared = 1000

// compare finds the longest common subsequence of lines and says of every line
// whether it stayed.
func compare(a, b []string) []piece {
	if len(a) > mostCompared || len(b) > mostCompared {
		return []piece{{Text: strings.Join(a, "\n"), Removed: true}, {Text: strings.Join(b, "\n"), Added: true}}
	}
	longest := make([][]int, len(a)+1)
	for i := range longest {
		longest[i] = make([]int, len(b)+1)
	}
	for i, line := range slices.Backward(a) {
		for j, other := range slices.Backward(b) {
			longest[i][j] = max(longest[i+1][j], longest[i][j+1])
			if line == other {
				longest[i][j] = longest[i+1][j+1] + 1
			}
		}
	}
	var out []piece
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			out = append(out, piece{Text: a[i]})
			i, j = i+1, j+1
		case j == len(b) || (i < len(a) && longest[i+1][j] >= longest[i][j+1]):
			out = append(out, piece{Text: a[i], Removed: true})
			i++
		default:
			out = append(out, piece{Text: b[j], Added: true})
			j++
		}
	}
	return out
}
