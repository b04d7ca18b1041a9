package load

import (
	"slices"
	"sync"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/compile"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/plan"
)

// preloadStatements are the statements of preloads. Which types their keys have is known without asking the database, or found in its
// catalog when the statement is sent. It is safe for concurrent use.
type preloadStatements struct {
	d       dialect.Dialect
	mu      sync.Mutex
	written map[*plan.Preload][]preloadStatement // the first is for the types known without asking
}

type preloadStatement struct {
	types []dialect.KeyType
	stmt  compile.PreloadStatement
}

func newPreloadStatements(d dialect.Dialect) *preloadStatements {
	return &preloadStatements{d: d}
}

// of returns the statement of a preload whose keys are of the types.
func (s *preloadStatements) of(p *plan.Preload, types []dialect.KeyType) (compile.PreloadStatement, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.written[p]
	for i := range known {
		if slices.Equal(known[i].types, types) {
			return known[i].stmt, nil
		}
	}
	stmt, err := compile.Preload(p.Query, s.d, types)
	if err != nil {
		return stmt, err
	}
	if s.written == nil {
		s.written = map[*plan.Preload][]preloadStatement{}
	}
	s.written[p] = append(known, preloadStatement{slices.Clone(types), stmt})
	return stmt, nil
}

func (s *preloadStatements) len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.written)
}

// known returns the statement of a preload as it is known without asking the database.
func (s *preloadStatements) known(p *plan.Preload) compile.PreloadStatement {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.written[p][0].stmt
}

// take reports whether the values of a call fit into the statements.
func (s *preloadStatements) take(values []any) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, known := range s.written {
		if !known[0].stmt.Takes(values) {
			return false
		}
	}
	return true
}

// all returns the statements as they are known without asking the database, in the order of the preloads.
func (s *preloadStatements) all(preloads []*plan.Preload) (all []compile.PreloadStatement) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var add func(preloads []*plan.Preload)
	add = func(preloads []*plan.Preload) {
		for _, p := range preloads {
			if known := s.written[p]; len(known) > 0 {
				all = append(all, known[0].stmt)
			}
			add(p.Next())
		}
	}
	add(preloads)
	return all
}

// write writes the statements, and finds what is wrong with them before any is sent.
func (s *preloadStatements) write(r *model.Registry, preloads []*plan.Preload) error {
	for _, p := range preloads {
		owner := r.TableOf(p.Relation.Owner)
		if r.FieldOf(p.Relation) == nil && !p.Links {
			op := "preload"
			if p.Fetched != nil {
				op = "fetch"
			}
			return &fault.QueryError{Op: op, Path: p.Path, Err: &fault.RelationError{
				Table: p.Relation.Owner.Name, Relation: p.Relation.Name, Path: p.Path,
				Err: graph.Problemf(fault.ErrInvalidRelation, "relation %q: struct %s has no field for it; add one tagged `rel:%q`",
					p.Relation.String(), owner.Graph.GoType, p.Relation.Name),
			}}
		}
		if !p.InHand() {
			if err := checkTreeField(p, r.FieldOf(p.Relation)); err != nil {
				return err
			}
			if _, err := s.of(p, r.KeyKinds(p.Relation)); err != nil {
				return &fault.QueryError{Op: "preload", Path: p.Path, Err: err}
			}
			if err := checkModel(r, p.Query, p.Path); err != nil {
				return err
			}
		}
		if err := s.write(r, p.Next()); err != nil {
			return err
		}
	}
	return nil
}
