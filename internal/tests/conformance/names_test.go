package conformance_test

import (
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// The rule for names, in every place where there is a row around another.

func nameCases() []kit.Case {
	return []kit.Case{
		{Name: "names/the row around in Has", Run: testNamesInHas},
		{Name: "names/a table named like a relation", Run: testNamesSingular},
		{Name: "names/a path from the row around", Run: testNamesOuterPath},
		{Name: "names/the row around in a join", Run: testNamesInJoin},
		{Name: "names/the row around in an aggregate", Run: testNamesInAggregate},
		{Name: "names/the owner in a relation's condition", Run: testNamesInRelation},
		{Name: "names/the owner past a join table", Run: testNamesInManyToMany},
		{Name: "names/an owner that a preload cannot tell", Run: testNamesOfSharedOwner},
		{Name: "names/the path of a preload", Run: testNamesInPreload},
		{Name: "names/the row around a query", Run: testNamesInSubquery},
		{Name: "names/an alias that would hide the row around", Run: testNamesHidden},
		{Name: "names/columns as values", Run: testNamesCol},
		{Name: "names/conditions negated", Run: testNot},
		{Name: "names/has below a join", Run: testHasBelowJoin},
	}
}

func testNamesInHas(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Accounts)
	for _, pred := range []squirrel.Sqlizer{
		squirrel.Expr("activities.amount >= outer.balance"),
		squirrel.Expr("self.amount >= accounts.balance"),
	} {
		kit.Same(t, "text", models.AccountRows(t, rec, q.Has("activities", pred)), 2)
	}
	for _, pred := range []squirrel.Sqlizer{
		squirrel.GtOrEq{"amount": dovetail.Col("outer.balance")},
		squirrel.GtOrEq{"activities.amount": dovetail.Col("accounts.balance")},
		squirrel.LtOrEq{"outer.balance": dovetail.Col("self.amount")},
	} {
		kit.Same(t, "map", models.AccountRows(t, rec, q.Has("activities", pred)), 2)
		kit.Same(t, "none", models.AccountRows(t, rec, q.HasNone("activities", pred)), 1, 3, 4)
		kit.Same(t, "at least", models.AccountRows(t, rec, q.HasAtLeast(2, "activities", pred)))
	}
	twice := dovetail.Select(models.Users).Has("posts", dovetail.Has("editor", squirrel.NotEq{"id": dovetail.Col("outer.outer.id")}))
	kit.Same(t, "two rows around", kit.Pluck(kit.All(t, d.DB, twice.OrderBy("id")), models.UserName), "ann", "bea")
	text := dovetail.Select(models.Users).Has("posts", dovetail.Has("editor", squirrel.Expr("self.id <> outer.outer.id AND outer.id = 3")))
	kit.Same(t, "in text", kit.Pluck(kit.All(t, d.DB, text.OrderBy("id")), models.UserName), "bea")
}

// testNamesSingular has a table whose name is that of a relation which leads to it.
func testNamesSingular(t *testing.T, d kit.Database) {
	q := dovetail.Select(models.Users).OrderBy("id")
	refuse(t, d, []refusal[models.User]{
		{"map", q.Has("profile", squirrel.Eq{"user.name": "ann"}), dovetail.ErrAmbiguous, []string{`"outer.name"`, `"self.user.name"`}},
		{"text", q.Has("profile", squirrel.Expr("profile.id = user.id")), dovetail.ErrAmbiguous, []string{`"outer.id"`, `"self.user.id"`}},
		{"value", q.Has("profile", squirrel.Eq{"id": dovetail.Col("user.id")}), dovetail.ErrAmbiguous, []string{`"outer.id"`}},
	})
	names := func(preds ...squirrel.Sqlizer) []string {
		return kit.Pluck(kit.All(t, d.DB, q.Has("profile", preds...)), models.UserName)
	}
	kit.Same(t, "the row around", names(squirrel.Eq{"outer.name": "ann"}), "ann")
	kit.Same(t, "along the relation", names(squirrel.Eq{"self.user.name": "bea"}), "bea")
	kit.Same(t, "both in text", names(squirrel.Expr("profile.id = outer.id AND self.user.id = outer.id")), "ann", "bea")
}

