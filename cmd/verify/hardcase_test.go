package main

import (
	"strings"
	"testing"
)

// TestHardCase16SplitView: of two histories of one log, each signed by it and seen by
// its witnesses, any proof of one beside any proof of the other is a fork, in either
// order and whatever entries they are of, from the first entry on that the log told
// differently. Nobody is accused who told the same, nor by somebody else's signature.
func TestHardCase16SplitView(t *testing.T) {
	community, proponent, stranger := newForge(1, 40), newForge(1, 40), newForge(1, 40)
	proponent.say(20, "Consentimos.")
	stranger.say(20, "Consentimos.")
	stranger.key = newForge(2, 1).witnesses["ngo.example/w"]
	d := newDesk(t, community)
	for _, n := range []int{21, 33, 40} {
		for i := 0; i < n; i += 5 {
			d.write("community.tlog-proof", proofOf(community, i, n))
			d.write("again.tlog-proof", proofOf(community, (i+7)%n, n))
			d.write("proponent.tlog-proof", proofOf(proponent, (i+3)%n, n))
			d.write("stranger.tlog-proof", proofOf(stranger, i, n))
			d.expect(4, "FORK. The log "+community.origin+" showed two histories of", "compare", "community.tlog-proof", "proponent.tlog-proof", "--policy", "policy")
			d.expect(4, "FORK. The log "+community.origin+" showed two histories of", "compare", "proponent.tlog-proof", "community.tlog-proof", "--policy", "policy")
			d.expect(0, "Both were told the same", "compare", "community.tlog-proof", "again.tlog-proof", "--policy", "policy")
			d.expect(3, "ALTERED. ", "compare", "community.tlog-proof", "stranger.tlog-proof", "--policy", "policy")
		}
	}
	d.write("community.tlog-proof", proofOf(community, 3, 20)) // until then both were told the same
	d.write("proponent.tlog-proof", proofOf(proponent, 4, 20))
	d.expect(0, "Both were told the same", "compare", "community.tlog-proof", "proponent.tlog-proof", "--policy", "policy")
}

// proofOf is the proof in a receipt, a c2sp.org/tlog-proof@v1, without the words.
func proofOf(f *forge, index, size int) string {
	_, proof, _ := strings.Cut(f.receipt(index, 0, size), "\n\n")
	return proof
}
