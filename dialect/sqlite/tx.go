package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/dovetail-go/dovetail/dialect"
)

// rollbackTime bounds a rollback, which must run even if the context that failed the transaction has ended.
const rollbackTime = 5 * time.Second

// transaction is one of InTx, or a savepoint.
type transaction struct {
	outer *transaction // nil: it is none of ours
	lost  error        // why it can only be rolled back; nil: it can go on
	gone  bool         // there is nothing to roll back
}

// end says that a transaction and those around it are no longer open.
func (tx *transaction) end(why error) {
	for ; tx != nil; tx = tx.outer {
		tx.lost, tx.gone = why, true
	}
}

// InTx calls do with a handle on a transaction of a pool or a connection, or on a savepoint of a transaction. It is
// committed when do returns nil, else rolled back, also when do panics. A connection whose transaction can be neither ended nor
// known to have ended is closed.
//
// A transaction that writes is begun by BEGIN IMMEDIATE, so that it waits for another writer at its begin, as long as the
// connection's busy_timeout says, and not in its middle, where SQLite would refuse it at once. One that only reads, and any where nothing
// may be written, is begun by BEGIN, and sees the database as it is at its first statement. In one that only reads every other statement is
// refused before it is executed; the connection itself is left as it is.
//
// SQLite rolls back a whole transaction by itself when a statement in it is interrupted, as by the end of a context, and for
// some other errors; and a statement in which the context ends may have been executed all the same. After either the handle
// refuses every further statement, and the transaction, or the savepoint, fails.
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
	if db.tx != nil && db.tx.lost != nil {
		return &dialect.TxError{Step: "begin", Err: db.tx.lost}
	}
	// The transaction is made by SQL text, on a connection held for it: after a COMMIT that SQLite refused, as for a deferred
	// foreign key, it is still open, and database/sql would put the connection back into its pool like that.
	in := *db
	in.reads = db.reads || opts.Snapshot
	switch q := db.q.(type) {
	case *sql.DB:
		conn, err := q.Conn(ctx)
		if err != nil {
			return beginFailed(ctx, err)
		}
		defer func() { _ = conn.Close() }()
		return in.transact(ctx, conn, begin(opts), do)
	case *sql.Conn:
		if db.tx == nil {
			return in.transact(ctx, q, begin(opts), do)
		}
	}
	if opts.Alone {
		return beginFailed(ctx, errors.New("the handle is in a transaction, which cannot be run again from its beginning; call Retry "+
			"with a pool or a connection, or InTx for a savepoint"))
	}
	return in.transact(ctx, db.q, savepoint(), do)
}

func beginFailed(ctx context.Context, err error) error {
	return &dialect.TxError{Step: "begin", Err: withContext(ctx, err)}
}

// steps are the statements that begin and end a transaction.
type steps struct{ begin, commit, rollback string }

// commit is that of a whole transaction; a savepoint is released.
const commit = "COMMIT"

func begin(opts dialect.TxOptions) steps {
	if opts.Snapshot {
		return steps{"BEGIN", commit, "ROLLBACK"}
	}
	return steps{"BEGIN IMMEDIATE", commit, "ROLLBACK"}
}

// savepoint has a name of its own: a rollback to one that was not made must not go to another.
func savepoint() steps {
	name := "dovetail_" + strconv.FormatUint(rand.Uint64(), 36)
	return steps{"SAVEPOINT " + name, "RELEASE " + name, "ROLLBACK TO " + name + "; RELEASE " + name}
}

// errUnwound is why a transaction ended whose function never returned.
var errUnwound = errors.New("a panic, or runtime.Goexit")

