package postgres

import (
	"errors"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/dovetail-go/dovetail/dialect"
)

// inheritedSQL goes up from a table, and from a constraint of it, or from the index of its schema that an error has in the place of one.
const inheritedSQL = `WITH RECURSIVE "named" AS (
SELECT pg_catalog.to_regclass(pg_catalog.quote_ident($1) || '.' || pg_catalog.quote_ident($2))::oid AS "oid",
pg_catalog.to_regclass(pg_catalog.quote_ident($1) || '.' || pg_catalog.quote_ident($3))::oid AS "index"
), "tables" AS (
SELECT "oid", 0 AS "depth" FROM "named"
UNION SELECT "i"."inhparent", "depth" + 1 FROM "tables" JOIN pg_catalog.pg_inherits AS "i" ON "i"."inhrelid" = "tables"."oid"
), "constraints" AS (
SELECT "c"."oid", "c"."conparentid" AS "parent", 0 AS "depth" FROM "named" JOIN pg_catalog.pg_constraint AS "c" ON "c"."conrelid" = "named"."oid" AND "c"."conname" = $3
UNION SELECT "c"."oid", "c"."conparentid", "depth" + 1 FROM "constraints" JOIN pg_catalog.pg_constraint AS "c" ON "c"."oid" = "constraints"."parent"
), "indexes" AS (
SELECT "index", 0 AS "depth" FROM "named"
UNION SELECT "i"."inhparent", "depth" + 1 FROM "indexes" JOIN pg_catalog.pg_inherits AS "i" ON "i"."inhrelid" = "indexes"."index"
)
SELECT false, "relname"::text, "depth" FROM "tables" JOIN pg_catalog.pg_class USING ("oid") WHERE "depth" > 0
UNION SELECT true, "conname"::text, "depth" FROM "constraints" JOIN pg_catalog.pg_constraint USING ("oid") WHERE "depth" > 0
UNION SELECT true, "relname"::text, "depth" FROM "indexes" JOIN pg_catalog.pg_class ON "pg_class"."oid" = "index" WHERE "depth" > 0
ORDER BY 1, 3`

// Inherited asks of which table a partition is one, or a table that inherits, and of which constraint or index the one that failed is.
func (sqlDialect) Inherited(err error) (dialect.Statement, bool) {
	var answer *pgconn.PgError
	if !errors.As(err, &answer) || answer.SchemaName == "" || answer.TableName == "" {
		return dialect.Statement{}, false
	}
	return dialect.Statement{SQL: inheritedSQL, Args: []any{answer.SchemaName, answer.TableName, answer.ConstraintName}, Reads: true}, true
}
