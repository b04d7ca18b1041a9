package reads_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/dbtest"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

const onceDDL = `
CREATE TYPE once_mood AS ENUM ('glad', 'sad');
CREATE DOMAIN once_digits AS int;
CREATE TABLE once_shelf (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE once_thing (id bigint PRIMARY KEY, shelf_id int REFERENCES once_shelf, flag bool, small smallint, real real, double double precision,
  amount numeric(12,4), day date, at timestamp, moment timestamptz, span interval, net inet, doc jsonb, text_doc json, token uuid, raw bytea,
  word varchar(20), padded char(5), words text[], numbers bigint[], clock time);
CREATE TABLE once_mark (id int PRIMARY KEY, shelf_id int REFERENCES once_shelf, mood once_mood, digits once_digits);
INSERT INTO once_shelf VALUES (1, 'low'), (2, 'high'), (3, 'none');
INSERT INTO once_thing VALUES
  (1, 1, true, 7, 1.5, 2.25, 12.3400, '2024-02-29', '2024-02-29 12:00:00.000001', '2024-02-29 12:00+02', '1 day 02:00', '10.0.0.1/24',
   '{"a": [1, null]}', '{"b":  2}', '00000000-0000-0000-0000-00000000000a', '\x00ff', 'w', 'p', '{a,NULL,"c d"}', '{1,2}', '23:59:59.5'),
  (2, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (3, 2, false, -1, 2.5, 'Infinity', -0.0001, '0001-01-01', '1999-12-31', '1999-12-31 00:00Z', '-1 month', '::1', '"x"', '[]',
   'ffffffff-ffff-ffff-ffff-ffffffffffff', '', '', '', '{}', '{}', '00:00');
INSERT INTO once_mark VALUES (1, 1, 'glad', 5), (2, 2, NULL, NULL);
`

type onceShelf struct {
	ID     int32
	Name   string
	Things []*onceThing
	Marks  []*onceMark
}

type onceThing struct {
	ID      int64
	ShelfID *int32
	Flag    *bool
	Small   *int16
	Real    *float32
	Double  *float64
	Amount  *string
	Day     *time.Time
	At      *time.Time
	Moment  *time.Time
	Span    *time.Duration
	Net     *netip.Prefix
	Doc     *json.RawMessage
	TextDoc json.RawMessage
	Token   *uuid.UUID
	Raw     []byte
	Word    *string
	Padded  *string
	Words   []*string
	Numbers []int64
	Clock   *string
}

type onceMark struct {
	ID      int32
	ShelfID *int32
	Mood    *string
	Digits  *int64
}

type onceTables struct {
	shelves *dovetail.Table[onceShelf]
	things  *dovetail.Table[onceThing]
	marks   *dovetail.Table[onceMark]
}

func newOnceTables() (all onceTables) {
	r := dovetail.NewRegistry()
	all.shelves = dovetail.NewTable[onceShelf](r, "once_shelf")
	all.things = dovetail.NewTable[onceThing](r, "once_thing")
	all.marks = dovetail.NewTable[onceMark](r, "once_mark")
	dovetail.HasMany(all.shelves, "things", all.things, dovetail.ForeignKey("shelf_id"))
	dovetail.HasMany(all.shelves, "marks", all.marks, dovetail.ForeignKey("shelf_id"))
	return all
}

func oncePool(t *testing.T) *pgxpool.Pool {
	t.Helper()
	pool := dbtest.Postgres(t)
	if _, err := pool.Exec(t.Context(), onceDDL); err != nil {
		t.Fatal(err)
	}
	return pool
}

// TestOneRoundTripReadsAllTypes compares values that come inside rows with those that come by themselves, in every mode.
func TestOneRoundTripReadsAllTypes(t *testing.T) {
	t.Parallel()
	pool := oncePool(t)
	q := dovetail.Select(newOnceTables().shelves).OrderBy("id").Preload("things")
	for mode, statements := range map[pgx.QueryExecMode]int{
		pgx.QueryExecModeCacheStatement: 1, pgx.QueryExecModeCacheDescribe: 1, pgx.QueryExecModeDescribeExec: 1,
		pgx.QueryExecModeExec: 2, pgx.QueryExecModeSimpleProtocol: 2,
	} {
		config := pool.Config()
		config.ConnConfig.DefaultQueryExecMode = mode
		rec := &kit.Recorder{DB: postgres.New(dbtest.PostgresPool(t, config))}
		want := kit.All(t, rec, q)
		kit.Equal(t, "things", len(want[0].Things), 2)
		rec.Expect(t, 2, 2)
		for range 2 { // the second reads by what the first has learnt
			got := kit.All(t, rec, q.OneRoundTrip())
			rec.Expect(t, statements, statements)
			if !reflect.DeepEqual(got, want) {
				differ(t, mode.String(), got, want)
			}
		}
	}
}

