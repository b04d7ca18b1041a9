package levels_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/dovetail-go/dovetail/internal/levels"
)

func TestOf(t *testing.T) {
	t.Parallel()
	need := func(of, on int) levels.Need { return levels.Need{Of: of, On: on} }
	later := func(of, on int) levels.Need { return levels.Need{Of: of, On: on, Later: true} }
	beside := func(of, on int) levels.Need { return levels.Need{Of: of, On: on, Beside: true} }
	for _, test := range []struct {
		name  string
		n     int
		needs []levels.Need
		want  string
	}{
		{"nothing", 0, nil, "[] []"},
		{"no needs", 3, nil, "[[0 1 2]] []"},
		{"a chain", 3, []levels.Need{need(0, 1), need(1, 2)}, "[[2] [1] [0]] []"},
		{"a diamond", 4, []levels.Need{need(3, 1), need(3, 2), need(1, 0), need(2, 0)}, "[[0] [1 2] [3]] []"},
		{"one need twice", 2, []levels.Need{need(1, 0), need(1, 0)}, "[[0] [1]] []"},
		{"a need that could wait need not", 2, []levels.Need{later(1, 0)}, "[[0] [1]] []"},
		{"two that need each other", 2, []levels.Need{need(0, 1), later(1, 0)}, "[[1] [0]] [1]"},
		{"one that needs itself", 1, []levels.Need{later(0, 0)}, "[[0]] [0]"},
		{"two cycles", 4, []levels.Need{need(0, 1), later(1, 0), need(2, 3), later(3, 2)}, "[[1 3] [0 2]] [1 3]"},
		{"a cycle behind a chain", 3, []levels.Need{need(0, 1), need(1, 2), later(2, 1)}, "[[2] [1] [0]] [2]"},
		{"no way out", 3, []levels.Need{need(0, 1), need(1, 2), need(2, 1)}, "cycle [1 2]"},
		{"one that needs itself at once", 2, []levels.Need{need(1, 1)}, "cycle [1]"},
		{"a chain beside", 3, []levels.Need{beside(0, 1), beside(1, 2)}, "[[0 1 2]] [] [2 1 0] []"},
		{"beside one that is behind", 3, []levels.Need{beside(0, 1), need(1, 2)}, "[[2] [0 1]] [] [1 0 0] []"},
		{"beside one before", 3, []levels.Need{beside(0, 2), need(0, 1)}, "[[1 2] [0]] [] [0 0 0] []"},
		{"behind one that is beside", 3, []levels.Need{need(0, 1), beside(1, 2)}, "[[1 2] [0]] [] [0 1 0] []"},
		{"a cycle beside", 3, []levels.Need{beside(0, 1), beside(1, 0), beside(2, 1)}, "[[0 1 2]] [] [0 0 1] [0 1]"},
		{"between two cycles beside", 5, []levels.Need{beside(0, 1), beside(1, 0), beside(2, 1), beside(3, 2), beside(3, 4), beside(4, 3)},
			"[[0 1 2 3 4]] [] [0 0 1 2 0] [0 1 4 5]"},
		{"a cycle of which one is beside", 2, []levels.Need{need(0, 1), beside(1, 0)}, "[[1] [0]] [] [] [1]"},
		{"a cycle that is broken elsewhere", 2, []levels.Need{later(0, 1), beside(1, 0)}, "[[0 1]] [0] [0 1] []"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			order, cycle := levels.Of(test.n, test.needs)
			got := fmt.Sprint(order.Levels, " ", order.Postponed)
			if slices.ContainsFunc(test.needs, func(n levels.Need) bool { return n.Beside }) {
				got = fmt.Sprint(got, " ", order.Depths, " ", order.Unkept)
			}
			if cycle != nil {
				got = fmt.Sprint("cycle ", cycle)
			}
			if got != test.want {
				t.Errorf("expected %s, got %s", test.want, got)
			}
		})
	}
}

func TestOfRandom(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 8).Draw(t, "n")
		needs := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) levels.Need {
			kind := rapid.IntRange(0, 2).Draw(t, "kind")
			return levels.Need{Of: rapid.IntRange(0, n-1).Draw(t, "of"), On: rapid.IntRange(0, n-1).Draw(t, "on"), Later: kind == 1, Beside: kind == 2}
		}), 0, 12).Draw(t, "needs")
		order, cycle := levels.Of(n, needs)
		if cycle != nil {
			for i, of := range cycle {
				want := levels.Need{Of: of, On: cycle[(i+1)%len(cycle)]}
				if !slices.Contains(needs, want) {
					t.Fatalf("%v is no cycle of needs that cannot wait", cycle)
				}
			}
			return
		}
		level := make([]int, n)
		seen := 0
		for l, list := range order.Levels {
			for _, i := range list {
				level[i] = l
				seen++
			}
		}
		if seen != n {
			t.Fatalf("expected each thing once, got %v", order.Levels)
		}
		for i, need := range needs {
			if need.Beside {
				expectBeside(t, n, needs, i, order, level)
				continue
			}
			switch postponed := slices.Contains(order.Postponed, i); {
			case postponed && !need.Later:
				t.Fatalf("need %d was postponed and cannot be", i)
			case !postponed && level[need.Of] <= level[need.On]:
				t.Fatalf("need %d is not met: %v", i, order.Levels)
			}
		}
	})
}

// expectBeside expects a need that can be met beside to be met, unless it is part of a cycle of which nothing can be postponed.
func expectBeside(t *rapid.T, n int, needs []levels.Need, i int, order levels.Order, level []int) {
	reached, need := make([]bool, n), needs[i]
	reached[need.On] = true
	for range n {
		for _, other := range needs {
			reached[other.On] = reached[other.On] || reached[other.Of] && !other.Later
		}
	}
	switch unkept := slices.Contains(order.Unkept, i); {
	case unkept && !reached[need.Of]:
		t.Fatalf("need %d is not kept and is in no cycle: %v", i, order)
	case !unkept && level[need.Of] == level[need.On] && order.Depths[need.Of] <= order.Depths[need.On],
		!unkept && level[need.Of] < level[need.On]:
		t.Fatalf("need %d is not met: %v", i, order)
	}
}

// TestOfManyCycles is about a search that would take minutes if it began anew for each cycle.
func TestOfManyCycles(t *testing.T) {
	t.Parallel()
	const pairs = 100_000
	needs := make([]levels.Need, 0, 3*pairs)
	for i := range pairs {
		// Each pair is a cycle, and the first of it needs the next pair, so that the walk is long.
		needs = append(needs, levels.Need{Of: 2 * i, On: 2*i + 1}, levels.Need{Of: 2*i + 1, On: 2 * i, Later: true})
		if i+1 < pairs {
			needs = append(needs, levels.Need{Of: 2*i + 1, On: 2 * (i + 1)})
		}
	}
	order, cycle := levels.Of(2*pairs, needs)
	if cycle != nil || len(order.Postponed) != pairs || len(order.Levels) != 2*pairs {
		t.Errorf("expected %d needs to wait and %d levels, got %d, %d and the cycle %v", pairs, 2*pairs, len(order.Postponed),
			len(order.Levels), cycle)
	}
}
