package server_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/consultations/vault"
	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server"
	"github.com/vcm-forum/forum/server/database"
)

// What the people of the test's consultation are called, and what stands in it.
const (
	tongue = "x-inventado"
	paper  = consultations.Digest("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
	aDay   = 24 * time.Hour
)

// consulted is a forum with one community that has been through a consultation
// as far as a test needs it: Fara facilitates, Hilda and Horst speak for the
// assembly, Hana for the women's body, Pablo proposes, Aude audits, Obi observes,
// Mira is of the community without a mandate, Nadia has no seat, Admin runs the
// server.
type consulted struct {
	*forum
	talks        *consultations.Service
	sealing      *ledger.Sealing
	back         *atomic.Int64 // how far the clock stands behind now
	community    record.ID
	assembly     record.ID
	women        record.ID
	mandates     map[string]record.ID
	consultation record.ID
	aspects      []record.ID
}

// consult starts a forum whose community was founded 200 days ago and whose
// decisions need two people, one of them of the women's body, after 30 days.
func consult(t *testing.T, db *database.DB, change ...func(*server.Config)) *consulted {
	t.Helper()
	w := &consulted{back: new(atomic.Int64), mandates: map[string]record.ID{}}
	w.back.Store(int64(200 * aDay))
	w.forum = start(t, db, func(cfg *server.Config) {
		cfg.Vault = vault.Temporary()
		cfg.Sealing, cfg.Seals = sealed(t, db, cfg.BaseURL)
		w.sealing = cfg.Sealing
		for _, c := range change {
			c(cfg)
		}
		cfg.Now = func() time.Time { return database.Now().Add(-time.Duration(w.back.Load())) }
	})
	w.talks = w.srv.Consultations()
	for _, name := range []string{"Fara", "Hilda", "Horst", "Hana", "Mira", "Pablo", "Aude", "Obi", "Nadia"} {
		w.person(name, func(p *people.Person) {
			p.Convener, p.Email = name == "Fara", strings.ToLower(name)+"@forum.example"
		})
	}
	w.person("Admin", func(p *people.Person) { p.Administrator = true })
	w.found()
	return w
}

// inHouse is a signer in the test's own process.
type inHouse struct{ *ledger.Signer }

func (s inHouse) AddCheckpoint(_ context.Context, body string) (ledger.Answer, error) {
	return s.Signer.AddCheckpoint(body), nil
}

// sealed is what has the logs signed, by a key of the test.
func sealed(t *testing.T, db *database.DB, base string) (*ledger.Sealing, consultations.Seals) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "signer")
	public, err := ledger.AddKey(dir)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ledger.NewSigner(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = signer.Close() })
	text := fmt.Sprintf("quorum 0\nlog prefix %s/l/ %s\n", strings.TrimPrefix(base, "http://"), public)
	policy, err := ledger.ParsePolicy(text)
	if err != nil {
		t.Fatal(err)
	}
	return ledger.NewSealing(ledger.Sealing{
		DB: db.Write, Signer: inHouse{signer}, Policy: policy, Now: database.Now, Logger: slog.New(slog.DiscardHandler), Every: time.Hour,
	}), consultations.Seals{Policy: policy, Text: text}
}

// seal has every log signed now.
func (w *consulted) seal() {
	w.t.Helper()
	w.must(record.Receipt{}, w.sealing.SealAll(w.t.Context()))
}

// by is a call of somebody.
func (w *consulted) by(name string) consultations.Call {
	return consultations.Call{Call: dialogues.Call{Actor: w.persons[name]}}
}

// did is for steps of the fixture that cannot be refused.
func (w *consulted) did(r record.Receipt, err error) record.ID {
	w.t.Helper()
	return w.must(r, err).ID
}

// wait lets time go by on the server's clock.
func (w *consulted) wait(d time.Duration) { w.back.Add(-int64(d)) }

// today sets the clock to now, for logins and for what people see.
func (w *consulted) today() *consulted { w.back.Store(0); return w }

