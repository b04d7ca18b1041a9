// Package sqltext reads the SQL text that callers write into conditions, columns and orders, and splits it at what the
// compiler has to act on: placeholders and dotted names.
//
// Input: one fragment of a statement, such as `activities.amount >= ? AND note <> 'why?'`. Output: a [Text], whose
// pieces put together are the fragment again. The lexing is PostgreSQL's with standard_conforming_strings on, a
// superset of standard SQL. The package never rewrites, never looks a name up and knows no grammar: text that lexes may
// still be refused by the database. What it does refuse is text that could reach beyond the place it is put into.
package sqltext

import (
	"fmt"
	"iter"
	"strings"
)

// Kind says what a [Piece] is.
type Kind int

// The kinds of piece. Everything that is not one of the others is Verbatim: literals, comments, quoted names, single
// names, calls, operators.
const (
	Verbatim    Kind = iota
	Placeholder      // a single ?, which stands for the next argument
	Question         // ??, which stands for one ? of the JSON operators
	Numbered         // $1, which stands for the argument of that number
	Name             // a dotted chain of at least two names, the first unquoted: a.b, a."b".c or a.b.*
	Word             // a single name, of those that [Text.Words] was asked for
)

// Piece is a part of SQL text that the compiler treats as one.
type Piece struct {
	Kind Kind
	Text string   // exactly as written; a Name may hold spaces and comments around its dots
	Path []string // of a Name: its parts in the caller's case, without quotes, the last of them "*" for path.*; otherwise nil
	N    int      // of a Numbered: the number, from 1 to 65535; otherwise 0
}

// Text is SQL text split into pieces. The Text of all pieces, put together, is the text that was parsed. It is
// immutable by convention and then safe for concurrent use.
type Text struct {
	Pieces       []Piece // nil for empty text; two Verbatim pieces never follow each other
	Placeholders int     // how many ? stand for arguments; 0 when Numbered is not
	Numbered     int     // the highest n of $n, 0 if there is none
	Select       bool    // holds the keyword SELECT: some of its names may belong to a FROM of its own
	LineComment  bool    // ends within a -- comment: whoever writes on must write a newline first
	Window       bool    // holds the keyword OVER: what looks like an aggregate may be a window function
	Aggregates   bool    // calls an aggregate, without DISTINCT, whose result changes when a join multiplies rows
}

const (
	maxNumber = 65535 // the most arguments that PostgreSQL's protocol can count
	maxGuess  = 64    // pieces to make room for at once; text with many dots in its literals has fewer than it seems
)

// Parse splits text. Empty text is valid and has no pieces.
//
// It fails for a literal, quoted name, comment or dollar quote that does not end, for parentheses and brackets that do
// not match, for a semicolon, a zero byte and invalid UTF-8, for text with both ? and $n, and where a placeholder or
// a name touches what the database would read as one word with it. Errors say the byte position, counted from 0, and
// never repeat what is in a literal. The result keeps slices of text and nothing else; the time is linear.
func Parse(text string) (Text, error) {
	if err := checkBytes(text); err != nil {
		return Text{}, err
	}
	if text == "" {
		return Text{}, nil
	}
	s := scanner{text: text, glue: -1, firstQuestion: -1, firstNumber: -1}
	marks := strings.Count(text, "?") + strings.Count(text, ".") + strings.Count(text, "$")
	s.out.Pieces = make([]Piece, 0, min(2*marks+1, maxGuess))
	for s.pos < len(text) {
		if err := s.next(); err != nil {
			return Text{}, err
		}
	}
	if s.depth > 0 {
		at := s.opener()
		return Text{}, fmt.Errorf("unclosed %q at byte %d; close it or remove it", text[at:at+1], at)
	}
	s.verbatim(len(text))
	return s.out, nil
}

// Arguments yields the pieces that stand for arguments, each with the number of its argument, from 0.
func (t Text) Arguments() iter.Seq2[int, int] {
	return func(yield func(piece, arg int) bool) {
		next := 0
		for i, p := range t.Pieces {
			arg := next
			switch p.Kind {
			case Placeholder:
				next++
			case Numbered:
				arg = p.N - 1
			default:
				continue
			}
			if !yield(i, arg) {
				return
			}
		}
	}
}

// before is what the last token was, as far as it decides what a name after it means.
type before int

const (
	other before = iota
	dot          // a name after it is a part of something that began earlier
	cast         // a name after it is a type
)

type scanner struct {
	text string
	pos  int // what is before it has been read
	from int // what is before it is in a piece
	out  Text

	last  before   // the token before pos, spaces and comments not counted
	glue  int      // where the last token that runs into a $ or a digit written after it ended; -1: none did
	paths []string // backs the Path of all names, so that they share few allocations

	depth   int     // how many parentheses and brackets are open
	shallow [16]int // their positions; in the scanner itself, which costs no allocation
	deep    []int   // the positions of those for which shallow has no room

	firstQuestion, firstNumber int // positions of the first placeholder of each style; -1: none
}

// next reads one token, or a run of spaces.
func (s *scanner) next() error {
	text, i := s.text, s.pos
	c := text[i]
	switch {
	case isSpace(c):
		s.pos++
		return nil
	case c == '-' && at(text, i+1) == '-':
		s.pos = lineCommentEnd(text, i)
		s.out.LineComment = s.pos == len(text)
		return nil
	case c == '/' && at(text, i+1) == '*':
		if s.pos = blockCommentEnd(text, i); s.pos < 0 {
			return fmt.Errorf("unterminated comment at byte %d; close it and every comment inside it with */", i)
		}
		return nil
	case c == '\'' || isLiteralStart(text, i):
		return s.literal()
	case isNameStart(c) || c == '"':
		return s.chain()
	case isDigit(c) || c == '.' && isDigit(at(text, i+1)):
		s.pos = numberEnd(text, i)
		s.glue = s.pos
	case c == '$':
		return s.dollar()
	case c == '?':
		return s.question()
	default:
		return s.symbol(c)
	}
	s.last = other
	return nil
}

