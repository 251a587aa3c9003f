package consultations_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/consultations/vault"
	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// Words of the test world, so that a test reads as what happened.
const (
	paper   = consultations.Digest("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
	nameOf  = "Comunidad inventada"
	tongue  = "x-inventado"
	day     = 24 * time.Hour
	aYear   = 365 * day
	planned = "We talk in the long house, in our language."
)

// world is a community with its people, on a real database, under a clock that
// only the test moves.
type world struct {
	testing.TB
	*consultations.Service
	db     *database.DB
	clock  time.Time
	people map[string]people.Actor

	community    record.ID
	assembly     record.ID
	women        record.ID
	mandates     map[string]record.ID
	consultation record.ID
	aspects      []record.ID
}

// each runs a test in a fresh world on both engines.
func each(t *testing.T, run func(w *world)) {
	t.Helper()
	databasetest.Each(t, func(t *testing.T, db *database.DB) { run(newWorld(t, db)) })
}

func newWorld(t testing.TB, db *database.DB) *world {
	t.Helper()
	w := &world{
		TB: t, db: db, clock: time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC), people: map[string]people.Actor{}, mandates: map[string]record.ID{},
	}
	w.Service = w.serving(db, vault.Temporary())
	t.Cleanup(w.Writer.Stop)
	for _, name := range []string{"Fara", "Hilda", "Horst", "Hana", "Mira", "Pablo", "Aude", "Obi", "Ulla", "Nadia"} {
		w.people[name] = w.person(name, false)
	}
	w.people["Admin"] = w.person("Admin", true)
	return w
}

// serving is a program on a database, with a writer and a memory of its own.
// Whoever starts it stops its writer.
func (w *world) serving(db *database.DB, keys *vault.Vault) *consultations.Service {
	now := func() time.Time { return w.clock }
	writer := record.NewWriter(record.WriterConfig{DB: db.Write, Lanes: 1, Now: now})
	return &consultations.Service{
		Writer: writer, Read: db.Read, Vault: keys, Now: now, Host: "forum.example",
		Dialogues: &dialogues.Service{Writer: writer, Read: db.Read, Now: now},
	}
}

// person is an account; conveners may open records.
func (w *world) person(name string, administrator bool) people.Actor {
	w.Helper()
	p := people.Person{
		ID: record.NewID(), Kind: people.Account, Name: name, Folded: people.Fold(name), Language: "es", Administrator: administrator,
		Convener: name == "Fara", CreatedAt: w.clock, StakeholderGroup: "iplc", Email: people.NormalEmail(name + "@example.org"),
	}
	if err := w.db.Write.WithContext(w.Context()).Create(&p).Error; err != nil {
		w.Fatalf("make %s: %v", name, err)
	}
	return people.Actor{Person: p}
}

// by is a call of somebody, here and now.
func (w *world) by(name string) consultations.Call {
	call := consultations.Call{}
	call.Actor = w.people[name]
	return call
}

func (w *world) ctx() context.Context { return w.Context() }

// wait lets time go by.
func (w *world) wait(d time.Duration) { w.clock = w.clock.Add(d) }

// must stops the test when a step that has to work does not.
func (w *world) must(r record.Receipt, err error) record.ID {
	w.Helper()
	if err != nil {
		w.Fatalf("%v", err)
	}
	return r.ID
}

// refused checks that a step is not taken, and for this reason.
func (w *world) refused(err, want error) {
	w.Helper()
	if !errors.Is(err, want) {
		w.Errorf("got %v, want %v", err, want)
	}
}

// blockedBy checks that a guard stops a step.
func (w *world) blockedBy(err error, guard consultations.Guard) {
	w.Helper()
	var b *consultations.Blocked
	if !errors.As(err, &b) || b.Guard != guard {
		w.Errorf("got %v, want to be blocked by %s", err, guard)
	}
}

// invalid checks that a field is refused.
func (w *world) invalid(err error, field string) {
	w.Helper()
	var v people.Invalid
	if !errors.As(err, &v) || v[field].Key == "" {
		w.Errorf("got %v, want %q refused", err, field)
	}
}

