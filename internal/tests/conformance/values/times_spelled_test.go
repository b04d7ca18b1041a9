package values_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/sqlite"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// noted is a row with a time and with columns that are none.
type noted struct {
	ID      int64
	PlaceID int64
	Opened  time.Time // as RFC 3339
	Closed  *time.Time
	Note    string
	Doc     any `db:"doc"`
	Place   *notedPlace
}

type notedPlace struct {
	ID    int64
	Since time.Time
	Notes []*noted
}

const notedDDL = `CREATE TABLE nt_places (id INTEGER PRIMARY KEY, since DATE NOT NULL);
CREATE TABLE nt_notes (id INTEGER PRIMARY KEY, place_id INTEGER NOT NULL, opened TEXT NOT NULL, closed TEXT, note TEXT NOT NULL, doc TEXT);
INSERT INTO nt_places VALUES (1, '2024-03-01'), (2, '2024-03-02');
INSERT INTO nt_notes VALUES (1, 1, '2024-03-01T10:00:00Z', '2024-03-01T12:00:00Z', 'a', '{"at": "2024-03-01"}'),
  (2, 1, '2024-03-02T10:00:00Z', '2024-03-02T12:00:00Z', 'b', '{"at": "2024-03-02"}'), (3, 2, '2024-03-03T10:00:00Z', NULL, 'c', NULL);`

func newNoted() (*dovetail.Table[noted], *dovetail.Table[notedPlace]) {
	r := dovetail.NewRegistry()
	notes, places := dovetail.NewTable[noted](r, "nt_notes"), dovetail.NewTable[notedPlace](r, "nt_places")
	dovetail.HasMany(places, "notes", notes, dovetail.ForeignKey("place_id"), dovetail.Inverse("place"), dovetail.Logical())
	return notes, places
}

// TestTimesThatNoColumnSpells: on SQLite a time in SQL text that meets no column is spelled as its functions read, and beside what
// is no column of times, or nobody knows, it is refused before any statement.
func TestTimesThatNoColumnSpells(t *testing.T) {
	t.Parallel()
	notes, _ := newNoted()
	db := kit.SQLiteDB(t, notedDDL).DB
	at := time.Date(2024, 3, 2, 12, 0, 0, 0, time.FixedZone("", 2*60*60)) // at 10 in UTC
	for text, want := range map[string]string{
		"julianday(opened) = julianday(?)":                                                       "[2]",
		"datetime(opened) >= datetime(?)":                                                        "[2 3]",
		"date(opened) = date(?)":                                                                 "[2]",
		"unixepoch(opened) < unixepoch(?)":                                                       "[1]",
		"strftime('%H:%M:%f', ?) = '10:00:00.000' AND id = 1":                                    "[1]",
		"? = '2024-03-02 10:00:00' AND id > 1":                                                   "[2 3]",
		"? IS NOT NULL AND note = 'a'":                                                           "[1]",
		"julianday(coalesce(closed, ?)) < julianday('2024-03-02')":                               "[1]",
		"CAST(? AS TEXT) = '2024-03-02 10:00:00' AND id = 3":                                     "[3]",
		"julianday(opened) = julianday(?) OR id = length('ab' || '')":                            "[2]",
		"place.since < ?":                                                                        "[1 2 3]", // the time of day is behind both days
		"since <= date(?) AND place.id > 0":                                                      "[1 2 3]",
		"opened = (SELECT max(n.opened) FROM nt_notes AS n WHERE n.id < 3) AND julianday(?) > 0": "[2]",
		"self.opened = (SELECT ?)":                                                               "[2]",
		"opened IN (VALUES (?))":                                                                 "[2]",
		"max(opened, ?) > opened":                                                                "[1]",
		"EXISTS (SELECT 1 FROM nt_places WHERE self.opened >= ?)":                                "[2 3]",
	} {
		q := dovetail.Select(notes).Where(text, at).OrderBy("id")
		rows, err := q.All(t.Context(), db)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		kit.Equal(t, text, fmt.Sprint(kit.Pluck(rows, func(n *noted) int64 { return n.ID })), want)
	}
	for text, want := range map[string][]string{
		"date(opened) = ?":                      {"date()", "date(?)"},
		"julianday(opened) < ?":                 {"julianday()", "julianday(?)"},
		"? >= unixepoch(opened)":                {"unixepoch()"},
		"? > CURRENT_TIMESTAMP":                 {"CURRENT_TIMESTAMP"},
		"coalesce(closed, datetime('now')) > ?": {"datetime()"},
		"lower(opened) = ?":                     {"lower()"},
		"opened || '' = ?":                      {`"||"`},
		"opened - ? > 0":                        {`"-"`, "julianday(?)"},
		"? - 1 > opened":                        {`"-"`},
		"CAST(opened AS TEXT) = ?":              {"CAST"},
		"note = ?":                              {`"note"`, "no column of times"},
		"? < place_id":                          {`"place_id"`},
		"self.note >= ?":                        {`"note"`},
		"json_extract(doc, '$.at') = ?":         {"json_extract()"},
		"doc ->> '$.at' = ?":                    {`"->>"`},
		"moment = ?":                            {`"moment"`, "self.column"},
		"EXISTS (SELECT 1 FROM nt_others AS p WHERE p.since = ?)":                                  {`"p.since"`, "path"},
		"EXISTS (SELECT 1 FROM nt_others WHERE since = ?)":                                         {`"since"`},
		"EXISTS (SELECT 1 FROM nt_places WHERE opened = ?)":                                        {`"opened"`, "self.column"}, // which may be a column there that nobody declared
		"EXISTS (SELECT 1 FROM nt_places AS p, nt_places AS q WHERE since = ?)":                    {`"since"`},
		"EXISTS (SELECT 1 FROM json_each(doc) WHERE value = ?)":                                    {`"value"`},
		"id IN (SELECT i FROM (SELECT id AS i, date(opened) AS d FROM nt_notes) WHERE d = ?)":      {"date()"},
		"id IN (SELECT i FROM (SELECT id AS i, ? AS d, opened AS e FROM nt_notes) WHERE d = note)": {`"note"`},
		"(opened = closed) = ?":             {"a condition"},
		"datetime(?, 'unixepoch') = opened": {"'unixepoch'"},
		"? = opened ORDER":                  {"not understood"},
	} {
		_, _, err := dovetail.Select(notes).Where(text, at).SQL(sqlite.Dialect)
		kit.Refused(t, err, dovetail.ErrUnsupported, want...)
	}
	late := func(v any) any { return dovetail.FromContext(func(context.Context) (any, error) { return v, nil }) }
	_, err := dovetail.Select(notes).Where("coalesce(closed, datetime('now')) > ?", late(at)).All(t.Context(), db)
	kit.Refused(t, err, dovetail.ErrUnsupported, "datetime()")
	_, err = dovetail.Select(notes).Where("coalesce(closed, ?) > opened", late(at.Add(time.Millisecond))).All(t.Context(), db)
	kit.Refused(t, err, dovetail.ErrUnsupported, `"nt_notes.closed" and "nt_notes.opened"`, "truncate")
	n, err := dovetail.Select(notes).Where("julianday(?) = julianday(opened) AND note = ?", late(at), late("b")).Count(t.Context(), db)
	kit.NoError(t, err)
	kit.Equal(t, "known late", n, 1)
}

