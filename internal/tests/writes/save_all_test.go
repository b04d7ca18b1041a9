package writes_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/dbtest"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// SaveAll means what Save of each row means: the same rows are saved in both ways to two tables, which must hold the same then.

type saKind string

type saLevel int32

func (l saLevel) String() string { return [...]string{"low", "high"}[l%2] }

// saRow has a column of every kind that goes in arrays, and of some that do not.
type saRow struct {
	Region   string
	ID       int64
	Name     string
	Code     string  // char(4)
	Short    *string // varchar(3)
	Kind     saKind  // an enum
	Level    saLevel
	Small    int16
	Big      *int64
	Price    string // numeric(10,2)
	Cost     float64
	Ratio    float32
	Flag     *bool
	At       time.Time // timestamptz
	Naive    *time.Time
	Day      sql.NullTime // date
	Data     []byte
	Uid      uuid.UUID
	Doc      map[string]any
	Raw      json.RawMessage
	Tags     []string // an array
	Money    pgtype.Numeric
	Doubled  int64 // generated
	Version  int64
	Score    int64  `db:"score,computed"`
	Unnamed  string // never written
	Checked  int32
	Duration time.Duration
}

const saDDL = `CREATE TYPE sa_kind AS ENUM ('a', 'b c', 'd"e');
	CREATE DOMAIN sa_checked AS INT CHECK (VALUE >= 0);`

func saTableDDL(name, key string, d kit.Database) string {
	ddl := `CREATE TABLE ` + name + ` (region CHAR(2) NOT NULL, id BIGINT NOT NULL, name TEXT NOT NULL, code CHAR(4) NOT NULL, short VARCHAR(3),
		kind sa_kind NOT NULL, level INT NOT NULL, small SMALLINT NOT NULL, big NUMERIC, price NUMERIC(10,2) NOT NULL, cost DOUBLE PRECISION NOT NULL,
		ratio REAL NOT NULL, flag BOOLEAN, at TIMESTAMPTZ NOT NULL, naive TIMESTAMP, day DATE, data BYTEA, uid UUID NOT NULL, doc JSONB, raw JSON,
		tags TEXT[], money NUMERIC, doubled BIGINT GENERATED ALWAYS AS (level * 2) STORED, version BIGINT NOT NULL DEFAULT 1,
		unnamed TEXT NOT NULL DEFAULT '', checked sa_checked NOT NULL DEFAULT 0, duration BIGINT NOT NULL DEFAULT 0, PRIMARY KEY (` + key + `));`
	if !d.Postgres() {
		ddl = strings.NewReplacer("sa_kind", "TEXT", "sa_checked", "INT CHECK (checked >= 0)", "TEXT[]", "TEXT", "JSONB", "TEXT", "JSON", "TEXT", "BYTEA",
			"BLOB", "UUID", "TEXT", "TIMESTAMPTZ", "TEXT", "TIMESTAMP", "TEXT", "DATE", "TEXT").Replace(ddl)
	}
	return ddl
}

// saTables are two tables of one declaration.
type saTables struct {
	key         []string
	each, all   *dovetail.Table[saRow]
	registry    *dovetail.Registry
	eachT, all2 string
}

func newSaTables(key ...string) saTables {
	r := dovetail.NewRegistry()
	s := saTables{key: key, registry: r, eachT: "sa_each", all2: "sa_all"}
	opts := []dovetail.TableOption{dovetail.PrimaryKey(key...), dovetail.AssignedKey(), dovetail.Generated("doubled", "level * 2"),
		dovetail.Version("version"), dovetail.Default("version", "1"), dovetail.Type("price", "NUMERIC(10,2)"),
		dovetail.Scope("here", "unnamed <> 'hidden'")}
	s.each, s.all = dovetail.NewTable[saRow](r, s.eachT, opts...), dovetail.NewTable[saRow](r, s.all2, opts...)
	return s
}

var saColumns = []string{"name", "code", "short", "kind", "level", "small", "big", "price", "cost", "ratio", "flag", "at", "naive", "day", "data", "uid",
	"doc", "raw", "tags", "money", "checked", "duration"}

// saOne returns one of the values.
func saOne[V any](r *rand.Rand, values ...V) V { return values[r.IntN(len(values))] }

