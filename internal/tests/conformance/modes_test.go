package conformance_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/dbtest"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
	"github.com/dovetail-go/dovetail/internal/tests/models/keyed"
)

// TestEveryExecModeGivesTheSame runs one load of each form of argument and result in all of pgx's modes: values travel
// as text or in binary, and their types are known to the server, to pgx, or to neither.
func TestEveryExecModeGivesTheSame(t *testing.T) {
	t.Parallel()
	setup := dbtest.Postgres(t)
	if _, err := setup.Exec(t.Context(), models.DDL(t)); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []pgx.QueryExecMode{
		pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeDescribeExec,
		pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol,
	} {
		config := dbtest.PostgresConfig(t)
		config.ConnConfig.DefaultQueryExecMode = mode
		db := postgres.New(dbtest.PostgresPool(t, config))
		t.Run(mode.String(), func(t *testing.T) {
			for _, l := range modeLoads() {
				t.Run(l.name, func(t *testing.T) {
					d := kit.Database{Name: "postgres/" + mode.String(), DB: db}.Forgetful()
					rec := d.Record()
					kit.Equal(t, "result", l.run(t, rec), l.want)
					rec.Expect(t, l.trips+rec.Lookups(), l.trips)
				})
			}
		})
	}
}

// modeLoad is a load, what it gives in words, and how many round trips it takes, each of a statement. A look-up of key types rides
// along with the first.
type modeLoad struct {
	name  string
	want  string
	trips int
	run   func(t *testing.T, rec *kit.Recorder) string
}

func modeLoads() []modeLoad {
	return append(modePreloads(), modeQueries()...)
}

// namesOfParts says which parts each owner has.
func namesOfParts[K comparable](owners []*keyed.Owner[K]) string {
	return fmt.Sprint(kit.Pluck(owners, func(o *keyed.Owner[K]) []string { return kit.Pluck(o.Parts, (*keyed.Part[K]).Label) }))
}

func modeParts[K comparable](family string, limit int) func(*testing.T, *kit.Recorder) string {
	return func(t *testing.T, rec *kit.Recorder) string {
		f := keyed.NewFamily[K](family)
		parts := dovetail.Select(f.Parts).OrderBy("name DESC")
		if limit > 0 {
			parts = parts.Limit(limit)
		}
		return namesOfParts(kit.All(t, rec, dovetail.Select(f.Owners).OrderBy("id").Preload("parts", parts)))
	}
}

func modePreloads() []modeLoad {
	const every, last = "[[bolt axle] [cog] [] [] []]", "[[bolt] [cog] [] [] []]"
	return []modeLoad{
		{"integer keys", every, 2, modeParts[int64]("int", 0)},
		{"integer keys and a limit", last, 2, modeParts[int64]("int", 1)},
		{"uuid keys", every, 2, modeParts[uuid.UUID]("uuid", 0)},
		{"array keys and a limit", last, 2, modeParts[[16]byte]("bytes16", 1)},
		{"uuid keys in strings", every, 2, modeParts[string]("uuidtext", 0)},
		{"text keys", every, 2, modeParts[string]("text", 0)},
		{"text keys and a limit", last, 2, modeParts[string]("text", 1)},
		{"composite keys", "[[nails glue] [] [rope]] [[heavy] [fragile heavy]]", 3, func(t *testing.T, rec *kit.Recorder) string {
			orders := kit.All(t, rec, dovetail.Select(models.Orders).OrderBy("warehouse", "number").Preload("lines.labels"))
			return fmt.Sprint(kit.Pluck(orders, func(o *models.Order) []string { return kit.Pluck(o.Lines, models.LineItem) }), " ",
				kit.Pluck(orders[0].Lines, func(l *models.OrderLine) []string { return kit.Pluck(l.Labels, models.LabelText) }))
		}},
		{"join table and nullable keys", "[[go sql] [sql] []] bea <nil>", 3, func(t *testing.T, rec *kit.Recorder) string {
			posts := kit.All(t, rec, dovetail.Select(models.Posts).OrderBy("id").Preload("tags"))
			kit.Load(t, rec, models.Posts, posts, "editor")
			return fmt.Sprint(kit.Pluck(posts, func(p *models.Post) []string { return kit.Pluck(p.Tags, models.TagName) }), " ",
				posts[0].Editor.Name, " ", posts[1].Editor)
		}},
	}
}

