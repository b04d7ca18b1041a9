package oracle_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// The oracle test: random queries on random rows, answered by the library and by loops over the rows in memory, by
// preloads and by joins folded by hand, and held against each other.

const oraPerData = 20 // queries on one data set

// TestOracle runs 10,000 cases on PostgreSQL and 2,000 on SQLite, fewer under the race detector, with a new seed each time.
// A failure prints the seed and the number of the case: DOVETAIL_TEST_SEED repeats the run, together with
// DOVETAIL_ORACLE_CASE that case alone, and DOVETAIL_ORACLE_CASES sets the length.
func TestOracle(t *testing.T) {
	t.Parallel()
	seed := kit.Seed(t)
	if err := oraRegistry.Validate(); err != nil {
		t.Fatal(err)
	}
	for _, db := range []struct {
		name    string
		workers int
		open    func(*testing.T) *oraRun
	}{
		{"postgres", 4, oraOnPostgres},
		{"sqlite", 2, oraOnSQLite},
	} {
		t.Run(db.name, func(t *testing.T) {
			t.Parallel()
			cases := int(kit.Number(t, "DOVETAIL_ORACLE_CASES", oraCases[db.name]))
			only := int(kit.Number(t, "DOVETAIL_ORACLE_CASE", math.MaxInt64))
			all := &oraRun{met: map[string]int{}}
			t.Run("cases", func(t *testing.T) {
				for worker := range db.workers {
					t.Run(strconv.Itoa(worker), func(t *testing.T) {
						t.Parallel()
						run := db.open(t)
						run.seed = seed
						run.cases(t, cases, func(n int) bool {
							return (n == only || only == math.MaxInt64) && n/oraPerData%db.workers == worker
						})
						all.add(run)
					})
				}
			})
			t.Logf("%d cases with seed %d met %v", cases, seed, all.met)
			if !t.Failed() && cases >= oraEnough && only == math.MaxInt64 {
				all.checkMet(t, db.name, cases)
			}
		})
	}
}

// oraRun is a run on one database.
type oraRun struct {
	d     kit.Database
	begin func(testing.TB) (dovetail.DB, func()) // a transaction, and what ends it
	modes func() []dovetail.DB                   // the database by other ways of the driver
	pool  *pgxpool.Pool                          // nil: not PostgreSQL
	seed  uint64
	data  *oraData

	mu  sync.Mutex
	met map[string]int // how many cases had what
}

// add counts what another run met.
func (o *oraRun) add(other *oraRun) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for what, n := range other.met {
		o.met[what] += n
	}
}

// cases runs the cases that are the run's own.
func (o *oraRun) cases(t *testing.T, n int, own func(int) bool) {
	t.Helper()
	for i := range n {
		if !own(i) {
			continue
		}
		if err := o.one(t, i); err != nil {
			t.Fatalf("DOVETAIL_TEST_SEED=%d DOVETAIL_ORACLE_CASE=%d on %s: %v", o.seed, i, o.d.Name, err)
		}
	}
}

// random returns numbers that depend on nothing but the seed, a name and a number.
func (o *oraRun) random(name string, n int) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(name))
	return rand.New(rand.NewPCG(o.seed^h.Sum64(), uint64(n)))
}

// one runs a case.
func (o *oraRun) one(tb testing.TB, n int) error {
	if set := n / oraPerData; o.data == nil || o.data.set != set {
		r := o.random("data", set)
		all := oraGroups()
		o.data = oraGenerate(r, all[set%len(all)])
		o.data.set, o.data.last = set, o.d.Postgres()
		o.d.Exec(tb, o.data.insert(r))
	}
	g := &oraGenerator{Rand: o.random("query", n), data: o.data}
	ctx := context.WithValue(tb.Context(), oraTenantKey{}, o.data.tenant)
	c := &oraCase{oraRun: o, ctx: ctx, tb: tb, spec: g.query(o.data.tables), g: g}
	c.q = c.spec.build()
	if err := c.check(); err != nil {
		return c.report(err)
	}
	if err := c.checkMore(); err != nil {
		return c.report(err)
	}
	return nil
}

// oraCase is one query on one data set.
type oraCase struct {
	*oraRun
	ctx  context.Context
	tb   testing.TB
	g    *oraGenerator
	spec *oraSpec
	q    oraQuery
}

func (c *oraCase) meet(what string, holds bool) {
	if holds {
		c.met[what]++
	}
}

// report describes the case around what went wrong.
func (c *oraCase) report(err error) error {
	explained, explainErr := c.q.explain(c.d.DB.Dialect())
	if explainErr != nil {
		explained = explainErr.Error()
	}
	return fmt.Errorf("%w\nquery:\n%s\nexplained:\n%s\nrows:\n%s", err, c.spec, explained, c.data)
}

// oraMismatch describes two answers that differ, long ones around the first difference.
func oraMismatch(what string, got, want any) error {
	const shown = 300
	a, isText := got.(string)
	b, _ := want.(string)
	at := 0
	for at < min(len(a), len(b)) && a[at] == b[at] {
		at++
	}
	if isText && at > shown {
		got, want = "…"+a[at-shown:min(at+shown, len(a))], "…"+b[at-shown:min(at+shown, len(b))]
	}
	return fmt.Errorf("%s differ\n got: %v\nwant: %v", what, got, want)
}

