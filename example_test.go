package dovetail_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// The models and tables of the examples (Accounts, Authors, …) are declared in internal/tests/models.

// printSQL prints the statement that PostgreSQL is sent for a query, a clause to a line, and its arguments.
func printSQL(q interface {
	SQL(dialect.Dialect) (string, []any, error)
}) {
	sql, args, err := q.SQL(postgres.Dialect)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(byClause(sql))
	if len(args) > 0 {
		fmt.Println("--", args)
	}
}

// bySentence breaks an error's text before what it explains and before the remedy.
func bySentence(err error) string {
	return strings.NewReplacer("; ", ";\n", ", which", ",\nwhich").Replace(err.Error())
}

// byClause breaks a statement before its clauses and sets those in parentheses in.
func byClause(sql string) string {
	var b strings.Builder
	depth := 0
	for i := 0; i < len(sql); i++ {
		switch sql[i] {
		case '(':
			depth++
		case ')':
			depth--
		case ' ':
			if word := clauseAt(sql[i+1:]); word != "" && !strings.HasSuffix(b.String(), "IS DISTINCT") {
				b.WriteString("\n" + strings.Repeat("  ", depth) + word)
				i += len(word)
				continue
			}
		}
		b.WriteByte(sql[i])
	}
	return b.String()
}

func clauseAt(rest string) string {
	for _, word := range []string{
		"FROM", "JOIN", "LEFT JOIN", "CROSS JOIN", "WHERE", "AND", "GROUP BY", "HAVING", "ORDER BY", "LIMIT", "OFFSET", "FOR UPDATE",
		"UNION",
	} {
		if strings.HasPrefix(rest, word+" ") {
			return word
		}
	}
	return ""
}

func ExampleSelect() {
	printSQL(dovetail.Select(models.Accounts))
	// Output:
	// SELECT "accounts"."id", "accounts"."owner", "accounts"."email", "accounts"."balance", "accounts"."created_at"
	// FROM "accounts"
}

// A query is a value: a base can be extended in several ways, and is never changed by it.
func ExampleSelect_shared() {
	base := dovetail.Select(models.Books).Columns("title").Where(sq.Gt{"pages": 200})
	byPages := base.OrderBy("pages DESC").Limit(10)
	byLem := base.Where(sq.Eq{"author.name": "Lem"})

	printSQL(base)
	printSQL(byPages)
	printSQL(byLem)
	// Output:
	// SELECT "books"."title"
	// FROM "books"
	// WHERE ("books"."pages" > $1)
	// -- [200]
	// SELECT "books"."title"
	// FROM "books"
	// WHERE ("books"."pages" > $1)
	// ORDER BY "books"."pages" DESC, "books"."id"
	// LIMIT 10
	// -- [200]
	// SELECT "books"."title"
	// FROM "books"
	// JOIN "authors" AS "author" ON "author"."id" = "books"."author_id"
	// WHERE ("books"."pages" > $1)
	// AND ("author"."name" = $2)
	// -- [200 Lem]
}

func ExampleQuery_Join() {
	printSQL(dovetail.Select(models.Students).Columns("name").Join("courses").Where(sq.Eq{"courses.title": "Botany"}))
	// Output:
	// SELECT "students"."name"
	// FROM "students"
	// JOIN "enrollments" AS "courses#enrollments" ON "courses#enrollments"."student_id" = "students"."id"
	// JOIN "courses" ON "courses"."id" = "courses#enrollments"."course_id"
	// WHERE ("courses"."title" = $1)
	// -- [Botany]
}

// A path joins every relation on the way; the alias of each is its path.
func ExampleQuery_Join_path() {
	printSQL(dovetail.Select(models.Students).Columns("name").Join("enrollments.course"))
	// Output:
	// SELECT "students"."name"
	// FROM "students"
	// JOIN "enrollments" ON "enrollments"."student_id" = "students"."id"
	// JOIN "courses" AS "enrollments.course" ON "enrollments.course"."id" = "enrollments"."course_id"
}

