package dbtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// envHelper makes this test program act as a helper process of its own tests.
const (
	envHelper   = "DOVETAIL_TEST_HELPER"
	helperServe = "serve"
	helperTest  = "test"
)

func TestMain(m *testing.M) {
	if os.Getenv(envHelper) == helperServe {
		serveForever()
	}
	Main(m)
}

func TestPostgresSchemaIsPrivate(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	first, schema := Postgres(t), ""
	if err := first.QueryRow(ctx, "SELECT current_schema").Scan(&schema); err != nil {
		t.Fatal(err)
	}
	mustExec(t, first, "CREATE TABLE things (id int)")
	t.Run("another test", func(t *testing.T) {
		second, name := Postgres(t), ""
		if err := second.QueryRow(ctx, "SELECT current_schema").Scan(&name); err != nil {
			t.Fatal(err)
		}
		if name == schema {
			t.Errorf("schema %q is shared", name)
		}
		if _, err := second.Exec(ctx, "SELECT * FROM things"); err == nil {
			t.Error("the other test's table is visible")
		}
		mustExec(t, second, "CREATE TABLE things (id int)")
		schema = name
	})
	var left bool
	err := first.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)", schema).Scan(&left)
	if err != nil || left {
		t.Errorf("schema %q after its test: there is %v, %v", schema, left, err)
	}
	mustExec(t, first, "INSERT INTO things VALUES (1)")
}

func TestPostgresConfigVariantsShareTheSchema(t *testing.T) {
	t.Parallel()
	mustExec(t, Postgres(t), "CREATE TABLE things (id int)")
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeSimpleProtocol, pgx.QueryExecModeExec} {
		cfg := PostgresConfig(t)
		cfg.MaxConns = 1
		cfg.ConnConfig.DefaultQueryExecMode = mode
		pool := PostgresPool(t, cfg)
		mustExec(t, pool, "INSERT INTO things VALUES (1)")
		if got := pool.Config().ConnConfig.DefaultQueryExecMode; got != mode {
			t.Errorf("got mode %v, want %v", got, mode)
		}
	}
	var n int
	if err := Postgres(t).QueryRow(context.Background(), "SELECT count(*) FROM things").Scan(&n); err != nil || n != 2 {
		t.Errorf("got %d rows, %v, want 2", n, err)
	}
}

func TestSchemaNameFitsAndIsUnique(t *testing.T) {
	t.Parallel()
	const test = `TestMany/"quoted" \ and/ümlaut/with_a_very_long_name_that_goes_on_and_on`
	a, b := schemaName(test), schemaName(test)
	if a == b || len(a) > maxIdent || !strings.HasPrefix(a, "t_testmany__quoted____and__mlaut_") {
		t.Errorf("got %q and %q", a, b)
	}
	if got := schemaName("T"); len(got) != len("t_t_")+16 {
		t.Errorf("got %q", got)
	}
}

func TestSQLiteIsPrivateAndStrict(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, other := SQLite(t), SQLite(t)
	for _, statement := range []string{
		"CREATE TABLE owners (id integer PRIMARY KEY, at timestamp)",
		"CREATE TABLE things (owner integer REFERENCES owners)",
	} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			t.Fatal(err)
		}
	}
	for _, statement := range []string{"INSERT INTO things VALUES (7)", `SELECT "misspelt" FROM owners`} {
		if _, err := db.ExecContext(ctx, statement); err == nil {
			t.Errorf("%s: got no error", statement)
		}
	}
	if _, err := other.ExecContext(ctx, "SELECT * FROM owners"); err == nil {
		t.Error("the other database's table is visible")
	}
	at := time.Date(2026, 2, 3, 4, 5, 6, 789_000_000, time.FixedZone("", 3600))
	var got time.Time
	err := db.QueryRowContext(ctx, "INSERT INTO owners VALUES (1, ?) RETURNING at", at).Scan(&got)
	if err != nil || got != at.UTC() {
		t.Errorf("got %v, %v, want %v", got, err, at.UTC())
	}
}

// fakeTB is a test whose end can be looked at.
type fakeTB struct {
	testing.TB
	fatal, skip string
	attrs       []string
}

func (f *fakeTB) Helper()                {}
func (f *fakeTB) Attr(key, value string) { f.attrs = append(f.attrs, key+"="+value) }
func (f *fakeTB) Fatalf(format string, args ...any) {
	f.fatal = fmt.Sprintf(format, args...)
	panic(f)
}

func (f *fakeTB) Skipf(format string, args ...any) {
	f.skip = fmt.Sprintf(format, args...)
	panic(f)
}

// run runs body as a test of that name until it ends.
func (f *fakeTB) run(body func(tb testing.TB)) {
	defer func() {
		if r := recover(); r != nil && r != any(f) {
			panic(r)
		}
	}()
	body(f)
}

