package writes_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// Tables that are sharded by tenant: every key begins with the tenant's, and every tenant's rows lie in partitions of their own. A
// statement that does not say of each table whose rows it is about goes to all of them.

type shBoard struct {
	TenantID, ID int64
	UpID         *int64
	PinnedID     *int64
	Name         string
	Version      int64
	DeletedAt    *time.Time
	N            int64  `db:"n,computed"`
	N2           *int64 `db:"n2,computed"`
	N3           int64  `db:"n3,computed"`
	Up           *shBoard
	Below        []*shBoard
	Posts        []*shPost
	Pinned       *shPost
	Words        []*shNote
	Younger      []*shPost
	First        *shPost
	Namesakes    []*shPost
}

type shPost struct {
	TenantID, ID int64
	BoardID      int64
	Title        string
	DeletedAt    *time.Time
	Board        *shBoard
	Notes        []*shNote
	Cover        *shCover
	Tags         []dovetail.Linked[shTag, shPostTag]
	Locks        []*shLock
}

type shNote struct {
	TenantID, ID int64
	PostID       *int64
	Text         string
	DeletedAt    *time.Time
	Post         *shPost
}

type shCover struct {
	TenantID, ID int64
	PostID       int64
	URL          string
}

type shTag struct {
	TenantID, ID int64
	Name         string
}

type shPostTag struct {
	TenantID, PostID, TagID int64
	Pos                     int64
}

type shLock struct {
	TenantID, ID int64
	PostID       int64
}

type shards struct {
	boards   *dovetail.Table[shBoard]
	posts    *dovetail.Table[shPost]
	notes    *dovetail.Table[shNote]
	covers   *dovetail.Table[shCover]
	tags     *dovetail.Table[shTag]
	below    *dovetail.ToMany[*shBoard, *shBoard]
	up       *dovetail.ToOne[*shBoard, *shBoard]
	postsOf  *dovetail.ToMany[*shBoard, *shPost]
	notesOf  *dovetail.ToMany[*shPost, *shNote]
	coversOf *dovetail.ToOne[*shPost, *shCover]
	tagsOf   *dovetail.ToMany[*shPost, *shTag]
	notePost *dovetail.ToOne[*shNote, *shPost]
}

// newShards declares the tables. Of those that are marked a delete marks rows of boards, posts and notes; of those that are cyclic a
// board goes with the post that is pinned to it.
func newShards(marked, cyclic bool) shards {
	r := dovetail.NewRegistry()
	options := func(softly bool) []dovetail.TableOption {
		list := []dovetail.TableOption{dovetail.PrimaryKey("tenant_id", "id"),
			dovetail.Scope("tenant", squirrel.Eq{"tenant_id": dovetail.FromContext(models.TenantOf)})}
		if softly && marked {
			list = append(list, dovetail.SoftDelete("deleted_at"))
		}
		return list
	}
	var s shards
	s.boards = dovetail.NewTable[shBoard](r, "sh_boards", append(options(true), dovetail.Version("version"))...)
	s.posts = dovetail.NewTable[shPost](r, "sh_posts", append(options(true), dovetail.Identity("id"))...)
	s.notes = dovetail.NewTable[shNote](r, "sh_notes", options(true)...)
	s.covers = dovetail.NewTable[shCover](r, "sh_covers", options(false)...)
	s.tags = dovetail.NewTable[shTag](r, "sh_tags", options(false)...)
	links := dovetail.NewTable[shPostTag](r, "sh_post_tags", append(options(false), dovetail.PrimaryKey("tenant_id", "post_id", "tag_id"),
		dovetail.Unique("tenant_id", "post_id", "pos"))...)
	locks := dovetail.NewTable[shLock](r, "sh_locks", options(false)...)
	cascade := dovetail.OnDelete(dovetail.Cascade)
	key := func(column string) dovetail.RelationOption { return dovetail.ForeignKey("tenant_id", column) }
	s.below = dovetail.HasMany(s.boards, "below", s.boards, key("up_id"), cascade)
	s.up = dovetail.BelongsTo(s.boards, "up", s.boards, key("up_id"))
	s.postsOf = dovetail.HasMany(s.boards, "posts", s.posts, key("board_id"), cascade, dovetail.Inverse("board"))
	if cyclic {
		dovetail.BelongsTo(s.boards, "pinned", s.posts, key("pinned_id"), cascade)
	} else {
		dovetail.BelongsTo(s.boards, "pinned", s.posts, key("pinned_id"), dovetail.OnDelete(dovetail.NoAction))
	}
	s.notesOf = dovetail.HasMany(s.posts, "notes", s.notes, key("post_id"), cascade)
	s.notePost = dovetail.BelongsTo(s.notes, "post", s.posts, key("post_id"))
	s.coversOf = dovetail.HasOne(s.posts, "cover", s.covers, key("post_id"), cascade, dovetail.DeleteOrphans())
	s.tagsOf = dovetail.ManyToMany(s.posts, "tags", s.tags, links, cascade,
		dovetail.ThroughKeys([]string{"tenant_id", "post_id"}, []string{"tenant_id", "tag_id"}))
	dovetail.HasMany(s.posts, "locks", locks, key("post_id"))
	dovetail.HasManyThrough(s.boards, "words", s.notes, "posts.notes")
	dovetail.HasMany(s.boards, "younger", s.posts, dovetail.On("self.id > outer.id"))
	dovetail.HasOne(s.boards, "first", s.posts, key("board_id"), dovetail.OrderBy("title"))
	dovetail.HasMany(s.boards, "namesakes", s.posts, key("board_id"), dovetail.Where("self.title <> outer.name"))
	return s
}

