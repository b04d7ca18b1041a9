package values_test

import (
	"cmp"
	"database/sql"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/dbtest"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// everyMode runs the test in all of pgx's exec modes, each with tables of its own, in a session whose zone is that of none
// of the values.
func everyMode(t *testing.T, ddl string, test func(t *testing.T, db dovetail.DB)) {
	inModes(t, ddl, test, pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeDescribeExec,
		pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol)
}

func inModes(t *testing.T, ddl string, test func(t *testing.T, db dovetail.DB), modes ...pgx.QueryExecMode) {
	for _, mode := range modes {
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			if _, err := dbtest.Postgres(t).Exec(t.Context(), ddl); err != nil {
				t.Fatal(err)
			}
			config := dbtest.PostgresConfig(t)
			config.ConnConfig.DefaultQueryExecMode = mode
			config.ConnConfig.RuntimeParams["TimeZone"] = "Asia/Kathmandu"
			test(t, postgres.New(dbtest.PostgresPool(t, config)))
		})
	}
}

type modeMoment struct {
	ID    int64
	At    time.Time
	Marks []*modeMark
}

type modeMark struct {
	ID int64
	At time.Time
}

// modeColumn is a column of times: its type, what it stores of a time, as a time in UTC, and how that is read.
type modeColumn struct {
	typ    string
	stored func(time.Time) time.Time
	read   string
}

func modeColumns() []modeColumn {
	return []modeColumn{
		{"timestamp", func(t time.Time) time.Time {
			return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond()/1000*1000, time.UTC)
		}, "at"},
		{"timestamptz", func(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }, "at AT TIME ZONE 'UTC'"},
		{"date", func(t time.Time) time.Time {
			return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
		}, "CAST(at AS timestamp)"},
	}
}

func modeTimes() []time.Time {
	east, west := time.FixedZone("east", 2*3600), time.FixedZone("west", -(8*3600+1800))
	return []time.Time{
		time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC),
		time.Date(2024, 3, 1, 14, 0, 0, 0, east), // the same instant
		time.Date(2024, 3, 1, 12, 0, 0, 0, east), // the same clock
		time.Date(2024, 3, 1, 23, 30, 0, 0, west),
		time.Date(2024, 3, 2, 0, 15, 0, 123_456_789, east),
		time.Date(1890, 2, 28, 23, 59, 59, 999_999_999, time.FixedZone("local mean time", 19*60+32)),
		{},
	}
}

// modeForms are the forms in which a condition may give a time, alone and in a list.
func modeForms() map[string]func(at ...time.Time) any {
	forms := make(map[string]func(at ...time.Time) any)
	add := func(name string, list any, one func(time.Time) any) {
		forms[name] = func(at ...time.Time) any {
			if list == nil {
				return one(at[0])
			}
			items := make([]any, len(at))
			for i := range at {
				items[i] = one(at[i])
			}
			return items
		}
	}
	for name, one := range map[string]func(time.Time) any{
		"time":             func(t time.Time) any { return t },
		"pointer":          func(t time.Time) any { return &t },
		"sql.NullTime":     func(t time.Time) any { return sql.NullTime{Time: t, Valid: true} },
		"sql.Null":         func(t time.Time) any { return sql.Null[time.Time]{V: t, Valid: true} },
		"timestamptz":      func(t time.Time) any { return pgtype.Timestamptz{Time: t, Valid: true} },
		"timestamp":        func(t time.Time) any { return pgtype.Timestamp{Time: t, Valid: true} },
		"pointer, wrapped": func(t time.Time) any { return &sql.NullTime{Time: t, Valid: true} },
	} {
		add(name, nil, one)
		add("list of "+name, true, one)
	}
	forms["slice"] = func(at ...time.Time) any { return at }
	return forms
}

// TestTimesMeanTheSameInEveryExecMode writes times of many zones into every type of column and looks for them in every form.
func TestTimesMeanTheSameInEveryExecMode(t *testing.T) {
	t.Parallel()
	for _, column := range modeColumns() {
		t.Run(column.typ, func(t *testing.T) {
			t.Parallel()
			ddl := fmt.Sprintf(`CREATE TABLE moments (id bigint PRIMARY KEY, at %s); CREATE TABLE marks (id bigint PRIMARY KEY, at %s)`,
				column.typ, column.typ)
			everyMode(t, ddl, func(t *testing.T, db dovetail.DB) {
				r := dovetail.NewRegistry()
				moments := dovetail.NewTable[modeMoment](r, "moments")
				dovetail.HasMany(moments, "marks", dovetail.NewTable[modeMark](r, "marks"), dovetail.ForeignKey("at"), dovetail.References("at"))
				m := modeTest{column, db, moments, modeTimes(), nil}
				m.write(t)
				m.find(t)
				m.page(t)
				m.relate(t)
				m.remove(t)
			})
		})
	}
}

type modeTest struct {
	column  modeColumn
	db      dovetail.DB
	moments *dovetail.Table[modeMoment]
	times   []time.Time
	rows    []*modeMoment
}

