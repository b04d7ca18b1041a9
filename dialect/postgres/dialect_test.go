package postgres_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
)

func TestDialectText(t *testing.T) {
	t.Parallel()
	d := postgres.Dialect
	src := d.KeySource(`my "keys"`, []dialect.KeyType{
		{Kind: dialect.KeyInt}, {Kind: dialect.KeyText, SQL: "citext", Collation: `"s"."c"`}, {Kind: dialect.KeyUUID}, {},
	})
	for _, c := range [][2]string{
		{d.Name(), "postgres"},
		{string(d.AppendIdent(nil, `a"b`)), `"a""b"`},
		{string(d.AppendPlaceholder(nil, 12)), "$12"},
		{string(d.AppendLimit(nil, 5, 10)), " LIMIT 5 OFFSET 10"},
		{string(d.AppendLimit(nil, 0, -1)), " LIMIT 0"},
		{string(d.AppendLimit(nil, -1, 0)), " OFFSET 0"},
		{string(d.AppendLimit(nil, -1, -1)), ""},
		{src.From, `unnest(?::bigint[], ?::citext[], ?::uuid[], ?::text[]) WITH ORDINALITY AS "my ""keys""` +
			`"("my ""keys""1", "my ""keys""2", "my ""keys""3", "my ""keys""4", "my ""keys""ord")`},
		{strings.Join(src.Columns, " "),
			`"my ""keys"""."my ""keys""1" "my ""keys"""."my ""keys""2" COLLATE "s"."c" "my ""keys"""."my ""keys""3" "my ""keys"""."my ""keys""4"`},
		{src.Ord, `"my ""keys"""."my ""keys""ord"`},
	} {
		if c[0] != c[1] {
			t.Errorf("got %s, want %s", c[0], c[1])
		}
	}
	if src.First != 1 {
		t.Errorf("the first position is %d", src.First)
	}
	if f := d.Features(); f.MaxIdent != 63 || !f.Lateral || !f.RowLocks || !f.JSONOps || f.ILike != "ILIKE" {
		t.Errorf("features %+v", f)
	}
}

func TestKeyMemberNeedsBytewiseText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typ  dialect.KeyType
		want string
	}{
		{dialect.KeyType{Kind: dialect.KeyInt}, "= ANY(?::bigint[])"},
		{dialect.KeyType{Kind: dialect.KeyUUID}, "= ANY(?::uuid[])"},
		{dialect.KeyType{Kind: dialect.KeyText, SQL: "text", Bytewise: true}, "= ANY(?::text[])"},
		{dialect.KeyType{Kind: dialect.KeyText, SQL: "character varying", Bytewise: true}, "= ANY(?::text[])"},
		{dialect.KeyType{Kind: dialect.KeyText, SQL: "text"}, ""},
		{dialect.KeyType{Kind: dialect.KeyText, SQL: "citext", Bytewise: true}, ""},
		{dialect.KeyType{Kind: dialect.KeyText, Bytewise: true}, ""},
		{dialect.KeyType{Kind: dialect.KeyOther, SQL: "text", Bytewise: true}, ""},
	} {
		if got, ok := postgres.Dialect.KeyMember(c.typ); got != c.want || ok != (c.want != "") {
			t.Errorf("%+v: got %q %v", c.typ, got, ok)
		}
	}
}

func TestMatchFindsTextLiterally(t *testing.T) {
	t.Parallel()
	parts := []string{"", "%", "_", "!", `\`, "'", "[a-z]", "*", "a", "A", "ä", "$1", "a%b_c!d"}
	everyWay(t, "CREATE TABLE t (v text)", func(t *testing.T, db *postgres.DB) {
		var values []string
		for _, p := range parts {
			values = append(values, p, "x"+p, p+"y", "x"+p+"y")
		}
		mustCollect(t, db, stmt("DELETE FROM t"))
		// As JSON, because it is independent of the code under test.
		mustCollect(t, db, stmt("INSERT INTO t SELECT json_array_elements_text($1::json)", jsonOf(t, values)))
		for m, find := range map[dialect.Match]func(s, sub string) bool{
			dialect.MatchAnywhere: strings.Contains, dialect.MatchStart: strings.HasPrefix, dialect.MatchEnd: strings.HasSuffix,
		} {
			for _, p := range parts {
				f := db.Dialect().Match(m, p)
				got := mustCollect(t, db, stmt(number("SELECT count(*)::text FROM t WHERE v "+f.SQL), f.Args...))[0][0]
				if want := countOf(values, p, find); got != want {
					t.Errorf("%q at %d: %s values, want %s", p, m, got, want)
				}
			}
		}
	})
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func countOf(values []string, sub string, find func(s, sub string) bool) string {
	n := 0
	for _, v := range values {
		if find(v, sub) {
			n++
		}
	}
	return strconv.Itoa(n)
}