// A condition given to LeftJoin restricts the rows that are joined, and keeps authors who have none.
func ExampleQuery_LeftJoin() {
	printSQL(dovetail.Select(models.Authors).Columns("name", "books.title").LeftJoin("books", sq.Gt{"pages": 300}))
	// Output:
	// SELECT "authors"."name", "books"."title" AS "books.title"
	// FROM "authors"
	// LEFT JOIN "books" ON "books"."author_id" = "authors"."id"
	// AND ("books"."pages" > $1)
	// -- [300]
}

func ExampleQuery_Where() {
	q := dovetail.Select(models.Books).Columns("title")

	printSQL(q.Where(sq.Eq{"author_id": []int64{1, 2}}).Where("pages > ? OR title = ?", 300, "Solaris"))
	printSQL(q.Where(sq.Or{sq.Eq{"author.name": "Lem"}, sq.Like{"title": "The %"}}))
	// Output:
	// SELECT "books"."title"
	// FROM "books"
	// WHERE ("books"."author_id" = ANY($1::bigint[]))
	// AND (pages > $2 OR title = $3)
	// -- [[1 2] 300 Solaris]
	// SELECT "books"."title"
	// FROM "books"
	// JOIN "authors" AS "author" ON "author"."id" = "books"."author_id"
	// WHERE ("author"."name" = $1 OR "books"."title" LIKE $2)
	// -- [Lem The %]
}

// NULL is found by nil, also in a list.
func ExampleQuery_Where_null() {
	ada := int64(1)
	q := dovetail.Select(models.Posts).Columns("title")

	printSQL(q.Where(sq.Eq{"editor_id": nil}))
	printSQL(q.Where(sq.Eq{"editor_id": []*int64{&ada, nil}}))
	// Output:
	// SELECT "posts"."title"
	// FROM "posts"
	// WHERE ("posts"."editor_id" IS NULL)
	// SELECT "posts"."title"
	// FROM "posts"
	// WHERE ("posts"."editor_id" = ANY($1::bigint[]) OR "posts"."editor_id" IS NULL)
	// -- [[1]]
}

func ExampleQuery_Has() {
	printSQL(dovetail.Select(models.Authors).Columns("name").Has("books", sq.Gt{"pages": 200}))
	// Output:
	// SELECT "authors"."name"
	// FROM "authors"
	// WHERE (EXISTS (SELECT 1
	//     FROM "books"
	//     WHERE "books"."author_id" = "authors"."id"
	//     AND ("books"."pages" > $1)))
	// -- [200]
}

func ExampleQuery_HasNone() {
	printSQL(dovetail.Select(models.Authors).Columns("name").HasNone("books"))
	// Output:
	// SELECT "authors"."name"
	// FROM "authors"
	// WHERE (NOT EXISTS (SELECT 1
	//     FROM "books"
	//     WHERE "books"."author_id" = "authors"."id"))
}

func ExampleQuery_Distinct() {
	printSQL(dovetail.Select(models.Authors).Columns("name").Join("books").Where("books.pages > ?", 100).Distinct())
	// Output:
	// SELECT DISTINCT "authors"."name"
	// FROM "authors"
	// JOIN "books" ON "books"."author_id" = "authors"."id"
	// WHERE ("books"."pages" > $1)
	// -- [100]
}

func ExampleQuery_OrderBy() {
	printSQL(dovetail.Select(models.Books).Columns("title").OrderBy("author.name", "pages DESC NULLS LAST"))
	// Output:
	// SELECT "books"."title"
	// FROM "books"
	// JOIN "authors" AS "author" ON "author"."id" = "books"."author_id"
	// ORDER BY "author"."name", "books"."pages" DESC NULLS LAST
}

func ExampleQuery_OrderByClause() {
	printSQL(dovetail.Select(models.Books).Columns("title").OrderByClause("abs(books.pages - ?)", 200))
	// Output:
	// SELECT "books"."title"
	// FROM "books"
	// ORDER BY abs("books"."pages" - $1)
	// -- [200]
}

// Under a limit the primary key ends the order, so that ties come the same way each time.
func ExampleQuery_Limit() {
	printSQL(dovetail.Select(models.Books).Columns("title").OrderBy("pages").Limit(3))
	// Output:
	// SELECT "books"."title"
	// FROM "books"
	// ORDER BY "books"."pages", "books"."id"
	// LIMIT 3
}

