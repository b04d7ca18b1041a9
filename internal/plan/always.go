package plan

import (
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
)

// Input of this file: conditions as they were written. Those that hold for every row, whatever is in it, are none for a write.

// Always reports whether all of the conditions together hold for every row of a table, as far as their form and the table's declaration
// tell, or are about nothing of it.
func Always(clauses []Clause, t *graph.Table, d dialect.Dialect) bool {
	j := judge{t, d.Features().Reserved}
	return !slices.ContainsFunc(clauses, func(c Clause) bool { return !j.verdictOf(c.Expr).always })
}

// judge tells what conditions on rows of a table come to.
type judge struct {
	t        *graph.Table    // nil: it is not known
	reserved map[string]bool // words that are no column
}

// verdict is what the form of a condition tells of the rows for which it holds: all, none, or neither.
type verdict struct{ always, never bool }

func (j judge) verdictOf(e Expr) (v verdict) {
	switch e := e.(type) {
	case And:
		return j.allOf(e)
	case *Matching:
		return j.allOf(e.Exprs)
	case Or:
		v.never = true
		for _, part := range e {
			of := j.verdictOf(part)
			v.always, v.never = v.always || of.always, v.never && of.never
		}
	case *Not:
		return j.verdictOf(e.Expr).not()
	case *NotTrue:
		return j.verdictOf(e.Expr).not()
	case *In:
		if len(e.Items) == 0 && e.HasNull {
			return j.verdictOf(&IsNull{e.Col, e.Not})
		}
		none := len(e.Items) == 0
		return verdict{always: none && e.Not, never: none && !e.Not}
	case *IsNull:
		never := j.neverNull(e.Col)
		return verdict{always: never && e.Not, never: never && !e.Not}
	case *Exists: // no related row is one of none
		of := judge{reserved: j.reserved} // of other rows
		none := slices.ContainsFunc(e.Preds, func(pred Expr) bool { return of.verdictOf(pred).never })
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
		value, ok := j.says(e)
		return verdict{always: ok && value, never: ok && !value}
	}
	return v
}

// allOf is the verdict on conditions that must all hold.
func (j judge) allOf(exprs []Expr) verdict {
	v := verdict{always: true}
	for _, e := range exprs {
		of := j.verdictOf(e)
		v.always, v.never = v.always && of.always, v.never || of.never
	}
	return v
}

// neverNull reports whether a column of the row itself is declared to hold no NULL.
func (j judge) neverNull(r Ref) bool {
	if j.t == nil {
		return false
	}
	name := strings.TrimPrefix(strings.TrimPrefix(r.Name, graph.SelfName+"."), j.t.Name+".")
	c, ok := j.t.Column(name)
	return ok && !c.Computed && (c.NotNull || slices.Contains(j.t.PrimaryKey, name) || !c.Nullable && c.Class != graph.ClassBytes)
}

// not is the verdict on what holds where this does not. That of nothing is about nothing.
func (v verdict) not() verdict {
	return verdict{always: v.never || v.always, never: v.always && !v.never}
}

// says reports whether the text is the same for every row: it names no column, and nothing in it does. The value is true where it is not
// known to be false: a text that tells no row from another is none to choose rows by.
func (j judge) says(t *Text) (value, ok bool) {
	said, ok := t.SQL.Constant(j.reserved)
	value = !slices.Contains([]string{"false", "1=0", "0=1", "nottrue"}, said)
	for _, a := range t.Args {
		var of verdict
		e, is := a.(Expr)
		if is {
			of = j.verdictOf(e)
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
