package main

import (
	"time"

	"github.com/dovetail-go/dovetail"
)

// ActivityType says which way the money went.
type ActivityType string

// Deposit and Withdrawal are the types of activity.
const (
	Deposit    ActivityType = "DEP"
	Withdrawal ActivityType = "WD"
)

// Account is a row of accounts.
type Account struct {
	ID         int64
	Owner      string
	Email      string
	Balance    int64
	CreatedAt  time.Time
	Activities []*Activity
}

// Activity is a row of activity, and belongs to an account.
type Activity struct {
	ID           int64
	AccountID    int64
	ActivityType ActivityType
	Amount       int64
	CreatedAt    time.Time
	Account      *Account
}

// The tables of the bank and the relation between them.
var (
	Schema     = dovetail.NewRegistry()
	Accounts   = dovetail.NewTable[Account](Schema, "accounts")
	Activities = dovetail.NewTable[Activity](Schema, "activity")

	// One declaration, both directions: accounts.activities and activity.account.
	AccountActivities = dovetail.HasMany(Accounts, "activities", Activities,
		dovetail.ForeignKey("account_id"), dovetail.Inverse("account"))
)

// Student is a row of students.
type Student struct {
	ID          int64
	Name        string
	Courses     []*Course
	Enrollments []*Enrollment
}

// Course is a row of courses.
type Course struct {
	ID       int64
	Title    string
	Students []*Student
}

// Enrollment is the link between a student and a course. It has columns of its own, so it is a table like any other.
type Enrollment struct {
	StudentID  int64
	CourseID   int64
	Grade      *string // nil: not graded yet
	EnrolledOn time.Time
	Student    *Student
	Course     *Course
}

// The tables of the school and the relations between them.
var (
	Students    = dovetail.NewTable[Student](Schema, "students")
	Courses     = dovetail.NewTable[Course](Schema, "courses")
	Enrollments = dovetail.NewTable[Enrollment](Schema, "enrollments", dovetail.PrimaryKey("student_id", "course_id"))

	// Past the join table: students.courses and courses.students.
	StudentCourses = dovetail.ManyToMany(Students, "courses", Courses, Enrollments,
		dovetail.ThroughKeys("student_id", "course_id"), dovetail.Inverse("students"))

	// Through the join table, for its own columns: students.enrollments, then enrollments.course.
	StudentEnrollments = dovetail.HasMany(Students, "enrollments", Enrollments,
		dovetail.ForeignKey("student_id"), dovetail.Inverse("student"))
	EnrollmentCourse = dovetail.BelongsTo(Enrollments, "course", Courses, dovetail.ForeignKey("course_id"))
)
