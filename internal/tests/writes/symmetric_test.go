package writes_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// Lands that share a border, stored once in the order that a CHECK wants, and lands with pacts, which may be stored in either order and
// in both. Their keys are compared without regard to case, so that Go's order of them is not the database's.

type land struct {
	Code   string
	Beside []*land
	Pacts  []dovetail.Linked[land, pact]
	Allies []*land
}

type landBorder struct{ One, Two string }

type pact struct {
	One, Two string
	Note     *string
}

type alliance struct {
	One, Two string
	Kind     string
	Deleted  *time.Time
}

type lands struct {
	all       *dovetail.Table[land]
	borders   *dovetail.Table[landBorder]
	alliances *dovetail.Table[alliance]
	beside    *dovetail.ToMany[*land, *land]
	pacts     *dovetail.ToMany[*land, *land]
	allies    *dovetail.ToMany[*land, *land]
}

func newLands(options ...dovetail.TableOption) lands {
	r := dovetail.NewRegistry()
	l := lands{all: dovetail.NewTable[land](r, "lands", append(options, dovetail.PrimaryKey("code"))...)}
	l.borders = dovetail.NewTable[landBorder](r, "land_borders", dovetail.PrimaryKey("one", "two"))
	pacts := dovetail.NewTable[pact](r, "pacts", dovetail.PrimaryKey("one", "two"))
	l.alliances = dovetail.NewTable[alliance](r, "alliances", dovetail.PrimaryKey("one", "two"), dovetail.SoftDelete("deleted"))
	keys := dovetail.ThroughKeys("one", "two")
	l.beside = dovetail.ManyToMany(l.all, "beside", l.all, l.borders, keys, dovetail.Symmetric())
	l.pacts = dovetail.ManyToMany(l.all, "pacts", l.all, pacts, keys, dovetail.Symmetric())
	l.allies = dovetail.ManyToMany(l.all, "allies", l.all, l.alliances, keys, dovetail.Symmetric(), dovetail.Where(sq.Eq{"link.kind": "ally"}))
	return l
}

// onLands runs a test on each database, with lands a, B, c and D.
func onLands(t *testing.T, test func(t *testing.T, d kit.Database, l lands)) {
	collate := func(name string) string {
		return strings.ReplaceAll(`
CREATE TABLE lands (code TEXT COLLATE ? PRIMARY KEY);
CREATE TABLE land_borders (one TEXT COLLATE ? NOT NULL REFERENCES lands (code), two TEXT COLLATE ? NOT NULL REFERENCES lands (code),
  PRIMARY KEY (one, two), CHECK (one <= two));
CREATE TABLE pacts (one TEXT COLLATE ? NOT NULL REFERENCES lands (code), two TEXT COLLATE ? NOT NULL REFERENCES lands (code), note TEXT,
  PRIMARY KEY (one, two));
CREATE TABLE alliances (one TEXT COLLATE ? NOT NULL REFERENCES lands (code), two TEXT COLLATE ? NOT NULL REFERENCES lands (code),
  kind TEXT NOT NULL, deleted TIMESTAMP, PRIMARY KEY (one, two));
INSERT INTO lands (code) VALUES ('a'), ('B'), ('c'), ('D');`, "?", name)
	}
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, kit.PostgresPool(t, collate(`"und-x-icu"`)), newLands())
	})
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, kit.SQLiteDB(t, collate("NOCASE")), newLands())
	})
}

func landsOf(codes string) []*land {
	var rows []*land
	for _, code := range strings.Fields(codes) {
		rows = append(rows, &land{Code: code})
	}
	return rows
}

func aLand(code string) *land { return &land{Code: code} }

// noted are entries for lands with a note, as "B:x c:y"; with keys in an order, as "B:x:Ba".
func noted(text string) []dovetail.Linked[land, pact] {
	var entries []dovetail.Linked[land, pact]
	for _, e := range strings.Fields(text) {
		parts := strings.Split(e, ":")
		link := &pact{Note: &parts[1]}
		if len(parts) > 2 {
			link.One, link.Two = parts[2][:1], parts[2][1:]
		}
		entries = append(entries, dovetail.Linked[land, pact]{Row: aLand(parts[0]), Link: link})
	}
	return entries
}

