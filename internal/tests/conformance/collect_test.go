package conformance_test

import (
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

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
		{Name: "collect/nested pointer of a missing row", Run: testCollectNestedPointer},
		{Name: "collect/fields and columns before anything is sent", Run: testCollectChecked},
		{Name: "collect/values that do not fit", Run: testCollectValues},
		{Name: "collect/single values of struct types", Run: testCollectSingleStructs},
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
}

func testCollectNestedPointer(t *testing.T, d kit.Database) {
	type profile struct {
		Bio *string
	}
	type person struct {
		ID      int64
		Name    string
		Profile *profile
	}
	type post struct {
		ID int64
		By *person `db:"editor"`
	}
	q := dovetail.Select(models.Posts).LeftJoin("editor.profile").OrderBy("id").
		Columns("id", "editor.id", "editor.name", "editor.profile.bio")
	check := func(posts []*post) {
		t.Helper()
		if len(posts) != 3 || posts[0].By == nil || posts[1].By != nil || posts[2].By == nil {
			t.Fatalf("expected editors of 1 and 3 alone, got %v", posts)
		}
		kit.Equal(t, "editor of 1", posts[0].By.Name, "bea")
		if posts[0].By.Profile != nil || *posts[2].By.Profile.Bio != "writes" {
			t.Errorf("expected a profile of 3's editor alone, got %v and %v", posts[0].By.Profile, posts[2].By.Profile)
		}
	}
	check(kit.Collect[*post](t, d.DB, q))
	values := kit.Collect[post](t, d.DB, q)
	check([]*post{&values[0], &values[1], &values[2]})
	type line struct {
		ID     int64
		Writer *struct{ Name string }
	}
	written := kit.Collect[line](t, d.DB, dovetail.Select(models.Posts).Columns("id").OrderBy("id").
		Column("author.name AS \"writer.name\""))
	kit.Equal(t, "a nested column by its name alone", written[2].Writer.Name, "bea")
}

// testCollectChecked sends nothing for what can be known before.
func testCollectChecked(t *testing.T, d kit.Database) {
	type author struct{ ID, Born int64 }
	type post struct {
		Title  string
		Author *author
	}
	rec := d.Record()
	accounts, posts := dovetail.Select(models.Accounts), dovetail.Select(models.Posts)
	_, err := dovetail.Collect[accountLine](t.Context(), rec, accounts.Columns("id", "owner", "balance"))
	kit.Refused(t, err, dovetail.ErrUnknownColumn, "balance", "accountLine", "add one")
	_, err = dovetail.Collect[accountLine](t.Context(), rec, accounts.Columns("id", "owner").Column("1 AS one"))
	kit.Refused(t, err, dovetail.ErrUnknownColumn, "one", "accountLine")
	_, err = dovetail.Collect[accountLine](t.Context(), rec, accounts.Columns("id", "owner").With(dovetail.Count("activities").As("n")))
	kit.Refused(t, err, dovetail.ErrUnknownColumn, " n:", "accountLine")
	_, err = dovetail.Collect[accountLine](t.Context(), rec, accounts.Columns("id"))
	kit.Refused(t, err, dovetail.ErrUnknownColumn, "owner into accountLine.Holder", "selects no such column")
	_, err = dovetail.Collect[post](t.Context(), rec, posts.Columns("title", "author.id"))
	kit.Refused(t, err, dovetail.ErrUnknownColumn, "author.born into post.Author.Born")
	_, err = dovetail.Collect[post](t.Context(), rec, posts.Columns("title", "author.id", "author.name"))
	kit.Refused(t, err, dovetail.ErrUnknownColumn, "author.name", "post has no field")
	_, err = dovetail.Collect[string](t.Context(), rec, posts.Columns("id", "title"))
	kit.Refused(t, err, dovetail.ErrUnknownColumn, "2 columns", "string")
	_, err = dovetail.Collect[map[int]any](t.Context(), rec, posts.Columns("id", "title"))
	kit.Refused(t, err, dovetail.ErrUnsupported, "map[int]interface", "map[string]any")
	_, err = dovetail.Collect[map[string]any](t.Context(), rec, posts.Columns("id").Column("author.id AS id"))
	kit.Refused(t, err, dovetail.ErrUnknownColumn, " id:", "AS")
	_, err = dovetail.Collect[models.Employee](t.Context(), rec, dovetail.Select(models.Employees))
	kit.Refused(t, err, dovetail.ErrUnsupported, "Employee.Manager", "itself")
	_, err = dovetail.Collect[chan int](t.Context(), rec, posts.Columns("id"))
	kit.Refused(t, err, dovetail.ErrUnsupported, "chan int", "no type of a column")
	_, err = dovetail.Collect[map[string]*complex128](t.Context(), rec, posts.Columns("id"))
	kit.Refused(t, err, dovetail.ErrUnsupported, "map[string]*complex128", "no type of a column")
	_, err = dovetail.Collect[struct{ ID func() }](t.Context(), rec, posts.Columns("id"))
	kit.Refused(t, err, dovetail.ErrUnknownColumn, "id into ID", "func()", "no type of a column")
	rec.Expect(t, 0, 0)
	// A name that only the database knows is checked with the result.
	_, err = dovetail.Collect[accountLine](t.Context(), rec, accounts.Columns("id", "owner").Column("1 + 1"))
	kit.Refused(t, err, dovetail.ErrUnknownColumn, "accountLine", "by AS")
	_, err = dovetail.Collect[accountLine](t.Context(), rec, accounts.Columns("id", "owner").Column("1 + 1").Where("1 = 0"))
	kit.Refused(t, err, dovetail.ErrUnknownColumn, "accountLine")
	rec.Expect(t, 2, 2)
}

