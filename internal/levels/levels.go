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
	postponed := make([]bool, len(needs))
	for {
		left := order.fill(n, needs, postponed)
		if len(left) == 0 {
			break
		}
		along := cycleIn(left, needs, postponed)
		at := slices.IndexFunc(along, func(i int) bool { return needs[i].Later })
		if at < 0 {
			for _, i := range along {
				cycle = append(cycle, needs[i].Of)
			}
			return Order{}, cycle
		}
		postponed[along[at]] = true
	}
	for i, p := range postponed {
		if p {
			order.Postponed = append(order.Postponed, i)
		}
	}
	return order, nil
}

// fill puts into levels what can be there and returns the rest.
func (o *Order) fill(n int, needs []Need, postponed []bool) (left []int) {
	open, waiting := make([]int, n), make([][]int, n) // how many needs are not met; who waits for each
	for i, need := range needs {
		if !postponed[i] {
			open[need.Of]++
			waiting[need.On] = append(waiting[need.On], need.Of)
		}
	}
	var level []int
	for i := range n {
		if open[i] == 0 {
			level = append(level, i)
		}
	}
	o.Levels = nil
	for len(level) > 0 {
		o.Levels = append(o.Levels, level)
		var next []int
		for _, i := range level {
			for _, of := range waiting[i] {
				if open[of]--; open[of] == 0 {
					next = append(next, of)
				}
			}
		}
		slices.Sort(next)
		level = next
	}
	for i := range n {
		if open[i] > 0 {
			left = append(left, i)
		}
	}
	return left
}

// cycleIn returns the needs of a cycle among things each of which needs another of them.
func cycleIn(left []int, needs []Need, postponed []bool) []int {
	among := make(map[int]int, len(left)) // the first need of each
	for i, need := range slices.Backward(needs) {
		_, on := slices.BinarySearch(left, need.On)
		if _, of := slices.BinarySearch(left, need.Of); of && on && !postponed[i] {
			among[need.Of] = i
		}
	}
	at, seen := left[0], map[int]int{}
	var along []int
	for {
		if from, known := seen[at]; known {
			return along[from:]
		}
		seen[at] = len(along)
		need := among[at]
		along = append(along, need)
		at = needs[need].On
	}
}
