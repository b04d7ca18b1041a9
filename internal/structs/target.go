package structs

import (
	"database/sql"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// Target is a shape of the caller's that rows are collected into: a struct with those nested in it, whose fields are columns as
// scany maps them, a map of columns, or a single value.
type Target struct {
	Type reflect.Type

	naming *Naming
	row    reflect.Type // the struct, behind a pointer perhaps; nil: it is none
	fields map[string]targetField
}

// targetField is what a column is scanned into.
type targetField struct {
	name  string // "Author.Name"
	scany string // the column as scany names it
	typ   reflect.Type
	index []int
}

// TargetOf describes the shape. refused says why no rows can be collected into it; empty: they can.
func (n *Naming) TargetOf(t reflect.Type) (target *Target, refused string) {
	target = &Target{Type: t, naming: n}
	row, isStruct := structBehind(t)
	switch {
	case isStruct && !holdsOne(row):
		if path, loops := Recursive(t); loops {
			return nil, fmt.Sprintf("%s reaches itself through %s, which has no end; collect into a struct with the columns alone, or tag the "+
				"field `db:\"-\"`", t, path)
		}
		target.row, target.fields = row, map[string]targetField{}
		if hidden := target.mapFields(row); hidden != "" {
			return nil, fmt.Sprintf("%s embeds a pointer to the unexported %s, which no scan can set; embed the struct by value", t, hidden)
		}
	case t.Kind() == reflect.Map && t.Key().Kind() != reflect.String:
		return nil, fmt.Sprintf("%s has no strings for keys, which are the names of columns; use map[string]any, or a struct", t)
	case t.Kind() == reflect.Map && noColumn(t.Elem()), noColumn(t):
		return nil, fmt.Sprintf("%s is no type of a column's values; collect into a scalar, a struct or map[string]any", t)
	}
	return target, ""
}

// noColumn reports whether no value of a column is of the type, whatever the column.
func noColumn(t reflect.Type) bool {
	switch end := pointee(t); end.Kind() {
	case reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128, reflect.UnsafePointer:
		return !has[sql.Scanner](end)
	}
	return false
}

// holdsOne reports whether a value of the struct type is that of one column: it scans itself, or shows no field.
func holdsOne(t reflect.Type) bool {
	if reflect.PointerTo(t).Implements(reflect.TypeFor[sql.Scanner]()) {
		return true
	}
	for i := range t.NumField() {
		if f := t.Field(i); f.IsExported() || f.Anonymous {
			return false
		}
	}
	return t.NumField() > 0
}

// Single reports whether rows are single values.
func (t *Target) Single() bool { return t.row == nil && t.Type.Kind() != reflect.Map }

// level is a struct on the way to a field.
type level struct {
	t      reflect.Type
	naming *Naming
	prefix string // of columns
	scany  string // the same as scany has it, which puts a dot behind every prefix
	names  string // of fields, with a dot behind
	index  []int
}

// columnOf returns the column of a field of the level, and the level of what is nested in it; ok is false for a field that is none.
func (l level) columnOf(f reflect.StructField) (column string, below level, nested, ok bool) {
	tag, tagged := f.Tag.Lookup("db")
	name, _, _ := strings.Cut(tag, ",")
	if name == "-" || !f.IsExported() && !f.Anonymous {
		return "", level{}, false, false
	}
	if !tagged && !f.Anonymous {
		name = l.naming.Column(f.Name)
	}
	column = joinColumn(l.prefix, name)
	scany := strings.Trim(l.scany+"."+name, ".")
	below = level{naming: l.naming, prefix: column, scany: scany, names: l.names + f.Name + ".", index: append(slices.Clone(l.index), f.Index...)}
	if f.Anonymous && name == "" {
		below.names = l.names // its fields are promoted
	}
	below.t, nested = structBehind(f.Type)
	return column, below, nested, true
}

// top is the level of the struct itself.
func (t *Target) top() level { return level{t: t.row, naming: t.naming} }

// mapFields finds the fields as scany does: those that lie less deep come first. hidden is a struct that cannot be reached.
func (t *Target) mapFields(row reflect.Type) (hidden string) {
	for queue := []level{t.top()}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		for i := range at.t.NumField() {
			f := at.t.Field(i)
			column, below, nested, ok := at.columnOf(f)
			if !ok {
				continue
			}
			if _, known := t.fields[column]; !known && !f.Anonymous {
				t.fields[column] = targetField{strings.TrimSuffix(below.names, "."), below.scany, f.Type, below.index}
			}
			if nested {
				queue = append(queue, below)
			}
			if nested && !f.IsExported() && f.Type.Kind() == reflect.Pointer {
				hidden = below.t.Name()
			}
		}
	}
	return hidden
}

// Scany returns the columns under the names that scany gives their fields.
func (t *Target) Scany(columns []string) []string {
	names := slices.Clone(columns)
	for i, c := range columns {
		if f, ok := t.fields[c]; ok {
			names[i] = f.scany
		}
	}
	return names
}

