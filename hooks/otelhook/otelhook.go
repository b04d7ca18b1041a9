// Package otelhook makes OpenTelemetry spans of the statements that dovetail sends, by the semantic conventions for
// database client spans. It is a module of its own, so that the library does not depend on OpenTelemetry.
//
//	db := dovetail.WithHooks(postgres.New(pool), otelhook.New(nil))
//
// Each run of statements that share a round trip is one span of kind CLIENT, a child of the span in the query's context:
//
//	name and db.query.summary   "SELECT accounts"; of a batch "BATCH SELECT profiles posts"
//	db.system.name              "postgresql", "sqlite"
//	db.operation.name           "SELECT"; "BATCH SELECT"
//	db.operation.batch.size     of a batch
//	db.collection.name          the table whose rows are loaded, if it is one
//	db.query.text               the texts, with placeholders; those of a batch are joined by "; "
//	db.response.returned_rows   rows that were read, of all statements
//	db.response.status_code     SQLSTATE, if the database gave one
//	error.type                  the same, else the type of the error
//	dovetail.path               the relation paths that are preloaded
//
// Arguments are never recorded. The status of a failed span has the text of the error, which is the database's own and may
// quote a value.
package otelhook

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/dovetail-go/dovetail"
)

// scope is the name of the instrumentation.
const scope = "github.com/dovetail-go/dovetail/hooks/otelhook"

// Hook is a [dovetail.Hook] that makes spans. Make one with [New]. It is safe for concurrent use.
type Hook struct {
	tracer trace.Tracer
	common []attribute.KeyValue
}

var _ dovetail.Hook = (*Hook)(nil)

// New returns a hook that makes spans with a tracer of the provider; nil is otel.GetTracerProvider() at this time. The
// attributes are those of every span that only the caller knows, such as server.address, server.port and db.namespace.
func New(provider trace.TracerProvider, common ...attribute.KeyValue) *Hook {
	if provider == nil {
		provider = otel.GetTracerProvider()
	}
	return &Hook{tracer: provider.Tracer(scope), common: slices.Clone(common)}
}

// Before starts the span and puts it into the context.
func (h *Hook) Before(ctx context.Context, run *dovetail.Run) context.Context {
	attrs := append(slices.Clone(h.common), attribute.String("db.system.name", system(run.Dialect.Name())))
	var tables, texts, paths []string
	for _, s := range run.Statements {
		tables, texts = appendNew(tables, s.Table), appendNew(texts, s.SQL)
		if s.Path != "" {
			paths = append(paths, s.Path)
		}
	}
	operation := "SELECT"
	if n := len(run.Statements); n > 1 {
		operation = "BATCH SELECT"
		attrs = append(attrs, attribute.Int("db.operation.batch.size", n))
	}
	summary := strings.TrimSpace(operation + " " + strings.Join(tables, " "))
	if len(tables) == 1 && tables[0] != "" {
		attrs = append(attrs, attribute.String("db.collection.name", tables[0]))
	}
	if len(paths) > 0 {
		attrs = append(attrs, attribute.StringSlice("dovetail.path", paths))
	}
	attrs = append(attrs, attribute.String("db.operation.name", operation), attribute.String("db.query.summary", summary),
		attribute.String("db.query.text", strings.Join(texts, "; ")))
	ctx, _ = h.tracer.Start(ctx, summary, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attrs...))
	return ctx
}

// After ends the span.
func (h *Hook) After(ctx context.Context, run *dovetail.Run) {
	span := trace.SpanFromContext(ctx)
	defer span.End()
	var rows int64
	for _, n := range run.Rows {
		rows += n
	}
	span.SetAttributes(attribute.Int64("db.response.returned_rows", rows))
	if run.Err == nil {
		return
	}
	kind := errorType(run.Err)
	var state interface{ SQLState() string }
	if errors.As(run.Err, &state) {
		kind = state.SQLState()
		span.SetAttributes(attribute.String("db.response.status_code", kind))
	}
	span.SetAttributes(attribute.String("error.type", kind))
	span.SetStatus(codes.Error, run.Err.Error())
}

// system returns what the conventions call a database.
func system(dialect string) string {
	if dialect == "postgres" {
		return "postgresql"
	}
	return dialect
}

// errorType names the kind of an error: "canceled" and "timeout" of the context, else the innermost type.
func errorType(err error) string {
	switch {
	case errors.Is(err, context.Canceled):
		return "canceled"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	}
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return fmt.Sprintf("%T", err)
		}
		err = inner
	}
}

// appendNew appends what is not in the list.
func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
