package main_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vcm-forum/forum/server/testkit"
)

// phonePassphrase locks what is kept on the phone of the test.
const phonePassphrase = "tres garzas duermen en el remanso"

// What she signs in with, and what the answer says that she confirms.
const (
	ownPassphrase = "la lluvia cae sobre el techo"
	refusal       = "Los créditos no se venden por treinta años."
)

// TestWithoutALine lives a day without a line: pages are kept on a phone, read and
// answered while the server is gone, and delivered once when it is back; and nobody
// finds a word of it in what the browser stores.
func TestWithoutALine(t *testing.T) {
	t.Parallel() // most of a walk is waiting
	browser, axe := startBrowser(t), string(bytesOf(t, testkit.Axe(t)))
	s := newForum(t, buildForum(t), "--demo")
	links := linksIn(t, s.start())
	k := &keeper{axe: axe, server: s}
	k.person = (&journey{t: t, browser: browser, server: s}).newPerson("Casimira Ondal", phoneWidth, phoneHeight, true)
	for _, step := range []struct {
		name string
		walk func()
	}{
		{"she signs in", func() { k.signIn(links["consultation holder Casimira Ondal"]) }},
		{"an answer is written down that waits for her", k.drafts},
		{"she keeps the pages", func() { k.keep(false) }},
		{"nothing of them is stored in clear", k.nothingInClear},
		{"she reads without a line", k.reads},
		{"it locks itself", k.locks},
		{"she confirms without a line", k.confirms},
		{"she takes the yes back without a line", k.takeBack},
		{"nothing of that is stored in clear", k.nothingInClear},
		{"it is delivered once", k.deliver},
		{"a page that was open when the line broke keeps its form too", k.broken},
		{"wiping leaves nothing", k.wipes},
		{"signing out leaves nothing that she has not chosen to keep", k.signsOut},
		{"ten wrong passphrases wipe", k.guesses},
	} {
		from := time.Now()
		step.walk()
		t.Logf("%5.1fs %s", time.Since(from).Seconds(), step.name)
	}
	s.stop()
}

// keeper is a person who keeps pages on her phone.
type keeper struct {
	*person
	axe       string
	link      string // to sign in by
	server    *forumServer
	pictures  int
	community string // path
	talk      string // path of the consultation with a yes to take back
	canaries  []string
}

// enter uses her link.
func (k *keeper) enter() {
	k.open(strings.TrimPrefix(k.link, k.base))
	k.submit("main form button")
}

func (k *keeper) signIn(link string) {
	k.link = link
	k.enter()
	k.open("/communities")
	k.community = value[string](k.person, "[...document.querySelectorAll('main a')].map(a => a.pathname).find(p => /^.communities.[0-9a-f-]{36}$/.test(p))")
	k.open(k.community)
	k.talk = strings.TrimSuffix(value[string](k.person, "document.querySelector('main .doors a[href$=\"/stop\"]').pathname"), "/stop")
	k.canaries = []string{k.words("h1"), strings.TrimPrefix(k.community, "/communities/"), k.talk[strings.LastIndex(k.talk, "/")+1:]}
	k.open(k.talk)
	k.canaries = append(k.canaries, k.words("h1"), k.words("blockquote p"), k.words(".aspect h3"))
}

// words reads something that must be there.
func (k *keeper) words(selector string) string {
	k.t.Helper()
	text := k.read(selector)
	if len(text) < 4 {
		k.fatal("no words in %s", selector)
	}
	return text
}

// see examines the page as it is: nothing wider than a phone, nothing that a screen
// reader would not find, nothing in the console.
func (k *keeper) see(name string) {
	k.t.Helper()
	k.fits(name)
	k.accessible(k.axe, name)
	k.quiet(name)
	if folder := os.Getenv(shotsFolder); folder != "" {
		k.pictures++
		k.expose(filepath.Join(folder, fmt.Sprintf("keep-%02d-%s.png", k.pictures, strings.ReplaceAll(name, " ", "-"))))
	}
}

