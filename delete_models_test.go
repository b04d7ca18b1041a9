package dovetail_test

import (
	"time"

	"github.com/dovetail-go/dovetail"
)

// The tables of writes with policies for deletes, and tables whose rows are only marked as deleted.
type (
	dPost struct {
		ID        int64
		Title     string
		DeletedAt *time.Time
		Lock      int64
		Comments  []*dComment
		Stars     []*dStar
	}

	dComment struct {
		ID      int64
		PostID  int64
		Body    string
		Deleted bool
		Post    *dPost
	}

	dStar struct {
		ID     int64
		PostID int64
	}
)

var (
	dSchema      = dovetail.NewRegistry()
	dAccounts    = dovetail.NewTable[wAccount](dSchema, "accounts")
	dActivities  = dovetail.NewTable[wActivity](dSchema, "activity", dovetail.Generated("doubled", "amount * 2"))
	dTags        = dovetail.NewTable[wTag](dSchema, "tags")
	dActTags     = dovetail.NewTable[wActivityTag](dSchema, "activity_tags", dovetail.PrimaryKey("activity_id", "tag_id"))
	dStudents    = dovetail.NewTable[wStudent](dSchema, "students")
	dCourses     = dovetail.NewTable[wCourse](dSchema, "courses")
	dEnrollments = dovetail.NewTable[wEnrollment](dSchema, "enrollments", dovetail.PrimaryKey("student_id", "course_id"))
	dPasses      = dovetail.NewTable[wPass](dSchema, "passes")
	dEmployees   = dovetail.NewTable[wEmployee](dSchema, "employees")
	dTeams       = dovetail.NewTable[wTeam](dSchema, "teams")
	dOrders      = dovetail.NewTable[wOrder](dSchema, "orders", dovetail.PrimaryKey("region", "number"))
	dLines       = dovetail.NewTable[wLine](dSchema, "lines", dovetail.PrimaryKey("region", "number", "no"))
	dNotes       = dovetail.NewTable[wNote](dSchema, "notes")
	dPosts       = dovetail.NewTable[dPost](dSchema, "posts", dovetail.SoftDelete("deleted_at"), dovetail.Version("lock"))
	dComments    = dovetail.NewTable[dComment](dSchema, "comments", dovetail.SoftDelete("deleted"))
	dStars       = dovetail.NewTable[dStar](dSchema, "stars")

	_ = dovetail.HasMany(dAccounts, "activities", dActivities, dovetail.ForeignKey("account_id"), dovetail.Inverse("account"),
		dovetail.OnDelete(dovetail.Cascade))
	_ = dovetail.ManyToMany(dActivities, "tags", dTags, dActTags, dovetail.ThroughKeys("activity_id", "tag_id"),
		dovetail.Inverse("activities"))
	_ = dovetail.MorphMany(dActivities, "notes", dNotes, dovetail.MorphKey("item_type", "item_id"), dovetail.MorphValue("activity"),
		dovetail.OnDelete(dovetail.Cascade))
	_ = dovetail.ManyToMany(dStudents, "courses", dCourses, dEnrollments, dovetail.ThroughKeys("student_id", "course_id"),
		dovetail.Inverse("students"))
	_ = dovetail.HasOne(dStudents, "pass", dPasses, dovetail.ForeignKey("student_id"), dovetail.Inverse("holder"),
		dovetail.OnDelete(dovetail.SetNull))
	_ = dovetail.HasMany(dEmployees, "reports", dEmployees, dovetail.ForeignKey("boss_id"), dovetail.Inverse("boss"),
		dovetail.OnDelete(dovetail.Cascade))
	_ = dovetail.HasMany(dTeams, "members", dEmployees, dovetail.ForeignKey("team_id"), dovetail.Inverse("team"),
		dovetail.OnDelete(dovetail.Cascade))
	_ = dovetail.BelongsTo(dTeams, "lead", dEmployees, dovetail.ForeignKey("lead_id"), dovetail.OnDelete(dovetail.NoAction))
	_ = dovetail.HasMany(dOrders, "lines", dLines, dovetail.ForeignKey("region", "number"), dovetail.Inverse("order"),
		dovetail.OnDelete(dovetail.Cascade))
	_ = dovetail.HasMany(dPosts, "comments", dComments, dovetail.ForeignKey("post_id"), dovetail.Inverse("post"),
		dovetail.OnDelete(dovetail.Cascade))
	_ = dovetail.HasMany(dPosts, "stars", dStars, dovetail.ForeignKey("post_id"))
)

const dPostDDL = `
CREATE TABLE posts (id BIGINT PRIMARY KEY, title TEXT NOT NULL, deleted_at TIMESTAMP, lock BIGINT NOT NULL DEFAULT 0);
CREATE TABLE comments (id BIGINT PRIMARY KEY, post_id BIGINT NOT NULL REFERENCES posts (id), body TEXT NOT NULL,
  deleted BOOLEAN NOT NULL DEFAULT FALSE);
CREATE TABLE stars (id BIGINT PRIMARY KEY, post_id BIGINT NOT NULL REFERENCES posts (id));
INSERT INTO posts (id, title) VALUES (1, 'one'), (2, 'two'), (3, 'three');
INSERT INTO comments (id, post_id, body) VALUES (1, 1, 'a'), (2, 1, 'b'), (3, 2, 'c');
INSERT INTO stars (id, post_id) VALUES (1, 1);
`

const dRows = `
INSERT INTO accounts (id, owner) VALUES (1, 'Ann'), (2, 'Bob'), (3, 'Cat');
INSERT INTO activity (id, account_id, kind, amount) VALUES (1, 1, 'DEP', 10), (2, 1, 'WD', 4), (3, 2, 'DEP', 1);
INSERT INTO tags (id, name) VALUES (1, 'red'), (2, 'blue');
INSERT INTO activity_tags (activity_id, tag_id) VALUES (1, 1), (1, 2), (2, 1), (3, 1);
INSERT INTO notes (id, item_type, item_id, body) VALUES (1, 'activity', 1, 'n1'), (2, 'activity', 3, 'n2'), (3, 'other', 1, 'n3');
`
