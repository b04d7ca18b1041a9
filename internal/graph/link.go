package graph

import "slices"

// Input of this file: many-to-many relations, whose rows are linked by those of a join table.

// checkThrough returns the mistakes of a many-to-many.
func (d *Declaration) checkThrough() []error {
	if d.Through == nil {
		return []error{d.nilTable("join")}
	}
	if len(d.ThroughOwner) == 0 || len(d.ThroughRelated) == 0 {
		return []error{d.problem("no keys of the join table %q; name its columns that point at %q and at %q with ThroughKeys",
			d.Through.Name, d.Owner.Name, d.Related.Name)}
	}
	if len(d.ForeignKey)+len(d.References) > 0 {
		return []error{d.problem("ForeignKey and References are not for many-to-many; ThroughKeys names the join table's columns")}
	}
	if slices.Equal(d.ThroughOwner, d.ThroughRelated) {
		return []error{d.problem("join table %q needs two different key columns, has %s twice",
			d.Through.Name, QuoteAll(d.ThroughOwner))}
	}
	var errs []error
	for _, end := range []struct {
		cols  []string
		table *Table
	}{{d.ThroughOwner, d.Owner}, {d.ThroughRelated, d.Related}} {
		if len(end.table.PrimaryKey) == 0 {
			errs = append(errs, d.problem("table %q has no primary key for the join table to point at; name one with PrimaryKey", end.table.Name))
			continue
		}
		errs = append(errs, d.checkPairs(d.Through, end.cols, end.table, end.table.PrimaryKey)...)
	}
	return errs
}

// checkMorphThrough returns the mistakes of a many-to-many whose links have rows of several tables at the owner's end.
func (d *Declaration) checkMorphThrough() []error {
	if d.Through == nil {
		return []error{d.nilTable("join")}
	}
	if len(d.ThroughOwner)+len(d.ThroughRelated) > 0 {
		return []error{d.problem("MorphKey names the columns of the join table %q that point at %q, and ForeignKey those that point at the primary "+
			"key of %q; leave ThroughKeys out", d.Through.Name, d.Owner.Name, d.Related.Name)}
	}
	if err := d.checkTypeValue(d.Through); err != nil {
		return []error{err}
	}
	switch {
	case len(d.ForeignKey) == 0:
		return []error{d.problem("no foreign key; name the columns of the join table %q that point at %q with ForeignKey", d.Through.Name,
			d.Related.Name)}
	case slices.Contains(d.ForeignKey, d.IDColumn) || slices.Contains(d.ForeignKey, d.TypeColumn):
		return []error{d.problem("ForeignKey names a column of MorphKey (%s), which does not point at %q; name those of the join table %q that do",
			QuoteAll([]string{d.TypeColumn, d.IDColumn}), d.Related.Name, d.Through.Name)}
	case len(d.Related.PrimaryKey) == 0:
		return []error{d.problem("table %q has no primary key for the join table to point at; name one with PrimaryKey", d.Related.Name)}
	}
	errs := d.checkMorphKey(d.Through, d.Owner, d.TypeValue, d.references(d.Owner))
	errs = append(errs, d.checkPairs(d.Through, d.ForeignKey, d.Related, d.Related.PrimaryKey)...)
	if len(errs) == 0 && d.OnDelete == SetNull {
		errs = d.bare().neverNull(d.Through, []string{d.IDColumn})
	}
	return errs
}

// past returns the steps of a many-to-many.
func (d *Declaration) past() []Step {
	key, near, far, types := d.Owner.PrimaryKey, d.ThroughOwner, d.ThroughRelated, []Constant(nil)
	if d.Kind == MorphToMany {
		key, near, far, types = d.references(d.Owner), []string{d.IDColumn}, d.ForeignKey, []Constant{typeIs(d.TypeColumn, d.TypeValue)}
	}
	on := pairs(key, near)
	if d.Kind == MorphToMany {
		on = d.spelled(d.Owner, key, d.Through)
	}
	return []Step{
		{Table: d.Through, On: on, OnTo: types, Mirror: d.mirror()},
		{Table: d.Related, On: pairs(far, d.Related.PrimaryKey), Forward: true},
	}
}

