// Package faults_test has tests in which a connection, a server or a context fails, at every place that there is. A call then returns
// all of its result or an error and nothing, a write has happened as a whole or not at all, and nothing is left behind.
package faults_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/dbtest"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

const (
	cached = pgx.QueryExecModeCacheStatement
	exec   = pgx.QueryExecModeExec
	simple = pgx.QueryExecModeSimpleProtocol
)

var modes = []pgx.QueryExecMode{cached, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeDescribeExec, exec, simple}

// stepName is the variable that says how many bytes there are from one fault of a sweep to the next.
const stepName = "DOVETAIL_FAULTS_STEP"

// soon is how long what was broken may take to be gone.
const soon = 5 * time.Second

// sweep is faults of one call in one mode, at one byte after the other.
type sweep struct {
	call   call
	writes bool
	mode   pgx.QueryExecMode
	warm   int // how often the connection has done the call before: its statements are prepared, and then what begins its transaction
	fault  kit.Fault
	first  int  // byte
	step   int  // bytes; the ways to end take turns
	every  bool // at every byte in every way
}

// broken is a database that is reached through a proxy, and the same without.
type broken struct {
	direct kit.Database
	name   string // of the application on its connections
	pool   *pgxpool.Pool
	proxy  *kit.Proxy
}

var applications atomic.Int64

// breakable makes the tables, and returns a pool of one connection in the mode, which goes through a proxy.
func breakable(t *testing.T, direct kit.Database, mode pgx.QueryExecMode) *broken {
	t.Helper()
	b := &broken{direct: direct, name: fmt.Sprintf("faults %d %d", os.Getpid(), applications.Add(1))}
	config := dbtest.PostgresConfig(t)
	config.MaxConns = 1
	config.ConnConfig.DefaultQueryExecMode = mode
	config.ConnConfig.RuntimeParams["application_name"] = b.name
	b.proxy = kit.NewProxy(t, config)
	var err error
	if b.pool, err = pgxpool.NewWithConfig(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	return b
}

// gone waits until the server has none of the connections, and what they were about is done.
func (b *broken) gone(t *testing.T) {
	t.Helper()
	b.none(t, "there", "")
}

// none waits until the server has no connection of the application that is so.
func (b *broken) none(t *testing.T, state, condition string) {
	t.Helper()
	for end := time.Now().Add(soon); ; time.Sleep(time.Millisecond) {
		n, err := kit.SQL[int64](t.Context(), b.direct.DB, "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1"+condition, b.name)
		if err != nil {
			t.Fatal(err)
		}
		if n[0] == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d connections are still %s", n[0], state)
		}
	}
}

// ready has the pool's connection there, and used so often.
func (b *broken) ready(t *testing.T, s sweep) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	for range s.warm {
		if _, err := s.call.do(ctx, postgres.New(b.pool)); err != nil {
			t.Fatalf("%s: %v", s.call.name, err)
		}
		if s.writes {
			fill(t, b.direct)
		}
	}
	if b.pool.Ping(ctx) == nil { // the one connection may have been told something that it has not read yet
		return
	}
	if err := b.pool.Ping(ctx); err != nil {
		t.Fatalf("%s: the pool is of no use: %v", s.call.name, err)
	}
}

// run breaks the call at one byte after the other until it comes through, and returns the number of faults.
func (s sweep) run(t *testing.T, direct kit.Database) (faults int) {
	t.Helper()
	b := breakable(t, direct, s.mode)
	defer b.gone(t)
	defer b.pool.Close()
	before := dump(t, direct)
	want, err := s.call.do(t.Context(), direct.DB)
	if err != nil {
		t.Fatal(err)
	}
	after := dump(t, direct)
	if s.writes {
		fill(t, direct)
	}
	for n := 0; ; n++ {
		b.ready(t, s)
		ctx, cancel := context.WithCancel(t.Context())
		f := &s.fault
		f.After, f.End = s.first+n*s.step, kit.Ends[(n+s.first)%len(kit.Ends)]
		if s.every {
			f.After = n / len(kit.Ends)
		}
		f.Then = nil
		if f.End == kit.EndStall {
			f.Then = cancel // nothing else ends the call
		}
		b.proxy.Break(*f)
		value, err := s.call.do(ctx, postgres.New(b.pool))
		happened := b.proxy.Done()
		cancel()
		at := fmt.Sprintf("%s, %s, warm %d, %s after %d bytes, sent %v", s.call.name, s.mode, s.warm, f.End, f.After, f.Sent)
		switch {
		case !happened && err != nil:
			t.Errorf("%s: nothing was broken, and %v", at, err)
		case err != nil && !strings.HasPrefix(err.Error(), "dovetail: "):
			t.Errorf("%s: got %v", at, err)
		case s.writes:
			if happened {
				b.gone(t)
			}
			if s.checkWrite(t, at, value, err, states{before, after, dump(t, direct)}) {
				fill(t, direct)
			}
		default:
			s.checkRead(t, at, value, err, want)
		}
		if !happened {
			return faults
		}
		faults++
		if t.Failed() {
			return faults
		}
	}
}

// states are what the tables held before a write, what they hold when it is done once, and what they hold.
type states struct{ before, after, now string }

