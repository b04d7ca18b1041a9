package oracle_test

import (
	"context"
	"slices"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
)

// The group of declared rules: rows are deleted by a mark or are a tenant's, relations have conditions and orders, go
// along others, and go by a type column.

type oraWriter struct {
	oraBase
	dovetail.Loads
	ID       int64
	BossID   *int64
	Name     *string
	Gone     *string
	Boss     *oraWriter
	Reports  []*oraWriter
	Grand    []*oraWriter
	Articles []*oraArticle
	Top      []oraArticle
	Topics   []*oraTopic
	Heard    []*oraReply
	Best     *oraArticle
	Answer   *oraReply
	Older    []*oraArticle
	OldHeard []*oraReply
	Admired  []*oraArticle
	Admires  []*oraTopic
}

type oraArticle struct {
	oraBase
	dovetail.Loads
	ID        int64
	WriterID  *int64
	Title     *string
	Rank      int64
	Gone      *string
	Writer    *oraWriter
	Topics    []*oraTopic
	Siblings  []*oraArticle
	AllTopics []*oraTopic
	Replies   []*oraReply
	Picture   *oraPicture
	Answer    *oraReply
	Rival     *oraArticle
	Judge     *oraWriter
	Judged    []*oraArticle
	JudgeBest *oraArticle
	Fans      []dovetail.Linked[oraWriter, oraFan]
	FanOf     []*oraTopic
}

type oraTopic struct {
	oraBase
	dovetail.Loads
	ID       int64
	Name     *string
	Tenant   int64
	Articles []*oraArticle
	Writers  []oraWriter
	Replies  []*oraReply
	Bests    []*oraArticle
	Fans     []*oraWriter
}

type oraFan struct {
	oraBase
	ItemType *string
	ItemID   *int64
	WriterID *int64
	Weight   *int64
	Writer   *oraWriter
	Rivals   []*oraFan
}

type oraArticleTopic struct {
	oraBase
	ArticleID *int64
	TopicID   *int64
	Gone      *string
	Topic     *oraTopic
}

type oraReply struct {
	oraBase
	dovetail.Loads
	ID       int64
	ItemType *string
	ItemID   *int64
	Stars    *int64
	Item     any
	Article  *oraArticle
	Topic    *oraTopic
}

type oraPicture struct {
	oraBase
	ID       int64
	ItemType int64
	ItemID   string
	Article  *oraArticle
}

type oraTenantKey struct{}

func oraTenant(ctx context.Context) (any, error) { return ctx.Value(oraTenantKey{}), nil }

