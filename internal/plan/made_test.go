package plan_test

import (
	"testing"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
)

// A value is made of all rows at once where every row needs it, whatever the database.
func TestValuesOfAllRows(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	value := func(function, path, column string, preds ...plan.Expr) clause {
		return func(s *plan.Spec) {
			s.With = append(s.With, &plan.Aggregate{Func: function, Path: path, Column: column, Preds: preds, Name: "n"})
		}
	}
	count := value("count", "posts", "")
	most := func(n int64) clause { return func(s *plan.Spec) { s.Most = n } }
	after := func(s *plan.Spec) { s.After = []plan.Value{{Arg: 1, Class: graph.ClassInteger}} }
	detached := func(s *plan.Spec) { s.Detached = true }
	tests := []struct {
		name    string
		spec    *plan.Spec
		grouped bool
	}{
		{"selected", spec(b.users, count), true},
		{"tested", spec(b.users, count, where(equals("n"))), true},
		{"tested twice", spec(b.users, count, where(plan.And{equals("n"), &plan.Not{Expr: equals("n")}})), true},
		{"tested by text", spec(b.users, count, where(text(t, "n > ?", 1))), true},
		{"tested first", spec(b.users, count, where(plan.Or{equals("n"), equals("id")})), true},
		{"tested beside another condition", spec(b.users, count, where(equals("n")), where(equals("id"))), false},
		{"tested beside another in one", spec(b.users, count, where(plan.And{equals("n"), equals("id")})), false},
		{"tested beside another in text", spec(b.users, count, where(text(t, "n > ? AND self.id > ?", 1, 2))), false},
		{"tested after another", spec(b.users, count, where(plan.Or{equals("id"), equals("n")})), false},
		{"a condition on the row", spec(b.users, count, where(equals("id"))), false},
		{"a limit", spec(b.users, count, limit(5)), false},
		{"a limit that the method sets", spec(b.users, count, most(2)), false},
		{"a limit of an order by another column", spec(b.users, count, orderBy("id", "n"), limit(5)), false},
		{"a limit of an order by it", spec(b.users, count, orderBy("n", "id"), limit(5)), true},
		{"an offset", spec(b.users, count, offset(5)), true},
		{"one side of a position", spec(b.users, count, orderBy("id"), after), false},
		{"a lock", spec(b.users, count, lock), false},
		{"groups", spec(b.users, count, groupBy("id")), false},
		{"a join", spec(b.users, count, leftJoin("profile")), false},
		{"text of another query", spec(b.users, count, detached), false},
		{"a column without a name", spec(b.users, count, output(t, "*")), false},
		{"a sum", spec(b.users, value("sum", "posts", "id")), true},
		{"a mean", spec(b.users, value("avg", "posts", "id")), true},
		{"the greatest", spec(b.users, value("max", "posts", "id")), false},
		{"the first", spec(b.users, value("first", "posts", "id")), false},
		{"a test", spec(b.users, value("exists", "posts", "")), false},
		{"a condition on related rows", spec(b.users, value("count", "posts", "", equals("author_id"))), true},
		{"text about related rows", spec(b.users, value("count", "posts", "", text(t, "title > ?", "x"))), false},
		{"a test of related rows", spec(b.users, value("count", "posts", "", has("tags"))), false},
		{"many-to-many", spec(b.posts, value("count", "tags", "")), true},
		{"a to-one relation", spec(b.posts, value("count", "author", "")), false},
	}
	for _, test := range tests {
		q := mustBuild(t, test.spec)
		if got := len(q.Once) == 1 && q.Once[0].Grouped; got != test.grouped {
			t.Errorf("%s: expected %t, got %t", test.name, test.grouped, got)
		}
	}
}

