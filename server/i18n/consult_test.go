package i18n_test

import (
	"strings"
	"testing"

	"github.com/vcm-forum/forum/server/i18n"
	"github.com/vcm-forum/forum/server/testkit"
)

// A page puts these keys together from the codes of the record: who is asked, by
// what, and the sentence that stands beside it.
func TestConsultationsHaveTheirSecondSentence(t *testing.T) {
	second := map[string]string{"consult.state.": ".for_us", "consult.decision.": ".hint", "consult.topic.": ".ask"}
	existing := keys(t)
	for key := range existing {
		for beginning, ending := range second {
			first := strings.TrimSuffix(key, ending)
			if strings.HasPrefix(key, beginning) && (!existing[first] || !existing[first+ending]) {
				t.Errorf("%s stands alone: %s and %s belong together", key, first, first+ending)
			}
		}
	}
}

// What stops a step is said in two places: beside the step, and in the drawing. Two
// sentences answer a request and are of no step.
func TestWhatStopsAStepIsSaidInBothPlaces(t *testing.T) {
	existing := keys(t)
	delete(existing, "consult.guard.no_contact")
	delete(existing, "consult.guard.not_now")
	for key := range existing {
		if guard, ok := strings.CutPrefix(key, "consult.guard."); ok && !existing["consultation.needs."+guard] {
			t.Errorf("%s has no words in the drawing", guard)
		}
	}
}

func TestConsultationsAreNotJudged(t *testing.T) {
	catalogs := load(t)
	for key := range keys(t) {
		if !strings.HasPrefix(key, "consult") && !strings.HasPrefix(key, "communi") && !strings.HasPrefix(key, "flash.communi") {
			continue
		}
		for _, l := range i18n.Languages() {
			if said := testkit.Judgements(t, string(l), catalogs.Printer(l).T(key)); said != nil {
				t.Errorf("%s: %s says %q", l, key, said)
			}
		}
	}
}
