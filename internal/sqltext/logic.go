package sqltext

import "strings"

// Input of this file: text that was parsed, of a condition. Output: what its AND, OR, NOT, CASE and tests behind IS make of each other.
// Nothing else of it is understood: what has none of them outside of a list or a query is a leaf, of which a part can be read likewise.

// Logic is a condition of SQL text.
type Logic struct {
	Op    string  // "and", "or", "not", "case", "case of", or "is" with "null", "true", "false" or "unknown"; empty: a leaf
	Parts []Logic // that Op joins; of a CASE: what it is of, if anything, each WHEN and THEN, then what stands behind ELSE, if anything does
	Leaf  Text    // of a leaf: its text, without the parentheses around it
	First int     // of a leaf: how many placeholders ? of the whole stand before it
}

// Logic returns the condition that the text is.
func (t Text) Logic() Logic {
	r := logician{t, t.Tokens(), 0}
	return r.read(0, len(r.tokens), 0)
}

// Part returns what some of a leaf's tokens are, from one to before another.
func (l Logic) Part(tokens []Token, from, to int) Logic {
	r := logician{l.Leaf, tokens, l.First}
	return r.read(from, to, 0)
}

type logician struct {
	t      Text
	tokens []Token
	first  int // how many placeholders ? of the whole stand before the text
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
	case from < to && r.tokens[from].Is("not"):
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
		if at[0] == from {
			l.Op = "case of"
		}
		for i, begin := range at[:len(at)-1] {
			l.Parts = append(l.Parts, r.read(begin+1, at[i+1], depth+1))
		}
		return l
	}
	return r.leaf(from, to)
}

// test finds a test at the end, of what ends before it. op is empty where there is none.
func (r *logician) test(from, to int) (op string, end int, not bool) {
	is := func(i int, word string) bool { return i > from && r.tokens[i].Is(word) }
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
	switch {
	case to-from < 2 || !r.tokens[from].Is("case"):
		return nil
	case !r.tokens[from+1].Is("when"):
		at = []int{from}
	}
	depth := 0
	for i := from + 1; i < to; i++ {
		switch tok := r.tokens[i]; {
		case tok.Text == "(" || tok.Text == "[" || tok.Is("case"):
			depth++
		case depth > 0:
			if tok.Text == ")" || tok.Text == "]" || tok.Is("end") {
				depth--
			}
		case tok.Is("when") || tok.Is("then") || tok.Is("else"):
			at = append(at, i)
		case tok.Is("end") && i == to-1:
			return append(at, i)
		case tok.Is("end"):
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
		case tok.Text == "(" || tok.Text == "[" || tok.Is("case"):
			depth++
		case tok.Text == ")" || tok.Text == "]" || depth > 0 && tok.Is("end"):
			depth--
		case depth > 0:
		case tok.Text == "," || tok.Is("select") || tok.Is("values") || tok.Is("with") || tok.Is("table"):
			return nil, nil, false
		case tok.Is("or"):
			ors = append(ors, i)
		case tok.Is("between"):
			between++
		case tok.Is("and") && between > 0:
			between--
		case tok.Is("and"):
			ands = append(ands, i)
		}
	}
	return ors, ands, true
}

// enclosed reports whether one pair of parentheses is around the tokens.
func (r *logician) enclosed(from, to int) bool {
	if to-from < 2 || r.tokens[from].Text != "(" {
		return false
	}
	depth := 0
	for i := from; i < to; i++ {
		switch r.tokens[i].Text {
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
	first, last := r.tokens[from], r.tokens[to-1]
	l.First = r.first + first.Before
	for i := first.Piece; i <= last.Piece; i++ {
		p := r.t.Pieces[i]
		start, end := 0, len(p.Text)
		if i == first.Piece {
			start = first.start
		}
		if i == last.Piece {
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
