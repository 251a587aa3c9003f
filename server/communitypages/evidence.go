package communitypages

import (
	"strings"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

// evidence is what a form brings as proof: the file that was handed in for it, and
// what is typed of where the paper or the recording lies and what it says, of which
// the digest is kept.
func evidence(r *page.Request, field string) []consultations.Digest {
	var out []consultations.Digest
	if file := handed(r); file != "" {
		out = append(out, file)
	}
	if reference := strings.Join(strings.Fields(r.FormValue(field)), " "); reference != "" {
		out = append(out, consultations.Digest(record.Digest("reference", reference)))
	}
	return out
}

// handed is the file that was handed in on the way to a form; "" for none, and for
// one that the record does not have.
func handed(r *page.Request) consultations.Digest {
	file := consultations.Digest(r.FormValue("evidence"))
	if _, known := r.Sitting.Community.File(file); !known {
		return ""
	}
	return file
}

// HandInPath leads to where a file is handed in, and back to a form with it.
func (o ours) HandInPath(form string) string {
	return o.Root() + "/files/new?" + page.Query("next", o.Root()+form)
}
