package writes_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// What goes first may move the condition of a delete, by what the database does and nobody declares. The rows that were told go all the same.

type (
	mvBox struct {
		ID      int64
		N       int64
		MainID  *int64
		Version int64
		Gone    *time.Time
		Lids    []*mvLid
		Pins    []*mvPin
	}
	mvLid struct {
		ID    int64
		BoxID *int64
		Gone  *time.Time
	}
	mvPin struct {
		ID    int64
		BoxID int64
	}
)

const mvDDL = `
CREATE TABLE mv_boxes (id BIGINT PRIMARY KEY, n BIGINT NOT NULL, main_id BIGINT, version BIGINT NOT NULL DEFAULT 1, gone TIMESTAMP);
CREATE TABLE mv_lids (id BIGINT PRIMARY KEY, box_id BIGINT, gone TIMESTAMP);
CREATE TABLE mv_pins (id BIGINT PRIMARY KEY, box_id BIGINT NOT NULL, lid_id BIGINT REFERENCES mv_lids ON DELETE CASCADE);
INSERT INTO mv_boxes (id, n) VALUES (1, 2), (2, 1), (3, 0), (4, 9);
INSERT INTO mv_lids (id, box_id) VALUES (1, 1), (2, 1), (3, 2), (4, 4);
INSERT INTO mv_pins VALUES (1, 1, 1), (2, 2, 3);
`

// mvTrigger has the database change boxes when a lid goes or changes.
func mvTrigger(t *testing.T, d kit.Database, does string) {
	t.Helper()
	if d.Postgres() {
		d.Exec(t, "CREATE FUNCTION moves() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "+does+"; RETURN NULL; END $$; "+
			"CREATE TRIGGER moves AFTER UPDATE OR DELETE ON mv_lids FOR EACH ROW EXECUTE FUNCTION moves()")
		return
	}
	for _, verb := range []string{"UPDATE", "DELETE"} {
		d.Exec(t, "CREATE TRIGGER moves_"+verb+" AFTER "+verb+" ON mv_lids BEGIN "+does+"; END")
	}
}

const (
	mvCounts  = "UPDATE mv_boxes SET n = (SELECT count(*) FROM mv_lids WHERE box_id = mv_boxes.id AND gone IS NULL)"
	mvTouches = "UPDATE mv_boxes SET version = version + 1 WHERE id = old.box_id"
	mvSwaps   = "UPDATE mv_boxes SET n = CASE id WHEN 2 THEN 5 WHEN 3 THEN 1 ELSE n END" // box 3 comes for box 2
	mvMain    = "UPDATE mv_boxes SET main_id = NULL WHERE main_id = old.id"
)

type mvCase struct {
	does     string // the trigger
	before   string // else what is done first
	lids     dovetail.DeletePolicy
	soft     bool
	version  bool
	where    any
	restores bool
	rows     bool  // by DeleteRows
	n        int64 // that go
	want     string
}

var mvCases = map[string]mvCase{
	"a counter":                  {does: mvCounts, where: squirrel.Gt{"n": 0}, n: 3, want: "boxes 3 lids pins"},
	"a counter, as text":         {does: mvCounts, where: "n > 0", n: 3, want: "boxes 3 lids pins"},
	"others come in their stead": {does: mvSwaps, where: squirrel.Eq{"n": 1}, n: 1, want: "boxes 1 3 4 lids 1 2 4 pins 1"},
	"marks":                      {does: mvCounts, soft: true, where: squirrel.Gt{"n": 0}, n: 3, want: "boxes 3 lids pins 1 2"},
	"NULL":                       {does: mvCounts, lids: dovetail.SetNull, where: squirrel.Gt{"n": 0}, n: 3, want: "boxes 3 lids 1 2 3 4 pins 1 2"},
	"restored": {does: mvCounts, before: "UPDATE mv_lids SET gone = '2020-01-01'; UPDATE mv_boxes SET gone = '2020-01-01'", soft: true, restores: true,
		where: squirrel.Gt{"n": 2}, n: 1, want: "boxes 4 lids 4 pins 1 2"},
	"a key that the database makes NULL": {does: mvMain, before: "UPDATE mv_boxes SET main_id = 1 WHERE id = 1", where: squirrel.NotEq{"main_id": nil}, n: 1,
		want: "boxes 2 3 4 lids 3 4 pins 2"},
	"rows behind those that go":   {where: dovetail.Has("pins"), n: 2, want: "boxes 3 4 lids 4 pins"},
	"the version of rows in hand": {does: mvTouches, version: true, rows: true, n: 2, want: "boxes 3 4 lids 4 pins"},
}

// TestWhatGoesFirstMovesTheConditionOfADelete: no child goes without the row that was told, and no row that was not told.
func TestWhatGoesFirstMovesTheConditionOfADelete(t *testing.T) {
	t.Parallel()
	for name, c := range mvCases {
		for _, returning := range []bool{false, true} {
			if returning && (c.restores || c.rows) {
				continue
			}
			t.Run(name+map[bool]string{true: ", returned"}[returning], func(t *testing.T) {
				t.Parallel()
				kit.OnEach(t, mvDDL, func(t *testing.T, d kit.Database) {
					if c.before != "" {
						d.Exec(t, c.before)
					}
					if c.does != "" {
						mvTrigger(t, d, c.does)
					}
					n, err := c.do(t, d, returning)
					kit.NoError(t, err)
					kit.Equal(t, "rows", n, c.n)
					kit.Equal(t, "what is there", mvThere(t, d), c.want)
				})
			})
		}
	}
}

