package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
	"unicode"
)

// kindCosignature marks keys that cosign with the time (tlog-cosignature v1).
const kindCosignature = 4

// key is what a witness signs with. Its name must never change and be nobody
// else's: the signature does not hold it.
type key struct {
	name   string
	secret ed25519.PrivateKey
}

var errName = errors.New("a name is like ngo.example/witness: without spaces and without +")

func newKey(name string) (key, error) {
	if name == "" || strings.ContainsRune(name, '+') || strings.ContainsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }) {
		return key{}, errName
	}
	_, secret, err := ed25519.GenerateKey(rand.Reader)
	return key{name, secret}, err
}

// encode is the form of x/mod's note for keys, which lacks this kind.
func (k key) encode(material []byte) string {
	return fmt.Sprintf("%s+%x+%s", k.name, k.id(), base64.StdEncoding.EncodeToString(append([]byte{kindCosignature}, material...)))
}

func (k key) public() string  { return k.encode(k.secret.Public().(ed25519.PublicKey)) }
func (k key) private() string { return "PRIVATE+KEY+" + k.encode(k.secret.Seed()) }

// id are the first four bytes of each signature.
func (k key) id() []byte {
	sum := sha256.Sum256(slices.Concat([]byte(k.name), []byte{'\n', kindCosignature}, k.secret.Public().(ed25519.PublicKey)))
	return sum[:4]
}

// cosign returns the line that says: at this time, this was the largest tree I
// had seen of its log.
func (k key) cosign(checkpoint string, at time.Time) string {
	seconds := uint64(at.Unix()) //nolint:gosec // after 1970
	signed := ed25519.Sign(k.secret, fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", seconds, checkpoint))
	signature := slices.Concat(k.id(), binary.BigEndian.AppendUint64(nil, seconds), signed)
	return fmt.Sprintf("— %s %s\n", k.name, base64.StdEncoding.EncodeToString(signature))
}

func parseKey(line string) (key, error) {
	parts := strings.SplitN(strings.TrimPrefix(line, "PRIVATE+KEY+"), "+", 3)
	if len(parts) != 3 {
		return key{}, errors.New("this is not the private key of a witness")
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(parts[2])
	if err != nil || len(raw) != 1+ed25519.SeedSize || raw[0] != kindCosignature {
		return key{}, errors.New("this is not the private key of a witness")
	}
	k := key{parts[0], ed25519.NewKeyFromSeed(raw[1:])}
	if k.private() != line {
		return key{}, errors.New("this key was damaged: its hash is not its own")
	}
	return k, nil
}

// readKeys reads a file of keys, oldest first while they are rotated.
func readKeys(name string) ([]key, error) {
	text, err := os.ReadFile(name) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, fmt.Errorf("read the keys: %w", err)
	}
	var keys []key
	for n, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		k, err := parseKey(strings.TrimSpace(line))
		if err != nil {
			return nil, fmt.Errorf("read the keys, line %d: %w", n+1, err)
		}
		keys = append(keys, k)
	}
	return keys, nil
}
