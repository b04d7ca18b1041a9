package plan_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
)

func TestPlanRefusesWhatWouldBeSilentlyWrong(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	counts := output(t, "count(*) AS n")
	having := func(s *plan.Spec) { s.Having = []plan.Clause{{Method: "Having", Expr: text(t, "count(*) > 1")}} }
	for _, test := range []struct {
		name string
		spec *plan.Spec
		is   error // nil: allowed
		want string
	}{
		{"limit", spec(b.users, limit(1)), nil, ""},
		{"limit over a to-one join", spec(b.posts, join("author"), leftJoin("editor"), limit(1)), nil, ""},
		{"limit over a has-one join", spec(b.users, join("profile"), limit(1)), nil, ""},
		{"limit over a to-many join", spec(b.users, join("posts"), limit(1)), plan.ErrFanOut,
			`Limit would count rows of join "posts"`},
		{"limit 0 over it", spec(b.users, join("posts"), limit(0)), plan.ErrFanOut, "Limit"},
		{"limit over a left join", spec(b.users, leftJoin("posts"), limit(1)), plan.ErrFanOut, "Limit"},
		{"limit over a many-to-many", spec(b.posts, join("tags"), limit(1)), plan.ErrFanOut, `"tags"`},
		{"limit over a to-many below a to-one", spec(b.posts, join("author.edited"), limit(1)), plan.ErrFanOut,
			`"author.edited"`},
		{"limit over a to-one below a to-many names the to-many", spec(b.users, join("posts.author"), limit(1)),
			plan.ErrFanOut, `join "posts"`},
		{"limit with EXISTS", spec(b.users, where(has("posts")), limit(1)), nil, ""},
		{"limit with distinct", spec(b.users, join("posts"), distinct, limit(1)), nil, ""},
		{"limit with group", spec(b.users, join("posts"), groupBy("id"), limit(1)), nil, ""},
		{"offset over a to-many join", spec(b.users, join("posts"), offset(1)), plan.ErrFanOut, "Offset would"},
		{"lock over a to-many join", spec(b.users, join("posts"), lock), plan.ErrFanOut, "ForUpdate would"},
		{"lock over a to-one join", spec(b.posts, join("author"), lock), nil, ""},
		{"lock with distinct", spec(b.users, distinct, lock), plan.ErrUnsupported, "ForUpdate with Distinct"},
		{"lock with group", spec(b.users, groupBy("id"), lock), plan.ErrUnsupported, "ForUpdate with GroupBy"},

		{"one list counted", spec(b.posts, join("tags"), groupBy("id"), counts), nil, ""},
		{"a list below a list counted", spec(b.users, join("posts.tags"), groupBy("id"), counts), nil, ""},
		{"a to-one and a list counted", spec(b.posts, join("author"), join("tags"), groupBy("id"), counts), nil, ""},
		{"a list and a to-one below one list counted",
			spec(b.users, join("posts.tags"), join("posts.editor"), groupBy("id"), counts), nil, ""},
		{"two lists counted", spec(b.users, join("posts"), join("logs"), groupBy("id"), counts), plan.ErrFanOut,
			`joins "posts" and "logs"`},
		{"two lists, the second below a to-one",
			spec(b.posts, join("tags"), join("author.logs"), groupBy("id"),
				counts), plan.ErrFanOut, `"tags" and "author.logs"`},
		{"two lists counted apart", spec(b.users, join("posts"), join("logs"), groupBy("id"),
			output(t, "count(DISTINCT posts.id) AS n")), nil, ""},
		{"a list whose name starts like the other's is not below it",
			spec(b.users, join("posts"), join("posts_logged"), groupBy("id"), counts),
			plan.ErrFanOut, `joins "posts" and "posts_logged"`},

		{"a grouped column", spec(b.posts, outputs("title"), groupBy("title"), counts), nil, ""},
		{"a column beside it", spec(b.posts, outputs("title", "id"), groupBy("title")), plan.ErrInvalid,
			`column "id" is selected but not grouped`},
		{"all columns under the key", spec(b.posts, groupBy("id")), nil, ""},
		{"all columns under another", spec(b.posts, groupBy("title")), plan.ErrInvalid, "not grouped"},
		{"a composite key whole", spec(b.links, groupBy("tag_id", "post_id")), nil, ""},
		{"a composite key in part", spec(b.links, groupBy("tag_id")), plan.ErrInvalid, `column "post_id"`},
		{"a path's column under its key", spec(b.posts, outputs("author.name"), groupBy("author.id")), nil, ""},
		{"a path's column under the root's key", spec(b.posts, outputs("author.name"), groupBy("id")),
			plan.ErrInvalid, `"author.name"`},
		{"a table without a key", spec(b.logs, groupBy("user_id")), plan.ErrInvalid, `column "at"`},
		{"an order that is grouped", spec(b.posts, outputs("title"), groupBy("title"), orderBy("title")), nil, ""},
		{"an order that is not", spec(b.posts, outputs("title"), groupBy("title"), orderBy("id")), plan.ErrInvalid,
			`column "id" is ordered by but not grouped`},
		{"having without group", spec(b.posts, having), plan.ErrInvalid, "Having without GroupBy"},
		{"an aggregate beside columns", spec(b.posts, counts), plan.ErrInvalid, "an aggregate beside columns"},
		{"an aggregate alone", spec(b.posts, outputs(), counts), nil, ""},
		{"a window beside columns", spec(b.posts, output(t, "count(*) OVER (PARTITION BY author_id) AS n")), nil, ""},
		{"a subquery's aggregate beside columns", spec(b.posts, output(t, "(SELECT count(*) FROM tags) AS n")), nil, ""},

		{"distinct by an order that is selected", spec(b.posts, distinct, orderBy("title")), nil, ""},
		{"distinct by an order of a to-one path", spec(b.posts, distinct, orderBy("editor.name")), nil, ""},
		{"distinct by an order of a to-many path", spec(b.users, join("posts"), distinct, orderBy("posts.title")),
			plan.ErrFanOut, `Has("posts", …)`},
		{"distinct documents", spec(b.tags, join("posts"), distinct), nil, ""},
		{"distinct documents left out", spec(b.tags, outputs("name"), join("posts"), distinct, orderBy("name")), nil, ""},
		{"distinct documents beside another table's column",
			spec(b.tags, outputs("data", "posts.id"), join("posts"), distinct), plan.ErrUnsupported, `column "data"`},
		{"distinct documents by another table's order", spec(b.tags, join("posts"), distinct, orderBy("posts.id")),
			plan.ErrUnsupported, `column "data"`},
		{"distinct documents in a preload", spec(b.posts, preload("tags", spec(b.tags, distinct))),
			plan.ErrUnsupported, "because of the preload"},

		{"a preload of groups", spec(b.users, preload("posts", spec(b.posts, groupBy("id")))), plan.ErrUnsupported,
			"GroupBy cannot be preloaded"},
		{"a limit and distinct in a preload", spec(b.users, preload("posts", spec(b.posts, distinct, limit(1)))),
			plan.ErrUnsupported, "do not go together"},
		{"a limit and a lock in a preload", spec(b.users, preload("posts", spec(b.posts, lock, limit(1)))),
			plan.ErrUnsupported, "do not go together"},
		{"a limit over a list in a preload", spec(b.users, preload("posts", spec(b.posts, join("tags"), limit(1)))),
			plan.ErrFanOut, "Limit would"},
		{"two queries for one path", spec(b.users, preload("posts", spec(b.posts)), preload("posts", spec(b.posts))),
			plan.ErrInvalid, "given twice"},
		{"two queries for one path, one below a query",
			spec(b.users, preload("posts", spec(b.posts, preload("tags", spec(b.tags)))),
				preload("posts.tags", spec(b.tags))), plan.ErrInvalid, `"tags" is given twice`},
		{"a query of another table", spec(b.users, preload("posts", spec(b.tags))), graph.ErrInvalidRelation,
			`selects from "tags"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			q, err := plan.Build(test.spec, nil, postgres)
			switch {
			case test.is == nil && err != nil:
				t.Errorf("refused: %v", err)
			case test.is == nil:
			case !errors.Is(err, test.is) || !strings.Contains(err.Error(), test.want):
				t.Errorf("expected %q that is %q, got %v", test.want, test.is, err)
			case q != nil:
				t.Error("a plan beside the error")
			}
		})
	}
}

func TestDistinctDocumentsAreToldApartByKey(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for _, test := range []struct {
		spec  *plan.Spec
		byKey bool
	}{
		{spec(b.tags, join("posts"), distinct), true},
		{spec(b.tags, distinct, orderBy("name"), limit(1)), true},
		{spec(b.tags, outputs("id", "name"), distinct), false},
		{spec(b.posts, distinct), false},
	} {
		if q := mustBuild(t, test.spec); q.ByKey != test.byKey || !q.Distinct {
			t.Errorf("expected %t, got %t:\n%s", test.byKey, q.ByKey, q)
		}
	}
}

// orderOf returns the order of a query, as "alias.column".
func orderOf(q *plan.Query) []string {
	var order []string
	for _, o := range q.OrderBy {
		switch {
		case o.Expr != nil:
			order = append(order, "expression")
		case o.Output != "":
			order = append(order, o.Output)
		default:
			order = append(order, o.Ref.Binding.Alias+"."+o.Ref.Column)
		}
	}
	return order
}

func TestThePrimaryKeyEndsOrdersThatMustBeTotal(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	ordered := func(s *plan.Spec) { s.Ordered = true }
	expression := func(s *plan.Spec) { s.OrderBy = append(s.OrderBy, plan.OrderClause{Expr: text(t, "length(title)")}) }
	for _, test := range []struct {
		name string
		spec *plan.Spec
		want []string
	}{
		{"no limit", spec(b.posts, orderBy("title")), []string{"posts.title"}},
		{"limit", spec(b.posts, orderBy("title"), limit(1)), []string{"posts.title", "posts.id"}},
		{"limit without an order", spec(b.posts, limit(1)), []string{"posts.id"}},
		{"offset", spec(b.posts, offset(0)), []string{"posts.id"}},
		{"the key is there already", spec(b.posts, orderBy("id", "title"), limit(1)), []string{"posts.id", "posts.title"}},
		{"a composite key, part of it there", spec(b.links, orderBy("tag_id"), limit(1)),
			[]string{"links.tag_id", "links.post_id"}},
		{"another table's id is not the key", spec(b.posts, orderBy("author.id"), limit(1)),
			[]string{"author.id", "posts.id"}},
		{"an expression", spec(b.posts, expression, limit(1)), []string{"expression", "posts.id"}},
		{"a table without a key", spec(b.logs, orderBy("at"), limit(1)), []string{"logs.at"}},
		{"asked for", spec(b.posts, ordered), []string{"posts.id"}},
		{"distinct without the key", spec(b.posts, outputs("title"), distinct, orderBy("title"), limit(1)),
			[]string{"posts.title"}},
		{"distinct with the key", spec(b.posts, distinct, limit(1)), []string{"posts.id"}},
		{"distinct documents", spec(b.tags, outputs("name", "data"), distinct, limit(1)), []string{"tags.id"}},
		{"a computed column", spec(b.users, output(t, "1 AS post_count"), orderBy("post_count"), limit(1)),
			[]string{"post_count", "users.id"}},
	} {
		if got := orderOf(mustBuild(t, test.spec)); !slices.Equal(got, test.want) {
			t.Errorf("%s: expected %q, got %q", test.name, test.want, got)
		}
	}
	for _, test := range []struct {
		path string
		spec *plan.Spec
		want []string
	}{
		{"posts", spec(b.users, preload("posts")), []string{"posts.id"}},
		{"posts", spec(b.users, preload("posts", spec(b.posts, orderBy("title")))), []string{"posts.title", "posts.id"}},
		{"profile", spec(b.users, preload("profile")), nil},
		{"author", spec(b.posts, preload("author")), nil},
		{"tags", spec(b.posts, preload("tags")), []string{"tags.id"}},
	} {
		if got := orderOf(mustBuild(t, test.spec).Preloads[0].Query); !slices.Equal(got, test.want) {
			t.Errorf("preload %s: expected %q, got %q", test.path, test.want, got)
		}
	}
}

func TestMostBoundsALimit(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for _, test := range []struct{ limit, most, want int64 }{{-1, 0, -1}, {-1, 2, 2}, {5, 2, 2}, {1, 2, 1}, {0, 2, 0}} {
		s := spec(b.posts, limit(test.limit))
		s.Most = test.most
		if got := mustBuild(t, s).Limit; got != test.want {
			t.Errorf("limit %d, at most %d: expected %d, got %d", test.limit, test.most, test.want, got)
		}
	}
}

// TestAnErrorSaysWhereItWasFound goes through the clauses and the depths.
func TestAnErrorSaysWhereItWasFound(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	deep := spec(b.users, preload("posts", spec(b.posts, preload("tags", spec(b.tags, orderBy("nmae"))))))
	for _, test := range []struct {
		spec         *plan.Spec
		method, path string
	}{
		{spec(b.users, join("psts")), "Join", ""},
		{spec(b.users, leftJoin("psts")), "LeftJoin", ""},
		{spec(b.users, join("posts", equals("idd"))), `Join("posts")`, ""},
		{spec(b.users, where(equals("idd"))), "Where", ""},
		{spec(b.users, where(has("posts", equals("idd")))), "Where", ""},
		{spec(b.users, outputs("idd")), "Columns", ""},
		{spec(b.users, output(t, "users.idd")), "Column", ""},
		{spec(b.users, groupBy("idd")), "GroupBy", ""},
		{spec(b.users, orderBy("idd")), "OrderBy", ""},
		{spec(b.users, preload("psts")), "Preload", ""},
		{spec(b.users, preload("posts.tgas")), "Preload", ""},
		{spec(b.users, preload("posts", spec(b.posts, where(equals("idd"))))), "Where", "posts"},
		{deep, "OrderBy", "posts.tags"},
		{spec(b.users, preload("posts", spec(b.posts, join("tags"), limit(1)))), "", "posts"},
	} {
		_, err := plan.Build(test.spec, nil, postgres)
		var at *plan.PathError
		if !errors.As(err, &at) || at.Method != test.method || at.Path != test.path {
			t.Errorf("expected %s in %q, got %#v: %v", test.method, test.path, at, err)
		}
	}
}

func TestArgumentsMustBeOfTheColumnsKind(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	class := func(name, class string) plan.Expr {
		return &plan.Compare{Col: plan.Ref{Name: name}, Op: "=", Arg: 1, Class: class}
	}
	for _, test := range []struct {
		e    plan.Expr
		fits bool
	}{
		{class("name", graph.ClassText), true},
		{class("name", graph.ClassInteger), false},
		{class("id", graph.ClassText), false},
		{class("id", graph.ClassFloat), true},
		{class("id", graph.ClassCustom), true},
		{&plan.In{Col: plan.Ref{Name: "id"}, Class: graph.ClassText}, false},
		{&plan.In{Col: plan.Ref{Name: "id"}, Class: ""}, true},
		{&plan.Match{Col: plan.Ref{Name: "name"}}, true},
		{&plan.Match{Col: plan.Ref{Name: "id"}}, false},
		{&plan.IsNull{Col: plan.Ref{Name: "id"}}, true},
		{plan.And{plan.Or{class("id", graph.ClassText)}}, false},
		{&plan.Compare{Col: plan.Ref{Name: "users.*"}, Op: "="}, false},
	} {
		_, err := plan.Build(spec(b.users, where(test.e)), nil, postgres)
		if (err == nil) != test.fits {
			t.Errorf("%#v: expected to fit: %t, got %v", test.e, test.fits, err)
		}
		if err != nil && !errors.Is(err, plan.ErrArgType) && !errors.Is(err, graph.ErrUnknownColumn) {
			t.Errorf("%#v: %v", test.e, err)
		}
	}
}

func TestPathErrorPrintsWhereFirst(t *testing.T) {
	t.Parallel()
	cause := errors.New("cause")
	for want, err := range map[string]*plan.PathError{
		"cause":                     {Err: cause},
		"Where: cause":              {Method: "Where", Err: cause},
		`preload "a.b": cause`:      {Path: "a.b", Err: cause},
		`preload "a": Where: cause`: {Path: "a", Method: "Where", Err: cause},
	} {
		if err.Error() != want || !errors.Is(err, cause) {
			t.Errorf("expected %q, got %q", want, err)
		}
	}
}
