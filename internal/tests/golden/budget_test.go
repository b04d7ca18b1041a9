package golden_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dovetailtest"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// fakeTest is a test that is watched: it ends when told, and keeps what it failed with.
type fakeTest struct {
	testing.TB
	errors   []string
	cleanups []func()
}

func (f *fakeTest) Helper() {}

func (f *fakeTest) Cleanup(done func()) { f.cleanups = append(f.cleanups, done) }

func (f *fakeTest) Error(args ...any) { f.errors = append(f.errors, fmt.Sprint(args...)) }

func (f *fakeTest) Fatalf(format string, args ...any) {
	panic(fmt.Sprintf(format, args...))
}

// end ends the test and returns what it failed with.
func (f *fakeTest) end() string {
	for _, done := range f.cleanups {
		done()
	}
	return strings.Join(f.errors, "\n")
}

// budgetCase sends statements, some of them again and again.
type budgetCase struct {
	name   string
	budget int
	run    func(t *testing.T, db dovetail.DB)
	says   []string // what the report must name; its text is in testdata/reports
	not    []string
}

func budgetCases() []budgetCase {
	return []budgetCase{
		{
			name: "get_of_each", budget: 2, says: []string{`got 7`, `6 × select accounts`, `use Preload("account") on the query of "activity"`},
			run: func(t *testing.T, db dovetail.DB) {
				for _, a := range kit.Must[[]*models.Activity](t)(dovetail.Select(models.Activities).All(t.Context(), db)) {
					kit.Must[*models.Account](t)(dovetail.Select(models.Accounts).Get(t.Context(), db, a.AccountID))
				}
			},
		},
		{
			name: "children_of_each", budget: 2, says: []string{`4 × select activity`, `use Preload("activities") on the query of "accounts"`},
			run: func(t *testing.T, db dovetail.DB) {
				for _, a := range kit.Must[[]*models.Account](t)(dovetail.Select(models.Accounts).All(t.Context(), db)) {
					q := dovetail.Select(models.Activities).Where(sq.And{sq.Eq{"account_id": a.ID}, sq.Gt{"amount": 100}})
					kit.Must[[]*models.Activity](t)(q.OrderBy("created_at").Limit(5).Preload("account").All(t.Context(), db))
				}
			},
		},
		{
			name: "count_of_each", budget: 1, says: []string{`use With(Count("activities")) on the query of "accounts"`},
			run: func(t *testing.T, db dovetail.DB) {
				for _, a := range kit.Must[[]*models.Account](t)(dovetail.Select(models.Accounts).All(t.Context(), db)) {
					kit.Must[int64](t)(dovetail.Select(models.Activities).Where(sq.Eq{"account_id": a.ID}).Count(t.Context(), db))
					kit.Must[bool](t)(dovetail.Select(models.Activities).Where(sq.Eq{"account.id": a.ID}).Exists(t.Context(), db))
				}
			},
		},
		{
			// Three relations lead to "user" by its id; only those of the table that was loaded are named.
			name: "of_several_relations", budget: 3, says: []string{`Preload("author") on the query of "posts", or Preload("editor")`},
			not: []string{"profiles"},
			run: func(t *testing.T, db dovetail.DB) {
				for _, p := range kit.Must[[]*models.Post](t)(dovetail.Select(models.Posts).All(t.Context(), db)) {
					kit.Must[*models.User](t)(dovetail.Select(models.Users).Get(t.Context(), db, p.AuthorID))
				}
			},
		},
		{
			name: "of_no_table_loaded", budget: 0, says: []string{"posts", "profiles"},
			run: func(t *testing.T, db dovetail.DB) {
				for id := range 2 {
					kit.Must[*models.User](t)(dovetail.Select(models.Users).Get(t.Context(), db, id+1))
				}
			},
		},
		{
			name: "many_to_many_of_each", budget: 1, says: []string{`2 × select courses`, `3 × select courses`,
				`use Preload("courses") on the query of "students"`},
			run: func(t *testing.T, db dovetail.DB) {
				students := kit.Must[[]*models.Student](t)(dovetail.Select(models.Students).All(t.Context(), db))
				for _, s := range students {
					kit.Must[[]*models.Course](t)(dovetail.Select(models.Courses).Has("students", sq.Eq{"id": s.ID}).All(t.Context(), db))
				}
				for _, s := range students[:2] {
					q := dovetail.Select(models.Courses).Join("students").Where(sq.Eq{"students.id": s.ID})
					kit.Must[[]*models.Course](t)(q.All(t.Context(), db))
				}
			},
		},
		{
			name: "composite_key", budget: 1, says: []string{`use Preload("lines") on the query of "order"`},
			run: func(t *testing.T, db dovetail.DB) {
				for _, o := range kit.Must[[]*models.Order](t)(dovetail.Select(models.Orders).All(t.Context(), db)) {
					q := dovetail.Select(models.OrderLines).Where(sq.Eq{"warehouse": o.Warehouse, "number": o.Number})
					kit.Must[[]*models.OrderLine](t)(q.All(t.Context(), db))
				}
			},
		},
		{
			name: "load_of_each", budget: 1, says: []string{`4 × load accounts, path "activities"`,
				`use one Load("activities") with all rows of "accounts"`},
			run: func(t *testing.T, db dovetail.DB) {
				for _, a := range kit.Must[[]*models.Account](t)(dovetail.Select(models.Accounts).All(t.Context(), db)) {
					if err := dovetail.Load(t.Context(), db, models.Accounts, []*models.Account{a}, "activities"); err != nil {
						t.Fatal(err)
					}
				}
			},
		},
		{
			name: "children_beside_the_first", budget: 2, says: []string{`use Preload("posts") on the query of "workers"`},
			not: []string{`"post"`, `"last_post"`},
			run: func(t *testing.T, db dovetail.DB) {
				for _, w := range kit.Must[[]*models.Worker](t)(dovetail.Select(models.Workers).All(t.Context(), db)) {
					kit.Must[[]*models.Stint](t)(dovetail.Select(models.Stints).Where(sq.Eq{"worker_id": w.ID}).All(t.Context(), db))
				}
			},
		},
		{
			name: "of_no_relation", budget: 0, not: []string{"instead of"},
			run: func(t *testing.T, db dovetail.DB) {
				for _, owner := range []string{"Patrick", "Sandy"} {
					kit.Must[[]*models.Account](t)(dovetail.Select(models.Accounts).Where(sq.Eq{"owner": owner}).All(t.Context(), db))
					either := sq.Or{sq.Eq{"id": 1}, sq.Eq{"owner": owner}} // does not look one account up
					kit.Must[[]*models.Account](t)(dovetail.Select(models.Accounts).Where(either).All(t.Context(), db))
					none := dovetail.HasNone("students", sq.Eq{"id": 1})
					kit.Must[[]*models.Course](t)(dovetail.Select(models.Courses).Where(none).All(t.Context(), db))
				}
			},
		},
	}
}

