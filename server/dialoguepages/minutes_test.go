package dialoguepages

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/server/i18n"
	"github.com/vcm-forum/forum/server/page"
	"github.com/vcm-forum/forum/static"
)

func words(t *testing.T, l i18n.Language) page.Words {
	t.Helper()
	catalogs, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	files, err := static.Load()
	if err != nil {
		t.Fatal(err)
	}
	return page.Words{P: catalogs.Printer(l), Files: files}
}

func sample(t *testing.T, body string) minutesView {
	t.Helper()
	w := words(t, i18n.English)
	q := dialogues.QuestionView{Question: dialogues.Question{ID: "q", Title: "Who decides?"}, Number: "1"}
	session := dialogues.Session{ID: "s", Title: "First", Code: "ABC234", TimeZone: "UTC", StartsAt: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC), Minutes: 60, State: dialogues.Over}
	said := dialogues.Said{Contribution: dialogues.Contribution{
		ID: "c", QuestionID: "q", SessionID: "s", Kind: dialogues.Risk, Language: "en", StakeholderGroup: people.IPLC,
		Attribution: dialogues.Named, AuthorID: "a", State: dialogues.Visible, CreatedAt: session.StartsAt,
	}, Body: body, Author: "Rosa"}
	m := dialogues.Minutes{Dialogue: dialogues.Dialogue{Title: "A dialogue"}, Session: session, Sections: []dialogues.Section{{Question: q, Said: []dialogues.Said{said}}}, Head: 7}
	return minutesView{w, m, newScene(w, Reads, m.Dialogue, []dialogues.QuestionView{q}, []dialogues.Session{session})}
}

// The archive opens, and every form of the minutes in it holds what was said.
func TestMinutesArchiveIsWhole(t *testing.T) {
	raw, err := sample(t, "a plain risk").ZIP()
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatalf("the archive does not open: %v", err)
	}
	want := map[string]bool{"minutes.html": true, "minutes.md": true, "contributions.csv": true, "minutes.json": true}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil || !strings.Contains(string(body), "a plain risk") {
			t.Errorf("%s: %v, holds what was said: %v", f.Name, err, strings.Contains(string(body), "a plain risk"))
		}
		delete(want, f.Name)
	}
	if len(want) > 0 {
		t.Errorf("not in the archive: %v", want)
	}
}

// The minutes as a file need nothing from anywhere, and what people typed stays words.
func TestMinutesFileStandsAlone(t *testing.T) {
	var out bytes.Buffer
	if err := minutesFile.Write(&out, sample(t, "<script>alert(1)</script>")); err != nil {
		t.Fatal(err)
	}
	for _, never := range []string{"<script", "src=", "href=", "url(", "⟦"} {
		if strings.Contains(out.String(), never) {
			t.Errorf("the file holds %q:\n%s", never, out.String())
		}
	}
	for _, words := range []string{"@media print", "@page", "Who decides?", "Rosa", "&lt;script&gt;"} {
		if !strings.Contains(out.String(), words) {
			t.Errorf("the file does not hold %q:\n%s", words, out.String())
		}
	}
}

// Everybody who chaired stands in the minutes with their time.
func TestMinutesNameEveryChair(t *testing.T) {
	v := sample(t, "x")
	from := v.Minutes.Session.StartsAt
	to := from.Add(25 * time.Minute)
	v.Chairs = []dialogues.Tenure{{Name: "Lucía", From: from, To: &to}, {From: to}}
	want := []string{"Lucía, 09:00–09:25", v.T("contribution.former_participant") + ", since 09:25"}
	if diff := cmp.Diff(want, v.Chaired()); diff != "" {
		t.Errorf("who chaired (-want +got):\n%s", diff)
	}
	if text := v.Markdown(); !strings.Contains(text, "Lucía, 09:00–09:25; ") {
		t.Errorf("not in the text:\n%s", text)
	}
	if chairs := v.Data().Chairs; len(chairs) != 2 || chairs[0].Name != "Lucía" || chairs[0].To == nil || chairs[1].To != nil {
		t.Errorf("not in the data: %+v", chairs)
	}
}

// What people type stays words: it cannot become structure of the document.
func TestMarkdownKeepsWordsPlain(t *testing.T) {
	for typed, want := range map[string]string{
		"# a heading": `\# a heading`, "- a list": `\- a list`, "1. a list": `1\. a list`, "---": `\---`, "===": `\===`,
		"[x](javascript:alert(1))": `\[x\](javascript:alert(1))`, "<b>": `\<b\>`, "a * b": `a \* b`, "well-known": "well-known",
	} {
		if got := plainMarkdown(typed); got != want {
			t.Errorf("plainMarkdown(%q) = %q, want %q", typed, got, want)
		}
	}
}
