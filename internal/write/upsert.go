package write

import (
	"context"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/load"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/query"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// UPSERT: rows that are inserted unless they are there.

// Upsertion is rows to be inserted or, where they are there, changed. It is never changed once it is reachable.
type Upsertion struct {
	Table *model.Table
	Rows  []structs.Row
	Key   []string // columns that tell whether a row is there
	Set   []string // that are written to a row that is there
	Lift  []plan.Lift
	Err   error

	Stays bool         // a row that is there stays as it is
	part  *query.Query // with the condition that the index for Key has; nil: none
	exprs *query.Query // with what is set by expressions; nil: nothing is
}

// Changed returns a copy that change was made to.
func (u *Upsertion) Changed(change func(*Upsertion)) *Upsertion {
	if u == nil {
		return &Upsertion{Err: graph.Problemf(fault.ErrInvalidQuery, "the upsertion is empty; make it with Upsert")}
	}
	n := *u
	change(&n)
	return &n
}

// Unscoped lifts scopes of the table.
func (u *Upsertion) Unscoped(names []string) *Upsertion {
	return u.Changed(func(n *Upsertion) { query.Append(&n.Lift, plan.Lift{Names: slices.Clone(names)}) })
}

// Where gives the condition of the index that tells whether a row is there, where it is over a part of the rows.
func (u *Upsertion) Where(pred any, args []any) *Upsertion {
	return u.Changed(func(n *Upsertion) {
		if n.Table != nil {
			n.part = orSelect(n.part, n.Table).Where(pred, args...)
		}
	})
}

// SetExpr gives a column of a row that is there the value of an expression.
func (u *Upsertion) SetExpr(column string, expr any, args []any) *Upsertion {
	return u.Changed(func(n *Upsertion) {
		if n.Table != nil {
			n.exprs = orSelect(n.exprs, n.Table).SetExpr(column, expr, args)
		}
	})
}

func orSelect(q *query.Query, t *model.Table) *query.Query {
	if q == nil {
		return query.Select(t)
	}
	return q
}

// Exec inserts or changes the rows, all or none, and reads them back.
func (u *Upsertion) Exec(ctx context.Context, db dialect.DB) error {
	w := writing{ctx: query.Once(ctx), db: db, op: "upsert"}
	if u == nil {
		u = u.Changed(nil)
	}
	if u.Table != nil {
		w.op += " " + u.Table.Graph.Name
	}
	if err := load.CheckDB(w.op, db); err != nil {
		return err
	}
	if u.Err != nil {
		return &fault.QueryError{Op: w.op, Err: u.Err}
	}
	if err := u.Table.Registry.Freeze(); err != nil {
		return err
	}
	w.registry = u.Table.Registry
	if err := u.check(); err != nil {
		return &fault.QueryError{Op: w.op, Err: err}
	}
	if i := slices.Index(u.Rows, nil); i >= 0 {
		return &fault.QueryError{Op: w.op, Err: graph.Problemf(fault.ErrInvalidRow, "row %d is nil", i+1)}
	}
	if err := w.knownScopes(u.Lift, u.Table); err != nil {
		return query.Failure(w.op, err)
	}
	conflict, err := u.conflict(w)
	if err != nil {
		return err
	}
	done := false
	saved := u.Table.Layout.Save(u.Rows...)
	defer func() {
		if !done {
			saved.Restore()
		}
	}()
	unit, err := u.ordered(w)
	if err != nil {
		return &fault.QueryError{Op: w.op, Err: err}
	}
	run := upsertRun{Upsertion: u, unit: unit, conflicting: conflict}
	switch {
	case len(unit.nodes) == 1 && run.changes() && len(guarded(u.Table, anyColumn)) == 0:
		err = w.inOne(run.run)
	case len(unit.nodes) > 0:
		err = w.inTx(run.run)
	}
	done = err == nil
	return load.Advised(db.Dialect(), conflict.exprs, err)
}

func (u *Upsertion) check() error {
	t := u.Table.Graph
	if err := t.Writable(); err != nil {
		return err
	}
	if len(u.Key) == 0 {
		return &plan.PathError{Method: "Upsert", Err: graph.Problemf(fault.ErrInvalidQuery, "no columns tell whether a row is there; name them with OnConflict")}
	}
	var sets []string
	if u.exprs != nil {
		for _, c := range u.exprs.Spec.Set {
			sets = append(sets, c.Column)
		}
	}
	if u.Stays && len(u.Set)+len(sets) > 0 {
		return &plan.PathError{Method: "DoNothing", Err: graph.Problemf(fault.ErrInvalidQuery, "columns are set of a row that is there; leave out DoNothing, or Set")}
	}
	for _, list := range []struct {
		method string
		names  []string
	}{{"OnConflict", u.Key}, {"Set", u.Set}, {"SetExpr", sets}} {
		for i, name := range list.names {
			if err := u.checkColumn(list.method, name, list.names[:i]); err != nil {
				return &plan.PathError{Method: list.method, Err: err}
			}
		}
	}
	return nil
}

// checkColumn checks a column that a method names behind others.
func (u *Upsertion) checkColumn(method, name string, before []string) error {
	t := u.Table.Graph
	if method == "SetExpr" {
		before = slices.Concat(u.Set, before)
	}
	c, ok := t.Column(name)
	switch {
	case !ok:
		return t.UnknownColumn(name)
	case slices.Contains(before, name):
		return graph.Problemf(fault.ErrInvalidQuery, "column %q is named twice; leave one out", name)
	case method == "OnConflict":
		return nil
	case slices.Contains(u.Key, name):
		return graph.Problemf(fault.ErrInvalidQuery, "column %q tells whether a row is there; leave it out", name)
	case slices.Contains(t.PrimaryKey, name):
		return graph.Problemf(fault.ErrInvalidQuery, "column %q is of the primary key, which a row that is there keeps; change it with Update", name)
	case name == t.Version:
		return graph.Problemf(fault.ErrInvalidQuery, "column %q is the Version, which is counted without being named; leave it out", name)
	case c.ReadOnly:
		return graph.Problemf(fault.ErrInvalidQuery, "column %q is made by the database; leave it out", name)
	}
	return nil
}

// keyFields returns the fields of the columns that tell whether a row is there.
func (u *Upsertion) keyFields() []*structs.Field { return u.Table.FieldsOf(u.Key) }

// isNew reports whether the row cannot be there: the database is still to make the number by which it would be told.
func (u *Upsertion) isNew(row structs.Row) bool {
	c, numbered := u.Table.Graph.Identity()
	return numbered && slices.Contains(u.Key, c.Name) && u.Table.Columns[c.Name].IsZero(row)
}

// ordered returns the rows in the order of their keys, and then those that are new, with what the scopes say of their columns.
func (u *Upsertion) ordered(w writing) (*unit, error) {
	fields := u.keyFields()
	said, err := w.fix(u.Table, graph.Held(u.Table.Graph.Constants, u.lifted()), byScope(u.Table))
	if err != nil {
		return nil, err
	}
	unit, whole := &unit{writing: w}, &branch{table: u.Table}
	var told, made []*node
	var rows []structs.Row
	met := make(map[structs.Row]bool, len(u.Rows))
	for _, row := range u.Rows {
		if err := said.fill(row); err != nil {
			return nil, err
		}
		n := &node{table: u.Table, row: row, branch: whole}
		n.fillAll(said.columns())
		if err := unit.numbered(n); err != nil {
			return nil, err
		}
		if err := w.keeps(u.Table, unit.jobOf(n).columns, row); err != nil {
			return nil, err
		}
		again := met[row]
		met[row] = true
		if u.isNew(row) && !again {
			made = append(made, n)
			continue
		}
		told, rows = append(told, n), append(rows, row)
		for _, f := range fields {
			ok, err := f.AppendKey(&dialect.Keys{Kind: f.Key}, row)
			if err != nil {
				return nil, graph.Problemf(fault.ErrInvalidRow, "%w", err)
			}
			if !ok {
				return nil, graph.Problemf(fault.ErrInvalidRow, "column %q is NULL, which no row is told by; give it a value", f.Column)
			}
		}
	}
	if err := u.stored(w, fields, rows); err != nil {
		return nil, err
	}
	key, err := w.key(u.Table, fields, rows...)
	if err != nil {
		return nil, err
	}
	places, err := key.Distinct(rows)
	if err != nil {
		return nil, graph.Problemf(fault.ErrInvalidRow, "%w", err)
	}
	if len(places) < len(rows) || slices.ContainsFunc(rows, u.isNew) {
		return nil, u.twice()
	}
	for _, at := range places {
		unit.nodes = append(unit.nodes, told[at])
	}
	unit.nodes = append(unit.nodes, made...)
	unit.goBehind()
	return unit, unit.checkTypes()
}

// twice is the error of two rows that are one.
func (u *Upsertion) twice() error {
	return graph.Problemf(fault.ErrInvalidRow, "two rows have the same %s; give one of them", strings.Join(u.Key, ", "))
}

// stored refuses rows that are told by a key, or looked along one afterwards, that its column would store as another.
func (u *Upsertion) stored(w writing, fields []*structs.Field, rows []structs.Row) error {
	err := w.stored(u.Table, fields, rows...)
	if err == nil {
		err = w.storedGuards(u.Table, guarded(u.Table, anyColumn), u.Rows...)
	}
	return err
}
