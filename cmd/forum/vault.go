package main

import (
	"errors"
	"fmt"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/consultations/vault"
	"github.com/vcm-forum/forum/server/database"
)

// vaultCommand is `forum vault`.
type vaultCommand struct {
	shared
	Vault   string `help:"Folder of the keys of consultations; without it, vault in the data folder." env:"FORUM_VAULT" type:"path"`
	Rotate  bool   `help:"Make a new key of the server, and wrap every community's key for it; also while the forum runs. A rotation that was stopped goes on."`
	DropOld bool   `help:"Take older keys of the server out of the folder. Backups from before the rotation then need another copy of it."`
}

// Run tells how many communities' keys there are, after doing what was asked. The
// communities' own keys stay what they are: what they sealed cannot be sealed anew
// without changing the log.
func (c *vaultCommand) Run(p *program) (err error) {
	dir := consultFlags{Vault: c.Vault}.vaultOf(c.Data)
	db, err := c.existing(p)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if c.Rotate {
		if err := c.rotate(p, db, dir); err != nil {
			return err
		}
	}
	waiting, of, err := c.waiting(p, db, dir)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "%d keys of communities, %d of them wrapped for an older key of the server\n", of, waiting)
	if !c.DropOld {
		return nil
	}
	if waiting > 0 {
		return errors.New("the older keys are still needed: rotate first")
	}
	n, err := vault.DropOld(dir)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "took %d older keys out of %s\n", n, dir)
	return nil
}

// rotate makes a new key unless one waits already, and wraps for it.
func (c *vaultCommand) rotate(p *program, db *database.DB, dir string) error {
	waiting, _, err := c.waiting(p, db, dir)
	if err != nil {
		return err
	}
	if waiting == 0 {
		if err := vault.Rotate(dir); err != nil {
			return err
		}
		fmt.Fprintln(p.out, "made a new key of the server; copy the folder of keys now, and keep the older copy as long as backups from before")
	}
	records, err := c.records(p, db, dir)
	if err != nil {
		return err
	}
	n, err := records.Rewrap()
	fmt.Fprintf(p.out, "wrapped %d keys of communities for the newest key of the server\n", n)
	return err
}

// waiting is how many keys, of how many, are wrapped for an older key.
func (c *vaultCommand) waiting(p *program, db *database.DB, dir string) (waiting, of int, err error) {
	records, err := c.records(p, db, dir)
	for _, head := range records.Logs {
		if !records.Keys.IsNewest(head.Key) {
			waiting++
		}
	}
	return waiting, len(records.Logs), err
}

func (c *vaultCommand) records(p *program, db *database.DB, dir string) (consultations.Records, error) {
	keys, err := vault.Read(dir)
	if err != nil {
		return consultations.Records{}, err
	}
	return consultations.RecordsIn(db.Write.WithContext(p.ctx), keys)
}
