// Package consultationpages holds the pages of one consultation: what is
// proposed, how the two sides talk, what was told, the community's own time, the
// decision read back and confirmed, its withdrawal, and what of it may be seen.
//
// A page shows a consultations.View: what a reader may not see is not in it. What
// the community keeps beside that for itself (who may see, who has a copy, what is
// disputed) is read from its record for those who may see all, and for nobody else.
//
// A step that is refused is refused where it was asked for: beside the field, or
// beside the button with what has to happen first.
package consultationpages

import (
	"time"

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

// here is the address of something of the consultation that the request names.
func here(r *page.Request, rest string) string {
	return path(r.Sitting.Community.ID, r.ID("consultation"), rest)
}

// zoneOf is the reader's time zone; UTC where they have not said one.
func zoneOf(r *page.Request) *time.Location {
	z, err := time.LoadLocation(r.Actor.Person.TimeZone)
	if err != nil {
		return time.UTC
	}
	return z
}
