package ledger

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"time"
)

// Kinds of signature, as C2SP signed-note numbers them.
const (
	kindLog     = 0x01 // Ed25519 over the note's text
	kindWitness = 0x04 // Ed25519 over time and text: tlog-cosignature v1
)

// publicKey is a key with the name that it signs under; it is a note.Verifier.
type publicKey struct {
	name string
	kind byte
	key  ed25519.PublicKey
}

func (k publicKey) Name() string { return k.name }

// KeyHash is the number by which signature lines name their key.
func (k publicKey) KeyHash() uint32 {
	sum := sha256.Sum256(append([]byte(k.name+"\n"), k.encoded()...))
	return binary.BigEndian.Uint32(sum[:])
}

func (k publicKey) encoded() []byte { return append([]byte{k.kind}, k.key...) }

// String is the key as C2SP writes it, "<name>+<hash>+<key>".
func (k publicKey) String() string {
	return fmt.Sprintf("%s+%08x+%s", k.name, k.KeyHash(), base64.StdEncoding.EncodeToString(k.encoded()))
}

// Verify tells whether a signature of the key's kind is the key's.
func (k publicKey) Verify(text, signature []byte) bool {
	if k.kind == kindLog {
		return len(signature) == ed25519.SignatureSize && ed25519.Verify(k.key, text, signature)
	}
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	return ed25519.Verify(k.key, cosigned(binary.BigEndian.Uint64(signature), text), signature[8:])
}

// cosigned is what a witness signs: it saw this checkpoint at a time, in seconds
// since 1970, and none larger. It does not say that what the log holds is true.
func cosigned(at uint64, text []byte) []byte {
	return append(fmt.Appendf(nil, "cosignature/v1\ntime %d\n", at), text...)
}

// privateKey signs as a log or as a witness.
type privateKey struct {
	publicKey
	secret ed25519.PrivateKey
}

func newPrivateKey(name string, kind byte, secret ed25519.PrivateKey) privateKey {
	public, _ := secret.Public().(ed25519.PublicKey) // always is
	return privateKey{publicKey{name, kind, public}, secret}
}

// line is the signature line below a checkpoint; the time counts for witnesses alone.
func (k privateKey) line(text string, at time.Time) string {
	signed := binary.BigEndian.AppendUint32(nil, k.KeyHash())
	message := []byte(text)
	if k.kind == kindWitness {
		seconds := uint64(at.Unix()) //nolint:gosec // it is not before 1970
		signed = binary.BigEndian.AppendUint64(signed, seconds)
		message = cosigned(seconds, message)
	}
	signed = append(signed, ed25519.Sign(k.secret, message)...)
	return "— " + k.name + " " + base64.StdEncoding.EncodeToString(signed) + "\n"
}

// parseKey reads a key of one kind in the form "<name>+<hash>+<key>".
func parseKey(vkey string, kind byte) (publicKey, error) {
	name, rest, _ := strings.Cut(vkey, "+")
	_, encoded, _ := strings.Cut(rest, "+")
	k, err := decodeKey(name, encoded, kind)
	if err != nil {
		return publicKey{}, err
	}
	if k.String() != vkey {
		return publicKey{}, fmt.Errorf("%w: the number of %q is not that of its key", ErrPolicy, vkey)
	}
	return k, nil
}

func decodeKey(name, encoded string, kind byte) (publicKey, error) {
	raw, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil || len(raw) != 1+ed25519.PublicKeySize || raw[0] != kind || name == "" || strings.ContainsAny(name, " \n") {
		return publicKey{}, fmt.Errorf("%w: %q is no Ed25519 key of kind %d", ErrPolicy, encoded, kind)
	}
	return publicKey{name, kind, raw[1:]}, nil
}
