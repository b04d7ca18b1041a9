package peers_test

import (
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
	"github.com/dovetail-go/dovetail/internal/tests/models/keyed"
)

// The scenarios of docs/peers.md that come from Ecto's integration tests and that no other test of ours shows.

func TestPeersEcto(t *testing.T) {
	t.Parallel()
	kit.RunCases(t, models.DDL(t), []kit.Case{
		{Name: "rows in any order keep it", Run: testEctoAnyOrder},
		{Name: "a foreign key that is NULL belongs to nobody", Run: testEctoNullForeignKey},
		{Name: "a query that finds nothing loads empty lists", Run: testEctoFindsNothing},
		{Name: "order of the query beats the order of the owners", Run: testEctoOrderOfQuery},
		{Name: "related rows of given owners", Run: testEctoAssoc},
		{Name: "a longer chain of relations of given owners", Run: testEctoAssocChain},
		{Name: "pairs of both tables", Run: testEctoPairs},
		{Name: "loading again with more below", Run: testEctoLoadMore},
		{Name: "a preload beside a join that is only selected", Run: testEctoJoinAndPreload},
		{Name: "filters on an outer join and siblings", Run: testEctoSiblings},
		{Name: "many relations without any row", Run: testEctoManyEmpty},
		{Name: "right join is the other table's left join", Run: testEctoRightJoin},
	})
}

func testEctoAnyOrder(t *testing.T, d kit.Database) {
	rec := d.Record()
	rows := []*models.Account{{ID: 3}, {ID: 1}, {ID: 4}, {ID: 2}}
	kit.Load(t, rec, models.Accounts, rows, "activities")
	rec.Expect(t, 1, 1)
	models.Lists(t, kit.Pluck(rows, models.ActivityIDs), []int64{5, 6}, []int64{1, 2, 3}, nil, []int64{4})
	posts := []*models.Post{{ID: 3}, {ID: 1}, {ID: 2}}
	kit.Load(t, rec, models.Posts, posts, "tags")
	rec.Expect(t, 1, 1)
	kit.Same(t, "tags of 3", kit.Pluck(posts[0].Tags, models.TagName))
	kit.Same(t, "tags of 1", kit.Pluck(posts[1].Tags, models.TagName), "go", "sql")
	kit.Same(t, "tags of 2", kit.Pluck(posts[2].Tags, models.TagName), "sql")
}

// testEctoNullForeignKey has a part and a card without an owner: no owner may get them.
func testEctoNullForeignKey(t *testing.T, d kit.Database) {
	d.Exec(t, `INSERT INTO int_parts (id, owner_id, name) VALUES (901, NULL, 'stray');
		INSERT INTO int_cards (id, owner_id, name) VALUES (902, NULL, 'stray')`)
	defer d.Exec(t, `DELETE FROM int_parts WHERE id = 901; DELETE FROM int_cards WHERE id = 902`)
	f := keyed.NewFamily[int64]("int")
	rec := d.Record()
	owners := kit.All(t, rec, dovetail.Select(f.Owners).Preload("parts").Preload("card"))
	rec.Expect(t, 3, 2)
	for _, o := range owners {
		for _, p := range o.Parts {
			if p.ID == 901 {
				t.Errorf("%s has the part of nobody", o.Name)
			}
		}
		if o.Card != nil && o.Card.ID == 902 {
			t.Errorf("%s has the card of nobody", o.Name)
		}
	}
	stray, err := dovetail.Select(f.Parts).Preload("owner").Get(t.Context(), rec, 901)
	if err != nil || stray.Owner != nil {
		t.Errorf("expected no owner, got %v, %v", stray, err)
	}
	rec.Expect(t, 1, 1)
}

