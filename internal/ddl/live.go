package ddl

import (
	"cmp"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
)

// Live is what a database has of the tables of a model. It is filled by [Live.Read] with what the statements of
// [dialect.Definer.Inspect] yield.
type Live struct {
	tables []liveTable
	taken  map[taken]string // what has the name
}

// taken is a name in a schema of the database, folded where the database folds names.
type taken struct{ schema, name string }

type liveTable struct {
	view    bool
	columns []liveColumn // none: the table is not there
	indexes []liveIndex
	keys    []liveKey
	checks  []string            // their names, where the catalog has them
	enums   map[string][]string // the texts of columns whose type has a list of them
	trigger string              // one that may fill columns of a row before it is inserted; empty: there is none
	uses    map[string]string   // what keeps the types of columns from being changed
	schema  string              // that it lies in, or will
	names   map[string]string   // of its constraints, where their names are kept apart, with what they are
	sql     string              // its CREATE TABLE, where tables are made anew
	remake  []string            // the SQL of what is lost then
}

type liveColumn struct {
	name, sqlType, class string // class: the type as far as it decides what is equal
	notNull, filled      bool
	fill                 string // the SQL of its default
	made                 string // how the database fills it, in the words of [dialect.Definer.Inspect]; empty: it does not
	was                  string // its name in the database, where name is that which is declared
}

// What inserts must not write.
const (
	madeGenerated = "generated"
	madeAlways    = "always"
)

// madeNumber is what an insert may write, and leaves out for a number.
const madeNumber = "identity"

// numbers reports whether the database numbers rows by the column.
func (c liveColumn) numbers() bool {
	return c.made == madeAlways || c.made == madeNumber || strings.HasPrefix(c.fill, "nextval(")
}

// whole reports whether the column's type is one of whole numbers.
func (c liveColumn) whole() bool {
	return slices.Contains([]string{"smallint", "integer", "bigint"}, c.class)
}

type liveIndex struct {
	name            string
	columns         []string
	unique, primary bool
	part            bool   // it has some of the rows, keeps no key unique and serves no key
	where           string // which; empty: that is not known
}

type liveKey struct {
	name       string
	columns    []string
	references int // among the tables; -1: another
	target     string
	referenced []string
	onDelete   string
}

// nulls reports whether the key makes these of its columns NULL, and no others.
func (k liveKey) nulls(columns []string) bool {
	rest, ok := strings.CutPrefix(k.onDelete, "SET NULL")
	if rest == "" {
		return ok && sameColumns(k.columns, columns)
	}
	return ok && sameColumns(strings.Split(strings.Trim(rest, " ()"), ", "), columns)
}

// NewLive returns the place for what is read of the model's tables.
func NewLive(m *Schema) *Live { return &Live{tables: make([]liveTable, len(m.tables))} }

