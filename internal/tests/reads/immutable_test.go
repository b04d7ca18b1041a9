package reads_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// branch is one way to extend a query, and what it must become.
type branch struct {
	name   string
	extend func(q dovetail.Query[*models.Account], n int) dovetail.Query[*models.Account]
}

// branches has every method of a Query.
func branches() []branch {
	type query = dovetail.Query[*models.Account]
	return []branch{
		{"Join", func(q query, _ int) query { return q.Join("activities.account") }},
		{"Join on", func(q query, n int) query { return q.Join("activities", sq.Eq{"amount": n}) }},
		{"LeftJoin", func(q query, _ int) query { return q.LeftJoin("activities") }},
		{"Where", func(q query, n int) query { return q.Where(sq.Eq{"balance": n}) }},
		{"Where text", func(q query, n int) query { return q.Where("balance > ?", n) }},
		{"Has", func(q query, n int) query { return q.Has("activities", sq.Gt{"amount": n}) }},
		{"HasNone", func(q query, n int) query { return q.HasNone("activities", sq.Gt{"amount": n}) }},
		{"HasEvery", func(q query, n int) query { return q.HasEvery("activities", sq.Gt{"amount": n}) }},
		{"HasAtLeast", func(q query, n int) query { return q.HasAtLeast(n+1, "activities") }},
		{"HasAll", func(q query, n int) query { return q.HasAll("activities", n, n+1) }},
		{"With", func(q query, n int) query {
			return q.With(dovetail.Count("activities").Where(sq.Gt{"amount": n}).As("n"))
		}},
		{"From", func(q query, n int) query { return q.From("SELECT * FROM accounts WHERE id <> ?", n) }},
		{"Snapshot", func(q query, _ int) query { return q.Snapshot() }},
		{"OneRoundTrip", func(q query, _ int) query { return q.OneRoundTrip() }},
		{"Distinct", func(q query, _ int) query { return q.Distinct() }},
		{"OrderBy", func(q query, n int) query { return q.OrderBy([]string{"owner", "email"}[n%2] + " DESC") }},
		{"OrderByClause", func(q query, n int) query { return q.OrderByClause("balance + ?", n) }},
		{"Limit", func(q query, n int) query { return q.Limit(n) }},
		{"Offset", func(q query, n int) query { return q.Offset(n) }},
		{"After", func(q query, n int) query { return q.After(n) }},
		{"Before", func(q query, n int) query { return q.Before(n) }},
		{"Columns", func(q query, n int) query { return q.Columns([]string{"owner", "email"}[n%2]) }},
		{"Column", func(q query, n int) query { return q.Column("balance + ? AS more", n) }},
		{"GroupBy", func(q query, _ int) query { return q.GroupBy("id") }},
		{"GroupBy Having", func(q query, n int) query { return q.GroupBy("id", "owner").Having("balance > ?", n) }},
		{"ForUpdate", func(q query, _ int) query { return q.ForUpdate() }},
		{"ForNoKeyUpdate", func(q query, _ int) query { return q.ForNoKeyUpdate() }},
		{"ForShare", func(q query, _ int) query { return q.ForShare() }},
		{"ForKeyShare", func(q query, _ int) query { return q.ForKeyShare() }},
		{"SkipLocked", func(q query, _ int) query { return q.ForUpdate().SkipLocked() }},
		{"NoWait", func(q query, _ int) query { return q.ForUpdate().NoWait() }},
		{"Preload", func(q query, _ int) query { return q.Preload("activities") }},
		{"Preload a query", func(q query, n int) query {
			return q.Preload("activities", dovetail.Select(models.Activities).Limit(n+1))
		}},
		{"Fetch", func(q query, _ int) query { return q.Fetch("activities") }},
		{"Fetch several", func(q query, _ int) query { return q.Fetch("activities.account", "activities") }},
		{"PreloadTree", func(q query, n int) query {
			return q.PreloadTree([]string{"activities", "activities.account"}[n%2], n) // a mistake that names the path
		}},
		{"Unscoped", func(q query, n int) query { return q.Unscoped([]string{"one", "two"}[n%2]) }}, // mistakes that name the scope
		{"UnscopedAt", func(q query, n int) query { return q.UnscopedAt("activities", []string{"one", "two"}[n%2]) }},
		{"a mistake", func(q query, _ int) query { return q.Limit(-1) }},
	}
}

