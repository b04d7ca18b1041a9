package dovetail_test

import (
	"testing"

	"github.com/dovetail-go/dovetail"
)

// Load onto rows in hand.

func loadCases() []conformanceCase {
	return []conformanceCase{
		{"load/nothing", testLoadNothing},
		{"load/nil rows", testLoadNilRows},
		{"load/same owner twice", testLoadSameOwnerTwice},
		{"load/equal owners", testLoadEqualOwners},
		{"load/rows made by hand", testLoadHandMade},
		{"load/keys are sent once", testLoadKeysOnce},
		{"load/replaces", testLoadReplaces},
		{"load/nested path", testLoadNested},
		{"load/with a query", testLoadWithQuery},
		{"load/inverse", testLoadInverse},
		{"load/shared related row", testLoadShared},
		{"load/refusals send nothing", testLoadRefusals},
	}
}

func testLoadNothing(t *testing.T, d database) {
	rec := d.record()
	confLoad(t, rec, Accounts, nil, "activities")
	confLoad(t, rec, Accounts, []*Account{}, "activities.account")
	confLoad(t, rec, Accounts, []*Account{nil, nil}, "activities")
	confLoad(t, rec, Orders, []*Order{nil}, "lines")
	rec.expect(t, 0, 0)
}

func testLoadNilRows(t *testing.T, d database) {
	rec := d.record()
	rows := []*Account{nil, {ID: 1}, nil, {ID: 4}, nil}
	confLoad(t, rec, Accounts, rows, "activities")
	rec.expect(t, 1, 1)
	confSame(t, "1", activityIDs(rows[1]), 1, 2, 3)
	if rows[3].Activities == nil || len(rows[3].Activities) != 0 {
		t.Errorf("4: expected loaded and empty, got %v", rows[3].Activities)
	}
	for _, i := range []int{0, 2, 4} {
		confEqual(t, "a nil row", rows[i], (*Account)(nil))
	}
}

func testLoadSameOwnerTwice(t *testing.T, d database) {
	rec := d.record()
	one, three := &Account{ID: 1}, &Account{ID: 3}
	confLoad(t, rec, Accounts, []*Account{one, three, one, one}, "activities")
	rec.expect(t, 1, 1)
	confSame(t, "1", activityIDs(one), 1, 2, 3)
	confSame(t, "3", activityIDs(three), 5, 6)

	post := &Post{ID: 1}
	confLoad(t, rec, Posts, []*Post{post, post}, "tags.posts")
	rec.expect(t, 2, 2)
	confSame(t, "tags", confPluck(post.Tags, tagName), "go", "sql")
	confSame(t, "posts of sql", confPluck(post.Tags[1].Posts, postTitle), "Joins", "Keys")
}

// testLoadEqualOwners loads two structs of one row: each gets a list of its own with the same related rows.
func testLoadEqualOwners(t *testing.T, d database) {
	rec := d.record()
	a, b := &Account{ID: 1}, &Account{ID: 1}
	confLoad(t, rec, Accounts, []*Account{a, b}, "activities")
	rec.expect(t, 1, 1)
	confSame(t, "first", activityIDs(a), 1, 2, 3)
	confSame(t, "second", b.Activities, a.Activities...)
	a.Activities[0] = nil
	a.Activities = append(a.Activities[:1], &Activity{ID: 99})
	confSame(t, "second after the first was changed", activityIDs(b), 1, 2, 3)
}

func testLoadHandMade(t *testing.T, d database) {
	rec := d.record()
	editor := int64(2)
	posts := []*Post{{AuthorID: 1, EditorID: &editor}, {AuthorID: 2}}
	confLoad(t, rec, Posts, posts, "author")
	confLoad(t, rec, Posts, posts, "editor")
	rec.expect(t, 2, 2)
	confSame(t, "authors", confPluck(posts, func(p *Post) string { return p.Author.Name }), "ann", "bea")
	confEqual(t, "editor", posts[0].Editor.Name, "bea")
	confEqual(t, "no editor", posts[1].Editor, (*User)(nil))
	orders := []*Order{{Warehouse: "b", Number: 1}, {Warehouse: "zz", Number: 1}}
	confLoad(t, rec, Orders, orders, "lines")
	rec.expect(t, 1+d.lookups(1), 1+d.lookups(1))
	confSame(t, "lines", confPluck(orders[0].Lines, lineItem), "rope")
	confEqual(t, "lines of no order", len(orders[1].Lines), 0)
}

// testLoadKeysOnce counts the keys that are sent: on PostgreSQL they are one argument, a list.
func testLoadKeysOnce(t *testing.T, d database) {
	rec := d.record()
	rows := make([]*Activity, 0, 100)
	for i := range int64(100) {
		rows = append(rows, &Activity{AccountID: 1 + i%2})
	}
	confLoad(t, rec, Activities, rows, "account")
	for _, arg := range rec.stmts[0].Args {
		if keys, ok := arg.([]int64); ok {
			confSame(t, "keys", keys, 1, 2)
		} else if text, ok := arg.(string); !ok || text != "[1,2]" {
			t.Errorf("expected the keys 1 and 2, got %v", arg)
		}
	}
	rec.expect(t, 1, 1)
	confEqual(t, "account", rows[0].Account.Owner, "SpongeBob")
	confEqual(t, "account", rows[99].Account.Owner, "Patrick")
	confEqual(t, "one account", rows[98].Account, rows[0].Account)
}

