package sqlite

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dovetail-go/dovetail/dialect"
)

// Dialect is SQLite's SQL, for asking a query what it would send: q.SQL(sqlite.Dialect). It is an immutable value, safe
// for concurrent use; do not assign to it.
var Dialect dialect.Dialect = sqlDialect{}

// The ways to write a list of values.
const (
	maxPlainItems   = 500   // beyond, a list becomes one JSON argument if that loses nothing
	maxCols         = 2000  // SQLite's own default, SQLITE_MAX_COLUMN
	maxPlaceholders = 32766 // SQLite's own default, SQLITE_MAX_VARIABLE_NUMBER
)

type sqlDialect struct{}

func (sqlDialect) Name() string { return "sqlite" }

func (sqlDialect) AppendIdent(b []byte, name string) []byte {
	return dialect.AppendQuoted(b, name, '"')
}

func (sqlDialect) AppendPlaceholder(b []byte, _ int) []byte { return append(b, '?') }

// AppendLimit writes LIMIT -1, which is none, for an offset alone: SQLite has no OFFSET without LIMIT.
func (sqlDialect) AppendLimit(b []byte, limit, offset int64) []byte {
	if limit >= 0 || offset >= 0 {
		b = strconv.AppendInt(append(b, " LIMIT "...), max(limit, -1), 10)
	}
	if offset >= 0 {
		b = strconv.AppendInt(append(b, " OFFSET "...), offset, 10)
	}
	return b
}

// Features has a plus sign for what is stored: drivers turn the text of a column into a time because of the column's declared
// type, which an expression does not have. For the rest the column stays one, with its collation.
func (sqlDialect) Features() dialect.Features {
	return dialect.Features{
		MaxCols: maxCols, MaxArgs: maxPlaceholders, ILike: "LIKE", FlatAliases: true, Nulls: dialect.NullsSmallest, Stored: "+",
		Fence: " LIMIT -1", TypeOf: "typeof", Unindexed: "+", NullKeys: true, LoneNumbers: true, CascadesByRow: true,
		Keeps: dialect.Limits{LastYear: 9999, NoNaN: true, Int64: true, AnyText: true},
	}
}

// In writes a placeholder for every item up to 500 items. A longer list of integers or texts is one JSON array; a
// longer list of anything else takes up to 32,766 placeholders, and more are an error.
//
// The plus sign takes from json_each's column the affinity that it has as a column without a type, so that the values
// are converted for the column before them just as arguments are.
func (sqlDialect) In(items []any, keys dialect.Keys, not bool) (dialect.Fragment, error) {
	test := "IN ("
	if not {
		test = "NOT IN ("
	}
	if len(items) > maxPlainItems {
		if list, ok := jsonList(keys); ok {
			return dialect.Fragment{SQL: test + `SELECT +"value" FROM json_each(?))`, Args: []any{list}}, nil
		}
	}
	if len(items) > maxPlaceholders {
		return dialect.Fragment{}, fmt.Errorf("a list of %d values is too long: SQLite allows %d placeholders, and only "+
			"integers and plain text can be sent as one; use a subquery, or join a table that holds the values",
			len(items), maxPlaceholders)
	}
	return dialect.Fragment{SQL: test + "?" + strings.Repeat(", ?", max(len(items)-1, 0)) + ")", Args: items}, nil
}

// jsonList returns the keys as a JSON array if SQLite reads from it exactly what it would be sent one by one.
func jsonList(keys dialect.Keys) (string, bool) {
	switch keys.Kind {
	case dialect.KeyInt:
		return plainKeys(keys), true
	case dialect.KeyText:
		for _, t := range keys.Texts {
			if !isPlain(t) {
				return "", false
			}
		}
		return plainKeys(keys), true
	}
	return "", false
}

// isPlain reports whether JSON and GLOB keep text as it is.
func isPlain(text string) bool { return utf8.ValidString(text) && strings.IndexByte(text, 0) < 0 }

var globEscaper = strings.NewReplacer("*", "[*]", "?", "[?]", "[", "[[]")

// Match uses GLOB, because LIKE ignores the case of ASCII letters. A text that GLOB cannot look for becomes an argument
// that database/sql refuses: GLOB stops at a NUL byte, and takes all invalid UTF-8 for the same character.
func (sqlDialect) Match(m dialect.Match, text string) dialect.Fragment {
	if !isPlain(text) {
		reason := refusal("cannot match a text that holds a NUL byte or is not UTF-8")
		return dialect.Fragment{SQL: "GLOB ?", Args: []any{reason}}
	}
	p := globEscaper.Replace(text)
	if m != dialect.MatchStart {
		p = "*" + p
	}
	if m != dialect.MatchEnd {
		p += "*"
	}
	return dialect.Fragment{SQL: "GLOB ?", Args: []any{p}}
}

// refusal is an argument that cannot be sent; it says why.
type refusal string

// Value returns the reason as an error.
func (r refusal) Value() (driver.Value, error) { return nil, errors.New(string(r)) }

// KeyMember has no form: two values that SQLite calls equal, such as '01' and 1 in an integer column, may differ in Go.
func (sqlDialect) KeyMember(dialect.KeyType) (string, bool) { return "", false }

// KeyTypes is never needed: the column's affinity and collation apply by themselves.
func (sqlDialect) KeyTypes([]dialect.ColumnRef) (dialect.Statement, bool) {
	return dialect.Statement{}, false
}

// KeyText casts integers: a UUID is text already.
func (sqlDialect) KeyText(column string, kind dialect.KeyKind) string {
	if kind == dialect.KeyUUID {
		return column
	}
	return "CAST(" + column + " AS TEXT)"
}

// KeyOfText takes a number that is spelled in no other way, as the way back tells.
func (sqlDialect) KeyOfText(column string, kind dialect.KeyKind) string {
	if kind == dialect.KeyUUID {
		return column
	}
	number := "CAST(" + column + " AS INTEGER)"
	return "CASE WHEN CAST(" + number + " AS TEXT) = " + column + " THEN " + number + " END"
}
