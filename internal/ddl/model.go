// Package ddl writes the tables that were declared as SQL, and compares them with those of a database.
//
// Input are the tables of package graph, which hold all that was declared, and what a dialect says of the tables that are
// there; output is SQL text. It sends nothing.
package ddl

import (
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
)

// Schema is what the declarations ask of the database: one table for each, with the constraints that follow from its
// relations. It is not changed once it is made.
type Schema struct {
	tables []*table
	ahead  []*graph.ForeignKey // of cycles: those that cannot be written before the table they point at
}

// table is a table as it is to be.
type table struct {
	*graph.Table // the first of the structs bound to it
	columns      []graph.Column
	uniques      []unique
	indexes      [][]string // those of foreign keys included
	checks       []graph.Check
	special      []graph.Index
}

// unique is a list of columns that no two rows have alike, and what that is needed for.
type unique struct {
	columns []string
	one     *graph.Relation   // to-one, that goes by them; nil: none
	link    *graph.Relation   // whose pairs of rows it keeps apart; nil: none
	target  *graph.ForeignKey // that points at the columns; nil: none
	morph   bool              // it is that of a polymorphic to-one
	living  string            // the column that marks the rows which are deleted, of which nothing is asked; empty: it is of all
}

// Of returns the model of the tables, in the order in which they can be made.
func Of(tables []*graph.Table) *Schema {
	order, ahead := graph.Order(tables)
	m := &Schema{ahead: slices.DeleteFunc(ahead, func(k *graph.ForeignKey) bool { return k.Logical })}
	for _, first := range order {
		t := &table{Table: first}
		for _, g := range tables {
			if g.Name == first.Name && g.Schema == first.Schema {
				t.merge(g)
			}
		}
		m.tables = append(m.tables, t)
	}
	for _, t := range m.tables {
		t.deriveUniques(tables)
		t.deriveIndexes()
	}
	return m
}

// Refs names the tables of the model for [dialect.Definer.Inspect].
func (m *Schema) Refs() []dialect.TableRef {
	refs := make([]dialect.TableRef, len(m.tables))
	for i, t := range m.tables {
		refs[i] = dialect.TableRef{Schema: t.Schema, Table: t.Name}
	}
	return refs
}

// constraints returns the foreign keys that the database is to have.
func (t *table) constraints() []*graph.ForeignKey {
	return slices.DeleteFunc(slices.Clone(t.ForeignKeys()), func(k *graph.ForeignKey) bool { return k.Logical })
}

// merge adds what one of the structs bound to the table declares of it.
func (t *table) merge(g *graph.Table) {
	for _, c := range g.Columns {
		if c.Computed {
			continue
		}
		c.NotNull = c.NotNull || neverNull(g, c)
		i := slices.IndexFunc(t.columns, func(o graph.Column) bool { return o.Name == c.Name })
		if i < 0 {
			t.columns = append(t.columns, c)
			continue
		}
		at := &t.columns[i]
		at.NotNull, at.ReadOnly, at.Numbered = at.NotNull || c.NotNull, at.ReadOnly || c.ReadOnly, at.Numbered || c.Numbered
		for _, text := range []struct{ to, from *string }{
			{&at.Default, &c.Default}, {&at.Generated, &c.Generated}, {&at.SQLType, &c.SQLType}, {&at.Stored, &c.Stored},
		} {
			if *text.to == "" {
				*text.to = *text.from
			}
		}
		if len(at.Values) == 0 {
			at.Values, at.Enum = c.Values, c.Enum
		}
	}
	for _, columns := range g.Uniques {
		if !slices.ContainsFunc(t.uniques, func(u unique) bool { return slices.Equal(u.columns, columns) }) {
			t.uniques = append(t.uniques, unique{columns: columns})
		}
	}
	for _, columns := range g.Indexes {
		if !slices.ContainsFunc(t.indexes, func(index []string) bool { return slices.Equal(index, columns) }) {
			t.indexes = append(t.indexes, columns)
		}
	}
	for _, c := range g.Checks {
		if c.Name == "" || !slices.ContainsFunc(t.checks, func(o graph.Check) bool { return o.Name == c.Name && o.SQL == c.SQL }) {
			t.checks = append(t.checks, c)
		}
	}
	for _, x := range g.Special {
		if !slices.ContainsFunc(t.special, x.Same) {
			t.special = append(t.special, x)
		}
	}
}

// identity reports whether the database numbers the rows by the column. That of the first of the structs hides none that another
// declares.
func (t *table) identity(c *graph.Column) bool {
	if slices.ContainsFunc(t.columns, func(o graph.Column) bool { return o.Numbered }) {
		return c.Numbered
	}
	made, ok := t.Identity()
	return ok && made.Name == c.Name
}

// neverNull reports whether the Go type cannot hold NULL. A nil []byte is written as NULL.
func neverNull(t *graph.Table, c graph.Column) bool {
	return slices.Contains(t.PrimaryKey, c.Name) || !c.Nullable && c.Class != graph.ClassBytes
}

