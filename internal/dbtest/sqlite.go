package dbtest

import (
	"database/sql"
	"net/url"
	"path/filepath"
	"testing"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// SQLite returns a database in a file of this test's own, empty at first and gone at the end of the test. Foreign
// keys are enforced, a locked database is waited for (10 seconds), transactions lock at BEGIN (so that two writers
// wait instead of failing), times are stored in SQLite's own format and read back in UTC, and a double-quoted name
// that is no column is an error instead of a string. Calls with the same tb return different databases.
func SQLite(tb testing.TB) *sql.DB {
	tb.Helper()
	return shared.sqlite(tb)
}

func (h *harness) sqlite(tb testing.TB) *sql.DB {
	tb.Helper()
	h.use(tb, sqliteName)
	query := url.Values{
		"_pragma":      {"busy_timeout(10000)", "foreign_keys(1)", "journal_mode(WAL)", "synchronous(OFF)"},
		"_time_format": {"sqlite"},
		"_timezone":    {"UTC"},
		"_txlock":      {"immediate"},
		"_dqs":         {"0"},
	}
	path := filepath.ToSlash(filepath.Join(tb.TempDir(), "test.sqlite"))
	dsn := url.URL{Scheme: "file", Path: path, OmitHost: true, RawQuery: query.Encode()}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		tb.Fatalf("dbtest: cannot open SQLite: %v", err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Errorf("dbtest: cannot close SQLite: %v", err)
		}
	})
	if err := db.Ping(); err != nil {
		tb.Fatalf("dbtest: cannot open SQLite: %v", err)
	}
	return db
}