// LinkPair returns the columns of the join table that point at the owner, and those that point at the related row.
func (r *Relation) LinkPair() []string {
	pair := r.MatchKey()
	for _, p := range r.Steps[1].On {
		pair = append(pair, p.From)
	}
	return pair
}

// LinkTypes returns the columns of the join table that say of which table the row at one of its ends is.
func (r *Relation) LinkTypes() []string {
	var columns []string
	for _, c := range slices.Concat(r.Steps[0].OnTo, r.Steps[1].OnFrom) {
		columns = append(columns, c.Column)
	}
	return columns
}

// LinkedOnce reports whether a key of the join table keeps a second link of one owner to one related row away: it holds nothing but the
// pair and columns of one value.
func (r *Relation) LinkedOnce() bool {
	if r.Symmetric() && !r.Steps[0].Bare() {
		return false // it may be stored in either order
	}
	pair := r.LinkPair()
	for _, c := range r.Demands(0) {
		if c.Value != nil {
			pair = append(pair, c.Column)
		}
	}
	within := func(key []string) bool {
		return len(key) > 0 && !slices.ContainsFunc(key, func(c string) bool { return !slices.Contains(pair, c) })
	}
	return within(r.Link.PrimaryKey) || slices.ContainsFunc(r.Link.Uniques, within)
}

// LinkedBy returns the columns of the join table that no two links have alike, where no declaration says it of others: the types of the
// rows it points at, both keys, and what its scope says of the context, such as the tenant, unless a row of either end has the column by
// a scope of its own. That is seen from one tenant alone, and so is what leads to it; rows that all tenants share are linked by each.
func (r *Relation) LinkedBy() []string {
	told := slices.Concat(r.LinkTypes(), r.LinkPair())
	for _, c := range r.Link.Constants {
		apart := func(end *Table) bool {
			return slices.ContainsFunc(end.Constants, func(o Constant) bool { return o.Late() && o.Column == c.Column })
		}
		if c.Late() && !apart(r.Owner) && !apart(r.Related) {
			told = append(told, c.Column)
		}
	}
	var once []string
	for _, c := range told {
		if !slices.Contains(once, c) {
			once = append(once, c)
		}
	}
	return once
}

// LinkKey returns those of the columns, which are the two keys of the join table and what else each of its rows has from the
// relation, that tell a link from others: all of the first key of the table that is made of them and holds both keys, else those of
// LinkedBy.
func (r *Relation) LinkKey(columns []string) []string {
	pair, told := r.LinkPair(), r.LinkedBy()
	holds := func(list, of []string) bool {
		return !slices.ContainsFunc(of, func(c string) bool { return !slices.Contains(list, c) })
	}
	for _, key := range append([][]string{r.Link.PrimaryKey}, r.Link.Uniques...) {
		if holds(key, pair) && holds(columns, key) {
			told = key
			break
		}
	}
	return slices.DeleteFunc(slices.Clone(columns), func(c string) bool { return !slices.Contains(told, c) })
}

// LinkKeys returns lists of the columns of LinkKey by which a database may tell links, the likeliest first: that of LinkKey itself, both keys and
// the types with them, as a table has them unique that knows no tenants, and these with others of the columns, which are alike in all that the
// relation is about.
func (r *Relation) LinkKeys(columns []string) [][]string {
	keys, pair := [][]string{r.LinkKey(columns)}, slices.Concat(r.LinkTypes(), r.LinkPair())
	more := slices.DeleteFunc(slices.Clone(columns), func(c string) bool { return slices.Contains(pair, c) })
	sets := [][]string{nil}
	if len(more) > someColumns {
		sets, more = append(sets, more), nil
	}
	for _, c := range more {
		for _, set := range sets {
			sets = append(sets, append(slices.Clip(set), c))
		}
	}
	for _, set := range sets {
		key := slices.DeleteFunc(slices.Clone(columns), func(c string) bool { return !slices.Contains(pair, c) && !slices.Contains(set, c) })
		if !slices.ContainsFunc(keys, func(k []string) bool { return slices.Equal(k, key) }) {
			keys = append(keys, key)
		}
	}
	return keys
}

// someColumns is how many columns beside both keys are tried in all sets; of more all or none.
const someColumns = 3
