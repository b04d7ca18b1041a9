package sqltext

import "strings"

// Input of this file: text that was parsed. It is read again, token by token, by those who need more of it than its pieces: few do.

// token is a name, or anything else, of a text.
type token struct {
	piece      int // the number of the piece that it lies in
	start, end int // in that piece's text
	text       string
	word       bool // an unquoted name
	quoted     bool // a quoted one
}

// is reports whether the token is the keyword, given in lower case.
func (t token) is(keyword string) bool { return t.word && foldEqual(t.text, keyword) }

// tokens hands out the tokens of the text in order. Pieces that are not verbatim are one each.
func (t Text) tokens(each func(token)) {
	for n, p := range t.Pieces {
		if p.Kind != Verbatim {
			each(token{piece: n, end: len(p.Text), text: p.Text})
			continue
		}
		for i := skipSpace(p.Text, 0); i < len(p.Text); {
			tok := tokenAt(p.Text, i)
			tok.piece = n
			each(tok)
			i = skipSpace(p.Text, tok.end)
		}
	}
}

// Token is a word, a literal, an operator, or a piece of a text that is not verbatim.
type Token struct {
	Piece  int // the number of the piece that it lies in
	Kind   Kind
	Text   string
	Word   bool     // an unquoted name
	Quoted bool     // a quoted one
	Path   []string // of a name that is a piece: its parts
	Before int      // how many placeholders ? stand before it

	start, end int // in that piece's text
}

// Tokens returns the tokens of the text in order, an operator of several characters as one.
func (t Text) Tokens() []Token {
	var all []Token
	before := 0
	t.tokens(func(tok token) {
		next := Token{Before: before, Piece: tok.piece, Kind: t.Pieces[tok.piece].Kind, Text: tok.text, Word: tok.word, Quoted: tok.quoted,
			Path: t.Pieces[tok.piece].Path, start: tok.start, end: tok.end}
		if n := len(all); n > 0 && next.Kind == Verbatim {
			if last := &all[n-1]; last.Kind == Verbatim && last.Piece == next.Piece && last.end == next.start && operators[last.Text+next.Text] {
				last.Text, last.end = last.Text+next.Text, next.end
				return
			}
		}
		if all = append(all, next); next.Kind == Placeholder {
			before++
		}
	})
	return all
}

// operators are those of several characters, and what they begin with.
var operators = map[string]bool{"==": true, "<>": true, "!=": true, "<=": true, ">=": true, "||": true, "<<": true, ">>": true, "->": true, "->>": true}

// Is reports whether the token is the keyword, given in lower case.
func (t Token) Is(keyword string) bool { return t.Word && foldEqual(t.Text, keyword) }

// tokenAt returns the token that begins at i, which the parser has read before.
func tokenAt(text string, i int) token {
	tok := token{start: i, end: i + 1}
	c := text[i]
	quote := quotedNameStart(text, i)
	switch {
	case c == '\'' || isLiteralStart(text, i):
		tok.end = literalEnd(text, i)
	case quote >= 0:
		tok.end, tok.quoted = quotedNameEnd(text, quote), true
	case isNameStart(c):
		tok.end, tok.word = nameEnd(text, i), true
	case isDigit(c) || c == '.' && isDigit(at(text, i+1)):
		tok.end = numberEnd(text, i)
	case c == '$':
		if end, ok := dollarQuoteEnd(text, i); ok {
			tok.end = end
		}
	}
	if tok.end <= i { // it was cut off: the parser refuses such text
		tok.end = len(text)
	}
	tok.text = text[i:tok.end]
	return tok
}

// Words returns the text with each bare word for which chosen holds in a piece of its own, of kind [Word]. A bare word is a name,
// in quotes or not, that stands by itself where a column may: no call, type, alias or keyword, and no part of a dotted name.
func (t Text) Words(chosen func(word string) bool) Text {
	split := t
	split.Pieces = nil
	from, of := 0, 0 // what is before is in split
	upTo := func(piece, end int) {
		for ; of < piece; of, from = of+1, 0 {
			if rest := t.Pieces[of]; from == 0 {
				split.Pieces = append(split.Pieces, rest)
			} else if from < len(rest.Text) {
				split.Pieces = append(split.Pieces, Piece{Text: rest.Text[from:]})
			}
		}
		if from < end {
			split.Pieces = append(split.Pieces, Piece{Text: t.Pieces[of].Text[from:end]})
			from = end
		}
	}
	t.bareWords(func(tok token) {
		if !chosen(tok.text) {
			return
		}
		upTo(tok.piece, tok.start)
		split.Pieces = append(split.Pieces, Piece{Kind: Word, Text: tok.text})
		from = tok.end
	})
	if split.Pieces == nil {
		return t
	}
	upTo(len(t.Pieces), 0)
	return split
}

// Unquoted returns what a quoted name says.
func Unquoted(word string) string {
	if len(word) < 2 || word[0] != '"' {
		return word
	}
	return strings.ReplaceAll(word[1:len(word)-1], `""`, `"`)
}

