package graph_test

import (
	"reflect"
	"testing"

	"github.com/dovetail-go/dovetail/internal/graph"
)

// TestLinksOfOneType: a type is a constant of the link, from both ends, and what tells two links apart.
func TestLinksOfOneType(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		uniques [][]string
		once    bool
		key     []string
	}{
		{"no key", nil, false, columns("note_id", "book_id", "of_type")},
		{"by the type", [][]string{columns("of_type", "note_id", "book_id")}, true, columns("note_id", "book_id", "of_type")},
		{"without it", [][]string{columns("note_id", "book_id")}, true, columns("note_id", "book_id")},
		{"by another column", [][]string{columns("note_id", "book_id", "page")}, false, columns("note_id", "book_id", "of_type")},
	} {
		w := newWorld()
		links := &graph.Table{Name: "note_links", Uniques: test.uniques, Columns: []graph.Column{
			text("of_type"), integer("note_id"), integer("book_id"), integer("page"),
		}}
		errs := graph.Build(append(w.tables(), links), []*graph.Declaration{{
			Kind: graph.MorphToMany, Name: "cited", Owner: w.authors, Related: w.books, Through: links, TypeColumn: "of_type", IDColumn: "note_id",
			TypeValue: "a", ForeignKey: columns("book_id"), Inverse: "citing",
		}})
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		cited, citing := mustRelation(t, w.authors, "cited"), mustRelation(t, w.books, "citing")
		typ := []graph.Constant{{Column: "of_type", Value: "a", Class: graph.ClassText}}
		for _, r := range []*graph.Relation{cited, citing} {
			if !reflect.DeepEqual(r.Demands(0), typ) || r.Link != links || r.Cardinality != graph.Many || len(r.OwnerColumns()) != 1 {
				t.Errorf("%s: %s: expected links that have the type, got %+v", test.name, r, r)
			}
			if r.LinkedOnce() != test.once {
				t.Errorf("%s: %s: linked once: %v", test.name, r, r.LinkedOnce())
			}
			if got := r.LinkKey(columns("note_id", "book_id", "of_type")); !reflect.DeepEqual(got, test.key) {
				t.Errorf("%s: %s: links are told by %v, expected %v", test.name, r, got, test.key)
			}
		}
		if held := links.ForeignKeys(); len(held) != 1 || held[0].References != w.books {
			t.Errorf("%s: expected the foreign key to the books alone, got %v", test.name, held)
		}
		if got := links.Polymorphic(); len(got) != 1 || got[0].TypeColumn != "of_type" || got[0].IDColumn != "note_id" || len(got[0].ToOne) > 0 {
			t.Errorf("%s: expected the reference to authors, got %v", test.name, got)
		}
	}
}
