package write

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/levels"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// GATHER: the rows of an insertion, and what each needs of the others.

// unit is rows that are inserted together.
type unit struct {
	writing
	nodes    []*node
	index    map[*model.Table]*gathered
	needs    []need
	links    map[linkKey]structs.Row
	pairs    []newPair
	undo     []func() // what gives fields that are not of a node's row what they held
	there    []thereRow
	fixed    map[fixedBy]fixed
	stepKeys map[pairsKey]keyNeed
	points   points
	began    time.Time
	around   bool   // rows to be upserted point at each other in a cycle
	fresh    []node // that are not used yet
}

// now returns the time of the call, which is one for all that is inserted.
func (u *unit) now() time.Time {
	if u.began.IsZero() {
		u.began = time.Now()
	}
	return u.began
}

// node is a row to be inserted.
type node struct {
	table  *model.Table
	row    structs.Row
	branch *branch // how it was reached first
	needs  []int   // of its foreign keys
	told   *told   // nil: nothing
}

// told is what others than the row's own fields tell of its columns.
type told struct {
	filled []model.FieldPair                  // foreign keys that were filled from rows that are there already, and constants
	said   []fixed                            // what rules say of its columns
	given  map[*structs.Field]*graph.Relation // columns that had no value until the row in the relation's field gave them one
}

// linkKey tells apart the rows of a join table that the unit makes: two ends of one relation may ask for the same.
type linkKey struct {
	table    *graph.Table
	from, to structs.Row
	column   string // of the end that from is at
}

// need is a foreign key of one row that is filled from another.
type need struct {
	levels.Need
	keyNeed
	relation *graph.Relation
	late     []model.FieldPair // those of them that an update sets if it is met later
	origins  []origin          // of each of them whose value is told by another row than the one pointed at; nil: none is looked for
	unknown  []string          // columns that no update can set, and of which nobody knows the value before
}

// visit is a row whose relations of a branch have been followed.
type visit struct {
	node   int
	branch *branch
}

// gather collects the rows along the branches, and what they need of each other.
func (u *unit) gather(rows []structs.Row, root *branch) error {
	u.links, u.fixed = map[linkKey]structs.Row{}, map[fixedBy]fixed{}
	u.expect(root.table, len(rows))
	visited := map[visit]bool{}
	var follow func(n int, b *branch) error
	follow = func(n int, b *branch) error {
		if len(b.below) == 0 || visited[visit{n, b}] {
			return nil
		}
		visited[visit{n, b}] = true
		for _, below := range b.below {
			found, err := u.along(n, below)
			if err != nil {
				return err
			}
			for _, related := range found {
				if err := follow(related, below); err != nil {
					return err
				}
			}
		}
		return nil
	}
	for i, row := range rows {
		if row == nil {
			return graph.Problemf(fault.ErrInvalidRow, "row %d is nil", i+1)
		}
		n := u.node(root.table, row, root)
		if err := follow(n, root); err != nil {
			return err
		}
	}
	for n := range u.nodes {
		if err := u.fillFromFields(n); err != nil {
			return err
		}
	}
	for _, n := range u.nodes {
		if err := u.fix(n, n.table.Graph.Constants, byScope(n.table)); err != nil {
			return err
		}
	}
	for _, n := range u.nodes {
		if err := n.table.Graph.Writable(); err != nil {
			return err
		}
	}
	if err := u.checkSaid(); err != nil {
		return err
	}
	return u.checkTypes()
}

