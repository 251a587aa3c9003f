package page

import (
	"time"

	"github.com/vcm-forum/forum/consultations"
)

// Consult is the request as an action of a consultation sees it. A step that was
// taken without a line and is delivered now says so: late, what its maker had
// seen (base), when it was done (asserted) and by which clock (device). Nothing of
// it is believed further than the rules of consultations go.
func (r *Request) Consult() consultations.Call {
	call := consultations.Call{Call: r.Call()}
	if !r.isUpload() && r.FormValue("late") == "1" {
		call.Claim = consultations.Claim{
			Late: true, Base: r.Number("base"), Asserted: r.moment("asserted"), Device: r.moment("device"),
		}
	}
	return call
}

// moment reads a time as scripts write it (RFC 3339); the zero time for anything else.
func (r *Request) moment(field string) time.Time {
	t, err := time.Parse(time.RFC3339, r.FormValue(field))
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}
