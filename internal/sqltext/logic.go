package sqltext

import "strings"

// Input of this file: text that was parsed, of a condition. Output: what its AND, OR and NOT join. Nothing else of it is understood: what
// has none of them outside of a CASE, a list or a query is a leaf.

// Logic is a condition of SQL text.
type Logic struct {
	Op    string  // "and", "or" or "not"; empty: a leaf
	Parts []Logic // that Op joins
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
	return r.leaf(from, to)
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
