package people

import (
	_ "embed" // for country_zones.tsv
	"sync"
	"time"
)

// KnownZone tells whether a name is a time zone of the IANA database; "" and
// "Local" are none.
func KnownZone(name string) bool {
	if name == "" || name == "Local" || len(name) > 64 {
		return false
	}
	_, err := time.LoadLocation(name)
	return err == nil
}

// TimeZones are the zones that forms offer: one for each offset and custom of
// the regions in which dialogues are held, by IANA name. Others can be stored.
func TimeZones() []string {
	return []string{
		"UTC",
		"Africa/Abidjan", "Africa/Accra", "Africa/Addis_Ababa", "Africa/Cairo", "Africa/Casablanca", "Africa/Dakar", "Africa/Johannesburg",
		"Africa/Kampala", "Africa/Kigali", "Africa/Kinshasa", "Africa/Lagos", "Africa/Libreville", "Africa/Lusaka", "Africa/Maputo", "Africa/Nairobi",
		"America/Asuncion", "America/Bogota", "America/Buenos_Aires", "America/Caracas", "America/Costa_Rica", "America/Guatemala", "America/Guayaquil",
		"America/Guyana", "America/La_Paz", "America/Lima", "America/Manaus", "America/Mexico_City", "America/Montevideo", "America/New_York", "America/Panama",
		"America/Paramaribo", "America/Santiago", "America/Santo_Domingo", "America/Sao_Paulo",
		"Asia/Bangkok", "Asia/Colombo", "Asia/Dhaka", "Asia/Ho_Chi_Minh", "Asia/Jakarta", "Asia/Jayapura", "Asia/Karachi", "Asia/Kathmandu", "Asia/Kolkata",
		"Asia/Kuala_Lumpur", "Asia/Makassar", "Asia/Manila", "Asia/Phnom_Penh", "Asia/Seoul", "Asia/Shanghai", "Asia/Singapore", "Asia/Tokyo", "Asia/Ulaanbaatar", "Asia/Vientiane",
		"Europe/Berlin", "Europe/Brussels", "Europe/Lisbon", "Europe/London", "Europe/Madrid", "Europe/Oslo", "Europe/Paris", "Europe/Zurich",
		"Pacific/Auckland", "Pacific/Fiji", "Pacific/Guadalcanal", "Pacific/Port_Moresby", "Australia/Sydney",
	}
}

//go:embed country_zones.tsv
var countryZonesTSV string

var countryZones = sync.OnceValue(func() map[string]string {
	zones := map[string]string{}
	for _, row := range tableRows(countryZonesTSV) {
		zones[row[0]] = row[1]
	}
	return zones
})

// ZoneOf is the time zone of a country that has one alone; "" where it has
// several, or the country is not known.
func ZoneOf(country string) string { return countryZones()[country] }
