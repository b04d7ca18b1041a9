package dovetail_test

import (
	"fmt"
	"slices"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
)

// confThrough is a relation along others: each row once, in however many ways it is reached.
type confThrough[P, C any] struct {
	path    string
	owners  dovetail.Query[P] // ordered
	related dovetail.Query[C]
	get     func(*P) []*C
	name    func(*C) string
	want    [][]string // for each owner, in the order of the relation
	lookups int
}

// cases are the same promises for every such relation.
func (c confThrough[P, C]) cases(name string) []conformanceCase {
	return []conformanceCase{
		{name + ": preload", c.preload},
		{name + ": preload with a limit", c.limited},
		{name + ": joins and tests", c.tested},
		{name + ": count", c.counted},
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
		confSame(t, fmt.Sprintf("%s: owner %d", what, i), confPluck(c.get(o), c.name), want[i]...)
		for _, row := range c.get(o) {
			if known, ok := shared[c.name(row)]; ok && known != row {
				t.Errorf("%s: %s is two rows", what, c.name(row))
			}
			shared[c.name(row)] = row
		}
	}
}

func (c confThrough[P, C]) preload(t *testing.T, d database) {
	db := d.record()
	c.check(t, "preload", confAll(t, db, c.owners.Preload(c.path)), c.want)
	db.expect(t, 2+d.lookups(c.lookups), 2+d.lookups(c.lookups))
	none := slices.Clone(c.want)
	for i := range none {
		none[i] = nil
	}
	c.check(t, "none", confAll(t, db, c.owners.Preload(c.path, c.related.Where("1 = 0"))), none)
}

func (c confThrough[P, C]) limited(t *testing.T, d database) {
	db := d.record()
	c.check(t, "a wide limit", confAll(t, db, c.owners.Preload(c.path, c.related.Limit(100))), c.want)
	db.expect(t, 2+d.lookups(c.lookups), 2+d.lookups(c.lookups))
	first, rest := make([][]string, len(c.want)), make([][]string, len(c.want))
	for i, w := range c.want {
		n := min(1, len(w))
		first[i], rest[i] = w[:n], w[n:]
	}
	c.check(t, "the first", confAll(t, d.db, c.owners.Preload(c.path, c.related.Limit(1))), first)
	c.check(t, "the rest", confAll(t, d.db, c.owners.Preload(c.path, c.related.Offset(1))), rest)
}

// tested counts owners by how many rows they have.
func (c confThrough[P, C]) tested(t *testing.T, d database) {
	having := func(least int) (n int64) {
		for _, w := range c.want {
			if len(w) >= least {
				n++
			}
		}
		return n
	}
	for what, test := range map[string]struct {
		q    dovetail.Query[P]
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
		n, err := test.q.Count(t.Context(), d.db)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		confEqual(t, what, n, test.want)
	}
}

func (c confThrough[P, C]) counted(t *testing.T, d database) {
	got := confCollect[int](t, d.db, c.owners.Columns().With(dovetail.Count(c.path).As("n")))
	confSame(t, "count", got, confPluck(c.want, func(w []string) int { return len(w) })...)
}

func throughCases() []conformanceCase {
	shelves := dovetail.Select(Shelves).OrderBy("room", "no")
	return slices.Concat(
		confThrough[Writer, Topic]{
			path: "topics", owners: writersQ(), related: dovetail.Select(Topics), name: topicName,
			get:  func(w *Writer) []*Topic { return w.Topics },
			want: [][]string{{"sql", "go"}, {"sql"}, nil, nil, nil},
		}.cases("has-many, many-to-many"),
		confThrough[Topic, Writer]{
			path: "writers", owners: dovetail.Select(Topics).OrderBy("id"), related: dovetail.Select(Writers), name: writerName,
			get:  func(p *Topic) []*Writer { return p.Writers },
			want: [][]string{{"Ann"}, {"Ann", "Bob"}, nil},
		}.cases("many-to-many, belongs-to"),
		confThrough[Article, Article]{
			path: "siblings", owners: articlesQ(), related: dovetail.Select(Articles), name: articleTitle,
			get:  func(a *Article) []*Article { return a.Siblings },
			want: [][]string{{"a1", "a2"}, {"a1", "a2"}, {"b1"}, nil},
		}.cases("belongs-to, has-many"),
		confThrough[Article, Topic]{
			path: "writer_topics", owners: articlesQ(), related: dovetail.Select(Topics), name: topicName,
			get:  func(a *Article) []*Topic { return a.WriterTopics },
			want: [][]string{{"go", "sql"}, {"go", "sql"}, {"sql"}, nil},
		}.cases("belongs-to, through"),
		confThrough[Writer, Writer]{
			path: "grand_reports", owners: writersQ(), related: dovetail.Select(Writers), name: writerName,
			get:  func(w *Writer) []*Writer { return w.GrandReports },
			want: [][]string{{"Dan", "Eve"}, nil, nil, nil, nil},
		}.cases("has-many twice"),
		confThrough[Writer, Remark]{
			path: "heard", owners: writersQ(), related: dovetail.Select(Remarks), name: remarkBody,
			get:  func(w *Writer) []*Remark { return w.Heard },
			want: [][]string{{"r1", "r2"}, nil, nil, nil, nil},
		}.cases("has-many, morph-many"),
		confThrough[Writer, Remark]{
			path: "top_heard", owners: writersQ(), related: dovetail.Select(Remarks), name: remarkBody,
			get:  func(w *Writer) []*Remark { return w.TopHeard },
			want: [][]string{nil, {"r9"}, nil, nil, nil}, // Ann's r1 and r2 are about an article below the relation's rank
		}.cases("has-many with a condition, morph-many"),
		confThrough[Shelf, Sticker]{
			path: "stuck", owners: shelves, related: dovetail.Select(Stickers), name: stickerText,
			get:  func(s *Shelf) []*Sticker { return s.Stuck },
			want: [][]string{{"s1", "s2"}, nil, {"s4"}}, lookups: 1,
		}.cases("composite, has-many"),
		confThrough[Shelf, Kind]{
			path: "kinds", owners: shelves, related: dovetail.Select(Kinds), name: kindID,
			get:  func(s *Shelf) []*Kind { return s.Kinds },
			want: [][]string{{"jam"}, nil, {"jam", "tea"}}, lookups: 1,
		}.cases("composite, belongs-to by text"),
		throughMoreCases(),
	)
}

