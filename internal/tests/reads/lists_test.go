package reads_test

import (
	"fmt"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// tagged is a row whose columns hold lists, or have no equality that their Go types show.
type tagged struct {
	ID    int64
	Tags  []string
	Codes []int64
	Doc   []byte
	Spot  string
	Items []*taggedItem
}

type taggedItem struct {
	ID       int64
	TaggedID int64
}

const taggedDDL = `CREATE TABLE tagged (id BIGINT PRIMARY KEY, tags {text[]}, codes {bigint[]}, doc {json}, spot {json text});
CREATE TABLE tagged_item (id BIGINT PRIMARY KEY, tagged_id BIGINT NOT NULL);
INSERT INTO tagged_item VALUES (1, 1), (2, 1), (3, 2)`

// taggedSchema declares the tables; JSON that is read as a string says that it is.
func taggedSchema() *dovetail.Table[tagged] {
	r := dovetail.NewRegistry()
	table := dovetail.NewTable[tagged](r, "tagged", dovetail.Type("spot", "json"))
	dovetail.HasMany(table, "items", dovetail.NewTable[taggedItem](r, "tagged_item"), dovetail.ForeignKey("tagged_id"))
	return table
}

func onTagged(t *testing.T, test func(t *testing.T, d kit.Database, table *dovetail.Table[tagged])) {
	for name, words := range map[string][]string{
		"postgres": {"{text[]}", "text[]", "{bigint[]}", "bigint[]", "{json}", "json", "{json text}", "json"},
		"sqlite":   {"{text[]}", "TEXT", "{bigint[]}", "TEXT", "{json}", "TEXT", "{json text}", "TEXT"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			open := kit.PostgresPool
			if name == "sqlite" {
				open = kit.SQLiteDB
			}
			d := open(t, strings.NewReplacer(words...).Replace(taggedDDL))
			table := taggedSchema()
			kit.Insert(t, d.DB, dovetail.Insert(table,
				&tagged{ID: 1, Tags: []string{"a"}, Codes: []int64{1, 2}, Doc: []byte(`{"a": 1}`), Spot: `"x"`},
				&tagged{ID: 2, Tags: []string{"a", "b"}, Codes: []int64{}, Doc: []byte(`[]`), Spot: `"x"`},
				&tagged{ID: 3, Tags: []string{}, Codes: []int64{2, 1}, Doc: []byte(`{"a": 1}`), Spot: `"y"`},
				&tagged{ID: 4, Doc: []byte(`1`), Spot: `"y"`}))
			test(t, d, table)
		})
	}
}

func TestAListIsOneValueOfAColumnOfLists(t *testing.T) {
	t.Parallel()
	onTagged(t, func(t *testing.T, d kit.Database, table *dovetail.Table[tagged]) {
		var none []string
		given := []string{"a"}
		kept := dovetail.Select(table).Where(sq.Eq{"tags": given})
		given[0] = "changed later"
		for _, c := range []struct {
			query dovetail.Query[*tagged]
			want  string
		}{
			{kept, "[1]"},
			{dovetail.Select(table).Where(sq.Eq{"tags": &[]string{"a", "b"}}), "[2]"},
			{dovetail.Select(table).Where(sq.Eq{"tags": []string{"b", "a"}}), "[]"},
			{dovetail.Select(table).Where(sq.Eq{"tags": []string{}}), "[3]"},
			{dovetail.Select(table).Where(sq.Eq{"tags": none}), "[4]"},
			{dovetail.Select(table).Where(sq.Eq{"tags": nil}), "[4]"},
			{dovetail.Select(table).Where(sq.NotEq{"tags": []string{"a"}}), "[2 3]"},
			{dovetail.Select(table).Where(sq.NotEq{"tags": none}), "[1 2 3]"},
			{dovetail.Select(table).Where(sq.Eq{"codes": []int64{2, 1}}), "[3]"},
			{dovetail.Select(table).Where(sq.Eq{"codes": []int64{1, 2}, "tags": []string{"a"}}), "[1]"},
			{dovetail.Select(table).Where(sq.Or{sq.Eq{"codes": []int64{1, 2}}, sq.Eq{"tags": []string{}}}), "[1 3]"},
		} {
			rows := kit.All(t, d.DB, c.query.OrderBy("id"))
			kit.Equal(t, "rows", fmt.Sprint(kit.Pluck(rows, func(r *tagged) int64 { return r.ID })), c.want)
		}
	})
}

func TestDistinctWhereTheGoTypeShowsNoEquality(t *testing.T) {
	t.Parallel()
	onTagged(t, func(t *testing.T, d kit.Database, table *dovetail.Table[tagged]) {
		join := dovetail.Select(table).Join("items").Distinct().OrderBy("id")
		for name, q := range map[string]dovetail.Query[*tagged]{
			"all columns": join, "bytes": join.Columns("id", "doc"), "JSON in a string": join.Columns("id", "spot"),
		} {
			kit.Same(t, name, kit.Pluck(kit.All(t, d.DB, q), func(r *tagged) int64 { return r.ID }), 1, 2)
			n, err := q.Count(t.Context(), d.DB)
			kit.NoError(t, err)
			kit.Equal(t, name+", counted", n, 2)
		}
		// Without the primary key rows are alike by what is selected.
		if !d.Postgres() {
			rows := kit.All(t, d.DB, dovetail.Select(table).Distinct().Columns("doc"))
			kit.Equal(t, "documents that differ", len(rows), 3)
		}
	})
}

