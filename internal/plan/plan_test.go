package plan_test

import (
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
)

func TestPlanSaysWhatAQueryMeans(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for _, test := range []struct {
		name string
		spec *plan.Spec
		want string
	}{
		{"a table", spec(b.users), `
from users, 2 columns`},
		{"some columns", spec(b.posts, outputs("title", "id")), `
from posts, 2 columns`},
		{"columns given twice", spec(b.posts, outputs("title"), outputs("id")), `
from posts, 2 columns`},
		{"no columns and an expression", spec(b.posts, outputs(), output(t, "count(*)")), `
from posts, 1 columns`},
		{"an expression beside the columns", spec(b.posts, output(t, "length(title)")), `
from posts, 5 columns`},
		{"a to-many join", spec(b.users, join("posts")), `
from users, 2 columns
join posts: n per row of users: multiplies, drops users without one`},
		{"a to-one join that always finds a row", spec(b.posts, join("author")), `
from posts, 4 columns
join author: 1 per row of posts: neither, while its foreign key holds`},
		{"a to-one join that may not", spec(b.posts, join("editor")), `
from posts, 4 columns
join editor: 0..1 per row of posts: drops posts without one`},
		{"a has-one join", spec(b.users, join("profile")), `
from users, 2 columns
join profile: 0..1 per row of users: drops users without one`},
		{"its inverse", spec(b.profiles, join("user")), `
from profiles, 3 columns
join user: 1 per row of profiles: neither, while its foreign key holds`},
		{"a many-to-many join", spec(b.posts, join("tags")), `
from posts, 4 columns
join tags: n per row of posts: multiplies, drops posts without one`},
		{"a to-one join below a to-many", spec(b.users, join("posts.author")), `
from users, 2 columns
join posts: n per row of users: multiplies, drops users without one
join posts.author: n per row of users: neither, while its foreign key holds`},
		{"a to-one join below an optional one", spec(b.posts, join("editor.profile.user")), `
from posts, 4 columns
join editor: 0..1 per row of posts: drops posts without one
join editor.profile: 0..1 per row of posts: drops posts without one
join editor.profile.user: 0..1 per row of posts: neither, while its foreign key holds`},
		{"a left join", spec(b.users, leftJoin("posts")), `
from users, 2 columns
left join posts: n per row of users: multiplies, null-extends`},
		{"a left join of a path joins all of it left", spec(b.users, leftJoin("posts.tags")), `
from users, 2 columns
left join posts: n per row of users: multiplies, null-extends
left join posts.tags: n per row of users: multiplies, null-extends`},
		{"a left join below a join", spec(b.users, join("posts"), leftJoin("posts.tags")), `
from users, 2 columns
join posts: n per row of users: multiplies, drops users without one
left join posts.tags: n per row of users: multiplies, null-extends`},
		{"a join below a left join", spec(b.users, leftJoin("posts"), join("posts.tags")), `
from users, 2 columns
left join posts: n per row of users: multiplies, null-extends
join posts.tags: n per row of users: multiplies, drops users without one`},
		{"a join beside a left join", spec(b.users, leftJoin("posts"), join("profile")), `
from users, 2 columns
left join posts: n per row of users: multiplies, null-extends
join profile: 0..1 per row of users: drops users without one`},
		{"a condition that a required row may not meet", spec(b.posts, join("author", equals("id"))), `
from posts, 4 columns
join author: 0..1 per row of posts: drops posts without one`},
		{"the same in a left join", spec(b.posts, leftJoin("author", equals("id"))), `
from posts, 4 columns
left join author: 0..1 per row of posts: null-extends`},
		{"a left join of a required row", spec(b.posts, leftJoin("author")), `
from posts, 4 columns
left join author: 1 per row of posts: neither, while its foreign key holds`},
		{"a join of a required row below a left join", spec(b.posts, leftJoin("editor"), join("editor.posts.author")), `
from posts, 4 columns
left join editor: 0..1 per row of posts: null-extends
join editor.posts: n per row of posts: multiplies, drops posts without one
join editor.posts.author: n per row of posts: neither, while its foreign key holds`},
		{"the same join twice", spec(b.users, join("posts"), join("posts")), `
from users, 2 columns
join posts: n per row of users: multiplies, drops users without one`},
		{"joined both ways is joined inner", spec(b.users, leftJoin("posts"), join("posts")), `
from users, 2 columns
join posts: n per row of users: multiplies, drops users without one`},
		{"joined both ways, the other way round", spec(b.users, join("posts"), leftJoin("posts")), `
from users, 2 columns
join posts: n per row of users: multiplies, drops users without one`},
		{"two relations to one table", spec(b.posts, join("author"), join("editor")), `
from posts, 4 columns
join author: 1 per row of posts: neither, while its foreign key holds
join editor: 0..1 per row of posts: drops posts without one`},
		{"a named path is joined inner when its row is always there", spec(b.posts, where(equals("author.id"))), `
from posts, 4 columns
join author: 1 per row of posts: neither, while its foreign key holds`},
		{"a named path is joined left when it may not be", spec(b.posts, where(equals("editor.id"))), `
from posts, 4 columns
left join editor: 0..1 per row of posts: null-extends`},
		{"below a left join a named path is joined left",
			spec(b.users, leftJoin("posts"), where(equals("posts.author.id"))), `
from users, 2 columns
left join posts: n per row of users: multiplies, null-extends
left join posts.author: n per row of users: null-extends`},
		{"below a named optional path too", spec(b.categories, where(equals("parent.parent.id"))), `
from categories, 3 columns
left join parent: 0..1 per row of categories: null-extends
left join parent.parent: 0..1 per row of categories: null-extends`},
		{"below an inner join of an optional path it is left again",
			spec(b.categories, join("parent"), where(equals("parent.parent.id"))), `
from categories, 3 columns
join parent: 0..1 per row of categories: drops categories without one
left join parent.parent: 0..1 per row of categories: null-extends`},
		{"a path named twice is joined once",
			spec(b.posts, where(equals("author.id")), orderBy("author.name"), outputs("author.name")), `
from posts, 1 columns
join author: 1 per row of posts: neither, while its foreign key holds`},
		{"a path named in order, group and having",
			spec(b.posts, outputs("author.name"), groupBy("author.name", "editor.id"), orderBy("author.name"),
				func(s *plan.Spec) { s.Having = []plan.Clause{{Method: "Having", Expr: equals("editor.id")}} }), `
from posts, 1 columns
left join editor: 0..1 per row of posts: null-extends
join author: 1 per row of posts: neither, while its foreign key holds`},
		{"a path named in SQL text", spec(b.posts, where(text(t, "lower(author.name) = 'x'"))), `
from posts, 4 columns
join author: 1 per row of posts: neither, while its foreign key holds`},
		{"a foreign name in SQL text is the caller's", spec(b.posts, where(text(t, "other.name = 'x'"))), `
from posts, 4 columns`},
		{"a path in a subquery's text is not joined",
			spec(b.posts, where(text(t, "id IN (SELECT author.id FROM users AS author)"))), `
from posts, 4 columns`},
		{"the root's own name", spec(b.posts, where(equals("posts.id"))), `
from posts, 4 columns`},
		{"a path from the root's own name", spec(b.posts, where(equals("posts.author.id"))), `
from posts, 4 columns
join author: 1 per row of posts: neither, while its foreign key holds`},
		{"an EXISTS joins nothing", spec(b.users, where(has("posts.tags", equals("id")))), `
from users, 2 columns`},
		{"an EXISTS beside a join", spec(b.users, join("posts"), where(plan.Or{has("posts"), equals("id")})), `
from users, 2 columns
join posts: n per row of users: multiplies, drops users without one`},
		{"distinct selects what it is ordered by",
			spec(b.posts, outputs("title"), distinct, orderBy("author.name", "title")), `
from posts, 2 columns
join author: 1 per row of posts: neither, while its foreign key holds`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := mustBuild(t, test.spec).String(); got != strings.TrimPrefix(test.want, "\n")+"\n" {
				t.Errorf("expected %s\ngot\n%s", test.want, got)
			}
		})
	}
}

