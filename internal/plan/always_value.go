package plan

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dovetail-go/dovetail/internal/sqltext"
)

// Input of this file: SQL text of literals, arguments and columns of the row, and of a few functions that make one value of others.

// reader reads values off a text.
type reader struct {
	j      judge
	l      sqltext.Logic
	all    []sqltext.Token
	tokens []sqltext.Token // what is left of all
	args   []any
}

// Values that are read are nil, which is NULL, a bool, a string, a verdict, or one of these.
type (
	number float64  // one in digits
	column string   // of the row itself
	row    []any    // several values
	items  int      // a list of so many
	opaque struct { // a value that is not known
		arg       *any // the argument that it is; nil: it is made of others
		maybeNull bool
	}
	present struct{} // a value of the row that is not known, and not NULL
	size    struct{} // likewise, a number that is not negative
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

// take takes the next token.
func (r *reader) take() sqltext.Token {
	t := r.tokens[0]
	r.tokens = r.tokens[1:]
	return t
}

// words takes the next tokens as they are.
func (r *reader) words(n int) string {
	var all []string
	for range n {
		all = append(all, r.take().Text)
	}
	return strings.Join(all, " ")
}

// part takes the next tokens, as what they are by themselves.
func (r *reader) part(n int) sqltext.Logic {
	from := len(r.all) - len(r.tokens)
	r.tokens = r.tokens[n:]
	return r.l.Part(r.all, from, from+n)
}

// until counts the tokens before the next that is one of these, and in no parentheses and no CASE.
func (r *reader) until(ends ...string) int {
	depth := 0
	for i, t := range r.tokens {
		text := strings.ToLower(t.Text)
		switch {
		case depth == 0 && slices.Contains(ends, text):
			return i
		case text == "(" || text == "[" || t.Is("case"):
			depth++
		case text == ")" || text == "]" || t.Is("end"):
			depth--
		}
	}
	return len(r.tokens)
}

// list takes what stands between commas up to the end of a parenthesis, and that.
func (r *reader) list() (parts []sqltext.Logic, ok bool) {
	for {
		n := r.until(",", ")")
		if n == len(r.tokens) {
			return nil, false
		}
		parts = append(parts, r.part(n))
		if r.take().Text == ")" {
			return parts, true
		}
	}
}

// values reads a list of values.
func (r *reader) values() (all row, ok bool) {
	parts, ok := r.list()
	for _, part := range parts {
		value, known := r.j.value(part, r.args)
		all, ok = append(all, value), ok && known
	}
	return all, ok
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
		n := 1
		if len(r.tokens) > n && (r.tokens[n].Is("precision") || r.tokens[n].Is("varying")) {
			n++
		}
		if len(r.tokens) > n && (r.tokens[n].Text == "(" || r.tokens[n].Text == "[") {
			end := reader{tokens: r.tokens[n+1:]}
			n = min(n+end.until(")", "]")+2, len(r.tokens))
		}
		value, ok = r.cast(value, r.words(n), ok)
	}
	return value, ok
}

func (r *reader) operand() (value any, ok bool) {
	if len(r.tokens) == 0 {
		return nil, false
	}
	if r.tokens[0].Is("case") {
		end := reader{tokens: r.tokens[1:]}
		return r.j.value(r.part(min(end.until("end")+2, len(r.tokens))), r.args)
	}
	switch t := r.take(); {
	case t.Kind == sqltext.Placeholder:
		return r.j.argument(&r.args[r.l.First+t.Before])
	case t.Kind == sqltext.Numbered:
		n, _ := strconv.Atoi(t.Text[1:])
		return r.j.argument(&r.args[n-1])
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
		all, ok := r.values()
		if len(all) == 1 {
			return all[0], ok
		}
		return all, ok
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
		if r.j.column(name) != nil {
			return column(r.j.own(name)), true
		}
	}
	return nil, false
}

// call reads what stands behind the parenthesis of a function.
func (r *reader) call(function string) (value any, ok bool) {
	if function == "cast" {
		value, ok = r.j.value(r.part(r.until("as", ")")), r.args)
		ok = ok && r.word("as")
		kind := r.words(r.until(")"))
		return r.cast(value, kind, r.symbol(")") && ok)
	}
	parts, ok := r.list()
	switch {
	case !ok:
		return nil, false
	case function == "coalesce" || function == "ifnull":
		return r.j.coalesce(parts, r.args)
	case function == "iif" || function == "if":
		return r.j.chosen(parts, r.args, func(when sqltext.Logic) verdict { return r.j.said(when, r.args) })
	}
	var all row
	for _, part := range parts {
		if value, ok = r.j.value(part, r.args); !ok {
			return nil, false
		}
		all = append(all, value)
	}
	switch {
	case function == "row":
		return all, true
	case function == "nullif" && len(all) == 2:
		return r.j.nullif(all[0], all[1])
	case function == "greatest" || function == "least":
		return r.j.extreme(function == "greatest", true, slices.DeleteFunc(all, func(v any) bool { return v == nil }))
	case (function == "max" || function == "min") && len(all) > 1: // as SQLite has them
		return r.j.extreme(function == "max", false, all)
	}
	made, known := functions[function]
	switch {
	case !known || len(all) != 1:
		return nil, false
	case all[0] == nil:
		return nil, true
	case strings.HasSuffix(function, "length") && r.j.nullness(all[0]) == fails:
		if _, ok := made(all[0]); !ok {
			return size{}, true
		}
	}
	return made(all[0])
}

// functions are those of one value, which are NULL of NULL.
var functions = map[string]func(value any) (made any, ok bool){
	"lower": ofText(strings.ToLower), "upper": ofText(strings.ToUpper), "trim": ofText(trimmed), "btrim": ofText(trimmed), "length": lengthOf, "char_length": lengthOf,
	"cardinality": countOf, "json_array_length": countOf,
}

