package postgres

import (
	"strconv"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
)

// typeNamed parts the name of a type from its length or precision.
func typeNamed(sql string) (name string, modifiers []int) {
	name = strings.ToLower(sql)
	if before, behind, ok := strings.Cut(name, "("); ok {
		given, behind, _ := strings.Cut(behind, ")")
		name = before + behind
		for _, text := range strings.Split(given, ",") {
			if n, err := strconv.Atoi(strings.TrimSpace(text)); err == nil {
				modifiers = append(modifiers, n)
			}
		}
	}
	return strings.Join(strings.Fields(name), " "), modifiers
}

// Comparison knows types by all of their names, whatever their length and precision. A name that it does not know may be that of a domain;
// a type that the catalog calls by one, and texts of a collation that finds different ones equal, are compared by the database alone.
func (sqlDialect) Comparison(t dialect.KeyType) dialect.Comparison {
	name, _ := typeNamed(t.SQL)
	asked := t.Stored != ""
	if strings.HasSuffix(name, ".citext") { // of an extension that is in a schema of its own
		return dialect.CompareFolded
	}
	switch name {
	case "numeric", "decimal", "dec", "bigint", "integer", "int", "smallint", "int2", "int4", "int8":
		return dialect.CompareDecimals
	case "double precision", "float", "float8":
		return dialect.CompareFloats
	case "real", "float4":
		return dialect.CompareReals
	case "date":
		return dialect.CompareDays
	case "timestamp", "timestamp without time zone":
		return dialect.CompareClocks
	case "timestamptz", "timestamp with time zone":
		return dialect.CompareMoments
	case "time", "time without time zone":
		return dialect.CompareHours
	case "macaddr", "macaddr8":
		return dialect.CompareHardware
	case "uuid":
		return dialect.CompareUUIDs
	case "character", "char", "bpchar":
		if t.Collation != "" {
			return dialect.CompareAsked
		}
		return dialect.ComparePadded
	case "text", "character varying", "varchar", "name":
		if asked && !t.Bytewise {
			return dialect.CompareAsked
		}
		return dialect.CompareTexts
	case "bytea":
		return dialect.CompareTexts
	case "citext":
		return dialect.CompareFolded
	case "boolean", "bool":
		return dialect.CompareBooleans
	}
	if asked {
		return dialect.CompareAsked
	}
	return dialect.CompareUnknown
}

// EqualKeys has the keys compared as values of the type.
func (sqlDialect) EqualKeys(_ dialect.ColumnRef, t dialect.KeyType, texts []string) dialect.Statement {
	key := `"given"."key"::` + t.SQL
	if t.Collation != "" {
		key += " COLLATE " + t.Collation
	}
	return dialect.Statement{SQL: `SELECT "given"."ord"::int, (min("given"."ord") OVER (PARTITION BY ` + key + `))::int
FROM (SELECT "each"."key", "each"."ord" - 1 AS "ord" FROM unnest($1::text[]) WITH ORDINALITY AS "each"("key", "ord")) AS "given"`,
		Args: []any{textLiteral(texts)}, Reads: true}
}

// secondsKept and nameBytes are what types keep that are given no precision.
const (
	secondsKept = 6
	nameBytes   = 63
)

// Precision says what types keep of values that they round. Days, floats, and texts that are padded lose nothing by which they are compared;
// other types refuse what they do not keep.
func (sqlDialect) Precision(t dialect.KeyType) dialect.Precision {
	stored := t.Stored
	if stored == "" {
		stored = t.SQL
	}
	name, given := typeNamed(stored)
	switch name {
	case "numeric", "decimal", "dec":
		switch len(given) {
		case 1:
			return dialect.Precision{Of: dialect.PrecisionDecimals}
		case 2:
			return dialect.Precision{Of: dialect.PrecisionDecimals, Digits: given[1]}
		}
	case "timestamp", "timestamp without time zone", "timestamptz", "timestamp with time zone", "time", "time without time zone", "timetz",
		"time with time zone", "interval", "interval second", "interval day to second", "interval hour to second", "interval minute to second":
		kept := secondsKept
		if len(given) > 0 {
			kept = given[0]
		}
		return dialect.Precision{Of: dialect.PrecisionSeconds, Digits: kept}
	case "character varying", "varchar":
		if len(given) > 0 {
			return dialect.Precision{Of: dialect.PrecisionCharacters, Digits: given[0]}
		}
	case "name":
		return dialect.Precision{Of: dialect.PrecisionBytes, Digits: nameBytes}
	}
	return dialect.Precision{}
}
