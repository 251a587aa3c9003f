package main

import (
	"time"

	"github.com/vcm-forum/forum/consultations"
)

// tell plans the whole story. One community is asked twice, for flights over its
// forest and for three parts of a regional programme; it takes back the first and
// answers each part of the second in its own way. Its neighbour declines.
func (s *storyteller) tell(words demoConsultations) {
	remansos, colibri := words.Communities[0], words.Communities[1]
	s.found(remansos, -299, consultations.Rules{
		Kind: "consensus", Confirmations: 3, Groups: []consultations.Body{consultations.Women}, DeliberateDays: 28, InternalSessions: 2,
		CoolingDays: 7, MandateHours: 10 * 24, CoolOffDays: 180, ReviewDays: 365, AnyElder: true,
		Forms:     []consultations.Form{consultations.ByAccount, consultations.ByThumb, consultations.ByVoice},
		Languages: []string{demoTongue, demoWritten}, Media: []consultations.Medium{consultations.Oral, consultations.Audio, consultations.Written},
	})
	s.on("-297d16:00")
	s.seasons(remansos, "casimira")
	s.seat(remansos.ID, "casimira", demoYouth, consultations.Member)
	s.flights(talk{s, words.Talks[0]})
	s.programme(talk{s, words.Talks[1]})
	s.laterMandate("-3d17:00", remansos.ID, words.LaterMandate, "casimira", "benedicto", "zenaida")

	s.found(colibri, -188, consultations.Rules{Kind: "other", Confirmations: 2, DeliberateDays: 60, InternalSessions: 1, CoolOffDays: 730})
	s.neighbour(talk{s, words.Talks[2]})
}

// flights were agreed to, and taken back months later by radio. A copy left
// before; its holder is told that it no longer says how things stand.
func (s *storyteller) flights(t talk) {
	t.propose("-268d10:00")
	t.move("-266d09:00", demoHelper, consultations.MoveInvite, "")
	t.agree("-264d10:00", "casimira")
	t.meet("-258d09:00", demoHelper, consultations.Information, map[string]int{"women": 26, "men": 21, "youth": 12, "elders": 9, "guests": 4})
	t.disclose(demoTongue, consultations.Topics()...)
	t.move("-257d09:00", "casimira", consultations.MoveReceive, "")
	t.meet("-246d18:00", "zenaida", consultations.InternalOnly, map[string]int{"women": 24, "youth": 6, "elders": 5})
	t.meet("-233d18:00", "casimira", consultations.InternalOnly, map[string]int{"women": 22, "men": 25, "youth": 11, "elders": 9})
	t.meet("-227d09:00", demoHelper, consultations.DecisionMeet, map[string]int{"women": 28, "men": 24, "youth": 10, "elders": 9})
	t.decide("-227d15:00", t.Answers[0], "casimira", "zenaida", "benedicto")

	t.on("-219d08:00")
	s.seat(t.Community, "casimira", demoAuditor, consultations.Auditor)
	t.release("zenaida", consultations.ToProponent, "Para que sepan qué pueden hacer y hasta cuándo.", consultations.PartStatus, consultations.PartStatement)
	t.release("zenaida", consultations.ToAuditor, "Para que se compruebe que solo se vuela donde dijimos.",
		consultations.PartStatus, consultations.PartStatement, consultations.PartProposal, consultations.PartDisclosure)
	t.copyFor("zenaida", "Noemí Aldana, verificadora", consultations.ToAuditor)

	t.stopByRadio("-118d06:40", "hilario", 9*time.Hour)
	t.on("-112d18:00")
	t.release("zenaida", consultations.ToPublic, "Para que nadie siga diciendo que tiene permiso para volar aquí.",
		consultations.PartStatus, consultations.PartStatement, consultations.PartName, consultations.PartProposal)
}

// programme: of its three parts one is agreed to under conditions, one refused,
// and for the third the community takes more time.
func (s *storyteller) programme(t talk) {
	t.propose("-212d10:00")
	t.move("-208d09:00", demoHelper, consultations.MoveInvite, "")
	t.agree("-203d10:00", "casimira")
	t.meet("-192d09:00", demoHelper, consultations.Information, map[string]int{"women": 31, "men": 27, "youth": 16, "elders": 10, "guests": 5})
	t.disclose(demoTongue, consultations.Topics()...)
	t.on("-191d09:00")
	t.disclose(demoWritten, consultations.Topics()...)
	t.move("-190d09:00", "casimira", consultations.MoveReceive, "")
	t.move("-181d19:00", "zenaida", consultations.MoveAskMore, t.Asked)
	t.meet("-172d09:00", demoHelper, consultations.Information, map[string]int{"women": 29, "men": 20, "youth": 14, "elders": 10, "guests": 3})
	t.disclose(demoTongue, consultations.Risks, consultations.Revenue)
	t.toldBack("-172d17:00", "zenaida")
	t.move("-171d08:00", "zenaida", consultations.MoveReceive, "")
	t.meet("-163d18:00", "zenaida", consultations.InternalOnly, map[string]int{"women": 27, "youth": 8, "elders": 6})
	t.meet("-150d18:00", "casimira", consultations.InternalOnly, map[string]int{"women": 25, "men": 28, "youth": 13, "elders": 10})
	t.meet("-141d08:00", demoHelper, consultations.DecisionMeet, map[string]int{"women": 33, "men": 30, "youth": 15, "elders": 11})
	t.decide("-141d15:00", t.Answers[0], "casimira", "hilario", "zenaida")
	t.decide("-141d16:00", t.Answers[1], "benedicto", "casimira", "zenaida")
	t.extend("-141d17:00", "zenaida", s.start.AddDate(0, 0, -30))
	t.extend("-38d18:00", "zenaida", s.start.AddDate(0, 0, 24))

	t.on("-132d18:00")
	t.release("zenaida", consultations.ToProponent, "Para que la región sepa qué puede hacer, con qué condiciones y qué no.", consultations.PartStatus, consultations.PartStatement)
	t.release("zenaida", consultations.ToAuditor, "Para que se compruebe que las condiciones se cumplen.",
		consultations.PartStatus, consultations.PartStatement, consultations.PartProposal, consultations.PartDisclosure, consultations.PartSessions)
	t.met("-64d11:00", demoAuditor, 0)
}

// neighbour heard what it is about and does not wish to engage. That is an answer.
func (s *storyteller) neighbour(t talk) {
	t.propose("-150d10:00")
	t.move("-148d09:00", demoHelper, consultations.MoveInvite, "")
	t.stop("-139d19:00", "marcelina", consultations.Declined)
	t.on("-138d08:00")
	t.release("marcelina", consultations.ToProponent, "Para que no vuelvan.", consultations.PartStatus, consultations.PartStatement)
}
