package sqltext_test

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/dovetail-go/dovetail/internal/dbtest"
	"github.com/dovetail-go/dovetail/internal/sqltext"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// tables are what the texts of this file may name. The column u is there for the operator & beside its name.
const tables = `
CREATE TYPE pair AS (x int, y int);
CREATE TABLE t (a int, b int, u int, a$1 int, größe int, note text, data jsonb, arr int[], words tsvector, q tsquery,
	p pair);`

// prepare has the server parse an expression over the table t and returns how many parameters it found.
func prepare(ctx context.Context, conn *pgx.Conn, text string) (int, string, error) {
	parsed, err := sqltext.Parse(text)
	if err != nil {
		return 0, "", err
	}
	sql := "SELECT " + write(parsed, "?") + " FROM t"
	statement, err := conn.Prepare(ctx, "", sql)
	if err != nil {
		return 0, sql, err
	}
	return len(statement.ParamOIDs), sql, nil
}

// postgresTexts are expressions with the number of parameters that the server must see in them.
var postgresTexts = []struct {
	text string
	want int
}{
	{`1`, 0},
	{`?::int`, 1},
	{`a = ?`, 1},
	{`a=?`, 1},
	{`a=-?::int`, 1},
	{`a = ? AND b = ? OR a IN (?,?,?)`, 5},
	{`t.a = ? AND t.b = ?`, 2},
	{`t . a = ?`, 1},
	{"t -- ?\n. /* ? */ a = ?", 1},
	{`a = $1 OR b = $1`, 1},
	{`a = $2 OR b = $1`, 2},
	{`a = $01`, 1},
	{`a$1 = ?`, 1},
	{`t.a$1 = $1`, 1},
	{`größe = ? AND t.größe = ?`, 2},
	{`'?'`, 0},
	{`'it''s ?' = ?`, 1},
	{`note = 'a.b ?' OR note = ?`, 1},
	{`'\' = ?`, 1},
	{`E'\'?' = ?`, 1},
	{`e'\'?' = ?`, 1},
	{`E'\\' = ?`, 1},
	{`E'''?' = ?`, 1},
	{"E'a'\n'\\'?' = ?", 1},
	{"E'a' -- '\n '\\'?' = ?", 1},
	{"E'a'\r -- '\r '\\'?' = ?", 1},
	{"'a'\n'\\' = ?", 1},
	{`U&'?\0061' = ?`, 1},
	{`U&'!0061?' UESCAPE '!' = ?`, 1},
	{`B'1' = ? AND x'1F' = ? AND N'?' = ?`, 3},
	{`"t"."a" = ?`, 1},
	{`t."a" = ? AND "t".b = ?`, 2},
	{`U&"\0061" = ?`, 1},
	{`$$ ? 'a.b $1 $$ = ?`, 1},
	{`$tag$ ? $tag$ = ?`, 1},
	{`$tag$ $$ ? $TAG$ $tag$ = ?`, 1},
	{`$a$ $b$a$ = ?`, 1},
	{`$é1$ ? $é1$ = ?`, 1},
	{`?=$$?$$`, 1},
	{`a = ? -- ?`, 1},
	{"a = -- ?\n ?", 1},
	{"a = -- ?\r ?", 1},
	{`a = /* ? */ ?`, 1},
	{`a = /* /* ? */ ? */ ?`, 1},
	{`a = /*/*/**/*/*/ ?`, 1},
	{`a = 4//* ? */?`, 1},
	{`a - -?::int`, 1},
	{`a > 1.5 AND a > 1e5 AND a > .5 AND a > 1.e5 AND a > ?`, 1},
	{`t.a::text = ?`, 1},
	{`?::pg_catalog.int4 = a`, 1},
	{`a :: pg_catalog.text = ?`, 1},
	{`arr[1] = ?`, 1},
	{`t.arr[t.a] = ? AND t.arr[t.a : t.b] = ?`, 2},
	{`(t.p).x = ? AND (p).y = ?`, 2},
	{`data ?? 'k'`, 0},
	{`data ?? ?`, 1},
	{`data ??| ? AND data ??& ?`, 2},
	{`data ??| array['?', ?]`, 1},
	{`data @?? ?`, 1},
	{`data->'?'->>? = ?`, 2},
	{`t.words @@ t.q AND words @@ ?`, 1},
	{`u & t.a = ?`, 1},
	{`u& t.a = ?`, 1},
	{`t.u&a = ?`, 1},
	{`pg_catalog.lower(t.note) = ?`, 1},
	{`pg_catalog.lower /* ( */ (t.note) = ?`, 1},
	{`a IN (SELECT s.a FROM t AS s WHERE s.b = ? AND t.b = ?)`, 2},
	{`count(t.*) > ?`, 1},
	{`count /* */ (*) > ? AND sum(t.a) > ?`, 2},
	{`count(DISTINCT t.a) > ?`, 1},
	{`string_agg(t.note, '?') = ?`, 1},
}

