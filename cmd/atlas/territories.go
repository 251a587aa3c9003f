package main

// The atlas draws who holds a territory; the forum follows ISO 3166-1 and the
// United Nations. shapesWithoutCode says where shapes without a code belong:
// the areas named are parts of Somalia and Cyprus for the UN; XK, a code ISO
// leaves to its users, marks Kosovo, which neither ISO nor M49 lists.
var shapesWithoutCode = map[string]string{
	"Somaliland": "SO",
	"N. Cyprus":  "CY",
	"Kosovo":     "XK",
}

// territories lie within the box of another country's shape. French Guiana and
// Svalbard have ISO codes of their own; Crimea is part of Ukraine (UN General
// Assembly resolution 68/262). Boxes are west, south, east, north in degrees.
var territories = []struct {
	owner, code string
	box         [4]float64
}{
	{"FR", "GF", [4]float64{-56, 1, -50, 7}},
	{"NO", "SJ", [4]float64{9, 76, 34, 82}},
	{"RU", "UA", [4]float64{32.3, 44.2, 36.7, 46.4}},
}

// territoryOf is the code a polygon of the owner is drawn under.
func territoryOf(owner string, polygon []ring) string {
	low, high := bounds(polygon[0])
	middle := point{(low.x + high.x) / 2, (low.y + high.y) / 2}
	for _, t := range territories {
		northWest, southEast := project(t.box[0], t.box[3]), project(t.box[2], t.box[1])
		if t.owner == owner && northWest.x < middle.x && middle.x < southEast.x &&
			northWest.y < middle.y && middle.y < southEast.y {
			return t.code
		}
	}
	return owner
}

// handPoints places what no outline shows, in degrees east and north.
var handPoints = map[string][2]float64{
	"AQ": {11.5, -80},
	"BQ": {-68.3, 12.2}, // Bonaire
	"BV": {3.4, -54.4},
	"CC": {96.8, -12.2},
	"CX": {105.6, -10.5},
	"GI": {-5.4, 36.1},
	"GP": {-61.5, 16.2},
	"KI": {173, 1.4}, // Tarawa: the largest island, Kiritimati, is 3,000 km from most people
	"MQ": {-61, 14.7},
	"RE": {55.5, -21.1},
	"TK": {-171.8, -9.2},
	"TV": {179.2, -8.5}, // Funafuti
	"UM": {166.6, 19.3}, // Wake Island
	"YT": {45.2, -12.8},
}
