package query

import (
	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// CONDITIONS of this package, which mean something only inside a query.

// expression is a condition of this package.
type expression interface {
	expr() (plan.Expr, error)
}

// HasPred tests the rows at a path.
type HasPred struct {
	Path    string
	Preds   []squirrel.Sqlizer
	Not     bool
	Every   bool
	Counted bool // atLeast was given
	AtLeast int
}

func (p HasPred) expr() (plan.Expr, error) {
	preds, err := exprsOf(p.Preds)
	if err != nil {
		return nil, err
	}
	e := &plan.Exists{Path: p.Path, Not: p.Not, Preds: preds}
	switch {
	case p.Every && len(preds) == 0:
		return nil, graph.Problemf(fault.ErrInvalidQuery, "%q: every row meets no condition; give one, or use Has or HasNone", p.Path)
	case p.Every:
		// Every row meets the conditions: there is none for which they are false or unknown.
		e.Not, e.Preds = true, []plan.Expr{&plan.NotTrue{Expr: plan.And(preds)}}
	case p.Counted && p.AtLeast < 1:
		return nil, graph.Problemf(fault.ErrInvalidQuery, "%q: at least %d rows is true of all; give 1 or more, or use HasNone", p.Path, p.AtLeast)
	case p.Counted:
		e.AtLeast = int64(p.AtLeast)
	}
	return e, nil
}

// ToSql fails: what a path means is known only inside a query.
func (p HasPred) ToSql() (string, []any, error) { return outsideQuery("Has and its like") } //nolint:revive // squirrel's name

// HasAllPred asks for rows with these primary keys at a path, all of them.
type HasAllPred struct {
	Path string
	Keys []any
}

// manyKeys is how many keys are asked for by one list, where it is known without the database which are equal.
const manyKeys = 4

// expr asks for each row by itself, so that the database decides which keys are equal. Many are asked for by one text, behind a test for
// the first, by which most rows are left out.
func (p HasAllPred) expr() (plan.Expr, error) {
	if len(p.Keys) == 0 {
		return plan.AllOfNone(p.Path), nil
	}
	all := make(plan.And, 0, len(p.Keys))
	items := make([]any, 0, len(p.Keys))
	for i, key := range p.Keys {
		v, err := structs.ValueOf(key)
		if err != nil {
			return nil, graph.Problemf(fault.ErrArgType, "%q: key %d: %w", p.Path, i+1, err)
		}
		if v.Null || v.List {
			return nil, graph.Problemf(fault.ErrArgType, "%q: key %d must be one value that is not NULL; pass a list as keys..., "+
				"and for a key of several columns write Has(%q, …) with a squirrel.Eq of them", p.Path, i+1, p.Path)
		}
		all = append(all, &plan.Exists{Path: p.Path, Key: compare("", "=", v), Apart: i >= manyKeys})
		items = append(items, v.Arg)
	}
	if len(items) < manyKeys {
		return all, nil
	}
	distinct, keys, class, ok := structs.DistinctKeys(items)
	if !ok {
		return all, nil
	}
	return plan.And{all[0], &plan.Exists{Path: p.Path, Keys: &plan.In{Items: distinct, Keys: keys, Class: string(class)}}}, nil
}

// ToSql fails: what a path means is known only inside a query.
func (p HasAllPred) ToSql() (string, []any, error) { return outsideQuery("HasAll") } //nolint:revive // squirrel's name

// MatchPred looks for text in a column, literally.
type MatchPred struct {
	Column string
	Where  dialect.Match
	Text   string
}

func (p MatchPred) expr() (plan.Expr, error) {
	return &plan.Match{Col: plan.Ref{Name: p.Column}, Where: p.Where, Text: p.Text}, nil
}

// ToSql fails: how a database matches text is known only when the query is compiled for it.
func (p MatchPred) ToSql() (string, []any, error) { //nolint:revive // squirrel's name
	return outsideQuery("Contains, StartsWith and EndsWith")
}

// NotEqOrNull is squirrel.NotEq that also holds where the column is NULL. SQL's own <> never does.
//
//	"accounts"."note" IS DISTINCT FROM $1
type NotEqOrNull map[string]any

func (n NotEqOrNull) expr() (plan.Expr, error) {
	return comparisons(n, operator{sign: "IS DISTINCT FROM", value: func(name string, v structs.Value) (plan.Expr, error) {
		if v.Null || v.List {
			return nil, graph.Problemf(fault.ErrInvalidQuery, "NotEqOrNull %q takes one value that is not NULL; use NotEq", name)
		}
		return compare(name, "IS DISTINCT FROM", v), nil
	}})
}

// ToSql fails: the columns are known only inside a query.
func (n NotEqOrNull) ToSql() (string, []any, error) { return outsideQuery("NotEqOrNull") } //nolint:revive // squirrel's name

// MatchingPred is the conditions of another query as one.
type MatchingPred struct{ Q *Query }

func (p MatchingPred) expr() (plan.Expr, error) {
	if p.Q == nil {
		return nil, graph.Problemf(fault.ErrUnknownTable, "Matching: the query is empty; make it with Select")
	}
	q := p.Q
	if q.Err != nil {
		return nil, graph.Problemf(fault.ErrInvalidQuery, "Matching: %w", q.Err)
	}
	if q.beyond != "" {
		return nil, graph.Problemf(fault.ErrInvalidQuery, "Matching: the query of %q has %s beside its conditions; leave it out",
			q.Spec.Table.Name, q.beyond)
	}
	e := &plan.Matching{Table: q.Spec.Table}
	for _, c := range q.Spec.Where {
		e.Exprs = append(e.Exprs, c.Expr)
	}
	return e, nil
}

// ToSql fails: the names are known only inside a query.
func (p MatchingPred) ToSql() (string, []any, error) { return outsideQuery("Matching") } //nolint:revive // squirrel's name

// NotPred is the negation of a condition.
type NotPred struct {
	Pred any
	Args []any
}

func (p NotPred) expr() (plan.Expr, error) {
	e, err := exprOf(p.Pred, p.Args)
	if err != nil {
		return nil, graph.Problemf(fault.ErrInvalidQuery, "Not: %w", err)
	}
	return &plan.Not{Expr: e}, nil
}

// ToSql fails: the names are known only inside a query.
func (p NotPred) ToSql() (string, []any, error) { return outsideQuery("Not") } //nolint:revive // squirrel's name

// ColumnValue is a column as a value.
type ColumnValue struct{ Name string }

func (c ColumnValue) expr() (plan.Expr, error) { return &plan.Column{Col: plan.Ref{Name: c.Name}}, nil }

// ToSql fails: the name is known only inside a query.
func (c ColumnValue) ToSql() (string, []any, error) { return outsideQuery("Col") } //nolint:revive // squirrel's name

// outsideQuery is what squirrel is told when it asks for the text of a condition of this package.
func outsideQuery(what string) (string, []any, error) {
	return "", nil, &fault.QueryError{Op: "condition", Err: graph.Problemf(fault.ErrInvalidQuery, "%s can be used in a dovetail query "+
		"only, and there not as an argument of squirrel.Expr; use Not, squirrel.And or squirrel.Or, or give it to Where beside SQL text",
		what)}
}