// differ says which values of things are not those that are wanted.
func differ(t *testing.T, what string, got, want []*onceShelf) {
	t.Helper()
	for i := range want {
		for n, thing := range want[i].Things {
			a, b := reflect.ValueOf(thing).Elem(), reflect.ValueOf(got[i].Things[n]).Elem()
			for f := range a.NumField() {
				if x, y := a.Field(f).Interface(), b.Field(f).Interface(); !reflect.DeepEqual(x, y) {
					t.Errorf("%s: %s: expected %+v, got %+v", what, a.Type().Field(f).Name, x, y)
				}
			}
		}
	}
	t.Errorf("%s: the rows differ", what)
}

func TestOneRoundTripOfTypesThatAreNotKnown(t *testing.T) {
	t.Parallel()
	pool := oncePool(t)
	d := postgres.New(pool)
	tables := newOnceTables()
	q := dovetail.Select(tables.shelves).OrderBy("id").Preload("marks")
	want := kit.All(t, d, q)
	for i := range 5 {
		rec := &kit.Recorder{DB: d}
		if got := kit.All(t, rec, q.OneRoundTrip()); !reflect.DeepEqual(got, want) || *got[0].Marks[0].Mood != "glad" {
			t.Errorf("call %d: the rows differ", i+1)
		}
		switch i {
		case 0:
			rec.Expect(t, 3, 3) // the first shows it
		case 4:
			rec.Expect(t, 2, 2) // once the program of the query is kept, it is known
		}
	}
	config := pool.Config()
	config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		mood, err := conn.LoadType(ctx, "once_mood")
		if err == nil {
			conn.TypeMap().RegisterType(mood)
		}
		return err
	}
	registered := &kit.Recorder{DB: postgres.New(dbtest.PostgresPool(t, config))}
	got := kit.All(t, registered, dovetail.Select(tables.shelves).OrderBy("id").Preload("marks", dovetail.Select(tables.marks).Columns("mood")).OneRoundTrip())
	kit.Equal(t, "a registered enum", *got[0].Marks[0].Mood, "glad")
	registered.Expect(t, 1, 1)
}

func TestOneRoundTripTellsWhoseTextIsWrong(t *testing.T) {
	t.Parallel()
	pool := oncePool(t)
	d := postgres.New(pool)
	tables := newOnceTables()
	q := dovetail.Select(tables.shelves).Preload("things", dovetail.Select(tables.things).Where("nme = 'x'")).OneRoundTrip()
	rec := &kit.Recorder{DB: d}
	_, err := q.All(t.Context(), rec)
	var failed *dovetail.QueryError
	if !errors.As(err, &failed) || failed.Path != "things" {
		t.Errorf("expected the path of the preload, got %v", err)
	}
	rec.Expect(t, 3, 3)

	tx, err := pool.Begin(t.Context())
	kit.NoError(t, err)
	defer func() { _ = tx.Rollback(context.Background()) }()
	_, err = q.All(t.Context(), postgres.New(tx))
	if answer := new(pgconn.PgError); !errors.As(err, &answer) || answer.Code != "42703" {
		t.Errorf("in a transaction: expected what is wrong, got %v", err)
	}
	// What fails while it runs is not run again.
	_, err = dovetail.Select(tables.shelves).Where("1 / (id - 1) = 1").Preload("things").OneRoundTrip().All(t.Context(), rec)
	kit.Refused(t, err, dovetail.ErrArgType, "division by zero")
	rec.Expect(t, 1, 1)
}

