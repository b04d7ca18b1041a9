package compile_test

import (
	"errors"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/compile"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/sqltext"
)

// numbering is a dialect with numbered placeholders and nothing else of its own, except what a test gives it.
type numbering struct {
	dialect.Dialect
	in     dialect.Fragment // what In returns
	inErr  error
	member string // what KeyMember returns
	source dialect.KeySource
	has    dialect.Features
}

func (n *numbering) Name() string               { return "numbering" }
func (n *numbering) Features() dialect.Features { return n.has }

func (n *numbering) AppendPlaceholder(b []byte, i int) []byte {
	return strconv.AppendInt(append(b, '$'), int64(i), 10)
}

func (n *numbering) In([]any, dialect.Keys, bool) (dialect.Fragment, error) { return n.in, n.inErr }

func (n *numbering) KeyMember(dialect.KeyType) (string, bool) { return n.member, n.member != "" }

func (n *numbering) KeySource(string, []dialect.KeyType) dialect.KeySource { return n.source }

func newNumbering() *numbering { return &numbering{Dialect: dialect.Standard} }

// people is a table with a column of every kind of name, related to itself.
func people(tb testing.TB) *graph.Table {
	tb.Helper()
	t := &graph.Table{Name: "people", PrimaryKey: []string{"id"}, Columns: []graph.Column{
		{Name: "id", Class: graph.ClassInteger}, {Name: "boss_id", Class: graph.ClassInteger}, {Name: `na"me?`,
			Class: graph.ClassText},
	}}
	errs := graph.Build([]*graph.Table{t}, []*graph.Declaration{
		{Kind: graph.BelongsTo, Name: "boss", Owner: t, Related: t, ForeignKey: []string{"boss_id"}, Inverse: "staff"},
	})
	if len(errs) > 0 {
		tb.Fatal(errs)
	}
	return t
}

// build plans a query for the ids of people, with conditions.
func build(tb testing.TB, where ...plan.Expr) *plan.Query {
	tb.Helper()
	s := plan.NewSpec(people(tb))
	s.Bare, s.Outputs = true, []plan.OutputClause{{Name: "id"}}
	for _, e := range where {
		s.Where = append(s.Where, plan.Clause{Method: "Where", Expr: e})
	}
	q, err := plan.Build(s, nil, dialect.Features{})
	if err != nil {
		tb.Fatal(err)
	}
	return q
}

func text(tb testing.TB, sql string, args ...any) *plan.Text {
	tb.Helper()
	parsed, err := sqltext.Parse(sql)
	if err != nil {
		tb.Fatal(err)
	}
	return &plan.Text{SQL: parsed, Args: args}
}

func equals(name string, arg any) plan.Expr {
	return &plan.Compare{Col: plan.Ref{Name: name}, Op: "=", Arg: arg}
}

func TestFragmentsOfADialectAreNumberedOutsideQuotes(t *testing.T) {
	t.Parallel()
	const start = `SELECT "people"."id" FROM "people" WHERE ("people"."boss_id" = $1) AND ("people"."id" `
	for _, test := range []struct{ fragment, want string }{
		{"= ANY(?)", "= ANY($2)"},
		{"IN (?, ?, ?)", "IN ($2, $3, $4)"},
		{"= '?' || ?", "= '?' || $2"},
		{`= "?" || ?`, `= "?" || $2`},
		{"= `?` || ?", "= `?` || $2"},
		{`= 'it''s ?' || ? || '?'`, `= 'it''s ?' || $2 || '?'`},
		{`= '"' || ? || '"' || ?`, `= '"' || $2 || '"' || $3`},
		{`= "'" || ?`, `= "'" || $2`},
		{"IS TRUE", "IS TRUE"},
		{"?", "$2"},
	} {
		d := newNumbering()
		d.in = dialect.Fragment{SQL: test.fragment, Args: []any{"a", "b", "c"}}
		got, err := compile.Select(build(t, equals("boss_id", 7), &plan.In{Col: plan.Ref{Name: "id"}, Items: []any{1}}), d)
		if err != nil {
			t.Fatal(err)
		}
		if want := start + test.want + ")"; got.SQL != want {
			t.Errorf("expected %s, got %s", want, got.SQL)
		}
		want := []any{7, "a", "b", "c"}[:1+strings.Count(test.want, "$")]
		if !reflect.DeepEqual(got.Args, want) {
			t.Errorf("%s: expected %v, got %v", test.fragment, want, got.Args)
		}
	}
}

