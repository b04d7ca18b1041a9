package values_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// kindsQuery is a query of any rows.
type kindsQuery interface {
	Count(ctx context.Context, db dovetail.DB) (int64, error)
}

// kindsOwner has rows of kinds.
type kindsOwner struct {
	UID  kindID
	Rows []*kindsRow
}

// TestValuesOfEveryKindInEveryPlace compares values with what a query makes of columns, in text and by its name, and gives columns what text
// makes of values.
func TestValuesOfEveryKindInEveryPlace(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	rows := dovetail.NewTable[kindsRow](r, "kinds")
	owners := dovetail.NewTable[kindsOwner](r, "kind_owners", dovetail.PrimaryKey("uid"))
	dovetail.HasMany(owners, "rows", rows, dovetail.ForeignKey("uid"), dovetail.Logical())
	text := kindsTime(2).Format(time.RFC3339)
	late := func(v any) any { return dovetail.FromContext(func(context.Context) (any, error) { return v, nil }) }
	named := func(column string, cond any) kindsQuery {
		return dovetail.Select(rows).Columns("id").Column(column + " AS m").Where(cond)
	}
	of := func(a dovetail.Aggregate, cond any) kindsQuery {
		return dovetail.Select(owners).With(a.As("m")).Where(cond).Columns("uid")
	}
	grouped := func(column string, cond any) kindsQuery {
		return dovetail.Select(rows).Columns("n").Column(column+" AS m").GroupBy("n", "fee").Having(cond)
	}
	cases := map[string]struct {
		query kindsQuery
		rows  int64 // that are found; -1: it is refused
	}{
		"a number by its name":                    {named("fee + 1", sq.Gt{"m": "3.5"}), 2},
		"no number beside a number":               {named("fee + 1", sq.Gt{"m": "x"}), -1},
		"no number of a context":                  {named("fee + 1", sq.Gt{"m": late("x")}), -1},
		"no number in a list":                     {named("fee + 1", sq.Eq{"m": []string{"1", "x"}}), -1},
		"a number beside a text":                  {named("lower(name)", sq.NotEq{"m": 5}), -1},
		"a text by its name":                      {named("lower(name)", sq.Eq{"m": kindsName(2)}), 1},
		"a time by its name":                      {named("coalesce(at, at)", sq.Eq{"m": text}), 1},
		"times by its name":                       {named("coalesce(at, at)", sq.Eq{"m": []string{text, text}}), 1},
		"no time by its name":                     {named("coalesce(at, at)", sq.Eq{"m": "x"}), -1},
		"no number of a group":                    {grouped("fee + 1", sq.Gt{"m": "x"}), -1},
		"a number of a group":                     {grouped("fee + 1", sq.Gt{"m": "3"}), 3},
		"the latest time":                         {of(dovetail.Max("rows.at"), sq.Lt{"m": text}), 1},
		"no latest time":                          {of(dovetail.Max("rows.at"), sq.Lt{"m": "x"}), -1},
		"a range of times by its name":            {dovetail.Select(rows).Column("coalesce(at, at) AS m").Where("m BETWEEN ? AND ?", text, text), 1},
		"a range of no times by its name":         {dovetail.Select(rows).Column("coalesce(at, at) AS m").Where("m BETWEEN ? AND ?", text, "x"), -1},
		"a sum":                                   {of(dovetail.Sum("rows.fee"), sq.Gt{"m": "1"}), 4},
		"no sum":                                  {of(dovetail.Sum("rows.fee"), sq.Gt{"m": "x"}), -1},
		"no number in arithmetic":                 {dovetail.Select(rows).Where("fee + ? > 2", "x"), -1},
		"a number in arithmetic":                  {dovetail.Select(rows).Where("fee + ? > 2", "1"), 4},
		"a number beside a text in a query":       {dovetail.Select(rows).Where("EXISTS (SELECT 1 FROM kinds AS k WHERE lower(k.name) <> ?)", 5), -1},
		"a number beside what an argument is":     {dovetail.Select(rows).Where("? = ?", sq.Expr("lower(name)"), 5), -1},
		"a nil time":                              {dovetail.Select(rows).Where("at IS NOT DISTINCT FROM ?", (*time.Time)(nil)), 0},
		"another than a nil time":                 {dovetail.Select(rows).Where("at IS DISTINCT FROM ?", (*time.Time)(nil)), 4},
		"a UUID in capitals of a context":         {dovetail.Select(rows).Where(sq.Eq{"uid": late(strings.ToUpper(kindsUIDText(2)))}), 1},
		"UUIDs in capitals":                       {dovetail.Select(rows).Where(sq.Eq{"uid": kindsCapitals(2, 2)}), 1},
		"many UUIDs in capitals":                  {dovetail.Select(rows).Where(sq.Eq{"uid": kindsCapitals(1, 700)}), 4},
		"a key in capitals":                       {dovetail.Select(rows).Where(sq.NotEq{"uid": kindsCapitals(1, 3)}), 1},
		"a related key in capitals":               {dovetail.Select(owners).HasAll("rows", 2).Where(sq.Eq{"uid": strings.ToUpper(kindsUIDText(2))}), 1},
		"a place behind a UUID in capitals":       {dovetail.Select(rows).OrderBy("uid", "id").After(strings.ToUpper(kindsUIDText(2)), 2), 2},
		"a place behind the text of a time":       {dovetail.Select(rows).OrderBy("at", "id").After(kindsTime(2).Format(time.DateTime), 2).Where(sq.NotEq{"at": nil}), 2},
		"a time beside several columns":           {dovetail.Select(rows).Where("at > ? AND coalesce(at, ?) <= ?", text, text, kindsTime(3).Format(time.DateTime)), 1},
		"what is not known beside a number":       {dovetail.Select(rows).Where("CASE WHEN n > 1 THEN name ELSE 'x' END = ?", kindsName(2)), 1},
		"a truth value beside a condition":        {dovetail.Select(rows).Where("(n > 2) = ?", true), 2},
		"a pattern that is a number to no column": {dovetail.Select(rows).Where("name LIKE ?", "%"), 4},
	}
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		d.Exec(t, kindsDDL(d.Postgres()))
		d.Exec(t, "CREATE TABLE kind_owners (uid "+map[bool]string{true: "UUID", false: "TEXT"}[d.Postgres()]+" PRIMARY KEY);\n"+
			"INSERT INTO kind_owners SELECT uid FROM kinds")
		for range 3 { // the third time by a program that is kept
			for name, c := range cases {
				found, err := c.query.Count(t.Context(), d.DB)
				switch {
				case c.rows < 0 && !errors.Is(err, dovetail.ErrArgType):
					t.Errorf("%s: expected it refused, got %d rows and %v", name, found, err)
				case c.rows >= 0 && (err != nil || found != c.rows):
					t.Errorf("%s: expected %d rows, got %d and %v", name, c.rows, found, err)
				}
			}
		}
	})
}