// do deletes, and returns how many rows went.
func (c mvCase) do(t *testing.T, d kit.Database, returning bool) (int64, error) {
	t.Helper()
	boxes := c.boxes()
	switch {
	case c.rows:
		rows := kit.All(t, d.DB, dovetail.Select(boxes).Where(squirrel.Eq{"id": []int64{1, 2}}))
		return int64(len(rows)), dovetail.DeleteRows(t.Context(), d.DB, boxes, rows...)
	case c.restores:
		return dovetail.Restore(boxes).Where(c.where).Exec(t.Context(), d.DB)
	case returning:
		rows, err := dovetail.Delete(boxes).Where(c.where).Returning(t.Context(), d.DB)
		return int64(len(rows)), err
	}
	return dovetail.Delete(boxes).Where(c.where).Exec(t.Context(), d.DB)
}

func (c mvCase) boxes() *dovetail.Table[mvBox] {
	var of, ofLids []dovetail.TableOption
	if c.soft {
		of, ofLids = append(of, dovetail.SoftDelete("gone")), append(ofLids, dovetail.SoftDelete("gone"))
	}
	if c.version {
		of = append(of, dovetail.Version("version"))
	}
	policy := c.lids
	if policy == 0 {
		policy = dovetail.Cascade
	}
	r := dovetail.NewRegistry()
	boxes, lids := dovetail.NewTable[mvBox](r, "mv_boxes", of...), dovetail.NewTable[mvLid](r, "mv_lids", ofLids...)
	dovetail.HasMany(boxes, "lids", lids, dovetail.ForeignKey("box_id"), dovetail.OnDelete(policy), dovetail.Logical())
	dovetail.HasMany(boxes, "pins", dovetail.NewTable[mvPin](r, "mv_pins"), dovetail.ForeignKey("box_id"), dovetail.Logical())
	return boxes
}

// mvThere lists the rows that are there, and not marked.
func mvThere(t *testing.T, d kit.Database) string {
	t.Helper()
	var all []string
	for _, of := range []string{"boxes WHERE gone IS NULL", "lids WHERE gone IS NULL", "pins"} {
		ids, err := kit.SQL[int64](t.Context(), d.DB, "SELECT id FROM mv_"+of+" ORDER BY id")
		kit.NoError(t, err)
		all = append(all, strings.Trim(strings.Split(of, " ")[0]+" "+strings.Trim(fmt.Sprint(ids), "[]"), " "))
	}
	return strings.Join(all, " ")
}

// TestADeleteWithoutTemporaryTables: the user may not make those that keys are kept in. The error says what to grant.
func TestADeleteWithoutTemporaryTables(t *testing.T) {
	t.Parallel()
	d := kit.PostgresPool(t, mvDDL)
	names := kit.Must[[]string](t)(kit.SQL[string](t.Context(), d.DB, "SELECT unnest(ARRAY[current_database(), current_schema()])::text"))
	on, role := `DATABASE "`+names[0]+`"`, "untemporary"
	d.Exec(t, "REVOKE TEMPORARY ON "+on+" FROM PUBLIC; CREATE ROLE "+role+`; GRANT USAGE ON SCHEMA "`+names[1]+`" TO `+role+
		"; GRANT ALL ON mv_boxes, mv_lids, mv_pins TO "+role)
	defer d.Exec(t, "GRANT TEMPORARY ON "+on+" TO PUBLIC; DROP OWNED BY "+role+"; DROP ROLE "+role)
	err := d.DB.InTx(t.Context(), dovetail.TxOptions{}, func(tx dovetail.DB) error {
		if _, err := kit.SQL[string](t.Context(), tx, `SELECT set_config('role', '`+role+`', true)`); err != nil {
			return err
		}
		_, err := dovetail.Delete(mvCase{}.boxes()).Where(dovetail.Has("lids")).Exec(t.Context(), tx)
		return err
	})
	kit.Refused(t, err, dovetail.ErrUnsupported, "TEMPORARY", "mv_boxes")
	kit.Equal(t, "the state", kit.SQLState(err), "42501")
}

// TestRowsBetweenOfARowThatComesMeanwhile: others have a row meet the condition while the rows between go. Its rows between are there still, and go
// with it.
func TestRowsBetweenOfARowThatComesMeanwhile(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	boxes, lids := dovetail.NewTable[mvBox](r, "mv_boxes"), dovetail.NewTable[mvLid](r, "mv_lids")
	type mvTop struct{ ID, LidID int64 }
	cascade := dovetail.OnDelete(dovetail.Cascade)
	dovetail.HasMany(boxes, "lids", lids, dovetail.ForeignKey("box_id"), cascade, dovetail.Logical())
	dovetail.HasMany(lids, "tops", dovetail.NewTable[mvTop](r, "mv_pins"), dovetail.ForeignKey("lid_id"), cascade)
	d := kit.PostgresPool(t, mvDDL)
	failed := make(chan error, 1)
	kit.NoError(t, d.DB.InTx(t.Context(), dovetail.TxOptions{}, func(tx dovetail.DB) error {
		if _, err := kit.SQL[int64](t.Context(), tx, "SELECT id FROM mv_lids WHERE id = 3 FOR UPDATE"); err != nil {
			return err
		}
		go func() {
			_, err := dovetail.Delete(boxes).Where(squirrel.Eq{"n": 1}).Exec(t.Context(), d.DB)
			failed <- err
		}()
		waitsForALock(t, d)
		d.Exec(t, "UPDATE mv_boxes SET n = 1 WHERE id = 1")
		return nil
	}))
	kit.NoError(t, <-failed)
	kit.Equal(t, "what is there", mvThere(t, d), "boxes 3 4 lids 4 pins")
}
