package writes_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// Constraints that the database looks at no sooner than at the COMMIT: whichever call writes, it tells of them as of others.

type (
	dfBox struct {
		ID     int64
		Place  int64
		Things []*dfThing
		Labels []*dfLabel
	}
	dfThing struct {
		ID    int64
		BoxID *int64
		Box   *dfBox
	}
	dfCoin struct {
		ID   int64
		Gone bool
	}
	dfLabel struct{ ID int64 }
	dfStick struct {
		BoxID, LabelID int64
		Note           string
	}
)

type dfTables struct {
	boxes   *dovetail.Table[dfBox]
	things  *dovetail.Table[dfThing]
	sticks  *dovetail.Table[dfStick]
	spent   *dovetail.Table[dfCoin]
	kept    *dovetail.Table[dfCoin]
	content *dovetail.ToMany[*dfBox, *dfThing]
	box     *dovetail.ToOne[*dfThing, *dfBox]
	labels  *dovetail.ToMany[*dfBox, *dfLabel]
}

func newDFTables() dfTables {
	r := dovetail.NewRegistry()
	boxes, labels := dovetail.NewTable[dfBox](r, "boxes"), dovetail.NewTable[dfLabel](r, "labels")
	things := dovetail.NewTable[dfThing](r, "things", dovetail.AssignedKey())
	sticks := dovetail.NewTable[dfStick](r, "sticks", dovetail.PrimaryKey("box_id", "label_id"))
	spent := dovetail.NewTable[dfCoin](r, "spent", dovetail.SoftDelete("gone"))
	kept := dovetail.NewTable[dfCoin](r, "kept", dovetail.SoftDelete("gone"))
	return dfTables{boxes, things, sticks, spent, kept,
		dovetail.HasMany(boxes, "things", things, dovetail.ForeignKey("box_id"), dovetail.OnDelete(dovetail.NoAction)),
		dovetail.BelongsTo(things, "box", boxes, dovetail.ForeignKey("box_id")),
		dovetail.ManyToMany(boxes, "labels", labels, sticks, dovetail.ThroughKeys("box_id", "label_id"), dovetail.OnDelete(dovetail.Cascade)),
	}
}

// dfDDL has a box with a thing and a label, on whose stick is a seal. Coins that are spent may not come back, and those that are kept may not
// be marked.
const dfDDL = `
CREATE TABLE boxes (id BIGINT PRIMARY KEY, place BIGINT NOT NULL);
CREATE TABLE gone (gone BOOLEAN PRIMARY KEY);
CREATE TABLE here (gone BOOLEAN PRIMARY KEY);
CREATE TABLE spent (id BIGINT PRIMARY KEY, gone BOOLEAN NOT NULL CONSTRAINT spent_gone REFERENCES gone DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE kept (id BIGINT PRIMARY KEY, gone BOOLEAN NOT NULL CONSTRAINT kept_here REFERENCES here DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE things (id BIGINT PRIMARY KEY, box_id BIGINT CONSTRAINT things_box REFERENCES boxes (id) DEFERRABLE INITIALLY DEFERRED, UNIQUE (id, box_id));
CREATE TABLE tapes (id BIGINT PRIMARY KEY, thing_id BIGINT NOT NULL, box_id BIGINT NOT NULL,
  CONSTRAINT tapes_thing FOREIGN KEY (thing_id, box_id) REFERENCES things (id, box_id) DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE labels (id BIGINT PRIMARY KEY);
CREATE TABLE sticks (box_id BIGINT NOT NULL CONSTRAINT sticks_box REFERENCES boxes (id) DEFERRABLE INITIALLY DEFERRED,
  label_id BIGINT NOT NULL CONSTRAINT sticks_label REFERENCES labels (id) DEFERRABLE INITIALLY DEFERRED, note TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (box_id, label_id));
CREATE TABLE seals (id BIGINT PRIMARY KEY, box_id BIGINT NOT NULL, label_id BIGINT NOT NULL,
  CONSTRAINT seals_stick FOREIGN KEY (box_id, label_id) REFERENCES sticks (box_id, label_id) DEFERRABLE INITIALLY DEFERRED);
INSERT INTO boxes VALUES (1, 1), (3, 3);
INSERT INTO gone VALUES (TRUE);
INSERT INTO here VALUES (FALSE);
INSERT INTO spent VALUES (2, TRUE);
INSERT INTO kept VALUES (1, FALSE);
INSERT INTO things VALUES (1, 1), (2, 1), (5, NULL);
INSERT INTO tapes VALUES (1, 1, 1);
INSERT INTO labels VALUES (1), (2);
INSERT INTO sticks VALUES (1, 1, '');
INSERT INTO seals VALUES (1, 1, 1)`

