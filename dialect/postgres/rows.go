package postgres

import (
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/dovetail-go/dovetail/dialect"
)

// rows is the result of one statement.
type rows struct {
	s       *sending
	index   int // the statement's
	rows    pgx.Rows
	columns []string
	written []dialect.Encoding
	room    [12]dialect.Encoding // for those of few columns
	nulls   []bool               // which values of the current row are NULL
	err     error                // the StatementError of rows.Err, made once so that it can be recognized
	cut     bool                 // Next has reported the end because of err
	first   bool                 // the first row has been asked for, before anybody did
	any     bool                 // and there was one
}

// read hands the rows to each and sees to it that they are closed and were complete. A result that the server refuses as a whole
// for its plan is kept from it, for it may come yet.
func (r *rows) read() error {
	defer r.close() // when each panics
	r.first, r.any = true, r.rows.Next()
	if !r.any && r.rows.Err() != nil && Dialect.Failure(r.rows.Err()).Kind == dialect.FailureStalePlan {
		return r.Err()
	}
	err := r.s.each(r.index, r)
	r.close()
	if err == nil {
		return r.Err()
	}
	if r.cut && !errors.Is(err, r.err) {
		return r.err
	}
	return err
}

// close closes the rows, and notes whether the statement has changed any.
func (r *rows) close() {
	r.rows.Close()
	if j := r.s.db.joint; j != nil {
		tag := r.rows.CommandTag()
		j.changed = j.changed || !tag.Select() && tag.RowsAffected() > 0
	}
}

func (r *rows) Columns() []string {
	if len(r.columns) == 0 { // in some exec modes they are known only once the first row is there
		fields := r.rows.FieldDescriptions()
		r.columns = make([]string, len(fields))
		for i, f := range fields {
			r.columns[i] = f.Name
		}
	}
	return r.columns
}

func (r *rows) Next() bool {
	more := r.any
	if !r.first {
		more = r.rows.Next()
	}
	r.first = false
	if more {
		return true
	}
	r.cut = r.Err() != nil
	return false
}

func (r *rows) Null(column int) bool {
	values := r.rows.RawValues()
	return column < len(values) && values[column] == nil
}

func (r *rows) Scan(dest ...any) error {
	// Noted beforehand, because pgx closes the rows on an error and reads the rest of them into the same memory.
	r.nulls = r.nulls[:0]
	for _, v := range r.rows.RawValues() {
		r.nulls = append(r.nulls, v == nil)
	}
	if err := r.rows.Scan(dest...); err != nil {
		return r.columnError(err)
	}
	return nil
}

func (r *rows) Sent() ([][]byte, []dialect.Encoding) {
	if r.written == nil {
		r.written = encodings(r.rows, r.room[:0])
	}
	return r.rows.RawValues(), r.written
}

func (r *rows) columnError(err error) error {
	var arg pgx.ScanArgError
	if !errors.As(err, &arg) {
		return err
	}
	e := &dialect.ColumnError{Index: arg.ColumnIndex, Null: arg.ColumnIndex < len(r.nulls) && r.nulls[arg.ColumnIndex], Err: arg.Err,
		Unknown: r.s.alone && r.s.writes()}
	conn, fields := r.rows.Conn(), r.rows.FieldDescriptions()
	if conn != nil && arg.ColumnIndex < len(fields) {
		giveType(e, conn.TypeMap(), fields[arg.ColumnIndex].DataTypeOID)
	}
	return e
}

// giveType has an error say of which type the value was.
func giveType(e *dialect.ColumnError, types *pgtype.Map, oid uint32) {
	if t, known := types.TypeForOID(oid); known {
		e.Given = t.Name
	} else {
		e.Given, e.Remedy = "a type that pgx does not know", registering
	}
}

func (r *rows) Records(column int, names []string) dialect.Records {
	conn, fields := r.rows.Conn(), r.rows.FieldDescriptions()
	if conn == nil || column >= len(fields) || fields[column].DataTypeOID != pgtype.RecordOID || fields[column].Format != pgx.BinaryFormatCode {
		return nil
	}
	return &records{of: r.rows, column: column, names: names, types: conn.TypeMap(), at: -1}
}

func (r *rows) Affected() int64 { return r.rows.CommandTag().RowsAffected() }

func (r *rows) Err() error {
	if r.err == nil {
		if err := r.rows.Err(); err != nil {
			r.err = r.s.failed(r.index, err)
		}
	}
	return r.err
}
