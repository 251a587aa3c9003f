package evidence_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/vcm-forum/forum/consultations/evidence"
)

// fuzz gives a parser whatever may come. It must not fall over, read on for ever or
// give out a copy that cannot be read; a copy of a copy is the same, and what is
// said of a file is one of the errors that have a name.
func fuzz(f *testing.F, kinds ...evidence.Type) {
	f.Helper()
	for _, e := range examples(f) {
		for _, kind := range kinds {
			if e.kind == string(kind) {
				f.Add(e.content)
			}
		}
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		for _, kind := range kinds {
			checkCopy(t, content, kind)
			_, err := evidence.Silent(bytes.NewReader(content), int64(len(content)), kind)
			if err != nil && !errors.Is(err, evidence.ErrFormat) && !errors.Is(err, evidence.ErrType) {
				t.Errorf("silent: %v", err)
			}
		}
	})
}

func checkCopy(t *testing.T, content []byte, kind evidence.Type) {
	t.Helper()
	c, err := evidence.Released(bytes.NewReader(content), int64(len(content)), kind)
	if err != nil {
		if !errors.Is(err, evidence.ErrNotReleasable) {
			t.Errorf("release: %v", err)
		}
		return
	}
	got, err := io.ReadAll(io.NewSectionReader(c, 0, c.Size))
	if err != nil || int64(len(got)) != c.Size || len(got) > len(content)+1000 {
		t.Fatalf("a copy of %d bytes has %d, says %d: %v", len(content), len(got), c.Size, err)
	}
	again, err := evidence.Released(bytes.NewReader(got), c.Size, kind)
	if err != nil {
		t.Fatalf("no copy of the copy: %v", err)
	}
	twice, err := io.ReadAll(io.NewSectionReader(again, 0, again.Size))
	if err != nil || !bytes.Equal(twice, got) {
		t.Fatalf("a copy of the copy is another: %d bytes, %d: %v", len(twice), len(got), err)
	}
}

func FuzzJPEG(f *testing.F) { fuzz(f, evidence.JPEG) }
func FuzzPNG(f *testing.F)  { fuzz(f, evidence.PNG) }
func FuzzWebP(f *testing.F) { fuzz(f, evidence.WebP) }
func FuzzWAV(f *testing.F)  { fuzz(f, evidence.WAV) }
func FuzzOgg(f *testing.F)  { fuzz(f, evidence.Ogg) }
func FuzzWebM(f *testing.F) { fuzz(f, evidence.WebMAudio, evidence.WebMVideo) }
func FuzzMP3(f *testing.F)  { fuzz(f, evidence.MP3) }
func FuzzAMR(f *testing.F)  { fuzz(f, evidence.AMR, evidence.AMRWide) }
func FuzzText(f *testing.F) { fuzz(f, evidence.PlainText) }

func FuzzMP4(f *testing.F) {
	fuzz(f, evidence.MP4Audio, evidence.MP4Video, evidence.GPPAudio, evidence.GPPVideo, evidence.QuickTime)
}

// FuzzFinish hands in whatever may come.
func FuzzFinish(f *testing.F) {
	for _, e := range examples(f) {
		f.Add(e.content)
	}
	at, _ := folder(f, ample)
	f.Fuzz(func(t *testing.T, content []byte) {
		if len(content) == 0 {
			return
		}
		id := begin(t, at, int64(len(content)))
		if _, err := at.Append(id, 0, bytes.NewReader(content)); err != nil {
			t.Fatal(err)
		}
		if item, err := at.Finish(id); err == nil && item.Digest != digestOf(content) || err != nil && !errors.Is(err, evidence.ErrType) {
			t.Errorf("finish: %v, %v", item, err)
		}
	})
}
