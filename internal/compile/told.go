package compile

import (
	"slices"
	"strconv"

	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
)

// remover writes one statement of a removal.
type remover struct {
	*writer
	*Removal
	filling *graph.Part // a part that is about to be held, so that it is not yet
}

func (r *Removal) writer() remover { return remover{writer: newWriter(r.D), Removal: r} }

// name returns the name of the rows of the part that go.
func (r *Removal) name(p *graph.Part) string {
	return "deleted#" + strconv.Itoa(slices.Index(r.Reach.Parts, p)+1)
}

// selected is the name of the rows of the root that its condition tells, without those that follow them.
const selected = "deleted#"

// columns returns the columns by which the rows of the part are named: its primary key, and those that other tables point at.
func columns(p *graph.Part) []string {
	all := slices.Clone(p.Table.PrimaryKey)
	for _, w := range p.Out {
		for _, c := range w.Referenced {
			if !slices.Contains(all, c) {
				all = append(all, c)
			}
		}
	}
	return all
}

// identity returns the columns that tell the rows of the part apart; none if it has no such.
func identity(p *graph.Part) []string {
	if len(p.Table.PrimaryKey) > 0 || len(p.Out) == 0 {
		return p.Table.PrimaryKey
	}
	return p.Out[0].Referenced
}

func (w remover) isHeld(p *graph.Part) bool { return p != w.filling && slices.Contains(w.Held, p) }

// name returns the name of the rows of the part that go, as the statement names them.
func (w remover) name(p *graph.Part) string {
	if p == w.filling {
		return "telling#" // the temporary table has its name
	}
	return w.Removal.name(p)
}

// with writes the common table expressions that tell the rows of the parts.
func (w remover) with(apart bool, parts ...*graph.Part) {
	var list []*graph.Part
	for _, p := range parts {
		list = w.needed(list, p)
	}
	apart = apart || slices.ContainsFunc(list, func(p *graph.Part) bool { return p == w.root() && w.follows(p) })
	if len(list) == 0 && !apart {
		return
	}
	w.sql("WITH ")
	if slices.ContainsFunc(list, w.follows) {
		w.sql("RECURSIVE ")
	}
	if apart {
		w.named(selected, w.root(), w.rootRows)
	}
	for i, p := range list {
		if i > 0 || apart {
			w.sql(", ")
		}
		w.named(w.name(p), p, func() { w.told(p) })
	}
	w.sql(" ")
}

func (w remover) named(name string, p *graph.Part, body func()) {
	w.ident(name)
	w.sql(" (")
	w.idents(columns(p))
	w.sql(") AS (")
	body()
	w.sql(")")
}

// needed adds the part to the list, after those that tell its rows.
func (w remover) needed(list []*graph.Part, p *graph.Part) []*graph.Part {
	if p == nil || slices.Contains(list, p) || w.isHeld(p) {
		return list
	}
	for _, way := range p.Into {
		if way.From != p {
			list = w.needed(list, way.From)
		}
	}
	return append(list, p)
}

// follows reports whether rows of the part follow each other.
func (w remover) follows(p *graph.Part) bool {
	return !p.Cyclic && slices.ContainsFunc(p.Into, func(way *graph.Way) bool { return way.From == p })
}

// roots returns the query of the root for these columns.
func (w remover) roots(cols []string) *plan.Query {
	q := *w.Query
	q.Outputs = nil
	for _, c := range cols {
		q.Outputs = append(q.Outputs, plan.Output{Ref: plan.Ref{Name: c, Binding: q.Base, Column: c}})
	}
	return &q
}

// rootRows writes the rows that the root's condition tells. Where they are about to be held they are locked, so that the condition holds for
// them until they go.
func (w remover) rootRows() {
	q := w.roots(columns(w.root()))
	if w.filling == w.root() {
		w.lockInOrder(q, q.Base.Table.PrimaryKey)
	}
	w.query(q)
}

