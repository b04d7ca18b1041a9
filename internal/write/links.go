package write

import (
	"context"
	"slices"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/load"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/query"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// LINKS: rows that are there are linked to an owner, and unlinked from it, along a relation.

// Diff is a Diff without its type.
type Diff struct{ Added, Removed, Changed []structs.Row }

// LinkRequest is what a call asks for.
type LinkRequest struct {
	Along *model.Declaration
	Owner structs.Row
	Verb  string
	Rows  []structs.Row
	Links []structs.Row // of the join table, one for each of rows; nil: none is given
	Fits  func(*model.Table) bool
	All   bool // all rows, and not those of the list
	Move  bool // rows of other owners too
	Whole bool // the rows are written too, and inserted where they are not there
	parts bool // rows are unlinked
}

// linking is one call that links or unlinks.
type linking struct {
	writing
	LinkRequest
	relation *graph.Relation
	from     *model.Table // the owner's
	to       *model.Table // of the related rows
	began    bool         // the statements go to a transaction of the call's own

	ownerFirst bool // the owner's row is locked before its links are written to
	stoodAside bool // a row goes by a value that none is to have
}

// linker is what linking means for a relation: there is one for join tables and one for foreign keys.
type linker interface {
	// link sends the statements that link the rows.
	link() (int64, error)
	// unlink sends the statement that unlinks the rows, or all.
	unlink() (int64, error)
	// replace sends the statements after the owner's row was locked.
	replace() (Diff, error)
	// apply gives the structs what was done.
	apply()
	// restore gives the structs what they held.
	restore()
}

// Link links rows to the owner and returns how many were not linked before.
func Link(ctx context.Context, db dialect.DB, req LinkRequest) (n int64, err error) {
	err = linked(ctx, db, req, func(k linker) error {
		n, err = k.link()
		return err
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// Unlink unlinks rows from the owner and returns how many were linked.
func Unlink(ctx context.Context, db dialect.DB, req LinkRequest) (n int64, err error) {
	req.parts = true
	err = linked(ctx, db, req, func(k linker) error {
		n, err = k.unlink()
		return err
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// Replace makes the rows those that are linked to the owner.
func Replace(ctx context.Context, db dialect.DB, req LinkRequest) (changed Diff, err error) {
	req.parts, req.All = true, true // an empty list means what it says
	err = linked(ctx, db, req, func(k linker) error {
		changed, err = k.replace()
		return err
	})
	if err != nil {
		return Diff{}, err
	}
	return changed, nil
}

// linked checks the request and does it. What it finds wrong is found before anything is sent.
func linked(ctx context.Context, db dialect.DB, req LinkRequest, do func(linker) error) error {
	r, op, err := writable(req.Along, req.Verb)
	if err != nil {
		return err
	}
	if err := load.CheckDB(op, db); err != nil {
		return err
	}
	registry := req.Along.OwnerTable.Registry
	l := &linking{
		writing: writing{ctx: query.Once(ctx), db: db, op: op, registry: registry}, LinkRequest: req, relation: r,
		from: registry.TableOf(r.Owner), to: registry.TableOf(r.Related),
	}
	if err := l.check(); err != nil {
		return &fault.QueryError{Op: op, Err: err}
	}
	if len(req.Rows) == 0 && !req.All {
		return nil
	}
	if err := l.knownScopes(nil, l.tables()...); err != nil {
		return query.Failure(op, err)
	}
	if err := l.storedEnds(); err != nil {
		return &fault.QueryError{Op: op, Err: err}
	}
	var k linker
	switch {
	case req.Whole:
		k, err = l.syncing()
	case r.Link != nil:
		k, err = l.throughLinks()
	case r.Steps[0].Forward:
		k, err = l.byOwner()
	default:
		k, err = l.byRows()
	}
	if err != nil {
		return &fault.QueryError{Op: op, Err: err}
	}
	if err := do(k); err != nil {
		k.restore()
		return err
	}
	k.apply()
	if f := registry.FieldOf(r); f != nil && r.Cardinality == graph.One {
		var row structs.Row
		if len(req.Rows) > 0 {
			row = req.Rows[0]
		}
		f.SetOne(req.Owner, row)
	}
	return nil
}

// tables returns those whose rows the call is about.
func (l *linking) tables() []*model.Table {
	tables := []*model.Table{l.from, l.to}
	if l.relation.Link != nil {
		tables = append(tables, l.registry.TableOf(l.relation.Link))
	}
	return tables
}

func (l *linking) check() error {
	if err := l.relation.Linkable(); err != nil {
		return err
	}
	switch {
	case l.Move && l.relation.Link != nil:
		return graph.Problemf(fault.ErrInvalidRelation, "its rows have any number of owners, and need not be moved; use Link and Unlink")
	case l.Links != nil && l.relation.Link == nil:
		return graph.Problemf(fault.ErrInvalidRelation, "it has no join table; use a call without links")
	case l.Links != nil && !l.Fits(l.registry.TableOf(l.relation.Link)):
		return graph.Problemf(fault.ErrInvalidRelation, "the rows of its join table %q are of type %s, and the links are not", l.relation.Link.Name,
			l.relation.Link.GoType)
	case l.Owner == nil:
		return graph.Problemf(fault.ErrInvalidRow, "the owner is nil")
	}
	if why := l.from.NoKey(l.ownerKey(), l.Owner); why != "" {
		return graph.Problemf(fault.ErrInvalidRow, "the owner %s", why)
	}
	if i := slices.Index(l.Rows, nil); i >= 0 {
		return graph.Problemf(fault.ErrInvalidRow, "row %d is nil", i+1)
	}
	key := l.rowKey()
	if len(key) == 0 {
		return graph.Problemf(fault.ErrUnsupported, "table %q has no primary key to tell rows by; declare it with PrimaryKey", l.to.Graph.Name)
	}
	for i, row := range l.Rows {
		if l.Whole {
			break // it may be new
		}
		if why := l.to.NoKey(key, row); why != "" {
			return graph.Problemf(fault.ErrInvalidRow, "row %d %s%s", i+1, why, l.orSync())
		}
	}
	return nil
}

// orSync names the call for rows that are not there yet, where there is one.
func (l *linking) orSync() string {
	if l.Verb == "replace" && l.relation.Link == nil && l.relation.Cardinality == graph.Many {
		return "; Sync inserts rows that are new"
	}
	return ""
}

// ownerKey returns the fields by which the owner is told.
func (l *linking) ownerKey() []*structs.Field {
	if l.relation.Steps[0].Forward {
		return l.from.KeyFields()
	}
	var fields []*structs.Field
	for _, on := range l.relation.Steps[0].On {
		fields = append(fields, l.from.Columns[on.From])
	}
	return fields
}

// rowKey returns the fields by which the related rows are told.
func (l *linking) rowKey() []*structs.Field {
	last := l.relation.Steps[len(l.relation.Steps)-1]
	if l.relation.Link == nil && !last.Forward {
		return l.to.KeyFields()
	}
	return farKey(l.registry, l.relation)
}
