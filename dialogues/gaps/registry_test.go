package gaps_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"github.com/vcm-forum/forum/dialogues/gaps"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/dialogues/sheet"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
	"github.com/vcm-forum/forum/server/testkit"
)

// The whole registry, as it stood on 30 July 2026, with the NDC Explorer's figures.
func TestTheRegistryIsTakenInWhole(t *testing.T) {
	files := gaps.Files{Registry: shared(t, "ndcs.csv"), Explorer: shared(t, "ndc-content-klimalog-die-gdi.csv")}
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := service(t, db)
		if out := imported(t, s, files); out != (gaps.Outcome{Added: 741, Figures: 170}) {
			t.Errorf("first: %+v", out)
		}
		first := everything(t, s)
		if out := imported(t, s, files); out != (gaps.Outcome{Left: 741}) {
			t.Errorf("second: %+v", out)
		}
		if diff := cmp.Diff(first, everything(t, s)); diff != "" || len(lines(t, db)) != 1 {
			t.Errorf("the second time %d lines, and changed\n%s", len(lines(t, db)), diff)
		}
		// Iran and Libya are in the sheet and have submitted nothing.
		if len(first) != 198 || len(first["IR"]) != 0 || len(first["LY"]) != 0 {
			t.Errorf("%d Parties, %d documents of Iran", len(first), len(first["IR"]))
		}
		checkRows(t, files.Registry, first)
		checkSuccession(t, s, first)
	})
}

// everything is all documents by Party.
func everything(t *testing.T, s *gaps.Service) map[string][]gaps.Document {
	t.Helper()
	parties, err := s.Parties(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]gaps.Document{}
	for _, p := range parties {
		all[p.Code] = documentsOf(t, s, p.Code)
		if p.Documents != int64(len(all[p.Code])) {
			t.Errorf("%s has %d documents, said %d", p.Code, len(all[p.Code]), p.Documents)
		}
	}
	return all
}

// checkRows compares with the table, read by other means.
func checkRows(t *testing.T, file sheet.File, all map[string][]gaps.Document) {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(file.Raw)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows[1:] {
		party, _ := gaps.PartyByAlpha3(r[code])
		same := func(d gaps.Document) bool {
			return d.Address == r[address] && d.Title == people.Legible(r[title]) && d.Version == r[version] && d.SubmittedOn == r[submitted] &&
				d.Superseded() == (r[status] == "Archived") && string(d.Kind) == strings.ToLower(r[kind]) && (d.Language == "") == (r[language] == "")
		}
		if !slices.ContainsFunc(all[party], same) {
			t.Errorf("%s lacks %q", party, r)
		}
	}
}

// checkSuccession: of 320 archived documents only the last ones of the United
// States and of Yemen have nothing in their place.
func checkSuccession(t *testing.T, s *gaps.Service, all map[string][]gaps.Document) {
	t.Helper()
	var alone []string
	archived := 0
	for _, documents := range all {
		for _, d := range documents {
			if d.Superseded() {
				archived++
			}
			if d.Superseded() && d.SupersededBy == "" {
				alone = append(alone, d.Title)
			}
		}
	}
	slices.Sort(alone)
	if diff := cmp.Diff([]string{"United States of America 2035 NDC", "Yemen NDC 3.0"}, alone); diff != "" || archived != 320 {
		t.Errorf("%d archived, without successor\n%s", archived, diff)
	}
	for party, want := range map[string]string{
		"BR": "Brazil Second Nationally Determined Contribution", "CO": "Colombia NDC 3.0", "PG": "Papua New Guinea Second NDC",
		"US": "United States of America 2035 NDC", "EU": "The nationally determined contribution of the European Union and its Member States (EU NDC)",
	} {
		if newest, err := s.Newest(t.Context(), party); err != nil || newest.Title != want {
			t.Errorf("newest of %s is %q, %v; want %q", party, newest.Title, err, want)
		}
	}
}

// counter is gorm's logger, which hears of every statement.
type counter struct {
	logger.Interface
	n *atomic.Int64
}

func (c counter) LogMode(logger.LogLevel) logger.Interface { return c }

func (c counter) Trace(context.Context, time.Time, func() (string, int64), error) { c.n.Add(1) }

func TestEachQuestionIsOneQuery(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		var n atomic.Int64
		s := service(t, db)
		imported(t, s, gaps.Files{Registry: table(append(colombia(), peru())...)})
		id := documentsOf(t, s, "CO")[1].ID
		s.Read = db.Read.Session(&gorm.Session{Logger: counter{logger.Discard, &n}})
		for name, ask := range map[string]func() error{
			"Parties":     func() error { _, err := s.Parties(t.Context()); return err },
			"DocumentsOf": func() error { _, err := s.DocumentsOf(t.Context(), "CO"); return err },
			"Document":    func() error { _, err := s.Document(t.Context(), id); return err },
			"Newest":      func() error { _, err := s.Newest(t.Context(), "CO"); return err },
		} {
			n.Store(0)
			if err := ask(); err != nil || n.Load() != 1 {
				t.Errorf("%s: %d queries, %v", name, n.Load(), err)
			}
		}
	})
}

