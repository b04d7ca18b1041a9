// Package fuzz_test holds what the library makes of any text against what the databases make of it. Other targets lie beside what they are
// about.
package fuzz_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	driver "modernc.org/sqlite"

	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/dbtest"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

func TestMain(m *testing.M) { dbtest.Main(m) } // in the package's folder, where the corpora are

// database is one that a target holds texts against.
type database struct {
	kit.Database
	exec func(ctx context.Context, sql string) error
}

// databases opens both, each by one connection, with the tables of the readings where that is said.
func databases(f *testing.F, readings bool) []database {
	f.Helper()
	pool := dbtest.Postgres(f)
	acquired, err := pool.Acquire(f.Context())
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(acquired.Release)
	conn := acquired.Conn()
	file, err := dbtest.SQLite(f).Conn(f.Context())
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = file.Close() })
	both := []database{
		{kit.Database{Name: "postgres", DB: postgres.New(conn)}, func(ctx context.Context, sql string) error {
			_, err := conn.Exec(ctx, sql, pgx.QueryExecModeSimpleProtocol)
			return err
		}},
		{kit.Database{Name: "sqlite", DB: sqlite.New(file)}, func(ctx context.Context, sql string) error {
			_, err := file.ExecContext(ctx, sql)
			return err
		}},
	}
	if !readings {
		return both
	}
	ddl, err := os.ReadFile("../../../testdata/schemas/readings.sql")
	if err != nil {
		f.Fatal(err)
	}
	for _, d := range both {
		if err := d.exec(f.Context(), string(ddl)); err != nil {
			f.Fatal(err)
		}
	}
	return both
}

// refused fails the test where the database does not understand what the library made of a text, and where the library's own refusal is not
// as all are.
func refused(t *testing.T, err error, of string) {
	t.Helper()
	var answer *driver.Error
	if kit.SQLState(err) != "" || errors.As(err, &answer) {
		t.Errorf("%s: the database refuses what was written: %s", of, kit.DescribeSQL(err))
	} else if !strings.HasPrefix(err.Error(), "dovetail: ") {
		t.Errorf("%s: %v", of, err)
	}
}
