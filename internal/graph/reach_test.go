package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail/internal/graph"
)

// reachOf follows keys from the table a. Each key is written as in "b>a:cascade": b points at a. Its column can be NULL, but not
// after "!", as in "b!a:cascade".
func reachOf(t *testing.T, keys string, soft bool) *graph.Reach {
	t.Helper()
	policies := map[string]graph.DeletePolicy{
		"cascade": graph.Cascade, "null": graph.SetNull, "restrict": graph.Restrict, "none": graph.NoAction,
	}
	tables := map[string]*graph.Table{}
	var all []*graph.Table
	for _, name := range []string{"a", "b", "c", "d", "a"} { // the last is another struct for the first
		table := &graph.Table{Name: name, PrimaryKey: columns("id"), Columns: []graph.Column{integer("id"), integer("marked")}}
		if name != "d" {
			table.SoftDelete = "marked"
		}
		all = append(all, table)
		if tables[name] == nil {
			tables[name] = table
		}
	}
	var declarations []*graph.Declaration
	for i, key := range strings.Fields(keys) {
		ends, policy, _ := strings.Cut(key, ":")
		from, to := tables[ends[:1]], tables[ends[2:]]
		column := integer(fmt.Sprint("key", i))
		column.Nullable = ends[1] == '>'
		from.Columns = append(from.Columns, column)
		declarations = append(declarations, &graph.Declaration{Kind: graph.BelongsTo, Name: fmt.Sprint("r", i), Owner: from,
			Related: to, ForeignKey: columns(column.Name), OnDelete: policies[policy]})
	}
	if errs := graph.Build(all, declarations); len(errs) > 0 {
		t.Fatal(errs)
	}
	return tables["a"].Reach(soft, nil)
}

func TestReachOfADelete(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, keys         string
		soft               bool
		order, ways, ahead string
		cyclic             string
	}{
		{"nothing points at it", "a>b:cascade", false, "a", "", "", ""},
		{"children go first", "b>a:cascade c>b:cascade", false, "c b a", "b.r0 c.r1", "", ""},
		{"what does not cascade is followed no further", "b>a:null c>b:cascade d>a:restrict", false, "a", "b.r0 d.r2", "", ""},
		{"a diamond is one part", "b>a:cascade c>a:cascade d>b:cascade d>c:cascade", false, "d c b a", "b.r0 c.r1 d.r2 d.r3", "", ""},
		{"a tree", "a>a:cascade b>a:none", false, "a", "a.r0 b.r1", "", ""},
		{"a cycle of two", "b>a:cascade a>b:cascade", false, "b a", "b.r0 a.r1", "a.r1", "a b"},
		{"a cycle of two whose one key cannot be NULL", "b>a:cascade a!b:cascade", false, "a b", "b.r0 a.r1", "b.r0", "a b"},
		{"a cycle beside", "b>a:cascade c>b:cascade b>c:cascade", false, "c b a", "b.r0 c.r1 b.r2", "b.r2", "b c"},
		{"a key back that does not cascade", "b>a:cascade a>b:restrict", false, "b a", "b.r0 a.r1", "a.r1", ""},
		{"marks go where marks are", "b>a:cascade c>b:restrict d>a:cascade c>a:null", true, "b a", "b.r0", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := reachOf(t, test.keys, test.soft)
			ways := func(list []*graph.Way) string {
				var names []string
				for _, w := range list {
					names = append(names, w.Relation.String())
				}
				return strings.Join(names, " ")
			}
			var order, cyclic []string
			for _, p := range r.Order {
				order = append(order, p.Table.Name)
			}
			for _, p := range r.Parts {
				if p.Cyclic {
					cyclic = append(cyclic, p.Table.Name)
				}
			}
			for _, c := range []struct{ what, got, want string }{
				{"order", strings.Join(order, " "), test.order}, {"ways", ways(r.Ways), test.ways},
				{"ahead", ways(r.Ahead), test.ahead}, {"cyclic", strings.Join(cyclic, " "), test.cyclic},
			} {
				if c.got != c.want {
					t.Errorf("%s: expected %q, got %q", c.what, c.want, c.got)
				}
			}
		})
	}
}