func testEctoFindsNothing(t *testing.T, d kit.Database) {
	rec := d.Record()
	none := squirrel.Expr("1 = 0")
	users := kit.All(t, rec, dovetail.Select(models.Users).OrderBy("id").Preload("edited", dovetail.Select(models.Posts).Where(none)).
		Preload("profile", dovetail.Select(models.Profiles).Where(none)))
	rec.Expect(t, 3, 2)
	for _, u := range users {
		if u.Edited == nil || len(u.Edited) != 0 || u.Profile != nil {
			t.Errorf("%s: expected an empty list and no profile, got %v, %v", u.Name, u.Edited, u.Profile)
		}
	}
}

func testEctoOrderOfQuery(t *testing.T, d kit.Database) {
	rec := d.Record()
	users := kit.All(t, rec, dovetail.Select(models.Users).OrderBy("id DESC").
		Preload("posts", dovetail.Select(models.Posts).OrderBy("title").Preload("author")))
	rec.Expect(t, 2, 2)
	kit.Same(t, "users", kit.Pluck(users, models.UserName), "cyd", "bea", "ann")
	kit.Same(t, "ann's posts", kit.Pluck(models.ValuePosts(users[2]), func(n kit.Node) string { return n.Name }), "Joins", "Keys")
	kit.Equal(t, "back", users[2].Posts[1].Author.Name, "ann")
}

// testEctoAssoc asks for the rows at the other end of a relation, as rows of their own: each once, whatever the number of
// its owners.
func testEctoAssoc(t *testing.T, d kit.Database) {
	rec := d.Record()
	of := squirrel.Eq{"id": []int64{1, 2}}
	kit.Same(t, "has-many", models.ActivityRows(t, rec, dovetail.Select(models.Activities).Has("account", of)), 1, 2, 3, 4)
	kit.Same(t, "by the key alone", models.ActivityRows(t, rec, dovetail.Select(models.Activities).
		Where(squirrel.Eq{"account_id": []int64{1, 2}})), 1, 2, 3, 4)
	kit.Same(t, "belongs-to", models.AccountRows(t, rec, dovetail.Select(models.Accounts).Has("activities", of)), 1)
	profiles := kit.All(t, rec, dovetail.Select(models.Profiles).Has("user", of).OrderBy("id"))
	kit.Same(t, "has-one", kit.Pluck(profiles, func(p *models.Profile) int64 { return p.ID }), 1, 2)
	tags := kit.All(t, rec, dovetail.Select(models.Tags).Has("posts", of).OrderBy("id"))
	kit.Same(t, "many-to-many, each once", kit.Pluck(tags, models.TagName), "go", "sql")
	tags = kit.All(t, rec, dovetail.Select(models.Tags).Join("posts", of).OrderBy("name", "posts.id"))
	kit.Same(t, "many-to-many, once for each owner", kit.Pluck(tags, models.TagName), "go", "sql", "sql")
	tags = kit.All(t, rec, dovetail.Select(models.Tags).Has("posts", squirrel.Eq{"id": 3}))
	rec.Expect(t, 4, 4)
	kit.Equal(t, "of an owner without any", len(tags), 0)
}

func testEctoAssocChain(t *testing.T, d kit.Database) {
	rec := d.Record()
	tags := kit.All(t, rec, dovetail.Select(models.Tags).Has("posts.author", squirrel.Eq{"id": 1}).OrderBy("name DESC"))
	kit.Same(t, "tags of ann's posts", kit.Pluck(tags, models.TagName), "sql", "go")
	users := kit.All(t, rec, dovetail.Select(models.Users).Has("posts.tags.posts.editor", squirrel.Eq{"name": "bea"}).OrderBy("id"))
	kit.Same(t, "with a tag of what bea edited", kit.Pluck(users, models.UserName), "ann")
	rec.Expect(t, 2, 2)
}

func testEctoPairs(t *testing.T, d kit.Database) {
	type activity struct {
		ID     int64
		Amount int64
	}
	type pair struct {
		Owner      string
		Activities activity
	}
	rec := d.Record()
	q := dovetail.Select(models.Accounts).Join("activities").Columns("owner", "activities.id", "activities.amount").
		Where(squirrel.Lt{"activities.amount": 751}).OrderBy("owner", "activities.amount")
	kit.Same(t, "pairs", kit.Collect[pair](t, rec, q), pair{"Patrick", activity{4, 30}}, pair{"SpongeBob", activity{3, 500}},
		pair{"Squidward", activity{5, 750}})
	rec.Expect(t, 1, 1)
}

