package conformance_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// fetchCases are the promises of Query.Fetch on the tables of the readings.
func fetchCases() []kit.Case {
	return []kit.Case{
		{Name: "fetch/has many, not joined", Run: testFetchHasMany},
		{Name: "fetch/has many, joined and filtered", Run: testFetchJoined},
		{Name: "fetch/has many, left joined with a condition", Run: testFetchLeftJoined},
		{Name: "fetch/has one, with a row of NULLs and without a row", Run: testFetchHasOne},
		{Name: "fetch/belongs to, required and optional", Run: testFetchBelongsTo},
		{Name: "fetch/many to many, both ways", Run: testFetchManyToMany},
		{Name: "fetch/self reference, both ways", Run: testFetchSelf},
		{Name: "fetch/composite keys", Run: testFetchComposite},
		{Name: "fetch/fields that hold values", Run: testFetchValues},
		{Name: "fetch/the owner is in hand", Run: testFetchOwner},
		{Name: "fetch/three deep", Run: testFetchDeep},
		{Name: "fetch/side by side", Run: testFetchSideBySide},
		{Name: "fetch/shared rows are one pointer", Run: testFetchShared},
		{Name: "fetch/columns of the root", Run: testFetchColumns},
		{Name: "fetch/order of the result", Run: testFetchOrder},
		{Name: "fetch/below an inner join", Run: testFetchBelowJoin},
		{Name: "fetch/no rows", Run: testFetchNoRows},
		{Name: "fetch/preload below what is fetched", Run: testFetchThenPreload},
		{Name: "fetch/preload of what is fetched", Run: testFetchAndPreload},
		{Name: "fetch/fetch in a preload", Run: testFetchInPreload},
		{Name: "fetch/fetch in a limited preload", Run: testFetchInLimitedPreload},
		{Name: "fetch/fetch in a preload through a link", Run: testFetchInLinkedPreload},
		{Name: "fetch/count and exists", Run: testFetchCount},
		{Name: "fetch/one, first and get", Run: testFetchSingle},
		{Name: "fetch/limit, distinct, with and locks", Run: testFetchClauses},
		{Name: "fetch/in a subquery nothing is fetched", Run: testFetchSubquery},
	}
}

func accountLists(rows []*models.Account) string {
	return kit.Lists(rows, func(a *models.Account) any { return a.ID }, func(a *models.Account) []*models.Activity { return a.Activities },
		func(a *models.Activity) any { return a.ID })
}

func testFetchHasMany(t *testing.T, d kit.Database) {
	rec := d.Record()
	accounts := kit.All(t, rec, dovetail.Select(models.Accounts).Fetch("activities"))
	rec.Expect(t, 1, 1)
	kit.Equal(t, "accounts", accountLists(accounts), "1:1,2,3 2:4 3:5,6 4:")
	kit.Equal(t, "an account without activities has an empty list", accounts[3].Activities != nil, true)
	last := accounts[2].Activities[1]
	kit.Equal(t, "all columns", fmt.Sprint(last.AccountID, last.ActivityType, last.Amount, last.CreatedAt.Day()), "3WD800 6")
	kit.Equal(t, "columns of the root", fmt.Sprint(accounts[3].Owner, accounts[3].Email), "Sandysandy@land.example")
	kit.Equal(t, "the way back is not loaded", last.Account, nil)
}

// testFetchJoined is contains_eager: the field gets the rows that the join and the conditions left.
func testFetchJoined(t *testing.T, d kit.Database) {
	rec := d.Record()
	base := dovetail.Select(models.Accounts).Join("activities")
	for want, q := range map[string]dovetail.Query[*models.Account]{
		"1:1,2 3:5,6": base.Where("activities.amount >= ?", 750),
		"1:3 3:6":     base.Where(squirrel.Eq{"activities.activity_type": models.Withdrawal}),
		"1:2":         base.Where(squirrel.Eq{"activities.amount": 900}),
		"3:6":         dovetail.Select(models.Accounts).Join("activities", squirrel.Eq{"activity_type": models.Withdrawal}).Where(squirrel.Eq{"owner": "Squidward"}),
		"":            base.Where(squirrel.Eq{"activities.amount": 1}),
		"1:3 2:4":     dovetail.Select(models.Accounts).Where("activities.amount <= ?", 500).Fetch("activities"),
	} {
		kit.Equal(t, "accounts", accountLists(kit.All(t, rec, q.Fetch("activities"))), want)
		rec.Expect(t, 1, 1)
	}
}

