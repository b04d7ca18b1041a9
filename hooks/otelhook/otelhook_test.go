package otelhook_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/hooks/otelhook"
)

// fakeDB is a database that answers every statement with two rows, or fails at the first.
type fakeDB struct {
	dialect dialect.Dialect
	err     error
	spans   []trace.SpanContext // in the context of each run
}

func (d *fakeDB) Dialect() dialect.Dialect  { return d.dialect }
func (d *fakeDB) Catalog() *dialect.Catalog { return new(dialect.Catalog) }

func (*fakeDB) Records() bool { return false }

func (d *fakeDB) InTx(_ context.Context, _ dialect.TxOptions, do func(dialect.DB) error) error {
	return do(d)
}

func (d *fakeDB) Run(ctx context.Context, stmts []dialect.Statement, each func(int, dialect.Rows) error) error {
	d.spans = append(d.spans, trace.SpanContextFromContext(ctx))
	if d.err != nil {
		return &dialect.StatementError{Err: d.err}
	}
	for i := range stmts {
		if err := each(i, &twoRows{}); err != nil {
			return err
		}
	}
	return nil
}

type twoRows struct{ n int }

func (r *twoRows) Columns() []string { return nil }
func (r *twoRows) Scan(...any) error { return nil }
func (r *twoRows) Err() error        { return nil }
func (r *twoRows) Affected() int64   { return 0 }
func (*twoRows) Null(int) bool       { return false }

func (*twoRows) Sent() ([][]byte, []dialect.Encoding) { return nil, nil }

func (*twoRows) Records(int, []string) dialect.Records { return nil }

func (r *twoRows) Next() bool { r.n++; return r.n <= 2 }

type stateError struct{}

func (stateError) Error() string    { return "relation does not exist" }
func (stateError) SQLState() string { return "42P01" }

var (
	root    = dialect.Statement{SQL: "SELECT 1", Args: []any{"s3cret"}, Op: "select user", Table: "user"}
	profile = dialect.Statement{SQL: "SELECT 2", Op: "select user", Path: "profile", Table: "profiles"}
	posts   = dialect.Statement{SQL: "SELECT 3", Op: "select user", Path: "posts", Table: "posts"}
	catalog = dialect.Statement{SQL: "SELECT 4", Op: "look up key types"}
)

func TestHookMakesSpans(t *testing.T) {
	t.Parallel()
	text := attribute.String
	for _, c := range []struct {
		name   string
		db     fakeDB
		stmts  []dialect.Statement
		span   string
		attrs  []attribute.KeyValue // beside the common ones
		status sdk.Status
	}{
		{"one statement", fakeDB{dialect: postgres.Dialect}, []dialect.Statement{root}, "SELECT user", []attribute.KeyValue{
			text("db.system.name", "postgresql"), text("db.collection.name", "user"), text("db.operation.name", "SELECT"),
			text("db.query.summary", "SELECT user"), text("db.query.text", "SELECT 1"),
			attribute.Int64("db.response.returned_rows", 2)}, sdk.Status{}},
		{"a batch", fakeDB{dialect: sqlite.Dialect}, []dialect.Statement{profile, posts}, "BATCH SELECT profiles posts",
			[]attribute.KeyValue{text("db.system.name", "sqlite"), attribute.Int("db.operation.batch.size", 2),
				attribute.StringSlice("dovetail.path", []string{"profile", "posts"}), text("db.operation.name", "BATCH SELECT"),
				text("db.query.summary", "BATCH SELECT profiles posts"), text("db.query.text", "SELECT 2; SELECT 3"),
				attribute.Int64("db.response.returned_rows", 4)}, sdk.Status{}},
		{"the catalog", fakeDB{dialect: postgres.Dialect}, []dialect.Statement{catalog}, "SELECT", []attribute.KeyValue{
			text("db.system.name", "postgresql"), text("db.operation.name", "SELECT"), text("db.query.summary", "SELECT"),
			text("db.query.text", "SELECT 4"), attribute.Int64("db.response.returned_rows", 2)}, sdk.Status{}},
		{"an error of the database", fakeDB{dialect: postgres.Dialect, err: stateError{}}, []dialect.Statement{root}, "SELECT user",
			[]attribute.KeyValue{text("db.system.name", "postgresql"), text("db.collection.name", "user"),
				text("db.operation.name", "SELECT"), text("db.query.summary", "SELECT user"), text("db.query.text", "SELECT 1"),
				attribute.Int64("db.response.returned_rows", 0), text("db.response.status_code", "42P01"),
				text("error.type", "42P01")}, sdk.Status{Code: codes.Error, Description: "relation does not exist"}},
		{"another error", fakeDB{dialect: sqlite.Dialect, err: fmt.Errorf("run: %w", context.DeadlineExceeded)},
			[]dialect.Statement{root}, "SELECT user",
			[]attribute.KeyValue{text("db.system.name", "sqlite"), text("db.collection.name", "user"),
				text("db.operation.name", "SELECT"), text("db.query.summary", "SELECT user"), text("db.query.text", "SELECT 1"),
				attribute.Int64("db.response.returned_rows", 0), text("error.type", "timeout")},
			sdk.Status{Code: codes.Error, Description: "run: context deadline exceeded"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			exporter := tracetest.NewInMemoryExporter()
			provider := sdk.NewTracerProvider(sdk.WithSyncer(exporter))
			host := text("server.address", "db.example")
			db := dovetail.WithHooks(&c.db, otelhook.New(provider, host))

			ctx, parent := provider.Tracer("test").Start(t.Context(), "parent")
			err := db.Run(ctx, c.stmts, func(_ int, rows dialect.Rows) error {
				for rows.Next() {
				}
				return nil
			})
			if !errors.Is(err, c.db.err) {
				t.Fatal(err)
			}
			spans := exporter.GetSpans()
			if len(spans) != 1 {
				t.Fatalf("expected one span that ended, got %d", len(spans))
			}
			got := spans[0]
			if got.Name != c.span || got.SpanKind != trace.SpanKindClient || got.Status != c.status {
				t.Errorf("expected the client's span %q, %+v, got %q, %v, %+v", c.span, c.status, got.Name, got.SpanKind, got.Status)
			}
			want := attribute.NewSet(append(c.attrs, host)...)
			if has := attribute.NewSet(got.Attributes...); !reflect.DeepEqual(has.ToSlice(), want.ToSlice()) {
				t.Errorf("expected\n%v\ngot\n%v", want.ToSlice(), has.ToSlice())
			}
			if got.Parent.SpanID() != parent.SpanContext().SpanID() || c.db.spans[0].SpanID() != got.SpanContext.SpanID() {
				t.Error("the span is not the child of the query's, or not in the context of the run")
			}
		})
	}
}

func ExampleNew() {
	type account struct{ ID int64 }
	accounts := dovetail.NewTable[account](dovetail.NewRegistry(), "accounts")
	exporter := tracetest.NewInMemoryExporter()
	provider := sdk.NewTracerProvider(sdk.WithSyncer(exporter))

	db := dovetail.WithHooks(&fakeDB{dialect: postgres.Dialect}, otelhook.New(provider, attribute.String("db.namespace", "bank")))
	_, _ = dovetail.Select(accounts).Count(context.Background(), db)
	for _, span := range exporter.GetSpans() {
		fmt.Println(span.Name)
	}
	// Output: SELECT accounts
}
