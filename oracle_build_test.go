package dovetail_test

import (
	"context"
	"reflect"
	"strings"

	"github.com/Masterminds/squirrel"
	"github.com/google/uuid"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
)

// The oracle test's queries as dovetail's.

// oraQuery is a dovetail.Query of whatever type.
type oraQuery interface {
	join(path string, left bool, on []squirrel.Sqlizer) oraQuery
	where(pred any, args ...any) oraQuery
	has(p *oraPred) oraQuery
	unscoped(paths ...string) oraQuery
	distinct() oraQuery
	orderBy(term string) oraQuery
	limit(n int) oraQuery
	offset(n int) oraQuery
	columns(names ...string) oraQuery
	preload(path string, sub ...dovetail.AnyQuery) oraQuery

	fetch(path string) oraQuery

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
	q     dovetail.Query[T]
}

func (t oraTyped[T]) with(q dovetail.Query[T]) oraQuery { return oraTyped[T]{t.table, q} }

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

func (t oraTyped[T]) unscoped(paths ...string) oraQuery { return t.with(t.q.Unscoped(paths...)) }

func (t oraTyped[T]) where(pred any, args ...any) oraQuery { return t.with(t.q.Where(pred, args...)) }
func (t oraTyped[T]) distinct() oraQuery                   { return t.with(t.q.Distinct()) }
func (t oraTyped[T]) orderBy(term string) oraQuery         { return t.with(t.q.OrderBy(term)) }
func (t oraTyped[T]) limit(n int) oraQuery                 { return t.with(t.q.Limit(n)) }
func (t oraTyped[T]) offset(n int) oraQuery                { return t.with(t.q.Offset(n)) }
func (t oraTyped[T]) columns(names ...string) oraQuery     { return t.with(t.q.Columns(names...)) }
func (t oraTyped[T]) untyped() dovetail.AnyQuery           { return t.q }

func (t oraTyped[T]) preload(path string, sub ...dovetail.AnyQuery) oraQuery {
	return t.with(t.q.Preload(path, sub...))
}

func (t oraTyped[T]) fetch(path string) oraQuery { return t.with(t.q.Fetch(path)) }

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
	list := make([]*T, len(rows))
	for i, row := range rows {
		list[i] = row.Interface().(*T)
	}
	return dovetail.Load(ctx, db, t.table, list, path, sub...)
}

// build returns the dovetail query of a spec.
func (s *oraSpec) build() oraQuery { return s.buildWith(s.preloads) }

func (s *oraSpec) buildWith(preloads []*oraPreload) oraQuery {
	q := s.table.open()
	for _, path := range s.unscoped {
		if path == "" {
			q = q.unscoped()
		} else {
			q = q.unscoped(path)
		}
	}
	for _, j := range s.joins {
		q = q.join(oraPath(j.path), j.left, oraBuildAll(j.on))
	}
	for i, p := range s.where {
		switch {
		case p.op == "text":
			text, args := p.sql()
			q = q.where(text, args...)
		case strings.HasPrefix(p.op, "has") && i%2 == 0:
			q = q.has(p)
		default:
			q = q.where(p.build())
		}
	}
	if s.distinct {
		q = q.distinct()
	}
	for _, o := range s.order {
		q = q.orderBy(o.String())
	}
	if s.limit >= 0 {
		q = q.limit(s.limit)
	}
	if s.offset >= 0 {
		q = q.offset(s.offset)
	}
	return oraPreloads(q, preloads, "")
}

// oraPreloads adds preloads below a path.
func oraPreloads(q oraQuery, preloads []*oraPreload, prefix string) oraQuery {
	for _, p := range preloads {
		path := prefix + p.rel.name
		switch {
		case p.spec == nil:
			q = oraPreloads(q.preload(path), p.kids, path+".")
		case p.nested:
			q = q.preload(path, p.spec.buildWith(p.kids).untyped())
		default:
			q = oraPreloads(q.preload(path, p.spec.build().untyped()), p.kids, path+".")
		}
	}
	return q
}

func oraBuildAll(preds []*oraPred) []squirrel.Sqlizer {
	list := make([]squirrel.Sqlizer, len(preds))
	for i, p := range preds {
		list[i] = p.build()
	}
	return list
}

// sql returns a text condition. It is not in parentheses: keeping it together is the library's work.
func (p *oraPred) sql() (string, []any) {
	var parts []string
	var args []any
	for _, k := range p.kids {
		if k.op == "null" {
			parts = append(parts, k.ref.String()+" IS NULL")
			continue
		}
		parts = append(parts, k.ref.String()+" "+k.op+" ?")
		args = append(args, k.arg)
	}
	return strings.Join(parts, " OR "), args
}

func (p *oraPred) build() squirrel.Sqlizer {
	name := p.ref.String
	switch p.op {
	case "and":
		return squirrel.And(oraBuildAll(p.kids))
	case "or":
		return squirrel.Or(oraBuildAll(p.kids))
	case "text":
		text, args := p.sql()
		return squirrel.Expr(text, args...)
	case "has":
		return dovetail.Has(oraPath(p.path), oraBuildAll(p.kids)...)
	case "has none":
		return dovetail.HasNone(oraPath(p.path), oraBuildAll(p.kids)...)
	case "has every":
		return dovetail.HasEvery(oraPath(p.path), oraBuildAll(p.kids)...)
	case "has at least":
		return dovetail.HasAtLeast(p.arg.(int), oraPath(p.path), oraBuildAll(p.kids)...)
	case "has all":
		return dovetail.HasAll(oraPath(p.path), p.list...)
	case "null":
		return squirrel.Eq{name(): nil}
	case "not null":
		return squirrel.NotEq{name(): nil}
	case "in":
		return squirrel.Eq{name(): oraList(p.list)}
	case "not in":
		return squirrel.NotEq{name(): oraList(p.list)}
	case "=":
		return squirrel.Eq{name(): p.arg}
	case "<>":
		return squirrel.NotEq{name(): p.arg}
	case "distinct":
		return dovetail.NotEqOrNull{name(): p.arg}
	case "<":
		return squirrel.Lt{name(): p.arg}
	case "<=":
		return squirrel.LtOrEq{name(): p.arg}
	case ">":
		return squirrel.Gt{name(): p.arg}
	default:
		return squirrel.GtOrEq{name(): p.arg}
	}
}

// oraList returns a list in the type a program would give it in: of pointers where there are NULLs, and now and then,
// for lists of even length, of interfaces.
func oraList(list []any) any {
	if len(list)%2 == 0 && len(list) > 0 {
		return list
	}
	for _, v := range list {
		switch v.(type) {
		case int64:
			return oraPointers[int64](list)
		case string:
			return oraPointers[string](list)
		case uuid.UUID:
			return oraPointers[uuid.UUID](list)
		}
	}
	return list
}

func oraPointers[V any](list []any) []*V {
	pointers := make([]*V, len(list))
	for i, item := range list {
		if v, ok := item.(V); ok {
			pointers[i] = &v
		}
	}
	return pointers
}
