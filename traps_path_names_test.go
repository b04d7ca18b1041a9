package dovetail_test

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
)

// Section B, continued: tables that are named without being joined, levels of one table, and qualified names.

func TestTrap_B8_JoinsAToOnePathAndAsksForAToManyOne(t *testing.T) {
	t.Parallel()
	posts := dovetail.Select(Posts)
	cases := []struct {
		name string
		q    dovetail.Query[Post]
		join string // what its SQL must hold
		want []string
	}{
		{"cannot be missing", posts.Where(squirrel.Eq{"author.name": "ann"}),
			` JOIN "user" AS "author"`, []string{"Joins", "Keys"}},
		{"may be missing", posts.Where(squirrel.Or{squirrel.Eq{"editor.name": "bea"}, squirrel.Eq{"title": "Keys"}}),
			` LEFT JOIN "user" AS "editor"`, []string{"Joins", "Keys"}},
		{"below one that may", posts.Where(squirrel.Or{squirrel.Eq{"editor.profile.id": nil}, squirrel.Eq{"title": "Joins"}}),
			` LEFT JOIN "profiles" AS "editor.profile"`, []string{"Joins", "Keys"}},
		{"in text", posts.Where("author.name <> ?", "ann"), ` JOIN "user" AS "author"`, []string{"Nulls"}},
		{"in an order", posts.OrderBy("author.name DESC", "id DESC"),
			` JOIN "user" AS "author"`, []string{"Nulls", "Keys", "Joins"}},
	}
	for _, c := range cases {
		sql, _ := trapSQL(t, c.q)
		if !strings.Contains(sql, c.join) || strings.Contains(c.join, "LEFT") != strings.Contains(sql, "LEFT JOIN") {
			t.Errorf("%s: expected%s in %s", c.name, c.join, sql)
		}
	}
	many := map[string]error{
		"Where":    trapSQLError(dovetail.Select(Accounts).Where(squirrel.Eq{"activities.amount": 1})),
		"text":     trapSQLError(dovetail.Select(Accounts).Where("activities.amount = ?", 1)),
		"OrderBy":  trapSQLError(dovetail.Select(Accounts).OrderBy("activities.amount")),
		"Columns":  trapSQLError(dovetail.Select(Accounts).Columns("activities.amount")),
		"GroupBy":  trapSQLError(dovetail.Select(Accounts).GroupBy("activities.amount")),
		"Contains": trapSQLError(dovetail.Select(Accounts).Where(dovetail.Contains("activities.activity_type", "D"))),
	}
	for name, err := range many {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			confRefused(t, err, dovetail.ErrUnknownRelation, `"activities" is to-many and not joined`, `Join("activities")`,
				`Has("activities", …)`)
		})
	}
	onEach(t, readings(t), func(t *testing.T, d database) {
		for _, c := range cases {
			q := c.q
			if c.name != "in an order" {
				q = q.OrderBy("id")
			}
			confSame(t, c.name, confPluck(confAll(t, d.db, q), func(p *Post) string { return p.Title }), c.want...)
		}
	})
}

func TestTrap_B9_NeverMultipliesByATableThatIsNotJoined(t *testing.T) {
	t.Parallel()
	// ErrCrossJoin does not exist: a table comes into a query by a relation only, with its keys in ON. A name of another
	// table in SQL text is the caller's, and the database knows no such table there.
	all := dovetail.Select(Accounts)
	confRefused(t, trapSQLError(all.Where(squirrel.Eq{"user.name": "ann"})), dovetail.ErrUnknownRelation, `"user"`)
	confRefused(t, trapSQLError(all.OrderBy("books.pages")), dovetail.ErrUnknownRelation, `"books"`)
	onEach(t, readings(t), func(t *testing.T, d database) {
		queries := map[string]dovetail.Query[Account]{
			"Where":         all.Where("books.pages > ?", 200),
			"Having":        all.GroupBy("id").Having("books.pages > ?", 200),
			"OrderByClause": all.OrderByClause("books.pages"),
			"ON":            all.Join("activities", squirrel.Expr("books.pages > ?", 200)),
			"Has":           all.Has("activities", squirrel.Expr("books.pages > ?", 200)),
		}
		for name, q := range queries {
			rows, err := q.All(t.Context(), d.db)
			var failed *dovetail.QueryError
			if !errors.As(err, &failed) || failed.SQL == "" || rows != nil {
				t.Errorf("%s: expected the database to refuse the name, got %v and %d rows", name, err, len(rows))
			}
		}
	})
}

