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

type kindID [16]byte

// kindsRow has a column of each kind. The values of row i are those of kindsValue.
type kindsRow struct {
	ID   int64
	Name string
	N    int64
	Fee  float64
	At   *time.Time
	Yes  bool
	Data []byte
	UID  kindID
}

const kindsRows = 4

func kindsTime(i int) time.Time { return march(i).Add(12*time.Hour + 30*time.Minute) }

func kindsUID(i int) kindID { return kindID{0xab, 0xcd, 15: byte(i)} }

func kindsUIDText(i int) string { return fmt.Sprintf("abcd0000-0000-0000-0000-0000000000%02x", i) }

func kindsDDL(postgres bool) string {
	types := map[bool][]string{true: {"TIMESTAMP", "BYTEA", "UUID"}, false: {"TEXT", "BLOB", "TEXT"}}[postgres]
	ddl := fmt.Sprintf("CREATE TABLE kinds (id BIGINT PRIMARY KEY, name TEXT NOT NULL, n BIGINT NOT NULL, fee DOUBLE PRECISION NOT NULL, at %s, "+
		"yes BOOLEAN NOT NULL, data %s NOT NULL, uid %s NOT NULL);\n", types[0], types[1], types[2])
	for i := 1; i <= kindsRows; i++ {
		data := fmt.Sprintf("%x", kindsName(i))
		ddl += fmt.Sprintf("INSERT INTO kinds VALUES (%d, '%s', %d, %d.5, '%s', %t, %s, '%s');\n", i, kindsName(i), i, i,
			kindsTime(i).Format(time.DateTime), i%2 == 0, map[bool]string{true: `'\x` + data + "'", false: "X'" + data + "'"}[postgres], kindsUIDText(i))
	}
	return ddl
}

func kindsName(i int) string { return string(rune('a'+i)) + "\xc3\xa9" }

// kindOfValue is a value beside a column, and the row whose value it is; 0: both databases refuse it.
type kindOfValue struct {
	value  any
	row    int
	sqlite bool // what PostgreSQL makes of it is its own
	maps   bool // maps take it too
}

type kindsText string

func kindsValues() map[string][]kindOfValue {
	zone := kindsTime(2).In(time.FixedZone("", 3600))
	two, text := 2, "2"
	refused := func(values ...any) (all []kindOfValue) {
		for _, v := range values {
			all = append(all, kindOfValue{value: v})
		}
		return all
	}
	is := func(values ...any) (all []kindOfValue) {
		for _, v := range values {
			all = append(all, kindOfValue{value: v, row: 2})
		}
		return all
	}
	same := func(values ...any) []kindOfValue {
		all := is(values...)
		for i := range all {
			all[i].maps = true
		}
		return all
	}
	own := func(row int, values ...any) (all []kindOfValue) {
		for _, v := range values {
			all = append(all, kindOfValue{value: v, row: row, sqlite: true})
		}
		return all
	}
	join := func(lists ...[]kindOfValue) (all []kindOfValue) {
		for _, l := range lists {
			all = append(all, l...)
		}
		return all
	}
	name, uid := kindsName(2), kindsUID(2)
	texts := join(is([]byte(name)), refused(5, 1.5, true, time.Minute), own(0, time.March))
	return map[string][]kindOfValue{
		"name":                join(same(name, kindsText(name), &name), texts),
		"lower(name)":         join(is(name, kindsText(name)), texts),
		"name || ''":          join(is(name), texts),
		"coalesce(name, 'x')": join(is(name), texts),
		"n":                   join(same(2, int8(2), &two), is("2", kindsText("2"), &text, []byte("2")), refused("x", "", []byte("x"), true)),
		"n + 0":               join(is(2, "2"), refused("x", true)),
		"fee":                 join(same(2.5), is("2.5"), refused("x", true)),
		"abs(fee)":            join(is(2.5, "2.5"), refused("x")),
		"at": join(same(kindsTime(2), kindsTime(2).Format(time.DateTime), kindsTime(2).Format(time.RFC3339), kindsTime(2).Format("2006-01-02T15:04"),
			kindsText(kindsTime(2).Format(time.DateTime))), own(2, zone.Format(time.RFC3339)), refused("x", "2024-13-01", kindsTime(2).Unix(), 1.5, true)),
		"coalesce(at, at)": join(is(kindsTime(2), kindsTime(2).Format(time.RFC3339)), refused("x", 5)),
		"yes":              join(same(true), is("true", "t", "YES", "on", "1", []byte("t")), own(2, 1), refused("x", 5, 1.5)),
		"(n % 2 = 0)":      join(is(true, "t"), refused("x")),
		"data":             join(is([]byte(name)), is(name, fmt.Sprintf(`\x%X`, name)), refused(5, true)),
		"uid": join(same(kindsUID(2), kindsUIDText(2), strings.ToUpper(kindsUIDText(2)), "{"+kindsUIDText(2)+"}",
			strings.ToUpper(strings.ReplaceAll(kindsUIDText(2), "-", ""))), is(uid[:], []byte(kindsUIDText(2))), refused("x", 5, true, []byte("x"), uid[:15])),
	}
}

// kindsForm is a form of text: X is what is compared, ? the value. The rows are those before, with, and after that of the value.
type kindsForm struct {
	text         string
	less, is, no bool
}

