package dovetail_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

// schoolDB returns a database with the student Sue and the courses Art, Bio and Chem.
func schoolDB() (db dovetail.DB, sue *written.Student, courses []*written.Course, done func()) {
	db, done = writesDB()
	sue, courses = &written.Student{Name: "Sue"}, []*written.Course{{Title: "Art"}, {Title: "Bio"}, {Title: "Chem"}}
	if err := dovetail.Insert(written.Students, sue).Exec(context.Background(), db); err != nil {
		log.Fatal(err)
	}
	if err := dovetail.Insert(written.Courses, courses...).Exec(context.Background(), db); err != nil {
		log.Fatal(err)
	}
	return db, sue, courses, done
}

const enrollmentLines = "SELECT student_id || ' ' || course_id || ' ' || coalesce(grade, '-') FROM enrollments ORDER BY 1"

// Linking again what is linked changes nothing. A row may be known by its key alone.
func ExampleToMany_Link() {
	db, sue, courses, done := schoolDB()
	defer done()
	ctx := context.Background()

	fmt.Println(written.StudentCourses.Link(ctx, db, sue, courses[0], &written.Course{ID: 3}))
	fmt.Println(written.StudentCourses.Link(ctx, db, sue, courses[0], courses[1]))
	printAll(db, enrollmentLines)
	// Output:
	// 2 <nil>
	// 1 <nil>
	// 1 1 -
	// 1 2 -
	// 1 3 -
}

// A form has the keys of the courses, and nothing has to be loaded.
func ExampleKeyed() {
	db, sue, _, done := schoolDB()
	defer done()

	chosen, err := dovetail.Keyed(written.Courses, []int{3, 1})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(written.StudentCourses.Link(context.Background(), db, sue, chosen...))
	printAll(db, enrollmentLines)
	// Output:
	// 2 <nil>
	// 1 1 -
	// 1 3 -
}

// The join table's row has a grade.
func ExampleLinkWith() {
	db, sue, courses, done := schoolDB()
	defer done()

	entry := dovetail.Linked[written.Course, written.Enrollment]{Row: courses[0], Link: &written.Enrollment{Grade: sql.NullInt64{Int64: 5, Valid: true}}}
	fmt.Println(dovetail.LinkWith(context.Background(), db, written.StudentCourses, sue, entry))
	printAll(db, enrollmentLines)
	// Output:
	// 1 <nil>
	// 1 1 5
}

// A report goes to another boss, which Link alone refuses.
func ExampleToMany_Move() {
	db, done := writesDB()
	defer done()
	ctx := context.Background()

	ann, bob, cat := &written.Employee{Name: "Ann"}, &written.Employee{Name: "Bob"}, &written.Employee{Name: "Cat"}
	if err := dovetail.Insert(written.Employees, ann, bob, cat).Exec(ctx, db); err != nil {
		log.Fatal(err)
	}
	fmt.Println(written.EmployeeReports.Link(ctx, db, ann, cat))
	fmt.Println(written.EmployeeReports.Link(ctx, db, bob, cat))
	fmt.Println(written.EmployeeReports.Move(ctx, db, bob, cat))
	fmt.Println(*cat.BossID == bob.ID)
	// Output:
	// 1 <nil>
	// 0 dovetail: link employees.reports: a row of "employees" points at another owner; use Move to take it from there
	// 1 <nil>
	// true
}

// The number tells whether there was anything to unlink.
func ExampleToMany_Unlink() {
	db, sue, courses, done := schoolDB()
	defer done()
	ctx := context.Background()

	if _, err := written.StudentCourses.Link(ctx, db, sue, courses...); err != nil {
		log.Fatal(err)
	}
	fmt.Println(written.StudentCourses.Unlink(ctx, db, sue, courses[0]))
	fmt.Println(written.StudentCourses.Unlink(ctx, db, sue, courses[0]))
	fmt.Println(written.StudentCourses.Unlink(ctx, db, sue))
	printAll(db, enrollmentLines)
	// Output:
	// 1 <nil>
	// 0 <nil>
	// 0 <nil>
	// 1 2 -
	// 1 3 -
}

// A report that is unlinked has no boss: its key becomes NULL.
func ExampleToMany_Unlink_foreignKey() {
	db, done := writesDB()
	defer done()
	ctx := context.Background()

	ann := &written.Employee{Name: "Ann", Reports: []*written.Employee{{Name: "Bob"}}}
	if err := dovetail.Insert(written.Employees, ann).With("reports").Exec(ctx, db); err != nil {
		log.Fatal(err)
	}
	fmt.Println(written.EmployeeReports.Unlink(ctx, db, ann, ann.Reports...))
	printAll(db, "SELECT name || ' of ' || coalesce(boss_id, 'nobody') FROM employees")
	// Output:
	// 1 <nil>
	// Ann of nobody
	// Bob of nobody
}

