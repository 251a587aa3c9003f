package main_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/vcm-forum/forum/consultations/ledger"
)

// print: the receipt's page, once it is sealed, goes on paper.
func (v *village) print() {
	p := v.hilda
	v.recordOnly(p, "/decisions", "/plan", "/sessions", "")
	p.open(v.talk("/decisions"))
	p.follow("/receipt")
	for tries := 0; p.wait(time.Second, "document.querySelector('.receipt .qr')") != nil; tries++ {
		if tries == 90 {
			p.fatal("the answer is never sealed")
		}
		p.reload()
	}
	v.receipt = value[string](p, "document.querySelector('pre.proof').textContent")
	p.shows(v.says("consult.decision.consent_with_conditions"))
	if onPaper := value[string](p, "document.querySelector('.receipt').textContent"); strings.Contains(onPaper, "Hilda") || strings.Contains(onPaper, "Laguna") {
		v.t.Errorf("the receipt names somebody: %q", plainly(onPaper))
	}
	v.examine(p, "receipt")
	p.allowScripts(true) // of ours: what a demonstration, or a hall's own network, says on each page
	_ = value[bool](p, `(document.querySelector('main').insertAdjacentHTML('beforebegin', '<aside><p class="notice-bar">A notice</p></aside>'), true)`)
	p.allowScripts(p.scripts)
	paper := got(p, "print", chromedp.PrintToPDF())
	if pages := bytes.Count(paper, []byte("/Type /Page\n")); !bytes.HasPrefix(paper, []byte("%PDF-")) || pages != 1 {
		v.t.Errorf("the receipt takes %d pages", pages)
	}
	v.keep("receipt.pdf", paper)
}

// recordOnly: on paper stands what was recorded, and nothing that leads elsewhere or
// is to be filled in.
func (v *village) recordOnly(p *person, pages ...string) {
	for _, rest := range pages {
		p.open(v.talk(rest))
		v.media(p, "print")
		p.allowScripts(true) // of ours, which looks
		for _, stray := range value[[]string](p, `[...document.querySelectorAll('main :is(nav, form, button, .button, input, textarea, summary)')]
			.filter(e => e.getClientRects().length > 0).map(e => e.outerHTML.slice(0, 90))`) {
			v.t.Errorf("%q on paper: %s", rest, stray)
		}
		p.allowScripts(p.scripts)
		v.media(p, "")
	}
}

// media lets the browser draw as for paper, or as for a screen again.
func (v *village) media(p *person, name string) {
	if _, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: name}); err != nil {
		p.fatal("as on paper: %v", err)
	}
}

// keep puts something into the folder of pictures, if there is one.
func (v *village) keep(name string, content []byte) {
	if folder := os.Getenv(shotsFolder); folder != "" {
		put(v.t, filepath.Join(folder, "consult-"+filepath.Base(v.t.Name()), name), content)
	}
}

// readCode reads the code as it stands on paper: in the size of print, at 300 dots
// an inch, each black or white.
func (v *village) readCode() {
	p := v.hilda
	v.media(p, "print")
	picture, err := png.Decode(bytes.NewReader(got(p, "photograph the code", chromedp.ScreenshotScale(chromedp.CSS(".receipt .qr"), 300.0/96))))
	v.media(p, "")
	if err != nil {
		v.t.Fatal(err)
	}
	paper := blackOrWhite(picture)
	text, err := readQR(paper)
	if err != nil || text != v.receipt {
		v.t.Errorf("the code of %v says %q (%v), want\n%s", paper.Bounds().Size(), text, err, v.receipt)
	}
	var file bytes.Buffer
	if err := png.Encode(&file, paper); err != nil {
		v.t.Fatal(err)
	}
	v.keep("receipt-300dpi.png", file.Bytes())
	v.scan(file.Bytes())
}