func testNamesOuterPath(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Posts)
	other := squirrel.NotEq{"id": dovetail.Col("outer.id")}
	kit.Same(t, "map", models.PostRows(t, rec, q.Has("author.posts", other, squirrel.Eq{"outer.editor.name": "bea"})), 1)
	kit.Same(t, "text", models.PostRows(t, rec, q.Has("author.posts", other, squirrel.Expr("outer.editor.name = ?", "bea"))), 1)
	kit.Same(t, "not joined inner", models.PostRows(t, rec, q.Where(dovetail.Not(
		dovetail.Has("author.posts", squirrel.Eq{"outer.editor.name": "bea"})))), 2, 3)
}

func testNamesInJoin(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Accounts)
	for _, on := range []squirrel.Sqlizer{
		squirrel.GtOrEq{"amount": dovetail.Col("outer.balance")},
		squirrel.Expr("activities.amount >= outer.balance"),
		squirrel.Expr("self.amount >= accounts.balance"),
		dovetail.Has("account", squirrel.LtOrEq{"balance": dovetail.Col("outer.amount"), "outer.outer.id": 2}),
	} {
		kit.Same(t, "join", models.AccountRows(t, rec, q.Join("activities", on)), 2)
		kit.Same(t, "left join", models.AccountRows(t, rec, q.LeftJoin("activities", on)), 1, 2, 3, 4)
	}
	posts := dovetail.Select(models.Posts)
	for _, on := range []squirrel.Sqlizer{
		squirrel.Expr("author.posts.id <> outer.id AND outer.author.id = 1"),
		squirrel.Expr("self.id <> posts.id"),
		squirrel.NotEq{"author.posts.id": dovetail.Col("posts.id")},
	} {
		kit.Same(t, "two hops", models.PostRows(t, rec, posts.Join("author.posts", on)), 1, 2)
	}
}

func testNamesInAggregate(t *testing.T, d kit.Database) {
	counts := func(a dovetail.Aggregate) []int64 {
		rows := kit.All(t, d.DB, dovetail.Select(models.Authors).OrderBy("id").With(a.As("book_count")))
		return kit.Pluck(rows, func(a *models.Author) int64 { return a.BookCount })
	}
	books := dovetail.Count("books")
	kit.Same(t, "text", counts(books.Where("books.pages > ? AND outer.name <> ?", 200, "Lem")), 1, 0, 0)
	kit.Same(t, "the table's name", counts(books.Where("self.pages > ? AND authors.name <> ?", 200, "Lem")), 1, 0, 0)
	kit.Same(t, "map", counts(books.Where(squirrel.NotEq{"outer.name": "Lem", "books.author_id": dovetail.Col("outer.id")})), 0, 0, 0)
	kit.Same(t, "value", counts(books.Where(squirrel.Eq{"author_id": dovetail.Col("outer.id")})), 2, 1, 0)
}

type nameAccount struct {
	ID         int64
	Balance    int64
	Activities []*nameActivity
}

type nameActivity struct {
	ID        int64
	AccountID int64
	Amount    int64
}

// nameOwned belongs to an account by a key that many may share.
type nameOwned struct {
	ID        int64
	AccountID int64
	Amount    int64
	Account   *nameAccount
}

type nameStudent struct {
	ID      int64
	Name    string
	Courses []*nameCourse
}

type nameCourse struct {
	ID    int64
	Title string
}

type nameEnrollment struct {
	StudentID int64
	CourseID  int64
	Grade     *string
}

func (a *nameAccount) key() int64  { return a.ID }
func (a *nameActivity) key() int64 { return a.ID }
func (a *nameOwned) key() int64    { return a.ID }

// nameKeys returns the keys of the rows of a query.
func nameKeys[R interface{ key() int64 }](t *testing.T, d kit.Database, q dovetail.Query[R]) []int64 {
	t.Helper()
	return kit.Pluck(kit.All(t, d.DB, q.OrderBy("id")), R.key)
}

