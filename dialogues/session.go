package dialogues

import (
	"crypto/rand"
	"strings"
	"time"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// SessionState is how far a live session has come.
type SessionState string

// States of a session.
const (
	Planned   SessionState = "planned"
	Live      SessionState = "live"
	Over      SessionState = "closed"
	Cancelled SessionState = "cancelled"
)

// Session is a meeting of people, in a hall, on phones, or both, with an agenda
// and a clock that everyone shares. People join it with its code.
type Session struct {
	ID          record.ID
	DialogueID  record.ID
	Title       string
	StartsAt    time.Time // planned, UTC
	TimeZone    string    // IANA name of the place where it is held
	Minutes     int64     // planned length
	State       SessionState
	Code        string // six letters and figures without look-alikes
	Guests      bool   // whoever has the code may join without an account
	ChairID     record.ID
	ItemID      record.ID  // the current agenda item
	TimerEndsAt *time.Time // when the running timer runs out; nil when it stands
	TimerLeft   int64      // milliseconds left on a timer that is paused; 0 without
	Summary     string     // the facilitator's words at the head of the minutes
	OpenedAt    *time.Time
	ClosedAt    *time.Time
	PublishedAt *time.Time // since when the minutes can be read by all who may read the dialogue
	LastStep    *Step      `gorm:"serializer:json"` // nil once it was taken back, and before the first
	Version     int64
	CreatedAt   time.Time
}

// TableName tells gorm where sessions live.
func (Session) TableName() string { return "sessions" }

// Zone is the session's time zone; UTC if the name is unknown here.
func (s Session) Zone() *time.Location {
	zone, err := time.LoadLocation(s.TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// EndsAt is when the session is planned to end.
func (s Session) EndsAt() time.Time { return s.StartsAt.Add(time.Duration(s.Minutes) * time.Minute) }

// TimerRemaining is what the timer shows: negative once it has run over, and
// whether there is a timer at all.
func (s Session) TimerRemaining(now time.Time) (time.Duration, bool) {
	switch {
	case s.TimerEndsAt != nil:
		return s.TimerEndsAt.Sub(now), true
	case s.TimerLeft != 0:
		return time.Duration(s.TimerLeft) * time.Millisecond, true
	default:
		return 0, false
	}
}

// Attendance notes that a person was in a session, and for whom they spoke then.
type Attendance struct {
	SessionID        record.ID
	PersonID         record.ID
	StakeholderGroup people.Group
	Country          string
	JoinedAt         time.Time
}

// TableName tells gorm where attendances live.
func (Attendance) TableName() string { return "attendances" }

// Limits of a session's plan, in minutes.
const (
	ShortestSession = 5
	LongestSession  = 12 * 60
)

// SessionForm is a session as a facilitator plans it.
type SessionForm struct {
	Title    string
	StartsAt time.Time // zero when what was typed is no time
	TimeZone string
	Minutes  int64
	Guests   bool
	CopyFrom record.ID // an earlier session whose agenda is taken over
}

func (f *SessionForm) check() people.Invalid {
	v := people.Invalid{}
	f.Title = v.Line("title", f.Title, true, LongestTitle)
	if year := f.StartsAt.Year(); f.StartsAt.IsZero() || year < 2000 || year > 2200 {
		v.Add("starts", "error.time", "example", "2026-12-01 14:00")
	}
	f.StartsAt = f.StartsAt.UTC().Truncate(time.Second)
	if !people.KnownZone(f.TimeZone) {
		v.Add("time_zone", "error.choose_one")
	}
	if f.Minutes < ShortestSession || f.Minutes > LongestSession {
		v.Add("minutes", "error.number_range", "min", ShortestSession, "max", LongestSession)
	}
	return v
}

// codeLetters leaves out what looks or sounds alike on a projector: 0 O 1 I L.
const codeLetters = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"

// codeLength gives 31^6, about 900 million codes; guesses are also rate-limited.
const codeLength = 6

// newCode draws a session code.
func newCode() string {
	var raw [codeLength]byte
	_, _ = rand.Read(raw[:]) // never fails since Go 1.24
	code := make([]byte, codeLength)
	for i, b := range raw {
		code[i] = codeLetters[int(b)%len(codeLetters)]
	}
	return string(code)
}

// NormalCode brings a typed code to stored form: people add blanks, dashes and
// write small letters.
func NormalCode(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(codeLetters, r) {
			return r
		}
		return -1
	}, strings.ToUpper(s))
}
