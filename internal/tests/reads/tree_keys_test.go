package reads_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/dbtest"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
	"github.com/dovetail-go/dovetail/internal/tests/models/keyed"
)

// Trees by keys of other types: the database alone tells which of them are equal.

type coded[K any] struct {
	ID    int64
	Code  K
	Up    *K
	Above *coded[K]
	Below []*coded[K]
}

// treeKey is a type of key of which row n has code n, and is above the row with up n+1.
type treeKey struct {
	name, code, up string // the types of the columns
	codes, ups     []string
	check          func(t *testing.T, d kit.Database)
}

// ddl makes five rows, each below the one before it.
func (k treeKey) ddl() string {
	b := strings.Builder{}
	fmt.Fprintf(&b, "CREATE TABLE coded (id BIGINT NOT NULL, code %s PRIMARY KEY, up %s);", k.code, k.up)
	for i, code := range k.codes {
		up := "NULL"
		if i > 0 {
			up = k.ups[i-1]
		}
		fmt.Fprintf(&b, "INSERT INTO coded (id, code, up) VALUES (%d, %s, %s);", i+1, code, up)
	}
	return b.String()
}

// treeKeysAgree loads the rows by keys of type K down and up, once told apart by those keys and once by others.
func treeKeysAgree[K any](t *testing.T, d kit.Database) {
	for _, key := range []string{"code", "id"} {
		r := dovetail.NewRegistry()
		table := dovetail.NewTable[coded[K]](r, "coded", dovetail.PrimaryKey(key))
		dovetail.HasMany(table, "below", table, dovetail.ForeignKey("up"), dovetail.References("code"), dovetail.Inverse("above"))
		id := func(c *coded[K]) string { return strconv.FormatInt(c.ID, 10) }
		all := func(q dovetail.Query[*coded[K]]) []*coded[K] { return kit.All(t, d.DB, q.OrderBy("id")) }
		q := dovetail.Select(table)
		first, last := q.Where("id = ?", 1), q.Where("id = ?", 5)
		below := func(c *coded[K]) []*coded[K] { return c.Below }
		kit.Equal(t, key+" down", models.DrawnAll(all(first.PreloadTree("below", 0)), id, below), "1(2(3(4(5))))")
		kit.Equal(t, key+" down 3", models.DrawnAll(all(first.PreloadTree("below", 3)), id, below), "1(2(3(4?)))")
		kit.Equal(t, key+" all", models.DrawnAll(all(q.PreloadTree("below", 1)), id, below), "1(2?) 2(3?) 3(4?) 4(5?) 5")
		row := all(last.PreloadTree("above", 0))[0]
		for want := int64(5); want > 0; want-- {
			if row == nil || row.ID != want {
				t.Fatalf("%s up: expected row %d, got %v", key, want, row)
			}
			row = row.Above
		}
		kit.Equal(t, key+" the top", row, (*coded[K])(nil))
	}
	d.Exec(t, "UPDATE coded SET up = (SELECT c.code FROM coded AS c WHERE c.id = 5) WHERE id = 1")
	r := dovetail.NewRegistry()
	table := dovetail.NewTable[coded[K]](r, "coded", dovetail.PrimaryKey("code"))
	dovetail.HasMany(table, "below", table, dovetail.ForeignKey("up"), dovetail.Inverse("above"))
	_, err := dovetail.Select(table).PreloadTree("below", 0).All(t.Context(), d.DB)
	kit.Refused(t, err, dovetail.ErrCycle, "code ")
}

func quotedAll(texts ...string) []string {
	quoted := make([]string, 0, len(texts))
	for _, t := range texts {
		quoted = append(quoted, keyed.Quoted(t))
	}
	return quoted
}

