package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dovetail-go/dovetail/dialect"
)

// Querier is what a handle needs of a connection. pgx's pools, connections and transactions have it.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
	Begin(ctx context.Context) (pgx.Tx, error)
}

var (
	_ Querier    = (*pgxpool.Pool)(nil)
	_ Querier    = (*pgxpool.Conn)(nil)
	_ Querier    = (*pgxpool.Tx)(nil)
	_ Querier    = (*pgx.Conn)(nil)
	_ Querier    = (pgx.Tx)(nil)
	_ dialect.DB = (*DB)(nil)
)

// DB runs statements on a pool, a connection or a transaction, and is safe for concurrent use exactly when that is. It
// never closes it. Make one with [New].
type DB struct {
	q       Querier
	catalog *dialect.Catalog
}

// New returns a handle on the database that q is connected to, with an empty cache of key types. Keep it as long as q,
// so that the type of a key column is looked up once; use [DB.With] for other connections to the same database.
func New(q Querier) *DB { return &DB{q: q, catalog: new(dialect.Catalog)} }

// With returns a handle on the same database through another connection or transaction, sharing the cache of key types.
// q must see the same tables under the same names: the cache does not know of another search_path.
func (db *DB) With(q Querier) *DB { return &DB{q: q, catalog: db.catalog} }

// Dialect returns [Dialect].
func (db *DB) Dialect() dialect.Dialect { return Dialect }

// Catalog returns the cache of key types, shared by all handles made with [DB.With]. It is safe for concurrent use.
func (db *DB) Catalog() *dialect.Catalog { return db.catalog }

// Run sends the statements and calls each with the rows of every one in order: one statement by a query, several by one
// batch. No statements are no error. When ctx is already done its error is returned and nothing is sent.
//
// An error that each returns is returned as it is, unless the database had cut the rows short without each returning
// that error: then what each made of them is void, and the database's error is returned. An error of the database or of
// pgx is a *[dialect.StatementError]; if ctx is done by then it also matches the error of ctx with errors.Is. In a
// batch an error found while arguments are encoded may bear the number of the first statement that was not read.
func (db *DB) Run(ctx context.Context, stmts []dialect.Statement, each func(i int, rows dialect.Rows) error) error {
	if len(stmts) == 0 {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if pool, ok := db.q.(*pgxpool.Pool); ok {
		// The pool would do the same, but not say what took the time.
		conn, err := pool.Acquire(ctx)
		if err != nil {
			if ctx.Err() != nil {
				err = fmt.Errorf("waiting for a connection: %w", err)
			}
			return statementError(ctx, 0, err)
		}
		defer conn.Release()
		return db.With(conn).Run(ctx, stmts, each)
	}
	stmts, err := db.arguments(stmts)
	if err != nil {
		return err
	}
	if len(stmts) > 1 {
		return db.runBatch(ctx, stmts, each)
	}
	r, err := db.q.Query(ctx, stmts[0].SQL, stmts[0].Args...)
	if err != nil {
		if r != nil {
			r.Close()
		}
		return statementError(ctx, 0, unsent(&stmts[0], err))
	}
	return (&rows{ctx: ctx, rows: r}).read(each)
}

func (db *DB) runBatch(ctx context.Context, stmts []dialect.Statement, each func(int, dialect.Rows) error) error {
	var batch pgx.Batch
	for _, s := range stmts {
		batch.Queue(s.SQL, s.Args...)
	}
	results := db.q.SendBatch(ctx, &batch)
	defer func() { _ = results.Close() }() // also when each panics; a second Close does nothing
	for i := range stmts {
		r, err := results.Query()
		if err != nil {
			return statementError(ctx, indexOf(stmts, i, err), unsent(nil, err))
		}
		if err := (&rows{ctx: ctx, index: i, rows: r}).read(each); err != nil {
			return err
		}
	}
	if err := results.Close(); err != nil {
		return statementError(ctx, len(stmts)-1, err)
	}
	return nil
}

// indexOf returns the statement that an error belongs to which came instead of the results of statement next. pgx
// prepares all statements of a batch before it runs the first, and then tells the failing one by its text.
func indexOf(stmts []dialect.Statement, next int, err error) int {
	var prep pgx.ErrPreprocessingBatch
	if errors.As(err, &prep) {
		for i := next; i < len(stmts); i++ {
			if stmts[i].SQL == prep.SQL() {
				return i
			}
		}
	}
	return next
}

// statementError wraps an error of the database.
func statementError(ctx context.Context, index int, err error) error {
	return &dialect.StatementError{Index: index, Err: withContext(ctx, err)}
}

// withContext says that a context has ended where an error does not. What pgx returns then does not always say so: the
// connection may have been closed for it.
func withContext(ctx context.Context, err error) error {
	if ctxErr := ctx.Err(); ctxErr != nil && !errors.Is(err, ctxErr) {
		return fmt.Errorf("%w: %w", ctxErr, err)
	}
	return err
}
