package oracle_test

import (
	"slices"
	"strings"
)

// The oracle, continued: what is loaded onto the rows of a query.

// oraTree evaluates preloads into text.
type oraTree struct {
	data    *oraData
	spec    *oraSpec // of the rows
	several bool     // a to-one relation found several rows
	none    bool     // one whose field is a struct found no row
}

// rows returns rows with what is loaded onto them.
func (t *oraTree) rows(rows []*oraRow, plans []*oraPlan) []string {
	texts := make([]string, len(rows))
	for i, row := range rows {
		var b strings.Builder
		b.WriteString(row.text() + t.data.valuesText(t.spec, row, t.spec.unscoped))
		t.relations(&b, row, row, plans, nil)
		texts[i] = b.String()
	}
	return texts
}

// relations writes the loaded relations of a row in the order of their declaration. owner is the row it was loaded
// for, and by the relation by which that is reached.
func (t *oraTree) relations(b *strings.Builder, row, owner *oraRow, plans []*oraPlan, by *oraPlan) {
	b.WriteString("{")
	for _, r := range row.table.relations {
		if by != nil && by.back == r {
			b.WriteString(r.name + "=^" + owner.text())
			t.relations(b, owner, owner, by.below, nil)
		}
		for _, p := range plans {
			if p.rel == r {
				t.relation(b, row, p)
			}
		}
	}
	for _, p := range plans {
		if p.rel.variant {
			t.relation(b, row, p)
		}
	}
	b.WriteString("}")
}

func (t *oraTree) relation(b *strings.Builder, row *oraRow, p *oraPlan) {
	related := t.data.related(row, p)
	p.sent = p.sent || row.sends(p.rel.steps[0])
	if p.rel.variant && len(related) == 0 {
		return // of the other table, or missing
	}
	b.WriteString(p.rel.name + "=")
	if !p.rel.many {
		if slices.ContainsFunc(related, func(r oraWay) bool { return r.row != related[0].row }) {
			t.several = true
		}
		t.none = t.none || p.rel.value && len(related) == 0
		if len(related) == 0 {
			b.WriteString("nil")
			return
		}
		t.related(b, related[0], row, p)
		return
	}
	items := make([]string, len(related))
	for i, r := range related {
		var item strings.Builder
		t.related(&item, r, row, p)
		items[i] = item.String()
	}
	b.WriteString(p.listText(items))
}

// listText joins the related rows of one owner. Without a primary key nothing says in which order they come.
func (p *oraPlan) listText(items []string) string {
	if len(p.rel.related.key) == 0 || p.rel.linked && len(p.rel.steps[0].table.key) == 0 {
		slices.Sort(items)
	}
	return "[" + strings.Join(items, " ") + "]"
}

func (t *oraTree) related(b *strings.Builder, way oraWay, owner *oraRow, p *oraPlan) {
	b.WriteString(way.row.text())
	if p.rel.linked {
		b.WriteString("/" + way.link.text())
		t.relations(b, way.link, way.link, p.ofLink(), nil)
	}
	if p.spec != nil {
		b.WriteString(t.data.valuesText(p.spec, way.row, p.lifted))
	}
	t.relations(b, way.row, owner, p.kids, p)
}

// related returns the rows that the plan loads for an owner.
func (d *oraData) related(owner *oraRow, p *oraPlan) []oraWay {
	spec := oraPlain(p.rel.related)
	if p.spec != nil {
		*spec = *p.spec
	}
	spec.unscoped = p.lifted
	if len(spec.order) == 0 {
		spec.order = p.rel.order
	}
	end := d.lift(p.lifted)
	ways := d.follow(owner, p.rel, "")
	end()
	if p.rel.ways {
		ways = oraOnce(ways)
	}
	envs := d.envs(spec, ways, p.rel)
	ways = make([]oraWay, len(envs))
	for i, e := range envs {
		ways[i] = e.way()
	}
	return ways
}

// oraOnce returns the ways without those to rows that are there already: two link rows may lead to one row.
func oraOnce(ways []oraWay) []oraWay {
	seen := map[*oraRow]bool{}
	return slices.DeleteFunc(slices.Clone(ways), func(w oraWay) bool {
		again := seen[w.row]
		seen[w.row] = true
		return again
	})
}
