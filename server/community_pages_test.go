package server_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
	"github.com/vcm-forum/forum/server/testkit"
)

// Each page of a community, for each role: what is denied shows nothing.
func TestWhoSeesWhatOfACommunity(t *testing.T) {
	const ok, no, hid = http.StatusOK, http.StatusForbidden, http.StatusNotFound
	roles := []string{"Hilda", "Mira", "Fara", "Obi", "Aude", "Pablo", "Nadia", "Admin"}
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := decidedPeople(t, db)
		if err := w.sealing.SealAll(t.Context()); err != nil {
			t.Fatal(err)
		}
		mandate := "/mandates/" + string(w.mandates["Horst"])
		for rest, want := range map[string][]int{
			"":                {ok, ok, ok, ok, ok, ok, hid, hid},
			"/about":          {ok, ok, ok, no, no, no, hid, hid},
			"/protocol":       {ok, ok, ok, no, no, no, hid, hid},
			"/protocol/new":   {ok, no, no, no, no, no, hid, hid}, // since somebody speaks for it, its facilitator writes no rules
			"/mandates":       {ok, ok, ok, ok, ok, no, hid, hid},
			mandate:           {ok, ok, ok, ok, ok, no, hid, hid},
			"/mandates/new":   {ok, no, ok, no, no, no, hid, hid},
			"/seats":          {ok, ok, ok, no, no, no, hid, hid},
			"/reads":          {ok, ok, no, no, no, no, hid, hid},
			"/reads.csv":      {ok, ok, no, no, no, no, hid, hid},
			"/mandates.csv":   {ok, ok, no, no, no, no, hid, hid},
			"/seats.csv":      {ok, ok, no, no, no, no, hid, hid},
			"/log":            {ok, ok, ok, ok, ok, no, hid, hid},
			"/log/checkpoint": {ok, ok, ok, ok, ok, no, hid, hid},
			"/prompts":        {ok, ok, no, no, no, no, hid, hid},
			"/log.zip":        {ok, no, no, no, no, no, hid, hid},
		} {
			for i, name := range roles {
				got := w.as(w.persons[name]).get(w.at(rest))
				if got.Status != want[i] {
					t.Errorf("%s as %s: %d, want %d", rest, name, got.Status, want[i])
				}
				if (got.Status != ok || name == "Obi") && strings.Contains(got.Body, canary) {
					t.Errorf("%s as %s shows what is denied", rest, name)
				}
			}
		}
	})
}

// Nothing of the record is shown that is not entered as read before.
func TestEveryLookIsEnteredFirst(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := decidedPeople(t, db)
		reads := func() []consultations.ReadEntry {
			t.Helper()
			found, err := w.talks.Reads(t.Context(), w.of("Hilda"), 1000)
			if err != nil {
				t.Fatal(err)
			}
			return found
		}
		hilda := w.as(w.persons["Hilda"])
		for rest, what := range map[string]string{
			"": "home", "/about": "about", "/protocol": "protocol", "/protocol/new": "protocol", "/mandates": "mandates", "/mandates/new": "mandates",
			"/mandates/" + string(w.mandates["Hana"]): "mandate", "/seats": "seats", "/reads": "reads", "/reads.csv": "reads_file", "/mandates.csv": "mandates_file", "/seats.csv": "seats_file", "/log": "log", "/prompts": "prompts", "/log.zip": "bundle",
		} {
			before := len(reads())
			hilda.get(w.at(rest))
			after := reads()
			if len(after) != before+1 || after[0].What != what || after[0].Account != w.persons["Hilda"].ID() || after[0].As != consultations.Holder {
				t.Errorf("%s: %d readings more, the newest %+v", rest, len(after)-before, after[0])
			}
		}
		writer, _, _, _ := w.srv.Services()
		writer.Stop()
		for _, rest := range []string{"", "/about", "/mandates", "/reads", "/log"} {
			if got := hilda.get(w.at(rest)); got.Status != http.StatusServiceUnavailable || strings.Contains(got.Body, canary) {
				t.Errorf("%s is shown though nobody could enter it: %d", rest, got.Status)
			}
		}
	})
}

// communityPages are the pages with words in them.
func (w *consulted) communityPages() []string {
	return []string{
		"/communities", w.at(""), w.at("/about"), w.at("/protocol"), w.at("/protocol/new"), w.at("/mandates"), w.at("/mandates/new"),
		w.at("/mandates/" + string(w.mandates["Horst"])), w.at("/seats"), w.at("/reads"), w.at("/log"), w.at("/prompts"),
	}
}

var (
	mainPart = regexp.MustCompile(`(?s)<main.*</main>`)
	elements = regexp.MustCompile(`<[^>]*>`)
	keyInUse = regexp.MustCompile(`\b(community|consult|flash)\.[a-z_]+(\.[a-z_]+)*\b`)
)

