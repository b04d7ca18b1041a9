package sqltext_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail/internal/sqltext"
)

func mustParse(t *testing.T, text string) sqltext.Text {
	t.Helper()
	parsed, err := sqltext.Parse(text)
	if err != nil {
		t.Fatalf("Parse(%q): %v", text, err)
	}
	return parsed
}

func TestWordsAreThoseThatMayBeColumns(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{``, ``},
		{`n`, `<n>`},
		{`n > 3`, `<n> > 3`},
		{`3 < n`, `3 < <n>`},
		{`n>m`, `<n>><m>`},
		{`(n)`, `(<n>)`},
		{`n > ? AND m = ?`, `<n> > ? AND <m> = ?`},
		{`n > a.n AND a.n < n`, `<n> > a.n AND a.n < <n>`},
		{`n(1) + n (2)`, `n(1) + n (2)`},
		{`n.x + x.n + "x".n + n . "x"`, `n.x + x.n + "x".n + n . "x"`},
		{`'n' || $$n$$ /* n */ -- n`, `'n' || $$n$$ /* n */ -- n`},
		{`"n" > 1 OR "m" < "a""b"`, `<"n"> > 1 OR <"m"> < "a""b"`},
		{`x AS "n"`, `x AS "n"`},
		{`"n"(1) + U&"n"`, `"n"(1) + U&"n"`},
		{`x::n + cast(x AS n) + x :: n`, `x::n + cast(x AS n) + x :: n`},
		{`n::text`, `<n>::text`},
		{`date '2020-01-01' + time '1:00' + interval'1'`, `date '2020-01-01' + time '1:00' + interval'1'`},
		{`date > date '2020-01-01'`, `<date> > date '2020-01-01'`},
		{`extract(year FROM at) = year`, `extract(year FROM <at>) = <year>`},
		{`n AT TIME ZONE 'UTC'`, `<n> AT TIME ZONE 'UTC'`},
		{`lower(n) AS m`, `lower(<n>) AS m`},
		{`n AND NOT m`, `<n> AND NOT <m>`},
		{`last DESC NULLS LAST`, `<last> DESC NULLS LAST`},
		{`CASE WHEN n THEN 1 ELSE m END`, `CASE WHEN <n> THEN 1 ELSE <m> END`},
		{`:n + @m + $n`, `:n + @m + $n`},
		{`1n + n1 + n`, `1n + n1 + <n>`},
		{`x = ANY(?) AND n`, `x = ANY(?) AND <n>`},
		{`n -- n` + "\n+ m", `<n> -- n` + "\n+ <m>"},
		{`E'\'n' + n`, `E'\'n' + <n>`},
		{`N > 3`, `<N> > 3`},
	} {
		known := []string{"n", "m", "date", "time", "year", "at", "last", "and", "interval"}
		got := mustParse(t, test.text).Words(func(w string) bool {
			return slices.Contains(known, strings.ToLower(sqltext.Unquoted(w)))
		})
		var b strings.Builder
		for _, p := range got.Pieces {
			if p.Kind == sqltext.Word {
				b.WriteString("<" + p.Text + ">")
				continue
			}
			b.WriteString(p.Text)
		}
		if b.String() != test.want {
			t.Errorf("%q: expected %q, got %q", test.text, test.want, b.String())
		}
		if got.String() != test.text {
			t.Errorf("%q is %q after Words", test.text, got.String())
		}
	}
}

func TestNamedIsWhatEndsInAName(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, of, name string }{
		{`count(*) AS n`, `count(*)`, "n"},
		{`count(*) as N`, `count(*)`, "n"},
		{`count(*) AS "My n"`, `count(*)`, "My n"},
		{`count(*) AS "a""b"`, `count(*)`, `a"b`},
		{`coalesce(a.b, ?) AS n /* why */`, `coalesce(a.b, ?)`, "n"},
		{`a.b AS n`, `a.b`, "n"},
		{`? AS n`, `?`, "n"},
		{`cast(x AS int) AS n -- so`, `cast(x AS int)`, "n"},
		{`x AS étage`, `x`, "étage"},
		{`count(*) n`, ``, ""},
		{`cast(x AS int)`, ``, ""},
		{`a AS b, c AS d`, ``, ""},
		{`(SELECT a AS b)`, ``, ""},
		{`AS n`, ``, ""},
		{`a.*`, ``, ""},
		{``, ``, ""},
		{`x AS U&"n"`, ``, ""},
	} {
		of, name, ok := mustParse(t, test.text).Named()
		if of.String() != test.of || name != test.name || ok != (test.name != "") {
			t.Errorf("%q: expected %q and %q, got %q, %q and %t", test.text, test.of, test.name, of.String(), name, ok)
		}
	}
}

func TestGroupsKnowsAggregates(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"count(*)": true, "max(a.b) + 1": true, "MAX (x)": true, "count(DISTINCT x)": true, "bool_or(x > 1)": true,
		"max(a, b)": false, "max(lower(x), 'a')": false, "lower(max(x))": true, "own.max(x)": false, "max": false, "greatest(a, b)": false,
		"'max(x)'": false, "regr_count(x, y)": true, "max(x[1, 2])": true, "lower(x)": false,
	} {
		if got := mustParse(t, text).Groups(); got != want {
			t.Errorf("%q: expected %t, got %t", text, want, got)
		}
	}
}

func TestHasFindsBareWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"name = 'x'": true, "NAME = ?": true, "a.name": false, "name(1)": false, "'name'": false,
		"id IN (SELECT name FROM x)": true, "": false,
	} {
		if got := mustParse(t, text).Has("name"); got != want {
			t.Errorf("%q: expected %t, got %t", text, want, got)
		}
	}
}
