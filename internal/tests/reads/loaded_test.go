package reads_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// expectLoaded fails the test unless exactly these relations of the row are loaded.
func expectLoaded(t *testing.T, row dovetail.Tracked, of []string, loaded ...string) {
	t.Helper()
	var got []string
	for _, relation := range of {
		is, err := dovetail.Loaded(row, relation)
		if err != nil {
			t.Error(err)
		}
		if is {
			got = append(got, relation)
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(loaded) {
		t.Errorf("%T: expected %v to be loaded, got %v", row, loaded, got)
	}
}

var (
	ofUser    = []string{"profile", "posts", "edited"}
	ofPost    = []string{"author", "editor", "tags"}
	ofTag     = []string{"posts"}
	ofProfile = []string{"user"}
)

func TestLoadedTellsNoneFromNotLoaded(t *testing.T) {
	t.Parallel()
	kit.OnEvery(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		ctx, db := t.Context(), d.Record()
		posts := kit.Must[[]*models.TrackedPost](t)(dovetail.Select(models.TrackedPosts).OrderBy("id").All(ctx, db))
		expectLoaded(t, posts[0], ofPost)

		posts = kit.Must[[]*models.TrackedPost](t)(dovetail.Select(models.TrackedPosts).OrderBy("id").Preload("editor").Preload("tags").All(ctx, db))
		db.Expect(t, 4, 3)
		for _, p := range posts {
			expectLoaded(t, p, ofPost, "editor", "tags")
			expectLoaded(t, *p, ofPost, "editor", "tags")
		}
		if posts[1].Editor != nil || posts[0].Editor == nil || len(posts[2].Tags) != 0 || len(posts[0].Tags) != 2 {
			t.Errorf("the second post has no editor, and the third no tag: %+v", posts)
		}
		expectLoaded(t, posts[0].Editor, ofUser)
		expectLoaded(t, posts[0].Tags[0], ofTag)

		users := kit.Must[[]*models.TrackedUser](t)(dovetail.Select(models.TrackedUsers).OrderBy("id").Preload("profile").Preload("posts").All(ctx, db))
		if users[2].Profile != nil || len(users[2].Posts) != 0 {
			t.Errorf("the third user has a profile or posts: %+v", users[2])
		}
		for _, u := range users {
			expectLoaded(t, u, ofUser, "profile", "posts")
		}
		expectLoaded(t, users[0].Profile, ofProfile)
		expectLoaded(t, users[0].Posts[0], ofPost)
	})
}

// A post holds its author by value, and a user the posts: what is loaded onto copies is remembered by those.
func TestLoadedAlongPathsAndOwners(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		ctx, db := t.Context(), d.Record()
		q := dovetail.Select(models.TrackedUsers).OrderBy("id").Preload("profile.user").Preload("posts.author").Preload("posts.tags.posts")
		users := kit.Must[[]*models.TrackedUser](t)(q.All(ctx, db))
		db.Expect(t, 5, 4)
		ann := users[0]
		expectLoaded(t, ann, ofUser, "profile", "posts")
		expectLoaded(t, ann.Profile, ofProfile, "user")
		if ann.Profile.User != ann {
			t.Error("the profile's user is another")
		}
		for i := range ann.Posts {
			post := &ann.Posts[i]
			expectLoaded(t, post, ofPost, "author", "tags")
			expectLoaded(t, post.Author, ofUser, "profile", "posts")
			expectLoaded(t, post.Tags[0], ofTag, "posts")
			expectLoaded(t, post.Tags[0].Posts[0], ofPost)
		}
		posts := kit.Must[[]*models.TrackedPost](t)(dovetail.Select(models.TrackedPosts).Preload("author.profile").All(ctx, db))
		for _, p := range posts {
			expectLoaded(t, p, ofPost, "author")
			expectLoaded(t, p.Author, ofUser, "profile")
		}
	})
}

func TestLoadedRemembersEveryLoad(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		ctx := t.Context()
		posts := kit.Must[[]*models.TrackedPost](t)(dovetail.Select(models.TrackedPosts).OrderBy("id").All(ctx, d.DB))
		load := func(path string) error { return dovetail.Load(ctx, d.DB, models.TrackedPosts, posts, path) }
		if err := errors.Join(load("editor"), load("author.profile"), load("editor")); err != nil {
			t.Fatal(err)
		}
		cancelled, cancel := context.WithCancel(ctx)
		cancel()
		if err := dovetail.Load(cancelled, d.DB, models.TrackedPosts, posts, "tags"); !errors.Is(err, context.Canceled) {
			t.Fatalf("expected a cancelled context, got %v", err)
		}
		before := *posts[1]
		expectLoaded(t, posts[1], ofPost, "author", "editor")
		expectLoaded(t, posts[1].Author, ofUser, "profile")
		if err := load("tags"); err != nil {
			t.Fatal(err)
		}
		expectLoaded(t, posts[1], ofPost, "author", "editor", "tags")
		expectLoaded(t, before, ofPost, "author", "editor") // a copy

		mine := &models.TrackedPost{TrackedBase: models.TrackedBase{ID: 1}, AuthorID: 1}
		expectLoaded(t, mine, ofPost)
		if err := dovetail.Load(ctx, d.DB, models.TrackedPosts, []*models.TrackedPost{mine}, "tags"); err != nil {
			t.Fatal(err)
		}
		expectLoaded(t, mine, ofPost, "tags")
	})
}