// No page judges, in any language, from any side; and no page lacks a word. The
// catalogs are held against the same words in server/i18n.
func TestPagesOfACommunityJudgeNothing(t *testing.T) {
	w := decidedPeople(t, databasetest.SQLite(t))
	for _, who := range []string{"Hilda", "Mira", "Fara", "Aude", "Pablo", "Obi"} {
		b := w.as(w.persons[who])
		languages := []string{"en"}
		if who == "Hilda" {
			languages = []string{"en", "es", "fr", "pt", "id"}
		}
		for _, language := range languages {
			b.post("/language", map[string][]string{"language": {language}, "next": {"/"}})
			for _, path := range w.communityPages() {
				body := mainPart.FindString(b.get(path).Body)
				for _, text := range elements.Split(body, -1) {
					if found := testkit.Judgements(t, language, text); found != nil {
						t.Errorf("%s in %s, %s: %q judges: %v", path, language, who, text, found)
					}
					if key := keyInUse.FindString(text); key != "" {
						t.Errorf("%s in %s, %s: no words for %s", path, language, who, key)
					}
				}
			}
		}
	}
}

// A phone in a village loads a page of its community with all that belongs to it.
func TestPagesOfACommunityAreLight(t *testing.T) {
	const most = 50_000
	w := decidedPeople(t, databasetest.SQLite(t))
	b := w.as(w.persons["Hilda"])
	for range 60 {
		b.get(w.at("/reads"))
	}
	loads := regexp.MustCompile(`(?:<link rel="stylesheet" href|<script type="module" src)="([^"]+)"`)
	for _, path := range w.communityPages() {
		body, size := w.weigh(b, path)
		for _, m := range loads.FindAllStringSubmatch(body, -1) {
			_, more := w.weigh(b, m[1])
			size += more
		}
		t.Logf("%6d bytes: %s", size, strings.ReplaceAll(path, string(w.community), "…"))
		if size > most {
			t.Errorf("%s: %d bytes", path, size)
		}
	}
}

// weigh fetches an address as a browser does and tells how many bytes came.
func (w *consulted) weigh(b *browser, path string) (string, int) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.web.URL+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "gzip")
	got := b.do(req)
	if got.Header.Get("Content-Encoding") != "gzip" {
		return got.Body, len(got.Body)
	}
	plain, err := gzip.NewReader(strings.NewReader(got.Body))
	if err != nil {
		w.t.Fatal(err)
	}
	body, err := io.ReadAll(plain)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(body), len(got.Body)
}

// The way out is the first thing on every page about communities, also on one that
// says that there is nothing; and it leads to a page that says nothing of them.
func TestTheWayOutComesFirst(t *testing.T) {
	w := decidedPeople(t, databasetest.SQLite(t))
	first := regexp.MustCompile(`<body[^>]*>\s*<nav class="quick-exit"[^>]*><a [^>]*href="/exit" data-exit>`)
	hilda := w.as(w.persons["Hilda"])
	for _, path := range append(w.communityPages(), "/communities/nothing", w.at("/nothing")) {
		got := hilda.get(path)
		if !first.MatchString(got.Body) || !strings.Contains(got.Body, "/js/consult.") {
			t.Errorf("%s: the way out is not first", path)
		}
		if got.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be kept: %q", path, got.Header.Get("Cache-Control"))
		}
	}
	if strings.Contains(hilda.get("/dialogues").Body, "quick-exit") {
		t.Error("elsewhere there is nothing to leave in a hurry")
	}
	for _, b := range []*browser{hilda, w.as(w.persons["Nadia"])} {
		got := b.get("/exit")
		if got.Status != http.StatusSeeOther || got.Location != "/" || got.Header.Get("Clear-Site-Data") != `"cache"` {
			t.Errorf("the way out: %d %s, Clear-Site-Data %s", got.Status, got.Location, got.Header.Get("Clear-Site-Data"))
		}
	}
	if strings.Contains(hilda.get("/").Body, canary) {
		t.Error("where it leads says something of a community")
	}
}

// What the browser keeps of a page, long after somebody left it in a hurry, names
// no community, proposal or person; and tells the pages apart all the same.
func TestTheBrowsersHistoryNamesNobody(t *testing.T) {
	w := decidedPeople(t, databasetest.SQLite(t))
	title := regexp.MustCompile(`<title>([^<]*) · `)
	hilda := w.as(w.persons["Hilda"])
	named := map[string]string{}
	for _, path := range append(w.communityPages(), "/communities/leaving", w.at("/keep"), w.at("/files/new"), w.at("/nothing"),
		w.talk(""), w.talk("/told"), w.talk("/stop"), w.talk("/plan"), w.talk("/sessions"), w.talk("/decisions"), w.talk("/release"), w.talk("/export"), w.talk("/drafts/new")) {
		m := title.FindStringSubmatch(hilda.get(path).Body)
		if m == nil || m[1] == "" || strings.Contains(m[1], canary) || strings.Contains(m[1], "Horst") {
			t.Fatalf("%s is called %q", path, m)
		}
		if other, taken := named[m[1]]; taken && m[1] != "Communities" {
			t.Errorf("%s and %s are both called %q", path, other, m[1])
		}
		named[m[1]] = path
	}
	if len(named) < 20 {
		t.Errorf("only %d titles: %v", len(named), named)
	}
}

