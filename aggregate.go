package dovetail

import (
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
)

// BUILD, continued: values made of related rows.

// Aggregate is one value made of the related rows of each row, for [Query.With]. It is immutable; its methods return a new
// one, and keep the first mistake for the query to return.
type Aggregate struct{ a aggregate }

// aggregate is an Aggregate as the planner takes it, and the first mistake in it.
type aggregate struct {
	plan.Aggregate
	err error
}

// Count counts the rows at the path: 0 without any.
func Count(path string) Aggregate { return Aggregate{aggregateOfRows("count", path)} }

// Exists tells whether there is a row at the path.
func Exists(path string) Aggregate { return Aggregate{aggregateOfRows("exists", path)} }

// Sum adds up a column of the rows at a path, such as "activities.amount": NULL without any.
func Sum(column string) Aggregate { return Aggregate{aggregateOfColumn("sum", column)} }

// Avg is the mean of a column of the rows at a path: NULL without any.
func Avg(column string) Aggregate { return Aggregate{aggregateOfColumn("avg", column)} }

// Min is the least value of a column of the rows at a path: NULL without any.
func Min(column string) Aggregate { return Aggregate{aggregateOfColumn("min", column)} }

// Max is the greatest value of a column of the rows at a path: NULL without any.
func Max(column string) Aggregate { return Aggregate{aggregateOfColumn("max", column)} }

// FirstOf is a column of the first row at a path in the order of [Aggregate.OrderBy], which the primary key ends: NULL
// without any.
//
//	FirstOf("activities.amount").OrderBy("created_at DESC").As("last_amount")
func FirstOf(column string) Aggregate { return Aggregate{aggregateOfColumn("first", column)} }

// aggregateOfRows is a value made of rows themselves.
func aggregateOfRows(function, path string) aggregate {
	return aggregate{Aggregate: plan.Aggregate{Func: function, Path: path}}
}

// aggregateOfColumn is a value made of a column of rows, named behind their path.
func aggregateOfColumn(function, column string) aggregate {
	dot := strings.LastIndexByte(column, '.')
	if dot == len(column)-1 && dot > 0 {
		return aggregate{err: graph.Problemf(ErrUnknownColumn, "%q names no column; name a path and a column, such as %q",
			column, "activities.amount")}
	}
	if dot < 0 {
		return aggregate{err: graph.Problemf(ErrUnknownRelation, "%q names no relation; name a path and a column, such as %q",
			column, "activities.amount")}
	}
	return aggregate{Aggregate: plan.Aggregate{Func: function, Path: column[:dot], Column: column[dot+1:]}}
}

// Where restricts the related rows, as [Query.Has] does: a bare name is a column of the related table. Several conditions
// are ANDed.
func (a Aggregate) Where(pred any, args ...any) Aggregate { return Aggregate{a.a.where(pred, args)} }

// OrderBy says which row [FirstOf] takes; the other aggregates have no order. Terms are those of [Query.OrderBy], over the
// related table.
func (a Aggregate) OrderBy(terms ...string) Aggregate { return Aggregate{a.a.orderBy(terms)} }

// As names the value: a computed field of the query's struct, or a field of the shape given to [Collect]. The name is made
// of letters, digits and underscores.
func (a Aggregate) As(name string) Aggregate { return Aggregate{a.a.as(name)} }

func (a aggregate) where(pred any, args []any) aggregate {
	e, err := exprOf(pred, args)
	a.Preds = append(slices.Clip(a.Preds), e)
	return a.failed("Where", err)
}

func (a aggregate) orderBy(terms []string) aggregate {
	if a.Func != "first" {
		return a.failed("OrderBy", graph.Problemf(ErrInvalidQuery, "only FirstOf has an order; leave it out"))
	}
	for _, term := range terms {
		o, err := parseOrder(term)
		if err != nil {
			return a.failed("OrderBy", err)
		}
		a.Aggregate.OrderBy = append(slices.Clip(a.Aggregate.OrderBy), o)
	}
	return a
}

func (a aggregate) as(name string) aggregate {
	a.Name = name
	for i, c := range name {
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return a.failed("As", graph.Problemf(ErrInvalidQuery, "%q is not made of letters, digits and underscores", name))
		}
	}
	return a
}

// failed keeps the first mistake.
func (a aggregate) failed(method string, err error) aggregate {
	if a.err == nil && err != nil {
		a.err = &plan.PathError{Method: method, Err: err}
	}
	return a
}

// With selects values made of related rows, each by a subquery of its own, so that two of them never multiply each other
// and no row of the root is dropped or repeated. They can be named in [Query.Where] and [Query.OrderBy].
//
//	Select(Authors).With(Count("books").As("book_count")).Where(squirrel.Gt{"book_count": 1}).OrderBy("book_count DESC")
//	SELECT "authors"."id", …, (SELECT count(*) FROM "books" WHERE "books"."author_id" = "authors"."id") AS "book_count" …
func (q Query[R]) With(aggregates ...Aggregate) Query[R] {
	given := make([]aggregate, len(aggregates))
	for i, a := range aggregates {
		given[i] = a.a
	}
	return queryOf[R](q.q.addWith(given))
}

func (q *query) addWith(aggregates []aggregate) *query {
	return q.with("With", func(n *query) error {
		for _, a := range aggregates {
			if a.err != nil {
				return a.err
			}
			if a.Name == "" {
				return graph.Problemf(ErrInvalidQuery, "the %s over %q has no name; give it one with As", a.Func, a.Path)
			}
			bound := a.Aggregate
			add(&n.spec.With, &bound)
		}
		return nil
	})
}
