package plan

import (
	"strconv"
	"strings"

	"github.com/dovetail-go/dovetail/internal/sqltext"
)

// Input of this file: conditions that are SQL text, with their arguments, which may be conditions. What their AND, OR and NOT make of
// each other is told as of any conditions, and of what these join, what it comes to where it is a value or compares two.

// said are the verdicts on a condition of a text.
func (j judge) said(l sqltext.Logic, args []any) sides {
	switch l.Op {
	case "not":
		return j.said(l.Parts[0], args).negated()
	case "and", "or":
		v := j.said(l.Parts[0], args)
		for _, part := range l.Parts[1:] {
			if l.Op == "and" {
				v = v.and(j.said(part, args))
			} else {
				v = v.or(j.said(part, args))
			}
		}
		return v
	}
	return told(j.leaf(l, args))
}

// leaf is the verdict on what is not made of others. One that names nothing of a row, and whose value is not known, is about nothing: a text
// that tells no row from another is none to choose rows by.
func (j judge) leaf(l sqltext.Logic, args []any) verdict {
	r := literals{j: j, tokens: l.Leaf.Tokens(), args: args, next: l.First}
	if v, ok := r.verdict(); ok {
		return v
	}
	_, fixed := l.Leaf.Constant(j.reserved)
	for _, a := range argumentsOf(l, args) {
		e, ok := a.(Expr)
		if !ok {
			continue
		}
		switch v := j.verdictOf(e); {
		case v == some:
			fixed = false
		case v == fails, v == unknown, l.Leaf.Select: // of rows that the text chooses by itself
		default: // whatever is made of it
			if t, ok := e.(*Text); !ok || v == holds && len(t.SQL.Tokens()) > 1 { // other texts may be values
				return none
			}
		}
	}
	if fixed {
		return none
	}
	return some
}

// argumentsOf returns those of a leaf.
func argumentsOf(l sqltext.Logic, args []any) (its []any) {
	for piece, arg := range l.Leaf.Arguments() {
		if l.Leaf.Pieces[piece].Kind == sqltext.Placeholder {
			arg += l.First
		}
		its = append(its, args[arg])
	}
	return its
}

// literals reads a text of literals and arguments.
type literals struct {
	j      judge
	tokens []sqltext.Token
	args   []any
	next   int // the argument of the next placeholder
}

// number is one in digits, and opaque a value that is not known, but not NULL.
type (
	number float64
	opaque struct{}
)

// verdict is that on a value, a comparison of two, or a test of one. ok is false for any other text.
func (r *literals) verdict() (v verdict, ok bool) {
	left, ok := r.value()
	switch {
	case !ok:
		return 0, false
	case len(r.tokens) == 0:
		return asCondition(left)
	case r.word("is"):
		return r.test(left)
	}
	op := r.tokens[0].Text
	r.tokens = r.tokens[1:]
	right, ok := r.value()
	if !ok || len(r.tokens) > 0 {
		return 0, false
	}
	return comparison(left, op, right)
}

// asCondition is what a value says.
func asCondition(value any) (v verdict, ok bool) {
	switch value := value.(type) {
	case nil:
		return unknown, true
	case bool:
		return certain(value), true
	case number: // as SQLite has conditions
		return certain(value != 0), true
	}
	return 0, false
}

// test is what stands behind IS.
func (r *literals) test(value any) (v verdict, ok bool) {
	not := r.word("not")
	switch {
	case r.word("null"):
		v = certain(value == nil)
	case value == opaque{}:
		return 0, false
	case r.word("true"):
		v = certain(value == true)
	case r.word("false"):
		v = certain(value == false)
	case r.word("unknown"):
		v = certain(value == nil)
	default:
		return 0, false
	}
	if not {
		v = v.not()
	}
	return v, len(r.tokens) == 0
}