func TestGoldenReports(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, kit.ReadingsDDL(t)+models.StaffDDL, func(t *testing.T, d kit.Database) {
		name, _, _ := strings.Cut(d.Name, "/")
		for _, c := range budgetCases() {
			t.Run(c.name, func(t *testing.T) {
				fake := &fakeTest{}
				c.run(t, dovetailtest.MaxQueries(fake, d.DB, c.budget))
				report := fake.end()
				for _, part := range c.says {
					if !strings.Contains(report, part) {
						t.Errorf("does not say %q:\n%s", part, report)
					}
				}
				for _, part := range append(c.not, "%!", "SpongeBob", "Patrick") {
					if strings.Contains(report, part) {
						t.Errorf("says %q:\n%s", part, report)
					}
				}
				if !t.Failed() {
					compareGolden(t, filepath.Join("testdata", "reports", name, c.name+".golden"), report+"\n")
				}
			})
		}
	})
}

// The story of the 501 queries: 500 activities, and the account of each by a query of its own.
func TestBudgetNamesThePreloadMissingIn501Queries(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		d.Exec(t, `DELETE FROM activity`)
		var b strings.Builder
		b.WriteString(`INSERT INTO activity (id, account_id, activity_type, amount, created_at) VALUES `)
		for i := range 500 {
			fmt.Fprintf(&b, "%s(%d, %d, 'DEP', 1, '2024-02-01 10:00:00')", strings.Repeat(", ", min(i, 1)), i+1, i%4+1)
		}
		d.Exec(t, b.String())

		fake := &fakeTest{}
		db := dovetailtest.MaxQueries(fake, d.DB, 2)
		for _, a := range kit.Must[[]*models.Activity](t)(dovetail.Select(models.Activities).All(t.Context(), db)) {
			kit.Must[*models.Account](t)(dovetail.Select(models.Accounts).Get(t.Context(), db, a.AccountID))
		}
		report := fake.end()
		for _, part := range []string{"expected at most 2 statement(s), got 501", "1 × select activity", "500 × select accounts",
			`instead of 500 statements use Preload("account") on the query of "activity"`} {
			if !strings.Contains(report, part) {
				t.Errorf("does not say %q:\n%s", part, report)
			}
		}

		fixed := dovetailtest.MaxQueries(t, d.DB, 2) // what it advises keeps the budget
		for _, a := range kit.Must[[]*models.Activity](t)(dovetail.Select(models.Activities).Preload("account").All(t.Context(), fixed)) {
			if a.Account == nil || a.Account.ID != a.AccountID {
				t.Fatalf("activity %d has the account %v", a.ID, a.Account)
			}
		}
		if fixed.Count() != 2 {
			t.Errorf("expected 2 statements, got %d", fixed.Count())
		}
	})
}