// shDDL has the same rows of the tenants 1 and 2.
func shDDL() string {
	var b strings.Builder
	for _, t := range []struct{ name, columns, key string }{
		{"sh_boards", "id BIGINT, up_id BIGINT, pinned_id BIGINT, name TEXT NOT NULL, version BIGINT NOT NULL, deleted_at TIMESTAMPTZ", "id"},
		{"sh_posts", "id BIGINT GENERATED BY DEFAULT AS IDENTITY (START WITH 100), board_id BIGINT NOT NULL, title TEXT NOT NULL, deleted_at TIMESTAMPTZ", "id"},
		{"sh_notes", "id BIGINT, post_id BIGINT, text TEXT NOT NULL, deleted_at TIMESTAMPTZ", "id"},
		{"sh_covers", "id BIGINT, post_id BIGINT NOT NULL, url TEXT NOT NULL", "id"},
		{"sh_tags", "id BIGINT, name TEXT NOT NULL", "id"},
		{"sh_post_tags", "post_id BIGINT, tag_id BIGINT, pos BIGINT NOT NULL DEFAULT 0", "post_id, tag_id"},
		{"sh_locks", "id BIGINT, post_id BIGINT NOT NULL", "id"},
	} {
		fmt.Fprintf(&b, "CREATE TABLE %s (tenant_id BIGINT, %s, PRIMARY KEY (tenant_id, %s)) PARTITION BY LIST (tenant_id);\n", t.name, t.columns, t.key)
		for tenant := range 3 {
			fmt.Fprintf(&b, "CREATE TABLE %s_of_%d PARTITION OF %s FOR VALUES IN (%d);\n", t.name, tenant, t.name, tenant)
		}
	}
	for _, rows := range []string{
		"sh_boards VALUES (%d, 1, NULL, NULL, 'root', 1), (%[1]d, 2, 1, NULL, 'mid', 1), (%[1]d, 3, 2, NULL, 'leaf', 1)",
		"sh_posts VALUES (%d, 1, 1, 'one'), (%[1]d, 2, 2, 'two'), (%[1]d, 3, 3, 'three')",
		"sh_notes VALUES (%d, 1, 1, 'a'), (%[1]d, 2, 1, 'b'), (%[1]d, 3, 2, 'c'), (%[1]d, 4, NULL, 'd')",
		"sh_covers VALUES (%d, 1, 1, 'u'), (%[1]d, 2, 2, 'v')", "sh_tags VALUES (%d, 1, 'x'), (%[1]d, 2, 'y'), (%[1]d, 3, 'z')",
		"sh_post_tags VALUES (%d, 1, 1, 1), (%[1]d, 1, 2, 2), (%[1]d, 2, 1, 1)",
	} {
		for tenant := 1; tenant < 3; tenant++ {
			fmt.Fprintf(&b, "INSERT INTO "+rows+";\n", tenant)
		}
	}
	return b.String()
}

