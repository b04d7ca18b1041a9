package faults_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"time"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
)

// What is done under load, and what must hold of every answer: an order has two lines whose amounts make zero, and no or two labels; what
// is in all purses is always the same.

type loadPurse struct {
	ID  int64
	Sum int64
}

type loadOrder struct {
	ID     int64
	Lines  []*loadLine
	Labels []*loadLabel
}

type loadLine struct {
	ID      int64
	OrderID int64
	Amount  int64
	Order   *loadOrder
}

type loadLabel struct {
	ID   int64
	Name string
}

type loadOrderLabel struct{ OrderID, LabelID int64 }

var (
	loadSchema  = dovetail.NewRegistry()
	purses      = dovetail.NewTable[loadPurse](loadSchema, "purses", dovetail.AssignedKey())
	orders      = dovetail.NewTable[loadOrder](loadSchema, "orders", dovetail.AssignedKey())
	orderLines  = dovetail.NewTable[loadLine](loadSchema, "order_lines", dovetail.AssignedKey())
	labels      = dovetail.NewTable[loadLabel](loadSchema, "labels", dovetail.AssignedKey())
	labelled    = dovetail.NewTable[loadOrderLabel](loadSchema, "order_labels", dovetail.PrimaryKey("order_id", "label_id"))
	_           = dovetail.HasMany(orders, "lines", orderLines, dovetail.ForeignKey("order_id"), dovetail.Inverse("order"), dovetail.OnDelete(dovetail.Cascade))
	orderLabels = dovetail.ManyToMany(orders, "labels", labels, labelled, dovetail.ThroughKeys("order_id", "label_id"))
)

const (
	pursesOfAll = 16
	sumOfAll    = 1600
	labelsOfAll = 8
	ordersOfOne = 6       // that a worker has at most
	keysOfOne   = 1 << 32 // of orders, from one worker's first to the next one's
)

// loadDDL has no foreign keys: half a graph would be there, and not be refused.
const loadDDL = `CREATE TABLE purses (id BIGINT PRIMARY KEY, sum BIGINT NOT NULL);
CREATE TABLE orders (id BIGINT PRIMARY KEY);
CREATE TABLE order_lines (id BIGINT PRIMARY KEY, order_id BIGINT NOT NULL, amount BIGINT NOT NULL);
CREATE INDEX order_lines_order ON order_lines (order_id);
CREATE TABLE labels (id BIGINT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE order_labels (order_id BIGINT NOT NULL, label_id BIGINT NOT NULL, PRIMARY KEY (order_id, label_id))`

// loader is one of the goroutines that load a database.
type loader struct {
	db       dovetail.DB
	postgres bool
	r        *rand.Rand
	first    int64 // key of its orders
	made     int64

	there   map[int64]bool // its orders; false: nobody knows
	calls   atomic.Int64
	ended   atomic.Int64 // calls whose context ended
	unknown atomic.Int64
	last    atomic.Int64 // when its last call was over, in nanoseconds
}

// loadCall is something that a loader does. An error of the database is returned, and what is wrong with an answer is a wrongAnswer.
type loadCall struct {
	name string
	do   func(l *loader, ctx context.Context) error
}

// wrongAnswer is what no cancelled context excuses.
type wrongAnswer string

func (e wrongAnswer) Error() string { return string(e) }

func wrong(format string, args ...any) error { return wrongAnswer(fmt.Sprintf(format, args...)) }

var loadCalls = []loadCall{
	{"insert a graph", (*loader).insert},
	{"insert a graph", (*loader).insert}, // as often as it is deleted and refused
	{"delete a graph", (*loader).remove},
	{"replace links", (*loader).relabel},
	{"transfer", (*loader).transfer},
	{"transfer", (*loader).transfer},
	{"half of a transaction", (*loader).half},
	{"none of a transaction", (*loader).none},
	{"sum", (*loader).sum},
	{"All", (*loader).all},
	{"Snapshot", (*loader).snapshot},
	{"OneRoundTrip", (*loader).oneTrip},
	{"Fetch", (*loader).fetch},
	{"Each", (*loader).each},
	{"Get", (*loader).get},
	{"Has, Count and Exists", (*loader).count},
	{"Collect", (*loader).collect},
	{"Load", (*loader).load},
}

// call does one of the calls, now and then with a context that ends meanwhile, and returns what is wrong.
func (l *loader) call(ctx context.Context, c loadCall) error {
	if l.r.IntN(8) == 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(l.r.IntN(3000))*time.Microsecond)
		defer cancel()
	}
	err := c.do(l, ctx)
	l.calls.Add(1)
	l.last.Store(time.Now().UnixNano())
	var answer wrongAnswer
	switch {
	case err == nil:
		return nil
	case errors.As(err, &answer):
	case errors.Is(err, dovetail.ErrCommitUnknown) && ctx.Err() != nil:
		l.unknown.Add(1)
		return nil
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		l.ended.Add(1)
		return nil
	}
	return fmt.Errorf("%s: %w", c.name, err)
}

