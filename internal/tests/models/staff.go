package models

import (
	sq "github.com/Masterminds/squirrel"

	"github.com/dovetail-go/dovetail"
)

// The models of to-one relations that are the first of several rows, and of those along others: workers have a salary that is
// the current one, a post in a department, medals of which one is the highest, and reports.

type Worker struct {
	ID     int64
	BossID *int64
	Name   string
	N      *int64 `db:"n,computed"`

	Salaries []*Salary
	Current  *Salary `rel:"current_salary"`
	Base     *Salary `rel:"base_salary"`
	Early    *Salary `rel:"early_salary"`
	Posts    []*Stint
	Post     *Stint
	LastPost *Stint
	Dept     *Dept
	Chief    *Worker
	TopMedal *Medal
	Reports  []*Worker
	Boss     *Worker
	Report   *Worker `rel:"first_report"`
}

// Salary has a key that begins with that of its worker.
type Salary struct {
	WorkerID int64
	Since    int64
	Amount   int64
	Kind     string
	Worker   *Worker
}

// Stint is a place in a department.
type Stint struct {
	ID       int64
	WorkerID *int64
	DeptID   *int64
	Rank     *int64
	EndedAt  *string
	Worker   *Worker
	Dept     *Dept
}

type Dept struct {
	ID      int64
	ChiefID *int64
	Name    string
	Chief   *Worker
	People  []*Worker
	Current []*Salary `rel:"current_salaries"`
	Medal   *Medal
}

type Medal struct {
	ID       int64
	ItemType string
	ItemID   int64
	Level    int64
}

var (
	Staff = dovetail.NewRegistry()

	Workers  = dovetail.NewTable[Worker](Staff, "workers")
	Salaries = dovetail.NewTable[Salary](Staff, "salaries", dovetail.PrimaryKey("worker_id", "since"))
	Stints   = dovetail.NewTable[Stint](Staff, "stints", dovetail.Scope("open", sq.Eq{"ended_at": nil}))
	Depts    = dovetail.NewTable[Dept](Staff, "depts")
	Medals   = dovetail.NewTable[Medal](Staff, "medals")

	WorkerSalaries = dovetail.HasMany(Workers, "salaries", Salaries, dovetail.ForeignKey("worker_id"), dovetail.Inverse("worker"))
	CurrentSalary  = dovetail.HasOne(Workers, "current_salary", Salaries, dovetail.ForeignKey("worker_id"),
		dovetail.OrderBy("since DESC"))
	BaseSalary = dovetail.HasOne(Workers, "base_salary", Salaries, dovetail.ForeignKey("worker_id"),
		dovetail.Where(sq.Eq{"kind": "base"}), dovetail.OrderBy("amount DESC"))
	EarlySalary = dovetail.HasOne(Workers, "early_salary", Salaries, dovetail.ForeignKey("worker_id"),
		dovetail.Where("self.since > outer.id * ?", 8), dovetail.OrderBy("since"))

	WorkerPosts = dovetail.HasMany(Workers, "posts", Stints, dovetail.ForeignKey("worker_id"), dovetail.Inverse("worker"))
	WorkerPost  = dovetail.HasOne(Workers, "post", Stints, dovetail.ForeignKey("worker_id"), dovetail.OrderBy("rank DESC NULLS LAST"))
	LastPost    = dovetail.HasOne(Workers, "last_post", Stints, dovetail.ForeignKey("worker_id"),
		dovetail.OrderBy("dept.name DESC NULLS LAST"))
	PostDept     = dovetail.BelongsTo(Stints, "dept", Depts, dovetail.ForeignKey("dept_id"))
	WorkerDept   = dovetail.HasOneThrough(Workers, "dept", Depts, "post.dept")
	WorkerChief  = dovetail.HasOneThrough(Workers, "chief", Workers, "dept.chief")
	DeptChief    = dovetail.BelongsTo(Depts, "chief", Workers, dovetail.ForeignKey("chief_id"))
	DeptPeople   = dovetail.ManyToMany(Depts, "people", Workers, Stints, dovetail.ThroughKeys("dept_id", "worker_id"))
	DeptSalaries = dovetail.HasManyThrough(Depts, "current_salaries", Salaries, "people.current_salary")

	TopMedal = dovetail.MorphOne(Workers, "top_medal", Medals, dovetail.MorphKey("item_type", "item_id"),
		dovetail.MorphValue("worker"), dovetail.OrderBy("level DESC"))
	DeptMedal = dovetail.MorphOne(Depts, "medal", Medals, dovetail.MorphKey("item_type", "item_id"),
		dovetail.MorphValue("dept"), dovetail.OrderBy("level DESC"))

	WorkerReports = dovetail.HasMany(Workers, "reports", Workers, dovetail.ForeignKey("boss_id"), dovetail.Inverse("boss"))
	FirstReport   = dovetail.HasOne(Workers, "first_report", Workers, dovetail.ForeignKey("boss_id"), dovetail.OrderBy("name"))
)

