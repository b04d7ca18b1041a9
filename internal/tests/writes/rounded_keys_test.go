package writes_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// rkNode is told by a key that its column may round, and points at another above it; rkItem and rkLink point at it too.
type (
	rkNode[K any] struct {
		K      K
		Parent *K
		Own    *K
		Note   string
		Made   string
		Nodes  []*rkNode[K]
		Owned  []*rkNode[K]
		Items  []*rkItem[K]
		Tags   []*rkNode[K]
	}
	rkItem[K any] struct {
		K    K
		Own  *K
		Note string
	}
	rkLink[K any] struct {
		NodeK, TagK K
		Note        *string
	}
)

// rkDDL has a node, and a second that lies below it; the first has an item and is tagged by itself.
func rkDDL(column, first, second string) string {
	return strings.NewReplacer("TYPE", column, "FIRST", first, "SECOND", second).Replace(`
		CREATE TABLE rk_nodes (k TYPE NOT NULL PRIMARY KEY, parent TYPE, own TYPE, note TEXT NOT NULL DEFAULT '', made TEXT NOT NULL DEFAULT 'made');
		CREATE TABLE rk_items (k TYPE NOT NULL PRIMARY KEY, own TYPE, note TEXT NOT NULL);
		CREATE TABLE rk_links (node_k TYPE NOT NULL, tag_k TYPE NOT NULL, note TEXT, PRIMARY KEY (node_k, tag_k));
		INSERT INTO rk_nodes (k, parent) VALUES (FIRST, NULL), (SECOND, FIRST);
		INSERT INTO rk_items VALUES (FIRST, FIRST, 'item');
		INSERT INTO rk_links VALUES (FIRST, FIRST, 'link')`)
}

// rkKeys are keys of the rows that are there, as they are stored and as their columns round them to that, and of rows that are not.
type rkKeys[K any] struct{ first, second, firstRounded, secondRounded, new, newRounded K }

// rkCall is a call with a key that is rounded.
type rkCall struct {
	name string
	do   func(ctx context.Context, db dovetail.DB) error
}

