package writes_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/dbtest"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// mBox has one lid, friends among the boxes, and holds balls, which are only marked when they go.
type (
	mBox struct {
		ID  int64
		Lid *mLid
	}
	mLid struct {
		ID    int64
		BoxID *int64
	}
	mBall struct {
		ID    int64
		BoxID *int64
		Gone  bool
	}
	mPair struct{ OneID, OtherID int64 }
	mTime struct {
		ID int64
		D  time.Duration
	}
)

const mDDL = `CREATE TABLE boxes (id BIGINT PRIMARY KEY);
	CREATE TABLE lids (id BIGINT PRIMARY KEY, box_id BIGINT REFERENCES boxes);
	CREATE TABLE balls (id BIGINT PRIMARY KEY, box_id BIGINT, gone BOOLEAN NOT NULL);
	CREATE TABLE pairs (one_id BIGINT NOT NULL REFERENCES boxes, other_id BIGINT NOT NULL REFERENCES boxes, PRIMARY KEY (one_id, other_id));
	CREATE TABLE times (id BIGINT PRIMARY KEY, d BIGINT NOT NULL);
	INSERT INTO boxes VALUES (1), (2), (3);
	INSERT INTO lids VALUES (1, 1);
	INSERT INTO balls VALUES (1, 1, TRUE);
	INSERT INTO pairs VALUES (1, 2), (2, 3)`

// TestMessagesSayWhatIsMeant: which rows, which end, and what can be done.
func TestMessagesSayWhatIsMeant(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	boxes := dovetail.NewTable[mBox](r, "boxes", dovetail.AssignedKey())
	lids := dovetail.NewTable[mLid](r, "lids", dovetail.AssignedKey())
	balls := dovetail.NewTable[mBall](r, "balls", dovetail.AssignedKey(), dovetail.SoftDelete("gone"))
	pairs := dovetail.NewTable[mPair](r, "pairs", dovetail.PrimaryKey("one_id", "other_id"))
	lid := dovetail.HasOne(boxes, "lid", lids, dovetail.ForeignKey("box_id"), dovetail.Inverse("box"), dovetail.OnDelete(dovetail.NoAction))
	held := dovetail.HasMany(boxes, "balls", balls, dovetail.ForeignKey("box_id"), dovetail.Logical())
	dovetail.ManyToMany(boxes, "friends", boxes, pairs, dovetail.ThroughKeys("one_id", "other_id"))
	times := dovetail.NewTable[mTime](r, "times", dovetail.AssignedKey())

	kit.OnEach(t, mDDL, func(t *testing.T, d kit.Database) {
		ctx, db, one, nine := t.Context(), d.DB, int64(1), int64(9)
		err := dovetail.SaveAll(ctx, db, lids, []*mLid{{ID: 9}, {ID: 1, BoxID: &one}, {ID: 7}}, "box_id")
		kit.Refused(t, err, dovetail.ErrNoRows, "2 of the 3 rows", "row 1, 3")

		err = dovetail.Insert(lids, &mLid{ID: 5, BoxID: &nine}).Exec(ctx, db)
		if err == nil || !strings.HasSuffix(err.Error(), "it points at a row that is not there") {
			t.Errorf("insert: got %v", err)
		}
		_, err = dovetail.Delete(boxes).Where(squirrel.Eq{"id": 1}).Exec(ctx, db)
		if err == nil || !strings.HasSuffix(err.Error(), "it is still pointed at") {
			t.Errorf("delete: got %v", err)
		}

		_, err = lid.Replace(ctx, db, &mBox{ID: 3}, &mLid{ID: 1})
		kit.Refused(t, err, dovetail.ErrInvalidRow, "points at another owner; declare the relation with Inverse, and call Replace of its Inverse() for the row to take it from there")
		if _, err := lid.Inverse().Replace(ctx, db, &mLid{ID: 1}, &mBox{ID: 3}); err != nil {
			t.Errorf("what the message says: %v", err)
		}

		_, err = held.Sync(ctx, db, &mBox{ID: 1}, &mBall{ID: 1})
		if err == nil || !strings.Contains(err.Error(), "Restore") {
			t.Errorf("sync: expected it to name Restore, got %v", err)
		}

		keys := map[string]int64{}
		for _, e := range kit.Must[[]dovetail.Effect](t)(dovetail.Delete(boxes).Where(squirrel.Eq{"id": 2}).Impact(ctx, db)) {
			if e.Table == "pairs" {
				keys[e.Key] += e.Deleted
			}
		}
		if len(keys) != 2 || keys["one_id"] != 1 || keys["other_id"] != 1 {
			t.Errorf("expected both ends to be told apart, got %v", keys)
		}
	})
	t.Run("exec", func(t *testing.T) {
		t.Parallel()
		if _, err := dbtest.Postgres(t).Exec(t.Context(), mDDL); err != nil {
			t.Fatal(err)
		}
		config := dbtest.PostgresConfig(t)
		config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
		err := dovetail.Insert(times, &mTime{1, 90 * time.Minute}).Exec(t.Context(), postgres.New(dbtest.PostgresPool(t, config)))
		kit.Refused(t, err, dovetail.ErrArgType, "give an int64")
	})
}

