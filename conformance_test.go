package dovetail_test

import (
	"slices"
	"strings"
	"testing"
)

// conformanceCase is one promise about the rows that a call returns and the statements it sends. All cases of a setting
// share its tables, so that none may change them for good.
type conformanceCase struct {
	name string
	run  func(t *testing.T, d database)
}

func conformanceCases() []conformanceCase {
	return slices.Concat(
		relationCases(),
		preloadCases(),
		treeCases(),
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
		refusalCases(),
		collectCases(),
		fetchCases(),
	)
}

// TestConformance runs every case on PostgreSQL through a pool, a connection and a transaction, and on SQLite through a
// pool and a transaction.
func TestConformance(t *testing.T) {
	t.Parallel()
	runCases(t, conformanceDDL(t), conformanceCases())
}

// runCases runs the cases on both databases by pool, connection and transaction.
func runCases(t *testing.T, ddl string, cases []conformanceCase) {
	t.Helper()
	onEvery(t, ddl, func(t *testing.T, d database) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				if strings.HasSuffix(d.name, "/tx") { // a statement that fails must not fail the cases after it
					d.exec(t, "SAVEPOINT conformance")
					defer d.exec(t, "ROLLBACK TO SAVEPOINT conformance")
				}
				c.run(t, d.forgetful())
			})
		}
	})
}

// TestConformanceCasesHaveNamesOfTheirOwn keeps a case from hiding behind another's name.
func TestConformanceCasesHaveNamesOfTheirOwn(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, c := range conformanceCases() {
		if seen[c.name] {
			t.Errorf("two cases are named %q", c.name)
		}
		seen[c.name] = true
	}
	if len(seen) < 70 {
		t.Errorf("expected at least 70 cases, got %d", len(seen))
	}
}

// conformanceDDL is the text that makes the tables of all cases.
func conformanceDDL(tb testing.TB) string {
	return readings(tb) + keyedDDL() + compositeDDL + notesDDL + worldDDL + treeDDL
}
