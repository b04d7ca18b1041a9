package postgres

import "github.com/dovetail-go/dovetail/dialect"

// Arrays as arguments. None of them is ever NULL: to compare with a NULL array is NULL, not false.

func intArray(v []int64) []int64 {
	if v == nil {
		return []int64{}
	}
	return v
}

// textLiteral returns an array in PostgreSQL's text form. Every element is quoted, so that an empty text, NULL spelled
// out, commas, braces and spaces need no thought.
func textLiteral(texts []string) string {
	size := len("{}") + len(texts)*len(`"",`)
	for _, t := range texts {
		size += len(t)
	}
	b := append(make([]byte, 0, size), '{')
	for i, t := range texts {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '"')
		for j := range len(t) {
			if t[j] == '"' || t[j] == '\\' {
				b = append(b, '\\')
			}
			b = append(b, t[j])
		}
		b = append(b, '"')
	}
	return string(append(b, '}'))
}

// uuidLiteral returns the same for UUIDs, in the canonical form, because their column may hold text. pgx encodes a
// [][16]byte only in the exec modes that know the type of the parameter.
func uuidLiteral(ids [][16]byte) string {
	b := append(make([]byte, 0, len("{}")+len(ids)*37), '{')
	for i, id := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		b = dialect.AppendUUID(b, id)
	}
	return string(append(b, '}'))
}
