package peers_test

import (
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
	"github.com/dovetail-go/dovetail/internal/tests/models/keyed"
)

// The scenarios of docs/peers.md that come from SQLAlchemy's ORM tests and that no other test of ours shows.

func TestPeersSQLAlchemy(t *testing.T) {
	t.Parallel()
	kit.RunCases(t, models.DDL(t), []kit.Case{
		{Name: "one query run again and again", Run: testAlchemyAgain},
		{Name: "get with a preload", Run: testAlchemyGet},
		{Name: "filtered by the joined tags, all tags loaded", Run: testAlchemyJoinFilter},
		{Name: "preload ordered by several columns", Run: testAlchemyOrders},
		{Name: "every mix of preloads along one path", Run: testAlchemyPaths},
		{Name: "related rows beside the latest of them", Run: testAlchemyAggregate},
		{Name: "foreign keys without a row", Run: testAlchemyMissing},
		{Name: "overlapping joins", Run: testAlchemyOverlap},
		{Name: "condition in the middle of a chain", Run: testAlchemyMiddle},
		{Name: "two rows of one list by Has twice", Run: testAlchemyTwice},
		{Name: "self-referential chains", Run: testAlchemySelf},
		{Name: "any and has on a table with itself", Run: testAlchemySelfAny},
		{Name: "contains a given row", Run: testAlchemyContains},
		{Name: "equal to a given row", Run: testAlchemyEqual},
		{Name: "no row at the other end", Run: testAlchemyNone},
		{Name: "has is not mixed up with a join", Run: testAlchemyCorrelation},
		{Name: "distinct over repeated rows with a preload", Run: testAlchemyDistinct},
		{Name: "pages with every relation loaded", Run: testAlchemyPages},
		{Name: "limit ordered by the owner's related row", Run: testAlchemyLimitRelated},
		{Name: "several preloads of one wide row", Run: testAlchemyWide},
	})
}

func testAlchemyAgain(t *testing.T, d kit.Database) {
	q := dovetail.Select(models.Users).Where(squirrel.Eq{"id": []int64{1, 2}}).OrderBy("id").Preload("posts.tags")
	for range 3 {
		rec := d.Record()
		users := kit.All(t, rec, q)
		rec.Expect(t, 3, 3)
		kit.Same(t, "tags", kit.Pluck(users[0].Posts[0].Tags, models.TagName), "go", "sql")
		users[0].Posts[0].Tags = nil // a result belongs to its caller
	}
}

func testAlchemyGet(t *testing.T, d kit.Database) {
	rec := d.Record()
	one, err := dovetail.Select(models.Accounts).Preload("activities").Get(t.Context(), rec, 1)
	if err != nil {
		t.Fatal(err)
	}
	rec.Expect(t, 2, 2)
	kit.Same(t, "activities", models.ActivityIDs(one), 1, 2, 3)
	four, err := dovetail.Select(models.Accounts).Where("id = ?", 4).Preload("activities").One(t.Context(), rec)
	if err != nil || four.Activities == nil || len(four.Activities) != 0 {
		t.Errorf("expected account 4 with an empty list, got %v, %v", four, err)
	}
	rec.Expect(t, 2, 2)
}

func testAlchemyJoinFilter(t *testing.T, d kit.Database) {
	rec := d.Record()
	posts := kit.All(t, rec, dovetail.Select(models.Posts).Join("tags").Where(squirrel.Eq{"tags.name": "go"}).Preload("tags"))
	rec.Expect(t, 2, 2)
	kit.Same(t, "posts", kit.Pluck(posts, models.PostTitle), "Joins")
	kit.Same(t, "all its tags", kit.Pluck(posts[0].Tags, models.TagName), "go", "sql")
}

func testAlchemyOrders(t *testing.T, d kit.Database) {
	q := dovetail.Select(models.Activities)
	models.Lists(t, models.AccountsWith(t, d, q.OrderBy("activity_type", "amount DESC")), []int64{2, 1, 3}, []int64{4}, []int64{5, 6}, nil)
	models.Lists(t, models.AccountsWith(t, d, q.OrderBy("activity_type DESC", "id DESC")), []int64{3, 2, 1}, []int64{4}, []int64{6, 5}, nil)
	models.Lists(t, models.AccountsWith(t, d, q.OrderByClause("abs(activity.amount - ?)", 850)), []int64{1, 2, 3}, []int64{4}, []int64{6, 5}, nil)
}

