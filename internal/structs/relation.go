package structs

import (
	"reflect"
	"slices"
)

// Shape is how a field holds related rows.
type Shape int

// The shapes, for related rows of type C.
const (
	ShapeNone         Shape = iota // the field does not hold C
	ShapePointerSlice              // []*C
	ShapeValueSlice                // []C
	ShapePointer                   // *C
	ShapeValue                     // C
	ShapeAny                       // an interface that *C implements; only HoldsAny tells
	ShapeLinked                    // []dovetail.Linked[C, L]
)

// Many reports whether a field of the shape holds any number of rows.
func (s Shape) Many() bool {
	return s == ShapePointerSlice || s == ShapeValueSlice || s == ShapeLinked
}

// Copies reports whether a field of the shape holds rows by value, as copies of its own.
func (s Shape) Copies() bool { return s == ShapeValueSlice || s == ShapeValue }

// ShapeFor returns how the field holds rows of the type related. Named slice and pointer types count as what they are
// made of.
func (f *Field) ShapeFor(related reflect.Type) Shape {
	t := f.Type
	switch {
	case related == nil:
		return ShapeNone
	case t == related:
		return ShapeValue
	case t.Kind() == reflect.Pointer && t.Elem() == related:
		return ShapePointer
	case t.Kind() != reflect.Slice:
		return ShapeNone
	case f.linked == related:
		return ShapeLinked
	case t.Elem() == related:
		return ShapeValueSlice
	case t.Elem().Kind() == reflect.Pointer && t.Elem().Elem() == related:
		return ShapePointerSlice
	}
	return ShapeNone
}

// LooksRelated reports whether the field looks like one for related rows, whatever table they may be of: it holds a struct, a
// pointer to one, or a slice of either, and the struct has no form of its own in a column.
func (f *Field) LooksRelated() bool {
	t := f.Type
	for range 2 { // []*C, *C
		if k := t.Kind(); k == reflect.Slice || k == reflect.Pointer {
			t = t.Elem()
		}
	}
	return t.Kind() == reflect.Struct && leafOf(t).class == ClassDocument
}

// IsInterface reports whether the field is of an interface type, as one for rows of several tables is.
func (f *Field) IsInterface() bool { return f.Type.Kind() == reflect.Interface }

// mayBeRelated reports whether the field may be a relation's though no tag says so.
func (f *Field) mayBeRelated() bool { return f.LooksRelated() || f.IsInterface() }

// HoldsAny reports whether the field is of an interface type that *related implements.
func (f *Field) HoldsAny(related reflect.Type) bool {
	return f.Type.Kind() == reflect.Interface && reflect.PointerTo(related).Implements(f.Type)
}

// SetAny sets a field of an interface type to a pointer to the related row, whose type is given, or to nil.
func (f *Field) SetAny(row, related Row, typ reflect.Type) {
	if related == nil && f.find(row) == nil {
		return
	}
	v := pointer(f.Type, f.reach(row)).Elem()
	if related == nil {
		v.SetZero()
		return
	}
	v.Set(pointer(typ, related))
}

// Any returns the row that a field of an interface type holds a pointer to, and its type. Without a row, or with a nil pointer, the
// type is nil; of anything but a pointer it is the type alone.
func (f *Field) Any(row Row) (reflect.Type, Row) {
	p := f.find(row)
	if p == nil {
		return nil, nil
	}
	switch held := pointer(f.Type, p).Elem().Elem(); {
	case !held.IsValid() || held.Kind() == reflect.Pointer && held.IsNil():
		return nil, nil
	case held.Kind() == reflect.Pointer:
		return held.Type().Elem(), address(held)
	default:
		return held.Type(), nil
	}
}

// SetMany sets a slice field to the related rows, in their order; without any it becomes empty, never nil. A []*C
// field takes over the given slice, with its capacity cut to its length, so the caller must not write to it again; a
// []C field gets copies, the zero value for a nil row. The related rows must be of the field's type C, and the field of
// a slice of rows; fields of other types are left alone. Nil embedded pointers on the way are allocated.
func (f *Field) SetMany(row Row, related []Row) {
	if f.Type.Kind() != reflect.Slice || f.linked != nil {
		return
	}
	p := f.reach(row)
	elem := f.Type.Elem()
	if elem.Kind() == reflect.Pointer {
		if related == nil {
			related = []Row{}
		}
		putPointers(p, related[:len(related):len(related)])
		return
	}
	rows := reflect.MakeSlice(f.Type, len(related), len(related))
	for i, r := range related {
		if r != nil {
			rows.Index(i).Set(pointer(elem, r).Elem())
		}
	}
	pointer(f.Type, p).Elem().Set(rows)
}

// SetOne sets a *C field to the related row, or a C field to a copy of it. For nil the field becomes a nil pointer or
// the zero value. The related row must be of the field's type C, and the field not of a slice shape; slices are left
// alone. Nil embedded pointers on the way are allocated, except to set nothing.
func (f *Field) SetOne(row Row, related Row) {
	if f.Type.Kind() == reflect.Slice || related == nil && f.find(row) == nil {
		return
	}
	p := f.reach(row)
	if f.Type.Kind() == reflect.Pointer {
		point(p, related)
		return
	}
	v := pointer(f.Type, p).Elem()
	if related == nil {
		v.SetZero()
		return
	}
	v.Set(pointer(f.Type, related).Elem())
}

// AppendRows appends the addresses of the related rows that the field holds now, in their order, and returns the
// extended slice. Nil pointers are skipped. Rows held by value are in the field's own memory, so writing to them
// writes to the field; a C field always holds one row. A field of an interface type is for [Field.Any].
func (f *Field) AppendRows(rows []Row, row Row) []Row {
	p := f.find(row)
	if p == nil {
		return rows
	}
	switch {
	case f.Type.Kind() == reflect.Pointer:
		return appendNonNil(rows, pointed(p))
	case f.Type.Kind() != reflect.Slice:
		return append(rows, p)
	case f.linked != nil:
		for _, pair := range pairsAt(p) {
			rows = appendNonNil(rows, pair.Row)
		}
		return rows
	case f.Type.Elem().Kind() == reflect.Pointer:
		return appendNonNil(rows, pointersAt(p)...)
	}
	v := pointer(f.Type, p).Elem()
	all, size := memoryOf(v), f.Type.Elem().Size()
	for i := range v.Len() {
		rows = append(rows, nth(all, i, size))
	}
	return rows
}

// NilAt returns the place of the first nil in the list of rows that a field is; negative: there is none.
func (f *Field) NilAt(row Row) int {
	p := f.find(row)
	switch {
	case p == nil || f.Type.Kind() != reflect.Slice:
	case f.linked != nil:
		return slices.IndexFunc(pairsAt(p), func(pair Pair) bool { return pair.Row == nil })
	case f.Type.Elem().Kind() == reflect.Pointer:
		return slices.Index(pointersAt(p), nil)
	}
	return -1
}

func appendNonNil(rows []Row, more ...Row) []Row {
	rows = slices.Grow(rows, len(more))
	for _, r := range more {
		if r != nil {
			rows = append(rows, r)
		}
	}
	return rows
}

// IsNil reports whether the field is a nil slice or pointer, or behind a nil embedded pointer: its relation is not
// loaded, or is to-one and has no row. A C field is never nil itself.
func (f *Field) IsNil(row Row) bool {
	p := f.find(row)
	if p == nil {
		return true
	}
	switch f.Type.Kind() {
	case reflect.Slice, reflect.Pointer, reflect.Interface:
		return nilAt(p)
	}
	return false
}
