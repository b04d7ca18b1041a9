package sqlite_test

import (
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/dbtest"
)

// keyJoin returns the ordinal form over the columns of table t: "position:id" of every match.
func keyJoin(keys []dialect.Keys, columns ...string) dialect.Statement {
	types, on := make([]dialect.KeyType, len(keys)), make([]string, len(keys))
	for i, k := range keys {
		types[i].Kind = k.Kind
	}
	src := sqlite.Dialect.KeySource("keys", types)
	for i, c := range columns {
		on[i] = `"t"."` + c + `" = ` + src.Columns[i]
	}
	return stmt(fmt.Sprintf(`SELECT (%s - %d) || ':' || "t"."id" FROM %s JOIN "t" ON %s ORDER BY %s, "t"."id"`,
		src.Ord, src.First, src.From, strings.Join(on, " AND "), src.Ord), sqlite.Dialect.KeyArgs(keys)...)
}

func matches(t *testing.T, db *sqlite.DB, keys []dialect.Keys, columns ...string) string {
	t.Helper()
	return strings.Join(mustCollect(t, db, keyJoin(keys, columns...))[0], " ")
}

func texts(t ...string) dialect.Keys { return dialect.Keys{Kind: dialect.KeyText, Texts: t} }
func other(t ...string) dialect.Keys { return dialect.Keys{Kind: dialect.KeyOther, Texts: t} }
func ints(n ...int64) dialect.Keys   { return dialect.Keys{Kind: dialect.KeyInt, Ints: n} }

// made are keys whose texts were all made of the same.
func made(of dialect.KeyForm, t ...string) dialect.Keys {
	return dialect.Keys{Kind: dialect.KeyOther, Texts: t, Forms: slices.Repeat([]dialect.KeyForm{of}, len(t))}
}

func uuids(ids ...[16]byte) dialect.Keys { return dialect.Keys{Kind: dialect.KeyUUID, UUIDs: ids} }

var nasty = []string{
	"", " ", "a", "A", `a"b`, `a\b`, `\`, `\\`, `"`, "{", "}", "[1]", "a,b", "NULL", "null", "'", "'; --", "$1", "?",
	"ünï😀", "line\nbreak", "tab\t", "\x01\x1f", "\x7f", "\u2028", "a\x00b", "\x00", "\xff", "\xff\xfe", "a\xc3",
	"trail ", `\u0041`, "1", "01", `{"t":"61"}`, "true", `\x61`,
}

