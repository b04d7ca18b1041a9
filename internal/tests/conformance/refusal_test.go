package conformance_test

import (
	"errors"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// What is refused is refused before any statement is sent.

func refusalCases() []kit.Case {
	return []kit.Case{
		{Name: "refusal/names", Run: testRefuseNames},
		{Name: "refusal/arguments", Run: testRefuseArguments},
		{Name: "refusal/lists under a limit", Run: testRefuseFanOut},
		{Name: "refusal/groups", Run: testRefuseGroups},
		{Name: "refusal/preloads", Run: testRefusePreloads},
		{Name: "refusal/row locks", Run: testRefuseLocks},
		{Name: "refusal/empty queries and databases", Run: testRefuseNothing},
	}
}

// refusal is a query that must not be sent.
type refusal[T any] struct {
	name  string
	q     dovetail.Query[*T]
	is    error
	words []string
}

// refuse tries all ways to run each query.
func refuse[T any](t *testing.T, d kit.Database, refusals []refusal[T]) {
	t.Helper()
	for _, r := range refusals {
		t.Run(r.name, func(t *testing.T) {
			rec := d.Record()
			rows, err := r.q.All(t.Context(), rec)
			kit.Refused(t, err, r.is, r.words...)
			if rows != nil {
				t.Errorf("expected nothing beside an error, got %d rows", len(rows))
			}
			if _, _, err := r.q.SQL(rec.Dialect()); !errors.Is(err, r.is) {
				t.Errorf("SQL: expected %q, got %v", r.is, err)
			}
			if _, err := r.q.Explain(rec.Dialect()); !errors.Is(err, r.is) {
				t.Errorf("Explain: expected %q, got %v", r.is, err)
			}
			rec.Expect(t, 0, 0)
		})
	}
}

func testRefuseNames(t *testing.T, d kit.Database) {
	q := dovetail.Select(models.Accounts)
	refuse(t, d, []refusal[models.Account]{
		{"join", q.Join("activites"), dovetail.ErrUnknownRelation, []string{`"activites"`, `did you mean "activities"?`}},
		{"join below", q.Join("activities.usr"), dovetail.ErrUnknownRelation, []string{`"activities.usr"`, `"account"`}},
		{"has", q.Has("owner"), dovetail.ErrUnknownRelation, []string{"column"}},
		{"map", q.Where(squirrel.Eq{"ownr": 1}), dovetail.ErrUnknownColumn, []string{`"ownr"`, `"owner"`}},
		{"map below", q.Join("activities").Where(squirrel.Eq{"activities.amout": 1}), dovetail.ErrUnknownColumn,
			[]string{`"amount"`}},
		{"injection in a map", q.Where(squirrel.Eq{"1=1 OR id": 5}), dovetail.ErrUnknownColumn, nil},
		{"text", q.Join("activities").Where("activities.amout > 1"), dovetail.ErrUnknownColumn, []string{`"amount"`}},
		{"order", q.OrderBy("ownr"), dovetail.ErrUnknownColumn, []string{"OrderBy", `"owner"`}},
		{"injection in an order", q.OrderBy("id; drop table accounts"), dovetail.ErrInvalidQuery, []string{"OrderByClause"}},
		{"columns", q.Columns("id", "ownr"), dovetail.ErrUnknownColumn, []string{"Columns", `"owner"`}},
		{"group", q.Columns("owner").GroupBy("ownr"), dovetail.ErrUnknownColumn, []string{"GroupBy"}},
		{"list that is not joined", q.Where(squirrel.Eq{"activities.amount": 1}), dovetail.ErrUnknownRelation,
			[]string{`Join("activities")`, `Has("activities"`}},
		{"list that is not joined, in text", q.Where("activities.amount = 1"), dovetail.ErrUnknownRelation, []string{"Has("}},
		{"condition of Has", q.Has("activities", squirrel.Eq{"ownr": 1}), dovetail.ErrUnknownColumn, []string{`"activity"`}},
	})
	rec := d.Record()
	_, err := q.Join("activities").Columns("activities.amount").All(t.Context(), rec) // it has SQL, for Collect
	kit.Refused(t, err, dovetail.ErrUnknownColumn, `"activities.amount"`, "Account", "Collect")
	rec.Expect(t, 0, 0)
	refuse(t, d, []refusal[models.User]{
		{"two starts of a path", dovetail.Select(models.Users).Has("posts.tags", squirrel.Eq{"posts.title": "x"}),
			dovetail.ErrAmbiguous, []string{`"tags.posts"`, `"posts"`}},
	})
}

func testRefuseArguments(t *testing.T, d kit.Database) {
	n := newConfNotes()
	q := dovetail.Select(n.notes)
	refuse(t, d, []refusal[confNote]{
		{"too few", q.Where("id = ? AND score = ?", 1), dovetail.ErrArgCount, []string{"2 placeholder", "1 argument"}},
		{"too many", q.Where("id = ?", 1, 2), dovetail.ErrArgCount, []string{"1 placeholder", "2 argument"}},
		{"beside an expression", q.Where(squirrel.Eq{"id": 1}, 2), dovetail.ErrArgCount, nil},
		{"in a literal", q.Where("note = '?'", "x"), dovetail.ErrArgCount, nil},
		{"text for an integer", q.Where(squirrel.Eq{"score": "20"}), dovetail.ErrArgType, []string{`"score"`}},
		{"integer for text", q.Where(squirrel.Eq{"title": 20}), dovetail.ErrArgType, []string{`"title"`}},
		{"list of text for integers", q.Where(squirrel.Eq{"id": []string{"1"}}), dovetail.ErrArgType, nil},
		{"mixed list", q.Where(squirrel.Eq{"score": []any{1, "x"}}), dovetail.ErrArgType, []string{`"score"`}},
		{"list of lists", q.Where(squirrel.Eq{"score": [][]int64{{1}}}), dovetail.ErrArgType, nil},
		{"map as a value", q.Where(squirrel.Eq{"note": map[string]any{"$ne": 1}}), dovetail.ErrArgType, nil},
		{"order of NULL", q.Where(squirrel.Lt{"score": nil}), dovetail.ErrInvalidQuery, []string{"Eq"}},
		{"order of a list", q.Where(squirrel.Gt{"score": []int{1}}), dovetail.ErrInvalidQuery, []string{"list"}},
		{"nil condition", q.Where(nil), dovetail.ErrInvalidQuery, []string{"nil"}},
		{"typed nil condition", q.Where((*squirrel.SelectBuilder)(nil)), dovetail.ErrInvalidQuery, []string{"nil"}},
		{"number as a condition", q.Where(1), dovetail.ErrInvalidQuery, []string{"int"}},
		{"empty text", q.Where(" "), dovetail.ErrInvalidQuery, nil},
		{"open literal", q.Where("note = 'x"), dovetail.ErrInvalidQuery, nil},
		{"closing parenthesis", q.Where("1 = 1) OR (1 = 1"), dovetail.ErrInvalidQuery, nil},
		{"second statement", q.Where("1 = 1; DROP TABLE conf_notes"), dovetail.ErrInvalidQuery, nil},
		{"negative limit", q.Limit(-1), dovetail.ErrInvalidQuery, []string{"Limit"}},
		{"negative offset", q.Offset(-1), dovetail.ErrInvalidQuery, []string{"Offset"}},
		{"first mistake of two", q.Limit(-1).OrderBy("ownr"), dovetail.ErrInvalidQuery, []string{"Limit"}},
		{"mistake in a subquery", q.Where(squirrel.Eq{"id": q.Limit(-1)}), dovetail.ErrInvalidQuery, []string{"Limit"}},
	})
}

func testRefuseFanOut(t *testing.T, d kit.Database) {
	q := dovetail.Select(models.Accounts).Join("activities")
	words := []string{`"activities"`, "Distinct()", "Has("}
	refuse(t, d, []refusal[models.Account]{
		{"limit", q.Limit(1), dovetail.ErrFanOut, words},
		{"offset", q.Offset(1), dovetail.ErrFanOut, words},
		{"left join", dovetail.Select(models.Accounts).LeftJoin("activities").Limit(1), dovetail.ErrFanOut, words},
		{"order of Distinct", q.Distinct().OrderBy("activities.amount"), dovetail.ErrFanOut,
			[]string{"OrderBy", `"activities.amount"`}},
	})
	refuse(t, d, []refusal[models.User]{
		{"below a to-one", dovetail.Select(models.Users).Join("profile.user.posts").
			Limit(1), dovetail.ErrFanOut, []string{`"profile.user.posts"`}},
		{"two lists and a sum", dovetail.Select(models.Users).Join("posts").Join("edited").GroupBy("id").
			Column("count(posts.id) AS n"),
			dovetail.ErrFanOut, []string{`"posts"`, `"edited"`}},
	})
}

func testRefuseGroups(t *testing.T, d kit.Database) {
	q := dovetail.Select(models.Authors)
	refuse(t, d, []refusal[models.Author]{
		{"column outside of the group", q.Columns("id", "name").GroupBy("name"), dovetail.ErrInvalidQuery, []string{`"id"`}},
		{"order outside of the group", q.Columns("name").GroupBy("name").
			OrderBy("id"), dovetail.ErrInvalidQuery, []string{`"id"`}},
		{"aggregate beside columns", q.Join("books").Column("count(*) AS book_count"), dovetail.ErrInvalidQuery,
			[]string{"GroupBy"}},
		{"having without a group", q.Having("count(*) > 1"), dovetail.ErrInvalidQuery, []string{"GroupBy"}},
		{"key of a preload outside of the group", q.Columns("name").GroupBy("name").Preload("books"),
			dovetail.ErrInvalidQuery, []string{`"id"`}},
	})
}

func testRefusePreloads(t *testing.T, d kit.Database) {
	q := dovetail.Select(models.Users)
	posts := dovetail.Select(models.Posts)
	refuse(t, d, []refusal[models.User]{
		{"misspelt", q.Preload("post"), dovetail.ErrUnknownRelation, []string{`"posts"`}},
		{"misspelt below", q.Preload("posts.tag"), dovetail.ErrUnknownRelation, []string{`"tags"`}},
		{"misspelt in a query", q.Preload("posts", posts.Preload("tag")), dovetail.ErrUnknownRelation, []string{`"tags"`}},
		{"column in a query", q.Preload("posts", posts.OrderBy("titel")), dovetail.ErrUnknownColumn,
			[]string{"posts", `"title"`}},
		{"another table's query", q.Preload("posts", dovetail.Select(models.Tags)), dovetail.ErrInvalidRelation,
			[]string{`"tags"`, `"posts"`}},
		{"two queries", q.Preload("posts", posts, posts), dovetail.ErrInvalidQuery, []string{"2 queries"}},
		{"two queries in two calls", q.Preload("posts", posts).Preload("posts", posts.Limit(1)), dovetail.ErrInvalidQuery,
			[]string{"twice"}},
		{"mistake in a query", q.Preload("posts", posts.Limit(-1)), dovetail.ErrInvalidQuery, []string{"Limit"}},
		{"group", q.Preload("posts", posts.GroupBy("id")), dovetail.ErrUnsupported, []string{"GroupBy"}},
		{"limit and distinct", q.Preload("posts", posts.Distinct().Limit(1)), dovetail.ErrUnsupported, []string{"Distinct"}},
		{"fan-out below", q.Preload("posts", posts.Join("tags").Limit(1)), dovetail.ErrFanOut, []string{`"tags"`}},
		{"empty query", q.Preload("posts", dovetail.Query[*models.Post]{}), dovetail.ErrUnknownTable, nil},
	})
}

func testRefuseLocks(t *testing.T, d kit.Database) {
	q := dovetail.Select(models.Accounts).ForUpdate()
	refusals := []refusal[models.Account]{
		{"list", q.Join("activities"), dovetail.ErrFanOut, []string{"ForUpdate", `"activities"`}},
		{"distinct", q.Distinct(), dovetail.ErrUnsupported, []string{"Distinct"}},
		{"group", q.GroupBy("id"), dovetail.ErrUnsupported, []string{"GroupBy"}},
	}
	if !d.Postgres() {
		refusals = append(refusals, refusal[models.Account]{"sqlite", q, dovetail.ErrUnsupported, []string{"sqlite", "row locks"}},
			refusal[models.Account]{"sqlite preload", dovetail.Select(models.Accounts).
				Preload("activities", dovetail.Select(models.Activities).ForUpdate()),
				dovetail.ErrUnsupported, []string{"activities", "row locks"}})
	}
	refuse(t, d, refusals)
}

func testRefuseNothing(t *testing.T, d kit.Database) {
	refuse(t, d, []refusal[models.Account]{
		{"empty query", dovetail.Query[*models.Account]{}, dovetail.ErrUnknownTable, []string{"Select"}},
		{"no table", dovetail.Select[models.Account](nil).Limit(1), dovetail.ErrUnknownTable, []string{"NewTable"}},
	})
	_, err := dovetail.Select(models.Accounts).All(t.Context(), nil)
	kit.Refused(t, err, dovetail.ErrInvalidQuery, "database is nil")
	_, err = dovetail.Select(models.Accounts).Count(t.Context(), (*kit.Recorder)(nil))
	kit.Refused(t, err, dovetail.ErrInvalidQuery, "database is nil")
	err = dovetail.Load(t.Context(), nil, models.Accounts, []*models.Account{{ID: 1}}, "activities")
	kit.Refused(t, err, dovetail.ErrInvalidQuery, "database is nil")
	_, err = dovetail.Collect[int64](t.Context(), nil, dovetail.Select(models.Accounts).Columns("id"))
	kit.Refused(t, err, dovetail.ErrInvalidQuery, "database is nil")
	_, _, err = dovetail.Has("activities").ToSql()
	kit.Refused(t, err, dovetail.ErrInvalidQuery, "Has")
}
