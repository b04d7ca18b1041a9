package running_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// TRAPS J: what a row may hold that its struct cannot, and what a struct may be.

type scanOwner struct {
	ID      int64
	Name    string
	Related []*scanRow
	Others  []scanOther
}

type scanRow struct {
	ID      int64
	OwnerID int64
	Age     int16
}

type scanOther struct {
	ID      int64
	OwnerID int64
	Note    *string
}

// scanDDL has two owners; the second row of owner 1 has no age.
const scanDDL = `CREATE TABLE scan_owners (id BIGINT PRIMARY KEY, name TEXT);
CREATE TABLE scan_rows (id BIGINT PRIMARY KEY, owner_id BIGINT, age SMALLINT);
CREATE TABLE scan_others (id BIGINT PRIMARY KEY, owner_id BIGINT, note TEXT);
INSERT INTO scan_owners VALUES (1, 'a'), (2, 'b');
INSERT INTO scan_rows VALUES (1, 1, 10), (2, 1, NULL), (3, 2, 30);
INSERT INTO scan_others VALUES (1, 1, NULL), (2, 2, 'x'), (3, 2, 'y');`

func scanTables() (*dovetail.Table[scanOwner], *dovetail.Table[scanRow]) {
	r := dovetail.NewRegistry()
	owners, rows := dovetail.NewTable[scanOwner](r, "scan_owners"), dovetail.NewTable[scanRow](r, "scan_rows")
	others := dovetail.NewTable[scanOther](r, "scan_others")
	dovetail.HasMany(owners, "related", rows, dovetail.ForeignKey("owner_id"))
	dovetail.HasMany(owners, "others", others, dovetail.ForeignKey("owner_id"))
	return owners, rows
}

// scanFailed fails the test unless err is a ScanError of the column and field, with these words in its text.
func scanFailed(t *testing.T, err error, path, column, field string, words ...string) {
	t.Helper()
	var failed *dovetail.ScanError
	if !errors.As(err, &failed) {
		t.Errorf("expected a ScanError of %s, got %v", column, err)
		return
	}
	if failed.Path != path || failed.Column != column || failed.Field != field {
		t.Errorf("expected path %q, column %q, field %q, got %+v", path, column, field, failed)
	}
	text := err.Error()
	for _, word := range append(words, column, field) {
		if !strings.Contains(text, word) {
			t.Errorf("expected %q in %q", word, text)
		}
	}
	if strings.Count(text, "dovetail: ") != 1 {
		t.Errorf("expected the prefix once in %q", text)
	}
}

func TestTrap_J1_NULLIntoAFieldThatCannotHoldIt(t *testing.T) {
	t.Parallel()
	kit.OnEachProbe(t, scanDDL, func(t *testing.T, p kit.Probe) {
		owners, rows := scanTables()
		got, err := dovetail.Select(rows).OrderBy("id").All(t.Context(), p.DB)
		if got != nil {
			t.Errorf("expected no rows beside the error, got %v", got)
		}
		scanFailed(t, err, "", "scan_rows.age", "scanRow.Age", "NULL", "int16", "*int16")
		loaded, err := dovetail.Select(owners).Preload("related").All(t.Context(), p.DB)
		if loaded != nil {
			t.Errorf("expected no owners beside the error, got %v", loaded)
		}
		scanFailed(t, err, "related", "scan_rows.age", "scanRow.Age", "preload related", "NULL", "*int16")
	})
}

func TestTrap_J2_AbsentRowIsNil(t *testing.T) {
	t.Parallel()
	kit.OnEachProbe(t, kit.ReadingsDDL(t), func(t *testing.T, p kit.Probe) {
		users, err := dovetail.Select(models.Users).LeftJoin("profile").OrderBy("id").Preload("profile").All(t.Context(), p.DB)
		if err != nil {
			t.Fatal(err)
		}
		if len(users) != 3 || users[0].Profile == nil || users[0].Profile.ID != 1 || users[2].Profile != nil {
			t.Errorf("expected a profile of user 1 and none of user 3, got %+v", users)
		}
		type shape struct {
			ID      int64
			Profile struct {
				ID  *int64
				Bio *string
			}
		}
		rows, err := dovetail.Collect[shape](t.Context(), p.DB, dovetail.Select(models.Users).LeftJoin("profile").OrderBy("id").
			Columns("id", "profile.id", "profile.bio"))
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) != 3 || *rows[1].Profile.ID != 2 || rows[2].ID != 3 || rows[2].Profile.ID != nil {
			t.Errorf("expected user 3 without a profile, got %+v", rows)
		}
	})
}

