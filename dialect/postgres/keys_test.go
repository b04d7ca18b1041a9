package postgres_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/dbtest"
)

// number replaces the `?` of fragments by placeholders. No fragment here holds another question mark.
func number(sql string) string {
	parts := strings.Split(sql, "?")
	for i := range parts[1:] {
		parts[i] += "$" + strconv.Itoa(i+1)
	}
	return strings.Join(parts, "")
}

// lookUp asks for the types of columns and sets them on the kinds given.
func lookUp(t *testing.T, db *postgres.DB, cols []dialect.ColumnRef, kinds []dialect.KeyKind) []dialect.KeyType {
	t.Helper()
	s, ok := db.Dialect().KeyTypes(cols)
	if !ok {
		t.Fatal("no statement")
	}
	types := make([]dialect.KeyType, len(cols))
	for i := range types {
		types[i].Kind = kinds[i]
	}
	err := db.Run(context.Background(), []dialect.Statement{s}, func(_ int, rows dialect.Rows) error {
		for rows.Next() {
			var pos int
			var k dialect.KeyType
			if err := rows.Scan(&pos, &k.SQL, &k.Collation, &k.Bytewise, &k.Stored); err != nil {
				return err
			}
			k.Kind = types[pos].Kind
			types[pos] = k
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return types
}

// matches runs the ordinal form, and returns "position:id" of every match, sorted.
func matches(
	db *postgres.DB, table string, columns []string, types []dialect.KeyType, keys []dialect.Keys,
) (string, error) {
	src := db.Dialect().KeySource("keys", types)
	on := make([]string, len(columns))
	for i, c := range columns {
		on[i] = c + " = " + src.Columns[i]
	}
	sql := fmt.Sprintf("SELECT (%s - %d) || ':' || id FROM %s JOIN %s ON %s ORDER BY %s, id",
		src.Ord, src.First, src.From, table, strings.Join(on, " AND "), src.Ord)
	got, err := collect(db, stmt(number(sql), db.Dialect().KeyArgs(keys)...))
	return strings.Join(got[0], " "), err
}

// members runs SQL that tests column k of the table, and returns the ids that match.
func members(db *postgres.DB, table, test string, args []any) (string, error) {
	got, err := collect(db, stmt(number("SELECT id::text FROM "+table+" WHERE k "+test+" ORDER BY "+table+".id"), args...))
	return strings.Join(got[0], " "), err
}

type keyCase struct {
	typ      string // of column k
	rows     []string
	keys     dialect.Keys
	want     string // matches of the ordinal form, rows counted from 1
	in       string // ids that the plain form finds
	bytewise bool   // whether the member form is used
}

func texts(t ...string) dialect.Keys { return dialect.Keys{Kind: dialect.KeyText, Texts: t} }
func other(t ...string) dialect.Keys { return dialect.Keys{Kind: dialect.KeyOther, Texts: t} }
func ints(n ...int64) dialect.Keys   { return dialect.Keys{Kind: dialect.KeyInt, Ints: n} }

var nasty = []string{
	"", " ", "a", "A", `a"b`, `a\b`, `\`, `"`, "{", "}", "{a,b}", "a,b", "NULL", "null", "'", "it''s", "'; --", "$1", "?",
	"ünï😀", "line\nbreak", "tab\t", " lead", "trail ", "\u200b", "(", "E'x'",
}

func keyCases() []keyCase {
	id := [16]byte{0x12, 0x3e, 0x45, 0x67, 0xe8, 0x9b, 0x12, 0xd3, 0xa4, 0x56, 0x42, 0x66, 0x14, 0x17, 0x40, 0}
	uuids := dialect.Keys{Kind: dialect.KeyUUID, UUIDs: [][16]byte{{}, id}}
	ids := []string{"123e4567-e89b-12d3-a456-426614174000"}
	dates := other("2024-02-29T00:00:00Z", "0001-01-01T00:00:00Z BC")
	nastyCase := keyCase{typ: "text", rows: nasty, keys: texts(nasty...), bytewise: true}
	for i := range nasty {
		nastyCase.want += fmt.Sprintf(" %d:%d", i, i+1)
		nastyCase.in += fmt.Sprintf(" %d", i+1)
	}
	nastyCase.want, nastyCase.in = nastyCase.want[1:], nastyCase.in[1:]
	return []keyCase{
		nastyCase,
		{"int2", []string{"7", "-1"}, ints(1<<40, 7, 7), "1:1 2:1", "1", true},
		{"int4", []string{"7", "-1"}, ints(1<<40, 7, -1), "1:1 2:2", "1 2", true},
		{"int8", []string{"1099511627776", "7"}, ints(1 << 40), "0:1", "1", true},
		{"numeric", []string{"7.00", "7.5"}, ints(7), "0:1", "1", true},
		{"int4", []string{"7", "8"}, other("7", "1099511627776"), "0:1", "", false},
		{"uuid", ids, uuids, "1:1", "1", true},
		{"uuid", ids, other("{123E4567E89B12D3A456426614174000}"), "0:1", "1", false},
		{"varchar(10)", []string{"a", "A"}, texts("A", "x"), "0:2", "2", true},
		{`text COLLATE "C"`, []string{"a", "A"}, texts("A", "x"), "0:2", "2", true},
		{"text COLLATE ci", []string{"abc", "ABC", "x"}, texts("Abc"), "0:1 0:2", "1 2", false},
		{"char(5)", []string{"ab", "cd"}, texts("ab   ", "cd"), "0:1 1:2", "1 2", false},
		{"name", []string{"ab"}, texts("ab"), "0:1", "1", false},
		{"mood", []string{"so so", `very "bad"`}, texts(`very "bad"`), "0:2", "2", false},
		{"dom", []string{"a", "b"}, texts("b", "not allowed in the domain"), "0:2", "2", true},
		{"domdom", []string{"a", "b"}, texts("A"), "0:1", "1", false},
		{"numeric(10,2)", []string{"1.5", "2"}, other("1.500", "2"), "0:1 1:2", "1 2", false},
		{"float8", []string{"0.1", "Infinity", "NaN"}, other("0.1", "Infinity", "NaN"), "0:1 1:2 2:3", "1 2 3", false},
		{"float4", []string{"0.1"}, other("0.1"), "0:1", "1", false},
		{"timestamptz", []string{"2024-02-29 10:00:00.123456+02"}, other("2024-02-29T08:00:00.123456Z"), "0:1", "1", false},
		{"timestamp", []string{"2024-02-29 08:00:00"}, other("2024-02-29T08:00:00Z"), "0:1", "1", false},
		{"date", []string{"2024-02-29", "0001-01-01 BC"}, dates, "0:1 1:2", "1 2", false},
		{"bytea", []string{`\x00ff5c22`, `\x`}, other(`\x00ff5c22`, `\x`), "0:1 1:2", "1 2", false},
		{"bool", []string{"true", "false"}, other("false"), "0:2", "2", false},
		{"inet", []string{"10.0.0.1", "::1"}, other("::1", "10.0.0.1/32"), "0:2 1:1", "1 2", false},
	}
}

const keyTypesDDL = `
CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TYPE mood AS ENUM ('so so', 'very "bad"');
CREATE DOMAIN dom AS text CHECK (length(VALUE) < 3);
CREATE DOMAIN ci_dom AS text COLLATE ci;
CREATE DOMAIN domdom AS ci_dom;`

func TestKeysOfEveryTypeInEveryMode(t *testing.T) {
	t.Parallel()
	cases := keyCases()
	ddl := keyTypesDDL
	for i, c := range cases {
		ddl += fmt.Sprintf("\nCREATE TABLE t%d (id serial, k %s);", i, c.typ)
		for _, r := range c.rows {
			ddl += fmt.Sprintf("\nINSERT INTO t%d (k) VALUES ('%s');", i, strings.ReplaceAll(r, "'", "''"))
		}
		ddl += fmt.Sprintf("\nINSERT INTO t%d (k) VALUES (NULL);", i)
	}
	everyWay(t, ddl, func(t *testing.T, db *postgres.DB) {
		refs, kinds := make([]dialect.ColumnRef, len(cases)), make([]dialect.KeyKind, len(cases))
		for i, c := range cases {
			refs[i], kinds[i] = dialect.ColumnRef{Table: fmt.Sprintf("t%d", i), Column: "k"}, c.keys.Kind
		}
		types := lookUp(t, db, refs, kinds)
		for i, c := range cases {
			checkKeys(t, db, refs[i].Table, types[i], c)
		}
	})
}

// TestCitextKeys creates the extension in a transaction that is rolled back, because a database can have it only once.
func TestCitextKeys(t *testing.T) {
	t.Parallel()
	c := keyCase{"citext", []string{"abc", "ABC", "x"}, texts("Abc"), "0:1 0:2", "1 2", false}
	ctx := context.Background()
	for _, mode := range modes {
		cfg := dbtest.PostgresConfig(t)
		cfg.ConnConfig.DefaultQueryExecMode = mode
		tx, err := dbtest.PostgresPool(t, cfg).Begin(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tx.Rollback(ctx) }()
		for _, ddl := range []string{"CREATE EXTENSION IF NOT EXISTS citext", "CREATE TABLE t (id serial, k citext)",
			"INSERT INTO t (k) VALUES ('abc'), ('ABC'), ('x')"} {
			if _, err := tx.Exec(ctx, ddl); err != nil {
				t.Skipf("citext cannot be tried: %v", err)
			}
		}
		db := postgres.New(tx)
		ref := dialect.ColumnRef{Table: "t", Column: "k"}
		checkKeys(t, db, "t", lookUp(t, db, []dialect.ColumnRef{ref}, []dialect.KeyKind{dialect.KeyText})[0], c)
		if err := tx.Rollback(ctx); err != nil {
			t.Error(err)
		}
	}
}

func checkKeys(t *testing.T, db *postgres.DB, table string, typ dialect.KeyType, c keyCase) {
	t.Helper()
	d, keys := db.Dialect(), []dialect.Keys{c.keys}
	if got, err := matches(db, table, []string{"k"}, []dialect.KeyType{typ}, keys); err != nil || got != c.want {
		t.Errorf("%s: keys match %q, want %q (%v); type %+v", c.typ, got, c.want, err, typ)
	}
	if c.in != "" {
		f, err := d.In(nil, c.keys, false)
		if err != nil {
			t.Error(err)
		}
		if got, err := members(db, table, f.SQL, f.Args); err != nil || got != c.in {
			t.Errorf("%s: in %q, want %q (%v)", c.typ, got, c.in, err)
		}
		if f, err = d.In(nil, c.keys, true); err != nil {
			t.Error(err)
		}
		want := without(len(c.rows), c.in)
		if got, err := members(db, table, f.SQL, f.Args); err != nil || got != want {
			t.Errorf("%s: not in %q, want %q (%v)", c.typ, got, want, err)
		}
	}
	sql, ok := d.KeyMember(typ)
	if ok != c.bytewise {
		t.Errorf("%s: member form %v, want %v; type %+v", c.typ, ok, c.bytewise, typ)
	}
	if ok {
		if got, err := members(db, table, sql, d.KeyArgs(keys)); err != nil || got != c.in {
			t.Errorf("%s: members %q, want %q (%v)", c.typ, got, c.in, err)
		}
	}
	empty := dialect.Keys{Kind: c.keys.Kind}
	got, err := matches(db, table, []string{"k"}, []dialect.KeyType{typ}, []dialect.Keys{empty})
	if err != nil || got != "" {
		t.Errorf("%s: no keys match %q (%v)", c.typ, got, err)
	}
}

// without returns the numbers from 1 to n that are not in the list.
func without(n int, list string) string {
	var rest []string
	for i := 1; i <= n; i++ {
		if !slices.Contains(strings.Fields(list), strconv.Itoa(i)) {
			rest = append(rest, strconv.Itoa(i))
		}
	}
	return strings.Join(rest, " ")
}

func TestCompositeKeys(t *testing.T) {
	t.Parallel()
	everyWay(t, keyTypesDDL+`
CREATE TABLE t (id int, a int4, b text COLLATE ci, c uuid DEFAULT '00000000-0000-0000-0000-000000000000');
INSERT INTO t VALUES (1, 1, 'x'), (2, 1, 'X'), (3, 2, 'x');`,
		func(t *testing.T, db *postgres.DB) {
			ref := dialect.ColumnRef{Table: "t", Column: "b"}
			b := lookUp(t, db, []dialect.ColumnRef{ref}, []dialect.KeyKind{dialect.KeyText})[0]
			types := []dialect.KeyType{{Kind: dialect.KeyInt}, b, {Kind: dialect.KeyUUID}}
			keys := []dialect.Keys{ints(1, 2, 9), texts("x", "X", "x"), {Kind: dialect.KeyUUID, UUIDs: make([][16]byte, 3)}}
			got, err := matches(db, "t", []string{"a", "b", "c"}, types, keys)
			if want := "0:1 0:2 1:3"; err != nil || got != want {
				t.Errorf("got %q, want %q (%v)", got, want, err)
			}
		})
}

func TestManyKeys(t *testing.T) {
	t.Parallel()
	const n = 200_000
	db := postgres.New(dbtest.Postgres(t))
	if _, err := collect(db, stmt("CREATE TABLE t AS SELECT 1 AS id, 7 AS a, 'k7' AS b, "+
		"'00000007-0000-0000-0000-000000000000'::uuid AS c")); err != nil {
		t.Fatal(err)
	}
	keys := []dialect.Keys{
		{Kind: dialect.KeyInt, Ints: make([]int64, n)},
		{Kind: dialect.KeyText, Texts: make([]string, n)},
		{Kind: dialect.KeyUUID, UUIDs: make([][16]byte, n)},
	}
	for i := range n {
		keys[0].Ints[i], keys[1].Texts[i] = int64(i), "k"+strconv.Itoa(i)
		keys[2].UUIDs[i] = [16]byte{byte(i >> 24), byte(i >> 16), byte(i >> 8), byte(i)}
	}
	for i, column := range []string{"a", "b", "c"} {
		typ := dialect.KeyType{Kind: keys[i].Kind, SQL: "text", Bytewise: true}
		got, err := matches(db, "t", []string{column}, []dialect.KeyType{typ}, keys[i:i+1])
		if err != nil || got != "7:1" {
			t.Errorf("%s: got %q (%v)", column, got, err)
		}
		member, _ := db.Dialect().KeyMember(typ)
		sql := number("SELECT id::text FROM t WHERE " + column + " " + member)
		if got := mustCollect(t, db, stmt(sql, db.Dialect().KeyArgs(keys[i:i+1])...)); fmt.Sprint(got) != "[[1]]" {
			t.Errorf("%s: got %v", column, got)
		}
	}
}

func TestKeyTypes(t *testing.T) {
	t.Parallel()
	cfg := dbtest.PostgresConfig(t)
	schema := cfg.ConnConfig.RuntimeParams["search_path"]
	everyWay(t, keyTypesDDL+`
CREATE DOMAIN price AS numeric(4, 1); CREATE DOMAIN inner_price AS price;
CREATE TABLE "We""ird ?" ("Col'umn" text, "gone" int, i int4, d dom, c text COLLATE ci, e mood, p char(5), v varchar(9), n inner_price);
ALTER TABLE "We""ird ?" DROP COLUMN "gone";
CREATE VIEW view AS SELECT * FROM "We""ird ?";
CREATE TABLE pg_class (c int);`,
		func(t *testing.T, db *postgres.DB) {
			ref := func(column string) dialect.ColumnRef { return dialect.ColumnRef{Table: `We"ird ?`, Column: column} }
			of := func(column string) dialect.ColumnRef {
				return dialect.ColumnRef{Table: "pg_class", Query: `SELECT p, d, c, e, i, v FROM "We""ird ?"`, Column: column}
			}
			cols := []dialect.ColumnRef{
				ref("Col'umn"), ref("gone"), ref("i"), ref("d"), ref("c"), ref("e"), ref("p"), ref("v"), ref("nowhere"),
				{Table: "nowhere", Column: "i"}, {Schema: schema, Table: "view", Column: "c"},
				{Schema: "no schema", Table: "view", Column: "c"},
				{Table: "we\"ird ?", Column: "i"}, ref("ctid"), ref("i"),
				of("p"), of("d"), of("c"), of("e"), of("i"), of("v"), ref("n"),
			}
			ci := schema + ".ci"
			want := []dialect.KeyType{
				{SQL: "text", Bytewise: true, Stored: "text"}, {}, {SQL: "bigint", Stored: "integer"}, {SQL: "text", Bytewise: true, Stored: "text"},
				{SQL: "text", Collation: ci, Stored: "text"},
				{SQL: "mood", Stored: "mood"}, {SQL: "bpchar", Stored: "character(5)"},
				{SQL: "character varying", Bytewise: true, Stored: "character varying(9)"}, {},
				{}, {SQL: "text", Collation: ci, Stored: "text"},
				{},
				{}, {}, {SQL: "bigint", Stored: "integer"},
				{SQL: "bpchar", Stored: "bpchar"}, {SQL: "text", Bytewise: true, Stored: "text"}, {SQL: "text", Collation: "ci", Stored: "text"},
				{SQL: "mood", Stored: "mood"}, {SQL: "bigint", Stored: "integer"},
				{SQL: "character varying", Bytewise: true, Stored: "character varying"}, {SQL: "numeric", Stored: "numeric(4,1)"},
			}
			got := lookUp(t, db, cols, make([]dialect.KeyKind, len(cols)))
			for i := range cols {
				if got[i] != want[i] {
					t.Errorf("%+v: got %+v, want %+v", cols[i], got[i], want[i])
				}
			}
		})
	if _, ok := postgres.Dialect.KeyTypes(nil); ok {
		t.Error("a statement for no columns")
	}
}

// Many integers are the same integers in all modes, and what the text does not cast to an array of them is left to pgx.
func TestManyIntegers(t *testing.T) {
	many := []int64{math.MinInt64, math.MaxInt64}
	for i := range int64(30) {
		many = append(many, i*i-100)
	}
	texts := make([]string, len(many))
	for i, n := range many {
		texts[i] = strconv.FormatInt(n, 10)
	}
	want := strings.Join(texts, ",")
	everyWay(t, "", func(t *testing.T, db *postgres.DB) {
		got := mustCollect(t, db, stmt("SELECT array_to_string($1::bigint[], ',') || ';' || array_to_string($2::bigint[], ',')", many, many[:1]))
		if expected := fmt.Sprint([][]string{{want + ";" + texts[0]}}); fmt.Sprint(got) != expected {
			t.Errorf("got %v, want %v", got, expected)
		}
		got = mustCollect(t, db, stmt("SELECT array_to_string($1::numeric[], ',')", many))
		if expected := fmt.Sprint([][]string{{want}}); fmt.Sprint(got) != expected {
			t.Errorf("numerics: got %v, want %v", got, expected)
		}
	})
}
