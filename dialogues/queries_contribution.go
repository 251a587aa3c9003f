package dialogues

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// Said is a contribution with its words, its author's name where it may be
// shown, and the replies to it.
type Said struct {
	Contribution
	Body    string
	Author  string // "" for group only and for people who left
	Edited  bool
	Session string // title of the session it was said in, where asked for
	Replies []Said
}

// SaidOrder is how contributions are sorted.
type SaidOrder string

// Orders of contributions.
const (
	Latest    SaidOrder = "latest"
	Oldest    SaidOrder = "oldest"
	Supported SaidOrder = "supported"
)

// SaidOrders lists the orders.
func SaidOrders() []SaidOrder { return []SaidOrder{Latest, Oldest, Supported} }

// SaidFilter narrows the contributions of a dialogue. Empty fields do not narrow.
type SaidFilter struct {
	Question record.ID // with its sub-questions
	Session  record.ID
	Kind     ContributionKind
	Group    people.Group
	Language string
	Search   string
	Order    SaidOrder
	Page     int // from 1
	Limit    int // rows a page; 0 means SaidPerPage, -1 all
}

// SaidPerPage is how many contributions a page shows.
const SaidPerPage = 200

// Contributions returns a page of what was said in a dialogue, with replies,
// and how many contributions there are in all. Seven queries at the most,
// however many rows. The caller has checked See.
func (s *Service) Contributions(ctx context.Context, seat Seat, f SaidFilter) ([]Said, int64, error) {
	db := s.Read.WithContext(ctx)
	query := narrowSaid(db, seat.Dialogue.ID, f)
	var total int64
	if err := query.Count(&total).Error; err != nil {
		return nil, 0, fmt.Errorf("count contributions: %w", err)
	}
	var rows []Contribution
	if err := pageOfSaid(query, f).Find(&rows).Error; err != nil {
		return nil, 0, fmt.Errorf("list contributions: %w", err)
	}
	said, err := withWords(db, seat, rows)
	return said, total, err
}

func pageOfSaid(query *gorm.DB, f SaidFilter) *gorm.DB {
	limit := f.Limit
	if limit == 0 {
		limit = SaidPerPage
	}
	return query.Order(saidOrder(f.Order)).Limit(limit).Offset(max(0, limit) * max(0, f.Page-1))
}

// Thread is as much of a contribution as it takes to know whether it looks, with
// its replies, as it did before.
type Thread struct {
	ID         record.ID
	QuestionID record.ID
	SessionID  record.ID // "" before and after
	ChangedAt  time.Time
	Own        bool // the seat's holder said it, or one of the replies
}

// Threads is [Service.Contributions] without the words, for whoever has them
// already; [SaidByID] reads what is lacking. The caller has checked See.
func (s *Service) Threads(ctx context.Context, seat Seat, f SaidFilter) ([]Thread, int64, error) {
	query := narrowSaid(s.Read.WithContext(ctx), seat.Dialogue.ID, f)
	var total int64
	if err := query.Count(&total).Error; err != nil {
		return nil, 0, fmt.Errorf("count contributions: %w", err)
	}
	me := seat.Actor.ID()
	rows, err := pageOfSaid(query, f).Select(`contributions.id, contributions.question_id, contributions.session_id, contributions.changed_at,
		COALESCE(contributions.author_id = ?, FALSE) OR EXISTS (SELECT 1 FROM contributions r
			WHERE r.parent_id = contributions.id AND r.author_id = ?) AS own`, me, me).Rows()
	if err != nil {
		return nil, 0, fmt.Errorf("list threads: %w", err)
	}
	threads, err := scanThreads(rows)
	return threads, total, err
}

// scanThreads reads rows without gorm, whose reflection would be half of a page's
// time in the database.
func scanThreads(rows *sql.Rows) ([]Thread, error) {
	defer rows.Close()
	var threads []Thread
	for rows.Next() {
		var t Thread
		if err := rows.Scan(&t.ID, &t.QuestionID, &t.SessionID, &t.ChangedAt, &t.Own); err != nil {
			return nil, fmt.Errorf("read thread: %w", err)
		}
		threads = append(threads, t)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list threads: %w", err)
	}
	return threads, nil
}

func narrowSaid(db *gorm.DB, dialogue record.ID, f SaidFilter) *gorm.DB {
	query := db.Model(&Contribution{}).Where("contributions.dialogue_id = ? AND contributions.parent_id IS NULL", dialogue)
	if f.Question != "" {
		query = query.Where("contributions.question_id = ? OR contributions.question_id IN (SELECT id FROM questions WHERE parent_id = ?)", f.Question, f.Question)
	}
	for column, value := range map[string]string{
		"session_id": string(f.Session), "kind": string(f.Kind), "stakeholder_group": string(f.Group), "language": f.Language,
	} {
		if value != "" {
			query = query.Where("contributions."+column+" = ?", value)
		}
	}
	for _, word := range people.SearchWords(f.Search) {
		query = query.Where(`contributions.state = 'visible' AND EXISTS (SELECT 1 FROM contribution_texts t
			WHERE t.contribution_id = contributions.id AND t.version = contributions.version AND t.folded LIKE ? ESCAPE '\')`, people.Contains(word))
	}
	return query.Session(&gorm.Session{})
}

func saidOrder(o SaidOrder) string {
	switch o {
	case Oldest:
		return "contributions.created_at, contributions.id"
	case Supported:
		return "contributions.supports DESC, contributions.created_at DESC, contributions.id DESC"
	case Latest:
	}
	return "contributions.created_at DESC, contributions.id DESC"
}

