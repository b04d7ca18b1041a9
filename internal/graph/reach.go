package graph

import "slices"

// Part is a table that loses rows by a delete.
type Part struct {
	Table     *Table
	Constants []Constant // that its rows have
	Into      []*Way     // those along which its rows go
	Out       []*Way     // all that point at its rows
	Cyclic    bool       // its rows may follow rows of other tables that follow them
}

// Way is a key along which a delete reaches further rows: a foreign key, or a polymorphic reference for one value of its type.
type Way struct {
	From       *Part  // whose rows are pointed at
	Table      *Table // the one that holds the key
	To         *Part  // of Table; nil: none of its rows go
	Columns    []string
	Referenced []string
	Spelled    string       // the class of the key that Columns hold as text; empty: they hold it as it is
	Type       *Constant    // of Table; nil: a foreign key
	Constants  []Constant   // that the rows of Table have beside
	Except     [][]Constant // those of other ways along the key, whose rows this one is not about
	OnDelete   DeletePolicy
	Enforced   bool      // the database has a constraint for it
	Relation   *Relation // along the key, from the end that is pointed at if one is declared there
}

// Reach is what a delete of rows of a table leads to.
type Reach struct {
	Parts []*Part // the table itself first
	Ways  []*Way  // each once, those nearer the table first
	Soft  bool    // rows are only marked as deleted
	// Order are the parts so that each comes before those it points at. Ahead are ways that no such order can serve: their rows
	// point at rows that go before them.
	Order []*Part
	Ahead []*Way
}

// Reach follows the keys that point at the table, and on from tables whose rows go too. A delete that only marks rows follows
// only Cascade, to tables whose rows are marked too: nothing else about the rows changes. Rows that a table's scope keeps out by
// its constants are not reached, but for the scopes that are lifted by name.
func (t *Table) Reach(soft bool, lifted []string) *Reach {
	r := &Reach{Soft: soft}
	add := func(t *Table) { r.Parts = append(r.Parts, &Part{Table: t, Constants: Held(t.Constants, lifted)}) }
	add(t)
	for i := 0; i < len(r.Parts); i++ {
		p := r.Parts[i]
		for _, w := range p.Table.pointers() {
			if soft && (w.OnDelete != Cascade || w.Table.SoftDelete == "") {
				continue
			}
			w.From = p
			w.Constants = append(slices.Clip(w.Constants), Held(w.Table.Constants, lifted)...)
			p.Out, r.Ways = append(p.Out, w), append(r.Ways, w)
			if w.OnDelete == Cascade && r.part(w.Table) == nil {
				add(w.Table)
			}
		}
	}
	for _, w := range r.Ways {
		w.To = r.part(w.Table)
		if w.OnDelete == Cascade {
			w.To.Into = append(w.To.Into, w)
		}
	}
	for _, p := range r.Parts {
		p.Cyclic = p.leadsBack()
	}
	r.arrange()
	return r
}

// Back is what brings rows of the table back that a delete has marked, and with them, unless they come back alone, those that followed
// them, which have the mark of the row that they point at. untold is a way along which a mark does not tell those, as it is a boolean;
// nil: there is none.
func (t *Table) Back(lifted []string, alone bool) (r *Reach, untold *Way) {
	if alone {
		p := &Part{Table: t, Constants: Held(t.Constants, lifted)}
		return &Reach{Soft: true, Parts: []*Part{p}, Order: []*Part{p}}, nil
	}
	r = t.Reach(true, lifted)
	for _, w := range r.Ways {
		for _, end := range []*Table{w.From.Table, w.Table} {
			if end.MarksTrue() {
				untold = w
			}
		}
		w.Columns = append(slices.Clip(w.Columns), w.Table.SoftDelete)
		w.Referenced = append(slices.Clip(w.Referenced), w.From.Table.SoftDelete)
	}
	return r, untold
}

func (r *Reach) part(t *Table) *Part {
	if i := slices.IndexFunc(r.Parts, func(p *Part) bool { return p.Table.Same(t) }); i >= 0 {
		return r.Parts[i]
	}
	return nil
}

// leadsBack reports whether rows of p follow rows of another table that follow rows of p.
func (p *Part) leadsBack() bool {
	var seen []*Part
	var back func(at *Part) bool
	back = func(at *Part) bool {
		return slices.ContainsFunc(at.Into, func(w *Way) bool {
			switch {
			case w.From == at:
				return false
			case w.From == p:
				return true
			case slices.Contains(seen, w.From):
				return false
			}
			seen = append(seen, w.From)
			return back(w.From)
		})
	}
	return back(p)
}

