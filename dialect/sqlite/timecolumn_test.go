package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/dbtest"
)

var noon = time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC)

func timeArg(use dialect.TimeUse, times ...any) dialect.TimeArg {
	return dialect.TimeArg{Use: use, Column: dialect.ColumnRef{Table: "t", Column: "at"}, Values: times,
		By: sqlite.Dialect.(dialect.Timed)}
}

// timesIn returns a handle on a table of a column of the type, with the values.
func timesIn(t *testing.T, declared string, values ...string) *sqlite.DB {
	t.Helper()
	db := sqlite.New(dbtest.SQLite(t))
	mustRun(t, db, "CREATE TABLE t (at "+declared+")")
	for _, v := range values {
		mustRun(t, db, "INSERT INTO t VALUES ("+v+")")
	}
	return db
}

func mustRun(t *testing.T, db dialect.DB, sql string, args ...any) {
	t.Helper()
	err := db.Run(t.Context(), []dialect.Statement{{SQL: sql, Args: args, Exec: true}}, func(int, dialect.Rows) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
}

// sent returns what is sent for an argument.
func sent(t *testing.T, db dialect.DB, arg any) string {
	t.Helper()
	text, err := sending(t.Context(), db, arg)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func sending(ctx context.Context, db dialect.DB, arg any) (text string, err error) {
	s := dialect.Statement{SQL: "SELECT coalesce('=' || ?, 'NULL')", Args: []any{arg}}
	err = db.Run(ctx, []dialect.Statement{s}, func(_ int, rows dialect.Rows) error {
		rows.Next()
		return errors.Join(rows.Scan(&text), rows.Err())
	})
	return strings.TrimPrefix(text, "="), err
}

func expectText(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: expected %s, got %s", what, want, got)
	}
}

// TestTimesAreSpelledAsTheRowsAre tells the spelling of rows, and of none.
func TestTimesAreSpelledAsTheRowsAre(t *testing.T) {
	t.Parallel()
	precise := noon.Add(123456789)
	east := time.FixedZone("", 2*3600)
	for _, c := range []struct {
		declared, rows string
		at             time.Time
		want           string
	}{
		{"DATE", "", noon.Truncate(24 * time.Hour), "2024-03-01"},
		{"DATE", "", noon, "2024-03-01 12:00:00"},
		{"DATE", "", time.Date(2024, 3, 1, 0, 0, 0, 0, east), "2024-03-01"},
		{"DATETIME", "", precise, "2024-03-01 12:00:00.123456789+00:00"},
		{"INTEGER", "", precise, "1709294400"},
		{"DATETIME", "1", precise, "1709294400"},
		{"DATE", "'2023-01-01 00:00:00'", noon, "2024-03-01 12:00:00"},
		{"DATE", "'2023-01-01'", precise, "2024-03-01 12:00:00.123456789"},
		{"TEXT", "'2023-01-01T00:00:00Z'", precise, "2024-03-01T12:00:00Z"},
		{"TEXT", "'2023-01-01T00:00:00.1Z', '2023-01-01T00:00:00.12Z'", precise, "2024-03-01T12:00:00.123456789Z"},
		{"TEXT", "'2023-01-01 00:00:00.000'", noon, "2024-03-01 12:00:00.000"},
		{"TEXT", "'2023-01-01 00:00:00.000', '2023-01-01 00:00:00.123'", noon.Add(5e8), "2024-03-01 12:00:00.500"},
		{"TEXT", "'2023-01-01 00:00:00', '2023-01-01 00:00:00.25'", noon.Add(5e8), "2024-03-01 12:00:00.5"},
		{"TEXT", "'2023-01-01 00:00+02:00'", noon, "2024-03-01 14:00+02:00"},
		{"TEXT", "'2023-01-01 00:00:00 +0200 EET m=+0.5'", noon, "2024-03-01 14:00:00 +0200 EET"},
		{"TEXT", "'2023-01-01 00:00:00+00:00', '2023-01-02 00:00:00+00:00', '2023-01-01 00:00:00+02:00'", noon.In(east), "2024-03-01 14:00:00+02:00"},
	} {
		var values []string
		if c.rows != "" {
			values = strings.Split(c.rows, ", ")
		}
		db := timesIn(t, c.declared, values...)
		expectText(t, c.declared+" of "+c.rows, sent(t, db, timeArg(dialect.TimeStored, c.at)), c.want)
	}
	db := timesIn(t, "DATE")
	expectText(t, "nil", sent(t, db, timeArg(dialect.TimeStored, (*time.Time)(nil))), "NULL")
	expectText(t, "zero", sent(t, db, timeArg(dialect.TimeStored, time.Time{})), "0001-01-01")
}

// TestAHandleFindsWhatItWrote has a time of day written into a column of dates, in each way in which a handle may have learned that.
func TestAHandleFindsWhatItWrote(t *testing.T) {
	t.Parallel()
	for _, declared := range []string{"DATE", "TEXT"} {
		db := timesIn(t, declared, "'2023-01-01'", "'2023-01-02'")
		day := noon.Truncate(24 * time.Hour)
		expectText(t, "a date", sent(t, db, timeArg(dialect.TimeStored, day)), "2024-03-01")
		expectText(t, "a time of day", sent(t, db, timeArg(dialect.TimeStored, noon)), "2024-03-01 12:00:00")
		expectText(t, "it is looked for", sent(t, db, timeArg(dialect.TimeEqual, noon)), `["2024-03-01 12:00:00"]`)
		expectText(t, "a date still is", sent(t, db, timeArg(dialect.TimeStored, day)), "2024-03-01")
		expectText(t, "NULL", sent(t, db, timeArg(dialect.TimeEqual, (*time.Time)(nil))), "[null]")
	}
}

// TestSeveralSpellings compares with all forms, and orders by those that sort.
func TestSeveralSpellings(t *testing.T) {
	t.Parallel()
	day := noon.Truncate(24 * time.Hour)
	db := timesIn(t, "DATE", "'2024-03-01'", "'2024-03-01 00:00:00'", "'2024-03-02'")
	expectText(t, "equal", sent(t, db, timeArg(dialect.TimeEqual, day)), `["2024-03-01","2024-03-01 00:00:00"]`)
	expectText(t, "from", sent(t, db, timeArg(dialect.TimeFrom, day)), "2024-03-01")
	expectText(t, "past", sent(t, db, timeArg(dialect.TimePast, day)), "2024-03-01 00:00:00")
	if _, err := sending(t.Context(), db, timeArg(dialect.TimePastPosition, day)); err == nil {
		t.Error("a position of two forms")
	}
	for _, values := range [][]string{
		{"'2024-03-01 00:00:00'", "'2024-03-01T00:00:00'"}, {"'2024-03-01 00:00:00+00:00'", "'2024-03-01 00:00:00+02:00'"},
		{"'2024-03-01T00:00:00Z'", "'2024-03-01T00:00:00.5Z'"}, {"'2024-03-01'", "5"}, {"'03/01/2024'"},
	} {
		db := timesIn(t, "DATE", values...)
		_, err := sending(t.Context(), db, timeArg(dialect.TimeFrom, noon))
		if err == nil || !strings.Contains(err.Error(), `"at" of table "t"`) || !strings.Contains(err.Error(), "strftime") {
			t.Errorf("%s: got %v", values, err)
		}
	}
	// Between the times that can be told apart.
	db = timesIn(t, "TEXT", "'2024-03-01T00:00:00Z'")
	expectText(t, "from", sent(t, db, timeArg(dialect.TimeFrom, noon.Add(1))), "2024-03-01T12:00:01Z")
	expectText(t, "past", sent(t, db, timeArg(dialect.TimePast, noon.Add(1))), "2024-03-01T12:00:00Z")
	expectText(t, "equal", sent(t, db, timeArg(dialect.TimeEqual, noon.Add(1))), "[]")
}

// TestSpellingsAreRememberedAsTheyAreCommitted looks into a transaction that is rolled back, and into an empty table.
func TestSpellingsAreRememberedAsTheyAreCommitted(t *testing.T) {
	t.Parallel()
	db := timesIn(t, "TEXT")
	arg := timeArg(dialect.TimeStored, noon)
	expectText(t, "empty", sent(t, db, arg), "2024-03-01 12:00:00+00:00")
	boom := errors.New("boom")
	err := db.InTx(t.Context(), dialect.TxOptions{}, func(tx dialect.DB) error {
		mustRun(t, tx, "INSERT INTO t VALUES (5)")
		mustRun(t, tx, "INSERT INTO t VALUES ('2024-01-01T00:00:00Z')")
		mustRun(t, tx, "DELETE FROM t WHERE at = '5'")
		expectText(t, "inside", sent(t, tx, arg), "2024-03-01T12:00:00Z")
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatal(err)
	}
	mustRun(t, db, "INSERT INTO t VALUES ('2024-01-01 00:00')")
	expectText(t, "after the rollback", sent(t, db, arg), "2024-03-01 12:00")
	mustRun(t, db, "DROP TABLE t")
	expectText(t, "remembered", sent(t, db, arg), "2024-03-01 12:00")
	if _, err := sending(t.Context(), sqlite.New(dbtest.SQLite(t)), arg); err == nil || !strings.Contains(err.Error(), "no such table") {
		t.Errorf("of no table: %v", err)
	}
}

// TestTimeKeysAreSentInTheFormsOfTheirColumn counts the rows of the keys.
func TestTimeKeysAreSentInTheFormsOfTheirColumn(t *testing.T) {
	t.Parallel()
	keys := dialect.Keys{Texts: []string{"2024-03-01T00:00:00Z"}, Forms: []dialect.KeyForm{dialect.FormTime},
		Column: dialect.ColumnRef{Table: "t", Column: "at"}}
	db := timesIn(t, "DATE", "'2024-03-01'")
	expectText(t, "keys", sent(t, db, sqlite.Dialect.KeyArgs([]dialect.Keys{keys})[0]), `[[0,"2024-03-01"]]`)
	keys.Column = dialect.ColumnRef{}
	expectText(t, "keys of no column", fmt.Sprint(strings.Count(sent(t, db, sqlite.Dialect.KeyArgs([]dialect.Keys{keys})[0]), "[0,")), "7")
}

// TestTimesThatOthersSend gives the arguments to the driver, without a handle that could look at the column.
func TestTimesThatOthersSend(t *testing.T) {
	t.Parallel()
	pool := dbtest.SQLite(t)
	for use, want := range map[dialect.TimeUse]string{
		dialect.TimeStored: "2024-03-01 12:00:00+00:00",
		dialect.TimeFrom:   "2024-03-01 12:00:00+00:00",
		dialect.TimeEqual: `["2024-03-01 12:00:00+00:00","2024-03-01 12:00:00 +0000 UTC","2024-03-01 12:00:00","2024-03-01T12:00:00",` +
			`1709294400,"2024-03-01T12:00:00Z"]`,
	} {
		var got string
		if err := pool.QueryRowContext(t.Context(), "SELECT '=' || ?", timeArg(use, noon)).Scan(&got); err != nil {
			t.Fatal(err)
		}
		expectText(t, fmt.Sprint(use), got[1:], want)
	}
}
