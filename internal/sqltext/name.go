package sqltext

import (
	"fmt"
	"strings"
)

// chain reads a name and all that hangs on it by dots, and decides what that is: a keyword, a call, a [Name], or
// nothing to act on. Spaces and comments around the dots belong to the chain, as they do for PostgreSQL.
func (s *scanner) chain() error {
	var buf [8]string
	c, err := s.parts(buf[:0])
	if err != nil {
		return err
	}
	start, last := s.pos, s.last
	after := skipSpace(s.text, c.end)
	call := at(s.text, after) == '('
	single := len(c.parts) == 1 && last != dot
	switch {
	case call && last != dot && c.aggregate() && !distinct(s.text, after+1):
		s.out.Aggregates = true
	case single && !c.quoted && foldEqual(c.parts[0], "select"):
		s.out.Select = true
	case single && !c.quoted && foldEqual(c.parts[0], "over"):
		s.out.Window = true
	}
	s.last = other
	if !c.lastQuoted && !c.star {
		s.glue = c.end
	}
	isName := len(c.parts) > 1 && !c.asIs && !call && last == other && at(s.text, after) != '.'
	if !isName || !apart(s.text, start, c.end) {
		s.pos = c.end
		return nil
	}
	if start > 1 && s.text[start-1] == '&' && s.text[start-2]|0x20 == 'u' && (start == 2 || !isNameByte(s.text[start-3])) {
		// Written out with quotes, u&a.b would become the quoted name U&"a".
		return fmt.Errorf("name at byte %d touches the operator & after the name %q; put a space before it",
			start, s.text[start-2:start-1])
	}
	if s.paths == nil {
		s.paths = make([]string, 0, 8) // room for three or four names
	}
	n := len(s.paths)
	s.paths = append(s.paths, c.parts...)
	s.piece(Piece{Kind: Name, Text: s.text[start:c.end], Path: s.paths[n:len(s.paths):len(s.paths)]})
	return nil
}

// apart reports whether the chain can be written with quotes where it stands. Beside a quoted name the quotes would
// fall together (a.b"c" is a.b AS "c"); after @, : and $ a name is a variable of some database, not a column.
func apart(text string, start, end int) bool {
	if at(text, end) == '"' {
		return false
	}
	if start == 0 {
		return true
	}
	switch text[start-1] {
	case '"', '@', ':', '$':
		return false
	}
	return true
}

// chainParts is a chain as it was read.
type chainParts struct {
	parts              []string // without quotes
	end                int      // where its last part ends; dots that lead nowhere are not counted
	quoted, lastQuoted bool     // any part, the last part
	asIs               bool     // the first part is quoted, or one is in a way that only the database reads
	star               bool     // ends in .*
}

// parts reads the chain at pos into buf.
func (s *scanner) parts(buf []string) (chainParts, error) {
	text := s.text
	c := chainParts{parts: buf}
	for i := s.pos; ; {
		quote := quotedNameStart(text, i)
		c.lastQuoted = quote >= 0
		if c.lastQuoted {
			c.quoted = true
			if c.end = quotedNameEnd(text, quote); c.end < 0 {
				return c, fmt.Errorf("unterminated quoted name at byte %d; close it with \", and double every \" inside it", i)
			}
			name := Unquoted(text[quote:c.end])
			c.asIs = c.asIs || i == s.pos || quote > i || name == "*" || strings.Contains(name, ".")
			c.parts = append(c.parts, name)
		} else {
			c.end = nameEnd(text, i)
			c.parts = append(c.parts, text[i:c.end])
		}
		d := skipSpace(text, c.end)
		if at(text, d) != '.' {
			return c, nil
		}
		i = skipSpace(text, d+1)
		switch {
		case isLiteralStart(text, i):
			return c, nil
		case isNameStart(at(text, i)) || at(text, i) == '"':
			continue
		case isStar(text, i):
			c.parts, c.end, c.star = append(c.parts, "*"), i+1, true
		}
		return c, nil
	}
}

// aggregate reports whether the chain, as the name of a function, is that of an aggregate that sees how often a row
// occurs. A function of a schema of the caller's own is not.
func (c *chainParts) aggregate() bool {
	n := len(c.parts)
	if c.star || n > 2 || n == 2 && !foldEqual(c.parts[0], "pg_catalog") {
		return false
	}
	name := c.parts[n-1]
	var buf [24]byte
	if len(name) > len(buf) {
		return false
	}
	lower := buf[:len(name)]
	copy(lower, name)
	if !c.lastQuoted { // a quoted name keeps its case
		for i := range lower {
			lower[i] = toLower(lower[i])
		}
	}
	switch string(lower) {
	case "count", "sum", "avg", "total", "string_agg", "group_concat", "array_agg", "xmlagg",
		"json_agg", "jsonb_agg", "json_object_agg", "jsonb_object_agg", "json_arrayagg", "json_objectagg",
		"json_group_array", "jsonb_group_array", "json_group_object", "jsonb_group_object",
		"std", "stddev", "stddev_pop", "stddev_samp", "variance", "var_pop", "var_samp",
		"corr", "covar_pop", "covar_samp", "bit_xor", "mode", "percentile_cont", "percentile_disc":
		return true
	}
	return strings.HasPrefix(string(lower), "regr_")
}

// distinct reports whether the keyword DISTINCT comes next after i.
func distinct(text string, i int) bool {
	i = skipSpace(text, i)
	return isNameStart(at(text, i)) && foldEqual(text[i:nameEnd(text, i)], "distinct")
}

// isStar reports whether there is a * at i that is not a part of a longer operator.
func isStar(text string, i int) bool {
	if at(text, i) != '*' {
		return false
	}
	next, then := at(text, i+1), at(text, i+2)
	if next == '-' && then == '-' || next == '/' && then == '*' {
		return true // a comment
	}
	if next == '?' && then != '?' {
		return true // a placeholder, for which something is written that is no operator
	}
	return next == 0 || strings.IndexByte("~!@#^&|`?+-*/%<>=", next) < 0
}

// foldEqual reports whether s is the lower-case ASCII word, in any case. Unicode has other letters that fold to ASCII
// (the long s, the Kelvin sign), which strings.EqualFold takes for the same and no database does.
func foldEqual(s, word string) bool {
	if len(s) != len(word) {
		return false
	}
	for i := range len(s) {
		if toLower(s[i]) != word[i] {
			return false
		}
	}
	return true
}

func toLower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
