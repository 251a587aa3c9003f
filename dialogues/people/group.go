package people

import "slices"

// Group is the stakeholder group a person speaks for. What is said keeps the
// group its author had at that moment.
type Group string

// The stakeholder groups of the voluntary carbon market.
const (
	NationalGovernment    Group = "national_government"
	SubnationalGovernment Group = "subnational_government"
	IPLC                  Group = "iplc" // Indigenous Peoples and local communities
	ProjectDeveloper      Group = "project_developer"
	BuyerInvestor         Group = "buyer_investor"
	StandardProgramme     Group = "standard_programme"
	CivilSociety          Group = "civil_society"
	Research              Group = "research"
	DevelopmentAgency     Group = "development_agency"
	MarketFacilitator     Group = "market_facilitator"
)

// Groups lists every stakeholder group in the order pages show them.
func Groups() []Group {
	return []Group{
		NationalGovernment, SubnationalGovernment, IPLC, ProjectDeveloper, BuyerInvestor,
		StandardProgramme, CivilSociety, Research, DevelopmentAgency, MarketFacilitator,
	}
}

// Known tells whether g is one of [Groups].
func (g Group) Known() bool { return slices.Contains(Groups(), g) }

// Mark is the group's two letters in English, which also name its symbol and colour.
func (g Group) Mark() string {
	switch g {
	case NationalGovernment:
		return "NG"
	case SubnationalGovernment:
		return "SG"
	case IPLC:
		return "IP"
	case ProjectDeveloper:
		return "PD"
	case BuyerInvestor:
		return "BI"
	case StandardProgramme:
		return "SC"
	case CivilSociety:
		return "CS"
	case Research:
		return "RS"
	case DevelopmentAgency:
		return "DA"
	case MarketFacilitator:
		return "MF"
	}
	return ""
}