// drafts writes down a no to the last part, and gives her a passphrase to confirm with.
func (k *keeper) drafts() {
	k.open("/account/passphrase")
	k.write("#passphrase", ownPassphrase)
	k.submit("main form button")
	k.open(k.talk + "/drafts/new")
	k.press(".form label.check:last-of-type")
	k.press("label:has(input[value=no])")
	k.write("#draft-statement", refusal)
	k.submit("main form.form .actions button")
	k.canaries = append(k.canaries, refusal)
}

// keep chooses to keep the pages, after a passphrase that is too short.
func (k *keeper) keep(stay bool) {
	k.open(k.community + "/keep")
	k.until("the form", "!document.querySelector('#choose').hidden")
	k.see("keep")
	k.write("#first", "corta")
	k.write("#again", "corta")
	k.press("#choose button")
	k.until("what is wrong with the passphrase", "!document.querySelector('#fault').hidden")
	k.write("#first", phonePassphrase)
	k.write("#again", phonePassphrase)
	if stay {
		k.press("#stay")
	}
	k.press("#choose button")
	k.until("the pages to be kept", "document.querySelector('#says').textContent === document.querySelector('#says').dataset.kept && navigator.serviceWorker.controller")
	k.see("kept")
}

// stored is everything that a page of the forum can find in the browser: databases,
// caches with their addresses and headers, and what is stored as text.
const stored = `(async () => {
	const plain = (v) => v instanceof ArrayBuffer || ArrayBuffer.isView(v) ? new TextDecoder('latin1').decode(v) + new TextDecoder('utf-16le').decode(new Uint8Array(v.buffer || v).slice(0, (v.byteLength >> 1) * 2))
		: v && typeof v === 'object' ? Object.entries(v).map(([k, v]) => k + '=' + plain(v)).join('\n') : String(v)
	const asked = (r) => new Promise((done, failed) => { r.onsuccess = () => done(r.result); r.onerror = () => failed(r.error) })
	const out = [JSON.stringify(localStorage), JSON.stringify(sessionStorage), JSON.stringify(history.state)]
	for (const { name } of await indexedDB.databases()) {
		const db = await asked(indexedDB.open(name))
		for (const store of db.objectStoreNames) {
			const all = db.transaction(store).objectStore(store)
			out.push(name, store, plain(await asked(all.getAllKeys())), plain(await asked(all.getAll())))
		}
		db.close()
	}
	for (const name of await caches.keys()) {
		const cache = await caches.open(name)
		for (const request of await cache.keys()) {
			const answer = await cache.match(request, { ignoreVary: true })
			out.push(name, request.url, ...[...request.headers, ...answer.headers].flat(), await answer.text())
		}
	}
	for (const r of await navigator.serviceWorker.getRegistrations()) out.push('worker ' + r.scope)
	return out.join('\n')
})()`

func (k *keeper) nothingInClear() {
	k.t.Helper()
	all := awaited[string](k.person, stored)
	for _, there := range []string{"forum-keep", "/communities/without-line", "worker " + k.base + "/communities"} {
		if !strings.Contains(all, there) {
			k.t.Errorf("%q is not stored, so that this test looks at nothing", there)
		}
	}
	for _, word := range append(k.canaries, "Casimira", "garzas", "lluvia", `name="csrf"`, value[string](k.person, "document.body.dataset.me || 'data-me='")) {
		if at := strings.Index(strings.ToLower(all), strings.ToLower(word)); at >= 0 {
			k.t.Errorf("%q is stored in clear: …%q…", word, all[max(0, at-80):min(len(all), at+80)])
		}
	}
}

// unlock opens what is kept.
func (k *keeper) unlock(passphrase string) {
	k.t.Helper()
	k.until("the question for the passphrase", "!document.querySelector('#unlock').hidden")
	k.write("#passphrase", passphrase)
	k.press("#unlock button")
}

// goOffline takes the server away, as a broken line would.
func (k *keeper) goOffline() {
	k.watch.expectOutage(true)
	k.server.kill()
}

// goOnline brings it back.
func (k *keeper) goOnline() {
	k.server.start()
	k.watch.expectOutage(false)
}