func TestPoliciesOfAPolymorphicReferenceMustAgree(t *testing.T) {
	t.Parallel()
	w, notes := newCatalog()
	note := func(name string, policy graph.DeletePolicy) *graph.Declaration {
		return &graph.Declaration{Kind: graph.MorphMany, Name: name, Owner: w.authors, Related: notes, TypeColumn: "item_type",
			TypeValue: "a", IDColumn: "item_id", OnDelete: policy}
	}
	errs := graph.Build(append(w.tables(), notes), []*graph.Declaration{
		note("notes", graph.Unsaid), note("short", graph.Cascade), note("long", graph.Cascade), note("old", graph.NoAction),
	})
	const want = `"authors.old": its OnDelete is NO ACTION, but that of relation "authors.short"`
	if len(errs) != 1 || !strings.Contains(errs[0].Error(), want) {
		t.Errorf("expected one mistake, got %v", errs)
	}
}

// A polymorphic reference is known to no database: without a policy it restricts, from whichever end it is declared.
func TestReachAlongPolymorphicReferences(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		policy graph.DeletePolicy
		want   string
		back   bool
	}{
		{graph.Unsaid, "RESTRICT authors.notes", true},
		{graph.Cascade, "CASCADE authors.notes", true},
		{graph.Unsaid, "RESTRICT notes.item", false},
	} {
		w, notes := newCatalog()
		declarations := []*graph.Declaration{{Kind: graph.MorphTo, Name: "item", Owner: notes, TypeColumn: "item_type",
			IDColumn: "item_id", Types: []graph.Type{{Value: "a", Table: w.authors}, {Value: "b", Table: w.books}}}}
		if test.back {
			declarations = append(declarations, &graph.Declaration{Kind: graph.MorphMany, Name: "notes", Owner: w.authors,
				Related: notes, TypeColumn: "item_type", TypeValue: "a", IDColumn: "item_id", Inverse: "author",
				OnDelete: test.policy})
		}
		if errs := graph.Build(append(w.tables(), notes), declarations); len(errs) > 0 {
			t.Fatal(errs)
		}
		ways := w.authors.Reach(false, nil).Ways
		if len(ways) != 1 {
			t.Fatalf("expected one way, got %d", len(ways))
		}
		got := fmt.Sprint(ways[0].OnDelete, " ", ways[0].Relation)
		if got != test.want || *ways[0].Type != (graph.Constant{Column: "item_type", Value: "a", Class: graph.ClassText}) {
			t.Errorf("expected %s, got %s, %+v", test.want, got, ways[0].Type)
		}
	}
}

