package server_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/consultations/evidence"
	"github.com/vcm-forum/forum/server"
	"github.com/vcm-forum/forum/server/database"
	"github.com/vcm-forum/forum/server/database/databasetest"
)

// recording is a second of a tone, 8 kHz, 8 bits, with a name in its comments.
func recording() []byte {
	var chunks bytes.Buffer
	chunk := func(id string, body []byte) {
		chunks.WriteString(id)
		_ = binary.Write(&chunks, binary.LittleEndian, uint32(len(body)))
		chunks.Write(body)
		if len(body)%2 == 1 {
			chunks.WriteByte(0)
		}
	}
	format := make([]byte, 16)
	for at, v := range map[int]uint16{0: 1, 2: 1, 12: 1, 14: 8} {
		binary.LittleEndian.PutUint16(format[at:], v)
	}
	binary.LittleEndian.PutUint32(format[4:], 8000)
	binary.LittleEndian.PutUint32(format[8:], 8000)
	chunk("fmt ", format)
	chunk("LIST", append([]byte("INFOIART"), append([]byte{18, 0, 0, 0}, canary+" who\x00\x00"...)...))
	sound := make([]byte, 8000)
	for i := range sound {
		sound[i] = byte(i * 16 % 256)
	}
	chunk("data", sound)
	out := append([]byte("RIFF"), binary.LittleEndian.AppendUint32(nil, uint32(4+chunks.Len()))...)
	return append(append(out, "WAVE"...), chunks.Bytes()...)
}

func withFiles(t *testing.T) func(*server.Config) {
	t.Helper()
	store, err := evidence.New(filepath.Join(t.TempDir(), "evidence"), evidence.Limits{File: 1 << 20, Community: 4 << 20})
	if err != nil {
		t.Fatal(err)
	}
	return func(cfg *server.Config) { cfg.Files = store }
}

// upload sends a file as a form without scripts does.
func (b *browser) upload(path string, content []byte) answer {
	b.f.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	file, err := form.CreateFormFile("file", "../../"+canary+".wav")
	if err == nil {
		_, err = file.Write(content)
	}
	if err != nil || form.Close() != nil {
		b.f.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(b.f.t.Context(), http.MethodPost, b.f.web.URL+path+"?csrf="+url.QueryEscape(b.csrf())+"&next="+url.QueryEscape("/communities"), &body)
	if err != nil {
		b.f.t.Fatal(err)
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Origin", b.f.web.URL)
	return b.do(req)
}

// piece sends a part of a file as the script does.
func (b *browser) piece(path string, content io.Reader) (int, map[string]any) {
	b.f.t.Helper()
	req, err := http.NewRequestWithContext(b.f.t.Context(), http.MethodPost, b.f.web.URL+path, content)
	if err != nil {
		b.f.t.Fatal(err)
	}
	req.Header.Set("X-CSRF-Token", b.csrf())
	req.Header.Set("Origin", b.f.web.URL)
	req.Header.Set("Accept", "application/json")
	if strings.Contains(path, "offset=") {
		req.Header.Set("Content-Type", "application/octet-stream")
	} else {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	got := b.do(req)
	out := map[string]any{}
	_ = json.Unmarshal([]byte(got.Body), &out) // what is none is looked at by its status
	return got.Status, out
}

// Who is not of the community announces files and sends none of them: the community
// can hand in its recording all the same, and is told the same as ever.
func TestNobodyOutsidePromisesTheRoomAway(t *testing.T) {
	w := consult(t, databasetest.SQLite(t), withFiles(t)).propose().today()
	files := "/communities/" + string(w.community) + "/files"
	for _, name := range []string{"Pablo", "Obi"} {
		guest, refused := w.as(w.persons[name]), 0
		for range 5 {
			if status, _ := guest.piece(files+"/uploads", strings.NewReader(fmt.Sprintf("size=%d", 1<<20))); status == http.StatusUnprocessableEntity {
				refused++
			}
		}
		if refused < 2 {
			t.Errorf("%s: %d of 5 refused", name, refused)
		}
	}
	hilda := w.as(w.persons["Hilda"])
	for range 2 {
		if got := hilda.upload(files, recording()); got.Status != http.StatusSeeOther {
			t.Errorf("the community cannot hand in its recording: %d", got.Status)
		}
	}
	if got := w.as(w.persons["Pablo"]).upload(files, recording()); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "The room for files from outside the community is used up") {
		t.Errorf("the guest is told %d", got.Status)
	}
}

func TestAFileIsHandedInWithoutScripts(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := consult(t, db, withFiles(t)).today()
		files := "/communities/" + string(w.community) + "/files"
		hilda := w.as(w.persons["Hilda"])
		got := hilda.upload(files, recording())
		_, digest, ok := strings.Cut(got.Location, "evidence=")
		if got.Status != http.StatusSeeOther || !ok || !strings.HasPrefix(got.Location, "/communities?") {
			t.Fatalf("upload: %d %s\n%s", got.Status, got.Location, got.Body)
		}
		played := hilda.get(files + "/" + digest)
		if played.Status != http.StatusOK || played.Body != string(recording()) || played.Header.Get("Content-Type") != "audio/wav" {
			t.Errorf("play: %d, %d bytes, %s", played.Status, len(played.Body), played.Header.Get("Content-Type"))
		}
		for _, name := range []string{"Nadia", "Admin", "Pablo", "Aude"} {
			if got := w.as(w.persons[name]).get(files + "/" + digest); got.Status != http.StatusNotFound {
				t.Errorf("%s: %d", name, got.Status)
			}
		}
		for name, content := range map[string][]byte{"a page": []byte("<!doctype html><script>alert(1)</script>"), "nothing": nil, "too much": append(recording(), make([]byte, 2<<20)...)} {
			if got := hilda.upload(files, content); got.Status != http.StatusUnprocessableEntity {
				t.Errorf("%s: %d %s", name, got.Status, got.Location)
			}
		}
	})
}

