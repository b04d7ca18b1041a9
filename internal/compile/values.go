package compile

import (
	"database/sql/driver"
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

// ofNumbers reports whether a column may hold numbers.
func ofNumbers(r plan.Ref) bool {
	if r.Binding == nil || r.Binding.Table == nil {
		return false
	}
	c, ok := r.Binding.Table.Column(r.Column)
	return ok && c.Comparable(graph.ClassFloat)
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
	number := func() {
		w.sql("CAST(")
		w.arg(arg)
		w.sql(" AS NUMERIC)")
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
			number()
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
	number()
	w.sql(" ELSE ")
	w.arg(arg)
	w.sql(" END")
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

// numbers reports whether the text has arguments that may be numbers written as texts, beside what has no type of its own.
func (w *writer) numbers(t *plan.Text) bool {
	if w.d.Features().TypeOf == "" || !has(t, isLoose) {
		return false
	}
	isText := func(arg any) bool { _, is := arg.(*plan.Text); return is }
	text := strings.ToLower(t.SQL.String())
	return strings.ContainsAny(text, "()+-*/%|0123456789") || strings.Contains(text, "case") || strings.Contains(text, "between") || sourced(t) || slices.ContainsFunc(t.Args, isText) || slices.ContainsFunc(t.Refs, func(r plan.Ref) bool {
		return r.Value != nil || r.Binding != nil && r.Binding.Source != nil
	})
}

// isLoose reports whether an argument of SQL text may be a number that is written as a text.
func isLoose(arg any) bool {
	switch arg.(type) {
	case []byte, plan.Expr:
		return false
	}
	return !isNumber(arg) && !isTime(arg)
}

// textNumber writes an argument of SQL text that is compared with numbers that have no type of their own: as a number. It returns
// false for others.
func (w *writer) textNumber(r *reading, piece int, arg any) bool {
	if w.d.Features().TypeOf == "" || !isLoose(arg) {
		return false
	}
	var all origin
	for _, op := range r.at(piece) {
		if len(op.Leaves) > 1 || op.Number || op.Text || len(op.Made) > 0 {
			all.add(w.origins(r.all, op))
		}
		for _, m := range op.Meets {
			if with := m.With; with.Free || m.Op == "HAS" || len(op.Leaves) > 1 || w.isLoose(r.all, with) {
				all.add(w.origins(r.all, with))
			}
		}
	}
	switch text, known := writtenOut(arg); {
	case all.number && !all.text && (!known || dialect.SpellsNumber(text)):
		w.sql("CAST(")
		w.arg(arg)
		w.sql(" AS NUMERIC)")
		return true
	case (all.number || all.custom) && known && dialect.SpellsNumber(text):
		w.fail(graph.Problemf(plan.ErrUnsupported, "SQL text compares an argument, number %d, that is a number written as a text with an expression of "+
			"which it is not known whether it gives numbers, and %s orders all texts behind all numbers; write CAST(? AS NUMERIC), or "+
			"declare the types of the columns with Type", len(w.args)+1, w.d.Name()))
	}
	return false
}

// isLoose reports whether an operand is a name without a type of its own.
func (w *writer) isLoose(o *operands, op *sqltext.Operand) bool {
	return slices.ContainsFunc(op.Leaves, func(token int) bool {
		l := o.leaves[token]
		if _, isExpr := l.arg.(plan.Expr); isExpr {
			_, isColumn := l.arg.(*plan.Column)
			return !isColumn
		}
		if o.Names[token] != nil || l.in.Refs == nil {
			return sourced(l.in.Text)
		}
		ref := l.in.Refs[l.piece]
		return ref.Value != nil || ref.Binding != nil && ref.Binding.Source != nil
	})
}

// sourced reports whether a bare word of the text may be a column of a query that is read like a table.
func sourced(t *plan.Text) bool {
	return t.Rows != nil && slices.ContainsFunc(t.Rows.Bindings, func(b *plan.Binding) bool { return b.Source != nil })
}

// writtenOut returns the text that an argument is sent as, where that is known.
func writtenOut(arg any) (text string, known bool) {
	defer func() { _ = recover() }() // the method of a nil pointer
	if v, ok := arg.(driver.Valuer); ok {
		given, err := v.Value()
		if err != nil {
			return "", false
		}
		arg = given
	}
	text, known = arg.(string)
	return text, known
}
