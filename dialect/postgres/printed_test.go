package postgres_test

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/dialect/postgres"
)

// stamp is a time by its driver.Valuer alone, though it prints itself.
type stamp int64

func (s stamp) Value() (driver.Value, error) { return time.Unix(int64(s), 0), nil }

func (s stamp) String() string { return "a stamp" }

// day spells itself.
type day struct{ time.Time }

func (d day) TextValue() (pgtype.Text, error) {
	return pgtype.Text{String: d.Format(time.DateOnly), Valid: true}, nil
}

// weather is an integer that has a text.
type weather int

func (weather) String() string { return "fair" }

var noon = time.Date(2024, 5, 17, 12, 0, 0, 0, time.FixedZone("CEST", 2*60*60))

// timesOf returns noon as each Go type that is a time, and lists of them.
func timesOf() (single, lists []any) {
	p := &noon
	single = []any{noon, noon.UTC(), time.Unix(noon.Unix(), 0), p, &p, sql.NullTime{Time: noon, Valid: true}, &sql.NullTime{Time: noon, Valid: true},
		sql.Null[time.Time]{V: noon, Valid: true}, stamp(noon.Unix()), pgtype.Timestamptz{Time: noon, Valid: true}}
	lists = []any{[]time.Time{noon}, []*time.Time{nil, p}, []any{nil, noon}, []sql.NullTime{{}, {Time: noon, Valid: true}}, []stamp{stamp(noon.Unix())},
		[1]time.Time{noon}, pgtype.FlatArray[time.Time]{noon}}
	return single, lists
}

// TestATimeIsNoText: neither is it compared with texts, nor stored as one, as Go prints it. Where types are not known, it is a text that the server reads.
func TestATimeIsNoText(t *testing.T) {
	t.Parallel()
	const ddl = "CREATE DOMAIN moment AS timestamptz; CREATE DOMAIN day AS date; " +
		"CREATE TABLE told (t text, v varchar(50), b bpchar, n name, at timestamptz, clock timestamp, d date, o time, z timetz, j jsonb, js json, x xml, m moment, dd day, ts text[])"
	everyWay(t, ddl, func(t *testing.T, db *postgres.DB) {
		if strings.HasSuffix(t.Name(), "/tx") {
			return // which a refusal of the server ends
		}
		typed := !strings.Contains(t.Name(), "simple") && !strings.Contains(t.Name(), "/exec")
		single, lists := timesOf()
		for _, v := range single {
			for _, sql := range []string{"UPDATE told SET %s = $1", "INSERT INTO told (%s) VALUES ($1)", "SELECT '1' FROM told WHERE %s > $1", "SELECT '1' FROM told WHERE %s IN ('x', $1)"} {
				for _, column := range []string{"t", "v", "b", "n"} {
					_, err := collect(db, stmt(fmt.Sprintf(sql, column), v))
					if f := postgres.Dialect.Failure(err); typed && (f.Kind != dialect.FailureValue || !strings.Contains(f.Text, "CAST(? AS timestamptz)")) {
						t.Errorf(sql+" with a %T: got %v", column, v, err)
					} else if !typed && err != nil {
						t.Errorf(sql+" with a %T: %v", column, v, err)
					}
				}
			}
			mustCollect(t, db, stmt("DELETE FROM told"))
			for column, want := range map[string]string{"at": "2024-05-17 10:00:00+00", "clock": "2024-05-17", "d": "2024-05-17", "o": "", "z": "", "j": `"2024-05-17T`,
				"js": `"2024-05-17T`, "m": "2024-05-17 10:00:00+00", "dd": "2024-05-17"} {
				if !typed && strings.HasPrefix(column, "j") {
					continue
				}
				got, err := collect(db, stmt("SET TimeZone = 'UTC'"), stmt("DELETE FROM told"), stmt("INSERT INTO told ("+column+") VALUES ($1)", v), stmt("SELECT "+column+"::text FROM told"))
				if err != nil || len(got[3]) != 1 || !strings.HasPrefix(got[3][0], want) {
					t.Errorf("%s of a %T: expected %q, got %v and %v", column, v, want, got, err)
				}
			}
		}
		for _, v := range lists {
			if !typed {
				break
			}
			if got, err := collect(db, stmt("SELECT '1' WHERE 'x' = ANY($1::text[])", v)); postgres.Dialect.Failure(err).Kind != dialect.FailureValue {
				t.Errorf("%T as text[]: got %v and %v", v, got, err)
			}
			for _, typ := range []string{"timestamptz", "date"} {
				if got, err := collect(db, stmt("SELECT '1' WHERE $2::"+typ+" = ANY($1::"+typ+"[])", v, noon)); err != nil || len(got[0]) != 1 {
					t.Errorf("%T as %s[]: got %v and %v", v, typ, got, err)
				}
			}
		}
	})
}

// TestADurationIsNoText is the same of durations, of which pgx is asked before anything is sent. What spells itself is that text.
func TestADurationIsNoText(t *testing.T) {
	t.Parallel()
	const ddl = "CREATE DOMAIN span AS interval; CREATE TABLE spans (t text, v varchar(50), i interval, n bigint, s span, j jsonb, js json)"
	everyWay(t, ddl, func(t *testing.T, db *postgres.DB) {
		if strings.Contains(t.Name(), "simple") || strings.Contains(t.Name(), "/exec") {
			return
		}
		d := 90 * time.Minute
		for _, v := range []any{d, &d, sql.Null[time.Duration]{V: d, Valid: true}} {
			for _, column := range []string{"t", "v"} {
				_, err := collect(db, stmt("UPDATE spans SET "+column+" = $1", v))
				if f := postgres.Dialect.Failure(err); f.Kind != dialect.FailureValue || !strings.Contains(f.Text, "CAST(? AS interval)") {
					t.Errorf("%s of a %T: got %v", column, v, err)
				}
			}
			for column, want := range map[string]string{"i": "01:30:00", "n": "5400000000000", "s": "01:30:00", "j": "5400000000000", "js": "5400000000000"} {
				got, err := collect(db, stmt("DELETE FROM spans"), stmt("INSERT INTO spans ("+column+") VALUES ($1)", v), stmt("SELECT "+column+"::text FROM spans"))
				if err != nil || fmt.Sprint(got[2]) != "["+want+"]" {
					t.Errorf("%s of a %T: expected %s, got %v and %v", column, v, want, got, err)
				}
			}
		}
		for _, v := range []any{[]time.Duration{d}, []*time.Duration{nil, &d}, []any{d, nil}} {
			if got, err := collect(db, stmt("SELECT '1' WHERE 'x' = ANY($1::text[])", v)); postgres.Dialect.Failure(err).Kind != dialect.FailureValue {
				t.Errorf("%T as text[]: got %v and %v", v, got, err)
			}
			for _, typ := range []string{"interval", "bigint"} {
				if got, err := collect(db, stmt("SELECT '1' WHERE $2::"+typ+" = ANY($1::"+typ+"[])", v, d)); err != nil || len(got[0]) != 1 {
					t.Errorf("%T as %s[]: got %v and %v", v, typ, got, err)
				}
			}
		}
		for want, v := range map[string]any{"2024-05-17": day{noon}, "fair": weather(1)} {
			if got, err := collect(db, stmt("SELECT $1::text", v)); err != nil || fmt.Sprint(got) != "[["+want+"]]" {
				t.Errorf("%T: expected %s, got %v and %v", v, want, got, err)
			}
		}
	})
}
