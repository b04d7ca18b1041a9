package sqlite_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"math/big"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/dbtest"
)

type (
	plainID  [16]byte
	digit    byte
	oddID    [16]digit
	blob     []byte
	settings struct {
		Theme string
		Size  int `json:"size"`
	}
	labels  map[string]int
	name    string
	pair    [2]int
	scanner struct{ got any }
)

func (s *scanner) Scan(src any) error { s.got = src; return nil }

var (
	someID   = plainID{0x12, 0x3e, 0x45, 0x67, 0xe8, 0x9b, 0x12, 0xd3, 0xa4, 0x56, 0x42, 0x66, 0x14, 0x17, 0x40, 0}
	someTime = time.Date(2024, 2, 29, 8, 9, 10, 123456789, time.UTC)
	seconds  = someTime.Truncate(time.Second)
)

const canonical = "123e4567-e89b-12d3-a456-426614174000"

// scanOne runs a statement of one row and column and scans it into a new T.
func scanOne[T any](db *sqlite.DB, s dialect.Statement) (T, error) {
	var v T
	err := db.Run(context.Background(), []dialect.Statement{s}, func(_ int, rows dialect.Rows) error {
		if !rows.Next() {
			return errors.New("expected a row")
		}
		return rows.Scan(&v)
	})
	return v, err
}

func check[T any](t *testing.T, db *sqlite.DB, expr string, want T) {
	t.Helper()
	got, err := scanOne[T](db, stmt("SELECT "+expr))
	if gotTime, ok := any(got).(time.Time); ok && err == nil {
		if !gotTime.Equal(any(want).(time.Time)) {
			t.Errorf("%s: got %v, want %v", expr, got, want)
		}
		return
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%s into %T: got %v, want %v (%v)", expr, want, got, want, err)
	}
}

func TestScanTimes(t *testing.T) {
	t.Parallel()
	db := sqlite.New(dbtest.SQLite(t))
	zoned := someTime.In(time.FixedZone("CEST", 7200))
	for expr, want := range map[string]time.Time{
		"'2024-02-29 08:09:10.123456789+00:00'":                    someTime,
		"'2024-02-29 10:09:10.123456789+02:00'":                    someTime,
		"'2024-02-29T08:09:10.123456789Z'":                         someTime,
		"'2024-02-29T10:09:10.123456789+02:00'":                    someTime,
		"'2024-02-29 08:09:10.123456789'":                          someTime,
		"'2024-02-29T08:09:10'":                                    seconds,
		"'2024-02-29 08:09:10Z'":                                   seconds,
		"'2024-02-29 08:09'":                                       seconds.Truncate(time.Minute),
		"'2024-02-29'":                                             seconds.Truncate(24 * time.Hour),
		"'" + someTime.String() + "'":                              someTime,
		"'" + zoned.String() + "'":                                 someTime,
		"'" + zoned.String() + " m=+0.012345'":                     someTime,
		"'2024-02-29 10:09:10.123456789 +0200 +0200'":              someTime,
		"CAST('2024-02-29 08:09:10' AS BLOB)":                      seconds,
		"1709194150":                                               seconds,
		"strftime('%Y-%m-%d %H:%M:%f', '2024-02-29 08:09:10.123')": seconds.Add(123 * time.Millisecond),
		"datetime(1709194150, 'unixepoch')":                        seconds,
		"'1583-10-15 00:00:00+00:00'":                              time.Date(1583, 10, 15, 0, 0, 0, 0, time.UTC),
	} {
		check(t, db, expr, want)
		if got, err := scanOne[*time.Time](db, stmt("SELECT "+expr)); err != nil || got == nil || !got.Equal(want) {
			t.Errorf("%s: got %v (%v)", expr, got, err)
		}
		if got, err := scanOne[sql.NullTime](db, stmt("SELECT "+expr)); err != nil || !got.Valid || !got.Time.Equal(want) {
			t.Errorf("%s: got %v (%v)", expr, got, err)
		}
		if got, err := scanOne[*sql.Null[time.Time]](db, stmt("SELECT "+expr)); err != nil || !got.V.Equal(want) {
			t.Errorf("%s: got %v (%v)", expr, got, err)
		}
	}
	check(t, db, "NULL", (*time.Time)(nil))
	check(t, db, "NULL", (**time.Time)(nil))
	check(t, db, "NULL", sql.NullTime{})
	check(t, db, "NULL", sql.Null[time.Time]{})
	check(t, db, "NULL", (*sql.NullTime)(nil))
	got, err := scanOne[time.Time](db, stmt("SELECT '2024-02-29 08:09:10+00:00'"))
	if err != nil || got.Location() != time.UTC {
		t.Errorf("an offset of zero is %v (%v)", got.Location(), err)
	}
	for _, expr := range []string{"NULL", "'soon'", "'2024-02-30'", "'secret words here'", "1.5", "''"} {
		if got, err := scanOne[time.Time](db, stmt("SELECT "+expr)); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v (%v)", expr, got, err)
		}
	}
}