// planned notes each statement whose plan reads rows of another tenant than the first, and each that sets the tenant of a row.
type planned struct {
	dovetail.DB
	said *[]string
}

// setsTenant is what no UPDATE says: a row keeps its key.
var setsTenant = regexp.MustCompile(`(?s)SET ([^()]*, )?"tenant_id" =`)

func (p planned) InTx(ctx context.Context, opts dialect.TxOptions, do func(dialect.DB) error) error {
	return p.DB.InTx(ctx, opts, func(tx dialect.DB) error { return do(planned{tx, p.said}) })
}

func (p planned) Run(ctx context.Context, stmts []dialect.Statement, each func(int, dialect.Rows) error) error {
	for _, s := range stmts {
		if s.Op == "look up key types" || strings.HasPrefix(s.SQL, "DROP") {
			continue
		}
		plan := ""
		explain := dialect.Statement{SQL: "EXPLAIN (COSTS OFF) " + s.SQL, Args: s.Args}
		err := p.DB.Run(ctx, []dialect.Statement{explain}, func(_ int, rows dialect.Rows) error {
			for rows.Next() {
				var line string
				if err := rows.Scan(&line); err != nil {
					return err
				}
				plan += line + "\n"
			}
			return rows.Err()
		})
		if err != nil {
			return fmt.Errorf("%s: %w", s.SQL, err)
		}
		if strings.Contains(plan, "_of_2") || strings.Contains(plan, "_of_0") || setsTenant.MatchString(s.SQL) {
			*p.said = append(*p.said, s.SQL+"\n"+plan)
		}
	}
	return p.DB.Run(ctx, stmts, each)
}

// shCall is a call as a tenant.
type shCall struct {
	name string
	do   func(ctx context.Context, db dovetail.DB) error
}

// of makes a call of a function that also returns something.
func shGives[V any](name string, do func(ctx context.Context, db dovetail.DB) (V, error)) shCall {
	return shCall{name, func(ctx context.Context, db dovetail.DB) error {
		_, err := do(ctx, db)
		return err
	}}
}

// TestEveryStatementNamesTheTenant makes every kind of call as one tenant and asks the database which partitions each statement reads.
func TestEveryStatementNamesTheTenant(t *testing.T) {
	t.Parallel()
	d := kit.PostgresPool(t, shDDL()+shMoreDDL)
	for _, marked := range []bool{false, true} {
		for _, cyclic := range []bool{false, true} {
			s := newShards(marked, cyclic)
			for _, call := range slices.Concat(s.reads(), s.writes(), s.links(), s.deletes(), s.whole(marked)) {
				t.Run(fmt.Sprintf("marked %t/cyclic %t/%s", marked, cyclic, call.name), func(t *testing.T) { call.ofOneTenant(t, d) })
			}
		}
	}
	for _, call := range shMore() {
		t.Run(call.name, func(t *testing.T) { call.ofOneTenant(t, d) })
	}
}

// ofOneTenant makes the call as a tenant, and undoes it.
func (c shCall) ofOneTenant(t *testing.T, d kit.Database) {
	t.Helper()
	var said []string
	undo := errors.New("undone")
	err := d.DB.InTx(sAs(t, 1), dialect.TxOptions{}, func(tx dialect.DB) error {
		if err := c.do(sAs(t, 1), planned{tx, &said}); err != nil {
			return err
		}
		return undo
	})
	if !errors.Is(err, undo) {
		t.Error(err)
	}
	for _, s := range said {
		t.Errorf("not of one tenant alone:\n%s", s)
	}
}

