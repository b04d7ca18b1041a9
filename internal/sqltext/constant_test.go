package sqltext_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail/internal/sqltext"
)

func TestConstantIsTextThatNamesNothingOfARow(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, said string }{
		{``, ``},
		{`TRUE`, `true`},
		{`/* all */ true -- rows`, `true`},
		{`(( 1 = 1 ))`, `1=1`},
		{`true AND NOT (false)`, `trueandnotfalse`},
		{`'a' = 'a'`, `'a'='a'`},
		{`E'id' LIKE $$id$$`, `e'id'like$$id$$`},
		{`? = ?`, `?=?`},
		{`$1`, `$1`},
		{`'t'::boolean`, `'t'::boolean`},
		{`CAST(1 AS boolean)`, `cast1asboolean`},
		{`date '2020-01-01' < now()`, `date'2020-01-01'<now`},
		{`lower('A') = 'a'`, `lower'a'='a'`},
		{`1 BETWEEN 0 AND 2 OR NULL IS NOT NULL`, `1between0and2ornullisnotnull`},
		{`1 IN (1, 2)`, `1in1,2`},
		{`'{}' ?? 'a'`, `'{}'??'a'`},
	} {
		if said, ok := mustParse(t, test.text).Constant(nil); !ok || said != test.said {
			t.Errorf("%s: expected %q, got %q, %t", test.text, test.said, said, ok)
		}
	}
	// As PostgreSQL reads words that are columns elsewhere.
	reserved := map[string]bool{"is unknown": true, "is json": true, "is nfc": true, "is nfkd": true}
	for _, w := range []string{"user", "current_user", "session_user", "system_user", "current_schema", "localtimestamp", "symmetric", "similar", "to", "ilike", "both",
		"any", "array", "for", "placing", "collate", "overlaps", "end"} {
		reserved[w] = true
	}
	for _, text := range []string{
		`current_user = current_user`, `user IS NOT NULL`, `localtimestamp > '2000-01-01'`, `current_schema <> session_user`,
		`1 BETWEEN SYMMETRIC 2 AND 0`, `1 BETWEEN SYMMETRIC -1 AND 2`, `NULL IS UNKNOWN`, `'{}' IS JSON OBJECT`, `'a' IS NOT NFC NORMALIZED`,
		`trim(both from 'a') = 'a'`, `normalize('a', NFC) = 'a'`, `normalize(?, nfkd) = ?`, `system_user <> 'a'`,
	} {
		parsed := mustParse(t, text)
		if _, ok := parsed.Constant(reserved); !ok {
			t.Errorf("%s: expected it to name nothing", text)
		}
		if _, ok := parsed.Constant(nil); ok {
			t.Errorf("%s: expected a word that a database may have as a column", text)
		}
	}
	// As they are read everywhere.
	for _, text := range []string{
		`EXISTS (SELECT 1)`, `EXISTS (SELECT 1 WHERE true ORDER BY 1 DESC LIMIT 1)`, `(SELECT true)`, `1 IN (SELECT 1 UNION ALL SELECT 2)`, `1 IN (VALUES (1))`,
		`EXISTS (SELECT * FROM generate_series(1, 3) AS n)`, `extract(year FROM now()) > 1`, `EXTRACT ( epoch from interval '1 day') > 0`,
		`1 = ANY(ARRAY[1])`, `ARRAY[1, 2] && ARRAY[[1], [2]]`, `'a' SIMILAR TO 'a'`, `'a' NOT SIMILAR TO 'b' ESCAPE 'c'`, `'a' COLLATE "C" = 'a'`,
		`'a' COLLATE nocase = 'A'`, `'a' = 'a' COLLATE "C" AND true`, `now() AT TIME ZONE 'utc' > '2000-01-01'`, `now() at time zone ? > ?`,
		`timestamp with time zone '2000-01-01' < now()`, `'2000-01-01'::timestamp without time zone < now()`, `'1'::double precision > 0`,
		`CAST(? AS character varying(3)) = 'a'`, `interval '1' day > interval '1' hour`, `interval '1-2' year to month IS NOT NULL`, `'x'::"char" = 'x'`,
		`make_interval(days => 1) > make_interval(hours := 1)`, `CASE 1 WHEN 1 THEN true ELSE false END`, `CASE WHEN 1 > 2 THEN 1 END ISNULL`,
		`1 NOTNULL`, `1 NOT NULL`, `1 IS NOT DISTINCT FROM 1`, `position('a' in 'ab') = 1`, `substring('abc' from 1 for 2) = 'ab'`, `(1, 2) = ROW(1, 2)`,
		`overlay('abc' placing 'x' from 1) = 'xbc'`, `pg_catalog.now() > '2000-01-01'`, `1 OPERATOR(pg_catalog.=) 1`, `'a' GLOB 'a*'`, `'a' REGEXP ?`,
		`x'00' = X'00'`, `1e5 > .5`, `'{"a": 1}'::jsonb -> 'a' IS NOT NULL`, `'[1,2]'::json ->> 0 = '1'`, `collation for ('a') IS NULL`, `$1::int[] <> '{}'`,
		`count(*) FILTER (WHERE true) OVER (PARTITION BY 1 ORDER BY 2) > 0`, `'a' LIKE 'a' ESCAPE '!'`, `- 1 < + 1`, `NOT NOT true`, `NOT EXISTS (SELECT 1)`,
		`xmlelement(name foo) IS NOT NULL`, `json_value('1', '$' RETURNING int ERROR ON EMPTY) = 1`, `json_exists('{}', '$.a' error on error)`,
		`json_query('{}', '$' WITH WRAPPER) IS NULL`, `now() AT LOCAL > '2000-01-01'`, `EXISTS (SELECT 1 FETCH FIRST 1 ROW ONLY)`,
		`EXISTS (SELECT 1 FOR UPDATE)`, `sum(1) OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) = 1`,
	} {
		if _, ok := mustParse(t, text).Constant(nil); !ok {
			t.Errorf("%s: expected it to name nothing", text)
		}
	}
	for _, text := range []string{
		`id`, `id = ?`, `"id" = 1`, `"accounts"."id" = 1`, `accounts.id = 1`, `U&"id" = 1`, `lower(owner) = 'a'`, `NOT deleted`, `id IN (1)`,
		`1 IN (TABLE ids)`, `"true"`, `end > 3`, `user = 'a'`, `offset IS NULL`, `some = 1`, `@ amount > 1`, `[id] = 1`, "`id` = 1",
		`date > date '2020-01-01'`, `owner LIKE 'a%'`, `(accounts).id = 1`, `id::text = '1'`, `(id) IS NOT NULL`, `(-id) < 0`, `1 = id`,
		`a[1:pos] = 1`, `ARRAY[1, 2][1:pos] = '{1}'`, `ARRAY[id] = '{1}'`, `EXISTS (SELECT 1 FROM ids)`, `EXISTS (SELECT 1 WHERE id = 1)`, `1 IN (SELECT id)`,
		`extract(year FROM day) > 1`, `extract(id) > 1`, `now() AT TIME ZONE tz > '2000-01-01'`, `'a' SIMILAR TO name`, `'a' LIKE 'b' ESCAPE mark`,
		`1 BETWEEN low AND 3`, `1 BETWEEN 0 AND high`, `1 OPERATOR(pg_catalog.=) id`, `CASE WHEN 1 > 2 THEN id END`, `CASE 1 WHEN id THEN true END`,
		`CASE WHEN true THEN 1 ELSE id END = 1`, `'a' COLLATE "C" = name`, `'1'::int = id`, `'1'::timestamp with time zone < day`, `CAST('1' AS int) = id`,
		`interval '1' day < age`, `f(days => days)`, `1 IS id`, `1 IS NOT id`, `1 IS DISTINCT FROM id`, `position('a' in name) = 1`, `1 + + id > 0`,
		`substring('abc' from 1 for n) = 'ab'`, `overlay('abc' placing mark from 1) = 'xbc'`, `'a' GLOB pattern`, `'a' MATCH pattern`, `(1, id) = (1, 2)`,
		`count(*) FILTER (WHERE id > 1) OVER () > 0`, `max(1) OVER (PARTITION BY id) > 0`, `1 < 2 AND id = 1 OR true`, `day + interval '1' day > now()`,
		`1 NOT IN (id)`, `1 ISNULL OR id = 1`, `true AND (flag)`, `'a' || name = 'ab'`, `? = id`, `'{}'::jsonb ?? key`, `values > 1`, `between = 1`, `like = 1`,
		`CAST(id AS text) = '1'`, `id ISNULL`, `day BETWEEN '2020-01-01' AND '2020-02-01'`, `éa = 1`, `id/* = 1 */ = 2`, `true OR id = 1`,
		`normalize(nfc, NFC) = 'a'`, `normalize('a', id) = 'a'`, `lower(name) = 'a'`, `json_value(empty, '$') = '1'`, `json_exists('{}', error)`,
		`sum(rows) OVER () > 1`, `at local = 1`, `xmlelement(name foo, id) IS NOT NULL`, `json_value('1', '$' DEFAULT id ON EMPTY) = '1'`,
	} {
		if said, ok := mustParse(t, text).Constant(nil); ok {
			t.Errorf("%s: expected a name, got %q", text, said)
		}
	}
}

