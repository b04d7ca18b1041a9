package postgres_test

import (
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
)

// TestATextWithAZeroByteIsNotSent: in no mode, so that what the database holds is known, and a transaction goes on.
func TestATextWithAZeroByteIsNotSent(t *testing.T) {
	t.Parallel()
	type named string
	text := "a\x00b"
	for _, mode := range modes {
		pool := poolOfOne(t, mode)
		ctx, db := t.Context(), postgres.New(pool)
		if _, err := pool.Exec(ctx, "DROP TABLE IF EXISTS z; CREATE TABLE z (t TEXT, l TEXT[], j JSONB, b BYTEA)"); err != nil {
			t.Fatal(err)
		}
		insert := func(db dialect.DB, column string, arg any) error {
			s := dialect.Statement{SQL: "INSERT INTO z (" + column + ") VALUES ($1)", Args: []any{arg}}
			return db.Run(ctx, []dialect.Statement{s}, func(_ int, rows dialect.Rows) error { return rows.Err() })
		}
		for _, c := range []struct {
			column string
			arg    any
		}{
			{"t", text}, {"t", &text}, {"t", named(text)}, {"t", sql.NullString{String: text, Valid: true}}, {"l", []string{"a", text}}, {"j", json.RawMessage("\"\x00\"")},
		} {
			err := insert(db, c.column, c.arg)
			var failed *dialect.StatementError
			if !errors.As(err, &failed) || failed.Unknown || errors.Is(err, dialect.ErrCommitUnknown) || !strings.Contains(err.Error(), "argument 1 is text with a zero byte") {
				t.Errorf("%s: %T: expected it to be refused, got %v", mode, c.arg, err)
			}
			if f := postgres.Dialect.Failure(err); f.Kind != dialect.FailureValue || strings.Contains(f.Text, "\x00") {
				t.Errorf("%s: %T: expected a value that is refused, got %+v", mode, c.arg, f)
			}
			err = db.InTx(ctx, dialect.TxOptions{}, func(tx dialect.DB) error {
				if err := insert(tx, c.column, c.arg); err == nil {
					t.Errorf("%s: %T: expected it to be refused in a transaction", mode, c.arg)
				}
				return insert(tx, "t", "kept")
			})
			if err != nil {
				t.Errorf("%s: %T: %v", mode, c.arg, err)
			}
		}
		for _, arg := range []any{[]byte(text), []byte{0}} {
			if err := insert(db, "b", arg); err != nil {
				t.Errorf("%s: bytes: %v", mode, err)
			}
		}
	}
}

// TestAParameterWithoutATypeIsSaid where the server has nothing to tell it by.
func TestAParameterWithoutATypeIsSaid(t *testing.T) {
	t.Parallel()
	for _, mode := range modes {
		db := postgres.New(poolOfOne(t, mode))
		_, err := collect(db, dialect.Statement{SQL: "SELECT 'a' WHERE $1 IS NULL", Args: []any{nil}, Reads: true})
		untyped := mode != pgx.QueryExecModeSimpleProtocol // which sends a literal
		if untyped != (err != nil && strings.Contains(err.Error(), "write the type, as in CAST(? AS text)")) {
			t.Errorf("%s: expected to be told of CAST %t, got %v", mode, untyped, err)
		}
		if _, err := collect(db, dialect.Statement{SQL: "SELECT 'a' WHERE CAST($1 AS text) IS NULL", Args: []any{nil}, Reads: true}); err != nil {
			t.Errorf("%s: with a type: %v", mode, err)
		}
	}
}

// TestBytesBesideJSON: they are the document that they spell, in every mode.
func TestBytesBesideJSON(t *testing.T) {
	t.Parallel()
	for _, mode := range modes {
		pool := poolOfOne(t, mode)
		if _, err := pool.Exec(t.Context(), "DROP TABLE IF EXISTS z; CREATE TABLE z (j JSON, b JSONB)"); err != nil {
			t.Fatal(err)
		}
		db := postgres.New(pool)
		for _, column := range []string{"j", "b"} {
			text := "INSERT INTO z (" + column + ") VALUES ($1)"
			for _, arg := range []any{"[1]", json.RawMessage("[1]"), []byte("[1]")} {
				if _, err := collect(db, stmt(text, arg)); err != nil {
					t.Errorf("%s: %s: %T: %v", mode, column, arg, err)
				}
			}
		}
	}
}