var (
	oraGone = dovetail.Scope("gone", sq.Eq{"gone": nil})

	oraWriters  = dovetail.NewTable[oraWriter](oraRegistry, "writers", oraGone, dovetail.AssignedKey())
	oraArticles = dovetail.NewTable[oraArticle](oraRegistry, "articles", dovetail.Scope("gone", "articles.gone IS NULL"),
		dovetail.Scope("ranked", sq.NotEq{"rank": 11}), dovetail.AssignedKey())
	oraTopics = dovetail.NewTable[oraTopic](oraRegistry, "topics", dovetail.AssignedKey(),
		dovetail.Scope("tenant", sq.Eq{"tenant": dovetail.FromContext(oraTenant)}))
	oraArticleTopics = dovetail.NewTable[oraArticleTopic](oraRegistry, "article_topics", oraGone)
	oraReplies       = dovetail.NewTable[oraReply](oraRegistry, "replies", dovetail.AssignedKey())
	oraPictures      = dovetail.NewTable[oraPicture](oraRegistry, "pictures", dovetail.AssignedKey())

	_ = dovetail.HasMany(oraWriters, "reports", oraWriters, dovetail.ForeignKey("boss_id"), dovetail.Inverse("boss"))
	_ = dovetail.HasManyThrough(oraWriters, "grand", oraWriters, "reports.reports")
	_ = dovetail.HasMany(oraWriters, "articles", oraArticles,
		dovetail.ForeignKey("writer_id"), dovetail.Inverse("writer"), dovetail.OrderBy("rank DESC"))
	_ = dovetail.HasMany(oraWriters, "top", oraArticles, dovetail.ForeignKey("writer_id"), dovetail.Where(sq.GtOrEq{"rank": 2}))
	_ = dovetail.ManyToMany(oraArticles, "topics", oraTopics, oraArticleTopics,
		dovetail.ThroughKeys("article_id", "topic_id"), dovetail.Inverse("articles"))
	_ = dovetail.HasManyThrough(oraWriters, "topics", oraTopics, "articles.topics", dovetail.OrderBy("name DESC NULLS LAST"))
	_ = dovetail.HasManyThrough(oraTopics, "writers", oraWriters, "articles.writer")
	_ = dovetail.HasManyThrough(oraArticles, "siblings", oraArticles, "writer.articles")
	_ = dovetail.HasManyThrough(oraArticles, "all_topics", oraTopics, "writer.topics")
	_ = dovetail.HasManyThrough(oraWriters, "heard", oraReplies, "articles.replies", dovetail.Where("replies.stars > ?", 0),
		dovetail.OrderBy("stars"))
	_ = dovetail.MorphMany(oraArticles, "replies", oraReplies,
		dovetail.MorphKey("item_type", "item_id"), dovetail.MorphValue("a"), dovetail.Inverse("article"))
	_ = dovetail.MorphMany(oraTopics, "replies", oraReplies,
		dovetail.MorphKey("item_type", "item_id"), dovetail.MorphValue("b"), dovetail.Inverse("topic"))
	_ = dovetail.MorphTo(oraReplies, "item", dovetail.MorphKey("item_type", "item_id"),
		dovetail.MorphType("a", oraArticles), dovetail.MorphType("b", oraTopics), dovetail.MorphOthers())
	_ = dovetail.MorphOne(oraArticles, "picture", oraPictures,
		dovetail.MorphKey("item_type", "item_id"), dovetail.MorphValue(1), dovetail.Inverse("article"))

	oraFans = dovetail.NewTable[oraFan](oraRegistry, "fans")

	_ = dovetail.MorphToMany(oraArticles, "fans", oraWriters, oraFans, dovetail.MorphKey("item_type", "item_id"), dovetail.MorphValue("a"),
		dovetail.ForeignKey("writer_id"), dovetail.Inverse("admired"))
	_ = dovetail.MorphToMany(oraTopics, "fans", oraWriters, oraFans, dovetail.MorphKey("item_type", "item_id"), dovetail.MorphValue("b"),
		dovetail.ForeignKey("writer_id"), dovetail.Inverse("admires"))
	_ = dovetail.BelongsTo(oraFans, "writer", oraWriters, dovetail.ForeignKey("writer_id"))
	_ = dovetail.HasMany(oraFans, "rivals", oraFans, dovetail.ForeignKey("weight"), dovetail.References("writer_id"))
	_ = dovetail.BelongsTo(oraArticleTopics, "topic", oraTopics, dovetail.ForeignKey("topic_id"))
	_ = dovetail.HasManyThrough(oraArticles, "fan_of", oraTopics, "fans.admires")

	_ = dovetail.HasOne(oraWriters, "best", oraArticles, dovetail.ForeignKey("writer_id"), dovetail.Where(sq.NotEq{"rank": 0}),
		dovetail.OrderBy("title", "rank DESC"))
	_ = dovetail.MorphOne(oraArticles, "answer", oraReplies, dovetail.MorphKey("item_type", "item_id"), dovetail.MorphValue("a"),
		dovetail.OrderBy("stars DESC NULLS LAST"))
	_ = dovetail.HasOneThrough(oraWriters, "answer", oraReplies, "best.answer")
	_ = dovetail.HasOneThrough(oraArticles, "rival", oraArticles, "writer.best")
	_ = dovetail.HasManyThrough(oraTopics, "bests", oraArticles, "writers.best")

	_ = dovetail.HasMany(oraWriters, "older", oraArticles, dovetail.On("self.rank > outer.id OR self.title = outer.name"),
		dovetail.Where(sq.NotEq{"rank": 2}), dovetail.OrderBy("rank"))
	_ = dovetail.HasOne(oraArticles, "judge", oraWriters, dovetail.On("self.id < outer.rank"), dovetail.OrderBy("name DESC NULLS LAST"))
	_ = dovetail.HasManyThrough(oraWriters, "old_heard", oraReplies, "older.replies")
	_ = dovetail.HasManyThrough(oraArticles, "judged", oraArticles, "judge.articles")
	_ = dovetail.HasOneThrough(oraArticles, "judge_best", oraArticles, "judge.best")
)

