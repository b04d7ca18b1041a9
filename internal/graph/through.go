package graph

import "slices"

// through returns the relation of a chain of others, or nil as long as one of them is not built. Its mistakes are final.
func (d *Declaration) through() (*Relation, error) {
	segments, err := SplitPath(d.Path)
	if err != nil {
		return nil, d.problem("%s; name the relations it goes through, such as %q", err, "books.tags")
	}
	r := &Relation{Name: d.Name, Owner: d.Owner, Related: d.Related, Cardinality: d.Kind.Cardinality(), Optional: true, Rules: d.Rules,
		Cyclic: d.Cyclic}
	at := d.Owner
	for _, name := range segments {
		part, ok := at.Relation(name)
		if !ok {
			return nil, d.notAChain(name, at, r.Chain)
		}
		if err := part.Single(); err != nil {
			return nil, d.problem("it goes through %q, but %s", name, err)
		}
		if d.Kind == HasOneThrough && part.Cardinality == Many {
			return nil, d.problem("its path %q goes through %q, which is to-many, so that an owner may have several rows; declare it with "+
				"HasManyThrough, or go through to-one relations alone: a HasOne with OrderBy is the first of several rows", d.Path, part.String())
		}
		r.Chain = append(r.Chain, part)
		r.Steps = append(r.Steps, part.Steps...)
		at = part.Related
	}
	if at != d.Related {
		return nil, d.problem("the path %q leads to %q, not to %q; go on from there, or relate to that table", d.Path, at.Name, d.Related.Name)
	}
	if r.Ways = severalWays(r.Chain); r.Ways && len(at.PrimaryKey) == 0 {
		return nil, d.problem("a row of %q may be reached in several ways, and without a primary key cannot be told from others; "+
			"name one with PrimaryKey", at.Name)
	}
	if t := r.keylessWay(); t != nil {
		return nil, d.problem("it goes along a relation by a condition, and rows of %q on the way cannot be told apart without a primary key; "+
			"name one with PrimaryKey", t.Name)
	}
	return r, nil
}

// notAChain returns the mistake of a segment that means something in the path of a query, and is no relation to be joined along; nil: it
// means nothing there either, as far as is known.
func (d *Declaration) notAChain(segment string, at *Table, before []*Relation) error {
	name, _, tree := cutTree(segment)
	if r, ok := at.Relation(name); tree && ok {
		if err := r.OfItself("name it without the star"); err != nil {
			return d.problem("path %q: %s", d.Path, err)
		}
		return d.problem("its path %q follows %q as far as that leads, and a relation is declared along as many joins as its path has names; give "+
			"the path to what tests or counts the rows, as Has(%q, …), and load them by PreloadTree", d.Path, name, d.Path)
	}
	if n := len(before); segment == LinkName && n > 0 && before[n-1].Link != nil {
		return d.problem("its path %q goes through the rows of the join table %q as if they were beside those of %q; declare a HasMany of the "+
			"join table, and go through that", d.Path, before[n-1].Link.Name, at.Name)
	}
	return nil
}

// settleChains tells the to-one relations along others whether a row may be missing: where one on the way may be. It is asked once
// the keys are known to have constraints, or to be logical.
func settleChains(tables []*Table) {
	for _, t := range tables {
		for _, r := range t.order {
			if len(r.Chain) > 0 && r.Cardinality == One {
				r.Optional, r.Logical = r.missing()
			}
		}
	}
}

// missing reports whether a row may have none along the relation, and whether a key on the way may point at nothing.
func (r *Relation) missing() (optional, logical bool) {
	if len(r.Chain) == 0 {
		return r.Optional, r.Logical
	}
	for _, part := range r.Chain {
		o, l := part.missing()
		optional, logical = optional || o, logical || l
	}
	return optional, logical
}

// severalWays reports whether a row at the end of the chain may be reached from one owner in several ways. There is one way
// when the rows between are given by the owner up to some relation, and by the related row from there on.
func severalWays(chain []*Relation) bool {
	i := 0
	for i < len(chain) && chain[i].Cardinality == One && !chain[i].Ways {
		i++
	}
	for ; i < len(chain); i++ {
		if !chain[i].InverseIsOwner {
			return true
		}
	}
	return false
}

// checkPath returns the mistakes of a declaration along others.
func (d *Declaration) checkPath() []error {
	if len(d.ForeignKey)+len(d.References)+len(d.ThroughOwner)+len(d.ThroughRelated) > 0 {
		return []error{d.problem("it goes along the relations %q, which have the keys; leave its own out", d.Path)}
	}
	if d.Inverse != "" {
		return []error{d.problem("it goes along other relations and has no inverse; declare one along their inverses")}
	}
	return nil
}

// unreachable is the mistake of a path that could not be followed to its end, as those of the waiting ones could not.
func (d *Declaration) unreachable(waiting []*Declaration) error {
	segments, _ := SplitPath(d.Path)
	at := d.Owner
	for _, name := range segments {
		r, ok := at.Relation(name)
		if !ok && at == d.Owner && name == d.Name {
			return d.problem("its path %q goes through itself", d.Path)
		}
		if !ok && slices.ContainsFunc(waiting, func(o *Declaration) bool { return o.Owner == at && o.Name == name }) {
			return d.problem("its path %q goes through %q, whose own path cannot be followed to its end", d.Path, at.Name+"."+name)
		}
		if !ok {
			return d.problem("path %q: %s", d.Path, at.UnknownRelation(name))
		}
		at = r.Related
	}
	return d.problem("its path %q cannot be followed", d.Path)
}
