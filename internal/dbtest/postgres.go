package dbtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	adminConns     = 2 // connections that create and drop schemas, for all tests of a process
	schemaTimeout  = 30 * time.Second
	releaseTimeout = 20 * time.Second // for connections that a cancelled statement gives back late: pgx allows itself 15 s
	maxIdent       = 63               // bytes of an identifier in PostgreSQL
)

// Postgres returns a pool whose search_path is a schema of this test's own, empty at first. At the end of the test
// the pool is closed and the schema dropped with everything in it; a connection that is still in use then fails the
// test. Calls with the same tb share the schema; a subtest's tb has another. Pools of several tests may be used at
// once. Without a server the test is skipped, or fails: see the package comment.
func Postgres(tb testing.TB) *pgxpool.Pool {
	tb.Helper()
	return shared.postgres(tb)
}

// PostgresConfig returns the configuration of [Postgres]'s pool, for a test that varies it, such as the query exec
// mode or the number of connections. Each call returns a new one, on the same schema for the same tb. Open it with
// [PostgresPool].
func PostgresConfig(tb testing.TB) *pgxpool.Config {
	tb.Helper()
	return shared.postgresConfig(tb)
}

// PostgresPool opens a pool that is closed at the end of the test; a connection that is still in use then fails the
// test.
func PostgresPool(tb testing.TB, cfg *pgxpool.Config) *pgxpool.Pool {
	tb.Helper()
	pool, err := pgxpool.NewWithConfig(context.Background(), cfg)
	if err != nil {
		tb.Fatalf("dbtest: cannot open a pool: %v", err)
	}
	tb.Cleanup(func() { closePool(tb, pool) })
	return pool
}

// PostgresAlone returns the configuration of a server that nothing else uses, whose user may do everything with it: a test may have it
// crash. It is started by the docker or the binary rung and stopped at the end of the test. Where neither serves, the test is skipped,
// or fails, as for [Postgres].
func PostgresAlone(tb testing.TB) *pgxpool.Config {
	tb.Helper()
	return shared.postgresAlone(tb)
}

func (h *harness) postgresAlone(tb testing.TB) *pgxpool.Config {
	tb.Helper()
	server, err := climbAlone(tb.Context(), h.getenv)
	if err != nil {
		h.missing(tb, postgresName, err)
	}
	tb.Cleanup(func() {
		if err := server.Stop(); err != nil {
			tb.Errorf("dbtest: cannot stop the server: %v", err)
		}
	})
	h.use(tb, postgresName)
	cfg, err := pgxpool.ParseConfig(server.URL)
	if err != nil {
		tb.Fatalf("dbtest: %v", err)
	}
	return cfg
}

func (h *harness) postgres(tb testing.TB) *pgxpool.Pool {
	tb.Helper()
	return PostgresPool(tb, h.postgresConfig(tb))
}

func (h *harness) postgresConfig(tb testing.TB) *pgxpool.Config {
	tb.Helper()
	server, admin, err := h.acquire()
	if err != nil {
		h.missing(tb, postgresName, err)
	}
	h.use(tb, postgresName)
	schema, err := h.schema(tb, admin)
	if err != nil {
		tb.Fatalf("dbtest: cannot create a schema: %v", err)
	}
	cfg, err := pgxpool.ParseConfig(server.URL)
	if err != nil {
		tb.Fatalf("dbtest: %v", err)
	}
	cfg.ConnConfig.RuntimeParams["search_path"] = schema
	return cfg
}

// schema returns the schema of tb, created by the first call.
func (h *harness) schema(tb testing.TB, admin *pgxpool.Pool) (string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if schema, ok := h.schemas[tb]; ok {
		return schema, nil
	}
	schema := schemaName(tb.Name())
	ctx, cancel := context.WithTimeout(h.ctx, schemaTimeout)
	defer cancel()
	if _, err := admin.Exec(ctx, "CREATE SCHEMA "+schema); err != nil {
		return "", err
	}
	h.schemas[tb] = schema
	tb.Cleanup(func() {
		h.mu.Lock()
		delete(h.schemas, tb)
		h.mu.Unlock()
		if err := dropSchema(admin, schema); err != nil {
			tb.Errorf("dbtest: cannot drop schema %q: %v", schema, err)
		}
	})
	return schema, nil
}

// schemaName returns a name that tells the test and needs no quotes. What is unique in it does not depend on the test's
// name, because several processes may run the same test on one server.
func schemaName(test string) string {
	name := strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToLower(test))
	unique := "_" + strings.ToLower(rand.Text()[:16])
	return "t_" + name[:min(len(name), maxIdent-len("t_")-len(unique))] + unique
}

// dropSchema gives up after a while: a statement that still holds locks would block it for ever.
func dropSchema(admin *pgxpool.Pool, schema string) error {
	ctx, cancel := context.WithTimeout(context.Background(), schemaTimeout)
	defer cancel()
	_, err := admin.Exec(ctx, "DROP SCHEMA "+schema+" CASCADE")
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("something still uses it: %w", err)
	}
	return err
}

// closePool closes a pool unless it would wait for ever for connections that were not given back.
func closePool(tb testing.TB, pool *pgxpool.Pool) {
	tb.Helper()
	deadline := time.Now().Add(releaseTimeout)
	for pool.Stat().AcquiredConns() > 0 {
		if time.Now().After(deadline) {
			tb.Errorf("dbtest: %d connections were not given back to the pool; close rows and end transactions",
				pool.Stat().AcquiredConns())
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	pool.Close()
}
