package keytypes_test

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// TRAPS F, continued: keys of named, wrapped and rare types.

type probeInt int64

type probeText string

type probeBytes []byte

type probeTime struct{ sql.NullTime }

type probeTagged struct{ text string }

// Value and Scan store the text behind a tag, so that the database's form is not that of the Go field.
func (p probeTagged) Value() (driver.Value, error) { return "tag:" + p.text, nil }

func (p *probeTagged) Scan(src any) error {
	text, ok := src.(string)
	if !ok || !strings.HasPrefix(text, "tag:") {
		return errors.New("expected a tagged text")
	}
	p.text = strings.TrimPrefix(text, "tag:")
	return nil
}

// wrapped returns a case with two keys a and b; with null, both sides also have a row whose key is NULL, which matches
// nothing.
func wrapped(name, sqlType, a, b string, null bool, agree func(*testing.T, kit.Probe, []string)) kit.KeyCase {
	c := kit.KeyCase{Name: name, OwnerSQL: sqlType, RowSQL: "", Owners: []string{a, b}, Related: []string{b, a, b}, Want: []string{"1 2", "2 1", "2 3"}, Agree: agree}
	if null {
		c.Owners, c.Related = append(c.Owners, "NULL"), append(c.Related, "NULL")
	}
	return c
}

