package fuzz_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type ddlRow struct {
	ID       int64
	Kind     string
	Mood     string
	Note     *string
	ParentID *int64
	Parent   *ddlRow
	Rows     []*ddlRow
}

type ddlPair struct{ OneID, OtherID int64 }

// FuzzDDL makes tables with any names and values: they are refused, or the databases make them, Check finds nothing, and rows come back as
// they were written.
func FuzzDDL(f *testing.F) {
	both := databases(f, false)
	for _, s := range [][4]string{
		{"rows", "rows_kind", "mood", "a"}, {`ro"ws`, "index", "type", "it's"}, {"select", "user", "order", "?"},
		{"日本", "$1", "--", `\`}, {"a.b", "/*", "*/", "E'\\'"}, {strings.Repeat("x", 63), strings.Repeat("y", 63), strings.Repeat("z", 63), strings.Repeat("é", 40)},
		{"pg_rows", "sqlite_rows", "int4", ""}, {"\u2028", "\n", "\u00a0", "\x01"},
	} {
		f.Add(s[0], s[1], s[2], s[3])
	}
	f.Fuzz(func(t *testing.T, table, index, mood, value string) {
		r := dovetail.NewRegistry()
		options := []dovetail.TableOption{
			dovetail.OneOf("kind", value, value+"2"), dovetail.Enum("mood", mood, value, "calm!"),
			dovetail.IndexWith(dovetail.IndexSpec{Name: index, On: []string{"kind", "id"}, Unique: true}), dovetail.NamedCheck(index+"_check", "id > 0"),
		}
		rows := dovetail.NewTable[ddlRow](r, table, options...)
		pairs := dovetail.NewTable[ddlPair](r, table+"_pairs", dovetail.PrimaryKey("one_id", "other_id"))
		dovetail.BelongsTo(rows, "parent", rows, dovetail.ForeignKey("parent_id"), dovetail.Inverse("rows"))
		dovetail.HasMany(rows, "rows", rows, dovetail.ForeignKey("parent_id"))
		_ = pairs
		for _, d := range both {
			made(t, d, r, rows, value)
		}
	})
}

// made makes the tables in a transaction that is taken back.
func made(t *testing.T, d database, r *dovetail.Registry, rows *dovetail.Table[ddlRow], value string) {
	t.Helper()
	statements, err := r.DDL(d.DB.Dialect())
	if err != nil {
		refused(t, err, d.Name)
		return
	}
	kit.NoError(t, d.exec(t.Context(), "BEGIN"))
	defer func() { kit.NoError(t, d.exec(t.Context(), "ROLLBACK")) }()
	for _, sql := range statements {
		if err := d.exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v\n%s", d.Name, err, strings.Join(statements, ";\n"))
		}
	}
	findings, err := r.Check(t.Context(), d.DB)
	if err != nil || len(findings) > 0 {
		t.Errorf("%s: Check finds, %v\n%s\n%s", d.Name, err, kit.ListFindings(findings), strings.Join(statements, ";\n"))
	}
	note := value
	if strings.ContainsRune(note, 0) || !utf8.ValidString(note) {
		note = ""
	}
	written := &ddlRow{Kind: value, Mood: value, Note: &note, Rows: []*ddlRow{{Kind: value + "2", Mood: "calm!"}}}
	if err := dovetail.Insert(rows, written).With("rows").Exec(t.Context(), d.DB); err != nil {
		t.Fatalf("%s: %v", d.Name, err)
	}
	got, err := dovetail.Select(rows).OrderBy("id").Preload("rows").All(t.Context(), d.DB)
	if err != nil || len(got) != 2 {
		t.Fatalf("%s: %d rows, %v", d.Name, len(got), err)
	}
	if first := got[0]; first.Kind != value || first.Mood != value || *first.Note != note || len(first.Rows) != 1 || first.Rows[0].Kind != value+"2" {
		t.Errorf("%s: expected %+v, got %+v", d.Name, written, first)
	}
}

// FuzzIdent quotes any name: the databases read it as that name.
func FuzzIdent(f *testing.F) {
	both := databases(f, false)
	for _, name := range []string{"a", `a"b`, `"`, `""`, "a.b", "select", "A", "é", "日本", "'", `\`, "--", "/*", "?", "$1", "\n", "\u2028", "a\x00", "\xff", strings.Repeat("é", 32), "", ":x", "@x", "]", "`"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if name == "" || strings.ContainsRune(name, 0) || !utf8.ValidString(name) {
			return // it is no name
		}
		for _, d := range both {
			sql := string(d.DB.Dialect().AppendIdent([]byte("SELECT 1 AS "), name))
			var columns []string
			err := d.DB.Run(t.Context(), []dialect.Statement{{SQL: sql, Reads: true}}, func(_ int, rows dialect.Rows) error {
				columns = append(columns, rows.Columns()...)
				for rows.Next() {
				}
				return rows.Err()
			})
			limit := d.DB.Dialect().Features().MaxIdent
			want := name
			if limit > 0 && len(want) > limit { // PostgreSQL cuts it between characters; no name of the library's is so long
				for want = want[:limit]; !utf8.ValidString(want); want = want[:len(want)-1] {
				}
			}
			if err != nil || len(columns) != 1 || columns[0] != want {
				t.Errorf("%s: %q: got %q and %v", d.Name, name, columns, err)
			}
		}
	})
}
