package sqltext_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail/internal/sqltext"
)

// met says what the last placeholder of a text may be, besides, and what that meets.
func met(tb testing.TB, text string) string {
	tb.Helper()
	parsed, err := sqltext.Parse(text)
	if err != nil {
		tb.Fatal(err)
	}
	tokens := parsed.Tokens()
	all := sqltext.Relate(tokens, nil)
	last := -1
	for i, t := range tokens {
		if t.Kind == sqltext.Placeholder {
			last = i
		}
	}
	op := all.Of[last]
	if op == nil {
		return "unknown"
	}
	names := func(o *sqltext.Operand) string {
		list := slices.Clone(o.Made)
		for _, l := range o.Leaves {
			if path := all.Names[l]; path != nil {
				list = append(list, strings.Join(path, "."))
			} else if l != last {
				list = append(list, tokens[l].Text)
			}
		}
		if o.Number || o.Truth {
			list = append(list, "number")
		}
		if o.Text {
			list = append(list, "text")
		}
		return strings.Join(list, "|")
	}
	said := names(op) + op.In
	for _, m := range op.Meets {
		said += fmt.Sprintf(" %s %s", m.Op, names(m.With))
	}
	if op == all.Whole {
		said += " whole"
	}
	return strings.TrimSpace(said)
}

func TestOperandsAreWhatAPlaceholderMeets(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"?":                                     "whole",
		"a = ?":                                 "= a",
		"? <= a":                                "<= a",
		"a <= ?":                                ">= a",
		"(a) < ((?))":                           "> a",
		"`a b` < ?":                             "> a b",
		"[a] . \"b\" = ?":                       "= a.b",
		"t.a IS NOT DISTINCT FROM ?":            "= t.a",
		"a BETWEEN b AND ?":                     ">= a",
		"? NOT BETWEEN a AND b":                 ">= a <= b",
		"a IN (b, ?)":                           "IN a",
		"? IN (a, b)":                           "HAS a HAS b",
		"a IN (SELECT ? FROM t WHERE c = d)":    "IN a",
		"(a, b) > (1, ?)":                       "ROW b",
		"(a, b) IN (VALUES (1, ?))":             "ROW b",
		"coalesce(a, ?) = b":                    "a = b",
		"coalesce(a, 1, ?)":                     "a|number whole",
		"iif(a, 'x', ?) < b":                    "text < b",
		"CASE WHEN a < b THEN ? ELSE c END = d": "c = d",
		"CASE a WHEN ? THEN b END":              "= a",
		"julianday(?) < a":                      "",
		"julianday(a) < ?":                      "> julianday()|number",
		"datetime(?, 'unixepoch') = a":          "datetime with 'unixepoch'",
		"a + ? > b":                             "+",
		"a || 'x' = ?":                          "= |||text",
		"- a < ?":                               "> -|number",
		"CAST(a AS TEXT) = ?":                   "= CAST|text",
		"CAST(? AS NUMERIC(5, 2)) = a":          "CAST",
		"a = ? OR b < c AND NOT d":              "= a",
		"a < b = ?":                             "= a condition|number",
		"EXISTS (SELECT 1 FROM t AS u JOIN v ON u.a = v.a WHERE u.b >= ?) ":             "<= u.b",
		"(SELECT max(a) FROM t GROUP BY b HAVING count(*) > 1 ORDER BY 1 LIMIT 1) = ?":  "= a",
		"sum(a) FILTER (WHERE b) OVER (PARTITION BY c ORDER BY d ROWS 1 PRECEDING) = ?": "= sum()|number",
		"lag(a, 1, ?) OVER w > b":                           "a > b",
		"a COLLATE NOCASE = ?":                              "= a",
		"a LIKE ? ESCAPE '!'":                               "LIKE a",
		"max(a, ?) AS n":                                    "a whole",
		"a DESC, coalesce(b, ?) NULLS LAST":                 "b",
		"SELECT a FROM t WHERE b = ? UNION SELECT c FROM u": "= b",
		"CURRENT_TIMESTAMP < ?":                             "> CURRENT_TIMESTAMP|text",
		"a = ? ORDER":                                       "unknown",
		"(a, b) = ?":                                        "unknown",
		"a = ? FROM":                                        "unknown",
		"a IN t AND b = ?":                                  "= b",
		"? IN t":                                            "HAS the rows of a table",
	} {
		if got := met(t, text); got != want {
			t.Errorf("%s: expected %q, got %q", text, want, got)
		}
	}
}

