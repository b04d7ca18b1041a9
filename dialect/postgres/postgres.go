package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/structs"
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
	q       sender
	catalog *dialect.Catalog
	joint   *joint // of a handle in the caller's transaction that is for one statement; else nil

	spare       *sync.Pool // memory of calls of Run that are done; nil: there is none
	untypedPool bool       // q is a pool whose connections do not ask the server for types
}

// New returns a handle on the database that q is connected to, with an empty cache of key types. Keep it as long as q,
// so that the type of a key column is looked up once; use [DB.With] for other connections to the same database. Every call of a
// handle made of nil is an error.
func New(q Querier) *DB { return newDB(q, new(dialect.Catalog), new(sync.Pool)) }

func newDB(q Querier, catalog *dialect.Catalog, spare *sync.Pool) *DB {
	db := &DB{q: q, catalog: catalog, spare: spare}
	if pool, ok := q.(*pgxpool.Pool); ok && pool != nil {
		db.untypedPool = untypedMode(pool.Config().ConnConfig.DefaultQueryExecMode)
	}
	return db
}

// With returns a handle on the same database through another connection or transaction, sharing the cache of key types.
// q must see the same tables under the same names: the cache does not know of another search_path.
func (db *DB) With(q Querier) *DB { return newDB(q, db.Catalog(), db.memory()) }

func (db *DB) memory() *sync.Pool {
	if db == nil {
		return nil
	}
	return db.spare
}

// Dialect returns [Dialect].
func (db *DB) Dialect() dialect.Dialect { return Dialect }

// Catalog returns the cache of key types, shared by all handles made with [DB.With]. It is safe for concurrent use.
func (db *DB) Catalog() *dialect.Catalog {
	if db == nil || db.catalog == nil {
		return new(dialect.Catalog)
	}
	return db.catalog
}

// usable says why nothing can be sent.
func (db *DB) usable(ctx context.Context) error {
	switch {
	case db == nil || structs.IsNil(db.q):
		return errors.New("the database is nil; make it with postgres.New of a pool, a connection or a transaction of pgx")
	case ctx == nil:
		return errors.New("the context is nil; use context.Background")
	}
	return nil
}

// Run sends the statements and calls each with the rows of every one in order: one statement by a query, several by one
// batch. No statements are no error. When ctx is already done its error is returned and nothing is sent.
//
// An error that each returns is returned as it is, unless the database had cut the rows short without each returning
// that error: then what each made of them is void, and the database's error is returned. An error of the database or of
// pgx is a *[dialect.StatementError]; if ctx is done by then it also matches the error of ctx with errors.Is. In a
// batch an error found while arguments are encoded may bear the number of the first statement that was not read. Where the
// answer to a statement that writes is lost, outside a transaction, it is [dialect.ErrCommitUnknown].
//
// Outside a transaction, statements that only read are sent again, once, when the server refuses their plan because a table was
// altered since they were prepared.
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
	if pool, ok := db.q.(*pgxpool.Pool); ok {
		// The pool would do the same, but not say what took the time.
		conn, err := pool.Acquire(ctx)
		if err != nil {
			if ctx.Err() != nil {
				err = fmt.Errorf("waiting for a connection: %w", err)
			}
			return &dialect.StatementError{Err: withContext(ctx, err)}
		}
		defer conn.Release()
		return db.With(conn).Run(ctx, stmts, each)
	}
	stmts, failing, err := db.arguments(stmts)
	if err != nil {
		return err
	}
	if tx, ok := db.q.(*lazyTx); ok {
		tx.ends = tx.reads && stmts[len(stmts)-1].Last
	}
	s := db.sending()
	s.ctx, s.db, s.stmts, s.each, s.failing, s.alone = ctx, db, stmts, each, failing, !db.inTransaction()
	if c := connOf(db.q); c != nil {
		s.taken = c.IsClosed() || c.PgConn().IsBusy()
	}
	err = s.send(0)
	if from, ok := s.stale(err); ok {
		err = s.send(from)
	}
	if db.spare != nil {
		*s = sending{}
		db.spare.Put(s)
	}
	return err
}

