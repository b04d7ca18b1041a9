package plan

import (
	"encoding/binary"
	"slices"

	"github.com/dovetail-go/dovetail/internal/graph"
)

// SHAPE: what of a query its text and its plan depend on. Two queries of one shape differ in the values they compare with and in
// nothing else, so that what is planned and written for one serves the other.

// Shape is the shape of a query, and the values that it leaves out.
type Shape struct {
	Key    []byte // equal for queries of one shape, and for no others
	Values []any  // in the order of the shape
	Plain  bool   // the values are numbers, truth values, and texts that a name is compared with

	// TypeID and PointerID tell the type of a value, and a pointer, from all others.
	TypeID, PointerID func(any) uintptr

	unshaped bool // part of the query has no shape
	marks    bool // a copy of the query is made, with what stands for its values
	givens   []*Given
	other    func(value any) any // what stands for values instead of givens; nil: those do
}

// Of reads the shape of a query into s, whose memory it takes. It returns false for a query that has none. It only reads, so that
// queries may be shared.
func (s *Shape) Of(spec *Spec) bool {
	clear(s.Values)
	*s = Shape{Key: s.Key[:0], Values: s.Values[:0], Plain: true, TypeID: s.TypeID, PointerID: s.PointerID}
	s.spec(spec)
	return !s.unshaped
}

// Marked returns a copy of a query of which each value is a *Given, and those, in the order of its shape.
func Marked(spec *Spec) (*Spec, []*Given) {
	s := Shape{marks: true, TypeID: noID, PointerID: noID}
	marked := spec
	s.query(&marked)
	return marked, s.givens
}

// For adds what is made of the query.
func (s *Shape) For(verb string, structs bool) {
	s.text(verb)
	s.bool(structs)
}

// WithValues returns a copy of a query with other values in the place of those that are no lists.
func WithValues(spec *Spec, other func(value any) any) *Spec {
	s := Shape{marks: true, other: other, TypeID: noID, PointerID: noID}
	s.query(&spec)
	return spec
}

func (s *Shape) byte(b byte) { s.Key = append(s.Key, b) }

func (s *Shape) bool(b bool) {
	if b {
		s.byte(1)
		return
	}
	s.byte(0)
}

func (s *Shape) int(n int64) { s.Key = binary.AppendVarint(s.Key, n) }

func (s *Shape) text(text string) {
	s.int(int64(len(text)))
	s.Key = append(s.Key, text...)
}

func (s *Shape) texts(list []string) {
	s.int(int64(len(list)))
	for _, text := range list {
		s.text(text)
	}
}

// noID is that of what is copied: nobody reads the key.
func noID(any) uintptr { return 0 }

// id writes what a table or a type is told by. What was planned for the shape keeps it alive.
func (s *Shape) id(id uintptr) { s.Key = binary.LittleEndian.AppendUint64(s.Key, uint64(id)) }

func (s *Shape) table(t *graph.Table) {
	if s.bool(t != nil); t != nil {
		s.id(s.PointerID(t))
	}
}

// typeOf writes the type of a value, the most common as a byte.
func (s *Shape) typeOf(value any) (common bool) {
	kind := byte(1)
	switch value.(type) {
	case nil:
	case int:
		kind = 2
	case int64:
		kind = 3
	case int32:
		kind = 4
	case string:
		kind = 5
	case bool:
		kind = 6
	case float64:
		kind = 7
	default:
		s.byte(0)
		s.id(s.TypeID(value))
		return false
	}
	s.byte(kind)
	return true
}

// value leaves a value out: its type alone is part of the shape.
func (s *Shape) value(at *any) {
	s.Plain = s.typeOf(*at) && s.Plain
	if g := s.leave(*at); g != nil {
		*at = g
	} else if s.other != nil {
		*at = s.other(*at)
	}
}

// leave leaves out a value, and returns what stands for it in a copy.
func (s *Shape) leave(value any) *Given {
	s.Values = append(s.Values, value)
	if !s.marks || s.other != nil {
		return nil
	}
	g := &Given{N: len(s.givens), Value: value, use: &use{}}
	s.givens = append(s.givens, g)
	return g
}

