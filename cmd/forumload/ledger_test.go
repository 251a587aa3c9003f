package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTheLedgerFindsWhatIsBroken(t *testing.T) {
	one, two := receipt{"r", 1, 1, "a"}, receipt{"r", 1, 2, "b"}
	type verdict struct{ Acked, Lost, Doubled int }
	for name, row := range map[string]struct {
		acked [][2]receipt // an answer, and the answer to its repetition
		told  []string
		want  verdict
	}{
		"everything was told once":               {[][2]receipt{{one, one}, {two, two}}, []string{"a", "b"}, verdict{2, 0, 0}},
		"one was never told":                     {[][2]receipt{{one, one}, {two, two}}, []string{"a"}, verdict{2, 1, 0}},
		"one was told twice":                     {[][2]receipt{{one, one}}, []string{"a", "a"}, verdict{1, 0, 1}},
		"a repetition got another answer":        {[][2]receipt{{one, two}}, []string{"a"}, verdict{1, 0, 1}},
		"two got the same number":                {[][2]receipt{{one, one}, {receipt{"r", 1, 1, "b"}, receipt{"r", 1, 1, "b"}}}, []string{"a", "b"}, verdict{1, 0, 1}},
		"somebody else spoke, which is no wrong": {[][2]receipt{{one, one}}, []string{"a", "c"}, verdict{1, 0, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLedger(1)
			for _, pair := range row.acked {
				l.acknowledge(pair[0], pair[1])
			}
			for _, id := range row.told {
				l.tell(10, id)
			}
			var got verdict
			got.Acked, got.Lost, got.Doubled = l.verdict()
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("verdict (-want +got):\n%s", diff)
			}
		})
	}
}

func TestALineIsHeardWhenEverybodyHasHeardIt(t *testing.T) {
	l := newLedger(3)
	heard := l.await(7)
	for range 2 {
		l.hear(7)
	}
	select {
	case <-heard:
		t.Fatal("heard by all, with two of three listeners")
	default:
	}
	l.hear(7)
	<-heard
	<-l.await(7)
	if first, last := l.times(7); first.IsZero() || last.Before(first) {
		t.Errorf("times = %v, %v", first, last)
	}
}

func TestLineNumber(t *testing.T) {
	for line, want := range map[string]int64{`{"seq":12,"verb":"x"}`: 12, `{"seq":7}`: 7, `{"now":5}`: 0, `{"seq":"7"}`: 0, ``: 0} {
		if got, ok := lineNumber([]byte(line)); got != want || ok != (want > 0) {
			t.Errorf("lineNumber(%s) = %d, %v, want %d", line, got, ok, want)
		}
	}
}

func TestWrongUse(t *testing.T) {
	for name, args := range map[string][]string{"without a code": {}, "with an unknown flag": {"--code", "X", "--quick"}} {
		t.Run(name, func(t *testing.T) {
			var out, errs bytes.Buffer
			if code := run(t.Context(), args, strings.NewReader(""), &out, &errs); code != 2 || errs.Len() == 0 {
				t.Errorf("run = %d, %q", code, errs.String())
			}
		})
	}
}
