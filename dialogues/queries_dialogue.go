package dialogues

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// SeatOf reads a dialogue and the actor's role in it. It decides nothing: the
// caller checks the seat. An unknown dialogue is ErrHidden.
func (s *Service) SeatOf(ctx context.Context, actor people.Actor, dialogue record.ID) (Seat, error) {
	return seatIn(s.Read.WithContext(ctx), dialogue, actor)
}

// Card is a dialogue as a list shows it.
type Card struct {
	Dialogue
	Role          Role
	Organiser     string
	Sees          bool // the reader may see what is in it; only then are the next two counted
	Contributions int64
	People        int64
	Countries     []string
	Live          *Session // a session that is live now
	Next          *Session // the next planned one
}

// Order is how a list of dialogues is sorted.
type Order string

// Orders.
const (
	Newest Order = "newest"
	Title  Order = "title"
	Active Order = "active"
)

// Orders lists the orders.
func Orders() []Order { return []Order{Active, Newest, Title} }

// ListFilter narrows the list of dialogues. Empty fields do not narrow.
type ListFilter struct {
	Search  string
	Kind    Kind
	State   State
	Country string
	Mine    bool
	Order   Order
	Page    int // from 1
	Limit   int // rows a page; 0 means PerPage
}

// PerPage is how many dialogues a page of the list shows.
const PerPage = 20

// List returns the dialogues the actor may know of, a page of them, and how
// many there are in all. The number of queries does not depend on the rows.
func (s *Service) List(ctx context.Context, actor people.Actor, f ListFilter) ([]Card, int64, error) {
	db := s.Read.WithContext(ctx)
	query := narrow(known(db, actor), f)
	var total int64
	if err := query.Count(&total).Error; err != nil {
		return nil, 0, fmt.Errorf("count dialogues: %w", err)
	}
	limit := f.Limit
	if limit == 0 {
		limit = PerPage
	}
	var rows []struct {
		Dialogue
		Role *Role
	}
	err := query.Select("dialogues.*, m.role").Order(orderBy(f.Order)).
		Limit(limit).Offset(limit * max(0, f.Page-1)).Scan(&rows).Error
	if err != nil {
		return nil, 0, fmt.Errorf("list dialogues: %w", err)
	}
	cards := make([]Card, len(rows))
	for i, row := range rows {
		cards[i] = Card{Dialogue: row.Dialogue}
		if row.Role != nil {
			cards[i].Role = *row.Role
		}
		cards[i].Sees = Seat{actor, cards[i].Role, row.Dialogue}.Can(See)
	}
	return cards, total, s.fillCards(db, cards)
}

// known selects what the actor may know of, as mayKnow decides for one.
// Rehearsals are in no list: they are entered from the session they rehearse.
func known(db *gorm.DB, actor people.Actor) *gorm.DB {
	id := actor.ID()
	if !actor.IsKnown() {
		id = ""
	}
	return db.Model(&Dialogue{}).
		Joins("LEFT JOIN memberships m ON m.dialogue_id = dialogues.id AND m.person_id = ? AND m.ended_at IS NULL", id).
		Where("dialogues.rehearsal_of IS NULL").
		Where("(dialogues.state <> ? AND (dialogues.visibility <> ? OR m.role IS NOT NULL)) OR (dialogues.state = ? AND m.role IN ?)",
			Draft, Invitation, Draft, []Role{Facilitator, CoFacilitator, Rapporteur, Interpreter})
}

func narrow(query *gorm.DB, f ListFilter) *gorm.DB {
	for _, word := range people.SearchWords(f.Search) {
		query = query.Where(`dialogues.folded LIKE ? ESCAPE '\'`, people.Contains(word))
	}
	if f.Kind != "" {
		query = query.Where("dialogues.kind = ?", f.Kind)
	}
	if f.State != "" {
		query = query.Where("dialogues.state = ?", f.State)
	} else {
		query = query.Where("dialogues.state <> ?", Archived)
	}
	if f.Country != "" {
		query = query.Where("EXISTS (SELECT 1 FROM dialogue_countries c WHERE c.dialogue_id = dialogues.id AND c.country = ?)", f.Country)
	}
	if f.Mine {
		query = query.Where("m.role IS NOT NULL")
	}
	return query.Session(&gorm.Session{})
}

func orderBy(o Order) string {
	switch o {
	case Title:
		return "dialogues.folded, dialogues.id"
	case Newest:
		return "dialogues.created_at DESC, dialogues.id DESC"
	case Active:
	}
	return active
}

// active puts first where something happened last, by the newest line of the
// record. Of a dialogue that the reader may not see it goes by changes of the
// dialogue itself: an order must not tell when others talk.
const active = `COALESCE(CASE WHEN dialogues.visibility = 'public' OR m.role IS NOT NULL
	THEN (SELECT h.at FROM record_heads h WHERE h.room = dialogues.id) END, dialogues.changed_at) DESC, dialogues.id DESC`

