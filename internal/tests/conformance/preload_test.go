package conformance_test

import (
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

func preloadCases() []kit.Case {
	return []kit.Case{
		{Name: "preload/no owners, no statement", Run: testPreloadWithoutOwners},
		{Name: "preload/owners without keys, no statement", Run: testPreloadWithoutKeys},
		{Name: "preload/reserved words and composite keys", Run: testPreloadReservedWords},
		{Name: "preload/text keys are looked up once for each handle", Run: testPreloadLooksUpOnce},
		{Name: "preload/one look-up for all relations of a call", Run: testPreloadLooksUpTogether},
		{Name: "preload/siblings share a round trip", Run: testPreloadSiblings},
		{Name: "preload/three levels", Run: testPreloadThreeLevels},
		{Name: "preload/path and prefix", Run: testPreloadPathAndPrefix},
		{Name: "preload/under a join", Run: testPreloadUnderJoin},
		{Name: "preload/two paths to one table", Run: testPreloadTwoPaths},
		{Name: "preload/query filters and orders", Run: testPreloadFiltersAndOrders},
		{Name: "preload/query with columns keeps the keys", Run: testPreloadColumns},
		{Name: "preload/query with a join", Run: testPreloadQueryWithJoin},
		{Name: "preload/query with Has", Run: testPreloadQueryWithHas},
		{Name: "preload/query with preloads of its own", Run: testPreloadQueryWithPreload},
		{Name: "preload/composed filters are kept apart", Run: testPreloadComposed},
	}
}

func testPreloadWithoutOwners(t *testing.T, d kit.Database) {
	rec := d.Record()
	rows := kit.All(t, rec, dovetail.Select(models.Orders).Where(squirrel.Eq{"number": 77}).Preload("lines.labels"))
	rec.Expect(t, 1+d.Lookups(1), 1)
	if rows == nil || len(rows) != 0 {
		t.Errorf("expected an empty list that is not nil, got %v", rows)
	}
}

func testPreloadWithoutKeys(t *testing.T, d kit.Database) {
	rec := d.Record()
	roots := kit.All(t, rec, dovetail.Select(models.Categories).Where(squirrel.Eq{"parent_id": nil}).
		Preload("parent.subcategories"))
	rec.Expect(t, 1, 1)
	if len(roots) != 1 || roots[0].Parent != nil {
		t.Fatalf("expected one root without a parent, got %+v", roots)
	}
	// Where some owners have a key and others have none, only those keys are asked for.
	rows := kit.All(t, rec, dovetail.Select(models.Posts).OrderBy("id").Preload("editor"))
	rec.Expect(t, 2, 2)
	kit.Equal(t, "post 2 without an editor", rows[1].Editor, (*models.User)(nil))
	kit.Same(t, "editors", []string{rows[0].Editor.Name, rows[2].Editor.Name}, "bea", "ann")
}

// testPreloadReservedWords goes from "order" to its lines and back. The order of another warehouse with the same number
// has lines of its own.
func testPreloadReservedWords(t *testing.T, d kit.Database) {
	rec := d.Record()
	orders := kit.All(t, rec, dovetail.Select(models.Orders).OrderBy("warehouse", "number").Preload("lines.order"))
	rec.Expect(t, 2+d.Lookups(1), 2)
	want := [][]string{{"nails", "glue"}, {}, {"rope"}}
	kit.Equal(t, "orders", len(orders), len(want))
	for i, o := range orders {
		kit.Same(t, o.Warehouse, kit.Pluck(o.Lines, models.LineItem), want[i]...)
		for _, l := range o.Lines {
			kit.Equal(t, "order of "+l.Item, l.Order, o)
		}
	}
	lines := kit.All(t, rec, dovetail.Select(models.OrderLines).OrderBy("item").Preload("order"))
	rec.Expect(t, 2, 2)
	kit.Same(t, "customers", kit.Pluck(lines, func(l *models.OrderLine) string { return *l.Order.Customer }), "x", "x", "y")
	kit.Equal(t, "order of two lines", lines[0].Order, lines[1].Order)
	got := kit.Collect[string](t, rec, dovetail.Select(models.OrderLines).Join("order").Where("order.customer = ?", "x").
		Columns("item").OrderBy("order.number", "line"))
	rec.Expect(t, 1, 1)
	kit.Same(t, "lines of x", got, "nails", "glue")
}

func testPreloadLooksUpOnce(t *testing.T, d kit.Database) {
	q := dovetail.Select(models.Orders).OrderBy("warehouse", "number")
	rec := d.Record()
	kit.All(t, rec, q.Preload("lines"))
	rec.Expect(t, 2+d.Lookups(1), 2)
	kit.All(t, rec, q.Preload("lines"))
	rec.Expect(t, 2, 2)
	kit.All(t, rec, q.Preload("lines", dovetail.Select(models.OrderLines).Limit(1)))
	rec.Expect(t, 2, 2)
	kit.All(t, rec, q.Where(squirrel.Eq{"number": 77}).Preload("lines.labels"))
	rec.Expect(t, 1, 1) // the first look-up was for all keys of the registry
	other := d.Forgetful().Record()
	kit.All(t, other, q.Preload("lines"))
	other.Expect(t, 2+d.Lookups(1), 2)
}

func testPreloadLooksUpTogether(t *testing.T, d kit.Database) {
	rec := d.Record()
	orders := kit.All(t, rec, dovetail.Select(models.Orders).OrderBy("warehouse", "number").Preload("lines.labels.lines"))
	rec.Expect(t, 4+d.Lookups(1), 4)
	kit.Same(t, "lines of the first line's label", kit.Pluck(orders[0].Lines[0].Labels[0].Lines, models.LineItem),
		"nails", "glue", "rope")
}

func testPreloadSiblings(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Users).OrderBy("id").Preload("profile").Preload("posts").Preload("edited")
	users := kit.All(t, rec, q)
	rec.Expect(t, 4, 2)
	kit.Equal(t, "bio", *users[0].Profile.Bio, "writes")
	kit.Equal(t, "cyd's profile", users[2].Profile, (*models.Profile)(nil))
	kit.Same(t, "posts", kit.Pluck(models.ValuePosts(users[0]), func(n kit.Node) string { return n.Name }), "Joins", "Keys")
	kit.Same(t, "edited", kit.Pluck(users[1].Edited, models.PostTitle), "Joins")

	users = kit.All(t, rec, q.Preload("posts.tags").Preload("edited.tags").Preload("edited.author.profile"))
	rec.Expect(t, 8, 4) // posts, edited and profile; two tags and author; profile
	kit.Same(t, "tags", kit.Pluck(users[0].Posts[0].Tags, models.TagName), "go", "sql")
	kit.Same(t, "tags of edited", kit.Pluck(users[1].Edited[0].Tags, models.TagName), "go", "sql")
	kit.Equal(t, "author of edited", users[1].Edited[0].Author.Name, "ann")
	kit.Equal(t, "profile of the author", *users[1].Edited[0].Author.Profile.Bio, "writes")
}