func TestBudgetKeptSaysNothing(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		fake, plain := &fakeTest{}, d.Record()
		db := dovetailtest.MaxQueries(fake, plain, 3)
		for range 5 {
			kit.Must[int64](t)(dovetail.Select(models.Users).Count(t.Context(), db))
		}
		if db.Count() != 5 {
			t.Errorf("expected 5 statements, got %d", db.Count())
		}
		db.Reset()
		plain.Expect(t, 5, 5)
		kit.Must[[]*models.User](t)(dovetail.Select(models.Users).Preload("profile").Preload("posts").All(t.Context(), db))
		plain.Expect(t, 3, 2) // a batch stays one
		if report := fake.end(); report != "" || db.Count() != 3 {
			t.Errorf("expected 3 statements within the budget, got %d: %s", db.Count(), report)
		}
	})
}

// PostgreSQL's catalog is asked for the type of the key, by whichever test comes first.
func TestBudgetCountsNoCatalog(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		plain := d.Record()
		db := dovetailtest.MaxQueries(t, plain, 4)
		for i := range 2 {
			kit.Must[[]*models.Order](t)(dovetail.Select(models.Orders).Preload("lines").All(t.Context(), db))
			statements := 2
			if d.Postgres() && i == 0 {
				statements = 3
			}
			plain.Expect(t, statements, 2)
		}
		if db.Count() != 4 {
			t.Errorf("expected 4 statements, got %d", db.Count())
		}
	})
}

func TestBudgetRefusesWhatMakesNone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		db   dovetail.DB
		n    int
		want string
	}{
		{&kit.AnswerDB{}, -1, "dovetailtest: MaxQueries: the number is negative; give 0 or more"},
		{nil, 1, "dovetailtest: MaxQueries: the database is nil; make one with postgres.New or sqlite.New"},
		{(*kit.Recorder)(nil), 1, "dovetailtest: MaxQueries: the database is nil; make one with postgres.New or sqlite.New"},
	} {
		func() {
			defer func() {
				if got := recover(); got != c.want {
					t.Errorf("expected %q, got %v", c.want, got)
				}
			}()
			dovetailtest.MaxQueries(&fakeTest{}, c.db, c.n)
		}()
	}
}
