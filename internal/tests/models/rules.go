package models

import (
	"context"
	"errors"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// The models of declared rules: rows are deleted by a mark, writers have topics by way of their articles, and remarks are
// about articles and products.

type Writer struct {
	ID        int64
	BossID    *int64
	Name      string
	DeletedAt *string
	N         int64 `db:"n,computed"`

	Boss         *Writer
	Reports      []*Writer
	GrandReports []*Writer
	Articles     []*Article
	Top          []*Article
	Topics       []*Topic
	Heard        []*Remark `rel:"heard"`
	TopHeard     []*Remark
}

type Article struct {
	ID        int64
	WriterID  int64
	Title     string
	Rank      int64
	DeletedAt *string

	Writer       *Writer
	Topics       []*Topic
	Siblings     []*Article
	WriterTopics []*Topic
	Remarks      []*Remark
	Picture      *Picture
}

type Topic struct {
	ID        int64
	Name      string
	DeletedAt *string
	Articles  []*Article
	Writers   []*Writer
}

type ArticleTopic struct {
	ArticleID int64
	TopicID   int64
	DeletedAt *string
}

type Product struct {
	ID        int64
	Name      string
	DeletedAt *string
	Remarks   []Remark
}

// ItemType is text under a name of its own, as that of an enum is.
type ItemType string

// Thing is what a remark may be about.
type Thing interface{ Called() string }

func (a *Article) Called() string { return a.Title }

func (p *Product) Called() string { return p.Name }

type Remark struct {
	ID        int64
	ItemType  *ItemType
	ItemID    *int64
	AuthorID  *int64
	Body      string
	Stars     int64
	DeletedAt *string

	Item    Thing
	Article *Article
	Product *Product
	Author  *Writer
}

type Picture struct {
	ID       int64
	ItemType string
	ItemID   int64
	URL      string
	Item     any
	Article  *Article
}

type Shelf struct {
	Room  string
	No    int64
	Jars  []*Jar
	Stuck []*Sticker
	Kinds []*Kind
}

type Jar struct {
	ID        int64
	Room      string
	No        int64
	KindID    string
	DeletedAt *string
	Shelf     *Shelf
	Stickers  []*Sticker
	Kind      *Kind
}

type Sticker struct {
	ID    int64
	JarID int64
	Text  string
}

type Kind struct {
	ID   string
	Jars []*Jar
	Tags []*Tagging
}

type Tagging struct {
	ID       int64
	ItemType string
	ItemID   string
	Word     string
	Item     any
	Kind     *Kind
}

// Alive is the scope of a table whose rows are deleted by a mark.
func Alive() dovetail.TableOption { return dovetail.Scope("alive", sq.Eq{"deleted_at": nil}) }

var (
	Rules = dovetail.NewRegistry()

	Writers       = dovetail.NewTable[Writer](Rules, "writers", Alive())
	Articles      = dovetail.NewTable[Article](Rules, "articles", dovetail.Scope("alive", "articles.deleted_at IS NULL"))
	Topics        = dovetail.NewTable[Topic](Rules, "topics", Alive())
	ArticleTopics = dovetail.NewTable[ArticleTopic](Rules, "article_topics", dovetail.PrimaryKey("article_id", "topic_id"), Alive())
	Products      = dovetail.NewTable[Product](Rules, "products", Alive())
	Remarks       = dovetail.NewTable[Remark](Rules, "remarks", Alive())
	Pictures      = dovetail.NewTable[Picture](Rules, "pictures")

	WriterReports = dovetail.HasMany(Writers, "reports", Writers, dovetail.ForeignKey("boss_id"), dovetail.Inverse("boss"))
	GrandReports  = dovetail.HasManyThrough(Writers, "grand_reports", Writers, "reports.reports")

	WriterArticles = dovetail.HasMany(Writers, "articles", Articles, dovetail.ForeignKey("writer_id"),
		dovetail.Inverse("writer"), dovetail.OrderBy("rank DESC"))
	WriterTop = dovetail.HasMany(Writers, "top", Articles, dovetail.ForeignKey("writer_id"),
		dovetail.Where(sq.GtOrEq{"rank": 5}))
	ArticleTopicsOf = dovetail.ManyToMany(Articles, "topics", Topics, ArticleTopics,
		dovetail.ThroughKeys("article_id", "topic_id"), dovetail.Inverse("articles"))
	WriterTopics  = dovetail.HasManyThrough(Writers, "topics", Topics, "articles.topics", dovetail.OrderBy("name DESC"))
	TopicWriters  = dovetail.HasManyThrough(Topics, "writers", Writers, "articles.writer")
	Siblings      = dovetail.HasManyThrough(Articles, "siblings", Articles, "writer.articles")
	TopicsOfOwner = dovetail.HasManyThrough(Articles, "writer_topics", Topics, "writer.topics")
	WriterHeard   = dovetail.HasManyThrough(Writers, "heard", Remarks, "articles.remarks",
		dovetail.Where("remarks.stars > ?", 1))
	WriterTopHeard = dovetail.HasManyThrough(Writers, "top_heard", Remarks, "top.remarks")

	ArticleRemarks = dovetail.MorphMany(Articles, "remarks", Remarks,
		dovetail.MorphKey("item_type", "item_id"), dovetail.MorphValue("article"), dovetail.Inverse("article"))
	ProductRemarks = dovetail.MorphMany(Products, "remarks", Remarks,
		dovetail.MorphKey("item_type", "item_id"), dovetail.MorphValue("product"), dovetail.Inverse("product"))
	RemarkItem = dovetail.MorphTo(Remarks, "item", dovetail.MorphKey("item_type", "item_id"),
		dovetail.MorphType("article", Articles), dovetail.MorphType("product", Products))
	RemarkAuthor   = dovetail.BelongsTo(Remarks, "author", Writers, dovetail.ForeignKey("author_id"))
	ArticlePicture = dovetail.MorphOne(Articles, "picture", Pictures,
		dovetail.MorphKey("item_type", "item_id"), dovetail.MorphValue("article"), dovetail.Inverse("article"))
	PictureItem = dovetail.MorphTo(Pictures, "item", dovetail.MorphKey("item_type", "item_id"),
		dovetail.MorphType("article", Articles))

	Shelves  = dovetail.NewTable[Shelf](Rules, "shelves", dovetail.PrimaryKey("room", "no"))
	Jars     = dovetail.NewTable[Jar](Rules, "jars", Alive())
	Stickers = dovetail.NewTable[Sticker](Rules, "stickers")
	Kinds    = dovetail.NewTable[Kind](Rules, "kinds")
	Taggings = dovetail.NewTable[Tagging](Rules, "taggings")

	ShelfJars = dovetail.HasMany(Shelves, "jars", Jars, dovetail.ForeignKey("room", "no"), dovetail.Inverse("shelf"))
	JarSticks = dovetail.HasMany(Jars, "stickers", Stickers, dovetail.ForeignKey("jar_id"))
	JarKind   = dovetail.BelongsTo(Jars, "kind", Kinds, dovetail.ForeignKey("kind_id"), dovetail.Inverse("jars"))
	ShelfStk  = dovetail.HasManyThrough(Shelves, "stuck", Stickers, "jars.stickers")
	ShelfKind = dovetail.HasManyThrough(Shelves, "kinds", Kinds, "jars.kind")
	KindTags  = dovetail.MorphMany(Kinds, "tags", Taggings,
		dovetail.MorphKey("item_type", "item_id"), dovetail.MorphValue("kind"), dovetail.Inverse("kind"))
	TagItem = dovetail.MorphTo(Taggings, "item", dovetail.MorphKey("item_type", "item_id"), dovetail.MorphType("kind", Kinds))
)

// RulesDDL is read by PostgreSQL and SQLite.
const RulesDDL = `
CREATE TABLE writers (id BIGINT PRIMARY KEY, boss_id BIGINT, name TEXT NOT NULL, deleted_at TEXT);
CREATE TABLE articles (id BIGINT PRIMARY KEY, writer_id BIGINT NOT NULL, title TEXT NOT NULL, rank BIGINT NOT NULL,
  deleted_at TEXT);
CREATE TABLE topics (id BIGINT PRIMARY KEY, name TEXT NOT NULL, deleted_at TEXT);
CREATE TABLE article_topics (article_id BIGINT NOT NULL, topic_id BIGINT NOT NULL, deleted_at TEXT,
  PRIMARY KEY (article_id, topic_id));
CREATE TABLE products (id BIGINT PRIMARY KEY, name TEXT NOT NULL, deleted_at TEXT);
CREATE TABLE remarks (id BIGINT PRIMARY KEY, item_type TEXT, item_id BIGINT, author_id BIGINT, body TEXT NOT NULL,
  stars BIGINT NOT NULL, deleted_at TEXT);
CREATE TABLE pictures (id BIGINT PRIMARY KEY, item_type TEXT NOT NULL, item_id BIGINT NOT NULL, url TEXT NOT NULL);
CREATE TABLE shelves (room TEXT NOT NULL, no BIGINT NOT NULL, PRIMARY KEY (room, no));
CREATE TABLE kinds (id TEXT PRIMARY KEY);
CREATE TABLE jars (id BIGINT PRIMARY KEY, room TEXT NOT NULL, no BIGINT NOT NULL, kind_id TEXT NOT NULL, deleted_at TEXT);
CREATE TABLE stickers (id BIGINT PRIMARY KEY, jar_id BIGINT NOT NULL, text TEXT NOT NULL);
CREATE TABLE taggings (id BIGINT PRIMARY KEY, item_type TEXT NOT NULL, item_id TEXT NOT NULL, word TEXT NOT NULL);

INSERT INTO writers (id, boss_id, name, deleted_at) VALUES
  (1, NULL, 'Ann', NULL), (2, 1, 'Bob', NULL), (3, 1, 'Cat', 'gone'), (4, 2, 'Dan', NULL), (5, 2, 'Eve', NULL), (6, 3, 'Fay', NULL);
INSERT INTO articles (id, writer_id, title, rank, deleted_at) VALUES
  (1, 1, 'a1', 1, NULL), (2, 1, 'a2', 5, NULL), (3, 1, 'a3', 7, 'gone'), (4, 2, 'b1', 5, NULL), (5, 3, 'c1', 9, NULL);
INSERT INTO topics (id, name, deleted_at) VALUES (1, 'go', NULL), (2, 'sql', NULL), (3, 'old', 'gone'), (4, 'unused', NULL);
INSERT INTO article_topics (article_id, topic_id, deleted_at) VALUES
  (1, 1, NULL), (1, 2, 'gone'), (2, 1, NULL), (2, 2, NULL), (3, 4, NULL), (4, 2, NULL), (4, 3, NULL), (5, 1, NULL);
INSERT INTO products (id, name, deleted_at) VALUES (1, 'pen', NULL), (2, 'ink', 'gone');
INSERT INTO remarks (id, item_type, item_id, author_id, body, stars, deleted_at) VALUES
  (1, 'article', 1, 1, 'r1', 5, NULL), (2, 'article', 1, 2, 'r2', 2, NULL), (3, 'article', 2, NULL, 'r3', 4, 'gone'),
  (4, 'product', 1, 1, 'r4', 1, NULL), (5, 'product', 2, 3, 'r5', 3, NULL), (6, 'article', 99, NULL, 'r6', 1, NULL),
  (7, NULL, NULL, NULL, 'r7', 1, NULL), (8, 'article', NULL, NULL, 'r8', 1, NULL), (9, 'article', 4, 4, 'r9', 1, NULL);
INSERT INTO pictures (id, item_type, item_id, url) VALUES
  (1, 'article', 1, 'p1'), (2, 'product', 1, 'p2'), (3, 'article', 5, 'p3'), (4, 'article', 5, 'p4');
INSERT INTO shelves (room, no) VALUES ('x', 1), ('x', 2), ('y', 1);
INSERT INTO kinds (id) VALUES ('jam'), ('tea'), ('oil');
INSERT INTO jars (id, room, no, kind_id, deleted_at) VALUES
  (1, 'x', 1, 'jam', NULL), (2, 'x', 1, 'jam', NULL), (3, 'x', 1, 'oil', 'gone'), (4, 'y', 1, 'tea', NULL), (5, 'y', 1, 'jam', NULL);
INSERT INTO stickers (id, jar_id, text) VALUES (1, 1, 's1'), (2, 2, 's2'), (3, 3, 's3'), (4, 5, 's4');
INSERT INTO taggings (id, item_type, item_id, word) VALUES (1, 'kind', 'jam', 't1'), (2, 'other', 'jam', 't2'), (3, 'kind', 'tea', 't3');
`

func WriterName(w *Writer) string { return w.Name }

func ArticleTitle(a *Article) string { return a.Title }

func TopicName(p *Topic) string { return p.Name }

func WritersQ() dovetail.Query[*Writer] { return dovetail.Select(Writers).OrderBy("id") }

func ArticlesQ() dovetail.Query[*Article] { return dovetail.Select(Articles).OrderBy("id") }

// Names fails the test unless the query's rows have these names, in their order.
func Names[T any](t *testing.T, d kit.Database, what string, q dovetail.Query[*T], name func(*T) string, want ...string) {
	t.Helper()
	db := d.Record()
	kit.Same(t, what, kit.Pluck(kit.All(t, db, q), name), want...)
	db.Expect(t, 1, 1)
}

// pen and page are writers and articles without the rest, for rules of a test's own.

type Pen struct {
	ID        int64
	Name      string
	DeletedAt *string
	Articles  []*Page
}

type Page struct {
	ID        int64
	WriterID  int64
	Title     string
	Rank      int64
	DeletedAt *string
	Writer    *Pen
}

// PagesOf declares both tables in a registry of their own.
func PagesOf(ofPens dovetail.TableOption, ofPages func(*dovetail.Table[Pen]) dovetail.TableOption) *dovetail.Table[Page] {
	r := dovetail.NewRegistry()
	pens := dovetail.NewTable[Pen](r, "writers", ofPens)
	pages := dovetail.NewTable[Page](r, "articles", ofPages(pens))
	dovetail.HasMany(pens, "articles", pages, dovetail.ForeignKey("writer_id"), dovetail.Inverse("writer"))
	return pages
}

type TenantKey struct{}

var ErrNoTenant = errors.New("nobody is logged in")

// TenantOf is how a program would find its tenant.
func TenantOf(ctx context.Context) (any, error) {
	tenant, ok := ctx.Value(TenantKey{}).(int64)
	if !ok {
		return nil, ErrNoTenant
	}
	return tenant, nil
}

// Tenants are tables of which everybody sees his own rows.
func Tenants() (*dovetail.Table[Pen], *dovetail.Table[Page]) {
	var writers *dovetail.Table[Pen]
	pages := PagesOf(dovetail.Scope("tenant", sq.Eq{"id": dovetail.FromContext(TenantOf)}),
		func(pens *dovetail.Table[Pen]) dovetail.TableOption {
			writers = pens
			return dovetail.Scope("tenant", "articles.writer_id = ?", dovetail.FromContext(TenantOf))
		})
	return writers, pages
}
