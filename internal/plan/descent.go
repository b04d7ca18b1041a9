package plan

import (
	"slices"

	"github.com/dovetail-go/dovetail/internal/graph"
)

// Input of this file: a relation of a table with itself that is followed again from the rows it leads to, "subcategories*" of a path.
// Output: a binding of those rows, whose descent says how they are found.

// Descent is how the rows of a binding are found: those directly below a row, those directly below them, and so on. Each has what
// always holds of the relation's rows: below one that has not nothing is looked for.
type Descent struct {
	Rows   string   // the alias of what tells the rows, by the names of the columns of the primary key
	Found  string   // the same while they are found
	Owner  []Ref    // what tells the row that First starts from; none: it is the row around, which First names
	First  *Scope   // finds the rows directly below: its base
	Next   *Scope   // finds those directly below a row that was found
	Above  *Binding // that row
	Joined bool     // more of it is named than what was found says: its table is joined
	Levels int      // at most; 0: all
}

// checkDescent returns why rows cannot be found by following the relation again, and what to do instead.
func checkDescent(r *graph.Relation, instead string) error {
	if err := r.OfItself(instead); err != nil {
		return err
	}
	switch {
	case len(r.Steps[0].OnFrom) > 0:
		return graph.Problemf(ErrUnsupported, "relation %q holds for rows of one type only, which a tree does not test on its way; %s", r.String(),
			instead)
	case len(r.Owner.PrimaryKey) == 0:
		return graph.Problemf(ErrInvalid, "table %q has no primary key to tell the rows of a tree by; declare it with PrimaryKey",
			r.Owner.Name)
	}
	return nil
}

// descend binds the rows at the end of relations, the last of which is followed again and again, in a scope that has those before it.
func (s *Scope) descend(outer *Scope, from *Binding, relations []*graph.Relation) (*Binding, error) {
	last := len(relations) - 1
	r, parent := relations[last], s.Base
	if err := checkDescent(r.Tree, "name it without the star"); err != nil {
		return nil, err
	}
	path := parent.pathTo(r.Name)
	b := &Binding{
		Path: path, Alias: s.names.pick(s.applied.prefix + path), Table: r.Related, Relation: r, Parent: parent, Many: true,
	}
	d := &Descent{Rows: s.names.pick(b.Alias + "#rows"), Found: s.names.pick("tree#"), Levels: r.Levels}
	var err error
	if d.First, err = outer.below(from, relations[:last]); err != nil {
		return nil, err
	}
	if len(s.Bindings) > 0 {
		for _, o := range d.First.Base.key() {
			d.Owner = append(d.Owner, o.Ref)
		}
	}
	if d.First.Base, err = d.First.bindAt(d.First.Base, r.Tree, path, false); err != nil {
		return nil, err
	}
	d.Above = &Binding{Path: path, Alias: d.Found, Table: r.Related}
	d.Next = newScope(d.Above, s.names, s.applied)
	d.Next.Bindings = nil
	if d.Next.Base, err = d.Next.bindAt(d.Above, r.Tree, path, false); err != nil {
		return nil, err
	}
	if d.Joined = d.Above.Named || r.Tree.PartlyByCondition(); d.Joined {
		d.Above.Alias = s.names.pick(b.Alias + "#above")
	}
	said, err := s.defaults(b, path)
	if err != nil {
		return nil, err
	}
	b.Rules, b.Descent = [][]Expr{b.Fixed(said)}, d
	s.Bindings = append(s.Bindings, b)
	s.know(b)
	return b, nil
}

// Ascent is how rows are found that have rows below them for which a test holds: those that are directly above one, those directly above
// them, and so on. It starts from the rows of the test, and goes once from each, for all rows that are tested.
type Ascent struct {
	Found  string // the alias of the rows found, told by the columns of their primary key
	Key    []Ref  // what tells the row that is tested
	Above  *Binding
	Next   *Scope // Base is below its first binding, and was found
	Levels int    // at most; 0: all
}

// ascend opens a scope for the rows at a path that begins with a relation which is followed again: each directly below a row that is
// bound first, for the test to find. It is nil where the rows cannot be found without those that are tested.
func (s *Scope) ascend(relations []*graph.Relation) (sub *Scope, up *Ascent, err error) {
	r := relations[0]
	again := func(r *graph.Relation) bool { return r.Tree != nil }
	if r.Tree == nil || slices.ContainsFunc(relations[1:], again) || checkDescent(r.Tree, "") != nil {
		return nil, nil, nil
	}
	path := s.Base.pathTo(r.Name)
	up = &Ascent{Levels: r.Levels}
	for _, o := range s.Base.key() {
		up.Key = append(up.Key, o.Ref)
	}
	if sub, up.Above, err = s.directlyBelow(r.Tree, path); err != nil {
		return nil, nil, err
	}
	for _, next := range relations[1:] {
		if err = sub.goOn(next); err != nil {
			return nil, nil, err
		}
	}
	up.Found = s.names.pick("tree#")
	up.Next, _, err = s.directlyBelow(r.Tree, path)
	return sub, up, err
}

// directlyBelow opens a scope for rows that lie below others, which are bound first.
func (s *Scope) directlyBelow(r *graph.Relation, path string) (sub *Scope, above *Binding, err error) {
	above = &Binding{Path: path, Alias: s.names.pick(s.applied.prefix + path + "#above"), Table: r.Owner}
	sub = &Scope{Root: s.Root, Base: above, byPath: map[string]*Binding{}, names: s.names, applied: s.applied, outer: s}
	if sub.Base, err = sub.bindAt(above, r, path, false); err != nil {
		return nil, nil, err
	}
	said, err := s.defaults(above, s.Base.Path, path) // of what is tested, and of what is below it
	if err != nil {
		return nil, nil, err
	}
	sub.Base.On = above.Fixed(said)
	sub.withoutLinkBehind(sub.Base)
	return sub, above, nil
}

// withoutLinkBehind forgets the row of the join table of rows that several may have led to.
func (s *Scope) withoutLinkBehind(b *Binding) {
	if b.Link != nil {
		delete(s.byPath, b.Link.Path)
		b.Link = nil
	}
}

// Carried returns the columns of a row that was found which say what is below it.
func (d *Descent) Carried() []string {
	if d.Joined {
		return d.Above.Table.PrimaryKey
	}
	return d.Next.Base.Relation.Carried()
}

// scopes returns those in which the rows of the test are found.
func (e *Exists) scopes() []*Scope {
	if e.Up == nil {
		return []*Scope{e.Sub}
	}
	return []*Scope{e.Sub, e.Up.Next}
}

// scopes returns those in which the rows of a binding are found.
func (b *Binding) scopes() []*Scope {
	if b.Descent == nil {
		return nil
	}
	return []*Scope{b.Descent.First, b.Descent.Next}
}

// onlyTested refuses a path that is followed again and again, where rows are not tested or made into values.
func onlyTested(relations []*graph.Relation, instead func(of string) string) error {
	i := slices.IndexFunc(relations, func(r *graph.Relation) bool { return r.Tree != nil })
	if i < 0 {
		return nil
	}
	return graph.Problemf(ErrUnsupported, "%q is for tests and values of all rows along %q: Has and the like, and With; %s", relations[i].Name,
		relations[i].Tree.String(), instead(relations[i].Tree.Name))
}
