package postgres

import (
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// Input of this file: rows that hold other rows as values of type record, in binary: the number of columns, and for each its type and its value,
// which has a length before it. Output: those rows, as if the server had sent them as a result.

// records are the rows that a column of a result holds.
type records struct {
	of     pgx.Rows
	column int
	names  []string
	types  *pgtype.Map

	fields    []pgconn.FieldDescription // once there is a row
	written   []dialect.Encoding
	versioned []bool // the value has a byte for its version before its text
	chunk     []byte // what is left of the memory that rows are copied into
	size      int    // of that memory
	kept      []placed

	at     int      // the current row
	values [][]byte // and its values
	plans  []scanPlan
}

// placed is a row, and its place among the rows.
type placed struct {
	place int64
	row   []byte
}

// scanPlan is how pgx scans the values of a column into a type.
type scanPlan struct {
	plan pgtype.ScanPlan
	into uintptr // by structs.TypeID
}

// The memory that rows are copied into: at first, and at most.
const (
	firstChunk = 1 << 10
	lastChunk  = 64 << 10
)

// Records reports whether results come in binary: in the modes exec and simple_protocol they do not.
func (db *DB) Records() bool {
	if db == nil {
		return false
	}
	if _, ok := db.q.(*pgxpool.Pool); ok {
		return !db.untypedPool
	}
	return untyped(db.q) == nil
}

func (r *records) Add(place int64) bool {
	values := r.of.RawValues()
	if r.column >= len(values) {
		return false
	}
	src := values[r.column]
	if r.fields == nil && !r.describe(src) {
		return false
	}
	if len(src) > len(r.chunk) {
		r.size = min(max(2*r.size, firstChunk), lastChunk)
		r.chunk = make([]byte, max(r.size, len(src)))
	}
	n := copy(r.chunk, src)
	r.kept = append(r.kept, placed{place, r.chunk[:n:n]})
	r.chunk = r.chunk[n:]
	return true
}

// describe learns of a row the types of the columns, and reports whether all come as they would in a result.
func (r *records) describe(src []byte) bool {
	columns := make([]pgconn.FieldDescription, 0, len(r.names))
	for rest := fields(src); ; {
		oid, _, next, ok := fieldOf(rest)
		if !ok {
			break
		}
		rest = next
		t, known := r.types.TypeForOID(oid)
		f := pgconn.FieldDescription{DataTypeOID: oid, Format: r.types.FormatCodeForOID(oid)}
		if !known || f.Format != pgx.BinaryFormatCode && !isText(oid, t.Codec) {
			return false
		}
		columns = append(columns, f)
		r.versioned = append(r.versioned, oid == pgtype.JSONBOID && f.Format == pgx.TextFormatCode)
	}
	if len(columns) != len(r.names) {
		return false
	}
	r.fields, r.written = columns, make([]dialect.Encoding, len(columns))
	r.values, r.plans = make([][]byte, len(columns)), make([]scanPlan, len(columns))
	encodingsOf(columns, r.types, r.written)
	return true
}

// isText reports whether the server sends values of a type in binary as it does in text, but for the version of a jsonb before them. What codec a
// program has registered for the type does not matter.
func isText(oid uint32, codec pgtype.Codec) bool {
	switch oid {
	case pgtype.TextOID, pgtype.VarcharOID, pgtype.BPCharOID, pgtype.NameOID, pgtype.UnknownOID, pgtype.JSONOID, pgtype.JSONBOID:
		return true
	}
	_, isEnum := codec.(*pgtype.EnumCodec)
	return isEnum && oid >= firstOwnOID
}

// firstOwnOID is FirstNormalObjectId: types from it on are none that PostgreSQL comes with.
const firstOwnOID = 16384

// fieldOf returns the first field of the rest of a record, nil where it is NULL, and what is behind it; ok is false where there is none.
func fieldOf(src []byte) (oid uint32, value, rest []byte, ok bool) {
	const head = 8 // the type and the length
	if len(src) < head {
		return 0, nil, nil, false
	}
	oid, length := binary.BigEndian.Uint32(src), int32(binary.BigEndian.Uint32(src[4:]))
	src = src[head:]
	switch {
	case length < 0:
		return oid, nil, src, true
	case int(length) > len(src):
		return 0, nil, nil, false
	}
	return oid, src[:length:length], src[length:], true
}

// fields returns the fields of a record, behind their number.
func fields(src []byte) []byte { return src[min(4, len(src)):] }

func (r *records) Columns() []string { return r.names }

func (r *records) Next() bool {
	if r.at++; r.at == 0 {
		byPlace := func(a, b placed) int { return cmp.Compare(a.place, b.place) }
		if !slices.IsSortedFunc(r.kept, byPlace) {
			slices.SortFunc(r.kept, byPlace)
		}
	}
	if r.at >= len(r.kept) {
		return false
	}
	rest := fields(r.kept[r.at].row)
	for i := range r.values {
		_, value, next, _ := fieldOf(rest)
		if r.versioned[i] && len(value) > 0 {
			value = value[1:]
		}
		r.values[i], rest = value, next
	}
	return true
}

func (r *records) Null(column int) bool { return column < len(r.values) && r.values[column] == nil }

func (r *records) Sent() ([][]byte, []dialect.Encoding) { return r.values, r.written }

func (r *records) Scan(dest ...any) error {
	for i, to := range dest {
		if to == nil {
			continue
		}
		f, p := r.fields[i], &r.plans[i]
		if t := structs.TypeID(to); p.into != t {
			*p = scanPlan{r.types.PlanScan(f.DataTypeOID, f.Format, to), t}
		}
		if err := p.plan.Scan(r.values[i], to); err != nil {
			e := &dialect.ColumnError{Index: i, Null: r.values[i] == nil, Err: err}
			giveType(e, r.types, f.DataTypeOID)
			return e
		}
	}
	return nil
}

// Err is nil: all rows are there.
func (r *records) Err() error { return nil }

func (r *records) Affected() int64 { return 0 }

func (r *records) Records(int, []string) dialect.Records { return nil }
