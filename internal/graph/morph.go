package graph

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Type is a table that a polymorphic reference may point at, and the value that its type column has then.
type Type struct {
	Value      any // a string or an int64
	Table      *Table
	References []string // default: the table's primary key
}

// key returns the columns that are pointed at.
func (t Type) key() []string {
	if len(t.References) > 0 {
		return t.References
	}
	return t.Table.PrimaryKey
}

// Each returns the relations to one table each that the relation stands for: its variants, or itself.
func (r *Relation) Each() []*Relation {
	if len(r.Variants) > 0 {
		return r.Variants
	}
	return []*Relation{r}
}

// types writes the type values that have a table.
func (r *Relation) types() string {
	values := make([]string, 0, len(r.Variants))
	for _, v := range r.Variants {
		values = append(values, quoteType(v.typeValue()))
	}
	return strings.Join(values, ", ")
}

// typeValue returns the value that tells a variant.
func (r *Relation) typeValue() any { return r.Steps[0].OnFrom[0].Value }

// typeIs is the constant of a type column.
func typeIs(column string, value any) Constant {
	return Constant{Column: column, Value: value, Class: typeClass(value)}
}

// typeClass returns the class of a value that a type column may have; empty: it is none.
func typeClass(value any) string {
	switch value.(type) {
	case string:
		return ClassText
	case int64:
		return ClassInteger
	}
	return ""
}

// quoteType writes a type value in a message.
func quoteType(value any) string {
	if text, ok := value.(string); ok {
		return strconv.Quote(text)
	}
	return fmt.Sprint(value)
}

// UnknownType is the error of a type value that no variant of the relation has.
func (r *Relation) UnknownType(value any) error {
	return Problemf(ErrInvalidRelation, "a row of %q has the %s %s, for which relation %q has no table; declare it with MorphType "+
		"(declared: %s), or that there are others with MorphOthers", r.Owner.Name, r.TypeColumn, quoteType(value), r, r.types())
}

// TypeRefused says what is wrong with a row whose type no variant of the relation has, or which has none.
func (r *Relation) TypeRefused(empty bool) string {
	given := "a value for which relation " + strconv.Quote(r.String()) + " has no table"
	if empty {
		given = "no value, so that relation " + strconv.Quote(r.String()) + " leads nowhere"
	}
	return Textf("column %q of a row of %q has %s; give it one of %s, or make the field a pointer and leave it nil", r.TypeColumn,
		r.Owner.Name, given, r.types())
}

// HasType reports whether a row may have a type value: it is that of a variant of the relation, or there are others.
func (r *Relation) HasType(is func(value any) bool) bool {
	return r.OtherTypes || slices.ContainsFunc(r.Variants, func(v *Relation) bool { return is(v.typeValue()) })
}

// named reports whether an option of polymorphic relations was given.
func (d *Declaration) named() bool {
	return d.TypeColumn != "" || d.TypeValue != nil || len(d.Types) > 0 || d.OtherTypes
}

// Single refuses a relation that leads to several tables where one is needed.
func (r *Relation) Single() error {
	if len(r.Variants) == 0 {
		return nil
	}
	var tables []string
	for _, v := range r.Variants {
		tables = append(tables, v.Related.Name)
	}
	return Problemf(ErrUnknownRelation, "relation %q leads to several tables (%s) and can only be preloaded, or inserted; for "+
		"one of them use the inverse of its MorphMany or MorphOne", r, QuoteAll(tables))
}

// morphs reports whether a key of the rows at the ends is told by a type column.
func (k Kind) morphs() bool { return k == MorphMany || k == MorphOne || k == MorphTo }

// checkMorph returns the mistakes of a polymorphic declaration.
func (d *Declaration) checkMorph() []error {
	if len(d.ForeignKey)+len(d.ThroughOwner)+len(d.ThroughRelated) > 0 {
		return []error{d.problem("its columns are named by MorphKey alone; leave the other keys out")}
	}
	if d.Kind == MorphTo {
		return d.checkTypes()
	}
	if err := d.checkTypeValue(d.Related); err != nil {
		return []error{err}
	}
	errs := d.checkMorphKey(d.Related, d.Owner, d.TypeValue, d.references(d.Owner))
	if len(errs) == 0 && d.OnDelete == SetNull {
		errs = d.bare().neverNull(d.Related, []string{d.IDColumn})
	}
	return errs
}