// testFetchLeftJoined restricts the rows that are joined; the accounts stay.
func testFetchLeftJoined(t *testing.T, d kit.Database) {
	accounts := kit.All(t, d.DB, dovetail.Select(models.Accounts).
		LeftJoin("activities", squirrel.Eq{"activity_type": models.Withdrawal}).Fetch("activities"))
	kit.Equal(t, "accounts", accountLists(accounts), "1:3 2: 3:6 4:")
	tagged := kit.All(t, d.DB, dovetail.Select(models.Posts).LeftJoin("tags", squirrel.Eq{"name": "go"}).Fetch("tags"))
	kit.Equal(t, "posts", postLists(tagged), "Joins:go Keys: Nulls:")
}

func testFetchHasOne(t *testing.T, d kit.Database) {
	rec := d.Record()
	users := kit.All(t, rec, dovetail.Select(models.Users).Fetch("profile").OrderBy("name DESC"))
	rec.Expect(t, 1, 1)
	kit.Same(t, "users", kit.Pluck(users, func(u *models.User) string { return u.Name }), "cyd", "bea", "ann")
	kit.Equal(t, "no row", users[0].Profile, nil)
	if p := users[1].Profile; p == nil || p.ID != 2 || p.Bio != nil || p.AvatarURL != nil {
		t.Errorf("expected the profile without a bio, got %+v", p)
	}
	kit.Equal(t, "a bio", *users[2].Profile.Bio, "writes")
}

func testFetchBelongsTo(t *testing.T, d kit.Database) {
	rec := d.Record()
	posts := kit.All(t, rec, dovetail.Select(models.Posts).Fetch("author", "editor").OrderBy("id"))
	rec.Expect(t, 1, 1)
	kit.Same(t, "authors", kit.Pluck(posts, func(p *models.Post) string { return p.Author.Name }), "ann", "ann", "bea")
	kit.Same(t, "editors", []string{posts[0].Editor.Name, posts[2].Editor.Name}, "bea", "ann")
	kit.Equal(t, "no editor", posts[1].Editor, nil)

	// A condition keeps the posts whose editor is joined, and one on NULL those without.
	posts = kit.All(t, rec, dovetail.Select(models.Posts).Where(squirrel.Eq{"editor.name": "ann"}).Fetch("editor"))
	kit.Same(t, "edited by ann", kit.Pluck(posts, models.PostTitle), "Nulls")
	kit.Equal(t, "editor", posts[0].Editor.ID, 1)
	posts = kit.All(t, rec, dovetail.Select(models.Posts).Fetch("editor").Where(squirrel.Eq{"editor.id": nil}))
	kit.Same(t, "edited by nobody", kit.Pluck(posts, models.PostTitle), "Keys")
	rec.Expect(t, 2, 2)
}

func postLists(posts []*models.Post) string {
	return kit.Lists(posts, func(p *models.Post) any { return p.Title }, func(p *models.Post) []*models.Tag { return p.Tags }, func(t *models.Tag) any { return t.Name })
}

func testFetchManyToMany(t *testing.T, d kit.Database) {
	rec := d.Record()
	posts := kit.All(t, rec, dovetail.Select(models.Posts).Fetch("tags"))
	kit.Equal(t, "posts", postLists(posts), "Joins:go,sql Keys:sql Nulls:")
	kit.Equal(t, "an empty list", posts[2].Tags != nil, true)
	kit.Equal(t, "one tag", posts[0].Tags[1], posts[1].Tags[0])
	posts = kit.All(t, rec, dovetail.Select(models.Posts).Join("tags").Where(squirrel.Eq{"tags.name": "sql"}).Fetch("tags"))
	kit.Equal(t, "about sql", postLists(posts), "Joins:sql Keys:sql")
	tags := kit.All(t, rec, dovetail.Select(models.Tags).Fetch("posts"))
	kit.Equal(t, "tags", kit.Lists(tags, func(t *models.Tag) any { return t.Name }, func(t *models.Tag) []*models.Post { return t.Posts },
		func(p *models.Post) any { return p.ID }), "go:1 sql:1,2 unused:")
	rec.Expect(t, 3, 3)
}