// StaffDDL is read by PostgreSQL and SQLite. Ann has two posts of one rank, Cat two without a rank; Bob's highest and Eve's only post
// are over; Dan and Eve have no salary.
const StaffDDL = `
CREATE TABLE workers (id BIGINT PRIMARY KEY, boss_id BIGINT, name TEXT NOT NULL);
CREATE TABLE salaries (worker_id BIGINT NOT NULL, since BIGINT NOT NULL, amount BIGINT NOT NULL, kind TEXT NOT NULL,
  PRIMARY KEY (worker_id, since));
CREATE TABLE stints (id BIGINT PRIMARY KEY, worker_id BIGINT, dept_id BIGINT, rank BIGINT, ended_at TEXT);
CREATE TABLE depts (id BIGINT PRIMARY KEY, chief_id BIGINT, name TEXT NOT NULL);
CREATE TABLE medals (id BIGINT PRIMARY KEY, item_type TEXT NOT NULL, item_id BIGINT NOT NULL, level BIGINT NOT NULL);
CREATE TABLE sensors (name TEXT PRIMARY KEY);
CREATE TABLE measures (sensor TEXT NOT NULL, at BIGINT NOT NULL, value BIGINT, PRIMARY KEY (sensor, at));
INSERT INTO sensors (name) VALUES ('a'), ('A'), ('b');
INSERT INTO measures (sensor, at, value) VALUES ('a', 1, 5), ('a', 2, NULL), ('a', 3, 5), ('A', 2, 1), ('A', 1, 9), ('c', 7, 7);
INSERT INTO workers (id, boss_id, name) VALUES (1, NULL, 'Ann'), (2, 1, 'Bob'), (3, 1, 'Cat'), (4, 2, 'Dan'), (5, 2, 'Eve');
INSERT INTO salaries (worker_id, since, amount, kind) VALUES (1, 10, 100, 'base'), (1, 30, 50, 'bonus'), (1, 20, 200, 'base'),
  (2, 10, 300, 'base'), (3, 25, 120, 'base'), (3, 15, 150, 'base'), (9, 10, 999, 'base');
INSERT INTO stints (id, worker_id, dept_id, rank, ended_at) VALUES (2, 1, 2, 5, NULL), (1, 1, 1, 5, NULL), (4, 2, 1, 9, 'over'),
  (3, 2, 2, 1, NULL), (6, 3, 1, NULL, NULL), (5, 3, NULL, NULL, NULL), (7, 4, 3, 2, NULL), (8, NULL, 1, 9, NULL), (9, 5, 1, 1, 'over');
INSERT INTO depts (id, chief_id, name) VALUES (1, 1, 'dev'), (2, NULL, 'ops'), (3, 3, 'old');
INSERT INTO medals (id, item_type, item_id, level) VALUES (1, 'worker', 1, 3), (2, 'worker', 1, 7), (3, 'dept', 1, 9),
  (4, 'worker', 2, 1), (5, 'dept', 2, 1), (6, 'dept', 2, 1);
`

func WorkersQ() dovetail.Query[*Worker] { return dovetail.Select(Workers).OrderBy("id") }