// fill gives a row values that its columns take, among them those that are easily taken for others.
func (row *saRow) fill(r *rand.Rand) {
	zones := []*time.Location{time.UTC, time.FixedZone("", 5*3600+1800), time.FixedZone("", -11*3600)}
	at := time.Date(1970+r.IntN(80), time.Month(1+r.IntN(12)), 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60), r.IntN(1_000_000)*1000, saOne(r, zones...))
	text := saOne(r, "", "NULL", `a"b\c`, "{x,y}", "it's $1 ?", " sp ace ", "ünïcödé", "new\nline", "12", "true")
	row.Name, row.Code, row.Kind = text, saOne(r, "a", "ab  ", "abcd"), saOne(r, saKind("a"), "b c", `d"e`)
	row.Short = saOne(r, nil, new(string), &[]string{"x y"}[0], &[]string{"'"}[0])
	row.Level, row.Small = saLevel(r.IntN(1000)-500), int16(r.IntN(60_000)-30_000)
	row.Level = max(row.Level, -row.Level)
	row.Big = saOne(r, nil, new(int64), &[]int64{1<<62 + 1}[0])
	row.Price, row.Cost, row.Ratio = saOne(r, "0", "12.50", "-3.999", "1e3"), saOne(r, 0, 0.1, -1e300, 5e-324, 3), saOne(r, float32(0.1), -2.5, 16777216)
	row.Flag = saOne(r, nil, new(bool), &[]bool{true}[0])
	row.At, row.Naive, row.Day = at, saOne(r, nil, &at), sql.NullTime{Time: at, Valid: r.IntN(2) == 0}
	row.Data, row.Uid = saOne(r, nil, []byte{}, []byte(`\x"',{}`), []byte{0, 255}), uuid.UUID{byte(r.IntN(256)), 5: 7}
	row.Doc = saOne(r, nil, map[string]any{}, map[string]any{"a": `"q"\`, "b": []int{1, 2}})
	row.Raw = saOne(r, nil, json.RawMessage(`{"a": [1, "x,y"]}`), json.RawMessage(`null`), json.RawMessage(`"te\"xt"`))
	row.Tags = saOne(r, nil, []string{}, []string{"a,b", `c"d`, "NULL"})
	row.Money = saOne(r, pgtype.Numeric{}, saNumeric("12.345"), saNumeric("-0.001"))
	row.Checked, row.Duration = int32(r.IntN(10)), saOne(r, 0, time.Hour, -time.Millisecond)
	row.Unnamed = "not written"
}

func saNumeric(text string) (n pgtype.Numeric) {
	if err := n.Scan(text); err != nil {
		panic(err)
	}
	return n
}

// saDump is every row of a table as the database writes it.
func saDump(t *testing.T, d kit.Database, table string) []string {
	t.Helper()
	if d.Postgres() {
		return kit.Texts(t, d.DB, "SELECT "+table+"::text FROM "+table+" ORDER BY region, id")
	}
	columns := "quote(" + strings.Join(slices.Concat([]string{"region", "id", "version", "unnamed", "doubled"}, saColumns), ") || ' ' || quote(") + ")"
	return kit.Texts(t, d.DB, "SELECT "+columns+" FROM "+table+" ORDER BY region, id")
}

// saModes are the handles that a differential test runs on: all of pgx's modes, and SQLite.
func saModes(t *testing.T, ddl func(d kit.Database) string, test func(t *testing.T, d kit.Database)) {
	t.Helper()
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeDescribeExec,
		pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol} {
		t.Run("postgres/"+mode.String(), func(t *testing.T) {
			t.Parallel()
			setup := kit.PostgresPool(t, "SELECT 1")
			setup.Exec(t, ddl(setup))
			config := dbtest.PostgresConfig(t)
			config.ConnConfig.DefaultQueryExecMode = mode
			test(t, kit.Database{Name: "postgres/" + mode.String(), DB: postgres.New(dbtest.PostgresPool(t, config)), Exec: setup.Exec})
		})
	}
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		d := kit.SQLiteDB(t, "SELECT 1")
		d.Exec(t, ddl(d))
		test(t, d)
	})
}

func TestSaveAllIsSaveOfEach(t *testing.T) {
	t.Parallel()
	for _, key := range [][]string{{"id"}, {"region", "id"}} {
		t.Run(strings.Join(key, " "), func(t *testing.T) {
			t.Parallel()
			s := newSaTables(key...)
			saModes(t, func(d kit.Database) string {
				ddl := saTableDDL("sa_each", strings.Join(key, ", "), d) + saTableDDL("sa_all", strings.Join(key, ", "), d)
				if d.Postgres() {
					ddl = saDDL + ddl
				}
				return ddl
			}, s.compare)
		})
	}
}

