package compile

import (
	"slices"
	"strconv"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/plan"
)

// Input of this file: a query and those of its preloads. Output: one statement, in which each is a common table expression that is read
// once, and finds its owners in another.

// Part is a query whose rows come with those of others in one result. The first is that of the root.
type Part struct {
	Query     *plan.Query
	Owners    int               // the part whose rows are the owners, which comes before
	Keys      []int             // the columns there that hold their keys
	Constants []PartConstant    // what the owners that the relation is about have
	Types     []dialect.KeyType // of their keys, which are equal in Go where they are in the database
}

// PartConstant is a column of a part, and the value that it has.
type PartConstant struct {
	Column int
	Value  any
}

// PartRows is how the rows of a part are read.
type PartRows struct {
	PreloadStatement // which has no text
	Names            []string
}

// The columns of the result of several parts: the number of the part, the place of the row among the part's, and the row as one value.
const (
	PartColumn = iota
	PlaceColumn
	RowColumn
)

// Together writes the parts as one statement. ok is false where one of them has a name of its own that is that of a part.
func Together(parts []Part, d dialect.Dialect) (stmt Statement, rows []PartRows, ok bool, err error) {
	w := newWriter(d)
	rows, ok = make([]PartRows, len(parts)), true
	w.sql("WITH ")
	w.list(len(parts), ", ", func(i int) {
		w.ident(partName(i))
		before := len(w.b)
		rows[i].PreloadStatement = w.part(parts[i])
		body := string(w.b[before:])
		ok = ok && strings.Count(body, partPrefix) == min(i, 1) // that of its owners
		w.b = w.b[:before]
		w.sql("(")
		w.partColumns(rows[i].Width)
		w.sql(") AS ")
		if slices.ContainsFunc(parts[i+1:], func(p Part) bool { return p.Owners == i }) {
			w.sql("MATERIALIZED ")
		}
		w.sql("(" + body + ")")
		rows[i].Names = make([]string, rows[i].Width)
		for c, o := range parts[i].Query.Outputs {
			rows[i].Names[c] = outputName(o)
		}
	})
	w.list(len(parts), " UNION ALL", func(i int) {
		w.sql(" SELECT ")
		w.number(int64(i))
		w.sql(", row_number() OVER (), ROW(")
		w.partColumns(rows[i].Width)
		w.sql(") FROM ")
		w.ident(partName(i))
	})
	stmt, err = w.statement()
	return stmt, rows, ok, err
}

const partPrefix = "rows#"

func partName(i int) string { return partPrefix + strconv.Itoa(i) }

func partColumn(c int) string { return "c" + strconv.Itoa(c+1) }

func (w *writer) partColumns(n int) {
	w.list(n, ", ", func(c int) { w.ident(partColumn(c)) })
}

// part writes the query of a part.
func (w *writer) part(p Part) PreloadStatement {
	q, f := p.Query, PreloadStatement{OrdColumn: -1}
	if q.ForOwners == nil {
		w.query(q)
		f.Width = max(len(q.Outputs), 1) // a table without columns is selected as 1
		return f
	}
	if member, ok := w.membership(q, p.Types); ok {
		keys := w.ownerKeys(p, "")
		keys.SQL = strings.Replace(member, "?", "ARRAY("+keys.SQL+")", 1)
		w.member(q, keys, &f)
		return f
	}
	keys := w.ownerKeys(p, "DISTINCT ")
	s := keyRows{args: keys.Args, told: true}
	alias := string(w.d.AppendIdent(nil, q.ForOwners.Keys))
	names := make([]string, len(p.Keys))
	for i := range p.Keys {
		names[i] = string(w.d.AppendIdent(nil, q.ForOwners.Keys+strconv.Itoa(i+1)))
		s.Columns = append(s.Columns, alias+"."+names[i])
	}
	s.From = "(" + keys.SQL + ") AS " + alias + "(" + strings.Join(names, ", ") + ")"
	s.Ord = strings.Join(s.Columns, ", ")
	w.byKeys(q, s, &f)
	return f
}

// ownerKeys returns the query for the keys of a part's owners. Its arguments are not nil.
func (w *writer) ownerKeys(p Part, distinct string) dialect.Fragment {
	column := func(c int) string { return string(w.d.AppendIdent(nil, partColumn(c))) }
	keys, conditions, args := make([]string, len(p.Keys)), make([]string, len(p.Constants)), make([]any, len(p.Constants))
	for i, c := range p.Keys {
		keys[i] = column(c)
	}
	for i, c := range p.Constants {
		conditions[i], args[i] = column(c.Column)+" = ?", c.Value
	}
	sql := "SELECT " + distinct + strings.Join(keys, ", ") + " FROM " + string(w.d.AppendIdent(nil, partName(p.Owners)))
	if len(conditions) > 0 {
		sql += " WHERE " + strings.Join(conditions, " AND ")
	}
	return dialect.Fragment{SQL: sql, Args: args}
}
