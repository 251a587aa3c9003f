package main_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// conclude: the second item, the end of the session, the summary, the minutes.
func (j *journey) conclude() {
	p := j.amina
	j.startItem("How do registries talk to each other?")
	j.tomas.until("the question on phone A", "document.querySelector('#q').textContent === 'How do registries talk to each other?'")
	for _, p := range []*person{j.amina, j.wall, j.tomas} {
		p.unmoved()
	}
	p.press(".console-bar .menu summary")
	p.press(".console-bar .menu a[href='#close']")
	p.until("the way to close", "document.querySelector(\"button[formaction$='/close']\").checkVisibility()")
	p.submit("button[formaction$='/close']")
	j.closed = time.Now()
	p.at("/minutes")
	j.wall.renewed()
	j.tomas.renewed()
	j.wall.until("the end on the wall", "document.querySelector('.hall-question').textContent === 'The session is over.'")
	j.tomas.until("the end on phone A", "document.querySelector('#q').textContent === 'The session is over.'")
	j.look(j.wall, "hall after the end")
	j.look(j.tomas, "room after the end")
	j.look(p, "minutes before the summary")
	p.write("textarea[name=summary]", summary)
	p.submit("form[action$='/summary'] button")
	p.submit("form[action$='/publish'] button")
	p.until("published minutes", "document.querySelector('.badge.is-open')")
	j.look(p, "minutes published")
	j.lian.open(j.session + "/minutes")
	j.look(j.lian, "minutes on phone B")
	j.lian.open(j.dialogue)
	j.look(j.lian, "dialogue on phone B")
	j.wall.open("/")
	j.look(j.wall, "home")
}

// givenRow is a contribution in the files that the forum gives away.
type givenRow struct {
	ID       string    `json:"id"`
	Question string    `json:"question"`
	Kind     string    `json:"kind"`
	Author   string    `json:"author"`
	Group    string    `json:"group"`
	State    string    `json:"state"`
	Supports int       `json:"supports"`
	Said     time.Time `json:"said"`
	Text     string    `json:"text"`
}

// givenMinutes is minutes.json.
type givenMinutes struct {
	State   string     `json:"state"`
	Opened  *time.Time `json:"opened"`
	Closed  *time.Time `json:"closed"`
	Chair   string     `json:"chair"`
	Summary string     `json:"summary"`
	Agenda  []struct {
		Title   string     `json:"title"`
		Planned int64      `json:"planned_minutes"`
		Seconds int64      `json:"took_seconds"`
		Started *time.Time `json:"started"`
	} `json:"agenda"`
	Attendance map[string]int64 `json:"attendance"`
	Speeches   []struct {
		Name   string    `json:"name"`
		Group  string    `json:"group"`
		Item   string    `json:"item"`
		Called time.Time `json:"called"`
	} `json:"speeches"`
	Contributions []givenRow `json:"contributions"`
}

// checkMinutes compares the page, the list of the dialogue, the operator's
// export and the ZIP of the session with what was said.
func (j *journey) checkMinutes() {
	j.checkPage()
	list := decoded[[]givenRow](j, j.download(j.dialogue+"/contributions.json"))
	j.checkSaid("contributions.json", list)
	exported := j.checkExport(list)
	minutes := decoded[givenMinutes](j, exported["minutes.json"])
	j.checkSaid("minutes.json", minutes.Contributions)
	j.checkEvents(minutes)
	j.checkText("minutes.md", exported["minutes.md"])
	if diff := cmp.Diff(exported, j.unzip("minutes.zip", j.download(j.session+"/minutes.zip"))); diff != "" {
		j.t.Errorf("minutes.zip is not what the export holds (-export +page):\n%s", diff)
	}
}

func (j *journey) checkPage() {
	p := j.amina
	p.open(j.session + "/minutes")
	for _, u := range j.spoken {
		p.until("the words in the minutes: "+u.Text, shown(u.Text))
	}
	if got := value[int](p, "document.querySelectorAll('.contribution').length"); got != len(j.spoken) {
		j.t.Errorf("%d contributions in the minutes, want %d", got, len(j.spoken))
	}
	if got := p.read("#attendance .quiet"); got != "3" {
		j.t.Errorf("attendance in the minutes is %s, want 3", got)
	}
	if got := value[int](p, "document.querySelectorAll('.turns-table tbody tr').length"); got != 2 {
		j.t.Errorf("%d turns in the minutes, want 2", got)
	}
}

// checkSaid holds a list of contributions against what was said: all of it,
// nothing twice.
func (j *journey) checkSaid(where string, rows []givenRow) {
	var got []utterance
	for _, r := range rows {
		got = append(got, utterance{r.Author, r.Group, r.Question, r.Kind, r.Text, r.Supports})
		if r.Said.Before(j.opened.Add(-time.Second)) || r.Said.After(j.closed) {
			j.t.Errorf("%s: said at %s, outside the session", where, r.Said)
		}
	}
	if diff := cmp.Diff(j.spoken, got, cmpopts.SortSlices(func(a, b utterance) bool { return a.Text < b.Text })); diff != "" {
		j.t.Errorf("%s (-said +given):\n%s", where, diff)
	}
}

