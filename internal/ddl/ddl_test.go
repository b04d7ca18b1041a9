package ddl_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/dbtest"
)

var update = flag.Bool("update", false, "write the golden files")

var models = []struct {
	name string
	make func() *dovetail.Registry
}{{"library", library}, {"types", everyType}, {"cycle", cyclic}, {"names", names}, {"special", special}}

// server is one database of the test's own.
type server struct {
	dovetail.DB
	exec func(t *testing.T, sql string) error
}

// onEach runs the test on an empty PostgreSQL and an empty SQLite, which enforces foreign keys; each has one connection.
func onEach(t *testing.T, test func(t *testing.T, s server)) {
	t.Helper()
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		conn, err := dbtest.Postgres(t).Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Release()
		test(t, server{postgres.New(conn.Conn()), func(t *testing.T, sql string) error {
			_, err := conn.Exec(t.Context(), sql)
			return err
		}})
	})
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		conn, err := dbtest.SQLite(t).Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close() //nolint:errcheck // the test is over
		s := server{sqlite.New(conn), func(t *testing.T, sql string) error {
			_, err := conn.ExecContext(t.Context(), sql)
			return err
		}}
		s.must(t, "PRAGMA foreign_keys = ON")
		test(t, s)
	})
}

func (s server) must(t *testing.T, sql ...string) {
	t.Helper()
	for _, one := range sql {
		if err := s.exec(t, one); err != nil {
			t.Fatalf("%v:\n%s", err, one)
		}
	}
}

func (s server) check(t *testing.T, r *dovetail.Registry) []dovetail.Finding {
	t.Helper()
	findings, err := r.Check(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return findings
}

func text(findings []dovetail.Finding) string {
	var b strings.Builder
	for _, f := range findings {
		b.WriteString(f.String() + "\n")
	}
	return b.String()
}

func TestDDLIsThatOfTheGoldenFiles(t *testing.T) {
	t.Parallel()
	for _, d := range []dialect.Dialect{postgres.Dialect, sqlite.Dialect} {
		for _, m := range models {
			t.Run(d.Name()+"/"+m.name, func(t *testing.T) {
				t.Parallel()
				statements, err := m.make().DDL(d)
				if err != nil {
					t.Fatal(err)
				}
				got := strings.Join(statements, ";\n\n") + ";\n"
				file := filepath.Join("testdata", d.Name(), m.name+".sql")
				if *update {
					if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if got != string(want) {
					t.Errorf("%s: expected\n%s\ngot\n%s", file, want, got)
				}
				again, err := m.make().DDL(d)
				if err != nil || !slices.Equal(again, statements) {
					t.Errorf("the second time it is\n%s\n%v", strings.Join(again, ";\n"), err)
				}
			})
		}
	}
}

func TestCheckFindsNothingInWhatWasCreated(t *testing.T) {
	t.Parallel()
	for _, m := range models {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			onEach(t, func(t *testing.T, s server) {
				if err := m.make().CreateAll(t.Context(), s); err != nil {
					t.Fatal(err)
				}
				if findings := s.check(t, m.make()); len(findings) > 0 {
					t.Errorf("expected no findings, got\n%s", text(findings))
				}
			})
		})
	}
}

func TestMissingTablesAreMendedInOrder(t *testing.T) {
	t.Parallel()
	for _, m := range models {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			onEach(t, func(t *testing.T, s server) {
				for _, f := range s.check(t, m.make()) {
					s.must(t, f.Mend...)
				}
				if findings := s.check(t, m.make()); len(findings) > 0 {
					t.Errorf("expected no findings, got\n%s", text(findings))
				}
			})
		})
	}
}
