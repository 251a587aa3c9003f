package page

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"
)

// What is kept compressed, with the tokens put in between, is the page.
func TestAStandingPageIsTheSameCompressed(t *testing.T) {
	long := strings.Repeat("<li>a contribution of somebody</li>", 9000)
	for name, body := range map[string]string{
		"empty":               "",
		"without a form":      long,
		"with forms":          "a" + mark(csrfMark) + long + mark(keyMark) + long + mark(csrfMark),
		"nothing but a token": mark(csrfMark),
		"tokens side by side": mark(csrfMark) + mark(keyMark),
	} {
		t.Run(name, func(t *testing.T) {
			s, err := cut([]byte(body))
			if err != nil {
				t.Fatal(err)
			}
			fills := make([]string, len(s.marks))
			want := body
			for i, kind := range s.marks {
				fills[i] = strings.Repeat("token", i+1)
				want = strings.Replace(want, mark(kind), fills[i], 1)
			}
			if got := string(bytes.Join(s.plain(fills), nil)); got != want {
				t.Errorf("plain: %.80q, want %.80q", got, want)
			}
			r, err := gzip.NewReader(bytes.NewReader(bytes.Join(s.gzip(fills), nil)))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(r); err != nil || string(got) != want {
				t.Errorf("compressed: %d bytes, %v; want %d", len(got), err, len(want))
			}
		})
	}
}
