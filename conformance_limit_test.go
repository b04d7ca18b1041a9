package dovetail_test

import (
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
)

// Limits inside a preload count the rows of each owner, for every kind of to-many relation.

func limitCases() []conformanceCase {
	return []conformanceCase{
		{"limit/has-many", testLimitHasMany},
		{"limit/offset", testLimitOffset},
		{"limit/zero", testLimitZero},
		{"limit/beyond what there is", testLimitBeyond},
		{"limit/filter and join", testLimitFilter},
		{"limit/many-to-many", testLimitManyToMany},
		{"limit/self", testLimitSelf},
		{"limit/self many-to-many", testLimitFriends},
		{"limit/composite keys", testLimitComposite},
		{"limit/text keys", testLimitText},
		{"limit/uuid keys", testLimitUUID},
		{"limit/nested", testLimitNested},
		{"limit/columns without keys", testLimitColumns},
		{"limit/to-one", testLimitToOne},
		{"limit/inverse", testLimitInverse},
	}
}

// accountsWith preloads the activities of all accounts by the query and returns their ids.
func accountsWith(t *testing.T, d database, q dovetail.Query[Activity]) [][]int64 {
	t.Helper()
	rec := d.record()
	accounts := confAll(t, rec, dovetail.Select(Accounts).OrderBy("id").Preload("activities", q))
	rec.expect(t, 2, 2)
	if len(accounts) != 4 {
		t.Fatalf("expected 4 accounts, got %d", len(accounts))
	}
	return confPluck(accounts, func(a *Account) []int64 {
		if a.Activities == nil {
			t.Errorf("account %d: not loaded", a.ID)
		}
		return activityIDs(a)
	})
}

func confLists(t *testing.T, got [][]int64, want ...[]int64) {
	t.Helper()
	confEqual(t, "lists", len(got), len(want))
	for i := range want {
		confSame(t, "list", got[i], want[i]...)
	}
}

func testLimitHasMany(t *testing.T, d database) {
	q := dovetail.Select(Activities)
	confLists(t, accountsWith(t, d, q.Limit(1)), []int64{1}, []int64{4}, []int64{5}, nil)
	confLists(t, accountsWith(t, d, q.Limit(2)), []int64{1, 2}, []int64{4}, []int64{5, 6}, nil)
	confLists(t, accountsWith(t, d, q.OrderBy("amount DESC").Limit(2)), []int64{2, 1}, []int64{4}, []int64{6, 5}, nil)
	confLists(t, accountsWith(t, d, q.OrderBy("activity_type DESC", "created_at").Limit(2)),
		[]int64{3, 1}, []int64{4}, []int64{6, 5}, nil)
}

func testLimitOffset(t *testing.T, d database) {
	q := dovetail.Select(Activities)
	confLists(t, accountsWith(t, d, q.Offset(1)), []int64{2, 3}, nil, []int64{6}, nil)
	confLists(t, accountsWith(t, d, q.Limit(1).Offset(1)), []int64{2}, nil, []int64{6}, nil)
	confLists(t, accountsWith(t, d, q.OrderBy("amount").Limit(1).Offset(2)), []int64{2}, nil, nil, nil)
	confLists(t, accountsWith(t, d, q.Limit(5).Offset(3)), nil, nil, nil, nil)
	confLists(t, accountsWith(t, d, q.Offset(0)), []int64{1, 2, 3}, []int64{4}, []int64{5, 6}, nil)
}

func testLimitZero(t *testing.T, d database) {
	confLists(t, accountsWith(t, d, dovetail.Select(Activities).Limit(0)), nil, nil, nil, nil)
}

func testLimitBeyond(t *testing.T, d database) {
	const most = 1<<31 - 1 // an int on every platform
	q := dovetail.Select(Activities)
	confLists(t, accountsWith(t, d, q.Limit(most)), []int64{1, 2, 3}, []int64{4}, []int64{5, 6}, nil)
	confLists(t, accountsWith(t, d, q.Limit(most).Offset(most)), nil, nil, nil, nil)
}

