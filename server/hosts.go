package server

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/vcm-forum/forum/server/i18n"
)

// A page on a stranger's name may let that name point at this machine once the
// page is loaded, and then read from a forum in a hall or behind a firewall as
// if it were its own (DNS rebinding). The browser still says the stranger's
// name in Host, so whoever asks under a name that is not ours is answered by
// nobody (RFC 9110, 15.5.20).

// hosts are the names that people know this server by, in lower case. Ports do
// not matter: a tunnel or a container may have changed them.
type hosts map[string]bool

// hostsOf takes the name from the base URL and adds the others.
func hostsOf(base string, others []string) hosts {
	names := hosts{}
	if address, err := url.Parse(base); err == nil {
		others = append(slices.Clip(others), address.Host)
	}
	for _, other := range others {
		if name := hostname(other); name != "" {
			names[name] = true
		}
	}
	return names
}

// hostname is a host without its port, and without the brackets of IPv6.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.Trim(host, "[]"))
}

// ours tells whether a request was meant for this server: it names it, or the
// very address at which it arrived, or this machine from within. Health checks
// may come by any address, since balancers translate them; a number cannot be
// rebound.
func (h hosts) ours(req *http.Request) bool {
	name := hostname(req.Host)
	if h[name] {
		return true
	}
	local, named := arrivedAt(req), address(name)
	if local.IsLoopback() && (name == "localhost" || named.IsLoopback()) {
		return true
	}
	health := req.URL.Path == "/healthz" || req.URL.Path == "/readyz"
	return named.IsValid() && (named == local || health)
}

// arrivedAt is the address of this machine that the request came to; the zero
// Addr, which equals no other, where that is not known.
func arrivedAt(req *http.Request) netip.Addr {
	local, ok := req.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	return local.AddrPort().Addr().Unmap().WithZone("")
}

// address reads a host that is a number; the zero Addr for a name.
func address(host string) netip.Addr {
	found, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Addr{}
	}
	return found.Unmap().WithZone("")
}

// onlyOurHosts answers 421 to everything else, before anything looks at it. The
// log says so once: what a stranger can repeat must not fill it.
func (s *Server) onlyOurHosts(next http.Handler) http.Handler {
	names := hostsOf(s.cfg.BaseURL, s.cfg.Hosts)
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if names.ours(req) {
			next.ServeHTTP(w, req)
			return
		}
		if s.strangeHost.CompareAndSwap(false, true) {
			s.cfg.Logger.WarnContext(req.Context(), "a request under another name was refused; behind a proxy, let it pass the Host header on, and see --base-url")
		}
		p := s.kit.Catalogs.Printer(i18n.Match(req.Header.Get("Accept-Language"), s.kit.Languages))
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		http.Error(w, p.T("error.host"), http.StatusMisdirectedRequest)
	})
}

// origin is the one whose pages may open a socket: our own, under the name by
// which this request reached us, which onlyOurHosts has checked.
func (s *Server) origin(req *http.Request) string {
	if s.kit.Secure {
		return "https://" + req.Host
	}
	return "http://" + req.Host
}
