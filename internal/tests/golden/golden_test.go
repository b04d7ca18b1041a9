package golden_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// renderable is a Query of whatever type.
type renderable interface {
	dovetail.AnyQuery
	SQL(dialect.Dialect) (string, []any, error)
	Explain(dialect.Dialect) (string, error)
}

// goldenCase is a query, or a call whose statements are looked at.
type goldenCase struct {
	name  string
	query renderable
	call  func(ctx context.Context, db dovetail.DB) error
	only  string // the one dialect it is for; empty: all
}

// The dialects of the golden files. The standard one is that of ToSql.
var goldenDialects = []dialect.Dialect{postgres.Dialect, sqlite.Dialect, dialect.Standard}

func goldenCases() []goldenCase {
	var all []goldenCase
	for _, cases := range [][]goldenCase{
		goldenSelects(), goldenConditions(), goldenJoins(), goldenClauses(), goldenPreloads(), goldenCalls(), goldenNames(), goldenValues(), goldenFilters(),
		goldenAround(),
		goldenShared(),
		goldenLinks(),
		goldenFetches(),
		goldenTrees(),
		goldenFollowed(),
		goldenPages(),
		goldenRules(),
		goldenFirst(),
		goldenByCondition(),
		goldenMorphLinks(),
		goldenLogical(),
		goldenSymmetric(),
		goldenSources(),
		goldenTogether(),
		goldenWrites(),
		goldenDeclaredWrites(),
		goldenKept(),
	} {
		all = append(all, cases...)
	}
	return all
}

// rendering is what a dialect makes of a case.
type rendering struct {
	stmts    []dialect.Statement // of the query or the call itself; the first is the root's
	preloads []dialect.Statement // without their arguments
	plan     string              // the lines of Explain that are no SQL
	err      error
}

// render renders the case; ok is false where the case is not for the dialect.
func (c goldenCase) render(ctx context.Context, d dialect.Dialect) (r rendering, ok bool) {
	standard := d == dialect.Standard
	switch {
	case c.only != "" && c.only != d.Name(), standard && c.call != nil:
		return r, false
	case c.call != nil:
		db := &kit.CaptureDB{Speaks: d}
		if err := c.call(ctx, db); !errors.Is(err, kit.ErrCaptured) {
			r.err = err
		}
		r.stmts = db.Stmts
		return r, true
	case standard:
		text, args, err := c.query.ToSql()
		r.stmts, r.err = []dialect.Statement{{SQL: text, Args: args}}, err
		return r, true
	}
	text, args, err := c.query.SQL(d)
	if err != nil {
		r.err = err
		return r, true
	}
	r.stmts = []dialect.Statement{{SQL: text, Args: args}}
	explained, err := c.query.Explain(d)
	if err != nil {
		r.err = err
		return r, true
	}
	r.plan, r.preloads = readExplain(explained)
	return r, true
}

// readExplain splits what Explain returns into the plan with the counts, and the statements of the preloads.
func readExplain(text string) (plan string, preloads []dialect.Statement) {
	sections := strings.Split(strings.TrimSuffix(text, "\n"), "\n\n")
	plan = sections[0] + "\n" + sections[len(sections)-1]
	for _, s := range sections[1 : len(sections)-1] {
		head, stmt, _ := strings.Cut(s, "\n")
		if path, ok := strings.CutPrefix(head, "-- preload "); ok {
			preloads = append(preloads, dialect.Statement{SQL: stmt, Path: path})
		}
	}
	return plan, preloads
}

// text is the content of the golden file.
func (r rendering) text() string {
	if r.err != nil {
		return "error: " + r.err.Error() + "\n"
	}
	var b strings.Builder
	for _, s := range r.stmts {
		b.WriteString(breakClauses(s.SQL) + "\n-- args:" + describeArgs(s.Args) + "\n")
	}
	for _, p := range r.preloads {
		b.WriteString("\n-- preload " + p.Path + "\n" + breakClauses(p.SQL) + "\n")
	}
	if r.plan != "" {
		b.WriteString("\n-- plan\n" + r.plan + "\n")
	}
	return b.String()
}

