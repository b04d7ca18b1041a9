// Package levels orders things that need each other: first those that need nothing, then those that need only them, and so
// on. It knows nothing of what the things are.
package levels

import "slices"

// Need says that one thing needs another to be there before it.
type Need struct {
	Of, On int
	// Later says that the one can be there before the other if it is told of the other afterwards.
	Later bool
	// Beside says that the one can be there together with the other: in its level, behind it. Where such needs go around in a cycle,
	// none of the cycle is kept.
	Beside bool
}

// Order is when each thing can be there.
type Order struct {
	Levels    [][]int // in each, things by their numbers, ascending; what they need is in the levels before, or beside them
	Depths    []int   // of each thing, how many others of its level it is behind, in a row; nil: none is behind another
	Postponed []int   // the numbers of the needs that are met afterwards, ascending
	Unkept    []int   // the numbers of the needs that are not kept, ascending
}

// Of orders the things 0 to n-1. As few needs are postponed as a search that follows each cycle from its smallest thing
// finds. Where no need of a cycle can be postponed it returns the things of the cycle, each needing the one after it and the
// last the first.
func Of(n int, needs []Need) (order Order, cycle []int) {
	left := make([]bool, len(needs))
	if order.fill(n, needs, left) {
		return order, nil
	}
	order.Unkept = around(n, needs)
	for _, need := range order.Unkept {
		left[need] = true
	}
	s := newSearch(n, needs, left)
	for i := range n {
		if cycle := s.breakCycles(i); cycle != nil {
			return Order{}, cycle
		}
	}
	for i, p := range s.postponed {
		if p {
			order.Postponed, left[i] = append(order.Postponed, i), true
		}
	}
	order.fill(n, needs, left)
	return order, nil
}

// around returns the needs that can be met beside and are part of a cycle of which nothing can be postponed: those between things that
// need each other, by whatever way. It walks along the needs, and a thing is done with when all that it needs is; what was met on the
// walk since the first thing that it comes back to needs each other.
func around(n int, needs []Need) (unkept []int) {
	if !slices.ContainsFunc(needs, func(need Need) bool { return need.Beside }) {
		return nil
	}
	of, met, first, in := grouped(n, needs, func(need Need) int { return need.Of }), make([]int, n), make([]int, n), make([]int, n)
	var walk, open []int // the things on the way, and those that are not yet of a group
	count := 0
	for start := range n {
		if met[start] == 0 {
			walk = append(walk, start)
		}
		for len(walk) > 0 {
			at := walk[len(walk)-1]
			if met[at] == 0 {
				count++
				met[at], first[at], open = count, count, append(open, at)
			}
			if len(of[at]) > 0 {
				need := needs[of[at][0]]
				switch {
				case need.Later:
				case met[need.On] == 0:
					walk = append(walk, need.On)
					continue
				case in[need.On] == 0:
					first[at] = min(first[at], first[need.On])
				}
				of[at] = of[at][1:]
				continue
			}
			walk = walk[:len(walk)-1]
			for first[at] == met[at] && in[at] == 0 { // it comes back to nothing before itself
				in[open[len(open)-1]], open = met[at], open[:len(open)-1]
			}
		}
	}
	for i, need := range needs {
		if need.Beside && in[need.Of] == in[need.On] {
			unkept = append(unkept, i)
		}
	}
	return unkept
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

func newSearch(n int, needs []Need, left []bool) *search {
	s := &search{
		needs: needs, of: grouped(n, needs, func(need Need) int { return need.Of }), on: grouped(n, needs, func(need Need) int { return need.On }),
		open: make([]int, n), place: make([]int, n), postponed: make([]bool, len(needs)), met: slices.Clone(left),
	}
	for i, need := range needs {
		if !left[i] {
			s.open[need.Of]++
		}
	}
	var ready []int
	for i := range n {
		s.place[i] = -1
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

// fill puts the things into levels. It returns false, and leaves out the things that wait for one another, where there are cycles of
// the needs that are not left out.
func (o *Order) fill(n int, needs []Need, left []bool) bool {
	o.Levels, o.Depths = nil, nil
	open, waiting := make([]int, n), grouped(n, needs, func(need Need) int { return need.On }) // how many needs are not met; those on each
	for i, need := range needs {
		if left[i] {
			continue
		}
		open[need.Of]++
		if need.Beside && o.Depths == nil {
			o.Depths = make([]int, n)
		}
	}
	level, at, placed := make([]int, 0, n), make([]int, n), 0
	for i := range n {
		if open[i] == 0 {
			level = append(level, i)
		}
	}
	for len(level) > 0 {
		var next []int
		for k := 0; k < len(level); k++ { // it grows by what goes beside
			i := level[k]
			for _, need := range waiting[i] {
				if left[need] {
					continue
				}
				of := needs[need].Of
				o.behind(needs[need], at)
				if open[of]--; open[of] > 0 {
					continue
				}
				if at[of] == len(o.Levels) {
					level = append(level, of)
				} else {
					next = append(next, of)
				}
			}
		}
		slices.Sort(level)
		o.Levels, placed = append(o.Levels, level), placed+len(level)
		level = next
	}
	return placed == n
}

// behind puts a thing into the level, and behind the thing in it, that a need takes it to.
func (o *Order) behind(need Need, at []int) {
	level, depth := at[need.On], 0
	if need.Beside {
		depth = o.Depths[need.On] + 1
	} else {
		level++
	}
	switch {
	case level > at[need.Of]:
		at[need.Of] = level
		if o.Depths != nil {
			o.Depths[need.Of] = depth
		}
	case level == at[need.Of] && o.Depths != nil:
		o.Depths[need.Of] = max(o.Depths[need.Of], depth)
	}
}
