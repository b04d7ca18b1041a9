// Package levels orders things that need each other: first those that need nothing, then those that need only them, and so
// on. It knows nothing of what the things are.
package levels

import "slices"

// Need says that one thing needs another to be there before it.
type Need struct {
	Of, On int
	// Later says that the one can be there before the other if it is told of the other afterwards.
	Later bool
}

// Order is when each thing can be there.
type Order struct {
	Levels    [][]int // in each, things by their numbers, ascending; what they need is in the levels before
	Postponed []int   // the numbers of the needs that are met afterwards, ascending
}

// Of orders the things 0 to n-1. As few needs are postponed as a search that follows each cycle from its smallest thing
// finds. Where no need of a cycle can be postponed it returns the things of the cycle, each needing the one after it and the
// last the first.
func Of(n int, needs []Need) (order Order, cycle []int) {
	if order.fill(n, needs, make([]bool, len(needs))) {
		return order, nil
	}
	s := newSearch(n, needs)
	for i := range n {
		if cycle := s.breakCycles(i); cycle != nil {
			return Order{}, cycle
		}
	}
	for i, p := range s.postponed {
		if p {
			order.Postponed = append(order.Postponed, i)
		}
	}
	order.fill(n, needs, s.postponed)
	return order, nil
}

// grouped returns the numbers of needs by one of their two things, ascending.
func grouped(n int, needs []Need, by func(Need) int) [][]int {
	counts, all, groups := make([]int, n), make([]int, len(needs)), make([][]int, n)
	for _, need := range needs {
		counts[by(need)]++
	}
	from := 0
	for i, count := range counts {
		groups[i] = all[from : from : from+count]
		from += count
	}
	for i, need := range needs {
		groups[by(need)] = append(groups[by(need)], i)
	}
	return groups
}

// search finds needs to be postponed so that there is no cycle left. It takes away what can be there; among what is left, each
// thing needs another, so that a walk along the needs ends in a cycle.
type search struct {
	needs     []Need
	of, on    [][]int // the needs of each thing that are not met, and those on it
	open      []int   // how many needs of each thing are not met
	postponed []bool
	met       []bool // or postponed
	walk      []int  // needs, each of the thing that the one before it is on
	place     []int  // of each thing, where the walk has its need; -1: nowhere
}

func newSearch(n int, needs []Need) *search {
	s := &search{
		needs: needs, of: grouped(n, needs, func(need Need) int { return need.Of }), on: grouped(n, needs, func(need Need) int { return need.On }),
		open: make([]int, n), place: make([]int, n), postponed: make([]bool, len(needs)), met: make([]bool, len(needs)),
	}
	var ready []int
	for i := range n {
		s.place[i], s.open[i] = -1, len(s.of[i])
		if s.open[i] == 0 {
			ready = append(ready, i)
		}
	}
	s.take(ready)
	return s
}

// take takes away things that need nothing, and those that need only them.
func (s *search) take(ready []int) {
	for len(ready) > 0 {
		i := ready[len(ready)-1]
		ready = ready[:len(ready)-1]
		for _, need := range s.on[i] {
			if s.meet(need) {
				ready = append(ready, s.needs[need].Of)
			}
		}
	}
}

// meet notes that a need is met, and reports whether its thing needs nothing now.
func (s *search) meet(need int) bool {
	if s.met[need] {
		return false
	}
	s.met[need] = true
	of := s.needs[need].Of
	s.open[of]--
	return s.open[of] == 0
}

// breakCycles postpones a need of each cycle that the walk from a thing meets, until the thing can be there. It returns a cycle
// of which no need can be postponed.
func (s *search) breakCycles(start int) (cycle []int) {
	at := start
	for s.open[start] > 0 {
		if s.place[at] < 0 {
			for s.met[s.of[at][0]] {
				s.of[at] = s.of[at][1:]
			}
			s.place[at] = len(s.walk)
			s.walk = append(s.walk, s.of[at][0])
			at = s.needs[s.of[at][0]].On
			continue
		}
		along := s.walk[s.place[at]:]
		i := slices.IndexFunc(along, func(need int) bool { return s.needs[need].Later })
		if i < 0 {
			for _, need := range along {
				cycle = append(cycle, s.needs[need].Of)
			}
			return cycle
		}
		need := along[i]
		at = s.back(s.place[at] + i)
		s.postponed[need] = true
		if s.meet(need) {
			s.take([]int{at})
		}
		for s.open[at] == 0 && len(s.walk) > 0 {
			at = s.back(len(s.walk) - 1)
		}
	}
	return nil
}

// back goes back on the walk, and returns the thing whose need had the place.
func (s *search) back(place int) (at int) {
	at = s.needs[s.walk[place]].Of
	for _, need := range s.walk[place:] {
		s.place[s.needs[need].Of] = -1
	}
	s.walk = s.walk[:place]
	return at
}

// fill puts the things into levels. It returns false, and leaves out the things that wait for one another, where there are cycles.
func (o *Order) fill(n int, needs []Need, postponed []bool) bool {
	o.Levels = nil
	open, waiting := make([]int, n), grouped(n, needs, func(need Need) int { return need.On }) // how many needs are not met; those on each
	for i, need := range needs {
		if !postponed[i] {
			open[need.Of]++
		}
	}
	level, placed := make([]int, 0, n), 0
	for i := range n {
		if open[i] == 0 {
			level = append(level, i)
		}
	}
	for len(level) > 0 {
		o.Levels, placed = append(o.Levels, level), placed+len(level)
		var next []int
		for _, i := range level {
			for _, need := range waiting[i] {
				if postponed[need] {
					continue
				}
				of := needs[need].Of
				if open[of]--; open[of] == 0 {
					next = append(next, of)
				}
			}
		}
		slices.Sort(next)
		level = next
	}
	return placed == n
}
