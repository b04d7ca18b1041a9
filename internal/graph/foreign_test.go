package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail/internal/graph"
)

// describe writes a foreign key on one line.
func describe(k *graph.ForeignKey) string {
	unique := ""
	if len(k.ToOne()) > 0 {
		unique = " unique"
	}
	var relations []string
	for _, r := range k.Relations {
		relations = append(relations, r.String())
	}
	return fmt.Sprintf("%s(%s) -> %s(%s) %s%s: %s", k.Table.Name, strings.Join(k.Columns, ","), k.References.Name,
		strings.Join(k.Referenced, ","), k.OnDelete, unique, strings.Join(relations, " "))
}

func describeAll(list []*graph.ForeignKey) string {
	var lines []string
	for _, k := range list {
		lines = append(lines, describe(k))
	}
	return strings.Join(lines, "\n")
}

func TestForeignKeysAreThoseOfAllRelations(t *testing.T) {
	t.Parallel()
	type decl = graph.Declaration
	for _, test := range []struct {
		name string
		give func(w *world) []*decl
		want string
	}{
		{"a has-many and its inverse are one", func(w *world) []*decl {
			return []*decl{{Kind: graph.HasMany, Name: "books", Owner: w.authors, Related: w.books,
				ForeignKey: columns("author_id"), Inverse: "author"}}
		}, "books(author_id) -> authors(id) RESTRICT: authors.books books.author"},
		{"so are two declarations, and the policy is that of the one that has it", func(w *world) []*decl {
			return []*decl{
				{Kind: graph.HasOne, Name: "book", Owner: w.authors, Related: w.books, ForeignKey: columns("author_id")},
				{Kind: graph.BelongsTo, Name: "author", Owner: w.books, Related: w.authors, ForeignKey: columns("author_id"),
					OnDelete: graph.Cascade},
			}
		}, "books(author_id) -> authors(id) CASCADE unique: authors.book books.author"},
		{"a has-one of some rows is not unique", func(w *world) []*decl {
			return []*decl{{Kind: graph.HasOne, Name: "book", Owner: w.authors, Related: w.books, Partial: true,
				ForeignKey: columns("author_id"), OnDelete: graph.NoAction}}
		}, "books(author_id) -> authors(id) NO ACTION: authors.book"},
		{"the rows of a join table go with both ends", func(w *world) []*decl {
			w.links.Columns = w.links.Columns[:2]
			return []*decl{{Kind: graph.ManyToMany, Name: "authors_too", Owner: w.books, Related: w.authors, Through: w.links,
				ThroughOwner: columns("book_id"), ThroughRelated: columns("author_id"), Inverse: "books_too"}}
		}, "links(author_id) -> authors(id) CASCADE: authors.books_too books.authors_too\n" +
			"links(book_id) -> books(id) CASCADE: authors.books_too books.authors_too"},
		{"unless they say more than that the ends are linked", func(w *world) []*decl {
			return []*decl{{Kind: graph.ManyToMany, Name: "authors_too", Owner: w.books, Related: w.authors, Through: w.links,
				ThroughOwner: columns("book_id"), ThroughRelated: columns("author_id")}}
		}, "links(book_id) -> books(id) RESTRICT: books.authors_too\n" +
			"links(author_id) -> authors(id) RESTRICT: books.authors_too"},
		{"whatever tells them apart", func(w *world) []*decl {
			w.links.PrimaryKey = columns("book_id", "author_id")
			return []*decl{{Kind: graph.ManyToMany, Name: "authors_too", Owner: w.books, Related: w.authors, Through: w.links,
				ThroughOwner: columns("book_id"), ThroughRelated: columns("author_id")}}
		}, "links(book_id) -> books(id) RESTRICT: books.authors_too\n" +
			"links(author_id) -> authors(id) RESTRICT: books.authors_too"},
		{"or the relation says otherwise", func(w *world) []*decl {
			w.links.Columns = w.links.Columns[:2]
			return []*decl{{Kind: graph.ManyToMany, Name: "authors_too", Owner: w.books, Related: w.authors, Through: w.links,
				ThroughOwner: columns("book_id"), ThroughRelated: columns("author_id"), OnDelete: graph.NoAction}}
		}, "links(book_id) -> books(id) NO ACTION: books.authors_too\n" +
			"links(author_id) -> authors(id) NO ACTION: books.authors_too"},
		{"or another relation goes along the key", func(w *world) []*decl {
			w.links.Columns = w.links.Columns[:2]
			return []*decl{
				{Kind: graph.ManyToMany, Name: "authors_too", Owner: w.books, Related: w.authors, Through: w.links,
					ThroughOwner: columns("book_id"), ThroughRelated: columns("author_id")},
				{Kind: graph.HasMany, Name: "links_too", Owner: w.books, Related: w.links, ForeignKey: columns("book_id")},
			}
		}, "links(book_id) -> books(id) RESTRICT: books.authors_too books.links_too\n" +
			"links(author_id) -> authors(id) CASCADE: books.authors_too"},
		{"and a relation with it may say it", func(w *world) []*decl {
			w.links.Columns = w.links.Columns[:2]
			return []*decl{
				{Kind: graph.ManyToMany, Name: "authors_too", Owner: w.books, Related: w.authors, Through: w.links,
					ThroughOwner: columns("book_id"), ThroughRelated: columns("author_id")},
				{Kind: graph.HasMany, Name: "links_too", Owner: w.books, Related: w.links, ForeignKey: columns("book_id"),
					OnDelete: graph.Restrict},
			}
		}, "links(book_id) -> books(id) RESTRICT: books.authors_too books.links_too\n" +
			"links(author_id) -> authors(id) CASCADE: books.authors_too"},
		{"several columns, in any order, of a table to itself", func(w *world) []*decl {
			return []*decl{
				{Kind: graph.BelongsTo, Name: "up", Owner: w.parts, Related: w.parts, ForeignKey: columns("up_shelf", "up_row")},
				{Kind: graph.HasMany, Name: "down", Owner: w.parts, Related: w.parts, ForeignKey: columns("up_row", "up_shelf"),
					References: columns("row", "shelf")},
			}
		}, "parts(up_shelf,up_row) -> parts(shelf,row) RESTRICT: parts.up parts.down"},
		{"two keys between the same tables", func(w *world) []*decl {
			return []*decl{
				{Kind: graph.HasMany, Name: "books", Owner: w.authors, Related: w.books, ForeignKey: columns("author_id")},
				{Kind: graph.HasMany, Name: "edited", Owner: w.authors, Related: w.books, ForeignKey: columns("editor_id"),
					OnDelete: graph.SetNull},
				{Kind: graph.HasManyThrough, Name: "peers", Owner: w.authors, Related: w.books, Path: "books.parent.edited"},
				{Kind: graph.BelongsTo, Name: "parent", Owner: w.books, Related: w.authors, ForeignKey: columns("author_id")},
			}
		}, "books(author_id) -> authors(id) RESTRICT: authors.books books.parent\n" +
			"books(editor_id) -> authors(id) SET NULL: authors.edited"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			w.must(t, test.give(w)...)
			var all, back []*graph.ForeignKey
			for _, table := range w.tables() {
				all = append(all, table.ForeignKeys()...)
				back = append(back, table.ReferencedBy()...)
				for _, k := range table.ForeignKeys() {
					if k.Table != table {
						t.Errorf("%s is not of %s", describe(k), table.Name)
					}
				}
			}
			if got := describeAll(all); got != test.want {
				t.Errorf("expected\n%s\ngot\n%s", test.want, got)
			}
			if len(back) != len(all) || slices.ContainsFunc(back, func(k *graph.ForeignKey) bool { return !slices.Contains(all, k) }) {
				t.Errorf("expected the same keys from the other end, got\n%s", describeAll(back))
			}
		})
	}
}

