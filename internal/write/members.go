package write

import (
	"slices"

	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// MEMBERS: the rows of a relation are put into the structs in hand, on both of its sides. Nothing here knows a database.

// writable returns the relation that is to be written along, with its name for errors.
func writable(d *model.Declaration, verb string) (r *graph.Relation, op string, err error) {
	if d == nil {
		return nil, verb, &fault.QueryError{Op: verb, Err: graph.Problemf(fault.ErrUnknownRelation, "the relation is empty; make it with HasMany or its "+
			"like")}
	}
	op = verb + " " + d.String()
	if err := d.OwnerTable.Registry.Freeze(); err != nil {
		return nil, op, err
	}
	if r, err = d.Bound(); err != nil {
		return nil, op, &fault.QueryError{Op: op, Err: err}
	}
	if err := r.Single(); err != nil {
		return nil, op, &fault.QueryError{Op: op, Err: err}
	}
	if len(r.Chain) > 0 || r.First || r.ByCondition() {
		return nil, op, &fault.QueryError{Op: op, Err: r.Linkable()}
	}
	return r, op, nil
}

// Members is a change of the rows that structs in hand hold.
type Members struct {
	registry *model.Registry
	relation *graph.Relation
	saved    []*structs.Saved
}

// Relate changes the fields of structs in hand; after an error they are as they were.
func Relate(
	d *model.Declaration, verb string, owner structs.Row, rows []structs.Row, do func(*Members, structs.Row, []structs.Row) error,
) error {
	r, op, err := writable(d, verb)
	if err != nil {
		return err
	}
	m := &Members{registry: d.OwnerTable.Registry, relation: r}
	switch {
	case owner == nil:
		err = graph.Problemf(fault.ErrInvalidRow, "the owner is nil")
	case slices.Contains(rows, nil):
		err = graph.Problemf(fault.ErrInvalidRow, "row %d is nil", slices.Index(rows, nil)+1)
	case m.registry.FieldOf(r) == nil:
		err = graph.Problemf(fault.ErrInvalidRelation, "struct %s has no field for it; add one tagged `rel:%q`", r.Owner.GoType, r.Name)
	default:
		err = do(m, owner, rows)
	}
	if err == nil {
		return nil
	}
	for _, s := range slices.Backward(m.saved) {
		s.Restore()
	}
	return &fault.QueryError{Op: op, Err: err}
}

// back is the relation of the other side, which a symmetric one is itself; nil: there is none.
func (m *Members) back() *graph.Relation {
	if m.relation.Symmetric() {
		return m.relation
	}
	return m.relation.Inverse
}

// Add puts rows into the owner's field, and the owner into theirs.
func (m *Members) Add(owner structs.Row, rows []structs.Row) error {
	for _, row := range rows {
		if err := m.join(owner, row); err != nil {
			return err
		}
	}
	return nil
}

// Remove takes rows out of the owner's field, and the owner out of theirs.
func (m *Members) Remove(owner structs.Row, rows []structs.Row) error {
	for _, row := range rows {
		if m.holds(m.relation, owner, row) || m.back() != nil && m.holds(m.back(), row, owner) {
			if err := m.part(owner, row); err != nil {
				return err
			}
		}
	}
	return nil
}

// Set makes the owner's field hold the rows, in this order.
func (m *Members) Set(owner structs.Row, rows []structs.Row) error {
	related := m.registry.TableOf(m.relation.Related)
	for _, held := range m.held(m.relation, owner) {
		if !slices.ContainsFunc(rows, func(row structs.Row) bool { return related.Same(held, row) }) {
			if err := m.part(owner, held); err != nil {
				return err
			}
		}
	}
	if err := m.Add(owner, rows); err != nil {
		return err
	}
	if field := m.registry.FieldOf(m.relation); field.Shape.Many() {
		reorder(field, owner, rows, related)
	}
	return nil
}

// held returns the rows that the field of a relation holds; none if it has no field.
func (m *Members) held(r *graph.Relation, owner structs.Row) []structs.Row {
	field := m.registry.FieldOf(r)
	if field == nil {
		return nil
	}
	return field.AppendRows(nil, owner)
}

func (m *Members) holds(r *graph.Relation, owner, row structs.Row) bool {
	t := m.registry.TableOf(r.Related)
	return slices.ContainsFunc(m.held(r, owner), func(held structs.Row) bool { return t.Same(held, row) })
}

// join puts a row and its owner into the fields of each other, and out of those that can no longer hold them.
func (m *Members) join(owner, row structs.Row) error {
	r, back := m.relation, m.back()
	if r.Cardinality == graph.One {
		for _, held := range m.held(r, owner) {
			if err := m.part(owner, held); err != nil {
				return err
			}
		}
	}
	if back != nil && back.Cardinality == graph.One {
		for _, other := range m.held(back, row) {
			if m.registry.TableOf(r.Owner).Same(other, owner) {
				continue
			}
			if err := m.part(other, row); err != nil {
				return err
			}
		}
	}
	m.save(owner, row)
	if err := m.point(owner, row); err != nil {
		return err
	}
	if back != nil {
		m.put(back, row, owner)
	}
	m.put(r, owner, row) // last, because the field may hold a copy
	return nil
}

// part takes a row and its owner out of the fields of each other.
func (m *Members) part(owner, row structs.Row) error {
	m.save(owner, row)
	m.drop(m.relation, owner, row)
	if back := m.back(); back != nil {
		m.drop(back, row, owner)
	}
	if m.relation.Link == nil {
		t, holder, fields := m.key(owner, row)
		t.Clear(holder, fields)
	}
	return nil
}

// save remembers what both rows hold. Slices that they hold are never written to.
func (m *Members) save(owner, row structs.Row) {
	m.saved = append(m.saved, m.registry.TableOf(m.relation.Owner).Layout.Save(owner),
		m.registry.TableOf(m.relation.Related).Layout.Save(row))
}

// key returns which of the rows holds the relation's foreign key, and the fields of that, the type of a polymorphic one included.
func (m *Members) key(owner, row structs.Row) (*model.Table, structs.Row, []*structs.Field) {
	step := m.relation.Steps[0]
	t, holder, constants := m.registry.TableOf(m.relation.Related), row, step.OnTo
	if step.Forward {
		t, holder, constants = m.registry.TableOf(m.relation.Owner), owner, step.OnFrom
	}
	return t, holder, model.KeyHolders(m.registry, m.relation, t, constants)
}

// point gives the foreign key, if one of the two rows holds it, the key of the other.
func (m *Members) point(owner, row structs.Row) error {
	r := m.relation
	if r.Link != nil {
		return nil
	}
	step := r.Steps[0]
	t, holder, fields := m.key(owner, row)
	from, fromRow, constants := m.registry.TableOf(r.Owner), owner, step.OnTo
	if step.Forward {
		from, fromRow, constants = m.registry.TableOf(r.Related), row, step.OnFrom
	}
	key := model.KeyPairs(step, m.registry.TableOf(r.Owner), m.registry.TableOf(r.Related))
	var referenced []*structs.Field
	for _, p := range key {
		referenced = append(referenced, p.Referenced)
	}
	if !from.HasKey(referenced, fromRow) {
		t.Clear(holder, fields)
	} else {
		for _, p := range key {
			to := holder
			own := !p.Holder.IsZero(holder) && slices.Contains(t.Graph.PrimaryKey, p.Holder.Column)
			if own { // which is compared, and stays
				to = structs.NewSlab(t.Layout, 1).New()
			}
			if err := p.Holder.Assign(to, p.Referenced, fromRow); err != nil {
				return graph.Problemf(fault.ErrInvalidRow, "the key of the row it points at: %w", err)
			}
			if own && !p.Holder.Same(holder, to) {
				return changesKey(t, p.Holder)
			}
		}
	}
	for _, c := range constants {
		if err := t.SetValue(t.Columns[c.Column], holder, c.Value); err != nil {
			return graph.Problemf(fault.ErrInvalidRow, "%w", err)
		}
	}
	if step.Forward {
		return nil // the rules are about the row that is pointed at
	}
	known := slices.DeleteFunc(slices.Clone(r.Rules.Own), graph.Constant.Late)
	rules, err := writing{}.fix(t, known, byRelation(r))
	if err != nil {
		return err
	}
	return rules.fill(holder)
}

// put puts a row into the field of a relation, if it has one.
func (m *Members) put(r *graph.Relation, owner, row structs.Row) {
	field, t := m.registry.FieldOf(r), m.registry.TableOf(r.Related)
	switch {
	case field == nil:
	case field.Shape == structs.ShapeLinked:
		held := slices.Clone(field.Pairs(owner))
		if at := slices.IndexFunc(held, func(p structs.Pair) bool { return p.Row != nil && t.Same(p.Row, row) }); at >= 0 {
			held[at].Row = row
		} else {
			held = append(held, structs.Pair{Row: row})
		}
		field.Field.SetPairs(owner, held)
	case field.Shape.Many():
		held := field.AppendRows(nil, owner)
		if at := slices.IndexFunc(held, func(h structs.Row) bool { return t.Same(h, row) }); at >= 0 {
			held[at] = row
		} else {
			held = append(held, row)
		}
		field.Field.SetMany(owner, held)
	default:
		field.SetOne(owner, row)
	}
}

// drop takes a row out of the field of a relation, if it has one.
func (m *Members) drop(r *graph.Relation, owner, row structs.Row) {
	field, t := m.registry.FieldOf(r), m.registry.TableOf(r.Related)
	switch {
	case field == nil || !m.holds(r, owner, row):
	case field.Shape == structs.ShapeLinked:
		held := slices.DeleteFunc(slices.Clone(field.Pairs(owner)), func(p structs.Pair) bool {
			return p.Row != nil && t.Same(p.Row, row)
		})
		field.Field.SetPairs(owner, held)
	case field.Shape.Many():
		held := slices.DeleteFunc(field.AppendRows(nil, owner), func(h structs.Row) bool { return t.Same(h, row) })
		field.Field.SetMany(owner, held)
	default:
		field.SetOne(owner, nil)
	}
}

// reorder puts what a to-many field holds into the order of the rows, each once.
func reorder(f *model.RelationField, owner structs.Row, rows []structs.Row, t *model.Table) {
	ordered := make([]structs.Row, 0, len(rows))
	for _, row := range rows {
		if !slices.ContainsFunc(ordered, func(o structs.Row) bool { return t.Same(o, row) }) {
			ordered = append(ordered, row)
		}
	}
	if f.Shape != structs.ShapeLinked {
		f.Field.SetMany(owner, ordered)
		return
	}
	held := f.Pairs(owner)
	entries := make([]structs.Pair, len(ordered))
	for i, row := range ordered {
		at := slices.IndexFunc(held, func(p structs.Pair) bool { return p.Row != nil && t.Same(p.Row, row) })
		entries[i] = held[at]
	}
	f.Field.SetPairs(owner, entries)
}
