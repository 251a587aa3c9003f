package server_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/consultations/evidence"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server"
	"github.com/vcm-forum/forum/server/backup"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
	"github.com/vcm-forum/forum/server/notify"
	"github.com/vcm-forum/forum/server/notify/notifytest"
)

// hunt is a forum with a canary in every word of a consultation, and all channels
// by which it could leave.
type hunt struct {
	*consulted
	db       *database.DB
	office   *notifytest.Office
	book     *logBook
	evidence string
	spool    string // where the system keeps files for a while
	links    map[string]string
}

func hunted(t *testing.T, db *database.DB) *hunt {
	t.Helper()
	h := &hunt{db: db, office: notifytest.Open(t, notify.Plain), book: &logBook{}, evidence: filepath.Join(t.TempDir(), "evidence"), spool: t.TempDir(), links: map[string]string{}}
	store, err := evidence.New(h.evidence, evidence.Limits{File: 1 << 20, Community: 4 << 20})
	if err != nil {
		t.Fatal(err)
	}
	h.consulted = walked(t, db, func(cfg *server.Config) {
		cfg.Files = store
		cfg.Logger = slog.New(slog.NewTextHandler(h.book, &slog.HandlerOptions{Level: slog.LevelDebug}))
		if cfg.Mail, err = notify.New(notify.Config{Host: "127.0.0.1", Port: h.office.Port, TLS: notify.Plain, From: "forum@forum.example", BaseURL: cfg.BaseURL}); err != nil {
			t.Fatal(err)
		}
	})
	t.Setenv("TMPDIR", h.spool)
	if got := h.as(h.persons["Hilda"]).upload(h.at("/files"), recording()); !strings.Contains(got.Location, "evidence=") {
		t.Fatalf("upload: %d", got.Status)
	}
	return h
}

// TestHardCase12LeakHunt: no role finds a word that is not theirs, in no channel, and
// each finds what is (so that an empty page cannot pass); where the keys are not, there
// are none, however detailed the log, and nothing names who has to do with a community. What PostgreSQL writes besides its tables,
// and how long an answer takes, is not looked at.
func TestHardCase12LeakHunt(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		h := hunted(t, db)
		mine := mayRead()
		for role, actor := range h.callers() {
			b := h.as(actor)
			for channel, said := range map[string]string{
				"a page or file": h.allBodies(role, actor), "an error": h.errors(b), "the bundle": unzipped(b.get(h.at("/log.zip")).Body), "a socket": h.frames(b),
				"a copy": h.copies(role, b),
			} {
				for word, readers := range mine {
					if strings.Contains(said, canary+" "+word) && !slices.Contains(readers, role) {
						t.Errorf("%s reads %q in %s", role, word, channel)
					}
					if channel == "a page or file" && !strings.Contains(said, canary+" "+word) && slices.Contains(readers, role) && word != "assembly" && word != "women" {
						t.Errorf("%s does not find %q anywhere", role, word)
					}
				}
			}
		}
		h.changed()
		for channel, said := range h.nobodys() {
			if said == "" {
				t.Errorf("%s: nothing was looked at", channel)
			}
			if at := strings.Index(said, canary); at >= 0 {
				t.Errorf("%s tells: …%s…", channel, said[max(0, at-80):min(len(said), at+80)])
			}
		}
	})
}

// errors are the answers to forms that are refused, and to what is asked the wrong way.
func (h *hunt) errors(b *browser) string {
	var all strings.Builder
	for _, e := range h.about() {
		method, path, _ := strings.Cut(e.Name, " ")
		if path = h.fill(path); method != http.MethodGet {
			got := b.post(path, url.Values{"version": {"nine"}, "type": {"none"}, "question": {"nothing"}, "words": {""}})
			all.WriteString(got.Body + got.Location)
			all.WriteString(b.get(path + "/nothing").Body)
		}
	}
	return all.String()
}

// unzipped is every file of an archive and its name; what is none is given as it is.
func unzipped(body string) string {
	archive, err := zip.NewReader(strings.NewReader(body), int64(len(body)))
	if err != nil {
		return body
	}
	var all strings.Builder
	for _, f := range archive.File {
		all.WriteString(f.Name)
		if from, err := f.Open(); err == nil {
			_, _ = io.Copy(&all, from) // what cannot be read says nothing
		}
	}
	return all.String()
}

