package ledger_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/vcm-forum/forum/consultations/ledger"
)

func TestPoliciesOfAnotherFormAreRefused(t *testing.T) {
	c := newCircle(t, newDB(t), 2)
	lines := strings.Split(strings.TrimSpace(c.text), "\n")
	if _, err := ledger.ParsePolicy("# who counts\n\n" + c.text); err != nil {
		t.Fatal(err)
	}
	for what, text := range map[string]string{
		"no quorum":             strings.Join(lines[:3], "\n"),
		"two quorums":           c.text + "quorum 1\n",
		"more than there are":   strings.Replace(c.text, "quorum 2", "quorum 3", 1),
		"a witness twice":       c.text + lines[1] + "\n",
		"one key, two names":    c.text + strings.Replace(lines[1], "ombuds", "other", 1),
		"another word":          c.text + "group 1\n",
		"a log's key cosigning": c.text + strings.Replace(lines[0], "log prefix forum.example/l/ ", "witness a+00000000+", 1),
		"a prefix of anything":  strings.Replace(c.text, "forum.example/l/", "forum.example/", 1),
	} {
		if _, err := ledger.ParsePolicy(text); !errors.Is(err, ledger.ErrPolicy) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
