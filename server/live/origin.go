package live

import (
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

// Upgrader upgrades requests from pages of the allowed origins; see CheckOrigin. Compression is off: for fragments of
// this size it costs more than it saves.
func Upgrader(allowed []string) *websocket.Upgrader {
	return &websocket.Upgrader{CheckOrigin: CheckOrigin(allowed), HandshakeTimeout: 5 * time.Second}
}

// CheckOrigin accepts a request that carries exactly one Origin header, equal byte for byte to one of the allowed
// origins (such as "https://forum.example", lower case, without a trailing slash or a default port), and whose Host is
// that origin's. Everything else is refused, a missing Origin too: cookies alone do not prove that our page is asking.
func CheckOrigin(allowed []string) func(*http.Request) bool {
	hosts := map[string]string{}
	for _, origin := range allowed {
		if scheme, host, _ := strings.Cut(origin, "://"); host != "" && (scheme == "https" || scheme == "http") {
			hosts[origin] = host
		}
	}
	return func(r *http.Request) bool {
		origins := r.Header.Values("Origin")
		if len(origins) != 1 {
			return false
		}
		host, ok := hosts[origins[0]]
		return ok && r.Host == host
	}
}
