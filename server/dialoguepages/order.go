package dialoguepages

import (
	"cmp"
	"slices"
	"strings"

	"github.com/vcm-forum/forum/dialogues"
)

func sortByNumber(tree []dialogues.QuestionView) {
	slices.SortFunc(tree, func(a, b dialogues.QuestionView) int {
		return compareNumbers(a.Number, b.Number)
	})
}

// compareNumbers orders "2" before "2.1" before "10".
func compareNumbers(a, b string) int {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(x), len(y)) {
		if d := cmp.Or(cmp.Compare(len(x[i]), len(y[i])), cmp.Compare(x[i], y[i])); d != 0 {
			return d
		}
	}
	return cmp.Compare(len(x), len(y))
}