// With DeleteOrphans, an activity that is unlinked from its account is deleted.
func ExampleToMany_Unlink_deleteOrphans() {
	db, done := writesDB()
	defer done()
	ctx := context.Background()

	r := dovetail.NewRegistry()
	accounts := dovetail.NewTable[exAccount](r, "accounts")
	activities := dovetail.NewTable[exActivity](r, "activity")
	accountActivities := dovetail.HasMany(accounts, "activities", activities, dovetail.ForeignKey("account_id"), dovetail.DeleteOrphans())

	ann := &exAccount{Owner: "Ann", Activities: []*exActivity{{Kind: "DEP", Amount: 5}, {Kind: "WD", Amount: 2}}}
	if err := dovetail.Insert(accounts, ann).With("activities").Exec(ctx, db); err != nil {
		log.Fatal(err)
	}
	fmt.Println(accountActivities.Unlink(ctx, db, ann, ann.Activities[1]))
	printAll(db, "SELECT kind || ' ' || amount FROM activity")
	// Output:
	// 1 <nil>
	// DEP 5
}

type exAccount struct {
	ID         int64
	Owner      string
	Activities []*exActivity
}

type exActivity struct {
	ID        int64
	AccountID int64
	Kind      string
	Amount    int64
}

type exBook struct {
	ID      int64
	Title   string
	Authors []dovetail.Linked[exAuthor, exAuthorship]
}

type exAuthor struct {
	ID   int64
	Name string
}

type exAuthorship struct {
	BookID, AuthorID int64
	Role             string
}

// An author is added to a book, with a role.
func ExampleLinkWith_role() {
	db, done := emptyDB()
	defer done()
	ctx := context.Background()

	r := dovetail.NewRegistry()
	books := dovetail.NewTable[exBook](r, "books")
	authors := dovetail.NewTable[exAuthor](r, "authors")
	authorships := dovetail.NewTable[exAuthorship](r, "authorships", dovetail.PrimaryKey("book_id", "author_id"))
	bookAuthors := dovetail.ManyToMany(books, "authors", authors, authorships, dovetail.ThroughKeys("book_id", "author_id"))
	if err := r.CreateAll(ctx, db); err != nil {
		log.Fatal(err)
	}

	book, ann, bob := &exBook{Title: "Joinery"}, &exAuthor{Name: "Ann"}, &exAuthor{Name: "Bob"}
	book.Authors = []dovetail.Linked[exAuthor, exAuthorship]{{Row: ann, Link: &exAuthorship{Role: "writer"}}}
	if err := dovetail.Insert(books, book).With("authors").Exec(ctx, db); err != nil {
		log.Fatal(err)
	}
	if err := dovetail.Insert(authors, bob).Exec(ctx, db); err != nil {
		log.Fatal(err)
	}
	editor := dovetail.Linked[exAuthor, exAuthorship]{Row: bob, Link: &exAuthorship{Role: "editor"}}
	fmt.Println(dovetail.LinkWith(ctx, db, bookAuthors, book, editor))
	printAll(db, "SELECT authors.name || ', ' || role FROM authorships JOIN authors ON authors.id = author_id ORDER BY authors.id")
	// Output:
	// 1 <nil>
	// Ann, writer
	// Bob, editor
}

// All links go, and no course does.
func ExampleToMany_UnlinkAll() {
	db, sue, courses, done := schoolDB()
	defer done()
	ctx := context.Background()

	if _, err := written.StudentCourses.Link(ctx, db, sue, courses...); err != nil {
		log.Fatal(err)
	}
	fmt.Println(written.StudentCourses.UnlinkAll(ctx, db, sue))
	printAll(db, "SELECT title FROM courses")
	// Output:
	// 3 <nil>
	// Art
	// Bio
	// Chem
}

// The rows become exactly these, and the difference is told.
func ExampleToMany_Replace() {
	db, sue, courses, done := schoolDB()
	defer done()
	ctx := context.Background()

	if _, err := written.StudentCourses.Link(ctx, db, sue, courses[0], courses[1]); err != nil {
		log.Fatal(err)
	}
	diff, err := written.StudentCourses.Replace(ctx, db, sue, courses[1], courses[2])
	fmt.Println(diff.Added[0].Title, diff.Removed[0].ID, err)
	printAll(db, enrollmentLines)
	// Output:
	// Chem 1 <nil>
	// 1 2 -
	// 1 3 -
}

