package faults_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	sq "github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/dbtest"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// secondsName is the variable that says how long a pool is under load.
const secondsName = "DOVETAIL_LOAD_SECONDS"

const (
	loadRounds = 3 // after each of which it is quiet, and what is left is looked at
	starved    = time.Minute
	warmRounds = 40      // of all calls, one after the other: each text is prepared then
	leastCalls = 3       // of each loader in a round, however short that is
	heapGrowth = 8 << 20 // bytes, from the first round to the last: what pools and plans keep
)

// load is a database under load.
type load struct {
	d       kit.Database
	loaders []*loader

	texts  map[string]bool // of the statements that may be prepared; nil: none are
	pool   *pgxpool.Pool
	heap   uint64 // after the first round
	before int    // goroutines
}

// TestLoad has many goroutines do all kinds of things by pools of few connections. Answers are whole all the time, nobody waits for ever,
// and nothing grows.
func TestLoad(t *testing.T) { // it is not parallel: it counts goroutines and bytes
	seconds := time.Duration(kit.Number(t, secondsName, kit.Sized[uint64](4, 3)))
	seed := kit.Seed(t)
	for _, conns := range []int32{1, 4, 16} {
		t.Run(fmt.Sprintf("postgres, %d connections", conns), func(t *testing.T) {
			config := dbtest.PostgresConfig(t)
			config.MaxConns, config.ConnConfig.StatementCacheCapacity = conns, 512
			l := &load{d: onPool(t, "postgres/pool", config), texts: map[string]bool{}}
			l.pool = dbtest.PostgresPool(t, config)
			l.d.DB = postgres.New(l.pool)
			l.run(t, 64, seed, seconds*time.Second)
			if n := l.pool.Stat().TotalConns(); n > conns {
				t.Errorf("%d connections of %d", n, conns)
			}
		})
	}
	t.Run("sqlite, 8 writers", func(t *testing.T) {
		pool := dbtest.SQLite(t)
		l := &load{d: kit.Database{Name: "sqlite/db", DB: sqlite.New(pool), Exec: func(tb testing.TB, sql string) {
			tb.Helper()
			if _, err := pool.ExecContext(tb.Context(), sql); err != nil {
				tb.Fatal(err)
			}
		}}}
		pool.SetMaxOpenConns(8)
		l.run(t, 8, seed, seconds*time.Second)
		if s := pool.Stats(); s.InUse != 0 || s.OpenConnections > 8 {
			t.Errorf("%d connections are in use, and %d open", s.InUse, s.OpenConnections)
		}
	})
}

// run makes the tables, warms up and has the loaders do what they do.
func (l *load) run(t *testing.T, loaders int, seed uint64, lasts time.Duration) {
	t.Helper()
	l.d.Exec(t, loadDDL)
	for i := range pursesOfAll {
		kit.Insert(t, l.d.DB, dovetail.Insert(purses, &loadPurse{ID: int64(i) + 1, Sum: sumOfAll / pursesOfAll}))
	}
	for i := range labelsOfAll {
		kit.Insert(t, l.d.DB, dovetail.Insert(labels, &loadLabel{ID: int64(i) + 1}))
	}
	for i := range loaders {
		l.loaders = append(l.loaders, &loader{db: l.d.DB, postgres: l.d.Postgres(), r: rand.New(rand.NewPCG(seed, uint64(i))),
			first: int64(i)*keysOfOne + 1, there: map[int64]bool{}})
	}
	l.warm(t)
	l.before = runtime.NumGoroutine()
	for round := range loadRounds {
		l.round(t, lasts/loadRounds)
		if t.Failed() {
			return
		}
		l.quiet(t, round)
		l.check(t)
	}
	var calls, ended, unknown, least int64
	for i, w := range l.loaders {
		n := w.calls.Load()
		if calls, ended, unknown = calls+n, ended+w.ended.Load(), unknown+w.unknown.Load(); i == 0 || n < least {
			least = n
		}
	}
	t.Logf("%d calls, of each goroutine at least %d; %d ended by their contexts, %d unknown; %d statements are prepared", calls, least, ended, unknown, len(l.texts))
	if mean := calls / int64(loaders); l.d.Postgres() && mean >= 20 && least < mean/5 { // SQLite's lock is nobody's turn
		t.Errorf("one goroutine did %d calls, and the mean is %d", least, mean)
	}
}

// warm does everything several times, one after the other, and notes what was prepared for it.
func (l *load) warm(t *testing.T) {
	t.Helper()
	w := &loader{db: l.d.DB, postgres: l.d.Postgres(), r: rand.New(rand.NewPCG(1, 1)), first: int64(len(l.loaders))*keysOfOne + 1, there: map[int64]bool{}}
	l.loaders = append(l.loaders, w)
	for range warmRounds {
		for _, c := range loadCalls {
			if err := c.do(w, t.Context()); err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
		}
	}
	l.check(t)
	if l.texts != nil {
		maps.Copy(l.texts, l.prepared(t))
		if len(l.texts) < len(loadCalls) {
			t.Errorf("expected statements to be prepared, got %d", len(l.texts))
		}
	}
}

