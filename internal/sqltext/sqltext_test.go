package sqltext_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail/internal/sqltext"
)

// show renders a parsed text: pieces in braces, a name by its parts, verbatim text as it is, then what else is known.
func show(t sqltext.Text) string {
	var b strings.Builder
	for _, p := range t.Pieces {
		switch p.Kind {
		case sqltext.Verbatim:
			b.WriteString(p.Text)
		case sqltext.Name:
			fmt.Fprintf(&b, "{%s}", strings.Join(p.Path, "|"))
		case sqltext.Numbered:
			fmt.Fprintf(&b, "{$%d}", p.N)
		default:
			fmt.Fprintf(&b, "{%s}", p.Text)
		}
	}
	for _, flag := range []struct {
		name string
		set  bool
	}{{"select", t.Select}, {"comment", t.LineComment}, {"aggregates", t.Aggregates}, {"window", t.Window}} {
		if flag.set {
			b.WriteString(" #" + flag.name)
		}
	}
	return b.String()
}

func checkShown(t *testing.T, cases [][2]string) {
	t.Helper()
	for _, c := range cases {
		got, err := sqltext.Parse(c[0])
		if err != nil {
			t.Errorf("Parse(%q): %v", c[0], err)
			continue
		}
		if s := show(got); s != c[1] {
			t.Errorf("Parse(%q)\n got %s\nwant %s", c[0], s, c[1])
		}
		if problem := inconsistent(c[0], got); problem != "" {
			t.Errorf("Parse(%q): %s", c[0], problem)
		}
	}
}

// inconsistent says what of a parsed text contradicts the rest of it, or the text it was parsed from.
func inconsistent(text string, t sqltext.Text) string {
	var all strings.Builder
	placeholders, numbered := 0, 0
	for i, p := range t.Pieces {
		all.WriteString(p.Text)
		switch {
		case p.Text == "":
			return fmt.Sprintf("piece %d is empty", i)
		case p.Kind == sqltext.Verbatim && i > 0 && t.Pieces[i-1].Kind == sqltext.Verbatim:
			return fmt.Sprintf("pieces %d and %d are both verbatim", i-1, i)
		case (p.Kind == sqltext.Name) != (len(p.Path) >= 2):
			return fmt.Sprintf("piece %d of kind %d has %d parts", i, p.Kind, len(p.Path))
		case (p.Kind == sqltext.Numbered) != (p.N > 0):
			return fmt.Sprintf("piece %d of kind %d has number %d", i, p.Kind, p.N)
		case p.Kind == sqltext.Placeholder:
			placeholders++
		}
		numbered = max(numbered, p.N)
	}
	switch {
	case all.String() != text:
		return fmt.Sprintf("the pieces put together are %q", all.String())
	case placeholders != t.Placeholders || numbered != t.Numbered:
		return fmt.Sprintf("%d placeholders and numbers to %d, but the fields say %d and %d",
			placeholders, numbered, t.Placeholders, t.Numbered)
	}
	return ""
}

func TestParsePlaceholders(t *testing.T) {
	t.Parallel()
	checkShown(t, [][2]string{
		{``, ``},
		{` `, ` `},
		{`a`, `a`},
		{`a = 1`, `a = 1`},
		{`?`, `{?}`},
		{`a=?`, `a={?}`},
		{`(?)`, `({?})`},
		{`a > ? AND b < ? OR c IN (?,?,?)`, `a > {?} AND b < {?} OR c IN ({?},{?},{?})`},
		{`?::int`, `{?}::int`},
		{`? ?`, `{?} {?}`},
		{`??`, `{??}`},
		{`???`, `{??}{?}`},
		{`????`, `{??}{??}`},
		{`data ?? ?`, `data {??} {?}`},
		{`data ??| ? AND data ??& ?`, `data {??}| {?} AND data {??}& {?}`},
		{`a = ?| b`, `a = {?}| b`},
		{`a = ?&7`, `a = {?}&7`},
		{`a=-?`, `a=-{?}`},
		{`?'x'`, `{?}'x'`},
		{`'x'?`, `'x'{?}`},
		{`?$$x$$`, `{?}$$x$$`},
		{`$$x$$?`, `$$x$${?}`},
		{`"a"?`, `"a"{?}`},
		{`$1`, `{$1}`},
		{`a = $1 AND b = $2 AND c = $1`, `a = {$1} AND b = {$2} AND c = {$1}`},
		{`$10,$9`, `{$10},{$9}`},
		{`$007`, `{$7}`},
		{`$65535`, `{$65535}`},
		{`$1$2`, `{$1}{$2}`},
		{`data ?? $1`, `data {??} {$1}`},
		{`a$1`, `a$1`},
		{`a$1 = ?`, `a$1 = {?}`},
		{`é$1 = $2`, `é$1 = {$2}`},
		{`_$1$x = $1`, `_$1$x = {$1}`},
	})
}

