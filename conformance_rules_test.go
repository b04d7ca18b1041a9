package dovetail_test

import (
	"context"
	"errors"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
)

// Default conditions of tables: Cat, a3, the topic old, the product ink, the remark r3 and the topic sql of a1 are deleted.
// So is Cat, whose article c1 is not.
func scopeCases() []conformanceCase {
	return []conformanceCase{
		{"scope of the root", scopeOfRoot},
		{"scope in joins", scopeInJoins},
		{"scope of a to-one path that is only named", scopeOfNamedPath},
		{"scope in tests", scopeInTests},
		{"scope in preloads", scopeInPreloads},
		{"scope under a limit for each owner", scopeUnderLimit},
		{"scope with composite keys", scopeComposite},
		{"scope in aggregates", scopeInAggregates},
		{"scope in subqueries", scopeInSubqueries},
		{"scope and clauses", scopeAndClauses},
		{"scope in loads", scopeInLoads},
		{"scope of a table joined to itself", scopeOfSelf},
	}
}

func scopeOfRoot(t *testing.T, d database) {
	ctx, db := t.Context(), d.record()
	confNames(t, d, "all", articlesQ(), articleTitle, "a1", "a2", "b1", "c1")
	n, err := articlesQ().Count(ctx, db)
	if err != nil {
		t.Fatal(err)
	}
	confEqual(t, "count", n, 4)
	found, err := dovetail.Select(Articles).Where(sq.Eq{"id": 3}).Exists(ctx, db)
	if err != nil {
		t.Fatal(err)
	}
	confEqual(t, "exists", found, false)
	db.expect(t, 2, 2)
	_, err = dovetail.Select(Articles).Get(ctx, db, 3)
	confRefused(t, err, dovetail.ErrNoRows)
	_, err = dovetail.Select(Articles).Where(sq.Eq{"title": "a3"}).One(ctx, db)
	confRefused(t, err, dovetail.ErrNoRows)
	first, err := dovetail.Select(Articles).Where(sq.Eq{"writer_id": 1}).OrderBy("rank DESC").First(ctx, db)
	if err != nil {
		t.Fatal(err)
	}
	confEqual(t, "first", first.Title, "a2")
	confSame(t, "collected", confCollect[string](t, db, articlesQ().Columns("title")), "a1", "a2", "b1", "c1")
	db.expect(t, 4, 4)
}

func scopeInJoins(t *testing.T, d database) {
	confNames(t, d, "inner", articlesQ().Join("writer"), articleTitle, "a1", "a2", "b1")
	confNames(t, d, "left keeps owners", articlesQ().LeftJoin("writer"), articleTitle, "a1", "a2", "b1", "c1")
	confNames(t, d, "left to-many", writersQ().LeftJoin("articles").OrderBy("articles.id"), writerName,
		"Ann", "Ann", "Bob", "Dan", "Eve", "Fay")
	confNames(t, d, "many-to-many", articlesQ().Join("topics", sq.Eq{"name": "sql"}), articleTitle, "a2", "b1")
	type pair struct {
		Title string
		Topic *string
	}
	q := articlesQ().LeftJoin("topics").OrderBy("topics.id").Columns("title").Column("topics.name AS topic")
	got := confPluck(confCollect[pair](t, d.db, q), func(p pair) string {
		if p.Topic == nil {
			return p.Title
		}
		return p.Title + " " + *p.Topic
	})
	confSame(t, "left many-to-many", got, "a1 go", "a2 go", "a2 sql", "b1 sql", "c1 go")
	nested := writersQ().LeftJoin("articles.topics").Columns("name").Column("articles.topics.name AS topic")
	confEqual(t, "nested left", len(confCollect[struct {
		Name  string
		Topic *string
	}](t, d.db, nested)), 7) // Ann: a1 go, a2 go, a2 sql; Bob: b1 sql; Dan, Eve, Fay: nothing
}

