package relations_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// confKin is one owner and the rows related to it, by name, in the order of their primary keys.
type confKin struct {
	owner   string
	related []string
}

// confRelation is one direction of a declared relation with all that is true of its rows. The same promises are
// checked for every relation there is.
type confRelation[T any] struct {
	name          string
	table         *dovetail.Table[T]
	path, inverse string
	label         string   // the column that names an owner; default: name
	relatedLabel  string   // the column that names a related row; default: name
	order         []string // the owner's primary key; default: id
	relatedOrder  []string // the related table's; default: id
	free          bool     // preloading the inverse costs no statement
	values        bool     // related rows, or their owners, are held by value: no pointers to be shared
	lookups       int      // look-ups of key types that a preload costs on PostgreSQL: 1 for text keys
	backLookups   int      // the same of the inverse
	want          []confKin
	get           func(*T) []kit.Node  // the related rows of an owner; nil when they are not loaded
	back          func(any) []kit.Node // the owners of a related row
}

// cases returns a case for each way to use the relation.
func (r confRelation[T]) cases() []kit.Case {
	r.label, r.relatedLabel = confLabel(r.label), confLabel(r.relatedLabel)
	if r.order == nil {
		r.order = []string{"id"}
	}
	if r.relatedOrder == nil {
		r.relatedOrder = []string{"id"}
	}
	return []kit.Case{
		{Name: "relation/" + r.name + "/join", Run: r.testJoin},
		{Name: "relation/" + r.name + "/left join", Run: r.testLeftJoin},
		{Name: "relation/" + r.name + "/has", Run: r.testHas},
		{Name: "relation/" + r.name + "/preload", Run: r.testPreload},
		{Name: "relation/" + r.name + "/preload and back", Run: r.testPreloadInverse},
		{Name: "relation/" + r.name + "/load", Run: r.testLoad},
	}
}

func confLabel(label string) string {
	if label == "" {
		return "name"
	}
	return label
}

// pairsOf selects the name of an owner beside that of a related row, in the order of both primary keys.
func (r confRelation[T]) pairsOf(q dovetail.Query[*T]) dovetail.Query[*T] {
	q = q.Columns().Column(r.table.Name() + "." + r.label + " AS owner").
		Column(r.path + "." + r.relatedLabel + " AS related")
	q = q.OrderBy(r.order...)
	for _, key := range r.relatedOrder {
		q = q.OrderBy(r.path + "." + key)
	}
	return q
}

// confPair is a row of a join.
type confPair struct {
	Owner   string
	Related *string
}

func (p confPair) String() string {
	if p.Related == nil {
		return p.Owner + "-"
	}
	return p.Owner + "-" + *p.Related
}

func (r confRelation[T]) testJoin(t *testing.T, d kit.Database) {
	rec := d.Record()
	var want, once []string
	for _, k := range r.want {
		for _, name := range k.related {
			want = append(want, k.owner+"-"+name)
		}
		if len(k.related) > 0 {
			once = append(once, k.owner)
		}
	}
	q := dovetail.Select(r.table).Join(r.path)
	kit.Same(t, "pairs", kit.Pluck(kit.Collect[confPair](t, rec, r.pairsOf(q)), confPair.String), want...)
	rec.Expect(t, 1, 1)
	kit.Equal(t, "rows of the join", len(kit.All(t, rec, q)), len(want))
	rec.Expect(t, 1, 1)
	distinct := kit.Collect[string](t, rec, q.Distinct().Columns(r.label).OrderBy(r.label))
	slices.Sort(once)
	kit.Same(t, "owners, each once", distinct, once...)
	rec.Expect(t, 1, 1)
}

func (r confRelation[T]) testLeftJoin(t *testing.T, d kit.Database) {
	rec := d.Record()
	var want []string
	for _, k := range r.want {
		for _, name := range k.related {
			want = append(want, k.owner+"-"+name)
		}
		if len(k.related) == 0 {
			want = append(want, k.owner+"-")
		}
	}
	q := dovetail.Select(r.table).LeftJoin(r.path)
	kit.Same(t, "pairs", kit.Pluck(kit.Collect[confPair](t, rec, r.pairsOf(q)), confPair.String), want...)
	rec.Expect(t, 1, 1)

	// A condition of the join keeps the owners for which it does not hold, beside a NULL.
	some := r.someRelated()
	want = nil
	for _, k := range r.want {
		if slices.Contains(k.related, some) {
			want = append(want, k.owner+"-"+some)
		} else {
			want = append(want, k.owner+"-")
		}
	}
	q = dovetail.Select(r.table).LeftJoin(r.path, squirrel.Eq{r.relatedLabel: some})
	kit.Same(t, "pairs on a condition", kit.Pluck(kit.Collect[confPair](t, rec, r.pairsOf(q)), confPair.String), want...)
	rec.Expect(t, 1, 1)
}

// someRelated returns a row that at least one owner is related to.
func (r confRelation[T]) someRelated() string {
	for _, k := range r.want {
		if len(k.related) > 0 {
			return k.related[len(k.related)-1]
		}
	}
	return ""
}