// testAlchemyPaths preloads along users.posts.tags.posts in every way there is to say it.
func testAlchemyPaths(t *testing.T, d kit.Database) {
	q := dovetail.Select(models.Users).OrderBy("id")
	tags, posts := dovetail.Select(models.Tags), dovetail.Select(models.Posts)
	for name, q := range map[string]dovetail.Query[*models.User]{
		"path":                  q.Preload("posts.tags.posts"),
		"each step":             q.Preload("posts").Preload("posts.tags").Preload("posts.tags.posts"),
		"backwards":             q.Preload("posts.tags.posts").Preload("posts.tags").Preload("posts"),
		"query in a query":      q.Preload("posts", posts.Preload("tags", tags.Preload("posts"))),
		"path in a query":       q.Preload("posts", posts.Preload("tags.posts")),
		"query below a path":    q.Preload("posts.tags", tags.Preload("posts")),
		"path beside its query": q.Preload("posts.tags.posts").Preload("posts", posts),
	} {
		rec := d.Record()
		users := kit.All(t, rec, q)
		rec.Expect(t, 4, 4)
		keys := users[0].Posts[1]
		kit.Same(t, name, kit.Pluck(keys.Tags, models.TagName), "sql")
		kit.Same(t, name, kit.Pluck(keys.Tags[0].Posts, models.PostTitle), "Joins", "Keys")
		kit.Equal(t, name, len(users[1].Posts[0].Tags), 0)
	}
}

func testAlchemyAggregate(t *testing.T, d kit.Database) {
	type owner struct {
		ID         int64
		Last       *int64 `db:"last,computed"`
		Activities []*models.Activity
	}
	r := dovetail.NewRegistry()
	owners := dovetail.NewTable[owner](r, "accounts")
	activities, accounts := dovetail.NewTable[models.Activity](r, "activity"), dovetail.NewTable[models.Account](r, "accounts")
	dovetail.HasMany(owners, "activities", activities, dovetail.ForeignKey("account_id"))
	dovetail.HasMany(accounts, "activities", activities, dovetail.ForeignKey("account_id"), dovetail.Inverse("account"))
	rec := d.Record()
	rows := kit.All(t, rec, dovetail.Select(owners).OrderBy("id").Preload("activities").
		With(dovetail.FirstOf("activities.id").OrderBy("created_at DESC").As("last")))
	rec.Expect(t, 2, 2)
	for i, want := range []int64{3, 4, 6, 0} {
		switch o := rows[i]; {
		case want == 0 && (o.Last != nil || len(o.Activities) != 0):
			t.Errorf("owner %d: expected no activities and no last, got %v", o.ID, o.Last)
		case want != 0 && (o.Last == nil || *o.Last != want || o.Activities[len(o.Activities)-1].ID != want):
			t.Errorf("owner %d: expected the last activity %d, got %v", o.ID, want, o.Last)
		}
	}
}

// testAlchemyMissing has owners whose key is NULL, or is that of a row that is not there: eve's main part.
func testAlchemyMissing(t *testing.T, d kit.Database) {
	f := keyed.NewFamily[int64]("int")
	rec := d.Record()
	for _, o := range kit.All(t, rec, dovetail.Select(f.Owners).OrderBy("id").Preload("main")) {
		switch {
		case o.Name == "eve" && (o.MainID == nil || o.Main != nil):
			t.Errorf("eve: expected a key and no row, got %v, %v", o.MainID, o.Main)
		case o.MainID == nil && o.Main != nil:
			t.Errorf("%s: expected no row without a key, got %v", o.Name, o.Main)
		case o.MainID != nil && o.Name != "eve" && (o.Main == nil || o.Main.ID != *o.MainID):
			t.Errorf("%s: expected the row of key %d, got %v", o.Name, *o.MainID, o.Main)
		}
	}
	rec.Expect(t, 2, 2)
}

func testAlchemyOverlap(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Users).Join("posts.tags").Join("posts.editor").Where(squirrel.Eq{"posts.tags.id": 2, "posts.editor.id": 2})
	kit.Same(t, "inner", kit.Pluck(kit.All(t, rec, q), models.UserName), "ann")
	q = dovetail.Select(models.Users).LeftJoin("posts.tags").Where(squirrel.Eq{"posts.tags.id": 2}).LeftJoin("posts.editor").
		Where(squirrel.Eq{"posts.editor.id": 2})
	kit.Same(t, "left", kit.Pluck(kit.All(t, rec, q), models.UserName), "ann")
	q = dovetail.Select(models.Users).LeftJoin("posts.tags").LeftJoin("posts.editor").Where(squirrel.Eq{"posts.editor.id": nil}).Distinct()
	kit.Same(t, "left without", kit.Pluck(kit.All(t, rec, q.OrderBy("id")), models.UserName), "ann", "cyd")
	rec.Expect(t, 3, 3)
}

func testAlchemyMiddle(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Users).Join("posts").Where(squirrel.Eq{"posts.author_id": 2}).Join("posts.tags")
	kit.Same(t, "no tags of bea's posts", kit.Pluck(kit.All(t, rec, q), models.UserName))
	q = dovetail.Select(models.Users).Join("posts", squirrel.Eq{"title": "Keys"}).Join("posts.tags", squirrel.Eq{"name": "sql"})
	kit.Same(t, "in the ON of each", kit.Pluck(kit.All(t, rec, q), models.UserName), "ann")
	rec.Expect(t, 2, 2)
}

