package oracle_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// saved is a row of a table that has all that a save looks at: a version, a mark of deletes, what each change writes, a parent that it may
// not lie below, and a reference to a row that must be there.
type saved struct {
	ID       int64
	ParentID *int64
	OnType   *string
	OnID     *int64
	Title    string
	Touched  int64
	Version  int64
	GoneAt   *time.Time
	On       any
	Below    []*saved
}

func (s saved) String() string {
	text := fmt.Sprintf("%d:%s v%d t%d", s.ID, s.Title, s.Version, s.Touched)
	if s.ParentID != nil {
		text += fmt.Sprintf(" in %d", *s.ParentID)
	}
	if s.OnType != nil {
		text += fmt.Sprintf(" on %s%d", *s.OnType, *s.OnID)
	}
	if s.GoneAt != nil {
		text += " gone"
	}
	return text
}

type savedRoom struct{ ID int64 }

const savedDDL = `
CREATE TABLE saved (id BIGINT PRIMARY KEY, parent_id BIGINT REFERENCES saved, on_type TEXT, on_id BIGINT, title TEXT NOT NULL,
	touched BIGINT NOT NULL DEFAULT 0, version BIGINT NOT NULL DEFAULT 1, gone_at TIMESTAMP);
CREATE TABLE saved_rooms (id BIGINT PRIMARY KEY);
INSERT INTO saved_rooms VALUES (1), (2);`

// savedModel is the rows that the table should hold.
type savedModel map[int64]saved

func (m savedModel) String() string {
	var lines []string
	for id := int64(1); id <= savedRows; id++ {
		lines = append(lines, m[id].String())
	}
	return strings.Join(lines, ", ")
}

const savedRows = 6

// drawSaved draws a table: each row lies in none or in one before it, so that there is no cycle.
func drawSaved(t *rapid.T) savedModel {
	m := savedModel{}
	for id := int64(1); id <= savedRows; id++ {
		row := saved{ID: id, Title: "x", Version: rapid.Int64Range(1, 2).Draw(t, "version")}
		if parent := rapid.Int64Range(0, id-1).Draw(t, "parent"); parent > 0 {
			row.ParentID = &parent
		}
		if rapid.IntRange(0, 7).Draw(t, "gone") == 0 {
			row.GoneAt = &time.Time{}
		}
		m[id] = row
	}
	return m
}

func (m savedModel) insert() string {
	var b strings.Builder
	b.WriteString("DELETE FROM saved;")
	for id := int64(1); id <= savedRows; id++ {
		parent, gone := "NULL", "NULL"
		if m[id].ParentID != nil {
			parent = fmt.Sprint(*m[id].ParentID)
		}
		if m[id].GoneAt != nil {
			gone = "'2001-02-03 04:05:06'"
		}
		fmt.Fprintf(&b, "INSERT INTO saved (id, parent_id, title, version, gone_at) VALUES (%d, %s, 'x', %d, %s);", id, parent, m[id].Version, gone)
	}
	return b.String()
}

// drawRows draws rows to save: mostly such as are there, of the version that they have.
func (m savedModel) drawRows(t *rapid.T) []*saved {
	var rows []*saved
	for _, id := range rapid.SliceOfNDistinct(rapid.Int64Range(1, savedRows), 0, savedRows, rapid.ID[int64]).Draw(t, "ids") {
		row := &saved{ID: id, Title: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "title"), Version: m[id].Version}
		if parent := rapid.Int64Range(0, savedRows).Draw(t, "parent"); parent > 0 {
			row.ParentID = &parent
		}
		if on := rapid.Int64Range(0, 12).Draw(t, "on"); on > 0 {
			kind, to := "room", (on-1)%2+1
			if on > 9 {
				kind = "saved"
				to = on - 9 + rapid.Int64Range(0, 3).Draw(t, "to")
			}
			if on == 9 {
				to = 3 // there is none
			}
			row.OnType, row.OnID = &kind, &to
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return rows
	}
	switch spoilt := rapid.SampledFrom(rows).Draw(t, "spoilt"); rapid.IntRange(0, 9).Draw(t, "spoil") {
	case 0:
		spoilt.Version++
	case 1:
		spoilt.ID = savedRows + 1
	case 2:
		rows = append(rows, &saved{ID: spoilt.ID, Version: spoilt.Version})
	}
	return rows
}

