package postgres_test

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/dbtest"
)

// TestAWriteOfTooManyArgumentsIsNotSent: nobody need ask whether it happened, and a transaction goes on. The simple protocol counts none.
func TestAWriteOfTooManyArgumentsIsNotSent(t *testing.T) {
	t.Parallel()
	const n = 65536
	args := make([]any, n)
	for i := range args {
		args[i] = int64(i)
	}
	long := dialect.Statement{SQL: "DELETE FROM m WHERE id IN (" + placeholders(n) + ")", Args: args}
	short := dialect.Statement{SQL: "DELETE FROM m WHERE id = $1", Args: args[:1]}
	for _, mode := range modes {
		pool := poolOfOne(t, mode)
		ctx, db := t.Context(), postgres.New(pool)
		if _, err := pool.Exec(ctx, "DROP TABLE IF EXISTS m; CREATE TABLE m (id BIGINT)"); err != nil {
			t.Fatal(err)
		}
		send := func(db dialect.DB, stmts ...dialect.Statement) error {
			return db.Run(ctx, stmts, func(_ int, rows dialect.Rows) error { return rows.Err() })
		}
		for _, stmts := range [][]dialect.Statement{{long}, {short, long}} {
			err := db.InTx(ctx, dialect.TxOptions{}, func(tx dialect.DB) error {
				refused(t, mode, len(stmts), send(tx, stmts...))
				return send(tx, short)
			})
			if err != nil {
				t.Errorf("%s: %v", mode, err)
			}
			refused(t, mode, len(stmts), send(db, stmts...))
		}
	}
}

func placeholders(n int) string {
	var b []byte
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		b = postgres.Dialect.AppendPlaceholder(b, i+1)
	}
	return string(b)
}

func refused(t *testing.T, mode pgx.QueryExecMode, n int, err error) {
	t.Helper()
	if mode == pgx.QueryExecModeSimpleProtocol {
		if err != nil {
			t.Errorf("%s: %v", mode, err)
		}
		return
	}
	var failed *dialect.StatementError
	if !errors.As(err, &failed) || failed.Index != n-1 || errors.Is(err, dialect.ErrCommitUnknown) || !errors.Is(err, dialect.ErrUnsupported) ||
		!strings.Contains(err.Error(), "65536 placeholders") || !strings.Contains(err.Error(), "sq.Eq") {
		t.Errorf("%s: statement %d: expected it to be refused with the way out, got %v", mode, n, err)
	}
}

// TestAWriteOnAConnectionThatSendsNothing: of one that is closed, or busy with other rows, it is known that nothing happened.
func TestAWriteOnAConnectionThatSendsNothing(t *testing.T) {
	t.Parallel()
	stmt := dialect.Statement{SQL: "DELETE FROM c WHERE id = $1", Args: []any{int64(1)}}
	for _, mode := range modes {
		cfg, ctx := dbtest.PostgresConfig(t), t.Context()
		cfg.ConnConfig.DefaultQueryExecMode = mode
		conn, err := pgx.ConnectConfig(ctx, cfg.ConnConfig)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(ctx, "CREATE TABLE IF NOT EXISTS c (id BIGINT)"); err != nil {
			t.Fatal(err)
		}
		db := postgres.New(conn)
		send := func(n int) error {
			stmts := []dialect.Statement{stmt, stmt}[:n]
			return db.Run(ctx, stmts, func(_ int, rows dialect.Rows) error { return rows.Err() })
		}
		if err := send(1); err != nil { // it is prepared
			t.Fatal(err)
		}
		rows, err := conn.Query(ctx, "SELECT generate_series(1, 3)")
		if err != nil {
			t.Fatal(err)
		}
		busy := [2]error{send(1), send(2)}
		rows.Close()
		if err := conn.Close(ctx); err != nil {
			t.Fatal(err)
		}
		for _, err := range append(busy[:], send(1), send(2)) {
			if err == nil || errors.Is(err, dialect.ErrCommitUnknown) {
				t.Errorf("%s: expected an error that tells that nothing happened, got %v", mode, err)
			}
		}
	}
}

// refusing is a value that its type refuses.
type refusing struct{ text string }

type refusal struct{ of *refusing }

func (*refusal) Error() string { return "out of its range" }

func (r *refusing) Value() (driver.Value, error) { return nil, &refusal{r} }

// TestTheErrorOfAValuerIsTold: in every mode, of one statement and of several, of a value and of one in a list or a sql.Null. What pgx says
// around it shows the value.
func TestTheErrorOfAValuerIsTold(t *testing.T) {
	t.Parallel()
	given := &refusing{"secret"}
	for _, mode := range modes {
		pool := poolOfOne(t, mode)
		ctx, db := t.Context(), postgres.New(pool)
		if _, err := pool.Exec(ctx, "DROP TABLE IF EXISTS v; CREATE TABLE v (id BIGINT, t TEXT, l TEXT[])"); err != nil {
			t.Fatal(err)
		}
		good := dialect.Statement{SQL: "INSERT INTO v (id, t) VALUES ($1, $2)", Args: []any{int64(1), "a"}}
		for _, c := range []struct {
			column string
			arg    any
			typed  bool // alone
		}{
			{"t", given, false}, {"t", sql.Null[*refusing]{V: given, Valid: true}, false}, {"l", []*refusing{given}, true},
		} {
			bad := dialect.Statement{SQL: "INSERT INTO v (id, " + c.column + ") VALUES ($1, $2)", Args: []any{int64(2), c.arg}}
			for _, stmts := range [][]dialect.Statement{{bad}, {good, bad}} {
				err := db.Run(ctx, stmts, func(_ int, rows dialect.Rows) error { return rows.Err() })
				var failed *dialect.StatementError
				var own *refusal
				if !errors.As(err, &failed) || errors.Is(err, dialect.ErrCommitUnknown) || strings.Contains(err.Error(), "secret") {
					t.Errorf("%s: %T: expected it to be refused without its value, got %v", mode, c.arg, err)
				}
				if untyped := mode == pgx.QueryExecModeExec || mode == pgx.QueryExecModeSimpleProtocol; untyped && c.typed {
					continue
				}
				if !errors.As(err, &own) || !strings.Contains(err.Error(), "argument 2") || !strings.Contains(err.Error(), "fails: out of its range") {
					t.Errorf("%s: %T: %d statements: expected what the Valuer says, got %v", mode, c.arg, len(stmts), err)
				}
			}
		}
	}
}
