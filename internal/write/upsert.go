package write

import (
	"context"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/compile"
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

// Exec inserts or changes the rows, all or none, and reads them back.
func (u *Upsertion) Exec(ctx context.Context, db dialect.DB) error {
	w := writing{ctx: ctx, db: db, op: "upsert"}
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
	done := false
	saved := make([]structs.Saved, len(u.Rows))
	for i, row := range u.Rows {
		saved[i] = u.Table.Layout.Save(row)
	}
	defer func() {
		for i := range saved {
			if !done {
				saved[i].Restore()
			}
		}
	}()
	unit, err := u.ordered(w)
	if err != nil {
		return &fault.QueryError{Op: w.op, Err: err}
	}
	switch {
	case len(unit.nodes) == 1 && len(u.Set) > 0:
		err = w.inOne(func(w writing) error { return u.run(w, unit) })
	case len(unit.nodes) > 0:
		err = w.inTx(func(w writing) error { return u.run(w, unit) })
	}
	done = err == nil
	return err
}

func (u *Upsertion) check() error {
	t := u.Table.Graph
	if err := t.Writable(); err != nil {
		return err
	}
	if len(u.Key) == 0 {
		return &plan.PathError{Method: "Upsert", Err: graph.Problemf(fault.ErrInvalidQuery, "no columns tell whether a row is there; name them with OnConflict")}
	}
	for _, list := range []struct {
		method string
		names  []string
	}{{"OnConflict", u.Key}, {"Set", u.Set}} {
		for i, name := range list.names {
			c, ok := t.Column(name)
			var err error
			switch {
			case !ok:
				err = t.UnknownColumn(name)
			case slices.Contains(list.names[:i], name):
				err = graph.Problemf(fault.ErrInvalidQuery, "column %q is named twice; leave one out", name)
			case list.method == "Set" && (c.ReadOnly || slices.Contains(u.Key, name) || name == t.Version):
				err = graph.Problemf(fault.ErrInvalidQuery, "column %q tells the row, or is made by the database; leave it out", name)
			}
			if err != nil {
				return &plan.PathError{Method: list.method, Err: err}
			}
		}
	}
	return nil
}

// keyFields returns the fields of the columns that tell whether a row is there.
func (u *Upsertion) keyFields() []*structs.Field {
	fields := make([]*structs.Field, len(u.Key))
	for i, name := range u.Key {
		fields[i] = u.Table.Columns[name]
	}
	return fields
}

// isNew reports whether the row cannot be there: the database is still to make the number by which it would be told.
func (u *Upsertion) isNew(row structs.Row) bool {
	c, numbered := u.Table.Graph.Identity()
	return numbered && slices.Contains(u.Key, c.Name) && u.Table.Columns[c.Name].IsZero(row)
}

// ordered returns the rows in the order of their keys, and then those that are new, with what the scopes say of their columns.
func (u *Upsertion) ordered(w writing) (*unit, error) {
	fields := u.keyFields()
	var lifted []string
	for _, l := range u.Lift {
		lifted = append(lifted, l.Names...)
	}
	said, err := w.fix(u.Table, graph.Held(u.Table.Graph.Constants, lifted), byScope(u.Table))
	if err != nil {
		return nil, err
	}
	unit := &unit{writing: w}
	var told, made []*node
	var rows []structs.Row
	for i, row := range u.Rows {
		if err := said.fill(row); err != nil {
			return nil, err
		}
		n := &node{table: u.Table, row: row, branch: &branch{table: u.Table}}
		for _, f := range said.columns() {
			n.filled = append(n.filled, model.FieldPair{Holder: f})
		}
		if err := unit.numbered(n); err != nil {
			return nil, err
		}
		if err := w.keeps(unit.jobOf(n).columns, row); err != nil {
			return nil, err
		}
		if u.isNew(row) && !slices.Contains(u.Rows[:i], row) {
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
	places, err := load.Distinct(fields, rows)
	if err != nil {
		return nil, graph.Problemf(fault.ErrInvalidRow, "%w", err)
	}
	if len(places) < len(rows) || slices.ContainsFunc(rows, u.isNew) {
		return nil, graph.Problemf(fault.ErrInvalidRow, "two rows have the same %s; give one of them", strings.Join(u.Key, ", "))
	}
	for _, at := range places {
		unit.nodes = append(unit.nodes, told[at])
	}
	unit.nodes = append(unit.nodes, made...)
	return unit, unit.checkTypes()
}

func (u *Upsertion) run(w writing, unit *unit) error {
	var all []*structs.Field
	for c := range u.Table.Graph.Stored() {
		all = append(all, u.Table.Columns[c.Name])
	}
	d := w.db.Dialect()
	within, err := w.scope(u.Table, u.Lift...)
	if err != nil {
		return query.Failure(w.op, err)
	}
	again, err := compile.Row{Table: u.Table.Graph, Where: u.Key, Scope: within}.Select(model.ColumnNames(all), d)
	if err != nil {
		return query.Failure(w.op, err)
	}
	var stmts []dialect.Statement
	var read []func(dialect.Rows) error
	for _, n := range unit.nodes {
		row, job := n.row, unit.jobOf(n)
		insert := compile.Insert{Table: u.Table.Graph, Columns: model.ColumnNames(job.columns), Rows: 1, Conflict: u.conflict(d)}
		insert.Conflict.Scope = within
		back := rowRead{w: w, t: u.Table, row: row, back: all, none: u.outOfScope(w)}
		if same := insert.Conflict.Same; len(same) > 0 && back.none == nil {
			back.none = graph.Problemf(fault.ErrInvalidRow, "another row of %q has the same %s, and not the same %s, and stays as it is; leave the "+
				"number to the database", u.Table.Graph.Name, insert.Conflict.Columns[0], strings.Join(same, ", "))
		}
		if u.isNew(row) {
			insert.Conflict, back.none = nil, nil
		}
		comesBack := len(u.Set) > 0 || insert.Conflict == nil
		if comesBack || len(within) > 0 {
			insert.Returning = model.ColumnNames(all)
		}
		made, err := insert.Statement(d)
		if err != nil {
			return query.Failure(w.op, err)
		}
		stmt := dialect.Statement{SQL: made.SQL, Op: w.op, Table: u.Table.Graph.Name, Exec: len(insert.Returning) == 0}
		stmt.Args = appendGiven(nil, d, u.Table.Graph, job.columns, row)
		if insert.Conflict != nil {
			asKeys(stmt.Args, job.columns, u.Key)
		}
		stmt.Args = append(stmt.Args, made.Args...)
		stmts = append(stmts, stmt)
		if comesBack {
			read = append(read, back.read)
			continue
		}
		read = append(read, back.readInTwo(stmt.Exec)...)
		stmt.SQL, stmt.Exec = again.SQL, false
		stmt.Args = append(appendTold(nil, d, u.Table.Graph, u.keyFields(), row), again.Args...)
		stmts = append(stmts, stmt)
	}
	tables := slices.Repeat([]*graph.Table{u.Table.Graph}, len(stmts))
	return w.send(stmts, tables, func(i int, rows dialect.Rows) error { return read[i](rows) })
}

// readInTwo reads the row from the two statements of an upsert that sets nothing: from what the first inserted or, where that is
// nothing, from the row that is there. exec: the first yields no rows, as the second finds the row in either case.
func (r *rowRead) readInTwo(exec bool) []func(dialect.Rows) error {
	if exec {
		return []func(dialect.Rows) error{ignored, r.read}
	}
	inserted := false
	return []func(dialect.Rows) error{
		func(rows dialect.Rows) error {
			n, err := r.scan(rows)
			inserted = n > 0
			return err
		},
		func(rows dialect.Rows) error {
			if inserted { // in scope or not, as Insert inserts it
				return ignored(rows)
			}
			return r.read(rows)
		},
	}
}

// conflict is what tells a row that is there, and what is written to it.
func (u *Upsertion) conflict(d dialect.Dialect) *compile.Conflict {
	c := &compile.Conflict{Columns: u.Key, Set: u.Set}
	if len(u.Set) > 0 {
		c.Count = u.Table.Graph.Version
	}
	number, numbered := u.Table.Graph.Identity()
	if numbered && d.Features().LoneNumbers && slices.Contains(u.Key, number.Name) {
		c.Columns = []string{number.Name}
		c.Same = slices.DeleteFunc(slices.Clone(u.Key), func(name string) bool { return name == number.Name })
	}
	return c
}

// outOfScope is the error of a row that is there, and not to be touched; nil where the table has no scopes that hold.
func (u *Upsertion) outOfScope(w writing) error {
	var names []string
	for _, name := range w.registry.Rules.Names(u.Table.Graph) {
		if !slices.ContainsFunc(u.Lift, func(l plan.Lift) bool { return slices.Contains(l.Names, name) }) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return graph.Problemf(fault.ErrInvalidRow, "a row of %q with the same %s is out of its Scope (%s), and stays as it is; if it is meant, "+
		"lift that with Unscoped", u.Table.Graph.Name, strings.Join(u.Key, ", "), strings.Join(names, ", "))
}
