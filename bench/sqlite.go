package main

import (
	"context"
	"database/sql"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/dovetail-go/dovetail/dialect/sqlite"
)

// SQLITE: dovetail beside database/sql by hand, both with one connection to a file.

var onSQLite = []contender{
	{name: "by hand", modules: []string{"modernc.org/sqlite"}, open: overFile(handOnSQLite)},
	{name: "by hand again", open: overFile(handOnSQLite)},
	{name: ours, open: overFile(func(db *sql.DB) loads { return library{db: sqlite.New(db)} })},
}

func overFile(loadsOf func(*sql.DB) loads) func(context.Context, place) (calls, error) {
	return func(_ context.Context, at place) (calls, error) {
		db, err := openSQLite(at.file)
		if err != nil {
			return nil, err
		}
		return callsOf(loadsOf(db)), nil
	}
}

func openSQLite(file string) (*sql.DB, error) {
	query := url.Values{
		"_pragma":      {"foreign_keys(1)", "journal_mode(WAL)", "synchronous(OFF)", "cache_size(-65536)"},
		"_time_format": {"sqlite"},
		"_timezone":    {"UTC"},
	}
	dsn := url.URL{Scheme: "file", Path: filepath.ToSlash(file), OmitHost: true, RawQuery: query.Encode()}
	db, err := sql.Open("sqlite", dsn.String())
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

// sqliteHandle runs what raw says, in SQLite's words.
type sqliteHandle struct {
	db    *sql.DB
	texts map[string]string
}

func handOnSQLite(db *sql.DB) loads { return raw{sqliteHandle{db, map[string]string{}}} }

// said returns the text of a statement for SQLite, and its arguments: keys are an array of JSON.
func (h sqliteHandle) said(text string, args []any) (string, []any) {
	own, ok := h.texts[text]
	if !ok {
		own = strings.NewReplacer("= ANY($1)", "IN (SELECT value FROM json_each(?))", "$1", "?", "$2", "?").Replace(text)
		h.texts[text] = own
	}
	for i, arg := range args {
		if keys, ok := arg.([]int64); ok {
			list := []byte{'['}
			for j, k := range keys {
				if j > 0 {
					list = append(list, ',')
				}
				list = strconv.AppendInt(list, k, 10)
			}
			args[i] = string(append(list, ']'))
		}
	}
	return own, args
}

type sqlRows struct{ *sql.Rows }

func (r sqlRows) Close() { _ = r.Rows.Close() }

func (h sqliteHandle) query(ctx context.Context, text string, args ...any) (rows, error) {
	text, args = h.said(text, args)
	r, err := h.db.QueryContext(ctx, text, args...)
	return sqlRows{r}, err
}

func (h sqliteHandle) account(ctx context.Context, id int64) (*Account, error) {
	a := &Account{}
	err := h.db.QueryRowContext(ctx, "SELECT "+accountColumns+" FROM accounts WHERE id = ?", id).Scan(intoAccount(a)...)
	return a, err
}

// fillSQLite makes a file with the same rows, of the tables that are read there.
func fillSQLite(ctx context.Context, file string) error {
	db, err := openSQLite(file)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, sqliteData)
	return err
}

const sqliteData = `
CREATE TABLE branches (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE accounts (id INTEGER PRIMARY KEY, owner TEXT NOT NULL, email TEXT NOT NULL, balance INTEGER NOT NULL,
	branch_id INTEGER NOT NULL REFERENCES branches, created_at TIMESTAMP NOT NULL);
CREATE TABLE activities (id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES accounts, activity_type TEXT NOT NULL,
	amount INTEGER NOT NULL, note TEXT, created_at TIMESTAMP NOT NULL);
CREATE TABLE students (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE courses (id INTEGER PRIMARY KEY, title TEXT NOT NULL);
CREATE TABLE enrollments (student_id INTEGER REFERENCES students, course_id INTEGER REFERENCES courses, PRIMARY KEY (student_id, course_id)) WITHOUT ROWID;
CREATE TEMP TABLE series (i INTEGER PRIMARY KEY);
INSERT INTO series WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 100000) SELECT i FROM s;
INSERT INTO branches SELECT i, 'branch ' || i FROM series WHERE i <= 100;
INSERT INTO accounts SELECT i, 'owner ' || i, 'owner' || i || '@example.com', i * 37 % 10000, 1 + (i - 1) / 100,
	strftime('%Y-%m-%d %H:%M:%S+00:00', '2024-01-01', i || ' minutes') FROM series WHERE i <= 10000;
INSERT INTO activities SELECT i, 1 + (i - 1) % 10000, CASE WHEN i % 3 = 0 THEN 'WD' ELSE 'DEP' END, i * 31 % 1000,
	CASE WHEN i % 10 >= 3 THEN 'note ' || i END, strftime('%Y-%m-%d %H:%M:%S+00:00', '2024-06-01', i || ' seconds') FROM series;
INSERT INTO students SELECT i, 'student ' || i FROM series WHERE i <= 2000;
INSERT INTO courses SELECT i, 'course ' || i FROM series WHERE i <= 200;
INSERT OR IGNORE INTO enrollments SELECT 1 + (i - 1) / 5, 1 + (i * 13) % 200 FROM series WHERE i <= 10000;
CREATE INDEX accounts_branch ON accounts (branch_id);
CREATE INDEX activities_account ON activities (account_id);
ANALYZE;`
