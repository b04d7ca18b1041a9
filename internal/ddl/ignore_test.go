package ddl_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type (
	igOwner struct {
		ID   int64
		Name string
	}
	igItem struct {
		ID      int64
		OwnerID int64
		Note    string
		Kind    string
	}
)

// igSchema declares owners of items.
func igSchema(items ...dovetail.TableOption) *dovetail.Registry {
	r := dovetail.NewRegistry()
	owners := dovetail.NewTable[igOwner](r, "ig_owners", dovetail.AssignedKey())
	dovetail.HasMany(owners, "items", dovetail.NewTable[igItem](r, "ig_items", append(items, dovetail.AssignedKey())...), dovetail.ForeignKey("owner_id"))
	return r
}

// found returns the kinds and columns of what Check finds.
func igFound(t *testing.T, r *dovetail.Registry, d kit.Database, options ...dovetail.CheckOption) string {
	t.Helper()
	findings, err := r.Check(t.Context(), d.DB, options...)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, f := range findings {
		all = append(all, string(f.Kind)+" "+f.Table+"("+strings.Join(f.Columns, ",")+")")
	}
	return strings.Join(all, "; ")
}

// igMend runs the mends of what Check finds.
func igMend(t *testing.T, r *dovetail.Registry, d kit.Database, options ...dovetail.CheckOption) {
	t.Helper()
	findings, err := r.Check(t.Context(), d.DB, options...)
	if err != nil {
		t.Fatal(err)
	}
	var done [][]string
	for _, f := range findings {
		if slices.ContainsFunc(done, func(m []string) bool { return slices.Equal(m, f.Mend) }) {
			continue
		}
		done = append(done, f.Mend)
		if d.Postgres() {
			for _, sql := range f.Mend {
				d.Exec(t, sql)
			}
		} else if len(f.Mend) > 0 {
			d.Exec(t, strings.Join(f.Mend, ";\n"))
		}
	}
}

// TestCheckIgnoresByKindAndTable leaves out what it is told to, in mends too.
func TestCheckIgnoresByKindAndTable(t *testing.T) {
	t.Parallel()
	r := igSchema()
	kit.OnEach(t, `CREATE TABLE ig_owners (id BIGINT NOT NULL PRIMARY KEY, name TEXT);
		CREATE TABLE ig_items (id BIGINT NOT NULL PRIMARY KEY, owner_id BIGINT NOT NULL, note TEXT, kind TEXT NOT NULL);`, func(t *testing.T, d kit.Database) {
		kit.Equal(t, "all", igFound(t, r, d),
			"null ig_owners(name); null ig_items(note); foreign key ig_items(owner_id); index ig_items(owner_id)")
		null := dovetail.Ignore(dovetail.FindingNull, "ig_items")
		kit.Equal(t, "one table's", igFound(t, r, d, null), "null ig_owners(name); foreign key ig_items(owner_id); index ig_items(owner_id)")
		kit.Equal(t, "several kinds", igFound(t, r, d, dovetail.Ignore(dovetail.FindingNull), dovetail.Ignore(dovetail.FindingIndex)),
			"foreign key ig_items(owner_id)")
		igMend(t, r, d, null)
		kit.Equal(t, "after the mends", igFound(t, r, d), "null ig_items(note)") // which no mend has changed

		for what, o := range map[string]dovetail.CheckOption{"kind": dovetail.Ignore("nul"), "table": dovetail.Ignore(dovetail.FindingNull, "ig_item"),
			"option": nil} {
			if _, err := r.Check(t.Context(), d.DB, o); err == nil || !strings.HasPrefix(err.Error(), "dovetail: check: ") || !strings.Contains(err.Error(), what) {
				t.Errorf("a %s that there is not: got %v", what, err)
			}
		}
	})
}

