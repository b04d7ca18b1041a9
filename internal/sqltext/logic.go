package sqltext

import "strings"

// Input of this file: text that was parsed, of a condition. Output: what its AND, OR, NOT, CASE and tests behind IS make of each other.
// Nothing else of it is understood: what has none of them outside of a list or a query is a leaf.

// Logic is a condition of SQL text.
type Logic struct {
	Op    string  // "and", "or", "not", "case", or "is" with "null", "true", "false" or "unknown"; empty: a leaf
	Parts []Logic // that Op joins; of a CASE: each condition, and what stands behind it, then what stands behind ELSE, if anything does
	Leaf  Text    // of a leaf: its text, without the parentheses around it
	First int     // of a leaf: how many placeholders ? of the whole stand before it
}

// Logic returns the condition that the text is.
func (t Text) Logic() Logic {
	r := logician{t: t}
	n := 0
	t.tokens(func(tok token) {
		r.tokens, r.before = append(r.tokens, tok), append(r.before, n)
		if t.Pieces[tok.piece].Kind == Placeholder {
			n++
		}
	})
	return r.read(0, len(r.tokens), 0)
}

type logician struct {
	t      Text
	tokens []token
	before []int // how many placeholders ? stand before each
}

// read reads the tokens from one to before another.
func (r *logician) read(from, to, depth int) Logic {
	if depth > maxDepth {
		return r.leaf(from, to)
	}
	ors, ands, whole := r.marks(from, to)
	switch {
	case !whole:
		return r.leaf(from, to)
	case len(ors) > 0:
		return r.joined("or", from, to, ors, depth)
	case len(ands) > 0:
		return r.joined("and", from, to, ands, depth)
	case from < to && r.tokens[from].is("not"):
		return Logic{Op: "not", Parts: []Logic{r.read(from+1, to, depth+1)}}
	case r.enclosed(from, to):
		return r.read(from+1, to-1, depth+1)
	}
	if op, end, not := r.test(from, to); op != "" {
		l := Logic{Op: op, Parts: []Logic{r.read(from, end, depth+1)}}
		if not {
			l = Logic{Op: "not", Parts: []Logic{l}}
		}
		return l
	}
	if at := r.arms(from, to); at != nil {
		l := Logic{Op: "case"}
		for i, begin := range at[:len(at)-1] {
			l.Parts = append(l.Parts, r.read(begin+1, at[i+1], depth+1))
		}
		return l
	}
	return r.leaf(from, to)
}

// test finds a test at the end, of what ends before it. op is empty where there is none.
func (r *logician) test(from, to int) (op string, end int, not bool) {
	is := func(i int, word string) bool { return i > from && r.tokens[i].is(word) }
	last := to - 1
	switch {
	case is(last, "isnull"):
		return "is null", last, false
	case is(last, "notnull"):
		return "is null", last, true
	}
	for _, word := range []string{"null", "true", "false", "unknown"} {
		switch {
		case !is(last, word):
		case is(last-1, "is"):
			return "is " + word, last - 1, false
		case is(last-1, "not") && is(last-2, "is"):
			return "is " + word, last - 2, true
		case is(last-1, "not") && word == "null": // as SQLite has it, too
			return "is null", last - 1, true
		}
	}
	return "", 0, false
}

// arms finds the keywords of a CASE that is all of the tokens: each is in front of a part, but for the END. Without any it is nil.
func (r *logician) arms(from, to int) (at []int) {
	if to-from < 2 || !r.tokens[from].is("case") || !r.tokens[from+1].is("when") {
		return nil
	}
	depth := 0
	for i := from + 1; i < to; i++ {
		switch tok := r.tokens[i]; {
		case tok.text == "(" || tok.text == "[" || tok.is("case"):
			depth++
		case depth > 0:
			if tok.text == ")" || tok.text == "]" || tok.is("end") {
				depth--
			}
		case tok.is("when") || tok.is("then") || tok.is("else"):
			at = append(at, i)
		case tok.is("end") && i == to-1:
			return append(at, i)
		case tok.is("end"):
			return nil
		}
	}
	return nil
}

// joined reads what stands between the tokens of an operator.
func (r *logician) joined(op string, from, to int, at []int, depth int) Logic {
	l := Logic{Op: op}
	for _, end := range append(at, to) {
		l.Parts = append(l.Parts, r.read(from, end, depth+1))
		from = end + 1
	}
	return l
}

// marks finds the operators that are in no parentheses and in no CASE. The AND of a BETWEEN is none. whole is false where the tokens
// are more than one condition: a list, or a query.
func (r *logician) marks(from, to int) (ors, ands []int, whole bool) {
	depth, between := 0, 0
	for i := from; i < to; i++ {
		switch tok := r.tokens[i]; {
		case tok.text == "(" || tok.text == "[" || tok.is("case"):
			depth++
		case tok.text == ")" || tok.text == "]" || depth > 0 && tok.is("end"):
			depth--
		case depth > 0:
		case tok.text == "," || tok.is("select") || tok.is("values") || tok.is("with") || tok.is("table"):
			return nil, nil, false
		case tok.is("or"):
			ors = append(ors, i)
		case tok.is("between"):
			between++
		case tok.is("and") && between > 0:
			between--
		case tok.is("and"):
			ands = append(ands, i)
		}
	}
	return ors, ands, true
}

// enclosed reports whether one pair of parentheses is around the tokens.
func (r *logician) enclosed(from, to int) bool {
	if to-from < 2 || r.tokens[from].text != "(" {
		return false
	}
	depth := 0
	for i := from; i < to; i++ {
		switch r.tokens[i].text {
		case "(":
			depth++
		case ")":
			if depth--; depth == 0 {
				return i == to-1
			}
		}
	}
	return false
}

// leaf cuts the tokens out.
func (r *logician) leaf(from, to int) Logic {
	var l Logic
	if from == to {
		return l
	}
	l.First = r.before[from]
	first, last := r.tokens[from], r.tokens[to-1]
	for i := first.piece; i <= last.piece; i++ {
		p := r.t.Pieces[i]
		start, end := 0, len(p.Text)
		if i == first.piece {
			start = first.start
		}
		if i == last.piece {
			end = last.end
		}
		p.Text = p.Text[start:end]
		if p.Text == "" {
			continue
		}
		switch p.Kind {
		case Placeholder:
			l.Leaf.Placeholders++
		case Numbered:
			l.Leaf.Numbered = max(l.Leaf.Numbered, p.N)
		}
		l.Leaf.Select = l.Leaf.Select || p.Kind == Verbatim && r.t.Select && strings.Contains(strings.ToLower(p.Text), "select")
		l.Leaf.Pieces = append(l.Leaf.Pieces, p)
	}
	return l
}
