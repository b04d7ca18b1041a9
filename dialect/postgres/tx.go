package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
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
// It begins with the first statement in it where nobody else can send anything on the connection: of a pool, and where Lazy says so.
// Then what cannot begin is returned whatever do returns, and where nothing is run nothing is sent.
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
	if outer, ok := db.q.(transaction); ok && opts.Joined {
		return db.join(ctx, outer, do)
	}
	tx, release, err := db.begin(ctx, opts)
	if err != nil {
		return &dialect.TxError{Step: "begin", Err: withContext(ctx, explained(err))}
	}
	defer release()
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
	err = do(&DB{q: tx, catalog: db.Catalog(), spare: db.spare})
	if refused := refusal(tx); refused != nil {
		_ = rollback()
		return &dialect.TxError{Step: "begin", Err: withContext(ctx, explained(refused))}
	}
	if err != nil {
		_ = rollback()
		return err
	}
	if err := ctx.Err(); err != nil {
		_ = rollback()
		return err
	}
	if err := unready(tx); err != nil {
		_ = rollback()
		return &dialect.TxError{Step: "commit", Err: err}
	}
	ended = true
	if err := tx.Commit(ctx); err != nil {
		_, inner := db.q.(transaction) // what happens to a savepoint is known with the transaction around it
		unknown := !inner && !opts.Snapshot && unanswered(err)
		if refused := Dialect.Failure(err).Refusal(err); refused != nil {
			err = refused
		}
		return &dialect.TxError{Step: "commit", Unknown: unknown, Err: withContext(ctx, explained(err))}
	}
	return nil
}

// joint is a statement of its own in the caller's transaction.
type joint struct{ changed bool } // whether it has changed rows

// join calls do in the caller's transaction, without a savepoint. Where do fails although its statement has changed rows, the
// transaction is aborted, as it is by a statement that fails: half of a call is never committed.
func (db *DB) join(ctx context.Context, outer transaction, do func(tx dialect.DB) error) error {
	j, done := new(joint), false
	defer func() {
		if c := outer.Conn(); !done && j.changed && (c == nil || c.PgConn().TxStatus() == 'T') {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTime)
			defer cancel()
			_, _ = outer.Exec(ctx, "ROLLBACK TO SAVEPOINT dovetail_none") // there is none, and the refusal aborts
		}
	}()
	err := do(&DB{q: outer, catalog: db.Catalog(), joint: j, spare: db.spare})
	done = err == nil
	return err
}

// refusal says why a transaction could not begin with its first statement.
func refusal(tx transaction) error {
	if t, ok := tx.(*lazyTx); ok && t.state == txRefused {
		return t.err
	}
	return nil
}

// unready says why the end of a transaction cannot be sent.
func unready(tx transaction) error {
	if t, ok := tx.(*lazyTx); ok && t.state == txEnded {
		return nil // it was
	}
	switch c := tx.Conn(); {
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
	if _, ok := db.q.(transaction); ok {
		return true
	}
	c := connOf(db.q)
	return c != nil && !c.IsClosed() && c.PgConn().TxStatus() != 'I'
}

// begin returns a transaction, or a savepoint of one, and what gives back its connection. It begins with its first statement where
// nobody else can send anything on the connection, or where that is asked for; else it has begun.
func (db *DB) begin(ctx context.Context, opts dialect.TxOptions) (tx transaction, release func(), err error) {
	release = func() {}
	if pool, ok := db.q.(*pgxpool.Pool); ok {
		conn, err := pool.Acquire(ctx)
		if err != nil {
			return nil, nil, err
		}
		return db.lazy(conn.Conn(), opts), conn.Release, nil
	}
	if c := connOf(db.q); c != nil {
		if c.PgConn().TxStatus() != 'I' {
			return nil, nil, errors.New("the connection is in a transaction that SQL text began; begin it with Begin, and make the handle of " +
				"what that returns")
		}
		if opts.Lazy {
			return db.lazy(c, opts), release, nil
		}
	}
	plain := !opts.Snapshot && !opts.Serializable && !opts.Alone
	if c, ok := db.q.(interface {
		BeginTx(ctx context.Context, options pgx.TxOptions) (pgx.Tx, error)
	}); ok && !plain {
		tx, err = c.BeginTx(ctx, optionsOf(opts))
		return tx, release, err
	}
	if opts.Alone {
		return nil, nil, errors.New("the handle is in a transaction, which cannot be run again from its beginning; call Retry with a pool or " +
			"a connection, or InTx for a savepoint")
	}
	tx, err = db.within(ctx, opts)
	return tx, release, err
}

// lazy returns a transaction on the connection.
func (db *DB) lazy(c *pgx.Conn, opts dialect.TxOptions) *lazyTx {
	return &lazyTx{on: c, begins: optionsOf(opts), reads: opts.Snapshot}
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

// within returns a savepoint of a transaction that must be isolated enough.
func (db *DB) within(ctx context.Context, opts dialect.TxOptions) (transaction, error) {
	var isolated func(level string) error
	if opts.Snapshot || opts.Serializable {
		isolated = func(level string) error {
			if level != "serializable" && (opts.Serializable || level != "repeatable read") {
				return fmt.Errorf("the transaction is %s, and not isolated as is asked for; begin it with pgx.RepeatableRead or "+
					"pgx.Serializable", level)
			}
			return nil
		}
	}
	switch outer := db.q.(type) {
	case *lazyTx:
		if err := outer.usable(); err != nil {
			return nil, err
		}
		t := outer.within()
		t.isolated, t.reads = isolated, opts.Snapshot
		if opts.Lazy || isolated == nil {
			return t, nil
		}
		if err := beginNow(ctx, t.waiting()); err != nil { // before anything is done in it
			t.over()
			return nil, err
		}
		return t, nil
	case transaction:
		if opts.Lazy {
			t := savepointOf(outer, nil)
			t.isolated, t.reads = isolated, opts.Snapshot
			return t, nil
		}
	}
	if isolated != nil {
		if err := checked(isolated)(db.q.Query(ctx, isolationSQL)); err != nil {
			return nil, err
		}
	}
	return db.q.(Querier).Begin(ctx)
}

// connOf returns the connection that q is; nil if it is none.
func connOf(q sender) *pgx.Conn {
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
	switch code := answer.Code; {
	case code == "25P03", code == "25P04", code == "57P05":
		return false // the server had ended a transaction, or a session, in which nothing went on
	// A server that is being shut down, or is out of touch with a standby it must wait for, may have committed.
	case code == "40003", strings.HasPrefix(code, "08"), strings.HasPrefix(code, "57P"):
		return true
	}
	return answer.SeverityUnlocalized == "FATAL" || answer.SeverityUnlocalized == "PANIC"
}
