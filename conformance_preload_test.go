package dovetail_test

import (
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
)

func preloadCases() []conformanceCase {
	return []conformanceCase{
		{"preload/no owners, no statement", testPreloadWithoutOwners},
		{"preload/owners without keys, no statement", testPreloadWithoutKeys},
		{"preload/reserved words and composite keys", testPreloadReservedWords},
		{"preload/text keys are looked up once for each handle", testPreloadLooksUpOnce},
		{"preload/one look-up for all relations of a call", testPreloadLooksUpTogether},
		{"preload/siblings share a round trip", testPreloadSiblings},
		{"preload/three levels", testPreloadThreeLevels},
		{"preload/path and prefix", testPreloadPathAndPrefix},
		{"preload/under a join", testPreloadUnderJoin},
		{"preload/two paths to one table", testPreloadTwoPaths},
		{"preload/query filters and orders", testPreloadFiltersAndOrders},
		{"preload/query with columns keeps the keys", testPreloadColumns},
		{"preload/query with a join", testPreloadQueryWithJoin},
		{"preload/query with Has", testPreloadQueryWithHas},
		{"preload/query with preloads of its own", testPreloadQueryWithPreload},
		{"preload/composed filters are kept apart", testPreloadComposed},
	}
}

func activityIDs(a *Account) []int64 {
	return confPluck(a.Activities, func(a *Activity) int64 { return a.ID })
}

func testPreloadWithoutOwners(t *testing.T, d database) {
	rec := d.record()
	rows := confAll(t, rec, dovetail.Select(Orders).Where(squirrel.Eq{"number": 77}).Preload("lines.labels"))
	rec.expect(t, 1, 1)
	if rows == nil || len(rows) != 0 {
		t.Errorf("expected an empty list that is not nil, got %v", rows)
	}
}

func testPreloadWithoutKeys(t *testing.T, d database) {
	rec := d.record()
	roots := confAll(t, rec, dovetail.Select(Categories).Where(squirrel.Eq{"parent_id": nil}).
		Preload("parent.subcategories"))
	rec.expect(t, 1, 1)
	if len(roots) != 1 || roots[0].Parent != nil {
		t.Fatalf("expected one root without a parent, got %+v", roots)
	}
	// Where some owners have a key and others have none, only those keys are asked for.
	rows := confAll(t, rec, dovetail.Select(Posts).OrderBy("id").Preload("editor"))
	rec.expect(t, 2, 2)
	confEqual(t, "post 2 without an editor", rows[1].Editor, (*User)(nil))
	confSame(t, "editors", []string{rows[0].Editor.Name, rows[2].Editor.Name}, "bea", "ann")
}

// testPreloadReservedWords goes from "order" to its lines and back. The order of another warehouse with the same number
// has lines of its own.
func testPreloadReservedWords(t *testing.T, d database) {
	rec := d.record()
	orders := confAll(t, rec, dovetail.Select(Orders).OrderBy("warehouse", "number").Preload("lines.order"))
	rec.expect(t, 2+d.lookups(1), 2+d.lookups(1))
	want := [][]string{{"nails", "glue"}, {}, {"rope"}}
	confEqual(t, "orders", len(orders), len(want))
	for i, o := range orders {
		confSame(t, o.Warehouse, confPluck(o.Lines, lineItem), want[i]...)
		for _, l := range o.Lines {
			confEqual(t, "order of "+l.Item, l.Order, o)
		}
	}
	lines := confAll(t, rec, dovetail.Select(OrderLines).OrderBy("item").Preload("order"))
	rec.expect(t, 2, 2)
	confSame(t, "customers", confPluck(lines, func(l *OrderLine) string { return *l.Order.Customer }), "x", "x", "y")
	confEqual(t, "order of two lines", lines[0].Order, lines[1].Order)
	got := confCollect[string](t, rec, dovetail.Select(OrderLines).Join("order").Where("order.customer = ?", "x").
		Columns("item").OrderBy("order.number", "line"))
	rec.expect(t, 1, 1)
	confSame(t, "lines of x", got, "nails", "glue")
}