// prepared returns the texts of what is prepared on the connections of the pool.
func (l *load) prepared(t *testing.T) map[string]bool {
	t.Helper()
	texts := map[string]bool{}
	for _, conn := range l.pool.AcquireAllIdle(t.Context()) {
		defer conn.Release()
		rows, err := kit.SQL[string](t.Context(), postgres.New(conn), "SELECT statement FROM pg_prepared_statements")
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range rows {
			texts[text] = true
		}
	}
	return texts
}

// round has every loader call for that long, and at least some times.
func (l *load) round(t *testing.T, lasts time.Duration) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	end := time.Now().Add(lasts)
	var workers sync.WaitGroup
	for _, w := range l.loaders {
		w.last.Store(time.Now().UnixNano())
		workers.Go(func() {
			for n := 0; ctx.Err() == nil && (n < leastCalls || time.Now().Before(end)); n++ {
				if err := w.call(ctx, loadCalls[w.r.IntN(len(loadCalls))]); err != nil {
					t.Error(err)
					cancel()
				}
			}
			w.last.Store(0)
		})
	}
	over := make(chan struct{})
	go func() { workers.Wait(); close(over) }()
	for {
		select {
		case <-over:
			return
		case <-time.After(time.Second):
		}
		for i, w := range l.loaders {
			if last := w.last.Load(); last != 0 && time.Since(time.Unix(0, last)) > starved {
				stacks := make([]byte, 16<<20)
				t.Fatalf("goroutine %d has waited %v for one call\n%s", i, starved, stacks[:runtime.Stack(stacks, true)])
			}
		}
	}
}

// quiet looks at what is left between rounds.
func (l *load) quiet(t *testing.T, round int) {
	t.Helper()
	for end := time.Now().Add(soon); ; time.Sleep(5 * time.Millisecond) {
		now := runtime.NumGoroutine()
		if now <= l.before+1 { // a connection that is being closed, or made, by the pool
			break
		}
		if time.Now().After(end) {
			stacks := make([]byte, 16<<20)
			t.Fatalf("%d goroutines, %d before\n%s", now, l.before, stacks[:runtime.Stack(stacks, true)])
		}
	}
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if round == 0 {
		l.heap = m.HeapAlloc
	} else if m.HeapAlloc > l.heap+heapGrowth {
		t.Errorf("the heap has grown from %d to %d bytes", l.heap, m.HeapAlloc)
	}
	if l.texts == nil {
		return
	}
	if n := l.pool.Stat().AcquiredConns(); n != 0 {
		t.Errorf("%d connections were not given back", n)
	}
	for text := range l.prepared(t) {
		if !l.texts[text] {
			t.Errorf("a text that was not prepared when each call had been done %d times: %s", warmRounds, text)
		}
	}
}

// check holds what is there against what the loaders were told.
func (l *load) check(t *testing.T) {
	t.Helper()
	there, known := map[int64]bool{}, map[int64]bool{}
	for _, w := range l.loaders {
		maps.Copy(known, w.there)
	}
	rows := kit.All(t, l.d.DB, dovetail.Select(orders).Preload("lines").Preload("labels"))
	if err := l.loaders[0].checked(rows, nil, false); err != nil {
		t.Error(err)
	}
	for _, o := range rows {
		there[o.ID] = true
		if _, ok := known[o.ID]; !ok {
			t.Errorf("order %d is there, and was refused or deleted", o.ID)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(known)) {
		if known[id] && !there[id] {
			t.Errorf("order %d was inserted, and is not there", id)
		}
	}
	for _, w := range l.loaders { // what nobody knew is known now
		for id, certain := range w.there {
			if !certain && there[id] {
				w.there[id] = true
			} else if !certain {
				delete(w.there, id)
			}
		}
	}
	lines, err := dovetail.Select(orderLines).Count(t.Context(), l.d.DB)
	if err != nil || lines != int64(linesOf*len(rows)) {
		t.Errorf("expected the lines of %d orders, got %d and %v", len(rows), lines, err)
	}
	links, err := dovetail.Select(labelled).Where(sq.Expr("order_id NOT IN (SELECT id FROM orders)")).Count(t.Context(), l.d.DB)
	if err != nil || links != 0 {
		t.Errorf("%d links of orders that are gone, %v", links, err)
	}
	if err := l.loaders[0].sum(t.Context()); err != nil {
		t.Error(err)
	}
}