func TestArgumentsAreNumberedInTheOrderOfTheText(t *testing.T) {
	t.Parallel()
	nested := text(t, "SELECT id FROM people WHERE id > ?", "n")
	q := build(t, equals("boss_id", "a"), text(t, "id = $2 OR id = $1 OR id = $2", "one", "two"),
		text(t, "id IN (?) AND ? = ?", nested, "x", "y"), &plan.Exists{Path: "staff",
			Preds: []plan.Expr{equals("id", "s")}})
	got, err := compile.Select(q, newNumbering())
	if err != nil {
		t.Fatal(err)
	}
	const want = `SELECT "people"."id" FROM "people" WHERE ("people"."boss_id" = $1) AND (id = $2 OR id = $3 OR id = $4) ` +
		`AND (id IN (SELECT id FROM people WHERE id > $5) AND $6 = $7) ` +
		`AND (EXISTS (SELECT 1 FROM "people" AS "staff" WHERE "staff"."boss_id" = "people"."id" AND ("staff"."id" = $8)))`
	if got.SQL != want {
		t.Errorf("expected %s\ngot      %s", want, got.SQL)
	}
	if args := []any{"a", "two", "one", "two", "n", "x", "y", "s"}; !reflect.DeepEqual(got.Args, args) {
		t.Errorf("expected %v, got %v", args, got.Args)
	}
}

// anyEquals is what stands for a comparison of the id in the table below.
var anyEquals = regexp.MustCompile(`\bI\b`)

func TestConditionsAreParenthesizedWhereTheyMustBe(t *testing.T) {
	t.Parallel()
	a, b, c := equals("id", 1), equals("id", 2), equals("id", 3)
	own := func() plan.Expr { return text(t, "x OR y") }
	for _, test := range []struct {
		e    plan.Expr
		want string
	}{
		{plan.And{}, "TRUE"},
		{plan.Or{}, "FALSE"},
		{plan.And{plan.Or{}, a}, "FALSE AND I"},
		{plan.Const(true), "TRUE"},
		{plan.Const(false), "FALSE"},
		{plan.And{a}, "I"},
		{plan.Or{plan.And{a}, b}, "I OR I"},
		{plan.Or{plan.And{a, b}, c}, "(I AND I) OR I"},
		{plan.And{plan.Or{a, b}, plan.Or{b, c}}, "(I OR I) AND (I OR I)"},
		{plan.And{plan.And{a, b}, c}, "(I AND I) AND I"},
		{plan.And{own()}, "x OR y"},
		{plan.And{own(), a}, "(x OR y) AND I"},
		{plan.Or{own(), a}, "(x OR y) OR I"},
		{plan.And{plan.And{own()}, a}, "(x OR y) AND I"},
		{plan.And{plan.Or{plan.And{plan.Or{a, b}}}, c}, "(I OR I) AND I"},
		{plan.And{plan.And{plan.Or{a, b}}, c}, "(I OR I) AND I"},
		{plan.Or{plan.Or{plan.And{a, b}}, c}, "(I AND I) OR I"},
		{plan.And{&plan.InQuery{Col: plan.Ref{Name: "id"}, Not: true, Query: text(t, "SELECT 1")}, a},
			`(coalesce("people"."id" NOT IN (SELECT 1), "people"."id" IS NOT NULL)) AND I`},
		{plan.Or{&plan.IsNull{Col: plan.Ref{Name: "id"}}, &plan.IsNull{Col: plan.Ref{Name: "id"}, Not: true}},
			`"people"."id" IS NULL OR "people"."id" IS NOT NULL`},
		{&plan.In{Col: plan.Ref{Name: "id"}}, "FALSE"},
		{&plan.In{Col: plan.Ref{Name: "id"}, Not: true}, "TRUE"},
	} {
		got, err := compile.Select(build(t, test.e), dialect.Standard)
		if err != nil {
			t.Fatal(err)
		}
		want := `SELECT "people"."id" FROM "people" WHERE (` + anyEquals.ReplaceAllString(test.want,
			`"people"."id" = ?`) + ")"
		if got.SQL != want {
			t.Errorf("expected %s, got %s", want, got.SQL)
		}
	}
}

