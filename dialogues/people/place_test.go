package people_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vcm-forum/forum/dialogues/people"
)

func TestCountriesAreAllOfISO3166(t *testing.T) {
	countries := people.Countries()
	if len(countries) != 249 {
		t.Errorf("Countries() lists %d, want 249", len(countries))
	}
	seen := map[string]bool{}
	for i, c := range countries {
		if i > 0 && countries[i-1].Code >= c.Code {
			t.Errorf("%s stands after %s", c.Code, countries[i-1].Code)
		}
		if len(c.Code) != 2 || len(c.Alpha3) != 3 || len(c.Numeric) != 3 || len(c.Region) != 3 {
			t.Errorf("country %+v lacks a code", c)
		}
		if seen[c.Alpha3] || seen[c.Numeric] {
			t.Errorf("country %s shares %s or %s with another", c.Code, c.Alpha3, c.Numeric)
		}
		seen[c.Alpha3], seen[c.Numeric] = true, true
	}
}

func TestEveryCountryButAntarcticaIsOnTheMap(t *testing.T) {
	for _, c := range people.Countries() {
		onMap := c.X > 0 && c.X < people.MapWidth && c.Y > 0 && c.Y < people.MapHeight
		if onMap != (c.Code != "AQ") {
			t.Errorf("%s lies at %v, %v", c.Code, c.X, c.Y)
		}
	}
}

func TestCountryKnowsItsCodesRegionsAndFlags(t *testing.T) {
	tests := []struct {
		name string
		want people.Country
	}{
		{"Namibia is not a missing value", people.Country{Code: "NA", Alpha3: "NAM", Numeric: "516", Region: "002", Subregion: "202", Intermediate: "018"}},
		{"Tuvalu is both least developed and a small island state", people.Country{Code: "TV", Alpha3: "TUV", Numeric: "798", Region: "009", Subregion: "061", LDC: true, SIDS: true}},
		{"Nepal is least developed and landlocked", people.Country{Code: "NP", Alpha3: "NPL", Numeric: "524", Region: "142", Subregion: "034", LDC: true, LLDC: true}},
		{"Afghanistan keeps its leading zeros", people.Country{Code: "AF", Alpha3: "AFG", Numeric: "004", Region: "142", Subregion: "034", LDC: true, LLDC: true}},
		{"Antarctica is its own region", people.Country{Code: "AQ", Alpha3: "ATA", Numeric: "010", Region: "010"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := people.CountryByCode(tt.want.Code)
			got.X, got.Y = 0, 0
			if diff := cmp.Diff(tt.want, got); !ok || diff != "" {
				t.Errorf("CountryByCode(%q) found %v (-want +got):\n%s", tt.want.Code, ok, diff)
			}
		})
	}
}

func TestCountryIsFoundInAnyCase(t *testing.T) {
	tests := []struct {
		name, code, want string
		find             func(string) (people.Country, bool)
	}{
		{"two letters, upper case", "CO", "CO", people.CountryByCode},
		{"two letters, lower case", "co", "CO", people.CountryByCode},
		{"three letters, mixed case", "Col", "CO", people.CountryByAlpha3},
		{"Kosovo has no ISO code", "XK", "", people.CountryByCode},
		{"the European Union is no country", "EUU", "", people.CountryByAlpha3},
		{"no letters at all", "", "", people.CountryByCode},
		{"three letters asked as two", "COL", "", people.CountryByCode},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := tt.find(tt.code)
			if got.Code != tt.want || ok != (tt.want != "") {
				t.Errorf("find %q = %q, %v, want %q", tt.code, got.Code, ok, tt.want)
			}
		})
	}
}

func TestFlagsAndGroupsAgree(t *testing.T) {
	flags := map[string]func(people.Country) bool{
		"LDC":  func(c people.Country) bool { return c.LDC },
		"LLDC": func(c people.Country) bool { return c.LLDC },
		"SIDS": func(c people.Country) bool { return c.SIDS },
	}
	for code, flag := range flags {
		var want []string
		for _, c := range people.Countries() {
			if flag(c) {
				want = append(want, c.Code)
			}
		}
		group, _ := people.GroupByCode(code)
		if diff := cmp.Diff(want, group.Members); diff != "" {
			t.Errorf("group %s differs from the flag (-flag +group):\n%s", code, diff)
		}
	}
}

