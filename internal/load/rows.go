package load

import (
	"context"
	"errors"
	"slices"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/compile"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/query"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// EXECUTE: compile, send, scan, attach. A result is returned whole or not at all.

// Rows runs the query and its preloads and returns the rows.
func Rows(ctx context.Context, db dialect.DB, q *query.Request) ([]structs.Row, error) {
	return rowsOf(ctx, db, q, nil, 0)
}

// rowsOf is Rows of the query that adjust has changed the clauses of. It sets memory aside for hint rows, if there is no limit.
func rowsOf(ctx context.Context, db dialect.DB, q *query.Request, adjust func(*plan.Spec) error, hint int) ([]structs.Row, error) {
	if err := CheckDB("select", db); err != nil {
		return nil, err
	}
	p, err := compileOn(db, q, rowsForm, adjust)
	if err != nil {
		return nil, err
	}
	rows, err := p.rowsOf(ctx, db, q, p.scan(hint))
	switch {
	case err == nil:
		p.done()
	case p.misread(ctx, db, err):
		return rowsOf(ctx, db, q, adjust, hint)
	}
	return rows, err
}

// rowsOf returns the rows of a request that the program was compiled for.
func (p *Program) rowsOf(ctx context.Context, db dialect.DB, q *query.Request, scan *rowScan) ([]structs.Row, error) {
	one := len(p.statements.written) == 0 && p.beside == nil
	apart := func() ([]structs.Row, error) {
		if q.Tx == (dialect.TxOptions{}) || one {
			return p.Load(ctx, db, scan)
		}
		return p.loadIn(ctx, db, q.Tx, scan)
	}
	if q.AtOnce && (q.Tx == (dialect.TxOptions{}) || p.beside == nil) {
		return p.loadAtOnce(ctx, db, scan, apart)
	}
	return apart()
}

// loadIn is Load in a transaction of its own. That is run again while the server refuses the plan of a statement because a table was altered:
// each time one more statement at least is prepared anew. Within the caller's transaction, which the refusal has aborted, it is not.
func (p *Program) loadIn(ctx context.Context, db dialect.DB, opts dialect.TxOptions, scan *rowScan) ([]structs.Row, error) {
	opts.Lazy = true // what is sent in it, is sent here
	rows, err := p.loadOnce(ctx, db, opts, scan)
	opts.Alone = true
	for n := retries + len(p.statements.written); n > 0 && err != nil && db.Dialect().Failure(err).Kind == dialect.FailureStalePlan; n-- {
		p.rows = rowScan{}
		again, other := p.loadOnce(ctx, db, opts, p.scan(0))
		var failed *dialect.TxError
		if errors.As(other, &failed) && failed.Step == "begin" { // in the caller's
			break
		}
		rows, err = again, other
	}
	return rows, err
}

// loadOnce is Load in one transaction.
func (p *Program) loadOnce(ctx context.Context, db dialect.DB, opts dialect.TxOptions, scan *rowScan) (rows []structs.Row, err error) {
	err = db.InTx(ctx, opts, func(tx dialect.DB) error {
		p.ends = true
		rows, err = p.Load(ctx, tx, scan)
		return err
	})
	if err != nil {
		return nil, TxError(p.Op, err)
	}
	return rows, nil
}

// One returns the only row, of which it reads two at most.
func One(ctx context.Context, db dialect.DB, q *query.Request) ([]structs.Row, error) {
	return single(ctx, db, q, func(s *plan.Spec) error {
		if s.Limit < 0 || s.Limit > 2 {
			s.Most = 2
		}
		return nil
	})
}

// First returns the first row.
func First(ctx context.Context, db dialect.DB, q *query.Request) ([]structs.Row, error) {
	return single(ctx, db, q, func(s *plan.Spec) error {
		if s.Limit != 0 {
			s.Most = 1
		}
		s.Ordered = true
		if s.Before != nil {
			return &plan.PathError{Method: "First", Err: graph.Problemf(fault.ErrInvalidQuery, "the first of all rows that Before keeps "+
				"does not depend on the position; use Limit(1) and All for the nearest")}
		}
		return nil
	})
}

// Get returns the row with the primary key.
func Get(ctx context.Context, db dialect.DB, q *query.Request, key []any) ([]structs.Row, error) {
	return single(ctx, db, q, func(s *plan.Spec) error {
		is, err := query.KeyIs(s.Table, key)
		if err != nil {
			return &plan.PathError{Method: "Get", Err: err}
		}
		for _, e := range is {
			query.Append(&s.Where, plan.Clause{Method: "Get", Expr: e})
		}
		return nil
	})
}

// single returns the one row of a query that adjust has limited.
func single(ctx context.Context, db dialect.DB, q *query.Request, adjust func(*plan.Spec) error) ([]structs.Row, error) {
	rows, err := rowsOf(ctx, db, q, adjust, 1)
	if err != nil {
		return nil, err
	}
	switch len(rows) {
	case 0:
		return nil, &fault.QueryError{Op: "select " + q.Table.Graph.Name, Err: fault.ErrNoRows}
	case 1:
		return rows, nil
	default:
		return nil, &fault.QueryError{Op: "select " + q.Table.Graph.Name, Err: fault.ErrTooManyRows}
	}
}

// Scalar runs a statement with one value.
func Scalar[V any](ctx context.Context, db dialect.DB, q *query.Request, verb string,
	write func(*plan.Query, dialect.Dialect) (compile.Statement, error),
) (value V, err error) {
	if err := CheckDB(verb, db); err != nil {
		return value, err
	}
	p, err := compileOn(db, q, form{verb, write, false}, withoutPreloads)
	if err != nil {
		return value, err
	}
	err = p.run(ctx, db, func(rows dialect.Rows) error { return scalar(rows, &value) })
	switch {
	case p.misread(ctx, db, err):
		return Scalar[V](ctx, db, q, verb, write)
	case err != nil:
		return *new(V), err
	}
	p.done()
	return value, nil
}

// scalar scans the one value of a result.
func scalar(rows dialect.Rows, dest any) error {
	if !rows.Next() {
		return errors.Join(rows.Err(), fault.ErrNoRows)
	}
	return rows.Scan(dest)
}

// withoutPreloads keeps what is fetched: its joins may be named, and may change the number of rows. Under Distinct the keys that other preloads
// need do.
func withoutPreloads(s *plan.Spec) error {
	if s.Distinct {
		return nil
	}
	s.Unload(func(c plan.PreloadClause) bool { return !c.Fetch })
	return nil
}

// Onto loads what the query preloads onto rows in hand.
func Onto(ctx context.Context, db dialect.DB, q *query.Request, rows []structs.Row) error {
	if err := CheckDB("load", db); err != nil {
		return err
	}
	p, err := prepared(q, form{"load", compile.Select, false}, db.Dialect(), nil)
	if err != nil {
		return err
	}
	for _, preload := range p.Plan.Preloads {
		if err := checkKeys(q.Table, preload.Relation, rows); err != nil {
			return &fault.QueryError{Op: p.Op, Path: preload.Path, Err: err}
		}
	}
	owners := slices.DeleteFunc(slices.Clone(rows), func(r structs.Row) bool { return r == nil })
	l := p.calling(ctx, db)
	clause := q.Spec.Preloads[0]
	l.missing = func([]string) []string {
		return []string{graph.Textf("one %s(%q) with all rows of %q", clause.Method, clause.Path, q.Table.Graph.Name)}
	}
	if look, rides, ok := l.lookup(p.Plan.Preloads); ok && len(owners) > 0 {
		if rides { // where no statement of the first level goes out, there are no rows to load onto
			l.rides = &look
		} else if err := l.run([]dialect.Statement{look.stmt}, func(_ int, rows dialect.Rows) error { return look.read(db.Catalog(), rows) }); err != nil {
			return err
		}
	}
	held, done := q.Table.Layout.Save(owners...), false
	defer func() {
		if !done {
			held.Restore()
		}
	}()
	if err := l.preload(p.Plan.Preloads, owners); err != nil {
		return err
	}
	done = true
	return nil
}

// checkKeys refuses rows that have no key yet: nothing can point at them, and what their fields hold is still to be inserted.
func checkKeys(t *model.Table, r *graph.Relation, rows []structs.Row) error {
	if r.Steps[0].Forward {
		return nil
	}
	_, sent := r.Sent()
	for i, row := range rows {
		for _, on := range sent {
			// A field behind a nil embedded pointer is NULL, so that nothing is related.
			f := t.Columns[on.From]
			if row != nil && model.MadeByDatabase(t.Graph, on.From) && f.IsZero(row) && f.Value(row) != nil {
				return graph.Problemf(fault.ErrInvalidRow, "row %d has no key yet; insert it first, or declare AssignedKey if the program gives the keys, zero too", i+1)
			}
		}
	}
	return nil
}

// maxHint is how many rows memory is set aside for in advance, however large a limit is.
const maxHint = 16384

// Scan prepares scanning the program's rows.
func (p *Program) Scan() *rowScan { return p.scan(0) }

// scan is Scan with memory for about hint rows, if there is no limit.
func (p *Program) scan(hint int) *rowScan {
	if p.Plan.Limit > 0 && p.Plan.Limit <= maxHint {
		hint = int(p.Plan.Limit)
	}
	if n := p.layouts.expected(); n > 0 && (hint == 0 || n < hint) {
		hint = n
	}
	p.rows.prepare(p.Table, p.Plan, 0, hint, p.layouts)
	return &p.rows
}

// Load runs the program and its preloads and returns the rows in the query's order.
func (p *Program) Load(ctx context.Context, db dialect.DB, scan *rowScan) ([]structs.Row, error) {
	l := p.calling(ctx, db)
	stmts := append(p.sent[:0], p.statement())
	stmts = p.with(stmts)
	p.into, p.look = scan, nil
	if len(p.Plan.Preloads) > 0 {
		if look, _, ok := l.lookup(p.Plan.Preloads); ok {
			stmts, p.look = append(stmts, look.stmt), &look // it rides along
		}
	}
	if p.read == nil {
		p.read = p.readOne
	}
	if err := l.run(stmts, p.read); err != nil {
		return nil, err
	}
	return p.loaded(l, scan)
}

// readOne reads the rows of one of Load's statements: its own, what goes with it, and what is asked of the catalog.
func (p *Program) readOne(i int, rows dialect.Rows) error {
	switch {
	case i == 0:
		return p.into.All(rows)
	case i == 1 && p.beside != nil:
		return p.beside.read(rows)
	}
	return p.look.read(p.loader.db.Catalog(), rows)
}

// loaded returns the rows that were scanned, in the query's order, when the preloads have been loaded onto them.
func (p *Program) loaded(l *loader, scan *rowScan) ([]structs.Row, error) {
	l.keep(scan)
	if scan.Rows == nil {
		scan.Rows = []structs.Row{}
	}
	if p.Plan.Reversed {
		slices.Reverse(scan.Rows)
	}
	return scan.Rows, l.preload(p.Plan.Preloads, scan.Rows)
}
