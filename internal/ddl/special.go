package ddl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/internal/graph"
)

// Input of this file: what was declared in SQL of the caller's own, indexes of expressions and types with a list of texts.

// specialIndex returns CREATE INDEX for what is more than a list of columns.
func (w *writer) specialIndex(t *table, x graph.Index) string {
	sql := "CREATE INDEX "
	if x.Unique {
		sql = "CREATE UNIQUE INDEX "
	}
	sql += w.indexOn(t, x.Name)
	if x.Using != "" && w.d.Methods() {
		sql += " USING " + x.Using
	}
	on := make([]string, len(x.On))
	for i, term := range x.On {
		on[i] = term
		if slices.ContainsFunc(t.columns, func(c graph.Column) bool { return c.Name == term }) {
			on[i] = w.ident(term)
		}
	}
	sql += " (" + strings.Join(on, ", ") + ")"
	if x.Where != "" {
		sql += " WHERE " + x.Where
	}
	return sql
}

// enum is a type of the database's own.
type enum struct{ schema, name, statement string }

// unlessThere returns a statement that makes the type if it is not there: it outlives its tables.
func (e enum) unlessThere() string {
	return "DO " + texts([]string{"BEGIN " + e.statement + "; EXCEPTION WHEN duplicate_object THEN NULL; END"})
}

// enums returns the types of the tables' columns, each once.
func (w *writer) enums(tables []*table) []enum {
	var all []enum
	if !w.d.Enums() {
		return nil
	}
	for _, t := range tables {
		for _, c := range t.columns {
			known := func(e enum) bool { return e.schema == t.Schema && e.name == c.Enum }
			if c.Enum == "" || slices.ContainsFunc(all, known) {
				continue
			}
			all = append(all, enum{t.Schema, c.Enum, "CREATE TYPE " + w.qualified(t.Schema, c.Enum) + " AS ENUM (" + texts(c.Values) + ")"})
		}
	}
	return all
}

// checkEnums returns an error for each type that two columns give different values.
func (w *writer) checkEnums() []error {
	var errs []error
	first := map[[2]string][]string{}
	for _, t := range w.m.tables {
		for _, c := range t.columns {
			key := [2]string{t.Schema, c.Enum}
			values, known := first[key]
			switch {
			case c.Enum == "":
			case !known:
				first[key] = c.Values
			case !slices.Equal(values, c.Values):
				errs = append(errs, fmt.Errorf("table %q: column %q gives the type %q other values, or another order, than a column before it; name "+
					"the same, or another type", t.Name, c.Name, c.Enum))
			}
		}
	}
	return errs
}