// scan has the code read once more by a program that others use, where there is one.
func (v *village) scan(picture []byte) {
	zbar, err := exec.LookPath("zbarimg")
	if err != nil {
		v.t.Log("zbarimg is not installed: the code was read by the test alone")
		return
	}
	file := filepath.Join(v.t.TempDir(), "code.png")
	put(v.t, file, picture)
	out, err := exec.CommandContext(v.t.Context(), zbar, "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", file).Output()
	if err != nil || strings.TrimRight(string(out), "\n") != strings.TrimRight(v.receipt, "\n") {
		v.t.Errorf("zbarimg reads %q (%v)", out, err)
	}
}

// blackOrWhite is a picture in one bit a dot.
func blackOrWhite(in image.Image) *image.Paletted {
	out := image.NewPaletted(in.Bounds(), color.Palette{color.White, color.Black})
	for y := in.Bounds().Min.Y; y < in.Bounds().Max.Y; y++ {
		for x := in.Bounds().Min.X; x < in.Bounds().Max.X; x++ {
			if r, g, b, _ := in.At(x, y).RGBA(); r+g+b < 3*0x8000 {
				out.SetColorIndex(x, y, 1)
			}
		}
	}
	return out
}

// check: a program of somebody else, with nothing but the policy, accepts the
// receipt and the words on it, and no other: each character is changed once.
func (v *village) check() {
	dir := v.t.TempDir()
	policy, words := filepath.Join(dir, "policy"), filepath.Join(dir, "words")
	put(v.t, policy, []byte(v.policy()))
	bound := value[string](v.hilda, "document.querySelector('.receipt > p').textContent")
	put(v.t, words, []byte(bound))
	code := value[string](v.hilda, "document.querySelector('.receipt .code').textContent")
	said, err := v.verified(v.receipt, "--policy", policy, "--words", words)
	if err != nil || !strings.Contains(said, bound) || !strings.Contains(said, code) {
		v.t.Fatalf("verify: %v\n%s\nwant %q and %q", err, said, bound, code)
	}
	var tries []func() (string, error)
	for i := range v.receipt {
		tries = append(tries, func() (string, error) {
			return v.verified(v.receipt[:i]+other(v.receipt[i:i+1])+v.receipt[i+1:], "--policy", policy)
		})
	}
	for i, r := range bound {
		file := filepath.Join(dir, fmt.Sprintf("words-%d", i))
		put(v.t, file, []byte(bound[:i]+other(string(r))+bound[i+len(string(r)):]))
		tries = append(tries, func() (string, error) { return v.verified(v.receipt, "--policy", policy, "--words", file) })
	}
	v.t.Logf("%d characters of a receipt and %d of its words changed, one at a time", len(v.receipt), len(tries)-len(v.receipt))
	v.allRefused(tries)
}

// allRefused runs the verifier on as many changed receipts at a time as there are processors.
func (v *village) allRefused(tries []func() (string, error)) {
	var running sync.WaitGroup
	for worker := range runtime.NumCPU() {
		running.Go(func() {
			for i := worker; i < len(tries); i += runtime.NumCPU() {
				if said, err := tries[i](); err == nil || said == "" {
					v.t.Errorf("change %d: %v, %q", i, err, said)
				}
			}
		})
	}
	running.Wait()
}

// verified runs the independent verifier on a receipt.
func (v *village) verified(receipt string, more ...string) (string, error) {
	run := exec.CommandContext(v.t.Context(), v.verify, append([]string{"receipt", "-"}, more...)...)
	run.Stdin, run.Env = strings.NewReader(receipt), []string{}
	out, err := run.Output()
	return string(out), err
}

// policy is whose signatures count, as the operator gives it away: by hand.
func (v *village) policy() string {
	secrets, err := ledger.ReadKeys(v.inData("signer"))
	if err != nil || len(secrets) != 1 {
		v.t.Fatalf("%d keys of the signer, %v", len(secrets), err)
	}
	return fmt.Sprintf("quorum 0\nlog prefix %s/l/ %s\n", v.server.addr, ledger.PublicPart(secrets[0]))
}

// other is another character that a slip of the pen could have made.
func other(character string) string {
	const near = "AB01ab+/ .\n"
	if i := strings.Index(near, character); i >= 0 {
		return string(near[(i+1)%len(near)])
	}
	return near[:1]
}