// checkEvents holds the minutes against what happened and when.
func (j *journey) checkEvents(m givenMinutes) {
	if m.Chair != j.amina.name || m.Summary != summary || m.State != "closed" {
		j.t.Errorf("minutes.json: chair %q, summary %q, state %q", m.Chair, m.Summary, m.State)
	}
	if diff := cmp.Diff(map[string]int64{"iplc": 1, "research": 1, "market_facilitator": 1}, m.Attendance); diff != "" {
		j.t.Errorf("attendance (-want +got):\n%s", diff)
	}
	var turns []string
	for _, s := range m.Speeches {
		turns = append(turns, s.Name+" "+s.Group+" "+s.Item)
	}
	if diff := cmp.Diff([]string{"Tomás Quispe iplc 1", "Lian Wei research 1"}, turns); diff != "" {
		j.t.Errorf("who spoke (-want +got):\n%s", diff)
	}
	j.checkTimes(m)
}

// checkTimes: one item after the other, between opening and closing.
func (j *journey) checkTimes(m givenMinutes) {
	if len(m.Agenda) != 2 || m.Opened == nil || m.Closed == nil || m.Agenda[0].Started == nil || m.Agenda[1].Started == nil {
		j.t.Errorf("agenda without real times: %+v", m)
		return
	}
	order := []time.Time{j.opened.Add(-time.Second), *m.Opened, *m.Agenda[0].Started, *m.Agenda[1].Started, *m.Closed, j.closed.Add(time.Second)}
	if !slices.IsSortedFunc(order, time.Time.Compare) {
		j.t.Errorf("real times are out of order: %v", order)
	}
	for i, end := range []time.Time{*m.Agenda[1].Started, *m.Closed} {
		if took := end.Sub(*m.Agenda[i].Started).Seconds() - float64(m.Agenda[i].Seconds); took < -1 || took > 1.5 {
			j.t.Errorf("item %d took %d s, %.1f s less than it did", i+1, m.Agenda[i].Seconds, took)
		}
	}
	if m.Agenda[0].Planned != 25 || m.Agenda[1].Planned != 30 {
		j.t.Errorf("planned minutes: %+v", m.Agenda)
	}
}

// checkText: the text for reading names everybody and everything.
func (j *journey) checkText(name, text string) {
	plain := strings.NewReplacer(`\`, "", "  > ", "").Replace(text)
	for _, u := range j.spoken {
		if n := strings.Count(plain, u.Text); n != 1 {
			j.t.Errorf("%s holds %q %d times, want once", name, u.Text, n)
		}
	}
	for _, words := range []string{summary, "Amina Okafor", "Tomás Quispe", "Lian Wei", "Land and maps", "Registries"} {
		if !strings.Contains(plain, words) {
			j.t.Errorf("%s does not hold %q:\n%s", name, words, plain)
		}
	}
}

// checkExport: `forum export` beside the running server gives the same. It
// returns the files of the session.
func (j *journey) checkExport(list []givenRow) map[string]string {
	out := filepath.Join(j.t.TempDir(), "dialogue.zip")
	j.server.run("export", "--dialogue", strings.TrimPrefix(j.dialogue, "/dialogues/"), "--out", out)
	files := j.unzip("the export", bytesOf(j.t, out))
	if diff := cmp.Diff(list, decoded[[]givenRow](j, files["contributions.json"])); diff != "" {
		j.t.Errorf("contributions of the export (-page +export):\n%s", diff)
	}
	if lines := strings.Count(files["record.jsonl"], `"contribution.added"`); lines != len(j.spoken) {
		j.t.Errorf("the record tells of %d contributions, want %d", lines, len(j.spoken))
	}
	session, folder := map[string]string{}, "sessions/"+strings.ReplaceAll(j.code, " ", "")+"/"
	for name, body := range files {
		if inside, ok := strings.CutPrefix(name, folder); ok {
			session[inside] = body
		}
	}
	return session
}

// download fetches a file with the facilitator's cookies.
func (j *journey) download(path string) []byte {
	cookies, err := chromedp.Call(j.amina.ctx, network.GetCookies, network.GetCookiesParams{URLs: []string{j.server.url()}})
	if err != nil {
		j.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(j.t.Context(), http.MethodGet, j.server.url()+path, nil)
	if err != nil {
		j.t.Fatal(err)
	}
	for _, c := range cookies.Cookies {
		req.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		j.t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		j.t.Fatalf("GET %s: %s, %v", path, answer.Status, err)
	}
	return raw
}

// unzip returns the files of an archive by name.
func (j *journey) unzip(what string, raw []byte) map[string]string {
	archive, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		j.t.Fatalf("%s: %v", what, err)
	}
	files := map[string]string{}
	for _, f := range archive.File {
		body, err := f.Open()
		if err != nil {
			j.t.Fatalf("%s: %v", what, err)
		}
		text, err := io.ReadAll(body)
		if err := errors.Join(err, body.Close()); err != nil {
			j.t.Fatalf("%s: %s: %v", what, f.Name, err)
		}
		files[f.Name] = string(text)
	}
	return files
}

// decoded reads JSON that the forum gave away.
func decoded[T any, S string | []byte](j *journey, raw S) T {
	var v T
	if err := json.Unmarshal([]byte(raw), &v); err != nil {
		j.t.Fatalf("read %q: %v", raw, err)
	}
	return v
}
