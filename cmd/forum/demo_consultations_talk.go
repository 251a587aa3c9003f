package main

import (
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/record"
)

// talk is one consultation of the story.
type talk struct {
	*storyteller
	demoTalk
}

func (t talk) room() record.ID { return t.ids[t.Community] }
func (t talk) id() record.ID   { return t.ids[t.ID] }

// with plans a step that needs to know how the consultation stands.
func (t talk) with(name string, step func(x *consultations.Consultation) (record.Receipt, error)) {
	t.do(name, func() (record.Receipt, error) {
		c, err := t.stands(t.room())
		if err != nil {
			return record.Receipt{}, err
		}
		return step(c.Consultation(t.id()))
	})
}

func (t talk) propose(day string) {
	t.on(day)
	t.do(t.ID, func() (record.Receipt, error) {
		return t.talks.Propose(t.ctx, t.as(demoHelper), t.room(), consultations.ProposalForm{
			Proponent: t.account(t.Proponent), Title: t.Title, Summary: t.Summary, Aspects: t.demoTalk.Aspects,
		})
	})
}

func (t talk) move(day, by string, m consultations.Move, reason string) {
	t.on(day)
	t.do(string(m), func() (record.Receipt, error) {
		return t.talks.Move(t.ctx, t.as(by), t.room(), t.id(), 1, m, reason)
	})
}

// agree: the plan is written down at a meeting, and both sides agree to it.
func (t talk) agree(day, holder string) {
	t.meet(day, demoHelper, consultations.PlanMeeting, map[string]int{"women": 9, "men": 8, "elders": 4, "guests": 2})
	t.do("plan", func() (record.Receipt, error) {
		return t.talks.WritePlan(t.ctx, t.as(holder), t.room(), t.id(), t.Plan)
	})
	for _, side := range []string{holder, t.Proponent} {
		t.with("agree", func(x *consultations.Consultation) (record.Receipt, error) {
			return t.talks.AgreePlan(t.ctx, t.as(side), t.room(), t.id(), x.PlanMark())
		})
	}
}

// meet writes a meeting down: how many came, and of the community's own no word
// of what was said.
func (t talk) meet(day, by string, kind consultations.SessionKind, came map[string]int) {
	t.on(day)
	held := t.now
	t.do(string(kind), func() (record.Receipt, error) {
		return t.talks.WriteSession(t.ctx, t.as(by), t.room(), t.id(), consultations.SessionForm{
			Version: 1, Kind: kind, Held: held, Counts: came, ProponentPresent: kind == consultations.Information || kind == consultations.PlanMeeting,
		})
	})
}

// disclose tells topics in a language.
func (t talk) disclose(language string, topics ...consultations.Topic) {
	for _, topic := range topics {
		t.do("told "+t.ID+" "+language+" "+string(topic), func() (record.Receipt, error) {
			return t.talks.Disclose(t.ctx, t.as(t.Proponent), t.room(), t.id(), t.telling(topic, language))
		})
	}
}

// telling is how a topic is told: aloud before somebody of the community, and what
// can be written in writing. A recording goes here as soon as there are files of
// evidence: [consultations.Audio] with its digest.
func (t talk) telling(topic consultations.Topic, language string) consultations.DisclosureForm {
	form := consultations.DisclosureForm{Version: 1, Topic: topic, Language: language, Medium: consultations.Written, Body: t.Told[topic], Translator: "Yésica Tuvira"}
	if language == demoTongue {
		form.Medium, form.Body, form.Witness = consultations.Oral, "", "Teodosio Ondal"
	}
	return form
}

// toldBack: the community takes what it was told by telling it back.
func (t talk) toldBack(day, by string) {
	t.on(day)
	for _, topic := range consultations.Topics() {
		words, ok := t.ToldBack[topic]
		if !ok {
			continue
		}
		t.do("told back", func() (record.Receipt, error) {
			return t.talks.AcceptDisclosure(t.ctx, t.as(by), t.room(), t.id(), t.ids["told "+t.ID+" "+demoTongue+" "+string(topic)], words)
		})
	}
}