func testPreloadThreeLevels(t *testing.T, d kit.Database) {
	rec := d.Record()
	users := kit.All(t, rec, dovetail.Select(models.Users).OrderBy("id").Preload("posts.tags.posts"))
	rec.Expect(t, 4, 4)
	sql := users[0].Posts[1].Tags[0]
	kit.Equal(t, "tag of Keys", sql.Name, "sql")
	kit.Same(t, "posts of sql", kit.Pluck(sql.Posts, models.PostTitle), "Joins", "Keys")
	kit.Equal(t, "sql is one row", users[0].Posts[0].Tags[1], sql)
	kit.Equal(t, "tags of Nulls", len(users[1].Posts[0].Tags), 0)

	roots := kit.All(t, rec, dovetail.Select(models.Categories).Where(squirrel.Eq{"id": 1}).
		Preload("subcategories.subcategories.subcategories.subcategories"))
	rec.Expect(t, 5, 5)
	mallets := roots[0].Subcategories[0].Subcategories[0].Subcategories[0]
	kit.Equal(t, "fourth level", mallets.Name, "mallets")
	if mallets.Subcategories == nil || len(mallets.Subcategories) != 0 {
		t.Errorf("fifth level: expected loaded and empty, got %v", mallets.Subcategories)
	}
}

func testPreloadPathAndPrefix(t *testing.T, d kit.Database) {
	rec := d.Record()
	users := kit.All(t, rec, dovetail.Select(models.Users).OrderBy("id").Preload("posts.tags").Preload("posts").
		Preload("posts.tags").
		Preload("posts", dovetail.Select(models.Posts).OrderBy("title DESC")))
	rec.Expect(t, 3, 3)
	kit.Same(t, "posts", kit.Pluck(models.ValuePosts(users[0]), func(n kit.Node) string { return n.Name }), "Keys", "Joins")
	kit.Same(t, "tags", kit.Pluck(users[0].Posts[1].Tags, models.TagName), "go", "sql")
}

