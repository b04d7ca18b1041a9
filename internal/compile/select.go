package compile

import (
	"slices"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
)

// Select writes the query.
func Select(q *plan.Query, d dialect.Dialect) (Statement, error) {
	w := newWriter(d)
	w.query(q)
	return w.statement()
}

// Count writes the number of rows the query has.
func Count(q *plan.Query, d dialect.Dialect) (Statement, error) {
	w := newWriter(d)
	if !q.Distinct && !q.Folded && !q.Gathers() && q.Limit < 0 && q.Offset < 0 {
		counted := *q
		counted.Once = tested(q)
		w.each = q.Kept != nil // which nothing selects
		w.sql("SELECT count(*)")
		w.from(&counted)
		w.where(" WHERE ", q.Where)
		return w.statement()
	}
	w.sql("SELECT count(*) FROM (")
	w.counted(q)
	return w.statement()
}

// counted writes the query as the rest of a FROM item whose rows are only counted.
func (w *writer) counted(q *plan.Query) {
	counted := *q
	counted.OrderBy, counted.Lock = nil, plan.Lock{} // the number does not depend on them
	counted.Outputs, counted.Distinct = countedOutputs(q), q.Distinct || q.Folded
	w.query(&counted)
	w.sql(") AS ")
	w.ident("counted")
}

// countedOutputs returns what tells the rows apart: the primary key where it is selected anyway, and nothing that one row of the table has
// several of.
func countedOutputs(q *plan.Query) []plan.Output {
	var key []plan.Output
	for _, o := range q.Outputs {
		if !q.Folded && !q.ByKey && (o.Expr != nil || o.Ref.Binding.Many) {
			return q.Outputs
		}
		for _, k := range q.Base.Table.PrimaryKey {
			if o.Expr == nil && o.Ref.Binding == q.Base && o.Ref.Column == k {
				key = append(key, o)
			}
		}
	}
	if n := len(q.Base.Table.PrimaryKey); n == 0 || q.Source != nil || len(key) != n || len(q.GroupBy) > 0 {
		return q.Outputs
	}
	return key
}

// Exists writes whether the query has rows.
func Exists(q *plan.Query, d dialect.Dialect) (Statement, error) {
	w := newWriter(d)
	w.each = true
	w.sql("SELECT EXISTS (SELECT 1")
	if q.Distinct && q.Offset > 0 || q.Aggregated() {
		// The offset counts distinct rows. SQLite forgets DISTINCT directly inside EXISTS. An aggregate gives a row where there are none.
		w.sql(" FROM (")
		w.counted(q)
	} else {
		w.from(q)
		w.where(" WHERE ", q.Where)
		w.group(q)
		w.limit(q)
	}
	w.sql(")")
	return w.statement()
}

func (w *writer) query(q *plan.Query) {
	if q.ByKey {
		w.byKey(q)
		return
	}
	w.outputs(q)
	w.from(q)
	w.where(" WHERE ", w.conditions(q))
	w.group(q)
	w.order(q)
	w.limit(q)
	w.lock(q)
}

// byKey writes a DISTINCT that compares nothing but the primary key. What a row of the table has one of is joined to it again, where it
// is selected or ordered by.
func (w *writer) byKey(q *plan.Query) {
	key := q.Base.Table.PrimaryKey
	columns := func() {
		w.columns(q.Base.Alias, key)
	}
	plain, found := *q, *q
	plain.Distinct, plain.Scope = false, q.PerRow()
	found.Once = tested(q)
	w.outputs(&plain)
	w.from(&plain)
	w.sql(" WHERE (")
	columns()
	w.sql(") IN (SELECT ")
	columns()
	w.from(&found)
	w.where(" WHERE ", q.Where)
	w.sql(")")
	w.order(q)
	w.limit(q)
}

