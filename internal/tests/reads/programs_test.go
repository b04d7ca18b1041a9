package reads_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type shapeOwner struct {
	ID   int64
	Name string
	Rank int16
	Kids []*shapeKid
	N    int64 `db:"n,computed"`
}

type shapeKid struct {
	ID      int64
	OwnerID int64
	Note    string
}

const shapeRows = 40 // owners; owner i has the name "owner i", the rank i % 5 and the kids "kid 0" to "kid (i%3)"

func shapeTables() (*dovetail.Registry, *dovetail.Table[shapeOwner], *dovetail.Table[shapeKid], string) {
	r := dovetail.NewRegistry()
	owners, kids := dovetail.NewTable[shapeOwner](r, "owners"), dovetail.NewTable[shapeKid](r, "kids")
	dovetail.HasMany(owners, "kids", kids, dovetail.ForeignKey("owner_id"))
	var ddl strings.Builder
	ddl.WriteString("CREATE TABLE owners (id INTEGER PRIMARY KEY, name TEXT NOT NULL, rank SMALLINT NOT NULL);\n" +
		"CREATE TABLE kids (id INTEGER PRIMARY KEY, owner_id INTEGER NOT NULL, note TEXT NOT NULL);\n")
	for i := range shapeRows {
		fmt.Fprintf(&ddl, "INSERT INTO owners VALUES (%d, 'owner %d', %d);\n", i, i, i%5)
		for k := range i%3 + 1 {
			fmt.Fprintf(&ddl, "INSERT INTO kids VALUES (%d, %d, 'kid %d');\n", 10*i+k, i, k)
		}
	}
	return r, owners, kids, ddl.String()
}

// idsWhere are the owners for which is holds.
func idsWhere(is func(i int) bool) (ids []int64) {
	for i := range shapeRows {
		if is(i) {
			ids = append(ids, int64(i))
		}
	}
	return ids
}

func numbersTo(n int) (list []int) {
	for i := range n + 1 {
		list = append(list, i)
	}
	return list
}

type atOwner struct{}

