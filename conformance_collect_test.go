package dovetail_test

import (
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
)

// Results in shapes of the caller's.

func collectCases() []conformanceCase {
	return []conformanceCase{
		{"collect/scalars", testCollectScalars},
		{"collect/nothing", testCollectNothing},
		{"collect/struct", testCollectStruct},
		{"collect/pointers to structs", testCollectPointers},
		{"collect/embedded struct", testCollectEmbedded},
		{"collect/nested struct", testCollectNested},
		{"collect/nested struct of a missing row", testCollectNestedMissing},
		{"collect/deeper path", testCollectDeep},
		{"collect/map", testCollectMap},
		{"collect/expressions with arguments", testCollectExpressions},
		{"collect/refusals", testCollectRefusals},
	}
}

func testCollectScalars(t *testing.T, d database) {
	n := newConfNotes()
	rec := d.record()
	q := dovetail.Select(n.notes).OrderBy("id")
	confSame(t, "integers", confCollect[int64](t, rec, q.Columns("id").Limit(2)), 1, 2)
	confSame(t, "text", confCollect[string](t, rec, q.Columns("title").Where(squirrel.Eq{"score": 20})), "apple pie",
		"Date")
	confSame(t, "floats", confCollect[float64](t, rec, q.Columns("ratio").Limit(2)), 0.5, 1.5)
	confSame(t, "booleans", confCollect[bool](t, rec, q.Columns("done").Limit(2)), true, false)
	rec.expect(t, 4, 4)
	scores := confCollect[*int64](t, rec, q.Columns("score").Offset(2).Limit(2))
	rec.expect(t, 1, 1)
	if len(scores) != 2 || scores[0] != nil || *scores[1] != 30 {
		t.Errorf("expected NULL and 30, got %v", scores)
	}
}

func testCollectNothing(t *testing.T, d database) {
	rec := d.record()
	names := confCollect[string](t, rec, dovetail.Select(Users).Columns("name").Where("1 = 0"))
	rec.expect(t, 1, 1)
	if names == nil || len(names) != 0 {
		t.Errorf("expected an empty list that is not nil, got %v", names)
	}
}

type accountLine struct {
	Holder string `db:"owner"`
	ID     int64
}

func testCollectStruct(t *testing.T, d database) {
	rec := d.record()
	lines := confCollect[accountLine](t, rec, dovetail.Select(Accounts).Columns("id", "owner").OrderBy("balance DESC").
		Limit(2))
	rec.expect(t, 1, 1)
	confSame(t, "accounts", lines, accountLine{"SpongeBob", 1}, accountLine{"Squidward", 3})
}

func testCollectPointers(t *testing.T, d database) {
	rec := d.record()
	lines := confCollect[*accountLine](t, rec, dovetail.Select(Accounts).Columns("id", "owner").OrderBy("id"))
	rec.expect(t, 1, 1)
	confSame(t, "owners", confPluck(lines, func(l *accountLine) string { return l.Holder }),
		"SpongeBob", "Patrick", "Squidward", "Sandy")
}

func testCollectEmbedded(t *testing.T, d database) {
	type total struct {
		accountLine
		Total int64
	}
	type exported struct {
		ActivityTotal int64 `db:"total"`
	}
	rec := d.record()
	q := dovetail.Select(Accounts).Columns("owner", "id").Join("activities").GroupBy("id").
		Column("CAST(sum(activities.amount) AS BIGINT) AS total").OrderBy("id")
	sums := confCollect[struct {
		exported
		Holder string `db:"owner"`
		ID     int64
	}](t, rec, q)
	rec.expect(t, 1, 1)
	confEqual(t, "rows", len(sums), 3)
	confEqual(t, "owner", sums[0].Holder, "SpongeBob")
	confEqual(t, "sum", sums[0].ActivityTotal, 2200)
	totals := confCollect[total](t, rec, q.Having("sum(activities.amount) < ?", 100))
	rec.expect(t, 1, 1)
	confSame(t, "totals", totals, total{accountLine{"Patrick", 2}, 30})
}

func testCollectNested(t *testing.T, d database) {
	type author struct {
		ID   int64
		Name string
	}
	type post struct {
		Title  string
		Author author
	}
	rec := d.record()
	posts := confCollect[post](t, rec, dovetail.Select(Posts).Columns("title", "author.name", "author.id").OrderBy("id"))
	rec.expect(t, 1, 1)
	confSame(t, "posts", posts, post{"Joins", author{1, "ann"}}, post{"Keys", author{1, "ann"}},
		post{"Nulls", author{2, "bea"}})
}