func TestKeysOfEveryType(t *testing.T) {
	t.Parallel()
	pool := dbtest.SQLite(t)
	db := sqlite.New(pool)
	utc := time.Date(2024, 2, 29, 8, 9, 10, 0, time.UTC)
	nano, day := utc.Add(123456789), time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)
	nanoRows := []any{nano, nano.Format(time.RFC3339Nano), nano.String(), nano.Format("2006-01-02 15:04:05.999999999")}
	nastyRows, nastyWant := make([]any, len(nasty)), make([]string, len(nasty))
	for i, s := range nasty {
		nastyRows[i], nastyWant[i] = s, fmt.Sprintf("%d:%d", i, i+1)
	}
	id := [16]byte(someID)
	for _, c := range []struct {
		typ  string
		rows []any
		keys dialect.Keys
		want string
	}{
		{"TEXT", nastyRows, texts(nasty...), strings.Join(nastyWant, " ")},
		{"BLOB", nastyRows, texts(nasty...), strings.Join(nastyWant, " ")},
		{"INTEGER", []any{7, -1, 1 << 40}, ints(1<<40, 7, 7, 1<<62), "0:3 1:1 2:1"},
		{"INTEGER", []any{int64(-1 << 63), int64(1<<63 - 1)}, ints(-1<<63, 1<<63-1), "0:1 1:2"},
		{"TEXT", []any{"7", "07", "x"}, ints(7), "0:1 0:2"}, // as in a join with an integer column
		{"", []any{7, "7"}, ints(7), "0:1 0:2"},
		{"INTEGER", []any{1, "x"}, texts("01", "x"), "0:1 1:2"}, // as in a join with a text column
		{"REAL", []any{1.5, 2, "x"}, texts("1.50", "2", "x"), "0:1 1:2 2:3"},
		{"NUMERIC", []any{1.5, 2, "x"}, texts("1.50", "2.0", "x"), "0:1 1:2 2:3"},
		{"", []any{1, "1", []byte("1"), "01"}, texts("1"), "0:2"},
		{"BLOB", []any{1, "1", []byte("1"), "01"}, texts("1"), "0:2"},
		{"TEXT", []any{1, "1", []byte("1"), "01"}, texts("1"), "0:1 0:2"},
		{"TEXT COLLATE NOCASE", []any{"abc", "ABC", "x"}, texts("Abc"), "0:1 0:2"},
		{"TEXT COLLATE RTRIM", []any{"ab  "}, texts("ab"), "0:1"},
		{"TEXT", []any{canonical, strings.ToUpper(canonical)}, uuids([16]byte{}, id), "1:1"},
		{"BLOB", []any{id[:], canonical, []byte(canonical)}, uuids(id, id), "0:1 0:2 1:1 1:2"},
		{"UUID", []any{canonical, id[:]}, uuids(id), "0:1 0:2"},
		{"TEXT", nanoRows, made(dialect.FormTime, nano.Format(time.RFC3339Nano)), "0:1 0:2 0:3 0:4"},
		{"TEXT", nanoRows, other(nano.Format(time.RFC3339Nano)), "0:2"},
		{"TIMESTAMP", []any{utc, utc.Format(time.RFC3339), utc.String(), utc.Unix(), "2024-02-29 08:09:10"},
			made(dialect.FormTime, "2023-01-01T00:00:00Z", utc.Format(time.RFC3339)), "1:1 1:2 1:3 1:4 1:5"},
		{"DATE", []any{day, "2024-02-29"}, made(dialect.FormTime, day.Format(time.RFC3339)), "0:1 0:2"},
		{"INTEGER", []any{utc.Unix()}, made(dialect.FormTime, utc.Format(time.RFC3339)), "0:1"},
		{"TEXT", []any{"0001-01-01T00:00:00Z BC"}, made(dialect.FormTime, "0001-01-01T00:00:00Z BC"), "0:1"},
		{"BLOB", []any{[]byte{0, 255}, []byte{}, "\\x"}, made(dialect.FormBytes, `\x00ff`, `\x`), "0:1 1:2"},
		{"BLOB", []any{[]byte{0, 255}, []byte{}, "\\x"}, other(`\x00ff`, `\x`), "1:3"},
		{"BOOLEAN", []any{true, false, "true"}, made(dialect.FormBool, "true", "false"), "0:1 1:2"},
		{"BOOLEAN", []any{true, false, "true"}, other("true", "false"), "0:3"},
		{"TEXT", []any{true, "true", "t"}, made(dialect.FormBool, "true"), "0:1"},
		{"TEXT", []any{canonical, id[:]}, made(dialect.FormUUID, canonical), "0:1 0:2"},
		{"TEXT", []any{canonical, id[:]}, other(canonical), "0:1"},
		{"REAL", []any{1.5, 2, 1e21}, other("1.5", "2", "1e+21"), "0:1 1:2 2:3"},
		{"NUMERIC", []any{1.5, 2, "2.0"}, other("1.50", "2"), "0:1 1:2 1:3"},
		{"TEXT", []any{"1.50", "1.5"}, other("1.50"), "0:1"}, // a decimal kept as text
		{"TEXT", nastyRows, other(nasty...), strings.Join(nastyWant, " ")},
	} {
		mustExec(t, pool, "DROP TABLE IF EXISTS t")
		mustExec(t, pool, "CREATE TABLE t (id INTEGER PRIMARY KEY, k "+c.typ+")")
		for _, r := range c.rows {
			mustExec(t, pool, "INSERT INTO t (k) VALUES (?)", r)
		}
		mustExec(t, pool, "INSERT INTO t (k) VALUES (NULL)")
		for range 2 { // without and with an index
			if got := matches(t, db, []dialect.Keys{c.keys}, "k"); got != c.want {
				t.Errorf("%s %v: got %s, want %s", c.typ, c.rows, got, c.want)
			}
			// The same among the columns of a composite key.
			one := ints()
			for range len(c.keys.Ints) + len(c.keys.Texts) + len(c.keys.UUIDs) {
				one.Ints = append(one.Ints, 1)
			}
			s := keyJoin([]dialect.Keys{one, c.keys}, "one", "k")
			s.SQL = strings.ReplaceAll(s.SQL, `JOIN "t"`, `JOIN (SELECT 1 AS one, * FROM t) AS "t"`)
			if got := strings.Join(mustCollect(t, db, s)[0], " "); got != c.want {
				t.Errorf("composite %s %v: got %s, want %s", c.typ, c.rows, got, c.want)
			}
			mustExec(t, pool, "CREATE INDEX IF NOT EXISTS ti ON t (k)")
		}
		empty := dialect.Keys{Kind: c.keys.Kind}
		if got := matches(t, db, []dialect.Keys{empty}, "k"); got != "" {
			t.Errorf("%s: no keys match %s", c.typ, got)
		}
	}
}

