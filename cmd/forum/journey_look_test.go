package main_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// shotsFolder is the environment variable that names a folder for pictures of
// every page of the walk; without it none are taken.
const shotsFolder = "FORUM_TEST_SHOTS"

// Sizes of screens: a small phone, a laptop.
const (
	phoneWidth, phoneHeight   = 360, 780
	laptopWidth, laptopHeight = 1280, 800
)

// view sets the size of the screen and whether it is light or dark.
func (p *person) view(width, height int64, scheme string) {
	p.t.Helper()
	p.do("set the screen", chromedp.EmulateViewport(width, height), func(ctx context.Context, _ *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}})
		return chromedp.Void{}, err
	})
}

// look examines the page on the screen: accessible at both sizes, in light and
// in dark, nothing wider than a phone, no text that was never written, nothing
// in the console, nothing asked of another host.
func (j *journey) look(p *person, name string) {
	p.t.Helper()
	j.pages++
	p.view(phoneWidth, phoneHeight, "dark")
	p.fits(name)
	p.allowScripts(true) // of ours: those of the page did not run when it was loaded, and do not now
	p.accessible(j.axe, name+", phone, dark")
	p.view(laptopWidth, laptopHeight, "light")
	p.accessible(j.axe, name+", laptop, light")
	p.allowScripts(p.scripts)
	p.view(p.width, p.height, "light")
	p.quiet(name)
	j.shoot(p, fmt.Sprintf("%02d-%s", j.pages, strings.ReplaceAll(name, " ", "-")))
}

// fits fails where a phone would have to scroll sideways, and where a word is
// missing from the catalogs.
func (p *person) fits(name string) {
	p.t.Helper()
	wide := value[[]string](p, `document.scrollingElement.scrollWidth <= innerWidth ? [] :
		[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1).slice(0, 5)
			.map(e => e.tagName + '.' + e.className + ' ends at ' + Math.round(e.getBoundingClientRect().right))`)
	if len(wide) > 0 {
		p.t.Errorf("%s on %q: wider than 360 px: %s", p.name, name, strings.Join(wide, "; "))
	}
	if value[bool](p, `/[⟦⟧]/.test(document.documentElement.outerHTML)`) {
		p.t.Errorf("%s on %q: a text is missing: %s", p.name, name, value[string](p, `document.documentElement.outerHTML.match(/⟦[^⟧]*⟧/)?.[0] ?? ''`))
	}
}

// accessible runs axe-core in the page, which keeps it for the next time.
func (p *person) accessible(axe, name string) {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.ctx, patience)
	defer stop()
	if !value[bool](p, "'axe' in window") {
		p.do("bring axe", chromedp.Evaluate[chromedp.Void](axe+"; 0"))
	}
	found, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](`
		axe.run(document, { resultTypes: ['violations'], preload: false, rules: `+p.exempt()+` }).then(r => r.violations.flatMap(v =>
			v.nodes.slice(0, 3).map(n => v.id + ': ' + v.help + ': ' + n.html.slice(0, 200) + ' (' + n.any.concat(n.all, n.none).map(c => c.message).join('; ') + ')')))`,
		chromedp.EvalAwaitPromise))
	if err != nil {
		p.fatal("run axe on %q: %v", name, err)
	}
	for _, violation := range found {
		p.t.Errorf("%s on %q: axe: %s", p.name, name, violation)
	}
}

// exempt names the one rule that a page without scripts cannot keep: what is
// live there is a page that loads itself again.
func (p *person) exempt() string {
	if p.scripts {
		return "{}"
	}
	return "{ 'meta-refresh': { enabled: false } }"
}

// shoot takes the page's pictures, from a second tab of the same person, so
// that the page itself stays as it is.
func (j *journey) shoot(p *person, name string) {
	p.t.Helper()
	folder := os.Getenv(shotsFolder)
	if folder == "" {
		return
	}
	folder = filepath.Join(folder, filepath.Base(p.t.Name()))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		p.t.Fatal(err)
	}
	if p.watch.isOutage() { // another tab would find nobody
		p.picture(filepath.Join(folder, name+"-en"))
		p.view(p.width, p.height, "light")
		return
	}
	if p.camera == nil {
		p.camera = &person{t: p.t, ctx: p.ctx, name: p.name + "’s camera", base: p.base, width: laptopWidth, height: laptopHeight, scripts: p.scripts}
		p.camera.openTab()
	}
	path := value[string](p, "location.pathname + location.search + location.hash")
	for _, language := range []string{"es", "en"} {
		p.camera.speak(language)
		p.camera.open(path)
		p.camera.picture(filepath.Join(folder, name+"-"+language))
	}
	p.camera.do("go away", chromedp.Navigate("about:blank"))
	p.camera.quiet(name)
}

// speak changes the language as anybody would, by the menu.
func (p *person) speak(language string) {
	p.t.Helper()
	p.open("/privacy")
	if value[string](p, "document.documentElement.lang") == language {
		return
	}
	_ = value[bool](p, fmt.Sprintf("document.querySelector('button[name=language][value=%s]').click() ?? true", language))
	p.until("the page in "+language, "document.readyState === 'complete' && document.documentElement.lang === "+quote(language))
}

// picture takes the page at both sizes, light and dark.
func (p *person) picture(name string) {
	p.t.Helper()
	for _, size := range [][2]int64{{phoneWidth, phoneHeight}, {laptopWidth, laptopHeight}} {
		for _, scheme := range []string{"light", "dark"} {
			p.view(size[0], size[1], scheme)
			if size[0] == phoneWidth {
				p.fits(name)
			}
			p.expose(fmt.Sprintf("%s-%d-%s.png", name, size[0], scheme))
		}
	}
}

// expose writes one picture: of the whole page, or of the screen where the page
// has parts that stay in their place.
func (p *person) expose(file string) {
	p.t.Helper()
	whole := !value[bool](p, "/-screen/.test(document.documentElement.className)")
	ctx, stop := context.WithTimeout(p.ctx, patience)
	defer stop()
	picture, err := chromedp.Call(ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{CaptureBeyondViewport: &whole})
	if err != nil {
		p.fatal("take a picture: %v", err)
	}
	if err := os.WriteFile(file, picture.Data, 0o600); err != nil {
		p.t.Fatal(err)
	}
}
