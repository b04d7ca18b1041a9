package plan

import (
	"slices"
	"strings"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/graph"
)

// Rules are what was declared of tables and relations beside their keys: conditions that hold wherever they are named, and
// orders. It is not changed once queries use it.
type Rules struct {
	Tables    map[*graph.Table][]Default // the default conditions of a table's rows
	Relations map[*graph.Relation]Rule

	// Fits returns what returns a value that is not NULL as it is to be sent for a column, or says why its field cannot hold it, as a
	// sentence about the value goes on.
	Fits func(t *graph.Table, column string, keeps dialect.Limits) func(arg any) (any, error)

	// As does the same for what has no field, of which a class alone is known, and which numbers it may be.
	As func(class string, of graph.Numbers, arg any, keeps dialect.Limits) (any, error)

	// DocumentAs returns a value for a column of lists or of JSON as drivers know it, whatever they know of the column.
	DocumentAs func(t *graph.Table, column string, list any) any
}

// Named returns the tables of the registry that SQL text means by a name; the schema is empty where it names none.
func (s *Scope) Named(schema, name string) (all []*graph.Table) {
	for t := range s.applied.rules.Tables {
		if t.Query == "" && strings.EqualFold(t.Name, name) && strings.EqualFold(t.Schema, schema) {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b *graph.Table) int { return strings.Compare(a.GoType, b.GoType) })
	return all
}

// Default is a default condition of a table's rows, which queries lift by its name.
type Default struct {
	Name string
	Expr Expr
}

// Rule is what was declared of a relation's rows.
type Rule struct {
	On      []Expr // in place of keys
	Where   []Expr
	OrderBy []OrderClause // of the rows that an owner has
	First   []OrderClause // by which the one row of an owner is the first of several
}

// conditions returns all that must hold of an owner and a related row beside their keys.
func (r Rule) conditions() []Expr { return slices.Concat(r.On, r.Where) }

// Check binds every rule once, so that no query finds a mistake in them. mistake is called with the table
// or relation of each.
func (m *Rules) Check(tables []*graph.Table, mistake func(*graph.Table, *graph.Relation, error)) {
	for _, t := range tables {
		for _, d := range m.Tables[t] {
			for _, err := range m.checkConditions(t, nil, []Expr{d.Expr}) {
				mistake(t, nil, &PathError{Method: graph.Textf("Scope(%q)", d.Name), Err: err})
			}
		}
		for _, r := range t.Relations() {
			rule := m.Relations[r]
			for _, err := range m.checkConditions(r.Related, r, rule.On) {
				mistake(t, r, &PathError{Method: "On", Err: err})
			}
			for _, err := range m.checkConditions(r.Related, r, rule.Where) {
				mistake(t, r, &PathError{Method: "Where", Err: err})
			}
			for _, c := range slices.Concat(rule.OrderBy, rule.First) {
				if err := m.checkOrder(r, c); err != nil {
					mistake(t, r, &PathError{Method: "OrderBy", Err: err})
				}
			}
		}
	}
}

// scope returns one in which nothing but the table's rows, and the links to them by which a relation leads there, can be named.
func (m *Rules) scope(t *graph.Table, along *graph.Relation, r *appliedRules) *Scope {
	base := &Binding{Table: t}
	if along != nil && along.Link != nil {
		base.Link = base.linkedBy(along, "")
	}
	return newScope(base, newAliases(dialect.Features{}, nil), r)
}

