package plan_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
)

// ruled is the blog with a default condition on posts, which tests for their author, on users and on the links of tags.
func (b *blog) ruled() *plan.Rules {
	one := func(e plan.Expr) []plan.Default { return []plan.Default{{Name: "a", Expr: e}} }
	return &plan.Rules{Tables: map[*graph.Table][]plan.Default{
		b.posts: one(has("author")), b.users: one(equals("id")), b.links: one(equals("tag_id")),
	}}
}

func unscoped(path string) clause {
	return func(s *plan.Spec) { s.Unscoped = []plan.Lift{{Path: path, Names: []string{"a"}}} }
}

// bound returns the alias of each binding with the number of conditions that hold of its rows, step by step.
func bound(q *plan.Query) string {
	parts := []string{fmt.Sprintf("%s %d", q.Base.Alias, len(q.Where))}
	for _, b := range q.Bindings[1:] {
		part := b.Alias
		for _, step := range b.Rules {
			part += fmt.Sprintf(" %d", len(step))
		}
		if b.Left {
			part += " left"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

func TestDefaultConditionsHoldWhereTheirTableIsNamed(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for _, test := range []struct {
		name string
		spec *plan.Spec
		want string
	}{
		{"root", spec(b.posts), "posts 1"},
		{"root lifted", spec(b.posts, unscoped("")), "posts 0"},
		{"before the query's own", spec(b.posts, where(equals("id"))), "posts 2"},
		{"a table without any", spec(b.tags), "tags 0"},
		{"joins", spec(b.users, join("posts"), leftJoin("logs")), "users 1, posts 1, logs 0 left"},
		{"a path keeps its alias beside a condition's", spec(b.users, join("posts"), join("posts.author")),
			"users 1, posts 1, posts.author 1"},
		{"a path that is only named", spec(b.posts, where(equals("author.id"))), "posts 2, author 1 left"},
		{"and lifted", spec(b.posts, where(equals("author.id")), unscoped("author")), "posts 2, author 0"},
		{"a link", spec(b.posts, join("tags")), "posts 1, tags 1 0"},
		{"a link lifted", spec(b.posts, join("tags"), unscoped("tags")), "posts 1, tags 0 0"},
		{"exactly the path", spec(b.users, join("posts.author"), unscoped("posts")), "users 1, posts 0, posts.author 1"},
	} {
		q, err := plan.Build(test.spec, b.ruled(), postgres)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if got := bound(q); got != test.want {
			t.Errorf("%s: expected %q, got %q", test.name, test.want, got)
		}
	}
}

func TestPreloadsAreLiftedByTheirPath(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for _, test := range []struct {
		name string
		spec *plan.Spec
		want [2]int // conditions on posts, and on their editors
	}{
		{"none", spec(b.users, preload("posts.editor")), [2]int{1, 1}},
		{"the root's", spec(b.users, preload("posts.editor"), unscoped("")), [2]int{1, 1}},
		{"the first", spec(b.users, preload("posts.editor"), unscoped("posts")), [2]int{0, 1}},
		{"the second", spec(b.users, preload("posts.editor"), unscoped("posts.editor")), [2]int{1, 0}},
		{"by the inner query", spec(b.users, preload("posts", spec(b.posts, unscoped("")))), [2]int{0, -1}},
		{"below it by the inner query", spec(b.users, preload("posts", spec(b.posts, preload("editor"), unscoped("editor")))), [2]int{1, 0}},
	} {
		q, err := plan.Build(test.spec, b.ruled(), postgres)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		posts := q.Preloads[0].Query
		got := [2]int{len(posts.Where), -1}
		if len(posts.Preloads) > 0 {
			got[1] = len(posts.Preloads[0].Query.Where)
		}
		if got != test.want {
			t.Errorf("%s: expected %v, got %v", test.name, test.want, got)
		}
	}
}

func TestTheModelIsCheckedAsAWhole(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	posts, _ := b.users.Relation("posts")
	m := &plan.Rules{}
	sub := &plan.Subquery{Spec: spec(b.posts, outputs("id")), Rules: func() (*plan.Rules, error) { return m, nil }}
	*m = plan.Rules{
		Tables: map[*graph.Table][]plan.Default{
			b.users:      {{"a", equals("nothing")}, {"b", equals("none")}, {"c", has("posts")}},
			b.posts:      {{"a", has("author")}},
			b.categories: {{"a", has("children")}},
			b.tags:       {{"a", &plan.InQuery{Col: plan.Ref{Name: "id"}, Query: sub}}},
		},
		Relations: map[*graph.Relation]plan.Rule{posts: {
			Where: []plan.Expr{equals("nothing")}, OrderBy: []plan.OrderClause{{Name: "title"}, {Name: "tags.name"}, {Name: "none"}},
		}},
	}
	found := map[string]int{}
	m.Check([]*graph.Table{b.users, b.posts, b.categories, b.tags, b.logs}, func(t *graph.Table, r *graph.Relation, err error) {
		name := t.Name
		if r != nil {
			name = r.String()
		}
		if errors.Is(err, plan.ErrInvalid) {
			name += " leads back"
		}
		found[name]++
	})
	want := map[string]int{
		"users": 3, "posts": 1, "categories leads back": 1, "users.posts": 3, // the order by "title" is sound
		"tags": 1, // its subquery is of posts
	}
	if fmt.Sprint(found) != fmt.Sprint(want) {
		t.Errorf("expected %v, got %v", want, found)
	}
}
