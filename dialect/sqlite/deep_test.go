package sqlite_test

import (
	"database/sql"
	"errors"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
)

// TestADeleteThatGoesTooDeep: SQLite's own words are of triggers, of which there may be none.
func TestADeleteThatGoesTooDeep(t *testing.T) {
	t.Parallel()
	pool, err := sql.Open("sqlite", ":memory:?_pragma=foreign_keys(1)")
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	pool.SetMaxOpenConns(1)
	for _, text := range []string{
		"CREATE TABLE n (id INTEGER PRIMARY KEY, up INTEGER REFERENCES n (id) ON DELETE CASCADE)",
		"PRAGMA foreign_keys = 1",
		"CREATE INDEX n_up ON n (up)",
		"INSERT INTO n WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 1100) SELECT i, nullif(i - 1, 0) FROM c",
	} {
		if _, err := pool.Exec(text); err != nil {
			t.Fatal(err)
		}
	}
	err = sqlite.New(pool).Run(t.Context(), []dialect.Statement{{SQL: "DELETE FROM n WHERE id = 1", Exec: true}},
		func(int, dialect.Rows) error { return nil })
	if !errors.Is(err, dialect.ErrUnsupported) || !strings.Contains(err.Error(), "longer than SQLite follows") {
		t.Errorf("expected what it is, and what to do, got %v", err)
	}
}
