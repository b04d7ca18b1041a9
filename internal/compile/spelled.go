package compile

import (
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
)

// Input of this file: pairs of columns of which one holds as text what the other is. The column of the table that is led to stays as it
// is, for its index, and what it is compared with is converted.

func keyKind(class string) dialect.KeyKind {
	if class == graph.ClassUUID {
		return dialect.KeyUUID
	}
	return dialect.KeyInt
}

// matched writes that two columns match.
func (w *writer) matched(s graph.Spelling, to func(), op string, from func()) {
	w.spelledTo(s, to)
	w.sql(op)
	w.spelledFrom(s, from)
}

// spelledFrom writes the column that a pair comes from, as the other one is.
func (w *writer) spelledFrom(s graph.Spelling, column func()) {
	switch {
	case s.Key == "":
		column()
	case s.To:
		w.sql(w.d.KeyText(w.captured(column), keyKind(s.Key)))
	case w.reads(s):
		w.sql(w.d.KeyOfText(w.captured(column), keyKind(s.Key)))
	default:
		column()
	}
}

// spelledTo writes the column that a pair leads to: as it is, unless the text of the other cannot be read.
func (w *writer) spelledTo(s graph.Spelling, column func()) {
	if s.Key == "" || s.To || w.reads(s) {
		column()
		return
	}
	w.sql(w.d.KeyText(w.captured(column), keyKind(s.Key)))
}

func (w *writer) reads(s graph.Spelling) bool { return w.d.KeyOfText("x", keyKind(s.Key)) != "" }

// captured returns what write writes, and takes it back.
func (w *writer) captured(write func()) string {
	start := len(w.b)
	write()
	text := string(w.b[start:])
	w.b = w.b[:start]
	return text
}
