package relations_test

import (
	"fmt"
	"testing"

	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models"
)

// firstOne is a to-one relation that is the first of several rows, or goes along one: it is the same row in every use.
type firstOne[C any] struct {
	path    string
	related *dovetail.Table[C]
	get     func(*models.Worker) *C
	column  string // an integer one of the related table, which tells its rows
	value   func(*C) int64
	want    []int64 // for each of the workers; 0: none
	lookups int
}

func (f firstOne[C]) cases() []kit.Case {
	return []kit.Case{
		{Name: f.path + ": loaded", Run: f.loaded},
		{Name: f.path + ": joined", Run: f.joined},
		{Name: f.path + ": tested", Run: f.tested},
		{Name: f.path + ": chosen, then tested", Run: f.conditions},
	}
}

func (f firstOne[C]) check(t *testing.T, what string, rows []*models.Worker, want []int64) {
	t.Helper()
	kit.Same(t, what, kit.Pluck(rows, func(e *models.Worker) int64 {
		if row := f.get(e); row != nil {
			return f.value(row)
		}
		return 0
	}), want...)
}

// those returns what is wanted where the related row is one of these, as a load or as the workers that are left.
func (f firstOne[C]) those(is func(int64) bool) (loaded, ids []int64) {
	for i, v := range f.want {
		if loaded = append(loaded, 0); v != 0 && is(v) {
			loaded[i] = v
			ids = append(ids, int64(i+1))
		}
	}
	return loaded, ids
}

func workerIDs(t *testing.T, d kit.Database, what string, q dovetail.Query[*models.Worker], want ...int64) {
	t.Helper()
	db := d.Record()
	kit.Same(t, what, kit.Pluck(kit.All(t, db, q), func(e *models.Worker) int64 { return e.ID }), want...)
	db.Expect(t, 1, 1)
}

func (f firstOne[C]) loaded(t *testing.T, d kit.Database) {
	db := d.Record()
	f.check(t, "Preload", kit.All(t, db, models.WorkersQ().Preload(f.path)), f.want)
	db.Expect(t, 2+d.Lookups(f.lookups), 2)
	f.check(t, "Preload with a query", kit.All(t, d.DB, models.WorkersQ().Preload(f.path, dovetail.Select(f.related).OrderBy(f.column))), f.want)
	f.check(t, "Preload with a wide limit", kit.All(t, d.DB, models.WorkersQ().Preload(f.path, dovetail.Select(f.related).Limit(9))), f.want)
	f.check(t, "Preload past it", kit.All(t, d.DB, models.WorkersQ().Preload(f.path, dovetail.Select(f.related).Offset(1))), make([]int64, len(f.want)))
	f.check(t, "Fetch", kit.All(t, d.DB, models.WorkersQ().Fetch(f.path)), f.want)
	f.check(t, "Fetch beside a list", kit.All(t, d.DB, models.WorkersQ().Fetch(f.path).Fetch("salaries")), f.want)
	rows := kit.All(t, d.DB, models.WorkersQ())
	kit.Load(t, d.DB, models.Workers, rows, f.path)
	f.check(t, "Load", rows, f.want)
	tops := kit.All(t, d.DB, dovetail.Select(models.Workers).Where(sq.Eq{"boss_id": nil}).Preload("reports."+f.path))
	f.check(t, "below another", tops[0].Reports, f.want[1:3])
	tops = kit.All(t, d.DB, dovetail.Select(models.Workers).Where(sq.Eq{"boss_id": nil}).Fetch("reports."+f.path))
	f.check(t, "fetched below another", tops[0].Reports, f.want[1:3])
}

func (f firstOne[C]) joined(t *testing.T, d kit.Database) {
	_, ids := f.those(func(int64) bool { return true })
	workerIDs(t, d, "Join", models.WorkersQ().Join(f.path), ids...)
	workerIDs(t, d, "LeftJoin", models.WorkersQ().LeftJoin(f.path), 1, 2, 3, 4, 5)
	for _, v := range f.want {
		_, ids := f.those(func(other int64) bool { return other == v })
		if v != 0 {
			workerIDs(t, d, fmt.Sprintf("Where %d", v), models.WorkersQ().Where(sq.Eq{f.path + "." + f.column: v}), ids...)
		}
	}
	n, err := models.WorkersQ().LeftJoin(f.path).Count(t.Context(), d.DB)
	kit.NoError(t, err)
	kit.Equal(t, "count", n, 5)
	type pair struct{ ID, V int64 }
	got := kit.Collect[pair](t, d.DB, models.WorkersQ().OrderBy(f.path+"."+f.column).Columns("id").Column("coalesce("+f.path+"."+f.column+", 0) AS v"))
	values := make([]int64, len(f.want))
	for _, p := range got {
		values[p.ID-1] = p.V
	}
	kit.Same(t, "as a column", values, f.want...)
	rows := kit.All(t, d.DB, models.WorkersQ().With(dovetail.Max(f.path+"."+f.column).As("n")))
	kit.Same(t, "With", kit.Pluck(rows, func(e *models.Worker) int64 {
		if e.N == nil {
			return 0
		}
		return *e.N
	}), f.want...)
}