// A value that is tested beside conditions on columns is made with the rows of the table where the database has a subquery that it does not
// make part of the query around, if those rows are read to their end anyway.
func TestValuesKept(t *testing.T) {
	t.Parallel()
	b := newBlog(t)
	most := func(s *plan.Spec) {
		s.With = append(s.With, &plan.Aggregate{Func: "max", Path: "posts", Column: "id", Name: "n"})
	}
	count := func(s *plan.Spec) {
		s.With = append(s.With, &plan.Aggregate{Func: "count", Path: "posts", Name: "m"})
	}
	byText := func(s *plan.Spec) {
		s.With = append(s.With, &plan.Aggregate{Func: "max", Path: "posts", Column: "id", Name: "k", Preds: []plan.Expr{text(t, "id < rowid")}})
	}
	countText := func(s *plan.Spec) {
		s.With = append(s.With, &plan.Aggregate{Func: "count", Path: "posts", Name: "c", Preds: []plan.Expr{text(t, "id < rowid")}})
	}
	exists := func(s *plan.Spec) { s.Most = 1 }
	distinct := func(s *plan.Spec) { s.Distinct = true }
	tested, beside := where(equals("n")), where(equals("id"))
	for _, test := range []struct {
		name string
		spec *plan.Spec
		kept bool
	}{
		{"selected alone", spec(b.users, most), false},
		{"tested", spec(b.users, most, tested), true},
		{"beside a condition", spec(b.users, most, tested, beside), true},
		{"beside text", spec(b.users, most, tested, where(text(t, "id > ?", 1))), false},
		{"by text", spec(b.users, most, where(text(t, "n > ?", 1)), beside), true},
		{"by text of several words", spec(b.users, most, where(text(t, "NOT abs(self.n) IN (?, 2)", 1))), true},
		{"by text of what subqueries lack", spec(b.users, most, where(text(t, "n > rowid"))), false},
		{"by text of what the declaration lacks", spec(b.users, most, where(text(t, "n > rank"))), false},
		{"by its quoted name", spec(b.users, most, where(text(t, `n > "rank"`))), false},
		{"by its name in brackets", spec(b.users, most, where(text(t, `n > [rank]`))), false},
		{"by text of another column", spec(b.users, most, where(text(t, "n > self.id"))), false},
		{"by text of the table itself", spec(b.users, most, where(text(t, "n > ? OR bm25(users) < 0", 1))), false},
		{"before other text in one", spec(b.users, most, where(plan.Or{equals("n"), text(t, "rowid = 1")})), false},
		{"before a column in one", spec(b.users, most, where(plan.Or{equals("n"), equals("id")})), true},
		{"before related rows in one", spec(b.users, most, where(plan.Or{equals("n"), has("posts")})), false},
		{"made by text", spec(b.users, byText, where(equals("k"))), false},
		{"a number made by text", spec(b.users, countText, where(equals("c")), beside), true},
		{"beside a value made by text", spec(b.users, most, byText, tested), false},
		{"beside related rows", spec(b.users, most, tested, where(has("posts"))), false},
		{"beside another value", spec(b.users, most, count, tested, where(equals("m"))), false},
		{"after another condition in one", spec(b.users, most, where(plan.Or{equals("id"), equals("n")})), false},
		{"made of all rows", spec(b.users, count, where(equals("m"))), false},
		{"a page", spec(b.users, most, tested, beside, orderBy("id"), limit(5)), false},
		{"the first by it", spec(b.users, most, tested, beside, orderBy("n"), limit(5)), true},
		{"a limit that the method sets", spec(b.users, most, tested, exists), false},
		{"Distinct", spec(b.users, most, tested, distinct), false},
		{"text that is selected", spec(b.users, most, tested, output(t, "id + 1 AS next")), false},
		{"a join", spec(b.users, most, tested, leftJoin("profile")), false},
	} {
		q, err := plan.Build(test.spec, nil, dialect.Features{Fence: " LIMIT -1"})
		if err != nil {
			t.Fatal(err)
		}
		if got := q.Kept != nil; got != test.kept {
			t.Errorf("%s: expected %t, got %t", test.name, test.kept, got)
		}
		if mustBuild(t, test.spec).Kept != nil {
			t.Errorf("%s: kept by a database that has none", test.name)
		}
	}
}
