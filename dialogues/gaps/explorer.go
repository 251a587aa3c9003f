package gaps

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/vcm-forum/forum/dialogues/people"
	"github.com/vcm-forum/forum/dialogues/sheet"
)

// Columns of the NDC Explorer's sheet: the Party and two of its some sixty
// classes. The words beside a class are spelt in many ways, the class is one.
const (
	explorerParty    = "country_code"
	explorerMarkets  = "market_mechanisms_class"
	explorerCapacity = "conditionality_of_capacity_building_class"
)

const longestCredit = 1000

// readExplorer reads the figures, each with whom to name for them: the sheet's
// licence (CC BY 4.0) asks for it, and a later sheet names itself.
func readExplorer(file sheet.File) ([]Party, error) {
	file.Note = '#'
	credit, err := readCredit(file)
	if err != nil {
		return nil, err
	}
	var all []Party
	seen := map[string]int{}
	columns := []string{explorerParty, explorerMarkets, explorerCapacity}
	err = file.Table(columns, func(line int, cell func(string) string) string {
		p, reason := readFigures(cell)
		if reason != "" {
			return reason
		}
		if earlier, twice := seen[p.Code]; twice {
			return fmt.Sprintf("country_code %s was in line %d already", cell(explorerParty), earlier)
		}
		p.FiguresFrom, seen[p.Code] = credit, line
		all = append(all, p)
		return ""
	})
	return all, err
}

func readFigures(cell func(column string) string) (p Party, reason string) {
	var known bool
	if p.Code, known = PartyByAlpha3(cell(explorerParty)); !known {
		return p, wrong(cell, explorerParty, "the three letters of a country, or EU")
	}
	markets, known := class(cell(explorerMarkets), int64(MarketsForTarget))
	if !known {
		return p, wrong(cell, explorerMarkets, fmt.Sprintf("0 to %d", MarketsForTarget))
	}
	capacity, known := class(cell(explorerCapacity), int64(CapacityCondition))
	if !known {
		return p, wrong(cell, explorerCapacity, fmt.Sprintf("0 to %d", CapacityCondition))
	}
	p.MarketMechanisms, p.CapacityBuilding = MarketMechanisms(markets), CapacityBuilding(capacity)
	return p, ""
}

func class(s string, most int64) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n >= 0 && n <= most
}

// readCredit finds who made the sheet and what they allow, in its notes.
func readCredit(file sheet.File) (string, error) {
	var found []string
	for _, note := range []string{"# Citation: ", "# Rights: "} {
		said := ""
		for line := range strings.Lines(string(file.Raw)) {
			if text, is := strings.CutPrefix(line, note); is && said == "" {
				said = strings.Join(strings.Fields(people.Legible(text)), " ")
			}
		}
		if said == "" || !utf8.ValidString(said) || utf8.RuneCountInString(said) > longestCredit {
			return "", file.Refuse(fmt.Sprintf("has no note %q of at most %d characters, so that nobody can be named for its figures", note+"…", longestCredit))
		}
		found = append(found, said)
	}
	return strings.Join(found, " "), nil
}
