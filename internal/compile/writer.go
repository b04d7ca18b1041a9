// Package compile writes planned queries as SQL text with arguments, in one pass from left to right, so that an
// argument's number is its place in the text. It decides nothing about meaning; what databases differ in it asks of the
// dialect.
package compile

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/sqltext"
)

// Statement is the text of a query.
type Statement struct {
	SQL  string
	Args []any

	touched []any // of an UPDATE of a row: arguments of what every change writes
	places  []place
}

// writer collects the text of one statement. The first error sticks.
type writer struct {
	d    dialect.Dialect
	b    []byte
	args []any
	err  error

	places []place // of arguments that are made of what calls give

	timed    dialect.Timed           // nil: times are arguments like others
	beside   map[*plan.Text]origin   // what the value of SQL text meets beyond it
	readings map[*plan.Text]*reading // of SQL text inside the one that is written

	each        bool // few rows may be read, so that no value is made of all at once
	unqualified bool // columns are written by their names alone
	inside      int  // how many subqueries over the related rows of one row the text stands in
}

// longList is how many keys a database must not look for one by one for each row around.
const longList = 20

func newWriter(d dialect.Dialect) *writer {
	return &writer{d: d, b: make([]byte, 0, 256), timed: timed(d)}
}

func (w *writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

func (w *writer) statement() (Statement, error) {
	return Statement{SQL: string(w.b), Args: w.args, places: w.places}, w.err
}

func (w *writer) sql(text string) { w.b = append(w.b, text...) }

func (w *writer) number(n int64) { w.b = strconv.AppendInt(w.b, n, 10) }

func (w *writer) arg(v any) {
	if g, ok := v.(*plan.Given); ok {
		w.givenArg(g)
	} else {
		w.args = append(w.args, v)
	}
	w.b = w.d.AppendPlaceholder(w.b, len(w.args))
}

func (w *writer) ident(name string) {
	if limit := w.d.Features().MaxIdent; limit > 0 && len(name) > limit {
		w.fail(graph.Problemf(plan.ErrUnsupported, "the name %q has %d bytes, %s allows %d; use a shorter one",
			name, len(name), w.d.Name(), limit))
	}
	if w.d == dialect.Standard && strings.Contains(name, "?") {
		w.fail(unsafeQuestion(fmt.Sprintf("the name %q holds", name)))
	}
	w.b = w.d.AppendIdent(w.b, name)
}

// unsafeQuestion refuses a question mark that squirrel would take for a placeholder when it numbers them.
func unsafeQuestion(where string) error {
	return graph.Problemf(plan.ErrUnsupported, "%s a question mark, which squirrel would take for a placeholder when this query "+
		"is part of another; pass a literal as an argument, or give the query itself to Where as an argument of SQL text", where)
}

func (w *writer) column(alias, column string) {
	if !w.unqualified {
		w.ident(alias)
		w.sql(".")
	}
	w.ident(column)
}

func (w *writer) ref(r plan.Ref) {
	switch value := r.Value.(type) {
	case *plan.Text: // the caller's expression, put where it is named
		w.sql("(")
		w.text(value)
		w.sql(")")
		return
	case *plan.Aggregate:
		w.aggregate(value)
		return
	}
	if r.Bare {
		w.sql(r.Name)
		return
	}
	if r.Binding.Aside != nil {
		w.aside(r)
		return
	}
	if r.Column == "*" {
		w.ident(r.Binding.Alias)
		w.sql(".*")
		return
	}
	w.column(r.Binding.Alias, r.Column)
}

// list writes what each writes, n times, with a separator.
func (w *writer) list(n int, sep string, each func(i int)) {
	for i := range n {
		if i > 0 {
			w.sql(sep)
		}
		each(i)
	}
}

// fragment writes a dialect's fragment, its `?` replaced by placeholders. Question marks inside quotes are not ours.
func (w *writer) fragment(f dialect.Fragment) {
	next := 0
	var quote byte
	for i := 0; i < len(f.SQL); i++ {
		c := f.SQL[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"' || c == '`':
			quote = c
		case c == '?':
			w.arg(f.Args[next])
			next++
			continue
		}
		w.b = append(w.b, c)
	}
}

// text writes SQL text of the caller's, its names bound and its arguments numbered.
func (w *writer) text(text *plan.Text) {
	outer := w.readings
	defer func() { w.readings = outer }()
	t := w.read(text)
	next, skip := 0, 0
	for i, p := range t.SQL.Pieces {
		if skip > 0 {
			skip--
			continue
		}
		switch p.Kind {
		case sqltext.Placeholder:
			w.textValue(t, i, t.Args[next])
			next++
		case sqltext.Numbered:
			w.textValue(t, i, t.Args[p.N-1])
		case sqltext.Question:
			w.question(p)
		case sqltext.Name, sqltext.Word:
			if t.Refs != nil && (t.Refs[i].Binding != nil || t.Refs[i].Value != nil) {
				var sent int
				if skip, sent = w.textCompare(t, i, next); skip > 0 {
					next += sent
					continue
				}
				w.ref(t.Refs[i])
				continue
			}
			w.sql(p.Text)
		default:
			if w.d == dialect.Standard && strings.Contains(p.Text, "?") {
				w.fail(unsafeQuestion("a literal or comment holds"))
			}
			w.sql(p.Text)
		}
	}
	if t.SQL.LineComment {
		w.sql("\n")
	}
}

// value writes an argument of SQL text: a placeholder, or the text or query it stands for.
func (w *writer) value(arg any) {
	if e, ok := arg.(plan.Expr); ok {
		w.expr(e)
		return
	}
	w.arg(arg)
}

// question writes the ? of a JSON operator. In text for squirrel it stays doubled, as squirrel expects it.
func (w *writer) question(p sqltext.Piece) {
	switch {
	case w.d == dialect.Standard:
		w.sql(p.Text)
	case w.d.Features().JSONOps:
		w.sql("?")
	default:
		w.fail(graph.Problemf(plan.ErrUnsupported, "SQL text has the operator ?, written ??, which %s does not have; use a function "+
			"of that database, or write ? for a placeholder", w.d.Name()))
	}
}

// where writes the conditions, each in parentheses.
func (w *writer) where(keyword string, exprs []plan.Expr) {
	if len(exprs) > mostInRow {
		w.sql(keyword)
		w.halves(exprs, " AND ", func(half []plan.Expr) { w.where("", half) })
		return
	}
	for _, e := range exprs {
		w.sql(keyword + "(")
		w.condition(e)
		w.sql(")")
		keyword = " AND "
	}
}

// condition writes an expression that is a truth value.
func (w *writer) condition(e plan.Expr) {
	if t, ok := e.(*plan.Text); ok && mayBeArgument(t) {
		w.besides(t, func() origin { return w.origins(nil, &sqltext.Operand{Truth: true}) })
	}
	w.expr(e)
}

func (w *writer) expr(e plan.Expr) {
	switch e := e.(type) {
	case *plan.Compare:
		w.compare(e)
	case *plan.RowCompare:
		w.rowCompare(e)
	case *plan.In:
		w.in(e)
	case *plan.InKeys:
		w.inKeys(e)
	case *plan.InQuery:
		w.inQuery(e)
	case *plan.InRows:
		w.tuple(len(e.Cols), func(i int) { w.spelledFrom(graph.Spelling{Key: e.Spelled}, func() { w.ref(e.Cols[i]) }) })
		w.sql(" IN (")
		w.expr(e.Query)
		w.sql(")")
	case *plan.IsNull:
		w.ref(e.Col)
		if e.Not {
			w.sql(" IS NOT NULL")
			return
		}
		w.sql(" IS NULL")
	case *plan.Match:
		w.likened(e.Col)
		w.sql(" ")
		w.givenFragment(e.Given, e.Text, w.matching(e.Where))
	case plan.And:
		w.junction(e, " AND ", "TRUE")
	case plan.Or:
		w.junction(e, " OR ", "FALSE")
	case plan.Const:
		w.constant(bool(e))
	case *plan.Text:
		w.text(e)
	case *plan.CompareColumns:
		w.matched(e.Spelling, func() { w.ref(e.Col) }, " "+w.operator(e.Op)+" ", func() { w.ref(e.With) })
	case *plan.Column:
		w.ref(e.Col)
	case *plan.Not:
		w.sql("NOT (")
		w.condition(e.Expr)
		w.sql(")")
	case *plan.NotTrue:
		w.sql("(")
		w.condition(e.Expr)
		w.sql(") IS NOT TRUE")
	case *plan.Exists:
		w.exists(e)
	case *plan.First:
		w.isFirst(e)
	case *plan.Subquery:
		w.query(e.Query)
	case *plan.Aggregate:
		w.aggregate(e)
	}
}

func (w *writer) compare(e *plan.Compare) {
	if e.Col.Value != nil && !strings.HasSuffix(e.Op, "LIKE") {
		own := *e
		own.Arg = w.ofValue(e.Col, e.Arg)
		e = &own
	}
	if at, ok := w.meets(e.Col, e.Class, e.Arg); ok {
		w.compareTime(e, at)
		return
	}
	if strings.HasSuffix(e.Op, "LIKE") {
		w.likened(e.Col)
		w.sql(" " + w.operator(e.Op) + " ")
		w.arg(e.Arg)
		return
	}
	w.operand(e.Col, e.Arg)
	w.sql(" " + e.Op + " ")
	w.argument(e.Col, e.Arg)
}

// matching returns what makes a pattern of a text.
func (w *writer) matching(where dialect.Match) func(text any) (dialect.Fragment, error) {
	d := w.d
	return func(text any) (dialect.Fragment, error) { return d.Match(where, text.(string)), nil }
}

// likened writes a name whose text is matched with a pattern.
func (w *writer) likened(r plan.Ref) {
	as := w.d.Features().EnumText
	if c := declaredColumn(r); as == "" || r.Value != nil || c == nil || c.Enum == "" {
		w.ref(r)
		return
	}
	w.sql("CAST(")
	w.ref(r)
	w.sql(" AS " + as + ")")
}

func (w *writer) rowCompare(e *plan.RowCompare) {
	if apart := w.timesApart(e); apart != nil {
		w.expr(apart)
		return
	}
	w.sql("(")
	w.list(len(e.Cols), ", ", func(i int) { w.ref(e.Cols[i]) })
	w.sql(") " + e.Op + " (")
	w.list(len(e.Args), ", ", func(i int) { w.arg(e.Args[i]) })
	w.sql(")")
}

func (w *writer) constant(holds bool) {
	if holds {
		w.sql("TRUE")
		return
	}
	w.sql("FALSE")
}

// operator returns the dialect's spelling of a comparison.
func (w *writer) operator(op string) string {
	switch op {
	case "ILIKE":
		return w.d.Features().ILike
	case "NOT ILIKE":
		return "NOT " + w.d.Features().ILike
	}
	return op
}

func (w *writer) in(e *plan.In) {
	if len(e.Items) == 0 {
		w.constant(e.Not)
		return
	}
	if e.Col.Value != nil && w.d.Features().TypeOf != "" {
		own := *e
		own.Items = make([]any, len(e.Items))
		for i := range e.Items {
			own.Items[i] = w.ofValue(e.Col, e.Items[i])
		}
		e = &own
	}
	if at, ok := w.meets(e.Col, e.Class, e.Items...); ok {
		w.ref(e.Col)
		w.timeIn(at, e.Not, e.Items...)
		return
	}
	if w.loose(e.Col, e.Items...) {
		w.looseIn(e)
		return
	}
	if w.inside > 0 && len(e.Items) > longList && (e.Keys.Kind == dialect.KeyInt || e.Keys.Kind == dialect.KeyText) && e.Col.Value == nil {
		w.sql(w.d.Features().Unindexed)
	}
	w.ref(e.Col)
	w.sql(" ")
	d := w.d
	w.givenFragment(e.Given, e, func(list any) (dialect.Fragment, error) {
		e := list.(*plan.In)
		return d.In(e.Items, e.Keys, e.Not)
	})
}

// inKeys writes a test against the list of keys, which the database reads once. Its alias hides none, because the list stands by
// itself.
func (w *writer) inKeys(e *plan.InKeys) {
	s := w.d.KeySource(plan.KeysName, e.Types)
	for i, c := range e.Cols {
		e.Keys[i].Column = w.columnOf(c)
	}
	w.sql("(")
	w.list(len(e.Cols), ", ", func(i int) { w.ref(e.Cols[i]) })
	w.sql(") IN (SELECT " + strings.Join(s.Columns, ", ") + " FROM ")
	w.fragment(dialect.Fragment{SQL: s.From, Args: w.d.KeyArgs(e.Keys)})
	w.sql(")")
}

// inQuery writes a membership test that NULLs among the subquery's rows cannot turn into "unknown": that nothing is found among them is
// then true of a value, and not of a NULL, which SQL finds in no empty list alone.
func (w *writer) inQuery(e *plan.InQuery) {
	in := " IN ("
	if e.Not {
		w.sql("coalesce(")
		in = " NOT IN ("
	}
	w.ref(e.Col)
	w.sql(in)
	w.besides(e.Query, func() origin { return w.originOf(e.Col) })
	w.expr(e.Query)
	w.sql(")")
	if e.Not {
		w.sql(", ")
		w.ref(e.Col)
		w.sql(" IS NOT NULL)")
	}
}

// mostInRow is how many conditions stand beside each other without parentheses: each nests those before it in the database's eyes, and SQLite
// parses 1,000 of them within each other.
const mostInRow = 200

// halves writes conditions by halves, each in parentheses.
func (w *writer) halves(exprs []plan.Expr, sep string, write func([]plan.Expr)) {
	half := len(exprs) / 2
	w.sql("(")
	write(exprs[:half])
	w.sql(")" + sep + "(")
	write(exprs[half:])
	w.sql(")")
}

// junction joins conditions; each that is made of several, or is the caller's text, is put in parentheses.
func (w *writer) junction(exprs []plan.Expr, sep, empty string) {
	if len(exprs) == 0 {
		w.sql(empty)
		return
	}
	if len(exprs) > mostInRow {
		w.halves(exprs, sep, func(half []plan.Expr) { w.junction(half, sep, empty) })
		return
	}
	w.list(len(exprs), sep, func(i int) {
		parens := len(exprs) > 1 && compound(exprs[i])
		if parens {
			w.sql("(")
		}
		w.condition(exprs[i])
		if parens {
			w.sql(")")
		}
	})
}

// compound reports whether a condition is written as several, or may be.
func compound(e plan.Expr) bool {
	switch e := e.(type) {
	case plan.And:
		return len(e) > 1 || len(e) == 1 && compound(e[0])
	case plan.Or:
		return len(e) > 1 || len(e) == 1 && compound(e[0])
	case *plan.Text, *plan.InQuery:
		return true
	}
	return false
}