func (w *writer) outputs(q *plan.Query) {
	added := 0
	if q.ForOwners != nil {
		added = 2 // the key's position, and the row's under a limit
		if q.ForOwners.Tree != nil {
			added += len(q.Base.Table.PrimaryKey)
		}
	}
	if limit := w.d.Features().MaxCols; limit > 0 && len(q.Outputs)+added > limit {
		w.fail(graph.Problemf(plan.ErrUnsupported, "%d columns are selected, %s allows %d; name those that are needed with Columns, "+
			"and use Preload for relations that are fetched", len(q.Outputs), w.d.Name(), limit))
	}
	w.sql("SELECT ")
	if q.Distinct {
		w.sql("DISTINCT ")
	}
	if len(q.Outputs) == 0 {
		w.sql("1") // a table without columns still has rows
	}
	w.list(len(q.Outputs), ", ", func(i int) {
		o := q.Outputs[i]
		switch {
		case o.Expr != nil:
			w.expr(o.Expr)
		case o.Digits:
			w.sql("CAST(")
			w.ref(o.Ref)
			w.sql(" AS TEXT)")
		case o.Position:
			w.sql(w.d.Features().Stored)
			w.ref(o.Ref)
		default:
			w.ref(o.Ref)
		}
		if o.Alias != "" {
			w.sql(" AS ")
			w.alias(o.Alias)
		}
	})
}

// alias writes the name of a column of the result. It is what the caller wrote, so it is not cut.
func (w *writer) alias(name string) {
	if limit := w.d.Features().MaxIdent; limit > 0 && len(name) > limit {
		w.fail(graph.Problemf(plan.ErrUnsupported, "Columns: the result's name %q has %d bytes, %s allows %d; select it by "+
			"Column(\"… AS short\")", name, len(name), w.d.Name(), limit))
		return
	}
	w.ident(name)
}

func (w *writer) from(q *plan.Query) {
	w.sql(" FROM ")
	w.base(q)
	w.joined(q)
}

// joined writes what is joined to the table of the query.
func (w *writer) joined(q *plan.Query) {
	w.joins(q.Bindings[1:])
	w.once(q)
}

// base writes the table of the query, or the subquery that stands for it.
func (w *writer) base(q *plan.Query) {
	if q.Kept != nil && !w.each {
		w.kept(q)
		return
	}
	if q.Source == nil {
		w.table(q.Base.Table, q.Base.Alias)
		return
	}
	w.sql("(")
	w.expr(q.Source)
	w.sql(") AS ")
	w.ident(q.Base.Alias)
}

func (w *writer) table(t *graph.Table, alias string) {
	if t.Query != "" {
		w.sql("(")
		w.typed(t)
		w.sql(") AS ")
		w.ident(alias)
		return
	}
	if t.Schema != "" {
		w.ident(t.Schema)
		w.sql(".")
	}
	w.ident(t.Name)
	if alias != t.Name || t.Schema != "" {
		w.sql(" AS ")
		w.ident(alias)
	}
}

// typed writes a query that stands for a table. What is made of columns has no type where only columns have one, and a number would be
// less than every text: a column that is declared to be numeric is made so.
func (w *writer) typed(t *graph.Table) {
	numeric := func(c graph.Column) bool { return !c.Computed && c.Numeric() }
	if w.d.Features().TypeOf == "" || !slices.ContainsFunc(t.Columns, numeric) {
		w.sql(t.Query)
		return
	}
	columns := slices.Collect(t.Stored())
	w.sql("SELECT ")
	w.list(len(columns), ", ", func(i int) {
		if !columns[i].Numeric() {
			w.ident(columns[i].Name)
			return
		}
		w.sql("CAST(")
		w.ident(columns[i].Name)
		w.sql(" AS NUMERIC) AS ")
		w.ident(columns[i].Name)
	})
	w.sql(" FROM (" + t.Query + ")")
}

func (w *writer) joins(bindings []*plan.Binding) {
	for _, b := range bindings {
		if b.Descent != nil {
			w.joinDescent(b)
			continue
		}
		keyword := " JOIN "
		if b.Left {
			keyword = " LEFT JOIN "
		}
		and := " AND "
		if len(b.Links) > 0 && b.Left {
			w.leftChain(b)
		} else {
			and = w.chain(b, keyword)
		}
		w.rules(and, b)
		w.where(" AND ", b.On)
	}
}

// rules writes what always holds of the rows of a binding, of which the first follows and.
func (w *writer) rules(and string, b *plan.Binding) { w.where(and, slices.Concat(b.Rules...)) }

// chain writes the joins of a relation step by step, and returns what a further condition follows. A left join has one step here.
func (w *writer) chain(b *plan.Binding, keyword string) (and string) {
	w.sql(keyword)
	w.firstStep(b)
	w.sql(" ON ")
	and = w.toParent(b)
	w.furtherSteps(b)
	return and
}

// leftChain writes a left join over several steps as one, so that a link whose related row does not match gives no row
// of NULLs beside those that do.
func (w *writer) leftChain(b *plan.Binding) {
	w.sql(" LEFT JOIN (")
	w.firstStep(b)
	w.furtherSteps(b)
	w.sql(") ON ")
	w.toParent(b)
}