func (f firstOne[C]) tested(t *testing.T, d kit.Database) {
	_, ids := f.those(func(int64) bool { return true })
	var none []int64
	for i, v := range f.want {
		if v == 0 {
			none = append(none, int64(i+1))
		}
	}
	q := models.WorkersQ()
	workerIDs(t, d, "Has", q.Has(f.path), ids...)
	workerIDs(t, d, "HasNone", q.HasNone(f.path), none...)
	workerIDs(t, d, "HasAtLeast 1", q.HasAtLeast(1, f.path), ids...)
	workerIDs(t, d, "HasAtLeast 2", q.HasAtLeast(2, f.path))
	workerIDs(t, d, "HasEvery", q.HasEvery(f.path, sq.Expr("1 = 0")), none...)
	rows := kit.All(t, d.DB, q.With(dovetail.Count(f.path).As("n")))
	for i, e := range rows {
		kit.Equal(t, "Count", *e.N == 1, f.want[i] != 0)
	}
}

// conditions of a use test the row that was chosen, and choose no other.
func (f firstOne[C]) conditions(t *testing.T, d kit.Database) {
	for _, limit := range f.want {
		less := func(v int64) bool { return v < limit }
		loaded, ids := f.those(less)
		test := sq.Lt{f.column: limit}
		q := models.WorkersQ()
		workerIDs(t, d, "Has", q.Has(f.path, test), ids...)
		workerIDs(t, d, "Join", q.Join(f.path, test), ids...)
		workerIDs(t, d, "Where", q.Where(sq.Lt{f.path + "." + f.column: limit}), ids...)
		f.check(t, "Preload", kit.All(t, d.DB, q.Preload(f.path, dovetail.Select(f.related).Where(test))), loaded)
		f.check(t, "Preload with a limit", kit.All(t, d.DB, q.Preload(f.path, dovetail.Select(f.related).Where(test).Limit(1))), loaded)
		f.check(t, "Fetch", kit.All(t, d.DB, q.LeftJoin(f.path, test).Fetch(f.path)), loaded)
	}
}

// TestFirst runs the promises of to-one relations that are the first of several rows.
func TestFirst(t *testing.T) {
	t.Parallel()
	since := func(s *models.Salary) int64 { return s.Since }
	salary := func(path string, get func(*models.Worker) *models.Salary, want ...int64) []kit.Case {
		return firstOne[models.Salary]{path: path, related: models.Salaries, get: get, column: "since", value: since, want: want}.cases()
	}
	post := func(path string, get func(*models.Worker) *models.Stint, want ...int64) []kit.Case {
		return firstOne[models.Stint]{path: path, related: models.Stints, get: get, column: "id",
			value: func(p *models.Stint) int64 { return p.ID }, want: want}.cases()
	}
	worker := func(e *models.Worker) int64 { return e.ID }
	var cases []kit.Case
	for _, more := range [][]kit.Case{
		salary("current_salary", func(e *models.Worker) *models.Salary { return e.Current }, 30, 10, 25, 0, 0),
		salary("base_salary", func(e *models.Worker) *models.Salary { return e.Base }, 20, 10, 15, 0, 0),
		salary("early_salary", func(e *models.Worker) *models.Salary { return e.Early }, 10, 0, 25, 0, 0),
		post("post", func(e *models.Worker) *models.Stint { return e.Post }, 1, 3, 5, 7, 0),
		post("last_post", func(e *models.Worker) *models.Stint { return e.LastPost }, 2, 3, 6, 7, 0),
		firstOne[models.Dept]{path: "dept", related: models.Depts, get: func(e *models.Worker) *models.Dept { return e.Dept }, column: "id",
			value: func(d *models.Dept) int64 { return d.ID }, want: []int64{1, 2, 0, 3, 0}}.cases(),
		firstOne[models.Worker]{path: "chief", related: models.Workers, get: func(e *models.Worker) *models.Worker { return e.Chief },
			column: "id", value: worker, want: []int64{1, 0, 0, 3, 0}}.cases(),
		firstOne[models.Medal]{path: "top_medal", related: models.Medals, get: func(e *models.Worker) *models.Medal { return e.TopMedal },
			column: "id", value: func(b *models.Medal) int64 { return b.ID }, want: []int64{2, 4, 0, 0, 0}}.cases(),
		firstOne[models.Worker]{path: "first_report", related: models.Workers, get: func(e *models.Worker) *models.Worker { return e.Report },
			column: "id", value: worker, want: []int64{2, 4, 0, 0, 0}}.cases(),
		{
			{Name: "a list of first rows", Run: firstOfMany},
			{Name: "a tree along first rows", Run: firstInTree},
			{Name: "a scope that is lifted", Run: firstUnscoped},
			{Name: "first rows below first rows", Run: firstNested},
			{Name: "first rows by keys of text", Run: firstByText},
			{Name: "a path on which no row is missing", Run: throughRequired},
		},
	} {
		cases = append(cases, more...)
	}
	kit.RunCases(t, models.StaffDDL, cases)
}

