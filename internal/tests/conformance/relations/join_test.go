package relations_test

import (
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

func joinCases() []kit.Case {
	return []kit.Case{
		{Name: "join/repeats the root for each row joined", Run: testJoinRepeats},
		{Name: "join/to-one path that is only named", Run: testJoinImplied},
		{Name: "join/nullable path that is only named keeps its rows", Run: testJoinImpliedLeft},
		{Name: "join/path and prefix are joined once", Run: testJoinOnce},
		{Name: "join/condition of the join and condition of the query", Run: testJoinOn},
		{Name: "join/condition of the join names the root", Run: testJoinOnRoot},
		{Name: "join/two paths to one table", Run: testJoinTwoPaths},
		{Name: "join/nested", Run: testJoinNested},
		{Name: "join/nested left", Run: testJoinNestedLeft},
		{Name: "join/inner below left", Run: testJoinInnerBelowLeft},
		{Name: "join/left and inner of one path", Run: testJoinBothWays},
		{Name: "join/self to two levels", Run: testJoinSelf},
		{Name: "join/two lists multiply", Run: testJoinTwoLists},
		{Name: "join/a query may be extended in several ways", Run: testJoinImmutable},
	}
}

func testJoinRepeats(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Accounts)
	kit.Same(t, "join", models.AccountRows(t, rec, q.Join("activities")), 1, 1, 1, 2, 3, 3)
	kit.Same(t, "left join", models.AccountRows(t, rec, q.LeftJoin("activities")), 1, 1, 1, 2, 3, 3, 4)
	kit.Same(t, "distinct", models.AccountRows(t, rec, q.Join("activities").Distinct()), 1, 2, 3)
	// The query of the design's first screen.
	q = q.Join("activities").Where(squirrel.Eq{"activities.activity_type": models.Deposit}).Where("activities.amount >= ?", 750)
	kit.Same(t, "filtered", models.AccountRows(t, rec, q), 1, 1, 3)
	kit.Same(t, "filtered and distinct", models.AccountRows(t, rec, q.Distinct()), 1, 3)
	rows := kit.All(t, rec, q.Distinct().OrderBy("id"))
	kit.Equal(t, "owner", rows[0].Owner, "SpongeBob")
	kit.Equal(t, "balance", rows[1].Balance, 900)
	kit.Equal(t, "created_at", rows[0].CreatedAt.Format("2006-01-02 15:04"), "2024-01-01 09:00")
	rec.Expect(t, 1, 1)
}

func testJoinImplied(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Activities)
	kit.Same(t, "in a map", models.ActivityRows(t, rec, q.Where(squirrel.Eq{"account.owner": "Squidward"})), 5, 6)
	kit.Same(t, "in text", models.ActivityRows(t, rec, q.Where("account.balance > ? AND amount < account.balance", 1000)), 1, 2,
		3)
	rows := kit.All(t, rec, q.OrderBy("account.owner DESC", "amount DESC"))
	rec.Expect(t, 1, 1)
	kit.Same(t, "in an order", kit.Pluck(rows, func(a *models.Activity) int64 { return a.ID }), 6, 5, 2, 1, 3,
		4) // Squid, Sponge, Patrick
}

// testJoinImpliedLeft names the editor that a post may have: a post without one is kept.
func testJoinImpliedLeft(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Posts)
	kit.Same(t, "no editor", models.PostRows(t, rec, q.Where(squirrel.Eq{"editor.id": nil})), 2)
	kit.Same(t, "either", models.PostRows(t, rec, q.Where("editor.name = ? OR posts.id = 2", "bea")), 1, 2)
	rows := kit.All(t, rec, q.OrderBy("editor.name NULLS FIRST"))
	rec.Expect(t, 1, 1)
	kit.Same(t, "order", kit.Pluck(rows, func(p *models.Post) int64 { return p.ID }), 2, 3, 1)
	kit.Same(t, "required below optional", models.PostRows(t, rec, q.Where("editor.profile.id IS NULL")), 2)
}

func testJoinOnce(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Users).Join("posts").Join("posts.tags").Join("posts").Where("posts.tags.name = ?", "sql").
		Where(squirrel.Like{"posts.title": "%s"}).OrderBy("posts.id")
	rows := kit.All(t, rec, q)
	rec.Expect(t, 1, 1)
	kit.Same(t, "users", kit.Pluck(rows, models.UserName), "ann", "ann")
}

// testJoinOn tells the two places of a condition apart.
func testJoinOn(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Accounts)
	big := squirrel.Gt{"amount": 700}
	kit.Same(t, "left join on", models.AccountRows(t, rec, q.LeftJoin("activities", big)), 1, 1, 2, 3, 3, 4)
	kit.Same(t, "left join where", models.AccountRows(t, rec, q.LeftJoin("activities").Where("activities.amount > ?", 700)), 1,
		1, 3, 3)
	kit.Same(t, "join on", models.AccountRows(t, rec, q.Join("activities", big, squirrel.Eq{"activity_type": models.Withdrawal})), 3)
	kit.Same(t, "on with OR", models.AccountRows(t, rec, q.Join("activities", squirrel.Or{big, squirrel.Eq{"id": 4}})), 1, 1, 2,
		3, 3)
	kit.Same(t, "anti-join", models.AccountRows(t, rec, q.LeftJoin("activities", big).Where(squirrel.Eq{"activities.id": nil})),
		2, 4)
}

func testJoinOnRoot(t *testing.T, d kit.Database) {
	rec := d.Record()
	more := squirrel.Expr("amount >= accounts.balance")
	kit.Same(t, "join", models.AccountRows(t, rec, dovetail.Select(models.Accounts).Join("activities", more)), 2)
	kit.Same(t, "left join", models.AccountRows(t, rec, dovetail.Select(models.Accounts).LeftJoin("activities", more)), 1, 2, 3, 4)
}

