package plan

import (
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/internal/sqltext"
)

// Input of this file: conditions, once bound, and a value that they may name.

// always reports whether the value is made for each row that the condition is tested on. A database does not make it where a
// condition beside it has decided.
func (a *Aggregate) always(e Expr) bool {
	is := func(r Ref) bool { return r.Value == Expr(a) }
	switch e := e.(type) {
	case And:
		return slices.ContainsFunc(e, a.always)
	case Or:
		return len(e) > 0 && a.always(e[0])
	case *Not:
		and, several := e.Expr.(And)
		return (!several || len(and) == 1) && a.always(e.Expr)
	case *Compare:
		return is(e.Col)
	case *In:
		return is(e.Col)
	case *IsNull:
		return is(e.Col)
	case *Match:
		return is(e.Col)
	case *CompareColumns:
		return is(e.Col) || is(e.With)
	case *Text:
		return slices.ContainsFunc(e.Refs, is) && !decides(e.SQL)
	}
	return false
}

// alone reports whether the value is made for each row that there is, since the condition has no part that could decide without it.
func (a *Aggregate) alone(e Expr) bool {
	switch e := e.(type) {
	case And:
		return len(e) > 0 && !slices.ContainsFunc(e, func(part Expr) bool { return !a.alone(part) })
	case *Text:
		return a.always(e) && !words(e.SQL, "and")
	}
	return a.always(e)
}

// decides reports whether text may leave a part of itself unread.
func decides(t sqltext.Text) bool { return words(t, "or", "case", "coalesce") }

// words reports whether the text has one of the words.
func words(t sqltext.Text, of ...string) bool {
	all := strings.FieldsFunc(strings.ToLower(t.String()), func(c rune) bool { return c < 'a' || c > 'z' })
	return slices.ContainsFunc(all, func(w string) bool { return slices.Contains(of, w) })
}
