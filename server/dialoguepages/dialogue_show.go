package dialoguepages

import (
	"cmp"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

type showPage struct {
	page.Base
	page.Pager
	Card      cardView
	Seat      dialogues.Seat
	About     dialogues.Overview
	Tree      []questionLine
	Sees      bool // otherwise only title, objective and session times are shown
	LiveNow   *sessionCard
	Ahead     []sessionCard // live and to come
	Held      []sessionCard // over and called off
	Form      page.Form     // the filter
	Chips     []page.Chip
	Threads   template.HTML // items of a list
	Total     int64
	Zones     string        // whose times of day the list shows, "" for none
	Asked     *questionLine // the question the list is narrowed to
	Exports   template.URL
	MayJoin   bool
	MayTake   bool // nobody facilitates, and the reader may
	NeedLogin bool
}

// questionLine is a question in the tree.
type questionLine struct {
	dialogues.QuestionView
	Bar balanceView
	Now bool // a live session works on it
}

// Of is a group's number of contributions, for the table behind the bars.
func (q questionLine) Of(g people.Group) int64 { return q.Balance[g] }

var showTemplate = page.Must[showPage]("dialogues/show.html")

// Show is a dialogue's page: what it asks, who has said how much, and what was
// said. For as long as nothing is recorded a reader is sent the page they had.
func (p *Pages) Show(r *page.Request) error {
	// The head is read first: what happens while the rest is read is told by the socket.
	d := r.Seat.Dialogue
	head, err := record.HeadOf(r.Ctx(), p.Dialogues.Read, d.Room())
	if err != nil {
		return err
	}
	key := pageKey{d.ID, head.Epoch, head.Seq, p.names.generation(), string(r.P.Lang()), r.Actor.ID(), r.Request().URL.RequestURI()}
	says := r.HasFlash() // what is said once is in no page that is kept
	if standing, ok := p.kept.pages.find(key); ok && !says {
		return standing.Send(r)
	}
	data, err := p.showPage(r, head)
	if err != nil {
		return err
	}
	standing, err := showTemplate.Stand(r, data)
	if err != nil {
		return err
	}
	if !says {
		p.kept.pages.put(key, standing)
	}
	return standing.Send(r)
}

func (p *Pages) showPage(r *page.Request, head record.Head) (showPage, error) {
	about, err := p.Dialogues.Overview(r.Ctx(), r.Seat)
	if err != nil {
		return showPage{}, err
	}
	d := r.Seat.Dialogue
	sc := newScene(r.Words(), SightOf(r.Seat), d, about.Questions, about.Sessions)
	data := showPage{
		Base: r.Base(d.Title, page.Crumb{Path: "/dialogues", Name: r.P.T("nav.dialogues")}, page.Crumb{Name: r.P.T("dialogue.kind." + string(d.Kind))}),
		Card: cardView{r.Words(), dialogues.Card{Dialogue: d, Countries: about.Countries, Organiser: about.Organiser}},
		Seat: r.Seat, About: about, Sees: r.Seat.Can(dialogues.See), Form: r.Form(r.QueryParams(), nil),
		MayJoin: r.Seat.Can(dialogues.Join), MayTake: about.Orphan && r.Actor.Person.CanAdminister(), NeedLogin: !r.Actor.IsKnown(),
	}
	data.addSessions(r, about.Sessions)
	if !data.Sees {
		return data, nil
	}
	data.addTree(r, about.Questions)
	data.Base.Live = &page.Live{Room: d.Room(), View: ViewDialogue, Epoch: head.Epoch, After: head.Seq}
	return data, p.addSaid(r, &data, sc)
}

func (data *showPage) addSessions(r *page.Request, sessions []dialogues.Session) {
	for _, s := range sessions {
		card := newSessionCard(r.Words(), s)
		if r.Seat.CanReadMinutes(s) && s.State == dialogues.Over {
			card.MinutesPath = sessionPath(s.ID) + "/minutes"
		}
		if s.State == dialogues.Live {
			data.LiveNow = &card
		}
		if s.State == dialogues.Live || s.State == dialogues.Planned {
			data.Ahead = append(data.Ahead, card)
		} else {
			data.Held = append(data.Held, card)
		}
	}
}

func (data *showPage) addTree(r *page.Request, questions []dialogues.QuestionView) {
	asked := r.QueryParam("question")
	most := mostSaid(questions)
	for _, q := range questions {
		line := questionLine{q, balanceView{r.Words(), q.Balance, most}, false}
		data.Tree = append(data.Tree, line)
		if string(q.ID) == asked {
			data.Asked = &line
		}
	}
}

// mostSaid is how much was said to the question to which most was said.
func mostSaid(questions []dialogues.QuestionView) int64 {
	most := int64(0)
	for _, q := range questions {
		most = max(most, q.Balance.Total())
	}
	return most
}

// saidFilter reads the filter of contributions from the address.
func saidFilter(r *page.Request) dialogues.SaidFilter {
	q := r.QueryParams()
	question, _ := record.ParseID(q.Get("question"))
	session, _ := record.ParseID(q.Get("session"))
	return dialogues.SaidFilter{
		Question: question, Session: session, Kind: page.OneOf(q.Get("kind"), dialogues.ContributionKinds()),
		Group: page.OneOf(q.Get("group"), people.Groups()), Language: page.OneOf(q.Get("language"), dialogues.Languages()),
		Search: q.Get("q"), Order: cmp.Or(page.OneOf(q.Get("sort"), dialogues.SaidOrders()), dialogues.Latest), Page: page.Number(q.Get("page")),
	}
}

func (p *Pages) addSaid(r *page.Request, data *showPage, sc scene) error {
	f := saidFilter(r)
	threads, total, err := p.Dialogues.Threads(r.Ctx(), r.Seat, f)
	if err != nil {
		return err
	}
	if data.Threads, err = p.threads(r, sc, threads); err != nil {
		return err
	}
	data.Total, data.Zones = total, sc.zonesOf(threads)
	data.Chips = data.chips(r, f)
	data.Pager = page.NewPager(r, f.Page, int(total), dialogues.SaidPerPage)
	data.Exports = template.URL(queryWithout(r.QueryParams(), "page").Encode()) //nolint:gosec // encoded
	return nil
}

// chips are the filters that narrow the list of contributions.
func (data showPage) chips(r *page.Request, f dialogues.SaidFilter) []page.Chip {
	c := r.Chips("#said")
	c.Add("q", r.P.T("list.search"), f.Search)
	if data.Asked != nil {
		c.Add("question", r.P.T("dialogue.question"), data.Asked.Number+" "+data.Asked.Title)
	} else if f.Question != "" {
		c.Add("question", r.P.T("dialogue.question"), "–")
	}
	if f.Session != "" {
		c.Add("session", r.P.T("list.session"), cmp.Or(sessionTitle(data.About.Sessions, f.Session), "–"))
	}
	c.Code("kind", r.P.T("list.contribution_kind"), "kind.", string(f.Kind))
	c.Code("group", r.P.T("list.group"), "group.", string(f.Group))
	if f.Language != "" {
		c.Add("language", r.P.T("list.language"), r.P.LanguageName(f.Language))
	}
	return c.All
}

func sessionTitle(sessions []dialogues.Session, id record.ID) string {
	for _, s := range sessions {
		if s.ID == id {
			return s.Title
		}
	}
	return ""
}

// SessionOptions are the sessions during which something may have been said.
func (data showPage) SessionOptions() []page.Option {
	var out []page.Option
	for _, s := range data.About.Sessions {
		if s.State != dialogues.Planned {
			out = append(out, page.Option{Value: string(s.ID), Label: s.Title})
		}
	}
	return out
}

// WrittenIn are the languages in which something was said.
func (data showPage) WrittenIn() []page.Option {
	return page.ByName(data.LanguageOptions(data.About.Languages))
}

// KindOptions are the kinds of contribution.
func (data showPage) KindOptions() []page.Option {
	return page.Options(data.Words, "kind.", dialogues.ContributionKinds())
}

// OrderOptions are the ways to sort contributions.
func (data showPage) OrderOptions() []page.Option {
	return page.Options(data.Words, "sort.", dialogues.SaidOrders()) // i18n: sort.*
}

// Can tells whether the reader may do something here.
func (data showPage) Can(act string) bool { return data.Seat.Can(dialogues.Act(act)) }

// Chairs tells whether the reader may chair: the console is where they go first.
func (data showPage) Chairs() bool { return data.Seat.Can(dialogues.Chair) }

// SayPath leads to the form for a contribution to the question that is looked at.
func (data showPage) SayPath() string {
	path := dialoguePath(data.Seat.Dialogue.ID) + "/say"
	if data.Asked != nil {
		return path + "?question=" + url.QueryEscape(string(data.Asked.ID))
	}
	return path
}

// NextStates are the steps the facilitator may take with the dialogue.
func (data showPage) NextStates() []dialogues.State { return data.Seat.Dialogue.State.Next() }

// GroupNames names the country groups.
func (data showPage) GroupNames() string {
	var names []string
	for _, g := range data.About.Groups {
		if g.Name != "" {
			names = append(names, g.Name)
		} else {
			names = append(names, data.T("country_group."+strings.ToLower(g.Code))) // i18n: country_group.*
		}
	}
	return data.P.List(names)
}

// saidRow is a contribution as exports give it away.
type saidRow struct {
	ID          record.ID `json:"id"`
	ReplyTo     record.ID `json:"reply_to,omitempty"`
	Question    string    `json:"question"`
	Kind        string    `json:"kind"`
	Language    string    `json:"language"`
	Author      string    `json:"author,omitempty"`
	Group       string    `json:"group"`
	Country     string    `json:"country,omitempty"`
	Attribution string    `json:"attribution"`
	State       string    `json:"state"`
	Supports    int64     `json:"supports"`
	Said        time.Time `json:"said"`
	Text        string    `json:"text"`
}

// saidRows flattens threads; "group only" gives away neither name nor country.
func saidRows(numbers map[record.ID]string, said []dialogues.Said) []saidRow {
	var out []saidRow
	for _, c := range said {
		row := saidRow{
			ID: c.ID, ReplyTo: c.ParentID, Question: numbers[c.QuestionID], Kind: string(c.Kind), Language: c.Language,
			Author: c.Author, Group: string(c.StakeholderGroup), Attribution: string(c.Attribution), State: string(c.State),
			Supports: c.Supports, Said: c.CreatedAt, Text: c.Body,
		}
		if c.ShowsAuthor() {
			row.Country = c.Country
		}
		if c.State != dialogues.Visible {
			row.Text = ""
		}
		out = append(out, row)
		out = append(out, saidRows(numbers, c.Replies)...)
	}
	return out
}

func saidTable(rows []saidRow) [][]string {
	table := [][]string{{"id", "reply_to", "question", "kind", "language", "author", "group", "country", "attribution", "state", "supports", "said", "text"}}
	for _, c := range rows {
		table = append(table, []string{
			string(c.ID), string(c.ReplyTo), c.Question, c.Kind, c.Language, c.Author, c.Group, c.Country, c.Attribution, c.State,
			strconv.FormatInt(c.Supports, 10), c.Said.Format(time.RFC3339), c.Text,
		})
	}
	return table
}

func (p *Pages) saidExport(r *page.Request) ([]saidRow, error) {
	f := saidFilter(r)
	f.Page, f.Limit, f.Order = 1, exportLimit, dialogues.Oldest
	said, _, err := p.Dialogues.Contributions(r.Ctx(), r.Seat, f)
	if err != nil {
		return nil, err
	}
	sc, _, err := p.scene(r)
	return saidRows(sc.numbers, said), err
}

// SaidCSV exports contributions as CSV.
func (p *Pages) SaidCSV(r *page.Request) error {
	rows, err := p.saidExport(r)
	if err != nil {
		return err
	}
	return page.SendCSV(r, "contributions.csv", saidTable(rows))
}

// SaidJSON exports contributions as JSON.
func (p *Pages) SaidJSON(r *page.Request) error {
	rows, err := p.saidExport(r)
	if err != nil {
		return err
	}
	return page.SendJSON(r, "contributions.json", slices.Clip(rows))
}

// JoinDialogue takes a participant's seat in a public dialogue.
func (p *Pages) JoinDialogue(r *page.Request) error {
	receipt, err := p.Dialogues.JoinDialogue(r.Ctx(), r.Call(), r.Seat.Dialogue.ID)
	if err != nil {
		return err
	}
	r.Flash("flash.joined")
	return r.Done(receipt, dialoguePath(r.Seat.Dialogue.ID))
}

// SetState opens, closes or archives a dialogue.
func (p *Pages) SetState(r *page.Request) error {
	receipt, err := p.Dialogues.SetState(r.Ctx(), r.Call(), r.Seat.Dialogue.ID, page.OneOf(r.FormValue("state"), dialogues.States()))
	if err != nil {
		return err
	}
	r.Flash("flash.state")
	return r.Done(receipt, dialoguePath(r.Seat.Dialogue.ID))
}

// TakeChair seats an administrator where nobody facilitates.
func (p *Pages) TakeChair(r *page.Request) error {
	receipt, err := p.Dialogues.TakeChair(r.Ctx(), r.Call(), r.Seat.Dialogue.ID)
	if err != nil {
		return err
	}
	r.Flash("flash.saved")
	return r.Done(receipt, dialoguePath(r.Seat.Dialogue.ID))
}

// statusOf is what a form is answered with.
func statusOf(invalid people.Invalid) int {
	if len(invalid) > 0 {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}
