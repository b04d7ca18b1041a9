package reads_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// pageData makes things of few values, so that most orders have ties, and NULLs among them.
func pageData(random *rand.Rand, things int) string {
	or := func(null string, n int) string {
		if random.IntN(3) == 0 {
			return "NULL"
		}
		return fmt.Sprintf(null, 1+random.IntN(n))
	}
	var b strings.Builder
	for id := range things {
		fmt.Fprintf(&b, "INSERT INTO things (id, name, rank, note, box_id, shelf_id) VALUES (%d, 'n%d', %s, %s, %d, %s);\n",
			id+1, random.IntN(4), or("%d", 3), or("'t%d'", 3), 1+random.IntN(3), or("%d", 3))
		for range random.IntN(3) {
			fmt.Fprintf(&b, "INSERT INTO marks (id, thing_id) SELECT coalesce(max(id), 0) + 1, %d FROM marks;\n", id+1)
		}
	}
	return b.String()
}

// pageOrder returns a random order over columns of things and of what they belong to.
func pageOrder(random *rand.Rand) []string {
	names := []string{"name", "rank", "note", "id", "box.label", "shelf.label", "shelf.level", "box_id", "shelf_id"}
	random.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	terms := names[:random.IntN(4)]
	for i := range terms {
		terms[i] += []string{"", " ASC", " DESC", " DESC"}[random.IntN(4)]
		terms[i] += []string{"", "", " NULLS FIRST", " NULLS LAST"}[random.IntN(4)]
	}
	return terms
}

func thingID(t *models.PageThing) int64 { return t.ID }

func position(t *testing.T, q dovetail.Query[*models.PageThing], row *models.PageThing) []any {
	t.Helper()
	values, err := q.Position(row)
	if err != nil {
		t.Fatal(err)
	}
	return values
}

// TestPagesAreTheWholeResult goes through random results page by page, forwards and backwards.
func TestPagesAreTheWholeResult(t *testing.T) {
	t.Parallel()
	seed := kit.Seed(t)
	kit.OnEach(t, models.PageDDL+pageData(rand.New(rand.NewPCG(seed, 0)), 23), func(t *testing.T, d kit.Database) {
		random := rand.New(rand.NewPCG(seed, 1))
		for range 60 {
			order := pageOrder(random)
			q := dovetail.Select(models.PageThings).OrderBy(order...).Preload("box").Preload("shelf")
			shape := "plain"
			switch random.IntN(3) {
			case 0:
				q, shape = q.Join("marks").Distinct(), "distinct"
			case 1:
				q, shape = q.LeftJoin("box"), "left join"
			}
			whole := kit.All(t, d.DB, q.Limit(1000))
			size := 1 + random.IntN(4)
			what := fmt.Sprintf("seed %d, %s, order %q, pages of %d", seed, shape, order, size)
			kit.Same(t, what+", forwards", pagesForward(t, d, q, whole, size), kit.Pluck(whole, thingID)...)
			kit.Same(t, what+", backwards", pagesBackward(t, d, q, whole, size), kit.Pluck(whole, thingID)...)
			if t.Failed() {
				return
			}
		}
	})
}

func pagesForward(t *testing.T, d kit.Database, q dovetail.Query[*models.PageThing], whole []*models.PageThing, size int) (ids []int64) {
	page := kit.All(t, d.DB, q.Limit(size))
	for len(page) > 0 && len(ids) < len(whole) {
		ids = append(ids, kit.Pluck(page, thingID)...)
		next := q.After(position(t, q, page[len(page)-1])...)
		if n, err := next.Count(t.Context(), d.DB); err != nil || int(n) != len(whole)-len(ids) {
			t.Errorf("after %d of %d rows Count is %d, %v", len(ids), len(whole), n, err)
		}
		page = kit.All(t, d.DB, next.Limit(size))
	}
	return ids
}

