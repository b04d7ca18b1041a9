package writes_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/people"
)

// Which rows a delete is about is told once, whatever its condition says of them when it is asked again.

type (
	toPost struct {
		ID    int64
		State string
		Gone  *time.Time
	}
	toComment struct {
		ID     int64
		PostID int64
		Gone   *time.Time
	}
	toNote struct {
		ID     int64
		OfType string
		OfID   int64
	}
)

const toDDL = `
CREATE TABLE to_posts (id BIGINT PRIMARY KEY, state TEXT NOT NULL, gone TIMESTAMP);
CREATE TABLE to_comments (id BIGINT PRIMARY KEY, post_id BIGINT NOT NULL, gone TIMESTAMP);
CREATE TABLE to_notes (id BIGINT PRIMARY KEY, of_type TEXT NOT NULL, of_id BIGINT NOT NULL);
`

func toPosts(notes dovetail.DeletePolicy) *dovetail.Table[toPost] {
	r, soft := dovetail.NewRegistry(), dovetail.SoftDelete("gone")
	posts := dovetail.NewTable[toPost](r, "to_posts", soft)
	dovetail.HasMany(posts, "comments", dovetail.NewTable[toComment](r, "to_comments", soft), dovetail.ForeignKey("post_id"), dovetail.OnDelete(dovetail.Cascade))
	dovetail.MorphMany(posts, "notes", dovetail.NewTable[toNote](r, "to_notes"), dovetail.MorphKey("of_type", "of_id"), dovetail.MorphValue("post"), dovetail.OnDelete(notes))
	return posts
}

// toApart are the rows that went, or stayed, without those that they have or that they are of.
const toApart = `SELECT 'comment ' || c.id FROM to_comments c LEFT JOIN to_posts p ON p.id = c.post_id WHERE (c.gone IS NULL) <> (p.id IS NOT NULL AND p.gone IS NULL)
UNION ALL SELECT 'note ' || n.id FROM to_notes n LEFT JOIN to_posts p ON p.id = n.of_id WHERE p.id IS NULL ORDER BY 1`

// TestRowsThatComeToMeetTheConditionOfADelete: others change a row while the delete waits for one that goes with another, so that the condition
// holds for it when it is asked again. What points at that row goes with it, or it stays.
func TestRowsThatComeToMeetTheConditionOfADelete(t *testing.T) {
	t.Parallel()
	type call func(ctx context.Context, db dovetail.DB, posts *dovetail.Table[toPost]) (int64, error)
	old := squirrel.Eq{"state": "old"}
	mark := func(ctx context.Context, db dovetail.DB, posts *dovetail.Table[toPost]) (int64, error) {
		return dovetail.Delete(posts).Where(old).Exec(ctx, db)
	}
	remove := func(ctx context.Context, db dovetail.DB, posts *dovetail.Table[toPost]) (int64, error) {
		return dovetail.Delete(posts).Where(old).Hard().Exec(ctx, db)
	}
	for name, c := range map[string]struct {
		notes dovetail.DeletePolicy
		also  string
		do    call
		want  int64
		is    error
	}{
		"marked":  {dovetail.Cascade, "", mark, 2, nil},
		"removed": {dovetail.Cascade, "INSERT INTO to_notes VALUES (1, 'post', 1), (2, 'post', 2)", remove, 2, nil},
		"removed and returned": {dovetail.Cascade, "INSERT INTO to_notes VALUES (1, 'post', 1), (2, 'post', 2)",
			func(ctx context.Context, db dovetail.DB, posts *dovetail.Table[toPost]) (int64, error) {
				rows, err := dovetail.Delete(posts).Where(old).Hard().Returning(ctx, db)
				slices.SortFunc(rows, func(a, b *toPost) int { return int(a.ID - b.ID) })
				if err == nil && (len(rows) != 2 || rows[0].ID != 1 || rows[1].ID != 2) {
					t.Errorf("expected each row once, got %v", rows)
				}
				return int64(len(rows)), err
			}, 2, nil},
		"refused": {dovetail.Restrict, "INSERT INTO to_notes VALUES (2, 'post', 2)", remove, 0, dovetail.ErrRestricted},
		"restored": {dovetail.Cascade, "UPDATE to_posts SET gone = '2020-01-01'; UPDATE to_comments SET gone = '2020-01-01'",
			func(ctx context.Context, db dovetail.DB, posts *dovetail.Table[toPost]) (int64, error) {
				return dovetail.Restore(posts).Where(old).Exec(ctx, db)
			}, 2, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			posts, d := toPosts(c.notes), kit.PostgresPool(t, toDDL+`
				INSERT INTO to_posts VALUES (1, 'old'), (2, 'new'); INSERT INTO to_comments VALUES (1, 1), (2, 2); `+c.also)
			type answer struct {
				n   int64
				err error
			}
			answers := make(chan answer, 1)
			kit.NoError(t, d.DB.InTx(t.Context(), dovetail.TxOptions{}, func(tx dovetail.DB) error {
				if _, err := kit.SQL[int64](t.Context(), tx, "SELECT id FROM to_comments WHERE id = 1 FOR UPDATE"); err != nil {
					return err
				}
				go func() {
					n, err := c.do(t.Context(), d.DB, posts)
					answers <- answer{n, err}
				}()
				waitsForALock(t, d)
				d.Exec(t, "UPDATE to_posts SET state = 'old' WHERE id = 2")
				return nil
			}))
			if got := <-answers; got.n != c.want || !errors.Is(got.err, c.is) {
				t.Errorf("expected %d, %v, got %d, %v", c.want, c.is, got.n, got.err)
			}
			people.ExpectLines(t, d, toApart)
		})
	}
}

