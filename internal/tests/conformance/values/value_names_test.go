package values_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type namedClinic struct {
	ID     int64
	Visits []*namedVisit
	Sum    any `db:"sum,computed"`
}

type namedVisit struct {
	ID, ClinicID int64
	Note         string
	Fee          float64
	Clinic       *namedClinic
	Lines        []*namedLine
}

type namedLine struct{ VisitID, Line, Price int64 }

const namedDDL = madeDDL + `CREATE TABLE mv_lines (visit_id BIGINT NOT NULL, line BIGINT NOT NULL, price BIGINT NOT NULL, PRIMARY KEY (visit_id, line));
INSERT INTO mv_lines VALUES (1, 1, 5), (1, 2, 6), (2, 1, 7);
`

type named struct {
	clinics *dovetail.Table[namedClinic]
	visits  *dovetail.Table[namedVisit]
}

func newNamed() named {
	r := dovetail.NewRegistry()
	m := named{clinics: dovetail.NewTable[namedClinic](r, "mv_clinics"), visits: dovetail.NewTable[namedVisit](r, "mv_visits")}
	lines := dovetail.NewTable[namedLine](r, "mv_lines", dovetail.PrimaryKey("visit_id", "line"))
	dovetail.HasMany(m.clinics, "visits", m.visits, dovetail.ForeignKey("clinic_id"), dovetail.Inverse("clinic"))
	dovetail.HasMany(m.visits, "lines", lines, dovetail.ForeignKey("visit_id"), dovetail.OnDelete(dovetail.Cascade))
	return m
}

// calls are what a query can be asked, which all must answer alike.
func calls[R any](q dovetail.Query[R]) map[string]func(context.Context, dovetail.DB) error {
	return map[string]func(context.Context, dovetail.DB) error{
		"All": func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.Collect[map[string]any](ctx, db, q)
			return err
		},
		"Count":  func(ctx context.Context, db dovetail.DB) error { _, err := q.Count(ctx, db); return err },
		"Exists": func(ctx context.Context, db dovetail.DB) error { _, err := q.Exists(ctx, db); return err },
	}
}

// TestValuesOfGroupsHaveOneValue refuses what each row of a group has a value of its own for.
func TestValuesOfGroupsHaveOneValue(t *testing.T) {
	t.Parallel()
	m := newNamed()
	sum := dovetail.Sum("visits.fee").As("s")
	byNote := dovetail.Select(m.clinics).Join("visits").Columns("visits.note").GroupBy("visits.note")
	visits := dovetail.Select(m.visits).Columns("clinic_id").Column("count(*) AS n").GroupBy("clinic_id")
	kit.OnEach(t, namedDDL, func(t *testing.T, d kit.Database) {
		db := d.Record()
		for what, c := range map[string]struct {
			calls map[string]func(context.Context, dovetail.DB) error
			words []string
		}{
			"With":            {calls(byNote.With(sum)), []string{"With", `"s"`, `column "id"`, "not grouped"}},
			"outer in With":   {calls(visits.With(dovetail.Count("clinic.visits").Where(sq.Expr("note = outer.note")).As("c"))), []string{`"note"`}},
			"Having a column": {calls(visits.Having(sq.Eq{"note": "9"})), []string{"Having", `"note"`, "Where"}},
			"Having in Not":   {calls(visits.Having(dovetail.Not(sq.Or{sq.Eq{"n": 1}, sq.Gt{"fee": 2}}))), []string{"Having", `"fee"`}},
			"Having Has":      {calls(visits.Having(dovetail.Has("lines"))), []string{"Having", `"id"`}},
		} {
			for name, call := range c.calls {
				err := call(t.Context(), db)
				t.Log(what, name)
				kit.Refused(t, err, dovetail.ErrInvalidQuery, c.words...)
			}
		}
		db.Expect(t, 0, 0)
		for what, q := range map[string]dovetail.AnyQuery{
			"by the key":          dovetail.Select(m.clinics).Join("visits").Columns("id").With(sum).GroupBy("id", "visits.note"),
			"by what is needed":   visits.With(dovetail.Count("clinic.visits").As("c")),
			"Having what is":      visits.Having(sq.GtOrEq{"clinic_id": 1}).Having("count(*) > ? AND max(fee) > ?", 0, 1),
			"Having Has what is":  visits.Having(dovetail.Has("clinic", sq.Gt{"id": 0})),
			"Having what it made": visits.Having(sq.Gt{"n": 0}),
		} {
			rows, err := dovetail.Collect[map[string]any](t.Context(), d.DB, q)
			if err != nil || len(rows) < 3 {
				t.Errorf("%s: got %d rows, %v", what, len(rows), err)
			}
		}
	})
}

