//go:build unix

package dbtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// pgbouncerScript runs the program $1 with the configuration $2 until its input ends, which it does when the test process
// closes it or dies in whatever way.
const pgbouncerScript = `"$1" -q "$2" >/dev/null 2>&1 </dev/null &
pid=$!
cat >/dev/null
kill -9 $pid`

// Pgbouncer changes the configuration of [PostgresConfig] to lead through a pgbouncer of the test's own, which gives a transaction one of
// two connections to the server. It ends with the test. Where the program is not installed, the test is skipped, or fails if
// DOVETAIL_TEST_REQUIRE names pgbouncer.
func Pgbouncer(tb testing.TB, cfg *pgxpool.Config) {
	tb.Helper()
	shared.pgbouncer(tb, cfg)
}

func (h *harness) pgbouncer(tb testing.TB, cfg *pgxpool.Config) {
	tb.Helper()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		h.missing(tb, pgbouncerName, fmt.Errorf("%w: %w", errNoServer, err))
	}
	dir, err := os.MkdirTemp("", "dovetail-pgbouncer-")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	port, err := startPgbouncer(tb, program, dir, cfg.ConnConfig)
	if err != nil {
		tb.Fatalf("dbtest: %s: %v", program, err)
	}
	cfg.ConnConfig.Host, cfg.ConnConfig.Port, cfg.ConnConfig.Fallbacks = "127.0.0.1", port, nil
	cfg.ConnConfig.RuntimeParams = map[string]string{} // which it does not pass on
}

func startPgbouncer(tb testing.TB, program, dir string, to *pgx.ConnConfig) (uint16, error) {
	var err error
	for range portTries {
		var port string
		if port, err = freePort(); err != nil {
			return 0, err
		}
		file := filepath.Join(dir, "pgbouncer.ini")
		if err = os.WriteFile(file, []byte(pgbouncerSettings(port, to)), 0o600); err != nil {
			return 0, err
		}
		cmd := exec.Command("/bin/sh", "-c", pgbouncerScript, "sh", program, file)
		cmd.Env = environ()
		if os.Getuid() == 0 { // as which it does not run
			user, err := unprivileged()
			if err != nil {
				return 0, err
			}
			if err := errors.Join(os.Chown(dir, int(user.Uid), int(user.Gid)), os.Chown(file, int(user.Uid), int(user.Gid))); err != nil {
				return 0, err
			}
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: user}
		}
		alive, pipeErr := cmd.StdinPipe()
		if pipeErr != nil {
			return 0, pipeErr
		}
		if err := cmd.Start(); err != nil {
			return 0, err
		}
		stop := func() { _, _ = alive.Close(), cmd.Wait() }
		if err = answers(tb.Context(), port); err == nil {
			tb.Cleanup(stop)
			n, err := strconv.ParseUint(port, 10, 16)
			return uint16(n), err
		}
		stop()
	}
	return 0, err
}

// answers waits until somebody listens on the port.
func answers(ctx context.Context, port string) error {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	for {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", port))
		if err == nil {
			return conn.Close()
		}
		if ctx.Err() != nil {
			return err
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// pgbouncerSettings is its configuration. What a connection to the server begins with is said to the server here, for it comes from
// the pooler and not from the client.
func pgbouncerSettings(port string, to *pgx.ConnConfig) string {
	quoted := func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
	_, address := pgconn.NetworkAddress(to.Host, to.Port)
	host := to.Host
	if h, _, err := net.SplitHostPort(address); err == nil {
		host = h
	}
	var begins []string
	for name, value := range to.RuntimeParams {
		begins = append(begins, "SELECT set_config("+quoted(name)+", "+quoted(value)+", false)")
	}
	return fmt.Sprintf(`[databases]
%s = host=%s port=%d dbname=%s user=%s password=%s connect_query=%s
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %s
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
max_client_conn = 200
`, to.Database, host, to.Port, to.Database, quoted(to.User), quoted(to.Password), quoted(strings.Join(begins, "; ")), port)
}
