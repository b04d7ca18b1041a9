package postgres

import "github.com/dovetail-go/dovetail/dialect"

// keyTypesSQL looks up columns by schema, table and name. The tables and functions of the catalog are qualified, so
// that nothing on the search_path can stand in for them; unnest is not, because of several arrays it is syntax.
//
// A domain is followed to the type it is made of: keys cast to a domain would be held against its constraints, where a
// join just finds no match. Integers are widened for the same reason.
const keyTypesSQL = `WITH RECURSIVE "base" AS (
SELECT "asked"."ord", "att"."atttypid" AS "type", "att"."attcollation" AS "coll"
FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS "asked"("schema", "table", "column", "ord")
JOIN pg_catalog.pg_attribute AS "att" ON "att"."attname" = "asked"."column"::name
AND "att"."attnum" > 0 AND NOT "att"."attisdropped"
AND "att"."attrelid" = pg_catalog.to_regclass(CASE "asked"."schema" WHEN '' THEN ''
ELSE pg_catalog.quote_ident("asked"."schema") || '.' END || pg_catalog.quote_ident("asked"."table"))
UNION ALL
SELECT "base"."ord", "typ"."typbasetype", "base"."coll"
FROM "base" JOIN pg_catalog.pg_type AS "typ" ON "typ"."oid" = "base"."type"
WHERE "typ"."typtype" = 'd'
)
SELECT ("base"."ord" - 1)::int,
CASE WHEN "typ"."oid" IN ('int2'::regtype, 'int4'::regtype) THEN 'bigint'
ELSE pg_catalog.format_type("typ"."oid", -1) END,
CASE WHEN "coll"."oid" IS NULL OR "coll"."collprovider" = 'd' THEN ''
ELSE pg_catalog.quote_ident("nsp"."nspname") || '.' || pg_catalog.quote_ident("coll"."collname") END,
"typ"."oid" IN ('text'::regtype, 'varchar'::regtype, 'name'::regtype)
AND coalesce("coll"."collisdeterministic", false)
FROM "base"
JOIN pg_catalog.pg_type AS "typ" ON "typ"."oid" = "base"."type" AND "typ"."typtype" <> 'd'
LEFT JOIN pg_catalog.pg_collation AS "coll" ON "coll"."oid" = "base"."coll"
LEFT JOIN pg_catalog.pg_namespace AS "nsp" ON "nsp"."oid" = "coll"."collnamespace"
ORDER BY 1`

// KeyTypes looks up all columns by one statement.
func (sqlDialect) KeyTypes(cols []dialect.ColumnRef) (dialect.Statement, bool) {
	if len(cols) == 0 {
		return dialect.Statement{}, false
	}
	schemas, tables, columns := make([]string, len(cols)), make([]string, len(cols)), make([]string, len(cols))
	for i, c := range cols {
		schemas[i], tables[i], columns[i] = c.Schema, c.Table, c.Column
	}
	args := []any{textLiteral(schemas), textLiteral(tables), textLiteral(columns)}
	return dialect.Statement{SQL: keyTypesSQL, Args: args, Reads: true}, true
}
