package writes_test

import (
	"database/sql/driver"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// ckOwner is told by a key that may be spelled in several ways; ckItem points at it, and ckLink ties it to a tag that is told so too.
type (
	ckOwner[K any] struct {
		K     K
		Note  string
		Made  string
		Items []*ckItem[K]
		Tags  []*ckTag[K]
		Parts []*ckPart[K]
	}
	ckItem[K any] struct {
		ID int64
		K  *K
	}
	ckPart[K any] struct {
		K    K
		Note string
		Own  *K
	}
	ckTag[K any]  struct{ K K }
	ckLink[K any] struct {
		OwnerK, TagK K
		Note         *string
	}
)

// ckDecimal is a decimal type as libraries have it: its text keeps the zeros that it was made with.
type ckDecimal struct{ text string }

func (d ckDecimal) Value() (driver.Value, error) { return d.text, nil }

func (d *ckDecimal) Scan(src any) error {
	d.text = fmt.Sprint(src)
	return nil
}

type ckName string

// ckDDL has rows of the first key: an owner with an item, a part and a tag.
func ckDDL(column, first string) string {
	return strings.NewReplacer("TYPE", column, "FIRST", first).Replace(`
		CREATE TABLE ck_owners (k TYPE NOT NULL PRIMARY KEY, note TEXT NOT NULL, made TEXT NOT NULL DEFAULT 'made');
		CREATE TABLE ck_items (id BIGINT PRIMARY KEY, k TYPE REFERENCES ck_owners);
		CREATE TABLE ck_parts (k TYPE NOT NULL PRIMARY KEY, note TEXT NOT NULL, own TYPE REFERENCES ck_owners);
		CREATE TABLE ck_tags (k TYPE NOT NULL PRIMARY KEY);
		CREATE TABLE ck_links (owner_k TYPE NOT NULL REFERENCES ck_owners, tag_k TYPE NOT NULL REFERENCES ck_tags, note TEXT,
			PRIMARY KEY (owner_k, tag_k));
		INSERT INTO ck_owners (k, note) VALUES (FIRST, 'first');
		INSERT INTO ck_items VALUES (1, FIRST);
		INSERT INTO ck_parts VALUES (FIRST, 'part', FIRST);
		INSERT INTO ck_tags VALUES (FIRST);
		INSERT INTO ck_links VALUES (FIRST, FIRST, 'link')`)
}

// ckCase is a kind of key, and several spellings of one value of it; other is another value.
type ckCase struct {
	name             string
	postgres, sqlite string // the type of the column; empty: not there
	first            string // the value as SQL text
	run              func(t *testing.T, d kit.Database, declared string)
	declared         string // the type that is declared of the columns, if one is
	before, after    string // SQL that runs before the tables are made, and behind it
}

// with returns the case with a declared type, and SQL around that which makes the tables.
func (c ckCase) with(declared, before, after string) ckCase {
	c.declared, c.before, c.after = declared, before, after
	return c
}

func ckOf[K any](name, postgres, sqlite, first string, other K, spellings ...K) ckCase {
	return ckCase{name: name, postgres: postgres, sqlite: sqlite, first: first, run: func(t *testing.T, d kit.Database, declared string) {
		for i := range spellings {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				ckSpelled(t, d, declared, [3]K{spellings[i], spellings[(i+1)%len(spellings)], other})
			})
		}
	}}
}

// ckTyped declares the type of columns, if there is one.
func ckTyped(declared string, columns ...string) (options []dovetail.TableOption) {
	for _, c := range columns {
		if declared != "" {
			options = append(options, dovetail.Type(c, declared))
		}
	}
	return options
}

