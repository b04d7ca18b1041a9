package plan

import "github.com/dovetail-go/dovetail/internal/graph"

// Apart returns what the names of columns end in that a statement adds to those of the query, so that no column of its tables, and none that
// it selects, is called so.
func (q *Query) Apart() string {
	var tables []*graph.Table
	for _, b := range q.Bindings {
		tables = append(tables, b.Table)
		if b.Relation != nil {
			for _, step := range b.Relation.Steps {
				tables = append(tables, step.Table)
			}
		}
	}
	if q.ForOwners != nil {
		for _, l := range q.ForOwners.Links {
			tables = append(tables, l.Step.Table)
		}
	}
	names := make([]string, 0, len(q.Outputs))
	for _, o := range q.Outputs {
		names = append(names, o.Alias)
		if t, ok := o.Expr.(*Text); ok { // a database may name its column by what it is
			names = append(names, t.SQL.String())
		}
	}
	return graph.Apart(tables, names...)
}
