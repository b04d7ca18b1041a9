package dovetail_test

import (
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
)

// The scenarios of docs/peers.md that come from SQLAlchemy's ORM tests and that no other test of ours shows.

func TestPeersSQLAlchemy(t *testing.T) {
	t.Parallel()
	runCases(t, conformanceDDL(t), []conformanceCase{
		{"one query run again and again", testAlchemyAgain},
		{"get with a preload", testAlchemyGet},
		{"filtered by the joined tags, all tags loaded", testAlchemyJoinFilter},
		{"preload ordered by several columns", testAlchemyOrders},
		{"every mix of preloads along one path", testAlchemyPaths},
		{"related rows beside the latest of them", testAlchemyAggregate},
		{"foreign keys without a row", testAlchemyMissing},
		{"overlapping joins", testAlchemyOverlap},
		{"condition in the middle of a chain", testAlchemyMiddle},
		{"two rows of one list by Has twice", testAlchemyTwice},
		{"self-referential chains", testAlchemySelf},
		{"any and has on a table with itself", testAlchemySelfAny},
		{"contains a given row", testAlchemyContains},
		{"equal to a given row", testAlchemyEqual},
		{"no row at the other end", testAlchemyNone},
		{"has is not mixed up with a join", testAlchemyCorrelation},
		{"distinct over repeated rows with a preload", testAlchemyDistinct},
		{"pages with every relation loaded", testAlchemyPages},
		{"limit ordered by the owner's related row", testAlchemyLimitRelated},
		{"several preloads of one wide row", testAlchemyWide},
	})
}

func testAlchemyAgain(t *testing.T, d database) {
	q := dovetail.Select(Users).Where(squirrel.Eq{"id": []int64{1, 2}}).OrderBy("id").Preload("posts.tags")
	for range 3 {
		rec := d.record()
		users := confAll(t, rec, q)
		rec.expect(t, 3, 3)
		confSame(t, "tags", confPluck(users[0].Posts[0].Tags, tagName), "go", "sql")
		users[0].Posts[0].Tags = nil // a result belongs to its caller
	}
}

func testAlchemyGet(t *testing.T, d database) {
	rec := d.record()
	one, err := dovetail.Select(Accounts).Preload("activities").Get(t.Context(), rec, 1)
	if err != nil {
		t.Fatal(err)
	}
	rec.expect(t, 2, 2)
	confSame(t, "activities", activityIDs(one), 1, 2, 3)
	four, err := dovetail.Select(Accounts).Where("id = ?", 4).Preload("activities").One(t.Context(), rec)
	if err != nil || four.Activities == nil || len(four.Activities) != 0 {
		t.Errorf("expected account 4 with an empty list, got %v, %v", four, err)
	}
	rec.expect(t, 2, 2)
}

func testAlchemyJoinFilter(t *testing.T, d database) {
	rec := d.record()
	posts := confAll(t, rec, dovetail.Select(Posts).Join("tags").Where(squirrel.Eq{"tags.name": "go"}).Preload("tags"))
	rec.expect(t, 2, 2)
	confSame(t, "posts", confPluck(posts, postTitle), "Joins")
	confSame(t, "all its tags", confPluck(posts[0].Tags, tagName), "go", "sql")
}

func testAlchemyOrders(t *testing.T, d database) {
	q := dovetail.Select(Activities)
	confLists(t, accountsWith(t, d, q.OrderBy("activity_type", "amount DESC")), []int64{2, 1, 3}, []int64{4}, []int64{5, 6}, nil)
	confLists(t, accountsWith(t, d, q.OrderBy("activity_type DESC", "id DESC")), []int64{3, 2, 1}, []int64{4}, []int64{6, 5}, nil)
	confLists(t, accountsWith(t, d, q.OrderByClause("abs(activity.amount - ?)", 850)), []int64{1, 2, 3}, []int64{4}, []int64{6, 5}, nil)
}

