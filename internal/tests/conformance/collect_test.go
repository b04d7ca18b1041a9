package conformance_test

import (
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// Results in shapes of the caller's.

func collectCases() []kit.Case {
	return []kit.Case{
		{Name: "collect/scalars", Run: testCollectScalars},
		{Name: "collect/nothing", Run: testCollectNothing},
		{Name: "collect/struct", Run: testCollectStruct},
		{Name: "collect/pointers to structs", Run: testCollectPointers},
		{Name: "collect/embedded struct", Run: testCollectEmbedded},
		{Name: "collect/nested struct", Run: testCollectNested},
		{Name: "collect/nested struct of a missing row", Run: testCollectNestedMissing},
		{Name: "collect/deeper path", Run: testCollectDeep},
		{Name: "collect/map", Run: testCollectMap},
		{Name: "collect/expressions with arguments", Run: testCollectExpressions},
		{Name: "collect/refusals", Run: testCollectRefusals},
	}
}

func testCollectScalars(t *testing.T, d kit.Database) {
	n := newConfNotes()
	rec := d.Record()
	q := dovetail.Select(n.notes).OrderBy("id")
	kit.Same(t, "integers", kit.Collect[int64](t, rec, q.Columns("id").Limit(2)), 1, 2)
	kit.Same(t, "text", kit.Collect[string](t, rec, q.Columns("title").Where(squirrel.Eq{"score": 20})), "apple pie",
		"Date")
	kit.Same(t, "floats", kit.Collect[float64](t, rec, q.Columns("ratio").Limit(2)), 0.5, 1.5)
	kit.Same(t, "booleans", kit.Collect[bool](t, rec, q.Columns("done").Limit(2)), true, false)
	rec.Expect(t, 4, 4)
	scores := kit.Collect[*int64](t, rec, q.Columns("score").Offset(2).Limit(2))
	rec.Expect(t, 1, 1)
	if len(scores) != 2 || scores[0] != nil || *scores[1] != 30 {
		t.Errorf("expected NULL and 30, got %v", scores)
	}
}

func testCollectNothing(t *testing.T, d kit.Database) {
	rec := d.Record()
	names := kit.Collect[string](t, rec, dovetail.Select(models.Users).Columns("name").Where("1 = 0"))
	rec.Expect(t, 1, 1)
	if names == nil || len(names) != 0 {
		t.Errorf("expected an empty list that is not nil, got %v", names)
	}
}

type accountLine struct {
	Holder string `db:"owner"`
	ID     int64
}

func testCollectStruct(t *testing.T, d kit.Database) {
	rec := d.Record()
	lines := kit.Collect[accountLine](t, rec, dovetail.Select(models.Accounts).Columns("id", "owner").OrderBy("balance DESC").
		Limit(2))
	rec.Expect(t, 1, 1)
	kit.Same(t, "accounts", lines, accountLine{"SpongeBob", 1}, accountLine{"Squidward", 3})
}

func testCollectPointers(t *testing.T, d kit.Database) {
	rec := d.Record()
	lines := kit.Collect[*accountLine](t, rec, dovetail.Select(models.Accounts).Columns("id", "owner").OrderBy("id"))
	rec.Expect(t, 1, 1)
	kit.Same(t, "owners", kit.Pluck(lines, func(l *accountLine) string { return l.Holder }),
		"SpongeBob", "Patrick", "Squidward", "Sandy")
}

func testCollectEmbedded(t *testing.T, d kit.Database) {
	type total struct {
		accountLine
		Total int64
	}
	type exported struct {
		ActivityTotal int64 `db:"total"`
	}
	rec := d.Record()
	q := dovetail.Select(models.Accounts).Columns("owner", "id").Join("activities").GroupBy("id").
		Column("CAST(sum(activities.amount) AS BIGINT) AS total").OrderBy("id")
	sums := kit.Collect[struct {
		exported
		Holder string `db:"owner"`
		ID     int64
	}](t, rec, q)
	rec.Expect(t, 1, 1)
	kit.Equal(t, "rows", len(sums), 3)
	kit.Equal(t, "owner", sums[0].Holder, "SpongeBob")
	kit.Equal(t, "sum", sums[0].ActivityTotal, 2200)
	totals := kit.Collect[total](t, rec, q.Having("sum(activities.amount) < ?", 100))
	rec.Expect(t, 1, 1)
	kit.Same(t, "totals", totals, total{accountLine{"Patrick", 2}, 30})
}

func testCollectNested(t *testing.T, d kit.Database) {
	type author struct {
		ID   int64
		Name string
	}
	type post struct {
		Title  string
		Author author
	}
	rec := d.Record()
	posts := kit.Collect[post](t, rec, dovetail.Select(models.Posts).Columns("title", "author.name", "author.id").OrderBy("id"))
	rec.Expect(t, 1, 1)
	kit.Same(t, "posts", posts, post{"Joins", author{1, "ann"}}, post{"Keys", author{1, "ann"}},
		post{"Nulls", author{2, "bea"}})
}

func testCollectNestedMissing(t *testing.T, d kit.Database) {
	type editor struct {
		ID   *int64
		Name *string
	}
	type post struct {
		ID     int64
		Editor editor
	}
	rec := d.Record()
	for _, q := range []dovetail.Query[*models.Post]{
		dovetail.Select(models.Posts).LeftJoin("editor"),
		dovetail.Select(models.Posts), // an optional path that is named only
	} {
		posts := kit.Collect[post](t, rec, q.Columns("id", "editor.id", "editor.name").OrderBy("id"))
		rec.Expect(t, 1, 1)
		kit.Equal(t, "posts", len(posts), 3)
		kit.Equal(t, "editor of 1", *posts[0].Editor.Name, "bea")
		if posts[1].Editor.ID != nil || posts[1].Editor.Name != nil {
			t.Errorf("expected no editor of 2, got %v", posts[1].Editor)
		}
		kit.Equal(t, "editor of 3", *posts[2].Editor.ID, 1)
	}
}

func testCollectDeep(t *testing.T, d kit.Database) {
	type profile struct{ Bio *string }
	type author struct{ Profile profile }
	type post struct {
		Title  string
		Author author
	}
	rec := d.Record()
	posts := kit.Collect[post](t, rec, dovetail.Select(models.Posts).Columns("title", "author.profile.bio").
		OrderBy("author.name", "id"))
	rec.Expect(t, 1, 1)
	kit.Equal(t, "posts", len(posts), 3)
	kit.Equal(t, "bio", *posts[1].Author.Profile.Bio, "writes")
	if posts[2].Author.Profile.Bio != nil {
		t.Errorf("expected no bio, got %q", *posts[2].Author.Profile.Bio)
	}
	tags := kit.Collect[string](t, rec, dovetail.Select(models.Users).Join("posts.tags").Columns("posts.tags.name").
		OrderBy("posts.id", "posts.tags.id"))
	rec.Expect(t, 1, 1)
	kit.Same(t, "joined lists", tags, "go", "sql", "sql")
}

func testCollectMap(t *testing.T, d kit.Database) {
	n := newConfNotes()
	rec := d.Record()
	maps := kit.Collect[map[string]any](t, rec, dovetail.Select(n.notes).Columns("id", "title", "score").OrderBy("id").
		Limit(3))
	rec.Expect(t, 1, 1)
	kit.Equal(t, "maps", len(maps), 3)
	kit.Equal(t, "columns", len(maps[0]), 3)
	kit.Equal(t, "integer", maps[0]["id"], any(int64(1)))
	kit.Equal(t, "text", maps[0]["title"], any("Apple"))
	if score, ok := maps[2]["score"]; !ok || score != nil {
		t.Errorf("expected the score to be there and NULL, got %v, %v", score, ok)
	}
}

func testCollectExpressions(t *testing.T, d kit.Database) {
	type row struct {
		ID     int64
		Double int64
		Kind   string
	}
	n := newConfNotes()
	rec := d.Record()
	rows := kit.Collect[row](t, rec, dovetail.Select(n.notes).Columns("id").
		Column("conf_notes.score * CAST(? AS BIGINT) AS double", 2).
		Column(squirrel.Expr("CASE WHEN conf_notes.done THEN CAST(? AS TEXT) ELSE CAST(? AS TEXT) END AS kind", "done",
			"open")).
		Where("score IS NOT NULL AND id > ?", 1).OrderBy("id"))
	rec.Expect(t, 1, 1)
	kit.Same(t, "rows", rows, row{2, 40, "open"}, row{4, 60, "done"}, row{5, 40, "open"})
	counts := kit.Collect[int64](t, rec, dovetail.Select(models.Accounts).Columns().Column(squirrel.Expr("(?)",
		squirrel.Select("count(*)").From("activity").Where("activity.account_id = accounts.id"))).OrderBy("id"))
	rec.Expect(t, 1, 1)
	kit.Same(t, "a subquery as a column", counts, 3, 1, 2, 0)
}

func testCollectRefusals(t *testing.T, d kit.Database) {
	rec := d.Record()
	q := dovetail.Select(models.Accounts)
	_, err := dovetail.Collect[accountLine](t.Context(), rec, q.Columns("id", "owner").Preload("activities"))
	kit.Refused(t, err, dovetail.ErrInvalidQuery, "Collect", `"activities"`, "All")
	_, err = dovetail.Collect[int64](t.Context(), rec, q.Columns("ownr"))
	kit.Refused(t, err, dovetail.ErrUnknownColumn, `"owner"`)
	_, err = dovetail.Collect[string](t.Context(), rec, dovetail.Select(models.Users).Columns("posts.title"))
	kit.Refused(t, err, dovetail.ErrUnknownRelation, `"posts"`)
	rec.Expect(t, 0, 0)
	lines, err := dovetail.Collect[accountLine](t.Context(), rec, q.Columns("id", "owner", "balance"))
	if err == nil || lines != nil {
		t.Errorf("a column without a field: expected an error, got %v", lines)
	}
	rec.Expect(t, 1, 1)
}
