package dialect

import (
	"strconv"
	"strings"
)

// Standard writes SQL that is handed to another builder, such as squirrel, before it reaches a database: names in
// double quotes and `?` for every argument. It asks for nothing that only some databases have, except ILIKE and row
// locks, which the others refuse loudly. It is an immutable value, safe for concurrent use, and comparable.
//
// No preload runs on it, since it belongs to no connection: it has no member form for keys, knows no types, and writes
// the keys' row source as the SQL standard does.
var Standard Dialect = standard{}

type standard struct{}

func (standard) Name() string                             { return "standard" }
func (standard) AppendIdent(b []byte, name string) []byte { return AppendQuoted(b, name, '"') }
func (standard) AppendPlaceholder(b []byte, _ int) []byte { return append(b, '?') }

// Features has the least of what the databases allow, because any of them may read the text.
func (standard) Features() Features {
	return Features{MaxIdent: 63, RowLocks: true, ILike: "ILIKE", FlatAliases: true}
}

func (standard) AppendLimit(b []byte, limit, offset int64) []byte {
	if limit >= 0 {
		b = strconv.AppendInt(append(b, " LIMIT "...), limit, 10)
	}
	if offset >= 0 {
		b = strconv.AppendInt(append(b, " OFFSET "...), offset, 10)
	}
	return b
}

func (standard) In(items []any, _ Keys, not bool) (Fragment, error) {
	var b strings.Builder
	if not {
		b.WriteString("NOT ")
	}
	b.WriteString("IN (?")
	b.WriteString(strings.Repeat(", ?", max(len(items)-1, 0)))
	b.WriteByte(')')
	return Fragment{SQL: b.String(), Args: items}, nil
}

// Match escapes with an exclamation mark: whether a backslash is special in a literal differs between databases.
func (standard) Match(m Match, text string) Fragment {
	return Fragment{SQL: "LIKE ? ESCAPE '!'", Args: []any{LikePattern(m, text)}}
}

func (standard) KeyText(column string, _ KeyKind) string { return "CAST(" + column + " AS TEXT)" }

func (standard) KeyOfText(string, KeyKind) string { return "" }

func (standard) KeyMember(KeyType) (string, bool) { return "", false }

func (standard) KeySource(alias string, types []KeyType) KeySource {
	quoted := string(AppendQuoted(nil, alias, '"'))
	ord := string(AppendQuoted(nil, alias+"ord", '"'))
	s := KeySource{Ord: quoted + "." + ord, First: 1}
	var args, names strings.Builder
	for i := range types {
		if i > 0 {
			args.WriteString(", ")
		}
		name := string(AppendQuoted(nil, alias+strconv.Itoa(i+1), '"'))
		args.WriteByte('?')
		names.WriteString(name + ", ")
		s.Columns = append(s.Columns, quoted+"."+name)
	}
	s.From = "UNNEST(" + args.String() + ") WITH ORDINALITY AS " + quoted + "(" + names.String() + ord + ")"
	return s
}

func (standard) KeyArgs(keys []Keys) []any {
	args := make([]any, len(keys))
	for i, k := range keys {
		switch k.Kind {
		case KeyInt:
			args[i] = k.Ints
		case KeyUUID:
			args[i] = k.UUIDs
		default:
			args[i] = k.Texts
		}
	}
	return args
}

func (standard) KeyTypes([]ColumnRef) (Statement, bool) { return Statement{}, false }

func (standard) Comparison(KeyType) Comparison { return CompareTexts }

func (standard) Failure(error) Failure { return Failure{} }

var likeEscaper = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// LikePattern returns the pattern of a LIKE … ESCAPE '!' that finds text literally at the place m.
func LikePattern(m Match, text string) string {
	p := likeEscaper.Replace(text)
	if m != MatchStart {
		p = "%" + p
	}
	if m != MatchEnd {
		p += "%"
	}
	return p
}