func testJoinTwoPaths(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Posts).Join("author").Join("editor")
	kit.Same(t, "both", models.PostRows(t, rec, q), 1, 3)
	kit.Same(t, "by author", models.PostRows(t, rec, q.Where(squirrel.Eq{"author.name": "ann"})), 1)
	kit.Same(t, "by editor", models.PostRows(t, rec, q.Where(squirrel.Eq{"editor.name": "ann"})), 3)
	kit.Same(t, "one against the other", models.PostRows(t, rec, q.Where("author.id > editor.id")), 3)
	kit.Same(t, "a bare name is the root's", models.PostRows(t, rec, q.Where("posts.id = ?", 3).Where(squirrel.Eq{"id": 3})), 3)
}

func testJoinNested(t *testing.T, d kit.Database) {
	rec := d.Record()
	rows := kit.All(t, rec, dovetail.Select(models.Users).Join("posts.tags").OrderBy("posts.id", "posts.tags.id"))
	rec.Expect(t, 1, 1)
	kit.Same(t, "users", kit.Pluck(rows, models.UserName), "ann", "ann", "ann")
	lines := kit.Collect[string](t, rec, dovetail.Select(models.Labels).Join("lines.order").
		Where("lines.order.customer = ?", "x").
		Columns("lines.item").OrderBy("text", "lines.item"))
	rec.Expect(t, 1, 1)
	kit.Same(t, "lines", lines, "glue", "glue", "nails") // fragile: glue; heavy: glue and nails
}

func testJoinNestedLeft(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Users).LeftJoin("posts.tags").Columns().
		Column("user.name AS owner").Column("posts.tags.name AS related").OrderBy("id", "posts.id", "posts.tags.id")
	got := kit.Pluck(kit.Collect[confPair](t, rec, q), confPair.String)
	rec.Expect(t, 1, 1)
	kit.Same(t, "pairs", got, "ann-go", "ann-sql", "ann-sql", "bea-", "cyd-")
}

func testJoinInnerBelowLeft(t *testing.T, d kit.Database) {
	rec := d.Record()
	rows := kit.All(t, rec, dovetail.Select(models.Users).LeftJoin("posts").Join("posts.tags").OrderBy("id"))
	rec.Expect(t, 1, 1)
	kit.Same(t, "users", kit.Pluck(rows, models.UserName), "ann", "ann", "ann")
	rows = kit.All(t, rec, dovetail.Select(models.Users).Join("posts").LeftJoin("posts.tags").OrderBy("id"))
	rec.Expect(t, 1, 1)
	kit.Same(t, "users", kit.Pluck(rows, models.UserName), "ann", "ann", "ann", "bea")
}

func testJoinBothWays(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Accounts)
	kit.Same(t, "left first", models.AccountRows(t, rec, q.LeftJoin("activities").Join("activities")), 1, 1, 1, 2, 3, 3)
	kit.Same(t, "inner first", models.AccountRows(t, rec, q.Join("activities").LeftJoin("activities")), 1, 1, 1, 2, 3, 3)
}

func testJoinSelf(t *testing.T, d kit.Database) {
	rec := d.Record()
	names := func(q dovetail.Query[*models.Employee]) []string {
		got := kit.Pluck(kit.Collect[confPair](t, rec, q.OrderBy("id")), confPair.String)
		rec.Expect(t, 1, 1)
		return got
	}
	up := func(path string) dovetail.Query[*models.Employee] {
		return dovetail.Select(models.Employees).Columns().Column("employees.name AS owner").Column(path + ".name AS related")
	}
	kit.Same(t, "managers", names(up("manager").Join("manager")), "left-root", "right-root", "leaf-left")
	kit.Same(t, "managers of managers", names(up("manager.manager").Join("manager.manager")), "leaf-root")
	kit.Same(t, "only named", names(up("manager.manager")), "root-", "left-", "right-", "leaf-root")
	kit.Same(t, "down", names(up("subordinates.subordinates").Join("subordinates.subordinates")), "root-leaf")
}

func testJoinTwoLists(t *testing.T, d kit.Database) {
	rec := d.Record()
	rows := kit.All(t, rec, dovetail.Select(models.Users).Join("posts").Join("edited"))
	rec.Expect(t, 1, 1)
	kit.Equal(t, "two posts times one edited, one times one", len(rows), 3)
	rows = kit.All(t, rec, dovetail.Select(models.Users).Join("posts").Join("edited").Distinct().OrderBy("id"))
	rec.Expect(t, 1, 1)
	kit.Same(t, "users", kit.Pluck(rows, models.UserName), "ann", "bea")
}

func testJoinImmutable(t *testing.T, d kit.Database) {
	rec := d.Record()
	base := dovetail.Select(models.Accounts).Join("activities").Where("activities.amount > ?", 100)
	before, _, err := base.SQL(rec.Dialect())
	if err != nil {
		t.Fatal(err)
	}
	one := base.Where(squirrel.Eq{"activities.activity_type": models.Withdrawal})
	two := base.Where(squirrel.Eq{"activities.activity_type": models.Deposit}).Distinct()
	kit.Same(t, "one", models.AccountRows(t, rec, one), 1, 3)
	kit.Same(t, "two", models.AccountRows(t, rec, two), 1, 3)
	kit.Same(t, "one again", models.AccountRows(t, rec, one.Where(squirrel.Gt{"balance": 1000})), 1)
	kit.Same(t, "base", models.AccountRows(t, rec, base), 1, 1, 1, 3, 3)
	after, _, err := base.SQL(rec.Dialect())
	if err != nil || after != before {
		t.Errorf("expected the base to stay %s, got %s, %v", before, after, err)
	}
}
