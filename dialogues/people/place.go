package people

import (
	_ "embed" // for the tables below
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Size of the world map static/img/world.svg, which Country.X and Country.Y
// refer to.
const (
	MapWidth  = 1000
	MapHeight = 435
)

// A Country is what people mean when they say where they come from: a country
// or area of ISO 3166-1, with its place in the UN's regions (M49) and on our
// map. It carries no name: names come from the reader's language by Code.
//
// The list is the standard's; that a territory has a code says nothing about
// its status. Kosovo has none and is drawn on the map as "XK" only.
type Country struct {
	Code, Alpha3, Numeric string // ISO 3166-1: "CO", "COL", "170"

	// M49 codes of three digits, from large to small; empty where M49 gives
	// none. Region is 002 Africa, 009 Oceania, 019 Americas, 142 Asia,
	// 150 Europe or 010 for Antarctica.
	Region, Subregion, Intermediate string

	// As M49 lists them: least developed country, landlocked developing
	// country, small island developing state.
	LDC, LLDC, SIDS bool

	// Where to set a mark on the map, in its units, x to the right and y down.
	// Every country has a point, also those too small to have an outline.
	// Antarctica's lies below the lower edge (Y > MapHeight).
	X, Y float64
}

// In tells whether the country belongs to an M49 region, sub-region or
// intermediate region ("019", "419" and "005" all hold Colombia). It is false
// for an empty or unknown code and for "001", the world.
func (c Country) In(region string) bool {
	return region != "" && (c.Region == region || c.Subregion == region || c.Intermediate == region)
}

// Countries lists all countries, sorted by code. The caller owns the list.
func Countries() []Country {
	return slices.Clone(places().countries)
}

// CountryByCode finds a country by its two letters, in any case.
func CountryByCode(code string) (Country, bool) {
	c, ok := places().byCode[strings.ToUpper(code)]
	return c, ok
}

// CountryByAlpha3 finds a country by its three letters, in any case.
func CountryByAlpha3(code string) (Country, bool) {
	c, ok := places().byAlpha3[strings.ToUpper(code)]
	return c, ok
}

// RegionCodes lists the M49 codes for which Country.In is true of some country:
// regions, sub-regions and intermediate regions, sorted. The caller owns the list.
func RegionCodes() []string {
	return slices.Clone(places().regions)
}

// A CountryGroup is a standing group that countries negotiate in or are counted
// in: "SIDS", "G77", "UN_GRULAC". Groups people make for themselves are not here.
// Members are country codes, sorted. Organisations that are members themselves
// (the European Union in G20) are left out. Sources: country_groups.tsv.
type CountryGroup struct {
	Code    string
	Members []string
}

// Has tells whether the country with this upper-case code is a member.
func (g CountryGroup) Has(code string) bool {
	_, found := slices.BinarySearch(g.Members, code)
	return found
}

// StandingGroups lists the groups in the order of the table. The caller owns
// the list but must not change Members, which all callers share.
func StandingGroups() []CountryGroup {
	return slices.Clone(places().groups)
}

// GroupByCode finds a standing group by its code, in any case. Members are
// shared and must not be changed.
func GroupByCode(code string) (CountryGroup, bool) {
	groups := places().groups
	i := slices.IndexFunc(groups, func(g CountryGroup) bool { return strings.EqualFold(g.Code, code) })
	if i < 0 {
		return CountryGroup{}, false
	}
	return groups[i], true
}

//go:embed places.tsv
var placesTSV string

//go:embed country_groups.tsv
var countryGroupsTSV string

// A placeIndex is both tables, read once and never changed afterwards.
type placeIndex struct {
	countries        []Country
	byCode, byAlpha3 map[string]Country
	regions          []string
	groups           []CountryGroup
}

// places may panic, at first use only: the tables are part of the program, so
// a bad row is a mistake in the build, which every test of this package meets.
var places = sync.OnceValue(func() *placeIndex {
	index, err := readPlaces(placesTSV, countryGroupsTSV)
	if err != nil {
		panic(err)
	}
	return index
})

func readPlaces(countries, groups string) (*placeIndex, error) {
	index := &placeIndex{byCode: map[string]Country{}, byAlpha3: map[string]Country{}}
	for _, row := range tableRows(countries) {
		c, err := readCountry(row)
		if err != nil {
			return nil, err
		}
		index.countries = append(index.countries, c)
		index.byCode[c.Code], index.byAlpha3[c.Alpha3] = c, c
		index.regions = append(index.regions, c.Region, c.Subregion, c.Intermediate)
	}
	slices.Sort(index.regions)
	index.regions = slices.DeleteFunc(slices.Compact(index.regions), func(code string) bool { return code == "" })
	for _, row := range tableRows(groups) {
		if len(row) != 3 {
			return nil, fmt.Errorf("country group %q: %d columns, want 3", row[0], len(row))
		}
		index.groups = append(index.groups, CountryGroup{Code: row[0], Members: strings.Fields(row[1])})
	}
	return index, nil
}

func readCountry(row []string) (Country, error) {
	if len(row) != 9 {
		return Country{}, fmt.Errorf("country %q: %d columns, want 9", row[0], len(row))
	}
	x, err := strconv.ParseFloat(row[7], 64)
	if err != nil {
		return Country{}, fmt.Errorf("country %s: read x: %w", row[0], err)
	}
	y, err := strconv.ParseFloat(row[8], 64)
	if err != nil {
		return Country{}, fmt.Errorf("country %s: read y: %w", row[0], err)
	}
	flags := strings.Split(row[6], ",")
	return Country{
		Code: row[0], Alpha3: row[1], Numeric: row[2],
		Region: row[3], Subregion: row[4], Intermediate: row[5],
		LDC: slices.Contains(flags, "LDC"), LLDC: slices.Contains(flags, "LLDC"), SIDS: slices.Contains(flags, "SIDS"),
		X: x, Y: y,
	}, nil
}

// tableRows splits a table into its cells, leaving out comments.
func tableRows(table string) [][]string {
	var rows [][]string
	for line := range strings.Lines(table) {
		if !strings.HasPrefix(line, "#") {
			rows = append(rows, strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
		}
	}
	return rows
}
