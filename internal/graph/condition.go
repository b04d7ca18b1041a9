package graph

import "slices"

// checkCondition returns the mistakes of a relation by a condition in place of keys.
func (d *Declaration) checkCondition() []error {
	given := "ForeignKey"
	switch {
	case d.Kind != HasMany && d.Kind != HasOne && d.Kind != BelongsTo:
		return []error{d.problem("On relates rows by a condition in place of keys, and is for HasMany, HasOne and BelongsTo; use Where for a " +
			"condition beside the keys")}
	case len(d.ForeignKey) > 0:
	case len(d.References) > 0:
		given = "References"
	case len(d.ThroughOwner)+len(d.ThroughRelated) > 0:
		given = "ThroughKeys"
	case d.named():
		given = "MorphKey, MorphValue, MorphType and MorphOthers"
	case d.Logical:
		given = "Logical"
	case d.OnDelete != Unsaid:
		given = "OnDelete"
	case d.DeleteOrphans:
		given = "DeleteOrphans"
	case d.Inverse != "":
		return []error{d.problem("On has no inverse; declare a relation of %q with a condition of its own", d.Related.Name)}
	case len(d.Related.PrimaryKey) == 0:
		return []error{d.problem("table %q has no primary key to tell its rows by, which On needs; name one with PrimaryKey", d.Related.Name)}
	default:
		return nil
	}
	return []error{d.problem("On relates rows by a condition in place of keys; leave %s out, or declare the condition with Where", given)}
}

// PartlyByCondition reports whether a step of the relation matches no columns.
func (r *Relation) PartlyByCondition() bool {
	return slices.ContainsFunc(r.Steps, func(s Step) bool { return len(s.On) == 0 })
}

// keylessWay returns a table on the way of a path by conditions, along which several ways lead to one row, that has no primary key to
// tell its rows by; nil: there is none.
func (r *Relation) keylessWay() *Table {
	if !r.Ways || !r.PartlyByCondition() {
		return nil
	}
	for _, s := range r.Steps {
		if len(s.Table.PrimaryKey) == 0 {
			return s.Table
		}
	}
	return nil
}
