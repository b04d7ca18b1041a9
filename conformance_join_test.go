package dovetail_test

import (
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
)

func joinCases() []conformanceCase {
	return []conformanceCase{
		{"join/repeats the root for each row joined", testJoinRepeats},
		{"join/to-one path that is only named", testJoinImplied},
		{"join/nullable path that is only named keeps its rows", testJoinImpliedLeft},
		{"join/path and prefix are joined once", testJoinOnce},
		{"join/condition of the join and condition of the query", testJoinOn},
		{"join/condition of the join names the root", testJoinOnRoot},
		{"join/two paths to one table", testJoinTwoPaths},
		{"join/nested", testJoinNested},
		{"join/nested left", testJoinNestedLeft},
		{"join/inner below left", testJoinInnerBelowLeft},
		{"join/left and inner of one path", testJoinBothWays},
		{"join/self to two levels", testJoinSelf},
		{"join/two lists multiply", testJoinTwoLists},
		{"join/a query may be extended in several ways", testJoinImmutable},
	}
}

// activityRows runs a query for activities in the order of their keys.
func activityRows(t *testing.T, rec *recorder, q dovetail.Query[Activity]) []int64 {
	t.Helper()
	rows := confAll(t, rec, q.OrderBy("id"))
	rec.expect(t, 1, 1)
	return confPluck(rows, func(a *Activity) int64 { return a.ID })
}

func postRows(t *testing.T, rec *recorder, q dovetail.Query[Post]) []int64 {
	t.Helper()
	rows := confAll(t, rec, q.OrderBy("id"))
	rec.expect(t, 1, 1)
	return confPluck(rows, func(p *Post) int64 { return p.ID })
}

func accountRows(t *testing.T, rec *recorder, q dovetail.Query[Account]) []int64 {
	t.Helper()
	rows := confAll(t, rec, q.OrderBy("id"))
	rec.expect(t, 1, 1)
	return confPluck(rows, func(a *Account) int64 { return a.ID })
}

func testJoinRepeats(t *testing.T, d database) {
	rec := d.record()
	q := dovetail.Select(Accounts)
	confSame(t, "join", accountRows(t, rec, q.Join("activities")), 1, 1, 1, 2, 3, 3)
	confSame(t, "left join", accountRows(t, rec, q.LeftJoin("activities")), 1, 1, 1, 2, 3, 3, 4)
	confSame(t, "distinct", accountRows(t, rec, q.Join("activities").Distinct()), 1, 2, 3)
	// The query of the design's first screen.
	q = q.Join("activities").Where(squirrel.Eq{"activities.activity_type": Deposit}).Where("activities.amount >= ?", 750)
	confSame(t, "filtered", accountRows(t, rec, q), 1, 1, 3)
	confSame(t, "filtered and distinct", accountRows(t, rec, q.Distinct()), 1, 3)
	rows := confAll(t, rec, q.Distinct().OrderBy("id"))
	confEqual(t, "owner", rows[0].Owner, "SpongeBob")
	confEqual(t, "balance", rows[1].Balance, 900)
	confEqual(t, "created_at", rows[0].CreatedAt.Format("2006-01-02 15:04"), "2024-01-01 09:00")
	rec.expect(t, 1, 1)
}

func testJoinImplied(t *testing.T, d database) {
	rec := d.record()
	q := dovetail.Select(Activities)
	confSame(t, "in a map", activityRows(t, rec, q.Where(squirrel.Eq{"account.owner": "Squidward"})), 5, 6)
	confSame(t, "in text", activityRows(t, rec, q.Where("account.balance > ? AND amount < account.balance", 1000)), 1, 2,
		3)
	rows := confAll(t, rec, q.OrderBy("account.owner DESC", "amount DESC"))
	rec.expect(t, 1, 1)
	confSame(t, "in an order", confPluck(rows, func(a *Activity) int64 { return a.ID }), 6, 5, 2, 1, 3,
		4) // Squid, Sponge, Patrick
}

