package writes_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type (
	lpPost struct {
		ID   int64
		Tags []*lpTag
	}
	lpTag  struct{ ID int64 }
	lpLink struct {
		PostID, TagID int64
		Pos           int64
		NextTag       *int64
	}
)

const linksPointDDL = `
CREATE TABLE posts (id BIGINT PRIMARY KEY);
CREATE TABLE tags (id BIGINT PRIMARY KEY);
CREATE TABLE links (post_id BIGINT NOT NULL REFERENCES posts (id), tag_id BIGINT NOT NULL REFERENCES tags (id), pos BIGINT NOT NULL, next_tag BIGINT,
  PRIMARY KEY (post_id, tag_id), UNIQUE (post_id, pos), FOREIGN KEY (post_id, next_tag) REFERENCES links (post_id, tag_id));
INSERT INTO posts VALUES (1);`

// TestLinksThatPointAtEachOther by a key in their payload come behind those they point at, new ones and those that are changed.
func TestLinksThatPointAtEachOther(t *testing.T) {
	t.Parallel()
	chain := func(from, to, pos int) string { // each points at the next
		var links []string
		for i := from; i <= to; i++ {
			next := i + 1
			if i == to {
				next = 0
			}
			links = append(links, fmt.Sprintf("%d:%d:%d", i, pos+i, next))
		}
		return strings.Join(links, " ")
	}
	for name, options := range map[string][]dovetail.TableOption{"declared": {dovetail.Unique("post_id", "pos")}, "not declared": nil} {
		r := dovetail.NewRegistry()
		posts, tags := dovetail.NewTable[lpPost](r, "posts", dovetail.AssignedKey()), dovetail.NewTable[lpTag](r, "tags", dovetail.AssignedKey())
		links := dovetail.NewTable[lpLink](r, "links", append(options, dovetail.PrimaryKey("post_id", "tag_id"))...)
		dovetail.BelongsTo(links, "next", links, dovetail.ForeignKey("post_id", "next_tag"))
		of := dovetail.ManyToMany(posts, "tags", tags, links, dovetail.ThroughKeys("post_id", "tag_id"))
		kit.NoError(t, r.Validate())
		entries := func(text string) (all []dovetail.Linked[lpTag, lpLink]) {
			for _, s := range strings.Fields(text) {
				link, next := &lpLink{}, int64(0)
				_, err := fmt.Sscanf(s, "%d:%d:%d", &link.TagID, &link.Pos, &next)
				kit.NoError(t, err)
				if next > 0 {
					link.NextTag = &next
				}
				all = append(all, dovetail.Linked[lpTag, lpLink]{Row: &lpTag{ID: link.TagID}, Link: link})
			}
			return all
		}
		for _, test := range []struct{ name, from, to string }{
			{"new ones", "", chain(1, 41, 0)},
			{"one that stays, and a new one", "1:1:0", "1:1:2 2:2:0"},
			{"at the place of one that stays", "1:1:0", "1:2:2 2:1:0"},
			{"a new one between others", "1:1:3 3:2:0", "1:1:2 2:2:3 3:3:0"},
			{"all of them changed", chain(1, 20, 0), "1:50:50 " + chain(2, 19, 5) + " 20:60:50 50:70:0"},
			{"turned around", "1:1:2 2:2:3 3:3:0", "1:3:0 2:2:1 3:1:2"},
		} {
			t.Run(name+"/"+test.name, func(t *testing.T) {
				t.Parallel()
				kit.OnEach(t, linksPointDDL, func(t *testing.T, d kit.Database) {
					if !d.Postgres() {
						d.Exec(t, "PRAGMA foreign_keys = ON")
					}
					for i := range 60 {
						d.Exec(t, fmt.Sprintf("INSERT INTO tags VALUES (%d)", i+1))
					}
					post := &lpPost{ID: 1}
					shown := func() string {
						return strings.Join(kit.Texts(t, d.DB, "SELECT tag_id || ':' || pos || ':' || coalesce(next_tag, 0) FROM links ORDER BY tag_id"), " ")
					}
					_, err := dovetail.LinkWith(t.Context(), d.DB, of, post, entries(test.from)...)
					kit.NoError(t, err)
					kit.Equal(t, "links", shown(), test.from)
					_, err = dovetail.ReplaceWith(t.Context(), d.DB, of, post, entries(test.to)...)
					kit.NoError(t, err)
					kit.Equal(t, "links", shown(), test.to)
				})
			})
		}
	}
}