var kindsForms = []kindsForm{
	{text: "X = ?", is: true},
	{text: "? = X", is: true},
	{text: "X <> ?", less: true, no: true},
	{text: "NOT (X = ?)", less: true, no: true},
	{text: "X IN (?)", is: true},
	{text: "X BETWEEN ? AND X", is: true, no: true},
	{text: "X < ?", less: true},
	{text: "? <= X", is: true, no: true},
	{text: "X IS NOT DISTINCT FROM ?", is: true},
	{text: "CASE X WHEN ? THEN 1 ELSE 0 END = 1", is: true},
	{text: "nullif(X, ?) IS NULL", is: true},
	{text: "coalesce(X, ?) = X AND X > ?", no: true},
	{text: "(X, 1) = (?, 1)", is: true},
	{text: "id IN (SELECT kinds.id FROM kinds WHERE X = ?)", is: true},
}

func (f kindsForm) rows(of string, row int) (ids []int64) {
	for id := 1; id <= kindsRows; id++ {
		is, less := id == row, id < row
		if of == "yes" || of == "(n % 2 = 0)" {
			is, less = id%2 == 0, id%2 == 1
		}
		if is && f.is || less && f.less || !is && !less && f.no {
			ids = append(ids, int64(id))
		}
	}
	return ids
}

// TestValuesOfEveryKindBesideEveryOther compares columns and expressions with values of their own kind and of others, in every form of
// SQL text: the rows are those of the value that is meant, or it is an error on both databases.
func TestValuesOfEveryKindBesideEveryOther(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	rows := dovetail.NewTable[kindsRow](r, "kinds")
	check := func(t *testing.T, d kit.Database) {
		ctx := t.Context()
		ids := func(q dovetail.Query[*kindsRow]) (string, error) {
			found, err := q.OrderBy("id").All(ctx, d.DB)
			return fmt.Sprint(kit.Pluck(found, func(r *kindsRow) int64 { return r.ID })), err
		}
		tell := func(what string, v kindOfValue, want []int64, q dovetail.Query[*kindsRow]) {
			got, err := ids(q)
			switch {
			case v.row == 0 && !errors.Is(err, dovetail.ErrArgType):
				t.Errorf("%s: expected it refused, got %v and %v", what, got, err)
			case v.row == 0:
			case err != nil:
				t.Errorf("%s: %v", what, err)
			default:
				kit.Equal(t, what, got, fmt.Sprint(want))
			}
		}
		for of, values := range kindsValues() {
			for i, v := range values {
				if v.sqlite && d.Postgres() {
					continue
				}
				for _, f := range kindsForms {
					n := strings.Count(f.text, "?")
					text := strings.ReplaceAll(f.text, "X", of)
					late := dovetail.FromContext(func(context.Context) (any, error) { return v.value, nil })
					what := fmt.Sprintf("%s with value %d, a %T", text, i, v.value)
					want := f.rows(of, v.row)
					tell(what, v, want, dovetail.Select(rows).Where(text, []any{v.value, v.value}[:n]...))
					tell(what+" of a context", v, want, dovetail.Select(rows).Where(text, []any{late, late}[:n]...))
				}
				if v.maps {
					want := kindsForm{is: true}.rows(of, v.row)
					tell(fmt.Sprintf("%s in a map with value %d", of, i), v, want, dovetail.Select(rows).Where(sq.Eq{of: v.value}))
					tell(fmt.Sprintf("%s in a list with value %d", of, i), v, want, dovetail.Select(rows).Where(sq.Eq{of: []any{v.value, v.value}}))
				}
			}
		}
	}
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		d.Exec(t, kindsDDL(d.Postgres()))
		check(t, d)
	})
}

// TestValuesOfEveryKindAreStoredAsTheirColumns sets columns to values by text and by name, in which the column alone tells their kind.
func TestValuesOfEveryKindAreStoredAsTheirColumns(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	rows := dovetail.NewTable[kindsRow](r, "kinds")
	canonical := map[string]any{"name": kindsName(2), "n": 2, "fee": 2.5, "at": kindsTime(2), "yes": true, "data": []byte(kindsName(2)), "uid": kindsUID(2)}
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		d.Exec(t, kindsDDL(d.Postgres()))
		ctx := t.Context()
		set := func(what, column string, v kindOfValue, value any) {
			err := d.DB.InTx(ctx, dovetail.TxOptions{}, func(tx dovetail.DB) error {
				if _, err := dovetail.Update(rows).Set(column, value).Where(sq.Eq{"id": 3}).Exec(ctx, tx); err != nil {
					return err
				}
				found, err := dovetail.Select(rows).Where(sq.Eq{"id": 3}).Where(sq.Eq{column: canonical[column]}).Count(ctx, tx)
				if err == nil {
					kit.Equal(t, what, found, 1)
				}
				return errors.Join(err, errRolledBack)
			})
			switch {
			case v.row == 0 && !errors.Is(err, dovetail.ErrArgType):
				t.Errorf("%s: %v", what, err)
			case v.row != 0 && !errors.Is(err, errRolledBack):
				t.Errorf("%s: %v", what, err)
			}
		}
		for column := range canonical {
			for i, v := range kindsValues()[column] {
				if v.sqlite && d.Postgres() {
					continue
				}
				what := fmt.Sprintf("%s is set to value %d, a %T", column, i, v.value)
				set(what+" by text", column, v, sq.Expr("?", v.value))
				if !d.Postgres() { // which takes all in a CASE for texts
					set(what+" by a CASE", column, v, sq.Expr("CASE WHEN self.id > 0 THEN ? END", v.value))
				}
				if v.maps {
					set(what, column, v, v.value)
				}
			}
		}
		set("a text of half a piece", "n", kindOfValue{}, sq.Expr("?", "1.5"))
		set("half a piece", "n", kindOfValue{}, sq.Expr("?", 1.5))
	})
}
