package main

import (
	"cmp"
	"math"
	"slices"
)

// A point lies on the map: x to the right, y down, in units of its viewBox.
type point struct{ x, y float64 }

// A ring is a closed line; its last point leads back to the first.
type ring []point

// thin leaves out points nearer than tolerance to the line drawn without them
// (Douglas and Peucker 1973). The ends of an open line always stay.
func thin(line ring, tolerance float64) ring {
	if len(line) < 3 {
		return line
	}
	first, last := line[0], line[len(line)-1]
	far, distance := 0, tolerance
	for i, p := range line {
		if d := toSegment(p, first, last); d > distance {
			far, distance = i, d
		}
	}
	if far == 0 {
		return ring{first, last}
	}
	before := thin(line[:far+1], tolerance)
	return append(slices.Clone(before[:len(before)-1]), thin(line[far:], tolerance)...)
}

// toSegment is the distance from p to the line between a and b.
func toSegment(p, a, b point) float64 {
	dx, dy := b.x-a.x, b.y-a.y
	along := 0.0
	if length := dx*dx + dy*dy; length > 0 {
		along = min(1, max(0, ((p.x-a.x)*dx+(p.y-a.y)*dy)/length))
	}
	return math.Hypot(p.x-a.x-along*dx, p.y-a.y-along*dy)
}

// merge joins rings that share borders: a stretch walked once in each
// direction is an inner border and goes; what stays is stitched together.
func merge(rings []ring) []ring {
	count := map[[2]point]int{}
	for _, r := range rings {
		for i, p := range r {
			count[[2]point{p, r[(i+1)%len(r)]}]++
		}
	}
	next := map[point][]point{}
	var starts []point
	for _, r := range rings {
		for i, p := range r {
			q := r[(i+1)%len(r)]
			if p != q && count[[2]point{q, p}] == 0 {
				next[p] = append(next[p], q)
				starts = append(starts, p)
			}
		}
	}
	return stitch(starts, next)
}

func stitch(starts []point, next map[point][]point) []ring {
	var rings []ring
	for _, start := range starts {
		var r ring
		for p := start; len(next[p]) > 0; {
			q := next[p][0]
			next[p] = next[p][1:]
			r, p = append(r, p), q
		}
		if len(r) > 0 {
			rings = append(rings, r)
		}
	}
	return rings
}

func area(r ring) float64 {
	sum := 0.0
	for i, p := range r {
		q := r[(i+1)%len(r)]
		sum += p.x*q.y - q.x*p.y
	}
	return math.Abs(sum) / 2
}

// labelPoint is where a mark for the country sits best: of a raster over its
// largest ring, the point inside that has most room around it and is not far
// from the middle (which matters for long countries: Chile, Viet Nam).
func labelPoint(rings []ring) point {
	largest := slices.MaxFunc(rings, func(a, b ring) int { return cmp.Compare(area(a), area(b)) })
	low, high := bounds(largest)
	middle := point{(low.x + high.x) / 2, (low.y + high.y) / 2}
	best, most := middle, math.Inf(-1)
	const steps, pull = 48, 0.1
	for i := range steps * steps {
		p := point{
			low.x + (high.x-low.x)*(float64(i%steps)+0.5)/steps,
			low.y + (high.y-low.y)*(float64(i/steps)+0.5)/steps,
		}
		inside, room := distanceIn(p, rings)
		if score := room - pull*math.Hypot(p.x-middle.x, p.y-middle.y); inside && score > most {
			best, most = p, score
		}
	}
	return best
}

func bounds(r ring) (low, high point) {
	low, high = r[0], r[0]
	for _, p := range r {
		low = point{min(low.x, p.x), min(low.y, p.y)}
		high = point{max(high.x, p.x), max(high.y, p.y)}
	}
	return low, high
}

// distanceIn tells whether p lies inside the rings (even-odd rule, so holes
// count as outside) and how far the nearest border is.
func distanceIn(p point, rings []ring) (inside bool, nearest float64) {
	nearest = math.Inf(1)
	for _, r := range rings {
		for i, a := range r {
			b := r[(i+1)%len(r)]
			nearest = min(nearest, toSegment(p, a, b))
			if (a.y > p.y) != (b.y > p.y) && p.x < a.x+(b.x-a.x)*(p.y-a.y)/(b.y-a.y) {
				inside = !inside
			}
		}
	}
	return inside, nearest
}
