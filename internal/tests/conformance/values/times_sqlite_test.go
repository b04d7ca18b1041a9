package values_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type tsDay struct {
	Day    time.Time
	Note   *string
	Shifts []*tsShift
	Late   []*tsShift
	Crews  []*tsCrew
}

type tsShift struct {
	ID  int64
	Day time.Time
	On  *tsDay
}

type tsCrew struct{ ID int64 }

type tsDuty struct {
	Day    time.Time
	CrewID int64
	Since  time.Time
}

// tsValuer gives a time of itself.
type tsValuer struct{ at time.Time }

func (v tsValuer) Value() (driver.Value, error) { return v.at, nil }

type tsTables struct {
	days   *dovetail.Table[tsDay]
	shifts *dovetail.Table[tsShift]
	crews  *dovetail.Table[tsCrew]
	works  *dovetail.ToMany[*tsDay, *tsCrew]
}

// newTimeTables declares days, whose time is their key, shifts that point at them, and crews on duty.
func newTimeTables(second time.Time) tsTables {
	r := dovetail.NewRegistry()
	m := tsTables{
		days:   dovetail.NewTable[tsDay](r, "ts_days", dovetail.PrimaryKey("day")),
		shifts: dovetail.NewTable[tsShift](r, "ts_shifts"),
		crews:  dovetail.NewTable[tsCrew](r, "ts_crews"),
	}
	duties := dovetail.NewTable[tsDuty](r, "ts_duties", dovetail.PrimaryKey("day", "crew_id"))
	dovetail.HasMany(m.days, "shifts", m.shifts, dovetail.ForeignKey("day"), dovetail.Inverse("on"), dovetail.OnDelete(dovetail.Cascade))
	dovetail.HasMany(m.days, "late", m.shifts, dovetail.ForeignKey("day"), dovetail.Where(squirrel.GtOrEq{"day": second}))
	m.works = dovetail.ManyToMany(m.days, "crews", m.crews, duties, dovetail.ThroughKeys("day", "crew_id"))
	return m
}

// timeSpelling is a declared type, and how the rows spell three times that follow each other.
type timeSpelling struct {
	name, declared string
	values         [3]string // as SQL
}

func timeSpellings() []timeSpelling {
	var all []timeSpelling
	for _, declared := range []string{"DATE", "DATETIME", "TIMESTAMP", "TEXT"} {
		for name, texts := range map[string][3]string{
			"dates":    {"2024-03-01", "2024-03-02", "2024-03-03"},
			"seconds":  {"2024-03-01 00:00:00", "2024-03-01 12:30:00", "2024-03-02 00:00:00"},
			"minutes":  {"2024-03-01 00:00", "2024-03-01 12:30", "2024-03-02 00:00"},
			"millis":   {"2024-03-01 00:00:00.000", "2024-03-01 00:00:00.500", "2024-03-01 00:00:01.000"},
			"offsets":  {"2024-03-01 00:00:00+00:00", "2024-03-01 00:00:00.5+00:00", "2024-03-01 00:00:01+00:00"},
			"east":     {"2024-03-01 00:00:00+05:30", "2024-03-01 00:00:00.5+05:30", "2024-03-01 00:00:01+05:30"},
			"rfc3339":  {"2024-03-01T00:00:00Z", "2024-03-01T00:00:01Z", "2024-03-01T12:00:00Z"},
			"millis-z": {"2024-03-01T00:00:00.000Z", "2024-03-01T00:00:00.500Z", "2024-03-01T12:00:00.000Z"},
			"t":        {"2024-03-01T00:00:00", "2024-03-01T00:00:00.25", "2024-03-01T12:00:00"},
			"go":       {"2024-03-01 00:00:00 +0000 UTC", "2024-03-01 00:00:00.5 +0000 UTC", "2024-03-01 00:00:01 +0000 UTC"},
			"go-east":  {"2024-03-01 00:00:00 +0530 IST", "2024-03-01 00:00:00.5 +0530 IST", "2024-03-01 00:00:01 +0530 IST"},
		} {
			if (declared == "DATETIME" || declared == "TIMESTAMP") && name != "seconds" {
				continue // to the driver they are what DATE is
			}
			s := timeSpelling{name: declared + "/" + name, declared: declared}
			for i, text := range texts {
				s.values[i] = kit.Literal(text)
			}
			all = append(all, s)
		}
	}
	return append(all, timeSpelling{"INTEGER", "INTEGER", [3]string{"1709251200", "1709251201", "1709337600"}})
}

