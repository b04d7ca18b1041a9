package values_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"net"
	"net/netip"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// valueRow is a row with a value of some Go type.
type valueRow[T any] struct {
	ID int64
	V  T
}

// valueCase is a Go type over the types of columns that hold it: on PostgreSQL and on SQLite.
type valueCase struct {
	name             string
	postgres, sqlite []string
	run              func(t *testing.T, db dovetail.DB)
}

// valuesOf returns the case of a type with values, which are all different, as columns hold them.
func valuesOf[T any](postgres, sqlite []string, values ...T) valueCase {
	return valueCase{
		name: reflect.TypeFor[T]().String(), postgres: postgres, sqlite: sqlite,
		run: func(t *testing.T, db dovetail.DB) {
			values := slices.Clone(values) // the case runs several times at once
			table := dovetail.NewTable[valueRow[T]](dovetail.NewRegistry(), "vals")
			var rows []*valueRow[T]
			for i, v := range values {
				rows = append(rows, &valueRow[T]{int64(i + 1), v})
			}
			kit.Insert(t, db, dovetail.Insert(table, rows...))
			foundAgain(t, db, table, values)
			for i, v := range values { // each in the place of another
				_, err := dovetail.Update(table).Set("v", v).Where(squirrel.Eq{"id": len(values) - i}).Exec(t.Context(), db)
				kit.NoError(t, err)
			}
			slices.Reverse(values)
			foundAgain(t, db, table, values)
		},
	}
}

// foundAgain looks for what the rows hold by the values that were written and by those that are read.
func foundAgain[T any](t *testing.T, db dovetail.DB, table *dovetail.Table[valueRow[T]], values []T) {
	t.Helper()
	rows := kit.All(t, db, dovetail.Select(table).OrderBy("id"))
	for i, row := range rows {
		kit.Equal(t, "read", valueText(row.V), valueText(values[i]))
		others := make([]int64, 0, len(rows))
		for _, r := range rows {
			if r != row {
				others = append(others, r.ID)
			}
		}
		for from, v := range map[string]T{"written": values[i], "read": row.V} {
			for form, arg := range map[string]any{"value": v, "list": []T{v}, "list of pointers": []*T{&v}, "loose list": []any{v}} {
				if _, bytes := arg.([]byte); bytes && form == "list" {
					continue // a list of uint8 is bytes
				}
				find := func(pred any, want ...int64) {
					t.Helper()
					got, err := dovetail.Select(table).Where(pred).OrderBy("id").All(t.Context(), db)
					if err != nil {
						t.Errorf("%s as it was %s, %s: %v", valueText(v), from, form, err)
						return
					}
					kit.Same(t, fmt.Sprintf("%s as it was %s, %s", valueText(v), from, form),
						kit.Pluck(got, func(r *valueRow[T]) int64 { return r.ID }), want...)
				}
				find(squirrel.Eq{"v": arg}, row.ID)
				find(squirrel.NotEq{"v": arg}, others...)
			}
		}
	}
}

// valueText is a value in words, pointers followed, times as instants.
func valueText(v any) string {
	rv := reflect.ValueOf(v)
	for rv.Kind() == reflect.Pointer {
		rv = rv.Elem()
	}
	switch v := rv.Interface().(type) {
	case time.Time:
		return v.UTC().String()
	case sql.NullTime:
		return v.Time.UTC().String()
	case pgtype.Timestamptz:
		return v.Time.UTC().String()
	}
	return fmt.Sprint(rv.Interface())
}

type (
	namedText  string
	namedInt   int32
	namedBool  bool
	namedFloat float32
	namedBytes []byte
	namedID    [16]byte
)

func valueCases() []valueCase {
	return slices.Concat(integerCases(), otherCases(), wrapperCases(), postgresCases())
}

func columns(types ...string) []string { return types }

func integerCases() []valueCase {
	lite := columns("INTEGER", "NUMERIC")
	return []valueCase{
		valuesOf[int](columns("smallint", "integer", "bigint", "numeric"), lite, 0, -7, 71),
		valuesOf[int8](columns("smallint", "integer", "bigint", "numeric"), lite, 0, math.MinInt8, math.MaxInt8),
		valuesOf[int16](columns("smallint", "bigint"), lite, 0, math.MinInt16, math.MaxInt16),
		valuesOf[int32](columns("integer", "bigint"), lite, 0, math.MinInt32, math.MaxInt32),
		valuesOf[int64](columns("bigint", "numeric"), lite, 0, math.MinInt64, math.MaxInt64),
		valuesOf[uint](columns("bigint", "numeric"), lite, 0, 7),
		valuesOf[uint8](columns("smallint", "bigint"), lite, 0, math.MaxUint8),
		valuesOf[uint16](columns("integer", "bigint"), lite, 0, math.MaxUint16),
		valuesOf[uint32](columns("bigint", "numeric"), lite, 0, math.MaxUint32),
		valuesOf[uint64](columns("bigint", "numeric"), lite, 0, math.MaxInt64),
		valuesOf[namedInt](columns("integer", "bigint"), lite, 0, -7),
		valuesOf[*int64](columns("bigint", "integer"), lite, ptr[int64](0), ptr[int64](-7)),
	}
}

