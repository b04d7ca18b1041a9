package oracle_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Relations between the two ends of a relation.

// checkUnrelated: a related row that belongs to nobody changes nothing.
func (c *oraCase) checkUnrelated([]reflect.Value, []*oraRow) error {
	for _, r := range c.spec.table.relations {
		stray := r.stray()
		if stray == "" || r.related == r.owner || r.single && c.data.dirty[r.related] {
			continue
		}
		s, has, left := oraPlain(r.owner), oraPlain(r.owner), oraPlain(r.owner)
		s.preloads = []*oraPreload{{rel: r}}
		has.where = []*oraPred{{op: "has", path: []*oraRelation{r}}}
		left.joins = []*oraJoin{{path: []*oraRelation{r}, left: true}}
		plans := oraPlans(s.preloads)
		var before, after []string
		for _, list := range []*[]string{&before, &after} {
			rows, err := s.build().all(c.ctx, c.d.DB)
			if err != nil {
				return err
			}
			*list, _ = oraTexts(r.owner, rows, plans)
			for _, other := range []*oraSpec{has, left} {
				texts, err := c.texts(other)
				if err != nil {
					return err
				}
				*list = append(*list, texts...)
			}
			if list == &before {
				c.d.Exec(c.tb, stray)
			}
		}
		c.d.Exec(c.tb, c.data.insert(c.g.Rand))
		if err := oraEqual(r.name+" before and after a row that belongs to nobody", after, before, false); err != nil {
			return err
		}
		c.meet("unrelated", true)
	}
	return nil
}

// stray returns the statement that inserts a related row without an owner, "" when there can be none.
func (r *oraRelation) stray() string {
	if len(r.steps) > 1 || r.back == "" || r.related.query != "" {
		return ""
	}
	var names, values []string
	for i, col := range r.related.columns {
		value := "NULL"
		switch {
		case slices.Contains(r.steps[0].to, i):
			if !col.null {
				return ""
			}
		case col.kind == oraInt:
			value = "4711"
		case col.kind == oraUUID:
			value = "'bbbbbbbb-0000-4000-8000-0000000000bb'"
		default:
			value = "'zz'"
		}
		names, values = append(names, oraQuote(col.name)), append(values, value)
	}
	return fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)",
		oraQuote(r.related.name), strings.Join(names, ", "), strings.Join(values, ", "))
}

// checkInverse: both ends of a relation say the same: the related rows of all owners are the owners of all related
// rows.
func (c *oraCase) checkInverse([]reflect.Value, []*oraRow) error {
	for _, r := range c.spec.table.relations {
		inverse := r.inverse()
		if inverse == nil || r.where != nil || inverse.where != nil || r.value || inverse.value || r.single || inverse.single {
			continue
		}
		there, err := c.pairs(r)
		if err != nil {
			return err
		}
		back, err := c.pairs(inverse)
		if err != nil {
			return err
		}
		for i, pair := range back {
			back[i] = [2]string{pair[1], pair[0]}
		}
		got, want := oraPairTexts(there), oraPairTexts(back)
		what := "pairs of " + r.owner.name + "." + r.name + " and of its inverse " + inverse.name
		if err := oraEqual(what, got, want, false); err != nil {
			return err
		}
		c.meet("inverse", len(got) > 0)
	}
	return nil
}

// chooses reports whether the relation is the first of several rows or by a condition, or goes along one that is: its rows are not all
// that the keys match.
func (r *oraRelation) chooses() bool {
	return len(r.first) > 0 || r.on != nil || slices.ContainsFunc(r.via, (*oraRelation).chooses)
}

// inverse returns the relation that is this one seen from the other end.
func (r *oraRelation) inverse() *oraRelation {
	if r.symmetric {
		return r
	}
	for _, other := range r.related.relations {
		first, last := other.steps[0], r.steps[len(r.steps)-1]
		if other != r && !r.chooses() && !other.chooses() && !other.symmetric && other.related == r.owner && len(other.steps) == len(r.steps) &&
			slices.Equal(first.from, last.to) && slices.Equal(first.to, last.from) {
			return other
		}
	}
	return nil
}

// pairs returns every owner with every row that is loaded onto it.
func (c *oraCase) pairs(r *oraRelation) ([][2]string, error) {
	rows, err := r.owner.open().preload(r.name).all(c.ctx, c.d.DB)
	var pairs [][2]string
	for _, row := range rows {
		for _, related := range oraFieldRows(row.Elem(), r) {
			pairs = append(pairs, [2]string{oraStructText(r.owner, row.Elem()), oraStructText(r.related, related.Elem())})
		}
	}
	return pairs, err
}

func oraPairTexts(pairs [][2]string) []string {
	texts := make([]string, len(pairs))
	for i, p := range pairs {
		texts[i] = p[0] + " - " + p[1]
	}
	return texts
}