func TestTrap_F12_WrappedAndNamedTypesMatch(t *testing.T) {
	t.Parallel()
	date, stamp := "'2024-02-29'", "'2024-02-29 12:00:00.5+00'"
	id, other := "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "'b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"
	before := "CREATE TYPE mood AS ENUM ('sad', 'ok');\nCREATE DOMAIN small AS integer CHECK (VALUE < 100);\n" +
		"CREATE DOMAIN code AS text CHECK (VALUE <> '');\n"
	kit.KeysOnPostgres(t, before, []kit.KeyCase{
		wrapped("named int", "bigint", "1", "0", false, kit.KeysAgree[probeInt, probeInt]),
		wrapped("named uint8", "smallint", "255", "0", false, kit.KeysAgree[kit.ProbeSmall, int16]),
		wrapped("pointer to named int", "bigint", "1", "0", true, kit.KeysAgree[*probeInt, *int64]),
		wrapped("pointer to pointer", "bigint", "1", "0", true, kit.KeysAgree[**int64, *int64]),
		wrapped("sql.NullInt16", "smallint", "1", "0", true, kit.KeysAgree[sql.NullInt16, pgtype.Int2]),
		wrapped("sql.NullInt32", "integer", "1", "0", true, kit.KeysAgree[sql.NullInt32, pgtype.Int4]),
		wrapped("sql.NullInt64", "bigint", "1", "0", true, kit.KeysAgree[sql.NullInt64, pgtype.Int8]),
		wrapped("sql.Null[int64]", "bigint", "1", "0", true, kit.KeysAgree[sql.Null[int64], *int32]),
		wrapped("sql.NullByte", "smallint", "1", "0", true, kit.KeysAgree[sql.NullByte, sql.NullInt16]),
		wrapped("named text", "text", "'a'", "''", false, kit.KeysAgree[probeText, string]),
		wrapped("pointer to named text", "varchar(5)", "'a'", "''", true, kit.KeysAgree[*probeText, *string]),
		wrapped("sql.NullString", "text", "'a'", "''", true, kit.KeysAgree[sql.NullString, pgtype.Text]),
		wrapped("sql.Null[string]", "text", "'a'", "''", true, kit.KeysAgree[sql.Null[string], *string]),
		wrapped("enum", "mood", "'sad'", "'ok'", false, kit.KeysAgree[kit.ProbeMood, string]),
		wrapped("pointer to enum", "mood", "'sad'", "'ok'", true, kit.KeysAgree[*kit.ProbeMood, sql.NullString]),
		wrapped("domain over integer", "small", "99", "0", true, kit.KeysAgree[*int32, sql.NullInt64]),
		wrapped("domain over text", "code", "'a'", "'b'", true, kit.KeysAgree[*string, pgtype.Text]),
		wrapped("uuid.NullUUID", "uuid", id, other, true, kit.KeysAgree[uuid.NullUUID, *uuid.UUID]),
		wrapped("sql.Null[uuid.UUID]", "uuid", id, other, true, kit.KeysAgree[sql.Null[uuid.UUID], pgtype.UUID]),
		wrapped("named bytes", "bytea", `'\x01'`, `'\x02'`, true, kit.KeysAgree[probeBytes, []byte]),
		wrapped("sql.NullTime", "timestamptz", stamp, date, true, kit.KeysAgree[sql.NullTime, pgtype.Timestamptz]),
		wrapped("embedded sql.NullTime", "timestamptz", stamp, date, true, kit.KeysAgree[probeTime, *time.Time]),
		wrapped("pgtype.Timestamp", "timestamp", date, "'2024-03-01'", true, kit.KeysAgree[pgtype.Timestamp, sql.NullTime]),
		wrapped("pgtype.Date", "date", date, "'2024-03-01'", true, kit.KeysAgree[pgtype.Date, *time.Time]),
		wrapped("sql.NullFloat64", "float8", "0.1", "0", true, kit.KeysAgree[sql.NullFloat64, pgtype.Float8]),
		wrapped("pgtype.Float4", "real", "0.1", "0", true, kit.KeysAgree[pgtype.Float4, *float32]),
		wrapped("sql.NullBool", "boolean", "true", "false", true, kit.KeysAgree[sql.NullBool, pgtype.Bool]),
		wrapped("pgtype.Numeric", "numeric", "0.10", "0", true, kit.KeysAgree[pgtype.Numeric, pgtype.Numeric]),
		wrapped("netip.Addr", "inet", "'::1'", "'10.0.0.1'", true, kit.KeysAgree[*netip.Addr, netip.Addr]),
		wrapped("own Valuer", "text", "'tag:a'", "'tag:'", false, kit.KeysAgree[probeTagged, probeTagged]),
		wrapped("pointer to own Valuer", "text", "'tag:a'", "'tag:'", true, kit.KeysAgree[*probeTagged, *probeTagged]),
	}, nil)
	kit.KeysOnSQLite(t, []kit.KeyCase{
		wrapped("named int", "INTEGER", "1", "0", false, kit.KeysAgree[probeInt, kit.ProbeSmall]),
		wrapped("pointer to named int", "INTEGER", "1", "0", true, kit.KeysAgree[*probeInt, *int64]),
		wrapped("sql.NullInt64", "INTEGER", "1", "0", true, kit.KeysAgree[sql.NullInt64, sql.NullInt32]),
		wrapped("sql.Null[int64]", "INTEGER", "1", "0", true, kit.KeysAgree[sql.Null[int64], *int32]),
		wrapped("named text", "TEXT", "'a'", "''", false, kit.KeysAgree[probeText, string]),
		wrapped("sql.NullString", "TEXT", "'a'", "''", true, kit.KeysAgree[sql.NullString, *probeText]),
		wrapped("uuid.NullUUID", "TEXT", id, other, true, kit.KeysAgree[uuid.NullUUID, *uuid.UUID]),
		wrapped("named bytes", "BLOB", "x'01'", "x'02'", true, kit.KeysAgree[probeBytes, []byte]),
		wrapped("sql.NullTime", "TIMESTAMP", "'2024-02-29 12:00:00.5+00:00'", "'2024-02-29 00:00:00+00:00'", true,
			kit.KeysAgree[sql.NullTime, *time.Time]),
		wrapped("sql.NullFloat64", "REAL", "0.1", "0", true, kit.KeysAgree[sql.NullFloat64, *float64]),
		wrapped("sql.NullBool", "BOOLEAN", "1", "0", true, kit.KeysAgree[sql.NullBool, *bool]),
		wrapped("netip.Addr", "TEXT", "'::1'", "'10.0.0.1'", true, kit.KeysAgree[*netip.Addr, *netip.Addr]),
		wrapped("own Valuer", "TEXT", "'tag:a'", "'tag:'", false, kit.KeysAgree[probeTagged, probeTagged]),
	})
}

func TestTrap_F12_RowsWithTextPrimaryKeysAreSharedAlongLinks(t *testing.T) {
	t.Parallel()
	type tag struct {
		Name probeText
		Note *string
	}
	type item struct {
		Code string
		Tags []*tag
	}
	type link struct {
		Item string
		Tag  probeText
	}
	ddl := `CREATE TABLE probe_items (code VARCHAR(9) PRIMARY KEY);
CREATE TABLE probe_tags (name VARCHAR(9) PRIMARY KEY, note TEXT);
CREATE TABLE probe_links (item VARCHAR(9), tag VARCHAR(9));
INSERT INTO probe_items (code) VALUES ('a'), ('b'), ('c');
INSERT INTO probe_tags (name) VALUES ('x'), ('y');
INSERT INTO probe_links (item, tag) VALUES ('a', 'x'), ('b', 'y'), ('b', 'x'), ('z', 'x'), ('a', NULL), (NULL, 'y');`
	kit.OnEachProbe(t, ddl, func(t *testing.T, p kit.Probe) {
		r := dovetail.NewRegistry()
		items := dovetail.NewTable[item](r, "probe_items", dovetail.PrimaryKey("code"))
		tags := dovetail.NewTable[tag](r, "probe_tags", dovetail.PrimaryKey("name"))
		links := dovetail.NewTable[link](r, "probe_links")
		dovetail.ManyToMany(items, "tags", tags, links, dovetail.ThroughKeys("item", "tag"))
		loaded, err := dovetail.Select(items).OrderBy("code").Preload("tags").All(t.Context(), p.DB)
		if err != nil {
			t.Fatal(err)
		}
		got := []string{}
		for _, i := range loaded {
			for _, tag := range i.Tags {
				got = append(got, i.Code+" "+string(tag.Name))
			}
		}
		want := p.Ask(t, `SELECT l.item, t.name FROM probe_links l JOIN probe_items i ON i.code = l.item
			JOIN probe_tags t ON t.name = l.tag ORDER BY 1, 2`)
		if !slices.Equal(got, want) || len(want) != 3 {
			t.Fatalf("expected %q, got %q", want, got)
		}
		if loaded[0].Tags[0] != loaded[1].Tags[0] {
			t.Error("the tag x of a and of b is not one pointer")
		}
	})
}

