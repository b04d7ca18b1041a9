package conformance_test

import (
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// Queries inside queries: ours in ours, ours in squirrel's, squirrel's in ours.

func subqueryCases() []kit.Case {
	return []kit.Case{
		{Name: "subquery/query in Eq and NotEq", Run: testSubqueryInEq},
		{Name: "subquery/NULLs among its rows", Run: testSubqueryNulls},
		{Name: "subquery/query in Expr", Run: testSubqueryInExpr},
		{Name: "subquery/query with a join and a limit", Run: testSubqueryWithJoin},
		{Name: "subquery/in Has and in a join", Run: testSubqueryInHas},
		{Name: "subquery/in a preload", Run: testSubqueryInPreload},
		{Name: "subquery/squirrel's builder", Run: testSubqueryBuilder},
		{Name: "subquery/squirrel's builder with numbered placeholders", Run: testSubqueryDollar},
		{Name: "subquery/names of its own", Run: testSubqueryOwnNames},
		{Name: "subquery/a join named like the row around", Run: testSubqueryHides},
		{Name: "subquery/ours in squirrel's builder, run by hand", Run: testSubqueryByHand},
	}
}

func existsCases() []kit.Case {
	return []kit.Case{
		{Name: "exists/has and has none", Run: testHas},
		{Name: "exists/one row for which all hold", Run: testHasOneRow},
		{Name: "exists/inside Or", Run: testHasInOr},
		{Name: "exists/nested", Run: testHasNested},
		{Name: "exists/path", Run: testHasPath},
		{Name: "exists/names the root", Run: testHasRoot},
		{Name: "exists/self", Run: testHasSelf},
		{Name: "exists/beside a join of the same path", Run: testHasBesideJoin},
		{Name: "exists/with every kind of condition", Run: testHasPredicates},
	}
}

func testSubqueryInEq(t *testing.T, d kit.Database) {
	n := newConfNotes()
	rec := d.Record()
	q, done := dovetail.Select(n.notes).OrderBy("id"), dovetail.Select(n.notes).Columns("id").
		Where(squirrel.Eq{"done": true})
	kit.Same(t, "in", noteRows(t, rec, q.Where(squirrel.Eq{"id": done})), 1, 4, 6)
	kit.Same(t, "not in", noteRows(t, rec, q.Where(squirrel.NotEq{"id": done})), 2, 3, 5)
	kit.Same(t, "beside arguments", noteRows(t, rec, q.Where("ratio > ?", 0.25).Where(squirrel.Eq{"id": done}).
		Where(squirrel.Lt{"id": 6})), 1)
	kit.Same(t, "no rows", noteRows(t, rec, q.Where(squirrel.Eq{"id": done.Where(squirrel.Eq{"id": 77})})))
	kit.Same(t, "not among no rows", noteRows(t, rec, q.Where(squirrel.NotEq{"id": done.Where(squirrel.Eq{"id": 77})})),
		1, 2, 3, 4, 5, 6)
}

// testSubqueryHides joins inside what has the alias of the rows around: "outer" means these all the same.
func testSubqueryHides(t *testing.T, d kit.Database) {
	posts := dovetail.Select(models.Posts).OrderBy("id")
	others := dovetail.Select(models.Users).Columns("id").Join("posts").Where("self.posts.title <> outer.title")
	ids := func(q dovetail.Query[*models.Post]) []int64 {
		return kit.Pluck(kit.All(t, d.DB, q), func(p *models.Post) int64 { return p.ID })
	}
	kit.Same(t, "in", ids(posts.Where(squirrel.Eq{"author_id": others})), 1, 2)
	kit.Same(t, "not in", ids(posts.Where(squirrel.NotEq{"author_id": others})), 3)
	compared := dovetail.Select(models.Users).Columns("id").Join("posts").Where(squirrel.NotEq{"self.posts.id": dovetail.Col("outer.id")})
	kit.Same(t, "by a value", ids(posts.Where(squirrel.Eq{"author_id": compared})), 1, 2)
	again := dovetail.Select(models.Users).Columns("id").Join("posts", squirrel.Eq{"author_id": others.Where("self.posts.id <> outer.outer.outer.id")}).
		Where("self.posts.id = outer.id")
	kit.Same(t, "in a join inside", ids(posts.Where(squirrel.Eq{"author_id": again})), 1, 2)
}

func testSubqueryNulls(t *testing.T, d kit.Database) {
	n := newConfNotes()
	rec := d.Record()
	q := dovetail.Select(n.notes).OrderBy("id")
	scores := dovetail.Select(n.notes).Columns("score").Where(squirrel.Lt{"id": 4}) // 10, 20, NULL
	kit.Same(t, "in", noteRows(t, rec, q.Where(squirrel.Eq{"score": scores})), 1, 2, 5)
	kit.Same(t, "not in", noteRows(t, rec, q.Where(squirrel.NotEq{"score": scores})), 4)
}

func testSubqueryInExpr(t *testing.T, d kit.Database) {
	n := newConfNotes()
	rec := d.Record()
	q := dovetail.Select(n.notes).OrderBy("id")
	top := dovetail.Select(n.notes).Columns().Column("max(score) - ?", 5).Where(squirrel.Gt{"id": 0})
	kit.Same(t, "scalar", noteRows(t, rec, q.Where(squirrel.Expr("score > (?)", top))), 4)
	kit.Same(t, "in text", noteRows(t, rec, q.Where("score > (?) AND id > ?", top, 1)), 4)
	one := dovetail.Select(n.notes).Columns("score").Where(squirrel.Eq{"id": 1})
	kit.Same(t, "in a list", noteRows(t, rec, q.Where(squirrel.Expr("score IN (?) OR id = ?", one, 6))), 1, 6)
	kit.Same(t, "twice", noteRows(t, rec, q.Where(squirrel.Expr("score IN (?) OR score > (?)", one, top))), 1, 4)
}

func testSubqueryWithJoin(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Accounts)
	big := dovetail.Select(models.Activities).Join("account").Columns("account_id").
		Where("account.balance > ? AND amount > ?", 1000, 100)
	kit.Same(t, "join", models.AccountRows(t, rec, q.Where(squirrel.Eq{"id": big})), 1)
	last := dovetail.Select(models.Activities).Columns("account_id").OrderBy("created_at DESC").Limit(1)
	kit.Same(t, "limit", models.AccountRows(t, rec, q.Where(squirrel.Eq{"id": last})), 3)
	kit.Same(t, "the same table inside", models.AccountRows(t, rec,
		q.Where(squirrel.Eq{"id": q.Columns("id").Has("activities")})), 1, 2, 3)
}

