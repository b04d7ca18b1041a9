package postgres

import (
	"strconv"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
)

// Dialect is PostgreSQL's SQL, for asking a query what it would send: q.SQL(postgres.Dialect). It is an immutable
// value, safe for concurrent use; do not assign to it.
var Dialect dialect.Dialect = sqlDialect{}

// maxIdent is NAMEDATALEN - 1, the bytes that PostgreSQL keeps of a name.
const maxIdent = 63

// maxCols is MaxTupleAttributeNumber, the columns of a select list.
const maxCols = 1664

// The years of times; pgx sends one beyond them as another.
const (
	firstYear = -4712
	lastYear  = 294276
)

// maxArgs is what the protocol can count.
const maxArgs = 65535

type sqlDialect struct{}

func (sqlDialect) Name() string { return "postgres" }

func (sqlDialect) AppendIdent(b []byte, name string) []byte {
	return dialect.AppendQuoted(b, name, '"')
}

func (sqlDialect) AppendPlaceholder(b []byte, n int) []byte {
	return strconv.AppendInt(append(b, '$'), int64(n), 10)
}

func (sqlDialect) AppendLimit(b []byte, limit, offset int64) []byte {
	if limit >= 0 {
		b = strconv.AppendInt(append(b, " LIMIT "...), limit, 10)
	}
	if offset >= 0 {
		b = strconv.AppendInt(append(b, " OFFSET "...), offset, 10)
	}
	return b
}

func (sqlDialect) Features() dialect.Features {
	return dialect.Features{
		MaxIdent: maxIdent, MaxCols: maxCols, MaxArgs: maxArgs, Lateral: true, RowLocks: true, JSONOps: true, ILike: "ILIKE",
		EnumText: "text", JoinedReturning: true, Records: true,
		Nulls: dialect.NullsLargest, Reserved: reserved, Keeps: dialect.Limits{FirstYear: firstYear, LastYear: lastYear},
	}
}

// In sends the values as one array. Integers are bigint whatever the column's width: a value that does not fit the
// column is then no match, not an error. All others are an array literal without a cast, whose element type the server
// takes from the column; a []string would be text[], which an enum or a uuid cannot be compared with. Each value means what
// it means alone.
func (sqlDialect) In(items []any, keys dialect.Keys, not bool) (dialect.Fragment, error) {
	test := "= ANY("
	if not {
		test = "<> ALL("
	}
	switch keys.Kind {
	case dialect.KeyInt:
		if list, ok := durations(items); ok {
			return dialect.Fragment{SQL: test + "?)", Args: []any{list}}, nil
		}
		return dialect.Fragment{SQL: test + "?::bigint[])", Args: []any{intArray(keys.Ints)}}, nil
	case dialect.KeyUUID:
		return dialect.Fragment{SQL: test + "?)", Args: []any{uuidLiteral(keys.UUIDs)}}, nil
	case dialect.KeyOther:
		list, err := listOf(items, keys.Texts)
		return dialect.Fragment{SQL: test + "?)", Args: []any{list}}, err
	}
	return dialect.Fragment{SQL: test + "?)", Args: []any{textLiteral(keys.Texts)}}, nil
}

// Match escapes with an exclamation mark: standard_conforming_strings decides what a backslash in a literal means.
func (sqlDialect) Match(m dialect.Match, text string) dialect.Fragment {
	return dialect.Fragment{SQL: "LIKE ? ESCAPE '!'", Args: []any{dialect.LikePattern(m, text)}}
}

func (sqlDialect) KeyMember(t dialect.KeyType) (string, bool) {
	switch t.Kind {
	case dialect.KeyInt:
		return "= ANY(?::bigint[])", true
	case dialect.KeyUUID:
		return "= ANY(?::uuid[])", true
	case dialect.KeyText:
		// Types other than these two, such as character(n) and citext, call texts equal that differ.
		if t.Bytewise && (t.SQL == "text" || t.SQL == "character varying") {
			return "= ANY(?::text[])", true
		}
	}
	return "", false
}

func (sqlDialect) KeySource(alias string, types []dialect.KeyType) dialect.KeySource {
	quoted := string(dialect.AppendQuoted(nil, alias, '"'))
	ord := string(dialect.AppendQuoted(nil, alias+"ord", '"'))
	s := dialect.KeySource{Columns: make([]string, len(types)), Ord: quoted + "." + ord, First: 1}
	var arrays, names strings.Builder
	for i, t := range types {
		if i > 0 {
			arrays.WriteString(", ")
		}
		name := string(dialect.AppendQuoted(nil, alias+strconv.Itoa(i+1), '"'))
		arrays.WriteString("?::" + elementType(t) + "[]")
		names.WriteString(name + ", ")
		s.Columns[i] = quoted + "." + name
		if t.Collation != "" {
			s.Columns[i] += " COLLATE " + t.Collation
		}
	}
	s.From = "unnest(" + arrays.String() + ") WITH ORDINALITY AS " + quoted + "(" + names.String() + ord + ")"
	return s
}

func elementType(t dialect.KeyType) string {
	switch {
	case t.Kind == dialect.KeyInt:
		return "bigint"
	case t.Kind == dialect.KeyUUID:
		return "uuid"
	case t.SQL == "":
		return "text"
	}
	return t.SQL
}

// KeyArgs passes integers on without a copy.
func (sqlDialect) KeyArgs(keys []dialect.Keys) []any {
	args := make([]any, len(keys))
	for i, k := range keys {
		switch k.Kind {
		case dialect.KeyInt:
			args[i] = intArray(k.Ints)
		case dialect.KeyUUID:
			args[i] = uuidLiteral(k.UUIDs)
		case dialect.KeyOther:
			args[i] = textLiteral(localTexts(k))
		default:
			args[i] = textLiteral(k.Texts)
		}
	}
	return args
}

func (sqlDialect) KeyText(column string, _ dialect.KeyKind) string {
	return "CAST(" + column + " AS text)"
}

// KeyOfText tests before it casts, and in an order that CASE keeps: a cast of anything else would fail.
func (sqlDialect) KeyOfText(column string, kind dialect.KeyKind) string {
	if kind == dialect.KeyUUID {
		return "CASE WHEN " + column + " ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN CAST(" + column + " AS uuid) END"
	}
	return "CASE WHEN " + column + " ~ '^(0|-{0,1}[1-9][0-9]{0,18})$' THEN CASE WHEN CAST(" + column +
		" AS numeric) BETWEEN -9223372036854775808 AND 9223372036854775807 THEN CAST(" + column + " AS bigint) END END"
}
