package dialoguepages

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"strings"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/i18n"
	"github.com/vcm-forum/forum/server/live"
	"github.com/vcm-forum/forum/server/page"
)

// Views that follow a room. Each shows its own fragments of a session.
const (
	ViewRoom     = "room"     // the participant's phone
	ViewConsole  = "console"  // the facilitator's laptop
	ViewHall     = "hall"     // the wall
	ViewDialogue = "dialogue" // the dialogue's page
)

// Views lists the views a socket may ask for.
func Views() []string { return []string{ViewRoom, ViewConsole, ViewHall, ViewDialogue} }

// op is one change of an open page. Put replaces the element with the id or, if
// there is none, appends to the list In; set replaces it if it is there; text
// changes its text.
type op struct {
	Op   string `json:"op"` // put, set, text
	ID   string `json:"id"`
	In   string `json:"in,omitempty"`
	HTML string `json:"html,omitempty"`
	Text string `json:"text,omitempty"`
}

// told is what the socket tells about one line. Say is announced to screen
// readers; Own lets the script know its own words by their id.
type told struct {
	Verb record.Verb `json:"verb"`
	ID   record.ID   `json:"id,omitempty"`
	Ops  []op        `json:"ops,omitempty"`
	Say  string      `json:"say,omitempty"`
}

// Stream renders a dialogue's record for the socket. It re-reads everything
// from the database in a fixed number of queries per call.
type Stream struct{ Pages *Pages }

// Head implements live.Source.
func (s *Stream) Head(ctx context.Context, room string) (int64, int64, error) {
	head, err := record.HeadOf(ctx, s.Pages.Dialogues.Read, room)
	return head.Epoch, head.Seq, err
}

// Lines implements live.Source.
func (s *Stream) Lines(ctx context.Context, room string, after int64, limit int, audiences []live.Audience) ([]live.Line, error) {
	entries, err := record.After(ctx, s.Pages.Dialogues.Read, room, after, limit)
	if err != nil || len(entries) == 0 {
		return nil, err
	}
	news, err := s.gather(ctx, room, entries, audiences)
	if err != nil {
		return nil, err
	}
	lines := make([]live.Line, len(entries))
	for i, e := range entries {
		lines[i] = live.Line{Seq: e.Seq, Payloads: make([][]byte, len(audiences))}
	}
	for a, audience := range audiences {
		payloads, err := s.tell(news, audience)
		if err != nil {
			return nil, err
		}
		for i := range lines {
			lines[i].Payloads[a] = payloads[i]
		}
	}
	return lines, nil
}

// tell renders every line for one audience.
func (s *Stream) tell(n *news, audience live.Audience) ([][]byte, error) {
	words := page.Words{P: s.Pages.Kit.Catalogs.Printer(i18n.Language(audience.Language)), Files: s.Pages.Kit.Files}
	sc := newScene(words, Sight(audience.Sight), n.seat.Dialogue, n.questions, n.sessions)
	out := make([][]byte, len(n.entries))
	for i, e := range n.entries {
		t := told{Verb: e.Verb, ID: e.Subject}
		if strings.HasPrefix(string(e.Verb), "member.") {
			t.ID = "" // who it was is not for every page to know
		}
		if err := s.words(&t, n, sc, i, audience.View); err != nil {
			return nil, err
		}
		if err := s.state(&t, n, sc, i, audience.View); err != nil {
			return nil, err
		}
		var err error
		if out[i], err = t.encode(); err != nil {
			return nil, fmt.Errorf("encode line %d: %w", e.Seq, err)
		}
	}
	return out, nil
}

// encode leaves < and > as they are, which encoding/json would write as six
// bytes each for the sake of scripts within pages. This is none: the browser
// parses it as JSON and nothing else.
func (t told) encode() ([]byte, error) {
	var out bytes.Buffer
	to := json.NewEncoder(&out)
	to.SetEscapeHTML(false)
	err := to.Encode(t)
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), err
}

// words adds what happened to a contribution.
func (s *Stream) words(t *told, n *news, sc scene, i int, view string) error {
	e := n.entries[i]
	c, ok := n.said[e.Subject]
	if !ok || view == ViewHall {
		return nil
	}
	if isSupport(e.Verb) {
		t.Ops = append(t.Ops, op{Op: "text", ID: "n-" + string(c.ID), Text: count(c.Supports)})
		return nil
	}
	html, err := s.Pages.thread(sc, c, false, "")
	if err != nil {
		return err
	}
	t.Ops = append(t.Ops, op{Op: "put", ID: "l-" + string(c.ID), In: elementID("stream", c.SessionID), HTML: listItem(c.ID, html)})
	if e.Verb == dialogues.ContributionAdded && c.State == dialogues.Visible {
		v := sc.said(spoken(c, e.Subject), false, "")
		t.Say = sc.T("live.said", "name", v.By(), "kind", v.KindName())
	}
	return nil
}

// spoken is the part of a thread that a line is about: the contribution or the reply.
func spoken(c dialogues.Said, id record.ID) dialogues.Said {
	for _, reply := range c.Replies {
		if reply.ID == id {
			return reply
		}
	}
	return c
}