func (s shards) reads() []shCall {
	all := func(name string, q dovetail.Query[*shBoard]) shCall {
		return shGives(name, func(ctx context.Context, db dovetail.DB) ([]*shBoard, error) { return q.All(ctx, db) })
	}
	boards := dovetail.Select(s.boards)
	board := func() []*shBoard {
		return []*shBoard{{TenantID: 1, ID: 1, Version: 1}, {TenantID: 1, ID: 2, Version: 1}}
	}
	return []shCall{
		all("all", boards),
		all("preloads", boards.Preload("posts.notes.post").Preload("posts.cover").Preload("posts.tags").Preload("posts.board.up").Preload("pinned")),
		all("preloads of few", boards.Preload("posts", dovetail.Select(s.posts).OrderBy("title").Limit(1)).Preload("posts.tags",
			dovetail.Select(s.tags).OrderBy("name").Limit(1))),
		all("fetches", boards.Fetch("up").Fetch("pinned.cover").Fetch("posts.notes").Fetch("posts.tags")),
		all("joins", boards.Join("posts.tags").LeftJoin("below").Where(squirrel.Eq{"up.name": "root"}).Distinct()),
		all("has", boards.Has("posts.tags", squirrel.Eq{"name": "x"}).HasNone("posts.notes").HasEvery("below", squirrel.Eq{"name": "x"}).HasAtLeast(1, "posts")),
		all("matching", boards.Where(dovetail.Matching(dovetail.Select(s.boards).Has("posts.cover")))),
		all("aggregates", boards.With(dovetail.Count("posts").As("n"), dovetail.Max("posts.notes.id").As("n2"), dovetail.Count("posts.tags").As("n3"))),
		all("by a condition", boards.Preload("younger").Has("younger")), all("one of many", boards.Preload("first").Join("first")),
		all("beside the owner", boards.Preload("namesakes").Preload("younger", dovetail.Select(s.posts).Limit(1))),
		all("through", boards.Preload("words").Has("words", squirrel.Eq{"text": "a"}).With(dovetail.Count("words").As("n"))),
		all("through, fetched", boards.Fetch("words")),
		all("a page, locked", boards.OrderBy("name").Limit(2).ForUpdate()),
		all("distinct, limited", boards.Join("posts.tags").Distinct().OrderBy("name").Limit(2).Preload("posts")),
		all("a tree", boards.Where("up_id IS NULL").PreloadTree("below", 0)),
		all("a tree of a depth", boards.Where("up_id IS NULL").PreloadTree("below", 2).Preload("below.posts")),
		all("a tree upwards", boards.Where("up_id = 2").PreloadTree("up", 0)),
		shGives("get", func(ctx context.Context, db dovetail.DB) (*shBoard, error) { return boards.Get(ctx, db, 1, 2) }),
		shGives("count", func(ctx context.Context, db dovetail.DB) (int64, error) { return boards.Has("posts").Count(ctx, db) }),
		shGives("exists", func(ctx context.Context, db dovetail.DB) (bool, error) { return boards.Has("below").Exists(ctx, db) }),
		{"each", func(ctx context.Context, db dovetail.DB) error {
			for _, err := range boards.Preload("posts.tags").Each(ctx, db) {
				if err != nil {
					return err
				}
			}
			return nil
		}},
		{"load", func(ctx context.Context, db dovetail.DB) error {
			return dovetail.Load(ctx, db, s.boards, board(), "posts.tags")
		}},
		{"load a tree", func(ctx context.Context, db dovetail.DB) error {
			return dovetail.LoadTree(ctx, db, s.boards, board(), "below", 0)
		}},
		{"refresh", func(ctx context.Context, db dovetail.DB) error {
			return dovetail.Refresh(ctx, db, s.boards, board()...)
		}},
	}
}

