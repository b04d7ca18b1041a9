package sqlite

import (
	"cmp"
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dovetail-go/dovetail/dialect"
)

// The keys of a preload go to SQLite as one JSON array, in one of two forms.
//
// Plain, for one column of integers or text: the array's elements are the keys, their indexes the positions.
//
//	[17,4,17]
//
// Rows, for everything else: an element is the position and then a value for each column. A UUID and a Go time have a row for every
// form in which drivers may have stored them; no stored value equals two of those, so no row is found twice. Everything else has one
// form: a []byte, which is a blob, and text, whatever it looks like, but in a column of whose values the driver makes times: there it is
// the column's text for the time that it prints.
//
//	[[0,17,"a"],[1,4,"b"]]     [[0,"0190…"],[0,{"x":"0190…"}]]
//
// JSON has no bytes: {"x":"…"} is a blob in hex digits, {"t":"…"} text in hex digits, for text that is not plain.

// KeySource reads the array in a subquery. Without it SQLite may scan the table and parse the array again for every row
// of it. The subquery's LIMIT changes nothing but keeps it from being merged into the query: SQLite then goes through
// the keys and uses an index of the table, or without one builds an index of the keys. It cannot where their affinity is not that
// of the column. Then an index of the table must be built, which it does not do if it can have the order of the rows for nothing by
// going through the table.
func (sqlDialect) KeySource(alias string, types []dialect.KeyType) dialect.KeySource {
	quoted := string(dialect.AppendQuoted(nil, alias, '"'))
	ord := string(dialect.AppendQuoted(nil, alias+"ord", '"'))
	s := dialect.KeySource{Columns: make([]string, len(types)), Ord: quoted + "." + ord}
	var b strings.Builder
	plain := len(types) == 1 && isPlainKind(types[0].Kind)
	if plain {
		b.WriteString(`(SELECT "key" AS ` + ord)
	} else {
		b.WriteString(`(SELECT json_extract("value", '$[0]') AS ` + ord)
	}
	for i, t := range types {
		name := string(dialect.AppendQuoted(nil, alias+strconv.Itoa(i+1), '"'))
		s.Columns[i] = quoted + "." + name
		path := "$"
		if !plain {
			path = fmt.Sprintf("$[%d]", i+1)
		}
		b.WriteString(", " + decoded(t.Kind, path, plain) + " AS " + name)
	}
	b.WriteString(" FROM json_each(?) LIMIT -1) AS " + quoted)
	s.From = b.String()
	if slices.ContainsFunc(types, func(t dialect.KeyType) bool { return t.Kind != dialect.KeyInt }) {
		s.Sort = "+"
	}
	return s
}

func isPlainKind(k dialect.KeyKind) bool { return k == dialect.KeyInt || k == dialect.KeyText }

// decoded returns the expression of the key at path. The cast gives integers and text the affinity of such a column, so that they
// are compared as in a join with one, and the index that SQLite makes of the keys serves. For text it is around the whole: an
// expression without affinity makes SQLite scan the keys for each row. All others have none, so that the affinity of the column
// they are compared with decides.
func decoded(kind dialect.KeyKind, path string, plain bool) string {
	value, typ := `"value"`, `"type"`
	if !plain {
		value = `json_extract("value", '` + path + `')`
		typ = `json_type("value", '` + path + `')`
	}
	if kind == dialect.KeyInt {
		return "CAST(" + value + " AS INTEGER)"
	}
	hexed := func(name string) string { return `unhex(json_extract("value", '` + path + "." + name + `'))` }
	if kind == dialect.KeyText {
		return "CAST(CASE " + typ + " WHEN 'object' THEN " + hexed("t") + " ELSE " + value + " END AS TEXT)"
	}
	return "CASE " + typ + " WHEN 'object' THEN coalesce(" + hexed("x") + ", CAST(" + hexed("t") + " AS TEXT)) ELSE " +
		value + " END"
}

// KeyArgs returns the array as one argument. Where times are among the keys of a known column, it is made when the statement is
// run.
func (sqlDialect) KeyArgs(keys []dialect.Keys) []any {
	if slices.ContainsFunc(keys, isTimed) {
		return []any{timedKeys(slices.Clone(keys))}
	}
	return []any{arrayOf(keys, nil)}
}

// timedKeys is an argument of keys with times among them.
type timedKeys []dialect.Keys

// isTimed reports whether there are times among the keys, or texts as which a string has a time of the driver's.
func isTimed(k dialect.Keys) bool {
	return k.Column.Column != "" && (slices.Contains(k.Forms, dialect.FormTime) || k.Kind == dialect.KeyText && slices.ContainsFunc(k.Texts, isPrinted))
}

// Printed reports whether a text is a time as a string has it from a column of times.
func (sqlDialect) Printed(text string) bool { return isPrinted(text) }

// isPrinted reports whether a text is a time as package database/sql puts it into a string.
func isPrinted(text string) bool {
	_, is := printed(text)
	return is
}