// symbol reads a character that is a token, or a part of an operator.
func (s *scanner) symbol(c byte) error {
	i := s.pos
	s.pos++
	s.last = other
	switch c {
	case '.':
		s.last = dot
	case ':':
		if at(s.text, s.pos) == ':' {
			s.pos++
			s.last = cast
		}
	case '(', '[':
		s.opening(i)
	case ')', ']':
		return s.closing(c, i)
	case ';':
		return fmt.Errorf("semicolon at byte %d; remove it, the text is put inside a statement", i)
	}
	return nil
}

func (s *scanner) opening(i int) {
	if s.depth < len(s.shallow) {
		s.shallow[s.depth] = i
	} else {
		s.deep = append(s.deep[:s.depth-len(s.shallow)], i)
	}
	s.depth++
}

// opener returns the position of the parenthesis or bracket that must be closed next.
func (s *scanner) opener() int {
	if s.depth <= len(s.shallow) {
		return s.shallow[s.depth-1]
	}
	return s.deep[s.depth-len(s.shallow)-1]
}

func (s *scanner) closing(c byte, i int) error {
	if s.depth == 0 {
		return fmt.Errorf("%q at byte %d closes nothing; remove it or open it in the same text", string(c), i)
	}
	opener := s.opener()
	if (s.text[opener] == '(') != (c == ')') {
		return fmt.Errorf("%q at byte %d stands where the %q at byte %d must be closed; close that one first",
			string(c), i, s.text[opener:opener+1], opener)
	}
	s.depth--
	return nil
}

func (s *scanner) literal() error {
	end := literalEnd(s.text, s.pos)
	if end < 0 {
		return fmt.Errorf("unterminated literal at byte %d; close it with ', and double every ' inside it", s.pos)
	}
	s.pos, s.last = end, other
	return nil
}

// dollar reads $1, a dollar quote, or a $ that means nothing to PostgreSQL.
func (s *scanner) dollar() error {
	i := s.pos
	s.last = other
	if isDigit(at(s.text, i+1)) {
		return s.number()
	}
	end, ok := dollarQuoteEnd(s.text, i)
	switch {
	case !ok:
		s.pos++
		s.glue = s.pos // $? would become $$1, the start of a dollar quote
	case end < 0:
		return fmt.Errorf("unterminated dollar quote at byte %d; close it with the tag that opens it", i)
	default:
		s.pos = end
	}
	return nil
}

// number reads $1.
func (s *scanner) number() error {
	i := s.pos
	n, j := 0, i+1
	for ; isDigit(at(s.text, j)); j++ {
		n = min(n*10+int(s.text[j]-'0'), maxNumber+1)
	}
	switch {
	case n == 0:
		return fmt.Errorf("placeholder $0 at byte %d; the first is $1", i)
	case n > maxNumber:
		return fmt.Errorf("placeholder at byte %d has a number over %d; number placeholders from $1", i, maxNumber)
	}
	if s.firstNumber < 0 {
		s.firstNumber = i
	}
	s.out.Numbered = max(s.out.Numbered, n)
	return s.placeholder(Piece{Kind: Numbered, Text: s.text[i:j], N: n})
}

// question reads ? or ??. Pairs are formed from the left, as squirrel forms them: ??? is an operator and a placeholder.
func (s *scanner) question() error {
	i := s.pos
	s.last = other
	if at(s.text, i+1) == '?' {
		s.piece(Piece{Kind: Question, Text: s.text[i : i+2]})
		return nil
	}
	if s.firstQuestion < 0 {
		s.firstQuestion = i
	}
	s.out.Placeholders++
	return s.placeholder(Piece{Kind: Placeholder, Text: s.text[i : i+1]})
}

// placeholder adds p, unless the database would read what is written for it together with its neighbours: the $1 for ?
// would turn `LIMIT?` into a name and `?1` into $11.
func (s *scanner) placeholder(p Piece) error {
	i := s.pos
	if s.firstQuestion >= 0 && s.firstNumber >= 0 {
		return fmt.Errorf("placeholder ? at byte %d and a numbered one at byte %d in one text; use one style, "+
			"and write ?? for the operator ?", s.firstQuestion, s.firstNumber)
	}
	if after := at(s.text, i+len(p.Text)); s.glue == i || isNameStart(after) || isDigit(after) {
		return fmt.Errorf("placeholder at byte %d touches a name or number; put a space between them, "+
			"or write ?? for the operator ?", i)
	}
	s.piece(p)
	return nil
}

// verbatim puts what has been read up to end and is in no piece yet into one.
func (s *scanner) verbatim(end int) {
	if s.from < end {
		s.out.Pieces = append(s.out.Pieces, Piece{Text: s.text[s.from:end]})
	}
	s.from = end
}

// piece adds the piece that starts at pos, and goes past it.
func (s *scanner) piece(p Piece) {
	s.verbatim(s.pos)
	s.out.Pieces = append(s.out.Pieces, p)
	s.pos += len(p.Text)
	s.from = s.pos
}