// testAlchemyTwice wants two rows of one list, which a second join of the list under another alias would find elsewhere.
func testAlchemyTwice(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Accounts)
	kit.Same(t, "both", models.AccountRows(t, rec, q.Has("activities", squirrel.Eq{"amount": 800}).
		Has("activities", squirrel.Eq{"amount": 900})), 1)
	kit.Same(t, "either", models.AccountRows(t, rec, q.Where(squirrel.Or{dovetail.Has("activities", squirrel.Eq{"amount": 30}),
		dovetail.Has("activities", squirrel.Eq{"amount": 750})})), 2, 3)
}

func testAlchemySelf(t *testing.T, d kit.Database) {
	type line struct{ A, B, C string }
	rec := d.Record()
	q := dovetail.Select(models.Categories).Columns().Column("categories.name AS a").Column("parent.name AS b").
		Column("parent.parent.name AS c").Where(squirrel.Eq{"parent.parent.name": "tools"})
	kit.Same(t, "row, parent and grandparent", kit.Collect[line](t, rec, q), line{"mallets", "hammers", "tools"})
	names := kit.Collect[string](t, rec, dovetail.Select(models.Categories).Join("subcategories.subcategories").
		Where(squirrel.Eq{"subcategories.subcategories.name": "mallets"}).Columns("name"))
	kit.Same(t, "down", names, "tools")
	rec.Expect(t, 2, 2)
}

func testAlchemySelfAny(t *testing.T, d kit.Database) {
	rec := d.Record()
	names := func(q dovetail.Query[*models.Category]) []string {
		return kit.Pluck(kit.All(t, rec, q.OrderBy("id")), models.CategoryName)
	}
	q := dovetail.Select(models.Categories)
	kit.Same(t, "any child tools", names(q.Has("subcategories", squirrel.Eq{"name": "tools"})), "things")
	kit.Same(t, "any child things", names(q.Has("subcategories", squirrel.Eq{"name": "things"})))
	kit.Same(t, "a child and no grandchild", names(q.Has("subcategories").HasNone("subcategories.subcategories")), "hammers")
	kit.Same(t, "parent is not tools", names(q.Has("parent", squirrel.NotEq{"name": "tools"})), "tools", "toys", "mallets")
	kit.Same(t, "not: parent is tools", names(q.HasNone("parent", squirrel.Eq{"name": "tools"})), "things", "tools", "toys", "mallets")
}

func testAlchemyContains(t *testing.T, d kit.Database) {
	rec := d.Record()
	titles := func(q dovetail.Query[*models.Post]) []string {
		return kit.Pluck(kit.All(t, rec, q.OrderBy("id")), models.PostTitle)
	}
	q := dovetail.Select(models.Posts)
	kit.Same(t, "many-to-many", titles(q.HasAll("tags", 2)), "Joins", "Keys")
	kit.Same(t, "not", titles(q.HasNone("tags", squirrel.Eq{"id": 1})), "Keys", "Nulls")
	kit.Same(t, "two", titles(q.HasAll("tags", 1, 2)), "Joins")
	kit.Same(t, "has-many", models.AccountRows(t, d.Record(), dovetail.Select(models.Accounts).HasAll("activities", 5, 6)), 3)
	kit.Same(t, "of two owners", models.AccountRows(t, d.Record(), dovetail.Select(models.Accounts).HasAll("activities", 4, 5)))
}

func testAlchemyEqual(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Posts)
	kit.Same(t, "equal", models.PostRows(t, rec, q.Where(squirrel.Eq{"editor_id": 1})), 3)
	kit.Same(t, "unequal leaves NULL out", models.PostRows(t, rec, q.Where(squirrel.NotEq{"editor_id": 1})), 1)
	kit.Same(t, "unequal or none", models.PostRows(t, rec, q.Where(dovetail.NotEqOrNull{"editor_id": 1})), 1, 2)
	kit.Same(t, "by a column of it", models.PostRows(t, rec, q.Where(squirrel.Eq{"editor.name": "ann"})), 3)
	kit.Same(t, "none", models.PostRows(t, rec, q.Where(squirrel.Eq{"editor_id": nil})), 2)
}