func TestScanTimesOfDeclaredColumns(t *testing.T) {
	t.Parallel()
	pool := dbtest.SQLite(t)
	db := sqlite.New(pool)
	for _, typ := range []string{"TIMESTAMP", "DATETIME", "DATE", "TEXT", "TIMESTAMPTZ", "BLOB", ""} {
		mustExec(t, pool, "CREATE TABLE t (v "+typ+"); ")
		mustExec(t, pool, "INSERT INTO t VALUES (?)", someTime)
		got, err := scanOne[time.Time](db, stmt("SELECT v FROM t"))
		if err != nil || !got.Equal(someTime) {
			t.Errorf("%s: got %v (%v)", typ, got, err)
		}
		if got, err = scanOne[time.Time](db, stmt("SELECT max(v) FROM t")); err != nil || !got.Equal(someTime) {
			t.Errorf("max of %s: got %v (%v)", typ, got, err)
		}
		mustExec(t, pool, "DROP TABLE t")
	}
}

func TestScanUUIDs(t *testing.T) {
	t.Parallel()
	db := sqlite.New(dbtest.SQLite(t))
	for _, expr := range []string{
		"'" + canonical + "'", "'" + strings.ToUpper(canonical) + "'", "'{" + canonical + "}'", "'urn:uuid:" + canonical + "'",
		"'" + strings.ReplaceAll(canonical, "-", "") + "'", "CAST('" + canonical + "' AS BLOB)",
		"x'" + strings.ReplaceAll(canonical, "-", "") + "'",
	} {
		id, odd := someID, oddID{}
		for i := range id {
			odd[i] = digit(id[i])
		}
		check(t, db, expr, someID)
		check(t, db, expr, &id)
		check(t, db, expr, odd)
		check(t, db, expr, [16]byte(someID))
		check(t, db, expr, uuid.UUID(someID))
		check(t, db, expr, uuid.NullUUID{UUID: uuid.UUID(someID), Valid: true})
	}
	check(t, db, "NULL", (*plainID)(nil))
	check(t, db, "NULL", (*uuid.UUID)(nil))
	for _, expr := range []string{
		"NULL", "7", "'" + canonical[1:] + "'", "x'00'", "'{" + canonical + "'", "'g" + canonical[1:] + "'",
	} {
		if err := failure[plainID](db, expr); err == nil || strings.Contains(err.Error(), canonical[5:10]) {
			t.Errorf("%s: got %v", expr, err)
		}
	}
}