func scopeOfNamedPath(t *testing.T, d database) {
	confNames(t, d, "an order", articlesQ().OrderBy("writer.name NULLS LAST"), articleTitle, "a1", "a2", "b1", "c1")
	confNames(t, d, "a condition", articlesQ().Where(sq.Eq{"writer.name": "Ann"}), articleTitle, "a1", "a2")
	confNames(t, d, "no such row", articlesQ().Where(sq.Eq{"writer.id": nil}), articleTitle, "c1")
	// Cat is between c1 and Ann, and is deleted.
	confNames(t, d, "below it", articlesQ().Where(sq.Or{sq.Eq{"writer.boss.name": "Ann"}, sq.Eq{"writer.boss.id": nil}}),
		articleTitle, "a1", "a2", "b1", "c1")
	confNames(t, d, "through it", articlesQ().Where(sq.Eq{"writer.boss.name": "Ann"}), articleTitle, "b1")
}

func scopeInTests(t *testing.T, d database) {
	writers := func(what string, q dovetail.Query[Writer], want ...string) {
		t.Helper()
		confNames(t, d, what, q, writerName, want...)
	}
	writers("Has", writersQ().Has("articles", sq.Eq{"title": "a3"}))
	writers("HasNone", writersQ().HasNone("articles"), "Dan", "Eve", "Fay")
	writers("HasNone with a condition", writersQ().HasNone("articles", sq.Gt{"rank": 5}), "Ann", "Bob", "Dan", "Eve", "Fay")
	writers("HasEvery", writersQ().HasEvery("articles", sq.LtOrEq{"rank": 5}), "Ann", "Bob", "Dan", "Eve", "Fay")
	writers("HasAtLeast", writersQ().HasAtLeast(2, "articles"), "Ann")
	writers("HasAtLeast more", writersQ().HasAtLeast(3, "articles"))
	writers("HasAll", writersQ().HasAll("articles", 1, 2), "Ann")
	writers("HasAll of a deleted one", writersQ().HasAll("articles", 1, 3))
	writers("nested Has", writersQ().Has("articles", dovetail.Has("topics", sq.Eq{"name": []string{"old", "unused"}})))
	writers("a path", writersQ().Has("articles.topics", sq.Eq{"name": "sql"}), "Ann", "Bob")
	confNames(t, d, "of a deleted owner", articlesQ().HasNone("writer"), articleTitle, "c1")
	confNames(t, d, "by a deleted link", articlesQ().HasNone("topics", sq.Eq{"name": "sql"}), articleTitle, "a1", "c1")
}

func scopeInPreloads(t *testing.T, d database) {
	db := d.record()
	writers := confAll(t, db, writersQ().Preload("articles.topics").Preload("articles.writer"))
	db.expect(t, 3, 3)
	confSame(t, "Ann's", confPluck(writers[0].Articles, articleTitle), "a2", "a1")
	confSame(t, "a2's", confPluck(writers[0].Articles[0].Topics, topicName), "go", "sql")
	confSame(t, "a1's", confPluck(writers[0].Articles[1].Topics, topicName), "go")
	confSame(t, "b1's", confPluck(writers[1].Articles[0].Topics, topicName), "sql")
	if writers[0].Articles[0].Writer != writers[0] {
		t.Error("the way back does not lead to the owner")
	}
	articles := confAll(t, db, articlesQ().Preload("writer"))
	db.expect(t, 2, 2)
	if articles[3].Writer != nil || articles[0].Writer == nil || articles[0].Writer != articles[1].Writer {
		t.Errorf("expected c1 without writer, a1 and a2 with one: %v", confPluck(articles, func(a *Article) *Writer { return a.Writer }))
	}
}

func scopeUnderLimit(t *testing.T, d database) {
	db := d.record()
	writers := confAll(t, db, writersQ().Preload("articles", dovetail.Select(Articles).OrderBy("id DESC").Limit(1)))
	db.expect(t, 2, 2)
	confSame(t, "Ann's last", confPluck(writers[0].Articles, articleTitle), "a2")
	articles := confAll(t, db, articlesQ().Preload("topics", dovetail.Select(Topics).OrderBy("name DESC").Limit(1)))
	db.expect(t, 2, 2)
	confSame(t, "last topics", confPluck(articles, func(a *Article) string { return a.Topics[0].Name }), "go", "sql", "sql", "go")
}

