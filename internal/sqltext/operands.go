package sqltext

import "strings"

// Input of this file: the tokens of an expression, or of several, as SQLite reads them. Output: what each placeholder and name may
// give a value to, and what that value is compared with. Of text that the reader does not understand nothing is known.

// Operand is a value in an expression, or several of which one is taken, as by coalesce or CASE.
type Operand struct {
	Leaves []int     // the tokens it may be the value of: placeholders and names
	Made   []string  // what else it may be made by: a function, an operator, a condition
	Number bool      // some of that is a number, as is a literal among what it may be
	Truth  bool      // some of that is a truth value, which is 1 or 0
	Text   bool      // some of that is a text, as is a literal
	Any    bool      // of some of that it is not known what it is
	Free   bool      // it is an expression, which has no type of its own where only columns have
	In     string    // the operator or the CAST that makes something else of it; empty: none does
	Into   *Operand  // the number that an operator makes of it; nil: none does
	Meets  []Meeting // what it is compared with

	same  *Operand // that it is one with
	tuple []*Operand
}

// Meeting is a comparison with another operand.
type Meeting struct {
	Op   string // as the operand stands on its left; "ROW" within rows, "IN" as one of a list, "HAS" as what has the list, "LIKE" as texts, "AND" as a truth value
	With *Operand
}

// Operands are those of a text.
type Operands struct {
	Of    map[int]*Operand // of the tokens that are placeholders and names; nil: the text is not understood
	Names map[int][]string // the parts of names that are no pieces of their own, without quotes
	Read  map[int]Column   // the names that are those of what the text selects from by itself
	Whole *Operand         // what the text gives, if it is one expression; nil: it is not
}

// Relate reads the tokens. has says which columns the tables have that the text names by itself.
func Relate(tokens []Token, has func(of Source, column string) Has) Operands {
	r := &relater{tokens: tokens, has: has, paths: map[int][]string{}, where: map[int]*scope{},
		out: Operands{Of: map[int]*Operand{}, Names: map[int][]string{}, Read: map[int]Column{}}}
	if r.whole(); r.lost || r.pos < len(r.tokens) {
		return Operands{}
	}
	r.resolve()
	for i, o := range r.out.Of {
		r.out.Of[i] = o.root()
	}
	for _, o := range r.all {
		if o.Into != nil {
			o.Into = o.Into.root()
		}
		for i := range o.Meets {
			o.Meets[i].With = o.Meets[i].With.root()
		}
	}
	if r.out.Whole != nil {
		r.out.Whole = r.out.Whole.root()
	}
	return r.out
}

type relater struct {
	tokens []Token
	pos    int
	out    Operands
	all    []*Operand
	depth  int
	lost   bool // what follows is not understood

	has   func(of Source, column string) Has
	paths map[int][]string // of the tokens that are names
	where map[int]*scope   // they stand
	scope *scope           // of what is read now; nil: no query of the text's own
	with  *withQuery       // the queries that have names here
}

const maxDepth = 200 // of expressions in each other

func (o *Operand) root() *Operand {
	for o.same != nil {
		o = o.same
	}
	return o
}

func (r *relater) operand(o Operand) *Operand {
	r.all = append(r.all, &o)
	return &o
}

// made is what a function or an operator gives.
func (r *relater) made(by string, number, text bool) *Operand {
	return r.operand(Operand{Made: []string{by}, Number: number, Text: text, Any: !number && !text, Free: true})
}

// condition is what a comparison gives: 1 or 0.
func (r *relater) condition() *Operand {
	return r.operand(Operand{Made: []string{"a condition"}, Truth: true, Free: true})
}

// truths is the condition that is made of operands which are truth values themselves.
func (r *relater) truths(all ...*Operand) *Operand {
	for _, o := range all {
		if o = o.root(); len(o.Leaves) > 0 {
			r.meet(o, "AND", r.condition())
		}
	}
	return r.condition()
}

// either is the operand that may be each of the given ones.
func (r *relater) either(all ...*Operand) *Operand {
	one := r.operand(Operand{Free: true})
	for _, o := range all {
		o = o.root()
		if o == one || len(o.tuple) > 0 {
			continue
		}
		o.join(one)
	}
	return one
}

// join makes the operand one with another.
func (o *Operand) join(one *Operand) {
	o.same = one
	one.Leaves, one.Made, one.Meets = append(one.Leaves, o.Leaves...), append(one.Made, o.Made...), append(one.Meets, o.Meets...)
	one.Number, one.Truth = one.Number || o.Number, one.Truth || o.Truth
	one.Text, one.Any = one.Text || o.Text, one.Any || o.Any
	if one.In == "" {
		one.In, one.Into = o.In, o.Into
	}
	o.Leaves, o.Made, o.Meets = nil, nil, nil
}

