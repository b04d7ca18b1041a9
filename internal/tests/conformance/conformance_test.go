package conformance_test

import (
	"slices"
	"testing"

	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

func conformanceCases() []kit.Case {
	return slices.Concat(
		relationCases(),
		preloadCases(),
		treeCases(), treeLinkCases(), followCases(),
		limitCases(),
		graphCases(),
		loadCases(),
		joinCases(),
		queryCases(),
		singleCases(),
		countCases(),
		predicateCases(),
		subqueryCases(),
		existsCases(),
		nameCases(),
		aliasCases(),
		adviceCases(),
		onceCases(),
		refusalCases(),
		collectCases(),
		fetchCases(),
	)
}

// TestConformance runs every case on PostgreSQL through a pool, a connection and a transaction, and on SQLite through a
// pool and a transaction.
func TestConformance(t *testing.T) {
	t.Parallel()
	kit.RunCases(t, models.DDL(t), conformanceCases())
}

// TestConformanceCasesHaveNamesOfTheirOwn keeps a case from hiding behind another's name.
func TestConformanceCasesHaveNamesOfTheirOwn(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, c := range conformanceCases() {
		if seen[c.Name] {
			t.Errorf("two cases are named %q", c.Name)
		}
		seen[c.Name] = true
	}
	if len(seen) < 70 {
		t.Errorf("expected at least 70 cases, got %d", len(seen))
	}
}