func TestEveryMethodOfAQueryHasABranch(t *testing.T) {
	t.Parallel()
	covered := map[string]bool{}
	for _, b := range branches() {
		method, _, _ := strings.Cut(b.name, " ")
		covered[method] = true
	}
	covered["Having"] = true // beside GroupBy
	typ := reflect.TypeFor[dovetail.Query[*models.Account]]()
	extending := 0
	for i := range typ.NumMethod() {
		m := typ.Method(i)
		if m.Type.NumOut() != 1 || m.Type.Out(0) != typ {
			continue
		}
		extending++
		if !covered[m.Name] {
			t.Errorf("no branch calls %s", m.Name)
		}
	}
	if extending < 15 {
		t.Errorf("only %d methods return a query", extending)
	}
}

// shown is all there is to see of a query.
func shown(q dovetail.Query[*models.Account]) string {
	text, args, err := q.SQL(postgres.Dialect)
	if err != nil {
		return err.Error()
	}
	explained, err := q.Explain(postgres.Dialect)
	return fmt.Sprintf("%s %v %s %v", text, args, explained, err)
}

// bases are queries whose lists have room to grow in place, if a method would use it.
func bases() map[string]dovetail.Query[*models.Account] {
	plain := dovetail.Select(models.Accounts)
	grown := plain
	for i := range 5 {
		grown = grown.Where(sq.GtOrEq{"id": i}).OrderBy("id").Columns("id").Column("id + ? AS more", i).
			Preload("activities.account").GroupBy("id").Having("id > ?", i)
	}
	return map[string]dovetail.Query[*models.Account]{"plain": plain, "grown": grown}
}

// TestABaseQueryIsSharedByGoroutines extends one query in every way from 50 goroutines. Each gets what it would have got
// alone, and the base stays what it was. It says most under the race detector.
func TestABaseQueryIsSharedByGoroutines(t *testing.T) {
	t.Parallel()
	for name, base := range bases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := shown(base)
			alone := map[string]string{}
			for _, b := range branches() {
				for n := range 50 {
					alone[b.name+strconv.Itoa(n)] = shown(b.extend(bases()[name], n))
				}
			}
			var group sync.WaitGroup
			for n := range 50 {
				group.Add(1)
				go func() {
					defer group.Done()
					for _, b := range branches() {
						if got, want := shown(b.extend(base, n)), alone[b.name+strconv.Itoa(n)]; got != want {
							t.Errorf("%s in goroutine %d: expected %s, got %s", b.name, n, want, got)
						}
					}
				}()
			}
			group.Wait()
			if after := shown(base); after != before {
				t.Errorf("the base was %s\nand became %s", before, after)
			}
		})
	}
}

// TestSiblingsDoNotSeeEachOther extends one query twice by the same method, the second time after the first.
func TestSiblingsDoNotSeeEachOther(t *testing.T) {
	t.Parallel()
	for name, base := range bases() {
		for _, b := range branches() {
			one := b.extend(base, 1)
			before := shown(one)
			two := b.extend(base, 2)
			if after := shown(one); after != before {
				t.Errorf("%s, %s: the first was %s\nand became %s", name, b.name, before, after)
			}
			if again := shown(b.extend(base, 2)); again != shown(two) {
				t.Errorf("%s, %s: extended again, it is another: %s", name, b.name, again)
			}
		}
	}
}

