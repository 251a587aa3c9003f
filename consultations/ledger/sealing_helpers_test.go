package ledger_test

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/server/database"
)

// direct asks a signer without HTTP, which server/sealing tests.
type direct struct{ *ledger.Signer }

func (d direct) AddCheckpoint(_ context.Context, body string) (ledger.Answer, error) {
	return d.Signer.AddCheckpoint(body), nil
}

// unreachable is a witness that is not there.
type unreachable struct{}

func (unreachable) AddCheckpoint(context.Context, string) (ledger.Answer, error) {
	return ledger.Answer{}, fmt.Errorf("no route to host")
}

// noon is the time of every test here.
func noon() time.Time { return time.Date(2040, 5, 6, 12, 0, 0, 0, time.UTC) }

// hand is a signer with its folder.
type hand struct {
	*ledger.Signer
	dir    string
	public string
}

func newHand(t testing.TB) hand {
	t.Helper()
	dir := t.TempDir()
	public, err := ledger.AddKey(dir)
	must(t, err)
	return openHand(t, dir, public)
}

func openHand(t testing.TB, dir, public string) hand {
	t.Helper()
	s, err := ledger.NewSigner(dir)
	must(t, err)
	t.Cleanup(func() { _ = s.Close() }) // some tests have closed it
	return hand{s, dir, public}
}

// circle is a signer, two witnesses and the policy that knows them.
type circle struct {
	hand
	*ledger.Sealing
	policy    *ledger.Policy
	text      string // of the policy
	witnesses map[string]ledger.Asker
}

func newCircle(t testing.TB, db *database.DB, quorum int) *circle {
	t.Helper()
	c := &circle{hand: newHand(t), witnesses: map[string]ledger.Asker{}}
	logs := "log prefix forum.example/l/ " + c.public + "\n"
	c.text = logs
	for _, name := range []string{"ombuds.example/w", "federation.example/w"} {
		_, key, err := ed25519.GenerateKey(nil)
		must(t, err)
		memory, err := ledger.OpenMemory(t.TempDir())
		must(t, err)
		policy, err := ledger.ParsePolicy(logs + "quorum 0\n")
		must(t, err)
		w := ledger.NewWitness(memory, name, key, policy, noon)
		t.Cleanup(func() { _ = w.Close() }) // nothing depends on it
		c.witnesses[name] = direct{w}
		c.text += "witness " + ledger.WitnessKey(name, key) + " https://" + name + "\n"
	}
	c.text += fmt.Sprintf("quorum %d\n", quorum)
	var err error
	c.policy, err = ledger.ParsePolicy(c.text)
	must(t, err)
	c.Sealing = ledger.NewSealing(ledger.Sealing{
		DB: db.Write, Signer: direct{c.hand.Signer}, Policy: c.policy, Now: noon, Logger: slog.New(slog.DiscardHandler), Every: time.Hour,
		Ask: func(w ledger.PolicyWitness) ledger.Asker { return c.witnesses[w.Name()] },
	})
	return c
}

// tree is a log outside the database, for what no honest program would write.
type tree struct {
	origin string
	stored []tlog.Hash
	size   int64
}

func (r *tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var found []tlog.Hash
	for _, i := range indexes {
		found = append(found, r.stored[i])
	}
	return found, nil
}

func (r *tree) add(t testing.TB, records ...string) {
	t.Helper()
	for _, record := range records {
		hashes, err := tlog.StoredHashes(r.size, []byte(record), r)
		must(t, err)
		r.stored, r.size = append(r.stored, hashes...), r.size+1
	}
}

func (r *tree) at(t testing.TB, size int64) ledger.Checkpoint {
	t.Helper()
	root, err := tlog.TreeHash(size, r)
	must(t, err)
	return ledger.Checkpoint{Origin: r.origin, Size: size, Root: root}
}

// ask is a request for a checkpoint of the tree that nobody has signed.
func (r *tree) ask(t testing.TB, old, size int64) string {
	t.Helper()
	var proof tlog.TreeProof
	if old > 0 && old < size {
		var err error
		proof, err = tlog.ProveTree(size, old, r)
		must(t, err)
	}
	return ledger.Ask(old, proof, r.at(t, size).Text()+"\n")
}

func newTree(t testing.TB, records string) *tree {
	t.Helper()
	r := &tree{origin: "forum.example/l/" + strings.Repeat("0a", 16)}
	r.add(t, strings.Split(records, "")...)
	return r
}
