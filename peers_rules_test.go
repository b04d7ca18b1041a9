package dovetail_test

import (
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
)

// The scenarios of docs/peers.md about declared conditions, chains and polymorphic references that no other test of ours
// shows, on the tables of rules_models_test.go.

// The models of chains have no default conditions: rows that TestRules takes for deleted are there.
type (
	chainWriter struct {
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
	chainArticle struct {
		ID       int64
		WriterID int64
		Title    string
		Writer   *chainWriter
		Bosses   []*chainWriter
		Topics   []*chainTopic
		Remarks  []*chainRemark
	}
	chainTopic struct {
		ID       int64
		Articles []*chainArticle
	}
	chainLink   struct{ ArticleID, TopicID int64 }
	chainRemark struct {
		ID       int64
		ItemType *string
		ItemID   *int64
		AuthorID *int64
		Article  *chainArticle
		Product  *chainProduct
	}
	chainProduct struct {
		ID      int64
		Name    string
		Remarks []*chainRemark
	}
)

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
	runCases(t, rulesDDL, []conformanceCase{
		{"deleted rows on the way to deeper ones", testRulesDeletedOnTheWay},
		{"two relations that differ by a condition", testRulesTwoRelations},
		{"a chain filled from the join", testRulesFetchedChain},
		{"a list at the end of a chain", testRulesListAfterChain},
		{"a chain of to-one relations", testRulesToOneChain},
		{"a chain to one of several tables", testRulesChainToOneTable},
	})
}

// testRulesDeletedOnTheWay has the deleted article a3 and the deleted writer Cat, with rows below them that are not deleted.
func testRulesDeletedOnTheWay(t *testing.T, d database) {
	rec := d.record()
	titles := func(w *Writer) []string { return confPluck(w.Articles, articleTitle) }
	topics := func(w *Writer) [][]string {
		return confPluck(w.Articles, func(a *Article) []string { return confPluck(a.Topics, topicName) })
	}
	q := writersQ().Where(sq.Eq{"id": 1}).Preload("articles.topics")
	ann := confAll(t, rec, q)[0]
	confSame(t, "without a3", titles(ann), "a2", "a1")
	ann = confAll(t, rec, q.Unscoped("articles"))[0]
	confSame(t, "with a3", titles(ann), "a3", "a2", "a1")
	confSame(t, "below a3", topics(ann)[0], "unused")
	confSame(t, "below a1 as before", topics(ann)[2], "go")
	rec.expect(t, 6, 6)

	way := articlesQ().Where(sq.Eq{"title": "c1"}).Preload("writer.boss")
	c1 := confAll(t, rec, way)[0]
	rec.expect(t, 2, 2) // Cat is not there, so nothing below is asked for
	confEqual(t, "no writer", c1.Writer, (*Writer)(nil))
	c1 = confAll(t, rec, way.Unscoped("writer"))[0]
	rec.expect(t, 3, 3)
	confEqual(t, "writer", c1.Writer.Name, "Cat")
	confEqual(t, "boss of the writer", c1.Writer.Boss.Name, "Ann")
}

func testRulesTwoRelations(t *testing.T, d database) {
	rec := d.record()
	writers := confAll(t, rec, writersQ().Preload("top").Preload("articles"))
	rec.expect(t, 3, 2)
	for i, want := range [][2][]string{{{"a2"}, {"a2", "a1"}}, {{"b1"}, {"b1"}}, {}, {}, {}} {
		confSame(t, "top of "+writers[i].Name, confPluck(writers[i].Top, articleTitle), want[0]...)
		confSame(t, "articles of "+writers[i].Name, confPluck(writers[i].Articles, articleTitle), want[1]...)
	}
	// One top article beside each of Ann's two, and Bob's one beside itself.
	confNames(t, d, "joined both", writersQ().Join("top").Join("articles"), writerName, "Ann", "Ann", "Bob")
	confNames(t, d, "one and not the other", writersQ().Has("articles", sq.Lt{"rank": 5}).HasNone("top", sq.Lt{"rank": 5}),
		writerName, "Ann")
}