// decide: an answer is written down, read back, and confirmed by those who speak.
// For who has no account somebody else enters it, with two who were there.
func (t talk) decide(day string, answer demoAnswer, holders ...string) {
	t.on(day)
	t.with(answer.ID, func(x *consultations.Consultation) (record.Receipt, error) {
		aspect, err := t.aspect(x, answer.Aspect)
		if err != nil {
			return record.Receipt{}, err
		}
		return t.talks.Transcribe(t.ctx, t.as(demoHelper), t.room(), t.id(), consultations.DraftForm{
			Version: 1, Aspects: []record.ID{aspect}, Type: answer.Type, Language: demoWritten,
			Statement: answer.Statement, Conditions: answer.Conditions, Dissent: answer.Dissent,
		})
	})
	for _, holder := range holders {
		t.with("confirm", func(x *consultations.Consultation) (record.Receipt, error) {
			form, by := consultations.ConfirmForm{Draft: t.ids[answer.ID], Digest: x.Draft(t.ids[answer.ID]).Digest}, holder
			if t.account(holder) == "" {
				by, form.Mandate, form.Form = demoHelper, t.ids["mandate "+holder], consultations.ByThumb
				form.Evidence, form.Witnesses = onPaper(answer.ID), demoWitnesses()
			}
			return t.talks.Confirm(t.ctx, t.as(by), t.room(), t.id(), form)
		})
	}
}

// demoWitnesses were there when somebody without an account spoke.
func demoWitnesses() []string { return []string{"Práxedes Lomar", "Teodosio Ondal"} }

func (t talk) aspect(x *consultations.Consultation, n int) (record.ID, error) {
	c, err := t.stands(t.room())
	if err != nil {
		return "", err
	}
	p, _ := c.Proposal(x.Proposal)
	return p.Newest().Aspects[n].ID, nil
}

func (t talk) extend(day, by string, until time.Time) {
	t.on(day)
	t.do("extend", func() (record.Receipt, error) {
		return t.talks.ExtendWindow(t.ctx, t.as(by), t.room(), t.id(), 1, until)
	})
}

func (t talk) release(by string, to consultations.Audience, purpose string, parts ...consultations.Part) {
	t.do("release", func() (record.Receipt, error) {
		return t.talks.Release(t.ctx, t.as(by), t.room(), t.id(), consultations.ReleaseForm{Parts: parts, To: to, Purpose: purpose})
	})
}

// copyFor lets a copy leave, registered with who has it.
func (t talk) copyFor(by, recipient string, to consultations.Audience) {
	t.do("copy", func() (record.Receipt, error) {
		taken, err := t.talks.Export(t.ctx, t.as(by), t.room(), consultations.ExportForm{Consultation: t.id(), Version: 1, Recipient: recipient, For: to})
		return record.Receipt{Room: string(t.room()), ID: taken.ID}, err
	})
}

// stop takes back or declines, by a holder's own account.
func (t talk) stop(day, by string, kind consultations.DecisionType) {
	t.on(day)
	t.do(string(kind), func() (record.Receipt, error) {
		return t.talks.Stop(t.ctx, t.as(by), t.room(), t.id(), consultations.StopForm{Version: 1, Type: kind, Statement: t.Withdrawal, Language: demoWritten})
	})
}

// stopByRadio takes back by the word of a holder without an account, which two
// heard and another enters some hours later. It counts from when it was said.
func (t talk) stopByRadio(day, holder string, later time.Duration) {
	t.on(day)
	said := t.now
	t.now = said.Add(later)
	t.do("withdrawal", func() (record.Receipt, error) {
		call := t.as(demoHelper)
		call.Claim = consultations.Claim{Asserted: said, Late: true}
		return t.talks.Stop(t.ctx, call, t.room(), t.id(), consultations.StopForm{
			Version: 1, Type: consultations.Withdraw, Mandate: t.ids["mandate "+holder], Via: consultations.Radio, Form: consultations.ByVoice,
			Witnesses: demoWitnesses(), Statement: t.Withdrawal, Language: demoWritten,
		})
	})
}

// met says that a condition is met, as somebody independent found.
func (t talk) met(day, by string, condition int) {
	t.on(day)
	t.with("met", func(x *consultations.Consultation) (record.Receipt, error) {
		return t.talks.SetCondition(t.ctx, t.as(by), t.room(), t.id(), x.Conditions[condition].ID, consultations.ConditionMet, t.Finding)
	})
}
