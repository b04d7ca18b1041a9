package golden_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
	"github.com/dovetail-go/dovetail/internal/tests/models/keyed"
)

func TestCheckFindsNothingInWhatCreateAllMade(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		registry *dovetail.Registry
	}{
		{"readings", models.Readings}, {"rules", models.Rules}, {"trees", models.Trees}, {"links", keyed.PlainRegistry},
		{"fetch", models.Fleet},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			kit.OnEvery(t, "", func(t *testing.T, d kit.Database) {
				if findings := kit.MustFind(t, test.registry, d.DB); len(findings) == 0 {
					t.Error("expected findings in an empty database")
				}
				if err := test.registry.CreateAll(t.Context(), d.DB); err != nil {
					t.Fatal(err)
				}
				if findings := kit.MustFind(t, test.registry, d.DB); len(findings) > 0 {
					t.Errorf("expected no findings, got\n%s", kit.ListFindings(findings))
				}
				err := test.registry.CreateAll(t.Context(), d.DB)
				var failed *dovetail.QueryError
				if !errors.As(err, &failed) || failed.Op != "create" || failed.SQL == "" || !strings.Contains(err.Error(), "already exists") {
					t.Errorf("expected the database's error for what exists, got %v", err)
				}
			})
		})
	}
}
