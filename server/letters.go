package server

import (
	"context"
	"errors"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/server/access"
	"github.com/vcm-forum/forum/server/i18n"
	"github.com/vcm-forum/forum/server/notify"
	"github.com/vcm-forum/forum/server/peoplepages"
	"github.com/vcm-forum/forum/server/signin"
)

// letters puts the links that people ask for into words and mails them. A
// letter holds the link and what it is for, nothing else: whoever reads over a
// shoulder learns no title of a dialogue that is not theirs to know.
type letters struct {
	mailer   *notify.Mailer
	catalogs *i18n.Catalogs
	signin   *signin.Service
}

// Send implements peoplepages.Letters.
func (l letters) Send(ctx context.Context, in peoplepages.Letter) error {
	p := l.catalogs.Printer(in.Language)
	kind, key := notify.SignInLink, "mail.sign_in"
	switch in.Link.Purpose {
	case signin.Address:
		kind, key = notify.ProveAddress, "mail.prove_address"
	case signin.Invite, signin.Convener:
		kind, key = notify.Invitation, "mail.invitation"
	case signin.Email, signin.Administrator, signin.Demo, signin.Sheet, signin.Recovery:
	}
	// i18n: mail.sign_in.* mail.prove_address.* mail.invitation.*
	args := []any{"url", in.URL, "from", in.From, "title", in.Dialogue, "forum", p.T("forum.name")}
	return l.mailer.Send(ctx, notify.Message{
		ID: string(in.Link.ID), Kind: kind, To: in.To, Subject: p.T(key+".subject", args...), Text: p.T(key+".text", args...),
		Still: func(ctx context.Context) error { return l.signin.StillHolds(ctx, in.Link.ID) },
	})
}

// invite mails an administrator's invitation.
func (l letters) invite(ctx context.Context, to string, language i18n.Language, link signin.Link, url string) error {
	return l.Send(ctx, peoplepages.Letter{To: to, Language: language, Link: link, URL: url, From: l.catalogs.Printer(language).T("forum.name")})
}

// changed tells the recipient of a copy that it may not say any more how things stand:
// where to look, and not a word of what it is about.
func (l letters) changed(ctx context.Context, talks *consultations.Service, in consultations.Letter) error {
	p := l.catalogs.Printer(i18n.Language(in.Language))
	forum := p.T("forum.name")
	return l.mailer.Send(ctx, notify.Message{
		ID: in.Number(), Kind: notify.CopyChanged, To: in.To, Subject: p.T("mail.copy_changed.subject", "forum", forum),
		Text:  p.T("mail.copy_changed.text", "forum", forum, "url", l.mailer.URL("c", in.Token)),
		Still: func(ctx context.Context) error { return talks.StillUntold(ctx, in) },
	})
}

// tellOnce sends what waits in the outbox of consultations. What the mail server does
// not take now is tried again; what it never will is entered as such.
func (l letters) tellOnce(ctx context.Context, talks *consultations.Service) error {
	waiting, err := talks.Outbox(ctx)
	problems := []error{err}
	for _, letter := range waiting {
		err := l.changed(ctx, talks, letter)
		refused, ok := errors.AsType[*notify.SendError](err)
		never := (ok && !refused.Temporary) || errors.Is(err, notify.ErrMessage)
		switch {
		case errors.Is(err, consultations.ErrTold):
		case err == nil, never:
			problems = append(problems, talks.Told(ctx, letter, never))
		default:
			problems = append(problems, err)
		}
	}
	return errors.Join(problems...)
}

// test sends the operator's test mail.
func (l letters) test(ctx context.Context, to string, language i18n.Language) error {
	p := l.catalogs.Printer(language)
	return l.mailer.Test(ctx, to, p.T("mail.test.subject", "forum", p.T("forum.name")), p.T("mail.test.text"))
}

// mailEntries registers every kind of mail with its policy.
func mailEntries() []access.Entry {
	var out []access.Entry
	for _, spec := range notify.Kinds() {
		out = append(out, access.Entry{Kind: access.Mail, Name: string(spec.Kind), Policy: access.Policy{Name: spec.Policy, Who: access.Anyone}})
	}
	return out
}