func diffText(d dovetail.Diff[*land]) string {
	text := ""
	for _, list := range [][]*land{d.Added, d.Removed, d.Changed} {
		for _, l := range list {
			text += l.Code
		}
		text += "|"
	}
	return text
}

func linesOf(t *testing.T, d kit.Database, sql string) string {
	t.Helper()
	return strings.Join(kit.Texts(t, d.DB, sql), " ")
}

const (
	bordersText = "SELECT one || two FROM land_borders ORDER BY one, two"
	pactsText   = "SELECT one || two || coalesce(note, '-') FROM pacts ORDER BY one, two"
	allText     = "SELECT one || two || kind || CASE WHEN deleted IS NULL THEN '' ELSE '!' END FROM alliances ORDER BY one, two"
)

func TestSymmetricLinks(t *testing.T) {
	t.Parallel()
	onLands(t, func(t *testing.T, d kit.Database, l lands) {
		ctx, n, diff := t.Context(), kit.Must[int64](t), kit.Must[dovetail.Diff[*land]](t)
		kit.Equal(t, "linked from the larger end", n(l.beside.Link(ctx, d.DB, aLand("B"), landsOf("a c B a")...)), 3)
		kit.Equal(t, "smaller first", linesOf(t, d, bordersText), "aB BB Bc")
		kit.Equal(t, "linked from the other ends", n(l.beside.Link(ctx, d.DB, aLand("c"), landsOf("B D")...)), 1)
		kit.Equal(t, "and one more", linesOf(t, d, bordersText), "aB BB Bc cD")
		kit.Equal(t, "nothing is new", n(l.beside.Link(ctx, d.DB, aLand("a"), aLand("B"))), 0)
		kit.Equal(t, "the difference", diffText(diff(l.beside.Replace(ctx, d.DB, aLand("B"), landsOf("D c")...))), "D|Ba||")
		kit.Equal(t, "after Replace", linesOf(t, d, bordersText), "Bc BD cD")
		kit.Equal(t, "unlinked from either end", n(l.beside.Unlink(ctx, d.DB, aLand("D"), landsOf("B c a")...)), 2)
		kit.Equal(t, "after Unlink", linesOf(t, d, bordersText), "Bc")
		kit.Equal(t, "all", n(l.beside.UnlinkAll(ctx, d.DB, aLand("c"))), 1)
		kit.Equal(t, "none is left", linesOf(t, d, bordersText), "")
		db := d.Record()
		kit.Equal(t, "with none", diffText(diff(l.beside.Replace(ctx, db, aLand("B")))), "|||")
		db.Expect(t, 2, 2)
		n(l.beside.Link(ctx, db, aLand("B"), aLand("a")))
		db.Expect(t, 3, 3)
		n(l.beside.Link(ctx, db, aLand("a"), aLand("B")))
		db.Expect(t, 2, 2)
		_, err := l.beside.Link(ctx, d.DB, aLand("a"), landsOf("x B")...)
		kit.Refused(t, err, dovetail.ErrNoRows, "1 of the 3 rows", `"lands"`)
		_, err = l.beside.Link(ctx, d.DB, aLand("x"), aLand("a"))
		kit.Refused(t, err, dovetail.ErrNoRows, "the owner")
	})
}

