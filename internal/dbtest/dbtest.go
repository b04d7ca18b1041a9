// Package dbtest gives tests their databases: a PostgreSQL found by a ladder of ways, and an embedded SQLite.
//
// A package whose tests use it has a TestMain that calls [Main]. A test asks for [Postgres] or [SQLite] and gets a
// database of its own; nothing is started before the first test asks. PostgreSQL comes from the first rung that serves:
//
//	dsn     the server that the URL in DOVETAIL_TEST_POSTGRES names; the right to create schemas is enough
//	docker  a container: DOVETAIL_TEST_POSTGRES_IMAGE, else dovetail-postgres (see make test-image), else postgres
//	binary  a server program installed on this computer, run on a temporary folder and a free loopback port
//
// A URL that is set is the only rung tried, and DOVETAIL_TEST_RUNG forces one by name; if a rung so chosen cannot
// serve, tests fail. If no rung serves, tests skip with the reasons, [Main] counts them, and they fail instead when
// DOVETAIL_TEST_REQUIRE, a comma list such as "postgres,sqlite", names the database.
//
// The command in the folder serve climbs the ladder once for several test processes.
package dbtest

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
)

// The environment that steers the package.
const (
	envURL     = "DOVETAIL_TEST_POSTGRES"
	envImage   = "DOVETAIL_TEST_POSTGRES_IMAGE"
	envRung    = "DOVETAIL_TEST_RUNG"
	envServed  = "DOVETAIL_TEST_RUNG_NAME" // set by serve beside envURL: the rung that really serves
	envRequire = "DOVETAIL_TEST_REQUIRE"
)

// The databases by the names that DOVETAIL_TEST_REQUIRE and the test attribute "database" use.
const (
	postgresName  = "postgres"
	sqliteName    = "sqlite"
	pgbouncerName = "pgbouncer"
	standbyName   = "standby"
)

// exitInterrupted is the exit status of a run that a signal ended, as shells report SIGINT.
const exitInterrupted = 130

// shared is what the tests of this process have in common. Only Main makes it usable.
var shared = newHarness(os.Getenv, Climb)

// Main runs the tests of a package, stops what they started, prints a line for each database (who served it, how many
// tests used it, how many were skipped for want of it) and exits with the tests' status. Call it as all of a
// TestMain.
//
// When the run is interrupted, servers are stopped as well; when it is killed, a server binary stops at once and a
// container within two hours.
func Main(m *testing.M) {
	flag.Parse()
	os.Exit(shared.main(m.Run, os.Stdout))
}

// harness is the state behind the package's functions. It is safe for concurrent use.
type harness struct {
	getenv func(string) string
	climb  func(context.Context) (*Server, error)

	mu      sync.Mutex
	ctx     context.Context // nil outside of Main; ends when the run is interrupted
	climbed bool
	server  *Server
	admin   *pgxpool.Pool // creates and drops schemas
	err     error         // why there is no server
	schemas map[testing.TB]string
	pair    pair                           // nil before the first test on a standby
	used    map[string]map[testing.TB]bool // tests that got the database, by its name
	skipped map[string]int
}

// pair is a server and its standby, for all tests of a process.
type pair struct{ primary, standby *Server }

func newHarness(getenv func(string) string, climb func(context.Context) (*Server, error)) *harness {
	return &harness{
		getenv:  getenv,
		climb:   climb,
		schemas: map[testing.TB]string{},
		used:    map[string]map[testing.TB]bool{postgresName: {}, sqliteName: {}, pgbouncerName: {}, standbyName: {}},
		skipped: map[string]int{},
	}
}

// main is Main with the tests and the output given; it returns the exit status.
func (h *harness) main(run func() int, out io.Writer) int {
	if err := h.checkRequire(); err != nil {
		fmt.Fprintf(out, "dbtest: %v\n", err)
		return 2
	}
	signals := []os.Signal{syscall.SIGTERM, os.Interrupt}
	if fuzzing := flag.Lookup("test.fuzz"); fuzzing != nil && fuzzing.Value.String() != "" {
		signals = signals[:1] // a fuzzing run answers an interrupt itself: it has findings to write
	}
	ctx, cancel := signal.NotifyContext(context.Background(), signals...)
	defer cancel()
	h.mu.Lock()
	h.ctx = ctx
	h.mu.Unlock()
	stop := context.AfterFunc(ctx, func() {
		h.close(out)
		os.Exit(exitInterrupted)
	})

	code := run()
	if !stop() {
		select {} // interrupted at the last moment: the other function exits
	}
	h.report(out)
	if err := h.close(out); err != nil && code == 0 {
		code = 1
	}
	return code
}

