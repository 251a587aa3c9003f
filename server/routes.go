package server

import (
	"net/http"

	"github.com/vcm-forum/forum/server/access"
	"github.com/vcm-forum/forum/server/dialoguepages"
)

// table is every address of the forum on one screen.
func (s *Server) table() []route {
	const get, post = http.MethodGet, http.MethodPost
	d, w, a := s.pages, s.who, s.admin
	c, t, f := s.communities, s.talks, s.files
	return []route{
		{get, "/", access.Open, d.Home},
		{get, "/dialogues", access.Open, d.List},
		{get, "/dialogues.csv", access.Open, d.ListCSV},
		{get, "/dialogues.json", access.Open, d.ListJSON},
		{get, "/dialogues.atom", access.Open, d.Atom},
		{get, "/sessions.ics", access.Open, d.AllSessions},
		{get, "/dialogues/new", access.Convene, d.New},
		{post, "/dialogues", access.Convene, d.Create},
		{get, "/dialogues/:dialogue", access.KnowOf, d.Show},
		{post, "/dialogues/:dialogue", access.Prepare, d.Change},
		{get, "/dialogues/:dialogue/edit", access.Prepare, d.Edit},
		{post, "/dialogues/:dialogue/state", access.SetState, d.SetState},
		{post, "/dialogues/:dialogue/chair", access.TakeChair, d.TakeChair},
		{post, "/dialogues/:dialogue/join", access.Join, d.JoinDialogue},
		{get, "/dialogues/:dialogue/questions", access.Prepare, d.Questions},
		{post, "/dialogues/:dialogue/questions", access.Prepare, d.AddQuestion},
		{post, "/dialogues/:dialogue/questions/:question", access.Prepare, d.ChangeQuestion},
		{post, "/dialogues/:dialogue/questions/:question/remove", access.Prepare, d.RemoveQuestion},
		{post, "/dialogues/:dialogue/questions/:question/restore", access.Prepare, d.RestoreQuestion},
		{post, "/dialogues/:dialogue/questions/:question/move", access.Prepare, d.MoveQuestion},
		{get, "/dialogues/:dialogue/say", access.Speak, d.Say},
		{post, "/dialogues/:dialogue/contributions", access.Speak, d.Contribute},
		{get, "/dialogues/:dialogue/contributions.csv", access.Export, d.SaidCSV},
		{get, "/dialogues/:dialogue/contributions.json", access.Export, d.SaidJSON},
		{get, "/dialogues/:dialogue/sessions.ics", access.KnowOf, d.DialogueSessions},
		{get, "/dialogues/:dialogue/sessions/new", access.Prepare, d.NewSession},
		{post, "/dialogues/:dialogue/sessions", access.Prepare, d.PlanSession},

		{get, "/contributions/:contribution", access.See, d.Contribution},
		{post, "/contributions/:contribution", access.Revise, d.Revise},
		{post, "/contributions/:contribution/withdraw", access.Revise, d.Withdraw},
		{post, "/contributions/:contribution/reply", access.Speak, d.ReplyTo},
		{post, "/contributions/:contribution/support", access.Speak, d.Support},
		{post, "/contributions/:contribution/hide", access.Moderate, d.Hide},
		{post, "/contributions/:contribution/restore", access.Moderate, d.Restore},

		{get, "/join", access.Open, d.Code},
		{post, "/join", access.Open, d.FindCode},
		{get, "/join/:code", access.Open, d.Door},
		{post, "/join/:code", access.Open, d.Enter},

		{get, "/sessions/:session", access.See, d.Room},
		{post, "/sessions/:session", access.Prepare, d.ChangeSession},
		{get, "/sessions/:session/edit", access.Prepare, d.EditSession},
		{get, "/sessions/:session/agenda", access.Prepare, d.Agenda},
		{post, "/sessions/:session/agenda", access.Prepare, d.AddItem},
		{post, "/sessions/:session/agenda/:item", access.Prepare, d.ChangeItem},
		{post, "/sessions/:session/agenda/:item/remove", access.Prepare, d.RemoveItem},
		{post, "/sessions/:session/agenda/:item/restore", access.Prepare, d.RestoreItem},
		{post, "/sessions/:session/agenda/:item/move", access.Prepare, d.MoveItem},
		{post, "/sessions/:session/cancel", access.Prepare, d.Cancel},
		{get, "/sessions/:session/console", access.Chair, d.Console},
		{get, "/sessions/:session/hall", access.See, d.Hall},
		{get, "/sessions/:session/say", access.Speak, d.Say},
		{post, "/sessions/:session/contributions", access.Speak, d.Contribute},
		{post, "/sessions/:session/attend", access.Attend, d.Attend},
		{post, "/sessions/:session/hand", access.Speak, d.Hand},
		{post, "/sessions/:session/open", access.Chair, d.Open},
		{post, "/sessions/:session/close", access.Chair, d.Close},
		{post, "/sessions/:session/item", access.Chair, d.StartItem},
		{post, "/sessions/:session/timer", access.Chair, d.Timer},
		{post, "/sessions/:session/chair", access.Chair, d.HandChair},
		{post, "/sessions/:session/undo", access.Chair, d.Undo},
		{post, "/sessions/:session/hands/:hand/call", access.Chair, d.CallHand},
		{post, "/sessions/:session/hands/:hand/end", access.Chair, d.EndHand},
		{get, "/sessions/:session/minutes", access.See, d.Minutes},
		{get, "/sessions/:session/minutes.zip", access.Export, d.MinutesZIP},
		{post, "/sessions/:session/summary", access.Minute, d.Summarise},
		{post, "/sessions/:session/publish", access.Minute, d.Publish},
		{post, "/sessions/:session/rehearsal", access.Prepare, d.Rehearse},
		{post, "/sessions/:session/prompt", access.Chair, d.Prompt},
		{post, "/dialogues/:dialogue/rehearsal/end", access.Chair, d.EndRehearsal},

		{get, "/signin", access.Open, w.ShowSignIn},
		{post, "/signin", access.Open, w.SignIn},
		{get, "/signin/link", access.Open, w.ShowMailLink},
		{post, "/signin/link", access.Open, w.MailLink},
		{get, "/signin/second", access.OwnHalf, w.ShowSecond},
		{post, "/signin/second", access.OwnHalf, w.Second},
		{get, "/l/:token", access.Open, w.ShowLink},
		{post, "/l/:token", access.Open, w.UseLink},
		{get, "/signout", access.Open, w.ShowSignOut},
		{post, "/signout", access.Open, w.SignOut},
		{post, "/language", access.Open, w.SetLanguage},
		{get, "/privacy", access.Open, w.Privacy},

		{get, "/account", access.Own, w.Account},
		{post, "/account", access.Own, w.SaveAccount},
		{get, "/account/claim", access.Own, w.ShowClaim},
		{post, "/account/claim", access.Own, w.Claim},
		{get, "/account/security", access.Own, w.Security},
		{post, "/account/security/end", access.Own, w.EndLogin},
		{post, "/account/security/end-others", access.Own, w.EndOtherLogins},
		{get, "/account/passphrase", access.OwnAcct, w.ShowPassphrase},
		{post, "/account/passphrase", access.OwnAcct, w.SetPassphrase},
		{get, "/account/second-factor", access.OwnAcct, w.ShowSecondFactor},
		{post, "/account/second-factor", access.OwnAcct, w.SetSecondFactor},
		{get, "/account/data", access.Own, w.Data},
		{get, "/account/data.json", access.Own, w.DataJSON},
		{get, "/account/words", access.Own, w.Words},
		{get, "/account/erase", access.Own, w.ShowErase},
		{post, "/account/erase", access.Own, w.Erase},

		{get, "/dialogues/:dialogue/people", access.Staff, w.Members},
		{post, "/dialogues/:dialogue/people", access.Staff, w.ChangeMember},
		{get, "/dialogues/:dialogue/people.csv", access.Staff, w.MembersCSV},
		{get, "/dialogues/:dialogue/invitations", access.Staff, w.Members},
		{post, "/dialogues/:dialogue/invitations", access.Staff, w.Invite},
		{post, "/dialogues/:dialogue/invitations/:link/revoke", access.Staff, w.RevokeInvite},
		{get, "/sessions/:session/sheets", access.Prepare, w.Sheets},
		{post, "/sessions/:session/sheets", access.Prepare, w.MakeSheets},
		{post, "/sessions/:session/sheets/revoke", access.Prepare, w.RevokeSheets},

		{get, "/admin", access.Operate, a.Server},
		{post, "/admin/backup", access.Operate, a.MakeBackup},
		{get, "/admin/people", access.Operate, a.ListPeople},
		{get, "/admin/people.csv", access.Operate, a.PeopleCSV},
		{get, "/admin/people/:person", access.Operate, a.Person},
		{post, "/admin/people/:person/suspend", access.Operate, a.Suspend},
		{post, "/admin/people/:person/restore", access.Operate, a.Restore},
		{post, "/admin/people/:person/rights", access.Operate, a.SetRights},
		{post, "/admin/people/:person/second-factor", access.Operate, a.ClearSecondFactor},
		{post, "/admin/people/:person/passphrase", access.Operate, a.OfferPassphrase},
		{post, "/admin/people/:person/logins", access.Operate, a.EndLogins},
		{get, "/admin/invite", access.Operate, a.ShowInvite},
		{post, "/admin/invite", access.Operate, a.Invite},
		{get, "/admin/mail", access.Operate, a.Mail},
		{post, "/admin/mail", access.Operate, a.SendTestMail},
		{get, "/admin/record", access.Operate, a.Record},

		{get, "/exit", access.Open, c.Exit},
		{get, "/communities", access.Mine, c.List},
		{post, doorway, access.Mine, s.enter},
		{get, "/communities/new", access.Found, c.New},
		{post, "/communities", access.Found, c.Found},
		{get, "/communities/worker.js", access.Open, c.Worker},
		{get, "/communities/without-line", access.Open, c.WithoutLine},
		{get, "/communities/leaving", access.Open, c.Leaving},
		{get, "/communities/:community", access.KnowPeople, c.Home},
		{get, "/communities/:community/keep", access.KnowPeople, c.Keep},
		{get, "/communities/:community/prompts", access.SeeReads, c.Prompts},
		{post, "/communities/:community/prompts", access.DefineSelf, c.RecordPrompt},
		{get, "/communities/:community/about", access.SeePeople, c.About},
		{post, "/communities/:community/about", access.DefineSelf, c.Describe},
		{post, "/communities/:community/institutions", access.DefineSelf, c.AddInstitution},
		{get, "/communities/:community/protocol", access.SeePeople, c.Protocol},
		{post, "/communities/:community/protocol", access.DefineSelf, c.Adopt},
		{post, "/communities/:community/protocol/second", access.DefineSelf, c.Second},
		{get, "/communities/:community/protocol/new", access.DefineSelf, c.ProtocolForm},
		{get, "/communities/:community/mandates", access.SeeMandates, c.Mandates},
		{post, "/communities/:community/mandates", access.EnterMandate, c.EnterMandate},
		{get, "/communities/:community/mandates/new", access.EnterMandate, c.NewMandate},
		{get, "/communities/:community/mandates/:mandate", access.SeeMandates, c.Mandate},
		{post, "/communities/:community/mandates/:mandate/vouch", access.EnterMandate, c.Vouch},
		{post, "/communities/:community/mandates/:mandate/attest", access.Attest, c.Attest},
		{post, "/communities/:community/mandates/:mandate/contest", access.Contest, c.Contest},
		{post, "/communities/:community/mandates/:mandate/rule", access.Rule, c.RuleOn},
		{post, "/communities/:community/mandates/:mandate/account", access.Rule, c.MoveAccount},
		{post, "/communities/:community/mandates/:mandate/end", access.SeeMandates, c.End},
		{get, "/communities/:community/seats", access.SeePeople, c.Seats},
		{post, "/communities/:community/seats", access.InvitePeople, c.GiveSeat},
		{post, "/communities/:community/seats/take", access.InvitePeople, c.TakeSeat},
		{get, "/communities/:community/reads", access.SeeReads, c.Reads},
		{get, "/communities/:community/reads.csv", access.SeeReads, c.ReadsCSV},
		{get, "/communities/:community/mandates.csv", access.SeeReads, c.MandatesCSV},
		{get, "/communities/:community/seats.csv", access.SeeReads, c.SeatsCSV},
		{get, "/communities/:community/log", access.SeeProofs, c.Log},
		{get, "/communities/:community/log/checkpoint", access.SeeProofs, c.Checkpoint},
		{get, "/communities/:community/log.zip", access.Give, c.Bundle},

		{get, "/communities/:community/proposals/new", access.Propose, t.Propose},
		{post, "/communities/:community/proposals", access.Propose, t.AddProposal},
		{get, "/communities/:community/consultations/:consultation", access.KnowPeople, t.Show},
		{post, "/communities/:community/consultations/:consultation/move", access.KnowPeople, t.Move},
		{get, "/communities/:community/consultations/:consultation/version", access.Propose, t.NextVersion},
		{post, "/communities/:community/consultations/:consultation/version", access.Propose, t.AddVersion},
		{get, "/communities/:community/consultations/:consultation/plan", access.KnowPeople, t.Plan},
		{post, "/communities/:community/consultations/:consultation/plan", access.PlanTalk, t.WritePlan},
		{post, "/communities/:community/consultations/:consultation/plan/agree", access.KnowPeople, t.AgreePlan},
		{get, "/communities/:community/consultations/:consultation/told", access.KnowPeople, t.Told},
		{post, "/communities/:community/consultations/:consultation/told", access.Tell, t.Tell},
		{post, "/communities/:community/consultations/:consultation/told/:telling", access.Hear, t.Take},
		{get, "/communities/:community/consultations/:consultation/sessions", access.KnowPeople, t.Sessions},
		{post, "/communities/:community/consultations/:consultation/sessions", access.WriteMeeting, t.WriteSession},
		{get, "/communities/:community/consultations/:consultation/time", access.SeePeople, t.Window},
		{post, "/communities/:community/consultations/:consultation/time", access.Hear, t.Extend},
		{get, "/communities/:community/consultations/:consultation/drafts/new", access.Transcribe, t.Transcribe},
		{post, "/communities/:community/consultations/:consultation/drafts", access.Transcribe, t.WriteDraft},
		{get, "/communities/:community/consultations/:consultation/drafts/:draft", access.SeePeople, t.Draft},
		{post, "/communities/:community/consultations/:consultation/drafts/:draft/confirm", access.Transcribe, t.Confirm},
		{post, "/communities/:community/consultations/:consultation/drafts/:draft/drop", access.Transcribe, t.Drop},
		{get, "/communities/:community/consultations/:consultation/decisions", access.SeePeople, t.Decisions},
		{get, "/communities/:community/consultations/:consultation/decisions/:decision/receipt", access.SeePeople, t.Receipt},
		{post, "/communities/:community/consultations/:consultation/decisions/:decision/void", access.ConfirmIt, t.Void},
		{get, stopping, access.KnowPeople, t.Stop},
		{post, stopping, access.KnowPeople, t.TakeBack},
		{get, "/communities/:community/consultations/:consultation/conditions", access.KnowPeople, t.Conditions},
		{post, "/communities/:community/consultations/:consultation/conditions/:condition", access.VerifyIt, t.SetCondition},
		{get, "/communities/:community/consultations/:consultation/change", access.RaiseChange, t.Change},
		{post, "/communities/:community/consultations/:consultation/change", access.RaiseChange, t.RaiseChange},
		{get, "/communities/:community/consultations/:consultation/contest", access.Contest, t.Contest},
		{post, "/communities/:community/consultations/:consultation/contest", access.Contest, t.Dispute},
		{post, "/communities/:community/consultations/:consultation/contest/:contest", access.Rule, t.Rule},
		{get, "/communities/:community/consultations/:consultation/release", access.Give, t.Release},
		{post, "/communities/:community/consultations/:consultation/release", access.Give, t.Give},
		{post, "/communities/:community/consultations/:consultation/release/:release/revoke", access.Give, t.Revoke},
		{get, "/communities/:community/consultations/:consultation/publish", access.Give, t.Publish},
		{post, "/communities/:community/consultations/:consultation/publish", access.Give, t.SayIt},
		{get, "/communities/:community/consultations/:consultation/export", access.KnowPeople, t.Export},
		{post, "/communities/:community/consultations/:consultation/export", access.KnowPeople, t.TakeCopy},
		{get, "/c/:token", access.Open, t.Status},

		{get, "/communities/:community/files/new", access.HandIn, f.New},
		{post, "/communities/:community/files", access.HandIn, f.Take},
		{post, "/communities/:community/files/uploads", access.HandIn, f.Begin},
		{get, "/communities/:community/files/uploads/:upload", access.HandIn, f.Have},
		{post, "/communities/:community/files/uploads/:upload", access.HandIn, f.Append},
		{post, "/communities/:community/files/uploads/:upload/finish", access.HandIn, f.Finish},
		{get, "/communities/:community/files/:digest", access.KnowPeople, f.Play},

		{post, "/live/ticket", access.Open, s.ticket},
		{get, "/live", access.Open, s.follow},
		{get, "/design", access.Open, d.Design},
		{get, "/healthz", access.Open, s.healthz},
		{get, "/readyz", access.Open, s.readyz},
		{get, "/static/*", access.Open, nil},
	}
}

// routes registers the table behind its guards and holds it against the matrix.
func (s *Server) routes() error {
	e := s.echo
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = s.answerError
	e.IPExtractor = s.clientAddress
	s.use(e)
	for _, rt := range s.table() {
		if rt.handle != nil {
			s.install(e, rt)
		}
	}
	e.GET("/static/*", s.static)
	return access.Check(s.Entries())
}

// Entries lists everything that can reach somebody, with its policy, for the
// check at the start and for `forum routes`.
func (s *Server) Entries() []access.Entry {
	var out []access.Entry
	for _, rt := range s.table() {
		out = append(out, access.Entry{Kind: access.Route, Name: rt.method + " " + rt.path, Policy: rt.policy})
	}
	for _, verb := range dialoguepages.Told() {
		out = append(out, access.Entry{Kind: access.Event, Name: string(verb), Policy: access.See})
	}
	return append(out, mailEntries()...)
}