// testAlchemyPaths preloads along users.posts.tags.posts in every way there is to say it.
func testAlchemyPaths(t *testing.T, d database) {
	q := dovetail.Select(Users).OrderBy("id")
	tags, posts := dovetail.Select(Tags), dovetail.Select(Posts)
	for name, q := range map[string]dovetail.Query[User]{
		"path":                  q.Preload("posts.tags.posts"),
		"each step":             q.Preload("posts").Preload("posts.tags").Preload("posts.tags.posts"),
		"backwards":             q.Preload("posts.tags.posts").Preload("posts.tags").Preload("posts"),
		"query in a query":      q.Preload("posts", posts.Preload("tags", tags.Preload("posts"))),
		"path in a query":       q.Preload("posts", posts.Preload("tags.posts")),
		"query below a path":    q.Preload("posts.tags", tags.Preload("posts")),
		"path beside its query": q.Preload("posts.tags.posts").Preload("posts", posts),
	} {
		rec := d.record()
		users := confAll(t, rec, q)
		rec.expect(t, 4, 4)
		keys := users[0].Posts[1]
		confSame(t, name, confPluck(keys.Tags, tagName), "sql")
		confSame(t, name, confPluck(keys.Tags[0].Posts, postTitle), "Joins", "Keys")
		confEqual(t, name, len(users[1].Posts[0].Tags), 0)
	}
}

