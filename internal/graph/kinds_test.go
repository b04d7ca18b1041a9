package graph_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail/internal/graph"
)

// newCatalog is a world with notes about authors and books.
func newCatalog() (*world, *graph.Table) {
	w := newWorld()
	notes := &graph.Table{Name: "notes", PrimaryKey: columns("id"), Columns: []graph.Column{
		integer("id"), text("item_type"), nullable("item_id"), text("body"),
	}}
	return w, notes
}

// shelf are relations to go along: authors.books, books.author, books.editor and books.writers.
func shelf(w *world) []*graph.Declaration {
	return []*graph.Declaration{
		{Kind: graph.HasMany, Name: "books", Owner: w.authors, Related: w.books, ForeignKey: columns("author_id"), Inverse: "author"},
		{Kind: graph.BelongsTo, Name: "editor", Owner: w.books, Related: w.authors, ForeignKey: columns("editor_id"), Inverse: "edited"},
		{Kind: graph.HasOne, Name: "first", Owner: w.authors, Related: w.books, ForeignKey: columns("author_id")},
		{Kind: graph.ManyToMany, Name: "writers", Owner: w.books, Related: w.authors, Through: w.links,
			ThroughOwner: columns("book_id"), ThroughRelated: columns("author_id")},
	}
}

// along declares relations through others: name, owner, related table and path of each.
func along(name string, owner, related *graph.Table, path string) *graph.Declaration {
	return &graph.Declaration{Kind: graph.HasManyThrough, Name: name, Owner: owner, Related: related, Path: path}
}

func TestThroughIsTheStepsOfItsPath(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		path  string
		from  func(*world) *graph.Table
		to    func(*world) *graph.Table
		steps string
		ways  bool
	}{
		{"books.edited", nil, nil, "", false}, // books has no relation of that name
		{"books", (*world).authorsTable, (*world).booksTable, "books", false},
		{"first", (*world).authorsTable, (*world).booksTable, "books", false},
		{"books.author", (*world).authorsTable, (*world).authorsTable, "books authors", true},
		{"books.writers", (*world).authorsTable, (*world).authorsTable, "books links authors", true},
		{"author.books", (*world).booksTable, (*world).booksTable, "authors books", false},
		{"editor.edited", (*world).booksTable, (*world).booksTable, "authors books", false},
		{"author.first.editor", (*world).booksTable, (*world).authorsTable, "authors books authors", false},
		{"writers", (*world).booksTable, (*world).authorsTable, "links authors", true},
		{"writers.books", (*world).booksTable, (*world).booksTable, "links authors books", true},
	} {
		w := newWorld()
		if test.from == nil {
			errs := w.build(append(shelf(w), along("far", w.authors, w.books, test.path))...)
			if len(errs) != 1 || !strings.Contains(errs[0].Error(), `table "books" has no relation "edited"`) {
				t.Errorf("%s: expected one mistake, got %v", test.path, errs)
			}
			continue
		}
		from, to := test.from(w), test.to(w)
		// A relation along the relation, declared before it, has the same steps.
		w.must(t, append(shelf(w), along("again", from, to, "far"), along("far", from, to, test.path))...)
		for _, name := range columns("far", "again") {
			r := mustRelation(t, from, name)
			steps := make([]string, 0, len(r.Steps))
			for _, s := range r.Steps {
				steps = append(steps, s.Table.Name)
			}
			if got := strings.Join(steps, " "); got != test.steps || r.Cardinality != graph.Many || r.Related != to || !r.Optional {
				t.Errorf("%s, %s: expected %q to %s, got %q to %s", test.path, name, test.steps, to.Name, got, r.Related.Name)
			}
			if r.InverseIsOwner || r.Inverse != nil {
				t.Errorf("%s, %s: expected no inverse", test.path, name)
			}
		}
		if r := mustRelation(t, from, "far"); r.Ways != test.ways {
			t.Errorf("%s: expected several ways: %v", test.path, test.ways)
		}
		ends := mustRelation(t, from, "again").EndsAt(len(mustRelation(t, from, "again").Steps) - 1)
		if len(ends) < 3 || ends[0].Name != "again" || ends[1].Name != "far" {
			t.Errorf("%s: expected again, far and its last relation at the end, got %v", test.path, ends)
		}
	}
}

func (w *world) authorsTable() *graph.Table { return w.authors }
func (w *world) booksTable() *graph.Table   { return w.books }

