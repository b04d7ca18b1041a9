package values_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// spelledRow has the same column of times in each of the ways in which rows spell them.
type spelledRow struct {
	ID      int64
	OwnerID int64
	Day     *time.Time // dates
	Day2    *time.Time
	Blank   *time.Time // with a blank and no zone
	Zulu    *time.Time // with T and Z
	Unix    *time.Time // seconds
	Gone    *time.Time // as Go's time.String
	Mixed   *time.Time // in two ways
	Owner   *spelledOwner
}

type spelledOwner struct {
	ID   int64
	Rows []*spelledRow
}

// spelledLayouts are those of the columns; of a column that spells its times in two ways, of which the even rows have the second.
var spelledLayouts = map[string][2]string{
	"day": {time.DateOnly, time.DateOnly}, "day2": {time.DateOnly, time.DateOnly}, "blank": {time.DateTime, time.DateTime},
	"zulu": {time.RFC3339, time.RFC3339}, "unix": {"", ""}, "gone": {"2006-01-02 15:04:05 -0700 MST", "2006-01-02 15:04:05 -0700 MST"},
	"mixed": {time.DateTime, time.RFC3339},
}

func spelledColumns() []string {
	return []string{"day", "day2", "blank", "zulu", "unix", "gone", "mixed"}
}

// spelledTime returns the time of a column of a row; some are NULL.
func spelledTime(column string, id int) *time.Time {
	n := slices.Index(spelledColumns(), column)
	if (id+n)%5 == 0 {
		return nil
	}
	at := march(1 + (id*(n+2)+n)%4)
	return &at
}

const spelledRows = 8

func spelledDDL(postgres bool) string {
	kind := map[bool]string{true: "TIMESTAMP", false: "TEXT"}[postgres]
	ddl := "CREATE TABLE sp_owners (id BIGINT PRIMARY KEY);\nINSERT INTO sp_owners VALUES (1), (2);\n" +
		"CREATE TABLE sp_rows (id BIGINT PRIMARY KEY, owner_id BIGINT NOT NULL"
	for _, c := range spelledColumns() {
		ddl += ", " + c + " " + kind
	}
	ddl = strings.Replace(ddl, "unix TEXT", "unix INTEGER", 1) + ");\nINSERT INTO sp_rows VALUES "
	for id := 1; id <= spelledRows; id++ {
		ddl += fmt.Sprintf("%s(%d, %d", [2]string{"", ", "}[min(id-1, 1)], id, 1+id%2)
		for _, c := range spelledColumns() {
			at, layout := spelledTime(c, id), spelledLayouts[c][id%2]
			switch {
			case at == nil:
				ddl += ", NULL"
			case postgres:
				ddl += at.Format(", '2006-01-02 15:04:05'")
			case layout == "":
				ddl += fmt.Sprintf(", %d", at.Unix())
			default:
				ddl += at.Format(", '" + layout + "'")
			}
		}
		ddl += ")"
	}
	return ddl + ";"
}

// truth is that of SQL: nil is unknown.
type truth = *bool

func is(b bool) truth { return &b }

// compared compares as SQL does.
func compared(a *time.Time, op string, b *time.Time) truth {
	if a == nil || b == nil {
		return nil
	}
	c := a.Compare(*b)
	return is(map[string]bool{"=": c == 0, "<>": c != 0, "<": c < 0, "<=": c <= 0, ">": c > 0, ">=": c >= 0}[op])
}

func not(a truth) truth {
	if a == nil {
		return nil
	}
	return is(!*a)
}

func and(a, b truth) truth {
	if a != nil && !*a || b != nil && !*b {
		return is(false)
	}
	if a == nil || b == nil {
		return nil
	}
	return is(true)
}

func or(a, b truth) truth { return not(and(not(a), not(b))) }

func first(all ...*time.Time) *time.Time {
	for _, a := range all {
		if a != nil {
			return a
		}
	}
	return nil
}