func TestMissingDatabase(t *testing.T) {
	t.Parallel()
	absent := fmt.Errorf("%w: nowhere", errNoServer)
	for _, c := range []struct {
		name, require string
		err           error
		fatal, skip   string
	}{
		{name: "skips", err: absent, skip: "dbtest: no PostgreSQL: nowhere"},
		{name: "skips when another is required", require: "sqlite", err: absent, skip: "dbtest: no PostgreSQL: nowhere"},
		{
			name: "fails when required", require: "postgres", err: absent,
			fatal: "dbtest: DOVETAIL_TEST_REQUIRE requires postgres: no PostgreSQL: nowhere",
		},
		{
			name: "fails when required among others", require: "sqlite, postgres", err: absent,
			fatal: "dbtest: DOVETAIL_TEST_REQUIRE requires postgres: no PostgreSQL: nowhere",
		},
		{name: "fails when chosen", err: errors.New(`rung "dsn" does not serve`), fatal: `dbtest: rung "dsn" does not serve`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			climbs := 0
			h := newHarness(
				func(key string) string { return map[string]string{envRequire: c.require}[key] },
				func(context.Context) (*Server, error) { climbs++; return nil, c.err },
			)
			h.ctx = context.Background()
			var out bytes.Buffer
			for range 2 {
				tb := &fakeTB{}
				tb.run(func(tb testing.TB) { h.postgres(tb) })
				if tb.fatal != c.fatal || tb.skip != c.skip {
					t.Errorf("got fatal %q, skip %q, want fatal %q, skip %q", tb.fatal, tb.skip, c.fatal, c.skip)
				}
			}
			h.report(&out)
			skips := 0
			if c.skip != "" {
				skips = 2
			}
			want := fmt.Sprintf("dbtest: postgres: 0 tests, %d skipped; %v\n", skips, c.err)
			if got := out.String(); !strings.HasPrefix(got, want) || climbs != 1 {
				t.Errorf("got %d climbs and report %q, want 1 and %q", climbs, got, want)
			}
		})
	}
}

func TestMainRefusesUnknownRequirement(t *testing.T) {
	t.Parallel()
	h := newHarness(func(string) string { return "postgres,sqlight" }, nil)
	var out bytes.Buffer
	status := h.main(func() int { t.Error("tests ran"); return 0 }, &out)
	const want = `dbtest: DOVETAIL_TEST_REQUIRE names unknown database "sqlight"; expected "postgres", "sqlite", "pgbouncer" or "standby"` + "\n"
	if status != 2 || out.String() != want {
		t.Errorf("got %d, %q, want 2, %q", status, out.String(), want)
	}
}

func TestDatabasesNeedMain(t *testing.T) {
	t.Parallel()
	tb := &fakeTB{}
	tb.run(func(tb testing.TB) { newHarness(os.Getenv, nil).postgres(tb) })
	if !strings.Contains(tb.fatal, "call it in the package's TestMain") {
		t.Errorf("got %q", tb.fatal)
	}
}

// TestHelperGetsPostgres is what the tests below run in a process of its own.
func TestHelperGetsPostgres(t *testing.T) {
	if os.Getenv(envHelper) != helperTest {
		return
	}
	mustExec(t, Postgres(t), "SELECT 1")
}

func TestMissingDatabaseInARealRun(t *testing.T) {
	t.Parallel()
	nowhere := []string{"PATH=/nowhere", "DOCKER_HOST=unix:///nowhere/docker.sock"}
	if _, err := os.Stat("/usr/lib/postgresql"); err == nil {
		nowhere = append(nowhere, envRung+"=dsn") // a server would be found there; so this asks for one that is not
	}
	for _, c := range []struct {
		name string
		env  []string
		want string
	}{
		{"required", append(nowhere, envRequire+"=postgres"), envURL + " is not set"},
		{"unreachable", []string{envURL + "=postgres://127.0.0.1:1/x"}, `rung "dsn", chosen by DOVETAIL_TEST_POSTGRES`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cmd := helperProcess(helperTest, c.env...)
			out, err := cmd.CombinedOutput()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || !strings.Contains(string(out), c.want) {
				t.Errorf("got %v and output %s, want a failure that says %q", err, out, c.want)
			}
		})
	}
}

func mustExec(t *testing.T, pool *pgxpool.Pool, statement string) {
	t.Helper()
	if _, err := pool.Exec(context.Background(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// serveForever is the helper process of TestServerBinaryEndsWithItsProcess.
func serveForever() {
	server, err := Climb(context.Background())
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("serving", server.URL)
	select {}
}

// helperProcess returns this test program as a command that acts as the helper named, in a changed environment.
func helperProcess(helper string, env ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], "-test.run=^TestHelperGetsPostgres$", "-test.v")
	cmd.Env = append(os.Environ(), envURL+"=", envRung+"=", envServed+"=", envRequire+"=", envHelper+"="+helper)
	cmd.Env = append(cmd.Env, env...)
	return cmd
}
