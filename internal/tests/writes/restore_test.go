package writes_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/removed"
)

type (
	rsPost struct {
		ID, TenantID int64
		Slug         string
		ParentID     *int64
		DeletedAt    *time.Time
		Lock         int64
	}
	rsComment struct {
		ID, TenantID, PostID int64
		RemovedAt            *time.Time
	}
	rsReply struct {
		ID, CommentID int64
		DeletedAt     *time.Time
		UpdatedAt     *time.Time
	}
)

const rsDDL = `
CREATE TABLE rs_posts (id BIGINT PRIMARY KEY, tenant_id BIGINT NOT NULL, slug TEXT NOT NULL, parent_id BIGINT, deleted_at TIMESTAMP,
	lock BIGINT NOT NULL DEFAULT 1);
CREATE UNIQUE INDEX rs_slug ON rs_posts (slug) WHERE deleted_at IS NULL;
CREATE TABLE rs_comments (id BIGINT PRIMARY KEY, tenant_id BIGINT NOT NULL, post_id BIGINT NOT NULL, removed_at TIMESTAMP);
CREATE TABLE rs_replies (id BIGINT PRIMARY KEY, comment_id BIGINT NOT NULL, deleted_at TIMESTAMP, updated_at TIMESTAMP);
INSERT INTO rs_posts (id, tenant_id, slug, parent_id) VALUES (1, 7, 'a', NULL), (2, 7, 'b', 1), (3, 7, 'c', 2), (4, 7, 'd', NULL), (5, 8, 'e', NULL);
INSERT INTO rs_comments (id, tenant_id, post_id) VALUES (1, 7, 1), (2, 7, 1), (3, 7, 3), (4, 7, 4), (5, 8, 1);
INSERT INTO rs_replies (id, comment_id) VALUES (1, 1), (2, 1), (3, 2), (4, 3), (5, 4);`

// rsSchema has posts in trees with comments and replies, all of which a delete marks.
type rsSchema struct {
	posts    *dovetail.Table[rsPost]
	comments *dovetail.Table[rsComment]
	replies  *dovetail.Table[rsReply]
}

func newRsSchema() rsSchema {
	r := dovetail.NewRegistry()
	tenant := dovetail.Scope("tenant", squirrel.Eq{"tenant_id": 7})
	s := rsSchema{
		posts:    dovetail.NewTable[rsPost](r, "rs_posts", dovetail.SoftDelete("deleted_at"), dovetail.Version("lock"), tenant),
		comments: dovetail.NewTable[rsComment](r, "rs_comments", dovetail.SoftDelete("removed_at"), tenant),
		replies:  dovetail.NewTable[rsReply](r, "rs_replies", dovetail.SoftDelete("deleted_at"), dovetail.OnUpdate("updated_at", "CURRENT_TIMESTAMP")),
	}
	cascade := dovetail.OnDelete(dovetail.Cascade)
	dovetail.HasMany(s.posts, "children", s.posts, dovetail.ForeignKey("parent_id"), cascade)
	dovetail.HasMany(s.posts, "comments", s.comments, dovetail.ForeignKey("post_id"), cascade)
	dovetail.HasMany(s.comments, "replies", s.replies, dovetail.ForeignKey("comment_id"), cascade)
	return s
}

// rsMarked returns the rows that are marked, as "p1 c2 r3".
func rsMarked(t *testing.T, d kit.Database) string {
	t.Helper()
	rows, err := kit.SQL[string](t.Context(), d.DB, `SELECT row FROM (SELECT 'p' || id AS row FROM rs_posts WHERE deleted_at IS NOT NULL
		UNION ALL SELECT 'c' || id FROM rs_comments WHERE removed_at IS NOT NULL
		UNION ALL SELECT 'r' || id FROM rs_replies WHERE deleted_at IS NOT NULL) AS rows ORDER BY row`)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(rows, " ")
}

// early marks rows as if a delete had done so years ago.
func rsEarly(t *testing.T, d kit.Database) {
	t.Helper()
	d.Exec(t, "UPDATE rs_comments SET removed_at = '2001-02-03 04:05:06' WHERE id = 2")
	d.Exec(t, "UPDATE rs_replies SET deleted_at = '2001-02-03 04:05:06' WHERE id IN (2, 3)")
}