// Titles in the words of others come out of both databases as they went in, with
// what nobody sees left out; a second import finds them unchanged.
func TestForeignTitlesAreKept(t *testing.T) {
	raw, err := os.ReadFile(testkit.SharedData(t, "bad-input", "blns.json"))
	if err != nil {
		t.Fatal(err)
	}
	var naughty []string
	if err := json.Unmarshal(raw, &naughty); err != nil {
		t.Fatal(err)
	}
	var rows []row
	want := map[string]int{}
	for _, text := range naughty {
		seen := strings.Join(strings.Fields(people.Legible(text)), " ")
		if seen != "" && want[seen] == 0 && utf8.RuneCountInString(seen) <= 300 && !strings.ContainsRune(text, 0) {
			rows = append(rows, peru().with(title, text).with(submitted, ""))
			want[seen]++
		}
	}
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s, files := service(t, db), gaps.Files{Registry: table(rows...)}
		if out := imported(t, s, files); out != (gaps.Outcome{Added: len(rows)}) || len(rows) < 300 {
			t.Errorf("%d rows: %+v", len(rows), out)
		}
		if out := imported(t, s, files); out != (gaps.Outcome{Left: len(rows)}) {
			t.Errorf("again: %+v", out)
		}
		got := map[string]int{}
		for _, d := range documentsOf(t, s, "PE") {
			got[d.Title]++
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

// Whatever is given is refused with the file's name, or read as documents that
// both databases can keep, each known again, and that an import settles at once.
func FuzzRegistry(f *testing.F) {
	f.Add(table(append(colombia(), peru())...).Raw)
	f.Add(table(colombia()[0].with(title, "Ñ\u202e\n\t\u0301 \"x\""), colombia()[0].with(version, "N/A")).Raw)
	f.Add(table(peru().with(code, "EUU"), peru().with(code, "EU")).Raw)
	f.Add([]byte("\ufeffcode,title\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		listed, err := gaps.ReadRegistry(sheet.File{Name: "ndcs.csv", Raw: raw})
		if err != nil {
			if !strings.HasPrefix(err.Error(), "ndcs.csv") {
				t.Errorf("%v names no file", err)
			}
			return
		}
		known := map[gaps.Document]bool{}
		for _, d := range listed {
			key := gaps.Document{Party: d.Party, Address: d.Address, Listing: d.Listing}
			odd := func(s string, longest int) bool {
				return !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\n\r") || utf8.RuneCountInString(s) > longest
			}
			if known[key] || d.Party == "" || d.Title == "" || d.Kind == "" || d.Status == "" || odd(d.Title, 300) || odd(d.Version, 20) || odd(d.Address, 2000) || !strings.HasPrefix(strings.ToLower(d.Address), "http") {
				t.Errorf("read %+v", d)
			}
			known[key] = true
		}
		saved, out := gaps.Reconcile(nil, listed)
		if again, same := gaps.Reconcile(saved, listed); len(again) > 0 || out.Added != len(listed) || same.Left != len(listed) {
			t.Errorf("%d listed, %+v; again %+v", len(listed), out, same)
		}
	})
}

// From any state of the documents to any other, in one step.
func FuzzReconcile(f *testing.F) {
	f.Add([]byte{1, 2, 3}, []byte{3, 4, 5})
	f.Fuzz(func(t *testing.T, before, after []byte) {
		kept, _ := gaps.Reconcile(nil, documentsFrom(before))
		ids := map[record.ID]bool{}
		for _, d := range kept {
			ids[d.ID] = true
		}
		listed := documentsFrom(after)
		saved, out := gaps.Reconcile(kept, listed)
		if out.Added+out.Changed+out.Left != len(listed) || len(saved) != out.Added+out.Changed+out.Unlisted {
			t.Errorf("%d listed, %d saved, %+v", len(listed), len(saved), out)
		}
		for _, d := range saved {
			if d.Status == gaps.Unlisted && !ids[d.ID] {
				t.Errorf("made to be unlisted: %+v", d)
			}
			kept = append(slices.DeleteFunc(kept, func(old gaps.Document) bool { return old.ID == d.ID }), d)
		}
		if again, _ := gaps.Reconcile(kept, listed); len(again) > 0 {
			t.Errorf("a second import would save %+v", again)
		}
	})
}

// documentsFrom makes documents out of bytes: which of four Parties, which file, which state.
func documentsFrom(bits []byte) (all []gaps.Document) {
	seen := map[byte]bool{}
	for _, b := range bits {
		if seen[b&0x1f] {
			continue
		}
		seen[b&0x1f] = true
		d := gaps.Document{Party: string(rune('A' + b&3)), Address: string(rune('a' + b>>2&7)), Listing: 1, Status: gaps.InForce}
		if b>>5&1 == 1 {
			d.Status = gaps.Archived
		}
		all = append(all, d)
	}
	return all
}