// A limit over a join would count the join's rows, so it is refused.
func ExampleQuery_Limit_fanOut() {
	_, _, err := dovetail.Select(models.Authors).Join("books").Limit(3).SQL(postgres.Dialect)

	fmt.Println(errors.Is(err, dovetail.ErrFanOut))
	fmt.Println(bySentence(err))
	// Output:
	// true
	// dovetail: select authors: Limit would count rows of join "books",
	// which gives a row of "authors" once for each of its related rows;
	// use Distinct() for each row once, Has("books", …) instead of the join, or GroupBy
}

func ExampleQuery_Offset() {
	printSQL(dovetail.Select(models.Books).Columns("title").Limit(3).Offset(6))
	// Output:
	// SELECT "books"."title"
	// FROM "books"
	// ORDER BY "books"."id"
	// LIMIT 3
	// OFFSET 6
}

func ExampleQuery_Columns() {
	printSQL(dovetail.Select(models.Books).Columns("title", "author.name"))
	// Output:
	// SELECT "books"."title", "author"."name" AS "author.name"
	// FROM "books"
	// JOIN "authors" AS "author" ON "author"."id" = "books"."author_id"
}

// An expression has the name of a field: here Author.BookCount, tagged `db:"book_count,computed"`.
func ExampleQuery_Column() {
	printSQL(dovetail.Select(models.Authors).
		Columns("name").
		Column("(SELECT count(*) FROM books b WHERE b.author_id = authors.id) AS book_count"))
	// Output:
	// SELECT "authors"."name", (SELECT count(*)
	//   FROM books b
	//   WHERE b.author_id = "authors"."id") AS book_count
	// FROM "authors"
}

func ExampleQuery_GroupBy() {
	printSQL(dovetail.Select(models.Authors).LeftJoin("books").GroupBy("id").Column("count(books.id) AS book_count"))
	// Output:
	// SELECT "authors"."id", "authors"."name", count("books"."id") AS book_count
	// FROM "authors"
	// LEFT JOIN "books" ON "books"."author_id" = "authors"."id"
	// GROUP BY "authors"."id"
}

func ExampleQuery_Having() {
	printSQL(dovetail.Select(models.Authors).Columns("name").Join("books").GroupBy("id").Having("count(*) > ?", 1))
	// Output:
	// SELECT "authors"."name"
	// FROM "authors"
	// JOIN "books" ON "books"."author_id" = "authors"."id"
	// GROUP BY "authors"."id"
	// HAVING (count(*) > $1)
	// -- [1]
}

// Only the query's own table is locked, never a joined one.
func ExampleQuery_ForUpdate() {
	q := dovetail.Select(models.Books).Columns("title").Where(sq.Eq{"author.name": "Lem"}).ForUpdate()

	printSQL(q)
	_, _, err := q.SQL(sqlite.Dialect)
	fmt.Println(errors.Is(err, dovetail.ErrUnsupported))
	// Output:
	// SELECT "books"."title"
	// FROM "books"
	// JOIN "authors" AS "author" ON "author"."id" = "books"."author_id"
	// WHERE ("author"."name" = $1)
	// FOR UPDATE OF "books"
	// -- [Lem]
	// true
}

// Two statements, whatever the number of authors. The keys that a preload needs are selected, though not asked for.
func ExampleQuery_Preload() {
	text, err := dovetail.Select(models.Authors).
		Columns("name").
		Preload("books", dovetail.Select(models.Books).Columns("title").OrderBy("title")).
		Explain(postgres.Dialect)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(byClause(text))
	// Output:
	// from authors, 2 columns
	// preload books: 1 statement
	//   from books, 3 columns
	//
	// -- authors
	// SELECT "authors"."name", "authors"."id"
	// FROM "authors"
	//
	// -- preload books
	// SELECT "books"."title", "books"."id", "books"."author_id"
	// FROM "books"
	// WHERE "books"."author_id" = ANY($1::bigint[])
	// ORDER BY "books"."title", "books"."id"
	//
	// statements: 2, round trips: 2 where the driver pipelines
}