func testCollectNestedMissing(t *testing.T, d database) {
	type editor struct {
		ID   *int64
		Name *string
	}
	type post struct {
		ID     int64
		Editor editor
	}
	rec := d.record()
	for _, q := range []dovetail.Query[Post]{
		dovetail.Select(Posts).LeftJoin("editor"),
		dovetail.Select(Posts), // an optional path that is named only
	} {
		posts := confCollect[post](t, rec, q.Columns("id", "editor.id", "editor.name").OrderBy("id"))
		rec.expect(t, 1, 1)
		confEqual(t, "posts", len(posts), 3)
		confEqual(t, "editor of 1", *posts[0].Editor.Name, "bea")
		if posts[1].Editor.ID != nil || posts[1].Editor.Name != nil {
			t.Errorf("expected no editor of 2, got %v", posts[1].Editor)
		}
		confEqual(t, "editor of 3", *posts[2].Editor.ID, 1)
	}
}

func testCollectDeep(t *testing.T, d database) {
	type profile struct{ Bio *string }
	type author struct{ Profile profile }
	type post struct {
		Title  string
		Author author
	}
	rec := d.record()
	posts := confCollect[post](t, rec, dovetail.Select(Posts).Columns("title", "author.profile.bio").
		OrderBy("author.name", "id"))
	rec.expect(t, 1, 1)
	confEqual(t, "posts", len(posts), 3)
	confEqual(t, "bio", *posts[1].Author.Profile.Bio, "writes")
	if posts[2].Author.Profile.Bio != nil {
		t.Errorf("expected no bio, got %q", *posts[2].Author.Profile.Bio)
	}
	tags := confCollect[string](t, rec, dovetail.Select(Users).Join("posts.tags").Columns("posts.tags.name").
		OrderBy("posts.id", "posts.tags.id"))
	rec.expect(t, 1, 1)
	confSame(t, "joined lists", tags, "go", "sql", "sql")
}

func testCollectMap(t *testing.T, d database) {
	n := newConfNotes()
	rec := d.record()
	maps := confCollect[map[string]any](t, rec, dovetail.Select(n.notes).Columns("id", "title", "score").OrderBy("id").
		Limit(3))
	rec.expect(t, 1, 1)
	confEqual(t, "maps", len(maps), 3)
	confEqual(t, "columns", len(maps[0]), 3)
	confEqual(t, "integer", maps[0]["id"], any(int64(1)))
	confEqual(t, "text", maps[0]["title"], any("Apple"))
	if score, ok := maps[2]["score"]; !ok || score != nil {
		t.Errorf("expected the score to be there and NULL, got %v, %v", score, ok)
	}
}

func testCollectExpressions(t *testing.T, d database) {
	type row struct {
		ID     int64
		Double int64
		Kind   string
	}
	n := newConfNotes()
	rec := d.record()
	rows := confCollect[row](t, rec, dovetail.Select(n.notes).Columns("id").
		Column("conf_notes.score * CAST(? AS BIGINT) AS double", 2).
		Column(squirrel.Expr("CASE WHEN conf_notes.done THEN CAST(? AS TEXT) ELSE CAST(? AS TEXT) END AS kind", "done",
			"open")).
		Where("score IS NOT NULL AND id > ?", 1).OrderBy("id"))
	rec.expect(t, 1, 1)
	confSame(t, "rows", rows, row{2, 40, "open"}, row{4, 60, "done"}, row{5, 40, "open"})
	counts := confCollect[int64](t, rec, dovetail.Select(Accounts).Columns().Column(squirrel.Expr("(?)",
		squirrel.Select("count(*)").From("activity").Where("activity.account_id = accounts.id"))).OrderBy("id"))
	rec.expect(t, 1, 1)
	confSame(t, "a subquery as a column", counts, 3, 1, 2, 0)
}

func testCollectRefusals(t *testing.T, d database) {
	rec := d.record()
	q := dovetail.Select(Accounts)
	_, err := dovetail.Collect[accountLine](t.Context(), rec, q.Columns("id", "owner").Preload("activities"))
	confRefused(t, err, dovetail.ErrInvalidQuery, "Collect", `"activities"`, "All")
	_, err = dovetail.Collect[int64](t.Context(), rec, q.Columns("ownr"))
	confRefused(t, err, dovetail.ErrUnknownColumn, `"owner"`)
	_, err = dovetail.Collect[string](t.Context(), rec, dovetail.Select(Users).Columns("posts.title"))
	confRefused(t, err, dovetail.ErrUnknownRelation, `"posts"`)
	rec.expect(t, 0, 0)
	lines, err := dovetail.Collect[accountLine](t.Context(), rec, q.Columns("id", "owner", "balance"))
	if err == nil || lines != nil {
		t.Errorf("a column without a field: expected an error, got %v", lines)
	}
	rec.expect(t, 1, 1)
}