// TestCheckFindsAFaultOnce tells of a column and a table that are missing, and not of what follows.
func TestCheckFindsAFaultOnce(t *testing.T) {
	t.Parallel()
	r := igSchema(dovetail.Unique("note", "kind"))
	kit.OnEach(t, `CREATE TABLE ig_owners (id BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL);
		CREATE TABLE ig_items (id BIGINT NOT NULL PRIMARY KEY, kind TEXT NOT NULL, note TEXT NOT NULL, UNIQUE (note, kind));`, func(t *testing.T, d kit.Database) {
		kit.Equal(t, "a column", igFound(t, r, d), "column ig_items(owner_id)")
		igMend(t, r, d)
		kit.Equal(t, "mended with all that follows", igFound(t, r, d), "")
		if d.Postgres() {
			d.Exec(t, "DROP TABLE ig_owners CASCADE")
			kit.Equal(t, "a table", igFound(t, r, d), "table ig_owners()")
			igMend(t, r, d)
			kit.Equal(t, "mended with the key that points at it", igFound(t, r, d), "")
		}
	})
}

// TestCheckFindsWhatInsertsMiss looks for columns that are not declared, checks and texts of types.
func TestCheckFindsWhatInsertsMiss(t *testing.T) {
	t.Parallel()
	r := igSchema(dovetail.NamedCheck("ig_note", "note <> ''"), dovetail.Check("kind <> ''"), dovetail.Enum("kind", "ig_kind", "a", "b", "c", "d"))
	kit.OnEach(t, `CREATE TABLE ig_owners (id BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, size BIGINT NOT NULL, shade BIGINT NOT NULL DEFAULT 1, more TEXT);`,
		func(t *testing.T, d kit.Database) {
			kind := "TEXT"
			if d.Postgres() {
				d.Exec(t, "CREATE TYPE ig_kind AS ENUM ('b', 'x')")
				kind = "ig_kind"
			}
			d.Exec(t, "CREATE TABLE ig_items (id BIGINT NOT NULL PRIMARY KEY, owner_id BIGINT NOT NULL REFERENCES ig_owners, note TEXT NOT NULL, kind "+kind+" NOT NULL)")
			d.Exec(t, "CREATE INDEX ig_owner ON ig_items (owner_id)")
			want, left := "column ig_owners(size); check ig_items(note)", "column ig_owners(size)"
			if d.Postgres() {
				want, left = want+"; enum ig_items(kind)", left+"; enum ig_items(kind)"
			}
			kit.Equal(t, "all", igFound(t, r, d), want)
			igMend(t, r, d)
			kit.Equal(t, "what no mend mends", igFound(t, r, d), left)
			if !d.Postgres() {
				return
			}
			texts, err := kit.SQL[string](t.Context(), d.DB, "SELECT unnest(enum_range(NULL::ig_kind))::text")
			if err != nil {
				t.Fatal(err)
			}
			kit.Same(t, "the texts, the old ones kept", texts, "a", "b", "c", "d", "x")
			findings, _ := r.Check(t.Context(), d.DB)
			if f := findings[len(findings)-1]; f.Severity != dovetail.SeverityWarning || len(f.Mend) > 0 || !strings.Contains(f.Problem, `"x"`) {
				t.Errorf("expected a warning of the other text, got %v", f)
			}
		})
}

// TestCheckTakesWhatAllPartitionsHave for what the table has.
func TestCheckTakesWhatAllPartitionsHave(t *testing.T) {
	t.Parallel()
	r := igSchema(dovetail.Unique("note", "kind"))
	parted := func(t *testing.T, by string) kit.Database {
		t.Helper()
		return kit.PostgresPool(t, `CREATE TABLE ig_owners (id BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL);
			CREATE TABLE ig_items (id BIGINT NOT NULL, owner_id BIGINT NOT NULL, note TEXT NOT NULL, kind TEXT NOT NULL) PARTITION BY LIST (`+by+`);
			CREATE TABLE ig_one PARTITION OF ig_items FOR VALUES IN ('1');
			CREATE TABLE ig_more PARTITION OF ig_items FOR VALUES IN ('2', '3') PARTITION BY LIST (`+by+`);
			CREATE TABLE ig_two PARTITION OF ig_more FOR VALUES IN ('2');
			CREATE TABLE ig_three PARTITION OF ig_more FOR VALUES IN ('3');`)
	}
	each := func(t *testing.T, d kit.Database, sql string, tables ...string) {
		t.Helper()
		for _, table := range tables {
			d.Exec(t, strings.ReplaceAll(sql, "@", table))
		}
	}
	const none = "unique ig_items(id); unique ig_items(note,kind); foreign key ig_items(owner_id); index ig_items(owner_id)"
	const keys = "ALTER TABLE @ ADD FOREIGN KEY (owner_id) REFERENCES ig_owners ON DELETE RESTRICT; CREATE INDEX ON @ (owner_id); " +
		"CREATE UNIQUE INDEX ON @ (note, kind); CREATE UNIQUE INDEX ON @ (id)"
	for _, by := range []string{"kind", "note"} {
		t.Run(by, func(t *testing.T) {
			d := parted(t, by)
			kit.Equal(t, "none has any", igFound(t, r, d), none)
			each(t, d, keys, "ig_one", "ig_two")
			kit.Equal(t, "one has none", igFound(t, r, d), none)
			each(t, d, keys, "ig_three")
			// that ids differ in each partition does not make them differ in the table
			kit.Equal(t, "all have them", igFound(t, r, d), "unique ig_items(id)")
		})
	}
}

