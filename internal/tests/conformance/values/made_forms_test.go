package values_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

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

type keptOwner struct {
	ID      int64
	Name    string
	Born    time.Time
	Active  bool
	Price   string
	Kids    []*keptKid
	Deleted *time.Time `db:"deleted_at"`
	N       any        `db:"n,computed"`
	M       any        `db:"m,computed"`
	Label   string     `db:"label,computed"`
}

type keptKid struct {
	ID, OwnerID int64
	Name        string
	Day         time.Time
	Fee         string
}

const keptDDL = `CREATE TABLE kp_owners (id BIGINT PRIMARY KEY, name TEXT NOT NULL, born DATE NOT NULL, active BOOLEAN NOT NULL,
  price NUMERIC(12, 2) NOT NULL, deleted_at DATE);
CREATE TABLE kp_kids (id BIGINT PRIMARY KEY, owner_id BIGINT NOT NULL, name TEXT NOT NULL, day DATE NOT NULL, fee NUMERIC(12, 2) NOT NULL);
INSERT INTO kp_owners VALUES (1, 'b', '2024-03-01', TRUE, 1.5, NULL), (2, 'a', '2024-03-02', TRUE, 2.5, NULL), (3, 'c', '2024-03-03', FALSE, 3.5, NULL),
  (4, 'd', '2024-03-04', TRUE, 4.5, '2024-04-01'), (5, 'e', '2024-03-05', TRUE, 10.5, NULL);
INSERT INTO kp_kids VALUES (1, 1, '10', '2024-03-01', 1.5), (2, 1, '9', '2024-03-04', 10.5), (3, 2, '010', '2024-03-02', 2.5), (4, 2, 'x', '2024-03-02', 1),
  (5, 2, 'y', '2024-03-03', 1), (6, 3, 'z', '2024-03-03', 1), (7, 3, 'z', '2024-03-03', 1), (8, 4, 'z', '2024-03-03', 1), (9, 4, 'z', '2024-03-03', 1);
`

// TestMadeValuesBesideOtherConditions tests values that are selected and tested beside conditions on columns: rows, values and the columns
// of the rows are those of the tables, whatever gives them.
func TestMadeValuesBesideOtherConditions(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	owners := dovetail.NewTable[keptOwner](r, "kp_owners", dovetail.Type("price", "numeric"), dovetail.SoftDelete("deleted_at"))
	dovetail.HasMany(owners, "kids", dovetail.NewTable[keptKid](r, "kp_kids", dovetail.Type("fee", "numeric")), dovetail.ForeignKey("owner_id"))
	type query = dovetail.Query[*keptOwner]
	with := func(a dovetail.Aggregate, pred any, args ...any) query {
		return dovetail.Select(owners).With(a.As("n")).Where(pred, args...)
	}
	count := with(dovetail.Count("kids"), sq.Gt{"n": 1})
	most, last, name := dovetail.Max("kids.fee"), dovetail.Max("kids.day"), dovetail.FirstOf("kids.name").OrderBy("id")
	cases := map[string]struct {
		q    query
		want string
	}{
		"beside a mark":          {count, "[1 2 3]"},
		"beside a truth":         {count.Where(sq.Eq{"active": true}), "[1 2]"},
		"beside a day":           {count.Where(sq.GtOrEq{"born": march(2)}), "[2 3]"},
		"beside a number":        {count.Where(sq.Lt{"price": "3.50"}), "[1 2]"},
		"beside text":            {count.Where("born >= ?", march(2)), "[2 3]"},
		"beside a related row":   {count.Where(dovetail.Has("kids", sq.Eq{"name": "z"})), "[3]"},
		"in text":                {with(dovetail.Count("kids"), "n BETWEEN ? AND ?", 2, 9), "[1 2 3]"},
		"one or the other":       {with(dovetail.Count("kids"), sq.Or{sq.Eq{"n": 3}, sq.Eq{"name": "c"}}), "[2 3]"},
		"twice":                  {count.Where(sq.NotEq{"n": 3}), "[1 3]"},
		"none":                   {with(dovetail.Count("kids"), sq.Eq{"n": 0}), "[5]"},
		"no most":                {with(most, sq.Eq{"n": nil}), "[5]"},
		"most > text":            {with(most, sq.Gt{"n": "9.50"}), "[1]"},
		"most > number":          {with(most, sq.Gt{"n": 2}), "[1 2]"},
		"least in text":          {with(dovetail.Min("kids.fee"), "n <= ?", "1.00"), "[2 3]"},
		"sum beside":             {with(dovetail.Sum("kids.fee"), sq.Gt{"n": "4"}), "[1 2]"},
		"last day":               {with(last, sq.Eq{"n": march(4)}), "[1]"},
		"last day of":            {with(last, sq.Eq{"n": []time.Time{march(4), march(3)}}), "[1 2 3]"},
		"first name":             {with(name, sq.Eq{"n": "010"}), "[2]"},
		"first name, of":         {with(name, sq.Eq{"n": []string{"010", "10"}}), "[1 2]"},
		"of text":                {with(dovetail.Max("kids").Of("self.fee + outer.price"), sq.Gt{"n": 4}), "[1 2 3]"},
		"under a condition":      {with(dovetail.Count("kids").Where(sq.Gt{"day": march(1)}), sq.GtOrEq{"n": 1}), "[1 2 3]"},
		"two":                    {with(most, sq.Gt{"n": 1}).With(dovetail.Count("kids").As("m")).Where(sq.Lt{"m": 3}), "[1]"},
		"ordered by it":          {count.OrderBy("n DESC").Limit(2), "[2 1]"},
		"a page":                 {count.OrderBy("name").Limit(2), "[2 1]"},
		"without a limit":        {count.OrderBy("name DESC"), "[3 1 2]"},
		"distinct":               {count.Distinct().OrderBy("name DESC"), "[3 1 2]"},
		"with a column":          {count.Column("name || 'x' AS label"), "[1 2 3]"},
		"rows are loaded beside": {count.Preload("kids"), "[1 2 3]"},
	}
	kit.OnEach(t, keptDDL, func(t *testing.T, d kit.Database) {
		for what, c := range cases {
			rows, err := c.q.OrderBy("id").All(t.Context(), d.DB)
			if err != nil {
				t.Errorf("%s: %v", what, err)
				continue
			}
			kit.Equal(t, what, fmt.Sprint(kit.Pluck(rows, func(o *keptOwner) int64 { return o.ID })), c.want)
			for _, o := range rows {
				if day := march(int(o.ID)); !o.Born.Equal(day) || o.Active != (o.ID != 3) || what == "rows are loaded beside" && len(o.Kids) < 2 {
					t.Errorf("%s: expected the columns of row %d, got %+v", what, o.ID, o)
				}
			}
			n, err := c.q.Count(t.Context(), d.DB)
			exists, existsErr := c.q.Exists(t.Context(), d.DB)
			if err != nil || existsErr != nil || int(n) != len(rows) || !exists {
				t.Errorf("%s: expected a count of %d, got %d, %t, %v, %v", what, len(rows), n, exists, err, existsErr)
			}
		}
		maps, err := dovetail.Collect[keptValues](t.Context(), d.DB, with(last, sq.GtOrEq{"n": march(4)}).Columns("id", "born"))
		if err != nil || len(maps) != 1 || !maps[0].N.Equal(march(4)) || !maps[0].Born.Equal(march(1)) {
			t.Errorf("expected the days of the first row, got %+v, %v", maps, err)
		}
	})
}

type keptValues struct {
	ID   int64
	Born time.Time
	N    time.Time
}
