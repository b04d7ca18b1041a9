package oracle_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// treeWorld is random folders, and what an oracle of loops says of the trees in them.
type treeWorld struct {
	parent map[int64]int64   // without one: no entry
	links  map[int64][]int64 // in the order of the targets
	small  map[int64]bool    // is filtered away
	n      int64
}

// newTreeWorld makes folders that lie in others. Without cycles each lies in one before it, and links lead onward.
func newTreeWorld(r *rand.Rand, cycles bool) treeWorld {
	w := treeWorld{map[int64]int64{}, map[int64][]int64{}, map[int64]bool{}, 1 + r.Int64N(12)}
	for id := int64(1); id <= w.n; id++ {
		w.small[id] = r.IntN(6) == 0
		up := r.Int64N(id)
		if cycles && r.IntN(3) == 0 {
			up = r.Int64N(w.n + 1)
		}
		if up > 0 {
			w.parent[id] = up
		}
		for to := int64(1); to <= w.n; to++ {
			if r.IntN(5) == 0 && (to > id || cycles && r.IntN(5) == 0) {
				w.links[id] = append(w.links[id], to)
			}
		}
	}
	return w
}

// sql replaces the folders in the database.
func (w treeWorld) sql() string {
	b := strings.Builder{}
	b.WriteString("DELETE FROM folders; DELETE FROM folder_links;")
	for id := int64(1); id <= w.n; id++ {
		parent, size := "NULL", 10
		if p, ok := w.parent[id]; ok {
			parent = strconv.FormatInt(p, 10)
		}
		if w.small[id] {
			size = 1
		}
		fmt.Fprintf(&b, "INSERT INTO folders (id, parent_id, name, size) VALUES (%d, %s, '', %d);", id, parent, size)
		for _, to := range w.links[id] {
			fmt.Fprintf(&b, "INSERT INTO folder_links (from_id, to_id) VALUES (%d, %d);", id, to)
		}
	}
	return b.String()
}

// below returns the folders directly below one along a relation.
func (w treeWorld) below(path string, id int64) []int64 {
	var found []int64
	for other := int64(1); other <= w.n; other++ {
		up, ok := w.parent[other]
		mine, has := w.parent[id]
		switch {
		case path == "kids" && ok && up == id,
			path == "parent" && has && mine == other,
			path == "targets" && slices.Contains(w.links[id], other),
			path == "sources" && slices.Contains(w.links[other], id):
			found = append(found, other)
		}
	}
	return found
}

// treeAsk is one call.
type treeAsk struct {
	path   string
	depth  int
	roots  []int64
	prune  bool
	inLoad bool
}

// draw returns the trees as text, or "cycle".
func (w treeWorld) draw(a treeAsk) string {
	below := func(id int64) []int64 {
		return slices.DeleteFunc(w.below(a.path, id), func(n int64) bool { return a.prune && w.small[n] })
	}
	level := map[int64]int{} // the nearest
	for _, root := range a.roots {
		w.levels(level, below, root, 1, a.depth)
	}
	loaded := func(id int64) bool { return level[id] > 0 && (a.depth == 0 || level[id] < a.depth) }
	known := func(id int64) []int64 { // what is in hand below a row
		if slices.Contains(a.roots, id) || loaded(id) {
			return below(id)
		}
		return nil
	}
	for id := int64(1); id <= w.n; id++ {
		reached := map[int64]bool{}
		var reach func(int64)
		reach = func(at int64) {
			for _, next := range known(at) {
				if !reached[next] {
					reached[next] = true
					reach(next)
				}
			}
		}
		if level[id] > 0 || slices.Contains(a.roots, id) {
			reach(id)
		}
		if reached[id] {
			return "cycle"
		}
	}
	var draw func(id int64, root bool) string
	draw = func(id int64, root bool) string {
		if !root && !loaded(id) {
			return fmt.Sprint(id, "?")
		}
		text := fmt.Sprint(id)
		for _, n := range below(id) {
			text += "(" + draw(n, false) + ")"
		}
		return text
	}
	var all []string
	for _, root := range a.roots {
		all = append(all, draw(root, true))
	}
	return strings.Join(all, " ")
}