func TestPolymorphicKeysAreNoForeignKeys(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		first  graph.Kind
		second graph.Kind
		unique bool
	}{
		{"many", graph.MorphMany, graph.MorphMany, false},
		{"one of each", graph.MorphOne, graph.MorphOne, true},
		{"one of some", graph.MorphOne, graph.MorphMany, false},
		{"many of some", graph.MorphMany, graph.MorphOne, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w, notes := newCatalog()
			errs := graph.Build(append(w.tables(), notes), []*graph.Declaration{
				{Kind: graph.MorphTo, Name: "item", Owner: notes, TypeColumn: "item_type", IDColumn: "item_id",
					Types: []graph.Type{{Value: "a", Table: w.authors}, {Value: "b", Table: w.books}}},
				{Kind: test.first, Name: "note", Owner: w.authors, Related: notes, TypeColumn: "item_type", TypeValue: "a",
					IDColumn: "item_id", Inverse: "author"},
				{Kind: test.second, Name: "note", Owner: w.books, Related: notes, TypeColumn: "item_type", TypeValue: "b",
					IDColumn: "item_id"},
			})
			if len(errs) > 0 {
				t.Fatal(errs)
			}
			if got := notes.ForeignKeys(); len(got) > 0 {
				t.Errorf("expected no foreign keys, got %s", describeAll(got))
			}
			got := notes.Polymorphic()
			if len(got) != 1 || got[0].TypeColumn != "item_type" || got[0].IDColumn != "item_id" || (len(got[0].ToOne) > 0) != test.unique {
				t.Errorf("expected item_type and item_id, unique %t, got %+v", test.unique, got)
			}
			if len(w.authors.Polymorphic()) > 0 {
				t.Error("the table it points at does not hold it")
			}
		})
	}
}

