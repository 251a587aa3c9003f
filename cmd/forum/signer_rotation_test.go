package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/server/testkit"
)

// renewed is a village after a command at its signer, with one file more and sealed.
func (v *village) renewed(words string, flags ...string) (said string) {
	v.Helper()
	v.close()
	code, out := v.forum(append([]string{"signer", "--keys", filepath.Join(v.data, "signer")}, flags...)...)
	v.expect(code, out, 0, "")
	v.open()
	v.handIn(words)
	v.seal()
	v.must(v.s.NameSealers(v.Context()))
	v.must(v.s.NameSealers(v.Context())) // once is enough
	v.seal()
	return out
}

// The signer gets another key. Who knows the first one finds the second named in the
// log, sealed by both; what the first one signed holds for ever, and it signs no more.
func TestTheSignersKeyIsChanged(t *testing.T) {
	v := newVillage(t)
	first := v.s.Seals.Text
	v.must(v.s.NameSealers(t.Context()))
	v.seal()
	old, oldPolicy := v.given()
	code, out := v.independent(old, oldPolicy)
	v.expect(code, out, 0, "All 3 entries")

	said := v.renewed("while both sign", "--add-key")
	_, second, found := strings.Cut(strings.TrimSpace(said), "log prefix HOST/l/ ")
	if !found {
		t.Fatalf("it said %q", said)
	}
	index := v.head().Size - 1
	if act := v.act(index); !strings.Contains(act, "log.sealers_named") || !strings.Contains(act, second) {
		t.Errorf("entry %d says %s", index, act)
	}
	both, _ := v.given()
	policy := filepath.Join(t.TempDir(), "policy")
	v.must(os.WriteFile(policy, []byte(first), 0o600))
	code, out = v.independent(both, policy)
	v.expect(code, out, 3, "by nobody whom the policy names") // the policy must be told of the key
	v.must(os.WriteFile(policy, []byte(first+"log prefix forum.example/l/ "+second+"\n"), 0o600))
	code, out = v.independent(both, policy)
	v.expect(code, out, 0, "All 5 entries", "1 checkpoints seen before are part of this log")

	said = v.renewed("the second signs alone", "--retire")
	v.expect(0, said, 0, "1 keys sign no more")
	code, out = v.independent(v.bundle(), policy)
	v.expect(code, out, 0, "All 7 entries", "1 checkpoints seen before are part of this log")
	if strings.Count(out, "Signed by the log") != 1 {
		t.Errorf("the retired key still signs:\n%s", out)
	}
	given := filepath.Join(t.TempDir(), "policy")
	v.must(os.WriteFile(given, []byte(v.s.Seals.Text), 0o600))
	code, out = v.forum("verify", "--data", v.data, "--signer", filepath.Join(v.data, "signer"), "--policy", given)
	v.expect(code, out, 0, "looked at 1 logs with 7 entries and 6 checkpoints") // by either key
}

// Killed at any fsync, no key is lost: one still signs, and all that ever signed is known.
func TestARetirementThatIsKilledGoesOn(t *testing.T) {
	if data := os.Getenv(childVillage); data != "" {
		v := &village{T: t, data: data, end: func() {}}
		if code, out := v.forum("signer", "--keys", filepath.Join(data, "signer"), "--add-key", "--retire"); code != 0 {
			t.Fatal(out)
		}
		return
	}
	strace, err := exec.LookPath("strace")
	if err != nil {
		testkit.Skip(t, "strace absent: make test installs it or says how")
	}
	v := newVillage(t)
	v.close()
	first, err := ledger.PublicKeys(filepath.Join(v.data, "signer"))
	v.must(err)
	killed := 0
	for k := 1; ; k++ {
		c := v.copied(t)
		c.close()
		if _, whole := c.killedAt(strace, k); whole {
			break
		}
		killed++
		keys := filepath.Join(c.data, "signer")
		known, err := ledger.PublicKeys(keys)
		if err != nil || !slices.Contains(known, first[0]) {
			t.Fatalf("killed at fsync %d, known are %v, %v", k, known, err)
		}
		code, out := c.forum("signer", "--keys", keys, "--retire")
		c.expect(code, out, 0, "sign no more")
		signing, err := ledger.ReadKeys(keys)
		if err != nil || len(signing) != 1 {
			t.Errorf("killed at fsync %d: %d keys sign, %v", k, len(signing), err)
		}
		c.open() // with a policy that knows what the first key signed
		c.handIn("afterwards")
		c.seal()
		policy := filepath.Join(t.TempDir(), "policy")
		c.must(os.WriteFile(policy, []byte(c.s.Seals.Text), 0o600))
		code, out = c.forum("verify", "--data", c.data, "--signer", keys, "--policy", policy)
		c.expect(code, out, 0, "looked at 1 logs")
		c.close()
	}
	t.Logf("%d kills", killed)
	if killed < 3 {
		t.Errorf("%d kills: too few to mean something", killed)
	}
}