// printed returns the time of such a text.
func printed(text string) (t time.Time, is bool) {
	if len(text) < len("2006-01-02T15:04:05Z") || text[10] != 'T' {
		return t, false
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	return t, err == nil
}

// Value looks for every form in which drivers may have stored the times, where somebody else runs the statement.
func (k timedKeys) Value() (driver.Value, error) { return arrayOf(k, nil), nil }

// keys returns the array in which times are spelled as their columns spell them.
func (l *lookups) keys(keys timedKeys) (any, error) {
	columns := make([]*timeColumn, len(keys))
	for i, k := range keys {
		if isTimed(k) {
			var err error
			if columns[i], err = l.at(k.Column); err != nil {
				return nil, err
			}
		}
	}
	return arrayOf(keys, columns), nil
}

// arrayOf returns the array in the form that the keys have.
func arrayOf(keys []dialect.Keys, columns []*timeColumn) string {
	if len(keys) != 1 || !isPlainKind(keys[0].Kind) {
		return rowsOfKeys(keys, columns)
	}
	k := keys[0]
	if len(columns) > 0 && columns[0] != nil {
		k.Texts = slices.Clone(k.Texts)
		for i, text := range k.Texts {
			k.Texts[i] = columns[0].stored(text)
		}
	}
	return plainKeys(k)
}

// rowsOfKeys returns the array of rows. columns is what is known of the columns that times meet; nil: nothing.
func rowsOfKeys(keys []dialect.Keys, columns []*timeColumn) string {
	b := []byte{'['}
	for pos := range count(keys) {
		prefix := append(strconv.AppendInt([]byte{'['}, int64(pos), 10), ',')
		b = appendRows(b, prefix, keys, columns, pos)
	}
	return string(closeList(b))
}

// count returns how many keys there are.
func count(keys []dialect.Keys) int {
	if len(keys) == 0 {
		return 0
	}
	return len(keys[0].Ints) + len(keys[0].UUIDs) + len(keys[0].Texts)
}

// appendRows appends the rows of the key at pos that begin with prefix: one for every combination of the forms of the
// columns that are left.
func appendRows(b, prefix []byte, keys []dialect.Keys, columns []*timeColumn, pos int) []byte {
	if len(keys) == 0 {
		b = append(b, prefix[:len(prefix)-1]...)
		return append(b, ']', ',')
	}
	unknown := &timeColumn{}
	column := unknown
	if len(columns) > 0 {
		column, columns = cmp.Or(columns[0], unknown), columns[1:]
	}
	for _, form := range forms(keys[0], column, pos) {
		b = appendRows(b, append(append(prefix[:len(prefix):len(prefix)], form...), ','), keys[1:], columns, pos)
	}
	return b
}

// closeList ends an array whose elements each have a comma after them.
func closeList(b []byte) []byte {
	if b[len(b)-1] == ',' {
		b = b[:len(b)-1]
	}
	return append(b, ']')
}

func plainKeys(k dialect.Keys) string {
	b := append(make([]byte, 0, 2+8*count([]dialect.Keys{k})), '[')
	for _, n := range k.Ints {
		b = append(strconv.AppendInt(b, n, 10), ',')
	}
	for _, t := range k.Texts {
		b = append(appendText(b, t), ',')
	}
	return string(closeList(b))
}

// forms returns the JSON of every form in which the key at pos may be stored, a time in the column.
func forms(k dialect.Keys, column *timeColumn, pos int) []string {
	switch k.Kind {
	case dialect.KeyInt:
		return []string{strconv.FormatInt(k.Ints[pos], 10)}
	case dialect.KeyUUID:
		id := k.UUIDs[pos]
		return []string{`"` + string(dialect.AppendUUID(nil, id)) + `"`, string(appendHex(nil, "x", string(id[:])))}
	case dialect.KeyText:
		return []string{string(appendText(nil, column.stored(k.Texts[pos])))}
	}
	text := k.Texts[pos]
	same := string(appendText(nil, text))
	switch k.Form(pos) {
	case dialect.FormBool:
		if text == "true" {
			return []string{"1"}
		}
		return []string{"0"}
	case dialect.FormBytes:
		return []string{`{"x":"` + strings.TrimPrefix(text, `\x`) + `"}`}
	case dialect.FormUUID:
		return []string{same, `{"x":"` + strings.ReplaceAll(text, "-", "") + `"}`}
	case dialect.FormTime:
		return timeForms(k, column, pos)
	case dialect.FormFloat: // by which the column's affinity makes what it has made of the row's
		if !strings.ContainsAny(text, ".e") {
			text += ".0"
		}
		return []string{text}
	}
	return []string{same}
}

// timeForms returns the forms of a time, in its own zone if that is known.
func timeForms(k dialect.Keys, column *timeColumn, pos int) []string {
	t, err := time.Parse(time.RFC3339Nano, k.Texts[pos])
	if err != nil { // a year before 1, which has one form
		return []string{string(appendText(nil, k.Texts[pos]))}
	}
	if pos < len(k.Local) {
		if own, err := time.Parse(time.RFC3339Nano, k.Local[pos]); err == nil && own.Equal(t) {
			t = own
		}
	}
	var list []string
	for _, form := range column.forms(t) {
		b, _ := appendScalar(nil, form) // forms are text and integers
		list = append(list, string(b[:len(b)-1]))
	}
	return list
}

const hexDigits = "0123456789abcdef"

// appendText appends text as a JSON string, or in hex digits when JSON would not keep it.
func appendText(b []byte, text string) []byte {
	if !isPlain(text) {
		return appendHex(b, "t", text)
	}
	b = append(b, '"')
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < ' ':
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}

func appendHex(b []byte, name, data string) []byte {
	b = append(b, `{"`+name+`":"`...)
	b = hex.AppendEncode(b, []byte(data))
	return append(b, '"', '}')
}