// What the way out does, and what it does not, is said beside it.
func TestTheWayOutIsExplained(t *testing.T) {
	w := decidedPeople(t, databasetest.SQLite(t))
	for _, b := range []*browser{w.as(w.persons["Hilda"]), w.as(w.persons["Nadia"]), w.as(people.Actor{})} {
		if body := b.get("/communities/nothing").Body; !strings.Contains(body, `href="/communities/leaving"`) {
			t.Error("no help stands beside the way out")
		}
		reads(t, b, "/communities/leaving", "does not sign you out", "list of visited pages", "run no scripts", "quarter of an hour")
	}
}

// That an answer can be taken back stands on every page of the community.
func TestWithdrawalStandsOnEveryPage(t *testing.T) {
	w := decidedPeople(t, databasetest.SQLite(t))
	b := w.as(w.persons["Hilda"])
	for _, path := range append(w.communityPages(), w.at("/keep")) {
		body := b.get(path).Body
		if !strings.Contains(body, `class="withdrawal"`) || !strings.Contains(body, w.at("/consultations/"+string(w.consultation)+"/stop")) {
			t.Errorf("%s does not lead to the withdrawal", path)
		}
	}
	for _, who := range []string{"Mira", "Aude", "Obi", "Pablo"} { // nobody learns from it whether anything was answered
		if body := w.as(w.persons[who]).get(w.at("")).Body; !strings.Contains(body, `class="withdrawal"`) || strings.Contains(body, "/stop") {
			t.Errorf("%s is not told, or is led to what is not theirs", who)
		}
	}
}

func TestReadsAreNarrowedSortedAndTakenAway(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := decidedPeople(t, db)
		for _, name := range []string{"Aude", "Fara", "Mira", "Aude"} {
			w.as(w.persons[name]).get(w.at(""))
		}
		hilda := w.as(w.persons["Hilda"])
		names := func(query string) []string {
			var out []string
			for _, m := range regexp.MustCompile(`<b dir="auto">([^<]*)</b>`).FindAllStringSubmatch(hilda.get(w.at("/reads"+query)).Body, -1) {
				out = append(out, m[1])
			}
			return out
		}
		for query, want := range map[string][]string{
			"?as=outside": {"Aude", "Fara"}, "?as=auditor": {"Aude"}, "?q=far": {"Fara"}, "?what=home&q=mira": {"Mira"},
			"?as=outside&sort=oldest": {"Fara", "Aude"}, "?as=outside&sort=name": {"Aude", "Fara"}, "?as=outside&sort=most": {"Aude", "Fara"}, "?as=auditor&what=log": nil,
		} {
			if got := names(query); !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", query, got, want)
			}
		}
		reads(t, hilda, w.at("/reads?as=auditor"), "2 looks", "The home page (2)")
		file := hilda.get(w.at("/reads.csv?as=outside"))
		if lines := strings.Split(strings.TrimSpace(file.Body), "\r\n"); len(lines) != 4 || !strings.Contains(lines[1], `"Aude","auditor","The home page"`) {
			t.Errorf("the file: %q", file.Body)
		}
	})
}

// A log that is not what was sealed is said first, on every page, to everyone who
// takes part in it.
func TestAnAlteredRecordIsSaidOnEveryPage(t *testing.T) {
	db := databasetest.SQLite(t)
	w := decidedPeople(t, db)
	if err := w.sealing.SealAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	const alarm = "This record is not what was sealed"
	hilda := w.as(w.persons["Hilda"])
	if strings.Contains(hilda.get(w.at("")).Body, alarm) {
		t.Fatal("a record that is what was sealed raises an alarm")
	}
	var frontier []byte
	if err := db.Write.WithContext(t.Context()).Raw("SELECT frontier FROM ledger_logs").Row().Scan(&frontier); err != nil {
		t.Fatal(err)
	}
	frontier[0] ^= 1
	if err := db.Write.WithContext(t.Context()).Exec("UPDATE ledger_logs SET frontier = ?", frontier).Error; err != nil {
		t.Fatal(err)
	}
	if found, err := w.talks.CheckLogs(t.Context()); err != nil || len(found) == 0 {
		t.Fatalf("an altered log: %v, %v", found, err)
	}
	for _, path := range w.communityPages()[1:] {
		if !strings.Contains(hilda.get(path).Body, alarm) {
			t.Errorf("%s says nothing", path)
		}
	}
	if strings.Contains(hilda.get("/communities").Body, alarm) {
		t.Error("the list speaks of one record")
	}
}
