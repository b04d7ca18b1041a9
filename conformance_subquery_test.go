package dovetail_test

import (
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
)

// Queries inside queries: ours in ours, ours in squirrel's, squirrel's in ours.

func subqueryCases() []conformanceCase {
	return []conformanceCase{
		{"subquery/query in Eq and NotEq", testSubqueryInEq},
		{"subquery/NULLs among its rows", testSubqueryNulls},
		{"subquery/query in Expr", testSubqueryInExpr},
		{"subquery/query with a join and a limit", testSubqueryWithJoin},
		{"subquery/in Has and in a join", testSubqueryInHas},
		{"subquery/in a preload", testSubqueryInPreload},
		{"subquery/squirrel's builder", testSubqueryBuilder},
		{"subquery/squirrel's builder with numbered placeholders", testSubqueryDollar},
		{"subquery/names of its own", testSubqueryOwnNames},
		{"subquery/ours in squirrel's builder, run by hand", testSubqueryByHand},
	}
}

func existsCases() []conformanceCase {
	return []conformanceCase{
		{"exists/has and has none", testHas},
		{"exists/one row for which all hold", testHasOneRow},
		{"exists/inside Or", testHasInOr},
		{"exists/nested", testHasNested},
		{"exists/path", testHasPath},
		{"exists/names the root", testHasRoot},
		{"exists/self", testHasSelf},
		{"exists/beside a join of the same path", testHasBesideJoin},
		{"exists/with every kind of condition", testHasPredicates},
	}
}

func testSubqueryInEq(t *testing.T, d database) {
	n := newConfNotes()
	rec := d.record()
	q, done := dovetail.Select(n.notes).OrderBy("id"), dovetail.Select(n.notes).Columns("id").
		Where(squirrel.Eq{"done": true})
	confSame(t, "in", noteRows(t, rec, q.Where(squirrel.Eq{"id": done})), 1, 4, 6)
	confSame(t, "not in", noteRows(t, rec, q.Where(squirrel.NotEq{"id": done})), 2, 3, 5)
	confSame(t, "beside arguments", noteRows(t, rec, q.Where("ratio > ?", 0.25).Where(squirrel.Eq{"id": done}).
		Where(squirrel.Lt{"id": 6})), 1)
	confSame(t, "no rows", noteRows(t, rec, q.Where(squirrel.Eq{"id": done.Where(squirrel.Eq{"id": 77})})))
	confSame(t, "not among no rows", noteRows(t, rec, q.Where(squirrel.NotEq{"id": done.Where(squirrel.Eq{"id": 77})})),
		1, 2, 3, 4, 5, 6)
}

func testSubqueryNulls(t *testing.T, d database) {
	n := newConfNotes()
	rec := d.record()
	q := dovetail.Select(n.notes).OrderBy("id")
	scores := dovetail.Select(n.notes).Columns("score").Where(squirrel.Lt{"id": 4}) // 10, 20, NULL
	confSame(t, "in", noteRows(t, rec, q.Where(squirrel.Eq{"score": scores})), 1, 2, 5)
	confSame(t, "not in", noteRows(t, rec, q.Where(squirrel.NotEq{"score": scores})), 4)
}

func testSubqueryInExpr(t *testing.T, d database) {
	n := newConfNotes()
	rec := d.record()
	q := dovetail.Select(n.notes).OrderBy("id")
	top := dovetail.Select(n.notes).Columns().Column("max(score) - ?", 5).Where(squirrel.Gt{"id": 0})
	confSame(t, "scalar", noteRows(t, rec, q.Where(squirrel.Expr("score > (?)", top))), 4)
	confSame(t, "in text", noteRows(t, rec, q.Where("score > (?) AND id > ?", top, 1)), 4)
	one := dovetail.Select(n.notes).Columns("score").Where(squirrel.Eq{"id": 1})
	confSame(t, "in a list", noteRows(t, rec, q.Where(squirrel.Expr("score IN (?) OR id = ?", one, 6))), 1, 6)
	confSame(t, "twice", noteRows(t, rec, q.Where(squirrel.Expr("score IN (?) OR score > (?)", one, top))), 1, 4)
}

