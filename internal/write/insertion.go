package write

import (
	"context"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/load"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/query"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// INSERTION: rows in hand, and the paths of related rows that go with them.

// Insertion is rows to be inserted. It is never changed once it is reachable.
type Insertion struct {
	Table    *model.Table
	Rows     []structs.Row
	branches []branchClause
	Only     []string // columns, as "owner" or "activities.amount"; nil: all
	Omit     []string
	Err      error
}

// branchClause is a path that With or WithLinks was given.
type branchClause struct {
	path  string
	links bool // rows at the end of the path that have a key are there; of them only the rows of the join table are inserted
}

// With adds paths of related rows that are inserted too or, with links, only linked if they have a key.
func (i *Insertion) With(paths []string, links bool) *Insertion {
	return i.Changed(func(n *Insertion) {
		for _, path := range paths {
			query.Append(&n.branches, branchClause{path, links})
		}
	})
}

// Changed returns a copy that change was made to.
func (i *Insertion) Changed(change func(*Insertion)) *Insertion {
	if i == nil {
		return &Insertion{Err: graph.Problemf(fault.ErrInvalidQuery, "the insertion is empty; make it with Insert")}
	}
	n := *i
	change(&n)
	return &n
}

// Exec inserts the rows, all or none.
func (i *Insertion) Exec(ctx context.Context, db dialect.DB) error {
	if i == nil {
		return &fault.QueryError{Op: "insert", Err: graph.Problemf(fault.ErrInvalidQuery, "the insertion is empty; make it with Insert")}
	}
	op := "insert"
	if i.Table != nil {
		op += " " + i.Table.Graph.Name
	}
	if err := load.CheckDB(op, db); err != nil {
		return err
	}
	if i.Err != nil {
		return &fault.QueryError{Op: op, Err: i.Err}
	}
	if err := i.Table.Registry.Freeze(); err != nil {
		return err
	}
	u := &unit{writing: writing{ctx: query.Once(ctx), db: db, op: op, registry: i.Table.Registry}}
	root, err := i.branch()
	if err == nil {
		err = u.gather(i.Rows, root)
	}
	if err != nil {
		u.restore()
		return &fault.QueryError{Op: op, Err: err}
	}
	return u.insert()
}

// branch is a table on the way of the paths, with what is written of its rows.
type branch struct {
	path     string // "" for the root
	table    *model.Table
	relation *graph.Relation // that leads here; of a join table, past it
	links    bool
	link     *branch // of the join table that the relation goes by; nil: by none
	below    []*branch
	only     []string // columns that are written; nil: all
	omit     []string
	columns  []branchColumn // made when they are first asked for
}

// branch resolves the paths and the columns.
func (i *Insertion) branch() (*branch, error) {
	root := &branch{table: i.Table}
	for _, clause := range i.branches {
		if err := clause.follow(i.Table.Registry, root); err != nil {
			return nil, err
		}
	}
	for _, list := range []struct {
		method string
		names  []string
		of     func(*branch) *[]string
	}{
		{"Only", i.Only, func(b *branch) *[]string { return &b.only }},
		{"Omit", i.Omit, func(b *branch) *[]string { return &b.omit }},
	} {
		for _, name := range list.names {
			branches, column, err := root.column(name)
			if err != nil {
				return nil, &plan.PathError{Method: list.method, Err: err}
			}
			for _, b := range branches {
				*list.of(b) = append(*list.of(b), column)
			}
		}
	}
	return root, nil
}

// follow makes the branches of the clause's path.
func (c branchClause) follow(r *model.Registry, root *branch) error {
	method, at := "With", []*branch{root}
	if c.links {
		method = "WithLinks"
	}
	for _, name := range strings.Split(c.path, ".") {
		var err error
		if at, err = along(r, at, name); err != nil {
			return &plan.PathError{Method: method, Err: err}
		}
	}
	if !c.links {
		return nil
	}
	for _, b := range at {
		if b.relation.Link == nil {
			return &plan.PathError{Method: method, Err: graph.Problemf(fault.ErrInvalidRelation, "%q has no join table; use With", c.path)}
		}
		b.links = true
	}
	return nil
}

// along returns the branches for a relation of those tables that have it, which it makes if need be: one for each table that it
// leads to.
func along(r *model.Registry, at []*branch, name string) ([]*branch, error) {
	var next []*branch
	for _, b := range at {
		relation, ok := b.table.Graph.Relation(name)
		if !ok {
			continue
		}
		if err := insertable(r, b.table.Graph, relation); err != nil {
			return nil, err
		}
		for _, one := range relation.Each() {
			next = append(next, b.next(r, one))
		}
	}
	switch {
	case len(next) > 0:
		return next, nil
	case len(at) > 1:
		return nil, graph.Problemf(fault.ErrUnknownRelation, "no table that relation %q leads to has a relation %q", at[0].relation.String(), name)
	}
	return nil, at[0].table.Graph.UnknownRelation(name)
}

// insertable refuses relations whose rows cannot be inserted with those of the table.
func insertable(r *model.Registry, owner *graph.Table, relation *graph.Relation) error {
	if err := relation.Writable(); err != nil {
		return graph.Problemf(fault.ErrInvalidRelation, "relation %q: %w", relation.String(), err)
	}
	if r.FieldOf(relation) == nil {
		return graph.Problemf(fault.ErrInvalidRelation, "relation %q: struct %s has no field for it; add one tagged `rel:%q`",
			relation.String(), owner.GoType, relation.Name)
	}
	return nil
}

// next returns the branch for a relation, which it makes if need be.
func (b *branch) next(r *model.Registry, relation *graph.Relation) *branch {
	for _, known := range b.below {
		if known.relation == relation {
			return known
		}
	}
	next := &branch{
		path: strings.TrimPrefix(b.path+"."+relation.Name, "."), table: r.TableOf(relation.Related), relation: relation,
	}
	if relation.Link != nil {
		next.link = &branch{path: next.path + "." + graph.LinkName, table: r.TableOf(relation.Link), relation: relation}
	}
	b.below = append(b.below, next)
	return next
}

// column returns the branches and the column that a name such as "activities.amount" means.
func (b *branch) column(name string) ([]*branch, string, error) {
	path, column := "", name
	if dot := strings.LastIndexByte(name, '.'); dot >= 0 {
		path, column = name[:dot], name[dot+1:]
	}
	at := b.find(nil, path)
	if len(at) == 0 {
		return nil, "", graph.Problemf(fault.ErrUnknownRelation, "%q: rows at %q are not inserted; name the path in With", name, path)
	}
	unknown := at[0].table.Graph.UnknownColumn(column)
	at = slices.DeleteFunc(at, func(b *branch) bool {
		_, ok := b.table.Graph.Column(column)
		return !ok
	})
	if len(at) == 0 {
		return nil, "", graph.Problemf(fault.ErrUnknownColumn, "%q: %w", name, unknown)
	}
	return at, column, nil
}

// find appends the branches at a path, one for each table that it leads to.
func (b *branch) find(found []*branch, path string) []*branch {
	if b.path == path {
		found = append(found, b)
	}
	if b.link != nil {
		found = b.link.find(found, path)
	}
	for _, next := range b.below {
		found = next.find(found, path)
	}
	return found
}
