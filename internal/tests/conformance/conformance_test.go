package conformance_test

import (
	"slices"
	"testing"

	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// The suite that every database passes, on each kind of connection. Here are the clauses of queries and trees; package
// relations has the kinds of relations, values the types of columns, writes what is written along relations. They are
// packages of their own for the compiler's sake: each struct with a table of its own costs it some hundred functions.

// TestConformance runs every case on PostgreSQL through a pool, a connection and a transaction, and on SQLite through a
// pool and a transaction.
func TestConformance(t *testing.T) {
	t.Parallel()
	kit.RunCases(t, models.DDL(t), slices.Concat(
		preloadCases(),
		treeCases(), treeLinkCases(), followCases(),
		graphCases(),
		loadCases(),
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
		togetherCases(),
		pageCases(),
	))
}
