package values_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type datesRow struct {
	ID  int64
	Day time.Time
	At  time.Time
	Tz  time.Time
}

// TestATimeBesideADateOrATimestamp says what both packages' documentation does: PostgreSQL drops what a type has no place for, SQLite has no types.
// The start of a day, and a time in UTC, are the same on both.
func TestATimeBesideADateOrATimestamp(t *testing.T) {
	t.Parallel()
	rows := dovetail.NewTable[datesRow](dovetail.NewRegistry(), "dates")
	const ddl = `CREATE TABLE dates (id BIGINT PRIMARY KEY, day DATE, at TIMESTAMP, tz TIMESTAMPTZ);
INSERT INTO dates VALUES (1, '2024-03-02', '2024-03-02 10:30:00', '2024-03-02 10:30:00Z')`
	noon := time.Date(2024, 3, 2, 10, 30, 0, 0, time.UTC)
	east := time.FixedZone("", 2*3600)
	type found struct{ equal, less bool } // the row's is equal to the time, or less
	cases := []struct {
		column           string
		time             time.Time
		postgres, sqlite found
	}{
		{"day", noon, found{equal: true}, found{less: true}},
		{"day", noon.Truncate(24 * time.Hour), found{equal: true}, found{equal: true}},
		{"day", time.Date(2024, 3, 2, 0, 0, 0, 0, east), found{equal: true}, found{equal: true}},
		{"day", time.Date(2024, 3, 3, 0, 0, 0, 0, east), found{less: true}, found{less: true}},
		{"at", noon, found{equal: true}, found{equal: true}},
		{"at", noon.In(east), found{less: true}, found{equal: true}},
		{"at", time.Date(2024, 3, 2, 10, 30, 0, 0, east), found{equal: true}, found{}},
		{"tz", noon, found{equal: true}, found{equal: true}},
		{"tz", noon.In(east), found{equal: true}, found{equal: true}},
	}
	test := func(t *testing.T, db dovetail.DB, postgres bool) {
		for _, c := range cases {
			want := c.sqlite
			if postgres {
				want = c.postgres
			}
			for op, holds := range map[string]bool{"=": want.equal, "<": want.less, "<=": want.equal || want.less, ">": !want.equal && !want.less} {
				n := kit.Must[int64](t)(dovetail.Select(rows).Where(c.column+" "+op+" ?", c.time).Count(t.Context(), db))
				kit.Equal(t, fmt.Sprint(c.column, " ", op, " ", c.time), n, map[bool]int64{true: 1}[holds])
			}
		}
	}
	everyMode(t, ddl, func(t *testing.T, db dovetail.DB) { test(t, db, true) })
	test(t, kit.SQLiteDB(t, ddl).DB, false)
}
