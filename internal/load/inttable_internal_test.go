package load

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The table agrees with a map, for keys that follow each other, lie apart, or meet.
func TestIntTableAgreesWithAMap(t *testing.T) {
	for name, key := range map[string]func(i int) int64{
		"in order":  func(i int) int64 { return int64(i) },
		"backwards": func(i int) int64 { return -int64(i) },
		"far apart": func(i int) int64 { return int64(i) << 40 },
		"few":       func(i int) int64 { return int64(i % 7) },
		"at the ends": func(i int) int64 {
			return []int64{math.MinInt64, math.MaxInt64, 0, -1}[i%4] + int64(i%3)
		},
		"random":             func(int) int64 { return rand.Int64N(3000) - 1500 },
		"around the ends":    func(i int) int64 { return math.MaxInt64 - 100 + int64(i) }, // which wraps around
		"close, then apart":  func(i int) int64 { return int64(i) << max(0, i-2500) },
		"from the middle":    func(i int) int64 { return int64(i) * int64(1-i%2*2) },
		"every fifth":        func(i int) int64 { return 1e12 + int64(i)*5 },
		"every ninth":        func(i int) int64 { return 1e12 - int64(i)*9 },
		"one far from many":  func(i int) int64 { return int64(i) - int64(i/4999)*1e9 },
		"many far from one":  func(i int) int64 { return int64(i) + int64(min(i, 1))*1e9 },
		"backwards from max": func(i int) int64 { return math.MaxInt64 - int64(i) },
	} {
		t.Run(name, func(t *testing.T) {
			table, want := newIntTable(0), map[int64]int32{}
			for i := range 5000 {
				k, next := key(i), int32(len(want))
				known, ok := want[k]
				if !ok {
					known = next
					want[k] = next
				}
				if at, isNew := table.add(k, next); at != known || isNew == ok {
					t.Fatalf("add %d: number %d, new %v; want %d, %v", k, at, isNew, known, !ok)
				}
			}
			for k, at := range want {
				if found, ok := table.find(k); !ok || found != at {
					t.Errorf("find %d: %d, %v; want %d", k, found, ok, at)
				}
			}
			if at, ok := table.find(1<<50 + 12345); ok {
				t.Errorf("found a key that is not there: %d", at)
			}
		})
	}
}

func BenchmarkIntTable(b *testing.B) {
	const n = 1000
	b.Run("table", func(b *testing.B) {
		for b.Loop() {
			t := newIntTable(n)
			for k := range int64(n) {
				t.add(k, int32(k))
			}
			for k := range int64(10 * n) {
				t.find(k / 10)
			}
		}
	})
	b.Run("map", func(b *testing.B) {
		for b.Loop() {
			t := make(map[int64]int32, n)
			for k := range int64(n) {
				t[k] = int32(k)
			}
			for k := range int64(10 * n) {
				_ = t[k/10]
			}
		}
	})
}