// Into returns the field that a column is scanned into, with the struct's name, and its type.
func (t *Target) Into(column string) (field string, typ reflect.Type) {
	f, ok := t.fields[column]
	switch {
	case ok:
		return t.named(f.name), f.typ
	case t.Type.Kind() == reflect.Map:
		return t.Type.String(), t.Type.Elem()
	}
	return t.Type.String(), t.Type
}

func (t *Target) named(field string) string {
	if t.row.Name() == "" {
		return field
	}
	return t.row.Name() + "." + field
}

// Mistake returns what is wrong with a result of these columns, an empty name being one that is not known: a column without a
// field, a field without a column. tables are the types of structs of which a part may be selected.
func (t *Target) Mistake(columns []string, tables []reflect.Type) (column, field, problem string) {
	known := !slices.Contains(columns, "")
	if t.Single() {
		if known && len(columns) != 1 {
			return "", "", fmt.Sprintf("the query selects %d columns, and %s holds one; select one, or collect into a struct", len(columns), t.Type)
		}
		return "", "", ""
	}
	for i, c := range columns {
		f, ok := t.fields[c]
		switch {
		case c == "":
		case ok && noColumn(f.typ):
			return c, t.named(f.name), fmt.Sprintf("%s is no type of a column's values; give the field another, or leave the column out", f.typ)
		case slices.Contains(columns[:i], c):
			return c, "", "two columns have this name; give one another by AS"
		case t.row != nil && !ok && strings.ContainsFunc(c, noName):
			return c, "", fmt.Sprintf("%s has no field for it; give the expression the column name of a field by AS", typeName(t.row))
		case t.row != nil && !ok:
			return c, "", fmt.Sprintf("%s has no field for it; add one tagged `db:%q`, or leave the column out", typeName(t.row), c)
		}
	}
	if t.row == nil || !known {
		return "", "", ""
	}
	if column, field = t.unfilled(t.top(), columns, tables); field != "" {
		return column, t.named(field), "the query selects no such column; select it with Columns or Column, or tag the field `db:\"-\"`"
	}
	return "", "", ""
}

// noName reports whether a rune is in what databases call an expression, and in no name that a field would have.
func noName(r rune) bool { return r != '_' && r != '.' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// unfilled returns the first field of the level, or below it, that none of the columns fills.
func (t *Target) unfilled(at level, columns []string, tables []reflect.Type) (column, field string) {
	for i := range at.t.NumField() {
		f := at.t.Field(i)
		column, below, nested, ok := at.columnOf(f)
		_, options, _ := strings.Cut(f.Tag.Get("db"), ",")
		switch {
		case !ok, f.Tag.Get("rel") != "", hasOption(options, "computed"), !f.Anonymous && slices.Contains(columns, column):
			continue
		case !f.Anonymous && holdsRowsOf(f.Type, tables), f.Anonymous && !nested:
			continue
		case f.Anonymous, nested && slices.ContainsFunc(columns, func(c string) bool { return strings.HasPrefix(c, before(column)) }):
			if column, field := t.unfilled(below, columns, tables); field != "" {
				return column, field
			}
		default:
			return column, strings.TrimSuffix(below.names, ".")
		}
	}
	return "", ""
}

// holdsRowsOf reports whether a field of the type holds rows of one of the types.
func holdsRowsOf(t reflect.Type, tables []reflect.Type) bool {
	f := Field{leaf: &leaf{}, Type: t}
	f.linked, f.link = linkedBy(t)
	return slices.ContainsFunc(tables, func(table reflect.Type) bool { return f.ShapeFor(table) != ShapeNone })
}

// Nested is a struct behind a pointer, and the columns that are scanned into it.
type Nested struct {
	Columns []int
	index   []int
}

// Nested returns the structs behind pointers that columns go into by a name with a dot, outer ones before those in them.
func (t *Target) Nested(columns []string) []Nested {
	var all []Nested
	for i, c := range columns {
		f, ok := t.fields[c]
		if !ok {
			continue
		}
		at := t.row
		for n := range f.index[:len(f.index)-1] {
			step := at.Field(f.index[n])
			at, _ = structBehind(step.Type)
			if step.Type.Kind() != reflect.Pointer || step.Anonymous && step.Tag.Get("db") == "" {
				continue
			}
			same := func(o Nested) bool { return slices.Equal(o.index, f.index[:n+1]) }
			j := slices.IndexFunc(all, same)
			if j < 0 {
				j = len(all)
				all = append(all, Nested{index: f.index[:n+1]})
			}
			all[j].Columns = append(all[j].Columns, i)
		}
	}
	slices.SortStableFunc(all, func(a, b Nested) int { return len(a.index) - len(b.index) })
	return all
}

// Forget makes the pointer to the nested struct nil, in one of the rows that were collected.
func (n Nested) Forget(rows any, row int) {
	v := reflect.Indirect(reflect.ValueOf(rows).Index(row))
	for _, i := range n.index[:len(n.index)-1] {
		if v = reflect.Indirect(v.Field(i)); !v.IsValid() {
			return // what it lies in is nil too
		}
	}
	v.Field(n.index[len(n.index)-1]).SetZero()
}
