package plan

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dovetail-go/dovetail/internal/sqltext"
)

// Input of this file: SQL text of literals, arguments and columns of the row, and of a few functions that make one value of others.

// reader reads values off a text.
type reader struct {
	j      judge
	tokens []sqltext.Token
	args   []any
	next   int // the argument of the next placeholder
}

// Values that are read are nil, which is NULL, a bool, a string, or one of these.
type (
	number float64  // one in digits
	column string   // of the row itself
	items  int      // a list of so many
	opaque struct { // a value that is not known
		arg       *any // the argument that it is; nil: it is made of others
		maybeNull bool
	}
	present struct{} // a value of the row that is not known, and not NULL
)

func (r *reader) word(keyword string) bool {
	if len(r.tokens) == 0 || !r.tokens[0].Is(keyword) {
		return false
	}
	r.tokens = r.tokens[1:]
	return true
}

func (r *reader) symbol(text string) bool {
	if len(r.tokens) == 0 || r.tokens[0].Kind != sqltext.Verbatim || r.tokens[0].Text != text {
		return false
	}
	r.tokens = r.tokens[1:]
	return true
}

// place returns which argument a placeholder stands for.
func (r *reader) place(t sqltext.Token) int {
	if t.Kind == sqltext.Numbered {
		n, _ := strconv.Atoi(t.Text[1:])
		return n - 1
	}
	return r.next
}

// take takes the next token.
func (r *reader) take() sqltext.Token {
	t := r.tokens[0]
	r.tokens = r.tokens[1:]
	if t.Kind == sqltext.Placeholder {
		r.next++
	}
	return t
}

// value reads one value, which texts may be put together to.
func (r *reader) value() (value any, ok bool) {
	value, ok = r.converted()
	for ok && r.symbol("||") {
		next, known := r.converted()
		one, isText := value.(string)
		two, too := next.(string)
		switch {
		case known && (value == nil || next == nil):
			value = nil
		case known && isText && too:
			value = one + two
		default:
			return nil, false
		}
	}
	return value, ok
}

// converted reads one value, and the types that it is cast to.
func (r *reader) converted() (value any, ok bool) {
	value, ok = r.operand()
	for ok && r.symbol(":") {
		if ok = r.symbol(":") && len(r.tokens) > 0 && (r.tokens[0].Word || r.tokens[0].Quoted); !ok {
			break
		}
		kind := r.take().Text
		if r.symbol("[") {
			kind += "[]"
			ok = r.symbol("]")
		}
		value, ok = r.cast(value, kind, ok)
	}
	return value, ok
}

func (r *reader) operand() (value any, ok bool) {
	if len(r.tokens) == 0 {
		return nil, false
	}
	at := r.place(r.tokens[0])
	switch t := r.take(); {
	case t.Kind == sqltext.Placeholder || t.Kind == sqltext.Numbered:
		return r.j.argument(&r.args[at])
	case t.Kind == sqltext.Name:
		return r.named(strings.Join(t.Path, "."))
	case t.Kind != sqltext.Verbatim:
		return nil, false
	case t.Is("null"):
		return nil, true
	case t.Is("true"), t.Is("false"):
		return t.Is("true"), true
	case t.Text[0] == '\'':
		return strings.ReplaceAll(t.Text[1:len(t.Text)-1], "''", "'"), true
	case t.Text == "(":
		value, ok = r.value()
		return value, ok && r.symbol(")")
	case t.Text == "-":
		value, ok = r.value()
		n, is := value.(number)
		return -n, ok && is
	case t.Quoted:
		return r.named(strings.Trim(t.Text, `"`))
	case t.Word && r.symbol("("):
		return r.call(strings.ToLower(t.Text))
	case t.Word && !r.j.reserved[strings.ToLower(t.Text)]:
		return r.named(t.Text)
	default:
		return asNumber(t.Text)
	}
}

// named is a column of the row itself.
func (r *reader) named(name string) (value any, ok bool) {
	for _, name := range []string{name, strings.ToLower(name)} {
		if c := r.j.column(name); c != nil {
			return column(c.Name), true
		}
	}
	return nil, false
}

// call reads what stands behind the parenthesis of a function.
func (r *reader) call(function string) (value any, ok bool) {
	switch function {
	case "coalesce", "ifnull":
		return r.coalesce()
	case "cast":
		value, ok = r.value()
		ok = ok && r.word("as")
		var kind []string
		for ok && len(r.tokens) > 0 && !r.symbol(")") {
			kind = append(kind, r.take().Text)
		}
		return r.cast(value, strings.Join(kind, " "), ok)
	case "nullif":
		value, ok = r.value()
		ok = ok && r.symbol(",")
		other, known := any(nil), false
		if ok {
			other, known = r.value()
		}
		if !known || !r.symbol(")") {
			return nil, false
		}
		equal, known := comparison(value, "=", other)
		if equal == holds {
			value = nil
		}
		return value, known || value == nil || other == nil
	}
	value, ok = r.value()
	if !ok || !r.symbol(")") {
		return nil, false
	}
	return applied(function, value)
}

