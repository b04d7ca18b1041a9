package reads_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// What Distinct leaves, and how many rows that is, where one row of the table has several of what is selected, and where all become one.

type guest struct {
	ID     int64
	Club   *string
	Doc    []byte
	HostID *int64
	N      int64   `db:"n,computed"`
	J      *int64  `db:"j,computed"`
	Of     *string `db:"of,computed"`
	Host   *guest
	Visits []*stay
}

type stay struct {
	ID      int64
	GuestID int64
	Score   *int64
}

// Guest 1 has two visits of one score and one of another, guest 2 one, guest 3 none; 2 and 3 have guest 1 as their host.
const guestDDL = `CREATE TABLE guest (id BIGINT PRIMARY KEY, club TEXT, doc {json}, host_id BIGINT);
CREATE TABLE visit (id BIGINT PRIMARY KEY, guest_id BIGINT NOT NULL, score BIGINT);
INSERT INTO guest VALUES (1, NULL, '{"a": 1}', NULL), (2, 'x', '{"a": 1}', 1), (3, 'a', '[]', 1);
INSERT INTO visit VALUES (1, 1, 10), (2, 1, 20), (3, 1, 20), (4, 2, 5)`

func onGuests(t *testing.T, test func(t *testing.T, d kit.Database, guests *dovetail.Table[guest])) {
	for name, open := range map[string]func(testing.TB, string) kit.Database{"postgres": kit.PostgresPool, "sqlite": kit.SQLiteDB} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := dovetail.NewRegistry()
			guests := dovetail.NewTable[guest](r, "guest", dovetail.Type("doc", "json"))
			visits := dovetail.NewTable[stay](r, "visit")
			dovetail.HasMany(guests, "visits", visits, dovetail.ForeignKey("guest_id"))
			dovetail.BelongsTo(guests, "host", guests, dovetail.ForeignKey("host_id"))
			d := open(t, strings.ReplaceAll(guestDDL, "{json}", map[string]string{"postgres": "json", "sqlite": "TEXT"}[name]))
			test(t, d, guests)
		})
	}
}

// asked is a query and the rows that it has, as guests are told.
type asked struct {
	name string
	q    dovetail.Query[*guest]
	want []string
}

// told is a guest by what the queries here select.
func told(g *guest) string {
	text := fmt.Sprint(g.ID)
	if g.J != nil {
		text += fmt.Sprint(" j", *g.J)
	}
	if g.N != 0 {
		text += fmt.Sprint(" n", g.N)
	}
	if g.Of != nil {
		text += " of " + *g.Of
	}
	return text
}

// check runs a query in all the ways that tell how many rows it has.
func (a asked) check(t *testing.T, d kit.Database, ordered bool) {
	t.Helper()
	got := kit.Pluck(kit.All(t, d.DB, a.q), told)
	if ordered {
		kit.Equal(t, a.name, strings.Join(got, ", "), strings.Join(a.want, ", "))
	} else {
		slices.Sort(got)
		kit.Same(t, a.name, got, slices.Sorted(slices.Values(a.want))...)
	}
	n, err := a.q.Count(t.Context(), d.DB)
	kit.NoError(t, err)
	kit.Equal(t, a.name+": Count", n, int64(len(a.want)))
	found, err := a.q.Exists(t.Context(), d.DB)
	kit.NoError(t, err)
	kit.Equal(t, a.name+": Exists", found, len(a.want) > 0)
	page, n, err := a.q.Limit(1).AllWithCount(t.Context(), d.DB)
	kit.NoError(t, err)
	kit.Equal(t, a.name+": AllWithCount", fmt.Sprint(len(page), n), fmt.Sprint(min(1, len(a.want)), len(a.want)))
	for _, skip := range []int{len(a.want), max(0, len(a.want)-1)} {
		found, err := a.q.Offset(skip).Exists(t.Context(), d.DB)
		kit.NoError(t, err)
		kit.Equal(t, fmt.Sprintf("%s: Exists behind %d", a.name, skip), found, skip < len(a.want))
	}
	if _, err := a.q.First(t.Context(), d.DB); len(a.want) > 0 {
		kit.NoError(t, err)
	}
}

func TestRowsOfDistinctAreCountedByAllThatIsSelected(t *testing.T) {
	t.Parallel()
	onGuests(t, func(t *testing.T, d kit.Database, guests *dovetail.Table[guest]) {
		all := dovetail.Select(guests)
		scored := []string{"1 j10", "1 j20", "2 j5"}
		for _, a := range []asked{
			{"the key and a to-many column", all.Join("visits").Columns("id", "visits.score AS j").Distinct(), scored},
			{"of a left join", all.LeftJoin("visits").Columns("id", "visits.score AS j").Distinct(), append(scored[:3:3], "3")},
			{"of a path", all.Join("host.visits").Columns("id", "host.visits.score AS j").Distinct(), []string{"2 j10", "2 j20", "3 j10", "3 j20"}},
			{"as text", all.Join("visits").Columns("id").Column("visits.score AS j").Distinct(), scored},
			{"without the key", all.Join("visits").Columns("visits.score AS j").Distinct(), []string{"0 j10", "0 j20", "0 j5"}},
			{"the key and a to-one column", all.Join("host").Columns("id", "host.id AS j").Distinct(), []string{"2 j1", "3 j1"}},
			{"the key alone", all.Join("visits").Columns("id").Distinct(), []string{"1", "2"}},
			{"of a subquery", dovetail.Select(guests).From(all.Join("visits").Columns("id").Column("visits.score AS host_id")).
				Columns("id", "host_id AS j").Distinct(), scored},
		} {
			a.check(t, d, false)
		}
	})
}