// ckSpelled does all that tells rows by their keys with keys in two spellings of the first. It leaves the rows as they were.
func ckSpelled[K any](t *testing.T, d kit.Database, declared string, keys [3]K) {
	ctx, db := t.Context(), d.DB
	a, b, other := keys[0], keys[1], keys[2]
	r := dovetail.NewRegistry()
	owners := dovetail.NewTable[ckOwner[K]](r, "ck_owners", append(ckTyped(declared, "k"), dovetail.PrimaryKey("k"), dovetail.AssignedKey(),
		dovetail.Default("made", "'made'"))...)
	items := dovetail.NewTable[ckItem[K]](r, "ck_items", append(ckTyped(declared, "k"), dovetail.AssignedKey())...)
	parts := dovetail.NewTable[ckPart[K]](r, "ck_parts", append(ckTyped(declared, "k", "own"), dovetail.PrimaryKey("k"), dovetail.AssignedKey())...)
	tags := dovetail.NewTable[ckTag[K]](r, "ck_tags", append(ckTyped(declared, "k"), dovetail.PrimaryKey("k"), dovetail.AssignedKey())...)
	links := dovetail.NewTable[ckLink[K]](r, "ck_links", append(ckTyped(declared, "owner_k", "tag_k"), dovetail.PrimaryKey("owner_k", "tag_k"))...)
	itemsOf := dovetail.HasMany(owners, "items", items, dovetail.ForeignKey("k"))
	partsOf := dovetail.HasMany(owners, "parts", parts, dovetail.ForeignKey("own"))
	tagsOf := dovetail.ManyToMany(owners, "tags", tags, links, dovetail.ThroughKeys([]string{"owner_k"}, []string{"tag_k"}))
	fine := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	none := func(what string) func(int64, error) {
		return func(n int64, err error) {
			t.Helper()
			if fine(what, err); n != 0 && err == nil {
				t.Errorf("%s: expected nothing to change, got %d", what, n)
			}
		}
	}
	type (
		owner = ckOwner[K]
		item  = ckItem[K]
	)
	twice, note := "the same", "link"
	kit.Refused(t, dovetail.SaveAll(ctx, db, owners, []*owner{{K: a, Note: "x"}, {K: b, Note: "y"}}, "note"), dovetail.ErrInvalidRow, twice)
	kit.Refused(t, dovetail.Upsert(owners, &owner{K: a, Note: "x"}, &owner{K: b, Note: "y"}).OnConflict("k").Set("note").Exec(ctx, db), dovetail.ErrInvalidRow, twice)
	_, err := partsOf.Sync(ctx, db, &owner{K: a}, &ckPart[K]{K: a}, &ckPart[K]{K: b})
	kit.Refused(t, err, dovetail.ErrInvalidRow, twice)
	none("link")(itemsOf.Link(ctx, db, &owner{K: b}, &item{ID: 1, K: &a}))
	unchanged := func(what string, added, removed, changed int, err error) {
		t.Helper()
		if fine(what, err); added+removed+changed > 0 {
			t.Errorf("%s: expected no difference, got %d, %d, %d", what, added, removed, changed)
		}
	}
	items1, err := itemsOf.Replace(ctx, db, &owner{K: b}, &item{ID: 1, K: &a})
	unchanged("replace", len(items1.Added), len(items1.Removed), len(items1.Changed), err)
	items1, err = itemsOf.Sync(ctx, db, &owner{K: b}, &item{ID: 1, K: &a})
	unchanged("sync", len(items1.Added), len(items1.Removed), len(items1.Changed), err)
	parts1, err := partsOf.Replace(ctx, db, &owner{K: a}, &ckPart[K]{K: b})
	unchanged("replace parts", len(parts1.Added), len(parts1.Removed), len(parts1.Changed), err)
	parts1, err = partsOf.Sync(ctx, db, &owner{K: a}, &ckPart[K]{K: b, Note: "part", Own: &b})
	unchanged("sync parts", len(parts1.Added), len(parts1.Removed), len(parts1.Changed), err)
	none("link parts")(partsOf.Link(ctx, db, &owner{K: a}, &ckPart[K]{K: b}))
	none("link tags")(tagsOf.Link(ctx, db, &owner{K: b}, &ckTag[K]{a}))
	tags1, err := tagsOf.Replace(ctx, db, &owner{K: b}, &ckTag[K]{a})
	unchanged("replace tags", len(tags1.Added), len(tags1.Removed), len(tags1.Changed), err)
	tagged := func(k K, link *ckLink[K]) dovetail.Linked[ckTag[K], ckLink[K]] {
		return dovetail.Linked[ckTag[K], ckLink[K]]{Row: &ckTag[K]{k}, Link: link}
	}
	_, err = dovetail.LinkWith(ctx, db, tagsOf, &owner{K: a}, tagged(b, &ckLink[K]{OwnerK: b, TagK: a, Note: &note}))
	fine("link with", err)
	with, err := dovetail.ReplaceWith(ctx, db, tagsOf, &owner{K: a}, tagged(b, &ckLink[K]{OwnerK: b, TagK: a, Note: &note}))
	unchanged("replace with", len(with.Added), len(with.Removed), len(with.Changed), err)
	_, err = dovetail.ReplaceWith(ctx, db, tagsOf, &owner{K: a}, tagged(a, nil), tagged(b, nil))
	kit.Refused(t, err, dovetail.ErrInvalidRow, "two entries")
	held := &owner{K: a}
	for _, path := range []string{"items", "parts", "tags"} {
		fine("load", dovetail.Load(ctx, db, owners, []*owner{held}, path))
	}
	if len(held.Items) != 1 || len(held.Parts) != 1 || len(held.Tags) != 1 {
		t.Errorf("load: expected one row of each, got %d, %d, %d", len(held.Items), len(held.Parts), len(held.Tags))
	}
	fine("save", dovetail.Save(ctx, db, owners, &owner{K: b, Note: "saved"}, "note"))
	fine("refresh", dovetail.Refresh(ctx, db, owners, &owner{K: b}))
	fine("insert", dovetail.Insert(owners, &owner{K: other, Note: "other", Items: []*item{{ID: 2}}}).With("items").Exec(ctx, db))
	two := []*owner{{K: b, Note: "two"}, {K: other, Note: "two"}}
	fine("save two", dovetail.SaveAll(ctx, db, owners, two, "note"))
	fine("refresh two", dovetail.Refresh(ctx, db, owners, two...))
	fine("upsert", dovetail.Upsert(owners, two...).OnConflict("k").Set("note").Exec(ctx, db))
	if n, err := dovetail.Select(owners).Count(ctx, db); n != 2 || err != nil {
		t.Errorf("expected 2 owners, got %d, %v", n, err)
	}
	fine("delete items", dovetail.DeleteRows(ctx, db, items, &item{ID: 2}))
	fine("delete", dovetail.DeleteRows(ctx, db, owners, &owner{K: other}))
	if n, err := tagsOf.Unlink(ctx, db, &owner{K: b}, &ckTag[K]{b}); n != 1 || err != nil {
		t.Errorf("unlink: expected 1, got %d, %v", n, err)
	}
	if n, err := partsOf.Unlink(ctx, db, &owner{K: a}, &ckPart[K]{K: b}); n != 1 || err != nil {
		t.Errorf("unlink parts: expected 1, got %d, %v", n, err)
	}
	fine("delete parts", dovetail.DeleteRows(ctx, db, parts, &ckPart[K]{K: b}))
	fine("delete tags", dovetail.DeleteRows(ctx, db, tags, &ckTag[K]{b}))
	fine("delete items", dovetail.DeleteRows(ctx, db, items, &item{ID: 1}))
	fine("delete owners", dovetail.DeleteRows(ctx, db, owners, &owner{K: b}))
	whole := &owner{K: a, Note: "first", Items: []*item{{ID: 1, K: &b}}, Parts: []*ckPart[K]{{K: a, Note: "part", Own: &b}}, Tags: []*ckTag[K]{{a}}}
	err = dovetail.Insert(owners, whole, &owner{K: other, Note: "other"}).With("items").With("parts").Exec(ctx, db)
	if fine("insert with", err); whole.Made != "made" {
		t.Errorf("expected what the database made, got %q", whole.Made)
	}
	fine("insert tag", dovetail.Insert(tags, &ckTag[K]{a}).Exec(ctx, db))
	fine("insert link", dovetail.Insert(links, &ckLink[K]{OwnerK: b, TagK: b, Note: &note}).Exec(ctx, db))
	fine("delete other", dovetail.DeleteRows(ctx, db, owners, &owner{K: other}))
}