// firstStep writes the table that a relation reaches first.
func (w *writer) firstStep(b *plan.Binding) { w.stepped(b, 0) }

// stepped writes the table of a step.
func (w *writer) stepped(b *plan.Binding, i int) {
	w.stepTable(b.Relation.Steps[i], w.stepAlias(b, i), slices.Concat(b.Rules...))
}

// toParent writes what the first step's table has in common with the binding it is reached from, and returns what a further condition
// follows. Where one alone relates the rows, it is the first of the rules.
func (w *writer) toParent(b *plan.Binding) (and string) {
	if len(b.Links) == 0 && b.Relation.ByCondition() {
		return ""
	}
	w.pairs(b.Relation.Matched(0), w.stepAlias(b, 0), b.Parent.Alias)
	return " AND "
}

// furtherSteps joins the tables of a relation beyond the first.
func (w *writer) furtherSteps(b *plan.Binding) {
	for i := 1; i < len(b.Relation.Steps); i++ {
		w.step(b, i)
	}
}

// step joins the table of a step beyond the first.
func (w *writer) step(b *plan.Binding, i int) {
	w.sql(" JOIN ")
	w.stepped(b, i)
	w.sql(" ON ")
	w.pairs(b.Relation.Matched(i), w.stepAlias(b, i), w.stepAlias(b, i-1))
}

// stepAlias returns the alias of a step's table: a link's, or the binding's own for the last.
func (w *writer) stepAlias(b *plan.Binding, i int) string {
	if i < len(b.Links) {
		return b.Links[i]
	}
	return b.Alias
}

// pairs writes that columns are equal; of none, what holds for all rows, beside which a condition stands.
func (w *writer) pairs(on []graph.Pair, alias, prev string) {
	if len(on) == 0 {
		w.constant(true)
	}
	w.list(len(on), " AND ", func(i int) {
		w.matched(on[i].Spelling, func() { w.column(alias, on[i].To) }, " = ", func() { w.column(prev, on[i].From) })
	})
}

func (w *writer) group(q *plan.Query) {
	if len(q.GroupBy) > 0 {
		w.sql(" GROUP BY ")
		w.list(len(q.GroupBy), ", ", func(i int) { w.ref(q.GroupBy[i]) })
	}
	w.where(" HAVING ", q.Having)
}

func (w *writer) order(q *plan.Query) {
	if len(q.OrderBy) > 0 {
		w.sql(" ORDER BY ")
		w.orderTerms(q.OrderBy, w.output)
	}
}

// output names a computed output.
func (w *writer) output(o plan.Order) { w.ident(o.Output) }

// orderTerms writes the terms of an order, computed ones by a function.
func (w *writer) orderTerms(terms []plan.Order, computed func(plan.Order)) {
	w.list(len(terms), ", ", func(i int) {
		o := terms[i]
		switch {
		case o.Expr != nil:
			w.text(o.Expr)
		case o.Output != "":
			computed(o)
		default:
			w.ref(o.Ref)
		}
		if o.Desc {
			w.sql(" DESC")
		}
		if o.Nulls != "" {
			w.sql(" NULLS " + o.Nulls)
		}
	})
}

func (w *writer) limit(q *plan.Query) {
	if q.Limit >= 0 || q.Offset >= 0 {
		w.b = w.d.AppendLimit(w.b, q.Limit, q.Offset)
	}
}

// lock locks the root's rows only: the nullable side of an outer join could not be locked.
func (w *writer) lock(q *plan.Query) {
	if q.Lock.Strength == "" {
		return
	}
	if !w.d.Features().RowLocks {
		w.fail(graph.Problemf(plan.ErrUnsupported, "%s has no row locks; leave %s out, or lock by a transaction that writes first",
			w.d.Name(), q.Lock.Method))
		return
	}
	w.sql(" FOR " + q.Lock.Strength + " OF ")
	w.ident(q.Base.Alias)
	if q.Lock.Wait != "" {
		w.sql(" " + q.Lock.Wait)
	}
}

// Probe selects no row of a table, for the names of its columns.
func Probe(t *graph.Table, d dialect.Dialect) string {
	w := newWriter(d)
	w.sql("SELECT * FROM (" + t.Query + ") AS ")
	w.ident(t.Name)
	w.sql(" LIMIT 0")
	return string(w.b)
}
