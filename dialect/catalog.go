package dialect

import (
	"slices"
	"strings"
	"sync"
)

// Catalog remembers what was learned of a database: the types of key columns, and by which keys its tables tell rows. It is safe for
// concurrent use; the zero value is ready.
type Catalog struct {
	types    sync.Map // ColumnRef -> KeyType
	compared sync.Map // ColumnRef -> Comparison
	filled   sync.Map // ColumnRef -> true
	told     sync.Map // tableKey -> []string
	wholes   sync.Map // part -> Whole
}

// tableKey is a key that is looked for in a table: its columns, each behind a zero byte, which no name has.
type tableKey struct{ schema, table, columns string }

func tableKeyOf(schema, table string, columns []string) tableKey {
	return tableKey{schema, table, strings.Join(columns, "\x00")}
}

// Unique returns the columns that the table has unique where others are looked for, and whether it is known to have not those but these.
func (c *Catalog) Unique(schema, table string, columns []string) ([]string, bool) {
	if c == nil {
		return nil, false
	}
	others, ok := c.told.Load(tableKeyOf(schema, table, columns))
	if !ok {
		return nil, false
	}
	return slices.Clone(others.([]string)), true
}

// SetUnique remembers the columns that the table has unique in the place of others; of none it remembers nothing. A nil Catalog remembers
// nothing.
func (c *Catalog) SetUnique(schema, table string, columns, others []string) {
	switch key := tableKeyOf(schema, table, columns); {
	case c == nil:
	case len(others) == 0:
		c.told.Delete(key)
	default:
		c.told.Store(key, slices.Clone(others))
	}
}

// KeyType returns the type of the column, and whether it is known.
func (c *Catalog) KeyType(ref ColumnRef) (KeyType, bool) {
	if c == nil {
		return KeyType{}, false
	}
	t, ok := c.types.Load(ref)
	if !ok {
		return KeyType{}, false
	}
	return t.(KeyType), true
}

// SetKeyType remembers the type of the column. A nil Catalog remembers nothing.
func (c *Catalog) SetKeyType(ref ColumnRef, t KeyType) {
	if c != nil {
		c.types.Store(ref, t)
	}
}

// Forget forgets the type of the column, as one that may have another now. It will be asked for again.
func (c *Catalog) Forget(ref ColumnRef) {
	if c != nil {
		c.types.Delete(ref)
		c.compared.Delete(ref)
	}
}

// Comparison returns how values of the column are compared, and whether that is known.
func (c *Catalog) Comparison(ref ColumnRef) (Comparison, bool) {
	if c == nil {
		return CompareTexts, false
	}
	as, ok := c.compared.Load(ref)
	if !ok {
		return CompareTexts, false
	}
	return as.(Comparison), true
}

// SetComparison remembers how values of the column are compared. A nil Catalog remembers nothing.
func (c *Catalog) SetComparison(ref ColumnRef, as Comparison) {
	if c != nil {
		c.compared.Store(ref, as)
	}
}

// SetFilled remembers that the database has filled the column of a row by itself: its rows may hold what no program wrote. A nil Catalog
// remembers nothing.
func (c *Catalog) SetFilled(ref ColumnRef) {
	if c != nil {
		c.filled.Store(ref, true)
	}
}

// Filled reports whether the database has filled the column of a row by itself.
func (c *Catalog) Filled(ref ColumnRef) bool {
	if c == nil {
		return false
	}
	_, is := c.filled.Load(ref)
	return is
}
