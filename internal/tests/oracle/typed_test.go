package oracle_test

import (
	"context"
	"reflect"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
)

// The library's methods, for queries of any type.

// oraQuery is a dovetail.Query of whatever type.
type oraQuery interface {
	join(path string, left bool, on []squirrel.Sqlizer) oraQuery
	where(pred any, args ...any) oraQuery
	has(p *oraPred) oraQuery
	unscoped(l oraLift) oraQuery
	distinct() oraQuery
	oneRoundTrip() oraQuery
	orderBy(term string) oraQuery
	limit(n int) oraQuery
	offset(n int) oraQuery
	columns(names ...string) oraQuery
	preload(path string, sub ...dovetail.AnyQuery) oraQuery

	fetch(path string) oraQuery
	values(aggregates []*oraAggregate) oraQuery
	after(values []any) oraQuery
	before(values []any) oraQuery
	typ() reflect.Type // of a pointer to a row
	lock(how, wait string) oraQuery
	groupBy(names []string, column, having string, args ...any) oraQuery
	aggregate(column string) oraQuery
	leveled(name string) oraQuery
	tree(path string, depth int, sub dovetail.AnyQuery) oraQuery

	each(ctx context.Context, db dovetail.DB) ([]reflect.Value, error)
	position(row reflect.Value) ([]any, error)
	loadTree(ctx context.Context, db dovetail.DB, rows []reflect.Value, path string, depth int, sub dovetail.AnyQuery) error

	untyped() dovetail.AnyQuery
	all(ctx context.Context, db dovetail.DB) ([]reflect.Value, error) // pointers to the rows
	count(ctx context.Context, db dovetail.DB) (int64, error)
	exists(ctx context.Context, db dovetail.DB) (bool, error)
	first(ctx context.Context, db dovetail.DB) (reflect.Value, error)
	one(ctx context.Context, db dovetail.DB) (reflect.Value, error)
	get(ctx context.Context, db dovetail.DB, key []any) (reflect.Value, error)
	load(ctx context.Context, db dovetail.DB, rows []reflect.Value, path string, sub ...dovetail.AnyQuery) error
	explain(d dialect.Dialect) (string, error)
}

type oraTyped[T any] struct {
	table *dovetail.Table[T]
	q     dovetail.Query[*T]
}

func (t oraTyped[T]) with(q dovetail.Query[*T]) oraQuery { return oraTyped[T]{t.table, q} }

func (t oraTyped[T]) join(path string, left bool, on []squirrel.Sqlizer) oraQuery {
	if left {
		return t.with(t.q.LeftJoin(path, on...))
	}
	return t.with(t.q.Join(path, on...))
}

func (t oraTyped[T]) has(p *oraPred) oraQuery {
	path, preds := oraPath(p.path), oraBuildAll(p.kids)
	switch p.op {
	case "has none":
		return t.with(t.q.HasNone(path, preds...))
	case "has every":
		return t.with(t.q.HasEvery(path, preds...))
	case "has at least":
		return t.with(t.q.HasAtLeast(p.arg.(int), path, preds...))
	case "has all":
		return t.with(t.q.HasAll(path, p.list...))
	}
	return t.with(t.q.Has(path, preds...))
}

func (t oraTyped[T]) unscoped(l oraLift) oraQuery {
	if l.path == "" {
		return t.with(t.q.Unscoped(l.name))
	}
	return t.with(t.q.UnscopedAt(l.path, l.name))
}

func (t oraTyped[T]) where(pred any, args ...any) oraQuery { return t.with(t.q.Where(pred, args...)) }

func (t oraTyped[T]) distinct() oraQuery { return t.with(t.q.Distinct()) }

func (t oraTyped[T]) oneRoundTrip() oraQuery { return t.with(t.q.OneRoundTrip()) }

func (t oraTyped[T]) orderBy(term string) oraQuery { return t.with(t.q.OrderBy(term)) }

func (t oraTyped[T]) limit(n int) oraQuery { return t.with(t.q.Limit(n)) }

func (t oraTyped[T]) offset(n int) oraQuery { return t.with(t.q.Offset(n)) }

func (t oraTyped[T]) columns(names ...string) oraQuery { return t.with(t.q.Columns(names...)) }

func (t oraTyped[T]) untyped() dovetail.AnyQuery { return t.q }

func (t oraTyped[T]) preload(path string, sub ...dovetail.AnyQuery) oraQuery {
	return t.with(t.q.Preload(path, sub...))
}

