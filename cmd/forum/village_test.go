package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/consultations/evidence"
	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/consultations/vault"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/testkit"
)

// village is a forum with one community, as `forum serve` would keep it in a data
// folder: database, keys, evidence, and a signer that is asked.
type village struct {
	*testing.T
	data      string
	db        *database.DB
	s         *consultations.Service
	sealing   *ledger.Sealing
	fara      people.Actor
	community record.ID
	end       func()

	verifier, state string // see [village.independent]
	yesterday       string // a copy of the whole data folder
}

// newVillage founds the community, hands in one recording and seals the log.
func newVillage(t *testing.T) *village {
	t.Helper()
	v := &village{T: t, data: filepath.Join(t.TempDir(), "data"), end: func() {}}
	_, err := vault.Open(filepath.Join(v.data, "vault"))
	v.must(err)
	_, err = ledger.AddKey(filepath.Join(v.data, "signer"))
	v.must(err)
	v.open()
	p := people.Person{ID: record.NewID(), Kind: people.Account, Name: "Fara", Folded: "fara", Language: "es", Convener: true, CreatedAt: database.Now(), StakeholderGroup: "iplc"}
	v.must(v.db.Write.WithContext(t.Context()).Create(&p).Error)
	v.fara = people.Actor{Person: p}
	receipt, err := v.s.Found(t.Context(), v.by(), founding())
	v.must(err)
	v.community = receipt.ID
	v.handIn("what the assembly said")
	v.seal()
	return v
}

func founding() consultations.CommunityForm {
	return consultations.CommunityForm{Name: "Aldea inventada", Identifies: consultations.Indigenous, Languages: []string{"es"}}
}

func (v *village) must(err error) {
	v.Helper()
	if err != nil {
		v.Fatal(err)
	}
}

func (v *village) by() (call consultations.Call) {
	call.Actor = v.fara
	return call
}

// open starts what serves the data folder.
func (v *village) open() {
	v.Helper()
	db, err := database.Open(v.Context(), database.Config{Dir: v.data})
	v.must(err)
	v.must(db.Migrate(v.Context()))
	keys, err := vault.Read(filepath.Join(v.data, "vault"))
	v.must(err)
	store, err := evidence.New(filepath.Join(v.data, "evidence"), evidenceLimits())
	v.must(err)
	signer, err := ledger.NewSigner(filepath.Join(v.data, "signer"))
	v.must(err)
	seals, err := consultFlags{}.policy("http://forum.example", filepath.Join(v.data, "signer"))
	v.must(err)
	writer := record.NewWriter(record.WriterConfig{DB: db.Write, Lanes: 1, Now: database.Now})
	v.db = db
	v.s = &consultations.Service{Writer: writer, Read: db.Read, Vault: keys, Files: store, Now: database.Now, Host: "forum.example", Seals: seals}
	v.sealing = ledger.NewSealing(ledger.Sealing{
		DB: db.Write, Signer: signerHere{signer}, Policy: seals.Policy, Now: database.Now, Logger: slog.New(slog.DiscardHandler), Every: time.Hour,
	})
	v.end = func() { writer.Stop(); _ = signer.Close(); _ = db.Close() } // all is on disk
	v.Cleanup(func() { v.close() })
}

// again finds the people and the community of a folder that was made before.
func (v *village) again() {
	v.Helper()
	read := v.db.Read.WithContext(v.Context())
	var p people.Person
	v.must(read.Where("name = ?", "Fara").Take(&p).Error)
	v.fara = people.Actor{Person: p}
	heads, err := ledger.Heads(read)
	v.must(err)
	v.community = record.ID(heads[0].ID)
}

// close ends what serves the data folder, so that a command can work on it.
func (v *village) close() {
	v.end()
	v.end = func() {}
}

func (v *village) handIn(words string) evidence.Item {
	v.Helper()
	seat, err := v.s.SeatOf(v.Context(), v.fara, v.community)
	v.must(err)
	folder, err := v.s.Folder(v.Context(), seat)
	v.must(err)
	upload, err := folder.Take(strings.NewReader(words), 100)
	v.must(err)
	item, _, err := v.s.HandIn(v.Context(), v.by(), seat, upload)
	v.must(err)
	return item
}