func testSubqueryInHas(t *testing.T, d kit.Database) {
	rec := d.Record()
	deposits := dovetail.Select(models.Activities).Columns("id").Where(squirrel.Eq{"activity_type": models.Deposit})
	q := dovetail.Select(models.Accounts)
	kit.Same(t, "has", models.AccountRows(t, rec, q.Has("activities", squirrel.NotEq{"id": deposits})), 1, 3)
	kit.Same(t, "join", models.AccountRows(t, rec, q.LeftJoin("activities", squirrel.NotEq{"id": deposits}).
		Where(squirrel.NotEq{"activities.id": nil})), 1, 3)
}

func testSubqueryInPreload(t *testing.T, d kit.Database) {
	rec := d.Record()
	used := dovetail.Select(models.PostTags).Columns("tag_id").Where(squirrel.Eq{"post_id": 2})
	posts := kit.All(t, rec, dovetail.Select(models.Posts).OrderBy("id").
		Preload("tags", dovetail.Select(models.Tags).Where(squirrel.NotEq{"id": used}).Where("name <> ?", "unused")))
	rec.Expect(t, 2, 2)
	kit.Same(t, "tags", kit.Pluck(posts[0].Tags, models.TagName), "go")
	kit.Same(t, "tags", kit.Pluck(posts[1].Tags, models.TagName))
}