// The related rows are those that are joined, here the large ones. One statement; an account comes once.
func ExampleQuery_Fetch() {
	db, done := readingsDB()
	defer done()

	q := dovetail.Select(models.Accounts).
		Columns("owner").
		Join("activities").
		Where("activities.amount >= ?", 750).
		Fetch("activities").
		OrderBy("owner", "activities.amount DESC")
	printSQL(q)
	accounts, err := q.All(context.Background(), db)
	for _, a := range accounts {
		fmt.Print(a.Owner, ":")
		for _, act := range a.Activities {
			fmt.Print(" ", act.Amount)
		}
		fmt.Println()
	}
	fmt.Println(err)
	// Output:
	// SELECT "accounts"."owner", "accounts"."id", "activities"."id" AS "activities.id", "activities"."account_id" AS "activities.account_id", "activities"."activity_type" AS "activities.activity_type", "activities"."amount" AS "activities.amount", "activities"."created_at" AS "activities.created_at"
	// FROM "accounts"
	// JOIN "activity" AS "activities" ON "activities"."account_id" = "accounts"."id"
	// WHERE ("activities"."amount" >= $1)
	// ORDER BY "accounts"."owner", "activities"."amount" DESC, "accounts"."id", "activities"."id"
	// -- [750]
	// SpongeBob: 900 800
	// Squidward: 800 750
	// <nil>
}

// A path that is not joined is joined by LEFT JOIN, and so is what is on the way to it.
func ExampleQuery_Fetch_notJoined() {
	db, done := readingsDB()
	defer done()

	posts, err := dovetail.Select(models.Posts).Fetch("editor.profile", "tags").OrderBy("id").All(context.Background(), db)
	for _, p := range posts {
		fmt.Println(p.Title, len(p.Tags), p.Editor != nil && p.Editor.Profile != nil)
	}
	fmt.Println(err)
	// Output:
	// Joins 2 true
	// Keys 1 false
	// Nulls 0 true
	// <nil>
}

func ExampleQuery_SQL() {
	q := dovetail.Select(models.Tags).Where(sq.Eq{"name": []string{"go", "sql"}})

	for _, d := range []dialect.Dialect{postgres.Dialect, sqlite.Dialect} {
		sql, args, err := q.SQL(d)
		fmt.Println(d.Name(), err)
		fmt.Println(sql, args)
	}
	// Output:
	// postgres <nil>
	// SELECT "tags"."id", "tags"."name" FROM "tags" WHERE ("tags"."name" = ANY($1)) [{"go","sql"}]
	// sqlite <nil>
	// SELECT "tags"."id", "tags"."name" FROM "tags" WHERE ("tags"."name" IN (?, ?)) [go sql]
}

// A query goes wherever squirrel takes an expression.
func ExampleQuery_ToSql() {
	large := dovetail.Select(models.Activities).Columns("account_id").Where(sq.GtOrEq{"amount": 750})

	sql, args, err := sq.Select("count(*)").From("accounts").Where(sq.Expr("id IN (?)", large)).
		PlaceholderFormat(sq.Dollar).ToSql()
	fmt.Println(err)
	fmt.Println(byClause(sql), args)
	// Output:
	// <nil>
	// SELECT count(*)
	// FROM accounts
	// WHERE id IN (SELECT "activity"."account_id"
	//   FROM "activity"
	//   WHERE ("activity"."amount" >= $1)) [750]
}

// Explain needs no database, and sends nothing.
func ExampleQuery_Explain() {
	text, err := dovetail.Select(models.Tags).LeftJoin("posts.editor").Distinct().Explain(postgres.Dialect)
	fmt.Println(err)
	fmt.Println(byClause(text))
	// Output:
	// <nil>
	// from tags, 2 columns
	// left join posts: n per row of tags: multiplies, null-extends
	// left join posts.editor: n per row of tags: null-extends
	//
	// -- tags
	// SELECT DISTINCT "tags"."id", "tags"."name"
	// FROM "tags"
	// LEFT JOIN ("post_tags" AS "posts#post_tags"
	//   JOIN "posts" ON "posts"."id" = "posts#post_tags"."post_id") ON "posts#post_tags"."tag_id" = "tags"."id"
	// LEFT JOIN "user" AS "posts.editor" ON "posts.editor"."id" = "posts"."editor_id"
	//
	// statements: 1, round trips: 1 where the driver pipelines
}

