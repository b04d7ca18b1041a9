package graph_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail/internal/graph"
)

func integer(name string) graph.Column {
	return graph.Column{Name: name, Class: graph.ClassInteger, GoType: "int64"}
}

func nullable(name string) graph.Column {
	return graph.Column{Name: name, Class: graph.ClassInteger, GoType: "*int64", Nullable: true}
}

func text(name string) graph.Column {
	return graph.Column{Name: name, Class: graph.ClassText, GoType: "string"}
}

// world is a set of tables to declare relations on.
type world struct {
	authors, books, links, parts, keyless *graph.Table
}

func newWorld() *world {
	return &world{
		authors: &graph.Table{Name: "authors", PrimaryKey: []string{"id"}, Columns: []graph.Column{
			integer("id"), text("name"), {Name: "book_count", Class: graph.ClassInteger, Computed: true},
			{Name: "extra", Class: graph.ClassDocument, GoType: "json.RawMessage"},
		}},
		books: &graph.Table{Name: "books", PrimaryKey: []string{"id"}, Columns: []graph.Column{
			integer("id"), integer("author_id"), nullable("editor_id"), text("title"),
			{Name: "meta", Class: graph.ClassDocument, GoType: "json.RawMessage"},
			{Name: "odd", Class: graph.ClassCustom, GoType: "p.Odd"},
		}},
		links: &graph.Table{Name: "links", Columns: []graph.Column{
			integer("book_id"), integer("author_id"), integer("shelf"), integer("row"), text("note"),
		}},
		parts: &graph.Table{Name: "parts", PrimaryKey: []string{"shelf", "row"}, Columns: []graph.Column{
			integer("shelf"), integer("row"), nullable("up_shelf"), integer("up_row"),
		}},
		keyless: &graph.Table{Name: "keyless", Columns: []graph.Column{text("name")}},
	}
}

func (w *world) tables() []*graph.Table {
	return []*graph.Table{w.authors, w.books, w.links, w.parts, w.keyless}
}

func (w *world) build(declarations ...*graph.Declaration) []error {
	return graph.Build(w.tables(), declarations)
}

// must builds declarations without a mistake.
func (w *world) must(tb testing.TB, declarations ...*graph.Declaration) {
	tb.Helper()
	if errs := w.build(declarations...); len(errs) > 0 {
		tb.Fatal(errs)
	}
}

func mustRelation(tb testing.TB, t *graph.Table, name string) *graph.Relation {
	tb.Helper()
	r, ok := t.Relation(name)
	if !ok {
		tb.Fatalf("table %q has no relation %q", t.Name, name)
	}
	return r
}

func columns(names ...string) []string { return names }