func TestAnAggregateWithoutGroupsIsOneRow(t *testing.T) {
	t.Parallel()
	onGuests(t, func(t *testing.T, d kit.Database, guests *dovetail.Table[guest]) {
		all := dovetail.Select(guests)
		counted := all.Columns().Column("count(*) AS n")
		for _, a := range []asked{
			{"of rows", counted, []string{"0 n3"}},
			{"of joined rows", counted.Join("visits"), []string{"0 n4"}},
			{"of none", counted.Where(sq.Eq{"id": -1}), []string{"0"}},
			{"distinct", counted.Distinct(), []string{"0 n3"}},
			{"distinct, of none", counted.Distinct().Where(sq.Eq{"id": -1}), []string{"0"}},
			{"of the greatest", all.Columns().Column("max(guest.id) AS n"), []string{"0 n3"}},
			{"of the greatest, a page", all.Columns().Column("max(guest.id) AS n").Limit(2), []string{"0 n3"}},
			{"of those that differ", all.Columns().Column("count(DISTINCT guest.id) AS n").Join("visits"), []string{"0 n2"}},
			{"beside another", counted.Column("max(guest.club) AS of"), []string{"0 n3 of x"}},
			{"in a subquery", all.Columns("id").Column("(SELECT count(*) FROM visit) AS n"), []string{"1 n4", "2 n4", "3 n4"}},
			{"over a window", all.Columns("id").Column("count(*) OVER () AS n"), []string{"1 n3", "2 n3", "3 n3"}},
		} {
			a.check(t, d, false)
		}
	})
}

func TestDistinctIsOrderedByAToManyColumnThatIsSelected(t *testing.T) {
	t.Parallel()
	onGuests(t, func(t *testing.T, d kit.Database, guests *dovetail.Table[guest]) {
		scores := dovetail.Select(guests).Join("visits").Columns("id", "visits.score AS j").Distinct()
		for _, a := range []asked{
			{"by its name in the result", scores.OrderBy("j"), []string{"2 j5", "1 j10", "1 j20"}},
			{"by its path", scores.OrderBy("visits.score DESC"), []string{"1 j20", "1 j10", "2 j5"}},
			{"behind the key", scores.OrderBy("id DESC", "j DESC"), []string{"2 j5", "1 j20", "1 j10"}},
		} {
			a.check(t, d, true)
		}
		least, err := scores.OrderBy("j DESC").First(t.Context(), d.DB)
		kit.NoError(t, err)
		kit.Equal(t, "the first", told(least), "1 j20")
		second := kit.All(t, d.DB, scores.OrderBy("j").Limit(1).Offset(1))
		kit.Equal(t, "the second", strings.Join(kit.Pluck(second, told), ", "), "1 j10")
		_, err = scores.OrderBy("j").After(1, 1).All(t.Context(), d.DB)
		kit.Refused(t, err, dovetail.ErrFanOut, "Distinct leaves a row of \"guest\" once for each value of join \"visits\"")
		_, err = scores.OrderBy("visits.id").All(t.Context(), d.DB)
		kit.Refused(t, err, dovetail.ErrFanOut, "\"visits.id\" has several values for each row")
	})
}

