package ddl_test

import (
	"database/sql"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dovetail-go/dovetail"
)

type nilPart struct{ A int }

type nilFields struct {
	ID       int64
	Text     *string
	Time     *time.Time
	Null     sql.NullString
	Generic  sql.Null[int64]
	Bytes    []byte
	Raw      json.RawMessage
	Map      map[string]any
	List     []string
	Part     nilPart
	PartP    *nilPart
	Pair     [2]int
	Any      any
	BytesP   *[]byte
	Number   int64
	Given    *string
	Never    *string
	ReadOnly *string
}

// TestCheckFindsWhatRefusesNil makes each column NOT NULL, and inserts a row of which nobody set any.
func TestCheckFindsWhatRefusesNil(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s server) {
		r := dovetail.NewRegistry()
		table := dovetail.NewTable[nilFields](r, "nils", dovetail.Type("any", "text"), dovetail.Default("given", "'x'"), dovetail.NotNull("never"),
			dovetail.Generated("read_only", "'y'"))
		statements, err := r.DDL(s.Dialect())
		if err != nil {
			t.Fatal(err)
		}
		never := "never"
		for i, line := range strings.Split(statements[0], "\n") {
			column, _, ok := strings.Cut(strings.TrimPrefix(line, `  "`), `"`)
			if i < 2 || !ok || strings.HasPrefix(line, "  CONSTRAINT") {
				continue
			}
			made := strings.TrimSuffix(line, ",")
			if !strings.Contains(line, "NOT NULL") {
				made += " NOT NULL"
			}
			s.must(t, strings.Replace(statements[0], strings.TrimSuffix(line, ","), made, 1))
			findings := s.check(t, r)
			refuses := dovetail.Insert(table, &nilFields{ID: 1, Never: &never}).Exec(t.Context(), s) != nil
			found := len(findings) == 1 && findings[0].Kind == "null" && findings[0].Severity == dovetail.SeverityWarning &&
				slices.Equal(findings[0].Columns, []string{column}) && findings[0].Mend == nil
			if found != refuses || !found && len(findings) > 0 {
				t.Errorf("column %q refuses what nobody set: %v, but there is\n%s", column, refuses, text(findings))
			}
			s.must(t, "DROP TABLE nils")
		}
	})
}

// TestAFindingWithoutSQLHasNoneOfOthers has a table of SQLite that is made anew for some of what is found, and by no SQL for the rest.
func TestAFindingWithoutSQLHasNoneOfOthers(t *testing.T) {
	t.Parallel()
	type untyped struct {
		ID     int64
		Amount any
		Code   string
		Size   *string
	}
	onEach(t, func(t *testing.T, s server) {
		r := dovetail.NewRegistry()
		dovetail.NewTable[untyped](r, "items", dovetail.Index("code", "amount"))
		m := mended{tables: "CREATE TABLE items (id {id}, code text, size text NOT NULL)"}
		m.make(t, s, "INSERT INTO items (code, size) VALUES ('a', 'S')")
		findings := s.check(t, r)
		for _, f := range findings {
			if mends := f.Columns[0] == "code"; mends != (len(f.Mend) > 0) {
				t.Errorf("expected SQL for the column alone that it mends, got\n%s", f)
			}
			s.must(t, f.Mend...)
		}
		if left := s.check(t, r); len(left) != len(findings)-1 || len(findings) != 3 {
			t.Errorf("of\n%s\nthere is\n%s", text(findings), text(left))
		}
	})
}
