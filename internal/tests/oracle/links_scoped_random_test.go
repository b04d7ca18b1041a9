package oracle_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/Masterminds/squirrel"
	"pgregory.net/rapid"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// Rows of tenants whose keys share the tenant's column. Links have a kind, by which there are two relations, a seat, of which a scope shows
// one, and where a world has it a mark in place of a delete; things that an owner holds have the last two.

type lOwner struct {
	Tenant, ID int64
	Reds       []*lRow
	Blues      []*lRow
	Things     []*lThing
}

type lRow struct{ Tenant, ID int64 }

type lLink struct {
	Tenant, OwnerID, RowID int64
	Kind                   string
	Seat                   int64
	Gone                   bool
}

type lThing struct {
	Tenant, ID int64
	OwnerID    *int64
	Seat       int64
	Gone       bool
}

const lDDL = `
CREATE TABLE l_owners (tenant BIGINT NOT NULL, id BIGINT NOT NULL, PRIMARY KEY (tenant, id));
CREATE TABLE l_rows (tenant BIGINT NOT NULL, id BIGINT NOT NULL, PRIMARY KEY (tenant, id));
CREATE TABLE l_links (tenant BIGINT NOT NULL, owner_id BIGINT NOT NULL, row_id BIGINT NOT NULL, kind TEXT NOT NULL, seat BIGINT NOT NULL,
  gone BOOLEAN NOT NULL DEFAULT FALSE, PRIMARY KEY (tenant, owner_id, row_id, kind, seat));
CREATE TABLE l_things (tenant BIGINT NOT NULL, id BIGINT NOT NULL, owner_id BIGINT, seat BIGINT NOT NULL, gone BOOLEAN NOT NULL,
  PRIMARY KEY (tenant, id));
INSERT INTO l_owners VALUES (1, 1), (1, 2), (2, 1), (2, 2);
INSERT INTO l_rows VALUES (1, 1), (1, 2), (1, 3), (1, 4), (2, 1), (2, 2), (2, 3), (2, 4);
`

// lWorld is the declarations, and what the tables should hold.
type lWorld struct {
	links map[bool]map[string]*dovetail.ToMany[*lOwner, *lRow] // by whether a delete marks, and by kind
	held  map[bool]*dovetail.ToMany[*lOwner, *lThing]
	marks bool
	pairs map[lLink]bool // a link without its mark, and that
	owned map[lRow]*lThing
}

func newLWorld() lWorld {
	w := lWorld{links: map[bool]map[string]*dovetail.ToMany[*lOwner, *lRow]{}, held: map[bool]*dovetail.ToMany[*lOwner, *lThing]{}}
	for _, marks := range []bool{false, true} {
		r := dovetail.NewRegistry()
		tenant := dovetail.Scope("tenant", squirrel.Eq{"tenant": dovetail.FromContext(models.TenantOf)})
		seated := []dovetail.TableOption{tenant, dovetail.Scope("seated", squirrel.Eq{"seat": 1})}
		if marks {
			seated = append(seated, dovetail.SoftDelete("gone"))
		}
		key := dovetail.PrimaryKey("tenant", "id")
		owners, rows := dovetail.NewTable[lOwner](r, "l_owners", tenant, key), dovetail.NewTable[lRow](r, "l_rows", tenant, key)
		links := dovetail.NewTable[lLink](r, "l_links", append(slices.Clone(seated), dovetail.PrimaryKey("tenant", "owner_id", "row_id", "kind", "seat"))...)
		things := dovetail.NewTable[lThing](r, "l_things", append(slices.Clone(seated), key)...)
		through := dovetail.ThroughKeys([]string{"tenant", "owner_id"}, []string{"tenant", "row_id"})
		w.links[marks] = map[string]*dovetail.ToMany[*lOwner, *lRow]{}
		for name, kind := range map[string]string{"reds": "red", "blues": "blue"} {
			w.links[marks][kind] = dovetail.ManyToMany(owners, name, rows, links, through, dovetail.Where(squirrel.Eq{"link.kind": kind}))
		}
		w.held[marks] = dovetail.HasMany(owners, "things", things, dovetail.ForeignKey("tenant", "owner_id"))
	}
	return w
}

