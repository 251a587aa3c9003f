package main

import (
	"crypto/ed25519"
	"fmt"
	"strings"
	"testing"
)

// Of a log of 280 entries, of which 250 were signed last, a backup had held. What a
// community sees depends on what the log says and on what they have seen themselves.
func TestARestoredLogIsNeverCalledWhole(t *testing.T) {
	for name, c := range map[string]struct {
		held   int
		signed func(f *forge) string
		seen   int // by the community, of the log before
		code   int
		says   string
	}{
		"less than was signed":              {200, signedAt(250), 0, 5, "RESTORED. The log cannot be called whole"},
		"how much less":                     {200, signedAt(250), 0, 5, "Of what was signed then, 50 entries are lost"},
		"seen before, all there":            {200, signedAt(250), 150, 5, "50 entries are lost"},
		"seen before, and more than is":     {200, signedAt(250), 240, 5, "50 entries are lost"},
		"all that was signed":               {260, signedAt(250), 240, 0, "restored from a backup with 260 entries, and was the log"},
		"all of it, in words":               {250, signedAt(250), 250, 0, "Of what was signed then, 0 entries are lost"},
		"no signature remembered":           {200, nil, 0, 5, "at least 0 entries are lost"},
		"none, but the community remembers": {200, nil, 240, 5, "at least 40 entries are lost"},
		"more was signed than it says":      {200, signedAt(220), 240, 4, "FORK. "},
		"of another log": {200, func(*forge) string {
			g := newForge(7, 230)
			g.origin = host + strings.Repeat("0", 32)
			return g.checkpoint(230)
		}, 0, 4, "are not those of"},
		"signed by a stranger": {200, func(f *forge) string {
			stranger := newForge(1, 280)
			_, stranger.key, _ = ed25519.GenerateKey(nil)
			return stranger.checkpoint(250)
		}, 0, 3, "ALTERED. A signature stands twice, or is by nobody"},
		"no checkpoint": {200, func(*forge) string { return "nothing" }, 0, 3, "ALTERED. The checkpoint is not written"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newForge(1, 280)
			d := newDesk(t, f)
			if c.seen > 0 {
				d.bundle(f.lines()[:c.seen], f.checkpoint(c.seen))
				d.expect(0, "", "log", "bundle", "--policy", "policy", "--state", "state")
			}
			old, signed := f.origin, ""
			if c.signed != nil {
				signed = c.signed(f)
			}
			f.restore(c.held, signed)
			for range 30 {
				f.append()
			}
			d.bundle(f.lines(), f.checkpoint(len(f.entries)))
			for range 2 { // what was remembered of the log before is kept
				d.expect(c.code, c.says, "log", "bundle", "--policy", "policy", "--state", "state")
			}
			if c.code == 5 {
				d.expect(5, fmt.Sprintf("restored from a backup with %d entries, and was the log %s before", c.held, old), "log", "bundle", "--policy", "policy")
			}
		})
	}
}

func signedAt(n int) func(f *forge) string { return func(f *forge) string { return f.checkpoint(n) } }

// What was restored must be what was seen before, entry for entry.
func TestARestoreThatRewritesIsAFork(t *testing.T) {
	f, other := newForge(1, 280), newForge(1, 280)
	other.say(20, "Consentimos.")
	d := newDesk(t, f)
	d.bundle(f.lines()[:100], f.checkpoint(100))
	d.expect(0, "", "log", "bundle", "--policy", "policy", "--state", "state")
	other.restore(200, "")
	d.bundle(other.lines(), other.checkpoint(len(other.entries)))
	d.expect(4, "FORK. The log was restored, but the first 100 entries are not those of "+f.origin, "log", "bundle", "--policy", "policy", "--state", "state")
	d.expect(5, "at least 0 entries are lost", "log", "bundle", "--policy", "policy") // who has seen nothing cannot know
}

func TestARestorationIsAtItsPlace(t *testing.T) {
	f := newForge(1, 280)
	d := newDesk(t, f)
	f.restore(200, f.checkpoint(250))
	lines := f.lines()
	lines = append(lines[:199:199], lines[200:]...) // as if one less had been restored
	d.bundle(lines, f.checkpoint(200))
	d.expect(3, "ALTERED. Entry 199 says that 200 were restored before it", "log", "bundle", "--policy", "policy")
}

// It can happen twice.
func TestALogThatWasRestoredTwice(t *testing.T) {
	f := newForge(1, 280)
	d := newDesk(t, f)
	f.restore(200, f.checkpoint(250))
	for range 30 {
		f.append()
	}
	f.restore(220, f.checkpoint(225))
	f.append()
	d.bundle(f.lines(), f.checkpoint(len(f.entries)))
	for _, says := range []string{"50 entries are lost", "5 entries are lost"} {
		d.expect(5, "Of what was signed then, "+says, "log", "bundle", "--policy", "policy")
	}
	d.write("receipt", f.receipt(7, 1, 222))
	d.expect(0, "Entry 7 (the first is 0) of the log "+f.origin, "receipt", "receipt", "--policy", "policy")
	d.write("receipt", f.receipt(211, 1, 222))
	d.expect(0, "", "receipt", "receipt", "--policy", "policy")
}

// A receipt printed after a restore names the origin of its time, once, and any one
// changed character of it is refused too.
func TestAReceiptFromBeforeARestore(t *testing.T) {
	f := newForge(1, 280)
	d := newDesk(t, f)
	paper := f.receipt(123, 1, 250)
	f.restore(200, f.checkpoint(250))
	d.write("paper", paper)
	d.expect(0, "", "receipt", "paper", "--policy", "policy")
	text := f.receipt(123, 1, 201)
	d.write("again", text)
	d.expect(0, "These words are recorded", "receipt", "again", "--policy", "policy")
	p := parsePolicy(f.policy())
	at := strings.Index(text, "origin ")
	for i := at; i < at+len("origin "+f.past[0]); i++ {
		for _, changed := range []string{text[:i] + string(text[i]^1) + text[i+1:], text[:i] + text[i+1:]} {
			if end := attempt(func() string { return verifyReceipt(changed, "", p, "") }); end.code != altered {
				t.Errorf("with code %d and %q:\n%s", end.code, end.sentence, changed)
			}
		}
	}
	twice := strings.Replace(f.receipt(200, 0, 201), "\nname ", "\norigin "+f.origin+"\nname ", 1)
	d.write("twice", twice)
	d.expect(3, "not written as a receipt", "receipt", "twice", "--policy", "policy")
}
