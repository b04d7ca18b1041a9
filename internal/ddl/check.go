package ddl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
)

// Kind is what a finding is about.
type Kind string

// The kinds of findings.
const (
	KindTable      Kind = "table"       // it is not there
	KindColumn     Kind = "column"      // it is not there, has another name, or keeps inserts away
	KindNull       Kind = "null"        // a column can be NULL, or cannot and its field may be nil
	KindDefault    Kind = "default"     // what the database fills a column with, or does not
	KindUnique     Kind = "unique"      // nothing keeps columns unique
	KindForeignKey Kind = "foreign key" // it is not there, or points elsewhere
	KindOnDelete   Kind = "on delete"   // a delete does something else
	KindType       Kind = "type"        // a column has another type than the one it points at
	KindIndex      Kind = "index"       // it is not there
	KindCheck      Kind = "check"       // it is not there
	KindEnum       Kind = "enum"        // a type has other texts
)

// Kinds are all of them.
var Kinds = []Kind{KindTable, KindColumn, KindNull, KindDefault, KindUnique, KindForeignKey, KindOnDelete, KindType, KindIndex, KindCheck, KindEnum}

// Finding is a difference between what is declared and what the database has.
type Finding struct {
	Kind     Kind
	Error    bool // a statement fails or gives wrong rows because of it; else it is slow, or fails at worst
	Table    string
	Relation string // it is about, with its owner's name; empty: about the table
	Columns  []string
	Problem  string
	Mend     []string // the statements that end it, to be run in order on one connection
	Needs    []string // what they need of the rows that are there
	anew     bool     // the statements are those that make the table anew
}

// Compare returns what differs, table after table in the order in which tables are made, so that the mends can be run in the
// order of the findings. What is ignored is not looked for, and no mend changes it.
func (m *Schema) Compare(d dialect.Definer, live *Live, ignored func(kind Kind, table string) bool) []Finding {
	c := &comparison{writer: newWriter(d, m, live.used(d, m)), live: live, ignored: ignored, lacking: map[lack]int{}}
	live.fold(m)
	c.writer.live = c.pointing()
	for i, t := range m.tables {
		c.t, c.lt, c.remade, c.text = t, &live.tables[i], false, nil
		first := len(c.findings)
		c.table()
		if !c.remade {
			continue
		}
		c.together(c.findings[first:])
	}
	if d.Alters() {
		c.lateKeys()
	}
	return c.findings
}

// comparison is one run of Compare.
type comparison struct {
	*writer
	live     *Live
	t        *table // the one that is looked at
	lt       *liveTable
	remade   bool       // a mend is to make the table anew
	text     *tableText // by this; nil: it cannot be made so that all is kept
	findings []Finding
	ignored  func(kind Kind, table string) bool
	lacking  map[lack]int // the findings of what is not there
}

// lack is a table that is not there, or a column.
type lack struct {
	t      *table
	column string
}

// skips reports whether findings of the kind are ignored of the table that is looked at.
func (c *comparison) skips(kind Kind) bool { return c.ignored(kind, c.t.Name) }

// together gives all findings of a table that is made anew the one mend that ends them.
func (c *comparison) together(findings []Finding) {
	var indexes, needs []string
	for _, f := range findings {
		indexes = append(indexes, f.Mend...) // what does not make the table anew is an index
		needs = append(needs, f.Needs...)
	}
	sql := c.anew(indexes)
	for i := range findings {
		f := &findings[i]
		switch {
		case !f.anew && len(f.Mend) == 0: // no SQL ends it
		case sql != nil:
			f.Mend, f.Needs = sql, needs
		case f.Mend == nil, f.Kind == KindColumn: // an index of a column that is not there is none
			f.Mend, f.Needs = nil, nil
			f.Problem += "; to mend it make the table anew by hand, its text cannot be changed so that everything is kept"
		}
	}
}

// table compares one table.
func (c *comparison) table() {
	if len(c.lt.columns) == 0 {
		c.missing()
		return
	}
	c.columns()
	if c.lt.view {
		return
	}
	c.undeclared()
	c.primaryKey()
	c.uniques()
	for _, k := range c.t.ForeignKeys() {
		if !c.d.Alters() || !c.ahead(k) {
			c.foreignKey(k)
		}
	}
	c.indexes()
	c.checks()
	c.enumValues()
}

