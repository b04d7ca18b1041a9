package dovetail

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/compile"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// EXECUTE: compile, send, scan, attach. A result is returned whole or not at all.

// DB is a database to run queries on: postgres.New or sqlite.New make one from a pool, a connection or a transaction. It
// is safe for concurrent use exactly when that is.
type DB = dialect.DB

// All returns the rows. Without any it returns an empty slice.
//
// It issues one statement for the query and one for each relation that is preloaded, in 1 + depth round trips where the
// driver pipelines. The first preload by a text key on a database asks its catalog once more. When any statement fails,
// or ctx is done, nothing is returned but the error.
func (q Query[R]) All(ctx context.Context, db dialect.DB) ([]R, error) {
	rows, err := loadRows(q.q.asked(), ctx, db, "select", nil)
	if err != nil {
		return nil, err
	}
	return structs.Typed[R](rows), nil
}

// One returns the only row. It is [ErrNoRows] when there is none, and [ErrTooManyRows] when there are more; two rows at
// most are read, except with a fetched to-many relation, which is read whole.
func (q Query[R]) One(ctx context.Context, db dialect.DB) (R, error) {
	return one[R](single(q.q.asked(), ctx, db, atMostTwo))
}

func atMostTwo(s *plan.Spec) error {
	if s.Limit < 0 || s.Limit > 2 {
		s.Most = 2
	}
	return nil
}

// one gives a row its type.
func one[R any](rows []structs.Row, err error) (row R, _ error) {
	if err != nil {
		return row, err
	}
	return structs.Typed[R](rows)[0], nil
}

// First returns the first row in the query's order, which the primary key ends. It is [ErrNoRows] when there is no row, and
// [ErrFanOut] with a fetched to-many relation.
func (q Query[R]) First(ctx context.Context, db dialect.DB) (R, error) {
	return one[R](single(q.q.asked(), ctx, db, firstOnly))
}

func firstOnly(s *plan.Spec) error {
	if s.Limit != 0 {
		s.Most = 1
	}
	s.Ordered = true
	if s.Before != nil {
		return &plan.PathError{Method: "First", Err: graph.Problemf(ErrInvalidQuery, "the first of all rows that Before keeps does "+
			"not depend on the position; use Limit(1) and All for the nearest")}
	}
	return nil
}

// Get returns the row with the primary key, of those the query selects. The values are those of the key's columns, in the
// order of its declaration. It is [ErrNoRows] when there is no such row.
func (q Query[R]) Get(ctx context.Context, db dialect.DB, key ...any) (R, error) {
	return one[R](single(q.q.asked(), ctx, db, withKey(key)))
}

func withKey(key []any) func(*plan.Spec) error {
	return func(s *plan.Spec) error {
		columns := s.Table.PrimaryKey
		if len(columns) != len(key) {
			remedy := "give one for each"
			if len(columns) == 0 {
				remedy = "declare it with PrimaryKey, or use Where"
			}
			return &plan.PathError{Method: "Get", Err: graph.Problemf(ErrArgCount, "the primary key of %q has %d column(s), got %d value(s); %s",
				s.Table.Name, len(columns), len(key), remedy)}
		}
		for i, c := range columns {
			e, err := comparison(c, key[i], equal(false))
			if err != nil {
				return &plan.PathError{Method: "Get", Err: err}
			}
			if _, ok := e.(*plan.Compare); !ok {
				return &plan.PathError{Method: "Get", Err: graph.Problemf(ErrArgType, "%q takes one value that is not NULL", c)}
			}
			s.Where = append(slices.Clip(s.Where), plan.Clause{Method: "Get", Expr: e})
		}
		return nil
	}
}

// single returns the one row of a query that adjust has limited.
func single(q *request, ctx context.Context, db dialect.DB, adjust func(*plan.Spec) error) ([]structs.Row, error) {
	rows, err := loadRows(q, ctx, db, "select", adjust)
	if err != nil {
		return nil, err
	}
	if len(rows) != 1 {
		is := ErrNoRows
		if len(rows) > 1 {
			is = ErrTooManyRows
		}
		return nil, &QueryError{Op: "select " + q.table.graph.Name, Err: is}
	}
	return rows, nil
}

// Count returns the number of rows that [Query.All] would return, in one statement.
func (q Query[R]) Count(ctx context.Context, db dialect.DB) (int64, error) {
	return scalar[int64](ctx, db, q.q.asked(), "count", compile.Count)
}

// Exists reports whether [Query.All] would return any row, in one statement.
func (q Query[R]) Exists(ctx context.Context, db dialect.DB) (bool, error) {
	return scalar[bool](ctx, db, q.q.asked(), "exists", compile.Exists)
}

