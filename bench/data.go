package main

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// The rows of all contenders. A field that holds related rows is no column. The tags tell GORM, Bun and jet what their conventions
// do not, as their documentation has it.

type Account struct {
	ID         int64 `bun:",pk" sql:"primary_key"`
	Owner      string
	Email      string
	Balance    int64
	BranchID   int64
	CreatedAt  time.Time
	Branch     *Branch     `bun:"rel:belongs-to,join:branch_id=id"`
	Activities []*Activity `bun:"rel:has-many,join:id=account_id"`
	Cards      []*Card     `bun:"rel:has-many,join:id=account_id"`
	Tags       []*Tag      `bun:"m2m:account_tags,join:Account=Tag" gorm:"many2many:account_tags"`
}

type ActivityType string

type Activity struct {
	ID           int64 `bun:",pk" sql:"primary_key"`
	AccountID    int64
	ActivityType ActivityType
	Amount       int64
	Note         *string
	CreatedAt    time.Time
	Account      *Account `bun:"rel:belongs-to,join:account_id=id"`
}

type Branch struct {
	ID       int64 `bun:",pk" sql:"primary_key"`
	Name     string
	Accounts []*Account `bun:"rel:has-many,join:id=branch_id"`
}

type Card struct {
	ID        int64 `bun:",pk" sql:"primary_key"`
	AccountID int64
	Number    string
	Active    bool
}

type Tag struct {
	ID   int64 `bun:",pk" sql:"primary_key"`
	Name string
}

type AccountTag struct{ AccountID, TagID int64 }

type Student struct {
	ID      int64 `bun:",pk" sql:"primary_key"`
	Name    string
	Courses []*Course `bun:"m2m:enrollments,join:Student=Course" gorm:"many2many:enrollments"`
}

type Course struct {
	ID    int64 `bun:",pk" sql:"primary_key"`
	Title string
}

type Enrollment struct{ StudentID, CourseID int64 }

type Category struct {
	ID       int64 `bun:",pk" sql:"primary_key"`
	ParentID *int64
	Name     string
	Children []*Category `bun:"rel:has-many,join:id=parent_id" gorm:"foreignKey:ParentID"`
}

// data is the schema with its rows: 10 activities an account, interleaved, 2 cards, 3 tags; 5 courses a student; a tree of 1,100
// categories, 10 below each of the first 110.
const data = `
DROP SCHEMA IF EXISTS bench CASCADE;
CREATE SCHEMA bench;
SET search_path = bench;
CREATE TABLE branches (id bigint PRIMARY KEY, name text NOT NULL);
CREATE TABLE accounts (id bigint PRIMARY KEY, owner text NOT NULL, email text NOT NULL, balance bigint NOT NULL,
	branch_id bigint NOT NULL REFERENCES branches, created_at timestamptz NOT NULL);
CREATE TABLE activities (id bigint PRIMARY KEY, account_id bigint NOT NULL REFERENCES accounts, activity_type text NOT NULL,
	amount bigint NOT NULL, note text, created_at timestamptz NOT NULL);
CREATE TABLE cards (id bigint PRIMARY KEY, account_id bigint NOT NULL REFERENCES accounts, number text NOT NULL, active boolean NOT NULL);
CREATE TABLE tags (id bigint PRIMARY KEY, name text NOT NULL);
CREATE TABLE account_tags (account_id bigint REFERENCES accounts, tag_id bigint REFERENCES tags, PRIMARY KEY (account_id, tag_id));
CREATE TABLE students (id bigint PRIMARY KEY, name text NOT NULL);
CREATE TABLE courses (id bigint PRIMARY KEY, title text NOT NULL);
CREATE TABLE enrollments (student_id bigint REFERENCES students, course_id bigint REFERENCES courses, PRIMARY KEY (student_id, course_id));
CREATE TABLE categories (id bigint PRIMARY KEY, parent_id bigint REFERENCES categories, name text NOT NULL);
INSERT INTO branches SELECT i, 'branch ' || i FROM generate_series(1, 100) i;
INSERT INTO accounts SELECT i, 'owner ' || i, 'owner' || i || '@example.com', i * 37 % 10000, 1 + (i - 1) / 100,
	'2024-01-01 00:00:00+00'::timestamptz + i * interval '1 minute' FROM generate_series(1, 10000) i;
INSERT INTO activities SELECT i, 1 + (i - 1) % 10000, CASE WHEN i % 3 = 0 THEN 'WD' ELSE 'DEP' END, i * 31 % 1000,
	CASE WHEN i % 10 >= 3 THEN 'note ' || i END, '2024-06-01 00:00:00+00'::timestamptz + i * interval '1 second' FROM generate_series(1, 100000) i;
INSERT INTO cards SELECT i, 1 + (i - 1) % 10000, lpad(i::text, 16, '4'), i % 5 <> 0 FROM generate_series(1, 20000) i;
INSERT INTO tags SELECT i, 'tag ' || i FROM generate_series(1, 50) i;
INSERT INTO account_tags SELECT 1 + (i - 1) / 3, 1 + (i * 7 + i / 50) % 50 FROM generate_series(1, 30000) i ON CONFLICT DO NOTHING;
INSERT INTO students SELECT i, 'student ' || i FROM generate_series(1, 2000) i;
INSERT INTO courses SELECT i, 'course ' || i FROM generate_series(1, 200) i;
INSERT INTO enrollments SELECT 1 + (i - 1) / 5, 1 + (i * 13) % 200 FROM generate_series(1, 10000) i ON CONFLICT DO NOTHING;
INSERT INTO categories SELECT i, CASE WHEN i > 10 THEN (i - 1) / 10 END, 'category ' || i FROM generate_series(1, 1100) i;
CREATE INDEX ON accounts (branch_id);
CREATE INDEX ON activities (account_id);
CREATE INDEX ON cards (account_id);
CREATE INDEX ON categories (parent_id);
ANALYZE;`

// fill makes the schema.
func fill(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, data)
	return err
}
