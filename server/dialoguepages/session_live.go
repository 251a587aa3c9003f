package dialoguepages

import (
	"html/template"
	"net/url"
	"slices"
	"strings"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

// livePage is what the participant's phone, the console and the wall share.
type livePage struct {
	page.Base
	Room     roomView
	Dialogue dialogues.Dialogue
	Seat     dialogues.Seat
	Threads  template.HTML // items of a list
	Total    int64
	Form     page.Form
	HandUp   bool
	HandAt   int // place in the list, 0 while speaking
	Attended bool
	Chairs   []dialogues.Member // who may chair, who does included
	Tally    dialogues.Tally    // on the wall, once the session is over
	QR       template.HTML
	JoinURL  string
}

var (
	roomTemplate    = page.Must[livePage]("sessions/room.html")
	consoleTemplate = page.Must[livePage]("sessions/console.html")
	hallTemplate    = page.Must[livePage]("sessions/hall.html")
)

// refresh is how often a live page reloads itself without JavaScript, in seconds.
const refresh = 15

// streamLength is how many contributions a live page begins with.
const streamLength = 60

// Room is the participant's view of a session.
func (p *Pages) Room(r *page.Request) error {
	data, err := p.livePage(r, ViewRoom)
	if err != nil {
		return err
	}
	if data.Attended, err = p.Dialogues.HasAttended(r.Ctx(), r.Session.ID, r.Actor.ID()); err != nil {
		return err
	}
	return roomTemplate.OK(r, data)
}

// Console is the facilitator's view.
func (p *Pages) Console(r *page.Request) error {
	data, err := p.livePage(r, ViewConsole)
	if err != nil {
		return err
	}
	members, err := p.Dialogues.Members(r.Ctx(), r.Seat.Dialogue.ID)
	if err != nil {
		return err
	}
	data.Chairs = chairs(members)
	return consoleTemplate.OK(r, data)
}

func (p *Pages) livePage(r *page.Request, view string) (livePage, error) {
	// The head is read first: what happens while the rest is read is told again by the socket.
	head, err := record.HeadOf(r.Ctx(), p.Dialogues.Read, r.Seat.Dialogue.Room())
	if err != nil {
		return livePage{}, err
	}
	sc, questions, err := p.scene(r)
	if err != nil {
		return livePage{}, err
	}
	hall, err := p.Dialogues.Hall(r.Ctx(), r.Seat.Dialogue.ID, r.Session.ID)
	if err != nil {
		return livePage{}, err
	}
	onWall, err := p.wall(r.Ctx(), r.Seat, r.Session.ID)
	if err != nil {
		return livePage{}, err
	}
	data := livePage{
		Base: r.Base(hall.Session.Title), Room: p.room(sc, hall, questions, onWall), Dialogue: r.Seat.Dialogue, Seat: r.Seat,
		JoinURL: p.Kit.BaseURL + "/join/" + hall.Code,
	}
	data.Live = &page.Live{
		Room: r.Seat.Dialogue.Room(), Session: string(r.Session.ID), View: view, Epoch: head.Epoch, After: head.Seq,
	}
	data.Bare = true
	if r.QueryParam("still") == "" {
		data.Every = refresh
	}
	data.Form = r.Form(url.Values{
		"language": {defaultLanguage(r)}, "attribution": {string(dialogues.Named)},
		"question": {string(data.Room.Asks())},
	}, nil)
	data.placeOfHand(r.Actor.ID())
	data.QR = page.QR(data.JoinURL)
	return data, p.addStream(r, sc, &data)
}

// Asks is where what is said now goes: the current item's question; none
// where the item has none, so that nobody's words are filed by accident.
func (v roomView) Asks() record.ID {
	if v.Current == nil {
		return ""
	}
	return v.Current.QuestionID
}

// addStream adds the newest contributions, newest last.
func (p *Pages) addStream(r *page.Request, sc scene, data *livePage) error {
	threads, total, err := p.Dialogues.Threads(r.Ctx(), r.Seat, dialogues.SaidFilter{
		Session: r.Session.ID, Order: dialogues.Latest, Limit: streamLength,
	})
	if err != nil {
		return err
	}
	slices.Reverse(threads)
	data.Total = total
	data.Threads, err = p.threads(r, sc, threads)
	return err
}

// placeOfHand finds the reader's own hand.
func (l *livePage) placeOfHand(me record.ID) {
	for _, h := range l.Room.Waiting() {
		if h.PersonID == me {
			l.HandUp, l.HandAt = true, h.Place
		}
	}
	if s := l.Room.Speaker(); s != nil && s.PersonID == me {
		l.HandUp = true
	}
}

// Host is what people type into their phone: the address without its scheme.
func (l livePage) Host() string {
	_, host, _ := strings.Cut(l.URL(""), "://")
	return host
}

// JoinAt is where people type the code.
func (l livePage) JoinAt() string { return l.Host() + "/join" }

// MyTurn tells the reader that they have the floor, or are next; "" otherwise.
func (l livePage) MyTurn() string {
	switch {
	case l.HandUp && l.HandAt == 0:
		return l.T("hands.you_have_floor")
	case l.HandAt == 1:
		return l.T("hands.you_are_next")
	default:
		return ""
	}
}

// MaySpeak tells whether the reader can contribute now.
func (l livePage) MaySpeak() bool { return l.Seat.Can(dialogues.Contribute) }

// MayChair tells whether the reader can run the session.
func (l livePage) MayChair() bool { return l.Seat.Can(dialogues.Chair) }

// MayReadMinutes tells whether there are minutes to read.
func (l livePage) MayReadMinutes() bool { return l.Seat.CanReadMinutes(l.Room.Session) }

// NeedsToJoin: a member who has not entered the session yet is asked to, so
// that attendance is an act and not a glance.
func (l livePage) NeedsToJoin() bool {
	return !l.Attended && l.Room.State != dialogues.Over && l.Room.State != dialogues.Cancelled
}

// KindOptions are the kinds of contribution.
func (l livePage) KindOptions() []page.Option {
	return page.Options(l.Words, "kind.", dialogues.ContributionKinds())
}

// AttributionOptions are named and group only.
func (l livePage) AttributionOptions() []page.Option {
	return page.Options(l.Words, "attribution.", dialogues.Attributions())
}

// WrittenIn are the languages of contributions.
func (l livePage) WrittenIn() []page.Option { return writtenIn(l.Words, l.Dialogue) }

// QuestionOptions are the questions of the dialogue, in order.
func (l livePage) QuestionOptions() []page.Option {
	tree := make([]dialogues.QuestionView, 0, len(l.Room.questions))
	for _, q := range l.Room.questions {
		tree = append(tree, q)
	}
	sortByNumber(tree)
	return sayPage{Tree: tree}.QuestionOptions()
}
