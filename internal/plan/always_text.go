package plan

import (
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/sqltext"
)

// Input of this file: conditions that are SQL text, with their arguments, which may be conditions. What their AND, OR, NOT and CASE make of
// each other is told as of any conditions, and of what these join, what it comes to where it is a value or compares values and columns.

// said is the verdict on a condition of a text.
func (j judge) said(l sqltext.Logic, args []any) verdict {
	value, ok := j.value(l, args)
	if v, is := j.condition(value); is {
		return v
	} else if v, is := j.asCondition(value); ok && is {
		return v
	}
	return j.unread(l, args)
}

// value is what a text comes to. What is not read, for which ok is false, is a verdict.
func (j judge) value(l sqltext.Logic, args []any) (value any, ok bool) {
	switch l.Op {
	case "":
		r := reader{j: j, l: l, all: l.Leaf.Tokens(), args: args}
		r.tokens = r.all
		if value, ok := r.expression(); ok && len(r.tokens) == 0 {
			return value, true
		}
		return j.unread(l, args), false
	case "case":
		return j.chosen(l.Parts, args, func(when sqltext.Logic) verdict { return j.said(when, args) })
	case "case of":
		of, told := j.value(l.Parts[0], args)
		return j.chosen(l.Parts[1:], args, func(when sqltext.Logic) verdict {
			value, ok := j.value(when, args)
			v, compared := j.pair(of, "=", value)
			switch {
			case told && ok && compared:
				return v
			case j.unread(l.Parts[0], args) == untold && j.unread(when, args) == untold:
				return untold
			}
			return some
		})
	}
	return truth(j.joined(l, args)), true
}

// joined is the verdict on what an operator makes of conditions.
func (j judge) joined(l sqltext.Logic, args []any) verdict {
	if l.Op == "is null" {
		value, ok := j.value(l.Parts[0], args)
		if v, isVerdict := value.(verdict); !ok && isVerdict {
			return v.is(isUnknown)
		}
		return j.nullness(value)
	}
	v := j.said(l.Parts[0], args)
	switch l.Op {
	case "not":
		return v.not()
	case "is unknown":
		return v.is(isUnknown)
	case "is true":
		return v.is(isTrue)
	case "is false":
		return v.is(isFalse)
	}
	for _, part := range l.Parts[1:] {
		if l.Op == "and" {
			v = v.and(j.said(part, args))
		} else {
			v = v.or(j.said(part, args))
		}
	}
	return v
}

// chosen is what a CASE comes to, whose parts are each WHEN and THEN, and the ELSE if there is one: a value where it is known which is taken.
func (j judge) chosen(parts []sqltext.Logic, args []any, is func(when sqltext.Logic) verdict) (value any, ok bool) {
	switch len(parts) {
	case 0:
		return nil, true
	case 1:
		return j.value(parts[0], args)
	}
	when := is(parts[0])
	if !when.may(isTrue) {
		return j.chosen(parts[2:], args, is)
	}
	then, known := j.value(parts[1], args)
	if when == holds {
		return then, known
	}
	other, both := j.chosen(parts[2:], args, is)
	if all, ok := j.conditions(then, other); ok {
		return truth(when.chosen(all[0], all[1])), known && both
	}
	one, ok := j.condition(then)
	two, too := j.condition(other)
	if !ok || !too {
		return some, false
	}
	return truth(when.chosen(one, two)), false
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
	case verdict:
		return value.is(isUnknown)
	case row:
		return some
	}
	return fails
}

// unread is the verdict on a text that is not understood. One that names nothing of a row is the same for every row: a text that tells no row
// from another is none to choose rows by.
func (j judge) unread(l sqltext.Logic, args []any) verdict {
	if _, fixed := l.Leaf.Constant(j.reserved); !fixed || l.Op != "" {
		return some
	}
	for _, a := range argumentsOf(l, args) {
		if _, ok := (*a).(Expr); ok && j.told(a).v.depends() {
			return some
		}
	}
	return untold
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
	case verdict:
		return value, true
	case column:
		if j.isBoolean(string(value)) {
			return j.compared(string(value), "=", true), true
		}
	}
	return 0, false
}

