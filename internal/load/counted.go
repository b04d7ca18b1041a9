package load

import (
	"context"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/compile"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/query"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// COUNTED: a page and how many rows there are, in the round trip of the page.

// besides is a statement that goes with a program's own.
type besides struct {
	stmt dialect.Statement
	read func(dialect.Rows) error
}

// with appends what goes with the program's own statement, if anything does.
func (p *Program) with(stmts []dialect.Statement) []dialect.Statement {
	if p.beside == nil {
		return stmts
	}
	return append(stmts, p.beside.stmt)
}

// Counted is Rows, and how many rows there are without the query's limit, offset and position.
func Counted(ctx context.Context, db dialect.DB, q *query.Request) (rows []structs.Row, total int64, err error) {
	if err := CheckDB("select", db); err != nil {
		return nil, 0, err
	}
	p, err := compileOn(db, q, rowsForm, nil)
	if err != nil {
		return nil, 0, err
	}
	count, err := compileOn(db, q, form{"count", compile.Count, false}, unlimited)
	if err != nil {
		return nil, 0, err
	}
	p.beside = &besides{stmt: count.statement(), read: func(rows dialect.Rows) error { return scalar(rows, &total) }}
	rows, err = p.rowsOf(ctx, db, q, p.scan(0))
	switch {
	case p.misread(ctx, db, err):
		return Counted(ctx, db, q)
	case err != nil:
		return nil, 0, err
	}
	return rows, total, nil
}

// unlimited keeps of a query what says which rows there are.
func unlimited(s *plan.Spec) error {
	s.Limit, s.Offset, s.After, s.Before = -1, -1, nil, nil
	return withoutPreloads(s)
}
