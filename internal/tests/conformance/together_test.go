package conformance_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// The rows of OneRoundTrip are those that the same query has without it, and come by one statement where the database can.

func togetherCases() []kit.Case {
	users, posts, orders := dovetail.Select(models.Users), dovetail.Select(models.Posts), dovetail.Select(models.Orders)
	accounts, activities := dovetail.Select(models.Accounts), dovetail.Select(models.Activities)
	categories, students := dovetail.Select(models.Categories), dovetail.Select(models.Students)
	return []kit.Case{
		together("has many", accounts.OrderBy("balance DESC").Preload("activities"), ""),
		together("and back to the owner", accounts.Preload("activities.account"), ""),
		together("has one", users.OrderBy("name").Preload("profile"), ""),
		together("belongs to, with NULLs", posts.Preload("author").Preload("editor"), ""),
		together("siblings and levels", users.Preload("profile").Preload("posts.tags.posts").Preload("edited.author.profile"), ""),
		together("below the owner", users.Preload("posts.author.profile"), ""),
		together("many-to-many", posts.Preload("tags"), ""),
		together("rows of the join table", students.Preload("courses").Preload("enrollments.course"), ""),
		together("itself", dovetail.Select(models.Employees).Preload("manager.manager").Preload("subordinates"), ""),
		together("composite keys, of text too", orders.Preload("lines.labels.lines"), ""),
		together("conditions with arguments", users.Where(squirrel.Lt{"id": 3}).Preload("posts", posts.Where("title <> ?", "Nulls").
			Preload("tags", dovetail.Select(models.Tags).Where(squirrel.Eq{"name": []string{"go", "sql"}}))), ""),
		together("an order and a limit", users.OrderBy("id DESC").Limit(2).Offset(1).Preload("posts", posts.OrderBy("title DESC").Limit(1)), ""),
		together("a limit by a composite key", orders.Preload("lines", dovetail.Select(models.OrderLines).OrderBy("line DESC").Limit(1)), ""),
		together("a limit of linked rows", posts.Preload("tags", dovetail.Select(models.Tags).OrderBy("name DESC").Limit(1)), ""),
		together("before", users.OrderBy("id").Before(3).Limit(2).Preload("posts"), ""),
		together("Fetch, and a preload below", accounts.Fetch("activities").Preload("activities.account.activities"), ""),
		together("Fetch in a preload", users.Preload("posts", posts.Fetch("editor.profile").Fetch("tags")), ""),
		together("Distinct and a join", accounts.Join("activities").Where(squirrel.Gt{"activities.amount": 10}).Distinct().Preload("activities"), ""),
		together("columns, but for the keys", accounts.Columns("owner").Preload("activities", activities.Columns("amount")), ""),
		together("no row", accounts.Where(squirrel.Eq{"id": -1}).Preload("activities"), ""),
		{Name: "one round trip/text that cannot be read", Run: testTogetherUnread},
		together("a tree", categories.PreloadTree("subcategories", 0), "is a tree"),
	}
}

// together compares the rows of a query in one round trip with those of the query without it.
func together[R any](name string, q dovetail.Query[R], apart string) kit.Case {
	return kit.Case{Name: "one round trip/" + name, Run: func(t *testing.T, d kit.Database) {
		want := kit.All(t, d.DB, q)
		rec := d.Record()
		got := kit.All(t, rec, q.OneRoundTrip())
		if !reflect.DeepEqual(got, want) {
			t.Errorf("expected %+v, got %+v", want, got)
		}
		explained, err := q.OneRoundTrip().Explain(d.DB.Dialect())
		kit.NoError(t, err)
		reason := apart
		switch {
		case !d.DB.Records() && d.Postgres():
			return // which a dialect cannot tell
		case !d.DB.Records():
			reason = "not in one round trip: sqlite"
		}
		if reason == "" {
			sent := rec.Stmts
			rec.Expect(t, 1, 1)
			if !strings.Contains(explained, "round trips: 1\n") || !strings.Contains(explained, sent[0].SQL) {
				t.Errorf("expected the statement that was sent, got\n%s", explained)
			}
			return
		}
		if !strings.Contains(explained, reason) {
			t.Errorf("expected %q, got\n%s", reason, explained)
		}
	}}
}

