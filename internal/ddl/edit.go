package ddl

import (
	"cmp"
	"slices"
	"strings"
)

// EDIT: the text of a CREATE TABLE is changed where something was found, and nowhere else, so that all that was not declared stays:
// constraints, defaults, collations, generated columns. A text that cannot be read so is not edited.

// tableText is the text of a CREATE TABLE and the changes to it.
type tableText struct {
	sql    string
	open   int // where the parenthesis of its definitions opens
	parts  []textPart
	splice []splice
}

// textPart is a column's definition, or a constraint.
type textPart struct {
	tokens []textToken
	column string // its name; empty: it is a constraint
}

// textToken is a word, a quoted name, a literal or a sign. Those inside parentheses are deeper.
type textToken struct {
	start, end, depth int
	text              string // a word in upper case; else as it is written
}

// splice is text that takes the place of what is between two positions.
type splice struct {
	start, end int
	is         part
	text       string
}

// part is which part of the text a splice is. Those at one position come in the order of the parts, whatever was found first: what is said of
// a column behind it is no more of the column.
type part int

const (
	partType part = iota
	partReference
	partColumn // of what a column says, beside its type and what it points at
	partColumns
	partConstraints
)

// readTable reads the text; nil if it is none of a table's columns.
func readTable(sql string) *tableText {
	t := &tableText{sql: sql, open: -1}
	tokens := lex(sql)
	part := textPart{}
	closed := false
	for _, k := range tokens {
		switch {
		case k.depth == 0 && k.text == "(" && t.open < 0:
			t.open = k.start
		case t.open < 0 || closed:
		case k.depth == 0 && k.text == ")", k.depth == 1 && k.text == ",":
			t.parts, closed = append(t.parts, part.named()), k.depth == 0
			part = textPart{}
		default:
			part.tokens = append(part.tokens, k)
		}
	}
	if !closed || slices.ContainsFunc(t.parts, func(p textPart) bool { return len(p.tokens) == 0 }) {
		return nil
	}
	return t
}

// named says whether the part is a column.
func (p textPart) named() textPart {
	if len(p.tokens) > 0 && !slices.Contains([]string{"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"}, p.tokens[0].text) {
		p.column = p.tokens[0].name()
	}
	return p
}

// name returns what a name is when its quotes are taken away.
func (k textToken) name() string {
	if n := len(k.text); n > 1 {
		switch q := k.text[0]; q {
		case '"', '`', '\'':
			return strings.ReplaceAll(k.text[1:n-1], string(q)+string(q), string(q))
		case '[':
			return k.text[1 : n-1]
		}
	}
	return k.text
}

// lex cuts SQL into tokens, comments left out.
func lex(sql string) []textToken {
	var tokens []textToken
	depth := 0
	for i := 0; i < len(sql); {
		start, c := i, sql[i]
		switch {
		case strings.HasPrefix(sql[i:], "--"):
			i = behind(sql, i, "\n")
			continue
		case strings.HasPrefix(sql[i:], "/*"):
			i = behind(sql, i+2, "*/")
			continue
		case strings.IndexByte(" \t\r\n\f", c) >= 0:
			i++
			continue
		case c == '[':
			i = behind(sql, i, "]")
		case c == '"' || c == '`' || c == '\'':
			for i = behind(sql, i+1, string(c)); i < len(sql) && sql[i] == c; {
				i = behind(sql, i+1, string(c)) // doubled, it stands for itself
			}
		case wordByte(c):
			for i < len(sql) && wordByte(sql[i]) {
				i++
			}
		default:
			i++
		}
		text := sql[start:i]
		if wordByte(c) {
			text = strings.ToUpper(text)
		}
		if text == ")" {
			depth--
		}
		tokens = append(tokens, textToken{start, i, depth, text})
		if text == "(" {
			depth++
		}
	}
	return tokens
}

// behind returns the position behind the next occurrence of a text, the end if there is none.
func behind(sql string, from int, text string) int {
	if at := strings.Index(sql[from:], text); at >= 0 {
		return from + at + len(text)
	}
	return len(sql)
}

