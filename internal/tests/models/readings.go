package models

import (
	"time"

	"github.com/dovetail-go/dovetail"
)

// The models of the readings' examples, and two with composite keys. Their tables are in testdata/schemas/readings.sql.

type ActivityType string

const (
	Deposit    ActivityType = "DEP"
	Withdrawal ActivityType = "WD"
)

type Account struct {
	ID         int64
	Owner      string
	Email      string
	Balance    int64
	CreatedAt  time.Time
	Activities []*Activity
}

type Activity struct {
	ID           int64
	AccountID    int64
	ActivityType ActivityType
	Amount       int64
	CreatedAt    time.Time
	Account      *Account
}

type User struct {
	ID      int64
	Name    string
	Profile *Profile
	Posts   []Post
	Edited  []*Post
}

type Profile struct {
	ID        int64
	UserID    int64
	Bio       *string
	AvatarURL *string
	User      *User
}

type Post struct {
	ID       int64
	AuthorID int64
	EditorID *int64
	Title    string
	Author   User
	Editor   *User
	Tags     []*Tag
}

type Tag struct {
	ID    int64
	Name  string
	Posts []*Post
}

type PostTag struct {
	PostID int64
	TagID  int64
}

type Student struct {
	ID          int64
	Name        string
	Courses     []*Course
	Enrollments []*Enrollment
}

type Course struct {
	ID       int64
	Title    string
	Students []*Student
}

type Enrollment struct {
	StudentID  int64
	CourseID   int64
	Grade      *string
	EnrolledOn time.Time
	Student    *Student
	Course     *Course
}

type Category struct {
	ID            int64
	ParentID      *int64
	Name          string
	Parent        *Category
	Subcategories []*Category
}

type Employee struct {
	ID           int64
	ManagerID    *int64
	Name         string
	Manager      *Employee
	Subordinates []*Employee
}

type Author struct {
	ID        int64
	Name      string
	BookCount int64 `db:"book_count,computed"`
	Books     []*Book
}

type Book struct {
	ID       int64
	AuthorID int64
	Title    string
	Pages    int64
	Author   *Author
}

type Order struct {
	Warehouse string
	Number    int64
	Customer  *string
	Lines     []*OrderLine
}

type OrderLine struct {
	Warehouse string
	Number    int64
	Line      int64
	Item      string
	Order     *Order
	Labels    []*Label
}

type Label struct {
	ID    int64
	Text  string
	Lines []*OrderLine
}

type LineLabel struct {
	Warehouse string
	Number    int64
	Line      int64
	LabelID   int64
}

var (
	Readings = dovetail.NewRegistry()

	Accounts   = dovetail.NewTable[Account](Readings, "accounts")
	Activities = dovetail.NewTable[Activity](Readings, "activity")

	AccountActivities = dovetail.HasMany(Accounts, "activities", Activities,
		dovetail.ForeignKey("account_id"), dovetail.Inverse("account"))

	Users    = dovetail.NewTable[User](Readings, "user")
	Profiles = dovetail.NewTable[Profile](Readings, "profiles")
	Posts    = dovetail.NewTable[Post](Readings, "posts")
	Tags     = dovetail.NewTable[Tag](Readings, "tags")
	PostTags = dovetail.NewTable[PostTag](Readings, "post_tags", dovetail.PrimaryKey("post_id", "tag_id"))

	UserProfile = dovetail.HasOne(Users, "profile", Profiles, dovetail.ForeignKey("user_id"), dovetail.Inverse("user"))
	UserPosts   = dovetail.HasMany(Users, "posts", Posts, dovetail.ForeignKey("author_id"), dovetail.Inverse("author"))
	PostEditor  = dovetail.BelongsTo(Posts, "editor", Users, dovetail.ForeignKey("editor_id"), dovetail.Inverse("edited"))
	PostsTags   = dovetail.ManyToMany(Posts, "tags", Tags, PostTags,
		dovetail.ThroughKeys("post_id", "tag_id"), dovetail.Inverse("posts"))

	Students    = dovetail.NewTable[Student](Readings, "students")
	Courses     = dovetail.NewTable[Course](Readings, "courses")
	Enrollments = dovetail.NewTable[Enrollment](Readings, "enrollments", dovetail.PrimaryKey("student_id", "course_id"))

	StudentCourses = dovetail.ManyToMany(Students, "courses", Courses, Enrollments,
		dovetail.ThroughKeys("student_id", "course_id"), dovetail.Inverse("students"))
	StudentEnrollments = dovetail.HasMany(Students, "enrollments", Enrollments,
		dovetail.ForeignKey("student_id"), dovetail.Inverse("student"))
	EnrollmentCourse = dovetail.BelongsTo(Enrollments, "course", Courses, dovetail.ForeignKey("course_id"))

	Categories            = dovetail.NewTable[Category](Readings, "categories")
	CategorySubcategories = dovetail.HasMany(Categories, "subcategories", Categories,
		dovetail.ForeignKey("parent_id"), dovetail.Inverse("parent"))
	Employees       = dovetail.NewTable[Employee](Readings, "employees")
	EmployeeManager = dovetail.BelongsTo(Employees, "manager", Employees,
		dovetail.ForeignKey("manager_id"), dovetail.Inverse("subordinates"))

	Authors     = dovetail.NewTable[Author](Readings, "authors")
	Books       = dovetail.NewTable[Book](Readings, "books")
	AuthorBooks = dovetail.HasMany(Authors, "books", Books, dovetail.ForeignKey("author_id"), dovetail.Inverse("author"))

	Orders     = dovetail.NewTable[Order](Readings, "order", dovetail.PrimaryKey("warehouse", "number"))
	OrderLines = dovetail.NewTable[OrderLine](Readings, "order_lines", dovetail.PrimaryKey("warehouse", "number", "line"))
	Labels     = dovetail.NewTable[Label](Readings, "labels")
	LineLabels = dovetail.NewTable[LineLabel](Readings, "line_labels", dovetail.Unique("warehouse", "number", "line", "label_id"))
	LinesOf    = dovetail.HasMany(Orders, "lines", OrderLines,
		dovetail.ForeignKey("warehouse", "number"), dovetail.Inverse("order"))
	LabelsOf = dovetail.ManyToMany(OrderLines, "labels", Labels, LineLabels,
		dovetail.ThroughKeys([]string{"warehouse", "number", "line"}, "label_id"), dovetail.Inverse("lines"))
)

// Where rows come from, and as of which moment.

const UnionOfAccounts = "SELECT * FROM accounts WHERE id <= ? UNION ALL SELECT * FROM accounts WHERE id > ?"
