package compile

import (
	"math"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/plan"
)

// PreloadStatement is the text of a query for the related rows of a list of owners.
type PreloadStatement struct {
	Statement
	KeyArgs []int // the places of Args that the keys' arguments take
	Width   int   // columns of the result; beyond the query's outputs they are the plan's own

	// How a row tells its owner: by its key, or by the position of the key in the list.
	KeyColumns []int // the columns that hold the owner's key; none: it tells the position
	OrdColumn  int   // the column that holds the position; -1: none
	First      int64 // the position of the first key

	// How a row of a tree tells the row of the tree above it.
	UpColumn    int // the first of the columns that hold that row's primary key; 0: no tree
	LevelColumn int // the column that holds the row's level, counted from 1; 0: none
}

// The names of the columns that a limit for each owner adds, but for what sets them apart.
const (
	rowNumber = "row#"
	keyNumber = "key#"
)

// keyArg stands in Args for an argument made of the owners' keys.
type keyArg struct{}

// keyRows are the owners' keys as a FROM item.
type keyRows struct {
	dialect.KeySource
	args []any // what it has arguments of; nil: the keys
	told bool  // a row tells the key itself: Ord lists the columns
}

// tells notes that a row tells its owner by the columns from the first on.
func (k keyRows) tells(f *PreloadStatement, first int) {
	if !k.told {
		f.OrdColumn, f.Width = first, first+1
		return
	}
	f.Width = first + len(k.Columns)
	for c := first; c < f.Width; c++ {
		f.KeyColumns = append(f.KeyColumns, c)
	}
}

// Preload writes the query for the rows of a preload. types says what is known of the owner's key columns.
func Preload(q *plan.Query, d dialect.Dialect, types []dialect.KeyType) (PreloadStatement, error) {
	w := newWriter(d)
	f := PreloadStatement{OrdColumn: -1}
	if member, ok := w.membership(q, types); ok {
		w.member(q, dialect.Fragment{SQL: member}, &f)
	} else {
		source := keyRows{KeySource: d.KeySource(q.ForOwners.Keys, types)}
		f.First = source.First
		if q.ForOwners.Tree != nil {
			w.tree(q, source, types, &f)
		} else {
			w.byKeys(q, source, &f)
		}
	}
	for i, a := range w.args {
		if _, ok := a.(keyArg); ok {
			f.KeyArgs = append(f.KeyArgs, i)
		}
	}
	var err error
	f.Statement, err = w.statement()
	return f, err
}

// membership returns the test of the key column against all keys, where rows are found by that alone.
func (w *writer) membership(q *plan.Query, types []dialect.KeyType) (string, bool) {
	if len(types) != 1 || q.Limit >= 0 || q.Offset >= 0 || q.ForOwners.Among || q.ForOwners.Tree != nil {
		return "", false
	}
	return w.d.KeyMember(types[0])
}

// byKeys writes a statement that joins the list of keys.
func (w *writer) byKeys(q *plan.Query, source keyRows, f *PreloadStatement) {
	switch {
	case q.Limit < 0 && q.Offset < 0:
		w.ordinal(q, source, f)
	case w.d.Features().Lateral:
		w.lateral(q, source, f)
	default:
		w.ranked(q, source, f)
	}
}

// member writes a statement in which the key column is tested against all keys: equal keys are equal in Go.
func (w *writer) member(q *plan.Query, test dialect.Fragment, f *PreloadStatement) {
	key := q.ForOwners.Key[0]
	w.outputs(q)
	f.Width = len(q.Outputs)
	if c := q.Held(key); c >= 0 {
		f.KeyColumns = []int{c}
	} else {
		w.sql(", ")
		w.ref(key)
		f.KeyColumns = []int{f.Width}
		f.Width++
	}
	w.sql(" FROM ")
	w.base(q)
	w.links(q.ForOwners)
	w.joined(q)
	w.sql(" WHERE ")
	w.ref(key)
	w.sql(" ")
	w.keys(test)
	w.where(" AND ", q.Where)
	w.order(q)
	w.lock(q)
}

