package compile

import (
	"slices"
	"strconv"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/plan"
)

// The names of the columns of a tree's rows, but for what sets them apart. No SQL text of the caller's means one of them without quotes.
const (
	treeRow   = "row#" // its primary key, numbered
	treeKey   = "key#" // the columns that the rows below it match, numbered
	treeUp    = "up#"  // the primary key of the row above, numbered; its own directly below an owner
	treeOrd   = "ord#" // directly below an owner the position of the owner's key, else notBelowOwner
	treeLevel = "level#"
	treeLink  = "link#" // the primary key of the row of the join table, numbered, where that is loaded with it
)

// notBelowOwner is a position that no key has.
const notBelowOwner = "-1"

// treeWriter writes the statement for the rows below a list of owners, of the rows below those, and so on.
type treeWriter struct {
	*writer
	q     *plan.Query
	types []dialect.KeyType
	apart string // what the names of the columns end in
}

// tree writes the statement of a tree. Its rows are found by their keys alone, each with the row above it: a row that is found
// again, because rows form a cycle, adds nothing. Where the rows of the join table are loaded too, it comes once for each. With a depth a row's level is part of it, and the depth ends a cycle. The
// database compares all keys. The columns are selected at the end, for each row that was found.
func (w *writer) tree(q *plan.Query, s keyRows, types []dialect.KeyType, f *PreloadStatement) {
	t := treeWriter{w, q, types, q.Apart()}
	w.sql("WITH RECURSIVE ")
	w.ident(q.ForOwners.Found)
	w.sql("(")
	t.columns(w.ident)
	w.sql(") AS (")
	t.first(s)
	w.sql(" UNION ")
	t.next()
	w.sql(") ")
	w.outputs(q)
	up := func(name string) { w.sql(", "); w.column(q.ForOwners.Found, name) }
	f.UpColumn, f.OrdColumn = len(q.Outputs), len(q.Outputs)+t.keyLen()
	for i := range t.keyLen() {
		up(t.numbered(treeUp, i))
	}
	up(treeOrd + t.apart)
	f.Width = f.OrdColumn + 1
	if q.ForOwners.Tree.Depth > 0 {
		up(treeLevel + t.apart)
		f.LevelColumn = f.Width
		f.Width++
	}
	w.sql(" FROM ")
	w.ident(q.ForOwners.Found)
	w.sql(" JOIN ")
	w.base(q)
	w.sql(" ON ")
	w.list(t.keyLen(), " AND ", func(i int) {
		w.column(q.Base.Alias, q.Base.Table.PrimaryKey[i])
		w.sql(" = ")
		w.column(q.ForOwners.Found, t.numbered(treeRow, i))
	})
	for _, e := range q.Base.Fixed(q.Where) {
		w.sql(" AND ")
		w.expr(e)
	}
	if key := t.linkKey(); len(key) > 0 {
		link := q.Base.Link
		w.sql(" JOIN ")
		w.table(link.Table, link.Alias)
		w.sql(" ON ")
		w.list(len(key), " AND ", func(i int) {
			w.column(link.Alias, key[i])
			w.sql(" = ")
			w.column(q.ForOwners.Found, t.numbered(treeLink, i))
		})
		for _, l := range q.ForOwners.Links {
			for _, e := range link.Fixed(l.Rules) {
				w.sql(" AND ")
				w.expr(e)
			}
		}
	}
	w.joins(slices.DeleteFunc(slices.Clone(q.Bindings[1:]), func(b *plan.Binding) bool { return b.Varies })) // named where it was found
	w.order(q)
}

func (t treeWriter) keyLen() int { return len(t.q.Base.Table.PrimaryKey) }

// linkKey returns the primary key of the join table, where its rows are loaded with those of the tree.
func (t treeWriter) linkKey() []string {
	if !t.q.ForOwners.Relation.Linked {
		return nil
	}
	return t.q.Base.Link.Table.PrimaryKey
}

func numbered(name string, i int) string { return name + strconv.Itoa(i+1) }

func (t treeWriter) numbered(name string, i int) string { return numbered(name, i) + t.apart }

// columns calls write with the names of the columns of a tree's rows.
func (t treeWriter) columns(write func(name string)) {
	var names []string
	for i := range t.keyLen() {
		names = append(names, t.numbered(treeRow, i))
	}
	for i := range t.types {
		names = append(names, t.numbered(treeKey, i))
	}
	for i := range t.keyLen() {
		names = append(names, t.numbered(treeUp, i))
	}
	names = append(names, treeOrd+t.apart)
	if t.q.ForOwners.Tree.Depth > 0 {
		names = append(names, treeLevel+t.apart)
	}
	for i := range t.linkKey() {
		names = append(names, t.numbered(treeLink, i))
	}
	t.list(len(names), ", ", func(i int) { write(names[i]) })
}

// first writes the rows directly below the owners.
func (t treeWriter) first(s keyRows) {
	t.found(func(i int) { t.column(t.q.Base.Alias, t.q.Base.Table.PrimaryKey[i]) }, s.Ord, func() { t.sql("1") })
	t.fromKeys(t.q, s)
	t.joins(t.q.Bindings[1:])
	t.where(" WHERE ", t.q.Where)
}

// next writes the rows directly below those found before.
func (t treeWriter) next() {
	above := t.q.ForOwners.Found
	t.found(func(i int) { t.column(above, t.numbered(treeRow, i)) }, notBelowOwner, func() {
		t.column(above, treeLevel+t.apart)
		t.sql(" + 1")
	})
	s := dialect.KeySource{From: string(t.d.AppendIdent(nil, above)), Columns: make([]string, len(t.types))}
	for i, typ := range t.types {
		s.Columns[i] = s.From + "." + string(t.d.AppendIdent(nil, t.numbered(treeKey, i)))
		if typ.Collation != "" {
			s.Columns[i] += " COLLATE " + typ.Collation
		}
	}
	t.fromKeys(t.q, keyRows{KeySource: s})
	t.joins(t.q.Bindings[1:])
	keyword := " WHERE "
	if depth := t.q.ForOwners.Tree.Depth; depth > 0 {
		t.sql(keyword)
		t.column(above, treeLevel+t.apart)
		t.sql(" < ")
		t.number(int64(depth))
		keyword = " AND "
	}
	t.where(keyword, t.q.Where)
}

// found writes the columns of a row that is found, which differ in what is above it.
func (t treeWriter) found(up func(i int), ord string, level func()) {
	base := t.q.Base
	t.sql("SELECT ")
	t.list(t.keyLen(), ", ", func(i int) { t.column(base.Alias, base.Table.PrimaryKey[i]) })
	t.sql(", ")
	_, on := t.q.ForOwners.Relation.Sent()
	t.list(len(on), ", ", func(i int) { t.spelledFrom(on[i].Spelling, func() { t.column(base.Alias, on[i].From) }) })
	t.sql(", ")
	t.list(t.keyLen(), ", ", up)
	t.sql(", " + ord)
	if t.q.ForOwners.Tree.Depth > 0 {
		t.sql(", ")
		level()
	}
	for _, c := range t.linkKey() {
		t.sql(", ")
		t.column(base.Link.Alias, c)
	}
}
