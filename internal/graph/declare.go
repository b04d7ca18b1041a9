package graph

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Kind is how a relation is declared. Nothing outside this package asks for it again once the relation is built.
type Kind int

// The kinds of relation.
const (
	HasMany Kind = iota
	HasOne
	BelongsTo
	ManyToMany
	HasManyThrough
	HasOneThrough
	MorphMany
	MorphOne
	MorphTo
	MorphToMany
)

// Cardinality returns how many related rows a relation of the kind gives an owner.
func (k Kind) Cardinality() Cardinality {
	switch k {
	case HasMany, ManyToMany, HasManyThrough, MorphMany, MorphToMany:
		return Many
	}
	return One
}

// linked reports whether the rows of a relation of the kind are linked by those of a join table.
func (k Kind) linked() bool { return k == ManyToMany || k == MorphToMany }

// through reports whether a relation of the kind goes along others.
func (k Kind) through() bool { return k == HasManyThrough || k == HasOneThrough }

// Declaration is a relation as it was declared.
type Declaration struct {
	Kind       Kind
	Name       string
	Owner      *Table
	Related    *Table // nil when the caller had none, and for MorphTo
	ForeignKey []string
	References []string // default: the primary key of the table the foreign key points at
	Inverse    string   // name of the other direction; empty: none

	Through        *Table   // the join table of ManyToMany and MorphToMany
	ThroughOwner   []string // its columns that point at the owner's primary key
	ThroughRelated []string // its columns that point at the related table's primary key

	Path string // of HasManyThrough and HasOneThrough: the relations it goes along

	TypeColumn string // of the polymorphic kinds, beside IDColumn
	IDColumn   string
	TypeValue  any    // what it holds for rows of the owner of all but MorphTo: a string or an int64
	Types      []Type // what MorphTo may lead to
	OtherTypes bool   // rows of MorphTo's owner may have other types, and lead nowhere

	OnDelete      DeletePolicy
	DeleteOrphans bool
	Partial       bool // the relation is about some of the rows that its keys match
	Ordered       bool // its rows have an order
	ByCondition   bool // a condition relates the rows, in place of keys
	Rules         Constants
	Symmetric     bool // each pair of a many-to-many is seen from both ends
	Logical       bool // no constraint of the database stands behind it
	Cyclic        bool // of a table with itself, whose rows may lie below themselves
	Enforced      bool // writes make sure that the row is there that a polymorphic key points at
	Acyclic       bool // writes make sure that no row lies below itself

	Where string // file:line of the declaration, for messages
}

// nilTable is the mistake of a table that was not declared.
func (d *Declaration) nilTable(which string) error {
	return &Problem{Is: ErrUnknownTable, Table: d.Owner.Name, Relation: d.Name, Text: fmt.Sprintf(
		"relation %q: the %s table is nil; declare it with NewTable before the relation", d.Owner.Name+"."+d.Name, which)}
}

func (d *Declaration) problem(format string, args ...any) error {
	text := Textf("relation %q: ", d.Owner.Name+"."+d.Name) + Textf(format, args...)
	return &Problem{Is: ErrInvalidRelation, Text: text, Table: d.Owner.Name, Relation: d.Name}
}

// Build links the tables by the declarations and returns every mistake it finds. Tables and relations are usable when
// there is none.
func Build(tables []*Table, declarations []*Declaration) []error {
	var errs []error
	broken := map[*Table]bool{}
	for _, t := range tables {
		found := t.index()
		broken[t] = len(found) > 0
		errs = append(errs, found...)
	}
	places := map[place]string{}
	var along []*Declaration
	for _, d := range declarations {
		brokenType := slices.ContainsFunc(d.Types, func(t Type) bool { return broken[t.Table] })
		if broken[d.Owner] || broken[d.Related] || broken[d.Through] || brokenType {
			continue // it would repeat the table's mistakes
		}
		if found := d.check(); len(found) > 0 {
			errs = append(errs, found...)
			continue
		}
		if d.Kind.through() {
			along = append(along, d)
			continue
		}
		errs = append(errs, add(d.relation(), d, places)...)
	}
	errs = append(errs, addAlong(along, places)...)
	errs = append(errs, checkMorphsAgree(declarations)...)
	errs = append(errs, bindKeys(tables)...)
	settleChains(tables)
	return errs
}

