package dovetail

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"

	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// WRITE: rows are inserted with those related to them, in the order in which their foreign keys need each other. Only what a
// call names is written, and all of it or nothing.

// Insertion is rows to be inserted, and paths of related rows to be inserted with them. It is immutable, as a [Query] is; the
// rows are not, and must not be used by others while Exec runs.
type Insertion[T any] struct{ i *insertion }

type insertion struct {
	table    *table
	rows     []structs.Row
	branches []branchClause
	only     []string // columns, as "owner" or "activities.amount"; nil: all
	omit     []string
	err      error
}

// branchClause is a path that With or WithLinks was given.
type branchClause struct {
	path  string
	links bool // rows at the end of the path are there; only the rows of the join table are inserted
}

// Insert returns an insertion of the rows. It inserts nothing until [Insertion.Exec].
//
//	Insert(Accounts, a, b).With("activities", "activities.tags").Exec(ctx, db)
//	INSERT INTO "accounts" ("owner", …) VALUES ($1, …), ($5, …) RETURNING "id"
//	INSERT INTO "activity" ("account_id", …) VALUES ($1, …), … RETURNING "id"
func Insert[T any](t *Table[T], rows ...*T) Insertion[T] {
	i := &insertion{rows: slices.Clone(structs.RowsOf(rows))}
	if t == nil {
		i.err = graph.Problemf(ErrUnknownTable, "the table is nil; declare it with NewTable")
	} else {
		i.table = t.t
	}
	return Insertion[T]{i}
}

// Rows makes rows of data that comes as columns and values, such as a decoded document, for [Insert] and [Save]. A value is
// converted where that changes nothing of it: a number with nothing behind the point becomes an integer, and text becomes what
// its type reads from text, such as a time. nil is NULL.
//
// A name that is no column is [ErrUnknownColumn], a value that the field cannot hold [ErrArgType], and no row is made then. Data
// from outside may name any column; say which are written, with [Insertion.Only].
//
//	rows, err := Rows(Accounts, map[string]any{"owner": "Sandy", "balance": 50})
func Rows[T any](t *Table[T], values ...map[string]any) ([]*T, error) {
	rows := make([]*T, len(values))
	for i := range rows {
		rows[i] = new(T)
	}
	if err := fillRows(Select(t).q, structs.RowsOf(rows), values); err != nil {
		return nil, err
	}
	return rows, nil
}

func fillRows(q *query, rows []structs.Row, values []map[string]any) error {
	if q.err != nil {
		return &QueryError{Op: "make rows", Err: q.err}
	}
	if err := q.table.registry.freeze(); err != nil {
		return err
	}
	t := q.table.graph
	fail := func(err error) error { return &QueryError{Op: "make rows of " + t.Name, Err: err} }
	for i, row := range rows {
		for _, name := range slices.Sorted(maps.Keys(values[i])) {
			c, ok := t.Column(name)
			if !ok {
				return fail(t.UnknownColumn(name))
			}
			value, field := values[i][name], q.table.columns[name]
			switch {
			case !structs.IsNil(value):
				if err := field.AssignValue(row, value); err != nil {
					return fail(graph.Problemf(ErrArgType, "row %d: column %q: %w", i+1, name, err))
				}
			case !c.Nullable:
				return fail(graph.Problemf(ErrArgType, "row %d: column %q is NULL, which its field (%s) cannot hold", i+1, name, c.GoType))
			}
		}
	}
	return nil
}

// With names relations whose rows are inserted too, those that the fields of the rows hold now, with all relations on the way
// to them: to-one, to-many and many-to-many, whose rows of the join table are made. A path that goes on behind a [MorphTo] goes
// along the rows whose table has the relation. Rows of relations that are not named are not written, whatever the fields hold.
func (i Insertion[T]) With(paths ...string) Insertion[T] { return Insertion[T]{i.i.with(paths, false)} }

// WithLinks names many-to-many relations whose related rows are there already: only the rows of the join table are inserted.
func (i Insertion[T]) WithLinks(paths ...string) Insertion[T] {
	return Insertion[T]{i.i.with(paths, true)}
}

func (i *insertion) with(paths []string, links bool) *insertion {
	return i.changed(func(n *insertion) {
		for _, path := range paths {
			add(&n.branches, branchClause{path, links})
		}
	})
}

// Only names the columns that are written, zero or not, of rows of the insertion's own table or, as "activities.amount", of those
// at a path; the others are left to the database, and read back. The primary key is written all the same if it is not zero,
// and foreign keys that the insertion fills. Tables of which no column is named are written whole.
func (i Insertion[T]) Only(columns ...string) Insertion[T] {
	return Insertion[T]{i.i.changed(func(n *insertion) { add(&n.only, columns...) })}
}

// Omit names columns that are not written, as [Insertion.Only] names them: they are left to the database, and read back.
func (i Insertion[T]) Omit(columns ...string) Insertion[T] {
	return Insertion[T]{i.i.changed(func(n *insertion) { add(&n.omit, columns...) })}
}

func (i *insertion) changed(change func(*insertion)) *insertion {
	if i == nil {
		return &insertion{err: graph.Problemf(ErrInvalidQuery, "the insertion is empty; make it with Insert")}
	}
	n := *i
	change(&n)
	return &n
}