// check compares the answers of the library with those of the oracle, and with each other.
func (c *oraCase) check() error {
	rec := c.d.Record()
	rows, err := c.q.all(c.ctx, rec)
	if c.spec.refused() {
		c.meet("fan-out refused", true)
		if !errors.Is(err, dovetail.ErrFanOut) || len(rec.Stmts) > 0 {
			return fmt.Errorf("expected ErrFanOut and no statement, got %v and %d statements", err, len(rec.Stmts))
		}
		return nil
	}
	plans := oraPlansIn(c.spec)
	want := c.data.run(c.spec, c.data.rows[c.spec.table])
	c.count(want, plans)
	tree := &oraTree{data: c.data, spec: c.spec}
	expected := tree.rows(want, plans)
	if tree.several || tree.none {
		if err := c.checkFailure(tree, err); err != nil {
			return err
		}
	} else if err := c.checkRows(rows, err, expected, plans, rec); err != nil {
		return err
	}
	if err := c.checkNumbers(len(want)); err != nil {
		return err
	}
	if tree.several || tree.none {
		return nil
	}
	if c.g.chance(2) {
		if err := c.checkFolds(rows, plans); err != nil {
			return err
		}
	}
	return c.checkRelations(rows, want)
}

// checkFailure checks the error of a to-one relation that has several rows, or no row for a field that needs one.
func (c *oraCase) checkFailure(tree *oraTree, err error) error {
	c.meet("several rows", tree.several)
	c.meet("missing row", tree.none)
	if tree.several && errors.Is(err, dovetail.ErrTooManyRows) || tree.none && errors.Is(err, dovetail.ErrNoRows) {
		return nil
	}
	return fmt.Errorf("expected ErrTooManyRows (%t) or ErrNoRows (%t), got %v", tree.several, tree.none, err)
}

// checkRows compares rows and what is loaded onto them, and counts the statements that it took.
func (c *oraCase) checkRows(rows []reflect.Value, err error, expected []string, plans []*oraPlan, rec *kit.Recorder) error {
	if err != nil {
		return fmt.Errorf("the query failed: %w", err)
	}
	loaded := newOraLoaded()
	got := loaded.texts(c.spec.table, rows, plans)
	strangers := loaded.strangers()
	c.met["loaded"] += loaded.tracked[true]
	c.met["not loaded"] += loaded.tracked[false]
	if err := oraEqual("rows", got, expected, c.spec.total()); err != nil {
		return err
	}
	if len(strangers) > 0 {
		return fmt.Errorf("pointers back to an owner lead elsewhere: %v", strangers)
	}
	if c.spec.atOnce && strings.Contains(rec.Stmts[0].SQL, `"rows#1"`) {
		c.meet("one round trip", true)
		if rec.Trips != 1 || len(rec.Stmts) != 1 {
			return oraMismatch("round trips of one", rec.Trips, 1)
		}
		return nil
	}
	var sent, sentWant []string
	roots := 0
	for _, s := range rec.Stmts {
		switch {
		case s.Path != "":
			sent = append(sent, s.Path)
		case roots == 0:
			roots++
		case strings.Contains(s.SQL, "pg_attribute"):
			// the types of text keys are looked up in the catalog, once, along with the query
		default:
			sent = append(sent, "the query again: "+s.SQL)
		}
	}
	levels := map[int]bool{}
	oraEach(plans, func(p *oraPlan) {
		if p.sent {
			sentWant = append(sentWant, p.path)
			levels[p.level] = true
		}
	})
	slices.Sort(sent)
	slices.Sort(sentWant)
	if !slices.Equal(sent, sentWant) {
		return oraMismatch("preload statements", sent, sentWant)
	}
	if rec.Trips != 1+len(levels) {
		return oraMismatch("round trips", rec.Trips, 1+len(levels))
	}
	if c.spec.atOnce && (rec.Lookups() > 0 || !c.d.DB.Records()) {
		return nil // Explain does not know of the catalog, nor of the mode
	}
	return c.checkExplained(c.q, plans, rec)
}

// oraTexts returns the rows as the oracle writes them, and the paths of pointers that should lead to an owner and
// do not.
func oraTexts(t *oraTable, rows []reflect.Value, plans []*oraPlan) ([]string, []string) {
	loaded := newOraLoaded()
	texts := loaded.texts(t, rows, plans)
	return texts, loaded.strangers()
}

func (l *oraLoaded) texts(t *oraTable, rows []reflect.Value, plans []*oraPlan) []string {
	texts := make([]string, len(rows))
	for i, row := range rows {
		var b strings.Builder
		l.row(&b, t, row.Elem(), "", plans)
		texts[i] = b.String()
	}
	return texts
}

// oraEqual compares lists, in order or as multisets.
func oraEqual(what string, got, want []string, ordered bool) error {
	if !ordered {
		got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
	}
	for i := range max(len(got), len(want)) {
		g, w := "nothing", "nothing"
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if g != w {
			return oraMismatch(fmt.Sprintf("%s (%d for %d, the first at %d)", what, len(got), len(want), i), g, w)
		}
	}
	return nil
}

// checkNumbers compares Count and Exists with the number of rows.
func (c *oraCase) checkNumbers(rows int) error {
	n, err := c.q.count(c.ctx, c.d.DB)
	if err != nil {
		return fmt.Errorf("Count failed: %w", err)
	}
	if int(n) != rows {
		return oraMismatch("Count and the number of rows", n, rows)
	}
	found, err := c.q.exists(c.ctx, c.d.DB)
	if err != nil {
		return fmt.Errorf("Exists failed: %w", err)
	}
	if found != (rows > 0) {
		return oraMismatch("Exists and the rows", found, rows > 0)
	}
	return nil
}
