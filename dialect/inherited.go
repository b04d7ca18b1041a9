package dialect

import "slices"

// Inheriting is implemented by the dialect of a database that keeps the rows of a table in others, such as partitions, and tells of their
// constraints by the names that those have.
type Inheriting interface {
	// Inherited returns a statement that yields what the table and the constraint that an error names are parts of, the nearest first: whether it
	// is a constraint, and the name. It yields nothing where they are parts of nothing; ok is false where the error names none.
	Inherited(err error) (stmt Statement, ok bool)
}

// Whole is what a table and its constraint are parts of.
type Whole struct {
	Tables     []string // the nearest first
	Constraint string   // of the last; empty: it is of the table itself
}

// part is a constraint of a table.
type part struct{ table, constraint string }

// Whole returns what a table and its constraint are parts of, and whether that is known.
func (c *Catalog) Whole(table, constraint string) (Whole, bool) {
	if c == nil {
		return Whole{}, false
	}
	found, ok := c.wholes.Load(part{table, constraint})
	if !ok {
		return Whole{}, false
	}
	w := found.(Whole)
	w.Tables = slices.Clone(w.Tables)
	return w, true
}

// SetWhole remembers what a table and its constraint are parts of. A nil Catalog remembers nothing.
func (c *Catalog) SetWhole(table, constraint string, of Whole) {
	if c != nil {
		of.Tables = slices.Clone(of.Tables)
		c.wholes.Store(part{table, constraint}, of)
	}
}
