package writes_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

type fitShape struct{ A int }

type fitRow struct {
	ID      int64
	Small   int16
	Large   int64
	Natural uint32
	Maybe   sql.Null[int16]
	Float   float64
	Moment  time.Time
	Later   *time.Time
	Code    [16]byte
	Text    string
	Flag    bool
	Bytes   []byte
	Shape   fitShape
	Bag     map[string]any
	Raw     json.RawMessage
	Items   []int64
}

const fitDDL = `CREATE TABLE fits (id BIGINT PRIMARY KEY, small SMALLINT NOT NULL, large BIGINT NOT NULL, "natural" BIGINT NOT NULL,
  maybe SMALLINT, "float" DOUBLE PRECISION NOT NULL, moment TIMESTAMP NOT NULL, later TIMESTAMP, code UUID NOT NULL, text TEXT NOT NULL,
  flag BOOLEAN NOT NULL, bytes {bytes}, shape {json}, bag {json}, raw {json}, items {json})`

// fitValues are values of every class, those that a class has several kinds of among them, with the columns that can hold each.
var fitValues = []struct {
	name  string
	value any
	held  string
}{
	{"one", 1, "small large natural maybe float raw"},
	{"a byte", uint8(7), "small large natural maybe float raw"},
	{"a negative number", -1, "small large maybe float raw"},
	{"a large number", 1 << 40, "large float raw"},
	{"a number beyond 53 bits", int64(1<<53 + 1), "large raw"},
	{"a number over 63 bits", uint64(math.MaxUint64), "{raw}"},
	{"a whole float", 2.0, "small large natural maybe float raw"},
	{"a fraction", 1.5, "float raw"},
	{"a huge float", 1e300, "float raw"},
	{"a time", time.Date(2024, 2, 29, 1, 2, 3, 0, time.UTC), "moment later"},
	{"a time of the text", "2024-02-29 01:02:03", "moment later text"},
	{"a day", "2024-02-29", "moment later text"},
	{"no time", "2024-02-30", "text"},
	{"a uuid", [16]byte{1, 2}, "code"},
	{"a uuid's text", "0102030405060708090a0b0c0d0e0f10", "code text"},
	{"no uuid", "0102", "text"},
	{"a word", "s3cret", "text"},
	{"a number's text", "12", "text raw"},
	{"an empty text", "", "text"},
	{"true", true, "flag raw"},
	{"bytes", []byte("s3cret"), "bytes"},
	{"an object's text", `{"A":1}`, "text shape bag raw"},
	{"an object of another shape", `{"A":"s3cret"}`, "text bag raw"},
	{"a list's text", `[1,2]`, "text raw items"},
	{"broken json", `{"A":`, "text"},
	{"a shape", fitShape{1}, "shape bag raw"},
	{"a map", map[string]any{"A": 1}, "shape bag raw"},
	{"a map of another shape", map[string]any{"A": "s3cret"}, "bag raw"},
	{"a list", []int64{1, 2}, "items raw"},
	{"a list of texts", []string{"s3cret"}, "raw"},
	{"what no type takes", make(chan int), ""},
}

var fitColumns = strings.Fields("small large natural maybe float moment later code text flag bytes shape bag raw items")

func fitted(id int64) *fitRow {
	return &fitRow{ID: id, Moment: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), Bytes: []byte{1}, Raw: json.RawMessage("1"), Items: []int64{1},
		Bag: map[string]any{}}
}

func onFits(t *testing.T, test func(t *testing.T, d kit.Database, fits *dovetail.Table[fitRow])) {
	t.Helper()
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		types := strings.NewReplacer("{json}", "TEXT", "{bytes}", "BLOB")
		if d.Postgres() {
			types = strings.NewReplacer("{json}", "JSONB", "{bytes}", "BYTEA")
		}
		d.Exec(t, types.Replace(fitDDL))
		r := dovetail.NewRegistry()
		test(t, d, dovetail.NewTable[fitRow](r, "fits", dovetail.AssignedKey(), dovetail.Type("items", "jsonb")))
	})
}

