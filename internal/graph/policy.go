package graph

import (
	"slices"
	"strings"
)

// DeletePolicy is what a delete of a row does to the rows that point at it.
type DeletePolicy int

// The policies.
const (
	Unsaid     DeletePolicy = iota // none was declared: Restrict, and Cascade for the rows of a join table
	Restrict                       // it is refused
	Cascade                        // they are deleted too
	SetNull                        // their foreign key becomes NULL
	NoAction                       // it is refused when the transaction's constraints are checked
	ByDatabase                     // what the database does
)

// String returns the policy in the words of SQL.
func (p DeletePolicy) String() string {
	if p < Unsaid || p > ByDatabase {
		return "an unknown policy"
	}
	return [...]string{"no policy", "RESTRICT", "CASCADE", "SET NULL", "NO ACTION", "BY DATABASE"}[p]
}

// use is a relation that goes along a key, and what its rules say of the rows that hold it.
type use struct {
	relation  *Relation
	constants []Constant
}

// claim is what relations along a key say of the rows that point by it and have the constants.
type claim struct {
	constants []Constant
	relations []*Relation
	declares  *Relation // that declares the policy; nil: none does
}

// claims brings together the relations that are about the same rows, and returns those that disagree.
func (k *ForeignKey) claims() (all []*claim, errs []error) {
	for _, u := range k.uses {
		i := slices.IndexFunc(all, func(c *claim) bool { return sameConstants(c.constants, u.constants) })
		if i < 0 {
			i = len(all)
			all = append(all, &claim{constants: u.constants})
		}
		c := all[i]
		c.relations = append(c.relations, u.relation)
		switch {
		case u.relation.OnDelete == Unsaid, c.declares == u.relation:
		case c.declares == nil:
			c.declares = u.relation
		case c.declares.OnDelete != u.relation.OnDelete:
			errs = append(errs, u.relation.problem("its OnDelete is %s, but that of relation %q along the same key is %s; declare it once",
				u.relation.OnDelete, c.declares, c.declares.OnDelete))
		}
	}
	return all, errs
}

func sameConstants(a, b []Constant) bool {
	within := func(a, b []Constant) bool {
		return !slices.ContainsFunc(a, func(c Constant) bool { return !slices.ContainsFunc(b, c.Same) })
	}
	return within(a, b) && within(b, a)
}

// policy returns what a delete does to the rows of the claim; Unsaid: it leaves them alone, as they do not rely on what they point at.
func (k *ForeignKey) policy(c *claim) DeletePolicy {
	switch {
	case c.declares != nil:
		return c.declares.OnDelete
	case k.Logical:
		return Unsaid
	case k.links():
		return Cascade
	}
	return Restrict
}

// links reports whether the rows that point by the key are nothing but links, as far as no policy is declared for them.
func (k *ForeignKey) links() bool {
	all, _ := k.claims()
	return !slices.ContainsFunc(all, func(c *claim) bool {
		return c.declares == nil && slices.ContainsFunc(c.relations, func(r *Relation) bool { return r.Link == nil || !r.pureLink() })
	})
}

// Unasked returns a relation whose links go with what the key points at although no policy is declared; nil: there is none.
func (k *ForeignKey) Unasked() *Relation {
	all, _ := k.claims()
	for _, c := range all {
		if c.declares == nil && k.policy(c) == Cascade {
			return c.relations[0]
		}
	}
	return nil
}

// pureLink reports whether the rows of the join table say nothing but which rows are linked: its columns are those of the two keys, and those
// that the relation's rules or the table's scopes give a value. What else a row holds would be lost with it, whatever tells rows apart.
func (r *Relation) pureLink() bool {
	own := slices.Concat(r.LinkTypes(), r.LinkPair())
	for _, c := range slices.Concat(r.Demands(0), r.Link.Constants) {
		own = append(own, c.Column)
	}
	for c := range r.Link.Stored() {
		if !slices.Contains(own, c.Name) {
			return false
		}
	}
	return true
}

