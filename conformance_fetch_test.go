package dovetail_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
)

// fetchCases are the promises of Query.Fetch on the tables of the readings.
func fetchCases() []conformanceCase {
	return []conformanceCase{
		{"fetch/has many, not joined", testFetchHasMany},
		{"fetch/has many, joined and filtered", testFetchJoined},
		{"fetch/has many, left joined with a condition", testFetchLeftJoined},
		{"fetch/has one, with a row of NULLs and without a row", testFetchHasOne},
		{"fetch/belongs to, required and optional", testFetchBelongsTo},
		{"fetch/many to many, both ways", testFetchManyToMany},
		{"fetch/self reference, both ways", testFetchSelf},
		{"fetch/composite keys", testFetchComposite},
		{"fetch/fields that hold values", testFetchValues},
		{"fetch/the owner is in hand", testFetchOwner},
		{"fetch/three deep", testFetchDeep},
		{"fetch/side by side", testFetchSideBySide},
		{"fetch/shared rows are one pointer", testFetchShared},
		{"fetch/columns of the root", testFetchColumns},
		{"fetch/order of the result", testFetchOrder},
		{"fetch/below an inner join", testFetchBelowJoin},
		{"fetch/no rows", testFetchNoRows},
		{"fetch/preload below what is fetched", testFetchThenPreload},
		{"fetch/preload of what is fetched", testFetchAndPreload},
		{"fetch/fetch in a preload", testFetchInPreload},
		{"fetch/fetch in a limited preload", testFetchInLimitedPreload},
		{"fetch/fetch in a preload through a link", testFetchInLinkedPreload},
		{"fetch/count and exists", testFetchCount},
		{"fetch/one, first and get", testFetchSingle},
		{"fetch/limit, distinct, with and locks", testFetchClauses},
		{"fetch/in a subquery nothing is fetched", testFetchSubquery},
	}
}

// lists writes rows and their related rows as "a:1,2 b:".
func lists[R, C any](rows []R, name func(R) any, related func(R) []C, key func(C) any) string {
	var words []string
	for _, r := range rows {
		var keys []string
		for _, c := range related(r) {
			keys = append(keys, fmt.Sprint(key(c)))
		}
		words = append(words, fmt.Sprint(name(r))+":"+strings.Join(keys, ","))
	}
	return strings.Join(words, " ")
}

func accountLists(rows []*Account) string {
	return lists(rows, func(a *Account) any { return a.ID }, func(a *Account) []*Activity { return a.Activities },
		func(a *Activity) any { return a.ID })
}

func testFetchHasMany(t *testing.T, d database) {
	rec := d.record()
	accounts := confAll(t, rec, dovetail.Select(Accounts).Fetch("activities"))
	rec.expect(t, 1, 1)
	confEqual(t, "accounts", accountLists(accounts), "1:1,2,3 2:4 3:5,6 4:")
	confEqual(t, "an account without activities has an empty list", accounts[3].Activities != nil, true)
	last := accounts[2].Activities[1]
	confEqual(t, "all columns", fmt.Sprint(last.AccountID, last.ActivityType, last.Amount, last.CreatedAt.Day()), "3WD800 6")
	confEqual(t, "columns of the root", fmt.Sprint(accounts[3].Owner, accounts[3].Email), "Sandysandy@land.example")
	confEqual(t, "the way back is not loaded", last.Account, nil)
}

// testFetchJoined is contains_eager: the field gets the rows that the join and the conditions left.
func testFetchJoined(t *testing.T, d database) {
	rec := d.record()
	base := dovetail.Select(Accounts).Join("activities")
	for want, q := range map[string]dovetail.Query[Account]{
		"1:1,2 3:5,6": base.Where("activities.amount >= ?", 750),
		"1:3 3:6":     base.Where(squirrel.Eq{"activities.activity_type": Withdrawal}),
		"1:2":         base.Where(squirrel.Eq{"activities.amount": 900}),
		"3:6":         dovetail.Select(Accounts).Join("activities", squirrel.Eq{"activity_type": Withdrawal}).Where(squirrel.Eq{"owner": "Squidward"}),
		"":            base.Where(squirrel.Eq{"activities.amount": 1}),
		"1:3 2:4":     dovetail.Select(Accounts).Where("activities.amount <= ?", 500).Fetch("activities"),
	} {
		confEqual(t, "accounts", accountLists(confAll(t, rec, q.Fetch("activities"))), want)
		rec.expect(t, 1, 1)
	}
}