// applied is what a function makes of a value.
func applied(function string, value any) (made any, ok bool) {
	text, isText := value.(string)
	list, isList := value.(items)
	switch function {
	case "lower":
		return strings.ToLower(text), isText
	case "upper":
		return strings.ToUpper(text), isText
	case "trim", "btrim":
		return strings.Trim(text, " "), isText
	case "length", "char_length":
		return number(utf8.RuneCountInString(text)), isText
	case "cardinality", "json_array_length":
		return number(list), isList
	}
	return nil, false
}

// coalesce reads the first value that is not NULL.
func (r *reader) coalesce() (value any, ok bool) {
	before := false // there is a column that is NULL in some rows
	for {
		if value, ok = r.value(); !ok {
			return nil, false
		}
		switch v := r.j.nullness(value); {
		case v == fails && before:
			return present{}, r.skip()
		case v == fails:
			return value, r.skip()
		case v == holds:
		case !v.depends():
			return nil, false
		case r.closes():
			return value, !before && r.symbol(")")
		default:
			before = true
		}
		if r.symbol(")") {
			return nil, !before
		}
		if !r.symbol(",") {
			return nil, false
		}
	}
}

// closes reports whether a parenthesis closes next.
func (r *reader) closes() bool { return len(r.tokens) > 0 && r.tokens[0].Text == ")" }

// skip passes over what is left within a parenthesis, and that.
func (r *reader) skip() bool {
	for depth := 0; len(r.tokens) > 0; {
		switch r.take().Text {
		case "(":
			depth++
		case ")":
			if depth--; depth < 0 {
				return true
			}
		}
	}
	return false
}

// kinds are the types as which a value is what it was, by what it was.
var kinds = map[string]string{"text": "text", "varchar": "text", "character varying": "text", "boolean": "boolean", "bool": "boolean",
	"bigint": "integer", "int8": "integer", "integer": "integer", "int": "integer", "int4": "integer", "numeric": "integer"}

// cast is a value as another type, as which it may be another one.
func (r *reader) cast(value any, kind string, ok bool) (any, bool) {
	was := ""
	switch v := value.(type) {
	case nil, items, present:
		return value, ok
	case string:
		was = "text"
	case bool:
		was = "boolean"
	case number:
		if v == number(int64(v)) {
			was = "integer"
		}
	case column:
		return present{}, ok && r.j.neverNull(string(v))
	case opaque:
		return opaque{maybeNull: v.maybeNull}, ok
	}
	if is := kinds[strings.ToLower(kind)]; is != "" && is == was {
		return value, ok
	}
	return opaque{}, ok
}

// argument is the value that stands for a placeholder.
func (j judge) argument(arg *any) (value any, ok bool) {
	switch e := (*arg).(type) {
	case *Column:
		return column(j.own(e.Col.Name)), j.column(e.Col.Name) != nil
	case Expr:
		switch j.standing(arg) {
		case holds:
			return true, true
		case fails:
			return false, true
		case unknown:
			return nil, true
		}
		return nil, false
	}
	plain, told := j.plain(*arg)
	if value, ok := literal(plain); ok && told {
		return value, true
	}
	return opaque{arg, !told}, true
}

// known is the value with which a column is compared: in the form in which texts have it, or as it was given.
func (j judge) known(arg any) any {
	plain, told := j.plain(arg)
	if value, ok := literal(plain); ok && told && value != nil {
		return value
	}
	return arg
}

// literal is a value as a text may have it.
func literal(value any) (read any, ok bool) {
	switch v := value.(type) {
	case nil, bool, string:
		return v, true
	case int64:
		return asNumber(strconv.FormatInt(v, 10))
	case float64:
		return asNumber(strconv.FormatFloat(v, 'f', -1, 64))
	case []any:
		return items(len(v)), true
	}
	return nil, false
}

// asNumber reads a number of which a float64 keeps every digit.
func asNumber(text string) (n any, ok bool) {
	digits := strings.TrimPrefix(text, "-")
	if len(digits) > 15 || strings.Trim(digits, "0123456789.") != "" {
		return nil, false
	}
	f, err := strconv.ParseFloat(text, 64)
	return number(f), err == nil
}
