//go:build !dovetail_safe

package structs

import (
	"reflect"
	"unsafe"
)

// MEMORY: what this package, and so the library, does with memory past Go's types. This is the only file that imports unsafe, or
// makes variables of addresses; safe.go has the same functions in package reflect, for the build tag dovetail_safe. All else is
// written on top of them, and does the same in both builds. Here each is an instruction or two, which the compiler inlines.
//
// What makes it sound:
//
//   - An address is that of a variable that Go allocated with its type: by new, as part of a value of the program, by [newMemory] or
//     by package reflect. So the collector knows which words of it are pointers. No address is kept as a number, and none is one past
//     the end: inside a struct it is that of a field, in an array that of an element that is there.
//   - Who uses an address knows the variable's type, because both come from one description: a field's readers and writers are made
//     for its type, and are called with what [Field.find] or [Field.reach] gives for a row of the field's own struct. A row's struct
//     is that of the table, or of the field, that it is asked of.
//   - A variable is read and written as its own type or as one of the same memory: the type that a named one is defined by, and for a
//     slice of pointers, or of pairs of them, any such slice, because all pointers to variables are alike to the collector.
//   - What is written to a pointer is the address of a whole variable of its type, or nil, and it is written as a pointer, so that
//     the collector sees it.
//   - Bytes that a string shares are not written again.
//   - Two goroutines do not use one variable, one of them writing it. A caller's row is the caller's to guard.

// Row is the address of a struct value whose type the caller knows; nil is none. It is compared by ==, and may be the key of a map.
// [RowOf], [RowsOf] and [Slab.New] give it.
type Row = unsafe.Pointer

// inside says where a variable is in one that it is part of. The zero value is that of the variable itself.
type inside uintptr

func insideOf(f reflect.StructField) inside { return inside(f.Offset) }

// then returns where next is that is inside i.
func (i inside) then(next inside) inside { return i + next }

// of returns the address of what is inside the variable at p.
func (i inside) of(p Row) Row { return unsafe.Add(p, i) }

// pointer returns a *t to the variable at p, which is a t.
func pointer(t reflect.Type, p Row) reflect.Value { return reflect.NewAt(t, p) }

// address returns what a pointer, which is not nil, points to.
func address(pointer reflect.Value) Row { return pointer.UnsafePointer() }

// pointerOf returns a pointer to the variable at p, which is a T.
func pointerOf[T any](p Row) *T { return (*T)(p) }

// get returns the variable at p, which is a T, or of a type defined by what T is, under whatever name.
func get[T any](p Row) T { return *(*T)(p) }

// put sets the variable at p, of which get says the type.
func put[T any](p Row, v T) { *(*T)(p) = v }

// pointed returns what the pointer at p points to, nil where it is nil.
func pointed(p Row) Row { return *(*Row)(p) }

// point makes the pointer at p point to a variable of its type, or to nothing.
func point(p, to Row) { *(*Row)(p) = to }

// nilAt reports whether the pointer, slice or interface at p is nil: their first word is the address of what they hold, or its type.
func nilAt(p Row) bool { return *(*Row)(p) == nil }

// pointersAt returns the slice of pointers at p, which is not to be written to.
func pointersAt(p Row) []Row { return *(*[]Row)(p) }

// putPointers sets the slice of pointers at p, which takes over the rows.
func putPointers(p Row, rows []Row) { *(*[]Row)(p) = rows }

// pairsAt returns the slice of Linked at p, which is not to be written to. A Linked is two pointers, as a Pair is.
func pairsAt(p Row) []Pair { return *(*[]Pair)(p) }

// putPairs sets the slice of Linked at p, which takes over the pairs.
func putPairs(p Row, pairs []Pair) { *(*[]Pair)(p) = pairs }

// memory is that of an array.
type memory = unsafe.Pointer

// newMemory returns that of n zero values of a type, of which the slice is given.
func newMemory(slice reflect.Type, n int) memory {
	if n == 1 { // without the header of a slice
		return reflect.New(slice.Elem()).UnsafePointer()
	}
	return reflect.MakeSlice(slice, n, n).UnsafePointer()
}

// memoryOf returns that of a slice.
func memoryOf(slice reflect.Value) memory { return slice.UnsafePointer() }

// nth returns the address of an element, from 0, of which the size is given.
func nth(m memory, i int, size uintptr) Row { return unsafe.Add(m, uintptr(i)*size) }

// shared returns a text that shares the bytes, of which there is one at least.
func shared(text []byte) string { return unsafe.String(&text[0], len(text)) }

// Typed returns the same slice, seen as pointers of the type R. They must be that.
func Typed[R any](rows []Row) []R { return *(*[]R)(unsafe.Pointer(&rows)) }

// RowOf returns the row of a pointer of the type R, nil where R is none.
func RowOf[R any](pointer R) Row {
	if reflect.TypeFor[R]().Kind() != reflect.Pointer {
		return nil
	}
	return *(*Row)(unsafe.Pointer(&pointer))
}

// RowsOf returns the same slice, seen as rows, of which each is nil where R is no pointer. It is not to be written to.
func RowsOf[R any](pointers []R) []Row {
	if reflect.TypeFor[R]().Kind() != reflect.Pointer {
		return make([]Row, len(pointers))
	}
	return *(*[]Row)(unsafe.Pointer(&pointers))
}
