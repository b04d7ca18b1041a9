package write

import (
	"slices"

	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// INSERT: constants of the rows that are inserted, and of those that they are related to.

// fixedBy is what says what columns of a table have.
type fixedBy struct {
	table *model.Table
	by    saidBy
}

// thereRow is a row that is there, which a row that is inserted is related to.
type thereRow struct {
	relation *graph.Relation
	row      structs.Row
}

// fix gives a row what a rule says of its columns.
func (u *unit) fix(n *node, constants []graph.Constant, by saidBy) error {
	if len(constants) == 0 {
		return nil
	}
	f, known := u.fixed[fixedBy{n.table, by}]
	if !known {
		var err error
		if f, err = u.writing.fix(n.table, constants, by); err != nil {
			return err
		}
		u.fixed[fixedBy{n.table, by}] = f
	}
	n.fillAll(f.columns())
	for _, other := range n.said() {
		if field := f.against(other); field != nil {
			return contradicted(n, field, f.by, other.by)
		}
	}
	n.telling().said = append(n.telling().said, f)
	if field, _ := f.other(n.row); field != nil && n.told.given[field] != nil {
		r := n.told.given[field]
		return graph.Problemf(fault.ErrInvalidRow, "%s says what column %q of a row of %q is, and the row in field %s.%s gives it another value; put a row "+
			"into the field that has the same, or take it out", by, field.Column, n.table.Graph.Name, r.Owner.GoType, u.registry.FieldOf(r).Name)
	}
	return f.fill(n.row)
}

// contradicted is the error of a row that two say different things of.
func contradicted(n *node, field *structs.Field, by, other saidBy) error {
	return graph.Problemf(fault.ErrInvalidRow, "%s and %s say different things of column %q of a row of %q; leave the row out of one of them", other,
		by, field.Column, n.table.Graph.Name)
}

// checkSaid refuses rows of which a rule says that a column is NULL, and a foreign key that is filled gives it a value.
func (u *unit) checkSaid() error {
	for _, n := range u.nodes {
		for _, f := range n.said() {
			for _, field := range f.nulls {
				for _, i := range n.needs {
					if slices.ContainsFunc(u.needs[i].pairs, func(p model.FieldPair) bool { return p.Holder == field }) {
						return contradicted(n, field, f.by, byRelation(u.needs[i].relation))
					}
				}
			}
			if err := f.check(n.row); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkTypes refuses rows whose polymorphic reference would be of no declared type.
func (u *unit) checkTypes() error {
	for _, n := range u.nodes {
		err := checkTypes(n.table, n.row, func(f *structs.Field) bool { return slices.Contains(u.jobOf(n).columns, f) })
		if err != nil {
			return err
		}
	}
	return nil
}

// checkTypes refuses a row of which a type is written that no polymorphic relation has: no load of its table would work.
func checkTypes(t *model.Table, row structs.Row, written func(*structs.Field) bool) error {
	for _, r := range t.Graph.Relations() {
		if len(r.Variants) == 0 {
			continue
		}
		typ := t.TypeReader(r.TypeColumn)
		ok, err := typ.Read(row)
		if err != nil {
			return graph.Problemf(fault.ErrInvalidRow, "relation %q: column %q: %w", r.String(), r.TypeColumn, err)
		}
		if field := t.Columns[r.TypeColumn]; ok && !r.HasType(typ.Is) && written(field) {
			return graph.Problemf(fault.ErrInvalidRow, "%s", r.TypeRefused(field.IsZero(row)))
		}
	}
	return nil
}

// checkThere refuses rows that are there and not what the relations to them say.
func (u *unit) checkThere() error {
	for len(u.there) > 0 {
		r := u.there[0].relation
		var rows []structs.Row
		u.there = slices.DeleteFunc(u.there, func(t thereRow) bool {
			if t.relation == r {
				rows = append(rows, t.row)
			}
			return t.relation == r
		})
		if err := u.checkFar(r, rows); err != nil {
			return err
		}
	}
	return nil
}