// TestALinkThatTheDatabaseWantsMoreOfSaysHow links past a table with a column that nothing gives.
func TestALinkThatTheDatabaseWantsMoreOfSaysHow(t *testing.T) {
	t.Parallel()
	type grade struct {
		BoxID, LidID int64
		Points       *int64
	}
	type lid struct{ ID int64 }
	type box struct{ ID int64 }
	r := dovetail.NewRegistry()
	boxes, lids := dovetail.NewTable[box](r, "boxes", dovetail.AssignedKey()), dovetail.NewTable[lid](r, "lids", dovetail.AssignedKey())
	grades := dovetail.NewTable[grade](r, "grades", dovetail.PrimaryKey("box_id", "lid_id"))
	graded := dovetail.ManyToMany(boxes, "lids", lids, grades, dovetail.ThroughKeys("box_id", "lid_id"))
	kit.OnEach(t, `CREATE TABLE boxes (id BIGINT PRIMARY KEY); CREATE TABLE lids (id BIGINT PRIMARY KEY); INSERT INTO boxes VALUES (1); INSERT INTO lids VALUES (1);
		CREATE TABLE grades (box_id BIGINT NOT NULL REFERENCES boxes, lid_id BIGINT NOT NULL REFERENCES lids, points BIGINT NOT NULL, PRIMARY KEY (box_id, lid_id))`,
		func(t *testing.T, d kit.Database) {
			type linked = dovetail.Linked[lid, grade]
			refused := func(err error, want string, not ...string) {
				t.Helper()
				var e *dovetail.ConstraintError
				if !errors.As(err, &e) || e.Kind != dovetail.NotNullConstraint || !strings.Contains(err.Error(), want) {
					t.Errorf("expected an error with %q, got %v", want, err)
				}
				for _, n := range not {
					if strings.Contains(err.Error(), n) {
						t.Errorf("expected no %q, got %v", n, err)
					}
				}
			}
			ctx, owner, row, five := t.Context(), &box{1}, &lid{1}, int64(5)
			_, err := graded.Link(ctx, d.DB, owner, row)
			refused(err, "; LinkWith gives it")
			_, err = graded.Replace(ctx, d.DB, owner, row)
			refused(err, "; ReplaceWith gives it")
			_, err = dovetail.LinkWith(ctx, d.DB, graded, owner, linked{Row: row})
			refused(err, "; LinkWith gives it")
			_, err = dovetail.LinkWith(ctx, d.DB, graded, owner, linked{Row: row, Link: &grade{}})
			refused(err, "must have a value", "LinkWith")
			n, err := dovetail.LinkWith(ctx, d.DB, graded, owner, linked{Row: row, Link: &grade{Points: &five}})
			if err != nil || n != 1 {
				t.Errorf("what the message says: %d, %v", n, err)
			}
		})
}

// TestMessagesNameAPathOnce: a call along a relation names it, and so may the statement that fails.
func TestMessagesNameAPathOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ op, path, want string }{
		{"move parts.down", "parts.down", "dovetail: move parts.down: deadlock"},
		{"move parts.down", "parts.up", "dovetail: move parts.down parts.up: deadlock"},
		{"insert parts", "arts", "dovetail: insert parts arts: deadlock"},
		{"preload", "parts", "dovetail: preload parts: deadlock"},
		{"update parts", "", "dovetail: update parts: deadlock"},
	} {
		err := &dovetail.QueryError{Op: c.op, Path: c.path, Err: errors.New("deadlock")}
		kit.Equal(t, c.op+" at "+c.path, err.Error(), c.want)
	}
}
