package plan

import (
	"slices"
	"strings"
)

// Input of this file: conditions as they were written. Those that hold for every row, whatever is in it, are none for a write.

// Always reports whether all of the conditions together hold for every row, as far as their form tells, or are about nothing of it.
func Always(clauses []Clause) bool {
	return !slices.ContainsFunc(clauses, func(c Clause) bool { return !verdictOf(c.Expr).always })
}

// verdict is what the form of a condition tells of the rows for which it holds: all, none, or neither.
type verdict struct{ always, never bool }

func verdictOf(e Expr) (v verdict) {
	switch e := e.(type) {
	case And:
		return allOf(e)
	case *Matching:
		return allOf(e.Exprs)
	case Or:
		v.never = true
		for _, part := range e {
			of := verdictOf(part)
			v.always, v.never = v.always || of.always, v.never && of.never
		}
	case *Not:
		return verdictOf(e.Expr).not()
	case *NotTrue:
		return verdictOf(e.Expr).not()
	case *In:
		none := len(e.Items) == 0 && !e.HasNull
		return verdict{always: none && e.Not, never: none && !e.Not}
	case *Exists: // no related row is one of none
		none := slices.ContainsFunc(e.Preds, func(pred Expr) bool { return verdictOf(pred).never })
		return verdict{always: none && e.Not, never: none && !e.Not}
	case *Match: // every text holds the empty one
		v.always = e.Text == ""
	case *Compare:
		text, ok := e.Arg.(string)
		v.always = ok && text != "" && strings.Trim(text, "%") == "" && slices.Contains([]string{"LIKE", "ILIKE"}, strings.ToUpper(e.Op))
	case *CompareColumns: // a column is equal to itself
		v.always = e.Col.Name == e.With.Name && slices.Contains([]string{"=", ">=", "<="}, e.Op)
	case Const:
		return verdict{always: bool(e), never: !bool(e)}
	case *Text:
		value, ok := e.says()
		return verdict{always: ok && value, never: ok && !value}
	}
	return v
}

// allOf is the verdict on conditions that must all hold.
func allOf(exprs []Expr) verdict {
	v := verdict{always: true}
	for _, e := range exprs {
		of := verdictOf(e)
		v.always, v.never = v.always && of.always, v.never || of.never
	}
	return v
}

// not is the verdict on what holds where this does not. That of nothing is about nothing.
func (v verdict) not() verdict {
	return verdict{always: v.never || v.always, never: v.always && !v.never}
}

// says reports whether the text is the same for every row: it names no column, and nothing in it does. The value is true where it is not
// known to be false: a text that tells no row from another is none to choose rows by.
func (t *Text) says() (value, ok bool) {
	said, ok := t.SQL.Constant()
	value = !slices.Contains([]string{"false", "1=0", "0=1", "nottrue"}, said)
	for _, a := range t.Args {
		var of verdict
		e, is := a.(Expr)
		if is {
			of = verdictOf(e)
			ok = ok && (of.always || of.never)
		}
		if b, is := a.(bool); is && len(t.Args) == 1 && (said == "?" || said == "$1") {
			value = b
		}
		if is && (said == "?" || said == "$1") {
			value = of.always
		}
	}
	return value, ok
}
