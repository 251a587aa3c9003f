package page

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/record"
)

// Form is a form as it is shown: what was typed, or what is stored, and what is
// wrong with it.
type Form struct {
	Words
	Values  url.Values
	Invalid people.Invalid
	labels  map[string]string
	order   []string // of the fields that have labels
	prefix  string   // of the ids of its fields
}

// Form starts a form with values; after a refusal they are what was typed.
func (r *Request) Form(values url.Values, invalid people.Invalid) Form {
	if invalid != nil {
		values, _ = r.FormParams() // it parsed before the action ran
	}
	return Form{Words: r.Words(), Values: values, Invalid: invalid}
}

// Named tells under which labels the fields stand, as pairs of field and
// catalog key, so that the summary of what is wrong can name them.
func (f Form) Named(pairs ...string) Form {
	f.labels = make(map[string]string, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		f.labels[pairs[i]] = f.T(pairs[i+1])
		f.order = append(f.order, pairs[i])
	}
	return f
}

// At gives the fields ids of their own, where two forms of one page have fields
// of the same name.
func (f Form) At(prefix string) Form { f.prefix = prefix; return f }

// Status is 422 for a form that comes back with problems.
func (f Form) Status() int {
	if len(f.Invalid) > 0 {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

// Value is a field's value.
func (f Form) Value(name string) string { return f.Values.Get(name) }

// Has tells whether a field with several values has one of them.
func (f Form) Has(name, value string) bool { return slices.Contains(f.Values[name], value) }

// Error is the sentence about a field, "" for none.
func (f Form) Error(name string) string {
	problem, ok := f.Invalid[name]
	if !ok {
		return ""
	}
	return f.T(problem.Key, problem.Args...)
}

// Fault is one line of the summary above a form.
type Fault struct{ Field, Text string }

// Faults lists what is wrong, in the order of the form's fields.
func (f Form) Faults() []Fault {
	var out []Fault
	place := func(name string) int { return slices.Index(f.order, name) }
	names := slices.SortedFunc(maps.Keys(f.Invalid), func(a, b string) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a, b))
	})
	for _, name := range names {
		text := f.Error(name)
		if label := f.labels[name]; label != "" {
			text = f.T("error.of_field", "field", label, "error", text)
		}
		out = append(out, Fault{f.prefix + name, text})
	}
	return out
}

// Field is one labelled input.
type Field struct {
	Words
	Name     string
	ID       string
	Kind     string // text, textarea, email, password, number, datetime-local, select, code
	Label    string
	Hint     string
	Error    string
	Value    string
	Required bool
	Max      int
	Auto     string // autocomplete
	Options  []Option
}

// Option is one choice of a field.
type Option struct {
	Value, Label, Help string
	Chosen             bool
	Group              people.Group // whose mark stands beside it
}

// Field makes a field. label is a catalog key; a key label+".hint", where there
// is one, becomes the hint.
func (f Form) Field(kind, name, label string) Field {
	field := Field{Words: f.Words, Kind: kind, Name: name, ID: f.prefix + name, Label: f.T(label), Error: f.Error(name), Value: f.Value(name)}
	if f.P.Has(label + ".hint") {
		field.Hint = f.T(label + ".hint")
	}
	return field
}

// Need marks the field as required.
func (f Field) Need() Field { f.Required = true; return f }

// Limit sets the largest number of characters.
func (f Field) Limit(n int) Field { f.Max = n; return f }

// Complete names what browsers may fill in.
func (f Field) Complete(token string) Field { f.Auto = token; return f }

// From gives the field its choices; what was chosen before is marked.
func (f Field) From(options []Option) Field {
	f.Options = slices.Clone(options)
	for i := range f.Options {
		f.Options[i].Chosen = f.Options[i].Value == f.Value
	}
	return f
}

// Describes lists the ids of hint and error for aria-describedby.
func (f Field) Describes() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.ID+"-hint")
	}
	if f.Error != "" {
		ids = append(ids, f.ID+"-error")
	}
	return strings.Join(ids, " ")
}

// Options makes choices out of codes whose labels are catalog keys prefix+code;
// a key prefix+code+".help", where there is one, explains the choice.
func Options[T ~string](w Words, prefix string, codes []T) []Option {
	out := make([]Option, len(codes))
	for i, code := range codes {
		key := prefix + string(code)
		out[i] = Option{Value: string(code), Label: w.T(key)}
		if w.P.Has(key + ".help") {
			out[i].Help = w.T(key + ".help")
		}
	}
	return out
}

// GroupOptions are the stakeholder groups as choices.
func (w Words) GroupOptions() []Option {
	out := Options(w, "group.", people.Groups())
	for i, g := range people.Groups() {
		out[i].Group = g
	}
	return out
}

// CountryOptions are all countries by name, after an empty choice.
func (w Words) CountryOptions() []Option {
	var out []Option
	for _, c := range people.Countries() {
		out = append(out, Option{Value: c.Code, Label: w.Country(c.Code)})
	}
	return ByName(out)
}

// ByName sorts choices by what they are called in the reader's language.
func ByName(options []Option) []Option {
	folded := make(map[string]string, len(options))
	for _, o := range options {
		folded[o.Label] = people.Fold(o.Label)
	}
	slices.SortFunc(options, func(a, b Option) int { return cmp.Compare(folded[a.Label], folded[b.Label]) })
	return options
}

// LanguageOptions are languages by name.
func (w Words) LanguageOptions(tags []string) []Option {
	out := make([]Option, len(tags))
	for i, tag := range tags {
		out[i] = Option{Value: tag, Label: w.Language(tag)}
	}
	return out
}

// Number reads a whole number; 0 for anything else, which the rules refuse.
func (r *Request) Number(field string) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(r.FormValue(field)), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// List reads a field with several values.
func (r *Request) List(field string) []string {
	values, _ := r.FormParams()
	return values[field]
}

// Done answers a write that is on disk: JSON with where it stands in its room
// for scripts and programs, else a redirect to where the reader goes on.
func (r *Request) Done(receipt record.Receipt, next string) error {
	if r.WantsJSON() {
		return r.JSON(http.StatusOK, receipt)
	}
	return r.Redirect(http.StatusSeeOther, next)
}

// Query is a query of pairs of names and values; empty values are left out.
func Query(pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	return q.Encode()
}

// WithQuery sets one value in the query of a path of this server.
func WithQuery(path, name, value string) string {
	u, err := url.Parse(path)
	if err != nil {
		return path
	}
	q := u.Query()
	q.Set(name, value)
	u.RawQuery = q.Encode()
	return u.String()
}

// LocalPath is a path of this server that came from a form or an address, or
// otherwise. Anything that a browser could read as another host is refused.
func LocalPath(s, otherwise string) string {
	u, err := url.Parse(s)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || !strings.HasPrefix(s, "/") ||
		strings.HasPrefix(s, "//") || strings.ContainsAny(s, "\\\r\n\t\x00") {
		return otherwise
	}
	return s
}
