package dialoguepages

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

// Sight is what an audience may see and do, as far as fragments differ by it.
type Sight string

// Sights.
const (
	Reads  Sight = "read"  // looks on
	Speaks Sight = "speak" // contributes
	Leads  Sight = "lead"  // moderates and chairs
)

// SightOf is the sight of a seat.
func SightOf(seat dialogues.Seat) Sight {
	switch {
	case seat.Can(dialogues.Moderate):
		return Leads
	case seat.Can(dialogues.Contribute):
		return Speaks
	default:
		return Reads
	}
}

// scene is what fragments of one dialogue are rendered in: the words and sight
// of an audience, and the facts about the dialogue that every line needs.
type scene struct {
	page.Words
	Sight    Sight
	Dialogue dialogues.Dialogue
	numbers  map[record.ID]string // of questions
	sessions map[record.ID]dialogues.Session
	unfolded bool // replies are shown open: where there is one thread only
}

func newScene(w page.Words, sight Sight, d dialogues.Dialogue, questions []dialogues.QuestionView, sessions []dialogues.Session) scene {
	s := scene{Words: w, Sight: sight, Dialogue: d, numbers: make(map[record.ID]string, len(questions)), sessions: make(map[record.ID]dialogues.Session, len(sessions))}
	for _, q := range questions {
		s.numbers[q.ID] = q.Number
	}
	for _, session := range sessions {
		s.sessions[session.ID] = session
	}
	return s
}