func oraRuled() []*oraTable {
	writers := oraDefine("ruled", "writers", opener(oraWriters), "id|ID|int|key", "boss_id|BossID|int|null",
		"name|Name|text|null", "gone|Gone|text|rare")
	articles := oraDefine("ruled", "articles", opener(oraArticles), "id|ID|int|key", "writer_id|WriterID|int|null",
		"title|Title|text|null", "rank|Rank|int", "gone|Gone|text|rare")
	topics := oraDefine("ruled", "topics", opener(oraTopics), "id|ID|int|key", "name|Name|text|null", "tenant|Tenant|int|few")
	links := oraDefine("ruled", "article_topics", opener(oraArticleTopics), "article_id|ArticleID|int|null",
		"topic_id|TopicID|int|null", "gone|Gone|text|rare")
	replies := oraDefine("ruled", "replies", opener(oraReplies), "id|ID|int|key", "item_type|ItemType|type|null",
		"item_id|ItemID|int|null", "stars|Stars|int|null")
	fans := oraDefine("ruled", "fans", opener(oraFans), "item_type|ItemType|type|null", "item_id|ItemID|int|null",
		"writer_id|WriterID|int|null", "weight|Weight|int|null")
	fans.refer("item_id", articles, "id")
	fans.refer("writer_id", writers, "id")
	pictures := oraDefine("ruled", "pictures", opener(oraPictures), "id|ID|int|key", "item_type|ItemType|int|few", "item_id|ItemID|text")
	writers.refer("boss_id", writers, "id")
	articles.refer("writer_id", writers, "id")
	links.refer("article_id", articles, "id")
	links.refer("topic_id", topics, "id")
	replies.refer("item_id", articles, "id")
	pictures.refer("item_id", articles, "id")

	for _, t := range []*oraTable{writers, articles, links} {
		at := t.index(t.column("gone"))
		t.scopes = []oraTableScope{{"gone", func(_ *oraData, r *oraRow) bool { return r.vals[at] == nil }}}
	}
	articles.scopes = append(articles.scopes, oraTableScope{"ranked", func(_ *oraData, r *oraRow) bool { return r.vals[3] != int64(11) }})
	topics.scopes = []oraTableScope{{"tenant", func(d *oraData, r *oraRow) bool { return r.vals[2] == d.tenant }}}

	writers.relate("boss", "Boss", "", writers, "boss_id=id")
	writers.relate("reports", "Reports", "many back=boss", writers, "id=boss_id")
	writers.relate("articles", "Articles", "many back=writer", articles, "id=writer_id")
	writers.relation("articles").order = []oraOrderTerm{{ref: oraRef{col: articles.column("rank")}, desc: true}}
	writers.relate("top", "Top", "many value", articles, "id=writer_id")
	writers.relation("top").where = func(r *oraRow) bool { return r.vals[3].(int64) >= 2 }
	articles.relate("writer", "Writer", "", writers, "writer_id=id")
	articles.relate("topics", "Topics", "many", links, "id=article_id", topics, "topic_id=id")
	topics.relate("articles", "Articles", "many", links, "id=topic_id", articles, "article_id=id")
	articles.relate("replies", "Replies", "many back=article", replies, "id=item_id,to:item_type:a")
	topics.relate("replies", "Replies", "many back=topic", replies, "id=item_id,to:item_type:b")
	replies.relate("article", "Article", "", articles, "item_id=id,from:item_type:a")
	replies.relate("topic", "Topic", "", topics, "item_id=id,from:item_type:b")
	articles.relate("picture", "Picture", "single back=article", pictures, "id=item_id,to:item_type:1")
	replies.morph("item", "Item", "article", "topic")
	pictures.relate("article", "Article", "", articles, "item_id=id,from:item_type:1")
	articles.relate("fans", "Fans", "many linked", fans, "id=item_id,to:item_type:a", writers, "writer_id=id")
	writers.relate("admired", "Admired", "many", fans, "id=writer_id", articles, "item_id=id,from:item_type:a")
	topics.relate("fans", "Fans", "many", fans, "id=item_id,to:item_type:b", writers, "writer_id=id")
	writers.relate("admires", "Admires", "many", fans, "id=writer_id", topics, "item_id=id,from:item_type:b")
	fans.relate("writer", "Writer", "", writers, "writer_id=id")
	fans.relate("rivals", "Rivals", "many", fans, "writer_id=weight")
	links.relate("topic", "Topic", "", topics, "topic_id=id")
	articles.through("fan_of", "FanOf", "many ways", "fans", "admires")
	writers.through("grand", "Grand", "many", "reports", "reports")
	writers.through("topics", "Topics", "many ways", "articles", "topics")
	writers.relation("topics").order = []oraOrderTerm{{ref: oraRef{col: topics.column("name")}, desc: true, nulls: "LAST"}}
	topics.through("writers", "Writers", "many value ways", "articles", "writer")
	articles.through("siblings", "Siblings", "many", "writer", "articles")
	articles.through("all_topics", "AllTopics", "many ways", "writer", "topics")
	writers.through("heard", "Heard", "many", "articles", "replies")
	writers.relation("heard").order = []oraOrderTerm{{ref: oraRef{col: replies.column("stars")}}}
	writers.relation("heard").where = func(r *oraRow) bool { return r.vals[3] != nil && r.vals[3].(int64) > 0 }

	writers.relate("best", "Best", "", articles, "id=writer_id")
	writers.relation("best").where = func(r *oraRow) bool { return r.vals[3] != int64(0) }
	writers.relation("best").firstBy(oraOrderTerm{ref: oraRef{col: articles.column("title")}},
		oraOrderTerm{ref: oraRef{col: articles.column("rank")}, desc: true})
	articles.relate("answer", "Answer", "", replies, "id=item_id,to:item_type:a")
	articles.relation("answer").firstBy(oraOrderTerm{ref: oraRef{col: replies.column("stars")}, desc: true, nulls: "LAST"})
	writers.through("answer", "Answer", "", "best", "answer")
	articles.through("rival", "Rival", "", "writer", "best")
	topics.through("bests", "Bests", "many ways", "writers", "best")
	writers.relate("older", "Older", "many", articles, "")
	older := writers.relation("older")
	older.where = func(r *oraRow) bool { return r.vals[3] != int64(2) }
	older.on = func(w, a *oraRow) bool {
		return a.vals[3].(int64) > w.vals[0].(int64) || a.vals[2] != nil && w.vals[2] != nil && a.vals[2] == w.vals[2]
	}
	older.order = []oraOrderTerm{{ref: oraRef{col: articles.column("rank")}}}
	articles.relate("judge", "Judge", "", writers, "")
	articles.relation("judge").on = func(a, w *oraRow) bool { return w.vals[0].(int64) < a.vals[3].(int64) }
	articles.relation("judge").firstBy(oraOrderTerm{ref: oraRef{col: writers.column("name")}, desc: true, nulls: "LAST"})
	writers.through("old_heard", "OldHeard", "many ways", "older", "replies")
	articles.through("judged", "Judged", "many", "judge", "articles")
	articles.through("judge_best", "JudgeBest", "", "judge", "best")
	return []*oraTable{writers, articles, topics, links, replies, pictures, fans}
}

