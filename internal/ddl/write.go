package ddl

import (
	"fmt"
	"hash/fnv"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
)

// Statements returns the statements that make the tables, in an order that the database can run: schemas, tables after
// those they point at, each with its indexes, and at the end the keys of tables that point at each other. errs has every
// column without a type, and all else that the database cannot have.
func (m *Schema) Statements(d dialect.Definer) (statements []string, errs []error) {
	w := newWriter(d, m, nil)
	for _, t := range m.tables {
		errs = append(errs, w.check(t)...)
	}
	errs = append(errs, w.checkEnums()...)
	if len(errs) > 0 {
		return nil, errs
	}
	made := map[string]bool{"": true}
	for _, t := range m.tables {
		if !made[t.Schema] && d.Schemas() {
			made[t.Schema] = true
			statements = append(statements, "CREATE SCHEMA IF NOT EXISTS "+w.ident(t.Schema))
		}
	}
	for _, e := range w.enums(m.tables) {
		statements = append(statements, e.statement)
	}
	for _, t := range m.tables {
		statements = append(statements, w.table(t)...)
	}
	if d.Alters() {
		for _, k := range m.ahead {
			statements = append(statements, w.alter(m.tableOf(k.Table), "ADD "+w.foreign(k)))
		}
	}
	return statements, nil
}

func (m *Schema) tableOf(g *graph.Table) *table {
	for _, t := range m.tables {
		if t.Name == g.Name && t.Schema == g.Schema {
			return t
		}
	}
	return nil // every table of a key was declared
}

// writer writes the tables of one model. Names are decided once, so that a statement that mends a table has those of the one that
// makes it.
type writer struct {
	d     dialect.Definer
	m     *Schema
	names map[string]string                        // by schema, table, kind and columns
	taken map[string]bool                          // with the schema before
	live  map[lack]string                          // the types of columns that a database lacks, where that of what they point at tells
	used  func(t *table, kind, name string) string // what has the name in the database, which keeps it from being given; nil: it is empty
}

// newWriter decides the names. used is what has one already; nil: nothing has.
func newWriter(d dialect.Definer, m *Schema, used func(t *table, kind, name string) string) *writer {
	w := &writer{d: d, m: m, names: map[string]string{}, taken: map[string]bool{}, used: used}
	for _, t := range m.tables {
		w.taken[t.Schema+"\x00"+t.Name] = true
		for _, x := range t.special {
			w.taken[t.Schema+"\x00"+x.Name] = true
		}
		for _, c := range t.checks {
			w.taken[t.Schema+"\x00"+c.Name] = true
		}
	}
	for _, t := range m.tables {
		w.name(t, "pkey", nil)
		for _, u := range t.uniques {
			w.uniqueName(t, u)
		}
		for _, k := range t.constraints() {
			w.name(t, "fkey", k.Named())
		}
		for _, columns := range t.indexes {
			w.name(t, "idx", columns)
		}
		for i := range t.columns {
			w.name(t, "check", []string{t.columns[i].Name})
		}
		for i := range t.checks {
			w.name(t, "check"+strconv.Itoa(i+1), nil)
		}
	}
	return w
}

// name returns the name of a constraint or an index: table, columns and kind, as PostgreSQL names them, cut to the
// database's limit. A name that is cut or taken, as that of a_b (c) is by a (b_c), or by what the database has, ends in a hash of what it
// stands for. of: what tells it from another of the same columns.
func (w *writer) name(t *table, kind string, columns []string, of ...string) string {
	full := strings.Join(slices.Concat([]string{t.Schema, t.Name}, columns, []string{kind}, of), "\x00")
	if name, ok := w.names[full]; ok {
		return name
	}
	limit := w.d.Features().MaxIdent
	plain := t.ConstraintName(kind, columns)
	name := plain
	for hashed := full; limit > 0 && len(name) > limit || w.taken[t.Schema+"\x00"+name] || w.used != nil && w.used(t, kind, name) != ""; hashed += "\x00" {
		h := fnv.New32a()
		h.Write([]byte(hashed)) // never fails
		tail := fmt.Sprintf("_%08x_%s", h.Sum32(), kind)
		name = strings.TrimSuffix(plain, "_"+kind)
		if limit > 0 && len(name) > limit-len(tail) {
			name = name[:limit-len(tail)]
			for !utf8.ValidString(name) {
				name = name[:len(name)-1]
			}
		}
		name += tail
	}
	w.names[full], w.taken[t.Schema+"\x00"+name] = name, true
	return name
}

// uniqueName is the name of a unique key, of all rows or of those that are not marked.
func (w *writer) uniqueName(t *table, u unique) string {
	if u.living != "" {
		return w.name(t, "key", u.columns, u.living)
	}
	return w.name(t, "key", u.columns)
}

func (w *writer) ident(name string) string { return string(w.d.AppendIdent(nil, name)) }