func (s timeSpelling) ddl() string {
	return strings.NewReplacer("$T", s.declared, "$A", s.values[0], "$B", s.values[1], "$C", s.values[2]).Replace(
		"CREATE TABLE ts_days (day $T PRIMARY KEY, note TEXT);\nCREATE TABLE ts_crews (id BIGINT PRIMARY KEY);\n" +
			"CREATE TABLE ts_shifts (id BIGINT PRIMARY KEY, day $T NOT NULL);\n" +
			"CREATE TABLE ts_duties (day $T NOT NULL, crew_id BIGINT NOT NULL, since $T NOT NULL, PRIMARY KEY (day, crew_id));\n" +
			"INSERT INTO ts_days (day) VALUES ($A), ($B), ($C);\nINSERT INTO ts_shifts VALUES (1, $A), (2, $B), (3, $C);\n" +
			"INSERT INTO ts_crews VALUES (1), (2), (3);\nINSERT INTO ts_duties VALUES ($A, 1, $A), ($B, 2, $B), ($C, 3, $C);")
}

// onTimeDrivers opens databases that write and read times as the driver does by itself, and as its options tell it.
func onTimeDrivers(t *testing.T, ddl string, test func(t *testing.T, db *sqlite.DB, pool *sql.DB)) {
	for _, options := range []string{"", "_time_format=datetime&_timezone=Europe/Berlin", "_inttotime=1&_texttotime=1"} {
		t.Run("driver "+options, func(t *testing.T) {
			pool := kit.Must[*sql.DB](t)(sql.Open("sqlite", "file:"+t.TempDir()+"/t.db?"+options))
			defer func() { kit.NoError(t, pool.Close()) }()
			_, err := pool.ExecContext(t.Context(), ddl)
			kit.NoError(t, err)
			test(t, sqlite.New(pool), pool)
		})
	}
}

// TestTimesOnSQLiteFindTheirRows reads the rows, and looks for them by what was read, in every place a time may stand in.
func TestTimesOnSQLiteFindTheirRows(t *testing.T) {
	t.Parallel()
	for _, s := range timeSpellings() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			onTimeDrivers(t, s.ddl(), func(t *testing.T, db *sqlite.DB, pool *sql.DB) {
				rows := kit.All(t, db, dovetail.Select(newTimeTables(time.Time{}).days).OrderBy("day"))
				if len(rows) != 3 {
					t.Fatalf("%d rows", len(rows))
				}
				findByTimes(t, db, rows)
				writeTimesBack(t, db, pool, rows)
			})
		})
	}
}