func testLimitFilter(t *testing.T, d database) {
	q := dovetail.Select(Activities).Where(squirrel.Eq{"activity_type": Deposit}).Where("amount > ?", 100)
	confLists(t, accountsWith(t, d, q.Limit(1)), []int64{1}, nil, []int64{5}, nil)
	// The to-one path is joined inside of what is limited.
	q = q.Where("account.balance > ?", 1000).OrderBy("account.owner", "amount DESC").Limit(1)
	confLists(t, accountsWith(t, d, q), []int64{2}, nil, nil, nil)
}

func testLimitManyToMany(t *testing.T, d database) {
	rec := d.record()
	posts := confAll(t, rec, dovetail.Select(Posts).OrderBy("id").
		Preload("tags", dovetail.Select(Tags).OrderBy("name DESC").Limit(1)))
	rec.expect(t, 2, 2)
	confSame(t, "Joins", confPluck(posts[0].Tags, tagName), "sql")
	confSame(t, "Keys", confPluck(posts[1].Tags, tagName), "sql")
	confSame(t, "Nulls", confPluck(posts[2].Tags, tagName))
	confEqual(t, "sql is one row", posts[0].Tags[0], posts[1].Tags[0])

	posts = confAll(t, rec, dovetail.Select(Posts).OrderBy("id").Preload("tags", dovetail.Select(Tags).Offset(1)))
	rec.expect(t, 2, 2)
	confSame(t, "Joins without the first", confPluck(posts[0].Tags, tagName), "sql")
	confSame(t, "Keys without the first", confPluck(posts[1].Tags, tagName))
}

func testLimitSelf(t *testing.T, d database) {
	rec := d.record()
	rows := confAll(t, rec, dovetail.Select(Employees).OrderBy("id").
		Preload("subordinates", dovetail.Select(Employees).OrderBy("name DESC").Limit(1)))
	rec.expect(t, 2, 2)
	name := func(e *Employee) string { return e.Name }
	confSame(t, "root", confPluck(rows[0].Subordinates, name), "right")
	confSame(t, "left", confPluck(rows[1].Subordinates, name), "leaf")
	confSame(t, "leaf", confPluck(rows[3].Subordinates, name))
}

func testLimitFriends(t *testing.T, d database) {
	f := newConfKeyed[int64]("int")
	rec := d.record()
	rows := confAll(t, rec, dovetail.Select(f.owners).OrderBy("id").
		Preload("friends", dovetail.Select(f.owners).OrderBy("name DESC").Limit(1)).
		Preload("fans", dovetail.Select(f.owners).Limit(1)))
	rec.expect(t, 3, 2)
	confSame(t, "last friend", confPluck(rows[0].Friends, (*kOwner[int64]).label), "cat")
	confSame(t, "first fan", confPluck(rows[2].Fans, (*kOwner[int64]).label), "ann")
}

func testLimitComposite(t *testing.T, d database) {
	f := newConfComposite()
	rec := d.record()
	rows := confAll(t, rec, dovetail.Select(f.owners).OrderBy("region", "no").
		Preload("parts", dovetail.Select(f.parts).OrderBy("name DESC").Limit(1)).
		Preload("tags", dovetail.Select(f.tags).Limit(1).Offset(1)))
	rec.expect(t, 3+d.lookups(1), 2+d.lookups(1))
	confSame(t, "ann's last part", confPluck(rows[0].Parts, (*cPart).label), "bolt")
	confSame(t, "bob's last part", confPluck(rows[1].Parts, (*cPart).label), "cog")
	confSame(t, "ann's second tag", confPluck(rows[0].Tags, (*cTag).label), "hot")
	confSame(t, "bob's second tag", confPluck(rows[1].Tags, (*cTag).label))
}