// fillCards adds counts, organisers, countries and sessions, each in one query.
func (s *Service) fillCards(db *gorm.DB, cards []Card) error {
	if len(cards) == 0 {
		return nil
	}
	at := make(map[record.ID]*Card, len(cards))
	ids := make([]record.ID, len(cards))
	var seen []record.ID
	for i := range cards {
		ids[i] = cards[i].ID
		at[cards[i].ID] = &cards[i]
		if cards[i].Sees {
			seen = append(seen, cards[i].ID)
		}
	}
	return errors.Join(countCards(db, seen, at), nameOrganisers(db, cards), listCountries(db, ids, at), s.findSessions(db, ids, at))
}

// countCards counts what was said and who is there: that tells too much to
// those who may know that a dialogue exists and no more.
func countCards(db *gorm.DB, ids []record.ID, at map[record.ID]*Card) error {
	var rows []struct {
		ID       record.ID
		Said, In int64
	}
	err := db.Raw(`SELECT d.id,
		(SELECT COUNT(*) FROM contributions c WHERE c.dialogue_id = d.id AND c.state = 'visible') AS said,
		(SELECT COUNT(*) FROM memberships m WHERE m.dialogue_id = d.id AND m.ended_at IS NULL) AS "in"
		FROM dialogues d WHERE d.id IN ?`, ids).Scan(&rows).Error
	if err != nil {
		return fmt.Errorf("count in dialogues: %w", err)
	}
	for _, row := range rows {
		at[row.ID].Contributions, at[row.ID].People = row.Said, row.In
	}
	return nil
}

func nameOrganisers(db *gorm.DB, cards []Card) error {
	var ids []record.ID
	for _, card := range cards {
		ids = append(ids, card.OrganisationID)
	}
	var found []people.Organisation
	if err := db.Where("id IN ?", ids).Find(&found).Error; err != nil {
		return fmt.Errorf("load organisers: %w", err)
	}
	for i := range cards {
		for _, o := range found {
			if o.ID == cards[i].OrganisationID {
				cards[i].Organiser = o.Name
			}
		}
	}
	return nil
}

func listCountries(db *gorm.DB, ids []record.ID, at map[record.ID]*Card) error {
	var rows []dialogueCountry
	if err := db.Where("dialogue_id IN ?", ids).Order("country").Find(&rows).Error; err != nil {
		return fmt.Errorf("load countries: %w", err)
	}
	for _, row := range rows {
		at[row.DialogueID].Countries = append(at[row.DialogueID].Countries, row.Country)
	}
	return nil
}

func (s *Service) findSessions(db *gorm.DB, ids []record.ID, at map[record.ID]*Card) error {
	var rows []Session
	err := db.Where("dialogue_id IN ? AND (state = ? OR (state = ? AND starts_at > ?))", ids, Live, Planned, s.Now().Add(-2*time.Hour)).
		Order("starts_at DESC").Find(&rows).Error
	if err != nil {
		return fmt.Errorf("load sessions: %w", err)
	}
	for _, row := range rows {
		card := at[row.DialogueID]
		if row.State == Live {
			card.Live = &row
		} else {
			card.Next = &row
		}
	}
	return nil
}

// Overview is what a dialogue's page shows beside its contributions.
type Overview struct {
	Organiser string
	Countries []string
	Groups    []CountryGroupView
	Questions []QuestionView // in reading order
	Sessions  []Session      // by start
	Languages []string       // in which something was said
	People    int64
	Orphan    bool // nobody facilitates it
}

// CountryGroupView is a group of countries: standing ones have a Code, those
// made by hand a Name.
type CountryGroupView struct {
	Code    string
	Name    string
	Members []string
}

// Overview reads a dialogue the seat's holder may know of; the caller has checked the seat.
func (s *Service) Overview(ctx context.Context, seat Seat) (Overview, error) {
	db := s.Read.WithContext(ctx)
	cards := []Card{{Dialogue: seat.Dialogue, Sees: seat.Can(See)}}
	if err := s.fillCards(db, cards); err != nil {
		return Overview{}, err
	}
	view := Overview{Organiser: cards[0].Organiser, Countries: cards[0].Countries, People: cards[0].People}
	var leads int64
	err := db.Model(&Membership{}).Where("dialogue_id = ? AND role = ? AND ended_at IS NULL", seat.Dialogue.ID, Facilitator).Count(&leads).Error
	if err != nil {
		return view, fmt.Errorf("count facilitators: %w", err)
	}
	view.Orphan = leads == 0
	if view.Groups, err = groupsOf(db, seat.Dialogue.ID); err != nil {
		return view, err
	}
	if view.Sessions, err = s.Sessions(ctx, seat.Dialogue.ID); err != nil {
		return view, err
	}
	if view.Questions, err = s.BalancedQuestions(ctx, seat.Dialogue.ID); err != nil {
		return view, err
	}
	err = db.Model(&Contribution{}).Where("dialogue_id = ?", seat.Dialogue.ID).Distinct().Order("language").Pluck("language", &view.Languages).Error
	if err != nil {
		return view, fmt.Errorf("list languages: %w", err)
	}
	return view, nil
}

