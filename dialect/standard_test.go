package dialect_test

import (
	"fmt"
	"testing"

	"github.com/dovetail-go/dovetail/dialect"
)

func TestStandardText(t *testing.T) {
	t.Parallel()
	d := dialect.Standard
	in, err := d.In([]any{1, "a", nil}, dialect.Keys{}, false)
	if err != nil {
		t.Fatal(err)
	}
	notIn, err := d.In([]any{1}, dialect.Keys{}, true)
	if err != nil {
		t.Fatal(err)
	}
	match := d.Match(dialect.MatchStart, "50%_!")
	src := d.KeySource("keys", make([]dialect.KeyType, 2))
	for _, c := range [][2]string{
		{d.Name(), "standard"},
		{string(d.AppendIdent([]byte("x."), `a"b`)), `x."a""b"`},
		{string(d.AppendPlaceholder(nil, 3)), "?"},
		{string(d.AppendLimit(nil, 5, 10)), " LIMIT 5 OFFSET 10"},
		{string(d.AppendLimit(nil, -1, 10)), " OFFSET 10"},
		{string(d.AppendLimit(nil, -1, -1)), ""},
		{in.SQL + fmt.Sprint(in.Args), "IN (?, ?, ?)[1 a <nil>]"},
		{notIn.SQL + fmt.Sprint(notIn.Args), "NOT IN (?)[1]"},
		{match.SQL + fmt.Sprint(match.Args), "LIKE ? ESCAPE '!'[50!%!_!!%]"},
		{src.From, `UNNEST(?, ?) WITH ORDINALITY AS "keys"("keys1", "keys2", "keysord")`},
		{fmt.Sprint(src.Columns, src.Ord, src.First), `["keys"."keys1" "keys"."keys2"]"keys"."keysord"1`},
		{fmt.Sprint(d.KeyArgs([]dialect.Keys{{Kind: dialect.KeyInt, Ints: []int64{1}}, {Texts: []string{"a"}}})), "[[1] [a]]"},
	} {
		if c[0] != c[1] {
			t.Errorf("got %s, want %s", c[0], c[1])
		}
	}
}

func TestStandardAsksNothingOfADatabase(t *testing.T) {
	t.Parallel()
	if _, ok := dialect.Standard.KeyMember(dialect.KeyType{Kind: dialect.KeyInt}); ok {
		t.Error("there is a member form")
	}
	if _, ok := dialect.Standard.KeyTypes([]dialect.ColumnRef{{Table: "t", Column: "c"}}); ok {
		t.Error("there is a look-up of types")
	}
	if d := dialect.Standard; d != dialect.Standard {
		t.Error("it cannot be compared")
	}
}

func TestLikePattern(t *testing.T) {
	t.Parallel()
	for m, want := range map[dialect.Match]string{
		dialect.MatchAnywhere: "%a!%b%", dialect.MatchStart: "a!%b%", dialect.MatchEnd: "%a!%b",
	} {
		if got := dialect.LikePattern(m, "a%b"); got != want {
			t.Errorf("%d: got %s, want %s", m, got, want)
		}
	}
}
