package plan

import (
	"cmp"
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
	"github.com/dovetail-go/dovetail/internal/sqltext"
)

// Input of this file: a planned query, and a name that the database could not resolve in it. Bare words of SQL text are the
// database's to resolve; when it cannot, what they could have meant is found here.

// Advice says what to write for the name that the database could not resolve; empty: nothing is known of it.
func (q *Query) Advice(f dialect.Failure) string {
	a := &adviser{}
	a.query(q)
	row, word := "", f.Name
	if dot := strings.LastIndexByte(f.Name, '.'); dot >= 0 {
		row, word = f.Name[:dot], f.Name[dot+1:]
	}
	switch {
	case f.Kind == dialect.FailureTable:
		return cmp.Or(a.table(word), a.nearRow(word))
	case row != "" && f.Kind == dialect.FailureColumn:
		if advice := a.missing(row, word); advice != "" {
			return advice
		}
		return cmp.Or(a.table(row), a.nearRow(row))
	}
	for _, t := range a.texts {
		if !t.text.SQL.Has(word) {
			continue
		}
		if advice := t.scope.meant(word, t.text, f.Kind == dialect.FailureAmbiguous); advice != "" {
			return advice
		}
	}
	return cmp.Or(a.missing("", word), a.nearColumn(word))
}

// adviser gathers the caller's texts of a query, each with the scope that it stands in.
type adviser struct {
	texts  []textIn
	scopes []*Scope
}

type textIn struct {
	scope *Scope
	text  *Text
}

func (a *adviser) query(q *Query) {
	a.scope(q.Scope)
	for _, o := range q.Outputs {
		a.exprs(q.Scope, o.Expr)
	}
	a.exprs(q.Scope, q.Where...)
	a.exprs(q.Scope, q.Having...)
	for _, o := range q.OrderBy {
		if o.Expr != nil {
			a.exprs(q.Scope, o.Expr)
		}
	}
	for _, c := range q.Set {
		a.exprs(q.Scope, c.Expr)
	}
}

// scope gathers the texts in the conditions of a scope's bindings. Their own row is the binding's.
func (a *adviser) scope(s *Scope) {
	a.scopes = append(a.scopes, s)
	for _, b := range s.Bindings {
		own := *s
		own.Base, own.outer, own.given = b, s, nil
		a.exprs(&own, slices.Concat(b.Rules...)...)
		a.exprs(&own, b.On...)
		for _, of := range b.scopes() {
			a.scope(of)
		}
	}
	a.exprs(s, s.Where...)
}

func (a *adviser) exprs(s *Scope, exprs ...Expr) {
	for _, e := range exprs {
		switch e := e.(type) {
		case *Text:
			a.texts = append(a.texts, textIn{s, e})
			for _, arg := range e.Args {
				if nested, ok := arg.(Expr); ok {
					a.exprs(s, nested)
				}
			}
		case And:
			a.exprs(s, e...)
		case Or:
			a.exprs(s, e...)
		case *Not:
			a.exprs(s, e.Expr)
		case *NotTrue:
			a.exprs(s, e.Expr)
		case *Exists:
			for _, of := range e.scopes() {
				a.scope(of)
			}
		case *First:
			a.scope(e.Sub)
		case *Aggregate:
			a.scope(e.Sub)
			a.exprs(e.Sub, e.Col.Value)
		case *InQuery:
			a.exprs(s, e.Query)
		case *Subquery:
			a.query(e.Query)
		}
	}
}

// named returns the name of the table's column that an unquoted word names: databases fold it or do not mind its case. It is empty where
// there is none.
func named(t *graph.Table, word string) (column string) {
	for c := range t.Stored() {
		switch {
		case c.Name == word:
			return word
		case column == "" && strings.EqualFold(c.Name, word):
			column = c.Name
		}
	}
	return column
}

// hasWord reports whether the table has the column that an unquoted word names.
func hasWord(t *graph.Table, word string) bool { return named(t, word) != "" }

