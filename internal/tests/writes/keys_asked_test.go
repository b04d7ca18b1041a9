package writes_test

import (
	"strings"
	"testing"

	"modernc.org/sqlite"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

func init() {
	sqlite.MustRegisterCollationUtf8("ck_upper", func(a, b string) int { return strings.Compare(strings.ToUpper(a), strings.ToUpper(b)) })
}

// ckDeclared are keys whose declared type says nothing, or too little, of how the database compares them.
func ckDeclared() []ckCase {
	const (
		id   = "00000000-0000-0000-0000-0000000000ab"
		ID   = "00000000-0000-0000-0000-0000000000AB"
		more = "00000000-0000-0000-0000-0000000000ac"

		loose  = "CREATE COLLATION ck_loose (provider = icu, locale = 'und-u-ks-level1', deterministic = false)"
		search = "CREATE INDEX ck_search_owners ON ck_owners (k COLLATE BINARY); CREATE INDEX ck_search_parts ON ck_parts (k COLLATE BINARY);" +
			"CREATE INDEX ck_search_tags ON ck_tags (k COLLATE BINARY); CREATE INDEX ck_search_links ON ck_links (tag_k COLLATE BINARY)"
	)
	return []ckCase{
		ckOf("domain without case", "ck_mail", "", "'ab'", "cd", "ab", "AB", "Ab").with("ck_mail", "CREATE DOMAIN ck_mail AS citext", ""),
		ckOf("domain of uuid", "ck_id", "", "'"+id+"'", more, id, ID).with("ck_id", "CREATE DOMAIN ck_id AS uuid", ""),
		ckOf("domain of numeric", "ck_price", "", "1.5", "2", "1.5", "1.50").with("ck_price", "CREATE DOMAIN ck_price AS numeric(10, 2)", ""),
		ckOf("domain of char", "ck_code", "", "'ab'", "cd", "ab", "ab ").with("ck_code", "CREATE DOMAIN ck_code AS char(5)", ""),
		ckOf("declared as text", "citext", "", "'ab'", "cd", "ab", "AB").with("text", "", ""),
		ckOf("enum", "ck_mood", "", "'ab'", "cd", "ab", "ab").with("ck_mood", "CREATE TYPE ck_mood AS ENUM ('ab', 'cd')", ""),
		ckOf("loose", "text COLLATE ck_loose", "", "'cafe'", "tea", "cafe", "caf\u00e9", "CAFE").with("", loose, ""),
		ckOf("loose of a type", "text COLLATE ck_loose", "", "'cafe'", "tea", "cafe", "caf\u00e9", "CAFE").with("text COLLATE ck_loose", loose, ""),
		ckOf("loose of a text", "text COLLATE ck_loose", "", "'cafe'", "tea", "cafe", "Cafe").with("text", loose, ""),
		ckOf("loose and padded", "char(9) COLLATE ck_loose", "", "'cafe'", "tea", "cafe", "Cafe ").with("char(9)", loose, ""),
		ckOf("collation of a type", "", "TEXT COLLATE NOCASE", "'ab'", "cd", "ab", "AB").with("text collate nocase", "", ""),
		ckOf("collation of no type", "", "TEXT COLLATE NOCASE", "'ab'", "cd", "ab", "AB").with("text", "", ""),
		ckOf("another index", "", "TEXT COLLATE NOCASE", "'ab'", "cd", "ab", "AB").with("", "", search),
		ckOf("collation of the program", "", "TEXT COLLATE ck_upper", "'\u00e4b'", "cd", "\u00e4b", "\u00c4b", "\u00c4B").with("", "", ""),
	}
}

type (
	kaTeam struct{ Code string }
	kaMan  struct {
		ID   int64
		Team *string
	}
	kaManTag struct{ Man, Tag string }
)

// TestAnIndexSaysNothingOfItsColumn: an index to search by has a collation of its own, which makes no two keys one.
func TestAnIndexSaysNothingOfItsColumn(t *testing.T) {
	t.Parallel()
	d := kit.SQLiteDB(t, `CREATE TABLE ka_teams (code TEXT NOT NULL PRIMARY KEY);
		CREATE TABLE ka_men (id INTEGER PRIMARY KEY, team TEXT REFERENCES ka_teams);
		CREATE TABLE ka_man_tags (man TEXT NOT NULL REFERENCES ka_teams, tag TEXT NOT NULL, PRIMARY KEY (man, tag));
		CREATE INDEX ka_search ON ka_teams (code COLLATE NOCASE); CREATE INDEX ka_search_tags ON ka_man_tags (tag COLLATE NOCASE);
		INSERT INTO ka_teams VALUES ('a'), ('A'); INSERT INTO ka_men VALUES (1, 'a')`)
	ctx, db, r := t.Context(), d.DB, dovetail.NewRegistry()
	teams := dovetail.NewTable[kaTeam](r, "ka_teams", dovetail.PrimaryKey("code"))
	men := dovetail.NewTable[kaMan](r, "ka_men")
	links := dovetail.NewTable[kaManTag](r, "ka_man_tags", dovetail.PrimaryKey("man", "tag"))
	teamMen := dovetail.HasMany(teams, "men", men, dovetail.ForeignKey("team"), dovetail.Inverse("squad"))
	tags := dovetail.ManyToMany(teams, "tags", teams, links, dovetail.ThroughKeys("man", "tag"))
	has := func(sql string, want ...string) {
		t.Helper()
		got, err := kit.SQL[string](ctx, db, sql)
		if kit.Same(t, sql, got, want...); err != nil {
			t.Error(err)
		}
	}
	if n, err := teamMen.Move(ctx, db, &kaTeam{"A"}, &kaMan{ID: 1}); n != 1 || err != nil {
		t.Errorf("move: got %d, %v", n, err)
	}
	has("SELECT team FROM ka_men", "A")
	if _, err := teamMen.Inverse().Replace(ctx, db, &kaMan{ID: 1}, &kaTeam{"a"}); err != nil {
		t.Error(err)
	}
	has("SELECT team FROM ka_men", "a")
	if n, err := tags.Link(ctx, db, &kaTeam{"a"}, &kaTeam{"a"}, &kaTeam{"A"}); n != 2 || err != nil {
		t.Errorf("link: got %d, %v", n, err)
	}
	if n, err := tags.Unlink(ctx, db, &kaTeam{"a"}, &kaTeam{"a"}, &kaTeam{"A"}); n != 2 || err != nil {
		t.Errorf("unlink: got %d, %v", n, err)
	}
	for _, code := range []string{"a", "A"} {
		if _, err := tags.Replace(ctx, db, &kaTeam{"a"}, &kaTeam{code}); err != nil {
			t.Error(err)
		}
		has("SELECT tag FROM ka_man_tags", code)
	}
}

// TestAKeyOfTwoCollationsIsRefused: where the unique key of a column has another collation than the column, keys that only one of them tells
// apart are not compared.
func TestAKeyOfTwoCollationsIsRefused(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"code TEXT NOT NULL, PRIMARY KEY (code COLLATE NOCASE)", "code TEXT COLLATE NOCASE NOT NULL, PRIMARY KEY (code COLLATE BINARY)"} {
		d := kit.SQLiteDB(t, `CREATE TABLE ka_teams (`+key+`); INSERT INTO ka_teams VALUES ('a');
			CREATE TABLE ka_links (man TEXT NOT NULL, tag TEXT NOT NULL, PRIMARY KEY (man, tag)); INSERT INTO ka_links VALUES ('a', 'a')`)
		ctx, db, r := t.Context(), d.DB, dovetail.NewRegistry()
		teams := dovetail.NewTable[kaTeam](r, "ka_teams", dovetail.PrimaryKey("code"))
		links := dovetail.NewTable[kaManTag](r, "ka_links", dovetail.PrimaryKey("man", "tag"))
		tags := dovetail.ManyToMany(teams, "tags", teams, links, dovetail.ThroughKeys("man", "tag"))
		_, err := tags.Replace(ctx, db, &kaTeam{"a"}, &kaTeam{"A"})
		kit.Refused(t, err, dovetail.ErrUnsupported, "one collation and its unique key another")
		_, err = tags.Link(ctx, db, &kaTeam{"a"}, &kaTeam{"a"}, &kaTeam{"A"})
		kit.Refused(t, err, dovetail.ErrUnsupported, "one collation and its unique key another")
		if n, err := tags.Link(ctx, db, &kaTeam{"a"}, &kaTeam{"b"}, &kaTeam{"c"}); n != 2 || err != nil {
			t.Errorf("link: got %d, %v", n, err)
		}
	}
}

