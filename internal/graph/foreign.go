package graph

import (
	"slices"
	"strings"
)

// ForeignKey is a key of one table that points at another, however many relations go along it. A polymorphic reference is
// none: its type column decides which table it points at.
type ForeignKey struct {
	Table      *Table // the one that holds it
	Columns    []string
	References *Table
	Referenced []string     // columns of References, one for each of Columns
	OnDelete   DeletePolicy // Unsaid: it is Logical, and a delete leaves its rows alone
	Declares   *Relation    // that declares OnDelete; nil: it goes without saying
	Logical    bool         // the database has no constraint for it
	Enforced   bool         // writes make sure that a row is there where it points
	Acyclic    bool         // writes make sure that no row of the table, which it points at itself, lies below itself
	Guard      *Relation    // that says so; nil: neither is the case
	Relations  []*Relation  // that go along it, in the order of their tables; at least one

	spelled string // the class of the key, where Columns hold it as text

	typ  *Constant // of a polymorphic reference to References; nil: the database knows the key
	uses []use     // one for each of Relations
	ways []*Way    // what a delete of a row of References does to those that point at it
}

// String names the key by its first relation, as messages have it.
func (k *ForeignKey) String() string { return k.Relations[0].String() }

// Freed returns the columns that the database makes NULL where it does so on a delete.
func (k *ForeignKey) Freed() []string { return k.Table.Freed(k.Columns) }

// Nullable reports whether a row need not point at any: one of the columns can hold NULL.
func (k *ForeignKey) Nullable() bool { return anyNullable(k.Table, k.Columns) }

// Reference is the key of a polymorphic reference: a type column and a column with a primary key.
type Reference struct {
	TypeColumn, IDColumn string
	ToOne                []*Table // as the relations lead to it that lead to its rows, if all of them are to-one

	led bool // some relation leads to its rows
}

// ForeignKeys returns the foreign keys that the table holds, also those that are declared of another struct bound to it.
func (t *Table) ForeignKeys() []*ForeignKey { return t.holds }

// Named returns what the constraint of the key is named by: its columns, and the table where they point at several.
func (k *ForeignKey) Named() []string {
	for _, o := range k.Table.holds {
		if o != k && slices.Equal(o.Columns, k.Columns) {
			return append(slices.Clone(k.Columns), k.References.Name)
		}
	}
	return k.Columns
}

// ConstraintName returns what PostgreSQL calls a constraint or an index of the table that is given no name: by its columns and its kind, such as
// "fkey". A name that is too long or taken is another.
func (t *Table) ConstraintName(kind string, columns []string) string {
	return strings.Join(slices.Concat([]string{t.Name}, columns, []string{kind}), "_")
}

// PointedAt returns the keys that point at the table: the foreign keys, and those of polymorphic references.
func (t *Table) PointedAt() []*ForeignKey { return slices.Concat(t.held, t.morphsAt) }

// ReferencedBy returns the foreign keys that point at the table, its own among them.
func (t *Table) ReferencedBy() []*ForeignKey { return t.held }

// Polymorphic returns the keys of the polymorphic references that the table holds.
func (t *Table) Polymorphic() []Reference { return t.morphs }

// Identity returns the column whose number the database makes when an insert leaves it out: the one that was declared to be so,
// else a primary key of one integer column that nothing else fills. A key that the program gives is Assigned.
func (t *Table) Identity() (*Column, bool) {
	for c := range t.Stored() {
		if c.Numbered {
			return c, true
		}
	}
	if t.Assigned || len(t.PrimaryKey) != 1 || !t.couldNumber(t.PrimaryKey[0]) {
		return nil, false
	}
	return t.Column(t.PrimaryKey[0])
}

// Unnumbered returns the columns of a primary key of several in which a zero is a number that nobody made, as far as the
// declarations tell: the database does not make it, no row is pointed at by it, and nothing says that the program gives the key.
func (t *Table) Unnumbered() []string {
	if t.Assigned || len(t.PrimaryKey) < 2 {
		return nil
	}
	if _, numbered := t.Identity(); numbered {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(t.PrimaryKey), func(c string) bool { return !t.couldNumber(c) })
}