func (s saTables) compare(t *testing.T, d kit.Database) {
	r := rand.New(rand.NewPCG(37, uint64(len(s.key))))
	for _, table := range []string{"sa_each", "sa_all"} {
		for i := range 60 {
			d.Exec(t, fmt.Sprintf(`INSERT INTO %s (region, id, name, code, kind, level, small, price, cost, ratio, at, uid, unnamed) VALUES
				('r%d', %d, '', '', 'a', 0, 0, 0, 0, 0, '2001-01-01 00:00:00+00:00', '00000000-0000-0000-0000-000000000000', %s)`, table, i%2, i,
				[]string{"''", "'hidden'"}[i/59]))
		}
	}
	for round := range 30 {
		columns := slices.Clone(saColumns)
		r.Shuffle(len(columns), func(i, j int) { columns[i], columns[j] = columns[j], columns[i] })
		columns = columns[:1+r.IntN(len(columns))]
		if round%2 == 0 { // without those that keep rows from going as arrays
			columns = slices.DeleteFunc(columns, func(c string) bool { return c == "tags" || c == "money" })
			columns = append(columns, "flag")
			slices.Sort(columns)
			columns = slices.Compact(columns)
		}
		if strings.HasSuffix(d.Name, "exec") && !strings.Contains(d.Name, "describe") || strings.HasSuffix(d.Name, "protocol") {
			columns = slices.DeleteFunc(columns, func(c string) bool { return c == "duration" || c == "level" }) // pgx sends the words there
			columns = append(columns, "price")
			slices.Sort(columns)
			columns = slices.Compact(columns)
		}
		var each, all []*saRow
		for _, i := range r.Perm(58)[:saOne(r, 1, 2, 5, 17, 40, 58)] {
			row := saRow{Region: fmt.Sprint("r", i%2), ID: int64(i)}
			row.fill(r)
			row.Version = s.version(t, d, i)
			twin := row
			each, all = append(each, &row), append(all, &twin)
		}
		for _, row := range each {
			if err := dovetail.Save(t.Context(), d.DB, s.each, row, columns...); err != nil {
				t.Fatal(columns, err)
			}
		}
		rec := d.Record()
		if err := dovetail.SaveAll(t.Context(), rec, s.all, all, columns...); err != nil {
			t.Fatalf("%v: %v\n%s", columns, err, kit.DescribeSQL(err))
		}
		for i := range each {
			if a, b := fmt.Sprintf("%+v", *each[i]), fmt.Sprintf("%+v", *all[i]); a != b && each[i].Short == all[i].Short {
				t.Fatalf("what is read back differs:\n%s\n%s", a, b)
			}
		}
		if a, b := saDump(t, d, "sa_each"), saDump(t, d, "sa_all"); !slices.Equal(a, b) {
			for i := range a {
				if a[i] != b[i] {
					t.Fatalf("%d rows, %v:\n%s\n%s", len(each), columns, a[i], b[i])
				}
			}
		}
		if n := len(rec.Stmts); n > 4 && d.Postgres() {
			t.Errorf("%d statements for %d rows", n, len(all))
		}
	}
	s.refused(t, d, r)
}

func (s saTables) version(t *testing.T, d kit.Database, id int) int64 {
	t.Helper()
	v, err := kit.SQL[int64](t.Context(), d.DB, fmt.Sprint("SELECT version FROM sa_all WHERE id = ", id))
	if err != nil || len(v) != 1 {
		t.Fatal(v, err)
	}
	return v[0]
}

