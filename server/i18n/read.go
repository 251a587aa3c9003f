package i18n

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"golang.org/x/text/feature/plural"
)

// A catalog is what one language says: key to message.
type catalog map[string]*message

// readLanguage merges the files of one language. All faults are reported together, so that they are mended in one go.
func readLanguage(files fs.FS, l Language) (catalog, error) {
	paths, err := fs.Glob(files, path.Join(string(l), "*.json"))
	if err != nil {
		return nil, fmt.Errorf("list files: %w", err)
	}
	merged := make(catalog)
	home := make(map[string]string) // key to the file that has it
	var faults []error
	for _, file := range paths {
		content, err := fs.ReadFile(files, file)
		if err != nil {
			return nil, fmt.Errorf("open: %w", err)
		}
		entries, err := readFile(l, content)
		faults = appendFault(faults, file, err)
		for key, entry := range entries {
			if first, taken := home[key]; taken {
				faults = append(faults, fmt.Errorf("%s: key %s is also in %s", file, key, first))
			}
			merged[key], home[key] = entry, file
		}
	}
	return merged, errors.Join(faults...)
}

// appendFault notes an error with the place where it occurred; nil is none.
func appendFault(faults []error, place string, err error) []error {
	if err == nil {
		return faults
	}
	return append(faults, fmt.Errorf("%s: %w", place, err))
}

// readFile reads one file: a flat object of keys, each a text or an object of plural forms. Keys that begin with _
// are remarks for translators.
func readFile(l Language, content []byte) (catalog, error) {
	pairs, err := objectPairs(content)
	if err != nil {
		return nil, err
	}
	entries := make(catalog)
	var faults []error
	for _, pair := range pairs {
		if strings.HasPrefix(pair.key, "_") {
			continue
		}
		entry, err := readEntry(l, pair)
		if err != nil {
			faults = appendFault(faults, pair.key, err)
			continue
		}
		if entries[pair.key] != nil {
			faults = append(faults, fmt.Errorf("key %s twice", pair.key))
		}
		entries[pair.key] = entry
	}
	return entries, errors.Join(faults...)
}

// readEntry reads the value of one key.
func readEntry(l Language, entry pair) (*message, error) {
	if !isKey(entry.key) {
		return nil, fmt.Errorf("not a key of the form area.thing")
	}
	var single string
	if err := json.Unmarshal(entry.value, &single); err == nil && entry.value[0] == '"' {
		parsed, err := parse(typeset(l, single))
		return &message{forms: [plural.Many + 1]*text{plural.Other: parsed}}, err
	}
	forms, err := objectPairs(entry.value)
	if err != nil {
		return nil, fmt.Errorf("neither a text nor plural forms: %w", err)
	}
	return readForms(l, forms)
}

// readForms reads an object of plural forms. Which of them a language needs is checked later, in compare.
func readForms(l Language, forms []pair) (*message, error) {
	entry := &message{plural: true}
	names := formNames()
	for _, form := range forms {
		place, known := names[form.key]
		if !known || entry.forms[place] != nil {
			return nil, fmt.Errorf("plural form %q is unknown or there twice", form.key)
		}
		var template string
		if err := json.Unmarshal(form.value, &template); err != nil {
			return nil, fmt.Errorf("plural form %s: %w", form.key, err)
		}
		parsed, err := parse(typeset(l, template))
		if err != nil {
			return nil, fmt.Errorf("plural form %s: %w", form.key, err)
		}
		entry.forms[place] = parsed
	}
	return entry, nil
}

// A pair is one line of a JSON object. Unlike a map, a list of pairs shows a key that is there twice.
type pair struct {
	key   string
	value json.RawMessage
}

// objectPairs reads a JSON object, and nothing after it, in its own order.
func objectPairs(content []byte) ([]pair, error) {
	decoder := json.NewDecoder(bytes.NewReader(content))
	if opening, err := decoder.Token(); err != nil || opening != json.Delim('{') {
		return nil, errors.Join(fmt.Errorf("not a JSON object"), err)
	}
	var pairs []pair
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return nil, fmt.Errorf("after %d entries: %w", len(pairs), err)
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, fmt.Errorf("value of %v: %w", key, err)
		}
		pairs = append(pairs, pair{key: fmt.Sprint(key), value: value})
	}
	if _, err := decoder.Token(); err != nil {
		return nil, fmt.Errorf("end of object: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("something follows the object")
	}
	return pairs, nil
}

// isKey says whether a key has the form area.thing: two or more parts of a–z, 0–9 and _, joined by dots.
func isKey(key string) bool {
	parts := strings.Split(key, ".")
	for _, part := range parts {
		if strings.Trim(part, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" || part == "" {
			return false
		}
	}
	return len(parts) > 1
}