func findByTimes(t *testing.T, db *sqlite.DB, rows []*tsDay) {
	m := newTimeTables(rows[1].Day)
	ctx := t.Context()
	for i, row := range rows {
		for _, at := range []any{row.Day, &row.Day, sql.NullTime{Time: row.Day, Valid: true}, sql.Null[time.Time]{V: row.Day, Valid: true},
			tsValuer{row.Day}, row.Day.UTC()} {
			if at == any(row.Day.UTC()) && row.Day.Location() != time.UTC && strings.Contains(t.Name(), "dates") {
				continue // midnight is that of the row's own zone
			}
			check := func(what string, q dovetail.Query[*tsDay], want ...int) {
				t.Helper()
				var days []time.Time
				for _, n := range want {
					days = append(days, rows[n].Day)
				}
				got := kit.Pluck(kit.All(t, db, q.OrderBy("day")), func(d *tsDay) time.Time { return d.Day })
				if fmt.Sprint(got) != fmt.Sprint(days) {
					t.Errorf("row %d by a %T: %s: got %v, want %v", i, at, what, got, days)
				}
			}
			others := append(append([]int{}, []int{0, 1, 2}[:i]...), []int{0, 1, 2}[i+1:]...)
			days := dovetail.Select(m.days)
			check("Eq", days.Where(squirrel.Eq{"day": at}), i)
			check("list", days.Where(squirrel.Eq{"day": []any{at}}), i)
			check("NotEq", days.Where(squirrel.NotEq{"day": at}), others...)
			check("not in list", days.Where(squirrel.NotEq{"day": []any{at}}), others...)
			check("NotEqOrNull", days.Where(dovetail.NotEqOrNull{"day": at}), others...)
			check("GtOrEq", days.Where(squirrel.GtOrEq{"day": at}), []int{0, 1, 2}[i:]...)
			check("Gt", days.Where(squirrel.Gt{"day": at}), []int{0, 1, 2}[i+1:]...)
			check("LtOrEq", days.Where(squirrel.LtOrEq{"day": at}), []int{0, 1, 2}[:i+1]...)
			check("Lt", days.Where(squirrel.Lt{"day": at}), []int{0, 1, 2}[:i]...)
			check("Has", days.Has("shifts", squirrel.Eq{"day": at}), i)
			check("join", days.Join("shifts", squirrel.GtOrEq{"day": at}), []int{0, 1, 2}[i:]...)
			check("link", days.Has("crews", squirrel.Eq{"link.since": at}), i)
			check("key", days.Where(dovetail.Has("shifts", squirrel.Eq{"on.day": at})), i)
			check("context", days.Where(squirrel.Eq{"day": dovetail.FromContext(func(context.Context) (any, error) { return at, nil })}), i)
			check("SQL text", days.Where("self.day = ?", at), i)
			check("SQL text from", days.Where("ts_days.day>=? AND self.note IS NULL", at), []int{0, 1, 2}[i:]...)
			check("After", days.After(at), []int{0, 1, 2}[i+1:]...)
		}
		found, err := dovetail.Select(m.days).Preload("shifts").Preload("late").Preload("crews").Get(ctx, db, row.Day)
		kit.NoError(t, err)
		kit.Same(t, "shifts", kit.Pluck(found.Shifts, func(s *tsShift) int64 { return s.ID }), int64(i+1))
		kit.Equal(t, "late shifts", len(found.Late), min(i, 1))
		kit.Equal(t, "crews", len(found.Crews), 1)
	}
	kit.Equal(t, "Has late", len(kit.All(t, db, dovetail.Select(m.days).Has("late"))), 2)
	kit.Equal(t, "preload on", len(kit.All(t, db, dovetail.Select(m.shifts).Preload("on").Has("on"))), 3)
}

// writeTimesBack writes what was read: every value stays the text it is.
func writeTimesBack(t *testing.T, db *sqlite.DB, pool *sql.DB, rows []*tsDay) {
	m := newTimeTables(rows[1].Day)
	ctx := t.Context()
	stored := func(table string) string {
		var list []string
		found := kit.Must[*sql.Rows](t)(pool.QueryContext(ctx, "SELECT typeof(day) || ' ' || CAST(day AS TEXT) FROM "+table+" ORDER BY 1"))
		defer found.Close() //nolint:errcheck // read to its end
		for found.Next() {
			var text string
			kit.NoError(t, found.Scan(&text))
			list = append(list, text)
		}
		kit.NoError(t, found.Err())
		return strings.Join(list, "\n")
	}
	before := stored("ts_days")
	note := "x"
	for i, row := range rows {
		_, err := dovetail.Update(m.shifts).Set("day", row.Day).Where(squirrel.Eq{"id": i + 1}).Exec(ctx, db)
		kit.NoError(t, err)
		row.Note = &note
		kit.NoError(t, dovetail.Save(ctx, db, m.days, row, "note"))
		kit.NoError(t, dovetail.Refresh(ctx, db, m.days, row))
		kit.NoError(t, dovetail.Upsert(m.days, row).OnConflict("day").Exec(ctx, db))
	}
	kit.Equal(t, "shifts", stored("ts_shifts"), before)
	kit.Equal(t, "days", stored("ts_days"), before)
	for i, row := range rows {
		crew := &tsCrew{ID: int64(i + 1)}
		n, err := m.works.Unlink(ctx, db, row, crew)
		kit.NoError(t, err)
		kit.Equal(t, "unlinked", n, 1)
	}
	kit.Equal(t, "duties", stored("ts_duties"), "")
	kit.NoError(t, dovetail.DeleteRows(ctx, db, m.days, rows[0], rows[2]))
	kit.Equal(t, "days that are left", len(kit.All(t, db, dovetail.Select(m.days))), 1)
}

