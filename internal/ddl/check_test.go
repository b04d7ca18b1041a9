package ddl_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
)

// damage is a difference made by changing the text of the DDL.
type damage struct {
	name   string
	cut    string // a pattern
	put    string
	rows   []string // that the tables have meanwhile
	want   []string // of each finding: severity, table or relation, problem
	sqlite []string // the findings there, if they differ
}

// libraryRows are rows of the library.
var libraryRows = []string{
	"INSERT INTO authors (id, name, code) VALUES (1, 'Ann', 'a'), (2, 'Bob', 'b')",
	"INSERT INTO books (id, author_id, title, price, count) VALUES (1, 1, 'One', 10, 3), (2, 2, 'Two', 20, 1)",
	"INSERT INTO awards (id, author_id, name) VALUES (1, 1, 'first')",
	"INSERT INTO tags (id, name) VALUES (0, 'new')",
	"INSERT INTO author_tags (id, author_id, tag_id) VALUES (1, 1, 0)",
}

var damages = []damage{
	{name: "a table", cut: `CREATE TABLE "pictures" [^;]*;\n`, want: []string{
		`error pictures: table "pictures": the database has no such table`}},
	{name: "a column", cut: `  "subtitle" \w+,\n`, want: []string{
		`error books: table "books": it has no column "subtitle", which is declared (*string)`}},
	{name: "a column with a default, and its index", cut: `  "created_at" [^\n]*\n|CREATE INDEX "books_created_at_idx" [^;]*;\n`,
		want: []string{
			`error books: table "books": it has no column "created_at", which is declared (time.Time)`}},
	{name: "NOT NULL", cut: `("title" \w+) NOT NULL`, put: "$1", rows: libraryRows, want: []string{
		`warning books: table "books": column "title" can be NULL, but its Go type (string) cannot hold it`}},
	{name: "NOT NULL of a key", cut: `(TABLE "books" [^;]*?"author_id" \w+) NOT NULL`, put: "$1", want: []string{
		`error authors.books: table "books": column "author_id" can be NULL, but the key of relation "authors.books" is required ` +
			`(int64); joins along it lose rows without one`}},
	{name: "a foreign key", cut: `  CONSTRAINT "books_author_id_fkey" [^\n]*\n`, want: []string{
		`error authors.books: table "books": no foreign key (author_id) points at "authors" (id), as relation "authors.books" ` +
			`declares; joins along it lose rows that point at nothing: declare Logical if there is to be no constraint`}},
	{name: "a foreign key to another table", cut: `("awards_author_id_fkey" .*REFERENCES) "authors"`, put: `$1 "notes"`,
		want: []string{
			`error authors.award: table "awards": the foreign key (author_id) points at "notes" (id), but relation "authors.award" ` +
				`declares "authors" (id)`}},
	{name: "a foreign key to another column", cut: `("boss_id" \w+)(,[^~]*"awards_author_id_fkey" .*REFERENCES "authors") \("id"\)`,
		put: `$1 UNIQUE$2 ("boss_id")`,
		want: []string{`error authors.award: table "awards": the foreign key (author_id) points at "authors" (boss_id), but relation ` +
			`"authors.award" declares "authors" (id)`}},
	{name: "what a delete does", cut: `(books_author_id_fkey.*) ON DELETE CASCADE`, put: "$1", want: []string{
		`error authors.books: table "books": ON DELETE of the foreign key (author_id) is NO ACTION, but relation "authors.books" ` +
			`declares CASCADE`}},
	{name: "what a delete of a linked row does", cut: `(author_tags_tag_id_fkey.*) ON DELETE RESTRICT`, put: "$1 ON DELETE CASCADE",
		want: []string{`warning authors.tags: table "author_tags": ON DELETE of the foreign key (tag_id) is CASCADE, but relation ` +
			`"authors.tags" has none declared, which means RESTRICT; if the database is right, declare OnDelete(Cascade)`}},
	{name: "what a delete does that no relation tells", cut: `(awards_author_id_fkey.*) ON DELETE RESTRICT`, put: "$1 ON DELETE CASCADE",
		want: []string{`warning authors.award: table "awards": ON DELETE of the foreign key (author_id) is CASCADE, but relation ` +
			`"authors.award" has none declared, which means RESTRICT; if the database is right, declare OnDelete(Cascade)`}},
	{name: "how a delete is refused, as declared", cut: `ON DELETE NO ACTION`, put: "ON DELETE RESTRICT", want: []string{
		`warning authors.boss: table "authors": ON DELETE of the foreign key (boss_id) is RESTRICT, but relation "authors.boss" ` +
			`declares NO ACTION`}},
	{name: "how a delete is refused, not declared", cut: `ON DELETE RESTRICT`},
	{name: "the uniqueness of a has-one", cut: `  CONSTRAINT "awards_author_id_key" [^\n]*\n`, want: []string{
		`error authors.award: table "awards": nothing keeps (author_id) unique, but relation "authors.award" is to-one; two rows ` +
			`for one owner make it fail`}},
	{name: "the uniqueness of a has-one, which an index of another name has", cut: `  CONSTRAINT "awards_author_id_key" [^\n]*\n`,
		rows: []string{`CREATE UNIQUE INDEX mine ON awards (author_id)`}},
	{name: "the pairs of a join table", cut: `  CONSTRAINT "author_tags_author_id_tag_id_key" [^\n]*\n`, want: []string{
		`error authors.tags: table "author_tags": nothing keeps (author_id, tag_id) unique, but relation "authors.tags" goes by it; ` +
			`a pair linked twice comes twice: ` +
			`if that is meant, tell the links apart by PrimaryKey, or Unique, over more columns`}},
	{name: "the uniqueness of a polymorphic to-one", cut: `,\n  CONSTRAINT "pictures_item_type_item_id_key" [^\n]*`, want: []string{
		`error pictures: table "pictures": nothing keeps (item_type, item_id) unique, but the polymorphic relations by it are ` +
			`to-one; two rows for one owner make them fail`}},
	{name: "a declared uniqueness", cut: `,\n  CONSTRAINT "tags_name_key" [^\n]*`, want: []string{
		`error tags: table "tags": nothing keeps (name) unique, as it is declared`}},
	{name: "a primary key", cut: `,\n  CONSTRAINT "profiles_pkey" [^\n]*,`, put: ",", want: []string{
		`error profiles: table "profiles": the primary key (author_id) is not unique in the database`}},
	{name: "the width of a key", cut: `(TABLE "books" [^;]*?"author_id") bigint`, put: "$1 integer", want: []string{
		`warning authors.books: table "books": column "author_id" is integer, but "id" of "authors", which it points at, is bigint`},
		sqlite: []string{}},
	{name: "the type of a key", cut: `(TABLE "books" [^;]*?"author_id") BIGINT`, put: "$1 TEXT", want: []string{}, sqlite: []string{
		`error authors.books: table "books": column "author_id" is TEXT, but "id" of "authors", which it points at, is INTEGER`}},
	{name: "an index", cut: `CREATE INDEX "books_editor_id_idx" [^;]*;\n`, want: []string{
		`warning books.editor: table "books": no index begins with (editor_id), the key of relation "books.editor"; loads along it, ` +
			`and deletes of "authors", read the whole table`}},
	{name: "the index of a polymorphic reference", cut: `CREATE INDEX "notes_item_type_item_id_idx" [^;]*;\n`, want: []string{
		`warning notes: table "notes": no index begins with (item_type, item_id)`}},
	{name: "the case of a name", cut: `"bio" (\w+)`, put: `"BIO" $1`, sqlite: []string{}, want: []string{
		"error profiles: table \"profiles\": it has no column \"bio\", which is declared (*string), but \"BIO\"; rename it, or " +
			"declare the field `db:\"BIO\"`"}},
	{name: "the case of a key's name", cut: `TABLE "awards" [^;]*`, put: `TABLE "awards" (
		id INTEGER PRIMARY KEY DEFAULT 1, name TEXT NOT NULL, "Author_ID" BIGINT NOT NULL UNIQUE REFERENCES authors (id))`,
		sqlite: []string{}, want: []string{
			"error awards: table \"awards\": it has no column \"author_id\", which is declared (int64), but \"Author_ID\"; rename it, " +
				"or declare the field `db:\"Author_ID\"`"}},
	{name: "a default", cut: ` DEFAULT 'draft'`, want: []string{
		`error books: table "books": column "status" has no default; an insert that leaves it out expects one`}},
	{name: "a number", cut: `(CREATE TABLE "notes" \(\s+"id") (bigint GENERATED BY DEFAULT AS IDENTITY|INTEGER PRIMARY KEY)`,
		put: "$1 bigint NOT NULL UNIQUE", want: []string{
			`warning notes: table "notes": no number is made for the primary key "id"; an insert without one fails: declare ` +
				`AssignedKey if the program numbers the rows`}},
	{name: "NOT NULL of a table that others point at", cut: `("code" \w+) NOT NULL`, put: "$1", rows: libraryRows, want: []string{
		`warning authors: table "authors": column "code" can be NULL, but its Go type (string) cannot hold it`}},
	{name: "nothing, but columns that are not declared", cut: `("title" \w+ NOT NULL,)`,
		put: `$1 "more" bigint NOT NULL DEFAULT (7), "some" varchar(20), `, rows: libraryRows},
	{name: "NOT NULL beside columns and indexes that are not declared", cut: `"title" (\w+) NOT NULL,`,
		put: `"title" $1, "more" bigint NOT NULL DEFAULT (7), "some" varchar(20),`, rows: libraryRows, want: []string{
			`warning books: table "books": column "title" can be NULL, but its Go type (string) cannot hold it`}},
}