// checkRequire refuses names that DOVETAIL_TEST_REQUIRE cannot mean: a misspelt one would require nothing.
func (h *harness) checkRequire() error {
	for _, name := range h.required() {
		if _, ok := h.used[name]; !ok {
			return fmt.Errorf("%s names unknown database %q; expected %q, %q, %q or %q", envRequire, name, postgresName, sqliteName,
				pgbouncerName, standbyName)
		}
	}
	return nil
}

// required returns the names in DOVETAIL_TEST_REQUIRE.
func (h *harness) required() []string {
	return strings.FieldsFunc(h.getenv(envRequire), func(r rune) bool { return r == ',' || r == ' ' })
}

// acquire returns the server of this process, which the first call starts; nil outside of Main is an error too.
func (h *harness) acquire() (*Server, *pgxpool.Pool, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.ctx == nil:
		return nil, nil, errors.New("no databases outside of dbtest.Main; call it in the package's TestMain")
	case h.climbed:
		return h.server, h.admin, h.err
	}
	h.climbed = true
	h.server, h.err = h.climb(h.ctx)
	if h.err != nil {
		return nil, nil, h.err
	}
	cfg, err := pgxpool.ParseConfig(h.server.URL)
	if err == nil {
		cfg.MaxConns = adminConns
		h.admin, err = pgxpool.NewWithConfig(h.ctx, cfg)
	}
	h.err = err
	return h.server, h.admin, h.err
}

// use counts tb among the tests on the database and tells test2json of it.
func (h *harness) use(tb testing.TB, name string) {
	h.mu.Lock()
	known := h.used[name][tb]
	h.used[name][tb] = true
	h.mu.Unlock()
	if !known {
		tb.Attr("database", name)
	}
}

// missing ends a test that cannot have its database: a failure if it was required or if err is more than absence.
func (h *harness) missing(tb testing.TB, name string, err error) {
	tb.Helper()
	if !errors.Is(err, errNoServer) {
		tb.Fatalf("dbtest: %v", err)
	}
	if slices.Contains(h.required(), name) {
		tb.Fatalf("dbtest: %s requires %s: %v", envRequire, name, err)
	}
	h.mu.Lock()
	h.skipped[name]++
	h.mu.Unlock()
	tb.Skipf("dbtest: %v", err)
}

// report prints what Main promises.
func (h *harness) report(out io.Writer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	served := "not asked for"
	switch {
	case h.server != nil:
		served = h.server.String()
	case h.err != nil:
		served = h.err.Error()
	}
	for _, db := range [][2]string{{postgresName, served}, {sqliteName, "embedded"}, {pgbouncerName, "before " + postgresName},
		{standbyName, "rung binary"}} {
		if db[0] != postgresName && db[0] != sqliteName && len(h.used[db[0]])+h.skipped[db[0]] == 0 {
			continue // few packages ask for it
		}
		fmt.Fprintf(out, "dbtest: %s: %d tests, %d skipped; %s\n", db[0], len(h.used[db[0]]), h.skipped[db[0]], db[1])
	}
}

// close stops the server, once.
func (h *harness) close(out io.Writer) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.admin != nil {
		h.admin.Close()
		h.admin = nil
	}
	var err error
	if h.pair.primary != nil {
		err = h.pair.primary.Stop()
		h.pair.primary = nil
	}
	if h.server != nil {
		err = errors.Join(err, h.server.Stop())
		h.server, h.err = nil, errors.New("the server was stopped")
	}
	if err != nil {
		fmt.Fprintf(out, "dbtest: cannot stop the server: %v\n", err)
	}
	return err
}
