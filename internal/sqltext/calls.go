package sqltext

import "strings"

// Input of this file: the call of a function, a query, a CASE or a CAST inside of an expression. Output: the operand that it is.

// The functions that give one of their arguments as it is, by which that is: from the first to the second number, -1 for all.
var choosing = map[string][2]int{
	"coalesce": {0, -1}, "ifnull": {0, -1}, "min": {0, -1}, "max": {0, -1}, "nullif": {0, -1}, "iif": {1, -1}, "if": {1, -1},
	"likely": {0, 0}, "unlikely": {0, 0}, "likelihood": {0, 0}, "first_value": {0, 0}, "last_value": {0, 0}, "nth_value": {0, 0},
}

// numbers are functions that give numbers, whatever they are given.
var numbers = func() map[string]bool {
	names := map[string]bool{}
	for _, name := range strings.Fields(`abs round sum total avg count length sign ceil ceiling floor trunc mod pow power sqrt exp ln log
		julianday unixepoch instr random row_number rank dense_rank changes last_insert_rowid octet_length`) {
		names[name] = true
	}
	return names
}()

// texts are functions that give texts.
var texts = func() map[string]bool {
	names := map[string]bool{}
	for _, name := range strings.Fields(`lower upper substr substring trim ltrim rtrim replace concat concat_ws printf format group_concat
		string_agg hex quote char typeof date time datetime strftime timediff`) {
		names[name] = true
	}
	return names
}()

// call reads the arguments of a function whose parenthesis is open, and what stands behind them.
func (r *relater) call(name string) *Operand {
	var args []*Operand
	if !r.word("distinct") {
		r.word("all")
	}
	from := r.pos
	if !r.accept("*") && !r.symbol(")") {
		args = r.list()
	}
	if r.word("order", "by") {
		r.ordered()
	}
	to := r.pos
	r.expect(")")
	if r.word("filter") {
		r.expect("(")
		r.word("where")
		r.expr()
		r.expect(")")
	}
	window := r.word("over")
	if window {
		r.window()
	}
	return r.called(name, args, r.tokens[min(from, len(r.tokens)):min(to, len(r.tokens))])
}

// called is what a function gives of its arguments, whose tokens tell the modifiers of a date.
func (r *relater) called(name string, args []*Operand, tokens []Token) *Operand {
	if which, ok := choosing[name]; ok && len(args) > which[0] {
		last := which[1]
		if last < 0 {
			last = len(args) - 1
		}
		return r.either(args[which[0] : last+1]...)
	}
	if (name == "lag" || name == "lead") && len(args) > 0 {
		if len(args) == 3 {
			return r.either(args[0], args[2])
		}
		return r.either(args[0])
	}
	for _, t := range tokens {
		if len(args) > 1 && (strings.EqualFold(t.Text, "'unixepoch'") || strings.EqualFold(t.Text, "'julianday'")) {
			args[0].root().In = name + " with " + strings.ToLower(t.Text) // which reads a number
		}
	}
	made := r.made(name + "()")
	made.Number, made.Text = numbers[name], texts[name]
	return made
}

// ordered reads the terms of an order.
func (r *relater) ordered() {
	for {
		r.expr()
		r.behind()
		if !r.accept(",") {
			return
		}
	}
}

// window reads what is behind OVER.
func (r *relater) window() {
	if !r.accept("(") {
		r.name()
		return
	}
	if t := r.peek(0); t.Word && !reserved[strings.ToLower(t.Text)] && !t.Is("rows") && !t.Is("range") && !t.Is("groups") {
		r.name()
	}
	if r.word("partition", "by") {
		r.list()
	}
	if r.word("order", "by") {
		r.ordered()
	}
	for t := r.peek(0); t.Text != "" && t.Text != ")"; t = r.peek(0) { // of rows or ranges, by numbers
		r.lost = t.Kind != Verbatim
		r.pos++
	}
	r.expect(")")
}