var lastComma = regexp.MustCompile(`,\s*\n\)`)

// damaged returns the DDL of the library with the damage.
func damaged(t *testing.T, s server, d damage) string {
	t.Helper()
	statements, err := library().DDL(s.Dialect())
	if err != nil {
		t.Fatal(err)
	}
	sql := strings.Join(statements, ";\n") + ";\n"
	changed := regexp.MustCompile(d.cut).ReplaceAllString(sql, d.put)
	if changed == sql && d.sqlite == nil {
		t.Fatalf("%q is not in\n%s", d.cut, sql)
	}
	return lastComma.ReplaceAllString(changed, "\n)")
}

// rowsLeft are the rows that a mend must keep.
func (s server) rowsLeft(t *testing.T) int {
	t.Helper()
	n := 0
	for _, table := range []string{"authors", "books", "awards", "tags", "author_tags"} {
		err := s.Run(t.Context(), []dialect.Statement{{SQL: "SELECT 1 FROM " + table}}, func(_ int, rows dialect.Rows) error {
			for rows.Next() {
				n++
			}
			return rows.Err()
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return n
}

func TestFindingsAreMendedByTheirSQL(t *testing.T) {
	t.Parallel()
	for _, d := range damages {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			onEach(t, func(t *testing.T, s server) {
				s.must(t, damaged(t, s, d))
				s.must(t, "CREATE INDEX books_of_mine ON books (title)")
				s.must(t, d.rows...)
				before := s.rowsLeft(t)
				want := d.want
				if s.Dialect().Name() == "sqlite" && d.sqlite != nil {
					want = d.sqlite
				}
				findings := s.check(t, library())
				if got := lines(findings); !slices.Equal(got, want) {
					t.Fatalf("expected\n%s\ngot\n%s", strings.Join(want, "\n"), strings.Join(got, "\n"))
				}
				for i, f := range findings {
					s.must(t, f.Mend...)
					for _, left := range s.check(t, library()) {
						if slices.ContainsFunc(findings[:i+1], func(g dovetail.Finding) bool { return g.Problem == left.Problem }) {
							t.Errorf("after %q there is still\n%s", f.Mend, left)
						}
					}
				}
				if left := s.check(t, library()); len(left) > 0 {
					t.Errorf("after all mends there is\n%s", text(left))
				}
				if n := s.rowsLeft(t); n != before {
					t.Errorf("of %d rows %d are left", before, n)
				}
				s.must(t, "DROP INDEX books_of_mine")
			})
		})
	}
}

// lines writes each finding without its SQL.
func lines(findings []dovetail.Finding) []string {
	var lines []string
	for _, f := range findings {
		about := f.Relation
		if about == "" {
			about = f.Table
		}
		lines = append(lines, f.Severity.String()+" "+about+": "+f.Problem)
		if len(f.Mend) == 0 {
			lines = append(lines, "without SQL that mends it")
		}
	}
	return lines
}