// firstOfMany goes along people, to whom several ways lead, to the salary of each.
func firstOfMany(t *testing.T, d kit.Database) {
	name := func(s *models.Salary) string { return fmt.Sprintf("%d/%d", s.WorkerID, s.Since) }
	check := func(what string, rows []*models.Dept, want ...[]string) {
		t.Helper()
		for i, dept := range rows {
			kit.Same(t, what+" of "+dept.Name, kit.Pluck(dept.Current, name), want[i]...)
		}
	}
	q := dovetail.Select(models.Depts).OrderBy("id")
	all := [][]string{{"1/30", "3/25"}, {"1/30", "2/10"}, nil}
	check("Preload", kit.All(t, d.DB, q.Preload("current_salaries")), all...)
	check("Fetch", kit.All(t, d.DB, q.Fetch("current_salaries")), all...)
	check("a limit", kit.All(t, d.DB, q.Preload("current_salaries", dovetail.Select(models.Salaries).OrderBy("since").Limit(1))),
		[]string{"3/25"}, []string{"2/10"}, nil)
	check("a condition", kit.All(t, d.DB, q.Preload("current_salaries", dovetail.Select(models.Salaries).Where(sq.Lt{"since": 26}))),
		[]string{"3/25"}, []string{"2/10"}, nil)
	counts := kit.Collect[int64](t, d.DB, q.Columns().With(dovetail.Count("current_salaries").As("n")))
	kit.Same(t, "counts", counts, 2, 2, 0)
	names := func(q dovetail.Query[*models.Dept]) []string {
		return kit.Pluck(kit.All(t, d.DB, q), func(d *models.Dept) string { return d.Name })
	}
	kit.Same(t, "Has", names(q.Has("current_salaries", sq.Eq{"amount": 300})), "ops")
	kit.Same(t, "none of what is not current", names(q.Has("current_salaries", sq.Eq{"amount": 200})))
	kit.Same(t, "HasAtLeast", names(q.HasAtLeast(2, "current_salaries")), "dev", "ops")
	kit.Same(t, "the first by the whole key", names(q.Join("medal").Where(sq.Eq{"medal.id": []int{3, 5}})), "dev", "ops")
}

func firstInTree(t *testing.T, d kit.Database) {
	rows := kit.All(t, d.DB, models.WorkersQ().PreloadTree("first_report", 0))
	kit.Equal(t, "Ann's", rows[0].Report.Name, "Bob")
	kit.Equal(t, "Bob's", rows[0].Report.Report.Name, "Dan")
	if rows[0].Report.Report.Report != nil || rows[2].Report != nil {
		t.Error("expected no more")
	}
	rows = kit.All(t, d.DB, models.WorkersQ().Where(sq.Eq{"id": 4}).PreloadTree("chief", 2))
	kit.Equal(t, "Dan's chief", rows[0].Chief.Name, "Cat")
}

func firstUnscoped(t *testing.T, d kit.Database) {
	post := func(e *models.Worker) int64 {
		if e.Post == nil {
			return 0
		}
		return e.Post.ID
	}
	q := models.WorkersQ().UnscopedAt("post", "open")
	kit.Same(t, "Preload", kit.Pluck(kit.All(t, d.DB, q.Preload("post")), post), 1, 4, 5, 7, 9)
	kit.Same(t, "Fetch", kit.Pluck(kit.All(t, d.DB, q.Fetch("post")), post), 1, 4, 5, 7, 9)
	workerIDs(t, d, "Has", q.Has("post", sq.Eq{"id": []int{3, 4, 9}}), 2, 5)
}