// testCollectValues: what does not fit is told as All tells it, without the value.
func testCollectValues(t *testing.T, d kit.Database) {
	type author struct{ Name int64 }
	type post struct {
		Title  string
		Author author
	}
	posts := dovetail.Select(models.Posts).OrderBy("id")
	for what, test := range map[string]struct {
		err  error
		want string
	}{
		"a nested field": {collectError[post](t, d, posts.Columns("title", "author.name")),
			"dovetail: select posts: scan user.name into post.Author.Name: the value"},
		"NULL": {collectError[struct{ Score int64 }](t, d, posts.Columns().Column("CAST(NULL AS BIGINT) AS score")),
			"dovetail: select posts: scan score into Score: the value is NULL and the field is int64; make it *int64"},
		"a single value": {collectError[int64](t, d, posts.Columns("title")), "dovetail: select posts: scan posts.title into int64: the value"},
		"a map": {collectError[map[string]int64](t, d, posts.Columns("title")),
			"dovetail: select posts: scan posts.title into map[string]int64: the value"},
	} {
		if test.err == nil || !strings.HasPrefix(test.err.Error(), test.want) || strings.Contains(test.err.Error(), "scany") {
			t.Errorf("%s: expected %s…, got %v", what, test.want, test.err)
		}
	}
}

func collectError[D any](t *testing.T, d kit.Database, q dovetail.AnyQuery) error {
	t.Helper()
	rows, err := dovetail.Collect[D](t.Context(), d.DB, q)
	var failed *dovetail.ScanError
	if rows != nil || !errors.As(err, &failed) {
		t.Errorf("expected a *ScanError, got %v, %v", rows, err)
	}
	return err
}

func testCollectSingleStructs(t *testing.T, d kit.Database) {
	q := dovetail.Select(models.Accounts).OrderBy("id").Limit(1)
	times := kit.Collect[time.Time](t, d.DB, q.Columns("created_at"))
	kit.Equal(t, "year", times[0].Year(), 2024)
	owners := kit.Collect[sql.NullString](t, d.DB, q.Columns("owner"))
	kit.Same(t, "owner", owners, sql.NullString{String: "SpongeBob", Valid: true})
}
