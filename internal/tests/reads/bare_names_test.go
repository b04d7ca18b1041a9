package reads_test

import (
	"fmt"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// The columns, relations, values and tables are called as what a statement might call the rows and columns that it adds.
type (
	bnOwner struct {
		ID, Zone int64
		Code     string
		Ord      []*bnKid
		K1       []*bnKid `rel:"k1"`
		C1       []*bnKid `rel:"c1"`
		Keys     []*bnKid
		Limited  *bnKid
		Counted  []*bnKid
	}
	bnKid struct {
		ID, OwnerID, Zone                              int64
		OwnerCode                                      string
		Ord, K1, K2, C1, Keys, Limited, Counted, Found int64
		ParentID                                       *int64
		Subs                                           []*bnKid
		V1                                             *int64 `db:"v,computed"`
	}
	bnLink struct {
		OwnerID, KidID int64
	}
)

const bnDDL = `
CREATE TABLE keys (id BIGINT PRIMARY KEY, zone BIGINT NOT NULL, code TEXT NOT NULL);
CREATE TABLE limited (id BIGINT PRIMARY KEY, owner_id BIGINT NOT NULL, zone BIGINT NOT NULL, owner_code TEXT NOT NULL,
	ord BIGINT NOT NULL, k1 BIGINT NOT NULL, k2 BIGINT NOT NULL, c1 BIGINT NOT NULL, keys BIGINT NOT NULL, limited BIGINT NOT NULL, counted BIGINT NOT NULL,
	found BIGINT NOT NULL, parent_id BIGINT);
CREATE TABLE counted (owner_id BIGINT NOT NULL, kid_id BIGINT NOT NULL, PRIMARY KEY (owner_id, kid_id));
INSERT INTO keys VALUES (1, 7, 'a'), (2, 7, 'b');
INSERT INTO limited VALUES (1, 1, 7, 'a', 10, 10, 10, 10, 10, 10, 10, 10, NULL), (2, 1, 7, 'a', 20, 20, 20, 20, 20, 20, 20, 20, 1),
	(3, 1, 7, 'a', 30, 30, 30, 30, 30, 30, 30, 30, 2), (4, 2, 7, 'b', 40, 40, 40, 40, 40, 40, 40, 40, NULL);
INSERT INTO counted VALUES (1, 1), (1, 2), (1, 3), (2, 4), (2, 3)`

type bnTables struct {
	owners *dovetail.Table[bnOwner]
	kids   *dovetail.Table[bnKid]
}

func bnDeclare() bnTables {
	r := dovetail.NewRegistry()
	owners, kids := dovetail.NewTable[bnOwner](r, "keys"), dovetail.NewTable[bnKid](r, "limited")
	links := dovetail.NewTable[bnLink](r, "counted", dovetail.PrimaryKey("owner_id", "kid_id"))
	dovetail.HasMany(owners, "ord", kids, dovetail.ForeignKey("owner_id"))
	dovetail.HasMany(owners, "k1", kids, dovetail.ForeignKey("owner_code"), dovetail.References("code"))
	dovetail.HasMany(owners, "c1", kids, dovetail.ForeignKey("zone", "owner_id"), dovetail.References("zone", "id"))
	dovetail.ManyToMany(owners, "keys", kids, links, dovetail.ThroughKeys("owner_id", "kid_id"))
	dovetail.HasOne(owners, "limited", kids, dovetail.ForeignKey("owner_id"), dovetail.OrderBy("id DESC"))
	dovetail.HasMany(owners, "links", links, dovetail.ForeignKey("owner_id"))
	dovetail.BelongsTo(links, "kid", kids, dovetail.ForeignKey("kid_id"))
	dovetail.HasManyThrough(owners, "counted", kids, "links.kid")
	dovetail.HasMany(kids, "subs", kids, dovetail.ForeignKey("parent_id"))
	return bnTables{owners, kids}
}

func bnIDs(all []*bnKid) []int64 { return kit.Pluck(all, func(k *bnKid) int64 { return k.ID }) }

// bnOf says which rows each owner has.
func bnOf(o *bnOwner) string {
	limited := int64(0)
	if o.Limited != nil {
		limited = o.Limited.ID
	}
	return fmt.Sprint(bnIDs(o.Ord), bnIDs(o.K1), bnIDs(o.C1), bnIDs(o.Keys), bnIDs(o.Counted), limited)
}

// TestABareWordIsAColumnOfTheCallersTables names columns by bare words of SQL text that a statement could call its own rows and columns.
func TestABareWordIsAColumnOfTheCallersTables(t *testing.T) {
	t.Parallel()
	tables := bnDeclare()
	kit.OnEach(t, bnDDL, func(t *testing.T, d kit.Database) {
		for _, word := range []string{"ord", "k1", "k2", "c1", "keys", "limited", "counted", "found"} {
			above := dovetail.Select(tables.kids).Where(word+" >= ?", 20)
			q := dovetail.Select(tables.owners).OrderBy("id")
			all := func(query dovetail.Query[*bnKid]) dovetail.Query[*bnOwner] {
				return q.Preload("ord", query).Preload("k1", query).Preload("c1", query).Preload("keys", query).Preload("counted", query).Preload("limited", query)
			}
			limited := above.OrderByClause(word + " DESC").Limit(1)
			for what, test := range map[string]struct {
				query dovetail.Query[*bnOwner]
				want  []string
			}{
				"preloads":             {all(above.OrderBy("id")), []string{"[2 3] [2 3] [2 3] [2 3] [2 3] 3", "[4] [4] [4] [3 4] [3 4] 4"}},
				"limits":               {all(limited), []string{"[3] [3] [3] [3] [3] 3", "[4] [4] [4] [4] [4] 4"}},
				"offsets":              {all(limited.Limit(2).Offset(1)).Where(sq.Eq{"id": 1}), []string{"[2] [2] [2] [2] [2] 0"}},
				"distinct":             {all(above.Distinct().OrderBy("id")), []string{"[2 3] [2 3] [2 3] [2 3] [2 3] 3", "[4] [4] [4] [3 4] [3 4] 4"}},
				"round trip":           {all(above.OrderBy("id")).OneRoundTrip(), []string{"[2 3] [2 3] [2 3] [2 3] [2 3] 3", "[4] [4] [4] [3 4] [3 4] 4"}},
				"round trip, limits":   {all(limited).OneRoundTrip(), []string{"[3] [3] [3] [3] [3] 3", "[4] [4] [4] [4] [4] 4"}},
				"has":                  {q.Has("ord", sq.Expr(word+" = 20")).Has("keys", sq.Expr(word+" = 30")).Has("counted", sq.Expr(word+" = 30")), []string{"[] [] [] [] [] 0"}},
				"at least":             {q.HasAtLeast(2, "ord", sq.Expr(word+" >= 20")).HasAtLeast(2, "keys", sq.Expr(word+" >= 20")), []string{"[] [] [] [] [] 0"}},
				"the first of several": {q.Has("limited", sq.Expr(word+" = 40")), []string{"[] [] [] [] [] 0"}},
			} {
				if what == "offsets" { // of one row there is none behind the first
					test.query = q.Where(sq.Eq{"id": 1})
					for _, name := range []string{"ord", "k1", "c1", "keys", "counted"} {
						test.query = test.query.Preload(name, limited.Limit(2).Offset(1))
					}
				}
				kit.Same(t, word+": "+what, kit.Pluck(kit.All(t, d.DB, test.query), bnOf), test.want...)
			}
			bnRest(t, d, tables, word)
		}
	})
}

// bnRest tests trees, values, groups and positions.
func bnRest(t *testing.T, d kit.Database, tables bnTables, word string) {
	ids := func(what string, q dovetail.Query[*bnKid], want ...int64) {
		t.Helper()
		kit.Same(t, word+": "+what, bnIDs(kit.All(t, d.DB, q)), want...)
		n, err := q.Count(t.Context(), d.DB)
		kit.NoError(t, err)
		kit.Equal(t, word+": "+what+", counted", n, int64(len(want)))
	}
	kids := dovetail.Select(tables.kids)
	tree := func(depth int) string {
		root := kit.All(t, d.DB, kids.Where(sq.Eq{"id": 1}).PreloadTree("subs", depth, kids.Where(word+" >= ?", 20).OrderByClause(word)))[0]
		below := ""
		for at := root; at != nil && len(at.Subs) > 0; at = at.Subs[0] {
			below += fmt.Sprint(at.Subs[0].ID, " ")
		}
		return below
	}
	kit.Equal(t, word+": a tree", tree(0), "2 3 ")
	kit.Equal(t, word+": a level of a tree", tree(1), "2 ")
	value := dovetail.Max("subs.ord").Where(word + " > 0").As("v")
	ids("a value", kids.With(value).Where(sq.Gt{"v": 0}).OrderBy("id"), 1, 2)
	ids("a value beside a word", kids.With(value).Where("v > 0 AND "+word+" < 20").OrderByClause(word), 1)
	ids("rows below", kids.With(dovetail.Count("subs*").Where(word+" = 30").As("v")).Where(sq.Eq{"v": 1}).OrderBy("id"), 1, 2)
	ids("rows above", kids.Where(sq.Eq{"id": dovetail.Select(tables.kids).Columns("id").Has("subs", sq.Expr(word+" = 30"))}), 2)
	ids("positions", kids.OrderBy(word).After(10, 1).Where(word+" < ?", 40), 2, 3)
	ids("distinct", kids.Join("subs").Distinct().Where("self."+word+" > 0").OrderBy("id"), 1, 2)
	groups := kit.Collect[struct{ W, N int64 }](t, d.DB, kids.Columns(word+" AS w").Column("count(*) AS n").GroupBy(word).Having(word+" >= 30").OrderByClause(word))
	kit.Equal(t, word+": groups", fmt.Sprint(groups), "[{30 1} {40 1}]")
}

type (
	bpOwner struct {
		ID   int64
		Code string
		Kids []*bpKid
		Tags []*bpKid
	}
	bpKid struct {
		ID       int64
		Owner    string
		ParentID *int64
		Subs     []*bpKid
	}
	bpLink struct {
		OwnerID, KidID int64
	}
)

// TestABareWordIsNoNameOfTheStatements gives values such names, and has words of SQL text that are no columns refused, in each way in which rows are found.
func TestABareWordIsNoNameOfTheStatements(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	owners, kids := dovetail.NewTable[bpOwner](r, "owners"), dovetail.NewTable[bpKid](r, "kids")
	links := dovetail.NewTable[bpLink](r, "links", dovetail.PrimaryKey("owner_id", "kid_id"))
	dovetail.HasMany(owners, "kids", kids, dovetail.ForeignKey("owner"), dovetail.References("code"))
	dovetail.ManyToMany(owners, "tags", kids, links, dovetail.ThroughKeys("owner_id", "kid_id"))
	dovetail.HasMany(kids, "subs", kids, dovetail.ForeignKey("parent_id"))
	q := dovetail.Select(owners).OrderBy("id")
	kit.OnEach(t, `CREATE TABLE owners (id BIGINT PRIMARY KEY, code TEXT NOT NULL);
CREATE TABLE kids (id BIGINT PRIMARY KEY, owner TEXT NOT NULL, parent_id BIGINT);
CREATE TABLE links (owner_id BIGINT NOT NULL, kid_id BIGINT NOT NULL, PRIMARY KEY (owner_id, kid_id));
INSERT INTO owners VALUES (1, 'a'), (2, 'b');
INSERT INTO kids VALUES (1, 'a', NULL), (2, 'a', 1), (3, 'b', NULL);
INSERT INTO links VALUES (1, 1), (1, 3), (2, 3)`, func(t *testing.T, d kit.Database) {
		for _, word := range []string{"ord", "k1", "c1", "c2", "v1", "n", "keys", "limited", "counted", "found", "tree", "row", "value", "position"} {
			value := q.Columns("id").With(dovetail.Max("kids.id").As(word))
			for what, values := range map[string]dovetail.Query[*bpOwner]{
				"tested": value.Where(sq.Gt{word: 2}), "in SQL text": value.Where(word+" > ?", 2), "beside another": value.Where(word + " > 1 AND self.id > 1").OrderBy(word),
				"of a tag": q.Columns("id").With(dovetail.Max("tags.id").As(word)).Where(sq.Eq{"id": 2}).Where(word + " = 3"),
				"distinct": value.Join("tags").Distinct().Where(sq.Eq{word: 3}),
			} {
				if word == "row" { // a reserved word of PostgreSQL's
					continue
				}
				kit.Equal(t, word+": "+what, fmt.Sprint(kit.Collect[map[string]any](t, d.DB, values)), fmt.Sprint([]map[string]any{{"id": 2, word: 3}}))
			}
			text := dovetail.Select(kids).Where(word + " IS NOT NULL")
			for what, query := range map[string]dovetail.Query[*bpOwner]{
				"a preload": q.Preload("kids", text), "a limit": q.Preload("kids", text.Limit(1)), "many-to-many": q.Preload("tags", text),
				"a limit of many-to-many": q.Preload("tags", text.Limit(1)), "one round trip": q.Preload("kids", text).OneRoundTrip(),
				"a limit in one round trip": q.Preload("tags", text.Limit(1)).OneRoundTrip(), "has": q.Has("kids", sq.Expr(word+" IS NOT NULL")),
				"has of tags": q.HasAtLeast(2, "tags", sq.Expr(word+" IS NOT NULL")),
				"a tree":      q.Preload("kids", dovetail.Select(kids).PreloadTree("subs", 2, text)),
				"rows below":  q.Has("kids.subs*", sq.Expr(word+" IS NOT NULL")),
			} {
				if _, err := query.All(t.Context(), d.DB); err == nil {
					t.Errorf("%s: %s: expected an error of the word", word, what)
				}
			}
			most := dovetail.Count("kids").As("most")
			for what, query := range map[string]dovetail.Query[*bpOwner]{
				"a value": q.With(most.Where(word + " IS NOT NULL")), "beside a value": q.With(most).Where("most > 1 AND " + word + " IS NOT NULL"),
				"beside a value of all rows": q.With(most).OrderByClause(word),
			} {
				if _, err := dovetail.Collect[map[string]any](t.Context(), d.DB, query); err == nil {
					t.Errorf("%s: %s: expected an error of the word", word, what)
				}
			}
		}
	})
}
