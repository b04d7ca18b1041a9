package load

import (
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// DIRECT: the values of a row that the database sent in a form which is known are written into the fields as they are. The driver
// scans the others, and the whole row where a value does not fit its field, so that the error is the driver's.

// columns are those of a result that go into the rows of one table. They are not changed once there is a row.
type columns struct {
	first  int              // the column of the first field
	fields []*structs.Field // nil: the column is not a field's
	cells  structs.Cells    // of those that are read directly
	key    structs.SentInt  // the primary key, where it is read before the row
}

// chosen returns the columns, sorted into those that are read directly and those that are left to the driver.
func (c *columns) chosen(written []dialect.Encoding, left []bool) *columns {
	of := &columns{first: c.first, fields: c.fields, cells: structs.NewCells(len(c.fields))}
	for i, f := range c.fields {
		if at := c.first + i; f != nil {
			left[at] = !of.cells.Add(at, f, written[at])
		}
	}
	return of
}

// into puts the fields of a row among the destinations, all or those that are left to the driver.
func (c *columns) into(dests []any, row structs.Row, left []bool) {
	for i, f := range c.fields {
		switch at := c.first + i; {
		case f == nil:
		case row == nil:
			dests[at] = nil
		case left == nil || left[at]:
			dests[at] = f.Dest(row)
		}
	}
}

// read reads the current row of the result into the row of the table, and into those that stand beside it.
func (s *rowScan) read(rows dialect.Rows) error {
	if s.values != nil && s.decode(s.values) {
		if !s.layout.driver {
			return nil
		}
		return s.scan(rows, s.left, s.layout.left)
	}
	if s.dests == nil {
		s.dests = make([]any, s.width)
	}
	return s.scan(rows, s.dests, nil)
}

// scan has the driver scan the fields of the current row, all or those that are left to it.
func (s *rowScan) scan(rows dialect.Rows, dests []any, left []bool) error {
	s.into(dests, s.row, left)
	if s.link != nil {
		s.link.into(dests, s.link.row, left)
	}
	for _, j := range s.fetched {
		j.into(dests, j.row, left)
		if j.link != nil {
			j.link.into(dests, j.link.row, left)
		}
	}
	return rows.Scan(dests...)
}

// decode reads all that is read directly, and reports whether it could.
func (s *rowScan) decode(values [][]byte) bool {
	if !s.decoder.Decode(&s.variables, nil, values) || !s.part.decode(values) || !s.link.decode(values) {
		return false
	}
	for _, j := range s.fetched {
		if !j.part.decode(values) || !j.link.decode(values) {
			return false
		}
	}
	return true
}