// own returns what a pointer leads to, a copy where it is to be changed.
func own[E any](s *Shape, at **E) *E {
	if s.marks {
		copied := **at
		*at = &copied
	}
	return *at
}

// all returns the items of a list, copies where they are to be changed.
func all[L ~[]E, E any](s *Shape, at *L) L {
	s.int(int64(len(*at)))
	if s.marks {
		*at = slices.Clone(*at)
	}
	return *at
}

// query reads a query that may be missing.
func (s *Shape) query(at **Spec) {
	if s.bool(*at != nil); *at != nil {
		s.spec(own(s, at))
	}
}

func (s *Shape) spec(spec *Spec) {
	s.table(spec.Table)
	s.unshaped = s.unshaped || len(spec.Set) > 0 || spec.Excluded
	if s.bool(spec.Source != nil); spec.Source != nil {
		s.expr(&spec.Source)
	}
	joins := all(s, &spec.Joins)
	for i := range joins {
		s.text(joins[i].Path)
		s.bool(joins[i].Left)
		s.exprs(&joins[i].On)
	}
	s.clauses(&spec.Where)
	s.clauses(&spec.Having)
	s.texts(spec.GroupBy)
	s.order(&spec.OrderBy)
	outputs := all(s, &spec.Outputs)
	for i := range outputs {
		s.text(outputs[i].Name)
		s.optional(&outputs[i].Expr)
	}
	with := all(s, &spec.With)
	for i := range with {
		s.aggregate(own(s, &with[i]))
	}
	s.numbers(spec)
	s.int(int64(len(spec.Unscoped)))
	for _, l := range spec.Unscoped {
		s.text(l.Path)
		s.texts(l.Names)
	}
	preloads := all(s, &spec.Preloads)
	for i := range preloads {
		s.preload(&preloads[i])
	}
	s.texts(spec.Unread)
	s.position(&spec.After)
	s.position(&spec.Before)
}

// numbers writes what of a query is written as it is.
func (s *Shape) numbers(spec *Spec) {
	s.bool(spec.Bare)
	s.bool(spec.Ordered)
	s.bool(spec.Distinct)
	s.texts(spec.Unequal)
	s.int(spec.Limit)
	s.int(spec.Offset)
	s.int(spec.Most)
	s.text(spec.Lock.Method)
	s.text(spec.Lock.Strength)
	s.text(spec.Lock.Wait)
	s.text(spec.Paged)
	s.bool(spec.Positions)
	s.bool(spec.Detached)
}

func (s *Shape) clauses(at *[]Clause) {
	list := all(s, at)
	for i := range list {
		s.text(list[i].Method)
		s.expr(&list[i].Expr)
	}
}

func (s *Shape) order(at *[]OrderClause) {
	list := all(s, at)
	for i := range list {
		o := &list[i]
		s.text(o.Term)
		s.text(o.Name)
		s.bool(o.Desc)
		s.text(o.Nulls)
		s.optional(&o.Expr)
	}
}

func (s *Shape) preload(p *PreloadClause) {
	s.text(p.Method)
	s.text(p.Path)
	s.bool(p.Fetch)
	s.int(int64(p.Queries))
	if s.bool(p.Tree != nil); p.Tree != nil {
		s.int(int64(p.Tree.Depth))
	}
	s.query(&p.Spec)
}

func (s *Shape) position(at *[]Value) {
	if s.bool(*at != nil); *at == nil {
		return
	}
	values := all(s, at)
	for i := range values {
		s.bool(values[i].Null)
		s.text(values[i].Class)
		s.value(&values[i].Arg)
	}
}

// ref writes a name, which is all that is known of it before it is bound.
func (s *Shape) ref(r Ref) {
	s.text(r.Name)
	s.unshaped = s.unshaped || r.Binding != nil || r.Value != nil || r.Column != "" || r.Bare
}
