package plan

import (
	"cmp"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/internal/graph"
)

// Input of this file: conditions of which several ask the same of a row, such as whether a column equals a value and whether it does not. What they
// come to together is told case by case: with the column less than the value, equal to it, greater, and NULL.

// subject is what conditions ask of a row.
type subject struct {
	at   string // a column of the row itself, or a path
	test Expr   // a *Compare by "=" or LIKE, *In, *Match, And of a range, or *Exists; nil: whether there is a value
}

// assumption is that a subject has a state.
type assumption struct {
	subject
	state state
	and   *assumption // what is assumed beside, of the same column; nil: nothing
}

// each yields the assumption and those beside it.
func (a *assumption) each(yield func(*assumption) bool) {
	for ; a != nil; a = a.and {
		if !yield(a) {
			return
		}
	}
}

// state is how a row stands to what is asked: a value, of a column that has an order, or else whether it is so.
type state int

const (
	null state = iota
	lower
	equal
	higher
)

const (
	maxSubjects = 8 // of a condition, which are looked at
	maxValues   = 8 // of a column, which are looked at together
	maxTexts    = 3 // likewise, whose order is not known
)

// shown is the verdict on a condition, each of those that it joins by AND looked at by itself.
func (j judge) shown(e Expr) verdict {
	var all []Expr
	switch e := e.(type) {
	case And:
		all = e
	case *Matching:
		all = e.Exprs
	default:
		return j.cases(e)
	}
	v := holds
	for _, part := range all {
		if v = v.and(j.shown(part)); v&holds == 0 {
			break
		}
	}
	return v
}

// cases is the verdict on a condition as a whole, with that what its parts ask of a row has one answer.
func (j judge) cases(e Expr) verdict {
	var asked []subject
	j.asked = &asked
	v := j.verdictOf(e)
	j.asked = nil
	for _, rows := range j.settings(repeated(asked)) {
		if o, ok := v.one(); !ok || o&(o-1) == 0 { // not told, or told already
			break
		}
		var o outcomes
		for _, a := range rows {
			j.assumed = a
			told, ok := j.verdictOf(e).one()
			if !ok {
				told = isTrue | isFalse | isUnknown
			}
			o |= told
		}
		j.assumed = nil
		v = v.met(o)
	}
	return v
}

// settings returns what may be assumed of rows, in lists of which each has something for every row: the states of a subject, and how a column stands to all
// the values that it is compared with.
func (j judge) settings(subjects []subject) (all [][]*assumption) {
	values := map[string][]any{}
	var columns []string
	for _, s := range subjects {
		var rows []*assumption
		for _, is := range j.states(s) {
			rows = append(rows, &assumption{s, is, nil})
		}
		all = append(all, rows)
		if !slices.Contains(columns, s.at) {
			columns = append(columns, s.at)
		}
		for _, v := range s.values() {
			if !slices.ContainsFunc(values[s.at], func(other any) bool { return sameValue(v, other) }) {
				values[s.at] = append(values[s.at], v)
			}
		}
	}
	for _, at := range columns {
		if rows := j.together(at, values[at]); rows != nil {
			all = append(all, rows)
		}
	}
	return all
}

// values are those with which the test compares the column.
func (s subject) values() (all []any) {
	switch e := s.test.(type) {
	case *Compare:
		if e.Op == "=" {
			all = append(all, e.Arg)
		}
	case *In:
		all = e.Items
	case And:
		for _, end := range e {
			all = append(all, end.(*Compare).Arg)
		}
	}
	return all
}

// together returns how a column may stand to several values: equal to one, or before or behind each, between two neighbours where they are numbers; or NULL.
func (j judge) together(at string, values []any) (rows []*assumption) {
	c := j.column(at)
	if c == nil || len(values) < 2 || len(values) > maxValues || j.isBoolean(at) {
		return nil
	}
	ordered := c.Class != graph.ClassText && !slices.ContainsFunc(values, func(v any) bool { _, is := v.(number); return !is })
	if !ordered && len(values) > maxTexts {
		return nil
	}
	if ordered {
		slices.SortFunc(values, func(a, b any) int { return cmp.Compare(a.(number), b.(number)) })
	}
	stands := func(v any, is state, and *assumption) *assumption {
		return &assumption{subject{at, &Compare{Col: Ref{Name: at}, Op: "=", Arg: v}}, is, and}
	}
	for _, v := range values {
		rows = append(rows, stands(v, equal, nil))
	}
	if !j.neverNull(at) {
		rows = append(rows, stands(values[0], null, nil))
	}
	if ordered {
		rows = append(rows, stands(values[0], lower, nil))
		for i, v := range values {
			a := stands(v, higher, nil)
			if i+1 < len(values) {
				a = stands(values[i+1], lower, a)
			}
			rows = append(rows, a)
		}
		return rows
	}
	apart := []*assumption{nil}
	for _, v := range values {
		var more []*assumption
		for _, a := range apart {
			more = append(more, stands(v, lower, a), stands(v, higher, a))
		}
		apart = more
	}
	return append(rows, apart...)
}

