package ddl_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/dbtest"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// lossy are tables that SQLite makes anew, with rows that the mend says it cannot run over, or does not say so because no declaration
// asks for it. Rows of others point at theirs, and go with them.
var lossy = []mended{
	{name: "NULL", tables: lossyItems("id INTEGER PRIMARY KEY, "+ownerKey+", code text, size text", ""), bad: "INSERT INTO items VALUES (3, 1, NULL, 'S')"},
	{name: "NULL, and numbers that never come again", tables: lossyItems("id INTEGER PRIMARY KEY AUTOINCREMENT, "+ownerKey+", code text, size text",
		"INSERT INTO items VALUES (9, 1, 'z', 'S'); DELETE FROM items WHERE id = 9"), bad: "INSERT INTO items VALUES (3, 1, NULL, 'S')"},
	{name: "what is no number", tables: lossyItems("id text PRIMARY KEY, "+ownerKey+", code text NOT NULL, size text", ""),
		bad: "INSERT INTO items VALUES ('x', 1, 'c', 'S')"},
	{name: "a check", options: options(dovetail.NamedCheck("short", "length(code) < 3")), bad: "INSERT INTO items VALUES (3, 1, 'long', 'S')",
		tables: lossyItems("id INTEGER PRIMARY KEY, "+ownerKey+", code text NOT NULL, size text", "")},
	{name: "a check that fails itself", options: options(dovetail.NamedCheck("short", "abs(code) < 3")),
		tables: lossyItems("id INTEGER PRIMARY KEY, "+ownerKey+", code NOT NULL, size text", ""),
		bad:    "INSERT INTO items VALUES (3, 1, -9223372036854775807 - 1, 'S')"},
	{name: "a check that is no SQL", options: options(dovetail.NamedCheck("short", "nothing(code) < 3")),
		tables: lossyItems("id INTEGER PRIMARY KEY, "+ownerKey+", code text NOT NULL, size text", ""), bad: "INSERT INTO items VALUES (3, 1, 'c', 'S')"},
	{name: "an index that cannot be made", options: options(dovetail.Unique("size")),
		tables: lossyItems("id INTEGER PRIMARY KEY, "+ownerKey+", code text, size text", ""), bad: "INSERT INTO items VALUES (3, 1, 'c', 'S')"},
	{name: "an index that is not declared", tables: lossyItems("id INTEGER PRIMARY KEY, owner_id blob NOT NULL, code text NOT NULL, size text",
		"CREATE UNIQUE INDEX mine ON items (owner_id)"), bad: "INSERT INTO items VALUES (3, '1', 'c', 'S')"},
	{name: "a row that would be left out", tables: lossyItems("id INTEGER PRIMARY KEY, owner_id blob NOT NULL UNIQUE ON CONFLICT IGNORE, code text NOT NULL, "+
		"size text", ""), bad: "INSERT INTO items VALUES (3, '1', 'c', 'S')"},
	{name: "a failure that ends the transaction", tables: lossyItems("id INTEGER PRIMARY KEY, owner_id blob NOT NULL UNIQUE ON CONFLICT ROLLBACK, code text NOT NULL, "+
		"size text", ""), bad: "INSERT INTO items VALUES (3, '1', 'c', 'S')"},
}

func lossyItems(columns, more string) string {
	return items(columns) + "; CREATE UNIQUE INDEX items_size ON items (size) WHERE code = 'a'; CREATE VIEW codes AS SELECT code FROM items; " +
		"CREATE TABLE notes (id INTEGER PRIMARY KEY, item_id bigint REFERENCES items (id) ON DELETE CASCADE, text text); " +
		"CREATE TRIGGER noted AFTER DELETE ON items BEGIN INSERT INTO notes VALUES (NULL, NULL, 'gone'); END; " +
		"CREATE TRIGGER noting AFTER DELETE ON notes BEGIN UPDATE items SET size = 'X' WHERE id = OLD.item_id; END; " + more
}

