package main

import (
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// C2SP allows 63 hashes and asks for room for 16 signatures, of up to 5 kB.
const (
	maxRequest = 128 << 10
	maxProof   = 63
)

// request asks to cosign a checkpoint that extends an older tree.
type request struct {
	old    int64
	proof  tlog.TreeProof
	tree   tree
	signed string // the checkpoint with its signatures, if it has any
}

// tree is a log at one size.
type tree struct {
	origin string
	size   int64
	root   tlog.Hash
}

// requestForm is the body of C2SP's add-checkpoint. Sizes have at most 14
// digits, far from where sums in tlog overflow and its loops do not end.
var requestForm = regexp.MustCompile(`^old (0|[1-9]\d{0,13})
((?:[A-Za-z0-9+/]{43}=\n)*)
((?s).+)$`)

// treeForm is the text of a checkpoint. Extension lines are allowed and signed
// with it; nothing is said about them.
var treeForm = regexp.MustCompile(`^(\S+)
(0|[1-9]\d{0,13})
([A-Za-z0-9+/]{43}=)
(?:.+\n)*
(?:— .+\n)*$`)

// parseRequest tells with false that a body is none.
func parseRequest(body string) (r request, ok bool) {
	part := requestForm.FindStringSubmatch(body)
	if part == nil {
		return r, false
	}
	if r.tree, ok = parseTree(part[3]); !ok {
		return r, false
	}
	r.signed = part[3]
	r.old, _ = strconv.ParseInt(part[1], 10, 64) // the form has let only numbers through
	for line := range strings.Lines(part[2]) {
		h, err := tlog.ParseHash(strings.TrimSuffix(line, "\n"))
		if err != nil {
			return r, false
		}
		r.proof = append(r.proof, h)
	}
	return r, len(r.proof) <= maxProof
}

// parseTree reads a checkpoint and believes it.
func parseTree(signed string) (t tree, ok bool) {
	part := treeForm.FindStringSubmatch(signed)
	if part == nil {
		return t, false
	}
	t.origin = part[1]
	t.size, _ = strconv.ParseInt(part[2], 10, 64)
	root, err := tlog.ParseHash(part[3])
	t.root = root
	return t, err == nil && root.String() == part[3]
}
