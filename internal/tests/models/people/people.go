package people

import (
	"slices"
	"testing"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

// The models of links that the tables of writes lack: a table linked to itself, links that are told by text, and rows that are
// deleted when their owner lets go of them.

type Person struct {
	ID       int64
	Name     string
	Friends  []*Person
	Admirers []*Person
	Letters  []*Letter
}

type Friendship struct {
	FromID, ToID int64
	Since        int64
}

type Letter struct {
	ID       int64
	PersonID int64
	Body     string
	Person   *Person
	Labels   []Label
}

type Label struct {
	Code string
}

type LetterLabel struct {
	ID       int64
	LetterID int64
	Code     string
}

var (
	Schema       = dovetail.NewRegistry()
	People       = dovetail.NewTable[Person](Schema, "people")
	Friendships  = dovetail.NewTable[Friendship](Schema, "friendships", dovetail.PrimaryKey("from_id", "to_id"))
	Letters      = dovetail.NewTable[Letter](Schema, "letters")
	Labels       = dovetail.NewTable[Label](Schema, "labels", dovetail.PrimaryKey("code"))
	LetterLabels = dovetail.NewTable[LetterLabel](Schema, "letter_labels")

	Friends = dovetail.ManyToMany(People, "friends", People, Friendships, dovetail.ThroughKeys("from_id", "to_id"),
		dovetail.Inverse("admirers"))
	FriendsBack = dovetail.ManyToMany(People, "friends_of", People, Friendships, dovetail.ThroughKeys("to_id", "from_id"))
	OldFriends  = dovetail.ManyToMany(People, "old_friends", People, Friendships, dovetail.ThroughKeys("from_id", "to_id"),
		dovetail.Where("link.since < 2000"))
	Admired    = dovetail.HasManyThrough(People, "admired_twice", People, "friends.friends")
	OwnLetters = dovetail.HasMany(People, "letters", Letters, dovetail.ForeignKey("person_id"), dovetail.Inverse("person"),
		dovetail.DeleteOrphans())
	LetterLinks = dovetail.ManyToMany(Letters, "labels", Labels, LetterLabels, dovetail.ThroughKeys("letter_id", "code"))
)

const DDL = `
CREATE TABLE people (id BIGINT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE friendships (from_id BIGINT NOT NULL REFERENCES people (id), to_id BIGINT NOT NULL REFERENCES people (id),
  since BIGINT NOT NULL DEFAULT 1900, PRIMARY KEY (from_id, to_id));
CREATE TABLE letters (id BIGINT PRIMARY KEY, person_id BIGINT NOT NULL REFERENCES people (id), body TEXT NOT NULL);
CREATE TABLE labels (code TEXT PRIMARY KEY);
CREATE TABLE letter_labels (id {key}, letter_id BIGINT NOT NULL REFERENCES letters (id),
  code TEXT NOT NULL REFERENCES labels (code),
  UNIQUE (letter_id, code));
INSERT INTO people (id, name) VALUES (1, 'Ann'), (2, 'Bob'), (3, 'Cat'), (4, 'Dan');
INSERT INTO letters (id, person_id, body) VALUES (1, 1, 'one'), (2, 1, 'two'), (3, 2, 'three');
INSERT INTO labels (code) VALUES ('blue'), ('Red'), ('green');
`

// OnEvery runs the test on both databases by pool, connection and transaction, with four people and three letters.
func OnEvery(t *testing.T, test func(t *testing.T, d kit.Database)) {
	t.Helper()
	kit.OnEvery(t, "SELECT 1", func(t *testing.T, d kit.Database) {
		if !d.Postgres() {
			d.Exec(t, "PRAGMA foreign_keys = ON")
		}
		d.Exec(t, written.WithKeys(d, DDL))
		test(t, d)
	})
}

// ExpectLines fails the test unless the one column of the query's rows has these values.
func ExpectLines(t *testing.T, d kit.Database, sql string, want ...string) {
	t.Helper()
	got, err := kit.SQL[string](t.Context(), d.DB, sql)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s: expected %q, got %q", sql, want, got)
	}
}

// Done fails the test at an error, and returns the number.
func Done(t *testing.T) func(n int64, err error) int64 {
	return func(n int64, err error) int64 {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
}
