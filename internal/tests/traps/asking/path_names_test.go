package asking_test

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
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// Section B, continued: tables that are named without being joined, levels of one table, and qualified names.

func TestTrap_B8_JoinsAToOnePathAndAsksForAToManyOne(t *testing.T) {
	t.Parallel()
	posts := dovetail.Select(models.Posts)
	cases := []struct {
		name string
		q    dovetail.Query[*models.Post]
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
		sql, _ := kit.StatementOf(t, c.q)
		if !strings.Contains(sql, c.join) || strings.Contains(c.join, "LEFT") != strings.Contains(sql, "LEFT JOIN") {
			t.Errorf("%s: expected%s in %s", c.name, c.join, sql)
		}
	}
	many := map[string]error{
		"Where":    kit.StatementError(dovetail.Select(models.Accounts).Where(squirrel.Eq{"activities.amount": 1})),
		"text":     kit.StatementError(dovetail.Select(models.Accounts).Where("activities.amount = ?", 1)),
		"OrderBy":  kit.StatementError(dovetail.Select(models.Accounts).OrderBy("activities.amount")),
		"Columns":  kit.StatementError(dovetail.Select(models.Accounts).Columns("activities.amount")),
		"GroupBy":  kit.StatementError(dovetail.Select(models.Accounts).GroupBy("activities.amount")),
		"Contains": kit.StatementError(dovetail.Select(models.Accounts).Where(dovetail.Contains("activities.activity_type", "D"))),
	}
	for name, err := range many {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kit.Refused(t, err, dovetail.ErrUnknownRelation, `"activities" is to-many and not joined`, `Join("activities")`,
				`Has("activities", …)`)
		})
	}
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		for _, c := range cases {
			q := c.q
			if c.name != "in an order" {
				q = q.OrderBy("id")
			}
			kit.Same(t, c.name, kit.Pluck(kit.All(t, d.DB, q), func(p *models.Post) string { return p.Title }), c.want...)
		}
	})
}

func TestTrap_B9_NeverMultipliesByATableThatIsNotJoined(t *testing.T) {
	t.Parallel()
	// ErrCrossJoin does not exist: a table comes into a query by a relation only, with its keys in ON. A name of another
	// table in SQL text is the caller's, and the database knows no such table there.
	all := dovetail.Select(models.Accounts)
	kit.Refused(t, kit.StatementError(all.Where(squirrel.Eq{"user.name": "ann"})), dovetail.ErrUnknownRelation, `"user"`)
	kit.Refused(t, kit.StatementError(all.OrderBy("books.pages")), dovetail.ErrUnknownRelation, `"books"`)
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		queries := map[string]dovetail.Query[*models.Account]{
			"Where":         all.Where("books.pages > ?", 200),
			"Having":        all.GroupBy("id").Having("books.pages > ?", 200),
			"OrderByClause": all.OrderByClause("books.pages"),
			"ON":            all.Join("activities", squirrel.Expr("books.pages > ?", 200)),
			"Has":           all.Has("activities", squirrel.Expr("books.pages > ?", 200)),
		}
		for name, q := range queries {
			rows, err := q.All(t.Context(), d.DB)
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
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		want := kit.Texts(t, d.DB, up)
		kit.Same(t, "the database's own answer", want, "2/1/1", "3/1/1", "4/1/2", "4/2/1", "5/1/4", "5/2/2", "5/3/1")
		var joined, loaded []string
		for _, c := range kit.All(t, d.DB, dovetail.Select(models.Categories).OrderBy("id").Preload("parent.parent.parent")) {
			level := 1
			for at := c.Parent; at != nil; at = at.Parent {
				loaded = append(loaded, fmt.Sprintf("%d/%d/%d", c.ID, level, at.ID))
				level++
			}
		}
		kit.Same(t, "loaded", loaded, want...)
		for level, path := range []string{"parent", "parent.parent", "parent.parent.parent"} {
			type pair struct{ ID, Ancestor int64 }
			pairs, err := dovetail.Collect[pair](t.Context(), d.DB,
				dovetail.Select(models.Categories).Join(path).Columns("id").Column(path+".id AS ancestor"))
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range pairs {
				joined = append(joined, fmt.Sprintf("%d/%d/%d", p.ID, level+1, p.Ancestor))
			}
		}
		slices.Sort(joined)
		kit.Same(t, "joined", joined, want...)
		name := func(c *models.Category) string { return c.Name }
		below := kit.All(t, d.DB, dovetail.Select(models.Categories).Where(squirrel.Eq{"parent.parent.name": "things"}))
		kit.Same(t, "two levels below things", kit.Pluck(below, name), "hammers")
		above := kit.All(t, d.DB, dovetail.Select(models.Categories).
			Has("subcategories.subcategories", squirrel.Eq{"name": "mallets"}))
		kit.Same(t, "two levels above mallets", kit.Pluck(above, name), "tools")
	})
}

var (
	quotedName = regexp.MustCompile(`"[^"]*"`)
	keyLists   = regexp.MustCompile(`WITH ORDINALITY AS "keys#"\([^)]*\)|` +
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
	inner := dovetail.Select(models.Accounts).Has("activities", squirrel.Eq{"owner": "Patrick"})
	kit.Refused(t, kit.StatementError(inner), dovetail.ErrUnknownColumn, `"activity" has no column "owner"`)
	kit.Refused(t, kit.StatementError(dovetail.Select(models.Accounts).Join("activities", squirrel.Eq{"owner": "Patrick"})),
		dovetail.ErrUnknownColumn, `"activity" has no column "owner"`)
	kit.Refused(t, kit.StatementError(dovetail.Select(models.Accounts).Preload("activities", dovetail.Select(models.Activities).Where(
		squirrel.Eq{"owner": "Patrick"}))), dovetail.ErrUnknownColumn, `"activity" has no column "owner"`)

	sub := dovetail.Select(models.Posts).Columns("author_id").Where(squirrel.Eq{"editor_id": []any{1, nil}})
	queries := []dovetail.AnyQuery{
		dovetail.Select(models.Users).Where(squirrel.Eq{"id": sub}).OrderBy("name DESC").Limit(3).Offset(1),
		dovetail.Select(models.Users).Where(squirrel.NotEq{"id": sub}).Has("posts.tags", dovetail.Contains("name", "g")),
		dovetail.Select(models.Users).HasNone("edited", squirrel.Or{squirrel.Eq{"title": "x"}, dovetail.Has("tags")}),
		dovetail.Select(models.Posts).LeftJoin("tags", squirrel.Gt{"id": 1}).Distinct().OrderBy("author.name"),
		dovetail.Select(models.Authors).LeftJoin("books").GroupBy("id").
			Column("count(books.id) AS book_count").Having("count(books.id) > ?", 1),
		dovetail.Select(models.Students).Preload("courses", dovetail.Select(models.Courses).OrderBy("title").Limit(2)).
			Preload("enrollments.course"),
		dovetail.Select(models.OrderLines).Join("labels").Preload("order.lines").Preload("labels"),
		dovetail.Select(models.Accounts).Where(dovetail.NotEqOrNull{"owner": "x"}).ForUpdate(),
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
