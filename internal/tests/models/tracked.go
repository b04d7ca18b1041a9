package models

import (
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