func testFetchSelf(t *testing.T, d kit.Database) {
	rec := d.Record()
	all := kit.All(t, rec, dovetail.Select(models.Categories).Fetch("subcategories.subcategories", "parent"))
	rec.Expect(t, 1, 1)
	names := func(c []*models.Category) string {
		return kit.Lists(c, func(c *models.Category) any { return c.Name }, func(c *models.Category) []*models.Category { return c.Subcategories },
			func(c *models.Category) any { return c.Name })
	}
	kit.Equal(t, "categories", names(all), "things:tools,toys tools:hammers toys: hammers:mallets mallets:")
	kit.Equal(t, "below things", names(all[0].Subcategories), "tools:hammers toys:")
	kit.Equal(t, "no parent", all[0].Parent, nil)
	kit.Equal(t, "a parent", all[4].Parent.Name, "hammers")
	kit.Equal(t, "one parent", all[1].Parent, all[2].Parent)
}

func testFetchComposite(t *testing.T, d kit.Database) {
	rec := d.Record()
	orders := kit.All(t, rec, dovetail.Select(models.Orders).Fetch("lines.labels", "lines.order"))
	rec.Expect(t, 1, 1)
	kit.Equal(t, "orders", kit.Lists(orders, func(o *models.Order) any { return fmt.Sprint(o.Warehouse, o.Number) },
		func(o *models.Order) []*models.OrderLine { return o.Lines }, func(l *models.OrderLine) any { return l.Item }), "a1:nails,glue a2: b1:rope")
	kit.Equal(t, "lines", kit.Lists(orders[0].Lines, func(l *models.OrderLine) any { return l.Item },
		func(l *models.OrderLine) []*models.Label { return l.Labels }, func(l *models.Label) any { return l.Text }), "nails:heavy glue:fragile,heavy")
	kit.Equal(t, "the owner", orders[0].Lines[1].Order, orders[0])
	kit.Equal(t, "a shared label", orders[0].Lines[0].Labels[0], orders[2].Lines[0].Labels[0])
}

// testFetchValues has []Post and User fields, which hold copies: what is below them must be in the copies.
func testFetchValues(t *testing.T, d kit.Database) {
	rec := d.Record()
	users := kit.All(t, rec, dovetail.Select(models.Users).Fetch("posts.tags", "posts.editor", "posts.author"))
	rec.Expect(t, 1, 1)
	var got []string
	for _, u := range users {
		for _, p := range u.Posts {
			editor := "-"
			if p.Editor != nil {
				editor = p.Editor.Name
			}
			got = append(got, fmt.Sprint(u.Name, " ", p.Title, " ", p.Author.Name, " ", editor, " ", len(p.Tags)))
		}
	}
	kit.Same(t, "posts", got, "ann Joins ann bea 2", "ann Keys ann - 1", "bea Nulls bea ann 0")
	kit.Equal(t, "no posts", users[2].Posts != nil && len(users[2].Posts) == 0, true)

	// Preloads below copies are loaded onto the copies.
	users = kit.All(t, rec, dovetail.Select(models.Users).Fetch("posts").Preload("posts.tags").Preload("posts.editor.profile"))
	rec.Expect(t, 4, 3)
	kit.Equal(t, "tags", len(users[0].Posts[0].Tags), 2)
	kit.Equal(t, "an editor's profile", users[1].Posts[0].Editor.Profile.ID, 1)
	posts := kit.All(t, rec, dovetail.Select(models.Posts).Fetch("author.profile").Preload("author.edited").OrderBy("id"))
	rec.Expect(t, 2, 2)
	kit.Equal(t, "an author's profile", posts[2].Author.Profile.ID, 2)
	kit.Same(t, "edited by an author", kit.Pluck(posts[0].Author.Edited, models.PostTitle), "Nulls")
	kit.Same(t, "edited by the same author", kit.Pluck(posts[1].Author.Edited, models.PostTitle), "Nulls")
}