func TestParseLeavesLiteralsAlone(t *testing.T) {
	t.Parallel()
	checkShown(t, [][2]string{
		{`''`, `''`},
		{`''''`, `''''`},
		{`'?'`, `'?'`},
		{`'it''s ?' = ?`, `'it''s ?' = {?}`},
		{`'a.b ?' = a.b`, `'a.b ?' = {a|b}`},
		{`'\' = ?`, `'\' = {?}`},
		{`E'\'?' = ?`, `E'\'?' = {?}`},
		{`e'\'?' = ?`, `e'\'?' = {?}`},
		{`E'\\' = ?`, `E'\\' = {?}`},
		{`E'''?' = ?`, `E'''?' = {?}`},
		{`E'é\é?' = ?`, `E'é\é?' = {?}`},
		{`fooE'\' = ?`, `fooE'\' = {?}`},
		{`foo$E'\' = ?`, `foo$E'\' = {?}`},
		{`fooe '\' = ?`, `fooe '\' = {?}`},
		{`1E'\'?' = ?`, `1E'\'?' = {?}`},
		{"E'a'\n'\\'?' = ?", "E'a'\n'\\'?' = {?}"},
		{"E'a' -- '\n '\\'?' = ?", "E'a' -- '\n '\\'?' = {?}"},
		{"E'a'  '\\' = ?", "E'a'  '\\' = {?}"},
		{"E'a' /*\n*/ '\\' = ?", "E'a' /*\n*/ '\\' = {?}"},
		{"E'a'\nE'\\'?' = ?", "E'a'\nE'\\'?' = {?}"},
		{"'a'\n'\\' = ?", "'a'\n'\\' = {?}"},
		{`U&'?\0061' = ?`, `U&'?\0061' = {?}`},
		{`u&'a.b' UESCAPE '!'`, `u&'a.b' UESCAPE '!'`},
		{`B'1' = ? AND x'?' = N'?'`, `B'1' = {?} AND x'?' = N'?'`},
		{`"a.b" = ?`, `"a.b" = {?}`},
		{`"a""?.b" = ?`, `"a""?.b" = {?}`},
		{`"'" = ? OR '"' = ?`, `"'" = {?} OR '"' = {?}`},
		{`U&"d?.x" = ?`, `U&"d?.x" = {?}`},
		{`$$ ? 'a.b $1 $$ = ?`, `$$ ? 'a.b $1 $$ = {?}`},
		{`$tag$ ? $tag$`, `$tag$ ? $tag$`},
		{`$tag$ $$ ? $TAG$ $tag$ = ?`, `$tag$ $$ ? $TAG$ $tag$ = {?}`},
		{`$a$ $b$a$ = ?`, `$a$ $b$a$ = {?}`},
		{`$é1$ ? $é1$ = ?`, `$é1$ ? $é1$ = {?}`},
		{`a$tag$ = ? AND b$tag$ = ?`, `a$tag$ = {?} AND b$tag$ = {?}`},
		{`$1$a$?$a$`, `{$1}$a$?$a$`},
		{`'(' = ? AND ")" = $$]$$ /* ( */ -- [`, `'(' = {?} AND ")" = $$]$$ /* ( */ -- [ #comment`},
		{`';' = ";" /* ; */ || $$;$$ -- ;`, `';' = ";" /* ; */ || $$;$$ -- ; #comment`},
	})
}

