package consultations_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/vcm-forum/forum/consultations"
	"github.com/vcm-forum/forum/consultations/evidence"
)

// kept opens a store for the world's files.
func (w *world) kept() *world {
	w.Helper()
	store, err := evidence.New(w.TempDir(), evidence.Limits{File: 1000, Community: 100_000})
	if err != nil {
		w.Fatal(err)
	}
	w.Files = store
	return w
}

func (w *world) folder(name string) *evidence.Folder {
	w.Helper()
	folder, err := w.Folder(w.ctx(), w.seat(name))
	if err != nil {
		w.Fatal(err)
	}
	return folder
}

func (w *world) handIn(name, words string) consultations.Digest {
	w.Helper()
	id, err := w.folder(name).Take(strings.NewReader(words), 100)
	if err != nil {
		w.Fatal(err)
	}
	item, _, err := w.HandIn(w.ctx(), w.by(name), w.seat(name), id)
	if err != nil {
		w.Fatal(err)
	}
	return consultations.Digest(item.Digest)
}

// meets writes down a session with evidence and returns its entry.
func (w *world) meets(files ...consultations.Digest) int64 {
	w.Helper()
	w.must(w.WriteSession(w.ctx(), w.by("Hilda"), w.community, w.consultation, consultations.SessionForm{
		Version: 1, Kind: consultations.InternalOnly, Held: w.clock, Notes: "What we said.", Evidence: files,
	}))
	x := w.record("Hilda")
	return x.Sessions[len(x.Sessions)-1].Entry
}

func (w *world) erase(entry int64, fields ...string) error {
	w.Helper()
	_, err := w.Erase(w.ctx(), w.by("Hilda"), w.community, entry, fields)
	return err
}

// there tells whether the bytes of a file are there, and whether the record and its
// pages agree.
func (w *world) there(d consultations.Digest) bool {
	w.Helper()
	err := w.folder("Hilda").Verify(evidence.Digest(d))
	if err != nil && !errors.Is(err, evidence.ErrNoFile) {
		w.Fatal(err)
	}
	_, known := w.seat("Hilda").Community.File(d)
	opened, hidden := w.OpenFile(w.ctx(), w.seat("Hilda"), d)
	if hidden == nil {
		_ = opened.Close() // it was only looked at
	}
	if known != (err == nil) || known != (hidden == nil) {
		w.Errorf("the bytes: %v; the record knows it: %t; its page: %v", err, known, hidden)
	}
	return known
}

// What a community erases is gone with its bytes, once nothing else speaks of it; what
// else there is stays, and every proof holds.
func TestErasedEvidenceLosesItsBytes(t *testing.T) {
	each(t, func(w *world) {
		w.kept().founded().proposed()
		shared, alone, unused := w.handIn("Hilda", "heard twice"), w.handIn("Hilda", "heard once"), w.handIn("Horst", "never used")
		one, two := w.meets(shared, alone), w.meets(shared)
		if err := w.erase(one, "notes"); err != nil || !w.there(alone) || !w.there(shared) {
			w.Fatalf("with the words alone the files went: %v", err)
		}
		if err := w.erase(one, consultations.EvidenceField); err != nil {
			w.Fatal(err)
		}
		if w.there(alone) || !w.there(shared) || !w.there(unused) {
			w.Error("of the first session: what it alone speaks of must go, and nothing else")
		}
		if err := w.erase(two, consultations.EvidenceField, "notes"); err != nil || w.there(shared) || !w.there(unused) {
			w.Errorf("of the second session: %v", err)
		}
		file, _ := w.seat("Hilda").Community.File(unused)
		if err := w.erase(file.Entry, consultations.EvidenceField); err != nil || w.there(unused) {
			w.Errorf("what was handed in and never used: %v", err)
		}
		if found, err := w.CheckLogs(w.ctx()); err != nil || len(found) > 0 {
			w.Errorf("the log: %v, %v", found, err)
		}
		w.refused(w.erase(file.Entry-1, "nothing"), consultations.ErrNotFound)
		if again := w.handIn("Hilda", "heard once"); again != alone || !w.there(alone) {
			w.Error("handed in again it is not there")
		}
		if err := w.SweepFiles(w.ctx()); err != nil || !w.there(alone) {
			w.Errorf("and swept away: %v", err)
		}
	})
}

// A crash between the record and the disk leaves bytes for a day, no longer.
func TestErasedBytesThatACrashHasLeftAreSwept(t *testing.T) {
	each(t, func(w *world) {
		w.kept().founded().proposed()
		d := w.handIn("Hilda", "heard once")
		entry, store, folder := w.meets(d), w.Files, w.folder("Hilda")
		w.Files = nil // as if the program had ended at the commit
		if err := w.erase(entry, consultations.EvidenceField); err != nil {
			w.Fatal(err)
		}
		w.Files = store
		if err := folder.Verify(evidence.Digest(d)); err != nil {
			w.Fatalf("this is no test: %v", err)
		}
		now := w.clock
		w.clock = time.Now() // files have the time of the disk: its upload is not old
		err := w.SweepFiles(w.ctx())
		if w.clock = now; err != nil || w.there(d) {
			w.Errorf("swept: %v", err)
		}
	})
}

// Nobody else erases.
func TestOnlyWhoMayReleaseErasesEvidence(t *testing.T) {
	each(t, func(w *world) {
		w.kept().founded().proposed()
		d := w.handIn("Hilda", "heard once")
		entry := w.meets(d)
		for _, name := range []string{"Fara", "Pablo", "Obi", "Mira", "Nadia", "Admin"} {
			_, err := w.Erase(w.ctx(), w.by(name), w.community, entry, []string{consultations.EvidenceField})
			if err == nil || !w.there(d) {
				w.Errorf("%s erased it: %v", name, err)
			}
		}
	})
}

// A draft is not confirmed once what was played back with it is gone.
func TestADraftWithoutItsEvidenceIsNotConfirmed(t *testing.T) {
	each(t, func(w *world) {
		w.ready().kept()
		file := w.handIn("Hilda", "what was read aloud")
		form := w.words(consultations.No, w.aspects[0])
		form.Evidence = []consultations.Digest{file}
		d := w.must(w.Transcribe(w.ctx(), w.by("Hilda"), w.community, w.consultation, form))
		if err := w.erase(w.record("Hilda").Draft(d).Entry, consultations.EvidenceField); err != nil {
			w.Fatal(err)
		}
		w.invalid(w.confirm("Hilda", d), "digest")
	})
}