// refused saves rows of which one is refused, and expects the identity of Save's error, and everything as it was.
func (s saTables) refused(t *testing.T, d kit.Database, r *rand.Rand) {
	for _, n := range []int{2, 30} {
		for name, spoil := range map[string]func(row *saRow){
			"gone":         func(row *saRow) { row.ID = 4711 },
			"stale":        func(row *saRow) { row.Version += 7 },
			"out of scope": func(row *saRow) { row.ID, row.Region, row.Version = 59, "r1", 1 },
			"checked":      func(row *saRow) { row.Checked = -1 },
			"too long":     func(row *saRow) { row.Short = &[]string{"four"}[0] },
			"no number":    func(row *saRow) { row.Price = "dear" },
		} {
			if !d.Postgres() && (name == "too long" || name == "no number") {
				continue // it has no such types
			}
			t.Run(fmt.Sprint(name, " of ", n), func(t *testing.T) {
				var rows []*saRow
				for i := range n {
					row := &saRow{Region: fmt.Sprint("r", i%2), ID: int64(i)}
					row.fill(r)
					row.Version = s.version(t, d, i)
					rows = append(rows, row)
				}
				spoil(rows[1])
				before, held := saDump(t, d, "sa_all"), make([]saRow, n)
				for i, row := range rows {
					held[i] = *row
				}
				columns := []string{"name", "checked", "short", "price"}
				alone := *rows[1]
				want := dovetail.Save(t.Context(), d.DB, s.all, &alone, columns...)
				got := dovetail.SaveAll(t.Context(), d.DB, s.all, rows, columns...)
				if want == nil || got == nil {
					t.Fatalf("expected an error, Save gave %v, SaveAll %v", want, got)
				}
				kit.CheckErrorText(t, got)
				for _, is := range []error{dovetail.ErrStale, dovetail.ErrNoRows, dovetail.ErrArgType} {
					if errors.Is(got, is) != errors.Is(want, is) {
						t.Errorf("Save gave %v, SaveAll %v", want, got)
					}
				}
				if kit.SQLState(got) != kit.SQLState(want) {
					t.Errorf("Save gave %v, SaveAll %v", want, got)
				}
				if errors.Is(got, dovetail.ErrStale) && !strings.Contains(got.Error(), fmt.Sprint("1 of the ", n, " rows")) {
					t.Error(got)
				}
				if after := saDump(t, d, "sa_all"); !slices.Equal(before, after) {
					t.Error("rows were written")
				}
				for i, row := range rows {
					if row.Version != held[i].Version || row.Doubled != held[i].Doubled {
						t.Errorf("a struct is not as it was: %+v", row)
					}
				}
			})
		}
	}
}

// TestSaveAllRefuses has what is refused before any statement.
func TestSaveAllRefuses(t *testing.T) {
	t.Parallel()
	s := newSaTables("id")
	db := &kit.CaptureDB{Speaks: postgres.Dialect}
	one := func() *saRow { return &saRow{ID: 1, Version: 1} }
	for name, c := range map[string]struct {
		rows    []*saRow
		columns []string
		is      error
		words   string
	}{
		"nil":          {[]*saRow{one(), nil}, []string{"name"}, dovetail.ErrInvalidRow, "row 2 is nil"},
		"twice":        {[]*saRow{one(), one()}, []string{"name"}, dovetail.ErrInvalidRow, "two rows have the same primary key"},
		"key":          {[]*saRow{one()}, []string{"id"}, dovetail.ErrInvalidQuery, "SaveAll"},
		"generated":    {[]*saRow{one()}, []string{"doubled"}, dovetail.ErrInvalidQuery, "not written by hand"},
		"version":      {nil, []string{"version"}, dovetail.ErrInvalidQuery, "not written by hand"},
		"computed":     {[]*saRow{one()}, []string{"score"}, dovetail.ErrUnknownColumn, "score"},
		"misspelt":     {nil, []string{"nme"}, dovetail.ErrUnknownColumn, "name"},
		"no columns":   {[]*saRow{one()}, nil, dovetail.ErrInvalidQuery, "no columns"},
		"named twice":  {[]*saRow{one()}, []string{"name", "name"}, dovetail.ErrInvalidQuery, "twice"},
		"beyond years": {[]*saRow{one(), {ID: 2, At: time.Date(400_000, 1, 1, 0, 0, 0, 0, time.UTC)}}, []string{"at"}, dovetail.ErrArgType, "row 2"},
	} {
		t.Run(name, func(t *testing.T) {
			kit.Refused(t, dovetail.SaveAll(t.Context(), db, s.all, c.rows, c.columns...), c.is, "save sa_all", c.words)
		})
	}
	if len(db.Stmts) > 0 {
		t.Error("a statement was sent:", db.Stmts)
	}
	kit.NoError(t, dovetail.SaveAll(t.Context(), db, s.all, nil, "name"))
}

type saText struct{ Code, Name string }