func testPreloadLooksUpOnce(t *testing.T, d database) {
	q := dovetail.Select(Orders).OrderBy("warehouse", "number")
	rec := d.record()
	confAll(t, rec, q.Preload("lines"))
	rec.expect(t, 2+d.lookups(1), 2+d.lookups(1))
	confAll(t, rec, q.Preload("lines"))
	rec.expect(t, 2, 2)
	confAll(t, rec, q.Preload("lines", dovetail.Select(OrderLines).Limit(1)))
	rec.expect(t, 2, 2)
	confAll(t, rec, q.Where(squirrel.Eq{"number": 77}).Preload("lines.labels"))
	rec.expect(t, 1, 1) // without owners nothing is looked up either
	other := d.forgetful().record()
	confAll(t, other, q.Preload("lines"))
	other.expect(t, 2+d.lookups(1), 2+d.lookups(1))
}

func testPreloadLooksUpTogether(t *testing.T, d database) {
	rec := d.record()
	orders := confAll(t, rec, dovetail.Select(Orders).OrderBy("warehouse", "number").Preload("lines.labels.lines"))
	rec.expect(t, 4+d.lookups(1), 4+d.lookups(1))
	confSame(t, "lines of the first line's label", confPluck(orders[0].Lines[0].Labels[0].Lines, lineItem),
		"nails", "glue", "rope")
}

func testPreloadSiblings(t *testing.T, d database) {
	rec := d.record()
	q := dovetail.Select(Users).OrderBy("id").Preload("profile").Preload("posts").Preload("edited")
	users := confAll(t, rec, q)
	rec.expect(t, 4, 2)
	confEqual(t, "bio", *users[0].Profile.Bio, "writes")
	confEqual(t, "cyd's profile", users[2].Profile, (*Profile)(nil))
	confSame(t, "posts", confPluck(valuePosts(users[0]), func(n confNode) string { return n.name }), "Joins", "Keys")
	confSame(t, "edited", confPluck(users[1].Edited, postTitle), "Joins")

	users = confAll(t, rec, q.Preload("posts.tags").Preload("edited.tags").Preload("edited.author.profile"))
	rec.expect(t, 8, 4) // posts, edited and profile; two tags and author; profile
	confSame(t, "tags", confPluck(users[0].Posts[0].Tags, tagName), "go", "sql")
	confSame(t, "tags of edited", confPluck(users[1].Edited[0].Tags, tagName), "go", "sql")
	confEqual(t, "author of edited", users[1].Edited[0].Author.Name, "ann")
	confEqual(t, "profile of the author", *users[1].Edited[0].Author.Profile.Bio, "writes")
}

func testPreloadThreeLevels(t *testing.T, d database) {
	rec := d.record()
	users := confAll(t, rec, dovetail.Select(Users).OrderBy("id").Preload("posts.tags.posts"))
	rec.expect(t, 4, 4)
	sql := users[0].Posts[1].Tags[0]
	confEqual(t, "tag of Keys", sql.Name, "sql")
	confSame(t, "posts of sql", confPluck(sql.Posts, postTitle), "Joins", "Keys")
	confEqual(t, "sql is one row", users[0].Posts[0].Tags[1], sql)
	confEqual(t, "tags of Nulls", len(users[1].Posts[0].Tags), 0)

	roots := confAll(t, rec, dovetail.Select(Categories).Where(squirrel.Eq{"id": 1}).
		Preload("subcategories.subcategories.subcategories.subcategories"))
	rec.expect(t, 5, 5)
	mallets := roots[0].Subcategories[0].Subcategories[0].Subcategories[0]
	confEqual(t, "fourth level", mallets.Name, "mallets")
	if mallets.Subcategories == nil || len(mallets.Subcategories) != 0 {
		t.Errorf("fifth level: expected loaded and empty, got %v", mallets.Subcategories)
	}
}