// TestKeysAreComparedAsTheDatabaseCompares: a key in another spelling is the same key, whatever is done by it.
func TestKeysAreComparedAsTheDatabaseCompares(t *testing.T) {
	t.Parallel()
	numeric := func(text string) (n pgtype.Numeric) {
		if err := n.Scan(text); err != nil {
			t.Fatal(err)
		}
		return n
	}
	noon := time.Date(2024, 3, 1, 12, 0, 0, 123456000, time.UTC)
	east := time.FixedZone("east", 2*3600)
	day := func(d, h int, zone *time.Location) time.Time { return time.Date(2024, 3, d, h, 0, 0, 0, zone) }
	long := "0." + strings.Repeat("1234567890", 4)
	cases := []ckCase{
		ckOf("decimal as text", "NUMERIC", "NUMERIC(12, 3)", "1.5", "2", "1.5", "1.50", "01.5", "+1.5", "15e-1", ".15E1"),
		ckOf("whole decimal as text", "NUMERIC(12, 2)", "DECIMAL", "1", "-1", "1.00", "1", "1e0", "+1", "01", "1."),
		ckOf("zero", "NUMERIC", "NUMERIC", "0", "1", "-0", "0.00", "-0e5"),
		ckOf("long decimal", "NUMERIC", "", long, long+"1", long, long+"000", "0"+long),
		ckOf("named text", "NUMERIC", "", "1.5", ckName("2"), ckName("1.50"), ckName("1.5")),
		ckOf("decimal type", "NUMERIC", "NUMERIC", "1.5", ckDecimal{"2"}, ckDecimal{"1.500"}, ckDecimal{"1.5"}),
		ckOf("pgtype.Numeric", "NUMERIC", "", "1.5", numeric("2"), numeric("1.50"), numeric("1.5")),
		ckOf("decimal as float", "NUMERIC", "NUMERIC", "1.5", 2.0, 1.5, 1.5),
		ckOf("float", "DOUBLE PRECISION", "REAL", "0", 2.0, 0.0, math.Copysign(0, -1)),
		ckOf("float as text", "DOUBLE PRECISION", "REAL", "1.5", "2", "1.5", "1.50", "15e-1"),
		ckOf("integer as text", "BIGINT", "INTEGER", "7", "8", "7", "+7", "007"),
		ckOf("date", "DATE", "", "'2024-03-01'", day(2, 0, time.UTC), day(1, 0, time.UTC), day(1, 0, east), day(1, 1, east), day(1, 23, time.UTC)),
		ckOf("date on SQLite", "", "DATE", "'2024-03-01'", day(2, 0, time.UTC), day(1, 0, time.UTC), day(1, 0, east)),
		ckOf("numbers without case", "", "STRING COLLATE NOCASE", "'ab'", "cd", "ab", "AB"),
		ckOf("timestamp", "TIMESTAMP", "", "'2024-03-01 12:00:00.123456'", noon.Add(time.Hour), noon, noon.Add(300), noon.Add(-2*time.Hour).In(east)),
		ckOf("timestamptz", "TIMESTAMPTZ", "DATETIME", "'2024-03-01 12:00:00.123456+00:00'", noon.Add(time.Hour), noon, noon.In(east)),
		ckOf("padded", "CHAR(4)", "TEXT COLLATE RTRIM", "'ab'", "cd", "ab", "ab  "),
		ckOf("without case", "citext", "TEXT COLLATE NOCASE", "'ab'", "cd", "ab", "AB", "Ab"),
		ckOf("time as text", "TIME", "", "'12:00:00'", "13:00:00", "12:00:00", "12:00", "12:00:00.000000"),
		ckOf("macaddr as text", "MACADDR", "", "'08:00:2b:01:02:03'", "08:00:2b:01:02:04", "08:00:2B:01:02:03", "08-00-2b-01-02-03"),
		ckOf("uuid as text", "UUID", "", "'00000000-0000-0000-0000-0000000000ab'", "00000000-0000-0000-0000-0000000000ac",
			"00000000-0000-0000-0000-0000000000ab", "00000000-0000-0000-0000-0000000000AB", "{00000000-0000-0000-0000-0000000000ab}", "000000000000000000000000000000AB"),
		ckOf("boolean", "BOOLEAN", "BOOLEAN", "true", false, true, true),
		ckOf("float over real", "REAL", "", "0.1", 2.0, 0.1, float64(float32(0.1)), 0.1+1e-12),
		ckOf("real as text", "REAL", "", "0.1", "2", "0.1", "0.100000001"),
		ckOf("width", "BIGINT", "BIGINT", "7", int16(8), int16(7), int16(7)),
	}
	cases = append(cases, ckDeclared()...)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.postgres != "" {
				t.Run("postgres", func(t *testing.T) {
					d := kit.PostgresPool(t, "SELECT 1")
					if c.postgres == "citext" || strings.Contains(c.before, "citext") {
						if some, err := kit.SQL[int64](t.Context(), d.DB, "SELECT count(*) FROM pg_available_extensions WHERE name = 'citext'"); err != nil || some[0] == 0 {
							t.Skip("there is no citext")
						}
						d.Exec(t, "CREATE EXTENSION citext")
					}
					d.Exec(t, c.before+";"+ckDDL(c.postgres, c.first)+";"+c.after)
					c.run(t, d, c.declared)
				})
			}
			if c.sqlite != "" {
				t.Run("sqlite", func(t *testing.T) {
					c.run(t, kit.SQLiteDB(t, c.before+";"+ckDDL(c.sqlite, c.first)+";"+c.after), c.declared)
				})
			}
		})
	}
}