// couldNumber reports whether a column could be one by which the database numbers rows: an integer that points at no other table,
// has no Default and is not ReadOnly.
func (t *Table) couldNumber(column string) bool {
	c, ok := t.Column(column)
	if !ok || c.Class != ClassInteger || c.Default != "" || c.ReadOnly {
		return false
	}
	points := func(k *ForeignKey) bool { return slices.Contains(k.Columns, column) }
	refers := func(r Reference) bool { return r.IDColumn == column }
	return !slices.ContainsFunc(t.holds, points) && !slices.ContainsFunc(t.morphs, refers)
}

// checkIdentity returns the mistakes of declaring that the database numbers the rows.
func (t *Table) checkIdentity() []error {
	var errs []error
	first := ""
	for c := range t.Stored() {
		fail := func(format string, args ...any) {
			errs = append(errs, Problemf(ErrInvalidRelation, "table %q: Identity: column %q "+format, append([]any{t.Name, c.Name}, args...)...))
		}
		switch {
		case !c.Numbered:
			continue
		case first != "":
			fail("is a second one beside %q; the rows are numbered by one: declare the other by Default", first)
		case !slices.Contains(t.PrimaryKey, c.Name):
			fail("is not of the primary key (%s); declare a number beside the key by Default", strings.Join(t.PrimaryKey, ", "))
		case c.Default != "" || c.ReadOnly:
			fail("has a Default, or is Generated or ReadOnly, too; leave one out")
		case t.Assigned:
			fail("is made by the database, and AssignedKey says that the program gives it; leave one out")
		}
		first = c.Name
	}
	return errs
}

// Order returns the tables so that each comes after those it points at, else in the order given; a table bound to several
// structs comes once, as the first of them. ahead are the keys that no order can serve, because the tables point at each
// other in a cycle: each points at a table that comes later. A key that points at its own table is not among them.
func Order(tables []*Table) (order []*Table, ahead []*ForeignKey) {
	var waiting []*Table
	for _, t := range tables {
		if !slices.ContainsFunc(waiting, t.Same) {
			waiting = append(waiting, t)
		}
	}
	for len(waiting) > 0 {
		next := slices.IndexFunc(waiting, func(t *Table) bool { return !t.pointsInto(waiting) })
		if next < 0 {
			next = inCycle(waiting)
		}
		t := waiting[next]
		waiting = slices.Delete(waiting, next, next+1)
		order = append(order, t)
		for _, k := range t.holds {
			if slices.ContainsFunc(waiting, k.References.Same) {
				ahead = append(ahead, k)
			}
		}
	}
	return order, ahead
}

// pointsInto reports whether the table points at one of the tables that is not itself.
func (t *Table) pointsInto(tables []*Table) bool {
	return slices.ContainsFunc(t.holds, func(k *ForeignKey) bool {
		return !k.References.Same(t) && slices.ContainsFunc(tables, k.References.Same)
	})
}

// inCycle returns a table of a cycle when each of the tables points at another of them: following the keys from the first
// leads into one.
func inCycle(tables []*Table) int {
	at, seen := 0, map[int]bool{}
	for !seen[at] {
		seen[at] = true
		for _, k := range tables[at].holds {
			to := slices.IndexFunc(tables, k.References.Same)
			if to >= 0 && to != at {
				at = to
				break
			}
		}
	}
	return at
}

// keys collects the keys that relations go along.
type keys struct {
	list   []*ForeignKey
	morphs []*ForeignKey // polymorphic references, one for each table and type
	errs   []error
}

// bindKeys derives the foreign keys of the tables from their relations, one for all that go along it, and settles what a
// delete does. It returns the declarations that disagree and the policies that cannot be.
func bindKeys(tables []*Table) []error {
	all := keys{}
	for _, t := range tables {
		for _, r := range t.order {
			for _, one := range r.Each() {
				all.collect(one)
			}
		}
	}
	for _, t := range tables {
		for _, k := range all.list {
			if k.Table.Same(t) {
				t.holds = append(t.holds, k)
			}
			if k.References.Same(t) {
				t.held = append(t.held, k)
			}
		}
		for _, k := range all.morphs {
			if k.References.Same(t) {
				t.morphsAt = append(t.morphsAt, k)
			}
		}
		for _, o := range tables {
			for _, r := range o.order {
				t.collectMorphs(r)
			}
		}
	}
	all.guard(tables)
	for _, k := range slices.Concat(all.list, all.morphs) {
		all.errs = append(all.errs, k.settle()...)
	}
	return all.errs
}

// collect adds the keys that the relation's steps go along. The parts of a chain have been, or will be, seen themselves.
func (a *keys) collect(r *Relation) {
	if len(r.Chain) > 0 {
		return
	}
	at := r.Owner
	for i, s := range r.Steps {
		if len(s.On) > 0 {
			a.add(r, at, i)
		}
		at = s.Table
	}
}

