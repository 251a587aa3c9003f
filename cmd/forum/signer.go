package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"time"

	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/server/sealing"
)

// signerCommand is `forum signer`: a process of its own, best as a user of its
// own, so that whoever takes over the web server has not taken over the key.
type signerCommand struct {
	shared
	Keys   string `help:"Folder of the signer's keys and memory, which only the signer's user can read." required:"" env:"FORUM_SIGNER_KEYS" type:"path"`
	Listen string `help:"Path of the unix socket to answer on; who may open it may have checkpoints signed." env:"FORUM_SIGNER_SOCKET" type:"path"`
	AddKey bool   `help:"Make a key first, the first or one more: checkpoints then carry a signature of each."`
	Retire bool   `help:"Leave the newest key alone to sign; policies must go on naming the others, for what they signed."`
	Child  bool   `hidden:"" help:"End with the process that holds standard input."`
	BackUp string `name:"backup" help:"Copy keys and memory to this new folder first." placeholder:"DIR" type:"path"`
}

// Run does what is asked in the order key, retire, copy, answer.
func (c *signerCommand) Run(p *program) error {
	if c.AddKey {
		public, err := ledger.AddKey(c.Keys)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.out, "made a key; the line of policies for it: log prefix HOST/l/ %s\n", public)
	}
	if c.Retire {
		retired, err := ledger.RetireKeys(c.Keys)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.out, "%d keys sign no more; policies go on naming them, for what they signed\n", len(retired))
	}
	if c.BackUp != "" {
		if err := ledger.BackUp(c.Keys, c.BackUp); err != nil {
			return err
		}
		fmt.Fprintf(p.out, "copied keys and memory to %s\n", c.BackUp)
	}
	if c.Listen == "" {
		return nil
	}
	return c.answer(p)
}

func (c *signerCommand) answer(p *program) (err error) {
	ctx, end := context.WithCancel(p.ctx)
	defer end()
	if c.Child {
		go func() {
			defer end()
			_, _ = io.Copy(io.Discard, os.Stdin) // until the parent is gone, however it went
		}()
	}
	signer, err := c.signer(ctx)
	if errors.Is(err, ledger.ErrNoKeys) {
		return fmt.Errorf("%w (--add-key makes one)", err)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, signer.Close()) }()
	// The folder is ours alone by now, so a socket that is left there is a dead one's.
	if info, err := os.Lstat(c.Listen); err == nil && info.Mode().Type() == fs.ModeSocket {
		_ = os.Remove(c.Listen) // or else listening says why not
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "unix", c.Listen)
	if err != nil {
		return fmt.Errorf("listen for checkpoints: %w", err)
	}
	if err := os.Chmod(c.Listen, 0o660); err != nil { //nolint:gosec // the web server's user is in the socket's group
		return fmt.Errorf("open the socket to its group: %w", err)
	}
	fmt.Fprintf(p.out, "signing on %s\n", c.Listen)
	return sealing.Server(ctx, listener, signer)
}

// handover bounds how long a child waits for one whose parent was killed a moment ago.
const handover = 5 * time.Second

// signer opens keys and memory. A child waits for its predecessor to be gone.
func (c *signerCommand) signer(ctx context.Context) (*ledger.Signer, error) {
	ctx, cancel := context.WithTimeout(ctx, handover)
	defer cancel()
	for again := time.NewTicker(20 * time.Millisecond); ; {
		signer, err := ledger.NewSigner(c.Keys)
		if !c.Child || !errors.Is(err, ledger.ErrInUse) {
			again.Stop()
			return signer, err
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return nil, err
		}
	}
}
