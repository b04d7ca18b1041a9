package dovetail

import (
	"context"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/compile"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// WRITE, continued: rows that are inserted unless they are there.

// Upsertion is rows to be inserted or, where the table has them already, changed. It is immutable, as a [Query] is.
type Upsertion[T any] struct{ u *upsertion }

type upsertion struct {
	table *table
	rows  []structs.Row
	key   []string // columns that tell whether a row is there
	set   []string // that are written to a row that is there
	err   error
}

// Upsert returns an upsertion of the rows. It does nothing until [Upsertion.Exec].
//
//	Upsert(Accounts, a, b).OnConflict("email").Set("owner").Exec(ctx, db)
//	INSERT INTO "accounts" ("owner", "email", …) VALUES ($1, $2, …)
//	ON CONFLICT ("email") DO UPDATE SET "owner" = excluded."owner" RETURNING "id", "owner", …
func Upsert[T any](t *Table[T], rows ...*T) Upsertion[T] {
	u := &upsertion{rows: slices.Clone(structs.RowsOf(rows))}
	if t == nil {
		u.err = graph.Problemf(ErrUnknownTable, "the table is nil; declare it with NewTable")
	} else {
		u.table = t.t
	}
	return Upsertion[T]{u}
}

// OnConflict names the columns that tell whether a row is there. They must be those of a primary key or of a unique constraint.
func (u Upsertion[T]) OnConflict(columns ...string) Upsertion[T] {
	return Upsertion[T]{u.u.changed(func(n *upsertion) { add(&n.key, columns...) })}
}

// Set names the columns that are written to a row that is there. Without it a row that is there stays as it is.
func (u Upsertion[T]) Set(columns ...string) Upsertion[T] {
	return Upsertion[T]{u.u.changed(func(n *upsertion) { add(&n.set, columns...) })}
}

func (u *upsertion) changed(change func(*upsertion)) *upsertion {
	if u == nil {
		return &upsertion{err: graph.Problemf(ErrInvalidQuery, "the upsertion is empty; make it with Upsert")}
	}
	n := *u
	change(&n)
	return &n
}

// Exec inserts or changes the rows, all or none, and reads all of their columns back: afterwards each struct is what the table
// has. Columns are given and left to the database as [Insertion.Exec] does it. After an error the structs are as they were.
//
// It sends a statement for each row, and one more to read a row that stays as it is, all in one round trip where the driver
// pipelines, in the order of their keys, so that two writers do not wait for each other; and it uses one transaction, or a
// savepoint. Two rows with the same key are [ErrInvalidRow] before any statement.
func (u Upsertion[T]) Exec(ctx context.Context, db dialect.DB) error { return u.u.exec(ctx, db) }

func (u *upsertion) exec(ctx context.Context, db dialect.DB) error {
	w := writing{ctx: ctx, db: db, op: "upsert"}
	if u == nil {
		u = u.changed(nil)
	}
	if u.table != nil {
		w.op += " " + u.table.graph.Name
	}
	if err := checkDB(w.op, db); err != nil {
		return err
	}
	if u.err != nil {
		return &QueryError{Op: w.op, Err: u.err}
	}
	if err := u.table.registry.freeze(); err != nil {
		return err
	}
	w.registry = u.table.registry
	if err := u.check(); err != nil {
		return &QueryError{Op: w.op, Err: err}
	}
	rows, err := u.ordered()
	if err != nil {
		return &QueryError{Op: w.op, Err: err}
	}
	done := false
	saved := make([]structs.Saved, len(rows))
	for i, row := range rows {
		saved[i] = u.table.layout.Save(row)
	}
	defer func() {
		for i := range saved {
			if !done {
				saved[i].Restore()
			}
		}
	}()
	if len(rows) > 0 {
		err = w.inTx(func(w writing) error { return u.run(w, rows) })
	}
	done = err == nil
	return err
}

func (u *upsertion) check() error {
	t := u.table.graph
	if len(u.key) == 0 {
		return &plan.PathError{Method: "Upsert", Err: graph.Problemf(ErrInvalidQuery, "no columns tell whether a row is there; name them with OnConflict")}
	}
	for _, list := range []struct {
		method string
		names  []string
	}{{"OnConflict", u.key}, {"Set", u.set}} {
		for i, name := range list.names {
			c, ok := t.Column(name)
			var err error
			switch {
			case !ok:
				err = t.UnknownColumn(name)
			case slices.Contains(list.names[:i], name):
				err = graph.Problemf(ErrInvalidQuery, "column %q is named twice; leave one out", name)
			case list.method == "Set" && (c.Generated != "" || slices.Contains(u.key, name) || name == t.Version):
				err = graph.Problemf(ErrInvalidQuery, "column %q tells the row, or is made by the database; leave it out", name)
			}
			if err != nil {
				return &plan.PathError{Method: list.method, Err: err}
			}
		}
	}
	return nil
}

// keyFields returns the fields of the columns that tell whether a row is there.
func (u *upsertion) keyFields() []*structs.Field {
	fields := make([]*structs.Field, len(u.key))
	for i, name := range u.key {
		fields[i] = u.table.columns[name]
	}
	return fields
}

// ordered returns the rows in the order of their keys.
func (u *upsertion) ordered() ([]structs.Row, error) {
	fields := u.keyFields()
	for i, row := range u.rows {
		if row == nil {
			return nil, graph.Problemf(ErrInvalidRow, "row %d is nil", i+1)
		}
		for _, f := range fields {
			ok, err := f.AppendKey(&dialect.Keys{Kind: f.Key}, row)
			if err != nil {
				return nil, graph.Problemf(ErrInvalidRow, "%w", err)
			}
			if !ok {
				return nil, graph.Problemf(ErrInvalidRow, "column %q is NULL, which no row is told by; give it a value", f.Column)
			}
		}
	}
	places, err := distinct(fields, u.rows)
	if err != nil {
		return nil, graph.Problemf(ErrInvalidRow, "%w", err)
	}
	if len(places) < len(u.rows) {
		return nil, graph.Problemf(ErrInvalidRow, "two rows have the same %s; give one of them", strings.Join(u.key, ", "))
	}
	rows := make([]structs.Row, len(places))
	for i, at := range places {
		rows[i] = u.rows[at]
	}
	return rows, nil
}

func (u *upsertion) run(w writing, rows []structs.Row) error {
	var all []*structs.Field
	for c := range u.table.graph.Stored() {
		all = append(all, u.table.columns[c.Name])
	}
	d := w.db.Dialect()
	again, err := compile.SelectRow(u.table.graph, columnNames(all), u.key, d)
	if err != nil {
		return queryError(w.op, err)
	}
	unit := &unit{writing: w}
	var stmts []dialect.Statement
	var read []func(dialect.Rows) error
	for _, row := range rows {
		job := unit.jobOf(&node{table: u.table, row: row, branch: &branch{table: u.table}})
		insert := compile.Insert{Table: u.table.graph, Columns: columnNames(job.columns), Rows: 1,
			Conflict: &compile.Conflict{Columns: u.key, Set: u.set}}
		back := save{t: u.table, row: row, back: all}
		if len(u.set) > 0 {
			insert.Returning, insert.Conflict.Count = columnNames(all), u.table.graph.Version
		}
		sql, err := insert.SQL(d)
		if err != nil {
			return queryError(w.op, err)
		}
		stmt := dialect.Statement{SQL: sql, Op: w.op, Table: u.table.graph.Name, Exec: len(u.set) == 0}
		for _, f := range job.columns {
			stmt.Args = append(stmt.Args, f.Value(row))
		}
		stmts = append(stmts, stmt)
		if len(u.set) > 0 {
			read = append(read, back.read)
			continue
		}
		stmt.SQL, stmt.Args, stmt.Exec = again, nil, false
		for _, f := range u.keyFields() {
			stmt.Args = append(stmt.Args, f.Value(row))
		}
		stmts = append(stmts, stmt)
		read = append(read, ignored, back.read)
	}
	tables := slices.Repeat([]*graph.Table{u.table.graph}, len(stmts))
	return w.send(stmts, tables, func(i int, rows dialect.Rows) error { return read[i](rows) })
}
