package reads_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
	"github.com/dovetail-go/dovetail/internal/tests/models/keyed"
)

type accountFigures struct {
	ID    int64
	N     int64
	Total *int64
	Mean  *float64
	Least *int64
	Most  *int64
	Big   bool
	Last  *int64
}

func ptr[T any](v T) *T { return &v }

func TestAggregatesOfRelatedRows(t *testing.T) {
	t.Parallel()
	kit.OnEvery(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		r := d.Record()
		got, err := dovetail.Collect[accountFigures](t.Context(), r, dovetail.Select(models.Accounts).Columns("id").OrderBy("id").With(
			dovetail.Count("activities").As("n"),
			dovetail.Sum("activities.amount").As("total"),
			dovetail.Avg("activities.amount").Where(sq.Eq{"activity_type": models.Deposit}).As("mean"),
			dovetail.Min("activities.amount").As("least"),
			dovetail.Max("activities.amount").As("most"),
			dovetail.Exists("activities").Where("amount > ?", 800).As("big"),
			dovetail.FirstOf("activities.amount").OrderBy("created_at DESC").As("last"),
		))
		if err != nil {
			t.Fatal(err)
		}
		r.Expect(t, 1, 1)
		want := []accountFigures{
			{1, 3, ptr(int64(2200)), ptr(850.0), ptr(int64(500)), ptr(int64(900)), true, ptr(int64(500))},
			{2, 1, ptr(int64(30)), ptr(30.0), ptr(int64(30)), ptr(int64(30)), false, ptr(int64(30))},
			{3, 2, ptr(int64(1550)), ptr(750.0), ptr(int64(750)), ptr(int64(800)), false, ptr(int64(800))},
			{4, 0, nil, nil, nil, nil, false, nil},
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("expected %+v, got %+v", want, got)
		}
	})
}

func TestAggregatesFillComputedFieldsAndFilterAndOrder(t *testing.T) {
	t.Parallel()
	withBooks := dovetail.Select(models.Authors).With(dovetail.Count("books").As("book_count"))
	kit.OnEvery(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		for _, c := range []struct {
			name string
			q    dovetail.Query[*models.Author]
			want [][2]int64 // id and count
		}{
			{"zero included", withBooks.OrderBy("id"), [][2]int64{{1, 2}, {2, 1}, {3, 0}}},
			{"ordered", withBooks.OrderBy("book_count", "id"), [][2]int64{{3, 0}, {2, 1}, {1, 2}}},
			{"filtered", withBooks.Where(sq.Gt{"book_count": 0}).OrderBy("id"), [][2]int64{{1, 2}, {2, 1}}},
			{"in a list", withBooks.Where(sq.Eq{"book_count": []int{0, 2}}).OrderBy("id"), [][2]int64{{1, 2}, {3, 0}}},
			{"limited", withBooks.OrderBy("book_count DESC").Limit(1), [][2]int64{{1, 2}}},
			{"with a preload", withBooks.Preload("books").Where(sq.Eq{"book_count": 2}), [][2]int64{{1, 2}}},
			{"over a distinct join", withBooks.Join("books").Distinct().OrderBy("id"), [][2]int64{{1, 2}, {2, 1}}},
		} {
			rows, err := c.q.All(t.Context(), d.DB)
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			got := make([][2]int64, 0, len(rows))
			for _, a := range rows {
				got = append(got, [2]int64{a.ID, a.BookCount})
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("%s: expected %v, got %v", c.name, c.want, got)
			}
			if n, err := c.q.Count(t.Context(), d.DB); err != nil || n != int64(len(rows)) {
				t.Errorf("%s: expected to count %d, got %d, %v", c.name, len(rows), n, err)
			}
		}
	})
}

func TestAggregatesOverPathsAndLinks(t *testing.T) {
	t.Parallel()
	type row struct {
		Name string
		Tags int64
		Last *time.Time
	}
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		got, err := dovetail.Collect[row](t.Context(), d.DB, dovetail.Select(models.Users).Columns("name").OrderBy("id").With(
			dovetail.Count("posts.tags").As("tags"),
			dovetail.FirstOf("posts.tags.name").Where(sq.Eq{"name": "no such"}).As("last"),
		))
		if err != nil {
			t.Fatal(err)
		}
		want := []row{{"ann", 3, nil}, {"bea", 0, nil}, {"cyd", 0, nil}}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("expected %+v, got %+v", want, got)
		}
	})
}