func TestDistinctByTheKeyBesideWhatARowHasOneOf(t *testing.T) {
	t.Parallel()
	onGuests(t, func(t *testing.T, d kit.Database, guests *dovetail.Table[guest]) {
		docs := dovetail.Select(guests).Columns("id", "doc").Distinct()
		visited := docs.With(dovetail.Count("visits").As("n"))
		for _, a := range []asked{
			{"a value", visited.OrderBy("id"), []string{"1 n3", "2 n1", "3"}},
			{"a value, joined", visited.Join("visits").OrderBy("id"), []string{"1 n3", "2 n1"}},
			{"a value that is tested", visited.Where("self.n > ?", 0).OrderBy("n"), []string{"2 n1", "1 n3"}},
			{"a value that is tested and ordered by", visited.Join("visits").Where(sq.Gt{"n": 1}).OrderBy("n DESC"), []string{"1 n3"}},
			{"ordered by a to-one path", docs.Join("visits").OrderBy("host.id DESC NULLS LAST", "id"), []string{"2", "1"}},
			{"a to-one column", docs.Columns("host.club AS of", "host.id AS j").Join("host", sq.Eq{"id": 1}).OrderBy("id DESC"), []string{"3 j1", "2 j1"}},
			{"a to-one relation that is fetched", dovetail.Select(guests).Fetch("host").LeftJoin("visits").Distinct().OrderBy("id"), []string{"1", "2", "3"}},
			{"a to-one column that may be NULL", docs.Columns("host.id AS j").LeftJoin("host").LeftJoin("visits").OrderBy("j NULLS FIRST", "id"),
				[]string{"1", "2 j1", "3 j1"}},
		} {
			a.check(t, d, true)
		}
		_, err := docs.Columns("visits.score AS j").Join("visits").All(t.Context(), d.DB)
		kit.Refused(t, err, dovetail.ErrUnsupported, `because columns of join "visits" are selected`, "use Has instead of the join")
		_, err = docs.Column("1 AS n").All(t.Context(), d.DB)
		kit.Refused(t, err, dovetail.ErrUnsupported, "because an expression is selected; leave the column out with Columns")
		if strings.Contains(err.Error(), "Has") {
			t.Errorf("there is no join that Has could replace: %v", err)
		}
		_, err = docs.Join("visits").With(dovetail.Count("visits").Where(sq.Lt{"score": dovetail.Col("outer.visits.score")}).As("n")).All(t.Context(), d.DB)
		kit.Refused(t, err, dovetail.ErrUnsupported, `values of With may be about rows of join "visits"`)
	})
}

func TestNotEqOfAQueryIsNotEqOfTheListOfItsRows(t *testing.T) {
	t.Parallel()
	onGuests(t, func(t *testing.T, d kit.Database, guests *dovetail.Table[guest]) {
		all := dovetail.Select(guests)
		clubs := all.Columns("club")
		x, a := "x", "a"
		for name, c := range map[string]struct {
			list  any
			query dovetail.Query[*guest]
			want  string
		}{
			"none":     {[]string{}, clubs.Where(sq.Eq{"id": -1}), "[1 2 3]"},
			"one":      {[]*string{&x}, clubs.Where(sq.Eq{"id": 2}), "[3]"},
			"NULL":     {[]*string{nil}, clubs.Where(sq.Eq{"id": 1}), "[2 3]"},
			"NULL too": {[]*string{nil, &x}, clubs.Where(sq.Lt{"id": 3}), "[3]"},
			"all":      {[]*string{nil, &a, &x}, clubs, "[]"},
		} {
			for how, given := range map[string]any{"list": c.list, "query": c.query} {
				ids := func(q dovetail.Query[*guest]) string {
					return fmt.Sprint(kit.Pluck(kit.All(t, d.DB, q.OrderBy("id")), func(g *guest) int64 { return g.ID }))
				}
				kit.Equal(t, name+" as a "+how, ids(all.Where(sq.NotEq{"club": given})), c.want)
				kit.Equal(t, name+" as a "+how+" beside another", ids(all.Where(sq.Or{sq.NotEq{"club": given}, sq.Eq{"id": -1}})), c.want)
			}
		}
	})
}

// TestDistinctWithFromGoesByAKeyThatComesOnce: where a column has no equality, rows of a query that may give one several times cannot be told
// apart by the primary key.
func TestDistinctWithFromGoesByAKeyThatComesOnce(t *testing.T) {
	t.Parallel()
	onGuests(t, func(t *testing.T, d kit.Database, guests *dovetail.Table[guest]) {
		all := dovetail.Select(guests)
		once, several := all.Where("id > 0"), all.Join("visits")
		for _, a := range []asked{
			{"of rows as they are", all.From(once).Distinct(), []string{"1", "2", "3"}},
			{"and a join", all.From(once).Join("visits").Distinct(), []string{"1", "2"}},
			{"of rows that differ", all.From(several.Distinct()).Distinct(), []string{"1", "2"}},
			{"Distinct inside", all.From(several.Distinct()), []string{"1", "2"}},
			{"of such a query", all.From(all.From(several.Distinct())).Distinct(), []string{"1", "2"}},
			{"without the document", all.From(several).Columns("id").Distinct(), []string{"1", "2"}},
		} {
			a.check(t, d, false)
		}
		for name, q := range map[string]dovetail.Query[*guest]{
			"of rows that repeat":     all.From(several).Distinct(),
			"of such a query":         all.From(all.From(several)).Distinct(),
			"of SQL":                  all.From(sq.Expr("SELECT * FROM guest UNION ALL SELECT * FROM guest")).Distinct(),
			"of a key of another row": all.From(all.Columns("club", "doc", "host_id").Column("host_id AS id")).Distinct(),
		} {
			if _, _, err := q.SQL(d.DB.Dialect()); !errors.Is(err, dovetail.ErrUnsupported) || !strings.Contains(err.Error(), "From may give one several times") {
				t.Errorf("%s: expected it to be refused, got %v", name, err)
			}
		}
	})
}