func TestLoadsIsInvisible(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, kit.ReadingsDDL(t), func(t *testing.T, d kit.Database) {
		ctx := t.Context()
		tags := kit.Must[[]*models.TrackedTag](t)(dovetail.Select(models.TrackedTags).OrderBy("id").Preload("posts").All(ctx, d.DB))
		tags[0].Posts = nil
		text, err := json.Marshal(tags[0])
		if want := `{"ID":1,"Name":"go","Posts":null}`; string(text) != want || err != nil {
			t.Errorf("expected %s, got %s, %v", want, text, err)
		}
		type name struct {
			dovetail.Loads
			Name string
		}
		names := kit.Must[[]name](t)(dovetail.Collect[name](ctx, d.DB, dovetail.Select(models.TrackedTags).Columns("name").OrderBy("id")))
		if len(names) != 3 || names[0] != (name{Name: "go"}) {
			t.Errorf("expected 3 names, got %v", names)
		}
	})
}

// One struct serves two tables, of which each has relations of its own.
func TestLoadedOfOneStructForTwoTables(t *testing.T) {
	t.Parallel()
	type node struct {
		dovetail.Loads
		ID       int64
		ParentID *int64
		Up       *node
		Down     []*node
	}
	r := dovetail.NewRegistry()
	first, second := dovetail.NewTable[node](r, "first"), dovetail.NewTable[node](r, "second")
	dovetail.BelongsTo(first, "up", first, dovetail.ForeignKey("parent_id"))
	dovetail.HasMany(second, "down", second, dovetail.ForeignKey("parent_id"), dovetail.Inverse("up"))
	const tables = `CREATE TABLE first (id BIGINT PRIMARY KEY, parent_id BIGINT, down TEXT);
		CREATE TABLE second (id BIGINT PRIMARY KEY, parent_id BIGINT);
		INSERT INTO first VALUES (1, NULL, NULL); INSERT INTO second VALUES (1, NULL)`
	dovetail.HasMany(first, "down", first, dovetail.ForeignKey("parent_id"))
	kit.OnEach(t, tables, func(t *testing.T, d kit.Database) {
		one := kit.Must[*node](t)(dovetail.Select(first).Preload("up").One(t.Context(), d.DB))
		expectLoaded(t, one, []string{"up", "down"}, "up")
		if err := dovetail.Load(t.Context(), d.DB, second, []*node{one}, "down"); err != nil {
			t.Fatal(err)
		}
		expectLoaded(t, one, []string{"up", "down"}, "down") // as a row of the second table
	})
}

func TestLoadedOfRowsFromElsewhere(t *testing.T) {
	t.Parallel()
	for _, row := range []dovetail.Tracked{&models.TrackedPost{}, models.TrackedPost{}, (*models.TrackedPost)(nil), nil, struct{ dovetail.Loads }{}} {
		if loaded, err := dovetail.Loaded(row, "anything"); loaded || err != nil {
			t.Errorf("%T: expected nothing to be loaded, got %v, %v", row, loaded, err)
		}
	}
}

// The 64th relation has a bit as every other.
func TestLoadedOf64Relations(t *testing.T) {
	t.Parallel()
	type wide struct {
		dovetail.Loads
		ID                                                                        int64
		F0, F1, F2, F3, F4, F5, F6, F7, F8, F9, F10, F11, F12, F13, F14, F15      *wide
		F16, F17, F18, F19, F20, F21, F22, F23, F24, F25, F26, F27, F28, F29, F30 *wide
		F31, F32, F33, F34, F35, F36, F37, F38, F39, F40, F41, F42, F43, F44, F45 *wide
		F46, F47, F48, F49, F50, F51, F52, F53, F54, F55, F56, F57, F58, F59, F60 *wide
		F61, F62, F63                                                             *wide
	}
	r := dovetail.NewRegistry()
	table := dovetail.NewTable[wide](r, "t")
	for i := range 64 {
		dovetail.BelongsTo(table, fmt.Sprintf("r%d", i), table, dovetail.ForeignKey("id"), dovetail.Field(fmt.Sprintf("F%d", i)))
	}
	kit.OnEach(t, `CREATE TABLE t (id BIGINT PRIMARY KEY); INSERT INTO t VALUES (1)`, func(t *testing.T, d kit.Database) {
		for _, i := range []int{0, 31, 32, 63} {
			row := kit.Must[*wide](t)(dovetail.Select(table).Preload(fmt.Sprintf("r%d", i)).One(t.Context(), d.DB))
			for other := range 64 {
				loaded, err := dovetail.Loaded(row, fmt.Sprintf("r%d", other))
				if err != nil || loaded != (other == i) {
					t.Errorf("r%d loaded: r%d is %v, %v", i, other, loaded, err)
				}
			}
		}
	})
}
