package ledger_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
	"github.com/vcm-forum/forum/server/testkit"
)

// TestHardCase16SplitView: the community is shown one history and the proponent
// another of as many entries, both signed with the log's own key while no witness is
// near. Each alone is without a flaw. Whoever lays one beside the other has the proof
// in one step, without the log, without a line, with the program that shares nothing
// with the forum; cmd/verify tries it for every pair of entries.
func TestHardCase16SplitView(t *testing.T) {
	program := verifier(t)
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, sealer, dir := newCircle(t, db, 0), newSealer(t), t.TempDir()
		newLog(t, db, village)
		dropTriggers(t, db)
		read := db.Read.WithContext(t.Context())
		fill(t, db, village, sealer, 5)
		must(t, c.Seal(t.Context(), village))
		before, err := ledger.Note(read, village, 0)
		must(t, err)
		for name := range c.witnesses {
			c.witnesses[name] = unreachable{}
		}
		must(t, os.WriteFile(filepath.Join(dir, "policy"), []byte(c.text), 0o600))
		verify := func(args ...string) (int, string) {
			run := exec.CommandContext(t.Context(), program, args...)
			run.Dir = dir
			out, err := run.CombinedOutput()
			if run.ProcessState == nil {
				t.Fatal(err)
			}
			return run.ProcessState.ExitCode(), string(out)
		}

		shown := map[string]ledger.Checkpoint{}
		for _, party := range []string{"community", "proponent"} {
			rewind(t, db, 5)
			forget(t, c.hand, before)
			fill(t, db, village, sealer, 4)
			if err := c.Seal(t.Context(), village); errors.Is(err, ledger.ErrFork) {
				t.Fatalf("the signer remembers: %v", err)
			}
			receipt, err := ledger.MakeReceipt(read, village, sealer, 7, 3, c.policy)
			must(t, err)
			_, sealed, err := c.policy.CheckReceipt(receipt.Text())
			must(t, err)
			shown[party] = sealed.Checkpoint
			_, proof, _ := strings.Cut(receipt.Text(), "\n\n")
			must(t, os.WriteFile(filepath.Join(dir, party+".receipt"), []byte(receipt.Text()), 0o600))
			must(t, os.WriteFile(filepath.Join(dir, party+".tlog-proof"), []byte(proof), 0o600))
			if code, said := verify("receipt", party+".receipt", "--policy", "policy"); code != 0 {
				t.Errorf("the %s's own: %d %s", party, code, said)
			}
			if code, said := verify("compare", party+".receipt", party+".tlog-proof", "--policy", "policy"); code != 0 || !strings.Contains(said, "Both were told the same") {
				t.Errorf("the %s's with itself: %d %s", party, code, said)
			}
		}

		if shown["community"].Size != 9 || shown["proponent"].Size != 9 {
			t.Fatalf("they were shown %+v", shown)
		}
		if err := ledger.Compare(read, village, shown["community"]); !errors.Is(err, ledger.ErrFork) {
			t.Errorf("the log beside what the community has kept: %v", err)
		}
		for _, pair := range [][2]string{{"community.tlog-proof", "proponent.tlog-proof"}, {"proponent.tlog-proof", "community.tlog-proof"}, {"community.receipt", "proponent.tlog-proof"}} {
			code, said := verify("compare", pair[0], pair[1], "--policy", "policy")
			if code != 4 || !strings.Contains(said, "FORK. The log "+shown["community"].Origin+" showed two histories of 9 entries") ||
				!strings.Contains(said, shown["community"].Root.String()) || !strings.Contains(said, shown["proponent"].Root.String()) {
				t.Errorf("%v: %d %s", pair, code, said)
			}
		}
	})
}

// verifier builds the independent verifier, of which nothing may be imported.
func verifier(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "verify")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", path, "./cmd/verify")
	build.Dir = testkit.Root(t)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the verifier: %v\n%s", err, out)
	}
	return path
}