// TestWhatNoDatabaseCanMakeIsAMistakeOfTheDeclaration names and values that it cannot keep.
func TestWhatNoDatabaseCanMakeIsAMistakeOfTheDeclaration(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 32) // 64 bytes
	index := func(name string) dovetail.TableOption {
		return dovetail.IndexWith(dovetail.IndexSpec{Name: name, On: []string{"lower(note)"}})
	}
	query := func(o ...dovetail.TableOption) []dovetail.TableOption {
		return append(o, dovetail.As("SELECT 1 AS id, 1 AS owner_id, '' AS note, '' AS kind"))
	}
	for words, options := range map[string][]dovetail.TableOption{
		`Enum: the name of the type`:            {dovetail.Enum("kind", long, "a")},
		`has 64 bytes, and a type`:              {dovetail.Enum("kind", "k", "a", long)},
		`value 3 is given twice`:                {dovetail.Enum("kind", "k", "a", "b", "a")},
		`value 2 is given twice`:                {dovetail.OneOf("kind", "a", "a")},
		`value 1 holds a zero byte`:             {dovetail.OneOf("kind", "a\x00")},
		`not valid UTF-8`:                       {dovetail.Enum("kind", "k", "a\xff")},
		`has an index of the name "ig_shared"`:  {index("ig_shared")},
		`a table has the name "ig_owners"`:      {index("ig_owners")},
		`leave out Default`:                     query(dovetail.Default("note", "''")),
		`leave out Identity, NotNull`:           query(dovetail.Identity("id"), dovetail.NotNull("note")),
		`leave out ReadOnly, Version, OnUpdate`: query(dovetail.ReadOnly("note"), dovetail.Version("owner_id"), dovetail.OnUpdate("kind", "''")),
		`leave out OneOf, Enum`:                 query(dovetail.Enum("kind", "k", "a")),
		`leave out Generated, AssignedKey, Index, IndexWith, Check`: query(dovetail.Generated("note", "kind"), dovetail.AssignedKey(), dovetail.Index("note"),
			index("q"), dovetail.NamedCheck("q", "note <> ''")),
	} {
		r := dovetail.NewRegistry()
		dovetail.NewTable[igOwner](r, "ig_owners", dovetail.IndexWith(dovetail.IndexSpec{Name: "ig_shared", On: []string{"lower(name)"}}))
		dovetail.NewTable[igItem](r, "ig_items", options...)
		if err := r.Validate(); !errors.Is(err, dovetail.ErrInvalidRelation) || !strings.Contains(err.Error(), words) {
			t.Errorf("expected %q, got %v", words, err)
		}
	}
	// One binding more of a table, and one in another schema, has the same names; a query has a key by which its rows are told.
	r := dovetail.NewRegistry()
	dovetail.NewTable[igItem](r, "ig_items", index("ig_shared"))
	dovetail.NewTable[igItem](r, "ig_items", index("ig_shared"))
	dovetail.NewTable[igItem](r, "ig_others", index("ig_shared"), dovetail.Schema("other"))
	dovetail.NewTable[igItem](r, "ig_query", query(dovetail.Unique("note"), dovetail.Type("note", "text"))...)
	if err := r.Validate(); err != nil {
		t.Error(err)
	}
}
