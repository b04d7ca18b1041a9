package peers_test

import (
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// The scenarios of docs/peers.md that come from Active Record's tests and that no other test of ours shows.

// peerVertex is linked with vertices by edges that have a direction.
type peerVertex struct {
	ID      int64
	Sinks   []*peerVertex
	Sources []*peerVertex
}

type peerEdge struct{ SourceID, SinkID int64 }

func peerVertices() *dovetail.Table[peerVertex] {
	r := dovetail.NewRegistry()
	vertices, edges := dovetail.NewTable[peerVertex](r, "peer_vertices"), dovetail.NewTable[peerEdge](r, "peer_edges")
	dovetail.ManyToMany(vertices, "sinks", vertices, edges, dovetail.ThroughKeys("source_id", "sink_id"),
		dovetail.Inverse("sources"))
	return vertices
}

// Edges lead 1 → 2 → 3 → 4 → 5 and 2 → 4.
const peerRailsDDL = `
CREATE TABLE peer_vertices (id BIGINT PRIMARY KEY);
CREATE TABLE peer_edges (source_id BIGINT NOT NULL, sink_id BIGINT NOT NULL);
INSERT INTO peer_vertices VALUES (1), (2), (3), (4), (5);
INSERT INTO peer_edges VALUES (1, 2), (2, 3), (3, 4), (4, 5), (2, 4);
`

func TestPeersRails(t *testing.T) {
	t.Parallel()
	kit.RunCases(t, kit.ReadingsDDL(t)+peerRailsDDL, []kit.Case{
		{Name: "a join loads nothing", Run: testRailsJoinLoadsNothing},
		{Name: "empty steps add nothing", Run: testRailsEmptySteps},
		{Name: "limit and offset beside conditions on a to-one", Run: testRailsLimitToOne},
		{Name: "pages of rows that have a related row", Run: testRailsPagesOfHas},
		{Name: "offset beyond the last row", Run: testRailsOffsetBeyond},
		{Name: "limited order by an expression", Run: testRailsLimitedExpression},
		{Name: "over a has-one and back and forth", Run: testRailsPingPong},
		{Name: "four levels of a many-to-many with itself", Run: testRailsFourLevels},
		{Name: "four levels back", Run: testRailsFourLevelsBack},
		{Name: "associated and missing", Run: testRailsAssociated},
		{Name: "condition used for both ends", Run: testRailsMerge},
		{Name: "shared owner sees a change", Run: testRailsSharedOwner},
		{Name: "related row without an owner and below", Run: testRailsNothingBelow},
		{Name: "one alias for each level of one table", Run: testRailsAliases},
		{Name: "names as in the request", Run: testRailsNotEqual},
		{Name: "has-one by order and limit beside the whole list", Run: testRailsHasOneLimit},
		{Name: "two many-to-many paths multiply and are told apart", Run: testRailsDuplicateLinks},
	})
}

func accountID64(a *models.Account) int64 { return a.ID }

func testRailsJoinLoadsNothing(t *testing.T, d kit.Database) {
	rec := d.Record()
	for _, a := range kit.All(t, rec, dovetail.Select(models.Accounts).Join("activities").Where("activities.amount > ?", 0)) {
		if a.Activities != nil {
			t.Errorf("account %d: expected nothing loaded by a join, got %v", a.ID, a.Activities)
		}
	}
	rec.Expect(t, 1, 1)
}

func testRailsEmptySteps(t *testing.T, d kit.Database) {
	plain, _, err := dovetail.Select(models.Accounts).SQL(d.DB.Dialect())
	if err != nil {
		t.Fatal(err)
	}
	same, args, err := dovetail.Select(models.Accounts).OrderBy().GroupBy().HasAll("activities").With().SQL(d.DB.Dialect())
	if err != nil || len(args) != 0 || strings.Contains(same, "JOIN") || strings.Contains(same, "GROUP") {
		t.Errorf("expected\n%s\ngot\n%s, %v", plain, same, err)
	}
}

func testRailsLimitToOne(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Activities).OrderBy("id").Preload("account")
	ids := func(q dovetail.Query[*models.Activity]) []int64 {
		rows := kit.All(t, rec, q)
		for _, a := range rows {
			if a.Account == nil || a.Account.ID != a.AccountID {
				t.Errorf("activity %d: wrong account %v", a.ID, a.Account)
			}
		}
		return kit.Pluck(rows, func(a *models.Activity) int64 { return a.ID })
	}
	kit.Same(t, "limit", ids(q.Limit(5)), 1, 2, 3, 4, 5)
	kit.Same(t, "limit and offset", ids(q.Limit(2).Offset(3)), 4, 5)
	rec.Expect(t, 4, 4)
	sponge := q.Where(squirrel.Eq{"account.owner": "SpongeBob"})
	kit.Same(t, "condition", ids(sponge.Limit(2).Offset(1)), 2, 3)
	kit.Same(t, "condition in text", ids(q.Where("account.balance < ? OR account.owner = ?", 100, "Squidward").Limit(2)), 4, 5)
	kit.Same(t, "order by the to-one", ids(dovetail.Select(models.Activities).OrderBy("account.owner DESC", "id").Limit(3).
		Preload("account")), 5, 6, 1)
	rec.Expect(t, 6, 6)
}

