package main

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"slices"
	"time"
)

// plotted is the workload that is drawn, W10, and delays how far away the server is.
var plotted = workload{name: "W10", call: "four", n: 100}

var delays = []time.Duration{0, time.Millisecond, 5 * time.Millisecond}

// curve is what a contender takes by the delay, in milliseconds.
type curve struct {
	name, colour string
	points       []spread // by delay
}

// draw asks the server from all distances and writes the picture.
func (b *bench) draw(ctx context.Context, runners []*runner) error {
	if err := b.compare(ctx, plotted, runners, make([]score, len(runners))); err != nil {
		return err
	}
	names, colours := []string{"pgx by hand, one after the other", "dovetail", "dovetail, OneRoundTrip"}, []string{"#777777", "#0072b2", "#d55e00"}
	curves := make([]curve, len(runners))
	for i := range runners {
		curves[i] = curve{name: names[i], colour: colours[i]}
	}
	for _, delay := range delays {
		took := make([][]float64, len(runners))
		for range b.rounds {
			for i, r := range runners {
				r.tape.delay = delay
				start, n := time.Now(), 0
				for n == 0 || time.Since(start) < b.share {
					if _, err := r.call(ctx, plotted); err != nil {
						return fmt.Errorf("%s: %w", r.name, err)
					}
					n++
				}
				took[i] = append(took[i], float64(time.Since(start).Microseconds())/1000/float64(n))
			}
		}
		for i, t := range took {
			s := spreadOf(t)
			curves[i].points = append(curves[i].points, s)
			fmt.Printf("%-34s %4v: %6.2f ms (%.2f–%.2f)\n", curves[i].name, delay, s.median, s.min, s.max)
		}
	}
	return os.WriteFile(b.plot, svg(curves), 0o644)
}

// The picture's parts, in its own units.
const (
	width, height           = 800, 400
	left, right, top, floor = 60, 510, 60, 350
)

// svg draws the medians, with the least and the greatest as bars, which end with the picture.
func svg(curves []curve) []byte {
	most := 0.0
	for _, c := range curves {
		for _, p := range c.points {
			most = max(most, p.median)
		}
	}
	step := gap(most)
	most = math.Ceil(most/step) * step
	x := func(delay time.Duration) float64 {
		return left + (right-left)*float64(delay)/float64(delays[len(delays)-1])
	}
	y := func(ms float64) float64 { return floor - (floor-top)*ms/most }
	var out bytes.Buffer
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="13" fill="#222222">`+"\n", width, height)
	fmt.Fprintf(&out, `<rect width="%d" height="%d" fill="#ffffff"/>`+"\n", width, height)
	fmt.Fprintf(&out, `<text x="%d" y="28" font-size="16">100 accounts with four relations: time of a call, ms</text>`+"\n", left)
	for ms := 0.0; ms <= most+step/2; ms += step {
		fmt.Fprintf(&out, `<path d="M%d %.1fH%d" stroke="#dddddd"/><text x="%d" y="%.1f" text-anchor="end">%g</text>`+"\n", left, y(ms), right, left-8, y(ms)+4, ms)
	}
	for _, d := range delays {
		fmt.Fprintf(&out, `<text x="%.1f" y="%d" text-anchor="middle">%d ms</text>`+"\n", x(d), floor+20, d.Milliseconds())
	}
	fmt.Fprintf(&out, `<text x="%d" y="%d" text-anchor="middle">from a question to its answer, by the network</text>`+"\n", (left+right)/2, floor+40)
	labels := labelled(curves, y)
	for i, c := range curves {
		line, bars := "", ""
		for j, p := range c.points {
			line += fmt.Sprintf(" %.1f,%.1f", x(delays[j]), y(p.median))
			bars += fmt.Sprintf("M%.1f %.1fV%.1f", x(delays[j]), y(p.min), y(min(p.max, most)))
		}
		last := c.points[len(c.points)-1]
		fmt.Fprintf(&out, `<g stroke="%s" fill="none"><polyline points="%s" stroke-width="2.5"/><path d="%s" stroke-width="1"/></g>`+"\n", c.colour, line[1:], bars)
		fmt.Fprintf(&out, `<text x="%d" y="%.1f" fill="%s">%.1f  %s</text>`+"\n", right+10, labels[i], c.colour, last.median, c.name)
	}
	fmt.Fprintln(&out, "</svg>")
	return out.Bytes()
}

// gap is a round number of which a handful fill the picture.
func gap(most float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(most)))
	for _, part := range []float64{0.2, 0.5, 1} {
		if most/(unit*part) <= 6 {
			return unit * part
		}
	}
	return 2 * unit
}

// labelled are the heights of the curves' names, beside their ends but not upon each other.
func labelled(curves []curve, y func(float64) float64) []float64 {
	heights, order := make([]float64, len(curves)), make([]int, len(curves))
	for i, c := range curves {
		heights[i], order[i] = y(c.points[len(c.points)-1].median)+4, i
	}
	slices.SortFunc(order, func(a, b int) int { return int(heights[a] - heights[b]) })
	for i := 1; i < len(order); i++ {
		heights[order[i]] = max(heights[order[i]], heights[order[i-1]]+18)
	}
	return heights
}