func testAlchemyNone(t *testing.T, d kit.Database) {
	rec := d.Record()
	users := func(q dovetail.Query[*models.User]) []string {
		return kit.Pluck(kit.All(t, rec, q.OrderBy("id")), models.UserName)
	}
	q := dovetail.Select(models.Users)
	kit.Same(t, "one-to-one none", users(q.HasNone("profile")), "cyd")
	kit.Same(t, "one-to-one some", users(q.Has("profile")), "ann", "bea")
	kit.Same(t, "one-to-many none", users(q.HasNone("posts")), "cyd")
	kit.Same(t, "many-to-one none", models.PostRows(t, d.Record(), dovetail.Select(models.Posts).HasNone("editor")), 2)
	kit.Same(t, "many-to-one some", models.PostRows(t, d.Record(), dovetail.Select(models.Posts).Has("editor")), 1, 3)
	kit.Same(t, "many-to-many none", models.PostRows(t, d.Record(), dovetail.Select(models.Posts).HasNone("tags")), 3)
}

func testAlchemyCorrelation(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Accounts).HasNone("activities", squirrel.Eq{"amount": 30})
	kit.Same(t, "beside a join", models.AccountRows(t, rec, q.Join("activities").Distinct()), 1, 3)
	kit.Same(t, "beside a left join", models.AccountRows(t, rec, q.LeftJoin("activities").Distinct()), 1, 3, 4)
	a := dovetail.Select(models.Activities).Has("account", squirrel.Like{"owner": "S%"}, squirrel.Eq{"id": 3})
	kit.Same(t, "to-one beside its join", models.ActivityRows(t, rec, a.Join("account")), 5, 6)
	kit.Same(t, "to-one", models.ActivityRows(t, rec, a), 5, 6)
	// The path means the row that is tested, not the joined one: each of the account's three joined rows stays.
	own := dovetail.Select(models.Accounts).Join("activities").Has("activities", squirrel.Expr("activities.amount = ?", 900))
	kit.Same(t, "named by the path", models.AccountRows(t, rec, own), 1, 1, 1)
}

func testAlchemyDistinct(t *testing.T, d kit.Database) {
	rec := d.Record()
	posts := kit.All(t, rec, dovetail.Select(models.Posts).Join("tags.posts").Distinct().OrderBy("id").Preload("tags"))
	rec.Expect(t, 2, 2)
	kit.Same(t, "posts", kit.Pluck(posts, models.PostTitle), "Joins", "Keys")
	kit.Same(t, "tags", kit.Pluck(posts[0].Tags, models.TagName), "go", "sql")
}

func testAlchemyPages(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Users).Preload("posts.tags").Preload("profile").Limit(2)
	users := kit.All(t, rec, q.OrderBy("id").Offset(1))
	rec.Expect(t, 4, 3)
	kit.Same(t, "from the second on", kit.Pluck(users, models.UserName), "bea", "cyd")
	kit.Same(t, "posts", kit.Pluck(models.ValuePosts(users[0]), func(n kit.Node) string { return n.Name }), "Nulls")
	users = kit.All(t, rec, q.OrderBy("id DESC"))
	rec.Expect(t, 4, 3)
	kit.Same(t, "from the end", kit.Pluck(users, models.UserName), "cyd", "bea")
	users = kit.All(t, rec, q.OrderBy("id").Offset(3))
	rec.Expect(t, 1, 1)
	kit.Equal(t, "past the end", len(users), 0)
}

// testAlchemyLimitRelated pages through owners in the order of a related row, each owner once.
func testAlchemyLimitRelated(t *testing.T, d kit.Database) {
	type owner struct {
		ID   int64
		Most *int64 `db:"most,computed"`
	}
	r := dovetail.NewRegistry()
	owners, activities := dovetail.NewTable[owner](r, "accounts"), dovetail.NewTable[models.Activity](r, "activity")
	accounts := dovetail.NewTable[models.Account](r, "accounts")
	dovetail.HasMany(owners, "activities", activities, dovetail.ForeignKey("account_id"))
	dovetail.HasMany(accounts, "activities", activities, dovetail.ForeignKey("account_id"), dovetail.Inverse("account"))
	rec := d.Record()
	q := dovetail.Select(owners).With(dovetail.Max("activities.amount").As("most")).OrderBy("most DESC NULLS LAST").Limit(2)
	id := func(o *owner) int64 { return o.ID }
	kit.Same(t, "first page", kit.Pluck(kit.All(t, rec, q), id), 1, 3)
	kit.Same(t, "second page", kit.Pluck(kit.All(t, rec, q.Offset(2)), id), 2, 4)
	rec.Expect(t, 2, 2)
}

func testAlchemyWide(t *testing.T, d kit.Database) {
	rec := d.Record()
	orders := kit.All(t, rec, dovetail.Select(models.Orders).OrderBy("warehouse", "number").Preload("lines.labels").Preload("lines.order"))
	rec.Expect(t, 3+d.Lookups(1), 3)
	kit.Same(t, "labels", kit.Pluck(orders[0].Lines[1].Labels, models.LabelText), "fragile", "heavy")
	kit.Equal(t, "order", orders[2].Lines[0].Order, orders[2])
	kit.Equal(t, "no lines", len(orders[1].Lines), 0)
}