// TestSymmetricPayload: what is said of a pair is said of each row that holds it, and one that is new is stored as its keys say.
func TestSymmetricPayload(t *testing.T) {
	t.Parallel()
	onLands(t, func(t *testing.T, d kit.Database, l lands) {
		ctx, n, diff := t.Context(), kit.Must[int64](t), kit.Must[dovetail.Diff[*land]](t)
		entries := noted("a:x:Ba c:y D:z:DB")
		kit.Equal(t, "new", n(dovetail.LinkWith(ctx, d.DB, l.pacts, aLand("B"), entries...)), 3)
		kit.Equal(t, "as they are stored", linesOf(t, d, pactsText), "Bax Bcy DBz")
		kit.Equal(t, "the keys of the structs", entries[1].Link.One+entries[1].Link.Two, "Bc")
		entries = noted("B:w:aB")
		kit.Equal(t, "written to", n(dovetail.LinkWith(ctx, d.DB, l.pacts, aLand("a"), entries...)), 1)
		kit.Equal(t, "the keys are those of the row", entries[0].Link.One+entries[0].Link.Two, "Ba")
		d.Exec(t, "INSERT INTO pacts (one, two, note) VALUES ('a', 'B', 'second')")
		kit.Equal(t, "linked already", n(l.pacts.Link(ctx, d.DB, aLand("a"), aLand("B"))), 0)
		kit.Equal(t, "both rows", n(dovetail.LinkWith(ctx, d.DB, l.pacts, aLand("B"), noted("a:v")...)), 2)
		kit.Equal(t, "after both", linesOf(t, d, pactsText), "aBv Bav Bcy DBz")
		kit.Equal(t, "kept twice", diffText(diff(l.pacts.Replace(ctx, d.DB, aLand("a"), aLand("B")))), "|||")
		d.Exec(t, "UPDATE pacts SET note = 'u' WHERE one = 'a'")
		kit.Equal(t, "one of two differs", diffText(diff(dovetail.ReplaceWith(ctx, d.DB, l.pacts, aLand("B"), noted("a:u D:t a:u")[:2]...))), "|c|Da|")
		kit.Equal(t, "after ReplaceWith", linesOf(t, d, pactsText), "aBu Bau DBt")
		read := kit.All(t, d.DB, dovetail.Select(l.all).Where(sq.Eq{"code": "B"}).Preload("pacts"))[0]
		kit.Equal(t, "as they are read", len(read.Pacts), 3)
		read.Pacts = read.Pacts[2:]
		kit.Equal(t, "given back as read", diffText(diff(dovetail.ReplaceWith(ctx, d.DB, l.pacts, read, read.Pacts...))), "|a||")
		kit.Equal(t, "left", linesOf(t, d, pactsText), "DBt")
		_, err := dovetail.LinkWith(ctx, d.DB, l.pacts, aLand("B"), noted("a:u:ac")...)
		kit.Refused(t, err, dovetail.ErrInvalidRow, "not the key of its row")
	})
}

// TestSymmetricHidden: a pair that was unlinked, in either order, is brought back, and one of another kind is not taken for it.
func TestSymmetricHidden(t *testing.T) {
	t.Parallel()
	onLands(t, func(t *testing.T, d kit.Database, l lands) {
		ctx, n, diff := t.Context(), kit.Must[int64](t), kit.Must[dovetail.Diff[*land]](t)
		d.Exec(t, "INSERT INTO alliances (one, two, kind) VALUES ('B', 'a', 'ally'), ('a', 'c', 'trade')")
		kit.Equal(t, "unlinked", n(l.allies.Unlink(ctx, d.DB, aLand("a"), landsOf("B c")...)), 1)
		kit.Equal(t, "marked", linesOf(t, d, allText), "actrade Baally!")
		kit.Equal(t, "brought back", n(l.allies.Link(ctx, d.DB, aLand("a"), landsOf("B D")...)), 2)
		kit.Equal(t, "as it was stored", linesOf(t, d, allText), "actrade aDally Baally")
		_, err := l.allies.Link(ctx, d.DB, aLand("c"), aLand("a"))
		kit.Refused(t, err, dovetail.ErrInvalidRow, "not what the relation says")
		kit.Equal(t, "replaced", diffText(diff(l.allies.Replace(ctx, d.DB, aLand("B"), aLand("D")))), "D|a||")
		kit.Equal(t, "and back", diffText(diff(l.allies.Replace(ctx, d.DB, aLand("a"), aLand("B")))), "B|D||")
		kit.Equal(t, "after both", linesOf(t, d, allText), "actrade aDally! Baally BDally")
		d.Exec(t, "INSERT INTO alliances (one, two, kind) VALUES ('D', 'a', 'ally')")
		kit.Equal(t, "there by the other row", n(l.allies.Link(ctx, d.DB, aLand("a"), aLand("D"))), 0)
		kit.Equal(t, "both go", n(l.allies.UnlinkAll(ctx, d.DB, aLand("a"))), 2)
		kit.Equal(t, "one pair comes back", n(l.allies.Link(ctx, d.DB, aLand("D"), aLand("a"))), 1)
	})
}