// modeNotes gives the ids of the notes for which the conditions hold.
func modeNotes(where func(q dovetail.Query[*confNote]) dovetail.Query[*confNote]) func(*testing.T, *kit.Recorder) string {
	return func(t *testing.T, rec *kit.Recorder) string {
		return fmt.Sprint(kit.Pluck(kit.All(t, rec, where(dovetail.Select(newConfNotes().notes)).OrderBy("id")), noteID))
	}
}

func modeQueries() []modeLoad {
	type notes = dovetail.Query[*confNote]
	march := time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)
	return []modeLoad{
		{"every type of column", "4 cherry_x 30 a_b true 0 2024-04-01 <nil> 9.25", 1,
			func(t *testing.T, rec *kit.Recorder) string {
				rows := kit.All(t, rec, dovetail.Select(newConfNotes().notes).OrderBy("id"))
				n := rows[3]
				return fmt.Sprintf("%d %s %d %s %t %g %s %v %g",
					n.ID, n.Title, *n.Score, *n.Note, n.Done, n.Ratio, n.At.Format(time.DateOnly), rows[5].Note, rows[5].Ratio)
			}},
		{"every type of argument", "[4]", 1, modeNotes(func(q notes) notes {
			return q.Where(squirrel.Eq{"title": "cherry_x", "score": 30, "done": true, "ratio": 0.0}).
				Where(squirrel.Gt{"at": march})
		})},
		{"lists", "[1 5 6]", 1, modeNotes(func(q notes) notes {
			return q.Where(squirrel.Or{
				squirrel.Eq{"score": []int64{10}, "title": []string{"Apple", `"quoted", {braced} \ and 'plain'`}},
				squirrel.Eq{"ratio": []float64{-1, 9.25}},
			}).Where(squirrel.NotEq{"id": []int{2, 3}})
		})},
		{"literal text", "[3 4]", 1, modeNotes(func(q notes) notes {
			return q.Where(squirrel.Or{dovetail.Contains("note", "%"), dovetail.EndsWith("note", "_b"),
				dovetail.StartsWith("note", `\`)})
		})},
		{"SQL text", "[2 5]", 1, modeNotes(func(q notes) notes {
			return q.Where("score + 1 > ? AND note IS DISTINCT FROM ? AND 'a?' = ?", 11, "a_b", "a?")
		})},
		{"subquery and Has", "[1]", 1, func(t *testing.T, rec *kit.Recorder) string {
			deposits := dovetail.Select(models.Activities).Columns("account_id").Where(squirrel.Eq{"activity_type": models.Deposit})
			q := dovetail.Select(models.Accounts).Where(squirrel.Eq{"id": deposits}).Has("activities", squirrel.Gt{"amount": 850})
			return fmt.Sprint(accountIDs(kit.All(t, rec, q)))
		}},
		{"count, exists and get", "5 true Squidward", 3, func(t *testing.T, rec *kit.Recorder) string {
			q := dovetail.Select(models.Accounts).Join("activities").Where("activities.amount > ?", 100)
			n, err := q.Count(t.Context(), rec)
			found, existsErr := q.Where(squirrel.Eq{"owner": "Squidward"}).Exists(t.Context(), rec)
			row, getErr := dovetail.Select(models.Accounts).Get(t.Context(), rec, 3)
			if err != nil || existsErr != nil || getErr != nil {
				t.Fatal(err, existsErr, getErr)
			}
			return fmt.Sprint(n, " ", found, " ", row.Owner)
		}},
		{"group and collect", "[{DEP 4 2480} {WD 2 1300}]", 1, func(t *testing.T, rec *kit.Recorder) string {
			return fmt.Sprint(kit.Collect[struct {
				ActivityType models.ActivityType
				N, Total     int64
			}](t, rec, dovetail.Select(models.Activities).Columns("activity_type").GroupBy("activity_type").OrderBy("activity_type").
				Column("count(*) AS n").Column("CAST(sum(amount) AS BIGINT) AS total").Having("count(*) > ?", 1)))
		}},
	}
}

func accountIDs(accounts []*models.Account) []int64 {
	return kit.Pluck(accounts, func(a *models.Account) int64 { return a.ID })
}
