package plan

import (
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/internal/sqltext"
)

// Input of this file: conditions as they were written. Those that hold for every row, whatever is in it, are none for a write.

// Always reports whether all of the conditions together hold for every row, as far as their form tells, or are about nothing.
func Always(clauses []Clause) bool {
	return !slices.ContainsFunc(clauses, func(c Clause) bool { return !always(c.Expr) })
}

func always(e Expr) bool {
	switch e := e.(type) {
	case And:
		return !slices.ContainsFunc(e, func(e Expr) bool { return !always(e) })
	case *Matching:
		return always(And(e.Exprs))
	case Or:
		return slices.ContainsFunc(e, always)
	case *Not: // that of nothing is about nothing
		return never(e.Expr) || always(e.Expr)
	case *NotTrue:
		return never(e.Expr) || always(e.Expr)
	case *In:
		return e.Not && len(e.Items) == 0 && !e.HasNull
	case *Exists: // no related row is one of none
		return e.Not && slices.ContainsFunc(e.Preds, never)
	case Const:
		return bool(e)
	case *Text:
		return e.says("true", "1=1")
	}
	return false
}

// never reports whether a condition holds for no row, as far as its form tells.
func never(e Expr) bool {
	switch e := e.(type) {
	case And:
		return slices.ContainsFunc(e, never)
	case *Matching:
		return never(And(e.Exprs))
	case Or:
		return !slices.ContainsFunc(e, func(e Expr) bool { return !never(e) })
	case *Not:
		return always(e.Expr) && !never(e.Expr)
	case *NotTrue:
		return always(e.Expr) && !never(e.Expr)
	case *In:
		return !e.Not && len(e.Items) == 0 && !e.HasNull
	case *Exists:
		return !e.Not && slices.ContainsFunc(e.Preds, never)
	case Const:
		return !bool(e)
	case *Text:
		return e.says("false", "1=0")
	}
	return false
}

// says reports whether the text is one of these, without its spaces and parentheses.
func (t *Text) says(texts ...string) bool {
	var b strings.Builder
	for _, p := range t.SQL.Pieces {
		if p.Kind != sqltext.Verbatim {
			return false
		}
		b.WriteString(p.Text)
	}
	bare := strings.NewReplacer(" ", "", "\t", "", "\n", "", "(", "", ")", "").Replace(b.String())
	return slices.ContainsFunc(texts, func(text string) bool { return strings.EqualFold(bare, text) })
}
