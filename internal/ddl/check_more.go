package ddl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/internal/graph"
)

// Input of this file: what a table keeps beside keys and indexes. Output: findings of what it keeps less, or more, than was declared.

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

// undeclared reports columns that no struct has, and that must have a value which nothing gives: no row can be inserted.
func (c *comparison) undeclared() {
	for _, have := range c.lt.columns {
		declared := slices.ContainsFunc(c.t.columns, func(want graph.Column) bool { return want.Name == have.name })
		if declared || !have.notNull || have.filled || c.skips(KindColumn) {
			continue
		}
		c.add(KindColumn, []string{have.name}, mend{}, "it has a column %q, which is not declared, cannot be NULL and has no default; every insert fails: "+
			"declare a field for it, or give it a default", have.name)
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
		if c.d.Alters() {
			m = sql(c.alter(c.t, "ADD "+line))
		} else {
			m = c.remake(func(t *tableText) bool { return t.addConstraint(line) })
		}
		c.add(KindCheck, c.t.checks[i].Columns, m.needing("each row passes %q", want.Name), "it has no check %q, which is declared", want.Name).Error = false
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