// lossyServer is a database of its own with the tables and the rows.
func lossyServer(t *testing.T, m mended, rows ...string) server {
	t.Helper()
	conn, err := dbtest.SQLite(t).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() }) //nolint:errcheck // the test is over
	s := server{sqlite.New(conn), func(t *testing.T, sql string) error {
		_, err := conn.ExecContext(t.Context(), sql)
		return err
	}}
	s.must(t, strings.ReplaceAll(m.tables, "{id}", "INTEGER PRIMARY KEY"), strings.ReplaceAll(itemRows, "'b', NULL", "'b', 'M'"))
	s.must(t, rows...)
	s.must(t, "INSERT INTO notes SELECT NULL, id, 'x' FROM items")
	return s
}

// all is all that the database has, without what a mend makes.
func (s server) all(t *testing.T, schema bool) []string {
	t.Helper()
	var all []string
	for _, table := range kit.Texts(t, s, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name") {
		values := kit.Texts(t, s, "SELECT coalesce(group_concat('coalesce(''='' || \"' || name || '\", ''NULL'')', ' || '' '' || '), '''''') FROM pragma_table_info('"+table+"')")[0]
		all = append(all, kit.Texts(t, s, `SELECT '`+table+` ' || `+values+` FROM "`+table+`" ORDER BY 1`)...)
	}
	what := "type || ' ' || name"
	if schema {
		what += " || coalesce(sql, '')"
	}
	all = append(all, kit.Texts(t, s, "SELECT "+what+" FROM sqlite_schema WHERE name NOT LIKE 'sqlite_autoindex_%' ORDER BY 1")...)
	return append(all, kit.Texts(t, s, "SELECT 'broken ' || \"table\" FROM pragma_foreign_key_check")...)
}

// kept says what is there no more.
func (s server) kept(t *testing.T, before []string, schema bool, format string, args ...any) {
	t.Helper()
	s.must(t, "PRAGMA foreign_keys = ON", "PRAGMA legacy_alter_table = OFF")
	if after := s.all(t, schema); !slices.Equal(before, after) {
		t.Errorf("%s: of\n%s\nthere is\n%s", fmt.Sprintf(format, args...), strings.Join(before, "\n"), strings.Join(after, "\n"))
	}
}

// TestAMendThatFailsLosesNothing runs mends as a shell does that goes on after an error, and as a program that stops at it.
func TestAMendThatFailsLosesNothing(t *testing.T) {
	t.Parallel()
	for _, m := range lossy {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			s := lossyServer(t, m, m.bad)
			before, findings := s.all(t, true), s.check(t, owned(m.options...))
			if err := mend(t, s, findings); err == nil {
				t.Fatal("expected a mend that fails")
			}
			s.exec(t, "ROLLBACK") //nolint:errcheck // it may be gone
			s.kept(t, before, true, "stopped")
			for _, f := range findings {
				for _, sql := range f.Mend {
					s.exec(t, sql) //nolint:errcheck // it goes on
				}
			}
			s.kept(t, before, true, "gone on")
			s.must(t, "BEGIN")
			for _, sql := range findings[0].Mend {
				s.exec(t, sql) //nolint:errcheck // it goes on
			}
			s.exec(t, "ROLLBACK") //nolint:errcheck // it may be gone
			s.kept(t, before, true, "gone on in a transaction")
		})
	}
}

// TestAMendThatIsInterruptedLosesNothing lets each statement of a mend fail, or end the transaction, as an interrupt or a full disk does,
// and goes on after it.
func TestAMendThatIsInterruptedLosesNothing(t *testing.T) {
	t.Parallel()
	for _, m := range lossy[:3] {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			s := lossyServer(t, m)
			steps := s.check(t, owned(m.options...))[0].Mend
			begin := slices.Index(steps, "BEGIN")
			for i := range steps {
				for _, instead := range []string{"ROLLBACK", "SELECT nothing"} {
					if i == begin { // which does not fail where there is no transaction
						continue
					}
					for _, rows := range [][]string{nil, {m.bad}} {
						if rows != nil && instead != "ROLLBACK" {
							continue
						}
						s := lossyServer(t, m, rows...)
						before := s.all(t, false)
						for j, sql := range steps {
							if j == i && instead == "ROLLBACK" {
								s.exec(t, sql) //nolint:errcheck // it goes on
							}
							if j == i {
								sql = instead
							}
							s.exec(t, sql) //nolint:errcheck // it goes on
						}
						s.exec(t, "ROLLBACK") //nolint:errcheck // it may be gone
						s.kept(t, before, false, "%s at %s", instead, steps[i])
					}
				}
			}
		})
	}
}