// spelledForm is a form of text: X and Y are columns, T and U times.
type spelledForm struct {
	text   string
	holds  func(x, y, t, u *time.Time) truth
	both   bool // one time meets both columns
	sqlite bool // the form is that of one database
}

func spelledForms() (forms []spelledForm) {
	for _, op := range []string{"=", "<>", "<", "<=", ">", ">="} {
		forms = append(forms,
			spelledForm{text: "X " + op + " T", holds: func(x, _, t, _ *time.Time) truth { return compared(x, op, t) }},
			spelledForm{text: "T " + op + " X", holds: func(x, _, t, _ *time.Time) truth { return compared(t, op, x) }},
			spelledForm{text: "coalesce(X, T) " + op + " U", holds: func(x, _, t, u *time.Time) truth { return compared(first(x, t), op, u) }},
			spelledForm{text: "coalesce(X, Y) " + op + " T", both: true,
				holds: func(x, y, t, _ *time.Time) truth { return compared(first(x, y), op, t) }},
			spelledForm{text: "X " + op + " T AND Y < U", holds: func(x, y, t, u *time.Time) truth { return and(compared(x, op, t), compared(y, "<", u)) }},
			spelledForm{text: "T " + op + " X OR U = Y", holds: func(x, y, t, u *time.Time) truth { return or(compared(t, op, x), compared(u, "=", y)) }},
			spelledForm{text: "coalesce(X, T) " + op + " Y", both: true,
				holds: func(x, y, t, _ *time.Time) truth { return compared(first(x, t), op, y) }},
			spelledForm{text: "julianday(X) " + op + " julianday(T) AND U >= Y", sqlite: true,
				holds: func(x, y, t, u *time.Time) truth { return and(compared(x, op, t), compared(u, ">=", y)) }},
		)
	}
	within := func(x, t, u *time.Time) truth { return and(compared(x, ">=", t), compared(x, "<=", u)) }
	same := func(x, t *time.Time) bool { return x != nil && x.Equal(*t) }
	return append(forms,
		spelledForm{text: "X BETWEEN T AND U", holds: func(x, _, t, u *time.Time) truth { return within(x, t, u) }},
		spelledForm{text: "X NOT BETWEEN T AND U", holds: func(x, _, t, u *time.Time) truth { return not(within(x, t, u)) }},
		spelledForm{text: "T BETWEEN X AND Y", both: true, holds: func(x, y, t, _ *time.Time) truth { return within(t, x, y) }},
		spelledForm{text: "X IN (T, U)", holds: func(x, _, t, u *time.Time) truth { return or(compared(x, "=", t), compared(x, "=", u)) }},
		spelledForm{text: "T IN (X, Y)", both: true, holds: func(x, y, t, _ *time.Time) truth { return or(compared(t, "=", x), compared(t, "=", y)) }},
		spelledForm{text: "X = T OR X > U", holds: func(x, _, t, u *time.Time) truth { return or(compared(x, "=", t), compared(x, ">", u)) }},
		spelledForm{text: "NOT (T <= X)", holds: func(x, _, t, _ *time.Time) truth { return not(compared(t, "<=", x)) }},
		spelledForm{text: "nullif(X, T) IS NULL", holds: func(x, _, t, _ *time.Time) truth { return is(x == nil || same(x, t)) }},
		spelledForm{text: "X IS DISTINCT FROM T", holds: func(x, _, t, _ *time.Time) truth { return is(!same(x, t)) }},
		spelledForm{text: "CASE X WHEN T THEN 1 ELSE 0 END = 1", holds: func(x, _, t, _ *time.Time) truth { return is(same(x, t)) }},
		spelledForm{text: "CASE WHEN X > T THEN Y ELSE X END >= U", both: true, holds: func(x, y, t, u *time.Time) truth {
			if v := compared(x, ">", t); v != nil && *v {
				x = y
			}
			return compared(x, ">=", u)
		}},
		spelledForm{text: "(X, 1) >= (T, 1)", holds: func(x, _, t, _ *time.Time) truth { return compared(x, ">=", t) }},
	)
}