// becomes says that an operator makes another operand of it.
func (o *Operand) becomes(made *Operand, op string) {
	if o.In = op; made.Number {
		o.Into = made
	}
}

// mirrored are the operators as they stand on the other side.
var mirrored = map[string]string{"<": ">", ">": "<", "<=": ">=", ">=": "<=", "IN": "HAS", "HAS": "IN"}

func (r *relater) meet(left *Operand, op string, right *Operand) {
	left, right = left.root(), right.root()
	n := len(left.tuple)
	switch {
	case n != len(right.tuple):
		r.lost = true
		return
	case n > 0:
		for i := range n {
			r.meet(left.tuple[i], "ROW", right.tuple[i])
		}
		return
	case left == right:
		return
	}
	back := mirrored[op]
	if back == "" {
		back = op
	}
	left.Meets = append(left.Meets, Meeting{op, right})
	right.Meets = append(right.Meets, Meeting{back, left})
}

// peek returns the token at a distance from the next one; beyond the end it has no text.
func (r *relater) peek(n int) Token {
	if r.lost || r.pos+n >= len(r.tokens) {
		return Token{}
	}
	return r.tokens[r.pos+n]
}

func (r *relater) symbol(text string) bool {
	t := r.peek(0)
	return t.Kind == Verbatim && !t.Word && !t.Quoted && t.Text == text
}

// accept goes past the symbol, if it is the next token.
func (r *relater) accept(text string) bool {
	if !r.symbol(text) {
		return false
	}
	r.pos++
	return true
}

func (r *relater) expect(text string) {
	if !r.accept(text) {
		r.lost = true
	}
}

// word goes past the keywords, if they are the next tokens.
func (r *relater) word(keywords ...string) bool {
	for i, k := range keywords {
		if !r.peek(i).Is(k) {
			return false
		}
	}
	r.pos += len(keywords)
	return true
}

// whole reads all tokens: a query, or expressions with what stands behind those of an order or a selection.
func (r *relater) whole() {
	for n := 0; ; n++ {
		var one *Operand
		if r.isQuery() {
			one, _ = r.query()
		} else {
			one = r.expr()
		}
		r.behind()
		if n == 0 {
			r.out.Whole = one
		} else {
			r.out.Whole = nil
		}
		if !r.accept(",") {
			break
		}
	}
}

// behind goes past a name that an expression is given, which it returns, and the direction of an order.
func (r *relater) behind() (name string) {
	if r.word("as") {
		name, _ = r.name()
	} else if t := r.peek(0); t.Kind == Verbatim && (t.Quoted || t.Word && !reserved[strings.ToLower(t.Text)] && !t.Is("nulls")) {
		name, _ = r.name()
	}
	if !r.word("asc") {
		r.word("desc")
	}
	if !r.word("nulls", "first") {
		r.word("nulls", "last")
	}
	return name
}

// name goes past a name in quotes of any kind, or none, and returns it; ok is false where there is none.
func (r *relater) name() (name string, ok bool) {
	t := r.peek(0)
	closing := map[string]string{"`": "`", "[": "]"}[t.Text]
	switch {
	case t.Kind != Verbatim && t.Text != "" && t.Kind != Placeholder && t.Kind != Numbered, t.Word:
		r.pos++
		return t.Text, true
	case t.Quoted:
		r.pos++
		return Unquoted(t.Text), true
	case closing == "":
		return "", false
	}
	r.pos++
	var b strings.Builder
	for end := 0; !r.symbol(closing); r.pos++ {
		t := r.peek(0)
		if t.Text == "" || t.Kind == Placeholder || t.Kind == Numbered {
			r.lost = true
			return "", false
		}
		if b.Len() > 0 && t.start > end {
			b.WriteByte(' ')
		}
		b.WriteString(t.Text)
		end = t.end
	}
	r.pos++
	return b.String(), true
}

// expr reads an expression.
func (r *relater) expr() *Operand {
	if r.depth++; r.depth > maxDepth {
		r.lost = true
	}
	defer func() { r.depth-- }()
	left := r.and()
	for r.word("or") {
		left = r.truths(left, r.and())
	}
	return left
}

func (r *relater) and() *Operand {
	left := r.not()
	for r.word("and") {
		left = r.truths(left, r.not())
	}
	return left
}

func (r *relater) not() *Operand {
	if !r.peek(0).Is("not") || r.peek(1).Is("null") {
		return r.equality()
	}
	for r.word("not") {
	}
	return r.truths(r.equality())
}

