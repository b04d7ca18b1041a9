package postgres

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// TestUnanswered: what the server says of a write that failed tells whether it may have happened all the same.
func TestUnanswered(t *testing.T) {
	t.Parallel()
	fatal := func(code string) error {
		return fmt.Errorf("exec: %w", &pgconn.PgError{Code: code, SeverityUnlocalized: "FATAL"})
	}
	for _, c := range []struct {
		err  error
		want bool
	}{
		{io.ErrUnexpectedEOF, true}, // the connection was lost
		{errors.New("anything"), true},
		{pgx.ErrTxCommitRollback, false},
		{pgx.ErrTxClosed, false},
		{&pgconn.PgError{Code: "23505", SeverityUnlocalized: "ERROR"}, false}, // refused
		{&pgconn.PgError{Code: "57014", SeverityUnlocalized: "ERROR"}, false}, // canceled
		{&pgconn.PgError{Code: "40003", SeverityUnlocalized: "ERROR"}, true},  // statement completion unknown
		{&pgconn.PgError{Code: "08006", SeverityUnlocalized: "ERROR"}, true},  // connection failure
		{fatal("57P01"), true},                                                // admin shutdown
		{fatal("57P02"), true},                                                // crash shutdown
		{fatal("25P03"), false},                                               // idle in transaction for too long
		{fatal("25P04"), false},                                               // a transaction that took too long
		{fatal("57P05"), false},                                               // an idle session
		{fatal("XX000"), true},
	} {
		if got := unanswered(c.err); got != c.want {
			t.Errorf("%v: expected %v, got %v", c.err, c.want, got)
		}
	}
}