func testFetchOwner(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Accounts).Fetch("activities.account")
	for _, a := range kit.All(t, rec, q) {
		for _, act := range a.Activities {
			kit.Equal(t, "the owner", act.Account, a)
		}
	}
	text, _, err := q.SQL(d.DB.Dialect())
	if err != nil || strings.Count(text, "JOIN") != 1 {
		t.Errorf("expected one join, got %s, %v", text, err)
	}
	rec.Expect(t, 1, 1)
	// What is loaded onto the owner finds it by its key, which Columns does not name.
	users := kit.All(t, rec, dovetail.Select(models.Users).Columns("name").OrderBy("id").Fetch("profile").Preload("profile.user.edited"))
	rec.Expect(t, 2, 2)
	kit.Equal(t, "the owner", users[0].Profile.User, users[0])
	kit.Same(t, "edited", kit.Pluck(users[0].Edited, models.PostTitle), "Nulls")
	// Joined explicitly, the row that is joined is another.
	accounts := kit.All(t, rec, dovetail.Select(models.Accounts).Join("activities.account").Fetch("activities.account"))
	kit.Equal(t, "accounts", accountLists(accounts), "1:1,2,3 2:4 3:5,6")
	kit.Equal(t, "the joined owner", accounts[0].Activities[0].Account.Owner, "SpongeBob")
	kit.Equal(t, "one row of their own", accounts[0].Activities[0].Account, accounts[0].Activities[2].Account)
}

func testFetchDeep(t *testing.T, d kit.Database) {
	rec := d.Record()
	students := kit.All(t, rec, dovetail.Select(models.Students).Fetch("courses.students.enrollments.course"))
	rec.Expect(t, 1, 1)
	var got []string
	for _, s := range students {
		for _, c := range s.Courses {
			for _, other := range c.Students {
				for _, e := range other.Enrollments {
					got = append(got, fmt.Sprint(s.ID, c.ID, other.ID, e.CourseID, e.Course.ID))
				}
			}
		}
	}
	kit.Same(t, "ways", got, "1 1 1 1 1", "1 1 1 2 2", "1 1 2 1 1", "1 2 1 1 1", "1 2 1 2 2", "2 1 1 1 1", "2 1 1 2 2", "2 1 2 1 1")
	kit.Equal(t, "a student without courses", students[2].Courses != nil && len(students[2].Courses) == 0, true)
}

// testFetchSideBySide has lists that multiply each other in the result; each row is in its list once.
func testFetchSideBySide(t *testing.T, d kit.Database) {
	rec := d.Record()
	users := kit.All(t, rec, dovetail.Select(models.Users).Fetch("posts", "edited", "profile"))
	rec.Expect(t, 1, 1)
	var got []string
	for _, u := range users {
		got = append(got, fmt.Sprint(len(u.Posts), " ", len(u.Edited), " ", u.Profile != nil))
	}
	kit.Same(t, "users", got, "2 1 true", "1 1 true", "0 0 false")
	students := kit.All(t, rec, dovetail.Select(models.Students).Fetch("courses", "enrollments.course"))
	rec.Expect(t, 1, 1)
	kit.Equal(t, "courses", kit.Lists(students, func(s *models.Student) any { return s.ID }, func(s *models.Student) []*models.Course { return s.Courses },
		func(c *models.Course) any { return c.ID }), "1:1,2 2:1 3:")
	kit.Equal(t, "enrollments", kit.Lists(students, func(s *models.Student) any { return s.ID },
		func(s *models.Student) []*models.Enrollment { return s.Enrollments }, func(e *models.Enrollment) any { return e.Course.Title }),
		"1:Algebra,Botany 2:Algebra 3:")
	// A join that is not fetched repeats the root too, which is folded all the same.
	accounts := kit.All(t, rec, dovetail.Select(models.Students).Join("courses").Fetch("enrollments"))
	kit.Same(t, "students", kit.Pluck(accounts, func(s *models.Student) int64 { return s.ID }), 1, 2)
	kit.Equal(t, "enrollments of the first", len(accounts[0].Enrollments), 2)
}