func testSubqueryWithJoin(t *testing.T, d database) {
	rec := d.record()
	q := dovetail.Select(Accounts)
	big := dovetail.Select(Activities).Join("account").Columns("account_id").
		Where("account.balance > ? AND amount > ?", 1000, 100)
	confSame(t, "join", accountRows(t, rec, q.Where(squirrel.Eq{"id": big})), 1)
	last := dovetail.Select(Activities).Columns("account_id").OrderBy("created_at DESC").Limit(1)
	confSame(t, "limit", accountRows(t, rec, q.Where(squirrel.Eq{"id": last})), 3)
	confSame(t, "the same table inside", accountRows(t, rec,
		q.Where(squirrel.Eq{"id": q.Columns("id").Has("activities")})), 1, 2, 3)
}

func testSubqueryInHas(t *testing.T, d database) {
	rec := d.record()
	deposits := dovetail.Select(Activities).Columns("id").Where(squirrel.Eq{"activity_type": Deposit})
	q := dovetail.Select(Accounts)
	confSame(t, "has", accountRows(t, rec, q.Has("activities", squirrel.NotEq{"id": deposits})), 1, 3)
	confSame(t, "join", accountRows(t, rec, q.LeftJoin("activities", squirrel.NotEq{"id": deposits}).
		Where(squirrel.NotEq{"activities.id": nil})), 1, 3)
}

func testSubqueryInPreload(t *testing.T, d database) {
	rec := d.record()
	used := dovetail.Select(PostTags).Columns("tag_id").Where(squirrel.Eq{"post_id": 2})
	posts := confAll(t, rec, dovetail.Select(Posts).OrderBy("id").
		Preload("tags", dovetail.Select(Tags).Where(squirrel.NotEq{"id": used}).Where("name <> ?", "unused")))
	rec.expect(t, 2, 2)
	confSame(t, "tags", confPluck(posts[0].Tags, tagName), "go")
	confSame(t, "tags", confPluck(posts[1].Tags, tagName))
}

func testSubqueryBuilder(t *testing.T, d database) {
	n := newConfNotes()
	rec := d.record()
	q := dovetail.Select(n.notes).OrderBy("id")
	ids := squirrel.Select("id").From("conf_notes").Where(squirrel.Eq{"score": 20})
	confSame(t, "eq", noteRows(t, rec, q.Where(squirrel.Eq{"id": ids})), 2, 5)
	confSame(t, "not eq", noteRows(t, rec, q.Where(squirrel.NotEq{"id": ids})), 1, 3, 4, 6)
	confSame(t, "expr", noteRows(t, rec, q.Where(squirrel.Expr("id IN (?)", ids))), 2, 5)
	confSame(t, "as a condition", noteRows(t, rec, q.Where(squirrel.Select("count(*) > 5").From("conf_notes")).Limit(2)),
		1, 2)
	confSame(t, "exists", noteRows(t, rec, q.Where(squirrel.Expr("EXISTS (?)", squirrel.Select("1").
		From("conf_notes AS other").
		Where("other.score = conf_notes.score AND other.id <> conf_notes.id")))), 2, 5)
}

// testSubqueryDollar nests builders that number their placeholders themselves: all are numbered anew.
func testSubqueryDollar(t *testing.T, d database) {
	n := newConfNotes()
	rec := d.record()
	dollar := squirrel.StatementBuilder.PlaceholderFormat(squirrel.Dollar)
	one := dollar.Select("id").From("conf_notes").Where(squirrel.Eq{"score": 20}).Where("ratio > ?", 0)
	two := dollar.Select("id").From("conf_notes").Where("ratio BETWEEN ? AND ?", 9, 10)
	q := dovetail.Select(n.notes).OrderBy("id").Where("id > ?", 1).
		Where(squirrel.Or{squirrel.Eq{"id": one}, squirrel.Eq{"id": two}}).Where(squirrel.Lt{"id": 7})
	confSame(t, "notes", noteRows(t, rec, q), 2, 6)
	confSame(t, "in text", noteRows(t, rec, q.Where("id IN (?) AND score >= ?", one, 20)), 2)
}