// testJoinImpliedLeft names the editor that a post may have: a post without one is kept.
func testJoinImpliedLeft(t *testing.T, d database) {
	rec := d.record()
	q := dovetail.Select(Posts)
	confSame(t, "no editor", postRows(t, rec, q.Where(squirrel.Eq{"editor.id": nil})), 2)
	confSame(t, "either", postRows(t, rec, q.Where("editor.name = ? OR posts.id = 2", "bea")), 1, 2)
	rows := confAll(t, rec, q.OrderBy("editor.name NULLS FIRST"))
	rec.expect(t, 1, 1)
	confSame(t, "order", confPluck(rows, func(p *Post) int64 { return p.ID }), 2, 3, 1)
	confSame(t, "required below optional", postRows(t, rec, q.Where("editor.profile.id IS NULL")), 2)
}

func testJoinOnce(t *testing.T, d database) {
	rec := d.record()
	q := dovetail.Select(Users).Join("posts").Join("posts.tags").Join("posts").Where("posts.tags.name = ?", "sql").
		Where(squirrel.Like{"posts.title": "%s"}).OrderBy("posts.id")
	rows := confAll(t, rec, q)
	rec.expect(t, 1, 1)
	confSame(t, "users", confPluck(rows, userName), "ann", "ann")
}

// testJoinOn tells the two places of a condition apart.
func testJoinOn(t *testing.T, d database) {
	rec := d.record()
	q := dovetail.Select(Accounts)
	big := squirrel.Gt{"amount": 700}
	confSame(t, "left join on", accountRows(t, rec, q.LeftJoin("activities", big)), 1, 1, 2, 3, 3, 4)
	confSame(t, "left join where", accountRows(t, rec, q.LeftJoin("activities").Where("activities.amount > ?", 700)), 1,
		1, 3, 3)
	confSame(t, "join on", accountRows(t, rec, q.Join("activities", big, squirrel.Eq{"activity_type": Withdrawal})), 3)
	confSame(t, "on with OR", accountRows(t, rec, q.Join("activities", squirrel.Or{big, squirrel.Eq{"id": 4}})), 1, 1, 2,
		3, 3)
	confSame(t, "anti-join", accountRows(t, rec, q.LeftJoin("activities", big).Where(squirrel.Eq{"activities.id": nil})),
		2, 4)
}

func testJoinOnRoot(t *testing.T, d database) {
	rec := d.record()
	more := squirrel.Expr("amount >= accounts.balance")
	confSame(t, "join", accountRows(t, rec, dovetail.Select(Accounts).Join("activities", more)), 2)
	confSame(t, "left join", accountRows(t, rec, dovetail.Select(Accounts).LeftJoin("activities", more)), 1, 2, 3, 4)
}

func testJoinTwoPaths(t *testing.T, d database) {
	rec := d.record()
	q := dovetail.Select(Posts).Join("author").Join("editor")
	confSame(t, "both", postRows(t, rec, q), 1, 3)
	confSame(t, "by author", postRows(t, rec, q.Where(squirrel.Eq{"author.name": "ann"})), 1)
	confSame(t, "by editor", postRows(t, rec, q.Where(squirrel.Eq{"editor.name": "ann"})), 3)
	confSame(t, "one against the other", postRows(t, rec, q.Where("author.id > editor.id")), 3)
	confSame(t, "a bare name is the root's", postRows(t, rec, q.Where("posts.id = ?", 3).Where(squirrel.Eq{"id": 3})), 3)
}

func testJoinNested(t *testing.T, d database) {
	rec := d.record()
	rows := confAll(t, rec, dovetail.Select(Users).Join("posts.tags").OrderBy("posts.id", "posts.tags.id"))
	rec.expect(t, 1, 1)
	confSame(t, "users", confPluck(rows, userName), "ann", "ann", "ann")
	lines := confCollect[string](t, rec, dovetail.Select(Labels).Join("lines.order").
		Where("lines.order.customer = ?", "x").
		Columns("lines.item").OrderBy("text", "lines.item"))
	rec.expect(t, 1, 1)
	confSame(t, "lines", lines, "glue", "glue", "nails") // fragile: glue; heavy: glue and nails
}

