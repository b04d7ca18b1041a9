package sqlite

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
)

// Comparison goes by the affinity that the declared type gives a column and, where that is text, by its collation, which the text of a
// declared type may have behind the type.
func (sqlDialect) Comparison(t dialect.KeyType) dialect.Comparison {
	name, collation := typeAndCollation(strings.ToUpper(t.SQL))
	if t.Collation != "" {
		collation = strings.ToUpper(t.Collation)
	}
	has := func(parts ...string) bool {
		for _, part := range parts {
			if strings.Contains(name, part) {
				return true
			}
		}
		return false
	}
	folded := collation == "NOCASE" // which texts have in a column of numbers too
	texts := !has("INT") && (has("CHAR", "CLOB", "TEXT", "BLOB") || name == "")
	switch {
	case t.Unique != "" && !strings.EqualFold(t.Unique, collation) && (collation != ownCollation || isBuiltIn(t.Unique)):
		return dialect.CompareDivided
	case name == "DATE":
		return dialect.CompareMidnights
	case texts && folded:
		return dialect.CompareASCII
	case texts && collation == "RTRIM":
		return dialect.ComparePadded
	case texts && collation != "" && collation != "BINARY":
		return dialect.CompareAsked
	case texts:
		return dialect.CompareTexts
	case folded:
		return dialect.CompareStoredASCII
	case !has("INT") && has("REAL", "FLOA", "DOUB"):
		return dialect.CompareFloats
	}
	return dialect.CompareStored
}

// typeAndCollation parts a declared type from what stands behind it: the collation, if that is given.
func typeAndCollation(sql string) (name, collation string) {
	words := strings.Fields(sql)
	for i, word := range words {
		if word == "COLLATE" && i+1 < len(words) {
			return strings.Join(words[:i], " "), strings.Trim(words[i+1], "\"'`[]")
		}
	}
	return sql, ""
}

// ownCollation is what a column is said to have that compares by none of SQLite's collations.
const ownCollation = "?"

// isBuiltIn reports whether a collation is one of SQLite's own.
func isBuiltIn(collation string) bool {
	return slices.Contains([]string{"BINARY", "NOCASE", "RTRIM"}, strings.ToUpper(collation))
}

// ColumnTypes reads the types that columns were declared with. No table of the catalog has the collation of a column, by which conditions
// compare it whatever indexes it has: a union with some texts that begins with the column shows which of them it finds equal. What keeps
// rows unique is an index, which has a collation of its own: that of the primary key, or of another unique key if the column is not in
// that; a key that is unique for some rows alone is none.
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
		sql.WriteString("SELECT " + strconv.Itoa(i) + `, "c"."type", "own"."coll", coalesce((SELECT "k"."coll" FROM ` + of("pragma_index_list", "?") +
			` AS "i", ` + of("pragma_index_xinfo", `"i"."name"`) + ` AS "k" WHERE "i"."unique" AND NOT "i"."partial" AND "k"."key"
AND "k"."name" = "c"."name" ORDER BY "i"."origin" = 'pk' DESC, upper("k"."coll") = "own"."coll" DESC LIMIT 1), '') FROM ` +
			of("pragma_table_xinfo", "?") + ` AS "c", (SELECT CASE ` + distinctIn(c, "'a'", "'A'") + " || " + distinctIn(c, "'a'", "'a '") + " || " +
			distinctIn(c, "'ä'", "'Ä'", "'a1'", "'a01'", "'á'", "'b'", "'ab'", "'a-b'") + ` WHEN '228' THEN 'BINARY' WHEN '128' THEN 'NOCASE'
WHEN '218' THEN 'RTRIM' ELSE '` + ownCollation + `' END AS "coll") AS "own" WHERE "c"."name" = ? COLLATE NOCASE`)
		args = append(args, c.Table, c.Table, c.Column)
	}
	return dialect.Statement{SQL: sql.String(), Args: args, Reads: true}
}

// columnNone writes the beginning of a union that compares as a column does, and has none of its values.
func columnNone(c dialect.ColumnRef) string {
	table := string(dialect.AppendQuoted(nil, c.Table, '"'))
	column := table + "." + string(dialect.AppendQuoted(nil, c.Column, '"'))
	if c.Schema != "" {
		table = string(dialect.AppendQuoted(nil, c.Schema, '"')) + "." + table
	}
	return "SELECT " + column + ` AS "key", 0 AS "ord" FROM ` + table + " WHERE 0"
}

// distinctIn writes how many of some texts a column has for different ones.
func distinctIn(c dialect.ColumnRef, texts ...string) string {
	var b strings.Builder
	b.WriteString("(SELECT count(*) FROM (" + columnNone(c))
	for _, text := range texts {
		b.WriteString(" UNION SELECT " + text + ", 0")
	}
	b.WriteString("))")
	return b.String()
}

// EqualKeys has the keys compared in a union that begins with the column.
func (sqlDialect) EqualKeys(of dialect.ColumnRef, _ dialect.KeyType, texts []string) dialect.Statement {
	list, _ := json.Marshal(texts) // texts always become JSON
	return dialect.Statement{SQL: `SELECT "ord", min("ord") OVER (PARTITION BY "key") FROM (` + columnNone(of) +
		` UNION ALL SELECT "value", "key" FROM json_each(?))`, Args: []any{string(list)}, Reads: true}
}
