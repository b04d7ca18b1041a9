package structs_test

import (
	"math"
	"reflect"
	"runtime"
	"slices"
	"testing"

	"github.com/dovetail-go/dovetail/internal/structs"
)

type (
	child struct {
		N    int
		Name string
		Next *child
	}
	childPtr *child
	children []*child
	Links    struct{ Behind []*child }
	parent   struct {
		Pointers children
		Named    []childPtr
		Values   []child
		One      *child
		Plain    child
		Text     string
		Array    [2]child
		*Links
	}
)

func TestShapeFor(t *testing.T) {
	t.Parallel()
	s := mustFor[parent](t)
	for name, want := range map[string]structs.Shape{
		"Pointers": structs.ShapePointerSlice, "Named": structs.ShapePointerSlice, "Values": structs.ShapeValueSlice,
		"One": structs.ShapePointer, "Plain": structs.ShapeValue, "Text": structs.ShapeNone, "Array": structs.ShapeNone,
		"Behind": structs.ShapePointerSlice,
	} {
		f := mustField(t, s, name)
		if got := f.ShapeFor(reflect.TypeFor[child]()); got != want {
			t.Errorf("%s: shape %d, expected %d", name, got, want)
		}
		if f.ShapeFor(reflect.TypeFor[parent]()) != structs.ShapeNone || f.ShapeFor(nil) != structs.ShapeNone {
			t.Errorf("%s holds what it cannot", name)
		}
	}
}

func TestSetMany(t *testing.T) {
	t.Parallel()
	s := mustFor[parent](t)
	related := []*child{{N: 1}, {N: 2, Name: "two"}, {N: 1}}
	for _, name := range []string{"Pointers", "Named", "Values", "Behind"} {
		f := mustField(t, s, name)
		p := &parent{}
		row := structs.RowOf(p)
		if !f.IsNil(row) || len(f.AppendRows(nil, row)) != 0 || p.Links != nil {
			t.Errorf("%s: a new row is loaded", name)
		}
		f.SetMany(row, nil)
		if f.IsNil(row) {
			t.Errorf("%s: nil after SetMany without rows", name)
		}
		f.SetMany(row, structs.RowsOf(append(make([]*child, 0, 10), related...)))
		if v := reflect.ValueOf(f.Value(row)); v.Len() != 3 || v.Cap() != 3 {
			t.Errorf("%s: length %d, capacity %d", name, v.Len(), v.Cap())
		}
		got := structs.Typed[*child](f.AppendRows(nil, row))
		for i, c := range got {
			if *c != *related[i] || (c == related[i]) != (name != "Values") {
				t.Errorf("%s: item %d is %v at %p, expected %v at %p", name, i, *c, c, *related[i], related[i])
			}
		}
		got[1].N = 20
		if again := structs.Typed[*child](f.AppendRows(nil, row)); again[1].N != 20 {
			t.Errorf("%s: rows are not addresses in the field", name)
		}
		related[1].N = 2
	}
	one := mustField(t, s, "One")
	p := &parent{}
	one.SetMany(structs.RowOf(p), structs.RowsOf(related))
	mustField(t, s, "Values").SetOne(structs.RowOf(p), structs.RowOf(related[0]))
	if p.One != nil || p.Values != nil {
		t.Error("a field of another shape was set")
	}
}

func TestSetOne(t *testing.T) {
	t.Parallel()
	s := mustFor[parent](t)
	one, plain, p, c := mustField(t, s, "One"), mustField(t, s, "Plain"), &parent{}, &child{N: 3, Name: "x"}
	row := structs.RowOf(p)
	if !one.IsNil(row) || plain.IsNil(row) || len(one.AppendRows(nil, row)) != 0 {
		t.Error("a new row is loaded")
	}
	one.SetOne(row, structs.RowOf(c))
	plain.SetOne(row, structs.RowOf(c))
	if p.One != c || p.Plain != *c || one.IsNil(row) {
		t.Errorf("got %v and %v", p.One, p.Plain)
	}
	rows := plain.AppendRows(one.AppendRows(nil, row), row)
	if rows[0] != structs.RowOf(c) || rows[1] != structs.RowOf(&p.Plain) {
		t.Errorf("rows are %v", rows)
	}
	one.SetOne(row, nil)
	plain.SetOne(row, nil)
	if p.One != nil || p.Plain != (child{}) {
		t.Errorf("got %v and %v", p.One, p.Plain)
	}
	p.Pointers = children{nil, c, nil}
	if rows := mustField(t, s, "Pointers").AppendRows(nil, row); len(rows) != 1 || rows[0] != structs.RowOf(c) {
		t.Errorf("nil pointers are not skipped: %v", rows)
	}
}

