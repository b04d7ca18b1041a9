package dovetail_test

import (
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
)

func queryCases() []conformanceCase {
	return []conformanceCase{
		{"query/all rows and every type", testQueryAll},
		{"query/no rows", testQueryNone},
		{"query/columns", testQueryColumns},
		{"query/columns keep the keys of a preload", testQueryColumnsKeepKeys},
		{"query/distinct", testQueryDistinct},
		{"query/distinct ordered by a to-one path", testQueryDistinctOrder},
		{"query/order", testQueryOrder},
		{"query/nulls first and last", testQueryNulls},
		{"query/order by an expression", testQueryOrderExpression},
		{"query/limit and offset", testQueryLimit},
		{"query/limit under a join", testQueryLimitJoin},
		{"query/group and having", testQueryGroup},
		{"query/group counts related rows", testQueryGroupRelated},
		{"query/group by a column", testQueryGroupColumn},
		{"query/group with a preload", testQueryGroupPreload},
		{"query/aggregate without a group", testQueryAggregate},
	}
}

func testQueryAll(t *testing.T, d database) {
	n := newConfNotes()
	rec := d.record()
	rows := confAll(t, rec, dovetail.Select(n.notes).OrderBy("id"))
	rec.expect(t, 1, 1)
	confSame(t, "notes", confPluck(rows, noteID), 1, 2, 3, 4, 5, 6)
	four, six := rows[3], rows[5]
	confEqual(t, "text", four.Title, "cherry_x")
	confEqual(t, "integer", *four.Score, 30)
	confEqual(t, "nullable text", *four.Note, "a_b")
	confEqual(t, "boolean", four.Done, true)
	confEqual(t, "boolean", rows[4].Done, false)
	confEqual(t, "float", six.Ratio, 9.25)
	confEqual(t, "time", six.At.UTC().Format("2006-01-02 15:04:05"), "2024-06-01 00:00:00")
	confEqual(t, "text beyond ASCII", six.Title, "Élan")
	if six.Score != nil || six.Note != nil {
		t.Errorf("expected NULLs, got %v and %v", six.Score, six.Note)
	}
}

func testQueryNone(t *testing.T, d database) {
	n := newConfNotes()
	rec := d.record()
	rows := confAll(t, rec, dovetail.Select(n.notes).Where("1 = 0"))
	rec.expect(t, 1, 1)
	if rows == nil || len(rows) != 0 {
		t.Errorf("expected an empty list that is not nil, got %v", rows)
	}
}

func testQueryColumns(t *testing.T, d database) {
	n := newConfNotes()
	rec := d.record()
	rows := confAll(t, rec, dovetail.Select(n.notes).Columns("title", "score").Columns("id").OrderBy("ratio DESC"))
	rec.expect(t, 1, 1)
	confSame(t, "order by a column not selected", confPluck(rows, noteID), 6, 3, 2, 1, 4, 5)
	confEqual(t, "selected", rows[3].Title, "Apple")
	confEqual(t, "selected", *rows[3].Score, 10)
	if rows[3].Note != nil || rows[3].Ratio != 0 || rows[3].Done || !rows[3].At.IsZero() {
		t.Errorf("expected the other fields to stay zero, got %+v", rows[3])
	}
}

func testQueryColumnsKeepKeys(t *testing.T, d database) {
	rec := d.record()
	accounts := confAll(t, rec, dovetail.Select(Accounts).Columns("owner").OrderBy("id").Preload("activities"))
	rec.expect(t, 2, 2)
	confSame(t, "owners", confPluck(accounts, func(a *Account) string { return a.Owner }),
		"SpongeBob", "Patrick", "Squidward", "Sandy")
	confEqual(t, "the key", accounts[2].ID, 3)
	confSame(t, "activities", activityIDs(accounts[2]), 5, 6)

	posts := confAll(t, rec, dovetail.Select(Posts).Columns("title").OrderBy("id").Preload("editor").Preload("tags"))
	rec.expect(t, 3, 2)
	confEqual(t, "the foreign key", *posts[0].EditorID, 2)
	confEqual(t, "editor", posts[0].Editor.Name, "bea")
	confEqual(t, "a key that is not needed", posts[0].AuthorID, 0)

	orders := confAll(t, rec, dovetail.Select(Orders).Columns("customer").OrderBy("warehouse", "number").Preload("lines"))
	rec.expect(t, 2+d.lookups(1), 2+d.lookups(1))
	confSame(t, "lines", confPluck(orders[0].Lines, lineItem), "nails", "glue")
	confEqual(t, "the composite key", orders[0].Warehouse, "a")
}

