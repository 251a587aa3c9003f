package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"gorm.io/gorm"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/consultations/evidence"
	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/consultations/vault"
)

// verifyCommand is `forum verify`. It sees what the forum itself can see; that
// everything was made anew, key and memory included, only somebody else can who
// kept a checkpoint or a receipt and uses a verifier that is not ours.
type verifyCommand struct {
	shared
	Vault    string `help:"Folder of the keys of consultations; without it, vault in the data folder." env:"FORUM_VAULT" type:"path"`
	Evidence string `help:"Folder of the files of evidence, all of which are read; without it, evidence in the data folder." env:"FORUM_EVIDENCE" type:"path"`
	Policy   string `help:"File that says whose signatures count; without it they are not verified." env:"FORUM_SEAL_POLICY" type:"path"`
	Signer   string `help:"Folder of the signer's keys and memory; without it a log that was cut short may not show." env:"FORUM_SIGNER_KEYS" type:"path"`
}

// Ends of `forum verify` that are not those of other commands.
const (
	exitAltered = 3
	exitFork    = 4
	exitLost    = 5
)

// verdict is an error with an end of its own.
type verdict struct {
	code int
	why  string
}

func (v verdict) Error() string { return v.why }

// Run verifies every log and prints what it found, a line each.
func (c *verifyCommand) Run(p *program) (err error) {
	with, keys, err := c.with()
	if err != nil {
		return err
	}
	db, err := c.existing(p)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	report, err := ledger.Verify(db.Read.WithContext(p.ctx), with)
	if err != nil {
		return err
	}
	files := c.evidence(db.Read.WithContext(p.ctx), keys, &report)
	for _, line := range report.Restored {
		fmt.Fprintln(p.out, "restored:", line)
	}
	for _, f := range report.Findings {
		fmt.Fprintln(p.out, f)
	}
	for _, why := range report.Unchecked {
		fmt.Fprintln(p.out, "not verified:", why)
	}
	fmt.Fprintf(p.out, "looked at %d logs with %d entries and %d checkpoints; %d fields fit their commitments, %d are erased; %d files of evidence are what was handed in\n",
		report.Logs, report.Entries, report.Checkpoints, report.Fields, report.Erased, files)
	switch report.Worst() {
	case ledger.Fork:
		return verdict{exitFork, "a log is not the one that was signed"}
	case ledger.Altered:
		return verdict{exitAltered, "a log was altered"}
	case ledger.Lost:
		return verdict{exitLost, "a log is not whole: it was restored from a backup that had less than was signed"}
	}
	return nil
}

// evidence holds every file against its record, and returns how many are whole.
func (c *verifyCommand) evidence(db *gorm.DB, keys *vault.Vault, report *ledger.Report) int {
	if keys == nil || report.Logs == 0 {
		return 0 // that nothing could be opened has been said
	}
	looked, missing := 0, []consultations.Missing(nil)
	records, err := consultations.RecordsIn(db, keys)
	if err == nil {
		looked, missing, err = records.Missing(evidence.Read(consultFlags{Evidence: c.Evidence}.evidenceOf(c.Data)))
	}
	if err != nil { // because of what was found in a log
		report.Unchecked = append(report.Unchecked, "files of evidence were not all held against their records: "+err.Error())
	}
	for _, m := range missing {
		report.Findings = append(report.Findings, m.Finding())
	}
	return looked - len(missing)
}

func (c *verifyCommand) with() (with ledger.Verifying, keys *vault.Vault, err error) {
	if c.Policy != "" {
		raw, err := os.ReadFile(c.Policy)
		if err != nil {
			return with, nil, fmt.Errorf("read the policy: %w", err)
		}
		if with.Policy, err = ledger.ParsePolicy(string(raw)); err != nil {
			return with, nil, err
		}
	}
	keys, err = vault.Read(consultFlags{Vault: c.Vault}.vaultOf(c.Data))
	switch {
	case err == nil:
		with.Open = func(h ledger.Head) (ledger.Sealer, error) { return keys.Unwrap(h.Key) }
	case c.Vault != "" || !errors.Is(err, vault.ErrNone):
		return with, nil, err
	}
	if c.Signer != "" {
		folder := filepath.Join(c.Signer, "memory")
		if _, err := os.Stat(folder); err != nil {
			return with, nil, fmt.Errorf("read the signer's memory: %w", err)
		}
		memory := ledger.ReadMemory(folder)
		with.Signer = &memory
	}
	return with, keys, nil
}
