package writes_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// Keys of several columns, of which the database makes one.

type numPost struct {
	TenantID, ID int64
	Title        string
	Notes        []*numNote
	Tags         []dovetail.Linked[numTag, numTagging]
}

type numNote struct {
	TenantID, ID int64
	PostID       int64
	Text         string
	Post         *numPost
}

type numTag struct {
	TenantID, ID int64
	Name         string
}

type numTagging struct {
	TenantID, PostID, No int64
	TagID                int64
	Weight               int64
}

type numbered struct {
	r        *dovetail.Registry
	posts    *dovetail.Table[numPost]
	notes    *dovetail.Table[numNote]
	tags     *dovetail.Table[numTag]
	taggings *dovetail.Table[numTagging]
	postTags *dovetail.ToMany[*numPost, *numTag]
}

func newNumbered() numbered {
	n := numbered{r: dovetail.NewRegistry()}
	key, id := dovetail.PrimaryKey("tenant_id", "id"), dovetail.Identity("id")
	n.posts = dovetail.NewTable[numPost](n.r, "num_posts", key, id)
	n.notes = dovetail.NewTable[numNote](n.r, "num_notes", key, id)
	n.tags = dovetail.NewTable[numTag](n.r, "num_tags", key, id, dovetail.Unique("tenant_id", "name"))
	n.taggings = dovetail.NewTable[numTagging](n.r, "num_taggings", dovetail.PrimaryKey("tenant_id", "post_id", "no"), dovetail.Identity("no"), dovetail.Default("weight", "0"),
		dovetail.Unique("tenant_id", "post_id", "tag_id"))
	dovetail.HasMany(n.posts, "notes", n.notes, dovetail.ForeignKey("tenant_id", "post_id"), dovetail.Inverse("post"))
	n.postTags = dovetail.ManyToMany(n.posts, "tags", n.tags, n.taggings,
		dovetail.ThroughKeys([]string{"tenant_id", "post_id"}, []string{"tenant_id", "tag_id"}))
	return n
}

// on runs a test where the tables are as DDL has them, which Check finds nothing wrong with.
func (n numbered) on(t *testing.T, test func(t *testing.T, d kit.Database)) {
	t.Helper()
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		kit.NoError(t, n.r.CreateAll(t.Context(), d.DB))
		if findings := kit.MustFind(t, n.r, d.DB); len(findings) > 0 {
			t.Fatalf("expected nothing to mend, got %s", kit.ListFindings(findings))
		}
		test(t, d)
	})
}

