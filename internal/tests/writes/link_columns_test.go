package writes_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type (
	lcPost struct {
		ID   int64
		Tags []*lcTag
	}
	lcTag     struct{ ID int64 }
	lcPostTag struct {
		PostID, TagID int64
		Note          *string
		Hidden        bool
		Rev           int64
		UpdatedAt     *time.Time
	}
)

// The join table gives nothing of its own a DEFAULT.
const lcDDL = `
CREATE TABLE lc_posts (id BIGINT PRIMARY KEY);
CREATE TABLE lc_tags (id BIGINT PRIMARY KEY);
CREATE TABLE lc_post_tags (post_id BIGINT NOT NULL, tag_id BIGINT NOT NULL, note TEXT, hidden BOOLEAN NOT NULL, rev BIGINT NOT NULL,
	updated_at TIMESTAMP, PRIMARY KEY (post_id, tag_id));
INSERT INTO lc_posts VALUES (1), (2);
INSERT INTO lc_tags VALUES (1), (2), (3)`

// TestLinksBeginAsRowsDo links along a table whose rows are marked as deleted, counted and timed at every change: what a row begins with
// needs no LinkWith, and what a change writes stands in whatever statement makes it.
func TestLinksBeginAsRowsDo(t *testing.T) {
	t.Parallel()
	for _, now := range []string{"CURRENT_TIMESTAMP", "now()", "'2001-02-03 04:05:06'"} {
		r := dovetail.NewRegistry()
		posts, tags := dovetail.NewTable[lcPost](r, "lc_posts"), dovetail.NewTable[lcTag](r, "lc_tags")
		links := dovetail.NewTable[lcPostTag](r, "lc_post_tags", dovetail.PrimaryKey("post_id", "tag_id"), dovetail.SoftDelete("hidden"),
			dovetail.Version("rev"), dovetail.OnUpdate("updated_at", now))
		hasTags := dovetail.ManyToMany(posts, "tags", tags, links, dovetail.ThroughKeys("post_id", "tag_id"))
		kit.OnEach(t, lcDDL, func(t *testing.T, d kit.Database) {
			db, post, note := d.DB, &lcPost{ID: 1}, "new"
			link := func(tag int64) dovetail.Linked[lcTag, lcPostTag] {
				return dovetail.Linked[lcTag, lcPostTag]{Row: &lcTag{ID: tag}, Link: &lcPostTag{Note: &note}}
			}
			bare := dovetail.Linked[lcTag, lcPostTag]{Row: &lcTag{ID: 3}}
			count := func(n int64, err error) string { return fmt.Sprint(n, err) }
			diff := func(diff dovetail.Diff[*lcTag], err error) string { return fmt.Sprint(diff, err) }
			for _, c := range []struct {
				what string
				call func() string
				want []string // tag, note, whether it is hidden, how often it was changed, whether it has a time
			}{
				{"link", func() string { return count(hasTags.Link(t.Context(), db, post, &lcTag{ID: 1}, &lcTag{ID: 2})) }, []string{"1 - f 0 f", "2 - f 0 f"}},
				{"link with", func() string { return count(dovetail.LinkWith(t.Context(), db, hasTags, post, link(1))) }, []string{"1 new f 1 t", "2 - f 0 f"}},
				{"replace with", func() string {
					return diff(dovetail.ReplaceWith(t.Context(), db, hasTags, post, bare, link(1), link(2)))
				},
					[]string{"1 new f 1 t", "2 new f 1 t", "3 - f 0 f"}},
				{"replace", func() string { return diff(hasTags.Replace(t.Context(), db, post, &lcTag{ID: 3})) },
					[]string{"1 new t 2 t", "2 new t 2 t", "3 - f 0 f"}},
				{"link again", func() string { return count(hasTags.Link(t.Context(), db, post, &lcTag{ID: 1}, &lcTag{ID: 3})) },
					[]string{"1 new f 3 t", "2 new t 2 t", "3 - f 0 f"}},
			} {
				said := c.call()
				rows, err := kit.SQL[string](t.Context(), db, `SELECT tag_id || ' ' || coalesce(note, '-') || CASE WHEN hidden THEN ' t ' ELSE ' f ' END || rev
					|| CASE WHEN updated_at IS NULL THEN ' f' ELSE ' t' END FROM lc_post_tags ORDER BY tag_id`)
				kit.NoError(t, err)
				kit.Same(t, now+", "+c.what+": "+said, rows, c.want...)
			}
		})
	}
}
