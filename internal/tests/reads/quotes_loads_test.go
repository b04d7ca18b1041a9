package reads_test

import (
	"fmt"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// quTree is an owner as text, with what is loaded below: its kids, marks and owners below.
func quTree(o *quOwner) string {
	var parts []string
	for _, k := range o.Kids {
		parts = append(parts, k.Name)
	}
	for _, m := range o.Marks {
		parts = append(parts, fmt.Sprintf("%s:%d", m.Row.Name, m.Link.Grade))
	}
	for _, b := range o.Below {
		parts = append(parts, quTree(b))
	}
	if o.Parent != nil {
		parts = append(parts, "^"+o.Parent.First)
	}
	return o.First + "(" + strings.Join(parts, " ") + ")"
}

func TestLoadsOfNamesThatNeedQuotes(t *testing.T) {
	t.Parallel()
	q := dovetail.Select(quOwners).OrderBy("Order")
	kids := dovetail.Select(quKids).Where(sq.Gt{"Mixed": 6}).OrderBy("first name DESC")
	const all = "ann(lou kim) bea() cid(max)"
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		makeQuoted(t, d)
		show := func(owners []*quOwner) string { return strings.Join(kit.Pluck(owners, quTree), " ") }
		for _, c := range []struct {
			name string
			q    dovetail.Query[*quOwner]
			want string
		}{
			{"Preload", q.Preload("theKids", kids), all},
			{"Preload with a limit", q.Preload("theKids", kids.Limit(1)), "ann(lou) bea() cid(max)"},
			{"Preload of columns", q.Columns("first name").Preload("theKids", kids.Columns("first name")), all},
			{"Preload by a path", q.Preload("theKids", kids.Where(sq.Eq{"from.first name": "cid"})), "ann() bea() cid(max)"},
			{"Preload in text", q.Preload("theKids", kids.Where(`self."first name" <> ?`, "lou")), "ann(kim) bea() cid(max)"},
			{"Preload with With", q.Preload("AllBelow", dovetail.Select(quOwners).With(dovetail.Count("theKids").As("howMany")).
				OrderBy("howMany DESC").Limit(1)), "ann(bea()) bea(cid()) cid()"},
			{"Preload of links", q.Preload("table", dovetail.Select(quMarks).OrderBy(`Na"me`, "link.check")),
				"ann(blue:6 red:5) bea(blue:7) cid()"},
			{"Preload of one", q.Preload("Up"), "ann() bea(^ann) cid(^bea)"},
			{"Fetch", q.Fetch("theKids").OrderBy("theKids.first name DESC").Where(sq.Gt{"theKids.Mixed": 6}), "ann(lou kim) cid(max)"},
			{"Fetch of links", q.Fetch("table").OrderBy("table.link.check"), "ann(red:5 blue:6) bea(blue:7) cid()"},
			{"Fetch of one", q.Fetch("Up"), "ann() bea(^ann) cid(^bea)"},
			{"PreloadTree", q.Where(sq.Eq{"group": nil}).PreloadTree("AllBelow", 5), "ann(bea(cid()))"},
			{"PreloadTree in text", q.Where(`"group" IS NULL`).PreloadTree("AllBelow", 5,
				dovetail.Select(quOwners).Where(`self."first name" <> ?`, "cid").OrderBy("Mixed")), "ann(bea())"},
		} {
			got, err := c.q.All(t.Context(), d.DB)
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
				continue
			}
			kit.Equal(t, c.name, show(got), c.want)
		}
		owners := kit.All(t, d.DB, q)
		kit.Load(t, d.DB, quOwners, owners, "theKids", kids)
		kit.Equal(t, "Load", show(owners), all)
		var each []*quOwner
		for o, err := range q.OrderBy("Mixed DESC").Preload("theKids", kids).Each(t.Context(), d.DB) {
			kit.NoError(t, err)
			each = append(each, o)
		}
		kit.Equal(t, "Each", show(each), all)
		at := kit.Must[[]any](t)(dovetail.Select(quOwners).OrderBy("first name").Position(owners[0]))
		kit.Equal(t, "Position", show(kit.All(t, d.DB, dovetail.Select(quOwners).OrderBy("first name").After(at...))), "bea() cid()")
	})
}