// addAlong adds the relations that go along others, which may go along others themselves.
func addAlong(declarations []*Declaration, places map[place]string) []error {
	var errs []error
	for len(declarations) > 0 {
		var waiting []*Declaration
		for _, d := range declarations {
			r, err := d.through()
			switch {
			case err != nil:
				errs = append(errs, err)
			case r == nil:
				waiting = append(waiting, d)
			default:
				errs = append(errs, add(r, d, places)...)
			}
		}
		if len(waiting) == len(declarations) {
			for _, d := range waiting {
				errs = append(errs, d.unreachable(waiting))
			}
			return errs
		}
		declarations = waiting
	}
	return errs
}

// place is where a relation is known by its name.
type place struct {
	table *Table
	name  string
}

// add makes the relation and its inverse known to their tables.
func add(r *Relation, d *Declaration, places map[place]string) []error {
	errs := addOne(r, d, places)
	if d.Inverse != "" {
		inverse := d.inverse(r)
		errs = append(errs, addOne(inverse, d, places)...)
		r.Inverse, inverse.Inverse = inverse, r
	}
	return errs
}

// addOne makes the relation known to its table. places has the file:line of those that are.
func addOne(r *Relation, d *Declaration, places map[place]string) []error {
	t, name := r.Owner, r.String()
	if at, taken := places[place{t, r.Name}]; taken {
		return []error{Problemf(ErrInvalidRelation, "relation %q declared twice (%s, %s); give one another name",
			name, at, d.Where)}
	}
	places[place{t, r.Name}] = d.Where
	if r.Name == SelfName || r.Name == OuterName {
		return []error{Problemf(ErrInvalidRelation,
			"relation %q: \"self\" and \"outer\" name the row of a condition and the row around it; choose another name", name)}
	}
	if err := CheckIdent(r.Name); err != nil {
		return []error{Problemf(ErrInvalidRelation, "relation %q: the name %s", name, err)}
	}
	for i, c := range r.Name {
		if c != '_' && !unicode.IsLetter(c) && (i == 0 || !unicode.IsDigit(c)) {
			return []error{Problemf(ErrInvalidRelation,
				"relation %q: a name is made of letters, digits and underscores, and does not start with a digit", name)}
		}
	}
	r.withLink()
	t.relations[r.Name] = r
	t.order = append(t.order, r)
	return nil
}

// index prepares the table's look-ups and checks its names and keys.
func (t *Table) index() []error {
	var errs []error
	fail := func(is error, format string, args ...any) {
		errs = append(errs, Problemf(is, "table %q: %s", t.Name, fmt.Sprintf(format, args...)))
	}
	t.columns = make(map[string]int, len(t.Columns))
	t.relations = map[string]*Relation{}
	if err := CheckIdent(t.Name); err != nil {
		fail(ErrUnknownTable, "the table's name %s", err)
	}
	if t.Schema != "" && t.Query != "" {
		fail(ErrInvalidRelation, "As and Schema do not go together: a query lies in no schema; leave Schema out")
	}
	if t.Schema != "" {
		if err := CheckIdent(t.Schema); err != nil {
			fail(ErrUnknownTable, "the schema's name %s", err)
		}
	}
	for i, c := range t.Columns {
		if err := CheckIdent(c.Name); err != nil {
			fail(ErrUnknownColumn, "the column name %q %s", c.Name, err)
		}
		t.columns[c.Name] = i
	}
	for i, k := range t.PrimaryKey {
		if _, ok := t.Column(k); !ok {
			fail(ErrUnknownColumn, "primary key: %s", t.UnknownColumn(k))
		}
		if slices.Contains(t.PrimaryKey[:i], k) {
			fail(ErrInvalidRelation, "primary key: column %q is named twice", k)
		}
	}
	errs = append(errs, t.checkIdentity()...)
	errs = append(errs, t.checkLists("Unique", t.Uniques)...)
	errs = append(errs, t.checkLists("Index", t.Indexes)...)
	named := map[string]bool{}
	name := func(option, name string) {
		if err := CheckIdent(name); err != nil {
			fail(ErrInvalidRelation, "%s: the name %q %s; give one", option, name, err)
		} else if named[name] {
			fail(ErrInvalidRelation, "%s: the name %q is given twice; give another", option, name)
		}
		named[name] = true
	}
	for _, x := range t.Special {
		name("IndexWith", x.Name)
		if len(x.On) == 0 || slices.Contains(x.On, "") {
			fail(ErrInvalidRelation, "IndexWith: index %q is on nothing; name columns, or write SQL, in On", x.Name)
		}
	}
	for _, c := range t.Checks {
		if c.Name != "" {
			name("NamedCheck", c.Name)
		}
	}
	return errs
}