func TestTextKeysMatchAsInSQL(t *testing.T) {
	t.Parallel()
	pool := dbtest.SQLite(t)
	db := sqlite.New(pool)
	mustExec(t, pool, "CREATE TABLE t (id INTEGER PRIMARY KEY, k TEXT)")
	bytes := rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom(nasty), bytes)
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOfN(text, 1, 5).Draw(t, "keys")
		mustRapid(t, pool, "DELETE FROM t")
		var want []string
		for i, k := range keys {
			mustRapid(t, pool, "INSERT INTO t VALUES (?, ?)", i+1, k)
		}
		for i, a := range keys {
			for j, b := range keys {
				if a == b {
					want = append(want, strconv.Itoa(i)+":"+strconv.Itoa(j+1))
				}
			}
		}
		got, err := collect(db, keyJoin([]dialect.Keys{texts(keys...)}, "k"))
		if err != nil || strings.Join(got[0], " ") != strings.Join(want, " ") {
			t.Fatalf("%q: got %v, want %v (%v)", keys, got, want, err)
		}
	})
}

func mustRapid(t *rapid.T, pool *sql.DB, statement string, args ...any) {
	if _, err := pool.Exec(statement, args...); err != nil {
		t.Fatal(err)
	}
}

func TestCompositeKeys(t *testing.T) {
	t.Parallel()
	pool := dbtest.SQLite(t)
	db := sqlite.New(pool)
	mustExec(t, pool, "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b TEXT COLLATE NOCASE, c BLOB, d BLOB)")
	id := [16]byte(someID)
	mustExec(t, pool, "INSERT INTO t (a, b, c, d) VALUES (1, 'x', ?, ?), (1, 'X', ?, ?), (2, 'x', ?, ?), (1, 'x', ?, NULL)",
		id[:], canonical, canonical, id[:], id[:], id[:], id[:])
	keys := []dialect.Keys{ints(1, 9, 2), texts("x", "x", "X"), uuids(id, id, id), uuids(id, id, id)}
	if got := matches(t, db, keys, "a", "b", "c", "d"); got != "0:1 0:2 2:3" {
		t.Errorf("got %s", got)
	}
}

func TestManyKeys(t *testing.T) {
	t.Parallel()
	const n = manyKeys
	pool := dbtest.SQLite(t)
	db := sqlite.New(pool)
	mustExec(t, pool, "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b TEXT, c TEXT)")
	mustExec(t, pool, "INSERT INTO t VALUES (1, 7, 'k7', '00000007-0000-0000-0000-000000000000')")
	i, s, u := ints(make([]int64, n)...), texts(make([]string, n)...), uuids(make([][16]byte, n)...)
	for j := range n {
		i.Ints[j], s.Texts[j] = int64(j), "k"+strconv.Itoa(j)
		u.UUIDs[j] = [16]byte{byte(j >> 24), byte(j >> 16), byte(j >> 8), byte(j)}
	}
	for column, keys := range map[string]dialect.Keys{"a": i, "b": s, "c": u} {
		if got := matches(t, db, []dialect.Keys{keys}, column); got != "7:1" {
			t.Errorf("%s: got %s", column, got)
		}
	}
}

