package relations_test

import (
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
	"github.com/dovetail-go/dovetail/internal/tests/models/keyed"
)

// Limits inside a preload count the rows of each owner, for every kind of to-many relation.

func limitCases() []kit.Case {
	return []kit.Case{
		{Name: "limit/has-many", Run: testLimitHasMany},
		{Name: "limit/offset", Run: testLimitOffset},
		{Name: "limit/zero", Run: testLimitZero},
		{Name: "limit/beyond what there is", Run: testLimitBeyond},
		{Name: "limit/filter and join", Run: testLimitFilter},
		{Name: "limit/many-to-many", Run: testLimitManyToMany},
		{Name: "limit/self", Run: testLimitSelf},
		{Name: "limit/self many-to-many", Run: testLimitFriends},
		{Name: "limit/composite keys", Run: testLimitComposite},
		{Name: "limit/text keys", Run: testLimitText},
		{Name: "limit/uuid keys", Run: testLimitUUID},
		{Name: "limit/nested", Run: testLimitNested},
		{Name: "limit/columns without keys", Run: testLimitColumns},
		{Name: "limit/to-one", Run: testLimitToOne},
		{Name: "limit/inverse", Run: testLimitInverse},
	}
}

func testLimitHasMany(t *testing.T, d kit.Database) {
	q := dovetail.Select(models.Activities)
	models.Lists(t, models.AccountsWith(t, d, q.Limit(1)), []int64{1}, []int64{4}, []int64{5}, nil)
	models.Lists(t, models.AccountsWith(t, d, q.Limit(2)), []int64{1, 2}, []int64{4}, []int64{5, 6}, nil)
	models.Lists(t, models.AccountsWith(t, d, q.OrderBy("amount DESC").Limit(2)), []int64{2, 1}, []int64{4}, []int64{6, 5}, nil)
	models.Lists(t, models.AccountsWith(t, d, q.OrderBy("activity_type DESC", "created_at").Limit(2)),
		[]int64{3, 1}, []int64{4}, []int64{6, 5}, nil)
}

func testLimitOffset(t *testing.T, d kit.Database) {
	q := dovetail.Select(models.Activities)
	models.Lists(t, models.AccountsWith(t, d, q.Offset(1)), []int64{2, 3}, nil, []int64{6}, nil)
	models.Lists(t, models.AccountsWith(t, d, q.Limit(1).Offset(1)), []int64{2}, nil, []int64{6}, nil)
	models.Lists(t, models.AccountsWith(t, d, q.OrderBy("amount").Limit(1).Offset(2)), []int64{2}, nil, nil, nil)
	models.Lists(t, models.AccountsWith(t, d, q.Limit(5).Offset(3)), nil, nil, nil, nil)
	models.Lists(t, models.AccountsWith(t, d, q.Offset(0)), []int64{1, 2, 3}, []int64{4}, []int64{5, 6}, nil)
}

func testLimitZero(t *testing.T, d kit.Database) {
	models.Lists(t, models.AccountsWith(t, d, dovetail.Select(models.Activities).Limit(0)), nil, nil, nil, nil)
}

func testLimitBeyond(t *testing.T, d kit.Database) {
	const most = 1<<31 - 1 // an int on every platform
	q := dovetail.Select(models.Activities)
	models.Lists(t, models.AccountsWith(t, d, q.Limit(most)), []int64{1, 2, 3}, []int64{4}, []int64{5, 6}, nil)
	models.Lists(t, models.AccountsWith(t, d, q.Limit(most).Offset(most)), nil, nil, nil, nil)
}

func testLimitFilter(t *testing.T, d kit.Database) {
	q := dovetail.Select(models.Activities).Where(squirrel.Eq{"activity_type": models.Deposit}).Where("amount > ?", 100)
	models.Lists(t, models.AccountsWith(t, d, q.Limit(1)), []int64{1}, nil, []int64{5}, nil)
	// The to-one path is joined inside of what is limited.
	q = q.Where("account.balance > ?", 1000).OrderBy("account.owner", "amount DESC").Limit(1)
	models.Lists(t, models.AccountsWith(t, d, q), []int64{2}, nil, nil, nil)
}

