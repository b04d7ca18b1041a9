package writes_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	sq "github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/dbtest"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// vMood is an enum's value; pgx knows neither the enum nor its arrays.
type vMood string

type vFeeling struct {
	ID    int64
	Mood  vMood
	Moods []vMood
	Code  *string
}

const vFeelingDDL = `CREATE TYPE feeling AS ENUM ('sad', 'glad');
CREATE TABLE feelings (id bigint PRIMARY KEY, mood feeling, moods feeling[], code varchar(3));
CREATE TABLE events (id bigint, kind text) PARTITION BY LIST (kind);
CREATE TABLE events_a PARTITION OF events FOR VALUES IN ('a')`

type vEvent struct {
	ID   int64
	Kind string
}

// TestMessagesHoldNoValue gives values that pgx cannot send and such as the server refuses. What they say of it stays in the chain.
func TestMessagesHoldNoValue(t *testing.T) {
	t.Parallel()
	const secret = "s3cret"
	feelings := dovetail.NewTable[vFeeling](dovetail.NewRegistry(), "feelings")
	where := func(text string, arg any) func(context.Context, dovetail.DB) error {
		return func(ctx context.Context, db dovetail.DB) error {
			_, err := dovetail.Select(feelings).Columns("id").Where(text, arg).All(ctx, db)
			return err
		}
	}
	insert := func(f vFeeling) func(context.Context, dovetail.DB) error {
		return func(ctx context.Context, db dovetail.DB) error {
			return dovetail.Insert(feelings, &f).Exec(ctx, db)
		}
	}
	long, broken := secret+secret, "\xff"+secret
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeCacheDescribe, pgx.QueryExecModeDescribeExec,
		pgx.QueryExecModeExec, pgx.QueryExecModeSimpleProtocol} {
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			_, err := dbtest.Postgres(t).Exec(t.Context(), vFeelingDDL)
			kit.NoError(t, err)
			config := dbtest.PostgresConfig(t)
			config.ConnConfig.DefaultQueryExecMode = mode
			db := postgres.New(dbtest.PostgresPool(t, config))
			for name, call := range map[string]func(context.Context, dovetail.DB) error{
				"a text for a number":      where("id = ?", secret),
				"a list for a number":      where("id = ?", []string{secret}),
				"what no type takes":       where("id = ?", func() string { return secret }),
				"a number out of range":    where("CAST(? AS smallint) = 1", "5367"+strings.Repeat("9", 5)),
				"a date":                   where("CAST(? AS date) IS NULL", secret+`" of "`+secret),
				"an array":                 where("CAST(? AS integer[]) IS NULL", secret),
				"an enum":                  insert(vFeeling{ID: 1, Mood: secret}),
				"a text that is too long":  insert(vFeeling{ID: 1, Mood: "sad", Code: &long}),
				"bytes that are no text":   insert(vFeeling{ID: 1, Mood: "sad", Code: &broken}),
				"an array of an enum":      insert(vFeeling{ID: 1, Mood: "sad", Moods: []vMood{secret}}),
				"a value of the statement": where("id = ? AND 1 / 0 = 1", 1),
			} {
				err := call(t.Context(), db)
				if err == nil || !errors.Is(err, dovetail.ErrArgType) && name != "a value of the statement" {
					t.Errorf("%s: expected an argument error, got %v", name, err)
					continue
				}
				if strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "5367") {
					t.Errorf("%s: the value is in %q", name, err)
				}
				kit.CheckErrorText(t, err)
				if n := 0; mode == pgx.QueryExecModeCacheStatement && name == "an array of an enum" {
					for _, word := range []string{"LoadTypes", "RegisterTypes", "AfterConnect"} {
						n += strings.Count(err.Error(), word)
					}
					kit.Equal(t, "ways to register in "+err.Error(), n, 3)
				}
			}
		})
	}
}

// TestAnEnumArrayThatIsNotRegistered cannot be read into a list of another type either, and the message says what to do.
func TestAnEnumArrayThatIsNotRegistered(t *testing.T) {
	t.Parallel()
	d := kit.PostgresPool(t, vFeelingDDL)
	d.Exec(t, `INSERT INTO feelings VALUES (1, 'sad', '{sad,glad}')`)
	feelings := dovetail.NewTable[vFeeling](dovetail.NewRegistry(), "feelings")
	_, err := dovetail.Select(feelings).All(t.Context(), d.DB)
	if err == nil || !strings.Contains(err.Error(), "feelings.moods") || !strings.Contains(err.Error(), "RegisterTypes") {
		t.Errorf("expected the way to register the type, got %v", err)
	}
}

