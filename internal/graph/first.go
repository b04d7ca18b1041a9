package graph

import "slices"

// first reports whether the relation is the first of the rows that its keys match, by a declared order.
func (d *Declaration) first() bool { return d.Ordered && d.Kind.Cardinality() == One }

// checkFirst returns the mistake of an order that says nothing of a relation of the kind, or cannot say which row is the first.
func (d *Declaration) checkFirst() error {
	switch {
	case !d.first():
		return nil
	case d.Kind != HasOne && d.Kind != MorphOne:
		return d.problem("OrderBy is for to-many relations, and for a HasOne or MorphOne, which is the first of several rows then; leave it out")
	case len(d.Related.PrimaryKey) == 0:
		return d.problem("OrderBy makes it the first of several rows, and table %q has no primary key to tell that by; name one with "+
			"PrimaryKey", d.Related.Name)
	case d.Inverse != "":
		return d.problem("OrderBy makes it the first of several rows, and Inverse would be about all of them; declare the inverse on a HasMany " +
			"or MorphMany by the same key")
	case d.DeleteOrphans:
		return d.problem("OrderBy makes it the first of several rows, and no row is taken out of it; give DeleteOrphans to a HasMany or " +
			"MorphMany by the same key")
	}
	return nil
}

// ChoiceKey returns those columns of the related table's primary key that tell the first row from the others that the keys match:
// without those that are equal to the owner's bit by bit.
func (r *Relation) ChoiceKey() []string {
	matched := func(c string) bool {
		return slices.ContainsFunc(r.Steps[0].On, func(p Pair) bool {
			from, _ := r.Owner.Column(p.From)
			to, _ := r.Related.Column(p.To)
			return p.To == c && from.Class == to.Class && (to.Class == ClassInteger || to.Class == ClassUUID)
		})
	}
	return slices.DeleteFunc(slices.Clone(r.Related.PrimaryKey), matched)
}