func kindsCapitals(from, to int) (all []string) {
	for i := from; i <= to; i++ {
		all = append(all, strings.ToUpper(fmt.Sprintf("abcd0000-0000-0000-0000-00000000%04x", i)))
	}
	return all
}

// TestArithmeticIsOfNumbers sets columns to what text makes of a value that is no number.
func TestArithmeticIsOfNumbers(t *testing.T) {
	t.Parallel()
	rows := dovetail.NewTable[kindsRow](dovetail.NewRegistry(), "kinds")
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		d.Exec(t, kindsDDL(d.Postgres()))
		set := func(text string, value any) error {
			_, err := dovetail.Update(rows).Set("fee", sq.Expr(text, value)).Where(sq.Eq{"id": 1}).Exec(t.Context(), d.DB)
			return err
		}
		for _, text := range []string{"fee * ?", "? - fee", "fee + ? * 2", "(fee + ?)"} {
			kit.Refused(t, set(text, "x"), dovetail.ErrArgType)
			kit.Refused(t, set(text, true), dovetail.ErrArgType)
			kit.NoError(t, set(text, "2"))
		}
	})
}

// TestANumberAmongTimesThatAreNumbers compares seconds with a column whose rows are such, and with one that has none yet, and a number
// with what may be a text or one.
func TestANumberAmongTimesThatAreNumbers(t *testing.T) {
	t.Parallel()
	rows := dovetail.NewTable[kindsRow](dovetail.NewRegistry(), "kinds")
	d := kit.SQLiteDB(t, strings.ReplaceAll(kindsDDL(false), "at TEXT", "at INTEGER"))
	after := func() (int64, error) {
		return dovetail.Select(rows).Where("at > ?", kindsTime(2).Unix()).Count(t.Context(), d.DB)
	}
	of := kit.Must[int64](t)(dovetail.Select(rows).Where("coalesce(nullif(name, 'x'), 0) <> ?", 5).Count(t.Context(), d.DB))
	kit.Equal(t, "of texts and numbers", of, kindsRows)
	d.Exec(t, "UPDATE kinds SET at = NULL")
	kit.Equal(t, "of none", kit.Must[int64](t)(after()), 0)
	d.Exec(t, "UPDATE kinds SET at = unixepoch('2024-03-01 12:30:00') + 86400 * (id - 1)")
	kit.Equal(t, "of seconds", kit.Must[int64](t)(after()), 2)
}

// TestATextThatIsATimeInSomeCallsAlone: the end of time is sent as the text that it is, other texts as times. A program that is kept for the one is not
// taken for the other.
func TestATextThatIsATimeInSomeCallsAlone(t *testing.T) {
	t.Parallel()
	rows := dovetail.NewTable[kindsRow](dovetail.NewRegistry(), "kinds")
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		d.Exec(t, kindsDDL(d.Postgres()))
		for i := range 4 {
			for _, value := range []string{"infinity", kindsTime(2).Format(time.RFC3339)} {
				want := map[bool]int64{true: 4, false: 1}[value == "infinity"]
				found := kit.Must[int64](t)(dovetail.Select(rows).Where("at < ?", value).Count(t.Context(), d.DB))
				kit.Equal(t, fmt.Sprint(value, ", call ", i), found, want)
			}
		}
	})
}
