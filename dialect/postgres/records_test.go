package postgres_test

import (
	"context"
	"slices"
	"testing"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/dbtest"
)

// Rows inside rows come in the order of their places, in whatever order the database sends them.
func TestRecordsAreInTheOrderOfTheirPlaces(t *testing.T) {
	t.Parallel()
	db := postgres.New(dbtest.Postgres(t))
	var got []string
	err := db.Run(context.Background(), []dialect.Statement{{
		SQL: "SELECT place, ROW(place, word) FROM (VALUES (3, 'c'), (1, 'a'), (2, NULL)) AS v(place, word)",
	}}, func(_ int, rows dialect.Rows) error {
		records := rows.Records(1, []string{"place", "word"})
		if rows.Records(0, nil) != nil || rows.Records(2, nil) != nil {
			t.Error("a number is no record")
		}
		for rows.Next() {
			var place int64
			if err := rows.Scan(&place, nil); err != nil {
				return err
			}
			if !records.Add(place) {
				t.Error("a record was refused")
			}
		}
		for records.Next() {
			var place int
			var word *string
			if err := records.Scan(&place, &word); err != nil {
				return err
			}
			if records.Null(1) != (word == nil) {
				t.Error("NULL is told otherwise than it is read")
			}
			if word == nil {
				word = new(string)
			}
			got = append(got, *word)
		}
		return nil
	})
	if want := []string{"a", "", "c"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("expected %q, got %q, %v", want, got, err)
	}
}