func (w *consulted) found() {
	w.t.Helper()
	ctx, s := w.t.Context(), w.talks
	w.community = w.did(s.Found(ctx, w.by("Fara"), consultations.CommunityForm{
		Name: canary + " community", Identifies: consultations.Indigenous, Languages: []string{tongue, "es"},
	}))
	add := func(kind consultations.Body, name string) record.ID {
		return w.did(s.AddInstitution(ctx, w.by("Fara"), w.community, consultations.InstitutionForm{Kind: kind, Name: name}))
	}
	w.assembly, w.women = add(consultations.Assembly, canary+" assembly"), add(consultations.Women, canary+" women")
	w.did(s.AdoptProtocol(ctx, w.by("Fara"), w.community, consultations.ProtocolForm{
		Institution: w.assembly, Rule: canary + " rule",
		Rules: consultations.Rules{Confirmations: 2, Groups: []consultations.Body{consultations.Women}, DeliberateDays: 30, InternalSessions: 1, CoolOffDays: 90},
	}))
	for name, role := range map[string]consultations.Role{"Obi": consultations.Observer, "Aude": consultations.Auditor} {
		w.did(s.GiveSeat(ctx, w.by("Fara"), w.community, w.persons[name].ID(), role, ""))
	}
	for name, of := range map[string]record.ID{"Hilda": w.assembly, "Horst": w.assembly, "Hana": w.women} {
		id := w.did(s.EnterMandate(ctx, w.by("Fara"), w.community, consultations.MandateForm{
			Name: name, Account: w.persons[name].ID(), Institution: of, Powers: consultations.Powers(), Resolution: []consultations.Digest{paper},
		}))
		w.did(s.Vouch(ctx, w.by("Fara"), w.community, id, "Rosa"))
		w.did(s.Vouch(ctx, w.by("Fara"), w.community, id, "Inés"))
		w.mandates[name] = id
	}
	for _, id := range w.mandates {
		w.did(s.Attest(ctx, w.by("Obi"), w.community, id))
	}
	w.wait(31 * aDay)
	w.did(s.GiveSeat(ctx, w.by("Hilda"), w.community, w.persons["Mira"].ID(), consultations.Member, ""))
}

// propose puts a proposal of three aspects before the community.
func (w *consulted) propose() *consulted {
	w.t.Helper()
	w.consultation = w.did(w.talks.Propose(w.t.Context(), w.by("Fara"), w.community, consultations.ProposalForm{
		Proponent: w.persons["Pablo"].ID(), Title: canary + " proposal", Summary: canary + " summary",
		Aspects: []string{canary + " study", canary + " flights", canary + " credits"},
	}))
	p, _ := w.of("Hilda").Community.Proposal(w.record().Proposal)
	w.aspects = nil
	for _, a := range p.Newest().Aspects {
		w.aspects = append(w.aspects, a.ID)
	}
	return w
}

// of is somebody's seat now.
func (w *consulted) of(name string) consultations.Seat {
	w.t.Helper()
	seat, err := w.talks.SeatOf(w.t.Context(), w.persons[name], w.community)
	if err != nil {
		w.t.Fatalf("seat of %s: %v", name, err)
	}
	return seat
}

func (w *consulted) record() *consultations.Consultation {
	w.t.Helper()
	return w.of("Hilda").Community.Consultation(w.consultation)
}

// tell goes on until all was told and the community has received it.
func (w *consulted) tell() *consulted {
	w.t.Helper()
	ctx, s := w.t.Context(), w.talks
	w.did(s.Move(ctx, w.by("Fara"), w.community, w.consultation, 1, consultations.MoveInvite, ""))
	w.did(s.WritePlan(ctx, w.by("Hilda"), w.community, w.consultation, canary+" plan"))
	for _, name := range []string{"Hilda", "Pablo"} {
		w.did(s.AgreePlan(ctx, w.by(name), w.community, w.consultation, w.record().PlanMark()))
	}
	for _, topic := range consultations.Topics() {
		w.did(s.Disclose(ctx, w.by("Pablo"), w.community, w.consultation, consultations.DisclosureForm{
			Version: 1, Topic: topic, Language: "es", Medium: consultations.Written, Body: canary + " told", Translator: "Tomás",
		}))
	}
	w.did(s.Move(ctx, w.by("Hilda"), w.community, w.consultation, 1, consultations.MoveReceive, ""))
	return w
}

// deliberate goes on until the community has met and its time is over.
func (w *consulted) deliberate() *consulted {
	w.t.Helper()
	w.did(w.talks.WriteSession(w.t.Context(), w.by("Hilda"), w.community, w.consultation, consultations.SessionForm{
		Version: 1, Kind: consultations.InternalOnly, Held: w.of("Hilda").At, Notes: canary + " among us", Names: canary + " names", Place: canary + " place",
	}))
	w.wait(31 * aDay)
	return w
}

// draft writes an answer down.
func (w *consulted) draft(kind consultations.DecisionType, aspects ...record.ID) record.ID {
	w.t.Helper()
	form := consultations.DraftForm{
		Version: 1, Aspects: aspects, Type: kind, Language: "es", Statement: canary + " statement", Dissent: []string{canary + " dissent"},
	}
	if kind == consultations.ConsentConditions {
		form.Conditions = []string{canary + " condition"}
	}
	return w.did(w.talks.Transcribe(w.t.Context(), w.by("Fara"), w.community, w.consultation, form))
}

// decide takes an answer the whole way.
func (w *consulted) decide(kind consultations.DecisionType, aspects ...record.ID) {
	w.t.Helper()
	id := w.draft(kind, aspects...)
	for _, name := range []string{"Hilda", "Hana"} {
		w.did(w.talks.Confirm(w.t.Context(), w.by(name), w.community, w.consultation, consultations.ConfirmForm{Draft: id, Digest: w.record().Draft(id).Digest}))
	}
}
