package dovetail_test

import (
	"slices"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

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

// TestPagesShowWhatExplainSays compares docs/statements.md with the plan of README.md's first query.
func TestPagesShowWhatExplainSays(t *testing.T) {
	t.Parallel()
	want, err := dovetail.Select(models.Accounts).
		Join("activities").
		Where(sq.Eq{"activities.activity_type": models.Deposit}).
		Where("activities.amount >= ?", 750).
		Distinct().
		Preload("activities", dovetail.Select(models.Activities).OrderBy("created_at DESC").Limit(5)).
		Explain(postgres.Dialect)
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, text := range fences(t, "docs/statements.md", "text") {
		texts = append(texts, normal(text))
	}
	if !slices.Equal(texts, []string{normal(want)}) {
		t.Errorf("docs/statements.md shows\n%s\nExplain says\n%s", strings.Join(texts, "\n"), want)
	}
}