func testPreloadPathAndPrefix(t *testing.T, d database) {
	rec := d.record()
	users := confAll(t, rec, dovetail.Select(Users).OrderBy("id").Preload("posts.tags").Preload("posts").
		Preload("posts.tags").
		Preload("posts", dovetail.Select(Posts).OrderBy("title DESC")))
	rec.expect(t, 3, 3)
	confSame(t, "posts", confPluck(valuePosts(users[0]), func(n confNode) string { return n.name }), "Keys", "Joins")
	confSame(t, "tags", confPluck(users[0].Posts[1].Tags, tagName), "go", "sql")
}

// testPreloadUnderJoin filters the accounts by a join; what is preloaded is not filtered by it.
func testPreloadUnderJoin(t *testing.T, d database) {
	rec := d.record()
	q := dovetail.Select(Accounts).Join("activities").Where(squirrel.Eq{"activities.activity_type": Withdrawal}).
		OrderBy("id").Preload("activities")
	accounts := confAll(t, rec, q.Distinct())
	rec.expect(t, 2, 2)
	confEqual(t, "accounts", len(accounts), 2)
	confSame(t, "of SpongeBob", activityIDs(accounts[0]), 1, 2, 3)
	confSame(t, "of Squidward", activityIDs(accounts[1]), 5, 6)

	// Without Distinct a row comes once for each row joined, and each of them is loaded.
	accounts = confAll(t, rec, dovetail.Select(Accounts).Join("activities").Where("activities.amount >= ?", 800).
		OrderBy("id").Preload("activities"))
	rec.expect(t, 2, 2)
	confSame(t, "accounts", confPluck(accounts, func(a *Account) int64 { return a.ID }), 1, 1, 3)
	confSame(t, "first", activityIDs(accounts[0]), 1, 2, 3)
	confSame(t, "again", activityIDs(accounts[1]), 1, 2, 3)
	confSame(t, "other", activityIDs(accounts[2]), 5, 6)
}

func testPreloadTwoPaths(t *testing.T, d database) {
	rec := d.record()
	posts := confAll(t, rec, dovetail.Select(Posts).OrderBy("id").Preload("author").Preload("editor"))
	rec.expect(t, 3, 2)
	confSame(t, "authors", confPluck(posts, func(p *Post) string { return p.Author.Name }), "ann", "ann", "bea")
	confSame(t, "editors", []string{posts[0].Editor.Name, posts[2].Editor.Name}, "bea", "ann")
	confEqual(t, "no editor", posts[1].Editor, (*User)(nil))
}

func testPreloadFiltersAndOrders(t *testing.T, d database) {
	rec := d.record()
	accounts := confAll(t, rec, dovetail.Select(Accounts).OrderBy("id").Preload("activities",
		dovetail.Select(Activities).Where(squirrel.Eq{"activity_type": Deposit}).OrderBy("amount DESC")))
	rec.expect(t, 2, 2)
	confSame(t, "1", activityIDs(accounts[0]), 2, 1)
	confSame(t, "2", activityIDs(accounts[1]), 4)
	confSame(t, "3", activityIDs(accounts[2]), 5)
	confSame(t, "4", activityIDs(accounts[3]))

	posts := confAll(t, rec, dovetail.Select(Posts).OrderBy("id").
		Preload("editor", dovetail.Select(Users).Where(squirrel.Eq{"name": "ann"})))
	rec.expect(t, 2, 2)
	confEqual(t, "an editor who is filtered away", posts[0].Editor, (*User)(nil))
	confEqual(t, "an editor who is not", posts[2].Editor.Name, "ann")

	tagged := confAll(t, rec, dovetail.Select(Posts).OrderBy("id").
		Preload("tags", dovetail.Select(Tags).OrderBy("name DESC").Where("name <> ?", "unused")))
	rec.expect(t, 2, 2)
	confSame(t, "tags in another order", confPluck(tagged[0].Tags, tagName), "sql", "go")
}

