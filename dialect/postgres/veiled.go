package postgres

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"
)

// Input of this file: what the server says of a statement that failed. Output: the same without the texts that the statement was given: a search
// that is no tsquery, the name of a table that is none. What the server says of values in its own words is left out by Failure.

// veiledError is an error whose text holds arguments, which stay in the chain.
type veiledError struct {
	text string
	err  error
}

func (e *veiledError) Error() string { return e.text }

func (e *veiledError) Unwrap() error { return e.err }

// leastVeiled is the length of the shortest text that is looked for where the server does not quote it: a shorter one is a part of other words.
const leastVeiled = 4

// veiled leaves the arguments of a statement out of what the server says of it. What is a word of the statement too is none of their secrets.
func (s *sending) veiled(index int, err error) error {
	var answer *pgconn.PgError
	if !errors.As(err, &answer) || index >= len(s.stmts) {
		return err
	}
	message := answer.Message
	for _, arg := range s.stmts[index].Args {
		for _, text := range textsOf(arg) {
			if text == "" || hasWord(s.stmts[index].SQL, text) {
				continue
			}
			message = without(message, `"`+text+`"`, `"…"`)
			if len(text) >= leastVeiled {
				message = without(message, text, "…")
			}
		}
	}
	if message == answer.Message {
		return err
	}
	return &veiledError{strings.ReplaceAll(err.Error(), answer.Message, message), err}
}

// textsOf returns the texts of an argument.
func textsOf(arg any) []string {
	switch v := arg.(type) {
	case string:
		return []string{v}
	case *string:
		if v != nil {
			return []string{*v}
		}
	case []byte:
		return []string{string(v)}
	case []string:
		return v
	}
	return nil
}

// hasWord reports whether a text stands in another, with no letter or digit beside it.
func hasWord(in, text string) bool {
	beside := func(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
	for {
		before, after, found := strings.Cut(in, text)
		if !found {
			return false
		}
		last, _ := utf8.DecodeLastRuneInString(before)
		next, _ := utf8.DecodeRuneInString(after)
		if (before == "" || !beside(last)) && (after == "" || !beside(next)) {
			return true
		}
		in = after
	}
}

// without replaces each place of a text, in whatever case: the server folds the names that it reads.
func without(message, text, by string) string {
	if strings.Contains(message, text) {
		return strings.ReplaceAll(message, text, by)
	}
	return strings.ReplaceAll(message, strings.ToLower(text), by)
}
