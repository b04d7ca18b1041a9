package values_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type textTimesClinic struct {
	ID     int64
	Opened *time.Time
	Visits []*textTimesVisit
	Last   *time.Time `db:"last,computed"`
}

type textTimesVisit struct {
	ID       int64
	ClinicID int64
	Day      *time.Time
	Made     time.Time
	Clinic   *textTimesClinic
}

const textTimesDDL = `CREATE TABLE tt_clinics (id BIGINT PRIMARY KEY, opened DATE);
CREATE TABLE tt_visits (id BIGINT PRIMARY KEY, clinic_id BIGINT NOT NULL REFERENCES tt_clinics (id), day DATE, made TIMESTAMP NOT NULL);
INSERT INTO tt_clinics VALUES (1, '2024-03-02'), (2, '2024-03-03'), (3, NULL);
INSERT INTO tt_visits VALUES (1, 1, '2024-03-01', '2024-02-01 10:00:00'), (2, 1, '2024-03-02', '2024-02-01 11:30:00'),
  (3, 1, '2024-03-03', '2024-02-02 00:00:00'), (4, 2, '2024-03-04', '2024-02-03 00:00:00'), (5, 2, NULL, '2024-02-04 09:00:00');
`

// textTimes is the tables of clinics and their visits.
type textTimes struct {
	clinics *dovetail.Table[textTimesClinic]
	visits  *dovetail.Table[textTimesVisit]
}

func newTextTimes() textTimes {
	r := dovetail.NewRegistry()
	m := textTimes{clinics: dovetail.NewTable[textTimesClinic](r, "tt_clinics"), visits: dovetail.NewTable[textTimesVisit](r, "tt_visits")}
	dovetail.HasMany(m.clinics, "visits", m.visits, dovetail.ForeignKey("clinic_id"), dovetail.Inverse("clinic"))
	return m
}

func march(day int) time.Time { return time.Date(2024, 3, day, 0, 0, 0, 0, time.UTC) }

