package structs_test

import (
	"testing"
	"time"

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

var sink any

func BenchmarkDest(b *testing.B) {
	s := mustFor[benchRow](b)
	row := structs.RowOf(&benchRow{})
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
	row := structs.RowOf(&benchRow{Parent: ptr(int64(4))})
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
	row := structs.RowOf(&account{})
	b.ReportAllocs()
	for b.Loop() {
		d.Decode(&cells, row, values)
	}
}
