package people_test

import (
	"testing"

	"github.com/vcm-forum/forum/dialogues/people"
)

// A country with one zone has it; one with several, or none at all, has nothing to guess.
func TestZoneOfACountry(t *testing.T) {
	for country, want := range map[string]string{"PE": "America/Lima", "KE": "Africa/Nairobi", "CO": "America/Bogota", "BR": "", "ID": "", "": "", "XX": ""} {
		if got := people.ZoneOf(country); got != want {
			t.Errorf("ZoneOf(%q) = %q, want %q", country, got, want)
		}
	}
	for _, c := range people.Countries() {
		if zone := people.ZoneOf(c.Code); zone != "" && !people.KnownZone(zone) {
			t.Errorf("%s: %q is no time zone", c.Code, zone)
		}
	}
}