func (db *DB) transact(ctx context.Context, q Querier, s steps, do func(tx dialect.DB) error) error {
	tx := &DB{q: q, catalog: db.catalog, times: &timeColumns{parent: db.times}, tx: &transaction{outer: db.tx}, reads: db.reads}
	rollback := func(cause error) {
		if gone, _ := tx.rollback(ctx, s); gone {
			db.settle(ctx, cause, true) // with a savepoint the transaction around it may be gone
		}
	}
	_, err := q.ExecContext(ctx, s.begin)
	if readsOnly(err) {
		_, err = q.ExecContext(ctx, "BEGIN") // as SQLite itself begins where the file is opened to be read: what reads may run
	}
	if err != nil {
		// It may have begun all the same, when the context ended meanwhile.
		if !strings.Contains(err.Error(), withinTransaction) {
			rollback(err)
			return beginFailed(ctx, err)
		}
		return beginFailed(ctx, errors.New("the connection is in a transaction that SQL text began; begin it with BeginTx, and make the "+
			"handle of what that returns"))
	}
	ended := false
	defer func() {
		if !ended { // do did not return
			rollback(errUnwound)
		}
	}()
	if err = do(tx); err == nil {
		err = ctx.Err()
	}
	ended = true
	if err != nil {
		rollback(err)
		return err
	}
	if lost := tx.tx.lost; lost != nil {
		rollback(lost)
		return &dialect.TxError{Step: "commit", Err: lost}
	}
	// A commit that is interrupted may have happened.
	if _, err := q.ExecContext(context.WithoutCancel(ctx), s.commit); err != nil {
		return tx.commitFailed(ctx, db, s, err)
	}
	tx.times.keep()
	return nil
}

// commitFailed ends the transaction, on the handle around, whose commit has failed. It may have been committed all the same where none is left, and
// where the answer was lost with the connection. What may be in the transaction around a savepoint must not be committed with it.
func (tx *DB) commitFailed(ctx context.Context, around *DB, s steps, err error) error {
	gone, closed := tx.rollback(ctx, s)
	unknown := gone || closed && unanswered(err)
	if gone {
		around.settle(ctx, err, s.commit == commit)
	}
	if refused := Dialect.Failure(err).Refusal(err); refused != nil {
		err = refused
	}
	return &dialect.TxError{Step: "commit", Unknown: unknown && s.commit == commit, Err: err}
}

// rollback ends the transaction and reports whether there was none. A connection on which that fails is closed, so that nobody
// goes on in the transaction.
func (db *DB) rollback(ctx context.Context, s steps) (gone, closed bool) {
	if db.tx.gone {
		return true, false
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTime)
	defer cancel()
	_, err := db.q.ExecContext(ctx, s.rollback)
	gone = noTransaction(err)
	if closed = err != nil && !gone; closed {
		db.discard(err)
	}
	return gone, closed
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

// settle sees to the transaction in which a statement has failed. One that may have been executed all the same must not be
// committed. Where SQLite has rolled the transaction back, what came next on the handle would be outside of any: that is found out
// by a BEGIN, which is refused in one that is open.
func (db *DB) settle(ctx context.Context, cause error, reads bool) {
	if !db.inTransaction() || db.tx != nil && db.tx.gone {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTime)
	defer cancel()
	_, err := db.q.ExecContext(ctx, "BEGIN")
	switch open := err != nil && strings.Contains(err.Error(), withinTransaction); {
	case open && (reads || !unanswered(cause)):
	case open && db.tx != nil:
		db.tx.lost = fmt.Errorf("a statement in the transaction had failed, and may have been executed all the same: %w", cause)
	case open:
		db.discard(cause)
	default:
		if err == nil {
			_, err = db.q.ExecContext(ctx, "ROLLBACK")
		}
		if err != nil || db.tx == nil {
			db.discard(err)
		}
		db.tx.end(fmt.Errorf("SQLite has rolled back the transaction, because a statement in it had failed: %w", cause))
	}
}

// discard ends the caller's transaction, or closes a connection whose transaction could not be rolled back, so that nobody goes on
// in it.
func (db *DB) discard(cause error) {
	db.tx.end(fmt.Errorf("the transaction could not be rolled back: %w", cause))
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
