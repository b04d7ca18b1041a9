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
		if said, ok := mustParse(t, test.text).Constant(); !ok || said != test.said {
			t.Errorf("%s: expected %q, got %q, %t", test.text, test.said, said, ok)
		}
	}
	for _, text := range []string{
		`id`, `id = ?`, `"id" = 1`, `"accounts"."id" = 1`, `accounts.id = 1`, `U&"id" = 1`, `lower(owner) = 'a'`, `NOT deleted`, `id IN (1)`,
		`EXISTS (SELECT 1)`, `1 IN (TABLE ids)`, `"true"`, `end > 3`, `user = 'a'`, `offset IS NULL`, `some = 1`, `@ amount > 1`, `[id] = 1`, "`id` = 1",
		`date > date '2020-01-01'`, `owner LIKE 'a%'`, `(accounts).id = 1`, `id::text = '1'`, `(id) IS NOT NULL`, `(-id) < 0`, `1 = id`,
		`CAST(id AS text) = '1'`, `id ISNULL`, `day BETWEEN '2020-01-01' AND '2020-02-01'`, `éa = 1`, `id/* = 1 */ = 2`, `true OR id = 1`,
	} {
		if said, ok := mustParse(t, text).Constant(); ok {
			t.Errorf("%s: expected a name, got %q", text, said)
		}
	}
}