// comparison is what a comparison says. The order of texts is the collation's.
func comparison(left any, op string, right any) (v verdict, ok bool) {
	equality := op == "=" || op == "==" || op == "<>" || op == "!="
	order := 1
	switch l := left.(type) {
	case number:
		r, is := right.(number)
		order, ok = sign(l, r), is
	case string:
		_, is := right.(string)
		ok = is && equality
	case bool:
		_, is := right.(bool)
		ok = is && equality
	}
	if left == right {
		order = 0
	}
	switch op {
	case "=", "==":
		v = certain(order == 0)
	case "<>", "!=":
		v = certain(order != 0)
	case "<", "<=":
		v = certain(order < 0 || op == "<=" && order == 0)
	case ">", ">=":
		v = certain(order > 0 || op == ">=" && order == 0)
	default:
		return 0, false
	}
	if left == nil || right == nil {
		return unknown, true
	}
	return v, ok
}

func sign(a, b number) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func (r *literals) word(keyword string) bool {
	if len(r.tokens) == 0 || !r.tokens[0].Is(keyword) {
		return false
	}
	r.tokens = r.tokens[1:]
	return true
}

// value reads one value, and the type that it is cast to.
func (r *literals) value() (value any, ok bool) {
	if len(r.tokens) == 0 {
		return nil, false
	}
	t := r.tokens[0]
	r.tokens = r.tokens[1:]
	switch {
	case t.Kind == sqltext.Placeholder:
		value, ok = r.argument(r.args[r.next])
		r.next++
	case t.Kind == sqltext.Numbered:
		n, _ := strconv.Atoi(t.Text[1:])
		value, ok = r.argument(r.args[n-1])
	case t.Is("null"):
		ok = true
	case t.Is("true"), t.Is("false"):
		value, ok = t.Is("true"), true
	case t.Text[0] == '\'':
		value, ok = strings.ReplaceAll(t.Text[1:len(t.Text)-1], "''", "'"), true
	case t.Text == "(":
		value, ok = r.value()
		ok = ok && r.symbol(")")
	case t.Is("cast") && r.symbol("("):
		value, ok = r.value()
		for ok && len(r.tokens) > 0 && !r.symbol(")") {
			r.tokens = r.tokens[1:]
		}
		value = cast(value)
	case t.Text == "-":
		value, ok = r.value()
		n, is := value.(number)
		value, ok = -n, ok && is
	default:
		value, ok = numberOf(t.Text)
	}
	for ok && r.symbol(":") {
		if ok = r.symbol(":") && len(r.tokens) > 0 && (r.tokens[0].Word || r.tokens[0].Quoted); !ok {
			break
		}
		r.tokens = r.tokens[1:]
		if r.symbol("[") {
			ok = r.symbol("]")
		}
		value = cast(value)
	}
	return value, ok
}

// cast is the value of another type, as which it may be another one.
func cast(value any) any {
	if value == nil {
		return nil
	}
	return opaque{}
}

func (r *literals) symbol(text string) bool {
	if len(r.tokens) == 0 || r.tokens[0].Kind != sqltext.Verbatim || r.tokens[0].Text != text {
		return false
	}
	r.tokens = r.tokens[1:]
	return true
}

// argument is the value that stands for a placeholder.
func (r *literals) argument(arg any) (value any, ok bool) {
	if e, ok := arg.(Expr); ok {
		switch r.j.verdictOf(e) {
		case holds:
			return true, true
		case fails:
			return false, true
		case unknown:
			return nil, true
		}
		return nil, false
	}
	value, ok = r.j.plain(arg)
	switch v := value.(type) {
	case nil, bool, string:
		return v, ok
	case int64:
		if n, ok := numberOf(strconv.FormatInt(v, 10)); ok {
			return n, true
		}
	case float64:
		if n, ok := numberOf(strconv.FormatFloat(v, 'f', -1, 64)); ok {
			return n, true
		}
	}
	return opaque{}, true
}

// numberOf reads a number of which a float64 keeps every digit.
func numberOf(text string) (n number, ok bool) {
	digits := strings.TrimPrefix(text, "-")
	if len(digits) > 15 || strings.Trim(digits, "0123456789.") != "" {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	return number(f), err == nil
}
