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
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// deposits is a named scope: conditions written once, as README.md shows.
func deposits(q dovetail.Query[*models.Activity]) dovetail.Query[*models.Activity] {
	return q.Where(sq.Eq{"activity_type": models.Deposit})
}

// everyday are the queries of README.md's section of that name, in its order.
func everyday() []everydayQuery {
	last := &models.Activity{ID: 6, CreatedAt: time.Date(2024, 2, 6, 10, 0, 0, 0, time.UTC)}
	return slices.Concat([]everydayQuery{
		dovetail.Select(models.Accounts).Has("activities", sq.Eq{"activity_type": models.Deposit}, sq.GtOrEq{"amount": 750}),
		dovetail.Select(models.Activities).Where(sq.Eq{"account.owner": "SpongeBob"}),
		dovetail.Select(models.Accounts).Columns("owner").Join("activities"),
		dovetail.Select(models.Accounts).Columns("owner").Join("activities").Distinct(),
		dovetail.Select(models.Accounts).Preload("activities"),
		dovetail.Select(models.Users).Preload("profile"),
		dovetail.Select(models.Posts).Preload("tags"),
		dovetail.Select(models.Students).Preload("courses").Preload("enrollments"),
		dovetail.Select(models.Categories).Where(sq.Eq{"parent_id": nil}).Preload("subcategories"),
		dovetail.Select(models.Employees).Preload("manager"),
		dovetail.Select(models.Authors).LeftJoin("books").GroupBy("id").Column("count(books.id) AS book_count"),
		dovetail.Select(models.Books).Columns("title", "author.name"),
		dovetail.Select(models.Authors).HasAtLeast(2, "books").HasEvery("books", sq.Gt{"pages": 200}),
		dovetail.Select(models.Authors).With(dovetail.Count("books").As("book_count")).OrderBy("book_count DESC"),
		dovetail.Select(models.Accounts).Has("activities", dovetail.Matching(deposits(dovetail.Select(models.Activities)))),
		dovetail.Select(models.Accounts).Join("activities").Where("activities.amount >= ?", 750).Fetch("activities"),
		dovetail.Select(models.Activities).Fetch("account"),
		everydayLinked(),
		dovetail.Select(models.Categories).Where(sq.Eq{"parent_id": nil}).PreloadTree("subcategories", 0),
		dovetail.Select(models.Activities).OrderBy("created_at DESC", "id DESC").Limit(20).After(last.CreatedAt, last.ID),
		dovetail.Select(models.Accounts).Where(sq.Eq{"owner": "SpongeBob"}).ForUpdate().SkipLocked(),
		dovetail.Select(models.Accounts).Columns("id", "owner").
			From("SELECT * FROM accounts UNION ALL SELECT * FROM closed_accounts WHERE closed > ?", 2020).
			Snapshot().Preload("activities"),
	}, everydayDeclared(), []everydayQuery{everydayDDL{everydayTables()}})
}

// TestReadmeShowsCodeWithoutStatements runs the code of README.md whose statements it does not show.
func TestReadmeShowsCodeWithoutStatements(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		ctx, q := t.Context(), dovetail.Select(models.Activities).OrderBy("amount DESC").Limit(4)
		page, err := q.All(ctx, d.DB)
		if err != nil {
			t.Fatal(err)
		}

		position, err := q.Position(page[len(page)-1])
		if err != nil {
			t.Fatal(err)
		}
		next, err := q.After(position...).All(ctx, d.DB)
		if err != nil || len(next) != 2 || next[0].Amount != 500 || next[1].Amount != 30 {
			t.Errorf("expected the activities of 500 and 30 on the second page, got %d, %v", len(next), err)
		}

		pool := d.DB
		db := dovetail.WithHooks(pool, &sloghook.Hook{SlowAfter: 100 * time.Millisecond})

		db = dovetailtest.MaxQueries(t, db, 2)

		var owners []string
		print := func(account *models.Account) { owners = append(owners, account.Owner) }
		for account, err := range dovetail.Select(models.Accounts).Preload("activities").Each(ctx, db) {
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
	_, section, found := strings.Cut(kit.ReadFile(t, "README.md"), "\n## Everyday questions\n")
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