// add adds an error about columns of the table; options change it. What follows from a column that is not there is no fault of its own: that
// one's mend mends it.
func (c *comparison) add(kind Kind, columns []string, m mend, format string, args ...any) *Finding {
	for _, column := range columns {
		if i, ok := c.lacking[lack{c.t, column}]; ok && kind != KindColumn {
			if c.t.identity(c.t.column(column)) {
				m.needs = nil // the rows are numbered with it
			}
			return c.follows(i, m)
		}
	}
	c.findings = append(c.findings, Finding{
		Kind: kind, Error: true, Table: c.t.Name, Columns: columns, Mend: m.sql, Needs: m.needs, anew: m.anew,
		Problem: fmt.Sprintf("table %q: ", c.t.Name) + fmt.Sprintf(format, args...),
	})
	return &c.findings[len(c.findings)-1]
}

// follows adds a mend to that of a finding from which the fault follows, unless that cannot be mended or is made anew with the table. The
// finding that it returns is none.
func (c *comparison) follows(i int, m mend) *Finding {
	if f := &c.findings[i]; len(f.Mend) > 0 || f.anew {
		f.Mend, f.Needs = append(f.Mend, m.sql...), append(f.Needs, m.needs...)
	}
	return &Finding{}
}

func (c *comparison) missing() {
	if c.skips(KindTable) {
		return
	}
	c.lacking[lack{t: c.t}] = len(c.findings)
	var m mend
	if c.t.Schema != "" && c.d.Schemas() {
		m.sql = append(m.sql, "CREATE SCHEMA IF NOT EXISTS "+c.ident(c.t.Schema))
	}
	for i := range c.t.columns {
		if w := &c.t.columns[i]; c.columnType(c.t, w) == "" {
			c.add(KindTable, nil, mend{}, "the database has no such table; to make it name the SQL type of column %q with Type", w.Name)
			return
		}
	}
	for _, e := range c.enums([]*table{c.t}) {
		m.sql = append(m.sql, e.unlessThere())
	}
	m.sql = append(m.sql, c.writer.table(c.t)...)
	var left string
	for _, x := range c.t.special {
		if by := c.used(c.t, "idx", x.Name); by != "" {
			m.sql = slices.DeleteFunc(m.sql, func(sql string) bool { return sql == c.specialIndex(c.t, x) })
			left += fmt.Sprintf("; its index %q is left out, as %s has the name", x.Name, by)
		}
	}
	c.add(KindTable, nil, m, "the database has no such table%s", left)
}

// lateKeys compares the keys that are made after all tables.
func (c *comparison) lateKeys() {
	for _, k := range c.m.ahead {
		i := slices.Index(c.m.tables, c.m.tableOf(k.Table))
		if c.t, c.lt = c.m.tables[i], &c.live.tables[i]; !c.lt.view {
			c.foreignKey(k)
		}
	}
}

// columns compares the columns by themselves.
func (c *comparison) columns() {
	for i := range c.t.columns {
		want := &c.t.columns[i]
		have, ok := c.lt.column(want.Name)
		if !ok {
			c.noColumn(want)
			continue
		}
		if have.was != have.name && !c.d.FoldsCase() && !c.skips(KindColumn) {
			c.add(KindColumn, []string{want.Name}, sql(c.alter(c.t, "RENAME COLUMN "+c.ident(have.was)+" TO "+c.ident(have.name))),
				"it has no column %q, which is declared (%s), but %q; rename it, or declare the field `db:%q`",
				want.Name, want.GoType, have.was, have.was)
		}
		if c.lt.view {
			continue
		}
		if want.NotNull && !have.notNull && (!slices.Contains(c.t.PrimaryKey, want.Name) || c.keepsKey()) && !c.skips(KindNull) {
			c.nullable(want)
		}
		c.refusesNil(want, have)
		identity := c.t.identity(want)
		switch {
		case c.skips(KindDefault):
		case have.filled && want.Default == "" && !want.ReadOnly && !identity:
			c.overwritten(want, have)
		case have.filled:
		case want.Default != "":
			f := c.add(KindDefault, []string{want.Name}, c.change(want, "SET DEFAULT "+c.defaultOf(c.t, want)),
				"column %q has no default; an insert that leaves it out expects one", want.Name)
			c.mayFill(f)
		case identity:
			otherwise := "declare AssignedKey"
			if want.Numbered {
				otherwise = "take Identity away"
			}
			f := c.add(KindDefault, []string{want.Name}, c.makeIdentity(want, have), "no number is made for the primary key %q; an insert without one "+
				"fails: %s if the program numbers the rows", want.Name, otherwise)
			if f.Error = false; c.d.Alters() && len(f.Mend) == 0 {
				f.Problem += fmt.Sprintf("; to mend it give it a type of whole numbers by hand, it is %s", have.sqlType)
			}
		}
	}
}

