package sqlite_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/dbtest"
)

// keyColumns are types of columns, by affinity and collation.
var keyColumns = []string{"TEXT", "INTEGER", "REAL", "NUMERIC", "BLOB", "", "TEXT COLLATE NOCASE"}

// FuzzKeyForms sends keys in the form in which preloads send them: they find the rows that SQLite finds by comparing each with the same
// values as arguments.
func FuzzKeyForms(f *testing.F) {
	pool := dbtest.SQLite(f)
	db := sqlite.New(pool)
	for i, column := range keyColumns {
		if _, err := pool.ExecContext(f.Context(), fmt.Sprintf("CREATE TABLE t%d (id INTEGER PRIMARY KEY, a %s, n INTEGER)", i, column)); err != nil {
			f.Fatal(err)
		}
	}
	for i, text := range nasty {
		for column := range keyColumns {
			f.Add(uint8(column), uint8(i), text, nasty[(i+1)%len(nasty)], int64(i))
		}
	}
	f.Fuzz(func(t *testing.T, column, form uint8, a, b string, n int64) {
		table := fmt.Sprintf("t%d", int(column)%len(keyColumns))
		if _, err := pool.ExecContext(t.Context(), "DELETE FROM "+table+"; INSERT INTO "+table+" VALUES (1, ?1, ?3), (2, ?2, ?3), (3, ?3, ?3), (4, CAST(?1 AS BLOB), ?3), (5, NULL, ?3)",
			a, b, n); err != nil {
			t.Fatal(err)
		}
		keys, value, cast := keysOf(form, []string{a, b, a})
		types := []dialect.KeyType{{Kind: keys.Kind}, {Kind: dialect.KeyInt}}
		for _, composite := range []bool{false, true} {
			all, types := []dialect.Keys{keys, ints(n, n, n)}, types
			if !composite {
				all, types = all[:1], types[:1]
			}
			source := sqlite.Dialect.KeySource("keys", types)
			on := "t.a = " + source.Columns[0]
			if composite {
				on += " AND t.n = " + source.Columns[1]
			}
			found := stmt(fmt.Sprintf("SELECT (%s - %d) || ':' || t.id FROM %s JOIN %s AS t ON %s", source.Ord, source.First, source.From, table, on),
				sqlite.Dialect.KeyArgs(all)...)
			got := mustCollect(t, db, found)[0]
			var want []string
			for i, key := range []string{a, b, a} {
				for _, id := range mustCollect(t, db, stmt("SELECT CAST(id AS TEXT) FROM "+table+" AS t WHERE "+cast, value(key)...))[0] {
					want = append(want, fmt.Sprintf("%d:%s", i, id))
				}
			}
			slices.Sort(got)
			slices.Sort(want)
			if strings.Join(got, " ") != strings.Join(want, " ") {
				t.Errorf("%s, %q and %q as %v, composite %t: expected %v, got %v", keyColumns[int(column)%len(keyColumns)], a, b, keys.Kind, composite, want, got)
			}
		}
	})
}

// keysOf are the texts as keys of one form, each as arguments, and the condition on t.a that says the same with them.
func keysOf(form uint8, keys []string) (dialect.Keys, func(key string) []any, string) {
	switch form % 3 {
	case 0:
		return texts(keys...), func(key string) []any { return []any{key} }, "t.a = CAST(? AS TEXT)"
	case 1:
		return other(keys...), func(key string) []any { return []any{key} }, "t.a = ?"
	}
	hexed := make([]string, len(keys))
	for i, key := range keys {
		hexed[i] = fmt.Sprintf(`\x%x`, key)
	}
	return made(dialect.FormBytes, hexed...), func(key string) []any { return []any{[]byte(key)} }, "t.a = ?"
}