// frames is what a socket on the community's room says: it is not there.
func (h *hunt) frames(b *browser) string {
	h.t.Helper()
	var all strings.Builder
	for _, view := range []string{"dialogue", "room", "console", "hall"} {
		got := b.post("/live/ticket", url.Values{"room": {string(h.community)}, "view": {view}})
		if all.WriteString(got.Body); got.Status < 400 {
			h.t.Errorf("a socket on a community's record: %d %s", got.Status, got.Body)
		}
	}
	return all.String()
}

var linkIn = regexp.MustCompile(`/c/[a-z2-7]{20,}`)

// copies takes a copy for each audience, on paper and as a file, and keeps the links.
func (h *hunt) copies(role string, b *browser) string {
	var all strings.Builder
	for _, to := range append(consultations.Audiences(), "") {
		for _, as := range []string{"page", "file"} {
			got := b.post(h.talk("/export"), url.Values{"recipient": {"registry"}, "address": {role + "@example.org"}, "for": {string(to)}, "as": {as}, "version": {"1"}})
			if link := linkIn.FindString(got.Body); link != "" {
				what := role + ", for " + string(to)
				if to == "" && slices.Contains(mayRead()["statement"], role) {
					what = role + ", their own"
				}
				h.links[what] = link
			}
			if to == "" { // their own; the others are what somebody else is shown
				all.WriteString(got.Body)
			} else if at := strings.Index(got.Body, canary+" statement"); at >= 0 {
				h.t.Errorf("what %s takes for %s has words that were not released", role, to)
			}
		}
	}
	return all.String()
}

// changed lets something happen of which others are told: a yes is taken back, and
// something is said in a dialogue, while everybody follows it.
func (h *hunt) changed() {
	h.t.Helper()
	dialogue, question := h.hall("Hilda")
	hilda, sockets := h.keyed("Hilda"), map[string]*socket{} // a new passphrase ends logins
	for role, actor := range h.callers() {
		sockets[role] = h.as(actor).watch(dialogue, "dialogue")
	}
	h.sent(hilda, h.talk("/stop"), url.Values{"type": {"withdraw"}, "version": {"1"}})
	h.sent(hilda, h.talk("/publish"), url.Values{"question": {string(question)}, "language": {"es"}, "words": {"Lo decidimos."}, "key": {"said"}, "proof": {hallPassphrase}})
	for role, s := range sockets {
		for f := s.next(); ; f = s.next() {
			if strings.Contains(f.raw, canary) || strings.Contains(f.raw, string(h.community)) || strings.Contains(f.raw, "consultation") {
				h.t.Errorf("%s is told by a socket: %s", role, f.raw)
			}
			if f.Verb == "contribution.added" {
				break
			}
		}
	}
	if err := h.srv.TellRecipients(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
}

// nobodys is what no role may find a word in, by channel.
func (h *hunt) nobodys() map[string]string {
	h.t.Helper()
	ctx := h.t.Context()
	out := map[string]string{"the log": h.book.String(), "the evidence": inFolder(h.t, h.evidence), "the metrics": h.metrics()}
	if strings.Contains(out["the log"], string(h.community)) {
		h.t.Error("the log tells of a community")
	}
	for table, rows := range dump(h.t, h.db) {
		out["the tables"] += table + "\n" + rows
		told := strings.HasPrefix(table, "ledger_") || strings.HasPrefix(table, "consultation_") || strings.HasPrefix(table, "record_")
		for name, p := range h.persons {
			if told && about(rows, string(h.community), string(p.ID())) {
				h.t.Errorf("table %s says that %s has to do with the community", table, name)
			}
		}
	}
	for _, letter := range h.office.Taken() {
		out["the mail"] += letter.From + letter.To + strings.ReplaceAll(letter.Data, "=\r\n", "")
	}
	for what, link := range h.links {
		for _, who := range []string{"", "Nadia", "Admin", "Pablo"} {
			got := h.as(h.persons[who]).get(link)
			if said := got.Body + got.Header.Get("Link"); strings.HasSuffix(what, "their own") {
				h.linked(what, said)
			} else {
				out["a link, "+what] += said
			}
		}
	}
	to := filepath.Join(h.t.TempDir(), "backup")
	if _, err := backup.Write(ctx, backup.Source{DB: h.db, Evidence: h.evidence, Program: "test"}, to); err != nil {
		h.t.Fatal(err)
	}
	out["the backup"] = inFolder(h.t, to)
	if h.db.Dialect == database.SQLite {
		out["the database's files"] = inFolder(h.t, filepath.Dir(h.db.File))
	}
	out["files for a while"] = "looked at " + inFolder(h.t, h.spool)
	return out
}

// linked: who may see all can take a copy that says all, and whoever has its link sees
// how it stands, in the words of the decision; and nothing else of the record.
func (h *hunt) linked(what, said string) {
	h.t.Helper()
	for _, word := range []string{"community", "assembly", "women", "rule", "summary", "plan", "told", "among us", "names", "place"} {
		if strings.Contains(said, canary+" "+word) {
			h.t.Errorf("the link of %s tells %q", what, word)
		}
	}
}

func (h *hunt) metrics() string {
	h.t.Helper()
	got := ask(h.t, h.srv.Metrics(), "127.0.0.1", "127.0.0.1:9090", "/")
	if strings.Contains(got.Body, string(h.community)) {
		h.t.Error("the metrics name a community")
	}
	return got.Body
}

// inFolder is every name and every byte in a folder, what is packed unpacked.
func inFolder(t *testing.T, dir string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if packed, bad := gzip.NewReader(bytes.NewReader(raw)); bad == nil {
			raw, err = io.ReadAll(packed)
		}
		all.WriteString(strings.TrimPrefix(path, dir) + "\n" + string(raw) + "\n")
		return err
	})
	if err != nil {
		t.Fatalf("look into a folder: %v", err)
	}
	return all.String()
}

