package reads_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/dbtest"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type layoutOwner struct {
	ID     int64
	Name   string
	Score  float64
	At     time.Time
	Note   *string
	Pieces int64 `db:"pieces,computed"`
	Kids   []*layoutKid
	Tags   []dovetail.Linked[layoutTag, layoutTagging]
}

type layoutKid struct {
	ID, OwnerID int64
	Size        *int64
	Owner       *layoutOwner
}

type layoutTag struct {
	ID   int64
	Name string
}

type layoutTagging struct {
	OwnerID, TagID int64
	Weight         int64
}

type layoutTables struct {
	r      *dovetail.Registry
	owners *dovetail.Table[layoutOwner]
	kids   *dovetail.Table[layoutKid]
}

func newLayoutTables() layoutTables {
	r := dovetail.NewRegistry()
	owners, kids := dovetail.NewTable[layoutOwner](r, "owners"), dovetail.NewTable[layoutKid](r, "kids")
	dovetail.HasMany(owners, "kids", kids, dovetail.ForeignKey("owner_id"), dovetail.Inverse("owner"))
	dovetail.ManyToMany(owners, "tags", dovetail.NewTable[layoutTag](r, "tags"),
		dovetail.NewTable[layoutTagging](r, "taggings", dovetail.PrimaryKey("owner_id", "tag_id")), dovetail.ThroughKeys("owner_id", "tag_id"))
	return layoutTables{r, owners, kids}
}

// read describes what queries of several kinds read.
func (tables layoutTables) read(t *testing.T, db dovetail.DB) string {
	t.Helper()
	owners := dovetail.Select(tables.owners).With(dovetail.Count("kids").As("pieces")).OrderBy("id").Preload("kids.owner").Preload("tags")
	text := ""
	for _, q := range []dovetail.Query[*layoutOwner]{owners, dovetail.Select(tables.owners).OrderBy("id").Fetch("kids.owner").Fetch("tags")} {
		rows, err := q.All(t.Context(), db)
		if err != nil {
			t.Error(err)
		}
		for _, o := range rows {
			note := "NULL"
			if o.Note != nil {
				note = *o.Note
			}
			text += fmt.Sprintf("%d %s %v %v %s %d:", o.ID, o.Name, o.Score, o.At.UTC(), note, o.Pieces)
			for _, k := range o.Kids {
				size := int64(-1)
				if k.Size != nil {
					size = *k.Size
				}
				text += fmt.Sprintf(" %d/%d/%d/%v", k.ID, k.OwnerID, size, k.Owner == o)
			}
			for _, tag := range o.Tags {
				text += fmt.Sprintf(" %d/%s/%d", tag.Row.ID, tag.Row.Name, tag.Link.Weight)
			}
			text += "\n"
		}
	}
	return text
}

const layoutDDL = `CREATE TABLE owners (id BIGINT PRIMARY KEY, name TEXT NOT NULL, score DOUBLE PRECISION NOT NULL, at TIMESTAMPTZ NOT NULL, note TEXT);
	CREATE TABLE kids (id BIGINT PRIMARY KEY, owner_id BIGINT NOT NULL, size BIGINT);
	CREATE TABLE tags (id BIGINT PRIMARY KEY, name TEXT NOT NULL);
	CREATE TABLE taggings (owner_id BIGINT, tag_id BIGINT, weight BIGINT NOT NULL, PRIMARY KEY (owner_id, tag_id));
	INSERT INTO owners VALUES (1, 'a', 1.5, '2024-01-02T03:04:05Z', 'x'), (2, 'b', -2, '2024-01-02T03:04:05Z', NULL), (12345678, 'c', 1.234567, '2024-01-02T03:04:05Z', '');
	INSERT INTO kids VALUES (1, 1, 10), (2, 1, NULL), (3, 12345678, 32109876);
	INSERT INTO tags VALUES (1, 't'), (2, 'u');
	INSERT INTO taggings VALUES (1, 1, 5), (1, 2, 6), (2, 1, 7)`

const layoutRows = `1 a 1.5 2024-01-02 03:04:05 +0000 UTC x 2: 1/1/10/true 2/1/-1/true 1/t/5 2/u/6
2 b -2 2024-01-02 03:04:05 +0000 UTC NULL 0: 1/t/7
12345678 c 1.234567 2024-01-02 03:04:05 +0000 UTC  1: 3/12345678/32109876/true
1 a 1.5 2024-01-02 03:04:05 +0000 UTC x 0: 1/1/10/true 2/1/-1/true 1/t/5 2/u/6
2 b -2 2024-01-02 03:04:05 +0000 UTC NULL 0: 1/t/7
12345678 c 1.234567 2024-01-02 03:04:05 +0000 UTC  0: 3/12345678/32109876/true
`

// How rows are read is kept with a program, but not where the database sends them in another way: connections in other exec modes, which
// use the same programs at the same time, and columns that have become of another type.
func TestRowsSentInAnotherWayAreReadAnew(t *testing.T) {
	t.Parallel()
	tables := newLayoutTables()
	d := kit.PostgresPool(t, layoutDDL)
	pools := map[pgx.QueryExecMode]dovetail.DB{}
	for _, mode := range []pgx.QueryExecMode{
		pgx.QueryExecModeCacheStatement, pgx.QueryExecModeDescribeExec, pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol,
	} { // cache_describe believes what the columns were
		config := dbtest.PostgresConfig(t)
		config.ConnConfig.DefaultQueryExecMode = mode
		pools[mode] = postgres.New(dbtest.PostgresPool(t, config))
	}
	alternate := func() {
		t.Helper()
		var all sync.WaitGroup
		for range 4 {
			for mode, db := range pools {
				all.Go(func() {
					if got := tables.read(t, db); got != layoutRows {
						t.Errorf("%v: got\n%swant\n%s", mode, got, layoutRows)
					}
				})
			}
		}
		all.Wait()
	}
	for range 3 { // what is kept then is how binary values are read
		kit.Equal(t, "rows", tables.read(t, pools[pgx.QueryExecModeCacheStatement]), layoutRows)
	}
	alternate()
	d.Exec(t, `ALTER TABLE owners ALTER score TYPE NUMERIC(9, 6), ALTER name TYPE VARCHAR(9), ALTER at TYPE TIMESTAMP USING at AT TIME ZONE 'UTC';
		ALTER TABLE kids ALTER owner_id TYPE INTEGER, ALTER size TYPE INTEGER;
		ALTER TABLE taggings ALTER weight TYPE SMALLINT`)
	alternate()
}
