package consultationpages

import (
	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/consultations/evidence"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/server/page"
)

// A file is handed in on a page of its own (evidencepages), which leads back with
// its digest in the address; the forms here carry that digest on.

// evidenceField is where addresses and forms hold the digest.
const evidenceField = "evidence"

// TakesFiles tells whether recordings, pictures and papers can be taken in.
func (s scene) TakesFiles() bool { return s.files }

// file is the recording, picture or paper that a form brings, "" for none. empty
// says that a recording has no length or no sound.
func (p *Pages) file(r *page.Request) (digest consultations.Digest, empty bool, err error) {
	d := consultations.Digest(r.FormValue(evidenceField))
	if d == "" || p.Consultations.Files == nil {
		return "", false, nil
	}
	if _, reads := r.Sitting.Reads(d); !reads {
		return "", false, people.Invalid{"file": {Key: "consult.error.file"}}
	}
	handed, _ := r.Sitting.Community.File(d)
	return d, handed.Silent, nil
}

// shown is a file as a page plays it.
type shown struct {
	Path  string
	Kind  string // audio, video, image; "" for what is opened elsewhere
	Label string // what a screen reader calls it
	Name  string // of the link to it
}

// Played are the files that the reader may see, of those that a text speaks of.
func (s scene) Played(digests ...consultations.Digest) []shown {
	var out []shown
	for _, d := range digests {
		handed, known := s.Seat.Community.File(d)
		if _, reads := s.Seat.Reads(d); !known || !reads {
			continue
		}
		one := shown{Path: "/communities/" + string(s.View.Community) + "/files/" + string(d), Name: s.T("consultation.file_open")}
		if kind := handed.Type.Kind(); kind == evidence.Audio || kind == evidence.Video || kind == evidence.Image {
			one.Kind, one.Label = string(kind), s.T("consult.medium."+string(kind))
		}
		out = append(out, one)
	}
	return out
}

// Handed is the file that the form brings already.
func (s sheet) Handed() []shown {
	return s.Played(consultations.Digest(s.Form.Value(evidenceField)))
}

// HandIn is the page on which a file is handed in, and which leads back here.
func (s sheet) HandIn() string {
	next := s.To(s.back)
	return "/communities/" + string(s.View.Community) + "/files/new?" + page.Query("next", next)
}

// from says from which page the form's file is fetched, to come back to it.
func (s sheet) from(rest string) sheet { s.back = rest; return s }
