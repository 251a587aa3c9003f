package gaps

import "github.com/vcm-forum/forum/dialogues/record"

// listing is by what a row of the registry is known again. It numbers no rows, and
// titles, versions and states change with time; which file of which Party stays.
type listing struct {
	party, address string
	nth            int64
}

func (d Document) listing() listing { return listing{d.Party, d.Address, d.Listing} }

// reconcile tells what to save so that the documents are as listed, keeping their ids.
// A table speaks for the Parties it names: one of a single country leaves all others
// alone, and what it no longer lists of that country is kept as unlisted.
func reconcile(kept, listed []Document) (save []Document, out Outcome) {
	before, parties := map[listing]Document{}, map[string]bool{}
	for _, d := range kept {
		before[d.listing()] = d
	}
	for _, d := range listed {
		parties[d.Party] = true
		old, known := before[d.listing()]
		delete(before, d.listing())
		d.ID = old.ID
		switch {
		case !known:
			d.ID = record.NewID()
			out.Added++
		case d != old:
			out.Changed++
		default:
			out.Left++
			continue
		}
		save = append(save, d)
	}
	for _, d := range kept {
		if _, gone := before[d.listing()]; gone && parties[d.Party] && d.Status != Unlisted {
			d.Status = Unlisted
			save = append(save, d)
			out.Unlisted++
		}
	}
	return save, out
}

// newParties tells which Parties to save: those met for the first time, and those
// whose figures are new, which it counts.
func newParties(kept []Party, listed []Document, figures []Party) (save []Party, changed int) {
	before := map[string]Party{}
	for _, p := range kept {
		before[p.Code] = p
	}
	for _, p := range figures {
		if before[p.Code] != p {
			save = append(save, p)
			changed++
		}
		before[p.Code] = p
	}
	for _, d := range listed {
		if _, known := before[d.Party]; !known {
			before[d.Party] = Party{Code: d.Party}
			save = append(save, before[d.Party])
		}
	}
	return save, changed
}