func wordByte(c byte) bool {
	return c == '_' || c == '$' || c >= 0x80 || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func (t *tableText) column(name string) *textPart {
	i := slices.IndexFunc(t.parts, func(p textPart) bool { return p.column != "" && strings.EqualFold(p.column, name) })
	if i < 0 {
		return nil
	}
	return &t.parts[i]
}

func (p *textPart) end() int { return p.tokens[len(p.tokens)-1].end }

// has reports whether the part has a word, that of a constraint.
func (p *textPart) has(word string) bool {
	return slices.ContainsFunc(p.tokens, func(k textToken) bool { return k.depth == 1 && k.text == word })
}

// has reports whether the text has a word anywhere.
func (t *tableText) has(word string) bool {
	return slices.ContainsFunc(lex(t.sql), func(k textToken) bool { return k.text == word })
}

func (t *tableText) put(is part, start, end int, text string) bool {
	t.splice = append(t.splice, splice{start, end, is, text})
	return true
}

// constrain adds a constraint to a column.
func (t *tableText) constrain(column, what string) bool {
	p := t.column(column)
	return p != nil && t.put(partColumn, p.end(), p.end(), " "+what)
}

// retype gives a column another type.
func (t *tableText) retype(column, sqlType string) bool {
	p := t.column(column)
	if p == nil {
		return false
	}
	start := p.tokens[0].end
	end := start
	for _, k := range p.tokens[1:] {
		if k.depth == 1 && slices.Contains([]string{
			"CONSTRAINT", "PRIMARY", "NOT", "NULL", "UNIQUE", "CHECK", "DEFAULT", "COLLATE", "REFERENCES", "GENERATED", "AS",
		}, k.text) {
			break
		}
		end = k.end
	}
	return t.put(partType, start, end, " "+sqlType)
}

// addColumn adds a column behind the others, and addConstraint a constraint at the end.
func (t *tableText) addColumn(line string) bool {
	last := 0
	for i := range t.parts {
		if t.parts[i].column != "" {
			last = t.parts[i].end()
		}
	}
	return last > 0 && t.put(partColumns, last, last, ",\n  "+line)
}

func (t *tableText) addConstraint(line string) bool {
	end := t.parts[len(t.parts)-1].end()
	return t.put(partConstraints, end, end, ",\n  "+line)
}

// reference finds the foreign key of the columns that points at the table: the tokens from the table's name on.
func (t *tableText) reference(columns []string, target string) []textToken {
	for i := range t.parts {
		p := &t.parts[i]
		for n, k := range p.tokens {
			if k.depth != 1 || k.text != "REFERENCES" || n+1 == len(p.tokens) || !strings.EqualFold(p.tokens[n+1].name(), target) {
				continue
			}
			of := []string{p.column}
			if p.column == "" {
				of = namesBefore(p.tokens[:n])
			}
			if slices.EqualFunc(of, columns, strings.EqualFold) {
				return p.tokens[n+1:]
			}
		}
	}
	return nil
}

// namesBefore returns the names in the parentheses that end the tokens.
func namesBefore(tokens []textToken) []string {
	var names []string
	for _, k := range slices.Backward(tokens) {
		switch {
		case k.text == "(":
			slices.Reverse(names)
			return names
		case k.depth == 2 && k.text != ",":
			names = append(names, k.name())
		}
	}
	return names
}

// point makes a foreign key point at columns of another table, if target is not empty, and do something else on a delete.
func (t *tableText) point(reference []textToken, target, onDelete string) bool {
	if len(reference) == 0 {
		return false
	}
	end := 1
	if len(reference) > 1 && reference[1].text == "(" {
		for end = 2; end < len(reference) && reference[end-1].text != ")"; {
			end++
		}
	}
	at := reference[end-1].end
	if target != "" {
		t.put(partReference, reference[0].start, at, target)
	}
	rest := reference[end:]
	for i, k := range rest {
		switch {
		case k.depth != 1 || i+2 >= len(rest) || k.text != "ON" || rest[i+1].text != "DELETE":
			if k.depth == 1 && slices.Contains([]string{"CONSTRAINT", "REFERENCES", "CHECK", "UNIQUE", "FOREIGN"}, k.text) {
				return t.put(partReference, at, at, " ON DELETE "+onDelete) // it is another constraint's
			}
			continue
		case (rest[i+2].text == "SET" || rest[i+2].text == "NO") && i+3 < len(rest):
			return t.put(partReference, rest[i+2].start, rest[i+3].end, onDelete)
		}
		return t.put(partReference, rest[i+2].start, rest[i+2].end, onDelete)
	}
	return t.put(partReference, at, at, " ON DELETE "+onDelete)
}

// definitions returns what stands behind the table's name, edited.
func (t *tableText) definitions() string {
	changes := slices.Clone(t.splice)
	slices.SortStableFunc(changes, func(a, b splice) int { return cmp.Or(a.start-b.start, int(a.is-b.is)) })
	var b strings.Builder
	at := t.open
	for _, c := range changes {
		b.WriteString(t.sql[at:c.start])
		b.WriteString(c.text)
		at = max(at, c.end)
	}
	return b.String() + t.sql[at:]
}
