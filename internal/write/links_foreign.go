package write

import (
	"slices"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// The foreign key that links, of the related rows or of the owner: what rows have it, may be given it, or lose it.

// foreignKey is the key that a row is linked by.
type foreignKey struct {
	t       *model.Table
	fields  []*structs.Field                              // of the key, and then those of its constants
	n       int                                           // how many are of the key
	cleared []*structs.Field                              // what becomes NULL when the row is unlinked
	value   structs.Row                                   // a row that has the key the linked rows have, what the rules say, and nothing else
	rules   fixed                                         // what the rules say of the rows that hold the key
	alike   func(f *structs.Field, a, b structs.Row) bool // whether two rows have the same in a field
}

// foreignKey returns the key of a relation of one key. It is an error if rows are to be unlinked and the key cannot be NULL.
func (l *linking) foreignKey() (foreignKey, error) {
	step := l.relation.Steps[0]
	k := foreignKey{t: l.to, n: len(step.On)}
	constants := step.OnTo
	if step.Forward {
		k.t, constants = l.from, step.OnFrom
	}
	k.fields = model.KeyHolders(l.registry, l.relation, k.t, constants)
	k.cleared = k.t.Cleared(k.fields)
	free := slices.ContainsFunc(k.fields[:k.n], func(f *structs.Field) bool { return slices.Contains(k.cleared, f) })
	if l.parts && !free && !l.relation.DeleteOrphans && (!step.Forward || len(l.Rows) == 0) {
		remedy := "declare the relation with DeleteOrphans to have its rows deleted, or move them to another owner"
		if step.Forward {
			remedy = "give a row"
		}
		column := k.fields[0].Column
		for _, f := range k.fields[:k.n] { // not one that the row keeps anyway
			if !slices.Contains(k.t.Graph.PrimaryKey, f.Column) {
				column = f.Column
			}
		}
		return k, graph.Problemf(fault.ErrInvalidRelation, "column %q of %q cannot be NULL, so no row can be unlinked; make the field a "+
			"pointer, or %s", column, k.t.Graph.Name, remedy)
	}
	pairs, t := model.KeyPairs(step, l.from, l.to), k.t
	k.alike = func(f *structs.Field, a, b structs.Row) bool { return l.same(t, f, pairs, a, b) }
	k.value = structs.NewSlab(k.t.Layout, 1).New()
	if !step.Forward {
		var err error
		if k.rules, err = l.fix(k.t, l.relation.Rules.Own, byRelation(l.relation)); err != nil {
			return k, err
		}
	}
	for _, f := range k.rules.fields {
		_ = f.Assign(k.value, f, k.rules.value) // the same field holds it
	}
	from := l.Owner
	if step.Forward {
		if len(l.Rows) == 0 {
			return k, nil
		}
		from = l.Rows[0]
	}
	for _, p := range pairs {
		if err := p.Holder.Assign(k.value, p.Referenced, from); err != nil {
			return k, graph.Problemf(fault.ErrInvalidRow, "the key of the row it points at: %w", err)
		}
	}
	if err := l.storedPairs(k.t, pairs, k.value); err != nil {
		return k, err
	}
	for _, c := range constants {
		if err := k.t.SetValue(k.t.Columns[c.Column], k.value, c.Value); err != nil {
			return k, graph.Problemf(fault.ErrInvalidRow, "%w", err)
		}
	}
	return k, nil
}

// keyed reports whether the row has the key.
func (k *foreignKey) keyed(row structs.Row) bool {
	return !slices.ContainsFunc(k.fields, func(f *structs.Field) bool { return !k.alike(f, row, k.value) })
}

// linked reports whether the row has the key, and what the rules say.
func (k *foreignKey) linked(row structs.Row) bool { return k.keyed(row) && k.rules.met(row) }

// free reports whether the row may be given the key without being taken from another owner: it has the key already, or one with a NULL,
// which points at nothing whatever its other columns hold. A column that says something else too, such as the tenant's, must be right.
func (k *foreignKey) free(row structs.Row) bool {
	if k.keyed(row) {
		return true
	}
	nothing := false
	for i, f := range k.fields {
		found := dialect.Keys{Kind: dialect.KeyOther}
		if ok, err := f.AppendKey(&found, row); err == nil && !ok {
			nothing = true
		} else if i < k.n && !slices.Contains(k.cleared, f) && !k.alike(f, row, k.value) {
			return false
		}
	}
	return nothing
}

// keepsKey refuses to give a row the key where a column of that is of the row's own primary key, which no link changes.
func (k *foreignKey) keepsKey(row structs.Row) error {
	for _, f := range k.fields {
		if slices.Contains(k.t.Graph.PrimaryKey, f.Column) && !k.alike(f, row, k.value) {
			return changesKey(k.t, f)
		}
	}
	return nil
}

func changesKey(t *model.Table, f *structs.Field) error {
	return graph.Problemf(fault.ErrInvalidRow, "column %q is of the primary key of %q, and a row has another value in it than the one it would "+
		"point at; a row keeps its key: insert another row, or change the key by Update", f.Column, t.Graph.Name)
}

// set returns the fields that an UPDATE gives the rows it points at another: a column of the primary key has its value already.
func (k *foreignKey) set() []*structs.Field {
	return slices.DeleteFunc(slices.Concat(k.fields, k.rules.fields), func(f *structs.Field) bool {
		return slices.Contains(k.t.Graph.PrimaryKey, f.Column)
	})
}

// point gives the row the key, and what the rules say.
func (k *foreignKey) point(row structs.Row) {
	for _, f := range slices.Concat(k.fields, k.rules.fields) {
		_ = f.Assign(row, f, k.value) // the same field holds it
	}
}