// meant says what a bare word of SQL text could mean in the scope. A word that is ambiguous has a column in two of the tables
// here; any other in none of them, so it may be one of a row around or along a relation.
func (s *Scope) meant(word string, t *Text, ambiguous bool) string {
	var ways []string
	add := func(prefix string, of *graph.Table, what string) {
		if way := graph.Textf("%q for %s", dotted(prefix, named(of, word)), what); !slices.Contains(ways, way) {
			ways = append(ways, way)
		}
	}
	if v := s.wordValue(word); v != nil && t.SQL.Select {
		return graph.Textf("%q is selected by the query, and text with a SELECT of its own cannot name it; compare outside of that SELECT", word)
	}
	if ambiguous {
		s.wordsHere(word, add)
	} else {
		s.wordsElsewhere(word, add)
	}
	if len(ways) == 0 {
		if computed(s.Base.Table, word) {
			return graph.Textf("%q is a computed field of %q, which nothing fills here; select it with With(….As(%q)) or Column(\"… AS %s\")",
				word, s.Base.Table.Name, word, word)
		}
		return ""
	}
	return graph.Textf("%q stands alone in SQL text; write %s", word, strings.Join(ways, ", or "))
}

// wordsHere adds the columns of the tables that stand beside each other.
func (s *Scope) wordsHere(word string, add func(prefix string, of *graph.Table, what string)) {
	own := graph.SelfName
	if hasWord(s.Base.Table, word) {
		add(own, s.Base.Table, graph.Textf("the column of %q", s.Base.Table.Name))
	}
	if s.excluded != nil && hasWord(s.Base.Table, word) {
		add(ExcludedName, s.Base.Table, "that of the row to be inserted")
	}
	if s.Base.Link != nil && hasWord(s.Base.Link.Table, word) {
		add(graph.LinkName, s.Base.Link.Table, graph.Textf("that of the join table %q", s.Base.Link.Table.Name))
	}
	for _, b := range s.Bindings {
		switch {
		case b == s.Base:
		case b.Path == "":
			if hasWord(b.Table, word) {
				add(graph.OuterName, b.Table, graph.Textf("that of %q", b.Table.Name))
			}
		case hasWord(b.Table, word):
			add(b.Path, b.Table, graph.Textf("that of %q", b.Table.Name))
		}
		if b != s.Base && b.Link != nil && hasWord(b.Link.Table, word) {
			add(b.Path+"."+graph.LinkName, b.Link.Table, graph.Textf("that of the join table %q", b.Link.Table.Name))
		}
	}
}

// wordsElsewhere adds the column of the own row that the database does not find by the word, as it folds that, and those of rows around, and along the relations of the own row.
func (s *Scope) wordsElsewhere(word string, add func(prefix string, of *graph.Table, what string)) {
	if own := named(s.Base.Table, word); own != "" && own != strings.ToLower(own) {
		add(graph.SelfName, s.Base.Table, graph.Textf("the column of %q, whose name has capital letters", s.Base.Table.Name))
	}
	prefix := graph.OuterName
	for o := s.outer; o != nil; o = o.outer {
		if hasWord(o.Base.Table, word) && o.Base != s.Base {
			add(prefix, o.Base.Table, graph.Textf("the column of %q", o.Base.Table.Name))
		}
		prefix += "." + graph.OuterName
	}
	for _, r := range s.Base.Table.Relations() {
		if r.Related == nil || !hasWord(r.Related, word) || r.Cardinality == graph.Many {
			continue
		}
		add(r.Name, r.Related, graph.Textf("the column of %q", r.Related.Name))
	}
}

// missing says that a declared column is not in the database. Without an alias it is one of the rows that the query is about.
func (a *adviser) missing(alias, column string) string {
	for _, s := range a.scopes {
		for _, b := range s.Bindings {
			if _, ok := b.Table.Column(column); !ok || alias != "" && alias != b.Alias || alias == "" && b != s.Base {
				continue
			}
			return graph.Textf("%s is declared to have column %q in table %q, and the database has none; add it there, or tag the field "+
				"`db:\"%s,computed\"` if a query fills it, `db:\"-\"` if nothing does", b.Table.GoType, column, b.Table.Name, column)
		}
	}
	return ""
}