// TestNamesOfValuesInsideOfSubqueries names values that a query selects where bare words are those of other rows.
func TestNamesOfValuesInsideOfSubqueries(t *testing.T) {
	t.Parallel()
	m := newNamed()
	q := dovetail.Select(m.clinics).Columns("id").With(dovetail.Sum("visits.fee").As("s"), dovetail.Count("visits.lines").As("price"))
	kit.OnEach(t, namedDDL, func(t *testing.T, d kit.Database) {
		db := d.Record()
		for what, c := range map[string]struct {
			q     dovetail.Query[*namedClinic]
			words []string
		}{
			"in EXISTS":          {q.Where("EXISTS (SELECT 1 FROM mv_visits v WHERE v.fee < s)"), []string{`"s"`, "SELECT of its own"}},
			"beside a SELECT":    {q.Where(`"s" > (SELECT 1)`), []string{`"s"`, "outside of that SELECT"}},
			"of Column":          {q.Column("id + 1 AS next").Where("next > (SELECT 1)"), []string{`"next"`}},
			"in Has":             {q.Where(dovetail.Has("visits", sq.Expr("fee < s"))), []string{`"s"`, `write "outer.s"`}},
			"in Has twice":       {q.Where(dovetail.Has("visits", dovetail.Has("lines", sq.Expr("s > 1")))), []string{`write "outer.outer.s"`}},
			"in Has of a SELECT": {q.Where(dovetail.Has("visits", sq.Expr("fee < (SELECT s)"))), []string{`write "outer.s"`}},
		} {
			for name, call := range calls(c.q) {
				t.Log(what, name)
				kit.Refused(t, call(t.Context(), db), dovetail.ErrUnknownColumn, c.words...)
			}
		}
		db.Expect(t, 0, 0)
		for what, c := range map[string]struct {
			q    dovetail.Query[*namedClinic]
			want string
		}{
			"outer":               {q.Where(dovetail.Has("visits", sq.Expr("fee < outer.s"))), "[1 3]"},
			"a column of a table": {q.Where("id IN (SELECT clinic_id FROM mv_visits JOIN mv_lines ON visit_id = mv_visits.id WHERE price > 6)"), "[1]"},
			"of a related row":    {q.Where(dovetail.Has("visits.lines", sq.Expr("price > ?", 6))), "[1]"},
		} {
			var ids []int64
			rows, err := dovetail.Collect[struct{ ID int64 }](t.Context(), d.DB, dovetail.Select(m.clinics).Columns("id").
				Where(sq.Eq{"id": []int64{1, 2, 3, 4}}).OrderBy("id"))
			kit.NoError(t, err)
			for _, row := range rows {
				n, err := c.q.Where(sq.Eq{"id": row.ID}).Count(t.Context(), d.DB)
				kit.NoError(t, err)
				all, err := dovetail.Collect[map[string]any](t.Context(), d.DB, c.q.Where(sq.Eq{"id": row.ID}))
				kit.NoError(t, err)
				kit.Equal(t, what, int64(len(all)), n)
				if n > 0 {
					ids = append(ids, row.ID)
				}
			}
			kit.Equal(t, what, fmt.Sprint(ids), c.want)
		}
	})
}

// TestUnresolvedWordsOfDeletes: whichever statement of a delete the database refuses, the error says what to write.
func TestUnresolvedWordsOfDeletes(t *testing.T) {
	t.Parallel()
	m := newNamed()
	kit.OnEach(t, namedDDL, func(t *testing.T, d kit.Database) {
		remove := dovetail.Delete(m.visits).Where("clinic.id = 9 OR id = 1")
		words := []string{`"id" stands alone in SQL text`, `"self.id"`, `"clinic.id"`}
		for what, call := range map[string]func() error{
			"Exec":   func() error { _, err := remove.Exec(t.Context(), d.DB); return err },
			"Impact": func() error { _, err := remove.Impact(t.Context(), d.DB); return err },
			"Update": func() error {
				_, err := dovetail.Update(m.visits).Set("note", "").Where("clinic.id = 9 OR id = 1").Exec(t.Context(), d.DB)
				return err
			},
		} {
			err := call()
			if err == nil {
				t.Errorf("%s: expected an error", what)
				continue
			}
			for _, w := range words {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%s: expected %s in %v", what, w, err)
				}
			}
		}
	})
}

// TestHasAllOfKeysOfSeveralColumns says what to write.
func TestHasAllOfKeysOfSeveralColumns(t *testing.T) {
	t.Parallel()
	m := newNamed()
	kit.Refused(t, kit.StatementError(dovetail.Select(m.visits).HasAll("lines", 1, 2)), dovetail.ErrInvalidQuery,
		"has 2 columns", `write Has("lines", squirrel.Eq{"visit_id": …, "line": …}) for each row`)
	kit.Refused(t, kit.StatementError(dovetail.Select(m.visits).HasAll("lines", []int{1, 2})), dovetail.ErrArgType,
		"pass a list as keys...", `write Has("lines", …)`)
}
