package dialoguepages

import (
	"context"
	"slices"
	"strings"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/live"
)

// news is everything that the lines are about, as it stands now. A line of the
// past is shown in the state of the present: what was withdrawn since is not
// told again.
type news struct {
	entries   []record.Entry
	facts     []dialogues.Facts
	seat      dialogues.Seat
	questions []dialogues.QuestionView
	sessions  []dialogues.Session
	said      map[record.ID]dialogues.Said // threads by their own id and by their replies'
	last      map[change]int               // the last line that made it
	halls     map[record.ID]dialogues.Hall // sessions of which somebody is shown a change
	onWall    map[record.ID]wall
}

// change is what a line can change of a session.
type change struct {
	session record.ID
	of      matter
}

// matter is a part of a session that some verbs change and some fragments show.
// A contribution is no news of the clock, nor a raised hand of the agenda: what
// cannot have changed is neither read, nor rendered, nor sent to a thousand phones.
type matter string

// Matters of a session.
const (
	itsCourse matter = "course" // what is current, clock, agenda; whatever changes it may change the others
	itsFloor  matter = "floor"  // who speaks and who waits
	itsPeople matter = "people" // who has entered
	itsWords  matter = "words"  // what was said
)

func matterOf(verb record.Verb) matter {
	switch {
	case isAboutWords(verb):
		return itsWords
	case strings.HasPrefix(string(verb), "hand."):
		return itsFloor
	case verb == dialogues.SessionJoined:
		return itsPeople
	default:
		return itsCourse
	}
}

// newest is the last line that may have changed a matter of a session; -1 for none.
func (n *news) newest(session record.ID, of matter) int {
	newest := -1
	for _, changed := range []matter{of, itsCourse} {
		if i, ok := n.last[change{session, changed}]; ok {
			newest = max(newest, i)
		}
	}
	return newest
}

// wall is what the hall's screen shows of what was said.
type wall struct {
	top    []dialogues.Said
	newest *dialogues.Said
}

func (s *Stream) gather(ctx context.Context, room string, entries []record.Entry, audiences []live.Audience) (*news, error) {
	n := &news{
		entries: entries, facts: make([]dialogues.Facts, len(entries)), said: map[record.ID]dialogues.Said{},
		last: map[change]int{}, halls: map[record.ID]dialogues.Hall{}, onWall: map[record.ID]wall{},
	}
	var err error
	if n.seat, err = s.Pages.Dialogues.FollowerSeat(ctx, record.ID(room)); err != nil {
		return nil, err
	}
	var ids []record.ID
	for i, e := range entries {
		if n.facts[i], err = dialogues.FactsOf(e); err != nil {
			return nil, err
		}
		if isAboutWords(e.Verb) {
			ids = append(ids, e.Subject)
		}
		if session := n.facts[i].Session; session != "" {
			n.last[change{session, matterOf(e.Verb)}] = i
		}
	}
	if err := s.load(ctx, n, ids); err != nil {
		return nil, err
	}
	return n, s.loadSessions(ctx, n, audiences)
}

func (s *Stream) load(ctx context.Context, n *news, ids []record.ID) error {
	d := s.Pages.Dialogues
	var err error
	if n.questions, err = d.Questions(ctx, n.seat.Dialogue.ID); err != nil {
		return err
	}
	if n.sessions, err = d.Sessions(ctx, n.seat.Dialogue.ID); err != nil {
		return err
	}
	if len(ids) == 0 {
		return nil
	}
	said, err := dialogues.SaidByID(ctx, d.Read, n.seat, ids)
	for _, c := range said {
		n.said[c.ID] = c
		for _, reply := range c.Replies {
			n.said[reply.ID] = c
		}
	}
	return err
}

// loadSessions reads of each session what some audience is shown a change of.
func (s *Stream) loadSessions(ctx context.Context, n *news, audiences []live.Audience) error {
	for session, of := range n.shown(audiences) {
		hall, err := s.Pages.Dialogues.Hall(ctx, n.seat.Dialogue.ID, session)
		if err != nil {
			return err
		}
		n.halls[session] = hall
		if !of[itsWords] {
			continue
		}
		if n.onWall[session], err = s.Pages.wall(ctx, n.seat, session); err != nil {
			return err
		}
	}
	return nil
}

// shown lists the matters of each session that have changed on some audience's page.
func (n *news) shown(audiences []live.Audience) map[record.ID]map[matter]bool {
	shown := map[record.ID]map[matter]bool{}
	for made := range n.last {
		for _, audience := range audiences {
			for _, f := range fragmentsOf(audience.View, dialogues.Live) { // as many as the view ever shows
				if n.newest(made.session, f.shows) < 0 {
					continue
				}
				if shown[made.session] == nil {
					shown[made.session] = map[matter]bool{}
				}
				shown[made.session][f.shows] = true
			}
		}
	}
	return shown
}

// wall reads the most supported and the newest contributions of a session.
func (p *Pages) wall(ctx context.Context, seat dialogues.Seat, session record.ID) (wall, error) {
	var w wall
	top, _, err := p.Dialogues.Contributions(ctx, seat, dialogues.SaidFilter{Session: session, Order: dialogues.Supported, Limit: 6})
	if err != nil {
		return w, err
	}
	for _, c := range top {
		if c.State == dialogues.Visible && c.Supports > 0 && len(w.top) < 3 {
			w.top = append(w.top, c)
		}
	}
	latest, _, err := p.Dialogues.Contributions(ctx, seat, dialogues.SaidFilter{Session: session, Order: dialogues.Latest, Limit: 6})
	if err != nil {
		return w, err
	}
	if i := slices.IndexFunc(latest, func(c dialogues.Said) bool { return c.State == dialogues.Visible }); i >= 0 {
		w.newest = &latest[i]
	}
	return w, nil
}

func isAboutWords(verb record.Verb) bool {
	return strings.HasPrefix(string(verb), "contribution.") || isSupport(verb)
}

func isSupport(verb record.Verb) bool {
	return verb == dialogues.SupportGiven || verb == dialogues.SupportTaken
}