// spelledNames spell a column in text; those that take it as an argument give it.
var spelledNames = []struct {
	name   string
	text   func(column string) string
	arg    bool
	sqlite bool
	within string // the text that the form stands in, at its %s
}{
	{name: "bare", text: func(c string) string { return c }},
	{name: "self", text: func(c string) string { return "self." + c }},
	{name: "table", text: func(c string) string { return "sp_rows." + c }},
	{name: "quoted", text: func(c string) string { return `"` + c + `"` }},
	{name: "parenthesised", text: func(c string) string { return "((" + c + "))" }},
	{name: "parenthesised self", text: func(c string) string { return "( self." + c + ")" }},
	{name: "table in quotes", text: func(c string) string { return `"sp_rows" . "` + c + `"` }},
	{name: "argument", text: func(string) string { return "?" }, arg: true},
	{name: "backticks", text: func(c string) string { return "`" + c + "`" }, sqlite: true},
	{name: "brackets", text: func(c string) string { return "[" + c + "]" }, sqlite: true},
	{name: "capitals", text: strings.ToUpper},
	{name: "of a table with an alias", text: func(c string) string { return "o." + c },
		within: "EXISTS (SELECT 1 FROM sp_rows AS o WHERE o.id = self.id AND (%s))"},
	{name: "of a table without one", text: func(c string) string { return c }, within: "self.id IN (SELECT id FROM sp_rows WHERE %s)"},
	{name: "of joined tables", text: func(c string) string { return "[o]." + c }, sqlite: true,
		within: "self.id IN (SELECT o.id FROM sp_owners p JOIN main.sp_rows o ON o.owner_id = p.id AND (%s))"},
	{name: "of a query in FROM", text: func(c string) string { return "o." + c },
		within: "self.id IN (SELECT o.id FROM (SELECT * FROM sp_rows) AS o WHERE %s)"},
	{name: "of WITH", text: func(c string) string { return c }, within: "self.id IN (WITH c AS (SELECT r.* FROM sp_rows AS r) SELECT id FROM c WHERE %s)"},
	{name: "of the row around", text: func(c string) string { return "self." + c }, within: "EXISTS (SELECT 1 FROM sp_owners AS o WHERE o.id = 1 AND (%s))"},
}

// written returns the form with its columns and times written in.
func (f spelledForm) written(n int, x, y string, t, u time.Time) (text string, args []any) {
	var b strings.Builder
	word := func(r rune) bool {
		return r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r == '_' || r >= '0' && r <= '9'
	}
	for i := 0; i < len(f.text); {
		j := i
		for j < len(f.text) && word(rune(f.text[j])) {
			j++
		}
		if j == i {
			b.WriteByte(f.text[i])
			i++
			continue
		}
		switch w := f.text[i:j]; w {
		case "X", "Y":
			column := map[string]string{"X": x, "Y": y}[w]
			b.WriteString(spelledNames[n].text(column))
			if spelledNames[n].arg {
				args = append(args, dovetail.Col(column))
			}
		case "T", "U":
			b.WriteString("?")
			args = append(args, map[string]time.Time{"T": t, "U": u}[w])
		default:
			b.WriteString(w)
		}
		i = j
	}
	if within := spelledNames[n].within; within != "" {
		return fmt.Sprintf(within, b.String()), args
	}
	return b.String(), args
}

