package writes_test

import (
	"testing"
	"time"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// TestAcyclicOfManyRows inserts lists in which each row points at the next one, into new tables, and closes them. What a walk costs grows with
// the rows, and not with their square or cube: 256 rows took seconds.
func TestAcyclicOfManyRows(t *testing.T) {
	t.Parallel()
	texts, ints, twos := dovetail.NewRegistry(), dovetail.NewRegistry(), dovetail.NewRegistry()
	ptTexts := dovetail.NewTable[ptText](texts, "am_texts")
	dovetail.HasMany(ptTexts, "children", ptTexts, dovetail.ForeignKey("parent_id"), dovetail.Acyclic())
	ptInts := dovetail.NewTable[ptInt](ints, "am_ints", dovetail.AssignedKey())
	dovetail.HasMany(ptInts, "children", ptInts, dovetail.ForeignKey("parent_id"), dovetail.Acyclic())
	ptTwos := dovetail.NewTable[ptTwo](twos, "am_twos", dovetail.PrimaryKey("tenant", "id"), dovetail.AssignedKey())
	dovetail.HasMany(ptTwos, "children", ptTwos, dovetail.ForeignKey("tenant", "parent_id"), dovetail.Acyclic())
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		for _, r := range []*dovetail.Registry{texts, ints, twos} {
			kit.NoError(t, r.CreateAll(t.Context(), d.DB))
		}
		for i, n := range []int{2, 16, 17, 40, 256, 1024, 4000} {
			c := amCase{d, int64(10_000 * (i + 1)), n}
			amPut(t, c, ptTexts, func(id int64, parent *int64) *ptText { return &ptText{ptKey(&id), ptKeyed(parent), 1} })
			amPut(t, c, ptInts, func(id int64, parent *int64) *ptInt { return &ptInt{id, parent, 1} })
			amPut(t, c, ptTwos, func(id int64, parent *int64) *ptTwo { return &ptTwo{"t", id, parent} })
		}
	})
}

type amCase struct {
	d    kit.Database
	from int64
	n    int
}

// amPut inserts a list, and is refused the last row of it above the first, and another list that goes around.
func amPut[R any](t *testing.T, c amCase, to *dovetail.Table[R], row func(id int64, parent *int64) *R) {
	t.Helper()
	rows := make([]*R, c.n)
	for i := range rows {
		parent := c.from + int64(i) + 1
		if rows[i] = row(parent-1, &parent); i == c.n-1 {
			rows[i] = row(parent-1, nil)
		}
	}
	began := time.Now()
	kit.NoError(t, dovetail.Insert(to, rows...).Exec(t.Context(), c.d.DB))
	t.Logf("%T, %d rows: %s", rows, c.n, time.Since(began).Round(time.Millisecond))
	if rows[c.n-1] = row(c.from+int64(c.n)-1, &c.from); c.n%2 == 0 {
		err := dovetail.SaveAll(t.Context(), c.d.DB, to, rows, "parent_id")
		kit.Refused(t, err, dovetail.ErrCycle, "children")
	}
	for i := range rows {
		id, parent := c.from+5000+int64(i), c.from+5000+int64((i+1)%c.n)
		rows[i] = row(id, &parent)
	}
	kit.Refused(t, dovetail.Insert(to, rows...).Exec(t.Context(), c.d.DB), dovetail.ErrCycle, "children")
}
