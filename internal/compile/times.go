package compile

import (
	"database/sql/driver"
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
func KeyColumn(r plan.Ref) dialect.ColumnRef {
	if r.Binding == nil || r.Binding.Table == nil || r.Binding.Source != nil {
		return dialect.ColumnRef{}
	}
	return ColumnOf(r.Binding.Table, r.Column)
}

// columnOf is the one column whose values a name means, or one without a name.
func (w *writer) columnOf(r plan.Ref) (ref dialect.ColumnRef) {
	if r.Binding == nil || r.Binding.Table == nil || r.Binding.Source == nil {
		return ColumnOf(r.Binding.Table, r.Column)
	}
	if o := w.originOf(r); o.foreign == "" && len(o.columns) == 1 {
		return o.columns[0]
	}
	return ref
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

// meets returns what times are spelled for where they are compared with what a name stands for; ok is false where they are arguments
// like others.
func (w *writer) meets(r plan.Ref, class string, values ...any) (o origin, ok bool) {
	if w.timed == nil || len(values) == 0 || !isTime(values[0]) && !(class == "" && isLate(values[0])) {
		return o, false
	}
	if t, ok := values[0].(*time.Time); ok && t == nil {
		return o, false // NULL, which is none of the forms of a time
	}
	o = w.originOf(r)
	switch {
	case !o.times && !isTime(values[0]):
		return o, false
	case o.foreign != "" && isTime(values[0]) && r.Value == nil && r.Binding != nil && r.Binding.Source == nil:
		return o, false // what was compared was checked before
	case o.foreign != "":
		w.fail(strangeTime(o.foreign))
	}
	return o, true
}

// isLate reports whether a value is told when the statement is run.
func isLate(v any) bool {
	_, ok := v.(dialect.Late)
	return ok
}

func (w *writer) time(use dialect.TimeUse, o origin, values ...any) {
	w.arg(at(o.columns, dialect.TimeArg{Use: use, Values: values, By: w.timed}))
}

// compareTime writes the comparison of a column with a time.
func (w *writer) compareTime(e *plan.Compare, o origin) {
	switch e.Op {
	case "=", "<>":
		w.ref(e.Col)
		w.timeIn(o, e.Op == "<>", e.Arg)
	case "IS DISTINCT FROM", "IS NOT DISTINCT FROM":
		w.sql("(")
		w.ref(e.Col)
		w.timeIn(o, false, e.Arg)
		if e.Op == "IS DISTINCT FROM" {
			w.sql(") IS NOT TRUE")
			return
		}
		w.sql(") IS TRUE")
	default:
		w.ref(e.Col)
		w.sql(" " + w.operator(e.Op) + " ")
		w.time(boundOf(e, o), o, e.Arg)
	}
}

// boundOf says on which side of a time its equals are.
func boundOf(e *plan.Compare, o origin) dialect.TimeUse {
	if o.literal {
		return dialect.TimeText // among the values are others than those of columns
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

// timeIn tests what is before it for being one of the times. Among values of columns alone that is each of the forms that they have.
func (w *writer) timeIn(o origin, not bool, values ...any) {
	w.sql(" ")
	if !o.literal {
		w.fragment(dialect.Fragment{SQL: w.timed.TimeIn(not), Args: []any{
			at(o.columns, dialect.TimeArg{Use: dialect.TimeEqual, Values: values, By: w.timed})}})
		return
	}
	if not {
		w.sql("NOT ")
	}
	w.sql("IN (")
	w.list(len(values), ", ", func(i int) { w.time(dialect.TimeText, o, values[i]) })
	w.sql(")")
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
