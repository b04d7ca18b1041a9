package plan

import (
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/internal/graph"
)

// onTheWay binds the name of a row on the way from the row around to the own one, by its path from there. Where a row is joined at that path, it
// might be that one.
func (s *Scope) onTheWay(name string) (Ref, bool, error) {
	rest, ok := strings.CutPrefix(name, graph.OuterName+".")
	dot := strings.LastIndexByte(rest, '.')
	if !ok || dot < 0 || s.outer == nil {
		return Ref{}, false, nil
	}
	path, column := rest[:dot], rest[dot+1:]
	b := s.way(path)
	if b == nil {
		return Ref{}, false, s.beyondWay(name, path)
	}
	if s.outer.leads(s.outer.Base, path) {
		return Ref{}, false, graph.Problemf(graph.ErrAmbiguous, "%q may mean the row that is joined, or the one on the way to those at %q; leave out the join, or "+
			"test for the rows by Has", name, s.given[0])
	}
	if _, ok := b.Table.Column(column); !ok {
		return Ref{}, false, graph.Problemf(graph.ErrUnknownColumn, "%q: %s", name, b.Table.UnknownColumn(column))
	}
	return Ref{Name: name, Binding: b, Column: column}, true, nil
}

// way returns the row on the way from the row around to the own one that a path leads to from the former; nil: none. Where all relations on the
// path are to-one, the row that the path has there is the same.
func (s *Scope) way(path string) *Binding {
	if s.outer == nil || path == "" {
		return nil
	}
	at := s.outer.Base.pathTo(path)
	b := s.byPath[at]
	if b == nil || b == s.Base || s.outer.byPath[at] == b || !strings.HasPrefix(s.Base.Path, b.joined().Path+".") {
		return nil
	}
	relations, err := s.outer.Base.Table.Row(path, s.outer.Base.via())
	if err == nil && !slices.ContainsFunc(relations, func(r *graph.Relation) bool { return r.Cardinality == graph.Many }) {
		return nil
	}
	return b
}

// beyondWay refuses a path that goes on from a row on the way, of which columns alone have names.
func (s *Scope) beyondWay(name, path string) error {
	for dot := strings.LastIndexByte(path, '.'); dot > 0; dot = strings.LastIndexByte(path[:dot], '.') {
		at := path[:dot]
		b := s.way(at)
		if b == nil || s.outer.leads(s.outer.Base, at) {
			continue
		}
		if _, err := b.Table.Row(path[dot+1:], b.via()); err != nil {
			return nil //nolint:nilerr // it is told with the whole path
		}
		rest := strings.TrimPrefix(s.given[0], at+".")
		return graph.Problemf(graph.ErrUnknownRelation, "%q goes on from the row on the way at %q, of which columns alone can be named; end the path "+
			"there and begin another, as in Has(%q, …, Has(%q, …)), where the condition may start with %q", name, graph.OuterName+"."+at, at, rest, path[dot+1:])
	}
	return nil
}
