package write

import (
	"context"
	"errors"
	"slices"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/compile"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/load"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/query"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// CALL: what all writes have in common: statements sent in one transaction, and errors that say which statement failed.

// writing is one call that writes.
type writing struct {
	ctx      context.Context
	db       dialect.DB
	op       string
	registry *model.Registry
	inside   bool // what is sent is part of a transaction of the call's own
}

// inTx runs do, and everything it sends, in one transaction.
func (w writing) inTx(do func(writing) error) error { return w.within(dialect.TxOptions{}, do) }

// inOne runs do, which sends one statement, in a transaction or in the caller's.
func (w writing) inOne(do func(writing) error) error {
	return w.within(dialect.TxOptions{Joined: true}, do)
}

func (w writing) within(opts dialect.TxOptions, do func(writing) error) error {
	opts.Lazy = true // what is sent in it, is sent here
	err := w.db.InTx(w.ctx, opts, func(tx dialect.DB) error {
		inner := w
		inner.db, inner.inside = tx, true
		return do(inner)
	})
	if failed, ok := err.(*dialect.TxError); ok { //nolint:errorlint // see load.TxError
		w.locateCommit(failed)
	}
	w.settle(err)
	return load.TxError(w.op, err)
}

// locateCommit names the relation along a foreign key that the commit was refused for.
func (w writing) locateCommit(failed *dialect.TxError) {
	var e *fault.ConstraintError
	if !errors.As(failed.Err, &e) {
		return
	}
	if t := w.tableNamed(e.Table); t != nil {
		locate(t, e, w.db.Dialect().Failure(e.Err))
	}
}

// tableNamed returns the table that the database calls so, nil if none is declared.
func (w writing) tableNamed(name string) *graph.Table {
	for _, t := range w.registry.Tables {
		if t.Graph.Name == name {
			return t.Graph
		}
	}
	return nil
}

// send sends statements and says of an error which one it belongs to, and which constraint refused it.
func (w writing) send(stmts []dialect.Statement, tables []*graph.Table, each func(int, dialect.Rows) error) error {
	at, err := load.Run(w.ctx, w.db, stmts, each)
	if err == nil {
		return nil
	}
	at = min(at, len(stmts)-1)
	var failed *dialect.StatementError
	if errors.As(err, &failed) {
		err = w.refused(tables[at], err)
		w.settle(err)
	}
	return &fault.QueryError{Op: w.op, Path: stmts[at].Path, SQL: stmts[at].SQL, Err: err}
}

// filled notes which columns of times the database fills by itself, in the way that it spells them: those with a default that are not
// given.
func (w writing) filled(t *graph.Table, given []*structs.Field) {
	_, timed := w.db.Dialect().(dialect.Timed)
	for _, c := range t.Columns {
		if timed && c.FilledNow() {
			continue // an insert gives it
		}
		if c.Default != "" && c.Class == graph.ClassTime && !slices.ContainsFunc(given, func(f *structs.Field) bool { return f.Column == c.Name }) {
			w.db.Catalog().SetFilled(compile.ColumnOf(t, c.Name))
		}
	}
}

// affected returns how many rows a statement that yields none has affected.
func affected(rows dialect.Rows) (int64, error) {
	for rows.Next() { // the number comes at the end
	}
	return rows.Affected(), rows.Err()
}

// ignored is a statement of which it does not matter how many rows it affects.
func ignored(rows dialect.Rows) error {
	_, err := affected(rows)
	return err
}

// one sends one statement. What comes back may not fit its field, which is known only when the statement has been executed, so
// that takes a transaction.
func (w writing) one(stmt dialect.Statement, t *graph.Table, read func(dialect.Rows) error) error {
	send := func(w writing) error {
		return w.send([]dialect.Statement{stmt}, []*graph.Table{t}, func(_ int, rows dialect.Rows) error { return read(rows) })
	}
	if stmt.Exec {
		return send(w)
	}
	if err := w.known(stmt.Args); err != nil {
		return query.Failure(w.op, err)
	}
	return w.inOne(send)
}

// keeps refuses a row of which the database would not keep what a field holds. It is asked before anything is sent.
func (w writing) keeps(t *model.Table, fields []*structs.Field, row structs.Row) error {
	limits := w.db.Dialect().Features().Keeps
	for _, f := range fields {
		if err := t.Kept(f, row, limits); err != nil {
			return graph.Problemf(fault.ErrArgType, "%q: the value %w", f.Column, err)
		}
	}
	return nil
}