// documentRefused checks that a key is refused which is a key of a type that SQL cannot compare.
func documentRefused[K any](t *testing.T) {
	t.Helper()
	owners, _ := kit.KeyTables[K, K]()
	_, _, err := dovetail.Select(owners).ToSql()
	var declared *dovetail.RelationError
	if !errors.Is(err, dovetail.ErrInvalidRelation) || !errors.As(err, &declared) || declared.Table != "key_owners" {
		t.Errorf("%T: expected an invalid relation of key_owners, got %v", *new(K), err)
		return
	}
	if text := err.Error(); !strings.Contains(text, `"k"`) || !strings.Contains(text, "cannot be a key") {
		t.Errorf("%T: expected the column and that it cannot be a key, got %q", *new(K), text)
	}
}

func TestTrap_F13_DocumentsAreNoKeys(t *testing.T) {
	t.Parallel()
	documentRefused[json.RawMessage](t)
	documentRefused[map[string]any](t)
	documentRefused[any](t)
	documentRefused[[]int64](t)
	documentRefused[[]string](t)
	documentRefused[*struct{ City string }](t)
	documentRefused[pgtype.Range[pgtype.Int4]](t)
	documentRefused[pgtype.FlatArray[int64]](t)
}

func TestTrap_F13_JSONColumnReadAsTextIsAnErrorOfTheDatabase(t *testing.T) {
	t.Parallel()
	// That the column is json cannot be seen in a Go string; then the database says that json has no equality.
	p := kit.PostgresProbe(t, kit.KeyCase{OwnerSQL: "json", Owners: []string{`'{}'`}, Related: []string{`'{}'`}}.DDL(), nil)
	owners, _ := kit.KeyTables[string, string]()
	rows, err := dovetail.Select(owners).Preload("related").All(t.Context(), p.DB)
	if code := kit.SQLState(err); code != "42883" || rows != nil {
		t.Errorf("expected SQLSTATE 42883 and no rows, got %q, %v, %v", code, rows, err)
	}
}

func TestTrap_F14_TypesWithManySpellingsMatchByValue(t *testing.T) {
	t.Parallel()
	kit.KeysOnPostgres(t, "", []kit.KeyCase{
		{Name: "bool", OwnerSQL: "boolean", RowSQL: "", Owners: []string{"true", "false"}, Related: []string{"'f'", "'yes'", "'0'"}, Want: []string{"1 2", "2 1", "2 3"}, Agree: kit.KeysAgree[bool, bool]},
		{Name: "interval", OwnerSQL: "interval", RowSQL: "", Owners: []string{"'24:00:00'", "'1 mon'", "'-3 hours'"}, Related: []string{"'1 day'", "'30 days'", "'29 days'", "'-180 min'"},
			Want: []string{"1 1", "2 2", "3 4"}, Agree: kit.KeysAgree[pgtype.Interval, pgtype.Interval]},
		{Name: "inet", OwnerSQL: "inet", RowSQL: "", Owners: []string{"'10.0.0.1'", "'10.0.0.1/24'", "'::ffff:1'"}, Related: []string{"'10.0.0.1/32'", "'10.0.0.1/24'", "'0:0::ffff:0001'"},
			Want: []string{"1 1", "2 2", "3 3"}, Agree: kit.KeysAgree[netip.Prefix, netip.Prefix]},
		{Name: "cidr and inet", OwnerSQL: "cidr", RowSQL: "inet", Owners: []string{"'10.0.0.0/8'"}, Related: []string{"'10.0.0.0/8'", "'10.0.0.0'"}, Want: []string{"1 1"},
			Agree: kit.KeysAgree[netip.Prefix, netip.Prefix]},
		{Name: "macaddr", OwnerSQL: "macaddr", RowSQL: "", Owners: []string{"'08:00:2b:01:02:03'"}, Related: []string{"'08-00-2B-01-02-03'", "'0800.2b01.0204'"}, Want: []string{"1 1"},
			Agree: kit.KeysAgree[net.HardwareAddr, net.HardwareAddr]},
		{Name: "money as text", OwnerSQL: "money", RowSQL: "", Owners: []string{"1.5"}, Related: []string{"1.50", "2"}, Want: []string{"1 1"}, Agree: kit.KeysAgree[string, string]},
		{Name: "bit string", OwnerSQL: "bit varying(8)", RowSQL: "", Owners: []string{"B'101'"}, Related: []string{"B'101'", "B'0101'"}, Want: []string{"1 1"}, Agree: kit.KeysAgree[pgtype.Bits, pgtype.Bits]},
		{Name: "jsonb as text", OwnerSQL: "jsonb", RowSQL: "", Owners: []string{`'{"a":1,"b":2}'`}, Related: []string{`'{"b": 2.0, "a": 1}'`, `'{"a":1}'`}, Want: []string{"1 1"},
			Agree: kit.KeysAgree[string, string]},
	}, nil)
	kit.KeysOnSQLite(t, []kit.KeyCase{{Name: "bool", OwnerSQL: "BOOLEAN", RowSQL: "", Owners: []string{"1", "0"}, Related: []string{"0", "1", "0"}, Want: []string{"1 2", "2 1", "2 3"}, Agree: kit.KeysAgree[bool, bool]}})
}

