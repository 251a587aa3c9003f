package main

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vcm-forum/forum/dialogues/sheet"
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

// parseSummary reads rows of a key and a value.
func parseSummary(raw []byte) (map[string]string, error) {
	file, facts := sheet.File{Name: summaryFile, Raw: raw}, map[string]string{}
	err := file.List(2, func(_ int, row []string) string {
		if _, twice := facts[row[0]]; twice {
			return fmt.Sprintf("%q is there a second time", row[0])
		}
		facts[row[0]] = row[1]
		return ""
	})
	if err == nil && strings.TrimSpace(facts["topic"]) == "" {
		err = file.Refuse(`has no row "topic", or an empty one`)
	}
	return facts, err
}

// parseComments reads the statements and brings them into the order in which
// they were made; exports list them in any order.
func parseComments(raw []byte) ([]polisComment, error) {
	var all []polisComment
	seen := map[int64]int{}
	file := sheet.File{Name: commentsFile, Raw: raw}
	err := file.Table(polisColumns(), func(line int, cell func(string) string) string {
		c, reason := parseComment(cell)
		if reason != "" {
			return reason
		}
		if earlier, twice := seen[c.ID]; twice {
			return fmt.Sprintf("comment-id %d was in line %d already", c.ID, earlier)
		}
		seen[c.ID] = line
		all = append(all, c)
		return ""
	})
	if err == nil && len(all) == 0 {
		err = file.Refuse("holds no comment")
	}
	slices.SortFunc(all, func(a, b polisComment) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID))
	})
	return all, err
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