func TestSetOneOfNothingAllocatesNothing(t *testing.T) {
	t.Parallel()
	type Box struct{ Child *child }
	type row struct{ *Box }
	f, r := mustField(t, mustFor[row](t), "Child"), &row{}
	f.SetOne(structs.RowOf(r), nil)
	if r.Box != nil || !f.IsNil(structs.RowOf(r)) {
		t.Error("the embedded struct was allocated for nothing")
	}
	f.SetOne(structs.RowOf(r), structs.RowOf(&child{N: 1}))
	if r.Box == nil || r.Child.N != 1 {
		t.Errorf("got %v", r.Box)
	}
}

func TestSlabRowsSurviveTheCollector(t *testing.T) {
	t.Parallel()
	s := mustFor[parent](t)
	c := mustFor[child](t)
	name, pointers, one := mustField(t, c, "Name"), mustField(t, s, "Pointers"), mustField(t, s, "One")
	owners, related := structs.NewSlab(s, 0), structs.NewSlab(c, 3)
	var rows []structs.Row
	for i := range 3000 {
		var many []structs.Row
		for range 3 {
			r := related.New()
			if *childOf(r) != (child{}) {
				t.Fatal("a new row is not zero")
			}
			*name.Dest(r).(*string) = string([]byte{byte('a' + i%26), byte('a' + i%7)})
			many = append(many, r)
		}
		row := owners.New()
		pointers.SetMany(row, many)
		one.SetOne(row, many[2])
		rows = append(rows, row)
		if i%300 == 0 {
			runtime.GC()
		}
	}
	owners, related = nil, nil
	for range 3 {
		runtime.GC()
	}
	for i, p := range structs.Typed[*parent](rows) {
		want := string([]byte{byte('a' + i%26), byte('a' + i%7)})
		if len(p.Pointers) != 3 || p.One != p.Pointers[2] || p.One.Name != want || p.Pointers[0].Name != want {
			t.Fatalf("row %d is damaged: %+v", i, p)
		}
	}
}

// It counts allocations, so it does not run in parallel.
func TestSlabChunks(t *testing.T) {
	s := mustFor[Base](t)
	full := 16376 / int(reflect.TypeFor[Base]().Size()) // rows of the largest chunk but the first
	doubled, smaller := 0, 0.0                          // rows of the chunks before, and those
	for next := 4; next < full; next *= 2 {
		doubled += next
		smaller++
	}
	for _, c := range []struct {
		hint, rows int
		chunks     float64
	}{
		{0, 4, 1}, {-1, 5, 2}, {0, 4 + 8 + 16, 3}, {0, doubled + 9*full, smaller + 9}, {100, 100, 1}, {5000, 5000, 1},
		{5000, 5000 + full, 2}, {5000, 5000 + full + 1, 3}, {math.MaxInt, 100, 1},
	} {
		got := testing.AllocsPerRun(10, func() {
			slab := structs.NewSlab(s, c.hint)
			for range c.rows {
				last = slab.New()
			}
		})
		// The slab itself is on the stack or one more; the slice header of a chunk is another.
		if got < c.chunks || got > 2*c.chunks+1 {
			t.Errorf("hint %d, %d rows: %v allocations, expected %v chunks", c.hint, c.rows, got, c.chunks)
		}
	}
	empty := structs.NewSlab(mustFor[struct{}](t), 1)
	empty.New()
	empty.New()
}

var last structs.Row

func TestRowsArePointers(t *testing.T) {
	t.Parallel()
	pointers := []*child{{N: 4}, nil}
	rows := structs.RowsOf(pointers)
	if len(rows) != 2 || rows[0] != structs.RowOf(pointers[0]) || rows[1] != nil || structs.RowOf(pointers[1]) != nil {
		t.Errorf("expected the rows of %v, got %v", pointers, rows)
	}
	if again := structs.Typed[*child](rows); !slices.Equal(again, pointers) {
		t.Errorf("expected %v, got %v", pointers, again)
	}
	if rows := structs.RowsOf([]int{1, 2}); len(rows) != 2 || rows[0] != nil || structs.RowOf(1) != nil {
		t.Errorf("what is no pointer is a row: %v", rows)
	}
	if structs.Typed[*child](nil) != nil || structs.RowsOf[*child](nil) != nil {
		t.Error("nil does not stay nil")
	}
}

func TestSlabReturnsARowTakenBackAgain(t *testing.T) {
	t.Parallel()
	s := mustFor[child](t)
	name := mustField(t, s, "Name")
	slab := structs.NewSlab(s, 2)
	var before structs.Row
	for i := range 4 { // over the end of a chunk
		row := slab.New()
		*name.Dest(row).(*string) = "gone"
		slab.TakeBack(row)
		again := slab.New()
		if again != row || *childOf(again) != (child{}) {
			t.Errorf("row %d: expected the row again, with the zero value", i)
		}
		if again == before {
			t.Errorf("row %d: is the one before it, which was not taken back", i)
		}
		before = again
	}
}