// An upload in pieces goes on where it was broken off, and the piece that was sent
// for another place is told where it stands.
func TestAFileIsHandedInPieces(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := consult(t, db, withFiles(t)).propose().tell().today()
		files := "/communities/" + string(w.community) + "/files"
		fara, whole := w.as(w.persons["Fara"]), recording()
		status, begun := fara.piece(files+"/uploads", strings.NewReader("size="+strconv.Itoa(len(whole))))
		id, _ := begun["upload"].(string)
		if status != http.StatusCreated || id == "" {
			t.Fatalf("begin: %d %v", status, begun)
		}
		at := files + "/uploads/" + id
		if status, got := fara.piece(at+"?offset=0", bytes.NewReader(whole[:3000])); status != http.StatusOK || got["have"] != 3000.0 {
			t.Fatalf("first piece: %d %v", status, got)
		}
		if status, got := fara.piece(at+"?offset=0", bytes.NewReader(whole[:100])); status != http.StatusConflict || got["have"] != 3000.0 {
			t.Errorf("the first piece again: %d %v", status, got)
		}
		if status, _ := fara.piece(at+"/finish", nil); status != http.StatusUnprocessableEntity {
			t.Errorf("finished too early: %d", status)
		}
		if status, got := fara.piece(at+"?offset=3000", bytes.NewReader(whole[3000:])); status != http.StatusOK || got["have"] != float64(len(whole)) {
			t.Fatalf("the rest: %d %v", status, got)
		}
		var digest string
		for range 2 {
			status, got := fara.piece(at+"/finish", nil)
			if digest, _ = got["digest"].(string); status != http.StatusOK || digest == "" {
				t.Fatalf("finish: %d %v", status, got)
			}
		}
		if n := len(w.of("Hilda").Community.Files); n != 1 {
			t.Errorf("the record speaks of %d files", n)
		}
		w.did(w.talks.Disclose(t.Context(), w.by("Pablo"), w.community, w.consultation, consultations.DisclosureForm{
			Version: 1, Topic: consultations.Risks, Language: tongue, Medium: consultations.Audio, Evidence: consultations.Digest(digest),
		}))
		// Pablo did not hand it in: he hears it without the name in its comments.
		heard := w.as(w.persons["Pablo"]).get(files + "/" + digest)
		if heard.Status != http.StatusOK || strings.Contains(heard.Body, canary) || !strings.Contains(heard.Body, "data") {
			t.Errorf("the proponent hears: %d, %d bytes", heard.Status, len(heard.Body))
		}
		if ours := w.as(w.persons["Mira"]).get(files + "/" + digest); !strings.Contains(ours.Body, canary) {
			t.Errorf("the community gets another than the original: %d", ours.Status)
		}
	})
}
