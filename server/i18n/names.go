package i18n

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

//go:embed names/*.json
var nameFiles embed.FS

// A nameTable holds names that golang.org/x/text lacks, or has in a form that is out of date or not the one the
// United Nations use: code to language to name.
type nameTable map[string]map[Language]string

// nameTables are the names kept here: they come before those of golang.org/x/text.
type nameTables struct {
	countries nameTable // by ISO 3166-1 alpha-2
	regions   nameTable // by M49, three digits
	spoken    nameTable // by BCP 47 base language
}

// readNames reads the embedded tables.
func readNames() (*nameTables, error) {
	var tables nameTables
	for file, table := range map[string]*nameTable{
		"names/countries.json": &tables.countries,
		"names/regions.json":   &tables.regions,
		"names/languages.json": &tables.spoken,
	} {
		content, err := nameFiles.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("open %s: %w", file, err)
		}
		if err := json.Unmarshal(content, table); err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
	}
	return &tables, nil
}

// dictionary is the part of golang.org/x/text that names things in one language. Only these five are linked in.
func (l Language) dictionary() *display.Dictionary {
	switch l {
	case Spanish:
		return display.Spanish
	case French:
		return display.French
	case Portuguese:
		return display.Portuguese
	case Indonesian:
		return display.Indonesian
	case English:
	}
	return display.English
}

// Country names a country by its ISO 3166-1 code, two or three letters or the number: BO is Bolivia. Short names in
// the form of the United Nations are used. An unknown code is given back as it is.
func (p *Printer) Country(code string) string {
	region, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	if name, ok := p.tables.countries[region.String()][p.lang]; ok {
		return name
	}
	if name := p.regions.Name(region); name != "" {
		return name
	}
	return code
}

// Region names a part of the world by its UN M49 code of three digits: 005 is South America, 722 the small island
// developing States. The number of a country gives the country; an unknown code is given back as it is.
func (p *Printer) Region(m49 string) string {
	if name, ok := p.tables.regions[m49][p.lang]; ok {
		return name
	}
	return p.Country(m49)
}

// LanguageName names a language by its BCP 47 tag, as it stands inside a sentence: English, inglés. A variety without
// a name of its own has that of its language. A private tag (x-…) shows what follows the x; what is unknown is given
// back as it is.
func (p *Printer) LanguageName(tag string) string {
	if private, ok := strings.CutPrefix(tag, "x-"); ok {
		return private
	}
	parsed, err := language.Parse(tag)
	if err != nil {
		return tag
	}
	base, _ := parsed.Base()
	if name, ok := p.tables.spoken[base.String()][p.lang]; ok {
		return name
	}
	if name := p.spoken.Name(parsed); name != "" {
		return name
	}
	if name := p.spoken.Name(base); name != "" {
		return name
	}
	return tag
}
