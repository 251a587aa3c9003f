package backup_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/server/backup"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// damage does something to a good backup.
type damage struct {
	name string
	do   func(t *testing.T, dir string)
	want error
}

func damages() []damage {
	return []damage{
		{"one bit of any file has changed", flipBit, backup.ErrBroken},
		{"any file is cut off", cutOff, backup.ErrBroken},
		{"any file is missing", func(t *testing.T, dir string) { must(t, os.Remove(anyFile(t, dir))) }, backup.ErrBroken},
		{"any file is empty", func(t *testing.T, dir string) { must(t, os.Truncate(anyFile(t, dir), 0)) }, backup.ErrBroken},
		{"a file is there that is not named", func(t *testing.T, dir string) { put(t, filepath.Join(dir, "more.jsonl.gz"), nil) }, backup.ErrBroken},
		{"a link stands for a file", linked, backup.ErrBroken},
		{"something follows the seal", func(t *testing.T, dir string) {
			put(t, filepath.Join(dir, "manifest.json.sha256"), append(get(t, filepath.Join(dir, "manifest.json.sha256")), ' '))
		}, backup.ErrBroken},
		{"the manifest is no JSON", func(t *testing.T, dir string) { sealed(t, dir, []byte("{")) }, backup.ErrBroken},
		{"the format is unknown", manifest(func(m *backup.Manifest) { m.Format = 99 }), backup.ErrFormat},
		{"the shape is newer", manifest(func(m *backup.Manifest) { m.Migration += 1000 }), database.ErrNewer},
		{"a table is named twice", manifest(func(m *backup.Manifest) { m.Tables = append(m.Tables, m.Tables[0]) }), backup.ErrBroken},
		{"a file lies elsewhere", manifest(func(m *backup.Manifest) { m.Tables[0].File = "../" + m.Tables[0].File }), backup.ErrBroken},
		{"a table is left out", func(t *testing.T, dir string) {
			manifest(func(m *backup.Manifest) {
				must(t, os.Remove(filepath.Join(dir, m.Tables[3].File)))
				m.Tables = slices.Delete(m.Tables, 3, 4)
			})(t, dir)
		}, backup.ErrBroken},
		{"a column has another name", manifest(func(m *backup.Manifest) { m.Tables[0].Columns[0].Name = "other" }), backup.ErrBroken},
		{"a table has fewer rows than promised", manifest(func(m *backup.Manifest) { find(m, "people").Rows++ }), backup.ErrBroken},
		{"a room ends elsewhere", manifest(func(m *backup.Manifest) { m.Rooms[0].Seq-- }), backup.ErrBroken},
		{"a room is not named", manifest(func(m *backup.Manifest) { m.Rooms = m.Rooms[1:] }), backup.ErrBroken},
		{"the manifest names a room too many", manifest(func(m *backup.Manifest) { m.Rooms = append(m.Rooms, backup.Room{Room: "x"}) }), backup.ErrBroken},
		{"the record has a hole", rewrite("record_entries", func(lines []string) []string { return slices.Delete(lines, 1, 2) }), backup.ErrBroken},
		{"the record has lost its end", rewrite("record_entries", func(lines []string) []string { return lines[:len(lines)-1] }), backup.ErrBroken},
		{"a row is no JSON", rewrite("people", func(lines []string) []string { return append(lines, "[") }), backup.ErrBroken},
		{"a row has a value too many", rewrite("record_heads", func(lines []string) []string {
			return append(lines, `["r",1,0,"2026-01-02T03:04:05Z",1]`)
		}), backup.ErrBroken},
		{"a row has text for a number", rewrite("record_heads", func(lines []string) []string {
			return append(lines, `["r","1",0,"2026-01-02T03:04:05Z"]`)
		}), backup.ErrBroken},
		{"a row points to a row that is not there", rewrite("people", func(lines []string) []string { return lines[1:] }), nil},
	}
}

// What is damaged is refused whole, and the good backup can then be restored in
// the same place.
func TestADamagedBackupIsRefused(t *testing.T) {
	from := databasetest.SQLite(t)
	newForum(t, from).talk("Carbon rights").live()
	good, _ := backUp(t, from)
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		for _, d := range damages() {
			t.Run(d.name, func(t *testing.T) {
				for range map[bool]int{true: 12, false: 1}[strings.Contains(d.name, "any file")] { // chance picks the place
					dir := filepath.Join(t.TempDir(), "backup")
					must(t, os.CopyFS(dir, os.DirFS(good)))
					d.do(t, dir)
					if _, err := backup.Verify(dir); strings.Contains(d.name, "any file") && !errors.Is(err, backup.ErrBroken) {
						t.Errorf("Verify = %v, want ErrBroken before anything is read into the target", err)
					}
					_, err := backup.Restore(t.Context(), backup.Target{DB: db}, dir)
					if err == nil || (d.want != nil && !errors.Is(err, d.want)) {
						t.Fatalf("Restore = %v, want %v", err, d.want)
					}
				}
			})
		}
		for table, rows := range contents(t, db) {
			if len(rows) > 0 {
				t.Errorf("%d rows in %s after refusals", len(rows), table)
			}
		}
		restore(t, db, good)
	})
}

