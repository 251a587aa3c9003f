package i18n_test

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/server/i18n"
)

func TestTheCatalogsAreComplete(t *testing.T) {
	load(t)
}

func TestFaultyCatalogsAreRefused(t *testing.T) {
	const (
		greeting = `{"a.hello": "Hello {name}"}`
		people   = `{"a.people": {"one": "{n} x", "many": "{n} x", "other": "{n} x"}}`
		manyless = `{"a.people": {"one": "{n} x", "other": "{n} x"}}`
		bare     = `{"a.people": {"other": "{n} x"}}`
	)
	right := map[string]string{"en/common.json": manyless, "id/common.json": bare}
	with := func(file, content string) map[string]string {
		changed := map[string]string{file: content}
		for name, text := range right {
			if name != file {
				changed[name] = text
			}
		}
		return changed
	}
	tests := []struct {
		name    string
		content string
		changes map[string]string
		want    string // in the error; "" for none
	}{
		{"the same text everywhere", greeting, nil, ""},
		{"plural forms as each language needs them", people, right, ""},
		{"remarks for translators are passed over", `{"_comment": "x", "a.b": "c", "_comment": "y"}`, nil, ""},
		{"a key is missing", greeting, map[string]string{"fr/common.json": `{}`}, "fr: a.hello is missing"},
		{
			"a key is not in English", greeting,
			map[string]string{"fr/x.json": `{"a.more": "x"}`},
			"fr: a.more is not in English",
		},
		{"a whole language is missing", `{}`, map[string]string{"en/common.json": greeting}, "id: a.hello is missing"},
		{
			"a placeholder is missing", greeting,
			map[string]string{"es/common.json": `{"a.hello": "Hola"}`},
			"es: a.hello: placeholders []",
		},
		{
			"a placeholder has another name", greeting,
			map[string]string{"es/common.json": `{"a.hello": "Hola {nombre}"}`},
			"[nombre], in English [name]",
		},
		{"the form for millions is missing", people, with("pt/common.json", manyless), "pt: a.people: has or lacks"},
		{"a form that the language does not have", people, with("id/common.json", manyless), "id: a.people: has or lacks"},
		{"plural in one language only", people, with("id/common.json", `{"a.people": "{n} x"}`), "in English only"},
		{
			"French one is also zero and needs the number", people,
			with("fr/common.json", `{"a.people": {"one": "une", "many": "{n} x", "other": "{n} x"}}`), "plural form one",
		},
		{
			"Spanish one is exactly one and may do without", people,
			with("es/common.json", `{"a.people": {"one": "una", "many": "{n} x", "other": "{n} x"}}`), "",
		},
		{
			"a key is in two files", greeting,
			map[string]string{"pt/more.json": greeting},
			"pt/more.json: key a.hello is also in pt/common.json",
		},
		{"a key is twice in one file", `{"a.b": "x", "a.b": "y"}`, nil, "key a.b twice"},
		{"a key without an area", `{"hello": "x"}`, nil, "not a key"},
		{"a key with capitals", `{"a.Hello": "x"}`, nil, "not a key"},
		{"a text that is a number", `{"a.b": 3}`, nil, "neither a text nor plural forms"},
		{"a text that is null", `{"a.b": null}`, nil, "neither a text nor plural forms"},
		{"an unknown plural form", `{"a.b": {"several": "x"}}`, nil, `plural form "several"`},
		{"a placeholder that is not closed", `{"a.b": "{n"}`, nil, "{ without"},
		{"a brace too many", `{"a.b": "n}"}`, nil, "} without {"},
		{"not JSON", `a: b`, nil, "not a JSON object"},
		{"something after the object", `{} {}`, nil, "something follows"},
		{"cut off", `{"a.b": "x"`, nil, "end of object"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := i18n.Read(sameEverywhere(test.content, test.changes))
			if test.want == "" && err != nil {
				t.Fatalf("refused: %v", err)
			}
			if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("error is %v, want %q in it", err, test.want)
			}
		})
	}
}

func TestAllFaultsAreToldAtOnce(t *testing.T) {
	_, err := i18n.Read(sameEverywhere(`{"a.b": "{x}", "a.c": "y"}`, map[string]string{
		"es/common.json": `{"a.b": "{z}"}`,
		"fr/common.json": `{"a.c": "y"}`,
	}))
	for _, want := range []string{"es: a.c is missing", "es: a.b: placeholders", "fr: a.b is missing"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error lacks %q: %v", want, err)
		}
	}
}

// eachText calls a function with every text of every catalog, as it stands in the file.
func eachText(t *testing.T, check func(t *testing.T, l i18n.Language, line string)) {
	t.Helper()
	entry := regexp.MustCompile(`^\s*"[a-z]`)
	for _, l := range i18n.Languages() {
		files, err := fs.Glob(os.DirFS("catalogs"), string(l)+"/*.json")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			content, err := os.ReadFile("catalogs/" + file)
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(string(content)) {
				if entry.MatchString(line) {
					check(t, l, strings.TrimSpace(line))
				}
			}
		}
	}
}

func TestTextsAreNotHTML(t *testing.T) {
	markup := regexp.MustCompile(`<[a-zA-Z/!]|&[a-z]+;|&#`)
	eachText(t, func(t *testing.T, l i18n.Language, line string) {
		if markup.MatchString(line) {
			t.Errorf("%s: markup in %s", l, line)
		}
	})
}

func TestPunctuationIsThatOfTheLanguage(t *testing.T) {
	glued := regexp.MustCompile(`\pL[!?;:](\s|"|$)|[«]\pL|\pL»`)
	eachText(t, func(t *testing.T, l i18n.Language, line string) {
		_, value, _ := strings.Cut(line, `": `)
		switch {
		case l == i18n.French && glued.MatchString(stripForms(value)):
			t.Errorf("fr: no space before ! ? ; : or inside « »: %s", line)
		case l == i18n.Spanish && strings.Count(value, "?") != strings.Count(value, "¿"),
			l == i18n.Spanish && strings.Count(value, "!") != strings.Count(value, "¡"):
			t.Errorf("es: ¿? or ¡! not in pairs: %s", line)
		case strings.Contains(value, "..."):
			t.Errorf("%s: three dots instead of …: %s", l, line)
		case strings.Contains(value, "  "):
			t.Errorf("%s: two spaces: %s", l, line)
		}
	})
}

// stripForms takes the names of plural forms out of a line, whose colons are JSON's.
func stripForms(value string) string {
	return regexp.MustCompile(`"(zero|one|two|few|many|other)":`).ReplaceAllString(value, "")
}

// The wall may speak another language than a phone in the hall: letters may
// differ between languages, but none stands for two groups in any of them.
func TestLettersStandForOneGroup(t *testing.T) {
	groups := []string{
		"national_government", "subnational_government", "iplc", "project_developer", "buyer_investor",
		"standard_programme", "civil_society", "research", "development_agency", "market_facilitator",
	}
	catalogs, owner := load(t), make(map[string]string)
	for _, l := range i18n.Languages() {
		for _, group := range groups {
			letters := catalogs.Printer(l).T("group." + group + ".letters")
			if len(letters) != 2 || strings.ToUpper(letters) != letters {
				t.Errorf("%s: letters of %s are %q, want two capitals", l, group, letters)
			}
			if other, taken := owner[letters]; taken && other != group {
				t.Errorf("%s: %s stands for %s and %s", l, letters, other, group)
			}
			owner[letters] = group
		}
	}
}