// TestRestoreUndoesADelete brings back what one delete marked, and nothing that others did.
func TestRestoreUndoesADelete(t *testing.T) {
	t.Parallel()
	s := newRsSchema()
	first := squirrel.Eq{"id": 1}
	kit.OnEach(t, rsDDL, func(t *testing.T, d kit.Database) {
		ctx := t.Context()
		rsEarly(t, d)
		before := rsMarked(t, d)
		if n, err := dovetail.Delete(s.posts).Where(first).Exec(ctx, d.DB); err != nil || n != 3 {
			t.Fatal(n, err)
		}
		// comment 5 is another tenant's; comment 2 and reply 2 were deleted long ago, and reply 3 with that
		kit.Equal(t, "what the delete marked", rsMarked(t, d), "c1 c2 c3 p1 p2 p3 r1 r2 r3 r4")
		if n, err := dovetail.Restore(s.posts).Where(first).Exec(ctx, d.DB); err != nil || n != 3 {
			t.Errorf("expected the post and those below it, got %d, %v", n, err)
		}
		kit.Equal(t, "what is marked after", rsMarked(t, d), before)
		locks, err := kit.SQL[int64](ctx, d.DB, "SELECT lock FROM rs_posts WHERE id < 5 ORDER BY id")
		if err != nil {
			t.Fatal(err)
		}
		kit.Same(t, "the changes counted", locks, 3, 3, 3, 1)
		touched, err := kit.SQL[int64](ctx, d.DB, "SELECT id FROM rs_replies WHERE updated_at IS NOT NULL ORDER BY id")
		if err != nil {
			t.Fatal(err)
		}
		kit.Same(t, "the replies touched", touched, 1, 4)

		if n, err := dovetail.Restore(s.posts).Where(first).Exec(ctx, d.DB); err != nil || n != 0 {
			t.Errorf("a row that is not marked: got %d, %v", n, err)
		}
		if n, err := dovetail.Restore(s.comments).Where(squirrel.Eq{"id": []int{2, 5}}).Exec(ctx, d.DB); err != nil || n != 1 {
			t.Errorf("the comment that was deleted on its own: got %d, %v", n, err)
		}
		kit.Equal(t, "what is marked of it", rsMarked(t, d), "r2")
	})
}

// TestRestoreAlone leaves marked what followed.
func TestRestoreAlone(t *testing.T) {
	t.Parallel()
	s := newRsSchema()
	kit.OnEach(t, rsDDL, func(t *testing.T, d kit.Database) {
		ctx := t.Context()
		if _, err := dovetail.Delete(s.posts).All().Exec(ctx, d.DB); err != nil {
			t.Fatal(err)
		}
		back, err := dovetail.Restore(s.posts).Alone().Where(squirrel.Eq{"slug": "b"}).Returning(ctx, d.DB)
		if err != nil || len(back) != 1 || back[0].ID != 2 || back[0].DeletedAt != nil || back[0].Lock != 3 {
			t.Errorf("expected the row as it is now, got %v, %v", back, err)
		}
		kit.Equal(t, "what stays marked", rsMarked(t, d), "c1 c2 c3 c4 p1 p3 p4 r1 r2 r3 r4 r5")
		back, err = dovetail.Restore(s.posts).All().Returning(ctx, d.DB)
		if err != nil || len(back) != 3 {
			t.Errorf("expected the others, got %v, %v", back, err)
		}
		kit.Equal(t, "what stays marked then", rsMarked(t, d), "")
	})
}

// TestRestoreRowsInHand restores all of them or none.
func TestRestoreRowsInHand(t *testing.T) {
	t.Parallel()
	s := newRsSchema()
	kit.OnEach(t, rsDDL, func(t *testing.T, d kit.Database) {
		ctx := t.Context()
		four, five, one := &rsPost{ID: 4, Lock: 2}, &rsPost{ID: 5, Lock: 1}, &rsPost{ID: 1, Lock: 1}
		d.Exec(t, "UPDATE rs_posts SET deleted_at = '2001-02-03 04:05:06' WHERE id = 5")
		if err := dovetail.DeleteRows(ctx, d.DB, s.posts, &rsPost{ID: 4, Lock: 1}); err != nil {
			t.Fatal(err)
		}
		const marked = "c4 p4 p5 r5"
		for what, rows := range map[string][]*rsPost{"not marked": {four, one}, "another tenant's": {four, five}, "changed since": {{ID: 4, Lock: 1}}} {
			err := dovetail.RestoreRows(ctx, d.DB, s.posts, rows...)
			kit.Refused(t, err, dovetail.ErrStale, "restore rs_posts", `"lock"`, "not marked", "Scope")
			kit.Equal(t, what, rsMarked(t, d), marked)
		}
		if err := dovetail.RestoreRows(ctx, d.DB, s.posts, four, four); err != nil || four.Lock != 2 {
			t.Errorf("expected the row to come back, and the struct to stay, got %v, %v", *four, err)
		}
		kit.Equal(t, "what is marked", rsMarked(t, d), "p5")
		err := dovetail.RestoreRows(ctx, d.DB, s.comments, &rsComment{ID: 4})
		kit.Refused(t, err, dovetail.ErrNoRows, "not marked", "none was restored")
		if err := dovetail.RestoreRows(ctx, d.DB, s.comments); err != nil {
			t.Errorf("no rows: %v", err)
		}
	})
}

