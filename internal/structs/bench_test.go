package structs_test

import (
	"testing"
	"time"
	"unsafe"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/structs"
)

type benchRow struct {
	ID     int64
	Small  int16
	Named  namedInt
	Parent *int64
	UUID   namedID
	*Extra
}

// It counts allocations, so it does not run in parallel.
func TestHotPathDoesNotAllocate(t *testing.T) {
	s := mustFor[benchRow](t)
	r := &benchRow{Parent: ptr(int64(4)), Extra: &Extra{}}
	row := unsafe.Pointer(r)
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

var sink any

func BenchmarkDest(b *testing.B) {
	s := mustFor[benchRow](b)
	row := unsafe.Pointer(&benchRow{})
	for _, f := range s.Fields {
		b.Run(f.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sink = f.Dest(row)
			}
		})
	}
}

func BenchmarkAppendKey(b *testing.B) {
	s := mustFor[benchRow](b)
	row := unsafe.Pointer(&benchRow{Parent: ptr(int64(4))})
	for _, f := range s.Fields[:5] {
		b.Run(f.Name, func(b *testing.B) {
			b.ReportAllocs()
			keys := dialect.Keys{Kind: f.Key, Ints: make([]int64, 0, 1), UUIDs: make([][16]byte, 0, 1)}
			for b.Loop() {
				keys.Ints, keys.UUIDs = keys.Ints[:0], keys.UUIDs[:0]
				if ok, err := f.AppendKey(&keys, row); !ok || err != nil {
					b.Fatal(ok, err)
				}
			}
		})
	}
}

func BenchmarkSlab(b *testing.B) {
	s := mustFor[benchRow](b)
	b.ReportAllocs()
	slab := structs.NewSlab(s, 0)
	for b.Loop() {
		last = slab.New()
	}
}

// BenchmarkDecode reads a row as those of bench/ are.
func BenchmarkDecode(b *testing.B) {
	type account struct {
		ID           int64
		Owner, Email string
		Balance      int64
		BranchID     int64
		CreatedAt    time.Time
	}
	s := mustFor[account](b)
	number := []byte{0, 0, 0, 0, 0, 0, 1, 2}
	values := [][]byte{number, []byte("owner 258"), []byte("owner258@example.com"), number, number, {0, 2, 0, 0, 0, 0, 1, 2}}
	written := []dialect.Encoding{
		dialect.EncodingInt8, dialect.EncodingText, dialect.EncodingText, dialect.EncodingInt8, dialect.EncodingInt8, dialect.EncodingTimestampTZ,
	}
	cells, d := structs.NewCells(len(values)), structs.Decoder{}
	for i, f := range s.Fields {
		if !cells.Add(i, f, written[i]) {
			b.Fatal(f.Name)
		}
	}
	row := unsafe.Pointer(&account{})
	b.ReportAllocs()
	for b.Loop() {
		d.Decode(&cells, row, values)
	}
}
