package dovetail_test

import (
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
)

func remarksQ() dovetail.Query[Remark] { return dovetail.Select(Remarks).OrderBy("id") }

// called is the name of what a remark is about.
func called(r *Remark) string {
	if r.Item == nil {
		return "-"
	}
	return r.Item.Called()
}

func morphCases() []conformanceCase {
	return []conformanceCase{
		{"morph-many", morphMany},
		{"morph-many in joins and tests", morphManyTested},
		{"morph inverse", morphInverse},
		{"morph-one", morphOne},
		{"morph-to", morphTo},
		{"morph-to nested", morphToNested},
		{"morph-to loaded again", morphToAgain},
		{"morph-to by text", morphText},
		{"morph-to of a type without table", morphUnknown},
		{"morph-to takes no query and no join", morphRefused},
	}
}

func morphMany(t *testing.T, d database) {
	db := d.record()
	articles := confAll(t, db, articlesQ().Preload("remarks.article"))
	db.expect(t, 2, 2)
	for i, want := range [][]string{{"r1", "r2"}, nil, {"r9"}, nil} {
		confSame(t, articles[i].Title, confPluck(articles[i].Remarks, remarkBody), want...)
		for _, r := range articles[i].Remarks {
			if r.Article != articles[i] {
				t.Errorf("%s does not lead back to %s", r.Body, articles[i].Title)
			}
		}
	}
	products := confAll(t, db, dovetail.Select(Products).Preload("remarks"))
	db.expect(t, 2, 2)
	if len(products) != 1 || len(products[0].Remarks) != 1 || products[0].Remarks[0].Body != "r4" {
		t.Errorf("expected the pen with r4, got %v", products)
	}
	limited := confAll(t, db, articlesQ().Preload("remarks", dovetail.Select(Remarks).OrderBy("stars").Limit(1)))
	db.expect(t, 2, 2)
	confSame(t, "fewest stars", confPluck(limited[0].Remarks, remarkBody), "r2")
	confSame(t, "a2's", confPluck(limited[1].Remarks, remarkBody))
}

func morphManyTested(t *testing.T, d database) {
	confNames(t, d, "join", articlesQ().Join("remarks"), articleTitle, "a1", "a1", "b1")
	confNames(t, d, "left join", articlesQ().LeftJoin("remarks").Where(sq.Eq{"remarks.id": nil}), articleTitle, "a2", "c1")
	confNames(t, d, "Has", articlesQ().Has("remarks", sq.GtOrEq{"stars": 1}), articleTitle, "a1", "b1")
	confNames(t, d, "HasNone", articlesQ().HasNone("remarks"), articleTitle, "a2", "c1")
	confNames(t, d, "HasEvery", articlesQ().HasEvery("remarks", sq.Gt{"stars": 1}), articleTitle, "a1", "a2", "c1")
	confNames(t, d, "HasAtLeast", articlesQ().HasAtLeast(2, "remarks"), articleTitle, "a1")
	confNames(t, d, "unscoped", articlesQ().Has("remarks", sq.Eq{"body": "r3"}).Unscoped("remarks"), articleTitle, "a2")
	sums := confCollect[*int64](t, d.db, articlesQ().Columns().With(dovetail.Max("remarks.stars").As("n")))
	confEqual(t, "most stars", *sums[0], 5)
	if sums[1] != nil || sums[3] != nil {
		t.Errorf("expected no stars for a2 and c1, got %v", sums)
	}
}

