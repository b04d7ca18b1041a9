package dialect

import "sync"

// Catalog remembers the types of key columns. It is safe for concurrent use; the zero value is ready.
type Catalog struct {
	types    sync.Map // ColumnRef -> KeyType
	compared sync.Map // ColumnRef -> Comparison
	filled   sync.Map // ColumnRef -> true
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