func (k *keeper) reads() {
	k.goOffline()
	k.open(k.community)
	k.until("the page for no line", "document.querySelector('#unlock') && !document.querySelector('#unlock').hidden")
	k.see("without a line")
	k.unlock("esta no es la contraseña")
	k.until("the sentence for a wrong passphrase", "document.querySelector('#says').textContent.endsWith(': 9')")
	k.unlock(phonePassphrase)
	k.until("the home as it was kept", "document.querySelector('[data-kept] h1')?.textContent.trim() === "+quote(k.canaries[0]))
	k.see("home as kept")
	k.press("[data-kept] .doors a[href$='/stop']")
	k.until("the page to stop", "document.querySelector('[data-kept] form[data-late]')")
	k.see("stop as kept")
	if at := value[string](k.person, "location.pathname + location.search + document.title"); strings.Contains(at, "stop") || strings.Contains(at, k.canaries[3]) {
		k.t.Errorf("the history is told %q", at)
	}
	k.press("[data-kept] aside a[href$='/plan']")
	k.until("the word that this is not kept", "document.querySelector('[data-remark]')")
}

func (k *keeper) locks() {
	_ = value[bool](k.person, "(() => { const now = Date.now(); Date.now = () => now + 5 * 60000 + 1; document.dispatchEvent(new Event('visibilitychange')); return true })()")
	k.until("it to be locked", "!document.querySelector('#unlock').hidden && !document.querySelector('[data-kept]') && document.querySelector('#pages').children.length === 0")
}

// confirms: her proof is neither asked for nor kept.
func (k *keeper) confirms() {
	k.unlock(phonePassphrase)
	k.until("the home as it was kept", "document.querySelector('[data-kept] a[href*=\"/drafts/\"]')")
	k.press("[data-kept] a[href*='/drafts/']")
	k.until("the answer", "document.querySelector('[data-kept] form[data-late]')")
	if value[bool](k.person, "Boolean(document.querySelector('[data-kept] form[data-late] input[type=password]'))") {
		k.t.Error("a proof is asked for that must not be kept")
	}
	k.press("[data-kept] form[data-late] button")
	k.until("the word that it is kept", "document.querySelector('[data-kept] .flash.is-ok')")
}

// takeBack goes to the page to stop and presses the one button.
func (k *keeper) takeBack() {
	k.open(k.talk + "/stop")
	k.unlock(phonePassphrase)
	k.until("the page to stop", "document.querySelector('[data-kept] form[data-late]')")
	k.press("[data-kept] form[data-late] button:not([type])")
	k.until("the word that it is kept", "document.querySelector('[data-kept] .flash.is-ok')")
	k.press("[data-kept] .notice-bar button")
	k.until("two that wait", "document.querySelectorAll('#queued > li').length === 2")
	k.see("waits for a line")
}

// lossy makes the page lose the answer to its first POST, as a line does that breaks
// in the middle, and note what it sent.
const lossy = `(() => { const send = window.fetch; window.sent = []; window.fetch = async (to, options) => {
	const answer = await send(to, options)
	if (options?.method !== 'POST') return answer
	sent.push([to, options.body.toString()])
	if (sent.length === 1) throw new TypeError('the line broke')
	return answer
}; return true })()`

// deliver brings what waits to a server that is back: twice, since the first answer
// is lost, and a third time as it was; it counts once.
func (k *keeper) deliver() {
	k.goOnline()
	_ = value[bool](k.person, lossy)
	k.watch.expectOutage(true) // refusals below are asked for
	k.press(withdrawal + "[data-deliver]")
	k.until("the first answer to be lost", "sent.length === 1 && document.querySelector('#queued > li:nth-child(2) [role=alert]').textContent")
	k.press(withdrawal + "[data-deliver]")
	k.until("the delivery", "document.querySelectorAll('#queued > li').length === 1 && !document.querySelector('#says').hidden")
	if status := awaited[int](k.person, "fetch(sent[1][0], { method: 'POST', headers: { Accept: 'application/json' }, body: new URLSearchParams(sent[1][1]) }).then(a => a.status)"); status != 200 {
		k.t.Errorf("delivered once more: %d", status)
	}
	k.decided("withdraw", 1)
	k.proves()
	if late := awaited[bool](k.person, fmt.Sprintf("fetch(%s, { headers: { Accept: 'application/json' } }).then(a => a.json()).then(v => v.aspects.some(a => a.state === 'withdrawn' && a.history.at(-1).reported_late))", quote(k.talk))); !late {
		k.t.Error("it is not shown as reported late")
	}
}