func throughMoreCases() []conformanceCase {
	return []conformanceCase{
		{"through joins once for each way", func(t *testing.T, d database) {
			q := writersQ().Join("topics").OrderBy("topics.id")
			confSame(t, "rows", confCollect[string](t, d.db, q.Columns().Column("topics.name AS topic")), "go", "go", "sql", "sql")
			confNames(t, d, "a condition", writersQ().Join("topics", sq.Eq{"name": "go"}).Distinct(), writerName, "Ann")
			confNames(t, d, "left", writersQ().LeftJoin("topics", sq.Eq{"name": "go"}).Where(sq.Eq{"topics.id": nil}), writerName,
				"Bob", "Dan", "Eve", "Fay")
		}},
		{"through with conditions", func(t *testing.T, d database) {
			confNames(t, d, "HasAll", writersQ().HasAll("topics", 1, 2), writerName, "Ann")
			confNames(t, d, "Has", writersQ().Has("topics", sq.Eq{"name": "sql"}), writerName, "Ann", "Bob")
			confNames(t, d, "nested", dovetail.Select(Topics).OrderBy("id").Has("writers", dovetail.Has("topics", sq.Eq{"name": "go"})),
				topicName, "go", "sql")
			one := confAll(t, d.db, writersQ().Preload("topics", dovetail.Select(Topics).Where(sq.Eq{"name": "go"})))[0]
			confSame(t, "preload", confPluck(one.Topics, topicName), "go")
			ordered := confAll(t, d.db, writersQ().Preload("topics", dovetail.Select(Topics).OrderBy("id")))[0]
			confSame(t, "order", confPluck(ordered.Topics, topicName), "go", "sql")
		}},
		{"through is reached once, and repeated by its query's joins", func(t *testing.T, d database) {
			// Both of Ann's articles lead to "go", which has three articles: hers, and one of a writer who is gone.
			writers := confAll(t, d.db, writersQ().Preload("topics", dovetail.Select(Topics).Join("articles")))
			confSame(t, "Ann's", confPluck(writers[0].Topics, topicName), "sql", "sql", "go", "go", "go")
			confSame(t, "Bob's", confPluck(writers[1].Topics, topicName), "sql", "sql")
			writers = confAll(t, d.db, writersQ().Preload("topics", dovetail.Select(Topics).Join("articles").Distinct()))
			confSame(t, "Ann's, distinct", confPluck(writers[0].Topics, topicName), "sql", "go")
		}},
		{"through below and above others", func(t *testing.T, d database) {
			db := d.record()
			writers := confAll(t, db, writersQ().Preload("topics.articles.siblings"))
			db.expect(t, 4, 4)
			sql := writers[0].Topics[0]
			if sql != writers[1].Topics[0] {
				t.Error("one topic, two rows")
			}
			confSame(t, "below", confPluck(sql.Articles, articleTitle), "a2", "b1")
			confSame(t, "two below", confPluck(sql.Articles[0].Siblings, articleTitle), "a1", "a2")
			articles := confAll(t, db, articlesQ().Preload("writer.topics"))
			db.expect(t, 3, 3)
			confSame(t, "below a to-one", confPluck(articles[0].Writer.Topics, topicName), "sql", "go")
			confNames(t, d, "tested below a to-one", articlesQ().HasAtLeast(2, "writer.topics"), articleTitle, "a1", "a2")
			confSame(t, "counted below a to-one",
				confCollect[int](t, d.db, articlesQ().Columns().With(dovetail.Count("writer.topics").As("n"))), 2, 2, 1, 0)
		}},
		{"through unscoped lifts all on the way", func(t *testing.T, d database) {
			writers := confAll(t, d.db, writersQ().Preload("topics").Unscoped("topics"))
			confSame(t, "Ann's", confPluck(writers[0].Topics, topicName), "unused", "sql", "go")
			confSame(t, "Bob's", confPluck(writers[1].Topics, topicName), "sql", "old")
			confNames(t, d, "tested", writersQ().HasAtLeast(3, "topics").Unscoped("topics"), writerName, "Ann")
			confNames(t, d, "only what is named", writersQ().HasAtLeast(3, "topics").Unscoped("articles"), writerName)
		}},
		{"through loaded onto rows in hand", func(t *testing.T, d database) {
			db := d.record()
			ann := &Writer{ID: 1, Topics: []*Topic{{Name: "stale"}}}
			rows := []*Writer{ann, {ID: 4}, ann, nil}
			confLoad(t, db, Writers, rows, "topics")
			db.expect(t, 1, 1)
			confSame(t, "Ann's", confPluck(ann.Topics, topicName), "sql", "go")
			confSame(t, "Dan's", confPluck(rows[1].Topics, topicName))
			confLoad(t, db, Articles, []*Article{{ID: 1, WriterID: 1}}, "writer_topics")
			db.expect(t, 1, 1)
		}},
	}
}