func TestParseLeavesCommentsAlone(t *testing.T) {
	t.Parallel()
	checkShown(t, [][2]string{
		{`--`, `-- #comment`},
		{`-- ? a.b 'x`, `-- ? a.b 'x #comment`},
		{"-- ? \n ?", "-- ? \n {?}"},
		{"-- ? \r ?", "-- ? \r {?}"},
		{"? --x\n", "{?} --x\n"},
		{`a=?--?`, `a={?}--? #comment`},
		{`a-?`, `a-{?}`},
		{`a - -?`, `a - -{?}`},
		{`/**/`, `/**/`},
		{`/* ? a.b 'x */ ?`, `/* ? a.b 'x */ {?}`},
		{`/* /* ? */ ? */ ?`, `/* /* ? */ ? */ {?}`},
		{`/*/*/**/*/*/ ?`, `/*/*/**/*/*/ {?}`},
		{`/***/ ?`, `/***/ {?}`},
		{`//* ? */ ?`, `//* ? */ {?}`},
		{`*/ ?`, `*/ {?}`},
		{`/* -- */ ?`, `/* -- */ {?}`},
		{"-- /*\n ?", "-- /*\n {?}"},
		{`'--' = ?`, `'--' = {?}`},
		{`/* ; ) */`, `/* ; ) */`},
	})
}

func TestParseNames(t *testing.T) {
	t.Parallel()
	checkShown(t, [][2]string{
		{`a.b`, `{a|b}`},
		{` a.b `, ` {a|b} `},
		{`a.b = c.d`, `{a|b} = {c|d}`},
		{`a.b=c.d`, `{a|b}={c|d}`},
		{`a.b.c`, `{a|b|c}`},
		{`a.b.c.d`, `{a|b|c|d}`},
		{`a.b.c.d.e.f.g.h.i.j`, `{a|b|c|d|e|f|g|h|i|j}`},
		{`a.*`, `{a|*}`},
		{`a.b.*`, `{a|b|*}`},
		{`a.*, b.*`, `{a|*}, {b|*}`},
		{`a.*--`, `{a|*}-- #comment`},
		{`a.*/**/`, `{a|*}/**/`},
		{`a.*=b.*`, `a.*={b|*}`}, // to PostgreSQL that is the operator *=
		{`a.*?`, `{a|*}{?}`},
		{`a.*??`, `a.*{??}`},
		{`a.b*c.d`, `{a|b}*{c|d}`},
		{`2*a.b`, `2*{a|b}`},
		{`Activities.Amount`, `{Activities|Amount}`},
		{`konten.größe = ?`, `{konten|größe} = {?}`},
		{`表.列 = ?`, `{表|列} = {?}`},
		{`_a.b$1`, `{_a|b$1}`},
		{`a . b`, `{a|b}`},
		{"a. -- ?\n b", "{a|b}"},
		{`a /* ? */ .b /* ? */ = ?`, `{a|b} /* ? */ = {?}`},
		{`f(a.b)`, `f({a|b})`},
	})
}

func TestParseNamesThatAreNoColumns(t *testing.T) {
	t.Parallel()
	checkShown(t, [][2]string{
		{`schema.func(a.b)`, `schema.func({a|b})`},
		{"schema.func /* */ --\n (a.b)", "schema.func /* */ --\n ({a|b})"},
		{`(a.b)`, `({a|b})`},
		{`a.b IN (?)`, `{a|b} IN ({?})`},
		{`t.col::text`, `{t|col}::text`},
		{`x::pg_catalog.int4`, `x::pg_catalog.int4`},
		{`x :: pg_catalog.int4 = a.b`, `x :: pg_catalog.int4 = {a|b}`},
		{`x::int = a.b`, `x::int = {a|b}`},
		{`:a.b`, `:a.b`},
		{`@a.b`, `@a.b`},
		{`@ a.b`, `@ {a|b}`},
		{`a.b @@ c.d`, `{a|b} @@ {c|d}`},
		{`a.b @> c.d`, `{a|b} @> {c|d}`},
		{`arr[1]`, `arr[1]`},
		{`a.arr[b.i]`, `{a|arr}[{b|i}]`},
		{`arr[a.i : b.i]`, `arr[{a|i} : {b|i}]`},
		{`arr[1].b.c`, `arr[1].b.c`},
		{`a.b[1].c.d`, `{a|b}[1].c.d`},
		{`(a.b).c.d`, `({a|b}).c.d`},
		{`($1).a.b`, `({$1}).a.b`},
		{`a."b"`, `{a|b}`},
		{`a."b c" > a . "B""" AND a."?" = ?`, `{a|b c} > {a|B"} AND {a|?} = {?}`},
		{`a."b.c"`, `a."b.c"`},
		{`a."*"`, `a."*"`},
		{`a."b"(1)`, `a."b"(1)`},
		{`a."b".*`, `{a|b|*}`},
		{`"a".b.c`, `"a".b.c`},
		{`a."b".c`, `{a|b|c}`},
		{`a.b."c"`, `{a|b|c}`},
		{`a.b.U&"c"`, `a.b.U&"c"`},
		{`"a" . b.c`, `"a" . b.c`},
		{`a.b"c"`, `a.b"c"`},
		{`"c"a.b`, `"c"a.b`},
		{`a.b "c"`, `{a|b} "c"`},
		{`a.col'c'`, `{a|col}'c'`},
		{`a.b'1'`, `a.b'1'`},
		{`a.b.e'\'?'`, `a.b.e'\'?'`},
		{`a.b.`, `a.b.`},
		{`a.b.1`, `a.b.1`},
		{`a..b`, `a..b`},
		{`a..b.c`, `a..b.c`},
		{`.a.b`, `.a.b`},
		{`$a.b`, `$a.b`},
		{`u & a.b`, `u & {a|b}`},
		{`u& a.b`, `u& {a|b}`},
		{`du&a.b`, `du&{a|b}`},
		{`é.u = a.b`, `{é|u} = {a|b}`},
	})
}

