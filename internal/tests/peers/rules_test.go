package peers_test

import (
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// The scenarios of docs/peers.md about declared conditions, chains and polymorphic references that no other test of ours
// shows, on the tables of models.Rules.

// The models of chains have no default conditions: rows that TestRules takes for deleted are there.

type chainWriter struct {
	ID       int64
	BossID   *int64
	Name     string
	Boss     *chainWriter
	Articles []*chainArticle
	Topics   []*chainTopic
	Akin     []*chainArticle
	Remarks  []*chainRemark
	About    []*chainArticle
	Products []*chainProduct
}

type chainArticle struct {
	ID       int64
	WriterID int64
	Title    string
	Writer   *chainWriter
	Bosses   []*chainWriter
	Topics   []*chainTopic
	Remarks  []*chainRemark
}

type chainTopic struct {
	ID       int64
	Articles []*chainArticle
}

type chainLink struct{ ArticleID, TopicID int64 }

type chainRemark struct {
	ID       int64
	ItemType *string
	ItemID   *int64
	AuthorID *int64
	Article  *chainArticle
	Product  *chainProduct
}

type chainProduct struct {
	ID      int64
	Name    string
	Remarks []*chainRemark
}

func newChains() (*dovetail.Table[chainWriter], *dovetail.Table[chainArticle]) {
	r := dovetail.NewRegistry()
	writers, articles := dovetail.NewTable[chainWriter](r, "writers"), dovetail.NewTable[chainArticle](r, "articles")
	topics, links := dovetail.NewTable[chainTopic](r, "topics"), dovetail.NewTable[chainLink](r, "article_topics")
	remarks, products := dovetail.NewTable[chainRemark](r, "remarks"), dovetail.NewTable[chainProduct](r, "products")
	dovetail.BelongsTo(writers, "boss", writers, dovetail.ForeignKey("boss_id"))
	dovetail.HasMany(writers, "articles", articles, dovetail.ForeignKey("writer_id"), dovetail.Inverse("writer"))
	dovetail.ManyToMany(articles, "topics", topics, links, dovetail.ThroughKeys("article_id", "topic_id"),
		dovetail.Inverse("articles"))
	dovetail.HasMany(writers, "remarks", remarks, dovetail.ForeignKey("author_id"))
	item := dovetail.MorphKey("item_type", "item_id")
	dovetail.MorphMany(articles, "remarks", remarks, item, dovetail.MorphValue("article"), dovetail.Inverse("article"))
	dovetail.MorphMany(products, "remarks", remarks, item, dovetail.MorphValue("product"), dovetail.Inverse("product"))

	dovetail.HasManyThrough(writers, "topics", topics, "articles.topics")
	dovetail.HasManyThrough(writers, "akin", articles, "topics.articles")
	dovetail.HasManyThrough(writers, "about", articles, "remarks.article")
	dovetail.HasManyThrough(writers, "products", products, "remarks.product")
	dovetail.HasManyThrough(articles, "bosses", writers, "writer.boss")
	return writers, articles
}

func TestPeersRules(t *testing.T) {
	t.Parallel()
	kit.RunCases(t, models.RulesDDL, []kit.Case{
		{Name: "deleted rows on the way to deeper ones", Run: testRulesDeletedOnTheWay},
		{Name: "two relations that differ by a condition", Run: testRulesTwoRelations},
		{Name: "a chain filled from the join", Run: testRulesFetchedChain},
		{Name: "a list at the end of a chain", Run: testRulesListAfterChain},
		{Name: "a chain of to-one relations", Run: testRulesToOneChain},
		{Name: "a chain to one of several tables", Run: testRulesChainToOneTable},
	})
}

// testRulesDeletedOnTheWay has the deleted article a3 and the deleted writer Cat, with rows below them that are not deleted.
func testRulesDeletedOnTheWay(t *testing.T, d kit.Database) {
	rec := d.Record()
	titles := func(w *models.Writer) []string { return kit.Pluck(w.Articles, models.ArticleTitle) }
	topics := func(w *models.Writer) [][]string {
		return kit.Pluck(w.Articles, func(a *models.Article) []string { return kit.Pluck(a.Topics, models.TopicName) })
	}
	q := models.WritersQ().Where(sq.Eq{"id": 1}).Preload("articles.topics")
	ann := kit.All(t, rec, q)[0]
	kit.Same(t, "without a3", titles(ann), "a2", "a1")
	ann = kit.All(t, rec, q.UnscopedAt("articles", "alive"))[0]
	kit.Same(t, "with a3", titles(ann), "a3", "a2", "a1")
	kit.Same(t, "below a3", topics(ann)[0], "unused")
	kit.Same(t, "below a1 as before", topics(ann)[2], "go")
	rec.Expect(t, 6, 6)

	way := models.ArticlesQ().Where(sq.Eq{"title": "c1"}).Preload("writer.boss")
	c1 := kit.All(t, rec, way)[0]
	rec.Expect(t, 2, 2) // Cat is not there, so nothing below is asked for
	kit.Equal(t, "no writer", c1.Writer, (*models.Writer)(nil))
	c1 = kit.All(t, rec, way.UnscopedAt("writer", "alive"))[0]
	rec.Expect(t, 3, 3)
	kit.Equal(t, "writer", c1.Writer.Name, "Cat")
	kit.Equal(t, "boss of the writer", c1.Writer.Boss.Name, "Ann")
}

func testRulesTwoRelations(t *testing.T, d kit.Database) {
	rec := d.Record()
	writers := kit.All(t, rec, models.WritersQ().Preload("top").Preload("articles"))
	rec.Expect(t, 3, 2)
	for i, want := range [][2][]string{{{"a2"}, {"a2", "a1"}}, {{"b1"}, {"b1"}}, {}, {}, {}} {
		kit.Same(t, "top of "+writers[i].Name, kit.Pluck(writers[i].Top, models.ArticleTitle), want[0]...)
		kit.Same(t, "articles of "+writers[i].Name, kit.Pluck(writers[i].Articles, models.ArticleTitle), want[1]...)
	}
	// One top article beside each of Ann's two, and Bob's one beside itself.
	models.Names(t, d, "joined both", models.WritersQ().Join("top").Join("articles"), models.WriterName, "Ann", "Ann", "Bob")
	models.Names(t, d, "one and not the other", models.WritersQ().Has("articles", sq.Lt{"rank": 5}).HasNone("top", sq.Lt{"rank": 5}),
		models.WriterName, "Ann")
}

// testRulesFetchedChain reaches go by two of Ann's articles: it is in her list once. The relation's order is "name DESC".
func testRulesFetchedChain(t *testing.T, d kit.Database) {
	rec := d.Record()
	topics := func(rows []*models.Writer) string {
		return kit.Lists(rows, func(w *models.Writer) any { return w.Name }, func(w *models.Writer) []*models.Topic { return w.Topics },
			func(p *models.Topic) any { return p.Name })
	}
	writers := kit.All(t, rec, models.WritersQ().Fetch("topics"))
	kit.Equal(t, "all", topics(writers), "Ann:sql,go Bob:sql Dan: Eve: Fay:")
	kit.Equal(t, "one topic", writers[0].Topics[0], writers[1].Topics[0])
	kit.Equal(t, "an empty list", writers[2].Topics != nil, true)
	kit.Equal(t, "filtered", topics(kit.All(t, rec, models.WritersQ().Join("topics", sq.Eq{"name": "sql"}).Fetch("topics"))), "Ann:sql Bob:sql")
	rec.Expect(t, 2, 2)
}

// testRulesListAfterChain has the articles with a topic of one's own articles, for most of them in several ways.
func testRulesListAfterChain(t *testing.T, d kit.Database) {
	writers, _ := newChains()
	rec := d.Record()
	q := dovetail.Select(writers).OrderBy("id")
	rows := kit.All(t, rec, q.Preload("akin"))
	rec.Expect(t, 2, 2)
	want := [][]string{{"a1", "a2", "a3", "b1", "c1"}, {"a1", "a2", "b1"}, {"a1", "a2", "c1"}, nil, nil, nil}
	for i, w := range rows {
		kit.Same(t, "akin to "+w.Name, kit.Pluck(w.Akin, chainTitle), want[i]...)
	}
	counts := kit.Collect[int](t, rec, q.Columns().With(dovetail.Count("akin").As("n")))
	kit.Same(t, "counted", counts, 5, 3, 3, 0, 0, 0)
}

func chainTitle(a *chainArticle) string { return a.Title }

// testRulesToOneChain declares the boss of the writer as a relation of articles, and goes the path without that.
func testRulesToOneChain(t *testing.T, d kit.Database) {
	_, articles := newChains()
	rec := d.Record()
	q := dovetail.Select(articles).OrderBy("id")
	rows := kit.All(t, rec, q.Preload("bosses"))
	rec.Expect(t, 2, 2)
	again := kit.All(t, rec, q.Preload("writer.boss"))
	rec.Expect(t, 3, 3)
	for i, want := range []string{"", "", "", "Ann", "Ann"} {
		boss := again[i].Writer.Boss
		if want == "" {
			kit.Equal(t, rows[i].Title, len(rows[i].Bosses), 0)
			kit.Equal(t, rows[i].Title, boss, (*chainWriter)(nil))
			continue
		}
		kit.Equal(t, rows[i].Title, len(rows[i].Bosses), 1)
		kit.Equal(t, rows[i].Title, rows[i].Bosses[0].Name+" "+boss.Name, want+" "+want)
	}
	models.Names(t, d, "named", q.Where(sq.Eq{"writer.boss.name": "Ann"}), chainTitle, "b1", "c1")
	models.Names(t, d, "tested", q.Has("bosses", sq.Eq{"name": "Ann"}), chainTitle, "b1", "c1")
}

// testRulesChainToOneTable has remarks about an article and a product that have the same id.
func testRulesChainToOneTable(t *testing.T, d kit.Database) {
	writers, _ := newChains()
	rec := d.Record()
	q := dovetail.Select(writers).OrderBy("id")
	rows := kit.All(t, rec, q.Preload("about").Preload("products"))
	rec.Expect(t, 3, 2)
	about, products := [][]string{{"a1"}, {"a1"}, nil, {"b1"}, nil, nil}, [][]string{{"pen"}, nil, {"ink"}, nil, nil, nil}
	for i, w := range rows {
		kit.Same(t, "articles that "+w.Name+" remarks on", kit.Pluck(w.About, chainTitle), about[i]...)
		kit.Same(t, "products", kit.Pluck(w.Products, func(p *chainProduct) string { return p.Name }), products[i]...)
	}
	models.Names(t, d, "tested", q.Has("about").HasNone("products"), func(w *chainWriter) string { return w.Name }, "Bob", "Dan")
}