// TestWhatAFieldCannotHoldIsNotSent sets every column to every value, by each call that takes values from outside: it is refused
// before anything is sent, or the row is read back.
func TestWhatAFieldCannotHoldIsNotSent(t *testing.T) {
	t.Parallel()
	onFits(t, func(t *testing.T, d kit.Database, fits *dovetail.Table[fitRow]) {
		id := int64(0)
		refused := func(name string, held bool, err error, db *kit.Recorder) {
			t.Helper()
			switch sent := len(db.Stmts); {
			case held && err != nil:
				t.Errorf("%s: %v", name, err)
			case !held && !errors.Is(err, dovetail.ErrArgType):
				t.Errorf("%s: expected an argument error, got %v", name, err)
			case !held && sent > 0:
				t.Errorf("%s: %d statements were sent", name, sent)
			case !held:
				kit.CheckErrorText(t, err)
				if strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), fmt.Sprint(1<<40)) {
					t.Errorf("%s: the value is in %q", name, err)
				}
			}
		}
		for _, v := range fitValues {
			for _, column := range fitColumns {
				held := strings.Contains(" "+v.held+" ", " "+column+" ") || v.held == "{raw}" && column == "raw" && d.Postgres()
				name := v.name + " into " + column
				id++
				ctx := t.Context()
				kit.Insert(t, d.DB, dovetail.Insert(fits, fitted(id)))
				db := d.Record()
				_, err := dovetail.Update(fits).Set(column, v.value).Where(squirrel.Eq{"id": id}).Exec(ctx, db)
				refused("Set "+name, held, err, db)
				if held {
					if _, err := dovetail.Select(fits).Get(ctx, d.DB, id); err != nil {
						t.Errorf("Set %s: cannot be read back: %v", name, err)
					}
				}
				if text, ok := v.value.(string); ok && column == "maybe" && strings.Trim(text, "0123456789") == "" || v.held == "{raw}" {
					continue // it reads numbers that are written out; and what a row holds is checked when it is written
				}
				rows, err := dovetail.Rows(fits, map[string]any{column: v.value})
				db = d.Record()
				refused("Rows "+name, held, err, db)
				if err == nil {
					row := fitted(-id)
					*row = *rows[0]
					row.ID = -id
					keepFit(row)
					kit.NoError(t, dovetail.Insert(fits, row).Exec(ctx, d.DB))
					if _, err := dovetail.Select(fits).Get(ctx, d.DB, -id); err != nil {
						t.Errorf("Rows %s: cannot be read back: %v", name, err)
					}
				}
			}
		}
	})
}

// keepFit gives what a row has none of a value that its column takes.
func keepFit(row *fitRow) {
	if row.Raw == nil {
		row.Raw = json.RawMessage("null")
	}
}

// TestConditionsCheckTheirValues compares columns with values that their fields could not hold.
func TestConditionsCheckTheirValues(t *testing.T) {
	t.Parallel()
	onFits(t, func(t *testing.T, d kit.Database, fits *dovetail.Table[fitRow]) {
		late := dovetail.FromContext(func(context.Context) (any, error) { return "s3cret", nil })
		for name, test := range map[string]struct {
			pred squirrel.Sqlizer
			sent bool
		}{
			"no uuid":             {squirrel.Eq{"code": "s3cret"}, false},
			"no time":             {squirrel.Gt{"moment": "s3cret"}, false},
			"no uuid in a list":   {squirrel.NotEq{"code": []string{"0102030405060708090a0b0c0d0e0f10", "s3cret"}}, false},
			"a text for a number": {squirrel.Eq{"large": "s3cret"}, false},
			"a fraction":          {squirrel.GtOrEq{"large": 0.25}, false},
			"a large number":      {squirrel.Eq{"small": 1 << 40}, false},
			"another shape":       {squirrel.Eq{"shape": `["s3cret"]`}, false},
			"numbers for shapes":  {squirrel.Eq{"shape": []int{1}}, false},
			"a late value":        {squirrel.Eq{"code": late}, false},
			"a nested one":        {squirrel.Or{squirrel.Eq{"id": 1}, dovetail.Not(squirrel.Eq{"code": "s3cret"})}, false},
			"a uuid":              {squirrel.Eq{"code": "01020304-0506-0708-090a-0b0c0d0e0f10"}, true},
			"a day":               {squirrel.Lt{"moment": "2024-02-29"}, true},
			"a list of numbers":   {squirrel.Eq{"small": []int64{1, 1 << 40}}, true},
			"a whole float":       {squirrel.Eq{"large": 2.0}, true},
		} {
			db := d.Record()
			_, err := dovetail.Select(fits).Where(test.pred).All(t.Context(), db)
			switch {
			case test.sent && err != nil:
				t.Errorf("%s: %v", name, err)
			case !test.sent && (!errors.Is(err, dovetail.ErrArgType) || len(db.Stmts) > 0):
				t.Errorf("%s: expected an argument error before a statement, got %v and %d statements", name, err, len(db.Stmts))
			case err != nil && strings.Contains(err.Error(), "s3cret"):
				t.Errorf("%s: the value is in %q", name, err)
			}
		}
	})
}

