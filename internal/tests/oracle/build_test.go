package oracle_test

import (
	"errors"
	"strings"

	"github.com/Masterminds/squirrel"
	"github.com/google/uuid"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
)

// The oracle test's queries as dovetail's.

// build returns the dovetail query of a spec.
func (s *oraSpec) build() oraQuery { return s.buildWith(s.preloads) }

func (s *oraSpec) buildWith(preloads []*oraPreload) oraQuery {
	q := s.table.open()
	for _, l := range s.unscoped {
		if !s.part {
			q = q.unscoped(l)
		}
	}
	for _, j := range s.joins {
		q = q.join(oraPath(j.path), j.left, oraBuildAll(j.on))
	}
	if len(s.values) > 0 {
		q = q.values(s.values)
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
	if s.atOnce {
		q = q.oneRoundTrip()
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
	if s.after != nil {
		q = q.after(s.after)
	}
	if s.before != nil {
		q = q.before(s.before)
	}
	q = oraPreloads(q, preloads, "")
	if s.part {
		q = oraUnscopedWhereNamed(q, s.unscoped)
	}
	return q
}

// oraUnscopedWhereNamed lifts scopes of those paths that the query names: others are refused.
func oraUnscopedWhereNamed(q oraQuery, lifts []oraLift) oraQuery {
	for _, l := range lifts {
		lifted := q.unscoped(l)
		if _, err := lifted.explain(sqlite.Dialect); errors.Is(err, dovetail.ErrInvalidQuery) && strings.Contains(err.Error(), "UnscopedAt: nothing in the query") {
			continue
		}
		q = lifted
	}
	return q
}

// oraPreloads adds preloads below a path.
func oraPreloads(q oraQuery, preloads []*oraPreload, prefix string) oraQuery {
	for _, p := range preloads {
		path := prefix + p.rel.name
		switch {
		case p.rel.isLink: // which is loaded with the row
			q = oraPreloads(q, p.kids, path+".")
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
	name, arg := p.ref.String, p.arg
	if p.with != nil {
		arg = dovetail.Col(p.with.String())
	}
	switch p.op {
	case "and":
		return squirrel.And(oraBuildAll(p.kids))
	case "or":
		return squirrel.Or(oraBuildAll(p.kids))
	case "text":
		text, args := p.sql()
		return squirrel.Expr(text, args...)
	case "matching":
		q := p.ref.root.open()
		for _, k := range p.kids {
			q = q.where(k.build())
		}
		return dovetail.Matching(q.untyped())
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
		return squirrel.Eq{name(): arg}
	case "<>":
		return squirrel.NotEq{name(): arg}
	case "distinct":
		return dovetail.NotEqOrNull{name(): arg}
	case "contains":
		return dovetail.Contains(name(), p.arg.(string))
	case "starts":
		return dovetail.StartsWith(name(), p.arg.(string))
	case "ends":
		return dovetail.EndsWith(name(), p.arg.(string))
	case "<":
		return squirrel.Lt{name(): arg}
	case "<=":
		return squirrel.LtOrEq{name(): arg}
	case ">":
		return squirrel.Gt{name(): arg}
	default:
		return squirrel.GtOrEq{name(): arg}
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
		case float64:
			return oraPointers[float64](list)
		case bool:
			return oraPointers[bool](list)
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