func TestBuildReportsEachMistake(t *testing.T) {
	t.Parallel()
	type declaration = graph.Declaration
	books := func(change func(*declaration, *world)) func(*world) []*declaration {
		return func(w *world) []*declaration {
			d := &declaration{Kind: graph.HasMany, Name: "books", Owner: w.authors, Related: w.books,
				ForeignKey: columns("author_id"), Where: "a.go:1"}
			change(d, w)
			return []*declaration{d}
		}
	}
	through := func(change func(*declaration, *world)) func(*world) []*declaration {
		return func(w *world) []*declaration {
			d := &declaration{Kind: graph.ManyToMany, Name: "books", Owner: w.authors, Related: w.books, Through: w.links,
				ThroughOwner: columns("author_id"), ThroughRelated: columns("book_id"), Where: "a.go:1"}
			change(d, w)
			return []*declaration{d}
		}
	}
	for _, test := range []struct {
		name    string
		declare func(*world) []*declaration
		want    []string
	}{
		{"related nil", books(func(d *declaration, _ *world) { d.Related = nil }),
			columns(`relation "authors.books": the related table is nil; declare it with NewTable before the relation`)},
		{"no foreign key", books(func(d *declaration, _ *world) { d.ForeignKey = nil }),
			columns(`relation "authors.books": no foreign key; name the columns of "books" that point at "authors" with ForeignKey`)},
		{"no foreign key of a belongs-to", books(func(d *declaration, w *world) {
			d.Kind, d.Name, d.Owner, d.Related, d.ForeignKey = graph.BelongsTo, "author", w.books, w.authors, nil
		}), columns(`relation "books.author": no foreign key; name the columns of "books" that point at "authors" with ForeignKey`)},
		{"misspelt", books(func(d *declaration, _ *world) { d.ForeignKey = columns("autor_id") }),
			columns(`relation "authors.books": table "books" has no column "autor_id"; did you mean "author_id"?`)},
		{"both sides misspelt", books(func(d *declaration, _ *world) {
			d.ForeignKey,
				d.References = columns("autor_id"), columns("di")
		}),
			columns(`relation "authors.books": table "books" has no column "autor_id"; did you mean "author_id"?`,
				`relation "authors.books": table "authors" has no column "di"; did you mean "id"?`)},
		{"a computed column is none", books(func(d *declaration, _ *world) { d.References = columns("book_count") }),
			columns(`book_count`)},
		{"references a table without a key", books(func(d *declaration, w *world) { d.Owner = w.keyless }),
			columns(`relation "keyless.books": table "keyless" has no primary key; name the columns the foreign key points at with References`)},
		{"no keys at all", books(func(d *declaration, w *world) { d.Owner, d.ForeignKey = w.keyless, nil }),
			columns(`no foreign key`, `table "keyless" has no primary key`)},
		{"column counts differ", books(func(d *declaration, w *world) { d.Owner = w.parts }),
			columns(`relation "parts.books": 1 foreign key column(s) (author_id) of "books" for 2 column(s) (shelf, row) of "parts"`)},
		{"a column twice", books(func(d *declaration, w *world) {
			d.Owner, d.ForeignKey = w.parts, columns("author_id", "author_id")
		}), columns(`relation "parts.books": column "author_id" is named twice`)},
		{"kinds of value differ", books(func(d *declaration, _ *world) { d.ForeignKey = columns("title") }),
			columns(`relation "authors.books": cannot match authors.id (int64) with books.title (string)`)},
		{"a document as a key", books(func(d *declaration, _ *world) {
			d.ForeignKey, d.References = columns("meta"),
				columns("extra")
		}),
			columns(`column "meta" of "books" (json.RawMessage) cannot be a key: documents have no equality`,
				`column "extra" of "authors" (json.RawMessage) cannot be a key: documents have no equality`)},
		{"join table nil", through(func(d *declaration, _ *world) { d.Through = nil }),
			columns(`relation "authors.books": the join table is nil; declare it with NewTable before the relation`)},
		{"join table without keys", through(func(d *declaration, _ *world) { d.ThroughOwner = nil }),
			columns(`no keys of the join table "links"; name its columns that point at "authors" and at "books" with ThroughKeys`)},
		{"both keys of the join table the same",
			through(func(d *declaration, _ *world) { d.ThroughRelated = d.ThroughOwner }),
			columns(`join table "links" needs two different key columns, has "author_id" twice`)},
		{"foreign key of a many-to-many", through(func(d *declaration, _ *world) { d.ForeignKey = columns("author_id") }),
			columns(`ForeignKey and References are not for many-to-many; ThroughKeys names the join table's columns`)},
		{"join table misspelt on both sides", through(func(d *declaration, _ *world) {
			d.ThroughOwner, d.ThroughRelated = columns("autor_id"), columns("bok_id")
		}), columns(`table "links" has no column "autor_id"; did you mean "author_id"?`, `table "links" has no column "bok_id"; did you mean "book_id"?`)},
		{"many-to-many without a primary key", through(func(d *declaration, w *world) { d.Related = w.keyless }),
			columns(`table "keyless" has no primary key for the join table to point at`)},
		{"many-to-many with a short composite key",
			through(func(d *declaration, w *world) { d.Related, d.ThroughRelated = w.parts, columns("shelf") }),
			columns(`1 foreign key column(s) (shelf) of "links" for 2 column(s) (shelf, row) of "parts"`)},
		{"declared twice", func(w *world) []*declaration {
			one, two := books(func(*declaration, *world) {})(w), books(func(d *declaration,
				_ *world) {
				d.Where = "b.go:9"
			})(w)
			return append(one, two...)
		}, columns(`relation "authors.books" declared twice (a.go:1, b.go:9); give one another name`)},
		{"inverse declared again", func(w *world) []*declaration {
			one := books(func(d *declaration, _ *world) { d.Inverse = "author" })(w)
			return append(one, &declaration{Kind: graph.BelongsTo, Name: "author", Owner: w.books, Related: w.authors,
				ForeignKey: columns("author_id"), Where: "b.go:9"})
		}, columns(`relation "books.author" declared twice (a.go:1, b.go:9); give one another name`)},
		{"no name", books(func(d *declaration, _ *world) { d.Name = "" }),
			columns(`relation "authors.": the name is empty`)},
		{"a dot in the name", books(func(d *declaration, _ *world) { d.Name = "a.b" }),
			columns(`relation "authors.a.b": a name is made of letters, digits and underscores, and does not start with a digit`)},
		{"a digit first", books(func(d *declaration, _ *world) { d.Name = "1st" }), columns(`does not start with a digit`)},
		{"a line break in the name", books(func(d *declaration, _ *world) { d.Name = "a\nb" }),
			columns(`the name contains U+000A at byte 1`)},
		{"not UTF-8", books(func(d *declaration, _ *world) { d.Name = "a\xff" }), columns(`the name is not valid UTF-8`)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			errs := w.build(test.declare(w)...)
			if len(errs) != len(test.want) {
				t.Fatalf("expected %d mistakes, got %d: %v", len(test.want), len(errs), errs)
			}
			for i, want := range test.want {
				if !strings.Contains(errs[i].Error(), want) {
					t.Errorf("expected %q, got %q", want, errs[i])
				}
				is := graph.ErrInvalidRelation
				if strings.Contains(want, "table is nil") {
					is = graph.ErrUnknownTable
				}
				if !errors.Is(errs[i], is) {
					t.Errorf("is not %q: %v", is, errs[i])
				}
			}
		})
	}
}

