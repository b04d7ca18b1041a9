package query

import (
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
)

// Fetch fills the relations at the paths from the rows of the query's own statement.
func (q *Query) Fetch(paths ...string) *Query {
	return q.Changed("Fetch", func(n *Query) error {
		for _, path := range paths {
			Append(&n.Spec.Preloads, plan.PreloadClause{Method: "Fetch", Path: path, Fetch: true})
		}
		return nil
	})
}

// Preload adds a preload, of a tree unless that is nil.
func (q *Query) Preload(method, path string, tree *plan.Tree, queries []*Query) *Query {
	return q.Changed(method, func(n *Query) error {
		c, err := preloadClause(path, queries)
		c.Method, c.Tree = method, tree
		Append(&n.Spec.Preloads, c)
		return err
	})
}

// PreloadTree adds a preload of a relation of a table with itself, level after level; a depth of 0 is all of them.
func (q *Query) PreloadTree(method, path string, depth int, queries []*Query) *Query {
	if depth < 0 {
		return q.Changed(method, func(*Query) error {
			return graph.Problemf(fault.ErrInvalidQuery, "%q: the depth is negative; give the number of levels, or 0 for all", path)
		})
	}
	return q.Preload(method, path, &plan.Tree{Depth: depth}, queries)
}

func preloadClause(path string, queries []*Query) (plan.PreloadClause, error) {
	c := plan.PreloadClause{Path: path}
	switch len(queries) {
	case 0:
	case 1:
		sub := queries[0]
		if sub == nil {
			return c, graph.Problemf(fault.ErrUnknownTable, "%q: the query is empty; make it with Select", path)
		}
		if sub.Err != nil {
			return c, graph.Problemf(fault.ErrInvalidQuery, "%q: %w", path, sub.Err)
		}
		if err := sub.nestable(); err != nil {
			return c, graph.Problemf(fault.ErrInvalidQuery, "%q: %w", path, err)
		}
		c.Spec = &sub.Spec
	default:
		return c, graph.Problemf(fault.ErrInvalidQuery, "%q: %d queries given; make them one", path, len(queries))
	}
	return c, nil
}