// table says how the rows are named of a table whose name the statement does not have.
func (a *adviser) table(name string) string {
	var ways []string
	add := func(path string) {
		if way := graph.Textf("%q", path+".column"); !slices.Contains(ways, way) {
			ways = append(ways, way)
		}
	}
	for _, s := range a.scopes {
		for _, b := range s.Bindings {
			if strings.EqualFold(b.Table.Name, name) && b.Path != "" {
				add(b.Path)
			}
			if b.Link != nil && strings.EqualFold(b.Link.Table.Name, name) {
				add(dotted(b.Path, graph.LinkName))
			}
		}
		for _, r := range s.Base.Table.Relations() {
			if r.Related != nil && strings.EqualFold(r.Related.Name, name) && r.Cardinality == graph.One {
				add(dotted(s.Base.Path, r.Name))
			}
		}
	}
	if len(ways) == 0 {
		return ""
	}
	return graph.Textf("in SQL text the rows of table %q are named by their path: %s", name, strings.Join(ways, ", or "))
}

// nearRow names the row that was probably meant by what SQL text has in front of a column.
func (a *adviser) nearRow(row string) string {
	for _, t := range a.texts {
		of := func(p sqltext.Piece) bool { return len(p.Path) > 1 && strings.EqualFold(p.Path[0], row) }
		if !slices.ContainsFunc(t.text.SQL.Pieces, of) {
			continue
		}
		names := t.scope.rowNames()
		for _, r := range t.scope.Base.Table.Relations() {
			names = append(names, r.Name)
		}
		if best := graph.Nearest(row, names); best != "" {
			return graph.Textf("did you mean %q?", best)
		}
	}
	return ""
}

// nearColumn names the column, or the value of the query, that was probably meant by a bare word of SQL text.
func (a *adviser) nearColumn(word string) string {
	for _, t := range a.texts {
		if !t.text.SQL.Has(word) {
			continue
		}
		var names []string
		for c := range t.scope.Base.Table.Stored() {
			names = append(names, c.Name)
		}
		if best := graph.Nearest(word, append(names, t.scope.values.names()...)); best != "" {
			return graph.Textf("did you mean %q?", best)
		}
	}
	return ""
}

// At returns the query whose rows a path of preloads leads to, nil if there is none.
func (q *Query) At(path string) *Query {
	if path == "" {
		return q
	}
	return at(q.Preloads, path)
}

func at(preloads []*Preload, path string) *Query {
	for _, p := range preloads {
		if p.Path == path {
			return p.Query
		}
		if strings.HasPrefix(path, p.Path+".") {
			if found := at(p.Next(), path); found != nil {
				return found
			}
		}
	}
	return nil
}

// joinedAfter is the error of an ON clause that names what is joined by its own rows.
func joinedAfter(path string, base *Binding) error {
	if base.Left {
		return graph.Problemf(graph.ErrUnknownRelation, "path %q is joined after %q, whose ON clause cannot name it; give LeftJoin(%q) a Has along it. "+
			"In Where the condition would leave out the rows that have no %q", path, base.Path, base.Path, base.Path)
	}
	return graph.Problemf(graph.ErrUnknownRelation, "path %q is joined after %q, whose ON clause cannot name it; put the condition into Where, or use "+
		"Has", path, base.Path)
}

// notJoined is the error of a path that has to be joined before it is named.
func notJoined(path string, optional bool) error {
	if optional {
		return graph.Problemf(graph.ErrUnknownRelation, "path %q is not joined here; LeftJoin(%q) before it is named, as rows may have none, or "+
			"Join(%q) to leave those out", path, path, path)
	}
	return graph.Problemf(graph.ErrUnknownRelation, "path %q is not joined here; Join(%q) before it is named", path, path)
}
