package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dovetail-go/dovetail/dialect"
)

// rollbackTime bounds a rollback, which must run even if the context that failed the transaction has ended.
const rollbackTime = 5 * time.Second

// InTx calls do with a handle on a transaction of a pool or a connection, or on a savepoint of a transaction. It is
// committed when do returns nil, else rolled back, also when do panics.
//
// A transaction that writes is begun by BEGIN IMMEDIATE, so that it waits for another writer at its begin, as long as the
// connection's busy_timeout says, and not in its middle, where SQLite would refuse it at once. One that only reads is begun
// by BEGIN, and sees the database as it is at its first statement.
func (db *DB) InTx(ctx context.Context, opts dialect.TxOptions, do func(tx dialect.DB) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	// The transaction is made by SQL text, on a connection held for it: after a COMMIT that SQLite refused, as for a deferred
	// foreign key, it is still open, and database/sql would put the connection back into its pool like that.
	switch q := db.q.(type) {
	case *sql.DB:
		conn, err := q.Conn(ctx)
		if err != nil {
			return &dialect.TxError{Step: "begin", Err: withContext(ctx, err)}
		}
		defer func() { _ = conn.Close() }()
		return db.transact(ctx, conn, begin(opts), do)
	case *sql.Conn:
		if !db.inTx {
			return db.transact(ctx, q, begin(opts), do)
		}
	}
	if opts.Alone {
		return &dialect.TxError{Step: "begin", Err: errors.New("the handle is in a transaction, which cannot be run again from its " +
			"beginning; use a pool or a connection")}
	}
	return db.transact(ctx, db.q, savepoint, do)
}

// steps are the statements that begin and end a transaction.
type steps struct{ begin, commit, rollback string }

func begin(opts dialect.TxOptions) steps {
	if opts.Snapshot {
		return steps{"BEGIN", "COMMIT", "ROLLBACK"}
	}
	return steps{"BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"}
}

// savepoint may be the name of several: a statement means the innermost.
var savepoint = steps{"SAVEPOINT dovetail", "RELEASE dovetail", "ROLLBACK TO dovetail; RELEASE dovetail"}

func (db *DB) transact(ctx context.Context, q Querier, s steps, do func(tx dialect.DB) error) error {
	if _, err := q.ExecContext(ctx, s.begin); err != nil {
		return &dialect.TxError{Step: "begin", Err: withContext(ctx, err)}
	}
	ended := false
	rollback := func() (gone bool) {
		ended = true
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTime)
		defer cancel()
		_, err := q.ExecContext(ctx, s.rollback)
		if gone = noTransaction(err); err != nil && !gone {
			discard(q)
		}
		return gone
	}
	defer func() {
		if !ended { // do did not return
			rollback()
		}
	}()
	tx := &DB{q: q, catalog: db.catalog, times: &timeColumns{parent: db.times}, inTx: true}
	err := do(tx)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		rollback()
		return err
	}
	// A commit that is interrupted may have happened.
	if _, err := q.ExecContext(context.WithoutCancel(ctx), s.commit); err != nil {
		return &dialect.TxError{Step: "commit", Unknown: rollback(), Err: err}
	}
	ended = true
	tx.times.keep()
	return nil
}

// noTransaction reports whether a rollback failed because some error has made SQLite roll back by itself.
func noTransaction(err error) bool {
	return err != nil && (strings.Contains(err.Error(), "no transaction is active") ||
		strings.Contains(err.Error(), "no such savepoint"))
}

// discard closes a connection whose transaction could not be rolled back, so that nobody goes on in it.
func discard(q Querier) {
	if conn, ok := q.(*sql.Conn); ok {
		_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	}
}

// statementError wraps an error of the database.
func statementError(ctx context.Context, index int, err error) error {
	return &dialect.StatementError{Index: index, Err: withContext(ctx, err)}
}

// withContext says that a context has ended where an error does not. What a driver returns then need not say so.
func withContext(ctx context.Context, err error) error {
	if ctxErr := ctx.Err(); ctxErr != nil && !errors.Is(err, ctxErr) {
		return fmt.Errorf("%w: %w", ctxErr, err)
	}
	return err
}
