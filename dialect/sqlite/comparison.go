package sqlite

import (
	"strconv"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
)

// Comparison goes by the affinity that the declared type gives a column and, where that is text, by its collation.
func (sqlDialect) Comparison(t dialect.KeyType) dialect.Comparison {
	name := strings.ToUpper(t.SQL)
	has := func(parts ...string) bool {
		for _, part := range parts {
			if strings.Contains(name, part) {
				return true
			}
		}
		return false
	}
	folded := strings.EqualFold(t.Collation, "NOCASE") // which texts have in a column of numbers too
	texts := !has("INT") && (has("CHAR", "CLOB", "TEXT", "BLOB") || name == "")
	switch {
	case name == "DATE":
		return dialect.CompareMidnights
	case texts && folded:
		return dialect.CompareASCII
	case texts && strings.EqualFold(t.Collation, "RTRIM"):
		return dialect.ComparePadded
	case texts:
		return dialect.CompareTexts
	case folded:
		return dialect.CompareStoredASCII
	case !has("INT") && has("REAL", "FLOA", "DOUB"):
		return dialect.CompareFloats
	}
	return dialect.CompareStored
}

// ColumnTypes reads the types that columns were declared with. The collation of one stands with an index of it, which keys have.
func (sqlDialect) ColumnTypes(cols []dialect.ColumnRef) dialect.Statement {
	var sql strings.Builder
	var args []any
	for i, c := range cols {
		if i > 0 {
			sql.WriteString(" UNION ALL ")
		}
		of := func(function, name string) string {
			if c.Schema == "" {
				return function + "(" + name + ")"
			}
			return function + "(" + name + ", '" + strings.ReplaceAll(c.Schema, "'", "''") + "')"
		}
		sql.WriteString("SELECT " + strconv.Itoa(i) + `, "c"."type", coalesce((SELECT "k"."coll" FROM ` + of("pragma_index_list", "?") +
			` AS "i", ` + of("pragma_index_xinfo", `"i"."name"`) + ` AS "k" WHERE "k"."name" = "c"."name" AND "k"."key" LIMIT 1), '') FROM ` +
			of("pragma_table_xinfo", "?") + ` AS "c" WHERE "c"."name" = ? COLLATE NOCASE`)
		args = append(args, c.Table, c.Table, c.Column)
	}
	return dialect.Statement{SQL: sql.String(), Args: args, Reads: true}
}
