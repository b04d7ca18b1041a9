package compile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/sqltext"
)

// Input of this file: SQL text of the caller's, for a database where only columns have types. Output: of each placeholder, which
// columns its value meets, and what else.

// reading is SQL text as it is written. Where it has arguments that are sent as what they meet asks, the bare words that are columns
// of times are pieces, and its operands are known.
type reading struct {
	*plan.Text
	source *plan.Text // as it was planned
	all    *operands  // with those of the text that it stands in; nil: nobody asks
}

// operands are those of SQL text and of the text that its arguments stand for.
type operands struct {
	sqltext.Operands
	of     *reading
	leaves []leaf      // of each token
	scope  *plan.Scope // of the text; nil: nothing is known there

	places  map[pieceOf][]*sqltext.Operand // made when they are first asked for, as are the next
	origins map[*sqltext.Operand]origin
}

// pieceOf is a piece of a text as it was planned.
type pieceOf struct {
	source *plan.Text
	piece  int
}

// leaf is a token of a text.
type leaf struct {
	in    *reading
	piece int
	arg   any // of a placeholder
}

// read returns the text with what is known of its operands.
func (w *writer) read(t *plan.Text) *reading {
	if r := w.readings[t]; r != nil {
		return r
	}
	if !(w.timed != nil && has(t, mayBeTime)) && !w.mixes(t) {
		return &reading{Text: t, source: t}
	}
	w.readings = map[*plan.Text]*reading{}
	return relate(t, w.readings).of
}

// has reports whether a text has such an argument, or text that one stands for.
func has(t *plan.Text, is func(arg any) bool) bool {
	return slices.ContainsFunc(t.Args, func(arg any) bool {
		if nested, ok := arg.(*plan.Text); ok {
			return has(nested, is)
		}
		return is(arg)
	})
}

// relate reads the operands of a text. Nested are the texts that its arguments stand for.
func relate(t *plan.Text, nested map[*plan.Text]*reading) *operands {
	o := &operands{scope: t.Rows}
	var tokens []sqltext.Token
	var add func(t *plan.Text) *reading
	add = func(t *plan.Text) *reading {
		r := &reading{Text: timeWords(t), source: t, all: o}
		next := 0
		for _, tok := range r.SQL.Tokens() {
			l := leaf{in: r, piece: tok.Piece}
			switch tok.Kind {
			case sqltext.Placeholder:
				l.arg = r.Args[next]
				next++
			case sqltext.Numbered:
				l.arg = r.Args[r.SQL.Pieces[tok.Piece].N-1]
			}
			if inner, ok := l.arg.(*plan.Text); ok {
				nested[inner] = add(inner)
				continue
			}
			if tok.Kind == sqltext.Name || tok.Kind == sqltext.Word {
				tok.Path = l.path(tok)
			}
			tokens, o.leaves = append(tokens, tok), append(o.leaves, l)
		}
		return r
	}
	o.of = add(t)
	o.Operands = sqltext.Relate(tokens, o.has)
	return o
}

// at returns the operands of the placeholder that is a piece of the text: several where the text stands in several places.
func (r *reading) at(piece int) []*sqltext.Operand {
	if r.all.places == nil { // at once: it is asked for each of them
		r.all.places = make(map[pieceOf][]*sqltext.Operand, len(r.all.Of))
		for token, l := range r.all.leaves {
			if op := r.all.Of[token]; op != nil {
				at := pieceOf{l.in.source, l.piece}
				r.all.places[at] = append(r.all.places[at], op)
			}
		}
	}
	return r.all.places[pieceOf{r.source, piece}]
}

// origin is what a value may be.
type origin struct {
	columns []dialect.ColumnRef // of times, or of what nobody knows
	foreign string              // what else, of which nobody knows how it spells times; empty: nothing
	literal bool                // what the caller has spelled, or another argument

	number, text, custom bool // values that are numbers; no numbers; either

	class   string        // the one class of all values, with all numbers as floats; empty: none is known
	several bool          // they are of several classes, or of some that are not known
	of      graph.Numbers // those that the column which they are given to, or compared with, takes

	around *origin // of a name that may mean a row around the text's own query, or a column there that nobody declared; nil: there is none

	times bool // some column is one of times by its field
	given bool // it is given to the column, which changes no other value of it
	sent  bool // some is another argument that is a number
}

