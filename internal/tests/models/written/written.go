package written

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
)

// The models of writes: the readings' tables with keys that the database makes, and the shapes of key that inserts differ in.

type Account struct {
	ID         int64
	Owner      string
	Balance    int64
	CreatedAt  time.Time
	Activities []*Activity
}

type Activity struct {
	ID        int64
	AccountID int64
	Kind      string
	Amount    int64
	Doubled   int64
	Account   *Account
	Tags      []*Tag
	Notes     []Note
}

type Tag struct {
	ID         int64
	Name       string
	Activities []*Activity
}

type ActivityTag struct {
	ActivityID int64
	TagID      int64
}

type Student struct {
	ID      int64
	Name    string
	Courses []dovetail.Linked[Course, Enrollment]
	Pass    *Pass
}

type Course struct {
	ID       int64
	Title    string
	Students []*Student
}

type Enrollment struct {
	StudentID int64
	CourseID  int64
	Grade     sql.NullInt64
}

type Pass struct {
	ID        uuid.UUID
	StudentID *int64
	Holder    *Student
}

type Employee struct {
	ID      int64
	Name    string
	BossID  *int64
	TeamID  *int64
	Boss    *Employee
	Reports []*Employee
	Team    *Team
}

type Team struct {
	ID      int64
	Name    string
	LeadID  int64
	Lead    *Employee
	Members []*Employee
}

type Order struct {
	Region string
	Number int64
	Lines  []*Line
}

type Line struct {
	Region string
	Number int64
	No     int64
	Item   string
	Order  *Order
}

type Note struct {
	ID       int64
	ItemType string
	ItemID   int64
	Body     string
}

type Egg struct {
	ID    int64
	HenID int64
	Hen   *Hen
}

type Hen struct {
	ID    int64
	EggID int64
	Egg   *Egg
}

var (
	Schema       = dovetail.NewRegistry()
	Accounts     = dovetail.NewTable[Account](Schema, "accounts", dovetail.Default("balance", "7"), dovetail.Default("created_at", "now"))
	Activities   = dovetail.NewTable[Activity](Schema, "activity", dovetail.Generated("doubled", "amount * 2"))
	Tags         = dovetail.NewTable[Tag](Schema, "tags")
	ActivityTags = dovetail.NewTable[ActivityTag](Schema, "activity_tags", dovetail.PrimaryKey("activity_id", "tag_id"))
	Students     = dovetail.NewTable[Student](Schema, "students")
	Courses      = dovetail.NewTable[Course](Schema, "courses")
	Enrollments  = dovetail.NewTable[Enrollment](Schema, "enrollments", dovetail.PrimaryKey("student_id", "course_id"))
	Passes       = dovetail.NewTable[Pass](Schema, "passes")
	Employees    = dovetail.NewTable[Employee](Schema, "employees")
	Teams        = dovetail.NewTable[Team](Schema, "teams")
	Orders       = dovetail.NewTable[Order](Schema, "orders", dovetail.PrimaryKey("region", "number"))
	Lines        = dovetail.NewTable[Line](Schema, "lines", dovetail.PrimaryKey("region", "number", "no"))
	Notes        = dovetail.NewTable[Note](Schema, "notes")
	Eggs         = dovetail.NewTable[Egg](Schema, "eggs")
	Hens         = dovetail.NewTable[Hen](Schema, "hens")

	AccountActivities = dovetail.HasMany(Accounts, "activities", Activities, dovetail.ForeignKey("account_id"), dovetail.Inverse("account"))
	ActivityTagLinks  = dovetail.ManyToMany(Activities, "tags", Tags, ActivityTags, dovetail.ThroughKeys("activity_id", "tag_id"),
		dovetail.Inverse("activities"))
	ActivityNotes  = dovetail.MorphMany(Activities, "notes", Notes, dovetail.MorphKey("item_type", "item_id"), dovetail.MorphValue("activity"))
	StudentCourses = dovetail.ManyToMany(Students, "courses", Courses, Enrollments, dovetail.ThroughKeys("student_id", "course_id"),
		dovetail.Inverse("students"))
	StudentPass     = dovetail.HasOne(Students, "pass", Passes, dovetail.ForeignKey("student_id"), dovetail.Inverse("holder"))
	EmployeeReports = dovetail.HasMany(Employees, "reports", Employees, dovetail.ForeignKey("boss_id"), dovetail.Inverse("boss"))
	_               = dovetail.HasMany(Teams, "members", Employees, dovetail.ForeignKey("team_id"), dovetail.Inverse("team"))
	TeamLead        = dovetail.BelongsTo(Teams, "lead", Employees, dovetail.ForeignKey("lead_id"))
	OrderLines      = dovetail.HasMany(Orders, "lines", Lines, dovetail.ForeignKey("region", "number"), dovetail.Inverse("order"))
	_               = dovetail.BelongsTo(Eggs, "hen", Hens, dovetail.ForeignKey("hen_id"))
	_               = dovetail.BelongsTo(Hens, "egg", Eggs, dovetail.ForeignKey("egg_id"))
)

