package dialoguepages

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/vcm-forum/forum/dialogues"
	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/i18n"
	"github.com/vcm-forum/forum/server/page"
)

// Archive is a whole dialogue as one ZIP file: everything that was said, the
// minutes of every session that was held, and the lines of the record, which
// name nobody. It is for the operator, who has the database anyway.
func (p *Pages) Archive(ctx context.Context, dialogue record.ID, language i18n.Language) ([]byte, error) {
	seat, err := p.Dialogues.FollowerSeat(ctx, dialogue)
	if err != nil {
		return nil, err
	}
	a := &archive{p: p, seat: seat, words: page.Words{P: p.Kit.Catalogs.Printer(language), Files: p.Kit.Files}}
	a.zip = zip.NewWriter(&a.out)
	if err := a.write(ctx); err != nil {
		return nil, fmt.Errorf("archive dialogue %s: %w", dialogue, err)
	}
	return a.out.Bytes(), nil
}

type archive struct {
	p     *Pages
	seat  dialogues.Seat
	words page.Words
	sc    scene
	out   bytes.Buffer
	zip   *zip.Writer
}

func (a *archive) write(ctx context.Context) error {
	questions, err := a.p.Dialogues.Questions(ctx, a.seat.Dialogue.ID)
	if err != nil {
		return err
	}
	sessions, err := a.p.Dialogues.Sessions(ctx, a.seat.Dialogue.ID)
	if err != nil {
		return err
	}
	a.sc = newScene(a.words, Reads, a.seat.Dialogue, questions, sessions)
	if err := a.lines(ctx); err != nil {
		return err
	}
	if err := a.said(ctx); err != nil {
		return err
	}
	for _, session := range sessions {
		if err := a.session(ctx, session); err != nil {
			return err
		}
	}
	return a.zip.Close()
}

func (a *archive) add(name string, body []byte) error {
	w, err := a.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: a.seat.Dialogue.ChangedAt})
	if err != nil {
		return err
	}
	_, err = w.Write(body)
	return err
}

func (a *archive) said(ctx context.Context) error {
	said, _, err := a.p.Dialogues.Contributions(ctx, a.seat, dialogues.SaidFilter{Order: dialogues.Oldest, Limit: -1})
	if err != nil {
		return err
	}
	rows := saidRows(a.sc.numbers, said)
	var table bytes.Buffer
	if err := page.WriteCSV(&table, saidTable(rows)); err != nil {
		return err
	}
	raw, err := json.MarshalIndent(rows, "", "  ")
	if err != nil {
		return err
	}
	if err := a.add("contributions.csv", table.Bytes()); err != nil {
		return err
	}
	return a.add("contributions.json", raw)
}

func (a *archive) session(ctx context.Context, session dialogues.Session) error {
	if session.State != dialogues.Over && session.State != dialogues.Live {
		return nil
	}
	m, err := a.p.Dialogues.Minutes(ctx, a.seat, session)
	if err != nil {
		return err
	}
	return minutesView{a.words, m, a.sc}.files(func(name string, body []byte) error {
		return a.add("sessions/"+session.Code+"/"+name, body)
	})
}

// recordLine is a line of the record as the archive gives it away: what
// happened, where it stands and the digest of the words; not who did it, since
// that would give away the authors of "group only".
type recordLine struct {
	Room    string    `json:"room"`
	Epoch   int64     `json:"epoch"`
	Seq     int64     `json:"seq"`
	At      time.Time `json:"at"`
	Verb    string    `json:"verb"`
	ID      record.ID `json:"id"`
	Version int64     `json:"version,omitempty"`
	Digest  string    `json:"digest,omitempty"`
}

func (a *archive) lines(ctx context.Context) error {
	room := a.seat.Dialogue.Room()
	head, err := record.HeadOf(ctx, a.p.Dialogues.Read, room)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	lines := json.NewEncoder(&out)
	for after := int64(0); ; {
		entries, err := record.After(ctx, a.p.Dialogues.Read, room, after, 1000)
		if err != nil || len(entries) == 0 {
			if err != nil {
				return err
			}
			return a.add("record.jsonl", out.Bytes())
		}
		for _, e := range entries {
			after = e.Seq
			if strings.HasPrefix(string(e.Verb), "member.") {
				e.Subject = "" // a person
			}
			if err := lines.Encode(recordLine{e.Room, head.Epoch, e.Seq, e.At, string(e.Verb), e.Subject, e.Version, e.Digest}); err != nil {
				return err
			}
		}
	}
}
