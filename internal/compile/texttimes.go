package compile

import (
	"fmt"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/sqltext"
)

// Input of this file: SQL text of the caller's with times among its arguments, for a database that has no type for times. Output:
// the same, each time with the columns whose values it meets, or as an error where something else is among what it meets.

func mayBeTime(arg any) bool { return isTime(arg) || isLate(arg) }

// timeWords splits text at the bare words that are columns of times of its own row. In text that selects for itself, they may be
// those of other tables.
func timeWords(t *plan.Text) *plan.Text {
	if t.Own == nil || t.SQL.Select {
		return t
	}
	split := *t
	split.SQL = t.SQL.Words(func(word string) bool { return timeColumn(t.Own.Table, word) != "" })
	if len(split.SQL.Pieces) == len(t.SQL.Pieces) {
		return t
	}
	split.Refs = make([]plan.Ref, len(split.SQL.Pieces))
	named := func(p sqltext.Piece) bool { return p.Kind == sqltext.Name || p.Kind == sqltext.Word }
	old := 0 // of the pieces of t, those before it are in split
	for i, p := range split.SQL.Pieces {
		if !named(p) {
			continue
		}
		for old < len(t.SQL.Pieces) && !named(t.SQL.Pieces[old]) {
			old++
		}
		if old < len(t.SQL.Pieces) && t.SQL.Pieces[old].Kind == p.Kind && t.SQL.Pieces[old].Text == p.Text {
			split.Refs[i] = t.Refs[old]
			old++
			continue
		}
		split.Refs[i] = plan.Ref{Name: p.Text, Binding: t.Own, Column: timeColumn(t.Own.Table, p.Text), Bare: true}
	}
	return &split
}

// timeColumn returns the column of times that a bare word names; empty: it names none.
func timeColumn(t *graph.Table, word string) string {
	name := sqltext.Unquoted(word)
	for _, c := range t.Columns {
		if c.Class == graph.ClassTime && strings.EqualFold(c.Name, name) {
			return c.Name
		}
	}
	return ""
}

// textValue writes an argument of SQL text.
func (w *writer) textValue(r *reading, piece int, arg any) {
	arg, as := w.textKind(r, piece, arg)
	switch {
	case r.all != nil && w.timed != nil && mayBeTime(arg) && w.textTime(r, piece, arg):
		return
	case as.number:
		w.cast(arg)
		return
	case w.timed != nil && len(as.times) > 0 && sentAsNumber(arg):
		w.arg(at(as.times, dialect.TimeArg{Use: dialect.TimeText, Values: []any{arg}, By: w.timed}))
		return
	}
	if sub, ok := arg.(*plan.Subquery); ok && r.all != nil {
		for _, op := range r.at(piece) {
			for _, m := range op.Meets {
				w.besides(sub, func() origin { return w.origins(r.all, m.With) })
			}
		}
	}
	w.value(arg)
}

// textTime writes an argument that is a time, or may be one. It returns false for one that is not to be a time.
func (w *writer) textTime(r *reading, piece int, arg any) bool {
	ops := r.at(piece)
	var all origin
	if len(ops) == 0 {
		all.foreign = "SQL text that is not understood"
	}
	for _, op := range ops {
		all.add(w.meeting(r, op))
		if isArithmetic(op.In) || strings.Contains(op.In, " ") {
			all.foreign = op.In
		}
	}
	sent := dialect.TimeArg{Use: dialect.TimeText, Values: []any{arg}, By: w.timed}
	switch {
	case all.foreign != "" && isTime(arg):
		w.fail(strangeTime(all.foreign))
	case all.foreign != "" && len(all.columns) == 0, isLate(arg) && all.number && !all.text:
		return false
	case all.foreign != "":
		sent.Refused = strangeTime(all.foreign)
	case len(all.columns) == 0:
		sent.Use = dialect.TimeRead
	case len(ops) == 1 && len(ops[0].Leaves) == 1 && len(ops[0].Meets) == 1 && !all.given:
		sent.Use = w.bound(r, ops[0].Meets[0])
	case all.given && len(all.columns) == 1:
		sent.Use = dialect.TimeStored
	}
	w.arg(at(all.columns, sent))
	return true
}

// isArithmetic reports whether an operator makes numbers of numbers.
func isArithmetic(op string) bool {
	return op != "" && op != "||" && strings.Trim(op, "+-*/%&|<>~") == "" && op[:min(len(op), 2)] != "->"
}

// at adds the columns that a time meets.
func at(columns []dialect.ColumnRef, a dialect.TimeArg) dialect.TimeArg {
	if len(columns) > 0 {
		a.Column, a.Beside = columns[0], columns[1:]
	}
	return a
}

