package compile

import (
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/sqltext"
)

// Input of this file: what a query makes of columns, compared with arguments. Output: the same comparison as that with the columns
// themselves, also where only columns have types and a number is never equal to a text.

// loose reports whether a comparison of the name with arguments is that of values without a type.
func (w *writer) loose(r plan.Ref, args ...any) bool {
	if r.Value == nil && (r.Binding == nil || r.Binding.Source == nil) || w.d.Features().TypeOf == "" {
		return false
	}
	for _, arg := range args {
		if !isNumber(arg) {
			return true
		}
	}
	return false
}

// isNumber reports whether an argument is sent as a number by itself.
func isNumber(arg any) bool {
	switch plan.ValueOf(arg).(type) {
	case nil, int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64, float32, float64, bool:
		return true
	}
	return false
}

// operand writes what a name stands for where it is compared with arguments. The greatest value of a column has its type if it is
// selected as the first of an order, not if it is made by max.
func (w *writer) operand(r plan.Ref, args ...any) {
	a, ok := r.Value.(*plan.Aggregate)
	if !ok || a.Func != "min" && a.Func != "max" || !ofNumbers(a.Col) || !w.loose(r, args...) {
		w.ref(r)
		return
	}
	first := *a
	first.Func, first.Order = "first", []plan.Order{{Ref: a.Col, Desc: a.Func == "max", Nulls: "LAST"}}
	w.subselect(&first, "")
}

// declaredColumn returns the column of a table that a name means, nil where it is none.
func declaredColumn(r plan.Ref) *graph.Column {
	if r.Binding == nil || r.Binding.Table == nil {
		return nil
	}
	c, _ := r.Binding.Table.Column(r.Column)
	return c
}

// ofNumbers reports whether a column may hold numbers.
func ofNumbers(r plan.Ref) bool {
	c := declaredColumn(r)
	return c != nil && (c.Comparable(graph.ClassFloat) || holdsNumbers(c))
}

// mayBeNumber reports whether the text makes something of numbers. A name alone has the type of its column.
func mayBeNumber(t *plan.Text) bool {
	if !strings.ContainsAny(strings.TrimSpace(t.SQL.String()), " ()+-*/%|") {
		return false
	}
	found := t.SQL.Groups() || slices.ContainsFunc(t.Refs, ofNumbers)
	t.SQL.Words(func(word string) bool {
		found = found || t.Own != nil && ofNumbers(plan.Ref{Binding: t.Own, Column: sqltext.Unquoted(word)})
		return false
	})
	return found
}

// argument writes an argument that is compared with what a name stands for.
func (w *writer) argument(r plan.Ref, arg any) {
	if !w.loose(r, arg) {
		w.arg(arg)
		return
	}
	if r.Value == nil && !ofNumbers(r) {
		w.arg(arg)
		return
	}
	text, isText := r.Value.(*plan.Text)
	a, made := r.Value.(*plan.Aggregate)
	if made {
		text, isText = a.OfText()
		if a.Number() {
			w.cast(arg)
			return
		}
	}
	if r.Value != nil && (!isText || !mayBeNumber(text)) {
		w.arg(arg)
		return
	}
	w.sql("CASE WHEN " + w.d.Features().TypeOf)
	if !isText || made {
		w.sql("(") // beside those of a subquery
	}
	w.ref(r)
	if !isText || made {
		w.sql(")")
	}
	w.sql(" IN ('integer', 'real') THEN ")
	w.cast(arg)
	w.sql(" ELSE ")
	w.arg(arg)
	w.sql(" END")
}

// ofValue returns an argument that is compared with what a query makes of columns as one of the kind of that.
func (w *writer) ofValue(r plan.Ref, arg any) any {
	if r.Value == nil || w.d.Features().TypeOf == "" {
		return arg
	}
	all, scope := w.originOf(r), plan.ScopeOf(r.Value)
	return w.checked(arg, func(v any) (any, error) {
		sent, err := all.as(scope, v)
		if err != nil {
			return nil, graph.Problemf(plan.ErrArgType, "%q: the value %w", r.Name, err)
		}
		return sent, nil
	})
}

// checked checks an argument, also one that is told later or that calls give, and returns it as it is to be sent.
func (w *writer) checked(arg any, check func(any) (any, error)) any {
	sent, err := plan.Checked(arg, check)
	if err != nil {
		w.fail(err)
		return arg
	}
	return sent
}

// cast writes an argument as a number.
func (w *writer) cast(arg any) {
	w.sql("CAST(")
	w.arg(arg)
	w.sql(" AS NUMERIC)")
}

// looseIn is in for what has no type of its own.
func (w *writer) looseIn(e *plan.In) {
	if limit := w.d.Features().MaxArgs; limit > 0 && len(e.Items) > limit {
		w.fail(graph.Problemf(dialect.ErrUnsupported, "a list of %d values is too long: %s allows %d placeholders; use a subquery",
			len(e.Items), w.d.Name(), limit))
		return
	}
	w.operand(e.Col, e.Items...)
	if e.Not {
		w.sql(" NOT")
	}
	w.sql(" IN (")
	w.list(len(e.Items), ", ", func(i int) { w.argument(e.Col, e.Items[i]) })
	w.sql(")")
}