// order makes one with its lines, which is nowhere yet.
func (l *loader) order() *loadOrder {
	id := l.first + l.made
	l.made++
	amount := l.r.Int64N(1000)
	return &loadOrder{ID: id, Lines: []*loadLine{{ID: 2 * id, Amount: amount}, {ID: 2*id + 1, Amount: -amount}}}
}

// inserted notes what became of new orders.
func (l *loader) inserted(err error, rows ...*loadOrder) error {
	for _, o := range rows {
		switch {
		case err == nil:
			l.there[o.ID] = true
		case errors.Is(err, dovetail.ErrCommitUnknown):
			l.there[o.ID] = false
		}
	}
	return err
}

func (l *loader) insert(ctx context.Context) error {
	if len(l.there) >= ordersOfOne {
		return l.remove(ctx)
	}
	rows := []*loadOrder{l.order()}
	if l.r.IntN(2) == 0 {
		rows = append(rows, l.order())
	}
	return l.inserted(dovetail.Insert(orders, rows...).With("lines").Exec(ctx, l.db), rows...)
}

// mine returns the key of an order that the loader has inserted, or 0.
func (l *loader) mine() int64 {
	for id, known := range l.there {
		if known {
			return id
		}
	}
	return 0
}

func (l *loader) remove(ctx context.Context) error {
	id := l.mine()
	if id == 0 {
		return l.sum(ctx)
	}
	n, err := dovetail.Delete(orders).Where(sq.Eq{"id": id}).Exec(ctx, l.db)
	switch {
	case err == nil && n != 1:
		return wrong("expected order %d to be deleted, got %d rows", id, n)
	case err == nil:
		delete(l.there, id)
	case errors.Is(err, dovetail.ErrCommitUnknown):
		l.there[id] = false
	}
	return err
}

func (l *loader) relabel(ctx context.Context) error {
	id := l.mine()
	if id == 0 {
		return l.sum(ctx)
	}
	one := 1 + l.r.Int64N(labelsOfAll)
	other := 1 + one%labelsOfAll
	_, err := orderLabels.Replace(ctx, l.db, &loadOrder{ID: id}, &loadLabel{ID: one}, &loadLabel{ID: other})
	return err
}

// transfer moves something from one purse to another.
func (l *loader) transfer(ctx context.Context) error {
	from, to := 1+l.r.Int64N(pursesOfAll), 1+l.r.Int64N(pursesOfAll)
	if from == to {
		to = 1 + from%pursesOfAll
	}
	amount := l.r.Int64N(10)
	return dovetail.Retry(ctx, l.db, func(tx dovetail.DB) error {
		q := dovetail.Select(purses).Where(sq.Eq{"id": []int64{from, to}}).OrderBy("id")
		if l.postgres { // SQLite's transactions lock all when they begin
			q = q.ForUpdate()
		}
		rows, err := q.All(ctx, tx)
		if err != nil {
			return err
		}
		if len(rows) != 2 {
			return wrong("expected two purses, got %d", len(rows))
		}
		rows[0].Sum -= amount
		rows[1].Sum += amount
		if l.r.IntN(2) == 0 {
			return dovetail.SaveAll(ctx, tx, purses, rows, "sum")
		}
		if err := dovetail.Save(ctx, tx, purses, rows[0], "sum"); err != nil {
			return err
		}
		return dovetail.Save(ctx, tx, purses, rows[1], "sum")
	})
}

var errTakenBack = errors.New("taken back")

// half commits what is around a savepoint, and not what is in it.
func (l *loader) half(ctx context.Context) error {
	if len(l.there) >= ordersOfOne {
		return l.remove(ctx)
	}
	kept, lost := l.order(), l.order()
	return l.inserted(l.db.InTx(ctx, dovetail.TxOptions{}, func(tx dovetail.DB) error {
		if err := dovetail.Insert(orders, kept).With("lines").Exec(ctx, tx); err != nil {
			return err
		}
		err := tx.InTx(ctx, dialect.TxOptions{}, func(inner dovetail.DB) error {
			if err := dovetail.Insert(orders, lost).With("lines").Exec(ctx, inner); err != nil {
				return err
			}
			return errTakenBack
		})
		if !errors.Is(err, errTakenBack) {
			return err
		}
		return nil
	}), kept)
}

// none commits nothing.
func (l *loader) none(ctx context.Context) error {
	err := l.db.InTx(ctx, dovetail.TxOptions{}, func(tx dovetail.DB) error {
		if err := dovetail.Insert(orders, l.order()).With("lines").Exec(ctx, tx); err != nil {
			return err
		}
		if err := dovetail.Save(ctx, tx, purses, &loadPurse{ID: 1, Sum: -1}, "sum"); err != nil {
			return err
		}
		return errTakenBack
	})
	if errors.Is(err, errTakenBack) {
		return nil
	}
	return err
}