func TestScanDocumentsAndTexts(t *testing.T) {
	t.Parallel()
	db := sqlite.New(dbtest.SQLite(t))
	check(t, db, `'{"Theme":"dark","size":3}'`, settings{"dark", 3})
	check(t, db, `CAST('{"Theme":"dark"}' AS BLOB)`, &settings{Theme: "dark"})
	check(t, db, `'{"a":1}'`, labels{"a": 1})
	check(t, db, `'{"a":1}'`, map[string]any{"a": 1.0})
	check(t, db, `'["a","b"]'`, []string{"a", "b"})
	check(t, db, `'[1,2]'`, pair{1, 2})
	check(t, db, `'{"a" : 1}'`, json.RawMessage(`{"a" : 1}`))
	check(t, db, `5`, json.RawMessage(`5`))
	check(t, db, `5`, new(big.Int).SetInt64(5))
	check(t, db, `'123456789012345678901234567890'`, *mustInt("123456789012345678901234567890"))
	check(t, db, `'text'`, blob("text"))
	check(t, db, `x'00ff'`, blob{0, 255})
	check(t, db, `x'00ff'`, []byte{0, 255})
	check(t, db, `'::1'`, netip.MustParseAddr("::1"))
	check(t, db, `'n'`, name("n"))
	check(t, db, `'s'`, scanner{got: "s"})
	check(t, db, `1`, true)
	check(t, db, `NULL`, labels(nil))
	check(t, db, `NULL`, []string(nil))
	check(t, db, `NULL`, json.RawMessage(nil))
	check(t, db, `NULL`, blob(nil))
	check(t, db, `NULL`, (*settings)(nil))
	check(t, db, `NULL`, netip.Addr{})
	check(t, db, `NULL`, (*netip.Addr)(nil))
	check(t, db, `NULL`, (*int)(nil))
	check[any](t, db, `NULL`, nil)
	for _, err := range []error{
		failure[settings](db, "NULL"), failure[pair](db, "NULL"), failure[big.Int](db, "NULL"),
		failure[settings](db, `'{"Theme"'`),
		failure[labels](db, "5"), failure[netip.Addr](db, "'nowhere'"), failure[int](db, "'abc'"), failure[int8](db, "500"),
		failure[string](db, "NULL"), failure[chan int](db, "1"),
	} {
		var col *dialect.ColumnError
		if !errors.As(err, &col) {
			t.Errorf("got %v", err)
		}
	}
}

func failure[T any](db *sqlite.DB, expr string) error {
	_, err := scanOne[T](db, stmt("SELECT "+expr))
	return err
}

func mustInt(s string) *big.Int {
	n, _ := new(big.Int).SetString(s, 10)
	return n
}

