package plan

import (
	"strings"

	"github.com/dovetail-go/dovetail/internal/sqltext"
)

// Input of this file: conditions that are SQL text, with their arguments, which may be conditions. What their AND, OR, NOT and CASE make of
// each other is told as of any conditions, and of what these join, what it comes to where it is a value or compares values and columns.

// said is the verdict on a condition of a text.
func (j judge) said(l sqltext.Logic, args []any) verdict {
	switch l.Op {
	case "":
		return j.leaf(l, args)
	case "not":
		return j.said(l.Parts[0], args).not()
	case "case":
		return j.chosen(l.Parts, args)
	case "is null":
		if v, ok := j.valueIsNull(l.Parts[0], args); ok {
			return v
		}
		return j.said(l.Parts[0], args).is(isUnknown)
	case "is unknown":
		return j.said(l.Parts[0], args).is(isUnknown)
	case "is true":
		return j.said(l.Parts[0], args).is(isTrue)
	case "is false":
		return j.said(l.Parts[0], args).is(isFalse)
	}
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

// chosen is the verdict on a CASE of conditions and what stands behind them.
func (j judge) chosen(parts []sqltext.Logic, args []any) verdict {
	v, n := unknown, len(parts)
	if n%2 == 1 {
		n--
		v = j.said(parts[n], args)
	}
	for ; n > 0; n -= 2 {
		v = j.said(parts[n-2], args).chosen(j.said(parts[n-1], args), v)
	}
	return v
}

// valueIsNull is the verdict on whether a leaf that is a value is NULL. ok is false for any other.
func (j judge) valueIsNull(l sqltext.Logic, args []any) (v verdict, ok bool) {
	if l.Op != "" {
		return 0, false
	}
	r := reader{j: j, tokens: l.Leaf.Tokens(), args: args, next: l.First}
	value, ok := r.value()
	if !ok || len(r.tokens) > 0 {
		return 0, false
	}
	return j.nullness(value), true
}

// nullness is the verdict on whether a value is NULL.
func (j judge) nullness(value any) verdict {
	switch value := value.(type) {
	case nil:
		return holds
	case column:
		return j.isNull(string(value))
	case opaque:
		if value.maybeNull {
			return holds | fails
		}
	}
	return fails
}

// leaf is the verdict on what is not made of others. One that names nothing of a row, and whose value is not known, is the same for every
// row: a text that tells no row from another is none to choose rows by.
func (j judge) leaf(l sqltext.Logic, args []any) verdict {
	r := reader{j: j, tokens: l.Leaf.Tokens(), args: args, next: l.First}
	if v, ok := r.verdict(); ok {
		return v
	}
	_, fixed := l.Leaf.Constant(j.reserved)
	for _, a := range argumentsOf(l, args) {
		e, ok := (*a).(Expr)
		if !ok {
			continue
		}
		switch v := j.standing(a); {
		case v&holds != 0: // whatever is made of it
			t, isText := e.(*Text)
			if !l.Leaf.Select && (!isText || v == holds && len(t.SQL.Tokens()) > 1) { // other texts may be values, or of rows that a query chooses
				return untold
			}
		case v.depends():
			fixed = false
		}
	}
	if fixed {
		return untold
	}
	return some
}

// argumentsOf returns those of a leaf.
func argumentsOf(l sqltext.Logic, args []any) (its []*any) {
	for piece, arg := range l.Leaf.Arguments() {
		if l.Leaf.Pieces[piece].Kind == sqltext.Placeholder {
			arg += l.First
		}
		its = append(its, &args[arg])
	}
	return its
}

// condition is what a value says where it stands for a condition.
func (j judge) condition(value any) (v verdict, ok bool) {
	switch value := value.(type) {
	case nil:
		return unknown, true
	case bool:
		return certain(value), true
	case number: // as SQLite has conditions
		return certain(value != 0), true
	case column:
		if j.isBoolean(string(value)) {
			return j.compared(string(value), "=", true), true
		}
	}
	return 0, false
}

// verdict is that on a value, a comparison of two, or a test of one. ok is false for any other text.
func (r *reader) verdict() (v verdict, ok bool) {
	if arg, alone := r.alone(); alone {
		return r.j.standing(arg), true
	}
	left, ok := r.value()
	switch {
	case !ok:
		return 0, false
	case len(r.tokens) == 0:
		return r.j.condition(left)
	}
	not := r.word("not")
	switch {
	case r.word("in"):
		v, ok = r.in(left)
	case r.word("between"):
		v, ok = r.between(left)
	case r.word("like"):
		v, ok = r.against(left, "LIKE")
	case r.word("ilike"):
		v, ok = r.against(left, "ILIKE")
	case !not && r.word("is"):
		not = r.word("not")
		if r.word("distinct") {
			not = !not
			ok = r.word("from")
		}
		if ok {
			v, ok = r.against(left, "IS NOT DISTINCT FROM")
		}
	case !not:
		op := r.tokens[0].Text
		r.tokens = r.tokens[1:]
		v, ok = r.against(left, op)
	default:
		return 0, false
	}
	if not {
		v = v.not()
	}
	return v, ok && len(r.tokens) == 0
}

// alone returns the condition that is all of the text.
func (r *reader) alone() (arg *any, ok bool) {
	if len(r.tokens) != 1 || r.tokens[0].Kind != sqltext.Placeholder && r.tokens[0].Kind != sqltext.Numbered {
		return nil, false
	}
	arg = &r.args[r.place(r.tokens[0])]
	_, ok = (*arg).(Expr)
	return arg, ok
}

// standing is the verdict on a condition that is an argument, told once however often its text is read.
func (j judge) standing(arg *any) verdict {
	place := argument{arg, j.assumed}
	v, told := j.arguments[place]
	if !told {
		v = j.verdictOf((*arg).(Expr))
		j.arguments[place] = v
	}
	return v
}

// argument is one of a text, with what is assumed of the row.
type argument struct {
	at      *any
	assumed *assumption
}

// against is the verdict on a comparison with the next value.
func (r *reader) against(left any, op string) (v verdict, ok bool) {
	right, ok := r.value()
	if !ok {
		return 0, false
	}
	return r.j.pair(left, op, right)
}

// in is the verdict on a list of values.
func (r *reader) in(left any) (v verdict, ok bool) {
	var items []any
	for ok = r.symbol("("); ok; {
		item, known := r.value()
		items, ok = append(items, item), known && (r.symbol(",") || r.closes())
		if ok && r.symbol(")") {
			break
		}
	}
	if !ok {
		return 0, false
	}
	if name, isColumn := left.(column); isColumn {
		if all, plain := comparable(items); plain {
			return r.j.among(string(name), all), true
		}
	}
	v = fails
	for _, item := range items {
		one, ok := r.j.pair(left, "=", item)
		if !ok {
			return 0, false
		}
		v = v.or(one)
	}
	return v, true
}

// between is the verdict on a range.
func (r *reader) between(left any) (v verdict, ok bool) {
	from, ok := r.value()
	if !ok || !r.word("and") {
		return 0, false
	}
	to, ok := r.value()
	if !ok {
		return 0, false
	}
	if name, isColumn := left.(column); isColumn {
		if ends, plain := comparable([]any{from, to}); plain {
			return r.j.between(string(name), ends[0], ends[1]), true
		}
	}
	least, ok := r.j.pair(left, ">=", from)
	most, too := r.j.pair(left, "<=", to)
	return least.and(most), ok && too
}

// comparable returns the values with which a column is compared; ok is false where there are others.
func comparable(values []any) (all []any, ok bool) {
	for _, v := range values {
		switch value := v.(type) {
		case bool, number, string:
		case opaque:
			if value.arg == nil || value.maybeNull {
				return nil, false
			}
			v = *value.arg
		default:
			return nil, false
		}
		all = append(all, v)
	}
	return all, true
}

// flipped are operators with their sides exchanged.
var flipped = map[string]string{"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "<>": "<>", "IS NOT DISTINCT FROM": "IS NOT DISTINCT FROM"}

// sameOperators are those that are written in two ways.
var sameOperators = map[string]string{"==": "=", "!=": "<>"}

// pair is the verdict on a comparison of two values. ok is false where it is not told.
func (j judge) pair(left any, op string, right any) (v verdict, ok bool) {
	if same, written := sameOperators[op]; written {
		op = same
	}
	distinct := op == "IS NOT DISTINCT FROM"
	switch {
	case distinct && right == nil:
		return j.nullness(left), true
	case distinct && left == nil:
		return j.nullness(right), true
	case left == nil || right == nil:
		return unknown, flipped[op] != "" || strings.HasSuffix(op, "LIKE")
	}
	_, isColumn := left.(column)
	if _, other := right.(column); other && !isColumn {
		left, right, op = right, left, flipped[op]
	}
	name, isColumn := left.(column)
	_, isOp := flipped[op]
	if !isColumn || !isOp && !strings.HasSuffix(op, "LIKE") {
		if distinct {
			op = "="
		}
		return comparison(left, op, right)
	}
	switch value := right.(type) {
	case bool, number, string, column:
		return j.compared(string(name), op, value), true
	case opaque:
		if value.arg != nil && !value.maybeNull {
			return j.compared(string(name), op, *value.arg), true
		}
	}
	return some, true
}

// comparison is what a comparison of two known values says. The order of texts is the collation's.
func comparison(left any, op string, right any) (v verdict, ok bool) {
	order := 1
	equality := op == "=" || op == "<>"
	switch l := left.(type) {
	case number:
		r, is := right.(number)
		if order, ok = sign(l, r), is; !is {
			return 0, false
		}
	case string:
		r, is := right.(string)
		if ok = is && equality; is && l == r {
			order = 0
			ok = true
		}
	case bool:
		r, is := right.(bool)
		if ok = is && equality; is && l == r {
			order = 0
		}
	}
	if !ok || flipped[op] == "" {
		return 0, false
	}
	return byOrder(op, order), true
}

// byOrder is what an operator says of what is less than the other side, equal to it or greater.
func byOrder(op string, order int) verdict {
	switch op {
	case "=":
		return certain(order == 0)
	case "<>":
		return certain(order != 0)
	case "<":
		return certain(order < 0)
	case "<=":
		return certain(order <= 0)
	case ">":
		return certain(order > 0)
	case ">=":
		return certain(order >= 0)
	}
	return varies
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