// draw draws the rows there are before.
func (w lWorld) draw(t *rapid.T) (_ lWorld, sql string) {
	w.marks, w.pairs, w.owned = rapid.Bool().Draw(t, "marks"), map[lLink]bool{}, map[lRow]*lThing{}
	for range rapid.IntRange(0, 8).Draw(t, "links") {
		l := lLink{rapid.Int64Range(1, 2).Draw(t, "tenant"), rapid.Int64Range(1, 2).Draw(t, "owner"), rapid.Int64Range(1, 4).Draw(t, "row"),
			rapid.SampledFrom([]string{"red", "blue", "none"}).Draw(t, "kind"), rapid.Int64Range(1, 2).Draw(t, "seat"), false}
		w.pairs[l] = w.marks && rapid.Bool().Draw(t, "gone")
	}
	for i := range 8 {
		thing := &lThing{Tenant: int64(1 + i/4), ID: int64(1 + i%4), Seat: max(1, rapid.Int64Range(-1, 2).Draw(t, "seat")),
			Gone: w.marks && rapid.IntRange(0, 3).Draw(t, "gone") == 0}
		if owner := rapid.Int64Range(0, 2).Draw(t, "owner"); owner > 0 {
			thing.OwnerID = &owner
		}
		w.owned[lRow{thing.Tenant, thing.ID}] = thing
	}
	sql = "DELETE FROM l_links; DELETE FROM l_things;"
	for _, line := range w.lines() {
		table, values, _ := strings.Cut(line, " ")
		sql += fmt.Sprintf("INSERT INTO l_%s VALUES (%s);", table, strings.ReplaceAll(values, " ", ", "))
	}
	return w, sql
}

// lines are all rows.
func (w lWorld) lines() (lines []string) {
	for l, gone := range w.pairs {
		lines = append(lines, fmt.Sprintf("links %d %d %d '%s' %d %t", l.Tenant, l.OwnerID, l.RowID, l.Kind, l.Seat, gone))
	}
	for _, row := range w.owned {
		owner := "NULL"
		if row.OwnerID != nil {
			owner = fmt.Sprint(*row.OwnerID)
		}
		lines = append(lines, fmt.Sprintf("things %d %d %s %d %t", row.Tenant, row.ID, owner, row.Seat, row.Gone))
	}
	slices.Sort(lines)
	return lines
}

// compare fails the test unless the tables hold what the model does.
func (w lWorld) compare(t *rapid.T, d kit.Database, after string) {
	flag := " || CASE WHEN gone THEN ' true' ELSE ' false' END"
	got, err := kit.SQL[string](context.Background(), d.DB, "SELECT 'links ' || tenant || ' ' || owner_id || ' ' || row_id || ' ''' || kind || ''' ' || seat"+
		flag+" FROM l_links UNION ALL SELECT 'things ' || tenant || ' ' || id || ' ' || coalesce(CAST(owner_id AS TEXT), 'NULL') || ' ' || seat"+flag+" FROM l_things")
	slices.Sort(got)
	if want := w.lines(); err != nil || !slices.Equal(got, want) {
		t.Fatalf("after %s: expected\n%s\ngot\n%s\n%v", after, strings.Join(want, "\n"), strings.Join(got, "\n"), err)
	}
}

// lCall is one call.
type lCall struct {
	op    string
	kind  string
	owner lRow
	ids   []int64
}

// run makes the call along links, and checks what it returns.
func (w lWorld) run(t *rapid.T, d kit.Database, c lCall) {
	ctx := context.WithValue(context.Background(), models.TenantKey{}, c.owner.Tenant)
	rel, owner := w.links[w.marks][c.kind], &lOwner{Tenant: c.owner.Tenant, ID: c.owner.ID}
	var rows []*lRow
	for _, id := range c.ids {
		rows = append(rows, &lRow{c.owner.Tenant, id})
	}
	at := func(id int64) lLink { return lLink{c.owner.Tenant, c.owner.ID, id, c.kind, 1, false} }
	seen := func(id int64) bool { gone, ok := w.pairs[at(id)]; return ok && !gone }
	var added, removed []int64
	for id := int64(1); id <= 4; id++ {
		given := slices.Contains(c.ids, id) || c.op == "all"
		switch {
		case given && !seen(id) && (c.op == "link" || c.op == "replace"):
			added = append(added, id)
		case seen(id) && (given && (c.op == "unlink" || c.op == "all") || !given && c.op == "replace"):
			removed = append(removed, id)
		}
	}
	n, diff, err := lDo(ctx, d, rel, c.op, owner, rows)
	var got, want any = n, int64(len(added) + len(removed))
	if diff != nil {
		got, want = diffKeys(*diff, func(r *lRow) int64 { return r.ID }), [3][]int64{added, removed}
	}
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("%+v, marks %t: expected %v, got %v, %v", c, w.marks, want, got, err)
	}
	for _, id := range added {
		w.pairs[at(id)] = false
	}
	for _, id := range removed {
		if delete(w.pairs, at(id)); w.marks {
			w.pairs[at(id)] = true
		}
	}
}

