package compile

import (
	"slices"
	"time"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
)

// Removal writes the statements of a delete that reaches further rows. The rows that go are told by a query for each table,
// named as a common table expression: those of the root by the root's condition, the others by the keys that lead to them. No
// key leaves the database.
type Removal struct {
	Query *plan.Query // the rows of the root
	Reach *graph.Reach
	// Held are the parts whose rows are told before anything is changed, and kept in temporary tables, because the changes
	// would change which they are.
	Held []*graph.Part
	D    dialect.Dialect
	Now  time.Time // of the mark, where times are spelled: one for all rows of the delete

	Restores bool // the rows are marked, and lose the mark

	Back bool // the columns of the query come back of each of the root's rows that goes
}

// NewRemoval decides which rows must be held.
func NewRemoval(q *plan.Query, reach *graph.Reach, d dialect.Dialect) *Removal {
	r := &Removal{Query: q, Reach: reach, D: d}
	for _, p := range reach.Parts {
		if p.Cyclic || r.changesUnder(p) || p == r.root() && !r.OneStatement() && r.asksAnew() {
			r.Held = append(r.Held, p)
		}
	}
	return r
}

// asksAnew reports whether statements that each ask for the root's rows may find other rows: by what the condition says, or by rows that
// come to follow one that goes, or do no longer.
func (r *Removal) asksAnew() bool { return r.Query.Reads().Again || r.writer().follows(r.root()) }

// HoldRoot has the rows of the root held, whatever their condition says when it is asked again.
func (r *Removal) HoldRoot() {
	if !r.HoldsRoot() {
		r.Held = append([]*graph.Part{r.root()}, r.Held...)
	}
}

// HoldsRoot reports whether the rows of the root are held.
func (r *Removal) HoldsRoot() bool { return slices.Contains(r.Held, r.root()) }

// changesUnder reports whether the delete changes, before the part's own rows go, what tells them: for all parts the rows that
// lead to them, for the root what its condition reads too.
func (r *Removal) changesUnder(p *graph.Part) bool {
	return r.leadersGoFirst(p) || p == r.root() && r.changesCondition()
}

// leadersGoFirst reports whether rows that lead to the part's rows go before them, or are untied.
func (r *Removal) leadersGoFirst(p *graph.Part) bool {
	return slices.ContainsFunc(r.Reach.Ahead, func(w *graph.Way) bool { return w.To == p && w.OnDelete == graph.Cascade })
}

// changesCondition reports whether something that the root's condition reads is changed before the root's rows go.
func (r *Removal) changesCondition() bool {
	reads := r.Query.Reads()
	readsTable := func(t *graph.Table) bool { return reads.All || slices.ContainsFunc(reads.Tables, t.Same) }
	readsKey := func(w *graph.Way) bool { // or what else clearing it writes
		return reads.Text || slices.ContainsFunc(reads.Columns, func(c string) bool {
			return slices.Contains(w.Columns, c) || w.Table.Touches(c)
		})
	}
	losesRows := func(p *graph.Part) bool { return p != r.root() && readsTable(p.Table) }
	losesKeys := func(w *graph.Way) bool { // of rows that are read
		return w.OnDelete == graph.SetNull && (readsTable(w.Table) || w.To == r.root() && readsKey(w))
	}
	leaves := func(w *graph.Way) bool { // to the database, which may do anything
		return w.OnDelete == graph.ByDatabase && w.From != r.root()
	}
	return slices.ContainsFunc(r.Reach.Parts, losesRows) || slices.ContainsFunc(r.Reach.Ways, losesKeys) ||
		slices.ContainsFunc(r.Reach.Ways, leaves) ||
		r.untiesRoot()
}

// untiesRoot reports whether a key of the root's rows is cleared before they go.
func (r *Removal) untiesRoot() bool {
	return slices.ContainsFunc(r.Reach.Ahead, func(w *graph.Way) bool { return w.To == r.root() && r.Reach.Untied(w) })
}

func (r *Removal) root() *graph.Part { return r.Reach.Parts[0] }

// Alone reports whether the delete is one statement, and nothing before or behind it.
func (r *Removal) Alone() bool {
	return r.OneStatement() && len(r.Held) == 0 && !r.CountsFirst() && !r.ComparesAll()
}

// ComparesAll reports whether the number of rows that go is compared with that of all that the delete tells: those of the root follow each
// other, and the statement that takes them does not say which of them the database kept.
func (r *Removal) ComparesAll() bool {
	return !r.HoldsRoot() && !r.CountsFirst() && r.writer().follows(r.root())
}

