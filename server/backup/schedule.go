package backup

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/vcm-forum/forum/server/database"
)

// Plan says when backups are made by themselves and how many are kept.
type Plan struct {
	Dir    string        // holds a folder per backup
	Every  time.Duration // from the beginning of one to that of the next
	Keep   int           // how many of the newest stay; at least 1
	Logger *slog.Logger  // nil discards
}

// nameLayout is the time in a scheduled backup's name, UTC; names sort by age.
const nameLayout = "20060102T150405.000000Z"

// scheduledName is what a scheduled backup is called. Nothing else in the
// folder is ever removed.
var scheduledName = regexp.MustCompile(`^forum-(\d{8}T\d{6}\.\d{6}Z)$`)

// abandoned is how old a draft must be before it counts as left by a crash.
const abandoned = 24 * time.Hour

// Schedule makes backups until ctx ends. A restart does not make one early: the
// newest backup's name says when the next is due. One that fails is logged and
// tried again when the next would be due; old ones are removed only after a new
// one is on disk.
func Schedule(ctx context.Context, from Source, p Plan) {
	if p.Logger == nil {
		p.Logger = slog.New(slog.DiscardHandler)
	}
	wait := p.untilNext(database.Now())
	for {
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case begin := <-timer.C:
			p.once(ctx, from)
			wait = p.Every - time.Since(begin)
		}
	}
}

// untilNext is how long it is from now until the next backup is due.
func (p Plan) untilNext(now time.Time) time.Duration {
	made, err := p.made()
	if err != nil || len(made) == 0 {
		return 0
	}
	newest, err := time.Parse(nameLayout, scheduledName.FindStringSubmatch(made[len(made)-1])[1])
	if err != nil || newest.After(now) {
		return 0 // a clock that was wrong must not stop backups
	}
	return p.Every - now.Sub(newest)
}

func (p Plan) once(ctx context.Context, from Source) {
	name := "forum-" + database.Now().Format(nameLayout)
	m, err := Write(ctx, from, filepath.Join(p.Dir, name))
	if err == nil {
		p.Logger.InfoContext(ctx, "backup made", slog.String("name", name), slog.Int64("rows", m.Rows()), slog.Int("files", len(m.Evidence)), slog.Int("rooms", len(m.Rooms)))
		err = p.tidy()
	}
	if err != nil && ctx.Err() == nil {
		p.Logger.ErrorContext(ctx, "scheduled backup failed", slog.String("error", err.Error()))
	}
}

// made lists the scheduled backups, oldest first.
func (p Plan) made() ([]string, error) {
	return p.list(func(entry os.DirEntry) bool { return scheduledName.MatchString(entry.Name()) })
}

// left lists the drafts that a crash has left.
func (p Plan) left() ([]string, error) {
	return p.list(func(entry os.DirEntry) bool {
		info, err := entry.Info()
		return strings.HasPrefix(entry.Name(), ".forum-") && strings.Contains(entry.Name(), unfinished) &&
			err == nil && time.Since(info.ModTime()) > abandoned
	})
}

func (p Plan) list(wanted func(os.DirEntry) bool) ([]string, error) {
	found, err := os.ReadDir(p.Dir) // sorted by name
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("list the backups: %w", err)
	}
	var names []string
	for _, entry := range found {
		if entry.IsDir() && wanted(entry) {
			names = append(names, entry.Name())
		}
	}
	return names, nil
}

// tidy removes all but the newest backups, and what crashes left.
func (p Plan) tidy() error {
	made, err := p.made()
	if err != nil {
		return err
	}
	left, err := p.left()
	if err != nil {
		return err
	}
	for _, name := range append(left, made[:max(0, len(made)-max(1, p.Keep))]...) {
		if err := os.RemoveAll(filepath.Join(p.Dir, name)); err != nil {
			return fmt.Errorf("remove an old backup: %w", err)
		}
	}
	return nil
}
