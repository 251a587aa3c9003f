package main

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// polisExport is a conversation as the Polis software exports it: the parts of
// comments.csv and summary.csv that become a dialogue. Votes are not read.
type polisExport struct {
	Topic, Description, URL string
	Comments                []polisComment // oldest first
}

// polisComment is one statement.
type polisComment struct {
	ID, Author int64
	At         time.Time
	Out        bool // moderated out
	Body       string
}

// Files of an export, and the columns of the first that must be there. Further
// columns come and go between versions of Polis and are not looked at.
const (
	commentsFile = "comments.csv"
	summaryFile  = "summary.csv"
)

func polisColumns() []string {
	return []string{"timestamp", "comment-id", "author-id", "moderated", "comment-body"}
}

// badFileError says why an export is refused. One bad line refuses the whole: half a
// conversation looks like a whole one.
type badFileError struct {
	file   string
	line   int // 0 for the file as a whole
	reason string
}

func (e badFileError) Error() string {
	if e.line == 0 {
		return e.file + ": " + e.reason
	}
	return fmt.Sprintf("%s, line %d: %s", e.file, e.line, e.reason)
}

// readPolis reads an export from its folder.
func readPolis(dir fs.FS) (polisExport, error) {
	comments, err := fs.ReadFile(dir, commentsFile)
	if err != nil {
		return polisExport{}, fmt.Errorf("read the export: %w", err)
	}
	summary, err := fs.ReadFile(dir, summaryFile)
	if err != nil {
		return polisExport{}, fmt.Errorf("read the export: %w", err)
	}
	return parsePolis(comments, summary)
}

// parsePolis accepts an export or says in which line it is broken.
func parsePolis(comments, summary []byte) (polisExport, error) {
	facts, err := parseSummary(summary)
	if err != nil {
		return polisExport{}, err
	}
	all, err := parseComments(comments)
	if err != nil {
		return polisExport{}, err
	}
	return polisExport{
		Topic:       strings.Join(strings.Fields(facts["topic"]), " "), // titles are one line
		Description: strings.TrimSpace(facts["conversation-description"]),
		URL:         strings.TrimSpace(facts["url"]),
		Comments:    all,
	}, nil
}

// sheet reads the rows of one file and knows their lines.
type sheet struct {
	file string
	rows *csv.Reader
}

// newSheet refuses what would be bent later: bytes that are no UTF-8, the NUL
// character that PostgreSQL cannot keep, a file that ends within a line.
func newSheet(file string, raw []byte) (sheet, error) {
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	lineOf := func(at int) int { return 1 + bytes.Count(raw[:at], []byte("\n")) }
	for at := 0; at < len(raw); {
		r, size := utf8.DecodeRune(raw[at:])
		if r == utf8.RuneError && size == 1 {
			return sheet{}, badFileError{file, lineOf(at), "is not UTF-8"}
		}
		if r == 0 {
			return sheet{}, badFileError{file, lineOf(at), "holds a NUL character"}
		}
		at += size
	}
	if len(raw) == 0 {
		return sheet{}, badFileError{file, 0, "is empty"}
	}
	if raw[len(raw)-1] != '\n' {
		return sheet{}, badFileError{file, lineOf(len(raw)), "does not end with a line break: the file is cut off"}
	}
	rows := csv.NewReader(bytes.NewReader(raw))
	rows.FieldsPerRecord = -1 // counted by next, whose message names what is missing
	return sheet{file, rows}, nil
}

// next returns a row of the wanted number of fields and the line it begins in;
// io.EOF after the last.
func (s sheet) next(fields int) ([]string, int, error) {
	row, err := s.rows.Read()
	if parse := (*csv.ParseError)(nil); errors.As(err, &parse) {
		reason := parse.Err.Error()
		if parse.StartLine != parse.Line {
			reason += fmt.Sprintf(" (in the row that begins in line %d)", parse.StartLine)
		}
		return nil, 0, badFileError{s.file, parse.Line, reason}
	}
	if err != nil {
		return nil, 0, err // io.EOF: a reader of bytes has no other
	}
	line, _ := s.rows.FieldPos(0)
	if fields > 0 && len(row) != fields {
		return nil, 0, badFileError{s.file, line, fmt.Sprintf("has %d fields, want %d", len(row), fields)}
	}
	return row, line, nil
}

