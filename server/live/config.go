package live

import (
	"cmp"
	"context"
	"log/slog"
	"time"
)

// Audience is everyone who shares one rendering of the record.
type Audience struct {
	Language string // catalog code, such as "en"
	View     string // what kind of page it is: participant, console, hall, dialogue
	Sight    string // what may be seen on it, in the Source's own words
}

// Line is one line of the record, rendered for several audiences at once.
type Line struct {
	Seq int64
	// Payloads holds one JSON object for each audience asked for, in the same order and without a seq field.
	// A nil payload tells this audience only that the line exists.
	Payloads [][]byte
}

// Source is the committed record as the hub reads it. Its methods are called from several goroutines.
type Source interface {
	// Head returns the epoch of the room's record and the number of its newest line, 0 when it has none.
	Head(ctx context.Context, room string) (epoch, seq int64, err error)
	// Lines returns up to limit lines, numbered after+1, after+2 and so on, fewer only when there are no more.
	Lines(ctx context.Context, room string, after int64, limit int, audiences []Audience) ([]Line, error)
}

// Subscriber is one page that listens to one room.
type Subscriber struct {
	Room     string
	Audience Audience
	Epoch    int64     // epoch of the record the page was rendered from
	After    int64     // number of the last line the page shows
	Person   string    // id of who is watching; empty for nobody in particular, who is not counted as present
	Login    string    // id of the session that opened the page, for Revoke
	Group    string    // code of the person's stakeholder group; may be empty
	Until    time.Time // when the right to watch ends by itself, within a second; zero means never
}

// Config says what the hub reads from and how much it puts up with. Only Source is required; a zero field means the
// value in its comment.
type Config struct {
	Source Source
	Logger *slog.Logger     // nothing is logged
	Now    func() time.Time // time.Now; used for what is told and for Subscriber.Until, never for timeouts

	QueueBytes int           // 1 MiB: what may wait for one slow connection
	CatchUp    int64         // 5,000: lines repeated to a page that comes back; who lacks more reloads
	Chunk      int           // 256: lines read and encoded at once
	PerPerson  int           // 20: open sockets of one person
	Beat       time.Duration // 15 s: between two heartbeats of one connection
	Tick       time.Duration // 1 s: between two looks at clocks and presence
	Poll       time.Duration // 10 s: between two looks at the record that no bell asked for
	WriteWait  time.Duration // 10 s: what a waiting write may take
	CloseWait  time.Duration // 1 s: between telling a connection that it ends and cutting it
	DrainOver  time.Duration // 3 s: over which Drain spreads its goodbyes
}

func (c Config) withDefaults() Config {
	c.Logger = cmp.Or(c.Logger, slog.New(slog.DiscardHandler))
	if c.Now == nil {
		c.Now = time.Now
	}
	c.QueueBytes = cmp.Or(c.QueueBytes, 1<<20)
	c.CatchUp = cmp.Or(c.CatchUp, 5000)
	c.Chunk = cmp.Or(c.Chunk, 256)
	c.PerPerson = cmp.Or(c.PerPerson, 20)
	c.Beat = cmp.Or(c.Beat, 15*time.Second)
	c.Tick = cmp.Or(c.Tick, time.Second)
	c.Poll = cmp.Or(c.Poll, 10*time.Second)
	c.WriteWait = cmp.Or(c.WriteWait, 10*time.Second)
	c.CloseWait = cmp.Or(c.CloseWait, time.Second)
	c.DrainOver = cmp.Or(c.DrainOver, 3*time.Second)
	return c
}

// Stats is what the hub counts. Sockets and Rooms are of this moment, the rest since New.
type Stats struct {
	Sockets, Rooms int
	Frames, Bytes  int64 // lines handed to connections, and the bytes of all frames
	Drops          int64 // connections given up as too slow or silent (4001)
	Revoked        int64 // connections ended because their right had (4002)
	Offences       int64 // connections ended because of what they sent (1002, 1007, 1008, 1009)
}