// shown writes a condition with its AND, OR and NOT in front, and each leaf with the number of placeholders before it.
func shown(l sqltext.Logic) string {
	if l.Op == "" {
		text := ""
		for _, p := range l.Leaf.Pieces {
			text += p.Text
		}
		return fmt.Sprint(l.First, ":", text)
	}
	var parts []string
	for _, p := range l.Parts {
		parts = append(parts, shown(p))
	}
	return l.Op + "(" + strings.Join(parts, "; ") + ")"
}

func TestLogicIsWhatJoinsConditions(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{``, `0:`},
		{`a = ?`, `0:a = ?`},
		{`? OR id = 1`, `or(0:?; 1:id = 1)`},
		{`a AND b or c AND NOT d`, `or(and(0:a; 0:b); and(0:c; not(0:d)))`},
		{`((a = ?)) AND (? OR b) /* or */ -- or`, `and(0:a = ?; or(1:?; 2:b))`},
		{`(a) = (b) OR (c)`, `or(0:(a) = (b); 0:c)`},
		{`a BETWEEN 1 AND ? AND b`, `and(0:a BETWEEN 1 AND ?; 1:b)`},
		{`a BETWEEN (1 AND 2) AND 3 OR b BETWEEN 4 AND 5 AND c`, `or(0:a BETWEEN (1 AND 2) AND 3; and(0:b BETWEEN 4 AND 5; 0:c))`},
		{`NOT a IS NULL AND b IS NOT NULL`, `and(not(is null(0:a)); not(is null(0:b)))`},
		{`NOT NOT (NOT a)`, `not(not(not(0:a)))`},
		{`CASE WHEN a OR b THEN c AND d END OR e`, `or(case(or(0:a; 0:b); and(0:c; 0:d)); 0:e)`},
		{`f(a OR b) OR x[1] AND "or"`, `or(0:f(a OR b); and(0:x[1]; 0:"or"))`},
		{`'or' = "and" OR t.or`, `or(0:'or' = "and"; 0:t.or)`},
		{`(a, b OR c) = (1, 2)`, `0:(a, b OR c) = (1, 2)`},
		{`(SELECT a WHERE b OR c)`, `0:SELECT a WHERE b OR c`},
		{`EXISTS (SELECT 1 WHERE ? OR c) OR ?`, `or(0:EXISTS (SELECT 1 WHERE ? OR c); 1:?)`},
		{`SELECT 1 WHERE a OR b`, `0:SELECT 1 WHERE a OR b`},
		{`(? OR a) IS NOT TRUE`, `not(is true(or(0:?; 1:a)))`},
		{`a = ? IS UNKNOWN AND NOT b IS FALSE`, `and(is unknown(0:a = ?); not(is false(1:b)))`},
		{`a ISNULL OR b NOTNULL OR c NOT NULL`, `or(is null(0:a); not(is null(0:b)); not(is null(0:c)))`},
		{`a = NULL OR b IS DISTINCT FROM TRUE OR "is" NULL`, `or(0:a = NULL; 0:b IS DISTINCT FROM TRUE; 0:"is" NULL)`},
		{`CASE WHEN ? THEN a WHEN (b) THEN CASE WHEN c THEN d END ELSE NOT e END`, `case(0:?; 1:a; 1:b; case(1:c; 1:d); not(1:e))`},
		{`CASE WHEN a THEN b END IS NULL`, `is null(case(0:a; 0:b))`},
		{`CASE WHEN a THEN b END = CASE WHEN c THEN d END`, `0:CASE WHEN a THEN b END = CASE WHEN c THEN d END`},
		{`CASE a WHEN ? THEN c END`, `case of(0:a; 0:?; 1:c)`},
		{`CASE WHEN a OR b THEN c END + CASE ? WHEN b THEN c END`, `0:CASE WHEN a OR b THEN c END + CASE ? WHEN b THEN c END`},
		{`CASE WHEN (CASE WHEN a THEN b END) THEN c END OR f(CASE WHEN a THEN b END)`, `or(case(case(0:a; 0:b); 0:c); 0:f(CASE WHEN a THEN b END))`},
		{`$2 OR $1`, `or(0:$2; 0:$1)`},
		{strings.Repeat("(", 300) + "a OR b" + strings.Repeat(")", 300), "0:" + strings.Repeat("(", 99) + "a OR b" + strings.Repeat(")", 99)},
	} {
		if got := shown(mustParse(t, test.text).Logic()); got != test.want {
			t.Errorf("%s: expected\n%s\ngot\n%s", test.text, test.want, got)
		}
	}
}