// TestTimesInSQLTextInEveryForm compares times with columns that spell theirs in every way, in every form of text, of a column's name
// and of a place: the rows are those that Go finds, or, where one text cannot be right, it is an error.
func TestTimesInSQLTextInEveryForm(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	rows := dovetail.NewTable[spelledRow](r, "sp_rows")
	owners := dovetail.NewTable[spelledOwner](r, "sp_owners")
	dovetail.HasMany(owners, "rows", rows, dovetail.ForeignKey("owner_id"), dovetail.Inverse("owner"), dovetail.Logical())
	pairs := [][2]string{{"day", "day2"}, {"day", "blank"}, {"blank", "day"}, {"zulu", "unix"}, {"unix", "gone"}, {"gone", "zulu"}, {"mixed", "day"}}
	at, until := march(2), march(3)
	check := func(t *testing.T, d kit.Database) {
		refused, right := 0, 0
		for f, form := range spelledForms() {
			for p, pair := range pairs {
				for n, name := range spelledNames {
					if d.Postgres() && (form.sqlite || name.sqlite) {
						continue
					}
					if !d.Postgres() && strings.Contains(form.text, "julianday") && (pair[0] == "unix" || pair[0] == "gone") {
						continue // which that function does not read
					}
					x, y := pair[0], pair[1]
					var want []int64
					for id := 1; id <= spelledRows; id++ {
						if v := form.holds(spelledTime(x, id), spelledTime(y, id), &at, &until); v != nil && *v {
							want = append(want, int64(id))
						}
					}
					text, args := form.written(n, x, y, at, until)
					what := fmt.Sprintf("%s: %s of %s, %s", name.name, text, x, y)
					place := (f + p + n) % spelledPlaces
					if name.arg {
						place -= place % 3 // a column is no argument of squirrel's
					}
					got, err := spelledPlace(t.Context(), d, rows, place, text, args)
					switch {
					case err == nil:
						right++
						kit.Equal(t, what, fmt.Sprint(got), fmt.Sprint(want))
					case d.Postgres() || !errors.Is(err, dovetail.ErrUnsupported):
						t.Errorf("%s: %v", what, err)
					case x != "mixed" && (!form.both || spelledLayouts[x] == spelledLayouts[y]):
						t.Errorf("%s: %v", what, err)
					default:
						refused++
					}
				}
			}
		}
		t.Logf("%d right, %d refused", right, refused)
	}
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		d.Exec(t, spelledDDL(d.Postgres()))
		check(t, d)
	})
}

const spelledPlaces = 6

// spelledPlace returns the rows for which the text holds in one of the places that text has.
func spelledPlace(ctx context.Context, d kit.Database, rows *dovetail.Table[spelledRow], place int, text string, args []any) ([]int64, error) {
	q := dovetail.Select(rows).OrderBy("id")
	cond := sq.Expr(text, args...)
	switch place {
	case 0:
		q = q.Where(text, args...)
	case 1:
		q = q.Where(sq.And{cond, sq.Gt{"id": 0}})
	case 2:
		q = q.Where(dovetail.Not(dovetail.Not(cond)))
	case 3: // again with arguments of any kind
		q = q.Join("owner").Where("CASE WHEN "+text+" THEN 1 ELSE 0 END = 1 AND owner.id > 0", args...)
	case 4:
		q = q.Where("(?) AND id > ?", sq.Expr(text, args...), 0)
	case 5:
		var ids []int64
		err := d.DB.InTx(ctx, dovetail.TxOptions{}, func(tx dovetail.DB) error {
			if _, err := dovetail.Update(rows).Set("owner_id", 77).Where(text, args...).Exec(ctx, tx); err != nil {
				return err
			}
			changed, err := dovetail.Select(rows).OrderBy("id").Where(sq.Eq{"owner_id": 77}).All(ctx, tx)
			ids = kit.Pluck(changed, func(r *spelledRow) int64 { return r.ID })
			return errors.Join(err, errRolledBack)
		})
		if errors.Is(err, errRolledBack) {
			err = nil
		}
		return ids, err
	}
	found, err := q.All(ctx, d.DB)
	return kit.Pluck(found, func(r *spelledRow) int64 { return r.ID }), err
}

var errRolledBack = errors.New("rolled back")
