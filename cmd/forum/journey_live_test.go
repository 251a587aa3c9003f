package main_test

import (
	"fmt"

	"github.com/chromedp/chromedp"
)

// shown is the condition that a contribution stands on the page exactly once.
func shown(text string) string {
	return "[...document.querySelectorAll('.contribution-text')].filter(e => e.textContent === " + quote(text) + ").length === 1"
}

// newest is the condition that the wall shows a contribution as the newest.
func newest(text string) string {
	return "document.querySelector('.hall-line.is-newest p')?.textContent.replace(/\\s+/g, ' ') === " + quote(text) + ".replace(/\\s+/g, ' ')"
}

// contribute: two things are said on phone A, one on phone B; everybody sees
// them without doing anything, phone B when its page loads again.
func (j *journey) contribute() {
	j.sayByPanel(utterance{j.tomas.name, "iplc", "1", "problem", tenure, 0})
	j.sayByForm(utterance{j.lian.name, "research", "2.1", "lesson", double, 0})
	j.sayByPanel(utterance{j.tomas.name, "iplc", "1", "question", registry, 0})
	j.lian.reload()
	j.lian.until("its own words once", shown(double))
	j.lian.until("the other phone’s words", shown(registry))
	for _, p := range []*person{j.amina, j.tomas, j.wall} {
		p.unmoved()
	}
	j.amina.should("phone A as the one that is connected", "document.querySelector('[data-connected]').textContent === '1'")
}

// sayByPanel writes in the panel of phone A.
func (j *journey) sayByPanel(u utterance) {
	p := j.tomas
	j.writeInPanel(u)
	p.press("#say button.is-wide")
	p.until("the words in the stream", shown(u.Text))
	p.until("an empty field in a closed panel", "document.querySelector('#body').value === '' && !document.querySelector('#say').checkVisibility()")
	j.everywhere(u)
}

func (j *journey) writeInPanel(u utterance) {
	p := j.tomas
	p.press("[data-say]")
	p.until("the open panel", "document.querySelector('#say').checkVisibility() && document.activeElement.id === 'body'")
	if len(j.spoken) == 0 {
		j.look(p, "say panel on phone A")
	}
	p.write("#body", u.Text)
	if len(j.spoken) == 0 {
		key := value[string](p, "document.querySelector('#say [name=key]').value")
		p.reload()
		p.until("the draft on the page that was loaded again", "document.querySelector('#body')?.value === "+quote(u.Text)+" && document.querySelector('#say').checkVisibility()")
		p.should("the same request as before", "document.querySelector('#say [name=key]').value === "+quote(key))
		p.stay()
	}
	p.press("#say label:has(input[name=kind][value=" + u.Kind + "])")
}

// sayByForm writes on the page of its own, as phone B must.
func (j *journey) sayByForm(u utterance) {
	j.writeInForm(u)
	j.look(j.lian, "say on phone B")
	j.tapTwice()
	j.everywhere(u)
	j.tomas.until("the words of phone B on phone A", shown(u.Text))
	j.sendOnceMore(u)
}

// sendOnceMore goes back after the words were recorded and sends the form again:
// phone B is led to what it said, which is said once.
func (j *journey) sendOnceMore(u utterance) {
	p := j.lian
	p.back()
	p.until("the form that was sent", "document.querySelector('textarea#body')?.value === "+quote(u.Text))
	p.press("main form.form button")
	p.until("the words that were recorded", "location.pathname.startsWith('/contributions/') && "+shown(u.Text))
	j.look(p, "already recorded")
	p.submit("main a[href='" + j.session + "']")
	p.at(j.session)
	p.until("its own words once", shown(u.Text))
}

func (j *journey) writeInForm(u utterance) {
	p := j.lian
	p.submit("[data-say]")
	p.at("/say")
	p.choose("#question", u.Question+" ")
	p.write("#body", u.Text)
	p.press("label:has(input[name=kind][value=" + u.Kind + "])")
}

// everywhere waits for a contribution on the facilitator's screen and the wall.
func (j *journey) everywhere(u utterance) {
	j.spoken = append(j.spoken, u)
	j.amina.until("the words on the console", shown(u.Text))
	j.wall.until("the words on the wall", newest(u.Text))
}

// raiseHand: phone A asks for the floor and gets it; so does phone B after it.
func (j *journey) raiseHand() {
	j.tomas.press(".live-bar form button")
	j.tomas.until("the hand up on phone A", "document.querySelector('.live-bar form button[aria-pressed=true]')")
	j.amina.until("the hand on the console", "document.querySelector('.hand-who')?.textContent.includes("+quote(j.tomas.name)+")")
	j.look(j.amina, "console with a hand")
	j.lian.submit(".live-bar form button")
	j.amina.until("the second hand", "document.querySelectorAll('.hand-who').length === 2")
	for _, p := range []*person{j.tomas, j.lian} {
		j.giveFloor(p)
	}
	j.amina.press("[id^=console-hands] button[formaction$='/end']")
	j.wall.until("nobody speaking", "!document.querySelector('.speaker-name')")
	j.amina.until("no hand left", "!document.querySelector('.hand-who') && !document.querySelector('.speaker-name')")
	j.tomas.should("the hand down on phone A", "document.querySelector('.live-bar form button[aria-pressed=false]')")
}