// withdrawal is what was kept second.
const withdrawal = "#queued > li:nth-child(2) "

// proves: the confirmation leaves the phone with a proof, and stays without one.
func (k *keeper) proves() {
	k.write("#queued input", "no es esta")
	k.press("[data-deliver]")
	k.until("the server's sentence", "document.querySelector('#queued .error:not([hidden])')")
	k.see("a confirmation is refused")
	k.write("#queued input", ownPassphrase)
	k.press("[data-deliver]")
	k.until("the delivery", "document.querySelectorAll('#queued > li').length === 0")
	if sum := awaited[int](k.person, fmt.Sprintf("fetch(%s, { headers: { Accept: 'application/json' } }).then(a => a.json()).then(v => v.drafts[0].confirmed)", quote(k.talk))); sum != 1 {
		k.t.Errorf("%d confirmations, want one", sum)
	}
	k.watch.expectOutage(false)
}

// decided counts the answers of a kind that the record holds.
func (k *keeper) decided(kind string, want int) {
	k.t.Helper()
	got := awaited[int](k.person, fmt.Sprintf("fetch(%s, { headers: { Accept: 'application/json' } }).then(a => a.json()).then(v => v.decisions.filter(d => d.type === %s).length)", quote(k.talk), quote(kind)))
	if got != want {
		k.t.Errorf("%d answers %q in the record, want %d", got, kind, want)
	}
}

// broken: the page is there, the line is not. No passphrase stands before the form.
func (k *keeper) broken() {
	k.open(k.talk + "/stop")
	k.until("the script", "document.querySelector('[data-keep]')")
	k.press("label:has(input[value=declined_to_engage])")
	k.goOffline()
	k.press("form[data-late] button:not([type])")
	k.until("the word that it is kept", "document.querySelector('main > .split .flash.is-ok, main .flash.is-ok')")
	k.goOnline()
	k.open(k.community)
	k.until("the word that something waits", "document.querySelector('aside.notice-bar a[href]')")
	k.see("something waits")
	k.submit("aside.notice-bar a[href]")
	k.unlock(phonePassphrase)
	k.until("the delivery", "document.querySelectorAll('#queued > li').length === 0 && document.querySelector('#says').textContent.includes(':')")
	k.decided("declined_to_engage", 1)
}

// leftBehind is what the browser still stores.
func (k *keeper) leftBehind() string {
	k.t.Helper()
	return strings.Trim(strings.NewReplacer("{}", "", "null", "").Replace(awaited[string](k.person, stored)), "\n")
}

func (k *keeper) wipes() {
	k.speak("en")
	k.open(k.community + "/keep")
	k.until("what can be done", "!document.querySelector('#here').hidden")
	k.see("kept, in English")
	k.press("#away summary")
	k.press("#wipe")
	k.until("the word that it is gone", "!document.querySelector('#choose').hidden")
	if left := k.leftBehind(); left != "" {
		k.t.Errorf("left after wiping: %.300s", left)
	}
}

func (k *keeper) signsOut() {
	for _, stay := range []bool{false, true} {
		k.enter()
		k.keep(stay)
		k.press("header details:has(form[action='/signout']) summary")
		k.submit("form[action='/signout'] button")
		if left := k.leftBehind(); (left != "") != stay {
			k.t.Errorf("chose to keep: %v; left after signing out: %.300s", stay, left)
		}
	}
}

func (k *keeper) guesses() {
	k.open("/communities/without-line")
	k.see("locked, in English")
	for n := range 10 {
		k.unlock(fmt.Sprint("mal adivinado otra vez ", n))
		k.until("an answer", fmt.Sprintf("/\\b%d$|wiped/.test(document.querySelector('#says').textContent) && !document.querySelector('#passphrase').value", 9-n))
	}
	k.until("that nothing is there", "!document.querySelector('#nothing').hidden")
	if left := k.leftBehind(); left != "" {
		k.t.Errorf("left after ten tries: %.300s", left)
	}
}
