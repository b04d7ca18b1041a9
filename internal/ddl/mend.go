package ddl

import (
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/internal/graph"
)

// Mends are by ALTER TABLE where the database can change what exists (PostgreSQL); else (SQLite) the table is made anew with all
// that is declared, and the rows are copied. Columns that are not declared stay, as do the indexes and triggers there are.

// addColumn adds a column that the table lacks.
func (c *comparison) addColumn(want *graph.Column) []string {
	line, _ := c.column(c.t, want)
	plain := !want.NotNull && want.Default == "" && want.Generated == ""
	if c.d.Alters() || plain {
		return []string{c.alter(c.t, "ADD COLUMN "+line)}
	}
	return c.remake()
}

// change changes what is said of a column beside its type.
func (c *comparison) change(want *graph.Column, what string) []string {
	if !c.d.Alters() {
		return c.remake()
	}
	return []string{c.alter(c.t, "ALTER COLUMN "+c.ident(want.Name)+" "+what)}
}

// makeIdentity lets the database number the rows that come, beginning after those there are.
func (c *comparison) makeIdentity(want *graph.Column) []string {
	if !c.d.Alters() {
		return c.remake()
	}
	id := c.ident(want.Name)
	identity, _ := c.d.Identity("")
	literal := func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
	return append(c.change(want, "ADD"+identity), "SELECT setval(pg_get_serial_sequence("+literal(c.full(c.t))+", "+
		literal(want.Name)+"), coalesce(max("+id+"), 0) + 1, false) FROM "+c.full(c.t))
}

// retype gives a column another type.
func (c *comparison) retype(want *graph.Column, sqlType string) []string {
	if !c.d.Alters() {
		c.retyped[want.Name] = sqlType
		return c.remake()
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

// setForeign adds a foreign key, in place of one by that name.
func (c *comparison) setForeign(k *graph.ForeignKey, instead string) []string {
	if !c.d.Alters() {
		return c.remake()
	}
	add := "ADD " + c.foreign(k)
	if instead != "" {
		add = "DROP CONSTRAINT " + c.ident(instead) + ", " + add
	}
	return []string{c.alter(c.t, add)}
}

// remake notes that the table is to be made anew, which is one mend for all that is found of it.
func (c *comparison) remake() []string {
	c.remade = true
	return nil
}

// anew makes the table anew. The steps are those that SQLite's documentation recommends: with foreign keys enforced the
// DROP would delete the rows that point at the table's.
func (c *comparison) anew() []string {
	t := *c.t
	t.columns = slices.Clone(c.t.columns)
	for i := range t.columns {
		column := &t.columns[i]
		if have, ok := c.lt.column(column.Name); ok && have.sqlType != "" {
			column.SQLType = have.sqlType
		}
		if sqlType, ok := c.retyped[column.Name]; ok {
			column.SQLType = sqlType
		}
		if c.columnType(column) == "" {
			return nil // it is missing, and only its declaration can tell its type
		}
	}
	var more, copied []string
	for _, have := range c.lt.columns {
		i := slices.IndexFunc(t.columns, func(w graph.Column) bool { return w.Name == have.name })
		if i >= 0 {
			if t.columns[i].Generated == "" {
				copied = append(copied, have.name)
			}
			continue
		}
		line := strings.TrimSuffix(c.ident(have.name)+" "+have.sqlType, " ")
		if have.notNull {
			line += " NOT NULL"
		}
		if have.fill != "" {
			line += " DEFAULT " + value(have.fill)
		}
		more, copied = append(more, line), append(copied, have.name)
	}
	made := c.qualified(t.Schema, t.Name+"#new")
	columns := strings.Trim(c.writer.list(copied), "()")
	mend := []string{
		"PRAGMA foreign_keys = OFF", "PRAGMA legacy_alter_table = ON", "BEGIN",
		c.create(&t, made, more),
		"INSERT INTO " + made + " (" + columns + ") SELECT " + columns + " FROM " + c.full(&t),
		"DROP TABLE " + c.full(&t), "ALTER TABLE " + made + " RENAME TO " + c.ident(t.Name),
	}
	mend = append(mend, c.lt.remake...)
	for _, columns := range t.indexes {
		there := func(x liveIndex) bool {
			return begins(x.columns, columns) && !strings.HasPrefix(x.name, "sqlite_autoindex_")
		}
		if !slices.ContainsFunc(c.lt.indexes, there) {
			mend = append(mend, c.index(&t, columns))
		}
	}
	return append(mend, "COMMIT", "PRAGMA legacy_alter_table = OFF", "PRAGMA foreign_keys = ON")
}
