package query

import (
	"errors"
	"slices"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/plan"
)

// BUILD: a query records clauses, untyped. Nothing is resolved here; the first mistake is kept, and returned when the query is
// compiled.

// Request is what a call asks of the rows of a table.
type Request struct {
	Table *model.Table
	Spec  plan.Spec
	Tx    dialect.TxOptions // of the transaction that its statements run in; the zero value is none of its own
	Err   error             // the first mistake

	AtOnce bool // the rows of preloads come in the query's own statement, where that can be
}

// Query is a query of users without its type. It is never changed once it is reachable.
type Query struct {
	Request
	beyond string // the first method called that gives more than a condition
}

// Asked returns what the query asks for, nil for an empty one.
func (q *Query) Asked() *Request {
	if q == nil {
		return nil
	}
	return &q.Request
}

// Carrier is what the typed queries of users embed, so that they are recognised inside squirrel's expressions.
type Carrier struct{ q *Query }

// Carry returns the carrier of a query.
func Carry(q *Query) Carrier { return Carrier{q} }

// Carried returns the query, nil for an empty one.
func (c Carrier) Carried() *Query { return c.q }

// Select returns the query for all rows of the table.
func Select(t *model.Table) *Query {
	return &Query{Request: Request{Table: t, Spec: *plan.NewSpec(t.Graph)}}
}

// Failed returns a query that cannot be run, and says why.
func Failed(why string) *Query {
	return &Query{Request: Request{Err: graph.Problemf(fault.ErrUnknownTable, "%s", why)}}
}

// Changed returns a copy of the query that change was made to.
func (q *Query) Changed(method string, change func(*Query) error) *Query {
	if q == nil {
		q = Failed("the query is empty; make it with Select")
	}
	copied := *q
	next := &copied
	if next.beyond == "" && !slices.Contains(conditions, method) {
		next.beyond = method
	}
	if next.Err == nil {
		if err := change(next); err != nil {
			next.Err = &plan.PathError{Method: method, Err: err}
		}
	}
	return next
}

// conditions are the methods that do nothing but add a condition.
var conditions = []string{"Where", "Has", "HasNone", "HasEvery", "HasAtLeast", "HasAll"}

// Append appends without touching what other queries share.
func Append[E any](list *[]E, items ...E) { *list = append(slices.Clip(*list), items...) }

// nestable refuses, for a query inside another, what only the outermost can have.
func (q *Query) nestable() error {
	method := ""
	switch {
	case q.Tx != (dialect.TxOptions{}):
		method = "Snapshot"
	case q.AtOnce:
		method = "OneRoundTrip"
	default:
		return nil
	}
	return graph.Problemf(fault.ErrInvalidQuery, "%s is for a query that is run by itself; call it on the outermost one", method)
}

// Failure turns an error of the planner into the public one.
func Failure(op string, err error) error {
	q := &fault.QueryError{Op: op, Err: err}
	var at *plan.PathError
	if errors.As(err, &at) {
		q.Err = at.Err
		if at.Path != "" {
			q.Op, q.Path = "preload", at.Path
		}
		if at.Method != "" {
			q.Err = &plan.PathError{Method: at.Method, Err: at.Err}
		}
	}
	for _, sentinel := range []error{fault.ErrUnknownTable, fault.ErrUnknownRelation, fault.ErrAmbiguous, fault.ErrInvalidRelation, fault.ErrFrozen} {
		var declared *fault.RelationError
		if errors.Is(err, sentinel) && !errors.As(err, &declared) {
			q.Err = &fault.RelationError{Path: q.Path, Err: q.Err}
			break
		}
	}
	return q
}
