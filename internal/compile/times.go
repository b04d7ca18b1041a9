package compile

import (
	"database/sql/driver"
	"slices"
	"time"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
)

// Input of this file: values and the columns they meet. Output: arguments. Where the database's columns have no type for times, a
// time goes with its column, so that it is spelled as the rows of the column spell theirs.

// Given returns the argument for a value that a column of the table is given.
func Given(d dialect.Dialect, t *graph.Table, column string, v any) any {
	return given(timed(d), t, column, dialect.TimeStored, v)
}

// Told returns the argument for a value that tells a row by a column of the table, in the statements of one row.
func Told(d dialect.Dialect, t *graph.Table, column string, v any) any {
	by := timed(d)
	if by != nil && isTimeColumn(t, column) {
		return dialect.TimeArg{Use: dialect.TimeEqual, Column: ColumnOf(t, column), Values: []any{v}, By: by}
	}
	return given(by, t, column, dialect.TimeStored, v)
}

// KeyColumn is the column that keys are compared with; that of a subquery's rows has no name.
func KeyColumn(q *plan.Query, r plan.Ref) dialect.ColumnRef {
	if r.Binding == nil || r.Binding.Table == nil || q.Source != nil && r.Binding == q.Base {
		return dialect.ColumnRef{}
	}
	return ColumnOf(r.Binding.Table, r.Column)
}

// columnOf is the column that a name means, or one without a name.
func (w *writer) columnOf(r plan.Ref) (ref dialect.ColumnRef, ok bool) {
	switch {
	case r.Binding == nil || r.Binding.Table == nil:
		return ref, false
	case slices.Contains(w.derived, r.Binding):
		return ref, true
	}
	return ColumnOf(r.Binding.Table, r.Column), true
}

func given(by dialect.Timed, t *graph.Table, column string, use dialect.TimeUse, v any) any {
	if by == nil || !isTime(v) && !(isLate(v) && isTimeColumn(t, column)) {
		return v
	}
	return dialect.TimeArg{Use: use, Column: ColumnOf(t, column), Values: []any{v}, By: by}
}

func timed(d dialect.Dialect) dialect.Timed {
	by, _ := d.(dialect.Timed)
	return by
}

// ColumnOf names a column of a table for a dialect.
func ColumnOf(t *graph.Table, column string) dialect.ColumnRef {
	return dialect.ColumnRef{Schema: t.Schema, Table: t.Name, Query: t.Query, Column: column}
}

func isTimeColumn(t *graph.Table, column string) bool {
	c, ok := t.Column(column)
	return ok && c.Class == graph.ClassTime
}

// isTime reports whether a value holds a time. What a nil holds, nobody asks.
func isTime(v any) bool {
	switch v := v.(type) {
	case nil, string, []byte, int, int64, int32, bool, float64:
		return false
	case time.Time, *time.Time:
		return true
	case driver.Valuer:
		return givesTime(v)
	}
	return false
}

// givesTime asks a Valuer. One that fails says so when it is sent; the method of a nil pointer may panic, and is not asked then
// either.
func givesTime(v driver.Valuer) (is bool) {
	defer func() { _ = recover() }()
	given, err := v.Value()
	if err != nil {
		return false
	}
	_, is = given.(time.Time)
	return is
}

// meets returns the column that times are to be spelled for; ok is false where they are arguments like others.
func (w *writer) meets(r plan.Ref, class string, values ...any) (ref dialect.ColumnRef, ok bool) {
	if w.timed == nil || len(values) == 0 {
		return ref, false
	}
	if a, isValue := r.Value.(*plan.Aggregate); isValue {
		r = a.Col
	}
	if text, isText := r.Value.(*plan.Text); isText {
		if r, ok = timeOf(text); !ok {
			return ref, false
		}
	}
	if ref, ok = w.columnOf(r); !ok {
		return ref, false
	}
	late := class == "" && isTimeColumn(r.Binding.Table, r.Column) && isLate(values[0])
	return ref, late || isTime(values[0])
}

// isLate reports whether a value is told when the statement is run.
func isLate(v any) bool {
	_, ok := v.(dialect.Late)
	return ok
}

func (w *writer) time(use dialect.TimeUse, ref dialect.ColumnRef, values ...any) {
	w.arg(dialect.TimeArg{Use: use, Column: ref, Values: values, By: w.timed})
}

// compareTime writes the comparison of a column with a time.
func (w *writer) compareTime(e *plan.Compare, ref dialect.ColumnRef) {
	switch e.Op {
	case "=", "<>":
		w.ref(e.Col)
		w.timeIn(ref, e.Op == "<>", e.Arg)
	case "IS DISTINCT FROM", "IS NOT DISTINCT FROM":
		w.sql("(")
		w.ref(e.Col)
		w.timeIn(ref, false, e.Arg)
		if e.Op == "IS DISTINCT FROM" {
			w.sql(") IS NOT TRUE")
			return
		}
		w.sql(") IS TRUE")
	default:
		w.ref(e.Col)
		w.sql(" " + w.operator(e.Op) + " ")
		w.time(boundOf(e), ref, e.Arg)
	}
}

// madeOfText reports whether a name stands for what the caller's text makes of columns.
func madeOfText(r plan.Ref) (is bool) {
	if a, ok := r.Value.(*plan.Aggregate); ok {
		r = a.Col
	}
	_, is = r.Value.(*plan.Text)
	return is
}

// boundOf says on which side of a time its equals are.
func boundOf(e *plan.Compare) dialect.TimeUse {
	if madeOfText(e.Col) {
		return dialect.TimeText // what it makes of the column, nobody knows
	}
	past := e.Op == ">" || e.Op == "<="
	switch {
	case past && e.Position:
		return dialect.TimePastPosition
	case past:
		return dialect.TimePast
	case e.Position:
		return dialect.TimeFromPosition
	}
	return dialect.TimeFrom
}

func (w *writer) timeIn(ref dialect.ColumnRef, not bool, values ...any) {
	w.sql(" ")
	w.fragment(dialect.Fragment{SQL: w.timed.TimeIn(not), Args: []any{
		dialect.TimeArg{Use: dialect.TimeEqual, Column: ref, Values: values, By: w.timed}}})
}

// timesApart returns a comparison of several columns, of which some meet times, as comparisons of one column each: what a time
// equals may be spelled in several ways. Nil: there is none.
func (w *writer) timesApart(e *plan.RowCompare) plan.Expr {
	found := false
	for i, c := range e.Cols {
		_, ok := w.meets(c, "", e.Args[i])
		found = found || ok
	}
	if !found {
		return nil
	}
	compare := func(i int, op string) plan.Expr {
		return &plan.Compare{Col: e.Cols[i], Op: op, Arg: e.Args[i], Position: true}
	}
	last := len(e.Cols) - 1
	rest := compare(last, e.Op)
	for i := last - 1; i >= 0; i-- {
		rest = plan.And{compare(i, e.Op+"="), plan.Or{compare(i, e.Op), rest}}
	}
	return rest
}
