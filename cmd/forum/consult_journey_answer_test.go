package main_test

import (
	"bytes"
	"encoding/binary"
	"net/http"
	"path/filepath"
	"time"

	"github.com/chromedp/chromedp"
)

// recording is a second of a tone: a WAV of 8 kHz and 8 bits.
func recording() []byte {
	const rate = 8000
	head := []any{
		[]byte("RIFF"), uint32(36 + rate), []byte("WAVEfmt "), uint32(16), uint16(1), uint16(1), uint32(rate), uint32(rate), uint16(1), uint16(8),
		[]byte("data"), uint32(rate),
	}
	var out bytes.Buffer
	for _, part := range head {
		_ = binary.Write(&out, binary.LittleEndian, part) // a buffer takes everything
	}
	for i := range rate {
		out.WriteByte(byte(i * 16 % 256))
	}
	return out.Bytes()
}

// tell: the last thing is told by a recording, which a form hands in as any file.
func (v *village) tell() {
	p := v.pablo
	v.signIn(p)
	p.open(v.home())
	v.examine(p, "home of the proponent")
	p.follow("/told")
	v.examine(p, "told before the recording")
	p.submit("#tell a.button[href*='/files/new']")
	v.examine(p, "hand in")
	file := filepath.Join(v.t.TempDir(), "riesgos.wav")
	put(v.t, file, recording())
	p.do("choose the file", chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{file}))
	p.submit("main form.form > .actions button")
	p.at("/told")
	p.should("the recording in the form", "document.querySelector('#tell audio') && document.querySelector('#tell [name=evidence]').value.length === 64")
	p.choose("#tell-topic", "risks_costs")
	p.choose("#tell-language", "es")
	p.press("#tell label:has(input[name=medium][value=audio])")
	v.examine(p, "telling with a recording")
	p.submit("#tell form.form .actions button")
	p.shows(v.says("consultation.say.nothing_missing"))
	v.examine(p, "told by the proponent")
}

// hear: from her community's home it is one press to the recording.
func (v *village) hear() {
	p := v.hilda
	v.signIn(p)
	p.open("/")
	p.submit("a[href='/communities']")
	v.examine(p, "communities")
	p.submit("main a[href='" + v.home() + "']")
	v.examine(p, "home before hearing")
	p.follow("/told")
	v.examine(p, "told")
	p.should("the recording on the page", "document.querySelectorAll('#t-risks_costs audio[controls]').length === 1")
	v.served(p, value[string](p, "new URL(document.querySelector('#t-risks_costs audio').src).pathname"))
	p.allowScripts(true) // of ours, which presses what the browser's own player would
	_ = value[bool](p, "(a => { a.preload = 'auto'; a.load(); return true })(document.querySelector('#t-risks_costs audio'))")
	p.until("a second of sound", "(a => a.readyState >= 1 && Math.abs(a.duration - 1) < 0.05)(document.querySelector('#t-risks_costs audio'))")
	p.allowScripts(p.scripts)
	p.quiet("the recording")
}

// served: the whole recording and a part of it are what was handed in.
func (v *village) served(p *person, at string) {
	whole, part := v.fetch(p, at), v.fetch(p, at, "Range", "bytes=100-299")
	if whole.status != http.StatusOK || whole.header.Get("Content-Type") != "audio/wav" || !bytes.Equal(whole.body, recording()) {
		v.t.Errorf("the recording: %d, %s, %d bytes", whole.status, whole.header.Get("Content-Type"), len(whole.body))
	}
	if span := part.header.Get("Content-Range"); part.status != http.StatusPartialContent || span != "bytes 100-299/8044" || !bytes.Equal(part.body, recording()[100:300]) {
		v.t.Errorf("a part of the recording: %d, %q, %d bytes", part.status, span, len(part.body))
	}
}

// receive: now the community's own time begins, and no answer can be written down yet.
func (v *village) receive() {
	p := v.hilda
	p.submit("#received button[value=receive]")
	p.at("/told")
	p.shows(v.says("flash.consultation_recorded"))
	v.examine(p, "told after receiving")
	p.open(v.home())
	p.shows(v.says("consult.clock.left", "n", 30, "all", 30))
	v.examine(p, "home with the time running")
	v.signIn(v.fara)
	v.fara.open(v.talk("/drafts/new"))
	v.fara.refused(func() { v.write(v.fara) })
	v.fara.should("the answer to wait", "document.querySelector('main .flash.is-warn') && document.querySelector('#draft-statement').value === "+quote(ourAnswer))
	v.examine(v.fara, "written too early")
}

// write fills in the form of an answer and sends it.
func (v *village) write(p *person) {
	p.press("label:has(input[name=aspects])")
	p.press("label:has(input[name=type][value=consent_with_conditions])")
	p.choose("#draft-language", "es")
	p.write("#draft-statement", ourAnswer)
	p.write("#draft-conditions", condition)
	p.write("#draft-dissent", otherVoice)
	p.submit("main form.form > .actions button")
}

func (v *village) meet() {
	p := v.hilda
	p.open(v.home())
	p.shows(v.says("consult.clock.over.for_us"))
	v.examine(p, "home after the month")
	p.open(v.talk("/told"))
	v.served(p, value[string](p, "new URL(document.querySelector('#t-risks_costs audio').src).pathname"))
	p.open(v.talk("/sessions"))
	p.choose("#session-kind", "internal")
	p.choose("#session-held", time.Now().AddDate(0, 0, -9).Format("2006-01-02"))
	p.write("#session-count_women", "31")
	p.write("#session-count_men", "24")
	p.submit("main form.form > .actions button")
	p.shows(v.says("consult.session.internal"), "31", "24")
	v.examine(p, "sessions")
}

func (v *village) writeDown() {
	p := v.fara
	p.open(v.home())
	v.examine(p, "home of who helps")
	p.follow("/drafts/new")
	v.examine(p, "writing an answer")
	v.write(p)
	p.until("the answer to be read back", "/drafts\\/[0-9a-f-]{36}$/.test(location.pathname)")
	v.draft = value[string](p, "location.pathname")
	p.shows(ourAnswer, condition, otherVoice)
	v.examine(p, "read back before anybody confirmed")
}

// confirm: each reads the same words on a phone of her own, and says once more who
// she is. With the second, who is of the women, the answer stands.
func (v *village) confirm() {
	for _, p := range []*person{v.hilda, v.hana} {
		p.open(v.home())
		v.examine(p, "home with an answer that waits for "+p.name)
		p.submit("main a[href='" + v.draft + "']")
		p.shows(ourAnswer, condition, otherVoice)
		v.examine(p, "read back for "+p.name)
		p.write("#confirm-proof", secretOf(p.name))
		p.submit("form:has(#confirm-proof) .actions button")
		if p == v.hilda {
			p.at(v.draft)
			p.shows(v.says("consultation.say.waiting", "n", 1), "Hilda")
		}
	}
	v.hana.at("/decisions")
	v.hana.shows(ourAnswer, condition, otherVoice, v.says("consult.decision.consent_with_conditions"))
	v.examine(v.hana, "decisions")
	v.hilda.open(v.talk(""))
	v.hilda.shows(v.says("consult.state.in_force_conditional.for_us"), condition, otherVoice)
	v.examine(v.hilda, "consultation with a yes under conditions")
}
