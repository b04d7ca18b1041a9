package conformance_test

import (
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// The names that a query gives to what it selects.

func aliasCases() []kit.Case {
	return []kit.Case{
		{Name: "aliases/of Column", Run: testAliasesOfColumn},
		{Name: "aliases/of a group", Run: testAliasesOfGroup},
		{Name: "aliases/of With", Run: testAliasesOfWith},
		{Name: "aliases/of Columns", Run: testAliasesOfColumns},
		{Name: "aliases/in a preload", Run: testAliasesInPreload},
		{Name: "aliases/refusals", Run: testAliasesRefused},
	}
}

type titled struct {
	ID    int64
	Label string
}

func testAliasesOfColumn(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Books).Columns("id").Column("lower(title) || ? AS label", "!").OrderBy("id")
	label := func(q dovetail.AnyQuery) []string {
		return kit.Pluck(kit.Collect[*titled](t, rec, q), func(b *titled) string { return b.Label })
	}
	all := label(q)
	kit.Equal(t, "books", len(all), 3)
	first := all[0]
	kit.Same(t, "map", label(q.Where(squirrel.Eq{"label": first})), first)
	kit.Same(t, "map of self", label(q.Where(squirrel.Eq{"self.label": first})), first)
	kit.Same(t, "text", label(q.Where("label = ? OR LABEL = ?", first, first)), first)
	kit.Same(t, "list", label(q.Where(squirrel.Eq{"label": []string{first, "none"}})), first)
	kit.Same(t, "contains", label(q.Where(dovetail.StartsWith("label", first))), first)
	kit.Same(t, "value", label(q.Where(squirrel.NotEq{"title": dovetail.Col("label")})), all...)
	up := label(dovetail.Select(models.Books).Columns("id").Column("lower(title) || ? AS label", "!").OrderBy("label"))
	down := label(dovetail.Select(models.Books).Columns("id").Column("lower(title) || ? AS label", "!").OrderBy("Label DESC"))
	for i := range up {
		kit.Equal(t, "order", up[i], down[len(down)-1-i])
	}
	n, err := q.Where(squirrel.Eq{"label": first}).Count(t.Context(), d.DB)
	kit.Equal(t, "count", n, 1)
	kit.Equal(t, "error", err, nil)
	author := dovetail.Select(models.Books).Columns("id").Column("author.name AS label").Where(squirrel.NotEq{"label": "nobody"})
	kit.Equal(t, "of a path", len(label(author)), 3)
	quoted := dovetail.Select(models.Books).Columns("id").Column(`lower(title) AS label, pages AS p`)
	refuse(t, d, []refusal[models.Book]{{"two columns", quoted.OrderBy("label"), dovetail.ErrUnknownColumn, []string{`"label"`}}})
}

func testAliasesOfGroup(t *testing.T, d kit.Database) {
	rec := d.Record()
	counts := func(q dovetail.Query[*models.Author]) []int64 {
		return kit.Pluck(kit.All(t, rec, q), func(a *models.Author) int64 { return a.BookCount })
	}
	q := dovetail.Select(models.Authors).LeftJoin("books").GroupBy("id").Column("count(books.id) AS book_count").OrderBy("book_count")
	kit.Same(t, "all", counts(q), 0, 1, 2)
	kit.Same(t, "map", counts(q.Having(squirrel.Gt{"book_count": 0})), 1, 2)
	kit.Same(t, "text", counts(q.Having("book_count > ? AND book_count < 2", 0)), 1)
	kit.Same(t, "list", counts(q.Having(squirrel.Eq{"book_count": []int{0, 2}})), 0, 2)
	n, err := q.Having(squirrel.Gt{"book_count": 0}).Count(t.Context(), d.DB)
	kit.Equal(t, "count", n, 2)
	kit.Equal(t, "error", err, nil)
	found, err := q.Having(squirrel.Gt{"book_count": 2}).Exists(t.Context(), d.DB)
	kit.Equal(t, "exists", found, false)
	kit.Equal(t, "error", err, nil)

	lengths := dovetail.Select(models.Users).Columns().Column("length(name) AS size").Column("count(*) AS n").GroupBy("size").OrderBy("size")
	type group struct{ Size, N int64 }
	rows := kit.Collect[group](t, rec, lengths)
	sum := int64(0)
	for _, g := range rows {
		sum += g.N
	}
	all, err := dovetail.Select(models.Users).Count(t.Context(), d.DB)
	kit.Equal(t, "error", err, nil)
	kit.Equal(t, "grouped by an alias", sum, all)
	kit.Equal(t, "groups", len(kit.Collect[group](t, rec, lengths.Having(squirrel.Eq{"n": sum}))), map[bool]int{true: 1, false: 0}[len(rows) == 1])
	some, err := lengths.Exists(t.Context(), d.DB)
	kit.Equal(t, "exists", some, true)
	kit.Equal(t, "error", err, nil)
}

