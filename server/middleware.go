package server

import (
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"github.com/vcm-forum/forum/server/page"
)

// largestBody is what a form may send; files have limits of their own.
const largestBody = "256K"

// contentPolicy allows this server and nothing else: no inline script or style,
// no frame, no third party (CSP Level 3).
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; worker-src 'self'; " +
	"font-src 'self'; media-src 'self' blob:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// use installs what every request passes, outermost first.
func (s *Server) use(e *echo.Echo) {
	e.Use(
		requestID,
		s.logRequest,
		middleware.RecoverWithConfig(middleware.RecoverConfig{DisableErrorHandler: false, LogErrorFunc: s.logPanic}),
		s.headers,
		allowHead,
		withoutSlash,
		middleware.BodyLimitWithConfig(middleware.BodyLimitConfig{Limit: largestBody, Skipper: takesFiles}),
		middleware.GzipWithConfig(middleware.GzipConfig{Level: 1, MinLength: 1024, Skipper: notCompressed}),
	)
}

// headAsGet answers HEAD as GET, whose body the web server then leaves out (RFC
// 9110, 9.3.2). The request is copied: the web server looks at its own.
func headAsGet(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Method == http.MethodHead {
			req = req.WithContext(req.Context())
			req.Method = http.MethodGet
		}
		next.ServeHTTP(w, req)
	})
}

// allowHead adds HEAD where the router, which does not know of it, says which
// methods an address allows.
func allowHead(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if c.Get(echo.ContextKeyHeaderAllow) != nil {
			c.Response().Before(func() {
				h := c.Response().Header()
				h.Set(echo.HeaderAllow, strings.Replace(h.Get(echo.HeaderAllow), http.MethodGet, "GET, HEAD", 1))
			})
		}
		return next(c)
	}
}

// withoutSlash sends an address that ends with a slash, as people type it and
// programs make it, to the one without. It stays on this server: behind the one
// slash it begins with there is no second.
func withoutSlash(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		address := *c.Request().URL
		path := "/" + strings.Trim(address.EscapedPath(), "/")
		if len(path) == len(address.EscapedPath()) || !strings.HasSuffix(address.Path, "/") {
			return next(c)
		}
		if address.RawQuery != "" {
			path += "?" + address.RawQuery
		}
		return c.Redirect(http.StatusPermanentRedirect, path)
	}
}

// requestID numbers the request for the log. What a client sends under that
// name is not used: it would be a stranger's words in our log.
func requestID(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderXRequestID, uuid.NewString())
		return next(c)
	}
}

// takesFiles: what a file may be is asked by whoever keeps it, as it comes. A form
// that is sent to the same address is a form: it is read before it is known who sent it.
func takesFiles(c echo.Context) bool {
	takes := c.Path() == "/communities/:community/files" || c.Path() == "/communities/:community/files/uploads/:upload"
	return takes && page.BringsFile(c.Request())
}

// notCompressed: sockets are not bodies; static files and a dialogue's page (see
// page.Standing) are compressed already.
func notCompressed(c echo.Context) bool {
	return c.Path() == "/live" || c.Path() == "/communities/:community/files/:digest" || (c.Path() == "/dialogues/:dialogue" && c.Request().Method == http.MethodGet) || strings.HasPrefix(c.Request().URL.Path, "/static/")
}

// wrap refuses what another site's page sends here, before anything looks at
// it (Fetch Metadata; see net/http.CrossOriginProtection).
func (s *Server) wrap(next http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	if err := protection.AddTrustedOrigin(s.cfg.BaseURL); err != nil {
		s.cfg.Logger.Warn("base URL is not an origin", slog.String("url", s.cfg.BaseURL), slog.String("error", err.Error()))
	}
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		c := s.echo.NewContext(req, w)
		_ = s.headers(func(echo.Context) error { return nil })(c)
		s.answerError(errForm, c) //nolint:contextcheck // the request in c carries it
	}))
	return protection.Handler(next)
}

func (s *Server) headers(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "geolocation=(), camera=(), microphone=(), payment=()")
		if s.kit.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		return next(c)
	}
}

// logRequest writes one line per request: the route, never the address with its
// ids and tokens, never who asked.
func (s *Server) logRequest(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		began := time.Now()
		err := next(c)
		if err != nil {
			c.Error(err)
		}
		level := slog.LevelDebug
		if c.Response().Status >= http.StatusInternalServerError {
			level = slog.LevelWarn
		}
		s.cfg.Logger.Log(c.Request().Context(), level, "request", "method", c.Request().Method, "route", c.Path(), //nolint:sloglint // level is chosen by status
			"status", c.Response().Status, "took", time.Since(began), "request", c.Response().Header().Get(echo.HeaderXRequestID))
		return nil
	}
}

func (s *Server) logPanic(c echo.Context, err error, stack []byte) error {
	s.cfg.Logger.Error("handler panicked", slog.String("route", c.Path()), slog.String("error", err.Error()), slog.String("stack", string(stack)))
	return err
}

// clientAddress believes X-Forwarded-For from trusted proxies alone.
func (s *Server) clientAddress(req *http.Request) string {
	if len(s.cfg.Trusted) == 0 {
		return echo.ExtractIPDirect()(req)
	}
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, network := range s.cfg.Trusted {
		options = append(options, echo.TrustIPRange(network))
	}
	return echo.ExtractIPFromXFFHeader(options...)(req)
}

func isHTTPS(url string) bool { return strings.HasPrefix(url, "https://") }

// static sends a file under its address for ever: another content has another address.
func (s *Server) static(c echo.Context) error {
	file, ok := s.kit.Files.At(c.Request().URL.Path)
	if !ok {
		return echo.ErrNotFound
	}
	h := c.Response().Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	if file.Gzip != nil && strings.Contains(c.Request().Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		return c.Blob(http.StatusOK, file.Type, file.Gzip)
	}
	return c.Blob(http.StatusOK, file.Type, file.Body)
}

// Networks parses a list of addresses in CIDR form, as `--trusted-proxies` takes it.
func Networks(list []string) ([]*net.IPNet, error) {
	var out []*net.IPNet
	for _, item := range list {
		_, network, err := net.ParseCIDR(item)
		if err != nil {
			return nil, err
		}
		out = append(out, network)
	}
	return out, nil
}