// OneStatement reports whether the delete is one statement: no key needs to be checked or followed.
func (r *Removal) OneStatement() bool {
	return !slices.ContainsFunc(r.Reach.Ways, func(w *graph.Way) bool {
		return w.OnDelete != graph.NoAction && w.OnDelete != graph.ByDatabase && !(w.OnDelete == graph.Cascade && w.To == w.From)
	}) && len(r.Reach.Ahead) == 0
}

// CountsFirst reports whether the rows of the root must be counted, or read if they come back, before anything goes: the statement that
// removes them may not meet all of them, or not as they were.
func (r *Removal) CountsFirst() bool {
	return r.Reach.Disturbs(r.D.Features().CascadesByRow) || r.Back && r.untiesRoot()
}

// Lock writes a count of the root's rows, which locks them in the order of their keys where the database locks rows.
func (r *Removal) Lock() (Statement, error) {
	w := r.writer()
	w.sql("SELECT count(*) FROM (")
	w.locked()
	return w.statement()
}

// LockKeys is Lock with a count of the keys, and of the rows of that which tells most.
func (r *Removal) LockKeys() (Statement, error) {
	w := r.writer()
	w.sql("SELECT count(*), coalesce(max(")
	w.ident(valueOnce)
	w.sql("), 0) FROM (SELECT count(*) AS ")
	w.ident(valueOnce)
	w.sql(" FROM (")
	w.locked()
	w.sql(" GROUP BY ")
	w.idents(identity(r.root()))
	w.sql(") AS ")
	w.ident("keys")
	return w.statement()
}

// locked writes the root's rows as the rest of a FROM item.
func (w remover) locked() {
	q := w.roots(identity(w.root()))
	w.lockInOrder(q, q.Base.Table.PrimaryKey)
	w.query(q)
	w.sql(") AS ")
	w.ident("counted")
}

// InOrder has the statement that takes the root's rows lock them in the order of the columns first, where the database locks rows and a
// primary key tells them.
func (r *Removal) InOrder(columns []string) {
	if len(r.root().Table.PrimaryKey) == 0 {
		return
	}
	q := *r.Query
	q.OrderBy = slices.Clip(q.OrderBy)
	r.lockInOrder(&q, columns)
	r.Query = &q
}

// lockInOrder has the query lock its rows in the order of the columns, where the database locks rows.
func (r *Removal) lockInOrder(q *plan.Query, columns []string) {
	if !r.D.Features().RowLocks {
		return
	}
	q.Lock = plan.Lock{Method: "Delete", Strength: "UPDATE"}
	for _, c := range columns {
		q.OrderBy = append(q.OrderBy, plan.Order{Ref: plan.Ref{Name: c, Binding: q.Base, Column: c}})
	}
}

// Blocked writes whether rows that stay point, along the way, at rows that go.
func (r *Removal) Blocked(way *graph.Way) (Statement, error) {
	w := r.writer()
	w.with(false, append(goingBy(way.To), way.From)...)
	w.sql("SELECT EXISTS (SELECT 1 FROM ")
	w.staying(way)
	w.sql(")")
	return w.statement()
}

// staying writes the rows that point along the way and do not go.
func (w remover) staying(way *graph.Way) {
	w.table(way.Table, way.Table.Name)
	w.sql(" WHERE ")
	w.pointing(way)
}

// pointing writes the condition that a row points along the way, and does not go.
func (w remover) pointing(way *graph.Way) {
	w.along(way.Table.Name, way)
	w.notGoing(way)
}

// notGoing adds that a row that points along the way does not go.
func (w remover) notGoing(way *graph.Way) {
	if way.To != nil {
		w.sql(" AND ")
		w.going(way.To)
		w.sql(" IS NOT TRUE")
	}
}

// Counted writes the number of rows that the delete reaches first along the way; nil: of those the root's condition tells.
func (r *Removal) Counted(way *graph.Way) (Statement, error) {
	w := r.writer()
	switch {
	case way == nil:
		w.sql("SELECT count(*) FROM (")
		w.counted(w.roots(identity(r.root())))
	case way.OnDelete != graph.Cascade:
		w.with(false, append(goingBy(way.To), way.From)...)
		w.sql("SELECT count(*) FROM ")
		w.staying(way)
	default:
		w.first(way)
	}
	return w.statement()
}