// testFetchLeftJoined restricts the rows that are joined; the accounts stay.
func testFetchLeftJoined(t *testing.T, d database) {
	accounts := confAll(t, d.db, dovetail.Select(Accounts).
		LeftJoin("activities", squirrel.Eq{"activity_type": Withdrawal}).Fetch("activities"))
	confEqual(t, "accounts", accountLists(accounts), "1:3 2: 3:6 4:")
	tagged := confAll(t, d.db, dovetail.Select(Posts).LeftJoin("tags", squirrel.Eq{"name": "go"}).Fetch("tags"))
	confEqual(t, "posts", postLists(tagged), "Joins:go Keys: Nulls:")
}

func testFetchHasOne(t *testing.T, d database) {
	rec := d.record()
	users := confAll(t, rec, dovetail.Select(Users).Fetch("profile").OrderBy("name DESC"))
	rec.expect(t, 1, 1)
	confSame(t, "users", confPluck(users, func(u *User) string { return u.Name }), "cyd", "bea", "ann")
	confEqual(t, "no row", users[0].Profile, nil)
	if p := users[1].Profile; p == nil || p.ID != 2 || p.Bio != nil || p.AvatarURL != nil {
		t.Errorf("expected the profile without a bio, got %+v", p)
	}
	confEqual(t, "a bio", *users[2].Profile.Bio, "writes")
}

func testFetchBelongsTo(t *testing.T, d database) {
	rec := d.record()
	posts := confAll(t, rec, dovetail.Select(Posts).Fetch("author", "editor").OrderBy("id"))
	rec.expect(t, 1, 1)
	confSame(t, "authors", confPluck(posts, func(p *Post) string { return p.Author.Name }), "ann", "ann", "bea")
	confSame(t, "editors", []string{posts[0].Editor.Name, posts[2].Editor.Name}, "bea", "ann")
	confEqual(t, "no editor", posts[1].Editor, nil)

	// A condition keeps the posts whose editor is joined, and one on NULL those without.
	posts = confAll(t, rec, dovetail.Select(Posts).Where(squirrel.Eq{"editor.name": "ann"}).Fetch("editor"))
	confSame(t, "edited by ann", confPluck(posts, postTitle), "Nulls")
	confEqual(t, "editor", posts[0].Editor.ID, 1)
	posts = confAll(t, rec, dovetail.Select(Posts).Fetch("editor").Where(squirrel.Eq{"editor.id": nil}))
	confSame(t, "edited by nobody", confPluck(posts, postTitle), "Keys")
	rec.expect(t, 2, 2)
}

func postLists(posts []*Post) string {
	return lists(posts, func(p *Post) any { return p.Title }, func(p *Post) []*Tag { return p.Tags }, func(t *Tag) any { return t.Name })
}

func testFetchManyToMany(t *testing.T, d database) {
	rec := d.record()
	posts := confAll(t, rec, dovetail.Select(Posts).Fetch("tags"))
	confEqual(t, "posts", postLists(posts), "Joins:go,sql Keys:sql Nulls:")
	confEqual(t, "an empty list", posts[2].Tags != nil, true)
	confEqual(t, "one tag", posts[0].Tags[1], posts[1].Tags[0])
	posts = confAll(t, rec, dovetail.Select(Posts).Join("tags").Where(squirrel.Eq{"tags.name": "sql"}).Fetch("tags"))
	confEqual(t, "about sql", postLists(posts), "Joins:sql Keys:sql")
	tags := confAll(t, rec, dovetail.Select(Tags).Fetch("posts"))
	confEqual(t, "tags", lists(tags, func(t *Tag) any { return t.Name }, func(t *Tag) []*Post { return t.Posts },
		func(p *Post) any { return p.ID }), "go:1 sql:1,2 unused:")
	rec.expect(t, 3, 3)
}

