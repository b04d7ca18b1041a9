package conformance_test

import (
	"strings"
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
		{Name: "with once/made of all rows at once", Run: testOnceOfAll},
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
	if d.LocksRows() {
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

// manyOrNone is a value that may be missing.
type manyOrNone struct{ N *float64 }

// testOnceOfAll holds values that are made of all rows at once against the same made for each row, because a condition of which nothing
// is known might leave out rows.
func testOnceOfAll(t *testing.T, d kit.Database) {
	sameOfAll(t, d, "count", dovetail.Select(models.Authors).OrderBy("id"), dovetail.Count("books"))
	sameOfAll(t, d, "sum", dovetail.Select(models.Authors).OrderBy("id"), dovetail.Sum("books.pages"))
	sameOfAll(t, d, "avg", dovetail.Select(models.Users).OrderBy("id"), dovetail.Avg("posts.id"))
	sameOfAll(t, d, "conditions", dovetail.Select(models.Users).OrderBy("id"), dovetail.Count("posts").Where(squirrel.Or{
		squirrel.Eq{"editor.name": "bea"}, squirrel.NotEq{"title": []string{"a", "b"}}}))
	sameOfAll(t, d, "the row around", dovetail.Select(models.Users).OrderBy("id"), dovetail.Count("posts").Where(squirrel.Gt{"id": dovetail.Col("outer.id")}))
	sameOfAll(t, d, "values once", dovetail.Select(models.Users).OrderBy("id"), dovetail.Count("posts").Of("editor_id").Distinct())
	sameOfAll(t, d, "many-to-many", dovetail.Select(models.Posts).OrderBy("id"), dovetail.Count("tags").Where(squirrel.NotEq{"name": "go"}))
	sameOfAll(t, d, "path", dovetail.Select(models.Users).OrderBy("id"), dovetail.Count("posts.tags"))
	sameOfAll(t, d, "the table itself", dovetail.Select(models.Categories).OrderBy("id"), dovetail.Count("subcategories"))
	sameOfAll(t, d, "several columns", dovetail.Select(models.Orders).OrderBy("warehouse", "number"), dovetail.Sum("lines.line"))
	// A bare word of text is about the related row alone, as nothing around is beside it.
	sameApart(t, d, "bare words", dovetail.Select(models.Users).OrderBy("id"), dovetail.Count("posts").Where("id > ?", 1))
	sameApart(t, d, "bare words of a value", dovetail.Select(models.Users).OrderBy("id"), dovetail.Sum("posts").Of("id * 2"))
	sameApart(t, d, "a page", dovetail.Select(models.Authors).OrderBy("id").Limit(2), dovetail.Count("books"))
	sameApart(t, d, "one side of a position", dovetail.Select(models.Authors).OrderBy("id").After(int64(1)), dovetail.Count("books"))
	sameOfAll(t, d, "all of an offset", dovetail.Select(models.Authors).OrderBy("id").Offset(1), dovetail.Count("books"))
	// Text of the query may name columns by bare words, and everything by a star.
	sameOfAll(t, d, "words of the query", dovetail.Select(models.Authors).OrderByClause("-id, name"), dovetail.Count("books"))
	type author struct {
		ID        int64
		Name      string
		BookCount int64
	}
	stars := kit.Collect[author](t, d.DB, dovetail.Select(models.Authors).Columns().Column("*").With(dovetail.Count("books").As("book_count")).OrderBy("id"))
	kit.Same(t, "star", kit.Pluck(stars, func(a author) int64 { return a.BookCount }), 2, 1, 0)
}

func sameOfAll[R any](t *testing.T, d kit.Database, what string, q dovetail.Query[R], made dovetail.Aggregate) {
	t.Helper()
	sameMade(t, d, what, q, made, true)
}

func sameApart[R any](t *testing.T, d kit.Database, what string, q dovetail.Query[R], made dovetail.Aggregate) {
	t.Helper()
	sameMade(t, d, what, q, made, false)
}

// sameMade compares the rows, their number, and whether there are any, also where the value is tested; and how the value is made.
func sameMade[R any](t *testing.T, d kit.Database, what string, q dovetail.Query[R], made dovetail.Aggregate, atOnce bool) {
	t.Helper()
	q = q.With(made.As("n")).Columns()
	for name, q := range map[string]dovetail.Query[R]{
		what: q, what + ", none": q.Where(squirrel.Eq{"n": nil}), what + ", 0": q.Where(squirrel.Eq{"n": 0}), what + ", some": q.Where(squirrel.Gt{"n": 1}),
	} {
		each := q.Where("1 = 1")
		text, _, err := q.SQL(d.DB.Dialect())
		kit.Equal(t, name+", error", err, nil)
		kit.Equal(t, name+", made at once: "+text, strings.Contains(text, "GROUP BY"), atOnce)
		values := func(q dovetail.AnyQuery) []float64 {
			return kit.Pluck(kit.Collect[manyOrNone](t, d.DB, q), func(m manyOrNone) float64 {
				if m.N == nil {
					return -1
				}
				return *m.N
			})
		}
		kit.Same(t, name, values(q), values(each)...)
		n, err := q.Count(t.Context(), d.DB)
		kit.Equal(t, name+", counted", err, nil)
		kit.Equal(t, name+", counted", n, int64(len(values(each))))
		found, err := q.Exists(t.Context(), d.DB)
		kit.Equal(t, name+", found", err, nil)
		kit.Equal(t, name+", found", found, n > 0)
	}
}