// testSubqueryOwnNames has names in the subquery that are relations outside of it.
func testSubqueryOwnNames(t *testing.T, d database) {
	rec := d.record()
	q := dovetail.Select(Accounts).Where("EXISTS (SELECT 1 FROM activity AS activities " +
		"WHERE activities.account_id = accounts.id " +
		"AND activities.amount > 850)")
	confSame(t, "accounts", accountRows(t, rec, q), 1)
}

func testSubqueryByHand(t *testing.T, d database) {
	format := squirrel.PlaceholderFormat(squirrel.Question)
	if d.postgres() {
		format = squirrel.Dollar
	}
	b := squirrel.StatementBuilder.PlaceholderFormat(format)
	rich := dovetail.Select(Accounts).Columns("id").Where(squirrel.Gt{"balance": 500}).
		Has("activities", squirrel.Eq{"activity_type": []ActivityType{Withdrawal}}, dovetail.Contains("activity_type", "W"))
	text, args, err := b.Select("owner").From("accounts").Where("balance < ?", 1000).
		Where(squirrel.Expr("id IN (?)", rich)).
		Where(squirrel.Eq{"email": "squid@sea.example"}).ToSql()
	if err != nil {
		t.Fatal(err)
	}
	rec := d.record()
	owners, err := confSQL[string](t.Context(), rec, text, args...)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	rec.expect(t, 1, 1)
	confSame(t, "owners", owners, "Squidward")
}

func testHas(t *testing.T, d database) {
	rec := d.record()
	q := dovetail.Select(Accounts)
	large := squirrel.GtOrEq{"amount": 800}
	confSame(t, "has", accountRows(t, rec, q.Has("activities")), 1, 2, 3)
	confSame(t, "has large", accountRows(t, rec, q.Has("activities", large)), 1, 3)
	confSame(t, "has none", accountRows(t, rec, q.HasNone("activities")), 4)
	confSame(t, "has none large", accountRows(t, rec, q.HasNone("activities", large)), 2, 4)
	confSame(t, "both", accountRows(t, rec, q.Has("activities").HasNone("activities", large)), 2)
	confSame(t, "to-one", activityRows(t, rec, dovetail.Select(Activities).Has("account", squirrel.Like{"owner": "S%"})),
		1, 2, 3, 5, 6)
	confSame(t, "nullable", postRows(t, rec, dovetail.Select(Posts).HasNone("editor")), 2)
}

// testHasOneRow asks for one row with two properties, then for a row with each.
func testHasOneRow(t *testing.T, d database) {
	rec := d.record()
	q := dovetail.Select(Accounts)
	deposit, large := squirrel.Eq{"activity_type": Deposit}, squirrel.GtOrEq{"amount": 800}
	confSame(t, "the same row", accountRows(t, rec, q.Has("activities", deposit, large)), 1)
	confSame(t, "any two rows", accountRows(t, rec, q.Has("activities", deposit).Has("activities", large)), 1, 3)
}

func testHasInOr(t *testing.T, d database) {
	rec := d.record()
	q := dovetail.Select(Accounts)
	huge := dovetail.Has("activities", squirrel.GtOrEq{"amount": 900})
	confSame(t, "or", accountRows(t, rec, q.Where(squirrel.Or{squirrel.Eq{"owner": "Sandy"}, huge})), 1, 4)
	confSame(t, "or none", accountRows(t, rec, q.Where(squirrel.Or{dovetail.HasNone("activities"), huge})), 1, 4)
	confSame(t, "and", accountRows(t, rec, q.Where(squirrel.And{squirrel.Gt{"balance": 0}, dovetail.HasNone("activities",
		squirrel.Eq{"activity_type": Withdrawal})})), 2)
}

func testHasNested(t *testing.T, d database) {
	rec := d.record()
	users := func(preds ...squirrel.Sqlizer) []string {
		rows := confAll(t, rec, dovetail.Select(Users).Has("posts", preds...).OrderBy("id"))
		rec.expect(t, 1, 1)
		return confPluck(rows, userName)
	}
	confSame(t, "has has", users(dovetail.Has("tags", squirrel.Eq{"name": "go"})), "ann")
	confSame(t, "has has none", users(dovetail.HasNone("tags", squirrel.Eq{"name": "go"})), "ann", "bea")
	confSame(t, "three deep", users(dovetail.Has("tags", dovetail.Has("posts", squirrel.Eq{"title": "Keys"}))), "ann")
	confSame(t, "and back", users(dovetail.Has("author", squirrel.Eq{"name": "bea"})), "bea")
	confSame(t, "in or", users(squirrel.Or{dovetail.HasNone("tags"), squirrel.Eq{"title": "Keys"}}), "ann", "bea")
}