func TestRelationsMayHaveNamesOfColumns(t *testing.T) {
	t.Parallel()
	w := newWorld()
	errs := w.build(&graph.Declaration{Kind: graph.HasMany, Name: "name", Owner: w.authors, Related: w.books,
		ForeignKey: columns("author_id"), Inverse: "title", Where: "a.go:1"},
		&graph.Declaration{Kind: graph.HasMany, Name: "authors", Owner: w.authors, Related: w.books, // of the table itself
			ForeignKey: columns("editor_id"), Inverse: "books", Where: "a.go:2"})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	path, err := w.authors.Resolve("name.title.name", nil)
	if err != nil || len(path) != 3 || path[1].Related != w.authors {
		t.Errorf("the path leads along %v, %v", path, err)
	}
	for table, name := range map[*graph.Table]string{w.authors: "name", w.books: "title"} {
		if _, ok := table.Column(name); !ok {
			t.Errorf("%s has no column %q any more", table.Name, name)
		}
		if r, ok := table.Relation(name); !ok || r.Name != name {
			t.Errorf("%s has no relation %q", table.Name, name)
		}
	}
}

func TestBuildReportsTheTablesMistakes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		table *graph.Table
		want  string
		is    error
	}{
		{"no name", &graph.Table{}, `table "": the table's name is empty`, graph.ErrUnknownTable},
		{"a zero byte", &graph.Table{Name: "a\x00"}, `table "a\x00": the table's name contains U+0000 at byte 1`,
			graph.ErrUnknownTable},
		{"a line separator", &graph.Table{Name: "a\u2028"}, `contains U+2028 at byte 1`, graph.ErrUnknownTable},
		{"schema", &graph.Table{Schema: "\t", Name: "a"}, `the schema's name contains U+0009 at byte 0`,
			graph.ErrUnknownTable},
		{"column", &graph.Table{Name: "a", Columns: []graph.Column{text("b\r")}}, `contains U+000D at byte 1`,
			graph.ErrUnknownColumn},
		{"primary key", &graph.Table{Name: "a", Columns: []graph.Column{integer("id")}, PrimaryKey: columns("di")},
			`table "a" has no column "di"; did you mean "id"?`, graph.ErrUnknownColumn},
		{"primary key twice", &graph.Table{Name: "a", Columns: []graph.Column{integer("id")},
			PrimaryKey: columns("id", "id")},
			`table "a": primary key: column "id" is named twice`, graph.ErrInvalidRelation},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			errs := graph.Build([]*graph.Table{test.table}, nil)
			if len(errs) != 1 || !strings.Contains(errs[0].Error(), test.want) || !errors.Is(errs[0], test.is) {
				t.Errorf("expected one mistake with %q that is %q, got %q", test.want, test.is, errs)
			}
		})
	}
}