func testSubqueryBuilder(t *testing.T, d kit.Database) {
	n := newConfNotes()
	rec := d.Record()
	q := dovetail.Select(n.notes).OrderBy("id")
	ids := squirrel.Select("id").From("conf_notes").Where(squirrel.Eq{"score": 20})
	kit.Same(t, "eq", noteRows(t, rec, q.Where(squirrel.Eq{"id": ids})), 2, 5)
	kit.Same(t, "not eq", noteRows(t, rec, q.Where(squirrel.NotEq{"id": ids})), 1, 3, 4, 6)
	kit.Same(t, "expr", noteRows(t, rec, q.Where(squirrel.Expr("id IN (?)", ids))), 2, 5)
	kit.Same(t, "as a condition", noteRows(t, rec, q.Where(squirrel.Select("count(*) > 5").From("conf_notes")).Limit(2)),
		1, 2)
	kit.Same(t, "exists", noteRows(t, rec, q.Where(squirrel.Expr("EXISTS (?)", squirrel.Select("1").
		From("conf_notes AS other").
		Where("other.score = conf_notes.score AND other.id <> conf_notes.id")))), 2, 5)
}

// testSubqueryDollar nests builders that number their placeholders themselves: all are numbered anew.
func testSubqueryDollar(t *testing.T, d kit.Database) {
	n := newConfNotes()
	rec := d.Record()
	dollar := squirrel.StatementBuilder.PlaceholderFormat(squirrel.Dollar)
	one := dollar.Select("id").From("conf_notes").Where(squirrel.Eq{"score": 20}).Where("ratio > ?", 0)
	two := dollar.Select("id").From("conf_notes").Where("ratio BETWEEN ? AND ?", 9, 10)
	q := dovetail.Select(n.notes).OrderBy("id").Where("id > ?", 1).
		Where(squirrel.Or{squirrel.Eq{"id": one}, squirrel.Eq{"id": two}}).Where(squirrel.Lt{"id": 7})
	kit.Same(t, "notes", noteRows(t, rec, q), 2, 6)
	kit.Same(t, "in text", noteRows(t, rec, q.Where("id IN (?) AND score >= ?", one, 20)), 2)
}

// testSubqueryOwnNames has names in the subquery that are relations outside of it.
func testSubqueryOwnNames(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Accounts).Where("EXISTS (SELECT 1 FROM activity AS activities " +
		"WHERE activities.account_id = accounts.id " +
		"AND activities.amount > 850)")
	kit.Same(t, "accounts", models.AccountRows(t, rec, q), 1)
}

func testSubqueryByHand(t *testing.T, d kit.Database) {
	format := squirrel.PlaceholderFormat(squirrel.Question)
	if d.Postgres() {
		format = squirrel.Dollar
	}
	b := squirrel.StatementBuilder.PlaceholderFormat(format)
	rich := dovetail.Select(models.Accounts).Columns("id").Where(squirrel.Gt{"balance": 500}).
		Has("activities", squirrel.Eq{"activity_type": []models.ActivityType{models.Withdrawal}}, dovetail.Contains("activity_type", "W"))
	text, args, err := b.Select("owner").From("accounts").Where("balance < ?", 1000).
		Where(squirrel.Expr("id IN (?)", rich)).
		Where(squirrel.Eq{"email": "squid@sea.example"}).ToSql()
	if err != nil {
		t.Fatal(err)
	}
	rec := d.Record()
	owners, err := kit.SQL[string](t.Context(), rec, text, args...)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	rec.Expect(t, 1, 1)
	kit.Same(t, "owners", owners, "Squidward")
}