func TestTrap_F15_SQLiteAffinityDecides(t *testing.T) {
	t.Parallel()
	// Go strings over an INTEGER column matched with a TEXT one are left out: the rule's "strict types" is the package
	// comment of dialect/sqlite, which asks for columns declared as the Go field is.
	kit.KeysOnSQLite(t, []kit.KeyCase{
		{Name: "integers over text", OwnerSQL: "INTEGER", RowSQL: "TEXT", Owners: []string{"1", "2"}, Related: []string{"'01'", "'1'", "'2'", "'3'"},
			Want: []string{"1 1", "1 2", "2 3"}, Agree: kit.KeysAgree[int64, int64]},
		{Name: "text columns keep spellings apart", OwnerSQL: "TEXT", RowSQL: "TEXT", Owners: []string{"'01'", "'1'"}, Related: []string{"'1'", "'01'"},
			Want: []string{"1 2", "2 1"}, Agree: kit.KeysAgree[string, string]},
		{Name: "real and integer", OwnerSQL: "REAL", RowSQL: "INTEGER", Owners: []string{"1.0", "1.5"}, Related: []string{"1", "2"}, Want: []string{"1 1"}, Agree: kit.KeysAgree[float64, float64]},
	})
}

func TestTrap_F15_CompositeKeysFollowAffinityToo(t *testing.T) {
	t.Parallel()
	type row struct {
		ID   int64
		A, B string
	}
	type owner struct {
		ID      int64
		A, B    string
		Related []*row
	}
	p := kit.SQLiteProbe(t, `CREATE TABLE aff_owners (id INTEGER PRIMARY KEY, a INTEGER, b TEXT COLLATE NOCASE);
CREATE TABLE aff_rows (id INTEGER PRIMARY KEY, a INTEGER, b TEXT COLLATE NOCASE);
INSERT INTO aff_owners VALUES (1, 1, 'x'), (2, 1, 'y'), (3, 2, 'x');
INSERT INTO aff_rows VALUES (1, '01', 'X'), (2, 2, 'x'), (3, 1, 'z'), (4, 1, 'Y');`)
	r := dovetail.NewRegistry()
	owners, rows := dovetail.NewTable[owner](r, "aff_owners"), dovetail.NewTable[row](r, "aff_rows")
	dovetail.HasMany(owners, "related", rows, dovetail.ForeignKey("a", "b"), dovetail.References("a", "b"))
	loaded, err := dovetail.Select(owners).OrderBy("id").Preload("related").All(t.Context(), p.DB)
	if err != nil {
		t.Fatal(err)
	}
	got := []string{}
	for _, o := range loaded {
		for _, r := range o.Related {
			got = append(got, fmt.Sprint(o.ID, " ", r.ID))
		}
	}
	want := p.Ask(t, `SELECT o.id, r.id FROM aff_owners o JOIN aff_rows r ON r.a = o.a AND r.b = o.b ORDER BY 1, 2`)
	if !slices.Equal(got, want) || !slices.Equal(want, []string{"1 1", "2 4", "3 2"}) {
		t.Errorf("expected %q, got %q", want, got)
	}
}
