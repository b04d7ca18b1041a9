package plan

import (
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
)

// Input of this file: conditions as they were written. Those that hold for every row, whatever is in it, are none for a write.

// Always reports whether all of the conditions together may hold for every row of a table: because they do, which is shown by their form and the
// table's declaration, or because what decides is about nothing of a row, and not known. What may leave out a row is not among them. plain returns
// an argument of SQL text as a bool, an int64, a float64 or a string where it is one, of whatever type, a list as its items, nil where it is NULL,
// and else as it is; and false where it is not known whether it is NULL. truth returns the bool that a text is.
func Always(clauses []Clause, t *graph.Table, d dialect.Dialect, plain func(any) (any, bool), truth func(text any) (any, error)) (may, shown bool) {
	j := judge{t: t, reserved: d.Features().Reserved, typed: d.Features().TypeOf == "", plain: plain, truth: truth, related: map[*Exists]verdict{},
		arguments: map[argument]answer{}}
	v := holds
	for _, c := range clauses {
		if v = v.and(j.shown(c.Expr)); v&holds == 0 {
			return false, false
		}
	}
	return true, v == holds
}

// judge tells what conditions on rows of a table come to.
type judge struct {
	t        *graph.Table    // nil: it is not known
	nested   bool            // there are other rows around, which the table's name may mean
	reserved map[string]bool // words that are no column
	typed    bool            // a text beside a condition is one
	plain    func(any) (any, bool)
	truth    func(text any) (any, error)
	related  map[*Exists]verdict // those that were told: they do not depend on what is assumed of the row around

	arguments map[argument]answer // likewise

	assumed *assumption // of the row
	asked   *[]subject  // where it is noted what the conditions ask of a row; nil: nowhere
}

func (j judge) verdictOf(e Expr) verdict {
	switch e := e.(type) {
	case And:
		return j.allOf(e)
	case *Matching:
		return j.allOf(e.Exprs)
	case Or:
		v := fails
		for _, part := range e {
			v = v.or(j.verdictOf(part))
		}
		return v
	case *Not:
		return j.verdictOf(e.Expr).not()
	case *NotTrue:
		return j.verdictOf(e.Expr).is(isTrue).not()
	case *Text:
		return j.said(e.SQL.Logic(), e.Args)
	case *Exists:
		return j.exists(e)
	case Const:
		return certain(bool(e))
	}
	return j.single(e)
}

// allOf is the verdict on conditions that must all hold: none do.
func (j judge) allOf(exprs []Expr) verdict {
	v := holds
	for _, e := range exprs {
		v = v.and(j.verdictOf(e))
	}
	return v
}

// single is the verdict on a condition on a column.
func (j judge) single(e Expr) verdict {
	switch e := e.(type) {
	case *In:
		return j.in(e)
	case *IsNull:
		if e.Not {
			return j.isNull(e.Col.Name).not()
		}
		return j.isNull(e.Col.Name)
	case *Match:
		if e.Text == "" { // which every text holds
			return j.whereNull(e.Col.Name, holds, isUnknown)
		}
		test := &Match{Col: Ref{Name: j.own(e.Col.Name)}, Where: e.Where, Text: e.Text}
		return j.whereNull(e.Col.Name, j.tested(e.Col.Name, test), isUnknown)
	case *Compare:
		return j.compared(e.Col.Name, e.Op, j.known(e.Arg))
	case *CompareColumns:
		return j.compared(e.Col.Name, e.Op, column(j.own(e.With.Name)))
	case *InQuery:
		if q, ok := e.Query.(*Subquery); ok && !e.Not && j.whole(q, e.Col.Name) {
			return j.whereNull(e.Col.Name, holds, isUnknown)
		}
	case *Column:
		if j.isBoolean(e.Col.Name) {
			return j.compared(e.Col.Name, "=", true)
		}
	}
	return some
}