// founded makes a community whose assembly and women's body speak through Hilda,
// Horst and Hana, under a protocol that asks for two of them and for the women.
func (w *world) founded() *world {
	w.Helper()
	w.community = w.must(w.Found(w.ctx(), w.by("Fara"), consultations.CommunityForm{
		Name: nameOf, Identifies: consultations.Indigenous, Languages: []string{tongue}, OralOnly: true,
	}))
	add := func(kind consultations.Body, name string) record.ID {
		return w.must(w.AddInstitution(w.ctx(), w.by("Fara"), w.community, consultations.InstitutionForm{Kind: kind, Name: name}))
	}
	w.assembly, w.women = add(consultations.Assembly, "Asamblea"), add(consultations.Women, "Casa de mujeres")
	w.protocol(consultations.Rules{
		Kind: "consensus", Confirmations: 2, Groups: []consultations.Body{consultations.Women}, DeliberateDays: 30, InternalSessions: 1,
		CoolingDays: 0, CoolOffDays: 90,
	})
	w.must(w.GiveSeat(w.ctx(), w.by("Fara"), w.community, w.people["Obi"].ID(), consultations.Observer, ""))
	w.mandate("Hilda", w.assembly)
	w.mandate("Horst", w.assembly)
	w.mandate("Hana", w.women)
	w.wait(31 * day)
	return w
}

func (w *world) protocol(r consultations.Rules) {
	w.Helper()
	by := []string{"Fara"}
	if len(w.mandates) > 0 {
		by = []string{"Hilda", "Hana"}
	}
	for _, name := range by {
		w.must(w.AdoptProtocol(w.ctx(), w.by(name), w.community, consultations.ProtocolForm{Institution: w.assembly, Rules: r, Rule: "Todos hablan."}))
	}
}

// mandate enters a founding mandate with all that it takes.
func (w *world) mandate(name string, institution record.ID) {
	w.Helper()
	id := w.must(w.EnterMandate(w.ctx(), w.by("Fara"), w.community, consultations.MandateForm{
		Name: name, Account: w.people[name].ID(), Institution: institution, Powers: consultations.Powers(), Resolution: []consultations.Digest{paper},
	}))
	w.must(w.Vouch(w.ctx(), w.by("Fara"), w.community, id, "Rosa"))
	w.must(w.Vouch(w.ctx(), w.by("Fara"), w.community, id, "Inés"))
	w.mandates[name] = id
	w.attestAll()
}

// attestAll: founding mandates are entered together and attested at the end.
func (w *world) attestAll() {
	w.Helper()
	if len(w.mandates) < 3 {
		return
	}
	for _, id := range w.mandates {
		w.must(w.Attest(w.ctx(), w.by("Obi"), w.community, id))
	}
}

// proposed puts a proposal of three aspects before the community.
func (w *world) proposed() *world {
	w.Helper()
	w.consultation = w.must(w.Propose(w.ctx(), w.by("Fara"), w.community, w.form("First")))
	w.aspects = w.standing().aspects
	return w
}

func (w *world) form(summary string) consultations.ProposalForm {
	return consultations.ProposalForm{
		Proponent: w.people["Pablo"].ID(), Title: "Bosque", Summary: summary, Aspects: []string{"Estudio", "Vuelos", "Créditos"},
	}
}

// told goes on until everything was disclosed and the community has received it.
func (w *world) told() *world {
	w.Helper()
	w.move("Fara", consultations.MoveInvite)
	w.must(w.WritePlan(w.ctx(), w.by("Hilda"), w.community, w.consultation, planned))
	w.agreePlan()
	for _, topic := range consultations.Topics() {
		w.disclose(topic)
	}
	w.move("Hilda", consultations.MoveReceive)
	return w
}

func (w *world) agreePlan() {
	w.Helper()
	entry := w.record("Hilda").PlanMark()
	w.must(w.AgreePlan(w.ctx(), w.by("Hilda"), w.community, w.consultation, entry))
	w.must(w.AgreePlan(w.ctx(), w.by("Pablo"), w.community, w.consultation, entry))
}

func (w *world) disclose(topic consultations.Topic) {
	w.Helper()
	w.must(w.Disclose(w.ctx(), w.by("Pablo"), w.community, w.consultation, consultations.DisclosureForm{
		Version: w.version(), Topic: topic, Language: tongue, Medium: consultations.Audio, Evidence: paper, Translator: "Tomás",
	}))
}

