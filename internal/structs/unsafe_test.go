//go:build !dovetail_safe

package structs_test

import (
	"testing"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/structs"
)

func TestPointersAndRowsShareTheirArray(t *testing.T) {
	t.Parallel()
	rows := make([]structs.Row, 1, 5)
	pointers := structs.Typed[*child](rows)
	pointers[0] = &child{N: 4}
	if rows[0] != structs.RowOf(pointers[0]) || cap(pointers) != 5 || &structs.RowsOf(pointers)[0] != &rows[0] {
		t.Error("the array was copied")
	}
}

// It counts allocations, so it does not run in parallel.
func TestHotPathDoesNotAllocate(t *testing.T) {
	s := mustFor[benchRow](t)
	r := &benchRow{Parent: ptr(int64(4)), Extra: &Extra{}}
	row := structs.RowOf(r)
	for _, f := range s.Fields {
		if n := testing.AllocsPerRun(100, func() { sink = f.Dest(row) }); n != 0 {
			t.Errorf("Dest of %s: %v allocations", f.Name, n)
		}
		keys := dialect.Keys{
			Kind: f.Key, Ints: make([]int64, 0, 1), UUIDs: make([][16]byte, 0, 1), Texts: make([]string, 0, 1),
		}
		n := testing.AllocsPerRun(100, func() {
			keys.Ints, keys.UUIDs, keys.Texts = keys.Ints[:0], keys.UUIDs[:0], keys.Texts[:0]
			if _, err := f.AppendKey(&keys, row); err != nil {
				t.Fatal(err)
			}
		})
		if n != 0 {
			t.Errorf("AppendKey of %s: %v allocations", f.Name, n)
		}
	}
}
