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
	err error
}

// AggregateOfRows is a value made of rows themselves.
func AggregateOfRows(function, path string) Aggregate {
	return Aggregate{Aggregate: plan.Aggregate{Func: function, Path: path}}
}

// AggregateOfColumn is a value made of a column of rows, named behind their path.
func AggregateOfColumn(function, column string) Aggregate {
	dot := strings.LastIndexByte(column, '.')
	if dot == len(column)-1 && dot > 0 {
		return Aggregate{err: graph.Problemf(fault.ErrUnknownColumn, "%q names no column; name a path and a column, such as %q",
			column, "activities.amount")}
	}
	if dot < 0 {
		return Aggregate{err: graph.Problemf(fault.ErrUnknownRelation, "%q names no relation; name a path and a column, such as %q",
			column, "activities.amount")}
	}
	return Aggregate{Aggregate: plan.Aggregate{Func: function, Path: column[:dot], Column: column[dot+1:]}}
}

// Where adds a condition on the related rows.
func (a Aggregate) Where(pred any, args []any) Aggregate {
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
			if a.err != nil {
				return a.err
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
