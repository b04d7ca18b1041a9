package oracle_test

import (
	"slices"
	"strings"
)

// The oracle, continued: where relations and paths lead.

// follow returns the rows at the end of a relation: one for each way that leads there. The path is that of the relation
// from the statement's root.
func (d *oraData) follow(row *oraRow, r *oraRelation, path string) []oraWay {
	at := []oraWay{{row: row}}
	for _, part := range r.via {
		var next []oraWay
		for _, from := range at {
			for _, to := range d.follow(from.row, part, path) {
				next = append(next, oraWay{row: to.row})
			}
		}
		at = next
	}
	if r.symmetric {
		return d.followBoth(row, r, path)
	}
	for i, s := range r.steps {
		if len(r.via) > 0 {
			break
		}
		var next []oraWay
		for _, from := range at {
			for _, to := range d.rows[s.table] {
				if !oraSame(from.row, s.from, to, s.to) || !from.row.are(s.fromIs) || !to.are(s.toIs) || !d.sees(to, path) || r.on != nil && !r.on(from.row, to) {
					continue
				}
				way := oraWay{row: to}
				if i > 0 {
					way.link = from.row
				}
				next = append(next, way)
			}
		}
		at = next
	}
	at = slices.DeleteFunc(at, func(to oraWay) bool { return r.where != nil && !r.where(to.row) })
	if len(r.first) == 0 || len(at) == 0 {
		return at
	}
	position := func(to oraWay) []any {
		var values []any
		for _, o := range r.first {
			values = append(values, to.row.vals[r.related.index(o.ref.col)])
		}
		return values
	}
	return []oraWay{slices.MinFunc(at, func(a, b oraWay) int { return d.comparePositions(r.first, position(a), position(b)) })}
}

// followBoth is follow for a symmetric relation: a link leads from either of its rows to the other.
func (d *oraData) followBoth(row *oraRow, r *oraRelation, path string) []oraWay {
	var at []oraWay
	near, far := r.steps[0].to, r.steps[1].from
	for _, link := range d.rows[r.steps[0].table] {
		for i, ends := range [][2][]int{{near, far}, {far, near}} {
			if !d.sees(link, path) || !oraSame(row, r.steps[0].from, link, ends[0]) || i > 0 && oraSame(link, near, link, far) {
				continue
			}
			for _, to := range d.rows[r.related] {
				if oraSame(link, ends[1], to, r.steps[1].to) && d.sees(to, path) {
					at = append(at, oraWay{row: to, link: link})
				}
			}
		}
	}
	return at
}

// firstBy makes a to-one relation the first of several rows by the order, which the primary key ends.
func (r *oraRelation) firstBy(order ...oraOrderTerm) {
	r.first = order
	for _, k := range r.related.key {
		r.first = append(r.first, oraOrderTerm{ref: oraRef{col: k}})
	}
}

// followAll follows relations, and gives each parent a row once that several ways along one relation lead to.
func (d *oraData) followAll(way oraWay, path []*oraRelation, prefix string) []oraWay {
	at := []oraWay{way}
	for _, r := range path {
		prefix = oraJoinPath(prefix, r.name)
		var next []oraWay
		for _, from := range at {
			if r.isLink {
				next = append(next, oraWay{row: from.link})
				continue
			}
			if r.followed != nil {
				next = append(next, d.descend(from.row, r, prefix)...)
				continue
			}
			ways := d.follow(from.row, r, prefix)
			if r.ways {
				ways = oraOnce(ways)
			}
			next = append(next, ways...)
		}
		at = next
	}
	return at
}

// descend returns the rows that a relation leads to again and again, each once.
func (d *oraData) descend(row *oraRow, r *oraRelation, path string) []oraWay {
	var found []oraWay
	for at, level := []oraWay{{row: row}}, 1; len(at) > 0 && (r.levels == 0 || level <= r.levels); level++ {
		var next []oraWay
		for _, from := range at {
			for _, to := range d.follow(from.row, r.followed, path) {
				if !slices.Contains(found, oraWay{row: to.row}) {
					found, next = append(found, oraWay{row: to.row}), append(next, oraWay{row: to.row})
				}
			}
		}
		at = next
	}
	return found
}

func oraJoinPath(path, more string) string {
	return strings.TrimSuffix(strings.TrimPrefix(path+"."+more, "."), ".")
}