func ptr[T any](v T) *T { return &v }

func otherCases() []valueCase {
	id, other := uuid.MustParse("0190f3a2-7c4b-7d1e-8a2f-3b4c5d6e7f80"), uuid.MustParse("ffffffff-0000-4000-8000-000000000001")
	texts := []string{"", "a", "A", `quoted "b" {c} \ 'd', NULL`, "5", "true"}
	return []valueCase{
		valuesOf[float32](columns("real", "double precision", "numeric"), columns("REAL", "NUMERIC"), 0, 0.15, -0.1, 3e10),
		valuesOf[float64](columns("double precision", "numeric"), columns("REAL", "NUMERIC"), 0, 0.15, -0.1, 3e10),
		valuesOf[namedFloat](columns("real", "numeric"), columns("REAL", "NUMERIC"), 0.15, 0.7),
		valuesOf[*float32](columns("real"), columns("REAL"), ptr[float32](0.15), ptr[float32](0.7)),
		valuesOf[string](columns("text", "varchar(40)", "varchar"), columns("TEXT", "VARCHAR(40)"), texts...),
		valuesOf[namedText](columns("text", "valmood"), columns("TEXT"), "sad", "glad"),
		valuesOf[bool](columns("boolean"), columns("BOOLEAN", "INTEGER"), true, false),
		valuesOf[namedBool](columns("boolean"), columns("BOOLEAN"), true, false),
		valuesOf[[]byte](columns("bytea"), columns("BLOB"), []byte{}, []byte("ab"), []byte{0, 255}),
		valuesOf[namedBytes](columns("bytea"), columns("BLOB"), namedBytes("ab"), namedBytes{0, 255}),
		valuesOf[uuid.UUID](columns("uuid", "text"), columns("TEXT", "UUID"), id, other),
		valuesOf[[16]byte](columns("uuid"), columns("TEXT"), id, other),
		valuesOf[namedID](columns("uuid"), columns("TEXT"), namedID(id), namedID(other)),
		valuesOf[*uuid.UUID](columns("uuid"), columns("TEXT"), &id, &other),
		valuesOf[time.Duration](columns("interval"), columns("INTEGER"), 0, time.Second, -90*time.Minute),
		valuesOf[*time.Duration](columns("interval"), columns("INTEGER"), ptr(time.Second), ptr(-90*time.Minute)),
		valuesOf[netip.Addr](columns("inet"), columns("TEXT"), netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("::1")),
		valuesOf[netip.Prefix](columns("cidr", "inet"), columns("TEXT"), netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/9")),
		valuesOf[net.HardwareAddr](columns("macaddr"), nil, net.HardwareAddr{1, 2, 3, 4, 5, 6}, net.HardwareAddr{1, 2, 3, 4, 5, 7}),
	}
}

func null[T any](v T) sql.Null[T] { return sql.Null[T]{V: v, Valid: true} }

func wrapperCases() []valueCase {
	return []valueCase{
		valuesOf[sql.NullString](columns("text"), columns("TEXT"), sql.NullString{Valid: true}, sql.NullString{String: "5", Valid: true}),
		valuesOf[sql.NullInt64](columns("bigint"), columns("INTEGER"), sql.NullInt64{Valid: true}, sql.NullInt64{Int64: -5, Valid: true}),
		valuesOf[sql.NullInt32](columns("integer"), columns("INTEGER"), sql.NullInt32{Valid: true}, sql.NullInt32{Int32: -5, Valid: true}),
		valuesOf[sql.NullInt16](columns("smallint"), columns("INTEGER"), sql.NullInt16{Valid: true}, sql.NullInt16{Int16: -5, Valid: true}),
		valuesOf[sql.NullByte](columns("smallint"), columns("INTEGER"), sql.NullByte{Valid: true}, sql.NullByte{Byte: 5, Valid: true}),
		valuesOf[sql.NullBool](columns("boolean"), columns("BOOLEAN"), sql.NullBool{Valid: true}, sql.NullBool{Bool: true, Valid: true}),
		valuesOf[sql.NullFloat64](columns("double precision", "real"), columns("REAL"),
			sql.NullFloat64{Valid: true}, sql.NullFloat64{Float64: 0.5, Valid: true}),
		valuesOf(columns("text"), columns("TEXT"), null(""), null("5")),
		valuesOf(columns("integer"), columns("INTEGER"), null[int32](0), null[int32](-5)),
		valuesOf(columns("real"), columns("REAL"), null[float32](0.15), null[float32](0.7)),
		valuesOf(nil, columns("INTEGER"), null(time.Second), null(time.Minute)), // database/sql cannot scan an interval into it
		valuesOf(columns("uuid"), columns("TEXT"), null(uuid.UUID{1}), null(uuid.UUID{2})),
		valuesOf(columns("bytea"), columns("BLOB"), null([]byte("ab")), null([]byte{0, 255})),
	}
}

// postgresCases have times too, which SQLite keeps in forms that have tests of their own.
func postgresCases() []valueCase {
	day := time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)
	noon := day.Add(12*time.Hour + 123456*time.Microsecond)
	numeric := func(text string) (n pgtype.Numeric) {
		if err := n.Scan(text); err != nil {
			panic(err)
		}
		return n
	}
	return []valueCase{
		valuesOf[time.Time](columns("timestamptz", "timestamp"), nil, day, noon),
		valuesOf[time.Time](columns("date"), nil, day, day.AddDate(0, 0, 1)),
		valuesOf[sql.NullTime](columns("timestamptz", "timestamp"), nil, sql.NullTime{Time: day, Valid: true}, sql.NullTime{Time: noon, Valid: true}),
		valuesOf(columns("numeric"), nil, numeric("1.50"), numeric("-0.001"), numeric("12345678901234567890.5")),
		valuesOf(columns("text"), nil, pgtype.Text{Valid: true}, pgtype.Text{String: "5", Valid: true}),
		valuesOf(columns("bigint", "integer"), nil, pgtype.Int8{Valid: true}, pgtype.Int8{Int64: -5, Valid: true}),
		valuesOf(columns("uuid"), nil, pgtype.UUID{Bytes: [16]byte{1}, Valid: true}, pgtype.UUID{Bytes: [16]byte{2}, Valid: true}),
		valuesOf(columns("date"), nil, pgtype.Date{Time: day, Valid: true}, pgtype.Date{InfinityModifier: pgtype.Infinity, Valid: true}),
		valuesOf(columns("timestamptz"), nil, pgtype.Timestamptz{Time: noon, Valid: true}),
		valuesOf(columns("interval"), nil, pgtype.Interval{Days: 1, Valid: true}, pgtype.Interval{Months: 2, Microseconds: 5, Valid: true}),
	}
}

