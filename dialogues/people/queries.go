package people

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"github.com/vcm-forum/forum/dialogues/record"
)

// ByID returns one person, or ErrNotFound.
func (s *Service) ByID(ctx context.Context, id record.ID) (Person, error) {
	return one(s.Read.WithContext(ctx).Where("id = ?", id))
}

// ByEmail returns the account with an address, or ErrNotFound.
func (s *Service) ByEmail(ctx context.Context, email string) (Person, error) {
	return one(s.Read.WithContext(ctx).Where("email = ? AND email <> '' AND kind = ?", NormalEmail(email), Account))
}

func one(query *gorm.DB) (Person, error) {
	var p Person
	if err := query.Take(&p).Error; err != nil {
		return Person{}, notFound(err, "load person")
	}
	return p, nil
}

// Filter narrows the operator's list of people.
type Filter struct {
	Search    string
	Group     Group
	Kind      Kind
	Suspended bool
	Page      int // from 1
}

// PerPage is how many people a page of the list shows.
const PerPage = 50

// List returns a page of people, by name, and how many there are in all.
func (s *Service) List(ctx context.Context, f Filter) ([]Person, int64, error) {
	query := s.Read.WithContext(ctx).Model(&Person{}).Where("erased_at IS NULL AND merged_into IS NULL AND kind <> ?", Imported)
	for _, word := range SearchWords(f.Search) {
		query = query.Where("folded LIKE ? ESCAPE '\\' OR email LIKE ? ESCAPE '\\'", Contains(word), Contains(word))
	}
	if f.Group != "" {
		query = query.Where("stakeholder_group = ?", f.Group)
	}
	if f.Kind != "" {
		query = query.Where("kind = ?", f.Kind)
	}
	if f.Suspended {
		query = query.Where("suspended_at IS NOT NULL")
	}
	var total int64
	if err := query.Count(&total).Error; err != nil {
		return nil, 0, fmt.Errorf("count people: %w", err)
	}
	var found []Person
	err := query.Order("folded, id").Limit(PerPage).Offset(PerPage * max(0, f.Page-1)).Find(&found).Error
	if err != nil {
		return nil, 0, fmt.Errorf("list people: %w", err)
	}
	return found, total, nil
}

// Contains is the LIKE pattern for text that holds word, with ESCAPE '\'.
func Contains(word string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(word) + "%"
}

// Names returns the names of the given people, in one query. Erased people
// have the name "", a guest who became part of an account the account's.
func Names(ctx context.Context, db *gorm.DB, ids []record.ID) (map[record.ID]string, error) {
	names := map[record.ID]string{}
	if len(ids) == 0 {
		return names, nil
	}
	var found []Person
	err := db.WithContext(ctx).Raw(`SELECT p.id, COALESCE(a.name, p.name) AS name FROM people p
		LEFT JOIN people a ON a.id = p.merged_into WHERE p.id IN ?`, ids).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("load names: %w", err)
	}
	for _, p := range found {
		names[p.ID] = p.Name
	}
	return names, nil
}

// Organisations returns every organisation by name.
func (s *Service) Organisations(ctx context.Context) ([]Organisation, error) {
	var found []Organisation
	if err := s.Read.WithContext(ctx).Order("folded").Find(&found).Error; err != nil {
		return nil, fmt.Errorf("list organisations: %w", err)
	}
	return found, nil
}

// HasAdministrator tells whether anybody can run this server yet.
func (s *Service) HasAdministrator(ctx context.Context) (bool, error) {
	var n int64
	err := s.Read.WithContext(ctx).Model(&Person{}).Where("administrator = ? AND erased_at IS NULL", true).Count(&n).Error
	if err != nil {
		return false, fmt.Errorf("count administrators: %w", err)
	}
	return n > 0, nil
}