// sending returns memory for a call of Run.
func (db *DB) sending() *sending {
	if db.spare != nil {
		if s, ok := db.spare.Get().(*sending); ok {
			return s
		}
	}
	return &sending{}
}

// sending is one call of Run.
type sending struct {
	ctx   context.Context
	db    *DB
	stmts []dialect.Statement
	each  func(int, dialect.Rows) error

	failing []*valuerError // of arguments

	alone bool // it is in no transaction
	taken bool // the connection can send nothing: it is closed, or busy with the rows of another statement
	first rows // of a statement that is sent by itself
}

// send sends the statements from one on.
func (s *sending) send(from int) error {
	stmts := s.stmts[from:]
	if len(stmts) > 1 {
		return s.batch(from)
	}
	r, err := s.db.q.Query(s.ctx, stmts[0].SQL, stmts[0].Args...)
	if err != nil {
		if r != nil {
			r.Close()
		}
		err = s.unsent(from, err)
		if s.beforehand() {
			return &dialect.StatementError{Index: from, Err: withContext(s.ctx, s.veiled(from, explained(err)))}
		}
		return s.failed(from, err)
	}
	s.first = rows{s: s, index: from, rows: r}
	return s.first.read()
}

func (s *sending) batch(from int) error {
	var batch pgx.Batch
	for _, stmt := range s.stmts[from:] {
		batch.Queue(stmt.SQL, stmt.Args...)
	}
	results := s.db.q.SendBatch(s.ctx, &batch)
	defer func() { _ = results.Close() }() // also when each panics; a second Close does nothing
	for i := from; i < len(s.stmts); i++ {
		r, err := results.Query()
		if err != nil {
			return s.failed(indexOf(s.stmts, i, err), s.unsent(-1, err))
		}
		if err := (&rows{s: s, index: i, rows: r}).read(); err != nil {
			return err
		}
	}
	if err := results.Close(); err != nil {
		return s.failed(len(s.stmts)-1, err)
	}
	return nil
}

// writes reports whether a statement does more than read.
func (s *sending) writes() bool {
	return slices.ContainsFunc(s.stmts, func(stmt dialect.Statement) bool { return !stmt.Reads })
}

// beforehand reports whether an error that came in place of rows came before the statement was executed. That is so but in the
// simple protocol, where the first answer comes with it.
func (s *sending) beforehand() bool {
	c := connOf(s.db.q)
	return c != nil && c.Config().DefaultQueryExecMode != pgx.QueryExecModeSimpleProtocol
}

// failed wraps an error of the database.
func (s *sending) failed(index int, err error) error {
	var unread pgx.ErrPreprocessingBatch
	var unencoded *encodeError
	unknown := s.alone && !s.taken && s.writes() && !errors.As(err, &unread) && !errors.As(err, &unencoded) && unanswered(err)
	return &dialect.StatementError{Index: index, Unknown: unknown, Err: withContext(s.ctx, s.veiled(index, explained(err)))}
}

// stale returns the first statement that need be sent again because the server has refused its plan, if that and all behind it
// may be.
func (s *sending) stale(err error) (from int, ok bool) {
	if err == nil || !s.alone {
		return 0, false
	}
	var failed *dialect.StatementError
	if !errors.As(err, &failed) || s.ctx.Err() != nil || Dialect.Failure(err).Kind != dialect.FailureStalePlan {
		return 0, false
	}
	return failed.Index, !s.writes()
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

// withContext says that a context has ended where an error does not. What pgx returns then does not always say so: the
// connection may have been closed for it.
func withContext(ctx context.Context, err error) error {
	if ctxErr := ctx.Err(); ctxErr != nil && !errors.Is(err, ctxErr) {
		return fmt.Errorf("%w: %w", ctxErr, err)
	}
	return err
}
