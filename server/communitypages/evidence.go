package communitypages

import (
	"strings"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

// evidence is what a form brings as proof: for now a reference that is typed,
// where the paper or the recording lies and what it says, of which the digest is
// kept. Files that are uploaded will be read here and nowhere else.
func evidence(r *page.Request, field string) []consultations.Digest {
	reference := strings.Join(strings.Fields(r.FormValue(field)), " ")
	if reference == "" {
		return nil
	}
	return []consultations.Digest{consultations.Digest(record.Digest("reference", reference))}
}
