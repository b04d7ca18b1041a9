package dovetail

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/load"
)

// EXECUTE, continued: what is sent to a database can be watched. A hook sees what a DB sees, and changes none of it.

// Hook watches the statements that are sent to a database. Give it to [WithHooks]. It must be safe for concurrent use if
// the database is.
//
// Statements that are sent together, in one round trip where the driver pipelines, are one [Run]. Ready-made hooks are
// in hooks/sloghook (log/slog) and hooks/otelhook (OpenTelemetry, a module of its own).
type Hook interface {
	// Before is called before the statements are sent, with the Run whose last three fields are still empty. The context
	// it returns is used for sending them and is handed to After; return ctx itself when there is nothing to add.
	Before(ctx context.Context, run *Run) context.Context

	// After is called when the statements are done: once for each Before, in the same goroutine, also when they failed
	// or something panicked.
	After(ctx context.Context, run *Run)
}

// Run is one or more statements that are sent to a database together. Hooks must not change it, nor use it after After.
type Run struct {
	Dialect    dialect.Dialect
	Statements []dialect.Statement // at least one; their arguments are those of the caller's query

	Duration time.Duration // from before sending to the last row read, scanning included
	Rows     []int64       // for each statement, the rows that were read of its result, or those it affected if it has none

	// Err is what ended the run early, else nil: a *[dialect.StatementError] of the database, which has the number of
	// the statement, or an error of scanning. Its text may hold what the database says of the data.
	Err error
}

// errUnwound is the Err of a run whose callback never returned.
var errUnwound = errors.New("a panic, or runtime.Goexit, while the rows were read")

// WithHooks returns a handle that runs statements on db and shows every run to the hooks. The first hook is the
// outermost: its Before comes first, its After last. Without hooks it returns db itself; nil hooks are left out.
//
// The handle sends what db would, in the same batches, shares its cache of key types, and is as safe for concurrent use
// as db and the hooks are. It costs a few small allocations a run and none a row.
//
//	db := dovetail.WithHooks(postgres.New(pool), &sloghook.Hook{SlowAfter: 100 * time.Millisecond})
func WithHooks(db DB, hooks ...Hook) DB {
	if load.CheckDB("", db) != nil {
		return db // the query that is run on it will say so
	}
	for _, h := range slices.Backward(hooks) {
		if h != nil {
			db = &hooked{db, h}
		}
	}
	return db
}

// hooked is a database with one hook; several are nested.
type hooked struct {
	DB
	hook Hook
}

func (h *hooked) Run(ctx context.Context, stmts []dialect.Statement, each func(int, dialect.Rows) error) error {
	if len(stmts) == 0 {
		return h.DB.Run(ctx, stmts, each)
	}
	run := &Run{Dialect: h.Dialect(), Statements: slices.Clone(stmts)}
	rows := make([]countedRows, len(stmts))
	ctx = h.hook.Before(ctx, run)
	start := time.Now()
	err := errUnwound
	defer func() {
		run.Duration, run.Err, run.Rows = time.Since(start), err, make([]int64, len(stmts))
		for i := range rows {
			run.Rows[i] = rows[i].n
		}
		h.hook.After(ctx, run)
	}()
	err = h.DB.Run(ctx, stmts, func(i int, r dialect.Rows) error {
		rows[i].Rows = r
		err := each(i, &rows[i])
		if stmts[i].Exec {
			rows[i].n = r.Affected()
		}
		return err
	})
	return err
}

// InTx shows what runs in the transaction to the hook too.
func (h *hooked) InTx(ctx context.Context, opts dialect.TxOptions, do func(tx DB) error) error {
	return h.DB.InTx(ctx, opts, func(tx DB) error { return do(&hooked{tx, h.hook}) })
}

// countedRows counts the rows that are read.
type countedRows struct {
	dialect.Rows
	n int64
}

func (r *countedRows) Next() bool {
	if !r.Rows.Next() {
		return false
	}
	r.n++
	return true
}