func (w *writer) list(names []string) string {
	var b strings.Builder
	for i, n := range names {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(w.ident(n))
	}
	return "(" + b.String() + ")"
}

// qualified names a table of the schema.
func (w *writer) qualified(schema, name string) string {
	if schema == "" {
		return w.ident(name)
	}
	return w.ident(schema) + "." + w.ident(name)
}

func (w *writer) full(t *table) string { return w.qualified(t.Schema, t.Name) }

// check returns what the database cannot have of the table.
func (w *writer) check(t *table) []error {
	var errs []error
	names, given := []string{t.Schema, t.Name}, []string{}
	for _, x := range t.special {
		given = append(given, x.Name)
	}
	for _, c := range t.checks {
		given = append(given, c.Name)
	}
	for i, name := range given {
		if names = append(names, name); name != "" && slices.Contains(given[:i], name) {
			errs = append(errs, fmt.Errorf("table %q: the name %q is given to two indexes or checks; give one of them another", t.Name, name))
		}
	}
	for i := range t.columns {
		names = append(names, t.columns[i].Name)
		if c := &t.columns[i]; w.columnType(t, c) == "" {
			errs = append(errs, fmt.Errorf("table %q: column %q (%s) has no SQL type on %s; name one with Type",
				t.Name, c.Name, c.GoType, w.d.Name()))
		}
	}
	for _, name := range names {
		if limit := w.d.Features().MaxIdent; limit > 0 && len(name) > limit {
			errs = append(errs, fmt.Errorf("table %q: the name %q has %d bytes, and %s keeps %d; choose a shorter one", t.Name, name,
				len(name), w.d.Name(), limit))
		}
	}
	if len(t.columns) == 0 {
		errs = append(errs, fmt.Errorf("table %q has no columns; give its struct a field", t.Name))
	}
	for _, k := range t.constraints() {
		if !w.d.Schemas() && k.References.Schema != t.Schema {
			errs = append(errs, fmt.Errorf("relation %q: on %s a table of schema %q cannot point at one of %q; keep both in "+
				"one", k, w.d.Name(), t.Schema, k.References.Schema))
		}
	}
	return errs
}

func (w *writer) columnType(t *table, c *graph.Column) string {
	live, ok := w.live[lack{t, c.Name}]
	switch {
	case c.Enum != "" && w.d.Enums():
		return w.qualified(t.Schema, c.Enum)
	case ok:
		return live
	case c.SQLType != "":
		return c.SQLType
	}
	sql, _ := w.d.ColumnType(dialect.Stored(c.Stored))
	return sql
}

// table returns CREATE TABLE, and CREATE INDEX for each index.
func (w *writer) table(t *table) []string {
	return append([]string{w.create(t)}, w.indexes(t)...)
}

func (w *writer) indexes(t *table) []string {
	var statements []string
	for _, columns := range t.indexes {
		statements = append(statements, w.index(t, columns))
	}
	for _, u := range t.uniques {
		if u.living != "" {
			statements = append(statements, w.oneLiving(t, u))
		}
	}
	for _, x := range t.special {
		statements = append(statements, w.specialIndex(t, x))
	}
	return statements
}

// create returns CREATE TABLE.
func (w *writer) create(t *table) string {
	var lines []string
	said := false
	for i := range t.columns {
		line, primary := w.column(t, &t.columns[i])
		said = said || primary
		lines = append(lines, line)
	}
	switch {
	case len(t.PrimaryKey) > 0 && !said:
		lines = append(lines, w.constraint(t, "pkey", nil)+"PRIMARY KEY "+w.list(t.PrimaryKey))
	case len(t.PrimaryKey) > 1: // other tables point at all of it
		lines = append(lines, w.constraint(t, "pkey", nil)+"UNIQUE "+w.list(t.PrimaryKey))
	}
	for _, u := range t.uniques {
		if u.living == "" {
			lines = append(lines, w.unique(t, u))
		}
	}
	for _, k := range t.constraints() {
		if !w.d.Alters() || !w.ahead(k) {
			lines = append(lines, w.foreign(k))
		}
	}
	for i := range t.columns {
		if c := &t.columns[i]; len(c.Values) > 0 && (c.Enum == "" || !w.d.Enums()) {
			lines = append(lines, w.constraint(t, "check", []string{c.Name})+"CHECK ("+w.oneOf(c)+")")
		}
	}
	for i, c := range t.checks {
		constraint := w.constraint(t, "check"+strconv.Itoa(i+1), nil)
		if c.Name != "" {
			constraint = "CONSTRAINT " + w.ident(c.Name) + " "
		}
		lines = append(lines, constraint+"CHECK ("+c.SQL+")")
	}
	return "CREATE TABLE " + w.full(t) + " (\n  " + strings.Join(lines, ",\n  ") + "\n)"
}