// What a relation's rules say of the rows that point is compared along the key, and tells apart what happens to them.
func TestReachAlongConstants(t *testing.T) {
	t.Parallel()
	is := func(column string, value any) graph.Constant {
		return graph.Constant{Column: column, Value: value, Class: graph.ClassText}
	}
	titled := func(values ...any) (c graph.Constants) {
		for _, v := range values {
			c.Own = append(c.Own, is("title", v))
		}
		return c
	}
	books := func(w *world, name string, policy graph.DeletePolicy, rules graph.Constants) *graph.Declaration {
		return &graph.Declaration{Kind: graph.HasMany, Name: name, Owner: w.authors, Related: w.books,
			ForeignKey: columns("editor_id"), OnDelete: policy, Rules: rules}
	}
	editor := func(w *world, policy graph.DeletePolicy, rules graph.Constants) *graph.Declaration {
		return &graph.Declaration{Kind: graph.BelongsTo, Name: "editor", Owner: w.books, Related: w.authors,
			ForeignKey: columns("editor_id"), OnDelete: policy, Rules: rules}
	}
	linked := func(w *world, name, note string, policy graph.DeletePolicy) *graph.Declaration {
		w.links.Columns = slices.DeleteFunc(w.links.Columns, func(c graph.Column) bool { return c.Name == "shelf" || c.Name == "row" })
		return &graph.Declaration{Kind: graph.ManyToMany, Name: name, Owner: w.authors, Related: w.books, Through: w.links,
			ThroughOwner: columns("author_id"), ThroughRelated: columns("book_id"), OnDelete: policy,
			Rules: graph.Constants{Own: []graph.Constant{is("title", "x")}, Link: []graph.Constant{is("note", note)}}}
	}
	for _, test := range []struct {
		name string
		give func(w *world) []*graph.Declaration
		want string
		key  string // what the database does
	}{
		{"some rows", func(w *world) []*graph.Declaration {
			return []*graph.Declaration{books(w, "poems", graph.Cascade, titled("p"))}
		}, "CASCADE authors.poems [title=p]; NO ACTION authors.poems but [title=p]", "RESTRICT"},
		{"some rows, and the rest", func(w *world) []*graph.Declaration {
			return []*graph.Declaration{books(w, "poems", graph.Cascade, titled("p")), editor(w, 0, graph.Constants{})}
		}, "CASCADE authors.poems [title=p]; RESTRICT books.editor but [title=p]", "RESTRICT"},
		{"no policy of their own", func(w *world) []*graph.Declaration {
			return []*graph.Declaration{books(w, "poems", 0, titled("p")), editor(w, graph.Cascade, graph.Constants{})}
		}, "CASCADE books.editor", "CASCADE"},
		{"the same policy", func(w *world) []*graph.Declaration {
			return []*graph.Declaration{books(w, "poems", graph.SetNull, titled("p")), editor(w, graph.SetNull, graph.Constants{})}
		}, "SET NULL books.editor", "SET NULL"},
		{"rules about the row that is pointed at", func(w *world) []*graph.Declaration {
			return []*graph.Declaration{editor(w, graph.Cascade, graph.Constants{Own: []graph.Constant{is("name", "x")}})}
		}, "CASCADE books.editor", "CASCADE"},
		{"two of the same rows", func(w *world) []*graph.Declaration {
			return []*graph.Declaration{books(w, "poems", 0, titled("p", "q")), books(w, "songs", graph.SetNull, titled("q", "p"))}
		}, "SET NULL authors.poems [title=p title=q]; NO ACTION authors.poems but [title=p title=q]", "RESTRICT"},
		{"links", func(w *world) []*graph.Declaration {
			return []*graph.Declaration{linked(w, "written", "w", 0), linked(w, "edited", "e", graph.NoAction)}
		}, "CASCADE authors.written [note=w]; NO ACTION authors.edited [note=e]; NO ACTION authors.written but [note=w] but [note=e]", "RESTRICT"},
		{"links that hold more than their keys and what is given", func(w *world) []*graph.Declaration {
			w.links.Columns, w.links.PrimaryKey = append(w.links.Columns, text("more")), columns("book_id", "author_id")
			return []*graph.Declaration{linked(w, "written", "w", 0)}
		}, "RESTRICT authors.written [note=w]; NO ACTION authors.written but [note=w]", "RESTRICT"},
		{"links that hold what a scope gives them", func(w *world) []*graph.Declaration {
			w.links.Columns = append(w.links.Columns, integer("odd"))
			w.links.Constants = []graph.Constant{{Column: "odd", Value: 7, Scope: "strange"}}
			return []*graph.Declaration{linked(w, "written", "w", 0)}
		}, "CASCADE authors.written [note=w odd=7]; NO ACTION authors.written [odd=7] but [note=w]", "RESTRICT"},
		{"values that the context gives are not known to be the same", func(w *world) []*graph.Declaration {
			late := graph.Constants{Own: []graph.Constant{{Column: "title", Value: "late"}}}
			return []*graph.Declaration{books(w, "poems", graph.SetNull, late), books(w, "songs", graph.Cascade, late)}
		}, "SET NULL authors.poems [title=late]; CASCADE authors.songs [title=late]; NO ACTION authors.poems but [title=late] but [title=late]",
			"RESTRICT"},
		{"a scope", func(w *world) []*graph.Declaration {
			w.books.Constants = []graph.Constant{{Column: "odd", Value: 7, Scope: "strange"}}
			return []*graph.Declaration{books(w, "poems", graph.Cascade, titled("p"))}
		}, "CASCADE authors.poems [title=p odd=7]; NO ACTION authors.poems [odd=7] but [title=p]", "RESTRICT"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			w.must(t, test.give(w)...)
			list := func(constants []graph.Constant) string {
				var all []string
				for _, c := range constants {
					all = append(all, fmt.Sprintf("%s=%v", c.Column, c.Value))
				}
				return "[" + strings.Join(all, " ") + "]"
			}
			var got []string
			for _, way := range w.authors.Reach(false, nil).Ways {
				text := fmt.Sprint(way.OnDelete, " ", way.Relation)
				if len(way.Constants) > 0 {
					text += " " + list(way.Constants)
				}
				for _, except := range way.Except {
					text += " but " + list(except)
				}
				got = append(got, text)
			}
			if got := strings.Join(got, "; "); got != test.want {
				t.Errorf("expected\n%s\ngot\n%s", test.want, got)
			}
			for _, k := range w.authors.ReferencedBy() {
				if k.OnDelete.String() != test.key {
					t.Errorf("expected the database's policy to be %s, got %s", test.key, k.OnDelete)
				}
			}
			if bare := w.authors.Reach(false, []string{"strange"}).Ways[0].Constants; len(bare) > 0 && bare[len(bare)-1].Column == "odd" {
				t.Error("expected no constant of a scope that is lifted")
			}
		})
	}
}
