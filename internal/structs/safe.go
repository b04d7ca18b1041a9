//go:build dovetail_safe

package structs

import "reflect"

// MEMORY, for the build tag dovetail_safe: the functions of unsafe.go, where they are described, in package reflect. An address is a
// pointer that has its type, and slices of rows and of pointers are copies of each other.

// Row is a pointer to a struct value; nil is none. It is compared by ==, and may be the key of a map. [RowOf], [RowsOf] and
// [Slab.New] give it.
type Row = any

type inside []int // fields of structs, from the outermost

func insideOf(f reflect.StructField) inside { return f.Index }

func (i inside) then(next inside) inside { return append(i[:len(i):len(i)], next...) }

// of sees through embedded structs that are unexported, as long as the field itself is not.
func (i inside) of(p Row) Row { return reflect.ValueOf(p).Elem().FieldByIndex(i).Addr().Interface() }

func pointer(_ reflect.Type, p Row) reflect.Value { return reflect.ValueOf(p) }

// address gives a pointer of a named type without the name, so that there is one to each variable.
func address(pointer reflect.Value) Row { return pointer.Elem().Addr().Interface() }

func pointerOf[T any](p Row) *T { return p.(*T) }

func get[T any](p Row) T {
	if p, ok := p.(*T); ok {
		return *p
	}
	var v T
	convertTo(reflect.ValueOf(&v).Elem(), reflect.ValueOf(p).Elem())
	return v
}

func put[T any](p Row, v T) {
	if p, ok := p.(*T); ok {
		*p = v
		return
	}
	named := v
	convertTo(reflect.ValueOf(p).Elem(), reflect.ValueOf(&named).Elem())
}

// convertTo sets a variable to one of the same memory. Bytes under another name are no bytes to a conversion.
func convertTo(to, from reflect.Value) {
	switch {
	case from.CanConvert(to.Type()):
		to.Set(from.Convert(to.Type()))
	case to.Kind() == reflect.Slice:
		to.SetBytes(from.Bytes())
	default:
		reflect.Copy(to, reflect.ValueOf(from.Bytes()))
	}
}

func pointed(p Row) Row {
	if nilAt(p) {
		return nil
	}
	return address(reflect.ValueOf(p).Elem())
}

func point(p, to Row) {
	variable := reflect.ValueOf(p).Elem()
	if to == nil {
		variable.SetZero()
		return
	}
	variable.Set(reflect.ValueOf(to))
}

func nilAt(p Row) bool { return reflect.ValueOf(p).Elem().IsNil() }

func pointersAt(p Row) []Row {
	list := reflect.ValueOf(p).Elem()
	rows := make([]Row, list.Len())
	for i := range rows {
		rows[i] = pointed(nth(list, i, 0))
	}
	return rows
}

func putPointers(p Row, rows []Row) {
	list := reflect.ValueOf(p).Elem()
	list.Set(reflect.MakeSlice(list.Type(), len(rows), len(rows)))
	for i, row := range rows {
		point(nth(list, i, 0), row)
	}
}

func pairsAt(p Row) []Pair {
	list := reflect.ValueOf(p).Elem()
	pairs := make([]Pair, list.Len())
	for i := range pairs {
		linked := list.Index(i)
		pairs[i] = Pair{pointed(linked.Field(0).Addr().Interface()), pointed(linked.Field(1).Addr().Interface())}
	}
	return pairs
}

func putPairs(p Row, pairs []Pair) {
	list := reflect.ValueOf(p).Elem()
	list.Set(reflect.MakeSlice(list.Type(), len(pairs), len(pairs)))
	for i, pair := range pairs {
		linked := list.Index(i)
		point(linked.Field(0).Addr().Interface(), pair.Row)
		point(linked.Field(1).Addr().Interface(), pair.Link)
	}
}

type memory = reflect.Value // a slice

func newMemory(slice reflect.Type, n int) memory { return reflect.MakeSlice(slice, n, n) }

func memoryOf(slice reflect.Value) memory { return slice }

func nth(m memory, i int, _ uintptr) Row { return m.Index(i).Addr().Interface() }

func shared(text []byte) string { return string(text) }

// Typed returns the rows as pointers of the type R. They must be that.
func Typed[R any](rows []Row) []R {
	if rows == nil {
		return nil
	}
	pointers := make([]R, len(rows), cap(rows))
	for i, row := range rows {
		point(&pointers[i], row)
	}
	return pointers
}

// RowOf returns the row of a pointer of the type R, nil where R is none.
func RowOf[R any](pointer R) Row {
	if reflect.TypeFor[R]().Kind() != reflect.Pointer {
		return nil
	}
	return pointed(&pointer)
}

// RowsOf returns pointers of the type R as rows, of which each is nil where R is no pointer.
func RowsOf[R any](pointers []R) []Row {
	if pointers == nil {
		return nil
	}
	rows := make([]Row, len(pointers))
	for i, pointer := range pointers {
		rows[i] = RowOf(pointer)
	}
	return rows
}
