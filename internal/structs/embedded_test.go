package structs_test

import (
	"reflect"
	"testing"
	"unsafe"

	"github.com/dovetail-go/dovetail/internal/structs"
)

type marks struct{ n int }

type marksBase struct {
	A int
	marks
}

type marksBelow struct{ marksBase }

type marksPointed struct{ *marksBase }

type marksDeepAndNear struct {
	marksBelow `db:"-"`
	marksBase  `db:"deep"`
	Name       string
}

type marksNamed struct{ Marks marks }

type MarksLoop struct {
	*MarksLoop `db:"-"`
	B          int
}

func TestEmbeddedFindsTheStructWhoseMethodsArePromoted(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		row       any
		found     bool
		byPointer bool
		at        func(row any) *marks
	}{
		{&marksBase{}, true, false, func(row any) *marks { return &row.(*marksBase).marks }},
		{&marksBelow{}, true, false, func(row any) *marks { return &row.(*marksBelow).marks }},
		{&marksPointed{}, true, true, func(row any) *marks { return &row.(*marksPointed).marks }},
		{&marksDeepAndNear{}, true, false, func(row any) *marks { return &row.(*marksDeepAndNear).marks }},
		{&marksNamed{}, false, false, nil},
		{&MarksLoop{}, false, false, nil},
	} {
		typ := reflect.TypeOf(c.row).Elem()
		f, byPointer := (&structs.Struct{Type: typ}).Embedded(reflect.TypeFor[marks]())
		if (f != nil) != c.found || byPointer != c.byPointer {
			t.Errorf("%s: expected found %v by pointer %v, got %v, %v", typ, c.found, c.byPointer, f != nil, byPointer)
		}
		if f == nil || !c.found {
			continue
		}
		row := unsafe.Pointer(reflect.ValueOf(c.row).Pointer())
		structs.At[marks](f, row).n = 7 // allocates the embedded pointer
		if got := c.at(c.row); got.n != 7 {
			t.Errorf("%s: expected 7 where Go finds the struct, got %d", typ, got.n)
		}
	}
}
