package ddl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
)

// Mends are by ALTER TABLE where the database can change what exists (PostgreSQL); else (SQLite) the table is made anew by its own
// text with the changes in it, and the rows are copied. All that is not declared stays: what columns and constraints say, indexes,
// triggers and the next number of AUTOINCREMENT. Where the text cannot be changed so there is no mend.

// mend is how a finding is ended.
type mend struct {
	sql   []string // to be run in order
	needs []string // what it needs of the rows that are there, each as what is so of them
	anew  bool     // by making the table anew, which is one mend for all that is found of it
}

func sql(statements ...string) mend { return mend{sql: statements} }

// needing adds what the statements need of the rows that are there.
func (m mend) needing(format string, args ...any) mend {
	m.needs = append(m.needs, fmt.Sprintf(format, args...))
	return m
}

// addColumn adds a column that the table lacks. Where the rows that are there get no value for it that they must have, it is added without
// NOT NULL first; that is a step of its own where the table is made anew for it.
func (c *comparison) addColumn(want *graph.Column) mend {
	line, primary := c.column(c.t, want)
	name, bare := c.ident(want.Name), c.ident(want.Name)+" "+c.columnType(c.t, want)
	given := want.Default != "" || want.Generated != "" || c.t.identity(want)
	var m mend
	switch {
	case !c.d.Alters():
		m = c.remake(func(t *tableText) bool { return !(primary && t.has("PRIMARY")) && t.addColumn(line) })
	case want.NotNull && !given:
		m = sql(c.alter(c.t, "ADD COLUMN "+bare), c.alter(c.t, "ALTER COLUMN "+name+" SET NOT NULL"))
	default:
		m = sql(c.alter(c.t, "ADD COLUMN "+line))
	}
	for _, e := range c.enums([]*table{{Table: c.t.Table, columns: []graph.Column{*want}}}) {
		m.sql = append([]string{e.unlessThere()}, m.sql...)
	}
	switch {
	case !want.NotNull:
	case want.Generated != "":
		return m.needing("the expression of %q is NULL for no row", want.Name)
	case given:
	case c.d.Alters():
		return m.needing("each row has a %q; give it to them between the statement that adds it and the one that makes it NOT NULL", want.Name)
	default:
		return m.needing("the table is empty, for its rows would have no %q; else run %s, give it to them, and check again", want.Name,
			c.alter(c.t, "ADD COLUMN "+bare))
	}
	return m
}

// change changes what is said of a column beside its type.
func (c *comparison) change(want *graph.Column, what string) mend {
	if !c.d.Alters() {
		return c.remake(func(t *tableText) bool { return t.constrain(want.Name, strings.TrimPrefix(what, "SET ")) })
	}
	return sql(c.alter(c.t, "ALTER COLUMN "+c.ident(want.Name)+" "+what))
}