const DDL = `
CREATE TABLE accounts (id {key}, owner TEXT NOT NULL UNIQUE, balance BIGINT NOT NULL DEFAULT 7,
  created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE activity (id {key}, account_id BIGINT NOT NULL CONSTRAINT activity_account REFERENCES accounts (id),
  kind TEXT NOT NULL CONSTRAINT activity_kind CHECK (kind IN ('DEP', 'WD')), amount BIGINT NOT NULL,
  doubled BIGINT GENERATED ALWAYS AS (amount * 2) STORED);
CREATE TABLE tags (id {key}, name TEXT NOT NULL);
CREATE TABLE activity_tags (activity_id BIGINT NOT NULL REFERENCES activity (id), tag_id BIGINT NOT NULL REFERENCES tags (id),
  PRIMARY KEY (activity_id, tag_id));
CREATE TABLE students (id {key}, name TEXT NOT NULL);
CREATE TABLE courses (id {key}, title TEXT NOT NULL);
CREATE TABLE enrollments (student_id BIGINT NOT NULL REFERENCES students (id), course_id BIGINT NOT NULL REFERENCES courses (id),
  grade BIGINT, PRIMARY KEY (student_id, course_id));
CREATE TABLE passes (id {uuid} PRIMARY KEY, student_id BIGINT UNIQUE REFERENCES students (id));
CREATE TABLE employees (id {key}, name TEXT NOT NULL, boss_id BIGINT REFERENCES employees (id), team_id BIGINT);
CREATE TABLE teams (id {key}, name TEXT NOT NULL, lead_id BIGINT NOT NULL REFERENCES employees (id));
CREATE TABLE orders (region TEXT NOT NULL, number BIGINT NOT NULL, PRIMARY KEY (region, number));
CREATE TABLE lines (region TEXT NOT NULL, number BIGINT NOT NULL, no BIGINT NOT NULL, item TEXT NOT NULL,
  PRIMARY KEY (region, number, no), FOREIGN KEY (region, number) REFERENCES orders (region, number));
CREATE TABLE notes (id {key}, item_type TEXT NOT NULL, item_id BIGINT NOT NULL, body TEXT NOT NULL);
CREATE TABLE eggs (id {key}, hen_id BIGINT NOT NULL);
CREATE TABLE hens (id {key}, egg_id BIGINT NOT NULL REFERENCES eggs (id));
`

// Tables are the tables of wDDL, with the columns that tell the rows and their order.
var Tables = []string{
	"accounts: id, owner, balance", "activity: id, account_id, kind, amount", "tags: id, name", "activity_tags: activity_id, tag_id",
	"students: id, name", "courses: id, title", "enrollments: student_id, course_id, grade", "passes: id, student_id",
	"employees: id, name, boss_id, team_id", "teams: id, name, lead_id", "orders: region, number", "lines: region, number, no, item",
	"notes: id, item_type, item_id, body", "eggs: id, hen_id", "hens: id, egg_id",
}

// OnEvery runs the test on both databases by pool, connection and transaction, each with the tables of writes.
func OnEvery(t *testing.T, test func(t *testing.T, d kit.Database)) {
	t.Helper()
	kit.OnEvery(t, "SELECT 1", func(t *testing.T, d kit.Database) {
		if !d.Postgres() && !strings.HasSuffix(d.Name, "/tx") {
			d.Exec(t, "PRAGMA foreign_keys = ON")
		}
		d.Exec(t, DDLFor(d))
		test(t, d)
	})
}

func DDLFor(d kit.Database) string { return WithKeys(d, DDL) }

// WithKeys puts the database's types of keys into the text that makes tables.
func WithKeys(d kit.Database, ddl string) string {
	if d.Postgres() {
		return strings.NewReplacer("{key}", "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY", "{uuid}", "UUID").Replace(ddl)
	}
	return strings.NewReplacer("{key}", "INTEGER PRIMARY KEY", "{uuid}", "BLOB").Replace(ddl)
}

// Dump returns the rows of the tables that are not empty, one line each.
func Dump(t *testing.T, d kit.Database, tables ...string) string {
	t.Helper()
	var b strings.Builder
	for _, spec := range Tables {
		table, columns, _ := strings.Cut(spec, ": ")
		if len(tables) > 0 && !slices.Contains(tables, table) {
			continue
		}
		names := strings.Split(columns, ", ")
		for i, name := range names {
			names[i] = fmt.Sprintf("coalesce(CAST(%s AS TEXT), 'NULL')", name)
		}
		stmt := dialect.Statement{SQL: "SELECT " + strings.Join(names, ", ") + " FROM " + table + " ORDER BY " + columns}
		err := d.DB.Run(t.Context(), []dialect.Statement{stmt}, func(_ int, rows dialect.Rows) error {
			values, dests := make([]string, len(names)), make([]any, len(names))
			for i := range values {
				dests[i] = &values[i]
			}
			for rows.Next() {
				if err := rows.Scan(dests...); err != nil {
					return err
				}
				fmt.Fprintf(&b, "%s %s\n", table, strings.Join(values, " "))
			}
			return rows.Err()
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

// ExpectDump fails the test unless the tables hold these rows.
func ExpectDump(t *testing.T, d kit.Database, want ...string) {
	t.Helper()
	if got, want := Dump(t, d), strings.Join(append(want, ""), "\n"); got != want {
		t.Errorf("expected\n%sgot\n%s", want, got)
	}
}

// Filled makes three accounts with activities.
func Filled(t *testing.T, d kit.Database) {
	t.Helper()
	kit.Insert(t, d.DB, dovetail.Insert(Accounts,
		&Account{Owner: "Ann", Balance: 10, Activities: []*Activity{{Kind: "DEP", Amount: 10}, {Kind: "WD", Amount: 900}}},
		&Account{Owner: "Bob", Balance: 20, Activities: []*Activity{{Kind: "DEP", Amount: 20}}},
		&Account{Owner: "Cat", Balance: 30},
	).With("activities"))
}
