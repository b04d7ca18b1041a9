package postgres_test

import (
	"testing"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
)

// TestPrecisionOfTypes: types are known as they are declared and as the server prints them, which writes numeric(10) as numeric(10,0).
func TestPrecisionOfTypes(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]dialect.Precision{
		"numeric":                        {},
		"numeric(10)":                    {Of: dialect.PrecisionDecimals},
		"numeric(10,0)":                  {Of: dialect.PrecisionDecimals},
		"DECIMAL (10, 2)":                {Of: dialect.PrecisionDecimals, Digits: 2},
		"timestamp(0) without time zone": {Of: dialect.PrecisionSeconds},
		"timestamptz":                    {Of: dialect.PrecisionSeconds, Digits: 6},
		"character varying(8)":           {Of: dialect.PrecisionCharacters, Digits: 8},
		"varchar":                        {},
		"name":                           {Of: dialect.PrecisionBytes, Digits: 63},
		"character(8)":                   {},
		"date":                           {},
		"double precision":               {},
	} {
		for what, typ := range map[string]dialect.KeyType{"declared": {SQL: sql}, "stored": {SQL: "text", Stored: sql}} {
			if got := postgres.Dialect.(dialect.Rounding).Precision(typ); got != want {
				t.Errorf("%s, %s: expected %v, got %v", sql, what, want, got)
			}
		}
	}
}
