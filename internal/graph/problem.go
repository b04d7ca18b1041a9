package graph

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// The identities of errors about tables and relations.
var (
	ErrUnknownTable    = errors.New("unknown table")
	ErrUnknownRelation = errors.New("unknown relation")
	ErrUnknownColumn   = errors.New("unknown column")
	ErrAmbiguous       = errors.New("ambiguous name")
	ErrInvalidRelation = errors.New("invalid relation")
)

// Problem is an error with an identity that its text does not repeat.
type Problem struct {
	Is       error // the sentinel, never nil
	Text     string
	Cause    error  // what led to it, or nil
	Table    string // of a mistake in a declaration
	Relation string
}

// Prefix begins the text of the library's public errors. It is printed once, however they are nested.
const Prefix = "dovetail: "

// Body returns an error's text as a part of another's; none of no error.
func Body(err error) string {
	if err == nil {
		return ""
	}
	return strings.TrimPrefix(err.Error(), Prefix)
}

// inner is an error that is printed as a part of another.
type inner struct{ error }

func (i inner) Error() string { return Body(i.error) }
func (i inner) Unwrap() error { return i.error }

// Problemf returns a Problem with a formatted text; an error formatted by %w is its cause. Names are those of Textf.
func Problemf(is error, format string, args ...any) error {
	for i, a := range args {
		switch a := a.(type) {
		case error:
			args[i] = inner{a}
		case string:
			args[i] = name(a)
		}
	}
	err := fmt.Errorf(format, args...)
	return &Problem{Is: is, Text: err.Error(), Cause: errors.Unwrap(err)}
}

// Textf returns a formatted part of a message, in which names, as %q writes them, are as short as Short makes them.
func Textf(format string, args ...any) string {
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = name(s)
		}
	}
	return fmt.Sprintf(format, args...)
}

// name is a string that a message quotes as a name, or has in it as it is.
type name string

// Format writes the name, cut where it is quoted.
func (n name) Format(f fmt.State, verb rune) {
	s := string(n)
	if verb == 'q' {
		s = Short(s)
	}
	_, _ = fmt.Fprintf(f, fmt.FormatString(f, verb), s) // a message being made takes all
}

// Short returns a name for a message: no more of it than the longest that a database has, and of a path no more than several of those.
func Short(name string) string {
	const longest, longestPath = 64, 256 // runes
	most, n := longest, 0
	if strings.Contains(name, ".") {
		most = longestPath
	}
	for i := range name {
		if n == most {
			return name[:i] + "…"
		}
		n++
	}
	return name
}

func (p *Problem) Error() string { return p.Text }

// Unwrap returns the identity and the cause.
func (p *Problem) Unwrap() []error {
	if p.Cause == nil {
		return []error{p.Is}
	}
	return []error{p.Is, p.Cause}
}

// Hint names the one name that was probably meant, of those there are and of others that the place knows, or all there are.
func Hint(name string, names []string, all string, others ...string) string {
	if best := Nearest(name, slices.Concat(names, others)); best != "" {
		return Textf("did you mean %q?", best)
	}
	return all + " " + QuoteAll(names)
}

// QuoteAll lists names for a message.
func QuoteAll(names []string) string {
	const most = 20 // names a message lists; beyond, it would not be read
	quoted := make([]string, 0, len(names))
	for i, n := range names {
		if i == most {
			quoted = append(quoted, fmt.Sprintf("and %d more", len(names)-most))
			break
		}
		quoted = append(quoted, Textf("%q", n))
	}
	return strings.Join(quoted, ", ")
}

// longestSlip is the length in bytes of the longest name that may be a slip of the finger.
const longestSlip = 200

// Nearest returns the name with the fewest edits from the given one, or "" when none is near.
func Nearest(name string, names []string) string {
	if name == "" || len(name) > longestSlip {
		return ""
	}
	best, least := "", max(2, len(name)/3)+1
	for _, n := range names {
		if d := distance(strings.ToLower(name), strings.ToLower(n)); d < least {
			best, least = n, d
		}
	}
	return best
}

// distance is the number of single-character edits between two names.
func distance(a, b string) int {
	if a == b {
		return 0
	}
	if len(b) > longestSlip {
		return longestSlip
	}
	x, y := []rune(a), []rune(b)
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j := range y {
			above := row[j+1]
			cost := diagonal
			if x[i] != y[j] {
				cost++
			}
			row[j+1] = min(cost, above+1, row[j]+1)
			diagonal = above
		}
	}
	return row[len(y)]
}