// repeated returns the subjects that stand beside others of the same column or path, each once.
func repeated(asked []subject) (found []subject) {
	times := map[string]int{}
	for _, s := range asked {
		times[s.at]++
	}
	for _, s := range asked {
		if times[s.at] > 1 && len(found) < maxSubjects && !slices.ContainsFunc(found, s.same) {
			found = append(found, s)
		}
	}
	return found
}

func (s subject) same(other subject) bool {
	if s.at != other.at || s.test == nil || other.test == nil {
		return s.at == other.at && s.test == nil && other.test == nil
	}
	return Same(s.test, other.test)
}

// states are those that a row can have.
func (j judge) states(s subject) []state {
	all := []state{equal, lower, higher, null}
	c, isCompare := s.test.(*Compare)
	if !isCompare || c.Op != "=" || j.isBoolean(s.at) {
		all = []state{equal, lower, null}
	}
	if _, related := s.test.(*Exists); related || j.neverNull(s.at) {
		all = all[:len(all)-1]
	}
	return all
}

// tested is the verdict on a test of what is not NULL.
func (j judge) tested(at string, test Expr) verdict {
	if _, related := test.(*Exists); !related {
		if j.column(at) == nil {
			return varies
		}
		at = j.own(at)
	}
	s := subject{at, test}
	if j.asked != nil {
		*j.asked = append(*j.asked, s)
	}
	for a := range j.assumed.each {
		if a.same(s) {
			return certain(a.state == equal)
		}
	}
	return varies
}

// isNull is the verdict on whether a column is NULL.
func (j judge) isNull(name string) verdict {
	if c := j.column(name); c != nil && j.asked != nil {
		*j.asked = append(*j.asked, subject{at: j.own(name)})
	}
	if j.neverNull(name) {
		return fails
	}
	for a := range j.assumed.each {
		if a.state == null && a.at == j.own(name) {
			return holds
		}
	}
	return varies
}

// whereNull is the verdict on a test of a column with that on its values, and with what becomes of NULL.
func (j judge) whereNull(name string, v verdict, o outcomes) verdict {
	if v.depends() { // else NULL alone makes a difference
		j.asked = nil
	}
	switch j.isNull(name) {
	case holds:
		return 1 << o
	case fails:
		return v
	}
	return v.also(o)
}

func (j judge) isBoolean(name string) bool {
	c := j.column(name)
	return c != nil && c.Class == graph.ClassBoolean
}

func (j judge) isText(name string) bool {
	c := j.column(name)
	if c == nil || c.Class != graph.ClassText || c.Enum != "" {
		return false
	}
	_, number := c.Numbers()
	return !number
}

// compared is the verdict on a comparison of a column with a value that is not NULL, or with another column.
func (j judge) compared(name, op string, value any) verdict {
	op, not := strings.CutPrefix(strings.ToUpper(op), "NOT ")
	v, ofNull := some, isUnknown
	switch pattern, isText := value.(string); {
	case isText && pattern == "" && (op == ">=" || op == "<") && j.isText(name):
		v = certain(op == ">=") // no text is before it, in any collation
	case op == "IS DISTINCT FROM":
		v, ofNull = j.ordered(name, "<>", value), isTrue
	case op == "IS NOT DISTINCT FROM":
		v, ofNull = j.ordered(name, "=", value), isFalse
	case op != "LIKE" && op != "ILIKE":
		v = j.ordered(name, op, value)
	case pattern != "" && strings.Trim(pattern, "%") == "":
		v = holds
	default:
		v = j.tested(name, &Compare{Col: Ref{Name: j.own(name)}, Op: op, Arg: value})
	}
	switch other, isColumn := value.(column); {
	case !isColumn:
	case string(other) != j.own(name) && !j.neverNull(string(other)):
		return some
	case string(other) == j.own(name) && ofNull != isUnknown:
		return v // NULL is as NULL
	}
	if v = j.whereNull(name, v, ofNull); not {
		return v.not()
	}
	return v
}