// Exec inserts the rows, all or none: a failure at any statement, and of the commit, leaves the database and the rows as they
// were. It uses one transaction or, where the handle is in one, a savepoint of that, and never commits that. One row of which
// nothing but its number is read back is one statement without.
//
// Rows come after those they point at; where rows point at each other in a cycle, a foreign key that can be NULL is set
// afterwards by an UPDATE, and if there is none the error is [ErrCycle]. The same pointer, wherever it is found, is one row.
// Rows of one table that can go together go in one INSERT, up to 1,024, and all that need not wait for each other in one round
// trip where the driver pipelines: round trips = levels of rows, and two for the transaction. In it they are in the order of
// their keys where those are given, so that two calls with the same rows do not wait for each other, else in that of the call.
//
// Foreign keys are filled from the rows they point at: from the owner whose field holds the row, and from a row in a to-one
// field, which need not be inserted too but must have its key. So is the type column of a polymorphic reference. A foreign key
// or a type that is not zero and is another is [ErrInvalidRow].
//
// What the database makes is read back into the rows: keys that it numbers (see [AssignedKey]), columns with [Default] whose
// fields are zero, [Generated] columns, and those left out by Only and Omit. Every other field is written as it is, zero or
// not; a nil pointer is NULL.
//
// A constraint that refuses a row is a *[ConstraintError]. A commit whose answer is lost is [ErrCommitUnknown].
func (i Insertion[T]) Exec(ctx context.Context, db dialect.DB) error { return i.i.exec(ctx, db) }

func (i *insertion) exec(ctx context.Context, db dialect.DB) error {
	if i == nil {
		return &QueryError{Op: "insert", Err: graph.Problemf(ErrInvalidQuery, "the insertion is empty; make it with Insert")}
	}
	op := "insert"
	if i.table != nil {
		op += " " + i.table.graph.Name
	}
	if err := checkDB(op, db); err != nil {
		return err
	}
	if i.err != nil {
		return &QueryError{Op: op, Err: i.err}
	}
	if err := i.table.registry.freeze(); err != nil {
		return err
	}
	u := &unit{writing: writing{ctx, db, op, i.table.registry}, index: map[nodeKey]int{}}
	root, err := i.branch()
	if err == nil {
		err = u.gather(i.rows, root)
	}
	if err != nil {
		return &QueryError{Op: op, Err: err}
	}
	return u.insert()
}

// branch is a table on the way of the paths, with what is written of its rows.
type branch struct {
	path     string // "" for the root
	table    *table
	relation *graph.Relation // that leads here
	links    bool
	below    []*branch
	only     []string // columns that are written; nil: all
	omit     []string
}

// branch resolves the paths and the columns.
func (i *insertion) branch() (*branch, error) {
	root := &branch{table: i.table}
	for _, clause := range i.branches {
		if err := clause.follow(i.table.registry, root); err != nil {
			return nil, err
		}
	}
	for _, list := range []struct {
		method string
		names  []string
		of     func(*branch) *[]string
	}{
		{"Only", i.only, func(b *branch) *[]string { return &b.only }},
		{"Omit", i.omit, func(b *branch) *[]string { return &b.omit }},
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
func (c branchClause) follow(r *registry, root *branch) error {
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
			return &plan.PathError{Method: method, Err: graph.Problemf(ErrInvalidRelation, "%q has no join table; use With", c.path)}
		}
		b.links = true
	}
	return nil
}

// along returns the branches for a relation of those tables that have it, which it makes if need be: one for each table that it
// leads to.
func along(r *registry, at []*branch, name string) ([]*branch, error) {
	var next []*branch
	for _, b := range at {
		relation, ok := b.table.graph.Relation(name)
		if !ok {
			continue
		}
		if err := writable(r, b.table.graph, relation); err != nil {
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
		return nil, graph.Problemf(ErrUnknownRelation, "no table that relation %q leads to has a relation %q", at[0].relation.String(), name)
	}
	return nil, at[0].table.graph.UnknownRelation(name)
}

// writable refuses relations whose rows cannot be inserted with those of the table.
func writable(r *registry, owner *graph.Table, relation *graph.Relation) error {
	switch {
	case len(relation.Chain) > 0:
		return graph.Problemf(ErrInvalidRelation, "relation %q goes along others and can only be read; name the relations it goes along",
			relation.String())
	case r.fieldOf(relation) == nil:
		return graph.Problemf(ErrInvalidRelation, "relation %q: struct %s has no field for it; add one tagged `rel:%q`",
			relation.String(), owner.GoType, relation.Name)
	}
	return nil
}

// next returns the branch for a relation, which it makes if need be.
func (b *branch) next(r *registry, relation *graph.Relation) *branch {
	for _, known := range b.below {
		if known.relation == relation {
			return known
		}
	}
	next := &branch{
		path: strings.TrimPrefix(b.path+"."+relation.Name, "."), table: r.tableOf(relation.Related), relation: relation,
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
		return nil, "", graph.Problemf(ErrUnknownRelation, "%q: rows at %q are not inserted; name the path in With", name, path)
	}
	unknown := at[0].table.graph.UnknownColumn(column)
	at = slices.DeleteFunc(at, func(b *branch) bool {
		_, ok := b.table.graph.Column(column)
		return !ok
	})
	if len(at) == 0 {
		return nil, "", graph.Problemf(ErrUnknownColumn, "%q: %w", name, unknown)
	}
	return at, column, nil
}

// find appends the branches at a path, one for each table that it leads to.
func (b *branch) find(found []*branch, path string) []*branch {
	if b.path == path {
		return append(found, b)
	}
	for _, next := range b.below {
		found = next.find(found, path)
	}
	return found
}