// bareWords hands out the bare words of the text.
func (t Text) bareWords(each func(token)) {
	var before, last token
	t.tokens(func(tok token) {
		if (tok.word || tok.quoted && tok.text[0] == '"') && t.bare(before, last, tok) {
			each(tok)
		}
		before, last = last, tok
	})
}

// bare reports whether a word stands where a column may.
func (t Text) bare(before, last, tok token) bool {
	text := t.Pieces[tok.piece].Text
	next := skipSpace(text, tok.end)
	switch c := at(text, next); {
	case c == '(' || c == '.' || c == '\'' || c == '"' || isLiteralStart(text, next):
		return false // a call, a part of a name, a type in front of a literal, what stands before its alias
	case tok.piece+1 < len(t.Pieces) && next == len(text) && strings.HasPrefix(t.Pieces[tok.piece+1].Text, "."):
		return false
	}
	for _, two := range [][2]string{{"at", "time"}, {"time", "zone"}, {"double", "precision"}} {
		if tok.is(two[0]) && tokenOrNone(text, next).is(two[1]) {
			return false
		}
	}
	switch last.text {
	case ".", ":", "@", "$":
		return false
	case "(":
		if before.is("extract") {
			return false
		}
	}
	for _, keyword := range []string{"as", "nulls", "at", "collate", "current"} {
		if last.is(keyword) {
			return false
		}
	}
	return !reserved[strings.ToLower(tok.text)]
}

func tokenOrNone(text string, i int) token {
	if i >= len(text) {
		return token{}
	}
	return tokenAt(text, i)
}

// reserved are the words that no database takes for a column where they are not quoted, and those that have a meaning of their own
// between the parts of an expression.
var reserved = func() map[string]bool {
	words := map[string]bool{}
	for _, w := range strings.Fields(`all analyse analyze and any array as asc asymmetric between both case cast check collate column
		constraint create cross current_catalog current_date current_role current_time current_timestamp current_user default
		deferrable desc distinct do else end escape except exists false fetch filter following for foreign from full glob grant group
		having ilike in initially inner intersect into is isnull join lateral leading left like limit localtime localtimestamp match
		natural not notnull null offset on only or order outer over overlaps partition placing preceding primary references regexp
		returning right select session_user similar some symmetric table then to trailing true unbounded union unique unknown user
		using variadic when where window with within zone`) {
		words[w] = true
	}
	return words
}()

// Named splits "expression AS name" at its last AS: what is before, and the name as the database has it. ok is false for text
// without such an end, and for that of several columns. An unquoted name is folded to lower case, which databases do or do not mind.
func (t Text) Named() (of Text, name string, ok bool) {
	var as, last token
	depth, several := 0, false
	t.tokens(func(tok token) {
		switch tok.text {
		case "(", "[":
			depth++
		case ")", "]":
			depth--
		case ",":
			several = several || depth == 0
		}
		as, last = last, tok
	})
	if several || !as.is("as") || as.piece != last.piece {
		return Text{}, "", false
	}
	switch {
	case last.word:
		name = strings.Map(func(r rune) rune {
			if r < 0x80 {
				return rune(toLower(byte(r)))
			}
			return r
		}, last.text)
	case last.quoted && last.text[0] == '"':
		name = Unquoted(last.text)
	default:
		return Text{}, "", false
	}
	of = t
	of.Pieces = append(t.Pieces[:as.piece:as.piece], Piece{Text: strings.TrimRight(t.Pieces[as.piece].Text[:as.start], " ")})
	of.LineComment = false
	if strings.TrimSpace(of.String()) == "" {
		return Text{}, "", false
	}
	return of, name, true
}

// Groups reports whether the text calls an aggregate of whatever kind, so that its value is a group's and not a row's. SQLite's
// max(a, b) is none.
func (t Text) Groups() bool {
	type call struct{ aggregate, several bool }
	var open []call
	var before, last token
	groups := t.Aggregates
	t.tokens(func(tok token) {
		switch tok.text {
		case "(", "[":
			own := last.word && tok.text == "(" && before.text != "." && ofGroup[strings.ToLower(last.text)]
			open = append(open, call{aggregate: own})
		case ",":
			if n := len(open); n > 0 {
				open[n-1].several = true
			}
		case ")", "]":
			if n := len(open); n > 0 {
				groups = groups || open[n-1].aggregate && !open[n-1].several
				open = open[:n-1]
			}
		}
		before, last = last, tok
	})
	return groups
}

// ofGroup are the aggregates of one argument for which it does not matter how often a row occurs, or whose argument may be DISTINCT.
var ofGroup = func() map[string]bool {
	names := map[string]bool{}
	for _, name := range strings.Fields(`any_value array_agg avg bit_and bit_or bool_and bool_or count every json_agg jsonb_agg max min
		range_agg range_intersect_agg sum total`) {
		names[name] = true
	}
	return names
}()

// Has reports whether the text has the bare word, in whatever case. It looks into subqueries too.
func (t Text) Has(word string) bool {
	found := false
	t.bareWords(func(tok token) { found = found || strings.EqualFold(tok.text, word) })
	return found
}

// String returns the text as it was written.
func (t Text) String() string {
	var b strings.Builder
	for _, p := range t.Pieces {
		b.WriteString(p.Text)
	}
	return b.String()
}
