package ddl

import (
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
)

// Mends are by ALTER TABLE where the database can change what exists (PostgreSQL); else (SQLite) the table is made anew by its own
// text with the changes in it, and the rows are copied. All that is not declared stays: what columns and constraints say, indexes,
// triggers and the next number of AUTOINCREMENT. Where the text cannot be changed so there is no mend.

// addColumn adds a column that the table lacks.
func (c *comparison) addColumn(want *graph.Column) []string {
	line, _ := c.column(c.t, want)
	if c.d.Alters() {
		return []string{c.alter(c.t, "ADD COLUMN "+line)}
	}
	return c.remake(func(t *tableText) bool { return t.addColumn(line) })
}

// change changes what is said of a column beside its type.
func (c *comparison) change(want *graph.Column, what string) []string {
	if !c.d.Alters() {
		return c.remake(func(t *tableText) bool { return t.constrain(want.Name, strings.TrimPrefix(what, "SET ")) })
	}
	return []string{c.alter(c.t, "ALTER COLUMN "+c.ident(want.Name)+" "+what)}
}

// makeIdentity lets the database number the rows that come, beginning after those there are.
func (c *comparison) makeIdentity(want *graph.Column) []string {
	if !c.d.Alters() {
		return c.remake(func(t *tableText) bool { return c.numbered(t, want) })
	}
	id := c.ident(want.Name)
	identity, _ := c.d.Identity("")
	literal := func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
	var mend []string
	if have, ok := c.lt.column(want.Name); ok && !have.notNull {
		mend = c.change(want, "SET NOT NULL") // which an identity must be
	}
	return append(append(mend, c.change(want, "ADD"+identity)...), "SELECT setval(pg_get_serial_sequence("+literal(c.full(c.t))+", "+
		literal(want.Name)+"), coalesce(max("+id+"), 0) + 1, false) FROM "+c.full(c.t))
}

// numbered makes a column the name of the row's number.
func (c *comparison) numbered(t *tableText, want *graph.Column) bool {
	key, p := c.lt.primaryKey(), t.column(want.Name)
	switch {
	case p == nil || t.has("WITHOUT") || len(key) > 0 && !sameColumns(key, []string{want.Name}) || p.has("DESC"):
		return false
	case len(key) == 0 && !t.constrain(want.Name, "PRIMARY KEY"):
		return false
	}
	return t.retype(want.Name, "INTEGER")
}

// retype gives a column another type.
func (c *comparison) retype(want *graph.Column, sqlType string) []string {
	if !c.d.Alters() {
		return c.remake(func(t *tableText) bool { return t.retype(want.Name, sqlType) })
	}
	return c.change(want, "TYPE "+sqlType+" USING "+c.ident(want.Name)+"::"+sqlType)
}

// addUnique keeps the columns unique. An index does what a constraint does, where none can be added.
func (c *comparison) addUnique(columns []string) []string {
	if c.d.Alters() {
		return []string{c.alter(c.t, "ADD "+c.writer.unique(c.t, unique{columns: columns}))}
	}
	name := c.qualified(c.t.Schema, c.name(c.t, "key", columns))
	return []string{"CREATE UNIQUE INDEX " + name + " ON " + c.ident(c.t.Name) + " " + c.writer.list(columns)}
}

// setForeign adds a foreign key, in place of another if there is one.
func (c *comparison) setForeign(k *graph.ForeignKey, instead *liveKey) []string {
	if !c.d.Alters() {
		return c.remake(func(t *tableText) bool {
			if instead == nil {
				return t.addConstraint(c.foreign(k))
			}
			target := ""
			if i := slices.IndexFunc(c.m.tables, func(o *table) bool { return o == c.m.tableOf(k.References) }); !c.samePair(k, *instead, i) {
				target = c.ident(k.References.Name) + " " + c.writer.list(k.Referenced)
			}
			return t.point(t.reference(instead.columns, instead.target), target, strings.TrimPrefix(c.writer.onDelete(k, instead.onDelete), " ON DELETE "))
		})
	}
	add := "ADD " + c.foreign(k)
	if instead != nil && k.OnDelete == graph.ByDatabase {
		add += c.writer.onDelete(k, instead.onDelete)
	}
	if instead != nil {
		add = "DROP CONSTRAINT " + c.ident(instead.name) + ", " + add
	}
	return []string{c.alter(c.t, add)}
}

// remake notes a change by which the table is to be made anew, which is one mend for all that is found of it.
func (c *comparison) remake(change func(*tableText) bool) []string {
	if !c.remade {
		c.remade, c.text = true, readTable(c.lt.sql)
	}
	if c.text != nil && !change(c.text) {
		c.text = nil
	}
	return nil
}

// anew makes the table anew, with its indexes and those that were found to be missing. The steps are those that SQLite's
// documentation recommends: with foreign keys enforced the DROP would delete the rows that point at the table's.
func (c *comparison) anew(indexes []string) []string {
	if c.text == nil {
		return nil
	}
	var copied []string
	for _, have := range c.lt.columns {
		p := c.text.column(have.was)
		switch {
		case p == nil:
			return nil
		case !p.has("GENERATED") && !p.has("AS"):
			copied = append(copied, have.was)
		}
	}
	made := c.qualified(c.t.Schema, c.t.Name+"#new")
	columns := strings.Trim(c.writer.list(copied), "()")
	mend := []string{
		"PRAGMA foreign_keys = OFF", "PRAGMA legacy_alter_table = ON", "BEGIN",
		"CREATE TABLE " + made + " " + c.text.definitions(),
		"INSERT INTO " + made + " (" + columns + ") SELECT " + columns + " FROM " + c.full(c.t),
	}
	if c.text.has("AUTOINCREMENT") {
		name := func(s string) string { return string(dialect.AppendQuoted(nil, s, '\'')) }
		mend = append(mend, "DELETE FROM sqlite_sequence WHERE name = "+name(c.t.Name+"#new"),
			"INSERT INTO sqlite_sequence (name, seq) SELECT "+name(c.t.Name+"#new")+", seq FROM sqlite_sequence WHERE lower(name) = lower("+
				name(c.t.Name)+")")
	}
	mend = append(mend, "DROP TABLE "+c.full(c.t), "ALTER TABLE "+made+" RENAME TO "+c.ident(c.t.Name))
	mend = append(append(mend, c.lt.remake...), indexes...)
	return append(mend, "COMMIT", "PRAGMA legacy_alter_table = OFF", "PRAGMA foreign_keys = ON")
}