// TestSymmetricInsert inserts rows with their pairs, whose keys are in order when both are known.
func TestSymmetricInsert(t *testing.T) {
	t.Parallel()
	onLands(t, func(t *testing.T, d kit.Database, l lands) {
		ctx := t.Context()
		e, f := aLand("E"), aLand("f")
		e.Beside, f.Beside = []*land{f, aLand("a"), e}, []*land{e}
		kit.NoError(t, dovetail.Insert(l.all, e, f).WithLinks("beside").Exec(ctx, d.DB))
		kit.Equal(t, "borders", linesOf(t, d, bordersText), "aE EE Ef")
		g, h := aLand("g"), aLand("H")
		g.Pacts = noted("a:x c:y:gc")
		both := dovetail.Linked[land, pact]{Row: h, Link: &pact{}}
		g.Pacts = append(g.Pacts, both)
		h.Pacts = []dovetail.Linked[land, pact]{{Row: g, Link: both.Link}}
		kit.NoError(t, dovetail.Insert(l.all, h, g).WithLinks("pacts").Exec(ctx, d.DB))
		kit.Equal(t, "pacts", linesOf(t, d, pactsText), "agx gcy gH-")
		i, j := aLand("i"), aLand("J")
		i.Pacts = []dovetail.Linked[land, pact]{{Row: j, Link: &pact{}}}
		j.Pacts = []dovetail.Linked[land, pact]{{Row: i, Link: &pact{}}}
		kit.Refused(t, dovetail.Insert(l.all, i, j).With("pacts").Exec(ctx, d.DB), dovetail.ErrInvalidRow, "both rows of a pair")
		j.Pacts = []dovetail.Linked[land, pact]{{Row: i}}
		kit.NoError(t, dovetail.Insert(l.all, i, j).With("pacts").Exec(ctx, d.DB))
		kit.Equal(t, "one link for both", j.Pacts[0].Link == i.Pacts[0].Link, true)
		kit.Equal(t, "pacts", linesOf(t, d, pactsText), "agx gcy gH- iJ-")
	})
}

// TestSymmetricMembers: in memory both rows of a pair hold each other.
func TestSymmetricMembers(t *testing.T) {
	t.Parallel()
	l := newLands()
	a, b, c := aLand("a"), aLand("B"), aLand("c")
	text := func(want string) {
		t.Helper()
		got := ""
		for _, l := range []*land{a, b, c} {
			for _, other := range l.Beside {
				got += l.Code + other.Code + " "
			}
		}
		kit.Equal(t, "fields", got, want)
	}
	kit.NoError(t, l.beside.Add(a, b, c, a))
	text("aB ac aa Ba ca ")
	kit.NoError(t, l.beside.Set(b, c))
	text("ac aa Bc ca cB ")
	kit.NoError(t, l.beside.Remove(a, a, c))
	text("Bc cB ")
}