// noMorphKey returns the mistake of a key that is not named.
func (d *Declaration) noMorphKey() error {
	if d.TypeColumn != "" && d.IDColumn != "" {
		return nil
	}
	return d.problem("no key; name the type column and the id column with MorphKey")
}

// checkTypeValue returns the mistake of a relation whose rows, of holder, have one type, and which does not say so.
func (d *Declaration) checkTypeValue(holder *Table) error {
	if err := d.noMorphKey(); err != nil {
		return err
	}
	if len(d.Types) > 0 || d.OtherTypes {
		return d.problem("MorphType and MorphOthers are for MorphTo; give the value that %q of %q has for rows of %q with MorphValue", d.TypeColumn,
			holder.Name, d.Owner.Name)
	}
	if d.TypeValue == nil || d.TypeValue == "" {
		return d.problem("no type; give the value that %q of %q has for rows of %q with MorphValue", d.TypeColumn, holder.Name, d.Owner.Name)
	}
	return nil
}

// checkTypes returns the mistakes of a reference to one of several tables.
func (d *Declaration) checkTypes() []error {
	if err := d.noMorphKey(); err != nil {
		return []error{err}
	}
	if d.Inverse != "" || d.TypeValue != nil {
		return []error{d.problem("it leads to several tables; give Inverse and MorphValue to the MorphMany or MorphOne of each")}
	}
	if len(d.References) > 0 {
		return []error{d.problem("it leads to several tables; give References to the MorphType of each")}
	}
	if len(d.Types) == 0 {
		return []error{d.problem("no type; name each table it may lead to with MorphType")}
	}
	var errs []error
	for i, t := range d.Types {
		if t.Table == nil {
			return []error{d.nilTable("related")}
		}
		if t.Value == "" || slices.ContainsFunc(d.Types[:i], func(o Type) bool { return sameType(o.Value, t.Value) }) {
			errs = append(errs, d.problem("type value %s is empty or given twice; each table has one of its own", quoteType(t.Value)))
			continue
		}
		errs = append(errs, d.checkMorphKey(d.Owner, t.Table, t.Value, t.key())...)
	}
	return errs
}

// sameType reports whether two type values are one. What is no type value, which checkMorphKey refuses, may be of a type that cannot be compared.
func sameType(a, b any) bool { return typeClass(a) != "" && typeClass(b) != "" && a == b }

// checkMorphKey checks the columns of holder that point at a row of the target, and what it has of that.
func (d *Declaration) checkMorphKey(holder, target *Table, value any, references []string) []error {
	c, ok := holder.Column(d.TypeColumn)
	if !ok {
		return []error{d.problem("%s", holder.UnknownColumn(d.TypeColumn))}
	}
	switch class := typeClass(value); {
	case class == "":
		return []error{d.problem("the type value is a %T; give text or an integer", value)}
	case c.Class == class, c.Class == ClassCustom && class == ClassText:
	case class == ClassText:
		return []error{d.problem("type column %q of %q (%s) does not hold text; give its value as an integer if it holds those", c.Name,
			holder.Name, c.GoType)}
	default:
		return []error{d.problem("type column %q of %q (%s) does not hold integers; give its value as text", c.Name, holder.Name, c.GoType)}
	}
	if len(references) != 1 {
		return []error{d.problem("table %q has no primary key of one column for %q to point at; name one column with References", target.Name,
			d.IDColumn)}
	}
	return d.checkPairs(holder, []string{d.IDColumn}, target, references)
}

// spelling returns the class of a key that a polymorphic reference holds as text; empty: it is of the class of the key.
func spelling(id, key *Column) string {
	if id.Class == ClassText && (key.Class == ClassInteger || key.Class == ClassUUID) {
		return key.Class
	}
	return ""
}