// Read reads the rows of the i-th of the statements.
func (l *Live) Read(i int, rows dialect.Rows) error {
	read := []func(dialect.Rows) error{l.readColumn, l.readIndex, l.readKey, l.readMore, l.readName}[i]
	for rows.Next() {
		if err := read(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (l *Live) readColumn(rows dialect.Rows) error {
	var at int
	var c liveColumn
	var view bool
	if err := rows.Scan(&at, &c.name, &c.sqlType, &c.class, &c.notNull, &c.filled, &c.fill, &view, &c.made); err != nil {
		return err
	}
	t := &l.tables[at]
	t.view, t.columns = view, append(t.columns, c)
	return nil
}

func (l *Live) readIndex(rows dialect.Rows) error {
	var at int
	var column string
	var x liveIndex
	dest := []any{&at, &x.name, &column, &x.unique, &x.primary, &x.part, &x.where}
	for len(dest) < len(rows.Columns()) {
		dest = append(dest, nil)
	}
	if err := rows.Scan(dest...); err != nil {
		return err
	}
	t := &l.tables[at]
	if n := len(t.indexes); n == 0 || t.indexes[n-1].name != x.name {
		t.indexes = append(t.indexes, x)
	}
	last := &t.indexes[len(t.indexes)-1]
	last.columns = append(last.columns, column)
	return nil
}

func (l *Live) readKey(rows dialect.Rows) error {
	var at int
	var column, to string
	var k liveKey
	if err := rows.Scan(&at, &k.name, &column, &k.references, &k.target, &to, &k.onDelete); err != nil {
		return err
	}
	t := &l.tables[at]
	if n := len(t.keys); n == 0 || t.keys[n-1].name != k.name {
		t.keys = append(t.keys, k)
	}
	last := &t.keys[len(t.keys)-1]
	last.columns, last.referenced = append(last.columns, column), append(last.referenced, to)
	return nil
}

// readMore reads what the dialect has more: names and texts, or where tables are made anew the text of the table.
func (l *Live) readMore(rows dialect.Rows) error {
	if len(rows.Columns()) < 4 {
		return l.readRemake(rows)
	}
	var at int
	var what, column, name string
	if err := rows.Scan(&at, &what, &column, &name); err != nil {
		return err
	}
	t := &l.tables[at]
	switch what {
	case "check":
		t.checks = append(t.checks, name)
	case "enum":
		if t.enums == nil {
			t.enums = map[string][]string{}
		}
		t.enums[column] = append(t.enums[column], name)
	case "trigger":
		t.trigger = name
	case "use":
		if t.uses == nil {
			t.uses = map[string]string{}
		}
		t.uses[column] = name
	}
	return nil
}

// readName reads what has a name.
func (l *Live) readName(rows dialect.Rows) error {
	var at int
	var schema, name, what string
	if err := rows.Scan(&at, &schema, &name, &what); err != nil {
		return err
	}
	switch {
	case at < 0:
		if l.taken == nil {
			l.taken = map[taken]string{}
		}
		l.taken[taken{schema, name}] = what
	case schema != "":
		l.tables[at].schema = schema
	default:
		if l.tables[at].names == nil {
			l.tables[at].names = map[string]string{}
		}
		l.tables[at].names[name] = what
	}
	return nil
}

func (l *Live) readRemake(rows dialect.Rows) error {
	var at int
	var sql string
	var table bool
	if err := rows.Scan(&at, &sql, &table); err != nil {
		return err
	}
	if table {
		l.tables[at].sql = sql
		return nil
	}
	l.tables[at].remake = append(l.tables[at].remake, sql)
	return nil
}

// used returns what tells what has a name in the database that a constraint or an index of a kind cannot have beside it.
func (l *Live) used(d dialect.Definer, m *Schema) func(t *table, kind, name string) string {
	folded := func(schema, name string) taken {
		if d.FoldsCase() {
			return taken{strings.ToLower(schema), strings.ToLower(name)}
		}
		return taken{schema, name}
	}
	all := make(map[taken]string, len(l.taken))
	for k, what := range l.taken {
		all[folded(k.schema, k.name)] = what
	}
	return func(t *table, kind, name string) string {
		lt := &l.tables[slices.Index(m.tables, t)]
		what := ""
		if kind != "fkey" && !strings.HasPrefix(kind, "check") {
			what = all[folded(lt.schema, name)]
		}
		if kind != "idx" {
			what = cmp.Or(what, lt.names[name])
		}
		return what
	}
}

// fold gives the columns the names that are declared, where those differ in case alone and nothing has that very name.
func (l *Live) fold(m *Schema) {
	names := make([]map[string]string, len(l.tables))
	for i := range l.tables {
		names[i] = l.tables[i].misspelt(m.tables[i])
	}
	rename := func(table int, list []string) {
		for i, name := range list {
			if declared, ok := names[table][name]; ok {
				list[i] = declared
			}
		}
	}
	for i := range l.tables {
		t := &l.tables[i]
		for j := range t.columns {
			c := &t.columns[j]
			c.was = c.name
			if declared, ok := names[i][c.name]; ok {
				c.name = declared
			}
		}
		for _, x := range t.indexes {
			rename(i, x.columns)
		}
		for _, k := range t.keys {
			rename(i, k.columns)
			if k.references >= 0 {
				rename(k.references, k.referenced)
			}
		}
	}
}

// misspelt returns the declared names of columns by those they have.
func (t *liveTable) misspelt(want *table) map[string]string {
	names := map[string]string{}
	for i := range want.columns {
		declared := want.columns[i].Name
		near := func(c liveColumn) bool { return strings.EqualFold(c.name, declared) }
		if _, ok := t.column(declared); ok {
			continue
		}
		if j := slices.IndexFunc(t.columns, near); j >= 0 {
			names[t.columns[j].name] = declared
		}
	}
	return names
}

func (t *liveTable) column(name string) (liveColumn, bool) {
	i := slices.IndexFunc(t.columns, func(c liveColumn) bool { return c.name == name })
	if i < 0 {
		return liveColumn{}, false
	}
	return t.columns[i], true
}

func (t *liveTable) primaryKey() []string {
	for _, x := range t.indexes {
		if x.primary {
			return x.columns
		}
	}
	return nil
}

// uniqueWithin returns the place of a unique index that is within the columns; -1: there is none.
func (t *liveTable) uniqueWithin(columns []string) int {
	return slices.IndexFunc(t.indexes, func(x liveIndex) bool { return x.unique && !x.part && within(x.columns, columns) })
}

// has reports whether it has an index of the name.
func (t *liveTable) has(index string) bool {
	return slices.ContainsFunc(t.indexes, func(x liveIndex) bool { return x.name == index })
}

func (t *liveTable) indexed(columns []string) bool {
	return slices.ContainsFunc(t.indexes, func(x liveIndex) bool { return !x.part && begins(x.columns, columns) })
}