func rkCalls[K any](k rkKeys[K]) []rkCall {
	r := dovetail.NewRegistry()
	nodes := dovetail.NewTable[rkNode[K]](r, "rk_nodes", dovetail.PrimaryKey("k"), dovetail.AssignedKey(), dovetail.Default("made", "'made'"))
	items := dovetail.NewTable[rkItem[K]](r, "rk_items", dovetail.PrimaryKey("k"), dovetail.AssignedKey())
	links := dovetail.NewTable[rkLink[K]](r, "rk_links", dovetail.PrimaryKey("node_k", "tag_k"))
	nodesOf := dovetail.HasMany(nodes, "nodes", nodes, dovetail.ForeignKey("parent"), dovetail.Inverse("above"), dovetail.Acyclic())
	ownedOf := dovetail.HasMany(nodes, "owned", nodes, dovetail.ForeignKey("own"))
	itemsOf := dovetail.HasMany(nodes, "items", items, dovetail.ForeignKey("own"))
	tagsOf := dovetail.ManyToMany(nodes, "tags", nodes, links, dovetail.ThroughKeys([]string{"node_k"}, []string{"tag_k"}))
	type (
		ctx  = context.Context
		db   = dovetail.DB
		node = rkNode[K]
		item = rkItem[K]
	)
	by := func(_ any, err error) error { return err }
	at := func(key K) *node { return &node{K: key} }
	tagged := func(key K) dovetail.Linked[node, rkLink[K]] {
		note := "new"
		return dovetail.Linked[node, rkLink[K]]{Row: at(key), Link: &rkLink[K]{Note: &note}}
	}
	first, second, isSecond := k.first, k.second, k.secondRounded
	below := func(key K) *node { return &node{K: key, Parent: &isSecond} }
	return []rkCall{
		{"replace", func(c ctx, d db) error { return by(itemsOf.Replace(c, d, at(first), &item{K: k.firstRounded})) }},
		{"replace by owner", func(c ctx, d db) error { return by(itemsOf.Replace(c, d, at(k.firstRounded), &item{K: first})) }},
		{"sync", func(c ctx, d db) error {
			return by(itemsOf.Sync(c, d, at(first), &item{K: k.firstRounded, Note: "new"}))
		}},
		{"sync by owner", func(c ctx, d db) error {
			return by(itemsOf.Sync(c, d, at(k.firstRounded), &item{K: first, Note: "new"}))
		}},
		{"sync of a new row", func(c ctx, d db) error { return by(itemsOf.Sync(c, d, at(first), &item{K: k.newRounded, Note: "new"})) }},
		{"link", func(c ctx, d db) error { return by(itemsOf.Link(c, d, at(first), &item{K: k.firstRounded})) }},
		{"link in a circle", func(c ctx, d db) error { return by(nodesOf.Link(c, d, at(isSecond), at(first))) }},
		{"move in a circle", func(c ctx, d db) error { return by(nodesOf.Move(c, d, at(isSecond), at(first))) }},
		{"replace in a circle", func(c ctx, d db) error { return by(nodesOf.Replace(c, d, at(isSecond), at(first))) }},
		{"sync in a circle", func(c ctx, d db) error { return by(nodesOf.Sync(c, d, at(isSecond), at(first))) }},
		{"sync of a circle", func(c ctx, d db) error {
			return by(ownedOf.Sync(c, d, at(first), &node{K: second, Parent: &isSecond, Made: "made"}))
		}},
		{"replace the row above", func(c ctx, d db) error { return by(nodesOf.Inverse().Replace(c, d, at(first), at(isSecond))) }},
		{"replace the row above of it", func(c ctx, d db) error {
			return by(nodesOf.Inverse().Replace(c, d, at(k.firstRounded), at(second)))
		}},
		{"replace by none", func(c ctx, d db) error { return by(itemsOf.Replace(c, d, at(k.firstRounded))) }},
		{"sync to none", func(c ctx, d db) error { return by(itemsOf.Sync(c, d, at(k.firstRounded))) }},
		{"unlink", func(c ctx, d db) error { return by(itemsOf.Unlink(c, d, at(first), &item{K: k.firstRounded})) }},
		{"unlink by owner", func(c ctx, d db) error { return by(itemsOf.Unlink(c, d, at(k.firstRounded), &item{K: first})) }},
		{"unlink all", func(c ctx, d db) error { return by(itemsOf.UnlinkAll(c, d, at(k.firstRounded))) }},
		{"unlink links", func(c ctx, d db) error { return by(tagsOf.Unlink(c, d, at(first), at(k.firstRounded))) }},
		{"unlink all links", func(c ctx, d db) error { return by(tagsOf.UnlinkAll(c, d, at(k.firstRounded))) }},
		{"replace links", func(c ctx, d db) error { return by(tagsOf.Replace(c, d, at(first), at(k.firstRounded))) }},
		{"replace links by owner", func(c ctx, d db) error { return by(tagsOf.Replace(c, d, at(k.firstRounded), at(first))) }},
		{"replace with", func(c ctx, d db) error {
			return by(dovetail.ReplaceWith(c, d, tagsOf, at(first), tagged(k.firstRounded)))
		}},
		{"replace two links", func(c ctx, d db) error {
			return by(dovetail.ReplaceWith(c, d, tagsOf, at(first), tagged(k.firstRounded), tagged(first)))
		}},
		{"link with", func(c ctx, d db) error { return by(dovetail.LinkWith(c, d, tagsOf, at(first), tagged(k.firstRounded))) }},
		{"save in a circle", func(c ctx, d db) error { return dovetail.Save(c, d, nodes, below(first), "parent") }},
		{"save all in a circle", func(c ctx, d db) error {
			return dovetail.SaveAll(c, d, nodes, []*node{below(first), {K: second, Parent: &first}}, "parent")
		}},
		{"save all", func(c ctx, d db) error {
			return dovetail.SaveAll(c, d, nodes, []*node{at(k.firstRounded), at(second)}, "note")
		}},
		{"update in a circle", func(c ctx, d db) error {
			return by(dovetail.Update(nodes).Where(squirrel.Eq{"k": first}).Set("parent", isSecond).Exec(c, d))
		}},
		{"upsert in a circle", func(c ctx, d db) error {
			return dovetail.Upsert(nodes, below(first)).OnConflict("k").Set("parent").Exec(c, d)
		}},
		{"upsert of two", func(c ctx, d db) error {
			return dovetail.Upsert(items, &item{K: first, Note: "one"}, &item{K: k.firstRounded, Note: "two"}).OnConflict("k").Set("note").Exec(c, d)
		}},
		{"upsert that keeps", func(c ctx, d db) error {
			return dovetail.Upsert(items, &item{K: k.firstRounded}).OnConflict("k").DoNothing().Exec(c, d)
		}},
		{"insert with", func(c ctx, d db) error {
			return dovetail.Insert(nodes, &node{K: k.newRounded, Items: []*item{{K: k.new}}}).With("items").Exec(c, d)
		}},
		{"insert below", func(c ctx, d db) error {
			return dovetail.Insert(nodes, &node{K: k.newRounded, Nodes: []*node{at(k.new)}}).With("nodes").Exec(c, d)
		}},
		{"insert with links", func(c ctx, d db) error {
			return dovetail.Insert(nodes, &node{K: k.new, Tags: []*node{at(k.firstRounded)}}).WithLinks("tags").Exec(c, d)
		}},
		{"insert in a circle", func(c ctx, d db) error {
			return dovetail.Insert(nodes, &node{K: k.new, Parent: &k.newRounded}).Exec(c, d)
		}},
	}
}

