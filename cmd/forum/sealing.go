package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/consultations/evidence"
	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/consultations/vault"
	"github.com/vcm-forum/forum/server"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/sealing"
)

// consultFlags say where the keys of consultations are and who seals their logs.
type consultFlags struct {
	Vault        string `help:"Folder of the keys of consultations, outside the database and its backups; without it, vault in the data folder. Every node needs the same." env:"FORUM_VAULT" type:"path"`
	Evidence     string `help:"Folder of recordings, pictures and papers of consultations, encrypted; without it, evidence in the data folder. Every node needs the same." env:"FORUM_EVIDENCE" type:"path"`
	SignerSocket string `help:"Socket of a signer that runs as a user of its own; without it a child process signs, with keys in the data folder." env:"FORUM_SIGNER_SOCKET" type:"path"`
	SealPolicy   string `help:"File that says whose signatures count: the log's keys, witnesses with their addresses, how many of them. Without it the child's own key, and no witness." env:"FORUM_SEAL_POLICY" type:"path"`
}

// vaultOf is the folder of keys.
func (c consultFlags) vaultOf(data string) string {
	if c.Vault != "" {
		return c.Vault
	}
	return filepath.Join(data, "vault")
}

// evidenceOf is the folder of evidence.
func (c consultFlags) evidenceOf(data string) string {
	if c.Evidence != "" {
		return c.Evidence
	}
	return filepath.Join(data, "evidence")
}

// evidenceLimits leave room for hours of sound and some film, and keep one community
// from filling the disk of all.
func evidenceLimits() evidence.Limits {
	const gigabyte = 1 << 30
	return evidence.Limits{File: 2 * gigabyte, Community: 20 * gigabyte, Free: gigabyte / 2}
}

// apply opens the vault and starts what seals logs. The function it returns ends that.
func (c consultFlags) apply(p *program, cfg *server.Config, db *database.DB, data string) (end func(), err error) {
	if cfg.Vault, err = c.open(db, data); err != nil {
		return nil, err
	}
	if cfg.Files, err = evidence.New(c.evidenceOf(data), evidenceLimits()); err != nil {
		return nil, err
	}
	socket, end := c.SignerSocket, func() {}
	if socket == "" {
		if socket, end, err = startSigner(p.ctx, filepath.Join(data, "signer")); err != nil {
			return nil, err
		}
	}
	if cfg.Seals, err = c.policy(cfg.BaseURL, filepath.Join(data, "signer")); err != nil {
		end()
		return nil, err
	}
	cfg.Sealing = ledger.NewSealing(ledger.Sealing{
		DB: db.Write, Signer: sealing.ToSocket(socket), Policy: cfg.Seals.Policy, Now: database.Now, Logger: cfg.Logger, Every: time.Minute,
		Ask: func(w ledger.PolicyWitness) ledger.Asker { return sealing.ToURL(w.URL) },
	})
	return end, nil
}

// open opens the vault. Where there are records already it makes no new keys, which
// would open none of them: a mistyped folder must be noticed now.
func (c consultFlags) open(db *database.DB, data string) (*vault.Vault, error) {
	logs, err := ledger.Heads(db.Read)
	if err != nil {
		return nil, err
	}
	if len(logs) > 0 {
		return vault.Read(c.vaultOf(data))
	}
	return vault.Open(c.vaultOf(data))
}

// policy reads the policy, or makes the one by which the child's keys alone count.
func (c consultFlags) policy(base, keys string) (consultations.Seals, error) {
	if c.SealPolicy != "" {
		raw, err := os.ReadFile(c.SealPolicy)
		if err != nil {
			return consultations.Seals{}, fmt.Errorf("read the policy: %w", err)
		}
		return sealsBy(string(raw))
	}
	if c.SignerSocket != "" {
		return consultations.Seals{}, errors.New("a signer of its own needs --seal-policy, which says what its key is")
	}
	public, err := ledger.PublicKeys(keys)
	if err != nil {
		return consultations.Seals{}, err
	}
	host := "localhost"
	if u, err := url.Parse(base); err == nil && u.Host != "" {
		host = u.Host
	}
	lines := []string{"quorum 0"}
	for _, key := range public {
		lines = append(lines, fmt.Sprintf("log prefix %s/l/ %s", host, key))
	}
	return sealsBy(strings.Join(lines, "\n") + "\n")
}

func sealsBy(text string) (consultations.Seals, error) {
	policy, err := ledger.ParsePolicy(text)
	return consultations.Seals{Policy: policy, Text: text}, err
}

// startSigner starts the signer as a child of this program, with keys of its own,
// and waits until it answers. On one machine that keeps the key out of the process
// that speaks to the world; a user of its own keeps it out of its reach.
func startSigner(ctx context.Context, keys string) (socket string, end func(), err error) {
	program, err := os.Executable()
	if err != nil {
		return "", nil, fmt.Errorf("start the signer: %w", err)
	}
	socket, tidy, err := socketIn(keys)
	if err != nil {
		return "", nil, err
	}
	args := []string{"signer", "--child", "--keys", keys, "--listen", socket}
	if _, err := ledger.ReadKeys(keys); errors.Is(err, ledger.ErrNoKeys) {
		args = append(args, "--add-key")
	}
	ctx, stop := context.WithCancel(ctx)
	child := exec.CommandContext(ctx, program, args...) //nolint:gosec // this program
	child.Stderr = os.Stderr
	_, err = child.StdinPipe() // it ends with this process, killed or not
	if err != nil {
		stop()
		return "", nil, fmt.Errorf("start the signer: %w", err)
	}
	out, err := child.StdoutPipe()
	if err == nil {
		err = child.Start()
	}
	if err != nil {
		stop()
		return "", nil, errors.Join(fmt.Errorf("start the signer: %w", err), tidy())
	}
	end = func() {
		stop()
		_ = child.Wait() // it was told to end
		_ = tidy()
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "signing on") {
			return socket, end, nil
		}
	}
	end()
	return "", nil, errors.New("the signer ended before it answered")
}

// longestSocket is what systems take as the path of a socket, in bytes.
const longestSocket = 100

// socketIn is where the child listens: beside its keys, or where that path is too
// long in a folder of its own that is gone afterwards.
func socketIn(keys string) (path string, tidy func() error, err error) {
	path = filepath.Join(keys, "socket")
	if len(path) <= longestSocket {
		if err := os.MkdirAll(keys, 0o700); err != nil {
			return "", nil, fmt.Errorf("make the signer's folder: %w", err)
		}
		return path, func() error { return nil }, nil
	}
	folder, err := os.MkdirTemp("", "forum-signer-")
	if err != nil {
		return "", nil, fmt.Errorf("make the signer's folder: %w", err)
	}
	return filepath.Join(folder, "socket"), func() error { return os.RemoveAll(folder) }, nil
}
