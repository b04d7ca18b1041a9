package ddl_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type keptShop struct {
	ID   int64
	Name string
}

type keptItem struct {
	ID        int64
	ShopID    int64
	OtherID   *int64
	Title     string
	Count     int64
	Added     *string
	CreatedAt string
	Shop      *keptShop
	Other     *keptShop
}

func kept() *dovetail.Registry {
	r := dovetail.NewRegistry()
	shops := dovetail.NewTable[keptShop](r, "shops")
	items := dovetail.NewTable[keptItem](r, "items", dovetail.Default("count", "7"), dovetail.Default("created_at", "'now'"))
	dovetail.BelongsTo(items, "shop", shops, dovetail.ForeignKey("shop_id"))
	dovetail.BelongsTo(items, "other", shops, dovetail.ForeignKey("other_id"), dovetail.OnDelete(dovetail.SetNull))
	return r
}

// keptItems is a table with all that a text can hold and no declaration says, and with several things to be mended.
const keptItems = `CREATE TABLE items (
  id INTEGER PRIMARY KEY AUTOINCREMENT, -- numbers, never again the same
  shop_id BIGINT NOT NULL CONSTRAINT "of, shop" REFERENCES depots (id) ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED CHECK (shop_id > 0),
  other_id BIGINT REFERENCES shops ON UPDATE SET NULL,
  title TEXT COLLATE NOCASE DEFAULT 'a, (b)' CHECK (title <> ''),
  [count] BIGINT NOT NULL, /* , */
  "more, or less" VARCHAR(20) UNIQUE DEFAULT (1 + 1),
  twice BIGINT GENERATED ALWAYS AS ("count" * 2) VIRTUAL,
  thrice BIGINT AS ("count" * 3) STORED,
  depot_id BIGINT,
  UNIQUE (title, shop_id) ON CONFLICT IGNORE,
  CONSTRAINT depot FOREIGN KEY (depot_id) REFERENCES depots (id) ON DELETE CASCADE, CHECK ("count" < 100) -- at last
)`

// TestAMendKeepsWhatWasNotDeclared mends a table in one, once for every finding, and looks for all that it had.
func TestAMendKeepsWhatWasNotDeclared(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s server) {
		if s.Dialect().Name() != "sqlite" {
			return // it changes tables
		}
		s.must(t, "CREATE TABLE shops (id INTEGER PRIMARY KEY, name TEXT NOT NULL)", "CREATE TABLE depots (id INTEGER PRIMARY KEY)", keptItems,
			"CREATE INDEX items_shop ON items (shop_id)", "CREATE TRIGGER counted AFTER DELETE ON items BEGIN DELETE FROM depots WHERE id = 9; END",
			"INSERT INTO shops VALUES (1, 'a')", "INSERT INTO depots VALUES (1), (9)",
			`INSERT INTO items (id, shop_id, title, "count") VALUES (40, 1, 'y', 6)`, "DELETE FROM items", "INSERT INTO depots VALUES (9)",
			`INSERT INTO items (id, shop_id, other_id, title, "count", "more, or less", depot_id) VALUES (1, 1, 1, 'x', 5, 'm', 1)`)
		findings := s.check(t, kept())
		if len(findings) < 7 {
			t.Errorf("expected more findings than\n%s", text(findings))
		}
		fills := func(f dovetail.Finding) bool { return strings.Contains(f.Problem, "the database fills column") } // what was not declared is kept
		for _, f := range slices.DeleteFunc(slices.Clone(findings), fills) {
			if strings.Join(f.Mend, ";") != strings.Join(findings[0].Mend, ";") {
				t.Errorf("expected one mend for the table, got\n%s\nand\n%s", findings[0], f)
			}
			s.must(t, f.Mend...)
		}
		if left := slices.DeleteFunc(s.check(t, kept()), fills); len(left) > 0 {
			t.Errorf("after all mends there is\n%s", text(left))
		}
		sql := kit.Texts(t, s, "SELECT sql FROM sqlite_schema WHERE name = 'items'")[0]
		for _, part := range []string{
			"AUTOINCREMENT, -- numbers, never again the same", `CONSTRAINT "of, shop" REFERENCES "shops" ("id") ON DELETE RESTRICT ON UPDATE CASCADE ` +
				"DEFERRABLE INITIALLY DEFERRED CHECK (shop_id > 0)",
			"other_id BIGINT REFERENCES shops ON DELETE SET NULL ON UPDATE SET NULL,",
			"title TEXT COLLATE NOCASE DEFAULT 'a, (b)' CHECK (title <> '') NOT NULL,", "[count] BIGINT NOT NULL DEFAULT 7, /* , */",
			`"more, or less" VARCHAR(20) UNIQUE DEFAULT (1 + 1),`, `twice BIGINT GENERATED ALWAYS AS ("count" * 2) VIRTUAL,`,
			`thrice BIGINT AS ("count" * 3) STORED,`, "UNIQUE (title, shop_id) ON CONFLICT IGNORE,",
			`CONSTRAINT depot FOREIGN KEY (depot_id) REFERENCES depots (id) ON DELETE CASCADE, CHECK ("count" < 100) -- at last`,
		} {
			if !strings.Contains(sql, part) {
				t.Errorf("%s is not in\n%s", part, sql)
			}
		}
		s.must(t, "INSERT INTO items (shop_id, title, created_at) VALUES (1, 'z', '')")
		if got := kit.Texts(t, s, "SELECT id || ' ' || title || ' ' || thrice FROM items ORDER BY id"); strings.Join(got, ", ") != "1 x 15, 41 z 21" {
			t.Errorf("expected the row there was, and the next number, got %q", got)
		}
		s.must(t, "DELETE FROM items WHERE id = 41")
		if got := kit.Texts(t, s, "SELECT id FROM depots WHERE id = 9"); len(got) > 0 {
			t.Error("the trigger is gone")
		}
	})
}

