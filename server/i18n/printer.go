package i18n

import (
	"fmt"
	"sync/atomic"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language/display"
)

// A Printer writes for readers of one language. It never changes, is shared by all requests and safe for concurrent
// use. Everything it returns is plain text, for html/template or a mail to escape.
type Printer struct {
	lang     Language
	messages catalog
	calendar calendar
	tables   *nameTables
	regions  display.Namer
	spoken   display.Namer
	slips    *atomic.Int64
}

// newPrinter makes the printer of a language from entries that have been checked.
func newPrinter(l Language, entries catalog, tables *nameTables, slips *atomic.Int64) *Printer {
	dictionary := l.dictionary()
	return &Printer{
		lang:     l,
		messages: entries,
		calendar: newCalendar(entries),
		tables:   tables,
		regions:  dictionary.Regions(),
		spoken:   dictionary.Languages(),
		slips:    slips,
	}
}

// Lang is the language of the printer.
func (p *Printer) Lang() Language { return p.lang }

// Has says whether the catalogs know a key, for callers that build keys from data.
func (p *Printer) Has(key string) bool { return p.messages[key] != nil }

// T gives the text for a key. The arguments are name, value pairs for its placeholders: T("session.people", "n", 3,
// "name", "Ana"). Whole and decimal numbers are written the way of the language, so a year or a code is passed as a
// string. A text with plural forms is chosen by the whole number called n. An unknown key gives ⟦key⟧, a placeholder
// without a value ⟦name⟧; both are counted (Catalogs.Slips) and never stop the page.
func (p *Printer) T(key string, args ...any) string {
	entry := p.messages[key]
	if entry == nil {
		p.slips.Add(1)
		return "⟦" + key + "⟧"
	}
	chosen := entry.forms[plural.Other]
	if entry.plural {
		chosen = entry.pick(p.formOf(args))
	}
	if words, ok := chosen.constant(); ok {
		return words
	}
	var space [256]byte
	buffer := space[:0]
	for i := range chosen.segments {
		buffer = p.appendSegment(buffer, &chosen.segments[i], args)
	}
	return string(buffer)
}

// appendSegment writes words, or the value of a placeholder.
func (p *Printer) appendSegment(buffer []byte, s *segment, args []any) []byte {
	if s.name == "" {
		return append(buffer, s.words...)
	}
	value, ok := argument(args, s.name)
	if !ok {
		p.slips.Add(1)
		return append(append(append(buffer, "⟦"...), s.name...), "⟧"...)
	}
	return p.appendValue(buffer, value)
}

// argument finds the value that belongs to a name. What is not a pair of a string and a value is passed over.
func argument(args []any, name string) (any, bool) {
	for i := 0; i+1 < len(args); i += 2 {
		if given, ok := args[i].(string); ok && given == name {
			return args[i+1], args[i+1] != nil
		}
	}
	return nil, false
}

// formOf chooses the plural form by the argument n. Without a whole number it is the general form, and a slip.
func (p *Printer) formOf(args []any) plural.Form {
	value, _ := argument(args, "n")
	_, count, ok := wholeNumber(value)
	if !ok {
		p.slips.Add(1)
		return plural.Other
	}
	return p.lang.pluralForm(count)
}

// appendValue writes one argument: numbers the way of the language, everything else as it prints itself.
func (p *Printer) appendValue(buffer []byte, value any) []byte {
	switch v := value.(type) {
	case string:
		return append(buffer, v...)
	case float64:
		return p.appendDecimal(buffer, v)
	case float32:
		return p.appendDecimal(buffer, float64(v))
	}
	if negative, count, ok := wholeNumber(value); ok {
		return p.appendWhole(buffer, negative, count)
	}
	return fmt.Append(buffer, value)
}

// wholeNumber takes any of Go's own integers apart into sign and size.
func wholeNumber(value any) (negative bool, size uint64, ok bool) {
	switch v := value.(type) {
	case int:
		return signAndSize(int64(v))
	case int64:
		return signAndSize(v)
	case int32:
		return signAndSize(int64(v))
	case int16:
		return signAndSize(int64(v))
	case int8:
		return signAndSize(int64(v))
	case uint:
		return false, uint64(v), true
	case uint64:
		return false, v, true
	case uint32:
		return false, uint64(v), true
	case uint16:
		return false, uint64(v), true
	case uint8:
		return false, uint64(v), true
	}
	return false, 0, false
}

// signAndSize splits a signed number; the smallest int64 has no positive twin, its size still fits.
func signAndSize(v int64) (negative bool, size uint64, ok bool) {
	if v < 0 {
		return true, -uint64(v), true //nolint:gosec // two's complement: the negative of the bits is the size
	}
	return false, uint64(v), true
}
