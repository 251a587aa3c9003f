package gaps_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vcm-forum/forum/dialogues/gaps"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// Who follows whom, by the rules in words.
func TestWhatCameInPlaceOfADocument(t *testing.T) {
	ndc := func(id, day string, status gaps.Status) gaps.Document {
		return gaps.Document{ID: record.ID(id), Kind: gaps.NDC, Version: id, Title: id, Language: "en", Status: status, SubmittedOn: day}
	}
	in := func(language string, d gaps.Document) gaps.Document {
		d.Language = language
		return d
	}
	of := func(version string, d gaps.Document) gaps.Document {
		d.Kind, d.Version, d.SubmittedOn = gaps.Addendum, version, ""
		return d
	}
	for _, tt := range []struct {
		name      string
		documents []gaps.Document
		want      map[string]string // successor by id, where there is one
	}{
		{"a later one does not end what is in force", []gaps.Document{ndc("a", "2021-01-01", gaps.InForce), ndc("b", "2025-01-01", gaps.InForce)}, nil},
		{"the next one follows, not the last", []gaps.Document{ndc("c", "2025-01-01", gaps.InForce), ndc("a", "2016-01-01", gaps.Archived), ndc("b", "2021-01-01", gaps.Archived)}, map[string]string{"a": "b", "b": "c"}},
		{"the same language goes first", []gaps.Document{in("es", ndc("a", "2016-01-01", gaps.Archived)), ndc("b", "2021-01-01", gaps.InForce), in("es", ndc("c", "2021-01-01", gaps.InForce))}, map[string]string{"a": "c"}},
		{"a day goes before a language", []gaps.Document{in("es", ndc("a", "2016-01-01", gaps.Archived)), ndc("b", "2021-01-01", gaps.InForce), in("es", ndc("c", "2022-01-01", gaps.InForce))}, map[string]string{"a": "b"}},
		{"a draft is replaced on its day", []gaps.Document{ndc("a", "2025-01-01", gaps.Archived), ndc("b", "2025-01-01", gaps.InForce)}, map[string]string{"a": "b"}},
		{"two that are archived on one day replace nobody", []gaps.Document{ndc("a", "2025-01-01", gaps.Archived), ndc("b", "2025-01-01", gaps.Archived)}, nil},
		{"an addendum has the day of its version", []gaps.Document{of("a", ndc("x", "", gaps.Archived)), ndc("a", "2016-01-01", gaps.Archived), ndc("b", "2021-01-01", gaps.InForce)}, map[string]string{"x": "b", "a": "b"}},
		{"an addendum of no known version has none", []gaps.Document{of("?", ndc("x", "", gaps.Archived)), ndc("b", "2021-01-01", gaps.InForce)}, nil},
		{"an addendum replaces nobody", []gaps.Document{ndc("a", "2016-01-01", gaps.Archived), of("b", ndc("x", "", gaps.InForce))}, nil},
		{"what is listed no longer replaces nobody, and is replaced", []gaps.Document{ndc("a", "2016-01-01", gaps.Archived), ndc("b", "2020-01-01", gaps.Unlisted), ndc("c", "2021-01-01", gaps.InForce)}, map[string]string{"a": "c", "b": "c"}},
		{"a Party that withdrew has nothing in its place", []gaps.Document{ndc("a", "2021-01-01", gaps.Archived)}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got map[string]string
			for _, d := range gaps.NewestFirst(tt.documents) {
				if d.SupersededBy == "" {
					continue
				}
				if got == nil {
					got = map[string]string{}
				}
				got[string(d.ID)] = string(d.SupersededBy)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDocumentsAreFound(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := service(t, db)
		imported(t, s, gaps.Files{Registry: table(append(colombia(), peru())...)})
		all := documentsOf(t, s, "CO")
		var titles []string
		for _, d := range all {
			titles = append(titles, string(d.Kind)+" "+d.Title+" "+d.Language)
		}
		want := []string{
			"ndc Colombia First NDC (Updated submission) es", "ndc Colombia First NDC (Archived) es",
			"translation Colombia First NDC (Archived) en", "addendum Letter ",
		}
		if diff := cmp.Diff(want, titles); diff != "" {
			t.Error(diff)
		}
		for i, d := range all {
			if d.Superseded() != (i > 0) || (i > 0 && d.SupersededBy != all[0].ID) {
				t.Errorf("%s is followed by %q", titles[i], d.SupersededBy)
			}
			got, err := s.Document(t.Context(), d.ID)
			if diff := cmp.Diff(d, got); err != nil || diff != "" {
				t.Error(err, diff)
			}
		}
		newest, err := s.Newest(t.Context(), "CO")
		if err != nil || newest.ID != all[0].ID {
			t.Errorf("newest %+v, %v", newest, err)
		}
		newest, err = s.Newest(t.Context(), "PE")
		want1 := gaps.Document{ID: newest.ID, Party: "PE", Address: "https://example.org/Peru%CC%81.pdf", Listing: 1, Title: "Peru NDC 3.0", Kind: gaps.NDC, Language: "es", Status: gaps.InForce, SubmittedOn: "2025-10-01"}
		if diff := cmp.Diff(want1, newest); err != nil || diff != "" {
			t.Error(err, diff)
		}
	})
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := service(t, db)
		imported(t, s, gaps.Files{Registry: table(colombia()[2])})
		if _, err := s.Document(t.Context(), record.NewID()); !errors.Is(err, gaps.ErrNotFound) {
			t.Errorf("a document: %v", err)
		}
		if _, err := s.Newest(t.Context(), "CO"); !errors.Is(err, gaps.ErrNotFound) {
			t.Errorf("the newest of a Party that has only a letter: %v", err)
		}
		if _, err := s.Newest(t.Context(), "XX"); !errors.Is(err, gaps.ErrNotFound) {
			t.Errorf("the newest of nobody: %v", err)
		}
		if found := documentsOf(t, s, "XX"); len(found) > 0 {
			t.Errorf("documents of nobody: %v", found)
		}
	})
}