// TestTimesInSQLTextMeetTheirColumn compares times in SQL text with a column of dates, in every form that text has for it: the rows
// are those that the same question finds in squirrel's maps.
func TestTimesInSQLTextMeetTheirColumn(t *testing.T) {
	t.Parallel()
	m := newTextTimes()
	first, second, third := march(1), march(2), march(3)
	made := time.Date(2024, 2, 1, 11, 30, 0, 0, time.UTC)
	visits := []struct {
		text string
		args []any
		want string
	}{
		{"day BETWEEN ? AND ?", []any{second, third}, "[2 3]"},
		{"day NOT BETWEEN ? AND ?", []any{second, third}, "[1 4]"},
		{"self.day between ? and ? AND id > ?", []any{second, third, 2}, "[3]"},
		{"tt_visits.day BETWEEN ? AND coalesce(?, day)", []any{second, third}, "[2 3]"},
		{"day IN (?, ?)", []any{first, third}, "[1 3]"},
		{"day NOT IN (?, ?)", []any{first, third}, "[2 4]"},
		{"? <= day", []any{second}, "[2 3 4]"},
		{"? < day", []any{second}, "[3 4]"},
		{"? = day", []any{second}, "[2]"},
		{"day >= ?", []any{second}, "[2 3 4]"},
		{"DAY > ?", []any{&second}, "[3 4]"},
		{`"day" = ?`, []any{second}, "[2]"},
		{"day <> ?", []any{second}, "[1 3 4]"},
		{"day < ? OR day > ?", []any{second, third}, "[1 4]"},
		{"day IS NOT DISTINCT FROM ?", []any{second}, "[2]"},
		{"day IS DISTINCT FROM ?", []any{second}, "[1 3 4 5]"},
		{"self.day IS NOT DISTINCT FROM ?", []any{second}, "[2]"},
		{"coalesce(day, ?) = ?", []any{third, third}, "[3 5]"},
		{"coalesce(day, ?) <= ?", []any{first, second}, "[1 2 5]"},
		{"CASE WHEN day = ? THEN id = 2 ELSE day < ? END", []any{second, second}, "[1 2]"},
		{"NOT (day = ?)", []any{second}, "[1 3 4]"},
		{"(day, id) > (?, ?)", []any{second, 2}, "[3 4]"},
		{"day >= $1 AND NOT (day > $2 OR day = $1)", []any{second, third}, "[3]"},
		{"clinic.opened = ?", []any{second}, "[1 2 3]"},
		{"clinic.opened BETWEEN ? AND ?", []any{third, third}, "[4 5]"},
		{"? = clinic.opened", []any{second}, "[1 2 3]"},
		{"made BETWEEN ? AND ?", []any{made, made.Add(24 * time.Hour)}, "[2 3]"},
		{"made IN (?, ?)", []any{made, march(1).AddDate(0, -1, 1)}, "[2 3]"},
		{"made = ? AND day = ?", []any{made, second}, "[2]"},
		{"made BETWEEN ? AND ? AND day IS DISTINCT FROM ?", []any{made, made.Add(24 * time.Hour), second}, "[3]"},
		{"day = ?", []any{dovetail.FromContext(func(context.Context) (any, error) { return second, nil })}, "[2]"},
		{"? IN (day)", []any{second}, "[2]"},
		{"EXISTS (SELECT 1 FROM tt_clinics AS c WHERE c.id = clinic_id) AND self.day = ?", []any{second}, "[2]"},
		{"?", []any{squirrel.Expr("day BETWEEN ? AND ?", second, third)}, "[2 3]"},
	}
	kit.OnEach(t, textTimesDDL, func(t *testing.T, d kit.Database) {
		ids := func(q dovetail.Query[*textTimesVisit]) string {
			t.Helper()
			return fmt.Sprint(kit.Pluck(kit.All(t, d.DB, q.OrderBy("id")), func(v *textTimesVisit) int64 { return v.ID }))
		}
		for _, c := range visits {
			kit.Equal(t, c.text, ids(dovetail.Select(m.visits).Where(c.text, c.args...)), c.want)
		}
		if !d.Postgres() { // PostgreSQL has IS for truth alone, and types for arguments
			kit.Equal(t, "is", ids(dovetail.Select(m.visits).Where("made IS ? AND day IS ?", made, second)), "[2]")
			kit.Equal(t, "is not", ids(dovetail.Select(m.visits).Where("made IS NOT ? AND day IS NOT ?", made, second)), "[1 3 4 5]")
			kit.Equal(t, "in quotes", ids(dovetail.Select(m.visits).Where(`"tt_visits"."day" = ?`, second)), "[2]")
		}
		kit.Equal(t, "of related rows", fmt.Sprint(kit.Pluck(kit.All(t, d.DB, dovetail.Select(m.clinics).
			Where(dovetail.Has("visits", squirrel.Expr("day BETWEEN ? AND ?", march(4), march(5)))).OrderBy("id")),
			func(c *textTimesClinic) int64 { return c.ID })), "[2]")
		kit.Equal(t, "of joined rows", fmt.Sprint(kit.Pluck(kit.All(t, d.DB, dovetail.Select(m.clinics).Join("visits").
			Where("visits.day IN (?, ?)", second, march(5)).OrderBy("id")), func(c *textTimesClinic) int64 { return c.ID })), "[1]")
		kit.Equal(t, "an expression that is ordered by", fmt.Sprint(kit.Pluck(kit.All(t, d.DB, dovetail.Select(m.visits).
			OrderByClause("coalesce(day, ?) DESC, id", march(3))), func(v *textTimesVisit) int64 { return v.ID })), "[4 3 5 2 1]")

		n, err := dovetail.Update(m.visits).Set("day", squirrel.Expr("coalesce(day, ?)", march(9))).Where("day IS NULL OR ? = day", march(4)).
			Exec(t.Context(), d.DB)
		kit.NoError(t, err)
		kit.Equal(t, "updated", n, 2)
		kit.Equal(t, "after the update", ids(dovetail.Select(m.visits).Where(squirrel.Eq{"day": march(9)})), "[5]")
		for _, set := range []squirrel.Sqlizer{squirrel.Expr("?", march(9)), squirrel.Expr("CASE WHEN made < ? THEN ? ELSE day END", march(1), march(9))} {
			_, err = dovetail.Update(m.visits).Set("day", set).Where("id = 5").Exec(t.Context(), d.DB)
			kit.NoError(t, err)
			kit.Equal(t, "set by text", ids(dovetail.Select(m.visits).Where(squirrel.Eq{"day": march(9)})), "[5]")
		}
		n, err = dovetail.Delete(m.visits).Where("day BETWEEN ? AND ?", second, third).Exec(t.Context(), d.DB)
		kit.NoError(t, err)
		kit.Equal(t, "deleted", n, 2)
		kit.Equal(t, "left", ids(dovetail.Select(m.visits)), "[1 4 5]")
	})
}
