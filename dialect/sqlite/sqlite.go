package sqlite

import (
	"context"
	"database/sql"
	"errors"

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
	inTx    bool // a transaction is open on q, which is none itself
}

// New returns a handle on the database that q is connected to.
func New(q Querier) *DB { return &DB{q: q, catalog: new(dialect.Catalog), times: new(timeColumns)} }

// With returns a handle on the same database through another connection or transaction. What a handle on a transaction learns of
// the spelling of times it keeps to itself, because nobody tells it that the transaction was committed.
func (db *DB) With(q Querier) *DB {
	other := &DB{q: q, catalog: db.catalog, times: db.times}
	if _, ok := q.(*sql.Tx); ok {
		other.times = &timeColumns{parent: db.times}
	}
	return other
}

// Dialect returns [Dialect].
func (db *DB) Dialect() dialect.Dialect { return Dialect }

// Catalog returns the cache of key types, shared by all handles made with [DB.With]. It stays empty: no key needs a
// type. It is safe for concurrent use.
func (db *DB) Catalog() *dialect.Catalog { return db.catalog }

// Run executes the statements one after the other and calls each with the rows of every one; a statement is not begun
// before the rows of the one before it are closed. No statements are no error. When ctx is already done its error is
// returned and nothing is executed.
//
// An error that each returns is returned as it is, unless the database had cut the rows short without each returning
// that error: then what each made of them is void, and the database's error is returned. An error of the database, the
// driver or the conversion of an argument is a *[dialect.StatementError]; if ctx is done by then it also matches the
// error of ctx with errors.Is.
func (db *DB) Run(ctx context.Context, stmts []dialect.Statement, each func(i int, rows dialect.Rows) error) error {
	if len(stmts) == 0 {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	for i, s := range stmts {
		if err := db.runOne(ctx, i, s, each); err != nil {
			return err
		}
	}
	return nil
}

func (db *DB) runOne(ctx context.Context, index int, s dialect.Statement, each func(int, dialect.Rows) error) error {
	args, err := db.resolved(ctx, s.Args)
	if err == nil {
		args, err = arguments(args)
	}
	if err != nil {
		return &dialect.StatementError{Index: index, Err: err}
	}
	if s.Exec {
		return db.execOne(ctx, index, s.SQL, args, each)
	}
	result, err := db.q.QueryContext(ctx, s.SQL, args...)
	if err != nil {
		return statementError(ctx, index, err)
	}
	r := &rows{ctx: ctx, index: index, rows: result}
	defer result.Close() // when each panics
	err = each(index, r)
	closeErr := result.Close()
	switch {
	case err == nil && r.Err() != nil:
		return r.err
	case err == nil && closeErr != nil:
		return statementError(ctx, index, closeErr)
	case r.cut && !errors.Is(err, r.err):
		return r.err
	}
	return err
}

// execOne executes a statement that yields no rows.
func (db *DB) execOne(ctx context.Context, index int, query string, args []any, each func(int, dialect.Rows) error) error {
	result, err := db.q.ExecContext(ctx, query, args...)
	if err != nil {
		return statementError(ctx, index, err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return statementError(ctx, index, err)
	}
	return each(index, noRows(n))
}

// noRows is the result of a statement that yields no rows: how many it affected.
type noRows int64

func (noRows) Columns() []string { return nil }
func (noRows) Next() bool        { return false }
func (noRows) Null(int) bool     { return false }
func (noRows) Scan(...any) error { return sql.ErrNoRows }
func (noRows) Err() error        { return nil }
func (n noRows) Affected() int64 { return int64(n) }