// giveFloor calls the next hand, by its key, and waits for the name on the wall.
func (j *journey) giveFloor(p *person) {
	j.amina.press("[id^=console-hands] button[data-shortcut=' ']")
	j.wall.until(p.name+" speaking", "document.querySelector('.speaker-name')?.textContent === "+quote(p.name))
	if p == j.tomas {
		j.slip(p)
		j.look(j.wall, "hall with a speaker")
		j.look(j.tomas, "room with the floor")
	}
}

// slip: the floor was given by a slip of the hand; the key U takes it back, and
// it is given again.
func (j *journey) slip(p *person) {
	j.amina.until("the offer to take it back", "document.querySelector('[data-shortcut=u]')?.textContent.includes("+quote(p.name)+")")
	j.look(j.amina, "console with a speaker")
	j.amina.press("[data-shortcut=u]")
	j.wall.until("the floor taken back", "!document.querySelector('.speaker-name')")
	p.until("the hand up again", "document.querySelector('.live-bar form button[aria-pressed=true]')")
	j.amina.until("nothing left to take back", "!document.querySelector('[data-shortcut=u]')")
	j.amina.press("[id^=console-hands] button[data-shortcut=' ']")
	j.wall.until(p.name+" speaking again", "document.querySelector('.speaker-name')?.textContent === "+quote(p.name))
}

// support: phone B sees the problem too; the number changes on phone A.
func (j *journey) support() {
	j.lian.submit(pressable(tenure, j.lian))
	j.lian.until("the support given", "document.querySelector('[formaction$=\"/support\"][aria-pressed=true]')")
	j.tomas.until("the support on phone A", "[...document.querySelectorAll('.contribution')].find(e => e.querySelector('.contribution-text')?.textContent === "+
		quote(tenure)+")?.querySelector('[formaction$=\"/support\"] b').textContent === '1'")
	j.wall.until("the support on the wall", "document.querySelector('[aria-labelledby=most] .hall-line b')?.textContent === '1'")
	j.spoken[0].Supports = 1
	j.look(j.lian, "room after support")
	j.look(j.wall, "hall with support")
}

// pressable is the selector of the support button of a contribution.
func pressable(text string, p *person) string {
	id := value[string](p, "[...document.querySelectorAll('.contribution')].find(e => e.querySelector('.contribution-text')?.textContent === "+quote(text)+").id")
	return fmt.Sprintf("#%s [formaction$='/support']", id)
}

// outage kills the server while both phones have words to send. Nothing that
// was recorded is gone afterwards, and what was being sent arrives once.
func (j *journey) outage() {
	a := utterance{j.tomas.name, "iplc", "1", "risk", duringCut, 0}
	b := utterance{j.lian.name, "research", "2", "experience", afterCut, 0}
	j.writeInPanel(a)
	j.writeInForm(b)
	j.expectOutage(true)
	j.server.kill()
	j.sendIntoTheVoid(a)
	j.look(j.tomas, "room without a server")
	j.server.start()
	j.tomas.until("the words in the stream", shown(a.Text))
	j.tomas.until("the line restored", "document.querySelector('#lost').hidden")
	j.everywhere(a)
	j.tomas.unmoved()
	j.sendAgain(b)
	j.expectOutage(false)
}

// sendIntoTheVoid sends from both phones to a server that is gone.
func (j *journey) sendIntoTheVoid(a utterance) {
	j.tomas.press("#say button.is-wide")
	j.tomas.until("the notice that the text is kept", "!document.querySelector('#kept').hidden && document.querySelector('#kept').textContent === document.body.dataset.lost")
	j.tomas.until("the notice on top of the page", "document.querySelector('#lost').checkVisibility()")
	if got := value[string](j.tomas, "document.querySelector('#body').value"); got != a.Text {
		j.t.Errorf("the field holds %q, want what was typed", got)
	}
	for _, p := range []*person{j.amina, j.wall} {
		p.until("the notice that the line is lost", "document.querySelector('#lost').checkVisibility()")
	}
	j.lian.press("main form.form button")
	j.lian.until("the browser’s own page", "location.protocol === 'chrome-error:' && document.readyState === 'complete'")
}

// sendAgain goes back on phone B, where the words still stand, and sends them.
func (j *journey) sendAgain(b utterance) {
	j.lian.back()
	j.lian.until("the form with the words", "document.querySelector('textarea#body')?.value === "+quote(b.Text))
	j.tapTwice()
	j.everywhere(b)
	j.tomas.until("the words of phone B on phone A", shown(b.Text))
	j.lian.until("its own words once", shown(b.Text))
}

// tapTwice sends phone B's form as impatient thumbs do; the words are said once.
func (j *journey) tapTwice() {
	p := j.lian
	p.do("tap twice", chromedp.DoubleClick(chromedp.CSS("main form.form button"), chromedp.NodeVisible))
	p.at(j.session)
}

// expectOutage tells everybody's watch about the outage.
func (j *journey) expectOutage(down bool) {
	for _, p := range []*person{j.amina, j.wall, j.tomas, j.lian} {
		p.watch.expectOutage(down)
	}
}
