package main

import (
	"time"
)

// Run lets tests start the program as main does.
var Run = run

// Configuration is the page that is committed as CONFIGURATION.md.
var Configuration = configuration

// PolisComment is one statement of an export, as tests look at it.
type PolisComment struct {
	ID, Author int64
	At         time.Time
	Out        bool
	Body       string
}

// ParsePolis parses an export: its topic, description and address, and the comments.
func ParsePolis(comments, summary []byte) ([3]string, []PolisComment, error) {
	export, err := parsePolis(comments, summary)
	all := make([]PolisComment, len(export.Comments))
	for i, c := range export.Comments {
		all[i] = PolisComment(c)
	}
	return [3]string{export.Topic, export.Description, export.URL}, all, err
}
