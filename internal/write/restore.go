package write

import (
	"context"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/compile"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/load"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/query"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// RESTORE: a delete that marked rows is undone. It is the same statements, about the rows that have the mark, and takes it away.

// Restoring returns the change that restores the rows of a query.
func Restoring(q *query.Query) *Change { return &Change{Q: q, restores: true} }

// RestoreRows restores rows in hand, all or none.
func RestoreRows(ctx context.Context, db dialect.DB, q *query.Query, rows []structs.Row) error {
	return removeRows(ctx, db, Restoring(q), rows)
}

// Alone says that rows that were marked along with the rows stay marked.
func (c *Change) Alone() *Change {
	n := *c.made()
	n.alone = true
	return &n
}

// removes says what is done to the rows, for errors and hooks.
func (c *Change) removes() string {
	if c.restores {
		return "restore"
	}
	return "delete"
}

// planRestoring plans that marked rows come back.
func (c *Change) planRestoring(db dialect.DB) (*load.Program, *compile.Removal, error) {
	if t := c.Q.Table; c.Q.Err == nil && t != nil && t.Graph.SoftDelete == "" {
		return nil, nil, &fault.QueryError{Op: c.removes() + " " + t.Graph.Name, Err: graph.Problemf(fault.ErrInvalidQuery, "table %q has no SoftDelete, "+
			"and what was deleted from it is gone; insert it", t.Graph.Name)}
	}
	q := c.Q
	if q.Err == nil {
		q = q.Unscoped([]string{graph.SoftDeleteName})
	}
	p, err := c.with(q).planned(c.removes(), db.Dialect(), func(*plan.Spec) error { return nil })
	if err != nil {
		return nil, nil, err
	}
	reach, untold := p.Table.Graph.Back(p.Plan.Lifted(), c.alone)
	if untold != nil {
		return nil, nil, query.Failure(p.Op, graph.Problemf(fault.ErrUnsupported, "rows of %q are deleted with those of %q, and the mark of one of them is "+
			"a boolean, which does not tell what was deleted before; restore rows Alone, and then those of %q that are meant, or mark rows by a time",
			untold.Table.Name, untold.From.Table.Name, untold.Table.Name))
	}
	p.Plan.Marked()
	r := compile.NewRemoval(p.Plan, reach, db.Dialect())
	r.Restores = true
	return p, r, nil
}