func testLimitText(t *testing.T, d database) {
	f := newConfKeyed[string]("text")
	rec := d.record()
	rows := confAll(t, rec, dovetail.Select(f.owners).OrderBy("id").
		Preload("parts", dovetail.Select(f.parts).OrderBy("name DESC").Limit(1)))
	rec.expect(t, 2+d.lookups(1), 2+d.lookups(1))
	confSame(t, "ann's last part", confPluck(rows[0].Parts, (*kPart[string]).label), "bolt")
	confSame(t, "bob's last part", confPluck(rows[1].Parts, (*kPart[string]).label), "cog")
}

func testLimitUUID(t *testing.T, d database) {
	f := newConfKeyed[[16]byte]("bytes16")
	rec := d.record()
	rows := confAll(t, rec, dovetail.Select(f.owners).OrderBy("id").
		Preload("parts", dovetail.Select(f.parts).OrderBy("name DESC").Limit(1)).
		Preload("tags", dovetail.Select(f.tags).OrderBy("name DESC").Limit(1)))
	rec.expect(t, 3, 2)
	confSame(t, "ann's last part", confPluck(rows[0].Parts, (*kPart[[16]byte]).label), "bolt")
	confSame(t, "ann's last tag", confPluck(rows[0].Tags, (*kTag[[16]byte]).label), "hot")
	confSame(t, "bob's last tag", confPluck(rows[1].Tags, (*kTag[[16]byte]).label), "cold")
}

func testLimitNested(t *testing.T, d database) {
	rec := d.record()
	tags := dovetail.Select(Tags).OrderBy("name DESC").Limit(1)
	users := confAll(t, rec, dovetail.Select(Users).OrderBy("id").
		Preload("posts", dovetail.Select(Posts).OrderBy("title").Limit(1).Preload("tags", tags)))
	rec.expect(t, 3, 3)
	confEqual(t, "posts of ann", len(users[0].Posts), 1)
	confEqual(t, "first post of ann", users[0].Posts[0].Title, "Joins")
	confSame(t, "its last tag", confPluck(users[0].Posts[0].Tags, tagName), "sql")

	users = confAll(t, rec, dovetail.Select(Users).OrderBy("id").Limit(1).Preload("posts.tags", tags))
	rec.expect(t, 3, 3)
	confEqual(t, "posts without a limit", len(users[0].Posts), 2)
	confSame(t, "last tag of the second", confPluck(users[0].Posts[1].Tags, tagName), "sql")
}

func testLimitColumns(t *testing.T, d database) {
	q := dovetail.Select(Activities).Columns("amount").OrderBy("created_at DESC").Limit(1)
	confLists(t, accountsWith(t, d, q), []int64{3}, []int64{4}, []int64{6}, nil)
}

// testLimitToOne limits what can be one row anyway, except that an offset skips it and zero leaves none.
func testLimitToOne(t *testing.T, d database) {
	rec := d.record()
	editors := func(q dovetail.Query[User]) []string {
		posts := confAll(t, rec, dovetail.Select(Posts).OrderBy("id").Preload("editor", q))
		rec.expect(t, 2, 2)
		return confPluck(posts, func(p *Post) string {
			if p.Editor == nil {
				return ""
			}
			return p.Editor.Name
		})
	}
	confSame(t, "limit 1", editors(dovetail.Select(Users).Limit(1)), "bea", "", "ann")
	confSame(t, "limit 0", editors(dovetail.Select(Users).Limit(0)), "", "", "")
	confSame(t, "offset 1", editors(dovetail.Select(Users).Offset(1)), "", "", "")
}

// testLimitInverse goes back to the owner from rows that were limited, still without a statement.
func testLimitInverse(t *testing.T, d database) {
	rec := d.record()
	accounts := confAll(t, rec, dovetail.Select(Accounts).OrderBy("id").
		Preload("activities", dovetail.Select(Activities).OrderBy("amount DESC").Limit(1).Preload("account")))
	rec.expect(t, 2, 2)
	confSame(t, "largest", activityIDs(accounts[0]), 2)
	confEqual(t, "its account", accounts[0].Activities[0].Account, accounts[0])
}
