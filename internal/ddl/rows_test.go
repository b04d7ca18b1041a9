package ddl_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail"
)

type mendOwner struct {
	ID   int64
	Name string
}

type mendItem struct {
	ID      int64
	OwnerID int64
	Code    string
	Size    *string
}

// owned has items with an owner, and more that is declared of the items.
func owned(options ...dovetail.TableOption) *dovetail.Registry {
	r := dovetail.NewRegistry()
	owners := dovetail.NewTable[mendOwner](r, "owners")
	items := dovetail.NewTable[mendItem](r, "items", options...)
	dovetail.BelongsTo(items, "owner", owners, dovetail.ForeignKey("owner_id"))
	return r
}

const (
	ownersTable = "CREATE TABLE owners (id {id}, name text NOT NULL); INSERT INTO owners VALUES (1, 'a'), (2, 'b')"
	ownerKey    = "owner_id bigint NOT NULL REFERENCES owners (id) ON DELETE RESTRICT"
	itemRows    = "INSERT INTO items (id, owner_id, code, size) VALUES (1, 1, 'a', 'S'), (2, 2, 'b', NULL)"
)

// mended is what a database has other than declared, with rows over which the mends run and with some over which they do not.
type mended struct {
	name     string
	options  []dovetail.TableOption
	tables   string   // {id} is a number that the database makes
	rows     string   // over which the mends run
	bad      string   // and these too they do not
	silent   bool     // they do, on SQLite, which does not look
	needs    []string // of all findings
	sqlite   []string // there, if they differ
	only     string   // the database, if it is one
	unmended bool     // by no SQL
}

// items is the table of items with these columns.
func items(columns string) string {
	return ownersTable + "; CREATE TABLE items (" + columns + "); CREATE INDEX items_owner ON items (owner_id)"
}

func options(o ...dovetail.TableOption) []dovetail.TableOption { return o }