func (s shards) writes() []shCall {
	return []shCall{
		{"insert", func(ctx context.Context, db dovetail.DB) error {
			b := &shBoard{ID: 7, Posts: []*shPost{{Title: "p", Notes: []*shNote{{ID: 8}}, Tags: []dovetail.Linked[shTag, shPostTag]{{Row: &shTag{ID: 9}}}}}}
			b.Up = &shBoard{TenantID: 1, ID: 1}
			return dovetail.Insert(s.boards, b).With("posts.notes", "posts.tags").Exec(ctx, db)
		}},
		{"insert a circle", func(ctx context.Context, db dovetail.DB) error {
			b := &shBoard{ID: 70}
			b.Up = b
			return dovetail.Insert(s.boards, b).With("up").Exec(ctx, db)
		}},
		{"insert links", func(ctx context.Context, db dovetail.DB) error {
			p := &shPost{BoardID: 1, Tags: []dovetail.Linked[shTag, shPostTag]{{Row: &shTag{TenantID: 1, ID: 1}}}}
			return dovetail.Insert(s.posts, p).WithLinks("tags").Exec(ctx, db)
		}},
		shGives("update", func(ctx context.Context, db dovetail.DB) (int64, error) {
			return dovetail.Update(s.boards).Set("name", "new").Where(squirrel.Eq{"up.name": "root"}).Where(squirrel.Eq{"id": []int64{1, 2}}).Exec(ctx, db)
		}),
		shGives("update returning", func(ctx context.Context, db dovetail.DB) ([]*shPost, error) {
			return dovetail.Update(s.posts).Set("title", "new").Where(squirrel.Eq{"board.name": "root"}).Returning(ctx, db)
		}),
		{"save", func(ctx context.Context, db dovetail.DB) error {
			return dovetail.Save(ctx, db, s.boards, &shBoard{TenantID: 1, ID: 1, Version: 1, Name: "new"}, "name", "up_id")
		}},
		{"save all", func(ctx context.Context, db dovetail.DB) error {
			rows := []*shBoard{{TenantID: 1, ID: 1, Version: 1, Name: "new"}, {TenantID: 1, ID: 2, Version: 1, Name: "newer"}}
			return dovetail.SaveAll(ctx, db, s.boards, rows, "name", "up_id")
		}},
		{"upsert", func(ctx context.Context, db dovetail.DB) error {
			return dovetail.Upsert(s.notes, &shNote{ID: 1, Text: "n"}, &shNote{ID: 9}).OnConflict("tenant_id", "id").Set("text").Exec(ctx, db)
		}},
		{"upsert without Set", func(ctx context.Context, db dovetail.DB) error {
			return dovetail.Upsert(s.notes, &shNote{ID: 1, Text: "n"}, &shNote{ID: 9}).OnConflict("tenant_id", "id").Exec(ctx, db)
		}},
	}
}