// TestSymmetricWriters: writers of one pair from both of its ends make one row of it, and wait for each other in no circle.
func TestSymmetricWriters(t *testing.T) {
	t.Parallel()
	onLands(t, func(t *testing.T, d kit.Database, l lands) {
		expression := "least(one, two), greatest(one, two)"
		if !d.Postgres() {
			expression = "min(one, two), max(one, two)"
		}
		d.Exec(t, "CREATE UNIQUE INDEX pacts_pair ON pacts ("+expression+")")
		codes := []string{"a", "B", "c", "D"}
		var wg sync.WaitGroup
		for w := range 4 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				for i := range 40 {
					owner, others := aLand(codes[w]), landsOf(strings.Join(append(codes[w+1:len(codes):len(codes)], codes[:w]...), " "))
					var err error
					switch (i + w) % 4 {
					case 0:
						_, err = l.pacts.Link(t.Context(), d.DB, owner, others...)
					case 1:
						_, err = l.pacts.Unlink(t.Context(), d.DB, owner, others[1:]...)
					case 2:
						_, err = l.pacts.Replace(t.Context(), d.DB, owner, others[:1+i%3]...)
					default:
						_, err = dovetail.LinkWith(t.Context(), d.DB, l.pacts, owner, noted(others[0].Code+":x "+others[2].Code+":y")...)
					}
					if err != nil {
						t.Errorf("writer %d, call %d: %v", w, i, err)
						return
					}
				}
			}()
		}
		wg.Wait()
	})
}

// Who writes a pair waits for who holds its other end.
func TestSymmetricEndsAreLocked(t *testing.T) {
	t.Parallel()
	onLands(t, func(t *testing.T, d kit.Database, l lands) {
		if !d.Postgres() {
			t.Log("SQLite has one writer")
			return
		}
		err := d.DB.InTx(t.Context(), dovetail.TxOptions{}, func(tx dovetail.DB) error {
			kit.All(t, tx, dovetail.Select(l.all).Where(sq.Eq{"code": "B"}).ForNoKeyUpdate())
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			_, err := l.pacts.Link(ctx, d.DB, aLand("a"), aLand("B"))
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("expected a wait that ends with its context, got %v", err)
			}
			_, err = l.pacts.Link(t.Context(), d.DB, aLand("a"), aLand("c")) // which nobody holds
			return err
		})
		kit.NoError(t, err)
		n, err := l.pacts.Link(t.Context(), d.DB, aLand("a"), aLand("B"))
		kit.NoError(t, err)
		kit.Equal(t, "linked afterwards", n, 1)
	})
}

// TestSymmetricNumbers links rows whose numbers the database makes, of which Go's order of texts is not the database's.
func TestSymmetricNumbers(t *testing.T) {
	t.Parallel()
	type node struct {
		ID    int64
		Peers []*node
	}
	type edge struct{ A, B int64 }
	r := dovetail.NewRegistry()
	nodes := dovetail.NewTable[node](r, "nodes", dovetail.Identity("id"))
	edges := dovetail.NewTable[edge](r, "edges", dovetail.PrimaryKey("a", "b"))
	dovetail.ManyToMany(nodes, "peers", nodes, edges, dovetail.ThroughKeys("b", "a"), dovetail.Symmetric())
	kit.OnEach(t, "", func(t *testing.T, d kit.Database) {
		id := "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY"
		if !d.Postgres() {
			id = "INTEGER PRIMARY KEY"
		}
		d.Exec(t, "CREATE TABLE nodes (id "+id+"); CREATE TABLE edges (a BIGINT REFERENCES nodes, b BIGINT REFERENCES nodes, PRIMARY KEY (a, b), CHECK (a > b))")
		rows := make([]*node, 12)
		for i := range rows {
			rows[i] = &node{}
		}
		rows[11].Peers, rows[3].Peers = []*node{rows[1], rows[5]}, []*node{rows[8]}
		kit.NoError(t, dovetail.Insert(nodes, rows...).With("peers").Exec(t.Context(), d.DB))
		// The first of ThroughKeys has the smaller, here b.
		want := []string{}
		for _, pair := range [][2]int{{11, 1}, {11, 5}, {3, 8}} {
			a, b := rows[pair[0]].ID, rows[pair[1]].ID
			want = append(want, fmt.Sprintf("%d>%d", max(a, b), min(a, b)))
		}
		got := kit.Texts(t, d.DB, "SELECT a || '>' || b FROM edges")
		slices.Sort(got)
		slices.Sort(want)
		kit.Same(t, "edges", got, want...)
	})
}
