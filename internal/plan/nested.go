package plan

import (
	"errors"

	"github.com/dovetail-go/dovetail/internal/graph"
)

// Input of this file: queries inside others, as values, lists and tables of theirs.

// source binds what is read instead of a table. Its text stands by itself: no name in it is one of the query's.
func (s *Scope) source(e Expr) (Expr, error) {
	if sub, ok := e.(*Subquery); ok {
		return sub.plan(s, place{own: claims{}})
	}
	t, ok := e.(*Text)
	if !ok {
		return s.expr(e, false)
	}
	bound := *t
	bound.Rows = &Scope{names: s.names, applied: s.applied}
	bound.Args = make([]any, len(t.Args))
	for i, a := range t.Args {
		if nested, ok := a.(Expr); ok {
			var err error
			if a, err = s.source(nested); err != nil {
				return nil, err
			}
		}
		bound.Args[i] = a
	}
	return &bound, nil
}

// plan plans a query at a place of s, for the same database.
func (e *Subquery) plan(s *Scope, at place) (Expr, error) {
	rules, err := e.Rules()
	if err != nil {
		return nil, err
	}
	spec := *e.Spec
	spec.Unload(func(PreloadClause) bool { return true })
	b := builder{s.names.features, rules, s.applied.depth, &lifting{met: map[*Lift]bool{}}}
	query, err := b.whole(&spec, at)
	if err == nil && query.names.hides() {
		at.reserved = query.names.borrowed
		query, err = b.whole(&spec, at)
	}
	if err != nil {
		return nil, inQueryOf(e.Spec.Table, err)
	}
	bound := *e
	bound.Query = query
	return &bound, nil
}

// inQueryOf says in which of the queries inside another an error was found, the innermost.
func inQueryOf(t *graph.Table, err error) error {
	var inner *PathError
	for next := err; errors.As(next, &inner); next = inner.Err {
		if inner.nested {
			return err
		}
	}
	return &PathError{Method: graph.Textf("the query of %q", t.Name), Err: err, nested: true}
}
