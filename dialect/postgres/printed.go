package postgres

import (
	"database/sql/driver"
	"errors"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
)

// Input of this file: a time or a duration for a parameter whose type the server tells. Output: the same, which no text takes. pgx would send what
// their String gives, as Go prints them for people to read.

// unread ends the name of a zone: no text of PostgreSQL holds it.
const unread = "\x00"

// universal is the zone of most times that servers make.
var universal = time.FixedZone("UTC"+unread, 0)

// unprinted returns the same time, which the server refuses for a text: it is printed with the name of its zone. pgx asks nothing before it prints a
// time, and sends it as a timestamptz for a type that it does not know, such as a domain: no method could refuse the one and not the other.
func unprinted(t time.Time) time.Time {
	name, offset := t.Zone()
	if offset == 0 {
		return t.In(universal)
	}
	return t.In(time.FixedZone(name+unread, offset))
}

// lasting is a time.Duration, for which pgx asks.
type lasting struct {
	duration time.Duration
	given    any // what it was given as
}

var (
	_ pgtype.TextValuer = lasting{}
	_ driver.Valuer     = lasting{}
)

var errNoText = errors.New("it is no text")

// TextValue is asked for texts, and first for what takes other values as texts too.
func (lasting) TextValue() (pgtype.Text, error) { return pgtype.Text{}, errNoText }

// Value is asked for all others.
func (l lasting) Value() (driver.Value, error) { return l.duration, nil }

// printable returns what to send for a time, or for a duration. value is that of valueIn.
func printable(given, held, value any) (v any, changed bool) {
	if _, spelled := held.(pgtype.TextValuer); spelled {
		return nil, false
	}
	switch t := value.(type) {
	case time.Time:
		return unprinted(t), true
	case time.Duration:
		return lasting{t, given}, true
	}
	return nil, false
}