func testAliasesOfWith(t *testing.T, d kit.Database) {
	rec := d.Record()
	counts := func(q dovetail.Query[*models.Author]) []int64 {
		return kit.Pluck(kit.All(t, rec, q), func(a *models.Author) int64 { return a.BookCount })
	}
	q := dovetail.Select(models.Authors).With(dovetail.Count("books").As("book_count")).OrderBy("id")
	kit.Same(t, "text", counts(q.Where("book_count > authors.id - ?", 1)), 2)
	kit.Same(t, "text twice", counts(q.Where("book_count >= ? AND NOT book_count = 2", 1)), 1)
	kit.Same(t, "order", counts(dovetail.Select(models.Authors).With(dovetail.Count("books").As("book_count")).
		OrderByClause("book_count % 2").OrderBy("self.book_count DESC")), 2, 0, 1)
	kit.Same(t, "beside a group", counts(q.GroupBy("id").Having("book_count > ?", 0)), 2, 1)
	type twice struct{ BookCount, Twice int64 }
	rows := kit.Collect[twice](t, rec, q.Columns().Column("book_count * 2 AS twice").Where(squirrel.GtOrEq{"twice": 2}))
	kit.Same(t, "named by Column", rows, twice{2, 4}, twice{1, 2})
	best := dovetail.Select(models.Authors).With(dovetail.FirstOf("books.title").OrderBy("pages DESC").As("best"),
		dovetail.Exists("books").As("any_book")).Columns("id").OrderBy("id")
	kit.Same(t, "first", kit.Pluck(kit.Collect[*struct {
		ID      int64
		Best    *string
		AnyBook bool
	}](t, rec, best.Where("best IS NULL OR any_book").Where(squirrel.Eq{"best": nil})), func(r *struct {
		ID      int64
		Best    *string
		AnyBook bool
	},
	) int64 {
		return r.ID
	}), 3)
}

func testAliasesOfColumns(t *testing.T, d kit.Database) {
	rec := d.Record()
	type named struct {
		Key    int64
		Writer string
	}
	q := dovetail.Select(models.Books).Columns("id AS key", "author.name as writer").OrderBy("key")
	rows := kit.Collect[named](t, rec, q)
	kit.Equal(t, "rows", len(rows), 3)
	kit.Equal(t, "key", rows[0].Key, 1)
	kit.Equal(t, "writer", rows[0].Writer != "", true)
	kit.Same(t, "filtered", kit.Collect[named](t, rec, q.Where(squirrel.Eq{"key": 1}).Where("key < 2")), rows[0])
	kit.Same(t, "ordered", kit.Collect[named](t, rec, q.Distinct().OrderBy("writer").Limit(1)), rows[0])
	kit.Equal(t, "quoted", len(kit.Collect[map[string]any](t, rec, dovetail.Select(models.Books).Columns(`id AS "The Key"`))), 3)

	authors := kit.All(t, rec, dovetail.Select(models.Authors).Columns("id AS book_count").OrderBy("id").Preload("books"))
	kit.Equal(t, "a computed field", authors[1].BookCount, 2)
	kit.Equal(t, "its own field", authors[1].ID, 2)
	kit.Equal(t, "below", len(authors[0].Books), 2)
	_, err := dovetail.Select(models.Authors).Columns("id", "name AS title").All(t.Context(), d.DB)
	kit.Refused(t, err, dovetail.ErrUnknownColumn, `"title"`, "computed", "Collect")
	_, err = dovetail.Select(models.Authors).Columns("id", "id AS name").All(t.Context(), d.DB)
	kit.Refused(t, err, dovetail.ErrUnknownColumn, `"name"`, "computed", "Collect")
}

func testAliasesInPreload(t *testing.T, d kit.Database) {
	for _, limit := range []int{1, 5} {
		books := dovetail.Select(models.Books).OrderBy("id")
		authors := dovetail.Select(models.Authors).With(dovetail.Count("books").As("book_count"))
		for _, q := range []dovetail.Query[*models.Author]{
			authors.OrderBy("book_count DESC").Limit(limit), authors.Where("book_count > 0").OrderBy("book_count").Limit(limit),
			authors.Where(squirrel.Gt{"book_count": 0}),
		} {
			for _, b := range kit.All(t, d.DB, books.Preload("author", q)) {
				kit.Equal(t, "author", b.Author != nil && b.Author.ID == b.AuthorID && b.Author.BookCount > 0, true)
			}
		}
	}
}

func testAliasesRefused(t *testing.T, d kit.Database) {
	q := dovetail.Select(models.Authors)
	grouped := q.LeftJoin("books").GroupBy("id").Column("count(books.id) AS book_count")
	refuse(t, d, []refusal[models.Author]{
		{"a group in Where", grouped.Where(squirrel.Gt{"book_count": 1}), dovetail.ErrInvalidQuery, []string{"Having", "With("}},
		{"a group in text", grouped.Where("book_count > ?", 1), dovetail.ErrInvalidQuery, []string{"Having", "With("}},
		{"nothing fills it", q.Where(squirrel.Gt{"book_count": 1}), dovetail.ErrUnknownColumn, []string{"computed", `As("book_count")`}},
		{"nothing fills it in an order", q.OrderBy("book_count"), dovetail.ErrUnknownColumn, []string{"computed", `As("book_count")`}},
		{"an aggregate in a map", grouped.Having(squirrel.Gt{"count(books.id)": 9}), dovetail.ErrUnknownColumn, []string{`Having("… > ?", value)`}},
		{"an expression in Columns", q.Columns("count(*) AS y"), dovetail.ErrUnknownColumn, []string{"Column"}},
		{"two of one name", q.Column("1 AS book_count").Column("2 AS book_count").OrderBy("book_count"), dovetail.ErrAmbiguous,
			[]string{`"book_count"`}},
	})
}