// TestOperandsOfAnyTokens: text of whatever words is read to an end.
func TestOperandsOfAnyTokens(t *testing.T) {
	t.Parallel()
	words := strings.Fields("a b.c ? ? = < <= || -> + - * ( ) ( ) , [ ] ` \"q\" 'x' 1 SELECT FROM WHERE CASE WHEN THEN ELSE END CAST AS IN IS NOT NULL AND OR " +
		"BETWEEN VALUES UNION ORDER BY GROUP LIMIT OVER FILTER coalesce max EXISTS DISTINCT ON COLLATE LIKE ESCAPE nulls asc")
	random := rand.New(rand.NewPCG(1, 2))
	understood := 0
	for range 30_000 {
		var text []string
		for range 1 + random.IntN(14) {
			text = append(text, words[random.IntN(len(words))])
		}
		parsed, err := sqltext.Parse(strings.Join(text, " "))
		if err != nil {
			continue
		}
		tokens := parsed.Tokens()
		all := sqltext.Relate(tokens, nil)
		for i, tok := range tokens {
			if tok.Kind == sqltext.Placeholder && all.Of != nil && all.Of[i] == nil {
				t.Fatalf("%s: placeholder at token %d is lost", parsed, i)
			}
		}
		if all.Of != nil {
			understood++
		}
	}
	if understood < 300 {
		t.Errorf("expected more text that is understood, got %d", understood)
	}
	deep := strings.Repeat("(", 5000) + "?" + strings.Repeat(")", 5000)
	if got := met(t, deep); got != "unknown" {
		t.Errorf("expected text that is too deep to be unknown, got %q", got)
	}
}

// TestNamesOfWhatATextReadsByItself: the table t has the columns a and b, nothing is known of others.
func TestNamesOfWhatATextReadsByItself(t *testing.T) {
	t.Parallel()
	has := func(of sqltext.Source, column string) sqltext.Has {
		switch {
		case len(of.Table) != 1 || of.Table[0] != "t":
			return sqltext.MayHave
		case column == "a" || column == "b":
			return sqltext.HasIt
		}
		return sqltext.HasNot
	}
	for text, want := range map[string]string{
		"EXISTS (SELECT 1 FROM t WHERE a = ?)":                                            "t.a",
		"EXISTS (SELECT 1 FROM t AS x JOIN u ON x.b = ?)":                                 "t.b",
		"EXISTS (SELECT 1 FROM u WHERE EXISTS (SELECT 1 FROM t WHERE u.a = ?))":           "u.a?",
		"EXISTS (SELECT 1 FROM t WHERE c = ?)":                                            "c beyond",
		"EXISTS (SELECT 1 FROM (SELECT 1 AS z) AS d WHERE c = ?)":                         "c",
		"EXISTS (SELECT 1 FROM u WHERE c = ?)":                                            "c?",
		"EXISTS (SELECT 1 FROM t, t AS x WHERE a = ?)":                                    "a? loose",
		"EXISTS (SELECT 1 FROM t JOIN t AS x USING (a) WHERE a = ?)":                      "t.a",
		"EXISTS (SELECT 1 FROM json_each(a) AS j WHERE j.value = ?)":                      "j.value? loose",
		"EXISTS (SELECT 1 FROM (SELECT a + 1 AS c FROM t) AS d WHERE c = ?)":              "+",
		"EXISTS (SELECT 1 FROM (SELECT * FROM t) AS d WHERE d.b = ?)":                     "t.b",
		"EXISTS (SELECT 1 FROM (SELECT x.* FROM t AS x, u) AS d WHERE b = ?)":             "t.b",
		"EXISTS (SELECT 1 FROM (SELECT * FROM u) AS d WHERE d.b = ?)":                     "d.b? loose",
		"(WITH c(x, y) AS (SELECT a, -b FROM t) SELECT 1 FROM c WHERE y = ?)":             "-",
		"(WITH c AS (SELECT a FROM t UNION SELECT a FROM c) SELECT 1 FROM c WHERE a = ?)": "t.a",
		"(SELECT abs(a) AS n FROM t GROUP BY b HAVING n = ?)":                             "abs()",
		"(SELECT abs(a) AS a FROM t WHERE a = ?)":                                         "t.a", // the column comes first
		"(SELECT 1 FROM (t AS x CROSS JOIN u NATURAL JOIN t) WHERE x.a = ?)":              "t.a",
		"c IN (SELECT a FROM t) AND c = ?":                                                "c",
	} {
		parsed, err := sqltext.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		tokens := parsed.Tokens()
		all := sqltext.Relate(tokens, has)
		at := slices.IndexFunc(tokens, func(t sqltext.Token) bool { return t.Kind == sqltext.Placeholder })
		if all.Of == nil || len(all.Of[at].Meets) != 1 {
			t.Errorf("%s: expected it to be understood", text)
			continue
		}
		with := all.Of[at].Meets[0].With
		got := strings.Join(with.Made, "|")
		for _, l := range with.Leaves {
			c, isRead := all.Read[l]
			switch {
			case !isRead:
				got += strings.Join(all.Names[l], ".")
			case c.Known:
				got += strings.Join(c.Of.Table, ".") + "." + c.Name
			case c.Beyond:
				got += c.Name + " beyond"
			default:
				got += c.Name + "?"
			}
			if c.Loose {
				got += " loose"
			}
		}
		if got != want {
			t.Errorf("%s: expected %q, got %q", text, want, got)
		}
	}
}