// rkCase is a kind of key, and what the type of its column is called.
type rkCase struct {
	name             string
	postgres, sqlite string // the type of the column; empty: not there
	typ              string // as the message has it
	first, second    string // the keys of the rows that are there, as SQL text
	calls            []rkCall
}

func rkOf[K any](name, postgres, sqlite, typ, first, second string, keys rkKeys[K]) rkCase {
	return rkCase{name, postgres, sqlite, typ, first, second, rkCalls(keys)}
}

func rkCases(t *testing.T) []rkCase {
	numeric := func(text string) (n pgtype.Numeric) {
		if err := n.Scan(text); err != nil {
			t.Fatal(err)
		}
		return n
	}
	decimal := func(text string) ckDecimal { return ckDecimal{text} }
	at := func(second, nano int) time.Time { return time.Date(2024, 3, 1, 12, 0, second, nano, time.UTC) }
	name := strings.Repeat("x", 61)
	return []rkCase{
		rkOf("decimal as text", "NUMERIC(10, 2)", "", "numeric(10,2)", "0.67", "1.5", rkKeys[string]{"0.67", "1.5", "0.6667", "1.4999", "2.5", "2.503"}),
		rkOf("decimal with an exponent", "NUMERIC(10, 2)", "", "numeric(10,2)", "0.67", "1.5", rkKeys[string]{"0.67", "1.5", "6667e-4", "1499.9E-3", "2.5", "2503e-3"}),
		rkOf("decimal as float", "NUMERIC(10, 2)", "", "numeric(10,2)", "0.67", "1.5", rkKeys[float64]{0.67, 1.5, 0.6667, 1.4999, 2.5, 2.503}),
		rkOf("decimal as short float", "NUMERIC(10, 2)", "", "numeric(10,2)", "0.5", "1.5", rkKeys[float32]{0.5, 1.5, 0.4999, 1.4999, 2.5, 2.503}),
		rkOf("decimal type", "NUMERIC(10, 2)", "", "numeric(10,2)", "0.67", "1.5",
			rkKeys[ckDecimal]{decimal("0.67"), decimal("1.5"), decimal("0.6667"), decimal("1.4999"), decimal("2.5"), decimal("2.503")}),
		rkOf("pgtype.Numeric", "NUMERIC(10, 2)", "", "numeric(10,2)", "0.67", "1.5",
			rkKeys[pgtype.Numeric]{numeric("0.67"), numeric("1.5"), numeric("0.6667"), numeric("1.4999"), numeric("2.5"), numeric("2.503")}),
		rkOf("whole decimal", "NUMERIC(10)", "", "numeric(10,0)", "1", "2", rkKeys[string]{"1", "2", "1.4", "1.5", "3", "2.7"}),
		rkOf("decimal of a domain", "rk_price", "", "numeric(10,2)", "0.67", "1.5", rkKeys[string]{"0.67", "1.5", "0.6667", "1.4999", "2.5", "2.503"}),
		rkOf("timestamp", "TIMESTAMP(0)", "", "timestamp(0) without time zone", "'2024-03-01 12:00:01'", "'2024-03-01 12:00:02'",
			rkKeys[time.Time]{at(1, 0), at(2, 0), at(0, 6e8), at(2, 4e8), at(3, 0), at(3, 1e8)}),
		rkOf("timestamptz", "TIMESTAMPTZ(2)", "", "timestamp(2) with time zone", "'2024-03-01 12:00:01.25Z'", "'2024-03-01 12:00:02Z'",
			rkKeys[time.Time]{at(1, 25e7), at(2, 0), at(1, 251e6), at(2, 1e6), at(3, 0), at(3, 2e6)}),
		rkOf("timestamp as text", "TIMESTAMP(0)", "", "timestamp(0) without time zone", "'2024-03-01 12:00:01'", "'2024-03-01 12:00:02'",
			rkKeys[string]{"2024-03-01T12:00:01", "2024-03-01 12:00:02", "2024-03-01T12:00:01.2", "2024-03-01 12:00:01.9", "2024-03-01 12:00:03", "2024-03-01 12:00:03.4"}),
		rkOf("timestamp as long text", "TIMESTAMP", "", "timestamp without time zone", "'2024-03-01 12:00:01.000001'", "'2024-03-01 12:00:02'",
			rkKeys[string]{"2024-03-01 12:00:01.000001", "2024-03-01 12:00:02", "2024-03-01 12:00:01.0000006", "2024-03-01 12:00:02.0000001",
				"2024-03-01 12:00:03", "2024-03-01 12:00:03.0000004"}),
		rkOf("time spelled with a Z", "", "DATETIME", "less of them", "'2024-03-01T12:00:01Z'", "'2024-03-01T12:00:02Z'",
			rkKeys[time.Time]{at(1, 0), at(2, 0), at(1, 6e8), at(2, 4e8), at(3, 0), at(3, 1e8)}),
		rkOf("time spelled with a Z and without seconds", "", "DATETIME", "less of them", "'2024-03-01T12:01Z'", "'2024-03-01T12:02Z'",
			rkKeys[time.Time]{at(60, 0), at(120, 0), at(61, 0), at(124, 0), at(180, 0), at(183, 0)}),
		rkOf("time spelled as a number", "", "DATETIME", "less of them", "1709294401", "1709294402",
			rkKeys[time.Time]{at(1, 0), at(2, 0), at(1, 6e8), at(2, 4e8), at(3, 0), at(3, 1e8)}),
		rkOf("time of day", "TIME(3)", "", "time(3) without time zone", "'12:00:01'", "'12:00:02.5'",
			rkKeys[string]{"12:00:01", "12:00:02.5", "12:00:01.0001", "12:00:02.49999", "12:00:03", "12:00:03.0001"}),
		rkOf("interval", "INTERVAL(0)", "", "interval(0)", "'12:00:01'", "'12:00:02'",
			rkKeys[string]{"12:00:01", "12:00:02", "12:00:01.1", "12:00:01.9", "12:00:03", "12:00:03.2"}),
		rkOf("varchar", "VARCHAR(3)", "", "character varying(3)", "'ab '", "'cde'",
			rkKeys[string]{"ab ", "cde", "ab  ", "cde ", "fgh", "fgh  "}),
		rkOf("name", "NAME", "", "name", "'"+name+"é'", "'"+name+"bb'",
			rkKeys[string]{name + "é", name + "bb", name + "éa", name + "bbb", name + "cc", name + "ccc"}),
	}
}

