package structs

import (
	"reflect"
)

const (
	firstChunk = 4     // rows in the first chunk of a slab without a hint
	maxChunk   = 16376 // bytes of a chunk after the first: 16 KiB with what Go keeps before it
	maxHint    = 16384 // rows in the first chunk, whatever the hint
)

// Slab allocates rows of one type in chunks, which costs one allocation for many rows. A chunk is freed when none of
// its rows is referenced. A Slab is not safe for concurrent use.
type Slab struct {
	slice reflect.Type
	size  uintptr
	chunk memory
	used  int
	rows  int // in chunk
	next  int // rows of the chunk after it
	most  int // rows of the largest

	keeps bool
	full  []chunk // those before, if the slab keeps them
}

// chunk is a piece of memory full of rows.
type chunk struct {
	first memory
	rows  int
}

// NewSlab returns a slab for rows of s. The first chunk holds hint rows, at most 16384; 4 when the hint is not
// positive. Every further chunk is twice as large as the one before it, up to 16 KiB.
func NewSlab(s *Struct, hint int) *Slab {
	slab := MakeSlab(s, hint)
	return &slab
}

// MakeSlab is NewSlab of one that is part of something else, which must not be copied once it has rows.
func MakeSlab(s *Struct, hint int) Slab {
	if hint <= 0 {
		hint = firstChunk
	}
	return Slab{slice: s.slice, size: s.Type.Size(), next: min(hint, maxHint), most: max(1, maxChunk/int(max(s.Type.Size(), 1)))}
}

// maxPointed is the size of the largest chunk of values that fields point to: so much may one keep beside itself.
const maxPointed = 1024

// newPointed returns a slab for values of a type that fields of rows point to. They come one by one, then in larger chunks.
func newPointed(t reflect.Type) *Slab {
	size := max(t.Size(), 1)
	return &Slab{slice: reflect.SliceOf(t), size: size, next: 1, most: max(1, maxPointed/int(size))}
}

// Keep tells whether the slab remembers its rows, for Rows. It is called before the first.
func (s *Slab) Keep(keep bool) { s.keeps = keep }

// Rows returns all rows in the order they were made, without those taken back.
func (s *Slab) Rows() []Row {
	n := s.used
	for _, c := range s.full {
		n += c.rows
	}
	all := make([]Row, 0, n)
	for _, c := range append(s.full, chunk{s.chunk, s.used}) {
		for i := range c.rows {
			all = append(all, nth(c.first, i, s.size))
		}
	}
	return all
}

// New returns a row with the zero value.
func (s *Slab) New() Row {
	if s.used == s.rows {
		if s.keeps && s.used > 0 {
			s.full = append(s.full, chunk{s.chunk, s.rows})
		}
		s.chunk = newMemory(s.slice, s.next)
		s.used, s.rows = 0, s.next
		s.next = min(2*s.next, s.most)
	}
	row := nth(s.chunk, s.used, s.size)
	s.used++
	return row
}

// TakeBack takes back the row that New returned last, with the zero value again: New will return it next. Nothing may
// refer to it any more.
func (s *Slab) TakeBack(row Row) {
	pointer(s.slice.Elem(), row).Elem().SetZero()
	s.used--
}
