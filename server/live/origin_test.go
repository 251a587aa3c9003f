package live_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/vcm-forum/forum/server/live"
)

func TestCheckOrigin(t *testing.T) {
	const home = "https://forum.example"
	check := live.CheckOrigin([]string{home, "http://localhost:8080", "forum.example", "https://"})
	for _, row := range []struct {
		name    string
		origins []string
		host    string
		want    bool
	}{
		{"our own page", []string{home}, "forum.example", true},
		{"our other address", []string{"http://localhost:8080"}, "localhost:8080", true},
		{"no origin", nil, "forum.example", false},
		{"an empty origin", []string{""}, "forum.example", false},
		{"a null origin", []string{"null"}, "forum.example", false},
		{"the http twin", []string{"http://forum.example"}, "forum.example", false},
		{"another port", []string{"https://forum.example:8443"}, "forum.example", false},
		{"the default port spelt out", []string{"https://forum.example:443"}, "forum.example", false},
		{"a sub-domain", []string{"https://a.forum.example"}, "forum.example", false},
		{"a sibling", []string{"https://blog.example"}, "forum.example", false},
		{"a look-alike with our name in front", []string{"https://forum.example.evil.test"}, "forum.example", false},
		{"a look-alike with our name behind", []string{"https://evilforum.example"}, "forum.example", false},
		{"a look-alike with our name as user", []string{"https://forum.example@evil.test"}, "forum.example", false},
		{"upper case", []string{"https://Forum.example"}, "forum.example", false},
		{"a trailing dot", []string{"https://forum.example."}, "forum.example", false},
		{"a trailing slash", []string{"https://forum.example/"}, "forum.example", false},
		{"letters that look alike", []string{"https://fоrum.example"}, "forum.example", false},
		{"two origins, one of them ours", []string{home, "https://evil.test"}, "forum.example", false},
		{"two origins, both ours", []string{home, home}, "forum.example", false},
		{"two origins in one line", []string{home + ", " + home}, "forum.example", false},
		{"an entry that is no origin", []string{"forum.example"}, "forum.example", false},
		{"an entry without a host", []string{"https://"}, "", false},
		{"the attacker's host", []string{home}, "evil.test", false},
		{"the attacker's host and origin", []string{"https://evil.test"}, "evil.test", false},
		{"our address as number", []string{home}, "192.0.2.1", false},
		{"our other address as host", []string{home}, "localhost:8080", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.Host = row.host
			r.Header["Origin"] = row.origins
			if got := check(r); got != row.want {
				t.Errorf("CheckOrigin(%q on %q) = %v, want %v", row.origins, row.host, got, row.want)
			}
		})
	}
}

func TestUpgradeIsRefusedToStrangers(t *testing.T) {
	h := openHall(t, live.Config{})
	for _, origin := range []string{"", "http://evil.test", "null"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header = http.Header{
			"Connection": {"Upgrade"}, "Upgrade": {"websocket"},
			"Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="},
		}
		if origin != "" {
			r.Header.Set("Origin", origin)
		}
		response, err := h.server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusForbidden {
			t.Errorf("origin %q: status %d, want 403", origin, response.StatusCode)
		}
	}
	h.server.Client().CloseIdleConnections()
}
