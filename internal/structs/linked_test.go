package structs_test

import (
	"reflect"
	"testing"

	"github.com/dovetail-go/dovetail/internal/structs"
)

// Linked is of another package than the root: a slice of it is none of related rows with links.
type Linked[C, L any] struct {
	Row  *C
	Link *L
}

type lookalike struct {
	Links []Linked[child, parent]
	Pairs []structs.Pair
}

func TestOnlyTheRootsLinkedHoldsLinks(t *testing.T) {
	t.Parallel()
	s := mustFor[lookalike](t)
	for _, name := range []string{"Links", "Pairs"} {
		f := mustField(t, s, name)
		if f.LinkType() != nil || f.ShapeFor(reflect.TypeFor[child]()) != structs.ShapeNone {
			t.Errorf("%s is taken for a list of rows with links", name)
		}
		var row lookalike
		f.SetPairs(structs.RowsOf([]*lookalike{&row})[0], make([]structs.Pair, 2))
		if row.Links != nil || row.Pairs != nil {
			t.Errorf("%s was set", name)
		}
	}
}

func TestTypeNameHasNoImportPath(t *testing.T) {
	t.Parallel()
	f := mustField(t, mustFor[lookalike](t), "Links")
	if got, want := f.TypeName(), "[]structs_test.Linked[structs_test.child,structs_test.parent]"; got != want {
		t.Errorf("expected %s, got %s", want, got)
	}
}
