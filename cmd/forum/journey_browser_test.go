package main_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/vcm-forum/forum/server/testkit"
)

// patience bounds every wait: long enough for a slow machine under the race
// detector, short enough that what never comes is noticed.
const patience = 30 * time.Second

// startBrowser starts Chromium without anything that talks to its maker.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	profile, err := os.MkdirTemp("", "forum-browser-") //nolint:usetesting // t.TempDir fails the test while the browser's last children still write
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(profile) }) // as above
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(testkit.Browser(t)), chromedp.UserDataDir(profile), chromedp.NoSandbox)
	for _, flag := range []string{"disable-gpu", "disable-quic", "disable-component-update", "no-first-run"} {
		options = append(options, chromedp.Flag(flag, true))
	}
	// Pages that one goes back to are loaded again, as on a phone that is short of memory.
	options = append(options, chromedp.Flag("disable-features", "Translate,BackForwardCache"))
	allocator, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	browser, stop := chromedp.NewContext(allocator)
	t.Cleanup(stop)
	if err := chromedp.Do(browser); err != nil {
		t.Fatalf("start the browser: %v", err)
	}
	return browser
}

// person is somebody with a screen and cookies of their own.
type person struct {
	t             *testing.T
	name          string
	ctx           context.Context //nolint:containedctx // it is the browser's tab
	base          string          // address of the forum
	width, height int64
	scripts       bool
	origin        float64 // when the page that must not be reloaded was loaded
	camera        *person // a second tab, for pictures
	watch         watch
}

// watch notes what a page does that it should not.
type watch struct {
	mu      sync.Mutex
	host    string
	outage  bool // the server is down on purpose: failed requests are no trouble
	trouble []string
}

// newPerson gives somebody a screen. Where scripts are off, the browser runs none.
func (j *journey) newPerson(name string, width, height int64, scripts bool) *person {
	j.t.Helper()
	p := &person{t: j.t, ctx: j.browser, name: name, base: j.server.url(), width: width, height: height, scripts: scripts}
	p.openTab(chromedp.WithNewBrowserContext())
	return p
}

// openTab opens a tab of its own in the browser or beside the tab that p.ctx is.
func (p *person) openTab(options ...chromedp.ContextOption) {
	p.t.Helper()
	p.watch.host = strings.TrimPrefix(p.base, "http://")
	var stop context.CancelFunc
	p.ctx, stop = chromedp.NewContext(p.ctx, append(options, chromedp.WithListener(p.watch.see))...)
	p.t.Cleanup(stop)
	if err := chromedp.Do(p.ctx); err != nil {
		p.t.Fatalf("%s: open a tab: %v", p.name, err)
	}
	p.allowScripts(p.scripts)
	p.view(p.width, p.height, "light")
}

func (p *person) allowScripts(on bool) {
	p.t.Helper()
	if _, err := chromedp.Call(p.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on}); err != nil {
		p.t.Fatalf("%s: switch scripts on or off: %v", p.name, err)
	}
}

// see notes a request to another host and whatever lands in the console.
func (w *watch) see(event any) {
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		w.asked(e.Request.URL)
	case *network.EventWebSocketCreated:
		w.asked(e.URL)
	case *runtime.EventExceptionThrown:
		w.note("exception: " + e.ExceptionDetails.Text + " " + e.ExceptionDetails.Exception.Description)
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "warning" || e.Type == "assert" {
			w.note(fmt.Sprintf("console.%s: %v", e.Type, e.Args))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == "error" {
			w.logged(e.Entry)
		}
	}
}

func (w *watch) asked(address string) {
	u, err := url.Parse(address)
	if err == nil && (u.Host == w.host || u.Scheme == "data" || u.Scheme == "about" || u.Scheme == "chrome-error") {
		return
	}
	w.note("request to another host: " + address)
}

func (w *watch) logged(e *log.Entry) {
	if !w.isOutage() || e.Source != "network" {
		w.note("browser: " + e.Text + " " + e.URL)
	}
}

func (w *watch) note(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trouble = append(w.trouble, what)
}

// expectOutage says from when to when failed requests are no trouble.
func (w *watch) expectOutage(down bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.outage = down
}

func (w *watch) isOutage() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.outage
}

// quiet fails for each trouble since the last look.
func (p *person) quiet(page string) {
	p.t.Helper()
	p.watch.mu.Lock()
	defer p.watch.mu.Unlock()
	for _, trouble := range p.watch.trouble {
		p.t.Errorf("%s on %q: %s", p.name, page, trouble)
	}
	p.watch.trouble = nil
}
