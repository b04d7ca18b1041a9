package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

type bench struct {
	live, sqlite bool
	delay        time.Duration
	rounds       int
	share        time.Duration
	only         []string

	profile, memory, plot string
}

// runner is a contender with a connection of its own.
type runner struct {
	contender
	tape  *tape
	calls calls
}

func (r *runner) call(ctx context.Context, w workload) (any, error) { return r.calls[w.call](ctx, w.n) }

// score is what a contender took in a workload, beside the first contender.
type score struct {
	cpu, wall spread
	allocs    float64
	lacks     error // why it does not take part
}

func (b *bench) run(ctx context.Context, names, url string) error {
	list, err := b.listed(names)
	if err != nil {
		return err
	}
	there, away, err := b.prepare(ctx, url)
	if err != nil {
		return err
	}
	defer away()
	var runners []*runner
	for _, c := range list {
		at := there
		at.tape = &tape{answers: map[string][]byte{}, delay: b.delay}
		calls, err := c.open(ctx, at)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		runners = append(runners, &runner{c, at.tape, calls})
	}
	if b.plot != "" {
		return b.draw(ctx, runners)
	}
	t := tables{names: list, server: there.server}
	for _, w := range b.chosen() {
		scores, err := b.workload(ctx, w, runners)
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		if scores != nil {
			t.add(w, scores)
		}
	}
	t.print(os.Stdout)
	return nil
}

func (b *bench) listed(names string) ([]contender, error) {
	switch {
	case b.sqlite:
		return onSQLite, nil
	case b.plot != "":
		return chosen("dovetail,one trip")
	case b.profile != "" || b.memory != "":
		return chosen(ours)
	default:
		return chosen(names)
	}
}

// chosen returns the workloads that are run.
func (b *bench) chosen() []workload {
	return slices.DeleteFunc(slices.Clone(workloads), func(w workload) bool {
		return len(b.only) > 0 && !slices.Contains(b.only, w.name) || b.sqlite && !w.sqlite
	})
}

// place is where the rows are.
type place struct {
	config *pgx.ConnConfig
	tape   *tape
	file   string // of SQLite
	server string // its version
}

// prepare fills a database and says where it is, and how it is left.
func (b *bench) prepare(ctx context.Context, url string) (place, func(), error) {
	if b.sqlite {
		dir, err := os.MkdirTemp("", "bench")
		if err != nil {
			return place{}, nil, err
		}
		file := filepath.Join(dir, "bench.sqlite")
		return place{file: file}, func() { os.RemoveAll(dir) }, fillSQLite(ctx, file)
	}
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return place{}, nil, err
	}
	setup, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return place{}, nil, err
	}
	defer setup.Close(ctx)
	config.RuntimeParams["search_path"] = "bench"
	server := "PostgreSQL " + setup.PgConn().ParameterStatus("server_version")
	return place{config: config, server: server}, func() {}, fill(ctx, setup)
}

// workload compares the rows of all contenders, then times them.
func (b *bench) workload(ctx context.Context, w workload, runners []*runner) ([]score, error) {
	scores := make([]score, len(runners))
	if err := b.compare(ctx, w, runners, scores); err != nil {
		return nil, err
	}
	for _, r := range runners {
		r.tape.play(!b.live && b.delay == 0)
		defer r.tape.play(false)
	}
	if b.profile != "" || b.memory != "" {
		i := slices.IndexFunc(runners, func(r *runner) bool { return r.name == ours })
		call := func() error { _, err := runners[i].call(ctx, w); return err }
		if b.profile != "" {
			return nil, b.profiled(call)
		}
		return nil, b.allocated(call)
	}
	base, err := b.time(ctx, w, runners, scores)
	if err != nil {
		return nil, err
	}
	fmt.Printf("%s, %s (%s: %v a call)\n", w.name, w.what, runners[0].name, base.Round(100*time.Nanosecond))
	for i, r := range runners {
		s := scores[i]
		if s.lacks != nil {
			fmt.Printf("  %-15s %v\n", r.name, s.lacks)
			continue
		}
		if r.name == ours && !b.sqlite && s.allocs > w.most {
			return nil, fmt.Errorf("a call of dovetail makes %.0f objects, and not %.0f at most", s.allocs, w.most)
		}
		fmt.Printf("  %-15s cpu %5.2f (%.2f–%.2f)  clock %5.2f (%.2f–%.2f)  %8.0f allocs\n", r.name, s.cpu.median, s.cpu.min, s.cpu.max,
			s.wall.median, s.wall.min, s.wall.max, s.allocs)
	}
	return scores, nil
}

// compare wants the same rows of all contenders, and notes those that cannot take part.
func (b *bench) compare(ctx context.Context, w workload, runners []*runner, scores []score) error {
	want := ""
	for i, r := range runners {
		for range 3 { // so that statements are prepared, and the answers to them recorded
			rows, err := r.call(ctx, w)
			if errors.Is(err, errors.ErrUnsupported) {
				scores[i].lacks = err
				break
			}
			if err != nil {
				return fmt.Errorf("%s: %w", r.name, err)
			}
			got := digest(rows)
			if want == "" {
				want = got
			}
			if got != want {
				return fmt.Errorf("%s has other rows than %s", r.name, runners[0].name)
			}
		}
	}
	return nil
}

// time runs all contenders in each round, each for as long, and returns how long a call of the first takes.
func (b *bench) time(ctx context.Context, w workload, runners []*runner, scores []score) (time.Duration, error) {
	calls, base := make([]int, len(runners)), time.Duration(0)
	cpu, wall := make([][]float64, len(runners)), make([][]float64, len(runners))
	for round := range b.rounds {
		var first cost
		for i, r := range runners {
			if scores[i].lacks != nil {
				continue
			}
			call := func() error { _, err := r.call(ctx, w); return err }
			if round == 0 {
				n, err := b.calls(call)
				if err != nil {
					return 0, fmt.Errorf("%s: %w", r.name, err)
				}
				calls[i] = n
			}
			took, err := timed(calls[i], call)
			if err != nil {
				return 0, fmt.Errorf("%s: %w", r.name, err)
			}
			if i == 0 {
				first = took
				base += took.wall
			}
			cpu[i] = append(cpu[i], float64(took.cpu)/float64(first.cpu))
			wall[i] = append(wall[i], float64(took.wall)/float64(first.wall))
			scores[i].allocs = took.allocs
		}
	}
	for i := range scores {
		if scores[i].lacks == nil {
			scores[i].cpu, scores[i].wall = spreadOf(cpu[i]), spreadOf(wall[i])
		}
	}
	return base / time.Duration(b.rounds), nil
}

// profiled writes a profile of the calls of all rounds.
func (b *bench) profiled(call func() error) error {
	f, err := os.Create(b.profile)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := pprof.StartCPUProfile(f); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	for range b.rounds {
		if _, err := b.calls(call); err != nil {
			return err
		}
	}
	return nil
}

// allocated writes a profile of all that a hundred calls allocate.
func (b *bench) allocated(call func() error) error {
	f, err := os.Create(b.memory)
	if err != nil {
		return err
	}
	defer f.Close()
	runtime.MemProfileRate = 1
	for range 100 {
		if err := call(); err != nil {
			return err
		}
	}
	runtime.GC() // which the profile waits for
	return pprof.Lookup("allocs").WriteTo(f, 0)
}

// calls returns how many calls fill a contender's share of a round.
func (b *bench) calls(call func() error) (int, error) {
	start, n := time.Now(), 0
	for n == 0 || time.Since(start) < b.share {
		if err := call(); err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}
