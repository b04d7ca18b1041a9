package graph

import (
	"slices"
	"strconv"
	"strings"
)

// Input of this file: relations of a table with itself, which can be followed again from the rows they lead to. Output: whether they
// make a tree, and the relation of an owner to all rows that it has so, however far: "subcategories*" of a path, which is none that was
// declared.

// treeMark stands behind a relation's name where it is followed again and again.
const treeMark = "*"

// cutTree splits "subcategories*3" into the relation's name and what stands behind the mark.
func cutTree(segment string) (name, levels string, ok bool) {
	i := strings.LastIndex(segment, treeMark)
	if i <= 0 {
		return segment, "", false
	}
	return segment[:i], segment[i+1:], true
}

// followed returns the relation to the rows that r leads to, those that it leads to from them, and so on; levels is what was written of
// how far.
func (r *Relation) followed(segment, levels string) (*Relation, error) {
	if err := r.Single(); err != nil {
		return nil, err
	}
	if err := r.OfItself("name it without the star"); err != nil {
		return nil, err
	}
	most := 0
	if levels != "" {
		n, err := strconv.Atoi(levels)
		if err != nil || n < 1 || strings.TrimLeft(levels, "0123456789") != "" {
			return nil, Problemf(ErrUnknownRelation, "%q: expected the number of levels behind the star, 1 or more, got %q; leave it out for "+
				"all levels", segment, levels)
		}
		most = n
	}
	return &Relation{
		Name: segment, Owner: r.Owner, Related: r.Related, Cardinality: Many, Optional: true, Steps: r.Steps, Partial: true,
		Tree: r, Levels: most,
	}, nil
}

// OfItself returns why the relation cannot be followed again from its own rows, and what to do instead.
func (r *Relation) OfItself(instead string) error {
	if r.Owner == r.Related {
		return nil
	}
	return Problemf(ErrUnknownRelation, "relation %q leads from %q to %q, and only a relation of a table with itself makes a tree; %s",
		r.String(), r.Owner.Name, r.Related.Name, instead)
}

// Carried returns the columns of a row of the tree that tell it, and what lies below it.
func (r *Relation) Carried() []string {
	columns := slices.Clone(r.Owner.PrimaryKey)
	for _, c := range r.OwnerColumns() {
		if !slices.Contains(columns, c) {
			columns = append(columns, c)
		}
	}
	return columns
}

// checkCyclic returns the mistake of a relation that is said to lead back to its owners, and leads to another table.
func (d *Declaration) checkCyclic() error {
	if !d.Cyclic || d.Owner == d.Related && d.Kind != MorphTo {
		return nil
	}
	return d.problem("Cyclic is for a relation of a table with itself, whose rows may lie below themselves; leave it out")
}