func testHasPath(t *testing.T, d database) {
	rec := d.record()
	users := func(q dovetail.Query[User]) []string {
		rows := confAll(t, rec, q.OrderBy("id"))
		rec.expect(t, 1, 1)
		return confPluck(rows, userName)
	}
	q := dovetail.Select(Users)
	confSame(t, "has", users(q.Has("posts.tags")), "ann")
	confSame(t, "has none", users(q.HasNone("posts.tags")), "bea", "cyd")
	confSame(t, "at the end of the path", users(q.Has("posts.tags", squirrel.Eq{"name": "sql"})), "ann")
	confSame(t, "on its way", users(q.Has("edited.tags", squirrel.Expr("edited.title = ?", "Joins"),
		squirrel.Eq{"name": "go"})), "bea")
	confSame(t, "not on its way", users(q.Has("edited.tags", squirrel.Eq{"edited.title": "Nulls"})))
	confSame(t, "through a to-one", users(q.Has("edited.author", squirrel.Eq{"name": "bea"})), "ann")
	labels := confAll(t, rec, dovetail.Select(Labels).Has("lines.order", squirrel.Eq{"customer": "x"}).OrderBy("id"))
	rec.expect(t, 1, 1)
	confSame(t, "composite keys", confPluck(labels, labelText), "fragile", "heavy")
}

func testHasRoot(t *testing.T, d database) {
	rec := d.record()
	q := dovetail.Select(Accounts)
	confSame(t, "as much as", accountRows(t, rec, q.Has("activities", squirrel.Expr("amount >= accounts.balance"))), 2)
	confSame(t, "none as much", accountRows(t, rec, q.HasNone("activities",
		squirrel.Expr("amount >= accounts.balance"))), 1, 3, 4)
	rows := confAll(t, rec, dovetail.Select(Users).Has("posts", dovetail.Has("editor", squirrel.Expr("id <> user.id"))).
		OrderBy("id"))
	rec.expect(t, 1, 1)
	confSame(t, "two levels down", confPluck(rows, userName), "ann", "bea")
}

func testHasSelf(t *testing.T, d database) {
	rec := d.record()
	names := func(q dovetail.Query[Category]) []string {
		rows := confAll(t, rec, q.OrderBy("id"))
		rec.expect(t, 1, 1)
		return confPluck(rows, categoryName)
	}
	q := dovetail.Select(Categories)
	confSame(t, "leaves", names(q.HasNone("subcategories")), "toys", "mallets")
	confSame(t, "roots", names(q.HasNone("parent")), "things")
	confSame(t, "with grandchildren", names(q.Has("subcategories.subcategories")), "things", "tools")
	confSame(t, "below tools", names(q.Has("parent", squirrel.Eq{"name": "tools"})), "hammers")
	siblings := dovetail.Has("subcategories", squirrel.Expr("id <> categories.id"))
	confSame(t, "with siblings", names(q.Has("parent", siblings)), "tools", "toys")
}

// testHasBesideJoin uses one path twice: the joined rows and the tested rows are others.
func testHasBesideJoin(t *testing.T, d database) {
	rec := d.record()
	q := dovetail.Select(Accounts).Join("activities", squirrel.Eq{"activity_type": Withdrawal}).
		Has("activities", squirrel.Eq{"amount": 750})
	confSame(t, "accounts", accountRows(t, rec, q), 3)
	confSame(t, "and none", accountRows(t, rec, q.HasNone("activities", squirrel.Gt{"amount": 800}).Distinct()), 3)
}

func testHasPredicates(t *testing.T, d database) {
	rec := d.record()
	q := dovetail.Select(Users)
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
		rows := confAll(t, rec, q.Has("posts", c.pred).OrderBy("id"))
		rec.expect(t, 1, 1)
		confSame(t, c.name, confPluck(rows, userName), c.want...)
	}
}