// texts are what is stored, by the database's own word and by the type's meaning.
func (m *modeTest) stored(t *testing.T, what string) {
	t.Helper()
	var want []string
	for _, at := range m.times {
		want = append(want, m.column.stored(at).Format("2006-01-02 15:04:05.999999"))
	}
	kit.Same(t, what, kit.Texts(t, m.db, "SELECT CAST("+m.column.read+" AS text) FROM moments ORDER BY id"), want...)
}

func (m *modeTest) write(t *testing.T) {
	for i, at := range m.times {
		m.rows = append(m.rows, &modeMoment{ID: int64(i + 1), At: at})
	}
	kit.Insert(t, m.db, dovetail.Insert(m.moments, m.rows...))
	m.stored(t, "inserted")
	for i := range m.rows {
		m.rows[i].At = m.times[i]
		_, err := dovetail.Update(m.moments).Set("at", time.Unix(0, 0)).Where(squirrel.Eq{"id": i + 1}).Exec(t.Context(), m.db)
		kit.NoError(t, err)
		_, err = dovetail.Update(m.moments).Set("at", m.times[i]).Where(squirrel.Eq{"id": i + 1}).Exec(t.Context(), m.db)
		kit.NoError(t, err)
	}
	m.stored(t, "updated")
	for _, row := range m.rows {
		kit.NoError(t, dovetail.Save(t.Context(), m.db, m.moments, row, "at"))
	}
	m.stored(t, "saved")
}

// ids are those of the rows that hold what a time means.
func (m *modeTest) ids(are func(stored time.Time) bool) []int64 {
	ids := []int64{}
	for i, at := range m.times {
		if are(m.column.stored(at)) {
			ids = append(ids, int64(i+1))
		}
	}
	return ids
}

func (m *modeTest) find(t *testing.T) {
	for _, at := range m.times {
		is := m.column.stored(at)
		same := fmt.Sprint(m.ids(is.Equal))
		expect := func(what, want string, pred any, args ...any) {
			t.Helper()
			rows := kit.All(t, m.db, dovetail.Select(m.moments).Where(pred, args...).OrderBy("id"))
			kit.Equal(t, fmt.Sprint(at, ", ", what), fmt.Sprint(kit.Pluck(rows, func(r *modeMoment) int64 { return r.ID })), want)
		}
		for name, form := range modeForms() {
			expect(name, same, squirrel.Eq{"at": form(at)})
			expect("not "+name, fmt.Sprint(m.ids(func(s time.Time) bool { return !s.Equal(is) })), squirrel.NotEq{"at": form(at)})
		}
		expect("two", fmt.Sprint(m.ids(func(s time.Time) bool { return s.Equal(is) || s.Equal(m.column.stored(m.times[0])) })),
			squirrel.Eq{"at": []time.Time{at, m.times[0]}})
		expect("later", fmt.Sprint(m.ids(is.Before)), squirrel.Gt{"at": at})
		expect("text", same, "at = ?", at)
		expect("text with a pointer", same, "at = ?", &at)
		expect("text with an array", same, "at = ANY(?)", []time.Time{at})
		expect("text with an array of pointers", same, "at = ANY(?)", []*time.Time{nil, &at})
		expect("no time", "[]", "at = ?", (*time.Time)(nil))
	}
}

func (m *modeTest) page(t *testing.T) {
	order := slices.Clone(m.rows)
	slices.SortFunc(order, func(a, b *modeMoment) int {
		return cmp.Or(m.column.stored(m.times[a.ID-1]).Compare(m.column.stored(m.times[b.ID-1])), cmp.Compare(a.ID, b.ID))
	})
	id := func(r *modeMoment) int64 { return r.ID }
	for i, row := range order {
		after := kit.All(t, m.db, dovetail.Select(m.moments).OrderBy("at", "id").After(m.times[row.ID-1], row.ID))
		kit.Same(t, "after a position", kit.Pluck(after, id), kit.Pluck(order[i+1:], id)...)
	}
}

// relate finds rows by keys that are times in hand.
func (m *modeTest) relate(t *testing.T) {
	if _, err := kit.SQL[any](t.Context(), m.db, "INSERT INTO marks SELECT id, at FROM moments"); err != nil {
		t.Fatal(err)
	}
	for i, at := range m.times {
		row := &modeMoment{ID: int64(i + 1), At: at}
		kit.Load(t, m.db, m.moments, []*modeMoment{row}, "marks")
		kit.Same(t, "marks", kit.Pluck(row.Marks, func(k *modeMark) int64 { return k.ID }), m.ids(m.column.stored(at).Equal)...)
	}
}

// remove deletes rows by a key of a number and a time.
func (m *modeTest) remove(t *testing.T) {
	keyed := dovetail.NewTable[modeMark](dovetail.NewRegistry(), "marks", dovetail.PrimaryKey("id", "at"))
	for i, at := range m.times {
		got, err := dovetail.Select(keyed).Get(t.Context(), m.db, i+1, at)
		kit.NoError(t, err)
		kit.Equal(t, "stored", got.At.UTC(), m.column.stored(at))
		kit.NoError(t, dovetail.DeleteRows(t.Context(), m.db, keyed, &modeMark{ID: int64(i + 1), At: at}))
	}
}
