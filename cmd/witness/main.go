// Command witness watches logs of consultations for those who do not run them: an
// association of Indigenous Peoples, an ombudsperson, an auditor. It remembers
// how far it has seen each log and signs a checkpoint only if the log has grown
// from there, so that nobody can show it one history and others a second one. It
// does not say that what is in a log is true; it sees no words at all.
//
// It speaks C2SP tlog-witness (c2sp.org/tlog-witness) and cosigns with Ed25519
// (c2sp.org/tlog-cosignature).
//
// # Running a witness once a day on a laptop
//
// Once: make a key, and give the line that is printed to whoever checks
// receipts and to the forum. The key stays on this machine; whoever has it can
// sign in your name. Make a copy on a USB stick and lock it away.
//
//	witness key --keys witness.key ngo.example/witness
//
// Ask the forum for its key, compare it by telephone, and write it into a file
// logs.policy. Lines for a verifier may stand in it too:
//
//	log prefix forum.example/l/ AcPq...
//
// Then, each day, either of two ways. Over the network: start the witness, open
// a tunnel through which the forum reaches it, and close both when the forum
// shows your signature of today.
//
//	witness serve --keys witness.key --policy logs.policy --state seen
//	ssh -N -R 7380:127.0.0.1:7380 witness@forum.example
//
// Or by hand, by e-mail or USB stick: the forum gives you a request as a file,
// and gets back the line that is printed.
//
//	witness sign --keys witness.key --policy logs.policy --state seen request.txt
//
// Back up the folder "seen" after each day; it is a few kilobytes. Never bring
// back an older copy of it, and never use one key with two folders: a witness
// that forgets can be shown a second history. If the folder is lost, make a new
// key. If the witness says that a log has two histories, do not try to mend it:
// keep the file that it names, and tell the other witnesses and the community.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
)

// commands is the one declaration of what the program takes.
type commands struct {
	Key   keyCommand   `cmd:"" help:"Make a key and print the line by which others know it."`
	Serve serveCommand `cmd:"" help:"Answer requests over HTTP: POST /add-checkpoint."`
	Sign  signCommand  `cmd:"" help:"Answer one request that came by e-mail or USB stick."`
}

// program is what a command runs in.
type program struct {
	ctx context.Context
	in  io.Reader
	out io.Writer
	log *slog.Logger
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the program: 0 when it did what was asked, 1 when not, 2 for wrong use.
func run(ctx context.Context, args []string, in io.Reader, out, complaints io.Writer) int {
	exit := -1
	parser, err := kong.New(&commands{}, kong.Name("witness"), kong.Writers(out, complaints), kong.Exit(func(code int) { exit = code }),
		kong.Description("Watches logs of consultations and signs only what extends what it has seen before."))
	if err != nil {
		fmt.Fprintln(complaints, "witness:", err)
		return 2
	}
	command, err := parser.Parse(args)
	if exit >= 0 {
		return exit // --help
	}
	if err != nil {
		fmt.Fprintln(complaints, "witness:", err)
		return 2
	}
	if err := command.Run(&program{ctx, in, out, slog.New(slog.NewTextHandler(complaints, nil))}); err != nil {
		fmt.Fprintln(complaints, "witness:", err)
		return 1
	}
	return 0
}

// keyCommand is `witness key`.
type keyCommand struct {
	Name string `arg:"" help:"The name you sign with, like ngo.example/witness."`
	Keys string `help:"File for the key; it must not be there yet." required:"" type:"path"`
}

// Run makes a key.
func (c *keyCommand) Run(p *program) error {
	k, err := newKey(c.Name)
	if err != nil {
		return err
	}
	if err := writeNew(c.Keys, k.private()+"\n"); err != nil {
		return fmt.Errorf("write the key: %w", err)
	}
	fmt.Fprintln(p.out, "witness", k.public())
	return nil
}

// setup is what a witness needs, over the network or by hand.
type setup struct {
	Keys   string `help:"File with the witness's keys, a line each; it signs with all of them." required:"" type:"path"`
	Policy string `help:"File that says which logs to follow." required:"" type:"path"`
	State  string `help:"Folder that remembers how far each log was seen." required:"" type:"path"`
}

// open returns the witness, alone with its memory until it is closed.
func (s *setup) open(log *slog.Logger) (*witness, error) {
	keys, err := readKeys(s.Keys)
	if err != nil {
		return nil, err
	}
	logs, err := readPolicy(s.Policy)
	if err != nil {
		return nil, err
	}
	m, err := openMemory(s.State)
	if err != nil {
		return nil, err
	}
	return &witness{keys: keys, logs: logs, memory: m, now: time.Now, log: log}, nil
}

// serveCommand is `witness serve`.
type serveCommand struct {
	setup

	Listen string `help:"Address to listen on; port 0 picks a free one and prints it." default:"127.0.0.1:7380"`
}

// Run serves until the program is told to stop, and ends the requests it has begun.
func (c *serveCommand) Run(p *program) error {
	w, err := c.open(p.log)
	if err != nil {
		return err
	}
	defer w.memory.close()
	listener, err := (&net.ListenConfig{}).Listen(p.ctx, "tcp", c.Listen)
	if err != nil {
		return err
	}
	web := &http.Server{
		Handler: w.handler(), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 30 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(p.log.Handler(), slog.LevelDebug),
	}
	fmt.Fprintf(p.out, "witness on http://%s\n", listener.Addr())
	served := make(chan error, 1)
	go func() { served <- web.Serve(listener) }()
	select {
	case err := <-served:
		return err
	case <-p.ctx.Done():
	}
	end, stop := context.WithTimeout(context.WithoutCancel(p.ctx), 10*time.Second)
	defer stop()
	return web.Shutdown(end)
}

// signCommand is `witness sign`.
type signCommand struct {
	setup

	Request string `arg:"" optional:"" help:"File with the request; without it, what is piped in." type:"existingfile"`
}

// Run answers one request.
func (c *signCommand) Run(p *program) error {
	body, err := c.read(p.in)
	if err != nil {
		return err
	}
	w, err := c.open(p.log)
	if err != nil {
		return err
	}
	defer w.memory.close()
	answer, err := w.add(body)
	if err != nil {
		return err
	}
	fmt.Fprint(p.out, answer)
	return nil
}

func (c *signCommand) read(in io.Reader) (string, error) {
	if c.Request == "" {
		text, err := io.ReadAll(io.LimitReader(in, maxRequest))
		return string(text), err
	}
	text, err := os.ReadFile(c.Request)
	return string(text), err
}