func pagesBackward(t *testing.T, d kit.Database, q dovetail.Query[*models.PageThing], whole []*models.PageThing, size int) []int64 {
	if len(whole) == 0 {
		return nil
	}
	ids := []int64{whole[len(whole)-1].ID}
	first := whole[len(whole)-1]
	for len(ids) <= len(whole) {
		page := kit.All(t, d.DB, q.Before(position(t, q, first)...).Limit(size))
		if len(page) == 0 {
			return ids
		}
		ids = append(kit.Pluck(page, thingID), ids...)
		first = page[0]
	}
	return ids
}

func TestAfterAndBeforeAreAWindow(t *testing.T) {
	t.Parallel()
	kit.OnEvery(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		// By pages: 2 (184), 3 (204), 1 (341).
		books := dovetail.Select(models.Books).OrderBy("pages").After(184, 2)
		id := func(b *models.Book) int64 { return b.ID }
		rec := d.Record()
		kit.Same(t, "after", kit.Pluck(kit.All(t, rec, books), id), 3, 1)
		kit.Same(t, "after and before", kit.Pluck(kit.All(t, rec, books.Before(341, 1)), id), 3)
		kit.Same(t, "offset", kit.Pluck(kit.All(t, rec, books.Offset(1)), id), 1)
		rec.Expect(t, 3, 3)
		back := dovetail.Select(models.Books).OrderBy("pages").Before(341, 1)
		kit.Same(t, "before", kit.Pluck(kit.All(t, rec, back), id), 2, 3)
		kit.Same(t, "the nearest", kit.Pluck(kit.All(t, rec, back.Limit(1)), id), 3)
		kit.Same(t, "one further", kit.Pluck(kit.All(t, rec, back.Limit(1).Offset(1)), id), 2)
		kit.Same(t, "collected", kit.Collect[int64](t, rec, back.Columns("id")), 2, 3)
		one, err := back.Limit(1).One(t.Context(), rec)
		if err != nil || one.ID != 3 {
			t.Errorf("expected book 3, got %v, %v", one, err)
		}
		first, err := books.First(t.Context(), rec)
		if err != nil || first.ID != 3 {
			t.Errorf("expected book 3, got %v, %v", first, err)
		}
		found, err := books.After().Exists(t.Context(), rec)
		if err == nil || found {
			t.Errorf("After twice: got %t, %v", found, err)
		}
		found, err = dovetail.Select(models.Books).OrderBy("pages").After(341, 1).Exists(t.Context(), rec)
		if err != nil || found {
			t.Errorf("after the last: got %t, %v", found, err)
		}
		rec.Expect(t, 7, 7)
	})
}

func TestAfterInAPreloadIsForEachOwner(t *testing.T) {
	t.Parallel()
	kit.OnEvery(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		q := dovetail.Select(models.Activities).OrderBy("amount DESC").After(800, 1)
		// By amount: 2 (900), 1 (800) and 6 (800), 5 (750), 3 (500), 4 (30).
		models.Lists(t, models.AccountsWith(t, d, q), []int64{3}, []int64{4}, []int64{6, 5}, nil)
		models.Lists(t, models.AccountsWith(t, d, q.Limit(1)), []int64{3}, []int64{4}, []int64{6}, nil)
		tags := dovetail.Select(models.Posts).OrderBy("id").Preload("tags", dovetail.Select(models.Tags).OrderBy("name").After("go", 1))
		names := func(p *models.Post) string { return fmt.Sprint(kit.Pluck(p.Tags, models.TagName)) }
		kit.Same(t, "tags after go", kit.Pluck(kit.All(t, d.DB, tags), names), "[sql]", "[sql]", "[]")
	})
}

func TestAfterInsideASubquery(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		// Where NULLs stand is known inside too: the order by the parent's key begins or ends with the root.
		later := dovetail.Select(models.Categories).Columns("id").OrderBy("parent_id").After(1, 2)
		want := []int64{3, 4, 5}
		if d.Postgres() {
			want = []int64{1, 3, 4, 5}
		}
		rows := kit.All(t, d.DB, dovetail.Select(models.Categories).Where(sq.Eq{"id": later}).OrderBy("id"))
		kit.Same(t, "categories", kit.Pluck(rows, func(c *models.Category) int64 { return c.ID }), want...)
	})
}

