package backup

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Kind says what the values of a column are. The engines name types
// differently; a backup names what is meant.
type Kind string

// Kinds of values. Every one may also be null.
const (
	Text    Kind = "text"    // a JSON string; {"bytes": base64} where it is no UTF-8
	Integer Kind = "integer" // 64 bits
	Real    Kind = "real"
	Boolean Kind = "boolean"
	Time    Kind = "time"  // RFC 3339 in UTC, as fine as it was stored (microseconds)
	Bytes   Kind = "bytes" // base64
)

// kindOf reads a type as SQLite and PostgreSQL declare it. A type that is not
// among them would need a new kind; a test fails when a migration uses one.
func kindOf(declared string) (Kind, error) {
	switch strings.ToLower(declared) {
	case "text":
		return Text, nil
	case "bigint", "integer":
		return Integer, nil
	case "double precision", "real":
		return Real, nil
	case "boolean":
		return Boolean, nil
	case "timestamp", "timestamp without time zone":
		return Time, nil
	case "bytea", "blob":
		return Bytes, nil
	}
	return "", fmt.Errorf("backups know no type %q", declared)
}

// rawText stands for text that is not UTF-8, which SQLite keeps if it is told
// to and JSON cannot.
type rawText struct {
	Bytes []byte `json:"bytes"`
}

// outgoing is the form of a database value that JSON carries without loss. The
// errors name types, never values.
func (k Kind) outgoing(v any) (any, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case string:
		if k == Text {
			return textOut(v), nil
		}
	case []byte:
		if k == Bytes {
			return append([]byte{}, v...), nil // none is not null
		}
	case int64:
		if k == Boolean && (v == 0 || v == 1) { // as SQLite keeps them
			return v == 1, nil
		}
		if k == Integer {
			return v, nil
		}
	case float64:
		if k == Real {
			return v, nil
		}
	case bool:
		if k == Boolean {
			return v, nil
		}
	case time.Time:
		if k == Time {
			return v.UTC().Format(time.RFC3339Nano), nil
		}
	}
	return nil, fmt.Errorf("a %T where %s is declared", v, k)
}

func textOut(s string) any {
	if utf8.ValidString(s) {
		return s
	}
	return rawText{[]byte(s)}
}

// incoming reads a value of a backup's line.
func (k Kind) incoming(raw json.RawMessage) (any, error) {
	if string(raw) == "null" {
		return nil, nil
	}
	switch k {
	case Text:
		if len(raw) > 0 && raw[0] == '{' {
			v, err := read[rawText](raw)
			return string(v.Bytes), err
		}
		return read[string](raw)
	case Integer:
		return read[int64](raw)
	case Real:
		return read[float64](raw)
	case Boolean:
		return read[bool](raw)
	case Time:
		v, err := read[time.Time](raw)
		return v.UTC(), err
	case Bytes:
		return read[[]byte](raw)
	}
	return nil, fmt.Errorf("unknown kind %q", k)
}

func read[T any](raw json.RawMessage) (T, error) {
	var v T
	if err := json.Unmarshal(raw, &v); err != nil {
		return v, fmt.Errorf("is no %T", v) // json's own message would show the value
	}
	return v, nil
}