// arrange decides in which order rows go, those farther from the root first. Where tables point at each other, a key that can
// be NULL is left for the end: it can be untied.
func (r *Reach) arrange() {
	waiting := slices.Clone(r.Parts)
	slices.Reverse(waiting)
	for len(waiting) > 0 {
		free := func(held func(*Way) bool) int {
			return slices.IndexFunc(waiting, func(p *Part) bool {
				return !slices.ContainsFunc(p.Out, func(w *Way) bool { return w.To != p && slices.Contains(waiting, w.To) && held(w) })
			})
		}
		next := free(func(*Way) bool { return true })
		if next < 0 {
			next = max(free(func(w *Way) bool { return w.Type == nil && !w.Nullable() }), 0)
		}
		p := waiting[next]
		waiting = slices.Delete(waiting, next, next+1)
		r.Order = append(r.Order, p)
		for _, w := range p.Out {
			if slices.Contains(waiting, w.To) {
				r.Ahead = append(r.Ahead, w)
			}
		}
	}
}

// NulledAfter returns the other ways from rows of the same table whose keys become NULL after those of a way do.
func (r *Reach) NulledAfter(way *Way) []*Way {
	var after []*Way
	seen := false
	for _, p := range r.Order {
		for _, w := range p.Out {
			if seen && w.OnDelete == SetNull && w.Table.Same(way.Table) {
				after = append(after, w)
			}
			seen = seen || w == way
		}
	}
	return after
}

// Untied reports whether rows that go must no longer point along the way before those that they point at can go.
func (r *Reach) Untied(w *Way) bool {
	return !r.Soft && w.Type == nil && w.Nullable() && slices.Contains(r.Ahead, w)
}

// Disturbs reports whether the database itself, along the keys that it has, may remove or change rows of the root before the statement that
// removes them comes to them: as rows of tables go that come first or, where byRow it follows a key as each row goes, as those of the root
// do. It may whatever the policy of the key: rows that go together may point at each other by one that refuses, or that is left to it.
func (r *Reach) Disturbs(byRow bool) bool {
	if r.Soft {
		return false
	}
	root := r.Parts[0]
	var losing []*Table
	for _, p := range r.Order {
		if p != root || byRow {
			losing = append(losing, p.Table)
		}
		if p == root {
			break
		}
	}
	// Rows that the database takes along a key that is left to it are not untied from those that go by it.
	more := slices.ContainsFunc(r.Ways, func(w *Way) bool { return w.Type == nil && (w.OnDelete == NoAction || w.OnDelete == ByDatabase) })
	untied := func(k *ForeignKey) bool {
		if more {
			return false
		}
		is := func(w *Way) bool {
			return w.Table.Same(k.Table) && slices.Equal(w.Columns, k.Columns) && w.From.Table.Same(k.References)
		}
		return slices.ContainsFunc(r.Ahead, func(w *Way) bool { return is(w) && r.Untied(w) })
	}
	for i := 0; i < len(losing); i++ {
		for _, k := range losing[i].held {
			switch {
			case k.Logical || untied(k):
			case k.Table.Same(root.Table):
				return true
			case !slices.ContainsFunc(losing, k.Table.Same):
				losing = append(losing, k.Table)
			}
		}
	}
	return false
}

// Hides returns what the scopes of the table say of its rows that not all have which point along the way: the others are out of the delete's
// sight, and refuse it in the database. None: there are no such rows, or nothing refuses it for them.
func (r *Reach) Hides(w *Way) []Constant {
	if r.Soft || !w.Enforced || w.OnDelete == ByDatabase {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(w.Constants), func(c Constant) bool { return !w.HiddenBy(c) })
}

// HiddenBy reports whether the constant is of a scope, and a row that points along the way may have another value.
func (w *Way) HiddenBy(c Constant) bool {
	return c.Scope != "" && !follows(c, w.Columns, w.Referenced, w.From.Constants)
}

// follows reports whether a row that points by the columns at one that has the other constants has the constant too: its column is of the
// key, and so is theirs. Values that the context gives are taken to be the same.
func follows(c Constant, columns, referenced []string, others []Constant) bool {
	i := slices.Index(columns, c.Column)
	return i >= 0 && slices.ContainsFunc(others, func(o Constant) bool {
		return o.Column == referenced[i] && (c.Late() && o.Late() || c.text() == o.text())
	})
}

// Cleared returns the columns that become NULL where a row no longer points along the way: those of the key, and the type where
// it can be NULL.
func (w *Way) Cleared() []string {
	if w.Type == nil {
		return w.Table.Freed(w.Columns)
	}
	if c, ok := w.Table.Column(w.Type.Column); !ok || !c.Nullable || slices.Contains(w.Table.PrimaryKey, c.Name) {
		return w.Columns
	}
	return append([]string{w.Type.Column}, w.Columns...)
}

// Nullable reports whether a row that points along the way can be made to point at nothing.
func (w *Way) Nullable() bool { return len(w.Table.Freed(w.Columns)) > 0 }

// pointers returns the ways that lead to rows that point at the table's.
func (t *Table) pointers() []*Way {
	var ways []*Way
	for _, k := range slices.Concat(t.held, t.morphsAt) {
		for _, w := range k.ways {
			c := *w
			ways = append(ways, &c)
		}
	}
	return ways
}
