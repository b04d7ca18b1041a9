package graph_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail/internal/graph"
)

// newLibrary is a world with relations: authors.books and books.author, books.editor, parts.up and parts.down.
func newLibrary(tb testing.TB) *world {
	tb.Helper()
	w := newWorld()
	w.must(tb,
		&graph.Declaration{Kind: graph.HasMany, Name: "books", Owner: w.authors, Related: w.books,
			ForeignKey: columns("author_id"), Inverse: "author"},
		&graph.Declaration{Kind: graph.BelongsTo, Name: "editor", Owner: w.books, Related: w.authors,
			ForeignKey: columns("editor_id")},
		&graph.Declaration{Kind: graph.BelongsTo, Name: "up", Owner: w.parts, Related: w.parts,
			ForeignKey: columns("up_shelf", "up_row"), Inverse: "down"},
	)
	return w
}

func TestResolveFollowsAPath(t *testing.T) {
	t.Parallel()
	w := newLibrary(t)
	for _, test := range []struct {
		from *graph.Table
		path string
		want []string
	}{
		{w.authors, "books", columns("authors.books")},
		{w.authors, "books.author", columns("authors.books", "books.author")},
		{w.authors, "books.editor.books", columns("authors.books", "books.editor", "authors.books")},
		{w.parts, "up.up.down", columns("parts.up", "parts.up", "parts.down")},
		{w.parts, strings.TrimSuffix(strings.Repeat("up.", 16), "."), slices.Repeat(columns("parts.up"), 16)},
	} {
		relations, err := test.from.Resolve(test.path, nil)
		if err != nil {
			t.Errorf("%s: %v", test.path, err)
			continue
		}
		got := make([]string, 0, len(relations))
		for _, r := range relations {
			got = append(got, r.String())
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: expected %q, got %q", test.path, test.want, got)
		}
	}
}

func TestResolveNamesTheHopThatFails(t *testing.T) {
	t.Parallel()
	w := newLibrary(t)
	for _, test := range []struct {
		from       *graph.Table
		path, want string
	}{
		{w.authors, "boks", `table "authors" has no relation "boks"; did you mean "books"?`},
		{w.authors, "publishers", `table "authors" has no relation "publishers"; declared: "books"`},
		{w.books, "zzzzzz", `table "books" has no relation "zzzzzz"; declared: "author", "editor"`},
		{w.authors, "books.autor", `path "books.autor": table "books" has no relation "autor"; did you mean "author"?`},
		{w.authors, "books.author.x.y", `path "books.author.x.y": table "authors" has no relation "x"; declared: "books"`},
		{w.authors, "name", `"name" is a column of table "authors", not a relation`},
		{w.authors, "books.title", `path "books.title": "title" is a column of table "books", not a relation`},
		{w.keyless, "any", `table "keyless" has no relation "any"; none is declared`},
		{w.authors, "Books", `table "authors" has no relation "Books"; did you mean "books"?`},
		{w.authors, "books ", `table "authors" has no relation "books "; did you mean "books"?`},
		{w.authors, "", `the path is empty; name a relation`},
		{w.authors, ".", `path ".": empty segment at 1`},
		{w.authors, ".books", `path ".books": empty segment at 1`},
		{w.authors, "books.", `path "books.": empty segment at 2`},
		{w.authors, "books..author", `path "books..author": empty segment at 2`},
		{w.parts, strings.Repeat("up.", 16) + "up", `a path of 17 relations is deeper than the 16 allowed`},
		{w.parts, strings.Repeat(".", 1_000_000), `a path of 1000001 relations is deeper than the 16 allowed`},
	} {
		relations, err := test.from.Resolve(test.path, nil)
		if err == nil || !strings.HasPrefix(err.Error(), test.want) || !errors.Is(err,
			graph.ErrUnknownRelation) || relations != nil {
			t.Errorf("%.40q: expected %q, got %v", test.path, test.want, err)
		}
	}
}

func TestUnknownColumnHelps(t *testing.T) {
	t.Parallel()
	w := newLibrary(t)
	many := &graph.Table{Name: "many"}
	for i := range 25 {
		many.Columns = append(many.Columns, integer(fmt.Sprintf("column_%02d", i)))
	}
	for _, test := range []struct {
		table      *graph.Table
		name, want string
	}{
		{w.books, "titel", `table "books" has no column "titel"; did you mean "title"?`},
		{w.books, "AuthorID", `table "books" has no column "AuthorID"; did you mean "author_id"?`},
		{w.books, "isbn_number", `table "books" has no column "isbn_number"; its columns are "id", "author_id", "editor_id", "title", "meta", "odd"`},
		{w.books, "author", `table "books": "author" is a relation, not a column; name one of its columns as "author.column"`},
		{w.authors, "publisher", `its columns are "id", "name", "extra"`},
		{many, "zzz", `"column_19", and 5 more`},
	} {
		err := test.table.UnknownColumn(test.name)
		if !strings.HasSuffix(err.Error(), test.want) || !errors.Is(err, graph.ErrUnknownColumn) {
			t.Errorf("%s: expected %q, got %v", test.name, test.want, err)
		}
	}
}

