package gaps

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/text/language/display"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/sheet"
)

// Longest texts of the registry, in characters. The address is in an index, whose
// entries PostgreSQL bounds.
const (
	longestTitle   = 300
	longestVersion = 20
	longestAddress = 2000
)

// registryColumns are the needed columns of the registry's table as
// github.com/openclimatedata/ndcs publishes it. The name of the file is at the end
// of its address, the Party's name comes from the reader's language.
func registryColumns() []string {
	return []string{"code", "title", "fileType", "language", "version", "status", "submissionDate", "encodedAbsUrl"}
}

// readRegistry reads the registry's table.
func readRegistry(file sheet.File) ([]Document, error) {
	var all []Document
	seen := map[Document]int{}
	err := file.Table(registryColumns(), func(line int, cell func(string) string) string {
		d, reason := readDocument(cell)
		if reason != "" {
			return reason
		}
		same := Document{Party: d.Party, Address: d.Address, Version: d.Version, Title: d.Title}
		if earlier, twice := seen[same]; twice {
			return fmt.Sprintf("names the document of line %d again", earlier)
		}
		seen[same] = line
		all = append(all, d)
		return ""
	})
	if err == nil && len(all) == 0 {
		err = file.Refuse("holds no document")
	}
	return numbered(all), err
}

// numbered gives each row its place among those that name the same file.
func numbered(all []Document) []Document {
	slices.SortFunc(all, func(a, b Document) int {
		return cmp.Or(cmp.Compare(a.Party, b.Party), cmp.Compare(a.Address, b.Address), cmp.Compare(a.Version, b.Version), cmp.Compare(a.Title, b.Title))
	})
	for i := range all {
		all[i].Listing = 1
		if i > 0 && all[i].Party == all[i-1].Party && all[i].Address == all[i-1].Address {
			all[i].Listing = all[i-1].Listing + 1
		}
	}
	return all
}

// readDocument reads one row, or says what is wrong with it.
func readDocument(cell func(column string) string) (d Document, reason string) {
	var known bool
	if d.Party, known = PartyByAlpha3(cell("code")); !known {
		return d, wrong(cell, "code", "the three letters of a country, or EUU")
	}
	if d.Kind, known = map[string]Kind{"NDC": NDC, "Translation": Translation, "Addendum": Addendum}[cell("fileType")]; !known {
		return d, wrong(cell, "fileType", "NDC, Translation or Addendum")
	}
	if d.Status, known = map[string]Status{"Active": InForce, "Archived": Archived}[cell("status")]; !known {
		return d, wrong(cell, "status", "Active or Archived")
	}
	if d.Language, known = languages()[cell("language")]; !known {
		return d, wrong(cell, "language", "the English name of a language, or nothing")
	}
	if d.SubmittedOn = cell("submissionDate"); d.SubmittedOn != "" && !isDay(d.SubmittedOn) {
		return d, wrong(cell, "submissionDate", "a day such as 2021-10-12, or nothing")
	}
	if d.Address = cell("encodedAbsUrl"); !isAddress(d.Address) {
		return d, wrong(cell, "encodedAbsUrl", "an encoded address that begins with https:// or http://")
	}
	if d.Version, reason = line(cell, "version", longestVersion); reason != "" {
		return d, reason
	}
	if d.Title, reason = line(cell, "title", longestTitle); reason == "" && d.Title == "" {
		reason = "title is empty"
	}
	return d, reason
}

func wrong(cell func(string) string, column, want string) string {
	return fmt.Sprintf("%s is %.60q, want %s", column, cell(column), want)
}

// line is a cell as one line that can be seen.
func line(cell func(string) string, column string, longest int) (string, string) {
	text := strings.Join(strings.Fields(people.Legible(cell(column))), " ")
	if n := utf8.RuneCountInString(text); n > longest {
		return "", fmt.Sprintf("%s has %d characters, want at most %d", column, n, longest)
	}
	return text, ""
}

// isDay: nobody submitted an NDC before there was a Convention.
func isDay(s string) bool {
	day, err := time.Parse(time.DateOnly, s)
	return err == nil && day.Year() >= 1992 && day.Year() < 2200
}

// isAddress tells whether a link to it is a link to a file and nothing else.
func isAddress(s string) bool {
	u, err := url.Parse(s)
	odd := strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`"<>\^{|}`+"`", r) })
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && u.User == nil && len(s) <= longestAddress && !odd
}

// languages are the codes by English name. The registry names none for some rows.
var languages = sync.OnceValue(func() map[string]string {
	codes, names := map[string]string{}, display.English.Languages()
	for _, tag := range display.Supported.Tags() {
		if name := names.Name(tag); codes[name] == "" || len(tag.String()) < len(codes[name]) {
			codes[name] = tag.String() // "French" is fr, and not fr-BE
		}
	}
	codes[""] = ""
	return codes
})