// SaidByID returns contributions in any order, with words and replies, for
// whoever renders what the record says has changed. Replies are given as the
// contribution they reply to.
func SaidByID(ctx context.Context, db *gorm.DB, seat Seat, ids []record.ID) ([]Said, error) {
	db = db.WithContext(ctx)
	var rows []Contribution
	err := db.Where("dialogue_id = ? AND parent_id IS NULL AND (id IN ? OR id IN (SELECT parent_id FROM contributions WHERE id IN ?))",
		seat.Dialogue.ID, ids, ids).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("load contributions: %w", err)
	}
	return withWords(db, seat, rows)
}

// withWords adds replies, words and names, in three queries.
func withWords(db *gorm.DB, seat Seat, rows []Contribution) ([]Said, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	ids := idsOf(rows)
	var replies []Contribution
	if err := db.Where("parent_id IN ?", ids).Order("created_at, id").Find(&replies).Error; err != nil {
		return nil, fmt.Errorf("load replies: %w", err)
	}
	var said []Said
	for chunk := range slices.Chunk(append(append([]Contribution{}, rows...), replies...), mostAtOnce) {
		words, err := wordsOf(db, seat, chunk)
		if err != nil {
			return nil, err
		}
		said = append(said, words...)
	}
	out := said[:len(rows)]
	at := make(map[record.ID]int, len(rows))
	for i, c := range rows {
		at[c.ID] = i
	}
	for _, reply := range said[len(rows):] {
		parent := &out[at[reply.ParentID]]
		parent.Replies = append(parent.Replies, reply)
	}
	return out, nil
}

func idsOf(rows []Contribution) []record.ID {
	ids := make([]record.ID, len(rows))
	for i, c := range rows {
		ids[i] = c.ID
	}
	return ids
}

// mostAtOnce is how many ids one query names; SQLite takes 32,766 values.
const mostAtOnce = 10_000

// wordsOf adds the newest words and the names that may be shown. What the seat
// may not read is left empty here, so that no page can show it by mistake.
func wordsOf(db *gorm.DB, seat Seat, rows []Contribution) ([]Said, error) {
	var texts []ContributionText
	err := db.Raw(`SELECT t.contribution_id, t.version, t.body FROM contribution_texts t
		JOIN contributions c ON c.id = t.contribution_id AND c.version = t.version WHERE c.id IN ?`, idsOf(rows)).Scan(&texts).Error
	if err != nil {
		return nil, fmt.Errorf("load texts: %w", err)
	}
	bodies := make(map[record.ID]string, len(texts))
	for _, t := range texts {
		bodies[t.ContributionID] = t.Body
	}
	var authors []record.ID
	for _, c := range rows {
		if c.ShowsAuthor() {
			authors = append(authors, c.AuthorID)
		}
	}
	names, err := people.Names(db.Statement.Context, db, authors)
	if err != nil {
		return nil, err
	}
	said := make([]Said, len(rows))
	for i, c := range rows {
		said[i] = Said{Contribution: c, Edited: c.Version > 1}
		if seat.CanReadText(c) {
			said[i].Body = bodies[c.ID]
		}
		switch {
		case c.ShowsAuthor():
			said[i].Author = names[c.AuthorID]
		case c.AuthorID != seat.Actor.ID() || c.AuthorID == "":
			said[i].AuthorID, said[i].Contribution.Country = "", "" // "group only" is the group and nothing else
		}
	}
	return said, nil
}

// Supported tells which of the contributions a person supports.
func (s *Service) Supported(ctx context.Context, person record.ID, ids []record.ID) (map[record.ID]bool, error) {
	mine := map[record.ID]bool{}
	if person == "" || len(ids) == 0 {
		return mine, nil
	}
	var rows []Support
	if err := s.Read.WithContext(ctx).Where("person_id = ? AND contribution_id IN ?", person, ids).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("load supports: %w", err)
	}
	for _, row := range rows {
		mine[row.ContributionID] = true
	}
	return mine, nil
}

// Whole is a contribution with all that belongs to it.
type Whole struct {
	Said
	Versions []Version // oldest first; empty when the words may not be read
}

// Version is one version of what was said.
type Version struct {
	Version   int64
	Body      string
	CreatedAt time.Time
}

// ContributionDialogue says which dialogue a contribution belongs to.
func (s *Service) ContributionDialogue(ctx context.Context, id record.ID) (record.ID, error) {
	return s.dialogueOf(ctx, "contributions", id)
}

// Contribution reads one contribution with its history.
func (s *Service) Contribution(ctx context.Context, seat Seat, id record.ID) (Whole, error) {
	db := s.Read.WithContext(ctx)
	var rows []Contribution
	if err := db.Where("id = ? AND dialogue_id = ?", id, seat.Dialogue.ID).Find(&rows).Error; err != nil {
		return Whole{}, fmt.Errorf("load contribution: %w", err)
	}
	said, err := withWords(db, seat, rows)
	if err != nil {
		return Whole{}, err
	}
	if len(said) == 0 {
		return Whole{}, ErrHidden
	}
	whole := Whole{Said: said[0]}
	if !seat.CanReadText(whole.Contribution) {
		return whole, nil
	}
	err = db.Model(&ContributionText{}).Where("contribution_id = ?", id).Order("version").Scan(&whole.Versions).Error
	if err != nil {
		return whole, fmt.Errorf("load versions: %w", err)
	}
	return whole, nil
}

// dialogueOf finds the dialogue a row of a table belongs to.
func (s *Service) dialogueOf(ctx context.Context, table string, id record.ID) (record.ID, error) {
	var dialogue record.ID
	err := s.Read.WithContext(ctx).Table(table).Where("id = ?", id).Select("dialogue_id").Limit(1).Scan(&dialogue).Error
	if err != nil {
		return "", fmt.Errorf("find dialogue of %s: %w", table, err)
	}
	if dialogue == "" {
		return "", ErrHidden
	}
	return dialogue, nil
}
