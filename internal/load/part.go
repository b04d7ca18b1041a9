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
	columns
	table  *model.Table
	slab   *structs.Slab
	unique *uniqueRows
	apart  bool            // a row that comes again is read again, into a struct of its own
	key    structs.SentInt // the primary key, where it is read before the row

	present bool        // the current row of the result has one of this table
	row     structs.Row // that it is read into; nil: it is known
	at      int32       // its number, once it is known
	kept    []structs.Row
}

// newPart returns the part of a table's columns, of which the result holds about hint rows.
func newPart(t *model.Table, c columns, unique *uniqueRows, hint int) part {
	p := part{columns: c, table: t, slab: structs.NewSlab(t.Layout, hint), unique: unique}
	p.slab.Keep(true)
	return p
}

// newLinkPart returns the part of the outputs that are columns of the link. repeats tells whether a link may come in several rows
// of the result.
func newLinkPart(r *model.Registry, q *plan.Query, link *plan.Binding, repeats bool) *part {
	t := r.TableOf(link.Table)
	p := newPart(t, columns{fields: t.FieldsAt(q, link)}, newUniqueRows(t, repeats), 0)
	return &p
}

// choose sorts the columns into those that are read directly and those that are left to the driver. once tells whether a row that is
// known may be left alone.
func (p *part) choose(written []dialect.Encoding, left []bool, once bool) {
	p.columns.choose(written, left)
	if !once || p.apart || p.unique.ints == nil {
		return
	}
	for i, f := range p.fields {
		if at := p.first + i; f == p.unique.key[0] {
			p.key = structs.NewSentInt(at, f, written[at])
		}
	}
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
