//go:build !unix

package dbtest

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Pgbouncer is for unix.
func Pgbouncer(tb testing.TB, _ *pgxpool.Config) {
	tb.Helper()
	shared.missing(tb, pgbouncerName, fmt.Errorf("%w: no pgbouncer here", errNoServer))
}
