package main

import (
	"runtime"
	"slices"
	"syscall"
	"time"
)

// cost is what one call took.
type cost struct {
	wall, cpu time.Duration
	allocs    float64
}

func processTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// timed runs a call n times.
func timed(n int, call func() error) (cost, error) {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, start := processTime(), time.Now()
	for range n {
		if err := call(); err != nil {
			return cost{}, err
		}
	}
	wall, cpu := time.Since(start), processTime()-cpu
	runtime.ReadMemStats(&after)
	d := time.Duration(n)
	return cost{wall / d, cpu / d, float64(after.Mallocs-before.Mallocs) / float64(n)}, nil
}

// spread is the middle of ratios, and their ends.
type spread struct{ median, min, max float64 }

func spreadOf(ratios []float64) spread {
	s := slices.Sorted(slices.Values(ratios))
	return spread{s[len(s)/2], s[0], s[len(s)-1]}
}
