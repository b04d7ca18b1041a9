package model

import (
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/fault"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
)

// COLUMNS: what was declared of single columns.

// ColumnOption is an option of a table about one of its columns.
type ColumnOption struct {
	name, Option string
	set          func(*graph.Column) error
	Mistake      error // of an option without a column
}

// SetColumn adds an option about a column, which is applied when the columns are known.
func (t *Table) SetColumn(name, option string, set func(*graph.Column) error) {
	t.ColumnOptions = append(t.ColumnOptions, ColumnOption{name: name, Option: option, set: set})
}

// NotEmpty refuses an expression without text.
func NotEmpty(sql string) error {
	if sql == "" {
		return graph.Problemf(fault.ErrInvalidRelation, "the SQL is empty; write the expression, or leave the option out")
	}
	return nil
}

// setColumns applies the options to the table's columns.
func (t *Table) setColumns(fail func(*Table, string, error)) {
	for _, o := range t.ColumnOptions {
		if err := t.apply(o); err != nil {
			fail(t, "", graph.Problemf(fault.ErrInvalidRelation, "table %q: %s: %w", t.Graph.Name, o.Option, err))
		}
	}
	t.checkOnUpdates(fail)
	t.checkQuery(fail)
	for i := range t.Graph.Checks {
		t.Graph.Checks[i].Columns = plan.ColumnsIn(t.Graph.Columns, t.Graph.Checks[i].SQL)
	}
}

func (t *Table) apply(o ColumnOption) error {
	if o.Mistake != nil {
		return o.Mistake
	}
	i := slices.IndexFunc(t.Graph.Columns, func(c graph.Column) bool { return c.Name == o.name && !c.Computed })
	if i < 0 {
		return t.Graph.UnknownColumn(o.name)
	}
	c := &t.Graph.Columns[i]
	if err := o.set(c); err != nil {
		return err
	}
	if c.Default != "" && c.ReadOnly {
		by := "ReadOnly"
		if c.Generated != "" {
			by = "Generated"
		}
		return graph.Problemf(fault.ErrInvalidRelation, "column %q has Default, of a value that inserts may give, and %s, of one that they never do; "+
			"leave one out", o.name, by)
	}
	type writes struct{ option, column string }
	all := []writes{{"Version", t.Graph.Version}, {"SoftDelete", t.Graph.SoftDelete}}
	for _, u := range t.Graph.OnUpdates {
		all = append(all, writes{"OnUpdate", u.Column})
	}
	for _, written := range all {
		if c.ReadOnly && o.name == written.column && o.Option != written.option {
			return graph.Problemf(fault.ErrInvalidRelation, "column %q is never written, and %s names it, which writes it; leave one out", o.name,
				written.option)
		}
	}
	return nil
}

// ofRows are the options that say something of rows that are written, or of a table that is made.
var ofRows = []string{"Default", "Generated", "ReadOnly", "Identity", "NotNull", "OneOf", "Enum", "Version", "OnUpdate"}

// checkQuery refuses, of a table that is a query, what says nothing of one.
func (t *Table) checkQuery(fail func(*Table, string, error)) {
	if t.Graph.Query == "" {
		return
	}
	var given []string
	for _, o := range t.ColumnOptions {
		if slices.Contains(ofRows, o.Option) && !slices.Contains(given, o.Option) {
			given = append(given, o.Option)
		}
	}
	for _, o := range []struct {
		name string
		is   bool
	}{{"AssignedKey", t.Graph.Assigned}, {"Index", len(t.Graph.Indexes) > 0}, {"IndexWith", len(t.Graph.Special) > 0}, {"Check", len(t.Graph.Checks) > 0}} {
		if o.is {
			given = append(given, o.name)
		}
	}
	if len(given) > 0 {
		fail(t, "", graph.Problemf(fault.ErrInvalidRelation, "table %q is a query, to which nothing is written, and which nobody makes as a table; leave out %s",
			t.Graph.Name, strings.Join(given, ", ")))
	}
}

// checkIndexNames refuses that two tables have an index of one name, or a table has that of an index: they share their names in a schema.
func (r *Registry) checkIndexNames(fail func(*Table, string, error)) {
	for i, t := range r.Tables {
		for _, x := range t.Graph.Special {
			clash := func(o *Table) bool {
				other := !o.Graph.Same(t.Graph) && o.Graph.Schema == t.Graph.Schema && o.Graph.Query == ""
				return other && slices.ContainsFunc(o.Graph.Special, func(y graph.Index) bool { return x.Name == y.Name && x.Name != "" })
			}
			named := func(o *Table) bool {
				return o.Graph.Schema == t.Graph.Schema && o.Graph.Name == x.Name && o.Graph.Query == ""
			}
			switch j := slices.IndexFunc(r.Tables[:i], clash); {
			case j >= 0:
				fail(t, "", graph.Problemf(fault.ErrInvalidRelation, "table %q: IndexWith: table %q has an index of the name %q too; give one of them another",
					t.Graph.Name, r.Tables[j].Graph.Name, x.Name))
			case slices.ContainsFunc(r.Tables, named):
				fail(t, "", graph.Problemf(fault.ErrInvalidRelation, "table %q: IndexWith: a table has the name %q; give the index another", t.Graph.Name, x.Name))
			}
		}
	}
}

// checkOnUpdates refuses expressions that not every change could write.
func (t *Table) checkOnUpdates(fail func(*Table, string, error)) {
	for i, u := range t.Graph.OnUpdates {
		refuse := func(format string, args ...any) {
			fail(t, "", graph.Problemf(fault.ErrInvalidRelation, "table %q: OnUpdate: "+format, append([]any{t.Graph.Name}, args...)...))
		}
		err := plan.OfNoRow(t.Graph.Columns, u.SQL)
		taken := func(o graph.OnUpdate) bool { return o.Column == u.Column }
		switch {
		case err != nil:
			refuse("the SQL %w", err)
		case slices.Contains(t.Graph.PrimaryKey, u.Column):
			refuse("column %q is of the primary key, which no change writes; leave it out", u.Column)
		case u.Column == t.Graph.Version, u.Column == t.Graph.SoftDelete:
			refuse("column %q is that of the Version or the SoftDelete, which has its own values; use another", u.Column)
		case slices.ContainsFunc(t.Graph.OnUpdates[:i], taken):
			refuse("column %q is named twice; leave one out", u.Column)
		}
	}
}
