package relations_test

import (
	"context"
	"reflect"
	"slices"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// byCondition is a relation by a condition, or along one: it has the same rows in every use.
type byCondition[P, C any] struct {
	path    string
	owners  dovetail.Query[*P] // ordered
	table   *dovetail.Table[P]
	related *dovetail.Table[C]
	ids     []int64 // of the owners
	id      func(*P) int64
	get     func(*P) []*C
	value   func(*C) int64 // the id
	one     bool           // it is to-one
	want    [][]int64      // for each owner, in the relation's order
}

func (c byCondition[P, C]) cases() []kit.Case {
	name := reflect.TypeFor[P]().Name() + "." + c.path
	all := []kit.Case{
		{Name: name + ": loaded", Run: c.loaded},
		{Name: name + ": joined", Run: c.joined},
		{Name: name + ": tested", Run: c.tested},
	}
	if !c.one {
		all = append(all, kit.Case{Name: name + ": limited", Run: c.limited})
	}
	return all
}

func (c byCondition[P, C]) check(t *testing.T, what string, rows []*P, want [][]int64) {
	t.Helper()
	kit.Equal(t, what+": owners", len(rows), len(want))
	shared := map[int64]*C{}
	for i, row := range rows {
		got := c.get(row)
		kit.Same(t, what, kit.Pluck(got, c.value), want[i]...)
		for _, r := range got {
			if known := shared[c.value(r)]; known != nil && known != r {
				t.Errorf("%s: %d is two rows", what, c.value(r))
			}
			shared[c.value(r)] = r
		}
	}
}

// those are the lists with the rows that are as asked, and the owners that have one.
func (c byCondition[P, C]) those(is func(int64) bool) (lists [][]int64, ids []int64) {
	for i, w := range c.want {
		var kept []int64
		for _, v := range w {
			if is(v) {
				kept = append(kept, v)
			}
		}
		if lists = append(lists, kept); len(kept) > 0 {
			ids = append(ids, c.ids[i])
		}
	}
	return lists, ids
}

func (c byCondition[P, C]) loaded(t *testing.T, d kit.Database) {
	db := d.Record()
	c.check(t, "Preload", kit.All(t, db, c.owners.Preload(c.path)), c.want)
	db.Expect(t, 2, 2)
	c.check(t, "Fetch", kit.All(t, d.DB, c.owners.Fetch(c.path)), c.want)
	rows := kit.All(t, d.DB, c.owners)
	kit.Load(t, d.DB, c.table, append(rows, rows[0]), c.path)
	c.check(t, "Load", rows, c.want)
	small := func(v int64) bool { return v < 4 }
	lists, _ := c.those(small)
	c.check(t, "a condition", kit.All(t, d.DB, c.owners.Preload(c.path, dovetail.Select(c.related).Where(sq.Lt{"id": 4}))), lists)
	sorted := make([][]int64, len(c.want))
	for i, w := range c.want {
		sorted[i] = slices.Sorted(slices.Values(w))
	}
	c.check(t, "an order", kit.All(t, d.DB, c.owners.Preload(c.path, dovetail.Select(c.related).OrderBy("id"))), sorted)
}

func (c byCondition[P, C]) limited(t *testing.T, d kit.Database) {
	first, rest := make([][]int64, len(c.want)), make([][]int64, len(c.want))
	for i, w := range c.want {
		n := min(1, len(w))
		first[i], rest[i] = w[:n], w[n:]
	}
	db := d.Record()
	c.check(t, "Limit", kit.All(t, db, c.owners.Preload(c.path, dovetail.Select(c.related).Limit(1))), first)
	db.Expect(t, 2, 2)
	c.check(t, "Offset", kit.All(t, d.DB, c.owners.Preload(c.path, dovetail.Select(c.related).Offset(1))), rest)
}

func (c byCondition[P, C]) owned(t *testing.T, d kit.Database, what string, q dovetail.Query[*P], want ...int64) {
	t.Helper()
	db := d.Record()
	kit.Same(t, what, kit.Pluck(kit.All(t, db, q), c.id), want...)
	db.Expect(t, 1, 1)
}

func (c byCondition[P, C]) joined(t *testing.T, d kit.Database) {
	_, ids := c.those(func(int64) bool { return true })
	_, small := c.those(func(v int64) bool { return v < 4 })
	c.owned(t, d, "Join", c.owners.Join(c.path).Distinct(), ids...)
	c.owned(t, d, "Join with a condition", c.owners.Join(c.path, sq.Lt{"id": 4}).Distinct(), small...)
	c.owned(t, d, "LeftJoin", c.owners.LeftJoin(c.path).Distinct(), c.ids...)
	c.owned(t, d, "LeftJoin without", c.owners.LeftJoin(c.path).Where(sq.Eq{c.path + ".id": nil}), slices.DeleteFunc(slices.Clone(c.ids),
		func(id int64) bool { return slices.Contains(ids, id) })...)
	if c.one {
		c.owned(t, d, "Where", c.owners.Where(sq.Lt{c.path + ".id": 4}), small...)
		c.owned(t, d, "OrderBy", c.owners.OrderBy(c.path+".id"), c.ids...)
	}
}

func (c byCondition[P, C]) tested(t *testing.T, d kit.Database) {
	_, ids := c.those(func(int64) bool { return true })
	_, small := c.those(func(v int64) bool { return v < 4 })
	c.owned(t, d, "Has", c.owners.Has(c.path), ids...)
	c.owned(t, d, "Has with a condition", c.owners.Has(c.path, sq.Lt{"id": 4}), small...)
	c.owned(t, d, "HasNone", c.owners.HasNone(c.path, sq.Lt{"id": 4}), slices.DeleteFunc(slices.Clone(c.ids),
		func(id int64) bool { return slices.Contains(small, id) })...)
	var two []int64
	for i, w := range c.want {
		if len(w) > 1 {
			two = append(two, c.ids[i])
		}
	}
	c.owned(t, d, "HasAtLeast", c.owners.HasAtLeast(2, c.path), two...)
	kit.Same(t, "Count", kit.Collect[int64](t, d.DB, c.owners.Columns().With(dovetail.Count(c.path).As("n"))),
		kit.Pluck(c.want, func(w []int64) int64 { return int64(len(w)) })...)
	sums := kit.Collect[*int64](t, d.DB, c.owners.Columns().With(dovetail.Sum(c.path+".id").As("n")))
	for i, w := range c.want {
		var sum int64
		for _, v := range w {
			sum += v
		}
		if got := sums[i]; got != nil && *got != sum || got == nil && sum != 0 {
			t.Errorf("Sum of %d: expected %d, got %v", c.ids[i], sum, got)
		}
	}
}

func oneOf[C any](row *C) []*C {
	if row == nil {
		return nil
	}
	return []*C{row}
}

// TestByCondition runs the promises of relations by a condition.
func TestByCondition(t *testing.T) {
	t.Parallel()
	type province = models.Province
	type town = models.Town
	towns := func(path string, one bool, get func(*province) []*town, want ...[]int64) []kit.Case {
		return byCondition[province, town]{path, models.ProvincesQ(), models.Provinces, models.Towns, []int64{1, 2, 3, 4}, models.ProvinceID,
			get, models.TownID, one, want}.cases()
	}
	provinces := func(path string, get func(*province) []*province, want ...[]int64) []kit.Case {
		return byCondition[province, province]{path, models.ProvincesQ(), models.Provinces, models.Provinces, []int64{1, 2, 3, 4}, models.ProvinceID,
			get, models.ProvinceID, false, want}.cases()
	}
	ofTowns := func(path string, get func(*town) []*province, want ...[]int64) []kit.Case {
		return byCondition[town, province]{path, models.TownsQ(), models.Towns, models.Provinces, []int64{1, 2, 3, 4, 5, 7}, models.TownID,
			get, models.ProvinceID, true, want}.cases()
	}
	one := func(v int64) []int64 { return []int64{v} }
	var cases []kit.Case
	for _, more := range [][]kit.Case{
		towns("capital", true, func(p *province) []*town { return oneOf(p.Capital) }, one(1), one(3), nil, nil),
		towns("biggest", true, func(p *province) []*town { return oneOf(p.Biggest) }, one(1), one(4), one(3), nil),
		towns("sized", false, func(p *province) []*town { return p.Sized }, []int64{1, 3, 2, 5}, []int64{4, 7, 1, 3}, []int64{3, 2, 5}, nil),
		towns("below_towns", false, func(p *province) []*town { return p.BelowTowns }, []int64{4, 7, 1, 3, 2, 5}, nil, nil, nil),
		provinces("below", func(p *province) []*province { return p.Below }, []int64{2, 3, 4}, one(4), nil, nil),
		provinces("children", func(p *province) []*province { return p.Children }, []int64{2, 3}, one(4), nil, nil),
		ofTowns("in", func(t *town) []*province { return oneOf(t.In) }, one(1), one(1), one(2), one(2), one(3), one(2)),
		ofTowns("seat_of", func(t *town) []*province { return oneOf(t.SeatOf) }, one(1), nil, one(2), nil, nil, nil),
		byCondition[town, town]{"capital_there", models.TownsQ(), models.Towns, models.Towns, []int64{1, 2, 3, 4, 5, 7}, models.TownID,
			func(t *town) []*town { return oneOf(t.Capital) }, models.TownID, true, [][]int64{one(1), one(1), one(3), one(3), nil, one(3)}}.cases(),
		{
			{Name: "by a condition below others", Run: conditionNested},
			{Name: "a tree by a condition", Run: conditionTree},
			{Name: "more rows than one by a condition", Run: conditionOfSeveral},
			{Name: "by a condition, unscoped", Run: conditionUnscoped},
			{Name: "by a condition, of other keys", Run: conditionOfOtherKeys},
			{Name: "by a condition, of a table without a key", Run: conditionOfKeyless},
			{Name: "by a condition on the related rows alone", Run: conditionOfAll},
			{Name: "by a condition that the context completes", Run: conditionOfContext},
		},
	} {
		cases = append(cases, more...)
	}
	kit.RunCases(t, models.RealmDDL, cases)
}

func conditionNested(t *testing.T, d kit.Database) {
	db := d.Record()
	rows := kit.All(t, db, models.ProvincesQ().Preload("below.sized.in").Preload("capital.seat_of"))
	db.Expect(t, 6, 4)
	kit.Same(t, "below below", kit.Pluck(rows[0].Below[0].Sized, models.TownID), 4, 7, 1, 3)
	kit.Equal(t, "in", rows[0].Below[0].Sized[2].In.Code, "A")
	kit.Equal(t, "the way back", rows[0].Capital.SeatOf.ID, 1)
	kit.Same(t, "named", kit.Pluck(kit.All(t, d.DB, models.TownsQ().Where(sq.Eq{"in.capital.size": 7})), models.TownID), 3, 4, 7)
	kit.Same(t, "has", kit.Pluck(kit.All(t, d.DB, models.TownsQ().Has("in.below", dovetail.Has("sized", sq.Eq{"id": 5}))), models.TownID), 1, 2)
	kit.Same(t, "has in has", kit.Pluck(kit.All(t, d.DB, models.ProvincesQ().Has("children", dovetail.HasNone("capital"))), models.ProvinceID), 1, 2)
	rows = kit.All(t, d.DB, models.ProvincesQ().Fetch("capital.in").Fetch("sized"))
	kit.Equal(t, "fetched below", rows[1].Capital.In.ID, 2)
	kit.Same(t, "fetched beside", kit.Pluck(rows[1].Sized, models.TownID), 4, 7, 1, 3)
}

func conditionTree(t *testing.T, d kit.Database) {
	db := d.Record()
	rows := kit.All(t, db, models.ProvincesQ().Where(sq.Eq{"id": 1}).PreloadTree("children", 0))
	db.Expect(t, 2, 2)
	kit.Same(t, "children", kit.Pluck(rows[0].Children, models.ProvinceID), 2, 3)
	kit.Same(t, "theirs", kit.Pluck(rows[0].Children[0].Children, models.ProvinceID), 4)
}

// conditionOfSeveral has a to-one relation whose condition holds for several rows.
func conditionOfSeveral(t *testing.T, d kit.Database) {
	type town struct {
		ID   int64
		Size int64
	}
	type province struct {
		ID     int64
		Low    *int64
		Bigger *town
	}
	r := dovetail.NewRegistry()
	provinces, towns := dovetail.NewTable[province](r, "provinces"), dovetail.NewTable[town](r, "towns")
	dovetail.HasOne(provinces, "bigger", towns, dovetail.On("self.size > outer.low"))
	q := dovetail.Select(provinces).OrderBy("id")
	_, err := q.Preload("bigger").All(t.Context(), d.DB)
	kit.Refused(t, err, dovetail.ErrTooManyRows, `"provinces.bigger"`, "OrderBy")
	_, err = q.Fetch("bigger").All(t.Context(), d.DB)
	kit.Refused(t, err, dovetail.ErrTooManyRows)
	rows := kit.All(t, d.DB, q.Where(sq.Eq{"id": []int{1, 4}}).Preload("bigger"))
	if rows[0].Bigger != nil || rows[1].Bigger == nil || rows[1].Bigger.ID != 6 {
		t.Errorf("expected none and 6: %v %v", rows[0].Bigger, rows[1].Bigger)
	}
}

func conditionUnscoped(t *testing.T, d kit.Database) {
	rows := kit.All(t, d.DB, models.ProvincesQ().UnscopedAt("capital", "there").UnscopedAt("biggest", "there").Preload("capital").Preload("biggest"))
	kit.Equal(t, "the capital that is gone", rows[3].Capital.ID, 6)
	kit.Equal(t, "the biggest of all", rows[1].Biggest.ID, 6)
}

// placed is a province that is told by other keys than a number.
type placed struct {
	Code string
	Path string
	Seat *string
	Low  *int64
	Big  []*bigTown
}

type bigTown struct {
	ID   int64
	Size int64
}

// placedBy declares provinces by a key, and their towns of a size.
func placedBy(on dovetail.RelationOption, key ...string) (*dovetail.Table[placed], *dovetail.Table[bigTown]) {
	r := dovetail.NewRegistry()
	provinces := dovetail.NewTable[placed](r, "provinces", dovetail.PrimaryKey(key...))
	towns := dovetail.NewTable[bigTown](r, "towns")
	dovetail.HasMany(provinces, "big", towns, on, dovetail.OrderBy("size DESC"))
	return provinces, towns
}

func bigTownID(t *bigTown) int64 { return t.ID }

// conditionOfOtherKeys has owners of a text key and of several columns.
func conditionOfOtherKeys(t *testing.T, d kit.Database) {
	for _, key := range [][]string{{"code"}, {"code", "path"}} {
		provinces, towns := placedBy(dovetail.On("self.size >= outer.low AND self.size < outer.low * 10"), key...)
		q := dovetail.Select(provinces).OrderBy("code")
		lists := func(rows []*placed) [][]int64 {
			return kit.Pluck(rows, func(p *placed) []int64 { return kit.Pluck(p.Big, bigTownID) })
		}
		check := func(what string, got [][]int64, want ...[]int64) {
			t.Helper()
			for i := range want {
				kit.Same(t, what, got[i], want[i]...)
			}
		}
		check("Preload", lists(kit.All(t, d.DB, q.Preload("big"))), nil, []int64{1, 3}, []int64{1, 3, 2, 5}, []int64{6})
		check("a limit", lists(kit.All(t, d.DB, q.Preload("big", dovetail.Select(towns).Limit(1)))), nil, []int64{1}, []int64{1}, []int64{6})
		check("Fetch", lists(kit.All(t, d.DB, q.Fetch("big"))), nil, []int64{1, 3}, []int64{1, 3, 2, 5}, []int64{6})
		rows := kit.All(t, d.DB, q)
		for _, row := range rows {
			row.Low = nil // the condition reads the row in the database
		}
		kit.Load(t, d.DB, provinces, rows, "big")
		check("Load", lists(rows), nil, []int64{1, 3}, []int64{1, 3, 2, 5}, []int64{6})
	}
}

// conditionOfKeyless can be joined and tested, not preloaded.
func conditionOfKeyless(t *testing.T, d kit.Database) {
	provinces, _ := placedBy(dovetail.On("self.size >= outer.low"))
	q := dovetail.Select(provinces).OrderBy("code")
	kit.Equal(t, "Has", len(kit.All(t, d.DB, q.Has("big"))), 3)
	_, err := q.Preload("big").All(t.Context(), d.DB)
	kit.Refused(t, err, dovetail.ErrUnsupported, "PrimaryKey")
}

func conditionOfContext(t *testing.T, d kit.Database) {
	provinces, _ := placedBy(dovetail.On("self.size >= outer.low + ?", dovetail.FromContext(models.TenantOf)), "code")
	q := dovetail.Select(provinces).OrderBy("code")
	_, err := q.Preload("big").All(t.Context(), d.DB)
	kit.Refused(t, err, models.ErrNoTenant)
	rows, err := q.Has("big").Preload("big").All(context.WithValue(t.Context(), models.TenantKey{}, int64(45)), d.DB)
	kit.NoError(t, err)
	kit.Same(t, "with the context's", kit.Pluck(rows, func(p *placed) string { return p.Code }), "B", "C", "D")
	kit.Same(t, "its towns", kit.Pluck(rows[0].Big, bigTownID), 6, 4, 7)
}

// conditionOfAll does not name the owner, so that each has the same rows.
func conditionOfAll(t *testing.T, d kit.Database) {
	type town struct {
		ID   int64
		Size int64
	}
	type province struct {
		ID   int64
		Path string
		Next []*province
		Big  []*town
		Far  []*town
	}
	r := dovetail.NewRegistry()
	provinces, towns := dovetail.NewTable[province](r, "provinces"), dovetail.NewTable[town](r, "towns")
	dovetail.HasMany(provinces, "next", provinces, dovetail.On("self.id > outer.id"))
	dovetail.HasMany(provinces, "big", towns, dovetail.On(sq.GtOrEq{"size": 50}), dovetail.OrderBy("size DESC"))
	dovetail.HasManyThrough(provinces, "far", towns, "next.big")
	id := func(t *town) int64 { return t.ID }
	q := dovetail.Select(provinces).OrderBy("id").Preload("big")
	for i, p := range kit.All(t, d.DB, q.Preload("far", dovetail.Select(towns).Limit(2))) {
		kit.Same(t, "big", kit.Pluck(p.Big, id), 6, 4, 7)
		if i == 3 {
			kit.Same(t, "far of the last", kit.Pluck(p.Far, id))
			continue
		}
		kit.Same(t, "far", kit.Pluck(p.Far, id), 6, 4)
	}
	counts := kit.Collect[int64](t, d.DB, dovetail.Select(provinces).OrderBy("id").Columns().With(dovetail.Count("far").As("n")))
	kit.Same(t, "counted", counts, 3, 3, 3, 0)
}
