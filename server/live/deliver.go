package live

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"sync"
)

// advance reads one chunk of lines and gives every client those after its own number, unless it is so far behind that
// there would be a gap. It returns the last line read, and whether there may be more.
func (r *room) advance(ctx context.Context, clients []*client, after int64) (last int64, more bool, err error) {
	limit := r.hub.config.Chunk
	audiences := audiencesOf(clients, after, after+int64(limit))
	lines, err := r.hub.config.Source.Lines(ctx, r.name, after, limit, audiences)
	if err != nil {
		return after, false, fmt.Errorf("lines of the record: %w", err)
	}
	sound := unbroken(lines, after)
	if len(sound) < len(lines) {
		r.hub.config.Logger.LogAttrs(ctx, slog.LevelError, "the record has a gap",
			slog.String("room", r.name), slog.Int64("after", after+int64(len(sound))))
	}
	if len(sound) == 0 {
		return after, false, nil
	}
	r.deliver(clients, encode(sound, audiences))
	return after + int64(len(sound)), len(sound) == limit, nil
}

// audiencesOf lists the audiences of those who lack a line after one and not after the other.
func audiencesOf(clients []*client, after, before int64) []Audience {
	var audiences []Audience // a few at most
	for _, c := range clients {
		if c.seq >= after && c.seq < before && !slices.Contains(audiences, c.Audience) {
			audiences = append(audiences, c.Audience)
		}
	}
	return audiences
}

// unbroken cuts off what does not continue the numbering.
func unbroken(lines []Line, after int64) []Line {
	for i, line := range lines {
		if line.Seq != after+1+int64(i) {
			return lines[:i]
		}
	}
	return lines
}

// deliver sends each client what it lacks. Nothing here can block, so a few goroutines that share the work are done
// soon; in a small room the caller does it alone.
func (r *room) deliver(clients []*client, batches map[Audience]batch) {
	const worthSharing = 256
	share := max(worthSharing, (len(clients)+runtime.GOMAXPROCS(0)-1)/runtime.GOMAXPROCS(0))
	var helpers sync.WaitGroup
	for len(clients) > share {
		part := clients[:share]
		clients = clients[share:]
		helpers.Go(func() { r.hand(part, batches) })
	}
	r.hand(clients, batches)
	helpers.Wait()
}

func (r *room) hand(clients []*client, batches map[Audience]batch) {
	try := newTryer()
	var sent int64
	var audience Audience
	its := batches[audience]
	for _, c := range clients {
		if c.Audience != audience { // most often that of the one before, and found without a map
			audience, its = c.Audience, batches[c.Audience]
		}
		if frames, n := its.after(c.seq); n > 0 {
			c.send(frames, try)
			c.seq += n
			sent += n
		}
	}
	r.hub.counts.frames.Add(sent)
	r.hub.counts.bytes.Add(try.bytes)
}