// checkWrite checks what a write says, and returns whether it wrote.
func (s sweep) checkWrite(t *testing.T, at string, value any, err error, is states) (wrote bool) {
	t.Helper()
	wrote = is.now != is.before
	unknown := errors.Is(err, dovetail.ErrCommitUnknown)
	switch {
	case wrote && is.now != is.after:
		t.Errorf("%s: %v, expected\n%sor\n%sgot\n%s", at, err, is.before, is.after, is.now)
	case err == nil && !wrote:
		t.Errorf("%s: no error, and nothing was written", at)
	case err != nil && value != nil && fmt.Sprint(value) != "0":
		t.Errorf("%s: %v beside an error", at, value)
	case err != nil && wrote && !unknown:
		t.Errorf("%s: written, and the error is %v", at, err)
	case unknown && !wrote && !s.fault.Sent && s.fault.End != kit.EndNoise: // what the server did not hear is not known here, nor what noise means
		t.Errorf("%s: the server had not heard of an end, and the error is %v", at, err)
	}
	return wrote
}

// numbers are keys that the database made.
var numbers = regexp.MustCompile(`\b\d{4,}\b`)

// dump is what the tables hold, but for the keys that the database makes, which are not the same again.
func dump(t *testing.T, d kit.Database) string {
	t.Helper()
	return numbers.ReplaceAllString(written.Dump(t, d, tables...), "new")
}

// checkRead checks what a read says.
func (s sweep) checkRead(t *testing.T, at string, value any, err error, want any) {
	t.Helper()
	none := value == nil || value == int64(0)
	switch {
	case err == nil && value != want:
		t.Errorf("%s: expected\n%v\ngot\n%v", at, want, value)
	case err != nil && !none && (s.call.name != "Each" || !strings.HasPrefix(want.(string), value.(string))):
		t.Errorf("%s: %v beside %v", at, value, err)
	case errors.Is(err, dovetail.ErrCommitUnknown):
		t.Errorf("%s: a read is not written, and the error is %v", at, err)
	}
}

// TestTrap_M2_CutsAtBytesOfBothDirections breaks every kind of call in every mode in every way, at bytes of both directions.
func TestTrap_M2_CutsAtBytesOfBothDirections(t *testing.T) { // it is not parallel: it looks at what is left
	seed := kit.Seed(t)
	var faults atomic.Int64
	t.Run("sweeps", func(t *testing.T) {
		for _, group := range []struct {
			name   string
			calls  []call
			writes bool
			step   uint64
		}{{"reads", reads, false, 29}, {"transactions", transactions, true, 47}, {"statements", statements, true, 23}} {
			t.Run(group.name, func(t *testing.T) {
				t.Parallel()
				direct := prepared(t)
				step := int(kit.Number(t, stepName, kit.Sized(group.step, 8*group.step)))
				for _, c := range group.calls {
					n := 0
					for _, s := range sweeps(c, seed, step) {
						s.writes = group.writes
						n += s.run(t, direct)
					}
					if n < kit.Sized(10, 1) { // with longer steps the shortest calls meet few
						t.Errorf("%s: expected faults all over the call, got %d", c.name, n)
					}
					faults.Add(int64(n))
				}
			})
		}
	})
	t.Logf("%d faults", faults.Load())
	nothingRuns(t)
}

// sweeps are those of a call: in every mode, in both directions, with statements that are new to a connection and that are not. Each
// begins at a byte of its own.
func sweeps(c call, seed uint64, step int) (all []sweep) {
	for _, mode := range modes {
		for _, warm := range []int{0, 2} {
			if warm > 0 && mode != cached {
				continue
			}
			for _, sent := range []bool{false, true} {
				h := fnv.New64a()
				fmt.Fprint(h, seed, c.name, mode, warm, sent)
				all = append(all, sweep{call: c, mode: mode, warm: warm, fault: kit.Fault{Sent: sent}, first: int(h.Sum64() % uint64(step)), step: step})
			}
		}
	}
	return all
}

// TestTrap_M5_EndsWithoutAnAnswerAreUnknown breaks the answer to what ends a write at every byte: from here on it has happened.
func TestTrap_M5_EndsWithoutAnAnswerAreUnknown(t *testing.T) {
	t.Parallel()
	direct := prepared(t)
	byName := func(calls []call, name string) call {
		return calls[slices.IndexFunc(calls, func(c call) bool { return c.name == name })]
	}
	for _, mode := range []pgx.QueryExecMode{cached, exec, simple} {
		for _, s := range []sweep{
			{call: byName(transactions, "InTx"), fault: kit.Fault{Marker: "commit"}},
			{call: byName(statements, "Save"), warm: 1},
		} {
			s.writes, s.mode, s.every = true, mode, true
			if n := s.run(t, direct); n < 18*len(kit.Ends) {
				t.Errorf("%s, %s: expected a fault at every byte of the answer, got %d", s.call.name, mode, n)
			}
		}
	}
}

// nothingRuns waits until no goroutine of a driver, of a proxy or of the library is left.
func nothingRuns(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(soon); ; time.Sleep(10 * time.Millisecond) {
		buffer := make([]byte, 1<<20)
		var left []string
		for _, g := range strings.Split(string(buffer[:runtime.Stack(buffer, true)]), "\n\n") {
			if strings.Contains(g, "jackc/") && !strings.Contains(g, "backgroundHealthCheck") || strings.Contains(g, "kit.(*Proxy).pass") {
				left = append(left, g)
			}
		}
		if len(left) == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d goroutines are left, the first of them\n%s", len(left), left[0])
		}
	}
}