func testNamesInRelation(t *testing.T, d kit.Database) {
	for _, pred := range []any{
		squirrel.GtOrEq{"amount": dovetail.Col("outer.balance")},
		"self.amount >= outer.balance",
		"activity.amount >= accounts.balance",
	} {
		r := dovetail.NewRegistry()
		accounts := dovetail.NewTable[nameAccount](r, "accounts")
		activities := dovetail.NewTable[nameActivity](r, "activity")
		dovetail.HasMany(accounts, "activities", activities, dovetail.ForeignKey("account_id"), dovetail.Where(pred))
		q := dovetail.Select(accounts).OrderBy("id")
		kit.Same(t, "join", nameKeys(t, d, q.Join("activities")), 2)
		kit.Same(t, "has", nameKeys(t, d, q.Has("activities")), 2)
		kit.Same(t, "not has", nameKeys(t, d, q.Where(dovetail.Not(dovetail.Has("activities", squirrel.Eq{"id": 4})))), 1, 3, 4)
		for name, loaded := range map[string]dovetail.Query[*nameAccount]{
			"preload": q.Preload("activities"), "fetch": q.Fetch("activities"),
			"limited": q.Preload("activities", dovetail.Select(activities).Limit(2)),
		} {
			for _, a := range kit.All(t, d.DB, loaded) {
				var want []int64
				if a.ID == 2 {
					want = []int64{4}
				}
				kit.Same(t, name, kit.Pluck(a.Activities, (*nameActivity).key), want...)
			}
		}
	}
}

func testNamesInManyToMany(t *testing.T, d kit.Database) {
	r := dovetail.NewRegistry()
	students := dovetail.NewTable[nameStudent](r, "students")
	courses := dovetail.NewTable[nameCourse](r, "courses")
	enrollments := dovetail.NewTable[nameEnrollment](r, "enrollments", dovetail.PrimaryKey("student_id", "course_id"))
	dovetail.ManyToMany(students, "courses", courses, enrollments, dovetail.ThroughKeys("student_id", "course_id"),
		dovetail.Where("self.title > outer.name AND self.link.grade IS NULL"))
	q := dovetail.Select(students).OrderBy("id")
	titles := func(rows []*nameStudent) (all string) {
		for _, s := range rows {
			all += s.Name + ":"
			for _, c := range s.Courses {
				all += " " + c.Title
			}
			all += "; "
		}
		return all
	}
	const want = "Ada: Botany; Ben:; Cleo:; "
	for name, loaded := range map[string]dovetail.Query[*nameStudent]{
		"preload": q.Preload("courses"), "fetch": q.Fetch("courses"),
		"limited": q.Preload("courses", dovetail.Select(courses).OrderBy("title").Limit(1)),
	} {
		if got := titles(kit.All(t, d.DB, loaded)); got != want {
			t.Errorf("%s: expected %q, got %q", name, want, got)
		}
	}
}

// testNamesOfSharedOwner has a relation whose key many owners share: that is all that a preload sends of them.
func testNamesOfSharedOwner(t *testing.T, d kit.Database) {
	r := dovetail.NewRegistry()
	accounts := dovetail.NewTable[nameAccount](r, "accounts")
	owned := dovetail.NewTable[nameOwned](r, "activity")
	dovetail.HasMany(accounts, "activities", dovetail.NewTable[nameActivity](r, "activity"), dovetail.ForeignKey("account_id"))
	dovetail.BelongsTo(owned, "account", accounts, dovetail.ForeignKey("account_id"),
		dovetail.Where(squirrel.LtOrEq{"balance": dovetail.Col("outer.amount")}))
	q := dovetail.Select(owned)
	kit.Same(t, "join", nameKeys(t, d, q.Join("account")), 4)
	kit.Same(t, "has", nameKeys(t, d, q.HasNone("account")), 1, 2, 3, 5, 6)
	refuse(t, d, []refusal[nameOwned]{{"preload", q.Preload("account"), dovetail.ErrUnsupported, []string{`"activity.account"`, "Fetch"}}})
}

