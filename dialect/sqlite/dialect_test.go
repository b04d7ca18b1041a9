package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/dbtest"
)

func TestDialectText(t *testing.T) {
	t.Parallel()
	d := sqlite.Dialect
	for _, c := range [][2]string{
		{d.Name(), "sqlite"},
		{string(d.AppendIdent(nil, `a"b`)), `"a""b"`},
		{string(d.AppendPlaceholder(nil, 12)), "?"},
		{string(d.AppendLimit(nil, 5, 10)), " LIMIT 5 OFFSET 10"},
		{string(d.AppendLimit(nil, 0, -1)), " LIMIT 0"},
		{string(d.AppendLimit(nil, -1, 3)), " LIMIT -1 OFFSET 3"},
		{string(d.AppendLimit(nil, -7, -7)), ""},
	} {
		if c[0] != c[1] {
			t.Errorf("got %s, want %s", c[0], c[1])
		}
	}
	if f := d.Features(); f.MaxIdent != 0 || f.Lateral || f.RowLocks || f.JSONOps || f.ILike != "LIKE" {
		t.Errorf("features %+v", f)
	}
	if _, ok := d.KeyMember(dialect.KeyType{Kind: dialect.KeyInt}); ok {
		t.Error("there is a member form")
	}
	if _, ok := d.KeyTypes([]dialect.ColumnRef{{Table: "t", Column: "c"}}); ok {
		t.Error("types are asked for")
	}
}

func intItems(n int) ([]any, dialect.Keys) {
	items, keys := make([]any, n), dialect.Keys{Kind: dialect.KeyInt, Ints: make([]int64, n)}
	for i := range n {
		items[i], keys.Ints[i] = i, int64(i)
	}
	return items, keys
}

func textItems(n int) ([]any, dialect.Keys) {
	items, keys := make([]any, n), dialect.Keys{Kind: dialect.KeyText, Texts: make([]string, n)}
	for i := range n {
		items[i], keys.Texts[i] = "k"+strconv.Itoa(i), "k"+strconv.Itoa(i)
	}
	return items, keys
}

// manyKeys is how many keys the tests of long lists send.
const manyKeys = 200_000

func TestInOfEverySize(t *testing.T) {
	t.Parallel()
	pool := dbtest.SQLite(t)
	db := sqlite.New(pool)
	mustExec(t, pool, `CREATE TABLE t (i INTEGER, k TEXT COLLATE NOCASE, it TEXT);
INSERT INTO t VALUES (0, 'K0', '0'), (499, 'k499', '499'), (4999, 'k4999', '4999'), (NULL, NULL, NULL)`)
	for _, c := range []struct {
		n            int
		column       string
		in, notIn    string
		placeholders int
	}{
		{1, "i", "[0]", "[499 4999]", 1},
		{500, "i", "[0 499]", "[4999]", 500},
		{501, "i", "[0 499]", "[4999]", 1},
		{501, "it", "[0 499]", "[4999]", 1},
		{manyKeys, "i", "[0 499 4999]", "[]", 1},
		{2, "k", "[0]", "[499 4999]", 2},
		{501, "k", "[0 499]", "[4999]", 1},
		{manyKeys, "k", "[0 499 4999]", "[]", 1},
	} {
		items, keys := intItems(c.n)
		if c.column == "k" {
			items, keys = textItems(c.n)
		}
		for not, want := range map[bool]string{false: c.in, true: c.notIn} {
			f, err := db.Dialect().In(items, keys, not)
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(f.SQL, "?"); n != c.placeholders || n != len(f.Args) {
				t.Errorf("%d items: %d placeholders, %d arguments", c.n, n, len(f.Args))
			}
			got := mustCollect(t, db, stmt("SELECT i FROM t WHERE "+c.column+" "+f.SQL+" ORDER BY i", f.Args...))[0]
			if fmt.Sprint(got) != want {
				t.Errorf("%d items, %s, not %v: got %v, want %s", c.n, c.column, not, got, want)
			}
		}
	}
}

