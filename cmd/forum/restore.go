package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gorm.io/gorm"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/consultations/evidence"
	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/consultations/vault"
	"github.com/vcm-forum/forum/server/backup"
	"github.com/vcm-forum/forum/server/database"
)

// restoreCommand is `forum restore`.
type restoreCommand struct {
	shared
	From           string `help:"Folder of the backup." required:"" placeholder:"DIR" type:"path"`
	Vault          string `help:"Folder of the keys of consultations, whose copy must lie there before; without it, vault in the data folder." env:"FORUM_VAULT" type:"path"`
	Evidence       string `help:"Folder for the files of evidence; without it, evidence in the data folder." env:"FORUM_EVIDENCE" type:"path"`
	Signer         string `help:"Folder of the signer's keys and memory, or a copy of it; without it, signer in the data folder." env:"FORUM_SIGNER_KEYS" type:"path"`
	SealPolicy     string `help:"File that says whose signatures count; without it the keys in the signer's folder." env:"FORUM_SEAL_POLICY" type:"path"`
	SignerLost     bool   `help:"The signer's memory is lost: go on without it. Every log then says for ever that nobody knows what had been signed."`
	DespiteMissing bool   `help:"Restore although files are missing of which records speak."`
}

// Run makes a forum from a backup. Logins are restored with it: who was signed
// in is signed in again. Records of consultations are restored only if they are
// whole, and say from then on that they were.
func (c *restoreCommand) Run(p *program) (err error) {
	db, err := database.Open(p.ctx, database.Config{URL: c.Database, Dir: c.Data, Logger: c.logger(p.err)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	m, err := backup.Restore(p.ctx, backup.Target{
		DB: db, Evidence: c.folders().evidenceOf(c.Data),
		Finish: func(tx *gorm.DB, m backup.Manifest) error { return c.records(p, tx, m) },
	}, c.From)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "restored %d rows of %d tables and %d files of evidence, as of %s; every room begins a new epoch\n",
		m.Rows(), len(m.Tables), len(m.Evidence), m.TakenAt.Format("2006-01-02 15:04:05 UTC"))
	printRooms(p, m)
	return nil
}

func (c *restoreCommand) folders() consultFlags {
	return consultFlags{Vault: c.Vault, Evidence: c.Evidence, SealPolicy: c.SealPolicy}
}

// sayable is the version of the database from which on a log can go on under another name.
const sayable = 12

// records looks at the communities' records, refuses what does not fit, and has
// every log say that it was restored.
func (c *restoreCommand) records(p *program, tx *gorm.DB, m backup.Manifest) error {
	if m.RowsOf("ledger_logs") == 0 {
		return nil
	}
	if m.Migration < sayable {
		return fmt.Errorf("records of consultations in a backup of version %d cannot say that they were restored: restore it with the program that made it, and update that", m.Migration)
	}
	keys, err := vault.Read(c.folders().vaultOf(c.Data))
	if errors.Is(err, vault.ErrNone) {
		return fmt.Errorf("the backup holds records of consultations, which nobody can read without their keys: put the copy of the vault there first: %w", err)
	}
	if err != nil {
		return err
	}
	records, err := consultations.RecordsIn(tx, keys)
	if err != nil {
		return err
	}
	memory, err := c.memory()
	if err != nil {
		return err
	}
	if err := c.whole(p, records); err != nil {
		return err
	}
	if err := c.missing(p, records); err != nil {
		return err
	}
	signed := func(origin string) (string, error) { return "", nil }
	if memory != nil {
		signed = memory.Signed
	}
	return c.goOn(p, records, signed)
}

// memory is what the signer remembers; nil where that is lost. It is never taken for
// lost unasked: whoever forgets what was signed forgets what is missing.
func (c *restoreCommand) memory() (*ledger.Memory, error) {
	folder := filepath.Join(c.signer(), "memory")
	switch _, err := os.Stat(folder); {
	case err == nil && c.SignerLost:
		return nil, fmt.Errorf("the signer's memory is not lost, it is in %s", folder)
	case err == nil:
		memory := ledger.ReadMemory(folder)
		return &memory, nil
	case c.SignerLost:
		return nil, nil
	}
	return nil, fmt.Errorf("the signer's memory, which tells what was signed after the backup, is not in %s: put the copy of the signer's folder there, "+
		"name it by --signer, or say --signer-lost", c.signer())
}

func (c *restoreCommand) signer() string {
	if c.Signer != "" {
		return c.Signer
	}
	return filepath.Join(c.Data, "signer")
}

// whole verifies every log as it was in the backup.
func (c *restoreCommand) whole(p *program, records consultations.Records) error {
	policy, err := c.policy(records.Logs)
	if err != nil {
		return err
	}
	report, err := ledger.VerifyIn(records.DB, ledger.Verifying{
		Open: func(h ledger.Head) (ledger.Sealer, error) { return records.Keys.Unwrap(h.Key) }, Policy: policy,
	})
	if err != nil {
		return err
	}
	for _, f := range report.Findings {
		fmt.Fprintln(p.out, f)
	}
	if worst := report.Worst(); worst == ledger.Altered || worst == ledger.Fork {
		return errors.New("the backup's records of consultations are not what was recorded and signed; nothing was restored")
	}
	return nil
}

// policy is the one that was given, or one by which the signer's keys count, for the
// hosts of the logs.
func (c *restoreCommand) policy(logs []ledger.Head) (*ledger.Policy, error) {
	public, err := ledger.PublicKeys(c.signer())
	switch {
	case c.SealPolicy != "":
		seals, err := c.folders().policy("", "")
		return seals.Policy, err
	case errors.Is(err, ledger.ErrNoKeys):
		return nil, nil
	case err != nil:
		return nil, err
	}
	lines := []string{"quorum 0"}
	for _, log := range logs {
		host, _, _ := strings.Cut(log.Origin, "/l/")
		for _, key := range public {
			lines = append(lines, fmt.Sprintf("log prefix %s/l/ %s", host, key))
		}
	}
	slices.Sort(lines)
	seals, err := sealsBy(strings.Join(slices.Compact(lines), "\n") + "\n")
	return seals.Policy, err
}

// missing reads every file of evidence.
func (c *restoreCommand) missing(p *program, records consultations.Records) error {
	_, missing, err := records.Missing(evidence.Read(c.folders().evidenceOf(c.Data)))
	if err != nil {
		return err
	}
	for _, f := range missing {
		fmt.Fprintln(p.out, f.Finding())
	}
	if len(missing) > 0 && !c.DespiteMissing {
		return fmt.Errorf("%d files of evidence are missing or are not what was handed in; nothing was restored (--despite-missing restores the rest)", len(missing))
	}
	return nil
}

// goOn has the logs go on, and says what is lost of them.
func (c *restoreCommand) goOn(p *program, records consultations.Records, signed func(string) (string, error)) error {
	if err := records.GoOn(signed); err != nil {
		return err
	}
	report, err := ledger.VerifyIn(records.DB, ledger.Verifying{})
	if err != nil {
		return err
	}
	for _, line := range report.Restored {
		fmt.Fprintln(p.out, line)
	}
	for _, f := range report.Findings {
		fmt.Fprintln(p.out, f)
	}
	return nil
}