func scopeComposite(t *testing.T, d database) {
	db := d.record()
	shelves := confAll(t, db, dovetail.Select(Shelves).OrderBy("room", "no").Preload("jars"))
	db.expect(t, 2+d.lookups(1), 2+d.lookups(1))
	id := func(j *Jar) int64 { return j.ID }
	confSame(t, "x 1", confPluck(shelves[0].Jars, id), 1, 2)
	confSame(t, "x 2", confPluck(shelves[1].Jars, id))
	confSame(t, "y 1", confPluck(shelves[2].Jars, id), 4, 5)
}

func scopeInAggregates(t *testing.T, d database) {
	db := d.record()
	q := writersQ().With(dovetail.Count("articles").As("n"))
	confSame(t, "counts", confPluck(confAll(t, db, q), func(w *Writer) int64 { return w.N }), 2, 1, 0, 0, 0)
	type sums struct {
		Rank  *int64
		Title *string
	}
	q = dovetail.Select(Writers).Columns().Where(sq.Eq{"id": 1}).With(
		dovetail.Sum("articles.rank").As("rank"), dovetail.FirstOf("articles.title").OrderBy("rank DESC").As("title"))
	got := confCollect[sums](t, db, q)[0]
	db.expect(t, 2, 2)
	confEqual(t, "sum", *got.Rank, 6)
	confEqual(t, "first", *got.Title, "a2")
	n := confCollect[int64](t, db, articlesQ().Columns().With(dovetail.Count("topics").As("n")))
	confSame(t, "topics counted", n, 1, 2, 1, 1)
}

func scopeInSubqueries(t *testing.T, d database) {
	of := func(q dovetail.Query[Article]) dovetail.Query[Writer] {
		return writersQ().Where(sq.Eq{"id": q.Columns("writer_id")})
	}
	confNames(t, d, "both", of(dovetail.Select(Articles)), writerName, "Ann", "Bob")
	confNames(t, d, "inner", of(dovetail.Select(Articles).Where(sq.Eq{"rank": 7})), writerName)
	confNames(t, d, "in text", writersQ().Where("writers.id IN (?)", dovetail.Select(Articles).Columns("writer_id")),
		writerName, "Ann", "Bob")
	confNames(t, d, "unscoped", of(dovetail.Select(Articles).Where(sq.Eq{"rank": 7}).Unscoped()), writerName, "Ann")
}

func scopeAndClauses(t *testing.T, d database) {
	confNames(t, d, "Limit", articlesQ().Limit(3), articleTitle, "a1", "a2", "b1")
	confNames(t, d, "Offset", articlesQ().Offset(2), articleTitle, "b1", "c1")
	confNames(t, d, "Distinct", writersQ().Join("articles").Distinct(), writerName, "Ann", "Bob")
	counts := confCollect[int64](t, d.db, dovetail.Select(Articles).Columns().Column("count(*) AS n").GroupBy("writer_id").OrderBy("writer_id"))
	confSame(t, "groups", counts, 2, 1, 1)
	confNames(t, d, "an alternative does not leave the scope",
		articlesQ().Where(sq.Or{sq.Eq{"id": 3}, sq.Eq{"id": 4}}).Where("articles.id > ? OR articles.id < ?", 0, 0), articleTitle, "b1")
	if d.postgres() {
		confNames(t, d, "locks", articlesQ().ForUpdate().Where(sq.Eq{"writer.name": "Ann"}), articleTitle, "a1", "a2")
	}
}

