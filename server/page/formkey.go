package page

import (
	"net/http"
	"net/url"

	"github.com/google/uuid"

	"github.com/vcm-forum/forum/dialogues/record"
)

// A form with which people say something has its idempotency key in its
// address. Whoever goes back to it and sends it again, which is what people
// without scripts do on a bad line, sends the same request, whatever the
// browser kept of the page; whoever follows a link to the form begins a new one.

// keyParam is where the address holds the key.
const keyParam = "form"

// FormKey is the key in the address; "" where there is none or something else.
func (r *Request) FormKey() string {
	id, _ := record.ParseID(r.QueryParam(keyParam))
	return string(id)
}

// AsksForForm tells whether the address wants a form, with a key or without one yet.
func (r *Request) AsksForForm() bool { return r.QueryParams().Has(keyParam) }

// FormAt is the address of a form with its key.
func FormAt(path, key string) string {
	address := url.URL{Path: path, RawQuery: url.Values{keyParam: {key}}.Encode()}
	return address.String()
}

// BeginForm leads to the same address with a fresh key.
func (r *Request) BeginForm() error {
	address := *r.Context.Request().URL
	query := address.Query()
	query.Set(keyParam, uuid.NewString())
	address.RawQuery = query.Encode()
	return r.Redirect(http.StatusSeeOther, address.RequestURI())
}