func (s shards) links() []shCall {
	post, note := &shPost{TenantID: 1, ID: 1}, func(id int64) *shNote { return &shNote{TenantID: 1, ID: id} }
	tag := func(id int64) *shTag { return &shTag{TenantID: 1, ID: id} }
	at := func(id, pos int64) dovetail.Linked[shTag, shPostTag] {
		return dovetail.Linked[shTag, shPostTag]{Row: tag(id), Link: &shPostTag{Pos: pos}}
	}
	n := func(name string, do func(ctx context.Context, db dovetail.DB) (int64, error)) shCall {
		return shGives(name, do)
	}
	type DB = dovetail.DB
	return []shCall{
		n("link", func(ctx context.Context, db DB) (int64, error) { return s.tagsOf.Link(ctx, db, post, tag(3), tag(1)) }),
		n("link with", func(ctx context.Context, db DB) (int64, error) {
			return dovetail.LinkWith(ctx, db, s.tagsOf, post, at(3, 7), at(1, 8))
		}),
		n("unlink", func(ctx context.Context, db DB) (int64, error) { return s.tagsOf.Unlink(ctx, db, post, tag(2), tag(1)) }),
		n("unlink all", func(ctx context.Context, db DB) (int64, error) { return s.tagsOf.UnlinkAll(ctx, db, post) }),
		shGives("replace", func(ctx context.Context, db DB) (dovetail.Diff[*shTag], error) {
			return s.tagsOf.Replace(ctx, db, post, tag(3))
		}),
		shGives("replace with", func(ctx context.Context, db DB) (dovetail.Diff[*shTag], error) {
			return dovetail.ReplaceWith(ctx, db, s.tagsOf, post, at(2, 1), at(1, 2), at(3, 3))
		}),
		n("link rows", func(ctx context.Context, db DB) (int64, error) {
			return s.notesOf.Link(ctx, db, post, note(4), note(1))
		}),
		n("move", func(ctx context.Context, db DB) (int64, error) {
			return s.notesOf.Move(ctx, db, post, note(4), note(3))
		}),
		n("unlink rows", func(ctx context.Context, db DB) (int64, error) {
			return s.notesOf.Unlink(ctx, db, post, note(1), note(2))
		}),
		n("unlink all rows", func(ctx context.Context, db DB) (int64, error) { return s.notesOf.UnlinkAll(ctx, db, post) }),
		shGives("replace rows", func(ctx context.Context, db DB) (dovetail.Diff[*shNote], error) {
			return s.notesOf.Replace(ctx, db, post, note(1), note(4))
		}),
		shGives("replace an orphan", func(ctx context.Context, db DB) (dovetail.Diff[*shCover], error) {
			return s.coversOf.Replace(ctx, db, post, nil)
		}),
		shGives("replace what is pointed at", func(ctx context.Context, db DB) (dovetail.Diff[*shPost], error) {
			return s.notePost.Replace(ctx, db, note(1), &shPost{TenantID: 1, ID: 2})
		}),
		shGives("replace nothing", func(ctx context.Context, db DB) (dovetail.Diff[*shBoard], error) {
			return s.up.Replace(ctx, db, &shBoard{TenantID: 1, ID: 2}, nil)
		}),
		n("move below", func(ctx context.Context, db DB) (int64, error) {
			return s.below.Move(ctx, db, &shBoard{TenantID: 1, ID: 1}, &shBoard{TenantID: 1, ID: 3})
		}),
	}
}

func (s shards) deletes() []shCall {
	type DB = dovetail.DB
	all := func(name string, q dovetail.Removal[*shBoard]) []shCall {
		return []shCall{shGives(name, func(ctx context.Context, db DB) (int64, error) { return q.Exec(ctx, db) }),
			shGives("impact of "+name, func(ctx context.Context, db DB) ([]dovetail.Effect, error) { return q.Impact(ctx, db) }),
			shGives(name+", for good", func(ctx context.Context, db DB) (int64, error) { return q.Hard().Exec(ctx, db) })}
	}
	boards := dovetail.Delete(s.boards)
	return slices.Concat(
		all("delete by key", boards.Where(squirrel.Eq{"id": 2})), all("delete by what goes", boards.Where("EXISTS (SELECT 1 FROM sh_posts AS x WHERE x.tenant_id = 1)")),
		all("delete by rows that go", boards.Where(squirrel.Eq{"up.name": "root"})), all("delete all", boards.All()), []shCall{
			{"delete rows", func(ctx context.Context, db DB) error {
				return dovetail.DeleteRows(ctx, db, s.boards, &shBoard{TenantID: 1, ID: 2, Version: 1}, &shBoard{TenantID: 1, ID: 3, Version: 1})
			}},
			{"delete rows that others point at", func(ctx context.Context, db DB) error {
				return dovetail.DeleteRows(ctx, db, s.posts, &shPost{TenantID: 1, ID: 1}, &shPost{TenantID: 1, ID: 2})
			}},
			{"delete a row that nothing points at", func(ctx context.Context, db DB) error {
				return dovetail.DeleteRows(ctx, db, s.covers, &shCover{TenantID: 1, ID: 1})
			}},
			shGives("delete what is linked", func(ctx context.Context, db DB) (int64, error) {
				return dovetail.Delete(s.tags).Where(squirrel.Eq{"name": "x"}).Exec(ctx, db)
			}),
		})
}