// TestBuildFindsAllMistakes has mistakes in several tables and relations at once.
func TestBuildFindsAllMistakes(t *testing.T) {
	t.Parallel()
	w := newWorld()
	errs := w.build(
		&graph.Declaration{Kind: graph.HasMany, Name: "books", Owner: w.authors, Related: w.books},
		&graph.Declaration{Kind: graph.HasOne, Name: "book", Owner: w.authors, Related: w.books,
			ForeignKey: columns("author_id")},
		&graph.Declaration{Kind: graph.BelongsTo, Name: "author", Owner: w.books, Related: w.authors,
			ForeignKey: columns("nope")},
	)
	if len(errs) != 2 {
		t.Errorf("expected two mistakes, got %v", errs)
	}
	bad := []*graph.Table{{Name: ""}, {Name: "a", PrimaryKey: columns("x", "y")}}
	if errs := graph.Build(bad, nil); len(errs) != 3 {
		t.Errorf("expected three mistakes, got %v", errs)
	}
}

func TestAProblemNamesTableAndRelation(t *testing.T) {
	t.Parallel()
	w := newWorld()
	errs := w.build(&graph.Declaration{Kind: graph.HasMany, Name: "books", Owner: w.authors, Related: w.books})
	var p *graph.Problem
	if len(errs) != 1 || !errors.As(errs[0], &p) || p.Table != "authors" || p.Relation != "books" {
		t.Errorf("expected authors and books, got %#v", errs)
	}
}

// answers are the three questions a relation answers, and what follows from them.
type answers struct {
	cardinality graph.Cardinality
	optional    bool
	steps       []graph.Step // the join
	ownerKey    []string     // what a fetch collects
	matchKey    []string     // where the key sits in its result
	direct      bool
	fromOwner   bool
}

func answersOf(r *graph.Relation) answers {
	return answers{r.Cardinality, r.Optional, r.Steps, r.OwnerKey(), r.MatchKey(), r.Direct(), r.InverseIsOwner}
}

func step(t *graph.Table, pairs ...string) graph.Step {
	s := graph.Step{Table: t}
	for i := 0; i < len(pairs); i += 2 {
		s.On = append(s.On, graph.Pair{From: pairs[i], To: pairs[i+1]})
	}
	return s
}

// forward is a step whose foreign key is in the table it comes from.
func forward(t *graph.Table, pairs ...string) graph.Step {
	s := step(t, pairs...)
	s.Forward = true
	return s
}