func (o *origin) add(other origin) {
	for _, c := range other.columns {
		if !slices.Contains(o.columns, c) {
			o.columns = append(o.columns, c)
		}
	}
	if o.foreign == "" {
		o.foreign = other.foreign
	}
	o.literal, o.given, o.times = o.literal || other.literal, o.given || other.given, o.times || other.times
	o.sent = o.sent || other.sent
	o.number, o.text, o.custom = o.number || other.number, o.text || other.text, o.custom || other.custom
	o.several = o.several || other.several || o.class != "" && other.class != "" && o.class != other.class
	o.around = cmp.Or(o.around, other.around)
	o.class, o.of = cmp.Or(o.class, other.class), max(o.of, other.of)
}

// kind is the class that values compared with it must be of; empty: they need be of none.
func (o *origin) kind() string {
	if o.several || o.custom {
		return ""
	}
	return o.class
}

// origins is the origin of an operand, which is the same for each of the values that it may be.
func (w *writer) origins(o *operands, op *sqltext.Operand) origin {
	if o == nil {
		return w.originsOf(o, op)
	}
	all, known := o.origins[op]
	if !known {
		if all = w.originsOf(o, op); o.origins == nil {
			o.origins = map[*sqltext.Operand]origin{}
		}
		all.columns = slices.Clip(all.columns) // others are added behind them
		o.origins[op] = all
	}
	return all
}

func (w *writer) originsOf(o *operands, op *sqltext.Operand) (all origin) {
	all.number, all.text, all.custom = op.Number || op.Truth, op.Text, op.Any
	all.literal = op.Number || op.Text || op.Truth
	if op.Number {
		all.add(origin{class: graph.ClassFloat})
	}
	if op.Truth {
		all.add(origin{class: graph.ClassBoolean})
	}
	if op.Text {
		all.add(origin{class: graph.ClassText})
	}
	for _, by := range op.Made {
		all.add(origin{foreign: by})
	}
	for _, token := range op.Leaves {
		l := o.leaves[token]
		kind := l.in.SQL.Pieces[l.piece].Kind
		column, isRead := o.Read[token]
		switch e, isExpr := l.arg.(plan.Expr); {
		case isExpr:
			all.add(w.made(e))
		case kind == sqltext.Placeholder || kind == sqltext.Numbered:
			all.add(origin{literal: true, sent: sentAsNumber(l.arg)})
		case isRead && column.Beyond:
			around := w.named(l.in, []string{column.Name})
			all.add(unknownName(column.Name))
			all.add(origin{around: &around})
		case isRead:
			all.add(w.readOrigin(o, column))
		case o.Names[token] != nil:
			all.add(w.named(l.in, o.Names[token]))
		case l.in.Refs == nil || l.in.Refs[l.piece].Binding == nil && l.in.Refs[l.piece].Value == nil:
			all.add(unknownName(l.in.SQL.Pieces[l.piece].Text))
		default:
			all.add(w.originOf(l.in.Refs[l.piece]))
		}
	}
	return all
}

// unknownName is the origin of a name that nobody knows.
func unknownName(name string) origin {
	return origin{foreign: fmt.Sprintf("the name %q", name), custom: true}
}

// named is the origin of a name of SQL text that the planner did not read: a bare word, or one in quotes.
func (w *writer) named(r *reading, path []string) origin {
	name := path[len(path)-1]
	if r.Own == nil || len(path) > 2 {
		return unknownName(strings.Join(path, "."))
	}
	found := r.meant(func(b *plan.Binding) bool {
		return len(path) == 1 && columnNamed(b.Table, name) != "" || len(path) == 2 && strings.EqualFold(path[0], b.Alias)
	})
	if len(path) == 1 && columnNamed(r.Own.Table, name) != "" {
		found = []*plan.Binding{r.Own}
	}
	if len(found) != 1 {
		return unknownName(strings.Join(path, "."))
	}
	column := columnNamed(found[0].Table, name)
	return w.originOf(plan.Ref{Name: name, Binding: found[0], Column: column})
}

// meant are the rows that a word of the text may mean.
func (r *reading) meant(is func(*plan.Binding) bool) []*plan.Binding {
	if r.Rows == nil && is(r.Own) {
		return []*plan.Binding{r.Own}
	}
	return r.Rows.Meant(is)
}

func columnNamed(t *graph.Table, name string) string {
	for _, c := range t.Columns {
		if strings.EqualFold(c.Name, name) {
			return c.Name
		}
	}
	return ""
}