// TestAMendThatCannotKeepEverythingIsNotOffered has tables whose text cannot be changed so.
func TestAMendThatCannotKeepEverythingIsNotOffered(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s server) {
		if s.Dialect().Name() != "sqlite" {
			return // it changes tables
		}
		s.must(t, "ATTACH ':memory:' AS other", "CREATE TABLE other.shops (id INTEGER PRIMARY KEY, name TEXT)",
			"CREATE TABLE shops (id BIGINT, name TEXT NOT NULL, PRIMARY KEY (id)) WITHOUT ROWID")
		other := dovetail.NewRegistry()
		dovetail.NewTable[keptShop](other, "shops", dovetail.Schema("other")) // its text is not read
		rowless := dovetail.NewRegistry()
		dovetail.NewTable[keptShop](rowless, "shops") // no number can be made for its rows
		for _, r := range []*dovetail.Registry{other, rowless} {
			findings := s.check(t, r)
			if len(findings) != 1 || findings[0].Mend != nil || !strings.Contains(findings[0].Problem, "by hand") {
				t.Errorf("expected one finding without SQL, got\n%s", text(findings))
			}
		}
	})
}

// TestPostgresNumbersAKeyThatMayBeNull mends a table without a primary key: what makes a number must never be NULL.
func TestPostgresNumbersAKeyThatMayBeNull(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s server) {
		s.must(t, "CREATE TABLE shops (id bigint, name text NOT NULL)", "INSERT INTO shops VALUES (3, 'a')")
		r := dovetail.NewRegistry()
		dovetail.NewTable[keptShop](r, "shops")
		findings := s.check(t, r)
		for _, f := range findings {
			s.must(t, f.Mend...)
		}
		if left := s.check(t, r); len(findings) != 2 || len(left) > 0 {
			t.Errorf("after the mends of\n%s\nthere is\n%s", text(findings), text(left))
		}
		s.must(t, "INSERT INTO shops (name) VALUES ('b')")
		if got := kit.Texts(t, s, "SELECT CAST(id AS TEXT) FROM shops ORDER BY id"); strings.Join(got, " ") != "3 4" {
			t.Errorf("expected the next number, got %q", got)
		}
	})
}
