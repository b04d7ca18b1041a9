package conformance_test

import (
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// Values of With that are selected and named in conditions, beside everything that could tell how they are made.

func onceCases() []kit.Case {
	return []kit.Case{
		{Name: "with once/rows", Run: testOnceRows},
		{Name: "with once/a value that may be missing", Run: testOnceMissing},
		{Name: "with once/counted", Run: testOnceCounted},
		{Name: "with once/fetched", Run: testOnceFetched},
		{Name: "with once/positions of other columns", Run: testOncePositions},
	}
}

func testOnceRows(t *testing.T, d kit.Database) {
	counts := func(q dovetail.Query[*models.Author]) []int64 {
		return kit.Pluck(kit.All(t, d.DB, q), func(a *models.Author) int64 { return a.BookCount })
	}
	q := dovetail.Select(models.Authors).With(dovetail.Count("books").As("book_count")).Where(squirrel.Gt{"book_count": 0})
	kit.Same(t, "filtered", counts(q.OrderBy("id")), 2, 1)
	kit.Same(t, "ordered", counts(q.OrderBy("book_count")), 1, 2)
	kit.Same(t, "limited", counts(q.OrderBy("book_count DESC").Limit(1)), 2)
	kit.Same(t, "distinct", counts(q.Join("books").Distinct().OrderBy("id")), 2, 1)
	kit.Same(t, "distinct and limited", counts(q.Join("books").Distinct().OrderBy("book_count").Limit(1)), 1)
	kit.Same(t, "grouped", counts(q.GroupBy("id").OrderBy("id")), 2, 1)
	kit.Same(t, "in Has", counts(q.Has("books", squirrel.Lt{"outer.book_count": 2})), 1)
	kit.Same(t, "in Or", counts(q.Where(squirrel.Or{squirrel.Eq{"book_count": 2}, squirrel.Eq{"name": "x"}})), 2)
	kit.Same(t, "as a subquery", counts(q.OrderBy("id").Where("authors.id IN (?)", dovetail.Select(models.Books).Columns("author_id").
		Where(squirrel.Gt{"pages": dovetail.Col("outer.book_count")}))), 2, 1)
	if d.DB.Dialect().Features().RowLocks {
		kit.Same(t, "locked", counts(q.OrderBy("id").ForUpdate()), 2, 1)
	}
}

func testOnceMissing(t *testing.T, d kit.Database) {
	type best struct {
		ID   int64
		Best *string
		Most *int64
	}
	q := dovetail.Select(models.Authors).Columns("id").OrderBy("id").With(
		dovetail.FirstOf("books.title").OrderBy("pages DESC").As("best"), dovetail.Max("books.pages").As("most"))
	ids := func(q dovetail.AnyQuery) []int64 {
		return kit.Pluck(kit.Collect[*best](t, d.DB, q), func(b *best) int64 { return b.ID })
	}
	kit.Same(t, "missing", ids(q.Where(squirrel.Eq{"best": nil})), 3)
	kit.Same(t, "there", ids(q.Where(squirrel.NotEq{"best": nil}).Where("most > ?", 0)), 1, 2)
	kit.Same(t, "either", ids(q.Where("best IS NULL OR most IS NOT NULL")), 1, 2, 3)
}

func testOnceCounted(t *testing.T, d kit.Database) {
	q := dovetail.Select(models.Authors).With(dovetail.Count("books").As("book_count")).Where("book_count > 0")
	for name, c := range map[string]struct {
		q    dovetail.Query[*models.Author]
		want int64
	}{
		"all": {q, 2}, "limited": {q.Limit(1), 1}, "distinct": {q.Join("books").Distinct(), 2},
		"grouped": {q.GroupBy("id"), 2}, "ordered": {q.OrderBy("book_count").Offset(1), 1},
	} {
		n, err := c.q.Count(t.Context(), d.DB)
		kit.Equal(t, name, n, c.want)
		kit.Equal(t, name, err, nil)
		found, err := c.q.Exists(t.Context(), d.DB)
		kit.Equal(t, name, found, true)
		kit.Equal(t, name, err, nil)
	}
}

func testOnceFetched(t *testing.T, d kit.Database) {
	q := dovetail.Select(models.Authors).With(dovetail.Count("books").As("book_count")).Where(squirrel.GtOrEq{"book_count": 1}).OrderBy("id")
	for name, q := range map[string]dovetail.Query[*models.Author]{"fetch": q.Fetch("books"), "preload": q.Preload("books")} {
		authors := kit.All(t, d.DB, q)
		kit.Equal(t, name, len(authors), 2)
		for _, a := range authors {
			kit.Equal(t, name, int64(len(a.Books)), a.BookCount)
		}
	}
}

func testOncePositions(t *testing.T, d kit.Database) {
	q := dovetail.Select(models.Authors).With(dovetail.Count("books").As("book_count")).Where(squirrel.GtOrEq{"book_count": 0}).
		OrderBy("name").Limit(1)
	var seen []int64
	for page := q; ; {
		rows := kit.All(t, d.DB, page)
		if len(rows) == 0 {
			break
		}
		seen = append(seen, rows[0].ID)
		at, err := q.Position(rows[0])
		kit.Equal(t, "position", err, nil)
		page = q.After(at...)
	}
	kit.Equal(t, "rows", len(seen), 3)
	n := 0
	for a, err := range q.Limit(3).Each(t.Context(), d.DB) {
		kit.Equal(t, "each", err, nil)
		kit.Equal(t, "each", a.ID, seen[n])
		n++
	}
	kit.Equal(t, "each", n, 3)
}