func TestPlanSaysWhatIsPreloaded(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	titles := spec(b.posts, outputs("title"))
	for _, test := range []struct {
		name string
		spec *plan.Spec
		want string
	}{
		{"a relation", spec(b.users, preload("posts")), `
from users, 2 columns
preload posts: 1 statement
  from posts, 4 columns`},
		{"the owner's key is selected too", spec(b.posts, outputs("title"), preload("author")), `
from posts, 2 columns
preload author: 1 statement
  from users, 2 columns`},
		{"the related key is selected with the columns", spec(b.users, outputs("id"), preload("posts", titles)), `
from users, 1 columns
preload posts: 1 statement
  from posts, 3 columns`},
		{"a path loads its prefixes", spec(b.users, preload("posts.tags")), `
from users, 2 columns
preload posts: 1 statement
  from posts, 4 columns
  preload posts.tags: 1 statement
    from tags, 3 columns`},
		{"a prefix given later adds its query", spec(b.users, preload("posts.tags"), preload("posts", titles)), `
from users, 2 columns
preload posts: 1 statement
  from posts, 3 columns
  preload posts.tags: 1 statement
    from tags, 3 columns`},
		{"the same path twice is loaded once", spec(b.users, preload("posts"), preload("posts"), preload("posts")), `
from users, 2 columns
preload posts: 1 statement
  from posts, 4 columns`},
		{"the same query twice is one", spec(b.users, preload("posts", titles), preload("posts", titles)), `
from users, 2 columns
preload posts: 1 statement
  from posts, 3 columns`},
		{"paths of a query and of the query it is given meet", spec(b.users, preload("posts.editor"),
			preload("posts", spec(b.posts, preload("editor"), preload("tags")))), `
from users, 2 columns
preload posts: 1 statement
  from posts, 4 columns
  preload posts.editor: 1 statement
    from users, 2 columns
  preload posts.tags: 1 statement
    from tags, 3 columns`},
		{"siblings in the order they are named", spec(b.posts, preload("tags"), preload("author"), preload("tags.posts")), `
from posts, 4 columns
preload tags: 1 statement
  from tags, 3 columns
  preload tags.posts: 1 statement
    from posts, 4 columns
preload author: 1 statement
  from users, 2 columns`},
		{"the inverse of a has-many costs nothing", spec(b.users, preload("posts.author")), `
from users, 2 columns
preload posts: 1 statement
  from posts, 4 columns
  preload posts.author: the owner, no statement`},
		{"that of a has-one neither", spec(b.users, preload("profile.user")), `
from users, 2 columns
preload profile: 1 statement
  from profiles, 3 columns
  preload profile.user: the owner, no statement`},
		{"what lies below the inverse is loaded onto the owners", spec(b.users, preload("posts.author.profile")), `
from users, 2 columns
preload posts: 1 statement
  from posts, 4 columns
  preload posts.author: the owner, no statement
    preload posts.author.profile: 1 statement
      from profiles, 3 columns`},
		{"the owner's key for what lies below is selected",
			spec(b.posts, outputs("title"), preload("editor.edited.editor.posts")), `
from posts, 2 columns
preload editor: 1 statement
  from users, 2 columns
  preload editor.edited: 1 statement
    from posts, 4 columns
    preload editor.edited.editor: the owner, no statement
      preload editor.edited.editor.posts: 1 statement
        from posts, 4 columns`},
		{"a query for the inverse is a statement", spec(b.users, preload("posts.author", spec(b.users, outputs("name")))), `
from users, 2 columns
preload posts: 1 statement
  from posts, 4 columns
  preload posts.author: 1 statement
    from users, 2 columns`},
		{"the inverse of a belongs-to is a list of its own", spec(b.posts, preload("author.posts")), `
from posts, 4 columns
preload author: 1 statement
  from users, 2 columns
  preload author.posts: 1 statement
    from posts, 4 columns`},
		{"the inverse of a many-to-many is too", spec(b.posts, preload("tags.posts")), `
from posts, 4 columns
preload tags: 1 statement
  from tags, 3 columns
  preload tags.posts: 1 statement
    from posts, 4 columns`},
		{"a relation of a table to itself", spec(b.categories, preload("children.children"), preload("parent")), `
from categories, 3 columns
preload children: 1 statement
  from categories, 3 columns
  preload children.children: 1 statement
    from categories, 3 columns
preload parent: 1 statement
  from categories, 3 columns`},
		{"joins inside and outside are apart",
			spec(b.users, join("posts"), preload("posts", spec(b.posts, where(equals("author.id"))))), `
from users, 2 columns
join posts: n per row of users: multiplies, drops users without one
preload posts: 1 statement
  from posts, 4 columns
  join author: 1 per row of posts: neither, while its foreign key holds`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := mustBuild(t, test.spec).String(); got != strings.TrimPrefix(test.want, "\n")+"\n" {
				t.Errorf("expected %s\ngot\n%s", test.want, got)
			}
		})
	}
}

