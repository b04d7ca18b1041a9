package dovetail_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

func TestReadmeShowsTheErrorThatIsReturned(t *testing.T) {
	t.Parallel()
	_, _, err := dovetail.Select(models.Accounts).Preload("activites").SQL(postgres.Dialect)
	if err == nil || !slices.Equal(fences(t, "README.md", "text"), []string{err.Error()}) {
		t.Errorf("README.md shows %q, the error is %v", fences(t, "README.md", "text"), err)
	}
}

func TestReadmeStaysShort(t *testing.T) {
	t.Parallel()
	if n := strings.Count(kit.ReadFile(t, "README.md"), "\n"); n >= 260 {
		t.Errorf("expected fewer than 260 lines, got %d; what is detail belongs in docs", n)
	}
}

func TestReadmeExampleIsTwoStatements(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		ctx, db := t.Context(), d.Record()

		accounts, err := dovetail.Select(models.Accounts).
			Join("activities").
			Where(sq.Eq{"activities.activity_type": models.Deposit}). // sq is github.com/Masterminds/squirrel
			Where("activities.amount >= ?", 750).
			Distinct().
			Preload("activities", dovetail.Select(models.Activities).OrderBy("created_at DESC").Limit(5)). // 5 per account
			All(ctx, db)                                                                                   // []*Account

		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{} // by owner: the order is the database's choice
		for _, a := range accounts {
			for _, act := range a.Activities {
				got[a.Owner] += fmt.Sprintf("%s %d;", act.ActivityType, act.Amount)
			}
		}
		want := map[string]string{"SpongeBob": "WD 500;DEP 900;DEP 800;", "Squidward": "WD 800;DEP 750;"}
		if !maps.Equal(got, want) || len(accounts) != len(want) {
			t.Errorf("expected %v, got %d accounts: %v", want, len(accounts), got)
		}
		if d.Postgres() {
			var sent []string
			for _, s := range db.Stmts {
				sent = append(sent, normal(s.SQL))
			}
			var shown []string
			for _, block := range fences(t, "README.md", "sql") {
				shown = append(shown, normal(block))
			}
			if !slices.Equal(sent, shown) {
				t.Errorf("README.md shows\n%s\nsent was\n%s", strings.Join(shown, "\n"), strings.Join(sent, "\n"))
			}
		}
		db.Expect(t, 2, 2)
	})
}