func TestTrap_J3_PresentRowOfNULLsIsThere(t *testing.T) {
	t.Parallel()
	kit.OnEachProbe(t, kit.ReadingsDDL(t), func(t *testing.T, p kit.Probe) {
		user, err := dovetail.Select(models.Users).Preload("profile.user").Get(t.Context(), p.DB, 2)
		if err != nil {
			t.Fatal(err)
		}
		if user.Profile == nil || user.Profile.ID != 2 || user.Profile.Bio != nil || user.Profile.AvatarURL != nil {
			t.Fatalf("expected profile 2 of NULLs, got %+v", user.Profile)
		}
		if user.Profile.User != user {
			t.Error("the profile's user is not the user it was loaded for")
		}
	})
}

func TestTrap_J4_ExtraColumnIsAnError(t *testing.T) {
	t.Parallel()
	kit.OnEachProbe(t, kit.ReadingsDDL(t), func(t *testing.T, p kit.Probe) {
		q := dovetail.Select(models.Authors).Column("length(name) AS letters")
		for what, q := range map[string]dovetail.Query[*models.Author]{"rows": q, "no row": q.Where(squirrel.Eq{"id": -1})} {
			rows, err := q.All(t.Context(), p.DB)
			if rows != nil || !errors.Is(err, dovetail.ErrUnknownColumn) || !strings.Contains(err.Error(), "letters") ||
				!strings.Contains(err.Error(), "computed") {
				t.Errorf("%s: expected letters to have no field, got %v, %v", what, rows, err)
			}
		}
		type narrow struct{ ID int64 }
		shapes, err := dovetail.Collect[narrow](t.Context(), p.DB, dovetail.Select(models.Authors).Columns("id", "name"))
		var failed *dovetail.ScanError
		if shapes != nil || !errors.As(err, &failed) || !strings.Contains(err.Error(), "name") {
			t.Errorf("expected name to have no field, got %v, %v", shapes, err)
		}
	})
}

func TestTrap_J5_MissingColumnIsAnError(t *testing.T) {
	t.Parallel()
	kit.OnEachProbe(t, strings.Replace(scanDDL, "name TEXT", "named TEXT", 1), func(t *testing.T, p kit.Probe) {
		owners, rows := scanTables()
		got, err := dovetail.Select(owners).All(t.Context(), p.DB)
		var failed *dovetail.QueryError
		if got != nil || !errors.As(err, &failed) || !strings.Contains(err.Error(), "name") || !strings.Contains(failed.SQL, `"name"`) {
			t.Errorf("expected the database to miss the column name, got %v, %v", got, err)
		}
		if p.Postgres() && kit.SQLState(err) != "42703" {
			t.Errorf("expected SQLSTATE 42703, got %v", err)
		}
		type wide struct {
			ID       int64
			OwnerID  int64
			Nickname string
		}
		q := dovetail.Select(rows).Columns("id", "owner_id")
		for what, q := range map[string]dovetail.AnyQuery{"rows": q, "no row": q.Where(squirrel.Eq{"id": -1})} {
			shapes, err := dovetail.Collect[wide](t.Context(), p.DB, q)
			if shapes != nil || err == nil || !strings.Contains(err.Error(), "Nickname") {
				t.Errorf("%s: expected the field Nickname to have no column, got %v, %v", what, shapes, err)
			}
		}
	})
}

func TestTrap_J6_ColumnsOfOneNameAreNotMixed(t *testing.T) {
	t.Parallel()
	kit.OnEachProbe(t, kit.ReadingsDDL(t), func(t *testing.T, p kit.Probe) {
		rows, err := dovetail.Select(models.Activities).Join("account").OrderBy("account.created_at DESC", "id").All(t.Context(), p.DB)
		if err != nil {
			t.Fatal(err)
		}
		if rows[0].ID != 5 || rows[0].AccountID != 3 || rows[0].CreatedAt.Day() != 5 || rows[0].CreatedAt.Month() != time.February {
			t.Errorf("expected activity 5 with its own time, got %+v", rows[0])
		}
		type both struct {
			ID      int64
			Account struct{ ID int64 }
		}
		pairs, err := dovetail.Collect[both](t.Context(), p.DB, dovetail.Select(models.Activities).Join("account").
			Columns("account.id", "id").OrderBy("id"))
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(pairs); got != "[{1 {1}} {2 {1}} {3 {1}} {4 {2}} {5 {3}} {6 {3}}]" {
			t.Errorf("got %s", got)
		}
		twice := dovetail.Select(models.Activities).Join("account").Columns("id").Column("account.id AS id")
		if ids, err := dovetail.Collect[struct{ ID int64 }](t.Context(), p.DB, twice); err == nil {
			t.Errorf("expected two columns of one name to be an error, got %v", ids)
		}
	})
}

