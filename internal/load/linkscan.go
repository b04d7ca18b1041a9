package load

import (
	"github.com/dovetail-go/dovetail/internal/model"
	"github.com/dovetail-go/dovetail/internal/plan"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// linkScan scans the rows of the join table that stand beside the rows of a result.
type linkScan struct {
	columns
	table  *model.Table
	slab   *structs.Slab
	row    structs.Row // beside the current row; nil: there is none
	unique *uniqueRows // the rows, numbered
}

// newLinkScan returns a scan of the outputs that are columns of the link. repeats tells whether a link may come in several rows
// of the result.
func newLinkScan(r *model.Registry, q *plan.Query, link *plan.Binding, repeats bool) *linkScan {
	t := r.TableOf(link.Table)
	return &linkScan{table: t, columns: columns{fields: t.FieldsAt(q, link)}, slab: structs.NewSlab(t.Layout, 0), unique: newUniqueRows(t, repeats)}
}

// begin begins another row, if there is one.
func (l *linkScan) begin(present bool) {
	l.row = nil
	if present {
		l.row = l.slab.New()
	}
}

// take returns the number of the row scanned last.
func (l *linkScan) take() (int32, error) {
	at, isNew, err := l.unique.of(l.row)
	if err == nil && !isNew {
		l.slab.TakeBack(l.row)
	}
	return at, err
}