func testAlchemyAggregate(t *testing.T, d database) {
	type owner struct {
		ID         int64
		Last       *int64 `db:"last,computed"`
		Activities []*Activity
	}
	r := dovetail.NewRegistry()
	owners := dovetail.NewTable[owner](r, "accounts")
	activities, accounts := dovetail.NewTable[Activity](r, "activity"), dovetail.NewTable[Account](r, "accounts")
	dovetail.HasMany(owners, "activities", activities, dovetail.ForeignKey("account_id"))
	dovetail.HasMany(accounts, "activities", activities, dovetail.ForeignKey("account_id"), dovetail.Inverse("account"))
	rec := d.record()
	rows := confAll(t, rec, dovetail.Select(owners).OrderBy("id").Preload("activities").
		With(dovetail.FirstOf("activities.id").OrderBy("created_at DESC").As("last")))
	rec.expect(t, 2, 2)
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
func testAlchemyMissing(t *testing.T, d database) {
	f := newConfKeyed[int64]("int")
	rec := d.record()
	for _, o := range confAll(t, rec, dovetail.Select(f.owners).OrderBy("id").Preload("main")) {
		switch {
		case o.Name == "eve" && (o.MainID == nil || o.Main != nil):
			t.Errorf("eve: expected a key and no row, got %v, %v", o.MainID, o.Main)
		case o.MainID == nil && o.Main != nil:
			t.Errorf("%s: expected no row without a key, got %v", o.Name, o.Main)
		case o.MainID != nil && o.Name != "eve" && (o.Main == nil || o.Main.ID != *o.MainID):
			t.Errorf("%s: expected the row of key %d, got %v", o.Name, *o.MainID, o.Main)
		}
	}
	rec.expect(t, 2, 2)
}

func testAlchemyOverlap(t *testing.T, d database) {
	rec := d.record()
	q := dovetail.Select(Users).Join("posts.tags").Join("posts.editor").Where(squirrel.Eq{"posts.tags.id": 2, "posts.editor.id": 2})
	confSame(t, "inner", confPluck(confAll(t, rec, q), userName), "ann")
	q = dovetail.Select(Users).LeftJoin("posts.tags").Where(squirrel.Eq{"posts.tags.id": 2}).LeftJoin("posts.editor").
		Where(squirrel.Eq{"posts.editor.id": 2})
	confSame(t, "left", confPluck(confAll(t, rec, q), userName), "ann")
	q = dovetail.Select(Users).LeftJoin("posts.tags").LeftJoin("posts.editor").Where(squirrel.Eq{"posts.editor.id": nil}).Distinct()
	confSame(t, "left without", confPluck(confAll(t, rec, q.OrderBy("id")), userName), "ann", "cyd")
	rec.expect(t, 3, 3)
}

func testAlchemyMiddle(t *testing.T, d database) {
	rec := d.record()
	q := dovetail.Select(Users).Join("posts").Where(squirrel.Eq{"posts.author_id": 2}).Join("posts.tags")
	confSame(t, "no tags of bea's posts", confPluck(confAll(t, rec, q), userName))
	q = dovetail.Select(Users).Join("posts", squirrel.Eq{"title": "Keys"}).Join("posts.tags", squirrel.Eq{"name": "sql"})
	confSame(t, "in the ON of each", confPluck(confAll(t, rec, q), userName), "ann")
	rec.expect(t, 2, 2)
}

// testAlchemyTwice wants two rows of one list, which a second join of the list under another alias would find elsewhere.
func testAlchemyTwice(t *testing.T, d database) {
	rec := d.record()
	q := dovetail.Select(Accounts)
	confSame(t, "both", accountRows(t, rec, q.Has("activities", squirrel.Eq{"amount": 800}).
		Has("activities", squirrel.Eq{"amount": 900})), 1)
	confSame(t, "either", accountRows(t, rec, q.Where(squirrel.Or{dovetail.Has("activities", squirrel.Eq{"amount": 30}),
		dovetail.Has("activities", squirrel.Eq{"amount": 750})})), 2, 3)
}

func testAlchemySelf(t *testing.T, d database) {
	type line struct{ A, B, C string }
	rec := d.record()
	q := dovetail.Select(Categories).Columns().Column("categories.name AS a").Column("parent.name AS b").
		Column("parent.parent.name AS c").Where(squirrel.Eq{"parent.parent.name": "tools"})
	confSame(t, "row, parent and grandparent", confCollect[line](t, rec, q), line{"mallets", "hammers", "tools"})
	names := confCollect[string](t, rec, dovetail.Select(Categories).Join("subcategories.subcategories").
		Where(squirrel.Eq{"subcategories.subcategories.name": "mallets"}).Columns("name"))
	confSame(t, "down", names, "tools")
	rec.expect(t, 2, 2)
}

func testAlchemySelfAny(t *testing.T, d database) {
	rec := d.record()
	names := func(q dovetail.Query[Category]) []string {
		return confPluck(confAll(t, rec, q.OrderBy("id")), categoryName)
	}
	q := dovetail.Select(Categories)
	confSame(t, "any child tools", names(q.Has("subcategories", squirrel.Eq{"name": "tools"})), "things")
	confSame(t, "any child things", names(q.Has("subcategories", squirrel.Eq{"name": "things"})))
	confSame(t, "a child and no grandchild", names(q.Has("subcategories").HasNone("subcategories.subcategories")), "hammers")
	confSame(t, "parent is not tools", names(q.Has("parent", squirrel.NotEq{"name": "tools"})), "tools", "toys", "mallets")
	confSame(t, "not: parent is tools", names(q.HasNone("parent", squirrel.Eq{"name": "tools"})), "things", "tools", "toys", "mallets")
}

func testAlchemyContains(t *testing.T, d database) {
	rec := d.record()
	titles := func(q dovetail.Query[Post]) []string { return confPluck(confAll(t, rec, q.OrderBy("id")), postTitle) }
	q := dovetail.Select(Posts)
	confSame(t, "many-to-many", titles(q.HasAll("tags", 2)), "Joins", "Keys")
	confSame(t, "not", titles(q.HasNone("tags", squirrel.Eq{"id": 1})), "Keys", "Nulls")
	confSame(t, "two", titles(q.HasAll("tags", 1, 2)), "Joins")
	confSame(t, "has-many", accountRows(t, d.record(), dovetail.Select(Accounts).HasAll("activities", 5, 6)), 3)
	confSame(t, "of two owners", accountRows(t, d.record(), dovetail.Select(Accounts).HasAll("activities", 4, 5)))
}

func testAlchemyEqual(t *testing.T, d database) {
	rec := d.record()
	q := dovetail.Select(Posts)
	confSame(t, "equal", postRows(t, rec, q.Where(squirrel.Eq{"editor_id": 1})), 3)
	confSame(t, "unequal leaves NULL out", postRows(t, rec, q.Where(squirrel.NotEq{"editor_id": 1})), 1)
	confSame(t, "unequal or none", postRows(t, rec, q.Where(dovetail.NotEqOrNull{"editor_id": 1})), 1, 2)
	confSame(t, "by a column of it", postRows(t, rec, q.Where(squirrel.Eq{"editor.name": "ann"})), 3)
	confSame(t, "none", postRows(t, rec, q.Where(squirrel.Eq{"editor_id": nil})), 2)
}

func testAlchemyNone(t *testing.T, d database) {
	rec := d.record()
	users := func(q dovetail.Query[User]) []string { return confPluck(confAll(t, rec, q.OrderBy("id")), userName) }
	q := dovetail.Select(Users)
	confSame(t, "one-to-one none", users(q.HasNone("profile")), "cyd")
	confSame(t, "one-to-one some", users(q.Has("profile")), "ann", "bea")
	confSame(t, "one-to-many none", users(q.HasNone("posts")), "cyd")
	confSame(t, "many-to-one none", postRows(t, d.record(), dovetail.Select(Posts).HasNone("editor")), 2)
	confSame(t, "many-to-one some", postRows(t, d.record(), dovetail.Select(Posts).Has("editor")), 1, 3)
	confSame(t, "many-to-many none", postRows(t, d.record(), dovetail.Select(Posts).HasNone("tags")), 3)
}

func testAlchemyCorrelation(t *testing.T, d database) {
	rec := d.record()
	q := dovetail.Select(Accounts).HasNone("activities", squirrel.Eq{"amount": 30})
	confSame(t, "beside a join", accountRows(t, rec, q.Join("activities").Distinct()), 1, 3)
	confSame(t, "beside a left join", accountRows(t, rec, q.LeftJoin("activities").Distinct()), 1, 3, 4)
	a := dovetail.Select(Activities).Has("account", squirrel.Like{"owner": "S%"}, squirrel.Eq{"id": 3})
	confSame(t, "to-one beside its join", activityRows(t, rec, a.Join("account")), 5, 6)
	confSame(t, "to-one", activityRows(t, rec, a), 5, 6)
	// The path means the row that is tested, not the joined one: each of the account's three joined rows stays.
	own := dovetail.Select(Accounts).Join("activities").Has("activities", squirrel.Expr("activities.amount = ?", 900))
	confSame(t, "named by the path", accountRows(t, rec, own), 1, 1, 1)
}

func testAlchemyDistinct(t *testing.T, d database) {
	rec := d.record()
	posts := confAll(t, rec, dovetail.Select(Posts).Join("tags.posts").Distinct().OrderBy("id").Preload("tags"))
	rec.expect(t, 2, 2)
	confSame(t, "posts", confPluck(posts, postTitle), "Joins", "Keys")
	confSame(t, "tags", confPluck(posts[0].Tags, tagName), "go", "sql")
}

func testAlchemyPages(t *testing.T, d database) {
	rec := d.record()
	q := dovetail.Select(Users).Preload("posts.tags").Preload("profile").Limit(2)
	users := confAll(t, rec, q.OrderBy("id").Offset(1))
	rec.expect(t, 4, 3)
	confSame(t, "from the second on", confPluck(users, userName), "bea", "cyd")
	confSame(t, "posts", confPluck(valuePosts(users[0]), func(n confNode) string { return n.name }), "Nulls")
	users = confAll(t, rec, q.OrderBy("id DESC"))
	rec.expect(t, 4, 3)
	confSame(t, "from the end", confPluck(users, userName), "cyd", "bea")
	users = confAll(t, rec, q.OrderBy("id").Offset(3))
	rec.expect(t, 1, 1)
	confEqual(t, "past the end", len(users), 0)
}

// testAlchemyLimitRelated pages through owners in the order of a related row, each owner once.
func testAlchemyLimitRelated(t *testing.T, d database) {
	type owner struct {
		ID   int64
		Most *int64 `db:"most,computed"`
	}
	r := dovetail.NewRegistry()
	owners, activities := dovetail.NewTable[owner](r, "accounts"), dovetail.NewTable[Activity](r, "activity")
	accounts := dovetail.NewTable[Account](r, "accounts")
	dovetail.HasMany(owners, "activities", activities, dovetail.ForeignKey("account_id"))
	dovetail.HasMany(accounts, "activities", activities, dovetail.ForeignKey("account_id"), dovetail.Inverse("account"))
	rec := d.record()
	q := dovetail.Select(owners).With(dovetail.Max("activities.amount").As("most")).OrderBy("most DESC NULLS LAST").Limit(2)
	id := func(o *owner) int64 { return o.ID }
	confSame(t, "first page", confPluck(confAll(t, rec, q), id), 1, 3)
	confSame(t, "second page", confPluck(confAll(t, rec, q.Offset(2)), id), 2, 4)
	rec.expect(t, 2, 2)
}

func testAlchemyWide(t *testing.T, d database) {
	rec := d.record()
	orders := confAll(t, rec, dovetail.Select(Orders).OrderBy("warehouse", "number").Preload("lines.labels").Preload("lines.order"))
	rec.expect(t, 3+d.lookups(1), 3+d.lookups(1))
	confSame(t, "labels", confPluck(orders[0].Lines[1].Labels, labelText), "fragile", "heavy")
	confEqual(t, "order", orders[2].Lines[0].Order, orders[2])
	confEqual(t, "no lines", len(orders[1].Lines), 0)
}