func testRailsPagesOfHas(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Accounts).Has("activities", squirrel.GtOrEq{"amount": 750}).OrderBy("id").Preload("activities")
	first, second := kit.All(t, rec, q.Limit(1)), kit.All(t, rec, q.Limit(1).Offset(1))
	rec.Expect(t, 4, 4)
	kit.Same(t, "first", kit.Pluck(first, accountID64), 1)
	kit.Same(t, "second", kit.Pluck(second, accountID64), 3)
	kit.Same(t, "all of its activities", models.ActivityIDs(first[0]), 1, 2, 3)
	n, err := q.Count(t.Context(), rec)
	if err != nil || n != 2 {
		t.Errorf("expected to count 2, got %d, %v", n, err)
	}
	rec.Expect(t, 1, 1)
}

func testRailsOffsetBeyond(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Posts).Where(squirrel.Eq{"author.name": "ann"}).Preload("tags").Preload("author").Limit(2).Offset(10)
	rows := kit.All(t, rec, q)
	rec.Expect(t, 1, 1)
	kit.Equal(t, "rows", len(rows), 0)
	n, err := q.Count(t.Context(), rec)
	if err != nil || n != 0 {
		t.Errorf("expected to count 0, got %d, %v", n, err)
	}
	rec.Expect(t, 1, 1)
}

func testRailsLimitedExpression(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Posts).Where(squirrel.Eq{"author.id": []int64{1, 2}}).Preload("tags").Limit(2).Offset(1)
	titles := func(q dovetail.Query[*models.Post]) []string { return kit.Pluck(kit.All(t, rec, q), models.PostTitle) }
	kit.Same(t, "up", titles(q.OrderByClause("upper(posts.title)")), "Keys", "Nulls")
	kit.Same(t, "down", titles(q.OrderByClause("upper(posts.title) DESC").OrderBy("id")), "Keys", "Joins")
	rec.Expect(t, 4, 4)
}

// testRailsPingPong goes over the profile to the very user. Where that user's profile is asked for again, it is another
// user struct: the list in the first one may be filtered or ordered otherwise, and must stay.
func testRailsPingPong(t *testing.T, d kit.Database) {
	rec := d.Record()
	users := kit.All(t, rec, dovetail.Select(models.Users).OrderBy("id").Preload("profile.user"))
	rec.Expect(t, 2, 2)
	kit.Equal(t, "user", users[1].Profile.User, users[1])
	kit.Equal(t, "none", users[2].Profile, (*models.Profile)(nil))
	users = kit.All(t, rec, dovetail.Select(models.Users).OrderBy("id").Preload("profile.user.profile"))
	rec.Expect(t, 4, 4)
	kit.Equal(t, "user", users[0].Profile.User.Name, "ann")
	kit.Equal(t, "profile", *users[0].Profile.User.Profile.Bio, "writes")
	kit.Equal(t, "no further", users[0].Profile.User.Profile.User, (*models.User)(nil))
}

// vertexPath follows the first link of each level.
func vertexPath(v *peerVertex, next func(*peerVertex) []*peerVertex) []int64 {
	path := []int64{v.ID}
	for range 5 {
		links := next(v)
		if len(links) == 0 {
			break
		}
		v = links[0]
		path = append(path, v.ID)
	}
	return path
}

