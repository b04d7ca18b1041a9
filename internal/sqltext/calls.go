package sqltext

import "strings"

// Input of this file: what begins with a word inside of an expression: a name, the call of a function, a CASE, a CAST. Output: the operand that it is.

// The functions that give one of their arguments as it is, by which that is: from the first to the second number, -1 for all.
var choosing = map[string][2]int{
	"coalesce": {0, -1}, "ifnull": {0, -1}, "min": {0, -1}, "max": {0, -1}, "nullif": {0, -1}, "iif": {1, -1}, "if": {1, -1},
	"likely": {0, 0}, "unlikely": {0, 0}, "likelihood": {0, 0}, "first_value": {0, 0}, "last_value": {0, 0}, "nth_value": {0, 0},
}

// numbers are functions that give numbers, whatever they are given.
var numbers = func() map[string]bool {
	names := map[string]bool{}
	for _, name := range strings.Fields(`abs round sum total avg count length sign ceil ceiling floor trunc mod pow power sqrt exp ln log log2 log10
		pi sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh degrees radians median percentile percentile_cont percentile_disc
		julianday unixepoch instr unicode random row_number rank dense_rank percent_rank cume_dist ntile changes total_changes last_insert_rowid
		octet_length glob like json_array_length json_error_position json_valid`) {
		names[name] = true
	}
	return names
}()

// texts are functions that give texts.
var texts = func() map[string]bool {
	names := map[string]bool{}
	for _, name := range strings.Fields(`lower upper substr substring trim ltrim rtrim replace concat concat_ws printf format group_concat
		string_agg hex quote char typeof date time datetime strftime timediff soundex unistr json json_array json_object json_patch json_pretty
		json_quote json_remove json_replace json_insert json_set json_type json_group_array json_group_object`) {
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
		r.truths(r.expr())
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
		if which[0] > 0 {
			r.truths(args[0])
		}
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
	return r.made(name+"()", numbers[name], texts[name])
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
		} else {
			r.truths(when)
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
	made := r.made("CAST", false, false)
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
	made.Any = false
	return made
}

// keyword reads what begins with a keyword.
func (r *relater) keyword(t Token) (o *Operand, ok bool) {
	call := r.peek(1).Text == "("
	switch lower := strings.ToLower(t.Text); {
	case lower == "null":
		r.pos++
		return r.operand(Operand{Free: true}), true
	case (lower == "true" || lower == "false") && !call:
		r.pos++
		return r.condition(), true
	case strings.HasPrefix(lower, "current_") && !call:
		r.pos++
		return r.made(strings.ToUpper(lower), false, true), true
	case lower == "case":
		r.pos++
		return r.cases(), true
	case lower == "cast" && call:
		r.pos += 2
		return r.cast(), true
	case lower == "exists" && call:
		r.pos += 2
		r.query()
		r.expect(")")
		return r.condition(), true
	}
	return nil, false
}

// named reads a name, dotted or not, or the call of a function.
func (r *relater) named() *Operand {
	first := r.pos
	var path []string
	for {
		name, ok := r.name()
		if !ok {
			r.lost = true
			return r.operand(Operand{})
		}
		path = append(path, name)
		if r.accept("(") {
			return r.call(strings.ToLower(name))
		}
		if !r.accept(".") {
			break
		}
		if r.accept("*") {
			path = append(path, "*")
			break
		}
	}
	r.out.Names[first] = path
	return r.leaf(first, path)
}