// spelled returns the pair of a key, of one column, and the id column of holder that points at it.
func (d *Declaration) spelled(target *Table, key []string, holder *Table) []Pair {
	on := pairs(key, []string{d.IDColumn})
	a, _ := holder.Column(d.IDColumn)
	b, _ := target.Column(key[0])
	if class := spelling(a, b); class != "" {
		on[0].Spelling = Spelling{class, true}
	}
	return on
}

// morph answers the three questions for a polymorphic declaration.
func (d *Declaration) morph() *Relation {
	r := d.bare()
	if d.Kind != MorphTo {
		r.Steps = []Step{{
			Table: d.Related, On: d.spelled(d.Owner, d.references(d.Owner), d.Related), OnTo: []Constant{typeIs(d.TypeColumn, d.TypeValue)},
		}}
		r.InverseIsOwner = d.tellsOne(d.Owner)
		return r
	}
	r.TypeColumn, r.OtherTypes = d.TypeColumn, d.OtherTypes
	for _, t := range d.Types {
		r.Variants = append(r.Variants, &Relation{
			Name: d.Name, Owner: d.Owner, Related: t.Table, Optional: true, VariantOf: r, Logical: d.Logical,
			Steps: []Step{{
				Table: t.Table, On: []Pair{d.spelled(t.Table, t.key(), d.Owner)[0].turned()}, OnFrom: []Constant{typeIs(d.TypeColumn, t.Value)},
				Forward: true,
			}},
		})
	}
	return r
}

// Same reports whether both are declared of one table of the database.
func (t *Table) Same(o *Table) bool {
	return t.Schema == o.Schema && t.Name == o.Name && t.Query == o.Query
}

// typeHolder returns the table whose rows have the relation's type; nil: they have none, or one of several.
func (d *Declaration) typeHolder() *Table {
	switch {
	case d.TypeValue == nil:
		return nil
	case d.Kind == MorphToMany:
		return d.Through
	}
	return d.Related
}

// hasType reports whether the relation's type is what a column of the table's rows holds.
func (d *Declaration) hasType(t *Table, column string) bool {
	holder := d.typeHolder()
	return holder != nil && holder.Same(t) && d.TypeColumn == column
}

// checkMorphsAgree compares the ends of polymorphic references: a value must mean one table.
func checkMorphsAgree(declarations []*Declaration) []error {
	errs := checkMorphValues(declarations)
	for _, to := range declarations {
		if to.Kind != MorphTo {
			continue
		}
		for _, d := range declarations {
			if !d.hasType(to.Owner, to.TypeColumn) {
				continue
			}
			errs = append(errs, d.meansThere(to)...)
		}
	}
	return errs
}

// meansThere returns the mistake of a type that means other rows in a reference to several tables by the same column.
func (d *Declaration) meansThere(to *Declaration) []error {
	there := to.Owner.Name + "." + to.Name
	i := slices.IndexFunc(to.Types, func(t Type) bool { return sameType(t.Value, d.TypeValue) })
	switch {
	case i < 0 && to.OtherTypes:
	case i < 0 || to.Types[i].Table == nil || !to.Types[i].Table.Same(d.Owner):
		return []error{d.problem("its type value %s does not mean %q in %q; declare it there with MorphType", quoteType(d.TypeValue), d.Owner.Name, there)}
	case to.IDColumn == d.IDColumn && !slices.Equal(to.Types[i].key(), d.references(d.Owner)):
		return []error{d.problem("it and %q point at different columns of %q by one key; give both the same References", there, d.Owner.Name)}
	}
	return nil
}

// checkMorphValues refuses that one value of a type column means the rows of two tables: those of one would be taken for
// the other's.
func checkMorphValues(declarations []*Declaration) []error {
	var errs []error
	for i, d := range declarations {
		holder := d.typeHolder()
		if holder == nil {
			continue
		}
		for _, o := range declarations[:i] {
			if o.hasType(holder, d.TypeColumn) && sameType(o.TypeValue, d.TypeValue) && !o.Owner.Same(d.Owner) {
				errs = append(errs, d.problem("its type value %s already means %q in relation %q; give each table a value of its own",
					quoteType(d.TypeValue), o.Owner.Name, o.Owner.Name+"."+o.Name))
				break
			}
		}
	}
	return errs
}