func TestTrap_B10_HasAnAliasForEveryLevelOfItself(t *testing.T) {
	t.Parallel()
	const up = `WITH RECURSIVE up (id, level, ancestor) AS (
  SELECT id, 1, parent_id FROM categories WHERE parent_id IS NOT NULL
  UNION ALL SELECT up.id, up.level + 1, c.parent_id FROM up JOIN categories c ON c.id = up.ancestor
  WHERE c.parent_id IS NOT NULL)
SELECT id || '/' || level || '/' || ancestor FROM up ORDER BY id, level`
	onEach(t, readings(t), func(t *testing.T, d database) {
		want := trapTexts(t, d.db, up)
		confSame(t, "the database's own answer", want, "2/1/1", "3/1/1", "4/1/2", "4/2/1", "5/1/4", "5/2/2", "5/3/1")
		var joined, loaded []string
		for _, c := range confAll(t, d.db, dovetail.Select(Categories).OrderBy("id").Preload("parent.parent.parent")) {
			level := 1
			for at := c.Parent; at != nil; at = at.Parent {
				loaded = append(loaded, fmt.Sprintf("%d/%d/%d", c.ID, level, at.ID))
				level++
			}
		}
		confSame(t, "loaded", loaded, want...)
		for level, path := range []string{"parent", "parent.parent", "parent.parent.parent"} {
			type pair struct{ ID, Ancestor int64 }
			pairs, err := dovetail.Collect[pair](t.Context(), d.db,
				dovetail.Select(Categories).Join(path).Columns("id").Column(path+".id AS ancestor"))
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range pairs {
				joined = append(joined, fmt.Sprintf("%d/%d/%d", p.ID, level+1, p.Ancestor))
			}
		}
		slices.Sort(joined)
		confSame(t, "joined", joined, want...)
		name := func(c *Category) string { return c.Name }
		below := confAll(t, d.db, dovetail.Select(Categories).Where(squirrel.Eq{"parent.parent.name": "things"}))
		confSame(t, "two levels below things", confPluck(below, name), "hammers")
		above := confAll(t, d.db, dovetail.Select(Categories).
			Has("subcategories.subcategories", squirrel.Eq{"name": "mallets"}))
		confSame(t, "two levels above mallets", confPluck(above, name), "tools")
	})
}

var (
	quotedName = regexp.MustCompile(`"[^"]*"`)
	keyLists   = regexp.MustCompile(`WITH ORDINALITY AS "keys"\([^)]*\)|` +
		`\(SELECT ("key"|json_extract).*? FROM json_each\(\?\) LIMIT -1\)`)
)

// unqualified returns the quoted names that stand alone, except where a table or an alias is named.
func unqualified(sql string) (names []string) {
	sql = keyLists.ReplaceAllString(sql, "") // whose columns belong to no table
	sql = strings.ReplaceAll(sql, "JOIN (", "JOIN ")
	for _, at := range quotedName.FindAllStringIndex(sql, -1) {
		before, after := strings.TrimRight(sql[:at[0]], " "), sql[at[1]:]
		if strings.HasSuffix(before, ".") || strings.HasPrefix(after, ".") {
			continue
		}
		word := before[strings.LastIndexAny(before, " (\n")+1:]
		if !slices.Contains([]string{"FROM", "JOIN", "AS", "OF"}, word) {
			names = append(names, sql[at[0]:at[1]])
		}
	}
	return names
}

func TestTrap_B11_QualifiesEveryColumn(t *testing.T) {
	t.Parallel()
	// owner is a column of accounts, not of activity: in the subquery a database would take the outer one.
	inner := dovetail.Select(Accounts).Has("activities", squirrel.Eq{"owner": "Patrick"})
	confRefused(t, trapSQLError(inner), dovetail.ErrUnknownColumn, `"activity" has no column "owner"`)
	confRefused(t, trapSQLError(dovetail.Select(Accounts).Join("activities", squirrel.Eq{"owner": "Patrick"})),
		dovetail.ErrUnknownColumn, `"activity" has no column "owner"`)
	confRefused(t, trapSQLError(dovetail.Select(Accounts).Preload("activities", dovetail.Select(Activities).Where(
		squirrel.Eq{"owner": "Patrick"}))), dovetail.ErrUnknownColumn, `"activity" has no column "owner"`)

	sub := dovetail.Select(Posts).Columns("author_id").Where(squirrel.Eq{"editor_id": []any{1, nil}})
	queries := []dovetail.AnyQuery{
		dovetail.Select(Users).Where(squirrel.Eq{"id": sub}).OrderBy("name DESC").Limit(3).Offset(1),
		dovetail.Select(Users).Where(squirrel.NotEq{"id": sub}).Has("posts.tags", dovetail.Contains("name", "g")),
		dovetail.Select(Users).HasNone("edited", squirrel.Or{squirrel.Eq{"title": "x"}, dovetail.Has("tags")}),
		dovetail.Select(Posts).LeftJoin("tags", squirrel.Gt{"id": 1}).Distinct().OrderBy("author.name"),
		dovetail.Select(Authors).LeftJoin("books").GroupBy("id").
			Column("count(books.id) AS book_count").Having("count(books.id) > ?", 1),
		dovetail.Select(Students).Preload("courses", dovetail.Select(Courses).OrderBy("title").Limit(2)).
			Preload("enrollments.course"),
		dovetail.Select(OrderLines).Join("labels").Preload("order.lines").Preload("labels"),
		dovetail.Select(Accounts).Where(dovetail.NotEqOrNull{"owner": "x"}).ForUpdate(),
	}
	for i, q := range queries {
		for _, d := range []dialect.Dialect{postgres.Dialect, sqlite.Dialect} {
			text := explained(t, q, d)
			if text == "" {
				continue
			}
			if names := unqualified(text); names != nil {
				t.Errorf("query %d on %s: %v are not qualified in\n%s", i, d.Name(), names, text)
			}
		}
	}
	if got := unqualified(`SELECT "a"."b" FROM "a" WHERE ("c" = $1) AND lower("d") = 'x' AND "e" > 1`); len(got) != 3 {
		t.Errorf("expected the check to find c, d and e, got %v", got)
	}
}

// explained returns the statements of the query, "" for one that the dialect has none for.
func explained(t *testing.T, q dovetail.AnyQuery, d dialect.Dialect) string {
	t.Helper()
	text, err := q.(interface {
		Explain(d dialect.Dialect) (string, error)
	}).Explain(d)
	if errors.Is(err, dovetail.ErrUnsupported) {
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	_, statements, _ := strings.Cut(text, "\n-- ")
	return statements
}
