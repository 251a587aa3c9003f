// Package sheet reads tables that others wrote, as CSV (RFC 4180). A file is read
// whole or refused whole: half a table looks like a whole one. What is wrong is
// told line by line, so that it can be mended in one go.
package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// File is a table as it came.
type File struct {
	Name string // for messages
	Raw  []byte
	Note rune // a row that begins with it is a note to readers and no row; 0 for none
}

// Problem is what is wrong with one line; with the file as a whole when Line is 0.
type Problem struct {
	Line   int
	Reason string
}

// mostProblems bounds what is told of one file: a file of another kind is wrong
// in each of its lines.
const mostProblems = 20

// Error says why a file is refused.
type Error struct {
	File     string
	Problems []Problem // the first ones
	More     int       // how many lines are wrong beyond these
}

// Error is one line for each problem.
func (e *Error) Error() string {
	told := make([]string, 0, len(e.Problems)+1)
	for _, p := range e.Problems {
		where := e.File
		if p.Line > 0 {
			where = fmt.Sprintf("%s, line %d", e.File, p.Line)
		}
		told = append(told, where+": "+p.Reason)
	}
	if e.More > 0 {
		told = append(told, fmt.Sprintf("%s: as many as %d further lines are wrong", e.File, e.More))
	}
	return strings.Join(told, "\n")
}

func (e *Error) add(line int, reason string) {
	if len(e.Problems) == mostProblems {
		e.More++
		return
	}
	e.Problems = append(e.Problems, Problem{line, reason})
}

// err is e as an error, nil when nothing is wrong.
func (e *Error) err() error {
	if len(e.Problems) == 0 {
		return nil
	}
	return e
}

// Refuse is an error about the file as a whole.
func (f File) Refuse(reason string) error { return f.refuse(0, reason) }

func (f File) refuse(line int, reason string) error {
	return &Error{File: f.Name, Problems: []Problem{{line, reason}}}
}

// Table reads a file whose first row names its columns: each once, in any order,
// the needed ones among them. Further columns are not looked at. Of each row read
// says what is wrong with it, or "".
func (f File) Table(columns []string, read func(line int, cell func(column string) string) (reason string)) error {
	rows, err := f.open()
	if err != nil {
		return err
	}
	places, err := f.header(rows, columns)
	if err != nil {
		return err
	}
	return f.each(rows, len(places), func(line int, cells []string) string {
		return read(line, func(column string) string { return cells[places[column]] })
	})
}

// List reads a file of so many fields a row that has no names for them.
func (f File) List(fields int, read func(line int, cells []string) (reason string)) error {
	rows, err := f.open()
	if err != nil {
		return err
	}
	return f.each(rows, fields, read)
}

// open refuses what would be bent later: bytes that are no UTF-8, the NUL
// character that PostgreSQL cannot keep, a file that ends within a line.
func (f File) open() (*csv.Reader, error) {
	raw := bytes.TrimPrefix(f.Raw, []byte("\ufeff"))
	lineOf := func(at int) int { return 1 + bytes.Count(raw[:at], []byte("\n")) }
	for at := 0; at < len(raw); {
		r, size := utf8.DecodeRune(raw[at:])
		if r == utf8.RuneError && size == 1 {
			return nil, f.refuse(lineOf(at), "is not UTF-8")
		}
		if r == 0 {
			return nil, f.refuse(lineOf(at), "holds a NUL character")
		}
		at += size
	}
	if len(raw) == 0 {
		return nil, f.Refuse("is empty")
	}
	if raw[len(raw)-1] != '\n' {
		return nil, f.refuse(lineOf(len(raw)), "does not end with a line break: the file is cut off")
	}
	rows := csv.NewReader(bytes.NewReader(raw))
	rows.FieldsPerRecord, rows.Comment = -1, f.Note // fields are counted by each, whose message is clearer
	return rows, nil
}

// header finds the place of each column.
func (f File) header(rows *csv.Reader, columns []string) (map[string]int, error) {
	row, err := rows.Read()
	if errors.Is(err, io.EOF) {
		return nil, f.Refuse("is empty")
	}
	if err != nil {
		return nil, f.refuse(broken(err))
	}
	line, _ := rows.FieldPos(0)
	places := map[string]int{}
	for i, name := range row {
		if _, twice := places[name]; twice {
			return nil, f.refuse(line, fmt.Sprintf("has the column %q twice", name))
		}
		places[name] = i
	}
	for _, name := range columns {
		if _, ok := places[name]; !ok {
			return nil, f.refuse(line, fmt.Sprintf("has no column %q", name))
		}
	}
	return places, nil
}

// each goes through the rows. After a stray quote nobody can tell where a field
// ends, so that nothing is said of what follows it.
func (f File) each(rows *csv.Reader, fields int, read func(line int, cells []string) string) error {
	wrong := &Error{File: f.Name}
	for {
		cells, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return wrong.err()
		}
		if err != nil {
			wrong.add(broken(err))
			return wrong
		}
		line, _ := rows.FieldPos(0)
		if len(cells) != fields {
			wrong.add(line, fmt.Sprintf("has %d fields, want %d", len(cells), fields))
		} else if reason := read(line, cells); reason != "" {
			wrong.add(line, reason)
		}
	}
}

// broken says where and how a row is no CSV. A reader of bytes has no other errors.
func broken(err error) (line int, reason string) {
	parse, ok := errors.AsType[*csv.ParseError](err)
	if !ok {
		return 0, err.Error()
	}
	reason = parse.Err.Error()
	if parse.StartLine != parse.Line {
		reason += fmt.Sprintf(" (in the row that begins in line %d)", parse.StartLine)
	}
	return parse.Line, reason
}