// TestWritesOfNamesThatNeedQuotes reads by hand-written SQL what each kind of write left.
func TestWritesOfNamesThatNeedQuotes(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		makeQuoted(t, d)
		ctx := t.Context()
		left := func(what, sql, want string) {
			t.Helper()
			kit.Equal(t, what, strings.Join(kit.Must[[]string](t)(kit.SQL[string](ctx, d.DB, sql)), " "), want)
		}
		const owners = `SELECT "first name" || "Mixed" FROM "The ""Owners""" ORDER BY "Order"`
		const kids = `SELECT "first name" || "Mixed" FROM "user" WHERE "Own er" = 1 ORDER BY "primary"`
		const links = `SELECT "Left" || ':' || "ri ght" || ':' || "check" FROM "join table" ORDER BY "Left", "ri ght"`
		changed := kit.Must[int64](t)
		must := func(n int64, err error) { t.Helper(); changed(n, err) }

		must(dovetail.Update(quOwners).Set("Mixed", 11).Where(sq.Eq{"first name": "ann"}).Exec(ctx, d.DB))
		must(dovetail.Update(quOwners).Set("Mixed", sq.Expr(`self."Mixed" + 1`)).Where(sq.Eq{"Up.first name": "ann"}).Exec(ctx, d.DB))
		must(dovetail.Update(quKids).Set("Mixed", dovetail.Col("primary")).Where(dovetail.Has("from", sq.Eq{"Mixed": 11})).Exec(ctx, d.DB))
		left("Update", owners, "ann11 bea6 cid20")
		left("Update by Has", kids, "kim1 lou2")
		ann := kit.All(t, d.DB, dovetail.Select(quOwners).OrderBy("Order"))[0]
		ann.Mixed = ptr(int64(12))
		kit.NoError(t, dovetail.Save(ctx, d.DB, quOwners, ann, "Mixed"))
		kit.NoError(t, dovetail.Refresh(ctx, d.DB, quOwners, ann))
		kit.Equal(t, "Refresh", *ann.Mixed, 12)
		kit.NoError(t, dovetail.Upsert(quOwners, &quOwner{Key: 2, First: "bea", Mixed: ptr(int64(70)), Odd: "z"}).OnConflict("first name").
			Set("Mixed").Exec(ctx, d.DB))
		kit.NoError(t, dovetail.Insert(quOwners, &quOwner{Key: 4, First: "dot", Mixed: ptr(int64(1)), Kids: []*quKid{{Key: 5, Name: "pip", Size: 9}}}).
			With("theKids").Only("Order", "first name", "Mixed", `sel"ect`).Exec(ctx, d.DB))
		left("Upsert and Insert", owners, "ann12 bea70 cid20 dot1")
		pip := &quKid{Key: 5}
		must(quOwnerKids.Move(ctx, d.DB, ann, pip))
		left("Move", kids, "kim1 lou2 pip9")
		must(quOwnerMarks.Unlink(ctx, d.DB, ann, &quMark{Key: 1}))
		must(dovetail.LinkWith(ctx, d.DB, quOwnerMarks, &quOwner{Key: 2}, dovetail.Linked[quMark, quLink]{Row: &quMark{Key: 2}, Link: &quLink{Grade: 9}}))
		left("links", links, "1:2:6 2:2:9")
		must(dovetail.Delete(quOwners).Where(sq.Eq{`sel"ect`: "x", "group": nil}).Exec(ctx, d.DB))
		left("Delete", owners, "bea70 cid20 dot1")
		left("Delete cascades", kids, "")
	})
}
