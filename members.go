package dovetail

import (
	"slices"

	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// RELATE: the rows of a relation are put into the structs in hand, on both of its sides. Nothing here knows a database.

// Add puts rows into the owner's field, after those it holds. It keeps the other side in step: the field of the inverse, if
// there is one, then holds the owner; a foreign key has the key of the row it points at, or is zero where that has none yet;
// and a row that is in the field of another owner, which its own field names, is taken out of there. A row that the field
// holds already, by its pointer or its primary key, is not added again but takes that one's place. A field of values ([]C)
// gets a copy of the row.
//
//	AccountActivities.Add(account, deposit) // deposit.Account == account, deposit.AccountID == account.ID
//
// It needs no database. It is an error ([ErrInvalidRelation]) for the relation to have no field, or to go along others; after
// an error the structs are as they were. It is not safe for concurrent use of the structs.
func (m *ToMany[P, C]) Add(owner *P, rows ...*C) error {
	return relateRows(m.declared(), "add", structs.RowOf(owner), structs.RowsOf(rows), (*members).add)
}

// Remove takes rows out of the owner's field, and keeps the other side in step as [ToMany.Add] does: the inverse's field no
// longer holds the owner, and the foreign key is zero. Of a key some of whose columns can be NULL, only those become zero.
// Rows that are not in the field are left alone.
func (m *ToMany[P, C]) Remove(owner *P, rows ...*C) error {
	return relateRows(m.declared(), "remove", structs.RowOf(owner), structs.RowsOf(rows), (*members).remove)
}

// Set makes the owner's field hold the rows, each once and in this order: it removes all others as [ToMany.Remove] does, and
// adds the rows as [ToMany.Add] does. The links of a field of [Linked] stay with their rows.
func (m *ToMany[P, C]) Set(owner *P, rows ...*C) error {
	return relateRows(m.declared(), "set", structs.RowOf(owner), structs.RowsOf(rows), (*members).set)
}

// Set puts a row into the owner's field, or none if it is nil, and keeps both sides in step as [ToMany.Add] does: the row that
// the field held no longer knows the owner, and the foreign key, whichever side holds it, has the key of the row it points at.
//
//	ActivityAccount.Set(deposit, account) // account.Activities holds deposit, deposit.AccountID == account.ID
func (o *ToOne[P, C]) Set(owner *P, row *C) error {
	var rows []*C
	if row != nil {
		rows = []*C{row}
	}
	return relateRows(o.declared(), "set", structs.RowOf(owner), structs.RowsOf(rows), (*members).set)
}

func (m *ToMany[P, C]) declared() *declaration {
	if m == nil {
		return nil
	}
	return m.d
}

func (o *ToOne[P, C]) declared() *declaration {
	if o == nil {
		return nil
	}
	return o.d
}

// written returns the relation that is to be written along, with its name for errors.
func written(d *declaration, verb string) (r *graph.Relation, op string, err error) {
	if d == nil {
		return nil, verb, &QueryError{Op: verb, Err: graph.Problemf(ErrUnknownRelation, "the relation is empty; make it with HasMany or its "+
			"like")}
	}
	op = verb + " " + d.String()
	if err := d.owner.registry.freeze(); err != nil {
		return nil, op, err
	}
	r, _ = d.owner.graph.Relation(d.Name)
	if err := r.Single(); err != nil {
		return nil, op, &QueryError{Op: op, Err: err}
	}
	if len(r.Chain) > 0 {
		return nil, op, &QueryError{Op: op, Err: graph.Problemf(ErrInvalidRelation, "it goes along others and can only be read; write along "+
			"those")}
	}
	return r, op, nil
}

// members is a change of the rows that structs in hand hold.
type members struct {
	registry *registry
	relation *graph.Relation
	saved    []structs.Saved
}

func relateRows(
	d *declaration, verb string, owner structs.Row, rows []structs.Row, do func(*members, structs.Row, []structs.Row) error,
) error {
	r, op, err := written(d, verb)
	if err != nil {
		return err
	}
	m := &members{registry: d.owner.registry, relation: r}
	switch {
	case owner == nil:
		err = graph.Problemf(ErrInvalidRow, "the owner is nil")
	case slices.Contains(rows, nil):
		err = graph.Problemf(ErrInvalidRow, "row %d is nil", slices.Index(rows, nil)+1)
	case m.registry.fieldOf(r) == nil:
		err = graph.Problemf(ErrInvalidRelation, "struct %s has no field for it; add one tagged `rel:%q`", r.Owner.GoType, r.Name)
	default:
		err = do(m, owner, rows)
	}
	if err == nil {
		return nil
	}
	for _, s := range slices.Backward(m.saved) {
		s.Restore()
	}
	return &QueryError{Op: op, Err: err}
}

func (m *members) add(owner structs.Row, rows []structs.Row) error {
	for _, row := range rows {
		if err := m.join(owner, row); err != nil {
			return err
		}
	}
	return nil
}

func (m *members) remove(owner structs.Row, rows []structs.Row) error {
	for _, row := range rows {
		if m.holds(m.relation, owner, row) || m.relation.Inverse != nil && m.holds(m.relation.Inverse, row, owner) {
			if err := m.part(owner, row); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *members) set(owner structs.Row, rows []structs.Row) error {
	related := m.registry.tableOf(m.relation.Related)
	for _, held := range m.held(m.relation, owner) {
		if !slices.ContainsFunc(rows, func(row structs.Row) bool { return related.same(held, row) }) {
			if err := m.part(owner, held); err != nil {
				return err
			}
		}
	}
	if err := m.add(owner, rows); err != nil {
		return err
	}
	if field := m.registry.fieldOf(m.relation); field.shape.Many() {
		reorder(field, owner, rows, related)
	}
	return nil
}

// held returns the rows that the field of a relation holds; none if it has no field.
func (m *members) held(r *graph.Relation, owner structs.Row) []structs.Row {
	field := m.registry.fieldOf(r)
	if field == nil {
		return nil
	}
	return field.AppendRows(nil, owner)
}

func (m *members) holds(r *graph.Relation, owner, row structs.Row) bool {
	t := m.registry.tableOf(r.Related)
	return slices.ContainsFunc(m.held(r, owner), func(held structs.Row) bool { return t.same(held, row) })
}

// same reports whether two structs are one row: one struct, or of one primary key.
func (t *table) same(a, b structs.Row) bool {
	if a == b {
		return true
	}
	key := t.keyFields()
	return t.hasKey(key, a) && t.hasKey(key, b) && !slices.ContainsFunc(key, func(f *structs.Field) bool { return !f.Same(a, b) })
}

// hasKey reports whether a row has a key by which another can point at it: no column of it is NULL, or still to be made by the
// database, and not all are zero.
func (t *table) hasKey(key []*structs.Field, row structs.Row) bool {
	zeros := 0
	for _, f := range key {
		if f.IsZero(row) {
			if f.Nullable || byDatabase(t.graph, f.Column) {
				return false
			}
			zeros++
		}
	}
	return zeros < len(key)
}

// join puts a row and its owner into the fields of each other, and out of those that can no longer hold them.
func (m *members) join(owner, row structs.Row) error {
	r, back := m.relation, m.relation.Inverse
	if r.Cardinality == graph.One {
		for _, held := range m.held(r, owner) {
			if err := m.part(owner, held); err != nil {
				return err
			}
		}
	}
	if back != nil && back.Cardinality == graph.One {
		for _, other := range m.held(back, row) {
			if m.registry.tableOf(r.Owner).same(other, owner) {
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
func (m *members) part(owner, row structs.Row) error {
	m.save(owner, row)
	m.drop(m.relation, owner, row)
	if m.relation.Inverse != nil {
		m.drop(m.relation.Inverse, row, owner)
	}
	if m.relation.Link == nil {
		t, holder, fields := m.key(owner, row)
		t.clear(holder, fields)
	}
	return nil
}

// save remembers what both rows hold. Slices that they hold are never written to.
func (m *members) save(owner, row structs.Row) {
	m.saved = append(m.saved, m.registry.tableOf(m.relation.Owner).layout.Save(owner),
		m.registry.tableOf(m.relation.Related).layout.Save(row))
}

// key returns which of the rows holds the relation's foreign key, and the fields of that, the type of a polymorphic one included.
func (m *members) key(owner, row structs.Row) (*table, structs.Row, []*structs.Field) {
	step := m.relation.Steps[0]
	t, holder, constants := m.registry.tableOf(m.relation.Related), row, step.OnTo
	if step.Forward {
		t, holder, constants = m.registry.tableOf(m.relation.Owner), owner, step.OnFrom
	}
	return t, holder, keyHolders(m.registry, m.relation, t, constants)
}

// keyHolders returns the fields of the foreign key of a relation of one key, and then those of its constants.
func keyHolders(registry *registry, r *graph.Relation, t *table, constants []graph.Constant) []*structs.Field {
	var fields []*structs.Field
	for _, p := range pairs(r.Steps[0], registry.tableOf(r.Owner), registry.tableOf(r.Related)) {
		fields = append(fields, p.holder)
	}
	for _, c := range constants {
		fields = append(fields, t.columns[c.Column])
	}
	return fields
}

// cleared returns those of the fields of a foreign key that are cleared when it points at nothing any more: those that can be
// NULL.
func (t *table) cleared(fields []*structs.Field) []*structs.Field {
	return slices.DeleteFunc(slices.Clone(fields), func(f *structs.Field) bool {
		return !f.Nullable || slices.Contains(t.graph.PrimaryKey, f.Column)
	})
}

// clear makes a foreign key point at nothing: by NULL where it can be NULL, else by zeros. A primary key stays.
func (t *table) clear(row structs.Row, fields []*structs.Field) {
	clear := t.cleared(fields)
	if len(clear) == 0 {
		clear = slices.DeleteFunc(slices.Clone(fields), func(f *structs.Field) bool {
			return slices.Contains(t.graph.PrimaryKey, f.Column)
		})
	}
	for _, f := range clear {
		f.SetZero(row)
	}
}

// point gives the foreign key, if one of the two rows holds it, the key of the other.
func (m *members) point(owner, row structs.Row) error {
	r := m.relation
	if r.Link != nil {
		return nil
	}
	step := r.Steps[0]
	t, holder, fields := m.key(owner, row)
	from, fromRow, constants := m.registry.tableOf(r.Owner), owner, step.OnTo
	if step.Forward {
		from, fromRow, constants = m.registry.tableOf(r.Related), row, step.OnFrom
	}
	key := pairs(step, m.registry.tableOf(r.Owner), m.registry.tableOf(r.Related))
	var referenced []*structs.Field
	for _, p := range key {
		referenced = append(referenced, p.referenced)
	}
	if !from.hasKey(referenced, fromRow) {
		t.clear(holder, fields)
	} else {
		for _, p := range key {
			if err := p.holder.Assign(holder, p.referenced, fromRow); err != nil {
				return graph.Problemf(ErrInvalidRow, "the key of the row it points at: %w", err)
			}
		}
	}
	for _, c := range constants {
		if err := t.columns[c.Column].AssignText(holder, c.Value); err != nil {
			return graph.Problemf(ErrInvalidRow, "%w", err)
		}
	}
	return nil
}

// put puts a row into the field of a relation, if it has one.
func (m *members) put(r *graph.Relation, owner, row structs.Row) {
	field, t := m.registry.fieldOf(r), m.registry.tableOf(r.Related)
	switch {
	case field == nil:
	case field.shape == structs.ShapeLinked:
		held := slices.Clone(field.Pairs(owner))
		if at := slices.IndexFunc(held, func(p structs.Pair) bool { return p.Row != nil && t.same(p.Row, row) }); at >= 0 {
			held[at].Row = row
		} else {
			held = append(held, structs.Pair{Row: row})
		}
		field.Field.SetPairs(owner, held)
	case field.shape.Many():
		held := field.AppendRows(nil, owner)
		if at := slices.IndexFunc(held, func(h structs.Row) bool { return t.same(h, row) }); at >= 0 {
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
func (m *members) drop(r *graph.Relation, owner, row structs.Row) {
	field, t := m.registry.fieldOf(r), m.registry.tableOf(r.Related)
	switch {
	case field == nil || !m.holds(r, owner, row):
	case field.shape == structs.ShapeLinked:
		held := slices.DeleteFunc(slices.Clone(field.Pairs(owner)), func(p structs.Pair) bool {
			return p.Row != nil && t.same(p.Row, row)
		})
		field.Field.SetPairs(owner, held)
	case field.shape.Many():
		held := slices.DeleteFunc(field.AppendRows(nil, owner), func(h structs.Row) bool { return t.same(h, row) })
		field.Field.SetMany(owner, held)
	default:
		field.SetOne(owner, nil)
	}
}

// reorder puts what a to-many field holds into the order of the rows, each once.
func reorder(f *relationField, owner structs.Row, rows []structs.Row, t *table) {
	ordered := make([]structs.Row, 0, len(rows))
	for _, row := range rows {
		if !slices.ContainsFunc(ordered, func(o structs.Row) bool { return t.same(o, row) }) {
			ordered = append(ordered, row)
		}
	}
	if f.shape != structs.ShapeLinked {
		f.Field.SetMany(owner, ordered)
		return
	}
	held := f.Pairs(owner)
	entries := make([]structs.Pair, len(ordered))
	for i, row := range ordered {
		at := slices.IndexFunc(held, func(p structs.Pair) bool { return p.Row != nil && t.same(p.Row, row) })
		entries[i] = held[at]
	}
	f.Field.SetPairs(owner, entries)
}
