package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/consultations/vault"
	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/testkit"
)

// behind is how far the clock of the first program stands behind: a month, and a
// little more than the community takes for itself.
const behind = 32 * 24 * time.Hour

// buildEarlier builds the program with one line changed: its clock.
func buildEarlier(t *testing.T) string {
	t.Helper()
	clock := filepath.Join(testkit.Root(t), "server", "database", "database.go")
	source, now := bytesOf(t, clock), []byte("time.Now().UTC()")
	if bytes.Count(source, now) != 1 {
		t.Fatalf("%s is not where the clock is any more", clock)
	}
	dir := t.TempDir()
	changed, list := filepath.Join(dir, "database.go"), filepath.Join(dir, "overlay.json")
	put(t, changed, bytes.Replace(source, now, fmt.Appendf(nil, "time.Now().Add(-%d).UTC()", behind), 1))
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {clock: changed}})
	if err != nil {
		t.Fatal(err)
	}
	put(t, list, overlay)
	return buildProgram(t, "forum", dir, "-overlay", list)
}

// put writes a file.
func put(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// founding is what happened before the walk begins, done through the program's own
// services with a clock of its own, on the data that the program then opens.
type founding struct {
	*village
	talks   *consultations.Service
	at      time.Time // the clock
	persons map[string]people.Actor
}

// settle lets the community be founded 200 days ago and be asked 40 days ago.
func (v *village) settle() {
	v.t.Helper()
	f := &founding{village: v, at: database.Now().AddDate(0, 0, -200), persons: map[string]people.Actor{}}
	db, err := database.Open(v.t.Context(), database.Config{Dir: v.data, URL: v.database})
	f.must(err)
	defer func() { f.must(db.Close()) }()
	f.must(db.Migrate(v.t.Context()))
	keys, err := vault.Open(v.inData("vault"))
	f.must(err)
	srv, err := server.New(server.Config{DB: db, BaseURL: "http://" + v.server.addr, Vault: keys, Now: func() time.Time { return f.at }})
	f.must(err)
	writer, persons, _, logins := srv.Services()
	defer writer.Stop()
	f.talks = srv.Consultations()
	for _, name := range []string{"Hilda", "Hana", "Fara", "Pablo", "Obi"} {
		f.enroll(persons, name)
		f.must(logins.SetPassphrase(v.t.Context(), f.persons[name], "", secretOf(name)))
	}
	f.found()
	f.at = f.at.AddDate(0, 0, 160)
	f.ask()
}

func (f *founding) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatalf("what came before the walk: %v", err)
	}
}

// did is a step that cannot be refused.
func (f *founding) did(r record.Receipt, err error) record.ID {
	f.t.Helper()
	f.must(err)
	return r.ID
}

func (f *founding) by(name string) consultations.Call {
	return consultations.Call{Call: dialogues.Call{Actor: f.persons[name]}}
}

// mailOf and secretOf are what people of the walk sign in with.
func mailOf(name string) string   { return strings.ToLower(name) + "@forum.example" }
func secretOf(name string) string { return "tres cabras en la loma de " + mailOf(name)[:3] }

func (f *founding) enroll(persons *people.Service, name string) {
	f.t.Helper()
	profile := people.Profile{Name: name, StakeholderGroup: people.CivilSociety, Country: "PE", Language: "es", TimeZone: "America/Lima"}
	id, err := persons.Create(f.t.Context(), "", profile, func(p *people.Person) { p.Convener, p.Email = name == "Fara", mailOf(name) })
	f.must(err)
	p, err := persons.ByID(f.t.Context(), id)
	f.must(err)
	f.persons[name] = people.Actor{Person: p}
}

// found: the community decides by two people, one of them of the women, after a
// month and after meeting among itself.
func (f *founding) found() {
	ctx, s := f.t.Context(), f.talks
	f.community = f.did(s.Found(ctx, f.by("Fara"), consultations.CommunityForm{
		Name: "Comunidad de Laguna Serena", Identifies: consultations.Indigenous, Languages: []string{"es"},
	}))
	add := func(kind consultations.Body, name string) record.ID {
		return f.did(s.AddInstitution(ctx, f.by("Fara"), f.community, consultations.InstitutionForm{Kind: kind, Name: name}))
	}
	assembly, women := add(consultations.Assembly, "Asamblea de Laguna Serena"), add(consultations.Women, "Tejedoras de la Laguna")
	f.did(s.AdoptProtocol(ctx, f.by("Fara"), f.community, consultations.ProtocolForm{
		Institution: assembly, Rule: "Conversamos hasta que nadie queda afuera.",
		Rules: consultations.Rules{Confirmations: 2, Groups: []consultations.Body{consultations.Women}, DeliberateDays: 30, InternalSessions: 1, CoolOffDays: 90},
	}))
	f.did(s.GiveSeat(ctx, f.by("Fara"), f.community, f.persons["Obi"].ID(), consultations.Observer, ""))
	f.mandate("Hilda", f.persons["Hilda"].ID(), assembly)
	f.mandate("Hana", f.persons["Hana"].ID(), women)
	f.mandate(elder, "", assembly)
	f.at = f.at.AddDate(0, 0, 1)
	for _, m := range f.stands().Mandates {
		f.did(s.Attest(ctx, f.by("Obi"), f.community, m.ID))
	}
}

func (f *founding) mandate(name string, account, institution record.ID) {
	ctx, s := f.t.Context(), f.talks
	id := f.did(s.EnterMandate(ctx, f.by("Fara"), f.community, consultations.MandateForm{
		Name: name, Account: account, Institution: institution, Powers: consultations.Powers(),
		Resolved: "Así quedó en el libro de actas.", Resolution: []consultations.Digest{consultations.Digest(record.Digest("acta", name))},
	}))
	for _, who := range []string{"Rosa Camino", "Abel Ribera"} {
		f.did(s.Vouch(ctx, f.by("Fara"), f.community, id, who))
	}
}

// ask: the proposal is made, both sides agree how to talk, and all is told but one
// thing, which the walk begins with.
func (f *founding) ask() {
	ctx, s := f.t.Context(), f.talks
	f.consultation = f.did(s.Propose(ctx, f.by("Fara"), f.community, consultations.ProposalForm{
		Proponent: f.persons["Pablo"].ID(), Title: "Bosque en pie", Summary: "Plantar árboles en potreros viejos y vender los créditos de carbono que den.",
		Aspects: []string{"Plantar en los potreros viejos", "Vender los créditos"},
	}))
	f.did(s.Move(ctx, f.by("Fara"), f.community, f.consultation, 1, consultations.MoveInvite, ""))
	f.did(s.WritePlan(ctx, f.by("Hilda"), f.community, f.consultation, "Nos reunimos en la casa grande, los domingos."))
	for _, name := range []string{"Hilda", "Pablo"} {
		f.did(s.AgreePlan(ctx, f.by(name), f.community, f.consultation, f.stands().Consultation(f.consultation).PlanMark()))
	}
	for _, topic := range consultations.Topics() {
		if topic != consultations.Risks {
			f.did(s.Disclose(ctx, f.by("Pablo"), f.community, f.consultation, consultations.DisclosureForm{
				Version: 1, Topic: topic, Language: "es", Medium: consultations.Written, Body: "Se explicó en la casa grande, con mapas.", Translator: "Tomás Vado",
			}))
		}
	}
}

func (f *founding) stands() *consultations.Community {
	f.t.Helper()
	seat, err := f.talks.SeatOf(f.t.Context(), f.persons["Fara"], f.community)
	f.must(err)
	return seat.Community
}
