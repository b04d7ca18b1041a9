package ddl

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/internal/graph"
)

// Input of this file: what a table keeps beside keys and indexes, and what fills its columns. Output: findings of what it keeps less, or more, than was declared.

// pointing returns the types of columns that are not there and are to point at one that is, or that is to be of the type of another: a key
// has the type of what it points at, whatever a new database would give both. The first key of a column tells.
func (c *comparison) pointing() map[lack]string {
	types := map[lack]string{}
	for more := true; more; {
		more = false
		for i, t := range c.m.tables {
			for at := range t.columns {
				want := &t.columns[at]
				_, there := c.live.tables[i].column(want.Name)
				if _, known := types[lack{t, want.Name}]; there || known {
					continue
				}
				if sql := c.pointedType(t, want.Name, types); sql != "" && !c.alike(c.columnType(t, want), sql) {
					types[lack{t, want.Name}], more = sql, true
				}
			}
		}
	}
	return types
}

// pointedType returns the type of what a column points at: of the database, or among types; empty: it is as it was declared.
func (c *comparison) pointedType(t *table, column string, types map[lack]string) string {
	for _, k := range t.ForeignKeys() {
		n, to := slices.Index(k.Columns, column), slices.Index(c.m.tables, c.m.tableOf(k.References))
		if n < 0 || to < 0 {
			continue
		}
		have, ok := c.live.tables[to].column(k.Referenced[n])
		switch {
		case !ok:
			return types[lack{c.m.tables[to], k.Referenced[n]}]
		case !c.d.Alters() && strings.EqualFold(have.sqlType, "INTEGER"): // as a key it would be a number that SQLite makes
			return "BIGINT"
		}
		return have.sqlType
	}
	return ""
}

// alike reports whether a declared type will do for one of the database. On SQLite all integers are one.
func (c *comparison) alike(declared, live string) bool {
	whole := func(sql string) bool { return strings.Contains(strings.ToUpper(sql), "INT") }
	return strings.EqualFold(declared, live) || !c.d.Alters() && whole(declared) && whole(live)
}

// unmade reports whether the table has no such column, and no SQL that makes it: nothing can be made of it then.
func (c *comparison) unmade(column string) bool {
	i, ok := c.lacking[lack{c.t, column}]
	return ok && !c.findings[i].anew && len(c.findings[i].Mend) == 0
}

// overwritten reports a column that the database fills, of which the declaration does not know: an insert writes the field, which is
// zero where nobody set it. A key that comes from another row, or from the program, is not left to the database.
func (c *comparison) overwritten(want *graph.Column, have liveColumn) {
	given := func(k *graph.ForeignKey) bool { return slices.Contains(k.Columns, want.Name) }
	refers := func(r graph.Reference) bool { return r.IDColumn == want.Name }
	switch {
	case slices.ContainsFunc(c.t.ForeignKeys(), given), slices.ContainsFunc(c.t.Polymorphic(), refers):
	case slices.Contains(c.t.PrimaryKey, want.Name) && c.t.Assigned:
	case slices.Contains(c.t.PrimaryKey, want.Name) && want.Class == graph.ClassInteger && have.numbers():
		c.add(KindDefault, []string{want.Name}, mend{}, "the database numbers the rows by column %q, which the declaration does not say; inserts without a "+
			"number fail: declare it by Identity, or AssignedKey if the program numbers the rows", want.Name)
	case have.made == madeGenerated:
		c.add(KindDefault, []string{want.Name}, mend{}, "the database generates column %q, which the declaration does not say; inserts that write it "+
			"fail: declare it by Generated, or ReadOnly", want.Name)
	case have.made == madeAlways:
		c.add(KindDefault, []string{want.Name}, mend{}, "the database numbers column %q always, which the declaration does not say; inserts that write "+
			"it fail: declare it by Default, so that they leave it out where the field is zero", want.Name)
	case isZero(have.fill, want):
	default:
		c.add(KindDefault, []string{want.Name}, mend{}, "the database fills column %q, which the declaration does not say; inserts write the field over "+
			"it, zero included: declare it by Default, so that they leave it out where the field is zero", want.Name).Error = false
	}
}

// zeros are defaults that are what a field holds that nobody has set.
var zeros = regexp.MustCompile(`^\(*(?i:0(\.0*)?|'0?'|false|'false'|'f')\)*(::[a-z ]+(\([0-9, ]*\))?\)*)*$`)

func isZero(fill string, want *graph.Column) bool {
	if strings.HasPrefix(strings.ToUpper(fill), "NULL") {
		return true
	}
	return !want.Nullable && zeros.MatchString(fill)
}

// refusesNil reports a column that cannot be NULL, where the field is written as NULL when nobody set it: where it holds no NULL, the column is
// declared NotNull already. Which of them is right is not for a tool to say.
func (c *comparison) refusesNil(want *graph.Column, have liveColumn) {
	if want.NotNull || want.ReadOnly || want.Default != "" || !have.notNull || have.filled || c.skips(KindNull) {
		return
	}
	f := c.add(KindNull, []string{want.Name}, mend{}, "column %q cannot be NULL and has no default, but its field (%s) may be nil, which is NULL; an insert of it "+
		"fails: declare it NotNull, or let the column be NULL", want.Name, want.GoType)
	f.Error = false
	c.mayFill(f)
}

// mayFill makes a warning of a finding that a column has no default, where a trigger may fill it: what that does, nobody can read.
func (c *comparison) mayFill(f *Finding) {
	if c.lt.trigger == "" {
		return
	}
	f.Error = false
	f.Problem += fmt.Sprintf("; if trigger %q fills it, declare it ReadOnly", graph.Short(c.lt.trigger))
}

