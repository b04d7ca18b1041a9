// Command bench compares dovetail with what is written by hand with pgx, on the same rows, and prints a table for each workload: the
// ratio of client CPU and of time by the clock to hand-written pgx, the median of rounds that are run in turn with the least and the
// greatest, and the allocations of a call. "raw again" is the same code once more, so that its ratio shows the noise.
//
//	DATABASE_URL=postgres://… go run . [-live] [-delay 1ms] [-rounds 9] [-only W3,W5]
//
// Without -live the server's answers come from memory, so that only the client's work is left. With -delay the server is asked, and an answer
// comes no sooner after its question than that, as from a server so far away. "one trip" is dovetail with OneRoundTrip. Before anything is timed, the rows of
// all contenders are compared, related rows included. Times are never asserted, but a call of dovetail that makes more objects than it
// used to is an error. It makes the schema "bench" anew.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/dovetail-go/dovetail/dialect/postgres"
)

func main() {
	live := flag.Bool("live", false, "ask the server in each call")
	delay := flag.Duration("delay", 0, "ask the server in each call, as far away as an answer takes so long")
	rounds := flag.Int("rounds", 9, "rounds, in each of which every contender runs once")
	only := flag.String("only", "", "workloads, with commas between them")
	share := flag.Duration("for", 40*time.Millisecond, "how long a contender runs in a round")
	profile := flag.String("cpuprofile", "", "write a CPU profile of dovetail's calls alone, which are not timed then")
	memory := flag.String("memprofile", "", "write a profile of what dovetail's calls alone allocate, which are not timed then")
	flag.Parse()
	b := bench{live: *live || *delay > 0, delay: *delay, rounds: *rounds, share: *share, profile: *profile, memory: *memory}
	if *only != "" {
		b.only = strings.Split(*only, ",")
	}
	if err := b.run(context.Background(), os.Getenv("DATABASE_URL")); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type bench struct {
	live   bool
	delay  time.Duration
	rounds int
	share  time.Duration
	only   []string

	profile, memory string
}

// contender is one way to run the workloads.
type contender struct {
	name  string
	calls map[string]func(context.Context) (any, error) // by workload
}

func (b *bench) run(ctx context.Context, url string) error {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return err
	}
	setup, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer setup.Close(ctx)
	if err := fill(ctx, setup); err != nil {
		return err
	}
	config.RuntimeParams["search_path"] = "bench"
	var contenders []contender
	var tapes []*tape
	for _, contend := range []func(*pgx.Conn) contender{byHand("raw"), byHand("raw again"), byLibrary, inOneTrip} {
		t := &tape{answers: map[string][]byte{}, delay: b.delay}
		conn, err := t.connect(ctx, config)
		if err != nil {
			return err
		}
		tapes = append(tapes, t)
		contenders = append(contenders, contend(conn))
	}
	for _, w := range workloads {
		if len(b.only) > 0 && !slices.Contains(b.only, w) {
			continue
		}
		if err := b.workload(ctx, w, contenders, tapes); err != nil {
			return fmt.Errorf("%s: %w", w, err)
		}
	}
	return nil
}

// workload compares the rows of all contenders, then times them.
func (b *bench) workload(ctx context.Context, w string, contenders []contender, tapes []*tape) error {
	want := ""
	for i, c := range contenders {
		for range 3 { // so that statements are prepared, and the answers to them recorded
			tapes[i].playing = false
			rows, err := c.calls[w](ctx)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			got := digest(rows)
			if want == "" {
				want = got
			}
			if got != want {
				return fmt.Errorf("%s has other rows than %s", c.name, contenders[0].name)
			}
		}
		tapes[i].playing = !b.live
	}
	if b.profile != "" {
		return b.profiled(ctx, contenders[measured].calls[w])
	}
	if b.memory != "" {
		return b.allocated(ctx, contenders[measured].calls[w])
	}
	n, err := b.calls(ctx, contenders[0].calls[w])
	if err != nil {
		return err
	}
	cpu, wall, allocs := make([][]float64, len(contenders)), make([][]float64, len(contenders)), make([]float64, len(contenders))
	var base time.Duration
	for range b.rounds {
		var first cost
		for i, c := range contenders {
			took, err := timed(n, func() error { _, err := c.calls[w](ctx); return err })
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			if i == 0 {
				first = took
				base += took.wall
			}
			cpu[i] = append(cpu[i], float64(took.cpu)/float64(first.cpu))
			wall[i] = append(wall[i], float64(took.wall)/float64(first.wall))
			allocs[i] = took.allocs
		}
	}
	for i := range tapes {
		tapes[i].playing = false
	}
	if made := allocs[measured]; made > ceilings[w] {
		return fmt.Errorf("a call of dovetail makes %.0f objects, and not %.0f at most", made, ceilings[w])
	}
	fmt.Printf("%s (raw: %v a call)\n", w, (base / time.Duration(b.rounds)).Round(100*time.Nanosecond))
	for i, c := range contenders {
		byCPU, byClock := spreadOf(cpu[i]), spreadOf(wall[i])
		fmt.Printf("  %-10s cpu %5.2f (%.2f–%.2f)  clock %5.2f (%.2f–%.2f)  %8.0f allocs\n", c.name, byCPU.median, byCPU.min, byCPU.max,
			byClock.median, byClock.min, byClock.max, allocs[i])
	}
	return nil
}