func TestParseNumbersAreNoNames(t *testing.T) {
	t.Parallel()
	checkShown(t, [][2]string{
		{`1.5`, `1.5`},
		{`1e5`, `1e5`},
		{`.5`, `.5`},
		{`1.e5`, `1.e5`},
		{`1.`, `1.`},
		{`1.5e-5 + ?`, `1.5e-5 + {?}`},
		{`1E+5.a`, `1E+5.a`},
		{`x.1`, `x.1`},
		{`x.1.b.c`, `x.1.b.c`},
		{`1.a`, `1.a`},
		{`1.a.b`, `1.a.b`},
		{`1a.b.c`, `1a.b.c`},
		{`1..5`, `1..5`},
		{`0x1F.a`, `0x1F.a`},
		{`1_000.a`, `1_000.a`},
		{`1-a.b`, `1-{a|b}`},
		{`1,a.b`, `1,{a|b}`},
		{`1e+a.b`, `1e+{a|b}`},
	})
}

func TestParseKeywords(t *testing.T) {
	t.Parallel()
	checkShown(t, [][2]string{
		{`SELECT 1`, `SELECT 1 #select`},
		{`id IN (sElEcT a.b FROM c)`, `id IN (sElEcT {a|b} FROM c) #select`},
		{`(select(1))`, `(select(1)) #select`},
		{`select.5`, `select.5 #select`},
		{`selected`, `selected`},
		{`preselect`, `preselect`},
		{`_select`, `_select`},
		{`select$`, `select$`},
		{`ſelect`, `ſelect`}, // the long s, which Unicode folds to s
		{`'select'`, `'select'`},
		{`"select"`, `"select"`},
		{`/* select */`, `/* select */`},
		{`-- select`, `-- select #comment`},
		{`$$select$$`, `$$select$$`},
		{`a.select`, `{a|select}`},
		{`(a).select`, `(a).select`},
	})
}

