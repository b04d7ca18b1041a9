package sqltext

import "strings"

// Input of this file: text that was parsed, and the words that a database takes for no column. Whether the text says the same of every row is
// read off its tokens: a word can be a column only where an operand may stand.

// Constant reports whether the text names nothing of a row: no column and no path. What stands for its placeholders is not known here.
// Without spaces, comments and parentheses, in lower case, the text is said. reserved are the words that are no column of the database where
// they are not quoted, in lower case, and "is word" those that it reads behind IS. A word that may be a column is taken for one: a text that
// is not Constant may still be the same for every row.
func (t Text) Constant(reserved map[string]bool) (said string, ok bool) {
	r := constantReader{t: t, reserved: reserved, operand: true, ok: true}
	t.tokens(r.token)
	return r.said.String(), r.ok
}

// constantReader reads the tokens of a text.
type constantReader struct {
	t        Text
	reserved map[string]bool
	said     strings.Builder
	ok       bool

	operand      bool // an operand may stand next, else an operator
	before, last token
	calls        []string // the words before the parentheses that are open
}

func (r *constantReader) token(tok token) {
	defer func() { r.before, r.last = r.last, tok }()
	kind := r.t.Pieces[tok.piece].Kind
	switch {
	case tok.text == "(" || tok.text == "[":
		r.calls, r.operand = append(r.calls, strings.ToLower(r.last.text)), true
	case (tok.text == ")" || tok.text == "]") && len(r.calls) > 0:
		n := len(r.calls) - 1
		r.calls, r.operand = r.calls[:n], r.calls[n] == "operator"
	}
	if tok.text == "(" || tok.text == ")" {
		return
	}
	r.said.WriteString(strings.ToLower(tok.text))
	switch {
	case kind == Name || kind == Word:
		r.ok = false
	case kind == Placeholder || kind == Numbered:
		r.operand = false
	case r.named():
		r.operand = false
	case tok.quoted:
		r.ok, r.operand = false, false
	case tok.word:
		r.word(strings.ToLower(tok.text), tok)
	case tok.isOperand():
		r.operand = false
	case tok.text != "." && tok.text != "[" && tok.text != "]":
		r.operand = true
	}
}

// isOperand reports whether the token is a literal or a number.
func (t token) isOperand() bool {
	return t.text[0] == '\'' || isLiteralStart(t.text, 0) || isDigit(t.text[0]) || len(t.text) > 1 && (t.text[0] == '$' || t.text[0] == '.')
}

// named reports whether the next token is the name of a type, a collation or a result.
func (r *constantReader) named() bool {
	if r.last.is("name") && r.before.text == "(" {
		return r.call() == "xmlelement" || r.call() == "xmlpi"
	}
	return r.last.is("as") || r.last.is("collate") || r.last.is("returning") || r.last.text == ":" && r.before.text == ":" && r.before.piece == r.last.piece &&
		r.before.end == r.last.start
}

// call returns the word before the parenthesis that was opened last, in lower case.
func (r *constantReader) call() string {
	if len(r.calls) == 0 {
		return ""
	}
	return r.calls[len(r.calls)-1]
}

// isOption reports whether the word is one that the call around it knows.
func (r *constantReader) isOption(word string) bool {
	call, first := r.call(), r.last.text == "(" || r.last.text == ","
	switch {
	case call == "normalize":
		return r.last.text == "," && r.reserved["is "+word]
	case call == "xmlelement" || call == "xmlpi":
		return r.last.text == "(" && word == "name"
	case call == "over":
		return frames[word]
	}
	return !first && strings.HasPrefix(call, "json_") && options[word]
}

// word reads a word that is not the name of something else.
func (r *constantReader) word(word string, tok token) {
	text := r.t.Pieces[tok.piece].Text
	next := skipSpace(text, tok.end)
	c, follows := at(text, next), tokenOrNone(text, next)
	switch {
	case c == '(' || c == '.' || c == '\'' || isLiteralStart(text, next): // a call or a part of its name, a type in front of a literal
	case c == '=' && at(text, next+1) == '>', c == ':' && at(text, next+1) == '=': // the name of an argument
	case c == '[' && word == "array":
	case twoWords[word+" "+strings.ToLower(follows.text)]:
		r.operand = false
	case twoWords[strings.ToLower(r.last.text)+" "+word]:
		r.operand = r.last.is("order") || r.last.is("group") || r.last.is("partition") || r.before.is("at")
	case r.last.is("at") && word == "local", r.isOption(word):
		r.operand = false
	case word == "not": // in front of an operand or of an operator
	case !r.operand:
		r.operand = !ends[word]
	case values[word], r.reserved[word] && made[word], r.isTest(word):
		r.operand = false
	case follows.is("from") && r.last.text == "(" && r.call() == "extract": // a part of a time
		r.operand = false
	case !keywords[word] && !r.reserved[word]:
		r.ok, r.operand = false, false
	}
}

// isTest reports whether the word behind IS or IS NOT is one that the database knows there.
func (r *constantReader) isTest(word string) bool {
	return (r.last.is("is") || r.last.is("not") && r.before.is("is")) && r.reserved["is "+word]
}

func wordSet(words ...string) map[string]bool {
	set := map[string]bool{}
	for _, w := range words {
		set[w] = true
	}
	return set
}

// Words that are no column where they are not quoted: values on every database, those that stand for one on some, other keywords of every
// one. Behind an operand none is a column; ends are those that no operand follows there. frames are those of a window, and options those of
// the functions of JSON behind their arguments. twoWords are names of two words, and the like.
var (
	values = wordSet("current_date", "current_time", "current_timestamp", "false", "null", "true")
	made   = wordSet("current_catalog", "current_role", "current_schema", "current_user", "localtime", "localtimestamp", "session_user", "system_user",
		"user")
	keywords = wordSet("all", "and", "as", "case", "distinct", "else", "except", "from", "group", "having", "in", "intersect", "is", "limit", "on",
		"or", "order", "select", "then", "union", "using", "when", "where")
	ends = wordSet("asc", "day", "desc", "end", "false", "first", "hour", "isnull", "last", "minute", "month", "notnull", "null", "second", "true",
		"year")
	frames  = wordSet("between", "current", "exclude", "following", "groups", "no", "others", "preceding", "range", "row", "rows", "ties", "unbounded")
	options = wordSet("absent", "array", "conditional", "empty", "encoding", "error", "format", "json", "keep", "keys", "object", "omit", "on",
		"quotes", "scalar", "string", "unconditional", "unique", "utf8", "with", "without", "wrapper")
	twoWords = wordSet("fetch first", "fetch next", "row only", "rows only", "for share", "for update", "bit varying", "char varying", "character varying", "collation for", "double precision", "group by", "national char",
		"national character", "order by", "partition by", "time with", "time without", "time zone", "timestamp with", "timestamp without", "year to",
		"day to", "hour to", "minute to", "to month", "to hour", "to minute", "to second", "with time", "without time")
)
