package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// tables are the scores of all workloads, as Markdown.
type tables struct {
	names     []contender
	server    string
	workloads []workload
	scores    [][]score
}

func (t *tables) add(w workload, scores []score) {
	t.workloads, t.scores = append(t.workloads, w), append(t.scores, scores)
}

// print writes a table for the CPU, the time by the clock and the allocations, and what its marks mean.
func (t *tables) print(out io.Writer) {
	if len(t.workloads) == 0 {
		return
	}
	fmt.Fprintln(out, "\n"+versions(t.names, t.server))
	t.table(out, "client CPU, by hand = 1", 1, func(s score) string { return fmt.Sprintf("%.2f", s.cpu.median) })
	t.table(out, "time by the clock, by hand = 1", 1, func(s score) string { return fmt.Sprintf("%.2f", s.wall.median) })
	t.table(out, "allocations of a call", 0, func(s score) string { return fmt.Sprintf("%.0f", s.allocs) })
	marked, notes := false, ""
	for i, c := range t.names {
		for j, w := range t.workloads {
			marked = marked || slices.Contains(c.byHand, w.name)
			if lacks := t.scores[j][i].lacks; lacks != nil {
				notes += fmt.Sprintf("%s, %s: %v\n", c.name, w.name, lacks)
			}
		}
	}
	if marked {
		notes = "* relations put together by hand\n" + notes
	}
	if notes != "" {
		fmt.Fprintln(out, "\n"+strings.TrimSuffix(notes, "\n"))
	}
}

// table leaves out the contenders before the first.
func (t *tables) table(out io.Writer, title string, first int, cell func(score) string) {
	fmt.Fprintf(out, "\n| %s |", title)
	for _, c := range t.names[first:] {
		fmt.Fprintf(out, " %s |", c.name)
	}
	fmt.Fprintf(out, "\n|---|%s\n", strings.Repeat("--:|", len(t.names)-first))
	for i, w := range t.workloads {
		fmt.Fprintf(out, "| %s (%s) |", w.what, w.name)
		for j, s := range t.scores[i][first:] {
			switch {
			case s.lacks != nil:
				fmt.Fprint(out, " – |")
			case slices.Contains(t.names[first+j].byHand, w.name):
				fmt.Fprintf(out, " %s* |", cell(s))
			default:
				fmt.Fprintf(out, " %s |", cell(s))
			}
		}
		fmt.Fprintln(out)
	}
}