func testFetchSelf(t *testing.T, d database) {
	rec := d.record()
	all := confAll(t, rec, dovetail.Select(Categories).Fetch("subcategories.subcategories", "parent"))
	rec.expect(t, 1, 1)
	names := func(c []*Category) string {
		return lists(c, func(c *Category) any { return c.Name }, func(c *Category) []*Category { return c.Subcategories },
			func(c *Category) any { return c.Name })
	}
	confEqual(t, "categories", names(all), "things:tools,toys tools:hammers toys: hammers:mallets mallets:")
	confEqual(t, "below things", names(all[0].Subcategories), "tools:hammers toys:")
	confEqual(t, "no parent", all[0].Parent, nil)
	confEqual(t, "a parent", all[4].Parent.Name, "hammers")
	confEqual(t, "one parent", all[1].Parent, all[2].Parent)
}

func testFetchComposite(t *testing.T, d database) {
	rec := d.record()
	orders := confAll(t, rec, dovetail.Select(Orders).Fetch("lines.labels", "lines.order"))
	rec.expect(t, 1, 1)
	confEqual(t, "orders", lists(orders, func(o *Order) any { return fmt.Sprint(o.Warehouse, o.Number) },
		func(o *Order) []*OrderLine { return o.Lines }, func(l *OrderLine) any { return l.Item }), "a1:nails,glue a2: b1:rope")
	confEqual(t, "lines", lists(orders[0].Lines, func(l *OrderLine) any { return l.Item },
		func(l *OrderLine) []*Label { return l.Labels }, func(l *Label) any { return l.Text }), "nails:heavy glue:fragile,heavy")
	confEqual(t, "the owner", orders[0].Lines[1].Order, orders[0])
	confEqual(t, "a shared label", orders[0].Lines[0].Labels[0], orders[2].Lines[0].Labels[0])
}

// testFetchValues has []Post and User fields, which hold copies: what is below them must be in the copies.
func testFetchValues(t *testing.T, d database) {
	rec := d.record()
	users := confAll(t, rec, dovetail.Select(Users).Fetch("posts.tags", "posts.editor", "posts.author"))
	rec.expect(t, 1, 1)
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
	confSame(t, "posts", got, "ann Joins ann bea 2", "ann Keys ann - 1", "bea Nulls bea ann 0")
	confEqual(t, "no posts", users[2].Posts != nil && len(users[2].Posts) == 0, true)

	// Preloads below copies are loaded onto the copies.
	users = confAll(t, rec, dovetail.Select(Users).Fetch("posts").Preload("posts.tags").Preload("posts.editor.profile"))
	rec.expect(t, 4, 3)
	confEqual(t, "tags", len(users[0].Posts[0].Tags), 2)
	confEqual(t, "an editor's profile", users[1].Posts[0].Editor.Profile.ID, 1)
	posts := confAll(t, rec, dovetail.Select(Posts).Fetch("author.profile").Preload("author.edited").OrderBy("id"))
	rec.expect(t, 2, 2)
	confEqual(t, "an author's profile", posts[2].Author.Profile.ID, 2)
	confSame(t, "edited by an author", confPluck(posts[0].Author.Edited, postTitle), "Nulls")
	confSame(t, "edited by the same author", confPluck(posts[1].Author.Edited, postTitle), "Nulls")
}

func testFetchOwner(t *testing.T, d database) {
	rec := d.record()
	q := dovetail.Select(Accounts).Fetch("activities.account")
	for _, a := range confAll(t, rec, q) {
		for _, act := range a.Activities {
			confEqual(t, "the owner", act.Account, a)
		}
	}
	text, _, err := q.SQL(d.db.Dialect())
	if err != nil || strings.Count(text, "JOIN") != 1 {
		t.Errorf("expected one join, got %s, %v", text, err)
	}
	rec.expect(t, 1, 1)
	// What is loaded onto the owner finds it by its key, which Columns does not name.
	users := confAll(t, rec, dovetail.Select(Users).Columns("name").OrderBy("id").Fetch("profile").Preload("profile.user.edited"))
	rec.expect(t, 2, 2)
	confEqual(t, "the owner", users[0].Profile.User, users[0])
	confSame(t, "edited", confPluck(users[0].Edited, postTitle), "Nulls")
	// Joined explicitly, the row that is joined is another.
	accounts := confAll(t, rec, dovetail.Select(Accounts).Join("activities.account").Fetch("activities.account"))
	confEqual(t, "accounts", accountLists(accounts), "1:1,2,3 2:4 3:5,6")
	confEqual(t, "the joined owner", accounts[0].Activities[0].Account.Owner, "SpongeBob")
	confEqual(t, "one row of their own", accounts[0].Activities[0].Account, accounts[0].Activities[2].Account)
}