func testRailsFourLevels(t *testing.T, d kit.Database) {
	rec := d.Record()
	one, err := dovetail.Select(peerVertices()).Preload("sinks.sinks.sinks.sinks").Get(t.Context(), rec, 1)
	if err != nil {
		t.Fatal(err)
	}
	rec.Expect(t, 5, 5)
	sinks := func(v *peerVertex) []*peerVertex { return v.Sinks }
	kit.Same(t, "path", vertexPath(one, sinks), 1, 2, 3, 4, 5)
	two := one.Sinks[0]
	kit.Same(t, "sinks of 2", kit.Pluck(two.Sinks, func(v *peerVertex) int64 { return v.ID }), 3, 4)
	kit.Same(t, "the other way", vertexPath(two.Sinks[1], sinks), 4, 5)
}

func testRailsFourLevelsBack(t *testing.T, d kit.Database) {
	rec := d.Record()
	five, err := dovetail.Select(peerVertices()).Preload("sources.sources.sources.sources").Get(t.Context(), rec, 5)
	if err != nil {
		t.Fatal(err)
	}
	rec.Expect(t, 5, 5)
	kit.Same(t, "sources of 4", kit.Pluck(five.Sources[0].Sources, func(v *peerVertex) int64 { return v.ID }), 2, 3)
	kit.Same(t, "by 3", vertexPath(five.Sources[0].Sources[1], func(v *peerVertex) []*peerVertex { return v.Sources }), 3, 2, 1)
	n, err := dovetail.Select(peerVertices()).Has("sinks.sinks.sinks.sinks").Count(t.Context(), rec)
	if err != nil || n != 1 {
		t.Errorf("expected one vertex with four levels below, got %d, %v", n, err)
	}
}

func testRailsAssociated(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Users)
	names := func(q dovetail.Query[*models.User]) []string {
		return kit.Pluck(kit.All(t, rec, q.OrderBy("id")), models.UserName)
	}
	for _, c := range []struct {
		name string
		q    dovetail.Query[*models.User]
		want []string
	}{
		{"associated", q.Has("posts"), []string{"ann", "bea"}},
		{"with two", q.Has("posts").Has("posts.tags"), []string{"ann"}},
		{"after a join", q.Join("posts").Has("edited").Distinct(), []string{"ann", "bea"}},
		{"after a left join of the same", q.LeftJoin("posts").Has("posts").Distinct(), []string{"ann", "bea"}},
		{"missing", q.HasNone("posts"), []string{"cyd"}},
		{"missing both", q.HasNone("profile").HasNone("edited"), []string{"cyd"}},
		{"missing one or the other", q.Where(squirrel.Or{dovetail.HasNone("profile"), dovetail.HasNone("posts.tags")}),
			[]string{"bea", "cyd"}},
		{"missing beside a condition on it", q.HasNone("posts").Where(squirrel.Eq{"profile.bio": "writes"}), nil},
		{"ordered", q.Has("posts").OrderBy("name DESC"), []string{"bea", "ann"}},
	} {
		kit.Same(t, c.name, names(c.q), c.want...)
	}
}

// testRailsMerge has one condition, a value, on the rows themselves, on related rows, and in a preload.
func testRailsMerge(t *testing.T, d kit.Database) {
	rec := d.Record()
	large := squirrel.And{squirrel.Eq{"activity_type": models.Deposit}, squirrel.GtOrEq{"amount": 750}}
	kit.Same(t, "rows", models.ActivityRows(t, rec, dovetail.Select(models.Activities).Where(large)), 1, 2, 5)
	kit.Same(t, "owners", models.AccountRows(t, rec, dovetail.Select(models.Accounts).Has("activities", large)), 1, 3)
	kit.Same(t, "joined", models.AccountRows(t, rec, dovetail.Select(models.Accounts).Join("activities", large)), 1, 1, 3)
	models.Lists(t, models.AccountsWith(t, d, dovetail.Select(models.Activities).Where(large)), []int64{1, 2}, nil, []int64{5}, nil)
}

