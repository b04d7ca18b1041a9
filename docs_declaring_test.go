package dovetail_test

import (
	"time"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// everydayQuery is a query of any table, or what else has statements to show.
type everydayQuery interface {
	Explain(dialect.Dialect) (string, error)
}

// declared are the queries of docs/declaring.md, in its order, on tables of their own, whose declarations it shows too; the
// last are the statements that make tables. Types and tables are local, so that they have the names that a program would give
// them.
func declared() []everydayQuery {
	type Tag struct {
		ID   int64
		Name string
	}
	type PostTag struct{ PostID, TagID int64 }
	type Tagging struct {
		ItemType string
		ItemID   int64
		TagID    int64
	}
	type Comment struct {
		ID       int64
		ItemType string
		ItemID   int64
		Body     string
		Item     any
	}
	type Post struct {
		ID        int64
		UserID    int64
		Title     string
		Published bool
		CreatedAt time.Time
		DeletedAt *time.Time
		CoverID   *int64
		Tags      []*Tag
		Comments  []*Comment
	}
	type Photo struct {
		ID  int64
		URL string
	}
	type User struct {
		ID    int64
		Name  string
		Posts []*Post
		Tags  []*Tag

		Mentions []*Post
	}
	type Friendship struct{ User1, User2 int64 }
	type Invoice struct {
		ID       int64
		TenantID int64
		Total    int64
	}
	Schema := dovetail.NewRegistry()
	tenantOf := models.TenantOf
	Tags := dovetail.NewTable[Tag](Schema, "tags")
	PostTags := dovetail.NewTable[PostTag](Schema, "post_tags", dovetail.PrimaryKey("post_id", "tag_id"))
	Comments := dovetail.NewTable[Comment](Schema, "comments")
	Photos := dovetail.NewTable[Photo](Schema, "photos")
	Users := dovetail.NewTable[User](Schema, "users")
	Friendships := dovetail.NewTable[Friendship](Schema, "friendships", dovetail.PrimaryKey("user1", "user2"))

	var (
		Posts    = dovetail.NewTable[Post](Schema, "posts", dovetail.SoftDelete("deleted_at"))
		Invoices = dovetail.NewTable[Invoice](Schema, "invoices",
			dovetail.Scope("tenant", sq.Eq{"tenant_id": dovetail.FromContext(tenantOf)})) // func(context.Context) (any, error)

		UserPosts = dovetail.HasMany(Users, "posts", Posts, dovetail.ForeignKey("user_id"),
			dovetail.Where(sq.Eq{"published": true}), dovetail.OrderBy("created_at DESC"))
	)
	_ = UserPosts
	dovetail.ManyToMany(Posts, "tags", Tags, PostTags, dovetail.ThroughKeys("post_id", "tag_id"))

	dovetail.ManyToMany(Users, "friends", Users, Friendships, dovetail.ThroughKeys("user1", "user2"), dovetail.Symmetric())

	dovetail.HasManyThrough(Users, "tags", Tags, "posts.tags")

	dovetail.HasOne(Users, "latest", Posts, dovetail.ForeignKey("user_id"), dovetail.OrderBy("created_at DESC"))
	dovetail.HasOneThrough(Users, "latest_cover", Photos, "latest.cover")

	dovetail.HasMany(Users, "mentions", Posts, dovetail.On("self.title LIKE '%@' || outer.name || '%'"))

	dovetail.BelongsTo(Posts, "cover", Photos, dovetail.ForeignKey("cover_id"))
	dovetail.MorphMany(Posts, "comments", Comments,
		dovetail.MorphKey("item_type", "item_id"), dovetail.MorphValue("post"))
	dovetail.MorphTo(Comments, "item", dovetail.MorphKey("item_type", "item_id"),
		dovetail.MorphType("post", Posts), dovetail.MorphType("photo", Photos))

	Taggings := dovetail.NewTable[Tagging](Schema, "taggings", dovetail.PrimaryKey("item_type", "item_id", "tag_id"))
	dovetail.MorphToMany(Photos, "tags", Tags, Taggings, dovetail.MorphKey("item_type", "item_id"),
		dovetail.MorphValue("photo"), dovetail.ForeignKey("tag_id"), dovetail.Inverse("photos"))

	return []everydayQuery{
		dovetail.Select(Users).LeftJoin("posts").Columns("name", "posts.title"),
		dovetail.Select(Users).Preload("posts").UnscopedAt("posts", "deleted"),
		dovetail.Select(Invoices),
		dovetail.Select(Users).Columns("name").Has("friends", sq.Eq{"name": "ann"}),
		dovetail.Select(Users).Preload("tags"),
		dovetail.Select(Users).Columns("name").Has("latest", sq.Eq{"title": "Hello"}),
		dovetail.Select(Users).Columns("name").OrderBy("latest_cover.url"),
		dovetail.Select(Users).HasNone("mentions").Preload("mentions"),
		dovetail.Select(Posts).Preload("comments"),
		dovetail.Select(Comments).Preload("item"),
		dovetail.Select(Photos).Columns("url").Has("tags", sq.Eq{"name": "sea"}),
		everydayDDL{everydayTables()},
	}
}