// testTogetherUnread has the database refuse a part of the statement: the error is that of the part, as without one round trip, and says where
// it is.
func testTogetherUnread(t *testing.T, d kit.Database) {
	accounts, activities := dovetail.Select(models.Accounts), dovetail.Select(models.Activities)
	for what, c := range map[string]struct {
		q    dovetail.Query[*models.Account]
		path string
	}{
		"a name in a preload":       {accounts.Preload("activities", activities.Where("nothing > 1")), "activities"},
		"a function in a preload":   {accounts.Preload("activities", activities.Where("no_function(amount) > 1")), "activities"},
		"a preload of a preload":    {accounts.Preload("activities", activities.Preload("account", accounts.Where("nothing > 1"))), "activities.account"},
		"a name in the query":       {accounts.Where("nothing > 1").Preload("activities"), ""},
		"a table that is not there": {accounts.Preload("activities", activities.Where("EXISTS (SELECT 1 FROM nowhere)")), "activities"},
	} {
		if strings.HasSuffix(d.Name, "/tx") && d.Postgres() {
			continue // the statement has aborted the transaction, and what comes after says so
		}
		for range 2 {
			_, want := c.q.All(t.Context(), d.DB)
			_, err := c.q.OneRoundTrip().All(t.Context(), d.DB)
			var failed *dovetail.QueryError
			if !errors.As(err, &failed) || failed.Path != c.path || want == nil || err.Error() != want.Error() {
				t.Errorf("%s: expected\n%v\ngot\n%v", what, want, err)
			}
		}
	}
}

func pageCases() []kit.Case {
	return []kit.Case{
		{Name: "a page with the count of all", Run: testAllWithCount},
		{Name: "a page with the count of all/of hidden keys", Run: testCountOfHiddenKeys},
		{Name: "a page with the count of all/errors give neither", Run: testAllWithCountFails},
	}
}

func testAllWithCount(t *testing.T, d kit.Database) {
	accounts := dovetail.Select(models.Accounts).OrderBy("id")
	total, err := accounts.Count(t.Context(), d.DB)
	kit.NoError(t, err)
	atOnce := 2 // statements and trips of a page with preloads in one round trip
	if !d.DB.Records() {
		atOnce = 3
	}
	for _, test := range []struct {
		name              string
		q                 dovetail.Query[*models.Account]
		rows              int
		count             int64
		statements, trips int
	}{
		{"all", accounts, int(total), total, 2, 1},
		{"a limit and an offset", accounts.Limit(2).Offset(1), 2, total, 2, 1},
		{"behind a position", accounts.After(3).Limit(1), 1, total, 2, 1},
		{"before a position", accounts.Before(3), 2, total, 2, 1},
		{"no rows of the limit", accounts.Limit(0), 0, total, 2, 1},
		{"a condition", accounts.Where(squirrel.Lt{"id": 3}).Limit(1), 1, 2, 2, 1},
		{"no row", accounts.Where(squirrel.Lt{"id": 0}).Limit(1), 0, 0, 2, 1},
		{"a join and Distinct", accounts.Join("activities").Distinct().Limit(1), 1, 3, 2, 1},
		{"Fetch", accounts.Fetch("activities"), int(total), total, 2, 1},
		{"preloads", accounts.Limit(2).Preload("activities.account"), 2, total, 3, 2},
		{"preloads in one moment", accounts.Limit(2).Preload("activities").Snapshot(), 2, total, 3, 2},
		{"one moment", accounts.Limit(2).Snapshot(), 2, total, 2, 1},
		{"one round trip", accounts.Limit(2).Preload("activities").OneRoundTrip(), 2, total, atOnce, atOnce - 1},
	} {
		if strings.Contains(test.name, "moment") && strings.HasSuffix(d.Name, "/tx") {
			continue // the test's transaction sees many
		}
		rec := d.Record()
		rows, count, err := test.q.AllWithCount(t.Context(), rec)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		kit.Equal(t, test.name+": rows", len(rows), test.rows)
		kit.Equal(t, test.name+": count", count, test.count)
		rec.Expect(t, test.statements, test.trips)
		want := kit.All(t, d.DB, test.q)
		if !reflect.DeepEqual(rows, want) {
			t.Errorf("%s: expected %v, got %v", test.name, want, rows)
		}
	}
}

// testCountOfHiddenKeys: under Distinct, the keys that preloads need tell rows apart, and the count knows them.
func testCountOfHiddenKeys(t *testing.T, d kit.Database) {
	q := dovetail.Select(models.Activities).Columns("activity_type").Distinct()
	few := kit.All(t, d.DB, q)
	rows, count, err := q.Preload("account").AllWithCount(t.Context(), d.DB)
	kit.NoError(t, err)
	if len(rows) <= len(few) || int(count) != len(rows) {
		t.Errorf("expected as many as rows, and more than %d, got %d for %d", len(few), count, len(rows))
	}
	counted, err := q.Preload("account").Count(t.Context(), d.DB)
	kit.NoError(t, err)
	kit.Equal(t, "Count", int(counted), len(rows))
}

func testAllWithCountFails(t *testing.T, d kit.Database) {
	accounts := dovetail.Select(models.Accounts)
	for name, q := range map[string]dovetail.Query[*models.Account]{
		"a mistake":        accounts.Where(squirrel.Eq{"ownr": 1}),
		"a wrong operator": accounts.Where("id ~~~ owner"),
		"another mistake":  accounts.Preload("activitys"),
	} {
		if rows, count, err := q.AllWithCount(t.Context(), d.DB); err == nil || rows != nil || count != 0 {
			t.Errorf("%s: expected an error alone, got %v, %d, %v", name, rows, count, err)
		}
	}
}
