package conformance_test

import (
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// Load onto rows in hand.

func loadCases() []kit.Case {
	return []kit.Case{
		{Name: "load/nothing", Run: testLoadNothing},
		{Name: "load/nil rows", Run: testLoadNilRows},
		{Name: "load/same owner twice", Run: testLoadSameOwnerTwice},
		{Name: "load/equal owners", Run: testLoadEqualOwners},
		{Name: "load/rows made by hand", Run: testLoadHandMade},
		{Name: "load/keys are sent once", Run: testLoadKeysOnce},
		{Name: "load/replaces", Run: testLoadReplaces},
		{Name: "load/nested path", Run: testLoadNested},
		{Name: "load/with a query", Run: testLoadWithQuery},
		{Name: "load/inverse", Run: testLoadInverse},
		{Name: "load/shared related row", Run: testLoadShared},
		{Name: "load/refusals send nothing", Run: testLoadRefusals},
	}
}

func testLoadNothing(t *testing.T, d kit.Database) {
	rec := d.Record()
	kit.Load(t, rec, models.Accounts, nil, "activities")
	kit.Load(t, rec, models.Accounts, []*models.Account{}, "activities.account")
	kit.Load(t, rec, models.Accounts, []*models.Account{nil, nil}, "activities")
	kit.Load(t, rec, models.Orders, []*models.Order{nil}, "lines")
	rec.Expect(t, 0, 0)
}

func testLoadNilRows(t *testing.T, d kit.Database) {
	rec := d.Record()
	rows := []*models.Account{nil, {ID: 1}, nil, {ID: 4}, nil}
	kit.Load(t, rec, models.Accounts, rows, "activities")
	rec.Expect(t, 1, 1)
	kit.Same(t, "1", models.ActivityIDs(rows[1]), 1, 2, 3)
	if rows[3].Activities == nil || len(rows[3].Activities) != 0 {
		t.Errorf("4: expected loaded and empty, got %v", rows[3].Activities)
	}
	for _, i := range []int{0, 2, 4} {
		kit.Equal(t, "a nil row", rows[i], (*models.Account)(nil))
	}
}

func testLoadSameOwnerTwice(t *testing.T, d kit.Database) {
	rec := d.Record()
	one, three := &models.Account{ID: 1}, &models.Account{ID: 3}
	kit.Load(t, rec, models.Accounts, []*models.Account{one, three, one, one}, "activities")
	rec.Expect(t, 1, 1)
	kit.Same(t, "1", models.ActivityIDs(one), 1, 2, 3)
	kit.Same(t, "3", models.ActivityIDs(three), 5, 6)

	post := &models.Post{ID: 1}
	kit.Load(t, rec, models.Posts, []*models.Post{post, post}, "tags.posts")
	rec.Expect(t, 2, 2)
	kit.Same(t, "tags", kit.Pluck(post.Tags, models.TagName), "go", "sql")
	kit.Same(t, "posts of sql", kit.Pluck(post.Tags[1].Posts, models.PostTitle), "Joins", "Keys")
}

// testLoadEqualOwners loads two structs of one row: each gets a list of its own with the same related rows.
func testLoadEqualOwners(t *testing.T, d kit.Database) {
	rec := d.Record()
	a, b := &models.Account{ID: 1}, &models.Account{ID: 1}
	kit.Load(t, rec, models.Accounts, []*models.Account{a, b}, "activities")
	rec.Expect(t, 1, 1)
	kit.Same(t, "first", models.ActivityIDs(a), 1, 2, 3)
	kit.Same(t, "second", b.Activities, a.Activities...)
	a.Activities[0] = nil
	a.Activities = append(a.Activities[:1], &models.Activity{ID: 99})
	kit.Same(t, "second after the first was changed", models.ActivityIDs(b), 1, 2, 3)
}

func testLoadHandMade(t *testing.T, d kit.Database) {
	rec := d.Record()
	editor := int64(2)
	posts := []*models.Post{{AuthorID: 1, EditorID: &editor}, {AuthorID: 2}}
	kit.Load(t, rec, models.Posts, posts, "author")
	kit.Load(t, rec, models.Posts, posts, "editor")
	rec.Expect(t, 2, 2)
	kit.Same(t, "authors", kit.Pluck(posts, func(p *models.Post) string { return p.Author.Name }), "ann", "bea")
	kit.Equal(t, "editor", posts[0].Editor.Name, "bea")
	kit.Equal(t, "no editor", posts[1].Editor, (*models.User)(nil))
	orders := []*models.Order{{Warehouse: "b", Number: 1}, {Warehouse: "zz", Number: 1}}
	kit.Load(t, rec, models.Orders, orders, "lines")
	rec.Expect(t, 1+d.Lookups(1), 1+d.Lookups(1))
	kit.Same(t, "lines", kit.Pluck(orders[0].Lines, models.LineItem), "rope")
	kit.Equal(t, "lines of no order", len(orders[1].Lines), 0)
}

// testLoadKeysOnce counts the keys that are sent: on PostgreSQL they are one argument, a list.
func testLoadKeysOnce(t *testing.T, d kit.Database) {
	rec := d.Record()
	rows := make([]*models.Activity, 0, 100)
	for i := range int64(100) {
		rows = append(rows, &models.Activity{AccountID: 1 + i%2})
	}
	kit.Load(t, rec, models.Activities, rows, "account")
	for _, arg := range rec.Stmts[0].Args {
		if keys, ok := arg.([]int64); ok {
			kit.Same(t, "keys", keys, 1, 2)
		} else if text, ok := arg.(string); !ok || text != "[1,2]" {
			t.Errorf("expected the keys 1 and 2, got %v", arg)
		}
	}
	rec.Expect(t, 1, 1)
	kit.Equal(t, "account", rows[0].Account.Owner, "SpongeBob")
	kit.Equal(t, "account", rows[99].Account.Owner, "Patrick")
	kit.Equal(t, "one account", rows[98].Account, rows[0].Account)
}

func testLoadReplaces(t *testing.T, d kit.Database) {
	rec := d.Record()
	stale := &models.Account{ID: 1, Activities: []*models.Activity{{ID: 77}}}
	none := &models.Account{ID: 4, Activities: []*models.Activity{{ID: 78}}}
	kit.Load(t, rec, models.Accounts, []*models.Account{stale, none}, "activities")
	rec.Expect(t, 1, 1)
	kit.Same(t, "1", models.ActivityIDs(stale), 1, 2, 3)
	kit.Same(t, "4", models.ActivityIDs(none))

	post := &models.Post{ID: 2, Editor: &models.User{Name: "stale"}}
	kit.Load(t, rec, models.Posts, []*models.Post{post}, "editor")
	rec.Expect(t, 0, 0) // it has no key, so there is nothing to ask
	kit.Equal(t, "editor", post.Editor, (*models.User)(nil))
}

func testLoadNested(t *testing.T, d kit.Database) {
	rec := d.Record()
	users := []*models.User{{ID: 1}, {ID: 3}}
	kit.Load(t, rec, models.Users, users, "posts.tags")
	rec.Expect(t, 2, 2)
	kit.Same(t, "tags", kit.Pluck(users[0].Posts[0].Tags, models.TagName), "go", "sql")
	kit.Equal(t, "posts of cyd", len(users[1].Posts), 0)
	kit.Load(t, rec, models.Users, users, "edited.author.profile")
	rec.Expect(t, 3, 3)
	kit.Equal(t, "author of what ann edited", users[0].Edited[0].Author.Name, "bea")
}

func testLoadWithQuery(t *testing.T, d kit.Database) {
	rec := d.Record()
	accounts := kit.All(t, rec, dovetail.Select(models.Accounts).OrderBy("id"))
	rec.Expect(t, 1, 1)
	kit.Load(t, rec, models.Accounts, accounts, "activities", dovetail.Select(models.Activities).OrderBy("amount DESC").Limit(1))
	rec.Expect(t, 1, 1)
	models.Lists(t, kit.Pluck(accounts, models.ActivityIDs), []int64{2}, []int64{4}, []int64{6}, nil)
	kit.Load(t, rec, models.Accounts, accounts, "activities", dovetail.Select(models.Activities).Where("amount > ?", 100).
		Preload("account"))
	rec.Expect(t, 1, 1)
	models.Lists(t, kit.Pluck(accounts, models.ActivityIDs), []int64{1, 2, 3}, nil, []int64{5, 6}, nil)
	kit.Equal(t, "back", accounts[2].Activities[0].Account, accounts[2])
}

func testLoadInverse(t *testing.T, d kit.Database) {
	rec := d.Record()
	activities := kit.All(t, rec, dovetail.Select(models.Activities).OrderBy("id"))
	rec.Expect(t, 1, 1)
	kit.Load(t, rec, models.Activities, activities, "account.activities")
	rec.Expect(t, 2, 2)
	kit.Equal(t, "one account for its activities", activities[0].Account, activities[2].Account)
	kit.Same(t, "its activities", models.ActivityIDs(activities[0].Account), 1, 2, 3)
}

func testLoadShared(t *testing.T, d kit.Database) {
	rec := d.Record()
	posts := []*models.Post{{ID: 1}, {ID: 2}, {ID: 3}}
	kit.Load(t, rec, models.Posts, posts, "tags")
	rec.Expect(t, 1, 1)
	kit.Equal(t, "sql is one row", posts[0].Tags[1], posts[1].Tags[0])
	posts[0].Tags[1].Name = "changed"
	kit.Equal(t, "seen by both", posts[1].Tags[0].Name, "changed")
}

func testLoadRefusals(t *testing.T, d kit.Database) {
	rec := d.Record()
	rows := []*models.Account{{ID: 1}}
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
		{"activities", []dovetail.AnyQuery{dovetail.Select(models.Users)}, dovetail.ErrInvalidRelation,
			[]string{`"user"`, `"activity"`}},
		{"activities", []dovetail.AnyQuery{dovetail.Select(models.Activities).GroupBy("id")}, dovetail.ErrUnsupported,
			[]string{"GroupBy"}},
		{"activities", []dovetail.AnyQuery{dovetail.Select(models.Activities), dovetail.Select(models.Activities)},
			dovetail.ErrInvalidQuery, nil},
		{"activities", []dovetail.AnyQuery{dovetail.Select(models.Activities).Limit(-1)}, dovetail.ErrInvalidQuery,
			[]string{"Limit"}},
	} {
		kit.Refused(t, dovetail.Load(t.Context(), rec, models.Accounts, rows, c.path, c.query...), c.is, c.words...)
	}
	if rows[0].Activities != nil {
		t.Errorf("expected nothing loaded, got %v", rows[0].Activities)
	}
	rec.Expect(t, 0, 0)
}
