package sqltext_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail/internal/sqltext"
)

// Each placeholder shows what the queries around it call their tables.
func TestHidingIsWhatTheQueriesAroundCallTheirTables(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, want string }{
		{"a = ?", ""},
		{"EXISTS (SELECT 1 FROM docs WHERE id = ?) AND ?", "docs; "},
		{"EXISTS (SELECT 1 FROM docs d WHERE id = ?)", "d"},
		{"EXISTS (SELECT 1 FROM docs AS d, public.kids, \"Odd\" AS \"O\" WHERE ?)", "d kids O"},
		{"EXISTS (SELECT ? FROM docs LEFT JOIN kids ON ? INNER JOIN LATERAL (SELECT ? FROM x) y ON true CROSS JOIN z WHERE true)", "docs kids y z; docs kids y z; x docs kids y z"},
		{"id IN (SELECT id FROM a WHERE ? UNION SELECT id FROM b WHERE ?)", "a; b"},
		{"(SELECT max(?) FROM json_each(?) AS j ORDER BY ?) > ?", "j; j; j; "},
		{"a IS DISTINCT FROM ? AND EXISTS (SELECT 1 FROM b WHERE c IS DISTINCT FROM d AND ?)", "; b"},
		{"EXISTS (SELECT extract(year FROM at) FROM b WHERE ?)", "b"},
		{"EXISTS (WITH w AS (SELECT 1 FROM c WHERE ?) SELECT 1 FROM w NATURAL JOIN v USING (x) WHERE ?)", "c w v; w v"},
		{"EXISTS (SELECT 1 FROM (a JOIN b ON ?) WHERE ?)", "a b; a b"},
		{"EXISTS (SELECT 1 FROM docs WHERE EXISTS (SELECT 1 FROM kids WHERE ?) AND ?)", "kids docs; docs"},
		{"SELECT 1 FROM docs WHERE ? GROUP BY x", "docs"},
	} {
		text, err := sqltext.Parse(test.text)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for i, names := range text.Hiding() {
			if text.Pieces[i].Kind == sqltext.Placeholder {
				got = append(got, strings.Join(names, " "))
			}
		}
		if !slices.Equal(got, strings.Split(test.want, "; ")) {
			t.Errorf("%s: expected %q, got %q", test.text, test.want, strings.Join(got, "; "))
		}
	}
}