func testPreloadColumns(t *testing.T, d database) {
	rec := d.record()
	accounts := confAll(t, rec, dovetail.Select(Accounts).Columns("owner").OrderBy("id").
		Preload("activities", dovetail.Select(Activities).Columns("amount").OrderBy("amount")))
	rec.expect(t, 2, 2)
	confSame(t, "amounts", confPluck(accounts[0].Activities, func(a *Activity) int64 { return a.Amount }), 500, 800, 900)
	first := accounts[0].Activities[0]
	confEqual(t, "a column not asked for", first.ActivityType, "")
	confEqual(t, "the primary key", first.ID, 3)
	confEqual(t, "a column of the owner not asked for", accounts[0].Email, "")

	tags := confAll(t, rec, dovetail.Select(Tags).Columns("name").OrderBy("id").
		Preload("posts.author", dovetail.Select(Users).Columns("name")))
	rec.expect(t, 3, 3)
	confEqual(t, "author behind the link table", tags[1].Posts[1].Author.Name, "ann")

	leaves := confAll(t, rec, dovetail.Select(Categories).Columns("name").Where(squirrel.Eq{"name": "mallets"}).
		Preload("parent.parent", dovetail.Select(Categories).Columns("name")))
	rec.expect(t, 3, 3)
	confEqual(t, "grandparent", leaves[0].Parent.Parent.Name, "tools")
}

// testPreloadQueryWithJoin repeats a related row for each row joined to it, as the join says.
func testPreloadQueryWithJoin(t *testing.T, d database) {
	rec := d.record()
	tagged := dovetail.Select(Posts).Join("tags")
	users := confAll(t, rec, dovetail.Select(Users).OrderBy("id").Preload("edited", tagged))
	rec.expect(t, 2, 2)
	confSame(t, "once for each tag", confPluck(users[1].Edited, postTitle), "Joins", "Joins")
	confEqual(t, "one row", users[1].Edited[0], users[1].Edited[1])
	confEqual(t, "a post without tags", len(users[0].Edited), 0)

	users = confAll(t, rec, dovetail.Select(Users).OrderBy("id").Preload("edited", tagged.Distinct()))
	rec.expect(t, 2, 2)
	confSame(t, "once", confPluck(users[1].Edited, postTitle), "Joins")

	users = confAll(t, rec, dovetail.Select(Users).OrderBy("id").
		Preload("posts", tagged.Where(squirrel.Eq{"tags.name": "sql"}).OrderBy("author.name", "title DESC")))
	rec.expect(t, 2, 2)
	confSame(t, "about sql", confPluck(valuePosts(users[0]), func(n confNode) string { return n.name }), "Keys", "Joins")
}

func testPreloadQueryWithHas(t *testing.T, d database) {
	rec := d.record()
	users := confAll(t, rec, dovetail.Select(Users).OrderBy("id").
		Preload("posts", dovetail.Select(Posts).HasNone("tags", squirrel.Eq{"name": "go"})))
	rec.expect(t, 2, 2)
	confSame(t, "not about go", confPluck(valuePosts(users[0]), func(n confNode) string { return n.name }), "Keys")
	confSame(t, "not about go", confPluck(valuePosts(users[1]), func(n confNode) string { return n.name }), "Nulls")
}

func testPreloadQueryWithPreload(t *testing.T, d database) {
	rec := d.record()
	tags := dovetail.Select(Tags).Where(squirrel.NotEq{"name": "go"})
	users := confAll(t, rec, dovetail.Select(Users).OrderBy("id").
		Preload("posts", dovetail.Select(Posts).OrderBy("id").Preload("tags", tags)).Preload("posts.editor"))
	rec.expect(t, 4, 3)
	confSame(t, "tags", confPluck(users[0].Posts[0].Tags, tagName), "sql")
	confEqual(t, "editor", users[0].Posts[0].Editor.Name, "bea")
}

// testPreloadComposed gives the condition of a preload an OR: it must not reach beyond its parentheses.
func testPreloadComposed(t *testing.T, d database) {
	rec := d.record()
	q := dovetail.Select(Activities).Where("amount = ? OR amount = ?", 30, 500).Where("id > ? OR id < ?", 3, 0)
	accounts := confAll(t, rec, dovetail.Select(Accounts).Where(squirrel.Eq{"id": []int64{1, 2}}).OrderBy("id").
		Preload("activities", q))
	rec.expect(t, 2, 2)
	confSame(t, "1", activityIDs(accounts[0]))
	confSame(t, "2", activityIDs(accounts[1]), 4)
}
