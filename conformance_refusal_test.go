package dovetail_test

import (
	"errors"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
)

// What is refused is refused before any statement is sent.

func refusalCases() []conformanceCase {
	return []conformanceCase{
		{"refusal/names", testRefuseNames},
		{"refusal/arguments", testRefuseArguments},
		{"refusal/lists under a limit", testRefuseFanOut},
		{"refusal/groups", testRefuseGroups},
		{"refusal/preloads", testRefusePreloads},
		{"refusal/row locks", testRefuseLocks},
		{"refusal/empty queries and databases", testRefuseNothing},
	}
}

// refusal is a query that must not be sent.
type refusal[T any] struct {
	name  string
	q     dovetail.Query[T]
	is    error
	words []string
}

// refuse tries all ways to run each query.
func refuse[T any](t *testing.T, d database, refusals []refusal[T]) {
	t.Helper()
	for _, r := range refusals {
		t.Run(r.name, func(t *testing.T) {
			rec := d.record()
			rows, err := r.q.All(t.Context(), rec)
			confRefused(t, err, r.is, r.words...)
			if rows != nil {
				t.Errorf("expected nothing beside an error, got %d rows", len(rows))
			}
			if _, _, err := r.q.SQL(rec.Dialect()); !errors.Is(err, r.is) {
				t.Errorf("SQL: expected %q, got %v", r.is, err)
			}
			if _, err := r.q.Explain(rec.Dialect()); !errors.Is(err, r.is) {
				t.Errorf("Explain: expected %q, got %v", r.is, err)
			}
			rec.expect(t, 0, 0)
		})
	}
}