// TestKeysUseIndex checks the plans that make the ordinal form fast: the keys are gone through once and looked up in
// the table's index, also when statistics say that the table is small; without an index the keys get one.
func TestKeysUseIndex(t *testing.T) {
	t.Parallel()
	pool := dbtest.SQLite(t)
	mustExec(t, pool, "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b TEXT, c UUID, d TIMESTAMP, e BLOB, "+
		"n INTEGER, m TEXT, o VARCHAR(9) COLLATE NOCASE)")
	mustExec(t, pool, "CREATE INDEX ta ON t (a); CREATE INDEX tb ON t (b); CREATE INDEX tc ON t (c);"+
		"CREATE INDEX td ON t (d); CREATE INDEX te ON t (e); CREATE INDEX tab ON t (a, b)")
	cases := []struct {
		statement dialect.Statement
		want      string
	}{
		{keyJoin([]dialect.Keys{ints(1)}, "id"), "SEARCH t USING INTEGER PRIMARY KEY (rowid=?)"},
		{keyJoin([]dialect.Keys{ints(1)}, "a"), "(a=?)"},
		{keyJoin([]dialect.Keys{texts("x")}, "b"), "(b=?)"},
		{keyJoin([]dialect.Keys{uuids(someID)}, "c"), "(c=?)"},
		{keyJoin([]dialect.Keys{uuids(someID)}, "e"), "(e=?)"},
		{keyJoin([]dialect.Keys{made(dialect.FormTime, "2024-02-29T00:00:00Z")}, "d"), "(d=?)"},
		{keyJoin([]dialect.Keys{ints(1), texts("x")}, "a", "b"), "tab (a=? AND b=?)"},
		{keyJoin([]dialect.Keys{ints(1)}, "n"), "SEARCH keys USING AUTOMATIC"},
		{keyJoin([]dialect.Keys{texts("x")}, "m"), "SEARCH keys USING AUTOMATIC"},
		{keyJoin([]dialect.Keys{texts("x")}, "o"), "USING AUTOMATIC"},
		{keyJoin([]dialect.Keys{texts("x"), texts("x")}, "m", "o"), "USING AUTOMATIC"},
		{keyJoin([]dialect.Keys{ints(1), texts("x")}, "n", "m"), "SEARCH keys USING AUTOMATIC"},
	}
	for _, rows := range []int{0, 20} {
		mustExec(t, pool, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "+
			"INSERT INTO t SELECT i, i, i, i, i, i, i, i, i FROM n WHERE ? > 0", rows, rows)
		mustExec(t, pool, "ANALYZE")
		for _, c := range cases {
			if got := explain(t, pool, c.statement); !strings.Contains(got, c.want) || strings.Count(got, "json_each") > 1 {
				t.Errorf("%d rows: %s\n%s\nwant %s", rows, c.statement.SQL, got, c.want)
			}
		}
	}
}

// inOrder is the ordinal form in the order of the table, as preloads are.
func inOrder(keys []dialect.Keys, columns ...string) dialect.Statement {
	s := keyJoin(keys, columns...)
	types := make([]dialect.KeyType, len(keys))
	for i, k := range keys {
		types[i].Kind = k.Kind
	}
	order := "ORDER BY " + sqlite.Dialect.KeySource("keys", types).Sort + `"t"."id"`
	s.SQL = strings.ReplaceAll(s.SQL, `ORDER BY "keys"."keysord", "t"."id"`, order)
	return s
}

// TestKeysWithoutIndex: where the table has no index and its order is asked for, SQLite makes an index of the keys, or one of the
// table, rather than go through all of the keys for each row.
func TestKeysWithoutIndex(t *testing.T) {
	t.Parallel()
	pool := dbtest.SQLite(t)
	mustExec(t, pool, "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b TEXT, c VARCHAR(9) COLLATE NOCASE, d, "+
		"e UUID, f TIMESTAMP, g REAL, h BLOB)")
	cases := []struct {
		statement dialect.Statement
		want      string
	}{
		{inOrder([]dialect.Keys{ints(1)}, "a"), "SEARCH keys USING AUTOMATIC"},
		{inOrder([]dialect.Keys{texts("x")}, "b"), "SEARCH keys USING AUTOMATIC"},
		{inOrder([]dialect.Keys{texts("x")}, "c"), "SEARCH keys USING AUTOMATIC"},
		{inOrder([]dialect.Keys{texts("x")}, "d"), "SEARCH keys USING AUTOMATIC"},
		{inOrder([]dialect.Keys{texts("x"), texts("x")}, "b", "c"), "SEARCH keys USING AUTOMATIC"},
		{inOrder([]dialect.Keys{texts("1")}, "a"), "SEARCH t USING AUTOMATIC"},
		{inOrder([]dialect.Keys{uuids(someID)}, "b"), "SEARCH t USING AUTOMATIC"},
		{inOrder([]dialect.Keys{uuids(someID)}, "e"), "SEARCH t USING AUTOMATIC"},
		{inOrder([]dialect.Keys{uuids(someID)}, "h"), "USING AUTOMATIC"},
		{inOrder([]dialect.Keys{made(dialect.FormTime, "2024-02-29T00:00:00Z")}, "f"), "SEARCH t USING AUTOMATIC"},
		{inOrder([]dialect.Keys{other("1.5")}, "g"), "SEARCH t USING AUTOMATIC"},
		{inOrder([]dialect.Keys{texts("x"), uuids(someID)}, "b", "e"), "USING AUTOMATIC"},
	}
	mustExec(t, pool, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) "+
		"INSERT INTO t SELECT i, i, i, i, i, i, i, i, i FROM n")
	for _, statistics := range []string{"no", "exact"} {
		for _, c := range cases {
			if got := explain(t, pool, c.statement); !strings.Contains(got, c.want) || strings.Count(got, "json_each") > 1 {
				t.Errorf("%s statistics: %s\n%s\nwant %s", statistics, c.statement.SQL, got, c.want)
			}
		}
		mustExec(t, pool, "ANALYZE")
	}
}