// levels finds the nearest level of every row by walking all ways that are no longer than there are rows.
func (w treeWorld) levels(level map[int64]int, below func(int64) []int64, id int64, at, depth int) {
	if depth > 0 && at > depth {
		return
	}
	for _, n := range below(id) {
		if level[n] == 0 || at < level[n] {
			level[n] = at
			w.levels(level, below, n, at+1, depth)
		}
	}
}

// load asks the database the same.
func (a treeAsk) load(t *testing.T, db dovetail.DB, w treeWorld) (string, error) {
	query := dovetail.Select(models.Folders)
	if a.prune {
		query = query.Where(sq.Gt{"size": 5})
	}
	var rows []*models.Folder
	var err error
	if a.inLoad {
		for _, id := range a.roots {
			f := &models.Folder{ID: id}
			if p, ok := w.parent[id]; ok {
				f.ParentID = &p
			}
			rows = append(rows, f)
		}
		err = dovetail.LoadTree(t.Context(), db, models.Folders, rows, a.path, a.depth, query)
	} else {
		rows, err = dovetail.Select(models.Folders).Where(sq.Eq{"id": a.roots}).OrderBy("id").
			PreloadTree(a.path, a.depth, query).All(t.Context(), db)
	}
	if err != nil {
		return "", err
	}
	many := map[string]func(*models.Folder) []*models.Folder{
		"kids": models.FolderKids, "targets": models.FolderTargets, "sources": func(f *models.Folder) []*models.Folder { return f.Sources },
	}[a.path]
	structs := map[int64]*models.Folder{} // of each row one
	var draw func(f *models.Folder, root bool) string
	draw = func(f *models.Folder, root bool) string {
		if !root {
			if known, ok := structs[f.ID]; ok && known != f {
				t.Errorf("folder %d is two structs", f.ID)
			}
			structs[f.ID] = f
		}
		text := fmt.Sprint(f.ID)
		if many == nil {
			if f.Parent != nil {
				text += "(" + draw(f.Parent, false) + ")"
			}
			return text
		}
		if many(f) == nil {
			return fmt.Sprint(f.ID, "?")
		}
		for _, k := range many(f) {
			text += "(" + draw(k, false) + ")"
		}
		return text
	}
	parts := make([]string, 0, len(rows))
	for _, f := range rows {
		parts = append(parts, draw(f, true))
	}
	return strings.Join(parts, " "), nil
}

// TestTreesAgreeWithAnOracle loads trees of random folders, some of which lie in each other, and compares them with what
// loops over the same folders find.
func TestTreesAgreeWithAnOracle(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, models.TreesDDL, func(t *testing.T, d kit.Database) {
		seed := kit.Seed(t)
		r := rand.New(rand.NewPCG(seed, 1))
		trees, cycles := 0, 0
		for range 100 {
			w := newTreeWorld(r, r.IntN(2) == 0)
			d.Exec(t, w.sql())
			for range 8 {
				a := treeAsk{
					path:  []string{"kids", "parent", "targets", "sources"}[r.IntN(4)],
					depth: max(0, r.IntN(6)-1), prune: r.IntN(3) == 0, inLoad: r.IntN(2) == 0,
				}
				for range 1 + r.IntN(3) {
					if id := 1 + r.Int64N(w.n); a.inLoad || !slices.Contains(a.roots, id) {
						a.roots = append(a.roots, id)
					}
				}
				slices.Sort(a.roots)
				want := w.draw(a)
				got, err := a.load(t, d.DB, w)
				switch {
				case errors.Is(err, dovetail.ErrCycle):
					got = "cycle"
					cycles++
				case err != nil:
					t.Fatal(err)
				default:
					trees++
				}
				if a.path == "parent" {
					want = strings.ReplaceAll(want, "?", "") // not loaded and without one look the same
				}
				if got != want {
					t.Fatalf("seed %d, %+v of %+v:\nexpected %s\ngot      %s", seed, a, w, want, got)
				}
			}
		}
		if trees < 100 || cycles < 10 { // of some 800 and 50
			t.Errorf("seed %d: only %d trees and %d cycles", seed, trees, cycles)
		}
	})
}
