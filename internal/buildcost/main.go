//go:build linux || darwin

// Command buildcost measures what a user's build pays for dovetail: a program of many tables, five queries for each, is
// generated twice, once with dovetail and once with pgx and SQL written by hand, and built.
//
//	go run ./internal/buildcost [-tables 100] [-n 3] [-dovetail DIR]
//
// DIR is a checkout of dovetail, this one if none is named: an older one is measured with the same program, as long as it
// has the few calls of dovetail.tmpl.
//
// What is measured is go build after a change in the program's own package, which is compiled whole, and linked. All it
// imports is compiled before, by building both programs with two tables, into a build cache that is made for the run.
// Each of the -n builds finds its program changed; the programs take turns. Printed are the medians:
//
//	wall    seconds by the clock, which other work on the machine lengthens
//	CPU     seconds, user and system, of go build and all it started
//	memory  the largest resident set of one of these processes
//	binary  the size of what was built, with its symbols
//
// The programs are not run, and no database is needed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"
)

func main() {
	tables := flag.Int("tables", 100, "how many `tables` the programs have")
	n := flag.Int("n", 3, "how many `times` each is built")
	checkout := flag.String("dovetail", ".", "the `folder` of the checkout that is measured")
	flag.Parse()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *checkout, *tables, *n)
	cancel()
	if err != nil {
		fmt.Fprintln(os.Stderr, "buildcost:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, checkout string, tables, n int) error {
	if tables < 2 || n < 1 {
		return errors.New("expected two tables or more, and one build or more")
	}
	dir, err := os.MkdirTemp("", "buildcost")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()

	all := programs(dir)
	costs := make([][]cost, len(all))
	for build := range n + 1 { // the first fills the cache
		for i, p := range all {
			size := tables
			if build == 0 {
				size = 2
			}
			if err := p.generate(checkout, size, build); err != nil {
				return err
			}
			c, err := p.build(ctx, filepath.Join(dir, "cache"))
			if err != nil {
				return err
			}
			costs[i] = append(costs[i], c)
		}
	}
	fmt.Printf("%d tables, medians of %d builds, %s %s/%s, %d CPUs\n\n",
		tables, n, runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	fmt.Printf("%-18s %8s %8s %8s %10s %10s\n", "", "lines", "wall s", "CPU s", "memory MB", "binary MB")
	for i, p := range all {
		c := medians(costs[i][1:])
		fmt.Printf("%-18s %8d %8.1f %8.1f %10.0f %10.1f\n",
			p.name, p.lines, c.wall.Seconds(), c.cpu.Seconds(), float64(c.memory)/1e6, float64(c.binary)/1e6)
	}
	return nil
}

// cost is what one build took.
type cost struct {
	wall, cpu      time.Duration
	memory, binary int64 // bytes
}

func medians(costs []cost) cost {
	return cost{
		wall:   median(costs, func(c cost) time.Duration { return c.wall }),
		cpu:    median(costs, func(c cost) time.Duration { return c.cpu }),
		memory: median(costs, func(c cost) int64 { return c.memory }),
		binary: median(costs, func(c cost) int64 { return c.binary }),
	}
}

// median is the upper one of the two in the middle if their number is even.
func median[N time.Duration | int64](costs []cost, of func(cost) N) N {
	all := make([]N, len(costs))
	for i, c := range costs {
		all[i] = of(c)
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// build builds the program, with the build cache if one is named and else with the user's.
func (p *program) build(ctx context.Context, cache string) (cost, error) {
	binary := filepath.Join(p.dir, "program.bin")
	if err := os.Remove(binary); err != nil && !errors.Is(err, os.ErrNotExist) {
		return cost{}, err
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-o", binary, ".")
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	if cache != "" {
		cmd.Env = append(cmd.Env, "GOCACHE="+cache)
	}
	started := time.Now()
	out, err := cmd.CombinedOutput()
	wall := time.Since(started)
	if err != nil {
		return cost{}, fmt.Errorf("%s in %s: %w\n%s", p.name, p.dir, err, out)
	}
	built, err := os.Stat(binary)
	if err != nil {
		return cost{}, err
	}
	c := cost{wall: wall, cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), binary: built.Size()}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		c.memory = int64(usage.Maxrss) //nolint:unconvert // it has 32 bits where int has
		if runtime.GOOS == "linux" {
			c.memory *= 1024
		}
	}
	return c, nil
}