func testFetchShared(t *testing.T, d kit.Database) {
	rec := d.Record()
	rows := kit.All(t, rec, dovetail.Select(models.Activities).OrderBy("id").Fetch("account.activities"))
	rec.Expect(t, 1, 1)
	kit.Equal(t, "activities", len(rows), 6)
	kit.Equal(t, "one account", rows[0].Account, rows[2].Account)
	kit.Same(t, "its activities", models.ActivityIDs(rows[0].Account), 1, 2, 3)
	kit.Same(t, "another's", models.ActivityIDs(rows[5].Account), 5, 6)

	// Rows repeated by a join that is not fetched stay repeated, as they are without Fetch.
	posts := kit.All(t, rec, dovetail.Select(models.Posts).Join("tags").Fetch("editor").OrderBy("id", "tags.id"))
	kit.Same(t, "once for each tag", kit.Pluck(posts, models.PostTitle), "Joins", "Joins", "Keys")
	kit.Equal(t, "one editor", posts[0].Editor, posts[1].Editor)
	users := kit.All(t, rec, dovetail.Select(models.Users).Join("posts").Fetch("profile").OrderBy("id"))
	kit.Same(t, "once for each post", kit.Pluck(users, func(u *models.User) string { return u.Name }), "ann", "ann", "bea")
	kit.Equal(t, "one profile", users[0].Profile, users[1].Profile)
}

func testFetchColumns(t *testing.T, d kit.Database) {
	accounts := kit.All(t, d.DB, dovetail.Select(models.Accounts).Columns("owner").Fetch("activities").OrderBy("owner DESC"))
	kit.Same(t, "owners", kit.Pluck(accounts, func(a *models.Account) string { return a.Owner }), "Squidward", "SpongeBob", "Sandy", "Patrick")
	kit.Equal(t, "the key, for telling rows apart", accountLists(accounts), "3:5,6 1:1,2,3 4: 2:4")
	kit.Equal(t, "a column not asked for", accounts[0].Email, "")
	kit.Equal(t, "a column of a related row", accounts[0].Activities[0].Amount, 750)
	acts := kit.All(t, d.DB, dovetail.Select(models.Activities).Columns("amount").Fetch("account").OrderBy("amount").Where("amount < ?", 600))
	kit.Equal(t, "no key is needed", fmt.Sprint(acts[0].ID, acts[0].Amount, acts[0].Account.Owner, acts[1].Account.Owner),
		"0 30PatrickSpongeBob")
	authors := kit.All(t, d.DB, dovetail.Select(models.Authors).Fetch("books").Column("authors.id + 2 AS book_count"))
	kit.Same(t, "an expression beside", kit.Pluck(authors, func(a *models.Author) int64 { return a.BookCount }), 3, 4, 5)
}

func testFetchOrder(t *testing.T, d kit.Database) {
	base := dovetail.Select(models.Accounts).Fetch("activities")
	for want, q := range map[string]dovetail.Query[*models.Account]{
		"2:4 4: 1:1,2,3 3:5,6": base.OrderBy("owner"),
		"1:2,1,3 3:6,5 2:4 4:": base.OrderBy("activities.amount DESC NULLS LAST"),
		"4: 3:6,5 2:4 1:3,2,1": base.OrderBy("id DESC", "activities.created_at DESC"),
		"2:4 1:3,1,2 3:5,6 4:": base.OrderByClause("activities.amount IS NULL").OrderBy("activities.amount"),
	} {
		kit.Equal(t, "accounts", accountLists(kit.All(t, d.DB, q)), want)
	}
}

func testFetchBelowJoin(t *testing.T, d kit.Database) {
	rec := d.Record()
	enrolled := kit.All(t, rec, dovetail.Select(models.Students).Join("enrollments", squirrel.Eq{"grade": nil}).Fetch("enrollments.course"))
	rec.Expect(t, 1, 1)
	kit.Equal(t, "students", len(enrolled), 1)
	kit.Equal(t, "the ungraded course", enrolled[0].Enrollments[0].Course.Title, "Botany")
}

