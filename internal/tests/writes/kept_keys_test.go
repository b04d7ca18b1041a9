package writes_test

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// Keys that keep their values are not written: a row would be locked as for a change of its key, and a router of shards refuse it.

type (
	kkBoard struct {
		TenantID, ID int64
		UpID         *int64
		Name         string
		Version      int64
		Below        []*kkBoard
		Up           *kkBoard
		Tags         []*kkTag
	}
	kkTag  struct{ TenantID, ID int64 }
	kkMark struct {
		TenantID, BoardID, TagID int64
		Pos                      int64
		Gone                     bool
	}
)

const kkDDL = `
CREATE TABLE kk_boards (tenant_id BIGINT, id BIGINT, up_id BIGINT, name TEXT NOT NULL, version BIGINT NOT NULL DEFAULT 1, PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, up_id) REFERENCES kk_boards (tenant_id, id));
CREATE TABLE kk_tags (tenant_id BIGINT, id BIGINT, PRIMARY KEY (tenant_id, id));
CREATE TABLE kk_marks (tenant_id BIGINT, board_id BIGINT, tag_id BIGINT, pos BIGINT NOT NULL DEFAULT 0, gone BOOLEAN NOT NULL DEFAULT FALSE,
  PRIMARY KEY (tenant_id, board_id, tag_id));
`

const kkFill = `DELETE FROM kk_marks; DELETE FROM kk_tags; UPDATE kk_boards SET up_id = NULL; DELETE FROM kk_boards;
INSERT INTO kk_boards VALUES (7, 1, NULL, 'one', 1), (7, 2, 1, 'two', 1), (7, 3, 1, 'three', 1), (7, 4, NULL, 'four', 1);
INSERT INTO kk_tags VALUES (7, 1), (7, 2), (7, 3);
INSERT INTO kk_marks VALUES (7, 1, 1, 1, FALSE), (7, 1, 2, 2, TRUE)`

type kkTables struct {
	boards *dovetail.Table[kkBoard]
	below  *dovetail.ToMany[*kkBoard, *kkBoard]
	up     *dovetail.ToOne[*kkBoard, *kkBoard]
	tags   *dovetail.ToMany[*kkBoard, *kkTag]
}

func newKKTables(options ...dovetail.TableOption) kkTables {
	r := dovetail.NewRegistry()
	key := dovetail.PrimaryKey("tenant_id", "id")
	boards, tags := dovetail.NewTable[kkBoard](r, "kk_boards", append(options, key)...), dovetail.NewTable[kkTag](r, "kk_tags", key)
	marks := dovetail.NewTable[kkMark](r, "kk_marks", dovetail.PrimaryKey("tenant_id", "board_id", "tag_id"), dovetail.SoftDelete("gone"))
	foreign := dovetail.ForeignKey("tenant_id", "up_id")
	return kkTables{boards, dovetail.HasMany(boards, "below", boards, foreign), dovetail.BelongsTo(boards, "up", boards, foreign),
		dovetail.ManyToMany(boards, "tags", tags, marks, dovetail.ThroughKeys([]string{"tenant_id", "board_id"}, []string{"tenant_id", "tag_id"}))}
}

func kkBoardOf(id int64) *kkBoard { return &kkBoard{TenantID: 7, ID: id, Name: "new", Version: 1} }

func kkEntry(id, pos int64) dovetail.Linked[kkTag, kkMark] {
	return dovetail.Linked[kkTag, kkMark]{Row: &kkTag{TenantID: 7, ID: id}, Link: &kkMark{Pos: pos}}
}