// along adds the rows of a branch that the field of a row holds, and returns those that were added or known.
func (u *unit) along(n int, b *branch) ([]int, error) {
	owner := u.nodes[n]
	field := u.registry.FieldOf(b.relation)
	if several := b.relation.VariantOf; several != nil {
		if held, err := u.variant(several, owner); held != b.relation {
			return nil, err
		}
	}
	if i := field.NilAt(owner.row); i >= 0 {
		return nil, graph.Problemf(fault.ErrInvalidRow, "relation %q: row %d in the field is nil; leave it out", b.relation.String(), i+1)
	}
	entries, rows := field.Entries(owner.row), field.AppendRows(nil, owner.row)
	found := make([]int, 0, len(rows))
	for i, row := range rows {
		related := -1
		if !b.links || b.table.IsNew(row) {
			related = u.node(b.table, row, b)
			found = append(found, related)
		}
		var err error
		if b.relation.Link == nil {
			err = u.addNeeds(b.relation, n, related)
		} else {
			var entry *structs.Entry
			if len(entries) > 0 {
				entry = entries[i]
			}
			err = u.link(n, related, row, b, entry)
		}
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// variant returns the variant of a relation to several tables that leads to the table of the row in its field; nil if it holds
// none. Where tables share a struct, the type column tells.
func (u *unit) variant(r *graph.Relation, n *node) (*graph.Relation, error) {
	typ, _ := n.table.Relations[r].Any(n.row)
	if typ == nil {
		return nil, nil
	}
	var alike, told []*graph.Relation
	names := make([]string, len(r.Variants))
	for i, v := range r.Variants {
		names[i] = "*" + v.Related.GoType
		if len(n.table.Relations[v].AppendRows(nil, n.row)) == 0 {
			continue
		}
		alike = append(alike, v)
		same, err := n.holds(v.Steps[0].OnFrom[0])
		if err != nil {
			return nil, graph.Problemf(fault.ErrInvalidRow, "relation %q: column %q: %w", r.String(), r.TypeColumn, err)
		}
		if same {
			told = append(told, v)
		}
	}
	switch {
	case len(alike) == 0:
		return nil, graph.Problemf(fault.ErrInvalidRow, "relation %q: the field holds a value of type %s, which is no row of a table that it leads to; "+
			"set it to a %s", r.String(), typ, strings.Join(names, " or a "))
	case len(alike) == 1:
		return alike[0], nil
	case len(told) == 0:
		return nil, graph.Problemf(fault.ErrInvalidRow, "relation %q: the row in the field may be of several tables, whose struct is %s; say which in "+
			"column %q", r.String(), names[0], r.TypeColumn)
	}
	return told[0], nil
}

// holds reports whether a column has the value that tells a type.
func (n *node) holds(c graph.Constant) (bool, error) {
	typ := n.table.TypeReader(c.Column)
	ok, err := typ.Read(n.row)
	return ok && typ.Is(c.Value), err
}

// addNeeds adds what the rows of a relation of one key need of each other.
func (u *unit) addNeeds(r *graph.Relation, owner, related int) error {
	step := r.Steps[0]
	for _, list := range []struct {
		constants []graph.Constant
		node      *node
	}{{step.OnFrom, u.nodes[owner]}, {step.OnTo, u.nodes[related]}} {
		if err := list.node.setTypes(r, list.constants); err != nil {
			return err
		}
	}
	u.addNeed(r, step, owner, related)
	return u.fix(u.nodes[related], r.Rules.Own, byRelation(r))
}

// setTypes gives the row the type of a polymorphic reference.
func (n *node) setTypes(r *graph.Relation, constants []graph.Constant) error {
	for _, c := range constants {
		field := n.table.Columns[c.Column]
		n.fill(model.FieldPair{Holder: field})
		if field.IsZero(n.row) {
			if err := n.table.SetValue(field, n.row, c.Value); err != nil {
				return err
			}
			continue
		}
		same, err := n.holds(c)
		if err != nil {
			return err
		}
		if !same {
			return graph.Problemf(fault.ErrInvalidRow, "relation %q: column %q of %q says that the row belongs to another table; make it zero, or take "+
				"the row out of the field", r.String(), c.Column, n.table.Graph.Name)
		}
	}
	return nil
}

// addNeed adds that the foreign key of a step, which one of two rows holds, is filled from the other.
func (u *unit) addNeed(r *graph.Relation, s graph.Step, from, to int) {
	next := need{relation: r}
	next.Of, next.On = to, from
	if s.Forward {
		next.Of, next.On = from, to
	}
	next.keyNeed = u.keyNeed(s, u.nodes[from].table, u.nodes[to].table, u.nodes[next.Of].table.Graph)
	if slices.ContainsFunc(u.nodes[next.Of].needs, func(i int) bool {
		return u.needs[i].Need == next.Need && slices.Equal(u.needs[i].pairs, next.pairs)
	}) {
		return
	}
	u.nodes[next.Of].needs = append(u.nodes[next.Of].needs, len(u.needs))
	u.needs = append(u.needs, next)
}

// unmade reports whether the key that is needed is still to be made, or a field of it.
func (u *unit) unmade(n need) bool {
	return slices.ContainsFunc(n.pairs, func(p model.FieldPair) bool { return u.unmadeField(n, p.Referenced) })
}

// unmadeField reports whether a field of the key that is needed is still to be made, by the database or from yet another row.
func (u *unit) unmadeField(n need, f *structs.Field) bool {
	t := u.nodes[n.On]
	return f.IsZero(t.row) && (model.MadeByDatabase(t.table.Graph, f.Column) || u.fills(t, f))
}

// fills reports whether a field is of a foreign key that is filled from another row.
func (u *unit) fills(n *node, f *structs.Field) bool {
	return slices.ContainsFunc(n.needs, func(i int) bool {
		return slices.ContainsFunc(u.needs[i].pairs, func(p model.FieldPair) bool { return p.Holder == f })
	})
}

// meet fills the foreign keys whose values are known before anything is inserted, and finds those that are wrong. Rows come in
// the order of their levels, so that a key made of another is made first.
func (u *unit) meet(order levels.Order) error {
	for _, level := range order.Levels {
		for _, n := range level {
			for _, i := range u.nodes[n].needs {
				if err := u.meetNeed(u.needs[i]); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (u *unit) meetNeed(n need) error {
	known := n
	known.pairs = nil
	for i, p := range n.pairs {
		switch {
		case !u.unmadeField(n, p.Referenced):
			known.pairs = append(known.pairs, p)
		case n.origins != nil && n.origins[i].field != nil:
			if err := u.fillFromOrigin(n, p, n.origins[i]); err != nil {
				return err
			}
		case !p.Holder.IsZero(u.nodes[n.Of].row):
			return otherOwner(n.relation, u.nodes[n.Of], p)
		}
	}
	return u.fill(known, u.nodes[n.On].row)
}

// fill gives a foreign key what the row it points at has. A key that is not zero must be the same.
func (u *unit) fill(n need, from structs.Row) error {
	holder := u.nodes[n.Of]
	p, err := u.fillKey(n.relation, n.pairs, holder.row, from)
	if p != nil {
		return otherOwner(n.relation, holder, *p)
	}
	return err
}

// fillKey gives a foreign key what the row it points at has. It returns the field that points at another row already.
func (w writing) fillKey(r *graph.Relation, pairs []model.FieldPair, holder, from structs.Row) (*model.FieldPair, error) {
	for i, p := range pairs {
		if p.Holder.IsZero(holder) {
			if err := p.Holder.Assign(holder, p.Referenced, from); err != nil {
				return nil, graph.Problemf(fault.ErrInvalidRow, "relation %q: the key of the row it points at: %w", r.String(), err)
			}
			continue
		}
		same, err := w.sameKey(p, holder, from)
		if err != nil {
			return nil, err
		}
		if !same {
			return &pairs[i], nil
		}
	}
	return nil, nil
}

func otherOwner(r *graph.Relation, h *node, p model.FieldPair) error {
	remedy := "make it zero to have it filled, or take the row out of the field"
	if slices.ContainsFunc(h.filled(), func(f model.FieldPair) bool { return f.Holder == p.Holder && f.Referenced == nil }) {
		remedy = "a Scope, or the Where of a relation, gives it its value, so put a row into the field that has the same"
	} else if r.Link == h.table.Graph && ofBothKeys(r, p.Holder.Column) {
		remedy = fmt.Sprintf("it is of the keys of both rows of a link, so put a row into the field that has the same %q", p.Referenced.Column)
	}
	return graph.Problemf(fault.ErrInvalidRow, "relation %q: column %q of a row of %q points at another row than the one it is in the field of; %s",
		r.String(), p.Holder.Column, h.table.Graph.Name, remedy)
}

// ofBothKeys reports whether a column of the join table is of its keys of both ends.
func ofBothKeys(r *graph.Relation, column string) bool {
	return slices.ContainsFunc(r.Steps[0].On, func(p graph.Pair) bool { return p.To == column }) &&
		slices.ContainsFunc(r.Steps[1].On, func(p graph.Pair) bool { return p.From == column })
}

// fillFromFields fills the foreign keys of a row from its to-one fields. What a field holds need not be inserted, but then it
// must have its key.
func (u *unit) fillFromFields(n int) error {
	nd := u.nodes[n]
	for _, r := range nd.table.Graph.Relations() {
		field := nd.table.Relations[r]
		if len(r.Variants) > 0 && field != nil {
			var err error
			if r, err = u.variant(r, nd); err != nil {
				return err
			}
		}
		if field == nil || r == nil || field.Shape.Many() || field.Shape.Copies() || len(r.Steps) != 1 || !r.Steps[0].Forward {
			continue
		}
		held := nd.table.Relations[r].AppendRows(nil, nd.row)
		if len(held) == 0 {
			continue
		}
		t := u.registry.TableOf(r.Related)
		var err error
		fills := slices.ContainsFunc(model.KeyPairs(r.Steps[0], nd.table, t), func(p model.FieldPair) bool { return p.Holder.IsZero(nd.row) })
		if err = r.Writable(); err != nil && fills {
			return graph.Problemf(fault.ErrInvalidRelation, "relation %q: %w", r.String(), err)
		}
		if target, ok := u.known(t, held[0]); ok {
			err = u.addNeeds(r, n, target)
		} else if err = nd.setTypes(r, r.Steps[0].OnFrom); err == nil {
			err = u.fillFrom(r, r.Steps[0], nd, held[0])
			if fills {
				u.there = append(u.there, thereRow{r, held[0]})
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// fillFrom fills the foreign key of a step of the relation from a row that is there already.
func (u *unit) fillFrom(r *graph.Relation, s graph.Step, n *node, row structs.Row) error {
	t := u.registry.TableOf(s.Table)
	key := need{relation: r, keyNeed: keyNeed{pairs: model.KeyPairs(s, n.table, t)}}
	key.Of, _ = u.known(n.table, n.row)
	for _, p := range key.pairs {
		if p.Referenced.IsZero(row) && model.MadeByDatabase(t.Graph, p.Referenced.Column) {
			return graph.Problemf(fault.ErrInvalidRow, "relation %q: the row in the field has no key yet; insert it first, or name the relation in With",
				r.String())
		}
	}
	for _, p := range key.pairs {
		if !p.Holder.IsZero(n.row) {
			continue
		}
		n.give(p.Holder, r)
	}
	n.fill(key.pairs...)
	return u.fill(key, row)
}

// waiting returns the needs that rows wait for, and their numbers.
func (u *unit) waiting() (needs []levels.Need, numbers []int) {
	needs, numbers = make([]levels.Need, 0, len(u.needs)), make([]int, 0, len(u.needs))
	for i, n := range u.needs {
		if n.Of == n.On && !u.unmade(n) {
			continue // a row may point at itself if its key is given
		}
		needs, numbers = append(needs, n.Need), append(numbers, i)
	}
	return needs, numbers
}

// order returns the levels of the rows, and the needs that are met by an update. Only where rows point at each other it is worth a look
// at what tells a column beside the row that is pointed at.
func (u *unit) order() (order levels.Order, err error) {
	for _, further := range []bool{false, true} {
		for i := range u.needs {
			u.postpone(&u.needs[i], further)
		}
		needs, numbers := u.waiting()
		var cycle []int
		order, cycle = levels.Of(len(u.nodes), needs)
		for i, n := range order.Postponed {
			order.Postponed[i] = numbers[n]
		}
		if cycle == nil {
			return order, nil
		}
		err = u.cyclic(cycle)
	}
	return order, err
}