func TestParseAggregates(t *testing.T) {
	t.Parallel()
	checkShown(t, [][2]string{
		{`count(*)`, `count(*) #aggregates`},
		{`count (*)`, `count (*) #aggregates`},
		{"COUNT -- x\n /**/ (*)", "COUNT -- x\n /**/ (*) #aggregates"},
		{`count(a.*)`, `count({a|*}) #aggregates`},
		{`Sum(a.b) > ?`, `Sum({a|b}) > {?} #aggregates`},
		{`avg(x)`, `avg(x) #aggregates`},
		{`string_agg(x, ',')`, `string_agg(x, ',') #aggregates`},
		{`array_agg(x)`, `array_agg(x) #aggregates`},
		{`json_agg(x)`, `json_agg(x) #aggregates`},
		{`JSONB_AGG(x)`, `JSONB_AGG(x) #aggregates`},
		{`jsonb_object_agg(x, y)`, `jsonb_object_agg(x, y) #aggregates`},
		{`jsonb_group_object(x, y)`, `jsonb_group_object(x, y) #aggregates`},
		{`group_concat(x)`, `group_concat(x) #aggregates`},
		{`stddev(x)`, `stddev(x) #aggregates`},
		{`stddev_samp(x)`, `stddev_samp(x) #aggregates`},
		{`variance(x)`, `variance(x) #aggregates`},
		{`var_pop(x)`, `var_pop(x) #aggregates`},
		{`regr_slope(x, y)`, `regr_slope(x, y) #aggregates`},
		{`count(ALL x)`, `count(ALL x) #aggregates`},
		{`count(distinct_id)`, `count(distinct_id) #aggregates`},
		{`"count"(x)`, `"count"(x) #aggregates`},
		{`pg_catalog.count(x)`, `pg_catalog.count(x) #aggregates`},
		{`PG_CATALOG."sum"(x)`, `PG_CATALOG."sum"(x) #aggregates`},
		{`count(DISTINCT x), sum(x)`, `count(DISTINCT x), sum(x) #aggregates`},
		{`count(DISTINCT x)`, `count(DISTINCT x)`},
		{`count( /* */ distinct(x))`, `count( /* */ distinct(x))`},
		{`count(DISTINCT"x")`, `count(DISTINCT"x")`},
		{`count`, `count`},
		{`count + (1)`, `count + (1)`},
		{`a.count`, `{a|count}`},
		{`bank.count(x)`, `bank.count(x)`},
		{`(a).count(x)`, `(a).count(x)`},
		{`"COUNT"(x)`, `"COUNT"(x)`},
		{`'discount(x)'`, `'discount(x)'`},
		{`discount(x)`, `discount(x)`},
		{`count_all(x)`, `count_all(x)`},
		{`min(x) + max(x)`, `min(x) + max(x)`},
		{`bool_and(x) OR every(y)`, `bool_and(x) OR every(y)`},
		{`'count(x)' /* sum(x) */ -- avg(x)`, `'count(x)' /* sum(x) */ -- avg(x) #comment`},
		{`coſunt(x)`, `coſunt(x)`},
		{`a_function_of_a_name_so_long(x)`, `a_function_of_a_name_so_long(x)`},
	})
}

// The texts of errors; positions are filled in.
const (
	literal = `unterminated literal at byte %d; close it with ', and double every ' inside it`
	quoted  = `unterminated quoted name at byte %d; close it with ", and double every " inside it`
	comment = `unterminated comment at byte %d; close it and every comment inside it with */`
	dollar  = `unterminated dollar quote at byte %d; close it with the tag that opens it`
	touches = `placeholder at byte %d touches a name or number; put a space between them, or write ?? for the operator ?`
	space   = `name at byte %d touches the operator & after the name "u"; put a space before it`
	unclose = `unclosed "(" at byte %d; close it or remove it`
	nothing = `")" at byte %d closes nothing; remove it or open it in the same text`
	semi    = `semicolon at byte %d; remove it, the text is put inside a statement`
	number  = `placeholder at byte %d has a number over 65535; number placeholders from $1`
	utf     = `invalid UTF-8 at byte %d; pass text encoded as UTF-8`
	mixed   = `placeholder ? at byte %d and a numbered one at byte %d in one text; use one style, ` +
		`and write ?? for the operator ?`
	stands = `%q at byte %d stands where the %q at byte %d must be closed; close that one first`
)