func firstNested(t *testing.T, d kit.Database) {
	rows := kit.All(t, d.DB, models.WorkersQ().Preload("chief.current_salary").Preload("boss.post.dept"))
	kit.Equal(t, "of the chief", rows[3].Chief.Current.Since, 25)
	kit.Equal(t, "of the boss", rows[3].Boss.Post.Dept.Name, "ops")
	workerIDs(t, d, "Where", models.WorkersQ().Where(sq.Eq{"chief.current_salary.amount": 120}), 4)
	workerIDs(t, d, "Has", models.WorkersQ().Has("boss.post.dept", sq.Eq{"name": "dev"}), 2, 3)
	workerIDs(t, d, "Has in Has", models.WorkersQ().Has("boss", dovetail.Has("current_salary", sq.Gt{"amount": 100})), 4, 5)
}

// firstByText has a primary key of several columns, of which one is a text that the owner's key equals.
func firstByText(t *testing.T, d kit.Database) {
	type measure struct {
		Sensor string
		At     int64
		Value  *int64
	}
	type sensor struct {
		Name string
		Last *measure
		Top  *measure
	}
	r := dovetail.NewRegistry()
	sensors := dovetail.NewTable[sensor](r, "sensors", dovetail.PrimaryKey("name"))
	measures := dovetail.NewTable[measure](r, "measures", dovetail.PrimaryKey("sensor", "at"))
	dovetail.HasOne(sensors, "last", measures, dovetail.ForeignKey("sensor"), dovetail.OrderBy("at DESC"))
	dovetail.HasOne(sensors, "top", measures, dovetail.ForeignKey("sensor"), dovetail.OrderBy("value DESC NULLS LAST", "at"))
	at := func(m *measure) string {
		if m == nil {
			return ""
		}
		return fmt.Sprintf("%s%d", m.Sensor, m.At)
	}
	check := func(what string, rows []*sensor) {
		t.Helper()
		found := map[string]string{}
		for _, s := range rows {
			found[s.Name] = at(s.Last) + " " + at(s.Top)
		}
		kit.Equal(t, what, fmt.Sprint(found), "map[A:A2 A1 a:a3 a1 b: ]")
	}
	q := dovetail.Select(sensors)
	check("Preload", kit.All(t, d.DB, q.Preload("last").Preload("top")))
	some := dovetail.Select(measures).Where(sq.Gt{"at": 0})
	check("Preload with a condition", kit.All(t, d.DB, q.Preload("last", some).Preload("top", some)))
	check("Fetch", kit.All(t, d.DB, q.Fetch("last").Fetch("top")))
	kit.Same(t, "Has", kit.Pluck(kit.All(t, d.DB, q.Has("top", sq.Eq{"at": 1}).Has("last", sq.Eq{"at": 3})), func(s *sensor) string { return s.Name }), "a")
	kit.Equal(t, "Join", len(kit.All(t, d.DB, q.Join("last").Join("top"))), 2)
}

// throughRequired is held by value, and joined by an inner join where it is named, as no key on its path can be NULL.
func throughRequired(t *testing.T, d kit.Database) {
	type worker struct {
		ID   int64
		Name string
	}
	type salary struct {
		WorkerID, Since int64
		Payee           worker
	}
	r := dovetail.NewRegistry()
	workers := dovetail.NewTable[worker](r, "workers")
	salaries := dovetail.NewTable[salary](r, "salaries", dovetail.PrimaryKey("worker_id", "since"))
	dovetail.BelongsTo(salaries, "worker", workers, dovetail.ForeignKey("worker_id"))
	dovetail.BelongsTo(workers, "same", workers, dovetail.ForeignKey("id"))
	dovetail.HasOneThrough(salaries, "payee", workers, "worker.same")
	q := dovetail.Select(salaries).OrderBy("worker_id", "since")
	name := func(s *salary) string { return s.Payee.Name }
	kit.Same(t, "Preload", kit.Pluck(kit.All(t, d.DB, q.Where(sq.Lt{"worker_id": 4}).Preload("payee")), name), "Ann", "Ann", "Ann", "Bob", "Cat", "Cat")
	kit.Same(t, "Fetch", kit.Pluck(kit.All(t, d.DB, q.Where(sq.Lt{"worker_id": 3}).Fetch("payee")), name), "Ann", "Ann", "Ann", "Bob")
	kit.Equal(t, "named", len(kit.All(t, d.DB, q.OrderBy("payee.name"))), 6) // without that of worker 9, who is not there
	_, err := q.Preload("payee").All(t.Context(), d.DB)
	kit.Refused(t, err, dovetail.ErrNoRows, "pointer")
}
