package graph

import "strings"

// Input of this file: dotted paths of relation names. Behind a many-to-many, a path may go on from the row of the join table: its
// segment "link" is a to-one relation of the related row that needs no join, because that row was passed on the way.

// withLink gives a relation that has a join table the way to its row.
func (r *Relation) withLink() {
	if r.Link == nil {
		return
	}
	last := r.Steps[len(r.Steps)-1]
	back := Step{Table: r.Link}
	for _, p := range last.On {
		back.On = append(back.On, p.turned())
	}
	r.toLink = &Relation{Name: LinkName, Owner: r.Related, Related: r.Link, Steps: []Step{back}, LinkOf: r}
}

// ToLink returns the way from a related row to the row of the join table that it was reached by. It is no relation that was
// declared: it says where a path leads, and is never joined. It is nil where there is no join table.
func (r *Relation) ToLink() *Relation { return r.toLink }

// Along returns the relation of that name of a row of the table which was reached along via; nil: along none. It is one of the table, or
// the way to the row of the join table.
func (t *Table) Along(name string, via *Relation) (*Relation, error) {
	r, ok := t.Relation(name)
	switch {
	case name != LinkName || via == nil || via.toLink == nil:
		if of, levels, tree := cutTree(name); tree {
			if r, ok = t.Relation(of); ok {
				return r.followed(name, levels)
			}
			name = of
		}
		switch {
		case ok:
		case via != nil && via.toLink != nil:
			return nil, t.UnknownRelation(name, LinkName)
		default:
			return nil, t.UnknownRelation(name)
		}
		return r, nil
	case ok:
		return nil, Problemf(ErrAmbiguous, "%q is the row of the join table %q and a relation of %q; rename the relation", name,
			via.Link.Name, t.Name)
	}
	return via.toLink, nil
}

// Resolve follows a path of relation names, such as "activities.branch", from a row of the table which was reached along via; nil: along
// none. It ends at related rows.
func (t *Table) Resolve(path string, via *Relation) ([]*Relation, error) {
	relations, _, err := t.Walk(path, via)
	if err == nil {
		err = relations[len(relations)-1].Single()
	}
	return relations, err
}

// Row follows a path as [Table.Resolve] does, to a row whose columns are named. That may be one of a join table.
func (t *Table) Row(path string, via *Relation) ([]*Relation, error) {
	relations, _, err := t.follow(path, via)
	if err == nil {
		err = relations[len(relations)-1].Single()
	}
	return relations, err
}

// Walk follows a path as [Table.Resolve] does, up to a relation that leads to several tables. rest is what of the path lies
// behind that.
func (t *Table) Walk(path string, via *Relation) (relations []*Relation, rest string, err error) {
	relations, rest, err = t.follow(path, via)
	if err == nil && relations[len(relations)-1].LinkOf != nil {
		return nil, "", relations[len(relations)-1].endsAtLink(path)
	}
	return relations, rest, err
}

// endsAtLink refuses a path that ends where there are no related rows, but one that is there already.
func (r *Relation) endsAtLink(path string) error {
	on := ""
	if names := r.Related.order; len(names) > 0 {
		on = ", or go on along one of its relations, as in \"" + path + "." + names[0].Name + "\""
	}
	return Problemf(ErrUnknownRelation, "path %q ends at the row of the join table %q, which comes with that of %q; name its columns, as "+
		"\"link.column\" where a bare name is of %q and else \"path.link.column\"%s", path, r.Related.Name, r.Owner.Name, r.Owner.Name, on)
}

func (t *Table) follow(path string, via *Relation) (relations []*Relation, rest string, err error) {
	segments, err := SplitPath(path)
	if err != nil {
		return nil, "", err
	}
	relations = make([]*Relation, 0, len(segments))
	at := t
	for i, name := range segments {
		r, err := at.Along(name, via)
		if err != nil {
			if len(segments) > 1 {
				err = within(path, err)
			}
			return nil, "", err
		}
		relations = append(relations, r)
		if len(r.Variants) > 0 {
			return relations, strings.Join(segments[i+1:], "."), nil
		}
		at, via = r.Related, r
	}
	return relations, "", nil
}

// within says in which path an error was found.
func within(path string, err error) error {
	if p, ok := err.(*Problem); ok {
		return Problemf(p.Is, "path %q: %s", path, err)
	}
	return err
}