// CheckIdent returns what no database can take for a name.
func CheckIdent(name string) error {
	if name == "" {
		return fmt.Errorf("is empty")
	}
	if !utf8.ValidString(name) {
		return fmt.Errorf("is not valid UTF-8")
	}
	for i, c := range name {
		if unicode.IsControl(c) || c == '\u2028' || c == '\u2029' {
			return fmt.Errorf("contains %U at byte %d", c, i)
		}
	}
	return nil
}

// check returns the mistakes of one declaration.
func (d *Declaration) check() []error {
	if d.Related == nil && d.Kind != MorphTo {
		return []error{d.nilTable("related")}
	}
	for _, check := range []func() error{d.checkPolicy, d.aroundQueries, d.checkFirst, d.checkSymmetric, d.checkCyclic, d.checkGuards} {
		if err := check(); err != nil {
			return []error{err}
		}
	}
	if d.Logical && d.Kind.through() {
		return []error{d.problem("Logical is about a key, and it goes along other relations; give it to those")}
	}
	switch {
	case d.ByCondition:
		return d.checkCondition()
	case d.Kind == MorphToMany:
		return d.checkMorphThrough()
	case d.Kind.morphs():
		return d.checkMorph()
	case d.named():
		return []error{d.problem("MorphKey, MorphValue, MorphType and MorphOthers are for MorphMany, MorphOne, MorphTo and MorphToMany only")}
	case d.Kind.through():
		return d.checkPath()
	case d.Kind == ManyToMany:
		return d.checkThrough()
	}
	if len(d.ThroughOwner) > 0 || len(d.ThroughRelated) > 0 {
		return []error{d.problem("ThroughKeys is for many-to-many only; ForeignKey names the columns of this relation")}
	}
	var errs []error
	holder, target := d.ends()
	if len(d.ForeignKey) == 0 {
		errs = append(errs, d.problem("no foreign key; name the columns of %q that point at %q with ForeignKey",
			holder.Name, target.Name))
	}
	references := d.references(target)
	if len(references) == 0 {
		errs = append(errs, d.problem("table %q has no primary key; name the columns the foreign key points at with References",
			target.Name))
	}
	if len(errs) > 0 {
		return errs
	}
	return d.checkPairs(holder, d.ForeignKey, target, references)
}

// checkPairs checks the columns of a foreign key against those it points at.
func (d *Declaration) checkPairs(holder *Table, cols []string, target *Table, references []string) []error {
	if len(cols) != len(references) {
		return []error{d.problem("%d foreign key column(s) (%s) of %q for %d column(s) (%s) of %q; name one for each, in the same "+
			"order", len(cols), strings.Join(cols, ", "), holder.Name, len(references), strings.Join(references, ", "), target.Name)}
	}
	var errs []error
	for i := range cols {
		a, ok := holder.Column(cols[i])
		if !ok {
			errs = append(errs, d.problem("%s", holder.UnknownColumn(cols[i])))
		}
		b, found := target.Column(references[i])
		if !found {
			errs = append(errs, d.problem("%s", target.UnknownColumn(references[i])))
		}
		if !ok || !found {
			continue
		}
		if slices.Contains(cols[:i], cols[i]) {
			errs = append(errs, d.problem("column %q is named twice", cols[i]))
		}
		for _, c := range []struct {
			t *Table
			c *Column
		}{{holder, a}, {target, b}} {
			if c.c.Class == ClassDocument {
				errs = append(errs, d.problem("column %q of %q (%s) cannot be a key: documents have no equality; use a column of "+
					"another type",
					c.c.Name, c.t.Name, c.c.GoType))
			}
		}
		if spells := len(cols) == 1 && cols[0] == d.IDColumn && spelling(a, b) != ""; spells {
			continue
		}
		if a.Class != b.Class && a.Class != ClassCustom && b.Class != ClassCustom {
			errs = append(errs, d.problem("cannot match %s.%s (%s) with %s.%s (%s); give both fields types of one kind",
				target.Name, b.Name, b.GoType, holder.Name, a.Name, a.GoType))
		}
	}
	return errs
}