const dfShown = `SELECT 'box ' || id || ' ' || place FROM boxes UNION ALL SELECT 'thing ' || id || ' ' || coalesce(box_id, 0) FROM things
	UNION ALL SELECT 'stick ' || box_id || ' ' || label_id || ' ' || note FROM sticks
	UNION ALL SELECT 'spent ' || id FROM spent WHERE gone UNION ALL SELECT 'kept ' || id FROM kept WHERE NOT gone ORDER BY 1`

// dfCalls are all calls that write, each so that a key fails: that of the table which is named.
func (f dfTables) dfCalls(ctx context.Context) map[string]func(dovetail.DB) error {
	one, nowhere := func() *dfBox { return &dfBox{ID: 1} }, func() *dfBox { return &dfBox{ID: 77} }
	thing := func(id int64) *dfThing { return &dfThing{ID: id} }
	lost := func(id int64) *dfThing { away := int64(77); return &dfThing{ID: id, BoxID: &away} }
	label := func(id int64) dovetail.Linked[dfLabel, dfStick] {
		return dovetail.Linked[dfLabel, dfStick]{Row: &dfLabel{ID: id}, Link: &dfStick{Note: "x"}}
	}
	first, two := squirrel.Eq{"id": 1}, squirrel.Eq{"id": 2}
	return map[string]func(dovetail.DB) error{
		"things: insert": func(db dovetail.DB) error { return dovetail.Insert(f.things, lost(9)).Exec(ctx, db) },
		"things: update": func(db dovetail.DB) error {
			return second(dovetail.Update(f.things).Set("box_id", 77).Where(two).Exec(ctx, db))
		},
		"things: update, rows": func(db dovetail.DB) error {
			return second(dovetail.Update(f.things).Set("box_id", 77).Where(two).Returning(ctx, db))
		},
		"things: save":     func(db dovetail.DB) error { return dovetail.Save(ctx, db, f.things, lost(2), "box_id") },
		"things: save all": func(db dovetail.DB) error { return dovetail.SaveAll(ctx, db, f.things, []*dfThing{lost(2)}, "box_id") },
		"things: upsert": func(db dovetail.DB) error {
			return dovetail.Upsert(f.things, lost(2)).OnConflict("id").Set("box_id").Exec(ctx, db)
		},
		"things: link":         func(db dovetail.DB) error { return second(f.content.Link(ctx, db, nowhere(), thing(5))) },
		"things: move":         func(db dovetail.DB) error { return second(f.content.Move(ctx, db, nowhere(), thing(2))) },
		"tapes: sync":          func(db dovetail.DB) error { return second(f.content.Sync(ctx, db, one(), thing(2), thing(9))) },
		"tapes: sync to none":  func(db dovetail.DB) error { return second(f.content.Sync(ctx, db, one())) },
		"tapes: replace":       func(db dovetail.DB) error { return second(f.content.Replace(ctx, db, one(), thing(2), thing(5))) },
		"tapes: unlink":        func(db dovetail.DB) error { return second(f.content.Unlink(ctx, db, one(), thing(1))) },
		"tapes: unlink all":    func(db dovetail.DB) error { return second(f.content.UnlinkAll(ctx, db, one())) },
		"tapes: move":          func(db dovetail.DB) error { return second(f.content.Move(ctx, db, &dfBox{ID: 3}, thing(1))) },
		"tapes: delete":        func(db dovetail.DB) error { return second(dovetail.Delete(f.things).Where(first).Exec(ctx, db)) },
		"things: replace one":  func(db dovetail.DB) error { return second(f.box.Replace(ctx, db, thing(2), nowhere())) },
		"tapes: replace one":   func(db dovetail.DB) error { return second(f.box.Replace(ctx, db, thing(1), nil)) },
		"spent: restore":       func(db dovetail.DB) error { return second(dovetail.Restore(f.spent).Where(two).Exec(ctx, db)) },
		"spent: restore, rows": func(db dovetail.DB) error { return second(dovetail.Restore(f.spent).Where(two).Returning(ctx, db)) },
		"spent: restore rows":  func(db dovetail.DB) error { return dovetail.RestoreRows(ctx, db, f.spent, &dfCoin{ID: 2, Gone: true}) },
		"kept: delete":         func(db dovetail.DB) error { return second(dovetail.Delete(f.kept).Where(first).Exec(ctx, db)) },
		"kept: delete rows":    func(db dovetail.DB) error { return dovetail.DeleteRows(ctx, db, f.kept, &dfCoin{ID: 1}) },
		"boxes: delete":        func(db dovetail.DB) error { return second(dovetail.Delete(f.boxes).Where(first).Exec(ctx, db)) },
		"boxes: delete, rows":  func(db dovetail.DB) error { return second(dovetail.Delete(f.boxes).Where(first).Returning(ctx, db)) },
		"boxes: delete rows":   func(db dovetail.DB) error { return dovetail.DeleteRows(ctx, db, f.boxes, one()) },
		"sticks: link":         func(db dovetail.DB) error { return second(f.labels.Link(ctx, db, one(), &dfLabel{ID: 77})) },
		"sticks: link with":    func(db dovetail.DB) error { return second(dovetail.LinkWith(ctx, db, f.labels, one(), label(77))) },
		"sticks: replace": func(db dovetail.DB) error {
			return second(f.labels.Replace(ctx, db, one(), &dfLabel{ID: 1}, &dfLabel{ID: 77}))
		},
		"sticks: replace with": func(db dovetail.DB) error {
			return second(dovetail.ReplaceWith(ctx, db, f.labels, one(), label(1), label(77)))
		},
		"seals: unlink":     func(db dovetail.DB) error { return second(f.labels.Unlink(ctx, db, one(), &dfLabel{ID: 1})) },
		"seals: unlink all": func(db dovetail.DB) error { return second(f.labels.UnlinkAll(ctx, db, one())) },
		"seals: delete":     func(db dovetail.DB) error { return second(dovetail.Delete(f.sticks).All().Exec(ctx, db)) },
	}
}

