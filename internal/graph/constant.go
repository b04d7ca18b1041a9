package graph

import (
	"fmt"
	"slices"
)

// Constant is a value that a column has in every row a relation is about, or a table's scope lets through. It is compared where
// rows are read and removed, and filled where they are written.
type Constant struct {
	Column string
	Value  any    // as conditions compare with it; nil: NULL
	Class  string // of Value; empty: it is NULL, or stands for what the context gives when a statement is run
	Scope  string // the name of the table's scope that says it; empty: a relation does
}

// Unmarked is what the table's soft delete says of a row that is seen; ok is false where the table has none.
func (t *Table) Unmarked() (is Constant, ok bool) {
	c, ok := t.Column(t.SoftDelete)
	if !ok {
		return Constant{}, false
	}
	is = Constant{Column: c.Name, Scope: SoftDeleteName}
	if c.Class == ClassBoolean {
		is.Value, is.Class = false, c.Class
	}
	return is, true
}

// MarksTrue reports whether the column that marks a row as deleted is a boolean, which tells no delete from another.
func (t *Table) MarksTrue() bool {
	is, _ := t.Unmarked()
	return is.Class == ClassBoolean
}

// Late reports whether the value is known only when a statement is run.
func (c Constant) Late() bool { return c.Class == "" && c.Value != nil }

// Same reports whether both are known to be of one column and one value.
func (c Constant) Same(o Constant) bool {
	return c.Column == o.Column && !c.Late() && !o.Late() && c.text() == o.text()
}

// Held returns the constants of those scopes that are not lifted.
func Held(all []Constant, lifted []string) []Constant {
	return slices.DeleteFunc(slices.Clone(all), func(c Constant) bool { return slices.Contains(lifted, c.Scope) })
}

// Apart returns the columns that no two rows which are not deleted may have alike, if of the rows that are seen together no two may have the
// given ones alike: those too by which a scope says, of what the context gives, which rows they are. ok is false where columns do not tell
// which rows are seen together.
func (t *Table) Apart(columns []string) (all []string, ok bool) {
	if t.Hiding {
		return nil, false
	}
	all = slices.Clone(columns)
	for _, c := range t.Constants {
		switch {
		case slices.Contains(all, c.Column):
		case !c.Late():
			return nil, false
		default:
			all = append(all, c.Column)
		}
	}
	return all, true
}

func (c Constant) text() string { return fmt.Sprintf("%s %v", c.Class, c.Value) }

// Constants are what the declared rules of a relation, or of a table, say of columns.
type Constants struct {
	Own   []Constant // of the related row, or the table's
	Link  []Constant // of the row of the join table beside it
	Other bool       // there are rules of another form too, which a write can neither meet nor check
}

// Demands returns the constants of the row that the i-th step leads to; of the owner, if i is -1. Those of the polymorphic types
// come first.
func (r *Relation) Demands(i int) []Constant {
	var all []Constant
	if i >= 0 {
		all = append(all, r.Steps[i].OnTo...)
	}
	if i+1 < len(r.Steps) {
		all = append(all, r.Steps[i+1].OnFrom...)
	}
	switch {
	case i < 0 || len(r.Chain) > 0:
	case i == len(r.Steps)-1:
		all = append(all, r.Rules.Own...)
	case r.Link != nil && r.Steps[i].Table == r.Link:
		all = append(all, r.Rules.Link...)
	}
	return all
}

// Writable refuses a table that is a query.
func (t *Table) Writable() error {
	if t.Query == "" {
		return nil
	}
	return Problemf(ErrInvalidRelation, "%q is a query, declared with As, to which nothing is written; write to the tables that it reads", t.Name)
}

// Linkable refuses a relation along which rows that are there cannot be given to an owner, or taken from one.
func (r *Relation) Linkable() error {
	if r.First {
		return Problemf(ErrInvalidRelation, "it is the first of several rows by its order, and a row that is written need not be that one; "+
			"write along a HasMany or MorphMany by the same key")
	}
	return r.Writable()
}

// Writable refuses a relation that can only be read along, because of a rule that rows written along it need not meet.
func (r *Relation) Writable() error {
	switch {
	case len(r.Chain) > 0:
		return Problemf(ErrInvalidRelation, "it goes along others and can only be read; write along those")
	case r.ByCondition():
		return Problemf(ErrInvalidRelation, "it relates rows by a condition and can only be read; write the columns that the condition names")
	case r.Rules.Other:
		return Problemf(ErrInvalidRelation, "it has a condition that rows written along it need not meet, and can only be read along; write along a "+
			"relation without one, or declare squirrel.Eq of single values, which writes fill")
	}
	from := r.Owner
	for _, s := range r.Steps {
		holder := s.Table
		if s.Forward {
			holder = from
		}
		if err := holder.Writable(); err != nil {
			return err
		}
		for _, pair := range s.On {
			column := pair.To
			if s.Forward {
				column = pair.From
			}
			if c, ok := holder.Column(column); ok && c.ReadOnly {
				return Problemf(ErrInvalidRelation, "the database makes its key (column %q of %q), so it can only be read along; write the columns "+
					"that the database makes it of", column, holder.Name)
			}
		}
		from = s.Table
	}
	return nil
}
