package dovetail_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/dovetailtest"
	"github.com/dovetail-go/dovetail/hooks/sloghook"
)

// deposits is a named scope: conditions written once, as README.md shows.
func deposits(q dovetail.Query[Activity]) dovetail.Query[Activity] {
	return q.Where(sq.Eq{"activity_type": Deposit})
}

// everyday are the queries of README.md's section of that name, in its order.
func everyday() []everydayQuery {
	last := &Activity{ID: 6, CreatedAt: time.Date(2024, 2, 6, 10, 0, 0, 0, time.UTC)}
	return slices.Concat([]everydayQuery{
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
		dovetail.Select(Authors).HasAtLeast(2, "books").HasEvery("books", sq.Gt{"pages": 200}),
		dovetail.Select(Authors).With(dovetail.Count("books").As("book_count")).OrderBy("book_count DESC"),
		dovetail.Select(Accounts).Has("activities", dovetail.Matching(deposits(dovetail.Select(Activities)))),
		dovetail.Select(Accounts).Join("activities").Where("activities.amount >= ?", 750).Fetch("activities"),
		dovetail.Select(Activities).Fetch("account"),
		everydayLinked(),
		dovetail.Select(Categories).Where(sq.Eq{"parent_id": nil}).PreloadTree("subcategories", 0),
		dovetail.Select(Activities).OrderBy("created_at DESC", "id DESC").Limit(20).After(last.CreatedAt, last.ID),
		dovetail.Select(Accounts).Where(sq.Eq{"owner": "SpongeBob"}).ForUpdate().SkipLocked(),
		dovetail.Select(Accounts).Columns("id", "owner").
			From("SELECT * FROM accounts UNION ALL SELECT * FROM closed_accounts WHERE closed > ?", 2020).
			Snapshot().Preload("activities"),
	}, everydayDeclared(), []everydayQuery{everydayDDL{everydayTables()}})
}

// TestReadmeShowsCodeWithoutStatements runs the code of README.md whose statements it does not show.
func TestReadmeShowsCodeWithoutStatements(t *testing.T) {
	t.Parallel()
	onEach(t, readings(t), func(t *testing.T, d database) {
		ctx, q := t.Context(), dovetail.Select(Activities).OrderBy("amount DESC").Limit(4)
		page, err := q.All(ctx, d.db)
		if err != nil {
			t.Fatal(err)
		}

		position, err := q.Position(page[len(page)-1])
		if err != nil {
			t.Fatal(err)
		}
		next, err := q.After(position...).All(ctx, d.db)
		if err != nil || len(next) != 2 || next[0].Amount != 500 || next[1].Amount != 30 {
			t.Errorf("expected the activities of 500 and 30 on the second page, got %d, %v", len(next), err)
		}

		pool := d.db
		db := dovetail.WithHooks(pool, &sloghook.Hook{SlowAfter: 100 * time.Millisecond})

		db = dovetailtest.MaxQueries(t, db, 2)

		var owners []string
		print := func(account *Account) { owners = append(owners, account.Owner) }
		for account, err := range dovetail.Select(Accounts).Preload("activities").Each(ctx, db) {
			if err != nil {
				t.Fatal(err)
			}
			print(account)
		}
		if want := []string{"SpongeBob", "Patrick", "Squidward", "Sandy"}; !slices.Equal(owners, want) {
			t.Errorf("expected %v, got %v", want, owners)
		}
	})
}

// statementsOf returns the statements that PostgreSQL is sent for a query and its preloads.
func statementsOf(t *testing.T, q everydayQuery) []string {
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