type (
	kaPart struct {
		Code string
		Own  *string
	}
	kaLink struct {
		Man, Tag string
		Role     *string
	}
)

// TestAMistakenComparisonLosesNothing: whatever is held of keys here, what a call is given is not removed by it.
func TestAMistakenComparisonLosesNothing(t *testing.T) {
	t.Parallel()
	run := func(t *testing.T, d kit.Database, text string) {
		ctx, db, r := t.Context(), d.DB, dovetail.NewRegistry()
		d.Exec(t, strings.ReplaceAll(`CREATE TABLE ka_teams (code TEXT NOT NULL PRIMARY KEY);
			CREATE TABLE ka_links (man TEXT NOT NULL REFERENCES ka_teams, tag TEXT NOT NULL REFERENCES ka_teams, role TEXT, PRIMARY KEY (man, tag));
			CREATE TABLE ka_parts (code TEXT NOT NULL PRIMARY KEY, own TEXT REFERENCES ka_teams);
			CREATE TABLE ka_screws (part TEXT NOT NULL REFERENCES ka_parts ON DELETE CASCADE);
			INSERT INTO ka_teams VALUES ('a'), ('b'); INSERT INTO ka_links VALUES ('a', 'b', 'editor'); INSERT INTO ka_parts VALUES ('p', 'a');
			INSERT INTO ka_screws VALUES ('p')`, "TEXT", text))
		teams := dovetail.NewTable[kaTeam](r, "ka_teams", dovetail.PrimaryKey("code"))
		links := dovetail.NewTable[kaLink](r, "ka_links", dovetail.PrimaryKey("man", "tag"))
		parts := dovetail.NewTable[kaPart](r, "ka_parts", dovetail.PrimaryKey("code"))
		tags := dovetail.ManyToMany(teams, "tags", teams, links, dovetail.ThroughKeys("man", "tag"))
		partsOf := dovetail.HasMany(teams, "parts", parts, dovetail.ForeignKey("own"), dovetail.DeleteOrphans())
		for _, ref := range []dialect.ColumnRef{{Table: "ka_teams", Column: "code"}, {Table: "ka_parts", Column: "code"}} {
			db.Catalog().SetComparison(ref, dialect.CompareTexts)
		}
		left := func(sql string) {
			t.Helper()
			n, err := kit.SQL[int64](ctx, db, "SELECT count(*) FROM "+sql)
			if err != nil || n[0] != 1 {
				t.Errorf("%s: expected 1, got %v, %v", sql, n, err)
			}
		}
		_, _ = tags.Replace(ctx, db, &kaTeam{"a"}, &kaTeam{"B"}) // which may be refused
		left("ka_links WHERE role = 'editor'")
		role := "author"
		_, _ = dovetail.ReplaceWith(ctx, db, tags, &kaTeam{"a"}, dovetail.Linked[kaTeam, kaLink]{Row: &kaTeam{"B"}, Link: &kaLink{Role: &role}})
		left("ka_links")
		_, err := partsOf.Sync(ctx, db, &kaTeam{"a"}, &kaPart{Code: "P"})
		kit.Refused(t, err, dovetail.ErrInvalidRow, "wrote to 0 of the 1 rows") // which was to be removed, and is kept
		left("ka_screws")
	}
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		run(t, kit.PostgresPool(t, "CREATE COLLATION ka_ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false)"), "TEXT COLLATE ka_ci")
	})
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		run(t, kit.SQLiteDB(t, ""), "TEXT COLLATE NOCASE")
	})
}