// TestSaveAllByKeysOfText tells rows by texts that the database calls equal, and Go does not.
func TestSaveAllByKeysOfText(t *testing.T) {
	t.Parallel()
	texts := dovetail.NewTable[saText](dovetail.NewRegistry(), "sa_texts", dovetail.PrimaryKey("code"))
	kit.OnEach(t, "SELECT 1", func(t *testing.T, d kit.Database) {
		key := "CHAR(5)"
		if !d.Postgres() {
			key = "TEXT COLLATE NOCASE"
		}
		d.Exec(t, "CREATE TABLE sa_texts (code "+key+" PRIMARY KEY, name TEXT NOT NULL); INSERT INTO sa_texts VALUES ('a', ''), ('b', ''), ('c', '')")
		same := "b  "
		if !d.Postgres() {
			same = "B"
		}
		db := d.Record()
		rows := []*saText{{"c", "see"}, {same, "bee"}, {"a", "eh"}}
		kit.NoError(t, dovetail.SaveAll(t.Context(), db, texts, rows, "name"))
		if d.Postgres() {
			db.Expect(t, 1+db.Lookups(), 1+db.Lookups())
		} else {
			db.Expect(t, 3, 1)
		}
		kit.Same(t, "rows", kit.Texts(t, d.DB, "SELECT trim(code) || ' ' || name FROM sa_texts ORDER BY code"), "a eh", "b bee", "c see")
		gone := []*saText{{"a", "x"}, {"y", "x"}, {"z", "x"}}
		kit.Refused(t, dovetail.SaveAll(t.Context(), d.DB, texts, gone, "name"), dovetail.ErrNoRows, "2 of the 3 rows")
		kit.Same(t, "rows", kit.Texts(t, d.DB, "SELECT name FROM sa_texts ORDER BY code"), "eh", "bee", "see")
	})
}

type saPair struct{ ID, N int64 }

// TestSaveAllOfAKeyThatTellsSeveralRows writes none.
func TestSaveAllOfAKeyThatTellsSeveralRows(t *testing.T) {
	t.Parallel()
	pairs := dovetail.NewTable[saPair](dovetail.NewRegistry(), "sa_pairs")
	kit.OnEach(t, "CREATE TABLE sa_pairs (id BIGINT, n BIGINT); INSERT INTO sa_pairs VALUES (1, 0), (2, 0), (2, 0)", func(t *testing.T, d kit.Database) {
		for _, rows := range [][]*saPair{{{1, 5}, {2, 6}}, {{2, 6}, {3, 7}}} { // of the second the number is right
			err := dovetail.SaveAll(t.Context(), d.DB, pairs, rows, "n")
			kit.Refused(t, err, dovetail.ErrTooManyRows, "none was written")
		}
		kit.Same(t, "rows", kit.Texts(t, d.DB, "SELECT DISTINCT CAST(n AS TEXT) FROM sa_pairs"), "0")
	})
}

// TestSaveAllIsFewStatements has more rows than a statement takes.
func TestSaveAllIsFewStatements(t *testing.T) {
	t.Parallel()
	pairs := dovetail.NewTable[saPair](dovetail.NewRegistry(), "sa_many", dovetail.AssignedKey())
	kit.OnEach(t, "CREATE TABLE sa_many (id BIGINT PRIMARY KEY, n BIGINT)", func(t *testing.T, d kit.Database) {
		const n = 20_000
		rows := make([]*saPair, n)
		for i := range rows {
			rows[i] = &saPair{ID: int64(n - i)}
		}
		db := d.Record()
		kit.Insert(t, db, dovetail.Insert(pairs, rows...))
		for _, row := range rows {
			row.N = 3 * row.ID
		}
		db = d.Record()
		kit.NoError(t, dovetail.SaveAll(t.Context(), db, pairs, rows, "n"))
		statements := 2
		if !d.Postgres() {
			statements = 19 + 1 + 1 // of 1,024 rows, of 512, and of 32
		}
		db.Expect(t, statements+db.Lookups(), 1+db.Lookups())
		kit.Same(t, "rows", kit.Texts(t, d.DB, "SELECT CAST(count(*) AS TEXT) FROM sa_many WHERE n = 3 * id"), fmt.Sprint(n))
	})
}

// TestSaveAllLocksInTheOrderOfKeys saves the same rows in opposite orders at once.
func TestSaveAllLocksInTheOrderOfKeys(t *testing.T) {
	t.Parallel()
	pairs := dovetail.NewTable[saPair](dovetail.NewRegistry(), "sa_locks", dovetail.AssignedKey())
	d := kit.PostgresPool(t, "CREATE TABLE sa_locks (id BIGINT PRIMARY KEY, n BIGINT); INSERT INTO sa_locks SELECT i, 0 FROM generate_series(300, 1, -1) i")
	errs := make(chan error)
	for w := range 4 {
		go func() {
			errs <- func() error {
				r := rand.New(rand.NewPCG(uint64(w), 1))
				for range 40 {
					var rows []*saPair
					for _, i := range r.Perm(300)[:20+r.IntN(200)] {
						rows = append(rows, &saPair{ID: int64(i + 1), N: int64(w)})
					}
					if err := dovetail.SaveAll(context.Background(), d.DB, pairs, rows, "n"); err != nil {
						return err
					}
				}
				return nil
			}()
		}()
	}
	for range 4 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}
