package values_test

import (
	"fmt"
	"slices"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type formOwner struct {
	Key, Code, Name string
	Kids            []*formKid
}

type formKid struct {
	ID    int64
	Owner string
	Size  int64
}

// A primary key of SQLite may hold NULL: the rows have the values of their related rows, however these are made.
func TestMadeValuesOfRowsWithoutKeys(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	owners := dovetail.NewTable[formOwner](r, "mf_owners", dovetail.PrimaryKey("key", "code"))
	dovetail.HasMany(owners, "kids", dovetail.NewTable[formKid](r, "mf_kids"), dovetail.ForeignKey("owner"), dovetail.References("name"))
	d := kit.SQLiteDB(t, `CREATE TABLE mf_owners (key TEXT, code TEXT, name TEXT NOT NULL UNIQUE, PRIMARY KEY (key, code));
CREATE TABLE mf_kids (id INTEGER PRIMARY KEY, owner TEXT NOT NULL, size BIGINT NOT NULL);
INSERT INTO mf_owners VALUES (NULL, 'a', 'one'), (NULL, 'a', 'two'), ('a', NULL, 'three'), ('a', 'a', 'four'), (NULL, NULL, 'none');
INSERT INTO mf_kids VALUES (1, 'one', 10), (2, 'two', 20), (3, 'two', 30), (4, 'three', 40), (5, 'three', 50), (6, 'three', 60), (7, 'four', 70);`)
	type query = dovetail.Query[*formOwner]
	with := func(a dovetail.Aggregate) query { return dovetail.Select(owners).Columns("name").With(a.As("n")) }
	count, sum := with(dovetail.Count("kids")), with(dovetail.Sum("kids.size"))
	for name, c := range map[string]struct {
		q    query
		want string
	}{
		"count":          {count, "four=1 none=0 one=1 three=3 two=2"},
		"count, tested":  {count.Where(sq.Gt{"n": 1}), "three=3 two=2"},
		"count, text":    {count.Where("n > ?", 1), "three=3 two=2"},
		"count, ordered": {count.OrderBy("n DESC", "name").Limit(3), "four=1 three=3 two=2"},
		"sum":            {sum, "four=70 none=<nil> one=10 three=150 two=50"},
		"sum, tested":    {sum.Where(sq.Lt{"n": 60}), "one=10 two=50"},
		"mean, tested":   {with(dovetail.Avg("kids.size")).Where(sq.Lt{"n": 60}), "one=10 three=50 two=25"},
	} {
		if got := formValues(t, d, c.q); got != c.want {
			t.Errorf("%s: expected %s, got %s", name, c.want, got)
		}
		rows, err := dovetail.Collect[map[string]any](t.Context(), d.DB, c.q)
		if n, countErr := c.q.Count(t.Context(), d.DB); err != nil || countErr != nil || int(n) != len(rows) {
			t.Errorf("%s: %d rows are counted as %d, %v, %v", name, len(rows), n, err, countErr)
		}
	}
}

// formValues returns the names of the rows with their values, in the order of the names.
func formValues(t *testing.T, d kit.Database, q dovetail.AnyQuery) string {
	t.Helper()
	rows, err := dovetail.Collect[map[string]any](t.Context(), d.DB, q)
	if err != nil {
		return err.Error()
	}
	var all []string
	for _, row := range rows {
		all = append(all, fmt.Sprintf("%v=%v", row["name"], row["n"]))
	}
	slices.Sort(all)
	text := fmt.Sprint(all)
	return text[1 : len(text)-1]
}
