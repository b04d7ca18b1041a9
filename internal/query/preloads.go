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
		clauses, err := preloadClauses(path, queries)
		for _, c := range clauses {
			c.Method, c.Tree = method, tree
			Append(&n.Spec.Preloads, c)
		}
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

// preloadClauses returns a clause for each of the queries, or one without.
func preloadClauses(path string, queries []*Query) ([]plan.PreloadClause, error) {
	if len(queries) == 0 {
		return []plan.PreloadClause{{Path: path}}, nil
	}
	clauses := make([]plan.PreloadClause, 0, len(queries))
	for _, sub := range queries {
		if sub == nil {
			return clauses, graph.Problemf(fault.ErrUnknownTable, "%q: the query is empty; make it with Select", path)
		}
		if sub.Err != nil {
			return clauses, graph.Problemf(fault.ErrInvalidQuery, "%q: %w", path, sub.Err)
		}
		if err := sub.nestable(); err != nil {
			return clauses, graph.Problemf(fault.ErrInvalidQuery, "%q: %w", path, err)
		}
		clauses = append(clauses, plan.PreloadClause{Path: path, Spec: &sub.Spec, Queries: len(queries)})
	}
	return clauses, nil
}