func describeArgs(args []any) string {
	described := make([]string, 0, len(args))
	for i, a := range args {
		value := fmt.Sprintf("%v", a)
		if t := reflect.TypeOf(a); t != nil && t.Kind() == reflect.String {
			value = fmt.Sprintf("%q", a)
		}
		described = append(described, fmt.Sprintf(" %d=%T(%s)", i+1, a, value))
	}
	if len(args) == 0 {
		return " none"
	}
	return strings.Join(described, "")
}

// clauseStarts are where a line of a golden file begins. Longer ones stand before those they end in.
var clauseStarts = []string{
	" FROM ", " LEFT JOIN ", " CROSS JOIN ", " JOIN ", " WHERE ", " GROUP BY ", " HAVING ", " ORDER BY ", " LIMIT ", " OFFSET ",
	" FOR UPDATE",
}

// breakClauses puts each clause on a line of its own, outside quotes and parentheses. Put together again by spaces, the
// lines are the statement.
func breakClauses(text string) string {
	var b strings.Builder
	depth := 0
	for i := 0; i < len(text); {
		if end := quotedEnd(text, i); end > i {
			b.WriteString(text[i:end])
			i = end
			continue
		}
		switch text[i] {
		case '(':
			depth++
		case ')':
			depth--
		case ' ':
			if depth == 0 && startsClause(text[i:]) {
				b.WriteByte('\n')
				i++
				for i < len(text) && text[i] != ' ' { // over the keyword, so that LEFT JOIN is not broken in two
					b.WriteByte(text[i])
					i++
				}
				if strings.HasPrefix(text[i:], " JOIN ") {
					b.WriteString(" JOIN")
					i += len(" JOIN")
				}
				continue
			}
		}
		b.WriteByte(text[i])
		i++
	}
	return b.String()
}

func startsClause(text string) bool {
	for _, start := range clauseStarts {
		if strings.HasPrefix(text, start) {
			return true
		}
	}
	return false
}

// quotedEnd returns where the literal, quoted name or comment that starts at i ends, or i when none starts there.
func quotedEnd(text string, i int) int {
	rest := text[i:]
	end := -1
	switch {
	case rest[0] == '\'' || rest[0] == '"':
		// A doubled quote is two quoted pieces side by side, which is all the same here.
		if end = strings.IndexByte(rest[1:], rest[0]); end >= 0 {
			return i + end + 2
		}
	case strings.HasPrefix(rest, "--"):
		if end = strings.IndexByte(rest, '\n'); end >= 0 {
			return i + end
		}
	case strings.HasPrefix(rest, "/*"):
		if end = strings.Index(rest, "*/"); end >= 0 {
			return i + end + 2
		}
	default:
		return i
	}
	return len(text)
}

var numbered = regexp.MustCompile(`\$(\d+)`)

// placeholders counts the arguments that a statement asks for, and says when their numbers have gaps or come out of
// order: arguments are numbered from left to right, and each is used once.
func placeholders(d dialect.Dialect, text string) (int, error) {
	var bare strings.Builder
	for i := 0; i < len(text); {
		if end := quotedEnd(text, i); end > i {
			i = end
			continue
		}
		bare.WriteByte(text[i])
		i++
	}
	if d != postgres.Dialect {
		return strings.Count(strings.ReplaceAll(bare.String(), "??", ""), "?"), nil
	}
	n := 0
	for _, m := range numbered.FindAllStringSubmatch(bare.String(), -1) {
		n++
		if m[1] != strconv.Itoa(n) {
			return n, fmt.Errorf("placeholder %d is %s", n, m[0])
		}
	}
	return n, nil
}

func TestGolden(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, c := range goldenCases() {
		if seen[c.name] {
			t.Fatalf("two cases are named %q", c.name)
		}
		seen[c.name] = true
	}
	for _, d := range goldenDialects {
		for _, c := range goldenCases() { // rows of its own: calls that fail put back what rows held, beside those of other dialects
			r, ok := c.render(t.Context(), d)
			if !ok {
				continue
			}
			t.Run(d.Name()+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				checkRendering(t, c, d, r)
				compareGolden(t, filepath.Join("testdata", "sql", d.Name(), c.name+".golden"), r.text())
			})
		}
	}
	if len(seen) < 100 {
		t.Errorf("expected 100 cases or more, got %d", len(seen))
	}
}