// TestKeysThatColumnsRoundAreRefused: a key that would be stored as another one is none that rows are told by.
func TestKeysThatColumnsRoundAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range rkCases(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.postgres != "" {
				t.Run("postgres", func(t *testing.T) {
					c.run(t, kit.PostgresPool(t, "CREATE DOMAIN rk_price AS NUMERIC(10, 2)"), c.postgres)
				})
			}
			if c.sqlite != "" {
				t.Run("sqlite", func(t *testing.T) { c.run(t, kit.SQLiteDB(t, "SELECT 1"), c.sqlite) })
			}
		})
	}
}

// run makes the calls on tables of their own.
func (c rkCase) run(t *testing.T, d kit.Database, column string) {
	d.Exec(t, rkDDL(column, c.first, c.second))
	c.refused(t, d, func() {
		d.Exec(t, "DROP TABLE rk_nodes; DROP TABLE rk_items; DROP TABLE rk_links")
		d.Exec(t, rkDDL(column, c.first, c.second))
	})
}

// refused makes each of the calls, of which nothing may remain; again makes the rows as they were.
func (c rkCase) refused(t *testing.T, d kit.Database, again func()) {
	for _, call := range c.calls {
		t.Run(call.name, func(t *testing.T) {
			before := rkLines(t, d)
			kit.Refused(t, call.do(t.Context(), d.Forgetful().DB), dovetail.ErrArgType, `"rk_`, c.typ, "as the column stores it")
			if after := rkLines(t, d); after != before {
				t.Errorf("expected\n%s\ngot\n%s", before, after)
				again()
			}
		})
	}
}

