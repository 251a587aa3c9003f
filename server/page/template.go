package page

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"sync"

	"github.com/jba/templatecheck"

	"github.com/vcm-forum/forum/templates"
)

// Template is a page whose data is a T and nothing else.
type Template[T any] struct{ t *template.Template }

// Must parses a page: the layout, the partials and the named file, which
// defines "main". It is for package variables; a template that does not parse
// stops every test and the start.
func Must[T any](file string) Template[T] {
	t := template.Must(template.New("layout.html").ParseFS(templates.FS, "layout.html", "partials/*.html", file))
	return Template[T]{checked[T](t)}
}

// Parsed gives tests the template, to be checked against T.
func (t Template[T]) Parsed() *template.Template { return t.t }

// Show renders into memory first, so that an error cannot leave half a page.
func (t Template[T]) Show(r *Request, status int, data T) error {
	out, _ := sheets.Get().(*bytes.Buffer)
	defer sheets.Put(out)
	out.Reset()
	if err := t.t.Execute(out, data); err != nil {
		return fmt.Errorf("render page: %w", err)
	}
	return r.HTML(status, out.Bytes())
}

// sheets are memory that pages are rendered into, one after another.
var sheets = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// checked holds a template against the struct it is given: a misspelt field is
// found when the program starts, not when somebody opens the page.
func checked[T any](t *template.Template) *template.Template {
	var data T
	if err := templatecheck.CheckHTML(t, data); err != nil {
		panic(err) // a package variable: stops every test and the start
	}
	return t
}

// OK shows the page with status 200.
func (t Template[T]) OK(r *Request, data T) error { return t.Show(r, http.StatusOK, data) }

// HTML sends rendered bytes.
func (r *Request) HTML(status int, body []byte) error {
	return r.Context.HTMLBlob(status, body)
}

// Fragment is a piece of HTML that pages and the socket share. It is rendered
// for an audience, never for a person.
type Fragment[T any] struct {
	t    *template.Template
	name string
}

// MustFragment finds a template defined in partials.
func MustFragment[T any](name string) Fragment[T] {
	t := template.Must(template.New(name).ParseFS(templates.FS, "partials/*.html"))
	if t.Lookup(name) == nil {
		panic("no fragment " + name) // a package variable: stops every test and the start
	}
	checked[T](t.Lookup(name))
	return Fragment[T]{t, name}
}

// Parsed gives tests the template.
func (f Fragment[T]) Parsed() *template.Template { return f.t.Lookup(f.name) }

// Write renders into w.
func (f Fragment[T]) Write(w io.Writer, data T) error {
	if err := f.t.ExecuteTemplate(w, f.name, data); err != nil {
		return fmt.Errorf("render %s: %w", f.name, err)
	}
	return nil
}

// Render returns the fragment for a page to include.
func (f Fragment[T]) Render(data T) (template.HTML, error) {
	var out bytes.Buffer
	err := f.Write(&out, data)
	return template.HTML(out.String()), err //nolint:gosec // made by html/template, escaped there
}
