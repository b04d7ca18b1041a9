package oracle_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// followAsk is a test or a value of all folders along a relation that is followed.
type followAsk struct {
	before string // a relation on the way; empty: none
	path   string
	levels int // 0: all
	after  bool
	large  bool // those filtered away do not count
	outer  bool // only those of a higher number than the folder asked about
	form   string
	least  int
}

func drawFollowAsk(r *rand.Rand) followAsk {
	paths := []string{"kids", "parent", "targets", "sources"}
	a := followAsk{
		path: paths[r.IntN(4)], levels: max(0, r.IntN(6)-2), large: r.IntN(2) == 0, outer: r.IntN(4) == 0, after: r.IntN(5) == 0,
		form: []string{"has", "none", "every", "least", "count", "sum"}[r.IntN(6)], least: 1 + r.IntN(3),
	}
	if r.IntN(4) == 0 {
		a.before = paths[r.IntN(4)]
	}
	return a
}

func (a followAsk) name() string {
	name := a.path + "*"
	if a.levels > 0 {
		name += fmt.Sprint(a.levels)
	}
	if a.before != "" {
		name = a.before + "." + name
	}
	if a.after {
		name += ".kids"
	}
	return name
}

// reached returns the folders that are reached from one, each once.
func (w treeWorld) reached(path string, levels int, id int64) []int64 {
	var found []int64
	from := []int64{id}
	for level := 1; len(from) > 0 && (levels == 0 || level <= levels); level++ {
		var next []int64
		for _, at := range from {
			for _, below := range w.below(path, at) {
				if !slices.Contains(found, below) {
					found, next = append(found, below), append(next, below)
				}
			}
		}
		from = next
	}
	return found
}

// rows returns the rows at the end of the path, once for each way that its relations lead there.
func (w treeWorld) rows(a followAsk, id int64) []int64 {
	starts, rows := []int64{id}, []int64{}
	if a.before != "" {
		starts = w.below(a.before, id)
	}
	for _, start := range starts {
		for _, row := range w.reached(a.path, a.levels, start) {
			if a.after {
				rows = append(rows, w.below("kids", row)...)
			} else {
				rows = append(rows, row)
			}
		}
	}
	return rows
}

// answer returns what an oracle of loops says of all folders.
func (w treeWorld) answer(a followAsk) string {
	text := ""
	for id := int64(1); id <= w.n; id++ {
		rows := w.rows(a, id)
		meets := slices.DeleteFunc(slices.Clone(rows), func(n int64) bool { return a.large && w.small[n] || a.outer && n <= id })
		sum := int64(0)
		for _, n := range meets {
			sum += n
		}
		switch {
		case a.form == "count":
			text += fmt.Sprint(id, ":", len(meets), " ")
		case a.form == "sum" && len(meets) > 0:
			text += fmt.Sprint(id, ":", sum, " ")
		case a.form == "has" && len(meets) > 0, a.form == "none" && len(meets) == 0, a.form == "every" && len(meets) == len(rows),
			a.form == "least" && len(meets) >= a.least:
			text += fmt.Sprint(id, " ")
		}
	}
	return text
}

// ask asks the database the same.
func (a followAsk) ask(t *testing.T, db dovetail.DB) string {
	t.Helper()
	q := dovetail.Select(models.Folders).OrderBy("id")
	var preds []sq.Sqlizer
	if a.large {
		preds = append(preds, sq.Gt{"size": 5})
	}
	if a.outer {
		preds = append(preds, sq.Expr("self.id > outer.id"))
	}
	all := sq.And(preds)
	name := a.name()
	values := false
	switch a.form {
	case "has":
		q = q.Has(name, preds...)
	case "none":
		q = q.HasNone(name, preds...)
	case "every":
		q = q.HasEvery(name, all)
	case "least":
		q = q.HasAtLeast(a.least, name, preds...)
	case "count":
		q, values = q.With(dovetail.Count(name).Where(all).As("files")), true
	case "sum":
		q, values = q.With(dovetail.Sum(name+".id").Where(all).As("files")).Where("files IS NOT NULL"), true
	}
	text := ""
	for _, f := range kit.All(t, db, q) {
		if values {
			text += fmt.Sprint(f.ID, ":", f.Files, " ")
		} else {
			text += fmt.Sprint(f.ID, " ")
		}
	}
	return text
}

// TestFollowedRelationsAgreeWithAnOracle asks random folders, some of which lie in each other, for what they reach along a relation, and
// compares that with what loops over the same folders find.
func TestFollowedRelationsAgreeWithAnOracle(t *testing.T) {
	t.Parallel()
	kit.OnEach(t, models.TreesDDL, func(t *testing.T, d kit.Database) {
		seed := kit.Seed(t)
		r := rand.New(rand.NewPCG(seed, 2))
		found := map[string]int{}
		for range 40 {
			w := newTreeWorld(r, r.IntN(2) == 0)
			d.Exec(t, w.sql())
			for range 12 {
				a := drawFollowAsk(r)
				want, got := w.answer(a), a.ask(t, d.DB)
				if got != want {
					t.Fatalf("seed %d, %s, %+v of %+v:\nexpected %s\ngot      %s", seed, a.name(), a, w, want, got)
				}
				if got != "" {
					found[a.form]++
				}
			}
		}
		for _, form := range []string{"has", "none", "every", "least", "count", "sum"} {
			if found[form] < 15 { // of some 40 to 80
				t.Errorf("seed %d: only %d of %s", seed, found[form], form)
			}
		}
	})
}