func TestEachKindAnswersTheThreeQuestions(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		declare func(*world) *graph.Declaration
		want    func(*world) (relation, inverse answers)
	}{
		{"has-many", func(w *world) *graph.Declaration {
			return &graph.Declaration{Kind: graph.HasMany, Owner: w.authors, Related: w.books,
				ForeignKey: columns("author_id")}
		}, func(w *world) (answers, answers) {
			return answers{graph.Many, true, []graph.Step{step(w.books, "id", "author_id")}, columns("id"),
					columns("author_id"), true, true},
				answers{graph.One, false, []graph.Step{forward(w.authors, "author_id", "id")}, columns("author_id"),
					columns("id"), true, false}
		}},
		{"has-one over a nullable key", func(w *world) *graph.Declaration {
			return &graph.Declaration{Kind: graph.HasOne, Owner: w.authors, Related: w.books,
				ForeignKey: columns("editor_id")}
		}, func(w *world) (answers, answers) {
			return answers{graph.One, true, []graph.Step{step(w.books, "id", "editor_id")}, columns("id"),
					columns("editor_id"), true, true},
				answers{graph.One, true, []graph.Step{forward(w.authors, "editor_id", "id")}, columns("editor_id"),
					columns("id"), true, false}
		}},
		{"belongs-to", func(w *world) *graph.Declaration {
			return &graph.Declaration{Kind: graph.BelongsTo, Owner: w.books, Related: w.authors,
				ForeignKey: columns("author_id")}
		}, func(w *world) (answers, answers) {
			return answers{graph.One, false, []graph.Step{forward(w.authors, "author_id", "id")}, columns("author_id"),
					columns("id"), true, false},
				answers{graph.Many, true, []graph.Step{step(w.books, "id", "author_id")}, columns("id"),
					columns("author_id"), true, true}
		}},
		{"belongs-to over other columns", func(w *world) *graph.Declaration {
			return &graph.Declaration{Kind: graph.BelongsTo, Owner: w.books, Related: w.authors,
				ForeignKey: columns("title"), References: columns("name")}
		}, func(w *world) (answers, answers) {
			return answers{graph.One, false, []graph.Step{forward(w.authors, "title", "name")}, columns("title"),
					columns("name"), true, false},
				answers{graph.Many, true, []graph.Step{step(w.books, "name", "title")}, columns("name"), columns("title"),
					true, true}
		}},
		{"composite, one column nullable, of a table to itself", func(w *world) *graph.Declaration {
			return &graph.Declaration{Kind: graph.BelongsTo, Owner: w.parts, Related: w.parts,
				ForeignKey: columns("up_shelf", "up_row")}
		}, func(w *world) (answers, answers) {
			up, key := columns("up_shelf", "up_row"), columns("shelf", "row")
			return answers{graph.One, true, []graph.Step{forward(w.parts, "up_shelf", "shelf", "up_row", "row")}, up, key,
					true, false},
				answers{graph.Many, true, []graph.Step{step(w.parts, "shelf", "up_shelf", "row", "up_row")}, key, up, true,
					true}
		}},
		{"many-to-many, composite on one side", func(w *world) *graph.Declaration {
			return &graph.Declaration{Kind: graph.ManyToMany, Owner: w.books, Related: w.parts, Through: w.links,
				ThroughOwner: columns("book_id"), ThroughRelated: columns("shelf", "row")}
		}, func(w *world) (answers, answers) {
			return answers{graph.Many, true,
					[]graph.Step{step(w.links, "id", "book_id"), forward(w.parts, "shelf", "shelf", "row", "row")},
					columns("id"), columns("book_id"), false, false},
				answers{graph.Many, true, []graph.Step{step(w.links, "shelf", "shelf", "row", "row"),
					forward(w.books, "book_id", "id")},
					columns("shelf", "row"), columns("shelf", "row"), false, false}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			d := test.declare(w)
			d.Name, d.Inverse = "there", "back"
			w.must(t, d)
			there, back := mustRelation(t, d.Owner, "there"), mustRelation(t, d.Related, "back")
			want, wantInverse := test.want(w)
			if got := answersOf(there); !reflect.DeepEqual(got, want) {
				t.Errorf("expected %+v, got %+v", want, got)
			}
			if got := answersOf(back); !reflect.DeepEqual(got, wantInverse) {
				t.Errorf("inverse: expected %+v, got %+v", wantInverse, got)
			}
			if there.Inverse != back || back.Inverse != there {
				t.Error("the two are not each other's inverse")
			}
			if there.Owner != back.Related || there.Related != back.Owner {
				t.Error("the ends are not swapped")
			}
		})
	}
}

func TestARelationWithoutInverseHasNone(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.must(t, &graph.Declaration{Kind: graph.HasMany, Name: "books", Owner: w.authors, Related: w.books,
		ForeignKey: columns("author_id")})
	if r := mustRelation(t, w.authors, "books"); r.Inverse != nil {
		t.Errorf("expected no inverse, got %v", r.Inverse)
	}
	if n := len(w.books.Relations()); n != 0 {
		t.Errorf("expected no relation of books, got %d", n)
	}
}

func TestACustomTypeMatchesEveryKey(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.must(t, &graph.Declaration{Kind: graph.HasMany, Name: "books", Owner: w.authors, Related: w.books,
		ForeignKey: columns("odd")})
}

func TestOneTableNameMayBeDeclaredTwice(t *testing.T) {
	t.Parallel()
	w, other := newWorld(), newWorld()
	errs := graph.Build(append(w.tables(), other.tables()...), []*graph.Declaration{
		{Kind: graph.HasMany, Name: "books", Owner: w.authors, Related: w.books, ForeignKey: columns("author_id")},
		{Kind: graph.HasMany, Name: "books", Owner: other.authors, Related: other.books, ForeignKey: columns("author_id")},
	})
	if len(errs) > 0 {
		t.Errorf("two structs of one table may each have the relation, got %v", errs)
	}
}
