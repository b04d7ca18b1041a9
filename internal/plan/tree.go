package plan

import (
	"fmt"

	"github.com/dovetail-go/dovetail/internal/graph"
)

// String returns what a plan says of a preload that is a tree, and nothing of one that is not.
func (t *Tree) String() string {
	switch {
	case t == nil:
		return ""
	case t.Depth == 0:
		return "a tree, all levels, "
	case t.Depth == 1:
		return "a tree, 1 level, "
	}
	return fmt.Sprintf("a tree, %d levels, ", t.Depth)
}

// LevelFunc is the Func of an Aggregate that is the level of a row of a tree.
const LevelFunc = "level"

// level notes which computed field has the level of each row.
func (q *Query) level(name string) error {
	switch {
	case q.ForOwners == nil || q.ForOwners.Tree == nil:
		return graph.Problemf(ErrInvalid, "Level is that of the rows of a tree; give it to the query of PreloadTree")
	case q.Level != "":
		return graph.Problemf(ErrInvalid, "Level is given twice, as %q and %q; make them one", q.Level, name)
	}
	q.Level = name
	return nil
}

// addTree takes in that the relation is asked for as a tree, or is not. Beside a tree, a preload of the same relation adds
// nothing, unless it has a query of its own.
func (m *mergedPreload) addTree(c PreloadClause) error {
	switch {
	case c.Tree == nil && c.Spec != nil:
		m.list = c.Spec
	case c.Tree != nil && m.tree != nil && *m.tree != *c.Tree:
		return graph.Problemf(ErrInvalid, "%q is given twice with different depths; make them one", c.Path)
	case c.Tree != nil:
		m.tree = c.Tree
	}
	if m.tree != nil && m.list != nil {
		return graph.Problemf(ErrInvalid, "%q is loaded both as a tree and by a Preload with a query; give the query to PreloadTree",
			c.Path)
	}
	return nil
}

// checkTree refuses a tree along a relation that cannot be followed from its own rows.
func (m *mergedPreload) checkTree() error {
	r := m.relation
	switch {
	case m.tree == nil:
		return nil
	case r.Owner == r.Related && r.Symmetric() && !r.Cyclic:
		return graph.Problemf(ErrUnsupported, "relation %q leads back from every row to the one above it, which makes no tree; declare it Cyclic "+
			"too, or use Preload for each level", r.String())
	}
	if err := checkDescent(r, "use Preload"); err != nil {
		return err
	}
	if r.Linked && len(r.Link.PrimaryKey) == 0 {
		return graph.Problemf(ErrInvalid, "join table %q has no primary key to tell the links of a tree by; declare it with PrimaryKey, or load "+
			"the rows alone, into a field []*%s", r.Link.Name, r.Related.GoType)
	}
	return nil
}

// rootKey returns the columns of the rows loaded onto that tell whether one of them is a row of its own tree. Without a
// depth it shows in the rows of the tree alone.
func (m *mergedPreload) rootKey() []string {
	if m.tree == nil || m.tree.Depth == 0 {
		return nil
	}
	return m.relation.Owner.PrimaryKey
}

// insideTree is the error of a preload that asks the rows of a tree for what the tree gives them.
func insideTree(m *mergedPreload) error {
	return &PathError{Err: graph.Problemf(ErrInvalid, "%q of the rows is what the tree loads; leave it out, or use Preload level by "+
		"level instead of the tree", m.relation.Name)}
}

// checkTree refuses clauses that have no meaning for the rows of a tree.
func (q *Query) checkTree(spec *Spec) error {
	if q.ForOwners == nil || q.ForOwners.Tree == nil {
		return nil
	}
	refuse := func(format string, args ...any) error {
		return graph.Problemf(ErrUnsupported, "the query of a tree cannot have "+format, args...)
	}
	switch {
	case spec.limiting() != "":
		return refuse("%s: rows below those left out would have no place; filter with Where, or use Preload for each level",
			spec.limiting())
	case spec.Distinct:
		return refuse("Distinct, nor needs it: every row comes once")
	case spec.Lock.Strength != "":
		return refuse("%s; lock the rows in a query of their own", spec.Lock.Method)
	}
	for _, o := range q.OrderBy {
		if o.Ref.Binding != nil && o.Ref.Binding.Varies {
			return refuse("an order by %q, of which a row that is found several times has several; order by columns of %q", o.Ref.Name,
				q.Base.Table.Name)
		}
	}
	if fetched := q.fetched(); len(fetched) > 0 {
		return refuse("Fetch(%q); use Preload", fetched[0].Path)
	}
	if many := q.multiplying(); len(many) > 0 {
		return graph.Problemf(ErrFanOut, "a row of a tree comes once, and join %q would repeat it for each of its related rows; "+
			"use Has(%q, …) instead of the join", many[0].Path, many[0].Path)
	}
	return nil
}
