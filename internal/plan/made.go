package plan

import (
	"slices"

	"github.com/dovetail-go/dovetail/internal/graph"
)

// Input of this file: the values of With, once all that names them is bound. Output: where each is made, in one place for all that names
// it or wherever it is named.

// once has each value that is selected and named elsewhere made in one place, among the tables, where the database can: all that
// name it read it there. Groups cannot, whose columns would have to be grouped by it; nor a lock, for which a row that has changed is
// tested again, and so must be its values; nor a tree, whose rows are tested apart from where they are selected.
func (q *Query) once(spec *Spec) {
	if len(q.GroupBy) > 0 || q.Lock.Strength != "" || q.ForOwners != nil && q.ForOwners.Tree != nil {
		return
	}
	whole := q.whole(spec) && q.toldApart()
	for _, v := range q.values.all {
		// The planner makes more of an EXISTS that it finds in a condition.
		if v.with == nil || v.with.Func == "exists" {
			continue
		}
		v.with.Grouped = whole && v.with.groups() && q.needsAll(v.with, spec)
		v.with.Tested = v.named
		if v.with.Grouped || q.names.features.Lateral && q.onceForEach(v) {
			v.with.Once = q.names.pick(v.name + "#")
			q.Once = append(q.Once, v.with)
		}
	}
	if len(q.Once) == 0 && q.names.features.Fence != "" && q.whole(spec) {
		q.keep(spec)
	}
}

// onceForEach reports whether a value is better made beside each row than wherever it is named.
func (q *Query) onceForEach(v *value) bool {
	ranked := q.ForOwners != nil && (q.Limit >= 0 || q.Offset >= 0) &&
		slices.ContainsFunc(q.OrderBy, func(o Order) bool { return o.Value == Expr(v.with) })
	// Under a limit, few rows may need a value that decides only where another condition does not.
	few := q.Limit >= 0 && !slices.ContainsFunc(q.Where, v.with.always)
	return v.named && !few || ranked
}

// whole reports whether the query reads one table, by names that are known, and nothing beside its conditions leaves out rows.
func (q *Query) whole(spec *Spec) bool {
	return q.Base.Table.Query == "" && q.Source == nil && len(q.Bindings) == 1 && q.ForOwners == nil && q.outer == nil &&
		!q.values.unnamed && !spec.Detached && len(spec.Set) == 0 && spec.After == nil && spec.Before == nil // unnamed text may be *, of all that is joined
}

// toldApart reports whether the primary key tells the rows of the query's table apart.
func (q *Query) toldApart() bool {
	t := q.Base.Table
	for _, key := range t.PrimaryKey {
		if c, ok := t.Column(key); !ok || c.Nullable || c.Class == graph.ClassBytes { // NULL equals nothing
			return false
		}
	}
	return len(t.PrimaryKey) > 0
}

// groups reports whether the value may be made of all rows at once, for one join with the related rows. Each of those must count: a
// database finds the least and the greatest by an index without the others. Rows that come in several ways are told apart for each row.
// No SQL text is among what makes it: a bare word there is about the related row, and would be about the row around as well.
func (a *Aggregate) groups() bool {
	first := a.Sub.Bindings[0].Relation
	_, several := a.Sub.Apart()
	return a.Number() && (!several || !a.Repeats()) && first.Cardinality == graph.Many && !first.ByCondition() && a.ofColumns()
}

// ofColumns reports whether the value is made of columns by conditions on columns alone.
func (a *Aggregate) ofColumns() bool {
	return a.Of == nil && allPlain(a.Sub.Where) && !slices.ContainsFunc(a.Order, func(o Order) bool { return o.Expr != nil }) &&
		!slices.ContainsFunc(a.Sub.Bindings, func(b *Binding) bool {
			return b.Descent != nil || b.Aside != nil || !allPlain(b.On) || !allPlain(slices.Concat(b.Rules...))
		})
}

// allPlain reports whether conditions are about columns alone: without SQL text and queries.
func allPlain(conditions []Expr) bool {
	return !slices.ContainsFunc(conditions, func(e Expr) bool { return !plain(e) })
}

func plain(e Expr) bool { return about(e, nil) }

// about reports whether a condition is about columns and the value alone, if one is given, which SQL text may name.
func about(e Expr, value *Aggregate) bool {
	all := func(conditions []Expr) bool {
		return !slices.ContainsFunc(conditions, func(e Expr) bool { return !about(e, value) })
	}
	is := func(r Ref) bool { return r.Value == nil || r.Value == Expr(value) }
	switch e := e.(type) {
	case And:
		return all(e)
	case Or:
		return all(e)
	case *Not:
		return about(e.Expr, value)
	case *NotTrue:
		return about(e.Expr, value)
	case *Compare:
		_, made := e.Arg.(Expr)
		return !made && is(e.Col)
	case *In:
		return is(e.Col)
	case *CompareColumns:
		return is(e.Col) && is(e.With)
	case *IsNull:
		return is(e.Col)
	case *Match:
		return is(e.Col)
	case *Column:
		return is(e.Col)
	case *Text:
		return value != nil && value.only(e)
	case Const:
		return true
	}
	return false
}

// needsAll reports whether the value is needed of every row of the table: no other condition leaves out any, and no limit does before the
// value has decided.
func (q *Query) needsAll(a *Aggregate, spec *Spec) bool {
	return !slices.ContainsFunc(q.Where, func(e Expr) bool { return !a.alone(e) }) && q.unlimited(a, spec)
}

// unlimited reports whether no limit leaves out rows before the value has decided.
func (q *Query) unlimited(a *Aggregate, spec *Spec) bool {
	limited := q.Limit >= 0 || spec.Most > 0
	return !limited || len(q.OrderBy) > 0 && q.OrderBy[0].Value == Expr(a)
}
