package main_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// ---- what a person does ----

func (p *person) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.ctx, patience)
	defer stop()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.fatal("%s: %v", what, err)
	}
}

// open types an address and waits for the page.
func (p *person) open(path string) {
	p.t.Helper()
	p.do("open "+path, chromedp.Navigate(p.base+path))
}

func (p *person) reload() {
	p.t.Helper()
	p.do("reload", chromedp.Reload())
}

// back goes to the page before, which the browser may show from its memory
// without loading it.
func (p *person) back() {
	p.t.Helper()
	history, err := chromedp.Call(p.ctx, page.GetNavigationHistory, cdp.Empty{})
	if err != nil || history.CurrentIndex == 0 {
		p.fatal("go back from page %d: %v", history.CurrentIndex, err)
	}
	before := history.Entries[history.CurrentIndex-1]
	if _, err := chromedp.Call(p.ctx, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: before.ID}); err != nil {
		p.fatal("go back: %v", err)
	}
}

// press clicks what is visible, where it is, as a finger would.
func (p *person) press(selector string) {
	p.t.Helper()
	p.do("press "+selector, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// submit presses and waits for the page that comes of it.
func (p *person) submit(selector string) {
	p.t.Helper()
	p.stay()
	p.press(selector)
	p.renewed()
}

// write replaces what a field holds by typing.
func (p *person) write(selector, text string) {
	p.t.Helper()
	p.do("write into "+selector,
		chromedp.Focus(chromedp.CSS(selector), chromedp.NodeVisible),
		chromedp.Evaluate[chromedp.Void]("document.activeElement.select()"),
		func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
			_, err := chromedp.Call(ctx, input.InsertText, input.InsertTextParams{Text: text})
			return chromedp.Void{}, err
		})
}

// choose sets a list or a date, which the browser's own widgets would.
func (p *person) choose(selector, val string) {
	p.t.Helper()
	chosen := value[string](p, fmt.Sprintf(`(() => { const e = document.querySelector(%s)
		const o = [...(e.options || [])].find(o => o.value === %[2]s || o.textContent.includes(%[2]s))
		e.value = o ? o.value : %[2]s; e.dispatchEvent(new Event('change', { bubbles: true })); return e.value })()`, quote(selector), quote(val)))
	if chosen == "" {
		p.fatal("%s has no choice %q", selector, val)
	}
}

// ---- what a person sees ----

// until waits for a condition, given as JavaScript that reads the page.
func (p *person) until(what, condition string) {
	p.t.Helper()
	if err := p.wait(patience, condition); err != nil {
		p.fatal("waited for %s in vain (%v)", what, err)
	}
}

// should waits a little for a condition that the rest of the way does not need.
func (p *person) should(what, condition string) {
	p.t.Helper()
	if err := p.wait(patience/6, condition); err != nil {
		p.t.Errorf("%s: waited for %s in vain", p.name, what)
	}
}

func (p *person) wait(limit time.Duration, condition string) error {
	ctx, stop := context.WithTimeout(p.ctx, limit)
	defer stop()
	again := time.NewTicker(25 * time.Millisecond)
	defer again.Stop()
	for {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("Boolean("+condition+")"))
		if ok && err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-again.C: // the page was not there yet, or was being replaced
		}
	}
}

// at waits for a page by the end of its path.
func (p *person) at(end string) {
	p.t.Helper()
	p.until("a page at …"+end, "document.readyState === 'complete' && location.pathname.endsWith("+quote(end)+")")
}

// value reads something from the page.
func value[T any](p *person, expression string) T {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.ctx, patience)
	defer stop()
	got, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		p.fatal("read %s: %v", expression, err)
	}
	return got
}

// read returns the text of an element.
func (p *person) read(selector string) string {
	p.t.Helper()
	return strings.TrimSpace(value[string](p, "document.querySelector("+quote(selector)+")?.textContent ?? ''"))
}

// stay remembers the page. After it, unmoved fails if the page was loaded again,
// and renewed waits until it has loaded itself again.
func (p *person) stay() { p.t.Helper(); p.origin = value[float64](p, "performance.timeOrigin") }

func (p *person) renewed() {
	p.t.Helper()
	p.until("the page to load itself again", fmt.Sprintf("performance.timeOrigin !== %v && document.readyState === 'complete'", p.origin))
	p.stay()
}

func (p *person) unmoved() {
	p.t.Helper()
	if now := value[float64](p, "performance.timeOrigin"); now != p.origin {
		p.t.Errorf("%s: the page was loaded again, which nothing should need", p.name)
	}
}

// fatal ends the test with what the person sees.
func (p *person) fatal(format string, args ...any) {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.ctx, 5*time.Second)
	defer stop()
	seen, err := chromedp.Run(ctx, chromedp.Evaluate[string](`(() => { const choices = new Set([...document.querySelectorAll('option')].map(o => o.label))
		return [location.href, ...document.body.innerText.split('\n').filter(l => l.trim() && !choices.has(l))].slice(0, 60).join('\n') })()`))
	if err != nil {
		seen = err.Error()
	}
	if folder := os.Getenv(shotsFolder); folder != "" {
		p.expose(filepath.Join(folder, "failure.png"))
	}
	p.quiet("the page of the failure")
	p.t.Fatalf("%s: %s\n---- on the screen:\n%s", p.name, fmt.Sprintf(format, args...), seen)
}

// quote writes a string as JavaScript.
func quote(s string) string {
	raw, err := json.Marshal(s)
	if err != nil {
		panic(err) // strings can always be written
	}
	return string(raw)
}

// awaited reads something that the page has to wait for.
func awaited[T any](p *person, promise string) T {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.ctx, patience)
	defer stop()
	got, err := chromedp.Run(ctx, chromedp.Evaluate[T](promise, chromedp.EvalAwaitPromise))
	if err != nil {
		p.fatal("wait for %s: %v", promise, err)
	}
	return got
}
