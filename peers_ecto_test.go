package dovetail_test

import (
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
)

// The scenarios of docs/peers.md that come from Ecto's integration tests and that no other test of ours shows.

func TestPeersEcto(t *testing.T) {
	t.Parallel()
	runCases(t, conformanceDDL(t), []conformanceCase{
		{"rows in any order keep it", testEctoAnyOrder},
		{"a foreign key that is NULL belongs to nobody", testEctoNullForeignKey},
		{"a query that finds nothing loads empty lists", testEctoFindsNothing},
		{"order of the query beats the order of the owners", testEctoOrderOfQuery},
		{"related rows of given owners", testEctoAssoc},
		{"a longer chain of relations of given owners", testEctoAssocChain},
		{"pairs of both tables", testEctoPairs},
		{"loading again with more below", testEctoLoadMore},
		{"a preload beside a join that is only selected", testEctoJoinAndPreload},
		{"filters on an outer join and siblings", testEctoSiblings},
		{"many relations without any row", testEctoManyEmpty},
		{"right join is the other table's left join", testEctoRightJoin},
	})
}

func testEctoAnyOrder(t *testing.T, d database) {
	rec := d.record()
	rows := []*Account{{ID: 3}, {ID: 1}, {ID: 4}, {ID: 2}}
	confLoad(t, rec, Accounts, rows, "activities")
	rec.expect(t, 1, 1)
	confLists(t, confPluck(rows, activityIDs), []int64{5, 6}, []int64{1, 2, 3}, nil, []int64{4})
	posts := []*Post{{ID: 3}, {ID: 1}, {ID: 2}}
	confLoad(t, rec, Posts, posts, "tags")
	rec.expect(t, 1, 1)
	confSame(t, "tags of 3", confPluck(posts[0].Tags, tagName))
	confSame(t, "tags of 1", confPluck(posts[1].Tags, tagName), "go", "sql")
	confSame(t, "tags of 2", confPluck(posts[2].Tags, tagName), "sql")
}

// testEctoNullForeignKey has a part and a card without an owner: no owner may get them.
func testEctoNullForeignKey(t *testing.T, d database) {
	d.exec(t, `INSERT INTO int_parts (id, owner_id, name) VALUES (901, NULL, 'stray');
		INSERT INTO int_cards (id, owner_id, name) VALUES (902, NULL, 'stray')`)
	defer d.exec(t, `DELETE FROM int_parts WHERE id = 901; DELETE FROM int_cards WHERE id = 902`)
	f := newConfKeyed[int64]("int")
	rec := d.record()
	owners := confAll(t, rec, dovetail.Select(f.owners).Preload("parts").Preload("card"))
	rec.expect(t, 3, 2)
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
	stray, err := dovetail.Select(f.parts).Preload("owner").Get(t.Context(), rec, 901)
	if err != nil || stray.Owner != nil {
		t.Errorf("expected no owner, got %v, %v", stray, err)
	}
	rec.expect(t, 1, 1)
}

func testEctoFindsNothing(t *testing.T, d database) {
	rec := d.record()
	none := squirrel.Expr("1 = 0")
	users := confAll(t, rec, dovetail.Select(Users).OrderBy("id").Preload("edited", dovetail.Select(Posts).Where(none)).
		Preload("profile", dovetail.Select(Profiles).Where(none)))
	rec.expect(t, 3, 2)
	for _, u := range users {
		if u.Edited == nil || len(u.Edited) != 0 || u.Profile != nil {
			t.Errorf("%s: expected an empty list and no profile, got %v, %v", u.Name, u.Edited, u.Profile)
		}
	}
}

func testEctoOrderOfQuery(t *testing.T, d database) {
	rec := d.record()
	users := confAll(t, rec, dovetail.Select(Users).OrderBy("id DESC").
		Preload("posts", dovetail.Select(Posts).OrderBy("title").Preload("author")))
	rec.expect(t, 2, 2)
	confSame(t, "users", confPluck(users, userName), "cyd", "bea", "ann")
	confSame(t, "ann's posts", confPluck(valuePosts(users[2]), func(n confNode) string { return n.name }), "Joins", "Keys")
	confEqual(t, "back", users[2].Posts[1].Author.Name, "ann")
}

// testEctoAssoc asks for the rows at the other end of a relation, as rows of their own: each once, whatever the number of
// its owners.
func testEctoAssoc(t *testing.T, d database) {
	rec := d.record()
	of := squirrel.Eq{"id": []int64{1, 2}}
	confSame(t, "has-many", activityRows(t, rec, dovetail.Select(Activities).Has("account", of)), 1, 2, 3, 4)
	confSame(t, "by the key alone", activityRows(t, rec, dovetail.Select(Activities).
		Where(squirrel.Eq{"account_id": []int64{1, 2}})), 1, 2, 3, 4)
	confSame(t, "belongs-to", accountRows(t, rec, dovetail.Select(Accounts).Has("activities", of)), 1)
	profiles := confAll(t, rec, dovetail.Select(Profiles).Has("user", of).OrderBy("id"))
	confSame(t, "has-one", confPluck(profiles, func(p *Profile) int64 { return p.ID }), 1, 2)
	tags := confAll(t, rec, dovetail.Select(Tags).Has("posts", of).OrderBy("id"))
	confSame(t, "many-to-many, each once", confPluck(tags, tagName), "go", "sql")
	tags = confAll(t, rec, dovetail.Select(Tags).Join("posts", of).OrderBy("name", "posts.id"))
	confSame(t, "many-to-many, once for each owner", confPluck(tags, tagName), "go", "sql", "sql")
	tags = confAll(t, rec, dovetail.Select(Tags).Has("posts", squirrel.Eq{"id": 3}))
	rec.expect(t, 4, 4)
	confEqual(t, "of an owner without any", len(tags), 0)
}

