package sqltext_test

import "testing"

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
	reserved := map[string]bool{"is unknown": true, "is json": true, "is nfc": true}
	for _, w := range []string{"user", "current_user", "session_user", "current_schema", "localtimestamp", "symmetric", "similar", "to", "ilike", "both",
		"any", "array", "for", "placing", "collate", "overlaps", "end"} {
		reserved[w] = true
	}
	for _, text := range []string{
		`current_user = current_user`, `user IS NOT NULL`, `localtimestamp > '2000-01-01'`, `current_schema <> session_user`,
		`1 BETWEEN SYMMETRIC 2 AND 0`, `1 BETWEEN SYMMETRIC -1 AND 2`, `NULL IS UNKNOWN`, `'{}' IS JSON OBJECT`, `'a' IS NOT NFC NORMALIZED`,
		`trim(both from 'a') = 'a'`,
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
	} {
		if said, ok := mustParse(t, text).Constant(nil); ok {
			t.Errorf("%s: expected a name, got %q", text, said)
		}
	}
}
