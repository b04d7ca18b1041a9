package conformance_test

import (
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

func queryCases() []kit.Case {
	return []kit.Case{
		{Name: "query/all rows and every type", Run: testQueryAll},
		{Name: "query/no rows", Run: testQueryNone},
		{Name: "query/columns", Run: testQueryColumns},
		{Name: "query/columns keep the keys of a preload", Run: testQueryColumnsKeepKeys},
		{Name: "query/distinct", Run: testQueryDistinct},
		{Name: "query/distinct ordered by a to-one path", Run: testQueryDistinctOrder},
		{Name: "query/order", Run: testQueryOrder},
		{Name: "query/nulls first and last", Run: testQueryNulls},
		{Name: "query/order by an expression", Run: testQueryOrderExpression},
		{Name: "query/limit and offset", Run: testQueryLimit},
		{Name: "query/limit under a join", Run: testQueryLimitJoin},
		{Name: "query/group and having", Run: testQueryGroup},
		{Name: "query/group counts related rows", Run: testQueryGroupRelated},
		{Name: "query/group by a column", Run: testQueryGroupColumn},
		{Name: "query/group with a preload", Run: testQueryGroupPreload},
		{Name: "query/aggregate without a group", Run: testQueryAggregate},
	}
}

func testQueryAll(t *testing.T, d kit.Database) {
	n := newConfNotes()
	rec := d.Record()
	rows := kit.All(t, rec, dovetail.Select(n.notes).OrderBy("id"))
	rec.Expect(t, 1, 1)
	kit.Same(t, "notes", kit.Pluck(rows, noteID), 1, 2, 3, 4, 5, 6)
	four, six := rows[3], rows[5]
	kit.Equal(t, "text", four.Title, "cherry_x")
	kit.Equal(t, "integer", *four.Score, 30)
	kit.Equal(t, "nullable text", *four.Note, "a_b")
	kit.Equal(t, "boolean", four.Done, true)
	kit.Equal(t, "boolean", rows[4].Done, false)
	kit.Equal(t, "float", six.Ratio, 9.25)
	kit.Equal(t, "time", six.At.UTC().Format("2006-01-02 15:04:05"), "2024-06-01 00:00:00")
	kit.Equal(t, "text beyond ASCII", six.Title, "Élan")
	if six.Score != nil || six.Note != nil {
		t.Errorf("expected NULLs, got %v and %v", six.Score, six.Note)
	}
}

func testQueryNone(t *testing.T, d kit.Database) {
	n := newConfNotes()
	rec := d.Record()
	rows := kit.All(t, rec, dovetail.Select(n.notes).Where("1 = 0"))
	rec.Expect(t, 1, 1)
	if rows == nil || len(rows) != 0 {
		t.Errorf("expected an empty list that is not nil, got %v", rows)
	}
}

func testQueryColumns(t *testing.T, d kit.Database) {
	n := newConfNotes()
	rec := d.Record()
	rows := kit.All(t, rec, dovetail.Select(n.notes).Columns("title", "score").Columns("id").OrderBy("ratio DESC"))
	rec.Expect(t, 1, 1)
	kit.Same(t, "order by a column not selected", kit.Pluck(rows, noteID), 6, 3, 2, 1, 4, 5)
	kit.Equal(t, "selected", rows[3].Title, "Apple")
	kit.Equal(t, "selected", *rows[3].Score, 10)
	if rows[3].Note != nil || rows[3].Ratio != 0 || rows[3].Done || !rows[3].At.IsZero() {
		t.Errorf("expected the other fields to stay zero, got %+v", rows[3])
	}
}

func testQueryColumnsKeepKeys(t *testing.T, d kit.Database) {
	rec := d.Record()
	accounts := kit.All(t, rec, dovetail.Select(models.Accounts).Columns("owner").OrderBy("id").Preload("activities"))
	rec.Expect(t, 2, 2)
	kit.Same(t, "owners", kit.Pluck(accounts, func(a *models.Account) string { return a.Owner }),
		"SpongeBob", "Patrick", "Squidward", "Sandy")
	kit.Equal(t, "the key", accounts[2].ID, 3)
	kit.Same(t, "activities", models.ActivityIDs(accounts[2]), 5, 6)

	posts := kit.All(t, rec, dovetail.Select(models.Posts).Columns("title").OrderBy("id").Preload("editor").Preload("tags"))
	rec.Expect(t, 3, 2)
	kit.Equal(t, "the foreign key", *posts[0].EditorID, 2)
	kit.Equal(t, "editor", posts[0].Editor.Name, "bea")
	kit.Equal(t, "a key that is not needed", posts[0].AuthorID, 0)

	orders := kit.All(t, rec, dovetail.Select(models.Orders).Columns("customer").OrderBy("warehouse", "number").Preload("lines"))
	rec.Expect(t, 2+d.Lookups(1), 2)
	kit.Same(t, "lines", kit.Pluck(orders[0].Lines, models.LineItem), "nails", "glue")
	kit.Equal(t, "the composite key", orders[0].Warehouse, "a")
}

func testQueryDistinct(t *testing.T, d kit.Database) {
	n := newConfNotes()
	rec := d.Record()
	rows := kit.All(t, rec, dovetail.Select(n.notes).Columns("score").Distinct().OrderBy("score DESC NULLS LAST"))
	rec.Expect(t, 1, 1)
	kit.Equal(t, "scores", len(rows), 4)
	kit.Same(t, "scores", []int64{*rows[0].Score, *rows[1].Score, *rows[2].Score}, 30, 20, 10)
	if rows[3].Score != nil {
		t.Errorf("expected NULL once, got %d", *rows[3].Score)
	}
	q := dovetail.Select(models.Tags).Join("posts").Distinct().OrderBy("name DESC")
	tags := kit.All(t, rec, q)
	rec.Expect(t, 1, 1)
	kit.Same(t, "tags", kit.Pluck(tags, models.TagName), "sql", "go")
	tags = kit.All(t, rec, q.Limit(1))
	rec.Expect(t, 1, 1)
	kit.Same(t, "the limit counts what is left", kit.Pluck(tags, models.TagName), "sql")
	tags = kit.All(t, rec, q.Limit(2).Offset(1))
	rec.Expect(t, 1, 1)
	kit.Same(t, "so does the offset", kit.Pluck(tags, models.TagName), "go")
}

func testQueryDistinctOrder(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Posts).Join("tags").Distinct().OrderBy("author.name DESC", "editor.name NULLS FIRST")
	posts := kit.All(t, rec, q)
	rec.Expect(t, 1, 1)
	kit.Same(t, "posts", kit.Pluck(posts, models.PostTitle), "Keys", "Joins")
	posts = kit.All(t, rec, q.Columns("title").Preload("tags"))
	rec.Expect(t, 2, 2)
	kit.Same(t, "posts", kit.Pluck(posts, models.PostTitle), "Keys", "Joins")
	kit.Same(t, "tags", kit.Pluck(posts[1].Tags, models.TagName), "go", "sql")
}