// TestPairsOfTextsAreReplacedWhole: what is given is left out of the removal as it is stored, and not by one of its ends.
func TestPairsOfTextsAreReplacedWhole(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, `CREATE TABLE ka_teams (code TEXT NOT NULL PRIMARY KEY);
		CREATE TABLE ka_links (man TEXT NOT NULL REFERENCES ka_teams, tag TEXT NOT NULL REFERENCES ka_teams, role TEXT, PRIMARY KEY (man, tag));
		INSERT INTO ka_teams VALUES ('a'), ('b'), ('c'), ('d'); INSERT INTO ka_links (man, tag) VALUES ('a', 'b'), ('c', 'a')`, func(t *testing.T, d kit.Database) {
		ctx, db, r := t.Context(), d.DB, dovetail.NewRegistry()
		teams := dovetail.NewTable[kaTeam](r, "ka_teams", dovetail.PrimaryKey("code"))
		links := dovetail.NewTable[kaLink](r, "ka_links", dovetail.PrimaryKey("man", "tag"))
		friends := dovetail.ManyToMany(teams, "friends", teams, links, dovetail.ThroughKeys("man", "tag"), dovetail.Symmetric())
		has := func(want ...string) {
			t.Helper()
			got, err := kit.SQL[string](ctx, db, "SELECT man || tag FROM ka_links ORDER BY 1")
			if kit.Same(t, "links", got, want...); err != nil {
				t.Error(err)
			}
		}
		if _, err := friends.Replace(ctx, db, &kaTeam{"a"}, &kaTeam{"a"}, &kaTeam{"d"}); err != nil {
			t.Error(err)
		}
		has("aa", "ad")
		turned := dovetail.Linked[kaTeam, kaLink]{Row: &kaTeam{"d"}, Link: &kaLink{Man: "d", Tag: "a"}}
		if _, err := dovetail.ReplaceWith(ctx, db, friends, &kaTeam{"a"}, turned); err != nil {
			t.Error(err)
		}
		if n, err := kit.SQL[int64](ctx, db, "SELECT count(*) FROM ka_links"); err != nil || n[0] != 1 {
			t.Errorf("expected one link, got %v, %v", n, err)
		}
	})
}
