// Package consultationpages holds the pages of one consultation: what is
// proposed, how the two sides talk, what was told, the community's own time, the
// decision read back and confirmed, its withdrawal, and what of it may be seen.
//
// A page shows a consultations.View and nothing else: what a reader may not see
// is not in it.
package consultationpages

import (
	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

// Pages are the pages of consultations.
type Pages struct {
	Kit           *page.Kit
	Consultations *consultations.Service // nil where there are no consultations
	People        *people.Service
}

// path is the address of a consultation, or of something of it.
func path(community, consultation record.ID, rest string) string {
	return "/communities/" + string(community) + "/consultations/" + string(consultation) + rest
}
