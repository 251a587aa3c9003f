package main_test

import (
	"bufio"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// invented is how many people the demonstration has.
const invented = 42

// A demonstration prints a link for each of its people, and fills a forum once.
// Who speaks for a community finds its record, and who was asked in from outside;
// a facilitator of dialogues who was not finds nothing.
func serveADemonstration(t *testing.T, program string) {
	s := newForum(t, program, "--demo")
	links := linksIn(t, s.start())
	for name, knows := range map[string]bool{
		"consultation holder Casimira Ondal": true, "consultation holder Yésica Tuvira": true,
		"participant, consultation proponent Edgar Vásquez Ruiz": true, "facilitator Amina Wanjala": false,
	} {
		list := s.signInBy(links[name])
		if got := aCommunity.MatchString(list); list == "" || got != knows {
			t.Errorf("%s finds a community: %v, want %v", name, got, knows)
		}
	}
	s.stop()
	if again := linksIn(t, s.start()); len(again) != len(links) {
		t.Errorf("%d people after a restart", len(again))
	}
	s.stop()
}

// aCommunity is a link to one. Its name is not shown to everybody who is let near.
var aCommunity = regexp.MustCompile(`/communities/[0-9a-f-]{36}`)

// linksIn reads the links of all people, by what they are and their names.
func linksIn(t *testing.T, lines *bufio.Reader) map[string]string {
	t.Helper()
	links := map[string]string{}
	for range invented {
		line, ok := strings.CutPrefix(next(t, lines), "demo: ")
		who, rest, _ := strings.Cut(line, " (")
		_, link, found := strings.Cut(rest, ") ")
		if !ok || !found {
			t.Fatalf("no link in %q", line)
		}
		links[who] = link
	}
	if len(links) != invented {
		t.Errorf("%d people, want %d", len(links), invented)
	}
	return links
}

// signInBy uses a link and returns the list of communities.
func (s *forumServer) signInBy(link string) string {
	s.t.Helper()
	v := visit(s.t, s.base)
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, link, strings.NewReader(url.Values{"csrf": {v.csrf}}.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", s.base)
	res, err := v.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	_ = res.Body.Close() // it leads on
	status, body := read(s.t, v.Client, s.base+"/communities")
	if res.StatusCode != http.StatusSeeOther || status != http.StatusOK {
		s.t.Errorf("%s: %d, then %d", link, res.StatusCode, status)
	}
	_, list, _ := strings.Cut(body, "<main")
	return list
}
