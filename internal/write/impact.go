package write

import (
	"context"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/compile"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/load"
	"github.com/dovetail-go/dovetail/internal/query"
)

// IMPACT: what a delete would do, counted and not done.

// effect is an Effect.
type effect struct {
	Relation, Table           string
	Key                       string
	Policy                    graph.DeletePolicy
	Deleted, Nulled, Blocking int64
	Pointing                  int64
}

// Impact counts what Remove would do.
func (c *Change) Impact(ctx context.Context, db dialect.DB) (effects []effect, err error) {
	p, r, err := c.planRemoval(db)
	if err != nil {
		return nil, err
	}
	defer func() { err = load.Advised(db.Dialect(), p.Plan, err) }()
	w := writing{ctx: query.Once(ctx), db: db, op: p.Op, registry: p.Table.Registry}
	r.Held = slices.DeleteFunc(r.Held, func(p *graph.Part) bool { return !p.Cyclic }) // nothing changes under the others
	if len(r.Held) == 0 {
		effects, err = counted(w, r)
		return effects, err
	}
	err = w.inTx(func(w writing) error {
		if err := newDeletion(r, AnyNumber).hold(w); err != nil {
			return err
		}
		effects, err = counted(w, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	return effects, nil
}

// counted counts the rows along each way.
func counted(w writing, r *compile.Removal) ([]effect, error) {
	effects := make([]effect, 1, 1+len(r.Reach.Ways))
	effects[0].Table = r.Reach.Parts[0].Table.Name
	var b batch
	add := func(stmt compile.Statement, err error, way *graph.Way, t *graph.Table, of *int64) {
		b.add(stmt, err, t, way, oneValue(func(n int64) error { *of += n; return nil }))
	}
	count := func(way *graph.Way, t *graph.Table, of *int64) {
		stmt, err := r.Counted(way)
		add(stmt, err, way, t, of)
	}
	count(nil, r.Reach.Parts[0].Table, &effects[0].Deleted)
	for _, way := range r.Reach.Ways {
		effects = append(effects, effect{Relation: way.Relation.String(), Table: way.Table.Name, Key: strings.Join(way.Columns, ", "), Policy: way.OnDelete})
		e := &effects[len(effects)-1]
		switch way.OnDelete {
		case graph.Cascade:
			count(way, way.Table, &e.Deleted)
		case graph.SetNull:
			count(way, way.Table, &e.Nulled)
		case graph.ByDatabase:
			count(way, way.Table, &e.Pointing)
		default:
			count(way, way.Table, &e.Blocking)
		}
		if hidden := r.Reach.Hides(way); len(hidden) > 0 {
			stmt, err := r.Hidden(way, hidden)
			add(stmt, err, way, way.Table, &e.Blocking)
		}
	}
	for _, p := range r.Held {
		stmt, err := r.Release(p)
		b.add(stmt, err, p.Table, nil, nil)
	}
	if err := b.send(w); err != nil {
		return nil, err
	}
	return effects, nil
}