// kkCalls are all calls that change rows which are there.
func (f kkTables) kkCalls(ctx context.Context) map[string]func(db dovetail.DB) error {
	of := kkBoardOf
	under := func(id, up int64) *kkBoard { b := of(id); b.UpID = &up; return b }
	tag := func(id int64) *kkTag { return &kkTag{TenantID: 7, ID: id} }
	return map[string]func(db dovetail.DB) error{
		"save":       func(db dovetail.DB) error { return dovetail.Save(ctx, db, f.boards, of(2), "name") },
		"save a key": func(db dovetail.DB) error { return dovetail.Save(ctx, db, f.boards, under(2, 3), "up_id") },
		"save all": func(db dovetail.DB) error {
			return dovetail.SaveAll(ctx, db, f.boards, []*kkBoard{under(2, 4), under(3, 4)}, "up_id", "name")
		},
		"upsert": func(db dovetail.DB) error {
			return dovetail.Upsert(f.boards, under(2, 4), of(9)).OnConflict("tenant_id", "id").Set("name", "up_id").Exec(ctx, db)
		},
		"move":            func(db dovetail.DB) error { return second(f.below.Move(ctx, db, of(4), of(2), of(3))) },
		"link":            func(db dovetail.DB) error { return second(f.below.Link(ctx, db, of(2), of(4))) },
		"unlink":          func(db dovetail.DB) error { return second(f.below.Unlink(ctx, db, of(1), of(2))) },
		"unlink all":      func(db dovetail.DB) error { return second(f.below.UnlinkAll(ctx, db, of(1))) },
		"replace":         func(db dovetail.DB) error { return second(f.below.Replace(ctx, db, of(1), of(2), of(4))) },
		"replace the one": func(db dovetail.DB) error { return second(f.up.Replace(ctx, db, of(2), of(4))) },
		"replace by none": func(db dovetail.DB) error { return second(f.up.Replace(ctx, db, of(2), nil)) },
		"sync":            func(db dovetail.DB) error { return second(f.below.Sync(ctx, db, of(1), under(2, 1), of(4), of(9))) },
		"tags: link":      func(db dovetail.DB) error { return second(f.tags.Link(ctx, db, of(1), tag(2), tag(3))) },
		"tags: link with": func(db dovetail.DB) error {
			return second(dovetail.LinkWith(ctx, db, f.tags, of(1), kkEntry(1, 9), kkEntry(2, 8)))
		},
		"tags: replace": func(db dovetail.DB) error { return second(f.tags.Replace(ctx, db, of(1), tag(2))) },
		"tags: with": func(db dovetail.DB) error {
			return second(dovetail.ReplaceWith(ctx, db, f.tags, of(1), kkEntry(1, 7), kkEntry(3, 6)))
		},
		"tags: unlink":     func(db dovetail.DB) error { return second(f.tags.Unlink(ctx, db, of(1), tag(1))) },
		"tags: unlink all": func(db dovetail.DB) error { return second(f.tags.UnlinkAll(ctx, db, of(1))) },
		"update": func(db dovetail.DB) error {
			return second(dovetail.Update(f.boards).Set("name", "new").Where(squirrel.Eq{"tenant_id": 7, "id": 2}).Exec(ctx, db))
		},
	}
}

var (
	kkSet = regexp.MustCompile(`(?s)\bSET (.*?)( WHERE | FROM | RETURNING |$)`)
	kkKey = regexp.MustCompile(`(?:^|, )\(?"(tenant_id|id|board_id|tag_id)"(?: =|,|\))`)
)

// TestKeysThatKeepTheirValuesAreNotWritten looks at every statement of every call.
func TestKeysThatKeepTheirValuesAreNotWritten(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, kkDDL, func(t *testing.T, d kit.Database) {
		for version, f := range map[string]kkTables{"": newKKTables(), ", with a version": newKKTables(dovetail.Version("version"))} {
			sets := 0
			calls := f.kkCalls(t.Context())
			for _, name := range slices.Sorted(maps.Keys(calls)) {
				d.Exec(t, kkFill)
				before := kit.Texts(t, d.DB, "SELECT tenant_id || ' ' || id FROM kk_boards WHERE id < 9 ORDER BY id")
				db := d.Record()
				if err := calls[name](db); err != nil {
					t.Errorf("%s%s: %v", name, version, err)
				}
				for _, stmt := range db.Stmts {
					for _, set := range kkSet.FindAllStringSubmatch(stmt.SQL, -1) {
						sets++
						if key := kkKey.FindStringSubmatch(set[1]); key != nil {
							t.Errorf("%s%s: %q is written: %s", name, version, key[1], stmt.SQL)
						}
					}
				}
				kit.Same(t, name+version, kit.Texts(t, d.DB, "SELECT tenant_id || ' ' || id FROM kk_boards WHERE id < 9 ORDER BY id"), before...)
				if !strings.Contains(name, ":") && name != "link" && len(db.Stmts) == 0 {
					t.Errorf("%s%s: nothing was sent", name, version)
				}
			}
			if sets < 15 {
				t.Errorf("expected most calls to set something, got %d", sets)
			}
		}
	})
}
