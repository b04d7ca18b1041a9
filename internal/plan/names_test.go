package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
)

// aliasesOf returns the aliases of the bindings and of the links before each.
func aliasesOf(bindings []*plan.Binding) []string {
	var names []string
	for _, b := range bindings {
		names = append(append(names, b.Links...), b.Alias)
	}
	return names
}

func TestAliasesArePaths(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	for _, test := range []struct {
		spec *plan.Spec
		want []string
	}{
		{spec(b.users), []string{"users"}},
		{spec(b.users, join("posts.tags")), []string{"users", "posts", "posts.tags#links", "posts.tags"}},
		{spec(b.categories, join("parent.parent"), join("children")),
			[]string{"categories", "parent", "parent.parent", "children"}},
		{spec(b.tags, join("posts.tags.posts")), []string{"tags", "posts#links", "posts", "posts.tags#links", "posts.tags",
			"posts.tags.posts#links", "posts.tags.posts"}},
	} {
		if got := aliasesOf(mustBuild(t, test.spec).Bindings); !slices.Equal(got, test.want) {
			t.Errorf("expected %q, got %q", test.want, got)
		}
	}
}

func TestAliasesHaveNoDotsWhereTheDatabaseTripsOverThem(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	q, err := plan.Build(spec(b.users, leftJoin("posts.tags")), nil, dialect.Features{FlatAliases: true})
	if err != nil {
		t.Fatal(err)
	}
	for i, alias := range aliasesOf(q.Bindings)[2:] {
		if strings.Contains(alias, ".") {
			t.Errorf("%d: %q stands in a parenthesized join and has a dot", i, alias)
		}
	}
}

// chain returns a table with one relation of that name to itself, whose path can be made as long as one likes.
func chain(tb testing.TB, tableName, relation string) *graph.Table {
	tb.Helper()
	t := table(tableName, []string{"id"}, integers("id", "up_id")...)
	errs := graph.Build([]*graph.Table{t}, []*graph.Declaration{
		{Kind: graph.BelongsTo, Name: relation, Owner: t, Related: t, ForeignKey: []string{"up_id"},
			Inverse: relation + "s"},
	})
	if len(errs) > 0 {
		tb.Fatal(errs)
	}
	return t
}

func repeated(name string, n int) string { return strings.TrimSuffix(strings.Repeat(name+".", n), ".") }

func TestLongAliasesAreShortenedAndStayApart(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, relation string
		limit          int
		cut            bool // whether any alias is too long
	}{
		{"short enough", strings.Repeat("a", 20), 63, false}, // the longest path has three names: 62 bytes
		{"too long", strings.Repeat("a", 21), 63, true},      // 65 bytes
		{"no limit", strings.Repeat("a", 60), 0, false},
		{"another limit", "relation", 12, true},
		{"two bytes a letter", strings.Repeat("ä", 20), 63, true},
		{"three bytes a letter", strings.Repeat("日", 15), 63, true},
		{"four bytes a letter", strings.Repeat("𝒳", 13), 63, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			table := chain(t, "t", test.relation)
			path := repeated(test.relation, 2)
			q, err := plan.Build(spec(table, join(path), join(path+"s"), where(has(path, has(test.relation)))), nil,
				dialect.Features{MaxIdent: test.limit})
			if err != nil {
				t.Fatal(err)
			}
			names := aliasesOf(q.Bindings)
			outer := q.Where[0].(*plan.Exists).Sub
			names = append(names, aliasesOf(outer.Bindings)...)
			names = append(names, aliasesOf(outer.Where[0].(*plan.Exists).Sub.Bindings)...)
			if len(names) != 7 {
				t.Fatalf("expected 7 aliases, got %q", names)
			}
			cut := false
			for i, n := range names {
				if test.limit > 0 && len(n) > test.limit {
					t.Errorf("%q has %d bytes", n, len(n))
				}
				if !utf8.ValidString(n) {
					t.Errorf("%q was cut inside a character", n)
				}
				if slices.Contains(names[:i], n) {
					t.Errorf("%q is given twice", n)
				}
				cut = cut || strings.Contains(n, "~")
			}
			if cut != test.cut {
				t.Errorf("expected an alias to be cut: %t, got %q", test.cut, names)
			}
		})
	}
}

func TestShortenedAliasesAreTheSameEachTime(t *testing.T) {
	t.Parallel()
	table := chain(t, "t", "relation_of_thirty_three_letters_")
	path := repeated("relation_of_thirty_three_letters_", 2)
	for range 5 {
		got := mustBuild(t, spec(table, join(path))).Bindings[2].Alias
		// 63 bytes: 54 of the path, a tilde and the FNV-1a hash of the path in eight digits.
		if want := path[:54] + "~"; !strings.HasPrefix(got, want) || len(got) != 63 {
			t.Fatalf("expected 63 bytes that start with %q, got %q", want, got)
		}
	}
	one := mustBuild(t, spec(table, join(path))).Bindings[2].Alias
	two := mustBuild(t, spec(table, join(path+"s"))).Bindings[2].Alias
	if one == two {
		t.Errorf("two paths have the alias %q", one)
	}
}

