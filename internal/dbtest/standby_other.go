//go:build !unix

package dbtest

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
)

// PostgresStandby ends the test: where no server program is run there is no standby.
func PostgresStandby(tb testing.TB) (primary, standby *pgxpool.Config) {
	tb.Helper()
	shared.missing(tb, standbyName, fmt.Errorf("%w: no standby here", errNoServer))
	return nil, nil
}