func (c *comparison) noColumn(want *graph.Column) {
	if c.skips(KindColumn) {
		return
	}
	c.lacking[lack{c.t, want.Name}] = len(c.findings)
	f := c.add(KindColumn, []string{want.Name}, mend{}, "it has no column %q, which is declared (%s)", want.Name, want.GoType)
	switch {
	case c.lt.view: // it is made anew by what it selects
	case c.columnType(c.t, want) == "":
		f.Problem += "; to add it name its SQL type with Type"
	default:
		m := c.addColumn(want)
		f.Mend, f.Needs, f.anew = m.sql, m.needs, m.anew
	}
}

// nullable reports a column that can be NULL and should not be. The rows without a required key are lost in an inner join.
func (c *comparison) nullable(want *graph.Column) {
	m := c.change(want, "SET NOT NULL").needing("no row has NULL in %q", want.Name)
	for _, k := range c.t.ForeignKeys() {
		if slices.Contains(k.Columns, want.Name) && !k.Nullable() && !k.Logical {
			c.add(KindNull, k.Columns, m, "column %q can be NULL, but the key of relation %q is required (%s); joins along it lose rows "+
				"without one", want.Name, k, want.GoType).Relation = k.String()
			return
		}
	}
	why := fmt.Sprintf("its Go type (%s) cannot hold it", want.GoType)
	switch {
	case slices.Contains(c.t.PrimaryKey, want.Name):
		why = "it is of the primary key, and rows that have NULL there have none"
	case want.Nullable || want.Class == graph.ClassBytes:
		why = "it is declared NotNull"
	}
	c.add(KindNull, []string{want.Name}, m, "column %q can be NULL, but %s", want.Name, why).Error = false
}

// keepsKey reports whether the primary key is unique in the database. That makes no column NOT NULL where SQLite keeps the key, or a UNIQUE
// of another database.
func (c *comparison) keepsKey() bool {
	return slices.ContainsFunc(c.lt.indexes, func(x liveIndex) bool { return x.unique && !x.part && sameColumns(x.columns, c.t.PrimaryKey) })
}

func (c *comparison) primaryKey() {
	key := c.t.PrimaryKey
	if len(key) == 0 || c.keepsKey() || c.skips(KindUnique) {
		return
	}
	m := c.addUnique(key)
	if c.d.Alters() && c.lt.primaryKey() == nil {
		m = sql(c.alter(c.t, "ADD "+c.constraint(c.t, "pkey", nil)+"PRIMARY KEY "+c.list(key))).
			needing("no two rows have the same %s, and none has NULL there", list(key))
	}
	c.add(KindUnique, key, m, "the primary key %s is not unique in the database", list(key))
}

