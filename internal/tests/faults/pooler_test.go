package faults_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// TestTrap_M9_PoolerBetweenProgramAndServer writes and reads from many goroutines through a pgbouncer that gives each transaction one of two
// connections, in the modes that keep nothing on a connection.
func TestTrap_M9_PoolerBetweenProgramAndServer(t *testing.T) {
	t.Parallel()
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheDescribe, exec, simple} {
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			d := kit.Pgbouncer(t, mode, ledgerDDL)
			var said told
			var ids atomic.Int64
			var workers sync.WaitGroup
			for w := range uint64(16) {
				workers.Go(func() {
					r := rand.New(rand.NewPCG(w, 9))
					for range kit.Sized(20, 4) {
						id := ids.Add(1)
						err := dovetail.Insert(entries, &entry{ID: id, Lines: twoLines()}).With("lines").Exec(t.Context(), d.DB)
						if err != nil {
							t.Error(err)
						}
						said.add(id, err)
						asked := 1 + r.Int64N(id)
						q := dovetail.Select(entries).Preload("lines")
						if r.IntN(2) == 0 {
							q = q.Snapshot()
						}
						row, err := q.Get(t.Context(), d.DB, asked)
						if errors.Is(err, dovetail.ErrNoRows) {
							continue // another worker inserts it
						}
						if err != nil || row.ID != asked || len(row.Lines) != linesOf {
							t.Errorf("expected entry %d and its lines, got %+v and %v", asked, row, err)
						}
					}
				})
			}
			workers.Wait()
			said.check(t, d.DB)
		})
	}
}

// TestPreparedStatementsBehindAPooler: in the mode that pgx has by itself the server refuses what it did not prepare, and the error says
// what to set.
func TestPreparedStatementsBehindAPooler(t *testing.T) {
	t.Parallel()
	d := kit.Pgbouncer(t, cached, ledgerDDL)
	var said told
	var refused atomic.Int64
	var workers sync.WaitGroup
	var ids atomic.Int64
	for range 8 {
		workers.Go(func() {
			for range 20 {
				id := ids.Add(1)
				err := dovetail.Insert(entries, &entry{ID: id, Lines: twoLines()}).With("lines").Exec(t.Context(), d.DB)
				said.add(id, err)
				var answer *pgconn.PgError
				if !errors.As(err, &answer) || answer.Code != "26000" && answer.Code != "42P05" {
					continue
				}
				refused.Add(1)
				if !strings.Contains(err.Error(), "pooler") || !strings.Contains(err.Error(), "default_query_exec_mode=exec") {
					t.Errorf("expected what to set, got %v", err)
				}
			}
		})
	}
	workers.Wait()
	if refused.Load() == 0 {
		t.Error("expected statements that the pooler's connections do not know")
	}
	said.check(t, d.DB)
}
