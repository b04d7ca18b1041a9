package sqlite

import (
	"encoding/json"

	"github.com/dovetail-go/dovetail/dialect"
)

var _ dialect.Definer = sqlDialect{}

// ColumnType never returns INTEGER: as a primary key that would be a number that SQLite makes. Times and booleans have types
// by which drivers know them. A list is JSON.
func (sqlDialect) ColumnType(s dialect.Stored) (string, bool) {
	if _, list := s.Item(); list {
		return "TEXT", true
	}
	switch s {
	case dialect.StoredInt16:
		return "SMALLINT", true
	case dialect.StoredInt32:
		return "INT", true
	case dialect.StoredInt64:
		return "BIGINT", true
	case dialect.StoredFloat32, dialect.StoredFloat64:
		return "REAL", true
	case dialect.StoredBool:
		return "BOOLEAN", true
	case dialect.StoredBytes:
		return "BLOB", true
	case dialect.StoredTime, dialect.StoredTimestamp:
		return "TIMESTAMP", true
	case dialect.StoredDate:
		return "DATE", true
	case "":
		return "", false
	}
	return "TEXT", true
}

// Identity makes the column the name of the row's number.
func (sqlDialect) Identity(string) (string, bool) { return "INTEGER PRIMARY KEY", true }

func (sqlDialect) Alters() bool  { return false }
func (sqlDialect) Schemas() bool { return false }

func (sqlDialect) NullsColumns() bool { return false }

func (sqlDialect) Enums() bool     { return false }
func (sqlDialect) Methods() bool   { return false }
func (sqlDialect) FoldsCase() bool { return true }

// asked are the tables in question; the functions take a schema of NULL for all that are attached.
const asked = `WITH "asked" AS (
SELECT "key" AS "ord", "value" ->> 0 AS "schema", "value" ->> 1 AS "table" FROM json_each(?)
)
`

// columnsSQL tells a column's affinity by the rules of SQLite: two columns of one affinity find the same values equal. A column
// that is the row's number, the only one of a primary key and of the type INTEGER, is never NULL and made by the database.
const columnsSQL = asked + `SELECT "asked"."ord", "col"."name", "col"."type",
CASE WHEN upper("col"."type") LIKE '%INT%' THEN 'INTEGER' WHEN upper("col"."type") LIKE '%CHAR%'
OR upper("col"."type") LIKE '%CLOB%' OR upper("col"."type") LIKE '%TEXT%' THEN 'TEXT'
WHEN "col"."type" = '' OR upper("col"."type") LIKE '%BLOB%' THEN 'BLOB'
WHEN upper("col"."type") LIKE '%REAL%' OR upper("col"."type") LIKE '%FLOA%' OR upper("col"."type") LIKE '%DOUB%' THEN 'REAL'
ELSE 'NUMERIC' END,
"col"."notnull" OR ("col"."pk" AND ("pks"."n" = 1 AND upper("col"."type") = 'INTEGER' OR "list"."wr")),
"col"."dflt_value" IS NOT NULL OR "col"."hidden" > 1 OR "col"."pk" AND "pks"."n" = 1 AND upper("col"."type") = 'INTEGER',
coalesce("col"."dflt_value", ''), "list"."type" <> 'table',
CASE WHEN "col"."hidden" > 1 THEN 'generated' WHEN "col"."pk" AND "pks"."n" = 1 AND upper("col"."type") = 'INTEGER' THEN 'identity'
WHEN "col"."dflt_value" IS NOT NULL THEN 'default' ELSE '' END
FROM "asked"
JOIN pragma_table_list("asked"."table") AS "list" ON "list"."schema" = coalesce("asked"."schema", "list"."schema")
JOIN pragma_table_xinfo("asked"."table", "asked"."schema") AS "col" ON "col"."hidden" <> 1
JOIN (SELECT "a"."ord", count(*) FILTER (WHERE "x"."pk" > 0) AS "n" FROM "asked" AS "a"
JOIN pragma_table_xinfo("a"."table", "a"."schema") AS "x" GROUP BY "a"."ord") AS "pks" ON "pks"."ord" = "asked"."ord"
ORDER BY "asked"."ord", "col"."cid"`