func scopeInLoads(t *testing.T, d database) {
	db := d.record()
	writers := []*Writer{{ID: 1}, {ID: 3}, nil, {ID: 4}}
	confLoad(t, db, Writers, writers, "articles.topics")
	db.expect(t, 2, 2)
	confSame(t, "Ann's", confPluck(writers[0].Articles, articleTitle), "a2", "a1")
	confSame(t, "a1's", confPluck(writers[0].Articles[1].Topics, topicName), "go")
	// Rows in hand are loaded onto whatever their own scope says.
	confSame(t, "Cat's", confPluck(writers[1].Articles, articleTitle), "c1")
	if writers[3].Articles == nil || len(writers[3].Articles) > 0 {
		t.Errorf("expected none for Dan, got %v", writers[3].Articles)
	}
}

func scopeOfSelf(t *testing.T, d database) {
	confNames(t, d, "inner", writersQ().Join("reports").OrderBy("reports.id"), writerName, "Ann", "Bob", "Bob")
	confNames(t, d, "Fay's boss is deleted", writersQ().HasNone("boss"), writerName, "Ann", "Fay")
	confNames(t, d, "left", writersQ().LeftJoin("boss").Where(sq.Eq{"boss.id": nil}), writerName, "Ann", "Fay")
	confNames(t, d, "two up", writersQ().Where(sq.Eq{"boss.boss.name": "Ann"}), writerName, "Dan", "Eve")
}

func unscopedCases() []conformanceCase {
	return []conformanceCase{
		{"unscoped root", func(t *testing.T, d database) {
			confNames(t, d, "root", articlesQ().Unscoped(), articleTitle, "a1", "a2", "a3", "b1", "c1")
			confNames(t, d, "the others stay", articlesQ().Unscoped().Join("writer"), articleTitle, "a1", "a2", "a3", "b1")
			confNames(t, d, "not another path to the table", writersQ().Unscoped().Join("reports").OrderBy("reports.id"),
				writerName, "Ann", "Bob", "Bob", "Cat")
			n, err := dovetail.Select(Articles).Unscoped().Count(t.Context(), d.db)
			if err != nil {
				t.Fatal(err)
			}
			confEqual(t, "count", n, 5)
		}},
		{"unscoped joins and tests", func(t *testing.T, d database) {
			confNames(t, d, "join", articlesQ().Join("writer").Unscoped("writer"), articleTitle, "a1", "a2", "b1", "c1")
			confNames(t, d, "named only", articlesQ().Where(sq.Eq{"writer.name": "Cat"}).Unscoped("writer"), articleTitle, "c1")
			confNames(t, d, "with its links", articlesQ().Has("topics", sq.Eq{"name": "sql"}).Unscoped("topics"),
				articleTitle, "a1", "a2", "b1")
			confNames(t, d, "the end of a path", writersQ().Has("articles.topics", sq.Eq{"name": "old"}).Unscoped("articles.topics"),
				writerName, "Bob")
			confNames(t, d, "not what is on the way", writersQ().Has("articles.topics", sq.Eq{"name": "unused"}).Unscoped("articles.topics"),
				writerName)
			confNames(t, d, "both", writersQ().Has("articles.topics", sq.Eq{"name": "unused"}).Unscoped("articles", "articles.topics"),
				writerName, "Ann")
			confNames(t, d, "nested", writersQ().Has("articles", dovetail.Has("topics", sq.Eq{"name": "unused"})).Unscoped("articles"),
				writerName, "Ann")
			confNames(t, d, "a relation's own condition stays", writersQ().Has("top", sq.Lt{"rank": 5}).Unscoped("top"), writerName)
		}},
		{"unscoped preloads", unscopedPreloads},
		{"unscoped aggregates", func(t *testing.T, d database) {
			q := writersQ().Columns().With(dovetail.Count("articles").As("n"), dovetail.Count("top").As("top"))
			count := func(q dovetail.Query[Writer]) []int64 {
				return confPluck(confCollect[struct{ N, Top int64 }](t, d.db, q), func(c struct{ N, Top int64 }) int64 { return c.N*10 + c.Top })
			}
			confSame(t, "one of them", count(q.Unscoped("articles")), 31, 11, 0, 0, 0)
			confSame(t, "both", count(q.Unscoped("articles", "top")), 32, 11, 0, 0, 0)
		}},
		{"unscoped does not reach into declared conditions", unscopedInsideScope},
	}
}