func TestScanReplacesWhatWasThere(t *testing.T) {
	t.Parallel()
	db := sqlite.New(dbtest.SQLite(t))
	m, b := labels{"old": 1}, blob("old")
	s := stmt(`SELECT '{"new":2}', x'01', 'x' UNION ALL SELECT NULL, NULL, 'y'`)
	err := db.Run(context.Background(), []dialect.Statement{s}, func(_ int, rows dialect.Rows) error {
		var text string
		dest := []any{&m, &b, &text}
		before := append([]any(nil), dest...)
		rows.Next()
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		if !reflect.DeepEqual(m, labels{"new": 2}) || !reflect.DeepEqual(b, blob{1}) || text != "x" {
			t.Errorf("got %v %v %v", m, b, text)
		}
		rows.Next()
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		if m != nil || b != nil || text != "y" {
			t.Errorf("got %v %v %v", m, b, text)
		}
		for i := range dest {
			if dest[i] != before[i] {
				t.Error("the caller's destinations were written to")
			}
		}
		// Other destinations for the same result, as a caller may have them for each row.
		return rows.Scan(new(any), new([]byte), new(name))
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestScanNamesColumn(t *testing.T) {
	t.Parallel()
	everyWay(t, func(t *testing.T, db *sqlite.DB) {
		for _, c := range []struct {
			sql   string
			index int
			null  bool
		}{
			{"SELECT 1, NULL, '2024-02-29'", 1, true},
			{"SELECT NULL, 1, '2024-02-29'", 0, true},
			{"SELECT 1, 'x', '2024-02-29'", 1, false},
			{"SELECT 1, 2, 'x'", 2, false},
			{"SELECT 1, 2, NULL", 2, true},
		} {
			err := db.Run(context.Background(), []dialect.Statement{stmt(c.sql)}, func(_ int, rows dialect.Rows) error {
				var a, b int
				var when time.Time
				if got := rows.Columns(); len(got) != 3 || got[0] != strings.Fields(c.sql)[1][:len(got[0])] {
					t.Errorf("columns %v", got)
				}
				rows.Next()
				return rows.Scan(&a, &b, &when)
			})
			var col *dialect.ColumnError
			if !errors.As(err, &col) || col.Index != c.index || col.Null != c.null || strings.Contains(err.Error(), "sql: Scan") {
				t.Errorf("%s: got %#v", c.sql, err)
			}
		}
		err := db.Run(context.Background(), []dialect.Statement{stmt("SELECT 1")}, func(_ int, rows dialect.Rows) error {
			rows.Next()
			return rows.Scan(new(int), new(int))
		})
		var col *dialect.ColumnError
		if err == nil || errors.As(err, &col) {
			t.Errorf("two destinations for one column: got %#v", err)
		}
		if err := failure[int](db, "NULL"); err == nil {
			t.Error("NULL in an int")
		}
	})
}

// roundTrip sends a value and scans what comes back.
func roundTrip[T any](t *testing.T, db *sqlite.DB, v T, typ string) {
	t.Helper()
	got := mustCollect(t, db, stmt("SELECT typeof(?)", v))[0][0]
	if got != typ {
		t.Errorf("%T was sent as %s, want %s", v, got, typ)
	}
	back, err := scanOne[T](db, stmt("SELECT ?", v))
	if t1, ok := any(back).(time.Time); ok && err == nil && t1.Equal(any(v).(time.Time)) {
		return
	}
	if err != nil || !reflect.DeepEqual(back, v) {
		t.Errorf("%T: sent %v, got %v (%v)", v, v, back, err)
	}
}

func TestArgumentsComeBack(t *testing.T) {
	t.Parallel()
	db := sqlite.New(dbtest.SQLite(t))
	id, n, text := someID, 5, "t"
	roundTrip(t, db, someTime, "text")
	roundTrip(t, db, someID, "text")
	roundTrip(t, db, &id, "text")
	roundTrip(t, db, (*plainID)(nil), "null")
	roundTrip(t, db, [16]byte(someID), "text")
	roundTrip(t, db, oddID{1, 2}, "text")
	roundTrip(t, db, uuid.UUID(someID), "text")
	roundTrip(t, db, uuid.NullUUID{}, "null")
	roundTrip(t, db, settings{"<dark>", 3}, "text")
	roundTrip(t, db, &settings{"dark", 3}, "text")
	roundTrip(t, db, labels{"a": 1}, "text")
	roundTrip(t, db, labels(nil), "null")
	roundTrip(t, db, []string{"a"}, "text")
	roundTrip(t, db, []string{}, "text")
	roundTrip(t, db, []string(nil), "null")
	roundTrip(t, db, pair{1, 2}, "text")
	roundTrip(t, db, json.RawMessage(`{"a": 1}`), "text")
	roundTrip(t, db, json.RawMessage(nil), "null")
	roundTrip(t, db, []byte{1, 0}, "blob")
	roundTrip(t, db, blob{1, 0}, "blob")
	roundTrip(t, db, netip.MustParseAddr("10.0.0.1"), "text")
	roundTrip(t, db, netip.Addr{}, "null")
	roundTrip(t, db, mustInt("123456789012345678901234567890"), "text")
	roundTrip(t, db, *mustInt("12345678901234567890"), "text")
	roundTrip(t, db, name("n"), "text")
	roundTrip(t, db, &text, "text")
	roundTrip(t, db, 5, "integer")
	roundTrip(t, db, &n, "integer")
	roundTrip(t, db, uint16(5), "integer")
	roundTrip(t, db, 2.5, "real")
	roundTrip(t, db, true, "integer")
	roundTrip(t, db, sql.NullString{String: "x", Valid: true}, "text")
	roundTrip(t, db, sql.NullTime{}, "null")
	if got := mustCollect(t, db, stmt("SELECT @id", sql.Named("id", someID)))[0][0]; got != canonical {
		t.Errorf("named: got %s", got)
	}
}

func TestArgumentsAreNotWrittenTo(t *testing.T) {
	t.Parallel()
	db := sqlite.New(dbtest.SQLite(t))
	args := []any{1, someID, labels{"a": 1}}
	mustCollect(t, db, stmt("SELECT ? || ? || ?", args...))
	if !reflect.DeepEqual(args, []any{1, someID, labels{"a": 1}}) {
		t.Errorf("got %v", args)
	}
}