var mends = []mended{
	{name: "a table", tables: ownersTable},
	{name: "a table at which rows point", tables: "CREATE TABLE items (id {id}, owner_id bigint NOT NULL, code text NOT NULL, size text)",
		bad: itemRows, silent: true, needs: []string{`each row of "items" with (owner_id) points at one of "owners"`},
		sqlite: []string{`each row of "items" with (owner_id) points at one of "owners", which is not looked at; PRAGMA foreign_key_check ` +
			`lists the others`}},
	{name: "a column", tables: items("id {id}, " + ownerKey + ", code text NOT NULL"),
		rows: "INSERT INTO items VALUES (1, 1, 'a'), (2, 2, 'b')"},
	{name: "a column that must have a value", tables: items("id {id}, " + ownerKey + ", size text"), bad: "INSERT INTO items VALUES (1, 1, 'S')",
		needs: []string{`each row has a "code"; give it to them between the statement that adds it and the one that makes it NOT NULL`},
		sqlite: []string{`the table is empty, for its rows would have no "code"; else run ALTER TABLE "items" ADD COLUMN "code" TEXT, give it to ` +
			`them, and check again`}},
	{name: "a column with a default", options: options(dovetail.Default("code", "'x'")),
		tables: items("id {id}, " + ownerKey + ", size text"), rows: "INSERT INTO items VALUES (1, 1, 'S'), (2, 2, 'M')"},
	{name: "a column with a default that is to be unique", options: options(dovetail.Default("code", "'x'"), dovetail.Unique("code")),
		tables: items("id {id}, " + ownerKey + ", size text"), rows: "INSERT INTO items VALUES (1, 1, 'S')",
		bad: "INSERT INTO items VALUES (2, 2, 'M')", needs: []string{"no two rows have the same (code)"}},
	{name: "a generated column", options: options(dovetail.Generated("code", "size || 'x'")),
		tables: items("id {id}, " + ownerKey + ", size text"), rows: "INSERT INTO items VALUES (1, 1, 'S')",
		bad: "INSERT INTO items VALUES (2, 2, NULL)", needs: []string{`the expression of "code" is NULL for no row`}},
	{name: "a key", tables: items(ownerKey + ", code text NOT NULL, size text"), rows: "INSERT INTO items VALUES (1, 'a', 'S'), (2, 'b', 'M')"},
	{name: "a key beside another", tables: items(ownerKey + ", code text PRIMARY KEY NOT NULL, size text"), only: "postgres",
		rows: "INSERT INTO items VALUES (1, 'a', 'S'), (2, 'b', 'M')"},
	{name: "a key beside another, which cannot be", tables: items(ownerKey + ", code text PRIMARY KEY NOT NULL, size text"), only: "sqlite",
		rows: "INSERT INTO items VALUES (1, 'a', 'S'), (2, 'b', 'M')", unmended: true},
	{name: "NOT NULL", tables: items("id {id}, " + ownerKey + ", code text, size text"), rows: itemRows,
		bad: "INSERT INTO items VALUES (3, 1, NULL, 'S')", needs: []string{`no row has NULL in "code"`}},
	{name: "NOT NULL of a key", tables: items("id {id}, " + strings.Replace(ownerKey, "NOT NULL", "", 1) + ", code text NOT NULL, size text"), rows: itemRows,
		bad: "INSERT INTO items VALUES (3, NULL, 'c', 'S')", needs: []string{`no row has NULL in "owner_id"`}},
	{name: "a default", options: options(dovetail.Default("code", "'x'")), tables: items("id {id}, " + ownerKey + ", code text NOT NULL, size text"),
		rows: itemRows},
	{name: "a number", tables: items("id bigint NOT NULL UNIQUE, " + ownerKey + ", code text NOT NULL, size text"), only: "postgres",
		rows: "INSERT INTO items VALUES (-5, 1, 'a', 'S')"},
	{name: "a number of what is none", tables: items("id numeric PRIMARY KEY, " + ownerKey + ", code text NOT NULL, size text"), only: "postgres",
		unmended: true},
	{name: "a number, and the key", tables: items("id bigint, " + ownerKey + ", code text NOT NULL, size text"), rows: itemRows,
		bad:    "INSERT INTO items (id, owner_id, code) VALUES (1, 1, 'c')",
		needs:  []string{`no row has NULL in "id"`, "no two rows have the same (id), and none has NULL there"},
		sqlite: []string{`each row has a whole number in "id", or NULL, and no two the same`, "no two rows have the same (id)"}},
	{name: "a primary key", options: options(dovetail.AssignedKey()), tables: items("id bigint NOT NULL, " + ownerKey + ", code text NOT NULL, size text"),
		rows: itemRows, bad: "INSERT INTO items (id, owner_id, code) VALUES (1, 1, 'c')",
		needs: []string{"no two rows have the same (id), and none has NULL there"}, sqlite: []string{"no two rows have the same (id)"}},
	{name: "what is to be unique", options: options(dovetail.Unique("code", "size")), tables: items("id {id}, " + ownerKey + ", code text NOT NULL, size text"),
		rows: itemRows, bad: "INSERT INTO items VALUES (3, 1, 'a', 'S')", needs: []string{"no two rows have the same (code, size)"}},
	{name: "a foreign key", tables: items("id {id}, owner_id bigint NOT NULL, code text NOT NULL, size text"), rows: itemRows, silent: true,
		bad: "INSERT INTO items VALUES (3, 7, 'a', 'S')", needs: []string{`each row of "items" with (owner_id) points at one of "owners"`},
		sqlite: []string{`each row of "items" with (owner_id) points at one of "owners", which is not looked at; PRAGMA foreign_key_check ` +
			`lists the others`}},
	{name: "a foreign key to another table", tables: "CREATE TABLE others (id bigint PRIMARY KEY); INSERT INTO others VALUES (1), (2), (7); " +
		items("id {id}, owner_id bigint NOT NULL REFERENCES others (id), code text NOT NULL, size text"), rows: itemRows, silent: true,
		bad: "INSERT INTO items VALUES (3, 7, 'a', 'S')", needs: []string{`each row of "items" with (owner_id) points at one of "owners"`},
		sqlite: []string{`each row of "items" with (owner_id) points at one of "owners", which is not looked at; PRAGMA foreign_key_check ` +
			`lists the others`}},
	{name: "what a delete does", tables: items("id {id}, owner_id bigint NOT NULL REFERENCES owners (id) ON DELETE CASCADE, code text NOT NULL, size text"),
		rows: itemRows},
	{name: "the width of a type", tables: items("id {id}, owner_id numeric NOT NULL REFERENCES owners (id), code text NOT NULL, size text"), only: "sqlite",
		rows: itemRows, needs: []string{`each "owner_id" is one of INTEGER`}},
	{name: "a type", tables: items("id {id}, owner_id text NOT NULL, code text NOT NULL, size text"), only: "postgres",
		rows: itemRows, bad: "INSERT INTO items VALUES (3, 'x', 'a', 'S')",
		needs: []string{`each "owner_id" is one of bigint`, `each row of "items" with (owner_id) points at one of "owners"`}},
	{name: "a type that a view has", only: "postgres", unmended: true,
		tables: items("id {id}, owner_id text NOT NULL, code text NOT NULL, size text") + "; CREATE VIEW seen AS SELECT owner_id || 'x' FROM items"},
	{name: "a type that a generated column is made of", only: "postgres", unmended: true, tables: items("id {id}, owner_id text NOT NULL, code text NOT NULL, " +
		"size text, twice text GENERATED ALWAYS AS (owner_id || 'x') STORED")},
	{name: "a type that a trigger has", only: "postgres", unmended: true, tables: items("id {id}, owner_id text NOT NULL, code text NOT NULL, size text") +
		"; CREATE TRIGGER told BEFORE UPDATE OF owner_id ON items FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()"},
	{name: "a type that a policy has", only: "postgres", unmended: true, tables: items("id {id}, owner_id text NOT NULL, code text NOT NULL, size text") +
		"; CREATE POLICY own ON items USING (owner_id = current_user)"},
	{name: "a type that a function has", only: "postgres", unmended: true, tables: items("id {id}, owner_id text NOT NULL, code text NOT NULL, size text") +
		"; CREATE FUNCTION one() RETURNS bigint BEGIN ATOMIC SELECT count(owner_id) FROM items; END"},
	{name: "the width of a type that a view has", only: "postgres", unmended: true, tables: items("id {id}, "+strings.Replace(ownerKey, "bigint", "int", 1)+
		", code text NOT NULL, size text") + "; CREATE VIEW seen AS SELECT owner_id FROM items"},
	{name: "a type between which there is no cast", tables: items("id {id}, owner_id date NOT NULL, code text NOT NULL, size text"), only: "postgres",
		bad:   "INSERT INTO items VALUES (3, '2001-02-03', 'a', 'S')",
		needs: []string{`each "owner_id" is one of bigint`, `each row of "items" with (owner_id) points at one of "owners"`}},
	{name: "a type of a column with a default", only: "postgres", unmended: true,
		tables: items("id {id}, owner_id text NOT NULL DEFAULT '1', code text NOT NULL, size text")},
	{name: "an index", tables: strings.Replace(items("id {id}, "+ownerKey+", code text NOT NULL, size text"), "INDEX items_owner ON items (owner_id)",
		"INDEX items_code ON items (code)", 1), rows: itemRows},
	{name: "an index of an expression", options: options(dovetail.IndexWith(dovetail.IndexSpec{Name: "codes", On: []string{"lower(code)"}, Unique: true}),
		dovetail.IndexWith(dovetail.IndexSpec{Name: "upper_codes", On: []string{"upper(code)"}})),
		tables: items("id {id}, " + ownerKey + ", code text NOT NULL, size text"), rows: itemRows,
		bad: "INSERT INTO items VALUES (3, 1, 'A', 'S')", needs: []string{`no two rows are the same to index "codes"`}},
	{name: "a check", options: options(dovetail.NamedCheck("short", "length(code) < 3")),
		tables: items("id {id}, " + ownerKey + ", code text NOT NULL, size text"), rows: itemRows,
		bad: "INSERT INTO items VALUES (3, 1, 'long', 'S')", needs: []string{`each row passes "short"`}},
	{name: "a text of a type", options: options(dovetail.Enum("size", "sizes", "S", "M")), only: "postgres",
		tables: "CREATE TYPE sizes AS ENUM ('S'); " + items("id {id}, "+ownerKey+", code text NOT NULL, size sizes"), rows: itemRows},
	{name: "a column and its type", options: options(dovetail.Enum("size", "sizes", "S", "M")), only: "postgres",
		tables: items("id {id}, " + ownerKey + ", code text NOT NULL"), rows: "INSERT INTO items VALUES (1, 1, 'a'), (2, 2, 'b')"},
	{name: "the case of a name", tables: items("id {id}, " + ownerKey + `, "CODE" text NOT NULL, size text`), only: "postgres",
		rows: "INSERT INTO items VALUES (1, 1, 'a', 'S')"},
	{name: "an index whose name another has", tables: strings.Replace(items("id {id}, "+ownerKey+", code text NOT NULL, size text"), "INDEX items_owner ON items (owner_id)",
		"INDEX items_owner_id_idx ON items (code)", 1), rows: itemRows},
	{name: "an index whose name a table has", tables: strings.Replace(items("id {id}, "+ownerKey+", code text NOT NULL, size text"), "INDEX items_owner ON items (owner_id)",
		"TABLE items_owner_id_idx (id bigint)", 1), rows: itemRows},
	{name: "what is to be unique, by a name that is taken twice", options: options(dovetail.Unique("code")), tables: items("id {id}, "+ownerKey+", code text NOT NULL, size text") +
		"; CREATE UNIQUE INDEX items_code_key ON items (code) WHERE size IS NULL; CREATE TABLE items_code_96272315_key (id bigint)", rows: itemRows,
		needs: []string{"no two rows have the same (code)"}},
	{name: "an index of an expression whose name is taken", options: options(dovetail.IndexWith(dovetail.IndexSpec{Name: "codes", On: []string{"lower(code)"}})),
		tables: items("id {id}, "+ownerKey+", code text NOT NULL, size text") + "; CREATE TABLE codes (id bigint); CREATE INDEX CODES_OF ON codes (id)", unmended: true},
	{name: "a check whose name is taken", options: options(dovetail.NamedCheck("short", "length(code) < 3")), only: "postgres", unmended: true,
		tables: items("id {id}, " + ownerKey + ", code text NOT NULL CONSTRAINT short UNIQUE, size text")},
	{name: "a foreign key whose name is taken", tables: items("id {id}, owner_id bigint NOT NULL, code text NOT NULL CONSTRAINT items_owner_id_fkey UNIQUE, size text"),
		rows: itemRows, needs: []string{`each row of "items" with (owner_id) points at one of "owners"`},
		sqlite: []string{`each row of "items" with (owner_id) points at one of "owners", which is not looked at; PRAGMA foreign_key_check ` +
			`lists the others`}},
	{name: "a foreign key of another name to another table", tables: "CREATE TABLE others (id bigint PRIMARY KEY); INSERT INTO others VALUES (1), (2); " +
		items("id {id}, owner_id bigint NOT NULL CONSTRAINT mine REFERENCES others (id), code text NOT NULL CONSTRAINT items_owner_id_fkey UNIQUE, size text"),
		rows: itemRows, needs: []string{`each row of "items" with (owner_id) points at one of "owners"`},
		sqlite: []string{`each row of "items" with (owner_id) points at one of "owners", which is not looked at; PRAGMA foreign_key_check ` +
			`lists the others`}},
	{name: "a table whose names an older one has", tables: items("id {id}, "+ownerKey+", code text NOT NULL, size text") +
		"; CREATE INDEX items_owner_id_idx ON items (owner_id); ALTER TABLE items RENAME TO older"},
	{name: "the key, which is declared unique too", options: options(dovetail.Unique("id"), dovetail.AssignedKey()),
		tables: items("id bigint NOT NULL, " + ownerKey + ", code text, size text"), rows: itemRows,
		needs:  []string{`no row has NULL in "code"`, "no two rows have the same (id), and none has NULL there"},
		sqlite: []string{`no row has NULL in "code"`, "no two rows have the same (id)"}},
	{name: "all at once", options: options(dovetail.Default("code", "'x'")), tables: items("id {id}, owner_id bigint, code text, size text"), only: "sqlite",
		rows: itemRows, bad: "INSERT INTO items VALUES (3, 1, NULL, 'S')", needs: []string{`no row has NULL in "owner_id"`, `no row has NULL in "code"`,
			`each row of "items" with (owner_id) points at one of "owners", which is not looked at; PRAGMA foreign_key_check lists the others`}},
}