var parseErrors = []struct {
	text, want string
	at         []any
}{
	{`a = 'secret`, literal, []any{4}},
	{`'`, literal, []any{0}},
	{`'''`, literal, []any{0}},
	{`E'secret\'`, literal, []any{0}},
	{`E'\`, literal, []any{0}},
	{"E'a'\n'\\'", literal, []any{0}},
	{`1E'\'`, literal, []any{1}},
	{`a."b" = "secret`, quoted, []any{8}},
	{`a."secret""`, quoted, []any{2}},
	{`U&"x`, quoted, []any{0}},
	{`a /* secret`, comment, []any{2}},
	{`/* /* */`, comment, []any{0}},
	{`/*/`, comment, []any{0}},
	{`a.b /* secret`, comment, []any{4}},
	{`$$ secret $`, dollar, []any{0}},
	{`a = $x$ $X$`, dollar, []any{4}},
	{`LIMIT?`, touches, []any{5}},
	{`?1`, touches, []any{0}},
	{`a = ?AND b`, touches, []any{4}},
	{`a.b?'k'`, touches, []any{3}},
	{`é?`, touches, []any{2}},
	{`?é`, touches, []any{0}},
	{`1?`, touches, []any{1}},
	{`$?`, touches, []any{1}},
	{`$1a`, touches, []any{0}},
	{`$1tag$x$1tag$`, touches, []any{0}},
	{`1$1`, touches, []any{1}},
	{`u&a.b`, space, []any{2}},
	{`(`, unclose, []any{0}},
	{`a) OR (b`, nothing, []any{1}},
	{`f(a, (b)`, unclose, []any{1}},
	{`a))`, nothing, []any{1}},
	{`a = 1; DROP TABLE x`, semi, []any{5}},
	{`;`, semi, []any{0}},
	{"a\x00b", `zero byte at byte %d; remove it`, []any{1}},
	{"'\x00'", `zero byte at byte %d; remove it`, []any{1}},
	{"é\xff", utf, []any{2}},
	{"'\xc3'", utf, []any{1}},
	{"\uFFFD\xed\xa0\x80", utf, []any{3}},
	{`a = ? AND b = $1`, mixed, []any{4, 14}},
	{`$2 = ?`, mixed, []any{5, 0}},
	{`$0`, `placeholder $0 at byte %d; the first is $1`, []any{0}},
	{`a = $65536`, number, []any{4}},
	{`$99999999999999999999999`, number, []any{0}},
	{`[1`, `unclosed "[" at byte %d; close it or remove it`, []any{0}},
	{`1]`, `"]" at byte %d closes nothing; remove it or open it in the same text`, []any{1}},
	{strings.Repeat("([", 20) + ")", stands, []any{")", 40, "[", 39}},
	{strings.Repeat("(", 40) + strings.Repeat(")", 39), unclose, []any{0}},
	{strings.Repeat("(", 40) + strings.Repeat(")", 20), unclose, []any{19}},
	{`([)]`, stands, []any{")", 2, "[", 1}},
	{`a[(1]`, stands, []any{"]", 4, "(", 2}},
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	for _, c := range parseErrors {
		got, err := sqltext.Parse(c.text)
		want := fmt.Sprintf(c.want, c.at...)
		switch {
		case err == nil:
			t.Errorf("Parse(%q) = %s, want error %s", c.text, show(got), want)
		case err.Error() != want:
			t.Errorf("Parse(%q)\n got %v\nwant %s", c.text, err, want)
		case !reflect.DeepEqual(got, sqltext.Text{}):
			t.Errorf("Parse(%q) returns text with its error: %s", c.text, show(got))
		}
	}
}

func TestParseKeepsPathsApart(t *testing.T) {
	t.Parallel()
	got, err := sqltext.Parse(`a.b = c.d AND e.f = g.h`)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range got.Pieces {
		_ = append(p.Path, "x") // must not write into the next name's parts
	}
	if s := show(got); s != `{a|b} = {c|d} AND {e|f} = {g|h}` {
		t.Errorf("got %s", s)
	}
}

func TestParseManyPieces(t *testing.T) {
	t.Parallel()
	const n = 5000
	text := strings.Repeat("(a.b = ? OR ", n) + "true" + strings.Repeat(")", n)
	got, err := sqltext.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if problem := inconsistent(text, got); problem != "" || got.Placeholders != n {
		t.Errorf("%d placeholders, want %d; %s", got.Placeholders, n, problem)
	}
}

func TestParseAllocatesOnlyItsResult(t *testing.T) {
	for _, c := range []struct {
		text string
		want float64
	}{
		{``, 0},
		{`amount >= ? AND note <> 'why?'`, 1},
		{`activities.amount >= ? AND note <> 'why?'`, 2},
		{`count(lower(x)) > ? AND "a"."b" = $$a.b$$ /* ? */`, 1},
	} {
		got := testing.AllocsPerRun(100, func() {
			if _, err := sqltext.Parse(c.text); err != nil {
				t.Error(err)
			}
		})
		if got > c.want {
			t.Errorf("Parse(%q) allocates %v times, want %v", c.text, got, c.want)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	const text = `activities.amount >= ? AND note <> 'why?' AND activities.branch.city IN (?, ?)`
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := sqltext.Parse(text); err != nil {
			b.Fatal(err)
		}
	}
}