// TestArgumentsAreReadOnce changes what a query was given after it was given.
func TestArgumentsAreReadOnce(t *testing.T) {
	t.Parallel()
	eq, ids, columns := sq.Eq{"owner": "a"}, []int64{1, 2}, []string{"id", "owner"}
	preds := []sq.Sqlizer{sq.Eq{"amount": 1}}
	and := sq.And{sq.Eq{"id": 5}}
	args := []any{1, 2}
	id := int64(7)
	q := dovetail.Select(models.Accounts).Columns(columns...).Where(eq).Where(sq.Eq{"id": ids}).Where(and).Where(sq.Eq{"id": &id}).
		Where("balance IN (?, ?)", args...).Has("activities", preds...).GroupBy(columns...).OrderBy(columns...)
	before := shown(q)
	eq["owner"], eq["email"], ids[0], columns[0], args[0] = "b", "c", 9, "email", 9
	preds[0], and[0] = sq.Eq{"amount": 2}, sq.Eq{"id": 6}
	if after := shown(q); after != before {
		t.Errorf("the query was %s\nand became %s", before, after)
	}
}

// TestReturnedArgumentsBelongToTheCaller changes what SQL and ToSql returned.
func TestReturnedArgumentsBelongToTheCaller(t *testing.T) {
	t.Parallel()
	q := dovetail.Select(models.Accounts).Where(sq.Eq{"owner": "a"}).Where("balance = ?", 1).Where(sq.Eq{"id": []int64{1, 2}})
	before := shown(q)
	_, args, err := q.SQL(postgres.Dialect)
	if err != nil {
		t.Fatal(err)
	}
	for i := range args {
		args[i] = "changed"
	}
	if after := shown(q); after != before {
		t.Errorf("the query was %s\nand became %s", before, after)
	}
}

type raceNode struct {
	ID       int64
	ParentID *int64
	Parent   *raceNode
	Children []*raceNode
}

// TestARegistryIsFirstUsedByManyGoroutines lets 100 goroutines freeze it at once, some of which declare too late.
func TestARegistryIsFirstUsedByManyGoroutines(t *testing.T) {
	t.Parallel()
	for _, late := range []bool{false, true} {
		r := dovetail.NewRegistry()
		nodes := dovetail.NewTable[raceNode](r, "nodes")
		dovetail.HasMany(nodes, "children", nodes, dovetail.ForeignKey("parent_id"), dovetail.Inverse("parent"))
		want := `SELECT "nodes"."id", "nodes"."parent_id" FROM "nodes" JOIN "nodes" AS "children" ON "children"."parent_id" = "nodes"."id"`
		start := make(chan struct{})
		var group sync.WaitGroup
		for n := range 100 {
			group.Add(1)
			go func() {
				defer group.Done()
				<-start
				if late && n%10 == 0 {
					if err := r.Validate(); err == nil {
						dovetail.NewTable[models.Tag](r, "late"+strconv.Itoa(n))
					}
				}
				text, _, err := dovetail.Select(nodes).Join("children").Preload("parent").SQL(postgres.Dialect)
				if err != nil && !(late && errors.Is(err, dovetail.ErrFrozen)) || err == nil && text != want {
					t.Errorf("goroutine %d: got %s, %v", n, text, err)
				}
			}()
		}
		close(start)
		group.Wait()
		if err := r.Validate(); late != errors.Is(err, dovetail.ErrFrozen) {
			t.Errorf("declared late: %t, and Validate says %v", late, err)
		}
	}
}

// The structs and names that FuzzDeclare picks from: few, so that they meet often.

type fuzzA struct {
	ID    int64
	AID   *int64
	BID   int64
	Name  string
	Items []*fuzzB
	One   *fuzzB `rel:"one"`
}

type fuzzB struct {
	ID   int64
	AID  int64 `db:"a_id"`
	Code string
	Data map[string]any
	A    *fuzzA
	Self []fuzzB `rel:"self"`
}

type fuzzC struct {
	AID  int64 `db:"a_id"`
	BID  int64 `db:"b_id"`
	Note chan int
}

type fuzzD struct {
	AID int64 `db:"a_id"`
	BID int64 `db:"b_id"`
}

var fuzzNames = []string{
	"id", "a_id", "aid", "b_id", "bid", "name", "code", "data", "items", "one", "a", "self", "", "a.b", "é", "\x00", "x\xff", "tables",
}

