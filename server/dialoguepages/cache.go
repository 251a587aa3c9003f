package dialoguepages

import (
	"html/template"
	"sync"
	"sync/atomic"

	"github.com/vcm-forum/forum/dialogues/record"
)

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

// fragmentLimit bounds the cache at roughly 50 MB: two generations of about
// 1.5 kB each entry.
const fragmentLimit = 16000

// fragments keeps renderings. When the young generation is full it becomes the
// old one, and what nobody asked for since is forgotten.
type fragments struct {
	mu         sync.RWMutex
	young, old map[fragmentKey]template.HTML
}

func (f *fragments) get(key fragmentKey, render func() (template.HTML, error)) (template.HTML, error) {
	if html, ok := f.find(key); ok {
		return html, nil
	}
	html, err := render()
	if err == nil {
		f.put(key, html)
	}
	return html, err
}

// find looks a rendering up; what is asked for stays young.
func (f *fragments) find(key fragmentKey) (template.HTML, bool) {
	f.mu.RLock()
	html, young := f.young[key]
	old := false
	if !young {
		html, old = f.old[key]
	}
	f.mu.RUnlock()
	if old {
		f.put(key, html)
	}
	return html, young || old
}

func (f *fragments) put(key fragmentKey, html template.HTML) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.young == nil || len(f.young) >= fragmentLimit {
		f.old, f.young = f.young, make(map[fragmentKey]template.HTML, fragmentLimit/4)
	}
	f.young[key] = html
}

// nameGeneration moves when anybody's name changes, which empties the cache in
// effect: names are inside fragments, and no fragment may show an old one.
type nameGeneration struct{ n atomic.Int64 }

func (g *nameGeneration) generation() int64 { return g.n.Load() }

// NamesChanged tells the pages that a person's name has changed or was erased.
func (p *Pages) NamesChanged() { p.names.n.Add(1) }