// keys writes a fragment whose arguments are the owners' keys, unless it has its own.
func (w *writer) keys(f dialect.Fragment) {
	if f.Args == nil {
		f.Args = slices.Repeat([]any{keyArg{}}, strings.Count(f.SQL, "?")) // at least as many as there are placeholders
	}
	w.fragment(f)
}

// links joins the tables between the related rows and their owners.
func (w *writer) links(f *plan.ForOwners) {
	for _, l := range f.Links {
		w.sql(" JOIN ")
		w.stepTable(l.Step, l.Alias, l.Rules)
		w.sql(" ON ")
		w.linkPairs(l)
		w.where(" AND ", l.Rules)
	}
}

func (w *writer) linkPairs(l *plan.Link) {
	if len(l.On) == 0 {
		w.constant(true)
	}
	w.list(len(l.On), " AND ", func(i int) {
		link, prev := func() { w.column(l.Alias, l.On[i].Column) }, func() { w.column(l.On[i].Prev, l.On[i].PrevOn) }
		if l.On[i].Key == "" {
			w.matched(graph.Spelling{}, link, " = ", prev)
			return
		}
		w.matched(l.On[i].Spelling, prev, " = ", link) // the key of the last table has the index
	})
}

// ordinal writes a statement that joins the list of keys, so that the database decides which are equal.
func (w *writer) ordinal(q *plan.Query, s keyRows, f *PreloadStatement) {
	w.outputs(q)
	w.sql(", " + s.Ord)
	s.tells(f, len(q.Outputs))
	w.fromKeys(q, s)
	w.joined(q)
	w.where(" WHERE ", q.Where)
	if len(q.OrderBy) > 0 {
		w.sql(" ORDER BY ")
		if first := q.OrderBy[0]; first.Expr == nil && first.Output == "" {
			w.sql(s.Sort)
		}
		w.orderTerms(q.OrderBy, w.output)
	}
	w.lock(q)
}

// fromKeys writes FROM the keys, the links and the related table, in the order in which rows are found.
func (w *writer) fromKeys(q *plan.Query, s keyRows) {
	w.sql(" FROM ")
	w.keys(dialect.Fragment{SQL: s.From, Args: s.args})
	links := q.ForOwners.Links
	if len(links) == 0 || q.ForOwners.Among {
		w.sql(" JOIN ")
		w.base(q)
		w.sql(" ON ")
		w.reachedByKey(q, s)
		return
	}
	w.sql(" JOIN ")
	w.fromLinks(links, func() {
		w.sql(" ON ")
		w.keyPairs(q, s)
		w.where(" AND ", links[len(links)-1].Rules)
	})
	w.sql(" JOIN ")
	w.base(q)
	w.sql(" ON ")
	w.linkPairs(links[0])
}

// fromLinks writes the tables between the owners and the related table, from the owners' side; on follows the first.
func (w *writer) fromLinks(links []*plan.Link, on func()) {
	last := len(links) - 1
	w.stepTable(links[last].Step, links[last].Alias, links[last].Rules)
	on()
	for i := last; i > 0; i-- {
		w.sql(" JOIN ")
		w.stepTable(links[i-1].Step, links[i-1].Alias, links[i-1].Rules)
		w.sql(" ON ")
		w.linkPairs(links[i])
		w.where(" AND ", links[i-1].Rules)
	}
}

func (w *writer) keyPairs(q *plan.Query, s keyRows) {
	w.list(len(q.ForOwners.Key), " AND ", func(i int) {
		w.ref(q.ForOwners.Key[i])
		w.sql(" = " + s.Columns[i])
	})
}