// shown are the rows with what is loaded of them.
func (n numbered) shown(t *testing.T, d kit.Database) string {
	t.Helper()
	var b strings.Builder
	q := dovetail.Select(n.posts).OrderBy("tenant_id", "id").Preload("notes", dovetail.Select(n.notes).OrderBy("id")).
		Preload("tags", dovetail.Select(n.tags).OrderBy("name"))
	for _, p := range kit.All(t, d.DB, q) {
		fmt.Fprintf(&b, "%d/%d %s:", p.TenantID, p.ID, p.Title)
		for _, n := range p.Notes {
			fmt.Fprintf(&b, " %d/%d %s", n.TenantID, n.ID, n.Text)
		}
		for _, l := range p.Tags {
			fmt.Fprintf(&b, " #%s(%d)", l.Row.Name, l.Link.Weight)
			if l.Link.No == 0 {
				t.Errorf("a link without a number: %+v", l.Link)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

// TestTheDatabaseNumbersRowsInsideAKey inserts graphs whose keys are half the program's, half the database's.
func TestTheDatabaseNumbersRowsInsideAKey(t *testing.T) {
	t.Parallel()
	n := newNumbered()
	n.on(t, func(t *testing.T, d kit.Database) {
		ctx := t.Context()
		one := &numPost{TenantID: 7, Title: "one"}
		kit.Insert(t, d.DB, dovetail.Insert(n.posts, one))
		red := &numTag{TenantID: 7, Name: "red"}
		kit.Insert(t, d.DB, dovetail.Insert(n.tags, red))
		two := &numPost{TenantID: 7, Title: "two", Notes: []*numNote{{Text: "a"}, {Text: "b"}},
			Tags: []dovetail.Linked[numTag, numTagging]{{Row: &numTag{Name: "new", TenantID: 7}, Link: &numTagging{Weight: 3}}, {Row: &numTag{Name: "old", TenantID: 7}}}}
		three := &numPost{TenantID: 0, Title: "three", Notes: []*numNote{{Text: "c"}}} // a tenant may be 0 where the database makes id
		db := d.Record()
		kit.Insert(t, db, dovetail.Insert(n.posts, two, three).With("notes").With("tags"))
		db.Expect(t, 5, 2) // posts and tags, then notes and links, those of a given weight by themselves
		told := &numPost{TenantID: 7, ID: 100, Title: "told", Tags: []dovetail.Linked[numTag, numTagging]{{Row: red}}}
		kit.Insert(t, d.DB, dovetail.Insert(n.posts, told).WithLinks("tags"))
		if two.Notes[1].ID <= two.Notes[0].ID || two.Notes[0].PostID != two.ID || two.Tags[0].Link.No == 0 || two.Tags[1].Link.No == 0 {
			t.Errorf("expected keys from the database in their order, got %+v %+v %+v", two.Notes[0], two.Notes[1], two.Tags)
		}
		want := "0/3 three: 0/3 c\n7/1 one:\n7/2 two: 7/1 a 7/2 b #new(3) #old(0)\n7/100 told: #red(0)\n"
		kit.Equal(t, "posts", n.shown(t, d), want)

		many := make([]*numPost, 300)
		for i := range many {
			many[i] = &numPost{TenantID: int64(8 + i%2), Title: fmt.Sprint(i)}
		}
		if !d.Postgres() {
			kit.Insert(t, d.DB, dovetail.Insert(n.posts, many...))
		} else { // its numbers do not go on from those that are given
			kit.Insert(t, d.DB, dovetail.Insert(n.posts, many[:90]...))
			many = many[:90]
		}
		for i, p := range many {
			got, err := dovetail.Select(n.posts).Get(ctx, d.DB, p.TenantID, p.ID)
			if err != nil || got.Title != fmt.Sprint(i) {
				t.Fatalf("expected the title %d, got %+v, %v", i, got, err)
			}
		}
	})
}

// TestANumberInsideAKeyIsMadeByEveryWrite upserts, links and loads rows whose keys are half the database's.
func TestANumberInsideAKeyIsMadeByEveryWrite(t *testing.T) {
	t.Parallel()
	n := newNumbered()
	n.on(t, func(t *testing.T, d kit.Database) {
		ctx := t.Context()
		post := &numPost{TenantID: 7, Title: "one"}
		kit.Insert(t, d.DB, dovetail.Insert(n.posts, post))
		red, blue := &numTag{TenantID: 7, Name: "red"}, &numTag{TenantID: 7, Name: "blue"}
		kit.NoError(t, dovetail.Upsert(n.tags, red, blue).OnConflict("tenant_id", "name").Exec(ctx, d.DB))
		again := &numTag{TenantID: 7, Name: "red"}
		kit.NoError(t, dovetail.Upsert(n.tags, again).OnConflict("tenant_id", "name").Exec(ctx, d.DB))
		if red.ID == 0 || blue.ID == red.ID || again.ID != red.ID {
			t.Errorf("expected keys of the database, got %+v %+v %+v", red, blue, again)
		}
		for _, set := range [][]string{nil, {"title"}} { // a row that has no number yet is new
			a, b, c := &numPost{TenantID: 9, Title: "a"}, &numPost{TenantID: 9, Title: "b"}, &numPost{TenantID: 7, ID: post.ID, Title: "one"}
			kit.NoError(t, dovetail.Upsert(n.posts, a, b, c).OnConflict("tenant_id", "id").Set(set...).Exec(ctx, d.DB))
			if a.ID == 0 || b.ID == a.ID || b.ID == 0 || c.ID != post.ID {
				t.Errorf("expected keys of the database, got %+v %+v %+v", a, b, c)
			}
			err := dovetail.Upsert(n.posts, &numPost{TenantID: 9}, c, c).OnConflict("tenant_id", "id").Exec(ctx, d.DB)
			kit.Refused(t, err, dovetail.ErrInvalidRow, "two rows have the same")
		}
		d.Exec(t, "DELETE FROM num_posts WHERE tenant_id = 9")
		if !d.Postgres() { // whose numbers are unique by themselves
			for _, set := range [][]string{nil, {"title"}} {
				err := dovetail.Upsert(n.posts, &numPost{TenantID: 9, ID: post.ID}).OnConflict("tenant_id", "id").Set(set...).Exec(ctx, d.DB)
				kit.Refused(t, err, dovetail.ErrInvalidRow, "the same id, and not the same tenant_id")
			}
		}
		_, err := n.postTags.Link(ctx, d.DB, post, red)
		kit.NoError(t, err)
		_, err = dovetail.LinkWith(ctx, d.DB, n.postTags, post, dovetail.Linked[numTag, numTagging]{Row: blue, Link: &numTagging{Weight: 5}})
		kit.NoError(t, err)
		kit.Equal(t, "linked", n.shown(t, d), "7/1 one: #blue(5) #red(0)\n")
		loaded := kit.All(t, d.DB, dovetail.Select(n.posts).Preload("tags"))[0]
		numbers := kit.Pluck(loaded.Tags, func(l dovetail.Linked[numTag, numTagging]) int64 { return l.Link.No })
		for _, l := range loaded.Tags {
			l.Link.Weight++
		}
		diff, err := dovetail.ReplaceWith(ctx, d.DB, n.postTags, post, loaded.Tags...)
		kit.NoError(t, err)
		kit.Equal(t, "changed", len(diff.Changed), 2)
		after := kit.All(t, d.DB, dovetail.Select(n.posts).Preload("tags"))[0]
		kit.Same(t, "numbers", kit.Pluck(after.Tags, func(l dovetail.Linked[numTag, numTagging]) int64 { return l.Link.No }), numbers...)

		err = dovetail.Load(ctx, d.DB, n.posts, []*numPost{{TenantID: 7}}, "notes")
		kit.Refused(t, err, dovetail.ErrInvalidRow, "no key yet")
		kit.Refused(t, dovetail.Save(ctx, d.DB, n.posts, &numPost{TenantID: 7}, "title"), dovetail.ErrInvalidRow, "no primary key yet")
		_, err = n.postTags.Link(ctx, d.DB, post, &numTag{TenantID: 7})
		kit.Refused(t, err, dovetail.ErrInvalidRow, "no key yet")
	})
}

type numLine struct {
	OrderID, No int64
	Text        string
}

type numMark struct {
	PostID, TagID, Pos int64
	Text               string
}

// TestAZeroInsideAKeyIsSaid refuses zeros that most likely nobody gave, before anything is sent.
func TestAZeroInsideAKeyIsSaid(t *testing.T) {
	t.Parallel()
	type order struct {
		ID    int64
		Lines []*numLine
	}
	type post struct {
		ID   int64
		Tags []dovetail.Linked[order, numMark]
	}
	r := dovetail.NewRegistry()
	key := dovetail.PrimaryKey("order_id", "no")
	orders := dovetail.NewTable[order](r, "orders")
	lines := dovetail.NewTable[numLine](r, "lines", key)
	dovetail.HasMany(orders, "lines", lines, dovetail.ForeignKey("order_id"))
	posts := dovetail.NewTable[post](r, "posts")
	marks := dovetail.NewTable[numMark](r, "marks", dovetail.PrimaryKey("post_id", "tag_id", "pos"), dovetail.Unique("post_id", "tag_id"))
	postTags := dovetail.ManyToMany(posts, "tags", orders, marks, dovetail.ThroughKeys("post_id", "tag_id"))
	seen := dovetail.NewTable[numLine](dovetail.NewRegistry(), "lines", key, dovetail.Scope("order", squirrel.Eq{"order_id": 1}))
	assigned := dovetail.NewTable[numLine](dovetail.NewRegistry(), "lines", key, dovetail.AssignedKey())
	filled := dovetail.NewTable[numLine](dovetail.NewRegistry(), "lines", key, dovetail.Default("no", "5"), dovetail.Scope("order", squirrel.Eq{"order_id": 1}))

	const ddl = `CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (1);
CREATE TABLE posts (id INTEGER PRIMARY KEY); INSERT INTO posts VALUES (1);
CREATE TABLE lines (order_id BIGINT NOT NULL, no BIGINT NOT NULL DEFAULT 5, text TEXT NOT NULL, PRIMARY KEY (order_id, no));
CREATE TABLE marks (post_id BIGINT NOT NULL, tag_id BIGINT NOT NULL, pos BIGINT NOT NULL DEFAULT 6, text TEXT NOT NULL,
  PRIMARY KEY (post_id, tag_id, pos), UNIQUE (post_id, tag_id));`
	kit.OnEach(t, ddl, func(t *testing.T, d kit.Database) {
		ctx, db := t.Context(), d.Record()
		one := &order{ID: 1, Lines: []*numLine{{Text: "a"}}}
		mark := dovetail.Linked[order, numMark]{Row: one, Link: &numMark{Text: "a"}}
		_, linked := dovetail.LinkWith(ctx, db, postTags, &post{ID: 1}, mark)
		_, replaced := dovetail.ReplaceWith(ctx, db, postTags, &post{ID: 1}, mark)
		for name, err := range map[string]error{
			`"no"`: dovetail.Insert(lines, &numLine{OrderID: 1}).Exec(ctx, db), `Identity("no")`: dovetail.Insert(orders, one).With("lines").Exec(ctx, db),
			"AssignedKey": dovetail.Upsert(lines, &numLine{OrderID: 1}).OnConflict("order_id", "no").Exec(ctx, db),
			`"pos"`:       linked, `Identity("pos")`: replaced,
			`"pos" is`:      dovetail.Insert(posts, &post{Tags: []dovetail.Linked[order, numMark]{mark}}).WithLinks("tags").Exec(ctx, db),
			`"no" is`:       dovetail.Insert(seen, &numLine{}).Exec(ctx, db),
			`"order_id" is`: dovetail.Insert(dovetail.NewTable[numLine](dovetail.NewRegistry(), "lines", key), &numLine{No: 1}).Exec(ctx, db),
		} {
			kit.Refused(t, err, dovetail.ErrInvalidRow, name, "and zero")
		}
		db.Expect(t, 0, 0)

		kit.Insert(t, db, dovetail.Insert(assigned, &numLine{OrderID: 1, Text: "zero"}))
		left := &numLine{OrderID: 1, Text: "left"}
		kit.Insert(t, db, dovetail.Insert(lines, left).Omit("no")) // it is left to the database by hand
		kit.Equal(t, "read back", left.No, 5)
		d.Exec(t, "DELETE FROM lines WHERE no = 5")
		scoped := &numLine{Text: "left"}
		kit.Insert(t, db, dovetail.Insert(filled, scoped))
		kit.Equal(t, "filled", *scoped, numLine{1, 5, "left"})

		p := &post{ID: 2, Tags: []dovetail.Linked[order, numMark]{{Row: &order{ID: 1}, Link: &numMark{Text: "a"}}}}
		kit.Insert(t, db, dovetail.Insert(posts, p).WithLinks("tags").Omit("tags.link.pos"))
		kit.Equal(t, "read back of the link", p.Tags[0].Link.Pos, 6)
		kit.Equal(t, "written of the link", p.Tags[0].Link.Text, "a")
		err := dovetail.Insert(posts, p).WithLinks("tags").Omit("tags.link.po").Exec(ctx, db)
		kit.Refused(t, err, dovetail.ErrUnknownColumn, `did you mean "pos"?`)
	})
}

// TestANumberThatNobodyMakesIsNoRow inserts rows without a number where the database makes none. SQLite stores a NULL in a primary key
// that does not say NOT NULL.
func TestANumberThatNobodyMakesIsNoRow(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	type alone struct {
		ID   int64
		Text string
	}
	single := dovetail.NewTable[alone](r, "num_alone")
	several := dovetail.NewTable[numLine](r, "num_lines", dovetail.PrimaryKey("order_id", "no"), dovetail.Identity("no"))
	const ddl = `CREATE TABLE num_alone (id BIGINT PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE num_lines (order_id BIGINT, no BIGINT, text TEXT NOT NULL, PRIMARY KEY (order_id, no));`
	kit.OnEach(t, ddl, func(t *testing.T, d kit.Database) {
		ctx := t.Context()
		for name, err := range map[string]error{
			"one": dovetail.Insert(single, &alone{}).Exec(ctx, d.DB), "two": dovetail.Insert(single, &alone{}, &alone{}).Exec(ctx, d.DB),
			"one of several": dovetail.Insert(several, &numLine{OrderID: 1}).Exec(ctx, d.DB),
			"upserted":       dovetail.Upsert(several, &numLine{OrderID: 1}).OnConflict("order_id", "no").Set("text").Exec(ctx, d.DB),
		} {
			if err == nil {
				t.Errorf("%s: expected an error", name)
			}
		}
		for _, table := range []string{"num_alone", "num_lines"} {
			n := kit.Must[[]int64](t)(kit.SQL[int64](ctx, d.DB, "SELECT count(*) FROM "+table))
			kit.Equal(t, table, n[0], 0)
		}
	})
}
