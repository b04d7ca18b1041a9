package postgres

import (
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/dovetail-go/dovetail/dialect"
	"github.com/dovetail-go/dovetail/internal/structs"
)

// encodings returns how the values of each column of the result are written, in room where that is enough.
func encodings(rows pgx.Rows, room []dialect.Encoding) []dialect.Encoding {
	fields := rows.FieldDescriptions()
	written := slices.Grow(room, len(fields))[:len(fields)]
	if conn := rows.Conn(); conn != nil {
		encodingsOf(fields, conn.TypeMap(), written)
	}
	return written
}

// encodingsOf sets how the values of columns are written.
func encodingsOf(fields []pgconn.FieldDescription, types *pgtype.Map, written []dialect.Encoding) {
	for i, f := range fields {
		t, known := types.TypeForOID(f.DataTypeOID)
		text := f.Format == pgx.TextFormatCode
		switch {
		case !known && text:
			written[i] = dialect.EncodingText // of a type that pgx does not know it gives the text
		case known:
			e := encodingOf(t.Codec, text)
			if !text || e == dialect.EncodingText || e == dialect.EncodingJSON { // the text of anything else pgx parses as the field wants it
				written[i] = e
			}
		}
	}
}

// encodingOf returns how a codec of pgx writes values in binary, or as text where that is read directly too. One that a program has registered in its place, or has given a
// location, reads them in a way of its own.
func encodingOf(codec pgtype.Codec, text bool) dialect.Encoding {
	switch c := codec.(type) {
	case pgtype.Int2Codec:
		return dialect.EncodingInt2
	case pgtype.Int4Codec:
		return dialect.EncodingInt4
	case pgtype.Int8Codec:
		return dialect.EncodingInt8
	case pgtype.Float4Codec:
		return dialect.EncodingFloat4
	case pgtype.Float8Codec:
		return dialect.EncodingFloat8
	case pgtype.BoolCodec:
		return dialect.EncodingBool
	case pgtype.TextCodec, *pgtype.EnumCodec:
		return dialect.EncodingText
	case pgtype.ByteaCodec:
		return dialect.EncodingBytes
	case pgtype.UUIDCodec:
		return dialect.EncodingUUID
	case pgtype.DateCodec:
		return dialect.EncodingDate
	case pgtype.NumericCodec:
		return dialect.EncodingNumeric
	case *pgtype.JSONCodec:
		if structs.ReadsJSON(c.Unmarshal) {
			return dialect.EncodingJSON
		}
	case *pgtype.JSONBCodec:
		if text && structs.ReadsJSON(c.Unmarshal) { // pgx asks for text
			return dialect.EncodingJSON
		}
	case *pgtype.ArrayCodec:
		if e := encodingOf(c.ElementType.Codec, false); e != dialect.EncodingOther && e&dialect.EncodingArray == 0 {
			return dialect.EncodingArray | e
		}
	case *pgtype.TimestampCodec:
		if c.ScanLocation == nil {
			return dialect.EncodingTimestamp
		}
	case *pgtype.TimestamptzCodec:
		if c.ScanLocation == nil {
			return dialect.EncodingTimestampTZ
		}
	}
	return dialect.EncodingOther
}
