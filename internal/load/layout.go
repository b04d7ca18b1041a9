package load

import (
	"slices"
	"sync/atomic"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// LAYOUT: where the columns of a result go, and which of them are read directly. All results of a statement have the same as long as the
// database sends its columns in the same way, so it is found out with the first and kept with the statement.

// layout is that of the results of a statement. Nothing of it is changed.
type layout struct {
	written  []dialect.Encoding // how the columns are sent
	parts    []*columns         // of the parts of a scan, in their order
	left     []bool             // the columns that the driver scans; nil: all of them
	driver   bool               // there are such
	ownerKey structs.SentInt    // the owner's key in a row of a preload, where it can be read by itself
}

// layouts keep the layout of a statement, and how many rows its last two results had. The zero value has none. It is safe for concurrent use.
type layouts struct {
	kept  atomic.Pointer[layout]
	last  atomic.Int32
	fewer atomic.Int32 // those of the smaller
}

// expected returns how many rows to set memory aside for, 0 where nothing is known. It is the fewer of the last two results: one row keeps the
// memory of all that were made with it.
func (l *layouts) expected() int { return int(l.fewer.Load()) }

// came remembers how many rows a result had.
func (l *layouts) came(rows int) {
	n := int32(min(rows, maxHint))
	l.fewer.Store(min(n, l.last.Swap(n)))
}

// columns returns the columns of the parts of a scan, nil where they are not known.
func (l *layouts) columns() *knownColumns {
	if kept := l.kept.Load(); kept != nil {
		return &knownColumns{kept.parts}
	}
	return nil
}

// knownColumns are the columns of parts that are still to be made.
type knownColumns struct{ parts []*columns }

// next returns the columns of the next part, fresh ones where none are known.
func (k *knownColumns) next(fresh func() *columns) *columns {
	if k == nil {
		return fresh()
	}
	c := k.parts[0]
	k.parts = k.parts[1:]
	return c
}

// parts calls yield with each part of the scan, in the order in which layouts have them.
func (s *rowScan) parts(yield func(*part) bool) {
	if !yield(&s.part) || s.link != nil && !yield(s.link) {
		return
	}
	for _, j := range s.fetched {
		if !yield(&j.part) || j.link != nil && !yield(j.link) {
			return
		}
	}
}

// sent takes the values of the current row as the database sent them, if all are there.
func (s *rowScan) sent(rows dialect.Rows) error {
	values, written := rows.Sent()
	if s.layout == nil {
		if err := s.layOut(rows, written); err != nil {
			return err
		}
	}
	if s.values = values; len(values) != len(s.layout.left) {
		s.values = nil
	}
	return nil
}

// layOut is called with the first row, when everything that is no field's is beside the columns.
func (s *rowScan) layOut(rows dialect.Rows, written []dialect.Encoding) error {
	l := s.layouts.kept.Load()
	if l == nil || written == nil || !slices.Equal(l.written, written) {
		s.columns = &columns{first: s.first, fields: slices.Clone(s.fields)}
		if err := s.bind(rows); err != nil {
			return err
		}
		l = s.newLayout(written)
		if written != nil { // by which a result of other columns is told
			s.layouts.kept.Store(l)
		}
	}
	i := 0
	for p := range s.parts {
		p.columns = l.parts[i]
		i++
	}
	s.layout = l
	if l.driver {
		s.left = make([]any, s.width)
	}
	for i, dest := range s.dests {
		switch {
		case dest == nil || l.left == nil || l.readsOwner(s, i):
		case l.left[i]:
			s.left[i] = dest
		default:
			s.variables.AddVariable(i, dest, written[i])
		}
	}
	return nil
}

// newLayout looks at what the columns go to.
func (s *rowScan) newLayout(written []dialect.Encoding) *layout {
	l := &layout{}
	if len(written) != s.width {
		for p := range s.parts {
			l.parts = append(l.parts, p.columns)
		}
		return l
	}
	l.written, l.left = slices.Clone(written), make([]bool, s.width)
	if s.owner.ints {
		l.ownerKey = structs.NewSentInt(s.owner.column, s.owner.field, written[s.owner.column])
	}
	told := s.owner.field == nil || s.owner.part == nil || l.ownerKey.Known() // else a row that is not read tells no owner
	for p := range s.parts {
		l.parts = append(l.parts, p.chosen(written, l.left, told || p != &s.part && p != s.link))
	}
	for i, dest := range s.dests {
		if dest != nil && !l.readsOwner(s, i) {
			l.left[i] = !new(structs.Cells).AddVariable(i, dest, written[i])
		}
	}
	l.driver = slices.Contains(l.left, true)
	return l
}

// readsOwner reports whether the column is the owner's key that is read by itself, so that a variable for it is not needed.
func (l *layout) readsOwner(s *rowScan, column int) bool {
	return l.ownerKey.Known() && column == s.owner.column
}
