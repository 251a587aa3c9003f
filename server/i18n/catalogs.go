package i18n

import (
	"embed"
	"fmt"
	"io/fs"
	"sync"
	"sync/atomic"
)

//go:embed catalogs/*/*.json
var catalogFiles embed.FS

// Catalogs are all texts in all languages, complete and checked. They never change after loading, apart from the
// count of slips, and are safe for concurrent use.
type Catalogs struct {
	printers map[Language]*Printer
	slips    *atomic.Int64
}

// Load gives the catalogs that the program carries, with a count of slips of their own. It fails, naming every fault,
// if a key, a placeholder or a plural form is missing or too much in any language: such a program does not start.
func Load() (*Catalogs, error) {
	read, err := carried()
	if err != nil {
		return nil, err
	}
	return newCatalogs(read)
}

// carried reads what is embedded once: whatever loads it again gets the same.
var carried = sync.OnceValues(func() (map[Language]catalog, error) {
	folder, err := fs.Sub(catalogFiles, "catalogs")
	if err != nil {
		return nil, fmt.Errorf("open embedded catalogs: %w", err)
	}
	return readAll(folder)
})

// Read is Load for catalogs that lie elsewhere: one folder for each language, any number of .json files in it.
func Read(files fs.FS) (*Catalogs, error) {
	read, err := readAll(files)
	if err != nil {
		return nil, err
	}
	return newCatalogs(read)
}

// readAll reads the catalogs of all languages and checks them against each other.
func readAll(files fs.FS) (map[Language]catalog, error) {
	read := make(map[Language]catalog)
	for _, l := range Languages() {
		entries, err := readLanguage(files, l)
		if err != nil {
			return nil, fmt.Errorf("read catalog %s: %w", l, err)
		}
		read[l] = entries
	}
	if err := compare(read); err != nil {
		return nil, fmt.Errorf("check catalogs: %w", err)
	}
	return read, nil
}

// newCatalogs makes the printers of catalogs that have been checked.
func newCatalogs(read map[Language]catalog) (*Catalogs, error) {
	tables, err := readNames()
	if err != nil {
		return nil, err
	}
	all := &Catalogs{printers: make(map[Language]*Printer), slips: new(atomic.Int64)}
	for l, entries := range read {
		all.printers[l] = newPrinter(l, entries, tables, all.slips)
	}
	return all, nil
}

// Printer gives the printer of a language, always the same one. A language the forum does not speak gets English.
func (c *Catalogs) Printer(l Language) *Printer {
	if p, ok := c.printers[l]; ok {
		return p
	}
	return c.printers[English]
}

// Slips counts, since loading, how often a text was asked for that does not exist or a placeholder was left without
// a value: what readers saw as ⟦…⟧. It stays 0 in a program that passed its tests.
func (c *Catalogs) Slips() int64 { return c.slips.Load() }