func testJoinNestedLeft(t *testing.T, d database) {
	rec := d.record()
	q := dovetail.Select(Users).LeftJoin("posts.tags").Columns().
		Column("user.name AS owner").Column("posts.tags.name AS related").OrderBy("id", "posts.id", "posts.tags.id")
	got := confPluck(confCollect[confPair](t, rec, q), confPair.String)
	rec.expect(t, 1, 1)
	confSame(t, "pairs", got, "ann-go", "ann-sql", "ann-sql", "bea-", "cyd-")
}

func testJoinInnerBelowLeft(t *testing.T, d database) {
	rec := d.record()
	rows := confAll(t, rec, dovetail.Select(Users).LeftJoin("posts").Join("posts.tags").OrderBy("id"))
	rec.expect(t, 1, 1)
	confSame(t, "users", confPluck(rows, userName), "ann", "ann", "ann")
	rows = confAll(t, rec, dovetail.Select(Users).Join("posts").LeftJoin("posts.tags").OrderBy("id"))
	rec.expect(t, 1, 1)
	confSame(t, "users", confPluck(rows, userName), "ann", "ann", "ann", "bea")
}

func testJoinBothWays(t *testing.T, d database) {
	rec := d.record()
	q := dovetail.Select(Accounts)
	confSame(t, "left first", accountRows(t, rec, q.LeftJoin("activities").Join("activities")), 1, 1, 1, 2, 3, 3)
	confSame(t, "inner first", accountRows(t, rec, q.Join("activities").LeftJoin("activities")), 1, 1, 1, 2, 3, 3)
}

func testJoinSelf(t *testing.T, d database) {
	rec := d.record()
	names := func(q dovetail.Query[Employee]) []string {
		got := confPluck(confCollect[confPair](t, rec, q.OrderBy("id")), confPair.String)
		rec.expect(t, 1, 1)
		return got
	}
	up := func(path string) dovetail.Query[Employee] {
		return dovetail.Select(Employees).Columns().Column("employees.name AS owner").Column(path + ".name AS related")
	}
	confSame(t, "managers", names(up("manager").Join("manager")), "left-root", "right-root", "leaf-left")
	confSame(t, "managers of managers", names(up("manager.manager").Join("manager.manager")), "leaf-root")
	confSame(t, "only named", names(up("manager.manager")), "root-", "left-", "right-", "leaf-root")
	confSame(t, "down", names(up("subordinates.subordinates").Join("subordinates.subordinates")), "root-leaf")
}

func testJoinTwoLists(t *testing.T, d database) {
	rec := d.record()
	rows := confAll(t, rec, dovetail.Select(Users).Join("posts").Join("edited"))
	rec.expect(t, 1, 1)
	confEqual(t, "two posts times one edited, one times one", len(rows), 3)
	rows = confAll(t, rec, dovetail.Select(Users).Join("posts").Join("edited").Distinct().OrderBy("id"))
	rec.expect(t, 1, 1)
	confSame(t, "users", confPluck(rows, userName), "ann", "bea")
}

func testJoinImmutable(t *testing.T, d database) {
	rec := d.record()
	base := dovetail.Select(Accounts).Join("activities").Where("activities.amount > ?", 100)
	before, _, err := base.SQL(rec.Dialect())
	if err != nil {
		t.Fatal(err)
	}
	one := base.Where(squirrel.Eq{"activities.activity_type": Withdrawal})
	two := base.Where(squirrel.Eq{"activities.activity_type": Deposit}).Distinct()
	confSame(t, "one", accountRows(t, rec, one), 1, 3)
	confSame(t, "two", accountRows(t, rec, two), 1, 3)
	confSame(t, "one again", accountRows(t, rec, one.Where(squirrel.Gt{"balance": 1000})), 1)
	confSame(t, "base", accountRows(t, rec, base), 1, 1, 1, 3, 3)
	after, _, err := base.SQL(rec.Dialect())
	if err != nil || after != before {
		t.Errorf("expected the base to stay %s, got %s, %v", before, after, err)
	}
}
