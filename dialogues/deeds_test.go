package dialogues_test

import (
	"context"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/record"
)

// deed is one thing somebody does on a stage, with what it must leave behind.
type deed struct {
	name  string
	by    dialogues.Role // who may
	never dialogues.Role // who may not
	verbs []record.Verb  // lines of the record, in order
	rows  map[string]int64
	// always: it is possible in an archived dialogue; whole: it names nothing of
	// the dialogue but the dialogue.
	always, whole bool
	do            func(ctx context.Context, st *stage, by dialogues.Call, dialogue record.ID) (record.Receipt, error)
}

func verbs(v ...record.Verb) []record.Verb { return v }

// deeds are all actions in a dialogue.
func deeds() []deed {
	return append(append(dialogueDeeds(), sessionDeeds()...), wordDeeds()...)
}

func dialogueDeeds() []deed {
	return []deed{
		{
			"change the dialogue", dialogues.Facilitator, dialogues.Rapporteur, verbs(dialogues.DialogueChanged), nil, false, true,
			func(ctx context.Context, st *stage, by dialogues.Call, d record.ID) (record.Receipt, error) {
				return st.s.ChangeDialogue(ctx, by, d, dialogueForm("Carbon rights and duties", dialogues.Public))
			},
		},
		{
			"take a seat", dialogues.Outsider, dialogues.Participant, verbs(dialogues.MemberAdded),
			map[string]int64{"memberships": 1},
			false, true,
			func(ctx context.Context, st *stage, by dialogues.Call, d record.ID) (record.Receipt, error) {
				return st.s.JoinDialogue(ctx, by, d)
			},
		},
		{
			"give a role", dialogues.Facilitator, dialogues.CoFacilitator, verbs(dialogues.MemberAdded),
			map[string]int64{"memberships": 1},
			true, true,
			func(ctx context.Context, st *stage, by dialogues.Call, d record.ID) (record.Receipt, error) {
				return st.s.SetRole(ctx, by, d, st.by[dialogues.Outsider].ID(), dialogues.Participant)
			},
		},
		{
			"change a role", dialogues.Facilitator, dialogues.CoFacilitator, verbs(dialogues.MemberChanged), nil, true, true,
			func(ctx context.Context, st *stage, by dialogues.Call, d record.ID) (record.Receipt, error) {
				return st.s.SetRole(ctx, by, d, st.by[dialogues.Observer].ID(), dialogues.Interpreter)
			},
		},
		{
			"take a seat away", dialogues.Facilitator, dialogues.CoFacilitator, verbs(dialogues.MemberRemoved), nil, true, false,
			func(ctx context.Context, st *stage, by dialogues.Call, d record.ID) (record.Receipt, error) {
				return st.s.SetRole(ctx, by, d, st.by[dialogues.Participant].ID(), dialogues.Outsider)
			},
		},
		{
			"add a question", dialogues.CoFacilitator, dialogues.Rapporteur, verbs(dialogues.QuestionAdded),
			map[string]int64{"questions": 1},
			false, false,
			func(ctx context.Context, st *stage, by dialogues.Call, d record.ID) (record.Receipt, error) {
				form := questionForm("And in detail?")
				form.Parent = st.question
				return st.s.AddQuestion(ctx, by, d, form)
			},
		},
		{
			"change a question", dialogues.CoFacilitator, dialogues.Participant, verbs(dialogues.QuestionChanged), nil, false, false,
			func(ctx context.Context, st *stage, by dialogues.Call, d record.ID) (record.Receipt, error) {
				return st.s.ChangeQuestion(ctx, by, d, st.question, questionForm("What else holds you back?"))
			},
		},
		{
			"remove a question", dialogues.CoFacilitator, dialogues.Interpreter, verbs(dialogues.QuestionRemoved), nil, false, false,
			func(ctx context.Context, st *stage, by dialogues.Call, d record.ID) (record.Receipt, error) {
				return st.s.RemoveQuestion(ctx, by, d, st.spare)
			},
		},
		{
			"put a question back", dialogues.CoFacilitator, dialogues.Interpreter, verbs(dialogues.QuestionRestored), nil, false, false,
			func(ctx context.Context, st *stage, by dialogues.Call, d record.ID) (record.Receipt, error) {
				return st.s.RestoreQuestion(ctx, by, d, st.gone)
			},
		},
		{
			"move a question", dialogues.CoFacilitator, dialogues.Observer, verbs(dialogues.QuestionChanged), nil, false, false,
			func(ctx context.Context, st *stage, by dialogues.Call, d record.ID) (record.Receipt, error) {
				return st.s.MoveQuestion(ctx, by, d, st.spare, true)
			},
		},
	}
}