// TestTheNearestNameIsOffered goes through the edits that fingers make, and stops where a guess would be a random one.
func TestTheNearestNameIsOffered(t *testing.T) {
	t.Parallel()
	names := &graph.Table{Name: "t", Columns: []graph.Column{text("created_at"), text("creator"), text("日本語"), text("x")}}
	for _, test := range []struct{ name, want string }{
		{"created_a", "created_at"},
		{"craeted_at", "created_at"}, // two letters swapped are two edits
		{"created_on", "created_at"},
		{"CreatedAt", "created_at"},
		{"create", "creator"}, // 2 edits; created_at is 4 away
		{"日本", "日本語"},
		{"y", "x"},
		{"unrelated_name", ""},
		{strings.Repeat("created_at", 20), ""},
	} {
		got := names.UnknownColumn(test.name).Error()
		_, offered, _ := strings.Cut(got, "did you mean ")
		if want := fmt.Sprintf("%q?", test.want); test.want != "" && offered != want || test.want == "" && offered != "" {
			t.Errorf("%.20s: expected %q to be offered, got %s", test.name, test.want, got)
		}
	}
}

func TestComputedColumnsAreNoColumnsOfTheTable(t *testing.T) {
	t.Parallel()
	w := newLibrary(t)
	if c, ok := w.authors.Column("book_count"); ok {
		t.Errorf("expected none, got %v", c)
	}
	if c, ok := w.authors.Column("name"); !ok || c.Name != "name" {
		t.Errorf("expected name, got %v", c)
	}
}

func TestRelationsComeInTheOrderOfDeclaration(t *testing.T) {
	t.Parallel()
	w := newLibrary(t)
	for table, want := range map[*graph.Table][]string{
		w.authors: columns("books"), w.books: columns("author", "editor"), w.parts: columns("up", "down"), w.keyless: nil,
	} {
		var got []string
		for _, r := range table.Relations() {
			got = append(got, r.Name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: expected %q, got %q", table.Name, want, got)
		}
	}
}

func TestSplitPath(t *testing.T) {
	t.Parallel()
	for path, want := range map[string][]string{
		"a": columns("a"), "a.b.c": columns("a", "b", "c"), "ä.日本": columns("ä", "日本"), " a": columns(" a"),
	} {
		got, err := graph.SplitPath(path)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: expected %q, got %q, %v", path, want, got, err)
		}
	}
}

// FuzzPath looks for a path that SplitPath takes apart so that it cannot be put together again.
func FuzzPath(f *testing.F) {
	for _, seed := range []string{"", ".", "a", "a.b", "a..b", ".a", "a.", "ä.日本",
		"a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p", "\x00.\xff", "…"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, path string) {
		segments, err := graph.SplitPath(path)
		if err != nil {
			if segments != nil || !errors.Is(err, graph.ErrUnknownRelation) {
				t.Errorf("%q: got %q and %v", path, segments, err)
			}
			if path != "" && !strings.Contains("."+path+".", "..") && strings.Count(path, ".") < 16 {
				t.Errorf("%q was refused: %v", path, err)
			}
			return
		}
		if len(segments) == 0 || len(segments) > 16 || strings.Join(segments,
			".") != path || slices.Contains(segments, "") {
			t.Errorf("%q became %q", path, segments)
		}
	})
}

func TestComparable(t *testing.T) {
	t.Parallel()
	classes := []string{
		graph.ClassInteger, graph.ClassFloat, graph.ClassText, graph.ClassUUID, graph.ClassBoolean, graph.ClassTime,
		graph.ClassBytes, graph.ClassCustom, graph.ClassDocument,
	}
	// What each column takes beside its own class, NULL and custom values, which every column takes.
	more := map[string][]string{
		graph.ClassInteger:  columns(graph.ClassFloat),
		graph.ClassFloat:    columns(graph.ClassInteger),
		graph.ClassUUID:     columns(graph.ClassText),
		graph.ClassTime:     columns(graph.ClassText),
		graph.ClassCustom:   classes,
		graph.ClassDocument: classes,
	}
	for _, column := range classes {
		if !graph.Comparable(column, "") {
			t.Errorf("%s does not take a value of no class", column)
		}
		for _, value := range classes {
			want := column == value || value == graph.ClassCustom || slices.Contains(more[column], value)
			if got := graph.Comparable(column, value); got != want {
				t.Errorf("a %s column and a %s value: expected %t, got %t", column, value, want, got)
			}
		}
	}
}

func TestAProblemKeepsIdentityAndCause(t *testing.T) {
	t.Parallel()
	cause := errors.New("cause")
	err := graph.Problemf(graph.ErrAmbiguous, "outer: %w", cause)
	if err.Error() != "outer: cause" || !errors.Is(err, graph.ErrAmbiguous) || !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
	if err := graph.Problemf(graph.ErrAmbiguous, "alone"); errors.Is(err, cause) || err.Error() != "alone" {
		t.Errorf("got %v", err)
	}
}