func (c *comparison) uniques() {
	for _, u := range c.t.uniques {
		if c.skips(KindUnique) {
			continue
		}
		if u.living == "" && sameColumns(u.columns, c.t.PrimaryKey) {
			continue // it is the primary key's
		}
		if i := c.lt.uniqueWithin(u.columns); i >= 0 {
			if u.living != "" {
				c.marked(u, c.lt.indexes[i])
			}
			continue
		}
		m := c.addUnique(u.columns)
		if u.living != "" {
			if slices.ContainsFunc(c.lt.indexes, func(x liveIndex) bool { return c.keepsApart(x, u) }) {
				continue
			}
			m = sql(c.oneLiving(c.t, u)).needing("no two rows that are not marked as deleted have the same %s", list(u.columns))
		}
		f := c.add(KindUnique, u.columns, m, "nothing keeps %s unique, as it is declared", list(u.columns))
		prefix := fmt.Sprintf("table %q: nothing keeps %s unique", c.t.Name, list(u.columns))
		switch {
		case u.one != nil:
			f.Relation = u.one.String()
			f.Problem = fmt.Sprintf("%s, but relation %q is to-one; two rows for one owner make it fail", prefix, f.Relation)
		case u.link != nil:
			f.Relation = u.link.String()
			f.Problem = fmt.Sprintf("%s, but relation %q goes by it; a pair linked twice comes twice: if "+
				"that is meant, tell the links apart by PrimaryKey, or Unique, over more columns", prefix, f.Relation)
		case u.target != nil:
			f.Relation = u.target.String()
			f.Problem = fmt.Sprintf("%s, but the key of relation %q points at it", prefix, f.Relation)
		case u.morph:
			f.Problem = prefix + ", but the polymorphic relations by it are to-one; two rows for one owner make them fail"
		}
	}
}

func (c *comparison) foreignKey(k *graph.ForeignKey) {
	if k.References.Query != "" {
		return
	}
	target := slices.Index(c.m.tables, c.m.tableOf(k.References))
	c.ends(k, &c.live.tables[target])
	if c.live.tables[target].view || k.Logical || c.skips(KindForeignKey) || slices.ContainsFunc(k.Columns, c.unmade) {
		return
	}
	points := strings.TrimPrefix(k.References.Schema+"."+k.References.Name, ".")
	i := slices.IndexFunc(c.lt.keys, func(l liveKey) bool { return c.samePair(k, l, target) })
	if i >= 0 {
		c.onDelete(k, c.lt.keys[i])
		return
	}
	i = slices.IndexFunc(c.lt.keys, func(l liveKey) bool {
		declared := func(o *graph.ForeignKey) bool {
			return c.samePair(o, l, slices.Index(c.m.tables, c.m.tableOf(o.References)))
		}
		return sameColumns(l.columns, k.Columns) && !slices.ContainsFunc(c.t.ForeignKeys(), declared)
	})
	if gone, ok := c.lacking[lack{t: c.m.tables[target]}]; i < 0 && ok && c.d.Alters() { // no key can point at it
		c.follows(gone, c.setForeign(k, nil))
		return
	}
	if i < 0 {
		f := c.add(KindForeignKey, k.Columns, c.setForeign(k, nil), "no foreign key %s points at %q %s, as relation %q declares; joins along it lose rows "+
			"that point at nothing: declare Logical if there is to be no constraint", list(k.Columns), points, list(k.Referenced), k)
		c.unlike(f, k)
		return
	}
	other := c.lt.keys[i]
	f := c.add(KindForeignKey, k.Columns, c.setForeign(k, &other), "the foreign key %s points at %q %s, but relation %q declares %q %s",
		list(k.Columns), other.target, list(other.referenced), k, points, list(k.Referenced))
	c.unlike(f, k)
}

// samePair reports whether the key of the database points from and at the declared columns.
func (c *comparison) samePair(k *graph.ForeignKey, l liveKey, target int) bool {
	if l.references != target || !sameColumns(l.columns, k.Columns) {
		return false
	}
	primary := c.live.tables[target].primaryKey()
	for i, column := range l.columns {
		to := l.referenced[i]
		if to == "" && i < len(primary) {
			to = primary[i]
		}
		if to != k.Referenced[slices.Index(k.Columns, column)] {
			return false
		}
	}
	return true
}