func testLimitManyToMany(t *testing.T, d kit.Database) {
	rec := d.Record()
	posts := kit.All(t, rec, dovetail.Select(models.Posts).OrderBy("id").
		Preload("tags", dovetail.Select(models.Tags).OrderBy("name DESC").Limit(1)))
	rec.Expect(t, 2, 2)
	kit.Same(t, "Joins", kit.Pluck(posts[0].Tags, models.TagName), "sql")
	kit.Same(t, "Keys", kit.Pluck(posts[1].Tags, models.TagName), "sql")
	kit.Same(t, "Nulls", kit.Pluck(posts[2].Tags, models.TagName))
	kit.Equal(t, "sql is one row", posts[0].Tags[0], posts[1].Tags[0])

	posts = kit.All(t, rec, dovetail.Select(models.Posts).OrderBy("id").Preload("tags", dovetail.Select(models.Tags).Offset(1)))
	rec.Expect(t, 2, 2)
	kit.Same(t, "Joins without the first", kit.Pluck(posts[0].Tags, models.TagName), "sql")
	kit.Same(t, "Keys without the first", kit.Pluck(posts[1].Tags, models.TagName))
}

func testLimitSelf(t *testing.T, d kit.Database) {
	rec := d.Record()
	rows := kit.All(t, rec, dovetail.Select(models.Employees).OrderBy("id").
		Preload("subordinates", dovetail.Select(models.Employees).OrderBy("name DESC").Limit(1)))
	rec.Expect(t, 2, 2)
	name := func(e *models.Employee) string { return e.Name }
	kit.Same(t, "root", kit.Pluck(rows[0].Subordinates, name), "right")
	kit.Same(t, "left", kit.Pluck(rows[1].Subordinates, name), "leaf")
	kit.Same(t, "leaf", kit.Pluck(rows[3].Subordinates, name))
}

func testLimitFriends(t *testing.T, d kit.Database) {
	f := keyed.NewFamily[int64]("int")
	rec := d.Record()
	rows := kit.All(t, rec, dovetail.Select(f.Owners).OrderBy("id").
		Preload("friends", dovetail.Select(f.Owners).OrderBy("name DESC").Limit(1)).
		Preload("fans", dovetail.Select(f.Owners).Limit(1)))
	rec.Expect(t, 3, 2)
	kit.Same(t, "last friend", kit.Pluck(rows[0].Friends, (*keyed.Owner[int64]).Label), "cat")
	kit.Same(t, "first fan", kit.Pluck(rows[2].Fans, (*keyed.Owner[int64]).Label), "ann")
}

func testLimitComposite(t *testing.T, d kit.Database) {
	f := newConfComposite()
	rec := d.Record()
	rows := kit.All(t, rec, dovetail.Select(f.owners).OrderBy("region", "no").
		Preload("parts", dovetail.Select(f.parts).OrderBy("name DESC").Limit(1)).
		Preload("tags", dovetail.Select(f.tags).Limit(1).Offset(1)))
	rec.Expect(t, 3+d.Lookups(1), 2)
	kit.Same(t, "ann's last part", kit.Pluck(rows[0].Parts, (*cPart).Label), "bolt")
	kit.Same(t, "bob's last part", kit.Pluck(rows[1].Parts, (*cPart).Label), "cog")
	kit.Same(t, "ann's second tag", kit.Pluck(rows[0].Tags, (*cTag).Label), "hot")
	kit.Same(t, "bob's second tag", kit.Pluck(rows[1].Tags, (*cTag).Label))
}

func testLimitText(t *testing.T, d kit.Database) {
	f := keyed.NewFamily[string]("text")
	rec := d.Record()
	rows := kit.All(t, rec, dovetail.Select(f.Owners).OrderBy("id").
		Preload("parts", dovetail.Select(f.Parts).OrderBy("name DESC").Limit(1)))
	rec.Expect(t, 2+d.Lookups(1), 2)
	kit.Same(t, "ann's last part", kit.Pluck(rows[0].Parts, (*keyed.Part[string]).Label), "bolt")
	kit.Same(t, "bob's last part", kit.Pluck(rows[1].Parts, (*keyed.Part[string]).Label), "cog")
}