func testRailsSharedOwner(t *testing.T, d kit.Database) {
	users := kit.All(t, d.DB, dovetail.Select(models.Users).Where(squirrel.Eq{"id": 2}).Preload("edited.editor").Preload("profile.user"))
	bea := users[0]
	bea.Name = "changed"
	kit.Equal(t, "by the list", bea.Edited[0].Editor.Name, "changed")
	bea.Profile.User.Name = "again"
	kit.Equal(t, "from the other end", bea.Name, "again")
}

func testRailsNothingBelow(t *testing.T, d kit.Database) {
	rec := d.Record()
	two, err := dovetail.Select(models.Posts).Preload("editor.profile.user.posts").Get(t.Context(), rec, 2)
	if err != nil || two.Editor != nil {
		t.Errorf("expected no editor and no error, got %v, %v", two, err)
	}
	rec.Expect(t, 1, 1)
}

func testRailsAliases(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Employees).LeftJoin("subordinates.subordinates").LeftJoin("subordinates.manager.manager").
		Where(squirrel.Eq{"subordinates.subordinates.name": "leaf"}).Where("subordinates.manager.name = employees.name")
	rows := kit.All(t, rec, q)
	kit.Same(t, "employees", kit.Pluck(rows, func(e *models.Employee) string { return e.Name }), "root")
	rows = kit.All(t, rec, dovetail.Select(models.Employees).Where(squirrel.Eq{"manager.manager.name": "root"}))
	kit.Same(t, "grandchildren", kit.Pluck(rows, func(e *models.Employee) string { return e.Name }), "leaf")
	rec.Expect(t, 2, 2)
}

func testRailsNotEqual(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Posts).Join("tags")
	kit.Same(t, "on the joined rows", models.PostRows(t, rec, q.Where(squirrel.NotEq{"tags.name": "go"})), 1, 2)
	kit.Same(t, "on the row", models.PostRows(t, rec, q.Where(squirrel.NotEq{"title": "Keys"}).Distinct()), 1)
	kit.Same(t, "several", models.PostRows(t, rec, dovetail.Select(models.Posts).Where(squirrel.NotEq{"author_id": []int64{2}}).
		Where(squirrel.NotEq{"title": "Joins"})), 2)
	kit.Same(t, "not one of a list", models.PostRows(t, rec, dovetail.Select(models.Posts).
		Where(squirrel.NotEq{"title": []string{"Joins", "Keys"}})), 3)
}

func testRailsHasOneLimit(t *testing.T, d kit.Database) {
	type latest struct {
		ID        int64
		AccountID int64
	}
	type account struct {
		ID         int64
		Last       *latest
		Activities []*latest
	}
	r := dovetail.NewRegistry()
	accounts, activities := dovetail.NewTable[account](r, "accounts"), dovetail.NewTable[latest](r, "activity")
	dovetail.HasOne(accounts, "last", activities, dovetail.ForeignKey("account_id"))
	dovetail.HasMany(accounts, "activities", activities, dovetail.ForeignKey("account_id"))
	rec := d.Record()
	rows := kit.All(t, rec, dovetail.Select(accounts).OrderBy("id").Preload("activities").
		Preload("last", dovetail.Select(activities).OrderBy("id DESC").Limit(1)))
	rec.Expect(t, 3, 2)
	var last []int64
	for i, a := range rows {
		if a.Last != nil {
			last = append(last, a.Last.ID)
		}
		kit.Equal(t, "the whole list", len(a.Activities), []int{3, 1, 2, 0}[i])
	}
	kit.Same(t, "last of each", last, 3, 4, 6)
	kit.Equal(t, "of none", rows[3].Last, (*latest)(nil))
}

func testRailsDuplicateLinks(t *testing.T, d kit.Database) {
	rec := d.Record()
	rows := kit.All(t, rec, dovetail.Select(models.Students).Join("courses").Join("enrollments").OrderBy("id"))
	kit.Equal(t, "two by two, and one by one", len(rows), 5)
	rows = kit.All(t, rec, dovetail.Select(models.Students).Join("courses").Join("enrollments").Distinct().OrderBy("id"))
	rec.Expect(t, 2, 2)
	kit.Same(t, "students", kit.Pluck(rows, models.StudentName), "Ada", "Ben")
}