func TestVerifyAcceptsWhatIsWhole(t *testing.T) {
	dir, m := backUp(t, databasetest.SQLite(t))
	if got, err := backup.Verify(dir); err != nil || got.Rows() != m.Rows() {
		t.Errorf("Verify = %+v, %v", got, err)
	}
	if _, err := backup.Verify(t.TempDir()); !errors.Is(err, backup.ErrBroken) {
		t.Errorf("Verify of an empty folder = %v, want ErrBroken", err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(name)
	must(t, err)
	return raw
}

func put(t *testing.T, name string, raw []byte) {
	t.Helper()
	must(t, os.WriteFile(name, raw, 0o600))
}

func anyFile(t *testing.T, dir string) string {
	t.Helper()
	all, err := os.ReadDir(dir)
	must(t, err)
	return filepath.Join(dir, all[rand.IntN(len(all))].Name())
}

func flipBit(t *testing.T, dir string) {
	name := anyFile(t, dir)
	raw := get(t, name)
	raw[rand.IntN(len(raw))] ^= 1 << rand.IntN(8)
	put(t, name, raw)
}

func cutOff(t *testing.T, dir string) {
	name := anyFile(t, dir)
	must(t, os.Truncate(name, rand.Int64N(int64(len(get(t, name))))))
}

func linked(t *testing.T, dir string) {
	elsewhere := filepath.Join(t.TempDir(), "people.jsonl.gz")
	must(t, os.Rename(filepath.Join(dir, "people.jsonl.gz"), elsewhere))
	must(t, os.Symlink(elsewhere, filepath.Join(dir, "people.jsonl.gz")))
}

// sealed puts a manifest in place as if it were the true one.
func sealed(t *testing.T, dir string, raw []byte) {
	t.Helper()
	put(t, filepath.Join(dir, "manifest.json"), raw)
	sum := sha256.Sum256(raw)
	put(t, filepath.Join(dir, "manifest.json.sha256"), []byte(hex.EncodeToString(sum[:])+"  manifest.json\n"))
}

// manifest changes the manifest with its seal: a fault of whoever wrote it.
func manifest(change func(*backup.Manifest)) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		var m backup.Manifest
		must(t, json.Unmarshal(get(t, filepath.Join(dir, "manifest.json")), &m))
		change(&m)
		raw, err := json.Marshal(m)
		must(t, err)
		sealed(t, dir, raw)
	}
}

func find(m *backup.Manifest, table string) *backup.Table {
	return &m.Tables[slices.IndexFunc(m.Tables, func(t backup.Table) bool { return t.Name == table })]
}

// rewrite changes a table's rows with all digests.
func rewrite(table string, change func(lines []string) []string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		name := filepath.Join(dir, table+".jsonl.gz")
		lines := change(unzip(t, name))
		var b bytes.Buffer
		zip := gzip.NewWriter(&b)
		_, err := io.WriteString(zip, strings.Join(lines, "\n")+"\n")
		must(t, errors.Join(err, zip.Close()))
		put(t, name, b.Bytes())
		sum := sha256.Sum256(b.Bytes())
		manifest(func(m *backup.Manifest) {
			find(m, table).SHA256, find(m, table).Rows = hex.EncodeToString(sum[:]), int64(len(lines))
		})(t, dir)
	}
}

func unzip(t *testing.T, name string) []string {
	t.Helper()
	zip, err := gzip.NewReader(bytes.NewReader(get(t, name)))
	must(t, err)
	raw, err := io.ReadAll(zip)
	must(t, err)
	return strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n")
}

func TestATargetInUseIsRefused(t *testing.T) {
	dir, _ := backUp(t, databasetest.SQLite(t))
	for name, use := range map[string]func(t *testing.T, db *database.DB){
		"by a person": func(t *testing.T, db *database.DB) {
			newForum(t, db).account("Somebody")
		},
		"by something that happened": func(t *testing.T, db *database.DB) {
			run(t, db, "INSERT INTO record_entries (room, seq, at, verb, version, data, digest) VALUES ('r', 1, ?, 'x', 0, '', '')", database.Now())
		},
	} {
		t.Run(name, func(t *testing.T) {
			databasetest.Each(t, func(t *testing.T, db *database.DB) {
				use(t, db)
				before := contents(t, db)
				if _, err := backup.Restore(t.Context(), backup.Target{DB: db}, dir); !errors.Is(err, backup.ErrNotEmpty) {
					t.Errorf("Restore = %v, want ErrNotEmpty", err)
				}
				if !maps.EqualFunc(before, contents(t, db), slices.Equal[[]string]) {
					t.Error("the target has changed")
				}
			})
		})
	}
}

// A server that was started on an empty forum has left a probe and a link for
// the first administrator; neither hinders, neither stays.
func TestWhatAnUnusedServerLeftMakesPlace(t *testing.T) {
	from := databasetest.SQLite(t)
	run(t, from, "INSERT INTO record_probe VALUES (1, ?)", database.Now())
	dir, _ := backUp(t, from)
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		run(t, db, "INSERT INTO record_probe VALUES (1, ?)", database.Now())
		run(t, db, `INSERT INTO links (id, token_hash, purpose, role, email, phone_hash, created_at, expires_at)
			VALUES ('l', 'h', 'administrator', '', '', '', ?, ?)`, database.Now(), database.Now())
		restore(t, db, dir)
		if count(t, db, "record_probe") != 1 || count(t, db, "links") != 0 {
			t.Errorf("%d probes, %d links", count(t, db, "record_probe"), count(t, db, "links"))
		}
	})
}
