package sqltext

import "strings"

// Input of this file: text that was parsed. Whether it says the same of every row is read off its words alone.

// Constant reports whether the text names nothing of a row: no column, no path and no query. What stands for its placeholders is not
// known here. Without spaces, comments and parentheses, in lower case, the text is said. A word that may be a column, on any database, is
// taken for one: a text that is not Constant may still be the same for every row.
func (t Text) Constant() (said string, ok bool) {
	var b strings.Builder
	ok = !t.Select
	var last token
	t.tokens(func(tok token) {
		if tok.text != "(" && tok.text != ")" {
			b.WriteString(strings.ToLower(tok.text))
		}
		ok = ok && !t.mayName(last, tok)
		last = tok
	})
	return b.String(), ok
}

// mayName reports whether a token may be a name of something that rows differ in.
func (t Text) mayName(last, tok token) bool {
	switch kind := t.Pieces[tok.piece].Kind; {
	case kind == Name || kind == Word || tok.quoted:
		return true
	case kind != Verbatim || !tok.word || sayNothing[strings.ToLower(tok.text)]:
		return false
	case last.text == ":" || last.is("as"):
		return false // a type
	}
	text := t.Pieces[tok.piece].Text
	next := skipSpace(text, tok.end)
	c := at(text, next)
	return c != '(' && c != '\'' && !isLiteralStart(text, next) // a call, a type in front of a literal
}

// sayNothing are words of expressions that are a column on no database where they are not quoted.
var sayNothing = func() map[string]bool {
	words := map[string]bool{}
	for _, w := range strings.Fields(`and as between case cast current_date current_time current_timestamp distinct else exists false from
		in is isnull like not notnull null or then true when`) {
		words[w] = true
	}
	return words
}()