// testRulesFetchedChain reaches go by two of Ann's articles: it is in her list once. The relation's order is "name DESC".
func testRulesFetchedChain(t *testing.T, d database) {
	rec := d.record()
	topics := func(rows []*Writer) string {
		return lists(rows, func(w *Writer) any { return w.Name }, func(w *Writer) []*Topic { return w.Topics },
			func(p *Topic) any { return p.Name })
	}
	writers := confAll(t, rec, writersQ().Fetch("topics"))
	confEqual(t, "all", topics(writers), "Ann:sql,go Bob:sql Dan: Eve: Fay:")
	confEqual(t, "one topic", writers[0].Topics[0], writers[1].Topics[0])
	confEqual(t, "an empty list", writers[2].Topics != nil, true)
	confEqual(t, "filtered", topics(confAll(t, rec, writersQ().Join("topics", sq.Eq{"name": "sql"}).Fetch("topics"))), "Ann:sql Bob:sql")
	rec.expect(t, 2, 2)
}

// testRulesListAfterChain has the articles with a topic of one's own articles, for most of them in several ways.
func testRulesListAfterChain(t *testing.T, d database) {
	writers, _ := newChains()
	rec := d.record()
	q := dovetail.Select(writers).OrderBy("id")
	rows := confAll(t, rec, q.Preload("akin"))
	rec.expect(t, 2, 2)
	want := [][]string{{"a1", "a2", "a3", "b1", "c1"}, {"a1", "a2", "b1"}, {"a1", "a2", "c1"}, nil, nil, nil}
	for i, w := range rows {
		confSame(t, "akin to "+w.Name, confPluck(w.Akin, chainTitle), want[i]...)
	}
	counts := confCollect[int](t, rec, q.Columns().With(dovetail.Count("akin").As("n")))
	confSame(t, "counted", counts, 5, 3, 3, 0, 0, 0)
}

func chainTitle(a *chainArticle) string { return a.Title }

// testRulesToOneChain declares the boss of the writer as a relation of articles, and goes the path without that.
func testRulesToOneChain(t *testing.T, d database) {
	_, articles := newChains()
	rec := d.record()
	q := dovetail.Select(articles).OrderBy("id")
	rows := confAll(t, rec, q.Preload("bosses"))
	rec.expect(t, 2, 2)
	again := confAll(t, rec, q.Preload("writer.boss"))
	rec.expect(t, 3, 3)
	for i, want := range []string{"", "", "", "Ann", "Ann"} {
		boss := again[i].Writer.Boss
		if want == "" {
			confEqual(t, rows[i].Title, len(rows[i].Bosses), 0)
			confEqual(t, rows[i].Title, boss, (*chainWriter)(nil))
			continue
		}
		confEqual(t, rows[i].Title, len(rows[i].Bosses), 1)
		confEqual(t, rows[i].Title, rows[i].Bosses[0].Name+" "+boss.Name, want+" "+want)
	}
	confNames(t, d, "named", q.Where(sq.Eq{"writer.boss.name": "Ann"}), chainTitle, "b1", "c1")
	confNames(t, d, "tested", q.Has("bosses", sq.Eq{"name": "Ann"}), chainTitle, "b1", "c1")
}

// testRulesChainToOneTable has remarks about an article and a product that have the same id.
func testRulesChainToOneTable(t *testing.T, d database) {
	writers, _ := newChains()
	rec := d.record()
	q := dovetail.Select(writers).OrderBy("id")
	rows := confAll(t, rec, q.Preload("about").Preload("products"))
	rec.expect(t, 3, 2)
	about, products := [][]string{{"a1"}, {"a1"}, nil, {"b1"}, nil, nil}, [][]string{{"pen"}, nil, {"ink"}, nil, nil, nil}
	for i, w := range rows {
		confSame(t, "articles that "+w.Name+" remarks on", confPluck(w.About, chainTitle), about[i]...)
		confSame(t, "products", confPluck(w.Products, func(p *chainProduct) string { return p.Name }), products[i]...)
	}
	confNames(t, d, "tested", q.Has("about").HasNone("products"), func(w *chainWriter) string { return w.Name }, "Bob", "Dan")
}