// among is the verdict on whether a column has one of several values, none of them NULL.
func (j judge) among(name string, items []any) verdict {
	const many = 64 // which nobody compares
	v := fails
	switch {
	case len(items) == 0:
		return fails
	case len(items) == 1:
		v = j.ordered(name, "=", items[0])
	case j.isBoolean(name) && slices.Contains(items, any(true)) && slices.Contains(items, any(false)): // there is no other value
		v = holds
	case len(items) > many:
		v = varies
	case j.assumed.isValue():
		for _, item := range items {
			v = v.or(j.ordered(name, "=", item))
		}
	default:
		v = j.tested(name, &In{Col: Ref{Name: j.own(name)}, Items: items})
	}
	return j.whereNull(name, v, isUnknown)
}

// between is the verdict on whether a column has a value from one to another.
func (j judge) between(name string, from, to any) verdict {
	if j.isBoolean(name) || j.assumed.isValue() {
		return j.whereNull(name, j.ordered(name, ">=", from).and(j.ordered(name, "<=", to)), isUnknown)
	}
	ref := Ref{Name: j.own(name)}
	return j.whereNull(name, j.tested(name, And{&Compare{Col: ref, Op: ">=", Arg: from}, &Compare{Col: ref, Op: "<=", Arg: to}}), isUnknown)
}

// isValue reports whether what is assumed is how a column stands to a value.
func (a *assumption) isValue() bool {
	if a == nil {
		return false
	}
	c, ok := a.test.(*Compare)
	return ok && c.Op == "="
}

// ordered is the verdict on a comparison of a column, which is not NULL, with a value that is not NULL either.
func (j judge) ordered(name, op string, value any) verdict {
	if other, ok := value.(column); ok && string(other) == j.own(name) {
		return byOrder(op, 0)
	}
	c := j.column(name)
	if c == nil {
		return varies
	}
	if n, ok := value.(number); ok && j.isBoolean(name) { // as SQLite has them
		value = n != 0
	}
	at := j.own(name)
	if j.asked != nil {
		*j.asked = append(*j.asked, subject{at, &Compare{Col: Ref{Name: at}, Op: "=", Arg: value}})
	}
	for a := range j.assumed.each {
		if a.at == at && a.isValue() {
			if v := j.standing(c, a, op, value); v != varies {
				return v
			}
		}
	}
	return varies
}

// standing is the verdict on a comparison of a column with a value, where it is assumed how it stands to one.
func (j judge) standing(c *graph.Column, a *assumption, op string, value any) verdict {
	is := a.test.(*Compare).Arg
	if truth, ok := is.(bool); ok && j.isBoolean(a.at) {
		if v, ok := j.truths(truth == (a.state == equal), op, value); ok {
			return v
		}
		return varies
	} else if sameValue(is, value) {
		return byOrder(op, int(a.state-equal))
	} else if a.state != equal {
		return j.beyond(c, a, op, value)
	}
	if v, ok := comparison(is, op, value); ok && apart(c, is, value) {
		return v
	}
	return varies
}

// beyond is the verdict on a comparison of a column of numbers with one, where it is less or greater than another: numbers have an order that every
// database knows.
func (j judge) beyond(c *graph.Column, a *assumption, op string, value any) verdict {
	than, known := a.test.(*Compare).Arg.(number)
	n, isNumber := value.(number)
	isOrder := isNumber && known && c.Class != graph.ClassText && (a.state == lower && than < n || a.state == higher && than > n)
	if !isOrder {
		return varies
	}
	return byOrder(op, int(a.state-equal))
}

// apart reports whether two values that are spelled in two ways are two values of a column: numbers are, and texts that no collation takes for one.
func apart(c *graph.Column, a, b any) bool {
	one, isText := a.(string)
	two, _ := b.(string)
	kind := strings.ToLower(c.SQLType)
	return !isText || c.Class == graph.ClassText && (kind == "" || strings.Contains(kind, "text") || strings.Contains(kind, "char")) &&
		!strings.EqualFold(strings.TrimSpace(one), strings.TrimSpace(two))
}