// in is the verdict on a list. One of a column of lists is a value.
func (j judge) in(e *In) verdict {
	name := e.Col.Name
	if c := j.column(name); c != nil && c.List && e.Whole != nil {
		return some
	}
	items := make([]any, 0, len(e.Items))
	for _, item := range e.Items {
		items = append(items, j.known(item))
	}
	v, isNull := j.among(name, items), fails
	if c := j.column(name); e.HasNull || c != nil && c.List {
		isNull = j.isNull(name)
	}
	if e.Not {
		return v.not().and(isNull.not())
	}
	return v.or(isNull)
}

// whole reports whether a query is for all rows of the table, whose default conditions, if it has any, the query may not lift.
func (j judge) whole(q *Subquery, column string) bool {
	s := q.Spec
	rules, err := q.Rules()
	return s.Table == j.t && err == nil && len(rules.Tables[s.Table]) == 0 && s.Source == nil && len(s.Joins)+len(s.Where)+len(s.Having)+len(s.GroupBy) == 0 &&
		s.limiting() == "" && s.Most == 0 && s.After == nil && s.Before == nil && len(s.Outputs) == 1 && j.own(s.Outputs[0].Name) == j.own(column)
}

// exists is the verdict on a test for related rows: no row is one of none.
func (j judge) exists(e *Exists) verdict {
	if e.ofNone() {
		return j.cases(And(nil))
	}
	v, told := j.related[e]
	sure := e.Key == nil && e.Keys == nil && e.AtLeast <= 1 && j.surely(e.Path) != nil
	if !told {
		inner := j
		inner.t, inner.nested, inner.arguments, inner.assumed, inner.asked = j.at(e.Path), true, map[argument]answer{}, nil, nil
		v = inner.cases(And(e.Preds)).made(func(o outcomes) outcomes {
			switch {
			case o != isTrue:
				return isFalse
			case sure: // and the row is the only one
				return isTrue
			}
			return isTrue | isFalse
		})
		j.related[e] = v
	}
	if v == varies {
		test := *e
		test.Not = false
		v = j.tested(e.Path, &test)
	}
	if e.Not {
		return v.not()
	}
	return v
}

// at returns the table at a path, nil where it is not one.
func (j judge) at(path string) *graph.Table {
	if j.t == nil {
		return nil
	}
	relations, _, err := j.t.Walk(path, nil)
	if err != nil || len(relations[len(relations)-1].Variants) > 0 {
		return nil
	}
	return relations[len(relations)-1].Related
}

// own returns the name of a column of the row itself without what may stand before it.
func (j judge) own(name string) string {
	name = strings.TrimPrefix(name, graph.SelfName+".")
	if j.t != nil && !j.nested {
		name = strings.TrimPrefix(name, j.t.Name+".")
	}
	return name
}

// surely returns the table at a path along which every row has one related row; nil: it is not known to be one.
func (j judge) surely(path string) *graph.Table {
	if j.t == nil {
		return nil
	}
	relations, _, err := j.t.Walk(path, nil)
	if err != nil || slices.ContainsFunc(relations, func(r *graph.Relation) bool { return len(r.Variants) > 0 || !r.Surely() }) {
		return nil
	}
	return relations[len(relations)-1].Related
}

// column returns a column of the row itself, or of the one that it surely has at a path; nil where the name is none.
func (j judge) column(name string) *graph.Column {
	_, c := j.columnOf(name)
	return c
}

// columnOf is column with its table.
func (j judge) columnOf(name string) (*graph.Table, *graph.Column) {
	if j.t == nil {
		return nil, nil
	}
	name = j.own(name)
	if c, ok := j.t.Column(name); ok {
		return j.t, c
	}
	if dot := strings.LastIndexByte(name, '.'); dot > 0 {
		if t := j.surely(name[:dot]); t != nil {
			c, _ := t.Column(name[dot+1:])
			return t, c
		}
	}
	return nil, nil
}

// neverNull reports whether a column of the row itself is declared to hold no NULL, or is assumed to hold none.
func (j judge) neverNull(name string) bool {
	t, c := j.columnOf(name)
	if c == nil {
		return false
	}
	for a := range j.assumed.each {
		if a.at == j.own(name) && a.state != null {
			return true
		}
	}
	return t.NeverNull(c)
}
