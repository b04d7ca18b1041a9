//go:build unix

package dbtest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// PostgresStandby returns the configurations of a server of the test's own and of a hot standby that follows it, in a schema of their
// own. What is committed on the primary is seen on the standby at once. Both are run by the binary rung, whatever rung serves other tests:
// a container has the programs, and nobody who could start a second server from the first one's data in it. Where no server program is
// installed, the test is skipped, or fails if DOVETAIL_TEST_REQUIRE names standby.
func PostgresStandby(tb testing.TB) (primary, standby *pgxpool.Config) {
	tb.Helper()
	return shared.standby(tb)
}

func (h *harness) standby(tb testing.TB) (primary, standby *pgxpool.Config) {
	tb.Helper()
	ctx := tb.Context()
	if _, err := serverDir(ctx); err != nil {
		h.missing(tb, standbyName, fmt.Errorf("%w: %w", errNoServer, err))
	}
	b, first, err := runBinary(ctx, "synchronous_standby_names='*'") // for which sessions with remote_apply wait
	if err != nil {
		tb.Fatalf("dbtest: %v", err)
	}
	tb.Cleanup(func() {
		if err := first.Stop(); err != nil {
			tb.Errorf("dbtest: cannot stop the primary and its standby: %v", err)
		}
	})
	second, err := b.follow(ctx, first)
	if err != nil {
		tb.Fatalf("dbtest: cannot make a standby: %v", err)
	}
	schema := schemaName(tb.Name())
	if err := createSchema(ctx, first, schema); err != nil {
		tb.Fatalf("dbtest: cannot create a schema: %v", err)
	}
	h.use(tb, standbyName)
	parse := func(server *Server) *pgxpool.Config {
		cfg, err := pgxpool.ParseConfig(server.URL)
		if err != nil {
			tb.Fatalf("dbtest: %v", err)
		}
		cfg.ConnConfig.RuntimeParams["search_path"] = schema
		return cfg
	}
	primary, standby = parse(first), parse(second)
	primary.ConnConfig.RuntimeParams["synchronous_commit"] = "remote_apply"
	return primary, standby
}

// follow starts a server that streams what the first one writes.
func (b *binary) follow(ctx context.Context, first *Server) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	u, err := url.Parse(first.URL)
	if err != nil {
		return nil, err
	}
	password, _ := u.User.Password()
	if err := b.run(ctx, "pg_basebackup", "-d", first.URL, "-D", "standby", "-R", "-X", "stream", "-c", "fast", "--no-sync"); err != nil {
		return nil, err
	}
	return b.serve(ctx, "standby", password)
}

// createSchema makes a schema which the standby has too when it returns.
func createSchema(ctx context.Context, primary *Server, schema string) error {
	conn, err := pgx.Connect(ctx, primary.URL)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "SET synchronous_commit = remote_apply; CREATE SCHEMA "+schema)
	return errors.Join(err, conn.Close(ctx))
}
