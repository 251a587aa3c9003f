package consultations

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"gorm.io/gorm"

	"github.com/vcm-forum/forum/consultations/ledger"
	"github.com/vcm-forum/forum/dialogues/record"
)

// mostRemembered bounds how many communities are kept opened in memory.
const mostRemembered = 64

// memory keeps communities as they were folded last. A snapshot is never changed:
// a log that has grown gives a new one.
type memory struct {
	mu       sync.Mutex
	seen     map[record.ID]snapshot
	altered  map[record.ID]bool      // by the last [Service.CheckLogs]
	linkRead map[record.ID]time.Time // when each copy's link was last entered as looked at
}

// snapshot is a community with the events it was folded from.
type snapshot struct {
	c      *Community
	events []Event
}

func (m *memory) recall(id record.ID) snapshot {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.seen[id]
}

// remember keeps a snapshot, and lets go of any other when there are too many.
func (m *memory) remember(id record.ID, s snapshot) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.seen == nil {
		m.seen = map[record.ID]snapshot{}
	}
	if _, known := m.seen[id]; !known && len(m.seen) >= mostRemembered {
		for other := range m.seen {
			delete(m.seen, other)
			break
		}
	}
	m.seen[id] = s
}

// Knows tells whether a room is that of a community that was looked at since the
// program started. It asks nobody, so that whoever is told of every room that grows
// can ask it.
func (m *memory) Knows(room string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, known := m.seen[record.ID(room)]
	return known
}

// forget lets go of a community's words.
func (m *memory) forget(id record.ID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.seen, id)
}

// readAtOnce is how many entries are read from the log in one query.
const readAtOnce = 500

// load gives a community as of its newest entry. committed says that the handle
// sees nothing that may still be undone, so that it may be remembered.
func (s *Service) load(db *gorm.DB, id record.ID, committed bool) (*Community, ledger.Head, error) {
	head, err := ledger.HeadOf(db, string(id))
	if errors.Is(err, ledger.ErrNoLog) {
		return nil, head, ErrHidden
	}
	if err != nil {
		return nil, head, fmt.Errorf("load the head of a log: %w", err)
	}
	snap := s.recall(id)
	if snap.c != nil && snap.c.Size > head.Size {
		snap = snapshot{} // the log is another one: a backup was restored
	}
	if snap.c == nil || snap.c.Size < head.Size {
		if snap, err = s.advance(db, id, head, snap); err != nil {
			return nil, head, err
		}
		if committed {
			s.remember(id, snap)
		}
	}
	return s.marked(id, snap.c), head, nil
}

// marked is a community with what the last look at its log found.
func (m *memory) marked(id record.ID, c *Community) *Community {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.altered[id] {
		return c
	}
	marked := *c
	marked.Altered = true
	return &marked
}

// advance reads what a snapshot lacks. Words that were erased since it was made
// must go from it too: then everything is read anew.
func (s *Service) advance(db *gorm.DB, id record.ID, head ledger.Head, from snapshot) (snapshot, error) {
	start := int64(0)
	if from.c != nil {
		start = from.c.Size
	}
	fresh, erased, err := s.read(db, id, head, start)
	if err != nil {
		return snapshot{}, err
	}
	if erased && start > 0 {
		return s.advance(db, id, head, snapshot{})
	}
	if len(fresh) == 0 && from.c != nil {
		same := *from.c
		same.Size = head.Size
		return snapshot{&same, from.events}, nil
	}
	events := append(slices.Clip(from.events), fresh...)
	c := Fold(events)
	c.Size = head.Size
	return snapshot{c, events}, nil
}

// read opens the entries from an index on. Those that say only who read are not kept.
func (s *Service) read(db *gorm.DB, id record.ID, head ledger.Head, from int64) (events []Event, erased bool, err error) {
	key, err := s.Vault.Unwrap(head.Key)
	if err != nil {
		return nil, false, fmt.Errorf("open the key of a log: %w", err)
	}
	for from < head.Size {
		entries, err := ledger.Read(db, string(id), key, from, readAtOnce)
		if err != nil {
			return nil, false, fmt.Errorf("read the log: %w", err)
		}
		if len(entries) == 0 {
			return nil, false, fmt.Errorf("read the log of %d entries: nothing after %d", head.Size, from)
		}
		for _, entry := range entries {
			e, err := eventOf(entry)
			if err != nil {
				return nil, false, err
			}
			switch e.Fact.(type) {
			case *Read:
				continue
			case *Redacted:
				erased = true
			}
			events = append(events, e)
		}
		from += int64(len(entries))
	}
	return events, erased, nil
}

// eventOf reads an event back from the fields of its entry.
func eventOf(entry ledger.Entry) (Event, error) {
	var raw []byte
	texts := Texts{}
	for _, f := range entry.Fields {
		switch {
		case f.Erased:
		case f.Name == "act":
			raw = f.Value
		default:
			texts[f.Name] = string(f.Value)
		}
	}
	return decode(entry.Index, raw, texts)
}

func sortedNames(t Texts) []string { return slices.Sorted(maps.Keys(t)) }
