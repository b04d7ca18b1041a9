package sqltext

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// The functions of this file find where a token of PostgreSQL's begins or ends. They look at text only; positions past
// its end are allowed where a byte is asked for.

// checkBytes refuses what no database takes as text.
func checkBytes(text string) error {
	if i := strings.IndexByte(text, 0); i >= 0 {
		return fmt.Errorf("zero byte at byte %d; remove it", i)
	}
	if utf8.ValidString(text) {
		return nil
	}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size == 1 {
			return fmt.Errorf("invalid UTF-8 at byte %d; pass text encoded as UTF-8", i)
		}
		i += size
	}
	return nil
}

// at returns the byte at i, 0 past the end; text has no zero bytes.
func at(text string, i int) byte {
	if i < len(text) {
		return text[i]
	}
	return 0
}

func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// isNameStart reports whether c may begin an unquoted name. PostgreSQL takes every byte beyond ASCII for a letter,
// those of the Unicode spaces among them.
func isNameStart(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c >= utf8.RuneSelf
}

func isNameByte(c byte) bool { return isNameStart(c) || isDigit(c) || c == '$' }

// nameEnd returns the end of the unquoted name at i.
func nameEnd(text string, i int) int {
	for i < len(text) && isNameByte(text[i]) {
		i++
	}
	return i
}

// isLiteralStart reports whether a literal with a prefix (E'..', B'..', X'..', N'..', U&'..') begins at i. The caller
// knows that no name runs up to i.
func isLiteralStart(text string, i int) bool {
	switch at(text, i) {
	case 'e', 'E', 'b', 'B', 'x', 'X', 'n', 'N':
		return at(text, i+1) == '\''
	case 'u', 'U':
		return at(text, i+1) == '&' && at(text, i+2) == '\''
	}
	return false
}

// literalEnd returns the end of the literal at i, prefix included, or -1.
func literalEnd(text string, i int) int {
	escapes := text[i]|0x20 == 'e'
	i += strings.IndexByte(text[i:], '\'') + 1
	for i < len(text) {
		switch {
		case escapes && text[i] == '\\':
			i += 2
		case text[i] != '\'':
			i++
		case at(text, i+1) == '\'':
			i += 2
		default:
			next := -1
			if escapes { // only there does it matter whether another literal goes on or begins
				next = continuation(text, i+1)
			}
			if next < 0 {
				return i + 1
			}
			i = next
		}
	}
	return -1
}

// continuation returns where a literal that was closed before i goes on, or -1: literals with a newline and nothing but
// spaces and line comments between them are one, and the prefix of the first holds for all.
func continuation(text string, i int) int {
	newline := false
	for i < len(text) {
		switch c := text[i]; {
		case isSpace(c):
			newline = newline || c == '\n' || c == '\r'
			i++
		case c == '-' && at(text, i+1) == '-':
			i = lineCommentEnd(text, i)
		case c == '\'' && newline:
			return i + 1
		default:
			return -1
		}
	}
	return -1
}

// quotedNameStart returns the position of the opening quote of the quoted name at i, which may follow U&, or -1.
func quotedNameStart(text string, i int) int {
	switch {
	case text[i] == '"':
		return i
	case text[i]|0x20 == 'u' && at(text, i+1) == '&' && at(text, i+2) == '"':
		return i + 2
	}
	return -1
}

// quotedNameEnd returns the end of the quoted name whose opening quote is at i, or -1.
func quotedNameEnd(text string, i int) int {
	for i++; i < len(text); i++ {
		if text[i] != '"' {
			continue
		}
		if at(text, i+1) != '"' {
			return i + 1
		}
		i++
	}
	return -1
}

// numberEnd returns the end of the number at i. Letters that follow a number directly are no name to PostgreSQL since
// version 15, so they count as a part of it.
func numberEnd(text string, i int) int {
	i = digitsEnd(text, i)
	if at(text, i) == '.' && at(text, i+1) != '.' { // 1..9 is a range
		i = digitsEnd(text, i+1)
	}
	if at(text, i)|0x20 == 'e' {
		j := i + 1
		if at(text, j) == '+' || at(text, j) == '-' {
			j++
		}
		if isDigit(at(text, j)) {
			i = digitsEnd(text, j)
		}
	}
	// Before version 15, 1E'..' was a number and a literal with escapes; so it must not end at the first \'.
	if isNameStart(at(text, i)) && !isLiteralStart(text, i) {
		i = nameEnd(text, i)
	}
	return i
}

func digitsEnd(text string, i int) int {
	for isDigit(at(text, i)) {
		i++
	}
	return i
}

// dollarQuoteEnd returns the end of the dollar quote at i, -1 if it does not end, and whether there is one at all.
func dollarQuoteEnd(text string, i int) (int, bool) {
	j := i + 1
	if isNameStart(at(text, j)) {
		for at(text, j) != '$' && isNameByte(at(text, j)) {
			j++
		}
	}
	if at(text, j) != '$' {
		return 0, false
	}
	j++
	tag := text[i:j]
	n := strings.Index(text[j:], tag)
	if n < 0 {
		return -1, true
	}
	return j + n + len(tag), true
}

// skipSpace returns the position of the first token at or after i, past spaces and comments. A comment that does not
// end is left for the scanner to report.
func skipSpace(text string, i int) int {
	for i < len(text) {
		switch c := text[i]; {
		case isSpace(c):
			i++
		case c == '-' && at(text, i+1) == '-':
			i = lineCommentEnd(text, i)
		case c == '/' && at(text, i+1) == '*':
			end := blockCommentEnd(text, i)
			if end < 0 {
				return i
			}
			i = end
		default:
			return i
		}
	}
	return i
}

// lineCommentEnd returns the end of the -- comment at i: the newline, which is not a part of it, or the end of text.
func lineCommentEnd(text string, i int) int {
	if n := strings.IndexAny(text[i:], "\n\r"); n >= 0 {
		return i + n
	}
	return len(text)
}

// blockCommentEnd returns the end of the /* comment at i, comments inside it included, or -1.
func blockCommentEnd(text string, i int) int {
	depth := 1
	for i += 2; i < len(text); {
		switch {
		case text[i] == '/' && at(text, i+1) == '*':
			depth++
			i += 2
		case text[i] == '*' && at(text, i+1) == '/':
			depth--
			i += 2
			if depth == 0 {
				return i
			}
		default:
			i++
		}
	}
	return -1
}