// Each call has rows of its own values, whichever call made the program that serves it, and one program serves all.
func TestQueriesOfOneShapeHaveTheirOwnValues(t *testing.T) {
	t.Parallel()
	r, owners, kids, ddl := shapeTables()
	var late dovetail.Query[*shapeOwner]
	all := dovetail.Select(owners).OrderBy("id")
	late = all.Where(sq.Eq{"id": dovetail.FromContext(func(ctx context.Context) (any, error) { return ctx.Value(atOwner{}), nil })})
	cases := []struct {
		name string
		q    func(n int) dovetail.Query[*shapeOwner]
		want func(n, i int) bool
	}{
		{"a number", func(n int) dovetail.Query[*shapeOwner] { return all.Where(sq.Eq{"id": n}) }, func(n, i int) bool { return i == n }},
		{"a text", func(n int) dovetail.Query[*shapeOwner] { return all.Where(sq.Eq{"name": fmt.Sprint("owner ", n)}) }, func(n, i int) bool { return i == n }},
		{"a list", func(n int) dovetail.Query[*shapeOwner] { return all.Where(sq.Eq{"id": numbersTo(n)}) }, func(n, i int) bool { return i <= n }},
		{"a list of texts", func(n int) dovetail.Query[*shapeOwner] {
			return all.Where(sq.NotEq{"name": []string{fmt.Sprint("owner ", n), "owner 1"}})
		}, func(n, i int) bool { return i != n && i != 1 }},
		{"SQL text", func(n int) dovetail.Query[*shapeOwner] { return all.Where("rank + ? = ?", n, n+2) }, func(_, i int) bool { return i%5 == 2 }},
		{"text in SQL text", func(n int) dovetail.Query[*shapeOwner] { return all.Where("lower(name) = ?", fmt.Sprint("owner ", n)) }, func(n, i int) bool { return i == n }},
		{"a pattern", func(n int) dovetail.Query[*shapeOwner] {
			return all.Where(dovetail.EndsWith("name", fmt.Sprint(" ", n)))
		}, func(n, i int) bool { return i == n }},
		{"or", func(n int) dovetail.Query[*shapeOwner] {
			return all.Where(sq.Or{sq.Lt{"id": n}, sq.GtOrEq{"id": n + 3}})
		}, func(n, i int) bool { return i < n || i >= n+3 }},
		{"not", func(n int) dovetail.Query[*shapeOwner] { return all.Where(dovetail.Not(sq.Gt{"id": n})) }, func(n, i int) bool { return i <= n }},
		{"related rows", func(n int) dovetail.Query[*shapeOwner] {
			return all.Has("kids", sq.Eq{"note": fmt.Sprint("kid ", n%3)}, sq.NotEq{"owner_id": n})
		}, func(n, i int) bool { return i%3 >= n%3 && i != n }},
		{"rows by key", func(n int) dovetail.Query[*shapeOwner] { return all.HasAll("kids", 10*n) }, func(n, i int) bool { return i == n }},
		{"a subquery", func(n int) dovetail.Query[*shapeOwner] {
			return all.Where(sq.Eq{"id": dovetail.Select(owners).Columns("id").Where(sq.Eq{"rank": n % 5})})
		}, func(n, i int) bool { return i%5 == n%5 }},
		{"a query's conditions", func(n int) dovetail.Query[*shapeOwner] {
			return all.Where(dovetail.Matching(dovetail.Select(owners).Where(sq.Eq{"id": n})))
		}, func(n, i int) bool { return i == n }},
		{"a value", func(n int) dovetail.Query[*shapeOwner] {
			return all.With(dovetail.Count("kids").Where(sq.Gt{"id": 10 * n}).As("n")).Where(sq.Gt{"n": 0})
		}, func(n, i int) bool { return 10*i+i%3 > 10*n }},
		{"a position", func(n int) dovetail.Query[*shapeOwner] { return all.After(n) }, func(n, i int) bool { return i > n }},
		{"a column", func(n int) dovetail.Query[*shapeOwner] {
			return all.Column("id + ? AS n", n).Where("id + ? < ?", n, 2*n)
		}, func(n, i int) bool { return i < n }},
		{"a preload's query", func(n int) dovetail.Query[*shapeOwner] {
			return all.Where(sq.Eq{"id": n}).Preload("kids", dovetail.Select(kids).Where(sq.Eq{"note": fmt.Sprint("kid ", n%2)}))
		}, func(n, i int) bool { return i == n }},
		{"a join", func(n int) dovetail.Query[*shapeOwner] {
			return all.Join("kids", sq.Eq{"note": "kid 0"}, sq.Lt{"owner_id": n}).Distinct()
		}, func(n, i int) bool { return i < n }},
		{"the context", func(int) dovetail.Query[*shapeOwner] { return late }, func(n, i int) bool { return i == n }},
	}
	t.Cleanup(func() { // once the tests on both databases have ended
		if stats := r.Programs(); stats.Found < 5*int64(len(cases)) {
			t.Errorf("%+v: few programs were found", stats)
		}
	})
	kit.OnEach(t, ddl, func(t *testing.T, d kit.Database) {
		for _, test := range cases {
			t.Run(test.name, func(t *testing.T) {
				var done sync.WaitGroup
				defer done.Wait()
				for _, n := range []int{3, 4, 17, 30, 8} {
					done.Go(func() {
						ctx := context.WithValue(t.Context(), atOwner{}, n)
						rows, err := test.q(n).All(ctx, d.DB)
						if err != nil {
							t.Error(err)
							return
						}
						want := idsWhere(func(i int) bool { return test.want(n, i) })
						if got := kit.Pluck(rows, func(o *shapeOwner) int64 { return o.ID }); !slices.Equal(got, want) {
							t.Errorf("%d: expected %v, got %v", n, want, got)
						}
						count, err := test.q(n).Count(ctx, d.DB)
						if err != nil || count != int64(len(want)) {
							t.Errorf("%d: counted %d of %d, %v", n, count, len(want), err)
						}
						for _, o := range rows {
							for _, k := range o.Kids {
								if k.Note != fmt.Sprint("kid ", n%2) {
									t.Errorf("%d: owner %d has %q", n, o.ID, k.Note)
								}
							}
						}
					})
				}
			})
		}
	})
}