// indexesSQL adds the primary key that is the row's number, which has no index of its own. It reads the texts of the main database alone.
const indexesSQL = asked + `SELECT "asked"."ord" AS "ord", "idx"."name", coalesce("col"."name", ''), "idx"."unique",
"idx"."origin" = 'pk', "idx"."partial", coalesce("item"."sql", ''), "idx"."seq" AS "seq", "col"."seqno" AS "no"
FROM "asked"
JOIN pragma_index_list("asked"."table", "asked"."schema") AS "idx"
JOIN pragma_index_info("idx"."name", "asked"."schema") AS "col"
LEFT JOIN sqlite_schema AS "item" ON "idx"."partial" AND "item"."type" = 'index' AND "item"."name" = "idx"."name"
AND coalesce("asked"."schema", 'main') = 'main'
UNION ALL
SELECT "asked"."ord", '', "col"."name", 1, 1, 0, '', -1, "col"."pk"
FROM "asked"
JOIN pragma_table_xinfo("asked"."table", "asked"."schema") AS "col" ON "col"."pk"
WHERE NOT EXISTS (SELECT 1 FROM pragma_index_list("asked"."table", "asked"."schema") AS "idx" WHERE "idx"."origin" = 'pk')
ORDER BY 1, 8, 9`

const foreignKeysSQL = asked + `SELECT "asked"."ord", "key"."id", "key"."from", coalesce("ref"."ord", -1), "key"."table",
coalesce("key"."to", ''), "key"."on_delete"
FROM "asked"
JOIN pragma_foreign_key_list("asked"."table", "asked"."schema") AS "key"
LEFT JOIN "asked" AS "ref" ON lower("ref"."table") = lower("key"."table") AND "ref"."schema" IS "asked"."schema"
ORDER BY "asked"."ord", "key"."id", "key"."seq"`

// remakeSQL reads the texts of the main database alone.
const remakeSQL = asked + `SELECT "asked"."ord", "item"."sql", "item"."type" = 'table'
FROM "asked"
JOIN sqlite_schema AS "item" ON lower("item"."tbl_name") = lower("asked"."table") AND "item"."type" IN ('table', 'index', 'trigger')
AND "item"."sql" IS NOT NULL
WHERE coalesce("asked"."schema", 'main') = 'main'
ORDER BY "asked"."ord", "item"."type", "item"."name"`

// namesSQL has no constraints, whose names nothing keeps apart.
const namesSQL = asked + `SELECT "asked"."ord", coalesce("asked"."schema", 'main'), '', ''
FROM "asked"
UNION ALL
SELECT -1, "list"."schema", "list"."name", CASE "list"."type" WHEN 'view' THEN 'a view' ELSE 'a table' END
FROM pragma_table_list AS "list"
UNION ALL
SELECT -1, "list"."schema", "idx"."name", 'an index of table "' || "list"."name" || '"'
FROM pragma_table_list AS "list"
JOIN pragma_index_list("list"."name", "list"."schema") AS "idx"`

func (sqlDialect) Inspect(tables []dialect.TableRef) []dialect.Statement {
	list := make([][2]any, len(tables))
	for i, t := range tables {
		list[i][1] = t.Table
		if t.Schema != "" {
			list[i][0] = t.Schema
		}
	}
	text, _ := json.Marshal(list) // strings and nil always become JSON
	args := []any{string(text)}
	return []dialect.Statement{{SQL: columnsSQL, Args: args, Reads: true}, {SQL: indexesSQL, Args: args, Reads: true},
		{SQL: foreignKeysSQL, Args: args, Reads: true}, {SQL: remakeSQL, Args: args, Reads: true},
		{SQL: namesSQL, Args: args, Reads: true}}
}