func testFetchDeep(t *testing.T, d database) {
	rec := d.record()
	students := confAll(t, rec, dovetail.Select(Students).Fetch("courses.students.enrollments.course"))
	rec.expect(t, 1, 1)
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
	confSame(t, "ways", got, "1 1 1 1 1", "1 1 1 2 2", "1 1 2 1 1", "1 2 1 1 1", "1 2 1 2 2", "2 1 1 1 1", "2 1 1 2 2", "2 1 2 1 1")
	confEqual(t, "a student without courses", students[2].Courses != nil && len(students[2].Courses) == 0, true)
}

// testFetchSideBySide has lists that multiply each other in the result; each row is in its list once.
func testFetchSideBySide(t *testing.T, d database) {
	rec := d.record()
	users := confAll(t, rec, dovetail.Select(Users).Fetch("posts", "edited", "profile"))
	rec.expect(t, 1, 1)
	var got []string
	for _, u := range users {
		got = append(got, fmt.Sprint(len(u.Posts), " ", len(u.Edited), " ", u.Profile != nil))
	}
	confSame(t, "users", got, "2 1 true", "1 1 true", "0 0 false")
	students := confAll(t, rec, dovetail.Select(Students).Fetch("courses", "enrollments.course"))
	rec.expect(t, 1, 1)
	confEqual(t, "courses", lists(students, func(s *Student) any { return s.ID }, func(s *Student) []*Course { return s.Courses },
		func(c *Course) any { return c.ID }), "1:1,2 2:1 3:")
	confEqual(t, "enrollments", lists(students, func(s *Student) any { return s.ID },
		func(s *Student) []*Enrollment { return s.Enrollments }, func(e *Enrollment) any { return e.Course.Title }),
		"1:Algebra,Botany 2:Algebra 3:")
	// A join that is not fetched repeats the root too, which is folded all the same.
	accounts := confAll(t, rec, dovetail.Select(Students).Join("courses").Fetch("enrollments"))
	confSame(t, "students", confPluck(accounts, func(s *Student) int64 { return s.ID }), 1, 2)
	confEqual(t, "enrollments of the first", len(accounts[0].Enrollments), 2)
}

func testFetchShared(t *testing.T, d database) {
	rec := d.record()
	rows := confAll(t, rec, dovetail.Select(Activities).OrderBy("id").Fetch("account.activities"))
	rec.expect(t, 1, 1)
	confEqual(t, "activities", len(rows), 6)
	confEqual(t, "one account", rows[0].Account, rows[2].Account)
	confSame(t, "its activities", activityIDs(rows[0].Account), 1, 2, 3)
	confSame(t, "another's", activityIDs(rows[5].Account), 5, 6)

	// Rows repeated by a join that is not fetched stay repeated, as they are without Fetch.
	posts := confAll(t, rec, dovetail.Select(Posts).Join("tags").Fetch("editor").OrderBy("id", "tags.id"))
	confSame(t, "once for each tag", confPluck(posts, postTitle), "Joins", "Joins", "Keys")
	confEqual(t, "one editor", posts[0].Editor, posts[1].Editor)
	users := confAll(t, rec, dovetail.Select(Users).Join("posts").Fetch("profile").OrderBy("id"))
	confSame(t, "once for each post", confPluck(users, func(u *User) string { return u.Name }), "ann", "ann", "bea")
	confEqual(t, "one profile", users[0].Profile, users[1].Profile)
}

func testFetchColumns(t *testing.T, d database) {
	accounts := confAll(t, d.db, dovetail.Select(Accounts).Columns("owner").Fetch("activities").OrderBy("owner DESC"))
	confSame(t, "owners", confPluck(accounts, func(a *Account) string { return a.Owner }), "Squidward", "SpongeBob", "Sandy", "Patrick")
	confEqual(t, "the key, for telling rows apart", accountLists(accounts), "3:5,6 1:1,2,3 4: 2:4")
	confEqual(t, "a column not asked for", accounts[0].Email, "")
	confEqual(t, "a column of a related row", accounts[0].Activities[0].Amount, 750)
	acts := confAll(t, d.db, dovetail.Select(Activities).Columns("amount").Fetch("account").OrderBy("amount").Where("amount < ?", 600))
	confEqual(t, "no key is needed", fmt.Sprint(acts[0].ID, acts[0].Amount, acts[0].Account.Owner, acts[1].Account.Owner),
		"0 30PatrickSpongeBob")
	authors := confAll(t, d.db, dovetail.Select(Authors).Fetch("books").Column("authors.id + 2 AS book_count"))
	confSame(t, "an expression beside", confPluck(authors, func(a *Author) int64 { return a.BookCount }), 3, 4, 5)
}