func TestInKeepsTextThatJSONWouldNot(t *testing.T) {
	t.Parallel()
	pool := dbtest.SQLite(t)
	db := sqlite.New(pool)
	mustExec(t, pool, "CREATE TABLE t (k TEXT)")
	items, keys := textItems(600)
	for _, odd := range []string{"a\x00b", "\xff", `"`, `\`, "\u2028", "\n"} {
		mustExec(t, pool, "DELETE FROM t")
		mustExec(t, pool, "INSERT INTO t VALUES (?), (?)", odd, "a")
		items[7], keys.Texts[7] = odd, odd
		f, err := db.Dialect().In(items, keys, false)
		if err != nil {
			t.Fatal(err)
		}
		if got := mustCollect(t, db, stmt("SELECT k FROM t WHERE k "+f.SQL, f.Args...))[0]; len(got) != 1 || got[0] != odd {
			t.Errorf("%q: got %q", odd, got)
		}
	}
}

func TestInRefusesListsThatAreTooLong(t *testing.T) {
	t.Parallel()
	items := make([]any, 32_767)
	keys := dialect.Keys{Kind: dialect.KeyOther, Texts: make([]string, len(items))}
	if _, err := sqlite.Dialect.In(items[1:], keys, false); err != nil {
		t.Error(err)
	}
	_, err := sqlite.Dialect.In(items, keys, false)
	want := "a list of 32767 values is too long: SQLite allows 32766 placeholders, and only integers and plain text " +
		"can be sent as one; use a subquery, or join a table that holds the values"
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

var finders = map[dialect.Match]func(s, sub string) bool{
	dialect.MatchAnywhere: strings.Contains, dialect.MatchStart: strings.HasPrefix, dialect.MatchEnd: strings.HasSuffix,
}

func TestMatchFindsTextLiterally(t *testing.T) {
	t.Parallel()
	db := sqlite.New(dbtest.SQLite(t))
	text := rapid.StringOfN(rapid.OneOf(rapid.RuneFrom([]rune("aAbäÄ%_*?[]^-!\\'\"{}.$")), rapid.Rune()), 0, 6, -1).
		Filter(func(s string) bool { return !strings.Contains(s, "\x00") })
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := text.Draw(t, "before"), text.Draw(t, "text"), text.Draw(t, "after")
		values := []string{a + b + c, b + c, a + b, a + c, b, strings.ToUpper(b), strings.ToLower(b)}
		value := rapid.SampledFrom(values).Draw(t, "value")
		for m, find := range finders {
			f := db.Dialect().Match(m, b)
			got, err := collect(db, stmt("SELECT ? "+f.SQL, append([]any{value}, f.Args...)...))
			if err != nil {
				t.Fatal(err)
			}
			if want := fmt.Sprint([]any{map[bool]int{false: 0, true: 1}[find(value, b)]}); fmt.Sprint(got[0]) != want {
				t.Fatalf("%q in %q at %d: got %v, want %s", b, value, m, got[0], want)
			}
		}
	})
}

func TestMatchRefusesTextThatGlobCannotFind(t *testing.T) {
	t.Parallel()
	db := sqlite.New(dbtest.SQLite(t))
	for _, text := range []string{"a\x00b", "\xff"} {
		f := db.Dialect().Match(dialect.MatchAnywhere, text)
		_, err := collect(db, stmt("SELECT 'a' "+f.SQL, f.Args...))
		if err == nil || !strings.Contains(err.Error(), "cannot match a text that holds a NUL byte or is not UTF-8") {
			t.Errorf("%q: got %v", text, err)
		}
	}
}

// explain returns SQLite's plan, one step a line.
func explain(t *testing.T, pool *sql.DB, s dialect.Statement) string {
	t.Helper()
	var steps []string
	err := sqlite.New(pool).Run(context.Background(), []dialect.Statement{stmt("EXPLAIN QUERY PLAN "+s.SQL, s.Args...)},
		func(_ int, rows dialect.Rows) error {
			for rows.Next() {
				var id, parent, unused int
				var step string
				if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
					return err
				}
				steps = append(steps, step)
			}
			return nil
		})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(steps, "\n")
}
