package writes_test

import (
	"errors"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// A to-one relation that is the first of several rows: what is written is about all of them.

type fRiver struct {
	ID   int64
	Name string
	Last *fGauge
	Top  *fMark
}

type fGauge struct {
	ID      int64
	RiverID int64
	Level   int64
	Kind    string
}

type fMark struct {
	ID       int64
	ItemType string
	ItemID   int64
	Level    int64
}

type fTables struct {
	registry *dovetail.Registry
	rivers   *dovetail.Table[fRiver]
	gauges   *dovetail.Table[fGauge]
	marks    *dovetail.Table[fMark]
	last     *dovetail.ToOne[*fRiver, *fGauge]
}

func newFTables(opts ...dovetail.RelationOption) fTables {
	f := fTables{registry: dovetail.NewRegistry()}
	f.rivers = dovetail.NewTable[fRiver](f.registry, "rivers")
	f.gauges = dovetail.NewTable[fGauge](f.registry, "gauges")
	f.marks = dovetail.NewTable[fMark](f.registry, "marks")
	f.last = dovetail.HasOne(f.rivers, "last", f.gauges, append(opts, dovetail.ForeignKey("river_id"), dovetail.OrderBy("level DESC"))...)
	dovetail.MorphOne(f.rivers, "top", f.marks, dovetail.MorphKey("item_type", "item_id"), dovetail.MorphValue("river"),
		dovetail.OrderBy("level"), dovetail.OnDelete(dovetail.Cascade))
	return f
}

// TestWritesAlongTheFirstOfSeveralRows inserts along it, deletes what points at its owner, and asks the database for no unique key.
func TestWritesAlongTheFirstOfSeveralRows(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		ctx := t.Context()
		f := newFTables(dovetail.OnDelete(dovetail.Cascade))
		statements, err := f.registry.DDL(d.DB.Dialect())
		kit.NoError(t, err)
		if ddl := strings.Join(statements, "\n"); strings.Contains(ddl, "UNIQUE") || !strings.Contains(ddl, "CASCADE") {
			t.Errorf("expected no unique key, and that of the delete, got\n%s", ddl)
		}
		kit.NoError(t, f.registry.CreateAll(ctx, d.DB))
		if found := kit.MustFind(t, f.registry, d.DB); len(found) > 0 {
			t.Errorf("expected no findings, got\n%s", kit.ListFindings(found))
		}
		elbe := &fRiver{Name: "Elbe", Last: &fGauge{Level: 3}, Top: &fMark{Level: 2}}
		kit.NoError(t, dovetail.Insert(f.rivers, elbe, &fRiver{Name: "Oder", Last: &fGauge{Level: 9}}).With("last", "top").Exec(ctx, d.DB))
		kit.NoError(t, dovetail.Insert(f.gauges, &fGauge{RiverID: elbe.ID, Level: 1}, &fGauge{RiverID: elbe.ID, Level: 7}).Exec(ctx, d.DB))
		kit.NoError(t, dovetail.Insert(f.marks, &fMark{ItemType: "river", ItemID: elbe.ID, Level: 5}, &fMark{ItemType: "sea", ItemID: elbe.ID}).Exec(ctx, d.DB))
		rivers := kit.All(t, d.DB, dovetail.Select(f.rivers).OrderBy("id").Preload("last").Preload("top"))
		kit.Equal(t, "the last", rivers[0].Last.Level, 7)
		kit.Equal(t, "the top", rivers[0].Top.Level, 2)
		n, err := dovetail.Delete(f.rivers).Where(sq.Eq{"last.level": 3}).Exec(ctx, d.DB)
		kit.NoError(t, err)
		kit.Equal(t, "by what is not the last", n, 0)
		n, err = dovetail.Update(f.rivers).Set("name", "Labe").Where(dovetail.Has("last", sq.Eq{"level": 7})).Exec(ctx, d.DB)
		kit.NoError(t, err)
		kit.Equal(t, "updated by the last", n, 1)
		_, err = dovetail.Delete(f.rivers).Where(sq.Eq{"last.level": 7}).Exec(ctx, d.DB)
		kit.NoError(t, err)
		levels := kit.Collect[int64](t, d.DB, dovetail.Select(f.gauges).Columns("level"))
		kit.Same(t, "all of the river's go", levels, 9)
		kit.Same(t, "so do its marks", kit.Collect[string](t, d.DB, dovetail.Select(f.marks).Columns("item_type")), "sea")
	})
}

// TestDeletesAlongTheFirstFollowItsConstants leaves rows that its condition keeps out to the database, as those of any relation.
func TestDeletesAlongTheFirstFollowItsConstants(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		ctx := t.Context()
		f := newFTables(dovetail.OnDelete(dovetail.Cascade), dovetail.Where(sq.Eq{"kind": "auto"}))
		kit.NoError(t, f.registry.CreateAll(ctx, d.DB))
		elbe := &fRiver{Last: &fGauge{Level: 3}}
		kit.NoError(t, dovetail.Insert(f.rivers, elbe).With("last").Exec(ctx, d.DB))
		kit.Equal(t, "filled", elbe.Last.Kind, "auto")
		kit.NoError(t, dovetail.Insert(f.gauges, &fGauge{RiverID: elbe.ID, Level: 9, Kind: "auto"}, &fGauge{RiverID: elbe.ID, Kind: "hand"}).Exec(ctx, d.DB))
		_, err := dovetail.Delete(f.rivers).Where(sq.Eq{"id": elbe.ID}).Exec(ctx, d.DB)
		var refused *dovetail.ConstraintError
		if !errors.As(err, &refused) {
			t.Errorf("expected the database to refuse, got %v", err)
		}
		_, err = dovetail.Delete(f.gauges).Where(sq.Eq{"kind": "hand"}).Exec(ctx, d.DB)
		kit.NoError(t, err)
		_, err = dovetail.Delete(f.rivers).Where(sq.Eq{"id": elbe.ID}).Exec(ctx, d.DB)
		kit.NoError(t, err)
		kit.Equal(t, "left", len(kit.All(t, d.DB, dovetail.Select(f.gauges))), 0)
	})
}

// TestAConditionIsReadByAlone makes tables, checks and deletes where a relation is by a condition: nothing stands behind it.
func TestAConditionIsReadByAlone(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		ctx := t.Context()
		statements, err := models.Realm.DDL(d.DB.Dialect())
		kit.NoError(t, err)
		if ddl := strings.Join(statements, "\n"); strings.Contains(ddl, "REFERENCES") || strings.Contains(ddl, "INDEX") {
			t.Errorf("expected no key and no index, got\n%s", ddl)
		}
		kit.NoError(t, models.Realm.CreateAll(ctx, d.DB))
		if found := kit.MustFind(t, models.Realm, d.DB); len(found) > 0 {
			t.Errorf("expected no findings, got\n%s", kit.ListFindings(found))
		}
		seat := "A1"
		kit.NoError(t, dovetail.Insert(models.Provinces, &models.Province{Code: "A", Seat: &seat}, &models.Province{Code: "B"}).Exec(ctx, d.DB))
		kit.NoError(t, dovetail.Insert(models.Towns, &models.Town{Province: "A", Code: "1"}, &models.Town{Province: "B", Code: "2"}).Exec(ctx, d.DB))
		n, err := dovetail.Update(models.Towns).Set("size", 3).Where(dovetail.Has("seat_of")).Exec(ctx, d.DB)
		kit.NoError(t, err)
		kit.Equal(t, "updated", n, 1)
		n, err = dovetail.Delete(models.Provinces).Where(dovetail.Has("capital", sq.Eq{"size": 3})).Exec(ctx, d.DB)
		kit.NoError(t, err)
		kit.Equal(t, "deleted", n, 1)
		kit.Same(t, "provinces", kit.Collect[string](t, d.DB, dovetail.Select(models.Provinces).Columns("code")), "B")
		kit.Same(t, "towns stay", kit.Collect[string](t, d.DB, dovetail.Select(models.Towns).Columns("code").OrderBy("code")), "1", "2")
	})
}