func sessionDeeds() []deed {
	item := dialogues.AgendaItemForm{Title: "Tea", Minutes: 10}
	return append(hallDeeds(), []deed{
		{
			"plan a session after an earlier one", dialogues.CoFacilitator, dialogues.Participant, verbs(dialogues.SessionPlanned),
			map[string]int64{"sessions": 1, "agenda_items": 2},
			false, false,
			func(ctx context.Context, st *stage, by dialogues.Call, d record.ID) (record.Receipt, error) {
				form := sessionForm("next")
				form.CopyFrom = st.live
				return st.s.PlanSession(ctx, by, d, form)
			},
		},
		{
			"change a session", dialogues.CoFacilitator, dialogues.Rapporteur, verbs(dialogues.SessionChanged), nil, false, false,
			func(ctx context.Context, st *stage, by dialogues.Call, d record.ID) (record.Receipt, error) {
				return st.s.ChangeSession(ctx, by, d, st.planned, sessionForm("later"))
			},
		},
		{
			"cancel a session", dialogues.CoFacilitator, dialogues.Rapporteur, verbs(dialogues.SessionCancelled), nil, false, false,
			func(ctx context.Context, st *stage, by dialogues.Call, d record.ID) (record.Receipt, error) {
				return st.s.CancelSession(ctx, by, d, st.planned)
			},
		},
		{
			"add an agenda item", dialogues.CoFacilitator, dialogues.Participant, verbs(dialogues.AgendaChanged),
			map[string]int64{"agenda_items": 1},
			false, false,
			func(ctx context.Context, st *stage, by dialogues.Call, d record.ID) (record.Receipt, error) {
				return st.s.AddItem(ctx, by, d, st.planned, item)
			},
		},
		{
			"change an agenda item", dialogues.CoFacilitator, dialogues.Participant, verbs(dialogues.AgendaChanged), nil, false, false,
			func(ctx context.Context, st *stage, by dialogues.Call, d record.ID) (record.Receipt, error) {
				return st.s.ChangeItem(ctx, by, d, st.planned, st.plannedFst, item)
			},
		},
		{
			"remove an agenda item", dialogues.CoFacilitator, dialogues.Participant, verbs(dialogues.AgendaChanged), nil, false, false,
			func(ctx context.Context, st *stage, by dialogues.Call, d record.ID) (record.Receipt, error) {
				return st.s.RemoveItem(ctx, by, d, st.planned, st.plannedFst)
			},
		},
		{
			"put an agenda item back", dialogues.CoFacilitator, dialogues.Participant, verbs(dialogues.AgendaChanged), nil, false, false,
			func(ctx context.Context, st *stage, by dialogues.Call, d record.ID) (record.Receipt, error) {
				return st.s.RestoreItem(ctx, by, d, st.planned, st.goneItem)
			},
		},
		{
			"move an agenda item", dialogues.CoFacilitator, dialogues.Participant, verbs(dialogues.AgendaChanged), nil, false, false,
			func(ctx context.Context, st *stage, by dialogues.Call, d record.ID) (record.Receipt, error) {
				return st.s.MoveItem(ctx, by, d, st.live, st.first, false)
			},
		},
		{
			"write the summary", dialogues.Rapporteur, dialogues.Participant, verbs(dialogues.MinutesChanged), nil, false, false,
			func(ctx context.Context, st *stage, by dialogues.Call, d record.ID) (record.Receipt, error) {
				return st.s.WriteSummary(ctx, by, d, st.over, 1, "We agreed on little.")
			},
		},
		{
			"publish the minutes", dialogues.Rapporteur, dialogues.Interpreter, verbs(dialogues.MinutesPublished), nil, false, false,
			func(ctx context.Context, st *stage, by dialogues.Call, d record.ID) (record.Receipt, error) {
				return st.s.PublishMinutes(ctx, by, d, st.over)
			},
		},
	}...)
}