// TestPostgresCountsTheSameParameters has the server parse each text with names quoted and placeholders numbered.
func TestPostgresCountsTheSameParameters(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	conn, release := mustConn(t)
	defer release()
	for _, c := range postgresTexts {
		got, sql, err := prepare(ctx, conn, c.text)
		if err != nil {
			t.Errorf("%q, sent as %q: %v", c.text, sql, err)
			continue
		}
		parsed, err := sqltext.Parse(c.text)
		if err != nil {
			t.Fatal(err)
		}
		if mine := max(parsed.Placeholders, parsed.Numbered); got != c.want || mine != c.want {
			t.Errorf("%q, sent as %q: the server counts %d, Parse %d, want %d", c.text, sql, got, mine, c.want)
		}
	}
}

// TestPostgresAgreesOnTextPutTogether has the server parse random rows of tokens, so that a token whose end is found in
// the wrong place swallows or splits another.
func TestPostgresAgreesOnTextPutTogether(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	conn, release := mustConn(t)
	defer release()
	items := []string{
		`?=a`, `a=?`, `?::int`, `-?::int`, `a/?`, `'?'`, `'it''s'`, `'\'`, `E'\'?'`, `e'\\'`, `U&'?'`, `N'?'`, `B'1'`,
		`$$?'$$`, `$a$ ? $$ $a$`, "E'a'\n'\\'?'", "'a'\n'\\'", `"note"`, `t.a`, `t."a"`, `a$1`, `t.a$1`, `größe`, `t.a*t.b`,
		`1.5`, `.5`, `1.e5`, `t.arr[1]`, `(t.p).x`, `t.a::pg_catalog.text`, `pg_catalog.lower(t.note)`, `data ?? '?'`,
	}
	spaces := []string{``, ` `, "\n", "\t\r\n", "--?'\n", "-- $$ \"\r", `/*?'*/`, `/* /* ? */ $$ " */`}
	const seed = 20240607
	r := rand.New(rand.NewPCG(seed, seed))
	for range 300 {
		var b strings.Builder
		b.WriteString("ROW(")
		for i := range 1 + r.IntN(6) {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(spaces[r.IntN(len(spaces))] + items[r.IntN(len(items))] + spaces[r.IntN(len(spaces))])
		}
		b.WriteByte(')')
		text := b.String()
		got, sql, err := prepare(ctx, conn, text)
		if err != nil {
			t.Fatalf("seed %d: %q, sent as %q: %v", seed, text, sql, err)
		}
		if parsed, _ := sqltext.Parse(text); parsed.Placeholders != got {
			t.Fatalf("seed %d: %q: Parse counts %d placeholders, the server %d", seed, text, parsed.Placeholders, got)
		}
	}
}

// mustConn returns a connection whose schema has the tables of this file.
func mustConn(t *testing.T) (*pgx.Conn, func()) {
	t.Helper()
	pool := dbtest.Postgres(t)
	conn, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), tables); err != nil {
		conn.Release()
		t.Fatal(err)
	}
	return conn.Conn(), conn.Release
}