// undeclared reports columns that no struct has, where they must have a value which nothing gives: no row can be inserted; and where they are
// of links that go by themselves: what they hold goes too.
func (c *comparison) undeclared() {
	var names []string
	for _, have := range c.lt.columns {
		if slices.ContainsFunc(c.t.columns, func(want graph.Column) bool { return want.Name == have.name }) {
			continue
		}
		names = append(names, have.name)
		if !have.notNull || have.filled || c.skips(KindColumn) {
			continue
		}
		f := c.add(KindColumn, []string{have.name}, mend{}, "it has a column %q, which is not declared, cannot be NULL and has no default; every insert fails: "+
			"declare a field for it, or give it a default", have.name)
		c.mayFill(f)
	}
	c.lostLinks(names)
}

// lostLinks reports columns that are not declared of a join table whose rows go with either end, as nothing is known of them but the keys.
func (c *comparison) lostLinks(columns []string) {
	if len(columns) == 0 || c.skips(KindOnDelete) {
		return
	}
	for _, t := range c.m.tables {
		for _, k := range t.PointedAt() {
			if r := k.Unasked(); k.Table.Same(c.t.Table) && r != nil {
				f := c.add(KindOnDelete, columns, mend{}, "a delete of a row that is linked by relation %q removes its links, and with them what is in columns that "+
					"are not declared %s: declare them, or OnDelete on the relation", r, list(columns))
				f.Relation, f.Error = r.String(), false
				return
			}
		}
	}
}

// checks reports checks with a name that are not there. What they say is not compared.
func (c *comparison) checks() {
	for i, want := range c.t.checks {
		if want.Name == "" || c.skips(KindCheck) || !c.d.Alters() && c.lt.sql == "" || c.hasCheck(want.Name) {
			continue
		}
		line := "CONSTRAINT " + c.ident(want.Name) + " CHECK (" + want.SQL + ")"
		var m mend
		by := c.used(c.t, "check", want.Name)
		switch {
		case by != "":
		case c.d.Alters():
			m = sql(c.alter(c.t, "ADD "+line)).needing("each row passes %q", want.Name)
		default:
			m = c.remake(func(t *tableText) bool { return t.addConstraint(line) }).needing("each row passes %q", want.Name)
		}
		c.add(KindCheck, c.t.checks[i].Columns, m, "it has no check %q, which is declared%s", want.Name, nameUsed(by)).Error = false
	}
}

func (c *comparison) hasCheck(name string) bool {
	if c.d.Alters() {
		return slices.Contains(c.lt.checks, name)
	}
	tokens := lex(c.lt.sql)
	for i, k := range tokens {
		if i > 0 && tokens[i-1].text == "CONSTRAINT" && strings.EqualFold(k.name(), name) {
			return true
		}
	}
	return false
}

// enumValues compares the texts of types with those that are declared. Texts are added, and none is taken away: rows may have it.
func (c *comparison) enumValues() {
	if !c.d.Enums() || c.skips(KindEnum) {
		return
	}
	for i := range c.t.columns {
		want := &c.t.columns[i]
		live, ok := c.lt.column(want.Name)
		if want.Enum == "" || !ok {
			continue
		}
		have := c.lt.enums[live.was]
		if len(have) == 0 {
			c.add(KindEnum, []string{want.Name}, mend{}, "column %q is %s, and no type with a list of texts, as it is declared", want.Name,
				live.sqlType).Error = false
			continue
		}
		c.compareTexts(want, live.sqlType, have)
	}
}

func (c *comparison) compareTexts(want *graph.Column, sqlType string, have []string) {
	var differs []string
	var m mend
	not := func(list []string) func(string) bool { return func(v string) bool { return !slices.Contains(list, v) } }
	missing, more := slices.ContainsFunc(want.Values, not(have)), slices.DeleteFunc(slices.Clone(have), func(v string) bool { return !not(want.Values)(v) })
	for i, v := range want.Values {
		switch {
		case !not(have)(v):
			continue
		case i > 0:
			m.sql = append(m.sql, "ALTER TYPE "+sqlType+" ADD VALUE "+texts([]string{v})+" AFTER "+texts(want.Values[i-1:i]))
		default:
			m.sql = append(m.sql, "ALTER TYPE "+sqlType+" ADD VALUE "+texts([]string{v})+" BEFORE "+texts(have[:1]))
		}
		differs = append(differs, fmt.Sprintf("no %q", v))
	}
	for _, v := range more {
		differs = append(differs, fmt.Sprintf("%q, which is not declared", v))
	}
	if len(differs) == 0 && !slices.Equal(have, want.Values) {
		differs = append(differs, "its texts in another order")
	}
	if len(differs) > 0 {
		c.add(KindEnum, []string{want.Name}, m, "the type %s of column %q has %s", sqlType, want.Name, strings.Join(differs, ", and ")).Error = missing
	}
}

// marked warns of an index that keeps rows unique which are marked as deleted, where only those that are not are to be.
func (c *comparison) marked(u unique, have liveIndex) {
	f := c.add(KindUnique, u.columns, mend{}, "the unique key of %s holds for rows that are marked as deleted too: a row that is inserted after one with the same was deleted is "+
		"refused; drop it by hand, and Check gives the index of the rows that are not marked", list(have.columns))
	f.Error = false
	if u.one != nil {
		f.Relation = u.one.String()
	}
}
