// Package page is the kit that every area of pages shares: the request with who
// asks and in which language, typed templates, forms that keep what was typed,
// and the answers that pages and JSON have in common. It knows no area and no
// table.
package page

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/server/i18n"
	"github.com/vcm-forum/forum/static"
)

// Words is what a template needs to speak: a language, and the addresses of
// pictures. It holds nothing about the reader, so that what is rendered with it
// may be shown to everyone who shares the language.
type Words struct {
	P     *i18n.Printer
	Files *static.Files
}

// T is the sentence with a key; args are name-value pairs.
func (w Words) T(key string, args ...any) string { return w.P.T(key, args...) }

// Lang is the language's code.
func (w Words) Lang() string { return string(w.P.Lang()) }

// Asset is the address of a static file.
func (w Words) Asset(name string) string { return w.Files.Path(name) }

// Icon draws a symbol of the icon sprite. It says nothing to a screen reader:
// words stand beside it.
func (w Words) Icon(name string) template.HTML { return w.symbol("icon", "img/icons.svg", name) }

// Picto draws a pictogram of consultations, for who reads little. Words stand
// beside it all the same.
func (w Words) Picto(name string) template.HTML {
	return w.symbol("picto", "img/pictograms.svg", name)
}

// Mark draws a stakeholder group's shape.
func (w Words) Mark(g people.Group) template.HTML {
	return w.symbol("mark", "img/icons.svg", "mark-"+g.Mark())
}

// Picture draws one of the large pictures.
func (w Words) Picture(name, viewBox string) template.HTML {
	return template.HTML(fmt.Sprintf(`<svg class="picture" viewBox="%s" aria-hidden="true"><use href="%s#%s"/></svg>`, //nolint:gosec // names come from templates
		template.HTMLEscapeString(viewBox), w.Files.Path("img/pictures.svg"), template.HTMLEscapeString(name)))
}

func (w Words) symbol(class, file, name string) template.HTML {
	return template.HTML(`<svg class="` + class + `" aria-hidden="true"><use href="` + w.Files.Path(file) + //nolint:gosec // names come from templates and constants
		"#" + template.HTMLEscapeString(name) + `"/></svg>`)
}

// Letters are a group's two letters in the reader's language.
func (w Words) Letters(g people.Group) string { return w.T("group." + string(g) + ".letters") }

// GroupName is a group's name in the reader's language.
func (w Words) GroupName(g people.Group) string { return w.T("group." + string(g)) }

// Groups lists the stakeholder groups.
func (w Words) Groups() []people.Group { return people.Groups() }

// Country is a country's name.
func (w Words) Country(code string) string { return w.P.Country(code) }

// Countries names several countries, separated by middle dots.
func (w Words) Countries(codes []string) string {
	names := make([]string, len(codes))
	for i, code := range codes {
		names[i] = w.P.Country(code)
	}
	return strings.Join(names, " · ")
}

// Language is a language's name.
func (w Words) Language(tag string) string { return w.P.LanguageName(tag) }

// Zone is a time zone's place: "Africa/Nairobi" becomes "Nairobi".
func (w Words) Zone(name string) string {
	return strings.ReplaceAll(name[strings.LastIndex(name, "/")+1:], "_", " ")
}

// ISO is a moment for the datetime attribute.
func (w Words) ISO(t time.Time) string { return t.UTC().Format(time.RFC3339) }
