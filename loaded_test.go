package dovetail_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/dovetail-go/dovetail"
)

// Models of the readings' tables whose rows remember what was loaded: directly, within another embedded struct, and held
// by value.

type TrackedUser struct {
	dovetail.Loads
	ID      int64
	Name    string
	Profile *TrackedProfile
	Posts   []TrackedPost
	Edited  []*TrackedPost
}

type TrackedBase struct {
	ID int64
	dovetail.Loads
}

type TrackedProfile struct {
	Bio *string
	TrackedBase
	UserID int64
	User   *TrackedUser
}

type TrackedPost struct {
	TrackedBase
	AuthorID int64
	EditorID *int64
	Title    string
	Author   TrackedUser
	Editor   *TrackedUser
	Tags     []*TrackedTag
}

type TrackedTag struct {
	ID   int64
	Name string
	dovetail.Loads
	Posts []*TrackedPost
}

var (
	Tracking        = dovetail.NewRegistry()
	TrackedUsers    = dovetail.NewTable[TrackedUser](Tracking, "user")
	TrackedProfiles = dovetail.NewTable[TrackedProfile](Tracking, "profiles")
	TrackedPosts    = dovetail.NewTable[TrackedPost](Tracking, "posts")
	TrackedTags     = dovetail.NewTable[TrackedTag](Tracking, "tags")
	TrackedPostTags = dovetail.NewTable[PostTag](Tracking, "post_tags", dovetail.PrimaryKey("post_id", "tag_id"))

	_ = dovetail.HasOne(TrackedUsers, "profile", TrackedProfiles, dovetail.ForeignKey("user_id"), dovetail.Inverse("user"))
	_ = dovetail.HasMany(TrackedUsers, "posts", TrackedPosts, dovetail.ForeignKey("author_id"), dovetail.Inverse("author"))
	_ = dovetail.BelongsTo(TrackedPosts, "editor", TrackedUsers, dovetail.ForeignKey("editor_id"), dovetail.Inverse("edited"))
	_ = dovetail.ManyToMany(TrackedPosts, "tags", TrackedTags, TrackedPostTags,
		dovetail.ThroughKeys("post_id", "tag_id"), dovetail.Inverse("posts"))
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
	onEvery(t, readings(t), func(t *testing.T, d database) {
		ctx, db := t.Context(), d.record()
		posts := must[[]*TrackedPost](t)(dovetail.Select(TrackedPosts).OrderBy("id").All(ctx, db))
		expectLoaded(t, posts[0], ofPost)

		posts = must[[]*TrackedPost](t)(dovetail.Select(TrackedPosts).OrderBy("id").Preload("editor").Preload("tags").All(ctx, db))
		db.expect(t, 4, 3)
		for _, p := range posts {
			expectLoaded(t, p, ofPost, "editor", "tags")
			expectLoaded(t, *p, ofPost, "editor", "tags")
		}
		if posts[1].Editor != nil || posts[0].Editor == nil || len(posts[2].Tags) != 0 || len(posts[0].Tags) != 2 {
			t.Errorf("the second post has no editor, and the third no tag: %+v", posts)
		}
		expectLoaded(t, posts[0].Editor, ofUser)
		expectLoaded(t, posts[0].Tags[0], ofTag)

		users := must[[]*TrackedUser](t)(dovetail.Select(TrackedUsers).OrderBy("id").Preload("profile").Preload("posts").All(ctx, db))
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
	onEach(t, readings(t), func(t *testing.T, d database) {
		ctx, db := t.Context(), d.record()
		q := dovetail.Select(TrackedUsers).OrderBy("id").Preload("profile.user").Preload("posts.author").Preload("posts.tags.posts")
		users := must[[]*TrackedUser](t)(q.All(ctx, db))
		db.expect(t, 5, 4)
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
		posts := must[[]*TrackedPost](t)(dovetail.Select(TrackedPosts).Preload("author.profile").All(ctx, db))
		for _, p := range posts {
			expectLoaded(t, p, ofPost, "author")
			expectLoaded(t, p.Author, ofUser, "profile")
		}
	})
}

func TestLoadedRemembersEveryLoad(t *testing.T) {
	t.Parallel()
	onEach(t, readings(t), func(t *testing.T, d database) {
		ctx := t.Context()
		posts := must[[]*TrackedPost](t)(dovetail.Select(TrackedPosts).OrderBy("id").All(ctx, d.db))
		load := func(path string) error { return dovetail.Load(ctx, d.db, TrackedPosts, posts, path) }
		if err := errors.Join(load("editor"), load("author.profile"), load("editor")); err != nil {
			t.Fatal(err)
		}
		cancelled, cancel := context.WithCancel(ctx)
		cancel()
		if err := dovetail.Load(cancelled, d.db, TrackedPosts, posts, "tags"); !errors.Is(err, context.Canceled) {
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

		mine := &TrackedPost{TrackedBase: TrackedBase{ID: 1}, AuthorID: 1}
		expectLoaded(t, mine, ofPost)
		if err := dovetail.Load(ctx, d.db, TrackedPosts, []*TrackedPost{mine}, "tags"); err != nil {
			t.Fatal(err)
		}
		expectLoaded(t, mine, ofPost, "tags")
	})
}

func TestLoadsIsInvisible(t *testing.T) {
	t.Parallel()
	onEach(t, readings(t), func(t *testing.T, d database) {
		ctx := t.Context()
		tags := must[[]*TrackedTag](t)(dovetail.Select(TrackedTags).OrderBy("id").Preload("posts").All(ctx, d.db))
		tags[0].Posts = nil
		text, err := json.Marshal(tags[0])
		if want := `{"ID":1,"Name":"go","Posts":null}`; string(text) != want || err != nil {
			t.Errorf("expected %s, got %s, %v", want, text, err)
		}
		type name struct {
			dovetail.Loads
			Name string
		}
		names := must[[]name](t)(dovetail.Collect[name](ctx, d.db, dovetail.Select(TrackedTags).Columns("name").OrderBy("id")))
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
	onEach(t, tables, func(t *testing.T, d database) {
		one := must[*node](t)(dovetail.Select(first).Preload("up").One(t.Context(), d.db))
		expectLoaded(t, one, []string{"up", "down"}, "up")
		if err := dovetail.Load(t.Context(), d.db, second, []*node{one}, "down"); err != nil {
			t.Fatal(err)
		}
		expectLoaded(t, one, []string{"up", "down"}, "down") // as a row of the second table
	})
}

func TestLoadedOfRowsFromElsewhere(t *testing.T) {
	t.Parallel()
	for _, row := range []dovetail.Tracked{&TrackedPost{}, TrackedPost{}, (*TrackedPost)(nil), nil, struct{ dovetail.Loads }{}} {
		if loaded, err := dovetail.Loaded(row, "anything"); loaded || err != nil {
			t.Errorf("%T: expected nothing to be loaded, got %v, %v", row, loaded, err)
		}
	}
}

// loadsErrorCases are mistakes with Loads.
func loadsErrorCases() []errorCase {
	type pointed struct {
		*dovetail.Loads
		ID int64
	}
	type wide struct {
		dovetail.Loads
		ID                                                                        int64
		F0, F1, F2, F3, F4, F5, F6, F7, F8, F9, F10, F11, F12, F13, F14, F15, F16 *wide
		F17, F18, F19, F20, F21, F22, F23, F24, F25, F26, F27, F28, F29, F30, F31 *wide
		F32, F33, F34, F35, F36, F37, F38, F39, F40, F41, F42, F43, F44, F45, F46 *wide
		F47, F48, F49, F50, F51, F52, F53, F54, F55, F56, F57, F58, F59, F60, F61 *wide
		F62, F63, F64                                                             *wide
	}
	return []errorCase{
		{name: "loaded_misspelt", is: []error{dovetail.ErrUnknownRelation}, as: "relation",
			make: func(context.Context) error {
				db := &answerDB{answers: []answer{{columns: []string{"id", "name"}, rows: [][]any{{int64(1), "go"}}}}}
				tag, err := dovetail.Select(TrackedTags).First(context.Background(), db)
				if err != nil {
					return err
				}
				_, err = dovetail.Loaded(tag, "post")
				return err
			}},
		{name: "declare_loads_by_pointer", is: []error{dovetail.ErrInvalidRelation}, as: "relation",
			make: func(context.Context) error {
				r := dovetail.NewRegistry()
				dovetail.NewTable[pointed](r, "t")
				return r.Validate()
			}},
		{name: "declare_loads_of_65_relations", is: []error{dovetail.ErrInvalidRelation}, as: "relation",
			make: func(context.Context) error {
				r := dovetail.NewRegistry()
				table := dovetail.NewTable[wide](r, "t")
				for i := range 65 {
					dovetail.BelongsTo(table, fmt.Sprintf("r%d", i), table, dovetail.ForeignKey("id"), dovetail.Field(fmt.Sprintf("F%d", i)))
				}
				return r.Validate()
			}},
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
	onEach(t, `CREATE TABLE t (id BIGINT PRIMARY KEY); INSERT INTO t VALUES (1)`, func(t *testing.T, d database) {
		for _, i := range []int{0, 31, 32, 63} {
			row := must[*wide](t)(dovetail.Select(table).Preload(fmt.Sprintf("r%d", i)).One(t.Context(), d.db))
			for other := range 64 {
				loaded, err := dovetail.Loaded(row, fmt.Sprintf("r%d", other))
				if err != nil || loaded != (other == i) {
					t.Errorf("r%d loaded: r%d is %v, %v", i, other, loaded, err)
				}
			}
		}
	})
}