func unscopedPreloads(t *testing.T, d database) {
	db := d.record()
	for what, q := range map[string]dovetail.Query[Writer]{
		"outside": writersQ().Preload("articles").Unscoped("articles"),
		"inside":  writersQ().Preload("articles", dovetail.Select(Articles).Unscoped()),
		"twice":   writersQ().Preload("articles", dovetail.Select(Articles).Unscoped()).Unscoped("articles"),
	} {
		writers := confAll(t, db, q)
		db.expect(t, 2, 2)
		confSame(t, what, confPluck(writers[0].Articles, articleTitle), "a3", "a2", "a1")
		confEqual(t, what+": writers", len(writers), 5)
	}
	topics := func(q dovetail.Query[Writer]) []string {
		return confPluck(confAll(t, d.db, q)[0].Articles[0].Topics, topicName)
	}
	q := writersQ().Where(sq.Eq{"id": 2}).Preload("articles.topics")
	confSame(t, "below", topics(q), "sql")
	confSame(t, "below, lifted", topics(q.Unscoped("articles.topics")), "sql", "old")
	inner := writersQ().Where(sq.Eq{"id": 2}).Preload("articles", dovetail.Select(Articles).Preload("topics").Unscoped("topics"))
	confSame(t, "below, lifted by the query between", topics(inner), "sql", "old")
}

// unscopedInsideScope declares that articles of deleted writers are not shown. To show deleted writers is something else.
func unscopedInsideScope(t *testing.T, d database) {
	pages := pagesOf(alive(), func(*dovetail.Table[pen]) dovetail.TableOption { return dovetail.Scope(dovetail.Has("writer")) })
	q := dovetail.Select(pages).OrderBy("id").Preload("writer")
	confSame(t, "scoped by Has", confPluck(confAll(t, d.db, q), pageTitle), "a1", "a2", "a3", "b1")
	confSame(t, "the scope's own test stays", confPluck(confAll(t, d.db, q.Unscoped("writer")), pageTitle), "a1", "a2", "a3", "b1")
	confSame(t, "unscoped", confPluck(confAll(t, d.db, q.Unscoped()), pageTitle), "a1", "a2", "a3", "b1", "c1")
}

func ruleCases() []conformanceCase {
	return []conformanceCase{
		{"relation with a condition", func(t *testing.T, d database) {
			confNames(t, d, "join", writersQ().Join("top"), writerName, "Ann", "Bob")
			confNames(t, d, "left join", writersQ().LeftJoin("top").Where(sq.Eq{"top.id": nil}), writerName, "Dan", "Eve", "Fay")
			confNames(t, d, "Has", writersQ().Has("top", sq.Eq{"title": "a1"}), writerName)
			confNames(t, d, "HasEvery", writersQ().HasEvery("top", sq.Eq{"rank": 5}), writerName, "Ann", "Bob", "Dan", "Eve", "Fay")
			db := d.record()
			writers := confAll(t, db, writersQ().Preload("top").With(dovetail.Count("top").As("n")))
			db.expect(t, 2, 2)
			confSame(t, "preload", confPluck(writers[0].Top, articleTitle), "a2")
			for _, w := range writers {
				confEqual(t, "count of "+w.Name, w.N, int64(len(w.Top)))
			}
			first := confCollect[*string](t, d.db, writersQ().Columns().With(dovetail.FirstOf("top.title").As("n")))
			confEqual(t, "first of Ann's", *first[0], "a2")
			if first[2] != nil {
				t.Errorf("expected no first of Dan's, got %v", *first[2])
			}
		}},
		{"relation with an order", func(t *testing.T, d database) {
			titles := func(q ...dovetail.AnyQuery) []string {
				return confPluck(confAll(t, d.db, writersQ().Preload("articles", q...))[0].Articles, articleTitle)
			}
			confSame(t, "the relation's", titles(), "a2", "a1")
			confSame(t, "a query without order", titles(dovetail.Select(Articles).Where(sq.Gt{"id": 0})), "a2", "a1")
			confSame(t, "the query's own", titles(dovetail.Select(Articles).OrderBy("title")), "a1", "a2")
			confSame(t, "under a limit", titles(dovetail.Select(Articles).Limit(1)), "a2")
			first := func(a dovetail.Aggregate) string {
				return confCollect[string](t, d.db, writersQ().Where(sq.Eq{"id": 1}).Columns().With(a.As("n")))[0]
			}
			confEqual(t, "FirstOf", first(dovetail.FirstOf("articles.title")), "a2")
			confEqual(t, "FirstOf with an order", first(dovetail.FirstOf("articles.title").OrderBy("id")), "a1")
		}},
		{"tenant from the context", tenantFromContext},
		{"condition by a subquery of the registry", scopeBySubquery},
	}
}

