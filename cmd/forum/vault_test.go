package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/consultations/vault"
	"github.com/vcm-forum/forum/server/testkit"
)

// opens counts the communities' keys that a folder opens.
func (v *village) opens(dir string) (n int) {
	v.Helper()
	keys, err := vault.Read(dir)
	v.must(err)
	heads, err := ledger.Heads(v.db.Read.WithContext(v.Context()))
	v.must(err)
	for _, head := range heads {
		if _, err := keys.Unwrap(head.Key); err == nil {
			n++
		}
	}
	return n
}

// more makes communities that have a key and nothing else.
func (v *village) more(n int) {
	v.Helper()
	for i := range n {
		wrapped, _, err := v.s.Vault.NewKey()
		v.must(err)
		v.must(ledger.Create(v.db.Write.WithContext(v.Context()), fmt.Sprintf("community-%02d", i), ledger.NewOrigin("forum.example"), wrapped))
	}
}

// A stolen copy of the keys opens nothing of what is wrapped after the rotation, and
// the forum that runs meanwhile notices.
func TestKeysRotateWhileTheForumRuns(t *testing.T) {
	v := newVillage(t)
	v.more(3)
	dir, stolen := filepath.Join(v.data, "vault"), filepath.Join(t.TempDir(), "stolen")
	copyTree(t, dir, stolen)
	code, out := v.forum("vault", "--data", v.data)
	v.expect(code, out, 0, "4 keys of communities, 0 of them wrapped for an older key")
	code, out = v.forum("vault", "--data", v.data, "--rotate")
	v.expect(code, out, 0, "made a new key of the server", "wrapped 4 keys of communities", "4 keys of communities, 0 of them")
	if n := v.opens(stolen); n != 0 {
		t.Errorf("the copy from before opens %d keys", n)
	}
	v.handIn("said after the rotation") // with the service that was there before
	receipt, err := v.s.Found(t.Context(), v.by(), founding())
	v.must(err)
	if n := v.opens(dir); n != 5 {
		t.Errorf("the folder opens %d of 5 keys, the newest %s", n, receipt.ID)
	}
	v.seal()
	code, out = v.verify()
	v.expect(code, out, 0, "2 files of evidence are what was handed in")
	code, out = v.forum("vault", "--data", v.data, "--drop-old")
	v.expect(code, out, 0, "took 1 older keys out")
	if n := v.opens(dir); n != 5 {
		t.Errorf("without the old key the folder opens %d of 5", n)
	}
	code, out = v.verify()
	v.expect(code, out, 0, "2 files of evidence are what was handed in")
}

// A key that is still needed is not dropped.
func TestAKeyThatIsNeededIsNotDropped(t *testing.T) {
	v := newVillage(t)
	v.must(vault.Rotate(filepath.Join(v.data, "vault"))) // as a rotation that was killed leaves it
	code, out := v.forum("vault", "--data", v.data, "--drop-old")
	v.expect(code, out, 1, "1 of them wrapped for an older key", "rotate first")
	code, out = v.forum("vault", "--data", v.data, "--rotate", "--drop-old")
	v.expect(code, out, 0, "wrapped 1 keys", "took 1 older keys out")
}

// A rotation is killed at one fsync after the other: every key opens at every moment,
// and the rotation goes on where it stood, with the one new key that it had made.
func TestARotationThatIsKilledGoesOn(t *testing.T) {
	if data := os.Getenv(childVillage); data != "" {
		v := &village{T: t, data: data, end: func() {}}
		if code, out := v.forum("vault", "--data", data, "--rotate"); code != 0 {
			t.Fatal(out)
		}
		return
	}
	strace, err := exec.LookPath("strace")
	if err != nil {
		testkit.Skip(t, "strace absent: make test installs it or says how")
	}
	v := newVillage(t)
	v.more(9)
	v.close()
	killed, halfway := 0, 0
	for k := 1; ; k++ {
		c := v.copied(t)
		c.close()
		if _, whole := c.killedAt(strace, k); whole {
			break
		}
		killed++
		c.open()
		dir := filepath.Join(c.data, "vault")
		if n := c.opens(dir); n != 10 {
			t.Fatalf("killed at fsync %d, %d of 10 keys open", k, n)
		}
		_, out := c.forum("vault", "--data", c.data)
		var of, waiting int
		_, _ = fmt.Sscanf(out, "%d keys of communities, %d of them", &of, &waiting) // what is not said is 0
		if waiting > 0 && waiting < 10 {
			halfway++
		}
		code, out := c.forum("vault", "--data", c.data, "--rotate", "--drop-old")
		c.expect(code, out, 0, "10 keys of communities, 0 of them")
		if waiting > 0 {
			c.expect(code, out, 0, fmt.Sprintf("wrapped %d keys", waiting), "took 1 older keys out")
		}
		if n := c.opens(dir); n != 10 {
			t.Fatalf("after a kill at fsync %d and a whole rotation %d of 10 keys open", k, n)
		}
		c.close()
		if t.Failed() {
			t.Fatalf("killed at fsync %d", k)
		}
	}
	t.Logf("%d kills, %d of them halfway", killed, halfway)
	if killed < 5 || halfway == 0 {
		t.Errorf("%d kills, %d of them halfway: too few to mean something", killed, halfway)
	}
}