// told writes the rows of a part that go: those of the root's condition, those along each way, and those that follow them.
// UNION ends where rows follow each other in a cycle. A delete that marks rows goes over to none that is marked already, and so not to
// what lies behind it.
func (w remover) told(p *graph.Part) {
	union := ""
	next := func() { w.sql(union); union = " UNION " }
	switch {
	case p != w.root():
	case w.follows(p):
		next()
		w.sql("SELECT ")
		w.idents(columns(p))
		w.sql(" FROM ")
		w.ident(selected)
	default:
		next()
		w.rootRows()
	}
	alias := p.Table.Name
	for _, way := range p.Into {
		if way.From == p && !p.Cyclic {
			continue
		}
		next()
		w.rows(p)
		w.sql(" WHERE ")
		w.along(alias, way)
		w.unmarked(" AND ", p)
	}
	if !w.follows(p) {
		return
	}
	w.sql(" UNION ")
	w.rows(p)
	w.sql(" JOIN ")
	w.ident(w.name(p))
	w.sql(" ON ")
	or := ""
	for _, way := range p.Into {
		if way.From != p {
			continue
		}
		w.sql(or + "(")
		or = " OR "
		w.ofWay(alias, way, true)
		w.list(len(way.Columns), " AND ", func(i int) {
			w.matched(pointing(way), func() { w.followed(way.Table, alias, way.Columns[i]) }, " = ", func() { w.followed(p.Table, w.name(p), way.Referenced[i]) })
		})
		w.sql(")")
	}
	w.unmarked(" WHERE ", p)
}

// rows writes the beginning of a query of the part's rows.
func (w remover) rows(p *graph.Part) {
	cols := columns(p)
	w.sql("SELECT ")
	w.columns(p.Table.Name, cols)
	w.sql(" FROM ")
	w.table(p.Table, p.Table.Name)
}

// along writes the condition that a row points at one that goes.
func (w remover) along(alias string, way *graph.Way) {
	w.ofWay(alias, way, true)
	w.keyAlong(alias, way)
}

// keyAlong writes the condition that a row has the key of one that goes.
func (w remover) keyAlong(alias string, way *graph.Way) {
	s := pointing(way)
	w.tuple(len(way.Columns), func(i int) { w.followed(way.Table, alias, way.Columns[i]) })
	w.sql(" IN (SELECT ")
	w.list(len(way.Referenced), ", ", func(i int) { w.spelledFrom(s, func() { w.followed(way.From.Table, "", way.Referenced[i]) }) })
	w.sql(" FROM ")
	w.ident(w.name(way.From))
	w.sql(")")
}

// followed writes a column by which rows are matched with those that they followed. The marks of two tables may spell one time
// differently.
func (w remover) followed(t *graph.Table, alias, column string) {
	write := func() {
		if alias == "" {
			w.ident(column)
			return
		}
		w.column(alias, column)
	}
	if !w.Restores || w.timed == nil || column != t.SoftDelete {
		write()
		return
	}
	w.sql(w.timed.Moment(w.captured(write)))
}

// pointing is how the key of a way is spelled in the rows that point along it.
func pointing(way *graph.Way) graph.Spelling { return graph.Spelling{Key: way.Spelled, To: true} }

// ofWay writes what a row that points along the way has beside the key, if it is seen within the scopes of its table.
func (w remover) ofWay(alias string, way *graph.Way, seen bool) {
	if way.Type != nil {
		w.constant(alias, *way.Type)
		w.sql(" AND ")
	}
	for _, c := range way.Constants {
		if seen || !way.HiddenBy(c) {
			w.constant(alias, c)
			w.sql(" AND ")
		}
	}
	for _, other := range way.Except {
		w.sql("(")
		w.list(len(other), " AND ", func(i int) { w.constant(alias, other[i]) })
		w.sql(") IS NOT TRUE AND ")
	}
}

func (w remover) constant(alias string, c graph.Constant) {
	w.column(alias, c.Column)
	if c.Value == nil {
		w.sql(" IS NULL")
		return
	}
	w.sql(" = ")
	w.arg(c.Value)
}

func (w remover) among(alias string, cols []string, of string, theirs []string) {
	w.tuple(len(cols), func(i int) { w.column(alias, cols[i]) })
	w.sql(" IN (SELECT ")
	w.idents(theirs)
	w.sql(" FROM ")
	w.ident(of)
	w.sql(")")
}

// going writes the condition that a row of the part goes, in parentheses.
func (w remover) going(p *graph.Part) {
	w.sql("(")
	if id := identity(p); len(id) > 0 {
		for _, c := range p.Constants { // a key does not say where its row lies
			w.constant(p.Table.Name, c)
			w.sql(" AND ")
		}
		w.among(p.Table.Name, id, w.name(p), id)
	} else {
		w.list(len(p.Into), " OR ", func(i int) { w.along(p.Table.Name, p.Into[i]) })
	}
	w.sql(")")
}

// goingBy returns the parts whose rows must be told for going.
func goingBy(p *graph.Part) []*graph.Part {
	if p == nil {
		return nil
	}
	if len(identity(p)) > 0 {
		return []*graph.Part{p}
	}
	var from []*graph.Part
	for _, way := range p.Into {
		from = append(from, way.From)
	}
	return from
}