// unbind says of the relations along the key that no constraint stands behind them.
func (k *ForeignKey) unbind() {
	for _, r := range k.Relations {
		r.Logical = true
		if r.Link == nil && r.Steps[0].Forward {
			r.Optional = true
		}
	}
}

// settle decides what a delete does along the key, tells the relations, and returns what cannot be.
//
// Relations whose rules give columns a value speak for the rows that have it, and the others for those that are left. Where all
// relations along the key have such rules, it leads from other tables too, or rows of no relation are there: those are left to the
// database, and the way of theirs says so. The database itself has one policy for the key: it refuses what was not done before, unless all
// are the same and no scope keeps rows apart.
func (k *ForeignKey) settle() []error {
	if k.Logical && k.typ == nil {
		k.unbind()
	}
	claims, errs := k.claims()
	rest := slices.IndexFunc(claims, func(c *claim) bool { return len(c.constants) == 0 })
	mixed := rest < 0
	var apart [][]Constant
	for i, c := range claims {
		policy := k.policy(c)
		if i != rest && (c.declares != nil || rest < 0) && (rest < 0 || policy != k.policy(claims[rest])) {
			k.ways = append(k.ways, k.way(c, policy))
			apart, mixed = append(apart, c.constants), true
		}
	}
	if !k.Logical {
		k.OnDelete = Restrict
	}
	if rest >= 0 {
		way := k.way(claims[rest], k.policy(claims[rest]))
		way.Except = apart
		k.ways = append(k.ways, way)
		if !mixed && !k.crosses() {
			k.OnDelete, k.Declares = way.OnDelete, claims[rest].declares
		}
	}
	k.ways = slices.DeleteFunc(k.ways, func(w *Way) bool { return w.OnDelete == Unsaid })
	if rest < 0 && !k.Logical && k.typ == nil {
		k.ways = append(k.ways, k.unclaimed(claims, apart))
	}
	for _, c := range claims {
		if c.declares != nil && c.declares.OnDelete == ByDatabase {
			if k.typ != nil || k.Logical {
				errs = append(errs, c.declares.problem("OnDelete leaves it to the database, which has no constraint for its key; use another policy, "+
					"NoAction to leave the rows alone"))
			}
			k.OnDelete, k.Declares = ByDatabase, c.declares
		}
		if c.declares != nil && c.declares.OnDelete == SetNull && k.typ == nil {
			errs = append(errs, c.declares.neverNull(k.Table, k.Columns)...)
		}
	}
	return errs
}

// unclaimed returns the way of the rows along the key that are of none of its relations.
func (k *ForeignKey) unclaimed(claims []*claim, apart [][]Constant) *Way {
	w := k.way(&claim{relations: k.Relations}, NoAction)
	if slices.ContainsFunc(claims, func(c *claim) bool { return k.policy(c) == ByDatabase }) {
		w.OnDelete = ByDatabase // the key of the database has one policy
	}
	w.Except = apart
	return w
}

// crosses reports whether rows that the scopes of their table keep out may point along the key at a row that is within its own. The
// database knows no scopes: it must refuse a delete of that, and not do to them what the delete's own statements do to rows in scope.
func (k *ForeignKey) crosses() bool {
	return k.typ == nil && slices.ContainsFunc(k.Table.Constants, func(c Constant) bool {
		return !follows(c, k.Columns, k.Referenced, k.References.Constants)
	})
}

// way returns the way along the key for the rows of a claim.
func (k *ForeignKey) way(c *claim, policy DeletePolicy) *Way {
	w := &Way{
		Table: k.Table, Columns: k.Columns, Referenced: k.Referenced, Spelled: k.spelled, Type: k.typ, Constants: c.constants, OnDelete: policy,
		Enforced: k.typ == nil && !k.Logical, Relation: c.relations[0],
	}
	for _, r := range c.relations { // as the key is known to the table it points at
		if r.Owner.Same(k.References) && !r.Steps[0].Forward {
			w.Relation = r
			break
		}
	}
	return w
}