// waitsForALock returns when a statement waits for a lock.
func waitsForALock(t *testing.T, d kit.Database) {
	t.Helper()
	for t.Context().Err() == nil {
		n, err := kit.SQL[int64](t.Context(), d.DB, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
		kit.NoError(t, err)
		if n[0] > 0 {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// TestConditionsThatSayElseWhenAskedAgain: the database or the context says something else each time.
func TestConditionsThatSayElseWhenAskedAgain(t *testing.T) {
	t.Parallel()
	random := map[bool]string{true: "random() < 0.5", false: "abs(random()) % 2 = 0"}
	kit.OnEach(t, toDDL, func(t *testing.T, d kit.Database) {
		asked := int64(0)
		later := dovetail.FromContext(func(context.Context) (any, error) { asked += 7; return asked, nil })
		for name, told := range map[string]squirrel.Sqlizer{
			"by chance":          squirrel.Expr("id > 0 AND " + random[d.Postgres()]),
			"by the clock of Go": squirrel.LtOrEq{"id": later},
			"by both":            squirrel.And{squirrel.Or{squirrel.LtOrEq{"id": later}, squirrel.Expr(random[d.Postgres()])}, squirrel.Gt{"id": 0}},
		} {
			posts := toPosts(dovetail.Cascade)
			for _, hard := range []bool{true, false} {
				asked = 0
				d.Exec(t, "DELETE FROM to_posts; DELETE FROM to_comments; DELETE FROM to_notes")
				for id := range 40 {
					d.Exec(t, "INSERT INTO to_posts (id, state) VALUES ("+strconv.Itoa(id+1)+", 'x'); INSERT INTO to_comments (id, post_id) VALUES ("+strconv.Itoa(id+1)+", "+strconv.Itoa(id+1)+
						"); INSERT INTO to_notes VALUES ("+strconv.Itoa(id+1)+", 'post', "+strconv.Itoa(id+1)+")")
				}
				q := dovetail.Delete(posts).Where(told)
				if hard {
					q = q.Hard()
				}
				_, err := q.Exec(t.Context(), d.DB)
				kit.NoError(t, err)
				t.Log(name, hard)
				people.ExpectLines(t, d, toApart)
				if !hard {
					back := dovetail.Restore(posts).Where(told)
					_, err := back.Exec(t.Context(), d.DB)
					kit.NoError(t, err)
					people.ExpectLines(t, d, toApart)
				}
			}
		}
	})
}
