package relations_test

import (
	"fmt"
	"slices"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// confThrough is a relation along others: each row once, in however many ways it is reached.
type confThrough[P, C any] struct {
	path    string
	owners  dovetail.Query[*P] // ordered
	related dovetail.Query[*C]
	get     func(*P) []*C
	name    func(*C) string
	want    [][]string // for each owner, in the order of the relation
	lookups int
}

// cases are the same promises for every such relation.
func (c confThrough[P, C]) cases(name string) []kit.Case {
	return []kit.Case{
		{Name: name + ": preload", Run: c.preload},
		{Name: name + ": preload with a limit", Run: c.limited},
		{Name: name + ": joins and tests", Run: c.tested},
		{Name: name + ": count", Run: c.counted},
	}
}

func (c confThrough[P, C]) check(t *testing.T, what string, owners []*P, want [][]string) {
	t.Helper()
	if len(owners) != len(want) {
		t.Fatalf("%s: expected %d owners, got %d", what, len(want), len(owners))
	}
	shared := map[string]*C{}
	for i, o := range owners {
		if c.get(o) == nil {
			t.Errorf("%s: owner %d has nil, not an empty list", what, i)
		}
		kit.Same(t, fmt.Sprintf("%s: owner %d", what, i), kit.Pluck(c.get(o), c.name), want[i]...)
		for _, row := range c.get(o) {
			if known, ok := shared[c.name(row)]; ok && known != row {
				t.Errorf("%s: %s is two rows", what, c.name(row))
			}
			shared[c.name(row)] = row
		}
	}
}

func (c confThrough[P, C]) preload(t *testing.T, d kit.Database) {
	db := d.Record()
	c.check(t, "preload", kit.All(t, db, c.owners.Preload(c.path)), c.want)
	db.Expect(t, 2+d.Lookups(c.lookups), 2)
	none := slices.Clone(c.want)
	for i := range none {
		none[i] = nil
	}
	c.check(t, "none", kit.All(t, db, c.owners.Preload(c.path, c.related.Where("1 = 0"))), none)
}

func (c confThrough[P, C]) limited(t *testing.T, d kit.Database) {
	db := d.Record()
	c.check(t, "a wide limit", kit.All(t, db, c.owners.Preload(c.path, c.related.Limit(100))), c.want)
	db.Expect(t, 2+d.Lookups(c.lookups), 2)
	first, rest := make([][]string, len(c.want)), make([][]string, len(c.want))
	for i, w := range c.want {
		n := min(1, len(w))
		first[i], rest[i] = w[:n], w[n:]
	}
	c.check(t, "the first", kit.All(t, d.DB, c.owners.Preload(c.path, c.related.Limit(1))), first)
	c.check(t, "the rest", kit.All(t, d.DB, c.owners.Preload(c.path, c.related.Offset(1))), rest)
}

// tested counts owners by how many rows they have.
func (c confThrough[P, C]) tested(t *testing.T, d kit.Database) {
	having := func(least int) (n int64) {
		for _, w := range c.want {
			if len(w) >= least {
				n++
			}
		}
		return n
	}
	for what, test := range map[string]struct {
		q    dovetail.Query[*P]
		want int64
	}{
		"Join":          {c.owners.Join(c.path).Distinct(), having(1)},
		"LeftJoin":      {c.owners.LeftJoin(c.path).Distinct(), having(0)},
		"Has":           {c.owners.Has(c.path), having(1)},
		"HasNone":       {c.owners.HasNone(c.path), having(0) - having(1)},
		"HasAtLeast 1":  {c.owners.HasAtLeast(1, c.path), having(1)},
		"HasAtLeast 2":  {c.owners.HasAtLeast(2, c.path), having(2)},
		"HasAtLeast 3":  {c.owners.HasAtLeast(3, c.path), having(3)},
		"HasEvery none": {c.owners.HasEvery(c.path, sq.Expr("1 = 0")), having(0) - having(1)},
	} {
		n, err := test.q.Count(t.Context(), d.DB)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		kit.Equal(t, what, n, test.want)
	}
}

func (c confThrough[P, C]) counted(t *testing.T, d kit.Database) {
	got := kit.Collect[int](t, d.DB, c.owners.Columns().With(dovetail.Count(c.path).As("n")))
	kit.Same(t, "count", got, kit.Pluck(c.want, func(w []string) int { return len(w) })...)
}

func throughCases() []kit.Case {
	shelves := dovetail.Select(models.Shelves).OrderBy("room", "no")
	return slices.Concat(
		confThrough[models.Writer, models.Topic]{
			path: "topics", owners: models.WritersQ(), related: dovetail.Select(models.Topics), name: models.TopicName,
			get:  func(w *models.Writer) []*models.Topic { return w.Topics },
			want: [][]string{{"sql", "go"}, {"sql"}, nil, nil, nil},
		}.cases("has-many, many-to-many"),
		confThrough[models.Topic, models.Writer]{
			path: "writers", owners: dovetail.Select(models.Topics).OrderBy("id"), related: dovetail.Select(models.Writers), name: models.WriterName,
			get:  func(p *models.Topic) []*models.Writer { return p.Writers },
			want: [][]string{{"Ann"}, {"Ann", "Bob"}, nil},
		}.cases("many-to-many, belongs-to"),
		confThrough[models.Article, models.Article]{
			path: "siblings", owners: models.ArticlesQ(), related: dovetail.Select(models.Articles), name: models.ArticleTitle,
			get:  func(a *models.Article) []*models.Article { return a.Siblings },
			want: [][]string{{"a2", "a1"}, {"a2", "a1"}, {"b1"}, nil}, // as the writer's articles are: by rank, from the highest
		}.cases("belongs-to, has-many"),
		confThrough[models.Article, models.Topic]{
			path: "writer_topics", owners: models.ArticlesQ(), related: dovetail.Select(models.Topics), name: models.TopicName,
			get:  func(a *models.Article) []*models.Topic { return a.WriterTopics },
			want: [][]string{{"sql", "go"}, {"sql", "go"}, {"sql"}, nil}, // as the writer's topics are: by name, from the last
		}.cases("belongs-to, through"),
		confThrough[models.Writer, models.Writer]{
			path: "grand_reports", owners: models.WritersQ(), related: dovetail.Select(models.Writers), name: models.WriterName,
			get:  func(w *models.Writer) []*models.Writer { return w.GrandReports },
			want: [][]string{{"Dan", "Eve"}, nil, nil, nil, nil},
		}.cases("has-many twice"),
		confThrough[models.Writer, models.Remark]{
			path: "heard", owners: models.WritersQ(), related: dovetail.Select(models.Remarks), name: remarkBody,
			get:  func(w *models.Writer) []*models.Remark { return w.Heard },
			want: [][]string{{"r1", "r2"}, nil, nil, nil, nil},
		}.cases("has-many, morph-many"),
		confThrough[models.Writer, models.Remark]{
			path: "top_heard", owners: models.WritersQ(), related: dovetail.Select(models.Remarks), name: remarkBody,
			get:  func(w *models.Writer) []*models.Remark { return w.TopHeard },
			want: [][]string{nil, {"r9"}, nil, nil, nil}, // Ann's r1 and r2 are about an article below the relation's rank
		}.cases("has-many with a condition, morph-many"),
		confThrough[models.Shelf, models.Sticker]{
			path: "stuck", owners: shelves, related: dovetail.Select(models.Stickers), name: stickerText,
			get:  func(s *models.Shelf) []*models.Sticker { return s.Stuck },
			want: [][]string{{"s1", "s2"}, nil, {"s4"}}, lookups: 1,
		}.cases("composite, has-many"),
		confThrough[models.Shelf, models.Kind]{
			path: "kinds", owners: shelves, related: dovetail.Select(models.Kinds), name: kindID,
			get:  func(s *models.Shelf) []*models.Kind { return s.Kinds },
			want: [][]string{{"jam"}, nil, {"jam", "tea"}}, lookups: 1,
		}.cases("composite, belongs-to by text"),
		throughMoreCases(),
	)
}

func throughMoreCases() []kit.Case {
	return []kit.Case{
		{Name: "through joins once for each way", Run: func(t *testing.T, d kit.Database) {
			q := models.WritersQ().Join("topics").OrderBy("topics.id")
			kit.Same(t, "rows", kit.Collect[string](t, d.DB, q.Columns().Column("topics.name AS topic")), "go", "go", "sql", "sql")
			models.Names(t, d, "a condition", models.WritersQ().Join("topics", sq.Eq{"name": "go"}).Distinct(), models.WriterName, "Ann")
			models.Names(t, d, "left", models.WritersQ().LeftJoin("topics", sq.Eq{"name": "go"}).Where(sq.Eq{"topics.id": nil}), models.WriterName,
				"Bob", "Dan", "Eve", "Fay")
		}},
		{Name: "through with conditions", Run: func(t *testing.T, d kit.Database) {
			models.Names(t, d, "HasAll", models.WritersQ().HasAll("topics", 1, 2), models.WriterName, "Ann")
			models.Names(t, d, "Has", models.WritersQ().Has("topics", sq.Eq{"name": "sql"}), models.WriterName, "Ann", "Bob")
			models.Names(t, d, "nested", dovetail.Select(models.Topics).OrderBy("id").Has("writers", dovetail.Has("topics", sq.Eq{"name": "go"})),
				models.TopicName, "go", "sql")
			one := kit.All(t, d.DB, models.WritersQ().Preload("topics", dovetail.Select(models.Topics).Where(sq.Eq{"name": "go"})))[0]
			kit.Same(t, "preload", kit.Pluck(one.Topics, models.TopicName), "go")
			ordered := kit.All(t, d.DB, models.WritersQ().Preload("topics", dovetail.Select(models.Topics).OrderBy("id")))[0]
			kit.Same(t, "order", kit.Pluck(ordered.Topics, models.TopicName), "go", "sql")
		}},
		{Name: "through is reached once, and repeated by its query's joins", Run: func(t *testing.T, d kit.Database) {
			// Both of Ann's articles lead to "go", which has three articles: hers, and one of a writer who is gone.
			writers := kit.All(t, d.DB, models.WritersQ().Preload("topics", dovetail.Select(models.Topics).Join("articles")))
			kit.Same(t, "Ann's", kit.Pluck(writers[0].Topics, models.TopicName), "sql", "sql", "go", "go", "go")
			kit.Same(t, "Bob's", kit.Pluck(writers[1].Topics, models.TopicName), "sql", "sql")
			writers = kit.All(t, d.DB, models.WritersQ().Preload("topics", dovetail.Select(models.Topics).Join("articles").Distinct()))
			kit.Same(t, "Ann's, distinct", kit.Pluck(writers[0].Topics, models.TopicName), "sql", "go")
		}},
		{Name: "through below and above others", Run: func(t *testing.T, d kit.Database) {
			db := d.Record()
			writers := kit.All(t, db, models.WritersQ().Preload("topics.articles.siblings"))
			db.Expect(t, 4, 4)
			sql := writers[0].Topics[0]
			if sql != writers[1].Topics[0] {
				t.Error("one topic, two rows")
			}
			kit.Same(t, "below", kit.Pluck(sql.Articles, models.ArticleTitle), "a2", "b1")
			kit.Same(t, "two below", kit.Pluck(sql.Articles[0].Siblings, models.ArticleTitle), "a2", "a1")
			articles := kit.All(t, db, models.ArticlesQ().Preload("writer.topics"))
			db.Expect(t, 3, 3)
			kit.Same(t, "below a to-one", kit.Pluck(articles[0].Writer.Topics, models.TopicName), "sql", "go")
			models.Names(t, d, "tested below a to-one", models.ArticlesQ().HasAtLeast(2, "writer.topics"), models.ArticleTitle, "a1", "a2")
			kit.Same(t, "counted below a to-one",
				kit.Collect[int](t, d.DB, models.ArticlesQ().Columns().With(dovetail.Count("writer.topics").As("n"))), 2, 2, 1, 0)
		}},
		{Name: "through unscoped lifts all on the way", Run: func(t *testing.T, d kit.Database) {
			writers := kit.All(t, d.DB, models.WritersQ().Preload("topics").UnscopedAt("topics", "alive"))
			kit.Same(t, "Ann's", kit.Pluck(writers[0].Topics, models.TopicName), "unused", "sql", "go")
			kit.Same(t, "Bob's", kit.Pluck(writers[1].Topics, models.TopicName), "sql", "old")
			models.Names(t, d, "tested", models.WritersQ().HasAtLeast(3, "topics").UnscopedAt("topics", "alive"), models.WriterName, "Ann")
			_, err := models.WritersQ().HasAtLeast(3, "topics").UnscopedAt("articles", "alive").All(t.Context(), d.DB)
			kit.Refused(t, err, dovetail.ErrInvalidQuery) // the way is not named
		}},
		{Name: "through loaded onto rows in hand", Run: func(t *testing.T, d kit.Database) {
			db := d.Record()
			ann := &models.Writer{ID: 1, Topics: []*models.Topic{{Name: "stale"}}}
			rows := []*models.Writer{ann, {ID: 4}, ann, nil}
			kit.Load(t, db, models.Writers, rows, "topics")
			db.Expect(t, 1, 1)
			kit.Same(t, "Ann's", kit.Pluck(ann.Topics, models.TopicName), "sql", "go")
			kit.Same(t, "Dan's", kit.Pluck(rows[1].Topics, models.TopicName))
			kit.Load(t, db, models.Articles, []*models.Article{{ID: 1, WriterID: 1}}, "writer_topics")
			db.Expect(t, 1, 1)
		}},
	}
}
