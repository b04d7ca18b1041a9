package graph

import "slices"

// Part is a table that loses rows by a delete.
type Part struct {
	Table  *Table
	Into   []*Way // those along which its rows go
	Out    []*Way // all that point at its rows
	Cyclic bool   // its rows may follow rows of other tables that follow them
}

// Way is a key along which a delete reaches further rows: a foreign key, or a polymorphic reference for one value of its type.
type Way struct {
	From       *Part  // whose rows are pointed at
	Table      *Table // the one that holds the key
	To         *Part  // of Table; nil: none of its rows go
	Columns    []string
	Referenced []string
	Type       *Constant // of Table; nil: a foreign key
	OnDelete   DeletePolicy
	Logical    bool      // of a polymorphic reference: without a policy a delete leaves its rows alone
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
// only Cascade, to tables whose rows are marked too: nothing else about the rows changes.
func (t *Table) Reach(soft bool) *Reach {
	r := &Reach{Parts: []*Part{{Table: t}}, Soft: soft}
	for i := 0; i < len(r.Parts); i++ {
		p := r.Parts[i]
		for _, w := range p.Table.pointers() {
			if soft && (w.OnDelete != Cascade || w.Table.SoftDelete == "") {
				continue
			}
			w.From = p
			p.Out, r.Ways = append(p.Out, w), append(r.Ways, w)
			if w.OnDelete == Cascade && r.part(w.Table) == nil {
				r.Parts = append(r.Parts, &Part{Table: w.Table})
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

// Untied reports whether rows that go must no longer point along the way before those that they point at can go.
func (r *Reach) Untied(w *Way) bool {
	return !r.Soft && w.Type == nil && w.Nullable() && slices.Contains(r.Ahead, w)
}

// Nullable reports whether each column of the key can become NULL.
func (w *Way) Nullable() bool {
	return !slices.ContainsFunc(w.Columns, func(name string) bool {
		c, ok := w.Table.Column(name)
		return ok && !c.Nullable || slices.Contains(w.Table.PrimaryKey, name)
	})
}

// pointers returns the keys that point at the table's rows.
func (t *Table) pointers() []*Way {
	var ways []*Way
	for _, k := range t.held {
		if k.OnDelete == Unsaid {
			continue
		}
		ways = append(ways, &Way{
			Table: k.Table, Columns: k.Columns, Referenced: k.Referenced, OnDelete: k.OnDelete, Relation: k.seen(),
		})
	}
	for _, w := range t.morphsAt {
		c := *w
		ways = append(ways, &c)
	}
	return ways
}

// seen returns the relation by which the key is known to the table it points at.
func (k *ForeignKey) seen() *Relation {
	at := func(r *Relation) bool { return r.Owner.Same(k.References) && !r.Steps[0].Forward }
	if i := slices.IndexFunc(k.Relations, at); i >= 0 {
		return k.Relations[i]
	}
	return k.Relations[0]
}

// bindMorphs notes the polymorphic references to the table's rows, and returns the policies that disagree. No database knows of
// them: without a policy they restrict, unless they are logical.
func (t *Table) bindMorphs(tables []*Table) []error {
	var errs []error
	for _, o := range tables {
		for _, r := range o.order {
			for _, one := range r.Each() {
				if len(one.Chain) > 0 {
					continue
				}
				if err := t.bindMorph(one); err != nil {
					errs = append(errs, err)
				}
			}
		}
	}
	t.morphsAt = slices.DeleteFunc(t.morphsAt, func(w *Way) bool { return w.Logical && w.OnDelete == Unsaid })
	for i, w := range t.morphsAt {
		c := *w
		if c.OnDelete == Unsaid {
			c.OnDelete = Restrict
		}
		t.morphsAt[i] = &c
	}
	return errs
}

func (t *Table) bindMorph(r *Relation) error {
	s := r.Steps[0]
	w := &Way{Relation: r, OnDelete: r.OnDelete, Logical: r.Logical}
	var at *Table
	switch {
	case len(s.OnTo) == 1: // seen from the row that is pointed at
		at, w.Table, w.Columns, w.Referenced, w.Type = r.Owner, s.Table, []string{s.On[0].To}, []string{s.On[0].From}, &s.OnTo[0]
	case len(s.OnFrom) == 1:
		at, w.Table, w.Columns, w.Referenced, w.Type = s.Table, r.Owner, []string{s.On[0].From}, []string{s.On[0].To}, &s.OnFrom[0]
	}
	if at == nil || !at.Same(t) {
		return nil
	}
	known := slices.IndexFunc(t.morphsAt, func(o *Way) bool {
		return o.Table.Same(w.Table) && *o.Type == *w.Type && o.Columns[0] == w.Columns[0]
	})
	if known < 0 {
		t.morphsAt = append(t.morphsAt, w)
		return nil
	}
	first := t.morphsAt[known]
	first.Logical = first.Logical || w.Logical
	w.Logical = first.Logical
	switch {
	case len(s.OnTo) == 0:
	case first.OnDelete == Unsaid:
		t.morphsAt[known] = w
	case at == t && w.OnDelete != Unsaid && w.OnDelete != first.OnDelete:
		return r.problem("its OnDelete is %s, but that of relation %q along the same columns is %s; declare it once",
			w.OnDelete, first.Relation, first.OnDelete)
	}
	return nil
}