// tenants are tables of which everybody sees his own rows.
func tenants() (*dovetail.Table[pen], *dovetail.Table[page]) {
	var writers *dovetail.Table[pen]
	pages := pagesOf(dovetail.Scope(sq.Eq{"id": dovetail.FromContext(tenantOf)}),
		func(pens *dovetail.Table[pen]) dovetail.TableOption {
			writers = pens
			return dovetail.Scope("articles.writer_id = ?", dovetail.FromContext(tenantOf))
		})
	return writers, pages
}

func tenantFromContext(t *testing.T, d database) {
	pens, pages := tenants()
	db := d.record()
	as := func(tenant int64) context.Context { return context.WithValue(t.Context(), tenantKey{}, tenant) }
	q := dovetail.Select(pages).OrderBy("id")
	for tenant, want := range map[int64][]string{1: {"a1", "a2", "a3"}, 2: {"b1"}, 9: {}} {
		rows, err := q.All(as(tenant), db)
		if err != nil {
			t.Fatal(err)
		}
		confSame(t, "pages", confPluck(rows, pageTitle), want...)
		n, err := q.Count(as(tenant), db)
		if err != nil {
			t.Fatal(err)
		}
		confEqual(t, "count", n, int64(len(want)))
	}
	db.expect(t, 6, 6)
	rows, err := dovetail.Select(pens).Preload("articles").Has("articles").All(as(2), db)
	if err != nil {
		t.Fatal(err)
	}
	db.expect(t, 2, 2)
	confSame(t, "preloaded", confPluck(rows[0].Articles, pageTitle), "b1")

	for what, call := range map[string]func() error{
		"All":     func() error { _, err := q.All(t.Context(), db); return err },
		"First":   func() error { _, err := q.First(t.Context(), db); return err },
		"Count":   func() error { _, err := q.Count(t.Context(), db); return err },
		"Exists":  func() error { _, err := q.Exists(t.Context(), db); return err },
		"Collect": func() error { _, err := dovetail.Collect[int64](t.Context(), db, q.Columns("id")); return err },
		"Load": func() error {
			return dovetail.Load(t.Context(), db, pens, []*pen{{ID: 1}}, "articles")
		},
	} {
		err := call()
		confRefused(t, err, errNoTenant, "FromContext")
		var failed *dovetail.QueryError
		if !errors.As(err, &failed) {
			t.Errorf("%s: not a QueryError: %v", what, err)
		}
	}
	db.expect(t, 0, 0)
}

func scopeBySubquery(t *testing.T, d database) {
	pages := pagesOf(alive(), func(pens *dovetail.Table[pen]) dovetail.TableOption {
		return dovetail.Scope(sq.Eq{"writer_id": dovetail.Select(pens).Columns("id")})
	})
	q := dovetail.Select(pages).OrderBy("id")
	confSame(t, "articles", confPluck(confAll(t, d.db, q), pageTitle), "a1", "a2", "a3", "b1")
}