func (l *loader) sum(ctx context.Context) error {
	type total struct{ Total int64 }
	rows, err := dovetail.Collect[total](ctx, l.db, dovetail.Select(purses).Columns().Column("CAST(sum(sum) AS BIGINT) AS total"))
	if err != nil {
		return err
	}
	if len(rows) != 1 || rows[0].Total != sumOfAll {
		return wrong("expected %d in all purses, got %v", sumOfAll, rows)
	}
	return nil
}

// some is orders of anybody.
func (l *loader) some() dovetail.Query[*loadOrder] {
	return dovetail.Select(orders).Where("self.id % 7 = ?", l.r.IntN(7)).OrderBy("id").Limit(20)
}

// checked holds orders against what they must be. gone says that an order may have been deleted when its lines were read.
func (l *loader) checked(rows []*loadOrder, err error, gone bool) error {
	if err != nil {
		if rows != nil {
			return wrong("%d rows beside %v", len(rows), err)
		}
		return err
	}
	for _, o := range rows {
		var total int64
		for _, line := range o.Lines {
			total += line.Amount
		}
		if len(o.Lines) != linesOf && (!gone || len(o.Lines) != 0) || total != 0 {
			return wrong("order %d has %d lines of %d", o.ID, len(o.Lines), total)
		}
		if n := len(o.Labels); n != 0 && n != 2 {
			return wrong("order %d has %d labels", o.ID, n)
		}
	}
	return nil
}

func (l *loader) all(ctx context.Context) error {
	rows, err := l.some().Preload("lines").Preload("labels").All(ctx, l.db)
	return l.checked(rows, err, true)
}

func (l *loader) snapshot(ctx context.Context) error {
	rows, err := l.some().Preload("lines").Preload("labels").Snapshot().All(ctx, l.db)
	return l.checked(rows, err, false)
}

func (l *loader) oneTrip(ctx context.Context) error {
	rows, err := l.some().Preload("lines").Preload("labels").OneRoundTrip().All(ctx, l.db)
	return l.checked(rows, err, !l.postgres) // on SQLite the statements are those of any other query
}

func (l *loader) fetch(ctx context.Context) error {
	rows, err := dovetail.Select(orders).Where("self.id % 7 = ?", l.r.IntN(7)).OrderBy("id").Fetch("lines").All(ctx, l.db)
	return l.checked(rows, err, false)
}

func (l *loader) each(ctx context.Context) error {
	n, ends := 0, 1+l.r.IntN(5)
	for row, err := range dovetail.Select(orders).OrderBy("id").Preload("lines").Each(ctx, l.db) {
		if err != nil {
			return err
		}
		if err := l.checked([]*loadOrder{row}, nil, true); err != nil {
			return err
		}
		if n++; n == ends {
			break
		}
	}
	return nil
}

func (l *loader) get(ctx context.Context) error {
	id := l.mine()
	if id == 0 {
		return l.sum(ctx)
	}
	row, err := dovetail.Select(orders).Preload("lines").Preload("labels").Get(ctx, l.db, id)
	if err != nil {
		if errors.Is(err, dovetail.ErrNoRows) {
			return wrong("order %d was inserted, and is not there", id)
		}
		return err
	}
	return l.checked([]*loadOrder{row}, nil, false) // nobody else deletes it
}

func (l *loader) count(ctx context.Context) error {
	q := dovetail.Select(orders)
	lacking := q.Where(sq.Or{dovetail.HasNone("lines"), dovetail.Has("lines", sq.Eq{"order_id": 0})})
	found, err := lacking.Exists(ctx, l.db)
	if err != nil {
		return err
	}
	if n, err := lacking.Count(ctx, l.db); err != nil || found || n != 0 {
		if err != nil {
			return err
		}
		return wrong("%d orders have no lines", n)
	}
	return nil
}

func (l *loader) collect(ctx context.Context) error {
	type total struct{ ID, Total, N int64 }
	rows, err := dovetail.Collect[total](ctx, l.db, dovetail.Select(orders).Columns("id").
		With(dovetail.Count("lines").As("n"), dovetail.Sum("lines.amount").As("total")).OrderBy("id DESC").Limit(30))
	if err != nil {
		return err
	}
	for _, o := range rows {
		if o.N != linesOf || o.Total != 0 {
			return wrong("order %d has %d lines of %d", o.ID, o.N, o.Total)
		}
	}
	return nil
}

func (l *loader) load(ctx context.Context) error {
	var rows []*loadOrder
	var names []string
	for id, known := range l.there {
		if known {
			rows = append(rows, &loadOrder{ID: id})
			names = append(names, fmt.Sprint(id))
		}
	}
	if err := dovetail.Load(ctx, l.db, orders, rows, "lines.order.labels"); err != nil {
		return err
	}
	if err := l.checked(rows, nil, false); err != nil {
		return fmt.Errorf("of %s: %w", strings.Join(names, ", "), err)
	}
	return nil
}
