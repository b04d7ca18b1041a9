package structs_test

import (
	"reflect"
	"testing"

	"github.com/dovetail-go/dovetail/internal/structs"
)

type Marks struct{ n int }

type MarksBase struct {
	A int
	Marks
}

type marksBelow struct{ MarksBase }

type marksPointed struct{ *MarksBase }

type marksDeepAndNear struct {
	marksBelow `db:"-"`
	MarksBase  `db:"deep"`
	Name       string
}

type marksNamed struct{ M Marks }

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
		at        func(row any) *Marks
	}{
		{&MarksBase{}, true, false, func(row any) *Marks { return &row.(*MarksBase).Marks }},
		{&marksBelow{}, true, false, func(row any) *Marks { return &row.(*marksBelow).Marks }},
		{&marksPointed{}, true, true, func(row any) *Marks { return &row.(*marksPointed).Marks }},
		{&marksDeepAndNear{}, true, false, func(row any) *Marks { return &row.(*marksDeepAndNear).Marks }},
		{&marksNamed{}, false, false, nil},
		{&MarksLoop{}, false, false, nil},
	} {
		typ := reflect.TypeOf(c.row).Elem()
		f, byPointer := (&structs.Struct{Type: typ}).Embedded(reflect.TypeFor[Marks]())
		if (f != nil) != c.found || byPointer != c.byPointer {
			t.Errorf("%s: expected found %v by pointer %v, got %v, %v", typ, c.found, c.byPointer, f != nil, byPointer)
		}
		if f == nil || !c.found {
			continue
		}
		holder, held := mustFieldOf(t, c.row)
		_, row := holder.Any(held)
		structs.At[Marks](f, row).n = 7 // allocates the embedded pointer
		if got := c.at(c.row); got.n != 7 {
			t.Errorf("%s: expected 7 where Go finds the struct, got %d", typ, got.n)
		}
	}
}