func testQueryDistinct(t *testing.T, d database) {
	n := newConfNotes()
	rec := d.record()
	rows := confAll(t, rec, dovetail.Select(n.notes).Columns("score").Distinct().OrderBy("score DESC NULLS LAST"))
	rec.expect(t, 1, 1)
	confEqual(t, "scores", len(rows), 4)
	confSame(t, "scores", []int64{*rows[0].Score, *rows[1].Score, *rows[2].Score}, 30, 20, 10)
	if rows[3].Score != nil {
		t.Errorf("expected NULL once, got %d", *rows[3].Score)
	}
	q := dovetail.Select(Tags).Join("posts").Distinct().OrderBy("name DESC")
	tags := confAll(t, rec, q)
	rec.expect(t, 1, 1)
	confSame(t, "tags", confPluck(tags, tagName), "sql", "go")
	tags = confAll(t, rec, q.Limit(1))
	rec.expect(t, 1, 1)
	confSame(t, "the limit counts what is left", confPluck(tags, tagName), "sql")
	tags = confAll(t, rec, q.Limit(2).Offset(1))
	rec.expect(t, 1, 1)
	confSame(t, "so does the offset", confPluck(tags, tagName), "go")
}

func testQueryDistinctOrder(t *testing.T, d database) {
	rec := d.record()
	q := dovetail.Select(Posts).Join("tags").Distinct().OrderBy("author.name DESC", "editor.name NULLS FIRST")
	posts := confAll(t, rec, q)
	rec.expect(t, 1, 1)
	confSame(t, "posts", confPluck(posts, postTitle), "Keys", "Joins")
	posts = confAll(t, rec, q.Columns("title").Preload("tags"))
	rec.expect(t, 2, 2)
	confSame(t, "posts", confPluck(posts, postTitle), "Keys", "Joins")
	confSame(t, "tags", confPluck(posts[1].Tags, tagName), "go", "sql")
}

func testQueryOrder(t *testing.T, d database) {
	n := newConfNotes()
	rec := d.record()
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
		confSame(t, c.terms[0], noteRows(t, rec, q.OrderBy(c.terms...)), c.want...)
	}
	confSame(t, "in several calls", noteRows(t, rec, q.OrderBy("done").OrderBy("id DESC")), 5, 3, 2, 6, 4, 1)
}

func testQueryNulls(t *testing.T, d database) {
	n := newConfNotes()
	rec := d.record()
	q := dovetail.Select(n.notes)
	confSame(t, "first", noteRows(t, rec, q.OrderBy("score NULLS FIRST", "id")), 3, 6, 1, 2, 5, 4)
	confSame(t, "last", noteRows(t, rec, q.OrderBy("score NULLS LAST", "id")), 1, 2, 5, 4, 3, 6)
	confSame(t, "descending first", noteRows(t, rec, q.OrderBy("score DESC NULLS FIRST", "id DESC")), 6, 3, 4, 5, 2, 1)
	confSame(t, "descending last", noteRows(t, rec, q.OrderBy("score desc nulls last", "id")), 4, 2, 5, 1, 3, 6)
}

func testQueryOrderExpression(t *testing.T, d database) {
	n := newConfNotes()
	rec := d.record()
	q := dovetail.Select(n.notes)
	first := "CASE WHEN conf_notes.id = ? THEN 0 ELSE 1 END"
	confSame(t, "text", noteRows(t, rec, q.OrderByClause(first, 4).OrderBy("id")), 4, 1, 2, 3, 5, 6)
	confSame(t, "expression", noteRows(t, rec, q.Where(squirrel.Lt{"id": 4}).OrderByClause(squirrel.Expr(first, 3)).
		OrderBy("id DESC")), 3, 2, 1)
	confSame(t, "direction", noteRows(t, rec, q.OrderByClause("abs(conf_notes.ratio) DESC").Limit(3)), 6, 3, 2)
}

func testQueryLimit(t *testing.T, d database) {
	n := newConfNotes()
	rec := d.record()
	q := dovetail.Select(n.notes)
	confSame(t, "limit without an order is by the key", noteRows(t, rec, q.Limit(2)), 1, 2)
	confSame(t, "limit and offset", noteRows(t, rec, q.Limit(2).Offset(3)), 4, 5)
	confSame(t, "offset", noteRows(t, rec, q.Offset(4)), 5, 6)
	confSame(t, "beyond", noteRows(t, rec, q.Limit(2).Offset(6)))
	confSame(t, "zero", noteRows(t, rec, q.Limit(0)))
	confSame(t, "the last call counts", noteRows(t, rec, q.Limit(1).Limit(3)), 1, 2, 3)
	confSame(t, "more than there are", noteRows(t, rec, q.Limit(1<<31-1).OrderBy("id DESC")), 6, 5, 4, 3, 2, 1)
	confSame(t, "ties end in the key", noteRows(t, rec, q.OrderBy("done").Limit(4)), 2, 3, 5, 1)
}