// TestKeysThatAreTwoAreNotOne: keys that look the same by another comparison than the database's are those of two rows.
func TestKeysThatAreTwoAreNotOne(t *testing.T) {
	t.Parallel()
	midnight, moment := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2024, 1, 1, 0, 0, 0, 100, time.UTC)
	west := time.FixedZone("west", -3600)
	for _, c := range []struct {
		column string
		on     string // the database
		a, b   time.Time
	}{
		{"TIMESTAMP", "postgres", midnight, midnight.In(west)},
		{"DATE", "postgres", midnight, midnight.In(west)},
		{"DATETIME", "sqlite", moment, moment.Add(100)},
		{"TIMESTAMP", "sqlite", moment, moment.Add(100)},
		{"TEXT", "sqlite", moment, moment.Add(100)},
	} {
		t.Run(c.on+" "+c.column, func(t *testing.T) {
			t.Parallel()
			d := kit.SQLiteDB
			if c.on == "postgres" {
				d = kit.PostgresPool
			}
			ckTwo(t, d(t, strings.ReplaceAll(`CREATE TABLE ck_owners (k BIGINT PRIMARY KEY);
				CREATE TABLE ck_items (k TYPE NOT NULL PRIMARY KEY, owner_k BIGINT, note TEXT NOT NULL);
				CREATE TABLE ck_tags (k TYPE NOT NULL PRIMARY KEY);
				CREATE TABLE ck_links (owner_k BIGINT NOT NULL, tag_k TYPE NOT NULL, note BIGINT NOT NULL DEFAULT 0, PRIMARY KEY (owner_k, tag_k));
				INSERT INTO ck_owners VALUES (1)`, "TYPE", c.column)), c.a, c.b)
		})
	}
}