func testFetchNoRows(t *testing.T, d kit.Database) {
	rec := d.Record()
	rows := kit.All(t, rec, dovetail.Select(models.Accounts).Where(squirrel.Eq{"id": 99}).Fetch("activities").Preload("activities.account.activities"))
	rec.Expect(t, 1, 1)
	kit.Equal(t, "an empty list", rows != nil && len(rows) == 0, true)
	// Nothing is fetched below owners without rows either, so nothing is preloaded below.
	accounts := kit.All(t, rec, dovetail.Select(models.Accounts).Where(squirrel.Eq{"id": 4}).
		Preload("activities", dovetail.Select(models.Activities).Fetch("account").Preload("account.activities")))
	rec.Expect(t, 2, 2)
	kit.Equal(t, "no activities", accounts[0].Activities != nil && len(accounts[0].Activities) == 0, true)
}

func testFetchThenPreload(t *testing.T, d kit.Database) {
	rec := d.Record()
	students := kit.All(t, rec, dovetail.Select(models.Students).Fetch("enrollments").Preload("enrollments.course.students").OrderBy("id"))
	rec.Expect(t, 3, 3)
	kit.Same(t, "students of a course", kit.Pluck(students[0].Enrollments[0].Course.Students, func(s *models.Student) string { return s.Name }),
		"Ada", "Ben")
	accounts := kit.All(t, rec, dovetail.Select(models.Accounts).Columns("owner").Fetch("activities").OrderBy("id").
		Preload("activities.account.activities"))
	rec.Expect(t, 3, 3)
	kit.Same(t, "the account's activities", models.ActivityIDs(accounts[0].Activities[0].Account), 1, 2, 3)
}

func testFetchAndPreload(t *testing.T, d kit.Database) {
	rec := d.Record()
	accounts := kit.All(t, rec, dovetail.Select(models.Accounts).Preload("activities").Fetch("activities", "activities").
		Where("activities.amount > ?", 800))
	rec.Expect(t, 1, 1)
	kit.Equal(t, "what is fetched", accountLists(accounts), "1:2")
}

func testFetchInPreload(t *testing.T, d kit.Database) {
	rec := d.Record()
	accounts := kit.All(t, rec, dovetail.Select(models.Accounts).OrderBy("id").
		Preload("activities", dovetail.Select(models.Activities).Fetch("account.activities").OrderBy("amount DESC")))
	rec.Expect(t, 2, 2)
	kit.Equal(t, "accounts", accountLists(accounts), "1:2,1,3 2:4 3:6,5 4:")
	// Something is fetched below the owner, so the account is joined.
	kit.Equal(t, "not the owner", accounts[0].Activities[0].Account != accounts[0], true)
	kit.Equal(t, "all of the account's activities", len(accounts[0].Activities[0].Account.Activities), 3)

	users := kit.All(t, rec, dovetail.Select(models.Users).OrderBy("id").
		Preload("posts", dovetail.Select(models.Posts).Fetch("tags", "editor", "author").OrderBy("title DESC")))
	rec.Expect(t, 2, 2)
	titles := func(u *models.User) (all []string) {
		for _, p := range u.Posts {
			all = append(all, fmt.Sprint(p.Title, len(p.Tags), p.Editor != nil, p.Author.Name))
		}
		return all
	}
	kit.Same(t, "posts of ann", titles(users[0]), "Keys1 falseann", "Joins2 trueann")
	kit.Same(t, "posts of bea", titles(users[1]), "Nulls0 truebea")

	// The keys of orders are texts and numbers: the rows come with the positions of their keys.
	orders := kit.All(t, rec, dovetail.Select(models.Orders).OrderBy("warehouse", "number").
		Preload("lines", dovetail.Select(models.OrderLines).Fetch("labels", "order")))
	rec.Expect(t, 2+d.Lookups(1), 2)
	kit.Equal(t, "lines", len(orders[0].Lines)+10*len(orders[0].Lines[1].Labels)+100*len(orders[2].Lines[0].Labels), 122)
	kit.Equal(t, "the owner", orders[0].Lines[0].Order, orders[0])
}