var titleOf = regexp.MustCompile(`(?s)<title>(.*?)</title>`)

// What stays in a browser's history when a phone is taken away names no community and
// nothing of what it talks about, to whoever may read it all.
func TestTitlesNameNoCommunity(t *testing.T) {
	w := walked(t, databasetest.SQLite(t))
	b, seen := w.as(w.persons["Hilda"]), 0
	for _, e := range w.about() {
		method, path, _ := strings.Cut(e.Name, " ")
		if method != http.MethodGet {
			continue
		}
		got := b.get(w.fill(path))
		for _, title := range titleOf.FindAllStringSubmatch(got.Body, -1) {
			if seen++; strings.Contains(title[1], canary) {
				t.Errorf("%s is called %s", path, strings.TrimSpace(title[1]))
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d pages have a title", seen)
	}
}

// What is there and hidden is answered like what never was: the same status, the same
// bytes but for the address itself and what no two answers share, the same headers.
func TestHiddenIsAnsweredLikeAbsent(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := walked(t, db)
		for _, role := range []string{"nobody", "account", "administrator", "former"} {
			b := w.as(w.callers()[role])
			for _, e := range w.about() {
				method, path, _ := strings.Cut(e.Name, " ")
				if !strings.Contains(path, ":community") {
					continue
				}
				there := w.fill(path)
				none := strings.ReplaceAll(there, string(w.community), string(record.NewID()))
				look := func(path string) answer {
					if method == http.MethodGet {
						return b.get(path)
					}
					return b.post(path, nil)
				}
				one, other := look(there), look(none)
				if one.Status != http.StatusNotFound || other.Status != one.Status {
					t.Errorf("%s as %s: %d, of none %d", e.Name, role, one.Status, other.Status)
				}
				if alike(one, there) != alike(other, none) {
					t.Errorf("%s as %s is answered otherwise than what does not exist:\n%s\n%s", e.Name, role, alike(one, there), alike(other, none))
				}
			}
		}
	})
}

// alike is an answer without its own address and what no two answers share.
func alike(a answer, path string) string {
	text := strings.ReplaceAll(strings.ReplaceAll(a.Body+a.Location, path, ""), url.QueryEscape(path), "")
	for _, name := range slices.Sorted(maps.Keys(a.Header)) {
		if !slices.Contains([]string{"Date", "Set-Cookie", "X-Request-Id"}, name) {
			text += "\n" + name + ": " + strings.Join(a.Header[name], ", ")
		}
	}
	return regexp.MustCompile(`nonce-[^']+`).ReplaceAllString(onceOnly.ReplaceAllString(text, ""), "")
}
