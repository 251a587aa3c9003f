package main_test

import "strings"

// takeCopy: a copy is made for somebody from outside, who finds out by its link how
// things stand.
func (v *village) takeCopy() {
	p := v.hilda
	p.open(v.talk("/export"))
	v.examine(p, "a copy to be made")
	p.write("#export-recipient", "Centro de documentación Vado Hondo")
	p.submit("button[name=as][value=page]")
	v.copied = strings.TrimPrefix(value[string](p, "document.querySelector('section[aria-labelledby=link] code').textContent"), p.base)
	if !strings.HasPrefix(v.copied, "/c/") {
		p.fatal("the copy has no link: %q", v.copied)
	}
	v.examine(p, "copy")
	v.nobody.speak("es")
	v.nobody.open(v.copied)
	v.nobody.shows(v.says("consult.state.in_force_conditional"), condition, otherVoice)
	v.examine(v.nobody, "status of a copy")
	v.pablo.open(v.talk(""))
	v.told = v.withoutTime(v.pablo)
	v.pablo.hides(ourAnswer, condition, otherVoice, v.says("consult.state.in_force_conditional"))
	v.examine(v.pablo, "consultation of the proponent")
}

// withoutTime is what a page tells but for the moment at which it does.
func (v *village) withoutTime(p *person) string {
	p.t.Helper()
	said := p.told()
	for _, as := range value[[]string](p, "[...document.querySelectorAll('main .as-of')].map(e => e.textContent)") {
		said = strings.ReplaceAll(said, plainly(as), "")
	}
	return said
}

// takeBack: what the elder said over the radio, two heard; who helps writes it down.
func (v *village) takeBack() {
	p := v.fara
	p.open(v.home())
	p.follow("/stop")
	v.examine(p, "taking back")
	form := "form:has(input[name=relay]) "
	p.press(form + "label:has(input[name=type][value=withdraw])")
	p.choose("#relay-mandate", elder)
	p.press(form + "label:has(input[name=via][value=radio])")
	p.write("#relay-witness-1", firstHeard)
	p.write("#relay-statement", overRadio)
	p.refused(func() { p.submit(form + "> .actions button") })
	p.shows(v.says("consult.error.two_witnesses"))
	p.should("what was typed", "document.querySelector('#relay-statement').value === "+quote(overRadio))
	v.examine(p, "taking back with one witness")
	p.write("#relay-witness-2", alsoHeard)
	p.submit(form + "> .actions button")
	p.at(v.talk(""))
	p.shows(v.says("flash.consultation_recorded"), v.says("consult.state.withdrawn"))
	v.examine(p, "taken back, for who helps")
}

// afterwards: home, consultation, answers and the copy's link say that the yes was
// taken back, and how its word came. None says that it stands.
func (v *village) afterwards() {
	p, byRadio := v.hilda, v.says("consultation.entered_by_another", "how", v.says("consult.via.radio"))
	for _, page := range []struct {
		name, path string
		words      []string
	}{
		{"home", v.home(), []string{v.says("consult.state.withdrawn.for_us"), v.says("consult.state.withdrawn.no_yes.for_us"), v.says("community.came", "via", v.says("consult.via.radio"))}},
		{"consultation", v.talk(""), []string{v.says("consult.state.withdrawn.for_us"), v.says("consult.state.withdrawn.no_yes.for_us"), byRadio, overRadio}},
		{"decisions", v.talk("/decisions"), []string{v.says("consult.decision.withdraw"), byRadio, overRadio, ourAnswer}},
	} {
		p.open(page.path)
		p.shows(page.words...)
		p.hides(v.says("consult.state.in_force_conditional.for_us"), v.says("consult.state.in_force.for_us"), v.says("community.us.time_over"))
		v.examine(p, page.name+" after the yes was taken back")
	}
	v.nobody.open(v.copied)
	_, changed, _ := strings.Cut(v.says("consultation.copy_changed", "time", "…"), "…")
	v.nobody.shows(changed, v.says("consult.state.withdrawn"), v.says("consult.state.withdrawn.no_yes"), byRadio)
	v.nobody.hides(v.says("consult.state.in_force_conditional"), elder, firstHeard, alsoHeard)
	v.examine(v.nobody, "status of a copy after the yes was taken back")
}

// outside: the proponent's page is word for word what it was, until the community
// lets it be told how things stand; then it is told that and nothing else.
func (v *village) outside() {
	p, secret := v.pablo, []string{elder, firstHeard, alsoHeard, overRadio, ourAnswer}
	for _, rest := range []string{"", "/told", "/plan", "/stop"} {
		p.open(v.talk(rest))
		p.hides(append(secret, condition, v.says("consult.state.withdrawn"))...)
		v.examine(p, "the proponent, not told"+strings.ReplaceAll(rest, "/", " "))
		if rest == "" && v.withoutTime(p) != v.told {
			v.t.Errorf("the proponent learns something: before\n%s\nnow\n%s", v.told, v.withoutTime(p))
		}
	}
	v.hana.open(v.talk("/release"))
	v.hana.press("label:has(input[name=parts][value=status])")
	v.hana.press("label:has(input[name=to][value=proponent])")
	v.hana.write("#release-purpose", "Para que sepan que ya no.")
	v.examine(v.hana, "letting the proponent know")
	v.hana.refused(func() { v.hana.submit("form[action$='/release'] .actions button:not([name=look])") })
	v.examine(v.hana, "asked who she is before it is let out")
	v.again(v.hana)
	v.examine(v.hana, "what the proponent may know")
	p.open(v.talk(""))
	p.shows(v.says("consult.state.withdrawn"))
	p.hides(append(secret, v.says("consult.state.in_force_conditional"))...)
	v.examine(p, "the proponent, told")
}
