package dovetail_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dovetailtest"
)

// fakeTest is a test that is watched: it ends when told, and keeps what it failed with.
type fakeTest struct {
	testing.TB
	errors   []string
	cleanups []func()
}

func (f *fakeTest) Helper()             {}
func (f *fakeTest) Cleanup(done func()) { f.cleanups = append(f.cleanups, done) }
func (f *fakeTest) Error(args ...any)   { f.errors = append(f.errors, fmt.Sprint(args...)) }

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

func must[V any](t *testing.T) func(V, error) V {
	return func(v V, err error) V {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func budgetCases() []budgetCase {
	return []budgetCase{
		{
			name: "get_of_each", budget: 2, says: []string{`got 7`, `6 × select accounts`, `use Preload("account") on the query of "activity"`},
			run: func(t *testing.T, db dovetail.DB) {
				for _, a := range must[[]*Activity](t)(dovetail.Select(Activities).All(t.Context(), db)) {
					must[*Account](t)(dovetail.Select(Accounts).Get(t.Context(), db, a.AccountID))
				}
			},
		},
		{
			name: "children_of_each", budget: 2, says: []string{`4 × select activity`, `use Preload("activities") on the query of "accounts"`},
			run: func(t *testing.T, db dovetail.DB) {
				for _, a := range must[[]*Account](t)(dovetail.Select(Accounts).All(t.Context(), db)) {
					q := dovetail.Select(Activities).Where(sq.And{sq.Eq{"account_id": a.ID}, sq.Gt{"amount": 100}})
					must[[]*Activity](t)(q.OrderBy("created_at").Limit(5).Preload("account").All(t.Context(), db))
				}
			},
		},
		{
			name: "count_of_each", budget: 1, says: []string{`use With(Count("activities")) on the query of "accounts"`},
			run: func(t *testing.T, db dovetail.DB) {
				for _, a := range must[[]*Account](t)(dovetail.Select(Accounts).All(t.Context(), db)) {
					must[int64](t)(dovetail.Select(Activities).Where(sq.Eq{"account_id": a.ID}).Count(t.Context(), db))
					must[bool](t)(dovetail.Select(Activities).Where(sq.Eq{"account.id": a.ID}).Exists(t.Context(), db))
				}
			},
		},
		{
			// Three relations lead to "user" by its id; only those of the table that was loaded are named.
			name: "of_several_relations", budget: 3, says: []string{`Preload("author") on the query of "posts", or Preload("editor")`},
			not: []string{"profiles"},
			run: func(t *testing.T, db dovetail.DB) {
				for _, p := range must[[]*Post](t)(dovetail.Select(Posts).All(t.Context(), db)) {
					must[*User](t)(dovetail.Select(Users).Get(t.Context(), db, p.AuthorID))
				}
			},
		},
		{
			name: "of_no_table_loaded", budget: 0, says: []string{"posts", "profiles"},
			run: func(t *testing.T, db dovetail.DB) {
				for id := range 2 {
					must[*User](t)(dovetail.Select(Users).Get(t.Context(), db, id+1))
				}
			},
		},
		{
			name: "many_to_many_of_each", budget: 1, says: []string{`2 × select courses`, `3 × select courses`,
				`use Preload("courses") on the query of "students"`},
			run: func(t *testing.T, db dovetail.DB) {
				students := must[[]*Student](t)(dovetail.Select(Students).All(t.Context(), db))
				for _, s := range students {
					must[[]*Course](t)(dovetail.Select(Courses).Has("students", sq.Eq{"id": s.ID}).All(t.Context(), db))
				}
				for _, s := range students[:2] {
					q := dovetail.Select(Courses).Join("students").Where(sq.Eq{"students.id": s.ID})
					must[[]*Course](t)(q.All(t.Context(), db))
				}
			},
		},
		{
			name: "composite_key", budget: 1, says: []string{`use Preload("lines") on the query of "order"`},
			run: func(t *testing.T, db dovetail.DB) {
				for _, o := range must[[]*Order](t)(dovetail.Select(Orders).All(t.Context(), db)) {
					q := dovetail.Select(OrderLines).Where(sq.Eq{"warehouse": o.Warehouse, "number": o.Number})
					must[[]*OrderLine](t)(q.All(t.Context(), db))
				}
			},
		},
		{
			name: "load_of_each", budget: 1, says: []string{`4 × load accounts, path "activities"`,
				`use one Load("activities") with all rows of "accounts"`},
			run: func(t *testing.T, db dovetail.DB) {
				for _, a := range must[[]*Account](t)(dovetail.Select(Accounts).All(t.Context(), db)) {
					if err := dovetail.Load(t.Context(), db, Accounts, []*Account{a}, "activities"); err != nil {
						t.Fatal(err)
					}
				}
			},
		},
		{
			name: "of_no_relation", budget: 0, not: []string{"instead of"},
			run: func(t *testing.T, db dovetail.DB) {
				for _, owner := range []string{"Patrick", "Sandy"} {
					must[[]*Account](t)(dovetail.Select(Accounts).Where(sq.Eq{"owner": owner}).All(t.Context(), db))
					either := sq.Or{sq.Eq{"id": 1}, sq.Eq{"owner": owner}} // does not look one account up
					must[[]*Account](t)(dovetail.Select(Accounts).Where(either).All(t.Context(), db))
					none := dovetail.HasNone("students", sq.Eq{"id": 1})
					must[[]*Course](t)(dovetail.Select(Courses).Where(none).All(t.Context(), db))
				}
			},
		},
	}
}

func TestGoldenReports(t *testing.T) {
	t.Parallel()
	onEach(t, readings(t), func(t *testing.T, d database) {
		name, _, _ := strings.Cut(d.name, "/")
		for _, c := range budgetCases() {
			t.Run(c.name, func(t *testing.T) {
				fake := &fakeTest{}
				c.run(t, dovetailtest.MaxQueries(fake, d.db, c.budget))
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
	onEach(t, readings(t), func(t *testing.T, d database) {
		d.exec(t, `DELETE FROM activity`)
		var b strings.Builder
		b.WriteString(`INSERT INTO activity (id, account_id, activity_type, amount, created_at) VALUES `)
		for i := range 500 {
			fmt.Fprintf(&b, "%s(%d, %d, 'DEP', 1, '2024-02-01 10:00:00')", strings.Repeat(", ", min(i, 1)), i+1, i%4+1)
		}
		d.exec(t, b.String())

		fake := &fakeTest{}
		db := dovetailtest.MaxQueries(fake, d.db, 2)
		for _, a := range must[[]*Activity](t)(dovetail.Select(Activities).All(t.Context(), db)) {
			must[*Account](t)(dovetail.Select(Accounts).Get(t.Context(), db, a.AccountID))
		}
		report := fake.end()
		for _, part := range []string{"expected at most 2 statement(s), got 501", "1 × select activity", "500 × select accounts",
			`instead of 500 statements use Preload("account") on the query of "activity"`} {
			if !strings.Contains(report, part) {
				t.Errorf("does not say %q:\n%s", part, report)
			}
		}

		fixed := dovetailtest.MaxQueries(t, d.db, 2) // what it advises keeps the budget
		for _, a := range must[[]*Activity](t)(dovetail.Select(Activities).Preload("account").All(t.Context(), fixed)) {
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
	onEach(t, readings(t), func(t *testing.T, d database) {
		fake, plain := &fakeTest{}, d.record()
		db := dovetailtest.MaxQueries(fake, plain, 3)
		for range 5 {
			must[int64](t)(dovetail.Select(Users).Count(t.Context(), db))
		}
		if db.Count() != 5 {
			t.Errorf("expected 5 statements, got %d", db.Count())
		}
		db.Reset()
		plain.expect(t, 5, 5)
		must[[]*User](t)(dovetail.Select(Users).Preload("profile").Preload("posts").All(t.Context(), db))
		plain.expect(t, 3, 2) // a batch stays one
		if report := fake.end(); report != "" || db.Count() != 3 {
			t.Errorf("expected 3 statements within the budget, got %d: %s", db.Count(), report)
		}
	})
}

// PostgreSQL's catalog is asked for the type of the key, by whichever test comes first.
func TestBudgetCountsNoCatalog(t *testing.T) {
	t.Parallel()
	onEach(t, readings(t), func(t *testing.T, d database) {
		plain := d.record()
		db := dovetailtest.MaxQueries(t, plain, 4)
		for i := range 2 {
			must[[]*Order](t)(dovetail.Select(Orders).Preload("lines").All(t.Context(), db))
			statements := 2
			if d.postgres() && i == 0 {
				statements = 3
			}
			plain.expect(t, statements, statements)
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
		{&answerDB{}, -1, "dovetailtest: MaxQueries: the number is negative; give 0 or more"},
		{nil, 1, "dovetailtest: MaxQueries: the database is nil; make one with postgres.New or sqlite.New"},
		{(*recorder)(nil), 1, "dovetailtest: MaxQueries: the database is nil; make one with postgres.New or sqlite.New"},
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
