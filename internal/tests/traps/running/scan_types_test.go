package running_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// TRAPS J, continued: changing tables, types of the database's own, exec modes, and shapes of structs.

type shiftRow struct {
	ID   int64
	A, B string
	N    int64
}

// shift moves the column to the end of its table, values kept.
const shift = `BEGIN; ALTER TABLE shifted RENAME COLUMN %[1]s TO old;
ALTER TABLE shifted ADD COLUMN %[1]s text; UPDATE shifted SET %[1]s = old; ALTER TABLE shifted DROP COLUMN old; COMMIT`

const shiftDDL = `CREATE TABLE shifted (a text, id bigint PRIMARY KEY, n bigint, b text);
INSERT INTO shifted SELECT 'a' || i, i, i, 'b' || i FROM generate_series(1, 20) AS i;`

// wrong returns what is wrong with the rows, or "".
func wrong(rows []*shiftRow) string {
	if len(rows) != 20 {
		return fmt.Sprint(len(rows), " rows")
	}
	for _, r := range rows {
		if r.A != fmt.Sprint("a", r.ID) || r.B != fmt.Sprint("b", r.ID) || r.N != r.ID {
			return fmt.Sprintf("%+v", *r)
		}
	}
	return ""
}

func TestTrap_J11_ColumnsFollowTheirNamesWhenTheTableChanges(t *testing.T) {
	t.Parallel()
	p := kit.PostgresProbe(t, shiftDDL, nil)
	q := dovetail.Select(dovetail.NewTable[shiftRow](dovetail.NewRegistry(), "shifted")).Where(squirrel.Gt{"id": 0})
	for i, column := range []string{"a", "b", "a", "b"} {
		rows, err := q.All(t.Context(), p.DB) // the statement is prepared from the first time on
		if err != nil || wrong(rows) != "" {
			t.Fatalf("after %d changes: %s, %v", i, wrong(rows), err)
		}
		p.Exec(t, fmt.Sprintf(shift, column))
	}
	// The names of a and b change places: so do the values.
	p.Exec(t, "BEGIN; ALTER TABLE shifted RENAME a TO x; ALTER TABLE shifted RENAME b TO a; ALTER TABLE shifted RENAME x TO b; COMMIT")
	rows, err := q.OrderBy("id").All(t.Context(), p.DB)
	if err != nil || rows[0].A != "b1" || rows[0].B != "a1" {
		t.Errorf("expected the values under their new names, got %+v, %v", rows[0], err)
	}
}