func testQueryLimitJoin(t *testing.T, d database) {
	rec := d.record()
	q := dovetail.Select(Accounts).Join("activities").Distinct()
	rows := confAll(t, rec, q.OrderBy("owner").Limit(2))
	rec.expect(t, 1, 1)
	confSame(t, "accounts", confPluck(rows, func(a *Account) int64 { return a.ID }), 2, 1)
	posts := confAll(t, rec, dovetail.Select(Posts).Join("author").OrderBy("author.name DESC").Limit(1))
	rec.expect(t, 1, 1)
	confSame(t, "to-one joins do not multiply", confPluck(posts, postTitle), "Nulls")
}

func testQueryGroup(t *testing.T, d database) {
	n := newConfNotes()
	rec := d.record()
	q := dovetail.Select(n.sums).Columns("score").GroupBy("score").Column("count(*) AS number")
	rows := confAll(t, rec, q.OrderBy("score NULLS FIRST"))
	rec.expect(t, 1, 1)
	confSame(t, "counts", confPluck(rows, func(s *confNoteSum) int64 { return s.Number }), 2, 1, 2, 1)
	rows = confAll(t, rec, q.Having("count(*) > ?", 1).OrderBy("number DESC", "score NULLS LAST"))
	rec.expect(t, 1, 1)
	confEqual(t, "groups of several", len(rows), 2)
	confEqual(t, "first", *rows[0].Score, 20)
	rows = confAll(t, rec, q.Having("count(*) > ?", 1).Having(squirrel.NotEq{"score": nil}))
	rec.expect(t, 1, 1)
	confEqual(t, "groups of several that are not NULL", len(rows), 1)
	confEqual(t, "number", rows[0].Number, 2)
}

func testQueryGroupRelated(t *testing.T, d database) {
	rec := d.record()
	counts := func(q dovetail.Query[Author]) []int64 {
		rows := confAll(t, rec, q.GroupBy("id").Column("count(books.id) AS book_count"))
		rec.expect(t, 1, 1)
		for _, a := range rows {
			if a.Name == "" {
				t.Errorf("author %d: the other columns are missing", a.ID)
			}
		}
		return confPluck(rows, func(a *Author) int64 { return a.BookCount })
	}
	q := dovetail.Select(Authors)
	confSame(t, "join", counts(q.Join("books").OrderBy("id")), 2, 1)
	confSame(t, "left join", counts(q.LeftJoin("books").OrderBy("id")), 2, 1, 0)
	confSame(t, "by the count", counts(q.LeftJoin("books").OrderBy("book_count", "name DESC")), 0, 1, 2)
	confSame(t, "having", counts(q.LeftJoin("books").Having("count(books.id) < ?", 2).OrderBy("id")), 1, 0)
	confSame(t, "filtered", counts(q.LeftJoin("books", squirrel.Lt{"pages": 300}).OrderBy("id")), 1, 1, 0)
	confSame(t, "limited", counts(q.LeftJoin("books").OrderBy("book_count DESC").Limit(2)), 2, 1)
}

func testQueryGroupColumn(t *testing.T, d database) {
	type sum struct {
		ActivityType ActivityType
		Total, N     int64
	}
	rec := d.record()
	q := dovetail.Select(Activities).Columns("activity_type").Column("CAST(sum(amount) AS BIGINT) AS total").
		Column("count(*) AS n").
		GroupBy("activity_type").OrderBy("activity_type")
	rows := confCollect[sum](t, rec, q)
	rec.expect(t, 1, 1)
	confSame(t, "sums", rows, sum{Deposit, 2480, 4}, sum{Withdrawal, 1300, 2})
	owners := confCollect[string](t, rec, dovetail.Select(Activities).Columns("account.owner").GroupBy("account.owner").
		Having("sum(amount) > ?", 1000).OrderBy("account.owner"))
	rec.expect(t, 1, 1)
	confSame(t, "by a related column", owners, "SpongeBob", "Squidward")
}

func testQueryGroupPreload(t *testing.T, d database) {
	rec := d.record()
	rows := confAll(t, rec, dovetail.Select(Authors).LeftJoin("books").GroupBy("id").
		Column("count(books.id) AS book_count").
		OrderBy("id").Preload("books"))
	rec.expect(t, 2, 2)
	for _, a := range rows {
		confEqual(t, a.Name, len(a.Books), int(a.BookCount))
	}
	confEqual(t, "Le Guin", rows[0].BookCount, 2)
}

func testQueryAggregate(t *testing.T, d database) {
	n := newConfNotes()
	rec := d.record()
	top := confCollect[int64](t, rec, dovetail.Select(n.notes).Columns().Column("max(score)").
		Where(squirrel.Eq{"done": false}))
	rec.expect(t, 1, 1)
	confSame(t, "maximum", top, 20)
}