// TestRestoreMeetsAUniqueKey brings back a row whose name was given away.
func TestRestoreMeetsAUniqueKey(t *testing.T) {
	t.Parallel()
	s := newRsSchema()
	kit.OnEach(t, rsDDL, func(t *testing.T, d kit.Database) {
		ctx := t.Context()
		if _, err := dovetail.Delete(s.posts).Where(squirrel.Eq{"id": 4}).Exec(ctx, d.DB); err != nil {
			t.Fatal(err)
		}
		if err := dovetail.Insert(s.posts, &rsPost{ID: 6, Slug: "d"}).Exec(ctx, d.DB); err != nil {
			t.Fatal(err)
		}
		_, err := dovetail.Restore(s.posts).Where(squirrel.Eq{"id": 4}).Exec(ctx, d.DB)
		var refused *dovetail.ConstraintError
		if !errors.As(err, &refused) || refused.Kind != dovetail.UniqueConstraint {
			t.Errorf("expected a unique key, got %v", err)
		}
		kit.Equal(t, "what is marked", rsMarked(t, d), "c4 p4 r5")
	})
}

// TestRestoreTellsMarksInEachSpelling finds rows that a delete marked where two tables spell their times differently.
func TestRestoreTellsMarksInEachSpelling(t *testing.T) {
	t.Parallel()
	s := newRsSchema()
	for _, spelled := range []string{"'2001-02-03T04:05:06Z'", "'2001-02-03 04:05:06+00:00'", "981173106"} {
		d := kit.SQLiteDB(t, rsDDL)
		d.Exec(t, "UPDATE rs_comments SET removed_at = "+spelled+" WHERE id = 2")
		d.Exec(t, "UPDATE rs_replies SET deleted_at = '2001-02-03 04:05:06' WHERE id = 3")
		if _, err := dovetail.Delete(s.posts).Where(squirrel.Eq{"id": 4}).Exec(t.Context(), d.DB); err != nil {
			t.Fatal(err)
		}
		kit.Equal(t, "what the delete marked", rsMarked(t, d), "c2 c4 p4 r3 r5")
		if _, err := dovetail.Restore(s.posts).Where(squirrel.Eq{"id": 4}).Exec(t.Context(), d.DB); err != nil {
			t.Fatal(err)
		}
		kit.Equal(t, "what is marked after "+spelled, rsMarked(t, d), "c2 r3")
		if _, err := dovetail.Restore(s.comments).Where(squirrel.Eq{"id": 2}).Exec(t.Context(), d.DB); err != nil {
			t.Fatal(err)
		}
		kit.Equal(t, "what was marked by others "+spelled, rsMarked(t, d), "")
	}
}

// TestRestoreRefusesWhatItCannotTell does not guess.
func TestRestoreRefusesWhatItCannotTell(t *testing.T) {
	t.Parallel()
	s := newRsSchema()
	d := kit.SQLiteDB(t, rsDDL)
	_, err := dovetail.Restore(removed.Posts).Where(squirrel.Eq{"id": 1}).Exec(t.Context(), d.DB)
	kit.Refused(t, err, dovetail.ErrUnsupported, "restore posts", `"comments"`, "boolean", "Alone")
	_, err = dovetail.Restore(removed.Stars).Where(squirrel.Eq{"id": 1}).Exec(t.Context(), d.DB)
	kit.Refused(t, err, dovetail.ErrInvalidQuery, "restore stars", "no SoftDelete")
	_, err = dovetail.Restore(s.posts).Exec(t.Context(), d.DB)
	kit.Refused(t, err, dovetail.ErrMissingWhere, "restore rs_posts")
	_, err = dovetail.Restore(s.posts).Where("id = id").Exec(t.Context(), d.DB)
	kit.Refused(t, err, dovetail.ErrMissingWhere, "restore rs_posts", "every row")
	err = dovetail.RestoreRows(t.Context(), d.DB, s.posts, &rsPost{ID: 1}, nil)
	kit.Refused(t, err, dovetail.ErrInvalidRow, "restore rs_posts", "nil")
}
