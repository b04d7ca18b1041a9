package plan

import "slices"

// GIVEN: a plan that serves many calls holds, in the place of each value of a call, what says which of the call's values it is. What
// is made of the values, text apart, is made anew for each call; what the text depends on is part of the shape, see Shape.

// Given stands for a value that a call gives, in the plan of a query that other calls have other values for.
type Given struct {
	N     int // its place among the values of the call
	Value any // that of the call the plan was made for: all others are of its type

	made []func(value any) (any, error) // what becomes of the call's value before it is sent
	use  *use                           // of all that is made of the value
}

// use is what became of a value while its query was planned and written.
type use struct {
	placed bool // a statement has it
}

// Place marks that a statement has the value.
func (g *Given) Place() { g.use.placed = true }

// Placed reports whether a statement has the value.
func (g *Given) Placed() bool { return g.use.placed }

// Sent returns what is sent of a value that another call gives, or what is wrong with it.
func (g *Given) Sent(value any) (any, error) {
	var err error
	for _, made := range g.made {
		if value, err = made(value); err != nil {
			return nil, err
		}
	}
	return value, nil
}

// into returns the value as made makes it.
func (g *Given) into(value any, made func(any) (any, error)) *Given {
	return &Given{N: g.N, Value: value, made: append(slices.Clip(g.made), made), use: g.use}
}

// ValueOf returns a value, that of the call where it is given.
func ValueOf(arg any) any {
	if g, ok := arg.(*Given); ok {
		return g.Value
	}
	return arg
}