func testHas(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Accounts)
	large := squirrel.GtOrEq{"amount": 800}
	kit.Same(t, "has", models.AccountRows(t, rec, q.Has("activities")), 1, 2, 3)
	kit.Same(t, "has large", models.AccountRows(t, rec, q.Has("activities", large)), 1, 3)
	kit.Same(t, "has none", models.AccountRows(t, rec, q.HasNone("activities")), 4)
	kit.Same(t, "has none large", models.AccountRows(t, rec, q.HasNone("activities", large)), 2, 4)
	kit.Same(t, "both", models.AccountRows(t, rec, q.Has("activities").HasNone("activities", large)), 2)
	kit.Same(t, "to-one", models.ActivityRows(t, rec, dovetail.Select(models.Activities).Has("account", squirrel.Like{"owner": "S%"})),
		1, 2, 3, 5, 6)
	kit.Same(t, "nullable", models.PostRows(t, rec, dovetail.Select(models.Posts).HasNone("editor")), 2)
}

// testHasOneRow asks for one row with two properties, then for a row with each.
func testHasOneRow(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Accounts)
	deposit, large := squirrel.Eq{"activity_type": models.Deposit}, squirrel.GtOrEq{"amount": 800}
	kit.Same(t, "the same row", models.AccountRows(t, rec, q.Has("activities", deposit, large)), 1)
	kit.Same(t, "any two rows", models.AccountRows(t, rec, q.Has("activities", deposit).Has("activities", large)), 1, 3)
}

func testHasInOr(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Accounts)
	huge := dovetail.Has("activities", squirrel.GtOrEq{"amount": 900})
	kit.Same(t, "or", models.AccountRows(t, rec, q.Where(squirrel.Or{squirrel.Eq{"owner": "Sandy"}, huge})), 1, 4)
	kit.Same(t, "or none", models.AccountRows(t, rec, q.Where(squirrel.Or{dovetail.HasNone("activities"), huge})), 1, 4)
	kit.Same(t, "and", models.AccountRows(t, rec, q.Where(squirrel.And{squirrel.Gt{"balance": 0}, dovetail.HasNone("activities",
		squirrel.Eq{"activity_type": models.Withdrawal})})), 2)
}

func testHasNested(t *testing.T, d kit.Database) {
	rec := d.Record()
	users := func(preds ...squirrel.Sqlizer) []string {
		rows := kit.All(t, rec, dovetail.Select(models.Users).Has("posts", preds...).OrderBy("id"))
		rec.Expect(t, 1, 1)
		return kit.Pluck(rows, models.UserName)
	}
	kit.Same(t, "has has", users(dovetail.Has("tags", squirrel.Eq{"name": "go"})), "ann")
	kit.Same(t, "has has none", users(dovetail.HasNone("tags", squirrel.Eq{"name": "go"})), "ann", "bea")
	kit.Same(t, "three deep", users(dovetail.Has("tags", dovetail.Has("posts", squirrel.Eq{"title": "Keys"}))), "ann")
	kit.Same(t, "and back", users(dovetail.Has("author", squirrel.Eq{"name": "bea"})), "bea")
	kit.Same(t, "in or", users(squirrel.Or{dovetail.HasNone("tags"), squirrel.Eq{"title": "Keys"}}), "ann", "bea")
}

func testHasPath(t *testing.T, d kit.Database) {
	rec := d.Record()
	users := func(q dovetail.Query[*models.User]) []string {
		rows := kit.All(t, rec, q.OrderBy("id"))
		rec.Expect(t, 1, 1)
		return kit.Pluck(rows, models.UserName)
	}
	q := dovetail.Select(models.Users)
	kit.Same(t, "has", users(q.Has("posts.tags")), "ann")
	kit.Same(t, "has none", users(q.HasNone("posts.tags")), "bea", "cyd")
	kit.Same(t, "at the end of the path", users(q.Has("posts.tags", squirrel.Eq{"name": "sql"})), "ann")
	kit.Same(t, "on its way", users(q.Has("edited.tags", squirrel.Expr("edited.title = ?", "Joins"),
		squirrel.Eq{"name": "go"})), "bea")
	kit.Same(t, "not on its way", users(q.Has("edited.tags", squirrel.Eq{"edited.title": "Nulls"})))
	kit.Same(t, "through a to-one", users(q.Has("edited.author", squirrel.Eq{"name": "bea"})), "ann")
	labels := kit.All(t, rec, dovetail.Select(models.Labels).Has("lines.order", squirrel.Eq{"customer": "x"}).OrderBy("id"))
	rec.Expect(t, 1, 1)
	kit.Same(t, "composite keys", kit.Pluck(labels, models.LabelText), "fragile", "heavy")
}