// make makes the tables and the rows.
func (m mended) make(t *testing.T, s server, rows string) {
	t.Helper()
	id := "bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY"
	if s.Dialect().Name() == "sqlite" {
		id = "INTEGER PRIMARY KEY"
	}
	s.must(t, strings.ReplaceAll(m.tables, "{id}", id))
	if rows != "" {
		s.must(t, rows)
	}
}

// on runs a test on each of the databases that the case is of.
func (m mended) on(t *testing.T, test func(t *testing.T, s server)) {
	t.Helper()
	onEach(t, func(t *testing.T, s server) {
		if m.only == "" || m.only == s.Dialect().Name() {
			test(t, s)
		}
	})
}

// mend runs what the findings say, as far as it runs.
func mend(t *testing.T, s server, findings []dovetail.Finding) error {
	t.Helper()
	for _, f := range findings {
		for _, sql := range f.Mend {
			if err := s.exec(t, sql); err != nil {
				return err
			}
		}
	}
	return nil
}

// TestMendsRunOverRows runs every kind of mend over rows, and over some that it says it cannot run over, and does not.
func TestMendsRunOverRows(t *testing.T) {
	t.Parallel()
	for _, m := range mends {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			m.on(t, func(t *testing.T, s server) {
				r := owned(m.options...)
				m.make(t, s, m.rows)
				findings, needs := s.check(t, r), []string(nil)
				for _, f := range findings {
					for _, need := range f.Needs {
						if !slices.Contains(needs, need) {
							needs = append(needs, need)
						}
					}
					if (len(f.Mend) == 0) != m.unmended || m.unmended && !strings.Contains(f.Problem, "by hand") {
						t.Errorf("expected SQL, or none and what to do by hand, got\n%s", f)
					}
				}
				want := m.needs
				if s.Dialect().Name() == "sqlite" && m.sqlite != nil {
					want = m.sqlite
				}
				if !slices.Equal(needs, want) || len(findings) == 0 {
					t.Errorf("expected the needs %q, got\n%s", want, text(findings))
				}
				if err := mend(t, s, findings); err != nil {
					t.Fatalf("%v, of\n%s", err, text(findings))
				}
				if left := s.check(t, r); len(left) > 0 && !m.unmended {
					t.Errorf("after all mends there is\n%s", text(left))
				}
			})
			m.on(t, func(t *testing.T, s server) {
				if m.bad == "" {
					return
				}
				m.make(t, s, m.rows)
				s.must(t, m.bad)
				err := mend(t, s, s.check(t, owned(m.options...)))
				if silent := m.silent && s.Dialect().Name() == "sqlite"; (err == nil) != silent {
					t.Errorf("expected the mend to need what it says, got %v", err)
				}
			})
		})
	}
}

