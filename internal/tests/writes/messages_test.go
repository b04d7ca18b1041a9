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
	other := dovetail.NewRegistry()
	bare := dovetail.HasOne(dovetail.NewTable[mBox](other, "boxes", dovetail.AssignedKey()), "lid", dovetail.NewTable[mLid](other, "lids", dovetail.AssignedKey()),
		dovetail.ForeignKey("box_id"), dovetail.OnDelete(dovetail.NoAction))

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
		kit.Refused(t, err, dovetail.ErrInvalidRow, "points at another owner; call Replace of the relation's Inverse() for the row to take it from there")
		_, err = bare.Replace(ctx, db, &mBox{ID: 3}, &mLid{ID: 1})
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

// Tables of tenants, whose rows are told by keys that hold the tenant's.
type (
	mFirm struct {
		Tenant, ID int64
		Desks      []*mDesk
		Cars       []*mCar
		Rooms      []*mDesk
	}
	mDesk struct {
		Tenant, ID int64
		FirmID     *int64
	}
	mCar struct {
		ID     int64
		Tenant *int64
		FirmID *int64
	}
	mRoom struct{ Tenant, FirmID, DeskID int64 }
)

// TestMessagesSayWhatKeysOfTenantsLack: a tenant's column of a key is not what Move changes, and is not found where it is zero.
func TestMessagesSayWhatKeysOfTenantsLack(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	tenant := dovetail.Scope("tenant", squirrel.Eq{"tenant": 1})
	key := []dovetail.TableOption{dovetail.PrimaryKey("tenant", "id"), tenant, dovetail.AssignedKey()}
	firms, desks := dovetail.NewTable[mFirm](r, "firms", key...), dovetail.NewTable[mDesk](r, "desks", key...)
	cars := dovetail.NewTable[mCar](r, "cars", tenant)
	rooms := dovetail.NewTable[mRoom](r, "rooms", dovetail.PrimaryKey("tenant", "firm_id", "desk_id"), tenant)
	hasDesks := dovetail.HasMany(firms, "desks", desks, dovetail.ForeignKey("tenant", "firm_id"))
	hasCars := dovetail.HasMany(firms, "cars", cars, dovetail.ForeignKey("tenant", "firm_id"))
	hasRooms := dovetail.ManyToMany(firms, "rooms", desks, rooms, dovetail.ThroughKeys([]string{"tenant", "firm_id"}, []string{"tenant", "desk_id"}))
	kit.OnEach(t, `CREATE TABLE firms (tenant BIGINT, id BIGINT, PRIMARY KEY (tenant, id));
		CREATE TABLE desks (tenant BIGINT, id BIGINT, firm_id BIGINT, PRIMARY KEY (tenant, id));
		CREATE TABLE cars (id BIGINT PRIMARY KEY, tenant BIGINT, firm_id BIGINT);
		CREATE TABLE rooms (tenant BIGINT, firm_id BIGINT, desk_id BIGINT, PRIMARY KEY (tenant, firm_id, desk_id));
		INSERT INTO firms VALUES (1, 1); INSERT INTO desks VALUES (1, 1, NULL), (2, 1, NULL); INSERT INTO cars VALUES (1, 1, 1)`, func(t *testing.T, d kit.Database) {
		ctx, db, two := t.Context(), d.DB, int64(2)
		firm, zero := &mFirm{Tenant: 1, ID: 1}, `column "tenant" of a key is zero`
		for what, call := range map[string]func() error{
			"link":          func() error { _, err := hasDesks.Link(ctx, db, firm, &mDesk{ID: 1}); return err },
			"move":          func() error { _, err := hasDesks.Move(ctx, db, firm, &mDesk{ID: 1}); return err },
			"owner":         func() error { _, err := hasDesks.Link(ctx, db, &mFirm{ID: 1}, &mDesk{Tenant: 1, ID: 1}); return err },
			"along a table": func() error { _, err := hasRooms.Link(ctx, db, &mFirm{ID: 1}, &mDesk{ID: 1}); return err },
			"insert": func() error {
				return dovetail.Insert(firms, &mFirm{ID: 2, Rooms: []*mDesk{{ID: 1}}}).WithLinks("rooms").Exec(ctx, db)
			},
		} {
			if err := call(); err == nil || !strings.Contains(err.Error(), zero) || !errors.Is(err, dovetail.ErrNoRows) {
				t.Errorf("%s: expected it to name the column, got %v", what, err)
			}
		}
		_, err := hasDesks.Link(ctx, db, firm, &mDesk{Tenant: 1, ID: 7})
		if err == nil || strings.Contains(err.Error(), zero) {
			t.Errorf("a row that is not there: got %v", err)
		}
		for what, call := range map[string]func() error{
			"its key":   func() error { _, err := hasDesks.Sync(ctx, db, firm, &mDesk{Tenant: 2, ID: 1}); return err },
			"no key":    func() error { _, err := hasCars.Sync(ctx, db, firm, &mCar{ID: 1, Tenant: &two}); return err },
			"not there": func() error { _, err := hasCars.Sync(ctx, db, firm, &mCar{ID: 5}); return err },
			"one of two": func() error {
				_, err := hasCars.Sync(ctx, db, firm, &mCar{ID: 5}, &mCar{ID: 1})
				return err
			},
		} {
			said := map[string]string{"not there": `the row of "cars" has a key that the database makes, and is not there`,
				"one of two": `1 of the 2 rows of "cars" has a key that the database makes, and is not there`}[what]
			if said == "" {
				said = `says what column "tenant" of a row of`
			}
			if err := call(); err == nil || !strings.Contains(err.Error(), said) || strings.Contains(err.Error(), "Move") {
				t.Errorf("sync, %s: expected %q, got %v", what, said, err)
			}
		}
	})
}
