package server_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/server"
	"github.com/vcm-forum/forum/server/database/databasetest"
	"github.com/vcm-forum/forum/server/i18n"
)

// An operator who offers two languages offers these two everywhere: in the
// menu, to browsers that ask for another one, and to people who once chose one.
func TestOnlyTheLanguagesOfferedAreSpoken(t *testing.T) {
	f := start(t, databasetest.SQLite(t), func(c *server.Config) { c.Languages = []i18n.Language{i18n.Indonesian, i18n.English} })
	visitor := f.as(people.Actor{})
	visitor.post("/language", url.Values{"language": {"fr"}, "next": {"/"}})
	french := f.as(f.person("somebody", func(p *people.Person) { p.Language = "fr" }))
	for name, got := range map[string]answer{"a visitor": visitor.get("/"), "somebody who chose French": french.get("/")} {
		if got.Status != http.StatusOK || !strings.Contains(got.Body, `<html lang="id"`) {
			t.Errorf("%s is answered %d, not in the default language", name, got.Status)
		}
		for _, l := range i18n.Languages() {
			offered := slices.Contains([]i18n.Language{i18n.Indonesian, i18n.English}, l)
			if strings.Contains(got.Body, `lang="`+string(l)+`"`) != offered {
				t.Errorf("%s: %s in the menu: %v, want %v", name, l, !offered, offered)
			}
		}
	}
}