// TestOneRoundTripIsLeftWhereItCannotBe: the rows are those of the same query without it, in a transaction too, which a failure would end.
func TestOneRoundTripIsLeftWhereItCannotBe(t *testing.T) {
	t.Parallel()
	pool := oncePool(t)
	if _, err := pool.Exec(t.Context(), `
		CREATE TABLE once_box (k text COLLATE "C" PRIMARY KEY, price money);
		CREATE TABLE once_lid (id int PRIMARY KEY, k text COLLATE "POSIX", price money);
		CREATE TABLE once_coin (id int PRIMARY KEY, shelf_id int, price money); INSERT INTO once_coin VALUES (1, 1, '12.34');
		CREATE TABLE "rows#0" (id int); INSERT INTO "rows#0" VALUES (1);
		INSERT INTO once_box VALUES ('a', '12.34'), ('b', NULL); INSERT INTO once_lid VALUES (1, 'a', '1.00'), (2, 'b', NULL)`); err != nil {
		t.Fatal(err)
	}
	config := pool.Config()
	config.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
		conn.TypeMap().RegisterType(&pgtype.Type{Name: "money", OID: 790, Codec: pgtype.TextCodec{}})
		return nil
	}
	own := dbtest.PostgresPool(t, config)
	type lid struct {
		ID    int32
		K     *string
		Price *string
	}
	type box struct {
		K     string
		Price *string
		Lids  []*lid
	}
	type coin struct {
		ID      int32
		ShelfID int32
		Price   string
	}
	type shelf struct {
		ID    int32
		Coins []*coin
	}
	r := dovetail.NewRegistry()
	coined := dovetail.NewTable[shelf](r, "once_shelf")
	dovetail.HasMany(coined, "coins", dovetail.NewTable[coin](r, "once_coin"), dovetail.ForeignKey("shelf_id"))
	boxes := dovetail.NewTable[box](r, "once_box", dovetail.PrimaryKey("k"), dovetail.AssignedKey())
	lids := dovetail.NewTable[lid](r, "once_lid")
	dovetail.HasMany(boxes, "lids", lids, dovetail.ForeignKey("k"))
	tables := newOnceTables()
	shelves, things := dovetail.Select(tables.shelves).OrderBy("id"), dovetail.Select(tables.things)
	many := make([]any, 40_000)
	for i := range many {
		many[i] = i
	}
	list := "id IN (?" + strings.Repeat(", ?", len(many)-1) + ")"
	tx, err := own.Begin(t.Context())
	kit.NoError(t, err)
	defer func() { _ = tx.Rollback(context.Background()) }()
	for i, db := range []dovetail.DB{postgres.New(tx), postgres.New(own)} { // what fails once on a pool is not tried again
		name := []string{"transaction", "pool"}[i]
		for range 2 { // the first learns the types of text keys
			want := kit.All(t, db, dovetail.Select(boxes).OrderBy("k").Preload("lids"))
			got := kit.All(t, db, dovetail.Select(boxes).OrderBy("k").Preload("lids").OneRoundTrip())
			if !reflect.DeepEqual(got, want) || *got[0].Price != "$12.34" {
				t.Errorf("%s: two collations: the rows differ", name)
			}
			if got := kit.All(t, db, dovetail.Select(coined).OrderBy("id").Preload("coins").OneRoundTrip()); got[0].Coins[0].Price != "$12.34" {
				t.Errorf("%s: a type read by another's codec: got %q", name, got[0].Coins[0].Price)
			}
		}
		for what, q := range map[string]dovetail.Query[*onceShelf]{
			"a table that is named like a part": shelves.Preload("things", things.Where(`shelf_id IN (SELECT id FROM "rows#0")`)),
			"many arguments":                    shelves.Where(list, many...).Preload("things", things.Where(list, many...)),
		} {
			if got, want := kit.All(t, db, q.OneRoundTrip()), kit.All(t, db, q); !reflect.DeepEqual(got, want) || len(want[0].Things) == 0 {
				t.Errorf("%s: %s: the rows differ", name, what)
			}
			explained, err := q.OneRoundTrip().Explain(postgres.Dialect)
			if err != nil || !strings.Contains(explained, "not in one round trip") {
				t.Errorf("%s: expected a reason, got %v\n%.300s", what, err, explained)
			}
		}
	}
}
