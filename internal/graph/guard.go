package graph

import "slices"

// GUARD: what writes make sure of that the database does not.

// checkGuards returns the mistake of an option about a key that the relation does not have, or that the database keeps by itself.
func (d *Declaration) checkGuards() error {
	morph := d.Kind.morphs() || d.Kind == MorphToMany
	switch {
	case d.Enforced && !morph:
		return d.problem("Enforced is for polymorphic relations, which no database checks; leave it out, and have a foreign key")
	case d.Enforced && d.OtherTypes:
		return d.problem("it is Enforced, and rows of types without a table point at nothing that could be looked for; leave MorphOthers or Enforced out")
	case !d.Acyclic:
		return nil
	case d.Cyclic:
		return d.problem("it is Cyclic and Acyclic, so that rows may lie below themselves and may not; leave one of them out")
	case d.ByCondition || d.Kind != HasMany && d.Kind != HasOne && d.Kind != BelongsTo:
		return d.problem("Acyclic is about a foreign key; give it to a HasMany, HasOne or BelongsTo of a table with itself")
	case !d.Owner.Same(d.Related):
		return d.problem("Acyclic is for rows below rows of their own table, and %q is another than %q; leave it out", d.Related.Name, d.Owner.Name)
	}
	return nil
}

// Guarded returns the keys of the table's rows of which writes make sure where they point.
func (t *Table) Guarded() []*ForeignKey { return t.guarded }

// guard gives the tables the keys that are guarded.
func (a *keys) guard(tables []*Table) {
	for _, k := range slices.Concat(a.list, a.morphs) {
		for _, r := range k.Relations {
			of := r
			if r.VariantOf != nil {
				of = r.VariantOf
			}
			if k.Guard == nil && (of.enforced && k.typ != nil || of.acyclic) {
				k.Enforced, k.Acyclic, k.Guard = of.enforced, of.acyclic, of
			}
		}
		for _, t := range tables {
			if k.Guard != nil && k.Table.Same(t) {
				t.guarded = append(t.guarded, k)
			}
		}
	}
}

// Type returns what the type column of a polymorphic reference has; ok is false of a foreign key.
func (k *ForeignKey) Type() (is Constant, ok bool) {
	if k.typ == nil {
		return Constant{}, false
	}
	return *k.typ, true
}

// Holds returns the columns by which a row points along the key, the type's included.
func (k *ForeignKey) Holds() []string {
	if k.typ == nil {
		return k.Columns
	}
	return append([]string{k.typ.Column}, k.Columns...)
}
