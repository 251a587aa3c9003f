package server_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
	"github.com/vcm-forum/forum/server/testkit"
)

// What broke other programs is shown as it was typed, as somebody's words and as
// a title; nothing of it becomes an element or an address, and what is refused
// comes back in its field.
func TestNaughtyStringsAreShownAsTyped(t *testing.T) {
	raw, err := os.ReadFile(testkit.SharedData(t, "bad-input", "blns.json"))
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := build(start(t, db))
		o, lead := w.objects["public"], w.as(w.persons["facilitator"])
		said := "/dialogues/" + string(o.dialogue) + "/contributions"
		kept := 0
		for i, typed := range list {
			fields := url.Values{
				"question": {string(o.question)}, "kind": {"risk"}, "language": {"en"},
				"attribution": {string(dialogues.Attributions()[i%2])}, "body": {typed}, "key": {string(record.NewID())},
			}
			got := lead.post(said, fields)
			want := strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(typed, "\r\n", "\n"), "\r", "\n"))
			switch got.Status {
			case http.StatusSeeOther:
				kept++
				_, id, _ := strings.Cut(got.Location, "#c-")
				page := parsed(t, typed, lead.get("/contributions/"+id).Body)
				if !page.has("contribution-text", want) {
					t.Errorf("%q is not shown as typed", typed)
				}
			case http.StatusUnprocessableEntity:
				if page := parsed(t, typed, got.Body); want != "" && !page.area(typed) {
					t.Errorf("%q was refused and is not kept in its field", typed)
				}
			default:
				t.Errorf("%q is answered %d", typed, got.Status)
			}
		}
		if kept < 400 {
			t.Errorf("only %d of %d strings were kept", kept, len(list))
		}
		titled(t, w, lead, list)
	})
}

// titled gives each string to a question as its title, in a dialogue whose page is short.
func titled(t *testing.T, w *world, lead *browser, list []string) {
	t.Helper()
	o, by := w.objects["listed"], dialogues.Call{Actor: w.persons["facilitator"]}
	for _, typed := range list {
		form := dialogues.QuestionForm{Title: typed, Background: typed, Answer: dialogues.AnswerOpen}
		if _, err := w.dialogues.ChangeQuestion(t.Context(), by, o.dialogue, o.question, form); err != nil {
			continue // the domain's tests say which are refused
		}
		questions, err := w.dialogues.Questions(t.Context(), o.dialogue)
		w.must(record.Receipt{}, err)
		page := parsed(t, typed, lead.get("/dialogues/"+string(o.dialogue)+"?question="+string(o.question)).Body)
		if !page.anywhere(questions[0].Title) {
			t.Errorf("the title %q is not shown as it is kept", typed)
		}
	}
}

// leaf is a page, taken apart as a browser does.
type leaf struct{ root *html.Node }

// parsed reads a page and makes sure that nothing on it acts: no script but
// ours, no handler, no address that is code, nothing from elsewhere.
func parsed(t *testing.T, typed, body string) leaf {
	t.Helper()
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if slices.Contains([]string{"script", "iframe", "object", "embed", "base", "style"}, n.Data) && !strings.HasPrefix(value(n, "src"), "/static/") {
			t.Errorf("%q makes an element <%s>", typed, n.Data)
		}
		for _, a := range n.Attr {
			address := strings.ToLower(strings.TrimSpace(a.Val))
			isAddress := a.Key == "href" || a.Key == "src" || a.Key == "action" || a.Key == "formaction"
			if strings.HasPrefix(a.Key, "on") || (isAddress && (strings.Contains(address, "script:") || strings.HasPrefix(address, "//") || strings.HasPrefix(address, "data:"))) {
				t.Errorf("%q makes an attribute %s=%q", typed, a.Key, a.Val)
			}
		}
	}
	return leaf{root}
}

func value(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// textOf is what an element says.
func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// has tells whether an element of a class says exactly this.
func (l leaf) has(class, want string) bool {
	for n := range l.root.Descendants() {
		if value(n, "class") == class && textOf(n) == want {
			return true
		}
	}
	return false
}

// area tells whether a field of several lines holds what was typed.
func (l leaf) area(typed string) bool {
	for n := range l.root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "textarea" && strings.TrimSpace(textOf(n)) == strings.TrimSpace(typed) {
			return true
		}
	}
	return false
}

// anywhere tells whether an element says exactly this, blanks around it aside.
func (l leaf) anywhere(want string) bool {
	for n := range l.root.Descendants() {
		if n.Type == html.ElementNode && strings.TrimSpace(textOf(n)) == strings.TrimSpace(want) {
			return true
		}
	}
	return false
}