func testLoadReplaces(t *testing.T, d database) {
	rec := d.record()
	stale := &Account{ID: 1, Activities: []*Activity{{ID: 77}}}
	none := &Account{ID: 4, Activities: []*Activity{{ID: 78}}}
	confLoad(t, rec, Accounts, []*Account{stale, none}, "activities")
	rec.expect(t, 1, 1)
	confSame(t, "1", activityIDs(stale), 1, 2, 3)
	confSame(t, "4", activityIDs(none))

	post := &Post{ID: 2, Editor: &User{Name: "stale"}}
	confLoad(t, rec, Posts, []*Post{post}, "editor")
	rec.expect(t, 0, 0) // it has no key, so there is nothing to ask
	confEqual(t, "editor", post.Editor, (*User)(nil))
}

func testLoadNested(t *testing.T, d database) {
	rec := d.record()
	users := []*User{{ID: 1}, {ID: 3}}
	confLoad(t, rec, Users, users, "posts.tags")
	rec.expect(t, 2, 2)
	confSame(t, "tags", confPluck(users[0].Posts[0].Tags, tagName), "go", "sql")
	confEqual(t, "posts of cyd", len(users[1].Posts), 0)
	confLoad(t, rec, Users, users, "edited.author.profile")
	rec.expect(t, 3, 3)
	confEqual(t, "author of what ann edited", users[0].Edited[0].Author.Name, "bea")
}

func testLoadWithQuery(t *testing.T, d database) {
	rec := d.record()
	accounts := confAll(t, rec, dovetail.Select(Accounts).OrderBy("id"))
	rec.expect(t, 1, 1)
	confLoad(t, rec, Accounts, accounts, "activities", dovetail.Select(Activities).OrderBy("amount DESC").Limit(1))
	rec.expect(t, 1, 1)
	confLists(t, confPluck(accounts, activityIDs), []int64{2}, []int64{4}, []int64{6}, nil)
	confLoad(t, rec, Accounts, accounts, "activities", dovetail.Select(Activities).Where("amount > ?", 100).
		Preload("account"))
	rec.expect(t, 1, 1)
	confLists(t, confPluck(accounts, activityIDs), []int64{1, 2, 3}, nil, []int64{5, 6}, nil)
	confEqual(t, "back", accounts[2].Activities[0].Account, accounts[2])
}

func testLoadInverse(t *testing.T, d database) {
	rec := d.record()
	activities := confAll(t, rec, dovetail.Select(Activities).OrderBy("id"))
	rec.expect(t, 1, 1)
	confLoad(t, rec, Activities, activities, "account.activities")
	rec.expect(t, 2, 2)
	confEqual(t, "one account for its activities", activities[0].Account, activities[2].Account)
	confSame(t, "its activities", activityIDs(activities[0].Account), 1, 2, 3)
}

func testLoadShared(t *testing.T, d database) {
	rec := d.record()
	posts := []*Post{{ID: 1}, {ID: 2}, {ID: 3}}
	confLoad(t, rec, Posts, posts, "tags")
	rec.expect(t, 1, 1)
	confEqual(t, "sql is one row", posts[0].Tags[1], posts[1].Tags[0])
	posts[0].Tags[1].Name = "changed"
	confEqual(t, "seen by both", posts[1].Tags[0].Name, "changed")
}

func testLoadRefusals(t *testing.T, d database) {
	rec := d.record()
	rows := []*Account{{ID: 1}}
	for _, c := range []struct {
		path  string
		query []dovetail.AnyQuery
		is    error
		words []string
	}{
		{"activites", nil, dovetail.ErrUnknownRelation, []string{`"activites"`, `"activities"`}},
		{"activities.usr", nil, dovetail.ErrUnknownRelation, []string{`"usr"`, `"account"`}},
		{"owner", nil, dovetail.ErrUnknownRelation, []string{"column"}},
		{"", nil, dovetail.ErrUnknownRelation, nil},
		{"activities", []dovetail.AnyQuery{dovetail.Select(Users)}, dovetail.ErrInvalidRelation,
			[]string{`"user"`, `"activity"`}},
		{"activities", []dovetail.AnyQuery{dovetail.Select(Activities).GroupBy("id")}, dovetail.ErrUnsupported,
			[]string{"GroupBy"}},
		{"activities", []dovetail.AnyQuery{dovetail.Select(Activities), dovetail.Select(Activities)},
			dovetail.ErrInvalidQuery, nil},
		{"activities", []dovetail.AnyQuery{dovetail.Select(Activities).Limit(-1)}, dovetail.ErrInvalidQuery,
			[]string{"Limit"}},
	} {
		confRefused(t, dovetail.Load(t.Context(), rec, Accounts, rows, c.path, c.query...), c.is, c.words...)
	}
	if rows[0].Activities != nil {
		t.Errorf("expected nothing loaded, got %v", rows[0].Activities)
	}
	rec.expect(t, 0, 0)
}