// makeIdentity lets the database number the rows that come, beginning after those there are.
func (c *comparison) makeIdentity(want *graph.Column, have liveColumn) mend {
	if !c.d.Alters() {
		return c.remake(func(t *tableText) bool { return c.numbered(t, want) }).
			needing("each row has a whole number in %q, or NULL, and no two the same", want.Name)
	}
	if !have.whole() {
		return mend{} // no identity is of its type
	}
	id := c.ident(want.Name)
	identity, _ := c.d.Identity("")
	literal := func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
	var m mend
	if !have.notNull { // which an identity must be
		m = c.change(want, "SET NOT NULL").needing("no row has NULL in %q", want.Name)
	}
	m.sql = append(append(m.sql, c.change(want, "ADD"+identity).sql...), "SELECT setval(pg_get_serial_sequence("+literal(c.full(c.t))+", "+
		literal(want.Name)+"), greatest(max("+id+"), 0) + 1, false) FROM "+c.full(c.t))
	return m
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

// retype gives a column the type of another. A cast by way of text is between any two types, and neither rounds nor cuts; what the default
// would have to take too, or a key by the column, has no mend, and neither has what a view has.
func (c *comparison) retype(want *graph.Column, from, to liveColumn) mend {
	need := func(m mend) mend { return m.needing("each %q is one of %s", want.Name, to.sqlType) }
	if !c.d.Alters() {
		return need(c.remake(func(t *tableText) bool { return t.retype(want.Name, to.sqlType) }))
	}
	name := c.ident(want.Name)
	using := name + "::text::" + to.sqlType
	switch {
	case c.lt.uses[from.was] != "":
		return mend{}
	case from.whole() && to.whole():
		using = name + "::" + to.sqlType
	case from.filled || c.pointedAt(from.was):
		return mend{}
	case to.class == "text" || strings.HasPrefix(to.class, "char"):
		using = name + "::text"
	}
	return need(c.change(want, "TYPE "+to.sqlType+" USING "+using))
}

// pointedAt reports whether a key of the database is of the column, or points at it.
func (c *comparison) pointedAt(column string) bool {
	at := slices.Index(c.m.tables, c.t)
	return slices.ContainsFunc(c.lt.keys, func(k liveKey) bool { return slices.Contains(k.columns, column) }) ||
		slices.ContainsFunc(c.live.tables, func(t liveTable) bool {
			return slices.ContainsFunc(t.keys, func(k liveKey) bool { return k.references == at && slices.Contains(k.referenced, column) })
		})
}

// addUnique keeps the columns unique. An index does what a constraint does, where none can be added.
func (c *comparison) addUnique(columns []string) mend {
	m := mend{}.needing("no two rows have the same %s", list(columns))
	if c.d.Alters() {
		m.sql = []string{c.alter(c.t, "ADD "+c.writer.unique(c.t, unique{columns: columns}))}
		return m
	}
	name := c.qualified(c.t.Schema, c.name(c.t, "key", columns))
	m.sql = []string{"CREATE UNIQUE INDEX " + name + " ON " + c.ident(c.t.Name) + " " + c.writer.list(columns)}
	return m
}

// setForeign adds a foreign key, in place of another if there is one. SQLite does not look where rows point that are there already.
func (c *comparison) setForeign(k *graph.ForeignKey, instead *liveKey) mend {
	target := slices.IndexFunc(c.m.tables, func(o *table) bool { return o == c.m.tableOf(k.References) })
	same := instead != nil && c.samePair(k, *instead, target)
	need := func(m mend) mend {
		switch {
		case same: // they do
		case c.d.Alters():
			return m.needing("each row of %q with %s points at one of %q", k.Table.Name, list(k.Columns), k.References.Name)
		default:
			return m.needing("each row of %q with %s points at one of %q, which is not looked at; PRAGMA foreign_key_check lists the others", k.Table.Name,
				list(k.Columns), k.References.Name)
		}
		return m
	}
	if !c.d.Alters() {
		return need(c.remake(func(t *tableText) bool {
			if instead == nil {
				return t.addConstraint(c.foreign(k))
			}
			to := ""
			if !same {
				to = c.ident(k.References.Name) + " " + c.writer.list(k.Referenced)
			}
			return t.point(t.reference(instead.columns, instead.target), to, strings.TrimPrefix(c.writer.onDelete(k, instead.onDelete), " ON DELETE "))
		}))
	}
	add := "ADD " + c.foreign(k)
	if instead != nil { // its name is free then, and known
		add = "ADD " + c.foreignAs(instead.name, k)
	}
	if instead != nil && k.OnDelete == graph.ByDatabase {
		add += c.writer.onDelete(k, instead.onDelete)
	}
	if instead != nil {
		add = "DROP CONSTRAINT " + c.ident(instead.name) + ", " + add
	}
	return need(sql(c.alter(c.t, add)))
}

// unlike says of a finding about a foreign key which relation it is of, and takes its mend away where the types of its columns differ from
// those it points at and no mend before it changes that: PostgreSQL makes no such key.
func (c *comparison) unlike(f *Finding, k *graph.ForeignKey) {
	f.Relation = k.String()
	target := &c.live.tables[slices.Index(c.m.tables, c.m.tableOf(k.References))]
	for i, name := range k.Columns {
		from, ok := c.lt.column(name)
		to, found := target.column(k.Referenced[i])
		mended := slices.ContainsFunc(c.findings, func(g Finding) bool {
			return g.Kind == KindType && g.Table == c.t.Name && slices.Equal(g.Columns, []string{name}) && len(g.Mend) > 0
		})
		if c.d.Alters() && ok && found && from.class != to.class && !mended && !(from.whole() && to.whole()) {
			f.Mend, f.Needs = nil, nil
			f.Problem += fmt.Sprintf("; to mend it give %q the type %s by hand first", name, to.sqlType)
			return
		}
	}
}

// remake notes a change by which the table is to be made anew.
func (c *comparison) remake(change func(*tableText) bool) mend {
	if !c.remade {
		c.remade, c.text = true, readTable(c.lt.sql)
	}
	if c.text != nil && !change(c.text) {
		c.text = nil
	}
	return mend{anew: true}
}

// anew makes the table anew, with its indexes and those that were found to be missing. With foreign keys enforced the DROP would delete the
// rows that point at the table's.
//
// Nothing is lost whoever runs it, a shell that goes on after an error too: the table has another name before anything is made, and only
// what has that name is dropped, so that after a transaction that is gone there is nothing to drop; and what is there before COMMIT
// is taken back unless all rows, indexes and triggers are. That is told by a table of the connection's own, so that a full disk does not
// hide it.
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
	name := func(s string) string { return string(dialect.AppendQuoted(nil, s, '\'')) }
	full, away := c.full(c.t), c.t.Name+"#old"
	old, told := c.qualified(c.t.Schema, away), c.qualified("temp", c.t.Name+"#mend")
	columns := strings.Trim(c.writer.list(copied), "()")
	steps := []string{
		"PRAGMA foreign_keys = OFF", "PRAGMA legacy_alter_table = ON", "BEGIN",
		"ALTER TABLE " + full + " RENAME TO " + c.ident(away),
		"CREATE TABLE " + told + " (copied NOT NULL)",
		"CREATE TABLE " + full + " " + c.text.definitions(),
		"INSERT INTO " + full + " (" + columns + ") SELECT " + columns + " FROM " + old,
	}
	held := "(SELECT count(*) FROM " + full + ") = (SELECT count(*) FROM " + old + ") AND (SELECT foreign_keys FROM pragma_foreign_keys) = 0 AND " +
		"(SELECT legacy_alter_table FROM pragma_legacy_alter_table) = 1"
	if c.text.has("AUTOINCREMENT") {
		last := "FROM sqlite_sequence WHERE name = "
		steps = append(steps, "DELETE "+last+name(c.t.Name)+" AND EXISTS (SELECT 1 "+last+name(away)+")",
			"INSERT INTO sqlite_sequence (name, seq) SELECT "+name(c.t.Name)+", seq "+last+name(away))
		held += " AND coalesce((SELECT group_concat(seq) " + last + name(away) + ") = coalesce((SELECT group_concat(seq) " + last + name(c.t.Name) + "), 0), 1)"
	}
	steps = append(steps, "INSERT INTO "+told+" SELECT 1 WHERE "+held, "DROP TABLE "+old)
	made := append(slices.Clone(c.lt.remake), indexes...)
	return append(append(steps, made...), fmt.Sprintf("INSERT OR ROLLBACK INTO %s SELECT NULL WHERE NOT EXISTS (SELECT 1 FROM %s) OR "+
		"(SELECT count(*) FROM sqlite_schema WHERE type IN ('index', 'trigger') AND sql IS NOT NULL AND lower(tbl_name) = lower(%s)) < %d",
		told, told, name(c.t.Name), len(made)), "DROP TABLE "+told, "COMMIT", "PRAGMA legacy_alter_table = OFF", "PRAGMA foreign_keys = ON")
}