// neverNull returns the mistake of SetNull where no column of the key can become NULL.
func (r *Relation) neverNull(t *Table, key []string) []error {
	if len(t.Freed(key)) > 0 {
		return nil
	}
	for _, name := range key {
		c, ok := t.Column(name)
		switch {
		case !ok:
		case slices.Contains(t.PrimaryKey, name):
			return []error{r.problem("OnDelete is SET NULL, but %q is a column of the primary key of %q, which cannot become NULL; use another "+
				"policy", name, t.Name)}
		case c.ReadOnly:
			return []error{r.problem("OnDelete is SET NULL, but the database makes column %q of %q, which nothing else writes; use another policy",
				name, t.Name)}
		case c.NotNull && c.Nullable:
			return []error{r.problem("OnDelete is SET NULL, but column %q of %q is declared NotNull; use another policy", name, t.Name)}
		case !c.Nullable:
			return []error{r.problem("OnDelete is SET NULL, but column %q of %q (%s) cannot become NULL; make the field *%s, or use another policy",
				name, t.Name, c.GoType, strings.TrimPrefix(c.GoType, "*"))}
		}
	}
	return nil
}

// Freed returns the columns of a key of the table that become NULL where a row no longer points along it: those that can, and of these not
// those that say something else too, such as the tenant's, which other keys share or a scope compares. A NULL in one of a key's columns
// is enough for it to point at nothing. Where all that can say something else too, it is all.
func (t *Table) Freed(key []string) []string {
	can := slices.DeleteFunc(slices.Clone(key), func(name string) bool {
		c, ok := t.Column(name)
		return !ok || !c.Nullable || c.NotNull || c.ReadOnly || slices.Contains(t.PrimaryKey, name)
	})
	own := slices.DeleteFunc(slices.Clone(can), func(name string) bool {
		other := func(k *ForeignKey) bool { return slices.Contains(k.Columns, name) && !sameSet(k.Columns, key) }
		scoped := func(c Constant) bool { return c.Column == name }
		return slices.ContainsFunc(t.holds, other) || slices.ContainsFunc(t.Constants, scoped)
	})
	if len(own) > 0 {
		return own
	}
	return can
}

func sameSet(a, b []string) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(c string) bool { return !slices.Contains(b, c) })
}

// checkPolicy returns the mistake of a policy that is none, or that says nothing of a relation of the kind.
func (d *Declaration) checkPolicy() error {
	if d.OnDelete < Unsaid || d.OnDelete > ByDatabase {
		return d.problem("OnDelete is given an unknown policy; use Restrict, Cascade, SetNull, NoAction or ByDatabase")
	}
	given := "OnDelete"
	if d.DeleteOrphans {
		given = "DeleteOrphans"
	}
	switch {
	case d.OnDelete == Unsaid && !d.DeleteOrphans:
		return nil
	case d.Rules.Other:
		return d.problem("it has a condition that is more than columns having a value, and can only be read along; give %s to a relation "+
			"without one", given)
	case d.Kind.through():
		return d.problem("it can be read only; give %s to the relations it goes along", given)
	case d.Kind.linked() && d.DeleteOrphans:
		return d.problem("the far end of a row that is taken out of its join table %q stays; leave DeleteOrphans out", d.throughName())
	case d.Kind == MorphTo:
		return d.problem("it leads to several tables; give %s to the MorphMany or MorphOne of each", given)
	case d.Kind == BelongsTo && d.DeleteOrphans:
		return d.problem("DeleteOrphans is about the rows that point at %q; give it to the HasMany or HasOne of that table",
			d.Related.Name)
	}
	return nil
}

func (d *Declaration) throughName() string {
	if d.Through == nil {
		return "<nil>"
	}
	return d.Through.Name
}
