package load

import (
	"slices"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// DIRECT: the values of a row that the database sent in a form which is known are written into the fields as they are. The driver
// scans the others, and the whole row where a value does not fit its field, so that the error is the driver's.

// columns are those of a result that go into the rows of one table.
type columns struct {
	first   int              // the column of the first field
	fields  []*structs.Field // nil: the column is not a field's
	decoder structs.Decoder
}

// choose sorts the columns into those that are read directly and those that are left to the driver.
func (c *columns) choose(written []dialect.Encoding, left []bool) {
	c.decoder = structs.NewDecoder(len(c.fields))
	for i, f := range c.fields {
		if at := c.first + i; f != nil {
			left[at] = !c.decoder.Add(at, f, written[at])
		}
	}
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

// decode reads what is read directly of a row, if there is one, and reports whether all of it could be.
func (c *columns) decode(row structs.Row, values [][]byte) bool {
	return row == nil || c.decoder.Decode(row, values)
}

// direct says which columns of a result are read directly.
type direct struct {
	variables structs.Decoder // what is no field's
	left      []bool          // the columns that the driver scans; nil: all of them
	ownerKey  structs.SentInt // the owner's key in a row of a preload, where it can be read by itself
	dests     []any           // where it scans these to; nil: it has none to scan
}

// newDirect looks at what the columns are scanned into. Everything has been put there by now.
func (s *rowScan) newDirect(written []dialect.Encoding) *direct {
	d := &direct{}
	if len(written) != len(s.dests) {
		return d
	}
	d.left = make([]bool, len(s.dests))
	if s.owner.ints {
		d.ownerKey = structs.NewSentInt(s.owner.column, s.owner.field, written[s.owner.column])
	}
	for i, dest := range s.dests {
		if d.ownerKey.Known() && i == s.owner.column {
			continue // a variable for the key is not needed
		}
		d.left[i] = dest != nil && !d.variables.AddVariable(i, dest, written[i])
	}
	told := s.owner.field == nil || s.owner.part == nil || d.ownerKey.Known() // else a row that is not read tells no owner
	s.choose(written, d.left, told)
	if s.link != nil {
		s.link.choose(written, d.left, told)
	}
	for _, j := range s.fetched {
		j.choose(written, d.left, true)
		if j.link != nil {
			j.link.choose(written, d.left, true)
		}
	}
	if slices.Contains(d.left, true) {
		d.dests = slices.Clone(s.dests)
		for i, left := range d.left {
			if !left {
				d.dests[i] = nil
			}
		}
	}
	return d
}

// sent returns the values of the current row as the database sent them, if all are there.
func (s *rowScan) sent(rows dialect.Rows) [][]byte {
	values, written := rows.Sent()
	if s.direct == nil {
		s.direct = s.newDirect(written)
	}
	if len(values) != len(s.direct.left) {
		return nil
	}
	return values
}

// read reads the current row of the result into the row of the table, and into those that stand beside it.
func (s *rowScan) read(rows dialect.Rows) error {
	dests, left := s.dests, []bool(nil)
	if s.values != nil && s.decode(s.values) {
		if dests, left = s.direct.dests, s.direct.left; dests == nil {
			return nil
		}
	}
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
	if !s.direct.variables.Decode(nil, values) || !s.columns.decode(s.row, values) {
		return false
	}
	if s.link != nil && !s.link.decode(s.link.row, values) {
		return false
	}
	for _, j := range s.fetched {
		if !j.decode(j.row, values) || j.link != nil && !j.link.decode(j.link.row, values) {
			return false
		}
	}
	return true
}
