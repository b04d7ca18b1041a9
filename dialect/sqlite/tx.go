package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/dovetail-go/dovetail/dialect"
)

// rollbackTime bounds a rollback, which must run even if the context that failed the transaction has ended.
const rollbackTime = 5 * time.Second

// transaction is what the handles on one transaction share: that of InTx, and those of the savepoints in it.
type transaction struct {
	lost error // why it is no longer open; nil: it is
}

// InTx calls do with a handle on a transaction of a pool or a connection, or on a savepoint of a transaction. It is
// committed when do returns nil, else rolled back, also when do panics. A connection whose transaction can be neither ended nor
// known to have ended is closed.
//
// A transaction that writes is begun by BEGIN IMMEDIATE, so that it waits for another writer at its begin, as long as the
// connection's busy_timeout says, and not in its middle, where SQLite would refuse it at once. One that only reads is begun
// by BEGIN, and sees the database as it is at its first statement.
//
// SQLite rolls back a whole transaction by itself when a statement in it is interrupted, as by the end of a context, and for
// some other errors. Then the handle refuses every further statement, and the transaction fails.
func (db *DB) InTx(ctx context.Context, opts dialect.TxOptions, do func(tx dialect.DB) error) error {
	if err := db.usable(ctx); err != nil {
		return err
	}
	if do == nil {
		return errors.New("the function to run in the transaction is nil")
	}
	// The transaction is made by SQL text, on a connection held for it: after a COMMIT that SQLite refused, as for a deferred
	// foreign key, it is still open, and database/sql would put the connection back into its pool like that.
	switch q := db.q.(type) {
	case *sql.DB:
		conn, err := q.Conn(ctx)
		if err != nil {
			return beginFailed(ctx, err)
		}
		defer func() { _ = conn.Close() }()
		return db.transact(ctx, conn, begin(opts), do)
	case *sql.Conn:
		if db.tx == nil {
			return db.transact(ctx, q, begin(opts), do)
		}
	}
	if opts.Alone {
		return beginFailed(ctx, errors.New("the handle is in a transaction, which cannot be run again from its beginning; call Retry "+
			"with a pool or a connection, or InTx for a savepoint"))
	}
	return db.transact(ctx, db.q, savepoint(), do)
}

func beginFailed(ctx context.Context, err error) error {
	return &dialect.TxError{Step: "begin", Err: withContext(ctx, err)}
}

// steps are the statements that begin and end a transaction.
type steps struct{ begin, commit, rollback string }

func begin(opts dialect.TxOptions) steps {
	if opts.Snapshot {
		return steps{"BEGIN", "COMMIT", "ROLLBACK"}
	}
	return steps{"BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"}
}

// savepoints counts them, so that no two have one name: a rollback to one that was not made must not go to another.
var savepoints atomic.Uint64

func savepoint() steps {
	name := "dovetail_" + strconv.FormatUint(savepoints.Add(1), 10)
	return steps{"SAVEPOINT " + name, "RELEASE " + name, "ROLLBACK TO " + name + "; RELEASE " + name}
}

func (db *DB) transact(ctx context.Context, q Querier, s steps, do func(tx dialect.DB) error) error {
	tx := &DB{q: q, catalog: db.catalog, tx: db.tx}
	if tx.tx == nil {
		tx.tx = new(transaction)
	}
	if _, err := q.ExecContext(ctx, s.begin); err != nil {
		// It may have begun all the same, when the context ended meanwhile.
		if !strings.Contains(err.Error(), withinTransaction) {
			tx.rollback(ctx, s)
			return beginFailed(ctx, err)
		}
		return beginFailed(ctx, errors.New("the connection is in a transaction that SQL text began; begin it with BeginTx, and make the "+
			"handle of what that returns"))
	}
	ended := false
	defer func() {
		if !ended { // do did not return
			tx.rollback(ctx, s)
		}
	}()
	err := do(tx)
	if err == nil {
		err = ctx.Err()
	}
	ended = true
	if err != nil {
		tx.rollback(ctx, s)
		return err
	}
	if tx.tx.lost != nil {
		return &dialect.TxError{Step: "commit", Err: tx.tx.lost}
	}
	// A commit that is interrupted may have happened.
	if _, err := q.ExecContext(context.WithoutCancel(ctx), s.commit); err != nil {
		if refused := Dialect.Failure(err).Refusal(err); refused != nil {
			err = refused
		}
		return &dialect.TxError{Step: "commit", Unknown: tx.rollback(ctx, s), Err: err}
	}
	return nil
}

// rollback ends the transaction and reports whether there was none. A connection on which that fails is closed, so that nobody
// goes on in the transaction.
func (db *DB) rollback(ctx context.Context, s steps) (gone bool) {
	if db.tx.lost != nil {
		return true
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTime)
	defer cancel()
	_, err := db.q.ExecContext(ctx, s.rollback)
	if gone = noTransaction(err); err != nil && !gone {
		db.discard(err)
	}
	return gone
}

// withinTransaction is in what SQLite says of a BEGIN in a transaction.
const withinTransaction = "within a transaction"

// noTransaction reports whether a rollback failed because some error has made SQLite roll back by itself.
func noTransaction(err error) bool {
	return err != nil && (strings.Contains(err.Error(), "no transaction is active") ||
		strings.Contains(err.Error(), "no such savepoint"))
}

// inTransaction reports whether the handle is in a transaction, as far as it knows: not in one that SQL text began.
func (db *DB) inTransaction() bool {
	_, ok := db.q.(interface{ Rollback() error })
	return ok || db.tx != nil
}

// look finds out whether SQLite has rolled back the transaction in which a statement has failed: in one that is open BEGIN is
// refused. What came next on the handle would be outside of any.
func (db *DB) look(ctx context.Context, cause error) {
	if !db.inTransaction() || db.tx != nil && db.tx.lost != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTime)
	defer cancel()
	_, err := db.q.ExecContext(ctx, "BEGIN")
	switch {
	case err != nil && strings.Contains(err.Error(), withinTransaction):
		return
	case err == nil:
		_, err = db.q.ExecContext(ctx, "ROLLBACK")
	}
	if err != nil {
		db.discard(err)
	}
	if db.tx != nil {
		db.tx.lost = fmt.Errorf("SQLite has rolled back the transaction, because a statement in it had failed: %w", cause)
	}
	if tx, ok := db.q.(interface{ Rollback() error }); ok {
		_ = tx.Rollback() // it is the caller's, who must not go on in it
	}
}

// discard closes a connection whose transaction could not be rolled back, so that nobody goes on in it.
func (db *DB) discard(cause error) {
	if db.tx != nil {
		db.tx.lost = fmt.Errorf("the transaction could not be rolled back: %w", cause)
	}
	switch q := db.q.(type) {
	case *sql.Conn:
		_ = q.Raw(func(any) error { return driver.ErrBadConn })
	case interface{ Rollback() error }:
		_ = q.Rollback()
	}
}

// withContext says that a context has ended where an error does not. What a driver returns then need not say so.
func withContext(ctx context.Context, err error) error {
	if ctxErr := ctx.Err(); ctxErr != nil && !errors.Is(err, ctxErr) {
		return fmt.Errorf("%w: %w", ctxErr, err)
	}
	return err
}