func testFetchOrder(t *testing.T, d database) {
	base := dovetail.Select(Accounts).Fetch("activities")
	for want, q := range map[string]dovetail.Query[Account]{
		"2:4 4: 1:1,2,3 3:5,6": base.OrderBy("owner"),
		"1:2,1,3 3:6,5 2:4 4:": base.OrderBy("activities.amount DESC NULLS LAST"),
		"4: 3:6,5 2:4 1:3,2,1": base.OrderBy("id DESC", "activities.created_at DESC"),
		"2:4 1:3,1,2 3:5,6 4:": base.OrderByClause("activities.amount IS NULL").OrderBy("activities.amount"),
	} {
		confEqual(t, "accounts", accountLists(confAll(t, d.db, q)), want)
	}
}

func testFetchBelowJoin(t *testing.T, d database) {
	rec := d.record()
	enrolled := confAll(t, rec, dovetail.Select(Students).Join("enrollments", squirrel.Eq{"grade": nil}).Fetch("enrollments.course"))
	rec.expect(t, 1, 1)
	confEqual(t, "students", len(enrolled), 1)
	confEqual(t, "the ungraded course", enrolled[0].Enrollments[0].Course.Title, "Botany")
}

func testFetchNoRows(t *testing.T, d database) {
	rec := d.record()
	rows := confAll(t, rec, dovetail.Select(Accounts).Where(squirrel.Eq{"id": 99}).Fetch("activities").Preload("activities.account.activities"))
	rec.expect(t, 1, 1)
	confEqual(t, "an empty list", rows != nil && len(rows) == 0, true)
	// Nothing is fetched below owners without rows either, so nothing is preloaded below.
	accounts := confAll(t, rec, dovetail.Select(Accounts).Where(squirrel.Eq{"id": 4}).
		Preload("activities", dovetail.Select(Activities).Fetch("account").Preload("account.activities")))
	rec.expect(t, 2, 2)
	confEqual(t, "no activities", accounts[0].Activities != nil && len(accounts[0].Activities) == 0, true)
}

func testFetchThenPreload(t *testing.T, d database) {
	rec := d.record()
	students := confAll(t, rec, dovetail.Select(Students).Fetch("enrollments").Preload("enrollments.course.students").OrderBy("id"))
	rec.expect(t, 3, 3)
	confSame(t, "students of a course", confPluck(students[0].Enrollments[0].Course.Students, func(s *Student) string { return s.Name }),
		"Ada", "Ben")
	accounts := confAll(t, rec, dovetail.Select(Accounts).Columns("owner").Fetch("activities").OrderBy("id").
		Preload("activities.account.activities"))
	rec.expect(t, 3, 3)
	confSame(t, "the account's activities", activityIDs(accounts[0].Activities[0].Account), 1, 2, 3)
}

func testFetchAndPreload(t *testing.T, d database) {
	rec := d.record()
	accounts := confAll(t, rec, dovetail.Select(Accounts).Preload("activities").Fetch("activities", "activities").
		Where("activities.amount > ?", 800))
	rec.expect(t, 1, 1)
	confEqual(t, "what is fetched", accountLists(accounts), "1:2")
}

