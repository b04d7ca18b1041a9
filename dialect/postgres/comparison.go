package postgres

import (
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
)

// Comparison knows types by all of their names, whatever their length and precision.
func (sqlDialect) Comparison(t dialect.KeyType) dialect.Comparison {
	name := strings.ToLower(t.SQL)
	if before, behind, ok := strings.Cut(name, "("); ok {
		_, behind, _ = strings.Cut(behind, ")")
		name = before + behind
	}
	name = strings.Join(strings.Fields(name), " ")
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
	case "uuid":
		return dialect.CompareUUIDs
	case "character", "char", "bpchar":
		return dialect.ComparePadded
	case "citext":
		return dialect.CompareFolded
	case "boolean", "bool":
		return dialect.CompareBooleans
	}
	return dialect.CompareTexts
}