// What a field cannot hold is refused in each call, the first of its shape or not.
func TestEachCallOfAShapeIsChecked(t *testing.T) {
	t.Parallel()
	_, owners, _, ddl := shapeTables()
	kit.OnEach(t, ddl, func(t *testing.T, d kit.Database) {
		for i := range 4 {
			for _, q := range []dovetail.Query[*shapeOwner]{
				dovetail.Select(owners).Where(sq.Eq{"rank": 1}), dovetail.Select(owners).Where(dovetail.Not(sq.Gt{"rank": 1})),
				dovetail.Select(owners).OrderBy("rank").After(1, 1),
			} {
				if _, err := q.All(t.Context(), d.DB); err != nil {
					t.Errorf("call %d: %v", i, err)
				}
			}
			for _, q := range []dovetail.Query[*shapeOwner]{
				dovetail.Select(owners).Where(sq.Eq{"rank": 70000}), dovetail.Select(owners).Where(dovetail.Not(sq.Gt{"rank": 70000})),
				dovetail.Select(owners).OrderBy("rank").After(70000, 1),
			} {
				_, err := q.All(t.Context(), d.DB)
				kit.Refused(t, err, dovetail.ErrArgType, "the value")
			}
		}
	})
}

// A thousand keys are one text, as few are.
func TestHasAllOfAThousandKeys(t *testing.T) {
	t.Parallel()
	_, owners, _, ddl := shapeTables()
	keys := make([]any, 1000)
	for i := range keys {
		keys[i] = 1000 + i
		ddl += fmt.Sprintf("INSERT INTO kids VALUES (%d, 7, 'one of many');\n", 1000+i)
	}
	kit.OnEach(t, ddl, func(t *testing.T, d kit.Database) {
		has := func(keys ...any) []int64 {
			return kit.Pluck(kit.All(t, d.DB, dovetail.Select(owners).HasAll("kids", keys...)), func(o *shapeOwner) int64 { return o.ID })
		}
		kit.Same(t, "all", has(keys...), 7)
		lists := dovetail.Select(owners).Where(dovetail.Has("kids", sq.Eq{"id": keys[:30]}, sq.NotEq{"id": keys[1:30]}))
		kit.Same(t, "a long list", kit.Pluck(kit.All(t, d.DB, lists), func(o *shapeOwner) int64 { return o.ID }), 7)
		kit.Same(t, "and one of its others", has(append(keys, 70)...), 7)
		kit.Same(t, "and one of another owner", has(append(keys, 80)...))
		kit.Same(t, "and one that is not there", has(append(keys, 5000)...))
	})
}

type textual struct {
	Code string
	Tags []*textualTag
}

type textualTag struct {
	Code, OwnerCode string
}

// Of texts only the database knows which are equal, so that each is asked for; many are not joined all at once, which would take planners
// minutes.
func TestHasAllOfManyTexts(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	owners := dovetail.NewTable[textual](r, "textuals", dovetail.PrimaryKey("code"))
	dovetail.HasMany(owners, "tags", dovetail.NewTable[textualTag](r, "textual_tags", dovetail.PrimaryKey("code")), dovetail.ForeignKey("owner_code"))
	ddl := "CREATE TABLE textuals (code TEXT PRIMARY KEY);\nCREATE TABLE textual_tags (code TEXT PRIMARY KEY, owner_code TEXT NOT NULL);\n" +
		"INSERT INTO textuals VALUES ('true'), ('1'), ('2024-01-01');\n"
	keys := make([]any, 300)
	for i := range keys {
		keys[i] = fmt.Sprint("tag ", i)
		ddl += fmt.Sprintf("INSERT INTO textual_tags VALUES ('tag %d', '1');\n", i)
	}
	kit.OnEach(t, ddl, func(t *testing.T, d kit.Database) {
		has := func(keys ...any) []string {
			return kit.Pluck(kit.All(t, d.DB, dovetail.Select(owners).HasAll("tags", keys...)), func(o *textual) string { return o.Code })
		}
		kit.Same(t, "all", has(keys...), "1")
		kit.Same(t, "and one that is not there", has(append(keys, "tag 300")...))
	})
}
