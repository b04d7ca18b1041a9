package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"reflect"
	"slices"

	"github.com/dovetail-go/dovetail/dialect"
)

// Querier is what a handle needs of a connection. The pool, connection and transaction of database/sql have it.
type Querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

var (
	_ Querier    = (*sql.DB)(nil)
	_ Querier    = (*sql.Conn)(nil)
	_ Querier    = (*sql.Tx)(nil)
	_ dialect.DB = (*DB)(nil)
)

// DB runs statements on a pool, a connection or a transaction of database/sql, and is safe for concurrent use when that
// is. It never closes it. Make one with [New].
type DB struct {
	q       Querier
	catalog *dialect.Catalog
	times   *timeColumns
	tx      *transaction // that is open on q, which is none itself; nil: none is
	reads   bool         // nothing may be written in it
}

// New returns a handle on the database that q is connected to. Every call of one made of nil is an error.
func New(q Querier) *DB { return &DB{q: q, catalog: new(dialect.Catalog), times: new(timeColumns)} }

// With returns a handle on the same database through another connection or transaction. What a handle on a transaction learns of
// the spelling of times it keeps to itself, because nobody tells it that the transaction was committed.
func (db *DB) With(q Querier) *DB {
	other := New(q)
	if db == nil {
		return other
	}
	other.catalog = db.Catalog()
	if _, ok := q.(*sql.Tx); ok {
		other.times.parent = db.times
	} else if db.times != nil {
		other.times = db.times
	}
	return other
}

// Dialect returns [Dialect].
func (db *DB) Dialect() dialect.Dialect { return Dialect }

// Catalog returns the cache of key types, shared by all handles made with [DB.With]. It stays empty: no key needs a
// type. It is safe for concurrent use.
func (db *DB) Catalog() *dialect.Catalog {
	if db == nil || db.catalog == nil {
		return new(dialect.Catalog)
	}
	return db.catalog
}

// Records returns false: SQLite has no values that are rows.
func (*DB) Records() bool { return false }

// usable says why nothing can be sent.
func (db *DB) usable(ctx context.Context) error {
	switch {
	case db == nil || db.q == nil || isNil(db.q):
		return errors.New("the database is nil; make it with sqlite.New of a *sql.DB, *sql.Conn or *sql.Tx")
	case ctx == nil:
		return errors.New("the context is nil; use context.Background")
	}
	return nil
}

// isNil reports whether q holds a nil pointer.
func isNil(q Querier) bool {
	v := reflect.ValueOf(q)
	return v.Kind() == reflect.Pointer && v.IsNil()
}

// Run executes the statements one after the other and calls each with the rows of every one; a statement is not begun
// before the rows of the one before it are closed. No statements are no error. When ctx is already done its error is
// returned and nothing is executed.
//
// An error that each returns is returned as it is, unless the database had cut the rows short without each returning
// that error: then what each made of them is void, and the database's error is returned. An error of the database, the
// driver or the conversion of an argument is a *[dialect.StatementError]; if ctx is done by then it also matches the
// error of ctx with errors.Is. Where ctx ended in a statement that writes, outside a transaction, it is
// [dialect.ErrCommitUnknown]: the driver does not say whether that was before or after.
//
// In a transaction that only reads, and in a savepoint of one, a statement that does not say of itself that it Reads is not executed.
func (db *DB) Run(ctx context.Context, stmts []dialect.Statement, each func(i int, rows dialect.Rows) error) error {
	if len(stmts) == 0 {
		return nil
	}
	if err := db.usable(ctx); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if each == nil {
		return errors.New("the function for the rows is nil")
	}
	if pool, ok := db.q.(*sql.DB); ok && (slices.ContainsFunc(stmts, writes) || db.times != nil && db.times.unit.Load() == 0) {
		// The pool would do the same, but not say whether a statement was begun when the context ended. While rows are read the driver may be
		// asked for the unit of times, which must not wait for another connection.
		conn, err := pool.Conn(ctx)
		if err != nil {
			return &dialect.StatementError{Err: withContext(ctx, err)}
		}
		defer func() { _ = conn.Close() }()
		return db.With(conn).Run(ctx, stmts, each)
	}
	for i, s := range stmts {
		if err := db.runOne(ctx, i, s, each); err != nil {
			return err
		}
	}
	return nil
}

func writes(s dialect.Statement) bool { return !s.Reads }

func (db *DB) runOne(ctx context.Context, index int, s dialect.Statement, each func(int, dialect.Rows) error) error {
	args, err := db.resolved(ctx, s.Args)
	if err == nil {
		args, err = arguments(args)
	}
	if err != nil {
		return &dialect.StatementError{Index: index, Err: err}
	}
	if db.tx != nil && db.tx.lost != nil {
		return &dialect.StatementError{Index: index, Err: db.tx.lost}
	}
	if db.reads && writes(s) {
		return &dialect.StatementError{Index: index, Err: errSnapshot}
	}
	if err := ctx.Err(); err != nil {
		return &dialect.StatementError{Index: index, Err: err}
	}
	f := failing{ctx, db, index, s.Reads}
	if s.Exec {
		return db.execOne(f, s.SQL, args, each)
	}
	result, err := db.q.QueryContext(ctx, s.SQL, args...)
	if err != nil {
		return f.failed(err)
	}
	r := &rows{failing: f, rows: result}
	defer result.Close() // when each panics
	err = each(index, r)
	closeErr := result.Close()
	switch {
	case err == nil && r.Err() != nil:
		return r.err
	case err == nil && closeErr != nil:
		return f.failed(closeErr)
	case r.cut && !errors.Is(err, r.err):
		return r.err
	}
	return err
}

// execOne executes a statement that yields no rows.
func (db *DB) execOne(f failing, query string, args []any, each func(int, dialect.Rows) error) error {
	result, err := db.q.ExecContext(f.ctx, query, args...)
	if err != nil {
		return f.failed(err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return f.failed(err)
	}
	return each(f.index, noRows(n))
}

// failing is a statement that may fail.
type failing struct {
	ctx   context.Context
	db    *DB
	index int
	reads bool
}

// failed wraps an error of the database.
func (f failing) failed(err error) error {
	unknown := f.unknown() && unanswered(err)
	f.db.settle(f.ctx, err, f.reads)
	return &dialect.StatementError{Index: f.index, Unknown: unknown, Err: withContext(f.ctx, explained(err))}
}

// unknown reports whether an error may be of a write that has happened.
func (f failing) unknown() bool { return !f.reads && !f.db.inTransaction() }

// unanswered reports whether an error is not SQLite's, so that the statement may have been executed. What SQLite itself says it
// says of a statement without effect.
func unanswered(err error) bool {
	var lost net.Error
	for _, end := range []error{context.Canceled, context.DeadlineExceeded, driver.ErrBadConn, io.EOF, io.ErrUnexpectedEOF} {
		if errors.Is(err, end) {
			return true
		}
	}
	return errors.As(err, &lost)
}

// noRows is the result of a statement that yields no rows: how many it affected.
type noRows int64

func (noRows) Columns() []string { return nil }
func (noRows) Next() bool        { return false }
func (noRows) Null(int) bool     { return false }
func (noRows) Scan(...any) error { return sql.ErrNoRows }
func (noRows) Err() error        { return nil }

func (noRows) Sent() ([][]byte, []dialect.Encoding) { return nil, nil }

func (noRows) Records(int, []string) dialect.Records { return nil }

func (n noRows) Affected() int64 { return int64(n) }
