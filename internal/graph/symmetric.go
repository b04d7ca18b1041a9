package graph

import "slices"

// checkSymmetric returns the mistake of a relation that cannot be the same from both ends of a pair.
func (d *Declaration) checkSymmetric() error {
	switch {
	case !d.Symmetric:
		return nil
	case d.Kind != ManyToMany || d.Owner != d.Related:
		return d.problem("Symmetric is for a many-to-many of a table with itself, whose pairs are the same from both ends; leave it out")
	case d.Inverse != "":
		return d.problem("Symmetric makes it its own inverse; leave Inverse out")
	}
	return nil
}

// mirror returns the columns of the join table that a pair has exchanged where it is seen from its other end.
func (d *Declaration) mirror() []Pair {
	if !d.Symmetric {
		return nil
	}
	return slices.Concat(pairs(d.ThroughOwner, d.ThroughRelated), pairs(d.ThroughRelated, d.ThroughOwner))
}

// seen is the name of a column of a step's table, as it is joined: where rows are seen from both ends, that of the end.
func (s Step) seen(column string) string {
	if len(s.Mirror) == 0 {
		return column
	}
	return column + "#" + Apart([]*Table{s.Table})
}

// Ends returns the columns of a step with a Mirror by the names under which they are seen from an end, and what each is of a row as it
// is stored, and of one seen from its other end.
func (s Step) Ends() (names, stored, mirrored []string) {
	for _, p := range s.Mirror {
		if name := s.seen(p.To); !slices.Contains(names, name) {
			names, stored, mirrored = append(names, name), append(stored, p.To), append(mirrored, p.From)
		}
	}
	return names, stored, mirrored
}

// Matched returns the columns that the i-th step matches, as its table and the one before it are joined.
func (r *Relation) Matched(i int) []Pair {
	on := r.Steps[i].On
	mirrored := len(r.Steps[i].Mirror) > 0
	if !mirrored && (i == 0 || len(r.Steps[i-1].Mirror) == 0) {
		return on
	}
	on = slices.Clone(on)
	for j, p := range on {
		on[j].To = r.Steps[i].seen(p.To)
		if i > 0 {
			on[j].From = r.Steps[i-1].seen(p.From)
		}
	}
	return on
}

// JoinedKey returns the columns that hold the owner's key, as the first step's table is joined.
func (r *Relation) JoinedKey() []string {
	var key []string
	for _, p := range r.Matched(0) {
		key = append(key, p.To)
	}
	return key
}

// Symmetric reports whether a step of the relation has its rows seen from both ends.
func (r *Relation) Symmetric() bool {
	return slices.ContainsFunc(r.Steps, func(s Step) bool { return len(s.Mirror) > 0 })
}

// Turned returns the steps of a symmetric relation by way of a pair that is stored in the other order: the columns that point at the
// owner are those that point at the related row otherwise. Nil: the relation is not symmetric.
func (r *Relation) Turned() []Step {
	if len(r.Chain) > 0 || !r.Symmetric() {
		return nil
	}
	steps := slices.Clone(r.Steps)
	near, far := slices.Clone(steps[0].On), slices.Clone(steps[1].On)
	for i := range near {
		near[i].To, far[i].From = steps[1].On[i].From, steps[0].On[i].To
	}
	steps[0].On, steps[1].On = near, far
	return steps
}

// Bare reports whether the rows of a step with a Mirror have nothing beside the columns that are exchanged, and are told apart by them,
// so that a row and one with them exchanged say the same.
func (s Step) Bare() bool {
	for c := range s.Table.Stored() {
		if !slices.ContainsFunc(s.Mirror, func(p Pair) bool { return p.To == c.Name }) {
			return false
		}
	}
	return len(s.Table.PrimaryKey)+len(s.Table.Uniques) > 0
}
