package plan

import (
	"cmp"
	"strings"
)

// Input of this file: two values that were read off a text, and the operator between them.

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
	one, isRow := left.(row)
	two, both := right.(row)
	switch {
	case isRow || both:
		return j.rows(one, op, two)
	case distinct && right == nil:
		return j.nullness(left), true
	case distinct && left == nil:
		return j.nullness(right), true
	case left == nil || right == nil:
		return unknown, flipped[op] != "" || strings.HasSuffix(op, "LIKE")
	case truthBeside(left, right) || truthBeside(right, left):
		return j.truths(left, op, right)
	}
	if turned(left, right) {
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

// rows is the verdict on a comparison of two rows: by the first of their values that differ.
func (j judge) rows(left row, op string, right row) (v verdict, ok bool) {
	if _, known := flipped[op]; !known || len(left) != len(right) {
		return 0, false
	}
	if op == "<>" {
		v, ok = j.rows(left, "=", right)
		return v.not(), ok
	}
	last := len(left) - 1
	if v, ok = j.pair(left[last], op, right[last]); !ok {
		return 0, false
	}
	for i := last - 1; i >= 0; i-- {
		same := "="
		if op == "IS NOT DISTINCT FROM" {
			same = op
		}
		equal, ok := j.pair(left[i], same, right[i])
		if !ok {
			return 0, false
		}
		v = equal.and(v)
		if same != op {
			before, ok := j.pair(left[i], op[:1], right[i])
			if !ok {
				return 0, false
			}
			v = before.or(v)
		}
	}
	return v, true
}

// truths is the verdict on a comparison of two conditions.
func (j judge) truths(left any, op string, right any) (v verdict, ok bool) {
	both, ok := j.conditions(left, right)
	if _, known := flipped[op]; !known || !ok {
		return 0, false
	}
	distinct := op == "IS NOT DISTINCT FROM"
	if distinct {
		op = "="
	}
	return both[0].with(both[1], func(one, two outcomes) outcomes {
		if !distinct && (one == isUnknown || two == isUnknown) {
			return isUnknown
		}
		o, _ := byOrder(op, int(two)-int(one)).one() // false is less than true
		return o
	}), true
}

// truthBeside reports whether a value is a condition beside the other, which is no column to look up.
func truthBeside(value, other any) bool {
	_, isTruth := value.(bool)
	_, isVerdict := value.(verdict)
	_, isColumn := other.(column)
	return isVerdict || isTruth && !isColumn
}

// turned reports whether a comparison is told with its sides exchanged: what is of the row stands on the left.
func turned(left, right any) bool {
	switch left.(type) {
	case column, size:
		return false
	}
	_, isColumn := right.(column)
	_, isSize := right.(size)
	return isColumn || isSize
}

// comparison is what a comparison of two known values says that are not columns. The order of texts is the collation's.
func comparison(left any, op string, right any) (v verdict, ok bool) {
	if flipped[op] == "" {
		return 0, false
	}
	switch l := left.(type) {
	case size:
		switch n, isNumber := right.(number); {
		case isNumber && n < 0:
			return byOrder(op, 1), true
		case isNumber && n == 0 && (op == "<" || op == ">="):
			return certain(op == ">="), true
		}
		return some, true
	case number:
		r, is := right.(number)
		return byOrder(op, cmp.Compare(l, r)), is
	case string:
		r, is := right.(string)
		if is && l == r {
			return byOrder(op, 0), true
		}
		return byOrder(op, 1), is && (op == "=" || op == "<>")
	}
	return 0, false
}

// byOrder is what an operator says of what is less than the other side, equal to it or greater.
func byOrder(op string, order int) verdict {
	if strings.Trim(op, "<=>") != "" {
		return varies
	}
	return certain(strings.Contains(op, [...]string{"<", "=", ">"}[cmp.Compare(order, 0)+1]))
}