func TestPolymorphicKindsAnswerTheThreeQuestions(t *testing.T) {
	t.Parallel()
	w, notes := newCatalog()
	errs := graph.Build(append(w.tables(), notes), []*graph.Declaration{
		{Kind: graph.MorphMany, Name: "notes", Owner: w.authors, Related: notes, TypeColumn: "item_type", TypeValue: "a",
			IDColumn: "item_id", Inverse: "author"},
		{Kind: graph.MorphOne, Name: "note", Owner: w.books, Related: notes, TypeColumn: "item_type", TypeValue: "b", IDColumn: "item_id"},
		{Kind: graph.MorphTo, Name: "item", Owner: notes, TypeColumn: "item_type", IDColumn: "item_id",
			Types: []graph.Type{{Value: "a", Table: w.authors}, {Value: "b", Table: w.books}}},
	})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	is := func(value string) []graph.Constant {
		return []graph.Constant{{Column: "item_type", Value: value, Class: graph.ClassText}}
	}
	down := []graph.Pair{{From: "id", To: "item_id"}}
	up := []graph.Pair{{From: "item_id", To: "id"}}
	item := mustRelation(t, notes, "item")
	for _, test := range []struct {
		r       *graph.Relation
		many    bool
		step    graph.Step
		columns []string
		back    bool
	}{
		{mustRelation(t, w.authors, "notes"), true, graph.Step{Table: notes, On: down, OnTo: is("a")}, columns("id"), true},
		{mustRelation(t, w.books, "note"), false, graph.Step{Table: notes, On: down, OnTo: is("b")}, columns("id"), true},
		{mustRelation(t, notes, "author"), false, graph.Step{Table: w.authors, On: up, OnFrom: is("a"), Forward: true}, columns("item_id", "item_type"), false},
		{item.Each()[0], false, graph.Step{Table: w.authors, On: up, OnFrom: is("a"), Forward: true}, columns("item_id", "item_type"), false},
		{item.Each()[1], false, graph.Step{Table: w.books, On: up, OnFrom: is("b"), Forward: true}, columns("item_id", "item_type"), false},
	} {
		if !reflect.DeepEqual(test.r.Steps, []graph.Step{test.step}) {
			t.Errorf("%s: expected %v, got %v", test.r, test.step, test.r.Steps)
		}
		if got := test.r.OwnerColumns(); !reflect.DeepEqual(got, test.columns) {
			t.Errorf("%s: expected the columns %v, got %v", test.r, test.columns, got)
		}
		if (test.r.Cardinality == graph.Many) != test.many || test.r.InverseIsOwner != test.back || !test.r.Optional {
			t.Errorf("%s: many %v, back %v", test.r, test.r.Cardinality, test.r.InverseIsOwner)
		}
	}
	value := func(value string) func(any) bool { return func(v any) bool { return v == value } }
	if !item.HasType(value("b")) || item.HasType(value("c")) || item.Each()[0].VariantOf != item {
		t.Error("item has other variants than declared")
	}
	if err := item.UnknownType("c"); !strings.Contains(err.Error(), `"c"`) || !strings.Contains(err.Error(), `"a", "b"`) {
		t.Errorf("the unknown type is not named: %v", err)
	}
	if _, err := notes.Resolve("item", nil); err == nil || !strings.Contains(err.Error(), "MorphMany") {
		t.Errorf("expected a path to several tables to be refused, got %v", err)
	}
	if relations, rest, err := notes.Walk("item.books.author", nil); err != nil || len(relations) != 1 || rest != "books.author" {
		t.Errorf("expected one relation and the rest, got %v, %q, %v", relations, rest, err)
	}
}

func TestOneTypeValueMeansOneTable(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, second string
		sameTable    bool
		mistakes     int
	}{
		{"two values", "b", false, 0},
		{"one value for two tables", "a", false, 1},
		{"one value for one table under two structs", "a", true, 0},
	} {
		w, notes := newCatalog()
		other := w.books
		if test.sameTable {
			other = &graph.Table{Name: "authors", PrimaryKey: columns("id"), Columns: []graph.Column{integer("id")}}
		}
		many := func(owner *graph.Table, value string) *graph.Declaration {
			return &graph.Declaration{Kind: graph.MorphMany, Name: "notes", Owner: owner, Related: notes,
				TypeColumn: "item_type", TypeValue: value, IDColumn: "item_id"}
		}
		tables := append(w.tables(), notes)
		if test.sameTable {
			tables = append(tables, other)
		}
		errs := graph.Build(tables, []*graph.Declaration{many(w.authors, "a"), many(other, test.second)})
		if len(errs) != test.mistakes {
			t.Errorf("%s: expected %d mistakes, got %v", test.name, test.mistakes, errs)
		}
	}
}