// testEctoLoadMore loads what is below rows that are loaded already: onto those rows themselves, without asking for them
// again.
func testEctoLoadMore(t *testing.T, d kit.Database) {
	rec := d.Record()
	posts := kit.All(t, rec, dovetail.Select(models.Posts).OrderBy("id").Preload("editor"))
	rec.Expect(t, 2, 2)
	var editors []*models.User
	for _, p := range posts {
		if p.Editor != nil {
			editors = append(editors, p.Editor)
		}
	}
	kit.Load(t, rec, models.Users, editors, "profile")
	rec.Expect(t, 1, 1)
	kit.Equal(t, "profile of ann", *posts[2].Editor.Profile.Bio, "writes")
	// Loading the path instead asks for the editors again, and replaces them.
	before := posts[0].Editor
	kit.Load(t, rec, models.Posts, posts, "editor.profile")
	rec.Expect(t, 2, 2)
	if posts[0].Editor == before || posts[0].Editor.Profile.ID != 2 {
		t.Errorf("expected another editor with profile 2, got %+v", posts[0].Editor)
	}
}

func testEctoJoinAndPreload(t *testing.T, d kit.Database) {
	rec := d.Record()
	posts := kit.All(t, rec, dovetail.Select(models.Posts).Join("tags").Join("author").Where(squirrel.Eq{"tags.name": "sql"}).
		OrderBy("id").Preload("author.profile"))
	rec.Expect(t, 3, 3)
	kit.Same(t, "posts", kit.Pluck(posts, models.PostTitle), "Joins", "Keys")
	kit.Equal(t, "profile", *posts[1].Author.Profile.Bio, "writes")
	kit.Equal(t, "the joined tags are not loaded", len(posts[0].Tags), 0)
}

func testEctoSiblings(t *testing.T, d kit.Database) {
	rec := d.Record()
	users := kit.All(t, rec, dovetail.Select(models.Users).LeftJoin("posts").Where(squirrel.Eq{"posts.title": []string{"Keys", "Nulls"}}).
		OrderBy("id").Preload("profile").Preload("posts"))
	rec.Expect(t, 3, 2)
	kit.Same(t, "users", kit.Pluck(users, models.UserName), "ann", "bea")
	kit.Equal(t, "bio", *users[0].Profile.Bio, "writes")
	kit.Same(t, "all posts", kit.Pluck(models.ValuePosts(users[0]), func(n kit.Node) string { return n.Name }), "Joins", "Keys")
}

func testEctoManyEmpty(t *testing.T, d kit.Database) {
	rec := d.Record()
	cyd := kit.All(t, rec, dovetail.Select(models.Users).Where(squirrel.Eq{"id": 3}).Preload("profile").Preload("posts.tags").
		Preload("edited.author"))
	rec.Expect(t, 4, 2)
	if u := cyd[0]; u.Profile != nil || u.Posts == nil || len(u.Posts) != 0 || u.Edited == nil || len(u.Edited) != 0 {
		t.Errorf("expected nothing, all of it loaded, got %+v", u)
	}
}

func testEctoRightJoin(t *testing.T, d kit.Database) {
	rec := d.Record()
	posts := kit.All(t, rec, dovetail.Select(models.Posts).LeftJoin("editor").OrderBy("id").Preload("editor.profile"))
	rec.Expect(t, 3, 3)
	kit.Same(t, "posts", kit.Pluck(posts, models.PostTitle), "Joins", "Keys", "Nulls")
	kit.Equal(t, "no editor", posts[1].Editor, (*models.User)(nil))
	kit.Equal(t, "profile of the editor", *posts[2].Editor.Profile.Bio, "writes")
}