func (v *village) seal() {
	v.Helper()
	v.must(v.sealing.SealAll(v.Context()))
}

func (v *village) head() ledger.Head {
	v.Helper()
	head, err := ledger.HeadOf(v.db.Read.WithContext(v.Context()), string(v.community))
	v.must(err)
	return head
}

// forum runs a command and returns its end with all that it printed.
func (v *village) forum(args ...string) (int, string) {
	v.Helper()
	var out bytes.Buffer
	code := run(v.Context(), args, &out, &out)
	return code, out.String()
}

// verify is `forum verify` with everything at hand.
func (v *village) verify() (int, string) {
	v.Helper()
	return v.forum("verify", "--data", v.data, "--signer", filepath.Join(v.data, "signer"))
}

// expect checks how a command ended and what it said.
func (v *village) expect(code int, out string, want int, says ...string) {
	v.Helper()
	for _, said := range says {
		if code != want || !strings.Contains(out, said) {
			v.Errorf("ended with %d, want %d and %q:\n%s", code, want, said, out)
		}
	}
}

// bundle writes what a community keeps for itself: the log as it is sealed.
func (v *village) bundle() (dir string) {
	v.Helper()
	type field struct {
		Slot  int    `json:"slot"`
		Name  string `json:"name"`
		Salt  []byte `json:"salt"`
		Value []byte `json:"value"`
	}
	read, head := v.db.Read.WithContext(v.Context()), v.head()
	key, err := v.s.Vault.Unwrap(head.Key)
	v.must(err)
	note, err := ledger.Note(read, head.ID, 0)
	v.must(err)
	checkpoint, err := ledger.Claimed(note)
	v.must(err)
	entries := v.entries(key, checkpoint.Size)
	dir, log := v.TempDir(), ""
	for _, e := range entries {
		line := struct {
			Index  int64                   `json:"index"`
			Slots  [ledger.Slots]tlog.Hash `json:"slots"`
			Fields []field                 `json:"fields"`
		}{Index: e.Index, Slots: e.Slots}
		for _, f := range e.Fields {
			line.Fields = append(line.Fields, field{f.Slot, f.Name, f.Salt, f.Value})
		}
		raw, err := json.Marshal(line)
		v.must(err)
		log += string(raw) + "\n"
	}
	for name, content := range map[string]string{"log.jsonl": log, "checkpoint": note, "policy": v.s.Seals.Text} {
		v.must(os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	return dir
}

// given are a bundle and the policy that came with it.
func (v *village) given() (bundle, policy string) {
	v.Helper()
	bundle = v.bundle()
	return bundle, filepath.Join(bundle, "policy")
}

// entries are those of the log, opened as far as they open: who owns the machine gives
// away whatever is there.
func (v *village) entries(key ledger.Sealer, size int64) (all []ledger.Entry) {
	v.Helper()
	read, id := v.db.Read.WithContext(v.Context()), string(v.community)
	var indexes []int64
	v.must(read.Raw("SELECT idx FROM ledger_entries WHERE idx < ? ORDER BY idx", size).Scan(&indexes).Error)
	for _, i := range indexes {
		found, err := ledger.Read(read, id, key, i, 1)
		v.must(err)
		all = append(all, found[0])
	}
	return all
}

// independent is the verifier that shares no code with the forum, as a community runs
// it on what it keeps, always with the same memory.
func (v *village) independent(bundle, policy string) (int, string) {
	v.Helper()
	if v.verifier == "" {
		v.verifier, v.state = filepath.Join(v.TempDir(), "verify"), filepath.Join(v.TempDir(), "state")
		build := exec.CommandContext(v.Context(), "go", "build", "-o", v.verifier, "./cmd/verify")
		build.Dir, build.Env = testkit.Root(v), append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
		if out, err := build.CombinedOutput(); err != nil {
			v.Fatalf("build: %v\n%s", err, out)
		}
	}
	cmd := exec.CommandContext(v.Context(), v.verifier, "log", bundle, "--policy", policy, "--state", v.state)
	out, err := cmd.CombinedOutput()
	if ended, is := errors.AsType[*exec.ExitError](err); is {
		return ended.ExitCode(), string(out)
	}
	v.must(err)
	return 0, string(out)
}
