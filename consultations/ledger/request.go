package ledger

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// request is an add-checkpoint: from which size, the proof, the new checkpoint.
type request struct {
	Checkpoint
	old    int64
	proof  tlog.TreeProof
	signed string // the checkpoint with the signatures that came with it, if any
}

// Ask writes a request of add-checkpoint: an old size, the consistency proof
// from there, and the checkpoint, signed or, for the log's own signer, bare.
func Ask(old int64, proof tlog.TreeProof, signed string) string {
	var body strings.Builder
	fmt.Fprintf(&body, "old %d\n", old)
	for _, h := range proof {
		fmt.Fprintln(&body, h)
	}
	return body.String() + "\n" + signed
}

var errRequest = errors.New("this is no request to add a checkpoint")

// longestProof is what C2SP allows.
const longestProof = 63

// parseRequest reads what [Ask] writes, and nothing else.
func parseRequest(body string) (r request, err error) {
	head, signed, _ := strings.Cut(body, "\n\n")
	lines := strings.Split(head, "\n")
	r.signed = signed
	r.old, err = strconv.ParseInt(strings.TrimPrefix(lines[0], "old "), 10, 64)
	if err != nil || r.old < 0 || r.old > largest || len(lines) > 1+longestProof {
		return request{}, errRequest
	}
	if r.proof, err = parseHashes(lines[1:]); err != nil {
		return request{}, errRequest
	}
	if r.Checkpoint, err = Claimed(signed); err != nil {
		return request{}, err
	}
	if Ask(r.old, r.proof, signed) != body || r.old > r.Size {
		return request{}, errRequest
	}
	return r, nil
}
