package dovetail_test

import (
	"slices"
	"testing"

	"github.com/dovetail-go/dovetail"
)

// The models of links that the tables of writes lack: a table linked to itself, links that are told by text, and rows that are
// deleted when their owner lets go of them.
type (
	kPerson struct {
		ID       int64
		Name     string
		Friends  []*kPerson
		Admirers []*kPerson
		Letters  []*kLetter
	}

	kFriendship struct {
		FromID, ToID int64
		Since        int64
	}

	kLetter struct {
		ID       int64
		PersonID int64
		Body     string
		Person   *kPerson
		Labels   []kLabel
	}

	kLabel struct {
		Code string
	}

	kLetterLabel struct {
		ID       int64
		LetterID int64
		Code     string
	}
)

var (
	kSchema       = dovetail.NewRegistry()
	kPeople       = dovetail.NewTable[kPerson](kSchema, "people")
	kFriendships  = dovetail.NewTable[kFriendship](kSchema, "friendships", dovetail.PrimaryKey("from_id", "to_id"))
	kLetters      = dovetail.NewTable[kLetter](kSchema, "letters")
	kLabels       = dovetail.NewTable[kLabel](kSchema, "labels", dovetail.PrimaryKey("code"))
	kLetterLabels = dovetail.NewTable[kLetterLabel](kSchema, "letter_labels")

	kFriends = dovetail.ManyToMany(kPeople, "friends", kPeople, kFriendships, dovetail.ThroughKeys("from_id", "to_id"),
		dovetail.Inverse("admirers"))
	kFriendsBack = dovetail.ManyToMany(kPeople, "friends_of", kPeople, kFriendships, dovetail.ThroughKeys("to_id", "from_id"))
	kOldFriends  = dovetail.ManyToMany(kPeople, "old_friends", kPeople, kFriendships, dovetail.ThroughKeys("from_id", "to_id"),
		dovetail.Where("link.since < 2000"))
	kAdmired    = dovetail.HasManyThrough(kPeople, "admired_twice", kPeople, "friends.friends")
	kOwnLetters = dovetail.HasMany(kPeople, "letters", kLetters, dovetail.ForeignKey("person_id"), dovetail.Inverse("person"),
		dovetail.DeleteOrphans())
	kLetterLinks = dovetail.ManyToMany(kLetters, "labels", kLabels, kLetterLabels, dovetail.ThroughKeys("letter_id", "code"))
)

const kDDL = `
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

// onPeople runs the test on both databases by pool, connection and transaction, with four people and three letters.
func onPeople(t *testing.T, test func(t *testing.T, d database)) {
	t.Helper()
	onEvery(t, "SELECT 1", func(t *testing.T, d database) {
		if !d.postgres() {
			d.exec(t, "PRAGMA foreign_keys = ON")
		}
		d.exec(t, withKeys(d, kDDL))
		test(t, d)
	})
}

// expectLines fails the test unless the one column of the query's rows has these values.
func expectLines(t *testing.T, d database, sql string, want ...string) {
	t.Helper()
	got, err := confSQL[string](t.Context(), d.db, sql)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s: expected %q, got %q", sql, want, got)
	}
}

// done fails the test at an error, and returns the number.
func done(t *testing.T) func(n int64, err error) int64 {
	return func(n int64, err error) int64 {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
}