// sees reports whether a query whose table is reached by the path sees the row.
func (d *oraData) sees(r *oraRow, path string) bool {
	return !slices.ContainsFunc(r.table.scopes, func(s oraTableScope) bool { return !d.lifted[oraLift{path, s.name}] && !s.sees(d, r) })
}

// are reports whether columns have these values.
func (r *oraRow) are(values map[int]any) bool {
	for at, v := range values {
		if r.vals[at] != v {
			return false
		}
	}
	return true
}

// oraLift is a scope that a query lifts: of the tables at a path.
type oraLift struct{ path, name string }

func oraLifted(lifts []oraLift) map[oraLift]bool {
	lifted := map[oraLift]bool{}
	for _, l := range lifts {
		lifted[l] = true
	}
	return lifted
}

// oraLifts are the scopes of the tables that a path ends at or leads past.
func oraLifts(path string, tables ...*oraTable) []oraLift {
	var lifts []oraLift
	for _, t := range tables {
		for _, s := range t.scopes {
			if l := (oraLift{path, s.name}); !slices.Contains(lifts, l) {
				lifts = append(lifts, l)
			}
		}
	}
	return lifts
}

// tables are those of the relation's steps.
func (r *oraRelation) tables() []*oraTable {
	if r.followed != nil {
		return r.followed.tables()
	}
	tables := make([]*oraTable, len(r.steps))
	for i, s := range r.steps {
		tables[i] = s.table
	}
	return tables
}
