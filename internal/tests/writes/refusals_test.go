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

// What only the database can tell of a value is told alike on both: an argument of the wrong kind, or a constraint.

type (
	rfRow struct {
		ID    int64
		N     string // of a column of numbers
		Small int64
		TopID *int64
		Below []*rfRow
	}
	rfKeyed struct {
		ID string // of a column of numbers
		N  int64
	}
	rfLink struct {
		OneID, OtherID int64
		Note           string // of a column of numbers
	}
	rfMade struct{ ID, N, Twice int64 }
)

// rfDDL has tables that take nothing but their columns' types.
func rfDDL(d kit.Database) string {
	ddl := `CREATE TABLE rf_rows (id INTEGER PRIMARY KEY, n INTEGER NOT NULL, small INTEGER NOT NULL CONSTRAINT is_small CHECK (small < 10), top_id INTEGER) STRICT;
CREATE TABLE rf_keyed (id INTEGER PRIMARY KEY, n INTEGER NOT NULL);
CREATE TABLE rf_links (one_id INTEGER NOT NULL, other_id INTEGER NOT NULL, note INTEGER NOT NULL, PRIMARY KEY (one_id, other_id)) STRICT;
CREATE TABLE rf_made (id INTEGER PRIMARY KEY, n INTEGER NOT NULL, twice INTEGER GENERATED ALWAYS AS (n * 2) STORED);
INSERT INTO rf_rows VALUES (1, 1, 1, NULL), (2, 2, 2, 1);
INSERT INTO rf_keyed VALUES (1, 1);
INSERT INTO rf_links VALUES (1, 2, 3);
INSERT INTO rf_made (id, n) VALUES (1, 1)`
	if d.Postgres() {
		return strings.ReplaceAll(strings.ReplaceAll(ddl, " STRICT", ""), "INTEGER", "BIGINT")
	}
	return ddl
}

type rfTables struct {
	rows  *dovetail.Table[rfRow]
	keyed *dovetail.Table[rfKeyed]
	made  *dovetail.Table[rfMade]
	below *dovetail.ToMany[*rfRow, *rfRow]
	other *dovetail.ToMany[*rfRow, *rfRow]
}

func newRFTables() rfTables {
	r := dovetail.NewRegistry()
	rows, keyed := dovetail.NewTable[rfRow](r, "rf_rows", dovetail.AssignedKey()), dovetail.NewTable[rfKeyed](r, "rf_keyed")
	links := dovetail.NewTable[rfLink](r, "rf_links", dovetail.PrimaryKey("one_id", "other_id"))
	return rfTables{rows, keyed, dovetail.NewTable[rfMade](r, "rf_made"),
		dovetail.HasMany(rows, "below", rows, dovetail.ForeignKey("top_id")),
		dovetail.ManyToMany(rows, "other", rows, links, dovetail.ThroughKeys("one_id", "other_id"))}
}

// rfValues are calls that give a text for a number.
func (f rfTables) rfValues(ctx context.Context, d kit.Database) map[string]func(db dovetail.DB) error {
	row := func(id int64) *rfRow { return &rfRow{ID: id, N: kit.SecretText, Small: 1} }
	one := squirrel.Eq{"id": 1}
	entry := dovetail.Linked[rfRow, rfLink]{Row: row(1), Link: &rfLink{Note: kit.SecretText}}
	calls := map[string]func(db dovetail.DB) error{
		"insert":         func(db dovetail.DB) error { return dovetail.Insert(f.rows, row(9)).Exec(ctx, db) },
		"insert several": func(db dovetail.DB) error { return dovetail.Insert(f.rows, row(9), row(10)).Exec(ctx, db) },
		"insert related": func(db dovetail.DB) error {
			return dovetail.Insert(f.rows, &rfRow{ID: 9, N: "1", Small: 1, Below: []*rfRow{row(10)}}).With("below").Exec(ctx, db)
		},
		"upsert": func(db dovetail.DB) error {
			return dovetail.Upsert(f.rows, row(1)).OnConflict("id").Set("n").Exec(ctx, db)
		},
		"save":     func(db dovetail.DB) error { return dovetail.Save(ctx, db, f.rows, row(1), "n") },
		"save all": func(db dovetail.DB) error { return dovetail.SaveAll(ctx, db, f.rows, []*rfRow{row(1), row(2)}, "n") },
		"update": func(db dovetail.DB) error {
			return second(dovetail.Update(f.rows).Set("n", kit.SecretText).Where(one).Exec(ctx, db))
		},
		"sync":      func(db dovetail.DB) error { return second(f.below.Sync(ctx, db, &rfRow{ID: 1}, row(2))) },
		"sync, new": func(db dovetail.DB) error { return second(f.below.Sync(ctx, db, &rfRow{ID: 1}, row(9))) },
		"link with": func(db dovetail.DB) error { return second(dovetail.LinkWith(ctx, db, f.other, &rfRow{ID: 1}, entry)) },
		"replace with": func(db dovetail.DB) error {
			return second(dovetail.ReplaceWith(ctx, db, f.other, &rfRow{ID: 1}, entry))
		},
		"a key": func(db dovetail.DB) error {
			return dovetail.Insert(f.keyed, &rfKeyed{ID: kit.SecretText}).Exec(ctx, db)
		},
		"keys": func(db dovetail.DB) error {
			return dovetail.Insert(f.keyed, &rfKeyed{ID: kit.SecretText}, &rfKeyed{ID: "5"}).Exec(ctx, db)
		},
		"a key that is changed": func(db dovetail.DB) error {
			return second(dovetail.Update(f.keyed).Set("id", kit.SecretText).Where(squirrel.Eq{"n": 1}).Exec(ctx, db))
		},
		"a key of an upsert": func(db dovetail.DB) error {
			return dovetail.Upsert(f.keyed, &rfKeyed{ID: kit.SecretText}).OnConflict("id").Exec(ctx, db)
		},
	}
	if !d.Postgres() {
		maps.Copy(calls, f.rfTexts(ctx))
	}
	return calls
}