func testHasRoot(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Accounts)
	kit.Same(t, "as much as", models.AccountRows(t, rec, q.Has("activities", squirrel.Expr("amount >= accounts.balance"))), 2)
	kit.Same(t, "none as much", models.AccountRows(t, rec, q.HasNone("activities",
		squirrel.Expr("amount >= accounts.balance"))), 1, 3, 4)
	rows := kit.All(t, rec, dovetail.Select(models.Users).Has("posts", dovetail.Has("editor", squirrel.Expr("id <> user.id"))).
		OrderBy("id"))
	rec.Expect(t, 1, 1)
	kit.Same(t, "two levels down", kit.Pluck(rows, models.UserName), "ann", "bea")
}

func testHasSelf(t *testing.T, d kit.Database) {
	rec := d.Record()
	names := func(q dovetail.Query[*models.Category]) []string {
		rows := kit.All(t, rec, q.OrderBy("id"))
		rec.Expect(t, 1, 1)
		return kit.Pluck(rows, models.CategoryName)
	}
	q := dovetail.Select(models.Categories)
	kit.Same(t, "leaves", names(q.HasNone("subcategories")), "toys", "mallets")
	kit.Same(t, "roots", names(q.HasNone("parent")), "things")
	kit.Same(t, "with grandchildren", names(q.Has("subcategories.subcategories")), "things", "tools")
	kit.Same(t, "below tools", names(q.Has("parent", squirrel.Eq{"name": "tools"})), "hammers")
	siblings := dovetail.Has("subcategories", squirrel.Expr("id <> categories.id"))
	kit.Same(t, "with siblings", names(q.Has("parent", siblings)), "tools", "toys")
}

// testHasBesideJoin uses one path twice: the joined rows and the tested rows are others.
func testHasBesideJoin(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Accounts).Join("activities", squirrel.Eq{"activity_type": models.Withdrawal}).
		Has("activities", squirrel.Eq{"amount": 750})
	kit.Same(t, "accounts", models.AccountRows(t, rec, q), 3)
	kit.Same(t, "and none", models.AccountRows(t, rec, q.HasNone("activities", squirrel.Gt{"amount": 800}).Distinct()), 3)
}

func testHasPredicates(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Users)
	for _, c := range []struct {
		name string
		pred squirrel.Sqlizer
		want []string
	}{
		{"contains", dovetail.Contains("title", "ey"), []string{"ann"}},
		{"list", squirrel.Eq{"title": []string{"Nulls", "Keys"}}, []string{"ann", "bea"}},
		{"null", squirrel.Eq{"editor_id": nil}, []string{"ann"}},
		{"empty list", squirrel.Eq{"id": []int64{}}, nil},
		{"to-one path", squirrel.Eq{"editor.name": "ann"}, []string{"bea"}},
		{"nullable path", squirrel.Eq{"editor.name": nil}, []string{"ann"}},
		{"text", squirrel.Expr("length(title) = ?", 5), []string{"ann", "bea"}},
		{"not equal or null", dovetail.NotEqOrNull{"editor_id": 2}, []string{"ann", "bea"}},
		{"or", squirrel.Or{squirrel.Eq{"title": "Nulls"}, squirrel.Eq{"title": "none"}}, []string{"bea"}},
	} {
		rows := kit.All(t, rec, q.Has("posts", c.pred).OrderBy("id"))
		rec.Expect(t, 1, 1)
		kit.Same(t, c.name, kit.Pluck(rows, models.UserName), c.want...)
	}
}