func TestAggregatesRefuseWhatHasNoMeaning(t *testing.T) {
	t.Parallel()
	count := dovetail.Count("activities")
	for _, c := range []struct {
		name string
		q    dovetail.Query[*models.Account]
		is   error
	}{
		{"no name", dovetail.Select(models.Accounts).With(count), dovetail.ErrInvalidQuery},
		{"name of a column", dovetail.Select(models.Accounts).With(count.As("owner")), dovetail.ErrInvalidQuery},
		{"name twice", dovetail.Select(models.Accounts).With(count.As("n"), count.As("n")), dovetail.ErrInvalidQuery},
		{"name of SQL", dovetail.Select(models.Accounts).With(count.As(`n" FROM x`)), dovetail.ErrInvalidQuery},
		{"no path", dovetail.Select(models.Accounts).With(dovetail.Sum("amount").As("n")), dovetail.ErrUnknownRelation},
		{"unknown relation", dovetail.Select(models.Accounts).With(dovetail.Count("activites").As("n")), dovetail.ErrUnknownRelation},
		{"unknown column", dovetail.Select(models.Accounts).With(dovetail.Sum("activities.amout").As("n")), dovetail.ErrUnknownColumn},
		{"no column", dovetail.Select(models.Accounts).With(dovetail.Sum("activities.").As("n")), dovetail.ErrUnknownColumn},
		{"all columns", dovetail.Select(models.Accounts).With(dovetail.Sum("activities.*").As("n")), dovetail.ErrUnknownColumn},
		{"order by all columns", dovetail.Select(models.Accounts).OrderBy("accounts.*"), dovetail.ErrUnknownColumn},
		{"root without its name in ON", dovetail.Select(models.Accounts).Join("activities", sq.Eq{".id": 1}), dovetail.ErrUnknownRelation},
		{"order of a sum", dovetail.Select(models.Accounts).With(dovetail.Sum("activities.amount").OrderBy("id").As("n")), dovetail.ErrInvalidQuery},
		{"value twice", dovetail.Select(models.Accounts).With(count.Of("amount").Of("id").As("n")), dovetail.ErrInvalidQuery},
		{"value of Exists", dovetail.Select(models.Accounts).With(dovetail.Exists("activities").Of("id").As("n")), dovetail.ErrInvalidQuery},
		{"distinct rows", dovetail.Select(models.Accounts).With(count.Distinct().As("n")), dovetail.ErrInvalidQuery},
		{"distinct least", dovetail.Select(models.Accounts).With(dovetail.Min("activities.amount").Distinct().As("n")), dovetail.ErrInvalidQuery},
		{"unknown value", dovetail.Select(models.Accounts).With(count.Of("amout").As("n")), dovetail.ErrUnknownColumn},
		{"unknown name in a value", dovetail.Select(models.Accounts).With(count.Of("self.amout + 1").As("n")), dovetail.ErrUnknownColumn},
		{"column before a value", dovetail.Select(models.Accounts).With(dovetail.Sum("activities.amount").Of("amount").As("n")), dovetail.ErrUnknownRelation},
		{"arguments of a value", dovetail.Select(models.Accounts).With(count.Of("self.amount * ?").As("n")), dovetail.ErrArgCount},
		{"value that is nothing", dovetail.Select(models.Accounts).With(count.Of(nil).As("n")), dovetail.ErrInvalidQuery},
		{"value that is empty", dovetail.Select(models.Accounts).With(count.Of("").As("n")), dovetail.ErrInvalidQuery},
		{"value of what groups lack", dovetail.Select(models.Accounts).GroupBy("owner").Columns("owner").
			With(count.Of("self.account_id + outer.balance").As("n")), dovetail.ErrInvalidQuery},
		{"over a to-many join", dovetail.Select(models.Accounts).Join("activities").With(count.As("n")), dovetail.ErrFanOut},
		{"grouped by", dovetail.Select(models.Accounts).With(count.As("n")).GroupBy("id", "n"), dovetail.ErrUnsupported},
		{"argument count", dovetail.Select(models.Accounts).With(count.Where("amount > ?").As("n")), dovetail.ErrArgCount},
	} {
		if _, _, err := c.q.ToSql(); !errors.Is(err, c.is) {
			t.Errorf("%s: expected %v, got %v", c.name, c.is, err)
		}
	}
	// A model without a computed field of that name has no place for the value: found before anything is sent.
	d := kit.SQLiteDB(t, kit.ReadingsDDL(t))
	r := d.Record()
	if _, err := dovetail.Select(models.Accounts).With(count.As("n")).All(t.Context(), r); !errors.Is(err, dovetail.ErrUnknownColumn) {
		t.Errorf("no field: expected ErrUnknownColumn, got %v", err)
	}
	r.Expect(t, 0, 0)
}

// TestAggregateOrdersTheRowsOfEachOwner has a limit for each owner, for which rows are numbered before values have names.
func TestAggregateOrdersTheRowsOfEachOwner(t *testing.T) {
	t.Parallel()
	students := dovetail.Select(keyed.Ints.Students)
	withSum := students.With(dovetail.Sum("enrollments.grade").Where(sq.Gt{"grade": 0}).As("sum"))
	kit.OnEach(t, keyed.SchoolDDL(keyed.Keys()[0]), func(t *testing.T, d kit.Database) {
		for order, want := range map[string][]string{"sum": {"bob", "bob", "bob"}, "sum DESC NULLS LAST": {"ann", "ann", "bob"}} {
			courses, err := dovetail.Select(keyed.Ints.Courses).OrderBy("id").
				Preload("students", withSum.OrderBy(order).Limit(1)).All(t.Context(), d.DB)
			if err != nil {
				t.Fatal(err)
			}
			for i, c := range courses {
				if len(c.Students) != 1 || c.Students[0].Row.Name != want[i] {
					t.Errorf("by %s: expected %s of %s, got %v", order, want[i], c.Title, c.Students)
				}
			}
		}
		late := func(expr string) dovetail.Query[*keyed.Course[int64]] {
			return dovetail.Select(keyed.Ints.Courses).OrderBy("id").Preload("students", students.Column(expr).OrderBy("late DESC").Limit(1))
		}
		courses, err := late("CASE WHEN name = 'bob' THEN 2 ELSE 1 END AS late").All(t.Context(), d.DB)
		if err != nil || courses[0].Students[0].Row.Name != "bob" || courses[0].Students[0].Row.Late != 2 {
			t.Errorf("by a name of Column: expected bob, who is late, got %v and %v", courses, err)
		}
		// A window has no value before the rows are numbered.
		if _, err = late("row_number() OVER (ORDER BY name) AS late").All(t.Context(), d.DB); !errors.Is(err, dovetail.ErrUnsupported) {
			t.Errorf("expected ErrUnsupported, got %v", err)
		}
	})
}