func testQueryOrder(t *testing.T, d kit.Database) {
	n := newConfNotes()
	rec := d.Record()
	q := dovetail.Select(n.notes)
	for _, c := range []struct {
		terms []string
		want  []int64
	}{
		{[]string{"id DESC"}, []int64{6, 5, 4, 3, 2, 1}},
		{[]string{"ratio"}, []int64{5, 4, 1, 2, 3, 6}},
		{[]string{"ratio asc"}, []int64{5, 4, 1, 2, 3, 6}},
		{[]string{"done DESC", "ratio DESC"}, []int64{6, 1, 4, 3, 2, 5}},
		{[]string{"at desc"}, []int64{6, 5, 4, 3, 2, 1}},
		{[]string{"conf_notes.done", "conf_notes.id"}, []int64{2, 3, 5, 1, 4, 6}},
	} {
		kit.Same(t, c.terms[0], noteRows(t, rec, q.OrderBy(c.terms...)), c.want...)
	}
	kit.Same(t, "in several calls", noteRows(t, rec, q.OrderBy("done").OrderBy("id DESC")), 5, 3, 2, 6, 4, 1)
}

func testQueryNulls(t *testing.T, d kit.Database) {
	n := newConfNotes()
	rec := d.Record()
	q := dovetail.Select(n.notes)
	kit.Same(t, "first", noteRows(t, rec, q.OrderBy("score NULLS FIRST", "id")), 3, 6, 1, 2, 5, 4)
	kit.Same(t, "last", noteRows(t, rec, q.OrderBy("score NULLS LAST", "id")), 1, 2, 5, 4, 3, 6)
	kit.Same(t, "descending first", noteRows(t, rec, q.OrderBy("score DESC NULLS FIRST", "id DESC")), 6, 3, 4, 5, 2, 1)
	kit.Same(t, "descending last", noteRows(t, rec, q.OrderBy("score desc nulls last", "id")), 4, 2, 5, 1, 3, 6)
}

