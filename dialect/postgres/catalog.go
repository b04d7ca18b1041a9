package postgres

import (
	"strconv"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
)

// keyTypesSQL looks up columns by schema, table and name. The tables and functions of the catalog are qualified, so
// that nothing on the search_path can stand in for them; unnest is not, because of several arrays it is syntax.
//
// A domain is followed to the type it is made of: keys cast to a domain would be held against its constraints, where a
// join just finds no match. Integers are widened for the same reason. The type as it is stored is told beside, with what it keeps of a
// value. What follows the first part is said of columns of queries.
const keyTypesSQL = `WITH RECURSIVE "base" AS (
SELECT "asked"."ord", "att"."atttypid" AS "type", "att"."atttypmod" AS "mod", "att"."attcollation" AS "coll", '' AS "named"
FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS "asked"("schema", "table", "column", "ord")
JOIN pg_catalog.pg_attribute AS "att" ON "att"."attname" = "asked"."column"::name
AND "att"."attnum" > 0 AND NOT "att"."attisdropped"
AND "att"."attrelid" = pg_catalog.to_regclass(CASE "asked"."schema" WHEN '' THEN ''
ELSE pg_catalog.quote_ident("asked"."schema") || '.' END || pg_catalog.quote_ident("asked"."table"))
`

// keyTypesRest goes on behind the columns.
const keyTypesRest = `UNION ALL
SELECT "base"."ord", "typ"."typbasetype", "typ"."typtypmod", "base"."coll", "base"."named"
FROM "base" JOIN pg_catalog.pg_type AS "typ" ON "typ"."oid" = "base"."type"
WHERE "typ"."typtype" = 'd'
)
SELECT "base"."ord"::int,
CASE WHEN "typ"."oid" IN ('int2'::regtype, 'int4'::regtype) THEN 'bigint'
ELSE pg_catalog.format_type("typ"."oid", -1) END,
CASE WHEN "base"."named" NOT IN ('', '"default"') THEN "base"."named"
WHEN "coll"."oid" IS NULL OR "coll"."collprovider" = 'd' THEN ''
ELSE pg_catalog.quote_ident("nsp"."nspname") || '.' || pg_catalog.quote_ident("coll"."collname") END,
"typ"."oid" IN ('text'::regtype, 'varchar'::regtype, 'name'::regtype)
AND ("base"."named" = '"default"' OR coalesce("coll"."collisdeterministic", false)),
pg_catalog.format_type("typ"."oid", "base"."mod")
FROM "base"
JOIN pg_catalog.pg_type AS "typ" ON "typ"."oid" = "base"."type" AND "typ"."typtype" <> 'd'
LEFT JOIN pg_catalog.pg_collation AS "coll" ON "coll"."oid" = "base"."coll"
LEFT JOIN pg_catalog.pg_namespace AS "nsp" ON "nsp"."oid" = "coll"."collnamespace"
ORDER BY 1`

// KeyTypes looks up all columns by one statement. What a query gives has the type of a subquery of it, which is not run.
func (sqlDialect) KeyTypes(cols []dialect.ColumnRef) (dialect.Statement, bool) {
	if len(cols) == 0 {
		return dialect.Statement{}, false
	}
	var schemas, tables, columns []string
	ords := []int64{}
	var sql strings.Builder
	sql.WriteString(keyTypesSQL)
	for i, c := range cols {
		if c.Query == "" {
			schemas, tables, columns, ords = append(schemas, c.Schema), append(tables, c.Table), append(columns, c.Column), append(ords, int64(i))
			continue
		}
		value := `(SELECT ` + string(dialect.AppendQuoted(nil, c.Column, '"')) + ` FROM (` + c.Query + `) AS "query" WHERE false)`
		kind := "pg_catalog.pg_typeof(" + value + ")::oid"
		// The function for collations refuses types that have none.
		sql.WriteString("UNION ALL SELECT " + strconv.Itoa(i) + ", " + kind + `, -1, NULL, CASE WHEN (SELECT "typcollation" FROM pg_catalog.pg_type
WHERE "oid" = ` + kind + ") <> 0 THEN pg_catalog.pg_collation_for(" + value + ") ELSE '' END\n")
	}
	sql.WriteString(keyTypesRest)
	args := []any{textLiteral(schemas), textLiteral(tables), textLiteral(columns), intArray(ords)}
	return dialect.Statement{SQL: sql.String(), Args: args, Reads: true}, true
}
