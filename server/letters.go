package server

import (
	"context"

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
