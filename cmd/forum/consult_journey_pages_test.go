package main_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/vcm-forum/forum/server/testkit"
)

// heaviest is what a page may weigh on a bad line, with all that it needs but
// recordings and pictures that people handed in.
const heaviest = 50_000

// examine looks at the page on the phone as [journey.look] does, and holds it
// against what pages of consultations must not be: heavy, or a judge.
func (v *village) examine(p *person, name string) {
	p.t.Helper()
	v.pages++
	p.until("a whole page", "document.readyState === 'complete'")
	p.view(phoneWidth, phoneHeight, v.scheme)
	p.fits(name)
	p.allowScripts(true) // of ours: those of the page did not run when it was loaded, and do not now
	p.accessible(v.axe, name)
	p.allowScripts(p.scripts)
	if language := value[string](p, "document.documentElement.lang"); language != "es" {
		p.t.Errorf("%s on %q: the page is in %q", p.name, name, language)
	}
	v.judgesNothing(p, name)
	v.weigh(p, name)
	p.quiet(name)
	if folder := os.Getenv(shotsFolder); folder != "" {
		folder = filepath.Join(folder, "consult-"+filepath.Base(p.t.Name()))
		if err := os.MkdirAll(folder, 0o700); err != nil {
			p.t.Fatal(err)
		}
		p.expose(filepath.Join(folder, fmt.Sprintf("%02d-%s.png", v.pages, strings.ReplaceAll(name, " ", "-"))))
	}
}

// judgesNothing reads the page text by text. The drawing of all steps names them
// all; it is looked at elsewhere.
func (v *village) judgesNothing(p *person, name string) {
	p.t.Helper()
	texts := value[[]string](p, `[document.title, ...[...document.querySelectorAll('main, main *')].filter(e => !e.closest('.machine'))
		.flatMap(e => [...e.childNodes].filter(n => n.nodeType === 3).map(n => n.data.trim())).filter(Boolean),
		...[...document.querySelectorAll('main :is(p, h1, h2, h3, h4, li, a, button, b, strong, label, legend, summary)')].filter(e => !e.closest('.machine')).map(e => e.innerText)]`)
	for _, text := range texts {
		if said := testkit.Judgements(p.t, "es", text); said != nil {
			p.t.Errorf("%s on %q: %q judges: %v", p.name, name, text, said)
		}
	}
}

// weigh adds up what a phone that was never here loads for the page: the page as it
// came, and styles, scripts and pictures of the program, which the browser may have had.
func (v *village) weigh(p *person, name string) {
	p.t.Helper()
	weight := value[int](p, "performance.getEntriesByType('navigation')[0].encodedBodySize")
	parts := value[[]string](p, `[...new Set([...document.querySelectorAll('link[rel=stylesheet], link[rel=icon], link[rel=modulepreload]')].map(e => e.href)
		.concat([...document.scripts].map(e => e.src), performance.getEntriesByType('resource').map(e => e.name)))].filter(a => a.includes('/static/'))`)
	if weight == 0 || len(parts) < 3 {
		p.t.Errorf("%s on %q: nothing to weigh: %d bytes, %v", p.name, name, weight, parts)
	}
	for _, part := range parts {
		if v.weights[part] == 0 {
			v.weights[part] = len(v.fetch(p, strings.TrimPrefix(part, p.base), "Accept-Encoding", "gzip").body)
		}
		weight += v.weights[part]
	}
	v.t.Logf("%6d bytes: %s, %s", weight, p.name, name)
	if weight > heaviest {
		p.t.Errorf("%s on %q: %d bytes, want at most %d", p.name, name, weight, heaviest)
	}
}

// fetched is what came from an address.
type fetched struct {
	status int
	header http.Header
	body   []byte
}

// fetch asks for an address with the cookies of somebody's browser.
func (v *village) fetch(p *person, path string, header ...string) fetched {
	p.t.Helper()
	kept, err := chromedp.Call(p.ctx, network.GetCookies, network.GetCookiesParams{URLs: []string{p.base}})
	if err != nil {
		p.fatal("read cookies: %v", err)
	}
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, p.base+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, c := range kept.Cookies {
		req.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }() // it was only read
	body, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return fetched{res.StatusCode, res.Header, body}
}

// signIn uses the page, in Spanish, which nobody's browser here asks for by itself.
func (v *village) signIn(p *person) {
	p.t.Helper()
	p.speak("es")
	p.open("/signin")
	v.prove(p)
}

// prove fills in the page that asks who somebody is.
func (v *village) prove(p *person) {
	p.t.Helper()
	p.write("#email", mailOf(p.name))
	p.write("#passphrase", secretOf(p.name))
	p.submit("main form.form button")
	if p.read("form[action='/signout'] button") == "" {
		p.fatal("not signed in")
	}
}

// again shows once more, on the page that asks, who somebody is.
func (v *village) again(p *person) {
	p.t.Helper()
	p.write("#proof", secretOf(p.name))
	p.submit("form:has(#proof) .actions button")
}

// refused does what is answered by the form once more. The browser notes in its
// console that the status said so, which is no trouble.
func (p *person) refused(do func()) {
	p.t.Helper()
	p.watch.expectOutage(true)
	defer p.watch.expectOutage(false)
	do()
}

// follow goes where a link leads that ends so.
func (p *person) follow(end string) {
	p.t.Helper()
	p.submit("main a[href$=" + quote(end) + "]")
}

// shows fails where the page does not say something; hides where it does.
func (p *person) shows(texts ...string) {
	p.t.Helper()
	said := p.told()
	for _, text := range texts {
		if !strings.Contains(said, plainly(text)) {
			p.t.Errorf("%s at %s does not read %q in:\n%s", p.name, value[string](p, "location.pathname"), text, said)
		}
	}
}

func (p *person) hides(texts ...string) {
	p.t.Helper()
	said := p.told()
	for _, text := range texts {
		if strings.Contains(said, plainly(text)) {
			p.t.Errorf("%s at %s reads %q", p.name, value[string](p, "location.pathname"), text)
		}
	}
}

// told is what the page tells, in what is folded together too, but for the drawing
// of all that can happen.
func (p *person) told() string {
	p.t.Helper()
	return plainly(value[string](p, `(() => { const m = document.querySelector('main').cloneNode(true)
		m.querySelectorAll('.machine, option, script').forEach(e => e.remove()); return m.textContent })()`))
}

// plainly writes a text with single spaces.
func plainly(text string) string { return strings.Join(strings.Fields(text), " ") }

// got is for steps whose result is needed.
func got[T any](p *person, what string, step chromedp.Action[T]) T {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.ctx, patience)
	defer stop()
	result, err := chromedp.Run(ctx, step)
	if err != nil {
		p.fatal("%s: %v", what, err)
	}
	return result
}