type (
	ctOwner struct {
		K     int64
		Items []*ctItem
		Tags  []*ctTag
	}
	ctItem struct {
		K      time.Time
		OwnerK *int64
		Note   string
	}
	ctTag  struct{ K time.Time }
	ctLink struct {
		OwnerK int64
		TagK   time.Time
		Note   int64
	}
)

// ckTwo does what tells rows by their keys with two rows.
func ckTwo(t *testing.T, d kit.Database, a, b time.Time) {
	for _, fresh := range []bool{true, false} {
		ctx := t.Context()
		db := d.DB
		if fresh { // nothing is known of the columns
			db = d.Forgetful().DB
		}
		r := dovetail.NewRegistry()
		owners := dovetail.NewTable[ctOwner](r, "ck_owners", dovetail.PrimaryKey("k"), dovetail.AssignedKey())
		items := dovetail.NewTable[ctItem](r, "ck_items", dovetail.PrimaryKey("k"), dovetail.AssignedKey())
		tags := dovetail.NewTable[ctTag](r, "ck_tags", dovetail.PrimaryKey("k"), dovetail.AssignedKey())
		links := dovetail.NewTable[ctLink](r, "ck_links", dovetail.PrimaryKey("owner_k", "tag_k"))
		itemsOf := dovetail.HasMany(owners, "items", items, dovetail.ForeignKey("owner_k"))
		tagsOf := dovetail.ManyToMany(owners, "tags", tags, links, dovetail.ThroughKeys([]string{"owner_k"}, []string{"tag_k"}))
		owner := func() *ctOwner { return &ctOwner{K: 1} }
		pair := func() []*ctItem { return []*ctItem{{K: a}, {K: b}} }
		fine := func(what string, err error) {
			t.Helper()
			if err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
		counted := func(what string, want int64) func(int64, error) {
			return func(n int64, err error) {
				t.Helper()
				if fine(what, err); n != want {
					t.Errorf("%s: expected %d, got %d", what, want, n)
				}
			}
		}
		left := func(what, sql string, want int64) {
			t.Helper()
			n, err := kit.SQL[int64](ctx, d.DB, sql)
			if fine(what, err); err == nil && n[0] != want {
				t.Errorf("%s: expected %d, got %d", what, want, n[0])
			}
		}
		fine("insert", dovetail.Insert(items, pair()...).Exec(ctx, db))
		fine("insert tags", dovetail.Insert(tags, &ctTag{a}, &ctTag{b}).Exec(ctx, db))
		left("items", "SELECT count(*) FROM ck_items", 2)
		two := pair()
		two[0].Note, two[1].Note = "a", "b"
		fine("save all", dovetail.SaveAll(ctx, db, items, two, "note"))
		fine("upsert", dovetail.Upsert(items, two...).OnConflict("k").Set("note").Exec(ctx, db))
		left("notes", "SELECT count(DISTINCT note) FROM ck_items WHERE note <> ''", 2)
		counted("link", 2)(itemsOf.Link(ctx, db, owner(), pair()...))
		diff, err := itemsOf.Replace(ctx, db, owner(), pair()[1])
		if fine("replace", err); len(diff.Removed) != 1 || len(diff.Added) != 0 {
			t.Errorf("replace: expected one to go, got %d and %d", len(diff.Added), len(diff.Removed))
		}
		left("replaced", "SELECT count(*) FROM ck_items WHERE owner_k = 1 AND note = 'b'", 1)
		counted("link tags", 2)(tagsOf.Link(ctx, db, owner(), &ctTag{a}, &ctTag{b}))
		tagDiff, err := tagsOf.Replace(ctx, db, owner(), &ctTag{a})
		if fine("replace tags", err); len(tagDiff.Removed) != 1 || len(tagDiff.Added) != 0 {
			t.Errorf("replace tags: expected one to go, got %d and %d", len(tagDiff.Added), len(tagDiff.Removed))
		}
		_, err = dovetail.ReplaceWith(ctx, db, tagsOf, owner(), dovetail.Linked[ctTag, ctLink]{Row: &ctTag{b}, Link: &ctLink{Note: 9}})
		fine("replace with", err)
		left("link", "SELECT count(*) FROM ck_links WHERE note = 9", 1)
		left("links", "SELECT count(*) FROM ck_links", 1)
		fine("delete", dovetail.DeleteRows(ctx, db, items, pair()...))
		d.Exec(t, "DELETE FROM ck_links; DELETE FROM ck_tags")
		left("items", "SELECT count(*) FROM ck_items", 0)
	}
}

// TestTextsInColumnsOfDaysAreTexts: SQLite keeps the texts that a string field gives, and two that mean one day are two keys.
func TestTextsInColumnsOfDaysAreTexts(t *testing.T) {
	t.Parallel()
	type day struct {
		K    string
		Note string
	}
	d := kit.SQLiteDB(t, "CREATE TABLE ck_days (k DATE NOT NULL PRIMARY KEY, note TEXT NOT NULL)")
	days := dovetail.NewTable[day](dovetail.NewRegistry(), "ck_days", dovetail.PrimaryKey("k"), dovetail.AssignedKey())
	rows := func(note string) []*day {
		return []*day{{"2024-03-01", note + "1"}, {"2024-03-01T00:00:00Z", note + "2"}, {"2024-03-01 00:00", note + "3"}}
	}
	if err := dovetail.Insert(days, rows("a")...).Exec(t.Context(), d.DB); err != nil {
		t.Fatal(err)
	}
	if err := dovetail.SaveAll(t.Context(), d.DB, days, rows("b"), "note"); err != nil {
		t.Error(err)
	}
	if err := dovetail.Upsert(days, rows("c")...).OnConflict("k").Set("note").Exec(t.Context(), d.DB); err != nil {
		t.Error(err)
	}
	notes, err := kit.SQL[string](t.Context(), d.DB, "SELECT note FROM ck_days ORDER BY note")
	if kit.Same(t, "notes", notes, "c1", "c2", "c3"); err != nil {
		t.Error(err)
	}
}