func TestAMissingPartitionIsNoCheckConstraint(t *testing.T) {
	t.Parallel()
	d := kit.PostgresPool(t, vFeelingDDL)
	for _, table := range []string{"events", "events_a"} {
		events := dovetail.NewTable[vEvent](dovetail.NewRegistry(), table)
		err := dovetail.Insert(events, &vEvent{ID: 1, Kind: "b"}).Exec(t.Context(), d.DB)
		var refused *dovetail.ConstraintError
		if !errors.As(err, &refused) || refused.Kind != dovetail.PartitionConstraint || refused.Table != table {
			t.Fatalf("%s: expected a missing partition, got %v", table, err)
		}
		var answer *pgconn.PgError
		if text := err.Error(); !strings.Contains(text, "no partition") || strings.Contains(text, "check") || !errors.As(err, &answer) {
			t.Errorf("unclear: %q", text)
		}
	}
}

// vPicky takes nothing but integers, and says what else it was given.
type vPicky struct{ n int64 }

func (p *vPicky) Scan(src any) error {
	n, ok := src.(int64)
	if !ok {
		return fmt.Errorf("cannot take %v", src)
	}
	p.n = n
	return nil
}

type vPickyRow struct {
	ID int64
	V  vPicky
}

func TestARefusedValueIsNamedByItsKind(t *testing.T) {
	t.Parallel()
	d := kit.SQLiteDB(t, "CREATE TABLE picky (id INTEGER PRIMARY KEY, v)")
	table := dovetail.NewTable[vPickyRow](dovetail.NewRegistry(), "picky")
	for literal, kind := range map[string]string{"'s3cret'": "text", "1.5": "a real number", "x'01'": "a blob"} {
		d.Exec(t, "DELETE FROM picky; INSERT INTO picky VALUES (1, "+literal+")")
		_, err := dovetail.Select(table).All(t.Context(), d.DB)
		if err == nil || !strings.Contains(err.Error(), "gave as "+kind) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: expected %q in %v", literal, kind, err)
		}
	}
}

type vThing struct {
	ID   int64
	N    int64
	Name string
	At   *time.Time
}

// TestMessagesHoldNoValueOnSQLite gives values that are refused before they are sent, such as SQLite refuses, and rows with what no field takes.
func TestMessagesHoldNoValueOnSQLite(t *testing.T) {
	t.Parallel()
	const secret = "s3cret"
	things := dovetail.NewTable[vThing](dovetail.NewRegistry(), "things", dovetail.Unique("name"))
	d := kit.SQLiteDB(t, `CREATE TABLE things (id INTEGER PRIMARY KEY, n INTEGER NOT NULL, name TEXT NOT NULL UNIQUE, at DATETIME);
INSERT INTO things VALUES (1, 1, 's3cret', NULL), (2, 's3cret', 'a', NULL), (3, 3, 'b', 's3cret')`)
	where := func(text string, args ...any) func() error {
		return func() error {
			_, err := dovetail.Select(things).Where(text, args...).All(t.Context(), d.DB)
			return err
		}
	}
	insert := func(th vThing) func() error {
		return func() error { return dovetail.Insert(things, &th).Exec(t.Context(), d.DB) }
	}
	set := func(column string, value any) func() error {
		return func() error {
			_, err := dovetail.Update(things).Set(column, value).Where(sq.Eq{"id": 1}).Exec(t.Context(), d.DB)
			return err
		}
	}
	for name, call := range map[string]func() error{
		"a text for a number":         where("n = ?", secret),
		"a list for a number":         where("n = ?", []string{secret}),
		"what no type takes":          where("n = ?", func() string { return secret }),
		"a map for a text":            where("name = ?", map[string]string{secret: secret}),
		"JSON that is none":           where("json_extract(?, '$.a') = 1", secret),
		"a number that is set":        set("n", secret),
		"a time that is none":         where("at > ?", secret),
		"a value that is taken":       insert(vThing{ID: 4, N: 1, Name: secret}),
		"a text in a field of number": where("id = 2"),
		"a text in a field of times":  where("id = 3"),
	} {
		err := call()
		switch {
		case err == nil:
			t.Errorf("%s: expected an error", name)
		case strings.Contains(err.Error(), secret), strings.Contains(err.Error(), "5367"):
			t.Errorf("%s: the value is in %q", name, err)
		default:
			kit.CheckErrorText(t, err)
		}
	}
}
