package consultations_test

import (
	"testing"

	"github.com/vcm-forum/forum/consultations"
)

// TestAnAnswerForEachAspect goes the whole way once: founded, proposed, told,
// deliberated, decided for each aspect in its own way, and withdrawn.
func TestAnAnswerForEachAspect(t *testing.T) {
	each(t, func(w *world) {
		w.ready()
		w.stands(consultations.Deliberating, consultations.Deliberating, consultations.Deliberating)
		w.decided(consultations.ConsentConditions, w.aspects[0])
		w.decided(consultations.No, w.aspects[1])
		w.stands(consultations.InForceIf, consultations.Refused, consultations.Deliberating)
		w.decided(consultations.Consent, w.aspects[2])
		w.stands(consultations.InForceIf, consultations.Refused, consultations.InForce)
		if err := w.stop("Horst", consultations.Withdraw, w.aspects[2]); err != nil {
			w.Fatal(err)
		}
		w.stands(consultations.InForceIf, consultations.Refused, consultations.Withdrawn)
	})
}

// TestNothingIsDecidedTooEarly asks for a yes at every step before its time.
func TestNothingIsDecidedTooEarly(t *testing.T) {
	each(t, func(w *world) {
		w.founded().proposed()
		yes := func() error {
			_, err := w.Transcribe(w.ctx(), w.by("Fara"), w.community, w.consultation, w.words(consultations.Consent, w.aspects[0]))
			return err
		}
		w.refused(yes(), consultations.ErrWrongTime)
		w.told()
		w.blockedBy(yes(), consultations.GuardWindow)
		w.wait(31 * day)
		w.blockedBy(yes(), consultations.GuardSessions)
		_, err := w.Transcribe(w.ctx(), w.by("Pablo"), w.community, w.consultation, w.words(consultations.No, w.aspects[0]))
		w.refused(err, consultations.ErrRefused)
		w.deliberated()
		_, err = w.Transcribe(w.ctx(), w.by("Fara"), w.community, w.consultation, consultations.DraftForm{Version: 1, Type: consultations.Consent})
		w.invalid(err, "aspects")
		if err := yes(); err != nil {
			w.Errorf("in its time: %v", err)
		}
	})
}

// In a log that is not what it was nothing new is agreed; stopping is possible.
func TestOnAnAlteredLogNothingIsAgreed(t *testing.T) {
	each(t, func(w *world) {
		w.ready()
		w.decided(consultations.Consent, w.aspects[0])
		if found, err := w.CheckLogs(w.ctx()); err != nil || len(found) > 0 {
			w.Fatalf("a whole log: %v, %v", found, err)
		}
		var frontier []byte
		db := w.db.Write.WithContext(t.Context())
		if err := db.Raw("SELECT frontier FROM ledger_logs").Row().Scan(&frontier); err != nil {
			w.Fatal(err)
		}
		frontier[0] ^= 1
		if err := db.Exec("UPDATE ledger_logs SET frontier = ?", frontier).Error; err != nil {
			w.Fatal(err)
		}
		if found, err := w.CheckLogs(w.ctx()); err != nil || len(found) == 0 {
			w.Fatalf("an altered log: %v, %v", found, err)
		}
		_, err := w.Transcribe(w.ctx(), w.by("Fara"), w.community, w.consultation, w.words(consultations.Consent, w.aspects[1]))
		w.blockedBy(err, consultations.GuardUnaltered)
		if err := w.stop("Horst", consultations.Withdraw, w.aspects[0]); err != nil {
			w.Errorf("stopping: %v", err)
		}
	})
}