func morphInverse(t *testing.T, d database) {
	confNames(t, d, "join", remarksQ().Join("article"), remarkBody, "r1", "r2", "r9")
	confNames(t, d, "join of the other type", remarksQ().Join("product"), remarkBody, "r4")
	confNames(t, d, "left join", remarksQ().LeftJoin("article").Where(sq.Eq{"article.id": nil}), remarkBody,
		"r4", "r5", "r6", "r7", "r8")
	confNames(t, d, "named", remarksQ().Where(sq.Eq{"article.title": "a1"}), remarkBody, "r1", "r2")
	confNames(t, d, "named below", remarksQ().Where(sq.Eq{"article.writer.name": "Bob"}), remarkBody, "r9")
	confNames(t, d, "both named", remarksQ().Where(sq.Or{sq.Eq{"article.title": "b1"}, sq.Eq{"product.name": "pen"}}),
		remarkBody, "r4", "r9")
	confNames(t, d, "Has", remarksQ().Has("product"), remarkBody, "r4")
	confNames(t, d, "HasNone", remarksQ().HasNone("article"), remarkBody, "r4", "r5", "r6", "r7", "r8")
	db := d.record()
	remarks := confAll(t, db, remarksQ().Preload("article").Preload("product").Preload("author"))
	db.expect(t, 4, 2)
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

func morphOne(t *testing.T, d database) {
	db := d.record()
	articles := confAll(t, db, articlesQ().Where(sq.Lt{"id": 5}).Preload("picture.article"))
	db.expect(t, 2, 2)
	if p := articles[0].Picture; p == nil || p.URL != "p1" || p.Article != articles[0] {
		t.Errorf("expected p1 for a1, got %v", p)
	}
	if articles[1].Picture != nil || articles[2].Picture != nil {
		t.Error("expected no picture for a2 and b1")
	}
	confNames(t, d, "named", articlesQ().Where(sq.Eq{"picture.url": "p1"}), articleTitle, "a1")
	_, err := articlesQ().Preload("picture").All(t.Context(), d.db)
	confRefused(t, err, dovetail.ErrTooManyRows, "articles.picture", "item_id")
}

func morphTo(t *testing.T, d database) {
	db := d.record()
	remarks := confAll(t, db, remarksQ().Preload("item"))
	db.expect(t, 3, 2)
	// r5's product is deleted, r6's article does not exist, r7 has neither type nor id, r8 no id.
	confSame(t, "items", confPluck(remarks, called), "a1", "a1", "pen", "-", "-", "-", "-", "b1")
	if remarks[0].Item != remarks[1].Item {
		t.Error("one article, two rows")
	}
	if a, ok := remarks[0].Item.(*Article); !ok || a.Rank != 1 {
		t.Errorf("expected the article a1, got %T", remarks[0].Item)
	}
	confSame(t, "one type", confPluck(confAll(t, db, remarksQ().Where(sq.Eq{"item_type": "product"}).Preload("item")), called), "pen", "-")
	db.expect(t, 2, 2)
	confSame(t, "no type", confPluck(confAll(t, db, remarksQ().Where(sq.Eq{"item_type": nil}).Preload("item")), called), "-")
	db.expect(t, 1, 1)
	some := confAll(t, db, remarksQ().Columns("body").Where(sq.Eq{"id": []int{1, 4}}).Preload("item"))
	db.expect(t, 3, 2)
	confSame(t, "columns that it needs", confPluck(some, called), "a1", "pen")
	confEqual(t, "other columns", some[0].Stars, 0)
	confSame(t, "unscoped", confPluck(confAll(t, d.db, remarksQ().Preload("item").Unscoped("item", "item.writer")), called),
		"a1", "a1", "pen", "ink", "-", "-", "-", "b1")
}

func morphToNested(t *testing.T, d database) {
	db := d.record()
	remarks := confAll(t, db, remarksQ().Preload("item.writer").Preload("item.remarks"))
	db.expect(t, 6, 3) // remarks; articles, products; writers, and the remarks of both
	a1 := remarks[0].Item.(*Article)
	confEqual(t, "writer", a1.Writer.Name, "Ann")
	confSame(t, "remarks of the article", confPluck(a1.Remarks, remarkBody), "r1", "r2")
	pen := remarks[2].Item.(*Product)
	if len(pen.Remarks) != 1 || pen.Remarks[0].Body != "r4" {
		t.Errorf("expected r4 for the pen, got %v", pen.Remarks)
	}
	articles := confAll(t, db, articlesQ().Preload("remarks.item"))
	db.expect(t, 3, 3)
	confSame(t, "above", confPluck(articles[0].Remarks, called), "a1", "a1")
	_, err := remarksQ().Preload("item.nothing").All(t.Context(), db)
	confRefused(t, err, dovetail.ErrUnknownRelation, "item.nothing", "remarks.item")
	db.expect(t, 0, 0)
}

// morphToAgain loads onto rows that hold something else, the same row twice among them.
func morphToAgain(t *testing.T, d database) {
	db := d.record()
	remarks := confAll(t, db, remarksQ().Where(sq.Eq{"id": []int{1, 4, 9}}).Preload("item"))
	db.expect(t, 3, 2)
	confSame(t, "first", confPluck(remarks, called), "a1", "pen", "b1")
	article, product, one := ItemType("article"), ItemType("product"), int64(1)
	remarks[0].ItemType, remarks[1].ItemType, remarks[2].ItemID = &product, &article, nil
	remarks[0].ItemID, remarks[1].ItemID = &one, &one
	confLoad(t, db, Remarks, append(remarks, remarks[0], nil), "item")
	db.expect(t, 2, 1)
	confSame(t, "again", confPluck(remarks, called), "pen", "a1", "-")
	if remarks[2].Item != nil {
		t.Error("expected nil, got an interface that holds a nil pointer")
	}
}

func morphText(t *testing.T, d database) {
	db := d.record()
	kinds := confAll(t, db, dovetail.Select(Kinds).OrderBy("id").Preload("tags.kind"))
	db.expect(t, 2+d.lookups(1), 2+d.lookups(1))
	for i, want := range [][]string{{"t1"}, nil, {"t3"}} {
		confSame(t, kinds[i].ID, confPluck(kinds[i].Tags, wordOf), want...)
	}
	tags := confAll(t, d.db, dovetail.Select(Taggings).Where(sq.Eq{"item_type": "kind"}).OrderBy("id").Preload("item").Preload("kind"))
	for i, want := range []string{"jam", "tea"} {
		if k, ok := tags[i].Item.(*Kind); !ok || k.ID != want || tags[i].Kind == nil || tags[i].Kind.ID != want {
			t.Errorf("%s: expected %s, got %v and %v", tags[i].Word, want, tags[i].Item, tags[i].Kind)
		}
	}
}

func morphUnknown(t *testing.T, d database) {
	db := d.record()
	rows, err := dovetail.Select(Pictures).OrderBy("id").Preload("item").All(t.Context(), db)
	confRefused(t, err, dovetail.ErrInvalidRelation, `"product"`, "pictures.item", "MorphType", `"article"`)
	db.expect(t, 1, 1)
	if rows != nil {
		t.Error("a part of the result was returned")
	}
	found := confAll(t, db, dovetail.Select(Pictures).Where(sq.Eq{"item_type": "article"}).OrderBy("id").Preload("item"))
	db.expect(t, 2, 2)
	if found[0].Item.(*Article).Title != "a1" || found[1].Item != found[2].Item {
		t.Errorf("expected a1, c1 and c1, got %v", found)
	}
}

func morphRefused(t *testing.T, d database) {
	db := d.record()
	for what, q := range map[string]dovetail.Query[Remark]{
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
		confRefused(t, err, dovetail.ErrUnknownRelation, "remarks.item", "MorphMany")
	}
	_, err := remarksQ().Preload("item", dovetail.Select(Articles)).All(t.Context(), db)
	confRefused(t, err, dovetail.ErrInvalidQuery, "item", "several tables")
	db.expect(t, 0, 0)
}

// matchingCases carry the conditions of one query into another.
func matchingCases() []conformanceCase {
	matching := dovetail.Matching
	loud := matching(dovetail.Select(Remarks).Where(sq.Gt{"stars": 2}))
	ofAnn := matching(dovetail.Select(Articles).Where(sq.Eq{"writer.name": "Ann"}).Where("articles.rank > ?", 1))
	return []conformanceCase{
		{"matching", func(t *testing.T, d database) {
			confNames(t, d, "Has", articlesQ().Has("remarks", loud), articleTitle, "a1")
			confNames(t, d, "HasNone", articlesQ().HasNone("remarks", loud), articleTitle, "a2", "b1", "c1")
			confNames(t, d, "HasEvery", articlesQ().HasEvery("remarks", loud), articleTitle, "a2", "c1")
			confNames(t, d, "Join", articlesQ().Join("remarks", loud), articleTitle, "a1")
			confNames(t, d, "LeftJoin", articlesQ().LeftJoin("remarks", loud), articleTitle, "a1", "a2", "b1", "c1")
			confNames(t, d, "Where", remarksQ().Where(loud), remarkBody, "r1", "r5")
			confNames(t, d, "Or", remarksQ().Where(sq.Or{loud, sq.Eq{"body": "r7"}}), remarkBody, "r1", "r5", "r7")
			confNames(t, d, "nested", remarksQ().Where(matching(dovetail.Select(Remarks).Where(loud).Has("author"))), remarkBody, "r1")
			counts := confCollect[int](t, d.db, articlesQ().Columns().With(dovetail.Count("remarks").Where(loud).As("n")))
			confSame(t, "aggregate", counts, 1, 0, 0, 0)
			confNames(t, d, "without conditions", remarksQ().Where(matching(dovetail.Select(Remarks))).Limit(2), remarkBody, "r1", "r2")
		}},
		{"matching that names to-one paths", func(t *testing.T, d database) {
			confNames(t, d, "root", articlesQ().Where(ofAnn), articleTitle, "a2")
			confNames(t, d, "Has", dovetail.Select(Topics).OrderBy("id").Has("articles", ofAnn), topicName, "go", "sql")
			confNames(t, d, "HasNone", dovetail.Select(Topics).OrderBy("id").HasNone("articles", ofAnn), topicName, "unused")
			counts := confCollect[int](t, d.db, dovetail.Select(Topics).OrderBy("id").Columns().
				With(dovetail.Count("articles").Where(ofAnn).As("n")))
			confSame(t, "aggregate", counts, 1, 1, 0)
			_, err := dovetail.Select(Topics).Join("articles", ofAnn).All(t.Context(), d.db)
			confRefused(t, err, dovetail.ErrUnknownRelation, "articles.writer", "Where")
		}},
		{"matching of a table related to itself", func(t *testing.T, d database) {
			bob := matching(dovetail.Select(Writers).Where("writers.name = ?", "Bob"))
			confNames(t, d, "the name means the related row", writersQ().Has("reports", bob), writerName, "Ann")
			confNames(t, d, "joined", writersQ().Join("reports", bob), writerName, "Ann")
			confNames(t, d, "root", writersQ().Where(bob), writerName, "Bob")
		}},
	}
}
