package query

import (
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
)

// AGGREGATES: values made of related rows.

// Aggregate is an Aggregate as the planner takes it, and the first mistake in it.
type Aggregate struct {
	plan.Aggregate
	given string // as the function took it: a path, or one and a column
	err   error
}

// AggregateOfRows is a value made of rows themselves.
func AggregateOfRows(function, path string) Aggregate {
	return Aggregate{Aggregate: plan.Aggregate{Func: function, Path: path}, given: path}
}

// AggregateOfColumn is a value made of a column of rows, named behind their path.
func AggregateOfColumn(function, column string) Aggregate {
	return Aggregate{Aggregate: plan.Aggregate{Func: function, Path: column}, given: column}
}

// LevelOfTree is the level of a row of a tree.
func LevelOfTree() Aggregate { return Aggregate{Aggregate: plan.Aggregate{Func: plan.LevelFunc}} }

// split tells the column from the path in front of it, unless Of says what the value is made of.
func (a Aggregate) split() (Aggregate, error) {
	if a.Of != nil || a.Func == "count" || a.Func == "exists" || a.Func == plan.LevelFunc {
		return a, nil
	}
	dot := strings.LastIndexByte(a.given, '.')
	switch {
	case dot == len(a.given)-1 && dot > 0:
		return a, graph.Problemf(fault.ErrUnknownColumn, "%q names no column; name a path and a column, such as %q", a.given, "activities.amount")
	case dot < 0:
		return a, graph.Problemf(fault.ErrUnknownRelation, "%q names no relation; name a path and a column, such as %q, or a path, and the value by Of",
			a.given, "activities.amount")
	}
	a.Path, a.Column = a.given[:dot], a.given[dot+1:]
	return a, nil
}

// OfText says what the value is made of: all that the function was given is the path.
func (a Aggregate) OfText(expr any, args []any) Aggregate {
	switch {
	case a.Func == plan.LevelFunc:
		return a.failed("Of", levelOnly())
	case a.Func == "exists":
		return a.failed("Of", graph.Problemf(fault.ErrInvalidQuery, "Exists is made of no value; test it with Where"))
	case a.Of != nil:
		return a.failed("Of", graph.Problemf(fault.ErrInvalidQuery, "given twice; give one value"))
	}
	t, err := textOf(expr, args)
	a.Of = t
	return a.failed("Of", err)
}

// Apart has equal values taken once.
func (a Aggregate) Apart() Aggregate {
	if a.Func != "count" && a.Func != "sum" && a.Func != "avg" {
		return a.failed("Distinct", graph.Problemf(fault.ErrInvalidQuery, "equal values are the same to this one; leave it out"))
	}
	a.Distinct = true
	return a
}

// Where adds a condition on the related rows.
func (a Aggregate) Where(pred any, args []any) Aggregate {
	if a.Func == plan.LevelFunc {
		return a.failed("Where", levelOnly())
	}
	e, err := exprOf(pred, args)
	a.Preds = append(slices.Clip(a.Preds), e)
	return a.failed("Where", err)
}

// OrderBy adds terms to the order that tells which row is the first; only that has one.
func (a Aggregate) OrderBy(terms []string) Aggregate {
	if a.Func != "first" {
		return a.failed("OrderBy", graph.Problemf(fault.ErrInvalidQuery, "only FirstOf has an order; leave it out"))
	}
	for _, term := range terms {
		o, err := ParseOrder(term)
		if err != nil {
			return a.failed("OrderBy", err)
		}
		a.Aggregate.OrderBy = append(slices.Clip(a.Aggregate.OrderBy), o)
	}
	return a
}

// As names the value. The name goes into SQL text, so it is made of letters, digits and underscores.
func (a Aggregate) As(name string) Aggregate {
	a.Name = name
	for i, c := range name {
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return a.failed("As", graph.Problemf(fault.ErrInvalidQuery, "%q is not made of letters, digits and underscores", name))
		}
	}
	return a
}

// levelOnly refuses to say more of a level than its name.
func levelOnly() error {
	return graph.Problemf(fault.ErrInvalidQuery, "a level is made of no related rows; give it a name with As, and nothing else")
}

// failed keeps the first mistake.
func (a Aggregate) failed(method string, err error) Aggregate {
	if a.err == nil && err != nil {
		a.err = &plan.PathError{Method: method, Err: err}
	}
	return a
}

// With selects the values; each must have a name.
func (q *Query) With(aggregates []Aggregate) *Query {
	return q.Changed("With", func(n *Query) error {
		for _, a := range aggregates {
			a, err := a.made()
			if err != nil {
				return err
			}
			if a.Name == "" && a.Func == plan.LevelFunc {
				return graph.Problemf(fault.ErrInvalidQuery, "Level has no name; give it that of a computed field with As")
			}
			if a.Name == "" {
				return graph.Problemf(fault.ErrInvalidQuery, "the %s over %q has no name; give it one with As", a.Func, a.Path)
			}
			bound := a.Aggregate
			Append(&n.Spec.With, &bound)
		}
		return nil
	})
}

// made returns the value once all is said of it, or the first mistake.
func (a Aggregate) made() (Aggregate, error) {
	if a.err != nil {
		return a, a.err
	}
	if a.Distinct && a.Func == "count" && a.Of == nil {
		return a, &plan.PathError{Method: "Distinct", Err: graph.Problemf(fault.ErrInvalidQuery, "Count(%q) counts rows, and each is another one; "+
			"say whose values are counted, as in Count(%q).Of(\"column\")", a.Path, a.Path)}
	}
	return a.split()
}
