package gaps

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"github.com/vcm-forum/forum/dialogues/record"
)

// PartyLine is a Party with what it has submitted.
type PartyLine struct {
	Party
	Documents int64  // that the registry lists
	NewestOn  string // the day of the newest NDC in force; "" for none
}

// Parties lists all Parties by code, in one query. A Party of which only figures
// are known has no documents.
func (s *Service) Parties(ctx context.Context) ([]PartyLine, error) {
	var found []PartyLine
	err := s.Read.WithContext(ctx).Raw(`SELECT p.code, p.market_mechanisms, p.capacity_building, p.figures_from,
			COUNT(CASE WHEN d.status <> ? THEN 1 END) AS documents,
			COALESCE(MAX(CASE WHEN d.kind = ? AND d.status = ? THEN d.submitted_on END), '') AS newest_on
		FROM ndc_parties p LEFT JOIN ndc_documents d ON d.party = p.code
		GROUP BY p.code, p.market_mechanisms, p.capacity_building, p.figures_from ORDER BY p.code`, Unlisted, NDC, InForce).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("list Parties: %w", err)
	}
	return found, nil
}

// DocumentsOf lists what a Party has submitted, the newest first, in one query.
func (s *Service) DocumentsOf(ctx context.Context, party string) ([]Document, error) {
	return ordered(s.Read.WithContext(ctx).Where("party = ?", party))
}

// Document finds one document, or ErrNotFound, in one query.
func (s *Service) Document(ctx context.Context, id record.ID) (Document, error) {
	ofParty, err := ordered(s.Read.WithContext(ctx).Where("party = (SELECT party FROM ndc_documents WHERE id = ?)", id))
	if err != nil {
		return Document{}, err
	}
	i := slices.IndexFunc(ofParty, func(d Document) bool { return d.ID == id })
	if i < 0 {
		return Document{}, ErrNotFound
	}
	return ofParty[i], nil
}

// Newest is the NDC a Party is held to, or ErrNotFound, in one query.
func (s *Service) Newest(ctx context.Context, party string) (Document, error) {
	documents, err := s.DocumentsOf(ctx, party)
	if err != nil {
		return Document{}, err
	}
	return newest(documents)
}

// ordered loads the documents of one Party: no more than a dozen.
func ordered(query *gorm.DB) ([]Document, error) {
	var found []Document
	if err := query.Find(&found).Error; err != nil {
		return nil, fmt.Errorf("load NDC documents: %w", err)
	}
	return newestFirst(found), nil
}
