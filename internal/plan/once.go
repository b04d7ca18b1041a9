package plan

// Input of this file: related rows that are counted or summed inside a statement. One that several ways lead to from its owner
// is one row, as it is one entry of the list that a preload loads.

// Apart returns the columns that tell apart the rows of a subquery over related rows, and whether a join along them has a row
// several times. There are no columns where a table on the way has no primary key.
func (s *Scope) Apart() (columns []Ref, several bool) {
	known := true
	for _, b := range s.Bindings {
		several = several || b.Relation.Ways
		if b.Relation.Sole() {
			continue // told apart by its parent
		}
		key := b.key()
		known = known && len(key) > 0
		if b.Link != nil && !b.Relation.LinkedOnce() { // it counts once for each link
			links := b.Link.key()
			known = known && len(links) > 0
			key = append(key, links...)
		}
		for _, o := range key {
			columns = append(columns, o.Ref)
		}
	}
	if !known || !several {
		return nil, several
	}
	return columns, true
}

// Repeats reports whether the value would be another one if a row came twice.
func (a *Aggregate) Repeats() bool { return a.Number() && !a.Distinct }

// Number reports whether the value is a number whatever it is made of.
func (a *Aggregate) Number() bool { return a.Func == "count" || a.Func == "sum" || a.Func == "avg" }

// OfRows reports whether the value is made of rows themselves, not of a value of each.
func (a *Aggregate) OfRows() bool { return a.Column == "" && a.Of == nil }

// OfText returns the SQL text that the value is made of; ok is false where it is none.
func (a *Aggregate) OfText() (t *Text, ok bool) {
	t, ok = a.Col.Value.(*Text)
	return t, ok
}