// apply saves the rows in the model, or returns the errors of which one must be returned.
func (m savedModel) apply(rows []*saved, columns []string) (savedModel, []error) {
	next, seen := savedModel{}, map[int64]bool{}
	for id, row := range m {
		next[id] = row
	}
	var wrong []error
	for _, r := range rows {
		held, ok := m[r.ID]
		switch {
		case seen[r.ID]:
			wrong = append(wrong, dovetail.ErrInvalidRow)
			continue
		case !ok, held.GoneAt != nil, held.Version != r.Version:
			wrong = append(wrong, dovetail.ErrStale)
		}
		seen[r.ID] = true
		held.Version++
		held.Touched = 1
		if slices.Contains(columns, "title") {
			held.Title = r.Title
		}
		if slices.Contains(columns, "parent_id") {
			held.ParentID = r.ParentID
		}
		if slices.Contains(columns, "on_id") {
			held.OnType, held.OnID = r.OnType, r.OnID
			if r.OnType != nil && !m.there(*r.OnType, *r.OnID) {
				wrong = append(wrong, dovetail.ErrNoRows)
			}
		}
		next[r.ID] = held
	}
	if next.circular() {
		wrong = append(wrong, dovetail.ErrCycle)
	}
	return next, wrong
}

// there reports whether a row that is pointed at can be seen.
func (m savedModel) there(kind string, id int64) bool {
	if kind == "room" {
		return id <= 2
	}
	row, ok := m[id]
	return ok && row.GoneAt == nil
}

// circular reports whether a row lies below itself.
func (m savedModel) circular() bool {
	for id := range m {
		at := m[id].ParentID
		for range m {
			switch {
			case at == nil:
			case *at == id:
				return true
			default:
				at = m[*at].ParentID
			}
		}
	}
	return false
}

// TestSaveAllMeansWhatItSays: rows that are saved at once leave the table that a plain model says, whatever the table looks at, or leave it
// and the structs as they were, with an error that one of the rows deserves.
func TestSaveAllMeansWhatItSays(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	table := dovetail.NewTable[saved](r, "saved", dovetail.AssignedKey(), dovetail.Version("version"), dovetail.SoftDelete("gone_at"),
		dovetail.OnUpdate("touched", "1"), dovetail.Default("touched", "0"))
	rooms := dovetail.NewTable[savedRoom](r, "saved_rooms")
	dovetail.HasMany(table, "below", table, dovetail.ForeignKey("parent_id"), dovetail.Acyclic())
	dovetail.MorphTo(table, "on", dovetail.MorphKey("on_type", "on_id"), dovetail.MorphType("room", rooms), dovetail.MorphType("saved", table),
		dovetail.Enforced())
	kit.NoError(t, r.Validate())
	kit.OnEach(t, savedDDL, func(t *testing.T, d kit.Database) {
		met := map[string]int{}
		rapid.Check(t, func(rt *rapid.T) {
			m := drawSaved(rt)
			d.Exec(t, m.insert())
			columns := rapid.SampledFrom([][]string{{"title"}, {"parent_id"}, {"title", "parent_id"}, {"on_type", "on_id"},
				{"title", "on_type", "on_id", "parent_id"}}).Draw(rt, "columns")
			rows := m.drawRows(rt)
			before := savedText(rows)
			next, wrong := m.apply(rows, columns)
			err := dovetail.SaveAll(context.Background(), d.DB, table, rows, columns...)
			if len(wrong) > 0 {
				next = m
				if !slices.ContainsFunc(wrong, func(is error) bool { return errors.Is(err, is) }) {
					rt.Fatalf("saving %v of %v: expected one of %v, got %v", columns, before, wrong, err)
				}
				if after := savedText(rows); !slices.Equal(before, after) {
					rt.Fatalf("saving %v of %v failed and left %v", columns, before, after)
				}
				met[fmt.Sprint(wrong)]++
			} else if err != nil {
				rt.Fatalf("saving %v of %v onto %v: %v", columns, before, m, err)
			} else {
				met["saved"]++
			}
			if got := savedIn(rt, d); got != next.String() {
				rt.Fatalf("saving %v of %v onto %v:\nexpected %v\ngot      %s", columns, before, m, next, got)
			}
			for _, row := range rows {
				if len(wrong) == 0 && (row.Version != next[row.ID].Version || row.Touched != 1) {
					rt.Fatalf("saving %v of %v: the struct is %v", columns, before, row)
				}
			}
		})
		for _, what := range []string{"saved", "[" + dovetail.ErrStale.Error() + "]", "[" + dovetail.ErrCycle.Error() + "]"} {
			if met[what] == 0 {
				t.Errorf("no case of %s in %v", what, met)
			}
		}
	})
}

func savedText(rows []*saved) []string {
	return kit.Pluck(rows, func(s *saved) string { return s.String() })
}

// savedIn returns what the table holds, as the model says it.
func savedIn(t *rapid.T, d kit.Database) string {
	rows, err := kit.SQL[string](context.Background(), d.DB, `SELECT id || ':' || title || ' v' || version || ' t' || touched ||
		coalesce(' in ' || parent_id, '') || coalesce(' on ' || on_type || on_id, '') || CASE WHEN gone_at IS NULL THEN '' ELSE ' gone' END
		FROM saved ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(rows, ", ")
}
