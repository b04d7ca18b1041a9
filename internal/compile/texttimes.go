package compile

import (
	"regexp"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/sqltext"
)

// Input of this file: SQL text of the caller's with times among its arguments, for a database that has no type for times. Output:
// the same, each time with its column: that which it is compared with, or else the one column of times that the text names.

// timedText is SQL text whose bare words that are columns of times are pieces.
type timedText struct {
	*plan.Text
	has    bool // arguments that are times
	column dialect.ColumnRef
	one    bool // the text names one column of times
}

// timedText returns the text with what is known of its times.
func (w *writer) timedText(t *plan.Text) timedText {
	if w.timed == nil || t.Refs == nil || !slices.ContainsFunc(t.Args, mayBeTime) {
		return timedText{Text: t}
	}
	if slices.ContainsFunc(t.Args, isTime) && slices.ContainsFunc(t.SQL.Pieces, func(p sqltext.Piece) bool { return p.Kind == sqltext.Verbatim && quotedChain.MatchString(p.Text) }) {
		w.fail(graph.Problemf(plan.ErrUnsupported, "SQL text with a time has a name of several parts that begins with a quote, and which column "+
			"that is is not known, nor how it spells its times; write it without quotes, as self.column or by its path"))
	}
	timed := timedText{Text: timeWords(t), has: true}
	if ref, ok := timeOf(timed.Text); ok {
		timed.column, timed.one = w.columnOf(ref)
		timed.one = timed.one && timed.column.Column != ""
	}
	if !timed.one && w.setting.Column != "" {
		timed.column, timed.one = w.setting, true
	}
	return timed
}

// quotedChain is a dotted name whose first part is in quotes, which are left to the database.
var quotedChain = regexp.MustCompile(`"\s*\.\s*["\pL_]`)

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

// timeOf returns the one column of times that text names; ok is false where it names none, or several.
func timeOf(t *plan.Text) (one plan.Ref, ok bool) {
	several := false
	for _, r := range timeWords(t).Refs {
		if a, isValue := r.Value.(*plan.Aggregate); isValue {
			r = a.Col
		}
		if text, isText := r.Value.(*plan.Text); isText {
			var inner bool
			if r, inner = timeOf(text); !inner {
				continue
			}
		}
		if r.Binding == nil || r.Binding.Table == nil || !isTimeColumn(r.Binding.Table, r.Column) {
			continue
		}
		several = several || ok && (r.Binding.Table != one.Binding.Table || r.Column != one.Column)
		one, ok = r, true
	}
	return one, ok && !several
}

// textValue writes an argument of SQL text.
func (w *writer) textValue(t timedText, arg any) {
	if t.has && t.one && mayBeTime(arg) {
		w.time(dialect.TimeText, t.column, arg)
		return
	}
	w.value(arg)
}

// textCompare writes, of SQL text, the name at i, the comparison behind it and the arguments of that, next among all, if they are times,
// or the name is that of a value without a type. It returns how many pieces it has written beyond the name, and how many arguments.
func (w *writer) textCompare(t timedText, i, next int) (pieces, args int) {
	if !t.has && t.Refs[i].Value == nil || i+2 >= len(t.SQL.Pieces) || i > 0 && t.leadsOn(i-1) || t.SQL.Pieces[i+2].Kind != sqltext.Placeholder {
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
	if ref, ok := w.meets(e.Col, e.Class, e.Arg); ok {
		w.compareTime(e, ref)
		return 2, 1
	}
	if _, isExpr := e.Arg.(plan.Expr); isExpr || !w.loose(e.Col, e.Arg) {
		return 0, 0
	}
	w.compare(e)
	return 2, 1
}

// between is textCompare for a range.
func (w *writer) between(t timedText, i, next int, op string) (pieces, args int) {
	if i+4 >= len(t.SQL.Pieces) || t.SQL.Pieces[i+4].Kind != sqltext.Placeholder ||
		!strings.EqualFold(strings.TrimSpace(t.SQL.Pieces[i+3].Text), "AND") || t.goesOn(i+5) {
		return 0, 0
	}
	from, ok := w.meets(t.Refs[i], "", t.Args[next])
	to, okTo := w.meets(t.Refs[i], "", t.Args[next+1])
	if !ok || !okTo || madeOfText(t.Refs[i]) {
		return 0, 0
	}
	w.ref(t.Refs[i])
	w.sql(" " + op + " ")
	w.time(dialect.TimeFrom, from, t.Args[next])
	w.sql(" AND ")
	w.time(dialect.TimePast, to, t.Args[next+1])
	return 4, 2
}

const operators = "|+-*/%&<>=!"

// leadsOn reports whether the piece at i ends with an operator, whose operand comes next.
func (t timedText) leadsOn(i int) bool {
	text := strings.TrimSpace(t.SQL.Pieces[i].Text)
	return text != "" && strings.IndexByte(operators, text[len(text)-1]) >= 0
}

// goesOn reports whether the piece at i continues the expression before it, rather than ends the comparison.
func (t timedText) goesOn(i int) bool {
	if i >= len(t.SQL.Pieces) {
		return false
	}
	text := strings.TrimSpace(t.SQL.Pieces[i].Text)
	return text != "" && strings.IndexByte(operators, text[0]) >= 0 || len(text) >= 7 && strings.EqualFold(text[:7], "COLLATE")
}