// TestForeignKeysAreKeptAtBothEnds: a key goes into a column that may keep less of it than that of the row which it is of, or more.
func TestForeignKeysAreKeptAtBothEnds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ key, holder, column string }{
		{"NUMERIC(12, 4)", "NUMERIC(10, 2)", "numeric(10,2)"},
		{"NUMERIC(10, 2)", "NUMERIC(12, 4)", "numeric(10,2)"},
	} {
		t.Run(c.key, func(t *testing.T) {
			t.Parallel()
			d := kit.PostgresPool(t, strings.NewReplacer("OWN_TYPE", c.key, "HOLDER", c.holder).Replace(`
				CREATE TABLE rk_nodes (k OWN_TYPE NOT NULL PRIMARY KEY, parent HOLDER, own HOLDER, note TEXT NOT NULL DEFAULT '', made TEXT NOT NULL DEFAULT 'made');
				CREATE TABLE rk_items (k OWN_TYPE NOT NULL PRIMARY KEY, own HOLDER, note TEXT NOT NULL);
				CREATE TABLE rk_links (node_k HOLDER NOT NULL, tag_k HOLDER NOT NULL, note TEXT, PRIMARY KEY (node_k, tag_k));
				INSERT INTO rk_nodes (k) VALUES (0.6667), (1);
				INSERT INTO rk_items VALUES (1, NULL, 'item')`))
			var calls []rkCall
			for _, call := range rkCalls(rkKeys[string]{first: "1", firstRounded: "0.6667", secondRounded: "0.6667", new: "2.5", newRounded: "0.6668"}) {
				switch call.name {
				case "replace by owner", "sync by owner", "link in a circle", "replace the row above", "replace links", "link with", "insert with", "insert with links":
					calls = append(calls, call)
				}
			}
			rkCase{typ: c.column, calls: calls}.refused(t, d, func() {})
		})
	}
}

// TestAPlainInsertOfARoundedKeyIsTheDatabases: no row is told by it, and the column stores what it keeps.
func TestAPlainInsertOfARoundedKeyIsTheDatabases(t *testing.T) {
	t.Parallel()
	d := kit.PostgresPool(t, rkDDL("NUMERIC(10, 2)", "0.67", "1.5"))
	items := dovetail.NewTable[rkItem[string]](dovetail.NewRegistry(), "rk_items", dovetail.PrimaryKey("k"), dovetail.AssignedKey())
	r := d.Record()
	if err := dovetail.Insert(items, &rkItem[string]{K: "2.503"}, &rkItem[string]{K: "3.1415"}).Exec(t.Context(), r); err != nil {
		t.Error(err)
	}
	r.Expect(t, 1, 1)
	stored, err := kit.SQL[string](t.Context(), d.DB, "SELECT CAST(k AS TEXT) FROM rk_items WHERE k > 1 ORDER BY k")
	if kit.Same(t, "keys", stored, "2.50", "3.14"); err != nil {
		t.Error(err)
	}
	if err := dovetail.DeleteRows(t.Context(), d.DB, items, &rkItem[string]{K: "2.503"}); !errors.Is(err, dovetail.ErrNoRows) {
		t.Errorf("a row that is told by a key that no row has: got %v", err)
	}
}

type rkTagged struct {
	K    string
	Tags []*rkTagged
}

