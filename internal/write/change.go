package write

import (
	"context"
	"database/sql/driver"
	"errors"
	"slices"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/compile"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/load"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/query"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// CHANGE: rows that a condition tells.

// Change is a Change, or a Removal, without its type.
type Change struct {
	Q    *query.Query // with the conditions, and what is set
	all  bool
	hard bool // of a Removal: rows are removed, even where they would only be marked

	restores bool // a Restoration: rows that a delete has marked come back
	alone    bool // of that: those do not that were marked along with them
}

// with returns the change with another query.
func (c *Change) with(q *query.Query) *Change {
	n := *c
	n.Q = q
	return &n
}

// made returns the change, or one that says that there is none.
func (c *Change) made() *Change {
	if c == nil {
		return &Change{Q: query.Failed("the change is empty; make it with Update or Delete")}
	}
	return c
}

// Set gives a column a value.
func (c *Change) Set(column string, value any) *Change {
	c = c.made()
	return c.with(c.Q.Changed("Set", func(n *query.Query) error {
		clause, err := query.SetClause(column, value)
		query.Append(&n.Spec.Set, clause)
		return err
	}))
}

// Where adds a condition.
func (c *Change) Where(pred any, args []any) *Change {
	c = c.made()
	q := c.Q.Where(pred, args...)
	if c.Q.Err == nil && errors.Is(q.Err, query.ErrNoText) {
		q = c.Q.Changed("Where", func(*query.Query) error {
			return graph.Problemf(fault.ErrMissingWhere, "the SQL text is empty, which would mean all rows; give a condition, or leave it out and call All if that is meant")
		})
	}
	return c.with(q)
}

// AllRows says that no condition is meant.
func (c *Change) AllRows() *Change {
	n := *c.made()
	n.all = true
	return &n
}

// Unscoped lifts scopes of the table.
func (c *Change) Unscoped(names []string) *Change {
	c = c.made()
	return c.with(c.Q.Unscoped(names))
}

// UnscopedAt lifts scopes of the table at a path.
func (c *Change) UnscopedAt(path string, names []string) *Change {
	c = c.made()
	return c.with(c.Q.UnscopedAt(path, names))
}

// Exec changes the rows by one statement and returns how many there were.
func (c *Change) Exec(ctx context.Context, db dialect.DB) (int64, error) {
	_, n, err := c.run(ctx, db, false)
	return n, err
}

// Returning changes the rows and returns them as they are after.
func (c *Change) Returning(ctx context.Context, db dialect.DB) ([]structs.Row, error) {
	changed, _, err := c.run(ctx, db, true)
	if changed == nil && err == nil {
		changed = []structs.Row{}
	}
	return changed, err
}

// run sends the UPDATE.
func (c *Change) run(ctx context.Context, db dialect.DB, back bool) (changed []structs.Row, n int64, err error) {
	if err := load.CheckDB("update", db); err != nil {
		return nil, 0, err
	}
	p, err := c.plannedUpdate(db)
	if err != nil {
		return nil, 0, err
	}
	w := writing{ctx: query.Once(ctx), db: db, op: p.Op, registry: p.Table.Registry}
	if err := w.keepScopeSet(p.Table, p.Plan.Lifted(), p.Plan.Set); err != nil {
		return nil, 0, query.Failure(p.Op, &plan.PathError{Method: "Set", Err: err})
	}
	set, err := w.guardSet(p.Table, p.Plan.Set)
	if err != nil {
		return nil, 0, query.Failure(p.Op, &plan.PathError{Method: "Set", Err: err})
	}
	reads := back
	if set.part && !back { // what the rows have in the rest of a key comes back
		reads = true
		if p, err = c.with(c.made().Q.Columns(set.columns()...)).plannedUpdate(db); err != nil {
			return nil, 0, err
		}
	}
	stmt, err := compile.Update(p.Plan, reads, db.Dialect())
	if err != nil {
		return nil, 0, query.Failure(p.Op, err)
	}
	s := dialect.Statement{SQL: stmt.SQL, Args: stmt.Args, Exec: !reads, Op: p.Op, Table: p.Table.Graph.Name}
	send := func(w writing) error {
		return w.one(s, p.Table.Graph, func(rows dialect.Rows) (err error) {
			if !reads {
				n, err = affected(rows)
				return err
			}
			scan := p.Scan()
			if err := scan.All(rows); err != nil {
				return err
			}
			changed, n = append(changed, scan.Rows...), int64(len(scan.Rows))
			return nil
		})
	}
	guarded := func(w writing) error {
		if err := send(w); err != nil {
			return err
		}
		return w.guard(p.Table, set.keys, set.rows(changed))
	}
	if len(set.keys) == 0 {
		err = send(w)
	} else {
		err = w.inTx(guarded)
	}
	if err != nil {
		return nil, 0, load.Advised(db.Dialect(), p.Plan, err)
	}
	return changed, n, nil
}

// plannedUpdate plans the UPDATE.
func (c *Change) plannedUpdate(db dialect.DB) (*load.Program, error) {
	return c.planned("update", db.Dialect(), func(s *plan.Spec) error {
		if len(s.Set) == 0 {
			return graph.Problemf(fault.ErrInvalidQuery, "nothing to change; call Set")
		}
		return nil
	})
}

// planned plans the rows that are changed or deleted.
func (c *Change) planned(verb string, d dialect.Dialect, check func(*plan.Spec) error) (*load.Program, error) {
	c = c.made()
	p, err := load.Plan(c.Q.Asked(), verb, d, func(s *plan.Spec) error {
		if err := s.Table.Writable(); err != nil {
			return err
		}
		if err := check(s); err != nil {
			return err
		}
		switch {
		case len(s.Where) == 0 && !c.all:
			return graph.Problemf(fault.ErrMissingWhere, "no condition, which would mean all rows of %q; add Where, or call All if that is meant",
				s.Table.Name)
		case !c.all:
			if err := c.tells(s, d); err != nil {
				return err
			}
		}
		v := s.Table.Version
		if v != "" && slices.ContainsFunc(s.Set, func(c plan.SetClause) bool { return c.Column == v }) {
			return &plan.PathError{Method: "Set", Err: graph.Problemf(fault.ErrInvalidQuery, "column %q counts the changes of a row of %q, this one too; "+
				"leave it out", v, s.Table.Name)}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := p.Plan.CheckRows(); err != nil {
		return nil, query.Failure(p.Op, err)
	}
	return p, nil
}

// tells checks that the conditions tell rows from others.
func (c *Change) tells(s *plan.Spec, d dialect.Dialect) error {
	may, shown := plan.Always(s.Where, s.Table, d, plainly, func(text any) (any, error) { return structs.As(structs.ClassBoolean, false, text) })
	switch {
	case !may:
		return nil
	case shown:
		return &plan.PathError{Method: "Where", Err: graph.Problemf(fault.ErrMissingWhere, "the condition holds for every row of %q; give one that tells "+
			"rows, or call All if all are meant", s.Table.Name)}
	}
	return &plan.PathError{Method: "Where", Err: graph.Problemf(fault.ErrMissingWhere, "the condition may hold for every row of %q: a part of it that "+
		"decides names no column, and is not known before the statement is run; give one that tells rows, or call All beside Where if all may be meant", s.Table.Name)}
}

// plainly returns an argument of SQL text as a bool, an integer, a float, or a text where it is one, of a named type or behind a pointer, a list
// as its items, nil where it is NULL, and else as it is; ok is false where it is not known whether it is NULL.
func plainly(arg any) (value any, ok bool) {
	null, isList := structs.NilList(arg)
	v, err := structs.ValueOf(arg)
	switch {
	case isList && !null && err == nil && !v.HasNull:
		return v.Items, true
	case isList && !null:
		return arg, true
	case err != nil || v.List:
		return nil, false
	case v.Null:
		return nil, true
	case v.Class == structs.ClassInteger || v.Class == structs.ClassText || v.Class == structs.ClassBoolean || v.Class == structs.ClassFloat:
		if valuer, ok := v.Arg.(driver.Valuer); ok {
			if value, err = valuer.Value(); err != nil {
				return arg, true
			}
			return structs.Plain(value), true
		}
		return structs.Plain(v.Arg), true
	}
	return arg, true
}