// TestPlanLeavesTheSpecAlone builds one spec often: what it binds must be copies.
func TestPlanLeavesTheSpecAlone(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	on := equals("title").(*plan.Compare)
	on.Class, on.Arg = graph.ClassText, "x"
	s := spec(b.users, leftJoin("posts", on), where(plan.And{equals("id"), has("posts", equals("id"))}),
		where(text(t, "users.id = ?", text(t, "posts.id"))), orderBy("name"), outputs("id", "name"), distinct,
		preload("posts", spec(b.posts, where(equals("author.id")))), limit(3))
	first := mustBuild(t, s).String()
	for range 3 {
		if again := mustBuild(t, s).String(); again != first {
			t.Fatalf("built again, the plan is another:\n%s\n%s", first, again)
		}
	}
	switch {
	case on.Col.Binding != nil || s.Where[0].Expr.(plan.And)[0].(*plan.Compare).Col.Binding != nil:
		t.Error("a condition of the spec was bound in place")
	case s.Where[0].Expr.(plan.And)[1].(*plan.Exists).Sub != nil:
		t.Error("an EXISTS of the spec was bound in place")
	case s.Where[1].Expr.(*plan.Text).Refs != nil || s.Where[1].Expr.(*plan.Text).Args[0].(*plan.Text).Refs != nil:
		t.Error("a text of the spec was bound in place")
	case len(s.Outputs) != 2 || len(s.OrderBy) != 1 || len(s.Joins) != 1:
		t.Error("the clauses of the spec were added to")
	}
}
