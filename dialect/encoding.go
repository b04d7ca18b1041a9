package dialect

// Encoding is how the values of a column are written in a result, where that is a form in which they can be read without asking the
// driver to scan them. The zero value is any other.
type Encoding uint8

// The encodings. Numbers are in network byte order.
const (
	EncodingOther       Encoding = iota // only Scan reads it
	EncodingText                        // the text as it is
	EncodingBool                        // a byte that is not 0 where it is true
	EncodingInt2                        // two's complement of 2 bytes
	EncodingInt4                        // of 4
	EncodingInt8                        // of 8
	EncodingFloat4                      // IEEE 754 of 4 bytes
	EncodingFloat8                      // of 8
	EncodingBytes                       // the bytes as they are
	EncodingUUID                        // its 16 bytes
	EncodingDate                        // days since 2000-01-01, as an int4
	EncodingTimestamp                   // microseconds since 2000-01-01, as an int8, of a clock without a zone
	EncodingTimestampTZ                 // the same, since midnight in UTC
	EncodingNumeric                     // PostgreSQL's digits of 4 decimals, with their number, the weight of the first, a sign and a scale before
	EncodingJSON                        // the text of a document

	EncodingArray Encoding = 1 << 6 // with that of the elements: PostgreSQL's arrays of them
)