// TestTimesOfAQueryThatIsReadLikeATable: the columns of a query in From spell times as those that they come from.
func TestTimesOfAQueryThatIsReadLikeATable(t *testing.T) {
	t.Parallel()
	notes, _ := newNoted()
	db := kit.SQLiteDB(t, notedDDL).DB
	at := time.Date(2024, 3, 2, 10, 0, 0, 0, time.UTC)
	inner := dovetail.Select(notes).Where(sq.Gt{"id": 0})
	moved := dovetail.Select(notes).Columns("id", "place_id", "note", "doc", "closed").Column("coalesce(closed, opened) AS opened")
	made := dovetail.Select(notes).Columns("id", "place_id", "note", "doc", "closed").Column("datetime(opened) AS opened")
	for what, c := range map[string]struct {
		from any
		args []any
		want map[string]string // "" is an error
	}{
		"a query":                 {inner, nil, map[string]string{"=": "[2]", "<": "[1]", "<=": "[1 2]", ">": "[3]", ">=": "[2 3]", "<>": "[1 3]"}},
		"a query of a query":      {dovetail.Select(notes).From(inner), nil, map[string]string{"=": "[2]", "<": "[1]", ">=": "[2 3]"}},
		"a text":                  {"SELECT * FROM nt_notes -- all", nil, map[string]string{"=": "[2]", "<": "[1]", "<=": "[1 2]", ">": "[3]", ">=": "[2 3]"}},
		"a text with an argument": {"SELECT * FROM nt_notes WHERE id > ?", []any{0}, map[string]string{"=": "", "<": "", ">=": ""}},
		"of two columns":          {moved, nil, map[string]string{"=": "[]", "<": "[1]", ">=": "[2 3]"}},
		"of a function":           {made, nil, map[string]string{"=": "", "<": "", ">=": ""}},
	} {
		for op, want := range c.want {
			q := dovetail.Select(notes).From(c.from, c.args...).OrderBy("id")
			maps := map[string]sq.Sqlizer{"=": sq.Eq{"opened": at}, "<>": sq.NotEq{"opened": at}, "<": sq.Lt{"opened": at}, "<=": sq.LtOrEq{"opened": at},
				">": sq.Gt{"opened": at}, ">=": sq.GtOrEq{"opened": at}}
			for form, q := range map[string]dovetail.Query[*noted]{"map": q.Where(maps[op]), "text": q.Where("opened "+op+" ?", at),
				"path": q.Where("self.opened "+op+" ?", at), "behind": q.Where("? "+map[string]string{"<": ">", ">": "<", "<=": ">=", ">=": "<="}[op]+
					map[bool]string{true: op}[op == "=" || op == "<>"]+" (opened)", at)} {
				rows, err := q.All(t.Context(), db)
				if want == "" {
					kit.Refused(t, err, dovetail.ErrUnsupported, "how that spells times is not known")
					continue
				}
				if err != nil {
					t.Errorf("%s, %s %s: %v", what, form, op, err)
					continue
				}
				kit.Equal(t, what+", "+form+" "+op, fmt.Sprint(kit.Pluck(rows, func(n *noted) int64 { return n.ID })), want)
			}
		}
	}
}