// parseSummary reads rows of a key and a value.
func parseSummary(raw []byte) (map[string]string, error) {
	s, err := newSheet(summaryFile, raw)
	if err != nil {
		return nil, err
	}
	facts := map[string]string{}
	for {
		row, line, err := s.next(2)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if _, twice := facts[row[0]]; twice {
			return nil, badFileError{s.file, line, fmt.Sprintf("%q is there a second time", row[0])}
		}
		facts[row[0]] = row[1]
	}
	if strings.TrimSpace(facts["topic"]) == "" {
		return nil, badFileError{s.file, 0, `has no row "topic", or an empty one`}
	}
	return facts, nil
}

// parseComments reads the statements and brings them into the order in which
// they were made; exports list them in any order.
func parseComments(raw []byte) ([]polisComment, error) {
	s, err := newSheet(commentsFile, raw)
	if err != nil {
		return nil, err
	}
	header, err := s.header()
	if err != nil {
		return nil, err
	}
	var all []polisComment
	seen := map[int64]int{}
	for {
		row, line, err := s.next(len(header))
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		c, reason := parseComment(func(column string) string { return row[header[column]] })
		if reason == "" && seen[c.ID] > 0 {
			reason = fmt.Sprintf("comment-id %d was in line %d already", c.ID, seen[c.ID])
		}
		if reason != "" {
			return nil, badFileError{s.file, line, reason}
		}
		seen[c.ID] = line
		all = append(all, c)
	}
	if len(all) == 0 {
		return nil, badFileError{s.file, 0, "holds no comment"}
	}
	slices.SortFunc(all, func(a, b polisComment) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID))
	})
	return all, nil
}

// header reads the names of the columns: each once, the needed ones among them.
func (s sheet) header() (map[string]int, error) {
	row, line, err := s.next(0)
	if errors.Is(err, io.EOF) {
		return nil, badFileError{s.file, 0, "is empty"}
	}
	if err != nil {
		return nil, err
	}
	places := map[string]int{}
	for i, name := range row {
		if _, twice := places[name]; twice {
			return nil, badFileError{s.file, line, fmt.Sprintf("has the column %q twice", name)}
		}
		places[name] = i
	}
	for _, name := range polisColumns() {
		if _, ok := places[name]; !ok {
			return nil, badFileError{s.file, line, fmt.Sprintf("has no column %q", name)}
		}
	}
	return places, nil
}

// Times that a Polis export can hold, as milliseconds since 1970: outside lie
// seconds and microseconds that somebody took for milliseconds.
var (
	earliestComment = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	latestComment   = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
)

// parseComment reads one row, or says what is wrong with it.
func parseComment(cell func(column string) string) (c polisComment, reason string) {
	millis, why := number(cell, "timestamp", earliestComment, latestComment)
	if why != "" {
		return c, why
	}
	if c.ID, why = number(cell, "comment-id", 0, 1<<53); why != "" {
		return c, why
	}
	if c.Author, why = number(cell, "author-id", 0, 1<<53); why != "" {
		return c, why
	}
	moderated, why := number(cell, "moderated", -1, 1)
	if why != "" {
		return c, why
	}
	c.At, c.Out, c.Body = time.UnixMilli(millis).UTC(), moderated == -1, cell("comment-body")
	if strings.TrimSpace(c.Body) == "" {
		return c, "comment-body is empty"
	}
	return c, ""
}

func number(cell func(string) string, column string, least, most int64) (int64, string) {
	n, err := strconv.ParseInt(cell(column), 10, 64)
	if err != nil {
		return 0, fmt.Sprintf("%s is %.40q, want a whole number", column, cell(column))
	}
	if n < least || n > most {
		return 0, fmt.Sprintf("%s is %d, want %d to %d", column, n, least, most)
	}
	return n, ""
}
