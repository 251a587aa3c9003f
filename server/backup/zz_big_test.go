package backup_test
import ("testing";"time";"os";"path/filepath";"github.com/vcm-forum/forum/server/backup")
func TestZZBig(t *testing.T) {
	from := engines["sqlite"](t)
	k := newForum(t, from).talk("x")
	lead := string(k.lead.Actor.ID())
	n := 300000
	run(t, from, `WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i < ?)
	 INSERT INTO contributions SELECT printf('0192%012d-7000-8000-000000000000', i), ?, ?, NULL, NULL, NULL, ?, 'experience','en','CO','research','named','visible',1,0,0,?,? FROM c`, n, string(k.id), string(k.question), lead, time.Now().UTC(), time.Now().UTC())
	run(t, from, `INSERT INTO contribution_texts SELECT id, 1, hex(randomblob(400)), hex(randomblob(400)), created_at FROM contributions`)
	run(t, from, `UPDATE record_heads SET seq = seq + ? WHERE room = ?`, n, string(k.id))
	run(t, from, `WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i < ?)
	 INSERT INTO record_entries SELECT room, (SELECT max(seq) FROM record_entries WHERE room = ?) + i, at, NULL, 'contribution.added', printf('0192%012d-7000-8000-000000000000', i), 1, '{"question":"0192"}', lower(hex(randomblob(32))) FROM c, record_heads WHERE room = ?`, n, string(k.id), string(k.id))
	info, _ := os.Stat(from.File); w, _ := os.Stat(from.File+"-wal")
	t0 := time.Now()
	dir, m := backUp(t, from)
	var size int64
	all, _ := os.ReadDir(dir); for _, e := range all { i, _ := e.Info(); size += i.Size() }
	t.Logf("db %d MB + wal %d MB, %d rows, backup %d MB in %s", info.Size()>>20, w.Size()>>20, m.Rows(), size>>20, time.Since(t0))
	t0 = time.Now(); _, err := backup.Verify(dir); t.Log("verify", time.Since(t0), err)
	for _, e := range []string{"sqlite", "postgres"} {
		to := engines[e](t)
		t0 = time.Now(); restore(t, to, dir); t.Log("restore", e, time.Since(t0))
		if e == "postgres" { t0 = time.Now(); _, err := backup.Write(t.Context(), to, filepath.Join(t.TempDir(), "b"), ""); t.Log("backup postgres", time.Since(t0), err) }
	}
}