func testFetchInPreload(t *testing.T, d database) {
	rec := d.record()
	accounts := confAll(t, rec, dovetail.Select(Accounts).OrderBy("id").
		Preload("activities", dovetail.Select(Activities).Fetch("account.activities").OrderBy("amount DESC")))
	rec.expect(t, 2, 2)
	confEqual(t, "accounts", accountLists(accounts), "1:2,1,3 2:4 3:6,5 4:")
	// Something is fetched below the owner, so the account is joined.
	confEqual(t, "not the owner", accounts[0].Activities[0].Account != accounts[0], true)
	confEqual(t, "all of the account's activities", len(accounts[0].Activities[0].Account.Activities), 3)

	users := confAll(t, rec, dovetail.Select(Users).OrderBy("id").
		Preload("posts", dovetail.Select(Posts).Fetch("tags", "editor", "author").OrderBy("title DESC")))
	rec.expect(t, 2, 2)
	titles := func(u *User) (all []string) {
		for _, p := range u.Posts {
			all = append(all, fmt.Sprint(p.Title, len(p.Tags), p.Editor != nil, p.Author.Name))
		}
		return all
	}
	confSame(t, "posts of ann", titles(users[0]), "Keys1 falseann", "Joins2 trueann")
	confSame(t, "posts of bea", titles(users[1]), "Nulls0 truebea")

	// The keys of orders are texts and numbers: the rows come with the positions of their keys.
	orders := confAll(t, rec, dovetail.Select(Orders).OrderBy("warehouse", "number").
		Preload("lines", dovetail.Select(OrderLines).Fetch("labels", "order")))
	rec.expect(t, 2+d.lookups(1), 2+d.lookups(1))
	confEqual(t, "lines", len(orders[0].Lines)+10*len(orders[0].Lines[1].Labels)+100*len(orders[2].Lines[0].Labels), 122)
	confEqual(t, "the owner", orders[0].Lines[0].Order, orders[0])
}

func testFetchInLimitedPreload(t *testing.T, d database) {
	rec := d.record()
	accounts := confAll(t, rec, dovetail.Select(Accounts).OrderBy("id").
		Preload("activities", dovetail.Select(Activities).Join("account").Fetch("account").OrderBy("amount DESC").Limit(2)))
	rec.expect(t, 2, 2)
	confEqual(t, "accounts", accountLists(accounts), "1:2,1 2:4 3:6,5 4:")
	confSame(t, "owners", confPluck(accounts[0].Activities, func(a *Activity) string { return a.Account.Owner }), "SpongeBob", "SpongeBob")
	confEqual(t, "one account", accounts[0].Activities[0].Account, accounts[0].Activities[1].Account)
	authors := confAll(t, rec, dovetail.Select(Users).OrderBy("id").
		Preload("edited", dovetail.Select(Posts).Fetch("author.profile", "editor").Limit(1).Offset(0)))
	rec.expect(t, 2, 2)
	confEqual(t, "an author's profile", authors[0].Edited[0].Author.Profile.ID, 2)
	confEqual(t, "nothing edited", len(authors[2].Edited), 0)

	_, err := dovetail.Select(Users).Preload("posts", dovetail.Select(Posts).Fetch("tags").Limit(1)).All(t.Context(), rec)
	rec.expect(t, 0, 0)
	if !errors.Is(err, dovetail.ErrFanOut) || !strings.Contains(err.Error(), `Fetch("tags")`) {
		t.Errorf("expected ErrFanOut that names the path, got %v", err)
	}
}

// testFetchInLinkedPreload finds one course for several students: its fetched rows come once for each of them.
func testFetchInLinkedPreload(t *testing.T, d database) {
	rec := d.record()
	students := confAll(t, rec, dovetail.Select(Students).OrderBy("id").Preload("courses", dovetail.Select(Courses).Fetch("students")))
	rec.expect(t, 2, 2)
	confEqual(t, "one course", students[0].Courses[0], students[1].Courses[0])
	confSame(t, "courses", confPluck(students[0].Courses, func(c *Course) string { return c.Title }), "Algebra", "Botany")
	confEqual(t, "its students", len(students[0].Courses[0].Students), 2)
	confEqual(t, "the other's students", len(students[0].Courses[1].Students), 1)
}

func testFetchCount(t *testing.T, d database) {
	rec := d.record()
	for i, q := range []dovetail.Query[Account]{
		dovetail.Select(Accounts).Fetch("activities"),
		dovetail.Select(Accounts).Join("activities").Fetch("activities"),
		dovetail.Select(Accounts).Fetch("activities").Where("activities.amount > ?", 800),
		dovetail.Select(Accounts).Columns("owner").Column("balance AS b").Join("activities").Fetch("activities").Distinct(),
		dovetail.Select(Accounts).Fetch("activities").Where(squirrel.Eq{"id": 99}),
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
		rec.expect(t, 2, 2)
	}
	n, err := dovetail.Select(Posts).Join("tags").Fetch("editor").Count(t.Context(), d.db)
	if err != nil || n != 3 {
		t.Errorf("expected the rows that All returns, 3, got %d, %v", n, err)
	}
}