func ofText(f func(string) string) func(any) (any, bool) {
	return func(value any) (any, bool) {
		text, ok := value.(string)
		return f(text), ok
	}
}

func trimmed(text string) string { return strings.Trim(text, " ") }

func lengthOf(value any) (any, bool) {
	text, ok := value.(string)
	return number(utf8.RuneCountInString(text)), ok
}

func countOf(value any) (any, bool) {
	list, ok := value.(items)
	return number(list), ok
}

// coalesce is the first value that is not NULL.
func (j judge) coalesce(parts []sqltext.Logic, args []any) (value any, ok bool) {
	var found row // those that may be it
	last := holds // whether the last of them is NULL
	for _, part := range parts {
		if value, ok = j.value(part, args); !ok {
			return nil, false
		}
		is := j.nullness(value)
		if is == holds {
			continue
		}
		if found, last = append(found, value), is; is == fails {
			break
		}
	}
	switch len(found) {
	case 0:
		return nil, true
	case 1:
		return found[0], true
	}
	v, ok := j.booleans(found, func(one, two outcomes) outcomes {
		if one == isUnknown {
			return two
		}
		return one
	})
	if ok {
		return truth(v), true
	}
	return present{}, last == fails
}

// nullif is a value where it is not equal to another.
func (j judge) nullif(value, other any) (made any, ok bool) {
	equal, ok := j.pair(value, "=", other)
	switch {
	case equal == holds:
		return nil, ok
	case !equal.may(isTrue):
		return value, ok
	}
	all, is := j.conditions(value, other)
	if !is {
		return nil, false
	}
	return truth(equal.with(all[0], func(is, one outcomes) outcomes {
		if is == isTrue {
			return isUnknown
		}
		return one
	})), ok
}

// extreme is the greatest of the values, or the least. ignores says that it is of those that are not NULL.
func (j judge) extreme(greatest, ignores bool, all row) (value any, ok bool) {
	switch {
	case len(all) == 0 || slices.Contains(all, nil):
		return nil, true
	case len(all) == 1:
		return all[0], true
	}
	if n, ok := all[0].(number); ok {
		for _, value := range all[1:] {
			other, is := value.(number)
			if ok = ok && is; is && (other > n) == greatest {
				n = other
			}
		}
		return n, ok
	}
	first := isFalse
	if greatest {
		first = isTrue
	}
	v, ok := j.booleans(all, func(one, two outcomes) outcomes {
		switch {
		case ignores && one == isUnknown:
			return two
		case ignores && two == isUnknown:
			return one
		case one == isUnknown || two == isUnknown:
			return isUnknown
		}
		return deciding(first, one, two)
	})
	return truth(v), ok
}

// kinds are the types as which a value is what it was, by what it was.
var kinds = map[string]string{"text": "text", "varchar": "text", "character varying": "text", "boolean": "boolean", "bool": "boolean", "smallint": "integer",
	"int2": "integer", "bigint": "integer", "int8": "integer", "integer": "integer", "int": "integer", "int4": "integer", "numeric": "number", "decimal": "number",
	"double precision": "number", "float8": "number", "real": "single", "float4": "single"}

// cast is a value as another type, as which it may be another one.
func (r *reader) cast(value any, kind string, ok bool) (any, bool) {
	kind, limit, sized := strings.Cut(strings.ToLower(kind), " (")
	is, same := kinds[kind], false
	switch v := value.(type) {
	case nil, items, present:
		return value, ok
	case size, verdict, row:
		return nil, false
	case string:
		if truth, err := r.j.truth(v); r.j.typed && is == "boolean" && err == nil {
			return truth, ok
		}
		longest, err := strconv.Atoi(strings.Trim(limit, " )"))
		same = is == "text" && (!sized || err == nil && utf8.RuneCountInString(v) <= longest)
	case bool:
		same = is == "boolean"
	case number:
		whole := v == number(int64(v))
		same = whole && is == "integer" || is == "number" && (whole || !sized) || is == "single" && v == number(float32(v))
	case column:
		return present{}, ok && r.j.neverNull(string(v))
	case opaque:
		return opaque{maybeNull: v.maybeNull}, ok
	}
	if !same {
		value = opaque{}
	}
	return value, ok
}

// argument is one of a text, with what is assumed of the row.
type argument struct {
	at      *any
	assumed *assumption
}

// answer is what an argument that is an expression comes to, as a value and as a condition.
type answer struct {
	value any
	ok    bool
	v     verdict
}

// told is the answer, found once however often the text is read.
func (j judge) told(arg *any) answer {
	place := argument{arg, j.assumed}
	a, told := j.arguments[place]
	if told {
		return a
	}
	switch e := (*arg).(type) {
	case *Text:
		l := e.SQL.Logic()
		a.value, a.ok = j.value(l, e.Args)
		if a.v, told = j.condition(a.value); !told {
			a.v = j.unread(l, e.Args)
		}
	case *Subquery:
		a = answer{some, false, some}
	case Expr:
		a.v = j.verdictOf(e)
		a.value, a.ok = truth(a.v), true
		if c, isColumn := e.(*Column); isColumn {
			a.value, a.ok = column(j.own(c.Col.Name)), j.column(c.Col.Name) != nil
		}
	}
	j.arguments[place] = a
	return a
}

// argument is the value that stands for a placeholder.
func (j judge) argument(arg *any) (value any, ok bool) {
	if _, is := (*arg).(Expr); is {
		a := j.told(arg)
		return a.value, a.ok
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
