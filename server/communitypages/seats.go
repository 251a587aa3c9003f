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
	c := r.Sitting.Community
	ids := make([]record.ID, 0, len(c.Seats))
	for _, s := range c.Seats {
		ids = append(ids, s.Account)
	}
	names, err := p.names(r, ids)
	if err != nil {
		return err
	}
	invites := r.Sitting.Can(consultations.Invite, "")
	data := seatsPage{
		ours: base, Form: r.Form(nil, invalid).Named("email", "community.seat_email", "role", "community.seat_role", "consultation", "community.seat_about"),
		CanGive: invites, CanTake: invites && r.Sitting.Owns(),
	}
	for _, s := range slices.Backward(c.Seats) {
		line := data.line(s, names[s.Account])
		if s.Ended.IsZero() {
			data.Now = append(data.Now, line)
		} else {
			data.Before = append(data.Before, line)
		}
	}
	return seatsTemplate.Show(r, data.Form.Status(), data)
}

func (s seatsPage) line(sits consultations.Sitting, name string) seatLine {
	pictos := map[consultations.Role]string{
		consultations.Member: "community", consultations.Facilitator: "paper", consultations.Observer: "witness",
		consultations.Proponent: "guest", consultations.Auditor: "seen_by", consultations.Ombudsman: "grievance",
	}
	out := seatLine{sits, name, s.roleName(sits.Role), "", s.T("community.since_day", "date", s.Day(sits.Since)), s.Picto(pictos[sits.Role])}
	if !sits.Ended.IsZero() {
		out.When = s.T("community.from_to", "from", s.Day(sits.Since), "to", s.Day(sits.Ended))
	}
	for _, o := range talkOptions(s.ours) {
		if o.Value == string(sits.Consultation) {
			out.About = o.Label
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
	return page.Options(s.Words, "consult.role.", roles)
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