// checkConditions returns the mistakes of conditions declared of the table's rows, or of those that a relation leads to; nil: none.
func (m *Rules) checkConditions(t *graph.Table, along *graph.Relation, exprs []Expr) []error {
	var errs []error
	for _, e := range exprs {
		s := m.scope(t, along, &appliedRules{rules: m})
		var around *Binding
		if along != nil {
			around = &Binding{Table: along.Owner}
		}
		if _, err := s.declared(s.Base, around, []Expr{e}); err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

// checkOrder returns the mistake of one term of an order declared of the relation's rows.
func (m *Rules) checkOrder(r *graph.Relation, c OrderClause) error {
	terms, err := m.scope(r.Related, r, (&appliedRules{rules: m}).inside()).order([]OrderClause{c})
	if err == nil && terms[0].Output != "" {
		return graph.Problemf(graph.ErrUnknownColumn, "%q is a computed field, which only a query that fills it can order by", c.Name)
	}
	return err
}

// appliedRules are the rules as one statement applies it.
type appliedRules struct {
	rules   *Rules
	lifted  []Lift   // the default conditions that do not apply, by paths from the statement's root
	depth   int      // of declared conditions: those of the rows that a declared condition tests are one deeper
	at      string   // the query: a preload's path, empty of the root
	lifting *lifting // where it is noted what is lifted; nil: nowhere
	prefix  string   // of the aliases inside a declared condition, so that the query's own paths keep theirs; empty: outside
}

// inside returns what applies inside a declared condition. Nothing is lifted there: the paths are not the query's.
func (r *appliedRules) inside() *appliedRules {
	return &appliedRules{rules: r.rules, depth: r.depth + 1, prefix: "#"}
}

// maxRules is how deep conditions may lead to further ones: deeper, they lead back to themselves.
const maxRules = 16

// defaults binds the default conditions of the table of at, which the paths lead to: those that are lifted at none of them.
func (s *Scope) defaults(at *Binding, paths ...string) ([]Expr, error) {
	var exprs []Expr
	for _, d := range s.applied.rules.Tables[at.Table] {
		lifted := false
		for _, path := range paths {
			lifted = s.applied.lifts(path, d.Name) || lifted
			if l := s.applied.lifting; l != nil {
				l.paths = append(l.paths, dotted(s.applied.at, path))
			}
		}
		if !lifted {
			exprs = append(exprs, d.Expr)
		}
	}
	return s.declared(at, nil, exprs)
}

// declared binds conditions that were declared of the rows of at: the names in them are its own columns, and those of the row
// that owns it, if there is one.
func (s *Scope) declared(at, owner *Binding, exprs []Expr) ([]Expr, error) {
	if len(exprs) == 0 {
		return nil, nil
	}
	if s.applied.depth == maxRules {
		return nil, graph.Problemf(ErrInvalid, "the condition tests related rows whose own conditions lead back to it; leave the "+
			"relation out of one of them")
	}
	own := newScope(at, s.names, s.applied.inside())
	own.apart = true
	if owner != nil {
		own.outer = newScope(owner, s.names, own.applied)
		own.outer.apart, own.outerJoins = true, true
	}
	return own.exprs(exprs, true)
}

// aside returns the row at the end of a to-one path that starts beside declared conditions, whose statement is any that has their
// rows: nothing is joined to it, but a subquery reads the column that is named.
func (s *Scope) aside(from *Binding, relations []*graph.Relation) (*Binding, error) {
	for i, r := range relations {
		if r.Cardinality == graph.Many {
			return nil, manyRows(dotted(from.Path, dottedNames(relations[:i+1])))
		}
	}
	sub, err := s.below(from, relations)
	if err != nil {
		return nil, err
	}
	end := *sub.Base // what is named inside the subquery is the row itself
	end.Aside = sub
	return &end, nil
}

// manyRows refuses a name of many rows in a declaration, which joins none.
func manyRows(path string) error {
	return graph.Problemf(graph.ErrUnknownRelation, "path %q is to-many, and a name means one row; test for the rows by Has(%q, …), if the "+
		"path starts at the own row", path, path)
}

// First returns the order of a subquery that reads one row, in which the first is that row; several is false where there are no others.
func (s *Scope) First() (order []Order, several bool) {
	for _, b := range s.Bindings {
		several = several || !b.Relation.Sole()
		order = append(order, b.key()...)
	}
	return order, several
}

// relationRules binds what holds of the rows on the way from their owner to b: constants of its relation, default conditions of
// every table on the way, and what was declared of the relations that end there. There is a list for each step.
func (s *Scope) relationRules(b, owner *Binding) ([][]Expr, error) {
	steps := b.Relation.Steps
	conditions := make([][]Expr, len(steps))
	rows := make([]*Binding, 0, len(steps)+1) // the owner, and the row of each step
	rows = append(rows, owner)
	for i, step := range steps {
		at := b
		if i < len(b.Links) {
			at = &Binding{Path: b.Path + "#" + step.Table.Name, Alias: b.Links[i], Table: step.Table}
		}
		rows = append(rows, at)
		list := constants(at, step.OnTo)
		if i == 0 && b.Parent != nil {
			list = append(constants(b.Parent, step.OnFrom), list...)
		}
		if i+1 < len(steps) {
			list = append(list, constants(at, steps[i+1].OnFrom)...)
		}
		more, err := s.stepRules(b.Relation, rows, b.Path)
		if err != nil {
			return nil, err
		}
		conditions[i] = append(list, more...)
	}
	b.Along = slices.ContainsFunc(rows[1:len(steps)], func(at *Binding) bool { return at.Named })
	return conditions, nil
}

// stepRules binds the declared conditions of one step of a relation: of the last of the rows on the way from its owner.
func (s *Scope) stepRules(r *graph.Relation, rows []*Binding, path string) ([]Expr, error) {
	i := len(rows) - 1
	list, err := s.defaults(rows[i], path)
	if err != nil {
		return nil, err
	}
	for _, ends := range r.EndsAt(i - 1) {
		at := rows[i]
		if ends.Link != nil && at.Link == nil { // it is a part of the way, and its link the row before
			linked := *at
			linked.Link = linked.linkedBy(ends, rows[i-1].Alias)
			at = &linked
		}
		if ends.First && !rows[i].Limited {
			first, err := s.first(ends, at, rows[i-1], path, rows[0].Alias != "" && !r.Ways)
			if err != nil {
				return nil, err
			}
			list = append(list, first)
			continue
		}
		more, err := s.declared(at, rows[i-len(ends.Steps)], s.applied.rules.Relations[ends].conditions())
		if err != nil {
			return nil, err
		}
		if at != rows[i] { // what is named of the copy is named of the rows
			rows[i-1].Named, rows[i].Named = rows[i-1].Named || at.Link.Named, rows[i].Named || at.Named
		}
		list = append(list, more...)
	}
	return list, nil
}

// constants binds the constant values of columns.
func constants(at *Binding, list []graph.Constant) []Expr {
	var exprs []Expr
	for _, c := range list {
		exprs = append(exprs, &Compare{Col: Ref{Name: c.Column, Binding: at, Column: c.Column}, Op: "=", Arg: c.Value, Class: graph.ClassText})
	}
	return exprs
}

// declaredOrder returns the default order of a relation's rows by what is theirs. Rows at the end of a path, or of a relation that is
// followed again, have that of the last relation, whose links are not theirs.
func (s *Scope) declaredOrder(r *graph.Relation) []OrderClause {
	order := s.applied.rules.Relations[r].OrderBy
	if len(order) > 0 || len(r.Chain) == 0 && r.Tree == nil {
		return order
	}
	along := r.Tree
	if along == nil {
		along = r.Chain[len(r.Chain)-1]
	}
	last := s.declaredOrder(along)
	byLink := func(c OrderClause) bool { return strings.HasPrefix(c.Name, graph.LinkName+".") }
	if slices.ContainsFunc(last, byLink) {
		return nil
	}
	return last
}

// orderAt binds the order declared of the relation that leads to the rows at a binding, and joins what it names.
func (s *Scope) orderAt(at *Binding, applied *appliedRules, r *graph.Relation) ([]Order, error) {
	own := newScope(at, s.names, applied)
	terms, err := own.order(s.declaredOrder(r))
	s.Bindings = append(s.Bindings, own.Bindings[1:]...)
	return terms, err
}

// orderOnTheWay binds the orders declared of the relations of a path before its last, whose tables have the aliases. A row
// that several ways may lead to has no one place by them, and one that has an order of its own needs none.
func (s *Scope) orderOnTheWay(r *graph.Relation, aliases []string) ([]Order, error) {
	if r.Ways || len(s.applied.rules.Relations[r].OrderBy) > 0 {
		return nil, nil
	}
	var terms []Order
	for i, part := range r.Chain {
		before := len(part.Steps) - 1
		inner, err := s.orderOnTheWay(part, aliases[:before])
		if err != nil {
			return nil, err
		}
		terms = append(terms, inner...)
		if i == len(r.Chain)-1 {
			break // its rows are those that are ordered
		}
		at := &Binding{Alias: aliases[before], Table: part.Related, Relation: part, Left: true}
		if part.Link != nil {
			at.Link = at.linkedBy(part, aliases[before-1])
		}
		own, err := s.orderAt(at, s.applied.inside(), part)
		if err != nil {
			return nil, err
		}
		terms = append(terms, own...)
		aliases = aliases[before+1:]
	}
	return terms, nil
}

// matching binds conditions made for a query of the table that the base is of.
func (s *Scope) matching(e *Matching, mayJoin bool) (Expr, error) {
	if e.Table != s.Base.Table {
		return nil, graph.Problemf(ErrInvalid, "Matching: the query is about %q, a bare name means a column of %q here",
			e.Table.Name, s.Base.Table.Name)
	}
	own := *s
	own.Root, own.values, own.given, own.alone = s.Base, nil, nil, true
	exprs, err := own.exprs(e.Exprs, mayJoin)
	s.Bindings, s.borrows = own.Bindings, own.borrows // with those that its names have joined
	return And(exprs), err
}