func testFetchInLimitedPreload(t *testing.T, d kit.Database) {
	rec := d.Record()
	accounts := kit.All(t, rec, dovetail.Select(models.Accounts).OrderBy("id").
		Preload("activities", dovetail.Select(models.Activities).Join("account").Fetch("account").OrderBy("amount DESC").Limit(2)))
	rec.Expect(t, 2, 2)
	kit.Equal(t, "accounts", accountLists(accounts), "1:2,1 2:4 3:6,5 4:")
	kit.Same(t, "owners", kit.Pluck(accounts[0].Activities, func(a *models.Activity) string { return a.Account.Owner }), "SpongeBob", "SpongeBob")
	kit.Equal(t, "one account", accounts[0].Activities[0].Account, accounts[0].Activities[1].Account)
	authors := kit.All(t, rec, dovetail.Select(models.Users).OrderBy("id").
		Preload("edited", dovetail.Select(models.Posts).Fetch("author.profile", "editor").Limit(1).Offset(0)))
	rec.Expect(t, 2, 2)
	kit.Equal(t, "an author's profile", authors[0].Edited[0].Author.Profile.ID, 2)
	kit.Equal(t, "nothing edited", len(authors[2].Edited), 0)

	_, err := dovetail.Select(models.Users).Preload("posts", dovetail.Select(models.Posts).Fetch("tags").Limit(1)).All(t.Context(), rec)
	rec.Expect(t, 0, 0)
	if !errors.Is(err, dovetail.ErrFanOut) || !strings.Contains(err.Error(), `Fetch("tags")`) {
		t.Errorf("expected ErrFanOut that names the path, got %v", err)
	}
}

// testFetchInLinkedPreload finds one course for several students: its fetched rows come once for each of them.
func testFetchInLinkedPreload(t *testing.T, d kit.Database) {
	rec := d.Record()
	students := kit.All(t, rec, dovetail.Select(models.Students).OrderBy("id").Preload("courses", dovetail.Select(models.Courses).Fetch("students")))
	rec.Expect(t, 2, 2)
	kit.Equal(t, "one course", students[0].Courses[0], students[1].Courses[0])
	kit.Same(t, "courses", kit.Pluck(students[0].Courses, func(c *models.Course) string { return c.Title }), "Algebra", "Botany")
	kit.Equal(t, "its students", len(students[0].Courses[0].Students), 2)
	kit.Equal(t, "the other's students", len(students[0].Courses[1].Students), 1)
}

func testFetchCount(t *testing.T, d kit.Database) {
	rec := d.Record()
	for i, q := range []dovetail.Query[*models.Account]{
		dovetail.Select(models.Accounts).Fetch("activities"),
		dovetail.Select(models.Accounts).Join("activities").Fetch("activities"),
		dovetail.Select(models.Accounts).Fetch("activities").Where("activities.amount > ?", 800),
		dovetail.Select(models.Accounts).Columns("owner").Column("balance AS b").Join("activities").Fetch("activities").Distinct(),
		dovetail.Select(models.Accounts).Fetch("activities").Where(squirrel.Eq{"id": 99}),
	} {
		want := []int64{4, 3, 1, 3, 0}[i]
		n, err := q.Count(t.Context(), rec)
		if err != nil || n != want {
			t.Errorf("query %d: expected %d rows, got %d, %v", i, want, n, err)
		}
		found, err := q.Exists(t.Context(), rec)
		if err != nil || found != (want > 0) {
			t.Errorf("query %d: expected %v, got %v, %v", i, want > 0, found, err)
		}
		rec.Expect(t, 2, 2)
	}
	n, err := dovetail.Select(models.Posts).Join("tags").Fetch("editor").Count(t.Context(), d.DB)
	if err != nil || n != 3 {
		t.Errorf("expected the rows that All returns, 3, got %d, %v", n, err)
	}
}