// reachedByKey writes that a related row, which no link was joined to, is one that the key leads to.
func (w *writer) reachedByKey(q *plan.Query, s keyRows) {
	if !q.ForOwners.Among {
		w.keyPairs(q, s)
		return
	}
	r, links := q.ForOwners.Relation, q.ForOwners.Links
	if q.ForOwners.Along {
		w.sql("EXISTS (SELECT 1 FROM ")
		w.fromLinks(links, func() {})
		w.sql(" WHERE ")
		w.keyPairs(q, s)
		w.sql(" AND ")
		w.linkPairs(links[0])
		w.where(" AND ", q.ForOwners.Inside)
		w.sql(")")
		return
	}
	w.among(r.Matched(len(r.Steps)-1), q.Base.Alias, links[0].Alias, func() {
		w.fromLinks(links, func() {})
		w.sql(" WHERE ")
		w.keyPairs(q, s)
		w.where(" AND ", links[len(links)-1].Rules)
	})
}

// lateral writes a statement for a limited number of rows for each key: for each, the database finds just those.
func (w *writer) lateral(q *plan.Query, s keyRows, f *PreloadStatement) {
	w.sql("SELECT ")
	w.ident(q.ForOwners.Limited)
	w.sql(".*, " + s.Ord + " FROM ")
	w.keys(dialect.Fragment{SQL: s.From, Args: s.args})
	w.sql(" CROSS JOIN LATERAL (")
	w.outputs(q)
	number := rowNumber + q.Apart()
	w.rank(q, number, "")
	w.sql(" FROM ")
	w.base(q)
	if !q.ForOwners.Among {
		w.links(q.ForOwners)
	}
	w.joined(q)
	w.sql(" WHERE ")
	w.reachedByKey(q, s)
	w.where(" AND ", q.Where)
	w.order(q)
	w.limit(q)
	w.sql(") AS ")
	w.ident(q.ForOwners.Limited)
	w.sql(" ORDER BY " + s.Ord + ", ")
	w.column(q.ForOwners.Limited, number)
	s.tells(f, len(q.Outputs)+1)
}

// ranked writes the same for databases without LATERAL: all rows are numbered, and those within the limit kept.
func (w *writer) ranked(q *plan.Query, s keyRows, f *PreloadStatement) {
	w.sql("SELECT ")
	w.ident(q.ForOwners.Limited)
	w.sql(".* FROM (")
	w.outputs(q)
	w.sql(", " + s.Ord + " AS ")
	number, key := rowNumber+q.Apart(), keyNumber+q.Apart()
	w.ident(key)
	w.rank(q, number, s.Ord)
	w.fromKeys(q, s)
	w.joined(q)
	w.where(" WHERE ", q.Where)
	first, last := max(q.Offset, 0), int64(math.MaxInt64)
	if q.Limit >= 0 && q.Limit <= last-first {
		last = first + q.Limit
	}
	w.sql(") AS ")
	w.ident(q.ForOwners.Limited)
	w.sql(" WHERE ")
	w.column(q.ForOwners.Limited, number)
	w.sql(" > ")
	w.number(first)
	w.sql(" AND ")
	w.column(q.ForOwners.Limited, number)
	w.sql(" <= ")
	w.number(last)
	w.sql(" ORDER BY ")
	w.column(q.ForOwners.Limited, key)
	w.sql(", ")
	w.column(q.ForOwners.Limited, number)
	f.OrdColumn, f.Width = len(q.Outputs), len(q.Outputs)+2
}

// rank numbers the rows, in a column of that name, in the query's order, so that the order survives the statement around it.
func (w *writer) rank(q *plan.Query, name, partition string) {
	w.sql(", row_number() OVER (")
	if partition != "" {
		w.sql("PARTITION BY " + partition)
	}
	if len(q.OrderBy) > 0 {
		if partition != "" {
			w.sql(" ")
		}
		w.sql("ORDER BY ")
		// Inside OVER a name is a column's, not that of a value which the same SELECT makes.
		w.orderTerms(q.OrderBy, func(o plan.Order) { w.expr(o.Value) })
	}
	w.sql(") AS ")
	w.ident(name)
}
