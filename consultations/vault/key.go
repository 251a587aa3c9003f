package vault

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"

	"filippo.io/age"
	"golang.org/x/crypto/chacha20poly1305"
)

// Key is one community's key: of the fields in the database, of files, and of the
// names of files. Printed or logged, it says "[key]". It may be used by many at once.
type Key struct {
	identity *age.X25519Identity // of files
	fields   cipher.AEAD
	names    []byte
}

// newKey derives from a community's identity what fields and file names need.
func newKey(id *age.X25519Identity) *Key {
	derive := func(what string) []byte {
		out, err := hkdf.Key(sha256.New, []byte(id.String()), nil, "vcm-forum/"+what+"/v1", chacha20poly1305.KeySize)
		if err != nil {
			panic(err) // 32 bytes are never too many
		}
		return out
	}
	aead, err := chacha20poly1305.NewX(derive("field"))
	if err != nil {
		panic(err) // the key has the right length
	}
	return &Key{identity: id, fields: aead, names: derive("name")}
}

// Sizes of what is sealed: up to largeFrom it grows in small steps, then in large
// ones, so that its length says little.
const (
	smallStep = 256
	largeFrom = 4 << 10
	lengthLen = 4
)

// padded is plain with its length before it and zeros behind it.
func padded(plain []byte) []byte {
	size, step := lengthLen+len(plain), smallStep
	if size > largeFrom {
		step = largeFrom
	}
	out := make([]byte, (size+step-1)/step*step)
	binary.BigEndian.PutUint32(out, uint32(len(plain))) //nolint:gosec // fields are at most a megabyte
	copy(out[lengthLen:], plain)
	return out
}

// Seal encrypts a field. It can be opened in the same context alone: a table, a
// row, a place.
func (k *Key) Seal(plain []byte, context ...string) []byte {
	nonce := random(chacha20poly1305.NonceSizeX)
	return k.fields.Seal(nonce, nonce, padded(plain), k.where(context))
}

// Open decrypts a field; [ErrSealed] when it was changed, cut, or belongs elsewhere.
func (k *Key) Open(sealed []byte, context ...string) ([]byte, error) {
	if len(sealed) < chacha20poly1305.NonceSizeX {
		return nil, ErrSealed
	}
	nonce, rest := sealed[:chacha20poly1305.NonceSizeX], sealed[chacha20poly1305.NonceSizeX:]
	out, err := k.fields.Open(nil, nonce, rest, k.where(context))
	if err != nil || len(out) < lengthLen {
		return nil, ErrSealed
	}
	n := binary.BigEndian.Uint32(out)
	if int64(n) > int64(len(out)-lengthLen) {
		return nil, ErrSealed
	}
	return out[lengthLen : lengthLen+n], nil
}

// where is the context as additional data, in a form that no two contexts share.
func (k *Key) where(context []string) []byte {
	return mac(k.names, append([]string{"context"}, context...))
}

// EncryptTo encrypts a stream. What was written is complete once the writer that
// it returns is closed.
func (k *Key) EncryptTo(w io.Writer) (io.WriteCloser, error) {
	out, err := age.Encrypt(w, k.identity.Recipient())
	if err != nil {
		return nil, fmt.Errorf("encrypt a file: %w", err)
	}
	return out, nil
}

// DecryptFrom decrypts a stream; reading fails where it was changed.
func (k *Key) DecryptFrom(r io.Reader) (io.Reader, error) {
	out, err := age.Decrypt(r, k.identity)
	if err != nil {
		return nil, ErrSealed
	}
	return out, nil
}

// DecryptAt decrypts any part of a file of size bytes without what stands before
// it, and tells how long what it holds is.
func (k *Key) DecryptAt(r io.ReaderAt, size int64) (io.ReaderAt, int64, error) {
	out, plain, err := age.DecryptReaderAt(r, size, k.identity)
	if err != nil {
		return nil, 0, ErrSealed
	}
	return out, plain, nil
}

// Name is what a file is called that holds the content of a digest: the same
// content of the same community has the same name, and nobody else can tell.
func (k *Key) Name(digest string) string {
	return hex.EncodeToString(mac(k.names, []string{"file", digest}))
}

// Format says nothing about the key, whatever the verb, of a copy either.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// String says nothing about the key.
func (k Key) String() string { return "[key]" }

// LogValue says nothing about the key.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }
