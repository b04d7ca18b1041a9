package writes_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/people"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

// Rows of an owner that become the given ones.

type sOrder struct {
	ID    int64
	Lines []*sLine
	Loose []*sLoose
	Notes []*sNote
}

type sLine struct {
	ID      int64
	OrderID int64
	Pos     int64
	Item    string
	Shout   string
	Version int64
	Order   *sOrder
}

type sLoose struct {
	No      string
	OrderID *int64
	Item    *string
	Kind    string
	Tenant  string
	GoneAt  *time.Time
}

type sNote struct {
	ID       int64
	ItemType *string
	ItemID   *int64
	Body     string
}

type syncTables struct {
	orders *dovetail.Table[sOrder]
	lines  *dovetail.Table[sLine]
	loose  *dovetail.Table[sLoose]
	of     *dovetail.ToMany[*sOrder, *sLine]
	kept   *dovetail.ToMany[*sOrder, *sLoose]
	notes  *dovetail.ToMany[*sOrder, *sNote]
}

func newSyncTables(line []dovetail.TableOption, of ...dovetail.RelationOption) syncTables {
	r := dovetail.NewRegistry()
	s := syncTables{
		orders: dovetail.NewTable[sOrder](r, "s_orders"),
		lines: dovetail.NewTable[sLine](r, "s_lines", append(line, dovetail.Generated("shout", "upper(item)"),
			dovetail.Version("version"))...),
		loose: dovetail.NewTable[sLoose](r, "s_loose", dovetail.PrimaryKey("no"), dovetail.SoftDelete("gone_at"),
			dovetail.Scope("tenant", squirrel.Eq{"tenant": "t"})),
	}
	notes := dovetail.NewTable[sNote](r, "s_notes")
	s.of = dovetail.HasMany(s.orders, "lines", s.lines, append(of, dovetail.ForeignKey("order_id"), dovetail.Inverse("order"))...)
	s.kept = dovetail.HasMany(s.orders, "loose", s.loose, dovetail.ForeignKey("order_id"), dovetail.Where(squirrel.Eq{"kind": "k"}))
	s.notes = dovetail.MorphMany(s.orders, "notes", notes, dovetail.MorphKey("item_type", "item_id"), dovetail.MorphValue("order"))
	return s
}

const syncDDL = `
CREATE TABLE s_orders (id BIGINT PRIMARY KEY);
CREATE TABLE s_lines (id {key}, order_id BIGINT NOT NULL REFERENCES s_orders (id), pos BIGINT NOT NULL CHECK (pos > 0), item TEXT NOT NULL,
  shout TEXT GENERATED ALWAYS AS (upper(item)) STORED, version BIGINT NOT NULL DEFAULT 0, UNIQUE (order_id, pos));
CREATE TABLE s_loose (no TEXT PRIMARY KEY, order_id BIGINT REFERENCES s_orders (id), item TEXT, kind TEXT NOT NULL, tenant TEXT NOT NULL,
  gone_at TIMESTAMP);
CREATE TABLE s_notes (id {key}, item_type TEXT, item_id BIGINT, body TEXT NOT NULL);
INSERT INTO s_orders (id) VALUES (1), (2);
`

const (
	sLines = "SELECT order_id || '.' || pos || ' ' || item || ' v' || version FROM s_lines ORDER BY order_id, pos"
	sLoosE = "SELECT no || ' ' || coalesce(CAST(order_id AS TEXT), '-') || ' ' || coalesce(item, '-') || ' ' || kind || ' ' || tenant || " +
		"CASE WHEN gone_at IS NULL THEN '' ELSE ' gone' END FROM s_loose ORDER BY no"
)

func onSynced(t *testing.T, test func(t *testing.T, d kit.Database, ctx context.Context)) {
	t.Helper()
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		d.Exec(t, written.WithKeys(d, syncDDL))
		test(t, d, t.Context())
	})
}

func diffCounts[C any](d dovetail.Diff[C]) string {
	return fmt.Sprintf("+%d -%d ~%d", len(d.Added), len(d.Removed), len(d.Changed))
}

// TestSyncMakesTheRowsTheGivenOnes inserts, changes and removes, and reads back what the database made.
func TestSyncMakesTheRowsTheGivenOnes(t *testing.T) {
	t.Parallel()
	tables := newSyncTables(nil, dovetail.DeleteOrphans())
	onSynced(t, func(t *testing.T, d kit.Database, ctx context.Context) {
		order, db := &sOrder{ID: 1}, d.Record()
		tea, milk, egg := &sLine{Pos: 1, Item: "tea"}, &sLine{Pos: 2, Item: "milk"}, &sLine{Pos: 3, Item: "egg"}
		diff, err := tables.of.Sync(ctx, db, order, tea, milk, egg, tea)
		kit.NoError(t, err)
		kit.Equal(t, "the first", diffCounts(diff), "+3 -0 ~0")
		if tea.ID == 0 || egg.ID <= milk.ID || egg.OrderID != 1 || egg.Shout != "EGG" {
			t.Errorf("got %+v, %+v", tea, egg)
		}
		db = d.Record()
		diff, err = tables.of.Sync(ctx, db, order, egg, milk, tea)
		kit.NoError(t, err)
		kit.Equal(t, "the same again", diffCounts(diff), "+0 -0 ~0")
		db.Expect(t, 2, 2)

		db = d.Record()
		jam := &sLine{Pos: 2, Item: "jam"}
		egg.Pos, tea.Item = 1, "green tea"
		tea.Pos = 3
		diff, err = tables.of.Sync(ctx, db, order, jam, tea, egg)
		kit.NoError(t, err)
		kit.Equal(t, "another", diffCounts(diff), "+1 -1 ~2")
		if diff.Removed[0].ID != milk.ID || diff.Removed[0].Item != "" || diff.Added[0] != jam || jam.ID == 0 || jam.Shout != "JAM" {
			t.Errorf("got %+v", diff)
		}
		if tea.Version != 1 || tea.Shout != "GREEN TEA" {
			t.Errorf("got %+v", tea)
		}
		people.ExpectLines(t, d, sLines, "1.1 egg v1", "1.2 jam v0", "1.3 green tea v1")

		stale := *tea
		stale.Version, stale.Item = 0, "other"
		_, err = tables.of.Sync(ctx, d.DB, order, &stale, &sLine{Pos: 9, Item: "new"})
		kit.Refused(t, err, dovetail.ErrStale, "sync s_orders.lines")
		if stale.Version != 0 {
			t.Errorf("expected the struct as it was, got %+v", stale)
		}
		stale.Item = tea.Item
		diff, err = tables.of.Sync(ctx, d.DB, order, &stale)
		kit.NoError(t, err)
		kit.Equal(t, "an old version of the same", diffCounts(diff)+fmt.Sprint(stale.Version), "+0 -2 ~01")
		diff, err = tables.of.Sync(ctx, d.DB, order)
		kit.NoError(t, err)
		kit.Equal(t, "none", diffCounts(diff), "+0 -1 ~0")
		people.ExpectLines(t, d, sLines)
	})
}

// TestSyncIsRefused: nothing is written, and structs are as they were.
func TestSyncIsRefused(t *testing.T) {
	t.Parallel()
	tables := newSyncTables(nil, dovetail.DeleteOrphans())
	onSynced(t, func(t *testing.T, d kit.Database, ctx context.Context) {
		d.Exec(t, "INSERT INTO s_lines (order_id, pos, item) VALUES (1, 1, 'a'), (1, 2, 'b'), (2, 1, 'c')")
		d.Exec(t, "INSERT INTO s_loose (no, kind, tenant, gone_at) VALUES ('gone', 'k', 't', '2020-01-01'), ('theirs', 'k', 'u', NULL)")
		order := &sOrder{ID: 1}
		lines := kit.All(t, d.DB, dovetail.Select(tables.lines).OrderBy("id"))
		dup := *lines[0]
		for name, test := range map[string]struct {
			rows  []*sLine
			is    error
			words []string
		}{
			"a row of another":         {[]*sLine{lines[2]}, dovetail.ErrInvalidRow, []string{"row 1", "another owner", "Move"}},
			"one that hides its owner": {[]*sLine{{ID: lines[2].ID, Pos: 4}}, dovetail.ErrInvalidRow, []string{"another owner", "Move"}},
			"a row that is gone":       {[]*sLine{{ID: 4711, Pos: 1}, lines[0]}, dovetail.ErrNoRows, []string{"1 of the 2 rows of", "has a key that the database makes", "make the key zero"}},
			"two with one key":         {[]*sLine{lines[0], &dup}, dovetail.ErrInvalidRow, []string{"the same primary key"}},
			"nil":                      {[]*sLine{nil}, dovetail.ErrInvalidRow, []string{"row 1 is nil"}},
			"one the database refuses": {[]*sLine{lines[0], {ID: lines[1].ID, Pos: 2, Item: "x"}, {Pos: 3, Item: "fine"}, {Pos: -1, Item: "y"}}, nil, nil},
			"one position twice":       {[]*sLine{lines[0], {ID: lines[1].ID, Pos: 1, Item: "x"}}, nil, nil},
		} {
			var before []sLine
			for _, l := range test.rows {
				if l != nil {
					before = append(before, *l)
				}
			}
			_, err := tables.of.Sync(ctx, d.DB, order, test.rows...)
			if test.is != nil {
				kit.Refused(t, err, test.is, append(test.words, "sync s_orders.lines")...)
			} else if err == nil {
				t.Errorf("%s: expected an error", name)
			}
			for _, l := range test.rows {
				if l != nil && *l != before[0] {
					t.Errorf("%s: expected %+v, got %+v", name, before[0], l)
				}
				before = before[min(1, len(before)):]
			}
			people.ExpectLines(t, d, sLines, "1.1 a v0", "1.2 b v0", "2.1 c v0")
		}
		_, err := tables.of.Sync(ctx, d.DB, &sOrder{ID: 4711}, &sLine{Pos: 1})
		kit.Refused(t, err, dovetail.ErrNoRows, "the owner")
		for no, is := range map[string]error{"gone": dovetail.ErrInvalidRow, "theirs": dovetail.ErrInvalidRow} {
			_, err := tables.kept.Sync(ctx, d.DB, order, &sLoose{No: no})
			kit.Refused(t, err, is, "sync s_orders.loose")
		}
		now := time.Now()
		_, err = tables.kept.Sync(ctx, d.DB, order, &sLoose{No: "new", GoneAt: &now})
		kit.Refused(t, err, dovetail.ErrInvalidRow, "gone_at")
		_, err = tables.kept.Sync(ctx, d.DB, order, &sLoose{No: "new", Tenant: "u"})
		kit.Refused(t, err, dovetail.ErrInvalidRow, "tenant")
		_, err = newSyncTables(nil).of.Sync(ctx, &kit.CaptureDB{Speaks: d.DB.Dialect()}, order, lines[0])
		kit.Refused(t, err, dovetail.ErrInvalidRelation, "DeleteOrphans")
		_, err = written.StudentCourses.Sync(ctx, &kit.CaptureDB{Speaks: d.DB.Dialect()}, &written.Student{ID: 1})
		kit.Refused(t, err, dovetail.ErrInvalidRelation, `join table "enrollments"`, "ReplaceWith")
		_, err = people.Admired.Sync(ctx, &kit.CaptureDB{Speaks: d.DB.Dialect()}, &people.Person{ID: 1})
		kit.Refused(t, err, dovetail.ErrInvalidRelation, "only be read")
		_, err = tables.of.Replace(ctx, d.DB, order, &sLine{ID: 4711})
		kit.Refused(t, err, dovetail.ErrNoRows, "Sync")
		_, err = tables.of.Replace(ctx, d.DB, order, &sLine{})
		kit.Refused(t, err, dovetail.ErrInvalidRow, "Sync")
	})
}

// TestSyncKeepsToRulesAndScopes: what they say is filled, rows that point at nothing are linked, others set free; a soft delete does not
// matter to a key that can be NULL.
func TestSyncKeepsToRulesAndScopes(t *testing.T) {
	t.Parallel()
	tables := newSyncTables(nil, dovetail.DeleteOrphans())
	onSynced(t, func(t *testing.T, d kit.Database, ctx context.Context) {
		d.Exec(t, "INSERT INTO s_loose (no, order_id, item, kind, tenant) VALUES ('a', 1, 'x', 'k', 't'), ('b', 1, 'x', 'k', 't'), "+
			"('free', NULL, 'x', 'k', 't'), ('other', 1, 'x', 'o', 't'), ('theirs', 1, 'x', 'k', 'u')")
		order, item := &sOrder{ID: 1}, "new"
		free, made := &sLoose{No: "free"}, &sLoose{No: "zz", Item: &item}
		diff, err := tables.kept.Sync(ctx, d.DB, order, made, free, &sLoose{No: "b", Item: &item})
		kit.NoError(t, err)
		kit.Equal(t, "the difference", diffCounts(diff), "+2 -1 ~1")
		if diff.Added[0] != free || diff.Added[1] != made || *free.OrderID != 1 || made.Kind != "k" || made.Tenant != "t" {
			t.Errorf("got %+v, %+v, %+v", diff, free, made)
		}
		people.ExpectLines(t, d, sLoosE, "a - x k t", "b 1 new k t", "free 1 - k t", "other 1 x o t", "theirs 1 x k u", "zz 1 new k t")

		notes, err := tables.notes.Sync(ctx, d.DB, order, &sNote{Body: "n"}, &sNote{Body: "m"})
		kit.NoError(t, err)
		kit.Equal(t, "notes", diffCounts(notes), "+2 -0 ~0")
		notes, err = tables.notes.Sync(ctx, d.DB, order, notes.Added[0])
		kit.NoError(t, err)
		kit.Equal(t, "notes", diffCounts(notes), "+0 -1 ~0")
		people.ExpectLines(t, d, "SELECT body || ' ' || coalesce(item_type, '-') || ' ' || coalesce(CAST(item_id AS TEXT), '-') FROM s_notes ORDER BY body",
			"m - -", "n order 1")
	})
}

// TestSyncOfKeysOfSeveralColumns: the owner's part of a key is filled, and a key that the program gives is new if it is not there.
func TestSyncOfKeysOfSeveralColumns(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		d.Exec(t, written.WithKeys(d, written.DDL)+"INSERT INTO orders VALUES ('n', 1), ('n', 2); INSERT INTO lines VALUES ('n', 2, 1, 'other')")
		r := dovetail.NewRegistry()
		orders := dovetail.NewTable[written.Order](r, "orders", dovetail.PrimaryKey("region", "number"))
		lines := dovetail.NewTable[written.Line](r, "lines", dovetail.PrimaryKey("region", "number", "no"))
		of := dovetail.HasMany(orders, "lines", lines, dovetail.ForeignKey("region", "number"), dovetail.Inverse("order"), dovetail.DeleteOrphans())
		order := &written.Order{Region: "n", Number: 1}
		one, two := &written.Line{No: 1, Item: "a"}, &written.Line{No: 2, Item: "b"}
		diff, err := of.Sync(t.Context(), d.DB, order, two, one)
		kit.NoError(t, err)
		kit.Equal(t, "new", diffCounts(diff), "+2 -0 ~0")
		two.Item = "c"
		diff, err = of.Sync(t.Context(), d.DB, order, two, &written.Line{No: 3, Item: "d"})
		kit.NoError(t, err)
		kit.Equal(t, "the next", diffCounts(diff), "+1 -1 ~1")
		people.ExpectLines(t, d, "SELECT number || ' ' || no || ' ' || item FROM lines ORDER BY 1", "1 2 c", "1 3 d", "2 1 other")
		_, err = of.Sync(t.Context(), d.DB, order, &written.Line{Item: "e"})
		kit.Refused(t, err, dovetail.ErrInvalidRow, `column "no"`)
	})
}

