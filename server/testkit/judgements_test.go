package testkit_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vcm-forum/forum/server/testkit"
)

func TestJudgementsAreFound(t *testing.T) {
	tests := []struct {
		name, language, text string
		want                 []string
	}{
		{"what is said of every record", "en", "Recorded 24 May, unchanged since, confirmed by two.", nil},
		{"the term of the field", "en", "Free, prior and informed consent is a right.", nil},
		{"the term, and a judgement beside it", "en", "Free, prior and informed consent, freely given", []string{"freely"}},
		{"a word in the middle", "en", "The community was informed in May.", []string{"informed"}},
		{"part of a longer word", "en", "Uninformed, a toll-free number, freedom", nil},
		{"after a longer word", "en", "freedom is free", []string{"free"}},
		{"over a line's end", "en", "legally\n valid", []string{"legally valid"}},
		{"a bare label", "en", "Consent given.", []string{"consent given"}},
		{"the same words in a sentence that says more", "en", "Consent given with conditions on 3 May", nil},
		{"the badge that must never be", "en", "FPIC complete", []string{"FPIC complete"}},
		{"a feminine plural in Spanish", "es", "Las respuestas son anónimas.", []string{"anónimas"}},
		{"the consultation of C169 in Spanish", "es", "La consulta previa, libre e informada", nil},
		{"French with a curly apostrophe and a hard space", "fr", "L’accord est juridiquement\u00a0valable", []string{"juridiquement valable"}},
		{"the name that Canada uses", "fr", "le consentement préalable, libre et éclairé (CPLE)", nil},
		{"Portuguese", "pt", "Decisão inviolável", []string{"inviolável"}},
		{"Indonesian", "id", "Padiatapa terpenuhi", []string{"Padiatapa terpenuhi"}},
		{"the Indonesian term", "id", "Persetujuan atas dasar informasi di awal tanpa paksaan (Padiatapa)", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, testkit.Judgements(t, test.language, test.text)); diff != "" {
				t.Errorf("want -, got +\n%s", diff)
			}
		})
	}
}