func (w *writer) ahead(k *graph.ForeignKey) bool {
	return slices.Contains(w.m.ahead, k)
}

func (w *writer) constraint(t *table, kind string, columns []string) string {
	return "CONSTRAINT " + w.ident(w.name(t, kind, columns)) + " "
}

// column returns the definition of a column, and whether that makes it the primary key.
func (w *writer) column(t *table, c *graph.Column) (line string, primary bool) {
	sql := w.columnType(t, c)
	if t.identity(c) {
		sql, primary = w.d.Identity(sql)
	} else if c.NotNull {
		sql += " NOT NULL"
	}
	if c.Default != "" {
		sql += " DEFAULT " + w.defaultOf(t, c)
	}
	if c.Generated != "" {
		sql += " GENERATED ALWAYS AS (" + c.Generated + ") STORED"
	}
	return w.ident(c.Name) + " " + sql, primary
}

// plain is SQL that a DEFAULT clause takes as it is: a number, a string without quotes inside, a keyword.
var plain = regexp.MustCompile(`^(-?[0-9.]+|'[^']*'|[A-Za-z_]+)$`)

// defaultOf returns the expression of the column's DEFAULT clause.
func (w *writer) defaultOf(t *table, c *graph.Column) string {
	sql := c.Default
	if timed, ok := w.d.(dialect.Timed); ok && graph.IsNow(sql) {
		if sql = "CURRENT_TIMESTAMP"; c.MayHoldTime() {
			sql = timed.Now(w.columnType(t, c))
		}
	}
	if plain.MatchString(sql) {
		return sql
	}
	return "(" + sql + ")"
}

func (w *writer) oneOf(c *graph.Column) string {
	return w.ident(c.Name) + " IN (" + texts(c.Values) + ")"
}

// texts returns a list of literals.
func texts(values []string) string {
	var b []byte
	for i, v := range values {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = dialect.AppendQuoted(b, v, '\'')
	}
	return string(b)
}

func (w *writer) unique(t *table, u unique) string {
	return w.constraint(t, "key", u.columns) + "UNIQUE " + w.list(u.columns)
}

func (w *writer) foreign(k *graph.ForeignKey) string {
	return w.foreignAs(w.name(w.m.tableOf(k.Table), "fkey", k.Named()), k)
}

// foreignAs writes a foreign key of the name.
func (w *writer) foreignAs(name string, k *graph.ForeignKey) string {
	target := w.qualified(k.References.Schema, k.References.Name)
	if !w.d.Schemas() {
		target = w.ident(k.References.Name) // it lies where the table lies
	}
	return "CONSTRAINT " + w.ident(name) + " FOREIGN KEY " + w.list(k.Columns) + " REFERENCES " + target +
		" " + w.list(k.Referenced) + w.onDelete(k, "")
}

// onDelete returns the clause of what the database does along the key; that is what it did before where it is left to it.
func (w *writer) onDelete(k *graph.ForeignKey, before string) string {
	action := before
	if k.OnDelete != graph.ByDatabase {
		action = w.action(k)
	}
	if action == "" {
		return ""
	}
	return " ON DELETE " + action
}

// action returns what the database is to do along the key. Rows of one table that point at each other may go together, which a database
// that checks RESTRICT row by row, as SQLite does, would refuse. One that makes nothing but all columns of a key NULL is not to do so where
// some of them say something else too.
func (w *writer) action(k *graph.ForeignKey) string {
	policy := k.OnDelete
	if policy == graph.SetNull && len(k.Freed()) < len(k.Columns) {
		if w.d.NullsColumns() {
			return policy.String() + " " + w.list(k.Freed())
		}
		policy = graph.Restrict
	}
	if policy == graph.Restrict && k.References.Same(k.Table) {
		policy = graph.NoAction
	}
	return policy.String()
}

// index returns CREATE INDEX. SQLite has the schema before the index's name, others before the table's.
func (w *writer) index(t *table, columns []string) string {
	return "CREATE INDEX " + w.indexOn(t, w.name(t, "idx", columns)) + " " + w.list(columns)
}

// oneLiving returns CREATE UNIQUE INDEX over the rows that are not marked as deleted.
func (w *writer) oneLiving(t *table, u unique) string {
	mark := w.ident(u.living)
	lives := mark + " IS NULL"
	if t.column(u.living).Class == graph.ClassBoolean {
		lives = "NOT " + mark
	}
	return "CREATE UNIQUE INDEX " + w.indexOn(t, w.uniqueName(t, u)) + " " + w.list(u.columns) + " WHERE " + lives
}

func (w *writer) indexOn(t *table, name string) string {
	if !w.d.Schemas() {
		return w.qualified(t.Schema, name) + " ON " + w.ident(t.Name)
	}
	return w.ident(name) + " ON " + w.full(t)
}

func (w *writer) alter(t *table, what string) string { return "ALTER TABLE " + w.full(t) + " " + what }