func testQueryOrderExpression(t *testing.T, d kit.Database) {
	n := newConfNotes()
	rec := d.Record()
	q := dovetail.Select(n.notes)
	first := "CASE WHEN conf_notes.id = ? THEN 0 ELSE 1 END"
	kit.Same(t, "text", noteRows(t, rec, q.OrderByClause(first, 4).OrderBy("id")), 4, 1, 2, 3, 5, 6)
	kit.Same(t, "expression", noteRows(t, rec, q.Where(squirrel.Lt{"id": 4}).OrderByClause(squirrel.Expr(first, 3)).
		OrderBy("id DESC")), 3, 2, 1)
	kit.Same(t, "direction", noteRows(t, rec, q.OrderByClause("abs(conf_notes.ratio) DESC").Limit(3)), 6, 3, 2)
}

func testQueryLimit(t *testing.T, d kit.Database) {
	n := newConfNotes()
	rec := d.Record()
	q := dovetail.Select(n.notes)
	kit.Same(t, "limit without an order is by the key", noteRows(t, rec, q.Limit(2)), 1, 2)
	kit.Same(t, "limit and offset", noteRows(t, rec, q.Limit(2).Offset(3)), 4, 5)
	kit.Same(t, "offset", noteRows(t, rec, q.Offset(4)), 5, 6)
	kit.Same(t, "beyond", noteRows(t, rec, q.Limit(2).Offset(6)))
	kit.Same(t, "zero", noteRows(t, rec, q.Limit(0)))
	kit.Same(t, "the last call counts", noteRows(t, rec, q.Limit(1).Limit(3)), 1, 2, 3)
	kit.Same(t, "more than there are", noteRows(t, rec, q.Limit(1<<31-1).OrderBy("id DESC")), 6, 5, 4, 3, 2, 1)
	kit.Same(t, "ties end in the key", noteRows(t, rec, q.OrderBy("done").Limit(4)), 2, 3, 5, 1)
}

func testQueryLimitJoin(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Accounts).Join("activities").Distinct()
	rows := kit.All(t, rec, q.OrderBy("owner").Limit(2))
	rec.Expect(t, 1, 1)
	kit.Same(t, "accounts", kit.Pluck(rows, func(a *models.Account) int64 { return a.ID }), 2, 1)
	posts := kit.All(t, rec, dovetail.Select(models.Posts).Join("author").OrderBy("author.name DESC").Limit(1))
	rec.Expect(t, 1, 1)
	kit.Same(t, "to-one joins do not multiply", kit.Pluck(posts, models.PostTitle), "Nulls")
}