func testNamesInPreload(t *testing.T, d kit.Database) {
	big := dovetail.Select(models.Activities).Where("activities.amount >= ? AND self.id < ?", 800, 6).OrderBy("id")
	rows := models.AccountsWith(t, d, big)
	kit.Same(t, "first", rows[0], 1, 2)
	kit.Same(t, "third", rows[2])
	refuse(t, d, []refusal[models.Account]{
		{"outer", dovetail.Select(models.Accounts).Preload("activities", dovetail.Select(models.Activities).Where("amount > outer.balance")),
			dovetail.ErrUnknownRelation, []string{`"outer.balance"`, "preload"}},
		{"no row around", dovetail.Select(models.Accounts).Where(squirrel.Eq{"outer.balance": 1}), dovetail.ErrUnknownRelation,
			[]string{`"outer.balance"`}},
	})
}

func testNamesInSubquery(t *testing.T, d kit.Database) {
	q := dovetail.Select(models.Users).OrderBy("id")
	count := dovetail.Select(models.Profiles).Columns().Column("count(*)")
	refuse(t, d, []refusal[models.User]{
		{"text", q.Where("(?) > 0", count.Where("profiles.user_id = user.id")), dovetail.ErrAmbiguous,
			[]string{`"outer.id"`, `"self.user.id"`}},
		{"map", q.Where("(?) > 0", count.Where(squirrel.Eq{"user.id": 1})), dovetail.ErrAmbiguous, []string{`"outer.id"`, `"self.user.id"`}},
	})
	names := func(q dovetail.Query[*models.User]) []string { return kit.Pluck(kit.All(t, d.DB, q), models.UserName) }
	kit.Same(t, "text", names(q.Where("(?) > 0", count.Where("profiles.user_id = outer.id"))), "ann", "bea")
	kit.Same(t, "map", names(q.Where("(?) > 0", count.Where(squirrel.Eq{"user_id": dovetail.Col("outer.id")}))), "ann", "bea")
	kit.Same(t, "in Eq", names(q.Where(squirrel.Eq{"id": dovetail.Select(models.Profiles).Columns("user_id").
		Where(squirrel.Eq{"outer.name": "bea"})})), "bea")
	last := dovetail.Select(models.Posts).Columns().Column("max(self.id)").
		Where("posts.author_id = outer.author_id AND outer.outer.id > ?", 1)
	kit.Same(t, "in Has", names(q.Has("posts", squirrel.Eq{"id": last})), "bea")
}

// testNamesHidden has names of the row around whose alias the query inside has too.
func testNamesHidden(t *testing.T, d kit.Database) {
	rec := d.Record()
	profiles := dovetail.Select(models.Profiles).Columns().Column("1").Where(squirrel.Eq{"self.user.name": dovetail.Col("outer.name")})
	rows := kit.All(t, d.DB, dovetail.Select(models.Users).OrderBy("id").Where("EXISTS (?)", profiles))
	kit.Same(t, "a relation", kit.Pluck(rows, models.UserName), "ann", "bea")
	q := dovetail.Select(models.Accounts)
	average := q.Columns().Column("avg(accounts.balance)").Where(squirrel.NotEq{"id": dovetail.Col("outer.id")})
	kit.Same(t, "the table", models.AccountRows(t, rec, q.Where("balance > (?)", average)), 1, 3)
	deep := q.Columns("id").Where(squirrel.Eq{"id": q.Columns("id").Where(squirrel.Lt{"self.balance": dovetail.Col("outer.outer.balance")})})
	kit.Same(t, "two deep", models.AccountRows(t, rec, q.Where("EXISTS (?)", deep)), 1, 2, 3)
}