func testLimitUUID(t *testing.T, d kit.Database) {
	f := keyed.NewFamily[[16]byte]("bytes16")
	rec := d.Record()
	rows := kit.All(t, rec, dovetail.Select(f.Owners).OrderBy("id").
		Preload("parts", dovetail.Select(f.Parts).OrderBy("name DESC").Limit(1)).
		Preload("tags", dovetail.Select(f.Tags).OrderBy("name DESC").Limit(1)))
	rec.Expect(t, 3, 2)
	kit.Same(t, "ann's last part", kit.Pluck(rows[0].Parts, (*keyed.Part[[16]byte]).Label), "bolt")
	kit.Same(t, "ann's last tag", kit.Pluck(rows[0].Tags, (*keyed.Tag[[16]byte]).Label), "hot")
	kit.Same(t, "bob's last tag", kit.Pluck(rows[1].Tags, (*keyed.Tag[[16]byte]).Label), "cold")
}

func testLimitNested(t *testing.T, d kit.Database) {
	rec := d.Record()
	tags := dovetail.Select(models.Tags).OrderBy("name DESC").Limit(1)
	users := kit.All(t, rec, dovetail.Select(models.Users).OrderBy("id").
		Preload("posts", dovetail.Select(models.Posts).OrderBy("title").Limit(1).Preload("tags", tags)))
	rec.Expect(t, 3, 3)
	kit.Equal(t, "posts of ann", len(users[0].Posts), 1)
	kit.Equal(t, "first post of ann", users[0].Posts[0].Title, "Joins")
	kit.Same(t, "its last tag", kit.Pluck(users[0].Posts[0].Tags, models.TagName), "sql")

	users = kit.All(t, rec, dovetail.Select(models.Users).OrderBy("id").Limit(1).Preload("posts.tags", tags))
	rec.Expect(t, 3, 3)
	kit.Equal(t, "posts without a limit", len(users[0].Posts), 2)
	kit.Same(t, "last tag of the second", kit.Pluck(users[0].Posts[1].Tags, models.TagName), "sql")
}

func testLimitColumns(t *testing.T, d kit.Database) {
	q := dovetail.Select(models.Activities).Columns("amount").OrderBy("created_at DESC").Limit(1)
	models.Lists(t, models.AccountsWith(t, d, q), []int64{3}, []int64{4}, []int64{6}, nil)
}

// testLimitToOne limits what can be one row anyway, except that an offset skips it and zero leaves none.
func testLimitToOne(t *testing.T, d kit.Database) {
	rec := d.Record()
	editors := func(q dovetail.Query[*models.User]) []string {
		posts := kit.All(t, rec, dovetail.Select(models.Posts).OrderBy("id").Preload("editor", q))
		rec.Expect(t, 2, 2)
		return kit.Pluck(posts, func(p *models.Post) string {
			if p.Editor == nil {
				return ""
			}
			return p.Editor.Name
		})
	}
	kit.Same(t, "limit 1", editors(dovetail.Select(models.Users).Limit(1)), "bea", "", "ann")
	kit.Same(t, "limit 0", editors(dovetail.Select(models.Users).Limit(0)), "", "", "")
	kit.Same(t, "offset 1", editors(dovetail.Select(models.Users).Offset(1)), "", "", "")
}

// testLimitInverse goes back to the owner from rows that were limited, still without a statement.
func testLimitInverse(t *testing.T, d kit.Database) {
	rec := d.Record()
	accounts := kit.All(t, rec, dovetail.Select(models.Accounts).OrderBy("id").
		Preload("activities", dovetail.Select(models.Activities).OrderBy("amount DESC").Limit(1).Preload("account")))
	rec.Expect(t, 2, 2)
	kit.Same(t, "largest", models.ActivityIDs(accounts[0]), 2)
	kit.Equal(t, "its account", accounts[0].Activities[0].Account, accounts[0])
}
