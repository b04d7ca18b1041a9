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

// PostgresStandby returns the configurations of a server and of a hot standby that follows it, which the tests of a process share, in a schema of
// the test's own. What is committed on the primary is seen on the standby at once. Both are run by the binary rung, whatever rung serves other tests:
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
	servers, err := h.follow()
	if err != nil {
		tb.Fatalf("dbtest: cannot make a standby: %v", err)
	}
	schema := schemaName(tb.Name())
	if err := createSchema(ctx, servers.primary, schema); err != nil {
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
	primary, standby = parse(servers.primary), parse(servers.standby)
	primary.ConnConfig.RuntimeParams["synchronous_commit"] = "remote_apply"
	return primary, standby
}

// follow returns the server and its standby of this process, which the first call starts.
func (h *harness) follow() (pair, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.ctx == nil:
		return pair{}, errors.New("no databases outside of dbtest.Main; call it in the package's TestMain")
	case h.pair.primary != nil:
		return h.pair, nil
	}
	b, primary, err := runBinary(h.ctx, "synchronous_standby_names='*'") // for which sessions with remote_apply wait
	if err != nil {
		return pair{}, err
	}
	standby, err := b.follow(h.ctx, primary)
	if err != nil {
		return pair{}, errors.Join(err, primary.Stop())
	}
	h.pair = pair{primary, standby}
	return h.pair, nil
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