func TestTablesComeAfterThoseTheyPointAt(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, keys, want string // keys: "a>b" is a key of a that points at b
		ahead            string
	}{
		{"as declared", "", "a b c d", ""},
		{"after those pointed at", "a>b b>d", "c d b a", ""},
		{"a table that points at itself", "a>a b>a", "a b c d", ""},
		{"two that point at each other", "a>b b>a c>a", "d a b c", "a>b"},
		{"a cycle behind a table", "a>b b>c c>d d>b", "b a d c", "b>c"},
		{"two keys in the cycle", "a>b a>b b>a", "c d a b", "a>b"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			tables := map[string]*graph.Table{}
			var all []*graph.Table
			for _, name := range []string{"a", "b", "c", "d", "a"} { // the last is another struct for the first
				table := &graph.Table{Name: name, PrimaryKey: columns("id"), Columns: []graph.Column{integer("id"), integer("key")}}
				all = append(all, table)
				if tables[name] == nil {
					tables[name] = table
				}
			}
			var declarations []*graph.Declaration
			for i, key := range strings.Fields(test.keys) {
				from, to, _ := strings.Cut(key, ">")
				declarations = append(declarations, &graph.Declaration{Kind: graph.BelongsTo, Name: fmt.Sprint("r", i),
					Owner: tables[from], Related: tables[to], ForeignKey: columns("key")})
			}
			if errs := graph.Build(all, declarations); len(errs) > 0 {
				t.Fatal(errs)
			}
			order, ahead := graph.Order(all)
			var names, keys []string
			for _, table := range order {
				names = append(names, table.Name)
			}
			for _, k := range ahead {
				keys = append(keys, k.Table.Name+">"+k.References.Name)
			}
			if got := strings.Join(names, " "); got != test.want {
				t.Errorf("expected the order %s, got %s", test.want, got)
			}
			if got := strings.Join(keys, " "); got != test.ahead {
				t.Errorf("expected %q to point ahead, got %q", test.ahead, got)
			}
			if len(tables["a"].ForeignKeys()) != len(all[4].ForeignKeys()) {
				t.Error("the two structs of one table do not have the same keys")
			}
		})
	}
}

func TestIdentityIsAnIntegerKeyOfItsOwn(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change func(*graph.Table)
		want   bool
	}{
		{"one integer", func(*graph.Table) {}, true},
		{"assigned", func(t *graph.Table) { t.Assigned = true }, false},
		{"text", func(t *graph.Table) { t.PrimaryKey = columns("title") }, false},
		{"two columns", func(t *graph.Table) { t.PrimaryKey = columns("id", "author_id") }, false},
		{"none", func(t *graph.Table) { t.PrimaryKey = nil }, false},
		{"a foreign key", func(t *graph.Table) { t.PrimaryKey = columns("author_id") }, false},
		{"filled otherwise", func(t *graph.Table) { t.Columns[0].Default = "next()" }, false},
		{"generated", func(t *graph.Table) { t.Columns[0].ReadOnly = true }, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			test.change(w.books)
			w.must(t, &graph.Declaration{Kind: graph.HasOne, Name: "book", Owner: w.authors, Related: w.books,
				ForeignKey: columns("author_id")})
			c, ok := w.books.Identity()
			if ok != test.want || ok && c.Name != "id" {
				t.Errorf("expected %t, got %t: %+v", test.want, ok, c)
			}
		})
	}
}