// testPreloadUnderJoin filters the accounts by a join; what is preloaded is not filtered by it.
func testPreloadUnderJoin(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Accounts).Join("activities").Where(squirrel.Eq{"activities.activity_type": models.Withdrawal}).
		OrderBy("id").Preload("activities")
	accounts := kit.All(t, rec, q.Distinct())
	rec.Expect(t, 2, 2)
	kit.Equal(t, "accounts", len(accounts), 2)
	kit.Same(t, "of SpongeBob", models.ActivityIDs(accounts[0]), 1, 2, 3)
	kit.Same(t, "of Squidward", models.ActivityIDs(accounts[1]), 5, 6)

	// Without Distinct a row comes once for each row joined, and each of them is loaded.
	accounts = kit.All(t, rec, dovetail.Select(models.Accounts).Join("activities").Where("activities.amount >= ?", 800).
		OrderBy("id").Preload("activities"))
	rec.Expect(t, 2, 2)
	kit.Same(t, "accounts", kit.Pluck(accounts, func(a *models.Account) int64 { return a.ID }), 1, 1, 3)
	kit.Same(t, "first", models.ActivityIDs(accounts[0]), 1, 2, 3)
	kit.Same(t, "again", models.ActivityIDs(accounts[1]), 1, 2, 3)
	kit.Same(t, "other", models.ActivityIDs(accounts[2]), 5, 6)
}

func testPreloadTwoPaths(t *testing.T, d kit.Database) {
	rec := d.Record()
	posts := kit.All(t, rec, dovetail.Select(models.Posts).OrderBy("id").Preload("author").Preload("editor"))
	rec.Expect(t, 3, 2)
	kit.Same(t, "authors", kit.Pluck(posts, func(p *models.Post) string { return p.Author.Name }), "ann", "ann", "bea")
	kit.Same(t, "editors", []string{posts[0].Editor.Name, posts[2].Editor.Name}, "bea", "ann")
	kit.Equal(t, "no editor", posts[1].Editor, (*models.User)(nil))
}

func testPreloadFiltersAndOrders(t *testing.T, d kit.Database) {
	rec := d.Record()
	accounts := kit.All(t, rec, dovetail.Select(models.Accounts).OrderBy("id").Preload("activities",
		dovetail.Select(models.Activities).Where(squirrel.Eq{"activity_type": models.Deposit}).OrderBy("amount DESC")))
	rec.Expect(t, 2, 2)
	kit.Same(t, "1", models.ActivityIDs(accounts[0]), 2, 1)
	kit.Same(t, "2", models.ActivityIDs(accounts[1]), 4)
	kit.Same(t, "3", models.ActivityIDs(accounts[2]), 5)
	kit.Same(t, "4", models.ActivityIDs(accounts[3]))

	posts := kit.All(t, rec, dovetail.Select(models.Posts).OrderBy("id").
		Preload("editor", dovetail.Select(models.Users).Where(squirrel.Eq{"name": "ann"})))
	rec.Expect(t, 2, 2)
	kit.Equal(t, "an editor who is filtered away", posts[0].Editor, (*models.User)(nil))
	kit.Equal(t, "an editor who is not", posts[2].Editor.Name, "ann")

	tagged := kit.All(t, rec, dovetail.Select(models.Posts).OrderBy("id").
		Preload("tags", dovetail.Select(models.Tags).OrderBy("name DESC").Where("name <> ?", "unused")))
	rec.Expect(t, 2, 2)
	kit.Same(t, "tags in another order", kit.Pluck(tagged[0].Tags, models.TagName), "sql", "go")
}