// bound says on which side of a time its equals are, if it bounds values of columns alone.
func (w *writer) bound(r *reading, m sqltext.Meeting) dialect.TimeUse {
	with := w.origins(r.all, m.With)
	switch {
	case with.literal:
	case m.Op == "<" || m.Op == ">=": // as the time stands on the left
		return dialect.TimePast
	case m.Op == ">" || m.Op == "<=":
		return dialect.TimeFrom
	}
	return dialect.TimeText
}

// strangeTime refuses a time of which nobody knows how to spell it.
func strangeTime(beside string) error {
	remedy := "write the column by its path, as self.column for one of the row that the text is about, or pass the text that is stored there"
	switch {
	case strings.HasSuffix(beside, "()"):
		remedy = "give the time to the same function, as in " + strings.TrimSuffix(beside, ")") + "?), or pass the text or number that it gives"
	case len(beside) <= len("->>"):
		beside, remedy = fmt.Sprintf("the operator %q", beside), "give the time to a function, as in julianday(?), or pass the text or number that it gives"
	}
	return graph.Problemf(plan.ErrUnsupported, "SQL text has a time beside %s, and how that spells times is not known; %s", beside, remedy)
}

// textCompare writes, of SQL text, the name at i, the comparison behind it and the arguments of that, next among all, if they are times
// or the name is that of a value without a type. It returns how many pieces it has written beyond the name, and how many arguments.
func (w *writer) textCompare(t *reading, i, next int) (pieces, args int) {
	if t.all == nil && t.Refs[i].Value == nil || i+2 >= len(t.SQL.Pieces) || i > 0 && t.leadsOn(i-1) || t.SQL.Pieces[i+2].Kind != sqltext.Placeholder {
		return 0, 0
	}
	op := strings.ToUpper(strings.Join(strings.Fields(t.SQL.Pieces[i+1].Text), " "))
	switch op {
	case "=", "<>", "<", "<=", ">", ">=", "IS DISTINCT FROM", "IS NOT DISTINCT FROM":
	case "==":
		op = "="
	case "!=":
		op = "<>"
	case "IS":
		op = "IS NOT DISTINCT FROM"
	case "IS NOT":
		op = "IS DISTINCT FROM"
	case "BETWEEN", "NOT BETWEEN":
		return w.between(t, i, next, op)
	default:
		return 0, 0
	}
	e := &plan.Compare{Col: t.Refs[i], Op: op, Arg: t.Args[next]}
	if t.goesOn(i + 3) {
		return 0, 0
	}
	e.Arg, _ = w.textKind(t, i+2, e.Arg)
	if at, ok := w.meets(e.Col, e.Class, e.Arg); ok {
		w.compareTime(e, at)
		return 2, 1
	}
	if _, isExpr := e.Arg.(plan.Expr); isExpr || !w.loose(e.Col, e.Arg) {
		return 0, 0
	}
	w.compare(e)
	return 2, 1
}

// between is textCompare for a range of a value without a type.
func (w *writer) between(t *reading, i, next int, op string) (pieces, args int) {
	if i+4 >= len(t.SQL.Pieces) || t.SQL.Pieces[i+4].Kind != sqltext.Placeholder ||
		!strings.EqualFold(strings.TrimSpace(t.SQL.Pieces[i+3].Text), "AND") || t.goesOn(i+5) {
		return 0, 0
	}
	from, to := t.Args[next], t.Args[next+1]
	if isValue(from) && isValue(to) {
		from, _ = w.textKind(t, i+2, from)
		to, _ = w.textKind(t, i+4, to)
	}
	if !w.loose(t.Refs[i], from, to) || isTime(from) || isTime(to) {
		return 0, 0
	}
	w.operand(t.Refs[i], from, to)
	w.sql(" " + op + " ")
	w.argument(t.Refs[i], from)
	w.sql(" AND ")
	w.argument(t.Refs[i], to)
	return 4, 2
}

const operators = "|+-*/%&<>=!"

// leadsOn reports whether the piece at i ends with an operator, whose operand comes next.
func (t *reading) leadsOn(i int) bool {
	text := strings.TrimSpace(t.SQL.Pieces[i].Text)
	return text != "" && strings.IndexByte(operators, text[len(text)-1]) >= 0
}

// goesOn reports whether the piece at i continues the expression before it, rather than ends the comparison.
func (t *reading) goesOn(i int) bool {
	if i >= len(t.SQL.Pieces) {
		return false
	}
	text := strings.TrimSpace(t.SQL.Pieces[i].Text)
	return text != "" && strings.IndexByte(operators, text[0]) >= 0 || len(text) >= 7 && strings.EqualFold(text[:7], "COLLATE")
}