func testEctoAssocChain(t *testing.T, d database) {
	rec := d.record()
	tags := confAll(t, rec, dovetail.Select(Tags).Has("posts.author", squirrel.Eq{"id": 1}).OrderBy("name DESC"))
	confSame(t, "tags of ann's posts", confPluck(tags, tagName), "sql", "go")
	users := confAll(t, rec, dovetail.Select(Users).Has("posts.tags.posts.editor", squirrel.Eq{"name": "bea"}).OrderBy("id"))
	confSame(t, "with a tag of what bea edited", confPluck(users, userName), "ann")
	rec.expect(t, 2, 2)
}

func testEctoPairs(t *testing.T, d database) {
	type activity struct {
		ID     int64
		Amount int64
	}
	type pair struct {
		Owner      string
		Activities activity
	}
	rec := d.record()
	q := dovetail.Select(Accounts).Join("activities").Columns("owner", "activities.id", "activities.amount").
		Where(squirrel.Lt{"activities.amount": 751}).OrderBy("owner", "activities.amount")
	confSame(t, "pairs", confCollect[pair](t, rec, q), pair{"Patrick", activity{4, 30}}, pair{"SpongeBob", activity{3, 500}},
		pair{"Squidward", activity{5, 750}})
	rec.expect(t, 1, 1)
}

// testEctoLoadMore loads what is below rows that are loaded already: onto those rows themselves, without asking for them
// again.
func testEctoLoadMore(t *testing.T, d database) {
	rec := d.record()
	posts := confAll(t, rec, dovetail.Select(Posts).OrderBy("id").Preload("editor"))
	rec.expect(t, 2, 2)
	var editors []*User
	for _, p := range posts {
		if p.Editor != nil {
			editors = append(editors, p.Editor)
		}
	}
	confLoad(t, rec, Users, editors, "profile")
	rec.expect(t, 1, 1)
	confEqual(t, "profile of ann", *posts[2].Editor.Profile.Bio, "writes")
	// Loading the path instead asks for the editors again, and replaces them.
	before := posts[0].Editor
	confLoad(t, rec, Posts, posts, "editor.profile")
	rec.expect(t, 2, 2)
	if posts[0].Editor == before || posts[0].Editor.Profile.ID != 2 {
		t.Errorf("expected another editor with profile 2, got %+v", posts[0].Editor)
	}
}

func testEctoJoinAndPreload(t *testing.T, d database) {
	rec := d.record()
	posts := confAll(t, rec, dovetail.Select(Posts).Join("tags").Join("author").Where(squirrel.Eq{"tags.name": "sql"}).
		OrderBy("id").Preload("author.profile"))
	rec.expect(t, 3, 3)
	confSame(t, "posts", confPluck(posts, postTitle), "Joins", "Keys")
	confEqual(t, "profile", *posts[1].Author.Profile.Bio, "writes")
	confEqual(t, "the joined tags are not loaded", len(posts[0].Tags), 0)
}

func testEctoSiblings(t *testing.T, d database) {
	rec := d.record()
	users := confAll(t, rec, dovetail.Select(Users).LeftJoin("posts").Where(squirrel.Eq{"posts.title": []string{"Keys", "Nulls"}}).
		OrderBy("id").Preload("profile").Preload("posts"))
	rec.expect(t, 3, 2)
	confSame(t, "users", confPluck(users, userName), "ann", "bea")
	confEqual(t, "bio", *users[0].Profile.Bio, "writes")
	confSame(t, "all posts", confPluck(valuePosts(users[0]), func(n confNode) string { return n.name }), "Joins", "Keys")
}

func testEctoManyEmpty(t *testing.T, d database) {
	rec := d.record()
	cyd := confAll(t, rec, dovetail.Select(Users).Where(squirrel.Eq{"id": 3}).Preload("profile").Preload("posts.tags").
		Preload("edited.author"))
	rec.expect(t, 4, 2)
	if u := cyd[0]; u.Profile != nil || u.Posts == nil || len(u.Posts) != 0 || u.Edited == nil || len(u.Edited) != 0 {
		t.Errorf("expected nothing, all of it loaded, got %+v", u)
	}
}

func testEctoRightJoin(t *testing.T, d database) {
	rec := d.record()
	posts := confAll(t, rec, dovetail.Select(Posts).LeftJoin("editor").OrderBy("id").Preload("editor.profile"))
	rec.expect(t, 3, 3)
	confSame(t, "posts", confPluck(posts, postTitle), "Joins", "Keys", "Nulls")
	confEqual(t, "no editor", posts[1].Editor, (*User)(nil))
	confEqual(t, "profile of the editor", *posts[2].Editor.Profile.Bio, "writes")
}