func (t oraTyped[T]) fetch(path string) oraQuery { return t.with(t.q.Fetch(path)) }

func (t oraTyped[T]) after(values []any) oraQuery { return t.with(t.q.After(values...)) }

func (t oraTyped[T]) before(values []any) oraQuery { return t.with(t.q.Before(values...)) }

func (t oraTyped[T]) typ() reflect.Type { return reflect.TypeFor[*T]() }

func (t oraTyped[T]) values(aggregates []*oraAggregate) oraQuery {
	list := make([]dovetail.Aggregate, len(aggregates))
	for i, a := range aggregates {
		list[i] = a.build()
	}
	return t.with(t.q.With(list...))
}

func (t oraTyped[T]) lock(how, wait string) oraQuery {
	q := t.q
	switch how {
	case "FOR UPDATE":
		q = q.ForUpdate()
	case "FOR NO KEY UPDATE":
		q = q.ForNoKeyUpdate()
	case "FOR SHARE":
		q = q.ForShare()
	case "FOR KEY SHARE":
		q = q.ForKeyShare()
	}
	switch wait {
	case "SKIP LOCKED":
		q = q.SkipLocked()
	case "NOWAIT":
		q = q.NoWait()
	}
	return t.with(q)
}

func (t oraTyped[T]) aggregate(column string) oraQuery { return t.with(t.q.Columns().Column(column)) }

func (t oraTyped[T]) groupBy(names []string, column, having string, args ...any) oraQuery {
	return t.with(t.q.GroupBy(names...).Column(column).Having(having, args...))
}

func (t oraTyped[T]) leveled(name string) oraQuery {
	return t.with(t.q.With(dovetail.Level().As(name)))
}

func (t oraTyped[T]) tree(path string, depth int, sub dovetail.AnyQuery) oraQuery {
	return t.with(t.q.PreloadTree(path, depth, sub))
}

func (t oraTyped[T]) each(ctx context.Context, db dovetail.DB) ([]reflect.Value, error) {
	var values []reflect.Value
	for row, err := range t.q.Each(ctx, db) {
		if err != nil {
			return nil, err
		}
		values = append(values, reflect.ValueOf(row))
	}
	return values, nil
}

func (t oraTyped[T]) position(row reflect.Value) ([]any, error) {
	return t.q.Position(row.Interface().(*T))
}

func (t oraTyped[T]) all(ctx context.Context, db dovetail.DB) ([]reflect.Value, error) {
	rows, err := t.q.All(ctx, db)
	values := make([]reflect.Value, len(rows))
	for i, row := range rows {
		values[i] = reflect.ValueOf(row)
	}
	return values, err
}

func (t oraTyped[T]) count(ctx context.Context, db dovetail.DB) (int64, error) {
	return t.q.Count(ctx, db)
}

func (t oraTyped[T]) exists(ctx context.Context, db dovetail.DB) (bool, error) {
	return t.q.Exists(ctx, db)
}

func (t oraTyped[T]) explain(d dialect.Dialect) (string, error) { return t.q.Explain(d) }

func (t oraTyped[T]) first(ctx context.Context, db dovetail.DB) (reflect.Value, error) {
	row, err := t.q.First(ctx, db)
	return reflect.ValueOf(row), err
}

func (t oraTyped[T]) one(ctx context.Context, db dovetail.DB) (reflect.Value, error) {
	row, err := t.q.One(ctx, db)
	return reflect.ValueOf(row), err
}

func (t oraTyped[T]) get(ctx context.Context, db dovetail.DB, key []any) (reflect.Value, error) {
	row, err := t.q.Get(ctx, db, key...)
	return reflect.ValueOf(row), err
}

func (t oraTyped[T]) load(
	ctx context.Context, db dovetail.DB, rows []reflect.Value, path string, sub ...dovetail.AnyQuery,
) error {
	return dovetail.Load(ctx, db, t.table, oraRowsOf[T](rows), path, sub...)
}

func (t oraTyped[T]) loadTree(
	ctx context.Context, db dovetail.DB, rows []reflect.Value, path string, depth int, sub dovetail.AnyQuery,
) error {
	return dovetail.LoadTree(ctx, db, t.table, oraRowsOf[T](rows), path, depth, sub)
}

func oraRowsOf[T any](rows []reflect.Value) []*T {
	list := make([]*T, len(rows))
	for i, row := range rows {
		list[i] = row.Interface().(*T)
	}
	return list
}