// rfTexts are values that functions of SQLite refuse.
func (f rfTables) rfTexts(ctx context.Context) map[string]func(db dovetail.DB) error {
	calls := map[string]func(db dovetail.DB) error{}
	for name, of := range map[string]struct {
		sql string
		arg any
	}{
		"json": {"json(?) IS NULL", kit.SecretText}, "a path in json": {"json_extract('{}', ?) IS NULL", kit.SecretText},
		"an integer that has no other sign": {"abs(? - 9223372036854775807) = 1", -1}, "a text that is too long": {"zeroblob(?) IS NULL", 3_000_000_000},
		"the sign of a pattern": {"'a' LIKE 'b' ESCAPE ?", kit.SecretText}, "bytes in json": {"json_array(CAST(? AS BLOB)) IS NULL", kit.SecretText},
		"a name in json": {"json_object(CAST(? AS INTEGER), 1) IS NULL", 1},
	} {
		calls["read by "+name] = func(db dovetail.DB) error { return second(dovetail.Select(f.rows).Where(of.sql, of.arg).All(ctx, db)) }
		calls["update by "+name] = func(db dovetail.DB) error {
			return second(dovetail.Update(f.rows).Set("n", "7").Where("rf_rows.id = 1 AND "+of.sql, of.arg).Exec(ctx, db))
		}
		calls["delete by "+name] = func(db dovetail.DB) error {
			return second(dovetail.Delete(f.keyed).Where("rf_keyed.id = 1 AND "+of.sql, of.arg).Exec(ctx, db))
		}
	}
	return calls
}

const rfShown = `SELECT 'row ' || id || ' ' || n || ' ' || small || ' ' || coalesce(top_id, 0) FROM rf_rows UNION ALL SELECT 'keyed ' || id || ' ' || n FROM rf_keyed
	UNION ALL SELECT 'link ' || one_id || ' ' || other_id || ' ' || note FROM rf_links UNION ALL SELECT 'made ' || id || ' ' || n FROM rf_made ORDER BY 1`

func TestWhatTheDatabaseSaysOfAValueIsAnArgumentError(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		d.Exec(t, rfDDL(d))
		f := newRFTables()
		before := kit.Texts(t, d.DB, rfShown)
		calls := f.rfValues(t.Context(), d)
		for _, name := range slices.Sorted(maps.Keys(calls)) {
			for _, within := range []bool{false, true} {
				err := nuCall(t.Context(), d.DB, calls[name], within)
				if !errors.Is(err, dovetail.ErrArgType) || errors.Is(err, dovetail.ErrCommitUnknown) {
					t.Errorf("%s: expected an argument error, got %v", name, err)
					continue
				}
				kit.CheckErrorText(t, err)
				kit.Same(t, name, kit.Texts(t, d.DB, rfShown), before...)
			}
		}
	})
}

// TestWhatTheDatabaseSaysOfARowIsAConstraint: a CHECK, a column that must have a value, and one that the database makes.
func TestWhatTheDatabaseSaysOfARowIsAConstraint(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		d.Exec(t, rfDDL(d))
		f, ctx := newRFTables(), t.Context()
		before := kit.Texts(t, d.DB, rfShown)
		large := func(id int64) *rfRow { return &rfRow{ID: id, N: "1", Small: kit.SecretNumber} }
		for name, call := range map[string]func(db dovetail.DB) error{
			"insert": func(db dovetail.DB) error { return dovetail.Insert(f.rows, large(9)).Exec(ctx, db) },
			"save":   func(db dovetail.DB) error { return dovetail.Save(ctx, db, f.rows, large(1), "small") },
			"save all": func(db dovetail.DB) error {
				return dovetail.SaveAll(ctx, db, f.rows, []*rfRow{large(1), large(2)}, "small")
			},
			"upsert": func(db dovetail.DB) error {
				return dovetail.Upsert(f.rows, large(1)).OnConflict("id").Set("small").Exec(ctx, db)
			},
			"sync": func(db dovetail.DB) error { return second(f.below.Sync(ctx, db, &rfRow{ID: 1}, large(2))) },
			"update": func(db dovetail.DB) error {
				return second(dovetail.Update(f.rows).Set("small", int64(kit.SecretNumber)).Where(squirrel.Eq{"id": 1}).Exec(ctx, db))
			},
		} {
			err := call(d.DB)
			refused := dfRefused(t, name, err, dovetail.CheckConstraint)
			if refused == nil {
				continue
			}
			kit.Equal(t, name, refused.Table+" "+refused.Constraint, "rf_rows is_small")
			kit.CheckErrorText(t, err)
			kit.Same(t, name, kit.Texts(t, d.DB, rfShown), before...)
		}
		for name, err := range map[string]error{
			"insert": dovetail.Insert(f.made, &rfMade{ID: 2, N: 1, Twice: 7}).Exec(ctx, d.DB),
			"save":   dovetail.Save(ctx, d.DB, f.made, &rfMade{ID: 1, N: 1, Twice: 7}, "twice"),
		} {
			if errors.Is(err, dovetail.ErrUnsupported) {
				kit.Refused(t, err, dovetail.ErrUnsupported, "the database always makes a column", "ReadOnly")
			} else {
				t.Errorf("%s of what the database makes: %v", name, err)
			}
		}
	})
}