// scalar runs a statement with one value.
func scalar[V any](ctx context.Context, db dialect.DB, q *request, verb string,
	write func(*plan.Query, dialect.Dialect) (compile.Statement, error),
) (value V, err error) {
	if err := checkDB(verb, db); err != nil {
		return value, err
	}
	p, err := compiled(q, verb, db.Dialect(), withoutPreloads, write)
	if err != nil {
		return value, err
	}
	err = p.run(&loader{ctx: ctx, db: db, op: p.op}, func(rows dialect.Rows) error {
		if !rows.Next() {
			return errors.Join(rows.Err(), ErrNoRows)
		}
		return rows.Scan(&value)
	})
	return value, err
}

// withoutPreloads keeps what is fetched: its joins may be named, and may change the number of rows.
func withoutPreloads(s *plan.Spec) error {
	s.Preloads = slices.DeleteFunc(slices.Clone(s.Preloads), func(c plan.PreloadClause) bool { return !c.Joined })
	return nil
}

// Collect returns the query's rows in any shape scany can scan: structs of the caller's with `db` tags, embedded and
// nested ones, maps, and single values. Columns are matched by name; one without a field is an error. A column of a
// related table, selected by [Query.Columns] as "author.name", is scanned into the field Name of a struct field Author. A
// field of a struct that no column fills is an error too; tag it `db:"-"` if that is meant.
//
// It issues one statement. [Query.Preload] and [Query.Fetch] are errors: they need the struct of the query's table.
func Collect[D any](ctx context.Context, db dialect.DB, q AnyQuery) ([]D, error) {
	return collectAll[D](ctx, db, q.untyped().asked())
}

// collectAll collects what a query asks for.
func collectAll[D any](ctx context.Context, db dialect.DB, n *request) ([]D, error) {
	if err := checkDB("collect", db); err != nil {
		return nil, err
	}
	p, err := compiled(n, "select", db.Dialect(), func(s *plan.Spec) error {
		if len(s.Preloads) > 0 {
			c := s.Preloads[0]
			return &plan.PathError{Method: "Collect", Err: graph.Problemf(ErrInvalidQuery, "%s %q needs the struct of %q; use All",
				strings.ToLower(c.Method), c.Path, s.Table.Name)}
		}
		return nil
	}, compile.Select)
	if err != nil {
		return nil, err
	}
	var all []D
	err = p.run(&loader{ctx: ctx, db: db, op: p.op}, func(rows dialect.Rows) error {
		all, err = collect[D](n.table.registry, rows)
		return err
	})
	if err != nil {
		return nil, err
	}
	if p.plan.Reversed {
		slices.Reverse(all)
	}
	return all, nil
}

// Load loads the relation at the path onto rows in hand, as [Query.Preload] does for the rows of a query: one statement for
// each relation of the path. What the fields held before is replaced. Nil rows are skipped; without rows no statement is
// issued. It is not safe to use the rows in other goroutines meanwhile. After an error the rows on the way to the failed
// relation may have been loaded.
func Load[T any](ctx context.Context, db dialect.DB, t *Table[T], rows []*T, path string, queries ...AnyQuery) error {
	return loadOnto(Select(t).q.preload("Load", path, nil, untypedAll(queries)).asked(), ctx, db, structs.RowsOf(rows))
}

// loadOnto loads what the query preloads onto rows in hand.
func loadOnto(q *request, ctx context.Context, db dialect.DB, rows []structs.Row) error {
	if err := checkDB("load", db); err != nil {
		return err
	}
	p, err := compiled(q, "load", db.Dialect(), nil, compile.Select)
	if err != nil {
		return err
	}
	owners := slices.DeleteFunc(slices.Clone(rows), func(r structs.Row) bool { return r == nil })
	l := loader{ctx: ctx, db: db, registry: q.table.registry, op: p.op, fetches: p.fetches}
	clause := q.spec.Preloads[0]
	l.missing = func([]string) []string {
		return []string{fmt.Sprintf("one %s(%q) with all rows of %q", clause.Method, clause.Path, q.table.graph.Name)}
	}
	return l.preload(p.plan.Preloads, owners)
}

// load runs the query and its preloads and returns the rows.
func loadRows(q *request, ctx context.Context, db dialect.DB, verb string, adjust func(*plan.Spec) error) ([]structs.Row, error) {
	if err := checkDB(verb, db); err != nil {
		return nil, err
	}
	p, err := modelled(q, verb, db.Dialect(), adjust)
	if err != nil {
		return nil, err
	}
	if q.tx == (dialect.TxOptions{}) || len(p.fetches) == 0 {
		return p.load(ctx, db, p.scan())
	}
	var rows []structs.Row
	err = db.InTx(ctx, q.tx, func(tx dialect.DB) error {
		rows, err = p.load(ctx, tx, p.scan())
		return err
	})
	if err != nil {
		return nil, txError(p.op, err)
	}
	return rows, nil
}