// zonesOf names the places whose times of day stand beside contributions.
func (s scene) zonesOf(threads []dialogues.Thread) string {
	var names []string
	for _, c := range threads {
		session, ok := s.sessions[c.SessionID]
		if name := s.Zone(session.TimeZone); ok && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return s.P.List(names)
}

// saidView is a contribution as the partial "contribution" shows it.
type saidView struct {
	page.Words
	dialogues.Said
	s       scene
	Mine    bool // the reader supports it
	Own     bool // the reader said it
	Answers []saidView
}

var contributionFragment = page.MustFragment[saidView]("contribution")

func (s scene) said(c dialogues.Said, mine bool, me record.ID) saidView {
	view := saidView{Words: s.Words, Said: c, s: s, Mine: mine, Own: me != "" && c.AuthorID == me}
	for _, reply := range c.Replies {
		view.Answers = append(view.Answers, s.said(reply, false, me))
	}
	return view
}

// Gone tells whether only the place of the words is left.
func (v saidView) Gone() bool {
	return v.State == dialogues.Withdrawn || v.State == dialogues.Erased || (v.State == dialogues.Moderated && v.s.Sight != Leads && !v.Own)
}

// GoneWord says why the words are gone.
func (v saidView) GoneWord() string { return v.T("contribution.gone." + string(v.State)) } // i18n: contribution.gone.*

// Unfolded tells whether replies are shown open.
func (v saidView) Unfolded() bool { return v.s.unfolded }

// Hidden tells whether a facilitator has hidden it; only those who may still read it get here.
func (v saidView) Hidden() bool { return v.State == dialogues.Moderated }

// By is the name it is shown under.
func (v saidView) By() string {
	switch {
	case !v.ShowsAuthor():
		return v.T("attribution.group")
	case v.Author == "":
		return v.T("contribution.former_participant")
	default:
		return v.Author
	}
}

// Where is the author's country, which "group only" does not give away.
func (v saidView) Where() string {
	if !v.ShowsAuthor() || v.Said.Country == "" {
		return ""
	}
	return v.Words.Country(v.Said.Country)
}

// When is the time of day on the day of a session, in its zone, which the page
// names once; the moment for what was added to it on another day, and the date
// for what belongs to no session.
func (v saidView) When() string {
	session, ok := v.s.sessions[v.SessionID]
	switch {
	case !ok:
		return v.P.ShortDate(v.CreatedAt, time.UTC)
	case v.SessionDay() == "":
		return v.P.DateTime(v.CreatedAt, session.Zone())
	default:
		return v.P.Time(v.CreatedAt, session.Zone())
	}
}

// SessionDay is the day, for what was said on the day of its session; the
// session's own page need not repeat it.
func (v saidView) SessionDay() string {
	session, ok := v.s.sessions[v.SessionID]
	if !ok {
		return ""
	}
	held := session.StartsAt
	if session.OpenedAt != nil {
		held = *session.OpenedAt
	}
	day := v.P.ShortDate(v.CreatedAt, session.Zone())
	if day != v.P.ShortDate(held, session.Zone()) {
		return ""
	}
	return day
}

// Label names the article for a screen reader.
func (v saidView) Label() string {
	if v.Gone() {
		return v.GoneWord()
	}
	return v.KindName() + ", " + v.By() + ", " + v.When()
}

// Headline is what a page about it alone is called: what it is, and whose.
func (v saidView) Headline() string {
	switch {
	case v.Gone():
		return v.T("contribution.title")
	case !v.ShowsAuthor() && v.StakeholderGroup != "":
		return v.KindName() + ", " + v.GroupName(v.StakeholderGroup)
	}
	return v.KindName() + ", " + v.By()
}

// HasKind tells whether it says what it is meant as: replies and imported ones do not.
func (v saidView) HasKind() bool { return v.ParentID == "" && v.Kind != "" }

// KindName is the kind in words.
func (v saidView) KindName() string {
	if v.ParentID != "" {
		return v.T("action.reply")
	}
	if v.Kind == "" {
		return v.T("contribution.title")
	}
	return v.T("kind." + string(v.Kind))
}

// KindIcon names the kind's picture.
func (v saidView) KindIcon() string { return "kind-" + string(v.Kind) }

// Number is the number of the question it answers.
func (v saidView) Number() string {
	if v.ParentID != "" {
		return ""
	}
	return v.s.numbers[v.QuestionID]
}

// QuestionPath leads to the question.
func (v saidView) QuestionPath() string {
	return fmt.Sprintf("/dialogues/%s?question=%s#said", v.DialogueID, v.QuestionID)
}

// Foreign tells whether it is in another language than the page.
func (v saidView) Foreign() bool { return v.Said.Language != v.Lang() }

// Speaks and Leads tell which buttons the audience has.
func (v saidView) Speaks() bool { return v.s.Sight != Reads && v.State == dialogues.Visible }

// Leads tells whether the audience moderates.
func (v saidView) Leads() bool { return v.s.Sight == Leads }

// threads shows what was said to the reader as the items of a list. What the same
// audience has been shown before is not even read again.
func (p *Pages) threads(r *page.Request, s scene, threads []dialogues.Thread) (template.HTML, error) {
	ids, me := make([]record.ID, len(threads)), r.Actor.ID()
	for i, t := range threads {
		ids[i] = t.ID
	}
	mine, err := p.Dialogues.Supported(r.Ctx(), me, ids)
	if err != nil {
		return "", err
	}
	shown := make(map[record.ID]template.HTML, len(threads))
	lacking := ids[:0:0]
	for _, t := range threads {
		if html, ok := p.kept.fragments.find(p.fragmentKey(s, t, mine[t.ID], me)); ok {
			shown[t.ID] = html
		} else {
			lacking = append(lacking, t.ID)
		}
	}
	if err := p.render(r, s, lacking, mine, shown); err != nil {
		return "", err
	}
	return list(ids, shown), nil
}

// list joins items, a quarter of a megabyte of them on a full page: none is copied twice.
func list(ids []record.ID, shown map[record.ID]template.HTML) template.HTML {
	const tags, idLength = 20, 36
	size := 0
	for _, id := range ids {
		size += tags + idLength + len(shown[id])
	}
	var out strings.Builder
	out.Grow(size)
	for _, id := range ids {
		writeItem(&out, id, shown[id])
	}
	return template.HTML(out.String()) //nolint:gosec // made of fragments
}

func writeItem(out *strings.Builder, id record.ID, html template.HTML) {
	for _, part := range []string{`<li id="l-`, string(id), `">`, string(html), `</li>`} {
		out.WriteString(part)
	}
}

// render reads and renders what has not been shown yet.
func (p *Pages) render(r *page.Request, s scene, ids []record.ID, mine map[record.ID]bool, shown map[record.ID]template.HTML) error {
	if len(ids) == 0 {
		return nil
	}
	said, err := dialogues.SaidByID(r.Ctx(), p.Dialogues.Read, r.Seat, ids)
	if err != nil {
		return err
	}
	for _, c := range said {
		if shown[c.ID], err = p.thread(s, c, mine[c.ID], r.Actor.ID()); err != nil {
			return err
		}
	}
	return nil
}

func (p *Pages) thread(s scene, c dialogues.Said, mine bool, me record.ID) (template.HTML, error) {
	view := s.said(c, mine, me)
	if s.unfolded {
		return contributionFragment.Render(view)
	}
	key := p.fragmentKey(s, dialogues.Thread{ID: c.ID, QuestionID: c.QuestionID, ChangedAt: c.ChangedAt, Own: view.isPersonal()}, mine, me)
	return p.kept.fragments.get(key, func() (template.HTML, error) { return contributionFragment.Render(view) })
}

func (p *Pages) fragmentKey(s scene, t dialogues.Thread, mine bool, me record.ID) fragmentKey {
	key := fragmentKey{
		id: t.ID, changed: t.ChangedAt.UnixMicro(), lang: s.Lang(), sight: s.Sight, mine: mine,
		number: s.numbers[t.QuestionID], names: p.names.generation(),
	}
	if t.Own {
		key.reader = me
	}
	return key
}

// isPersonal: a thread in which the reader has a say of their own shows an edit
// link that nobody else gets, so it is kept for them alone.
func (v saidView) isPersonal() bool {
	if v.Own {
		return true
	}
	for _, a := range v.Answers {
		if a.isPersonal() {
			return true
		}
	}
	return false
}

// groupCount is one mark with a number.
type groupCount struct {
	Group people.Group
	N     int64
}

// presenceView is the row of marks that says who is in the room.
type presenceView struct {
	page.Words
	Label string
	ID    string // for the socket to replace it by; "" where nothing does
	Total int64
	all   map[people.Group]int64
}

// Groups lists every group with its number, absent ones too: who is missing matters.
func (v presenceView) Groups() []groupCount {
	var out []groupCount
	for _, g := range people.Groups() {
		out = append(out, groupCount{g, v.all[g]})
	}
	return out
}

func newPresence(w page.Words, label string, counts map[people.Group]int64) presenceView {
	v := presenceView{Words: w, Label: label, all: counts}
	for _, n := range counts {
		v.Total += n
	}
	return v
}

// balanceView is the bar that shows how much each group has said. Bars that stand
// under each other share a scale, so that little looks like little.
type balanceView struct {
	page.Words
	counts dialogues.Balance
	most   int64 // what the longest of the bars stands for
}

// bar is one coloured stretch of a balance.
type bar struct {
	Class    string
	X, Width string
}

// Total is the number of contributions.
func (v balanceView) Total() int64 { return v.counts.Total() }

// Bars shares out 120 units, which is what the longest bar takes. A gap of 1.2
// belongs to each stretch, but a stretch is never so short that it cannot be seen.
func (v balanceView) Bars() []bar {
	if v.Total() == 0 {
		return []bar{{"balance-ground", "0", "120"}}
	}
	const length, gap, least = 120, 1.2, .8
	x := 0.0
	var out []bar
	for _, c := range v.Heard() {
		step := length * float64(c.N) / float64(max(v.most, v.Total()))
		out = append(out, bar{"group-" + c.Group.Mark(), fmt.Sprintf("%.1f", x), fmt.Sprintf("%.1f", max(step-gap, least))})
		x += step
	}
	return out
}

// Heard are the groups that have said something, for the letters under the bar.
func (v balanceView) Heard() []groupCount {
	var out []groupCount
	for _, g := range people.Groups() {
		if n := v.counts[g]; n > 0 {
			out = append(out, groupCount{g, n})
		}
	}
	return out
}