// TestStandardTextHasNoQuestionMarkThatIsNoPlaceholder holds for the text that squirrel gets, which knows no quotes.
func TestStandardTextHasNoQuestionMarkThatIsNoPlaceholder(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		where   plan.Expr
		refused bool
	}{
		{text(t, "id = ?", 1), false},
		{text(t, "id ?? ?", 1), false},
		{text(t, "id = '?'"), true},
		{text(t, `"id?" = 1`), true},
		{text(t, "id = 1 /* ? */"), true},
		{text(t, "id = 1 -- ?"), true},
		{text(t, "id IN (?)", text(t, "SELECT '?'")), true},
		{equals(`na"me?`, "x"), true},
		{equals("id", "?"), false},
		{&plan.Exists{Path: "staff", Preds: []plan.Expr{text(t, "'?' = ''")}}, true},
	} {
		q := build(t, test.where)
		got, err := compile.Select(q, dialect.Standard)
		switch {
		case !test.refused && err != nil:
			t.Errorf("refused: %v", err)
		case test.refused && (!errors.Is(err, plan.ErrUnsupported) || !strings.Contains(err.Error(), "question mark")):
			t.Errorf("expected a refusal, got %s, %v", got.SQL, err)
		}
		if _, err := compile.Select(q, newNumbering()); err != nil && !strings.Contains(err.Error(), "operator") {
			t.Errorf("a dialect of its own was refused too: %v", err)
		}
	}
}

func TestJSONOperatorsNeedADatabaseThatHasThem(t *testing.T) {
	t.Parallel()
	q := build(t, text(t, "data ?? ? AND data ??| ?", 1, 2))
	d := newNumbering()
	if _, err := compile.Select(q, d); !errors.Is(err, plan.ErrUnsupported) || !strings.Contains(err.Error(), "numbering") {
		t.Errorf("expected a refusal that names the dialect, got %v", err)
	}
	d.has.JSONOps = true
	got, err := compile.Select(q, d)
	if want := `WHERE (data ? $1 AND data ?| $2)`; err != nil || !strings.HasSuffix(got.SQL, want) {
		t.Errorf("expected %s at the end, got %s, %v", want, got.SQL, err)
	}
	standard, err := compile.Select(q, dialect.Standard)
	if want := `WHERE (data ?? ? AND data ??| ?)`; err != nil || !strings.HasSuffix(standard.SQL, want) {
		t.Errorf("expected %s at the end, got %s, %v", want, standard.SQL, err)
	}
}

func TestALineCommentDoesNotSwallowWhatFollows(t *testing.T) {
	t.Parallel()
	got, err := compile.Select(build(t, text(t, "id = 1 -- one"),
		plan.Or{text(t, "id = 2 -- two"), equals("id", 3)}), newNumbering())
	const want = "WHERE (id = 1 -- one\n) AND ((id = 2 -- two\n) OR \"people\".\"id\" = $1)"
	if err != nil || !strings.HasSuffix(got.SQL, want) {
		t.Errorf("expected %q at the end, got %q, %v", want, got.SQL, err)
	}
}

func TestADialectsRefusalIsReturned(t *testing.T) {
	t.Parallel()
	d := newNumbering()
	d.inErr = errors.New("a list of 40000 values is too long")
	if _, err := compile.Select(build(t, &plan.In{Col: plan.Ref{Name: "id"}, Items: []any{1}}), d); !errors.Is(err,
		d.inErr) {
		t.Errorf("expected the dialect's error, got %v", err)
	}
	d = newNumbering()
	d.has.MaxIdent = 5
	_, err := compile.Select(build(t), d)
	if !errors.Is(err, plan.ErrUnsupported) || !strings.Contains(err.Error(), `"people" has 6 bytes, numbering allows 5`) {
		t.Errorf("expected the name to be too long, got %v", err)
	}
}
