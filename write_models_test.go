package dovetail_test

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
)

// The models of writes: the readings' tables with keys that the database makes, and the shapes of key that inserts differ in.
type (
	wAccount struct {
		ID         int64
		Owner      string
		Balance    int64
		CreatedAt  time.Time
		Activities []*wActivity
	}

	wActivity struct {
		ID        int64
		AccountID int64
		Kind      string
		Amount    int64
		Doubled   int64
		Account   *wAccount
		Tags      []*wTag
		Notes     []wNote
	}

	wTag struct {
		ID         int64
		Name       string
		Activities []*wActivity
	}

	wActivityTag struct {
		ActivityID int64
		TagID      int64
	}

	wStudent struct {
		ID      int64
		Name    string
		Courses []dovetail.Linked[wCourse, wEnrollment]
		Pass    *wPass
	}

	wCourse struct {
		ID       int64
		Title    string
		Students []*wStudent
	}

	wEnrollment struct {
		StudentID int64
		CourseID  int64
		Grade     sql.NullInt64
	}

	wPass struct {
		ID        uuid.UUID
		StudentID *int64
		Holder    *wStudent
	}

	wEmployee struct {
		ID      int64
		Name    string
		BossID  *int64
		TeamID  *int64
		Boss    *wEmployee
		Reports []*wEmployee
		Team    *wTeam
	}

	wTeam struct {
		ID      int64
		Name    string
		LeadID  int64
		Lead    *wEmployee
		Members []*wEmployee
	}

	wOrder struct {
		Region string
		Number int64
		Lines  []*wLine
	}

	wLine struct {
		Region string
		Number int64
		No     int64
		Item   string
		Order  *wOrder
	}

	wNote struct {
		ID       int64
		ItemType string
		ItemID   int64
		Body     string
	}

	wEgg struct {
		ID    int64
		HenID int64
		Hen   *wHen
	}

	wHen struct {
		ID    int64
		EggID int64
		Egg   *wEgg
	}
)

var (
	wSchema      = dovetail.NewRegistry()
	wAccounts    = dovetail.NewTable[wAccount](wSchema, "accounts", dovetail.Default("balance", "7"), dovetail.Default("created_at", "now"))
	wActivities  = dovetail.NewTable[wActivity](wSchema, "activity", dovetail.Generated("doubled", "amount * 2"))
	wTags        = dovetail.NewTable[wTag](wSchema, "tags")
	wActTags     = dovetail.NewTable[wActivityTag](wSchema, "activity_tags", dovetail.PrimaryKey("activity_id", "tag_id"))
	wStudents    = dovetail.NewTable[wStudent](wSchema, "students")
	wCourses     = dovetail.NewTable[wCourse](wSchema, "courses")
	wEnrollments = dovetail.NewTable[wEnrollment](wSchema, "enrollments", dovetail.PrimaryKey("student_id", "course_id"))
	wPasses      = dovetail.NewTable[wPass](wSchema, "passes")
	wEmployees   = dovetail.NewTable[wEmployee](wSchema, "employees")
	wTeams       = dovetail.NewTable[wTeam](wSchema, "teams")
	wOrders      = dovetail.NewTable[wOrder](wSchema, "orders", dovetail.PrimaryKey("region", "number"))
	wLines       = dovetail.NewTable[wLine](wSchema, "lines", dovetail.PrimaryKey("region", "number", "no"))
	wNotes       = dovetail.NewTable[wNote](wSchema, "notes")
	wEggs        = dovetail.NewTable[wEgg](wSchema, "eggs")
	wHens        = dovetail.NewTable[wHen](wSchema, "hens")

	wAccountActivities = dovetail.HasMany(wAccounts, "activities", wActivities, dovetail.ForeignKey("account_id"), dovetail.Inverse("account"))
	wActivityTagLinks  = dovetail.ManyToMany(wActivities, "tags", wTags, wActTags, dovetail.ThroughKeys("activity_id", "tag_id"),
		dovetail.Inverse("activities"))
	wActivityNotes  = dovetail.MorphMany(wActivities, "notes", wNotes, dovetail.MorphKey("item_type", "item_id"), dovetail.MorphValue("activity"))
	wStudentCourses = dovetail.ManyToMany(wStudents, "courses", wCourses, wEnrollments, dovetail.ThroughKeys("student_id", "course_id"),
		dovetail.Inverse("students"))
	wStudentPass     = dovetail.HasOne(wStudents, "pass", wPasses, dovetail.ForeignKey("student_id"), dovetail.Inverse("holder"))
	wEmployeeReports = dovetail.HasMany(wEmployees, "reports", wEmployees, dovetail.ForeignKey("boss_id"), dovetail.Inverse("boss"))
	_                = dovetail.HasMany(wTeams, "members", wEmployees, dovetail.ForeignKey("team_id"), dovetail.Inverse("team"))
	wTeamLead        = dovetail.BelongsTo(wTeams, "lead", wEmployees, dovetail.ForeignKey("lead_id"))
	wOrderLines      = dovetail.HasMany(wOrders, "lines", wLines, dovetail.ForeignKey("region", "number"), dovetail.Inverse("order"))
	_                = dovetail.BelongsTo(wEggs, "hen", wHens, dovetail.ForeignKey("hen_id"))
	_                = dovetail.BelongsTo(wHens, "egg", wEggs, dovetail.ForeignKey("egg_id"))
)

