package main

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/server/database"
)

// plain is a sealer that hides nothing, where hiding is not what is tested.
type plain struct{}

func (plain) Seal(words []byte, _ ...string) []byte           { return words }
func (plain) Open(sealed []byte, _ ...string) ([]byte, error) { return sealed, nil }

// signerHere asks a signer of this process.
type signerHere struct{ *ledger.Signer }

func (s signerHere) AddCheckpoint(_ context.Context, body string) (ledger.Answer, error) {
	return s.Signer.AddCheckpoint(body), nil
}

func TestVerifyEndsWithWhatItFound(t *testing.T) {
	data, keys := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "keys")
	policy := filepath.Join(t.TempDir(), "policy")
	public, err := ledger.AddKey(keys)
	if err != nil {
		t.Fatal(err)
	}
	rules := "log prefix forum.example/l/ " + public + "\nquorum 0\n"
	if err := os.WriteFile(policy, []byte(rules), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, complaints bytes.Buffer
	verify := func(more ...string) int {
		out.Reset()
		complaints.Reset()
		return run(t.Context(), append([]string{"verify", "--data", data}, more...), &out, &complaints)
	}
	if code := verify(); code != 1 {
		t.Errorf("without a forum: %d %s", code, &complaints)
	}
	db := sealedLog(t, data, keys, rules)
	all := []string{"--policy", policy, "--signer", keys}
	for _, step := range []struct {
		what   string
		change []string
		args   []string
		code   int
		said   string
	}{
		{"as it was written", nil, all, 0, "looked at 1 logs with 3 entries and 1 checkpoints"},
		{"with nothing at hand", nil, nil, 0, "not verified: the signatures of checkpoints"},
		{"with a policy that is not there", nil, []string{"--policy", policy + "x"}, 1, ""},
		{"with a signer that is not there", nil, []string{"--signer", data}, 1, ""},
		{"cut short", []string{
			"DELETE FROM ledger_checkpoints", "DELETE FROM ledger_fields WHERE idx > 0", "DELETE FROM ledger_entries WHERE idx > 0",
			"UPDATE ledger_logs SET size = 1, frontier = (SELECT hashes FROM ledger_entries)",
		}, all, 4, "fork: log village, its size: expected 3 entries, signed as the signer remembers, found 1"},
		{"edited", []string{"UPDATE ledger_entries SET slots = zeroblob(256)"}, all, 3, "altered: log village, hash of entry 0 at level 0"},
	} {
		for _, s := range step.change {
			if err := db.Write.WithContext(t.Context()).Exec(s).Error; err != nil {
				t.Fatalf("%s: %v", s, err)
			}
		}
		if code := verify(step.args...); code != step.code || !strings.Contains(out.String(), step.said) {
			t.Errorf("%s: %d, want %d and %q\n%s%s", step.what, code, step.code, step.said, &out, &complaints)
		}
	}
}

// sealedLog makes a forum with a sealed log of three entries whose guards are gone.
func sealedLog(t *testing.T, data, keys, rules string) *database.DB {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	db, err := database.Open(t.Context(), database.Config{Dir: data})
	must(err)
	t.Cleanup(func() { _ = db.Close() }) // nothing depends on it
	must(db.Migrate(t.Context()))
	write := db.Write.WithContext(t.Context())
	must(ledger.Create(write, "village", ledger.NewOrigin("forum.example"), nil))
	for range 3 {
		must(write.Transaction(func(tx *gorm.DB) error {
			_, err := ledger.Append(tx, "village", plain{}, []ledger.Field{{Name: ledger.Act, Value: []byte("{}")}})
			return err
		}))
	}
	signer, err := ledger.NewSigner(keys)
	must(err)
	t.Cleanup(func() { _ = signer.Close() }) // nothing depends on it
	policy, err := ledger.ParsePolicy(rules)
	must(err)
	must(ledger.NewSealing(ledger.Sealing{
		DB: db.Write, Signer: signerHere{signer}, Policy: policy, Now: database.Now, Logger: slog.New(slog.DiscardHandler), Every: time.Hour,
	}).Seal(t.Context(), "village"))
	for _, guard := range []string{"entries_no_update", "entries_no_delete", "fields_no_delete", "logs_only_grow"} {
		must(write.Exec("DROP TRIGGER ledger_" + guard).Error)
	}
	return db
}
