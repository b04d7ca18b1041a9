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

// Input of this file: SQL text of the caller's with texts among its arguments, for a database where only columns have types. Output: the
// same, the texts that are compared with numbers as numbers, or an error where that is not clear, or one is none.

// numbers reports whether the text has arguments that may be numbers written as texts, beside what may be numbers.
func (w *writer) numbers(t *plan.Text) bool {
	if w.d.Features().TypeOf == "" || !has(t, isLoose) {
		return false
	}
	if _, ok := w.beside[t]; ok || t.SQL.Select || sourced(t) || argumentsMeet(t) {
		return true
	}
	text := strings.ToLower(t.SQL.String())
	if strings.ContainsAny(text, "()+-*/%|~0123456789") || strings.Contains(text, "case") || strings.Contains(text, " in ") ||
		strings.Contains(text, "between") {
		return true
	}
	isText := func(arg any) bool { _, is := arg.(*plan.Text); return is }
	return slices.ContainsFunc(t.Args, isText) || slices.ContainsFunc(t.Refs, w.tellsNumbers) || namesNumbers(t)
}

// argumentsMeet reports whether two arguments may be compared with each other.
func argumentsMeet(t *plan.Text) bool {
	for i, p := range t.SQL.Pieces {
		if i > 1 && p.Kind == sqltext.Placeholder && t.SQL.Pieces[i-2].Kind == sqltext.Placeholder && strings.ContainsAny(t.SQL.Pieces[i-1].Text, "=<>") &&
			!strings.ContainsAny(strings.ToLower(t.SQL.Pieces[i-1].Text), "abcdefghijklmnopqrstuvwxyz\"`[") {
			return true
		}
	}
	return false
}

// tellsNumbers reports whether a name is that of a column of numbers, or of what has no type of its own.
func (w *writer) tellsNumbers(r plan.Ref) bool {
	return r.Value != nil || r.Binding != nil && (r.Binding.Source != nil || ofNumbers(r))
}

// namesNumbers reports whether a bare word of the text is a column of numbers.
func namesNumbers(t *plan.Text) (found bool) {
	if t.Own == nil {
		return false
	}
	t.SQL.Words(func(word string) bool {
		name := sqltext.Unquoted(word)
		for _, b := range (&reading{Text: t}).rows() {
			if column := columnNamed(b.Table, name); column != "" {
				found = found || ofNumbers(plan.Ref{Binding: b, Column: column})
			}
		}
		return false
	})
	return found
}

// isLoose reports whether an argument of SQL text may be a number that is written as a text.
func isLoose(arg any) bool {
	switch arg.(type) {
	case []byte, plan.Expr:
		return false
	case string:
		return true
	}
	return !isTime(arg) && !sentAsNumber(arg)
}

// textNumber checks an argument of SQL text that is sent as text. It returns it as it is to be sent, and whether that is as a number:
// where it is compared with numbers that have no type of their own.
func (w *writer) textNumber(r *reading, piece int, arg any) (sent any, number bool) {
	all, loose := w.compared(r, piece)
	n := len(w.args) + 1
	asNumber := (all.number || all.sent) && !all.text
	check := func(v any) error {
		switch text, known := writtenOut(v); {
		case !known:
		case asNumber && all.number && !all.custom && !dialect.SpellsNumber(text):
			return graph.Problemf(plan.ErrArgType, "SQL text has an argument, number %d, that is a text and no number, beside numbers; write its "+
				"digits, with a point where decimals begin", n)
		case loose && !asNumber && (all.number || all.custom) && dialect.SpellsNumber(text):
			return graph.Problemf(plan.ErrUnsupported, "SQL text compares an argument, number %d, that is a number written as a text with an "+
				"expression of which it is not known whether it gives numbers, and %s orders all texts behind all numbers; write CAST(? AS NUMERIC), "+
				"or CAST(? AS TEXT) beside texts, or declare the types of the columns with Type", n, w.d.Name())
		}
		return nil
	}
	arg = w.checked(arg, check)
	text, known := writtenOut(arg)
	return arg, loose && asNumber && (!known || dialect.SpellsNumber(text))
}

// compared is the origin of all that an argument is compared with, or stands in the place of. It is loose where some of that has no type
// of its own.
func (w *writer) compared(r *reading, piece int) (all origin, loose bool) {
	ops := r.at(piece)
	if len(ops) == 0 {
		return origin{custom: true}, true // text that is not understood
	}
	var seen []*sqltext.Operand
	var add func(op *sqltext.Operand)
	add = func(op *sqltext.Operand) {
		if slices.Contains(seen, op) {
			return
		}
		seen = append(seen, op)
		all.add(w.origins(r.all, op))
		loose = loose || len(op.Leaves) > 1 || op.Number || op.Text || op.Any
		for _, m := range op.Meets {
			if m.Op == "LIKE" {
				continue
			}
			loose = loose || m.With.Free || m.Op == "HAS" || w.isLoose(r.all, m.With)
			if all.add(w.origins(r.all, m.With)); r.all.argumentsAlone(m.With) {
				add(m.With) // which is what it meets in turn
			}
		}
		if op == r.all.Whole {
			all.add(w.beside[r.all.of.source])
		}
	}
	for _, op := range ops {
		add(op)
	}
	return all, loose
}

// argumentsAlone reports whether an operand is nothing but arguments.
func (o *operands) argumentsAlone(op *sqltext.Operand) bool {
	return len(op.Made) == 0 && !op.Number && !op.Text && !slices.ContainsFunc(op.Leaves, func(token int) bool {
		kind := o.leaves[token].in.SQL.Pieces[o.leaves[token].piece].Kind
		_, isExpr := o.leaves[token].arg.(plan.Expr)
		return isExpr || kind != sqltext.Placeholder && kind != sqltext.Numbered
	})
}

// isLoose reports whether an operand may be a value without a type of its own.
func (w *writer) isLoose(o *operands, op *sqltext.Operand) bool {
	return len(op.Leaves) > 1 || slices.ContainsFunc(op.Leaves, func(token int) bool {
		l := o.leaves[token]
		if _, isExpr := l.arg.(plan.Expr); isExpr {
			_, isColumn := l.arg.(*plan.Column)
			return !isColumn
		}
		if c, ok := o.Read[token]; ok {
			return c.Loose || c.Known && c.Of.IsArg || c.Beyond && (sourced(l.in.Text) || l.in.Rows != nil && l.in.Rows.Makes(c.Name))
		}
		if kind := l.in.SQL.Pieces[l.piece].Kind; kind == sqltext.Placeholder || kind == sqltext.Numbered {
			return true
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

// writtenOut returns the text that an argument is sent as; known is false for what is sent as something else, and for what fails to say.
func writtenOut(arg any) (text string, known bool) {
	text, known = sentValue(arg).(string)
	return text, known
}

// sentAsNumber reports whether an argument is sent as a number.
func sentAsNumber(arg any) bool {
	switch sentValue(arg).(type) {
	case int64, float64, bool:
		return true
	}
	return isNumber(arg)
}

// sentValue is what database/sql makes of an argument; nil where that is nothing.
func sentValue(arg any) (sent driver.Value) {
	defer func() { _ = recover() }() // the method of a nil pointer
	if sent, err := driver.DefaultParameterConverter.ConvertValue(arg); err == nil {
		return sent
	}
	return nil
}