func testFetchSingle(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Accounts).Fetch("activities")
	one, err := q.Where(squirrel.Eq{"owner": "SpongeBob"}).One(t.Context(), rec)
	if err != nil || accountLists([]*models.Account{one}) != "1:1,2,3" {
		t.Errorf("expected all activities of SpongeBob, got %+v, %v", one, err)
	}
	got, err := q.Get(t.Context(), rec, 3)
	if err != nil || accountLists([]*models.Account{got}) != "3:5,6" {
		t.Errorf("expected all activities of Squidward, got %+v, %v", got, err)
	}
	if _, err = q.One(t.Context(), rec); !errors.Is(err, dovetail.ErrTooManyRows) {
		t.Errorf("expected ErrTooManyRows, got %v", err)
	}
	if _, err = q.Where(squirrel.Eq{"id": 99}).One(t.Context(), rec); !errors.Is(err, dovetail.ErrNoRows) {
		t.Errorf("expected ErrNoRows, got %v", err)
	}
	rec.Expect(t, 4, 4)
	if _, err = q.First(t.Context(), rec); !errors.Is(err, dovetail.ErrFanOut) {
		t.Errorf("expected ErrFanOut, got %v", err)
	}
	rec.Expect(t, 0, 0)
	first, err := dovetail.Select(models.Activities).Fetch("account").OrderBy("amount DESC").First(t.Context(), rec)
	if err != nil || first.ID != 2 || first.Account.Owner != "SpongeBob" {
		t.Errorf("expected activity 2, got %+v, %v", first, err)
	}
}

func testFetchClauses(t *testing.T, d kit.Database) {
	acts := kit.All(t, d.DB, dovetail.Select(models.Activities).Fetch("account").OrderBy("account.owner", "amount").Limit(2).Offset(1))
	kit.Equal(t, "activities", fmt.Sprint(acts[0].ID, acts[0].Account.ID, acts[1].ID, len(acts)), "3 1 1 2")
	posts := kit.All(t, d.DB, dovetail.Select(models.Posts).Join("tags").Fetch("editor").Distinct().OrderBy("editor.name DESC", "id"))
	kit.Equal(t, "posts", len(posts), 2)
	accounts := kit.All(t, d.DB, dovetail.Select(models.Accounts).Fetch("activities").Distinct().OrderBy("activities.amount DESC NULLS LAST"))
	kit.Equal(t, "accounts", accountLists(accounts), "1:2,1,3 3:6,5 2:4 4:")
	authors := kit.All(t, d.DB, dovetail.Select(models.Authors).Fetch("books").With(dovetail.Count("books").As("book_count")).OrderBy("book_count"))
	kit.Equal(t, "authors", kit.Lists(authors, func(a *models.Author) any { return fmt.Sprint(a.ID, a.BookCount) },
		func(a *models.Author) []*models.Book { return a.Books }, func(b *models.Book) any { return b.ID }), "3 0: 2 1:3 1 2:1,2")
	if d.LocksRows() {
		locked := kit.All(t, d.DB, dovetail.Select(models.Activities).Fetch("account").Where(squirrel.Eq{"id": 1}).ForUpdate())
		kit.Equal(t, "locked", locked[0].Account.Owner, "SpongeBob")
	}
}

func testFetchSubquery(t *testing.T, d kit.Database) {
	rich := dovetail.Select(models.Activities).Columns("account_id").Fetch("account").Preload("account.activities").Where("amount > ?", 800)
	accounts := kit.All(t, d.DB, dovetail.Select(models.Accounts).Where(squirrel.Eq{"id": rich}))
	kit.Equal(t, "accounts", accountLists(accounts), "1:")
	accounts = kit.All(t, d.DB, dovetail.Select(models.Accounts).Where("? = (SELECT count(*) FROM (?) AS q)", 4,
		dovetail.Select(models.Accounts).Columns("id").Fetch("activities")))
	if !slices.Equal(kit.Pluck(accounts, func(a *models.Account) int64 { return a.ID }), []int64{1, 2, 3, 4}) {
		t.Errorf("expected every account, got %s", accountLists(accounts))
	}
}