// onDelete compares what a delete does. Where nothing was declared, both of the ways to refuse it will do; of a table that points at
// itself, where the database checks them alike.
func (c *comparison) onDelete(k *graph.ForeignKey, have liveKey) {
	if k.OnDelete == graph.ByDatabase {
		return
	}
	want := c.action(k)
	part := k.OnDelete == graph.SetNull && len(k.Freed()) < len(k.Columns)
	refused := part && (have.onDelete == graph.NoAction.String() || have.onDelete == graph.Restrict.String()) || k.OnDelete == graph.Restrict && (have.onDelete == graph.NoAction.String() && k.Declares == nil ||
		have.onDelete == graph.Restrict.String() && c.d.Alters())
	if have.onDelete == want || refused || k.OnDelete == graph.SetNull && have.nulls(k.Freed()) || c.skips(KindOnDelete) {
		return
	}
	relation, said := k.String(), "has none declared, which means "+want+wayOut(have.onDelete)
	if k.Declares != nil {
		relation, said = k.Declares.String(), "declares "+want
	}
	f := c.add(KindOnDelete, k.Columns, c.setForeign(k, &have), "ON DELETE of the foreign key %s is %s, but relation %q %s",
		list(k.Columns), have.onDelete, relation, said)
	f.Relation = relation
	refuses := []string{graph.Restrict.String(), graph.NoAction.String()}
	f.Error = k.Declares != nil && !(slices.Contains(refuses, want) && slices.Contains(refuses, have.onDelete))
}

// wayOut says how to declare what the database does on a delete.
func wayOut(have string) string {
	names := map[string]string{"RESTRICT": "Restrict", "CASCADE": "Cascade", "SET NULL": "SetNull", "NO ACTION": "NoAction", "SET DEFAULT": "ByDatabase"}
	have, _, _ = strings.Cut(have, " (")
	name, ok := names[have]
	if !ok {
		return ""
	}
	return fmt.Sprintf("; if the database is right, declare OnDelete(%s)", name)
}

// ends compares the types of a key's columns with those they point at.
func (c *comparison) ends(k *graph.ForeignKey, target *liveTable) {
	for i, name := range k.Columns {
		from, ok := c.lt.column(name)
		to, found := target.column(k.Referenced[i])
		if !ok || !found || from.class == to.class || c.skips(KindType) || c.retyped(name) {
			continue
		}
		f := c.add(KindType, []string{name}, c.retype(c.t.column(name), from, to), "column %q is %s, but %q of %q, which it points at, "+
			"is %s", name, from.sqlType, k.Referenced[i], k.References.Name, to.sqlType)
		f.Relation, f.Error = k.String(), !(from.whole() && to.whole())
		switch use := c.lt.uses[from.was]; {
		case len(f.Mend) > 0 || !c.d.Alters():
		case use != "":
			f.Problem += "; to mend it give it that type by hand: it is used by " + use
		default:
			f.Problem += "; to mend it give it that type by hand: its default, or another key, is of its own"
		}
	}
}

// retyped reports whether the type of a column was found to be another already, along another key.
func (c *comparison) retyped(column string) bool {
	return slices.ContainsFunc(c.findings, func(f Finding) bool {
		return f.Kind == KindType && f.Table == c.t.Name && slices.Equal(f.Columns, []string{column})
	})
}

func (c *comparison) indexes() {
	if c.skips(KindIndex) {
		return
	}
	for _, columns := range c.t.indexes {
		if c.lt.indexed(columns) {
			continue
		}
		f := c.add(KindIndex, columns, sql(c.index(c.t, columns)), "no index begins with %s", list(columns))
		f.Error = false
		for _, k := range c.t.ForeignKeys() {
			if slices.Equal(k.Columns, columns) {
				f.Relation = k.String()
				f.Problem += fmt.Sprintf(", the key of relation %q; loads along it, and deletes of %q, read the whole table",
					k, k.References.Name)
			}
		}
	}
	for _, x := range c.t.special {
		if c.lt.has(x.Name) {
			continue
		}
		m := sql(c.specialIndex(c.t, x))
		if x.Unique {
			m = m.needing("no two rows are the same to index %q", x.Name)
		}
		by := c.used(c.t, "idx", x.Name)
		if by != "" {
			m = mend{}
		}
		f := c.add(KindIndex, nil, m, "it has no index %q, which is declared%s", x.Name, nameUsed(by))
		f.Error = x.Unique
	}
}

// nameUsed says what to do about a declared name that something else has; by is empty where nothing has.
func nameUsed(by string) string {
	if by == "" {
		return ""
	}
	return "; to mend it give " + by + ", which has the name, another by hand, or declare another"
}

func list(columns []string) string { return "(" + strings.Join(columns, ", ") + ")" }