// txError says which call an error of the transaction itself belongs to.
func txError(op string, err error) error {
	failed, ok := err.(*dialect.TxError) //nolint:errorlint // one inside another error is another transaction's
	switch {
	case err != nil && (err == context.Canceled || err == context.DeadlineExceeded): //nolint:errorlint // it came as it is
		return &QueryError{Op: op, Err: err}
	case !ok:
		return err
	case failed.Unknown:
		return &QueryError{Op: op, Err: fmt.Errorf("%w: %w", ErrCommitUnknown, failed)}
	}
	return &QueryError{Op: op, Err: failed}
}

// model compiles the query for rows of its table's struct.
func modelled(q *request, verb string, d dialect.Dialect, adjust func(*plan.Spec) error) (*program, error) {
	p, err := compiled(q, verb, d, adjust, compile.Select)
	if err != nil {
		return nil, err
	}
	return p, checkModel(q.table.registry, p.plan, "")
}

// scan prepares scanning the program's rows.
func (p *program) scan() *rowScan {
	hint := 0
	if p.plan.Limit > 0 && p.plan.Limit <= maxHint {
		hint = int(p.plan.Limit)
	}
	return newRowScan(p.table, p.plan, "", 0, hint)
}

// load runs the program and its preloads and returns the rows in the query's order.
func (p *program) load(ctx context.Context, db dialect.DB, scan *rowScan) ([]structs.Row, error) {
	l := loader{ctx: ctx, db: db, registry: p.table.registry, op: p.op, fetches: p.fetches}
	if err := p.run(&l, scan.all); err != nil {
		return nil, err
	}
	l.keep(scan)
	if scan.rows == nil {
		scan.rows = []structs.Row{}
	}
	if p.plan.Reversed {
		slices.Reverse(scan.rows)
	}
	return scan.rows, l.preload(p.plan.Preloads, scan.rows)
}

func checkDB(verb string, db dialect.DB) error {
	if structs.IsNil(db) {
		return &QueryError{Op: verb, Err: graph.Problemf(ErrInvalidQuery, "the database is nil; make one with postgres.New or sqlite.New")}
	}
	return nil
}

// loader runs the statements of one call.
type loader struct {
	ctx      context.Context
	db       dialect.DB
	registry *registry
	op       string
	fetches  fetches
	missing  func([]string) []string         // of the statements of preloads, see dialect.Statement
	joined   map[*plan.Preload][]structs.Row // the rows that were fetched with their owners, each once
	copies   []func()                        // of owners into fields that hold them by value
}

// run runs the program's own statement.
func (p *program) run(l *loader, each func(dialect.Rows) error) error {
	stmt := dialect.Statement{SQL: p.stmt.SQL, Args: p.stmt.Args, Op: p.op, Table: p.table.graph.Name, Missing: p.missing}
	return l.run([]dialect.Statement{stmt}, func(_ int, rows dialect.Rows) error { return each(rows) })
}

// run runs statements and says of an error which one it belongs to.
func (l *loader) run(stmts []dialect.Statement, each func(int, dialect.Rows) error) error {
	switch at, err := runOn(l.ctx, l.db, stmts, each); {
	case err == nil:
		return nil
	case at >= len(stmts):
		return &QueryError{Op: l.op, Err: err}
	default:
		return l.failed(stmts[at], err)
	}
}

// send sends statements that belong to no program.
func send(ctx context.Context, db dialect.DB, op string, stmts []dialect.Statement, each func(int, dialect.Rows) error) error {
	l := loader{ctx: ctx, db: db, op: op}
	return l.run(stmts, each)
}

// runOn runs statements, with the values that the context gives, and returns of an error which statement it belongs to.
func runOn(ctx context.Context, db dialect.DB, stmts []dialect.Statement, each func(int, dialect.Rows) error) (at int, err error) {
	for i := range stmts {
		if stmts[i].Args, err = valuesIn(ctx, stmts[i].Args); err != nil {
			return i, err
		}
	}
	err = db.Run(ctx, stmts, func(i int, rows dialect.Rows) error {
		at = i
		return each(i, rows)
	})
	var failed *dialect.StatementError
	if errors.As(err, &failed) {
		at = failed.Index
	}
	return at, err
}

// failed says which statement an error belongs to.
func (l *loader) failed(stmt dialect.Statement, err error) error {
	q := &QueryError{Op: l.op, Path: stmt.Path, SQL: stmt.SQL, Err: err}
	if q.Path != "" {
		q.Op = "preload"
	}
	return q
}
