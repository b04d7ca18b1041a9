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

// Input of this file: SQL text of the caller's with arguments, for a database where only columns have types. Output: the same, each
// argument of the kind that what it meets is of: a text that spells a time as a time, a text that is compared with numbers as a number; or
// an error where it is of another kind, or where that is not clear.

// mixes reports whether the text may have arguments of another kind than what they meet.
func (w *writer) mixes(t *plan.Text) bool {
	if w.d.Features().TypeOf == "" || !has(t, isValue) {
		return false
	}
	numbers, texts := !has(t, isNoNumber), !has(t, isNoText)
	if _, ok := w.beside[t]; ok || t.SQL.Select || sourced(t) || argumentsMeet(t) || argumentsHold(t) || !numbers && !texts {
		return true
	}
	text := strings.ToLower(t.SQL.String())
	if strings.ContainsAny(text, "()|'\"") || strings.Contains(text, "case") || strings.Contains(text, " in ") || strings.Contains(text, "between") {
		return true
	}
	isText := func(arg any) bool { _, is := arg.(plan.Expr); return is }
	if slices.ContainsFunc(t.Args, isText) || texts && strings.ContainsAny(text, "+-*/%~0123456789") {
		return true
	}
	other := func(r plan.Ref) bool {
		c := declaredColumn(r)
		if r.Value != nil || c == nil {
			return r.Value != nil
		}
		return numbers != holdsNumbers(c) || texts && c.Class != graph.ClassText
	}
	return slices.ContainsFunc(t.Refs, other) || wordsBe(t, other)
}

// isValue reports whether an argument is one that the database is sent.
func isValue(arg any) bool { _, isExpr := arg.(plan.Expr); return !isExpr }

func isNoNumber(arg any) bool {
	if _, truth := plan.ValueOf(arg).(bool); truth {
		return true
	}
	return isValue(arg) && !isNumber(arg)
}

func isNoText(arg any) bool {
	_, text := plan.ValueOf(arg).(string)
	return isValue(arg) && !text
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

// argumentsHold reports whether an argument may be a truth value that others are joined to.
func argumentsHold(t *plan.Text) bool {
	joins := func(piece int, word func(text string) bool) bool {
		if piece < 0 || piece == len(t.SQL.Pieces) {
			return true
		}
		text := strings.ToLower(strings.TrimSpace(t.SQL.Pieces[piece].Text))
		return t.SQL.Pieces[piece].Kind == sqltext.Verbatim && word(text)
	}
	before := func(text string) bool {
		return strings.HasSuffix(text, "and") || strings.HasSuffix(text, "or") || strings.HasSuffix(text, "not")
	}
	behind := func(text string) bool { return strings.HasPrefix(text, "and") || strings.HasPrefix(text, "or") }
	for i, p := range t.SQL.Pieces {
		if p.Kind == sqltext.Placeholder && joins(i-1, before) && joins(i+1, behind) {
			return true
		}
	}
	return false
}

// mayBeArgument reports whether a condition may be nothing but an argument, or what is chosen among some.
func mayBeArgument(t *plan.Text) bool {
	text := strings.ToLower(t.SQL.String())
	return len(t.Args) > 0 && (strings.ContainsAny(text, "(") || strings.Contains(text, "case") || !strings.ContainsAny(text, "=<>"))
}

// wordsBe reports whether a bare word of the text is a column that is as asked.
func wordsBe(t *plan.Text, as func(plan.Ref) bool) (found bool) {
	if t.Own == nil {
		return false
	}
	t.SQL.Words(func(word string) bool {
		name := sqltext.Unquoted(word)
		for _, b := range (&reading{Text: t}).meant(func(b *plan.Binding) bool { return columnNamed(b.Table, name) != "" }) {
			found = found || as(plan.Ref{Binding: b, Column: columnNamed(b.Table, name)})
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

// kindOfArg is as what an argument of SQL text is to be sent.
type kindOfArg struct {
	number bool                // as a number: it is compared with numbers that have no type of their own
	times  []dialect.ColumnRef // as what is one among the values of these columns of times
}

// textKind checks an argument of SQL text that was read, for a database where only columns have types. It returns it as it is to be sent.
func (w *writer) textKind(r *reading, piece int, arg any) (sent any, as kindOfArg) {
	if r.all == nil || w.d.Features().TypeOf == "" || !isValue(arg) {
		return arg, as
	}
	all, loose := w.compared(r, piece)
	n := len(w.args) + 1
	asNumber := (all.number || all.sent) && !all.text
	arg = w.checked(arg, func(v any) (any, error) {
		if text, known := writtenOut(v); known && loose && !asNumber && (all.number || all.custom) && isLoose(v) && dialect.SpellsNumber(text) {
			return nil, graph.Problemf(plan.ErrUnsupported, "SQL text compares an argument, number %d, that is a number written as a text with an "+
				"expression of which it is not known whether it gives numbers, and %s orders all texts behind all numbers; write CAST(? AS NUMERIC), "+
				"or CAST(? AS TEXT) beside texts, or declare the types of the columns with Type", n, w.d.Name())
		}
		if all.around != nil && all.around.changes(r.Rows, v) {
			return nil, graph.Problemf(plan.ErrUnsupported, "SQL text has an argument, number %d, beside %s, which a query in the text may have "+
				"or the row around, and %s compares it as it is given; write the column by its path, as self.column for one of the row that "+
				"the text is about", n, all.foreign, w.d.Name())
		}
		sent, err := all.as(r.Rows, v)
		if err != nil {
			return nil, graph.Problemf(plan.ErrArgType, "SQL text has an argument, number %d, whose value %w", n, err)
		}
		return sent, nil
	})
	text, known := writtenOut(arg)
	as.number = loose && asNumber && isLoose(arg) && (!known || dialect.SpellsNumber(text))
	if all.kind() == graph.ClassTime && all.foreign == "" {
		as.times = all.columns
	}
	return arg, as
}

// as returns a value as one of the kind of the origin's values.
func (o *origin) as(s *plan.Scope, v any) (any, error) {
	kind := o.kind()
	if kind == graph.ClassTime && (o.foreign != "" || len(o.columns) == 0) {
		return v, nil // nobody knows how it spells times
	}
	return s.As(kind, o.of, v)
}

// changes reports whether a value is to be sent as another one beside the origin's values, or may not stand there.
func (o *origin) changes(s *plan.Scope, v any) bool {
	sent, err := o.as(s, v)
	if err != nil {
		return true
	}
	given, known := spelled(v)
	as, stays := spelled(sent)
	return known && (!stays || given != as)
}

// spelled returns the text or the bytes that an argument is sent as; known is false for what is sent as something else.
func spelled(arg any) (all [2]string, known bool) {
	switch sent := sentValue(arg).(type) {
	case string:
		return [2]string{sent}, true
	case []byte:
		return [2]string{1: string(sent)}, true
	}
	return all, false
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
		if isArithmetic(op.In) {
			all.add(origin{class: graph.ClassFloat})
		}
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
		for op.Into != nil && op != r.all.Whole {
			op = op.Into
		}
		if op == r.all.Whole {
			all.of = max(all.of, w.beside[r.all.of.source].of)
		}
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