func treeKeys() (both, onPostgres, onSQLite []treeKey) {
	words := quotedAll("Root", "a'b", "ü", "", "x")
	other := quotedAll("ROOT", "A'B", "Ü", "", "X")
	ascii, otherASCII := quotedAll("Root", "a'b", "c", "", "x"), quotedAll("ROOT", "A'B", "C", "", "X")
	numbers := []string{"1", "-2", "300", "0", "7"}
	var uuids, blobs []string
	for i := range 5 {
		id := keyed.UUIDKey(i).String()
		uuids = append(uuids, keyed.Quoted(id))
		blobs = append(blobs, "x'"+strings.ReplaceAll(id, "-", "")+"'")
	}
	both = []treeKey{
		{"text", "TEXT", "TEXT", words, words, treeKeysAgree[string]},
		{"int of two widths", "SMALLINT", "BIGINT", numbers, numbers, treeKeysAgree[int64]},
		{"uuid", "UUID", "UUID", uuids, uuids, treeKeysAgree[uuid.UUID]},
		{"uuid as bytes", "UUID", "UUID", uuids, uuids, treeKeysAgree[[16]byte]},
		{"uuid as text", "UUID", "UUID", uuids, uuids, treeKeysAgree[string]},
		{"numeric", "NUMERIC", "NUMERIC", numbers, []string{"1.0", "-2.00", "3e2", "0.0", "7"}, treeKeysAgree[float64]},
	}
	onPostgres = []treeKey{
		{"collation", "TEXT COLLATE ci", "TEXT COLLATE ci", words, other, treeKeysAgree[string]},
		{"collation of the key", "TEXT COLLATE ci", "TEXT", words, other, treeKeysAgree[string]},
		{"collation of the rows", "VARCHAR(9)", "TEXT COLLATE ci", words, other, treeKeysAgree[string]},
		{"varchar", "VARCHAR(9)", "VARCHAR(4)", words, words, treeKeysAgree[string]},
		{"char", "CHAR(5)", "CHAR(7)", words, words, treeKeysAgree[string]},
		{"domain", "dom", "TEXT", words, words, treeKeysAgree[string]},
	}
	onSQLite = []treeKey{
		{"collation", "TEXT COLLATE NOCASE", "TEXT COLLATE NOCASE", ascii, otherASCII, treeKeysAgree[string]},
		{"uuid in bytes", "BLOB", "BLOB", blobs, blobs, treeKeysAgree[uuid.UUID]},
		{"numbers in text", "INTEGER", "TEXT", numbers, numbers, treeKeysAgree[int64]},
	}
	return both, onPostgres, onSQLite
}

func TestTreesOfKeysOfEveryType(t *testing.T) {
	t.Parallel()
	both, postgresOnly, sqliteOnly := treeKeys()
	const types = `CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE DOMAIN dom AS TEXT CHECK (length(VALUE) < 20);`
	for _, k := range append(both, postgresOnly...) {
		t.Run("postgres/"+k.name, func(t *testing.T) {
			t.Parallel()
			k.check(t, kit.PostgresPool(t, types+k.ddl()))
		})
	}
	for _, k := range append(both, sqliteOnly...) {
		t.Run("sqlite/"+k.name, func(t *testing.T) {
			t.Parallel()
			k.check(t, kit.SQLiteDB(t, k.ddl()))
		})
	}
}

// TestTreesOfCitextKeys creates the extension in a transaction that is rolled back, because a database can have it only
// once.
func TestTreesOfCitextKeys(t *testing.T) {
	t.Parallel()
	tx, err := dbtest.Postgres(t).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background()) //nolint:errcheck // the test is over
	if _, err := tx.Exec(t.Context(), "CREATE EXTENSION IF NOT EXISTS citext"); err != nil {
		t.Skipf("citext cannot be tried: %v", err)
	}
	k := treeKey{code: "citext", up: "citext", codes: quotedAll("Root", "a", "b", "c", "d"), ups: quotedAll("ROOT", "A", "B", "C", "D")}
	treeKeysAgree[string](t, kit.ViaConn(t, tx.Conn(), postgres.New(tx), "postgres/tx", k.ddl()))
}