// overflow is a value that its field cannot hold.
type overflow struct {
	name    string
	sqlType string
	value   string
	scan    func(t *testing.T, p kit.Probe) error
}

func scanInto[K any](t *testing.T, p kit.Probe) error {
	t.Helper()
	_, rows := kit.KeyTables[K, K]()
	got, err := dovetail.Select(rows).OrderBy("id").All(t.Context(), p.DB)
	if err != nil && got != nil {
		t.Error("rows came beside the error")
	}
	if err == nil {
		return fmt.Errorf("read as %v", got[0].K)
	}
	return err
}

func (o overflow) test(t *testing.T, p kit.Probe) {
	t.Helper()
	err := o.scan(t, p)
	var failed *dovetail.ScanError
	if !errors.As(err, &failed) || failed.Column != "key_rows.k" || !strings.HasSuffix(failed.Field, ".K") {
		t.Fatalf("expected a ScanError of key_rows.k into K, got %v", err)
	}
	if value := strings.Trim(o.value, "-'"); value != "1" && value != "NaN" && strings.Contains(err.Error(), value) {
		t.Errorf("the error holds the value: %q", err)
	}
}

func TestTrap_J7_ValueThatDoesNotFitIsAnError(t *testing.T) {
	t.Parallel()
	both := []overflow{
		{"bigint into int32", "BIGINT", "4294967297", scanInto[int32]},
		{"smallint into int8", "SMALLINT", "30000", scanInto[int8]},
		{"negative into uint32", "BIGINT", "-1", scanInto[uint32]},
		{"negative into uint64", "BIGINT", "-1", scanInto[uint64]},
		{"fraction into int64", "NUMERIC", "12345.5", scanInto[int64]},
		{"bigint into *int16", "BIGINT", "4294967297", scanInto[*int16]},
		{"bigint into a named type", "BIGINT", "4294967297", scanInto[kit.ProbeSmall]},
		{"text into int64", "TEXT", "'seventeen'", scanInto[int64]},
	}
	for _, o := range both {
		ddl := kit.KeyCase{OwnerSQL: "BIGINT", RowSQL: o.sqlType, Related: []string{o.value}}.DDL()
		t.Run("postgres/"+o.name, func(t *testing.T) { o.test(t, kit.PostgresProbe(t, ddl, nil)) })
		t.Run("sqlite/"+o.name, func(t *testing.T) { o.test(t, kit.SQLiteProbe(t, ddl)) })
	}
	for _, o := range []overflow{
		{"numeric over 64 bits", "numeric", "123456789012345678901234567890", scanInto[int64]},
		{"numeric NaN into int64", "numeric", "'NaN'", scanInto[int64]},
	} {
		ddl := kit.KeyCase{OwnerSQL: "BIGINT", RowSQL: o.sqlType, Related: []string{o.value}}.DDL()
		t.Run("postgres/"+o.name, func(t *testing.T) { o.test(t, kit.PostgresProbe(t, ddl, nil)) })
	}
}