// The order's lines become the given ones: one is changed, one is new, and one goes.
func ExampleToMany_Sync() {
	type Line struct {
		ID, OrderID, Count int64
		Item               string
	}
	type Order struct {
		ID    int64
		Lines []*Line
	}
	registry := dovetail.NewRegistry()
	orders, lines := dovetail.NewTable[Order](registry, "orders"), dovetail.NewTable[Line](registry, "lines")
	orderLines := dovetail.HasMany(orders, "lines", lines, dovetail.ForeignKey("order_id"), dovetail.DeleteOrphans())
	db, done := emptyDB("")
	defer done()
	ctx := context.Background()
	if err := registry.CreateAll(ctx, db); err != nil {
		log.Fatal(err)
	}
	tea, milk := &Line{Item: "tea", Count: 1}, &Line{Item: "milk", Count: 2}
	order := &Order{Lines: []*Line{tea, milk}}
	if err := dovetail.Insert(orders, order).With("lines").Exec(ctx, db); err != nil {
		log.Fatal(err)
	}

	tea.Count = 5
	jam := &Line{Item: "jam", Count: 3}
	sent := &kit.Recorder{DB: db}
	diff, err := orderLines.Sync(ctx, sent, order, tea, jam)
	fmt.Println(diff.Added[0].Item, diff.Changed[0].Item, diff.Removed[0].ID == milk.ID, err)
	printSent(sent)
	printAll(db, "SELECT item || ' ' || count FROM lines ORDER BY id")
	// Output:
	// jam tea true <nil>
	// SELECT "orders"."id"
	// FROM "orders"
	// WHERE ("orders"."id" = ?)
	// SELECT "lines"."id", "lines"."order_id", "lines"."count", "lines"."item"
	// FROM "lines"
	// WHERE ("lines"."order_id" = ? OR "lines"."id" IN (?))
	// ORDER BY "lines"."id"
	// DELETE
	// FROM "lines"
	// WHERE ("lines"."id" IN (?))
	// UPDATE "lines" SET "count" = ?
	// WHERE "id" = ?
	// INSERT INTO "lines" ("order_id", "count", "item") VALUES (?, ?, ?) RETURNING "id"
	// tea 5
	// jam 3
}

// The student's courses are stored as the field has them, grades and all.
func ExampleReplaceWith() {
	db, sue, courses, done := schoolDB()
	defer done()
	ctx := context.Background()

	if _, err := written.StudentCourses.Link(ctx, db, sue, courses[0], courses[1]); err != nil {
		log.Fatal(err)
	}
	grade := sql.NullInt64{Int64: 5, Valid: true}
	sue.Courses = []dovetail.Linked[written.Course, written.Enrollment]{{Row: courses[0], Link: &written.Enrollment{Grade: grade}}}
	diff, err := dovetail.ReplaceWith(ctx, db, written.StudentCourses, sue, sue.Courses...)
	fmt.Println(len(diff.Added), diff.Removed[0].ID, diff.Changed[0].Title, err)
	printAll(db, enrollmentLines)
	// Output:
	// 0 2 Art <nil>
	// 1 1 5
}

// A team gets another lead: the team's row points at it.
func ExampleToOne_Replace() {
	db, done := writesDB()
	defer done()
	ctx := context.Background()

	team, eve := &written.Team{Name: "T", Lead: &written.Employee{Name: "Ann"}}, &written.Employee{Name: "Eve"}
	if err := dovetail.Insert(written.Teams, team).With("lead").Exec(ctx, db); err != nil {
		log.Fatal(err)
	}
	if err := dovetail.Insert(written.Employees, eve).Exec(ctx, db); err != nil {
		log.Fatal(err)
	}
	sent := &kit.Recorder{DB: db}
	diff, err := written.TeamLead.Replace(ctx, sent, team, eve)
	fmt.Println(diff.Added[0].Name, diff.Removed[0].ID, team.LeadID, err)
	printSent(sent)
	// Output:
	// Eve 1 2 <nil>
	// SELECT "teams"."id", "teams"."lead_id"
	// FROM "teams"
	// WHERE ("teams"."id" = ?)
	// UPDATE "teams" SET "lead_id" = ?
	// WHERE ("teams"."id" = ?)
}

// The account of an activity is replaced by the inverse of the accounts' activities.
func ExampleToMany_Inverse() {
	db, done := writesDB()
	defer done()
	ctx := context.Background()

	deposit := &written.Activity{Kind: "DEP", Amount: 50}
	ann, bo := &written.Account{Owner: "Ann", Activities: []*written.Activity{deposit}}, &written.Account{Owner: "Bo"}
	if err := dovetail.Insert(written.Accounts, ann, bo).With("activities").Exec(ctx, db); err != nil {
		log.Fatal(err)
	}
	activityAccount := written.AccountActivities.Inverse()
	sent := &kit.Recorder{DB: db}
	diff, err := activityAccount.Replace(ctx, sent, deposit, bo)
	fmt.Println(activityAccount, diff.Removed[0].ID, deposit.Account.Owner, err)
	printSent(sent)
	// Output:
	// activity.account 1 Bo <nil>
	// SELECT "activity"."id", "activity"."account_id"
	// FROM "activity"
	// WHERE ("activity"."id" = ?)
	// UPDATE "activity" SET "account_id" = ?
	// WHERE ("activity"."id" = ?)
}

func ExampleToMany_InverseMany() {
	db, sue, courses, done := schoolDB()
	defer done()
	ctx := context.Background()

	courseStudents := written.StudentCourses.InverseMany()
	fmt.Println(courseStudents.Link(ctx, db, courses[1], sue))
	printAll(db, enrollmentLines)
	// Output:
	// 1 <nil>
	// 1 2 -
}

func ExampleToOne_Inverse() {
	fmt.Println(written.StudentPass, written.StudentPass.Inverse())
	// Output: students.pass passes.holder
}

func ExampleToOne_InverseMany() {
	fmt.Println(written.AccountActivities.Inverse(), written.AccountActivities.Inverse().InverseMany())
	// Output: activity.account accounts.activities
}
