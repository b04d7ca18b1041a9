package plan

import "slices"

// Input of this file: conditions as they were written. Those that hold for every row, whatever is in it, are none for a write.

// Always reports whether all of the conditions together hold for every row, as far as their form tells, or are about nothing of it.
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
		value, ok := e.says()
		return ok && value
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
		value, ok := e.says()
		return ok && !value
	}
	return false
}

// says reports whether the text is the same for every row: it names no column, and nothing in it does. The value is true where it is not
// known to be false: a text that tells no row from another is none to choose rows by.
func (t *Text) says() (value, ok bool) {
	said, ok := t.SQL.Constant()
	value = !slices.Contains([]string{"false", "1=0", "0=1", "nottrue"}, said)
	for _, a := range t.Args {
		e, is := a.(Expr)
		ok = ok && (!is || always(e) || never(e))
		if b, is := a.(bool); is && len(t.Args) == 1 && (said == "?" || said == "$1") {
			value = b
		}
		if is && (said == "?" || said == "$1") {
			value = always(e)
		}
	}
	return value, ok
}
