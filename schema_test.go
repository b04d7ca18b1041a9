package dovetail_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail"
)

// mustFind returns what Check finds.
func mustFind(tb testing.TB, r *dovetail.Registry, db dovetail.DB) []dovetail.Finding {
	tb.Helper()
	findings, err := r.Check(context.Background(), db)
	if err != nil {
		tb.Fatal(err)
	}
	return findings
}

// listFindings writes findings one below the other.
func listFindings(findings []dovetail.Finding) string {
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintln(&b, f)
	}
	return b.String()
}

func TestCheckFindsNothingInWhatCreateAllMade(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		registry *dovetail.Registry
	}{
		{"readings", Readings}, {"rules", Rules}, {"trees", treeRegistry}, {"links", linkedRegistry},
		{"fetch", fetchRegistry},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			onEvery(t, "", func(t *testing.T, d database) {
				if findings := mustFind(t, test.registry, d.db); len(findings) == 0 {
					t.Error("expected findings in an empty database")
				}
				if err := test.registry.CreateAll(t.Context(), d.db); err != nil {
					t.Fatal(err)
				}
				if findings := mustFind(t, test.registry, d.db); len(findings) > 0 {
					t.Errorf("expected no findings, got\n%s", listFindings(findings))
				}
				err := test.registry.CreateAll(t.Context(), d.db)
				var failed *dovetail.QueryError
				if !errors.As(err, &failed) || failed.Op != "create" || failed.SQL == "" || !strings.Contains(err.Error(), "already exists") {
					t.Errorf("expected the database's error for what exists, got %v", err)
				}
			})
		})
	}
}
