package plan_test

import (
	"testing"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/sqltext"
)

// blog is a set of related tables. A post has an author and perhaps an editor, both users.
type blog struct {
	users, profiles, posts, tags, links, categories, logs *graph.Table
}

func column(name, class string) graph.Column {
	return graph.Column{Name: name, Class: class, GoType: class}
}

func integers(names ...string) []graph.Column {
	columns := make([]graph.Column, 0, len(names))
	for _, n := range names {
		columns = append(columns, column(n, graph.ClassInteger))
	}
	return columns
}

func table(name string, key []string, columns ...graph.Column) *graph.Table {
	return &graph.Table{Name: name, GoType: name, PrimaryKey: key, Columns: columns}
}

func newBlog(tb testing.TB) *blog {
	tb.Helper()
	id := []string{"id"}
	optional := graph.Column{Name: "editor_id", Class: graph.ClassInteger, GoType: "*int64", Nullable: true}
	parent := graph.Column{Name: "parent_id", Class: graph.ClassInteger, GoType: "*int64", Nullable: true}
	b := &blog{
		users: table("users", id, column("id", graph.ClassInteger), column("name", graph.ClassText),
			graph.Column{Name: "post_count", Class: graph.ClassInteger, Computed: true}),
		profiles: table("profiles", id, column("id", graph.ClassInteger), column("user_id", graph.ClassInteger),
			column("bio", graph.ClassText)),
		posts: table("posts", id, append(integers("id", "author_id"), optional, column("title", graph.ClassText))...),
		tags: table("tags", id, column("id", graph.ClassInteger), column("name", graph.ClassText),
			column("data", graph.ClassDocument)),
		links:      table("links", []string{"post_id", "tag_id"}, integers("post_id", "tag_id")...),
		categories: table("categories", id, column("id", graph.ClassInteger), parent, column("name", graph.ClassText)),
		logs:       table("logs", nil, integers("user_id", "at")...),
	}
	errs := graph.Build([]*graph.Table{b.users, b.profiles, b.posts, b.tags, b.links, b.categories, b.logs},
		[]*graph.Declaration{
			{Kind: graph.HasMany, Name: "posts", Owner: b.users, Related: b.posts, ForeignKey: []string{"author_id"},
				Inverse: "author"},
			{Kind: graph.HasOne, Name: "profile", Owner: b.users, Related: b.profiles, ForeignKey: []string{"user_id"},
				Inverse: "user"},
			{Kind: graph.HasMany, Name: "logs", Owner: b.users, Related: b.logs, ForeignKey: []string{"user_id"}},
			{Kind: graph.HasMany, Name: "posts_logged", Owner: b.users, Related: b.logs, ForeignKey: []string{"user_id"}},
			{Kind: graph.BelongsTo, Name: "editor", Owner: b.posts, Related: b.users, ForeignKey: []string{"editor_id"},
				Inverse: "edited"},
			{Kind: graph.ManyToMany, Name: "tags", Owner: b.posts, Related: b.tags, Through: b.links,
				ThroughOwner: []string{"post_id"}, ThroughRelated: []string{"tag_id"}, Inverse: "posts"},
			{Kind: graph.BelongsTo, Name: "parent", Owner: b.categories, Related: b.categories,
				ForeignKey: []string{"parent_id"}, Inverse: "children"},
		})
	if len(errs) > 0 {
		tb.Fatal(errs)
	}
	return b
}

// clause changes a spec.
type clause func(*plan.Spec)

func spec(t *graph.Table, clauses ...clause) *plan.Spec {
	s := plan.NewSpec(t)
	for _, c := range clauses {
		c(s)
	}
	return s
}

func join(path string, on ...plan.Expr) clause {
	return func(s *plan.Spec) { s.Joins = append(s.Joins, plan.JoinClause{Path: path, On: on}) }
}

func leftJoin(path string, on ...plan.Expr) clause {
	return func(s *plan.Spec) { s.Joins = append(s.Joins, plan.JoinClause{Path: path, Left: true, On: on}) }
}

func where(e plan.Expr) clause {
	return func(s *plan.Spec) { s.Where = append(s.Where, plan.Clause{Method: "Where", Expr: e}) }
}

func orderBy(names ...string) clause {
	return func(s *plan.Spec) {
		for _, n := range names {
			s.OrderBy = append(s.OrderBy, plan.OrderClause{Name: n})
		}
	}
}

func groupBy(names ...string) clause {
	return func(s *plan.Spec) { s.GroupBy = append(s.GroupBy, names...) }
}

func outputs(names ...string) clause {
	return func(s *plan.Spec) {
		s.Bare = true
		for _, n := range names {
			s.Outputs = append(s.Outputs, plan.OutputClause{Name: n})
		}
	}
}

func output(tb testing.TB, sql string) clause {
	tb.Helper()
	e := text(tb, sql)
	return func(s *plan.Spec) { s.Outputs = append(s.Outputs, plan.OutputClause{Expr: e}) }
}

func limit(n int64) clause  { return func(s *plan.Spec) { s.Limit = n } }
func offset(n int64) clause { return func(s *plan.Spec) { s.Offset = n } }
func distinct(s *plan.Spec) { s.Distinct = true }
func lock(s *plan.Spec)     { s.Lock = plan.Lock{Method: "ForUpdate", Strength: "UPDATE"} }

func preload(path string, with ...*plan.Spec) clause {
	return func(s *plan.Spec) {
		c := plan.PreloadClause{Method: "Preload", Path: path}
		if len(with) > 0 {
			c.Spec = with[0]
		}
		s.Preloads = append(s.Preloads, c)
	}
}

// equals compares a column with an integer.
func equals(name string) plan.Expr {
	return &plan.Compare{Col: plan.Ref{Name: name}, Op: "=", Arg: 1, Class: graph.ClassInteger}
}

func has(path string, preds ...plan.Expr) plan.Expr { return &plan.Exists{Path: path, Preds: preds} }

func text(tb testing.TB, sql string, args ...any) *plan.Text {
	tb.Helper()
	parsed, err := sqltext.Parse(sql)
	if err != nil {
		tb.Fatal(err)
	}
	return &plan.Text{SQL: parsed, Args: args}
}

// postgres is what the plan needs to know of a database whose names are short.
var postgres = dialect.Features{MaxIdent: 63}

func mustBuild(tb testing.TB, s *plan.Spec) *plan.Query {
	tb.Helper()
	q, err := plan.Build(s, nil, postgres)
	if err != nil {
		tb.Fatal(err)
	}
	return q
}
