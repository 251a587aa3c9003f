package communitypages

import (
	"slices"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

// explained is what was explained of a proposal, and which questions are still open.
type explained struct {
	Told, All int
	Open      []string // the questions, in the community's words to itself; what they are about to others
	Path      string
}

// explained is nil for who is told nothing of it, and once there is nothing left to hear.
func (o ours) explained(v consultations.View) *explained {
	if len(v.Missing) == 0 && len(v.Disclosures) == 0 {
		return nil
	}
	out := &explained{All: len(consultations.Topics()), Path: talkPath(v, "/told")}
	out.Told = out.All - len(v.Missing)
	ending := ""
	if o.Us() {
		ending = ".ask"
	}
	for _, topic := range v.Missing {
		out.Open = append(out.Open, o.T("consult.topic."+string(topic)+ending))
	}
	return out
}

// looked is somebody from outside who has looked at a consultation lately.
type looked struct{ Name, Role, Day string }

// fewLooks is how many of them the home names, and among how many of the newest
// looks they are searched.
const (
	fewLooks    = 3
	recentLooks = 200
)

// lookedAt are those from outside who have looked at a consultation, or at the home
// that shows it, the latest first, each once.
func (o ours) lookedAt(v consultations.View, reads []consultations.ReadEntry, names map[record.ID]string) []looked {
	var out []looked
	named := map[record.ID]bool{}
	for _, e := range reads {
		shown := e.Subject == v.Consultation || e.What == "home"
		if outside(e.As) && shown && !named[e.Account] && len(out) < fewLooks {
			named[e.Account] = true
			out = append(out, looked{names[e.Account], o.roleName(e.As), o.Day(e.At)})
		}
	}
	return out
}

// recentReads are the newest looks at the record, for who may know of them.
func (p *Pages) recentReads(r *page.Request) ([]consultations.ReadEntry, map[record.ID]string, error) {
	if !r.Sitting.Can(consultations.SeeReads, "") {
		return nil, nil, nil
	}
	reads, err := p.Consultations.Reads(r.Ctx(), r.Sitting, recentLooks)
	if err != nil {
		return nil, nil, err
	}
	names, err := p.names(r, readers(reads))
	return reads, names, err
}

// readers are the accounts that have looked, each once.
func readers(reads []consultations.ReadEntry) []record.ID {
	var out []record.ID
	for _, e := range reads {
		if !slices.Contains(out, e.Account) {
			out = append(out, e.Account)
		}
	}
	return out
}
