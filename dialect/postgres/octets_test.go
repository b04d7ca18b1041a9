package postgres_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
)

type document []byte

// TestBytesMeanTheSameInEveryMode: beside a text they are that text, beside bytes these bytes, beside a UUID that.
func TestBytesMeanTheSameInEveryMode(t *testing.T) {
	t.Parallel()
	const id = "abcd0000-0000-0000-0000-000000000001"
	raw := string([]byte{0xab, 0xcd, 15: 1})
	ddl := "CREATE TABLE octets (t text, b bytea, u uuid, j jsonb);\n"
	for _, text := range []string{"a", "d\u00e9", "", "it's", `{"a": 1}`} {
		ddl += fmt.Sprintf("INSERT INTO octets (t, b) VALUES ('%s', '\\x%x');\n", strings.ReplaceAll(text, "'", "''"), text)
	}
	ddl += fmt.Sprintf(`INSERT INTO octets (b) VALUES ('\x%x'), ('\x%x'), ('\x00'); INSERT INTO octets (u) VALUES ('%s'); INSERT INTO octets (j) VALUES ('{"a": 1}')`,
		`a\b`, raw, id)
	cases := []struct {
		column, value string
		found         int // -1: it is refused
	}{
		{"t", "a", 1},
		{"t", "d\u00e9", 1},
		{"t", "", 1},
		{"t", "it's", 1},
		{"t", "none", 0},
		{"b", "a", 1},
		{"b", "d\u00e9", 1},
		{"b", "", 1},
		{"b", "it's", 1},
		{"b", `a\b`, 1},
		{"b", raw, 1},
		{"b", "\x00", 1},
		{"u", id, 1},
		{"u", strings.ToUpper(id), 1},
		{"u", "{" + id + "}", 1},
		{"u", "abc", -1},
		{"u", raw + "1234", -1},
		{"j", `{"a": 1}`, 1},
	}
	everyWay(t, ddl, func(t *testing.T, db *postgres.DB) {
		if strings.HasSuffix(t.Name(), "/tx") {
			return // which a refusal of the server ends
		}
		for _, c := range cases {
			b := []byte(c.value)
			for _, v := range []any{b, &b, document(b), sql.Null[[]byte]{V: b, Valid: true}, [][]byte{b, nil}, [][]byte{nil, b}} {
				text := "SELECT 'found' FROM octets WHERE " + c.column + " = $1"
				if _, list := v.([][]byte); list {
					text = "SELECT 'found' FROM octets WHERE " + c.column + " = ANY($1)"
				}
				got, err := collect(db, stmt(text, v))
				refused := err != nil && postgres.Dialect.Failure(err).Kind == dialect.FailureValue
				if c.found < 0 && !refused || c.found >= 0 && (err != nil || len(got[0]) != c.found) {
					t.Errorf("%s with %q, a %T: got %v and %v", c.column, c.value, v, got, err)
				}
			}
		}
		if got := mustCollect(t, db, stmt("SELECT 'null' WHERE $1::bytea IS NULL", []byte(nil))); len(got[0]) != 1 {
			t.Errorf("expected no bytes to be NULL, got %v", got)
		}
	})
}
