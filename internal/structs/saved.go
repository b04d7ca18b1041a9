package structs

import (
	"reflect"
	"slices"
)

// Saved remembers what rows of one struct type held: their own memory and that of embedded pointers, and not what their fields lead to.
type Saved struct {
	of      *Struct
	through []*Field // that are reached by embedded pointers
	copies  Slab
	rows    []savedRow
	parts   []savedPart // of embedded pointers
}

// savedRow is a row and what it held.
type savedRow struct{ row, copied Row }

// savedPart is memory that an embedded pointer of a row leads to, and what that held.
type savedPart struct {
	savedRow
	t reflect.Type
}

// Save remembers the rows, which are of the struct's type.
func (s *Struct) Save(rows ...Row) *Saved {
	saved := s.Saving(len(rows))
	for _, row := range rows {
		saved.Add(row)
	}
	return saved
}

// Saving remembers no row yet, and has room for so many.
func (s *Struct) Saving(rows int) *Saved {
	saved := &Saved{of: s, copies: MakeSlab(s, max(rows, 1)), rows: make([]savedRow, 0, rows)}
	for _, f := range s.Fields {
		if len(f.hops) > 0 {
			saved.through = append(saved.through, f)
		}
	}
	return saved
}

// Add remembers one more row. A row that is added again is restored to what it held first.
func (s *Saved) Add(row Row) {
	s.rows = append(s.rows, savedRow{row, copyTo(s.of.Type, s.copies.New(), row)})
	for _, f := range s.through {
		at := row
		for _, h := range f.hops {
			if at = pointed(h.in.of(at)); at == nil {
				break
			}
			if len(s.parts) == 0 || s.parts[len(s.parts)-1].row != at {
				s.parts = append(s.parts, savedPart{savedRow{at, copyTo(h.elem, address(reflect.New(h.elem)), at)}, h.elem})
			}
		}
	}
}

// Restore gives the rows what they held.
func (s *Saved) Restore() {
	for _, part := range slices.Backward(s.parts) {
		copyTo(part.t, part.row, part.copied)
	}
	for _, r := range slices.Backward(s.rows) {
		copyTo(s.of.Type, r.row, r.copied)
	}
}

// copyTo copies a value of a type, and returns where to.
func copyTo(t reflect.Type, to, from Row) Row {
	pointer(t, to).Elem().Set(pointer(t, from).Elem())
	return to
}