func TestTrap_J11_ColumnsFollowTheirNamesWhileTheTableChanges(t *testing.T) {
	t.Parallel()
	p := kit.PostgresProbe(t, shiftDDL, func(cfg *pgxpool.Config) { cfg.MaxConns = 3 })
	q := dovetail.Select(dovetail.NewTable[shiftRow](dovetail.NewRegistry(), "shifted")).Where(squirrel.Gt{"id": 0})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var wait sync.WaitGroup
	done := make(chan struct{})
	for range 2 {
		wait.Go(func() {
			for {
				rows, err := q.All(ctx, p.DB)
				switch code := kit.SQLState(err); {
				case err == nil && wrong(rows) != "":
					t.Errorf("wrong rows: %s", wrong(rows))
				case err != nil && code != "0A000" && code != "42703":
					t.Errorf("expected a changed plan or a missing column, got %v", err)
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for i := range 30 {
		column := []string{"a", "b"}[i%2]
		if i%5 == 4 { // the type changes too, and back
			p.Exec(t, "ALTER TABLE shifted ALTER COLUMN n TYPE integer")
			p.Exec(t, "ALTER TABLE shifted ALTER COLUMN n TYPE bigint")
		}
		p.Exec(t, fmt.Sprintf(shift, column))
	}
	close(done)
	wait.Wait()
	if rows, err := q.All(ctx, p.DB); err != nil || wrong(rows) != "" {
		t.Errorf("afterwards: %s, %v", wrong(rows), err)
	}
}

type scanAddress struct {
	Street string
	Number int32
}

const typesDDL = `CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE TYPE address AS (street text, number integer);
CREATE TABLE typed (id bigint PRIMARY KEY, mood mood, maybe mood, size positive, home address);
INSERT INTO typed VALUES (1, 'ok', NULL, 5, ROW('Main', 7)), (2, 'sad', 'sad', 6, ROW('High', 8));`

func TestTrap_J12_EnumAndDomainAreRead(t *testing.T) {
	t.Parallel()
	type typed struct {
		ID    int64
		Mood  kit.ProbeMood
		Maybe *string
		Size  int32
	}
	p := kit.PostgresProbe(t, typesDDL, nil)
	rows, err := dovetail.Select(dovetail.NewTable[typed](dovetail.NewRegistry(), "typed")).
		Where(squirrel.Eq{"mood": []kit.ProbeMood{"ok", "sad"}}).Where(squirrel.NotEq{"size": 7}).OrderBy("mood DESC").All(t.Context(), p.DB)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 2 || rows[0].Mood != "ok" || rows[0].Maybe != nil || rows[0].Size != 5 || *rows[1].Maybe != "sad" {
		t.Errorf("expected ok before sad, got %+v, %+v", rows[0], rows[1])
	}
}

func TestTrap_J12_CompositeNeedsToBeRegistered(t *testing.T) {
	t.Parallel()
	type typed struct {
		ID   int64
		Home scanAddress
	}
	table := dovetail.NewTable[typed](dovetail.NewRegistry(), "typed")
	t.Run("unknown", func(t *testing.T) {
		p := kit.PostgresProbe(t, typesDDL, nil)
		rows, err := dovetail.Select(table).All(t.Context(), p.DB)
		if rows != nil {
			t.Errorf("expected no rows, got %v", rows)
		}
		scanFailed(t, err, "", "typed.home", "typed.Home", "scanAddress")
	})
	t.Run("registered", func(t *testing.T) {
		kit.PostgresProbe(t, typesDDL, nil)
		p := kit.PostgresProbe(t, "", func(cfg *pgxpool.Config) {
			cfg.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
				composite, err := conn.LoadType(ctx, "address")
				if err == nil {
					conn.TypeMap().RegisterType(composite)
				}
				return err
			}
		})
		rows, err := dovetail.Select(table).OrderBy("id").All(t.Context(), p.DB)
		if err != nil || len(rows) != 2 || rows[0].Home != (scanAddress{"Main", 7}) || rows[1].Home != (scanAddress{"High", 8}) {
			t.Errorf("expected both addresses, got %v, %v", rows, err)
		}
	})
}

// modeRow has a field of every common type.
type modeRow struct {
	ID       int64
	Parent   *int64
	Flag     bool
	Small    int16
	Medium   int32
	Single   float32
	Double   float64
	Exact    pgtype.Numeric
	Text     string
	Short    *string
	Padded   string
	Bytes    []byte
	UUID     uuid.UUID
	Raw      [16]byte
	Day      time.Time
	At       time.Time
	Zoned    time.Time
	Span     pgtype.Interval
	JSON     json.RawMessage
	Document map[string]any
	Numbers  []int64
	Words    []string
	Mood     kit.ProbeMood
	Address  netip.Prefix
	Missing  *time.Time
	Below    []*modeRow
	Equal    []*modeRow
	Same     []*modeRow
}

const modeDDL = `CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE modes (id bigint PRIMARY KEY, parent bigint, flag boolean, small smallint, medium integer, single real, double float8,
  exact numeric, text text, short varchar(9), padded char(4), bytes bytea, uuid uuid, raw uuid, day date, at timestamp,
  zoned timestamptz, span interval, json json, document jsonb, numbers bigint[], words text[], mood mood, address inet,
  missing timestamptz);
INSERT INTO modes SELECT i, nullif(i - 1, 0), i % 2 = 0, -i, i * 1000000, 0.1, 1e-7, 12345678901234567890.5, E'q''"\\\n?$1', NULL, 'ab',
  '\x00ff5c', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '2024-02-29', '2024-02-29 12:30:00.123456',
  '2024-02-29 12:30:00.5+02', '1 mon 2 days 03:04:05', '{"b": 1, "a": [null]}', '{"a": 1.5}', '{1,-2}', '{"a,b","",NULL_}', 'sad',
  '10.0.0.1/24', NULL FROM generate_series(1, 3) AS i;`

// modeAnswer returns, as JSON, the rows that one mode reads, through every form of preload.
func modeAnswer(t *testing.T, p kit.Probe, table *dovetail.Table[modeRow]) string {
	t.Helper()
	uuids := []uuid.UUID{uuid.MustParse("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"), {}}
	day := time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)
	q := dovetail.Select(table).Where(squirrel.Eq{"uuid": uuids, "mood": []kit.ProbeMood{"sad"}, "id": []int64{1, 2, 3, 1 << 40}}).
		Where("text = ? AND double < ? AND flag IS NOT NULL AND day = ?", "q'\"\\\n?$1", 0.5, day).
		Where(squirrel.Eq{"bytes": []byte{0, 0xff, 0x5c}}).Where(dovetail.Contains("text", `"\`)).OrderBy("id").
		Preload("below").Preload("equal", dovetail.Select(table).OrderBy("id DESC").Limit(2)).Preload("same")
	rows, err := q.All(t.Context(), p.DB)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows { // instants, whatever the location they are read in
		r.Zoned = r.Zoned.UTC()
	}
	text, err := json.Marshal(rows)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTrap_J15_EveryExecModeReadsTheSame(t *testing.T) {
	t.Parallel()
	kit.PostgresProbe(t, modeDDL, nil)
	r := dovetail.NewRegistry()
	table := dovetail.NewTable[modeRow](r, "modes")
	dovetail.HasMany(table, "below", table, dovetail.ForeignKey("parent"))
	dovetail.HasMany(table, "equal", table, dovetail.ForeignKey("text"), dovetail.References("text"))
	dovetail.HasMany(table, "same", table, dovetail.ForeignKey("exact", "zoned"), dovetail.References("exact", "zoned"))
	first := ""
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe,
		pgx.QueryExecModeDescribeExec, pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol} {
		p := kit.PostgresProbe(t, "", func(cfg *pgxpool.Config) { cfg.ConnConfig.DefaultQueryExecMode = mode })
		answer := modeAnswer(t, p, table)
		if first == "" {
			first = answer
			checkModeRow(t, answer)
		}
		if answer != first {
			t.Errorf("%v: expected\n%s\ngot\n%s", mode, first, answer)
		}
	}
}

// checkModeRow checks the first answer, so that the modes do not agree on something wrong.
func checkModeRow(t *testing.T, answer string) {
	t.Helper()
	var rows []map[string]any
	if err := json.Unmarshal([]byte(answer), &rows); err != nil {
		t.Fatal(err)
	}
	if len(rows) != 3 {
		t.Fatalf("expected 3 rows, got %d", len(rows))
	}
	for field, want := range map[string]string{
		"ID": "2", "Parent": "1", "Flag": "true", "Small": "-2", "Medium": "2e+06", "Single": "0.1", "Double": "1e-07",
		"Exact": "1.2345678901234567e+19", "Text": "q'\"\\\n?$1", "Short": "<nil>", "Padded": "ab  ", "Bytes": "AP9c",
		"UUID": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "Day": "2024-02-29T00:00:00Z", "At": "2024-02-29T12:30:00.123456Z",
		"Zoned": "2024-02-29T10:30:00.5Z", "JSON": "map[a:[<nil>] b:1]", "Document": "map[a:1.5]", "Numbers": "[1 -2]",
		"Words": "[a,b  NULL_]", "Mood": "sad", "Address": "10.0.0.1/24", "Missing": "<nil>",
	} {
		if got := fmt.Sprint(rows[1][field]); got != want {
			t.Errorf("%s: expected %q, got %q", field, want, got)
		}
	}
	for field, want := range map[string]int{"Below": 1, "Equal": 2, "Same": 3} {
		if list, _ := rows[1][field].([]any); len(list) != want {
			t.Errorf("%s: expected %d rows, got %d", field, want, len(list))
		}
	}
}

// ScanBase is embedded by pointer.
type ScanBase struct {
	ID   int64
	Note *string
}

// ScanAudit is embedded in ScanBase's neighbour, by value, with a pointer inside.
type ScanAudit struct {
	*ScanStamp
	By *string
}

// ScanStamp is two pointers deep.
type ScanStamp struct {
	Version *int64
}

func TestTrap_J16_StructsOfAnyShapeAreFilled(t *testing.T) {
	t.Parallel()
	type none struct{}
	type one struct{ Note *string }
	type child struct {
		*ScanBase
		ParentID int64
	}
	type embedding struct {
		*ScanBase
		ScanAudit
		Children []*child
	}
	ddl := `CREATE TABLE shaped (id BIGINT PRIMARY KEY, note TEXT, version BIGINT, "by" TEXT);
CREATE TABLE shaped_children (id BIGINT PRIMARY KEY, parent_id BIGINT, note TEXT);
INSERT INTO shaped VALUES (1, 'x', 4, NULL), (2, NULL, NULL, 'me');
INSERT INTO shaped_children VALUES (1, 2, NULL), (2, 1, 'c'), (3, 2, 'd');`
	kit.OnEachProbe(t, ddl, func(t *testing.T, p kit.Probe) {
		r := dovetail.NewRegistry()
		nothing, notes := dovetail.NewTable[none](r, "shaped"), dovetail.NewTable[one](r, "shaped")
		whole, children := dovetail.NewTable[embedding](r, "shaped"), dovetail.NewTable[child](r, "shaped_children")
		dovetail.HasMany(whole, "children", children, dovetail.ForeignKey("parent_id"))

		empty, err := dovetail.Select(nothing).All(t.Context(), p.DB)
		if err != nil || len(empty) != 2 || empty[0] == nil || empty[1] == nil {
			t.Errorf("no fields: expected two rows, got %v, %v", empty, err)
		}
		if n, err := dovetail.Select(nothing).Count(t.Context(), p.DB); err != nil || n != 2 {
			t.Errorf("no fields: expected a count of 2, got %d, %v", n, err)
		}
		single, err := dovetail.Select(notes).OrderBy("note NULLS LAST").All(t.Context(), p.DB)
		if err != nil || len(single) != 2 || *single[0].Note != "x" || single[1].Note != nil {
			t.Errorf("one field: expected x and NULL, got %v, %v", single, err)
		}
		rows, err := dovetail.Select(whole).OrderBy("id").Preload("children").All(t.Context(), p.DB)
		if err != nil {
			t.Fatal(err)
		}
		first, second := rows[0], rows[1]
		if first.ID != 1 || *first.Note != "x" || *first.Version != 4 || first.By != nil {
			t.Errorf("embedded: expected row 1, got %+v", first)
		}
		if second.ID != 2 || second.Note != nil || second.Version != nil || *second.By != "me" || first.ScanBase == second.ScanBase {
			t.Errorf("embedded: expected row 2 with pointers of its own, got %+v", second)
		}
		if len(first.Children) != 1 || *first.Children[0].Note != "c" || len(second.Children) != 2 || second.Children[1].ID != 3 {
			t.Errorf("embedded: expected children 2, and 1 and 3, got %v, %v", first.Children, second.Children)
		}
		// A row in hand whose embedded pointer is nil has no key, so nothing is related to it.
		hand := []*embedding{{}, {ScanBase: &ScanBase{ID: 1}}}
		rec := p.Record()
		if err := dovetail.Load(t.Context(), rec, whole, hand, "children"); err != nil {
			t.Fatal(err)
		}
		rec.Expect(t, 1, 1)
		if hand[0].Children == nil || len(hand[0].Children) != 0 || hand[0].ScanBase != nil || len(hand[1].Children) != 1 {
			t.Errorf("in hand: expected no children and one, got %v, %v", hand[0].Children, hand[1].Children)
		}
	})
}