// asCondition is condition for what is an argument or a literal, of whatever type.
func (j judge) asCondition(value any) (v verdict, ok bool) {
	switch value := value.(type) {
	case string:
		if truth, err := j.truth(value); err == nil && (j.typed || value == "0" || value == "1") {
			return certain(truth == any(true)), true
		}
		return holds | fails, true
	case opaque:
		return untold, true
	}
	return j.condition(value)
}

// conditions are the verdicts on values of which one is a condition at least, so that the others are too.
func (j judge) conditions(values ...any) (all []verdict, ok bool) {
	for _, value := range values {
		v, is := j.asCondition(value)
		_, isColumn := value.(column)                                           // of truth values, or it is none
		if n, isNumber := value.(number); !is || isNumber && n != 0 && n != 1 { // as SQLite has them
			return nil, false
		}
		all, ok = append(all, v), ok || truthBeside(value, nil) || isColumn
	}
	return all, ok
}

// booleans is the verdict on what of makes of values that are conditions, from the last to the first.
func (j judge) booleans(values row, of func(one, two outcomes) outcomes) (v verdict, ok bool) {
	all, ok := j.conditions(values...)
	if !ok {
		return 0, false
	}
	v = all[len(all)-1]
	for _, one := range slices.Backward(all[:len(all)-1]) {
		v = one.with(v, of)
	}
	return v, true
}

// truth is a condition as a value.
func truth(v verdict) any {
	switch v {
	case holds, fails:
		return v == holds
	case unknown:
		return nil
	}
	return v
}

// expression reads a value, a comparison of two, or a test of one.
func (r *reader) expression() (value any, ok bool) {
	if r.word("exists") {
		v, ok := r.exists()
		return truth(v), ok
	}
	left, ok := r.value()
	for all := (row{left}); ok && r.symbol(","); left = all { // whose parentheses are cut off
		var next any
		next, ok = r.value()
		all = append(all, next)
	}
	if !ok || len(r.tokens) == 0 {
		return left, ok
	}
	var v verdict
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
		return nil, false
	}
	if not {
		v = v.not()
	}
	return truth(v), ok
}

// against is the verdict on a comparison with the next value.
func (r *reader) against(left any, op string) (v verdict, ok bool) {
	right, ok := r.value()
	if !ok {
		return 0, false
	}
	return r.j.pair(left, op, right)
}

// in is the verdict on a list of values, or a query of the table's own.
func (r *reader) in(left any) (v verdict, ok bool) {
	if !r.symbol("(") {
		return 0, false
	}
	if name, isColumn := left.(column); isColumn && r.word("select") {
		chosen, ok := r.value()
		if ok = ok && chosen == left && r.table(r.j.t) && r.symbol(")"); !ok {
			return 0, false
		}
		return r.j.whereNull(string(name), holds, isUnknown), true
	}
	items, ok := r.values()
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

// exists is the verdict on a query that asks nothing of the row: it is the same for every row.
func (r *reader) exists() (v verdict, ok bool) {
	if !r.symbol("(") || !r.word("select") || len(r.tokens) == 0 {
		return 0, false
	}
	t := r.take()
	if t.Text == "(" || t.Kind != sqltext.Verbatim && t.Kind != sqltext.Name {
		return 0, false
	}
	own := *r
	if own.table(r.j.t) && own.symbol(")") { // a row is one of its table
		*r = own
		return holds, true
	}
	return untold, r.table(nil) && r.symbol(")")
}

// table reads a FROM of a table, with a name that it may have there; nil: of any.
func (r *reader) table(t *graph.Table) bool {
	if !r.word("from") || len(r.tokens) == 0 {
		return false
	}
	switch name := r.take(); {
	case !name.Word && !name.Quoted && name.Kind != sqltext.Name:
		return false
	case t != nil && !strings.EqualFold(strings.Trim(name.Text, `"`), t.Name):
		return false
	}
	r.word("as")
	if len(r.tokens) > 0 && r.tokens[0].Word && !r.j.reserved[strings.ToLower(r.tokens[0].Text)] {
		r.take()
	}
	return true
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
