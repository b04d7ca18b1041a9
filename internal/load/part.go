package load

import (
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// PART: the rows of one table in a result. They are numbered in the order they come. One that comes again has the number it had, and is
// read once: where the database sent a primary key that can be read by itself, the rest of a known row is left alone.

// part is what a result holds of one table, beside which others may stand.
type part struct {
	*columns
	table  *model.Table
	slab   structs.Slab
	reader structs.Decoder // of the columns that are read directly
	unique uniqueRows
	apart  bool // a row that comes again is read again, into a struct of its own

	present bool        // the current row of the result has one of this table
	row     structs.Row // that it is read into; nil: it is known
	at      int32       // its number, once it is known
	kept    []structs.Row
}

// newPart returns the part of a table's columns, of which the result holds about hint rows.
func newPart(t *model.Table, c *columns, unique uniqueRows, hint int) part {
	p := part{columns: c, table: t, slab: structs.MakeSlab(t.Layout, hint), unique: unique}
	p.slab.Keep(true)
	return p
}

// newLinkPart returns the part of the outputs that are columns of the link. repeats tells whether a link may come in several rows
// of the result.
func newLinkPart(r *model.Registry, q *plan.Query, link *plan.Binding, repeats bool, known *knownColumns) *part {
	t := r.TableOf(link.Table)
	c := known.next(func() *columns { return &columns{fields: t.FieldsAt(q, link)} })
	p := newPart(t, c, newUniqueRows(t, repeats, 0), 0)
	return &p
}

// chosen returns the columns, sorted into those that are read directly and those that are left to the driver. once tells whether a row
// that is known may be left alone.
func (p *part) chosen(written []dialect.Encoding, left []bool, once bool) *columns {
	c := p.columns.chosen(written, left)
	if !once || p.apart || p.unique.ints == nil {
		return c
	}
	for i, f := range c.fields {
		if at := c.first + i; f == p.unique.key[0] {
			c.key = structs.NewSentInt(at, f, written[at])
		}
	}
	return c
}

// decode reads what is read directly of the current row, if there is one, and reports whether all of it could be.
func (p *part) decode(values [][]byte) bool {
	return p == nil || p.row == nil || p.reader.Decode(&p.cells, p.row, values)
}

// begin makes the row that the current one of the result is read into, if there is one and it is not known.
func (p *part) begin(present bool, values [][]byte) {
	p.present, p.row, p.at = present, nil, -1
	if !present {
		return
	}
	if key, ok := p.key.Of(values); ok {
		if at, known := p.unique.ints.find(key); known {
			p.at = at
			return
		}
	}
	p.row = p.slab.New()
}

// number numbers the row that was read, and reports whether it is the first of that number.
func (p *part) number() (isNew bool, err error) {
	if p.row == nil {
		return false, nil
	}
	if p.at, isNew, err = p.unique.of(p.row); err == nil && !isNew && !p.apart {
		p.slab.TakeBack(p.row)
	}
	return isNew, err
}

// all returns the rows, by number unless each is read apart; those of no part are none. It is called when all are there.
func (p *part) all() []structs.Row {
	if p == nil {
		return nil
	}
	if p.kept == nil {
		p.kept = p.slab.Rows()
	}
	return p.kept
}
