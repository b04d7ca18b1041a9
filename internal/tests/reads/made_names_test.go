package reads_test

import (
	"fmt"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// The tables have columns called as those that statements add to them.
type (
	mnOwner struct {
		ID   int64
		N    *string `db:"n#"`
		Up   *string `db:"N##"`
		Key  string  `db:"key#1"`
		Kids []*mnKid
		Tags []*mnTag
		Most *int64 `db:"n,computed"`
		Sum  *int64 `db:"sum,computed"`
	}
	mnKid struct {
		ID       int64
		OwnerID  int64
		Row      int64  `db:"row#"`
		Key      int64  `db:"key#"`
		RowOne   string `db:"row#1"`
		Level    string `db:"level#"`
		Ord      int64  `db:"keys#ord"`
		First    int64  `db:"keys#1"`
		ParentID *int64
		Subs     []*mnKid
	}
	mnTag struct {
		Value int64  `db:"value#"`
		Row   string `db:"row#"`
	}
	mnLink struct {
		OwnerID, TagID int64
	}
	mnPeer struct {
		ID    int64
		Peers []*mnPeer
	}
	mnPair struct {
		A, B  int64
		Other string `db:"a#"`
	}
)

const mnDDL = `
CREATE TABLE owners (id BIGINT PRIMARY KEY, "n#" TEXT, "N##" TEXT, "key#1" TEXT NOT NULL);
CREATE TABLE kids (id BIGINT PRIMARY KEY, owner_id BIGINT NOT NULL, "row#" BIGINT NOT NULL, "key#" BIGINT NOT NULL, "row#1" TEXT NOT NULL,
	"level#" TEXT NOT NULL, "keys#ord" BIGINT NOT NULL DEFAULT 50, "keys#1" BIGINT NOT NULL DEFAULT 60, parent_id BIGINT);
CREATE TABLE tags ("value#" BIGINT PRIMARY KEY, "row#" TEXT NOT NULL);
CREATE TABLE links (owner_id BIGINT NOT NULL, tag_id BIGINT NOT NULL, PRIMARY KEY (owner_id, tag_id));
CREATE TABLE peers (id BIGINT PRIMARY KEY);
CREATE TABLE pairs (a BIGINT NOT NULL, b BIGINT NOT NULL, "a#" TEXT NOT NULL, PRIMARY KEY (a, b));
INSERT INTO owners VALUES (1, '7', '8', 'x'), (2, NULL, '9', 'y');
INSERT INTO kids (id, owner_id, "row#", "key#", "row#1", "level#", parent_id) VALUES (1, 1, 90, 5, 'a', 'p', NULL), (2, 1, 80, 6, 'b', 'q', 1), (3, 1, 70, 7, 'c', 'r', 2), (4, 2, 60, 8, 'd', 's', NULL);
INSERT INTO tags VALUES (10, 'z'), (20, 'y');
INSERT INTO links VALUES (1, 10), (1, 20), (2, 20);
INSERT INTO peers VALUES (1), (2), (3);
INSERT INTO pairs VALUES (1, 2, 'x'), (3, 1, 'y')`

// TestNamesThatStatementsAddAreNoColumns reads tables whose columns are called as what the statements add to them.
func TestNamesThatStatementsAddAreNoColumns(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	owners, kids, tags := dovetail.NewTable[mnOwner](r, "owners"), dovetail.NewTable[mnKid](r, "kids"), dovetail.NewTable[mnTag](r, "tags", dovetail.PrimaryKey("value#"))
	links := dovetail.NewTable[mnLink](r, "links", dovetail.PrimaryKey("owner_id", "tag_id"))
	peers, pairs := dovetail.NewTable[mnPeer](r, "peers"), dovetail.NewTable[mnPair](r, "pairs", dovetail.PrimaryKey("a", "b"))
	dovetail.HasMany(owners, "kids", kids, dovetail.ForeignKey("owner_id"))
	dovetail.HasMany(kids, "subs", kids, dovetail.ForeignKey("parent_id"))
	dovetail.ManyToMany(owners, "tags", tags, links, dovetail.ThroughKeys("owner_id", "tag_id"))
	dovetail.ManyToMany(peers, "peers", peers, pairs, dovetail.ThroughKeys("a", "b"), dovetail.Symmetric())
	q := dovetail.Select(owners).OrderBy("id")
	byRow, byTag := dovetail.Select(kids).OrderBy("row#"), dovetail.Select(tags).OrderBy("row#")
	describe := func(o *mnOwner) string {
		var all []string
		for _, k := range o.Kids {
			all = append(all, fmt.Sprint("kid", k.ID, ":", k.Row, ":", k.Key))
		}
		for _, tag := range o.Tags {
			all = append(all, fmt.Sprint("tag", tag.Value, tag.Row))
		}
		for name, v := range map[string]*int64{"n": o.Most, "sum": o.Sum} {
			if v != nil {
				all = append(all, fmt.Sprint(name, *v))
			}
		}
		return fmt.Sprint(o.ID, " ", strings.Join(all, " "))
	}
	const ofKeys = `"keys#ord" = 50 AND "keys#1" = 60`
	most, sum := dovetail.Max("kids.id").As("n"), dovetail.Sum("kids.key#").As("sum")
	kit.OnEach(t, mnDDL, func(t *testing.T, d kit.Database) {
		for what, test := range map[string]struct {
			query dovetail.Query[*mnOwner]
			want  []string
		}{
			"a limit":                    {q.Preload("kids", byRow.Limit(2)), []string{"1 kid3:70:7 kid2:80:6", "2 kid4:60:8"}},
			"an offset":                  {q.Preload("kids", byRow.Offset(1)), []string{"1 kid2:80:6 kid1:90:5", "2 "}},
			"in one round trip":          {q.Preload("kids", byRow.Limit(1)).OneRoundTrip(), []string{"1 kid3:70:7", "2 kid4:60:8"}},
			"columns of the keys":        {q.Preload("kids", byRow.Where(ofKeys)), []string{"1 kid3:70:7 kid2:80:6 kid1:90:5", "2 kid4:60:8"}},
			"beside a limit":             {q.Preload("kids", byRow.Where(ofKeys).Limit(1)), []string{"1 kid3:70:7", "2 kid4:60:8"}},
			"and in one round trip":      {q.Preload("kids", byRow.Where(ofKeys).Limit(1)).OneRoundTrip(), []string{"1 kid3:70:7", "2 kid4:60:8"}},
			"many-to-many":               {q.Preload("tags", byTag.Limit(1)), []string{"1 tag20y", "2 tag20y"}},
			"a value":                    {q.With(most).Where(sq.Gt{"n": 3}), []string{"2 n4"}},
			"a value beside a column":    {q.With(most).Where(sq.Gt{"n": 0}).Where(sq.Eq{"N##": "8", "n#": "7"}), []string{"1 n3"}},
			"a value of all rows":        {q.With(sum), []string{"1 sum18", "2 sum8"}},
			"its column in SQL text":     {dovetail.Select(owners).With(sum).OrderByClause(`"key#1" DESC`), []string{"2 sum8", "1 sum18"}},
			"a value of rows told apart": {q.With(dovetail.Max("kids.subs*.key#").As("n")).Where(sq.Gt{"n": 0}), []string{"1 n7"}},
		} {
			kit.Same(t, what, kit.Pluck(kit.All(t, d.DB, test.query), describe), test.want...)
		}
		tree := dovetail.Select(kids).Where(sq.Eq{"parent_id": nil}).OrderBy("id").PreloadTree("subs", 0, dovetail.Select(kids).Where(`"row#1" > ?`, "a"))
		var below func(k *mnKid) string
		below = func(k *mnKid) string {
			text := k.RowOne + k.Level
			for _, sub := range k.Subs {
				text += "(" + below(sub) + ")"
			}
			return text
		}
		kit.Same(t, "a tree", kit.Pluck(kit.All(t, d.DB, tree), below), "ap(bq(cr))", "ds")
		kit.Same(t, "both ends", kit.Pluck(kit.All(t, d.DB, dovetail.Select(peers).OrderBy("id").Preload("peers")), func(p *mnPeer) string {
			return fmt.Sprint(kit.Pluck(p.Peers, func(p *mnPeer) int64 { return p.ID }))
		}), "[2 3]", "[1]", "[1]")
	})
}

type (
	mnPage struct {
		Row  int64 `db:"rowid"`
		Body string
		Rank *float64
		N    *int64 `db:"n,computed"`
	}
	mnBare struct {
		Row  int64 `db:"RowID"`
		Body string
		N    *int64 `db:"n,computed"`
	}
	mnHit struct {
		ID, PageID, W int64
	}
)

// TestAValueKeptWithItsRowsLeavesNoColumnOut tests values of SQLite tables that have columns which * does not contain, selected, tested and named.
func TestAValueKeptWithItsRowsLeavesNoColumnOut(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	pages := dovetail.NewTable[mnPage](r, "pages", dovetail.PrimaryKey("rowid"))
	bare := dovetail.NewTable[mnBare](r, "bare", dovetail.PrimaryKey("RowID"))
	hits := dovetail.NewTable[mnHit](r, "hits")
	dovetail.HasMany(pages, "hits", hits, dovetail.ForeignKey("page_id"), dovetail.Logical())
	dovetail.HasMany(bare, "hits", hits, dovetail.ForeignKey("page_id"), dovetail.Logical())
	d := kit.SQLiteDB(t, `
CREATE VIRTUAL TABLE pages USING fts5(body);
CREATE TABLE bare (body TEXT NOT NULL);
CREATE TABLE hits (id INTEGER PRIMARY KEY, page_id INTEGER NOT NULL, w INTEGER NOT NULL);
INSERT INTO pages VALUES ('a b'), ('b c'), ('c');
INSERT INTO bare VALUES ('a'), ('b');
INSERT INTO hits VALUES (1, 1, 5), (2, 2, 6)`)
	most := dovetail.Max("hits.w").As("n")
	q := dovetail.Select(pages).With(most).OrderBy("rowid")
	above := sq.Gt{"n": 1}
	for what, test := range map[string]struct {
		query dovetail.Query[*mnPage]
		want  []int64
	}{
		"all columns":               {q.Where(above), []int64{1, 2}},
		"beside another condition":  {q.Where(above).Where(sq.Gt{"rowid": 1}), []int64{2}},
		"some columns":              {q.Columns("rowid", "rank").Where(above), []int64{1, 2}},
		"the rank in text":          {q.Where("n > 1 OR rank IS NOT NULL"), []int64{1, 2}},
		"the rank behind the value": {q.Where("n IS NOT rank"), []int64{1, 2}},
		"the table in text":         {q.Where("n > ? AND pages MATCH ?", 1, "c"), []int64{2}},
		"the table in text beside":  {q.Where(above).Where("pages MATCH ?", "c"), []int64{2}},
		"a column that is searched": {q.Where("n > ? AND body MATCH ?", 1, "c"), []int64{2}},
		"text of its own beside":    {q.Where(sq.Or{above, sq.Expr("pages.rowid = 3")}), []int64{1, 2, 3}},
	} {
		kit.Same(t, what, kit.Pluck(kit.All(t, d.DB, test.query), func(p *mnPage) int64 { return p.Row }), test.want...)
	}
	kit.Same(t, "a rowid", kit.Pluck(kit.All(t, d.DB, dovetail.Select(bare).With(most).Where(above).OrderBy("RowID DESC")), func(b *mnBare) string {
		return fmt.Sprint(b.Row, b.Body, *b.N)
	}), "2b6", "1a5")
}