const valueTypesDDL = "CREATE TYPE valmood AS ENUM ('sad', 'glad'); "

// TestWhatARowHoldsIsFoundAgain goes through Go types and the types of columns that hold them: what is written is read, and is
// found by each form of condition, by the value that was written and by the one that was read.
func TestWhatARowHoldsIsFoundAgain(t *testing.T) {
	t.Parallel()
	for _, c := range valueCases() {
		for _, column := range c.postgres {
			t.Run("postgres/"+c.name+" in "+column, func(t *testing.T) {
				t.Parallel()
				// The modes that ask the server for types encode alike.
				inModes(t, valueTypesDDL+"CREATE TABLE vals (id bigint PRIMARY KEY, v "+column+")", c.run,
					pgx.QueryExecModeCacheStatement, pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol)
			})
		}
		for _, column := range c.sqlite {
			t.Run("sqlite/"+c.name+" in "+column, func(t *testing.T) {
				t.Parallel()
				c.run(t, kit.SQLiteDB(t, "CREATE TABLE vals (id INTEGER PRIMARY KEY, v "+column+")").DB)
			})
		}
	}
}

// TestFloatsOfSingleWidthOnSQLite reads a number that was written as text of SQL, which is no float32.
func TestFloatsOfSingleWidthOnSQLite(t *testing.T) {
	t.Parallel()
	d := kit.SQLiteDB(t, "CREATE TABLE vals (id INTEGER PRIMARY KEY, v REAL); INSERT INTO vals VALUES (1, 0.15), (2, 3e10), (3, -7)")
	foundAgain(t, d.DB, dovetail.NewTable[valueRow[float32]](dovetail.NewRegistry(), "vals"), []float32{0.15, 3e10, -7})
}