func testNamesCol(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Activities)
	for _, c := range []struct {
		name string
		pred squirrel.Sqlizer
		want []int64
	}{
		{"eq", squirrel.Eq{"amount": dovetail.Col("account.balance")}, []int64{4}},
		{"not eq", squirrel.NotEq{"id": dovetail.Col("account_id")}, []int64{2, 3, 4, 5, 6}},
		{"lt", squirrel.Lt{"amount": dovetail.Col("account.balance")}, []int64{1, 2, 3, 5, 6}},
		{"lt or eq", squirrel.LtOrEq{"account.balance": dovetail.Col("amount")}, []int64{4}},
		{"gt", squirrel.Gt{"account_id": dovetail.Col("id")}, nil},
		{"gt or eq", squirrel.GtOrEq{"account_id": dovetail.Col("self.id")}, []int64{1}},
		{"or null", dovetail.NotEqOrNull{"id": dovetail.Col("account_id")}, []int64{2, 3, 4, 5, 6}},
		{"in text", squirrel.And{squirrel.Gt{"id": 3}, dovetail.Not("? = ?", dovetail.Col("amount"), dovetail.Col("account.balance"))},
			[]int64{5, 6}},
	} {
		kit.Same(t, c.name, models.ActivityRows(t, rec, q.Where(c.pred)), c.want...)
	}
	refuse(t, d, []refusal[models.Activity]{
		{"of another kind", q.Where(squirrel.Eq{"amount": dovetail.Col("account.owner")}), dovetail.ErrArgType, []string{"account.owner"}},
		{"misspelt", q.Where(squirrel.Eq{"amount": dovetail.Col("account.balanc")}), dovetail.ErrUnknownColumn, []string{"balance"}},
	})
}

func testNot(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Accounts)
	for _, c := range []struct {
		name string
		pred squirrel.Sqlizer
		want []int64
	}{
		{"has", dovetail.Not(dovetail.Has("activities")), []int64{4}},
		{"text", dovetail.Not("balance > ?", 100), []int64{2, 4}},
		{"text with a condition", squirrel.And{dovetail.Not("? OR balance = ?", dovetail.Has("activities", squirrel.Gt{"amount": 800}), 0)},
			[]int64{2, 3}},
		{"or", dovetail.Not(squirrel.Or{squirrel.Eq{"id": 1}, dovetail.HasNone("activities")}), []int64{2, 3}},
		{"twice", dovetail.Not(dovetail.Not(squirrel.Eq{"id": []int64{1, 2}})), []int64{1, 2}},
		{"nothing", dovetail.Not(squirrel.And{}), nil},
		{"inside has", dovetail.Has("activities", dovetail.Not(squirrel.LtOrEq{"amount": 800})), []int64{1}},
	} {
		kit.Same(t, c.name, models.AccountRows(t, rec, q.Where(c.pred)), c.want...)
	}
	kit.Same(t, "unknown", models.PostRows(t, rec, dovetail.Select(models.Posts).Where(dovetail.Not(squirrel.Eq{"editor_id": 1}))), 1)
}

// testHasBelowJoin takes both ways that the error for a Has below a join offers.
func testHasBelowJoin(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Users).OrderBy("id")
	tagged := squirrel.Eq{"name": "go"}
	refuse(t, d, []refusal[models.User]{
		{"has", q.Join("posts").Has("posts.tags", tagged), dovetail.ErrAmbiguous,
			[]string{`Join("posts", Has("tags", …))`, `Has("posts", Has("tags", …))`}},
		{"has none in Where", q.LeftJoin("posts").Where(dovetail.HasNone("posts.tags")), dovetail.ErrAmbiguous,
			[]string{`LeftJoin("posts", Has("tags", …))`}},
	})
	kit.Same(t, "the joined row", kit.Pluck(kit.All(t, d.DB, q.Join("posts", dovetail.Has("tags", tagged))), models.UserName), "ann")
	kit.Same(t, "any row", kit.Pluck(kit.All(t, d.DB, q.Join("posts").Has("posts", dovetail.Has("tags", tagged))), models.UserName),
		"ann", "ann")
	kit.Same(t, "below a to-one join", models.PostRows(t, rec, dovetail.Select(models.Posts).Join("author").
		Has("author.edited", squirrel.Eq{"title": "Nulls"})), 1, 2)
}