// isQuery reports whether a query begins here.
func (r *relater) isQuery() bool { return r.peek(0).Is("select") || r.peek(0).Is("values") }

// query reads a query, and returns what it selects.
func (r *relater) query() *Operand {
	one := r.core()
	for r.word("union", "all") || r.word("union") || r.word("intersect") || r.word("except") {
		one = r.rows(one, r.core())
	}
	if r.word("order", "by") {
		r.ordered()
	}
	if r.word("limit") {
		r.list()
		if r.word("offset") {
			r.expr()
		}
	}
	return one
}

// rows is the row of which one of two stands for each.
func (r *relater) rows(one, other *Operand) *Operand {
	one, other = one.root(), other.root()
	switch n := len(one.tuple); {
	case n != len(other.tuple):
		r.lost = true
	case n == 0:
		return r.either(one, other)
	default:
		for i := range n {
			one.tuple[i] = r.either(one.tuple[i], other.tuple[i])
		}
	}
	return one
}

// core reads a SELECT up to its order, or VALUES.
func (r *relater) core() *Operand {
	if r.word("values") {
		r.expect("(")
		one := r.parenthesised()
		for r.accept(",") {
			r.expect("(")
			one = r.rows(one, r.parenthesised())
		}
		return one
	}
	if !r.word("select") {
		r.lost = true
		return r.operand(Operand{})
	}
	if !r.word("distinct") {
		r.word("all")
	}
	var row []*Operand
	for {
		if r.accept("*") {
			row = append(row, r.made("*"))
		} else {
			row = append(row, r.expr())
			r.behind()
		}
		if !r.accept(",") {
			break
		}
	}
	if r.word("from") {
		r.tables()
	}
	if r.word("where") {
		r.expr()
	}
	if r.word("group", "by") {
		r.list()
	}
	if r.word("having") {
		r.expr()
	}
	if len(row) == 1 {
		return row[0]
	}
	return r.operand(Operand{tuple: row})
}

// tables reads what is behind FROM.
func (r *relater) tables() {
	for !r.lost {
		t := r.peek(0)
		switch {
		case t.Text == "" || t.Text == ")" || t.Is("where") || t.Is("group") || t.Is("having") || t.Is("order") || t.Is("limit") ||
			t.Is("union") || t.Is("intersect") || t.Is("except"):
			return
		case t.Is("window") || t.Kind == Placeholder || t.Kind == Numbered:
			r.lost = true
		case r.word("on"):
			r.expr()
		case r.accept("("):
			if r.isQuery() {
				r.query()
			} else if !r.symbol(")") {
				r.list() // the arguments of a function, the columns of USING
			}
			r.expect(")")
		default:
			r.pos++
		}
	}
}

func (r *relater) cases() *Operand {
	var base *Operand
	if !r.peek(0).Is("when") {
		base = r.expr()
	}
	var results []*Operand
	for r.word("when") {
		when := r.expr()
		if base != nil {
			r.meet(base, "=", when)
		}
		if !r.word("then") {
			r.lost = true
		}
		results = append(results, r.expr())
	}
	if r.word("else") {
		results = append(results, r.expr())
	}
	if !r.word("end") {
		r.lost = true
	}
	return r.either(results...)
}

func (r *relater) cast() *Operand {
	r.expr().root().In = "CAST"
	made := r.made("CAST")
	if !r.word("as") {
		r.lost = true
	}
	kind := ""
	for depth := 0; depth > 0 || !r.symbol(")"); r.pos++ {
		t := r.peek(0)
		switch {
		case t.Text == "":
			r.lost = true
			return made
		case t.Text == "(":
			depth++
		case t.Text == ")":
			depth--
		}
		kind += strings.ToUpper(t.Text)
	}
	r.expect(")")
	made.Text = strings.Contains(kind, "CHAR") || strings.Contains(kind, "CLOB") || strings.Contains(kind, "TEXT")
	made.Number = !made.Text && !strings.Contains(kind, "BLOB")
	return made
}