func testQueryGroup(t *testing.T, d kit.Database) {
	n := newConfNotes()
	rec := d.Record()
	q := dovetail.Select(n.sums).Columns("score").GroupBy("score").Column("count(*) AS number")
	rows := kit.All(t, rec, q.OrderBy("score NULLS FIRST"))
	rec.Expect(t, 1, 1)
	kit.Same(t, "counts", kit.Pluck(rows, func(s *confNoteSum) int64 { return s.Number }), 2, 1, 2, 1)
	rows = kit.All(t, rec, q.Having("count(*) > ?", 1).OrderBy("number DESC", "score NULLS LAST"))
	rec.Expect(t, 1, 1)
	kit.Equal(t, "groups of several", len(rows), 2)
	kit.Equal(t, "first", *rows[0].Score, 20)
	rows = kit.All(t, rec, q.Having("count(*) > ?", 1).Having(squirrel.NotEq{"score": nil}))
	rec.Expect(t, 1, 1)
	kit.Equal(t, "groups of several that are not NULL", len(rows), 1)
	kit.Equal(t, "number", rows[0].Number, 2)
}

func testQueryGroupRelated(t *testing.T, d kit.Database) {
	rec := d.Record()
	counts := func(q dovetail.Query[*models.Author]) []int64 {
		rows := kit.All(t, rec, q.GroupBy("id").Column("count(books.id) AS book_count"))
		rec.Expect(t, 1, 1)
		for _, a := range rows {
			if a.Name == "" {
				t.Errorf("author %d: the other columns are missing", a.ID)
			}
		}
		return kit.Pluck(rows, func(a *models.Author) int64 { return a.BookCount })
	}
	q := dovetail.Select(models.Authors)
	kit.Same(t, "join", counts(q.Join("books").OrderBy("id")), 2, 1)
	kit.Same(t, "left join", counts(q.LeftJoin("books").OrderBy("id")), 2, 1, 0)
	kit.Same(t, "by the count", counts(q.LeftJoin("books").OrderBy("book_count", "name DESC")), 0, 1, 2)
	kit.Same(t, "having", counts(q.LeftJoin("books").Having("count(books.id) < ?", 2).OrderBy("id")), 1, 0)
	kit.Same(t, "filtered", counts(q.LeftJoin("books", squirrel.Lt{"pages": 300}).OrderBy("id")), 1, 1, 0)
	kit.Same(t, "limited", counts(q.LeftJoin("books").OrderBy("book_count DESC").Limit(2)), 2, 1)
}

func testQueryGroupColumn(t *testing.T, d kit.Database) {
	type sum struct {
		ActivityType models.ActivityType
		Total, N     int64
	}
	rec := d.Record()
	q := dovetail.Select(models.Activities).Columns("activity_type").Column("CAST(sum(amount) AS BIGINT) AS total").
		Column("count(*) AS n").
		GroupBy("activity_type").OrderBy("activity_type")
	rows := kit.Collect[sum](t, rec, q)
	rec.Expect(t, 1, 1)
	kit.Same(t, "sums", rows, sum{models.Deposit, 2480, 4}, sum{models.Withdrawal, 1300, 2})
	owners := kit.Collect[string](t, rec, dovetail.Select(models.Activities).Columns("account.owner").GroupBy("account.owner").
		Having("sum(amount) > ?", 1000).OrderBy("account.owner"))
	rec.Expect(t, 1, 1)
	kit.Same(t, "by a related column", owners, "SpongeBob", "Squidward")
}

func testQueryGroupPreload(t *testing.T, d kit.Database) {
	rec := d.Record()
	rows := kit.All(t, rec, dovetail.Select(models.Authors).LeftJoin("books").GroupBy("id").
		Column("count(books.id) AS book_count").
		OrderBy("id").Preload("books"))
	rec.Expect(t, 2, 2)
	for _, a := range rows {
		kit.Equal(t, a.Name, len(a.Books), int(a.BookCount))
	}
	kit.Equal(t, "Le Guin", rows[0].BookCount, 2)
}

func testQueryAggregate(t *testing.T, d kit.Database) {
	n := newConfNotes()
	rec := d.Record()
	top := kit.Collect[int64](t, rec, dovetail.Select(n.notes).Columns().Column("max(score)").
		Where(squirrel.Eq{"done": false}))
	rec.Expect(t, 1, 1)
	kit.Same(t, "maximum", top, 20)
}