func groupsOf(db *gorm.DB, dialogue record.ID) ([]CountryGroupView, error) {
	var links []dialogueCountryGroup
	if err := db.Where("dialogue_id = ?", dialogue).Order("group_code").Find(&links).Error; err != nil {
		return nil, fmt.Errorf("load country groups: %w", err)
	}
	codes := make([]string, len(links))
	for i, link := range links {
		codes[i] = link.GroupCode
	}
	var made []CountryGroup
	var members []countryGroupMember
	err := errors.Join(db.Where("id IN ?", codes).Find(&made).Error, db.Where("group_id IN ?", codes).Order("country").Find(&members).Error)
	if err != nil {
		return nil, fmt.Errorf("load groups made by hand: %w", err)
	}
	var views []CountryGroupView
	for _, code := range codes {
		if standing, ok := people.GroupByCode(code); ok {
			views = append(views, CountryGroupView{Code: standing.Code, Members: standing.Members})
		}
	}
	for _, g := range made {
		view := CountryGroupView{Name: g.Name}
		for _, m := range members {
			if m.GroupID == g.ID {
				view.Members = append(view.Members, m.Country)
			}
		}
		views = append(views, view)
	}
	return views, nil
}

// Member is a seat as the list of people of a dialogue shows it.
type Member struct {
	Membership
	Name             string
	Kind             people.Kind
	StakeholderGroup people.Group
	Country          string
}

// Members returns who has a seat, leaders first, then by name.
func (s *Service) Members(ctx context.Context, dialogue record.ID) ([]Member, error) {
	var members []Member
	err := s.Read.WithContext(ctx).Raw(`SELECT m.*, p.name, p.kind, p.stakeholder_group, p.country
		FROM memberships m JOIN people p ON p.id = m.person_id
		WHERE m.dialogue_id = ? AND m.ended_at IS NULL ORDER BY p.folded, p.id`, dialogue).Scan(&members).Error
	if err != nil {
		return nil, fmt.Errorf("list members: %w", err)
	}
	slices.SortStableFunc(members, func(a, b Member) int {
		return slices.Index(Roles(), a.Role) - slices.Index(Roles(), b.Role)
	})
	return members, nil
}

// Place is a country, how many dialogues the actor may know of concern it, and
// how many of them have a session now or ahead.
type Place struct {
	Country       string
	N, Live, Next int64
}

// Places counts dialogues by country for the map.
func (s *Service) Places(ctx context.Context, actor people.Actor) ([]Place, error) {
	const count = `country, COUNT(*) AS n,
		SUM(CASE WHEN dialogue_id IN (SELECT dialogue_id FROM sessions WHERE state = ?) THEN 1 ELSE 0 END) AS live,
		SUM(CASE WHEN dialogue_id IN (SELECT dialogue_id FROM sessions WHERE state = ? AND starts_at > ?) THEN 1 ELSE 0 END) AS next`
	db := s.Read.WithContext(ctx)
	ids := known(db, actor).Where("dialogues.state <> ?", Draft).Select("dialogues.id")
	var places []Place
	err := db.Model(&dialogueCountry{}).Select(count, Live, Planned, s.Now().Add(-2*time.Hour)).Where("dialogue_id IN (?)", ids).
		Group("country").Order("country").Scan(&places).Error
	if err != nil {
		return nil, fmt.Errorf("count dialogues by country: %w", err)
	}
	return places, nil
}

// FollowerSeat is the seat of the program itself, which reads a dialogue to
// render what the record tells. What each audience may see of it is decided
// where it is rendered.
func (s *Service) FollowerSeat(ctx context.Context, dialogue record.ID) (Seat, error) {
	seat, err := seatIn(s.Read.WithContext(ctx), dialogue, people.Actor{})
	seat.Role = Facilitator
	return seat, err
}

// Seats returns a dialogue and the role of everyone who has a seat in it.
func (s *Service) Seats(ctx context.Context, dialogue record.ID) (Dialogue, map[record.ID]Role, error) {
	seat, err := seatIn(s.Read.WithContext(ctx), dialogue, people.Actor{})
	if err != nil {
		return Dialogue{}, nil, err
	}
	var members []Membership
	err = s.Read.WithContext(ctx).Where("dialogue_id = ? AND ended_at IS NULL", dialogue).Find(&members).Error
	if err != nil {
		return Dialogue{}, nil, fmt.Errorf("load seats: %w", err)
	}
	roles := make(map[record.ID]Role, len(members))
	for _, m := range members {
		roles[m.PersonID] = m.Role
	}
	return seat.Dialogue, roles, nil
}