// profiled writes a profile of the calls of all rounds.
func (b *bench) profiled(ctx context.Context, call func(context.Context) (any, error)) error {
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
		if _, err := b.calls(ctx, call); err != nil {
			return err
		}
	}
	return nil
}

// allocated writes a profile of all that a hundred calls allocate.
func (b *bench) allocated(ctx context.Context, call func(context.Context) (any, error)) error {
	f, err := os.Create(b.memory)
	if err != nil {
		return err
	}
	defer f.Close()
	runtime.MemProfileRate = 1
	for range 100 {
		if _, err := call(ctx); err != nil {
			return err
		}
	}
	runtime.GC() // which the profile waits for
	return pprof.Lookup("allocs").WriteTo(f, 0)
}

// calls returns how many calls fill a contender's share of a round.
func (b *bench) calls(ctx context.Context, call func(context.Context) (any, error)) (int, error) {
	start, n := time.Now(), 0
	for time.Since(start) < b.share {
		if _, err := call(ctx); err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}

var workloads = []string{"W1", "W2s", "W2", "W2x", "W3s", "W3", "W3x", "W4a", "W4b", "W5", "W6a", "W6b", "W7", "W10", "W10s", "W12"}

// ceilings are how many objects dovetail makes in a call of each workload, and a little more for memory that is lent to calls and was
// collected in between.
var ceilings = map[string]float64{
	"W1": 17, "W2s": 40, "W2": 90, "W2x": 450, "W3s": 130, "W3": 600, "W3x": 4500, "W4a": 250, "W4b": 650, "W5": 150, "W6a": 85, "W6b": 85, "W7": 550,
	"W10": 400, "W10s": 300, "W12": 210,
}

// loads are the workloads' calls; what they mean is in docs/performance.md.
type loads interface {
	account(ctx context.Context, id int64) (*Account, error)
	accounts(ctx context.Context, n int64) ([]*Account, error)
	accountsWithActivities(ctx context.Context, n int64) ([]*Account, error)
	nested(ctx context.Context, n int64) ([]*Account, error)
	branches(ctx context.Context, n int64) ([]*Branch, error)
	students(ctx context.Context, n int64) ([]*Student, error)
	joined(ctx context.Context, amount int64) ([]*Account, error)
	having(ctx context.Context, amount int64) ([]*Account, error)
	withAccount(ctx context.Context, n int64) ([]*Activity, error)
	four(ctx context.Context, n int64) ([]*Account, error)
	tree(ctx context.Context) ([]*Category, error)
}

func callsOf(l loads) map[string]func(context.Context) (any, error) {
	return map[string]func(context.Context) (any, error){
		"W1":   of(l.account, 77),
		"W2s":  of(l.accounts, 20),
		"W2":   of(l.accounts, 1000),
		"W2x":  of(l.accounts, 10000),
		"W3s":  of(l.accountsWithActivities, 20),
		"W3":   of(l.accountsWithActivities, 1000),
		"W3x":  of(l.accountsWithActivities, 10000),
		"W4a":  of(l.nested, 100),
		"W4b":  of(l.branches, 10),
		"W5":   of(l.students, 500),
		"W6a":  of(l.joined, 935),
		"W6b":  of(l.having, 935),
		"W7":   of(l.withAccount, 5000),
		"W10":  of(l.four, 100),
		"W10s": of(l.four, 10),
		"W12":  func(ctx context.Context) (any, error) { return l.tree(ctx) },
	}
}

func of[T any](call func(context.Context, int64) (T, error), n int64) func(context.Context) (any, error) {
	return func(ctx context.Context) (any, error) { return call(ctx, n) }
}

func byHand(name string) func(*pgx.Conn) contender {
	return func(conn *pgx.Conn) contender { return contender{name, callsOf(raw{conn})} }
}

// measured is the contender that profiles and ceilings are of.
const measured = 2

func byLibrary(conn *pgx.Conn) contender {
	return contender{"dovetail", callsOf(library{db: postgres.New(conn)})}
}

func inOneTrip(conn *pgx.Conn) contender {
	return contender{"one trip", callsOf(library{db: postgres.New(conn), atOnce: true})}
}
