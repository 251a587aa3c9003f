package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/consultations/vault"
)

// verifyCommand is `forum verify`. It sees what the forum itself can see; that
// everything was made anew, key and memory included, only somebody else can who
// kept a checkpoint or a receipt and uses a verifier that is not ours.
type verifyCommand struct {
	shared
	Vault  string `help:"Folder of the keys of consultations; without it, vault in the data folder." env:"FORUM_VAULT" type:"path"`
	Policy string `help:"File that says whose signatures count; without it they are not verified." env:"FORUM_SEAL_POLICY" type:"path"`
	Signer string `help:"Folder of the signer's keys and memory; without it a log that was cut short may not show." env:"FORUM_SIGNER_KEYS" type:"path"`
}

// Ends of `forum verify` that are not those of other commands.
const (
	exitAltered = 3
	exitFork    = 4
)

// verdict is an error with an end of its own.
type verdict struct {
	code int
	why  string
}

func (v verdict) Error() string { return v.why }

// Run verifies every log and prints what it found, a line each.
func (c *verifyCommand) Run(p *program) (err error) {
	with, err := c.with()
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
	for _, f := range report.Findings {
		fmt.Fprintln(p.out, f)
	}
	for _, why := range report.Unchecked {
		fmt.Fprintln(p.out, "not verified:", why)
	}
	fmt.Fprintf(p.out, "looked at %d logs with %d entries and %d checkpoints; %d fields fit their commitments, %d are erased\n",
		report.Logs, report.Entries, report.Checkpoints, report.Fields, report.Erased)
	switch report.Worst() {
	case ledger.Fork:
		return verdict{exitFork, "a log is not the one that was signed"}
	case ledger.Altered:
		return verdict{exitAltered, "a log was altered"}
	}
	return nil
}

func (c *verifyCommand) with() (with ledger.Verifying, err error) {
	if c.Policy != "" {
		raw, err := os.ReadFile(c.Policy)
		if err != nil {
			return with, fmt.Errorf("read the policy: %w", err)
		}
		if with.Policy, err = ledger.ParsePolicy(string(raw)); err != nil {
			return with, err
		}
	}
	keys, err := vault.Read(consultFlags{Vault: c.Vault}.vaultOf(c.Data))
	switch {
	case err == nil:
		with.Open = func(h ledger.Head) (ledger.Sealer, error) { return keys.Unwrap(h.Key) }
	case c.Vault != "" || !errors.Is(err, vault.ErrNone):
		return with, err
	}
	if c.Signer != "" {
		folder := filepath.Join(c.Signer, "memory")
		if _, err := os.Stat(folder); err != nil {
			return with, fmt.Errorf("read the signer's memory: %w", err)
		}
		memory := ledger.ReadMemory(folder)
		with.Signer = &memory
	}
	return with, nil
}