// hallDeeds are what people do in a session that is live, or to make it so.
func hallDeeds() []deed {
	return []deed{
		{
			"open a session", dialogues.CoFacilitator, dialogues.Rapporteur, verbs(dialogues.SessionOpened, dialogues.SessionJoined, dialogues.ItemStarted),
			map[string]int64{"attendances": 1, "agenda_stretches": 1},
			false, false,
			func(ctx context.Context, st *stage, by dialogues.Call, d record.ID) (record.Receipt, error) {
				return st.s.OpenSession(ctx, by, d, st.planned)
			},
		},
		{
			"close a session", dialogues.CoFacilitator, dialogues.Rapporteur, verbs(dialogues.SessionClosed), nil, false, false,
			func(ctx context.Context, st *stage, by dialogues.Call, d record.ID) (record.Receipt, error) {
				return st.s.CloseSession(ctx, by, d, st.live)
			},
		},
		{
			"hand over the chair", dialogues.Facilitator, dialogues.Participant, verbs(dialogues.ChairHanded, dialogues.SessionJoined),
			map[string]int64{"attendances": 1},
			false, false,
			func(ctx context.Context, st *stage, by dialogues.Call, d record.ID) (record.Receipt, error) {
				return st.s.HandChair(ctx, by, d, st.live, st.by[dialogues.CoFacilitator].ID())
			},
		},
		{
			"attend a session", dialogues.Participant, dialogues.Outsider, verbs(dialogues.SessionJoined),
			map[string]int64{"attendances": 1},
			false, false,
			func(ctx context.Context, st *stage, by dialogues.Call, d record.ID) (record.Receipt, error) {
				return st.s.AttendSession(ctx, by, d, st.live)
			},
		},
		{
			"start an agenda item", dialogues.CoFacilitator, dialogues.Interpreter, verbs(dialogues.ItemStarted),
			map[string]int64{"agenda_stretches": 1},
			false, false,
			func(ctx context.Context, st *stage, by dialogues.Call, d record.ID) (record.Receipt, error) {
				return st.s.StartItem(ctx, by, d, st.live, st.second)
			},
		},
		{
			"set the timer", dialogues.CoFacilitator, dialogues.Rapporteur, verbs(dialogues.TimerSet), nil, false, false,
			func(ctx context.Context, st *stage, by dialogues.Call, d record.ID) (record.Receipt, error) {
				return st.s.SetTimer(ctx, by, d, st.live, dialogues.TimerAdd, 5)
			},
		},
		{
			"take a step back", dialogues.CoFacilitator, dialogues.Rapporteur, verbs(dialogues.StepUndone), nil, false, false,
			func(ctx context.Context, st *stage, by dialogues.Call, d record.ID) (record.Receipt, error) {
				return st.s.UndoStep(ctx, by, d, st.live, st.step)
			},
		},
		{
			"raise a hand", dialogues.Participant, dialogues.Observer, verbs(dialogues.HandRaised, dialogues.SessionJoined),
			map[string]int64{"hands": 1, "attendances": 1},
			false, false,
			func(ctx context.Context, st *stage, by dialogues.Call, d record.ID) (record.Receipt, error) {
				return st.s.RaiseHand(ctx, by, d, st.live)
			},
		},
		{
			"call a hand", dialogues.CoFacilitator, dialogues.Participant, verbs(dialogues.HandCalled), nil, false, false,
			func(ctx context.Context, st *stage, by dialogues.Call, d record.ID) (record.Receipt, error) {
				return st.s.CallHand(ctx, by, d, st.live, st.hand)
			},
		},
		{
			"take a hand off the list", dialogues.CoFacilitator, dialogues.Participant, verbs(dialogues.HandLowered), nil, false, false,
			func(ctx context.Context, st *stage, by dialogues.Call, d record.ID) (record.Receipt, error) {
				return st.s.EndHand(ctx, by, d, st.live, st.hand)
			},
		},
	}
}