// dfWithin are the ways in which a call may be run, each of which ends in the COMMIT that fails.
func dfWithin(ctx context.Context, db dovetail.DB) map[string]func(call func(dovetail.DB) error) error {
	return map[string]func(func(dovetail.DB) error) error{
		"alone": func(call func(dovetail.DB) error) error { return call(db) },
		"InTx":  func(call func(dovetail.DB) error) error { return db.InTx(ctx, dovetail.TxOptions{}, call) },
		"Retry": func(call func(dovetail.DB) error) error { return dovetail.Retry(ctx, db, call) },
		"savepoint": func(call func(dovetail.DB) error) error {
			return db.InTx(ctx, dovetail.TxOptions{}, func(tx dovetail.DB) error { return tx.InTx(ctx, dovetail.TxOptions{}, call) })
		},
	}
}

// TestEveryCallTellsOfAConstraintAtTheCommit: whichever call it is, alone or in a transaction.
func TestEveryCallTellsOfAConstraintAtTheCommit(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, dfDDL, func(t *testing.T, d kit.Database) {
		f, ctx := newDFTables(), t.Context()
		before := kit.Texts(t, d.DB, dfShown)
		calls := f.dfCalls(ctx)
		for _, name := range slices.Sorted(maps.Keys(calls)) {
			for way, within := range dfWithin(ctx, d.DB) {
				what := name + ", " + way
				dfRefused(t, what, within(calls[name]), dovetail.ForeignKeyConstraint)
				kit.Same(t, what, kit.Texts(t, d.DB, dfShown), before...)
			}
		}
	})
}

