package plan

import (
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
)

// Input of this file: conditions as they were written. Those that hold for every row, whatever is in it, are none for a write.

// Always reports whether all of the conditions together hold for every row of a table, as far as their form and the table's declaration
// tell, or are about nothing of it. plain returns an argument of SQL text as a bool, an int64, a float64 or a string where it is one,
// of whatever type, nil where it is NULL, and else as it is; and false where it is not known whether it is NULL.
func Always(clauses []Clause, t *graph.Table, d dialect.Dialect, plain func(any) (any, bool)) bool {
	j, v := judge{t, d.Features().Reserved, plain}, told(holds)
	for _, c := range clauses {
		v = v.and(j.sidesOf(c.Expr))
	}
	return v.is&^(holds|none) == 0
}

// judge tells what conditions on rows of a table come to.
type judge struct {
	t        *graph.Table    // nil: it is not known
	reserved map[string]bool // words that are no column
	plain    func(any) (any, bool)
}

// verdict is what the form of a condition tells of it: all that it may come to for a row.
type verdict uint8

const (
	holds verdict = 1 << iota
	fails
	unknown // as NULL is
	none    // it is about nothing of a row, and not known: it is taken to hold, and so is its negation

	some = holds | fails | unknown // that depends on the row
)

// certain is the verdict on what is the same for every row.
func certain(value bool) verdict {
	if value {
		return holds
	}
	return fails
}

// ever reports whether the condition may hold for a row.
func (v verdict) ever() bool { return v&(holds|none) != 0 }

func (v verdict) and(other verdict) verdict {
	return v.joined(other, []verdict{fails, unknown, holds, none})
}

func (v verdict) or(other verdict) verdict {
	return v.joined(other, []verdict{none, holds, unknown, fails})
}

// joined is the verdict on two conditions of which the one decides that comes to what is first in the order.
func (v verdict) joined(other verdict, order []verdict) (all verdict) {
	for i, one := range order {
		for k, two := range order {
			if v&one != 0 && other&two != 0 {
				all |= order[min(i, k)]
			}
		}
	}
	return all
}

// not is the verdict on what holds where this fails.
func (v verdict) not() verdict { return v&(unknown|none) | v&holds<<1 | v&fails>>1 }

// sides are the verdicts on a condition and on its negation, which differ where something is taken to hold.
type sides struct{ is, not verdict }

func told(v verdict) sides { return sides{v, v.not()} }

func (s sides) and(other sides) sides { return sides{s.is.and(other.is), s.not.or(other.not)} }

func (s sides) or(other sides) sides { return sides{s.is.or(other.is), s.not.and(other.not)} }

func (s sides) negated() sides { return sides{s.not, s.is} }

// notTrue is the verdict on what holds where this does not.
func (v verdict) notTrue() (all verdict) {
	if v.ever() {
		all = fails
	}
	if v&(fails|unknown) != 0 {
		all |= holds
	}
	return all
}

func (j judge) verdictOf(e Expr) verdict { return j.sidesOf(e).is }

func (j judge) sidesOf(e Expr) sides {
	switch e := e.(type) {
	case And:
		return j.allOf(e)
	case *Matching:
		return j.allOf(e.Exprs)
	case Or:
		v := told(fails)
		for _, part := range e {
			v = v.or(j.sidesOf(part))
		}
		return v
	case *Not:
		return j.sidesOf(e.Expr).negated()
	case *Text:
		return j.said(e.SQL.Logic(), e.Args)
	}
	return told(j.single(e))
}

// single is the verdict on a condition that joins no others.
func (j judge) single(e Expr) verdict {
	switch e := e.(type) {
	case *NotTrue:
		return j.verdictOf(e.Expr).notTrue()
	case *In:
		if len(e.Items) == 0 && e.HasNull {
			return j.verdictOf(&IsNull{e.Col, e.Not})
		}
		if len(e.Items) == 0 {
			return certain(e.Not)
		}
	case *IsNull:
		if j.neverNull(e.Col) {
			return certain(e.Not)
		}
	case *Exists: // no related row is one of none
		if !(judge{reserved: j.reserved, plain: j.plain}).allOf(e.Preds).is.ever() {
			return certain(e.Not)
		}
	case *Match: // every text holds the empty one
		if e.Text == "" {
			return holds
		}
	case *Compare:
		text, ok := e.Arg.(string)
		op, not := strings.CutPrefix(strings.ToUpper(e.Op), "NOT ")
		if ok && text != "" && strings.Trim(text, "%") == "" && (op == "LIKE" || op == "ILIKE") {
			return certain(!not)
		}
	case *CompareColumns: // a column is equal to itself
		if j.own(e.Col) == j.own(e.With) {
			return certain(slices.Contains([]string{"=", ">=", "<=", "IS NOT DISTINCT FROM"}, e.Op))
		}
	case Const:
		return certain(bool(e))
	}
	return some
}

// allOf are the verdicts on conditions that must all hold: none do.
func (j judge) allOf(exprs []Expr) sides {
	v := told(holds)
	for _, e := range exprs {
		v = v.and(j.sidesOf(e))
	}
	return v
}

// own returns the name of a column of the row itself without what may stand before it.
func (j judge) own(r Ref) string {
	name := strings.TrimPrefix(r.Name, graph.SelfName+".")
	if j.t != nil {
		name = strings.TrimPrefix(name, j.t.Name+".")
	}
	return name
}

// neverNull reports whether a column of the row itself is declared to hold no NULL.
func (j judge) neverNull(r Ref) bool {
	if j.t == nil {
		return false
	}
	name := j.own(r)
	c, ok := j.t.Column(name)
	return ok && !c.Computed && (c.NotNull || slices.Contains(j.t.PrimaryKey, name) || !c.Nullable && c.Class != graph.ClassBytes)
}
