package query

import (
	"regexp"
	"slices"
	"strings"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/sqltext"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// TEXT: SQL text of the caller's, that of squirrel's builders, and queries inside others.

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
		return ParseText(s, args)
	}
	return nil, graph.Problemf(fault.ErrInvalidQuery, "expected SQL text or a squirrel expression, got a %T", text)
}

func besides(args []any) error {
	return graph.Problemf(fault.ErrArgCount, "%d argument(s) beside an expression, which has its own; leave them out", len(args))
}

var errNilExpression = graph.Problemf(fault.ErrInvalidQuery, "the expression is nil; nil alone, without a type, is NULL")

// nested takes a query inside another: one of ours as it is, to be written for the same database, and squirrel's as text.
func nested(s squirrel.Sqlizer) (plan.Expr, error) {
	if structs.IsNil(s) {
		return nil, errNilExpression
	}
	if e, ok := s.(expression); ok {
		return e.expr()
	}
	carrier, ok := s.(interface{ Carried() *Query })
	if !ok {
		return sqlizerText(s)
	}
	q := carrier.Carried()
	if q == nil {
		return nil, graph.Problemf(fault.ErrUnknownTable, "the subquery is empty; make it with Select")
	}
	if q.Err != nil {
		return nil, q.Err
	}
	if err := q.nestable(); err != nil {
		return nil, err
	}
	return &plan.Subquery{Spec: &q.Spec, Rules: q.Table.Registry.FrozenRules}, nil
}

// sqlizerText takes the text that squirrel, or another query, renders.
func sqlizerText(s squirrel.Sqlizer) (*plan.Text, error) {
	if structs.IsNil(s) {
		return nil, errNilExpression
	}
	text, args, err := s.ToSql()
	if err != nil {
		return nil, graph.Problemf(fault.ErrInvalidQuery, "%w", err)
	}
	return ParseText(text, args)
}

// ErrNoText is the error of SQL text that says nothing.
var ErrNoText = graph.Problemf(fault.ErrInvalidQuery, "the SQL text is empty; leave the call out")

// ParseText splits SQL text and counts its placeholders. An argument that is itself an expression stands for its text.
func ParseText(text string, args []any) (*plan.Text, error) {
	parsed, err := sqltext.Parse(text)
	if err != nil {
		return nil, graph.Problemf(fault.ErrInvalidQuery, "%w", err)
	}
	if strings.TrimSpace(text) == "" {
		return nil, ErrNoText
	}
	want := max(parsed.Placeholders, parsed.Numbered)
	if want != len(args) {
		return nil, graph.Problemf(fault.ErrArgCount, "%d placeholder(s), %d argument(s) for the SQL text; give one for each ?, and write the ? "+
			"of a JSON operator as ??", want, len(args))
	}
	t := &plan.Text{SQL: parsed, Args: slices.Clone(args)}
	if err := checkLists(t); err != nil {
		return nil, err
	}
	for i, a := range t.Args {
		if err := checkLate(a); err != nil {
			return nil, err
		}
		s, ok := a.(squirrel.Sqlizer)
		if !ok {
			continue
		}
		if t.Args[i], err = nested(s); err != nil {
			return nil, err
		}
	}
	return t, checkQueries(t)
}

// checkQueries refuses a query in a place where it is none without parentheses: behind an operator.
func checkQueries(t *plan.Text) error {
	var queries []int // the pieces that queries are written in the place of
	for i, arg := range t.SQL.Arguments() {
		_, isQuery := t.Args[arg].(*plan.Subquery)
		if text, ok := t.Args[arg].(*plan.Text); isQuery || ok && text.SQL.Select && text.SQL.Tokens()[0].Is("select") {
			queries = append(queries, i)
		}
	}
	if !t.SQL.Select && queries == nil {
		return nil
	}
	var before sqltext.Token
	for _, tok := range t.SQL.Tokens() {
		if (tok.Is("select") || slices.Contains(queries, tok.Piece)) && joins(before) {
			return graph.Problemf(fault.ErrInvalidQuery, "a query stands behind %q without parentheses; put them around it, as in %s (?)", before.Text, before.Text)
		}
		before = tok
	}
	return nil
}

// joins reports whether a value follows the token.
func joins(t sqltext.Token) bool {
	if t.Kind != sqltext.Verbatim || t.Text == "" {
		return false
	}
	return strings.Contains("=<>!+*/|-", t.Text[:1]) || slices.ContainsFunc([]string{"in", "exists", "like", "ilike", "not", "and", "or", "when", "then", "else", "between", "from", "join"}, t.Is)
}

// TableText returns the SQL of a query that is read like a table, as it stands in parentheses.
func TableText(sql string) (string, error) {
	t, err := ParseText(sql, nil)
	switch {
	case err != nil:
		return "", err
	case !t.SQL.Select:
		return "", graph.Problemf(fault.ErrInvalidQuery, "the SQL is no SELECT; write a query that gives the columns of the struct")
	}
	var b strings.Builder
	for _, p := range t.SQL.Pieces {
		if p.Kind == sqltext.Question {
			b.WriteString("?")
			continue
		}
		b.WriteString(p.Text)
	}
	if t.SQL.LineComment {
		b.WriteString("\n")
	}
	return b.String(), nil
}

// listOfOne ends the text before a placeholder that is all of a list.
var listOfOne = regexp.MustCompile(`(?i)\bIN\s*\(\s*$`)

// checkLists refuses a list in IN (?), which holds one value: SQLite would compare with the list written as JSON, and find nothing.
func checkLists(t *plan.Text) error {
	for i, arg := range t.SQL.Arguments() {
		if i == 0 {
			continue
		}
		before := t.SQL.Pieces[i-1].Text
		if !strings.HasSuffix(strings.TrimSpace(before), "(") || !listOfOne.MatchString(before) { // the former alone is cheap
			continue
		}
		if structs.IsList(t.Args[arg]) {
			return graph.Problemf(fault.ErrArgType, "argument %d is a list, and IN (%s) holds one value; use squirrel.Eq or NotEq, which take "+
				"lists, or = ANY(?) on PostgreSQL", arg+1, t.SQL.Pieces[i].Text)
		}
	}
	return nil
}

// SetExpr gives a column the value of an expression.
func (q *Query) SetExpr(column string, expr any, args []any) *Query {
	return q.Changed("SetExpr", func(n *Query) error {
		e, err := sourceOf(expr, args)
		Append(&n.Spec.Set, plan.SetClause{Column: column, Expr: e})
		return err
	})
}

// SetClause takes a value for a column, or an expression.
func SetClause(column string, value any) (plan.SetClause, error) {
	clause := plan.SetClause{Column: column}
	if s, ok := value.(squirrel.Sqlizer); ok {
		var err error
		clause.Expr, err = nested(s)
		return clause, err
	}
	if late, ok := value.(ContextValue); ok {
		clause.Value = plan.Value{Arg: late}
		return clause, checkLate(late)
	}
	v, err := structs.ValueOf(value)
	if err != nil || v.List {
		clause.Value = plan.Value{Arg: value, Null: structs.NilDocument(value)} // a document, or an array: the driver's to write
		return clause, nil                                                      //nolint:nilerr // what cannot be compared may be stored
	}
	clause.Value = PositionValue(v)
	return clause, nil
}