func testFetchSingle(t *testing.T, d database) {
	rec := d.record()
	q := dovetail.Select(Accounts).Fetch("activities")
	one, err := q.Where(squirrel.Eq{"owner": "SpongeBob"}).One(t.Context(), rec)
	if err != nil || accountLists([]*Account{one}) != "1:1,2,3" {
		t.Errorf("expected all activities of SpongeBob, got %+v, %v", one, err)
	}
	got, err := q.Get(t.Context(), rec, 3)
	if err != nil || accountLists([]*Account{got}) != "3:5,6" {
		t.Errorf("expected all activities of Squidward, got %+v, %v", got, err)
	}
	if _, err = q.One(t.Context(), rec); !errors.Is(err, dovetail.ErrTooManyRows) {
		t.Errorf("expected ErrTooManyRows, got %v", err)
	}
	if _, err = q.Where(squirrel.Eq{"id": 99}).One(t.Context(), rec); !errors.Is(err, dovetail.ErrNoRows) {
		t.Errorf("expected ErrNoRows, got %v", err)
	}
	rec.expect(t, 4, 4)
	if _, err = q.First(t.Context(), rec); !errors.Is(err, dovetail.ErrFanOut) {
		t.Errorf("expected ErrFanOut, got %v", err)
	}
	rec.expect(t, 0, 0)
	first, err := dovetail.Select(Activities).Fetch("account").OrderBy("amount DESC").First(t.Context(), rec)
	if err != nil || first.ID != 2 || first.Account.Owner != "SpongeBob" {
		t.Errorf("expected activity 2, got %+v, %v", first, err)
	}
}

func testFetchClauses(t *testing.T, d database) {
	acts := confAll(t, d.db, dovetail.Select(Activities).Fetch("account").OrderBy("account.owner", "amount").Limit(2).Offset(1))
	confEqual(t, "activities", fmt.Sprint(acts[0].ID, acts[0].Account.ID, acts[1].ID, len(acts)), "3 1 1 2")
	posts := confAll(t, d.db, dovetail.Select(Posts).Join("tags").Fetch("editor").Distinct().OrderBy("editor.name DESC", "id"))
	confEqual(t, "posts", len(posts), 2)
	accounts := confAll(t, d.db, dovetail.Select(Accounts).Fetch("activities").Distinct().OrderBy("activities.amount DESC NULLS LAST"))
	confEqual(t, "accounts", accountLists(accounts), "1:2,1,3 3:6,5 2:4 4:")
	authors := confAll(t, d.db, dovetail.Select(Authors).Fetch("books").With(dovetail.Count("books").As("book_count")).OrderBy("book_count"))
	confEqual(t, "authors", lists(authors, func(a *Author) any { return fmt.Sprint(a.ID, a.BookCount) },
		func(a *Author) []*Book { return a.Books }, func(b *Book) any { return b.ID }), "3 0: 2 1:3 1 2:1,2")
	if d.postgres() {
		locked := confAll(t, d.db, dovetail.Select(Activities).Fetch("account").Where(squirrel.Eq{"id": 1}).ForUpdate())
		confEqual(t, "locked", locked[0].Account.Owner, "SpongeBob")
	}
}

func testFetchSubquery(t *testing.T, d database) {
	rich := dovetail.Select(Activities).Columns("account_id").Fetch("account").Preload("account.activities").Where("amount > ?", 800)
	accounts := confAll(t, d.db, dovetail.Select(Accounts).Where(squirrel.Eq{"id": rich}))
	confEqual(t, "accounts", accountLists(accounts), "1:")
	accounts = confAll(t, d.db, dovetail.Select(Accounts).Where("? = (SELECT count(*) FROM (?) AS q)", 4,
		dovetail.Select(Accounts).Columns("id").Fetch("activities")))
	if !slices.Equal(confPluck(accounts, func(a *Account) int64 { return a.ID }), []int64{1, 2, 3, 4}) {
		t.Errorf("expected every account, got %s", accountLists(accounts))
	}
}