func (r confRelation[T]) testHas(t *testing.T, d kit.Database) {
	rec := d.Record()
	some := r.someRelated()
	var any, none, one, others []string
	for _, k := range r.want {
		if len(k.related) > 0 {
			any = append(any, k.owner)
		} else {
			none = append(none, k.owner)
		}
		if slices.Contains(k.related, some) {
			one = append(one, k.owner)
		} else {
			others = append(others, k.owner)
		}
	}
	q := dovetail.Select(r.table)
	eq := squirrel.Eq{r.relatedLabel: some}
	for _, c := range []struct {
		what string
		q    dovetail.Query[*T]
		want []string
	}{
		{"has", q.Has(r.path), any},
		{"has none", q.HasNone(r.path), none},
		{"has one", q.Has(r.path, eq), one},
		{"has not that one", q.HasNone(r.path, eq), others},
		{"as a condition", q.Where(squirrel.Or{dovetail.Has(r.path, eq), dovetail.HasNone(r.path)}), r.oneOrNone(some)},
	} {
		kit.Same(t, c.what, kit.Collect[string](t, rec, c.q.Columns(r.label).OrderBy(r.order...)), c.want...)
		rec.Expect(t, 1, 1)
		n, err := c.q.Count(t.Context(), rec)
		if err != nil || n != int64(len(c.want)) {
			t.Errorf("%s: expected to count %d, got %d, %v", c.what, len(c.want), n, err)
		}
		rec.Expect(t, 1, 1)
	}
}

func (r confRelation[T]) oneOrNone(some string) []string {
	var names []string
	for _, k := range r.want {
		if len(k.related) == 0 || slices.Contains(k.related, some) {
			names = append(names, k.owner)
		}
	}
	return names
}

func (r confRelation[T]) testPreload(t *testing.T, d kit.Database) {
	rec := d.Record()
	rows := kit.All(t, rec, dovetail.Select(r.table).OrderBy(r.order...).Preload(r.path))
	rec.Expect(t, 2+d.Lookups(r.lookups), 2)
	r.check(t, rows)
	for _, row := range kit.All(t, rec, dovetail.Select(r.table)) {
		if nodes := r.get(row); len(nodes) > 0 {
			t.Errorf("without a preload: expected nothing loaded, got %v", nodes)
		}
	}
	rec.Expect(t, 1, 1)
}

// check fails the test unless the rows hold exactly their related rows, and each of those is one pointer.
func (r confRelation[T]) check(t *testing.T, rows []*T) {
	t.Helper()
	if len(rows) != len(r.want) {
		t.Fatalf("expected %d rows, got %d", len(r.want), len(rows))
	}
	first := map[string]any{}
	for i, row := range rows {
		nodes := r.get(row)
		if nodes == nil {
			t.Errorf("%s: the relation is not loaded", r.want[i].owner)
		}
		kit.Same(t, r.want[i].owner, kit.Pluck(nodes, func(n kit.Node) string { return n.Name }), r.want[i].related...)
		for _, n := range nodes {
			if known, ok := first[n.Name]; ok && known != n.Row && !r.values {
				t.Errorf("%s: expected one pointer for all owners of it", n.Name)
			}
			first[n.Name] = n.Row
		}
	}
}

// testPreloadInverse goes to the related rows and back to all of their owners.
func (r confRelation[T]) testPreloadInverse(t *testing.T, d kit.Database) {
	rec := d.Record()
	rows := kit.All(t, rec, dovetail.Select(r.table).OrderBy(r.order...).Preload(r.path+"."+r.inverse))
	sent, lookups := 3, d.Lookups(max(r.lookups, r.backLookups)) // one look-up serves the whole call
	if r.free {
		sent, lookups = 2, d.Lookups(r.lookups)
	}
	rec.Expect(t, sent+lookups, sent)
	r.check(t, rows)
	owners := map[string][]string{}
	for _, k := range r.want {
		for _, name := range k.related {
			owners[name] = append(owners[name], k.owner)
		}
	}
	for i, row := range rows {
		for _, n := range r.get(row) {
			back := r.back(n.Row)
			kit.Same(t, fmt.Sprintf("owners of %s", n.Name), kit.Pluck(back, func(o kit.Node) string { return o.Name }),
				owners[n.Name]...)
			if r.free && !r.values && (len(back) != 1 || back[0].Row != any(row)) {
				t.Errorf("%s of %s: expected the very owner it was loaded for", n.Name, r.want[i].owner)
			}
		}
	}
}

func (r confRelation[T]) testLoad(t *testing.T, d kit.Database) {
	rec := d.Record()
	rows := kit.All(t, rec, dovetail.Select(r.table).OrderBy(r.order...))
	rec.Expect(t, 1, 1)
	kit.Load(t, rec, r.table, rows, r.path)
	rec.Expect(t, 1+d.Lookups(r.lookups), 1+d.Lookups(r.lookups))
	r.check(t, rows)
	kit.Load(t, rec, r.table, rows, r.path) // replaces, and knows the types of the keys
	rec.Expect(t, 1, 1)
	r.check(t, rows)
}
