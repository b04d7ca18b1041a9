package writes_test

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"pgregory.net/rapid"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/dbtest"
)

// rrColumn is a type of columns that keep less of a value than the wide type does.
type rrColumn struct{ stored, wide string }

type rrRow[K any] struct {
	K    K
	Note string
}

// rrKey is a kind of field with its columns, each of a table.
type rrKey[K any] struct {
	columns []rrColumn
	tables  []*dovetail.Table[rrRow[K]]
	draw    *rapid.Generator[K]
	text    func(K) string // as the database reads it
	beside  K              // another key
}

func (k *rrKey[K]) make(t *testing.T, pool *pgxpool.Pool, name string) {
	r := dovetail.NewRegistry()
	for i, c := range k.columns {
		table := fmt.Sprintf("rr_%s_%d", name, i)
		if _, err := pool.Exec(t.Context(), "CREATE TABLE "+table+" (k "+c.stored+" NOT NULL PRIMARY KEY, note TEXT)"); err != nil {
			t.Fatal(err)
		}
		k.tables = append(k.tables, dovetail.NewTable[rrRow[K]](r, table, dovetail.PrimaryKey("k"), dovetail.AssignedKey(), dovetail.Type("k", c.stored)))
	}
}

// check compares whether a key is refused with what the database would store for it.
func (k *rrKey[K]) check(t *testing.T, rt *rapid.T, pool *pgxpool.Pool) {
	at := rapid.IntRange(0, len(k.columns)-1).Draw(rt, "column")
	key, c := k.draw.Draw(rt, "key"), k.columns[at]
	var kept bool
	err := pool.QueryRow(t.Context(), "SELECT $1::text::"+c.wide+" = $1::text::"+c.stored+"::"+c.wide, k.text(key)).Scan(&kept)
	if err != nil {
		return // the column takes no such value
	}
	err = dovetail.SaveAll(t.Context(), postgres.New(pool), k.tables[at], []*rrRow[K]{{K: key}, {K: k.beside}}, "note")
	if errors.Is(err, dovetail.ErrInvalidRow) {
		return // they are the same
	}
	switch refused := errors.Is(err, dovetail.ErrArgType); {
	case !refused && !errors.Is(err, dovetail.ErrNoRows):
		rt.Fatalf("%s of %s: %v", k.text(key), c.stored, err)
	case refused == kept:
		rt.Fatalf("%s of %s: the column keeps it: %t, refused: %v", k.text(key), c.stored, kept, err)
	}
}

// TestKeysAreRefusedAsTheDatabaseRounds: a key is refused where the database would store another, and nowhere else.
func TestKeysAreRefusedAsTheDatabaseRounds(t *testing.T) {
	t.Parallel()
	pool := dbtest.Postgres(t)
	var version int
	if err := pool.QueryRow(t.Context(), "SELECT current_setting('server_version_num')::int").Scan(&version); err != nil {
		t.Fatal(err)
	}
	numerics := []rrColumn{{"numeric(9,2)", "numeric"}, {"numeric(9)", "numeric"}, {"numeric(12,5)", "numeric"}, {"DECIMAL (9 , 1)", "numeric"}, {"numeric", "numeric"}}
	if version >= 150000 {
		numerics = append(numerics, rrColumn{"numeric(5,-2)", "numeric"}, rrColumn{"numeric(2,4)", "numeric"})
	}
	var moments, clocks []rrColumn
	for digits := range 7 {
		moments = append(moments, rrColumn{fmt.Sprintf("timestamp(%d)", digits), "timestamp"})
		clocks = append(clocks, rrColumn{fmt.Sprintf("time(%d)", digits), "time"}, rrColumn{fmt.Sprintf("interval(%d)", digits), "interval"})
	}
	moments = append(moments, rrColumn{"timestamptz(1)", "timestamptz"}, rrColumn{"timestamp (2) with time zone", "timestamptz"}, rrColumn{"timestamp", "timestamp"})
	digits := func(most int) *rapid.Generator[string] {
		return rapid.StringOfN(rapid.SampledFrom([]rune("0012359")), 0, most, -1)
	}
	decimals := rapid.Custom(func(rt *rapid.T) string {
		text := rapid.SampledFrom([]string{"", "-", "+", " "}).Draw(rt, "sign") + "0" + digits(4).Draw(rt, "whole")
		if rapid.Bool().Draw(rt, "point") {
			text += "." + digits(7).Draw(rt, "fraction")
		}
		if rapid.IntRange(0, 3).Draw(rt, "scaled") == 0 {
			text += "e" + strconv.Itoa(rapid.IntRange(-4, 2).Draw(rt, "exponent"))
		}
		return text
	})
	texts := rrKey[string]{columns: numerics, draw: decimals, beside: "700", text: func(k string) string { return k }}
	floats := rrKey[float64]{columns: numerics, beside: 700, text: func(k float64) string { return strconv.FormatFloat(k, 'f', -1, 64) },
		draw: rapid.Map(decimals, func(text string) float64 {
			f, _ := strconv.ParseFloat(strings.TrimSpace(text), 64)
			return f
		})}
	times := rrKey[time.Time]{columns: moments, beside: time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC), text: func(k time.Time) string { return k.Truncate(time.Microsecond).Format(time.RFC3339Nano) },
		draw: rapid.Custom(func(rt *rapid.T) time.Time {
			unit := rapid.SampledFrom([]int{1, 1e3, 1e4, 1e5, 1e7, 1e8, 1e9}).Draw(rt, "unit")
			return time.Date(2024, 3, 1, 12, 0, 0, rapid.IntRange(0, 3e9/unit).Draw(rt, "units")*unit, time.UTC)
		})}
	days := rrKey[string]{columns: clocks, beside: "01:02:03", text: func(k string) string { return k },
		draw: rapid.Map(digits(6), func(fraction string) string { return strings.TrimSuffix("12:34:56."+fraction, ".") })}
	padded := rrKey[string]{columns: []rrColumn{{"varchar(3)", "text"}, {"character varying(5)", "text"}, {"varchar", "text"}, {"text", "text"}}, beside: "b",
		text: func(k string) string { return k },
		draw: rapid.Map(rapid.StringOfN(rapid.SampledFrom([]rune("aé ")), 0, 3, -1), func(s string) string { return s + "      "[:len(s)] })}
	texts.make(t, pool, "texts")
	floats.make(t, pool, "floats")
	times.make(t, pool, "times")
	days.make(t, pool, "days")
	padded.make(t, pool, "padded")
	rapid.Check(t, func(rt *rapid.T) {
		for range 5 {
			rapid.SampledFrom([]func(*testing.T, *rapid.T, *pgxpool.Pool){texts.check, floats.check, times.check, days.check, padded.check}).Draw(rt, "kind")(t, rt, pool)
		}
	})
}
