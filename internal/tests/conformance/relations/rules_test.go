package relations_test

import (
	"context"
	"errors"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// Default conditions of tables: Cat, a3, the topic old, the product ink, the remark r3 and the topic sql of a1 are deleted.
// So is Cat, whose article c1 is not.
func scopeCases() []kit.Case {
	return []kit.Case{
		{Name: "scope of the root", Run: scopeOfRoot},
		{Name: "scope in joins", Run: scopeInJoins},
		{Name: "scope of a to-one path that is only named", Run: scopeOfNamedPath},
		{Name: "scope in tests", Run: scopeInTests},
		{Name: "scope in preloads", Run: scopeInPreloads},
		{Name: "scope under a limit for each owner", Run: scopeUnderLimit},
		{Name: "scope with composite keys", Run: scopeComposite},
		{Name: "scope in aggregates", Run: scopeInAggregates},
		{Name: "scope in subqueries", Run: scopeInSubqueries},
		{Name: "scope and clauses", Run: scopeAndClauses},
		{Name: "scope in loads", Run: scopeInLoads},
		{Name: "scope of a table joined to itself", Run: scopeOfSelf},
	}
}

func scopeOfRoot(t *testing.T, d kit.Database) {
	ctx, db := t.Context(), d.Record()
	models.Names(t, d, "all", models.ArticlesQ(), models.ArticleTitle, "a1", "a2", "b1", "c1")
	n, err := models.ArticlesQ().Count(ctx, db)
	if err != nil {
		t.Fatal(err)
	}
	kit.Equal(t, "count", n, 4)
	found, err := dovetail.Select(models.Articles).Where(sq.Eq{"id": 3}).Exists(ctx, db)
	if err != nil {
		t.Fatal(err)
	}
	kit.Equal(t, "exists", found, false)
	db.Expect(t, 2, 2)
	_, err = dovetail.Select(models.Articles).Get(ctx, db, 3)
	kit.Refused(t, err, dovetail.ErrNoRows)
	_, err = dovetail.Select(models.Articles).Where(sq.Eq{"title": "a3"}).One(ctx, db)
	kit.Refused(t, err, dovetail.ErrNoRows)
	first, err := dovetail.Select(models.Articles).Where(sq.Eq{"writer_id": 1}).OrderBy("rank DESC").First(ctx, db)
	if err != nil {
		t.Fatal(err)
	}
	kit.Equal(t, "first", first.Title, "a2")
	kit.Same(t, "collected", kit.Collect[string](t, db, models.ArticlesQ().Columns("title")), "a1", "a2", "b1", "c1")
	db.Expect(t, 4, 4)
}

func scopeInJoins(t *testing.T, d kit.Database) {
	models.Names(t, d, "inner", models.ArticlesQ().Join("writer"), models.ArticleTitle, "a1", "a2", "b1")
	models.Names(t, d, "left keeps owners", models.ArticlesQ().LeftJoin("writer"), models.ArticleTitle, "a1", "a2", "b1", "c1")
	models.Names(t, d, "left to-many", models.WritersQ().LeftJoin("articles").OrderBy("articles.id"), models.WriterName,
		"Ann", "Ann", "Bob", "Dan", "Eve", "Fay")
	models.Names(t, d, "many-to-many", models.ArticlesQ().Join("topics", sq.Eq{"name": "sql"}), models.ArticleTitle, "a2", "b1")
	type pair struct {
		Title string
		Topic *string
	}
	q := models.ArticlesQ().LeftJoin("topics").OrderBy("topics.id").Columns("title").Column("topics.name AS topic")
	got := kit.Pluck(kit.Collect[pair](t, d.DB, q), func(p pair) string {
		if p.Topic == nil {
			return p.Title
		}
		return p.Title + " " + *p.Topic
	})
	kit.Same(t, "left many-to-many", got, "a1 go", "a2 go", "a2 sql", "b1 sql", "c1 go")
	nested := models.WritersQ().LeftJoin("articles.topics").Columns("name").Column("articles.topics.name AS topic")
	kit.Equal(t, "nested left", len(kit.Collect[struct {
		Name  string
		Topic *string
	}](t, d.DB, nested)), 7) // Ann: a1 go, a2 go, a2 sql; Bob: b1 sql; Dan, Eve, Fay: nothing
}

func scopeOfNamedPath(t *testing.T, d kit.Database) {
	models.Names(t, d, "an order", models.ArticlesQ().OrderBy("writer.name NULLS LAST"), models.ArticleTitle, "a1", "a2", "b1", "c1")
	models.Names(t, d, "a condition", models.ArticlesQ().Where(sq.Eq{"writer.name": "Ann"}), models.ArticleTitle, "a1", "a2")
	models.Names(t, d, "no such row", models.ArticlesQ().Where(sq.Eq{"writer.id": nil}), models.ArticleTitle, "c1")
	// Cat is between c1 and Ann, and is deleted.
	models.Names(t, d, "below it", models.ArticlesQ().Where(sq.Or{sq.Eq{"writer.boss.name": "Ann"}, sq.Eq{"writer.boss.id": nil}}),
		models.ArticleTitle, "a1", "a2", "b1", "c1")
	models.Names(t, d, "through it", models.ArticlesQ().Where(sq.Eq{"writer.boss.name": "Ann"}), models.ArticleTitle, "b1")
}

func scopeInTests(t *testing.T, d kit.Database) {
	writers := func(what string, q dovetail.Query[*models.Writer], want ...string) {
		t.Helper()
		models.Names(t, d, what, q, models.WriterName, want...)
	}
	writers("Has", models.WritersQ().Has("articles", sq.Eq{"title": "a3"}))
	writers("HasNone", models.WritersQ().HasNone("articles"), "Dan", "Eve", "Fay")
	writers("HasNone with a condition", models.WritersQ().HasNone("articles", sq.Gt{"rank": 5}), "Ann", "Bob", "Dan", "Eve", "Fay")
	writers("HasEvery", models.WritersQ().HasEvery("articles", sq.LtOrEq{"rank": 5}), "Ann", "Bob", "Dan", "Eve", "Fay")
	writers("HasAtLeast", models.WritersQ().HasAtLeast(2, "articles"), "Ann")
	writers("HasAtLeast more", models.WritersQ().HasAtLeast(3, "articles"))
	writers("HasAll", models.WritersQ().HasAll("articles", 1, 2), "Ann")
	writers("HasAll of a deleted one", models.WritersQ().HasAll("articles", 1, 3))
	writers("nested Has", models.WritersQ().Has("articles", dovetail.Has("topics", sq.Eq{"name": []string{"old", "unused"}})))
	writers("a path", models.WritersQ().Has("articles.topics", sq.Eq{"name": "sql"}), "Ann", "Bob")
	models.Names(t, d, "of a deleted owner", models.ArticlesQ().HasNone("writer"), models.ArticleTitle, "c1")
	models.Names(t, d, "by a deleted link", models.ArticlesQ().HasNone("topics", sq.Eq{"name": "sql"}), models.ArticleTitle, "a1", "c1")
}

func scopeInPreloads(t *testing.T, d kit.Database) {
	db := d.Record()
	writers := kit.All(t, db, models.WritersQ().Preload("articles.topics").Preload("articles.writer"))
	db.Expect(t, 3, 3)
	kit.Same(t, "Ann's", kit.Pluck(writers[0].Articles, models.ArticleTitle), "a2", "a1")
	kit.Same(t, "a2's", kit.Pluck(writers[0].Articles[0].Topics, models.TopicName), "go", "sql")
	kit.Same(t, "a1's", kit.Pluck(writers[0].Articles[1].Topics, models.TopicName), "go")
	kit.Same(t, "b1's", kit.Pluck(writers[1].Articles[0].Topics, models.TopicName), "sql")
	if writers[0].Articles[0].Writer != writers[0] {
		t.Error("the way back does not lead to the owner")
	}
	articles := kit.All(t, db, models.ArticlesQ().Preload("writer"))
	db.Expect(t, 2, 2)
	if articles[3].Writer != nil || articles[0].Writer == nil || articles[0].Writer != articles[1].Writer {
		t.Errorf("expected c1 without writer, a1 and a2 with one: %v", kit.Pluck(articles, func(a *models.Article) *models.Writer { return a.Writer }))
	}
}

func scopeUnderLimit(t *testing.T, d kit.Database) {
	db := d.Record()
	writers := kit.All(t, db, models.WritersQ().Preload("articles", dovetail.Select(models.Articles).OrderBy("id DESC").Limit(1)))
	db.Expect(t, 2, 2)
	kit.Same(t, "Ann's last", kit.Pluck(writers[0].Articles, models.ArticleTitle), "a2")
	articles := kit.All(t, db, models.ArticlesQ().Preload("topics", dovetail.Select(models.Topics).OrderBy("name DESC").Limit(1)))
	db.Expect(t, 2, 2)
	kit.Same(t, "last topics", kit.Pluck(articles, func(a *models.Article) string { return a.Topics[0].Name }), "go", "sql", "sql", "go")
}

func scopeComposite(t *testing.T, d kit.Database) {
	db := d.Record()
	shelves := kit.All(t, db, dovetail.Select(models.Shelves).OrderBy("room", "no").Preload("jars"))
	db.Expect(t, 2+d.Lookups(1), 2)
	id := func(j *models.Jar) int64 { return j.ID }
	kit.Same(t, "x 1", kit.Pluck(shelves[0].Jars, id), 1, 2)
	kit.Same(t, "x 2", kit.Pluck(shelves[1].Jars, id))
	kit.Same(t, "y 1", kit.Pluck(shelves[2].Jars, id), 4, 5)
}

func scopeInAggregates(t *testing.T, d kit.Database) {
	db := d.Record()
	q := models.WritersQ().With(dovetail.Count("articles").As("n"))
	kit.Same(t, "counts", kit.Pluck(kit.All(t, db, q), func(w *models.Writer) int64 { return w.N }), 2, 1, 0, 0, 0)
	type sums struct {
		Rank  *int64
		Title *string
	}
	q = dovetail.Select(models.Writers).Columns().Where(sq.Eq{"id": 1}).With(
		dovetail.Sum("articles.rank").As("rank"), dovetail.FirstOf("articles.title").OrderBy("rank DESC").As("title"))
	got := kit.Collect[sums](t, db, q)[0]
	db.Expect(t, 2, 2)
	kit.Equal(t, "sum", *got.Rank, 6)
	kit.Equal(t, "first", *got.Title, "a2")
	n := kit.Collect[int64](t, db, models.ArticlesQ().Columns().With(dovetail.Count("topics").As("n")))
	kit.Same(t, "topics counted", n, 1, 2, 1, 1)
}

func scopeInSubqueries(t *testing.T, d kit.Database) {
	of := func(q dovetail.Query[*models.Article]) dovetail.Query[*models.Writer] {
		return models.WritersQ().Where(sq.Eq{"id": q.Columns("writer_id")})
	}
	models.Names(t, d, "both", of(dovetail.Select(models.Articles)), models.WriterName, "Ann", "Bob")
	models.Names(t, d, "inner", of(dovetail.Select(models.Articles).Where(sq.Eq{"rank": 7})), models.WriterName)
	models.Names(t, d, "in text", models.WritersQ().Where("writers.id IN (?)", dovetail.Select(models.Articles).Columns("writer_id")),
		models.WriterName, "Ann", "Bob")
	models.Names(t, d, "unscoped", of(dovetail.Select(models.Articles).Where(sq.Eq{"rank": 7}).Unscoped("alive")), models.WriterName, "Ann")
}

func scopeAndClauses(t *testing.T, d kit.Database) {
	models.Names(t, d, "Limit", models.ArticlesQ().Limit(3), models.ArticleTitle, "a1", "a2", "b1")
	models.Names(t, d, "Offset", models.ArticlesQ().Offset(2), models.ArticleTitle, "b1", "c1")
	models.Names(t, d, "Distinct", models.WritersQ().Join("articles").Distinct(), models.WriterName, "Ann", "Bob")
	counts := kit.Collect[int64](t, d.DB, dovetail.Select(models.Articles).Columns().Column("count(*) AS n").GroupBy("writer_id").OrderBy("writer_id"))
	kit.Same(t, "groups", counts, 2, 1, 1)
	models.Names(t, d, "an alternative does not leave the scope",
		models.ArticlesQ().Where(sq.Or{sq.Eq{"id": 3}, sq.Eq{"id": 4}}).Where("articles.id > ? OR articles.id < ?", 0, 0), models.ArticleTitle, "b1")
	if d.LocksRows() {
		models.Names(t, d, "locks", models.ArticlesQ().ForUpdate().Where(sq.Eq{"writer.name": "Ann"}), models.ArticleTitle, "a1", "a2")
	}
}

func scopeInLoads(t *testing.T, d kit.Database) {
	db := d.Record()
	writers := []*models.Writer{{ID: 1}, {ID: 3}, nil, {ID: 4}}
	kit.Load(t, db, models.Writers, writers, "articles.topics")
	db.Expect(t, 2, 2)
	kit.Same(t, "Ann's", kit.Pluck(writers[0].Articles, models.ArticleTitle), "a2", "a1")
	kit.Same(t, "a1's", kit.Pluck(writers[0].Articles[1].Topics, models.TopicName), "go")
	// Rows in hand are loaded onto whatever their own scope says.
	kit.Same(t, "Cat's", kit.Pluck(writers[1].Articles, models.ArticleTitle), "c1")
	if writers[3].Articles == nil || len(writers[3].Articles) > 0 {
		t.Errorf("expected none for Dan, got %v", writers[3].Articles)
	}
}

func scopeOfSelf(t *testing.T, d kit.Database) {
	models.Names(t, d, "inner", models.WritersQ().Join("reports").OrderBy("reports.id"), models.WriterName, "Ann", "Bob", "Bob")
	models.Names(t, d, "Fay's boss is deleted", models.WritersQ().HasNone("boss"), models.WriterName, "Ann", "Fay")
	models.Names(t, d, "left", models.WritersQ().LeftJoin("boss").Where(sq.Eq{"boss.id": nil}), models.WriterName, "Ann", "Fay")
	models.Names(t, d, "two up", models.WritersQ().Where(sq.Eq{"boss.boss.name": "Ann"}), models.WriterName, "Dan", "Eve")
}

func unscopedCases() []kit.Case {
	return []kit.Case{
		{Name: "unscoped root", Run: func(t *testing.T, d kit.Database) {
			models.Names(t, d, "root", models.ArticlesQ().Unscoped("alive"), models.ArticleTitle, "a1", "a2", "a3", "b1", "c1")
			models.Names(t, d, "the others stay", models.ArticlesQ().Unscoped("alive").Join("writer"), models.ArticleTitle, "a1", "a2", "a3", "b1")
			models.Names(t, d, "not another path to the table", models.WritersQ().Unscoped("alive").Join("reports").OrderBy("reports.id"),
				models.WriterName, "Ann", "Bob", "Bob", "Cat")
			n, err := dovetail.Select(models.Articles).Unscoped("alive").Count(t.Context(), d.DB)
			if err != nil {
				t.Fatal(err)
			}
			kit.Equal(t, "count", n, 5)
		}},
		{Name: "unscoped joins and tests", Run: func(t *testing.T, d kit.Database) {
			models.Names(t, d, "join", models.ArticlesQ().Join("writer").UnscopedAt("writer", "alive"), models.ArticleTitle, "a1", "a2", "b1", "c1")
			models.Names(t, d, "named only", models.ArticlesQ().Where(sq.Eq{"writer.name": "Cat"}).UnscopedAt("writer", "alive"), models.ArticleTitle, "c1")
			models.Names(t, d, "with its links", models.ArticlesQ().Has("topics", sq.Eq{"name": "sql"}).UnscopedAt("topics", "alive"),
				models.ArticleTitle, "a1", "a2", "b1")
			models.Names(t, d, "the end of a path", models.WritersQ().Has("articles.topics", sq.Eq{"name": "old"}).UnscopedAt("articles.topics", "alive"),
				models.WriterName, "Bob")
			models.Names(t, d, "not what is on the way", models.WritersQ().Has("articles.topics", sq.Eq{"name": "unused"}).UnscopedAt("articles.topics", "alive"),
				models.WriterName)
			models.Names(t, d, "both", models.WritersQ().Has("articles.topics", sq.Eq{"name": "unused"}).UnscopedAt("articles", "alive").UnscopedAt("articles.topics", "alive"),
				models.WriterName, "Ann")
			models.Names(t, d, "nested", models.WritersQ().Has("articles", dovetail.Has("topics", sq.Eq{"name": "unused"})).UnscopedAt("articles", "alive"),
				models.WriterName, "Ann")
			models.Names(t, d, "a relation's own condition stays", models.WritersQ().Has("top", sq.Lt{"rank": 5}).UnscopedAt("top", "alive"), models.WriterName)
		}},
		{Name: "unscoped preloads", Run: unscopedPreloads},
		{Name: "unscoped aggregates", Run: func(t *testing.T, d kit.Database) {
			q := models.WritersQ().Columns().With(dovetail.Count("articles").As("n"), dovetail.Count("top").As("top"))
			count := func(q dovetail.Query[*models.Writer]) []int64 {
				return kit.Pluck(kit.Collect[struct{ N, Top int64 }](t, d.DB, q), func(c struct{ N, Top int64 }) int64 { return c.N*10 + c.Top })
			}
			kit.Same(t, "one of them", count(q.UnscopedAt("articles", "alive")), 31, 11, 0, 0, 0)
			kit.Same(t, "both", count(q.UnscopedAt("articles", "alive").UnscopedAt("top", "alive")), 32, 11, 0, 0, 0)
		}},
		{Name: "unscoped does not reach into declared conditions", Run: unscopedInsideScope},
	}
}

func unscopedPreloads(t *testing.T, d kit.Database) {
	db := d.Record()
	for what, q := range map[string]dovetail.Query[*models.Writer]{
		"outside": models.WritersQ().Preload("articles").UnscopedAt("articles", "alive"),
		"inside":  models.WritersQ().Preload("articles", dovetail.Select(models.Articles).Unscoped("alive")),
		"twice":   models.WritersQ().Preload("articles", dovetail.Select(models.Articles).Unscoped("alive")).UnscopedAt("articles", "alive"),
	} {
		writers := kit.All(t, db, q)
		db.Expect(t, 2, 2)
		kit.Same(t, what, kit.Pluck(writers[0].Articles, models.ArticleTitle), "a3", "a2", "a1")
		kit.Equal(t, what+": writers", len(writers), 5)
	}
	topics := func(q dovetail.Query[*models.Writer]) []string {
		return kit.Pluck(kit.All(t, d.DB, q)[0].Articles[0].Topics, models.TopicName)
	}
	q := models.WritersQ().Where(sq.Eq{"id": 2}).Preload("articles.topics")
	kit.Same(t, "below", topics(q), "sql")
	kit.Same(t, "below, lifted", topics(q.UnscopedAt("articles.topics", "alive")), "sql", "old")
	inner := models.WritersQ().Where(sq.Eq{"id": 2}).Preload("articles", dovetail.Select(models.Articles).Preload("topics").UnscopedAt("topics", "alive"))
	kit.Same(t, "below, lifted by the query between", topics(inner), "sql", "old")
}

// unscopedInsideScope declares that articles of deleted writers are not shown. To show deleted writers is something else.
func unscopedInsideScope(t *testing.T, d kit.Database) {
	pages := models.PagesOf(models.Alive(), func(*dovetail.Table[models.Pen]) dovetail.TableOption {
		return dovetail.Scope("alive", dovetail.Has("writer"))
	})
	q := dovetail.Select(pages).OrderBy("id").Preload("writer")
	kit.Same(t, "scoped by Has", kit.Pluck(kit.All(t, d.DB, q), pageTitle), "a1", "a2", "a3", "b1")
	kit.Same(t, "the scope's own test stays", kit.Pluck(kit.All(t, d.DB, q.UnscopedAt("writer", "alive")), pageTitle), "a1", "a2", "a3", "b1")
	kit.Same(t, "unscoped", kit.Pluck(kit.All(t, d.DB, q.Unscoped("alive")), pageTitle), "a1", "a2", "a3", "b1", "c1")
}

func ruleCases() []kit.Case {
	return []kit.Case{
		{Name: "relation with a condition", Run: func(t *testing.T, d kit.Database) {
			models.Names(t, d, "join", models.WritersQ().Join("top"), models.WriterName, "Ann", "Bob")
			models.Names(t, d, "left join", models.WritersQ().LeftJoin("top").Where(sq.Eq{"top.id": nil}), models.WriterName, "Dan", "Eve", "Fay")
			models.Names(t, d, "Has", models.WritersQ().Has("top", sq.Eq{"title": "a1"}), models.WriterName)
			models.Names(t, d, "HasEvery", models.WritersQ().HasEvery("top", sq.Eq{"rank": 5}), models.WriterName, "Ann", "Bob", "Dan", "Eve", "Fay")
			db := d.Record()
			writers := kit.All(t, db, models.WritersQ().Preload("top").With(dovetail.Count("top").As("n")))
			db.Expect(t, 2, 2)
			kit.Same(t, "preload", kit.Pluck(writers[0].Top, models.ArticleTitle), "a2")
			for _, w := range writers {
				kit.Equal(t, "count of "+w.Name, w.N, int64(len(w.Top)))
			}
			first := kit.Collect[*string](t, d.DB, models.WritersQ().Columns().With(dovetail.FirstOf("top.title").As("n")))
			kit.Equal(t, "first of Ann's", *first[0], "a2")
			if first[2] != nil {
				t.Errorf("expected no first of Dan's, got %v", *first[2])
			}
		}},
		{Name: "relation with an order", Run: func(t *testing.T, d kit.Database) {
			titles := func(q ...dovetail.AnyQuery) []string {
				return kit.Pluck(kit.All(t, d.DB, models.WritersQ().Preload("articles", q...))[0].Articles, models.ArticleTitle)
			}
			kit.Same(t, "the relation's", titles(), "a2", "a1")
			kit.Same(t, "a query without order", titles(dovetail.Select(models.Articles).Where(sq.Gt{"id": 0})), "a2", "a1")
			kit.Same(t, "the query's own", titles(dovetail.Select(models.Articles).OrderBy("title")), "a1", "a2")
			kit.Same(t, "under a limit", titles(dovetail.Select(models.Articles).Limit(1)), "a2")
			first := func(a dovetail.Aggregate) string {
				return kit.Collect[string](t, d.DB, models.WritersQ().Where(sq.Eq{"id": 1}).Columns().With(a.As("n")))[0]
			}
			kit.Equal(t, "FirstOf", first(dovetail.FirstOf("articles.title")), "a2")
			kit.Equal(t, "FirstOf with an order", first(dovetail.FirstOf("articles.title").OrderBy("id")), "a1")
		}},
		{Name: "tenant from the context", Run: tenantFromContext},
		{Name: "condition by a subquery of the registry", Run: scopeBySubquery},
	}
}

func tenantFromContext(t *testing.T, d kit.Database) {
	pens, pages := models.Tenants()
	db := d.Record()
	as := func(tenant int64) context.Context { return context.WithValue(t.Context(), models.TenantKey{}, tenant) }
	q := dovetail.Select(pages).OrderBy("id")
	for tenant, want := range map[int64][]string{1: {"a1", "a2", "a3"}, 2: {"b1"}, 9: {}} {
		rows, err := q.All(as(tenant), db)
		if err != nil {
			t.Fatal(err)
		}
		kit.Same(t, "pages", kit.Pluck(rows, pageTitle), want...)
		n, err := q.Count(as(tenant), db)
		if err != nil {
			t.Fatal(err)
		}
		kit.Equal(t, "count", n, int64(len(want)))
	}
	db.Expect(t, 6, 6)
	rows, err := dovetail.Select(pens).Preload("articles").Has("articles").All(as(2), db)
	if err != nil {
		t.Fatal(err)
	}
	db.Expect(t, 2, 2)
	kit.Same(t, "preloaded", kit.Pluck(rows[0].Articles, pageTitle), "b1")

	for what, call := range map[string]func() error{
		"All":     func() error { _, err := q.All(t.Context(), db); return err },
		"First":   func() error { _, err := q.First(t.Context(), db); return err },
		"Count":   func() error { _, err := q.Count(t.Context(), db); return err },
		"Exists":  func() error { _, err := q.Exists(t.Context(), db); return err },
		"Collect": func() error { _, err := dovetail.Collect[int64](t.Context(), db, q.Columns("id")); return err },
		"Load": func() error {
			return dovetail.Load(t.Context(), db, pens, []*models.Pen{{ID: 1}}, "articles")
		},
	} {
		err := call()
		kit.Refused(t, err, models.ErrNoTenant, "FromContext")
		var failed *dovetail.QueryError
		if !errors.As(err, &failed) {
			t.Errorf("%s: not a QueryError: %v", what, err)
		}
	}
	db.Expect(t, 0, 0)
}

func scopeBySubquery(t *testing.T, d kit.Database) {
	pages := models.PagesOf(models.Alive(), func(pens *dovetail.Table[models.Pen]) dovetail.TableOption {
		return dovetail.Scope("alive", sq.Eq{"writer_id": dovetail.Select(pens).Columns("id")})
	})
	q := dovetail.Select(pages).OrderBy("id")
	kit.Same(t, "articles", kit.Pluck(kit.All(t, d.DB, q), pageTitle), "a1", "a2", "a3", "b1")
}
