package plan

import (
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/internal/sqltext"
)

// Input of this file: a query with values, for a database where SQL joins no subquery for each row. Output: the value that is made with the
// rows of the table, in a subquery that has the columns which are declared. A table may have others, whether or not * contains them: what is
// written outside must name none, nor what only a table has.

// keep has a value that is selected and tested made with the rows of the table. The rows that the other conditions leave are then read to
// their end, so that no limit may stand before the value has decided; and those conditions stand with the table, where columns alone are known.
func (q *Query) keep(spec *Spec) {
	if q.Distinct || slices.ContainsFunc(q.OrderBy, func(o Order) bool { return o.Expr != nil }) ||
		slices.ContainsFunc(q.values.all, func(v *value) bool { return v.column != nil }) {
		return
	}
	for _, v := range q.values.all {
		if v.with == nil || v.with.Func == "exists" || !v.named || !q.unlimited(v.with, spec) {
			continue
		}
		// The others are made outside, and so may be a row that has the least or the greatest.
		if slices.ContainsFunc(q.values.all, func(o *value) bool {
			inside := o == v && v.with.Func != "min" && v.with.Func != "max"
			return o.with != nil && !inside && !o.with.ofColumns()
		}) {
			return
		}
		kept := &Kept{Value: v.with}
		for _, e := range q.Where {
			switch {
			case plain(e):
				kept.Where = append(kept.Where, e)
			case v.with.alone(e) && about(e, v.with):
				kept.Rest = append(kept.Rest, e)
			default:
				return // of two values, neither is needed of all rows
			}
		}
		v.with.Kept, v.with.Once = q.Base, v.name+"#"+q.Apart()
		q.Kept = kept
		return
	}
}

// ofAnyRow has the words that SQL text may have and name nothing by.
var ofAnyRow = map[string]bool{
	"and": true, "between": true, "case": true, "else": true, "end": true, "false": true, "in": true, "is": true, "isnull": true, "like": true,
	"not": true, "notnull": true, "null": true, "or": true, "then": true, "true": true, "when": true,
}

// only reports whether text names nothing but the value.
func (a *Aggregate) only(t *Text) bool {
	if slices.ContainsFunc(t.Args, func(arg any) bool { _, made := arg.(Expr); return made }) {
		return false
	}
	tokens := t.SQL.Tokens()
	for i, tok := range tokens {
		called := i+1 < len(tokens) && tokens[i+1].Text == "("
		switch {
		case tok.Kind == sqltext.Name, tok.Kind == sqltext.Word:
			if t.Refs[tok.Piece].Value != Expr(a) {
				return false
			}
		case tok.Quoted, tok.Text == "[", tok.Word && !called && !ofAnyRow[strings.ToLower(tok.Text)]:
			return false
		}
	}
	return true
}