// equality reads the comparisons that bind least.
func (r *relater) equality() *Operand {
	left := r.order()
	for !r.lost {
		switch {
		case r.accept("="), r.accept("=="), r.accept("<>"), r.accept("!="):
			r.meet(left, "=", r.order())
		case r.word("is", "not", "distinct", "from"), r.word("is", "distinct", "from"), r.word("is", "not"), r.word("is"):
			r.meet(left, "=", r.order())
		case r.word("isnull"), r.word("notnull"), r.word("not", "null"):
		case r.word("between"), r.word("not", "between"):
			r.meet(left, ">=", r.order())
			if !r.word("and") {
				r.lost = true
			}
			r.meet(left, "<=", r.order())
		case r.word("in"), r.word("not", "in"):
			r.in(left)
		case r.match():
			r.meet(left, "LIKE", r.order())
			if r.word("escape") {
				r.order()
			}
		default:
			return left
		}
		left = r.condition()
	}
	return left
}

// match goes past an operator that matches texts.
func (r *relater) match() bool {
	for _, op := range []string{"like", "glob", "regexp", "match"} {
		if r.word(op) || r.word("not", op) {
			return true
		}
	}
	return false
}

func (r *relater) in(left *Operand) {
	if !r.accept("(") {
		r.inTable(left)
		return
	}
	if r.isQuery() {
		one, _ := r.query()
		r.meet(left, "HAS", one)
	} else {
		for !r.symbol(")") && !r.lost {
			r.meet(left, "HAS", r.expr())
			if !r.accept(",") {
				break
			}
		}
	}
	r.expect(")")
}

func (r *relater) order() *Operand {
	left := r.arithmetic(0)
	for {
		op := r.peek(0).Text
		if !r.accept("<") && !r.accept("<=") && !r.accept(">") && !r.accept(">=") {
			return left
		}
		r.meet(left, op, r.arithmetic(0))
		left = r.condition()
	}
}

// levels are the operators that make something of two values, those that bind least first.
var levels = [...][]string{{"&", "|", "<<", ">>"}, {"+", "-"}, {"*", "/", "%"}, {"||", "->", "->>"}}

func (r *relater) arithmetic(level int) *Operand {
	if level == len(levels) {
		return r.unary()
	}
	left := r.arithmetic(level + 1)
	for {
		op, found := r.peek(0).Text, false
		for _, o := range levels[level] {
			found = found || r.accept(o)
		}
		if !found {
			return left
		}
		right := r.arithmetic(level + 1)
		made := r.made(op, level < 3, op == "||" || op == "->")
		left.root().becomes(made, op)
		right.root().becomes(made, op)
		left = made
	}
}

func (r *relater) unary() *Operand {
	op := r.peek(0).Text
	switch {
	case r.accept("+"):
		return r.either(r.unary())
	case r.accept("-"), r.accept("~"):
		made := r.made(op, true, false)
		r.unary().root().becomes(made, op)
		return made
	}
	o := r.primary()
	for r.word("collate") {
		r.name()
	}
	return o
}

func (r *relater) primary() *Operand {
	t := r.peek(0)
	switch {
	case t.Kind == Placeholder || t.Kind == Numbered || t.Kind == Name || t.Kind == Word:
		r.pos++
		return r.leaf(r.pos-1, t.Path)
	case r.accept("("):
		return r.parenthesised()
	case t.Word:
		if o, ok := r.keyword(t); ok {
			return o
		}
		if reserved[strings.ToLower(t.Text)] {
			break
		}
		return r.named()
	case t.Quoted || t.Text == "`" || t.Text == "[":
		return r.named()
	case t.Text != "" && (isDigit(t.Text[0]) || t.Text[0] == '.' && len(t.Text) > 1):
		r.pos++
		return r.operand(Operand{Number: true, Free: true})
	case t.Text != "" && strings.HasSuffix(t.Text, "'"):
		r.pos++
		return r.operand(Operand{Text: true, Free: true})
	}
	r.lost = true
	return r.operand(Operand{})
}

func (r *relater) leaf(token int, path []string) *Operand {
	o := r.operand(Operand{Leaves: []int{token}})
	r.out.Of[token] = o
	if path != nil {
		r.paths[token], r.where[token] = path, r.scope
	}
	return o
}

// parenthesised reads what an opened parenthesis holds: a query, an expression, or a row of several.
func (r *relater) parenthesised() *Operand {
	var one *Operand
	if r.isQuery() {
		if one, _ = r.query(); len(one.root().tuple) == 0 {
			one = r.either(one)
		}
	} else {
		row := r.list()
		if one = row[0]; len(row) > 1 {
			one = r.operand(Operand{tuple: row})
		}
	}
	r.expect(")")
	return one
}

// list reads expressions, of which there is at least one.
func (r *relater) list() []*Operand {
	list := []*Operand{r.expr()}
	for r.accept(",") {
		list = append(list, r.expr())
	}
	return list
}