func testRefuseNames(t *testing.T, d database) {
	q := dovetail.Select(Accounts)
	refuse(t, d, []refusal[Account]{
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
	rec := d.record()
	_, err := q.Join("activities").Columns("activities.amount").All(t.Context(), rec) // it has SQL, for Collect
	confRefused(t, err, dovetail.ErrUnknownColumn, `"activities.amount"`, "Account", "Collect")
	rec.expect(t, 0, 0)
	refuse(t, d, []refusal[User]{
		{"two starts of a path", dovetail.Select(Users).Has("posts.tags", squirrel.Eq{"posts.title": "x"}),
			dovetail.ErrAmbiguous, []string{`"posts"`, `"tags"`}},
	})
}

func testRefuseArguments(t *testing.T, d database) {
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
		{"mixed list", q.Where(squirrel.Eq{"score": []any{1, "x"}}), dovetail.ErrInvalidQuery, []string{`"score"`}},
		{"list of lists", q.Where(squirrel.Eq{"score": [][]int64{{1}}}), dovetail.ErrInvalidQuery, nil},
		{"map as a value", q.Where(squirrel.Eq{"note": map[string]any{"$ne": 1}}), dovetail.ErrInvalidQuery, nil},
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

func testRefuseFanOut(t *testing.T, d database) {
	q := dovetail.Select(Accounts).Join("activities")
	words := []string{`"activities"`, "Distinct()", "Has("}
	refuse(t, d, []refusal[Account]{
		{"limit", q.Limit(1), dovetail.ErrFanOut, words},
		{"offset", q.Offset(1), dovetail.ErrFanOut, words},
		{"left join", dovetail.Select(Accounts).LeftJoin("activities").Limit(1), dovetail.ErrFanOut, words},
		{"order of Distinct", q.Distinct().OrderBy("activities.amount"), dovetail.ErrFanOut,
			[]string{"OrderBy", `"activities.amount"`}},
	})
	refuse(t, d, []refusal[User]{
		{"below a to-one", dovetail.Select(Users).Join("profile.user.posts").
			Limit(1), dovetail.ErrFanOut, []string{`"profile.user.posts"`}},
		{"two lists and a sum", dovetail.Select(Users).Join("posts").Join("edited").GroupBy("id").
			Column("count(posts.id) AS n"),
			dovetail.ErrFanOut, []string{`"posts"`, `"edited"`}},
	})
}

func testRefuseGroups(t *testing.T, d database) {
	q := dovetail.Select(Authors)
	refuse(t, d, []refusal[Author]{
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

func testRefusePreloads(t *testing.T, d database) {
	q := dovetail.Select(Users)
	posts := dovetail.Select(Posts)
	refuse(t, d, []refusal[User]{
		{"misspelt", q.Preload("post"), dovetail.ErrUnknownRelation, []string{`"posts"`}},
		{"misspelt below", q.Preload("posts.tag"), dovetail.ErrUnknownRelation, []string{`"tags"`}},
		{"misspelt in a query", q.Preload("posts", posts.Preload("tag")), dovetail.ErrUnknownRelation, []string{`"tags"`}},
		{"column in a query", q.Preload("posts", posts.OrderBy("titel")), dovetail.ErrUnknownColumn,
			[]string{"posts", `"title"`}},
		{"another table's query", q.Preload("posts", dovetail.Select(Tags)), dovetail.ErrInvalidRelation,
			[]string{`"tags"`, `"posts"`}},
		{"two queries", q.Preload("posts", posts, posts), dovetail.ErrInvalidQuery, []string{"2 queries"}},
		{"two queries in two calls", q.Preload("posts", posts).Preload("posts", posts.Limit(1)), dovetail.ErrInvalidQuery,
			[]string{"twice"}},
		{"mistake in a query", q.Preload("posts", posts.Limit(-1)), dovetail.ErrInvalidQuery, []string{"Limit"}},
		{"group", q.Preload("posts", posts.GroupBy("id")), dovetail.ErrUnsupported, []string{"GroupBy"}},
		{"limit and distinct", q.Preload("posts", posts.Distinct().Limit(1)), dovetail.ErrUnsupported, []string{"Distinct"}},
		{"fan-out below", q.Preload("posts", posts.Join("tags").Limit(1)), dovetail.ErrFanOut, []string{`"tags"`}},
		{"empty query", q.Preload("posts", dovetail.Query[Post]{}), dovetail.ErrUnknownTable, nil},
	})
}

func testRefuseLocks(t *testing.T, d database) {
	q := dovetail.Select(Accounts).ForUpdate()
	refusals := []refusal[Account]{
		{"list", q.Join("activities"), dovetail.ErrFanOut, []string{"ForUpdate", `"activities"`}},
		{"distinct", q.Distinct(), dovetail.ErrUnsupported, []string{"Distinct"}},
		{"group", q.GroupBy("id"), dovetail.ErrUnsupported, []string{"GroupBy"}},
	}
	if !d.postgres() {
		refusals = append(refusals, refusal[Account]{"sqlite", q, dovetail.ErrUnsupported, []string{"sqlite", "row locks"}},
			refusal[Account]{"sqlite preload", dovetail.Select(Accounts).
				Preload("activities", dovetail.Select(Activities).ForUpdate()),
				dovetail.ErrUnsupported, []string{"activities", "row locks"}})
	}
	refuse(t, d, refusals)
}

func testRefuseNothing(t *testing.T, d database) {
	refuse(t, d, []refusal[Account]{
		{"empty query", dovetail.Query[Account]{}, dovetail.ErrUnknownTable, []string{"Select"}},
		{"no table", dovetail.Select[Account](nil).Limit(1), dovetail.ErrUnknownTable, []string{"NewTable"}},
	})
	_, err := dovetail.Select(Accounts).All(t.Context(), nil)
	confRefused(t, err, dovetail.ErrInvalidQuery, "database is nil")
	_, err = dovetail.Select(Accounts).Count(t.Context(), (*recorder)(nil))
	confRefused(t, err, dovetail.ErrInvalidQuery, "database is nil")
	err = dovetail.Load(t.Context(), nil, Accounts, []*Account{{ID: 1}}, "activities")
	confRefused(t, err, dovetail.ErrInvalidQuery, "database is nil")
	_, err = dovetail.Collect[int64](t.Context(), nil, dovetail.Select(Accounts).Columns("id"))
	confRefused(t, err, dovetail.ErrInvalidQuery, "database is nil")
	_, _, err = dovetail.Has("activities").ToSql()
	confRefused(t, err, dovetail.ErrInvalidQuery, "Has")
}