const wDDL = `
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

// wTables are the tables of wDDL, with the columns that tell the rows and their order.
var wTables = []string{
	"accounts: id, owner, balance", "activity: id, account_id, kind, amount", "tags: id, name", "activity_tags: activity_id, tag_id",
	"students: id, name", "courses: id, title", "enrollments: student_id, course_id, grade", "passes: id, student_id",
	"employees: id, name, boss_id, team_id", "teams: id, name, lead_id", "orders: region, number", "lines: region, number, no, item",
	"notes: id, item_type, item_id, body", "eggs: id, hen_id", "hens: id, egg_id",
}

// onWrites runs the test on both databases by pool, connection and transaction, each with the tables of writes.
func onWrites(t *testing.T, test func(t *testing.T, d database)) {
	t.Helper()
	onEvery(t, "SELECT 1", func(t *testing.T, d database) {
		if !d.postgres() && !strings.HasSuffix(d.name, "/tx") {
			d.exec(t, "PRAGMA foreign_keys = ON")
		}
		d.exec(t, wDDLFor(d))
		test(t, d)
	})
}

func wDDLFor(d database) string { return withKeys(d, wDDL) }

// withKeys puts the database's types of keys into the text that makes tables.
func withKeys(d database, ddl string) string {
	if d.postgres() {
		return strings.NewReplacer("{key}", "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY", "{uuid}", "UUID").Replace(ddl)
	}
	return strings.NewReplacer("{key}", "INTEGER PRIMARY KEY", "{uuid}", "BLOB").Replace(ddl)
}

// dump returns the rows of the tables that are not empty, one line each.
func dump(t *testing.T, d database, tables ...string) string {
	t.Helper()
	var b strings.Builder
	for _, spec := range wTables {
		table, columns, _ := strings.Cut(spec, ": ")
		if len(tables) > 0 && !slices.Contains(tables, table) {
			continue
		}
		names := strings.Split(columns, ", ")
		for i, name := range names {
			names[i] = fmt.Sprintf("coalesce(CAST(%s AS TEXT), 'NULL')", name)
		}
		stmt := dialect.Statement{SQL: "SELECT " + strings.Join(names, ", ") + " FROM " + table + " ORDER BY " + columns}
		err := d.db.Run(t.Context(), []dialect.Statement{stmt}, func(_ int, rows dialect.Rows) error {
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

// expectDump fails the test unless the tables hold these rows.
func expectDump(t *testing.T, d database, want ...string) {
	t.Helper()
	if got, want := dump(t, d), strings.Join(append(want, ""), "\n"); got != want {
		t.Errorf("expected\n%sgot\n%s", want, got)
	}
}