func listItem(id record.ID, html template.HTML) string {
	var out strings.Builder
	writeItem(&out, id, html)
	return out.String()
}

func count(n int64) string {
	if n == 0 {
		return ""
	}
	return itoa(n)
}

// state adds the fragments of a session, each once, at the last line that may
// have changed it.
func (s *Stream) state(t *told, n *news, sc scene, i int, view string) error {
	session := n.facts[i].Session
	hall, ok := n.halls[session]
	if !ok {
		return nil
	}
	room := s.Pages.room(sc, hall, n.questions, n.onWall[session])
	for _, f := range fragmentsOf(view, hall.State) {
		if n.newest(session, f.shows) != i {
			continue
		}
		var out bytes.Buffer
		if err := f.fragment.Write(&out, room); err != nil {
			return err
		}
		t.Ops = append(t.Ops, op{Op: "set", ID: elementID(f.name, session), HTML: out.String()})
	}
	if n.newest(session, itsCourse) == i && n.movedChair(session) && (view == ViewConsole || view == ViewRoom) {
		t.Say = sc.T("chair.now", "name", hall.Chair)
	}
	return nil
}

// movedChair tells whether one of the lines gave a session's chair to somebody else.
func (n *news) movedChair(session record.ID) bool {
	for i, e := range n.entries {
		moved := e.Verb == dialogues.ChairHanded || (e.Verb == dialogues.StepUndone && n.facts[i].State == string(dialogues.ChairHanded))
		if moved && n.facts[i].Session == session {
			return true
		}
	}
	return false
}

// room puts a session together with what its fragments need.
func (p *Pages) room(sc scene, hall dialogues.Hall, questions []dialogues.QuestionView, w wall) roomView {
	v := roomView{Words: sc.Words, Hall: hall, s: sc, now: p.Kit.Now(), questions: make(map[record.ID]dialogues.QuestionView, len(questions)), top: w.top, newest: w.newest}
	for _, q := range questions {
		v.questions[q.ID] = q
	}
	return v
}

type namedFragment struct {
	name     string
	fragment page.Fragment[roomView]
	shows    matter
}

// fragmentsOf says which fragments a view shows.
func fragmentsOf(view string, state dialogues.SessionState) []namedFragment {
	if view == ViewHall && state != dialogues.Live {
		return []namedFragment{{"hall-wait", hallWait, itsCourse}, {"room-present", roomPresent, itsPeople}}
	}
	switch view {
	case ViewRoom:
		return []namedFragment{
			{"room-now", roomNow, itsCourse},
			{"room-timer", roomTimer, itsCourse},
			{"room-agenda", roomAgenda, itsCourse},
			{"room-speakers", roomSpeakers, itsFloor},
			{"room-floor", roomFloor, itsFloor},
			{"room-chair", roomChair, itsCourse},
			{"room-present", roomPresent, itsPeople},
		}
	case ViewConsole:
		return []namedFragment{
			{"console-undo", consoleUndo, itsFloor},
			{"room-chair", roomChair, itsCourse},
			{"console-timer", consoleTimer, itsCourse},
			{"room-agenda", roomAgenda, itsCourse},
			{"console-hands", consoleHands, itsFloor},
			{"room-present", roomPresent, itsPeople},
		}
	case ViewHall:
		return []namedFragment{
			{"hall-question", hallQuestion, itsCourse},
			{"hall-timer", hallTimer, itsCourse},
			{"hall-speakers", hallSpeakers, itsFloor},
			{"hall-said", hallSaid, itsWords},
			{"room-present", roomPresent, itsPeople},
		}
	default:
		return nil
	}
}

// Told lists the verbs the socket tells about. All of them follow the policy of
// seeing the dialogue; what an audience may see of each is decided in tell.
func Told() []record.Verb {
	return []record.Verb{
		dialogues.DialogueCreated, dialogues.DialogueChanged, dialogues.DialogueState,
		dialogues.MemberAdded, dialogues.MemberChanged, dialogues.MemberRemoved,
		dialogues.QuestionAdded, dialogues.QuestionChanged, dialogues.QuestionRemoved, dialogues.QuestionRestored,
		dialogues.ContributionAdded, dialogues.ContributionChanged, dialogues.ContributionWithdrawn,
		dialogues.ContributionModerated, dialogues.ContributionRestored, dialogues.ContributionErased,
		dialogues.SupportGiven, dialogues.SupportTaken,
		dialogues.SessionPlanned, dialogues.SessionChanged, dialogues.SessionOpened, dialogues.SessionClosed,
		dialogues.SessionCancelled, dialogues.SessionJoined, dialogues.AgendaChanged, dialogues.ItemStarted,
		dialogues.TimerSet, dialogues.ChairHanded, dialogues.HandRaised, dialogues.HandLowered, dialogues.HandCalled,
		dialogues.HandDone, dialogues.StepUndone, dialogues.MinutesChanged, dialogues.MinutesPublished,
		dialogues.RehearsalStarted,
	}
}
