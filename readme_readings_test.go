package dovetail_test

import (
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
)

// everyday are the queries of README.md's section of that name, in its order.
func everyday() []interface {
	Explain(dialect.Dialect) (string, error)
} {
	return []interface {
		Explain(dialect.Dialect) (string, error)
	}{
		dovetail.Select(Accounts).Has("activities", sq.Eq{"activity_type": Deposit}, sq.GtOrEq{"amount": 750}),
		dovetail.Select(Activities).Where(sq.Eq{"account.owner": "SpongeBob"}),
		dovetail.Select(Accounts).Columns("owner").Join("activities"),
		dovetail.Select(Accounts).Columns("owner").Join("activities").Distinct(),
		dovetail.Select(Accounts).Preload("activities"),
		dovetail.Select(Users).Preload("profile"),
		dovetail.Select(Posts).Preload("tags"),
		dovetail.Select(Students).Preload("courses").Preload("enrollments"),
		dovetail.Select(Categories).Where(sq.Eq{"parent_id": nil}).Preload("subcategories"),
		dovetail.Select(Employees).Preload("manager"),
		dovetail.Select(Authors).LeftJoin("books").GroupBy("id").Column("count(books.id) AS book_count"),
		dovetail.Select(Books).Columns("title", "author.name"),
	}
}

// statementsOf returns the statements that PostgreSQL is sent for a query and its preloads.
func statementsOf(t *testing.T, q interface {
	Explain(dialect.Dialect) (string, error)
}) []string {
	t.Helper()
	text, err := q.Explain(postgres.Dialect)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(text, "\n\n")
	var statements []string
	for _, part := range parts[1 : len(parts)-1] {
		_, statement, _ := strings.Cut(strings.TrimSpace(part), "\n")
		statements = append(statements, statement)
	}
	return statements
}

// TestReadmeShowsTheStatementsOfEverydayQuestions compares the section's blocks of SQL with what would be sent, statement by
// statement. That its Go is compiled is another test's.
func TestReadmeShowsTheStatementsOfEverydayQuestions(t *testing.T) {
	t.Parallel()
	_, section, found := strings.Cut(readFile(t, "README.md"), "\n## Everyday questions\n")
	section, _, _ = strings.Cut(section, "\n## ")
	blocks := strings.Split(section, "\n```sql\n")[1:]
	if queries := everyday(); !found || len(blocks) != len(queries) {
		t.Fatalf("expected %d blocks of SQL, got %d", len(queries), len(blocks))
	}
	for i, q := range everyday() {
		block, _, _ := strings.Cut(blocks[i], "\n```")
		want := strings.Join(statementsOf(t, q), "; ")
		if normal(block) != normal(want) {
			t.Errorf("block %d: README.md shows\n%s\nsent is\n%s", i+1, normal(block), normal(want))
		}
	}
}