func wordDeeds() []deed {
	return []deed{
		{
			"contribute", dialogues.Interpreter, dialogues.Observer, verbs(dialogues.ContributionAdded),
			map[string]int64{"contributions": 1, "contribution_texts": 1},
			false, false,
			func(ctx context.Context, st *stage, by dialogues.Call, d record.ID) (record.Receipt, error) {
				return st.s.AddContribution(ctx, by, d, say(st.question, "Land titles are missing."))
			},
		},
		{
			"contribute during a session", dialogues.Participant, dialogues.Outsider, verbs(dialogues.ContributionAdded),
			map[string]int64{"contributions": 1, "contribution_texts": 1},
			false, false,
			func(ctx context.Context, st *stage, by dialogues.Call, d record.ID) (record.Receipt, error) {
				form := say(st.question, "Land titles are missing.")
				form.Session = st.live
				return st.s.AddContribution(ctx, by, d, form)
			},
		},
		{
			"reply", dialogues.Facilitator, dialogues.Observer, verbs(dialogues.ContributionAdded),
			map[string]int64{"contributions": 1, "contribution_texts": 1},
			false, false,
			func(ctx context.Context, st *stage, by dialogues.Call, d record.ID) (record.Receipt, error) {
				form := say("", "Here too.")
				form.Parent = st.said
				return st.s.AddContribution(ctx, by, d, form)
			},
		},
		{
			"revise one's words", dialogues.Participant, dialogues.Facilitator, verbs(dialogues.ContributionChanged),
			map[string]int64{"contribution_texts": 1},
			false, false,
			func(ctx context.Context, st *stage, by dialogues.Call, d record.ID) (record.Receipt, error) {
				return st.s.ReviseContribution(ctx, by, d, st.said, 1, "Registration takes three years.")
			},
		},
		{
			"support words", dialogues.Rapporteur, dialogues.Observer, verbs(dialogues.SupportGiven),
			map[string]int64{"supports": 1},
			false, false,
			func(ctx context.Context, st *stage, by dialogues.Call, d record.ID) (record.Receipt, error) {
				return st.s.Support(ctx, by, d, st.said, true)
			},
		},
		{
			"withdraw one's words", dialogues.Participant, dialogues.Facilitator, verbs(dialogues.ContributionWithdrawn), nil, false, false,
			func(ctx context.Context, st *stage, by dialogues.Call, d record.ID) (record.Receipt, error) {
				return st.s.WithdrawContribution(ctx, by, d, st.said)
			},
		},
		{
			"hide words", dialogues.CoFacilitator, dialogues.Rapporteur, verbs(dialogues.ContributionModerated), nil, false, false,
			func(ctx context.Context, st *stage, by dialogues.Call, d record.ID) (record.Receipt, error) {
				return st.s.Moderate(ctx, by, d, st.said, true)
			},
		},
		{
			"show hidden words again", dialogues.CoFacilitator, dialogues.Rapporteur, verbs(dialogues.ContributionRestored), nil, false, false,
			func(ctx context.Context, st *stage, by dialogues.Call, d record.ID) (record.Receipt, error) {
				return st.s.Moderate(ctx, by, d, st.hidden, false)
			},
		},
	}
}