func dfRefused(t *testing.T, what string, err error, kind dovetail.ConstraintKind) *dovetail.ConstraintError {
	t.Helper()
	var refused *dovetail.ConstraintError
	switch {
	case !errors.As(err, &refused):
		t.Errorf("%s: expected a ConstraintError, got %v", what, err)
		return nil
	case refused.Kind != kind:
		t.Errorf("%s: expected another kind, got %v", what, err)
	case errors.Is(err, dovetail.ErrCommitUnknown):
		t.Errorf("%s: the refusal is known: %v", what, err)
	case strings.Count(err.Error(), "dovetail: ") != 1 || !strings.HasPrefix(err.Error(), "dovetail: "):
		t.Errorf("%s: expected the prefix once: %v", what, err)
	}
	return refused
}

// TestConstraintsOfPostgresAtTheCommit: unique keys that are checked there, and triggers that refuse there.
func TestConstraintsOfPostgresAtTheCommit(t *testing.T) {
	t.Parallel()
	d := kit.PostgresPool(t, dfDDL+`;
ALTER TABLE boxes ADD CONSTRAINT boxes_place UNIQUE (place) DEFERRABLE INITIALLY DEFERRED;
CREATE FUNCTION no_place() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  RAISE EXCEPTION 'place 99 is taken' USING ERRCODE = 'check_violation', CONSTRAINT = 'no_place', TABLE = 'boxes';
END $$;
CREATE CONSTRAINT TRIGGER no_place AFTER INSERT OR UPDATE ON boxes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.place = 99) EXECUTE FUNCTION no_place()`)
	f, ctx := newDFTables(), t.Context()
	before := kit.Texts(t, d.DB, dfShown)
	for place, kind := range map[int64]dovetail.ConstraintKind{3: dovetail.UniqueConstraint, 99: dovetail.CheckConstraint} {
		box := func(id int64) *dfBox { return &dfBox{ID: id, Place: place} }
		for name, call := range map[string]func(dovetail.DB) error{
			"insert": func(db dovetail.DB) error { return dovetail.Insert(f.boxes, box(9)).Exec(ctx, db) },
			"update": func(db dovetail.DB) error {
				return second(dovetail.Update(f.boxes).Set("place", place).Where(squirrel.Eq{"id": 1}).Exec(ctx, db))
			},
			"save":     func(db dovetail.DB) error { return dovetail.Save(ctx, db, f.boxes, box(1), "place") },
			"save all": func(db dovetail.DB) error { return dovetail.SaveAll(ctx, db, f.boxes, []*dfBox{box(1)}, "place") },
			"upsert": func(db dovetail.DB) error {
				return dovetail.Upsert(f.boxes, box(1)).OnConflict("id").Set("place").Exec(ctx, db)
			},
		} {
			for way, within := range dfWithin(ctx, d.DB) {
				what := name + ", " + way
				if refused := dfRefused(t, what, within(call), kind); refused != nil && refused.Table != "boxes" {
					t.Errorf("%s: expected the table, got %+v", what, refused)
				}
				kit.Same(t, what, kit.Texts(t, d.DB, dfShown), before...)
			}
		}
	}
}
