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

// preloadStatements are the statements of preloads, once they are written for the types that their keys are known to have without asking
// the database. Of others, which its catalog tells when a statement is sent, they are written then. It is safe for concurrent use.
type preloadStatements struct {
	d       dialect.Dialect
	written map[*plan.Preload]preloadStatement

	mu     sync.Mutex
	late   map[*plan.Preload][]preloadStatement
	atOnce []*together // the query and all preloads
}

type preloadStatement struct {
	types   []dialect.KeyType
	stmt    compile.PreloadStatement
	layouts *layouts // of its results
}

// of returns the statement of a preload whose keys are of the types.
func (s *preloadStatements) of(p *plan.Preload, types []dialect.KeyType) (preloadStatement, error) {
	ofTypes := func(known preloadStatement) bool { return slices.Equal(known.types, types) }
	if known, ok := s.written[p]; ok && ofTypes(known) {
		return known, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.IndexFunc(s.late[p], ofTypes); i >= 0 {
		return s.late[p][i], nil
	}
	stmt, err := compile.Preload(p.Query, s.d, types)
	if err != nil {
		return preloadStatement{}, err
	}
	written := preloadStatement{slices.Clone(types), stmt, new(layouts)}
	if s.late == nil {
		s.late = map[*plan.Preload][]preloadStatement{}
	}
	s.late[p] = append(s.late[p], written)
	return written, nil
}

// takes reports whether the values of a call fit into the statements.
func (s *preloadStatements) takes(values []any) bool {
	for _, known := range s.written {
		if !known.stmt.Takes(values) {
			return false
		}
	}
	return true
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
			types := r.KeyKinds(p.Relation)
			stmt, err := compile.Preload(p.Query, s.d, types)
			if err != nil {
				return &fault.QueryError{Op: "preload", Path: p.Path, Err: err}
			}
			if s.written == nil {
				s.written = map[*plan.Preload]preloadStatement{}
			}
			s.written[p] = preloadStatement{types, stmt, new(layouts)}
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