// deliberated goes on until the community has met and its time is over.
func (w *world) deliberated() *world {
	w.Helper()
	w.must(w.WriteSession(w.ctx(), w.by("Hilda"), w.community, w.consultation, consultations.SessionForm{
		Version: w.version(), Kind: consultations.InternalOnly, Held: w.clock,
	}))
	w.wait(31 * day)
	return w
}

// ready is a consultation in which a decision can be written down.
func (w *world) ready() *world { w.Helper(); return w.founded().proposed().told().deliberated() }

func (w *world) move(name string, m consultations.Move) {
	w.Helper()
	w.must(w.Move(w.ctx(), w.by(name), w.community, w.consultation, w.version(), m, ""))
}

// draft writes an answer down.
func (w *world) draft(kind consultations.DecisionType, aspects ...record.ID) record.ID {
	w.Helper()
	return w.must(w.Transcribe(w.ctx(), w.by("Fara"), w.community, w.consultation, w.words(kind, aspects...)))
}

func (w *world) words(kind consultations.DecisionType, aspects ...record.ID) consultations.DraftForm {
	form := consultations.DraftForm{
		Version: w.version(), Aspects: aspects, Type: kind, Language: tongue, Statement: "Así lo decidimos.", Dissent: []string{"Julia no está de acuerdo."},
	}
	if kind == consultations.ConsentConditions {
		form.Conditions = []string{"Nadie entra al cerro."}
	}
	return form
}

// confirm is one holder's word for a draft as it stands.
func (w *world) confirm(name string, draft record.ID) error {
	_, err := w.Confirm(w.ctx(), w.by(name), w.community, w.consultation, w.wordFor(draft))
	return err
}

func (w *world) wordFor(draft record.ID) consultations.ConfirmForm {
	w.Helper()
	return consultations.ConfirmForm{Draft: draft, Digest: w.record("Hilda").Draft(draft).Digest}
}

// decided takes an answer the whole way.
func (w *world) decided(kind consultations.DecisionType, aspects ...record.ID) {
	w.Helper()
	id := w.draft(kind, aspects...)
	for _, name := range []string{"Hilda", "Hana"} {
		if err := w.confirm(name, id); err != nil {
			w.Fatalf("%s confirms: %v", name, err)
		}
	}
}

// stop is a step that protects, by a holder's own account.
func (w *world) stop(name string, kind consultations.DecisionType, aspects ...record.ID) error {
	_, err := w.Stop(w.ctx(), w.by(name), w.community, w.consultation, consultations.StopForm{Version: w.version(), Type: kind, Aspects: aspects})
	return err
}

// seat is somebody's seat now.
func (w *world) seat(name string) consultations.Seat {
	w.Helper()
	s, err := w.SeatOf(w.ctx(), w.people[name], w.community)
	if err != nil {
		w.Fatalf("seat of %s: %v", name, err)
	}
	return s
}

// record is the consultation as it stands.
func (w *world) record(name string) *consultations.Consultation {
	w.Helper()
	return w.seat(name).Community.Consultation(w.consultation)
}

func (w *world) version() int {
	c := w.seat("Fara").Community
	p, _ := c.Proposal(c.Consultation(w.consultation).Proposal)
	return p.Newest().Number
}

// standings are the states of all aspects, in their order.
type standings struct {
	aspects []record.ID
	states  []consultations.State
}

func (w *world) standing() standings {
	w.Helper()
	c := w.seat("Fara").Community
	x := c.Consultation(w.consultation)
	p, _ := c.Proposal(x.Proposal)
	var out standings
	for _, a := range p.Newest().Aspects {
		out.aspects = append(out.aspects, a.ID)
		out.states = append(out.states, c.Standing(x, p.Newest().Number, a.ID, w.clock).State)
	}
	return out
}

// stands checks the states of the aspects.
func (w *world) stands(want ...consultations.State) {
	w.Helper()
	got := w.standing().states
	for i := range want {
		if got[i] != want[i] {
			w.Errorf("aspect %d is %s, want %s", i+1, got[i], want[i])
		}
	}
}