// TestDistinctOfATypeThatIsNotDeclared: that a string is JSON only the database knows, which is asked once for a handle. Without a key to tell
// rows apart by, the error says what to do.
func TestDistinctOfATypeThatIsNotDeclared(t *testing.T) {
	t.Parallel()
	type item struct {
		ID       int64
		TaggedID int64
	}
	type noted struct {
		ID    int64
		Doc   string
		Spot  string
		Items []item
	}
	registry := dovetail.NewRegistry()
	table := dovetail.NewTable[noted](registry, "tagged")
	dovetail.HasMany(table, "items", dovetail.NewTable[item](registry, "tagged_item"), dovetail.ForeignKey("tagged_id"))
	joined := dovetail.Select(table).Join("items").Distinct().OrderBy("id")
	onTagged(t, func(t *testing.T, d kit.Database, _ *dovetail.Table[tagged]) {
		ids := func(rows []*noted, err error) []int64 {
			kit.NoError(t, err)
			return kit.Pluck(rows, func(r *noted) int64 { return r.ID })
		}
		for name, q := range map[string]dovetail.Query[*noted]{"alone": joined, "selected": joined.Columns("id", "spot"), "preload": joined.Preload("items")} {
			kit.Same(t, name, ids(q.All(t.Context(), d.DB)), 1, 2)
			kit.Same(t, name+", limited", ids(q.Limit(1).Offset(1).All(t.Context(), d.DB)), 2)
			var each []*noted
			for row, err := range q.Each(t.Context(), d.DB) {
				kit.NoError(t, err)
				each = append(each, row)
			}
			kit.Same(t, name+", each", ids(each, nil), 1, 2)
			rows, total, err := q.Limit(1).AllWithCount(t.Context(), d.DB)
			kit.Same(t, name+", a page", ids(rows, err), 1)
			kit.Equal(t, name+", counted", total, 2)
			row, err := q.First(t.Context(), d.DB)
			kit.NoError(t, err)
			kit.Equal(t, name+", first", row.ID, 1)
		}
		kit.Same(t, "in one round trip", ids(joined.Preload("items").OneRoundTrip().All(t.Context(), d.DB)), 1, 2)
		spots, err := dovetail.Collect[struct {
			ID   int64
			Spot string
		}](t.Context(), d.DB, joined.Columns("id", "spot"))
		kit.NoError(t, err)
		kit.Equal(t, "collected", len(spots), 2)
		n, err := joined.Count(t.Context(), d.DB)
		kit.NoError(t, err)
		kit.Equal(t, "count", n, 2)

		for _, column := range []string{"spot", "doc"} { // rows are told apart by the key, which is not selected
			q := dovetail.Select(table).Columns(column).Distinct()
			n, err := q.Count(t.Context(), d.DB)
			kit.NoError(t, err)
			rows, total, err := q.Limit(1).AllWithCount(t.Context(), d.DB)
			kit.NoError(t, err)
			all := kit.All(t, d.DB, q)
			kit.Equal(t, "counted as there are", [3]int64{n, total, int64(len(rows))}, [3]int64{int64(len(all)), int64(len(all)), 1})
		}
		_, err = dovetail.Collect[map[string]any](t.Context(), d.DB, dovetail.Select(table).Join("items").Columns("spot", "items.id").Distinct())
		if d.Postgres() && (err == nil || !strings.Contains(err.Error(), `leave the column out with Columns`)) {
			t.Errorf("expected what to do, got %v", err)
		}
		_, err = dovetail.Select(table).OrderBy("doc").All(t.Context(), d.DB)
		if d.Postgres() && (err == nil || !strings.Contains(err.Error(), "for GroupBy and OrderBy, name a text of it")) {
			t.Errorf("expected what to do for an order, got %v", err)
		}
	})
}

// TestAListThatIsNotTheEmptyOneTellsRows deletes by a condition on a column of lists, whose lists are values.
func TestAListThatIsNotTheEmptyOneTellsRows(t *testing.T) {
	t.Parallel()
	onTagged(t, func(t *testing.T, d kit.Database, table *dovetail.Table[tagged]) {
		for _, pred := range []sq.Sqlizer{sq.NotEq{"tags": []string{}}, dovetail.Not(sq.Eq{"codes": []int64{}})} {
			want, err := dovetail.Select(table).Where(pred).Count(t.Context(), d.DB)
			if err != nil || want == 0 || want == 4 {
				t.Fatalf("expected some of the rows, got %d, %v", want, err)
			}
			n, err := dovetail.Update(table).Set("spot", `"z"`).Where(pred).Exec(t.Context(), d.DB)
			if n != want || err != nil {
				t.Errorf("expected %d rows, got %d, %v", want, n, err)
			}
		}
	})
}

// Conditions are as many as a caller has: SQLite parses no expression that is nested deeper than 1,000.
func TestManyConditions(t *testing.T) {
	t.Parallel()
	things := dovetail.Select(models.PageThings)
	kit.OnEach(t, models.ManyThings(20), func(t *testing.T, d kit.Database) {
		var or sq.Or
		var and sq.And
		q := things
		for i := range 3000 {
			or = append(or, sq.Or{sq.Eq{"id": 10_000 + i}, sq.And{sq.Eq{"id": i}, sq.Eq{"name": "none"}}})
			and = append(and, sq.Or{sq.NotEq{"id": 1 + i}, sq.Eq{"id": 7}})
			q = q.Where(sq.NotEq{"id": 2 + i})
		}
		or = append(or, sq.Eq{"id": 3}, sq.Eq{"id": 4})
		ids := func(q dovetail.Query[*models.PageThing]) []int64 {
			return kit.Pluck(kit.All(t, d.DB, q.OrderBy("id")), func(p *models.PageThing) int64 { return p.ID })
		}
		kit.Same(t, "or", ids(things.Where(or)), 3, 4)
		kit.Same(t, "and", ids(things.Where(and)), 7)
		kit.Same(t, "clauses", ids(q), 1)
	})
}
