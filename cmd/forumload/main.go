// Command forumload lets many guests join a live session and speak in it, over
// the public protocol and nothing else, and keeps the ledger: what was
// acknowledged must reach everyone, once, without a gap, in one order.
//
//	go run ./cmd/forumload --url http://127.0.0.1:8080 --code ABC123 --guests 200 --rate 10 --duration 30s
//
// It invents its guests, and they stay in the dialogue: point it at a rehearsal.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/alecthomas/kong"
)

// flags is the one declaration of what the program takes.
type flags struct {
	URL      string        `help:"Where the forum is reached." default:"http://127.0.0.1:8080"`
	Code     string        `help:"Code of a live session that guests may join." required:""`
	Guests   int           `help:"How many guests join, each with a socket of their own." default:"100"`
	Rate     float64       `help:"Contributions a second, by everyone together." default:"10"`
	Duration time.Duration `help:"For how long." default:"30s"`
	InFlight int           `help:"Instead of a rate: so many contributions under way at any time; the next is sent when the last listener has heard one."`
	JSON     bool          `name:"json" help:"Print the result as JSON, latencies in milliseconds."`
	// Orders is for programs: the guests stay while one order after another is carried out.
	Orders bool `hidden:"" help:"Read orders, {\"messages\":400,\"in_flight\":4} or {\"messages\":100,\"rate\":10}, a line each, and answer each with a result."`
}

// order is one run: so many messages, at a rate or so many in flight.
type order struct {
	Messages int     `json:"messages"`
	InFlight int     `json:"in_flight"`
	Rate     float64 `json:"rate"` // a second
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the program: 0 when every promise was kept, 1 when one was broken or
// nothing could be tried, 2 for wrong use.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var f flags
	exit := -1
	parser, err := kong.New(&f, kong.Name("forumload"), kong.Writers(stdout, stderr), kong.Exit(func(code int) { exit = code }),
		kong.Description("Lets many guests join a live session and speak, over the public protocol, and says whether anything was lost, doubled or out of order. The guests stay in the dialogue: use a rehearsal."))
	if err != nil {
		fmt.Fprintln(stderr, "forumload:", err)
		return 2
	}
	_, err = parser.Parse(args)
	if exit >= 0 {
		return exit // --help
	}
	if err != nil {
		fmt.Fprintln(stderr, "forumload:", err)
		return 2
	}
	kept, err := f.load(ctx, stdin, stdout)
	if err != nil {
		fmt.Fprintln(stderr, "forumload:", err)
	}
	if err != nil || !kept {
		return 1
	}
	return 0
}

// load joins, carries out what is asked, and tells whether every promise was kept.
func (f *flags) load(ctx context.Context, stdin io.Reader, stdout io.Writer) (bool, error) {
	raiseFileLimit()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	c, err := join(ctx, f.URL, f.Code, f.Guests)
	if err != nil {
		return false, err
	}
	if f.Orders {
		return c.obey(ctx, stdin, stdout)
	}
	o := order{Messages: int(f.Rate * f.Duration.Seconds()), Rate: f.Rate}
	if f.InFlight > 0 {
		o = order{Messages: int(f.Duration.Seconds()) * f.InFlight, InFlight: f.InFlight}
	}
	r, err := c.carryOut(ctx, o)
	if err != nil {
		return false, err
	}
	if f.JSON {
		return r.Kept(), json.NewEncoder(stdout).Encode(r)
	}
	r.print(stdout)
	return r.Kept(), nil
}

// obey says that everyone is there, then answers orders until there are no more.
func (c *crowd) obey(ctx context.Context, stdin io.Reader, stdout io.Writer) (kept bool, err error) {
	out := json.NewEncoder(stdout)
	if err := out.Encode(result{Guests: len(c.guests)}); err != nil {
		return false, err
	}
	kept = true
	for lines := bufio.NewScanner(stdin); lines.Scan(); {
		var o order
		if err := json.Unmarshal(lines.Bytes(), &o); err != nil {
			return false, fmt.Errorf("read order: %w", err)
		}
		r, err := c.carryOut(ctx, o)
		if err != nil {
			return false, err
		}
		kept = kept && r.Kept()
		if err := out.Encode(r); err != nil {
			return false, err
		}
	}
	return kept, nil
}