// checkRendering holds for every golden, whatever it says.
func checkRendering(t *testing.T, c goldenCase, d dialect.Dialect, r rendering) {
	t.Helper()
	for range 3 {
		if again, _ := c.render(t.Context(), d); again.text() != r.text() {
			t.Fatalf("rendered again, the case is another:\n%s\n%s", r.text(), again.text())
		}
	}
	if r.err != nil {
		kit.CheckErrorText(t, r.err)
		return
	}
	if len(r.stmts) == 0 {
		t.Fatal("no statement and no error")
	}
	for _, s := range r.stmts {
		if n, err := placeholders(d, s.SQL); err != nil || n != len(s.Args) {
			t.Errorf("%d placeholders, %d arguments, %v: %s", n, len(s.Args), err, s.SQL)
		}
	}
	for _, s := range r.preloads {
		if n, err := placeholders(d, s.SQL); err != nil || n == 0 {
			t.Errorf("%d placeholders, %v, in a preload that has keys: %s", n, err, s.SQL)
		}
	}
	for _, s := range append(r.stmts, r.preloads...) {
		if joined := strings.ReplaceAll(breakClauses(s.SQL), "\n", " "); joined != strings.ReplaceAll(s.SQL, "\n", " ") {
			t.Errorf("the lines of the golden are not the statement:\n%s\n%s", joined, s.SQL)
		}
	}
}

// compareGolden compares the text with the file's, or writes it there.
func compareGolden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; write it with: go test -run Golden -update .", err)
	}
	if got != string(want) {
		t.Errorf("%s says\n%s\ngot\n%s", file, want, got)
	}
}

// TestGoldenFilesHaveCases finds files that no case writes any more.
func TestGoldenFilesHaveCases(t *testing.T) {
	t.Parallel()
	wanted := map[string]bool{}
	for _, c := range goldenCases() {
		for _, d := range goldenDialects {
			if _, ok := c.render(t.Context(), d); ok {
				wanted[filepath.Join("testdata", "sql", d.Name(), c.name+".golden")] = true
			}
		}
	}
	for _, c := range errorCases() {
		wanted[filepath.Join("testdata", "errors", c.name+".golden")] = true
	}
	for _, c := range budgetCases() {
		for _, d := range goldenDialects {
			wanted[filepath.Join("testdata", "reports", d.Name(), c.name+".golden")] = true
		}
	}
	for _, pattern := range []string{"testdata/sql/*/*", "testdata/errors/*", "testdata/reports/*/*"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		if len(files) == 0 {
			t.Errorf("no file is %s", pattern)
		}
		for _, f := range files {
			if !wanted[f] {
				t.Errorf("%s belongs to no case; remove it", f)
			}
		}
	}
}

func TestGoldenStatementOfTheDesignIsVerbatim(t *testing.T) {
	t.Parallel()
	const want = `SELECT DISTINCT "accounts"."id", "accounts"."owner", "accounts"."email", "accounts"."balance", ` +
		`"accounts"."created_at" FROM "accounts" JOIN "activity" AS "activities" ON "activities"."account_id" = "accounts"."id" ` +
		`WHERE ("activities"."activity_type" = $1) AND ("activities"."amount" >= $2)`
	for _, c := range goldenCases() {
		if c.name != "design_section_1" {
			continue
		}
		got, args, err := c.query.SQL(postgres.Dialect)
		if err != nil || got != want {
			t.Errorf("expected %s, got %s, %v", want, got, err)
		}
		if !reflect.DeepEqual(args, []any{models.Deposit, 750}) {
			t.Errorf("expected the arguments Deposit and 750, got %v", args)
		}
		return
	}
	t.Error("no case is named design_section_1")
}

// TestGoldenTextOfAMapIsAlwaysTheSame builds the queries anew each time: Go's maps have another order each time.
func TestGoldenTextOfAMapIsAlwaysTheSame(t *testing.T) {
	t.Parallel()
	first := map[string]string{}
	for range 100 {
		for _, c := range goldenCases() {
			if !strings.Contains(c.name, "map") {
				continue
			}
			r, _ := c.render(t.Context(), postgres.Dialect)
			if text, known := first[c.name]; known && text != r.text() {
				t.Fatalf("%s differs:\n%s\n%s", c.name, text, r.text())
			}
			first[c.name] = r.text()
		}
	}
	if len(first) < 3 {
		t.Errorf("only %d cases have a map", len(first))
	}
}
