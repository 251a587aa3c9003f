package communitypages

import (
	"errors"
	"html/template"
	"net/http"
	"slices"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

// seatsPage says who may come near: who takes part in the record, as what.
type seatsPage struct {
	ours
	Narrow  narrow
	Form    page.Form
	Now     []seatLine
	Before  []seatLine
	CanGive bool
	CanTake bool
}

// seatLine is somebody's seat.
type seatLine struct {
	consultations.Sitting
	Called string
	As     string
	About  string // the one consultation it is for; "" for all
	When   string
	Pic    template.HTML
}

var seatsTemplate = page.Must[seatsPage]("communities/seats.html")

// Seats lists who takes part in the record.
func (p *Pages) Seats(r *page.Request) error { return p.showSeats(r, nil) }

func (p *Pages) showSeats(r *page.Request, invalid people.Invalid) error {
	base, err := p.open(r, "seats", "room.seats")
	if err != nil {
		return err
	}
	lines, err := p.seatsOf(r, base)
	if err != nil {
		return err
	}
	invites := r.Sitting.Can(consultations.Invite, "")
	data := seatsPage{
		ours: base, Narrow: base.narrowSeats(r, len(lines)), Form: r.Form(nil, invalid).Named("email", "community.seat_email", "role", "community.seat_role", "consultation", "community.seat_about"),
		CanGive: invites, CanTake: invites && r.Sitting.Owns(),
	}
	for _, line := range lines {
		if line.Ended.IsZero() {
			data.Now = append(data.Now, line)
		} else {
			data.Before = append(data.Before, line)
		}
	}
	return seatsTemplate.Show(r, data.Form.Status(), data)
}

func (o ours) narrowSeats(r *page.Request, found int) narrow {
	n := narrowed(r, o.Root()+"/seats", o.T("community.read_who")).
		By(r, "as", o.T("community.seat_role"), true, o.roleOptions(consultations.Roles())).
		By(r, "sort", o.T("community.sort"), false, page.Options(o.Words, "community.sort.", []string{"newest", "oldest", "name"})).
		Of(len(o.Seat.Community.Seats))
	n.Count = o.T("community.people_count", "n", found)
	if o.Us() {
		n = n.File(o.Root() + "/seats.csv")
	}
	return n
}

// seatsOf are the seats that the address asks for, the newest first. What a form
// brings narrows nothing.
func (p *Pages) seatsOf(r *page.Request, base ours) ([]seatLine, error) {
	var out []seatLine
	c := r.Sitting.Community
	ids := make([]record.ID, 0, len(c.Seats))
	for _, s := range c.Seats {
		ids = append(ids, s.Account)
	}
	names, err := p.names(r, ids)
	if err != nil {
		return nil, err
	}
	as := page.OneOf(r.QueryParam("as"), consultations.Roles())
	for _, s := range slices.Backward(c.Seats) {
		if (as == "" || s.Role == as) && finds(r.QueryParam("q"), names[s.Account]) {
			out = append(out, base.seatLine(s, names[s.Account]))
		}
	}
	switch r.QueryParam("sort") {
	case "oldest":
		slices.Reverse(out)
	case "name":
		byName(out, func(l seatLine) string { return l.Called })
	}
	return out, nil
}

// SeatsCSV is the list as it is narrowed, as a file for the community itself.
func (p *Pages) SeatsCSV(r *page.Request) error {
	base, err := p.open(r, "seats_file", "room.seats")
	if err != nil {
		return err
	}
	lines, err := p.seatsOf(r, base)
	if err != nil {
		return err
	}
	table := [][]string{{"name", "role", "about", "since", "ended"}}
	for _, l := range lines {
		table = append(table, []string{l.Called, string(l.Role), l.About, dayOf(l.Since), dayOf(l.Ended)})
	}
	return page.SendCSV(r, "who-may-come-near.csv", table)
}

func (o ours) seatLine(sits consultations.Sitting, name string) seatLine {
	pictos := map[consultations.Role]string{
		consultations.Member: "community", consultations.Facilitator: "paper", consultations.Observer: "witness",
		consultations.Proponent: "guest", consultations.Auditor: "seen_by", consultations.Ombudsman: "grievance",
	}
	out := seatLine{sits, name, o.roleName(sits.Role), "", o.T("community.since_day", "date", o.Day(sits.Since)), o.Picto(pictos[sits.Role])}
	if !sits.Ended.IsZero() {
		out.When = o.T("community.from_to", "from", o.Day(sits.Since), "to", o.Day(sits.Ended))
	}
	for _, talk := range talkOptions(o) {
		if talk.Value == string(sits.Consultation) {
			out.About = talk.Label
		}
	}
	return out
}

// Roles are those that the reader may give: once somebody speaks for the
// community, its facilitator lets in nobody but a proponent.
func (s seatsPage) Roles() []page.Option {
	roles := consultations.Roles()
	if !s.Seat.Owns() {
		roles = []consultations.Role{consultations.Proponent}
	}
	return s.roleOptions(roles)
}

// Talks are the consultations to which a seat can be limited.
func (s seatsPage) Talks() []page.Option { return talkOptions(s.ours) }

// GiveSeat lets an account take part, found by its address.
func (p *Pages) GiveSeat(r *page.Request) error {
	role := page.OneOf(r.FormValue("role"), consultations.Roles())
	account, err := p.accountOf(r, "email")
	if role == "" {
		err = people.Invalid{"role": {Key: "error.choose_one"}}
	}
	var receipt record.Receipt
	if err == nil {
		receipt, err = p.Consultations.GiveSeat(r.Ctx(), r.Consult(), r.Sitting.Community.ID, account, role, r.FormID("consultation"))
	}
	if invalid, ok := invalidIn(r, beside(r.Sitting, err)); ok {
		return p.showSeats(r, invalid)
	}
	if err != nil {
		return err
	}
	r.Flash("flash.community_seat_given")
	return r.Done(receipt, path(r.Sitting.Community.ID, "/seats"))
}

// beside puts what is wrong with the account itself beside its address: it sits
// there already, or on another side.
func beside(seat consultations.Seat, err error) error {
	switch {
	case errors.Is(err, consultations.ErrWrongTime):
		return people.Invalid{"email": {Key: "community.has_seat"}}
	case errors.Is(err, consultations.ErrRefused) && seat.Owns():
		return people.Invalid{"email": {Key: "community.two_sides"}}
	}
	return err
}

// TakeSeat ends somebody's role. Whoever ends their own may see nothing more here.
func (p *Pages) TakeSeat(r *page.Request) error {
	account := r.FormID("account")
	receipt, err := p.Consultations.TakeSeat(r.Ctx(), r.Consult(), r.Sitting.Community.ID, account, page.OneOf(r.FormValue("role"), consultations.Roles()))
	if err != nil {
		return err
	}
	r.Flash("flash.community_seat_taken")
	if account == r.Actor.ID() && !r.WantsJSON() {
		return r.Redirect(http.StatusSeeOther, "/communities")
	}
	return r.Done(receipt, path(r.Sitting.Community.ID, "/seats"))
}
