package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
)

// A topology is the part of TopoJSON (specification 1.0) that world-atlas uses:
// borders are stored once, as arcs of quantized differences, and countries
// point to them. ^i means arc i walked backwards.
type topology struct {
	Transform struct{ Scale, Translate [2]float64 }
	Arcs      [][][2]float64
	Objects   struct {
		Countries struct{ Geometries []geometry }
	}
}

type geometry struct {
	Type       string
	ID         string
	Arcs       json.RawMessage // Polygon: rings; MultiPolygon: polygons of rings
	Properties struct{ Name string }
}

// A shape is one entry of the atlas on our map. Its code is ISO numeric, or
// empty where the atlas gives none; each polygon is a list of closed rings.
type shape struct {
	numeric, name string
	polygons      [][]ring
}

// readAtlas decodes the outlines. Arcs are thinned before countries share
// them, so that neighbours keep one border.
func readAtlas(data fs.FS, name string, tolerance float64) ([]shape, error) {
	raw, err := fs.ReadFile(data, "countries/world-atlas/"+name)
	if err != nil {
		return nil, fmt.Errorf("read outlines: %w", err)
	}
	var t topology
	if err := json.Unmarshal(raw, &t); err != nil {
		return nil, fmt.Errorf("read outlines %s: %w", name, err)
	}
	arcs := t.lines(tolerance)
	var shapes []shape
	for _, g := range t.Objects.Countries.Geometries {
		polygons, err := g.polygons(arcs)
		if err != nil {
			return nil, fmt.Errorf("read outline of %s: %w", g.Properties.Name, err)
		}
		shapes = append(shapes, shape{g.ID, g.Properties.Name, polygons})
	}
	return shapes, nil
}

// lines turns quantized differences into points of the map. Short lines are
// thinned less, so that a small island keeps its shape.
func (t topology) lines(tolerance float64) []ring {
	scale, origin := t.Transform.Scale, t.Transform.Translate
	var lines []ring
	for _, arc := range t.Arcs {
		var line ring
		var x, y float64
		for _, d := range arc {
			x, y = x+d[0], y+d[1]
			line = append(line, project(x*scale[0]+origin[0], y*scale[1]+origin[1]))
		}
		low, high := bounds(line)
		extent := max(high.x-low.x, high.y-low.y)
		lines = append(lines, thin(line, min(tolerance, extent/8)))
	}
	return lines
}

func (g geometry) polygons(lines []ring) ([][]ring, error) {
	raw := g.Arcs
	if g.Type == "Polygon" {
		raw = slices.Concat([]byte("["), raw, []byte("]"))
	}
	var indexes [][][]int
	if err := json.Unmarshal(raw, &indexes); err != nil {
		return nil, fmt.Errorf("read %s: %w", g.Type, err)
	}
	var polygons [][]ring
	for _, rings := range indexes {
		var polygon []ring
		for _, arcs := range rings {
			polygon = append(polygon, joinArcs(arcs, lines))
		}
		polygons = append(polygons, polygon)
	}
	return polygons, nil
}

// joinArcs walks arcs end to start; the point two arcs share is kept once and
// the closing point is left out.
func joinArcs(arcs []int, lines []ring) ring {
	var joined ring
	for _, i := range arcs {
		line := lines[max(i, ^i)]
		if i < 0 {
			line = slices.Clone(line)
			slices.Reverse(line)
		}
		joined = append(joined, line[:len(line)-1]...)
	}
	return joined
}
