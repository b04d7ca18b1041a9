package plan

import (
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
)

// Value is one of the values that tell a position in the order of a query: that of one term of the order.
type Value struct {
	Arg   any // unless Null
	Null  bool
	Class string // of Arg; empty: it is as the database stores it
}

// RowCompare compares several columns with as many values. The first pair that differs decides.
type RowCompare struct {
	Cols []Ref
	Op   string
	Args []any
}

func (*RowCompare) isExpr() {}

// paged returns the method for which the query's order must tell rows apart; empty: none.
func (s *Spec) paged() string {
	switch {
	case s.Before != nil:
		return "Before"
	case s.After != nil:
		return "After"
	}
	return s.Paged
}

// keyset keeps the rows on the right side of the positions given, and turns the order round for those before one, so that a
// limit keeps the nearest.
func (q *Query) keyset(spec *Spec, features dialect.Features) error {
	method := spec.paged()
	if method == "" {
		return nil
	}
	if err := q.Unpaged(); err != nil {
		return &PathError{Method: method, Err: err}
	}
	if spec.After != nil {
		if err := q.beyond(spec.After, features); err != nil {
			return &PathError{Method: "After", Err: err}
		}
	}
	if spec.Before != nil {
		if q.ForOwners != nil {
			return &PathError{Method: "Before", Err: graph.Problemf(ErrUnsupported, "the rows of a preload cannot be paged backwards; "+
				"use After with the order reversed")}
		}
		q.reverse()
		if err := q.beyond(spec.Before, features); err != nil {
			return &PathError{Method: "Before", Err: err}
		}
	}
	if spec.Positions {
		for _, o := range q.OrderBy {
			c, _ := o.Ref.Binding.Table.Column(o.Ref.Column)
			q.Outputs = append(q.Outputs, Output{Ref: o.Ref, Added: true, Position: true, Digits: features.Stored == "" && c.SentBack() == graph.SentAsDigits})
		}
	}
	return nil
}

// reverse turns the order round. Where NULLs stand by default turns with the direction.
func (q *Query) reverse() {
	q.Reversed = true
	for i := range q.OrderBy {
		o := &q.OrderBy[i]
		o.Desc = !o.Desc
		switch o.Nulls {
		case "FIRST":
			o.Nulls = "LAST"
		case "LAST":
			o.Nulls = "FIRST"
		}
	}
}

// Unpaged says why the values of the order's terms do not tell one row of the result from all others, or nothing.
func (q *Query) Unpaged() error {
	table := q.Base.Table
	if len(q.GroupBy) > 0 {
		return graph.Problemf(ErrUnsupported, "GroupBy: a group is no row of %q that the order could tell from the others; "+
			"page with Limit and Offset", table.Name)
	}
	many := q.multiplying()
	if q.Folded {
		return graph.Problemf(ErrFanOut, "Fetch(%q) gives a row of %q once for each of its related rows, which the order does not "+
			"tell apart; use Preload(%q)", many[0].Path, table.Name, many[0].Path)
	}
	if len(many) > 0 && !q.Distinct {
		return graph.Problemf(ErrFanOut, "join %q gives a row of %q once for each of its related rows, which the order does not tell "+
			"apart; use Distinct() for each row once, or Has(%q, …) instead of the join", many[0].Path, table.Name, many[0].Path)
	}
	if len(table.PrimaryKey) == 0 {
		return graph.Problemf(ErrUnsupported, "table %q has no primary key to end the order in; declare it with PrimaryKey",
			table.Name)
	}
	for _, o := range q.OrderBy {
		if err := unpagedTerm(o); err != nil {
			return err
		}
	}
	for _, o := range q.Outputs {
		if err := q.unpagedOutput(o, many); err != nil {
			return err
		}
	}
	for _, column := range table.PrimaryKey {
		if !q.orders(q.own(column)) {
			return graph.Problemf(ErrUnsupported, "Distinct leaves rows that the order does not tell apart, because %q is not selected; "+
				"add the primary key of %q to Columns", column, table.Name)
		}
	}
	return nil
}

// orders reports whether the column is among the terms of the order.
func (q *Query) orders(ref Ref) bool {
	return ordersBy(q.OrderBy, ref)
}

// ordersBy reports whether the column is among the terms of an order.
func ordersBy(terms []Order, ref Ref) bool {
	return slices.ContainsFunc(terms, func(o Order) bool {
		return o.Expr == nil && o.Ref.Binding == ref.Binding && o.Ref.Column == ref.Column
	})
}

func unpagedTerm(o Order) error {
	switch {
	case o.Expr != nil:
		return graph.Problemf(ErrUnsupported, "OrderByClause: an expression has no value in a row to go on from; order by names of "+
			"columns, or page with Limit and Offset")
	case o.Output != "":
		return graph.Problemf(ErrUnsupported, "OrderBy: %q is computed, so that no condition can go on from its value; order by names "+
			"of columns, or page with Limit and Offset", o.Output)
	}
	if _, ok := o.Ref.Binding.Table.Column(o.Ref.Column); !ok {
		return graph.Problemf(graph.ErrUnknownColumn, "OrderBy: %q names no single column", o.Ref.Name)
	}
	return nil
}