// TestOffsetPagesAreTheWholeResult checks that pages by offset have a total order over joins and with Distinct too.
func TestOffsetPagesAreTheWholeResult(t *testing.T) {
	t.Parallel()
	data := pageData(rand.New(rand.NewPCG(7, 7)), 40)
	kit.OnEach(t, models.PageDDL+data, func(t *testing.T, d kit.Database) {
		things := dovetail.Select(models.PageThings)
		for name, q := range map[string]dovetail.Query[*models.PageThing]{
			"plain":         things.OrderBy("name"),
			"no order":      things,
			"to-one":        things.OrderBy("box.label", "shelf.label DESC"),
			"left join":     things.LeftJoin("shelf").OrderBy("shelf.level"),
			"distinct join": things.LeftJoin("marks").Distinct().OrderBy("box.label"),
		} {
			sql, _, err := q.Limit(3).SQL(d.DB.Dialect())
			if err != nil || !strings.Contains(sql, `"things"."id" LIMIT 3`) {
				t.Errorf("%s: the order does not end in the primary key: %s, %v", name, sql, err)
			}
			var ids []int64
			for at := 0; at < 40; at += 3 {
				ids = append(ids, kit.Pluck(kit.All(t, d.DB, q.Limit(3).Offset(at)), thingID)...)
			}
			slices.Sort(ids)
			if len(ids) != 40 || len(slices.Compact(ids)) != 40 {
				t.Errorf("%s: expected each of 40 rows once, got %v", name, ids)
			}
		}
	})
}

func TestPositionReadsWhatTheQueryLoaded(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, models.PageDDL+`INSERT INTO things (id, name, rank, note, box_id, shelf_id) VALUES
  (1, 'n', 5, NULL, 2, 2), (2, 'n', NULL, 'x', 1, NULL);`, func(t *testing.T, d kit.Database) {
		q := dovetail.Select(models.PageThings).OrderBy("shelf.level", "box.label DESC", "rank", "note").Preload("shelf").Preload("box")
		rows := kit.All(t, d.DB, q.Where(sq.Eq{"id": 1}))
		kit.Same[any](t, "on a shelf", position(t, q.After(1), rows[0]), int64(1), "a", int64(5), nil, int64(1))
		rows = kit.All(t, d.DB, q.Where(sq.Eq{"id": 2}))
		kit.Same[any](t, "on none", position(t, q, rows[0]), nil, "b", nil, "x", int64(2))

		invalid := dovetail.ErrInvalidQuery
		refused := func(q dovetail.Query[*models.PageThing], row *models.PageThing, words ...string) {
			t.Helper()
			_, err := q.Position(row)
			kit.Refused(t, err, invalid, words...)
		}
		things := dovetail.Select(models.PageThings)
		refused(q, nil, "the row is nil")
		refused(things.Columns("id").OrderBy("name"), rows[0], `"name"`, "Columns")
		refused(things.OrderBy("box.label"), rows[0], `"box.label"`, `Preload("box")`)
		refused(things.OrderBy("box.label").Preload("box"), &models.PageThing{ID: 1}, `"box" is not loaded`)
		refused(things.OrderBy("box.label").Preload("box", dovetail.Select(models.PageBoxes).Columns("id")), rows[0], `"box.label"`)
		refused(things.OrderBy("shelf.label").Preload("shelf", dovetail.Select(models.PageShelves).Where(sq.Eq{"id": 1})), rows[0],
			`Preload("shelf")`)
		refused(things.LeftJoin("shelf", sq.Eq{"id": 1}).OrderBy("shelf.label").Preload("shelf"), rows[0], `"shelf.label"`)
	})
}