// The counts are those of the source files, less the European Union.
func TestStandingGroupsAreComplete(t *testing.T) {
	want := map[string]int{
		"LDC": 45, "LLDC": 32, "SIDS": 53, "AOSIS": 39, "G77": 134, "ARAB": 22,
		"UNFCCC": 197, "ANNEX1": 42, "NON_ANNEX1": 154, "EU": 27, "G7": 7, "G20": 19, "OECD": 38,
		"UN_AFRICAN": 54, "UN_ASIA_PACIFIC": 55, "UN_EASTERN_EUROPEAN": 23, "UN_GRULAC": 33, "UN_WEOG": 29,
	}
	got := map[string]int{}
	for _, g := range people.StandingGroups() {
		got[g.Code] = len(g.Members)
		if !slices.IsSorted(g.Members) {
			t.Errorf("members of %s are not sorted", g.Code)
		}
		for _, code := range g.Members {
			if c, ok := people.CountryByCode(code); !ok || c.Code != code {
				t.Errorf("group %s holds %q, which is no country", g.Code, code)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("members by group (-want +got):\n%s", diff)
	}
}

// Holy See is a Party to the Convention in neither list.
func TestPartiesAreInOneAnnexListOnly(t *testing.T) {
	parties, _ := people.GroupByCode("unfccc")
	annexOne, _ := people.GroupByCode("ANNEX1")
	others, _ := people.GroupByCode("NON_ANNEX1")
	for _, code := range parties.Members {
		if annexOne.Has(code) == others.Has(code) && code != "VA" {
			t.Errorf("%s: Annex I %v, non-Annex I %v", code, annexOne.Has(code), others.Has(code))
		}
	}
	if _, ok := people.GroupByCode("no such group"); ok {
		t.Error("GroupByCode found a group that does not exist")
	}
}

func TestCountryIsInItsRegions(t *testing.T) {
	tests := []struct {
		name, code, region string
		want               bool
	}{
		{"Colombia is in the Americas", "CO", "019", true},
		{"Colombia is in Latin America and the Caribbean", "CO", "419", true},
		{"Colombia is in South America", "CO", "005", true},
		{"Colombia is not in the Caribbean", "CO", "029", false},
		{"France has no intermediate region, and an empty code holds nobody", "FR", "", false},
		{"a number of a country is no region", "CO", "170", false},
		{"the world is not asked for", "CO", "001", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, ok := people.CountryByCode(tt.code)
			if got := c.In(tt.region); !ok || got != tt.want {
				t.Errorf("%s.In(%q) = %v, want %v", tt.code, tt.region, got, tt.want)
			}
		})
	}
}

func TestRegionCodesHoldEveryCountry(t *testing.T) {
	codes := people.RegionCodes()
	if len(codes) != 30 || !slices.IsSorted(codes) {
		t.Errorf("RegionCodes() = %v, want 30 sorted codes", codes)
	}
	for _, code := range codes {
		if !slices.ContainsFunc(people.Countries(), func(c people.Country) bool { return c.In(code) }) {
			t.Errorf("region %s holds no country", code)
		}
	}
	for _, c := range people.Countries() {
		if !slices.Contains(codes, c.Region) {
			t.Errorf("region %q of %s is not listed", c.Region, c.Code)
		}
	}
}

func TestListsBelongToTheCaller(t *testing.T) {
	people.Countries()[0].Code = "??"
	people.RegionCodes()[0] = "??"
	people.StandingGroups()[0].Code = "??"
	if people.Countries()[0].Code != "AD" || people.RegionCodes()[0] != "002" || people.StandingGroups()[0].Code != "LDC" {
		t.Error("a caller changed a list for everyone")
	}
}
