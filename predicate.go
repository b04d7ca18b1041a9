package dovetail

import (
	"slices"
	"strings"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/sqltext"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// BUILD, continued: squirrel's expressions, SQL text and our own conditions become expressions of the plan. Values are
// read here, once, so that a map changed later changes no query.

// expression is a condition of this package.
type expression interface {
	expr() (plan.Expr, error)
}

// Has is [Query.Has] as a condition, for use inside squirrel's And and Or, and in another Has.
//
//	Where(squirrel.Or{squirrel.Eq{"vip": true}, dovetail.Has("activities", squirrel.GtOrEq{"amount": 750})})
func Has(path string, preds ...squirrel.Sqlizer) squirrel.Sqlizer {
	return hasPred{path: path, preds: preds}
}

// HasNone is [Query.HasNone] as a condition.
func HasNone(path string, preds ...squirrel.Sqlizer) squirrel.Sqlizer {
	return hasPred{path: path, preds: preds, not: true}
}

// HasEvery is [Query.HasEvery] as a condition.
func HasEvery(path string, preds ...squirrel.Sqlizer) squirrel.Sqlizer {
	return hasPred{path: path, preds: preds, every: true}
}

// HasAtLeast is [Query.HasAtLeast] as a condition.
func HasAtLeast(n int, path string, preds ...squirrel.Sqlizer) squirrel.Sqlizer {
	return hasPred{path: path, preds: preds, counted: true, atLeast: n}
}

// HasAll is [Query.HasAll] as a condition.
func HasAll(path string, keys ...any) squirrel.Sqlizer { return hasAllPred{path, keys} }

type hasPred struct {
	path    string
	preds   []squirrel.Sqlizer
	not     bool
	every   bool
	counted bool // atLeast was given
	atLeast int
}

func (p hasPred) expr() (plan.Expr, error) {
	preds, err := exprsOf(p.preds)
	if err != nil {
		return nil, err
	}
	e := &plan.Exists{Path: p.path, Not: p.not, Preds: preds}
	switch {
	case p.every && len(preds) == 0:
		return nil, graph.Problemf(ErrInvalidQuery, "%q: every row meets no condition; give one, or use Has or HasNone", p.path)
	case p.every:
		// Every row meets the conditions: there is none for which they are false or unknown.
		e.Not, e.Preds = true, []plan.Expr{&plan.NotTrue{Expr: plan.And(preds)}}
	case p.counted && p.atLeast < 1:
		return nil, graph.Problemf(ErrInvalidQuery, "%q: at least %d rows is true of all; give 1 or more, or use HasNone", p.path, p.atLeast)
	case p.counted:
		e.AtLeast = int64(p.atLeast)
	}
	return e, nil
}

// ToSql fails: what a path means is known only inside a query.
func (p hasPred) ToSql() (string, []any, error) { return outsideQuery("Has and its like") } //nolint:revive // squirrel's name

type hasAllPred struct {
	path string
	keys []any
}

// expr asks for each row by itself, so that the database decides which keys are equal.
func (p hasAllPred) expr() (plan.Expr, error) {
	all := make(plan.And, 0, len(p.keys))
	for i, key := range p.keys {
		v, err := structs.ValueOf(key)
		if err != nil {
			return nil, graph.Problemf(ErrInvalidQuery, "%q: key %d: %w", p.path, i+1, err)
		}
		if v.Null || v.List {
			return nil, graph.Problemf(ErrArgType, "%q: key %d must be one value that is not NULL; pass a list as keys...", p.path, i+1)
		}
		all = append(all, &plan.Exists{Path: p.path, Key: compare("", "=", v)})
	}
	return all, nil
}

// ToSql fails: what a path means is known only inside a query.
func (p hasAllPred) ToSql() (string, []any, error) { return outsideQuery("HasAll") } //nolint:revive // squirrel's name

func outsideQuery(what string) (string, []any, error) {
	return "", nil, &QueryError{Op: "condition", Err: graph.Problemf(ErrInvalidQuery, "%s can be used in a dovetail query only", what)}
}

// Contains holds for text columns that contain the text literally: %, _ and \ have no meaning. It is case sensitive on
// every database.
func Contains(column, text string) squirrel.Sqlizer {
	return matchPred{column, dialect.MatchAnywhere, text}
}

// StartsWith holds for text columns that begin with the text, literally.
func StartsWith(column, text string) squirrel.Sqlizer {
	return matchPred{column, dialect.MatchStart, text}
}

// EndsWith holds for text columns that end in the text, literally.
func EndsWith(column, text string) squirrel.Sqlizer {
	return matchPred{column, dialect.MatchEnd, text}
}

type matchPred struct {
	column string
	where  dialect.Match
	text   string
}

func (p matchPred) expr() (plan.Expr, error) {
	return &plan.Match{Col: plan.Ref{Name: p.column}, Where: p.where, Text: p.text}, nil
}

// ToSql fails: how a database matches text is known only when the query is compiled for it.
func (p matchPred) ToSql() (string, []any, error) { //nolint:revive // squirrel's name
	return outsideQuery("Contains, StartsWith and EndsWith")
}

// NotEqOrNull is squirrel.NotEq that also holds where the column is NULL. SQL's own <> never does.
//
//	"accounts"."note" IS DISTINCT FROM $1
type NotEqOrNull map[string]any

func (n NotEqOrNull) expr() (plan.Expr, error) {
	return comparisons(n, func(name string, v structs.Value) (plan.Expr, error) {
		if v.Null || v.List {
			return nil, graph.Problemf(ErrInvalidQuery, "NotEqOrNull %q takes one value that is not NULL; use NotEq", name)
		}
		return compare(name, "IS DISTINCT FROM", v), nil
	})
}

// ToSql fails: the columns are known only inside a query.
func (n NotEqOrNull) ToSql() (string, []any, error) { return outsideQuery("NotEqOrNull") } //nolint:revive // squirrel's name

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
		return parseText(text, args)
	}
	if len(args) > 0 {
		return nil, graph.Problemf(ErrArgCount, "%d argument(s) beside an expression, which has its own; leave them out", len(args))
	}
	if structs.IsNil(pred) {
		return nil, graph.Problemf(ErrInvalidQuery, "the condition is nil; leave the call out for no condition")
	}
	switch p := pred.(type) {
	case expression:
		return p.expr()
	case squirrel.Eq:
		return comparisons(p, equal(false))
	case squirrel.NotEq:
		return comparisons(p, equal(true))
	case squirrel.Lt:
		return comparisons(p, ordered("<"))
	case squirrel.LtOrEq:
		return comparisons(p, ordered("<="))
	case squirrel.Gt:
		return comparisons(p, ordered(">"))
	case squirrel.GtOrEq:
		return comparisons(p, ordered(">="))
	case squirrel.Like:
		return comparisons(p, ordered("LIKE"))
	case squirrel.NotLike:
		return comparisons(p, ordered("NOT LIKE"))
	case squirrel.ILike:
		return comparisons(p, ordered("ILIKE"))
	case squirrel.NotILike:
		return comparisons(p, ordered("NOT ILIKE"))
	case squirrel.And:
		exprs, err := exprsOf(p)
		return plan.And(exprs), err
	case squirrel.Or:
		exprs, err := exprsOf(p)
		return plan.Or(exprs), err
	case squirrel.Sqlizer:
		return sqlizerText(p)
	default:
		return nil, graph.Problemf(ErrInvalidQuery, "expected SQL text or a squirrel expression, got a %T", pred)
	}
}