// TestAColumnIsAddedToRowsInSteps gives rows a value of a column that must have one, as the finding says.
func TestAColumnIsAddedToRowsInSteps(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s server) {
		r, m := owned(), mended{tables: items("id {id}, " + ownerKey + ", size text")}
		m.make(t, s, "INSERT INTO items VALUES (1, 1, 'S'), (2, 2, 'M')")
		findings := s.check(t, r)
		if len(findings) != 1 || len(findings[0].Needs) != 1 {
			t.Fatalf("expected the column, and what it needs, got\n%s", text(findings))
		}
		give := "UPDATE items SET code = 'c' || id"
		if _, step, ok := strings.Cut(findings[0].Needs[0], "else run "); ok {
			step, _, _ = strings.Cut(step, ", give it")
			s.must(t, step, give)
		} else {
			s.must(t, findings[0].Mend[0], give)
			s.must(t, findings[0].Mend[1:]...)
		}
		for _, f := range s.check(t, r) {
			s.must(t, f.Mend...)
		}
		if left := s.check(t, r); len(left) > 0 {
			t.Errorf("after all steps there is\n%s", text(left))
		}
	})
}

// TestWhatKeepsATypeIsSaid names what uses a column, without which its type cannot be changed, and offers no key that its type lets nobody make.
func TestWhatKeepsATypeIsSaid(t *testing.T) {
	t.Parallel()
	ids, rest := "(id bigint, owner_id text NOT NULL, ", "code text NOT NULL, size text)"
	for use, tables := range map[string][]string{
		`view "seen"`:                 {"CREATE TABLE items " + ids + rest, "CREATE MATERIALIZED VIEW seen AS SELECT owner_id FROM items"},
		"trigger told on table items": {"CREATE TABLE items " + ids + rest, "CREATE TRIGGER told BEFORE UPDATE ON items FOR EACH ROW WHEN (OLD.owner_id <> 'x') EXECUTE FUNCTION suppress_redundant_updates_trigger()"},
		"the partitions of the table": {"CREATE TABLE items " + ids + rest + " PARTITION BY LIST (owner_id)"},
		"rule kept on table items":    {"CREATE TABLE items " + ids + rest, "CREATE RULE kept AS ON DELETE TO items WHERE OLD.owner_id = 'x' DO INSTEAD NOTHING"},
	} {
		t.Run(use, func(t *testing.T) {
			t.Parallel()
			mended{only: "postgres"}.on(t, func(t *testing.T, s server) {
				s.must(t, strings.ReplaceAll(ownersTable, "{id}", "bigint PRIMARY KEY"))
				s.must(t, tables...)
				types := 0
				for _, f := range s.check(t, owned()) {
					switch {
					case f.Kind == "type":
						types++
						if len(f.Mend) > 0 || !strings.HasSuffix(f.Problem, "; to mend it give it that type by hand: it is used by "+use) {
							t.Errorf("expected what to do by hand, and %s, got\n%s", use, f)
						}
					case f.Kind == "foreign key" && (len(f.Mend) > 0 || !strings.Contains(f.Problem, `give "owner_id" the type bigint by hand first`)):
						t.Errorf("expected no key of the type, got\n%s", f)
					}
				}
				if types != 1 {
					t.Errorf("expected one finding of the type, got %d", types)
				}
			})
		})
	}
}