// TestTakenAliasesAreNumbered has tables with the names that paths have, and with those of the plan's own aliases.
func TestTakenAliasesAreNumbered(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	self := chain(t, "up.up", "up")
	for _, test := range []struct {
		name string
		spec *plan.Spec
		want []string
	}{
		{"the root has the name of a path", spec(self, join("up.up.up")), []string{"up.up", "up", "up.up_2", "up.up.up"}},
		{"a path has the name of the root", spec(chain(t, "up", "ups_of"), join("ups_of")), []string{"up", "ups_of"}},
	} {
		if got := aliasesOf(mustBuild(t, test.spec).Bindings); !slices.Equal(got, test.want) {
			t.Errorf("%s: expected %q, got %q", test.name, test.want, got)
		}
	}
	for _, name := range []string{plan.KeysName, "limited", "tags#links"} {
		related := chain(t, name, "up")
		q := mustBuild(t, spec(related, preload("up", spec(related, limit(1))))).Preloads[0].Query
		used := []string{q.ForOwners.Keys, q.ForOwners.Limited, q.Base.Alias}
		if q.Base.Alias != name || used[0] == used[2] || used[1] == used[2] || used[0] == used[1] {
			t.Errorf("table %q: the aliases %q are not apart", name, used)
		}
	}
	nested := mustBuild(t, spec(b.categories, join("children"), where(has("children", has("children", has("parent"))))))
	var inner []string
	for e := nested.Where[0].(*plan.Exists); e != nil; {
		inner = append(inner, aliasesOf(e.Sub.Bindings)...)
		if len(e.Sub.Where) == 0 {
			break
		}
		e = e.Sub.Where[0].(*plan.Exists)
	}
	if want := []string{"children_2", "children.children", "children.children.parent"}; !slices.Equal(inner, want) {
		t.Errorf("expected %q, got %q", want, inner)
	}
}

// TestNamesAreBoundToTheNearestMeaning says what each name of a condition means, by the alias it is bound to.
func TestNamesAreBoundToTheNearestMeaning(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	inHas := func(q *plan.Query) plan.Ref { return q.Where[0].(*plan.Exists).Sub.Where[0].(*plan.Compare).Col }
	inWhere := func(q *plan.Query) plan.Ref { return q.Where[0].(*plan.Compare).Col }
	inOn := func(q *plan.Query) plan.Ref { return q.Bindings[len(q.Bindings)-1].On[0].(*plan.Compare).Col }
	for _, test := range []struct {
		name string
		spec *plan.Spec
		at   func(*plan.Query) plan.Ref
		want string
	}{
		{"a bare name is the root's", spec(b.users, join("posts"), where(equals("id"))), inWhere, "users.id"},
		{"the root by its table's name", spec(b.users, where(equals("users.id"))), inWhere, "users.id"},
		{"a joined path", spec(b.users, join("posts"), where(equals("posts.id"))), inWhere, "posts.id"},
		{"a path by the root's name", spec(b.users, join("posts"), where(equals("users.posts.id"))), inWhere, "posts.id"},
		{"a bare name in ON is the joined table's", spec(b.users, join("posts", equals("id"))), inOn, "posts.id"},
		{"the root in ON", spec(b.users, join("posts", equals("users.id"))), inOn, "users.id"},
		{"a bare name in Has is the related table's", spec(b.users, where(has("posts", equals("id")))), inHas, "posts.id"},
		{"that of the last hop", spec(b.users, where(has("posts.tags", equals("id")))), inHas, "posts.tags.id"},
		{"the root in Has", spec(b.users, where(has("posts", equals("users.id")))), inHas, "users.id"},
		{"a to-one path in Has", spec(b.users, where(has("posts", equals("editor.id")))), inHas, "posts.editor.id"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ref := test.at(mustBuild(t, test.spec))
			if got := fmt.Sprintf("%s.%s", ref.Binding.Alias, ref.Column); got != test.want {
				t.Errorf("expected %s, got %s", test.want, got)
			}
		})
	}
}

func TestTextBindsOnlyNamesItKnows(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	q := mustBuild(t, spec(b.users, join("posts"),
		where(text(t, `posts.id = users.id AND other.id = 1 AND "posts".id = 2 AND 'posts.id' <> '' AND posts.* IS NOT NULL AND posts.id() = 1`))))
	bound := q.Where[0].(*plan.Text)
	var got []string
	for i, ref := range bound.Refs {
		if ref.Binding != nil {
			got = append(got, bound.SQL.Pieces[i].Text+"="+ref.Binding.Alias+"."+ref.Column)
		}
	}
	want := []string{"posts.id=posts.id", "users.id=users.id", "posts.*=posts.*"}
	if !slices.Equal(got, want) {
		t.Errorf("expected %q, got %q", want, got)
	}
}

// TestInARefusedPlaceNothingIsJoined holds for ON conditions and EXISTS, whose joins would be in the wrong place.
func TestInARefusedPlaceNothingIsJoined(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	q := mustBuild(t, spec(b.users, where(has("posts", equals("editor.id")))))
	if len(q.Bindings) != 1 {
		t.Errorf("the statement joins what its EXISTS names: %q", aliasesOf(q.Bindings))
	}
	sub := q.Where[0].(*plan.Exists).Sub
	if got, want := aliasesOf(sub.Bindings), []string{"posts", "posts.editor"}; !slices.Equal(got, want) {
		t.Errorf("expected %q, got %q", want, got)
	}
	if !sub.Bindings[1].Left {
		t.Error("an optional path named in an EXISTS is joined inner")
	}
}