// innermost returns the last error of a chain.
func innermost(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

func TestTrap_J8_TimesThatGoHasNot(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"infinity", "-infinity"} {
		for _, sqlType := range []string{"timestamptz", "timestamp", "date"} {
			t.Run(sqlType+" "+value, func(t *testing.T) {
				p := kit.PostgresProbe(t, kit.KeyCase{OwnerSQL: "bigint", RowSQL: sqlType, Related: []string{"'" + value + "'"}}.DDL(), nil)
				err := scanInto[time.Time](t, p)
				var failed *dovetail.ScanError
				if !errors.As(err, &failed) || failed.Column != "key_rows.k" || !strings.Contains(err.Error(), "time.Time") {
					t.Errorf("expected that time.Time cannot hold the value of key_rows.k, got %v", err)
				}
				// Which value it is, only the driver's error in the chain says: messages hold no values.
				if text := innermost(err).Error(); !strings.Contains(strings.ToLower(text), "infinity") {
					t.Errorf("expected the driver's error about infinity in the chain, got %q", text)
				}
			})
		}
	}
	p := kit.PostgresProbe(t, kit.KeyCase{OwnerSQL: "bigint", RowSQL: "timestamptz", Related: []string{
		"'infinity'", "'-infinity'", "'10000-01-01 00:00:00+00'", "'0044-03-15 12:00:00+00 BC'"}}.DDL(), nil)
	_, rows := kit.KeyTables[pgtype.Timestamptz, pgtype.Timestamptz]()
	got, err := dovetail.Select(rows).OrderBy("id").All(t.Context(), p.DB)
	if err != nil {
		t.Fatal(err)
	}
	if got[0].K.InfinityModifier != pgtype.Infinity || got[1].K.InfinityModifier != pgtype.NegativeInfinity || !got[1].K.Valid {
		t.Errorf("expected both infinities, got %+v, %+v", got[0].K, got[1].K)
	}
	if late := time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC); !got[2].K.Time.Equal(late) {
		t.Errorf("expected year 10000, got %v", got[2].K.Time)
	}
	if ides := time.Date(-43, 3, 15, 12, 0, 0, 0, time.UTC); !got[3].K.Time.Equal(ides) {
		t.Errorf("expected 44 BC, which is year -43, got %v", got[3].K.Time)
	}
}

func TestTrap_J9_EveryResultHasMemoryOfItsOwn(t *testing.T) {
	t.Parallel()
	kit.OnEachProbe(t, kit.ReadingsDDL(t), func(t *testing.T, p kit.Probe) {
		q := dovetail.Select(models.Accounts).OrderBy("id").Preload("activities")
		first, err := q.All(t.Context(), p.DB)
		if err != nil {
			t.Fatal(err)
		}
		second, err := q.All(t.Context(), p.DB)
		if err != nil {
			t.Fatal(err)
		}
		first[0].Owner, first[0].Activities[0].Amount = "changed", -1
		_ = append(first[:1], first[2])
		if second[0].Owner != "SpongeBob" || second[0].Activities[0].Amount != 800 || second[1].ID != 2 {
			t.Errorf("the second result changed with the first: %+v", second[0])
		}

		// Lists of neighbours lie side by side in memory; to append to one must not write into the next.
		stranger := &models.Activity{ID: 99}
		for _, a := range second {
			a.Activities = append(a.Activities, stranger)
		}
		if second[1].Activities[0].ID != 4 || second[2].Activities[0].ID != 5 {
			t.Errorf("appending to a list wrote into the next: %+v", second[1].Activities)
		}
		before := slices.Clone(second[0].Activities)
		kept := second[0].Activities
		if err := dovetail.Load(t.Context(), p.DB, models.Accounts, second, "activities"); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(kept, before) || len(second[0].Activities) != 3 {
			t.Errorf("a second load wrote into the first list: %v", kept)
		}
		byValue, err := dovetail.Select(models.Users).OrderBy("id").Preload("posts").All(t.Context(), p.DB)
		if err != nil {
			t.Fatal(err)
		}
		byValue[0].Posts = append(byValue[0].Posts, models.Post{ID: 99})
		if byValue[1].Posts[0].ID != 3 {
			t.Errorf("appending to a list of values wrote into the next: %+v", byValue[1].Posts)
		}
	})
}

func TestTrap_J10_ErrorLeavesTheDestinationAlone(t *testing.T) {
	t.Parallel()
	kit.OnEachProbe(t, scanDDL, func(t *testing.T, p kit.Probe) {
		owners, _ := scanTables()
		old, note := &scanRow{ID: 7}, "old"
		hand := []*scanOwner{{ID: 1, Related: []*scanRow{old}, Others: []scanOther{{ID: 8, Note: &note}}}, {ID: 2}}
		err := dovetail.Load(t.Context(), p.DB, owners, hand, "related")
		scanFailed(t, err, "related", "scan_rows.age", "scanRow.Age")
		if len(hand[0].Related) != 1 || hand[0].Related[0] != old || hand[1].Related != nil {
			t.Errorf("expected the lists as they were, got %v, %v", hand[0].Related, hand[1].Related)
		}
		if len(hand[0].Others) != 1 || hand[0].Others[0].Note != &note {
			t.Errorf("expected the other list as it was, got %v", hand[0].Others)
		}
		// The failing relation comes after one of the same level that was read whole.
		rows, err := dovetail.Select(owners).Preload("others").Preload("related").All(t.Context(), p.DB)
		if rows != nil || err == nil {
			t.Errorf("expected nothing but the error, got %v, %v", rows, err)
		}
		one, err := dovetail.Select(owners).Preload("related").Get(t.Context(), p.DB, 1)
		if one != nil || err == nil {
			t.Errorf("expected nothing but the error, got %v, %v", one, err)
		}
	})
}