// unpagedOutput refuses what is made of several rows: it would be made of those on one side of the position alone.
func (q *Query) unpagedOutput(o Output, many []*Binding) error {
	text, isText := o.Expr.(*Text)
	if isText && (text.SQL.Window || text.SQL.Aggregates && !text.SQL.Select) {
		return graph.Problemf(ErrUnsupported, "Column: an aggregate or a window would see the rows beyond the position alone; select "+
			"it in a query of its own")
	}
	if len(many) > 0 && (isText || o.Expr == nil && o.Ref.Binding.Many) {
		return graph.Problemf(ErrFanOut, "Distinct leaves a row of %q once for each value of join %q that is selected, which the order "+
			"does not tell apart; use Has(%q, …) instead of the join", q.Base.Table.Name, many[0].Path, many[0].Path)
	}
	return nil
}

// beyond adds the condition for the rows after a position in the order.
func (q *Query) beyond(position []Value, features dialect.Features) error {
	if len(position) != len(q.OrderBy) {
		names := make([]string, len(q.OrderBy))
		for i, o := range q.OrderBy {
			names[i] = graph.Textf("%q", o.Ref.Name)
		}
		return graph.Problemf(ErrArgCount, "expected %d value(s), got %d; give those of %s, in this order",
			len(names), len(position), strings.Join(names, ", "))
	}
	terms := make([]term, len(position))
	for i, o := range q.OrderBy {
		var err error
		if terms[i], err = newTerm(o, position[i], features); err == nil && position[i].Class != "" {
			err = q.fits(o.Ref, &terms[i].value.Arg, terms[i].value.Class, true)
		}
		if err != nil {
			return err
		}
	}
	q.Where = append(q.Where, after(terms))
	return nil
}

// term is a term of the order at a position.
type term struct {
	ref      Ref
	value    Value
	op       string // what the column's values after the position are to its value
	nullable bool   // the column may be NULL
	first    bool   // nullable: NULLs come before all values
}

func newTerm(o Order, v Value, features dialect.Features) (term, error) {
	t := term{ref: o.Ref, value: v, op: ">"}
	if o.Desc {
		t.op = "<"
	}
	c, _ := o.Ref.Binding.Table.Column(o.Ref.Column)
	// A field of bytes takes NULL like any other value.
	t.nullable = c.Nullable || c.Class == graph.ClassBytes
	for b := o.Ref.Binding; b != nil; b = b.Parent {
		t.nullable = t.nullable || b.Left
	}
	switch {
	case !v.Null && !c.Comparable(v.Class):
		return t, notComparable(o.Ref, c, v.Class)
	case v.Null && !t.nullable:
		return t, graph.Problemf(ErrArgType, "%q is %s, which is never NULL, got nil; give the row's value, or make the field nullable",
			o.Ref.Name, c.GoType)
	case !t.nullable:
		return t, nil
	case o.Nulls != "":
		t.first = o.Nulls == "FIRST"
	case features.Nulls == dialect.NullsUnknown:
		return t, graph.Problemf(ErrUnsupported, "%q may be NULL, and where NULLs stand in an order depends on the database; "+
			"add NULLS FIRST or NULLS LAST to its OrderBy", o.Ref.Name)
	default:
		t.first = (features.Nulls == dialect.NullsSmallest) != o.Desc
	}
	return t, nil
}

// after returns the condition for the rows after the position. A single comparison is what an index serves best; without
// it, the first column alone bounds the rows where it can.
func after(terms []term) Expr {
	if e := rowCompare(terms); e != nil {
		return e
	}
	first := terms[0]
	if first.nullable {
		return either(terms)
	}
	rest := either(terms[1:])
	return And{first.compare(first.op + "="), or(first.beyond(), rest)}
}

// rowCompare returns the one comparison for all terms, where they go in one direction and there are no NULLs.
func rowCompare(terms []term) Expr {
	all := &RowCompare{Op: terms[0].op}
	for _, t := range terms {
		if t.nullable || t.op != all.Op {
			return nil
		}
		all.Cols, all.Args = append(all.Cols, t.ref), append(all.Args, t.value.Arg)
	}
	if len(terms) == 1 {
		return terms[0].compare(all.Op)
	}
	return all
}

// either says that a row lies beyond the position in the first term, or is equal there and lies beyond it in the rest.
func either(terms []term) Expr {
	if len(terms) == 1 {
		return terms[0].beyond()
	}
	rest := either(terms[1:])
	if rest != Expr(Const(false)) {
		rest = And{terms[0].equal(), rest}
	}
	return or(terms[0].beyond(), rest)
}

// or leaves out what never holds.
func or(a, b Expr) Expr {
	switch {
	case a == Expr(Const(false)):
		return b
	case b == Expr(Const(false)):
		return a
	}
	return Or{a, b}
}

func (t term) compare(op string) Expr {
	return &Compare{Col: t.ref, Op: op, Arg: t.value.Arg, Class: t.value.Class, Position: true}
}

func (t term) equal() Expr {
	if t.value.Null {
		return &IsNull{Col: t.ref}
	}
	return t.compare("=")
}

func (t term) beyond() Expr {
	switch {
	case t.value.Null && t.first:
		return &IsNull{Col: t.ref, Not: true}
	case t.value.Null:
		return Const(false)
	case t.nullable && !t.first:
		return Or{t.compare(t.op), &IsNull{Col: t.ref}}
	}
	return t.compare(t.op)
}