func (t *table) column(name string) *graph.Column {
	i := slices.IndexFunc(t.columns, func(c graph.Column) bool { return c.Name == name })
	return &t.columns[i] // names were checked when the tables were declared
}

// unique reports whether constraints already say that no two rows have the columns alike, which a list of some of them does.
func (t *table) unique(columns []string) bool {
	within := func(u unique) bool { return u.living == "" && within(u.columns, columns) }
	return len(t.PrimaryKey) > 0 && within(unique{columns: t.PrimaryKey}) || slices.ContainsFunc(t.uniques, within)
}

func within(some, all []string) bool {
	return !slices.ContainsFunc(some, func(c string) bool { return !slices.Contains(all, c) })
}

func sameColumns(a, b []string) bool { return len(a) == len(b) && within(a, b) }

// deriveUniques adds the constraints that relations need: of a has-one's key, of columns that a key points at, of the pairs
// in a join table.
func (t *table) deriveUniques(tables []*graph.Table) {
	for _, k := range t.PointedAt() {
		if k.Logical {
			continue
		}
		target := k.Referenced
		if apart, ok := k.References.Apart(target); ok && polymorphic(k) {
			target = apart // no constraint asks for the columns that it points at alone
		}
		pointedAt := func(u unique) bool { return sameColumns(u.columns, target) && u.living == "" }
		if !sameColumns(t.PrimaryKey, target) && !slices.ContainsFunc(t.uniques, pointedAt) {
			t.uniques = append(t.uniques, unique{columns: target, target: k})
		}
	}
	for _, k := range t.ForeignKeys() {
		if k.Logical {
			continue
		}
		for _, r := range k.ToOne() {
			t.keepOne(r.Related, k.Columns, unique{one: r})
		}
	}
	for _, m := range t.Polymorphic() {
		for _, bound := range m.ToOne {
			t.keepOne(bound, []string{m.TypeColumn, m.IDColumn}, unique{morph: true})
		}
	}
	for _, g := range tables {
		for _, r := range g.Relations() {
			if pair := t.pairOf(r); pair != nil && !t.unique(pair) && !t.wider(pair) {
				t.uniques = append(t.uniques, unique{columns: pair, link: r})
			}
		}
	}
}

// keepOne adds the constraint that one has the columns of the rows which are seen together by a relation to the table as it is bound, as u
// is for.
func (t *table) keepOne(bound *graph.Table, columns []string, u unique) {
	columns, ok := bound.Apart(columns)
	if !ok || t.unique(columns) {
		return
	}
	u.columns, u.living = columns, bound.SoftDelete
	if u.living == "" {
		t.uniques = append(slices.DeleteFunc(t.uniques, func(o unique) bool { return o.living != "" && sameColumns(o.columns, columns) }), u)
		return
	}
	there := func(o unique) bool { return o.living == u.living && sameColumns(o.columns, columns) }
	declared := func(x graph.Index) bool {
		return x.Unique && sameColumns(x.On, columns) && strings.Contains(x.Where, u.living)
	}
	if !slices.ContainsFunc(t.uniques, there) && !slices.ContainsFunc(t.special, declared) {
		t.uniques = append(t.uniques, u)
	}
}

// pairOf returns the columns of the table by which a many-to-many of all its rows, or of all of one type, links two rows, or nil.
func (t *table) pairOf(r *graph.Relation) []string {
	if r.Link == nil || r.Partial || r.Logical || r.Link.Name != t.Name || r.Link.Schema != t.Schema {
		return nil
	}
	return r.LinkedBy()
}

// wider reports whether the declarations say that rows with the same pair are told apart by more columns.
func (t *table) wider(pair []string) bool {
	more := func(columns []string) bool { return len(columns) > len(pair) && within(pair, columns) }
	return more(t.PrimaryKey) || slices.ContainsFunc(t.uniques, func(u unique) bool { return u.living == "" && more(u.columns) })
}

// deriveIndexes adds those of foreign keys and polymorphic references.
func (t *table) deriveIndexes() {
	keys := make([][]string, 0, len(t.ForeignKeys())+len(t.Polymorphic()))
	for _, k := range t.ForeignKeys() {
		keys = append(keys, k.Columns)
	}
	for _, m := range t.Polymorphic() {
		keys = append(keys, []string{m.TypeColumn, m.IDColumn})
	}
	for _, columns := range keys {
		if !t.indexed(columns) {
			t.indexes = append(t.indexes, columns)
		}
	}
}

// indexed reports whether some index begins with the columns, in any order.
func (t *table) indexed(columns []string) bool {
	return begins(t.PrimaryKey, columns) ||
		slices.ContainsFunc(t.uniques, func(u unique) bool { return u.living == "" && begins(u.columns, columns) }) ||
		slices.ContainsFunc(t.indexes, func(index []string) bool { return begins(index, columns) })
}

func begins(index, columns []string) bool {
	return len(index) >= len(columns) && within(columns, index[:len(columns)])
}

func polymorphic(k *graph.ForeignKey) bool {
	_, ok := k.Type()
	return ok
}
