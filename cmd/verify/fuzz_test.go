package main

import (
	"strings"
	"testing"
)

func FuzzReceipt(fuzz *testing.F) {
	f := newForge(1, 20)
	p := parsePolicy(f.policy())
	seed := f.receipt(7, 1, 20)
	fuzz.Add(seed)
	fuzz.Add(seed[:200])
	fuzz.Fuzz(func(t *testing.T, text string) {
		end := attempt(func() string { return verifyReceipt(text, "", p, "") })
		if text != seed && end.code != altered {
			t.Errorf("%d: %s", end.code, end.sentence)
		}
	})
}

func FuzzCheckpointAndEntry(fuzz *testing.F) {
	f := newForge(1, 4)
	p := parsePolicy(f.policy())
	fuzz.Add(f.checkpoint(4))
	fuzz.Add(f.lines()[1])
	fuzz.Add(f.lines()[3])
	fuzz.Fuzz(func(t *testing.T, text string) {
		if end := attempt(func() string { return p.open(lastNote.FindString(text)).Origin }); end.code == 0 && !strings.HasSuffix(text, f.checkpoint(4)) {
			t.Errorf("%q was believed", text)
		}
		attempt(func() string { return (*policy)(nil).open(lastNote.FindString(text)).Origin })
		attempt(func() string { return leafOf(text, f.origin, 1).String() })
	})
}

func FuzzPolicy(fuzz *testing.F) {
	fuzz.Add(newForge(1, 0).policy())
	fuzz.Fuzz(func(t *testing.T, text string) {
		if end := attempt(func() string { parsePolicy(text); return "" }); end.code != 0 && end.code != unread {
			t.Errorf("%d: %s", end.code, end.sentence)
		}
	})
}
