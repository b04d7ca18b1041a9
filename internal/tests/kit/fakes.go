package kit

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/dbtest"
)

// ErrCaptured ends a call after its first statement has been seen.
var ErrCaptured = errors.New("captured")

// CaptureDB is a database that answers nothing and keeps what it is sent.
type CaptureDB struct {
	Speaks  dialect.Dialect
	catalog dialect.Catalog
	Stmts   []dialect.Statement
}

func (c *CaptureDB) Dialect() dialect.Dialect { return c.Speaks }

func (c *CaptureDB) Catalog() *dialect.Catalog { return &c.catalog }

func (c *CaptureDB) Records() bool { return true }

func (c *CaptureDB) InTx(_ context.Context, _ dialect.TxOptions, do func(dialect.DB) error) error {
	return do(c)
}

func (c *CaptureDB) Run(_ context.Context, stmts []dialect.Statement, _ func(int, dialect.Rows) error) error {
	c.Stmts = append(c.Stmts, stmts...)
	return ErrCaptured
}

// Answer is the result of one statement.
type Answer struct {
	Names []string
	Lines [][]any
	Err   error // instead
	Late  error // after the rows
}

// AnswerDB is a database that gives prepared answers, one for each statement.
type AnswerDB struct {
	catalog dialect.Catalog
	Answers []Answer
}

func (a *AnswerDB) Dialect() dialect.Dialect { return sqlite.Dialect }

func (a *AnswerDB) Catalog() *dialect.Catalog { return &a.catalog }

func (*AnswerDB) Records() bool { return false }

func (a *AnswerDB) InTx(_ context.Context, _ dialect.TxOptions, do func(dialect.DB) error) error {
	return do(a)
}

func (a *AnswerDB) Run(_ context.Context, stmts []dialect.Statement, each func(int, dialect.Rows) error) error {
	for i := range stmts {
		if len(a.Answers) == 0 {
			return fmt.Errorf("no answer left for statement %d", i)
		}
		next := a.Answers[0]
		a.Answers = a.Answers[1:]
		if next.Err != nil {
			return &dialect.StatementError{Index: i, Err: next.Err}
		}
		if err := each(i, &answerRows{Answer: next, at: -1}); err != nil {
			return err
		}
		if next.Late != nil {
			return &dialect.StatementError{Index: i, Err: next.Late}
		}
	}
	return nil
}

type answerRows struct {
	Answer
	at int
}

func (r *answerRows) Columns() []string { return r.Names }

func (r *answerRows) Err() error { return r.Late }

func (r *answerRows) Affected() int64 { return int64(len(r.Lines)) }

func (r *answerRows) Next() bool {
	r.at++
	return r.at < len(r.Lines)
}

func (r *answerRows) Sent() ([][]byte, []dialect.Encoding) { return nil, nil }

func (*answerRows) Records(int, []string) dialect.Records { return nil }

func (r *answerRows) Null(column int) bool { return r.Lines[r.at][column] == nil }

// Scan assigns values of exactly the destination's type, and NULL to pointers.
func (r *answerRows) Scan(dest ...any) error {
	for i, d := range dest {
		if d == nil {
			continue
		}
		to, value := reflect.ValueOf(d).Elem(), reflect.ValueOf(r.Lines[r.at][i])
		switch {
		case !value.IsValid() && to.Kind() != reflect.Pointer && to.Kind() != reflect.Interface:
			return &dialect.ColumnError{Index: i, Null: true, Err: errors.New("cannot scan NULL")}
		case !value.IsValid():
			to.SetZero()
		case !value.Type().AssignableTo(to.Type()):
			return &dialect.ColumnError{Index: i, Err: fmt.Errorf("cannot scan %s", value.Type())}
		default:
			to.Set(value)
		}
	}
	return nil
}

// CancelAfter cancels the context when so many round trips are done.
type CancelAfter struct {
	dovetail.DB
	Trips  int
	Cancel context.CancelFunc
}

func (c *CancelAfter) Run(ctx context.Context, stmts []dialect.Statement, each func(int, dialect.Rows) error) error {
	err := c.DB.Run(ctx, stmts, each)
	if c.Trips--; c.Trips == 0 {
		c.Cancel()
	}
	return err
}

// PoolOfOne returns a PostgreSQL database that is reached by one connection at a time.
func PoolOfOne(t *testing.T, ddl string) Database {
	t.Helper()
	config := dbtest.Postgres(t).Config()
	config.MaxConns = 1
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	if _, err := pool.Exec(t.Context(), ddl); err != nil {
		t.Fatal(err)
	}
	return Database{Name: "postgres/pool of one", DB: postgres.New(pool)}
}