// lDo does what the call says along a relation, and returns how many rows that was, or what Replace did.
func lDo[P, C any](ctx context.Context, d kit.Database, rel *dovetail.ToMany[P, C], op string, owner P, rows []C) (n int64, diff *dovetail.Diff[C], err error) {
	switch op {
	case "link":
		n, err = rel.Link(ctx, d.DB, owner, rows...)
	case "unlink":
		n, err = rel.Unlink(ctx, d.DB, owner, rows...)
	case "all":
		n, err = rel.UnlinkAll(ctx, d.DB, owner)
	default:
		var replaced dovetail.Diff[C]
		replaced, err = rel.Replace(ctx, d.DB, owner, rows...)
		diff = &replaced
	}
	return n, diff, err
}

// hold makes the call along the key of the things.
func (w lWorld) hold(t *rapid.T, d kit.Database, c lCall) {
	ctx := context.WithValue(context.Background(), models.TenantKey{}, c.owner.Tenant)
	rel, owner := w.held[w.marks], &lOwner{Tenant: c.owner.Tenant, ID: c.owner.ID}
	var things []*lThing
	refused, want := false, int64(0)
	after := maps.Clone(w.owned)
	set := func(key lRow, owner *int64) {
		row := *after[key]
		row.OwnerID = owner
		after[key] = &row
		want++
	}
	of := func(row *lThing) int64 {
		if row.OwnerID == nil {
			return 0
		}
		return *row.OwnerID
	}
	for key, row := range w.owned {
		seen, mine := row.Tenant == c.owner.Tenant && row.Seat == 1 && !row.Gone, of(row) == c.owner.ID
		given := row.Tenant == c.owner.Tenant && slices.Contains(c.ids, row.ID)
		if given {
			things = append(things, &lThing{Tenant: row.Tenant, ID: row.ID, Seat: 1})
		}
		switch {
		case c.op == "unlink" && given && seen && mine, c.op == "all" && seen && mine, c.op == "replace" && !given && seen && mine:
			set(key, nil)
		case !given || c.op == "unlink" || c.op == "all":
		case !seen || of(row) != 0 && !mine:
			refused = true
		case !mine:
			set(key, &c.owner.ID)
		}
	}
	got, diff, err := lDo(ctx, d, rel, c.op, owner, things)
	if diff != nil {
		got = int64(len(diff.Added) + len(diff.Removed))
	}
	switch {
	case refused && err == nil, !refused && (err != nil || got != want):
		t.Fatalf("%+v of things, marks %t: expected %d, refused %t, got %d, %v", c, w.marks, want, refused, got, err)
	case !refused:
		maps.Copy(w.owned, after)
	}
}

// TestLinksOfScopedKeysMeanWhatTheySay: any sequence of calls leaves what a plain model says, and returns its differences, where keys share
// a column, relations say by a constant which links are theirs, and scopes and marks hide rows, which stay as they are.
func TestLinksOfScopedKeysMeanWhatTheySay(t *testing.T) {
	t.Parallel()
	declared := newLWorld()
	kit.OnEach(t, lDDL, func(t *testing.T, d kit.Database) {
		rapid.Check(t, func(rt *rapid.T) {
			w, sql := declared.draw(rt)
			d.Exec(t, sql)
			for range rapid.IntRange(1, 8).Draw(rt, "calls") {
				c := lCall{op: rapid.SampledFrom([]string{"link", "unlink", "all", "replace"}).Draw(rt, "op"),
					kind:  rapid.SampledFrom([]string{"red", "blue", "thing"}).Draw(rt, "kind"),
					owner: lRow{rapid.Int64Range(1, 2).Draw(rt, "tenant"), rapid.Int64Range(1, 2).Draw(rt, "owner")},
					ids:   rapid.SliceOfN(rapid.Int64Range(1, 4), 0, 5).Draw(rt, "ids")}
				if c.kind == "thing" {
					w.hold(rt, d, c)
				} else {
					w.run(rt, d, c)
				}
				w.compare(rt, d, fmt.Sprintf("%+v", c))
			}
		})
	})
}