// TestWhatADatabaseDoesNotKeep gives fields of rows values that SQLite would lose, by each call that writes rows in hand.
func TestWhatADatabaseDoesNotKeep(t *testing.T) {
	t.Parallel()
	onFits(t, func(t *testing.T, d kit.Database, fits *dovetail.Table[fitRow]) {
		ctx := t.Context()
		kit.Insert(t, d.DB, dovetail.Insert(fits, fitted(1)))
		late, early := time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)
		never := time.Date(400_000, 1, 1, 0, 0, 0, 0, time.UTC)
		id := int64(10)
		for name, test := range map[string]struct {
			change   func(*fitRow)
			column   string
			value    any
			postgres bool // it keeps that
		}{
			"a year over 9999":   {func(r *fitRow) { r.Moment = late }, "moment", late, true},
			"a year below 0":     {func(r *fitRow) { r.Moment = early }, "moment", early, true},
			"a year of nobody's": {func(r *fitRow) { r.Moment = never }, "moment", never, false},
			"behind a pointer":   {func(r *fitRow) { r.Later = &late }, "later", &late, true},
			"what is no number":  {func(r *fitRow) { r.Float = math.NaN() }, "float", math.NaN(), true},
		} {
			held := d.Postgres() && test.postgres
			for call, run := range map[string]func(db dovetail.DB) error{
				"Insert": func(db dovetail.DB) error {
					id += 2
					row := fitted(id)
					test.change(row)
					return dovetail.Insert(fits, fitted(id+1), row).Exec(ctx, db)
				},
				"Upsert": func(db dovetail.DB) error {
					row := fitted(1)
					test.change(row)
					return dovetail.Upsert(fits, row).OnConflict("id").Set(test.column).Exec(ctx, db)
				},
				"Save": func(db dovetail.DB) error {
					row := fitted(1)
					test.change(row)
					return dovetail.Save(ctx, db, fits, row, test.column)
				},
				"Set": func(db dovetail.DB) error {
					_, err := dovetail.Update(fits).Set(test.column, test.value).Where(squirrel.Eq{"id": 1}).Exec(ctx, db)
					return err
				},
				"Where": func(db dovetail.DB) error {
					_, err := dovetail.Select(fits).Where(squirrel.LtOrEq{test.column: test.value}).All(ctx, db)
					return err
				},
			} {
				db := d.Record()
				err := run(db)
				if held && err != nil || !held && (!errors.Is(err, dovetail.ErrArgType) || len(db.Stmts) > 0 || db.Txs > 0) {
					t.Errorf("%s by %s: expected held %v, got %v and %d statements", name, call, held, err, len(db.Stmts))
				}
			}
		}
		if _, err := dovetail.Select(fits).All(ctx, d.DB); err != nil {
			t.Errorf("a row cannot be read back: %v", err)
		}
		// What is not written may be anything.
		row := fitted(1)
		row.Moment = never
		kit.NoError(t, dovetail.Save(ctx, d.DB, fits, row, "text"))
	})
}
