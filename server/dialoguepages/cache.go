package dialoguepages

import (
	"html/template"
	"sync"
	"sync/atomic"

	"github.com/vcm-forum/forum/dialogues/record"
	"github.com/vcm-forum/forum/server/page"
)

// cache keeps what was made for a key, up to a weight. When the young generation
// is full it becomes the old one, and what nobody asked for since is forgotten.
// A key says all that a value was made from, so that nothing has to be taken out:
// what has changed has another key.
type cache[K comparable, V any] struct {
	limit  int         // of the young generation; the old one may be as heavy
	weight func(V) int // nil: each weighs 1

	mu         sync.RWMutex
	young, old map[K]V
	heavy      int // the young generation's weight
}

// get finds a value, or makes and keeps it.
func (c *cache[K, V]) get(key K, make func() (V, error)) (V, error) {
	if v, ok := c.find(key); ok {
		return v, nil
	}
	v, err := make()
	if err == nil {
		c.put(key, v)
	}
	return v, err
}

// find looks a value up; what is asked for stays young.
func (c *cache[K, V]) find(key K) (V, bool) {
	c.mu.RLock()
	v, young := c.young[key]
	old := false
	if !young {
		v, old = c.old[key]
	}
	c.mu.RUnlock()
	if old {
		c.put(key, v)
	}
	return v, young || old
}

func (c *cache[K, V]) put(key K, v V) {
	w := 1
	if c.weight != nil {
		w = c.weight(v)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.young == nil || c.heavy+w > c.limit {
		c.old, c.young, c.heavy = c.young, map[K]V{}, 0
	}
	if _, again := c.young[key]; !again {
		c.heavy += w
	}
	c.young[key] = v
}

// fragmentKey names one rendering: which version of what, for which audience.
// Whoever shares the key may be shown the same bytes.
type fragmentKey struct {
	id      record.ID
	changed int64 // microseconds: every change of a thread moves it
	lang    string
	sight   Sight
	mine    bool
	number  string    // of the question, which may be moved
	names   int64     // generation of people's names
	reader  record.ID // whose alone it is, where it shows the reader's own words as theirs; "" is everyone's
}

// pageKey names a dialogue's page as one reader sees it at one address, at one
// line of the record and with people's names as they were: all that it shows
// follows from these, so it is the same for as long as nothing is recorded.
type pageKey struct {
	dialogue   record.ID
	epoch, seq int64
	names      int64
	lang       string
	reader     record.ID // "" is every visitor
	address    string
}

// Bounds of the caches: some 50 MB each, two generations of fragments of about
// 1.5 kB and of whole pages of a quarter of a megabyte.
const (
	mostFragments = 16000
	heaviestPages = 24 << 20
)

// caches keep what pages are made of.
type caches struct {
	fragments cache[fragmentKey, template.HTML]
	pages     cache[pageKey, page.Standing]
}

func newCaches() *caches {
	return &caches{
		fragments: cache[fragmentKey, template.HTML]{limit: mostFragments},
		pages:     cache[pageKey, page.Standing]{limit: heaviestPages, weight: page.Standing.Size},
	}
}

// nameGeneration moves when anybody's name changes, which empties the caches
// in effect: names are inside fragments, and no fragment may show an old one.
type nameGeneration struct{ n atomic.Int64 }

func (g *nameGeneration) generation() int64 { return g.n.Load() }

// NamesChanged tells the pages that a person's name has changed or was erased.
func (p *Pages) NamesChanged() { p.names.n.Add(1) }
