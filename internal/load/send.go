package load

import (
	"cmp"
	"context"
	"errors"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/query"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// SEND: statements go to the database in batches, and an error says which of them it belongs to.

// CheckDB refuses a database that is nil, which a call would panic on.
func CheckDB(verb string, db dialect.DB) error {
	if structs.IsNil(db) {
		return &fault.QueryError{Op: verb, Err: graph.Problemf(fault.ErrInvalidQuery, "the database is nil; make one with postgres.New or sqlite.New")}
	}
	return nil
}

// loader runs the statements of one call.
type loader struct {
	ctx        context.Context
	db         dialect.DB
	registry   *model.Registry
	plan       *plan.Query // of the call's root; nil: it is not known
	op         string
	statements *preloadStatements
	came       *arrival                        // the rows of all preloads, where they came with the root's
	given      []any                           // what they are sent with of the call
	missing    func([]string) []string         // of the statements of preloads, see dialect.Statement
	fetched    map[*plan.Preload][]structs.Row // the rows that were fetched with their owners, each once
	rides      *keyLookup                      // sent with the next statements of preloads, none of which needs it
	ends       bool                            // nothing follows the last statement in its transaction
	copies     []ownerCopy                     // of owners into fields that hold them by value

	at   int // the statement whose rows came last
	each func(int, dialect.Rows) error
	next func(int, dialect.Rows) error // rowsOf, made once for the memory
}

// calling returns what runs the program's statements for its call.
func (p *Program) calling(ctx context.Context, db dialect.DB) *loader {
	p.loader = loader{ctx: ctx, db: db, registry: p.Table.Registry, op: p.Op, plan: p.Plan, statements: p.statements, given: p.given,
		ends: p.ends, next: p.loader.next}
	return &p.loader
}

// run runs the program's own statement.
func (p *Program) run(ctx context.Context, db dialect.DB, each func(dialect.Rows) error) error {
	return p.calling(ctx, db).run(append(p.sent[:0], p.statement()), func(_ int, rows dialect.Rows) error { return each(rows) })
}

// statement returns the program's own statement.
func (p *Program) statement() dialect.Statement {
	return dialect.Statement{SQL: p.stmt.SQL, Args: p.stmt.Args, Reads: true, Op: p.Op, Table: p.Table.Graph.Name, Missing: p.missing}
}

// run runs statements and says of an error which one it belongs to.
func (l *loader) run(stmts []dialect.Statement, each func(int, dialect.Rows) error) error {
	switch at, err := l.send(stmts, each); {
	case err == nil:
		return nil
	case at >= len(stmts):
		return &fault.QueryError{Op: l.op, Err: err}
	default:
		return Advised(l.db.Dialect(), l.plan, l.failed(stmts[at], err))
	}
}

// Send sends statements that belong to no program.
func Send(ctx context.Context, db dialect.DB, op string, stmts []dialect.Statement, each func(int, dialect.Rows) error) error {
	l := loader{ctx: ctx, db: db, op: op}
	return l.run(stmts, each)
}

// Run runs statements, with the values that the context gives, and returns of an error which statement it belongs to.
func Run(ctx context.Context, db dialect.DB, stmts []dialect.Statement, each func(int, dialect.Rows) error) (at int, err error) {
	l := loader{ctx: ctx, db: db}
	return l.send(stmts, each)
}

// send is Run.
func (l *loader) send(stmts []dialect.Statement, each func(int, dialect.Rows) error) (at int, err error) {
	for i := range stmts {
		if stmts[i].Args, err = query.ValuesIn(l.ctx, stmts[i].Args); err != nil {
			return i, err
		}
	}
	outer := l.each // of statements whose rows are read meanwhile
	defer func() { l.each = outer }()
	l.at, l.each = 0, each
	if l.next == nil {
		l.next = l.rowsOf
	}
	if err = l.db.Run(l.ctx, stmts, l.next); err == nil {
		return l.at, nil
	}
	at = l.at
	var failed *dialect.StatementError
	if errors.As(err, &failed) {
		at = failed.Index
	}
	if f := l.db.Dialect().Failure(err); f.Kind == dialect.FailureValue {
		err = &refusedValue{text: f.Text, err: err}
	}
	return at, err
}

// rowsOf hands on the rows of a statement.
func (l *loader) rowsOf(i int, rows dialect.Rows) error {
	l.at = i
	return l.each(i, rows)
}

// refusedValue is a value that the database or its driver does not take. What they say of it holds the value, and stays in the
// chain.
type refusedValue struct {
	text string
	err  error
}

func (e *refusedValue) Error() string { return e.text }

func (e *refusedValue) Unwrap() []error { return []error{fault.ErrArgType, e.err} }

// failed says which statement an error belongs to.
func (l *loader) failed(stmt dialect.Statement, err error) error {
	q := &fault.QueryError{Op: cmp.Or(stmt.Op, l.op), Path: stmt.Path, SQL: stmt.SQL, Err: err}
	if q.Path != "" {
		q.Op = "preload"
	}
	return q
}

// TxError says which call an error of the transaction itself belongs to.
func TxError(op string, err error) error {
	failed, ok := err.(*dialect.TxError) //nolint:errorlint // one inside another error is another transaction's
	switch {
	case err != nil && (err == context.Canceled || err == context.DeadlineExceeded): //nolint:errorlint // it came as it is
		return &fault.QueryError{Op: op, Err: err}
	case !ok:
		return err
	}
	return &fault.QueryError{Op: op, Err: failed}
}