func testPreloadColumns(t *testing.T, d kit.Database) {
	rec := d.Record()
	accounts := kit.All(t, rec, dovetail.Select(models.Accounts).Columns("owner").OrderBy("id").
		Preload("activities", dovetail.Select(models.Activities).Columns("amount").OrderBy("amount")))
	rec.Expect(t, 2, 2)
	kit.Same(t, "amounts", kit.Pluck(accounts[0].Activities, func(a *models.Activity) int64 { return a.Amount }), 500, 800, 900)
	first := accounts[0].Activities[0]
	kit.Equal(t, "a column not asked for", first.ActivityType, "")
	kit.Equal(t, "the primary key", first.ID, 3)
	kit.Equal(t, "a column of the owner not asked for", accounts[0].Email, "")

	tags := kit.All(t, rec, dovetail.Select(models.Tags).Columns("name").OrderBy("id").
		Preload("posts.author", dovetail.Select(models.Users).Columns("name")))
	rec.Expect(t, 3, 3)
	kit.Equal(t, "author behind the join table", tags[1].Posts[1].Author.Name, "ann")

	leaves := kit.All(t, rec, dovetail.Select(models.Categories).Columns("name").Where(squirrel.Eq{"name": "mallets"}).
		Preload("parent.parent", dovetail.Select(models.Categories).Columns("name")))
	rec.Expect(t, 3, 3)
	kit.Equal(t, "grandparent", leaves[0].Parent.Parent.Name, "tools")
}

// testPreloadQueryWithJoin repeats a related row for each row joined to it, as the join says.
func testPreloadQueryWithJoin(t *testing.T, d kit.Database) {
	rec := d.Record()
	tagged := dovetail.Select(models.Posts).Join("tags")
	users := kit.All(t, rec, dovetail.Select(models.Users).OrderBy("id").Preload("edited", tagged))
	rec.Expect(t, 2, 2)
	kit.Same(t, "once for each tag", kit.Pluck(users[1].Edited, models.PostTitle), "Joins", "Joins")
	kit.Equal(t, "one row", users[1].Edited[0], users[1].Edited[1])
	kit.Equal(t, "a post without tags", len(users[0].Edited), 0)

	users = kit.All(t, rec, dovetail.Select(models.Users).OrderBy("id").Preload("edited", tagged.Distinct()))
	rec.Expect(t, 2, 2)
	kit.Same(t, "once", kit.Pluck(users[1].Edited, models.PostTitle), "Joins")

	users = kit.All(t, rec, dovetail.Select(models.Users).OrderBy("id").
		Preload("posts", tagged.Where(squirrel.Eq{"tags.name": "sql"}).OrderBy("author.name", "title DESC")))
	rec.Expect(t, 2, 2)
	kit.Same(t, "about sql", kit.Pluck(models.ValuePosts(users[0]), func(n kit.Node) string { return n.Name }), "Keys", "Joins")
}

func testPreloadQueryWithHas(t *testing.T, d kit.Database) {
	rec := d.Record()
	users := kit.All(t, rec, dovetail.Select(models.Users).OrderBy("id").
		Preload("posts", dovetail.Select(models.Posts).HasNone("tags", squirrel.Eq{"name": "go"})))
	rec.Expect(t, 2, 2)
	kit.Same(t, "not about go", kit.Pluck(models.ValuePosts(users[0]), func(n kit.Node) string { return n.Name }), "Keys")
	kit.Same(t, "not about go", kit.Pluck(models.ValuePosts(users[1]), func(n kit.Node) string { return n.Name }), "Nulls")
}

func testPreloadQueryWithPreload(t *testing.T, d kit.Database) {
	rec := d.Record()
	tags := dovetail.Select(models.Tags).Where(squirrel.NotEq{"name": "go"})
	users := kit.All(t, rec, dovetail.Select(models.Users).OrderBy("id").
		Preload("posts", dovetail.Select(models.Posts).OrderBy("id").Preload("tags", tags)).Preload("posts.editor"))
	rec.Expect(t, 4, 3)
	kit.Same(t, "tags", kit.Pluck(users[0].Posts[0].Tags, models.TagName), "sql")
	kit.Equal(t, "editor", users[0].Posts[0].Editor.Name, "bea")
}

// testPreloadComposed gives the condition of a preload an OR: it must not reach beyond its parentheses.
func testPreloadComposed(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Activities).Where("amount = ? OR amount = ?", 30, 500).Where("id > ? OR id < ?", 3, 0)
	accounts := kit.All(t, rec, dovetail.Select(models.Accounts).Where(squirrel.Eq{"id": []int64{1, 2}}).OrderBy("id").
		Preload("activities", q))
	rec.Expect(t, 2, 2)
	kit.Same(t, "1", models.ActivityIDs(accounts[0]))
	kit.Same(t, "2", models.ActivityIDs(accounts[1]), 4)
}
