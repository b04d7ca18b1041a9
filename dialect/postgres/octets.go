package postgres

import (
	"bytes"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/dovetail-go/dovetail/internal/structs"
)

// Input of this file: a []byte as an argument. Output: the same, so that beside a text it is that text, beside bytes these bytes, and beside
// a UUID its 16 bytes or what it spells, in every exec mode.

// octets are bytes that are none of a UUID, for a parameter whose type the server tells. pgx would take the first 16 of them for one.
type octets []byte

var (
	_ pgtype.UUIDValuer = octets{}
	_ driver.Valuer     = octets{}
)

var errNoUUID = errors.New("it is no UUID")

// UUIDValue is asked for parameters of UUIDs.
func (o octets) UUIDValue() (pgtype.UUID, error) {
	id, ok := structs.UUIDOf(string(o))
	if !ok {
		return pgtype.UUID{}, errNoUUID
	}
	return pgtype.UUID{Bytes: id, Valid: true}, nil
}

// Value is asked for all others.
func (o octets) Value() (driver.Value, error) { return []byte(o), nil }

// bytesArgument returns what to send of bytes, and whether it is another than they are.
func bytesArgument(b []byte, untyped *pgx.Conn) (v any, changed bool) {
	if untyped != nil {
		return octetsText(b, untyped)
	}
	return octets(b), b != nil && len(b) != len(pgtype.UUID{}.Bytes)
}

// octetsList returns a list of bytes as it is to be sent where the server tells the types of parameters.
func octetsList(list [][]byte, given any) (v any, changed bool) {
	items := make([]any, len(list))
	for i, b := range list {
		if b != nil {
			items[i] = octets(b)
		}
		changed = changed || len(b) != len(pgtype.UUID{}.Bytes)
	}
	return listed{items, octets{}, given}, changed
}

// octetsText returns the text of bytes where nobody tells what they are for: that which the server reads as the same bytes, as a text, as JSON or
// as a UUID. With a backslash in them there is none, nor of what is no text, or what the server would write in another encoding: then they are for
// bytes alone, and pgx writes that.
func octetsText(b []byte, on *pgx.Conn) (text string, ok bool) {
	if b == nil || bytes.IndexByte(b, '\\') >= 0 || bytes.IndexByte(b, 0) >= 0 || !utf8.Valid(b) {
		return "", false
	}
	ascii := !bytes.ContainsFunc(b, func(r rune) bool { return r >= utf8.RuneSelf })
	return string(b), ascii || on.PgConn().ParameterStatus("server_encoding") == "UTF8"
}

// octetsArray is the same for an array.
func octetsArray(list [][]byte, on *pgx.Conn) any {
	if list == nil {
		return nil
	}
	texts := make([]*string, len(list))
	for i, b := range list {
		if text, ok := octetsText(b, on); ok {
			texts[i] = &text
		} else if b != nil {
			hexed := `\x` + hex.EncodeToString(b)
			texts[i] = &hexed
		}
	}
	return nullableLiteral(texts)
}