func TestPoliciesThatCannotBeAreRefused(t *testing.T) {
	t.Parallel()
	type decl = graph.Declaration
	books := func(w *world, policy graph.DeletePolicy, key ...string) *decl {
		return &decl{Kind: graph.HasMany, Name: "books", Owner: w.authors, Related: w.books, ForeignKey: key, OnDelete: policy}
	}
	for _, test := range []struct {
		name string
		give func(w *world) []*decl
		want string
	}{
		{"unknown", func(w *world) []*decl { return []*decl{books(w, 7, "author_id")} },
			`relation "authors.books": OnDelete is given an unknown policy; use Restrict, Cascade, SetNull, NoAction or ByDatabase`},
		{"a key that cannot be NULL", func(w *world) []*decl { return []*decl{books(w, graph.SetNull, "author_id")} },
			`relation "authors.books": OnDelete is SET NULL, but column "author_id" of "books" (int64) cannot become NULL; ` +
				`make the field *int64, or use another policy`},
		{"what the database has no constraint for", func(w *world) []*decl {
			d := books(w, graph.ByDatabase, "author_id")
			d.Logical = true
			return []*decl{d}
		}, `relation "authors.books": OnDelete leaves it to the database, which has no constraint for its key; use another policy, NoAction to ` +
			`leave the rows alone`},
		{"a primary key", func(w *world) []*decl {
			w.books.PrimaryKey = columns("editor_id")
			return []*decl{books(w, graph.SetNull, "editor_id")}
		}, `relation "authors.books": OnDelete is SET NULL, but "editor_id" is a column of the primary key of "books", which ` +
			`cannot become NULL; use another policy`},
		{"two along one key", func(w *world) []*decl {
			return []*decl{books(w, graph.Cascade, "author_id"), {Kind: graph.BelongsTo, Name: "author", Owner: w.books,
				Related: w.authors, ForeignKey: columns("author_id"), OnDelete: graph.Restrict}}
		}, `relation "books.author": its OnDelete is RESTRICT, but that of relation "authors.books" along the same key is ` +
			`CASCADE; declare it once`},
		{"a path", func(w *world) []*decl {
			return []*decl{{Kind: graph.HasManyThrough, Name: "far", Owner: w.authors, Related: w.books, Path: "books",
				OnDelete: graph.Cascade}, books(w, 0, "author_id")}
		}, `relation "authors.far": it can be read only; give OnDelete to the relations it goes along`},
		{"a many-to-many", func(w *world) []*decl {
			return []*decl{{Kind: graph.ManyToMany, Name: "far", Owner: w.books, Related: w.authors, Through: w.links,
				ThroughOwner: columns("book_id"), ThroughRelated: columns("author_id"), DeleteOrphans: true}}
		}, `relation "books.far": the far end of a row that is taken out of its join table "links" stays; leave DeleteOrphans out`},
		{"a condition that is more than constants", func(w *world) []*decl {
			d := books(w, graph.Cascade, "author_id")
			d.Rules.Other = true
			return []*decl{d}
		}, `relation "authors.books": it has a condition that is more than columns having a value, and can only be read along; give ` +
			`OnDelete to a relation without one`},
		{"orphans of a belongs-to", func(w *world) []*decl {
			return []*decl{{Kind: graph.BelongsTo, Name: "author", Owner: w.books, Related: w.authors,
				ForeignKey: columns("author_id"), DeleteOrphans: true}}
		}, `relation "books.author": DeleteOrphans is about the rows that point at "authors"; give it to the HasMany or HasOne of ` +
			`that table`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			errs := w.build(test.give(w)...)
			if len(errs) != 1 || errs[0].Error() != test.want {
				t.Errorf("expected\n%s\ngot\n%v", test.want, errs)
			}
		})
	}
}

// TestFreedColumns: of a key those columns become NULL that can and say nothing else.
func TestFreedColumns(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		scope string   // a column that a scope of the table compares
		other []string // another key of the table
		key   []string
		want  string
	}{
		{"", nil, columns("a", "b"), "[a b]"},
		{"", nil, columns("id", "a"), "[a]"},
		{"", nil, columns("k", "a"), "[a]"},
		{"", nil, columns("c", "b"), "[b]"},
		{"", nil, columns("c", "id", "k"), "[]"},
		{"a", nil, columns("a", "b"), "[b]"},
		{"a", nil, columns("a", "id"), "[a]"},
		{"", columns("a", "k"), columns("a", "b"), "[b]"},
		{"", columns("b", "a"), columns("a", "b"), "[a b]"},
		{"", columns("a", "k"), columns("a", "id"), "[a]"},
	} {
		w := newWorld()
		w.links = &graph.Table{Name: "links", PrimaryKey: columns("id", "k")}
		for _, c := range columns("id", "k", "a", "b", "c") {
			w.links.Columns = append(w.links.Columns, graph.Column{Name: c, Class: graph.ClassInteger, Nullable: c != "id", ReadOnly: c == "c"})
		}
		if test.scope != "" {
			w.links.Constants = []graph.Constant{{Column: test.scope, Value: 1}}
		}
		var declared []*graph.Declaration
		if test.other != nil {
			declared = append(declared, &graph.Declaration{Kind: graph.BelongsTo, Name: "up", Owner: w.links, Related: w.links, ForeignKey: test.other})
		}
		if errs := w.build(declared...); len(errs) > 0 {
			t.Fatal(errs)
		}
		if got := fmt.Sprint(w.links.Freed(test.key)); got != test.want {
			t.Errorf("%+v: got %s", test, got)
		}
	}
}