func TestTrap_J13_InvalidUTF8OfSQLiteIsPassedOn(t *testing.T) {
	t.Parallel()
	p := kit.SQLiteProbe(t, kit.KeyCase{OwnerSQL: "TEXT", Owners: []string{"CAST(x'61ff62' AS TEXT)", "CAST(x'6100' AS TEXT)", "'a'"},
		Related: []string{"'a'", "CAST(x'61ff62' AS TEXT)"}}.DDL())
	owners, _ := kit.KeyTables[string, string]()
	got, err := dovetail.Select(owners).OrderBy("id").Preload("related").All(t.Context(), p.DB)
	if err != nil {
		t.Fatal(err)
	}
	if got[0].K != "a\xffb" || got[1].K != "a\x00" || got[2].K != "a" {
		t.Errorf("expected the bytes as they are, got %q, %q, %q", got[0].K, got[1].K, got[2].K)
	}
	if pairs := kit.OwnerPairs(got); !slices.Equal(pairs, []string{"1 2", "3 1"}) {
		t.Errorf("expected the keys to match bytewise, got %q", pairs)
	}
}

// panicking is a type whose Scan panics.
type panicking struct{}

func (p *panicking) Scan(any) error { panic("scan: boom") }

func TestTrap_J14_PanicInAScanGivesTheConnectionBack(t *testing.T) {
	t.Parallel()
	p := kit.PostgresProbe(t, kit.KeyCase{OwnerSQL: "text", Owners: []string{"'a'"}, Related: []string{"'a'", "'b'"}}.DDL(), nil)
	p.Exec(t, `ALTER TABLE key_rows ADD COLUMN owner_id bigint DEFAULT 1`)
	type keyed struct {
		ID      int64
		OwnerID int64
		K       panicking
	}
	type keeper struct {
		ID   int64
		Rows []*keyed
		More []*keyed
	}
	r := dovetail.NewRegistry()
	keepers, children := dovetail.NewTable[keeper](r, "key_owners"), dovetail.NewTable[keyed](r, "key_rows")
	dovetail.HasMany(keepers, "rows", children, dovetail.ForeignKey("owner_id"))
	dovetail.HasMany(keepers, "more", children, dovetail.ForeignKey("owner_id"))
	for name, call := range map[string]func(context.Context) error{
		"root": func(ctx context.Context) error {
			_, err := dovetail.Select(children).All(ctx, p.DB)
			return err
		},
		"preload": func(ctx context.Context) error {
			_, err := dovetail.Select(keepers).Preload("rows").All(ctx, p.DB)
			return err
		},
		"batch": func(ctx context.Context) error {
			_, err := dovetail.Select(keepers).Preload("rows").Preload("more").All(ctx, p.DB)
			return err
		},
		"collect": func(ctx context.Context) error {
			_, err := dovetail.Collect[struct{ K panicking }](ctx, p.DB, dovetail.Select(children).Columns("k"))
			return err
		},
	} {
		func() {
			defer func() {
				if got := recover(); got != "scan: boom" {
					t.Errorf("%s: expected the panic to continue, recovered %v", name, got)
				}
			}()
			t.Errorf("%s: returned %v", name, call(t.Context()))
		}()
		deadline := time.Now().Add(10 * time.Second)
		for p.Pool.Stat().AcquiredConns() > 0 && time.Now().Before(deadline) {
			time.Sleep(time.Millisecond)
		}
		if n := p.Pool.Stat().AcquiredConns(); n != 0 {
			t.Errorf("%s: %d connections were not given back", name, n)
		}
		if n, err := dovetail.Select(keepers).Count(t.Context(), p.DB); err != nil || n != 1 {
			t.Errorf("%s: expected the pool to serve on, got %d, %v", name, n, err)
		}
	}
}