// Hidden writes the number of rows that point along the way, and stay because scopes hide them.
func (r *Removal) Hidden(way *graph.Way, hidden []graph.Constant) (Statement, error) {
	w := r.writer()
	w.with(false, append(goingBy(way.To), way.From)...)
	w.sql("SELECT count(*) FROM ")
	w.table(way.Table, way.Table.Name)
	w.sql(" WHERE ")
	w.ofWay(way.Table.Name, way, false)
	w.keyAlong(way.Table.Name, way)
	w.sql(" AND (")
	w.list(len(hidden), " AND ", func(i int) { w.constant(way.Table.Name, hidden[i]) })
	w.sql(") IS NOT TRUE")
	w.notGoing(way)
	return w.statement()
}

// first counts the rows along a way that neither the root's condition nor a way before it tells.
func (w remover) first(way *graph.Way) {
	p := way.To
	before := p.Into[:slices.Index(p.Into, way)]
	need := []*graph.Part{way.From}
	for _, b := range before {
		need = append(need, b.From)
	}
	w.with(p == w.root(), need...)
	w.sql("SELECT count(*) FROM ")
	w.table(p.Table, p.Table.Name)
	w.sql(" WHERE ")
	w.along(p.Table.Name, way)
	if p == w.root() {
		w.sql(" AND (")
		w.among(p.Table.Name, identity(p), selected, identity(p))
		w.sql(") IS NOT TRUE")
	}
	for _, b := range before {
		w.sql(" AND (")
		w.along(p.Table.Name, b)
		w.sql(") IS NOT TRUE")
	}
	w.unmarked(" AND ", p)
}

// unmarked adds, after a word, that the rows are not marked as deleted already, where a delete marks them, or that they are, where they
// come back.
func (w remover) unmarked(after string, p *graph.Part) {
	if !w.Reach.Soft {
		return
	}
	w.sql(after)
	w.column(p.Table.Name, p.Table.SoftDelete)
	switch {
	case p.Table.MarksTrue() && w.Restores:
		w.sql(" = TRUE")
	case p.Table.MarksTrue():
		w.sql(" = FALSE")
	case w.Restores:
		w.sql(" IS NOT NULL")
	default:
		w.sql(" IS NULL")
	}
}

// SetNull writes that rows that stay no longer point along the way.
func (r *Removal) SetNull(way *graph.Way) (Statement, error) {
	w := r.writer()
	need := append(goingBy(way.To), way.From)
	for _, later := range r.countedBy(way) {
		need = append(need, later.From)
	}
	w.with(false, need...)
	w.null(way, true)
	w.pointing(way)
	return w.statement()
}

// Untie writes that rows that go no longer point along the way, so that those they point at can go before them.
func (r *Removal) Untie(way *graph.Way) (Statement, error) {
	w := r.writer()
	w.with(false, append(goingBy(way.To), way.From)...)
	w.null(way, false)
	w.along(way.Table.Name, way)
	w.sql(" AND ")
	w.going(way.To)
	return w.statement()
}

// null writes the beginning of an UPDATE that clears keys; stay: of rows that stay, which are changed by it.
func (w remover) null(way *graph.Way, stay bool) {
	w.sql("UPDATE ")
	w.table(way.Table, way.Table.Name)
	w.sql(" SET ")
	cleared := way.Cleared()
	w.list(len(cleared), ", ", func(i int) {
		w.ident(cleared[i])
		w.sql(" = NULL")
	})
	if stay {
		w.touchLast(way, cleared)
	}
	w.sql(" WHERE ")
}

// countedBy returns the ways whose keys become NULL after those of a way, so that the changes of a row that loses both are counted there.
func (r *Removal) countedBy(way *graph.Way) []*graph.Way {
	if way.Table.Version == "" {
		return nil
	}
	return r.Reach.NulledAfter(way)
}

// touchLast is touch of a row that stays, but leaves the count of its changes to the last of the keys that it loses.
func (w remover) touchLast(way *graph.Way, cleared []string) {
	var not func()
	if later := w.countedBy(way); len(later) > 0 {
		not = func() {
			w.list(len(later), " OR ", func(i int) {
				w.sql("(")
				w.along(way.Table.Name, later[i])
				w.sql(")")
			})
		}
	}
	w.touchUnless(not, way.Table, cleared, "")
}

// Remove writes that the rows of the part go.
func (r *Removal) Remove(p *graph.Part) (Statement, error) {
	w := r.writer()
	where := w.telling(p)
	w.take(p)
	where()
	w.back(p)
	return w.statement()
}