// aroundQueries makes a relation to or from a query one without a constraint, and refuses what would be done when a row is deleted.
func (d *Declaration) aroundQueries() error {
	isQuery := func(t *Table) bool { return t != nil && t.Query != "" }
	ofQuery := func(t Type) bool { return isQuery(t.Table) }
	if d.Kind.through() || !isQuery(d.Owner) && !isQuery(d.Related) && !isQuery(d.Through) && !slices.ContainsFunc(d.Types, ofQuery) {
		return nil
	}
	d.Logical = !d.ByCondition // which has no key
	if d.OnDelete != Unsaid || d.DeleteOrphans {
		return d.problem("it leads to, from or past a query, whose rows nothing deletes; leave OnDelete and DeleteOrphans out")
	}
	return nil
}

// ends returns the table that holds the foreign key and the one it points at.
func (d *Declaration) ends() (holder, target *Table) {
	if d.Kind == BelongsTo {
		return d.Owner, d.Related
	}
	return d.Related, d.Owner
}

func (d *Declaration) references(target *Table) []string {
	if len(d.References) > 0 {
		return d.References
	}
	return target.PrimaryKey
}

// bare returns the relation without the answers to the three questions.
func (d *Declaration) bare() *Relation {
	return &Relation{
		Name: d.Name, Owner: d.Owner, Related: d.Related, Cardinality: d.Kind.Cardinality(), Optional: true,
		OnDelete: d.OnDelete, DeleteOrphans: d.DeleteOrphans, Partial: d.Partial || d.first(), Rules: d.Rules, Logical: d.Logical,
		Cyclic:   d.Cyclic,
		enforced: d.Enforced, acyclic: d.Acyclic,
	}
}

// relation answers the three questions for a checked declaration.
func (d *Declaration) relation() *Relation {
	r := d.matched()
	r.First = d.first() && len(r.ChoiceKey()) > 0
	return r
}

// matched returns the relation to all rows that the keys match.
func (d *Declaration) matched() *Relation {
	if d.Kind.morphs() {
		return d.morph()
	}
	r := d.bare()
	if d.ByCondition {
		r.Steps = []Step{{Table: d.Related}}
		return r
	}
	_, target := d.ends()
	switch d.Kind {
	case ManyToMany, MorphToMany:
		r.Link, r.Steps = d.Through, d.past()
	case BelongsTo:
		r.Steps = []Step{{Table: d.Related, On: pairs(d.ForeignKey, d.references(target)), Forward: true}}
		r.Optional = anyNullable(d.Owner, d.ForeignKey)
	default:
		r.Steps = []Step{{Table: d.Related, On: pairs(d.references(target), d.ForeignKey)}}
		r.InverseIsOwner = d.tellsOne(target)
	}
	return r
}

// inverse answers them for the other direction of r.
func (d *Declaration) inverse(r *Relation) *Relation {
	inverse := &Relation{Name: d.Inverse, Owner: r.Related, Related: r.Owner, Link: r.Link, Optional: true, Logical: r.Logical,
		Cyclic: r.Cyclic}
	switch d.Kind {
	case ManyToMany, MorphToMany:
		inverse.Cardinality = Many
	case BelongsTo:
		inverse.Cardinality = Many
		inverse.InverseIsOwner = d.tellsOne(r.Related)
	case MorphMany, MorphOne:
		inverse.Cardinality = One // rows of the other types have none
	default:
		inverse.Cardinality = One
		inverse.Optional = anyNullable(r.Related, d.ForeignKey)
	}
	at := r.Owner
	tables := []*Table{at}
	for _, s := range r.Steps {
		tables = append(tables, s.Table)
	}
	for i := len(r.Steps) - 1; i >= 0; i-- {
		on := make([]Pair, len(r.Steps[i].On))
		for j, p := range r.Steps[i].On {
			on[j] = p.turned()
		}
		inverse.Steps = append(inverse.Steps, Step{
			Table: tables[i], On: on, OnFrom: r.Steps[i].OnTo, OnTo: r.Steps[i].OnFrom, Forward: !r.Steps[i].Forward,
		})
	}
	return inverse
}

// tellsOne reports whether one row at most has the values of the key that is pointed at: a constraint says so, or it has the primary key in it.
func (d *Declaration) tellsOne(target *Table) bool {
	key := d.references(target)
	return !d.Logical || len(target.PrimaryKey) > 0 && !slices.ContainsFunc(target.PrimaryKey, func(c string) bool { return !slices.Contains(key, c) })
}

func pairs(from, to []string) []Pair {
	on := make([]Pair, len(from))
	for i := range from {
		on[i] = Pair{From: from[i], To: to[i]}
	}
	return on
}

func anyNullable(t *Table, cols []string) bool {
	for _, name := range cols {
		if c, ok := t.Column(name); ok && c.Nullable {
			return true
		}
	}
	return false
}