// TestSyncGivesPositionsAway: what one row gives up in a unique key another may take, declared or not.
func TestSyncGivesPositionsAway(t *testing.T) {
	t.Parallel()
	onSynced(t, func(t *testing.T, d kit.Database, ctx context.Context) {
		for name, options := range map[string][]dovetail.TableOption{"declared": {dovetail.Unique("order_id", "pos")}, "not declared": nil} {
			tables, order := newSyncTables(options, dovetail.DeleteOrphans()), &sOrder{ID: 1}
			for _, items := range []string{"abcd", "badc", "bcda", "xbacd", "dcba", "d", "abd", ""} {
				held := map[string]*sLine{}
				for _, l := range kit.All(t, d.DB, dovetail.Select(tables.lines).Where(squirrel.Eq{"order_id": 1})) {
					held[l.Item] = l
				}
				var rows []*sLine
				var want []string
				for i, item := range strings.Split(items, "") {
					row := &sLine{Item: item}
					if held[item] != nil {
						row = held[item]
					}
					row.Pos = int64(i) + 1
					rows, want = append(rows, row), append(want, item)
				}
				_, err := tables.of.Sync(ctx, d.DB, order, rows...)
				if err != nil {
					t.Fatalf("%s %s: %v", name, items, err)
				}
				people.ExpectLines(t, d, "SELECT item FROM s_lines ORDER BY pos", want...)
			}
		}
	})
}

// TestSyncSendsFewStatements: one for each row that changes, in the batch of what is removed, and one for all that are new.
func TestSyncSendsFewStatements(t *testing.T) {
	t.Parallel()
	tables := newSyncTables([]dovetail.TableOption{dovetail.Unique("order_id", "pos")}, dovetail.DeleteOrphans())
	onSynced(t, func(t *testing.T, d kit.Database, ctx context.Context) {
		order, rows := &sOrder{ID: 1}, []*sLine{}
		for i := range 10 {
			rows = append(rows, &sLine{Pos: int64(i) + 1, Item: "a"})
		}
		db := d.Record()
		kit.Must[dovetail.Diff[*sLine]](t)(tables.of.Sync(ctx, db, order, rows...))
		db.Expect(t, 3, 3)
		for i := range 4 {
			rows[i].Item = "b"
		}
		for i := range 5 {
			rows = append(rows, &sLine{Pos: int64(i) + 11, Item: "c"})
		}
		diff := kit.Must[dovetail.Diff[*sLine]](t)(tables.of.Sync(ctx, db, order, append(rows[:7:7], rows[9:]...)...))
		kit.Equal(t, "the difference", diffCounts(diff), "+5 -2 ~4")
		db.Expect(t, 2+1+4+1, 4) // the owner and the rows; those removed, changed and new
	})
}

// TestSyncOfWhatHasAnotherValueOfARule: a row that points at nothing becomes one of the relation's, and one of another relation does not. What
// is refused is the row in the database, which the one that is given cannot mend.
func TestSyncOfWhatHasAnotherValueOfARule(t *testing.T) {
	t.Parallel()
	tables := newSyncTables(nil, dovetail.DeleteOrphans())
	onSynced(t, func(t *testing.T, d kit.Database, ctx context.Context) {
		d.Exec(t, "INSERT INTO s_loose (no, order_id, kind, tenant) VALUES ('free', NULL, 'o', 't'), ('said', NULL, 'o', 't'), ('other', 1, 'o', 't')")
		order, free := &sOrder{ID: 1}, &sLoose{No: "free"}
		_, err := tables.kept.Link(ctx, d.DB, order, free)
		kit.Refused(t, err, dovetail.ErrInvalidRow, `column "kind"`, "in the database")
		_, err = tables.kept.Sync(ctx, d.DB, order, free, &sLoose{No: "other"})
		kit.Refused(t, err, dovetail.ErrInvalidRow, `column "kind"`, "in the database")
		people.ExpectLines(t, d, sLoosE, "free - - o t", "other 1 - o t", "said - - o t")
		diff, err := tables.kept.Sync(ctx, d.DB, order, free, &sLoose{No: "said", Kind: "k"})
		kit.NoError(t, err)
		kit.Equal(t, "the difference", diffCounts(diff), "+2 -0 ~0")
		kit.Equal(t, "the struct", free.Kind, "k")
		people.ExpectLines(t, d, sLoosE, "free 1 - k t", "other 1 - o t", "said 1 - k t")
	})
}
