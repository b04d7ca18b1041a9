package query

import (
	"slices"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// PREDICATES: squirrel's expressions and our own conditions become expressions of the plan. Values are read here, once, so that a
// map changed later changes no query.

// Declare reads a condition that is declared with a table or a relation.
func Declare(pred any, args []any) model.DeclaredCondition {
	e, err := exprOf(pred, args)
	return model.DeclaredCondition{Expr: e, Err: err}
}

func exprsOf(preds []squirrel.Sqlizer) ([]plan.Expr, error) {
	exprs := make([]plan.Expr, 0, len(preds))
	for _, p := range preds {
		e, err := exprOf(p, nil)
		if err != nil {
			return nil, err
		}
		exprs = append(exprs, e)
	}
	return exprs, nil
}

// exprOf turns what Where was given into an expression.
func exprOf(pred any, args []any) (plan.Expr, error) {
	text, isText := pred.(string)
	if isText {
		return ParseText(text, args)
	}
	if len(args) > 0 {
		return nil, graph.Problemf(fault.ErrArgCount, "%d argument(s) beside an expression, which has its own; leave them out", len(args))
	}
	if structs.IsNil(pred) {
		return nil, graph.Problemf(fault.ErrInvalidQuery, "the condition is nil; leave the call out for no condition")
	}
	switch p := pred.(type) {
	case expression:
		return p.expr()
	case squirrel.Eq:
		return comparisons(p, eq)
	case squirrel.NotEq:
		return comparisons(p, notEq)
	case squirrel.Lt:
		return comparisons(p, lt)
	case squirrel.LtOrEq:
		return comparisons(p, ltOrEq)
	case squirrel.Gt:
		return comparisons(p, gt)
	case squirrel.GtOrEq:
		return comparisons(p, gtOrEq)
	case squirrel.Like:
		return comparisons(p, like)
	case squirrel.NotLike:
		return comparisons(p, notLike)
	case squirrel.ILike:
		return comparisons(p, iLike)
	case squirrel.NotILike:
		return comparisons(p, notILike)
	case squirrel.And:
		exprs, err := exprsOf(p)
		return plan.And(exprs), err
	case squirrel.Or:
		exprs, err := exprsOf(p)
		return plan.Or(exprs), err
	case squirrel.Sqlizer:
		return sqlizerText(p)
	default:
		return nil, graph.Problemf(fault.ErrInvalidQuery, "expected SQL text or a squirrel expression, got a %T", pred)
	}
}

// comparisons makes an expression of each entry of a map, in the order of its keys, so that equal maps give equal text.
func comparisons[M ~map[string]any](m M, op operator) (plan.Expr, error) {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	exprs := make([]plan.Expr, 0, len(m))
	for _, name := range names {
		e, err := op.compared(name, m[name])
		if err != nil {
			return nil, err
		}
		exprs = append(exprs, e)
	}
	if len(exprs) == 1 {
		return exprs[0], nil
	}
	return plan.And(exprs), nil
}

// operator is how a column is compared.
type operator struct {
	sign  string                                                // between the column and one value
	value func(name string, v structs.Value) (plan.Expr, error) // with a value, NULL or a list
	// query compares with the rows of a subquery; nil: the operator takes none.
	query func(name string, query plan.Expr) plan.Expr
}

// compared compares the column with what a map has for it.
func (op operator) compared(name string, arg any) (plan.Expr, error) {
	if late, ok := arg.(ContextValue); ok {
		if err := checkLate(late); err != nil {
			return nil, graph.Problemf(fault.ErrInvalidQuery, "%q: %w", name, err)
		}
		return op.value(name, structs.Value{Arg: late})
	}
	if c, ok := arg.(ColumnValue); ok {
		return op.columns(name, c)
	}
	if s, ok := arg.(squirrel.Sqlizer); ok {
		query, err := nested(s)
		if err != nil {
			return nil, graph.Problemf(fault.ErrInvalidQuery, "%q: %w", name, err)
		}
		if op.query == nil {
			return nil, graph.Problemf(fault.ErrInvalidQuery, "%q is given a subquery, which only Eq and NotEq take; write the comparison as SQL "+
				"text with the query as its argument", name)
		}
		return op.query(name, query), nil
	}
	v, err := structs.ValueOf(arg)
	if err != nil {
		return nil, graph.Problemf(fault.ErrArgType, "%q: %w", name, err)
	}
	e, err := op.value(name, v)
	if in, ok := e.(*plan.In); ok {
		in.Whole = structs.WholeList(arg)
	}
	return e, err
}

// columns compares the column with another.
func (op operator) columns(name string, c ColumnValue) (plan.Expr, error) {
	if op.sign == "" {
		return nil, graph.Problemf(fault.ErrInvalidQuery, "%q: a column has no text to look for; give a value", name)
	}
	return &plan.CompareColumns{Col: plan.Ref{Name: name}, Op: op.sign, With: plan.Ref{Name: c.Name}}, nil
}

func compare(name, op string, v structs.Value) *plan.Compare {
	return &plan.Compare{Col: plan.Ref{Name: name}, Op: op, Arg: v.Arg, Class: string(v.Class)}
}

var eq, notEq = equality(false), equality(true)

// equality compares with a value, with NULL, or with a list.
func equality(not bool) operator {
	sign := "="
	if not {
		sign = "<>"
	}
	return operator{
		sign: sign,
		value: func(name string, v structs.Value) (plan.Expr, error) {
			switch {
			case v.Null:
				return &plan.IsNull{Col: plan.Ref{Name: name}, Not: not}, nil
			case !v.List:
				return compare(name, sign, v), nil
			}
			keys, err := structs.KeysOf(v.Items)
			if err != nil {
				return nil, graph.Problemf(fault.ErrInvalidQuery, "%q: %w", name, err)
			}
			return &plan.In{Col: plan.Ref{Name: name}, Not: not, Items: v.Items, Keys: keys, HasNull: v.HasNull,
				Class: string(v.Class), Mixed: v.Mixed}, nil
		},
		query: func(name string, query plan.Expr) plan.Expr {
			return &plan.InQuery{Col: plan.Ref{Name: name}, Not: not, Query: query}
		},
	}
}

// Comparisons with one value.
var (
	lt, ltOrEq      = than("<"), than("<=")
	gt, gtOrEq      = than(">"), than(">=")
	like, notLike   = than("LIKE"), than("NOT LIKE")
	iLike, notILike = than("ILIKE"), than("NOT ILIKE")
)

// than compares with one value that is not NULL.
func than(op string) operator {
	return operator{sign: op, value: func(name string, v structs.Value) (plan.Expr, error) {
		switch {
		case v.Null:
			return nil, graph.Problemf(fault.ErrInvalidQuery, "%q %s NULL is never true; use Eq to look for NULL", name, op)
		case v.List:
			return nil, graph.Problemf(fault.ErrInvalidQuery, "%q %s takes one value, got a list; compare with one, or use Eq", name, op)
		}
		return compare(name, op, v), nil
	}}
}

// EqualTo returns the condition that a column has a value, is NULL, or has one of a list of values.
func EqualTo(column string, arg any) (plan.Expr, error) { return eq.compared(column, arg) }

// KeyIs returns the conditions that the primary key of a table's row has these values.
func KeyIs(t *graph.Table, key []any) ([]plan.Expr, error) {
	columns := t.PrimaryKey
	if len(columns) != len(key) {
		remedy := "give one for each"
		if len(columns) == 0 {
			remedy = "declare it with PrimaryKey, or use Where"
		}
		return nil, graph.Problemf(fault.ErrArgCount, "the primary key of %q has %d column(s), got %d value(s); %s",
			t.Name, len(columns), len(key), remedy)
	}
	exprs := make([]plan.Expr, len(columns))
	for i, c := range columns {
		e, err := EqualTo(c, key[i])
		if err != nil {
			return nil, err
		}
		if _, ok := e.(*plan.Compare); !ok {
			return nil, graph.Problemf(fault.ErrArgType, "%q takes one value that is not NULL", c)
		}
		exprs[i] = e
	}
	return exprs, nil
}