// originOf is the origin of what a name stands for.
func (w *writer) originOf(r plan.Ref) origin {
	switch value := r.Value.(type) {
	case *plan.Text:
		return w.made(value)
	case *plan.Aggregate:
		if value.Func == "min" || value.Func == "max" || value.Func == "first" {
			return w.originOf(value.Col)
		}
		if !value.Number() {
			return origin{foreign: value.Func, several: true}
		}
		return origin{foreign: value.Func, number: true, class: graph.ClassFloat}
	}
	if r.Binding == nil || r.Binding.Table == nil {
		return unknownName(r.Name)
	}
	c, ok := r.Binding.Table.Column(r.Column)
	switch {
	case !ok:
		return unknownName(r.Name)
	case r.Binding.Source != nil:
		return w.sourced(r.Binding, c)
	}
	return kindOf(c, ColumnOf(r.Binding.Table, c.Name))
}

// holdsNumbers reports whether a column is one of numbers, by its field or as it is declared. One of times may hold integers.
func holdsNumbers(c *graph.Column) bool {
	switch c.Class {
	case graph.ClassInteger, graph.ClassFloat:
		return true
	case graph.ClassText, graph.ClassCustom:
		_, declared := c.Numbers()
		return declared
	}
	return c.Numeric()
}

// kindOf is the origin of a column's own values.
func kindOf(c *graph.Column, ref dialect.ColumnRef) (o origin) {
	switch {
	case holdsNumbers(c):
		o.number = true
	case c.Class == graph.ClassCustom && c.SQLType == "":
		o.custom = true
	default:
		o.text = true
	}
	o.class, o.several = classOf(c)
	if c.Given() == graph.WrittenNumber {
		o.of = graph.ComparedNumber
	}
	if o.times = c.Class == graph.ClassTime; !c.Comparable(graph.ClassTime) || c.Numeric() {
		o.foreign = fmt.Sprintf("%q, which is no column of times", c.Name)
		return o
	}
	o.columns = []dialect.ColumnRef{ref}
	return o
}

// classOf is the class of a column's own values; several is true where nobody knows it.
func classOf(c *graph.Column) (class string, several bool) {
	switch {
	case c.List, c.Class == graph.ClassDocument:
		return "", true
	case holdsNumbers(c):
		return graph.ClassFloat, false
	case c.Class == graph.ClassCustom:
		return "", true
	}
	return c.Class, false
}

// sourced is the origin of a column of a query that is read like a table.
func (w *writer) sourced(b *plan.Binding, c *graph.Column) origin {
	o := kindOf(c, dialect.ColumnRef{Table: b.Table.Name, Column: c.Name})
	switch source := b.Source.(type) {
	case *plan.Text:
		if len(source.Args) == 0 && len(o.columns) > 0 {
			o.columns[0].Query = source.SQL.String() + "\n" // which ends a comment
			return o
		}
	case *plan.Subquery:
		for _, out := range source.Query.Outputs {
			if outputName(out) == c.Name {
				return w.outputOrigin(out)
			}
		}
	}
	if len(o.columns) > 0 {
		o.columns, o.foreign = nil, fmt.Sprintf("%q of a query with arguments", c.Name)
	}
	return o
}

func (w *writer) outputOrigin(out plan.Output) origin {
	if out.Expr != nil {
		return w.made(out.Expr)
	}
	return w.originOf(out.Ref)
}

// made is the origin of an expression.
func (w *writer) made(e plan.Expr) origin {
	switch e := e.(type) {
	case *plan.Column:
		return w.originOf(e.Col)
	case *plan.Aggregate:
		return w.originOf(plan.Ref{Value: e})
	case *plan.Subquery:
		if len(e.Query.Outputs) == 1 {
			return w.outputOrigin(e.Query.Outputs[0])
		}
	case *plan.Text:
		o := relate(e, map[*plan.Text]*reading{})
		if o.Whole != nil {
			return w.origins(o, o.Whole)
		}
		return origin{foreign: "SQL text that is not understood", custom: true}
	}
	return origin{foreign: "a condition", several: true}
}

// besides says what the value of an expression meets, or is given to, beyond it, if SQL text makes it.
func (w *writer) besides(e plan.Expr, meets func() origin) {
	if w.timed == nil {
		return
	}
	if sub, ok := e.(*plan.Subquery); ok && len(sub.Query.Outputs) == 1 {
		e = sub.Query.Outputs[0].Expr
	}
	if t, ok := e.(*plan.Text); ok {
		if w.beside == nil {
			w.beside = map[*plan.Text]origin{}
		}
		w.beside[t] = meets()
	}
}

// meeting is the origin of all that the value at a place meets: what it may be itself, and what that is compared with.
func (w *writer) meeting(r *reading, op *sqltext.Operand) (all origin) {
	all = w.origins(r.all, op)
	for _, m := range op.Meets {
		all.add(w.origins(r.all, m.With))
	}
	if op == r.all.Whole {
		all.add(w.beside[r.all.of.source])
	}
	return all
}