// TestTimesOnSQLiteAreOneKeyHoweverTheyAreSpelled inserts and links rows that are there, in tables whose rows spell times in two ways.
func TestTimesOnSQLiteAreOneKeyHoweverTheyAreSpelled(t *testing.T) {
	t.Parallel()
	at := func(day, hour int) time.Time { return time.Date(2024, 3, day, hour, 0, 0, 0, time.UTC) }
	for _, declared := range []string{"DATE", "TEXT"} {
		s := timeSpelling{declared: declared, values: [3]string{"'2024-03-01'", "'2024-03-02T00:00:00Z'", "'2024-03-02T12:00:00Z'"}}
		ddl := strings.Replace(s.ddl(), "since "+declared+" NOT NULL", "since "+declared, 1)
		t.Run(declared, func(t *testing.T) {
			onTimeDrivers(t, ddl, func(t *testing.T, db *sqlite.DB, pool *sql.DB) {
				m, ctx := newTimeTables(at(1, 0)), t.Context()
				count := func(table string) (n int) {
					kit.NoError(t, pool.QueryRowContext(ctx, "SELECT count(*) FROM "+table).Scan(&n))
					return n
				}
				note := "x"
				for _, day := range []time.Time{at(1, 0), at(2, 0), at(2, 12)} {
					row := &tsDay{Day: day, Note: &note}
					kit.NoError(t, dovetail.Upsert(m.days, row).OnConflict("day").Set("note").Exec(ctx, db))
					kit.NoError(t, dovetail.Upsert(m.days, row).OnConflict("day").Exec(ctx, db))
				}
				kit.Equal(t, "days", count("ts_days"), 3)
				kit.Equal(t, "days with a note", count("ts_days WHERE note = 'x'"), 3)
				for i, day := range []time.Time{at(1, 0), at(2, 0), at(2, 12)} {
					owner, crew := &tsDay{Day: day}, &tsCrew{ID: int64(i + 1)}
					n, err := m.works.Link(ctx, db, owner, crew)
					kit.NoError(t, err)
					kit.Equal(t, "linked", n, 0)
					diff, err := m.works.Replace(ctx, db, owner, crew, &tsCrew{ID: 9})
					kit.NoError(t, err)
					kit.Equal(t, "added", len(diff.Added), 1)
				}
				kit.Equal(t, "duties", count("ts_duties"), 6)

				more := &tsDay{Day: at(4, 0), Note: &note}
				kit.NoError(t, dovetail.Upsert(m.days, more).OnConflict("day").Exec(ctx, db))
				kit.Equal(t, "days", count("ts_days"), 4)
				_, err := pool.ExecContext(ctx, "INSERT INTO ts_days (day) VALUES ('2024-03-01T00:00:00Z')")
				kit.NoError(t, err)
				err = dovetail.Upsert(m.days, &tsDay{Day: at(1, 0), Note: &note}).OnConflict("day").Exec(ctx, db)
				kit.Refused(t, err, dovetail.ErrUnsupported, `column "day"`, `"ts_days"`, "in several ways")
				kit.Equal(t, "days", count("ts_days"), 5)
			})
		})
	}
}
