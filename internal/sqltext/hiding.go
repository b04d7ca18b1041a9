package sqltext

import (
	"slices"
	"strings"
)

// Input of this file: a text that selects by itself. Output: of each of its pieces, which tables its own queries read around it. Only FROM
// is read, so that it is told of any text: [Relate], which reads whole expressions, gives up on those of some databases.

// Hiding returns, for each piece, the names by which the queries of the text that it stands in call their tables: in such a place a name
// means one of those, and no table of that name around the text.
func (t Text) Hiding() [][]string {
	h := &hider{hidden: make([][]string, len(t.Pieces)), tokens: t.Tokens()}
	for h.at = range h.tokens {
		h.next(h.tokens[h.at])
	}
	for len(h.levels) > 0 {
		h.leave()
	}
	return h.hidden
}

// hider goes through a text, one level for each parenthesis that is open.
type hider struct {
	hidden [][]string
	tokens []Token
	at     int
	levels []*level
}

// level is what lies in one pair of parentheses, up to the next UNION.
type level struct {
	selects bool
	from    bool     // its tables are being read
	wanted  bool     // the next name is a table's
	named   bool     // the next name is what a table is called
	tables  []string // what they are called
	pieces  []int    // that lie in it
	before  []int    // that lay in it before a UNION
	joined  bool     // it is of tables that the query around reads
}

func (h *hider) level() *level {
	if len(h.levels) == 0 {
		h.levels = append(h.levels, &level{})
	}
	return h.levels[len(h.levels)-1]
}

func (h *hider) next(t Token) {
	l := h.level()
	l.pieces = append(l.pieces, t.Piece)
	switch {
	case t.Text == "(" && t.Kind == Verbatim:
		inner := &level{}
		if l.wanted { // a query that is read, or tables that are joined
			l.wanted, l.named = false, true
			l.tables = append(l.tables, "")
			joined := !h.is(1, "select") && !h.is(1, "values") && !h.is(1, "with")
			*inner = level{selects: joined, from: joined, wanted: joined, joined: joined}
		}
		h.levels = append(h.levels, inner)
	case t.Text == ")" && t.Kind == Verbatim:
		h.leave()
	case t.Is("select"):
		l.selects = true
	case t.Is("union"), t.Is("intersect"), t.Is("except"):
		h.end(l)
	case l.selects && (t.Is("from") || t.Is("join")) && !h.is(-1, "distinct"):
		l.from, l.wanted, l.named = true, true, false
	case l.from && t.Text == "," && t.Kind == Verbatim:
		l.wanted, l.named = true, false
	case !l.from, t.Is("lateral"), t.Is("only"), t.Is("as"):
	case t.Is("where"), t.Is("group"), t.Is("having"), t.Is("order"), t.Is("limit"), t.Is("window"):
		l.from, l.wanted, l.named = false, false, false
	case l.wanted || l.named:
		h.table(l, t)
	}
}

// is reports whether a token by so many from the current one is the keyword.
func (h *hider) is(by int, keyword string) bool {
	at := h.at + by
	return at >= 0 && at < len(h.tokens) && h.tokens[at].Is(keyword)
}

// table reads the name of a table, or what it is called.
func (h *hider) table(l *level, t Token) {
	name := Unquoted(t.Text)
	if t.Kind == Name {
		name = t.Path[len(t.Path)-1]
	}
	switch isName := t.Kind == Name || t.Kind == Word || t.Kind == Verbatim && (t.Word || t.Quoted); {
	case !isName, t.Word && reserved[strings.ToLower(t.Text)]:
		l.wanted, l.named = false, false
	case l.wanted:
		l.tables, l.wanted, l.named = append(l.tables, name), false, true
	default:
		l.tables[len(l.tables)-1], l.named = name, false
	}
}

// leave ends the innermost level, whose pieces lie in the one around too.
func (h *hider) leave() {
	n := len(h.levels) - 1
	l := h.levels[n]
	if l.joined && n > 0 {
		around := h.levels[n-1]
		around.tables = append(l.tables, around.tables...) // the last of which is what all are called
	}
	h.end(l)
	pieces := l.before
	if h.levels = h.levels[:n]; n > 0 {
		h.levels[n-1].pieces = append(h.levels[n-1].pieces, pieces...)
	}
}

// end has the tables of a query hide others from the pieces in it.
func (h *hider) end(l *level) {
	for _, piece := range l.pieces {
		for _, name := range l.tables {
			if name != "" && !slices.Contains(h.hidden[piece], name) {
				h.hidden[piece] = append(h.hidden[piece], name)
			}
		}
	}
	*l = level{before: append(l.before, l.pieces...)}
}
