package relations_test

import (
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

func remarksQ() dovetail.Query[*models.Remark] { return dovetail.Select(models.Remarks).OrderBy("id") }

// called is the name of what a remark is about.
func called(r *models.Remark) string {
	if r.Item == nil {
		return "-"
	}
	return r.Item.Called()
}

func morphCases() []kit.Case {
	return []kit.Case{
		{Name: "morph-many", Run: morphMany},
		{Name: "morph-many in joins and tests", Run: morphManyTested},
		{Name: "morph inverse", Run: morphInverse},
		{Name: "morph-one", Run: morphOne},
		{Name: "morph-to", Run: morphTo},
		{Name: "morph-to nested", Run: morphToNested},
		{Name: "morph-to loaded again", Run: morphToAgain},
		{Name: "morph-to by text", Run: morphText},
		{Name: "morph-to of a type without table", Run: morphUnknown},
		{Name: "morph-to takes no join, and no query of another table", Run: morphRefused},
	}
}

func morphMany(t *testing.T, d kit.Database) {
	db := d.Record()
	articles := kit.All(t, db, models.ArticlesQ().Preload("remarks.article"))
	db.Expect(t, 2, 2)
	for i, want := range [][]string{{"r1", "r2"}, nil, {"r9"}, nil} {
		kit.Same(t, articles[i].Title, kit.Pluck(articles[i].Remarks, remarkBody), want...)
		for _, r := range articles[i].Remarks {
			if r.Article != articles[i] {
				t.Errorf("%s does not lead back to %s", r.Body, articles[i].Title)
			}
		}
	}
	products := kit.All(t, db, dovetail.Select(models.Products).Preload("remarks"))
	db.Expect(t, 2, 2)
	if len(products) != 1 || len(products[0].Remarks) != 1 || products[0].Remarks[0].Body != "r4" {
		t.Errorf("expected the pen with r4, got %v", products)
	}
	limited := kit.All(t, db, models.ArticlesQ().Preload("remarks", dovetail.Select(models.Remarks).OrderBy("stars").Limit(1)))
	db.Expect(t, 2, 2)
	kit.Same(t, "fewest stars", kit.Pluck(limited[0].Remarks, remarkBody), "r2")
	kit.Same(t, "a2's", kit.Pluck(limited[1].Remarks, remarkBody))
}

func morphManyTested(t *testing.T, d kit.Database) {
	models.Names(t, d, "join", models.ArticlesQ().Join("remarks"), models.ArticleTitle, "a1", "a1", "b1")
	models.Names(t, d, "left join", models.ArticlesQ().LeftJoin("remarks").Where(sq.Eq{"remarks.id": nil}), models.ArticleTitle, "a2", "c1")
	models.Names(t, d, "Has", models.ArticlesQ().Has("remarks", sq.GtOrEq{"stars": 1}), models.ArticleTitle, "a1", "b1")
	models.Names(t, d, "HasNone", models.ArticlesQ().HasNone("remarks"), models.ArticleTitle, "a2", "c1")
	models.Names(t, d, "HasEvery", models.ArticlesQ().HasEvery("remarks", sq.Gt{"stars": 1}), models.ArticleTitle, "a1", "a2", "c1")
	models.Names(t, d, "HasAtLeast", models.ArticlesQ().HasAtLeast(2, "remarks"), models.ArticleTitle, "a1")
	models.Names(t, d, "unscoped", models.ArticlesQ().Has("remarks", sq.Eq{"body": "r3"}).UnscopedAt("remarks", "alive"), models.ArticleTitle, "a2")
	sums := kit.Collect[*int64](t, d.DB, models.ArticlesQ().Columns().With(dovetail.Max("remarks.stars").As("n")))
	kit.Equal(t, "most stars", *sums[0], 5)
	if sums[1] != nil || sums[3] != nil {
		t.Errorf("expected no stars for a2 and c1, got %v", sums)
	}
}

func morphInverse(t *testing.T, d kit.Database) {
	models.Names(t, d, "join", remarksQ().Join("article"), remarkBody, "r1", "r2", "r9")
	models.Names(t, d, "join of the other type", remarksQ().Join("product"), remarkBody, "r4")
	models.Names(t, d, "left join", remarksQ().LeftJoin("article").Where(sq.Eq{"article.id": nil}), remarkBody,
		"r4", "r5", "r6", "r7", "r8")
	models.Names(t, d, "named", remarksQ().Where(sq.Eq{"article.title": "a1"}), remarkBody, "r1", "r2")
	models.Names(t, d, "named below", remarksQ().Where(sq.Eq{"article.writer.name": "Bob"}), remarkBody, "r9")
	models.Names(t, d, "both named", remarksQ().Where(sq.Or{sq.Eq{"article.title": "b1"}, sq.Eq{"product.name": "pen"}}),
		remarkBody, "r4", "r9")
	models.Names(t, d, "Has", remarksQ().Has("product"), remarkBody, "r4")
	models.Names(t, d, "HasNone", remarksQ().HasNone("article"), remarkBody, "r4", "r5", "r6", "r7", "r8")
	db := d.Record()
	remarks := kit.All(t, db, remarksQ().Preload("article").Preload("product").Preload("author"))
	db.Expect(t, 4, 2)
	for i, want := range []string{"a1", "a1", "", "", "", "", "", "b1"} {
		if got := remarks[i].Article; (got == nil) != (want == "") || got != nil && got.Title != want {
			t.Errorf("%s: expected article %q, got %v", remarks[i].Body, want, got)
		}
	}
	if remarks[2].Product == nil || remarks[0].Product != nil || remarks[3].Product != nil {
		t.Error("expected the pen for r4 alone")
	}
	if remarks[2].Author == nil || remarks[2].Author != remarks[0].Author || remarks[3].Author != nil {
		t.Error("expected Ann for r1 and r4, nobody for r5 whose author is deleted")
	}
}

func morphOne(t *testing.T, d kit.Database) {
	db := d.Record()
	articles := kit.All(t, db, models.ArticlesQ().Where(sq.Lt{"id": 5}).Preload("picture.article"))
	db.Expect(t, 2, 2)
	if p := articles[0].Picture; p == nil || p.URL != "p1" || p.Article != articles[0] {
		t.Errorf("expected p1 for a1, got %v", p)
	}
	if articles[1].Picture != nil || articles[2].Picture != nil {
		t.Error("expected no picture for a2 and b1")
	}
	models.Names(t, d, "named", models.ArticlesQ().Where(sq.Eq{"picture.url": "p1"}), models.ArticleTitle, "a1")
	_, err := models.ArticlesQ().Preload("picture").All(t.Context(), d.DB)
	kit.Refused(t, err, dovetail.ErrTooManyRows, "articles.picture", "item_id")
}

func morphTo(t *testing.T, d kit.Database) {
	db := d.Record()
	remarks := kit.All(t, db, remarksQ().Preload("item"))
	db.Expect(t, 3, 2)
	// r5's product is deleted, r6's article does not exist, r7 has neither type nor id, r8 no id.
	kit.Same(t, "items", kit.Pluck(remarks, called), "a1", "a1", "pen", "-", "-", "-", "-", "b1")
	if remarks[0].Item != remarks[1].Item {
		t.Error("one article, two rows")
	}
	if a, ok := remarks[0].Item.(*models.Article); !ok || a.Rank != 1 {
		t.Errorf("expected the article a1, got %T", remarks[0].Item)
	}
	kit.Same(t, "one type", kit.Pluck(kit.All(t, db, remarksQ().Where(sq.Eq{"item_type": "product"}).Preload("item")), called), "pen", "-")
	db.Expect(t, 2, 2)
	kit.Same(t, "no type", kit.Pluck(kit.All(t, db, remarksQ().Where(sq.Eq{"item_type": nil}).Preload("item")), called), "-")
	db.Expect(t, 1, 1)
	some := kit.All(t, db, remarksQ().Columns("body").Where(sq.Eq{"id": []int{1, 4}}).Preload("item"))
	db.Expect(t, 3, 2)
	kit.Same(t, "columns that it needs", kit.Pluck(some, called), "a1", "pen")
	kit.Equal(t, "other columns", some[0].Stars, 0)
	kit.Same(t, "unscoped", kit.Pluck(kit.All(t, d.DB, remarksQ().Preload("item").UnscopedAt("item", "alive")), called),
		"a1", "a1", "pen", "ink", "-", "-", "-", "b1")
}

func morphToNested(t *testing.T, d kit.Database) {
	db := d.Record()
	remarks := kit.All(t, db, remarksQ().Preload("item.writer").Preload("item.remarks"))
	db.Expect(t, 6, 3) // remarks; articles, products; writers, and the remarks of both
	a1 := remarks[0].Item.(*models.Article)
	kit.Equal(t, "writer", a1.Writer.Name, "Ann")
	kit.Same(t, "remarks of the article", kit.Pluck(a1.Remarks, remarkBody), "r1", "r2")
	pen := remarks[2].Item.(*models.Product)
	if len(pen.Remarks) != 1 || pen.Remarks[0].Body != "r4" {
		t.Errorf("expected r4 for the pen, got %v", pen.Remarks)
	}
	articles := kit.All(t, db, models.ArticlesQ().Preload("remarks.item"))
	db.Expect(t, 3, 3)
	kit.Same(t, "above", kit.Pluck(articles[0].Remarks, called), "a1", "a1")
	_, err := remarksQ().Preload("item.nothing").All(t.Context(), db)
	kit.Refused(t, err, dovetail.ErrUnknownRelation, "item.nothing", "remarks.item")
	db.Expect(t, 0, 0)
}

// morphToAgain loads onto rows that hold something else, the same row twice among them.
func morphToAgain(t *testing.T, d kit.Database) {
	db := d.Record()
	remarks := kit.All(t, db, remarksQ().Where(sq.Eq{"id": []int{1, 4, 9}}).Preload("item"))
	db.Expect(t, 3, 2)
	kit.Same(t, "first", kit.Pluck(remarks, called), "a1", "pen", "b1")
	article, product, one := models.ItemType("article"), models.ItemType("product"), int64(1)
	remarks[0].ItemType, remarks[1].ItemType, remarks[2].ItemID = &product, &article, nil
	remarks[0].ItemID, remarks[1].ItemID = &one, &one
	kit.Load(t, db, models.Remarks, append(remarks, remarks[0], nil), "item")
	db.Expect(t, 2, 1)
	kit.Same(t, "again", kit.Pluck(remarks, called), "pen", "a1", "-")
	if remarks[2].Item != nil {
		t.Error("expected nil, got an interface that holds a nil pointer")
	}
}

func morphText(t *testing.T, d kit.Database) {
	db := d.Record()
	kinds := kit.All(t, db, dovetail.Select(models.Kinds).OrderBy("id").Preload("tags.kind"))
	db.Expect(t, 2+d.Lookups(1), 2)
	for i, want := range [][]string{{"t1"}, nil, {"t3"}} {
		kit.Same(t, kinds[i].ID, kit.Pluck(kinds[i].Tags, wordOf), want...)
	}
	tags := kit.All(t, d.DB, dovetail.Select(models.Taggings).Where(sq.Eq{"item_type": "kind"}).OrderBy("id").Preload("item").Preload("kind"))
	for i, want := range []string{"jam", "tea"} {
		if k, ok := tags[i].Item.(*models.Kind); !ok || k.ID != want || tags[i].Kind == nil || tags[i].Kind.ID != want {
			t.Errorf("%s: expected %s, got %v and %v", tags[i].Word, want, tags[i].Item, tags[i].Kind)
		}
	}
}

func morphUnknown(t *testing.T, d kit.Database) {
	db := d.Record()
	rows, err := dovetail.Select(models.Pictures).OrderBy("id").Preload("item").All(t.Context(), db)
	kit.Refused(t, err, dovetail.ErrInvalidRelation, `"product"`, "pictures.item", "MorphType", `"article"`)
	db.Expect(t, 1, 1)
	if rows != nil {
		t.Error("a part of the result was returned")
	}
	found := kit.All(t, db, dovetail.Select(models.Pictures).Where(sq.Eq{"item_type": "article"}).OrderBy("id").Preload("item"))
	db.Expect(t, 2, 2)
	if found[0].Item.(*models.Article).Title != "a1" || found[1].Item != found[2].Item {
		t.Errorf("expected a1, c1 and c1, got %v", found)
	}
}

func morphRefused(t *testing.T, d kit.Database) {
	db := d.Record()
	for what, q := range map[string]dovetail.Query[*models.Remark]{
		"Join":     remarksQ().Join("item"),
		"LeftJoin": remarksQ().LeftJoin("item"),
		"Has":      remarksQ().Has("item"),
		"Where":    remarksQ().Where(sq.Eq{"item.title": "a1"}),
		"text":     remarksQ().Where("item.title = ?", "a1"),
		"OrderBy":  remarksQ().OrderBy("item.title"),
		"below":    remarksQ().Join("item.writer"),
		"With":     remarksQ().With(dovetail.Count("item").As("n")),
	} {
		_, err := q.All(t.Context(), db)
		if err == nil {
			t.Errorf("%s: no error", what)
			continue
		}
		kit.Refused(t, err, dovetail.ErrUnknownRelation, "remarks.item", "MorphMany")
	}
	_, err := remarksQ().Preload("item", dovetail.Select(models.Writers)).All(t.Context(), db)
	kit.Refused(t, err, dovetail.ErrInvalidRelation, "item", "does not lead")
	db.Expect(t, 0, 0)
}

// matchingCases carry the conditions of one query into another.
func matchingCases() []kit.Case {
	matching := dovetail.Matching
	loud := matching(dovetail.Select(models.Remarks).Where(sq.Gt{"stars": 2}))
	ofAnn := matching(dovetail.Select(models.Articles).Where(sq.Eq{"writer.name": "Ann"}).Where("articles.rank > ?", 1))
	return []kit.Case{
		{Name: "matching", Run: func(t *testing.T, d kit.Database) {
			models.Names(t, d, "Has", models.ArticlesQ().Has("remarks", loud), models.ArticleTitle, "a1")
			models.Names(t, d, "HasNone", models.ArticlesQ().HasNone("remarks", loud), models.ArticleTitle, "a2", "b1", "c1")
			models.Names(t, d, "HasEvery", models.ArticlesQ().HasEvery("remarks", loud), models.ArticleTitle, "a2", "c1")
			models.Names(t, d, "Join", models.ArticlesQ().Join("remarks", loud), models.ArticleTitle, "a1")
			models.Names(t, d, "LeftJoin", models.ArticlesQ().LeftJoin("remarks", loud), models.ArticleTitle, "a1", "a2", "b1", "c1")
			models.Names(t, d, "Where", remarksQ().Where(loud), remarkBody, "r1", "r5")
			models.Names(t, d, "Or", remarksQ().Where(sq.Or{loud, sq.Eq{"body": "r7"}}), remarkBody, "r1", "r5", "r7")
			models.Names(t, d, "nested", remarksQ().Where(matching(dovetail.Select(models.Remarks).Where(loud).Has("author"))), remarkBody, "r1")
			counts := kit.Collect[int](t, d.DB, models.ArticlesQ().Columns().With(dovetail.Count("remarks").Where(loud).As("n")))
			kit.Same(t, "aggregate", counts, 1, 0, 0, 0)
			models.Names(t, d, "without conditions", remarksQ().Where(matching(dovetail.Select(models.Remarks))).Limit(2), remarkBody, "r1", "r2")
		}},
		{Name: "matching that names to-one paths", Run: func(t *testing.T, d kit.Database) {
			models.Names(t, d, "root", models.ArticlesQ().Where(ofAnn), models.ArticleTitle, "a2")
			models.Names(t, d, "Has", dovetail.Select(models.Topics).OrderBy("id").Has("articles", ofAnn), models.TopicName, "go", "sql")
			models.Names(t, d, "HasNone", dovetail.Select(models.Topics).OrderBy("id").HasNone("articles", ofAnn), models.TopicName, "unused")
			counts := kit.Collect[int](t, d.DB, dovetail.Select(models.Topics).OrderBy("id").Columns().
				With(dovetail.Count("articles").Where(ofAnn).As("n")))
			kit.Same(t, "aggregate", counts, 1, 1, 0)
			_, err := dovetail.Select(models.Topics).Join("articles", ofAnn).All(t.Context(), d.DB)
			kit.Refused(t, err, dovetail.ErrUnknownRelation, "articles.writer", "Where")
		}},
		{Name: "matching of a table related to itself", Run: func(t *testing.T, d kit.Database) {
			bob := matching(dovetail.Select(models.Writers).Where("writers.name = ?", "Bob"))
			models.Names(t, d, "the name means the related row", models.WritersQ().Has("reports", bob), models.WriterName, "Ann")
			models.Names(t, d, "joined", models.WritersQ().Join("reports", bob), models.WriterName, "Ann")
			models.Names(t, d, "root", models.WritersQ().Where(bob), models.WriterName, "Bob")
		}},
	}
}