// add notes that the relation goes along the key of its i-th step from the table.
func (a *keys) add(r *Relation, from *Table, i int) {
	s := r.Steps[i]
	k := &ForeignKey{Table: s.Table, References: from}
	holder, types := i, s.OnTo
	for _, p := range s.On {
		k.Columns, k.Referenced, k.spelled = append(k.Columns, p.To), append(k.Referenced, p.From), p.Key
	}
	if s.Forward {
		k.Table, k.References, k.Columns, k.Referenced = from, s.Table, k.Referenced, k.Columns
		holder, types = i-1, s.OnFrom
	}
	list := &a.list
	if len(types) > 0 {
		list, k.typ = &a.morphs, &types[0]
	}
	if i := slices.IndexFunc(*list, k.equal); i >= 0 {
		k = (*list)[i]
	} else {
		*list = append(*list, k)
	}
	k.Relations = append(k.Relations, r)
	k.uses = append(k.uses, use{r, slices.DeleteFunc(r.Demands(holder), func(c Constant) bool { return k.typ != nil && c == *k.typ })})
	k.Logical = k.Logical || r.Logical
}

// ToOne returns the relations for which no two rows may have one key.
func (k *ForeignKey) ToOne() []*Relation {
	return slices.DeleteFunc(slices.Clone(k.Relations), func(r *Relation) bool {
		return !r.Direct() || r.Steps[0].Forward || r.Cardinality != One || r.Partial
	})
}

// equal reports whether both are one key of the database, in whatever order its columns are written.
func (k *ForeignKey) equal(o *ForeignKey) bool {
	if !k.Table.Same(o.Table) || !k.References.Same(o.References) || len(k.Columns) != len(o.Columns) {
		return false
	}
	if k.typ != nil && o.typ != nil && *k.typ != *o.typ {
		return false
	}
	for i, c := range k.Columns {
		if j := slices.Index(o.Columns, c); j < 0 || o.Referenced[j] != k.Referenced[i] {
			return false
		}
	}
	return true
}

func (r *Relation) problem(format string, args ...any) error {
	d := Declaration{Name: r.Name, Owner: r.Owner}
	return d.problem(format, args...)
}

// collectMorphs notes the polymorphic keys of the relation that the table holds.
func (t *Table) collectMorphs(r *Relation) {
	for _, one := range r.Each() {
		if len(one.Chain) > 0 {
			continue
		}
		s := one.Steps[0]
		switch {
		case len(s.OnFrom) == 1 && one.Owner.Same(t):
			t.morph(s.OnFrom[0].Column, s.On[0].From)
		case len(s.OnTo) == 1 && s.Table.Same(t):
			m := t.morph(s.OnTo[0].Column, s.On[0].To)
			toOne := one.Cardinality == One && !one.Partial && !one.Logical && (len(m.ToOne) > 0 || !m.led)
			switch m.led = true; {
			case !toOne:
				m.ToOne = nil
			case !slices.Contains(m.ToOne, s.Table):
				m.ToOne = append(m.ToOne, s.Table)
			}
		}
	}
}

// morph returns the reference by the two columns.
func (t *Table) morph(typeColumn, idColumn string) *Reference {
	i := slices.IndexFunc(t.morphs, func(m Reference) bool { return m.TypeColumn == typeColumn && m.IDColumn == idColumn })
	if i < 0 {
		i = len(t.morphs)
		t.morphs = append(t.morphs, Reference{TypeColumn: typeColumn, IDColumn: idColumn})
	}
	return &t.morphs[i]
}

// checkLists checks the columns that an option names.
func (t *Table) checkLists(option string, lists [][]string) []error {
	var errs []error
	for _, list := range lists {
		if len(list) == 0 {
			errs = append(errs, Problemf(ErrInvalidRelation, "table %q: %s names no column", t.Name, option))
		}
		for i, name := range list {
			if _, ok := t.Column(name); !ok {
				errs = append(errs, Problemf(ErrUnknownColumn, "table %q: %s: %s", t.Name, option, t.UnknownColumn(name)))
			}
			if slices.Contains(list[:i], name) {
				errs = append(errs, Problemf(ErrInvalidRelation, "table %q: %s: column %q is named twice", t.Name, option, name))
			}
		}
	}
	return errs
}