// telling writes the common table expressions by which the rows of the part that go are told, and returns what writes the condition.
func (w remover) telling(p *graph.Part) (where func()) {
	held := w.isHeld(p)
	told := func() { w.going(p) }
	switch {
	case p == w.root() && len(p.Into) == 0 && !held:
		return func() { w.rowsOf(w.Query) }
	case p != w.root() && len(p.Into) == 1 && p.Into[0].From != p && !held:
		w.with(false, p.Into[0].From)
		told = func() { w.along(p.Table.Name, p.Into[0]) }
	default:
		w.with(false, goingBy(p)...)
	}
	return func() {
		w.sql(" WHERE ")
		told()
		w.unmarked(" AND ", p)
	}
}

// Told writes a query of the root's rows that go: what comes back of each, or else their number. They are locked where the database
// locks rows, so that nobody else removes one that is counted.
func (r *Removal) Told() (Statement, error) {
	w, p := r.writer(), r.root()
	where := w.telling(p)
	if r.Back {
		w.outputs(r.Query)
	} else {
		w.sql("SELECT count(*) FROM (SELECT 1")
	}
	w.sql(" FROM ")
	w.table(p.Table, p.Table.Name)
	where()
	if r.D.Features().RowLocks {
		w.sql(" FOR UPDATE OF ")
		w.ident(p.Table.Name)
	}
	if !r.Back {
		w.sql(") AS ")
		w.ident("counted")
	}
	return w.statement()
}

// There writes the number of the part's rows that are to go and are there: before they go, or behind it, as the database may keep rows
// without a word.
func (r *Removal) There(p *graph.Part) (Statement, error) {
	w := r.writer()
	where := w.telling(p)
	w.sql("SELECT count(*) FROM ")
	w.table(p.Table, p.Table.Name)
	where()
	return w.statement()
}

// back writes what comes back of the root's rows, where that was not read before.
func (w remover) back(p *graph.Part) {
	if w.Back && p == w.root() && !w.CountsFirst() {
		w.outputsBack(w.Query)
	}
}

// take writes the beginning of a DELETE, or of the UPDATE that marks rows as deleted.
func (w remover) take(p *graph.Part) {
	if !w.Reach.Soft {
		w.sql("DELETE FROM ")
		w.table(p.Table, p.Table.Name)
		return
	}
	w.sql("UPDATE ")
	w.table(p.Table, p.Table.Name)
	w.sql(" SET ")
	w.ident(p.Table.SoftDelete)
	switch {
	case p.Table.MarksTrue() && w.Restores:
		w.sql(" = FALSE")
	case p.Table.MarksTrue():
		w.sql(" = TRUE")
	case w.Restores:
		w.sql(" = NULL")
	case w.timed != nil:
		w.sql(" = ")
		w.time(dialect.TimeNow, origin{columns: []dialect.ColumnRef{ColumnOf(p.Table, p.Table.SoftDelete)}}, w.Now)
	default:
		w.sql(" = CURRENT_TIMESTAMP")
	}
	w.touch(p.Table, []string{p.Table.SoftDelete}, "")
}

// Hold writes the temporary table for the rows of a part.
func (r *Removal) Hold(p *graph.Part) (Statement, error) {
	w := r.writer()
	w.sql("CREATE TEMPORARY TABLE ")
	w.ident(r.name(p))
	w.sql(" AS ")
	w.rows(p)
	w.sql(" WHERE FALSE")
	return w.statement()
}

// Fill writes the rows of a part into its temporary table, as far as they are known and not there. Those of parts that lead
// to each other are known when filling all adds no more.
func (r *Removal) Fill(p *graph.Part) (Statement, error) {
	w := r.writer()
	w.sql("INSERT INTO ")
	w.ident(r.name(p))
	w.sql(" ")
	if p.Cyclic {
		var from []*graph.Part
		for _, way := range p.Into {
			from = append(from, way.From)
		}
		w.with(false, from...)
		w.told(p)
	} else {
		w.filling = p
		w.with(false, p)
		w.sql("SELECT ")
		w.idents(columns(p))
		w.sql(" FROM ")
		w.ident(w.name(p))
	}
	w.sql(" EXCEPT SELECT ")
	w.idents(columns(p))
	w.sql(" FROM ")
	w.ident(r.name(p))
	return w.statement()
}

// Release writes that the temporary table of a part is no longer needed.
func (r *Removal) Release(p *graph.Part) (Statement, error) {
	w := r.writer()
	w.sql("DROP TABLE ")
	w.ident(r.name(p))
	return w.statement()
}
