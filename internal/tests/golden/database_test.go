package golden_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// goldenSchemas is the text that makes every table the golden queries name.
func goldenSchemas(tb testing.TB) string {
	tb.Helper()
	return kit.ReadingsDDL(tb) + kit.ReadFile(tb, "testdata/schemas/golden.sql") + models.TreesDDL + models.RulesDDL + models.NamedDDL + models.StaffDDL + models.RealmDDL +
		models.MediaDDL + models.KindedDDL + models.NationsDDL + models.SpelledDDL + models.PartsDDL + models.KeptDDL
}

// TestGoldenStatementsRun sends every statement of the golden files to the database it is written for: the root's with
// its arguments, so that these are known to be of types that fit, and those of preloads to be prepared.
func TestGoldenStatementsRun(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, goldenSchemas(t), func(t *testing.T, d kit.Database) {
		ran := 0
		for _, c := range goldenCases() {
			r, ok := c.render(t.Context(), d.DB.Dialect())
			if !ok || r.err != nil {
				continue
			}
			for _, s := range append(r.stmts, prepared(t, d, r.preloads)...) {
				ran++
				err := d.DB.Run(t.Context(), []dialect.Statement{s}, func(_ int, rows dialect.Rows) error {
					for rows.Next() { // all rows, because some errors come with a later one
					}
					return rows.Err()
				})
				if err != nil {
					t.Errorf("%s %s: %v\n%s", c.name, s.Path, err, s.SQL)
				}
			}
		}
		if ran < 100 {
			t.Errorf("only %d statements ran", ran)
		}
	})
}

// prepared returns the preloads' statements with no keys for an argument, which the database plans and answers with no
// row.
func prepared(t *testing.T, d kit.Database, preloads []dialect.Statement) []dialect.Statement {
	t.Helper()
	stmts := make([]dialect.Statement, 0, len(preloads))
	for _, p := range preloads {
		n, err := placeholders(d.DB.Dialect(), p.SQL)
		if err != nil {
			t.Fatal(err)
		}
		p.Args = make([]any, n)
		stmts = append(stmts, p)
	}
	return stmts
}

// TestGoldenSubqueryIsWrittenForTheDatabase has a subquery whose SQL differs between databases: text is matched case
// sensitively on each, and a literal's question mark is nobody's placeholder where squirrel has no part.
func TestGoldenSubqueryIsWrittenForTheDatabase(t *testing.T) {
	t.Parallel()
	inner := dovetail.Select(models.Accounts).Columns("id").Where(dovetail.Contains("owner", "bob")).Where("email <> 'who?'")
	q := dovetail.Select(models.Activities).Columns("id").Where(sq.Eq{"account_id": inner})
	const start = `SELECT "activity"."id" FROM "activity" WHERE ("activity"."account_id" IN ` +
		`(SELECT "accounts"."id" FROM "accounts" WHERE ("accounts"."owner" `
	for _, test := range []struct {
		dialect dialect.Dialect
		want    string
	}{
		{postgres.Dialect, start + `LIKE $1 ESCAPE '!') AND (email <> 'who?')))`},
		{sqlite.Dialect, start + `GLOB ?) AND (email <> 'who?')))`},
	} {
		got, args, err := q.SQL(test.dialect)
		if err != nil || got != test.want || len(args) != 1 {
			t.Errorf("%s: expected %s with one argument, got %s, %v, %v", test.dialect.Name(), test.want, got, args, err)
		}
	}
}

// TestGoldenToSqlShortensAliases has aliases that PostgreSQL would cut to the same 63 bytes, once ToSql's text reaches it
// through squirrel: the inner one would be taken for the outer.
func TestGoldenToSqlShortensAliases(t *testing.T) {
	t.Parallel()
	path := strings.TrimSuffix(strings.Repeat("subcategories.", 5), ".") // 69 bytes
	text, _, err := dovetail.Select(models.Categories).Columns("id").Has(path, dovetail.Has("parent")).ToSql()
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	for _, m := range regexp.MustCompile(`AS ("[^"]+")`).FindAllStringSubmatch(text, -1) {
		cut := m[1][1 : len(m[1])-1]
		cut = cut[:min(len(cut), 63)]
		if other, taken := names[cut]; taken {
			t.Errorf("%s and %s are one name to PostgreSQL", other, m[1])
		}
		names[cut] = m[1]
	}
	if len(names) != 6 {
		t.Errorf("expected 6 aliases, got %d: %s", len(names), text)
	}
}

// TestATimeInAListIsTheTimeByItself compares a column without a time zone, where the zone of an argument matters.
func TestATimeInAListIsTheTimeByItself(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("IST", 5*60*60+30*60)
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		for _, at := range []time.Time{
			time.Date(2024, 1, 1, 9, 0, 0, 0, time.UTC), // the first account's
			time.Date(2024, 1, 1, 9, 0, 0, 0, zone),
			time.Date(2024, 1, 1, 14, 30, 0, 0, zone), // the same instant as the first account's in UTC
		} {
			alone, err := dovetail.Select(models.Accounts).Where(sq.Eq{"created_at": at}).Count(t.Context(), d.DB)
			if err != nil {
				t.Fatal(err)
			}
			listed, err := dovetail.Select(models.Accounts).Where(sq.Eq{"created_at": []time.Time{at}}).Count(t.Context(), d.DB)
			if err != nil {
				t.Fatal(err)
			}
			if alone != listed {
				t.Errorf("%v: %d rows alone, %d rows in a list", at, alone, listed)
			}
		}
	})
}