// TestAColumnThatKeepsMoreIsAskedAgain: a handle that has refused a key takes it when its column has been widened. Keys that no column rounds
// are not asked about.
func TestAColumnThatKeepsMoreIsAskedAgain(t *testing.T) {
	t.Parallel()
	d := kit.PostgresPool(t, rkDDL("NUMERIC(10, 2)", "0.67", "1.5")).Forgetful()
	r := dovetail.NewRegistry()
	nodes := dovetail.NewTable[rkTagged](r, "rk_nodes", dovetail.PrimaryKey("k"), dovetail.AssignedKey())
	links := dovetail.NewTable[rkLink[string]](r, "rk_links", dovetail.PrimaryKey("node_k", "tag_k"))
	tagsOf := dovetail.ManyToMany(nodes, "tags", nodes, links, dovetail.ThroughKeys([]string{"node_k"}, []string{"tag_k"}))
	sent := d.Record()
	link := func(key string) error {
		_, err := tagsOf.Link(t.Context(), sent, &rkTagged{K: "1.5"}, &rkTagged{K: key})
		return err
	}
	plain := &rkTagged{K: "2"}
	for _, key := range []string{"7", "-12", "12.", "2024"} {
		if _, err := tagsOf.Link(t.Context(), sent, plain, &rkTagged{K: key}); err != nil {
			t.Error(err)
		}
	}
	kit.Equal(t, "look-ups of keys that no column rounds", sent.Lookups(), 0)
	kit.Refused(t, link("0.6667"), dovetail.ErrArgType, "numeric(10,2)")
	d.Exec(t, "ALTER TABLE rk_nodes ALTER COLUMN k TYPE NUMERIC(12, 4); ALTER TABLE rk_links ALTER COLUMN tag_k TYPE NUMERIC(12, 4)")
	if err := link("0.6667"); err != nil {
		t.Error(err)
	}
	kit.Refused(t, link("0.66667"), dovetail.ErrArgType, "numeric(12,4)")
	sent.Stmts = nil
	if err := link("0.6666"); err != nil {
		t.Error(err)
	}
	kit.Equal(t, "look-ups of what is known", sent.Lookups(), 0)
}

// TestADeclaredTypeTellsWhatAColumnKeeps: digits alone are looked at where the declaration says that they may be rounded.
func TestADeclaredTypeTellsWhatAColumnKeeps(t *testing.T) {
	t.Parallel()
	d := kit.PostgresPool(t, "SELECT 1")
	if version, err := kit.SQL[int64](t.Context(), d.DB, "SELECT current_setting('server_version_num')::bigint"); err != nil || version[0] < 150000 {
		t.Skip("numeric has no scale below zero", err)
	}
	d.Exec(t, rkDDL("NUMERIC(5, -2)", "100", "200"))
	r := dovetail.NewRegistry()
	nodes := dovetail.NewTable[rkTagged](r, "rk_nodes", dovetail.PrimaryKey("k"), dovetail.AssignedKey(), dovetail.Type("k", "numeric(5, -2)"))
	links := dovetail.NewTable[rkLink[string]](r, "rk_links", dovetail.PrimaryKey("node_k", "tag_k"))
	tagsOf := dovetail.ManyToMany(nodes, "tags", nodes, links, dovetail.ThroughKeys([]string{"node_k"}, []string{"tag_k"}))
	_, err := tagsOf.Replace(t.Context(), d.Forgetful().DB, &rkTagged{K: "100"}, &rkTagged{K: "120"})
	kit.Refused(t, err, dovetail.ErrArgType, "numeric(5,-2)")
	for _, key := range []string{"200", "0", "1200.00"} {
		if _, err := tagsOf.Replace(t.Context(), d.Forgetful().DB, &rkTagged{K: "100"}, &rkTagged{K: key}); err != nil {
			t.Error(err)
		}
	}
}

// rkLines are the rows of all tables.
func rkLines(t *testing.T, d kit.Database) string {
	t.Helper()
	rows, err := kit.SQL[string](t.Context(), d.DB, `SELECT 'node ' || CAST(k AS TEXT) || ' ' || coalesce(CAST(parent AS TEXT), '-') || note FROM rk_nodes UNION ALL
		SELECT 'item ' || CAST(k AS TEXT) || ' ' || coalesce(CAST(own AS TEXT), '-') || note FROM rk_items UNION ALL
		SELECT 'link ' || CAST(node_k AS TEXT) || ' ' || CAST(tag_k AS TEXT) || coalesce(note, '-') FROM rk_links ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(rows, "\n")
}