// comparisons makes an expression of each entry of a map, in the order of its keys, so that equal maps give equal text.
func comparisons[M ~map[string]any](m M, one func(name string, v structs.Value) (plan.Expr, error)) (plan.Expr, error) {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	exprs := make([]plan.Expr, 0, len(m))
	for _, name := range names {
		e, err := comparison(name, m[name], one)
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

func comparison(name string, arg any, one func(string, structs.Value) (plan.Expr, error)) (plan.Expr, error) {
	if late, ok := arg.(contextValue); ok {
		if err := checkLate(late); err != nil {
			return nil, graph.Problemf(ErrInvalidQuery, "%q: %w", name, err)
		}
		return one(name, structs.Value{Arg: late})
	}
	if s, ok := arg.(squirrel.Sqlizer); ok && !structs.IsNil(arg) {
		query, err := nested(s)
		if err != nil {
			return nil, graph.Problemf(ErrInvalidQuery, "%q: %w", name, err)
		}
		e, err := one(name, structs.Value{List: true})
		in, ok := e.(*plan.In)
		if err != nil || !ok {
			return nil, graph.Problemf(ErrInvalidQuery, "%q is given a subquery, which only Eq and NotEq take; write the comparison as SQL "+
				"text with the query as its argument", name)
		}
		return &plan.InQuery{Col: in.Col, Not: in.Not, Query: query}, nil
	}
	v, err := structs.ValueOf(arg)
	if err != nil {
		return nil, graph.Problemf(ErrInvalidQuery, "%q: %w", name, err)
	}
	return one(name, v)
}

func compare(name, op string, v structs.Value) *plan.Compare {
	return &plan.Compare{Col: plan.Ref{Name: name}, Op: op, Arg: v.Arg, Class: string(v.Class)}
}

// equal compares with a value, with NULL, or with a list in which NULLs are looked for apart: SQL's IN finds none, and
// its NOT IN finds nothing beside one.
func equal(not bool) func(string, structs.Value) (plan.Expr, error) {
	return func(name string, v structs.Value) (plan.Expr, error) {
		isNull := &plan.IsNull{Col: plan.Ref{Name: name}, Not: not}
		switch {
		case v.Null:
			return isNull, nil
		case !v.List && not:
			return compare(name, "<>", v), nil
		case !v.List:
			return compare(name, "=", v), nil
		}
		keys, err := structs.KeysOf(v.Items)
		if err != nil {
			return nil, graph.Problemf(ErrInvalidQuery, "%q: %w", name, err)
		}
		in := &plan.In{Col: plan.Ref{Name: name}, Not: not, Items: v.Items, Keys: keys, Class: string(v.Class)}
		switch {
		case !v.HasNull:
			return in, nil
		case not:
			return plan.And{in, isNull}, nil
		default:
			return plan.Or{in, isNull}, nil
		}
	}
}

// ordered compares with one value that is not NULL.
func ordered(op string) func(string, structs.Value) (plan.Expr, error) {
	return func(name string, v structs.Value) (plan.Expr, error) {
		switch {
		case v.Null:
			return nil, graph.Problemf(ErrInvalidQuery, "%q %s NULL is never true; use Eq to look for NULL", name, op)
		case v.List:
			return nil, graph.Problemf(ErrInvalidQuery, "%q %s takes one value, got a list", name, op)
		}
		return compare(name, op, v), nil
	}
}

// textOf turns what Column and OrderByClause were given into SQL text.
func textOf(expr any, args []any) (*plan.Text, error) {
	s, ok := expr.(squirrel.Sqlizer)
	if !ok {
		return plainText(expr, args)
	}
	if len(args) > 0 {
		return nil, besides(args)
	}
	return sqlizerText(s)
}

// sourceOf turns what From was given into a subquery.
func sourceOf(source any, args []any) (plan.Expr, error) {
	s, ok := source.(squirrel.Sqlizer)
	if !ok {
		return plainText(source, args)
	}
	if len(args) > 0 {
		return nil, besides(args)
	}
	return nested(s)
}

func plainText(text any, args []any) (*plan.Text, error) {
	if s, ok := text.(string); ok {
		return parseText(s, args)
	}
	return nil, graph.Problemf(ErrInvalidQuery, "expected SQL text or a squirrel expression, got a %T", text)
}

func besides(args []any) error {
	return graph.Problemf(ErrArgCount, "%d argument(s) beside an expression, which has its own; leave them out", len(args))
}

// nested takes a query inside another: one of ours as it is, to be written for the same database, and squirrel's as text.
func nested(s squirrel.Sqlizer) (plan.Expr, error) {
	q, ok := unwrap(s)
	if !ok {
		return sqlizerText(s)
	}
	if q == nil {
		return nil, graph.Problemf(ErrUnknownTable, "the subquery is empty; make it with Select")
	}
	if q.err != nil {
		return nil, q.err
	}
	if err := q.alone(); err != nil {
		return nil, err
	}
	return &plan.Subquery{Spec: &q.spec, Model: q.table.registry.frozenModel}, nil
}

// sqlizerText takes the text that squirrel, or another query, renders.
func sqlizerText(s squirrel.Sqlizer) (*plan.Text, error) {
	if structs.IsNil(s) {
		return nil, graph.Problemf(ErrInvalidQuery, "the expression is nil")
	}
	text, args, err := s.ToSql()
	if err != nil {
		return nil, graph.Problemf(ErrInvalidQuery, "%w", err)
	}
	return parseText(text, args)
}

// parseText splits SQL text and counts its placeholders. An argument that is itself an expression stands for its text.
func parseText(text string, args []any) (*plan.Text, error) {
	parsed, err := sqltext.Parse(text)
	if err != nil {
		return nil, graph.Problemf(ErrInvalidQuery, "%w", err)
	}
	if strings.TrimSpace(text) == "" {
		return nil, graph.Problemf(ErrInvalidQuery, "the SQL text is empty; leave the call out")
	}
	want := max(parsed.Placeholders, parsed.Numbered)
	if want != len(args) {
		return nil, graph.Problemf(ErrArgCount, "%d placeholder(s), %d argument(s) for the SQL text; give one for each ?, and write the ? "+
			"of a JSON operator as ??", want, len(args))
	}
	t := &plan.Text{SQL: parsed, Args: slices.Clone(args)}
	for i, a := range t.Args {
		if err := checkLate(a); err != nil {
			return nil, err
		}
		s, ok := a.(squirrel.Sqlizer)
		if !ok || structs.IsNil(a) {
			continue
		}
		if t.Args[i], err = nested(s); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// setClause takes a value for a column, or an expression.
func setClause(column string, value any) (plan.SetClause, error) {
	clause := plan.SetClause{Column: column}
	if s, ok := value.(squirrel.Sqlizer); ok && !structs.IsNil(value) {
		var err error
		clause.Expr, err = nested(s)
		return clause, err
	}
	if late, ok := value.(contextValue); ok {
		clause.Value = plan.Value{Arg: late}
		return clause, checkLate(late)
	}
	v, err := structs.ValueOf(value)
	if err != nil || v.List {
		clause.Value = plan.Value{Arg: value} // a document, or an array: the driver's to write
		return clause, nil                    //nolint:nilerr // what cannot be compared may be stored
	}
	clause.Value = positionValue(v)
	return clause, nil
}

// unwrap returns the query that an expression is, if it is one of ours.
var unwrap func(squirrel.Sqlizer) (*query, bool)

// queries are those of the root, without their types.
func setUnwrap(f func(squirrel.Sqlizer) (*query, bool)) bool { unwrap = f; return true }