// TestJSONIsStoredAlike writes documents as they are and behind a null wrapper.
func TestJSONIsStoredAlike(t *testing.T) {
	t.Parallel()
	document := json.RawMessage(`{"a": [1]}`)
	write := func(t *testing.T, db dovetail.DB, want string) {
		r, wrapped := dovetail.NewRegistry(), dovetail.NewRegistry()
		kit.Insert(t, db, dovetail.Insert(dovetail.NewTable[valueRow[json.RawMessage]](r, "vals"), &valueRow[json.RawMessage]{1, document}))
		nulls := dovetail.NewTable[valueRow[sql.Null[json.RawMessage]]](wrapped, "vals")
		kit.Insert(t, db, dovetail.Insert(nulls, &valueRow[sql.Null[json.RawMessage]]{2, null(document)}, &valueRow[sql.Null[json.RawMessage]]{ID: 3}))
		kit.Same(t, "stored", kit.Texts(t, db, "SELECT "+want+" FROM vals ORDER BY id"), "same", "same", "null")
		kit.Equal(t, "read", string(kit.All(t, db, dovetail.Select(nulls).OrderBy("id"))[1].V.V), string(document))
	}
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		everyMode(t, "CREATE TABLE vals (id bigint PRIMARY KEY, v jsonb)", func(t *testing.T, db dovetail.DB) {
			write(t, db, `CASE WHEN v IS NULL THEN 'null' WHEN v = '{"a": [1]}' THEN 'same' ELSE 'other' END`)
		})
	})
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		write(t, kit.SQLiteDB(t, "CREATE TABLE vals (id INTEGER PRIMARY KEY, v TEXT)").DB,
			`CASE WHEN v IS NULL THEN 'null' WHEN typeof(v) = 'text' AND v = '{"a": [1]}' THEN 'same' ELSE typeof(v) END`)
	})
}

// TestWhatJSONIsMadeOfIsSetAsJSON sets a column of JSON to values of other types than its field's.
func TestWhatJSONIsMadeOfIsSetAsJSON(t *testing.T) {
	t.Parallel()
	type made struct {
		A int `json:"a"`
	}
	yes := true
	set := func(t *testing.T, db dovetail.DB) {
		table := dovetail.NewTable[valueRow[json.RawMessage]](dovetail.NewRegistry(), "vals")
		nullable := dovetail.NewTable[valueRow[*json.RawMessage]](dovetail.NewRegistry(), "vals")
		kit.Insert(t, db, dovetail.Insert(table, &valueRow[json.RawMessage]{1, json.RawMessage(`0`)}))
		for want, values := range map[string][]any{
			`{"a":1}`:         {map[string]any{"a": 1}, made{1}, &made{1}, json.RawMessage(`{"a":1}`)},
			`[{"a":1},"x"]`:   {[]any{map[string]any{"a": 1}, "x"}, []any{made{1}, "x"}, []json.RawMessage{json.RawMessage(`{"a":1}`), json.RawMessage(`"x"`)}},
			`["x"]`:           {[]string{"x"}, []any{"x"}, [1]string{"x"}, &[]string{"x"}},
			`[]`:              {[]string{}, []any{}},
			`true`:            {true, &yes},
			`[[1],[2,3]]`:     {[][]int{{1}, {2, 3}}},
			`[{"a":1}]`:       {[]made{{1}}, []*made{{1}}, []map[string]int{{"a": 1}}},
			`{"k":["x",1.5]}`: {map[string][]any{"k": {"x", 1.5}}},
		} {
			for _, v := range values {
				for what, change := range map[string]func() (int64, error){
					"a document": func() (int64, error) {
						return dovetail.Update(table).Set("v", v).Where(squirrel.Eq{"id": 1}).Exec(t.Context(), db)
					},
					"a pointer": func() (int64, error) {
						return dovetail.Update(nullable).Set("v", v).Where(squirrel.Eq{"id": 1}).Exec(t.Context(), db)
					},
				} {
					_, err := change()
					if err != nil {
						t.Errorf("%s set to a %T: %v", what, v, err)
						continue
					}
					got := string(kit.All(t, db, dovetail.Select(table))[0].V)
					kit.Equal(t, fmt.Sprintf("%s set to a %T", what, v), got, want)
				}
			}
		}
	}
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		everyMode(t, "CREATE TABLE vals (id bigint PRIMARY KEY, v json)", set)
	})
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		set(t, kit.SQLiteDB(t, "CREATE TABLE vals (id INTEGER PRIMARY KEY, v TEXT)").DB)
	})
}
