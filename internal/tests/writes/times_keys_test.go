package writes_test

import (
	"testing"
	"time"

	"github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// tkMoment is told by a time, tkPart by a time and a number; tkMark points at a moment, and tkLink ties a moment to a tag.
type (
	tkMoment struct {
		At    time.Time
		Note  string
		Rev   int64
		Made  string
		Marks []*tkMark
		Tags  []*tkTag
	}
	tkPart struct {
		At    time.Time
		N     int64
		Note  string
		Marks []*tkPartMark
	}
	tkMark struct {
		ID int64
		At *time.Time
	}
	tkPartMark struct {
		ID int64
		At *time.Time
		N  *int64
	}
	tkTag  struct{ ID int64 }
	tkLink struct {
		At    time.Time
		TagID int64
		Pos   *int64
	}
)

func tkPlaced(tag, pos int64) dovetail.Linked[tkTag, tkLink] {
	return dovetail.Linked[tkTag, tkLink]{Row: &tkTag{tag}, Link: &tkLink{Pos: &pos}}
}

func tkDDL(kit.Database) string {
	return `CREATE TABLE moments (at TIMESTAMPTZ PRIMARY KEY, note TEXT NOT NULL, rev BIGINT NOT NULL, made TEXT NOT NULL DEFAULT 'made');
		CREATE TABLE parts (at TIMESTAMPTZ, n BIGINT, note TEXT NOT NULL, PRIMARY KEY (at, n));
		CREATE TABLE marks (id BIGINT PRIMARY KEY, at TIMESTAMPTZ REFERENCES moments);
		CREATE TABLE part_marks (id BIGINT PRIMARY KEY, at TIMESTAMPTZ, n BIGINT, FOREIGN KEY (at, n) REFERENCES parts);
		CREATE TABLE tags (id BIGINT PRIMARY KEY);
		CREATE TABLE moment_tags (at TIMESTAMPTZ NOT NULL REFERENCES moments, tag_id BIGINT NOT NULL REFERENCES tags, pos BIGINT, PRIMARY KEY (at, tag_id), UNIQUE (at, pos));
		INSERT INTO tags VALUES (1), (2)`
}

// TestTimesAsKeysMeanOneValue: a time in hand, to the nanosecond, tells the row that was written with it, wherever it is sent, in whichever zone.
func TestTimesAsKeysMeanOneValue(t *testing.T) {
	t.Parallel()
	r := dovetail.NewRegistry()
	moments := dovetail.NewTable[tkMoment](r, "moments", dovetail.PrimaryKey("at"), dovetail.Version("rev"), dovetail.Default("made", "'made'"))
	parts := dovetail.NewTable[tkPart](r, "parts", dovetail.PrimaryKey("at", "n"), dovetail.AssignedKey())
	marks := dovetail.NewTable[tkMark](r, "marks", dovetail.AssignedKey())
	partMarks := dovetail.NewTable[tkPartMark](r, "part_marks", dovetail.AssignedKey())
	tags := dovetail.NewTable[tkTag](r, "tags", dovetail.AssignedKey())
	links := dovetail.NewTable[tkLink](r, "moment_tags", dovetail.PrimaryKey("at", "tag_id"), dovetail.Unique("at", "pos"))
	marksOf := dovetail.HasMany(moments, "marks", marks, dovetail.ForeignKey("at"))
	partMarksOf := dovetail.HasMany(parts, "marks", partMarks, dovetail.ForeignKey("at", "n"))
	tagsOf := dovetail.ManyToMany(moments, "tags", tags, links, dovetail.ThroughKeys([]string{"at"}, []string{"tag_id"}))

	saModes(t, tkDDL, func(t *testing.T, d kit.Database) {
		ctx, db := t.Context(), d.DB
		first := time.Date(2024, 3, 1, 12, 0, 0, 999_999_999, time.FixedZone("east", 2*3600))
		second := first.Add(time.Hour).UTC()
		check := func(what string, err error) {
			t.Helper()
			if err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
		counts := func(what string, want int64) func(n int64, err error) {
			return func(n int64, err error) {
				t.Helper()
				if n != want || err != nil {
					t.Errorf("%s: expected %d rows, got %d, %v", what, want, n, err)
				}
			}
		}
		a, b := &tkMoment{At: first, Note: "a"}, &tkMoment{At: second, Note: "b"}
		in := func() (*tkMoment, *tkMoment) {
			return &tkMoment{At: first, Note: "a"}, &tkMoment{At: second, Note: "b"}
		}
		check("insert", dovetail.Insert(moments, a, b).Exec(ctx, db))
		p, q := &tkPart{At: first, N: 1, Note: "p"}, &tkPart{At: second, N: 1, Note: "q"}
		check("insert pairs", dovetail.Insert(parts, p, q).Exec(ctx, db))
		a, b = in()
		check("insert with", dovetail.Insert(moments, &tkMoment{At: second.Add(time.Minute), Note: "c", Marks: []*tkMark{{ID: 9}}}).With("marks").Exec(ctx, db))
		check("save", dovetail.Save(ctx, db, moments, a, "note"))
		check("save all", dovetail.SaveAll(ctx, db, moments, []*tkMoment{a, b}, "note"))
		p, q = &tkPart{At: first, N: 1, Note: "p"}, &tkPart{At: second, N: 1, Note: "q"}
		check("save pairs", dovetail.SaveAll(ctx, db, parts, []*tkPart{p, q}, "note"))
		check("refresh", dovetail.Refresh(ctx, db, moments, &tkMoment{At: first}, &tkMoment{At: second}))
		check("refresh pairs", dovetail.Refresh(ctx, db, parts, &tkPart{At: first, N: 1}, &tkPart{At: second, N: 1}))
		_, err := dovetail.Select(moments).Get(ctx, db, first)
		check("get", err)
		counts("eq", 1)(dovetail.Select(moments).Where(squirrel.Eq{"at": first}).Count(ctx, db))
		counts("list", 2)(dovetail.Select(moments).Where(squirrel.Eq{"at": []time.Time{first, second}}).Count(ctx, db))
		counts("mixed list", 2)(dovetail.Select(moments).Where(squirrel.Eq{"at": []any{first, &second}}).Count(ctx, db))
		if d.Postgres() {
			counts("array", 2)(dovetail.Select(moments).Where("at = ANY(?)", []time.Time{first, second}).Count(ctx, db))
		}
		counts("text", 1)(dovetail.Select(moments).Where("at = ?", first).Count(ctx, db))
		counts("after", 2)(dovetail.Select(moments).OrderBy("at").After(first).Count(ctx, db))
		check("upsert", dovetail.Upsert(moments, &tkMoment{At: first, Note: "a"}).OnConflict("at").Set("note").Exec(ctx, db))
		counts("upserted", 3)(dovetail.Select(moments).Count(ctx, db))
		counts("update", 1)(dovetail.Update(moments).Set("note", "x").Where(squirrel.Eq{"at": first}).Exec(ctx, db))
		check("insert marks", dovetail.Insert(marks, &tkMark{ID: 1}, &tkMark{ID: 2, At: &second}).Exec(ctx, db))
		check("insert pair marks", dovetail.Insert(partMarks, &tkPartMark{ID: 1}).Exec(ctx, db))
		a, b = in()
		counts("link", 1)(marksOf.Link(ctx, db, a, &tkMark{ID: 1}))
		counts("link pairs", 1)(partMarksOf.Link(ctx, db, p, &tkPartMark{ID: 1}))
		counts("link tags", 2)(tagsOf.Link(ctx, db, a, &tkTag{1}, &tkTag{2}))
		counts("link again", 0)(tagsOf.Link(ctx, db, a, &tkTag{1}))
		check("load", dovetail.Load(ctx, db, moments, []*tkMoment{a, b}, "marks"))
		check("load pairs", dovetail.Load(ctx, db, parts, []*tkPart{p, q}, "marks"))
		check("load tags", dovetail.Load(ctx, db, moments, []*tkMoment{a, b}, "tags"))
		if len(a.Marks) != 1 || len(b.Marks) != 1 || len(p.Marks) != 1 || len(a.Tags) != 2 {
			t.Errorf("expected the related rows, got %d, %d, %d, %d", len(a.Marks), len(b.Marks), len(p.Marks), len(a.Tags))
		}
		a, b = in()
		_, err = tagsOf.Replace(ctx, db, a, &tkTag{2})
		check("replace", err)
		counts("replaced", 1)(dovetail.Select(links).Count(ctx, db))
		_, err = marksOf.Sync(ctx, db, b, &tkMark{ID: 2, At: &second}, &tkMark{ID: 3})
		check("sync", err)
		counts("synced", 2)(dovetail.Select(marks).Where(squirrel.Eq{"at": second}).Count(ctx, db))
		counts("unlink", 1)(tagsOf.Unlink(ctx, db, a, &tkTag{2}))
		counts("unlink marks", 1)(marksOf.Unlink(ctx, db, a, &tkMark{ID: 1}))
		counts("unlink pairs", 1)(partMarksOf.UnlinkAll(ctx, db, p))
		counts("move", 1)(marksOf.Move(ctx, db, b, &tkMark{ID: 1}))
		counts("link with", 2)(dovetail.LinkWith(ctx, db, tagsOf, b, tkPlaced(1, 1), tkPlaced(2, 2)))
		diff, err := dovetail.ReplaceWith(ctx, db, tagsOf, b, tkPlaced(1, 2), tkPlaced(2, 1)) // they change places
		if check("replace with", err); len(diff.Changed) != 2 {
			t.Errorf("expected 2 links to change, got %+v", diff)
		}
		counts("has all", 1)(dovetail.Select(moments).Where(dovetail.HasAll("tags", 1, 2)).Count(ctx, db))
		var many []*tkMoment
		for i := range 20 { // more than go as values
			many = append(many, &tkMoment{At: first.AddDate(1, 0, i), Note: "many"})
		}
		check("insert many", dovetail.Insert(moments, many...).Exec(ctx, db))
		for i, m := range many {
			if m.Made != "made" {
				t.Fatalf("row %d was not read back", i)
			}
			m.At = first.AddDate(1, 0, i) // as it is in hand elsewhere
		}
		check("save many", dovetail.SaveAll(ctx, db, moments, many, "note"))
		check("upsert many", dovetail.Upsert(moments, many...).OnConflict("at").Set("note").Exec(ctx, db))
		counts("many", 20)(dovetail.Select(moments).Where(squirrel.Eq{"at": kit.Pluck(many, func(m *tkMoment) time.Time { return m.At })}).Count(ctx, db))
		check("delete many", dovetail.DeleteRows(ctx, db, moments, many...))
		check("refresh again", dovetail.Refresh(ctx, db, moments, a))
		a.At = first
		check("delete", dovetail.DeleteRows(ctx, db, moments, a))
		check("delete pairs", dovetail.DeleteRows(ctx, db, parts, p, q))
	})
}
