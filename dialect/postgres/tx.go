package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dovetail-go/dovetail/dialect"
)

// rollbackTime bounds a rollback, which must be sent even if the context that failed the transaction has ended.
const rollbackTime = 5 * time.Second

// InTx calls do with a handle on a transaction of a pool or a connection, or on a savepoint of a transaction. It is
// committed when do returns nil, else rolled back, also when do panics. A commit whose answer was lost is a
// *[dialect.TxError] with Unknown.
//
// A transaction that only reads is REPEATABLE READ READ ONLY. In a transaction of the caller's it must be REPEATABLE READ or
// SERIALIZABLE already, which is asked for by one statement; else it is an error.
func (db *DB) InTx(ctx context.Context, opts dialect.TxOptions, do func(tx dialect.DB) error) error {
	if err := db.usable(ctx); err != nil {
		return &dialect.TxError{Step: "begin", Err: err}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if do == nil {
		return &dialect.TxError{Step: "begin", Err: errors.New("the function to run in the transaction is nil")}
	}
	tx, err := db.begin(ctx, opts)
	if err != nil {
		return &dialect.TxError{Step: "begin", Err: withContext(ctx, explained(err))}
	}
	ended := false
	rollback := func() error {
		ended = true
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTime)
		defer cancel()
		return tx.Rollback(ctx) // where it fails pgx closes the connection, which rolls back too
	}
	defer func() {
		if !ended { // do did not return
			_ = rollback()
		}
	}()
	if err := do(db.With(tx)); err != nil {
		_ = rollback()
		return err
	}
	if err := ctx.Err(); err != nil {
		_ = rollback()
		return err
	}
	if err := unready(tx.Conn()); err != nil {
		_ = rollback()
		return &dialect.TxError{Step: "commit", Err: err}
	}
	ended = true
	if err := tx.Commit(ctx); err != nil {
		_, inner := db.q.(pgx.Tx) // what happens to a savepoint is known with the transaction around it
		unknown := !inner && unanswered(err)
		if refused := Dialect.Failure(err).Refusal(err); refused != nil {
			err = refused
		}
		return &dialect.TxError{Step: "commit", Unknown: unknown, Err: withContext(ctx, explained(err))}
	}
	return nil
}

// unready says why a connection cannot be sent anything.
func unready(c *pgx.Conn) error {
	switch {
	case c == nil:
		return nil // of a Querier that is none of pgx's
	case c.IsClosed():
		return errors.New("the connection was lost before")
	case c.PgConn().IsBusy():
		return errors.New("the connection is still sending the rows of a query")
	}
	return nil
}

// inTransaction reports whether the handle is in a transaction.
func (db *DB) inTransaction() bool {
	if _, ok := db.q.(pgx.Tx); ok {
		return true
	}
	c := connOf(db.q)
	return c != nil && !c.IsClosed() && c.PgConn().TxStatus() != 'I'
}

func (db *DB) begin(ctx context.Context, opts dialect.TxOptions) (pgx.Tx, error) {
	if c := connOf(db.q); c != nil && c.PgConn().TxStatus() != 'I' {
		return nil, errors.New("the connection is in a transaction that SQL text began; begin it with Begin, and make the handle of " +
			"what that returns")
	}
	if opts == (dialect.TxOptions{}) {
		return db.q.Begin(ctx)
	}
	if c, ok := db.q.(interface {
		BeginTx(ctx context.Context, options pgx.TxOptions) (pgx.Tx, error)
	}); ok {
		return c.BeginTx(ctx, optionsOf(opts))
	}
	if opts.Alone {
		return nil, errors.New("the handle is in a transaction, which cannot be run again from its beginning; call Retry with a pool or " +
			"a connection, or InTx for a savepoint")
	}
	return db.within(ctx, opts)
}

func optionsOf(opts dialect.TxOptions) (o pgx.TxOptions) {
	if opts.Snapshot {
		o.IsoLevel, o.AccessMode = pgx.RepeatableRead, pgx.ReadOnly
	}
	if opts.Serializable {
		o.IsoLevel = pgx.Serializable
	}
	return o
}

// within begins a savepoint of a transaction that must be isolated enough.
func (db *DB) within(ctx context.Context, opts dialect.TxOptions) (pgx.Tx, error) {
	var level string
	rows, err := db.q.Query(ctx, "SELECT current_setting('transaction_isolation')")
	if err != nil {
		return nil, err
	}
	if level, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[string]); err != nil {
		return nil, err
	}
	if level != "serializable" && (opts.Serializable || level != "repeatable read") {
		return nil, fmt.Errorf("the transaction is %s, and not isolated as is asked for; begin it with pgx.RepeatableRead or "+
			"pgx.Serializable", level)
	}
	return db.q.Begin(ctx)
}

// connOf returns the connection that q is; nil if it is none.
func connOf(q Querier) *pgx.Conn {
	switch q := q.(type) {
	case *pgx.Conn:
		return q
	case *pgxpool.Conn:
		return q.Conn()
	}
	return nil
}

// unanswered reports whether what was sent may have been executed although it failed: it was not where the server says so. What
// the driver says of the safety of sending it again is of no use here: it says so too of a connection that was closed before the
// answer came.
func unanswered(err error) bool {
	if errors.Is(err, pgx.ErrTxCommitRollback) || errors.Is(err, pgx.ErrTxClosed) {
		return false
	}
	var answer *pgconn.PgError
	if !errors.As(err, &answer) {
		return true
	}
	// A server that is being shut down, or is out of touch with a standby it must wait for, may have committed.
	switch {
	case answer.Code == "40003", answer.Code[:min(2, len(answer.Code))] == "08", answer.Code[:min(3, len(answer.Code))] == "57P":
		return true
	}
	return answer.SeverityUnlocalized == "FATAL" || answer.SeverityUnlocalized == "PANIC"
}
