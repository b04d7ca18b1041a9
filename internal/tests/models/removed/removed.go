package removed

import (
	"time"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

// The tables of writes with policies for deletes, and tables whose rows are only marked as deleted.

type Post struct {
	ID        int64
	Title     string
	DeletedAt *time.Time
	Lock      int64
	Comments  []*Comment
	Stars     []*Star
}

type Comment struct {
	ID      int64
	PostID  int64
	Body    string
	Deleted bool
	Post    *Post
}

type Star struct {
	ID     int64
	PostID int64
}

var (
	Schema       = dovetail.NewRegistry()
	Accounts     = dovetail.NewTable[written.Account](Schema, "accounts")
	Activities   = dovetail.NewTable[written.Activity](Schema, "activity", dovetail.Generated("doubled", "amount * 2"))
	Tags         = dovetail.NewTable[written.Tag](Schema, "tags")
	ActivityTags = dovetail.NewTable[written.ActivityTag](Schema, "activity_tags", dovetail.PrimaryKey("activity_id", "tag_id"))
	Students     = dovetail.NewTable[written.Student](Schema, "students")
	Courses      = dovetail.NewTable[written.Course](Schema, "courses")
	Enrollments  = dovetail.NewTable[written.Enrollment](Schema, "enrollments", dovetail.PrimaryKey("student_id", "course_id"))
	Passes       = dovetail.NewTable[written.Pass](Schema, "passes")
	Employees    = dovetail.NewTable[written.Employee](Schema, "employees")
	Teams        = dovetail.NewTable[written.Team](Schema, "teams")
	Orders       = dovetail.NewTable[written.Order](Schema, "orders", dovetail.PrimaryKey("region", "number"))
	Lines        = dovetail.NewTable[written.Line](Schema, "lines", dovetail.PrimaryKey("region", "number", "no"))
	Notes        = dovetail.NewTable[written.Note](Schema, "notes")
	Posts        = dovetail.NewTable[Post](Schema, "posts", dovetail.SoftDelete("deleted_at"), dovetail.Version("lock"))
	Comments     = dovetail.NewTable[Comment](Schema, "comments", dovetail.SoftDelete("deleted"))
	Stars        = dovetail.NewTable[Star](Schema, "stars")

	_ = dovetail.HasMany(Accounts, "activities", Activities, dovetail.ForeignKey("account_id"), dovetail.Inverse("account"),
		dovetail.OnDelete(dovetail.Cascade))
	_ = dovetail.ManyToMany(Activities, "tags", Tags, ActivityTags, dovetail.ThroughKeys("activity_id", "tag_id"),
		dovetail.Inverse("activities"))
	_ = dovetail.MorphMany(Activities, "notes", Notes, dovetail.MorphKey("item_type", "item_id"), dovetail.MorphValue("activity"),
		dovetail.OnDelete(dovetail.Cascade))
	_ = dovetail.ManyToMany(Students, "courses", Courses, Enrollments, dovetail.ThroughKeys("student_id", "course_id"),
		dovetail.Inverse("students"), dovetail.OnDelete(dovetail.Cascade))
	_ = dovetail.HasOne(Students, "pass", Passes, dovetail.ForeignKey("student_id"), dovetail.Inverse("holder"),
		dovetail.OnDelete(dovetail.SetNull))
	_ = dovetail.HasMany(Employees, "reports", Employees, dovetail.ForeignKey("boss_id"), dovetail.Inverse("boss"),
		dovetail.OnDelete(dovetail.Cascade))
	_ = dovetail.HasMany(Teams, "members", Employees, dovetail.ForeignKey("team_id"), dovetail.Inverse("team"),
		dovetail.OnDelete(dovetail.Cascade))
	_ = dovetail.BelongsTo(Teams, "lead", Employees, dovetail.ForeignKey("lead_id"), dovetail.OnDelete(dovetail.NoAction))
	_ = dovetail.HasMany(Orders, "lines", Lines, dovetail.ForeignKey("region", "number"), dovetail.Inverse("order"),
		dovetail.OnDelete(dovetail.Cascade))
	_ = dovetail.HasMany(Posts, "comments", Comments, dovetail.ForeignKey("post_id"), dovetail.Inverse("post"),
		dovetail.OnDelete(dovetail.Cascade))
	_ = dovetail.HasMany(Posts, "stars", Stars, dovetail.ForeignKey("post_id"))
)