func ExampleHas() {
	printSQL(dovetail.Select(models.Authors).Columns("name").Where(sq.Or{
		sq.Eq{"name": "Lem"},
		dovetail.Has("books", sq.Gt{"pages": 300}),
	}))
	// Output:
	// SELECT "authors"."name"
	// FROM "authors"
	// WHERE ("authors"."name" = $1 OR EXISTS (SELECT 1
	//     FROM "books"
	//     WHERE "books"."author_id" = "authors"."id"
	//     AND ("books"."pages" > $2)))
	// -- [Lem 300]
}

// Users who have written, and all of whose posts have a tag.
func ExampleHasNone() {
	printSQL(dovetail.Select(models.Users).Columns("name").Has("posts").HasNone("posts", dovetail.HasNone("tags")))
	// Output:
	// SELECT "user"."name"
	// FROM "user"
	// WHERE (EXISTS (SELECT 1
	//     FROM "posts"
	//     WHERE "posts"."author_id" = "user"."id"))
	// AND (NOT EXISTS (SELECT 1
	//     FROM "posts" AS "posts_2"
	//     WHERE "posts_2"."author_id" = "user"."id"
	//     AND (NOT EXISTS (SELECT 1
	//         FROM "post_tags" AS "posts.tags#post_tags"
	//         JOIN "tags" AS "posts.tags" ON "posts.tags"."id" = "posts.tags#post_tags"."tag_id"
	//         WHERE "posts.tags#post_tags"."post_id" = "posts_2"."id"))))
}

// Signs that LIKE gives a meaning have none here.
func ExampleContains() {
	printSQL(dovetail.Select(models.Books).Columns("title").Where(dovetail.Contains("title", "100%")))
	// Output:
	// SELECT "books"."title"
	// FROM "books"
	// WHERE ("books"."title" LIKE $1 ESCAPE '!')
	// -- [%100!%%]
}

func ExampleStartsWith() {
	printSQL(dovetail.Select(models.Books).Columns("title").Where(dovetail.StartsWith("title", "The ")))
	// Output:
	// SELECT "books"."title"
	// FROM "books"
	// WHERE ("books"."title" LIKE $1 ESCAPE '!')
	// -- [The %]
}

func ExampleEndsWith() {
	printSQL(dovetail.Select(models.Accounts).Columns("owner").Where(dovetail.EndsWith("email", "@sea.example")))
	// Output:
	// SELECT "accounts"."owner"
	// FROM "accounts"
	// WHERE ("accounts"."email" LIKE $1 ESCAPE '!')
	// -- [%@sea.example]
}

// Posts that user 2 has not edited, those without an editor among them. squirrel.NotEq would leave these out.
func ExampleNotEqOrNull() {
	printSQL(dovetail.Select(models.Posts).Columns("title").Where(dovetail.NotEqOrNull{"editor_id": 2}))
	// Output:
	// SELECT "posts"."title"
	// FROM "posts"
	// WHERE ("posts"."editor_id" IS DISTINCT FROM $1)
	// -- [2]
}

// Errors say what was given and what is there.
func ExampleQueryError() {
	_, _, err := dovetail.Select(models.Accounts).Where(sq.Eq{"activities.ammount": 1}).Join("activities").SQL(postgres.Dialect)

	var failed *dovetail.QueryError
	fmt.Println(errors.As(err, &failed), failed.Op)
	fmt.Println(errors.Is(err, dovetail.ErrUnknownColumn))
	fmt.Println(bySentence(err))
	// Output:
	// true select accounts
	// true
	// dovetail: select accounts: Where: "activities.ammount": table "activity" has no column "ammount";
	// did you mean "amount"?
}

func ExampleRelationError() {
	_, _, err := dovetail.Select(models.Accounts).Preload("activities.usr").SQL(postgres.Dialect)

	var failed *dovetail.RelationError
	fmt.Println(errors.As(err, &failed))
	fmt.Println(bySentence(err))
	// Output:
	// true
	// dovetail: select accounts: Preload: path "activities.usr": table "activity" has no relation "usr";
	// declared: "account"
}