// FuzzDeclare makes declarations of random contents in random order: whatever they are, Validate returns, says the same
// again, and a query returns what it says.
func FuzzDeclare(f *testing.F) {
	for seed := range uint64(64) {
		f.Add(seed, uint8(seed))
	}
	f.Fuzz(func(t *testing.T, seed uint64, size uint8) {
		random := rand.New(rand.NewPCG(seed, uint64(size)))
		r := dovetail.NewRegistry()
		d := &fuzzDeclarer{r: r, random: random}
		d.declare(int(size % 12))
		err := r.Validate()
		again := r.Validate()
		if (err == nil) != (again == nil) || err != nil && err.Error() != again.Error() {
			t.Fatalf("seed %d, size %d: %v, and then %v", seed, size, err, again)
		}
		if err != nil {
			kit.CheckErrorText(t, err)
		}
		if d.a == nil {
			return
		}
		_, _, err2 := dovetail.Select(d.a).SQL(postgres.Dialect)
		if err != nil && (err2 == nil || err2.Error() != err.Error()) {
			t.Errorf("seed %d, size %d: Validate says %v, a query %v", seed, size, err, err2)
		}
		if err == nil && err2 != nil {
			t.Errorf("seed %d, size %d: the registry is valid, and a query says %v", seed, size, err2)
		}
	})
}

type fuzzDeclarer struct {
	r      *dovetail.Registry
	random *rand.Rand
	a      *dovetail.Table[fuzzA]
	b      *dovetail.Table[fuzzB]
	c      *dovetail.Table[fuzzC]
	d      *dovetail.Table[fuzzD]
}

func (f *fuzzDeclarer) name() string { return fuzzNames[f.random.IntN(len(fuzzNames))] }

func (f *fuzzDeclarer) names() []string {
	names := make([]string, f.random.IntN(3))
	for i := range names {
		names[i] = f.name()
	}
	return names
}

// declare makes n declarations. Tables that are still missing stay nil, for relations to be declared on.
func (f *fuzzDeclarer) declare(n int) {
	for range n {
		opts := f.options()
		switch f.random.IntN(10) {
		case 0:
			f.a = dovetail.NewTable[fuzzA](f.r, "a", f.tableOptions()...)
		case 1:
			f.b = dovetail.NewTable[fuzzB](f.r, "tables", f.tableOptions()...)
		case 2:
			f.c = dovetail.NewTable[fuzzC](f.r, f.name(), f.tableOptions()...)
		case 3:
			f.d = dovetail.NewTable[fuzzD](f.r, "d", f.tableOptions()...)
		case 4:
			dovetail.HasMany(f.a, f.name(), f.b, opts...)
		case 5:
			dovetail.HasOne(f.a, f.name(), f.b, opts...)
		case 6:
			dovetail.BelongsTo(f.b, f.name(), f.a, opts...)
		case 7:
			dovetail.HasMany(f.b, f.name(), f.b, opts...)
		case 8:
			dovetail.ManyToMany(f.a, f.name(), f.b, f.d, opts...)
		case 9:
			dovetail.ManyToMany(f.b, f.name(), f.a, f.c, opts...)
		}
	}
}

func (f *fuzzDeclarer) tableOptions() []dovetail.TableOption {
	switch f.random.IntN(6) {
	case 0:
		return []dovetail.TableOption{dovetail.PrimaryKey(f.names()...)}
	case 1:
		return []dovetail.TableOption{dovetail.Schema(f.name())}
	}
	return nil
}

func (f *fuzzDeclarer) options() []dovetail.RelationOption {
	all := []dovetail.RelationOption{
		dovetail.ForeignKey("a_id"), dovetail.ForeignKey(f.names()...), dovetail.References(f.names()...),
		dovetail.Inverse(f.name()), dovetail.Field(f.name()), dovetail.ThroughKeys("a_id", "b_id"),
		dovetail.ThroughKeys(f.names(), f.names()),
	}
	f.random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:f.random.IntN(4)]
}
